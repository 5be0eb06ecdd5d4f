// SPDX-License-Identifier: Apache-2.0
// Blocks go to worker threads and come back in the order in which they were handed over.
#ifndef VIGIE_AUDIT_POOL_H
#define VIGIE_AUDIT_POOL_H

#include "audit/block.h"

struct pool;

// jobs 1: no thread is started, the work is done in pool_push. Each worker has its own reader and
// matcher.
struct pool *pool_create(uint32_t jobs, const struct audit_options *options,
                         const struct sigma_set *rules, const struct sigma_engine *engine);
void pool_destroy(struct pool *p); // takes NULL; waits for what is under way
// A free block to fill, or NULL when all are under way: then take one first.
struct block *pool_free_block(struct pool *p);
// Hands over the block last got from pool_free_block.
void pool_push(struct pool *p);
// The oldest block that was handed over, once it is done; NULL when none is under way. It is free
// again at the next call.
struct block *pool_take(struct pool *p);
// Whether any block was handed over and not yet taken back.
bool pool_pending(const struct pool *p);
// The workers, for summing up their figures; only when nothing is under way.
size_t pool_workers(struct pool *p, struct block_worker *out[AUDIT_MAX_JOBS]);

#endif
