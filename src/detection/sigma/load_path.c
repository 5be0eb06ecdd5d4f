// SPDX-License-Identifier: Apache-2.0
// Rules from files and folders.
#include "detection/sigma/load.h"

#include "base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FOLDER_DEPTH = 32 };

struct path_walk {
    struct sigma_set *set;
    const struct sigma_load_options *options;
    size_t limit; // bytes of a file
    struct buf text;
};

static void refuse_path(struct path_walk *w, struct slice path, const char *what)
{
    struct arena *a = &w->set->arena;
    sigma_refuse(w->set, arena_copy(a, path), 0, (struct slice){0}, false,
                 arena_printf(a, "%s: %s", what, strerror(errno)));
}

// Reads one byte more than allowed, so that the file that is too long is seen as such.
static bool read_all(struct path_walk *w, int fd)
{
    buf_clear(&w->text);
    while (w->text.len <= w->limit) {
        uint8_t *to = buf_reserve(&w->text, 65536);
        ssize_t got = read(fd, to, 65536);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            return true;
        w->text.len += (size_t)got;
    }
    return true;
}

static void add_file(struct path_walk *w, int fd, struct slice path)
{
    if (!read_all(w, fd))
        refuse_path(w, path, "cannot be read");
    else
        sigma_set_add_text(w->set, path, buf_slice(&w->text), false, w->options);
}

static bool is_rule_name(const char *name)
{
    struct slice s = slice_from_str(name);
    return slice_ends(s, SLICE(".yml")) || slice_ends(s, SLICE(".yaml"));
}

static int not_hidden(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void add_folder(struct path_walk *w, int fd, struct slice path, unsigned depth);

static void add_entry(struct path_walk *w, int folder, struct slice path, const char *name,
                      unsigned depth)
{
    struct stat st;
    char *full = NULL;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    bool directory = S_ISDIR(st.st_mode);
    if (!directory && !(S_ISREG(st.st_mode) && is_rule_name(name)))
        return;
    const char *slash = path.len && path.at[path.len - 1] == '/' ? "" : "/";
    if (asprintf(&full, "%.*s%s%s", SLICE_FMT(path), slash, name) < 0)
        return;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | (directory ? O_DIRECTORY : 0));
    if (fd < 0) {
        refuse_path(w, slice_from_str(full), "cannot be opened");
    } else if (directory) {
        add_folder(w, fd, slice_from_str(full), depth + 1); // closes fd
    } else {
        add_file(w, fd, slice_from_str(full));
        close(fd);
    }
    free(full);
}

static void add_folder(struct path_walk *w, int fd, struct slice path, unsigned depth)
{
    struct dirent **entries = NULL;
    int count = -1;
    if (depth <= MAX_FOLDER_DEPTH)
        count = scandirat(fd, ".", &entries, not_hidden, by_bytes);
    else
        errno = ELOOP;
    if (count < 0)
        refuse_path(w, path, "folder cannot be read");
    for (int i = 0; i < count; i++) {
        add_entry(w, fd, path, entries[i]->d_name, depth);
        free(entries[i]);
    }
    free(entries);
    close(fd);
}

bool sigma_set_add_path(struct sigma_set *set, const char *path,
                        const struct sigma_load_options *options, struct err *e)
{
    struct path_walk w = {.set = set, .options = options};
    w.limit = options && options->max_file_bytes ? options->max_file_bytes : SIGMA_MAX_FILE_BYTES;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        bool ok = err_set_errno(e, "%s", path);
        if (fd >= 0)
            close(fd);
        return ok;
    }
    if (S_ISDIR(st.st_mode)) {
        add_folder(&w, fd, slice_from_str(path), 0);
    } else if (S_ISREG(st.st_mode)) {
        add_file(&w, fd, slice_from_str(path));
        close(fd);
    } else {
        close(fd);
        return err_set(e, ERR_USAGE, 0, "%s: neither a file nor a folder", path);
    }
    buf_free(&w.text);
    return true;
}

bool sigma_user_rules_dir(char *out, size_t size)
{
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    int n = -1;
    if (data && data[0] == '/') // the XDG specification: a relative path is to be ignored
        n = snprintf(out, size, "%s/vigie/rules", data);
    else if (home && home[0] == '/')
        n = snprintf(out, size, "%s/.local/share/vigie/rules", home);
    return n > 0 && (size_t)n < size;
}
