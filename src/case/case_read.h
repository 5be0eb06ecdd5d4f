// SPDX-License-Identifier: Apache-2.0
// What reports read from a case. Each function calls visit for every row; slices live until visit
// returns; visit returns false to stop (then the function returns true as well: stopping is no
// error). visit must not write to the case, nor visit findings while it is visiting findings.
#ifndef VIGIE_CASE_CASE_READ_H
#define VIGIE_CASE_CASE_READ_H

#include "case/case.h"

// A finding with all that the contract's columns need.
struct case_finding {
    int64_t id, event; // event 0: none
    int64_t evidence;  // 0: none
    uint32_t rule;     // key
    vtime time;        // 0: not known
    struct slice file; // path of the evidence
    uint64_t offset;
    uint32_t size;
    uint64_t record;
    bool has_event, has_record, recovered;
    uint32_t event_id;
    struct slice channel, provider, host, account;
    struct slice fields; // that matched, as JSON: see case_finding_fields
    bool is_correlation;
    vtime last;          // of a correlation
    uint64_t correlated; // events in its window
};

// Rules that found something, with what they found.
struct case_group {
    struct finding_rule rule;
    uint64_t count;
    vtime first, last; // of the dated ones; 0: none is dated
    uint64_t undated;
};

// The fields that matched.
struct case_fields {
    const struct finding_field *at;
    const struct finding_field *json; // the same, ready for JSON; at NULL: to be escaped
    size_t count;
};

// Memory: a, and the JSON.
struct case_fields case_finding_fields(struct slice json, struct arena *a);

typedef bool case_visit_finding(void *user, const struct case_finding *f);

// Order: time, evidence, offset, rule id, then order found. Undated ones last.
[[nodiscard]] bool case_each_finding(struct case_file *c, case_visit_finding *visit, void *user,
                                     struct err *e);
// The first `most` of one rule in the same order, or with `backwards` the last ones, the last
// first.
[[nodiscard]] bool case_each_finding_of(struct case_file *c, uint32_t rule, size_t most,
                                        bool backwards, case_visit_finding *visit, void *user,
                                        struct err *e);
// Order: level from critical down, first time, title, id.
[[nodiscard]] bool case_each_group(struct case_file *c,
                                   bool (*visit)(void *user, const struct case_group *g),
                                   void *user, struct err *e);
// The event as JSON; empty when there is none.
struct slice case_event_json(struct case_file *c, int64_t event, struct arena *a);

[[nodiscard]] bool case_each_evidence(struct case_file *c,
                                      bool (*visit)(void *user, const struct case_evidence *row),
                                      void *user, struct err *e);
// In no order that is promised.
[[nodiscard]] bool case_each_log(struct case_file *c,
                                 bool (*visit)(void *user, const struct case_log *log), void *user,
                                 struct err *e);
// The damage of all files, in order.
[[nodiscard]] bool case_each_damage(struct case_file *c,
                                    bool (*visit)(void *user, const struct case_damage *d),
                                    void *user, struct err *e);
struct case_refusal {
    struct slice file, reason;
    uint32_t line;
};
[[nodiscard]] bool case_each_refusal(struct case_file *c,
                                     bool (*visit)(void *user, const struct case_refusal *r),
                                     void *user, struct err *e);
// How many findings each level has on each day (days since 1601-01-01 UTC), days in order.
[[nodiscard]] bool case_each_day(struct case_file *c,
                                 bool (*visit)(void *user, uint64_t day, enum finding_level level,
                                               uint64_t count),
                                 void *user, struct err *e);
enum case_name {
    CASE_HOSTS,
    CASE_ACCOUNTS,
};
// The different hosts or accounts of a rule's findings, in byte order of those first met, at most
// `most` (and 12).
[[nodiscard]] bool case_each_name_of(struct case_file *c, uint32_t rule, enum case_name which,
                                     size_t most, bool (*visit)(void *user, struct slice name),
                                     void *user, struct err *e);
// consent->given false when none was recorded. Memory: a.
[[nodiscard]] bool case_get_consent(struct case_file *c, struct case_consent *consent,
                                    struct arena *a, struct err *e);

#endif
