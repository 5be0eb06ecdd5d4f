// SPDX-License-Identifier: Apache-2.0
#include "observatory/store/team_merge.h"

#include "observatory/store/team_sql.h"

// A line a reason: "began: 2022-10-05 | 2022-10-01".
static void write_reasons(const struct merge_proposal *p, bool ordered, struct buf *out)
{
    for (size_t i = 0; i < p->reason_count; i++) {
        const struct merge_reason *r = &p->reasons[i];
        bool both = slice_equal_str(r->what, "source") || slice_equal_str(r->what, "words");
        buf_printf(out, "%.*s: ", SLICE_FMT(r->what));
        buf_add(out, ordered || both ? r->a : r->b);
        if (!both) {
            buf_str(out, " | ");
            buf_add(out, ordered ? r->b : r->a);
        }
        buf_byte(out, '\n');
    }
}

static size_t find(struct slice in, const char *mark)
{
    const uint8_t *at = in.len ? memmem(in.at, in.len, mark, strlen(mark)) : NULL;
    return at ? (size_t)(at - in.at) : in.len;
}

static void read_reasons(struct slice lines, struct arena *a, struct merge_proposal *out)
{
    size_t count = 0;
    for (size_t i = 0; i < lines.len; i++)
        count += lines.at[i] == '\n';
    struct merge_reason *list = ARENA_ARRAY(a, struct merge_reason, count + 1);
    for (size_t i = 0; i < count; i++) {
        size_t end = find(lines, "\n");
        struct slice line = slice_sub(lines, 0, end);
        size_t colon = find(line, ": ");
        struct slice said = slice_sub(line, colon + 2, line.len);
        size_t bar = find(said, " | ");
        list[i] = (struct merge_reason){slice_sub(line, 0, colon), slice_sub(said, 0, bar),
                                        slice_sub(said, bar + 3, said.len)};
        lines = slice_sub(lines, end + 1, lines.len);
    }
    out->reasons = list;
    out->reason_count = count;
}

bool merge_proposal_add(struct store *s, const struct merge_proposal *p, struct err *e)
{
    bool ordered = slice_compare(p->a, p->b) <= 0;
    if (slice_equal(p->a, p->b))
        return err_set(e, ERR_USAGE, 0, "a record is not its own duplicate");
    struct buf reasons = {0};
    write_reasons(p, ordered, &reasons);
    bool ok = sql_run(s, e,
                      "INSERT INTO team_merge(a, b, score, reasons, made) VALUES(?, ?, ?, ?, ?)"
                      " ON CONFLICT(a, b) DO UPDATE SET score = excluded.score,"
                      " reasons = excluded.reasons WHERE state = 0",
                      "ttfti", ordered ? p->a : p->b, ordered ? p->b : p->a, p->score,
                      buf_slice(&reasons), (int64_t)time_now());
    buf_free(&reasons);
    return ok;
}

#define MERGE_COLUMNS                                                                              \
    "SELECT id, a, b, score, reasons, state, made, decided, decided_by, reason, reason_lang,"      \
    " reason_other FROM team_merge "

static void read_proposal(sqlite3_stmt *st, struct arena *a, struct merge_proposal *out)
{
    *out = (struct merge_proposal){
        .id = sql_int(st, 0),
        .a = sql_text(st, 1, a),
        .b = sql_text(st, 2, a),
        .score = sqlite3_column_double(st, 3),
        .state = (enum merge_state)sql_int(st, 5),
        .made = sql_time(st, 6),
        .decided = sql_time(st, 7),
        .decided_by = sql_text(st, 8, a),
        .reason = sql_text(st, 9, a),
        .reason_lang = sql_text(st, 10, a),
        .reason_other = sql_text(st, 11, a),
    };
    read_reasons(sql_text(st, 4, a), a, out);
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

bool merge_proposal_decide(struct store *s, const struct merge_proposal *p, struct err *e)
{
    if (!sql_run(s, e,
                 "UPDATE team_merge SET state = ?, decided = ?, decided_by = ?, reason = ?,"
                 " reason_lang = ?, reason_other = ? WHERE id = ? AND state = 0",
                 "iitttti", (int64_t)p->state, (int64_t)time_now(), p->decided_by, p->reason,
                 p->reason_lang, p->reason_other, p->id))
        return false;
    return sql_changes(s) == 1 || err_set(e, ERR_USAGE, 0, "it is decided already");
}
