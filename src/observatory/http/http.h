// SPDX-License-Identifier: Apache-2.0
// A request and its response, as handlers see them; libmicrohttpd is behind http/server.c only.
// Every handler is a row in a table of routes.
#ifndef VIGIE_OBSERVATORY_HTTP_HTTP_H
#define VIGIE_OBSERVATORY_HTTP_HTTP_H

#include "observatory/store/store.h"
#include "report/texts.h"

struct route;
struct app;  // the whole server: configuration, stores, cache, metrics (http/app.h)
struct user; // who is signed in (team/team.h)

enum http_method {
    HTTP_GET = 1,
    HTTP_POST = 2,
    HTTP_DELETE = 4,
    HTTP_PUT = 8
}; // HEAD comes as GET

struct http_pair {
    struct slice name, value; // decoded, valid UTF-8
};

enum { HTTP_MAX_PARTS = 8, HTTP_MAX_PAIRS = 512 };

struct request {
    struct app *app;
    struct store *store; // a reader for GET; the writer for routes with ROUTE_WRITES
    struct arena *arena; // freed after the response
    enum http_method method;
    struct slice path;                 // decoded: /en/incidents
    struct slice query;                // raw, without '?'
    struct slice part[HTTP_MAX_PARTS]; // what * stood for in the route's pattern
    size_t part_count;
    const struct http_pair *params; // of the query
    size_t param_count;
    const struct http_pair *form; // of an urlencoded or multipart body
    size_t form_count;
    struct slice body;               // raw
    const struct http_pair *headers; // names in lower case
    size_t header_count;
    struct slice address;        // for rate limits only; never stored or logged
    const struct language *lang; // of /en/ and /fr/; else English
    const struct user *user;     // NULL: a reader
    struct slice csrf;           // token of the session, for forms
    const struct route *route;
    struct slice base_url; // https://registry.example, no slash at the end
    void *session;         // team/
};

struct response {
    int status; // 200 unless set
    const char *type;
    struct buf body;
    struct {
        const char *name;   // static
        struct slice value; // in the request's arena
    } headers[16];
    size_t header_count;
    bool no_store;    // never cached; for anything with a session
    bool embeddable;  // other sites may show it in a frame
    bool shared;      // public data: scripts of other sites may read it (CORS)
    int spool;        // of a ROUTE_STREAM: file that holds what was flushed, or -1
    uint64_t spooled; // bytes of it
    bool spool_failed;
};

typedef void http_handler(struct request *rq, struct response *rs);

enum {
    ROUTE_WRITES = 1,    // gets the writing store; one such request at a time
    ROUTE_CACHED = 2,    // the body depends on address, language and store generation alone
    ROUTE_SIGNED_IN = 4, // needs a session; others are sent to sign in
    ROUTE_CSRF_FREE = 8, // POST without a form's token (machines with their own authentication)
    ROUTE_STREAM = 16,   // large body expected: not kept in the cache's memory
    ROUTE_BIG_BODY = 32, // up to 8 MiB of body instead of 256 KiB
};

struct route {
    unsigned methods;
    const char *pattern; // "/incidents/*": each * one segment. "~/…" stands for /en/… and /fr/…
    http_handler *handler;
    unsigned flags;
    unsigned roles; // bits of enum role (team/team.h); 0: anyone
};

// First value of a query parameter, form field or header; empty when absent.
struct slice request_param(const struct request *rq, const char *name);
struct slice request_form(const struct request *rq, const char *name);
struct slice request_header(const struct request *rq, const char *name);

// Of a large answer: moves the body written so far out of memory, once there is enough of it, into
// a file without a name. To be called every few records; false when the disk is full: stop then.
[[nodiscard]] bool response_flush(struct response *rs);
void response_header(struct response *rs, const char *name, struct slice value);
// 303 See Other.
void response_redirect(struct request *rq, struct response *rs, struct slice to);
// A whole error page (or JSON for machines' paths) in plain words; no details of ours.
void response_error(struct request *rq, struct response *rs, int status, const char *message);
// Something failed that is not the client's doing: the cause goes to the operator's log, the client
// is told in plain words (503, or 507 when the disk is full).
void response_fault(struct request *rq, struct response *rs, const struct err *e);
// /en/… and the query with the other language's prefix, for the language switch.
struct slice request_other_language(const struct request *rq);
// Appends s percent-encoded for use in an address's query or segment.
void url_encode(struct buf *b, struct slice s);

#endif
