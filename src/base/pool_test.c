// SPDX-License-Identifier: Apache-2.0
#include "base/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

enum { MAX_SLOTS = 16, PIECES = 5000 };

struct job {
    uint64_t input[MAX_SLOTS], output[MAX_SLOTS];
    atomic_uint busy[MAX_SLOTS];   // threads that work on a slot: never more than one
    atomic_uint worker[MAX_SLOTS]; // … with a worker's number
    atomic_uint clashes, worked;
    atomic_uint chaining; // threads in the chain: never more than one
    uint64_t chained;     // slots so far, in order
    unsigned slow_every;
};

static void square(void *user, size_t slot, size_t worker)
{
    struct job *j = user;
    if (atomic_fetch_add(&j->busy[slot], 1) || atomic_fetch_add(&j->worker[worker], 1))
        atomic_fetch_add(&j->clashes, 1);
    if (j->slow_every && j->input[slot] % j->slow_every == 0)
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    j->output[slot] = j->input[slot] * j->input[slot];
    atomic_fetch_add(&j->worked, 1);
    atomic_fetch_sub(&j->busy[slot], 1);
    atomic_fetch_sub(&j->worker[worker], 1);
}

static void chain(void *user, size_t slot)
{
    struct job *j = user;
    if (atomic_fetch_add(&j->chaining, 1) || j->input[slot] != j->chained)
        atomic_fetch_add(&j->clashes, 1);
    if (j->slow_every && j->input[slot] % (j->slow_every + 1) == 0)
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    j->chained++;
    atomic_fetch_sub(&j->chaining, 1);
}

static const struct {
    size_t jobs, slots;
    unsigned slow_every;
} cases[] = {
    {1, 1, 0}, {1, 6, 0}, {2, 2, 0}, {2, 6, 0}, {2, 6, 7}, {4, 1, 0}, {4, 12, 0}, {8, 16, 3},
};

// Results come back once each, in the order of the work, no two threads share a slot or a worker's
// number, and the chain goes over the slots in their order.
static void run_case(size_t jobs, size_t slots, unsigned slow_every, bool chained)
{
    struct job j = {.slow_every = slow_every};
    struct pool *p = pool_create(jobs, slots, square, chained ? chain : NULL, &j);
    uint64_t in = 0, out = 0;
    size_t slot;
    assert_true(pool_slots(p) <= MAX_SLOTS && pool_workers(p) >= 1 && pool_workers(p) <= jobs);
    assert_false(pool_take(p, &slot));
    while (in < PIECES) {
        while (!pool_free_slot(p, &slot)) {
            assert_true(pool_take(p, &slot));
            assert_int_equal(j.output[slot], out * out);
            out++;
        }
        assert_true(slot < pool_slots(p));
        j.input[slot] = in++;
        pool_push(p);
    }
    while (pool_take(p, &slot)) {
        assert_int_equal(j.output[slot], out * out);
        out++;
    }
    assert_int_equal(out, PIECES);
    assert_int_equal(atomic_load(&j.worked), PIECES);
    assert_int_equal(atomic_load(&j.clashes), 0);
    assert_int_equal(j.chained, chained ? PIECES : 0);
    pool_destroy(p);
}

static void test_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int chained = 0; chained < 2; chained++)
            run_case(cases[i].jobs, cases[i].slots, cases[i].slow_every, chained);
}

// What was handed over and never taken back is done before the pool goes.
static void test_destroy(void **state)
{
    (void)state;
    struct job j = {.slow_every = 1};
    struct pool *p = pool_create(3, 8, square, chain, &j);
    size_t slot, pushed = 0;
    for (; pool_free_slot(p, &slot); pushed++) {
        j.input[slot] = pushed;
        pool_push(p);
    }
    assert_int_equal(pushed, 8);
    pool_destroy(p);
    assert_int_equal(atomic_load(&j.worked), 8);
    assert_int_equal(j.chained, 8);
    pool_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order),
                                       cmocka_unit_test(test_destroy)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
