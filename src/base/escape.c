// SPDX-License-Identifier: Apache-2.0
// How it is done: eight bytes are loaded as one word and stored to the output as they are, then
// looked at together. A byte that needs thought leaves its highest bit in a word of marks; the
// lowest mark says how many of the eight bytes were good. What is behind them in the output is
// written over next. The tests for one byte (x below n, x equal to c) are the well-known ones with
// a borrow between bytes: a false mark can only stand above a true one, and only the lowest counts.
#include "base/escape.h"

#include "base/utf.h"

#include <unicode/uchar.h>

enum { PIECE = 4096 }; // input bytes for which room is made at once

static const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;

static inline uint64_t mark_equal(uint64_t w, uint8_t c)
{
    uint64_t x = w ^ ones * c;
    return (x - ones) & ~x;
}

// Bytes below 0x20, and those from 0x7f on.
static inline uint64_t mark_unprintable(uint64_t w)
{
    return ((w - ones * 0x20) & ~w) | w | mark_equal(w, 0x7f);
}

static inline uint64_t marks_printable(uint64_t w)
{
    return mark_unprintable(w) & tops;
}

static inline uint64_t marks_json(uint64_t w)
{
    return (mark_unprintable(w) | mark_equal(w, '"') | mark_equal(w, '\\')) & tops;
}

static inline uint64_t marks_html(uint64_t w)
{
    return (mark_unprintable(w) | mark_equal(w, '&') | mark_equal(w, '<') | mark_equal(w, '>') |
            mark_equal(w, '"') | mark_equal(w, '\'')) &
           tops;
}

size_t escape_printable_run(struct slice s, size_t from)
{
    size_t at = from;
    for (; s.len - at >= 8; at += 8) {
        uint64_t marks = marks_printable(le64(s.at + at));
        if (marks)
            return at - from + (size_t)(__builtin_ctzll(marks) >> 3);
    }
    while (at < s.len && s.at[at] >= 0x20 && s.at[at] < 0x7f)
        at++;
    return at - from;
}

// Copies from `at` until a byte that marks() marks or to the end; out has room for 8 more bytes
// than that. Returns how many were copied.
static inline __attribute__((always_inline)) size_t
copy_unmarked(const uint8_t *at, size_t len, uint8_t *out, uint64_t (*marks)(uint64_t w))
{
    size_t i = 0;
    for (; len - i >= 8; i += 8) {
        uint64_t w = le64(at + i), m = marks(w);
        memcpy(out + i, at + i, 8);
        if (m)
            return i + (size_t)(__builtin_ctzll(m) >> 3);
    }
    for (; i < len && !(marks(at[i] | ones * ' ' << 8) & 0x80); i++)
        out[i] = at[i];
    return i;
}

// The letter behind the backslash, for what has a short form.
static const uint8_t json_letters[256] = {
    ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n',  ['\r'] = 'r',
    ['\t'] = 't', ['"'] = '"',  ['\\'] = '\\',
};

// Plain characters and short forms; stops at anything else. Returns the bytes of s that were taken.
static size_t json_plain(struct buf *b, struct slice s)
{
    uint8_t *out = buf_reserve(b, 2 * s.len + 8);
    size_t at = 0;
    while (at < s.len) {
        size_t n = copy_unmarked(s.at + at, s.len - at, out, marks_json);
        at += n;
        out += n;
        if (at == s.len || !json_letters[s.at[at]])
            break;
        *out++ = '\\';
        *out++ = json_letters[s.at[at++]];
    }
    b->len = (size_t)(out - b->at);
    return at;
}

static bool is_unseen(uint32_t c)
{
    int8_t type = u_charType((UChar32)c);
    return (c >= 0x7f && c < 0xa0) || type == U_FORMAT_CHAR || type == U_LINE_SEPARATOR ||
           type == U_PARAGRAPH_SEPARATOR;
}

static void json_other(struct buf *b, uint32_t c, enum escape_json how)
{
    if (c >= 0x80 && (how == ESCAPE_JSON_NEEDED || !is_unseen(c)))
        b->len += utf8_encode(c, buf_reserve(b, 4));
    else if (c < 0x10000)
        buf_printf(b, "\\u%04x", c);
    else
        buf_printf(b, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                   0xdc00 + ((c - 0x10000) & 0x3ff));
}

void escape_json(struct buf *b, struct slice s, enum escape_json how)
{
    for (size_t pos = 0; pos < s.len;) {
        struct slice piece = slice_sub(s, pos, pos + PIECE);
        size_t taken = json_plain(b, piece);
        pos += taken;
        if (taken < piece.len)
            json_other(b, utf8_decode(s, &pos), how);
    }
}

static struct slice html_entity(uint8_t c)
{
    switch (c) {
    case '&':
        return SLICE("&amp;");
    case '<':
        return SLICE("&lt;");
    case '>':
        return SLICE("&gt;");
    case '"':
        return SLICE("&quot;");
    case '\'':
        return SLICE("&#39;");
    case '\n':
        return SLICE("\n");
    case '\r':
        return SLICE("\r");
    case '\t':
        return SLICE("\t");
    default:
        return (struct slice){0};
    }
}

void escape_html_plain(struct buf *b, struct slice s, size_t *pos)
{
    while (*pos < s.len) {
        struct slice piece = slice_sub(s, *pos, *pos + PIECE);
        uint8_t *out = buf_reserve(b, piece.len + 8);
        size_t n = copy_unmarked(piece.at, piece.len, out, marks_html);
        b->len += n;
        *pos += n;
        if (n == piece.len)
            continue;
        struct slice entity = html_entity(piece.at[n]);
        if (!entity.len)
            return;
        buf_add(b, entity);
        ++*pos;
    }
}
