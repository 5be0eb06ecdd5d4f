// SPDX-License-Identifier: Apache-2.0
// Signing in, sessions, the form's token, roles, limits, passwords.
#include "observatory/team/team_world.h"

#include "observatory/team/totp.h"

#include <sys/stat.h>

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

// Another host of the domain can set a cookie without the prefix, which is then not looked at.
static void test_cookie_is_this_hosts(void **state)
{
    struct world *w = *state;
    world_add_user(w, "alice", ROLE_CODER);
    w->app.settings.secure_cookies = true;
    struct visitor v = world_sign_in(w, "alice");
    char cookie[200];
    snprintf(cookie, sizeof cookie, "%.*s", SLICE_FMT(v.cookie));
    assert_int_equal(strncmp(cookie, "__Host-" TEAM_COOKIE "=", 21), 0);
    world_ask(&v, "/team", NULL);
    assert_int_equal(v.status, 200);
    v.cookie = slice_from_str(cookie + 7);
    world_ask(&v, "/team", NULL);
    assert_int_equal(v.status, 303);
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

// Only what a button of the form says is done: an account that is disabled stays so.
static void test_unknown_action(void **state)
{
    struct world *w = *state;
    struct err e = {0};
    struct team_user u;
    char path[40];
    world_add_user(w, "alice", ROLE_CODER);
    world_add_user(w, "root", ROLE_ADMIN);
    assert_true(accounts_set_disabled(w->store, &w->arena, SLICE("alice"), true, &e));
    struct visitor v = world_sign_in(w, "root");
    assert_int_equal(team_user_find(w->store, SLICE("alice"), &w->arena, &u, &e), STORE_FOUND);
    snprintf(path, sizeof path, "/team/users/%lld", (long long)u.id);
    static const char *const forms[] = {"action=", "action=Enable", "x=1", "action=disable2"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        world_ask(&v, path, forms[i]);
        assert_int_equal(v.status, 400);
        assert_int_equal(team_user_find(w->store, SLICE("alice"), &w->arena, &u, &e), STORE_FOUND);
        assert_true(u.disabled);
    }
    world_ask(&v, path, "action=enable");
    assert_int_equal(v.status, 303);
    assert_int_equal(team_user_find(w->store, SLICE("alice"), &w->arena, &u, &e), STORE_FOUND);
    assert_false(u.disabled);
}

// ---- second factors at rest

static struct slice kept_secret(struct world *w, const char *name, int64_t *id)
{
    struct team_user u;
    struct err e = {0};
    assert_int_equal(team_user_find(w->store, slice_from_str(name), &w->arena, &u, &e),
                     STORE_FOUND);
    *id = u.id;
    return u.totp_secret;
}

// Whether a file of the store has the bytes anywhere.
static bool file_has(const struct world *w, const char *end, struct slice bytes)
{
    char path[160];
    struct buf b = {0};
    snprintf(path, sizeof path, "%s/r.db%s", w->folder, end);
    FILE *f = fopen(path, "rb");
    for (int c; f && (c = fgetc(f)) != EOF;)
        buf_byte(&b, (uint8_t)c);
    if (f)
        fclose(f);
    bool has = b.len && memmem(b.at, b.len, bytes.at, bytes.len);
    buf_free(&b);
    return has;
}

// The key as the page of enrolment shows it, in groups of four.
static struct slice shown_secret(struct world *w, const struct visitor *v)
{
    static const char mark[] = "<code class=\"key\">";
    const uint8_t *at = memmem(v->body.at, v->body.len, mark, sizeof mark - 1);
    assert_non_null(at);
    uint8_t *out = arena_bytes(&w->arena, TOTP_SECRET_BYTES);
    uint32_t bits = 0;
    unsigned have = 0;
    size_t n = 0;
    for (at += sizeof mark - 1; *at != '<'; at++) {
        if (*at == ' ')
            continue;
        bits = bits << 5 | (uint32_t)(*at >= 'A' ? *at - 'A' : *at - '2' + 26);
        have += 5;
        if (have >= 8)
            out[n++] = (uint8_t)(bits >> (have -= 8));
    }
    assert_int_equal(n, TOTP_SECRET_BYTES);
    return slice_of(out, n);
}

static const char *code_of(struct world *w, struct slice secret, int64_t steps)
{
    uint64_t step = (uint64_t)(time_to_unix(time_now()) / TOTP_STEP_SECONDS + steps);
    return arena_str(&w->arena,
                     arena_printf(&w->arena, "%06u", totp_code(secret, step, TOTP_DIGITS)));
}

static int sign_in_with(struct world *w, const char *code)
{
    struct visitor v = {.world = w};
    char form[200];
    snprintf(form, sizeof form, "name=alice&password=seven+pale+lanterns&code=%s", code);
    world_ask(&v, TEAM_SIGN_IN, form);
    return v.status;
}

static void test_secret_is_sealed(void **state)
{
    struct world *w = *state;
    char form[64];
    int64_t id;
    world_add_user(w, "alice", ROLE_CODER);
    struct visitor v = world_sign_in(w, "alice");
    world_ask(&v, "/team/account/totp", "action=begin");
    assert_int_equal(v.status, 200);
    struct slice secret = shown_secret(w, &v);
    assert_false(file_has(w, "", secret) || file_has(w, "-wal", secret)); // while it waits
    snprintf(form, sizeof form, "action=confirm&code=%s", code_of(w, secret, 0));
    world_ask(&v, "/team/account/totp", form);
    assert_true(world_says(&v, "class=\"codes\""));
    assert_int_not_equal(kept_secret(w, "alice", &id).len, TOTP_SECRET_BYTES);
    assert_false(file_has(w, "", secret) || file_has(w, "-wal", secret));
    assert_int_equal(sign_in_with(w, code_of(w, secret, 1)), 303);
    assert_int_equal(sign_in_with(w, "000000"), 422);
}

// Another machine, without the file: codes are refused, nothing is let in without, and recovery
// codes, which need no key, still work.
static void test_secret_of_a_lost_key(void **state)
{
    struct world *w = *state;
    struct err e = {0};
    struct slice secret = SLICE("12345678901234567890"), code = SLICE("abcde-fghij-kmnpq");
    unsigned sealed, lost;
    int64_t id;
    world_add_user(w, "alice", ROLE_CODER);
    (void)kept_secret(w, "alice", &id);
    struct slice hash = recovery_hash(&w->arena, id, code);
    assert_true(team_user_set_totp(w->store, id,
                                   secret_seal(&w->app.team->key, &w->arena, id, secret), 0, &e));
    assert_true(team_recovery_set(w->store, id, &hash, 1, &e));
    assert_true(team_key_check(w->app.team, w->store, &sealed, &lost, &e));
    assert_true(sealed == 0 && lost == 0);
    struct secret_key right = w->app.team->key;
    secret_key_random(&w->app.team->key);
    assert_true(team_key_check(w->app.team, w->store, &sealed, &lost, &e));
    assert_true(sealed == 0 && lost == 1);
    assert_int_equal(sign_in_with(w, code_of(w, secret, 0)), 422);
    assert_int_equal(sign_in_with(w, ""), 422);
    assert_int_equal(sign_in_with(w, "abcdefghijkmnpq"), 303);
    w->app.team->key = right;
    assert_int_equal(sign_in_with(w, code_of(w, secret, 0)), 303);
}

static void test_clear_secrets_are_sealed(void **state)
{
    struct world *w = *state;
    struct err e = {0};
    struct slice secret = SLICE("clear-secret-of-20-b"), code = SLICE("abcde-fghij-kmnpq");
    unsigned sealed, lost;
    int64_t id;
    world_add_user(w, "alice", ROLE_CODER);
    (void)kept_secret(w, "alice", &id);
    struct slice hash = recovery_hash(&w->arena, id, code);
    assert_true(team_user_set_totp(w->store, id, secret, 7, &e));
    assert_true(team_recovery_set(w->store, id, &hash, 1, &e));
    assert_true(file_has(w, "-wal", secret) || file_has(w, "", secret));
    assert_true(team_key_check(w->app.team, w->store, &sealed, &lost, &e));
    assert_true(sealed == 1 && lost == 0);
    assert_false(file_has(w, "", secret) || file_has(w, "-wal", secret));
    assert_true(team_key_check(w->app.team, w->store, &sealed, &lost, &e));
    assert_true(sealed == 0 && lost == 0);
    assert_int_equal(sign_in_with(w, code_of(w, secret, 0)), 303);
    assert_int_equal(sign_in_with(w, "abcdefghijkmnpq"), 303); // they stayed
}

static void test_secret_is_its_persons(void **state)
{
    struct world *w = *state;
    const struct secret_key *k = &w->app.team->key;
    struct slice out, secret = SLICE("12345678901234567890");
    struct slice sealed = secret_seal(k, &w->arena, 7, secret);
    assert_int_equal(secret_unseal(k, &w->arena, 7, sealed, &out), SECRET_OPENED);
    assert_true(slice_equal(out, secret));
    assert_int_equal(secret_unseal(k, &w->arena, 8, sealed, &out), SECRET_WRONG);
    assert_int_equal(out.len, 0);
    for (size_t i = 0; i < sealed.len; i++) {
        struct slice broken = arena_copy(&w->arena, sealed);
        ((uint8_t *)(uintptr_t)broken.at)[i] ^= 1;
        enum secret_state is = secret_unseal(k, &w->arena, 7, broken, &out);
        assert_true((is == SECRET_WRONG || is == SECRET_LOST) && out.len == 0);
        is = secret_unseal(k, &w->arena, 7, slice_sub(sealed, 0, i), &out);
        assert_true(is == SECRET_WRONG || (is == SECRET_CLEAR && i == TOTP_SECRET_BYTES));
    }
}

static void write_key(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
}

static void test_key_file(void **state)
{
    struct world *w = *state;
    struct err e = {0};
    struct secret_key a, b;
    struct stat st;
    bool made;
    char path[96];
    snprintf(path, sizeof path, "%s/key", w->folder);
    assert_true(secret_key_open(path, &a, &made, &e) && made);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(secret_key_open(path, &b, &made, &e) && !made);
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(chmod(path, 0640), 0);
    assert_false(secret_key_open(path, &b, &made, &e));
    assert_non_null(strstr(e.message, "chmod 600"));
    static const char *const wrong[] = {"", "vigied secret key 1\n", "vigied secret key 1\nabcd\n",
                                        "vigied secret key 2\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_key(path, wrong[i], 0600);
        assert_false(secret_key_open(path, &b, &made, &e));
    }
    assert_int_equal(unlink(path), 0);
    snprintf(path, sizeof path, "%s/no-such-folder/key", w->folder);
    assert_false(secret_key_open(path, &b, &made, &e));
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
        IN_WORLD(test_cookie_is_this_hosts),
        IN_WORLD(test_limits),
        IN_WORLD(test_disabled),
        IN_WORLD(test_second_factor),
        IN_WORLD(test_unknown_action),
        IN_WORLD(test_secret_is_sealed),
        IN_WORLD(test_secret_of_a_lost_key),
        IN_WORLD(test_clear_secrets_are_sealed),
        IN_WORLD(test_secret_is_its_persons),
        IN_WORLD(test_key_file),
        IN_WORLD(test_handlers_check_roles),
        IN_WORLD(test_roles_of_routes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
