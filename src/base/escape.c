// SPDX-License-Identifier: Apache-2.0
// How it is done: sixteen bytes (or eight, as one word) are loaded, stored to the output as they
// are, and then looked at together. A byte that needs thought leaves a bit in a set of marks; the
// lowest mark says how many of the bytes were good. What is behind them in the output is written
// over next. The tests for one byte of a word (x below n, x equal to c) are the well-known ones
// with a borrow between bytes: a false mark can only stand above a true one, and only the lowest
// counts.
#include "base/escape.h"

#include "base/digits.h"
#include "base/utf.h"

#include <unicode/uchar.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    PIECE = 4096,            // input bytes for which room is made at once
    STEP = ESCAPE_COPY_ROOM, // bytes that are looked at together, and may be written too many
};

// What needs thought besides all that is not printable ASCII.
#define MARKED_JSON "\"\\"
#define MARKED_HTML "&<>\"'"
#define MARKED_CSV  "\",;"

#ifdef __SSE2__
// The place of the first of sixteen bytes that needs thought; 16: none.
static inline __attribute__((always_inline)) size_t first_marked(const uint8_t *at,
                                                                 const char *also, size_t count)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
    // As signed numbers those from 0x80 on are below 0x20 as well.
    __m128i marks = _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)),
                                 _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)));
    for (size_t i = 0; i < count; i++)
        marks = _mm_or_si128(marks, _mm_cmpeq_epi8(v, _mm_set1_epi8(also[i])));
    return (size_t)__builtin_ctz((unsigned)_mm_movemask_epi8(marks) | 1u << STEP);
}
#else
static inline uint64_t mark_equal(uint64_t w, uint8_t c)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t x = w ^ ones * c;
    return (x - ones) & ~x;
}

static inline __attribute__((always_inline)) size_t
first_marked_of_eight(const uint8_t *at, const char *also, size_t count)
{
    uint64_t w = le64(at);
    uint64_t marks = ((w - 0x2020202020202020) & ~w) | w | mark_equal(w, 0x7f);
    for (size_t i = 0; i < count; i++)
        marks |= mark_equal(w, (uint8_t)also[i]);
    marks &= 0x8080808080808080;
    return marks ? (size_t)(__builtin_ctzll(marks) >> 3) : 8;
}

static inline __attribute__((always_inline)) size_t first_marked(const uint8_t *at,
                                                                 const char *also, size_t count)
{
    size_t n = first_marked_of_eight(at, also, count);
    return n < 8 ? n : 8 + first_marked_of_eight(at + 8, also, count);
}
#endif

// Copies from `at` until a byte that needs thought or to the end; out has room for STEP bytes more
// than that, or is NULL. Returns how many bytes that were.
static inline __attribute__((always_inline)) size_t
copy_unmarked(const uint8_t *at, size_t len, uint8_t *out, const char *also, size_t count)
{
    size_t i = 0;
    for (; len - i >= STEP; i += STEP) {
        if (out)
            memcpy(out + i, at + i, STEP);
        size_t n = first_marked(at + i, also, count);
        if (n < STEP)
            return i + n;
    }
    if (i == len)
        return i;
    uint8_t rest[STEP]; // and blanks, which need no thought
    memset(rest, ' ', STEP);
    memcpy(rest, at + i, len - i);
    if (out)
        memcpy(out + i, rest, STEP);
    size_t n = i + first_marked(rest, also, count);
    return n < len ? n : len;
}

#define COPY_UNMARKED(at, len, out, also) copy_unmarked(at, len, out, also, sizeof(also) - 1)

size_t escape_copy_plain(struct slice s, uint8_t *out)
{
    return COPY_UNMARKED(s.at, s.len, out, MARKED_JSON);
}

// The letter behind the backslash, for what has a short form.
static const uint8_t json_letters[256] = {
    ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n',  ['\r'] = 'r',
    ['\t'] = 't', ['"'] = '"',  ['\\'] = '\\',
};

// Plain characters and short forms; stops at anything else. Returns the bytes of s that were taken.
static size_t json_plain(struct buf *b, struct slice s)
{
    uint8_t *out = buf_reserve(b, 2 * s.len + STEP);
    size_t at = 0;
    while (at < s.len) {
        size_t n = COPY_UNMARKED(s.at + at, s.len - at, out, MARKED_JSON);
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
        uint8_t *out = buf_reserve(b, piece.len + STEP);
        size_t n = COPY_UNMARKED(piece.at, piece.len, out, MARKED_HTML);
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

// A character of ASCII that needs thought.
static void csv_char(struct buf *b, uint8_t c, bool *marked)
{
    uint8_t *out = buf_reserve(b, 4);
    bool shown = (c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t';
    if (shown) {
        out[0] = out[1] = c;
        b->len += c == '"' ? 2 : 1;
        *marked = true;
    } else {
        memcpy(out, "\\x", 2);
        memcpy(out + 2, digits_hex + (size_t)c * 2, 2);
        b->len += 4;
    }
}

bool escape_csv_plain(struct buf *b, struct slice s, bool *marked)
{
    *marked = false;
    for (size_t pos = 0; pos < s.len;) {
        struct slice piece = slice_sub(s, pos, pos + PIECE);
        size_t n = COPY_UNMARKED(piece.at, piece.len, buf_reserve(b, piece.len + STEP), MARKED_CSV);
        b->len += n;
        pos += n;
        if (n == piece.len)
            continue;
        if (piece.at[n] >= 0x80)
            return false;
        csv_char(b, piece.at[n], marked);
        pos++;
    }
    return true;
}
