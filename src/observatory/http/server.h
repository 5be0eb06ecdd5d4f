// SPDX-License-Identifier: Apache-2.0
// The HTTP server: libmicrohttpd takes connections apart, answers that are finished already are
// sent at once by its threads, all others are made by threads of our own (workers.h).
#ifndef VIGIE_OBSERVATORY_HTTP_SERVER_H
#define VIGIE_OBSERVATORY_HTTP_SERVER_H

#include "observatory/http/app.h"
#include "observatory/http/router.h"

struct server;

enum {                               // of what a client has, by settings.client_seconds
    SERVER_CLIENT_SECONDS = 30,      // when that is not set: for the headers of a request
    SERVER_BODY_TIMES = 4,           // as long, for a body, and to take an answer, and …
    SERVER_ANSWER_RATE = 4096,       // … one second more for so many bytes of it
    SERVER_ADDRESS_CONNECTIONS = 64, // of one address at once, without a proxy
    SERVER_QUEUE = 256,              // requests that wait for a worker
    SERVER_BODY_MEMORY = 128 << 20,  // bytes of all bodies that are being received
};

enum served_cache { SERVED_MADE, SERVED_FROM_CACHE, SERVED_NOT_MODIFIED };

// What is known of a finished request; nothing that tells who asked, or for what words.
struct served {
    const char *method;
    const char *pattern; // of the route; "" when there is none
    int status;
    enum served_cache cache;
    uint64_t bytes, microseconds;
};

struct server_options {
    struct app *app; // held by the caller until server_start returns; the server holds it too
    const struct route_table *tables; // outlive the server
    size_t table_count;
    // Finds who is signed in; NULL: nobody can. False: the request is refused.
    bool (*session)(struct request *rq, struct err *e);
    const char *sign_in; // address without language: "/team/sign-in"
    const char *cookie;  // whose presence means that an answer is for one person
    // Called by the thread that writes, after the public part of the store changed: makes what is
    // derived from it. *more: to be called again, when others that want to write have had a turn.
    void (*changed)(void *context, struct store *writer, bool *more);
    void (*served)(void *context, const struct served *s); // from any thread
    void (*warn)(void *context, const char *message);      // from any thread
    void *context;
};

// Binds and starts. bound: the address really listened to ("127.0.0.1:43211"), when not NULL.
[[nodiscard]] bool server_start(const struct server_options *o, struct server **out, char bound[80],
                                struct err *e);
// Other settings from the next request on; takes over the caller's hold on app.
void server_swap(struct server *s, struct app *app);
struct app *server_app(struct server *s); // the one in force, held: app_release it
// No new connections; waits for what is under way, up to so many seconds; ends. Takes NULL.
void server_stop(struct server *s, unsigned seconds);

struct server_figures {
    unsigned connections;
    size_t busy; // requests waiting or at work
};
struct server_figures server_figures(struct server *s);

#endif
