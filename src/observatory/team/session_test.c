// SPDX-License-Identifier: Apache-2.0
// Signing in, sessions, the form's token, roles, limits, passwords.
#include "observatory/team/team_world.h"

#include "observatory/team/totp.h"

static void test_password(void **state)
{
    (void)state;
    struct arena a;
    struct password_gate gate;
    struct err e = {0};
    struct slice hash;
    arena_init(&a, 0);
    password_gate_init(&gate);
    assert_true(password_hash(&gate, &a, SLICE("h\u00e9las, une phrase"), &hash, &e));
    assert_true(slice_starts(hash, SLICE("$argon2id$v=19$m=65536,t=3,p=1$")));
    assert_int_equal(password_check(&gate, hash, SLICE("h\u00e9las, une phrase")), PASSWORD_RIGHT);
    // The same letter written with a combining accent.
    assert_int_equal(password_check(&gate, hash, SLICE("he\u0301las, une phrase")), PASSWORD_RIGHT);
    assert_int_equal(password_check(&gate, hash, SLICE("helas, une phrase")), PASSWORD_WRONG);
    assert_int_equal(password_check(&gate, hash, SLICE("")), PASSWORD_WRONG);
    // An unknown name: no password is right.
    assert_int_equal(password_check(&gate, SLICE(""), SLICE("h\u00e9las")), PASSWORD_WRONG);
    assert_int_equal(password_check(&gate, SLICE("$nonsense"), SLICE("x")), PASSWORD_WRONG);
    gate.running = PASSWORD_AT_ONCE, gate.waiting = PASSWORD_WAITING;
    assert_int_equal(password_check(&gate, hash, SLICE("x")), PASSWORD_BUSY);
    password_gate_destroy(&gate);
    static const struct {
        const char *password;
        bool good;
    } rows[] = {
        {"seven pale lanterns", true}, {"elevenchars", false}, {"aaaaaaaaaaaaaaaa", false},
        {"my name is alice", false},   {"éééééééééééà", true}, {"", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(password_acceptable(slice_from_str(rows[i].password), SLICE("alice"), &e),
                         rows[i].good);
    assert_true(password_acceptable(password_generate(&a), SLICE("alice"), &e));
    assert_false(slice_equal(password_generate(&a), password_generate(&a)));
    arena_free(&a);
}

static void test_throttle(void **state)
{
    (void)state;
    struct throttle *t = mem_alloc_zero(1, sizeof *t);
    vtime now = time_now();
    t->burst = 3, t->refill = 60;
    for (int i = 0; i < 3; i++)
        assert_true(throttle_take(t, SLICE("a"), now));
    assert_false(throttle_take(t, SLICE("a"), now));
    assert_true(throttle_take(t, SLICE("b"), now));
    assert_false(throttle_take(t, SLICE("a"), now + 59 * VTIME_SECOND));
    assert_true(throttle_take(t, SLICE("a"), now + 60 * VTIME_SECOND));
    assert_false(throttle_take(t, SLICE("a"), now + 60 * VTIME_SECOND));
    throttle_give_back(t, SLICE("a"), now + 60 * VTIME_SECOND);
    assert_true(throttle_take(t, SLICE("a"), now + 60 * VTIME_SECOND));
    for (int i = 0; i < 100000; i++) { // a flood of names takes no more memory, and is let through
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        assert_true(throttle_take(t, slice_from_str(name), now + 61 * VTIME_SECOND));
    }
    free(t);
}

static void test_lifetimes(void **state)
{
    (void)state;
    vtime minute = 60 * VTIME_SECOND, now = time_now();
    assert_true(session_alive(now, now, now));
    assert_true(session_alive(now - 11 * 60 * minute, now - 119 * minute, now));
    assert_false(session_alive(now - 11 * 60 * minute, now - 120 * minute, now)); // idle
    assert_false(session_alive(now - 12 * 60 * minute, now, now));                // however busy
    assert_false(session_alive(now + minute, now, now));                          // from the future
}

static void test_sign_in(void **state)
{
    struct world *w = *state;
    world_add_user(w, "alice", ROLE_CODER);
    struct visitor v = {.world = w};
    world_ask(&v, "/team", NULL);
    assert_int_equal(v.status, 303);
    world_ask(&v, TEAM_SIGN_IN, "name=alice&password=wrong+password");
    assert_int_equal(v.status, 422);
    assert_true(world_says(&v, "not right"));
    assert_int_equal(v.cookie.len, 0);
    struct slice wrong = v.body;
    world_ask(&v, TEAM_SIGN_IN, "name=nobody&password=wrong+password");
    assert_int_equal(v.status, 422); // the same answer, but for the name typed
    assert_int_equal(v.body.len - strlen("nobody"), wrong.len - strlen("alice"));

    v = world_sign_in(w, "ALICE"); // whatever the case
    struct slice first = v.cookie;
    assert_true(slice_starts(first, SLICE(TEAM_COOKIE "=")));
    world_ask(&v, TEAM_SIGN_IN, "name=alice&password=seven+pale+lanterns&next=//evil.example/");
    assert_true(slice_equal_str(v.location, "/en/team"));
    assert_false(slice_equal(v.cookie, first)); // a new session, and the old one is over
    struct visitor old = {.world = w, .cookie = first};
    world_ask(&old, "/team", NULL);
    assert_int_equal(old.status, 303);
    world_ask(&v, "/team/account", NULL);
    assert_int_equal(v.status, 200);
    world_ask(&v, "/sign-out", "");
    assert_int_equal(v.status, 303);
    v.cookie = (struct slice){0};
    world_ask(&v, "/team", NULL);
    assert_int_equal(v.status, 303);
}

static void test_next_is_ours(void **state)
{
    struct world *w = *state;
    static const char *const refused[] = {
        "//evil.example/en/",  "https%3A%2F%2Fevil.example", "/en//evil.example",
        "/en/%5Cevil.example", "/en/%0D%0Aset-cookie:x",     "/de/x",
        "javascript:x"};
    world_add_user(w, "alice", ROLE_CODER);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct visitor v = {.world = w};
        char form[300];
        snprintf(form, sizeof form, "name=alice&password=seven+pale+lanterns&next=%s", refused[i]);
        world_ask(&v, TEAM_SIGN_IN, form);
        assert_true(slice_equal_str(v.location, "/en/team"));
    }
    struct visitor v = {.world = w};
    world_ask(&v, TEAM_SIGN_IN,
              "name=alice&password=seven+pale+lanterns&next=/fr/team/tasks%3Fshow=mine");
    assert_true(slice_equal_str(v.location, "/fr/team/tasks?show=mine"));
}

static void test_token(void **state)
{
    struct world *w = *state;
    world_add_user(w, "alice", ROLE_CODER);
    world_add_user(w, "bob", ROLE_CODER);
    struct visitor a = world_sign_in(w, "alice"), b = world_sign_in(w, "bob");
    static const char *const bad[] = {"kind=incident&csrf=", "kind=incident&csrf=x"};
    for (size_t i = 0; i < 2; i++) {
        world_ask(&a, "/team/new", bad[i]);
        assert_int_equal(a.status, 403);
    }
    struct slice own = a.csrf;
    a.csrf = b.csrf; // another session's
    world_ask(&a, "/team/new", "kind=incident");
    assert_int_equal(a.status, 403);
    a.csrf = own;
    static const struct {
        const char *name, *value;
        bool good;
    } rows[] = {
        {"sec-fetch-site", "cross-site", false},
        {"sec-fetch-site", "same-site", false},
        {"sec-fetch-site", "same-origin", true},
        {"origin", "https://evil.example", false},
        {"origin", "http://h", true},
        {"origin", "null", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_pair h = {slice_from_str(rows[i].name), slice_from_str(rows[i].value)};
        world_ask_raw(&a, "/team/new", "kind=incident", &h, 1);
        assert_int_equal(a.status, rows[i].good ? 303 : 403);
    }
}

static void test_limits(void **state)
{
    struct world *w = *state;
    world_add_user(w, "alice", ROLE_CODER);
    struct visitor v = {.world = w};
    w->app.team->addresses.burst = 3;
    for (int i = 0; i < 3; i++) {
        world_ask(&v, TEAM_SIGN_IN, "name=alice&password=guess");
        assert_int_equal(v.status, 422);
    }
    world_ask(&v, TEAM_SIGN_IN, "name=alice&password=seven+pale+lanterns");
    assert_int_equal(v.status, 429); // even with the right one
    w->app.team->addresses.burst = 100;
    w->app.team->accounts.burst = 2;
    world_ask(&v, TEAM_SIGN_IN, "name=Alice&password=guess");
    assert_int_equal(v.status, 429);
}

static void test_disabled(void **state)
{
    struct world *w = *state;
    struct err e = {0};
    world_add_user(w, "alice", ROLE_CODER);
    struct visitor v = world_sign_in(w, "alice");
    assert_true(accounts_set_disabled(w->store, &w->arena, SLICE("alice"), true, &e));
    world_ask(&v, "/team", NULL);
    assert_int_equal(v.status, 303);
    world_ask(&v, TEAM_SIGN_IN, "name=alice&password=seven+pale+lanterns");
    assert_int_equal(v.status, 422);
}

static void test_second_factor(void **state)
{
    struct world *w = *state;
    struct err e = {0};
    struct team_user u;
    bool there;
    world_add_user(w, "alice", ROLE_CODER);
    assert_int_equal(team_user_find(w->store, SLICE("alice"), &w->arena, &u, &e), STORE_FOUND);
    struct slice secret = SLICE("12345678901234567890"), code = SLICE("abcde-fghij-kmnpq");
    struct slice hash = recovery_hash(&w->arena, u.id, code);
    assert_true(team_user_set_totp(w->store, u.id, secret, 0, &e));
    assert_true(team_recovery_set(w->store, u.id, &hash, 1, &e));
    struct visitor v = {.world = w};
    world_ask(&v, TEAM_SIGN_IN, "name=alice&password=seven+pale+lanterns");
    assert_int_equal(v.status, 422); // the password alone is not enough
    char form[200];
    uint64_t step = (uint64_t)time_to_unix(time_now()) / TOTP_STEP_SECONDS;
    snprintf(form, sizeof form, "name=alice&password=seven+pale+lanterns&code=%06u",
             totp_code(secret, step, TOTP_DIGITS));
    world_ask(&v, TEAM_SIGN_IN, form);
    assert_int_equal(v.status, 303);
    world_ask(&v, TEAM_SIGN_IN, form); // a code is good once
    v.cookie = (struct slice){0};
    world_ask(&v, TEAM_SIGN_IN, form);
    assert_int_equal(v.status, 422);
    static const char spare[] = "name=alice&password=seven+pale+lanterns&code=ABCDE+fghij+KMNPQ";
    world_ask(&v, TEAM_SIGN_IN, spare);
    assert_int_equal(v.status, 303);
    v.cookie = (struct slice){0};
    world_ask(&v, TEAM_SIGN_IN, spare);
    assert_int_equal(v.status, 422);
    assert_true(team_recovery_use(w->store, u.id, hash, &there, &e));
    assert_false(there);
    // Two requests at once with one code: the second finds the step used.
    bool newer;
    assert_true(team_user_use_totp(w->store, u.id, step + 1, &newer, &e) && newer);
    assert_true(team_user_use_totp(w->store, u.id, step + 1, &newer, &e) && !newer);
}

// Each handler refuses by itself, whatever the table of routes says.
static void test_handlers_check_roles(void **state)
{
    struct world *w = *state;
    size_t count;
    const struct route *routes = team_routes(&count);
    for (size_t i = 0; i < count; i++) {
        const struct route *r = &routes[i];
        if (!(r->flags & ROUTE_SIGNED_IN))
            continue;
        for (int signed_in = 0; signed_in < 2; signed_in++) {
            struct arena a;
            struct response rs;
            struct user u = {.id = 1, .name = SLICE("x"), .roles = ROLES_ALL & ~r->roles};
            if (signed_in && !r->roles)
                continue;
            arena_init(&a, 0);
            response_init(&rs);
            struct request rq = {.app = &w->app,
                                 .store = w->store,
                                 .arena = &a,
                                 .method = (enum http_method)r->methods,
                                 .path = SLICE("/en/x"),
                                 .part = {SLICE("I-000001"), SLICE("targets"), SLICE("new")},
                                 .part_count = 3,
                                 .user = signed_in ? &u : NULL,
                                 .route = r,
                                 .lang = web_language(SLICE("en"))};
            r->handler(&rq, &rs);
            if (rs.status != 403)
                fail_msg("%s %s answers %d", r->methods == HTTP_POST ? "POST" : "GET", r->pattern,
                         rs.status);
            response_finish(&rs);
            arena_free(&a);
        }
    }
}

static void test_roles_of_routes(void **state)
{
    struct world *w = *state;
    world_add_user(w, "alice", ROLE_CODER);
    struct visitor v = world_sign_in(w, "alice");
    static const struct {
        const char *path;
        int status;
    } rows[] = {{"/team", 200},           {"/team/records", 200}, {"/team/tasks", 200},
                {"/team/users", 403},     {"/team/audit", 403},   {"/team/audit.csv", 403},
                {"/team/new", 200},       {"/team/account", 200}, {"/team/merges", 200},
                {"/team/agreement", 200}, {"/team/searches", 200}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_ask(&v, rows[i].path, NULL);
        if (v.status != rows[i].status)
            fail_msg("%s: %d", rows[i].path, v.status);
        v.lang = "fr";
        world_ask(&v, rows[i].path, NULL);
        assert_int_equal(v.status, rows[i].status);
        v.lang = "en";
    }
    struct err e = {0};
    assert_true(accounts_set_roles(w->store, &w->arena, SLICE("alice"), ROLE_ADMIN, &e));
    world_ask(&v, "/team/audit", NULL); // at once
    assert_int_equal(v.status, 200);
    assert_true(world_says(&v, "user-add"));
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_password),
        cmocka_unit_test(test_throttle),
        cmocka_unit_test(test_lifetimes),
        IN_WORLD(test_sign_in),
        IN_WORLD(test_next_is_ours),
        IN_WORLD(test_token),
        IN_WORLD(test_limits),
        IN_WORLD(test_disabled),
        IN_WORLD(test_second_factor),
        IN_WORLD(test_handlers_check_roles),
        IN_WORLD(test_roles_of_routes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
