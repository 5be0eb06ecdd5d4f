// SPDX-License-Identifier: Apache-2.0
#include "observatory/http/workers.h"

#include "base/arena.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct worker {
    pthread_t thread;
    struct workers *all;
    void *state;
};

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct worker_job *first, **last;
    size_t waiting, running, queue_max;
    bool ending;
    size_t count;
    struct worker list[];
};

static void *worker_main(void *p)
{
    struct worker *me = p;
    struct workers *w = me->all;
    pthread_mutex_lock(&w->lock);
    while (true) {
        while (!w->first && !w->ending)
            pthread_cond_wait(&w->work, &w->lock);
        struct worker_job *job = w->first;
        if (!job)
            break;
        w->first = job->next;
        if (!w->first)
            w->last = &w->first;
        w->waiting--;
        w->running++;
        pthread_mutex_unlock(&w->lock);
        job->run(job, me->state);
        pthread_mutex_lock(&w->lock);
        w->running--;
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct workers *workers_create(void **states, size_t count, size_t queue_max)
{
    struct workers *w = mem_alloc_zero(1, sizeof *w + count * sizeof *w->list);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    w->last = &w->first;
    w->queue_max = queue_max;
    // Signals are the main thread's.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (size_t i = 0; i < count; i++) {
        w->list[i] = (struct worker){.all = w, .state = states[i]};
        if (pthread_create(&w->list[i].thread, NULL, worker_main, &w->list[i]) != 0)
            break;
        w->count++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (w->count == count)
        return w;
    workers_destroy(w);
    return NULL;
}

bool workers_submit(struct workers *w, struct worker_job *job)
{
    pthread_mutex_lock(&w->lock);
    bool room = w->waiting < w->queue_max && !w->ending;
    if (room) {
        job->next = NULL;
        *w->last = job;
        w->last = &job->next;
        w->waiting++;
        pthread_cond_signal(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
    return room;
}

size_t workers_busy(struct workers *w)
{
    pthread_mutex_lock(&w->lock);
    size_t n = w->waiting + w->running;
    pthread_mutex_unlock(&w->lock);
    return n;
}

void workers_destroy(struct workers *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
    for (size_t i = 0; i < w->count; i++)
        pthread_join(w->list[i].thread, NULL);
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
