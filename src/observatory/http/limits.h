// SPDX-License-Identifier: Apache-2.0
// Rate limits: a bucket of tokens for each key (an address, with what it is for). In memory only,
// bounded, and gone with the process: who asked for what is nobody's business.
#ifndef VIGIE_OBSERVATORY_HTTP_LIMITS_H
#define VIGIE_OBSERVATORY_HTTP_LIMITS_H

#include "base/slice.h"
#include "base/time.h"

struct rate_limits;

enum { RATE_BUCKETS = 16384 }; // at the most: 16 bytes each

struct rate_limits *rate_limits_create(void);
void rate_limits_destroy(struct rate_limits *l); // takes NULL
// Takes cost tokens of key's bucket, which holds per_minute of them and fills up in a minute. False
// when there are too few: *wait is then after how many seconds there will be. Thread-safe.
// per_minute 0: no limit. When the table is full, the fullest bucket nearby is given up: to forget
// a limit is better than to refuse a stranger.
bool rate_limits_take(struct rate_limits *l, struct slice key, unsigned per_minute, unsigned cost,
                      vtime now, unsigned *wait);
// What of an address is limited: all of IPv4, the first 64 bits of IPv6 (one subscriber's network).
// text: as inet_ntop writes it. Into out; returns the length.
size_t rate_limits_network(struct slice text, char out[48]);

#endif
