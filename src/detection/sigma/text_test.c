// SPDX-License-Identifier: Apache-2.0
#include "detection/sigma/text_test.h"

#include "base/utf.h"
#include "detection/sigma/fold.h"

#include <arpa/inet.h>

// A segment is a row of literals and `?` between two `*`.
struct segment {
    const struct sigma_token *tokens;
    size_t count;
};

static bool is_tail(uint8_t c)
{
    return (c & 0xc0) == 0x80;
}

// Matches the segment at text[at]; *end: behind it.
static bool segment_at(struct segment s, struct slice text, size_t at, size_t *end)
{
    for (size_t i = 0; i < s.count; i++) {
        if (s.tokens[i].kind == SIGMA_ANY_ONE) {
            if (at >= text.len)
                return false;
            at++;
            while (at < text.len && is_tail(text.at[at]))
                at++;
            continue;
        }
        struct slice literal = s.tokens[i].text;
        if (text.len - at < literal.len ||
            (literal.len && memcmp(text.at + at, literal.at, literal.len) != 0))
            return false;
        at += literal.len;
    }
    *end = at;
    return true;
}

// Matches the segment so that it ends with the text; *start: where it begins, not before from.
static bool segment_at_end(struct segment s, struct slice text, size_t from)
{
    size_t at = text.len;
    for (size_t i = s.count; i-- > 0;) {
        if (s.tokens[i].kind == SIGMA_ANY_ONE) {
            if (at <= from)
                return false;
            at--;
            while (at > from && is_tail(text.at[at]))
                at--;
            continue;
        }
        struct slice literal = s.tokens[i].text;
        if (at - from < literal.len ||
            (literal.len && memcmp(text.at + (at - literal.len), literal.at, literal.len) != 0))
            return false;
        at -= literal.len;
    }
    return true;
}

// The first place at or after from where the segment fits.
static bool segment_find(struct segment s, struct slice text, size_t from, size_t *end)
{
    struct slice first =
        s.count && s.tokens[0].kind == SIGMA_LITERAL ? s.tokens[0].text : (struct slice){0};
    for (size_t at = from; at <= text.len; at++) {
        if (first.len) {
            const uint8_t *p =
                at < text.len ? literal_find(slice_sub(text, at, text.len), first) : NULL;
            if (!p)
                return false;
            at = (size_t)(p - text.at);
        } else if (at < text.len && is_tail(text.at[at])) {
            continue;
        }
        if (segment_at(s, text, at, end))
            return true;
    }
    return false;
}

static struct segment next_segment(const struct sigma_token *tokens, size_t count, size_t from)
{
    size_t to = from;
    while (to < count && tokens[to].kind != SIGMA_ANY_RUN)
        to++;
    return (struct segment){tokens + from, to - from};
}

// Whether the text's last byte is that of a last literal: most texts fail there.
static bool ends_alike(struct slice text, const struct sigma_token *tokens, size_t count)
{
    if (count == 0 || tokens[count - 1].kind != SIGMA_LITERAL)
        return true;
    struct slice end = tokens[count - 1].text;
    return end.len == 0 || (text.len >= end.len && text.at[text.len - 1] == end.at[end.len - 1]);
}

// Each segment between two `*` is taken at its first place: a later place cannot help those that
// follow.
bool text_matches_tokens(struct slice text, const struct sigma_token *tokens, size_t count)
{
    struct segment s = next_segment(tokens, count, 0);
    size_t at = 0;
    if (!ends_alike(text, tokens, count) || !segment_at(s, text, 0, &at))
        return false;
    size_t token = s.count;
    if (token == count)
        return at == text.len;
    for (;;) {
        s = next_segment(tokens, count, token + 1);
        token += 1 + s.count;
        if (token == count)
            return segment_at_end(s, text, at);
        if (s.count && !segment_find(s, text, at, &at))
            return false;
    }
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_hexadecimal(struct slice text)
{
    return text.len > 2 && text.at[0] == '0' && (text.at[1] | 0x20) == 'x';
}

bool text_to_integer(struct slice text, int64_t *out)
{
    bool hex = is_hexadecimal(text), negative = !hex && text.len && text.at[0] == '-';
    size_t i = hex ? 2 : negative;
    if (i == text.len)
        return false;
    uint64_t n = 0;
    for (; i < text.len; i++) {
        int digit = hex_digit(text.at[i]);
        if (digit < 0 || (!hex && digit > 9) || __builtin_mul_overflow(n, hex ? 16u : 10u, &n) ||
            __builtin_add_overflow(n, (uint64_t)digit, &n))
            return false;
    }
    if (n > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? (int64_t)(0 - n) : (int64_t)n;
    return true;
}

static bool hex_to_number(struct slice text, double *out)
{
    double n = 0;
    for (size_t i = 2; i < text.len; i++) {
        int digit = hex_digit(text.at[i]);
        if (digit < 0)
            return false;
        n = n * 16 + digit;
    }
    *out = n;
    return true;
}

bool text_to_number(struct slice text, double *out)
{
    if (is_hexadecimal(text))
        return hex_to_number(text, out);
    size_t i = text.len && (text.at[0] == '-' || text.at[0] == '+'), digits = 0, points = 0;
    char copy[512];
    if (text.len >= sizeof copy)
        return false;
    for (; i < text.len; i++) {
        if (text.at[i] == '.')
            points++;
        else if (text.at[i] >= '0' && text.at[i] <= '9')
            digits++;
        else
            return false;
    }
    if (!digits || points > 1)
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = 0;
    *out = strtod(copy, NULL); // digits and one point only: LC_NUMERIC stays "C" in this program
    return true;
}

bool number_compares(double a, enum sigma_compare op, double b)
{
    switch (op) {
    case SIGMA_EQ:
        return a == b;
    case SIGMA_LT:
        return a < b;
    case SIGMA_LTE:
        return a <= b;
    case SIGMA_GT:
        return a > b;
    case SIGMA_GTE:
        return a >= b;
    case SIGMA_NEQ:
        return a != b;
    }
    return false;
}

bool text_to_address(struct slice text, struct ip_address *out)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    const uint8_t *zone = text.len ? memchr(text.at, '%', text.len) : NULL;
    char copy[INET6_ADDRSTRLEN + 1];
    *out = (struct ip_address){0};
    if (zone) {
        text.len = (size_t)(zone - text.at);
        if (!memchr(text.at, ':', text.len))
            return false; // only IPv6 addresses have a zone
    }
    if (text.len == 0 || text.len >= sizeof copy || memchr(text.at, 0, text.len))
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = 0;
    if (!memchr(copy, ':', text.len))
        return out->v4 = inet_pton(AF_INET, copy, out->four) == 1;
    if (inet_pton(AF_INET6, copy, out->sixteen) != 1)
        return false;
    out->v6 = true;
    out->v4 = memcmp(out->sixteen, mapped, sizeof mapped) == 0;
    if (out->v4)
        memcpy(out->four, out->sixteen + 12, sizeof out->four);
    return true;
}

static bool bits_equal(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(a, b, whole) != 0)
        return false;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

bool address_in_range(const struct ip_address *address, const struct sigma_test *cidr)
{
    if (cidr->v6)
        return address->v6 && cidr->prefix_bits <= 128 &&
               bits_equal(address->sixteen, cidr->address, cidr->prefix_bits);
    return address->v4 && cidr->prefix_bits <= 32 &&
           bits_equal(address->four, cidr->address, cidr->prefix_bits);
}

// count decimal digits at *pos.
static bool take_digits(struct slice text, size_t *pos, size_t count, int *out)
{
    *out = 0;
    for (size_t i = 0; i < count; i++, (*pos)++) {
        if (*pos >= text.len || text.at[*pos] < '0' || text.at[*pos] > '9')
            return false;
        *out = *out * 10 + (text.at[*pos] - '0');
    }
    return true;
}

static bool take_byte(struct slice text, size_t *pos, const char *one_of)
{
    if (*pos >= text.len || !text.at[*pos] || !strchr(one_of, text.at[*pos]))
        return false;
    (*pos)++;
    return true;
}

// What may stand behind the seconds: a fraction, then Z or ±hh:mm or nothing.
static bool time_tail_fits(struct slice text, size_t pos)
{
    int hours, minutes, digit;
    if (take_byte(text, &pos, ".")) {
        size_t from = pos;
        while (pos < text.len && text.at[pos] >= '0' && text.at[pos] <= '9')
            take_digits(text, &pos, 1, &digit);
        if (pos == from)
            return false;
    }
    if (take_byte(text, &pos, "Zz") || pos == text.len)
        return pos == text.len;
    return take_byte(text, &pos, "+-") && take_digits(text, &pos, 2, &hours) &&
           take_byte(text, &pos, ":") && take_digits(text, &pos, 2, &minutes) && hours < 24 &&
           minutes < 60 && pos == text.len;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_before_month(int year, int month)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    return before[month - 1] + (month > 2 && is_leap(year));
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

// Days from Monday, 1 January of year 1, to 1 January of year.
static int64_t days_before_year(int year)
{
    int64_t y = (int64_t)year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400;
}

// ISO 8601: the week belongs to the year in which its Thursday lies.
static int iso_week(int year, int month, int day)
{
    int64_t n = days_before_year(year) + days_before_month(year, month) + day - 1;
    int64_t thursday = n - n % 7 + 3;
    int of_year = year;
    if (thursday < days_before_year(year))
        of_year--;
    else if (thursday >= days_before_year(year + 1))
        of_year++;
    return (int)((thursday - days_before_year(of_year)) / 7) + 1;
}

bool text_to_time_part(struct slice text, enum sigma_time_part part, int64_t *out)
{
    int year, month, day, hour, minute, second;
    size_t pos = 0;
    if (!take_digits(text, &pos, 4, &year) || !take_byte(text, &pos, "-") ||
        !take_digits(text, &pos, 2, &month) || !take_byte(text, &pos, "-") ||
        !take_digits(text, &pos, 2, &day) || !take_byte(text, &pos, "Tt ") ||
        !take_digits(text, &pos, 2, &hour) || !take_byte(text, &pos, ":") ||
        !take_digits(text, &pos, 2, &minute) || !take_byte(text, &pos, ":") ||
        !take_digits(text, &pos, 2, &second) || !time_tail_fits(text, pos))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) ||
        hour > 23 || minute > 59 || second > 60)
        return false;
    const int parts[] = {[SIGMA_MINUTE] = minute, [SIGMA_HOUR] = hour,   [SIGMA_DAY] = day,
                         [SIGMA_WEEK] = 0,        [SIGMA_MONTH] = month, [SIGMA_YEAR] = year};
    *out = part == SIGMA_WEEK ? iso_week(year, month, day) : parts[part];
    return true;
}

bool texts_agree(struct slice a, struct slice b, enum sigma_anchor anchor)
{
    switch (anchor) {
    case SIGMA_WHOLE:
        return slice_equal(a, b);
    case SIGMA_STARTS:
        return slice_starts(a, b);
    case SIGMA_ENDS:
        return slice_ends(a, b);
    case SIGMA_CONTAINS:
        return b.len == 0 || literal_find(a, b);
    }
    return false;
}

bool text_passes(const struct sigma_test *t, struct slice raw, struct slice folded)
{
    int64_t integer;
    double number;
    struct ip_address address;
    switch (t->kind) {
    case SIGMA_PATTERN:
        return text_matches_tokens(t->cased ? raw : folded, t->tokens, t->token_count);
    case SIGMA_INTEGER:
        return text_to_integer(raw, &integer) && integer == t->integer;
    case SIGMA_CIDR:
        return text_to_address(raw, &address) && address_in_range(&address, t);
    case SIGMA_COMPARE:
        return text_to_number(raw, &number) && number_compares(number, t->op, t->number);
    case SIGMA_TIME_PART:
        return text_to_time_part(raw, t->part, &integer) &&
               number_compares((double)integer, t->op, (double)t->integer);
    case SIGMA_REGEX:
    case SIGMA_IS_NULL:
    case SIGMA_EXISTS:
    case SIGMA_FIELDREF:
    case SIGMA_NEVER:
        return false;
    }
    return false;
}
