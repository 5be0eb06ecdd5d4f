// SPDX-License-Identifier: Apache-2.0
// The demonstration's figures, counted by query; they change when a record does, and a past day's
// do not.
#include "observatory/ops/demo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#define S(literal) SLICE(literal)

struct fixture {
    char folder[64], path[96];
    struct store *s;
    struct arena a;
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc_zero(1, sizeof *f);
    struct err e = {0};
    snprintf(f->folder, sizeof f->folder, "/tmp/vigied-demo-test-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof f->path, "%s/r.db", f->folder);
    arena_init(&f->a, 0);
    if (!store_open(f->path, STORE_CREATE, &f->s, &e))
        fail_msg("%s", e.message);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    static const char *const ends[] = {"", "-wal", "-shm"};
    store_close(f->s);
    arena_free(&f->a);
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", f->path, ends[i]);
        unlink(path);
    }
    rmdir(f->folder);
    free(f);
    return 0;
}

static struct query in_canada(int year)
{
    struct query q = {.kind = "incident", .since = S("2010")};
    q.filters[0].field = "target-country";
    q.filters[0].value = S("CA");
    q.filter_count = 1;
    if (year)
        q.as_of = time_from_civil(&(struct civil_time){.year = year, .month = 11, .day = 22});
    return q;
}

static uint64_t count(struct fixture *f, struct query q)
{
    uint64_t n = 0;
    struct err e = {0};
    if (!store_count(f->s, &q, &n, &e))
        fail_msg("%s", e.message);
    return n;
}

static uint64_t tally(struct fixture *f, struct query q, const char *field, const char *value)
{
    struct tally *t;
    size_t n;
    struct err e = {0};
    if (!store_tally(f->s, &q, field, NULL, &f->a, &t, &n, &e))
        fail_msg("%s", e.message);
    for (size_t i = 0; i < n; i++)
        if (slice_equal_str(t[i].value, value))
            return t[i].records;
    return 0;
}

static void fill(struct fixture *f)
{
    struct err e = {0};
    if (!demo_fill(f->s, &e))
        fail_msg("%s", e.message);
}

static void figures_of_today(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *field, *value;
        uint64_t records;
    } expect[] = {
        {"type", "espionage", 49},     {"type", "information-manipulation", 15},
        {"type", "reconnaissance", 5}, {"type", "defacement", 4},
        {"type", "doxing", 4},         {"origin", "CN", 23},
        {"origin", "RU", 18},          {"origin", "IR", 8},
        {"origin", "KP", 6},           {"origin", "other", 8},
        {"origin", "unknown", 12},
    };
    assert_false(store_invented(f->s));
    fill(f);
    assert_true(store_invented(f->s)); // the store knows, whoever serves it
    assert_int_equal(count(f, in_canada(0)), 75);
    for (size_t i = 0; i < sizeof expect / sizeof *expect; i++)
        if (tally(f, in_canada(0), expect[i].field, expect[i].value) != expect[i].records)
            fail_msg("%s %s: %llu", expect[i].field, expect[i].value,
                     (unsigned long long)tally(f, in_canada(0), expect[i].field, expect[i].value));
    fill(f); // a second time changes nothing
    assert_int_equal(count(f, in_canada(0)), 75);
}

static void a_changed_record_changes_them(void **state)
{
    struct fixture *f = *state;
    struct record r;
    struct revision m;
    struct err e = {0};
    fill(f);
    uint64_t last_year = count(f, in_canada(2025));
    uint64_t last_year_cn = tally(f, in_canada(2025), "origin", "CN");
    assert_true(last_year < 75 && last_year > 50);
    assert_int_equal(store_record(f->s, S("I-000001"), 0, false, &f->a, &m, &r, &e), STORE_FOUND);
    struct record changed;
    record_init(&changed, r.kind, &f->a);
    record_set(&changed, "title", record_text(&r, "title"));
    record_set(&changed, "began", S("2010"));
    record_set(&changed, "type", S("doxing"));
    record_set(&changed, "origin", S("RU"));
    record_add_value(&changed, record_add_item(&changed, "targets"), "country", S("CA"));
    struct revision_new n = {
        .record = m.record, .body = &changed, .state = STATE_PUBLISHED, .reason = S("test")};
    assert_true(store_revision_add(f->s, &n, &f->a, &m, &e));
    assert_int_equal(tally(f, in_canada(0), "type", "espionage"), 48);
    assert_int_equal(tally(f, in_canada(0), "type", "doxing"), 5);
    assert_int_equal(tally(f, in_canada(0), "origin", "CN"), 22);
    n.state = STATE_WITHDRAWN;
    assert_true(store_revision_add(f->s, &n, &f->a, &m, &e));
    assert_int_equal(count(f, in_canada(0)), 74);
    assert_int_equal(count(f, in_canada(2025)), last_year);
    assert_int_equal(tally(f, in_canada(2025), "origin", "CN"), last_year_cn);
    record_free(&r);
    record_free(&changed);
}

struct seen {
    struct arena a;
    size_t records, errors, sources_elsewhere;
};

static bool look(void *context, const struct revision *m, const struct record *r)
{
    struct seen *seen = context;
    struct record_flag *flags;
    size_t n = record_check(r, &seen->a, &flags);
    seen->records++;
    for (size_t i = 0; i < n; i++)
        if (flags[i].error) {
            print_error("%.*s: %s %s: %s\n", SLICE_FMT(m->record), flags[i].group, flags[i].field,
                        flags[i].text);
            seen->errors++;
        }
    if (!slice_starts(record_text(r, "remark"), S("Invented for demonstration"))) {
        print_error("%.*s is not marked as invented\n", SLICE_FMT(m->record));
        seen->errors++;
    }
    for (const struct item *i = record_next(r, "sources", NULL); i;
         i = record_next(r, "sources", i)) {
        struct slice url = item_text(r, i, "url");
        seen->sources_elsewhere += url.len && !memmem(url.at, url.len, ".example/", 9);
    }
    return true;
}

static void every_record_is_sound_and_marked(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {0};
    struct err e = {0};
    fill(f);
    arena_init(&seen.a, 0);
    for (int i = 0; i < 2; i++) { // what the public sees, and the newest
        struct query q = {.team = i == 1, .states = (1u << STATE_COUNT) - 1};
        if (!store_walk(f->s, &q, look, &seen, &e))
            fail_msg("%s", e.message);
    }
    assert_true(seen.records > 200);
    assert_int_equal(seen.errors, 0);
    assert_int_equal(seen.sources_elsewhere, 0);
    arena_free(&seen.a);
}

static void the_rest_is_there(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *kind;
        bool team;
        enum record_state state;
        uint64_t records;
    } expect[] = {
        {"incident", false, STATE_WITHDRAWN, 3}, {"incident", false, STATE_TURNED_DOWN, 6},
        {"incident", false, STATE_MERGED, 2},    {"incident", true, STATE_DRAFT, 2},
        {"incident", true, STATE_REVIEW, 2},     {"conduct", false, STATE_PUBLISHED, 8},
        {"place", false, STATE_PUBLISHED, 7},    {"advisory", false, STATE_PUBLISHED, 4},
    };
    fill(f);
    for (size_t i = 0; i < sizeof expect / sizeof *expect; i++)
        assert_int_equal(count(f, (struct query){.kind = expect[i].kind,
                                                 .team = expect[i].team,
                                                 .states = 1u << expect[i].state}),
                         expect[i].records);
    // A total that changed: 54, then 102 in 53 countries.
    struct record r;
    struct revision m;
    struct err e = {0};
    size_t totals[2] = {0};
    for (int i = 0; i < 2; i++) {
        vtime when =
            time_from_civil(&(struct civil_time){.year = 2022, .month = i ? 12 : 11, .day = 30});
        assert_int_equal(store_record(f->s, S("P-000001"), when, false, &f->a, &m, &r, &e),
                         STORE_FOUND);
        for (const struct item *t = record_next(&r, "totals", NULL); t;
             t = record_next(&r, "totals", t))
            totals[i]++;
        record_free(&r);
    }
    assert_true(totals[0] == 1 && totals[1] == 2);
}

static void wrong_lines_are_named(void **state)
{
    struct fixture *f = *state;
    static const char *const wrong[] = {
        "title: x\n",
        "record a nothing\n",
        "record a incident\nrevision 2020-01-01 lost | A | B\n",
        "record a incident\nrevision 2020-01-01 draft | A | B\ncolour: red\n",
        "record a incident\nrevision 2020-01-01 draft | A | B\n+ nothing\n",
        "record a incident\nrevision 2020-01-01 draft | A | B\n  from s1\n",
        "record a incident\nrevision 2020-01-01 draft | A | B\n~ claims c1\n",
        "revision 2020-01-01 draft | A | B\n",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err e = {0};
        assert_false(demo_fill_from(f->s, slice_from_str(wrong[i]), &e));
        if (!strstr(e.message, "line "))
            fail_msg("%s: %s", wrong[i], e.message);
    }
    const struct query any = {.team = true};
    assert_int_equal(count(f, any), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(figures_of_today),
        TEST(a_changed_record_changes_them),
        TEST(every_record_is_sound_and_marked),
        TEST(the_rest_is_there),
        TEST(wrong_lines_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
