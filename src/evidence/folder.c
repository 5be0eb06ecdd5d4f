// SPDX-License-Identifier: Apache-2.0
#include "evidence/folder.h"

#include "base/array.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/vfs.h>
#include <unistd.h>

static const char *sort_name(mode_t mode)
{
    if (S_ISLNK(mode))
        return "symbolic link";
    if (S_ISFIFO(mode))
        return "pipe";
    if (S_ISSOCK(mode))
        return "socket";
    if (S_ISCHR(mode) || S_ISBLK(mode))
        return "device";
    return "not a file";
}

static void refuse(struct disk_entry *out, bool unreadable, const char *sort, const char *why)
{
    if (out->fd >= 0)
        close(out->fd);
    out->fd = -1;
    out->what = OPENED_NOT;
    out->unreadable = unreadable;
    out->sort = sort;
    snprintf(out->why, sizeof out->why, "%s", why);
}

static void refuse_link(struct disk_entry *out, int at_fd, const char *name)
{
    char to[400];
    ssize_t n = readlinkat(at_fd, name, to, sizeof to);
    char why[sizeof out->why];
    snprintf(why, sizeof why, "symbolic link to %.*s; links inside a folder are not followed",
             (int)(n > 0 ? n : 1), n > 0 ? to : "?");
    refuse(out, false, "symbolic link", why);
}

void disk_open(int at_fd, const char *name, bool follow, struct disk_entry *out)
{
    *out = (struct disk_entry){.fd = -1};
    // Looked at before it is opened: opening a device or a pipe can already do something.
    if (fstatat(at_fd, name, &out->stat, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0) {
        bool loop = errno == ELOOP;
        refuse(out, true, "file", loop ? "symbolic links that lead in a circle" : strerror(errno));
        return;
    }
    mode_t mode = out->stat.st_mode;
    if (S_ISLNK(mode)) {
        refuse_link(out, at_fd, name);
        return;
    }
    if (!S_ISREG(mode) && !S_ISDIR(mode)) {
        refuse(out, false, sort_name(mode), "not a file with contents; not opened");
        return;
    }
    int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follow ? 0 : O_NOFOLLOW) |
                (S_ISDIR(mode) ? O_DIRECTORY : 0);
    out->fd = openat(at_fd, name, flags | O_NOATIME);
    if (out->fd < 0 && errno == EPERM)
        out->fd = openat(at_fd, name, flags);
    if (out->fd < 0 || fstat(out->fd, &out->stat) != 0) {
        refuse(out, true, S_ISDIR(mode) ? "folder" : "file", strerror(errno));
        return;
    }
    if ((out->stat.st_mode & S_IFMT) != (mode & S_IFMT)) {
        refuse(out, true, "file", "it was replaced while it was being opened");
        return;
    }
    out->what = S_ISDIR(mode) ? OPENED_FOLDER : OPENED_FILE;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool folder_read(struct folder *f, int fd, struct slice path, struct err *e)
{
    DIR *dir = fdopendir(fd);
    if (!dir) {
        err_set_errno(e, "the folder cannot be listed");
        close(fd);
        return false;
    }
    *f = (struct folder){.fd = -1};
    arena_init(&f->arena, 16384);
    f->path = arena_copy(&f->arena, path);
    ARRAY_OF(char *) names = {0};
    struct dirent *d;
    while (errno = 0, (d = readdir(dir)) != NULL)
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            *ARRAY_ADD(&names) = arena_str(&f->arena, slice_from_str(d->d_name));
    bool ok = errno == 0;
    if (!ok)
        err_set_errno(e, "the folder cannot be listed");
    struct stat st = {0};
    f->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (ok && (f->fd < 0 || fstat(fd, &st) != 0))
        ok = err_set_errno(e, "the folder cannot be listed");
    closedir(dir);
    f->names = names.items;
    f->count = names.count;
    if (!ok) {
        folder_close(f);
        return false;
    }
    f->device = st.st_dev;
    if (f->count)
        qsort(f->names, f->count, sizeof *f->names, by_bytes);
    return true;
}

void folder_close(struct folder *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
    free(f->names);
    f->names = NULL;
    arena_free(&f->arena);
}

bool folder_is_pseudo(int fd)
{
    static const long pseudo[] = {PROC_SUPER_MAGIC,    SYSFS_MAGIC,   CGROUP_SUPER_MAGIC,
                                  CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC, TRACEFS_MAGIC,
                                  SECURITYFS_MAGIC,    BPF_FS_MAGIC,  DEVPTS_SUPER_MAGIC};
    struct statfs fs;
    if (fstatfs(fd, &fs) != 0)
        return false;
    for (size_t i = 0; i < sizeof pseudo / sizeof *pseudo; i++)
        if (fs.f_type == pseudo[i])
            return true;
    return false;
}

bool path_is_inside(const char *path, const char *folder)
{
    char *real = realpath(path, NULL);
    if (!real)
        return false;
    size_t n = strlen(folder);
    bool inside = strncmp(real, folder, n) == 0 && (real[n] == '/' || real[n] == 0);
    free(real);
    return inside;
}
