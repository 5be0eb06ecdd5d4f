// SPDX-License-Identifier: Apache-2.0
// What the store promises: nothing is overwritten, a past day's figures stay, what was withdrawn is
// seen and not counted, any words can be searched for, what is damaged is an error.
#include "observatory/store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#define S(literal) SLICE(literal)

struct fixture {
    char folder[64];
    char path[96];
    struct store *s;
    struct arena a;
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc_zero(1, sizeof *f);
    struct err e = {0};
    snprintf(f->folder, sizeof f->folder, "/tmp/vigied-store-XXXXXX");
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
    static const char *const ends[] = {"", "-wal", "-shm", ".copy", ".copy-journal"};
    store_close(f->s);
    arena_free(&f->a);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", f->path, ends[i]);
        unlink(path);
    }
    rmdir(f->folder);
    free(f);
    return 0;
}

struct sample {
    const char *id, *title, *type, *origin, *began;
    enum record_state state;
    int year; // of the revision; 0: now
};

static vtime in_year(int year)
{
    return year ? time_from_civil(&(struct civil_time){.year = year, .month = 6, .day = 1}) : 0;
}

static struct revision put(struct fixture *f, const struct sample *x)
{
    struct record r;
    struct revision out = {0};
    struct err e = {0};
    record_init(&r, schema_kind_find(S("incident")), &f->a);
    record_set(&r, "title", slice_from_str(x->title));
    record_set(&r, "summary", S("R\u00e9sum\u00e9 de l\u2019affaire."));
    record_set(&r, "type", slice_from_str(x->type));
    record_set(&r, "origin", slice_from_str(x->origin));
    record_set(&r, "began", slice_from_str(x->began));
    struct revision_new n = {.record = slice_from_str(x->id),
                             .body = &r,
                             .state = x->state,
                             .author = S("A. Tester"),
                             .reason = S("because"),
                             .at = in_year(x->year)};
    if (!store_revision_add(f->s, &n, &f->a, &out, &e))
        fail_msg("%s", e.message);
    record_free(&r);
    return out;
}

static uint64_t count(struct fixture *f, const struct query *q)
{
    uint64_t n = 0;
    struct err e = {0};
    if (!store_count(f->s, q, &n, &e))
        fail_msg("%s", e.message);
    return n;
}

static uint64_t tally(struct fixture *f, const struct query *q, const char *field,
                      const char *value)
{
    struct tally *t;
    size_t n;
    struct err e = {0};
    if (!store_tally(f->s, q, field, NULL, &f->a, &t, &n, &e))
        fail_msg("%s", e.message);
    for (size_t i = 0; i < n; i++)
        if (slice_equal_str(t[i].value, value))
            return t[i].records;
    return 0;
}

static void revisions_stay(void **state)
{
    struct fixture *f = *state;
    struct revision one = put(
        f, &(struct sample){"", "First words", "espionage", "CN", "2019-05", STATE_DRAFT, 2020});
    assert_true(slice_equal_str(one.record, "I-000001"));
    assert_int_equal(one.public_from, 0);
    put(f, &(struct sample){"I-000001", "Second words", "espionage", "CN", "2019-05",
                            STATE_PUBLISHED, 2021});
    put(f, &(struct sample){"I-000001", "Third words", "doxing", "RU", "2019-06", STATE_PUBLISHED,
                            2023});
    struct revision *all;
    size_t n;
    struct err e = {0};
    assert_true(store_history(f->s, S("I-000001"), false, &f->a, &all, &n, &e));
    assert_int_equal(n, 3);
    assert_true(all[0].number == 3 && all[2].number == 1 && all[2].recorded == in_year(2020));
    assert_true(store_history(f->s, S("I-000001"), true, &f->a, &all, &n, &e));
    assert_int_equal(n, 2);
    struct record r;
    struct revision m;
    assert_int_equal(store_revision(f->s, S("I-000001"), 1, &f->a, &m, &r, &e), STORE_FOUND);
    assert_true(slice_equal_str(record_text(&r, "title"), "First words"));
    record_free(&r);
    static const struct {
        int year;
        const char *title;
    } seen[] = {{2020, NULL}, {2022, "Second words"}, {2024, "Third words"}, {0, "Third words"}};
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
        enum store_found got =
            store_record(f->s, S("I-000001"), in_year(seen[i].year), false, &f->a, &m, &r, &e);
        assert_int_equal(got, seen[i].title ? STORE_FOUND : STORE_NONE);
        if (got == STORE_FOUND) {
            assert_true(slice_equal_str(record_text(&r, "title"), seen[i].title));
            record_free(&r);
        }
    }
    assert_int_equal(store_record(f->s, S("I-000002"), 0, true, &f->a, &m, &r, &e), STORE_NONE);
    assert_int_equal(store_record(f->s, S("nonsense"), 0, true, &f->a, &m, &r, &e), STORE_NONE);
}

static void past_figures_stay(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 10; i++)
        put(f, &(struct sample){"", "One of ten", i < 6 ? "espionage" : "doxing", "CN", "2018-01",
                                STATE_PUBLISHED, 2020});
    struct query then = {.kind = "incident", .as_of = in_year(2021)}, now = {.kind = "incident"};
    assert_int_equal(count(f, &then), 10);
    assert_int_equal(tally(f, &then, "type", "espionage"), 6);
    put(f, &(struct sample){"I-000001", "Changed", "defacement", "RU", "2018-01", STATE_PUBLISHED,
                            2022});
    put(f, &(struct sample){"I-000002", "Gone", "espionage", "CN", "2018-01", STATE_WITHDRAWN, 0});
    put(f,
        &(struct sample){"I-000003", "Not public yet", "doxing", "RU", "2018-01", STATE_DRAFT, 0});
    put(f, &(struct sample){"", "New", "espionage", "IR", "2022-02", STATE_PUBLISHED, 2022});
    assert_int_equal(count(f, &then), 10);
    assert_int_equal(tally(f, &then, "type", "espionage"), 6);
    assert_int_equal(tally(f, &then, "origin", "CN"), 10);
    assert_int_equal(count(f, &now), 10);
    assert_int_equal(tally(f, &now, "type", "espionage"), 5);
    assert_int_equal(tally(f, &now, "origin", "CN"), 8);
    assert_int_equal(tally(f, &now, "year", "2018"), 9);
    struct query withdrawn = {.states = 1u << STATE_WITHDRAWN};
    assert_int_equal(count(f, &withdrawn), 1);
    struct query team = {.team = true, .states = 1u << STATE_DRAFT};
    assert_int_equal(count(f, &team), 1);
    assert_int_equal(tally(f, &team, "origin", "RU"), 1);
}

static void filters_combine(void **state)
{
    struct fixture *f = *state;
    put(f, &(struct sample){"", "b", "espionage", "CN", "2018-01-05", STATE_PUBLISHED, 2020});
    put(f, &(struct sample){"", "C", "espionage", "RU", "2019-01", STATE_PUBLISHED, 2021});
    put(f, &(struct sample){"", "\u00e0", "doxing", "RU", "2020", STATE_PUBLISHED, 2020});
    put(f, &(struct sample){"", "d", "doxing", "IR", "", STATE_PUBLISHED, 2020});
    struct query q = {.kind = "incident"};
    q.filters[0].field = "origin";
    q.filters[0].value = S("RU");
    q.filter_count = 1;
    assert_int_equal(count(f, &q), 2);
    q.filters[1].field = "origin";
    q.filters[1].value = S("CN");
    q.filter_count = 2;
    assert_int_equal(count(f, &q), 3); // either
    q.filters[2].field = "type";
    q.filters[2].value = S("doxing");
    q.filter_count = 3;
    assert_int_equal(count(f, &q), 1); // both fields
    struct query dates = {.since = S("2018-01"), .until = S("2019")};
    assert_int_equal(count(f, &dates), 2);
    static const struct {
        enum query_sort sort;
        const char *order;
    } orders[] = {{SORT_NEWEST, "\u00e0Cbd"},
                  {SORT_OLDEST, "bC\u00e0d"},
                  {SORT_TITLE, "\u00e0bCd"},
                  {SORT_CHANGED, "Cd\u00e0b"}};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct query sorted = {.sort = orders[i].sort};
        struct buf got = {0};
        for (size_t offset = 0; offset < 4; offset += 2) { // pages of two
            struct list_row *rows;
            size_t n;
            uint64_t total;
            struct err e = {0};
            sorted.offset = offset;
            sorted.limit = 2;
            assert_true(store_list(f->s, &sorted, &f->a, &rows, &n, &total, &e));
            assert_true(n == 2 && total == 4);
            buf_add(&got, rows[0].title);
            buf_add(&got, rows[1].title);
        }
        if (!slice_equal_str(buf_slice(&got), orders[i].order))
            fail_msg("%zu: %.*s", i, SLICE_FMT(buf_slice(&got)));
        buf_free(&got);
    }
    struct tally *t;
    size_t n;
    struct err e = {0};
    struct query all = {0};
    assert_true(store_tally(f->s, &all, "type", "origin", &f->a, &t, &n, &e));
    assert_int_equal(n, 4);
    assert_int_equal(t[0].records, 1);
}

static uint64_t search(struct fixture *f, struct slice words)
{
    struct query q = {.words = words, .sort = SORT_RELEVANCE};
    struct list_row *rows;
    size_t n;
    uint64_t total;
    struct err e = {0};
    if (!store_list(f->s, &q, &f->a, &rows, &n, &total, &e))
        fail_msg("%.*s: %s", SLICE_FMT(words), e.message);
    return total;
}

static void any_words_can_be_searched(void **state)
{
    struct fixture *f = *state;
    put(f, &(struct sample){"", "Minist\u00e8re \u00e0 Qu\u00e9bec", "espionage", "CN", "2018",
                            STATE_PUBLISHED, 2020});
    put(f, &(struct sample){"", "Ministry in Ottawa", "espionage", "CN", "2018", STATE_PUBLISHED,
                            2020});
    assert_int_equal(search(f, S("quebec")), 1);
    assert_int_equal(search(f, S("QU\u00c9BEC")), 1);
    assert_int_equal(search(f, S("ministere quebec")), 1);
    assert_int_equal(search(f, S("mini")), 0);
    assert_int_equal(search(f, S("mini*")), 2);
    assert_int_equal(search(f, S("mi*")), 0); // too short for a prefix
    assert_int_equal(search(f, S("\"ministry in\"")), 1);
    assert_int_equal(search(f, S("\"in ministry\"")), 0);
    assert_int_equal(search(f, S("resume")), 2); // Résumé, in the text
    assert_int_equal(search(f, S("")), 2);       // no search
    static const char *const hostile[] = {
        "\"",        "\"\"",    "*",        "AND",      "NOT ottawa",  "title:x",
        "NEAR(a b)", "a OR",    "(",        ")",        "^a",          "'; DROP TABLE record; --",
        "{a b}",     "-",       "a\"b",     "\x01\x02", "\xff\xfe",    "a*b",
        "\"a*\"*",   "++",      "\"\"\"\"", "col : x",  "a AND AND b", "\\",
        "%",         "\xe2\x80"};
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
        (void)search(f, slice_from_str(hostile[i]));
    struct buf lots = {0};
    for (int i = 0; i < 20000; i++)
        buf_str(&lots, "\"a* ");
    (void)search(f, buf_slice(&lots));
    buf_free(&lots);
    assert_int_equal(search(f, S("ottawa")), 1);
    // What was withdrawn from the text is not found today, and is found as of then.
    put(f, &(struct sample){"I-000002", "Ministry elsewhere", "espionage", "CN", "2018",
                            STATE_PUBLISHED, 2022});
    assert_int_equal(search(f, S("ottawa")), 0);
    struct query then = {.words = S("ottawa"), .as_of = in_year(2021)};
    assert_int_equal(count(f, &then), 1);
}

// A record in both languages; title_fr and the like may be NULL.
static void put_words(struct fixture *f, const char *title, const char *title_fr,
                      const char *summary, const char *summary_fr)
{
    struct record r;
    struct revision out;
    struct err e = {0};
    const char *const values[][2] = {
        {"title", title}, {"title-fr", title_fr}, {"summary", summary}, {"summary-fr", summary_fr}};
    record_init(&r, schema_kind_find(S("incident")), &f->a);
    for (size_t i = 0; i < 4; i++)
        if (values[i][1])
            record_set(&r, values[i][0], slice_from_str(values[i][1]));
    struct revision_new n = {.body = &r, .state = STATE_PUBLISHED};
    if (!store_revision_add(f->s, &n, &f->a, &out, &e))
        fail_msg("%s", e.message);
    record_free(&r);
}

struct found {
    const char *words;
    bool french;
    const char *snippet, *lang; // NULL: none, not known
};

static void check_snippet(struct fixture *f, const struct found *x)
{
    struct query q = {.words = slice_from_str(x->words), .french = x->french};
    struct list_row *rows;
    size_t n;
    uint64_t total;
    struct err e = {0};
    assert_true(store_list(f->s, &q, &f->a, &rows, &n, &total, &e));
    assert_int_equal(n, 1);
    if (!slice_equal_str(rows[0].snippet, x->snippet ? x->snippet : ""))
        fail_msg("%s: %.*s", x->words, SLICE_FMT(rows[0].snippet));
    assert_string_equal(rows[0].snippet_lang ? rows[0].snippet_lang : "", x->lang ? x->lang : "");
}

// What is found is shown in the reader's language where it stands in both, and said to be in the
// other where it does not; a title that the list shows anyhow is not shown again.
static void passages_have_a_language(void **state)
{
    struct fixture *f = *state;
    put_words(f, "Ledger copied", "Registre copi\u00e9", "Ottawa read it", "Lu \u00e0 Ottawa");
    put_words(f, "Only here", NULL, "Nobody in Halifax saw", NULL);
    static const struct found cases[] = {
        {"ottawa", false, "\x02Ottawa\x03 read it", "en"},
        {"otta*", false, "\x02Ottawa\x03 read it", "en"},
        {"ottawa", true, "Lu \u00e0 \x02Ottawa\x03", "fr"},
        {"otta*", true, "Lu \u00e0 \x02Ottawa\x03", "fr"},
        {"halifax", true, "Nobody in \x02Halifax\x03 saw", "en"},
        {"ledger", false, NULL, NULL},
        {"ledger", true, "\x02Ledger\x03 copied", "en"},
        {"registre", false, "\x02Registre\x03 copi\u00e9", "fr"},
        {"only", true, NULL, NULL}, // the title that French readers see too
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_snippet(f, &cases[i]);
}

static void titles_sort_by_language(void **state)
{
    struct fixture *f = *state;
    // In French accents are compared from the end: cote, côte, coté, côté.
    put_words(f, "d", "c\u00f4t\u00e9", NULL, NULL);
    put_words(f, "a", "Cot\u00e9", NULL, NULL);
    put_words(f, "c", "c\u00f4te", NULL, NULL);
    put_words(f, "b", "cote", NULL, NULL);
    put_words(f, "Cz", NULL, NULL, NULL); // has none in French
    static const char *const orders[2][5] = {
        {"I-000002", "I-000004", "I-000003", "I-000005", "I-000001"},
        {"I-000004", "I-000003", "I-000002", "I-000001", "I-000005"}};
    for (int french = 0; french < 2; french++) {
        struct query q = {.sort = SORT_TITLE, .french = french};
        struct list_row *rows;
        size_t n;
        uint64_t total;
        struct err e = {0};
        assert_true(store_list(f->s, &q, &f->a, &rows, &n, &total, &e));
        assert_int_equal(n, 5);
        for (size_t i = 0; i < 5; i++)
            assert_true(slice_equal_str(rows[i].id, orders[french][i]));
    }
}

static size_t changes(struct fixture *f, vtime as_of, struct public_change **list)
{
    size_t n;
    uint64_t total;
    struct err e = {0};
    if (!store_changes(f->s, as_of, 0, 100, &f->a, list, &n, &total, &e))
        fail_msg("%s", e.message);
    assert_int_equal(n, total);
    return n;
}

// Only what took the place of something that was public; drafts are nobody's business.
static void changes_are_what_the_public_saw(void **state)
{
    struct fixture *f = *state;
    struct public_change *list;
    put(f, &(struct sample){"", "One", "espionage", "CN", "2018", STATE_DRAFT, 2018});
    put(f, &(struct sample){"I-000001", "One", "espionage", "CN", "2018", STATE_REVIEW, 2019});
    put(f, &(struct sample){"I-000001", "One", "espionage", "CN", "2018", STATE_PUBLISHED, 2020});
    assert_int_equal(changes(f, 0, &list), 0);
    put(f, &(struct sample){"I-000001", "Two", "espionage", "CN", "2018", STATE_DRAFT, 2021});
    assert_int_equal(changes(f, 0, &list), 0);
    put(f, &(struct sample){"I-000001", "Two", "espionage", "CN", "2018", STATE_PUBLISHED, 2022});
    assert_int_equal(changes(f, 0, &list), 1);
    assert_true(list[0].before == 3 && list[0].row.revision == 5);
    assert_true(slice_equal_str(list[0].row.title, "Two"));
    put(f, &(struct sample){"I-000001", "Two", "espionage", "CN", "2018", STATE_WITHDRAWN, 2023});
    assert_int_equal(changes(f, 0, &list), 2);
    assert_true(list[0].was == STATE_PUBLISHED && list[0].row.state == STATE_WITHDRAWN);
    assert_true(slice_equal_str(list[0].reason, "because"));
    assert_int_equal(changes(f, in_year(2022), &list), 1);
    assert_int_equal(changes(f, in_year(2021), &list), 0);
}

static void transactions_nest(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    struct query all = {0};
    uint64_t before = store_generation(f->s);
    assert_true(store_begin(f->s, &e));
    put(f, &(struct sample){"", "kept", "doxing", "CN", "2018", STATE_PUBLISHED, 2020});
    assert_true(store_begin(f->s, &e));
    put(f, &(struct sample){"", "undone", "doxing", "CN", "2018", STATE_PUBLISHED, 2020});
    assert_int_equal(count(f, &all), 2);
    store_rollback(f->s);
    assert_int_equal(count(f, &all), 1);
    assert_true(store_commit(f->s, &e));
    assert_int_equal(count(f, &all), 1);
    assert_true(store_generation(f->s) > before);
    assert_false(store_commit(f->s, &e));
    assert_true(store_begin(f->s, &e));
    put(f, &(struct sample){"", "undone", "doxing", "CN", "2018", STATE_PUBLISHED, 2020});
    store_rollback(f->s);
    assert_int_equal(count(f, &all), 1);
    struct revision next =
        put(f, &(struct sample){"", "next", "doxing", "CN", "2018", STATE_PUBLISHED, 2020});
    assert_true(slice_equal_str(next.record, "I-000002"));
}

// What one connection remembers, another one's writes must undo.
static void two_connections_agree(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    struct query all = {.kind = "incident"};
    struct fixture g = *f;
    assert_true(store_open(f->path, STORE_READ, &g.s, &e));
    for (uint64_t i = 1; i < 6; i++) {
        put(f, &(struct sample){"", "one more", "doxing", "CN", "2018", STATE_PUBLISHED, 2020});
        assert_int_equal(count(&g, &all), i);
        assert_int_equal(count(&g, &all), i);
        assert_int_equal(count(f, &all), i);
        assert_true(store_begin(f->s, &e));
        put(f, &(struct sample){"", "undone", "doxing", "CN", "2018", STATE_PUBLISHED, 2020});
        assert_int_equal(count(f, &all), i + 1);
        assert_int_equal(count(&g, &all), i);
        store_rollback(f->s);
        assert_int_equal(count(f, &all), i);
    }
    put(f, &(struct sample){"I-000001", "gone", "doxing", "CN", "2018", STATE_WITHDRAWN, 2021});
    assert_int_equal(count(&g, &all), 4);
    store_close(g.s);
}

static void wrong_revisions_are_refused(void **state)
{
    struct fixture *f = *state;
    put(f, &(struct sample){"", "one", "doxing", "CN", "2018", STATE_PUBLISHED, 2022});
    struct record r;
    struct revision out;
    record_init(&r, schema_kind_find(S("incident")), &f->a);
    record_set(&r, "title", S("x"));
    struct revision_new n = {.record = S("I-000001"), .body = &r, .at = in_year(2020)};
    struct err e = {0};
    assert_false(store_revision_add(f->s, &n, &f->a, &out, &e)); // before the newest
    assert_int_equal(e.code, ERR_USAGE);
    n = (struct revision_new){.record = S("I-000007"), .body = &r};
    assert_false(store_revision_add(f->s, &n, &f->a, &out, &e));
    n = (struct revision_new){.record = S("P-000001"), .body = &r};
    assert_false(store_revision_add(f->s, &n, &f->a, &out, &e));
    record_free(&r);
    struct query all = {.team = true};
    assert_int_equal(count(f, &all), 1);
}

static void originals_come_back(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    put(f, &(struct sample){"", "one", "doxing", "CN", "2018", STATE_PUBLISHED, 2022});
    static const char *const kept[] = {"[[\"ID\",\"2\"],[\"name\",\"a \\\"b\\\" \u00e9\"]]",
                                       "[[\"ID\",\"3\"],[\"name\",\"\"]]",
                                       "[ [\"ID\", \"3\"] ]",
                                       "{\"a\":[1,2,{}]}",
                                       "not json",
                                       ""};
    size_t count_kept = sizeof kept / sizeof *kept;
    for (size_t i = 0; i < count_kept; i++) {
        struct original o = {S("csv"), S("f.csv"), i, slice_from_str(kept[i])};
        assert_true(store_original_add(f->s, S("I-000001"), &o, &e));
    }
    struct original *o;
    size_t n;
    assert_true(store_originals(f->s, S("I-000001"), &f->a, &o, &n, &e));
    assert_int_equal(n, count_kept);
    for (size_t i = 0; i < n; i++) {
        assert_true(slice_equal_str(o[i].columns, kept[i]));
        assert_true(o[i].row == i && slice_equal_str(o[i].file, "f.csv"));
    }
    struct slice found;
    assert_int_equal(store_import_find(f->s, S("key"), &f->a, &found, &e), STORE_NONE);
    assert_true(store_import_note(f->s, S("key"), S("I-000001"), &e));
    assert_int_equal(store_import_find(f->s, S("key"), &f->a, &found, &e), STORE_FOUND);
    assert_true(slice_equal_str(found, "I-000001"));
    assert_false(store_import_note(f->s, S("key"), S("I-000009"), &e));
}

static void copies_and_damage(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    char copy[128];
    snprintf(copy, sizeof copy, "%s.copy", f->path);
    for (int i = 0; i < 200; i++)
        put(f, &(struct sample){"", "One of many, with words", "doxing", "CN", "2018",
                                STATE_PUBLISHED, 2022});
    assert_true(store_check(f->s, &e));
    assert_true(store_backup(f->s, copy, &e));
    assert_false(store_backup(f->s, copy, &e)); // it exists
    struct store *second;
    assert_true(store_open(copy, STORE_READ, &second, &e));
    struct fixture g = *f;
    g.s = second;
    struct query all = {0};
    assert_int_equal(count(&g, &all), 200);
    store_close(second);
    // Half of it is overwritten, then all but the first page: errors, no crash.
    FILE *file;
    uint64_t n;
    for (int half = 1; half >= 0; half--) {
        file = fopen(copy, "r+b");
        assert_non_null(file);
        assert_int_equal(fseek(file, 0, SEEK_END), 0);
        long size = ftell(file);
        assert_int_equal(fseek(file, half ? size / 8192 * 4096 : 4096, SEEK_SET), 0);
        for (long i = ftell(file); i < size; i++)
            fputc(0x5a, file);
        fclose(file);
        e = (struct err){0};
        if (store_open(copy, STORE_READ, &second, &e)) {
            assert_false(store_check(second, &e));
            (void)store_count(second, &all, &n, NULL);
            store_close(second);
        }
        assert_int_equal(e.code, ERR_FORMAT);
    }
    // Not a registry at all, and none.
    file = fopen(copy, "wb");
    fputs("hello", file);
    fclose(file);
    assert_false(store_open(copy, STORE_READ, &second, &e));
    unlink(copy);
    assert_false(store_open(copy, STORE_READ, &second, &e));
    assert_false(store_open("postgresql://x/y", STORE_READ, &second, &e));
    assert_int_equal(e.code, ERR_UNSUPPORTED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(revisions_stay),
        TEST(past_figures_stay),
        TEST(filters_combine),
        TEST(any_words_can_be_searched),
        TEST(passages_have_a_language),
        TEST(titles_sort_by_language),
        TEST(changes_are_what_the_public_saw),
        TEST(transactions_nest),
        TEST(two_connections_agree),
        TEST(wrong_revisions_are_refused),
        TEST(originals_come_back),
        TEST(copies_and_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
