// SPDX-License-Identifier: Apache-2.0
// An answer with its headers, in libmicrohttpd's form, plain and compressed.
#include "observatory/http/server_private.h"

#include "base/sha256.h"
#include "observatory/http/compress.h"
#include "observatory/http/parse.h"

#include <unistd.h>

#define CSP                                                                                        \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "              \
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "

void answer_hold(void *answer)
{
    struct answer *a = answer;
    atomic_fetch_add(&a->holders, 1);
}

void answer_release(void *answer)
{
    struct answer *a = answer;
    if (!a || atomic_fetch_sub(&a->holders, 1) != 1)
        return;
    if (a->plain)
        MHD_destroy_response(a->plain);
    if (a->gzip)
        MHD_destroy_response(a->gzip);
    free(a);
}

void answer_etag(const struct server *s, struct slice key, char out[40])
{
    out[0] = 0;
    if (!key.len)
        return;
    struct sha256 *h = sha256_create();
    sha256_add(h, slice_from_str(s->build));
    sha256_add(h, key);
    struct sha256_digest d = sha256_finish(h);
    sha256_destroy(h);
    char hex[65];
    sha256_hex(&d, hex);
    snprintf(out, 40, "\"%.24s\"", hex);
}

static void add(struct MHD_Response *to, const char *name, const char *value)
{
    if (*value)
        (void)MHD_add_response_header(to, name, value);
}

static void add_security(struct MHD_Response *to, const struct response *rs,
                         const struct settings *set)
{
    static const char *const always[][2] = {
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
                               "browsing-topics=(), interest-cohort=()"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
    };
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        add(to, always[i][0], always[i][1]);
    if (!response_header_value(rs, "Content-Security-Policy").len)
        add(to, "Content-Security-Policy", rs->embeddable ? CSP "*" : CSP "'none'");
    if (!rs->embeddable)
        add(to, "X-Frame-Options", "DENY");
    bool open = rs->embeddable || rs->shared;
    add(to, "Cross-Origin-Resource-Policy", open ? "cross-origin" : "same-origin");
    if (rs->shared)
        add(to, "Access-Control-Allow-Origin", "*");
    if (slice_starts(set->base_url, SLICE("https://")))
        add(to, "Strict-Transport-Security", "max-age=31536000");
}

static void add_headers(struct call *c, struct MHD_Response *to, const struct response *rs,
                        const char *etag)
{
    for (size_t i = 0; i < rs->header_count; i++)
        add(to, rs->headers[i].name, arena_str(&c->arena, rs->headers[i].value));
    if (rs->type)
        add(to, "Content-Type", rs->type);
    add(to, "ETag", etag);
    if (!response_header_value(rs, "Cache-Control").len)
        add(to, "Cache-Control", *etag && !rs->no_store ? "no-cache" : "private, no-store");
    add_security(to, rs, &c->app->settings);
}

static struct MHD_Response *take_body(struct response *rs)
{
    if (rs->spool >= 0) {
        struct MHD_Response *r = MHD_create_response_from_fd64(rs->spooled, rs->spool);
        if (r)
            rs->spool = -1; // closed by libmicrohttpd
        return r;
    }
    struct MHD_Response *r =
        MHD_create_response_from_buffer(rs->body.len, rs->body.at, MHD_RESPMEM_MUST_FREE);
    if (r)
        rs->body = (struct buf){0};
    return r;
}

// The rest of a spooled body follows what was flushed.
static bool spool_rest(struct response *rs)
{
    if (rs->spool < 0)
        return true;
    struct slice rest = buf_slice(&rs->body);
    while (rest.len) {
        ssize_t n = write(rs->spool, rest.at, rest.len);
        if (n <= 0)
            return false;
        rs->spooled += (uint64_t)n;
        rest = slice_sub(rest, (size_t)n, rest.len);
    }
    return true;
}

static void gzip_etag(const char *etag, char out[48])
{
    size_t n = strlen(etag);
    out[0] = 0;
    if (n)
        snprintf(out, 48, "%.*s-g\"", (int)(n - 1), etag);
}

struct answer *answer_make(struct call *c, struct response *rs, bool keep)
{
    struct answer *a = mem_alloc_zero(1, sizeof *a);
    atomic_init(&a->holders, 1);
    a->pattern = c->routing.route ? c->routing.route->pattern : "";
    if (rs->spool_failed || !spool_rest(rs))
        response_plain_error(c->rq.lang, rs, 507,
                             TEXT("The server's disk is full. Try again later."));
    a->status = rs->status;
    if (keep)
        answer_etag(c->server, c->key, a->etag);
    bool small = rs->spool < 0 && rs->body.len < HTTP_MAX_BIG_BODY;
    bool text = rs->type && compress_worthwhile(slice_from_str(rs->type)) &&
                !response_header_value(rs, "Content-Encoding").len;
    if (text)
        response_header(rs, "Vary", SLICE("Accept-Encoding, Cookie"));
    if (text && small && rs->body.len >= COMPRESS_MIN &&
        (keep || http_accepts(request_header(&c->rq, "accept-encoding"), SLICE("gzip")))) {
        struct buf zipped = {0};
        if (compress_gzip(buf_slice(&rs->body), keep ? COMPRESS_KEPT : COMPRESS_ONCE, &zipped)) {
            a->gzip_bytes = zipped.len;
            a->gzip = MHD_create_response_from_buffer(zipped.len, zipped.at, MHD_RESPMEM_MUST_FREE);
        }
        if (a->gzip) {
            char etag[48];
            gzip_etag(a->etag, etag);
            add_headers(c, a->gzip, rs, etag);
            add(a->gzip, "Content-Encoding", "gzip");
        } else {
            buf_free(&zipped);
        }
    }
    a->plain_bytes = rs->spool >= 0 ? rs->spooled : rs->body.len;
    a->plain = take_body(rs);
    if (a->plain)
        add_headers(c, a->plain, rs, a->etag);
    return a;
}

enum MHD_Result answer_send(struct call *c, struct answer *a)
{
    struct MHD_Connection *connection = c->connection;
    struct MHD_Response *r = a->plain;
    c->served.bytes = a->plain_bytes;
    if (a->gzip) {
        const char *accept =
            MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept-Encoding");
        if (accept && http_accepts(slice_from_str(accept), SLICE("gzip"))) {
            r = a->gzip;
            c->served.bytes = a->gzip_bytes;
        }
    }
    if (!r)
        return MHD_NO;
    c->served.status = a->status;
    c->served.pattern = a->pattern;
    link_deadline(c->link, c->server->client_seconds * SERVER_BODY_TIMES +
                               c->served.bytes / SERVER_ANSWER_RATE);
    return MHD_queue_response(connection, (unsigned)a->status, r);
}

enum MHD_Result answer_not_modified(struct call *c, const char *etag, bool compressed)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (!r)
        return MHD_NO;
    char zipped[48];
    gzip_etag(etag, zipped);
    add(r, "ETag", compressed ? zipped : etag);
    add(r, "Cache-Control", "no-cache");
    add(r, "Vary", "Accept-Encoding, Cookie");
    c->served.status = 304;
    c->served.bytes = 0;
    c->served.cache = SERVED_NOT_MODIFIED;
    link_deadline(c->link, c->server->client_seconds);
    enum MHD_Result result = MHD_queue_response(c->connection, 304, r);
    MHD_destroy_response(r);
    return result;
}
