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

struct path_walk {
    size_t limit; // bytes of a file
    bool read;    // else they are only named
    sigma_take_met *take;
    void *user;
    struct buf text;
};

static void cannot(struct path_walk *w, struct slice path, unsigned depth, const char *what)
{
    struct err e;
    (void)err_set_errno(&e, "%s", what);
    w->take(w->user, &(struct sigma_met){.path = path, .depth = depth, .error = &e});
}

// Reads one byte more than allowed, so that the file that is too long is seen as such. One that is
// as long as it was said to be is read at once.
static bool read_all(struct path_walk *w, int fd, off_t size)
{
    buf_clear(&w->text);
    while (w->text.len <= w->limit && (w->text.len == 0 || (off_t)w->text.len != size)) {
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

static void take_file(struct path_walk *w, int fd, struct slice path, unsigned depth)
{
    struct stat st;
    if (fstat(fd, &st) == 0 && (!w->read || read_all(w, fd, st.st_size)))
        w->take(w->user, &(struct sigma_met){path, depth, false, &st, buf_slice(&w->text), NULL});
    else
        cannot(w, path, depth, "cannot be read");
}

static bool is_rule_name(const char *name)
{
    struct slice s = slice_from_str(name);
    return slice_ends(s, SLICE(".yml")) || slice_ends(s, SLICE(".yaml"));
}

struct entry {
    char *name;
    unsigned char type; // d_type
};
typedef ARRAY_OF(struct entry) entry_list;

static int by_bytes(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

// All entries but the hidden ones, sorted; the names are to be freed.
static bool list_folder(DIR *d, entry_list *out)
{
    const struct dirent *entry;
    while ((errno = 0, entry = readdir(d)))
        if (entry->d_name[0] != '.') {
            struct slice name = slice_from_str(entry->d_name);
            char *copy = mem_alloc(name.len + 1);
            memcpy(copy, name.at, name.len + 1);
            *ARRAY_ADD(out) = (struct entry){copy, entry->d_type};
        }
    if (errno)
        return false;
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, by_bytes);
    return true;
}

static void take_folder(struct path_walk *w, int fd, struct slice path, unsigned depth);

// Asks the file system only when the folder's entry does not tell, or when the file itself will not
// be asked.
static bool is_wanted(const struct path_walk *w, int folder, const struct entry *entry,
                      bool *directory, struct stat *st)
{
    *directory = entry->type == DT_DIR;
    if (*directory)
        return true;
    if (entry->type != DT_UNKNOWN && (entry->type != DT_REG || !is_rule_name(entry->name)))
        return false;
    if (entry->type == DT_REG && w->read)
        return true;
    if (fstatat(folder, entry->name, st, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    *directory = S_ISDIR(st->st_mode);
    return *directory || (S_ISREG(st->st_mode) && is_rule_name(entry->name));
}

static void take_entry(struct path_walk *w, int folder, struct slice path,
                       const struct entry *entry, unsigned depth)
{
    struct stat st;
    char *full = NULL;
    const char *name = entry->name;
    bool directory;
    if (!is_wanted(w, folder, entry, &directory, &st))
        return;
    const char *slash = path.len && path.at[path.len - 1] == '/' ? "" : "/";
    if (asprintf(&full, "%.*s%s%s", SLICE_FMT(path), slash, name) < 0)
        return;
    if (!directory && !w->read) {
        w->take(w->user, &(struct sigma_met){slice_from_str(full), depth + 1, .stat = &st});
        free(full);
        return;
    }
    int fd =
        openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | (directory ? O_DIRECTORY : 0));
    if (fd < 0) {
        cannot(w, slice_from_str(full), depth + 1, "cannot be opened");
    } else if (directory) {
        take_folder(w, fd, slice_from_str(full), depth + 1); // closes fd
    } else {
        take_file(w, fd, slice_from_str(full), depth + 1);
        close(fd);
    }
    free(full);
}

static void take_folder(struct path_walk *w, int fd, struct slice path, unsigned depth)
{
    entry_list entries = {0};
    struct stat st; // as it was before it was listed
    DIR *d = NULL;
    if (depth > SIGMA_MAX_FOLDER_DEPTH)
        errno = ELOOP;
    else if (fstat(fd, &st) == 0)
        d = fdopendir(fd); // it closes fd
    if (!d || !list_folder(d, &entries))
        cannot(w, path, depth, "this folder cannot be read");
    else
        w->take(w->user, &(struct sigma_met){path, depth, true, &st});
    for (size_t i = 0; i < entries.count; i++) {
        take_entry(w, fd, path, &entries.items[i], depth);
        free(entries.items[i].name);
    }
    ARRAY_FREE(&entries);
    if (d)
        closedir(d);
    else
        close(fd);
}

bool sigma_walk_met(const char *path, size_t max_file_bytes, bool read, sigma_take_met *take,
                    void *user, struct err *e)
{
    size_t limit = max_file_bytes ? max_file_bytes : SIGMA_MAX_FILE_BYTES;
    struct path_walk w = {limit, read, take, user, {0}};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        (void)err_set_errno(e, "%s", path);
        if (fd >= 0)
            close(fd);
        return false;
    }
    if (S_ISDIR(st.st_mode)) {
        take_folder(&w, fd, slice_from_str(path), 0);
    } else if (S_ISREG(st.st_mode)) {
        take_file(&w, fd, slice_from_str(path), 0);
        close(fd);
    } else {
        close(fd);
        return err_set(e, ERR_USAGE, 0, "%s: neither a file nor a folder", path);
    }
    buf_free(&w.text);
    return true;
}

struct files_only {
    sigma_rule_file *take;
    void *user;
};

static void take_files_only(void *user, const struct sigma_met *met)
{
    const struct files_only *to = user;
    if (!met->folder)
        to->take(to->user, met->path, met->text, met->error);
}

bool sigma_walk_rule_files(const char *path, size_t max_file_bytes, sigma_rule_file *take,
                           void *user, struct err *e)
{
    struct files_only to = {take, user};
    return sigma_walk_met(path, max_file_bytes, true, take_files_only, &to, e);
}

static void add_one(void *user, struct slice path, struct slice text, const struct err *e)
{
    struct load_ahead *ahead = user;
    if (e)
        load_ahead_refuse(ahead, path, e);
    else
        load_ahead_add(ahead, path, text);
}

bool sigma_set_add_path(struct sigma_set *set, const char *path,
                        const struct sigma_load_options *options, struct err *e)
{
    struct load_ahead *ahead = load_ahead_create(set, false, options);
    bool ok = sigma_walk_rule_files(path, options ? options->max_file_bytes : 0, add_one, ahead, e);
    load_ahead_destroy(ahead);
    return ok;
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
