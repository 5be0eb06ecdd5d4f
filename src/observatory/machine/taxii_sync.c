// SPDX-License-Identifier: Apache-2.0
// From public revisions to objects of the public collections, and events of the MISP feed.
#include "observatory/machine/taxii.h"

#include "observatory/exchange/misp.h"
#include "observatory/exchange/stix.h"
#include "observatory/http/app.h"
#include "observatory/store/feed.h"

static int collection_of(const struct schema_kind *kind)
{
    if (strcmp(kind->name, "incident") == 0)
        return 1;
    return strcmp(kind->name, "advisory") == 0 ? 2 : 3;
}

static bool add_revision(struct store *s, const struct taxii_revision *r,
                         const struct export_options *o, struct stix_seen seen[4], struct arena *a,
                         struct err *e)
{
    struct revision meta;
    struct record body = {0};
    enum store_found found = store_revision(s, r->record, r->number, a, &meta, &body, e);
    if (found != STORE_FOUND)
        return found == STORE_NONE;
    struct stix_object *list;
    size_t count;
    bool ok =
        stix_objects(s, &meta, &body, o, &seen[collection_of(body.kind)], a, &list, &count, e);
    for (size_t i = 0; ok && i < count; i++) {
        struct taxii_object n = {
            .id = list[i].id,
            .type = list[i].type,
            .version = list[i].modified,
            .spec = SLICE("2.1"),
            .json = list[i].json,
        };
        bool added;
        ok = taxii_object_add(s, collection_of(body.kind), &n, &added, e);
    }
    struct misp_event event;
    ok = ok && misp_event(s, &meta, &body, o, a, &event, e) &&
         feed_put(s,
                  &(struct feed_event){.record = meta.record,
                                       .uuid = event.uuid,
                                       .manifest = event.manifest,
                                       .hashes = event.hashes},
                  e);
    record_free(&body);
    return ok;
}

bool taxii_sync(struct store *s, const struct settings *set, size_t limit, bool *left,
                struct err *e)
{
    struct export_options o = {
        .base_url = set->base_url, .name = set->name_en, .demo = store_invented(s)};
    struct arena a;
    struct taxii_revision *list;
    size_t count;
    *left = false;
    arena_init(&a, 0);
    struct stix_seen seen[4]; // by collection
    for (size_t i = 0; i < 4; i++)
        stix_seen_init(&seen[i]);
    bool ok = taxii_pending(s, limit, &a, &list, &count, e);
    if (ok && count) {
        ok = store_begin(s, e);
        for (size_t i = 0; ok && i < count; i++) {
            struct arena_mark mark = arena_mark(&a);
            ok = add_revision(s, &list[i], &o, seen, &a, e);
            arena_rewind(&a, mark);
        }
        ok = ok && taxii_pending_done(s, list[count - 1].id, e) && store_commit(s, e);
        if (!ok)
            store_rollback(s);
        *left = ok && count == limit;
    }
    for (size_t i = 0; i < 4; i++)
        stix_seen_free(&seen[i]);
    arena_free(&a);
    return ok;
}
