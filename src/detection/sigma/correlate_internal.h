// SPDX-License-Identifier: Apache-2.0
// The parts of a correlation at work (shared by correlate*.c).
#ifndef VIGIE_DETECTION_SIGMA_CORRELATE_INTERNAL_H
#define VIGIE_DETECTION_SIGMA_CORRELATE_INTERNAL_H

#include "detection/sigma/correlate.h"

enum {
    CORRELATE_MAX_ENTRIES = 1 << 20,        // kept at one time, all correlations together
    CORRELATE_MAX_WINDOW = 100000,          // entries of one group's window
    CORRELATE_MAX_WORK = 200 * 1000 * 1000, // entries looked at for one group
};

// A match of a base in one group of one correlation.
struct entry {
    vtime time;
    uint64_t order; // of the event among all; equal for all matches of one event
    uint64_t event; // the caller's id
    uint32_t base;  // index into the correlation's bases
    uint32_t hit;   // 0, or 1 + number of the hit that this entry stands for
    bool has_value;
    uint64_t value;        // value_count: hash of the folded values
    double number;         // sum, avg, percentile, median
    struct slice *carried; // values of the fields that correlations above need; NULL without such
};

// A hit of a correlation on which others stand.
struct kept_hit {
    vtime first, last;
    uint64_t *events;
    size_t event_count;
    uint64_t total_events;
};

struct group {
    struct group *next_in_bucket, *older, *newer;
    uint64_t hash;
    struct slice key;   // folded values
    struct slice shown; // as first seen
    struct entry *entries;
    size_t head, count,
        capacity; // entries[head … head + count): the window that begins at the first
    uint64_t work;
};

// The number that a condition speaks of, built up entry by entry.
struct statistic {
    const struct sigma_correlation *correlation;
    uint64_t events;
    uint64_t last_order; // of the event counted last
    bool any;
    uint64_t *seen; // open table of value hashes, 0: free
    size_t seen_count, seen_size;
    bool seen_zero;
    uint32_t *rows; // by base: temporal: 1 when seen; temporal_ordered: longest row that ends here
    uint32_t row_count;
    double *numbers; // sorted, for percentile and median
    size_t number_count, number_capacity;
    double sum;
    uint64_t number_order; // of the event whose number was taken last
    bool any_number;
};

// An entry with its group, to be put in order at the end.
struct waiting_entry {
    struct entry entry;
    struct slice key, shown;
    uint8_t *memory; // of both
};

// What stands on a rule or correlation, and as which of its bases.
struct rule_use {
    uint32_t correlation, base;
};

// One correlation at work.
struct running {
    struct sigma_correlator *correlator;
    const struct sigma_correlation *correlation;
    uint32_t number;
    uint32_t depth; // 0: stands on rules alone
    bool monotone;  // more events never undo the condition
    struct sigma_bound bounds[2];
    size_t bound_count;
    ARRAY_OF(struct rule_use) parents; // correlations that stand on this one
    ARRAY_OF(struct slice) carried;
    struct group **buckets;
    size_t bucket_count, group_count;
    struct group *oldest, *newest; // by time of their last entry
    struct statistic statistic;
    ARRAY_OF(struct waiting_entry) waiting; // depth > 0: until the end
};

struct sigma_correlator {
    const struct sigma_set *set;
    sigma_correlation_report *report;
    void *user;
    struct arena arena;
    struct running *running; // parallel to set->correlations
    struct rule_uses {
        ARRAY_OF(struct rule_use) uses;
    } * uses; // by rule
    ARRAY_OF(struct kept_hit) hits;
    uint64_t order;
    uint64_t last_event;
    bool any_event;
    size_t entry_count; // kept at this time
    uint64_t dropped;
};

// correlate_statistic.c
void statistic_init(struct statistic *s, const struct sigma_correlation *c);
void statistic_free(struct statistic *s);
void statistic_reset(struct statistic *s);
void statistic_add(struct statistic *s, const struct entry *e);
// False when there is no number.
[[nodiscard]] bool statistic_value(const struct statistic *s, double *out);

// correlate_window.c
// Takes over entry->carried. key and shown are copied when the group is new.
void window_add(struct running *r, struct slice key, struct slice shown, const struct entry *e);
// Settles groups whose windows are over at this time; with UINT64_MAX all.
void window_settle(struct running *r, vtime now);
void window_free(struct running *r);

// correlate.c: what a hit means for the caller and for the correlations above.
void correlator_fire(struct running *r, struct group *g, size_t anchor, double value);

#endif
