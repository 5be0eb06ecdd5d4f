// SPDX-License-Identifier: Apache-2.0
#include "observatory/ops/metrics.h"

#include <stdatomic.h>

// Upper bounds in microseconds.
static const uint64_t bounds[] = {100,     250,     500,     1000,    2500,   5000,
                                  10000,   25000,   50000,   100000,  250000, 500000,
                                  1000000, 2500000, 5000000, 10000000};
enum { BOUNDS = sizeof bounds / sizeof *bounds };

enum class { API, DATA, FEEDS, TAXII, TEAM, LIST, RECORD, PAGES, OPS, OTHER, CLASSES };

static const char *const class_names[CLASSES] = {"api",  "data",   "feeds", "taxii", "team",
                                                 "list", "record", "pages", "ops",   "other"};

// The first that a route's pattern begins with.
static const struct {
    const char *starts;
    enum class class;
} prefixes[] = {
    {"/api/", API},           {"/data/", DATA},       {"/feeds/", FEEDS},
    {"/taxii2", TAXII},       {"~/team", TEAM},       {"~/incidents/*", RECORD},
    {"~/conducts/*", RECORD}, {"~/places/*", RECORD}, {"~/advisories/*", RECORD},
    {"~/incidents", LIST},    {"~/conducts", LIST},   {"~/places", LIST},
    {"~/advisories", LIST},   {"~/", PAGES},          {"/healthz", OPS},
    {"/metrics", OPS},
};

static const int statuses[] = {200, 204, 303, 304, 308, 400, 401, 403, 404, 405,
                               406, 413, 414, 415, 429, 500, 501, 503, 507, 0};
enum { STATUSES = sizeof statuses / sizeof *statuses };

struct metrics {
    atomic_uint_fast64_t requests[CLASSES][STATUSES];
    atomic_uint_fast64_t histogram[BOUNDS + 1];
    atomic_uint_fast64_t microseconds, bytes;
};

struct metrics *metrics_create(void)
{
    return mem_alloc_zero(1, sizeof(struct metrics));
}

void metrics_destroy(struct metrics *m)
{
    free(m);
}

static enum class class_of(const char *pattern) {
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes;
         i++) if (strncmp(pattern, prefixes[i].starts, strlen(prefixes[i].starts)) ==
                  0) return prefixes[i]
        .class;
    return OTHER;
}

static void add(atomic_uint_fast64_t *to, uint64_t n)
{
    atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

void metrics_add(struct metrics *m, const struct served *s)
{
    size_t status = 0, bound = 0;
    while (status + 1 < STATUSES && statuses[status] != s->status)
        status++;
    while (bound < BOUNDS && s->microseconds > bounds[bound])
        bound++;
    add(&m->requests[class_of(s->pattern)][status], 1);
    add(&m->histogram[bound], 1);
    add(&m->microseconds, s->microseconds);
    add(&m->bytes, s->bytes);
}

void metrics_text(struct metrics *m, struct buf *out)
{
    buf_str(out, "# HELP vigied_requests_total Requests answered.\n"
                 "# TYPE vigied_requests_total counter\n");
    for (size_t c = 0; c < CLASSES; c++) {
        for (size_t s = 0; s < STATUSES; s++) {
            uint64_t n = atomic_load(&m->requests[c][s]);
            if (!n)
                continue;
            char status[16];
            snprintf(status, sizeof status, "%d", statuses[s]);
            buf_printf(out, "vigied_requests_total{class=\"%s\",status=\"%s\"} %llu\n",
                       class_names[c], statuses[s] ? status : "other", (unsigned long long)n);
        }
    }
    buf_str(out, "# HELP vigied_request_seconds Time from a request's first line to its answer's "
                 "end.\n# TYPE vigied_request_seconds histogram\n");
    uint64_t sum = 0;
    for (size_t i = 0; i <= BOUNDS; i++) {
        sum += atomic_load(&m->histogram[i]);
        if (i < BOUNDS)
            buf_printf(out, "vigied_request_seconds_bucket{le=\"%g\"} %llu\n",
                       (double)bounds[i] / 1e6, (unsigned long long)sum);
        else
            buf_printf(out, "vigied_request_seconds_bucket{le=\"+Inf\"} %llu\n",
                       (unsigned long long)sum);
    }
    buf_printf(out, "vigied_request_seconds_sum %.6f\nvigied_request_seconds_count %llu\n",
               (double)atomic_load(&m->microseconds) / 1e6, (unsigned long long)sum);
    buf_printf(out,
               "# HELP vigied_sent_bytes_total Bytes of answers' bodies.\n"
               "# TYPE vigied_sent_bytes_total counter\nvigied_sent_bytes_total %llu\n",
               (unsigned long long)atomic_load(&m->bytes));
}
