// SPDX-License-Identifier: Apache-2.0
// A typed growing array: ARRAY_OF(struct thing) things = {0}; *ARRAY_ADD(&things) = t; free with
// ARRAY_FREE.
#ifndef VIGIE_BASE_ARRAY_H
#define VIGIE_BASE_ARRAY_H

#include "base/arena.h"

#include <stdlib.h>

#define ARRAY_OF(type)                                                                             \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count;                                                                              \
        size_t capacity;                                                                           \
    }

// Makes room for one more (uninitialised) and yields a pointer to it.
#define ARRAY_ADD(a)                                                                               \
    ((a)->items = (typeof((a)->items))array_reserve((a)->items, (a)->count, &(a)->capacity,        \
                                                    sizeof *(a)->items),                           \
     &(a)->items[(a)->count++])

#define ARRAY_FREE(a) (free((a)->items), (a)->items = NULL, (a)->count = (a)->capacity = 0)

// Room for so many at once, where their number is known.
#define ARRAY_RESERVE(a, wanted)                                                                   \
    ((a)->capacity < (wanted) ? (void)((a)->items = (typeof((a)->items))mem_grow(                  \
                                           (a)->items, (wanted), sizeof *(a)->items),              \
                                       (a)->capacity = (wanted))                                   \
                              : (void)0)

// Returns items, grown so that at least one more fits.
static inline void *array_reserve(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    size_t wanted = *capacity ? *capacity * 2 : 8;
    items = mem_grow(items, wanted, size);
    *capacity = wanted;
    return items;
}

#endif
