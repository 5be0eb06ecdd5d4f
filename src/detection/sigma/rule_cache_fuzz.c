// SPDX-License-Identifier: Apache-2.0
// A cache of any bytes (behind a sum that fits): what is accepted must run. The first two bytes say
// how much of it is read at once.
#include "detection/sigma/engine_testing.h"
#include "detection/sigma/rule_cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Of exactly this size, so that a read past its end is seen.
static uint8_t *copy_of(const uint8_t *data, size_t size)
{
    uint8_t *copy = mem_alloc(size);
    if (size)
        memcpy(copy, data, size);
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sigma_set set;
    struct sigma_engine *engine;
    struct arena a;
    struct dice d = {.seed = size};
    if (size < 2)
        return 0;
    size_t front = le16(data) < size - 2 ? le16(data) : size - 2;
    size_t rest = size - 2 - front;
    uint8_t *rules = copy_of(data + 2, front), *later = copy_of(data + 2 + front, rest);
    sigma_set_init(&set);
    if (sigma_cache_decode(slice_of(rules, front), slice_of(later, rest), NULL, &set, &engine)) {
        struct sigma_matcher *m = sigma_matcher_create(engine);
        arena_init(&a, 0);
        for (int i = 0; i < 4; i++) {
            struct fake_event ev;
            const uint32_t *found;
            struct sigma_matched_field *fields;
            draw_event(&d, &a, &ev);
            (void)sigma_match(m, &ev.event, &found);
            for (uint32_t k = 0; k < set.rules.count; k++)
                (void)sigma_matched_fields(m, &ev.event, k, &a, &fields);
        }
        arena_free(&a);
        sigma_matcher_destroy(m);
        sigma_engine_destroy(engine);
    }
    sigma_set_free(&set);
    free(rules);
    free(later);
    return 0;
}
