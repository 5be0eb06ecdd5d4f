// SPDX-License-Identifier: Apache-2.0
// For tests: whether tags nest as they should.
#ifndef VIGIE_OBSERVATORY_PAGES_MARKUP_CHECK_H
#define VIGIE_OBSERVATORY_PAGES_MARKUP_CHECK_H

#include "base/slice.h"

// NULL when every element is closed in its order, every attribute is quoted and no < or > stands
// free; else what is wrong. HTML's void elements need no end.
const char *markup_fault(struct slice markup);

#endif
