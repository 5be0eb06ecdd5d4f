// SPDX-License-Identifier: Apache-2.0
#include "base/out.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    OUT_BUFFER = 128 << 10,
    OUT_PUSH = 4 << 20, // bytes after which the disk is asked to begin
};

struct out {
    int fd;
    char *path;
    char *temporary; // beside path: ".NAME.XXXXXX"
    bool failed;
    struct err error;
    uint64_t written, pushed; // bytes handed to the system; bytes that it was asked to write out
    size_t used;
    uint8_t buffer[OUT_BUFFER];
};

// Length of the folder part of path, with its last slash.
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

bool out_create(const char *path, struct out **out, struct err *e)
{
    struct out *o = mem_alloc(sizeof *o);
    o->failed = false;
    o->written = o->pushed = 0;
    o->used = 0;
    size_t folder = folder_length(path);
    size_t size = strlen(path) + sizeof "..XXXXXX";
    o->path = mem_alloc(strlen(path) + 1);
    memcpy(o->path, path, strlen(path) + 1);
    o->temporary = mem_alloc(size);
    snprintf(o->temporary, size, "%.*s.%s.XXXXXX", (int)folder, path, path + folder);
    o->fd = mkostemp(o->temporary, O_CLOEXEC); // makes it with mode 0600
    if (o->fd < 0) {
        err_set_errno(e, "%s cannot be written", path);
        free(o->path);
        free(o->temporary);
        free(o);
        return false;
    }
    *out = o;
    return true;
}

static bool write_all(struct out *o, const uint8_t *at, size_t len)
{
    while (len) {
        ssize_t n = write(o->fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            if (n == 0)
                errno = EIO;
            o->failed = true;
            return err_set_errno(&o->error, "%s could not be written", o->path);
        }
        at += n;
        len -= (size_t)n;
        o->written += (uint64_t)n;
    }
    // The disk works while the rest is made, and fsync finds little left to wait for. A hint only:
    // a system that cannot do it loses nothing.
    if (o->written - o->pushed >= OUT_PUSH) {
        sync_file_range(o->fd, (off_t)o->pushed, (off_t)(o->written - o->pushed),
                        SYNC_FILE_RANGE_WRITE);
        o->pushed = o->written;
    }
    return true;
}

static void flush(struct out *o)
{
    if (!o->failed && o->used)
        write_all(o, o->buffer, o->used);
    o->used = 0;
}

void out_write(struct out *o, struct slice s)
{
    if (s.len > OUT_BUFFER - o->used)
        flush(o);
    if (s.len > OUT_BUFFER) {
        if (!o->failed)
            write_all(o, s.at, s.len);
        return;
    }
    if (s.len)
        memcpy(o->buffer + o->used, s.at, s.len);
    o->used += s.len;
}

void out_printf(struct out *o, const char *format, ...)
{
    char small[512];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof small) {
        out_write(o, slice_of(small, (size_t)n));
    } else if (n > 0) {
        char *large = mem_alloc((size_t)n + 1);
        vsnprintf(large, (size_t)n + 1, format, again);
        out_write(o, slice_of(large, (size_t)n));
        free(large);
    }
    va_end(again);
}

// So that the new name, too, outlives a power cut. Some file systems cannot do this for folders;
// that is no error.
void out_sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

static char *folder_of(const char *path)
{
    size_t n = folder_length(path);
    char *folder = mem_alloc(n + 2);
    memcpy(folder, path, n);
    if (n == 0)
        folder[n++] = '.';
    folder[n] = 0;
    return folder;
}

bool out_commit(struct out *o, struct err *e)
{
    char *folder = folder_of(o->path);
    bool ok = out_commit_of_many(o, e);
    if (ok)
        out_sync_folder(folder);
    free(folder);
    return ok;
}

bool out_commit_of_many(struct out *o, struct err *e)
{
    flush(o);
    if (!o->failed && fsync(o->fd) != 0 && errno != EINVAL && errno != EROFS) {
        o->failed = true;
        err_set_errno(&o->error, "%s could not be written", o->path);
    }
    if (close(o->fd) != 0 && !o->failed) {
        o->failed = true;
        err_set_errno(&o->error, "%s could not be written", o->path);
    }
    o->fd = -1;
    if (!o->failed && rename(o->temporary, o->path) != 0) {
        o->failed = true;
        err_set_errno(&o->error, "%s could not be put in its place", o->path);
    }
    bool ok = !o->failed;
    if (ok)
        o->temporary[0] = 0;
    else if (e)
        *e = o->error;
    out_abort(o);
    return ok;
}

void out_abort(struct out *o)
{
    if (!o)
        return;
    if (o->fd >= 0)
        close(o->fd);
    if (o->temporary[0])
        unlink(o->temporary);
    free(o->path);
    free(o->temporary);
    free(o);
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool out_make_folder(const char *path, struct err *e)
{
    char *p = mem_alloc(strlen(path) + 1);
    memcpy(p, path, strlen(path) + 1);
    bool ok = *p != 0;
    if (!ok)
        err_set(e, ERR_USAGE, 0, "the name of the output folder is empty");
    for (char *at = p + 1; ok && *p; at++) {
        bool last = *at == 0;
        if (*at == '/' || last) {
            *at = 0;
            if (mkdir(p, 0700) != 0 && !(errno == EEXIST && is_folder(p)) && !is_folder(p))
                ok = err_set_errno(e, "the folder %s cannot be made", p);
            *at = '/';
        }
        if (last)
            break;
    }
    free(p);
    return ok;
}
