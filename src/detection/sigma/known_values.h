// SPDX-License-Identifier: Apache-2.0
// What scanning a value set, remembered: most values of a log were there before (names of programs
// and users, hashes). Bounded: a new value takes the place of an old one.
#ifndef VIGIE_DETECTION_SIGMA_KNOWN_VALUES_H
#define VIGIE_DETECTION_SIGMA_KNOWN_VALUES_H

#include "base/slice.h"

enum {
    KNOWN_LONGEST = 1024, // bytes of a value
    KNOWN_BITS = 10,
};

// Told by what no one can foresee who does not know the key that each run draws.
struct value_sum {
    uint64_t low, high;
};

struct known_value {
    struct value_sum sum;
    uint32_t field;
    uint16_t len; // 0: free
    uint16_t bit_count;
    uint32_t bits[KNOWN_BITS]; // of the field
};

struct known_values;

struct known_values *known_values_create(void);
void known_values_destroy(struct known_values *k); // takes NULL
// The value's sum, for both that follow. raw: not empty, of KNOWN_LONGEST bytes at most.
struct value_sum known_values_sum(const struct known_values *k, struct slice raw);
// NULL when it is not known.
const struct known_value *known_values_find(const struct known_values *k, uint32_t field,
                                            struct slice raw, struct value_sum sum);
// bits: base + those of the field.
void known_values_keep(struct known_values *k, uint32_t field, struct slice raw,
                       struct value_sum sum, const uint32_t *bits, size_t count, uint32_t base);

#endif
