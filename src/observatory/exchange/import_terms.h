// SPDX-License-Identifier: Apache-2.0
// What importers share: other registries' words as codes of ours, dates, sources.
#ifndef VIGIE_OBSERVATORY_EXCHANGE_IMPORT_TERMS_H
#define VIGIE_OBSERVATORY_EXCHANGE_IMPORT_TERMS_H

#include "observatory/model/record.h"

struct import_term {
    const char *begins; // how their word begins, in any case
    const char *code;   // ours
};

// The code of the first row that text begins with; empty when there is none.
struct slice import_term_code(const struct import_term *terms, size_t count, struct slice text);
#define IMPORT_CODE(terms, text) import_term_code(terms, sizeof(terms) / sizeof *(terms), text)

// "Not available", "Unknown", "nan", … : nothing is said.
bool import_says_nothing(struct slice text);

// Adds a value that rests on a source; the same value twice is one.
struct value *import_add(struct record *r, struct item *i, const char *field, struct slice text,
                         struct slice source);
// A source by its address, once each; only the id when it is no http address that we may keep.
struct slice import_source(struct record *r, struct slice url);
// All addresses of a cell that holds several, one after the other.
void import_sources(struct record *r, struct slice cell);
// A country by its name; several countries written in one text are not taken apart here. A name
// that we do not know becomes "other", with the name as note.
void import_country(struct record *r, struct item *i, const char *field, struct slice name,
                    struct slice source);
// Begins of a text at a separator: "a; b" gives "a" and moves on; false at the end. Parts are
// trimmed and may be empty.
bool import_part(struct slice *rest, const char *separator, struct slice *part);
// YYYY-MM-DD of "2022-10-05", "2022-10-05 00:00:00" or, with month_first, "12/5/2022"; empty when
// it is no day of the calendar.
struct slice import_date(struct arena *a, struct slice text, bool month_first);

#endif
