// SPDX-License-Identifier: Apache-2.0
// Reading one record, one revision, or all revisions of a record.
#include "observatory/store/store_internal.h"

#define REVISION_COLUMNS                                                                           \
    "v.id, v.number, r.recorded, v.made, v.author, v.reason, v.state, v.public_from, v.codebook,"  \
    " r.kind, r.number, v.reason_lang, v.reason_other"
#define REVISION_FROM " FROM record r JOIN revision v ON v.record = r.id"

static void take_meta(sqlite3_stmt *st, struct arena *a, struct revision *out)
{
    *out = (struct revision){
        .id = sqlite3_column_int64(st, 0),
        .number = (uint32_t)sqlite3_column_int64(st, 1),
        .recorded = (vtime)sqlite3_column_int64(st, 2),
        .made = (vtime)sqlite3_column_int64(st, 3),
        .author = store_column(a, st, 4),
        .reason = store_column(a, st, 5),
        .state = (enum record_state)sqlite3_column_int(st, 6),
        .public_from = (vtime)sqlite3_column_int64(st, 7),
        .codebook = store_column(a, st, 8),
        .record = store_id_text(a, sqlite3_column_int(st, 9), sqlite3_column_int64(st, 10)),
        .reason_lang = store_column(a, st, 11),
        .reason_other = store_column(a, st, 12),
    };
}

static enum store_found take_body(sqlite3_stmt *st, int column, struct arena *a,
                                  const struct revision *meta, struct record *body, struct err *e)
{
    struct slice json = store_column(a, st, column);
    struct err why = {0};
    if (record_from_json(json, a, body, &why))
        return STORE_FOUND;
    err_set(e, ERR_FORMAT, 0, "the store: %.*s, revision %u: %.120s", SLICE_FMT(meta->record),
            meta->number, why.message);
    return STORE_ERROR;
}

// st is bound; its last column is the body. meta and body may be NULL.
static enum store_found read_one(struct store *s, sqlite3_stmt *st, struct arena *a,
                                 struct revision *meta, struct record *body, struct err *e)
{
    bool row;
    struct revision found = {0};
    enum store_found result = STORE_NONE;
    if (!store_step(s, st, &row, e))
        return STORE_ERROR;
    if (row) {
        take_meta(st, a, &found);
        result = body ? take_body(st, 13, a, &found, body, e) : STORE_FOUND;
    }
    store_done(st);
    if (result == STORE_FOUND && meta)
        *meta = found;
    return result;
}

enum store_found store_record(struct store *s, struct slice id, vtime as_of, bool all,
                              struct arena *a, struct revision *meta, struct record *body,
                              struct err *e)
{
    int kind;
    int64_t number;
    if (!store_id_parse(id, &kind, &number))
        return STORE_NONE;
    sqlite3_stmt *st =
        all ? store_prepare(s,
                            "SELECT " REVISION_COLUMNS ", b.json" REVISION_FROM
                            " JOIN body b ON b.revision = v.id"
                            " WHERE r.kind = ? AND r.number = ? AND v.id = r.newest",
                            e)
            : store_prepare(s,
                            "SELECT " REVISION_COLUMNS ", b.json" REVISION_FROM
                            " JOIN body b ON b.revision = v.id"
                            " WHERE r.kind = ? AND r.number = ? AND v.public_from <= ?3"
                            " AND v.public_to > ?3",
                            e);
    if (!st)
        return STORE_ERROR;
    sqlite3_bind_int(st, 1, kind);
    sqlite3_bind_int64(st, 2, number);
    if (!all)
        sqlite3_bind_int64(st, 3, store_instant(as_of));
    return read_one(s, st, a, meta, body, e);
}

enum store_found store_revision(struct store *s, struct slice id, uint32_t number, struct arena *a,
                                struct revision *meta, struct record *body, struct err *e)
{
    int kind;
    int64_t of;
    if (!store_id_parse(id, &kind, &of))
        return STORE_NONE;
    sqlite3_stmt *st = store_prepare(s,
                                     "SELECT " REVISION_COLUMNS ", b.json" REVISION_FROM
                                     " JOIN body b ON b.revision = v.id"
                                     " WHERE r.kind = ? AND r.number = ? AND v.number = ?",
                                     e);
    if (!st)
        return STORE_ERROR;
    sqlite3_bind_int(st, 1, kind);
    sqlite3_bind_int64(st, 2, of);
    sqlite3_bind_int64(st, 3, number);
    return read_one(s, st, a, meta, body, e);
}

bool store_history(struct store *s, struct slice id, bool public_only, struct arena *a,
                   struct revision **out, size_t *count, struct err *e)
{
    int kind;
    int64_t number;
    bool row, ok;
    *count = 0;
    *out = NULL;
    if (!store_id_parse(id, &kind, &number))
        return true;
    sqlite3_stmt *st =
        store_prepare(s,
                      "SELECT " REVISION_COLUMNS REVISION_FROM " WHERE r.kind = ? AND r.number = ?"
                      " AND (v.public_from > 0 OR NOT ?) ORDER BY v.number DESC",
                      e);
    if (!st)
        return false;
    sqlite3_bind_int(st, 1, kind);
    sqlite3_bind_int64(st, 2, number);
    sqlite3_bind_int(st, 3, public_only);
    ARRAY_OF(struct revision) found = {0};
    while ((ok = store_step(s, st, &row, e)) && row)
        take_meta(st, a, ARRAY_ADD(&found));
    if (ok) {
        store_done(st);
        *out = ARENA_ARRAY(a, struct revision, found.count);
        if (found.count)
            memcpy(*out, found.items, found.count * sizeof **out);
        *count = found.count;
    }
    ARRAY_FREE(&found);
    return ok;
}
