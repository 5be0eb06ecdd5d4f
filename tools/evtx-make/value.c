// SPDX-License-Identifier: Apache-2.0
#include "value.h"

#include "base/time.h"

#include <stdlib.h>

static const struct {
    const char *name;
    uint8_t type;
} TYPES[] = {
    {"null", BX_NULL},       {"string", BX_STRING},
    {"ansistring", BX_ANSI}, {"int8", BX_INT8},
    {"uint8", BX_UINT8},     {"int16", BX_INT16},
    {"uint16", BX_UINT16},   {"int32", BX_INT32},
    {"uint32", BX_UINT32},   {"int64", BX_INT64},
    {"uint64", BX_UINT64},   {"float", BX_FLOAT},
    {"double", BX_DOUBLE},   {"bool", BX_BOOL},
    {"binary", BX_BINARY},   {"guid", BX_GUID},
    {"sizet", BX_SIZET},     {"filetime", BX_FILETIME},
    {"sid", BX_SID},         {"systemtime", BX_SYSTEMTIME},
    {"hexint32", BX_HEX32},  {"hexint64", BX_HEX64},
};

bool value_type_named(struct slice name, uint8_t *type)
{
    uint8_t array = 0;
    if (slice_ends(name, SLICE("[]"))) {
        array = BX_ARRAY;
        name.len -= 2;
    }
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        if (slice_equal_str(name, TYPES[i].name)) {
            *type = TYPES[i].type | array;
            return true;
        }
    }
    return false;
}

const char *value_type_name(uint8_t type)
{
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (TYPES[i].type == (type & ~BX_ARRAY))
            return TYPES[i].name;
    return "unknown";
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool value_parse_integer(struct slice s, uint64_t *out)
{
    bool negative = s.len > 1 && s.at[0] == '-';
    if (negative)
        s = slice_sub(s, 1, s.len);
    unsigned base = s.len > 2 && s.at[0] == '0' && (s.at[1] | 0x20) == 'x' ? 16 : 10;
    if (base == 16)
        s = slice_sub(s, 2, s.len);
    uint64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        int d = hex_digit(s.at[i]);
        if (d < 0 || d >= (int)base || __builtin_mul_overflow(n, base, &n) ||
            __builtin_add_overflow(n, (uint64_t)d, &n))
            return false;
    }
    *out = negative ? 0 - n : n;
    return s.len > 0;
}

bool value_parse_guid(struct slice s, uint8_t out[16])
{
    // Where the bytes of the textual form stand: the first three groups are little-endian.
    static const uint8_t PLACE[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        int d = hex_digit(s.at[i]);
        if (s.at[i] == '{' || s.at[i] == '}' || s.at[i] == '-')
            continue;
        if (d < 0 || n >= 32)
            return false;
        uint8_t *b = &out[PLACE[n / 2]];
        *b = (uint8_t)(n % 2 ? *b << 4 | d : d);
        n++;
    }
    return n == 32;
}

static bool encode_sid(struct arena *a, struct slice s, struct slice *out)
{
    uint8_t *p = arena_alloc(a, 8 + 4 * 15);
    size_t count = 0, from = 4;
    if (!slice_starts(s, SLICE("S-1-")))
        return false;
    p[0] = 1;
    while (from <= s.len && count < 16) {
        size_t to = from;
        while (to < s.len && s.at[to] != '-')
            to++;
        uint64_t n;
        if (!value_parse_integer(slice_sub(s, from, to), &n))
            return false;
        if (count == 0) {
            for (unsigned i = 0; i < 6; i++)
                p[2 + i] = (uint8_t)(n >> (8 * (5 - i)));
        } else {
            put32(p + 4 + 4 * count, (uint32_t)n);
        }
        count++;
        from = to + 1;
    }
    p[1] = (uint8_t)(count - 1);
    *out = slice_of(p, 4 + 4 * count);
    return count > 0 && from > s.len;
}

static bool encode_binary(struct arena *a, struct slice s, struct slice *out)
{
    uint8_t *p = arena_bytes(a, s.len / 2 + 1);
    for (size_t i = 0; i + 1 < s.len; i += 2) {
        int high = hex_digit(s.at[i]), low = hex_digit(s.at[i + 1]);
        if (high < 0 || low < 0)
            return false;
        p[i / 2] = (uint8_t)(high << 4 | low);
    }
    *out = slice_of(p, s.len / 2);
    return s.len % 2 == 0;
}

static void put_systemtime(uint8_t *p, vtime t)
{
    struct civil_time c = time_to_civil(t);
    uint64_t days = t / (VTIME_SECOND * 86400);
    const int fields[8] = {c.year,
                           c.month,
                           (int)((days + 1) % 7),
                           c.day, // 1601-01-01 was a Monday
                           c.hour,
                           c.minute,
                           c.second,
                           (int)(c.ticks / 10000)};
    for (size_t i = 0; i < 8; i++)
        put16(p + 2 * i, (uint16_t)fields[i]);
}

static bool encode_real(uint8_t *p, uint8_t type, struct arena *a, struct slice s)
{
    char *end, *text = arena_str(a, s);
    double d = strtod(text, &end);
    float f = (float)d;
    uint32_t bits32;
    uint64_t bits64;
    memcpy(&bits32, &f, 4);
    memcpy(&bits64, &d, 8);
    if (type == BX_FLOAT)
        put32(p, bits32);
    else
        put64(p, bits64);
    return s.len && *end == '\0';
}

static bool encode_integer(uint8_t *p, size_t size, struct slice s)
{
    uint64_t n;
    if (slice_equal_nocase(s, SLICE("true")))
        n = 1;
    else if (slice_equal_nocase(s, SLICE("false")))
        n = 0;
    else if (!value_parse_integer(s, &n))
        return false;
    for (size_t i = 0; i < size; i++)
        p[i] = (uint8_t)(n >> (8 * i));
    return true;
}

bool value_encode(struct arena *a, uint8_t type, struct slice s, struct slice *out, struct err *e)
{
    uint8_t *p = arena_alloc(a, 16);
    vtime t;
    bool ok = true;
    size_t size = 0;
    switch ((enum bx_type)type) {
    case BX_STRING:
        *out = bx_utf16(a, s);
        return true;
    case BX_ANSI:
        *out = s;
        return true;
    case BX_NULL:
        *out = (struct slice){0};
        return true;
    case BX_INT8:
    case BX_UINT8:
        size = 1;
        break;
    case BX_INT16:
    case BX_UINT16:
        size = 2;
        break;
    case BX_BOOL:
    case BX_INT32:
    case BX_UINT32:
    case BX_HEX32:
        size = 4;
        break;
    case BX_INT64:
    case BX_UINT64:
    case BX_HEX64:
    case BX_SIZET:
        size = 8;
        break;
    case BX_FLOAT:
    case BX_DOUBLE:
        ok = encode_real(p, type, a, s);
        *out = slice_of(p, type == BX_FLOAT ? 4 : 8);
        break;
    case BX_GUID:
        ok = value_parse_guid(s, p);
        *out = slice_of(p, 16);
        break;
    case BX_FILETIME:
    case BX_SYSTEMTIME:
        ok = time_parse(s, &t, NULL);
        if (ok && type == BX_FILETIME)
            put64(p, t);
        else if (ok)
            put_systemtime(p, t);
        *out = slice_of(p, type == BX_FILETIME ? 8 : 16);
        break;
    case BX_SID:
        ok = encode_sid(a, s, out);
        break;
    case BX_BINARY:
        ok = encode_binary(a, s, out);
        break;
    case BX_BINXML:
    case BX_ARRAY:
    default:
        ok = false;
    }
    if (size) {
        ok = encode_integer(p, size, s);
        *out = slice_of(p, size);
    }
    return ok || err_set(e, ERR_FORMAT, 0, "\"%.*s\" is no value of type %s", SLICE_FMT(s),
                         value_type_name(type));
}
