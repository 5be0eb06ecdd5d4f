// SPDX-License-Identifier: Apache-2.0
// Blocks go to the threads of a pool and come back in the order in which they were handed over.
#ifndef VIGIE_AUDIT_BLOCK_POOL_H
#define VIGIE_AUDIT_BLOCK_POOL_H

#include "audit/block.h"

struct block_pool;

// As base/pool.h says. Each worker has its own reader and matcher.
struct block_pool *block_pool_create(uint32_t jobs, const struct audit_options *options,
                                     const struct sigma_set *rules,
                                     const struct sigma_engine *engine);
void block_pool_destroy(struct block_pool *p); // takes NULL; waits for what is under way
// A free block to fill, or NULL when all are under way: then take one first.
struct block *block_pool_free_block(struct block_pool *p);
// Hands over the block last got from block_pool_free_block.
void block_pool_push(struct block_pool *p);
// The oldest block that was handed over, once it is done; NULL when none is under way. It is free
// again at the next call.
struct block *block_pool_take(struct block_pool *p);
// The workers, for summing up their figures; only when nothing is under way.
size_t block_pool_workers(struct block_pool *p, struct block_worker *out[AUDIT_MAX_JOBS]);

#endif
