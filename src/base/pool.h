// SPDX-License-Identifier: Apache-2.0
// Work in slots that several threads share, and whose results come back in the order in which it
// was handed over. What a slot holds is the caller's: an array of its own, by the slot's number.
//
//     while (there is more) {
//         while (!pool_free_slot(p, &slot)) { pool_take(p, &slot); use what slot holds; }
//         fill slot;
//         pool_push(p);
//     }
//     while (pool_take(p, &slot)) use what slot holds;
//
// The caller's thread counts as one of the jobs: while the slot that it waits for is not done, it
// works itself. So with one job no thread is started, and with two the program keeps two processors
// busy and no more.
#ifndef VIGIE_BASE_POOL_H
#define VIGIE_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>

// Does the work of one slot. worker: below pool_workers(); no two threads have the same at once, so
// that each can have its own scratch memory. 0 is the caller's thread.
typedef void pool_work(void *user, size_t slot, size_t worker);
// What has to be done to one slot after the other, in the order in which they were handed over (a
// checksum over all of them): never two at once, by any thread, perhaps while another does the
// slot's work.
typedef void pool_chain(void *user, size_t slot);

struct pool;

// jobs: at least 1. With one job there is one slot, worked on in pool_push; else `slots` of them,
// at least jobs. Where fewer threads can be had, fewer will do. chain: may be NULL.
struct pool *pool_create(size_t jobs, size_t slots, pool_work *work, pool_chain *chain, void *user);
void pool_destroy(struct pool *p); // takes NULL; waits for what is under way
size_t pool_slots(const struct pool *p);
size_t pool_workers(const struct pool *p);
// A free slot to fill; false when all are under way: then take one first.
bool pool_free_slot(struct pool *p, size_t *slot);
// Hands over the slot last got from pool_free_slot.
void pool_push(struct pool *p);
// The oldest slot that was handed over, once it is done; false when none is under way. It is free
// again at the next call.
bool pool_take(struct pool *p, size_t *slot);

#endif
