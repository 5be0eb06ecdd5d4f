// SPDX-License-Identifier: Apache-2.0
// The walk is two stacks: folders that are being gone through, and, inside one file, archives that
// are being gone through. A step takes the next thing off the innermost of them.
//
// An archive's own bytes are the caller's first (they are hashed), its members come after. On disk
// that is a second reading of the file. An archive inside an archive comes as a stream that can be
// read once only: it is kept in memory when it is small; a larger one is reached a second time by a
// second reader of the outer archive, which follows behind the first.
#include "evidence/evidence.h"

#include "base/array.h"
#include "base/buf.h"
#include "base/utf.h"
#include "evidence/content.h"
#include "evidence/folder.h"
#include "evidence/members.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

// Bytes read ahead that stay allocated from one item to the next.
enum { FIRST_KEPT = 4 * CONTENT_HEAD, LOG_HEAD = 4096 };

static const struct evidence_limits default_limits = {
    .max_archive_depth = 4,
    .max_member_bytes = 64ull << 30,
    .max_archive_bytes = 256ull << 30,
    .max_ratio = 1100,
    .max_nested_bytes = 64ull << 20,
    .max_items = 10'000'000,
    .max_folder_depth = 128,
};

// One archive that is being gone through.
struct layer {
    struct members *members;
    struct members *second; // follows behind members, for large archives inside; or NULL
    struct byte_source source;
    struct buf held; // the archive's bytes, when it is kept in memory
    char *path;      // for people
};

struct evidence_walk {
    struct evidence_limits limits;
    const char *const *paths;
    size_t path_count, next_path;
    dev_t skip_device;
    ino_t skip_inode;
    char *skip_path; // absolute, or NULL
    uint64_t items;
    struct slice memory_name; // of a walk over memory, until it has begun

    ARRAY_OF(struct folder) folders;
    ARRAY_OF(struct layer) layers;
    struct budget budget;

    // The file on disk (or in memory) that is being read.
    struct byte_source file;
    uint64_t file_offset;
    uint64_t done; // bytes of the files before it

    // The current item.
    struct buf path, reason;
    struct buf first; // its bytes read ahead
    size_t first_taken;
    struct members *from; // where more comes from; NULL: the file
    struct err pending;   // to be told after first
    bool streaming;       // more follows after first
    bool descend;         // its members come next
    bool descend_second;  // through a second reader

    bool has_skip_dir;
    bool file_open, file_is_archive;
    bool over;
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

static void close_layer(struct layer *l)
{
    members_close(l->members);
    members_close(l->second);
    buf_free(&l->held);
    free(l->path);
}

static uint64_t file_size(const struct evidence_walk *w)
{
    return w->file.fd >= 0 ? w->file.size : w->file.memory.len;
}

static void close_file(struct evidence_walk *w)
{
    if (!w->file_open)
        return;
    w->done += file_size(w);
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
        close_layer(&w->layers.items[--w->layers.count]);
    while (w->folders.count)
        folder_close(&w->folders.items[--w->folders.count]);
    close_file(w);
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
    uint64_t size = file_size(w);
    uint64_t own = w->file_offset < size ? w->file_offset : size;
    uint64_t members = w->budget.consumed < size ? w->budget.consumed : size;
    return w->done + (w->file_is_archive ? own / 2 + members / 2 : own);
}

// ---- items

static void add_clean(struct buf *b, struct slice s)
{
    struct arena a;
    arena_init(&a, 1024);
    buf_add(b, utf8_clean(&a, s));
    arena_free(&a);
}

static bool emit(struct evidence_walk *w, struct evidence_item *item, enum evidence_kind kind,
                 const char *kind_text)
{
    w->items++;
    *item = (struct evidence_item){
        .path = buf_slice(&w->path),
        .kind = kind,
        .kind_text = kind_text,
        .size = item->size,
        .size_known = item->size_known,
        .modified = item->modified,
        .reason = buf_slice(&w->reason),
    };
    return true;
}

static bool emit_reason(struct evidence_walk *w, struct evidence_item *item,
                        enum evidence_kind kind, const char *kind_text, const char *reason)
{
    buf_clear(&w->reason);
    add_clean(&w->reason, slice_from_str(reason));
    return emit(w, item, kind, kind_text);
}

// ---- reading the current item

static bool read_on(struct evidence_walk *w, uint8_t *buffer, size_t capacity, size_t *got,
                    struct err *e)
{
    *got = 0;
    if (w->from)
        return members_read(w->from, buffer, capacity, got, e);
    bool ended = false;
    while (*got < capacity && !ended) {
        size_t wanted = capacity - *got;
        ptrdiff_t n = byte_source_read(&w->file, w->file_offset, buffer + *got, wanted, e);
        if (n < 0)
            return *got > 0;
        *got += (size_t)n;
        w->file_offset += (uint64_t)n;
        // A short read is the end where the file had it when it was opened.
        ended = n == 0 || ((size_t)n < wanted && w->file_offset == file_size(w));
    }
    return true;
}

// Reads ahead until first holds limit bytes or the item ends. An error is kept for later.
static void read_ahead(struct evidence_walk *w, size_t limit)
{
    while (w->streaming && w->first.len < limit) {
        size_t want = limit - w->first.len, got = 0;
        want = want < ((size_t)1 << 20) ? want : (size_t)1 << 20;
        if (!read_on(w, buf_reserve(&w->first, want), want, &got, &w->pending) || got == 0)
            w->streaming = false;
        w->first.len += got;
    }
}

bool evidence_walk_read(struct evidence_walk *w, uint8_t *buffer, size_t capacity, size_t *got,
                        struct err *e)
{
    size_t left = w->first.len - w->first_taken;
    size_t n = left < capacity ? left : capacity;
    if (n)
        memcpy(buffer, w->first.at + w->first_taken, n);
    w->first_taken += n;
    *got = n;
    while (w->streaming && *got < capacity) {
        size_t more = 0, wanted = capacity - *got;
        if (!read_on(w, buffer + *got, wanted, &more, &w->pending) || more == 0)
            w->streaming = false;
        if (!w->from && more < wanted) // a file gives all that it has
            w->streaming = false;
        *got += more;
    }
    if (*got || !w->pending.code)
        return true;
    *e = w->pending;
    w->pending.code = ERR_NONE;
    return false;
}

static void begin_item(struct evidence_walk *w, struct evidence_item *item)
{
    *item = (struct evidence_item){0};
    buf_clear(&w->path);
    buf_clear(&w->reason);
    if (w->first.capacity > FIRST_KEPT)
        buf_free(&w->first);
    w->first.len = w->first_taken = 0;
    w->streaming = false;
    w->pending.code = ERR_NONE;
    w->descend = w->descend_second = false;
}

// ---- archives

static uint64_t held_bytes(const struct evidence_walk *w)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < w->layers.count; i++)
        sum += w->layers.items[i].held.len;
    return sum;
}

// Whether, and how, the members of an archive inside an archive will be reached. Its bytes are read
// ahead for that.
static void plan_nested(struct evidence_walk *w, struct content c)
{
    uint64_t held = held_bytes(w), limit = w->limits.max_nested_bytes;
    size_t room = held < limit ? (size_t)(limit - held) : 0;
    read_ahead(w, room + 1);
    if (!w->streaming && w->first.len <= room) {
        w->descend = true;
        return;
    }
    const struct layer *outer = &w->layers.items[w->layers.count - 1];
    if (c.class == CONTENT_STREAM && !outer->source.parent)
        w->descend = w->descend_second = true;
    else
        buf_printf(
            &w->reason,
            "an archive inside an archive, too large to be held in memory (limit %llu bytes): "
            "unpack it and audit what is inside",
            (unsigned long long)limit);
}

// Ends the current item's line for what its first bytes say.
static bool emit_content(struct evidence_walk *w, struct evidence_item *item)
{
    struct content c = content_tell(slice_sub(buf_slice(&w->first), 0, CONTENT_HEAD));
    if (w->first.len == 0) {
        if (w->pending.code) {
            struct err e = w->pending;
            w->pending.code = ERR_NONE;
            return emit_reason(w, item, EVIDENCE_UNREADABLE,
                               e.code == ERR_ENCRYPTED ? "encrypted file" : "file", e.message);
        }
        return emit(w, item, EVIDENCE_EMPTY, c.text);
    }
    switch (c.class) {
    case CONTENT_EVTX:
        return emit(w, item, EVIDENCE_EVTX, c.text);
    case CONTENT_DOCUMENT:
        return emit_reason(w, item, EVIDENCE_OTHER, c.text,
                           "a document: kept whole, not opened as an archive");
    case CONTENT_OTHER:
        return emit(w, item, EVIDENCE_OTHER, c.text);
    case CONTENT_STREAM:
    case CONTENT_SEEK:
        break;
    }
    if (w->layers.count >= w->limits.max_archive_depth)
        buf_printf(&w->reason, "archives inside archives, more than %u deep: not opened",
                   w->limits.max_archive_depth);
    else if (w->layers.count)
        plan_nested(w, c);
    else
        w->descend = true;
    w->file_is_archive = w->file_is_archive || (w->layers.count == 0 && w->descend);
    return emit(w, item, EVIDENCE_ARCHIVE, c.text);
}

// What the only member of a compressed file is called: the file's own name without the ending.
static char *inner_name(struct slice path)
{
    static const char *const endings[] = {".gz", ".xz", ".zst", ".bz2", ".lz4", ".Z"};
    size_t from = path.len;
    while (from > 0 && path.at[from - 1] != '/' && path.at[from - 1] != '!')
        from--;
    struct slice name = slice_sub(path, from, path.len);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        struct slice ending = slice_from_str(endings[i]);
        if (name.len > ending.len &&
            slice_equal_nocase(slice_sub(name, name.len - ending.len, name.len), ending))
            return strndup((const char *)name.at, name.len - ending.len);
    }
    return strdup("data");
}

// A second reader of the outer archive, brought to the member where the first one is.
static struct members *second_reader(struct evidence_walk *w, struct layer *outer, struct err *e)
{
    if (!outer->second)
        outer->second = members_open(&outer->source, SLICE("data"), &w->budget, false, e);
    if (!outer->second)
        return NULL;
    struct member skipped;
    while (members_index(outer->second) < members_index(outer->members))
        if (members_next(outer->second, &skipped, e) != MEMBER_FOUND)
            return NULL;
    return outer->second;
}

static bool emit_rest(struct evidence_walk *w, struct evidence_item *item, struct slice archive,
                      const struct err *e)
{
    begin_item(w, item);
    buf_add(&w->path, archive);
    buf_byte(&w->path, '!');
    return emit_reason(w, item, e->code == ERR_LIMIT ? EVIDENCE_SKIPPED : EVIDENCE_UNREADABLE,
                       "rest of the archive", e->message);
}

static void emit_nothing(struct evidence_walk *w, struct evidence_item *item, struct slice archive)
{
    begin_item(w, item);
    buf_add(&w->path, archive);
    buf_byte(&w->path, '!');
    emit(w, item, EVIDENCE_EMPTY, "archive in which no files were found");
}

// Opens the current item, an archive. False: an item that says why not was emitted.
static bool enter_archive(struct evidence_walk *w, struct evidence_item *item)
{
    struct layer l = {.source = {.fd = -1}};
    struct err e = {0};
    bool ok = true;
    if (w->layers.count == 0) {
        l.source = w->file;
        w->budget.on_disk = file_size(w);
        w->budget.consumed = w->budget.produced = 0;
    } else if (w->descend_second) {
        l.source.parent = second_reader(w, &w->layers.items[w->layers.count - 1], &e);
        ok = l.source.parent != NULL;
    } else {
        l.held = w->first;
        w->first = (struct buf){0};
        w->first_taken = 0;
        l.source.memory = buf_slice(&l.held);
    }
    l.path = strndup((const char *)w->path.at, w->path.len);
    char *name = inner_name(buf_slice(&w->path));
    if (ok)
        l.members = members_open(&l.source, slice_from_str(name), &w->budget, true, &e);
    free(name);
    if (l.members) {
        *ARRAY_ADD(&w->layers) = l;
        return true;
    }
    emit_rest(w, item, slice_from_str(l.path), &e);
    close_layer(&l);
    if (w->layers.count == 0)
        close_file(w);
    return false;
}

static void leave_archive(struct evidence_walk *w)
{
    close_layer(&w->layers.items[--w->layers.count]);
    if (w->layers.count == 0)
        close_file(w);
}

static bool emit_link(struct evidence_walk *w, struct evidence_item *item, const struct member *m)
{
    buf_str(&w->reason, "link inside the archive to ");
    buf_add(&w->reason, m->target);
    buf_str(&w->reason, "; not followed");
    return emit(w, item, EVIDENCE_SKIPPED, "link");
}

static bool emit_member(struct evidence_walk *w, struct evidence_item *item, struct layer *l,
                        const struct member *m)
{
    begin_item(w, item);
    buf_str(&w->path, l->path);
    buf_byte(&w->path, '!');
    buf_add(&w->path, m->name);
    item->size = m->size;
    item->size_known = m->size_known;
    item->modified = m->modified;
    if (m->type == MEMBER_LINK)
        return emit_link(w, item, m);
    if (m->type == MEMBER_SPECIAL)
        return emit_reason(w, item, EVIDENCE_SKIPPED, "device or pipe", "not a file with contents");
    w->from = l->members;
    w->streaming = true;
    read_ahead(w, CONTENT_HEAD);
    if (w->first.len == 0 && m->encrypted) {
        w->pending.code = ERR_NONE;
        return emit_reason(w, item, EVIDENCE_UNREADABLE, "encrypted file", "needs a password");
    }
    return emit_content(w, item);
}

// The innermost archive's next member. False: nothing to tell yet.
static bool step_archive(struct evidence_walk *w, struct evidence_item *item)
{
    struct layer *l = &w->layers.items[w->layers.count - 1];
    struct member m;
    struct err e = {0};
    switch (members_next(l->members, &m, &e)) {
    case MEMBER_FOUND:
        return m.type != MEMBER_FOLDER && emit_member(w, item, l, &m);
    case MEMBER_DAMAGED:
        emit_rest(w, item, slice_from_str(l->path), &e);
        leave_archive(w);
        return true;
    case MEMBER_END:
        break;
    }
    bool nothing = members_index(l->members) == 0;
    if (nothing)
        emit_nothing(w, item, slice_from_str(l->path));
    leave_archive(w);
    return nothing;
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
    read_ahead(w, LOG_HEAD);
    if (content_tell(buf_slice(&w->first)).class != CONTENT_EVTX)
        read_ahead(w, CONTENT_HEAD);
    return emit_content(w, item);
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
        return emit_reason(w, item, EVIDENCE_SKIPPED, "folder", why);
    }
    struct folder f;
    struct err e;
    if (!folder_read(&f, d->fd, buf_slice(&w->path), &e))
        return emit_reason(w, item, EVIDENCE_UNREADABLE, "folder", e.message);
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
        return emit_reason(w, item, d->unreadable ? EVIDENCE_UNREADABLE : EVIDENCE_SKIPPED, d->sort,
                           d->why);
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
    begin_item(w, item);
    buf_add(&w->path, f->path);
    if (w->path.len && w->path.at[w->path.len - 1] != '/')
        buf_byte(&w->path, '/');
    add_clean(&w->path, slice_from_str(name));
    struct disk_entry d;
    disk_open(f->fd, name, false, &d);
    return emit_entry(w, item, &d, f->device);
}

static bool step_argument(struct evidence_walk *w, struct evidence_item *item)
{
    const char *path = w->paths[w->next_path++];
    begin_item(w, item);
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    add_clean(&w->path, slice_of(path, len));
    if (w->skip_path && path_is_inside(path, w->skip_path))
        return emit_reason(w, item, EVIDENCE_SKIPPED, "folder",
                           "the folder that this audit writes to");
    struct disk_entry d;
    disk_open(AT_FDCWD, path, true, &d);
    return emit_entry(w, item, &d, d.stat.st_dev + 1);
}

static bool step_memory(struct evidence_walk *w, struct evidence_item *item)
{
    begin_item(w, item);
    add_clean(&w->path, w->memory_name);
    w->memory_name = (struct slice){0};
    item->size = w->file.memory.len;
    item->size_known = true;
    return emit_file(w, item);
}

static bool emit_too_many(struct evidence_walk *w, struct evidence_item *item)
{
    begin_item(w, item);
    w->over = true;
    while (w->layers.count)
        close_layer(&w->layers.items[--w->layers.count]);
    close_file(w);
    buf_str(&w->path, "(more)");
    return emit_reason(w, item, EVIDENCE_SKIPPED, "files",
                       "there are more files than the limit: the rest was not looked at");
}

bool evidence_walk_next(struct evidence_walk *w, struct evidence_item *item)
{
    *item = (struct evidence_item){0};
    if (w->over)
        return false;
    if (w->items >= w->limits.max_items)
        return emit_too_many(w, item);
    if (w->descend && !enter_archive(w, item))
        return true;
    w->descend = false;
    if (w->layers.count == 0)
        close_file(w);
    for (;;) {
        bool told;
        if (w->layers.count)
            told = step_archive(w, item);
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
