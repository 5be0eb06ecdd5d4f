// SPDX-License-Identifier: Apache-2.0
// The MISP feed (misp-project.org, "MISP feed format"): manifest.json, UUID.json, hashes.csv.
#include "observatory/exchange/misp.h"

#include "observatory/machine/parts.h"
#include "observatory/store/feed.h"

struct misp_list {
    struct response *rs;
    bool first, hashes;
};

static bool misp_add(void *context, const struct feed_event *f)
{
    struct misp_list *x = context;
    struct buf *b = &x->rs->body;
    if (x->hashes) {
        buf_add(b, f->hashes);
    } else {
        buf_str(b, x->first ? "\n\"" : ",\n\"");
        buf_add(b, f->uuid);
        buf_str(b, "\":");
        buf_add(b, f->manifest);
    }
    x->first = false;
    return response_flush(x->rs);
}

static void misp_list_get(struct request *rq, struct response *rs, bool hashes)
{
    struct misp_list x = {rs, true, hashes};
    struct err e = {0};
    rs->shared = true;
    rs->type = hashes ? "text/csv; charset=utf-8" : "application/json";
    if (!hashes)
        buf_byte(&rs->body, '{');
    if (!feed_walk(rq->store, misp_add, &x, &e))
        response_fault(rq, rs, &e);
    else if (!hashes)
        buf_str(&rs->body, "\n}\n");
}

static void misp_event_get(struct request *rq, struct response *rs, struct slice uuid)
{
    struct err e = {0};
    struct slice id;
    struct revision meta;
    struct record body = {0};
    struct misp_event event;
    struct export_options o = machine_options(rq);
    enum store_found found = feed_find(rq->store, uuid, rq->arena, &id, &e);
    if (found == STORE_FOUND)
        found = store_record(rq->store, id, 0, false, rq->arena, &meta, &body, &e);
    if (found == STORE_NONE) {
        response_error(rq, rs, 404, "The feed has no such event.");
        return;
    }
    rs->type = "application/json";
    rs->shared = true;
    if (found == STORE_ERROR || !misp_event(rq->store, &meta, &body, &o, rq->arena, &event, &e))
        response_fault(rq, rs, &e);
    else
        buf_add(&rs->body, event.json);
    record_free(&body);
}

void machine_misp_get(struct request *rq, struct response *rs)
{
    struct slice name = rq->part[0];
    if (slice_equal_str(name, "manifest.json"))
        misp_list_get(rq, rs, false);
    else if (slice_equal_str(name, "hashes.csv"))
        misp_list_get(rq, rs, true);
    else if (slice_ends(name, SLICE(".json")))
        misp_event_get(rq, rs, slice_sub(name, 0, name.len - 5));
    else
        response_error(rq, rs, 404, "The feed has no such file.");
}

// What stands under the feed's own address, for people who open it.
void machine_misp_index(struct request *rq, struct response *rs)
{
    rs->type = "text/plain; charset=utf-8";
    buf_str(&rs->body,
            "A feed for MISP. Add this address as a feed of the format \"MISP Feed\":\n\n");
    buf_add(&rs->body, rq->base_url);
    buf_str(&rs->body, "/feeds/misp/\n\nmanifest.json  the events\nUUID.json      each event\n"
                       "hashes.csv     MD5 of each value\n");
}
