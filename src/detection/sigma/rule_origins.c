// SPDX-License-Identifier: Apache-2.0
// Three ways to see that nothing has changed, the quickest first:
// 1. The times of each folder and file are what they were. A folder whose times are has the same
//    entries, so that none needs to be listed.
// 2. The folders list the same files, whose times are what they were. (Something else was made or
//    removed beside them.)
// 3. The files' contents are what they were.
#include "detection/sigma/rule_origins.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
    SETTLED_SECONDS = 2, // file systems' clocks are coarser than that nowhere we look
};

void rule_origins_init(struct rule_origins *o)
{
    *o = (struct rule_origins){.hash = sha256_create()};
    arena_init(&o->arena, (size_t)256 << 10);
}

void rule_origins_free(struct rule_origins *o)
{
    if (o->capacity)
        ARRAY_FREE(o);
    sha256_destroy(o->hash);
    arena_free(&o->arena);
}

static struct slice name_of(const struct sigma_met *met)
{
    size_t from = met->path.len;
    while (met->depth && from > 0 && met->path.at[from - 1] != '/')
        from--;
    return slice_sub(met->path, met->depth ? from : 0, met->path.len);
}

static void take_stat(struct rule_origin *o, const struct stat *st)
{
    o->device = st->st_dev;
    o->inode = st->st_ino;
    o->size = (uint64_t)st->st_size;
    o->changed[0] = st->st_ctim.tv_sec;
    o->changed[1] = st->st_ctim.tv_nsec;
    o->modified[0] = st->st_mtim.tv_sec;
    o->modified[1] = st->st_mtim.tv_nsec;
}

static struct sha256_digest digest_of(const struct rule_origins *o, struct slice text)
{
    sha256_add(o->hash, text);
    return sha256_finish(o->hash);
}

void rule_origins_add(struct rule_origins *o, const struct sigma_met *met)
{
    struct rule_origin new = {
        .name = arena_str(&o->arena, name_of(met)), .depth = met->depth, .folder = met->folder};
    take_stat(&new, met->stat);
    if (!met->folder)
        new.digest = digest_of(o, met->text);
    *ARRAY_ADD(o) = new;
}

struct sha256_digest rule_origins_digest(const struct rule_origins *o)
{
    for (size_t i = 0; i < o->count; i++)
        if (!o->items[i].folder)
            sha256_add(o->hash,
                       slice_of(o->items[i].digest.bytes, sizeof o->items[i].digest.bytes));
    return sha256_finish(o->hash);
}

// With the NUL behind it, so that it can be used where it lies.
static void code_name(struct codec *c, const char **name)
{
    struct slice text = {0};
    if (!c->reading)
        text = slice_of(*name, strlen(*name) + 1);
    codec_text(c, &text);
    c->bad |= text.len == 0 || memchr(text.at, 0, text.len) != text.at + text.len - 1;
    *name = c->bad ? "" : (const char *)text.at;
}

static void code_origin(struct codec *c, struct rule_origin *o)
{
    code_name(c, &o->name);
    CODE_BELOW(c, o->depth, SIGMA_MAX_FOLDER_DEPTH + 2);
    CODE_BOOL(c, o->folder);
    o->device = codec_u64(c, o->device);
    o->inode = codec_u64(c, o->inode);
    o->size = codec_u64(c, o->size);
    codec_bytes(c, o->changed, sizeof o->changed);
    codec_bytes(c, o->modified, sizeof o->modified);
    if (!o->folder)
        codec_bytes(c, &o->digest, sizeof o->digest);
}

bool rule_origins_code(struct codec *c, struct rule_origins *o)
{
    if (c->reading)
        c->arena = &o->arena;
    codec_bytes(c, &o->made, sizeof o->made);
    CODE_ARRAY(c, o->items, o->count, code_origin);
    return !c->bad;
}

// A file system whose change time follows every change and cannot be set.
static bool times_tell(const char *path, uint64_t *device)
{
    // ext4, xfs, btrfs, tmpfs, overlay, zfs, f2fs
    static const uint32_t local[] = {0xef53,     0x58465342, 0x9123683e, 0x01021994,
                                     0x794c7630, 0x2fc12fc1, 0xf2f52010};
    struct statfs fs;
    struct stat st;
    if (statfs(path, &fs) != 0 || stat(path, &st) != 0)
        return false;
    *device = st.st_dev;
    for (size_t i = 0; i < sizeof local / sizeof *local; i++)
        if ((uint32_t)fs.f_type == local[i])
            return true;
    return false;
}

static bool stat_is_same(const struct rule_origins *o, const struct rule_origin *old,
                         const struct stat *st, uint64_t device)
{
    struct rule_origin now;
    take_stat(&now, st);
    // One that was changed while, or shortly before, it was read may have changed again since
    // without a new time.
    return now.device == device && old->device == now.device && old->inode == now.inode &&
           old->size == now.size && memcmp(old->changed, now.changed, sizeof now.changed) == 0 &&
           memcmp(old->modified, now.modified, sizeof now.modified) == 0 &&
           now.changed[0] < o->made - SETTLED_SECONDS;
}

// --- Without listing

// The folders on the way down to what is looked at.
struct descent {
    int folders[SIGMA_MAX_FOLDER_DEPTH + 2]; // by depth; -1: none was opened
};

static void replace(int *fd, int with)
{
    if (*fd >= 0)
        close(*fd);
    *fd = with;
}

static bool still_there(struct descent *d, const struct rule_origins *o,
                        const struct rule_origin *old, uint64_t device)
{
    int above = old->depth ? d->folders[old->depth - 1] : AT_FDCWD;
    struct stat st;
    if (old->depth && above < 0)
        return false;
    if (!old->folder)
        return fstatat(above, old->name, &st, old->depth ? AT_SYMLINK_NOFOLLOW : 0) == 0 &&
               S_ISREG(st.st_mode) && stat_is_same(o, old, &st, device);
    int *place = &d->folders[old->depth];
    replace(place, openat(above, old->name,
                          O_PATH | O_DIRECTORY | O_CLOEXEC | (old->depth ? O_NOFOLLOW : 0)));
    return *place >= 0 && fstat(*place, &st) == 0 && stat_is_same(o, old, &st, device);
}

static bool all_still_there(const struct rule_origins *o, const char *const *paths,
                            size_t path_count)
{
    struct descent d;
    size_t path = 0;
    uint64_t device = 0;
    bool same = true;
    for (size_t k = 0; k < sizeof d.folders / sizeof *d.folders; k++)
        d.folders[k] = -1;
    for (size_t i = 0; i < o->count && same; i++) {
        const struct rule_origin *old = &o->items[i];
        if (old->depth == 0) {
            same = path < path_count && strcmp(old->name, paths[path]) == 0 &&
                   times_tell(paths[path], &device);
            path++;
        }
        same = same && still_there(&d, o, old, device);
    }
    for (size_t k = 0; k < sizeof d.folders / sizeof *d.folders; k++)
        replace(&d.folders[k], -1);
    return same && path == path_count;
}

// --- By listing

struct comparison {
    const struct rule_origins *origins;
    size_t next;
    bool by_content; // else by what the file system says
    uint64_t device; // of the path being walked
    bool same;
};

static bool met_is_same(const struct comparison *c, const struct rule_origin *old,
                        const struct sigma_met *met)
{
    if (old->folder != met->folder || old->depth != met->depth ||
        !slice_equal_str(name_of(met), old->name))
        return false;
    if (met->folder) // what is in it tells
        return true;
    if (!c->by_content)
        return stat_is_same(c->origins, old, met->stat, c->device);
    struct sha256_digest digest = digest_of(c->origins, met->text);
    return memcmp(&old->digest, &digest, sizeof digest) == 0;
}

static void compare_met(void *user, const struct sigma_met *met)
{
    struct comparison *c = user;
    c->same = c->same && !met->error && c->next < c->origins->count &&
              met_is_same(c, &c->origins->items[c->next], met);
    c->next++;
}

static bool all_listed(const struct rule_origins *o, const char *const *paths, size_t path_count,
                       size_t max_file_bytes, bool by_content)
{
    struct comparison c = {.origins = o, .by_content = by_content, .same = true};
    struct err e;
    for (size_t i = 0; i < path_count && c.same; i++) {
        bool walked = (by_content || times_tell(paths[i], &c.device)) &&
                      sigma_walk_met(paths[i], max_file_bytes, by_content, compare_met, &c, &e);
        c.same = c.same && walked; // the walk clears it, too
    }
    return c.same && c.next == o->count;
}

bool rule_origins_current(const struct rule_origins *o, const char *const *paths, size_t path_count,
                          size_t max_file_bytes)
{
    return all_still_there(o, paths, path_count) ||
           all_listed(o, paths, path_count, max_file_bytes, false) ||
           all_listed(o, paths, path_count, max_file_bytes, true);
}
