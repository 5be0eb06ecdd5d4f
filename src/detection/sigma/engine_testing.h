// SPDX-License-Identifier: Apache-2.0
// For tests: rules and events drawn by lot, from a seed or from a fuzzer's input.
#ifndef VIGIE_DETECTION_SIGMA_ENGINE_TESTING_H
#define VIGIE_DETECTION_SIGMA_ENGINE_TESTING_H

#include "detection/sigma/engine.h"

// Where decisions come from: the input's bytes while there are any, then (or at once) a seeded
// sequence.
struct dice {
    struct slice input;
    size_t pos;
    uint64_t seed;
};

// 0 … sides - 1.
uint32_t dice_roll(struct dice *d, uint32_t sides);

// An event made by hand; fields and values belong to the caller.
struct fake_event {
    struct event event;
    struct shape shape;
    struct field *fields;
    struct value *values;
};
void fake_event_init(struct fake_event *f, struct field *fields, struct value *values,
                     uint32_t count);
struct value fake_utf8(const char *text);
struct value fake_utf16(struct arena *a, struct slice utf8);

// Adds rules to the set, over few names and texts, so that they often match. Memory: the set's
// arena.
void draw_rules(struct dice *d, struct sigma_set *set, size_t count);
// An event over the same names and texts. Shapes with the same fields have the same id.
void draw_event(struct dice *d, struct arena *a, struct fake_event *out);

#endif
