// SPDX-License-Identifier: Apache-2.0
// Files and folders on disk, opened so that nothing is changed and nothing can block: read-only,
// without touching access times where that is allowed, links inside folders not followed, devices
// and pipes not opened.
#ifndef VIGIE_EVIDENCE_FOLDER_H
#define VIGIE_EVIDENCE_FOLDER_H

#include "base/arena.h"
#include "base/err.h"

#include <sys/stat.h>

// Entry names of one folder, in byte order.
struct folder {
    int fd;
    dev_t device;
    char **names;
    size_t count;
    size_t next;
    struct slice path; // for people
    struct arena arena;
};

enum opened {
    OPENED_FILE,
    OPENED_FOLDER,
    OPENED_NOT, // fd is -1; why says why not, and unreadable whether it was refused (or is of a
                // sort not to be opened)
};

struct disk_entry {
    enum opened what;
    int fd;
    struct stat stat;
    bool unreadable;
    const char *sort; // "symbolic link", "pipe" …: what it is, when it is not opened
    char why[512];
};

// Opens name below the folder at_fd (AT_FDCWD for an argument, whose links are followed).
void disk_open(int at_fd, const char *name, bool follow, struct disk_entry *out);

// Takes over fd. False: cannot be listed; fd is closed.
[[nodiscard]] bool folder_read(struct folder *f, int fd, struct slice path, struct err *e);
void folder_close(struct folder *f);
// Whether the folder's file system shows the running system instead of storing files (proc, sysfs
// …).
bool folder_is_pseudo(int fd);
// Whether path, links resolved, is the folder (absolute, links resolved) or lies below it.
bool path_is_inside(const char *path, const char *folder);

#endif
