// SPDX-License-Identifier: Apache-2.0
// Figures worked by hand beside each case.
#include "observatory/team/kappa.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void add_many(struct kappa_tally *t, const char *first, const char *second, int times)
{
    for (int i = 0; i < times; i++)
        kappa_add(t, slice_from_str(first), slice_from_str(second));
}

static void assert_near(double a, double b)
{
    if (fabs(a - b) > 1e-12)
        fail_msg("%.15f is not %.15f", a, b);
}

// 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 35/50 = 0.7; the first says yes 25/50, the
// second 30/50: expected 0.5*0.6 + 0.5*0.4 = 0.5; kappa (0.7-0.5)/(1-0.5) = 0.4.
static void test_two_by_two(void **state)
{
    (void)state;
    struct kappa_tally t = {0};
    add_many(&t, "yes", "yes", 20);
    add_many(&t, "yes", "no", 5);
    add_many(&t, "no", "yes", 10);
    add_many(&t, "no", "no", 15);
    struct kappa k = kappa_of(&t);
    assert_true(k.defined);
    assert_int_equal(k.units, 50);
    assert_near(k.observed, 0.7);
    assert_near(k.expected, 0.5);
    assert_near(k.value, 0.4);
    kappa_free(&t);
}

// Three categories, ten units. Agreed: a 3, b 2, c 1 = 6/10. First: a 4, b 4, c 2; second: a 4,
// b 3, c 3: expected (16+12+6)/100 = 0.34; kappa 0.26/0.66 = 13/33.
static void test_three_categories(void **state)
{
    (void)state;
    struct kappa_tally t = {0};
    add_many(&t, "a", "a", 3);
    add_many(&t, "b", "b", 2);
    add_many(&t, "c", "c", 1);
    add_many(&t, "a", "c", 1);
    add_many(&t, "b", "a", 1);
    add_many(&t, "b", "c", 1);
    add_many(&t, "c", "b", 1);
    struct kappa k = kappa_of(&t);
    assert_near(k.observed, 0.6);
    assert_near(k.expected, 0.34);
    assert_near(k.value, 13.0 / 33.0);
    kappa_free(&t);
}

// Full agreement on two categories is 1; systematic disagreement, half and half, is -1.
static void test_extremes(void **state)
{
    (void)state;
    struct kappa_tally same = {0}, never = {0};
    add_many(&same, "a", "a", 3);
    add_many(&same, "b", "b", 4);
    assert_near(kappa_of(&same).value, 1);
    add_many(&never, "a", "b", 5);
    add_many(&never, "b", "a", 5);
    assert_near(kappa_of(&never).value, -1);
    kappa_free(&same);
    kappa_free(&never);
}

// All agree on one category: 1 observed, 1 expected, 0/0: no figure. One coder constant, the other
// not: 0, for chance explains it all.
static void test_degenerate(void **state)
{
    (void)state;
    struct kappa_tally one = {0}, constant = {0}, empty = {0};
    add_many(&one, "a", "a", 7);
    struct kappa k = kappa_of(&one);
    assert_false(k.defined);
    assert_near(k.observed, 1);
    assert_int_equal(k.units, 7);
    add_many(&constant, "a", "a", 6);
    add_many(&constant, "a", "b", 3);
    k = kappa_of(&constant);
    assert_true(k.defined);
    assert_near(k.value, 0);
    assert_false(kappa_of(&empty).defined);
    assert_false(kappa_pooled(&empty, 1).defined);
    assert_false(kappa_pooled(&one, 1).defined);
    kappa_free(&one);
    kappa_free(&constant);
}

// Two terms on ten records. Term one: 4 yes-yes, 1 yes-no, 5 no-no: observed 0.9, expected
// 0.5*0.4 + 0.5*0.6 = 0.5. Term two: ten no-no: observed 1, expected 1. Means 0.95 and 0.75; pooled
// 0.20/0.25 = 0.8 (term one alone: 0.4/0.5 = 0.8 too; a third term shows the difference).
// Term three: 1 yes-yes, 1 yes-no, 2 no-yes, 6 no-no: observed 0.7, expected 0.2*0.3 + 0.8*0.7 =
// 0.62. Means of three: 2.6/3 and 2.12/3; pooled (2.6-2.12)/(3-2.12) = 0.48/0.88 = 6/11.
static void test_pooled(void **state)
{
    (void)state;
    struct kappa_tally t[4] = {0};
    add_many(&t[0], "1", "1", 4);
    add_many(&t[0], "1", "0", 1);
    add_many(&t[0], "0", "0", 5);
    add_many(&t[1], "0", "0", 10);
    struct kappa k = kappa_pooled(t, 2);
    assert_near(k.value, 0.8);
    assert_int_equal(k.units, 20);
    add_many(&t[2], "1", "1", 1);
    add_many(&t[2], "1", "0", 1);
    add_many(&t[2], "0", "1", 2);
    add_many(&t[2], "0", "0", 6);
    assert_near(kappa_pooled(t, 3).value, 6.0 / 11.0);
    assert_near(kappa_pooled(t, 4).value, 6.0 / 11.0); // the empty one is left out
    for (int i = 0; i < 4; i++)
        kappa_free(&t[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_by_two), cmocka_unit_test(test_three_categories),
        cmocka_unit_test(test_extremes),   cmocka_unit_test(test_degenerate),
        cmocka_unit_test(test_pooled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
