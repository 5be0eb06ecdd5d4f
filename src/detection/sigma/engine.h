// SPDX-License-Identifier: Apache-2.0
// All rules at once: a set of rules is compiled into distinct predicates grouped by field; an event
// sets bits; a rule is looked at only when a predicate that it cannot do without is set.
#ifndef VIGIE_DETECTION_SIGMA_ENGINE_H
#define VIGIE_DETECTION_SIGMA_ENGINE_H

#include "detection/sigma/rule.h"
#include "event/event.h"

struct sigma_engine;  // compiled, never changes: shared by all threads
struct sigma_matcher; // one per thread and reader: shape bindings, bit sets, scratch memory

struct sigma_engine_options {
    uint32_t regex_match_limit; // PCRE2 match limit; 0: default
    bool profile;               // count and time each rule
};

// set must outlive the engine. Never fails: a rule that cannot be compiled (a regex PCRE2 refuses,
// say) is added to the set's refusals and left out.
struct sigma_engine *sigma_engine_create(struct sigma_set *set,
                                         const struct sigma_engine_options *options);
void sigma_engine_destroy(struct sigma_engine *engine); // takes NULL

struct sigma_matcher *sigma_matcher_create(const struct sigma_engine *engine);
void sigma_matcher_destroy(struct sigma_matcher *m); // takes NULL

// The rules that match the event, in ascending order of index (silent ones too). The list belongs
// to the matcher and lives until the next call. Shapes must all come from the same reader (shape
// ids are that reader's).
size_t sigma_match(struct sigma_matcher *m, const struct event *ev, const uint32_t **rules);

// A field that made a rule match: the rule's name for it and the event's text.
struct sigma_matched_field {
    struct slice name;
    struct slice value;
};
// The fields (names of the rule, values of the event) of the items that held on the way to the
// match. For a rule that matches: what need not be looked at again is taken to hold. Memory: arena, or
// the matcher's until it is asked for the next ones.
size_t sigma_matched_fields(struct sigma_matcher *m, const struct event *ev, uint32_t rule,
                            struct arena *a, struct sigma_matched_field **out);

// The event's text for a field as that rule names it (aliases and transforms of stand-in events
// applied, the first present value of repeats); false when the event does not have it. For
// correlations' group-by and fields.
bool sigma_field_text(struct sigma_matcher *m, const struct event *ev, uint32_t rule,
                      struct slice name, struct arena *a, struct slice *out);

// Whether a rule matches, found by walking it as it was written: slow, for tests against
// sigma_match.
bool sigma_rule_holds(struct sigma_matcher *m, const struct event *ev, uint32_t rule,
                      struct arena *a);

// Why a rule does or does not match, part by part, for `rules test`: writes readable lines to out.
void sigma_explain(struct sigma_matcher *m, const struct event *ev, uint32_t rule, struct buf *out);

// What each rule cost (only with options.profile): evaluations, matches, nanoseconds; summed over
// all matchers that were destroyed or handed over by sigma_matcher_profile.
struct sigma_cost {
    uint64_t candidates; // times the rule was looked at
    uint64_t matches;
    uint64_t nanoseconds;
};
const struct sigma_cost *sigma_matcher_profile(const struct sigma_matcher *m); // one per rule

// Regexes that ran into the limit: number of times, by rule; for the messages.
const uint64_t *sigma_matcher_limited(const struct sigma_matcher *m);

// How large the compiled set is, for messages and measurements.
struct sigma_engine_size {
    size_t variants; // a variant is a rule in one of its logsource's sources, or several that ask
                     // the same
    size_t fields, keys, tests, bits, steps;
    size_t bytes;     // of tables, programs and lists
    size_t worst_row; // literals of one field that share a gram (literals_gram.c)
    size_t unwatched; // variants looked at in every event that their logsource admits
};
struct sigma_engine_size sigma_engine_size(const struct sigma_engine *engine);

#endif
