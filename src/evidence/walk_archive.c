// SPDX-License-Identifier: Apache-2.0
// An archive's own bytes are the caller's first (they are hashed), its members come after. On disk
// that is a second reading of the file. An archive inside an archive comes as a stream that can be
// read once only: it is kept in memory when it is small; a larger one is reached a second time by a
// second reader of the outer archive, which follows behind the first.
#include "evidence/walk_internal.h"

void walk_close_layer(struct layer *l)
{
    members_close(l->members);
    members_close(l->second);
    buf_free(&l->held);
    free(l->path);
}

static uint64_t held_bytes(const struct evidence_walk *w)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < w->layers.count; i++)
        sum += w->layers.items[i].held.len;
    return sum;
}

void walk_plan_nested(struct evidence_walk *w, struct content c)
{
    uint64_t held = held_bytes(w), limit = w->limits.max_nested_bytes;
    size_t room = held < limit ? (size_t)(limit - held) : 0;
    walk_read_ahead(w, room + 1);
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
    walk_begin_item(w, item);
    buf_add(&w->path, archive);
    buf_byte(&w->path, '!');
    return walk_emit_reason(w, item, e->code == ERR_LIMIT ? EVIDENCE_SKIPPED : EVIDENCE_UNREADABLE,
                            "rest of the archive", e->message);
}

static void emit_nothing(struct evidence_walk *w, struct evidence_item *item, struct slice archive)
{
    walk_begin_item(w, item);
    buf_add(&w->path, archive);
    buf_byte(&w->path, '!');
    walk_emit(w, item, EVIDENCE_EMPTY, "archive in which no files were found");
}

bool walk_enter_archive(struct evidence_walk *w, struct evidence_item *item)
{
    struct layer l = {.source = {.fd = -1}};
    struct err e = {0};
    bool ok = true;
    if (w->layers.count == 0) {
        l.source = w->file;
        w->budget.on_disk = walk_file_size(w);
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
    walk_close_layer(&l);
    if (w->layers.count == 0)
        walk_close_file(w);
    return false;
}

static void leave_archive(struct evidence_walk *w)
{
    walk_close_layer(&w->layers.items[--w->layers.count]);
    if (w->layers.count == 0)
        walk_close_file(w);
}

static bool emit_link(struct evidence_walk *w, struct evidence_item *item, const struct member *m)
{
    buf_str(&w->reason, "link inside the archive to ");
    buf_add(&w->reason, m->target);
    buf_str(&w->reason, "; not followed");
    return walk_emit(w, item, EVIDENCE_SKIPPED, "link");
}

static bool emit_member(struct evidence_walk *w, struct evidence_item *item, struct layer *l,
                        const struct member *m)
{
    walk_begin_item(w, item);
    buf_str(&w->path, l->path);
    buf_byte(&w->path, '!');
    buf_add(&w->path, m->name);
    item->size = m->size;
    item->size_known = m->size_known;
    item->modified = m->modified;
    if (m->type == MEMBER_LINK)
        return emit_link(w, item, m);
    if (m->type == MEMBER_SPECIAL)
        return walk_emit_reason(w, item, EVIDENCE_SKIPPED, "device or pipe",
                                "not a file with contents");
    w->from = l->members;
    w->streaming = true;
    walk_read_ahead(w, CONTENT_HEAD);
    if (w->first.len == 0 && m->encrypted) {
        w->pending.code = ERR_NONE;
        return walk_emit_reason(w, item, EVIDENCE_UNREADABLE, "encrypted file", "needs a password");
    }
    return walk_emit_content(w, item);
}

bool walk_step_archive(struct evidence_walk *w, struct evidence_item *item)
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
