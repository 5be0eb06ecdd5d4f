// SPDX-License-Identifier: Apache-2.0
// A growing byte buffer, for building texts.
#ifndef VIGIE_BASE_BUF_H
#define VIGIE_BASE_BUF_H

#include "base/slice.h"

struct buf {
    uint8_t *at;
    size_t len;
    size_t capacity;
};

void buf_free(struct buf *b);
void buf_enlarge(struct buf *b, size_t more);
[[gnu::format(printf, 2, 3)]] void buf_printf(struct buf *b, const char *format, ...);
void buf_u64(struct buf *b, uint64_t n);
// Appends s as the inside of a JSON string: quotes, backslash and control characters escaped; bytes
// that are not valid UTF-8 become U+FFFD. Other characters stay as they are.
void buf_json(struct buf *b, struct slice s);
// Appends s as XML/HTML text, also safe inside a quoted attribute (& < > " ' escaped). Characters
// that XML 1.0 forbids become U+FFFD.
void buf_xml(struct buf *b, struct slice s);

// Room for at least more bytes after len; returns at + len. Add to len what was written.
static inline uint8_t *buf_reserve(struct buf *b, size_t more)
{
    if (b->capacity - b->len < more || !b->at)
        buf_enlarge(b, more);
    return b->at + b->len;
}

static inline void buf_add(struct buf *b, struct slice s)
{
    if (s.len) {
        memcpy(buf_reserve(b, s.len), s.at, s.len);
        b->len += s.len;
    }
}

static inline void buf_str(struct buf *b, const char *s)
{
    buf_add(b, slice_from_str(s));
}

static inline void buf_byte(struct buf *b, uint8_t c)
{
    *buf_reserve(b, 1) = c;
    b->len++;
}

static inline struct slice buf_slice(const struct buf *b)
{
    return (struct slice){b->at, b->len};
}

static inline void buf_clear(struct buf *b)
{
    b->len = 0;
}

#endif
