// SPDX-License-Identifier: Apache-2.0
// The walk is two stacks: folders that are being gone through, and, inside one file, archives that
// are being gone through. A step takes the next thing off the innermost of them.
#include "evidence/walk_internal.h"

#include <fcntl.h>
#include <unistd.h>

enum { LOG_HEAD = 4096 };

static const struct evidence_limits default_limits = {
    .max_archive_depth = 4,
    .max_member_bytes = 64ull << 30,
    .max_archive_bytes = 256ull << 30,
    .max_ratio = 1100,
    .max_nested_bytes = 64ull << 20,
    .max_items = 10'000'000,
    .max_folder_depth = 128,
};

struct evidence_walk *evidence_walk_create(const char *const *paths, size_t path_count,
                                           const char *skip_dir,
                                           const struct evidence_limits *limits)
{
    struct evidence_walk *w = mem_alloc_zero(1, sizeof *w);
    w->limits = limits ? *limits : default_limits;
    if (w->limits.max_ratio == 0)
        w->limits.max_ratio = default_limits.max_ratio;
    w->budget.limits = &w->limits;
    w->paths = paths;
    w->path_count = path_count;
    w->file.fd = -1;
    struct stat st;
    if (skip_dir && stat(skip_dir, &st) == 0) {
        w->has_skip_dir = true;
        w->skip_device = st.st_dev;
        w->skip_inode = st.st_ino;
        w->skip_path = realpath(skip_dir, NULL);
    }
    return w;
}

struct evidence_walk *evidence_walk_create_memory(struct slice name, struct slice bytes,
                                                  const struct evidence_limits *limits)
{
    struct evidence_walk *w = evidence_walk_create(NULL, 0, NULL, limits);
    w->memory_name = name;
    w->file.memory = bytes;
    return w;
}

uint64_t walk_file_size(const struct evidence_walk *w)
{
    return w->file.fd >= 0 ? w->file.size : w->file.memory.len;
}

void walk_close_file(struct evidence_walk *w)
{
    if (!w->file_open)
        return;
    w->done += walk_file_size(w);
    if (w->file.fd >= 0)
        close(w->file.fd);
    w->file.fd = -1;
    w->file_open = false;
}

void evidence_walk_destroy(struct evidence_walk *w)
{
    if (!w)
        return;
    while (w->layers.count)
        walk_close_layer(&w->layers.items[--w->layers.count]);
    while (w->folders.count)
        folder_close(&w->folders.items[--w->folders.count]);
    walk_close_file(w);
    ARRAY_FREE(&w->layers);
    ARRAY_FREE(&w->folders);
    free(w->skip_path);
    buf_free(&w->path);
    buf_free(&w->reason);
    buf_free(&w->first);
    free(w);
}

uint64_t evidence_walk_consumed(const struct evidence_walk *w)
{
    if (!w->file_open)
        return w->done;
    // An archive is read twice: for its hash and for its members.
    uint64_t size = walk_file_size(w);
    uint64_t own = w->file_offset < size ? w->file_offset : size;
    uint64_t members = w->budget.consumed < size ? w->budget.consumed : size;
    return w->done + (w->file_is_archive ? own / 2 + members / 2 : own);
}

// ---- files and folders

static bool emit_file(struct evidence_walk *w, struct evidence_item *item)
{
    w->file_open = true;
    w->file_is_archive = false;
    w->file_offset = 0;
    w->from = NULL;
    w->streaming = true;
    // An event log is known by its first bytes, and what is read ahead is copied.
    walk_read_ahead(w, LOG_HEAD);
    if (content_tell(buf_slice(&w->first)).class != CONTENT_EVTX)
        walk_read_ahead(w, CONTENT_HEAD);
    return walk_emit_content(w, item);
}

static bool is_skip_dir(const struct evidence_walk *w, const struct stat *st)
{
    return w->has_skip_dir && st->st_dev == w->skip_device && st->st_ino == w->skip_inode;
}

static bool emit_folder(struct evidence_walk *w, struct evidence_item *item, struct disk_entry *d,
                        dev_t parent_device)
{
    const char *why = NULL;
    if (is_skip_dir(w, &d->stat))
        why = "the folder that this audit writes to";
    else if (w->folders.count >= w->limits.max_folder_depth)
        why = "folders are nested too deep";
    else if (d->stat.st_dev != parent_device && folder_is_pseudo(d->fd))
        why = "a view of the running system, not stored files";
    if (why) {
        close(d->fd);
        return walk_emit_reason(w, item, EVIDENCE_SKIPPED, "folder", why);
    }
    struct folder f;
    struct err e;
    if (!folder_read(&f, d->fd, buf_slice(&w->path), &e))
        return walk_emit_reason(w, item, EVIDENCE_UNREADABLE, "folder", e.message);
    *ARRAY_ADD(&w->folders) = f;
    return false;
}

static bool emit_entry(struct evidence_walk *w, struct evidence_item *item, struct disk_entry *d,
                       dev_t parent_device)
{
    if (d->stat.st_mode)
        item->modified = time_from_unix(d->stat.st_mtim.tv_sec, (uint32_t)d->stat.st_mtim.tv_nsec);
    switch (d->what) {
    case OPENED_NOT:
        return walk_emit_reason(w, item, d->unreadable ? EVIDENCE_UNREADABLE : EVIDENCE_SKIPPED,
                                d->sort, d->why);
    case OPENED_FOLDER:
        return emit_folder(w, item, d, parent_device);
    case OPENED_FILE:
        break;
    }
    item->size = d->stat.st_size > 0 ? (uint64_t)d->stat.st_size : 0;
    item->size_known = true;
    w->file = (struct byte_source){.fd = d->fd, .size = item->size};
    return emit_file(w, item);
}

static bool step_folder(struct evidence_walk *w, struct evidence_item *item)
{
    struct folder *f = &w->folders.items[w->folders.count - 1];
    if (f->next == f->count) {
        folder_close(f);
        w->folders.count--;
        return false;
    }
    const char *name = f->names[f->next++];
    walk_begin_item(w, item);
    buf_add(&w->path, f->path);
    if (w->path.len && w->path.at[w->path.len - 1] != '/')
        buf_byte(&w->path, '/');
    walk_add_clean(&w->path, slice_from_str(name));
    struct disk_entry d;
    disk_open(f->fd, name, false, &d);
    return emit_entry(w, item, &d, f->device);
}

static bool step_argument(struct evidence_walk *w, struct evidence_item *item)
{
    const char *path = w->paths[w->next_path++];
    walk_begin_item(w, item);
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    walk_add_clean(&w->path, slice_of(path, len));
    if (w->skip_path && path_is_inside(path, w->skip_path))
        return walk_emit_reason(w, item, EVIDENCE_SKIPPED, "folder",
                                "the folder that this audit writes to");
    struct disk_entry d;
    disk_open(AT_FDCWD, path, true, &d);
    return emit_entry(w, item, &d, d.stat.st_dev + 1);
}

static bool step_memory(struct evidence_walk *w, struct evidence_item *item)
{
    walk_begin_item(w, item);
    walk_add_clean(&w->path, w->memory_name);
    w->memory_name = (struct slice){0};
    item->size = w->file.memory.len;
    item->size_known = true;
    return emit_file(w, item);
}

static bool emit_too_many(struct evidence_walk *w, struct evidence_item *item)
{
    walk_begin_item(w, item);
    w->over = true;
    while (w->layers.count)
        walk_close_layer(&w->layers.items[--w->layers.count]);
    walk_close_file(w);
    buf_str(&w->path, "(more)");
    return walk_emit_reason(w, item, EVIDENCE_SKIPPED, "files",
                            "there are more files than the limit: the rest was not looked at");
}

bool evidence_walk_next(struct evidence_walk *w, struct evidence_item *item)
{
    *item = (struct evidence_item){0};
    if (w->over)
        return false;
    if (w->items >= w->limits.max_items)
        return emit_too_many(w, item);
    if (w->descend && !walk_enter_archive(w, item))
        return true;
    w->descend = false;
    if (w->layers.count == 0)
        walk_close_file(w);
    for (;;) {
        bool told;
        if (w->layers.count)
            told = walk_step_archive(w, item);
        else if (w->folders.count)
            told = step_folder(w, item);
        else if (w->next_path < w->path_count)
            told = step_argument(w, item);
        else if (w->memory_name.len)
            told = step_memory(w, item);
        else
            return false;
        if (told)
            return true;
    }
}
