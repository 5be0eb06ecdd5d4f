// SPDX-License-Identifier: Apache-2.0
// Keywords are searched in all values of an event: a cheap look at a raw value that says whether a
// search is worth while.
#ifndef VIGIE_DETECTION_SIGMA_KEYWORD_FILTER_H
#define VIGIE_DETECTION_SIGMA_KEYWORD_FILTER_H

#include "base/arena.h"
#include "detection/sigma/keyword_prints.h"
#include "event/event.h"

enum {
    KEYWORD_FILTER_BITS = 8192,
};

// Where in a literal a gram stands.
struct keyword_place {
    struct slice literal;
    uint32_t offset;
    uint32_t next; // place of the same gram + 1
};

// Grams of one length, of all literals.
struct keyword_grams {
    uint32_t gram; // bytes
    uint32_t stride;
    uint64_t bits[KEYWORD_FILTER_BITS / 64]; // of their hashes
    uint64_t *table;                         // the grams themselves, open addressing, 0: free
    uint32_t *first;                         // beside it: place + 1
    uint32_t mask;
    struct keyword_place *places;
    uint32_t place_count;
};

struct keyword_filter {
    bool types[256];      // by value type: can hold one of the literals
    uint64_t other_types; // those besides UTF-16, as event_type_bit
    bool only_types;      // texts are always worth while
    uint32_t least;       // shortest literal, bytes
    struct keyword_prints prints;
    struct keyword_grams quick, sure;
};

// literals: folded, not empty.
void keyword_filter_init(struct keyword_filter *f, struct arena *a, const struct slice *literals,
                         size_t count);
// False only when no literal can stand in the value's folded text.
bool keyword_filter_text_may(const struct keyword_filter *f, struct value v);
static inline bool keyword_filter_may(const struct keyword_filter *f, struct value v)
{
    return f->types[v.type] && (f->only_types || keyword_filter_text_may(f, v));
}
// The same for all values that an event is made of, its constant texts left out.
bool keyword_filter_event_may(const struct keyword_filter *f, const struct event_raw *raw);

#endif
