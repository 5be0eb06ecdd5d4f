// SPDX-License-Identifier: Apache-2.0
#include "observatory/store/team_merge.h"

#include "observatory/store/team_sql.h"

bool merge_proposal_add(struct store *s, const struct merge_proposal *p, struct err *e)
{
    bool ordered = slice_compare(p->a, p->b) <= 0;
    if (slice_equal(p->a, p->b))
        return err_set(e, ERR_USAGE, 0, "a record is not its own duplicate");
    return sql_run(s, e,
                   "INSERT INTO team_merge(a, b, score, reasons, made) VALUES(?, ?, ?, ?, ?)"
                   " ON CONFLICT(a, b) DO UPDATE SET score = excluded.score,"
                   " reasons = excluded.reasons WHERE state = 0",
                   "ttfti", ordered ? p->a : p->b, ordered ? p->b : p->a, p->score, p->reasons,
                   (int64_t)time_now());
}

#define MERGE_COLUMNS                                                                              \
    "SELECT id, a, b, score, reasons, state, made, decided, decided_by, reason FROM team_merge "

static void read_proposal(sqlite3_stmt *st, struct arena *a, struct merge_proposal *out)
{
    *out = (struct merge_proposal){
        .id = sql_int(st, 0),
        .a = sql_text(st, 1, a),
        .b = sql_text(st, 2, a),
        .score = sqlite3_column_double(st, 3),
        .reasons = sql_text(st, 4, a),
        .state = (enum merge_state)sql_int(st, 5),
        .made = sql_time(st, 6),
        .decided = sql_time(st, 7),
        .decided_by = sql_text(st, 8, a),
        .reason = sql_text(st, 9, a),
    };
}

enum store_found merge_proposal_get(struct store *s, int64_t id, struct arena *a,
                                    struct merge_proposal *out, struct err *e)
{
    sqlite3_stmt *st;
    if (!sql_query(s, &st, e, MERGE_COLUMNS "WHERE id = ?", "i", id))
        return STORE_ERROR;
    enum store_found found = sql_row(s, st, e);
    if (found == STORE_FOUND)
        read_proposal(st, a, out);
    sqlite3_finalize(st);
    return found;
}

static bool count_proposals(struct store *s, enum merge_state state, struct slice record,
                            uint64_t *total, struct err *e)
{
    sqlite3_stmt *st;
    if (!sql_query(s, &st, e,
                   "SELECT count(*) FROM team_merge WHERE state = ?1 AND (?2 = '' OR a = ?2 OR"
                   " b = ?2)",
                   "it", (int64_t)state, record))
        return false;
    bool done = sql_row(s, st, e) == STORE_FOUND;
    *total = (uint64_t)sql_int(st, 0);
    sqlite3_finalize(st);
    return done;
}

bool merge_proposal_list(struct store *s, enum merge_state state, struct slice record,
                         size_t offset, size_t limit, struct arena *a, struct merge_proposal **out,
                         size_t *count, uint64_t *total, struct err *e)
{
    sqlite3_stmt *st;
    enum store_found found;
    *out = ARENA_ARRAY(a, struct merge_proposal, limit);
    *count = 0;
    if (!count_proposals(s, state, record, total, e) ||
        !sql_query(s, &st, e,
                   MERGE_COLUMNS "WHERE state = ?1 AND (?2 = '' OR a = ?2 OR b = ?2)"
                                 " ORDER BY score DESC, id LIMIT ?3 OFFSET ?4",
                   "itii", (int64_t)state, record, (int64_t)limit, (int64_t)offset))
        return false;
    while ((found = sql_row(s, st, e)) == STORE_FOUND && *count < limit)
        read_proposal(st, a, &(*out)[(*count)++]);
    sqlite3_finalize(st);
    return found != STORE_ERROR;
}

bool merge_proposal_decide(struct store *s, int64_t id, enum merge_state state, struct slice by,
                           struct slice reason, struct err *e)
{
    if (!sql_run(s, e,
                 "UPDATE team_merge SET state = ?, decided = ?, decided_by = ?, reason = ? WHERE"
                 " id = ? AND state = 0",
                 "iitti", (int64_t)state, (int64_t)time_now(), by, reason, id))
        return false;
    return sql_changes(s) == 1 || err_set(e, ERR_USAGE, 0, "it is decided already");
}
