// SPDX-License-Identifier: Apache-2.0
// Lists as Python writes them, which EuRepoC's cells hold: ['a', "it's", nan], [['a', 'b'], ['c']].
#ifndef VIGIE_OBSERVATORY_EXCHANGE_PYLIST_H
#define VIGIE_OBSERVATORY_EXCHANGE_PYLIST_H

#include "base/arena.h"

// The texts of all elements, nested ones too, in order; nan, None and empty texts are left out. A
// cell that is no list is one text; one that breaks off gives what was read. Memory: arena.
size_t pylist_read(struct slice cell, struct arena *a, struct slice **out);

#endif
