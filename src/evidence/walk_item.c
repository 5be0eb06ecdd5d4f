// SPDX-License-Identifier: Apache-2.0
// The item at hand: its bytes, read ahead as far as is needed to tell what it is, and its line.
#include "evidence/walk_internal.h"

#include "base/utf.h"

// Bytes read ahead that stay allocated from one item to the next.
enum { FIRST_KEPT = 4 * CONTENT_HEAD };

void walk_add_clean(struct buf *b, struct slice s)
{
    struct arena a;
    arena_init(&a, 1024);
    buf_add(b, utf8_clean(&a, s));
    arena_free(&a);
}

bool walk_emit(struct evidence_walk *w, struct evidence_item *item, enum evidence_kind kind,
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

bool walk_emit_reason(struct evidence_walk *w, struct evidence_item *item, enum evidence_kind kind,
                      const char *kind_text, const char *reason)
{
    buf_clear(&w->reason);
    walk_add_clean(&w->reason, slice_from_str(reason));
    return walk_emit(w, item, kind, kind_text);
}

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
        ended = n == 0 || ((size_t)n < wanted && w->file_offset == walk_file_size(w));
    }
    return true;
}

void walk_read_ahead(struct evidence_walk *w, size_t limit)
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

void walk_begin_item(struct evidence_walk *w, struct evidence_item *item)
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

bool walk_emit_content(struct evidence_walk *w, struct evidence_item *item)
{
    struct content c = content_tell(slice_sub(buf_slice(&w->first), 0, CONTENT_HEAD));
    if (w->first.len == 0) {
        if (w->pending.code) {
            struct err e = w->pending;
            w->pending.code = ERR_NONE;
            return walk_emit_reason(w, item, EVIDENCE_UNREADABLE,
                                    e.code == ERR_ENCRYPTED ? "encrypted file" : "file", e.message);
        }
        return walk_emit(w, item, EVIDENCE_EMPTY, c.text);
    }
    switch (c.class) {
    case CONTENT_EVTX:
        return walk_emit(w, item, EVIDENCE_EVTX, c.text);
    case CONTENT_DOCUMENT:
        return walk_emit_reason(w, item, EVIDENCE_OTHER, c.text,
                                "a document: kept whole, not opened as an archive");
    case CONTENT_OTHER:
        return walk_emit(w, item, EVIDENCE_OTHER, c.text);
    case CONTENT_STREAM:
    case CONTENT_SEEK:
        break;
    }
    if (w->layers.count >= w->limits.max_archive_depth)
        buf_printf(&w->reason, "archives inside archives, more than %u deep: not opened",
                   w->limits.max_archive_depth);
    else if (w->layers.count)
        walk_plan_nested(w, c);
    else
        w->descend = true;
    w->file_is_archive = w->file_is_archive || (w->layers.count == 0 && w->descend);
    return walk_emit(w, item, EVIDENCE_ARCHIVE, c.text);
}
