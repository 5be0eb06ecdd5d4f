// SPDX-License-Identifier: Apache-2.0
#include "observatory/store/releases.h"

#include "observatory/store/team_sql.h"

const char store_release_tables[] =
    "CREATE TABLE release (number INTEGER PRIMARY KEY, made INTEGER NOT NULL, note TEXT NOT NULL,"
    "  checksum TEXT NOT NULL, key TEXT NOT NULL, records INTEGER NOT NULL) STRICT;";

bool release_add(struct store *s, struct release *r, struct err *e)
{
    if (!store_begin(s, e))
        return false;
    sqlite3_stmt *st = NULL;
    bool ok = sql_query(s, &st, e, "SELECT coalesce(max(number), 0) + 1 FROM release", "") &&
              sql_row(s, st, e) == STORE_FOUND;
    if (ok && !r->number)
        r->number = (uint32_t)sql_int(st, 0);
    sqlite3_finalize(st);
    ok = ok && sql_run(s, e, "INSERT INTO release VALUES (?, ?, ?, ?, ?, ?)", "iittti",
                       (int64_t)r->number, (int64_t)r->made, r->note, r->checksum, r->key,
                       (int64_t)r->records);
    if (ok)
        return store_commit(s, e);
    store_rollback(s);
    return false;
}

static struct release read_release(sqlite3_stmt *st, struct arena *a)
{
    return (struct release){
        .number = (uint32_t)sql_int(st, 0),
        .made = sql_time(st, 1),
        .note = sql_text(st, 2, a),
        .checksum = sql_text(st, 3, a),
        .key = sql_text(st, 4, a),
        .records = (uint64_t)sql_int(st, 5),
    };
}

bool release_list(struct store *s, struct arena *a, struct release **out, size_t *count,
                  struct err *e)
{
    sqlite3_stmt *st = NULL;
    ARRAY_OF(struct release) found = {0};
    enum store_found row = STORE_ERROR;
    if (sql_query(s, &st, e,
                  "SELECT number, made, note, checksum, key, records FROM release"
                  " ORDER BY number DESC",
                  ""))
        while ((row = sql_row(s, st, e)) == STORE_FOUND)
            *ARRAY_ADD(&found) = read_release(st, a);
    sqlite3_finalize(st);
    *count = found.count;
    *out = ARENA_ARRAY(a, struct release, found.count + 1);
    if (found.count)
        memcpy(*out, found.items, found.count * sizeof **out);
    ARRAY_FREE(&found);
    return row == STORE_NONE;
}

enum store_found release_get(struct store *s, uint32_t number, struct arena *a, struct release *out,
                             struct err *e)
{
    sqlite3_stmt *st = NULL;
    if (!sql_query(s, &st, e,
                   "SELECT number, made, note, checksum, key, records FROM release"
                   " WHERE number = ?",
                   "i", (int64_t)number))
        return STORE_ERROR;
    enum store_found row = sql_row(s, st, e);
    if (row == STORE_FOUND)
        *out = read_release(st, a);
    sqlite3_finalize(st);
    return row;
}
