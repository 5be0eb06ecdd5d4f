// SPDX-License-Identifier: Apache-2.0
// How much there is to read, for the progress line.
#include "evidence/evidence.h"

#include "evidence/folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { COUNT_DEPTH = 128 };

struct counter {
    bool has_skip;
    struct stat skip;
    uint64_t bytes;
};

static void count_entry(struct counter *c, int at_fd, const char *name, bool follow, int depth);

static void count_folder(struct counter *c, int fd, int depth)
{
    struct folder f;
    struct err e;
    if (!folder_read(&f, fd, (struct slice){0}, &e))
        return;
    for (size_t i = 0; i < f.count; i++)
        count_entry(c, f.fd, f.names[i], false, depth + 1);
    folder_close(&f);
}

static void count_entry(struct counter *c, int at_fd, const char *name, bool follow, int depth)
{
    struct stat st;
    if (depth > COUNT_DEPTH || fstatat(at_fd, name, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (S_ISREG(st.st_mode) && st.st_size > 0)
        c->bytes += (uint64_t)st.st_size;
    if (!S_ISDIR(st.st_mode) ||
        (c->has_skip && st.st_dev == c->skip.st_dev && st.st_ino == c->skip.st_ino))
        return;
    struct disk_entry d;
    disk_open(at_fd, name, follow, &d);
    if (d.what == OPENED_FOLDER && !folder_is_pseudo(d.fd))
        count_folder(c, d.fd, depth);
    else if (d.fd >= 0)
        close(d.fd);
}

uint64_t evidence_count_bytes(const char *const *paths, size_t path_count, const char *skip_dir)
{
    struct counter c = {0};
    c.has_skip = skip_dir && stat(skip_dir, &c.skip) == 0;
    char *skip = c.has_skip ? realpath(skip_dir, NULL) : NULL;
    for (size_t i = 0; i < path_count; i++)
        if (!skip || !path_is_inside(paths[i], skip))
            count_entry(&c, AT_FDCWD, paths[i], true, 0);
    free(skip);
    return c.bytes;
}
