// SPDX-License-Identifier: Apache-2.0
// Strings as they lie in evidence, to UTF-8 text, escaped for where they go. The path that all
// output takes, so it handles sixteen characters at a time where they are plain ASCII.
#ifndef VIGIE_EVENT_TEXT_H
#define VIGIE_EVENT_TEXT_H

#include "base/buf.h"
#include "base/slice.h"

enum text_escape {
    TEXT_PLAIN, // UTF-8; lone surrogates become U+FFFD
    TEXT_JSON,  // the inside of a JSON string
    TEXT_XML, // XML character data on one line; what XML 1.0 forbids becomes '_', as Windows writes
              // it
    TEXT_ATTR, // the inside of a quoted XML attribute
};

// The most bytes that one UTF-16 unit, or one byte of ANSI or UTF-8, can become.
enum { TEXT_GROWTH = 6 };

// Bytes to have ready before a text of that many bytes is put: whole vectors are stored.
#define TEXT_ROOM(bytes) ((bytes)*TEXT_GROWTH + 32)

// Each writes the text, which the caller has already cut to size, where there is room for TEXT_ROOM
// bytes, and returns the end of it. An odd last byte of UTF-16 is dropped.
uint8_t *text_put_utf16(uint8_t *out, struct slice utf16le, enum text_escape escape);
uint8_t *text_put_utf16_json(uint8_t *out, struct slice utf16le); // the same with TEXT_JSON
uint8_t *text_put_utf16_xml(uint8_t *out, struct slice utf16le);  // … with TEXT_XML
uint8_t *text_put_ansi(uint8_t *out, struct slice windows_1252, enum text_escape escape);
uint8_t *text_put_utf8(uint8_t *out, struct slice utf8, enum text_escape escape);

// The same, appended to a buffer.
void text_append_utf16(struct buf *b, struct slice utf16le, enum text_escape escape);
void text_append_utf8(struct buf *b, struct slice utf8, enum text_escape escape);

// Room for more bytes at the end of a buffer, without a call where it is there.
static inline uint8_t *text_room(struct buf *b, size_t more)
{
    return b->capacity - b->len > more ? b->at + b->len : buf_reserve(b, more);
}

// Without trailing NUL units (UTF-16) or bytes (ANSI).
static inline struct slice text_trim_utf16(struct slice s)
{
    s.len &= ~(size_t)1;
    while (s.len && s.at[s.len - 1] == 0 && s.at[s.len - 2] == 0)
        s.len -= 2;
    return s;
}

static inline struct slice text_trim_bytes(struct slice s)
{
    while (s.len && s.at[s.len - 1] == 0)
        s.len--;
    return s;
}

#endif
