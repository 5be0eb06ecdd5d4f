// SPDX-License-Identifier: Apache-2.0
// Leaky buckets in memory, for tries at signing in (per account and per address) and requests from
// the public. What is counted is kept only as a seeded hash, and forgotten with the process.
// For one thread at a time: the caller locks.
#ifndef VIGIE_OBSERVATORY_TEAM_THROTTLE_H
#define VIGIE_OBSERVATORY_TEAM_THROTTLE_H

#include "base/slice.h"
#include "base/time.h"

enum { THROTTLE_BUCKETS = 4096, THROTTLE_WAYS = 8 };

struct throttle_bucket {
    uint64_t key; // 0: free
    double level;
    vtime at; // when level was right
};

struct throttle {
    double burst;  // so many at once
    double refill; // seconds until another one is let through
    struct throttle_bucket buckets[THROTTLE_BUCKETS];
};

// Counts one and says whether it is let through. A try that is not let through is not counted, so
// that waiting always helps.
bool throttle_take(struct throttle *t, struct slice who, vtime now);
// Gives one back: what was tried turned out well.
void throttle_give_back(struct throttle *t, struct slice who, vtime now);

#endif
