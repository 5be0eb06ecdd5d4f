// SPDX-License-Identifier: Apache-2.0
#include "observatory/http/cache.h"
#include "observatory/http/compress.h"
#include "observatory/http/flights.h"
#include "observatory/http/limits.h"
#include "observatory/http/parse.h"
#include "observatory/http/router.h"

// cmocka needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <zlib.h>

static struct slice str(const char *s)
{
    return slice_from_str(s);
}

#define ASSERT_SLICE(got, want)                                                                    \
    do {                                                                                           \
        struct slice got_ = (got);                                                                 \
        assert_int_equal(got_.len, strlen(want));                                                  \
        assert_memory_equal(got_.len ? got_.at : (const void *)"", want, got_.len);                \
    } while (0)

static void test_paths(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *path; // NULL: refused
    } cases[] = {
        {"/", "/"},
        {"/en/incidents/I-000001", "/en/incidents/I-000001"},
        {"/taxii2/", "/taxii2/"},
        {"/en/%C3%A9t%c3%a9", "/en/\u00e9t\u00e9"},
        {"/a%20b", "/a b"},
        {"", NULL},
        {"en", NULL},
        {"*", NULL},
        {"//", NULL},
        {"/a//b", NULL},
        {"/a/./b", NULL},
        {"/a/..", NULL},
        {"/%2e%2E/x", NULL},
        {"/a%2fb", NULL},
        {"/a%5cb", NULL},
        {"/a\\b", NULL},
        {"/%00", NULL},
        {"/a%0d%0ab", NULL},
        {"/%ff", NULL},
        {"/%c0%af", NULL},
        {"/%", NULL},
        {"/%4", NULL},
        {"/%zz", NULL},
        {"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16"},
        {"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", NULL},
    };
    struct arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice path;
        bool ok = http_parse_path(&a, str(cases[i].raw), &path, NULL);
        if (ok != (cases[i].path != NULL))
            fail_msg("%s", cases[i].raw);
        if (ok)
            ASSERT_SLICE(path, cases[i].path);
    }
    arena_free(&a);
}

static void test_pairs(void **state)
{
    (void)state;
    struct arena a;
    const struct http_pair *p;
    size_t n;
    arena_init(&a, 0);
    assert_true(http_parse_pairs(&a, str("a=1&b=x+y%2B%0D%0Az&&c&a=&=v"), 9, &p, &n, NULL));
    assert_int_equal(n, 5);
    ASSERT_SLICE(p[0].value, "1");
    ASSERT_SLICE(p[1].value, "x y+\nz");
    ASSERT_SLICE(p[2].name, "c");
    ASSERT_SLICE(p[2].value, "");
    ASSERT_SLICE(p[3].value, "");
    ASSERT_SLICE(p[4].name, "");
    ASSERT_SLICE(p[4].value, "v");
    assert_true(http_parse_pairs(&a, str(""), 9, &p, &n, NULL));
    assert_int_equal(n, 0);
    struct err e = {0};
    assert_true(http_parse_pairs(&a, str("a&b&c"), 3, &p, &n, NULL));
    assert_false(http_parse_pairs(&a, str("a&b&c&d"), 3, &p, &n, &e));
    assert_int_equal(e.code, ERR_LIMIT);
    static const char *const bad[] = {"a=%", "a=%f", "a=%00", "%ff=a", "a=%ed%a0%80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(http_parse_pairs(&a, str(bad[i]), 9, &p, &n, NULL));
    arena_free(&a);
}

static void test_multipart(void **state)
{
    (void)state;
    static const char body[] = "--XX\r\n"
                               "Content-Disposition: form-data; name=\"title\"\r\n\r\n"
                               "one\r\ntwo\r\n"
                               "--XX\r\n"
                               "content-disposition: form-data; x=\";name=no\"; name=file; "
                               "filename=\"a \\\"b\\\".csv\"\r\nContent-Type: text/csv\r\n\r\n"
                               "\xff\r\n-X\r\n"
                               "--XX\r\n"
                               "Content-Disposition: form-data; name=empty\r\n\r\n\r\n"
                               "--XX--\r\n";
    struct slice type = str("multipart/form-data; boundary=\"XX\"");
    struct slice whole = slice_of(body, sizeof body - 1);
    struct arena a;
    const struct http_pair *p;
    size_t n;
    arena_init(&a, 0);
    assert_true(http_parse_multipart(&a, type, whole, &p, &n, NULL));
    assert_int_equal(n, 4);
    ASSERT_SLICE(p[0].name, "title");
    ASSERT_SLICE(p[0].value, "one\ntwo");
    ASSERT_SLICE(p[1].name, "file");
    assert_int_equal(p[1].value.len, 5);
    ASSERT_SLICE(p[2].name, "file.filename");
    ASSERT_SLICE(p[2].value, "a \"b\".csv");
    ASSERT_SLICE(p[3].name, "empty");
    assert_int_equal(p[3].value.len, 0);
    // Cut anywhere before its end it is an error, never a part of a form.
    for (size_t cut = 0; cut + 4 < whole.len; cut++)
        assert_false(http_parse_multipart(&a, type, slice_sub(whole, 0, cut), &p, &n, NULL));
    assert_false(http_parse_multipart(&a, str("multipart/form-data"), whole, &p, &n, NULL));
    arena_free(&a);
}

static void test_headers(void **state)
{
    (void)state;
    ASSERT_SLICE(http_cookie(str("a=1; session=\"x y\";session2=3"), "session"), "x y");
    ASSERT_SLICE(http_cookie(str("xsession=1"), "session"), "");
    ASSERT_SLICE(http_cookie(str("session"), "session"), "");
    assert_int_equal(http_accepts(str("gzip, br;q=0.5"), str("br")), 500);
    assert_int_equal(http_accepts(str("gzip;q=0, *"), str("gzip")), 0);
    assert_int_equal(http_accepts(str("*;q=0.25"), str("gzip")), 250);
    assert_int_equal(http_accepts(str("identity"), str("gzip")), 0);
    assert_int_equal(http_accepts((struct slice){0}, str("gzip")), 0);
    assert_true(http_host_valid(str("[::1]:8080")));
    assert_true(http_host_valid(str("registry.example")));
    assert_false(http_host_valid(str("a\"b")));
    assert_false(http_host_valid(str("a/b")));
    assert_false(http_host_valid(str("")));
    assert_true(http_etag_listed(str("\"a\", W/\"b\""), str("\"b\"")));
    assert_true(http_etag_listed(str("*"), str("\"b\"")));
    assert_false(http_etag_listed(str("\"ab\""), str("\"b\"")));
}

static void nothing(struct request *rq, struct response *rs)
{
    (void)rq;
    (void)rs;
}

static void test_routes(void **state)
{
    (void)state;
    static const struct route list[] = {
        {HTTP_GET, "~/", nothing, 0, 0},
        {HTTP_GET, "~/incidents", nothing, 0, 0},
        {HTTP_GET, "~/incidents/*", nothing, 0, 0},
        {HTTP_GET | HTTP_POST, "~/incidents/*/edit", nothing, 0, 0},
        {HTTP_DELETE, "/taxii2/*/collections/*/objects/*/", nothing, 0, 0},
    };
    const struct route_table table = {list, sizeof list / sizeof *list};
    static const struct {
        enum http_method method;
        const char *path;
        int route; // -1: none
        bool address, other_slash;
    } cases[] = {
        {HTTP_GET, "/en/", 0, true, false},
        {HTTP_GET, "/en", -1, false, true},
        {HTTP_GET, "/de/", -1, false, false},
        {HTTP_GET, "/fr/incidents", 1, true, false},
        {HTTP_GET, "/fr/incidents/", -1, false, true},
        {HTTP_GET, "/fr/incidents/I-1", 2, true, false},
        {HTTP_POST, "/fr/incidents/I-1", -1, true, false},
        {HTTP_POST, "/fr/incidents/I-1/edit", 3, true, false},
        {HTTP_GET, "/fr/incidents/I-1/other", -1, false, false},
        {HTTP_DELETE, "/taxii2/public/collections/c/objects/o/", 4, true, false},
        {HTTP_DELETE, "/taxii2/public/collections/c/objects/o", -1, false, true},
        {HTTP_GET, "/", -1, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct routing r;
        route_find(&table, 1, cases[i].method, str(cases[i].path), &r);
        const struct route *want = cases[i].route < 0 ? NULL : &list[cases[i].route];
        if (r.route != want || (r.allowed != 0) != cases[i].address ||
            (!r.allowed && r.other_slash != cases[i].other_slash))
            fail_msg("%s", cases[i].path);
    }
    struct routing r;
    route_find(&table, 1, HTTP_GET, str("/fr/incidents/I-1/edit"), &r);
    assert_int_equal(r.part_count, 1);
    ASSERT_SLICE(r.part[0], "I-1");
    assert_string_equal(r.lang->code, "fr");
}

static void hold(void *p)
{
    ++*(int *)p;
}

static void release(void *p)
{
    --*(int *)p;
}

static void test_cache(void **state)
{
    (void)state;
    static const struct page_cache_ops ops = {hold, release};
    struct page_cache *c = page_cache_create(64 << 10, &ops);
    int held[40] = {0};
    char key[16];
    for (int i = 0; i < 40; i++) {
        snprintf(key, sizeof key, "k%d", i);
        page_cache_put(c, str(key), &held[i], 4000);
        if (i >= 2) { // the first one stays in use, so the second is the first to leave
            void *first = page_cache_get(c, str("k0"));
            assert_ptr_equal(first, &held[0]);
            release(first);
        }
    }
    assert_int_equal(held[0], 1);
    assert_int_equal(held[1], 0);
    assert_int_equal(held[39], 1);
    assert_null(page_cache_get(c, str("k1")));
    struct page_cache_figures f = page_cache_figures(c);
    assert_true(f.bytes <= 64 << 10);
    assert_int_equal(f.entries + f.evicted, 40);
    int other = 0;
    page_cache_put(c, str("k39"), &other, 100); // in place of the one before
    assert_int_equal(held[39], 0);
    page_cache_put(c, str("large"), &other, 60000); // more than its share
    assert_null(page_cache_get(c, str("large")));
    page_cache_destroy(c);
    assert_int_equal(other, 0);
    assert_int_equal(held[0], 0);
}

static void test_limits(void **state)
{
    (void)state;
    struct rate_limits *l = rate_limits_create();
    vtime now = time_from_unix(1000000, 0);
    unsigned wait;
    for (int i = 0; i < 60; i++)
        assert_true(rate_limits_take(l, str("a"), 60, 1, now, &wait));
    assert_false(rate_limits_take(l, str("a"), 60, 1, now, &wait));
    assert_in_range(wait, 1, 2);
    assert_true(rate_limits_take(l, str("b"), 60, 5, now, &wait));
    assert_true(rate_limits_take(l, str("a"), 60, 1, now + VTIME_SECOND, &wait));
    assert_false(rate_limits_take(l, str("a"), 60, 10, now + 5 * VTIME_SECOND, &wait));
    assert_true(rate_limits_take(l, str("a"), 60, 10, now + 20 * VTIME_SECOND, &wait));
    assert_true(rate_limits_take(l, str("a"), 0, 1, now, &wait)); // no limit
    // More keys than there is room for: the table does not grow, and a stranger is let in.
    char key[16];
    for (int i = 0; i < 3 * RATE_BUCKETS; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_true(rate_limits_take(l, str(key), 60, 60, now, &wait));
    }
    rate_limits_destroy(l);
    char net[64];
    assert_int_equal(rate_limits_network(str("2001:db8:1:2:3:4:5:6"), net), 14);
    assert_memory_equal(net, "2001:db8:1:2::", 14);
    assert_memory_equal(net, "2001:db8:1:2::", rate_limits_network(str("2001:db8:1:2::9"), net));
    assert_int_equal(rate_limits_network(str("192.0.2.7"), net), 9);
    assert_int_equal(rate_limits_network(str("::ffff:192.0.2.7"), net), 9);
    assert_memory_equal(net, "192.0.2.7", 9);
}

// ---- pages that are being made

enum { FLYERS = 8, TURNS = 2000 };

struct sky {
    struct flights *flights;
    atomic_uint made, given, under_way[4];
};

struct flyer {
    struct seat seat;
    sem_t there;
};

// Boards for one of four pages again and again; who leads finds nobody else who leads.
static void *fly(void *p)
{
    struct sky *sky = p;
    static const char *const keys[] = {"a", "b", "c", "d"};
    struct flyer me;
    sem_init(&me.there, 0, 0);
    for (unsigned i = 0; i < TURNS; i++) {
        unsigned page = i / 3 % 4;
        me.seat.key = str(keys[page]);
        if (!flights_board(sky->flights, &me.seat)) {
            sem_wait(&me.there);
            atomic_fetch_add(&sky->given, 1);
            continue;
        }
        if (atomic_fetch_add(&sky->under_way[page], 1) != 0)
            abort();
        sched_yield();
        atomic_fetch_sub(&sky->under_way[page], 1);
        atomic_fetch_add(&sky->made, 1);
        for (struct seat *s = flights_land(sky->flights, &me.seat), *next; s; s = next) {
            next = s->next;
            sem_post(&((struct flyer *)(void *)s)->there);
        }
    }
    sem_destroy(&me.there);
    return NULL;
}

static void test_flights(void **state)
{
    (void)state;
    struct sky sky = {.flights = flights_create()};
    struct seat a = {.key = str("a")}, b = {.key = str("b")}, a2 = a, a3 = a;
    assert_true(flights_board(sky.flights, &a));
    assert_true(flights_board(sky.flights, &b));
    assert_false(flights_board(sky.flights, &a2));
    assert_false(flights_board(sky.flights, &a3));
    assert_null(flights_land(sky.flights, &b));
    struct seat *waited = flights_land(sky.flights, &a);
    assert_ptr_equal(waited, &a2);
    assert_ptr_equal(waited->next, &a3);
    assert_null(a3.next);
    assert_true(flights_board(sky.flights, &a2)); // the next one leads again
    assert_null(flights_land(sky.flights, &a2));
    pthread_t threads[FLYERS];
    for (int i = 0; i < FLYERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, fly, &sky), 0);
    for (int i = 0; i < FLYERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(sky.made + sky.given, FLYERS * TURNS);
    flights_destroy(sky.flights);
}

static void test_gzip(void **state)
{
    (void)state;
    struct buf in = {0}, out = {0};
    for (int i = 0; i < 5000; i++)
        buf_printf(&in, "line %d\n", i % 100);
    assert_true(compress_gzip(buf_slice(&in), COMPRESS_KEPT, &out));
    assert_true(out.len < in.len / 4);
    uint8_t *back = mem_alloc(in.len);
    z_stream z = {.next_in = out.at, .avail_in = (uInt)out.len, .next_out = back};
    z.avail_out = (uInt)in.len;
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_memory_equal(back, in.at, in.len);
    inflateEnd(&z);
    free(back);
    buf_free(&in);
    buf_free(&out);
    assert_true(compress_worthwhile(str("text/html; charset=utf-8")));
    assert_false(compress_worthwhile(str("image/png")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),     cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_multipart), cmocka_unit_test(test_headers),
        cmocka_unit_test(test_routes),    cmocka_unit_test(test_cache),
        cmocka_unit_test(test_limits),    cmocka_unit_test(test_flights),
        cmocka_unit_test(test_gzip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
