// SPDX-License-Identifier: Apache-2.0
// Counters of the server, in Prometheus' text format (version 0.0.4). Nothing personal: classes of
// routes, statuses, times, sizes.
#ifndef VIGIE_OBSERVATORY_OPS_METRICS_H
#define VIGIE_OBSERVATORY_OPS_METRICS_H

#include "observatory/http/server.h"

struct metrics;

struct metrics *metrics_create(void);
void metrics_destroy(struct metrics *m);
void metrics_add(struct metrics *m, const struct served *s); // thread-safe
void metrics_text(struct metrics *m, struct buf *out);

#endif
