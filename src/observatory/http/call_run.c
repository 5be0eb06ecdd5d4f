// SPDX-License-Identifier: Apache-2.0
// A request in the hands of a worker, who may ask the store and take its time.
#include "observatory/http/server_private.h"

#include "base/utf.h"
#include "observatory/http/parse.h"
#include "observatory/team/team.h"

#include <sys/socket.h>

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name,
                                  size_t name_len, const char *value, size_t value_len)
{
    (void)kind;
    struct call *c = context;
    struct request *rq = &c->rq;
    if (rq->header_count == 64)
        return MHD_NO;
    uint8_t *lower = arena_bytes(&c->arena, name_len);
    for (size_t i = 0; i < name_len; i++) {
        uint8_t b = (uint8_t)name[i];
        lower[i] = b >= 'A' && b <= 'Z' ? (uint8_t)(b | 0x20) : b;
    }
    struct http_pair *list = (struct http_pair *)(uintptr_t)rq->headers;
    list[rq->header_count++] = (struct http_pair){
        .name = slice_of(lower, name_len),
        .value = utf8_clean(&c->arena, arena_copy(&c->arena, slice_of(value, value_len))),
    };
    return MHD_YES;
}

static void fill_request(struct call *c, struct store *store)
{
    struct request *rq = &c->rq;
    rq->store = store;
    rq->route = c->routing.route;
    rq->part_count = c->routing.part_count;
    memcpy(rq->part, c->routing.part, sizeof rq->part);
    if (c->routing.lang)
        rq->lang = c->routing.lang;
    rq->body = buf_slice(&c->body);
    rq->headers = ARENA_ARRAY(&c->arena, struct http_pair, 64);
    MHD_get_connection_values_n(c->connection, MHD_HEADER_KIND, add_header, c);
}

void call_plain_error(struct call *c, int status, const char *message)
{
    enum error_form form = error_form_of(c->rq.path);
    if (form == ERROR_PAGE)
        response_plain_error(c->rq.lang, &c->rs, status, message);
    else
        response_error_json(&c->rs, form, status, message);
    c->rs.no_store = true;
    c->answer = answer_make(c, &c->rs, false);
}

static void send_to_sign_in(struct call *c)
{
    struct request *rq = &c->rq;
    struct buf b = {0};
    buf_printf(&b, "/%s%s", rq->lang->code, c->server->options.sign_in);
    if (rq->method == HTTP_GET) {
        buf_str(&b, "?next=");
        url_encode(&b, slice_of(c->target, c->target_len));
    }
    response_redirect(rq, &c->rs, arena_copy(&c->arena, buf_slice(&b)));
    buf_free(&b);
}

// Whoever asks may do what the route does. False: an answer stands in the response.
static bool admit(struct call *c)
{
    struct request *rq = &c->rq;
    struct response *rs = &c->rs;
    const struct route *r = rq->route;
    struct err e = {0};
    if (c->server->options.session && !c->server->options.session(rq, &e)) {
        if (e.code == ERR_USAGE)
            response_error(
                rq, rs, 403,
                TEXT("This form is not from here, or was open for too long. Go back, load "
                     "the page again, and repeat."));
        else
            response_fault(rq, rs, &e);
        return false;
    }
    if ((r->flags & ROUTE_SIGNED_IN) && !rq->user) {
        send_to_sign_in(c);
        return false;
    }
    if (r->roles && (!rq->user || !(rq->user->roles & r->roles))) {
        response_error(rq, rs, 403, TEXT("Your role does not allow this."));
        return false;
    }
    return true;
}

static void call_handle(struct call *c)
{
    struct request *rq = &c->rq;
    struct response *rs = &c->rs;
    struct err e = {0};
    if (!rq->route) {
        if (c->routing.allowed)
            response_error(rq, rs, 405, TEXT("This address does not take that method."));
        else
            response_error(rq, rs, 404, TEXT("Nothing is kept under this address."));
        return;
    }
    if (rq->body.len && !http_parse_form(&c->arena, request_header(rq, "content-type"), rq->body,
                                         &rq->form, &rq->form_count, &e)) {
        response_error(rq, rs, 400, TEXT("The form in the request is damaged, or not valid text."));
        return;
    }
    if (admit(c))
        rq->route->handler(rq, rs);
}

// Whether a reader who waited for a while went away meanwhile: then nobody needs the answer. (One
// who only ended his own half at once is not yet meant.)
static bool reader_gone(const struct call *c)
{
    uint8_t byte;
    return c->rq.method == HTTP_GET && c->link && c->link->fd >= 0 &&
           clock_nanoseconds() - c->began > 1000000000u &&
           recv(c->link->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void call_run(struct worker_job *job, void *store)
{
    struct call *c = (struct call *)(void *)((uint8_t *)job - offsetof(struct call, job));
    struct server *s = c->server;
    fill_request(c, store);
    if (reader_gone(c))
        response_plain_error(c->rq.lang, &c->rs, 503,
                             TEXT("Too many requests wait already. Try again in a few seconds."));
    else
        call_handle(c);
    if (c->rq.route && (c->rq.route->flags & ROUTE_WRITES))
        server_changed(s, store);
    bool keep =
        c->key.len && c->rs.status == 200 && !c->rs.no_store && !c->rq.user && c->rs.spool < 0;
    if (c->rq.user)
        c->rs.no_store = true;
    c->answer = answer_make(c, &c->rs, keep);
    if (keep)
        page_cache_put(c->app->cache, c->key, c->answer,
                       c->answer->plain_bytes + c->answer->gzip_bytes + 4096);
    call_land(c, keep);
    c->state = CALL_READY;
    MHD_resume_connection(c->connection);
}

void response_fault(struct request *rq, struct response *rs, const struct err *e)
{
    struct server *s = rq->app->server;
    if (s && s->options.warn) {
        struct slice m = arena_printf(rq->arena, "%s: %s: %s", rq->route ? rq->route->pattern : "",
                                      err_code_name(e->code), e->message);
        s->options.warn(s->options.context, arena_str(rq->arena, m));
    }
    bool full = strcasestr(e->message, "no space left") || strstr(e->message, "is full");
    if (full)
        response_error(rq, rs, 507, TEXT("The server's disk is full. Try again later."));
    else
        response_error(
            rq, rs, 503,
            TEXT("The registry cannot be read or written just now. Nothing was changed."));
}
