// SPDX-License-Identifier: Apache-2.0
#include "observatory/pages/chart.h"
#include "observatory/pages/map.h"
#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"
#include "observatory/pages/view.h"

#include "observatory/model/texts.h"
#include "observatory/pages/markup_check.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct slice line(const char *s)
{
    return slice_from_str(s);
}

static bool has(const struct buf *b, const char *needle)
{
    return memmem(b->at, b->len, needle, strlen(needle)) != NULL;
}

// --- charts -------------------------------------------------------------------------------------
static const enum chart_form forms[] = {CHART_COLUMNS, CHART_BARS, CHART_MAP, CHART_TIMELINE};

// Draws data in every form, as part of a page and as a file, and checks what must always hold.
static void draw_all(const struct chart_datum *data, size_t count)
{
    struct arena a;
    arena_init(&a, 0);
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++)
        for (int own = 0; own < 2; own++) {
            struct buf out = {0};
            struct chart c = {.id = "t",
                              .form = forms[f],
                              .title = "A <title>",
                              .description = "Words & words",
                              .colour = "#0072B2",
                              .data = data,
                              .count = count,
                              .lang = web_language(SLICE("en")),
                              .arena = &a,
                              .own_file = own,
                              .land = "/land.svg"};
            chart_write(&out, &c);
            assert_null(markup_fault(buf_slice(&out)));
            assert_true(has(&out, "<title id=\"t-title\">A &lt;title&gt;</title>"));
            assert_true(has(&out, "<desc id=\"t-desc\">Words &amp; words</desc>"));
            assert_false(has(&out, "nan"));
            assert_false(has(&out, "inf"));
            assert_false(has(&out, "<script"));
            buf_free(&out);
        }
    arena_free(&a);
}

static void charts_without_data(void **state)
{
    (void)state;
    struct chart_datum zero = {.label = line("CA"), .code = line("CA")};
    draw_all(NULL, 0);
    draw_all(&zero, 1);
}

static void charts_of_odd_data(void **state)
{
    (void)state;
    struct chart_datum one = {
        .label = line("Canada"), .code = line("CA"), .value = 1, .first = 18000, .last = 18000};
    struct chart_datum huge[] = {
        {.label = line("<script>alert(1)</script>"),
         .code = line("CN"),
         .value = UINT64_MAX,
         .first = INT32_MIN,
         .last = INT32_MAX},
        {.label = line("\xff\xfe\"'&"),
         .code = line("no such"),
         .value = 1,
         .part = 1,
         .first = -1,
         .last = 0},
    };
    draw_all(&one, 1);
    draw_all(huge, 2);
    draw_all(huge + 1, 1);
}

static void charts_of_many_data(void **state)
{
    (void)state;
    enum { MANY = 2000 };
    struct chart_datum *many = calloc(MANY, sizeof *many);
    for (int i = 0; i < MANY; i++)
        many[i] = (struct chart_datum){.label = line("a label of some length, é"),
                                       .code = line("CA"),
                                       .value = (uint64_t)i,
                                       .first = i,
                                       .last = i * 2};
    draw_all(many, MANY);
    free(many);
}

// Twice the value, twice the bar.
static void bars_are_in_proportion(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    struct chart_datum data[] = {{.label = line("a"), .value = 40},
                                 {.label = line("b"), .value = 20}};
    struct chart c = {.id = "t",
                      .form = CHART_BARS,
                      .title = "t",
                      .description = "d",
                      .colour = "#000000",
                      .data = data,
                      .count = 2,
                      .lang = web_language(SLICE("en")),
                      .arena = &a};
    struct buf out = {0};
    chart_write(&out, &c);
    buf_byte(&out, 0);
    double wide[2] = {0};
    const char *at = (const char *)out.at;
    for (int i = 0; i < 2; i++) {
        at = strstr(at, "<rect x=");
        assert_non_null(at);
        at = strstr(at, "width=\"") + 7;
        wide[i] = strtod(at, NULL);
    }
    assert_true(wide[1] > 10 && fabs(wide[0] - 2 * wide[1]) < 0.2);
    buf_free(&out);
    arena_free(&a);
}

static void map_keeps_its_frame(void **state)
{
    (void)state;
    double x, y;
    map_project(0, 0, &x, &y);
    assert_true(fabs(x - 400) < 1e-9);
    map_project(84, 0, &x, &y);
    assert_true(fabs(y) < 1e-9);
    map_project(0, 180, &x, &y);
    assert_true(fabs(x - 800) < 1e-9);
    map_project(-56, 0, &x, &y);
    assert_true(y < MAP_HEIGHT);
    map_project(45.5, -73.6, &x, &y); // Montreal lies in the upper left quarter
    assert_true(x > 150 && x < 350 && y > 50 && y < 150);
}

// --- dates --------------------------------------------------------------------------------------
static void dates_in_both_languages(void **state)
{
    (void)state;
    static const struct {
        const char *date, *precision, *english, *french;
    } rows[] = {
        {"2026-11-22", "", "22\u00a0November\u00a02026", "22\u00a0novembre\u00a02026"},
        {"2026-11-01", "day", "1\u00a0November\u00a02026", "1er\u00a0novembre\u00a02026"},
        {"2022-10", "", "October\u00a02022", "octobre\u00a02022"},
        {"2022-10-05", "month", "October\u00a02022", "octobre\u00a02022"},
        {"2022-01-01", "year", "2022", "2022"},
        {"2022", "about", "about 2022", "vers 2022"},
        {"2022-10", "about", "about October\u00a02022", "vers octobre\u00a02022"},
        {"", "", "not known", "on ne sait pas"},
        {"spring 2020", "", "spring 2020", "spring 2020"},
        {"2020-13-40", "", "2020-13-40", "2020-13-40"},
        {"1-2-3-4", "", "1-2-3-4", "1-2-3-4"},
    };
    struct arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(
            rows[i].english,
            date_words(web_language(SLICE("en")), &a, line(rows[i].date), line(rows[i].precision)));
        assert_string_equal(
            rows[i].french,
            date_words(web_language(SLICE("fr")), &a, line(rows[i].date), line(rows[i].precision)));
    }
    arena_free(&a);
}

// --- addresses ----------------------------------------------------------------------------------
static void read_view(struct request *rq, struct http_pair *pairs, size_t count, struct view *v)
{
    *rq = (struct request){.arena = rq->arena,
                           .lang = web_language(SLICE("en")),
                           .params = pairs,
                           .param_count = count};
    view_read(rq, "incident", v);
}

static void views_come_back_from_their_address(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    struct request rq = {.arena = &a};
    struct http_pair pairs[] = {
        {line("q"), line("ministère & <b>")},
        {line("type"), line("espionage")},
        {line("type"), line("doxing")},
        {line("origin"), line("CN")},
        {line("since"), line("2015")},
        {line("until"), line("2020-06")},
        {line("sort"), line("title")},
        {line("as_of"), line("2025-12-31")},
        {line("page"), line("3")},
        {line("nonsense"), line("x")},
    };
    struct view v;
    read_view(&rq, pairs, sizeof pairs / sizeof *pairs, &v);
    assert_null(v.wrong);
    assert_int_equal(v.q.filter_count, 3);
    assert_int_equal(v.q.offset, 2 * VIEW_PAGE);
    assert_int_equal(v.q.sort, SORT_TITLE);
    struct slice all = view_address(&rq, &v, SLICE("/en/incidents"), 0, -1);
    assert_string_equal(arena_str(&a, all),
                        "/en/incidents?q=minist%C3%A8re%20%26%20%3Cb%3E&type=espionage&type=doxing"
                        "&origin=CN&since=2015&until=2020-06&sort=title&as_of=2025-12-31&page=3");
    struct slice less = view_address(&rq, &v, SLICE(""), VIEW_NO_WORDS | VIEW_NO_PAGE, 0);
    assert_string_equal(arena_str(&a, less), "?type=doxing&origin=CN&since=2015&until=2020-06"
                                             "&sort=title&as_of=2025-12-31");
    arena_free(&a);
}

static void views_leave_out_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value;
        bool told;
    } rows[] = {
        {"since", "yesterday", true}, {"until", "2020-02-31", true},
        {"as_of", "2020", true},      {"as_of", "2025-13-01", true},
        {"page", "-1", false},        {"page", "99999999999999999999", false},
        {"sort", "relevance", false}, {"type", "", false},
    };
    struct arena a;
    arena_init(&a, 0);
    struct request rq = {.arena = &a};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_pair pair = {line(rows[i].name), line(rows[i].value)};
        struct view v;
        read_view(&rq, &pair, 1, &v);
        assert_true((v.wrong != NULL) == rows[i].told);
        assert_int_equal(v.q.filter_count, 0);
        assert_int_equal(v.q.since.len + v.q.until.len + v.as_of.len, 0);
        assert_true(v.q.as_of == 0 && v.page >= 1 && v.page <= VIEW_MAX_PAGE);
    }
    arena_free(&a);
}

static void filters_have_names_of_their_own(void **state)
{
    (void)state;
    size_t kinds;
    const struct schema_kind *k = schema_kinds(&kinds);
    for (size_t i = 0; i < kinds; i++) {
        struct filter f[VIEW_MAX_FILTERS];
        size_t count = view_filters(&k[i], f);
        assert_true(count > 3 && count < VIEW_MAX_FILTERS);
        for (size_t x = 0; x < count; x++)
            for (size_t y = 0; y < x; y++)
                assert_string_not_equal(f[x].name, f[y].name);
    }
}

// --- markup -------------------------------------------------------------------------------------
static void holes_are_escaped(void **state)
{
    (void)state;
    struct buf b = {0};
    html_put(&b, "<a title=\"{}\">{}</a>{}", line("\"><script>"), line("a&b"));
    buf_byte(&b, 0);
    assert_string_equal((const char *)b.at, "<a title=\"&quot;&gt;&lt;script&gt;\">a&amp;b</a>");
    buf_free(&b);
}

static void languages_are_preferred(void **state)
{
    (void)state;
    static const struct {
        const char *header, *want;
    } rows[] = {
        {"fr-CA,fr;q=0.9,en;q=0.8", "fr"},
        {"en-GB", "en"},
        {"de,fr;q=0.5,en;q=0.4", "fr"},
        {"de", ""},
        {"", ""},
        {"fr;q=0,en;q=0.1", "en"},
        {"frr", ""},
        {"EN", "en"},
        {";;;,,,q=", ""},
        {"en;q=0.5,fr;q=1", "fr"},
        {"fr;q=0.301,en;q=0.3", "fr"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = language_preferred(line(rows[i].header));
        assert_string_equal(rows[i].want, got ? got : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(charts_without_data),
        cmocka_unit_test(charts_of_odd_data),
        cmocka_unit_test(charts_of_many_data),
        cmocka_unit_test(bars_are_in_proportion),
        cmocka_unit_test(map_keeps_its_frame),
        cmocka_unit_test(dates_in_both_languages),
        cmocka_unit_test(views_come_back_from_their_address),
        cmocka_unit_test(views_leave_out_what_is_wrong),
        cmocka_unit_test(filters_have_names_of_their_own),
        cmocka_unit_test(holes_are_escaped),
        cmocka_unit_test(languages_are_preferred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
