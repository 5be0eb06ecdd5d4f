// SPDX-License-Identifier: Apache-2.0
// A request in the hands of libmicrohttpd's threads: nothing here waits or asks the store. What is
// finished is sent; what is refused is refused in a line; the rest goes to a worker, with its
// connection suspended until the answer is there.
#include "observatory/http/server_private.h"

#include "observatory/http/parse.h"
#include "observatory/model/texts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

static enum http_method method_of(const char *m)
{
    static const struct {
        const char *name;
        enum http_method method;
    } list[] = {{"GET", HTTP_GET},
                {"HEAD", HTTP_GET},
                {"POST", HTTP_POST},
                {"DELETE", HTTP_DELETE},
                {"PUT", HTTP_PUT}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strcmp(list[i].name, m) == 0)
            return list[i].method;
    return 0;
}

static struct slice header_of(struct call *c, const char *name)
{
    return slice_from_str(MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, name));
}

void *call_on_uri(void *server, const char *uri, struct MHD_Connection *connection)
{
    size_t len = strlen(uri);
    bool too_long = len > HTTP_MAX_TARGET;
    if (too_long)
        len = 0;
    struct call *c = mem_alloc(sizeof *c + len + 1);
    memset(c, 0, sizeof *c);
    memcpy(c->target, uri, len);
    c->target[len] = 0;
    c->target_len = len;
    c->too_long = too_long;
    c->server = server;
    c->connection = connection;
    c->began = clock_nanoseconds();
    c->job.run = call_run;
    c->method = "";
    arena_init(&c->arena, 16 << 10);
    response_init(&c->rs);
    return c;
}

void call_on_end(void *server, struct MHD_Connection *connection, void **context,
                 enum MHD_RequestTerminationCode how)
{
    (void)connection;
    (void)how;
    struct server *s = server;
    struct call *c = *context;
    if (!c)
        return;
    link_deadline(c->link, s->client_seconds);
    if (c->served.status && s->options.served) {
        c->served.method = c->method;
        c->served.microseconds = (clock_nanoseconds() - c->began) / 1000;
        if (c->head)
            c->served.bytes = 0;
        s->options.served(s->options.context, &c->served);
    }
    answer_release(c->answer);
    response_finish(&c->rs);
    atomic_fetch_sub(&s->body_memory, c->body.capacity);
    buf_free(&c->body);
    app_release(c->app);
    arena_free(&c->arena);
    free(c);
    *context = NULL;
}

// Refuses in the plainest way, at once.
static enum MHD_Result refuse(struct call *c, int status, const char *message)
{
    call_plain_error(c, status, message);
    c->state = CALL_SENT;
    return answer_send(c, c->answer);
}

// ---- who asks, and from where

// A proxy may write a line of its own below the client's: the last line is the proxy's.
static enum MHD_Result take_forwarded(void *context, enum MHD_ValueKind kind, const char *name,
                                      const char *value)
{
    (void)kind;
    if (value && strcasecmp(name, "X-Forwarded-For") == 0)
        *(struct slice *)context = slice_from_str(value);
    return MHD_YES;
}

static bool is_address(const char *text)
{
    uint8_t bytes[16];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static void find_address(struct call *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char text[INET6_ADDRSTRLEN] = "";
    if (info && info->client_addr && info->client_addr->sa_family == AF_INET6)
        inet_ntop(AF_INET6,
                  &((const struct sockaddr_in6 *)(const void *)info->client_addr)->sin6_addr, text,
                  sizeof text);
    else if (info && info->client_addr && info->client_addr->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr,
                  text, sizeof text);
    c->rq.address = arena_copy(&c->arena, slice_from_str(text));
    if (!c->app->settings.behind_proxy)
        return;
    // What the proxy itself saw stands last; what came before is the client's word.
    struct slice forwarded = {0};
    MHD_get_connection_values(c->connection, MHD_HEADER_KIND, take_forwarded, &forwarded);
    const uint8_t *comma = forwarded.at ? memrchr(forwarded.at, ',', forwarded.len) : NULL;
    struct slice last = slice_trim(
        slice_sub(forwarded, comma ? (size_t)(comma - forwarded.at) + 1 : 0, forwarded.len));
    const char *address = arena_str(&c->arena, last);
    if (is_address(address))
        c->rq.address = slice_from_str(address);
}

// The address under which the reader knows us. False for a Host header that is none.
static bool find_base_url(struct call *c)
{
    const struct settings *set = &c->app->settings;
    if (set->base_url.len) {
        c->rq.base_url = set->base_url;
        return true;
    }
    struct slice host = header_of(c, "Host");
    if (!host.len)
        host = SLICE("localhost"); // HTTP/1.0
    if (!http_host_valid(host))
        return false;
    bool https = set->behind_proxy && slice_equal_str(header_of(c, "X-Forwarded-Proto"), "https");
    c->rq.base_url =
        arena_printf(&c->arena, "%s://%.*s", https ? "https" : "http", SLICE_FMT(host));
    return true;
}

static bool find_target(struct call *c, struct err *e)
{
    struct request *rq = &c->rq;
    struct slice target = slice_of(c->target, c->target_len);
    const uint8_t *mark = memchr(target.at, '?', target.len);
    size_t split = mark ? (size_t)(mark - target.at) : target.len;
    rq->query = slice_sub(target, split + 1, target.len);
    return http_parse_path(&c->arena, slice_sub(target, 0, split), &rq->path, e) &&
           http_parse_pairs(&c->arena, rq->query, HTTP_MAX_PAIRS, &rq->params, &rq->param_count, e);
}

// ---- what is finished already

static int pair_order(const void *a, const void *b)
{
    const struct http_pair *const *x = a, *const *y = b;
    int c = slice_compare((*x)->name, (*y)->name);
    return c ? c : (*x > *y) - (*x < *y); // of one name: in the order given
}

// Everything that a page of a cached route depends on.
static void make_key(struct call *c)
{
    const struct request *rq = &c->rq;
    struct buf b = {0};
    buf_u64(&b, atomic_load(&c->server->generation));
    buf_printf(&b, " %016llx %llu ", (unsigned long long)c->app->settings_id,
               (unsigned long long)(time_now() / (86400 * VTIME_SECOND)));
    buf_add(&b, rq->base_url);
    buf_byte(&b, ' ');
    buf_add(&b, rq->path);
    if (error_form_of(rq->path) == ERROR_TAXII) { // made later than the pages, and negotiated
        buf_printf(&b, " %llu ", (unsigned long long)atomic_load(&c->server->epoch));
        url_encode(&b, header_of(c, "Accept"));
    }
    if (rq->param_count && rq->param_count <= 64) {
        const struct http_pair *order[64];
        for (size_t i = 0; i < rq->param_count; i++)
            order[i] = &rq->params[i];
        qsort(order, rq->param_count, sizeof *order, pair_order);
        for (size_t i = 0; i < rq->param_count; i++) {
            buf_byte(&b, '\n'); // cannot stand in a name; in a value it is escaped below
            url_encode(&b, order[i]->name);
            buf_byte(&b, '=');
            url_encode(&b, order[i]->value);
        }
    }
    if (rq->param_count <= 64 && b.len <= CACHE_MAX_KEY)
        c->key = arena_copy(&c->arena, buf_slice(&b));
    buf_free(&b);
}

static bool one_persons(struct call *c)
{
    if (header_of(c, "Authorization").len)
        return true;
    struct slice cookies = header_of(c, "Cookie");
    const char *name = c->server->options.cookie;
    return cookies.len && name && memmem(cookies.at, cookies.len, name, strlen(name));
}

// The client may hold it already: then only that is said. etag: of the plain form.
static bool client_has(struct call *c, const char *etag, bool *compressed)
{
    struct slice list = header_of(c, "If-None-Match");
    size_t n = strlen(etag);
    if (!list.len || !n)
        return false;
    *compressed = false;
    if (http_etag_listed(list, slice_of(etag, n)))
        return true;
    struct slice zipped = arena_printf(&c->arena, "%.*s-g\"", (int)(n - 1), etag);
    *compressed = http_etag_listed(list, zipped);
    return *compressed;
}

// True when the answer was sent, with MHD's verdict in *result.
static bool send_finished(struct call *c, enum MHD_Result *result)
{
    make_key(c);
    if (!c->key.len)
        return false;
    c->answer = page_cache_get(c->app->cache, c->key);
    if (!c->answer)
        return false;
    bool compressed;
    c->served.pattern = c->answer->pattern;
    c->served.cache = SERVED_FROM_CACHE;
    c->state = CALL_SENT;
    *result = client_has(c, c->answer->etag, &compressed)
                  ? answer_not_modified(c, c->answer->etag, compressed)
                  : answer_send(c, c->answer);
    return true;
}

// ---- what is refused

static const char *methods_text(struct arena *a, unsigned methods)
{
    struct slice s =
        arena_printf(a, "%s%s%s%sOPTIONS", methods & HTTP_GET ? "GET, HEAD, " : "",
                     methods & HTTP_POST ? "POST, " : "", methods & HTTP_PUT ? "PUT, " : "",
                     methods & HTTP_DELETE ? "DELETE, " : "");
    return arena_str(a, s);
}

static enum MHD_Result answer_options(struct call *c)
{
    response_header(&c->rs, "Allow", slice_from_str(methods_text(&c->arena, c->routing.allowed)));
    c->rs.status = c->routing.allowed ? 204 : 404;
    c->answer = answer_make(c, &c->rs, false);
    c->state = CALL_SENT;
    return answer_send(c, c->answer);
}

static enum MHD_Result redirect_slash(struct call *c)
{
    struct slice path = c->rq.path;
    struct buf b = {0};
    bool had = path.at[path.len - 1] == '/';
    for (size_t i = 0; i < path.len - had; i++) {
        if (path.at[i] == '/')
            buf_byte(&b, '/');
        else
            url_encode(&b, slice_of(path.at + i, 1));
    }
    if (!had)
        buf_byte(&b, '/');
    if (c->rq.query.len) {
        buf_byte(&b, '?');
        buf_add(&b, c->rq.query);
    }
    response_header(&c->rs, "Location", arena_copy(&c->arena, buf_slice(&b)));
    buf_free(&b);
    c->rs.status = 308;
    c->answer = answer_make(c, &c->rs, false);
    c->state = CALL_SENT;
    return answer_send(c, c->answer);
}

static bool too_fast(struct call *c, unsigned *wait)
{
    const struct route *r = c->routing.route;
    unsigned cost = !r ? 1 : r->flags & ROUTE_STREAM ? 10 : strcmp(c->method, "GET") == 0 ? 1 : 5;
    char key[64] = "w ";
    size_t n = rate_limits_network(c->rq.address, key + 2) + 2;
    return !rate_limits_take(c->app->limits, slice_of(key, n), c->app->settings.requests_per_minute,
                             cost, time_now(), wait);
}

// ---- the way of a request

void call_give(struct call *c, struct answer *kept)
{
    answer_hold(kept);
    c->answer = kept;
    c->served.cache = SERVED_FROM_CACHE;
    c->state = CALL_READY;
    MHD_resume_connection(c->connection);
}

void call_submit(struct call *c)
{
    struct server *s = c->server;
    const struct route *r = c->routing.route;
    bool writes = r && (r->flags & ROUTE_WRITES);
    if (workers_submit(writes ? s->write_worker : s->read_workers, &c->job))
        return;
    response_header(&c->rs, "Retry-After", SLICE("5"));
    call_plain_error(c, 503, TEXT("Too many requests wait already. Try again in a few seconds."));
    call_land(c, false);
    c->state = CALL_READY;
    MHD_resume_connection(c->connection);
}

void call_land(struct call *c, bool keep)
{
    if (!c->leads)
        return;
    c->leads = false;
    for (struct seat *s = flights_land(c->server->flights, &c->seat), *next; s; s = next) {
        struct call *other = (struct call *)(void *)((uint8_t *)s - offsetof(struct call, seat));
        next = s->next; // the seat goes with its call
        if (keep)
            call_give(other, c->answer);
        else
            call_submit(other);
    }
}

// From here on another thread may have the call, and be done with it.
static enum MHD_Result dispatch(struct call *c)
{
    c->state = CALL_WAITING;
    if (c->link)
        atomic_store_explicit(&c->link->deadline, 0, memory_order_relaxed);
    MHD_suspend_connection(c->connection);
    if (!c->key.len || (c->routing.route->flags & ROUTE_STREAM)) {
        call_submit(c);
        return MHD_YES;
    }
    c->seat.key = c->key;
    if (!flights_board(c->server->flights, &c->seat))
        return MHD_YES;
    c->leads = true;
    // It may have been made since it was looked for.
    struct answer *kept = page_cache_peek(c->app->cache, c->key);
    if (!kept) {
        call_submit(c);
        return MHD_YES;
    }
    c->answer = kept;
    call_land(c, true);
    c->served.cache = SERVED_FROM_CACHE;
    c->state = CALL_READY;
    MHD_resume_connection(c->connection);
    return MHD_YES;
}

// The request is here whole.
static enum MHD_Result call_answer(struct call *c)
{
    enum MHD_Result result;
    bool get = c->rq.method == HTTP_GET;
    if (c->body_refused == 413)
        return refuse(c, 413, TEXT("The request is larger than what is read here."));
    if (c->body_refused)
        return refuse(c, 503, TEXT("Too many requests wait already. Try again in a few seconds."));
    if (get && !one_persons(c) && send_finished(c, &result))
        return result;
    if (get)
        route_find(c->server->options.tables, c->server->options.table_count, HTTP_GET, c->rq.path,
                   &c->routing);
    const struct route *r = c->routing.route;
    if (!r && !c->routing.allowed && c->routing.other_slash)
        return redirect_slash(c);
    unsigned wait;
    if (too_fast(c, &wait)) {
        response_header(&c->rs, "Retry-After", arena_printf(&c->arena, "%u", wait));
        return refuse(c, 429, TEXT("Too many requests from your network. Wait a minute."));
    }
    if (!r && c->routing.allowed)
        response_header(&c->rs, "Allow",
                        slice_from_str(methods_text(&c->arena, c->routing.allowed)));
    bool cached = r && (r->flags & ROUTE_CACHED), compressed;
    if (!cached)
        c->key = (struct slice){0};
    char etag[40];
    answer_etag(c->server, c->key, etag);
    if (r && client_has(c, etag, &compressed)) {
        c->served.pattern = r->pattern;
        c->state = CALL_SENT;
        return answer_not_modified(c, etag, compressed);
    }
    return dispatch(c);
}

struct framing {
    unsigned lengths, codings;
};

static enum MHD_Result count_framing(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    (void)kind;
    (void)value;
    struct framing *f = context;
    f->lengths += strcasecmp(name, "Content-Length") == 0;
    f->codings += strcasecmp(name, "Transfer-Encoding") == 0;
    return MHD_YES;
}

// Where the body ends must be said once: a proxy that reads it otherwise would take the rest of the
// body for a request of its own making (RFC 9112, section 6.3).
static bool read_length(struct call *c, uint64_t *length)
{
    struct slice s = header_of(c, "Content-Length");
    struct framing f = {0};
    *length = 0;
    MHD_get_connection_values(c->connection, MHD_HEADER_KIND, count_framing, &f);
    if (f.lengths + f.codings > 1 ||
        (f.codings && !slice_equal_nocase(header_of(c, "Transfer-Encoding"), SLICE("chunked"))))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9' || *length > UINT32_MAX)
            return false;
        *length = *length * 10 + (uint64_t)(s.at[i] - '0');
    }
    return true;
}

// The headers are here.
static enum MHD_Result call_begin(struct call *c, const char *method)
{
    struct server *s = c->server;
    struct err e = {0};
    c->app = server_app(s);
    c->state = CALL_READING;
    c->head = strcmp(method, "HEAD") == 0;
    bool options = strcmp(method, "OPTIONS") == 0;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    c->link = info ? info->socket_context : NULL;
    c->served.pattern = "";
    c->rq.app = c->app;
    c->rq.arena = &c->arena;
    c->rq.lang = web_language(SLICE("en"));
    c->rq.method = method_of(method);
    c->method = options ? "OPTIONS" : "other";
    static const char *const names[] = {"GET", "HEAD", "POST", "DELETE", "PUT"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], method) == 0)
            c->method = names[i];
    if (c->too_long)
        return refuse(c, 414, TEXT("The address is longer than this server reads."));
    if (!c->rq.method && !options)
        return refuse(c, 501, TEXT("This server does not know that method."));
    if (!find_base_url(c) || !find_target(c, &e)) {
        struct slice said = slice_from_str(e.message);
        (void)said;
        return refuse(c, 400, TEXT("The address or the host's name in the request is not valid."));
    }
    if (c->rq.path.len >= 3)
        c->rq.lang = web_language(slice_sub(c->rq.path, 1, 3));
    if (!c->rq.lang || (c->rq.path.len > 3 && c->rq.path.at[3] != '/'))
        c->rq.lang = web_language(SLICE("en"));
    find_address(c);
    uint64_t length;
    if (!read_length(c, &length))
        return refuse(c, 400, TEXT("The length of the request is not valid."));
    c->body_max = HTTP_MAX_BODY;
    if (c->rq.method != HTTP_GET || options) {
        route_find(s->options.tables, s->options.table_count, options ? 0 : c->rq.method,
                   c->rq.path, &c->routing);
        if (options)
            return answer_options(c);
        if (c->routing.route && (c->routing.route->flags & ROUTE_BIG_BODY))
            c->body_max = HTTP_MAX_BIG_BODY;
    }
    // A client that is still sending when the connection ends does not get to read why. So what is
    // a little too large is read and forgotten.
    if (length > HTTP_MAX_FORGOTTEN)
        return refuse(c, 413, TEXT("The request is larger than what is read here."));
    if (length > c->body_max)
        c->body_refused = 413;
    bool body = length || header_of(c, "Transfer-Encoding").len;
    link_deadline(c->link, (uint64_t)s->client_seconds * (body ? SERVER_BODY_TIMES : 1));
    return MHD_YES;
}

// A piece of the body.
static enum MHD_Result call_read(struct call *c, const char *data, size_t *size)
{
    size_t before = c->body.capacity;
    // A chunked body does not say how long it is. What is too much is read and forgotten, until the
    // deadline, so that the client gets to read why.
    if (c->body.len + *size > c->body_max)
        c->body_refused = 413;
    if (atomic_load(&c->server->body_memory) > SERVER_BODY_MEMORY)
        c->body_refused = 503;
    if (c->body_refused) {
        *size = 0;
        return MHD_YES;
    }
    buf_add(&c->body, slice_of(data, *size));
    atomic_fetch_add(&c->server->body_memory, c->body.capacity - before);
    *size = 0;
    return MHD_YES;
}

enum MHD_Result call_on_data(void *server, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, const char *data,
                             size_t *size, void **context)
{
    (void)server;
    (void)connection;
    (void)url;
    (void)version;
    struct call *c = *context;
    switch (c->state) {
    case CALL_NEW:
        return call_begin(c, method);
    case CALL_READING:
        return *size ? call_read(c, data, size) : call_answer(c);
    case CALL_READY:
        c->state = CALL_SENT;
        return answer_send(c, c->answer);
    case CALL_WAITING:
    case CALL_SENT:
        break;
    }
    *size = 0;
    return MHD_YES;
}
