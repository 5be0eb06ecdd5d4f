// SPDX-License-Identifier: Apache-2.0
// Words for terminals and spreadsheets that come from evidence: what would be run or would change
// the picture is shown instead. And the progress line.
#ifndef VIGIE_BASE_TERM_H
#define VIGIE_BASE_TERM_H

#include "base/buf.h"

#include <time.h>

// Appends s so that a terminal shows it and does nothing else: control characters and ill-formed
// UTF-8 as \x1b, the controls of bidirectional text, line separators and other invisible characters
// as <U+202E>.
void term_escape(struct buf *b, struct slice s);
// The same, but keeps line feeds and tabs.
void term_escape_lines(struct buf *b, struct slice s);

// Appends s as one cell of a CSV file (RFC 4180), without the comma. A cell that a spreadsheet
// would take for a formula gets an apostrophe in front; invisible characters and terminal controls
// are shown as by term_escape_lines.
void csv_cell(struct buf *b, struct slice s);

// Whether colours are welcome on this descriptor: a terminal that can show them, and NO_COLOR is
// not set (no-color.org).
bool term_has_colour(int fd);

// 1536 -> "1.5 KiB".
void term_bytes(struct buf *b, uint64_t bytes);

// One line, drawn over and over, on a terminal only. Not to be shared by threads.
struct progress {
    int fd;
    bool on;
    bool drawn;
    uint64_t total; // bytes; 0 when not known
    struct timespec start, last;
};

// Whether the line is shown there at all: what is only needed for it can be left out.
bool progress_is_shown(int fd);
void progress_begin(struct progress *p, int fd, uint64_t total);
// Draws at most five times a second. what: a few words, e.g. the file; may be empty.
void progress_show(struct progress *p, uint64_t done, struct slice what);
// Takes the line away.
void progress_end(struct progress *p);
// The line's text, at most columns wide.
void progress_text(struct buf *b, uint64_t done, uint64_t total, double seconds, struct slice what,
                   size_t columns);

#endif
