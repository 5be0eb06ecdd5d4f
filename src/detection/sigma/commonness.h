// SPDX-License-Identifier: Apache-2.0
// Guesses at how often a literal stands in the values of Windows event logs. They decide in which
// order a rule's parts are looked at, and by which of them it is woken; never what matches.
#ifndef VIGIE_DETECTION_SIGMA_COMMONNESS_H
#define VIGIE_DETECTION_SIGMA_COMMONNESS_H

#include "base/slice.h"

enum literal_place {
    LITERAL_EQUALS, // is the whole value
    LITERAL_STARTS,
    LITERAL_ENDS,
    LITERAL_CONTAINS,
};

// 0 to 1. folded: not empty.
double literal_commonness(enum literal_place place, struct slice folded);

#endif
