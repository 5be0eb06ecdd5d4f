// SPDX-License-Identifier: Apache-2.0
// A cache's body of any bytes (behind a checksum that fits): what is accepted must run.
#include "detection/sigma/engine_testing.h"
#include "detection/sigma/rule_cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sigma_set set;
    struct sigma_engine *engine;
    struct arena a;
    struct dice d = {.seed = size};
    uint8_t *exact = mem_alloc(size ? size : 1); // so that a read past its end is seen
    if (size)
        memcpy(exact, data, size);
    sigma_set_init(&set);
    if (sigma_cache_decode(slice_of(exact, size), NULL, &set, &engine)) {
        struct sigma_matcher *m = sigma_matcher_create(engine);
        arena_init(&a, 0);
        for (int i = 0; i < 4; i++) {
            struct fake_event ev;
            const uint32_t *rules;
            struct sigma_matched_field *fields;
            draw_event(&d, &a, &ev);
            (void)sigma_match(m, &ev.event, &rules);
            for (uint32_t k = 0; k < set.rules.count; k++)
                (void)sigma_matched_fields(m, &ev.event, k, &a, &fields);
        }
        arena_free(&a);
        sigma_matcher_destroy(m);
        sigma_engine_destroy(engine);
    }
    sigma_set_free(&set);
    free(exact);
    return 0;
}
