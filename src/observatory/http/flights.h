// SPDX-License-Identifier: Apache-2.0
// Pages that are being made. When many ask for one that is not kept, the first makes it and the
// others wait for what it makes, so that a page that expires under load is made once.
#ifndef VIGIE_OBSERVATORY_HTTP_FLIGHTS_H
#define VIGIE_OBSERVATORY_HTTP_FLIGHTS_H

#include "base/slice.h"

struct flights;

// One request's place, in the caller's memory; key is set by the caller and stays.
struct seat {
    struct slice key;
    uint64_t hash;
    struct seat *next;                 // of those that wait; or of those that make, in a chain
    struct seat *waiting, **last_wait; // of one that makes
};

struct flights *flights_create(void);
void flights_destroy(struct flights *f); // takes NULL; nobody waits any more
// True: nobody makes that page yet; the caller does, and lands. False: somebody does; the seat is
// among those whom flights_land will give back, and out of the caller's hands. Thread-safe.
bool flights_board(struct flights *f, struct seat *s);
// The page was made, or is not to be had. Those who waited for it, linked by next.
struct seat *flights_land(struct flights *f, struct seat *s);

#endif
