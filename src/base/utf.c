// SPDX-License-Identifier: Apache-2.0
#include "base/utf.h"

#include <unicode/uchar.h>

// Smallest code point that a sequence of this length may carry: shorter ones are over-long.
static const uint32_t least_of_length[5] = {0, 0, 0x80, 0x800, 0x10000};

static size_t sequence_length(uint8_t lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead < 0xe0)
        return 2;
    if (lead >= 0xe0 && lead < 0xf0)
        return 3;
    if (lead >= 0xf0 && lead < 0xf5)
        return 4;
    return 0;
}

// True when the second byte can follow this lead in a well-formed sequence (Unicode, table 3-7).
static bool second_fits(uint8_t lead, uint8_t second)
{
    uint8_t from = 0x80, to = 0xbf;
    if (lead == 0xe0)
        from = 0xa0;
    else if (lead == 0xed)
        to = 0x9f;
    else if (lead == 0xf0)
        from = 0x90;
    else if (lead == 0xf4)
        to = 0x8f;
    return second >= from && second <= to;
}

uint32_t utf8_decode(struct slice s, size_t *pos)
{
    uint8_t lead = s.at[*pos];
    (*pos)++;
    size_t n = sequence_length(lead);
    if (n == 1)
        return lead;
    if (n == 0)
        return UTF_REPLACEMENT;
    uint32_t c = lead & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (*pos >= s.len)
            return UTF_REPLACEMENT;
        uint8_t next = s.at[*pos];
        if (i == 1 ? !second_fits(lead, next) : (next & 0xc0) != 0x80)
            return UTF_REPLACEMENT;
        c = c << 6 | (next & 0x3fu);
        (*pos)++;
    }
    return c < least_of_length[n] ? UTF_REPLACEMENT : c;
}

size_t utf8_encode(uint32_t c, uint8_t out[4])
{
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        c = UTF_REPLACEMENT;
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (uint8_t)(0xc0 | c >> 6);
        out[1] = (uint8_t)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (uint8_t)(0xe0 | c >> 12);
        out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | c >> 18);
    out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (c & 0x3f));
    return 4;
}

// Whether the bytes [from, pos) decode to something else than they are, i.e. were replaced.
static bool was_replaced(struct slice s, size_t from, size_t pos, uint32_t c)
{
    return c == UTF_REPLACEMENT &&
           !(pos - from == 3 && memcmp(s.at + from, "\xef\xbf\xbd", 3) == 0);
}

bool utf8_valid(struct slice s)
{
    for (size_t pos = 0; pos < s.len;) {
        if (s.at[pos] < 0x80) {
            pos++;
            continue;
        }
        size_t from = pos;
        uint32_t c = utf8_decode(s, &pos);
        if (was_replaced(s, from, pos, c))
            return false;
    }
    return true;
}

struct slice utf8_clean(struct arena *a, struct slice s)
{
    if (utf8_valid(s))
        return s;
    uint8_t *out = arena_bytes(a, s.len * 3);
    size_t n = 0;
    for (size_t pos = 0; pos < s.len;)
        n += utf8_encode(utf8_decode(s, &pos), out + n);
    return slice_of(out, n);
}

static inline uint32_t utf16_decode(struct slice s, size_t *pos)
{
    uint32_t c = le16(s.at + *pos);
    *pos += 2;
    if (c < 0xd800 || c >= 0xe000)
        return c;
    if (c >= 0xdc00 || *pos + 2 > s.len)
        return UTF_REPLACEMENT;
    uint32_t low = le16(s.at + *pos);
    if (low < 0xdc00 || low >= 0xe000)
        return UTF_REPLACEMENT;
    *pos += 2;
    return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

size_t utf16le_to_utf8(struct slice utf16, uint8_t *out)
{
    size_t n = 0, pos = 0;
    while (pos + 2 <= utf16.len) {
        uint32_t c = utf16.at[pos];
        if (c < 0x80 && utf16.at[pos + 1] == 0) {
            out[n++] = (uint8_t)c;
            pos += 2;
        } else {
            n += utf8_encode(utf16_decode(utf16, &pos), out + n);
        }
    }
    return n;
}

uint32_t utf_fold(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return (uint32_t)u_foldCase((UChar32)c, U_FOLD_CASE_DEFAULT);
}

// Eight ASCII characters at once, A to Z to lower case: a byte's top bit tells whether it lies in
// that range.
static inline uint64_t fold_eight(uint64_t x)
{
    uint64_t from_a = x + 0x3f3f3f3f3f3f3f3fu, after_z = x + 0x2525252525252525u;
    return x | (from_a & ~after_z & 0x8080808080808080u) >> 2;
}

// Folds as many characters from the start of s as are ASCII, eight by eight; returns how many.
static size_t fold_ascii(struct slice s, uint8_t *out)
{
    size_t n = 0;
    for (; n + 8 <= s.len; n += 8) {
        uint64_t x;
        memcpy(&x, s.at + n, sizeof x);
        if (x & 0x8080808080808080u)
            break;
        x = fold_eight(x);
        memcpy(out + n, &x, sizeof x);
    }
    return n;
}

// Four UTF-16 units below 256 to four bytes.
static inline uint64_t narrow_four(uint64_t x)
{
    x = (x | x >> 8) & 0x0000ffff0000ffffu;
    return (x | x >> 16) & 0xffffffffu;
}

static size_t fold_ascii_utf16(struct slice s, uint8_t *out)
{
    size_t n = 0;
    for (; n * 2 + 16 <= s.len; n += 8) {
        uint64_t low = le64(s.at + n * 2), high = le64(s.at + n * 2 + 8);
        if ((low | high) & 0xff80ff80ff80ff80u)
            break;
        uint64_t x = fold_eight(narrow_four(low) | narrow_four(high) << 32);
        for (unsigned i = 0; i < 8; i++)
            out[n + i] = (uint8_t)(x >> 8 * i);
    }
    return n;
}

size_t utf16le_to_folded_utf8(struct slice utf16, uint8_t *out)
{
    size_t n = fold_ascii_utf16(utf16, out), pos = n * 2;
    while (pos + 2 <= utf16.len) {
        uint32_t c = utf16.at[pos];
        if (c < 0x80 && utf16.at[pos + 1] == 0) {
            out[n++] = (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
            pos += 2;
        } else {
            n += utf8_encode(utf_fold(utf16_decode(utf16, &pos)), out + n);
        }
    }
    return n;
}

size_t utf8_fold(struct slice s, uint8_t *out)
{
    size_t n = fold_ascii(s, out), pos = n;
    while (pos < s.len) {
        uint8_t c = s.at[pos];
        if (c < 0x80) {
            out[n++] = (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
            pos++;
        } else {
            n += utf8_encode(utf_fold(utf8_decode(s, &pos)), out + n);
        }
    }
    return n;
}

struct slice utf8_fold_copy(struct arena *a, struct slice s)
{
    uint8_t *out = arena_bytes(a, s.len * 3);
    size_t n = utf8_fold(s, out);
    arena_give_back(a, s.len * 3 - n);
    return slice_of(out, n);
}
