// SPDX-License-Identifier: Apache-2.0
// Rows of the case that wait to be written, and the virtual tables that give them to SQLite; not
// for others than case_rows.c.
#ifndef VIGIE_CASE_CASE_WAITING_H
#define VIGIE_CASE_CASE_WAITING_H

#include "case/case_internal.h"

// A text in `texts`, which moves while it grows.
struct text_at {
    size_t from, len;
};

struct event_row {
    int64_t id, evidence;
    uint64_t offset, record;
    vtime time;
    int64_t names[NAME_TABLE_COUNT]; // channel, provider, host, account; 0: none
    uint32_t size, event_id;
    bool has_record, recovered;
    struct text_at json;
};

// A finding or a match.
struct hit_row {
    int64_t event, rule;
    vtime time;
    struct text_at fields;
};

typedef ARRAY_OF(struct hit_row) hit_rows;

struct log_row {
    int64_t evidence, host, channel; // 0: none
    uint64_t events, first_record, last_record;
    vtime first, last;
};

struct evidence_row {
    int64_t id, duplicate_of; // 0: none
    struct text_at path, kind, sha256, reason;
    uint64_t size, events, damaged;
    vtime modified;
    enum evidence_state state;
};

struct case_rows {
    struct buf texts;
    ARRAY_OF(struct event_row) events;
    hit_rows findings, matches;
    ARRAY_OF(struct log_row) logs;
    ARRAY_OF(struct evidence_row) evidence;
    int64_t next_event;    // id; 0: not known
    struct event_row last; // event added; id 0: none in this file
};

enum waiting {
    WAITING_EVENTS,
    WAITING_TEXTS,
    WAITING_FINDINGS,
    WAITING_MATCHES,
    WAITING_LOGS,
    WAITING_EVIDENCE,
    WAITING_COUNT,
};

size_t case_waiting_count(const struct case_rows *rows, enum waiting which);
// The statement that takes all of these rows.
enum statement case_waiting_statement(enum waiting which);
// Makes the tables known to this connection.
[[nodiscard]] bool case_waiting_create(struct case_file *c, struct case_rows *rows, struct err *e);

// The case's numbers have a sign.
static inline uint64_t case_as_stored(uint64_t n)
{
    return n > INT64_MAX ? INT64_MAX : n;
}

static inline struct slice case_waiting_text(const struct case_rows *rows, struct text_at text)
{
    return slice_of(text.len ? rows->texts.at + text.from : NULL, text.len);
}

#endif
