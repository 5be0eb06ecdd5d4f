// SPDX-License-Identifier: Apache-2.0
// What the public saw change: a revision that took the place of another that had been public. What
// was drafted in between was nobody's to see, and does not count. revision_span's index begins with
// public_to, so that those which were replaced are a range of it, the latest at its end.
#include "observatory/store/store_internal.h"

// A revision replaced in the instant in which it was made was never seen.
#define CHANGES_FROM                                                                               \
    " FROM revision p INDEXED BY revision_span"                                                    \
    " JOIN revision v ON v.record = p.record AND v.public_from = p.public_to"                      \
    " AND v.public_to > v.public_from"                                                             \
    " WHERE p.public_to > 0 AND p.public_to <= ?1 AND p.public_from > 0"                           \
    " AND p.public_to > p.public_from"

static bool count_changes(struct store *s, vtime as_of, uint64_t *total, struct err *e)
{
    bool row;
    sqlite3_stmt *st = store_prepare(s, "SELECT count(*)" CHANGES_FROM, e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, store_instant(as_of));
    if (!store_step(s, st, &row, e))
        return false;
    *total = (uint64_t)sqlite3_column_int64(st, 0);
    store_done(st);
    return true;
}

static void take_change(sqlite3_stmt *st, struct arena *a, struct public_change *out)
{
    *out = (struct public_change){
        .before = (uint32_t)sqlite3_column_int64(st, 2),
        .was = (enum record_state)sqlite3_column_int(st, 3),
        .row = {.id = store_id_text(a, sqlite3_column_int(st, 0), sqlite3_column_int64(st, 1)),
                .revision = (uint32_t)sqlite3_column_int64(st, 4),
                .state = (enum record_state)sqlite3_column_int(st, 5),
                .changed = (vtime)sqlite3_column_int64(st, 6),
                .title = store_column(a, st, 7),
                .title_fr = store_column(a, st, 8),
                .types = store_column(a, st, 9),
                .origins = store_column(a, st, 10)},
        .reason = store_column(a, st, 11),
        .reason_lang = store_column(a, st, 12),
        .reason_other = store_column(a, st, 13),
    };
}

bool store_changes(struct store *s, vtime as_of, size_t offset, size_t limit, struct arena *a,
                   struct public_change **out, size_t *count, uint64_t *total, struct err *e)
{
    bool row, ok;
    ARRAY_OF(struct public_change) found = {0};
    sqlite3_stmt *st = NULL;
    if (count_changes(s, as_of, total, e))
        st = store_prepare(
            s,
            "SELECT r.kind, r.number, p.number, p.state, v.number, v.state, v.made,"
            " v.title, v.title_fr, v.types, v.origins, v.reason, v.reason_lang, v.reason_other"
            " FROM (SELECT p.record, p.number, p.state, p.public_to,"
            "  v.id AS after" CHANGES_FROM " ORDER BY p.public_to DESC"
            "  LIMIT ?2 OFFSET ?3) p"
            " JOIN revision v ON v.id = p.after JOIN record r ON r.id = p.record"
            " ORDER BY p.public_to DESC, v.id DESC",
            e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, store_instant(as_of));
    sqlite3_bind_int64(st, 2, (int64_t)limit);
    sqlite3_bind_int64(st, 3, (int64_t)offset);
    while ((ok = store_step(s, st, &row, e)) && row)
        take_change(st, a, ARRAY_ADD(&found));
    if (ok) {
        store_done(st);
        *out = ARENA_ARRAY(a, struct public_change, found.count + 1);
        if (found.count)
            memcpy(*out, found.items, found.count * sizeof **out);
        *count = found.count;
    }
    ARRAY_FREE(&found);
    return ok;
}
