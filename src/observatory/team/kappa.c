// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/kappa.h"

void kappa_free(struct kappa_tally *t)
{
    ARRAY_FREE(&t->categories);
    *t = (struct kappa_tally){0};
}

static struct kappa_category *category(struct kappa_tally *t, struct slice name)
{
    for (size_t i = 0; i < t->categories.count; i++)
        if (slice_equal(t->categories.items[i].name, name))
            return &t->categories.items[i];
    struct kappa_category *c = ARRAY_ADD(&t->categories);
    *c = (struct kappa_category){.name = name};
    return c;
}

void kappa_add(struct kappa_tally *t, struct slice first, struct slice second)
{
    category(t, first)->first++;
    category(t, second)->second++;
    t->units++;
    t->agreed += slice_equal(first, second);
}

// Whether chance would always agree is asked of the counts, since a sum of shares need not be
// exactly 1.
static struct kappa from_shares(uint64_t units, double observed, double expected, bool always)
{
    struct kappa k = {.units = units, .observed = observed, .expected = expected};
    k.defined = units > 0 && !always;
    if (k.defined)
        k.value = (observed - expected) / (1 - expected);
    return k;
}

static bool always_one(const struct kappa_tally *t)
{
    for (size_t i = 0; i < t->categories.count; i++)
        if (t->categories.items[i].first == t->units && t->categories.items[i].second == t->units)
            return true;
    return false;
}

static double expected_share(const struct kappa_tally *t)
{
    double sum = 0, n = (double)t->units;
    for (size_t i = 0; i < t->categories.count; i++)
        sum +=
            (double)t->categories.items[i].first / n * ((double)t->categories.items[i].second / n);
    return sum;
}

struct kappa kappa_of(const struct kappa_tally *t)
{
    if (t->units == 0)
        return (struct kappa){0};
    return from_shares(t->units, (double)t->agreed / (double)t->units, expected_share(t),
                       always_one(t));
}

struct kappa kappa_pooled(const struct kappa_tally *tallies, size_t count)
{
    double observed = 0, expected = 0;
    uint64_t units = 0;
    size_t used = 0;
    bool always = true;
    for (size_t i = 0; i < count; i++) {
        const struct kappa_tally *t = &tallies[i];
        if (t->units == 0)
            continue;
        observed += (double)t->agreed / (double)t->units;
        expected += expected_share(t);
        units += t->units;
        always = always && always_one(t);
        used++;
    }
    if (used == 0)
        return (struct kappa){0};
    return from_shares(units, observed / (double)used, expected / (double)used, always);
}
