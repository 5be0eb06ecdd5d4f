// SPDX-License-Identifier: Apache-2.0
#include "event/text.h"

#include "base/utf.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

// Windows-1252, 0x80 to 0x9f (the rest is Latin-1); the five unassigned bytes stay C1 controls, as
// Windows maps them.
static const uint16_t windows_1252[32] = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178,
};

static uint8_t *put_str(uint8_t *out, const char *s, size_t len)
{
    memcpy(out, s, len);
    return out + len;
}

#define PUT(out, literal) put_str((out), (literal), sizeof(literal) - 1)

static uint8_t *put_json_special(uint8_t *out, uint32_t c)
{
    static const char digits[] = "0123456789abcdef";
    switch (c) {
    case '"':
        return PUT(out, "\\\"");
    case '\\':
        return PUT(out, "\\\\");
    case '\n':
        return PUT(out, "\\n");
    case '\r':
        return PUT(out, "\\r");
    case '\t':
        return PUT(out, "\\t");
    case '\b':
        return PUT(out, "\\b");
    case '\f':
        return PUT(out, "\\f");
    default:
        out = PUT(out, "\\u00");
        *out++ = (uint8_t)digits[c >> 4 & 0xf];
        *out++ = (uint8_t)digits[c & 0xf];
        return out;
    }
}

static uint8_t *put_xml_special(uint8_t *out, uint32_t c)
{
    switch (c) {
    case '&':
        return PUT(out, "&amp;");
    case '<':
        return PUT(out, "&lt;");
    case '>':
        return PUT(out, "&gt;");
    case '"':
        return PUT(out, "&quot;");
    case '\'':
        return PUT(out, "&apos;");
    case '\t':
        return PUT(out, "&#9;");
    case '\n':
        return PUT(out, "&#10;");
    case '\r':
        return PUT(out, "&#13;");
    default:
        *out++ = '_';
        return out;
    }
}

// Whether an ASCII character can be copied as it is. `escape` is a constant wherever this is
// inlined.
static inline bool is_plain(uint32_t c, enum text_escape escape)
{
    switch (escape) {
    case TEXT_JSON:
        return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
    case TEXT_XML:
        return (c >= 0x20 && c != '&' && c != '<' && c != '>') || c == '\t';
    case TEXT_ATTR:
        return c >= 0x20 && c != '&' && c != '<' && c != '>' && c != '"' && c != '\'';
    default:
        return true;
    }
}

// A character that is_plain refuses.
[[gnu::noinline]] static uint8_t *put_special(uint8_t *out, uint32_t c, enum text_escape escape)
{
    return escape == TEXT_JSON ? put_json_special(out, c) : put_xml_special(out, c);
}

// The same; the backslashes of paths are by far the most frequent.
static inline uint8_t *put_escaped(uint8_t *out, uint32_t c, enum text_escape escape)
{
    if (escape != TEXT_JSON || (c != '\\' && c != '"'))
        return put_special(out, c, escape);
    *out++ = '\\';
    *out++ = (uint8_t)c;
    return out;
}

[[gnu::noinline]] static uint8_t *put_wide(uint8_t *out, uint32_t c, enum text_escape escape)
{
    if (escape >= TEXT_XML && (c == 0xfffe || c == 0xffff)) {
        *out = '_';
        return out + 1;
    }
    return out + utf8_encode(c, out); // also the '_' for a lone surrogate
}

static inline uint8_t *put_char(uint8_t *out, uint32_t c, enum text_escape escape)
{
    if (c >= 0x80)
        return put_wide(out, c, escape);
    if (!is_plain(c, escape))
        return put_escaped(out, c, escape);
    *out = (uint8_t)c;
    return out + 1;
}

// One character of UTF-16 at *at; a lone surrogate yields `lone`.
static inline uint32_t take_utf16(const uint8_t **at, const uint8_t *end, uint32_t lone)
{
    uint32_t c = le16(*at);
    *at += 2;
    if (c < 0xd800 || c >= 0xe000)
        return c;
    if (c >= 0xdc00 || end - *at < 2)
        return lone;
    uint32_t low = le16(*at);
    if (low < 0xdc00 || low >= 0xe000)
        return lone;
    *at += 2;
    return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

#ifdef __SSE2__
static inline __m128i equals(__m128i bytes, char c)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
}

// A bit for each of 16 ASCII bytes that cannot be copied as it is.
static inline unsigned special_mask(__m128i bytes, enum text_escape escape)
{
    __m128i special;
    if (escape == TEXT_PLAIN)
        return 0;
    special = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
    if (escape == TEXT_JSON) {
        special = _mm_or_si128(special, equals(bytes, '"'));
        special = _mm_or_si128(special, _mm_or_si128(equals(bytes, '\\'), equals(bytes, 0x7f)));
    } else {
        special = _mm_or_si128(special, equals(bytes, '&'));
        special = _mm_or_si128(special, _mm_or_si128(equals(bytes, '<'), equals(bytes, '>')));
        if (escape == TEXT_ATTR)
            special = _mm_or_si128(special, _mm_or_si128(equals(bytes, '"'), equals(bytes, '\'')));
        else
            special = _mm_andnot_si128(equals(bytes, '\t'), special);
    }
    return (unsigned)_mm_movemask_epi8(special);
}

static inline __m128i load16(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

// Copies plain ASCII, sixteen or eight characters at a time, up to the first character that needs
// thought or the last seven.
static inline const uint8_t *put_plain(const uint8_t *at, const uint8_t *end, uint8_t **to,
                                       enum text_escape escape)
{
    const __m128i not_ascii = _mm_set1_epi16((short)0xff80);
    uint8_t *out = *to;
    while (end - at >= 16) {
        bool both = end - at >= 32;
        __m128i a = load16(at), b = both ? load16(at + 16) : _mm_set1_epi16('a');
        __m128i high = _mm_and_si128(_mm_or_si128(a, b), not_ascii);
        if (_mm_movemask_epi8(_mm_cmpeq_epi16(high, _mm_setzero_si128())) != 0xffff)
            break;
        __m128i bytes = _mm_packus_epi16(a, b);
        unsigned special = special_mask(bytes, escape);
        _mm_storeu_si128((__m128i *)(void *)out, bytes);
        unsigned n = both ? 16 : 8;
        if (special)
            n = (unsigned)__builtin_ctz(special);
        out += n;
        at += 2 * (size_t)n;
        if (!special)
            continue;
        out = put_escaped(out, *at, escape);
        at += 2;
    }
    *to = out;
    return at;
}

// The last one to eight UTF-16 units of a text that is `whole` bytes long, without a look at what
// follows it: eight of the units before are looked at again, or parts of the text twice.
static inline __m128i load_tail(const uint8_t *at, const uint8_t *end, size_t whole)
{
    size_t left = (size_t)(end - at);
    uint64_t low = 0, high = 0;
    if (left == 16)
        return load16(at);
    if (left >= 8) {
        low = le64(at);
        high = le64(end - 8) >> 16 >> (14 - left) * 8;
    } else if (whole >= 8) {
        low = le64(end - 8) >> (8 - left) * 8;
    } else if (left >= 4) {
        low = le32(at) | (uint64_t)le32(end - 4) << (left - 4) * 8;
    } else {
        low = le16(at);
    }
    return _mm_set_epi64x((long long)high, (long long)low);
}

// Copies the last one to eight units up to the first that has to be escaped, and that; false when
// they are not all ASCII.
static inline bool put_tail(const uint8_t **from, const uint8_t *end, size_t whole, uint8_t **to,
                            enum text_escape escape)
{
    const uint8_t *at = *from;
    unsigned n = (unsigned)(end - at) / 2;
    __m128i units = load_tail(at, end, whole);
    __m128i high = _mm_and_si128(units, _mm_set1_epi16((short)0xff80));
    if (_mm_movemask_epi8(_mm_cmpeq_epi16(high, _mm_setzero_si128())) != 0xffff)
        return false;
    __m128i bytes = _mm_packus_epi16(units, units);
    unsigned special = special_mask(bytes, escape) & ((1u << n) - 1);
    _mm_storel_epi64((__m128i *)(void *)*to, bytes);
    if (special)
        n = (unsigned)__builtin_ctz(special);
    *to += n;
    *from = at + 2 * (size_t)n;
    if (special) {
        *to = put_escaped(*to, **from, escape);
        *from += 2;
    }
    return true;
}

// The same for bytes: UTF-8 and ANSI are one byte a character as long as they are ASCII.
static inline const uint8_t *put_plain_bytes(const uint8_t *at, const uint8_t *end, uint8_t **to,
                                             enum text_escape escape)
{
    uint8_t *out = *to;
    while (end - at >= 16) {
        __m128i bytes = load16(at);
        if (_mm_movemask_epi8(bytes))
            break;
        unsigned special = special_mask(bytes, escape);
        _mm_storeu_si128((__m128i *)(void *)out, bytes);
        unsigned n = special ? (unsigned)__builtin_ctz(special) : 16;
        out += n;
        at += n;
        if (special)
            out = put_escaped(out, *at++, escape);
    }
    *to = out;
    return at;
}
#else
static inline const uint8_t *put_plain_bytes(const uint8_t *at, const uint8_t *end, uint8_t **to,
                                             enum text_escape escape)
{
    while (at < end && *at < 0x80 && is_plain(*at, escape))
        *(*to)++ = *at++;
    return at;
}

static inline bool put_tail(const uint8_t **at, const uint8_t *end, size_t whole, uint8_t **to,
                            enum text_escape escape)
{
    (void)at, (void)end, (void)whole, (void)to, (void)escape;
    return false;
}

static inline const uint8_t *put_plain(const uint8_t *at, const uint8_t *end, uint8_t **to,
                                       enum text_escape escape)
{
    while (end - at >= 2 && at[1] == 0 && at[0] < 0x80 && is_plain(at[0], escape)) {
        *(*to)++ = at[0];
        at += 2;
    }
    return at;
}
#endif

static inline uint8_t *put_utf16(uint8_t *out, struct slice s, enum text_escape escape)
{
    const uint8_t *at = s.at, *end = s.at + (s.len & ~(size_t)1);
    while (at < end) {
        if (end - at > 16)
            at = put_plain(at, end, &out, escape);
        if (end - at <= 16 && at < end && put_tail(&at, end, s.len, &out, escape))
            continue;
        // One by one: what stopped the vectors, as long as it goes on.
        for (unsigned plain = 0; at < end && plain < 8;) {
            uint32_t c = le16(at);
            if (c < 0x80) {
                out = put_char(out, c, escape);
                at += 2;
                plain++;
            } else {
                out = put_wide(
                    out, take_utf16(&at, end, escape >= TEXT_XML ? '_' : UTF_REPLACEMENT), escape);
            }
        }
    }
    return out;
}

uint8_t *text_put_utf16_json(uint8_t *out, struct slice utf16le)
{
    return put_utf16(out, utf16le, TEXT_JSON);
}

uint8_t *text_put_utf16_xml(uint8_t *out, struct slice utf16le)
{
    return put_utf16(out, utf16le, TEXT_XML);
}

uint8_t *text_put_utf16(uint8_t *out, struct slice utf16le, enum text_escape escape)
{
    if (utf16le.len < 2)
        return out;
    switch (escape) { // one copy of the loop for each, so that its tests are constants
    case TEXT_JSON:
        return text_put_utf16_json(out, utf16le);
    case TEXT_XML:
        return text_put_utf16_xml(out, utf16le);
    case TEXT_ATTR:
        return put_utf16(out, utf16le, TEXT_ATTR);
    default:
        return put_utf16(out, utf16le, TEXT_PLAIN);
    }
}

static inline uint8_t *put_ansi(uint8_t *out, struct slice s, enum text_escape escape)
{
    const uint8_t *at = s.at, *end = s.at + s.len;
    while (at < end) {
        if (end - at >= 16)
            at = put_plain_bytes(at, end, &out, escape);
        for (unsigned n = 0; at < end && n < 16; n++) {
            uint32_t c = *at++;
            if (c >= 0x80 && c < 0xa0)
                c = windows_1252[c - 0x80];
            out = put_char(out, c, escape);
        }
    }
    return out;
}

uint8_t *text_put_ansi(uint8_t *out, struct slice s, enum text_escape escape)
{
    if (s.len == 0)
        return out;
    switch (escape) {
    case TEXT_JSON:
        return put_ansi(out, s, TEXT_JSON);
    case TEXT_XML:
        return put_ansi(out, s, TEXT_XML);
    case TEXT_ATTR:
        return put_ansi(out, s, TEXT_ATTR);
    default:
        return put_ansi(out, s, TEXT_PLAIN);
    }
}

static inline uint8_t *put_utf8(uint8_t *out, struct slice s, enum text_escape escape)
{
    const uint8_t *at = s.at, *end = s.at + s.len;
    while (at < end) {
        if (end - at >= 16)
            at = put_plain_bytes(at, end, &out, escape);
        for (unsigned plain = 0; at < end && plain < 16;) {
            if (*at < 0x80) {
                out = put_char(out, *at++, escape);
                plain++;
            } else {
                size_t pos = (size_t)(at - s.at);
                out = put_wide(out, utf8_decode(s, &pos), escape);
                at = s.at + pos;
            }
        }
    }
    return out;
}

uint8_t *text_put_utf8(uint8_t *out, struct slice s, enum text_escape escape)
{
    if (s.len == 0)
        return out;
    switch (escape) {
    case TEXT_JSON:
        return put_utf8(out, s, TEXT_JSON);
    case TEXT_XML:
        return put_utf8(out, s, TEXT_XML);
    case TEXT_ATTR:
        return put_utf8(out, s, TEXT_ATTR);
    default:
        return put_utf8(out, s, TEXT_PLAIN);
    }
}

void text_append_utf16(struct buf *b, struct slice utf16le, enum text_escape escape)
{
    uint8_t *end = text_put_utf16(text_room(b, TEXT_ROOM(utf16le.len)), utf16le, escape);
    b->len = (size_t)(end - b->at);
}

void text_append_utf8(struct buf *b, struct slice utf8, enum text_escape escape)
{
    uint8_t *end = text_put_utf8(text_room(b, TEXT_ROOM(utf8.len)), utf8, escape);
    b->len = (size_t)(end - b->at);
}
