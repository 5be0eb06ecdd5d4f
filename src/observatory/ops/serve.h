// SPDX-License-Identifier: Apache-2.0
// The parts that `vigied serve` is put together from.
#ifndef VIGIE_OBSERVATORY_OPS_SERVE_H
#define VIGIE_OBSERVATORY_OPS_SERVE_H

#include "base/sha256.h"
#include "observatory/http/server.h"
#include "observatory/ops/config.h"
#include "observatory/ops/log.h"
#include "observatory/ops/metrics.h"

enum { SERVE_MAX_TABLES = 8 };

// All tables, in the order in which they are searched; how many.
size_t serve_routes(struct route_table out[SERVE_MAX_TABLES]);
http_error_page serve_error_page;

// Gives up what serving does not need; before any thread starts. NULL, or what could not be given
// up, for the log.
const char *serve_confine(const struct settings *set);

// Tells systemd (sd_notify(3)): "READY=1". Without it, nothing.
void serve_notify(const char *state);

// The data of a demonstration: made in a folder of their own, which is removed at the end, or in
// the store that was asked for.
struct serve_demo {
    char folder[256]; // "" when it is not ours to remove
    char url[320];
};
// *store: NULL, then it is set to the one made. False: the reason was printed.
bool serve_demo_begin(struct serve_demo *d, const char **store);
void serve_demo_end(struct serve_demo *d);

// health.c
const struct route *ops_routes(size_t *count);

#endif
