// SPDX-License-Identifier: Apache-2.0
// A table of fixed size, four buckets a row, without pointers. A bucket remembers the hash of its
// key and, in place of a count and a time, the instant at which it will be full again (the "generic
// cell rate algorithm" of ATM Forum TM 4.0, section 4.4.2): taking tokens moves that instant on,
// and a bucket whose instant is past says nothing any more and may be given to another key.
#include "observatory/http/limits.h"

#include "base/arena.h"
#include "base/map.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>

enum { WAYS = 4, ROWS = RATE_BUCKETS / WAYS };

struct bucket {
    uint64_t key;
    vtime full; // when it is full again
};

struct rate_limits {
    pthread_mutex_t lock;
    struct bucket rows[ROWS][WAYS];
};

struct rate_limits *rate_limits_create(void)
{
    struct rate_limits *l = mem_alloc_zero(1, sizeof *l);
    pthread_mutex_init(&l->lock, NULL);
    return l;
}

void rate_limits_destroy(struct rate_limits *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static struct bucket *bucket_of(struct rate_limits *l, uint64_t key)
{
    struct bucket *row = l->rows[key % ROWS], *oldest = row;
    for (size_t i = 0; i < WAYS; i++) {
        if (row[i].key == key)
            return &row[i];
        if (row[i].full < oldest->full)
            oldest = &row[i];
    }
    *oldest = (struct bucket){.key = key};
    return oldest;
}

bool rate_limits_take(struct rate_limits *l, struct slice key, unsigned per_minute, unsigned cost,
                      vtime now, unsigned *wait)
{
    *wait = 0;
    if (per_minute == 0)
        return true;
    vtime minute = 60 * VTIME_SECOND, each = minute / per_minute;
    if (cost > per_minute)
        cost = per_minute; // a full bucket is always enough
    uint64_t hash = hash_bytes(key);
    pthread_mutex_lock(&l->lock);
    struct bucket *b = bucket_of(l, hash);
    vtime full = (b->full > now ? b->full : now) + each * cost;
    bool enough = full <= now + minute;
    if (enough)
        b->full = full;
    pthread_mutex_unlock(&l->lock);
    if (!enough)
        *wait = (unsigned)((full - now - minute) / VTIME_SECOND) + 1;
    return enough;
}

size_t rate_limits_network(struct slice text, char out[48])
{
    size_t n = text.len < 46 ? text.len : 45;
    memcpy(out, text.at, n);
    out[n] = 0;
    struct in6_addr six;
    if (inet_pton(AF_INET6, out, &six) != 1)
        return n;
    if (IN6_IS_ADDR_V4MAPPED(&six)) {
        inet_ntop(AF_INET, six.s6_addr + 12, out, 48);
        return strlen(out);
    }
    memset(six.s6_addr + 8, 0, 8);
    inet_ntop(AF_INET6, &six, out, 48);
    return strlen(out);
}
