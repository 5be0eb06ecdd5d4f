// SPDX-License-Identifier: Apache-2.0
#include "observatory/store/feed.h"

#include "observatory/store/store_internal.h"

const char store_feed_tables[] =
    "CREATE TABLE misp_event (uuid TEXT PRIMARY KEY, record TEXT NOT NULL, manifest TEXT NOT NULL,"
    "  hashes TEXT NOT NULL) WITHOUT ROWID, STRICT;";

bool feed_put(struct store *s, const struct feed_event *f, struct err *e)
{
    sqlite3_stmt *st = store_prepare(
        s, "INSERT OR REPLACE INTO misp_event (uuid, record, manifest, hashes) VALUES (?, ?, ?, ?)",
        e);
    if (!st)
        return false;
    store_bind_text(st, 1, f->uuid);
    store_bind_text(st, 2, f->record);
    store_bind_text(st, 3, f->manifest);
    store_bind_text(st, 4, f->hashes);
    return store_run(s, st, e);
}

enum store_found feed_find(struct store *s, struct slice uuid, struct arena *a,
                           struct slice *record, struct err *e)
{
    sqlite3_stmt *st = store_prepare(s, "SELECT record FROM misp_event WHERE uuid = ?", e);
    bool row;
    if (!st)
        return STORE_ERROR;
    store_bind_text(st, 1, uuid);
    if (!store_step(s, st, &row, e))
        return STORE_ERROR;
    if (row)
        *record = store_column(a, st, 0);
    store_done(st);
    return row ? STORE_FOUND : STORE_NONE;
}

bool feed_walk(struct store *s, feed_each *each, void *context, struct err *e)
{
    sqlite3_stmt *st =
        store_prepare(s, "SELECT uuid, record, manifest, hashes FROM misp_event ORDER BY uuid", e);
    if (!st)
        return false;
    struct arena a;
    bool row, ok, go = true;
    arena_init(&a, 0);
    while (go && (ok = store_step(s, st, &row, e)) && row) {
        struct feed_event f = {
            .uuid = store_column(&a, st, 0),
            .record = store_column(&a, st, 1),
            .manifest = store_column(&a, st, 2),
            .hashes = store_column(&a, st, 3),
        };
        go = each(context, &f);
        arena_reset(&a);
    }
    ok = !go || ok;
    store_done(st);
    arena_free(&a);
    return ok;
}
