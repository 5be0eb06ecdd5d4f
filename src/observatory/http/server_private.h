// SPDX-License-Identifier: Apache-2.0
// What the files of the server share. Only these know libmicrohttpd.
#ifndef VIGIE_OBSERVATORY_HTTP_SERVER_PRIVATE_H
#define VIGIE_OBSERVATORY_HTTP_SERVER_PRIVATE_H

#include "observatory/http/cache.h"
#include "observatory/http/flights.h"
#include "observatory/http/limits.h"
#include "observatory/http/response.h"
#include "observatory/http/server.h"
#include "observatory/http/workers.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

// A connection, for the deadlines that libmicrohttpd does not know: it only ends those that are
// silent, not those that send a byte now and then.
struct link {
    struct link *next, **to_me;
    int fd;
    _Atomic uint64_t deadline; // seconds of the monotonic clock; 0: none
};

// A finished answer, ready to be sent to any number of clients. Never changes.
struct answer {
    atomic_uint holders;
    struct MHD_Response *plain, *gzip; // gzip may be NULL
    int status;
    const char *pattern;
    uint64_t plain_bytes, gzip_bytes;
    char etag[40]; // "" or the quoted tag of the plain form; the compressed form's ends in -g
};

struct server {
    struct server_options options;
    struct MHD_Daemon *daemon;
    int listen_fd;
    pthread_mutex_t app_lock;
    struct app *app;
    struct store **readers;
    size_t reader_count;
    struct store *writer, *watcher;
    struct workers *read_workers, *write_worker;
    struct flights *flights;     // pages that are being made
    _Atomic uint64_t generation; // of the store, as last seen
    _Atomic uint64_t epoch;      // grows with each call of options.changed
    _Atomic uint64_t derived;    // the generation up to which those calls have come
    struct worker_job catch_up;
    atomic_bool catching_up;
    atomic_size_t body_memory;
    unsigned client_seconds;
    char build[33]; // tells this build of the program from others, for ETags
    pthread_mutex_t link_lock;
    struct link *links;
    atomic_uint link_count;
    pthread_t keeper;
    bool keeper_runs;
    atomic_bool ending;
};

enum call_state { CALL_NEW, CALL_READING, CALL_WAITING, CALL_READY, CALL_SENT };

// One request, from its first line to the last byte of its answer.
struct call {
    struct worker_job job;
    struct server *server;
    struct MHD_Connection *connection;
    struct app *app;
    struct link *link;
    enum call_state state;
    bool head, too_long;
    uint64_t began; // nanoseconds
    struct arena arena;
    struct buf body;
    size_t body_max;
    int body_refused; // status, or 0
    struct routing routing;
    struct request rq;
    struct response rs;
    struct slice key; // of the cache; empty: not looked up
    struct seat seat; // among the flights
    bool leads;       // others may wait for what this one makes
    const char *method;
    struct answer *answer;
    struct served served;
    size_t target_len;
    char target[];
};

uint64_t clock_nanoseconds(void); // monotonic

// answer.c
// Makes the answer out of a response, whose body it takes. keep: it will be sent often.
struct answer *answer_make(struct call *c, struct response *rs, bool keep);
void answer_hold(void *answer);
void answer_release(void *answer); // takes NULL
// "" unless the key is set: a strong tag of what the answer depends on.
void answer_etag(const struct server *s, struct slice key, char out[40]);
enum MHD_Result answer_send(struct call *c, struct answer *a);
enum MHD_Result answer_not_modified(struct call *c, const char *etag, bool compressed);

// call.c
void *call_on_uri(void *server, const char *uri, struct MHD_Connection *connection);
enum MHD_Result call_on_data(void *server, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, const char *data,
                             size_t *size, void **context);
void call_on_end(void *server, struct MHD_Connection *connection, void **context,
                 enum MHD_RequestTerminationCode how);

// Takes a finished answer for its own, and lets the connection go on.
void call_give(struct call *c, struct answer *kept);
// In what it was to be made, nothing was: to a worker, or the refusal.
void call_submit(struct call *c);
// The answer is there: those who wait for the same are given it, when it may be kept; else each is
// on its own.
void call_land(struct call *c, bool keep);

// call_run.c: in a worker
void call_run(struct worker_job *job, void *store);
// In the writing worker: the store may have changed.
void server_changed(struct server *s, struct store *writer);
void call_plain_error(struct call *c, int status, const char *message);

// listen.c
int listen_open(struct slice where, char bound[80], struct err *e); // -1 on failure

// limits of connections
void link_deadline(struct link *l, uint64_t seconds);
void link_on_change(void *server, struct MHD_Connection *connection, void **context,
                    enum MHD_ConnectionNotificationCode what);
void link_reap(struct server *s);

#endif
