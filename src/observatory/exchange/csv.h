// SPDX-License-Identifier: Apache-2.0
// Comma-separated values (RFC 4180), read from memory: quoted fields may hold commas, line feeds
// and doubled quotes; lines end with LF, CRLF or CR. A byte order mark is skipped.
#ifndef VIGIE_OBSERVATORY_EXCHANGE_CSV_H
#define VIGIE_OBSERVATORY_EXCHANGE_CSV_H

#include "base/arena.h"
#include "base/err.h"

enum {
    CSV_MAX_COLUMNS = 1024,
    CSV_MAX_CELL = 4 << 20, // bytes
};

struct csv {
    struct slice input;
    size_t at;           // offset of the next row
    struct arena *arena; // of the current row: reset by csv_next
    char separator;      // ',' or ';' or a tab: found in the first line
    uint64_t row;        // of the current row: 0 for the header, 1 for the first row of data
    size_t start;        // offset where the current row begins
    struct slice *cells; // of the current row; UTF-8, ill-formed bytes replaced
    size_t cell_count;
    struct slice *names; // of the header; live as long as names_arena
    size_t name_count;
};

enum csv_result { CSV_ROW, CSV_END, CSV_ERROR };

// Reads the header. names: memory for it; row: memory for rows.
[[nodiscard]] bool csv_open(struct csv *c, struct slice input, struct arena *names,
                            struct arena *row, struct err *e);
// The next row; empty lines are skipped. After an error (a cell too long, a quote that is never
// closed) reading goes on with the next line.
enum csv_result csv_next(struct csv *c, struct err *e);
// The cell under a column's name, trimmed; empty when there is none.
struct slice csv_cell_of(const struct csv *c, const char *name);
bool csv_has(const struct csv *c, const char *name);

#endif
