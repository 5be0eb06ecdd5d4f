// SPDX-License-Identifier: Apache-2.0
#include "observatory/http/app.h"

static struct slice pair_value(const struct http_pair *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal_str(pairs[i].name, name))
            return pairs[i].value;
    return (struct slice){0};
}

struct slice request_param(const struct request *rq, const char *name)
{
    return pair_value(rq->params, rq->param_count, name);
}

struct slice request_form(const struct request *rq, const char *name)
{
    return pair_value(rq->form, rq->form_count, name);
}

struct slice request_header(const struct request *rq, const char *name)
{
    return pair_value(rq->headers, rq->header_count, name);
}

struct slice request_other_language(const struct request *rq)
{
    struct buf b = {0};
    bool french = slice_starts(rq->path, SLICE("/fr"));
    buf_str(&b, french ? "/en" : "/fr");
    struct slice rest = slice_sub(rq->path, 3, rq->path.len);
    for (size_t i = 0; i < rest.len;) { // encoded again, segment by segment
        const uint8_t *slash = memchr(rest.at + i, '/', rest.len - i);
        size_t end = slash ? (size_t)(slash - rest.at) : rest.len;
        url_encode(&b, slice_sub(rest, i, end));
        if (slash)
            buf_byte(&b, '/');
        i = end + 1;
    }
    if (rq->query.len) {
        buf_byte(&b, '?');
        buf_add(&b, rq->query);
    }
    struct slice out = arena_copy(rq->arena, buf_slice(&b));
    buf_free(&b);
    return out;
}
