// SPDX-License-Identifier: Apache-2.0
// Rules and events drawn from the input: the engine must agree with the plain walk over each rule,
// and explanations must not crash.
#include "detection/sigma/engine_testing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_event(struct sigma_matcher *m, const struct sigma_set *set,
                        const struct event *ev, struct arena *a)
{
    const uint32_t *found;
    size_t n = sigma_match(m, ev, &found);
    uint32_t *rules = ARENA_ARRAY(a, uint32_t, n);
    if (n)
        memcpy(rules, found, n * sizeof *rules);
    for (uint32_t i = 0, k = 0; i < set->rules.count; i++) {
        bool matched = k < n && rules[k] == i;
        k += matched;
        if (sigma_rule_holds(m, ev, i, a) != matched)
            abort();
        struct buf out = {0};
        sigma_explain(m, ev, i, &out);
        buf_free(&out);
        struct sigma_matched_field *fields;
        (void)sigma_matched_fields(m, ev, i, a, &fields);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dice d = {.input = slice_of(data, size)};
    struct sigma_set set;
    struct arena a;
    sigma_set_init(&set);
    arena_init(&a, 0);
    draw_rules(&d, &set, 1 + dice_roll(&d, 4));
    struct sigma_engine *engine = sigma_engine_create(&set, NULL);
    struct sigma_matcher *m = sigma_matcher_create(engine);
    for (int i = 0; i < 4; i++) {
        struct fake_event ev;
        draw_event(&d, &a, &ev);
        check_event(m, &set, &ev.event, &a);
    }
    sigma_matcher_destroy(m);
    sigma_engine_destroy(engine);
    arena_free(&a);
    sigma_set_free(&set);
    return 0;
}
