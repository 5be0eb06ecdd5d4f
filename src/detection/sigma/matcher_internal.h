// SPDX-License-Identifier: Apache-2.0
// One thread's state while it matches events (shared by matcher*.c and explain.c).
#ifndef VIGIE_DETECTION_SIGMA_MATCHER_INTERNAL_H
#define VIGIE_DETECTION_SIGMA_MATCHER_INTERNAL_H

#include "detection/sigma/engine_internal.h"
#include "detection/sigma/fold.h"
#include "detection/sigma/keyword_filter.h"
#include "detection/sigma/known_values.h"

// A key in a shape: the fields of the shape that it reads.
struct bound_key {
    uint32_t key, field, first_bit; // as in engine_key, which lies further away
    bool one;                       // one field is read as it is, and no keywords
    const struct reading *reading;
    const uint32_t *slots; // first those of source, then those of source2
    uint32_t count, count2;
    const struct keyword_filter *filter; // keywords: values that need no search; NULL: all need one
};

// What an event's shape, channel, provider and id decide together.
struct binding {
    uint32_t shape, event_id;
    struct slice channel, provider;
    bool plain_id;          // the event's text for EventID is event_id in decimal
    uint32_t id_slot;       // System's EventID, when no other field has this name; else UINT32_MAX
    bool idle;              // no rule is left
    struct bound_key *keys; // of the rules left, sorted by key
    uint32_t key_count;
    uint32_t *triggers; // of keys: those with watched bits
    uint32_t trigger_count;
    uint64_t *live;   // variants left
    uint32_t *always; // those of them that watch nothing
    uint32_t always_count;
};

// A field of the current event, folded for matching.
struct slot_text {
    uint32_t epoch; // of which event this is
    enum slot_state {
        SLOT_ABSENT,
        SLOT_NULL,
        SLOT_TEXT,
        SLOT_MANY, // an array
    } state;
    struct slice folded; // followed by LITERALS_PADDING bytes
    struct slice *many;
    size_t many_count;
};

struct shape_info {
    struct binding *last; // used last
    uint32_t id_slot;     // of EventID
    bool known;
};

// What was done for a key in an event.
struct key_state {
    uint32_t epoch;                // of which event this is
    uint32_t asks;                 // bits asked for one at a time; ASKED_ALL
    const struct bound_key *bound; // scanned; NULL: the shape has none of its fields
};

// What the event has for a key: texts are UTF-8, not folded, valid.
struct key_texts {
    struct slice *at;
    size_t count;
    bool occurs; // the name is there at all, null included
    bool null;   // one of its occurrences is null
};

// The same, kept for the time of an event.
struct known_texts {
    uint32_t epoch;
    struct key_texts texts;
    struct slice *folded; // NULL: not yet
};

enum {
    ASKS_MOST = 256, // of one key in one event; then all that can be asked are looked for together
};
#define ASKED_ALL UINT32_MAX

struct known_regex {
    const struct sigma_test *test;
    struct sigma_regex *regex; // NULL: refused
    struct sigma_regex *own;   // when it is not the engine's
};

// Whether a layout's constant texts may hold a keyword.
struct layout_answer {
    uint64_t layout;
    const struct keyword_filter *filter;
    bool may;
};
enum {
    LAYOUT_ANSWERS = 4096,
};

// The fields of a shape that an explanation read, each once.
struct slots_read {
    uint32_t *slots;
    size_t count;
    bool too_many; // all of them: for keywords
};

struct sigma_matcher {
    const struct sigma_engine *engine;
    struct arena arena; // of the current event
    struct buf text;    // one value on its way
    uint32_t epoch;     // number of the current event, never 0
    struct bit_sink sink;
    struct key_state *key_states;  // by key
    struct bit_sink asked;         // bits asked for in this event
    struct odd_literal *odd;       // by bit, made when it is first asked for
    struct known_texts *key_texts; // by key
    uint32_t *lazy_epoch;          // lazy tests answered in this event
    bool *lazy_answer;
    struct bit_sink candidates; // variants to look at
    uint32_t *results;
    size_t result_count;
    struct slot_text *slots; // by field of the shape
    size_t slot_capacity;
    struct regex_runner *regex;
    ARRAY_OF(struct known_regex) regexes; // of explanations
    struct explain_memo *memo;            // NULL until something was explained
    struct sigma_cost *costs;             // by rule; NULL without profile
    struct known_values *values;
    enum vectors vectors;          // what the processor has and may be used
    uint64_t *limited;             // by rule
    struct layout_answer *layouts; // by number, newest in place of older
    // Bindings:
    struct arena bindings;
    struct binding **table; // open addressing
    size_t binding_count;
    size_t binding_bytes;
    struct shape_info *shapes; // by shape
    size_t shape_capacity;
    struct bind_scratch *scratch;
};

// matcher_bind.c
const struct binding *matcher_bind(struct sigma_matcher *m, const struct event *ev);
void matcher_bind_free(struct sigma_matcher *m);
bool source_admits(const struct sigma_source *source, const struct event_system *system);

// matcher_values.c
void matcher_begin_event(struct sigma_matcher *m, const struct event *ev);
const struct slot_text *matcher_slot(struct sigma_matcher *m, const struct event *ev,
                                     uint32_t slot);
// Sets the bits of a key's direct tests.
void matcher_scan(struct sigma_matcher *m, const struct event *ev, const struct bound_key *bound);
// Sets the bit (which must be asked for, and is not set) when its literal stands in the key's
// texts.
void matcher_ask(struct sigma_matcher *m, const struct event *ev, const struct bound_key *bound,
                 uint32_t bit);
struct key_texts matcher_texts(struct arena *a, const struct event *ev,
                               const struct bound_key *bound);
// Finds the shape's fields for a reading the slow way, by their names.
void matcher_bind_reading(struct arena *a, const struct shape *shape, const struct reading *reading,
                          struct bound_key *out);
// Folded copy followed by LITERALS_PADDING bytes.
struct slice matcher_fold(struct arena *a, struct slice text);

// explain_memo.c: what was explained lately. *fields: the memo's, until it is written to.
bool explain_memo_find(const struct explain_memo *memo, const struct event *ev, uint32_t rule,
                       struct sigma_matched_field **fields, size_t *count);
// Unless it is too long to keep. The fields' names must live as long as the rules.
void explain_memo_keep(struct explain_memo **memo, const struct event *ev, uint32_t rule,
                       const struct slots_read *read, const struct sigma_matched_field *fields,
                       size_t count);
void explain_memo_destroy(struct explain_memo *memo); // takes NULL

#endif
