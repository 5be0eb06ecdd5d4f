// SPDX-License-Identifier: Apache-2.0
// What an audit gathered of its findings says the same as the case when it is read back.
#include "base/buf.h"
#include "case/case_testing.h"

static bool write_finding(void *user, const struct case_finding *f)
{
    struct buf *b = user;
    buf_printf(b, "%lld rule %u at %llu of %lld+%llu (%u), event %lld %u, record %d %llu %d: ",
               (long long)f->id, f->rule, (unsigned long long)f->time, (long long)f->evidence,
               (unsigned long long)f->offset, f->size, (long long)f->event, f->event_id,
               f->has_record, (unsigned long long)f->record, f->recovered);
    buf_printf(b, "%.*s %.*s %.*s %.*s %.*s", SLICE_FMT(f->file), SLICE_FMT(f->channel),
               SLICE_FMT(f->provider), SLICE_FMT(f->host), SLICE_FMT(f->account));
    buf_printf(b, " %.*s %d %llu %llu\n", SLICE_FMT(f->fields), f->is_correlation,
               (unsigned long long)f->last, (unsigned long long)f->correlated);
    return true;
}

static bool write_group(void *user, const struct case_group *g)
{
    struct buf *b = user;
    buf_printf(b, "group %u: %llu, %llu to %llu, undated %llu\n", g->rule.key,
               (unsigned long long)g->count, (unsigned long long)g->first,
               (unsigned long long)g->last, (unsigned long long)g->undated);
    return true;
}

static bool write_name(void *user, struct slice name)
{
    buf_printf(user, "name %.*s\n", SLICE_FMT(name));
    return true;
}

static bool write_day(void *user, uint64_t day, enum finding_level level, uint64_t count)
{
    buf_printf(user, "day %llu: %d %llu\n", (unsigned long long)day, level,
               (unsigned long long)count);
    return true;
}

// All that reports ask of findings.
static struct buf told(struct case_file *c)
{
    struct buf b = {0};
    struct err e;
    assert_true(case_each_finding(c, write_finding, &b, &e));
    assert_true(case_each_group(c, write_group, &b, &e));
    assert_true(case_each_day(c, write_day, &b, &e));
    for (uint32_t rule = 1; rule <= 3; rule++) {
        assert_true(case_each_finding_of(c, rule, 3, false, write_finding, &b, &e));
        assert_true(case_each_finding_of(c, rule, 3, true, write_finding, &b, &e));
        assert_true(case_each_name_of(c, rule, CASE_HOSTS, 8, write_name, &b, &e));
    }
    return b;
}

static struct finding_event event_of(int i)
{
    static const struct slice hosts[] = {SLICE("PC-1"), SLICE("PC-2"), {0}};
    struct finding_event ev = example_event((uint64_t)i * 100, 0);
    ev.time = i % 5 ? 132000000000000000u + (uint64_t)(i * 37 % 50) * 86400 * VTIME_SECOND : 0;
    ev.host = hosts[i % 3];
    ev.has_record = i % 4 != 0;
    ev.record = i % 7 ? (uint64_t)i : UINT64_MAX; // more than the case can hold
    ev.recovered = i % 2;
    return ev;
}

static void add_mixed_file(struct case_file *c, const char *path, uint8_t hash,
                           enum evidence_state state)
{
    struct err e;
    int64_t evidence, event;
    assert_true(case_evidence_begin(c, slice_from_str(path), 0, &evidence, &e));
    for (int i = 1; i <= 40; i++) {
        struct finding_event ev = event_of(i);
        assert_true(case_add_event(c, evidence, &ev, &event, &e));
        for (uint32_t rule = 1; rule <= (i % 3 ? 1 : 2); rule++) {
            struct finding f = {rule, example_fields, i % 2 ? 3 : 0};
            assert_true(case_add_finding(c, event, &f, &e));
        }
    }
    struct case_evidence row = example_row(path, state, hash);
    assert_true(case_evidence_end(c, &row, &e));
}

static struct case_file *mixed_case(const char *path)
{
    struct err e;
    struct case_file *c = must_create(path);
    for (uint32_t key = 1; key <= 3; key++) {
        struct finding_rule rule = example_rule(key, LEVEL_LOW + key % 2, SLICE("id"));
        assert_true(case_add_rule(c, &rule, &e));
    }
    add_mixed_file(c, "a.evtx", 1, STATE_READ);
    add_mixed_file(c, "b.evtx", 1, STATE_DUPLICATE);
    add_mixed_file(c, "c.evtx", 2, STATE_PARTLY_READ);
    return c;
}

static void add_correlation(struct case_file *c)
{
    struct err e;
    const uint64_t events[] = {2, 3};
    struct case_correlation hit = {.rule = 3,
                                   .first = 132000000000000000u,
                                   .last = 132000000000000000u + VTIME_SECOND,
                                   .group = SLICE("User=alice"),
                                   .value = 2,
                                   .events = events,
                                   .event_count = 2,
                                   .total_events = 5};
    assert_true(case_add_correlation(c, &hit, &e));
}

static void assert_same(struct buf *a, struct buf *b)
{
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->at, b->at, a->len);
    buf_free(a);
    buf_free(b);
}

static void complete_and_compare(const char *path, struct case_file *c)
{
    struct err e;
    assert_true(case_complete(c, &e));
    struct buf gathered = told(c);
    assert_true(gathered.len > 1000);
    case_close(c);
    c = must_open(path, false);
    struct buf read_back = told(c);
    case_close(c);
    assert_same(&gathered, &read_back);
}

static void test_same_as_read_back(void **state)
{
    struct fixture *f = *state;
    complete_and_compare(f->path, mixed_case(f->path));
}

static void test_same_with_correlation(void **state)
{
    struct fixture *f = *state;
    struct case_file *c = mixed_case(f->path);
    add_correlation(c);
    complete_and_compare(f->path, c);
}

// A finding of an event that is not the last one.
static void test_same_with_late_finding(void **state)
{
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = mixed_case(f->path);
    struct finding late = {3, example_fields, 2};
    assert_true(case_add_finding(c, 1, &late, &e));
    complete_and_compare(f->path, c);
}

// Asked in between, then written to again.
static void test_same_when_asked_before(void **state)
{
    struct fixture *f = *state;
    struct case_file *c = mixed_case(f->path);
    struct buf before = told(c);
    buf_free(&before);
    add_mixed_file(c, "d.evtx", 3, STATE_READ);
    complete_and_compare(f->path, c);
}

static void test_same_under_another_name(void **state)
{
    struct fixture *f = *state;
    struct err e;
    char other[sizeof f->path + 4];
    snprintf(other, sizeof other, "%s-new", f->path);
    struct case_file *c = mixed_case(other);
    assert_true(case_complete(c, &e));
    assert_true(case_rename(c, other, f->path, &e));
    assert_int_equal(access(other, F_OK), -1);
    assert_false(case_set(c, "name", SLICE("value"), &e)); // it only reads
    struct buf kept = told(c);
    case_close(c);
    c = must_open(f->path, false);
    struct buf read_back = told(c);
    case_close(c);
    assert_same(&kept, &read_back);
}

static void test_rename_that_fails(void **state)
{
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = mixed_case(f->path);
    assert_true(case_complete(c, &e));
    assert_false(case_rename(c, f->path, "/nowhere/at/all.vigie", &e));
    case_close(c);
    c = must_open(f->path, false);
    case_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_same_as_read_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_with_correlation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_with_late_finding, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_when_asked_before, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_under_another_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rename_that_fails, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
