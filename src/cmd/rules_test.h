// SPDX-License-Identifier: Apache-2.0
// vigie rules test: what rules_test.c gathers and rules_test_print.c shows.
#ifndef VIGIE_CMD_RULES_TEST_H
#define VIGIE_CMD_RULES_TEST_H

#include "base/time.h"
#include "cmd/rules.h"
#include "detection/sigma/correlate.h"
#include "detection/sigma/engine.h"
#include "reader/evtx/evtx.h"

enum {
    NEAR_EVENTS = 3,     // shown for a rule that matches nothing
    MAX_WEIGHED = 20000, // events of which it is found out how near they come, for each rule
    MAX_EXPLAINED =
        16,         // rules: of a larger set only the number of those that match nothing is told
    MAX_SHOWN = 50, // matches of a rule, without --json
};

// An event that a rule does not match, though it comes near.
struct near_event {
    struct slice file;
    uint64_t record;
    char time[VTIME_TEXT_MAX];
    size_t time_len;
    unsigned score;
    struct buf text; // the explanation
};

struct rule_outcome {
    uint64_t matches, weighed, admitted;
    struct near_event nearest[NEAR_EVENTS];
    size_t near_count;
};

struct kept_field {
    struct slice name, value;
};

// A match that a correlation needs.
struct kept_match {
    uint32_t rule;
    vtime time;
    uint64_t order, event; // event: index into places
    struct kept_field *fields;
    size_t field_count;
};

struct place {
    struct slice file;
    uint64_t record, offset;
};

struct test_run {
    bool json, has_record;
    uint64_t record;
    struct sigma_set set;
    struct sigma_engine *engine;
    struct sigma_matcher *matcher;
    struct evtx_reader *reader;
    struct arena arena;            // for the whole run
    struct arena scratch;          // for one event
    struct slice file;             // being read
    struct rule_outcome *outcomes; // one for each rule
    ARRAY_OF(struct kept_match) kept;
    ARRAY_OF(struct place) places;
    uint64_t events, logs, correlation_hits, explained, explained_matches;
    int status;
};

// Of an event, on its way through the rules.
void test_print_match(struct test_run *t, const struct event *ev, const struct sigma_rule *r);
void test_print_explanation(struct test_run *t, const struct event *ev, const struct sigma_rule *r,
                            bool matches);
// sigma_correlation_report; user is the run.
void test_print_hit(void *user, const struct sigma_correlation_hit *hit);
// Rules and correlations that matched nothing, and matches that were not shown.
void test_print_rest(struct test_run *t);
// Seven digits of a second, or that it is not known. Lives in the arena.
struct slice test_time_text(struct arena *a, vtime t);

#endif
