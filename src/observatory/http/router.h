// SPDX-License-Identifier: Apache-2.0
// Which route an address belongs to.
#ifndef VIGIE_OBSERVATORY_HTTP_ROUTER_H
#define VIGIE_OBSERVATORY_HTTP_ROUTER_H

#include "observatory/http/http.h"

struct route_table {
    const struct route *routes;
    size_t count;
};

struct routing {
    const struct route *route; // NULL: none for this method
    unsigned allowed;          // methods of all routes with this address; 0: no such address
    struct slice part[HTTP_MAX_PARTS];
    size_t part_count;
    const struct language *lang; // of "~/"; NULL for addresses without language
    bool other_slash;            // there is a route with a slash more or less at the end
};

// Whether pattern stands for path; the parts and the language are set when it does.
bool route_matches(const char *pattern, struct slice path, struct routing *out);
void route_find(const struct route_table *tables, size_t table_count, enum http_method method,
                struct slice path, struct routing *out);

#endif
