// SPDX-License-Identifier: Apache-2.0
#include "audit/block_pool.h"

#include "base/pool.h"

enum { BLOCKS_PER_JOB = 3 };

struct block_pool {
    struct pool *pool;
    struct block *blocks; // one a slot
    struct block_worker *workers;
    size_t worker_count; // at least as many as the pool has
    struct sha256 *hash; // of the file whose blocks come by
};

static void work(void *user, size_t slot, size_t worker)
{
    struct block_pool *p = user;
    block_work(&p->blocks[slot], &p->workers[worker]);
}

static void chain(void *user, size_t slot)
{
    struct block_pool *p = user;
    block_hash(&p->blocks[slot], p->hash);
}

struct block_pool *block_pool_create(uint32_t jobs, const struct audit_options *options,
                                     const struct sigma_set *rules,
                                     const struct sigma_engine *engine)
{
    struct block_pool *p = mem_alloc_zero(1, sizeof *p);
    p->worker_count = jobs ? jobs : 1;
    p->workers = mem_alloc_zero(p->worker_count, sizeof *p->workers);
    for (size_t i = 0; i < p->worker_count; i++)
        block_worker_init(&p->workers[i], options, rules, engine);
    p->hash = sha256_create();
    p->pool = pool_create(p->worker_count, p->worker_count * BLOCKS_PER_JOB, work, chain, p);
    p->blocks = mem_alloc_zero(pool_slots(p->pool), sizeof *p->blocks);
    for (size_t i = 0; i < pool_slots(p->pool); i++)
        block_init(&p->blocks[i]);
    return p;
}

void block_pool_destroy(struct block_pool *p)
{
    if (!p)
        return;
    size_t slots = pool_slots(p->pool);
    pool_destroy(p->pool);
    for (size_t i = 0; i < slots; i++)
        block_free(&p->blocks[i]);
    for (size_t i = 0; i < p->worker_count; i++)
        block_worker_free(&p->workers[i]);
    sha256_destroy(p->hash);
    free(p->blocks);
    free(p->workers);
    free(p);
}

struct block *block_pool_free_block(struct block_pool *p)
{
    size_t slot;
    if (!pool_free_slot(p->pool, &slot))
        return NULL;
    block_reset(&p->blocks[slot]);
    return &p->blocks[slot];
}

void block_pool_push(struct block_pool *p)
{
    pool_push(p->pool);
}

struct block *block_pool_take(struct block_pool *p)
{
    size_t slot;
    return pool_take(p->pool, &slot) ? &p->blocks[slot] : NULL;
}

size_t block_pool_workers(struct block_pool *p, struct block_worker *out[AUDIT_MAX_JOBS])
{
    size_t n = p->worker_count < AUDIT_MAX_JOBS ? p->worker_count : AUDIT_MAX_JOBS;
    for (size_t i = 0; i < n; i++)
        out[i] = &p->workers[i];
    return n;
}
