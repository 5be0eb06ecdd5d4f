// SPDX-License-Identifier: Apache-2.0
// A ring. Positions only grow: taken <= started <= pushed, taken <= chained <= pushed, and
// pushed - taken <= size. The caller owns the slots outside (taken .. pushed), a worker the one it
// started, and whoever has set chain_busy reads the one at `chained`. A slot is ready for the
// caller when it is done and chained.
#include "base/pool.h"

#include "base/arena.h"

#include <pthread.h>
#include <stdlib.h>

struct pool_thread {
    struct pool *pool;
    size_t worker;
    pthread_t id;
};

struct pool {
    pool_work *work;
    pool_chain *chain;
    void *user;
    pthread_mutex_t lock;
    pthread_cond_t more, finished;
    bool *done;
    size_t size;
    uint64_t pushed, started, chained, taken;
    bool chain_busy;
    size_t idle; // threads that wait for work
    bool closing;
    struct pool_thread *threads;
    size_t thread_count;
};

// Does the next piece of work that no one has started; false when there is none. The lock is held
// before and after.
static bool step(struct pool *p, size_t worker)
{
    if (p->chain && !p->chain_busy && p->chained < p->pushed) {
        size_t at = p->chained % p->size;
        p->chain_busy = true;
        pthread_mutex_unlock(&p->lock);
        p->chain(p->user, at);
        pthread_mutex_lock(&p->lock);
        p->chained++;
        p->chain_busy = false;
        if (p->idle && p->chained < p->pushed)
            pthread_cond_signal(&p->more);
        return true;
    }
    if (p->started == p->pushed)
        return false;
    size_t mine = p->started++ % p->size;
    pthread_mutex_unlock(&p->lock);
    p->work(p->user, mine, worker);
    pthread_mutex_lock(&p->lock);
    p->done[mine] = true;
    return true;
}

static void *run(void *argument)
{
    struct pool_thread *self = argument;
    struct pool *p = self->pool;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        if (step(p, self->worker)) {
            pthread_cond_signal(&p->finished);
        } else if (p->closing) {
            break;
        } else {
            p->idle++;
            pthread_cond_wait(&p->more, &p->lock);
            p->idle--;
        }
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct pool *pool_create(size_t jobs, size_t slots, pool_work *work, pool_chain *chain, void *user)
{
    struct pool *p = mem_alloc_zero(1, sizeof *p);
    p->work = work;
    p->chain = chain;
    p->user = user;
    p->size = jobs < 2 ? 1 : slots < jobs ? jobs : slots;
    p->done = mem_alloc_zero(p->size, sizeof *p->done);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->more, NULL);
    pthread_cond_init(&p->finished, NULL);
    p->threads = jobs < 2 ? NULL : mem_alloc_zero(jobs - 1, sizeof *p->threads);
    while (p->thread_count + 1 < jobs) {
        struct pool_thread *t = &p->threads[p->thread_count];
        *t = (struct pool_thread){.pool = p, .worker = p->thread_count + 1};
        if (pthread_create(&t->id, NULL, run, t) != 0)
            break;
        p->thread_count++;
    }
    return p;
}

void pool_destroy(struct pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    pthread_cond_broadcast(&p->more);
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < p->thread_count; i++)
        pthread_join(p->threads[i].id, NULL);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->more);
    pthread_cond_destroy(&p->finished);
    free(p->threads);
    free(p->done);
    free(p);
}

size_t pool_slots(const struct pool *p)
{
    return p->size;
}

size_t pool_workers(const struct pool *p)
{
    return p->thread_count + 1;
}

bool pool_free_slot(struct pool *p, size_t *slot)
{
    // Only the caller moves these two.
    if (p->pushed - p->taken >= p->size)
        return false;
    *slot = p->pushed % p->size;
    return true;
}

void pool_push(struct pool *p)
{
    size_t at = p->pushed % p->size;
    if (p->size == 1) {
        if (p->chain)
            p->chain(p->user, at);
        p->work(p->user, at, 0);
        p->pushed++;
        p->started++;
        p->chained++;
        p->done[at] = true;
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->done[at] = false;
    p->pushed++;
    if (p->idle)
        pthread_cond_signal(&p->more);
    pthread_mutex_unlock(&p->lock);
}

bool pool_take(struct pool *p, size_t *slot)
{
    if (p->taken == p->pushed)
        return false;
    size_t at = p->taken % p->size;
    pthread_mutex_lock(&p->lock);
    while (!p->done[at] || (p->chain && p->chained <= p->taken))
        if (!step(p, 0))
            pthread_cond_wait(&p->finished, &p->lock);
    pthread_mutex_unlock(&p->lock);
    p->taken++;
    *slot = at;
    return true;
}
