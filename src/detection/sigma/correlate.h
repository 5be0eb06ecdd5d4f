// SPDX-License-Identifier: Apache-2.0
// Correlations: run at the end over the kept matches of the base rules, in time order over all
// evidence (docs/sigma.md).
#ifndef VIGIE_DETECTION_SIGMA_CORRELATE_H
#define VIGIE_DETECTION_SIGMA_CORRELATE_H

#include "detection/sigma/rule.h"

#include "base/time.h"

struct sigma_correlator;

// One match of a base rule. field() gives the event's text for a field name as that rule names it
// (aliases of stand-in events already applied); false when the event does not have it.
struct sigma_base_match {
    uint32_t rule;  // index in the set
    vtime time;     // 0 (unknown) matches take part in no correlation
    uint64_t event; // caller's id of the event
    bool (*field)(void *user, struct slice name, struct slice *out);
    void *user;
};

// A correlation fired.
struct sigma_correlation_hit {
    const struct sigma_correlation *correlation;
    uint32_t position; // of the correlation in its set
    vtime first, last;
    struct slice group;     // "User=alice; Computer=PC-3", empty without group-by
    const uint64_t *events; // ids, in time order, at most SIGMA_MAX_HIT_EVENTS
    size_t event_count;
    uint64_t total_events; // of the window, even when not all are listed
    double value;          // the count, sum … that met the condition
};

enum { SIGMA_MAX_HIT_EVENTS = 1000 };

typedef void sigma_correlation_report(void *user, const struct sigma_correlation_hit *hit);

struct sigma_correlator *sigma_correlator_create(const struct sigma_set *set,
                                                 sigma_correlation_report *report, void *user);
void sigma_correlator_destroy(struct sigma_correlator *c); // takes NULL
// Matches must come in ascending time (ties in the order read).
void sigma_correlator_add(struct sigma_correlator *c, const struct sigma_base_match *match);
// The end: nothing more comes; correlations on correlations are settled.
void sigma_correlator_finish(struct sigma_correlator *c);
// Matches left out because too many would have had to be kept at one time (for a message; 0 with
// any usual evidence).
uint64_t sigma_correlator_dropped(const struct sigma_correlator *c);
// Names of the fields of rule that any correlation needs (so that they can be kept with the event),
// once the set was prepared; sigma_engine_create does that.
void sigma_correlation_prepare(struct sigma_set *set);
size_t sigma_correlation_fields(const struct sigma_set *set, uint32_t rule,
                                const struct slice **out);

#endif
