// SPDX-License-Identifier: Apache-2.0
#include "base/buf.h"

#include "base/arena.h"
#include "base/digits.h"
#include "base/utf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { PRINTED_ROOM = 256 }; // most of what is printed is shorter, and is printed once

void buf_free(struct buf *b)
{
    free(b->at);
    *b = (struct buf){0};
}

void buf_enlarge(struct buf *b, size_t more)
{
    size_t wanted = b->capacity ? b->capacity : 256;
    while (wanted - b->len < more)
        if (__builtin_mul_overflow(wanted, (size_t)2, &wanted))
            wanted = SIZE_MAX; // mem_grow ends the program
    b->at = mem_grow(b->at, wanted, 1);
    b->capacity = wanted;
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    buf_reserve(b, PRINTED_ROOM);
    size_t room = b->capacity - b->len;
    int n = vsnprintf((char *)b->at + b->len, room, format, args);
    va_end(args);
    if (n > 0 && (size_t)n >= room) {
        uint8_t *to = buf_reserve(b, (size_t)n + 1);
        vsnprintf((char *)to, (size_t)n + 1, format, again);
    }
    b->len += n > 0 ? (size_t)n : 0;
    va_end(again);
}

void buf_u64(struct buf *b, uint64_t n)
{
    uint8_t *end = digits_u64(buf_reserve(b, DIGITS_ROOM), n); // which may move b->at
    b->len = (size_t)(end - b->at);
}

// Bytes from pos that need no thought: printable ASCII but for the characters in `special`.
static size_t plain_run(struct slice s, size_t pos, const char *special)
{
    size_t i = pos;
    while (i < s.len && s.at[i] >= 0x20 && s.at[i] < 0x7f && !strchr(special, s.at[i]))
        i++;
    return i - pos;
}

static void json_char(struct buf *b, uint32_t c)
{
    static const char short_forms[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    for (size_t i = 0; short_forms[i]; i += 2)
        if (c == (uint8_t)short_forms[i]) {
            buf_byte(b, '\\');
            buf_byte(b, (uint8_t)short_forms[i + 1]);
            return;
        }
    if (c < 0x20 || c == 0x7f) {
        buf_printf(b, "\\u%04x", c);
        return;
    }
    b->len += utf8_encode(c, buf_reserve(b, 4));
}

void buf_json(struct buf *b, struct slice s)
{
    for (size_t pos = 0; pos < s.len;) {
        size_t run = plain_run(s, pos, "\"\\");
        buf_add(b, slice_of(s.at + pos, run));
        pos += run;
        if (pos < s.len)
            json_char(b, utf8_decode(s, &pos));
    }
}

static bool xml_allows(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xfffe && c != 0xffff);
}

static void xml_char(struct buf *b, uint32_t c)
{
    switch (c) {
    case '&':
        buf_str(b, "&amp;");
        break;
    case '<':
        buf_str(b, "&lt;");
        break;
    case '>':
        buf_str(b, "&gt;");
        break;
    case '"':
        buf_str(b, "&quot;");
        break;
    case '\'':
        buf_str(b, "&#39;");
        break;
    default:
        b->len += utf8_encode(xml_allows(c) ? c : UTF_REPLACEMENT, buf_reserve(b, 4));
    }
}

void buf_xml(struct buf *b, struct slice s)
{
    for (size_t pos = 0; pos < s.len;) {
        size_t run = plain_run(s, pos, "&<>\"'");
        buf_add(b, slice_of(s.at + pos, run));
        pos += run;
        if (pos < s.len)
            xml_char(b, utf8_decode(s, &pos));
    }
}
