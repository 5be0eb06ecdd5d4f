// SPDX-License-Identifier: Apache-2.0
// Threads that answer requests, apart from those that speak HTTP: a slow question to the store must
// not keep finished pages waiting.
#ifndef VIGIE_OBSERVATORY_HTTP_WORKERS_H
#define VIGIE_OBSERVATORY_HTTP_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

struct workers;

struct worker_job {
    struct worker_job *next;
    void (*run)(struct worker_job *job, void *state); // state: the thread's own
};

// One thread for each of the states. queue_max: how many jobs may wait. NULL when the system gives
// no threads.
struct workers *workers_create(void **states, size_t count, size_t queue_max);
// False when too many wait already; the job is then still the caller's.
[[nodiscard]] bool workers_submit(struct workers *w, struct worker_job *job);
size_t workers_busy(struct workers *w); // jobs waiting or running
// Finishes what waits, then ends the threads. Takes NULL.
void workers_destroy(struct workers *w);

#endif
