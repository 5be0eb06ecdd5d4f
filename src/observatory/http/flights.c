// SPDX-License-Identifier: Apache-2.0
#include "observatory/http/flights.h"

#include "base/arena.h"
#include "base/map.h"

#include <pthread.h>
#include <stdlib.h>

enum { FLIGHT_ROWS = 64 }; // as many are made at once as there are workers, some more wait for one

struct flights {
    pthread_mutex_t lock;
    struct seat *rows[FLIGHT_ROWS];
};

struct flights *flights_create(void)
{
    struct flights *f = mem_alloc_zero(1, sizeof *f);
    pthread_mutex_init(&f->lock, NULL);
    return f;
}

void flights_destroy(struct flights *f)
{
    if (!f)
        return;
    pthread_mutex_destroy(&f->lock);
    free(f);
}

bool flights_board(struct flights *f, struct seat *s)
{
    s->hash = hash_bytes(s->key);
    s->next = s->waiting = NULL;
    s->last_wait = &s->waiting;
    struct seat **row = &f->rows[s->hash % FLIGHT_ROWS];
    pthread_mutex_lock(&f->lock);
    struct seat *first = *row;
    while (first && !(first->hash == s->hash && slice_equal(first->key, s->key)))
        first = first->next;
    if (first) {
        *first->last_wait = s;
        first->last_wait = &s->next;
    } else {
        s->next = *row;
        *row = s;
    }
    pthread_mutex_unlock(&f->lock);
    return !first;
}

struct seat *flights_land(struct flights *f, struct seat *s)
{
    struct seat **at = &f->rows[s->hash % FLIGHT_ROWS];
    pthread_mutex_lock(&f->lock);
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    pthread_mutex_unlock(&f->lock);
    return s->waiting;
}
