// SPDX-License-Identifier: Apache-2.0
// For tests: a store with people, and requests that go the way the server sends them: route,
// session, roles, handler.
#ifndef VIGIE_OBSERVATORY_TEAM_TEAM_WORLD_H
#define VIGIE_OBSERVATORY_TEAM_TEAM_WORLD_H

#include "observatory/http/app.h"
#include "observatory/http/parse.h"
#include "observatory/http/response.h"
#include "observatory/http/router.h"
#include "observatory/model/texts.h"
#include "observatory/pages/markup_check.h"
#include "observatory/pages/parts.h"
#include "observatory/team/accounts.h"
#include "observatory/team/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#define WORLD_PASSWORD "seven pale lanterns"

struct world {
    char folder[64], url[128];
    struct store *store;
    struct app app;
    struct arena arena; // of the test
};

// One person's browser.
struct visitor {
    struct world *world;
    struct slice cookie, csrf; // in the world's arena
    const char *lang;
    int status;
    struct slice body, location;
    unsigned roles_taken; // of the session, for tests of handlers alone
};

static inline int world_begin(void **state)
{
    struct world *w = mem_alloc_zero(1, sizeof *w);
    struct err e = {0};
    snprintf(w->folder, sizeof w->folder, "/tmp/vigied-team-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->url, sizeof w->url, "sqlite:%s/r.db", w->folder);
    if (!store_open(w->url, STORE_CREATE, &w->store, &e))
        fail_msg("%s", e.message);
    w->app.settings = (struct settings){.name_en = SLICE("Registry"),
                                        .name_fr = SLICE("Registre"),
                                        .store = slice_from_str(w->url)};
    w->app.team = team_state_create();
    arena_init(&w->arena, 0);
    *state = w;
    return 0;
}

static inline int world_end(void **state)
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
    team_state_destroy(w->app.team);
    arena_free(&w->arena);
    free(w);
    return 0;
}

static inline void world_add_user(struct world *w, const char *name, unsigned roles)
{
    struct err e = {0};
    struct slice password = SLICE(WORLD_PASSWORD);
    if (!accounts_add(w->store, &w->arena, slice_from_str(name), roles, SLICE("en"), &password, &e))
        fail_msg("%s: %s", name, e.message);
}

static inline struct slice world_cookie(const struct response *rs)
{
    for (size_t i = 0; i < rs->header_count; i++) {
        struct slice v = rs->headers[i].value;
        if (strcmp(rs->headers[i].name, "Set-Cookie") != 0)
            continue;
        const uint8_t *end = memchr(v.at, ';', v.len);
        assert_non_null(end);
        return slice_of(v.at, (size_t)(end - v.at));
    }
    return (struct slice){0};
}

// Value of the page's first csrf field.
static inline struct slice world_csrf(struct slice body)
{
    static const char mark[] = "name=\"csrf\" value=\"";
    const uint8_t *at = body.len ? memmem(body.at, body.len, mark, sizeof mark - 1) : NULL;
    if (!at)
        return (struct slice){0};
    at += sizeof mark - 1;
    const uint8_t *end = memchr(at, '"', (size_t)(body.at + body.len - at));
    return slice_of(at, (size_t)(end - at));
}

static inline void world_keep(struct visitor *v, struct request *rq, const struct response *rs)
{
    struct arena *a = &v->world->arena;
    struct slice cookie = world_cookie(rs);
    v->status = rs->status;
    v->body = arena_copy(a, buf_slice(&rs->body));
    v->location = arena_copy(a, response_header_value(rs, "Location"));
    if (cookie.len)
        v->cookie = arena_copy(a, cookie);
    if (rs->type && strstr(rs->type, "html") && rs->body.len && rs->status < 300) {
        const char *fault = markup_fault(buf_slice(&rs->body));
        if (fault)
            fail_msg("%.*s: %s", SLICE_FMT(rq->path), fault);
    }
    struct slice csrf = world_csrf(v->body);
    if (csrf.len)
        v->csrf = csrf;
}

// path without language; form NULL: GET. The token is added to forms that have none.
static inline void world_ask_raw(struct visitor *v, const char *path, const char *form,
                                 const struct http_pair *more_headers, size_t more)
{
    struct world *w = v->world;
    struct arena a;
    struct response rs;
    struct routing routing;
    struct err e = {0};
    struct http_pair headers[8] = {{SLICE("cookie"), v->cookie}, {SLICE("host"), SLICE("h")}};
    size_t route_count;
    const struct route *list = team_routes(&route_count);
    struct route_table table = {list, route_count};
    arena_init(&a, 0);
    response_init(&rs);
    for (size_t i = 0; i < more; i++)
        headers[2 + i] = more_headers[i];
    struct slice whole = arena_printf(&a, "/%s%s", v->lang ? v->lang : "en", path);
    const uint8_t *mark = memchr(whole.at, '?', whole.len);
    size_t end = mark ? (size_t)(mark - whole.at) : whole.len;
    struct request rq = {.app = &w->app,
                         .store = w->store,
                         .arena = &a,
                         .method = form ? HTTP_POST : HTTP_GET,
                         .path = slice_sub(whole, 0, end),
                         .query = slice_sub(whole, end + 1, whole.len),
                         .headers = headers,
                         .header_count = 2 + more,
                         .address = SLICE("192.0.2.1"),
                         .base_url = SLICE("http://h"),
                         .lang = web_language(SLICE("en"))};
    route_find(&table, 1, rq.method, rq.path, &routing);
    if (!routing.route)
        fail_msg("no route for %.*s", SLICE_FMT(rq.path));
    rq.route = routing.route;
    rq.lang = routing.lang ? routing.lang : rq.lang;
    rq.part_count = routing.part_count;
    memcpy(rq.part, routing.part, sizeof rq.part);
    assert_true(http_parse_pairs(&a, rq.query, 100, &rq.params, &rq.param_count, &e));
    if (form) {
        struct slice body = strstr(form, "csrf=")
                                ? slice_from_str(form)
                                : arena_printf(&a, "%s&csrf=%.*s", form, SLICE_FMT(v->csrf));
        assert_true(http_parse_pairs(&a, body, HTTP_MAX_FORM_PAIRS, &rq.form, &rq.form_count, &e));
    }
    if (!team_session_load(&rq, &e))
        rs.status = e.code == ERR_USAGE ? 403 : 503;
    else if ((rq.route->flags & ROUTE_SIGNED_IN) && !rq.user)
        rs.status = 303;
    else if (rq.route->roles && (!rq.user || !(rq.user->roles & rq.route->roles)))
        rs.status = 403;
    else
        rq.route->handler(&rq, &rs);
    world_keep(v, &rq, &rs);
    response_finish(&rs);
    arena_free(&a);
}

static inline void world_ask(struct visitor *v, const char *path, const char *form)
{
    world_ask_raw(v, path, form, NULL, 0);
}

static inline struct visitor world_sign_in(struct world *w, const char *name)
{
    struct visitor v = {.world = w};
    char form[200];
    snprintf(form, sizeof form, "name=%s&password=%s", name, "seven+pale+lanterns");
    world_ask(&v, TEAM_SIGN_IN, form);
    assert_int_equal(v.status, 303);
    world_ask(&v, "/team", NULL);
    assert_int_equal(v.status, 200);
    assert_true(v.csrf.len > 0);
    return v;
}

static inline bool world_says(const struct visitor *v, const char *words)
{
    return v->body.len && memmem(v->body.at, v->body.len, words, strlen(words)) != NULL;
}

#endif
