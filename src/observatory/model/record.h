// SPDX-License-Identifier: Apache-2.0
// A record in memory: items, each in a group of its kind's schema, each with values. Every value
// says on which sources it rests; values that contradict each other stand side by side.
#ifndef VIGIE_OBSERVATORY_MODEL_RECORD_H
#define VIGIE_OBSERVATORY_MODEL_RECORD_H

#include "base/array.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/time.h"
#include "observatory/model/schema.h"

struct value {
    uint16_t field;         // index in the item's group
    bool set_aside;         // kept and shown, but another source's value is the one that counts
    struct slice text;      // UTF-8, never empty
    struct slice precision; // dates: "day", "month", "year", "about"; empty: as written
    struct slice sources;   // ids of items of the group "sources", separated by a space
    struct slice note;
};

struct item {
    uint16_t group;  // index in the kind's groups
    struct slice id; // stable within the record ("s1", "c2"); empty for the record's own fields
    ARRAY_OF(struct value) values; // allocated by malloc: record_free
};

struct record {
    const struct schema_kind *kind;
    struct slice codebook; // version that coded it
    ARRAY_OF(struct item) items;
    struct arena *arena; // holds all texts; the caller's
};

enum { // limits of one record, against hostile input
    RECORD_MAX_BYTES = 4 << 20,
    RECORD_MAX_ITEMS = 4096,
    RECORD_MAX_VALUES = 1024, // of one item
};

void record_init(struct record *r, const struct schema_kind *kind, struct arena *a);
void record_free(struct record *r); // items and values; the texts are the arena's
// The record's own fields: its item in group "" (made when missing).
struct item *record_main(struct record *r);
struct item *record_add_item(struct record *r, const char *group); // with the next free id
// Adds a value; an empty text adds nothing. Texts are copied into the arena.
struct value *record_add_value(struct record *r, struct item *i, const char *field,
                               struct slice text);
// Shorthand for the record's own fields.
struct value *record_set(struct record *r, const char *field, struct slice text);
// First counted value (not set aside) of a field; empty when there is none.
struct slice item_text(const struct record *r, const struct item *i, const char *field);
// Iterates the counted values of a field of an item (NULL: no item): start with NULL; NULL at the
// end.
const struct value *item_next(const struct record *r, const struct item *i, const char *field,
                              const struct value *after);
struct slice record_text(const struct record *r, const char *field);
// Iterates items of a group: start with NULL; NULL at the end.
const struct item *record_next(const struct record *r, const char *group, const struct item *after);
const struct schema_field *record_field(const struct record *r, const struct item *i,
                                        const struct value *v);

// JSON, canonical (same record, same bytes): {"kind":…,"codebook":…,"items":[{"group":…,"id":…,
// "values":[{"field":…,"text":…,"precision":…,"sources":…,"note":…,"set_aside":true}]}]}.
void record_to_json(const struct record *r, struct buf *out);
// Unknown groups or fields (of another codebook version) are an error that names them.
[[nodiscard]] bool record_from_json(struct slice json, struct arena *a, struct record *out,
                                    struct err *e);

// A thing to look at. An error keeps a record from being published; the others are flags that
// pages show and never mend: "discovered before it began".
struct record_flag {
    bool error;
    const char *code;  // "date-order", "date-precision", "missing", "vocabulary", "source", …
    const char *text;  // English, translated by text()
    const char *about; // what it is about, a term's English label; or NULL
    const char *group; // where, for the form
    struct slice item; // id of the item, or empty
    const char *field;
};
// All flags, in the record's order. Memory: arena.
size_t record_check(const struct record *r, struct arena *a, struct record_flag **out);

// One difference between two revisions, or two coders.
struct record_change {
    const char *group;
    struct slice item;
    const char *field;
    struct slice before, after; // empty: was not there; several values joined by "; "
};
size_t record_diff(const struct record *before, const struct record *after, struct arena *a,
                   struct record_change **out);

// What is indexed of a record for filters, counts and search.
struct record_term {
    const char *field; // a filter's name: "type", "origin", "year", "target-country", …
    struct slice value;
};
// Fields with .filter of the record and its groups, and what is derived: year (of began, else
// disclosed), decade, claim-country … Distinct; set-aside values are left out. Memory: arena.
size_t record_terms(const struct record *r, struct arena *a, struct record_term **out);
// All words for full-text search, separated by line feeds: titles apart, since they weigh more, and
// each language apart, so that what is found can be shown as what it is.
struct record_words {
    struct buf title, title_fr; // the record's own
    struct buf body, body_fr;   // fields of which the schema has one for each language
    struct buf other;           // names, sources, addresses: in whatever language
};
void record_words(const struct record *r, struct record_words *out);
void record_words_free(struct record_words *w);

// --- dates -------------------------------------------------------------------------------------
// YYYY[-MM[-DD]] that exists in the calendar.
bool date_valid(struct slice text);
// First and last day that it can mean, as days since 1970-01-01, by its text and precision.
bool date_range(struct slice text, struct slice precision, int32_t *first, int32_t *last);
struct slice date_of_day(struct arena *a, int32_t day); // YYYY-MM-DD

// --- countries ----------------------------------------------------------------------------------
// Name in a language ("en", "fr_CA") by ICU, or of our own regions; the code itself when unknown.
struct slice country_name(struct arena *a, struct slice code, const char *locale);
// Code of a name as sources write it ("Korea, Republic of", "Iran", "Russian Federation", "United
// States"); empty when it is none that we know.
struct slice country_code(struct slice name);
// Where to draw it: degrees; false when unknown.
bool country_place(struct slice code, double *latitude, double *longitude);
bool country_valid(struct slice code);

#endif
