// SPDX-License-Identifier: Apache-2.0
// What plain scalars stand for.
#include "detection/sigma/yaml.h"

#include <math.h>
#include <stdlib.h>

static bool text_is_one_of(struct slice text, const char *const *words)
{
    for (; *words; words++)
        if (slice_equal_str(text, *words))
            return true;
    return false;
}

bool ynode_is_null(const struct ynode *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};
    return node->kind == YNODE_SCALAR && node->plain && text_is_one_of(node->text, words);
}

bool ynode_bool(const struct ynode *node, bool *out)
{
    static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes",
                                      "YES",  "on",   "On",   "ON",  NULL};
    static const char *const no[] = {"false", "False", "FALSE", "no",  "No",
                                     "NO",    "off",   "Off",   "OFF", NULL};
    if (node->kind != YNODE_SCALAR || !node->plain)
        return false;
    *out = text_is_one_of(node->text, yes);
    return *out || text_is_one_of(node->text, no);
}

static unsigned digit_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? (unsigned)c - 'a' + 10 : 99;
}

static bool digits_parse(struct slice s, unsigned radix, uint64_t *out)
{
    uint64_t n = 0;
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.at[i];
        unsigned d = digit_value(c);
        if (d >= radix || __builtin_mul_overflow(n, radix, &n) || __builtin_add_overflow(n, d, &n))
            return false;
    }
    *out = n;
    return true;
}

// Digits of a plain integer; 010 is eight in YAML 1.1 and ten in 1.2: it stays text.
static bool integer_parse(struct slice s, uint64_t *out)
{
    if (slice_starts(s, SLICE("0x")))
        return digits_parse(slice_sub(s, 2, s.len), 16, out);
    return (s.len < 2 || s.at[0] != '0') && digits_parse(s, 10, out);
}

bool ynode_int(const struct ynode *node, int64_t *out)
{
    if (node->kind != YNODE_SCALAR || !node->plain)
        return false;
    struct slice s = node->text;
    bool negative = s.len && s.at[0] == '-';
    if (s.len && (s.at[0] == '-' || s.at[0] == '+'))
        s = slice_sub(s, 1, s.len);
    uint64_t n;
    if (!integer_parse(s, &n) || n > (uint64_t)INT64_MAX)
        return false;
    *out = negative ? -(int64_t)n : (int64_t)n;
    return true;
}

bool ynode_big(const struct ynode *node, uint64_t *out)
{
    uint64_t n;
    if (node->kind != YNODE_SCALAR || !node->plain || !integer_parse(node->text, &n) ||
        n <= (uint64_t)INT64_MAX)
        return false;
    *out = n;
    return true;
}

bool number_parse(struct slice text, double *out)
{
    uint64_t n;
    if (slice_starts(text, SLICE("0x")) || slice_starts(text, SLICE("0X"))) {
        if (!digits_parse(slice_sub(text, 2, text.len), 16, &n))
            return false;
        *out = (double)n;
        return true;
    }
    char copy[64];
    if (text.len == 0 || text.len >= sizeof copy)
        return false;
    bool digit = false;
    for (size_t i = 0; i < text.len; i++) { // strtod knows more forms than we want (inf, 0x1p3)
        uint8_t c = text.at[i];
        bool is_digit = c >= '0' && c <= '9';
        digit |= is_digit;
        if (!is_digit && c != '+' && c != '-' && c != '.' && (c | 32) != 'e')
            return false;
    }
    memcpy(copy, text.at, text.len);
    copy[text.len] = 0;
    char *end;
    *out = strtod(copy, &end);
    return digit && *end == 0 && isfinite(*out);
}
