// SPDX-License-Identifier: Apache-2.0
// One typed value as it lies in the evidence. The types up to 0x21 and the array flag are BinXML's
// own numbers ([MS-EVEN6] 2.2.12, libyal "Windows XML Event Log (EVTX)", value types), so that the
// EVTX reader hands values on without touching them. Of a type with another number it gives the
// bytes as VALUE_BINARY: no log can use the numbers that are ours. Other readers use VALUE_UTF8.
#ifndef VIGIE_EVENT_VALUE_H
#define VIGIE_EVENT_VALUE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"
#include "event/text.h"

enum value_type {
    VALUE_NULL = 0x00,
    VALUE_UTF16 = 0x01, // little-endian, may end in NULs
    VALUE_ANSI = 0x02,  // Windows-1252
    VALUE_INT8 = 0x03,
    VALUE_UINT8 = 0x04,
    VALUE_INT16 = 0x05,
    VALUE_UINT16 = 0x06,
    VALUE_INT32 = 0x07,
    VALUE_UINT32 = 0x08,
    VALUE_INT64 = 0x09,
    VALUE_UINT64 = 0x0a,
    VALUE_FLOAT32 = 0x0b,
    VALUE_FLOAT64 = 0x0c,
    VALUE_BOOL = 0x0d,
    VALUE_BINARY = 0x0e,
    VALUE_GUID = 0x0f,
    VALUE_SIZE = 0x10,
    VALUE_FILETIME = 0x11,
    VALUE_SYSTEMTIME = 0x12,
    VALUE_SID = 0x13,
    VALUE_HEX32 = 0x14,
    VALUE_HEX64 = 0x15,
    VALUE_BINXML = 0x21,
    VALUE_UTF8 = 0x60,   // ours: text of other readers, and constant text of templates
    VALUE_ABSENT = 0x7f, // ours: the event does not have the field (an element left out)
    VALUE_ARRAY = 0x80,  // flag: several values of the type below it
};

struct value {
    struct slice raw; // borrowed from the chunk, or from the template cache
    uint8_t type;     // enum value_type
};

// The text that Windows' own XML shows (docs/sigma.md), as UTF-8, not escaped. Strings lose
// trailing NULs. A value whose size does not fit its type gives what can be read, or "". Arrays
// give their elements joined by ", ". UTF-8 values are returned as they lie, all else is written to
// the arena.
struct slice value_text(struct arena *a, struct value v);
// Appends that text to a buffer.
void value_append(struct buf *b, struct value v);
// The same, escaped. Only strings ever need escaping. Array elements stand one after another,
// joined by ", ".
void value_append_escaped(struct buf *b, struct value v, enum text_escape escape);
// The elements of an array value; a value that is no array is its own only element. Returns their
// number; writes at most max of them.
size_t value_elements(struct value v, struct value *out, size_t max);
// Numbers, Booleans, HexInt and size types as a number. False for all else (text too).
[[nodiscard]] bool value_number(struct value v, bool *negative, uint64_t *magnitude);

// Writes that text where there is room for VALUE_ROOM bytes; returns its end.
#define VALUE_ROOM(v) (TEXT_ROOM((v).raw.len) + 32)
uint8_t *value_put(uint8_t *out, struct value v, enum text_escape escape);
// Whether there is nothing to show: null, absent, or a string or binary without content.
bool value_is_empty(struct value v);
// Array values one element at a time: *pos starts at 0; false at the end.
bool value_next_element(struct value v, size_t *pos, struct value *out);

#endif
