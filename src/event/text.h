// SPDX-License-Identifier: Apache-2.0
// Strings as they lie in evidence, to UTF-8 text, escaped for where they go. The path that all output takes, so it
// handles sixteen characters at a time where they are plain ASCII.
#ifndef VIGIE_EVENT_TEXT_H
#define VIGIE_EVENT_TEXT_H

#include "base/buf.h"
#include "base/slice.h"

enum text_escape {
    TEXT_PLAIN, // UTF-8; lone surrogates become U+FFFD
    TEXT_JSON,  // the inside of a JSON string
    TEXT_XML,   // XML character data on one line; what XML 1.0 forbids becomes '_', as Windows writes it
    TEXT_ATTR,  // the inside of a quoted XML attribute
};

// The most bytes that one UTF-16 unit, or one byte of ANSI or UTF-8, can become.
enum { TEXT_GROWTH = 6 };

// Each appends the text, which the caller has already cut to size. An odd last byte of UTF-16 is dropped.
void text_append_utf16(struct buf *b, struct slice utf16le, enum text_escape escape);
void text_append_ansi(struct buf *b, struct slice windows_1252, enum text_escape escape);
void text_append_utf8(struct buf *b, struct slice utf8, enum text_escape escape);

// Without trailing NUL units (UTF-16) or bytes (ANSI).
struct slice text_trim_utf16(struct slice utf16le);
struct slice text_trim_bytes(struct slice bytes);

#endif
