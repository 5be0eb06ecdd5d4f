// SPDX-License-Identifier: Apache-2.0
// What a client sends: first byte 0 path, 1 query, 2 urlencoded form, 3 multipart (boundary "b", or
// what the first line says), 4 cookies, 5 Accept and If-None-Match, 6 Host, 7 routes.
#include "base/utf.h"
#include "observatory/http/parse.h"
#include "observatory/http/router.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_pairs(const struct http_pair *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        require(utf8_valid(p[i].name) && p[i].name.len <= HTTP_MAX_NAME + 9);
        require(p[i].value.len == 0 || p[i].value.at);
    }
}

static void nothing(struct request *rq, struct response *rs)
{
    (void)rq;
    (void)rs;
}

static void check_path(struct arena *a, struct slice s)
{
    static const struct route list[] = {
        {HTTP_GET, "~/", nothing, 0, 0},
        {HTTP_GET, "~/*/*", nothing, 0, 0},
        {HTTP_GET, "/*/*/*/*/*/*/*/*", nothing, 0, 0},
    };
    struct slice path;
    struct routing r;
    if (!http_parse_path(a, s, &path, NULL))
        return;
    require(utf8_valid(path) && path.len && path.at[0] == '/');
    require(!memmem(path.at, path.len, "/../", 4) && !memmem(path.at, path.len, "//", 2));
    route_find(&(struct route_table){list, 3}, 1, HTTP_GET, path, &r);
    require(r.part_count <= HTTP_MAX_PARTS);
    // Encoded and decoded again it is the same.
    struct buf b = {0};
    struct slice back;
    url_encode(&b, path);
    require(url_decode(a, buf_slice(&b), false, &back) && slice_equal(back, path));
    buf_free(&b);
}

static void check_one(struct arena *a, uint8_t what, struct slice s)
{
    const struct http_pair *p = NULL;
    size_t n = 0;
    switch (what % 7) {
    case 0:
        check_path(a, s);
        break;
    case 1:
        if (http_parse_pairs(a, s, HTTP_MAX_PAIRS, &p, &n, NULL))
            require(n <= HTTP_MAX_PAIRS);
        break;
    case 2:
        if (!http_parse_form(a, SLICE("application/x-www-form-urlencoded"), s, &p, &n, NULL))
            n = 0;
        break;
    case 3: {
        const uint8_t *line = s.len ? memchr(s.at, '\n', s.len) : NULL;
        size_t end = line ? (size_t)(line - s.at) : 0;
        struct slice type = line ? slice_sub(s, 0, end) : SLICE("multipart/form-data; boundary=b");
        if (!http_parse_multipart(a, type, slice_sub(s, line ? end + 1 : 0, s.len), &p, &n, NULL))
            n = 0;
        require(n <= HTTP_MAX_FORM_PAIRS);
        break;
    }
    case 4:
        require(http_cookie(s, "session").len <= s.len);
        break;
    case 5:
        require(http_accepts(s, SLICE("gzip")) <= 1000);
        (void)http_etag_listed(s, SLICE("\"a\""));
        break;
    case 6:
        if (http_host_valid(s))
            require(utf8_valid(s) && !memchr(s.at, '<', s.len) && !memchr(s.at, '/', s.len));
        break;
    }
    check_pairs(p, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    if (!size)
        return 0;
    // An exact-size copy, so that reading beyond it is seen.
    uint8_t *copy = malloc(size);
    if (!copy)
        return 0;
    memcpy(copy, data, size);
    arena_init(&a, 0);
    check_one(&a, copy[0], slice_of(copy + 1, size - 1));
    arena_free(&a);
    free(copy);
    return 0;
}
