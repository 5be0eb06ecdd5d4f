// SPDX-License-Identifier: Apache-2.0
// How far two coders agree beyond chance: Cohen's kappa (J. Cohen, "A coefficient of agreement for
// nominal scales", 1960). For a field with several values at once each term of its vocabulary is a
// yes-or-no decision, and these are pooled (H. De Vries and others, "Using pooled kappa to
// summarize interrater agreement across many items", 2008): the mean of the observed and the mean
// of the expected agreements go into the formula.
#ifndef VIGIE_OBSERVATORY_TEAM_KAPPA_H
#define VIGIE_OBSERVATORY_TEAM_KAPPA_H

#include "base/array.h"

struct kappa_category {
    struct slice name;      // borrowed
    uint64_t first, second; // how often each coder chose it
};

// The decisions of two coders on one question.
struct kappa_tally {
    ARRAY_OF(struct kappa_category) categories;
    uint64_t units, agreed;
};

struct kappa {
    uint64_t units;  // decisions compared
    double observed; // share on which they agree
    double expected; // share on which they would by chance
    bool defined;    // false: nothing compared, or both always chose one and the same category,
                     // so that chance alone explains all
    double value;    // when defined; at most 1
};

void kappa_free(struct kappa_tally *t);
// One unit, and what each made of it.
void kappa_add(struct kappa_tally *t, struct slice first, struct slice second);
struct kappa kappa_of(const struct kappa_tally *t);
// Of yes-or-no decisions, a tally a term; tallies without units are left out.
struct kappa kappa_pooled(const struct kappa_tally *tallies, size_t count);

#endif
