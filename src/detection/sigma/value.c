// SPDX-License-Identifier: Apache-2.0
#include "detection/sigma/value.h"

#include "base/utf.h"

#include <arpa/inet.h>

struct pattern pattern_parse(struct arena *a, struct slice text)
{
    // At most one token for each byte; the literals share one buffer, since escapes only shorten.
    size_t specials = 0;
    for (size_t i = 0; i < text.len; i++)
        specials += text.at[i] == '*' || text.at[i] == '?';
    struct pattern p = {ARENA_ARRAY(a, struct sigma_token, 2 * specials + 1), 0};
    uint8_t *out = arena_bytes(a, text.len + 1);
    size_t from = 0, len = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        uint8_t next = i + 1 < text.len ? text.at[i + 1] : 0;
        if (c == '\\' && (next == '\\' || next == '*' || next == '?')) {
            out[len++] = next;
            i++;
        } else if (c == '*' || c == '?') {
            if (len > from)
                p.tokens[p.count++] =
                    (struct sigma_token){SIGMA_LITERAL, slice_of(out + from, len - from)};
            from = len;
            if (c == '?' || p.count == 0 || p.tokens[p.count - 1].kind != SIGMA_ANY_RUN)
                p.tokens[p.count++].kind = c == '*' ? SIGMA_ANY_RUN : SIGMA_ANY_ONE;
        } else {
            out[len++] = c;
        }
    }
    if (len > from)
        p.tokens[p.count++] = (struct sigma_token){SIGMA_LITERAL, slice_of(out + from, len - from)};
    return p;
}

struct pattern pattern_anchor(struct arena *a, struct pattern p, bool open_start, bool open_end)
{
    bool first = open_start && (p.count == 0 || p.tokens[0].kind != SIGMA_ANY_RUN);
    bool last = open_end && !(p.count ? p.tokens[p.count - 1].kind == SIGMA_ANY_RUN : first);
    if (!first && !last)
        return p;
    struct pattern wide = {ARENA_ARRAY(a, struct sigma_token, p.count + 2), 0};
    if (first)
        wide.tokens[wide.count++].kind = SIGMA_ANY_RUN;
    if (p.count)
        memcpy(wide.tokens + wide.count, p.tokens, p.count * sizeof *p.tokens);
    wide.count += p.count;
    if (last)
        wide.tokens[wide.count++].kind = SIGMA_ANY_RUN;
    return wide;
}

bool pattern_has_wildcards(struct pattern p)
{
    for (size_t i = 0; i < p.count; i++)
        if (p.tokens[i].kind != SIGMA_LITERAL)
            return true;
    return false;
}

struct slice pattern_text(struct pattern p)
{
    return p.count ? p.tokens[0].text : (struct slice){0};
}

struct pattern pattern_literal(struct arena *a, struct slice text)
{
    struct pattern p = {ARENA_ARRAY(a, struct sigma_token, 1), text.len ? 1 : 0};
    p.tokens[0] = (struct sigma_token){SIGMA_LITERAL, text};
    return p;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct dash {
    size_t token, at;
};

// Where an option begins: a dash or slash at the start of the value, after white-space or after a
// wildcard (a new token).
static size_t dashes_find(struct pattern p, struct dash out[VALUE_MAX_DASHES])
{
    size_t found = 0;
    for (size_t t = 0; t < p.count; t++) {
        struct slice s = p.tokens[t].text;
        for (size_t i = 0; i < s.len; i++) {
            bool begins = !i || is_space(s.at[i - 1]);
            if (!begins || (s.at[i] != '-' && s.at[i] != '/'))
                continue;
            if (found < VALUE_MAX_DASHES)
                out[found] = (struct dash){t, i};
            found++;
        }
    }
    return found;
}

// p with its dashes replaced by the digits of number, base five.
static struct pattern dashes_replace(struct arena *a, struct pattern p, const struct dash *dashes,
                                     size_t count, unsigned number)
{
    static const struct {
        char bytes[4];
        size_t len;
    } forms[5] = {
        {"-", 1}, {"/", 1}, {"\xe2\x80\x93", 3}, {"\xe2\x80\x94", 3}, {"\xe2\x80\x95", 3}};
    struct pattern copy = {ARENA_ARRAY(a, struct sigma_token, p.count), p.count};
    memcpy(copy.tokens, p.tokens, p.count * sizeof *p.tokens);
    for (size_t i = count; i-- > 0; number /= 5) { // from the back, so that places before stay
        struct slice *text = &copy.tokens[dashes[i].token].text;
        size_t len = forms[number % 5].len;
        uint8_t *bytes = arena_bytes(a, text->len - 1 + len);
        memcpy(bytes, text->at, dashes[i].at);
        memcpy(bytes + dashes[i].at, forms[number % 5].bytes, len);
        memcpy(bytes + dashes[i].at + len, text->at + dashes[i].at + 1,
               text->len - dashes[i].at - 1);
        *text = slice_of(bytes, text->len - 1 + len);
    }
    return copy;
}

bool patterns_windash(struct arena *a, struct patterns *list, struct err *e)
{
    struct patterns all = {0};
    size_t capacity = 0;
    for (size_t k = 0; k < list->count; k++) {
        struct dash dashes[VALUE_MAX_DASHES];
        size_t count = dashes_find(list->items[k], dashes);
        if (count > VALUE_MAX_DASHES)
            return err_set(e, ERR_LIMIT, 0,
                           "windash of a value with more than %d options would make too many forms",
                           VALUE_MAX_DASHES);
        unsigned forms = 1;
        for (size_t i = 0; i < count; i++)
            forms *= 5;
        if (all.count + forms > capacity) {
            struct patterns more = {ARENA_ARRAY(a, struct pattern, (all.count + forms) * 2),
                                    all.count};
            if (all.count)
                memcpy(more.items, all.items, all.count * sizeof *all.items);
            capacity = (all.count + forms) * 2;
            all = more;
        }
        for (unsigned n = 0; n < forms; n++)
            all.items[all.count++] = dashes_replace(a, list->items[k], dashes, count, n);
    }
    *list = all;
    return true;
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct slice text_base64(struct arena *a, struct slice bytes)
{
    size_t len = (bytes.len + 2) / 3 * 4;
    uint8_t *out = arena_bytes(a, len + 1);
    size_t n = 0;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t v = (uint32_t)bytes.at[i] << 16;
        v |= left > 1 ? (uint32_t)bytes.at[i + 1] << 8 : 0;
        v |= left > 2 ? bytes.at[i + 2] : 0;
        out[n++] = (uint8_t)base64_digits[v >> 18];
        out[n++] = (uint8_t)base64_digits[v >> 12 & 63];
        out[n++] = left > 1 ? (uint8_t)base64_digits[v >> 6 & 63] : '=';
        out[n++] = left > 2 ? (uint8_t)base64_digits[v & 63] : '=';
    }
    return slice_of(out, n);
}

struct slice text_base64_offset(struct arena *a, struct slice bytes, unsigned offset)
{
    // The first digit or two also hold bits of what stands before, the last one bits of what
    // follows.
    static const uint8_t skip[3] = {0, 2, 3};
    static const uint8_t drop[3] = {0, 3, 2};
    uint8_t *shifted = arena_bytes(a, bytes.len + offset + 1);
    memset(shifted, ' ', offset);
    if (bytes.len)
        memcpy(shifted + offset, bytes.at, bytes.len);
    struct slice whole = text_base64(a, slice_of(shifted, bytes.len + offset));
    size_t end = whole.len - drop[(bytes.len + offset) % 3];
    return slice_sub(whole, skip[offset], end);
}

struct slice text_utf16(struct arena *a, struct slice utf8, bool big_endian, bool mark)
{
    uint8_t *out = arena_bytes(a, 2 * utf8.len + 3);
    size_t n = 0;
    if (mark) {
        out[n++] = big_endian ? 0xfe : 0xff;
        out[n++] = big_endian ? 0xff : 0xfe;
    }
    for (size_t pos = 0; pos < utf8.len;) {
        uint32_t c = utf8_decode(utf8, &pos);
        uint16_t units[2] = {(uint16_t)c};
        size_t count = 1;
        if (c >= 0x10000) {
            units[0] = (uint16_t)(0xd800 + ((c - 0x10000) >> 10));
            units[1] = (uint16_t)(0xdc00 + ((c - 0x10000) & 0x3ff));
            count = 2;
        }
        for (size_t i = 0; i < count; i++) {
            out[n++] = (uint8_t)(big_endian ? units[i] >> 8 : units[i] & 0xff);
            out[n++] = (uint8_t)(big_endian ? units[i] & 0xff : units[i] >> 8);
        }
    }
    return slice_of(out, n);
}

bool cidr_parse(struct arena *a, struct slice text, struct sigma_test *out)
{
    const uint8_t *slash = text.len ? memchr(text.at, '/', text.len) : NULL;
    size_t address_len = slash ? (size_t)(slash - text.at) : text.len;
    if (address_len == 0 || address_len > 60)
        return false;
    const char *address = arena_str(a, slice_sub(text, 0, address_len));
    struct sigma_test t = {.kind = SIGMA_CIDR};
    if (strlen(address) != address_len)
        return false;
    if (inet_pton(AF_INET, address, t.address) == 1)
        t.v6 = false;
    else if (inet_pton(AF_INET6, address, t.address) == 1)
        t.v6 = true;
    else
        return false;
    unsigned most = t.v6 ? 128 : 32;
    unsigned bits = most;
    if (slash) {
        struct slice digits = slice_sub(text, address_len + 1, text.len);
        bits = 0;
        if (digits.len == 0 || digits.len > 3)
            return false;
        for (size_t i = 0; i < digits.len; i++) {
            if (digits.at[i] < '0' || digits.at[i] > '9')
                return false;
            bits = bits * 10 + (unsigned)(digits.at[i] - '0');
        }
        if (bits > most)
            return false;
    }
    for (unsigned i = bits; i < most; i++)
        t.address[i / 8] &= (uint8_t) ~(0x80u >> (i % 8));
    t.prefix_bits = (uint8_t)bits;
    *out = t;
    return true;
}
