// SPDX-License-Identifier: Apache-2.0
// Texts written inside of other texts, sixteen bytes at a time: reports and cases hold a hundred
// megabytes of them, most of it plain ASCII.
#ifndef VIGIE_BASE_ESCAPE_H
#define VIGIE_BASE_ESCAPE_H

#include "base/buf.h"

enum { ESCAPE_COPY_ROOM = 16 };

// Copies to out what a JSON string of any kind holds as it is: printable ASCII but for quotes and
// backslashes. Returns how many bytes that were. out: room for ESCAPE_COPY_ROOM bytes more than s
// has, or NULL: they are only counted.
size_t escape_copy_plain(struct slice s, uint8_t *out);

enum escape_json {
    ESCAPE_JSON_NEEDED, // only what must be: quotes, backslash, controls (as buf_json)
    // Also what cannot be seen: format characters, line and paragraph separators, C1 controls. The
    // value stays the same, and a terminal that shows the line stays unharmed.
    ESCAPE_JSON_VISIBLE,
};

// Appends s as the inside of a JSON string; ill-formed UTF-8 becomes U+FFFD.
void escape_json(struct buf *b, struct slice s, enum escape_json how);

// Appends what comes before the first character that HTML or a reader needs a closer look at, from
// *pos on, with & < > " ' escaped; *pos then stands at that character or at the end. Line feeds,
// carriage returns and tabs are passed on.
void escape_html_plain(struct buf *b, struct slice s, size_t *pos);

// Appends ASCII as the inside of a cell of CSV: quotes doubled, controls but line feeds and tabs as
// \x00. *marked: the cell must stand in quotes. False at a character that is not ASCII: the buffer
// then holds what comes before it.
bool escape_csv_plain(struct buf *b, struct slice s, bool *marked);

#endif
