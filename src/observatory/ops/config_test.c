// SPDX-License-Identifier: Apache-2.0
#include "observatory/ops/config.h"
#include "observatory/ops/log.h"
#include "observatory/ops/metrics.h"

#include <stdio.h>
#include <unistd.h>

// cmocka needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_defaults(void **state)
{
    (void)state;
    struct settings s;
    struct err e = {0};
    size_t count;
    const struct config_key *keys = config_keys(&count);
    config_defaults(&s);
    assert_true(slice_equal_str(s.listen, "127.0.0.1:8080"));
    assert_int_equal(s.cache_mib, 64);
    assert_true(s.secure_cookies);
    assert_false(s.behind_proxy);
    assert_true(config_check(&s, &e));
    // Each default is one that the file could say, too.
    struct buf b = {0};
    for (size_t i = 0; i < count; i++)
        buf_printf(&b, "%s = \"%s\"\n", keys[i].name, keys[i].initial);
    struct arena a;
    arena_init(&a, 0);
    if (!config_parse(buf_slice(&b), "defaults", &a, &s, &e))
        fail_msg("%s", e.message);
    arena_free(&a);
    buf_free(&b);
}

static void test_lines(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error; // NULL: none
    } cases[] = {
        {"", NULL},
        {"# a remark\n\n  listen =  0.0.0.0:80  \r\n; another\n", NULL},
        {"name_en = \"  spaces = kept  \"", NULL},
        {"threads=4", NULL},
        {"base_url = https://a.example", NULL},
        {"listen 1", "f:1: there is no '=' between a key and its value"},
        {"\n\nfoo = 1", "f:3: there is no key 'foo'"},
        {"threads = 65", "f:1: threads must be a whole number from 0 to 64"},
        {"threads = 4x", "f:1: threads must be a whole number from 0 to 64"},
        {"threads =", "f:1: threads must be a whole number from 0 to 64"},
        {"demo = yes", "f:1: there is no key 'demo'"},
        {"behind_proxy = on", "f:1: behind_proxy must be yes or no"},
        {"listen = a\nlisten = b", "f:2: listen is set for the second time"},
        {"name_en = \"a", "f:1: the quotation mark has no other one at the line's end"},
        {"name_en = \xff", "f:1: name_en is not valid UTF-8 text"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena a;
        struct settings s;
        struct err e = {0};
        arena_init(&a, 0);
        config_defaults(&s);
        bool ok = config_parse(slice_from_str(cases[i].text), "f", &a, &s, &e);
        assert_int_equal(ok, !cases[i].error);
        if (!ok)
            assert_string_equal(e.message, cases[i].error);
        arena_free(&a);
    }
    struct settings s;
    struct arena a;
    arena_init(&a, 0);
    config_defaults(&s);
    assert_true(config_parse(slice_from_str(cases[2].text), "f", &a, &s, NULL));
    assert_true(slice_equal_str(s.name_en, "  spaces = kept  "));
    assert_true(config_parse(slice_from_str(cases[1].text), "f", &a, &s, NULL));
    assert_true(slice_equal_str(s.listen, "0.0.0.0:80"));
    arena_free(&a);
}

static void test_check(void **state)
{
    (void)state;
    struct settings s;
    static const char *const bad[] = {"ftp://a", "https://a/b", "https://a/", "https://",
                                      "a.example"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        config_defaults(&s);
        s.base_url = slice_from_str(bad[i]);
        assert_false(config_check(&s, NULL));
    }
    config_defaults(&s);
    s.base_url = SLICE("http://a.example:8080");
    assert_false(config_check(&s, NULL)); // sessions could not be kept
    s.secure_cookies = false;
    assert_true(config_check(&s, NULL));
    s.listen = SLICE("[::1]:8080");
    assert_true(config_check(&s, NULL));
    s.listen = SLICE("nonsense");
    assert_false(config_check(&s, NULL)); // before anything is made
}

static void test_metrics(void **state)
{
    (void)state;
    struct metrics *m = metrics_create();
    static const struct {
        const char *pattern;
        int status;
        uint64_t microseconds;
    } list[] = {{"~/incidents", 200, 90},
                {"~/incidents/*", 200, 300},
                {"~/incidents/*", 404, 300},
                {"/taxii2/*/", 200, 20000000},
                {"", 400, 10},
                {"/healthz", 200, 10},
                {"/metrics", 299, 10}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        metrics_add(m, &(struct served){.method = "GET",
                                        .pattern = list[i].pattern,
                                        .status = list[i].status,
                                        .bytes = 100,
                                        .microseconds = list[i].microseconds});
    struct buf b = {0};
    metrics_text(m, &b);
    buf_byte(&b, 0);
    static const char *const lines[] = {
        "vigied_requests_total{class=\"list\",status=\"200\"} 1\n",
        "vigied_requests_total{class=\"record\",status=\"404\"} 1\n",
        "vigied_requests_total{class=\"taxii\",status=\"200\"} 1\n",
        "vigied_requests_total{class=\"other\",status=\"400\"} 1\n",
        "vigied_requests_total{class=\"ops\",status=\"other\"} 1\n",
        "vigied_request_seconds_bucket{le=\"0.0001\"} 4\n",
        "vigied_request_seconds_bucket{le=\"0.0005\"} 6\n",
        "vigied_request_seconds_bucket{le=\"10\"} 6\n",
        "vigied_request_seconds_bucket{le=\"+Inf\"} 7\n",
        "vigied_request_seconds_count 7\n",
        "vigied_sent_bytes_total 700\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr((const char *)b.at, lines[i]))
            fail_msg("missing: %s in %s", lines[i], (const char *)b.at);
    buf_free(&b);
    metrics_destroy(m);
}

static void test_log(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct log *l = log_open(ends[1]);
    log_event(l, "info", "test", "line\n\"quoted\"");
    log_request(l, &(struct served){.method = "GET", .pattern = "~/x/*", .status = 200});
    log_close(l);
    close(ends[1]);
    char text[1024] = "";
    ssize_t n = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    assert_true(n > 0);
    assert_non_null(strstr(text, "\"event\":\"test\",\"text\":\"line\\n\\\"quoted\\\"\"}\n"));
    assert_non_null(strstr(text, "\"method\":\"GET\",\"route\":\"~/x/*\",\"status\":200,"));
    assert_int_equal(text[n - 1], '\n');
}

static void test_beside_the_store(void **state)
{
    (void)state;
    static const struct {
        const char *store, *releases, *key;
    } rows[] = {
        {"sqlite:/var/lib/vigied/r.db", "/var/lib/vigied/releases", "/var/lib/vigied/r.db.key"},
        {"sqlite:r.db", "releases", "r.db.key"},
        {"data/r.db", "data/releases", "data/r.db.key"},
        {"/r.db", "/releases", "/r.db.key"},
        {"other://host/name", "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a;
        struct settings s;
        arena_init(&a, 0);
        config_defaults(&s);
        s.store = slice_from_str(rows[i].store);
        config_fill(&s, &a);
        assert_string_equal(arena_str(&a, s.release_folder), rows[i].releases);
        assert_string_equal(arena_str(&a, s.secret_key), rows[i].key);
        s.release_folder = s.secret_key = SLICE("set");
        config_fill(&s, &a);
        assert_true(slice_equal_str(s.release_folder, "set") &&
                    slice_equal_str(s.secret_key, "set"));
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_lines),
        cmocka_unit_test(test_check),    cmocka_unit_test(test_beside_the_store),
        cmocka_unit_test(test_metrics),  cmocka_unit_test(test_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
