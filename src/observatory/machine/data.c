// SPDX-License-Identifier: Apache-2.0
// /data/…: everything that a list's filters find, as one file.
#include "observatory/machine/parts.h"

#include "observatory/http/app.h"

static bool write_body(void *context, struct slice bytes)
{
    struct response *rs = context;
    buf_add(&rs->body, bytes);
    return response_flush(rs);
}

// "incidents.stix.json" taken apart; false when it is no file of ours.
static bool find_file(struct slice name, const char **kind, enum export_format *format)
{
    static const struct {
        const char *ending;
        enum export_format format;
    } endings[] = {{".csv", EXPORT_CSV}, {".stix.json", EXPORT_STIX}, {".json", EXPORT_JSON}};
    if (slice_equal_str(name, "claims.csv")) {
        *kind = "incident";
        *format = EXPORT_CLAIMS_CSV;
        return true;
    }
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        struct slice ending = slice_from_str(endings[i].ending);
        if (!slice_ends(name, ending))
            continue;
        *kind = machine_kind(slice_sub(name, 0, name.len - ending.len));
        *format = endings[i].format;
        if (*kind)
            return true;
    }
    return false;
}

static void data_get(struct request *rq, struct response *rs)
{
    const char *kind;
    enum export_format format;
    struct view v;
    struct err e = {0};
    if (!find_file(rq->part[0], &kind, &format)) {
        response_error(rq, rs, 404, "There is no such file.");
        return;
    }
    if (!machine_view(rq, rs, kind, &v))
        return;
    v.q.limit = v.q.offset = 0;
    struct export_options o = machine_options(rq);
    rs->type = export_type(format);
    rs->shared = true;
    response_header(
        rs, "Content-Disposition",
        arena_printf(rq->arena, "attachment; filename=\"%.*s\"", SLICE_FMT(rq->part[0])));
    if (!export_write(rq->store, &v.q, format, &o, write_body, rs, &e) && !rs->spool_failed)
        response_fault(rq, rs, &e);
}

const struct route *data_routes(size_t *count)
{
    static const struct route routes[] = {
        {HTTP_GET, "/data/*", data_get, ROUTE_CACHED | ROUTE_STREAM, 0},
    };
    *count = sizeof routes / sizeof *routes;
    return routes;
}
