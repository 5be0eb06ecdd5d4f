// SPDX-License-Identifier: Apache-2.0
// A first look at all bytes of an event at once, for processors with AVX2: whether one of the
// keywords stands in it, in UTF-16.
#ifndef VIGIE_DETECTION_SIGMA_KEYWORD_PRINTS_H
#define VIGIE_DETECTION_SIGMA_KEYWORD_PRINTS_H

#include "base/arena.h"
#include "detection/sigma/literals.h"
#include "detection/sigma/literals_groups.h"

enum {
    PRINT_LENGTH = 4, // characters
};

// A literal and the part of it by which it is found.
struct keyword_print {
    struct slice literal;
    uint32_t offset;
    uint8_t at[PRINT_LENGTH]; // letters in lower case
};

// The literals with one print.
struct print_slot {
    uint32_t print;        // as it is looked up
    uint32_t first, count; // in the prints; count 0: free
};

struct keyword_prints {
    enum vectors vectors;                                  // VECTORS_NONE: unusable
    uint8_t low[PRINT_LENGTH][16], high[PRINT_LENGTH][16]; // by half a byte: groups
    struct group_tables tables;                            // by byte
    struct keyword_print *prints;                          // by print
    struct print_slot *slots;
};

// literals: folded, ASCII, of PRINT_LENGTH characters at least; they must outlive p.
void keyword_prints_init(struct keyword_prints *p, struct arena *a, const struct slice *literals,
                         size_t count);
// For tests: to make do with less.
void keyword_prints_limit_vectors(struct keyword_prints *p, enum vectors most);
// Whether keyword_prints_stand can look at these bytes. readable: of how many bytes from the first
// on memory there is to read.
bool keyword_prints_usable(const struct keyword_prints *p, struct slice bytes, size_t readable);
// Whether one of the literals stands, folded, in UTF-16 somewhere in the bytes.
bool keyword_prints_stand(const struct keyword_prints *p, struct slice bytes);

#endif
