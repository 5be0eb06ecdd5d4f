// SPDX-License-Identifier: Apache-2.0
// What reports ask of all findings together, gathered in one pass over them; not for others than
// this folder. Memory is bounded: by the number of rules, and by the limits below.
#ifndef VIGIE_CASE_CASE_DIGEST_H
#define VIGIE_CASE_CASE_DIGEST_H

#include "case/case_internal.h"

enum {
    DIGEST_ORDER = 1 << 16,    // findings whose order is held in memory at once (40 bytes each)
    DIGEST_HEAD = 200,         // of each rule: the first findings …
    DIGEST_TAIL = 10,          // … and the last
    DIGEST_NAMES = 12,         // hosts, and accounts, of each rule
    DIGEST_PLACES = 1 << 16,   // findings whose rows are held in memory (96 bytes each) …
    DIGEST_FIELDS = 16 << 20,  // … and bytes of their fields,
    DIGEST_FIELDS_EACH = 2048, // of each finding
    DIGEST_DAYS = 1 << 17,     // days told apart; what comes after these is counted under day 0
};

// A finding's place in the order of reports: time, evidence, offset, rule id, then order found.
struct order_key {
    uint64_t time;    // UINT64_MAX: not known
    int64_t evidence; // 0: none
    uint64_t offset;
    uint32_t rank; // of the rule's id among all; 0: a rule that the case does not describe
    uint32_t rule;
    int64_t id;
};

// What a row of a finding says besides its key.
struct finding_place {
    int64_t id, event;
    uint64_t record;
    int64_t names[NAME_TABLE_COUNT]; // 0: none
    uint32_t size, event_id;
    bool has_event, has_record, recovered, is_correlation;
    vtime last;          // of a correlation
    struct slice fields; // JSON; at NULL: not held
};

typedef ARRAY_OF(struct finding_place) finding_places;

int order_compare(const struct order_key *a, const struct order_key *b);

// The first `limit` keys of all that are offered (or the last ones), in a heap: the one that would
// be dropped next is at the top.
struct order_heap {
    struct order_key *keys;
    size_t count, capacity, limit;
    bool last; // keeps the last ones
};

void order_heap_offer(struct order_heap *h, const struct order_key *key);
// In order: forwards, or backwards when the last ones are kept. Nothing may be offered afterwards.
void order_heap_sort(struct order_heap *h);
// Adds a key behind those that are there, as long as there is room: for keys that come in order.
void order_heap_append(struct order_heap *h, const struct order_key *key);

// The different names met first (by time, those without a time before all; then order found).
struct first_names {
    size_t count;
    struct {
        int64_t name, finding;
        vtime time;
    } kept[DIGEST_NAMES];
};

// What one rule found; made with its first finding.
struct digest_found {
    uint64_t count, undated;
    vtime first, last; // of the dated ones
    struct first_names hosts, accounts;
    struct order_heap head, tail;
};

struct digest_rule {
    uint32_t key, rank;
    enum finding_level level;
    bool level_known;
    struct slice id, title;
    struct digest_found *found; // NULL: nothing
};

struct digest_day {
    uint64_t day; // since 1601-01-01
    uint64_t counts[LEVEL_COUNT];
    bool used;
};

struct case_digest {
    struct arena memory;
    struct digest_rule *rules; // ordered by key
    size_t rule_count;
    uint64_t finding_count;
    vtime first, last;
    struct order_heap order; // of all findings, as far as there is room
    bool order_full;         // there was no room for one
    finding_places places;   // of the findings with the lowest ids, ordered by id
    struct arena texts;      // of places
    size_t field_bytes;      // held of their fields
    struct digest_day *days; // ordered, once the digest is made
    size_t day_count, day_capacity;
    struct case_summary summary; // of the evidence too; once it was asked for
    bool summarised;
};

// Made on first use, and kept until the case is written to. NULL: e says why.
const struct case_digest *case_digest(struct case_file *c, struct err *e);
void case_digest_drop(struct case_file *c);
// The rule of that key, or NULL.
const struct digest_rule *digest_rule_find(const struct case_digest *d, uint32_t key);
// Whether the fields of one more finding are held.
static inline bool digest_holds_fields(size_t held, struct slice fields)
{
    return fields.len <= DIGEST_FIELDS_EACH && held + fields.len <= DIGEST_FIELDS;
}

// What an audit gathers of the findings that it adds to a new case, so that the digest need not
// read them back. Given up, and read back after all, when there are more than the digest holds.
struct case_gathered {
    finding_places places;           // ordered by id: 1, 2, …
    ARRAY_OF(struct order_key) keys; // of the same findings; their ranks are not known yet
    struct arena texts;              // of places
    size_t field_bytes;
    // What there was before the file of evidence in work.
    size_t file_count, file_field_bytes;
    struct arena_mark file_texts;
};

struct case_gathered *case_gathered_create(void);
void case_gathered_begin_file(struct case_gathered *g); // takes NULL, like those below
void case_gathered_undo_file(struct case_gathered *g);
void case_gathered_free(struct case_gathered *g);
// The finding added next to the case; the fields' text is copied, the ids are given here.
void case_gathered_add(struct case_file *c, const struct order_key *key,
                       const struct finding_place *place);
void case_gathered_give_up(struct case_file *c);

// What is held of that finding, or NULL.
const struct finding_place *digest_place_find(const struct case_digest *d, int64_t id);
// Of a row of ST_FINDING_ROW: all but the fields.
struct finding_place digest_read_place(sqlite3_stmt *st);
// All findings once more: the first ones behind `after`, of all rules or of one only, are offered
// to the heap.
[[nodiscard]] bool digest_scan_order(struct case_file *c, const struct case_digest *d,
                                     const struct order_key *after, const uint32_t *rule,
                                     struct order_heap *heap, struct err *e);

#endif
