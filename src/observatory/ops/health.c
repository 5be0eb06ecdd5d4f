// SPDX-License-Identifier: Apache-2.0
// /healthz for whoever restarts the server, /metrics for Prometheus.
#include "observatory/ops/serve.h"

#include "observatory/http/cache.h"

#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

static void healthz_get(struct request *rq, struct response *rs)
{
    struct err e = {0};
    uint64_t count = 0;
    rs->type = "text/plain; charset=utf-8";
    rs->no_store = true;
    if (store_count(rq->store, &(struct query){0}, &count, &e)) {
        buf_str(&rs->body, "ok\n");
        return;
    }
    rs->status = 503;
    buf_str(&rs->body, "the store cannot be read\n");
}

static void gauge(struct buf *b, const char *name, const char *help, double value)
{
    buf_printf(b, "# HELP %s %s\n# TYPE %s gauge\n%s %.0f\n", name, help, name, name, value);
}

static void counter(struct buf *b, const char *name, const char *help, uint64_t value)
{
    buf_printf(b, "# HELP %s %s\n# TYPE %s counter\n%s %llu\n", name, help, name, name,
               (unsigned long long)value);
}

// Bytes of the database and its journal.
static double store_bytes(struct arena *a, struct slice url)
{
    struct slice path = slice_starts(url, SLICE("sqlite:")) ? slice_sub(url, 7, url.len) : url;
    static const char *const endings[] = {"", "-wal"};
    double sum = 0;
    for (size_t i = 0; i < 2; i++) {
        struct stat st;
        struct slice whole = arena_printf(a, "%.*s%s", SLICE_FMT(path), endings[i]);
        if (stat(arena_str(a, whole), &st) == 0)
            sum += (double)st.st_size;
    }
    return sum;
}

static void records(struct request *rq, struct buf *b)
{
    buf_str(b, "# HELP vigied_records Records by the state of their newest revision.\n"
               "# TYPE vigied_records gauge\n");
    for (unsigned i = 0; i < STATE_COUNT; i++) {
        struct err e = {0};
        uint64_t n;
        if (store_count(rq->store, &(struct query){.states = 1u << i, .team = true}, &n, &e))
            buf_printf(b, "vigied_records{state=\"%s\"} %llu\n", record_state_name(i),
                       (unsigned long long)n);
    }
}

static double resident_bytes(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    char line[128] = "";
    if (f && !fgets(line, sizeof line, f))
        line[0] = 0;
    if (f)
        fclose(f);
    char *end = line;
    strtoul(line, &end, 10);
    return (double)strtoul(end, NULL, 10) * (double)sysconf(_SC_PAGESIZE);
}

static bool from_here(struct slice address)
{
    return slice_starts(address, SLICE("127.")) || slice_equal_str(address, "::1") ||
           slice_starts(address, SLICE("::ffff:127."));
}

static void metrics_get(struct request *rq, struct response *rs)
{
    struct buf *b = &rs->body;
    struct app *app = rq->app;
    if (!app->settings.public_metrics && !from_here(rq->address)) {
        rs->status = 403;
        rs->type = "text/plain; charset=utf-8";
        rs->no_store = true;
        buf_str(b, "These figures are for this machine; see public_metrics in vigied.conf(5).\n");
        return;
    }
    rs->type = "text/plain; version=0.0.4; charset=utf-8";
    rs->no_store = true;
    metrics_text(app->metrics, b);
    struct page_cache_figures c = page_cache_figures(app->cache);
    counter(b, "vigied_cache_hits_total", "Finished pages found in memory.", c.hits);
    counter(b, "vigied_cache_misses_total", "Pages that were not.", c.misses);
    counter(b, "vigied_cache_evicted_total", "Pages given up for others.", c.evicted);
    gauge(b, "vigied_cache_bytes", "Bytes of finished pages in memory.", (double)c.bytes);
    gauge(b, "vigied_cache_entries", "Finished pages in memory.", (double)c.entries);
    struct server_figures f = server_figures(app->server);
    gauge(b, "vigied_connections", "Open connections.", f.connections);
    gauge(b, "vigied_requests_busy", "Requests waiting or at work.", (double)f.busy);
    gauge(b, "vigied_store_bytes", "Bytes of the store's files.",
          store_bytes(rq->arena, app->settings.store));
    gauge(b, "vigied_store_generation", "Grows with each public change.",
          (double)store_generation(rq->store));
    gauge(b, "process_resident_memory_bytes", "Resident memory.", resident_bytes());
    gauge(b, "process_start_time_seconds", "Start of the process, in Unix time.",
          (double)time_to_unix(app->started));
    records(rq, b);
}

const struct route *ops_routes(size_t *count)
{
    static const struct route routes[] = {
        {HTTP_GET, "/healthz", healthz_get, 0, 0},
        {HTTP_GET, "/metrics", metrics_get, 0, 0},
    };
    *count = sizeof routes / sizeof *routes;
    return routes;
}
