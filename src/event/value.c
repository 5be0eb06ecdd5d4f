// SPDX-License-Identifier: Apache-2.0
#include "event/value.h"

#include "base/digits.h"
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>

enum { SID_HEAD = 8 };

// Bytes of one value of a type; 0: any size.
static const uint8_t widths[VALUE_ARRAY] = {
    [VALUE_INT8] = 1,        [VALUE_UINT8] = 1,   [VALUE_INT16] = 2, [VALUE_UINT16] = 2,
    [VALUE_INT32] = 4,       [VALUE_UINT32] = 4,  [VALUE_INT64] = 8, [VALUE_UINT64] = 8,
    [VALUE_FLOAT32] = 4,     [VALUE_FLOAT64] = 8, [VALUE_BOOL] = 4,  [VALUE_GUID] = 16,
    [VALUE_FILETIME] = 8,    [VALUE_HEX32] = 4,   [VALUE_HEX64] = 8, [VALUE_SIZE] = 8,
    [VALUE_SYSTEMTIME] = 16,
};

static const char digits_upper[] = "0123456789ABCDEF";

static uint8_t *put_i64(uint8_t *out, int64_t n)
{
    if (n < 0) {
        *out++ = '-';
        return digits_u64(out, 0 - (uint64_t)n);
    }
    return digits_u64(out, (uint64_t)n);
}

static inline uint8_t *put_hex(uint8_t *out, uint64_t n)
{
    memcpy(out, "0x", 2);
    return digits_hex_u64(out + 2, n);
}

// Data1 to Data3 are little-endian numbers, Data4 is bytes.
static uint8_t *put_guid(uint8_t *out, const uint8_t *g)
{
    static const uint8_t places[16] = {7, 5, 3, 1, 12, 10, 17, 15, 20, 22, 25, 27, 29, 31, 33, 35};
    memcpy(out, "{--------------------------------------", 37);
    for (size_t i = 0; i < sizeof places; i++)
        memcpy(out + places[i], digits_hex + 2 * (size_t)g[i], 2);
    out[37] = '}';
    return out + 38;
}

static uint8_t *put_filetime(uint8_t *out, uint64_t t)
{
    return out + time_format(t, (char *)out);
}

static uint8_t *put_systemtime(uint8_t *out, const uint8_t *p)
{
    struct civil_time c = {
        .year = le16(p),
        .month = le16(p + 2),
        .day = le16(p + 6),
        .hour = le16(p + 8),
        .minute = le16(p + 10),
        .second = le16(p + 12),
        .ticks = (uint32_t)le16(p + 14) * 10000,
    };
    bool valid = c.year >= 1601 && c.year <= 30827 && c.month >= 1 && c.month <= 12 && c.day >= 1 &&
                 c.day <= 31 && c.hour < 24 && c.minute < 60 && c.second < 60 &&
                 le16(p + 14) < 1000;
    return put_filetime(out, valid ? time_from_civil(&c) : 0);
}

static uint8_t *put_real(uint8_t *out, double n, bool single)
{
    char text[48];
    // The shortest digits that give the same number again.
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(text, sizeof text, "%.*g", precision, n);
        double back = strtod(text, NULL);
        if (single ? (float)back == (float)n : back == n)
            break;
    }
    size_t len = strlen(text);
    if (!strpbrk(text, ".en")) {
        memcpy(text + len, ".0", 3);
        len += 2;
    }
    memcpy(out, text, len);
    return out + len;
}

static uint8_t *put_sid(uint8_t *out, struct slice raw)
{
    if (raw.len < SID_HEAD)
        return out;
    size_t count = raw.at[1], fits = (raw.len - SID_HEAD) / 4;
    if (count > fits)
        count = fits;
    *out++ = 'S';
    *out++ = '-';
    out = digits_u64(out, raw.at[0]);
    *out++ = '-';
    uint64_t authority = 0;
    for (int i = 2; i < SID_HEAD; i++)
        authority = authority << 8 | raw.at[i];
    out = digits_u64(out, authority);
    for (size_t i = 0; i < count; i++) {
        *out++ = '-';
        out = digits_u64(out, le32(raw.at + SID_HEAD + i * 4));
    }
    return out;
}

static uint8_t *put_hex_bytes(uint8_t *out, struct slice raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        *out++ = (uint8_t)digits_upper[raw.at[i] >> 4];
        *out++ = (uint8_t)digits_upper[raw.at[i] & 0xf];
    }
    return out;
}

// Reads an unsigned little-endian number of 1, 2, 4 or 8 bytes.
static uint64_t read_unsigned(const uint8_t *p, size_t width)
{
    switch (width) {
    case 1:
        return p[0];
    case 2:
        return le16(p);
    case 4:
        return le32(p);
    default:
        return le64(p);
    }
}

static int64_t sign_extend(uint64_t n, size_t width)
{
    unsigned shift = 64 - 8 * (unsigned)width;
    return (int64_t)(n << shift) >> shift;
}

static size_t width_of(struct value v)
{
    if ((v.type == VALUE_SIZE && v.raw.len < 8) || (v.type == VALUE_BOOL && v.raw.len < 4))
        return v.raw.len >= 4 ? 4 : 1;
    return widths[v.type];
}

static uint8_t *put_bool(uint8_t *out, int64_t n)
{
    if (n == 0 || n == 1) {
        memcpy(out, n ? "true" : "false", 5);
        return out + (n ? 4 : 5);
    }
    return put_i64(out, n); // what the provider wrote, as it stands
}

// Types of a fixed width, which are never in need of escaping.
static uint8_t *put_fixed(uint8_t *out, struct value v)
{
    size_t width = width_of(v);
    if (width == 0 || v.raw.len < width)
        return out;
    const uint8_t *p = v.raw.at;
    uint64_t n = width <= 8 ? read_unsigned(p, width) : 0;
    switch ((enum value_type)v.type) {
    case VALUE_INT8:
    case VALUE_INT16:
    case VALUE_INT32:
    case VALUE_INT64:
        return put_i64(out, sign_extend(n, width));
    case VALUE_UINT8:
    case VALUE_UINT16:
    case VALUE_UINT32:
    case VALUE_UINT64:
        return digits_u64(out, n);
    case VALUE_HEX32:
    case VALUE_HEX64:
    case VALUE_SIZE:
        return put_hex(out, n);
    case VALUE_BOOL:
        return put_bool(out, sign_extend(n, width));
    case VALUE_GUID:
        return put_guid(out, p);
    case VALUE_FILETIME:
        return put_filetime(out, n);
    case VALUE_SYSTEMTIME:
        return put_systemtime(out, p);
    case VALUE_FLOAT32: {
        float f;
        uint32_t bits = (uint32_t)n;
        memcpy(&f, &bits, sizeof f);
        return put_real(out, (double)f, true);
    }
    case VALUE_FLOAT64: {
        double d;
        memcpy(&d, &n, sizeof d);
        return put_real(out, d, false);
    }
    default:
        return out;
    }
}

static uint8_t *put_elements(uint8_t *out, struct value v, enum text_escape escape)
{
    size_t pos = 0;
    for (struct value element; value_next_element(v, &pos, &element);) {
        if (element.raw.at != v.raw.at) {
            *out++ = ',';
            *out++ = ' ';
        }
        out = value_put(out, element, escape);
    }
    return out;
}

uint8_t *value_put(uint8_t *out, struct value v, enum text_escape escape)
{
    switch (v.type) {
    case VALUE_NULL:
    case VALUE_ABSENT:
        return out;
    case VALUE_UTF16:
        return text_put_utf16(out, text_trim_utf16(v.raw), escape);
    case VALUE_UTF8:
        return text_put_utf8(out, v.raw, escape);
    case VALUE_ANSI:
        return text_put_ansi(out, text_trim_bytes(v.raw), escape);
    case VALUE_SID:
        return put_sid(out, v.raw);
    case VALUE_UINT16: // the most frequent numbers, when they have their size
        return v.raw.len == 2 ? digits_u64(out, le16(v.raw.at)) : put_fixed(out, v);
    case VALUE_UINT32:
        return v.raw.len == 4 ? digits_u64(out, le32(v.raw.at)) : put_fixed(out, v);
    case VALUE_HEX64:
        return v.raw.len == 8 ? put_hex(out, le64(v.raw.at)) : put_fixed(out, v);
    case VALUE_BINARY:
    case VALUE_BINXML:
        return put_hex_bytes(out, v.raw);
    default:
        return v.type < VALUE_ARRAY ? put_fixed(out, v) : put_elements(out, v, escape);
    }
}

void value_append_escaped(struct buf *b, struct value v, enum text_escape escape)
{
    uint8_t *end = value_put(text_room(b, VALUE_ROOM(v)), v, escape); // which may move b->at
    b->len = (size_t)(end - b->at);
}

void value_append(struct buf *b, struct value v)
{
    value_append_escaped(b, v, TEXT_PLAIN);
}

struct slice value_text(struct arena *a, struct value v)
{
    if (v.type == VALUE_UTF8)
        return v.raw;
    struct buf b = {0};
    value_append(&b, v);
    struct slice text = arena_copy(a, buf_slice(&b));
    buf_free(&b);
    return text;
}

bool value_is_empty(struct value v)
{
    switch (v.type) {
    case VALUE_NULL:
    case VALUE_ABSENT:
        return true;
    case VALUE_UTF16:
        return text_trim_utf16(v.raw).len == 0;
    case VALUE_ANSI:
        return text_trim_bytes(v.raw).len == 0;
    case VALUE_UTF8:
    case VALUE_BINARY:
    case VALUE_BINXML:
        return v.raw.len == 0;
    default:
        return v.type >= VALUE_ARRAY && v.raw.len == 0;
    }
}

// Length of the string at the start of s that ends at a NUL unit, without it.
static size_t string_length(struct slice s, size_t unit)
{
    size_t n = 0;
    while (n + unit <= s.len && (s.at[n] || (unit == 2 && s.at[n + 1])))
        n += unit;
    return n;
}

bool value_next_element(struct value v, size_t *pos, struct value *out)
{
    uint8_t type = (uint8_t)(v.type & ~VALUE_ARRAY);
    struct slice rest = slice_sub(v.raw, *pos, v.raw.len);
    if (rest.len == 0)
        return false;
    size_t len, skip = 0;
    switch (type) {
    case VALUE_UTF16:
        len = string_length(rest, 2);
        skip = 2;
        break;
    case VALUE_ANSI:
        len = string_length(rest, 1);
        skip = 1;
        break;
    case VALUE_SID:
        len = rest.len < SID_HEAD ? rest.len : SID_HEAD + (size_t)rest.at[1] * 4;
        break;
    default:
        len = widths[type] ? widths[type] : rest.len;
    }
    if (len > rest.len)
        len = rest.len;
    *out = (struct value){.raw = {rest.at, len}, .type = type};
    *pos += len + skip;
    return true;
}

size_t value_elements(struct value v, struct value *out, size_t max)
{
    if (v.type < VALUE_ARRAY) {
        if (max)
            out[0] = v;
        return 1;
    }
    size_t pos = 0, count = 0;
    for (struct value element; value_next_element(v, &pos, &element); count++)
        if (count < max)
            out[count] = element;
    return count;
}

bool value_number(struct value v, bool *negative, uint64_t *magnitude)
{
    bool number = (v.type >= VALUE_INT8 && v.type <= VALUE_UINT64) || v.type == VALUE_BOOL ||
                  v.type == VALUE_SIZE || v.type == VALUE_HEX32 || v.type == VALUE_HEX64;
    if (!number)
        return false;
    size_t width = width_of(v);
    if (v.raw.len < width || width == 0)
        return false;
    uint64_t n = read_unsigned(v.raw.at, width);
    bool is_signed = v.type == VALUE_INT8 || v.type == VALUE_INT16 || v.type == VALUE_INT32 ||
                     v.type == VALUE_INT64 || v.type == VALUE_BOOL;
    int64_t s = sign_extend(n, width);
    *negative = is_signed && s < 0;
    *magnitude = *negative ? 0 - (uint64_t)s : n;
    return true;
}
