// SPDX-License-Identifier: Apache-2.0
#include "observatory/store/team_work.h"

#include "observatory/store/team_sql.h"

#define WORK_COLUMNS                                                                               \
    "SELECT id, user, record, kind, base, title, started, changed, body FROM team_work "

static void read_work(sqlite3_stmt *st, struct arena *a, bool body, struct team_work *out)
{
    *out = (struct team_work){
        .id = sql_int(st, 0),
        .user = sql_int(st, 1),
        .record = sql_text(st, 2, a),
        .kind = sql_text(st, 3, a),
        .base = (uint32_t)sql_int(st, 4),
        .title = sql_text(st, 5, a),
        .started = sql_time(st, 6),
        .changed = sql_time(st, 7),
    };
    if (body)
        out->body = sql_text(st, 8, a);
}

bool team_work_add(struct store *s, const struct team_work *n, int64_t *id, struct err *e)
{
    int64_t now = (int64_t)time_now();
    if (!sql_run(s, e,
                 "INSERT INTO team_work(user, record, kind, base, title, body, started, changed)"
                 " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7 WHERE"
                 " (SELECT count(*) FROM team_work WHERE user = ?1) < ?8",
                 "ittittii", n->user, n->record, n->kind, (int64_t)n->base, n->title, n->body, now,
                 (int64_t)TEAM_WORK_MAX))
        return false;
    if (sql_changes(s) == 0)
        return err_set(e, ERR_LIMIT, 0, "too many records are being edited at once");
    *id = sql_last_id(s);
    return true;
}

static enum store_found one_work(struct store *s, sqlite3_stmt *st, struct arena *a,
                                 struct team_work *out, struct err *e)
{
    enum store_found found = sql_row(s, st, e);
    if (found == STORE_FOUND)
        read_work(st, a, true, out);
    sqlite3_finalize(st);
    return found;
}

enum store_found team_work_get(struct store *s, int64_t id, int64_t user, struct arena *a,
                               struct team_work *out, struct err *e)
{
    sqlite3_stmt *st;
    if (!sql_query(s, &st, e, WORK_COLUMNS "WHERE id = ? AND user = ?", "ii", id, user))
        return STORE_ERROR;
    return one_work(s, st, a, out, e);
}

enum store_found team_work_find(struct store *s, int64_t user, struct slice record, struct arena *a,
                                struct team_work *out, struct err *e)
{
    sqlite3_stmt *st;
    if (!sql_query(s, &st, e,
                   WORK_COLUMNS "WHERE user = ? AND record = ? AND record <> ''"
                                " ORDER BY changed DESC LIMIT 1",
                   "it", user, record))
        return STORE_ERROR;
    return one_work(s, st, a, out, e);
}

bool team_work_list(struct store *s, int64_t user, struct arena *a, struct team_work **out,
                    size_t *count, struct err *e)
{
    sqlite3_stmt *st;
    enum store_found found;
    *out = ARENA_ARRAY(a, struct team_work, TEAM_WORK_MAX);
    *count = 0;
    if (!sql_query(s, &st, e, WORK_COLUMNS "WHERE user = ? ORDER BY changed DESC LIMIT ?", "ii",
                   user, (int64_t)TEAM_WORK_MAX))
        return false;
    while ((found = sql_row(s, st, e)) == STORE_FOUND)
        read_work(st, a, false, &(*out)[(*count)++]);
    sqlite3_finalize(st);
    return found == STORE_NONE;
}

bool team_work_save(struct store *s, const struct team_work *w, struct err *e)
{
    return sql_run(s, e,
                   "UPDATE team_work SET body = ?, title = ?, base = ?, changed = ? WHERE id = ?"
                   " AND user = ?",
                   "ttiiii", w->body, w->title, (int64_t)w->base, (int64_t)time_now(), w->id,
                   w->user);
}

bool team_work_remove(struct store *s, int64_t id, struct err *e)
{
    return sql_run(s, e, "DELETE FROM team_work WHERE id = ?", "i", id);
}

#define ROUND_COLUMNS                                                                              \
    "SELECT id, record, base, opened, opened_by, closed, closed_by, revision,"                     \
    " (SELECT count(*) FROM team_coding c WHERE c.round = r.id),"                                  \
    " (SELECT count(*) FROM team_coding c WHERE c.round = r.id AND c.handed > 0)"                  \
    " FROM team_round r "

static void read_round(sqlite3_stmt *st, struct arena *a, struct team_round *out)
{
    *out = (struct team_round){
        .id = sql_int(st, 0),
        .record = sql_text(st, 1, a),
        .base = (uint32_t)sql_int(st, 2),
        .opened = sql_time(st, 3),
        .opened_by = sql_int(st, 4),
        .closed = sql_time(st, 5),
        .closed_by = sql_int(st, 6),
        .revision = (uint32_t)sql_int(st, 7),
        .coders = (uint32_t)sql_int(st, 8),
        .handed = (uint32_t)sql_int(st, 9),
    };
}

static enum store_found one_round(struct store *s, sqlite3_stmt *st, struct arena *a,
                                  struct team_round *out, struct err *e)
{
    enum store_found found = sql_row(s, st, e);
    if (found == STORE_FOUND)
        read_round(st, a, out);
    sqlite3_finalize(st);
    return found;
}

bool team_round_open(struct store *s, struct slice record, uint32_t base, int64_t user, int64_t *id,
                     struct err *e)
{
    if (!sql_run(s, e,
                 "INSERT INTO team_round(record, base, opened, opened_by) SELECT ?1, ?2, ?3, ?4"
                 " WHERE NOT EXISTS(SELECT 1 FROM team_round WHERE record = ?1 AND closed = 0)",
                 "tiii", record, (int64_t)base, (int64_t)time_now(), user))
        return false;
    if (sql_changes(s) == 0)
        return err_set(e, ERR_USAGE, 0, "the record is being double coded already");
    *id = sql_last_id(s);
    return true;
}

enum store_found team_round_get(struct store *s, int64_t id, struct arena *a,
                                struct team_round *out, struct err *e)
{
    sqlite3_stmt *st;
    if (!sql_query(s, &st, e, ROUND_COLUMNS "WHERE id = ?", "i", id))
        return STORE_ERROR;
    return one_round(s, st, a, out, e);
}

enum store_found team_round_find(struct store *s, struct slice record, bool closed, struct arena *a,
                                 struct team_round *out, struct err *e)
{
    sqlite3_stmt *st;
    if (!sql_query(s, &st, e,
                   ROUND_COLUMNS "WHERE record = ? AND (closed > 0) = ? ORDER BY id DESC LIMIT 1",
                   "ti", record, (int64_t)closed))
        return STORE_ERROR;
    return one_round(s, st, a, out, e);
}

bool team_round_list(struct store *s, bool closed, size_t limit, struct arena *a,
                     struct team_round **out, size_t *count, struct err *e)
{
    sqlite3_stmt *st;
    enum store_found found;
    *out = ARENA_ARRAY(a, struct team_round, limit);
    *count = 0;
    const char *sql = closed ? ROUND_COLUMNS "WHERE closed > 0 ORDER BY closed DESC LIMIT ?"
                             : ROUND_COLUMNS "WHERE closed = 0 ORDER BY opened LIMIT ?";
    if (!sql_query(s, &st, e, sql, "i", (int64_t)limit))
        return false;
    while ((found = sql_row(s, st, e)) == STORE_FOUND && *count < limit)
        read_round(st, a, &(*out)[(*count)++]);
    sqlite3_finalize(st);
    return found != STORE_ERROR;
}

bool team_round_close(struct store *s, int64_t id, int64_t user, uint32_t revision, struct err *e)
{
    if (!sql_run(s, e,
                 "UPDATE team_round SET closed = ?, closed_by = ?, revision = ? WHERE id = ? AND"
                 " closed = 0",
                 "iiii", (int64_t)time_now(), user, (int64_t)revision, id))
        return false;
    return sql_changes(s) == 1 || err_set(e, ERR_USAGE, 0, "it is reconciled already");
}

bool team_coding_list(struct store *s, int64_t round, struct arena *a, struct team_coding out[2],
                      size_t *count, struct err *e)
{
    sqlite3_stmt *st;
    enum store_found found;
    *count = 0;
    if (!sql_query(s, &st, e,
                   "SELECT c.user, u.name, c.body, c.started, c.handed FROM team_coding c"
                   " JOIN team_user u ON u.id = c.user WHERE round = ? ORDER BY started, user"
                   " LIMIT 2",
                   "i", round))
        return false;
    while ((found = sql_row(s, st, e)) == STORE_FOUND)
        out[(*count)++] = (struct team_coding){.round = round,
                                               .user = sql_int(st, 0),
                                               .user_name = sql_text(st, 1, a),
                                               .body = sql_text(st, 2, a),
                                               .started = sql_time(st, 3),
                                               .handed = sql_time(st, 4)};
    sqlite3_finalize(st);
    return found == STORE_NONE;
}

bool team_coding_begin(struct store *s, int64_t round, int64_t user, struct slice body,
                       struct err *e)
{
    if (!sql_run(s, e,
                 "INSERT INTO team_coding(round, user, body, started) SELECT ?1, ?2, ?3, ?4"
                 " WHERE (SELECT count(*) FROM team_coding WHERE round = ?1) < 2"
                 " AND EXISTS(SELECT 1 FROM team_round WHERE id = ?1 AND closed = 0)"
                 " ON CONFLICT DO NOTHING",
                 "iiti", round, user, body, (int64_t)time_now()))
        return false;
    return sql_changes(s) == 1 || err_set(e, ERR_LIMIT, 0, "two people code it already");
}

bool team_coding_save(struct store *s, int64_t round, int64_t user, struct slice body, bool hand_in,
                      struct err *e)
{
    if (!sql_run(s, e,
                 "UPDATE team_coding SET body = ?, handed = ? WHERE round = ? AND user = ?"
                 " AND handed = 0",
                 "tiii", body, hand_in ? (int64_t)time_now() : 0, round, user))
        return false;
    return sql_changes(s) == 1 || err_set(e, ERR_USAGE, 0, "it is handed in already");
}

bool team_coding_took_part(struct store *s, struct slice record, int64_t user, bool *out,
                           struct err *e)
{
    sqlite3_stmt *st;
    if (!sql_query(s, &st, e,
                   "SELECT 1 FROM team_coding c JOIN team_round r ON r.id = c.round"
                   " WHERE r.record = ? AND c.user = ?",
                   "ti", record, user))
        return false;
    enum store_found found = sql_row(s, st, e);
    *out = found == STORE_FOUND;
    sqlite3_finalize(st);
    return found != STORE_ERROR;
}
