// SPDX-License-Identifier: Apache-2.0
// What the server knows: its settings and the things that requests share. A request keeps the
// struct app it began with; a reload puts another one in its place.
#ifndef VIGIE_OBSERVATORY_HTTP_APP_H
#define VIGIE_OBSERVATORY_HTTP_APP_H

#include "observatory/http/http.h"

struct settings {
    struct slice listen;                   // "127.0.0.1:8080", "[::1]:8080"
    struct slice store;                    // "sqlite:/var/lib/vigied/registry.db"
    struct slice base_url;                 // as readers see it; empty: from the Host header
    struct slice name_en, name_fr;         // of the registry
    struct slice contact;                  // address for corrections
    struct slice coverage_en, coverage_fr; // what is covered, which the pages say beside figures
    struct slice release_key; // file of the secret key that `vigied release` signs with
    struct slice release_folder;
    struct slice secret_key;      // file of the key of second factors; empty: beside the store
    unsigned threads;             // of the server; 0: one for each processor
    unsigned requests_per_minute; // of one address, for writing and searching; 0: no limit
    unsigned cache_mib;           // of finished pages
    unsigned max_connections;
    unsigned client_seconds; // for a request's headers; 0: 30
    bool behind_proxy;       // believe X-Forwarded-For and -Proto of a local proxy
    bool secure_cookies;     // unset for plain http on localhost only
    bool log_requests;
    bool public_metrics; // /metrics for everybody, not for this machine alone
};

// A whole page that says what went wrong, in the request's language. message is English.
typedef void http_error_page(struct request *rq, struct response *rs, int status,
                             const char *message);

struct app {
    struct settings settings;
    uint64_t settings_id;        // another for other settings: pages are cached under it
    struct page_cache *cache;    // http/cache.h
    struct metrics *metrics;     // ops/metrics.h
    struct rate_limits *limits;  // http/limits.h
    struct server *server;       // http/server.h
    struct team_state *team;     // team/team.h; made once, kept over reloads
    http_error_page *error_page; // NULL: a plain one of http/ itself
    vtime started;
    struct arena arena; // of the settings' texts
    unsigned holders;   // atomic
};

// One holder less; the last frees it.
void app_release(struct app *app);

#endif
