// SPDX-License-Identifier: Apache-2.0
// A ring of blocks. Positions only grow: taken <= started <= pushed, and pushed - taken <= size.
// The caller owns the blocks outside (taken .. pushed), a worker owns the one it started; `done`
// tells the caller when the oldest is ready.
#include "audit/pool.h"

#include <pthread.h>

enum { BLOCKS_PER_WORKER = 3 };

struct pool_thread {
    struct pool *pool;
    struct block_worker worker;
    pthread_t id;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work, finished;
    struct block *blocks;
    bool *done;
    size_t size;
    uint64_t pushed, started, taken;
    bool closing;
    struct pool_thread *threads;
    size_t thread_count;          // 0: no threads, workers[0] works in the caller
    struct block_worker *workers; // when thread_count is 0: one
};

static void *pool_run(void *argument)
{
    struct pool_thread *self = argument;
    struct pool *p = self->pool;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->started == p->pushed && !p->closing)
            pthread_cond_wait(&p->work, &p->lock);
        if (p->started == p->pushed)
            break;
        size_t mine = p->started++ % p->size;
        pthread_mutex_unlock(&p->lock);
        block_work(&p->blocks[mine], &self->worker);
        pthread_mutex_lock(&p->lock);
        p->done[mine] = true;
        pthread_cond_signal(&p->finished);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct pool *pool_create(uint32_t jobs, const struct audit_options *options,
                         const struct sigma_set *rules, const struct sigma_engine *engine)
{
    struct pool *p = mem_alloc_zero(1, sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->finished, NULL);
    p->size = jobs > 1 ? (size_t)jobs * BLOCKS_PER_WORKER : 1;
    p->blocks = mem_alloc_zero(p->size, sizeof *p->blocks);
    p->done = mem_alloc_zero(p->size, sizeof *p->done);
    for (size_t i = 0; i < p->size; i++)
        block_init(&p->blocks[i]);
    if (jobs > 1) {
        p->threads = mem_alloc_zero(jobs, sizeof *p->threads);
        for (uint32_t i = 0; i < jobs; i++) {
            struct pool_thread *t = &p->threads[p->thread_count];
            t->pool = p;
            block_worker_init(&t->worker, options, rules, engine);
            if (pthread_create(&t->id, NULL, pool_run, t) != 0) {
                block_worker_free(&t->worker);
                break; // fewer threads will do
            }
            p->thread_count++;
        }
    }
    if (p->thread_count == 0) {
        p->workers = mem_alloc_zero(1, sizeof *p->workers);
        block_worker_init(p->workers, options, rules, engine);
    }
    return p;
}

void pool_destroy(struct pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < p->thread_count; i++) {
        pthread_join(p->threads[i].id, NULL);
        block_worker_free(&p->threads[i].worker);
    }
    if (p->workers)
        block_worker_free(p->workers);
    for (size_t i = 0; i < p->size; i++)
        block_free(&p->blocks[i]);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->finished);
    free(p->threads);
    free(p->workers);
    free(p->blocks);
    free(p->done);
    free(p);
}

struct block *pool_free_block(struct pool *p)
{
    if (p->pushed - p->taken >= p->size)
        return NULL;
    struct block *b = &p->blocks[p->pushed % p->size];
    block_reset(b);
    return b;
}

void pool_push(struct pool *p)
{
    size_t at = p->pushed % p->size;
    if (p->thread_count == 0) {
        block_work(&p->blocks[at], p->workers);
        p->done[at] = true;
        p->pushed++;
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->done[at] = false;
    p->pushed++;
    pthread_cond_signal(&p->work);
    pthread_mutex_unlock(&p->lock);
}

struct block *pool_take(struct pool *p)
{
    if (p->taken == p->pushed)
        return NULL;
    size_t at = p->taken % p->size;
    if (p->thread_count) {
        pthread_mutex_lock(&p->lock);
        while (!p->done[at])
            pthread_cond_wait(&p->finished, &p->lock);
        pthread_mutex_unlock(&p->lock);
    }
    p->taken++;
    return &p->blocks[at];
}

bool pool_pending(const struct pool *p)
{
    return p->taken != p->pushed;
}

size_t pool_workers(struct pool *p, struct block_worker *out[AUDIT_MAX_JOBS])
{
    size_t n = p->thread_count ? p->thread_count : 1;
    for (size_t i = 0; i < n; i++)
        out[i] = p->thread_count ? &p->threads[i].worker : p->workers;
    return n;
}
