// SPDX-License-Identifier: Apache-2.0
// Every page, in both languages, made from a store: once empty, once with script in every field of
// every kind of record. Whatever stands in a record, a page is well-formed and runs nothing.
#include "observatory/http/app.h"
#include "observatory/http/parse.h"
#include "observatory/http/response.h"
#include "observatory/http/router.h"
#include "observatory/model/texts.h"
#include "observatory/pages/markup_check.h"
#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#define HOSTILE "\"><script>alert('x')</script>&{}%s<img src=x onerror=alert(1)>"

struct world {
    char folder[64];
    char url[128];
    struct store *store;
    struct app app;
    struct arena arena; // of the records
};

static int begin(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct err e = {0};
    snprintf(w->folder, sizeof w->folder, "/tmp/vigied-pages-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->url, sizeof w->url, "sqlite:%s/r.db", w->folder);
    assert_true(store_open(w->url, STORE_CREATE, &w->store, &e));
    assert_true(store_mark_invented(w->store, &e));
    w->app.settings = (struct settings){
        .name_en = SLICE("Registry " HOSTILE),
        .name_fr = SLICE("Registre " HOSTILE),
        .coverage_en = SLICE("All of it " HOSTILE),
        .contact = SLICE("team@example.org" HOSTILE),
    };
    arena_init(&w->arena, 0);
    *state = w;
    return 0;
}

static int end(void **state)
{
    static const char *const names[] = {"r.db", "r.db-wal", "r.db-shm"};
    struct world *w = *state;
    store_close(w->store);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[160];
        snprintf(path, sizeof path, "%s/%s", w->folder, names[i]);
        unlink(path);
    }
    rmdir(w->folder);
    arena_free(&w->arena);
    free(w);
    return 0;
}

// --- asking -------------------------------------------------------------------------------------

// Answers a path as the server would; the body is checked and freed. Returns the status.
static int ask(struct world *w, const char *path, const struct http_pair *params, size_t count,
               const char *needle)
{
    struct arena a;
    arena_init(&a, 0);
    struct routing routing;
    size_t routes;
    const struct route *all = pages_routes(&routes);
    struct route_table table = {all, routes};
    route_find(&table, 1, HTTP_GET, slice_from_str(path), &routing);
    if (!routing.route)
        fail_msg("no route for %s", path);
    struct request rq = {.app = &w->app,
                         .store = w->store,
                         .arena = &a,
                         .method = HTTP_GET,
                         .path = slice_from_str(path),
                         .params = params,
                         .param_count = count,
                         .part_count = routing.part_count,
                         .lang = routing.lang ? routing.lang : web_language(SLICE("en")),
                         .base_url = SLICE("https://registry.example")};
    memcpy(rq.part, routing.part, sizeof rq.part);
    struct response rs;
    response_init(&rs);
    routing.route->handler(&rq, &rs);
    struct slice body = buf_slice(&rs.body);
    bool markup = rs.type && (strstr(rs.type, "html") || strstr(rs.type, "svg"));
    const char *fault = markup ? markup_fault(body) : NULL;
    if (fault)
        fail_msg("%s: %s", path, fault);
    if (markup && (memmem(body.at, body.len, "<script", 7) || memmem(body.at, body.len, "<img", 4)))
        fail_msg("%s: something of a record became markup", path);
    if (needle && !memmem(body.at, body.len, needle, strlen(needle)))
        fail_msg("%s: lacks %s", path, needle);
    int status = rs.status;
    response_finish(&rs);
    arena_free(&a);
    return status;
}

static void ask_all(struct world *w, const struct http_pair *params, size_t count)
{
    static const char *const paths[] = {
        "/",
        "/incidents",
        "/conducts",
        "/places",
        "/advisories",
        "/candidates",
        "/codebook",
        "/method",
        "/corrections",
        "/trends",
        "/data",
        "/releases",
        "/about",
        "/demo",
        "/embed/years",
        "/embed/types",
        "/embed/origins",
        "/embed/origins-map",
        "/embed/timeline",
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        for (int french = 0; french < 2; french++) {
            char path[64];
            snprintf(path, sizeof path, "/%s%s", french ? "fr" : "en", paths[i]);
            assert_int_equal(ask(w, path, params, count, NULL), 200);
        }
    assert_int_equal(ask(w, "/charts/years-fr.svg", params, count, "<svg"), 200);
    assert_int_equal(ask(w, "/charts/targets-map.svg", params, count, "<svg"), 200);
    assert_int_equal(ask(w, "/charts/nothing.svg", params, count, NULL), 404);
}

static void pages_of_an_empty_store(void **state)
{
    struct world *w = *state;
    ask_all(w, NULL, 0);
    assert_int_equal(ask(w, "/en/incidents/I-000001", NULL, 0, NULL), 404);
    assert_int_equal(ask(w, "/en/incidents/I-000001/history", NULL, 0, NULL), 404);
    assert_int_equal(ask(w, "/en/incidents/nonsense", NULL, 0, NULL), 404);
    assert_int_equal(ask(w, "/en/incidents/I-000001/revisions/x", NULL, 0, NULL), 404);
}

// --- records ------------------------------------------------------------------------------------
static void fill_item(struct world *w, struct record *r, struct item *i,
                      const struct schema_group *g, const char *mark)
{
    for (size_t f = 0; f < g->count; f++) {
        struct slice words = arena_printf(&w->arena, "%s %s %s", mark, g->fields[f].name, HOSTILE);
        if (g->fields[f].kind == VALUE_DATE)
            words = SLICE("2021-05");
        else if (g->fields[f].kind == VALUE_URL)
            words = SLICE("javascript:alert(1)");
        struct value *v = record_add_value(r, i, g->fields[f].name, words);
        assert_non_null(v);
        v->note = SLICE("note " HOSTILE);
        v->precision = SLICE("about");
        v->sources = SLICE("s1 " HOSTILE);
        v = record_add_value(r, i, g->fields[f].name, SLICE("\xff\xfe aside " HOSTILE));
        v->set_aside = true;
    }
}

// A record of that kind, two revisions, script everywhere; its id.
static struct slice add_hostile(struct world *w, const struct schema_kind *k,
                                enum record_state state)
{
    struct revision made = {0};
    struct err e = {0};
    for (int round = 1; round <= 2; round++) {
        struct record r;
        record_init(&r, k, &w->arena);
        r.codebook = SLICE("1 " HOSTILE);
        for (size_t g = 0; g < k->count; g++) {
            struct item *i =
                k->groups[g].name[0] ? record_add_item(&r, k->groups[g].name) : record_main(&r);
            fill_item(w, &r, i, &k->groups[g], round == 1 ? "first" : "second");
        }
        struct revision_new n = {.record = made.record,
                                 .body = &r,
                                 .state = state,
                                 .author = SLICE("A " HOSTILE),
                                 .reason = SLICE("R " HOSTILE)};
        if (!store_revision_add(w->store, &n, &w->arena, &made, &e))
            fail_msg("%s", e.message);
        record_free(&r);
    }
    return made.record;
}

static void ask_record(struct world *w, const char *path, struct slice id)
{
    static const char *const after[] = {"", "/history", "/revisions/1", "/revisions/2"};
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        for (int french = 0; french < 2; french++) {
            char whole[96];
            snprintf(whole, sizeof whole, "/%s%s/%.*s%s", french ? "fr" : "en", path, SLICE_FMT(id),
                     after[i]);
            assert_int_equal(ask(w, whole, NULL, 0, "&lt;script&gt;"), 200);
        }
}

static void pages_of_hostile_records(void **state)
{
    static const char *const paths[] = {"/incidents", "/conducts", "/places", "/advisories"};
    struct world *w = *state;
    size_t count;
    const struct schema_kind *kinds = schema_kinds(&count);
    assert_int_equal(count, sizeof paths / sizeof *paths);
    for (size_t k = 0; k < count; k++)
        ask_record(w, paths[k], add_hostile(w, &kinds[k], STATE_PUBLISHED));
    ask_record(w, "/incidents", add_hostile(w, &kinds[0], STATE_WITHDRAWN));
    ask_record(w, "/incidents", add_hostile(w, &kinds[0], STATE_TURNED_DOWN));
    ask_record(w, "/incidents", add_hostile(w, &kinds[0], STATE_MERGED));
    ask_all(w, NULL, 0);
}

static void pages_of_hostile_addresses(void **state)
{
    struct world *w = *state;
    const struct http_pair pairs[] = {
        {SLICE("q"), SLICE("first " HOSTILE)}, {SLICE("type"), SLICE(HOSTILE)},
        {SLICE("as_of"), SLICE("2100-01-01")}, {SLICE("since"), SLICE(HOSTILE)},
        {SLICE("sort"), SLICE(HOSTILE)},       {SLICE(HOSTILE), SLICE(HOSTILE)},
    };
    ask_all(w, pairs, sizeof pairs / sizeof *pairs);
    ask_all(w, pairs, 1);
}

static void drafts_stay_hidden(void **state)
{
    struct world *w = *state;
    struct slice id = add_hostile(w, schema_kind_find(SLICE("incident")), STATE_DRAFT);
    char path[64];
    snprintf(path, sizeof path, "/en/incidents/%.*s", SLICE_FMT(id));
    assert_int_equal(ask(w, path, NULL, 0, NULL), 404);
    snprintf(path, sizeof path, "/en/incidents/%.*s/revisions/1", SLICE_FMT(id));
    assert_int_equal(ask(w, path, NULL, 0, NULL), 404);
    snprintf(path, sizeof path, "/en/incidents/%.*s/history", SLICE_FMT(id));
    assert_int_equal(ask(w, path, NULL, 0, NULL), 404);
}

// --- figures
static vtime on_day(const char *day)
{
    vtime t;
    assert_true(time_parse(slice_from_str(day), &t, NULL));
    return t;
}

static struct slice add_plain(struct world *w, struct slice id, const char *type,
                              enum record_state state, const char *day)
{
    struct record r;
    struct revision made;
    struct err e = {0};
    record_init(&r, schema_kind_find(SLICE("incident")), &w->arena);
    record_set(&r, "title", SLICE("A plain one"));
    record_set(&r, "began", SLICE("2021-05"));
    record_set(&r, "type", slice_from_str(type));
    record_set(&r, "origin", SLICE("unknown"));
    struct revision_new n = {.record = id,
                             .body = &r,
                             .state = state,
                             .author = SLICE("A"),
                             .reason = SLICE("R"),
                             .at = on_day(day)};
    if (!store_revision_add(w->store, &n, &w->arena, &made, &e))
        fail_msg("%s", e.message);
    record_free(&r);
    return made.record;
}

// Change a record and the figures change; a past day gives what it gave then.
static void figures_are_counted(void **state)
{
    struct world *w = *state;
    struct http_pair day = {SLICE("as_of"), SLICE("2022-06-30")};
    const char *none = "<strong>0 incidents</strong>";
    const char *two = "<strong>2 incidents</strong> since 2021, <strong>1 of them espionage";
    assert_int_equal(ask(w, "/en/", NULL, 0, none), 200);
    struct slice id = add_plain(w, (struct slice){0}, "espionage", STATE_PUBLISHED, "2022-03-01");
    add_plain(w, (struct slice){0}, "doxing", STATE_PUBLISHED, "2022-04-01");
    assert_int_equal(ask(w, "/en/", NULL, 0, two), 200);
    assert_int_equal(ask(w, "/fr/", NULL, 0, "<strong>2 incidents</strong> depuis 2021"), 200);
    add_plain(w, id, "espionage", STATE_WITHDRAWN, "2023-01-01");
    assert_int_equal(ask(w, "/en/", NULL, 0, "<strong>1 incident</strong> since 2021</p>"), 200);
    assert_int_equal(ask(w, "/en/", &day, 1, two), 200);
    assert_int_equal(ask(w, "/en/incidents", &day, 1, "<strong>2 incidents</strong>"), 200);
    day.value = SLICE("2021-12-31");
    assert_int_equal(ask(w, "/en/", &day, 1, none), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_of_an_empty_store),
        cmocka_unit_test(pages_of_hostile_records),
        cmocka_unit_test(pages_of_hostile_addresses),
        cmocka_unit_test(drafts_stay_hidden),
        cmocka_unit_test_setup_teardown(figures_are_counted, begin, end),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
