// SPDX-License-Identifier: Apache-2.0
#include "observatory/store/team_sql.h"

#include <stdarg.h>

static int bind_all(sqlite3_stmt *st, const char *types, va_list args)
{
    int result = SQLITE_OK;
    for (int i = 0; types[i] && result == SQLITE_OK; i++) {
        struct slice text;
        switch (types[i]) {
        case 'i':
            result = sqlite3_bind_int64(st, i + 1, va_arg(args, int64_t));
            break;
        case 'f':
            result = sqlite3_bind_double(st, i + 1, va_arg(args, double));
            break;
        case 't':
            text = va_arg(args, struct slice);
            result = sqlite3_bind_text64(st, i + 1, text.len ? (const char *)text.at : "", text.len,
                                         SQLITE_STATIC, SQLITE_UTF8);
            break;
        case 'b':
            text = va_arg(args, struct slice);
            result = text.len ? sqlite3_bind_blob64(st, i + 1, text.at, text.len, SQLITE_STATIC)
                              : sqlite3_bind_null(st, i + 1);
            break;
        default:
            return SQLITE_MISUSE;
        }
    }
    return result;
}

static bool prepare(struct store *s, sqlite3_stmt **out, struct err *e, const char *sql,
                    const char *types, va_list args)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK ||
        bind_all(st, types, args) != SQLITE_OK) {
        store_error(s, e, "cannot be read or written");
        sqlite3_finalize(st);
        return false;
    }
    *out = st;
    return true;
}

bool sql_query(struct store *s, sqlite3_stmt **out, struct err *e, const char *sql,
               const char *types, ...)
{
    va_list args;
    va_start(args, types);
    bool done = prepare(s, out, e, sql, types, args);
    va_end(args);
    return done;
}

bool sql_run(struct store *s, struct err *e, const char *sql, const char *types, ...)
{
    sqlite3_stmt *st = NULL;
    va_list args;
    va_start(args, types);
    bool done = prepare(s, &st, e, sql, types, args);
    va_end(args);
    if (!done)
        return false;
    int result;
    while ((result = sqlite3_step(st)) == SQLITE_ROW)
        ;
    if (result != SQLITE_DONE)
        done = store_error(s, e, "cannot be read or written");
    sqlite3_finalize(st);
    return done;
}

enum store_found sql_row(struct store *s, sqlite3_stmt *st, struct err *e)
{
    int result = sqlite3_step(st);
    if (result == SQLITE_ROW)
        return STORE_FOUND;
    if (result == SQLITE_DONE)
        return STORE_NONE;
    store_error(s, e, "cannot be read or written");
    return STORE_ERROR;
}

struct slice sql_text(sqlite3_stmt *st, int column, struct arena *a)
{
    const void *at = sqlite3_column_blob(st, column);
    return arena_copy(a, slice_of(at, at ? (size_t)sqlite3_column_bytes(st, column) : 0));
}

int64_t sql_int(sqlite3_stmt *st, int column)
{
    return sqlite3_column_int64(st, column);
}

vtime sql_time(sqlite3_stmt *st, int column)
{
    return (vtime)sqlite3_column_int64(st, column);
}

int64_t sql_last_id(struct store *s)
{
    return sqlite3_last_insert_rowid(s->db);
}

int64_t sql_changes(struct store *s)
{
    return sqlite3_changes64(s->db);
}
