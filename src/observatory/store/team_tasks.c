// SPDX-License-Identifier: Apache-2.0
#include "observatory/store/team_tasks.h"

#include "observatory/store/team_sql.h"

#define TASK_COLUMNS                                                                               \
    "SELECT t.id, t.kind, t.record, t.title, t.body, t.contact, t.made, t.made_by,"                \
    " coalesce(m.name, ''), t.assigned, coalesce(p.name, ''), t.due, t.done,"                      \
    " coalesce(d.name, ''), t.outcome FROM team_task t LEFT JOIN team_user m ON m.id = t.made_by"  \
    " LEFT JOIN team_user p ON p.id = t.assigned LEFT JOIN team_user d ON d.id = t.done_by "

static void read_task(sqlite3_stmt *st, struct arena *a, struct team_task *out)
{
    *out = (struct team_task){
        .id = sql_int(st, 0),
        .kind = sql_text(st, 1, a),
        .record = sql_text(st, 2, a),
        .title = sql_text(st, 3, a),
        .body = sql_text(st, 4, a),
        .contact = sql_text(st, 5, a),
        .made = sql_time(st, 6),
        .made_by = sql_int(st, 7),
        .made_name = sql_text(st, 8, a),
        .assigned = sql_int(st, 9),
        .assigned_name = sql_text(st, 10, a),
        .due = sql_text(st, 11, a),
        .done = sql_time(st, 12),
        .done_name = sql_text(st, 13, a),
        .outcome = sql_text(st, 14, a),
    };
}

bool team_task_add(struct store *s, const struct team_task *n, int64_t *id, struct err *e)
{
    if (!sql_run(s, e,
                 "INSERT INTO team_task(kind, record, title, body, contact, made, made_by,"
                 " assigned, due) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                 "tttttiiit", n->kind, n->record, n->title, n->body, n->contact,
                 (int64_t)(n->made ? n->made : time_now()), n->made_by, n->assigned, n->due))
        return false;
    *id = sql_last_id(s);
    return true;
}

enum store_found team_task_get(struct store *s, int64_t id, struct arena *a, struct team_task *out,
                               struct err *e)
{
    sqlite3_stmt *st;
    if (!sql_query(s, &st, e, TASK_COLUMNS "WHERE t.id = ?", "i", id))
        return STORE_ERROR;
    enum store_found found = sql_row(s, st, e);
    if (found == STORE_FOUND)
        read_task(st, a, out);
    sqlite3_finalize(st);
    return found;
}

bool team_task_list(struct store *s, const struct team_task_query *q, struct arena *a,
                    struct team_task **out, size_t *count, struct err *e)
{
    sqlite3_stmt *st;
    enum store_found found;
    size_t limit = q->limit ? q->limit : 50;
    *out = ARENA_ARRAY(a, struct team_task, limit);
    *count = 0;
    if (!sql_query(s, &st, e,
                   TASK_COLUMNS "WHERE (t.done > 0) = ?1 AND (?2 = 0 OR t.assigned = ?2)"
                                " AND (?3 = '' OR t.kind = ?3) AND (?4 = '' OR t.record = ?4)"
                                " ORDER BY t.done DESC, t.due = '', t.due, t.id LIMIT ?5 OFFSET ?6",
                   "iittii", (int64_t)q->done, q->assigned, q->kind, q->record, (int64_t)limit,
                   (int64_t)q->offset))
        return false;
    while ((found = sql_row(s, st, e)) == STORE_FOUND && *count < limit)
        read_task(st, a, &(*out)[(*count)++]);
    sqlite3_finalize(st);
    return found != STORE_ERROR;
}

bool team_task_open_requests(struct store *s, uint64_t *out, struct err *e)
{
    sqlite3_stmt *st;
    if (!sql_query(s, &st, e, "SELECT count(*) FROM team_task WHERE done = 0 AND made_by = 0", ""))
        return false;
    bool done = sql_row(s, st, e) == STORE_FOUND;
    *out = (uint64_t)sql_int(st, 0);
    sqlite3_finalize(st);
    return done;
}

bool team_task_assign(struct store *s, int64_t id, int64_t user, struct slice due, struct err *e)
{
    return sql_run(s, e, "UPDATE team_task SET assigned = ?, due = ? WHERE id = ?", "iti", user,
                   due, id);
}

bool team_task_finish(struct store *s, int64_t id, int64_t user, struct slice outcome,
                      struct err *e)
{
    return sql_run(s, e, "UPDATE team_task SET done = ?, done_by = ?, outcome = ? WHERE id = ?",
                   "iiti", user ? (int64_t)time_now() : 0, user, outcome, id);
}

bool team_comment_add(struct store *s, int64_t task, int64_t user, struct slice text, struct err *e)
{
    return sql_run(s, e, "INSERT INTO team_comment(task, user, at, text) VALUES(?, ?, ?, ?)",
                   "iiit", task, user, (int64_t)time_now(), text);
}

bool team_comment_list(struct store *s, int64_t task, struct arena *a, struct team_comment **out,
                       size_t *count, struct err *e)
{
    enum { MOST = 500 };
    sqlite3_stmt *st;
    enum store_found found;
    *out = ARENA_ARRAY(a, struct team_comment, MOST);
    *count = 0;
    if (!sql_query(s, &st, e,
                   "SELECT coalesce(u.name, ''), c.at, c.text FROM team_comment c LEFT JOIN"
                   " team_user u ON u.id = c.user WHERE task = ? ORDER BY c.id LIMIT ?",
                   "ii", task, (int64_t)MOST))
        return false;
    while ((found = sql_row(s, st, e)) == STORE_FOUND)
        (*out)[(*count)++] = (struct team_comment){
            .name = sql_text(st, 0, a), .at = sql_time(st, 1), .text = sql_text(st, 2, a)};
    sqlite3_finalize(st);
    return found == STORE_NONE;
}

bool team_search_add(struct store *s, const struct team_search *n, struct err *e)
{
    if (!sql_run(s, e,
                 "INSERT INTO team_search(user, name, query, seen, count) SELECT ?1, ?2, ?3, ?4, ?5"
                 " WHERE (SELECT count(*) FROM team_search WHERE user = ?1) < ?6",
                 "ittiii", n->user, n->name, n->query, (int64_t)time_now(), (int64_t)n->count,
                 (int64_t)TEAM_SEARCH_MAX))
        return false;
    return sql_changes(s) == 1 || err_set(e, ERR_LIMIT, 0, "too many saved searches");
}

bool team_search_list(struct store *s, int64_t user, struct arena *a, struct team_search **out,
                      size_t *count, struct err *e)
{
    sqlite3_stmt *st;
    enum store_found found;
    *out = ARENA_ARRAY(a, struct team_search, TEAM_SEARCH_MAX);
    *count = 0;
    if (!sql_query(s, &st, e,
                   "SELECT id, name, query, seen, count FROM team_search WHERE user = ?"
                   " ORDER BY name LIMIT ?",
                   "ii", user, (int64_t)TEAM_SEARCH_MAX))
        return false;
    while ((found = sql_row(s, st, e)) == STORE_FOUND)
        (*out)[(*count)++] = (struct team_search){.id = sql_int(st, 0),
                                                  .user = user,
                                                  .name = sql_text(st, 1, a),
                                                  .query = sql_text(st, 2, a),
                                                  .seen = sql_time(st, 3),
                                                  .count = (uint64_t)sql_int(st, 4)};
    sqlite3_finalize(st);
    return found == STORE_NONE;
}

bool team_search_seen(struct store *s, int64_t id, int64_t user, uint64_t count, struct err *e)
{
    return sql_run(s, e, "UPDATE team_search SET seen = ?, count = ? WHERE id = ? AND user = ?",
                   "iiii", (int64_t)time_now(), (int64_t)count, id, user);
}

bool team_search_remove(struct store *s, int64_t id, int64_t user, struct err *e)
{
    return sql_run(s, e, "DELETE FROM team_search WHERE id = ? AND user = ?", "ii", id, user);
}

bool team_consent_add(struct store *s, const struct team_consent *n, struct err *e)
{
    return sql_run(s, e,
                   "INSERT INTO team_consent(record, incident, who, day, how, recorded,"
                   " recorded_by) VALUES(?, ?, ?, ?, ?, ?, ?)",
                   "tttttit", n->record, n->incident, n->who, n->day, n->how, (int64_t)time_now(),
                   n->recorded_by);
}

bool team_consent_list(struct store *s, struct slice record, struct arena *a,
                       struct team_consent **out, size_t *count, struct err *e)
{
    enum { MOST = 50 };
    sqlite3_stmt *st;
    enum store_found found;
    *out = ARENA_ARRAY(a, struct team_consent, MOST);
    *count = 0;
    if (!sql_query(s, &st, e,
                   "SELECT id, incident, who, day, how, withdrawn, recorded, recorded_by FROM"
                   " team_consent WHERE record = ? ORDER BY id LIMIT ?",
                   "ti", record, (int64_t)MOST))
        return false;
    while ((found = sql_row(s, st, e)) == STORE_FOUND)
        (*out)[(*count)++] = (struct team_consent){.id = sql_int(st, 0),
                                                   .record = record,
                                                   .incident = sql_text(st, 1, a),
                                                   .who = sql_text(st, 2, a),
                                                   .day = sql_text(st, 3, a),
                                                   .how = sql_text(st, 4, a),
                                                   .withdrawn = sql_time(st, 5),
                                                   .recorded = sql_time(st, 6),
                                                   .recorded_by = sql_text(st, 7, a)};
    sqlite3_finalize(st);
    return found == STORE_NONE;
}

bool team_consent_withdraw(struct store *s, int64_t id, struct err *e)
{
    return sql_run(s, e, "UPDATE team_consent SET withdrawn = ? WHERE id = ? AND withdrawn = 0",
                   "ii", (int64_t)time_now(), id);
}
