// SPDX-License-Identifier: Apache-2.0
// Correlations drawn by lot, against trying all windows of all events one after another; and single
// cases.
#include "detection/sigma/correlate.h"

#include "base/utf.h"
#include "detection/sigma/engine_testing.h"
#include "detection/sigma/text_test.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum {
    MAX_EVENTS = 40,
    MAX_RULES = 3,
    MAX_FIRED = 200,
};

// An event and the rules that it matches.
struct sample {
    vtime time;
    uint64_t event;
    bool rules[MAX_RULES];
    const char *user, *amount; // NULL: the event does not have the field
};

struct fired {
    vtime first, last;
    double value;
    uint64_t events[MAX_EVENTS];
    size_t event_count;
};

struct fired_list {
    struct fired items[MAX_FIRED];
    size_t count;
};

static bool sample_field(void *user, struct slice name, struct slice *out)
{
    const struct sample *s = user;
    const char *text =
        slice_equal_str(name, "User") || slice_equal_str(name, "Account") ? s->user : s->amount;
    *out = slice_from_str(text);
    return text != NULL;
}

static void take_hit(void *user, const struct sigma_correlation_hit *hit)
{
    struct fired_list *list = user;
    assert_true(list->count < MAX_FIRED);
    struct fired *f = &list->items[list->count++];
    *f = (struct fired){.first = hit->first,
                        .last = hit->last,
                        .value = hit->value,
                        .event_count = hit->event_count};
    assert_true(hit->event_count <= MAX_EVENTS);
    memcpy(f->events, hit->events, hit->event_count * sizeof *f->events);
}

static double percentile_of(double *numbers, size_t n, double p)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && numbers[k - 1] > numbers[k]; k--) {
            double swap = numbers[k];
            numbers[k] = numbers[k - 1];
            numbers[k - 1] = swap;
        }
    double place = (double)(n - 1) * p / 100;
    size_t low = (size_t)floor(place), high = low + 1 < n ? low + 1 : low;
    return numbers[low] + (numbers[high] - numbers[low]) * (place - (double)low);
}

// The events of a window, as indices into the samples.
struct window {
    const struct sample *samples;
    const size_t *at;
    size_t count;
};

static bool statistic_of(const struct sigma_correlation *c, struct window w, double *out)
{
    double numbers[MAX_EVENTS], sum = 0, parsed;
    const char *seen[MAX_EVENTS];
    size_t number_count = 0, seen_count = 0, best[MAX_RULES] = {0}, different = 0, longest = 0;
    for (size_t i = 0; i < w.count; i++) {
        const struct sample *s = &w.samples[w.at[i]];
        for (size_t b = 0; b < c->base_count; b++) {
            if (!s->rules[c->bases[b]])
                continue;
            size_t before = 0;
            for (size_t k = 0; k < b; k++)
                before = best[k] > before ? best[k] : before;
            best[b] = before + 1 > best[b] ? before + 1 : best[b];
        }
        if (!s->amount)
            continue;
        bool known = false;
        for (size_t k = 0; k < seen_count; k++)
            known |= strcasecmp(seen[k], s->amount) == 0;
        if (!known)
            seen[seen_count++] = s->amount;
        if (text_to_number(slice_from_str(s->amount), &parsed))
            sum += numbers[number_count++] = parsed;
    }
    for (size_t b = 0; b < c->base_count; b++) {
        different += best[b] > 0;
        longest = best[b] > longest ? best[b] : longest;
    }
    switch (c->type) {
    case SIGMA_EVENT_COUNT:
        return *out = (double)w.count, true;
    case SIGMA_VALUE_COUNT:
        return *out = (double)seen_count, true;
    case SIGMA_TEMPORAL:
        return *out = (double)different, true;
    case SIGMA_TEMPORAL_ORDERED:
        return *out = (double)longest, true;
    case SIGMA_VALUE_SUM:
        return *out = sum, number_count > 0;
    case SIGMA_VALUE_AVG:
        return *out = sum / (double)number_count, number_count > 0;
    case SIGMA_VALUE_MEDIAN:
        return number_count > 0 && (*out = percentile_of(numbers, number_count, 50), true);
    case SIGMA_VALUE_PERCENTILE:
        return number_count > 0 &&
               (*out = percentile_of(numbers, number_count, c->percentile), true);
    }
    return false;
}

static bool holds(const struct sigma_correlation *c, struct window w, double *value)
{
    if (!statistic_of(c, w, value))
        return false;
    for (size_t i = 0; i < c->bound_count; i++)
        if (!number_compares(*value, c->bounds[i].op, c->bounds[i].number))
            return false;
    return c->bound_count > 0 || *value >= (double)c->base_count;
}

// All firings of one group, by trying each window from its first event on.
static void try_group(const struct sigma_correlation *c, const struct sample *samples,
                      const size_t *at, size_t count, struct fired_list *out)
{
    for (size_t from = 0; from < count;) {
        size_t to = from;
        double value;
        while (to < count && samples[at[to]].time - samples[at[from]].time <= c->timespan)
            to++;
        if (!holds(c, (struct window){samples, at + from, to - from}, &value)) {
            from++;
            continue;
        }
        struct fired *f = &out->items[out->count++];
        *f = (struct fired){
            .first = samples[at[from]].time, .last = samples[at[to - 1]].time, .value = value};
        for (; from < to; from++)
            f->events[f->event_count++] = samples[at[from]].event;
    }
}

static bool belongs(const struct sigma_correlation *c, const struct sample *s)
{
    for (size_t b = 0; b < c->base_count; b++)
        if (s->rules[c->bases[b]])
            return c->group_by_count == 0 || s->user;
    return false;
}

static void try_all(const struct sigma_correlation *c, const struct sample *samples, size_t count,
                    struct fired_list *out)
{
    bool done[MAX_EVENTS] = {0};
    for (size_t i = 0; i < count; i++) {
        size_t at[MAX_EVENTS], n = 0;
        if (done[i] || !belongs(c, &samples[i]))
            continue;
        for (size_t k = i; k < count; k++) {
            if (belongs(c, &samples[k]) &&
                (c->group_by_count == 0 || strcasecmp(samples[i].user, samples[k].user) == 0)) {
                done[k] = true;
                at[n++] = k;
            }
        }
        try_group(c, samples, at, n, out);
    }
}

static int by_first_event(const void *a, const void *b)
{
    const struct fired *x = a, *y = b;
    return (x->events[0] > y->events[0]) - (x->events[0] < y->events[0]);
}

static void compare(struct fired_list *got, struct fired_list *expected, uint64_t seed)
{
    if (got->count != expected->count)
        fail_msg("seed %llu: fired %zu times, expected %zu", (unsigned long long)seed, got->count,
                 expected->count);
    qsort(got->items, got->count, sizeof *got->items, by_first_event);
    qsort(expected->items, expected->count, sizeof *expected->items, by_first_event);
    for (size_t i = 0; i < got->count; i++) {
        const struct fired *g = &got->items[i], *e = &expected->items[i];
        if (g->event_count != e->event_count ||
            memcmp(g->events, e->events, g->event_count * sizeof *g->events) != 0)
            fail_msg("seed %llu: firing %zu has other events", (unsigned long long)seed, i);
        assert_true(g->first == e->first && g->last == e->last);
        assert_true(fabs(g->value - e->value) < 1e-9);
    }
}

static void make_rules(struct sigma_set *set, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sigma_rule *r = ARENA_NEW(&set->arena, struct sigma_rule);
        r->index = (uint32_t)i;
        *ARRAY_ADD(&set->rules) = r;
    }
}

static struct sigma_correlation *
add_correlation(struct sigma_set *set, enum sigma_correlation_type type, uint64_t timespan)
{
    struct sigma_correlation *c = ARENA_NEW(&set->arena, struct sigma_correlation);
    c->rule = ARENA_NEW(&set->arena, struct sigma_rule);
    c->type = type;
    c->timespan = timespan;
    c->bases = ARENA_ARRAY(&set->arena, uint32_t, MAX_RULES);
    c->fields = ARENA_ARRAY(&set->arena, struct slice, 1);
    c->fields[0] = SLICE("Amount");
    c->field_count =
        type == SIGMA_EVENT_COUNT || type == SIGMA_TEMPORAL || type == SIGMA_TEMPORAL_ORDERED ? 0
                                                                                              : 1;
    *ARRAY_ADD(&set->correlations) = c;
    return c;
}

static struct sigma_correlation *draw_correlation(struct dice *d, struct sigma_set *set)
{
    struct sigma_correlation *c =
        add_correlation(set, (enum sigma_correlation_type)dice_roll(d, 8), 1 + dice_roll(d, 20));
    static struct slice user[] = {SLICE("User")};
    c->base_count = 1 + dice_roll(d, MAX_RULES);
    for (uint32_t i = 0; i < c->base_count; i++)
        c->bases[i] = (i + 1) % MAX_RULES;
    c->group_by = user;
    c->group_by_count = dice_roll(d, 2);
    c->percentile = dice_roll(d, 101);
    bool counts = c->field_count == 0;
    c->bound_count = 1 + (dice_roll(d, 4) == 0);
    if (counts && c->type != SIGMA_EVENT_COUNT && dice_roll(d, 2))
        c->bound_count = 0;
    for (size_t i = 0; i < c->bound_count; i++)
        c->bounds[i] = (struct sigma_bound){(enum sigma_compare)dice_roll(d, 6),
                                            (double)dice_roll(d, counts ? 5 : 30)};
    return c;
}

static size_t draw_samples(struct dice *d, struct sample *samples)
{
    static const char *const users[] = {"anna", "Anna", "boris", NULL}, *const amounts[] = {
                                                                            "1", "7",  "0x10", "x",
                                                                            "X", NULL, "2.5"};
    size_t count = dice_roll(d, MAX_EVENTS + 1);
    vtime now = 1000;
    for (size_t i = 0; i < count; i++) {
        now += dice_roll(d, 3) ? dice_roll(d, 9) : 0;
        samples[i] = (struct sample){.time = now,
                                     .event = i + 1,
                                     .user = users[dice_roll(d, 4)],
                                     .amount = amounts[dice_roll(d, 7)]};
        for (size_t r = 0; r < MAX_RULES; r++)
            samples[i].rules[r] = dice_roll(d, 2);
    }
    return count;
}

static void run(const struct sigma_set *set, struct sample *samples, size_t count,
                struct fired_list *out)
{
    struct sigma_correlator *c = sigma_correlator_create(set, take_hit, out);
    for (size_t i = 0; i < count; i++)
        for (uint32_t r = 0; r < set->rules.count; r++)
            if (samples[i].rules[r])
                sigma_correlator_add(c, &(struct sigma_base_match){r, samples[i].time,
                                                                   samples[i].event, sample_field,
                                                                   &samples[i]});
    sigma_correlator_finish(c);
    assert_int_equal(sigma_correlator_dropped(c), 0);
    sigma_correlator_destroy(c);
}

static void test_drawn_correlations(void **state)
{
    (void)state;
    size_t firings = 0;
    for (uint64_t seed = 0; seed < 5000; seed++) {
        struct dice d = {.seed = seed * 77};
        struct sigma_set set;
        struct sample samples[MAX_EVENTS];
        static struct fired_list got, expected;
        got.count = expected.count = 0;
        sigma_set_init(&set);
        make_rules(&set, MAX_RULES);
        const struct sigma_correlation *c = draw_correlation(&d, &set);
        size_t count = draw_samples(&d, samples);
        run(&set, samples, count, &got);
        try_all(c, samples, count, &expected);
        compare(&got, &expected, seed);
        firings += got.count;
        sigma_set_free(&set);
    }
    assert_true(firings > 5000);
}

// Two bursts of failures by one user, then: twice within a minute of such bursts. The second stands
// on the first.
static void test_chain(void **state)
{
    (void)state;
    struct sigma_set set;
    struct fired_list got = {.count = 0};
    static struct slice user[] = {SLICE("User")};
    static struct sigma_group_alias alias[] = {{SLICE("User"), 0, SLICE("Account")}};
    sigma_set_init(&set);
    make_rules(&set, 1);
    struct sigma_correlation *burst = add_correlation(&set, SIGMA_EVENT_COUNT, 10);
    burst->bases[0] = 0;
    burst->base_count = 1;
    burst->group_by = user;
    burst->group_by_count = 1;
    burst->bounds[0] = (struct sigma_bound){SIGMA_GTE, 3};
    burst->bound_count = 1;
    struct sigma_correlation *twice = add_correlation(&set, SIGMA_EVENT_COUNT, 60);
    twice->bases[0] = 1;
    twice->base_count = 1;
    twice->group_by = user;
    twice->group_by_count = 1;
    twice->aliases = alias;
    twice->alias_count = 1;
    twice->bounds[0] = (struct sigma_bound){SIGMA_GTE, 2};
    twice->bound_count = 1;
    struct sample samples[9];
    for (size_t i = 0; i < 9; i++)
        samples[i] = (struct sample){.time = 100 + i + (i > 3 ? 40 : 0),
                                     .event = i,
                                     .rules = {true},
                                     .user = i == 3 ? "boris" : "anna"};
    sigma_correlation_prepare(&set);
    run(&set, samples, 9, &got);
    assert_int_equal(got.count, 3);
    assert_int_equal(got.items[0].event_count, 3);
    assert_int_equal(got.items[1].event_count, 5);
    assert_int_equal(got.items[2].event_count, 8); // the events of both
    assert_true(got.items[2].value == 2 && got.items[2].first == 100 && got.items[2].last == 148);
    sigma_set_free(&set);
}

static void test_unknown_time(void **state)
{
    (void)state;
    struct sigma_set set;
    struct fired_list got = {.count = 0};
    sigma_set_init(&set);
    make_rules(&set, 1);
    struct sigma_correlation *c = add_correlation(&set, SIGMA_EVENT_COUNT, 10);
    c->base_count = 1;
    c->bounds[0] = (struct sigma_bound){SIGMA_GTE, 1};
    c->bound_count = 1;
    struct sample samples[] = {{.time = 0, .event = 1, .rules = {true}}};
    run(&set, samples, 1, &got);
    assert_int_equal(got.count, 0);
    sigma_set_free(&set);
}

// A million events in one window: bounded work and memory, and what is left out is counted.
static void test_flood(void **state)
{
    (void)state;
    struct sigma_set set;
    static struct fired_list got;
    sigma_set_init(&set);
    make_rules(&set, 1);
    struct sigma_correlation *c = add_correlation(&set, SIGMA_VALUE_AVG, 100000000);
    c->base_count = 1;
    c->bounds[0] = (struct sigma_bound){SIGMA_LT, 0};
    c->bound_count = 1;
    struct sample s = {.amount = "5"};
    struct sigma_correlator *r = sigma_correlator_create(&set, take_hit, &got);
    for (uint64_t i = 1; i <= 1000000; i++)
        sigma_correlator_add(r, &(struct sigma_base_match){0, i, i, sample_field, &s});
    sigma_correlator_finish(r);
    assert_int_equal(got.count, 0);
    assert_true(sigma_correlator_dropped(r) > 0);
    sigma_correlator_destroy(r);
    sigma_set_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drawn_correlations),
        cmocka_unit_test(test_chain),
        cmocka_unit_test(test_unknown_time),
        cmocka_unit_test(test_flood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
