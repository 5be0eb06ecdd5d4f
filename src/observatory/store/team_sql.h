// SPDX-License-Identifier: Apache-2.0
// SQL in few words, for the tables of the team. Only for this folder.
#ifndef VIGIE_OBSERVATORY_STORE_TEAM_SQL_H
#define VIGIE_OBSERVATORY_STORE_TEAM_SQL_H

#include "observatory/store/store_internal.h"

// types has a letter for each ? of the statement: i an int64_t, t a struct slice as text, b a
// struct slice as bytes (NULL when empty), f a double. Texts must live until the statement ends.
[[nodiscard]] bool sql_run(struct store *s, struct err *e, const char *sql, const char *types, ...);
// Ready for sql_row; end with sqlite3_finalize (takes NULL).
[[nodiscard]] bool sql_query(struct store *s, sqlite3_stmt **out, struct err *e, const char *sql,
                             const char *types, ...);

// Next row: STORE_FOUND, STORE_NONE at the end, STORE_ERROR.
enum store_found sql_row(struct store *s, sqlite3_stmt *st, struct err *e);
struct slice sql_text(sqlite3_stmt *st, int column, struct arena *a); // copied; also for bytes
int64_t sql_int(sqlite3_stmt *st, int column);
vtime sql_time(sqlite3_stmt *st, int column);
int64_t sql_last_id(struct store *s);
int64_t sql_changes(struct store *s); // rows that the last statement changed

#endif
