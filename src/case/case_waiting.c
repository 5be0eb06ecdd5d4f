// SPDX-License-Identifier: Apache-2.0
// Virtual tables that are nothing but the rows that wait: what is not given of a row is NULL.
#include "case/case_waiting.h"

static const struct {
    const char *name, *columns; // in the order of the table that they go to
    enum statement statement;
} waiting_tables[WAITING_COUNT] = {
    {"waiting_event",
     "CREATE TABLE x (id, evidence, \"offset\", size, record, recovered, time, event_id, channel, "
     "provider, host, account)",
     ST_EVENTS},
    {"waiting_event_text", "CREATE TABLE x (event, json)", ST_EVENT_TEXTS},
    {"waiting_finding", "CREATE TABLE x (id, rule, event, time, fields)", ST_FINDINGS},
    {"waiting_match", "CREATE TABLE x (id, event, rule, time, fields)", ST_MATCHES},
    {"waiting_log",
     "CREATE TABLE x (id, evidence, host, channel, events, first, last, first_record, last_record)",
     ST_LOGS},
    {"waiting_evidence",
     "CREATE TABLE x (id, path, kind, size, sha256, modified, events, damaged, state, reason, "
     "duplicate_of)",
     ST_EVIDENCE},
};

struct waiting_table {
    sqlite3_vtab base;
    const struct case_rows *rows;
    enum waiting which;
};

struct waiting_cursor {
    sqlite3_vtab_cursor base;
    size_t at, count;
};

static int waiting_connect(sqlite3 *db, void *user, int argc, const char *const *argv,
                           sqlite3_vtab **out, char **error)
{
    (void)argc, (void)error;
    struct waiting_table *t = mem_alloc_zero(1, sizeof *t);
    t->rows = user;
    while (strcmp(waiting_tables[t->which].name, argv[0]) != 0) // the module's name
        t->which++;
    *out = &t->base;
    return sqlite3_declare_vtab(db, waiting_tables[t->which].columns);
}

static int waiting_disconnect(sqlite3_vtab *t)
{
    free(t);
    return SQLITE_OK;
}

static int waiting_plan(sqlite3_vtab *t, sqlite3_index_info *info)
{
    (void)t, (void)info; // there is one way: all rows, in their order
    return SQLITE_OK;
}

static int waiting_open(sqlite3_vtab *t, sqlite3_vtab_cursor **out)
{
    (void)t;
    struct waiting_cursor *cursor = mem_alloc_zero(1, sizeof *cursor);
    *out = &cursor->base;
    return SQLITE_OK;
}

static int waiting_close(sqlite3_vtab_cursor *cursor)
{
    free(cursor);
    return SQLITE_OK;
}

size_t case_waiting_count(const struct case_rows *rows, enum waiting which)
{
    switch (which) {
    case WAITING_EVENTS:
    case WAITING_TEXTS:
        return rows->events.count;
    case WAITING_FINDINGS:
        return rows->findings.count;
    case WAITING_MATCHES:
        return rows->matches.count;
    case WAITING_LOGS:
        return rows->logs.count;
    case WAITING_EVIDENCE:
    case WAITING_COUNT:
        break;
    }
    return rows->evidence.count;
}

static int waiting_begin(sqlite3_vtab_cursor *base, int plan, const char *name, int argc,
                         sqlite3_value **argv)
{
    (void)plan, (void)name, (void)argc, (void)argv;
    struct waiting_cursor *cursor = (struct waiting_cursor *)base;
    const struct waiting_table *t = (const struct waiting_table *)base->pVtab;
    cursor->at = 0;
    cursor->count = case_waiting_count(t->rows, t->which);
    return SQLITE_OK;
}

static int waiting_next(sqlite3_vtab_cursor *base)
{
    ((struct waiting_cursor *)base)->at++;
    return SQLITE_OK;
}

static int waiting_end(sqlite3_vtab_cursor *base)
{
    const struct waiting_cursor *cursor = (const struct waiting_cursor *)base;
    return cursor->at == cursor->count;
}

static int waiting_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)((const struct waiting_cursor *)base)->at;
    return SQLITE_OK;
}

static void give_text(sqlite3_context *to, const struct case_rows *rows, struct text_at text)
{
    struct slice s = case_waiting_text(rows, text);
    // An empty text has no memory, which would be NULL.
    sqlite3_result_text64(to, s.len ? (const char *)s.at : "", s.len, SQLITE_STATIC, SQLITE_UTF8);
}

static void give_u64(sqlite3_context *to, uint64_t n)
{
    sqlite3_result_int64(to, (int64_t)case_as_stored(n));
}

static void give_event(sqlite3_context *to, const struct event_row *row, int column)
{
    const int64_t ids[] = {row->id, row->evidence};
    if (column < 2)
        sqlite3_result_int64(to, ids[column]);
    else if (column == 2)
        give_u64(to, row->offset);
    else if (column == 3)
        sqlite3_result_int64(to, row->size);
    else if (column == 4 && row->has_record)
        give_u64(to, row->record);
    else if (column == 5)
        sqlite3_result_int(to, row->recovered);
    else if (column == 6 && row->time)
        give_u64(to, row->time);
    else if (column == 7)
        sqlite3_result_int64(to, row->event_id);
    else if (column >= 8 && row->names[column - 8])
        sqlite3_result_int64(to, row->names[column - 8]);
}

static void give_hit(sqlite3_context *to, const struct case_rows *rows, const struct hit_row *row,
                     int column, int event_column)
{
    if (column == event_column)
        sqlite3_result_int64(to, row->event);
    else if (column == 1 || column == 2)
        sqlite3_result_int64(to, row->rule);
    else if (column == 3 && row->time)
        give_u64(to, row->time);
    else if (column == 4)
        give_text(to, rows, row->fields);
}

static void give_log(sqlite3_context *to, const struct log_row *row, int column)
{
    const int64_t ids[] = {0, row->evidence, row->host, row->channel};
    const uint64_t numbers[] = {[4] = row->events, [7] = row->first_record, [8] = row->last_record};
    if (column < 4 && ids[column])
        sqlite3_result_int64(to, ids[column]);
    else if (column == 5 && row->first)
        give_u64(to, row->first);
    else if (column == 6 && row->last)
        give_u64(to, row->last);
    else if (column == 4 || column > 6)
        give_u64(to, numbers[column]);
}

static void give_evidence(sqlite3_context *to, const struct case_rows *rows,
                          const struct evidence_row *row, int column)
{
    const struct text_at texts[] = {
        [1] = row->path, [2] = row->kind, [4] = row->sha256, [9] = row->reason};
    const uint64_t numbers[] = {[3] = row->size, [6] = row->events, [7] = row->damaged};
    if (column == 0)
        sqlite3_result_int64(to, row->id);
    else if (column == 3 || column == 6 || column == 7)
        give_u64(to, numbers[column]);
    else if (column == 5 && row->modified)
        give_u64(to, row->modified);
    else if (column == 8)
        sqlite3_result_text(to, evidence_state_name(row->state), -1, SQLITE_STATIC);
    else if (column == 10 && row->duplicate_of)
        sqlite3_result_int64(to, row->duplicate_of);
    else if (column == 1 || column == 2 || column == 9 || (column == 4 && row->sha256.len))
        give_text(to, rows, texts[column]);
}

static int waiting_column(sqlite3_vtab_cursor *base, sqlite3_context *to, int column)
{
    const struct waiting_table *t = (const struct waiting_table *)base->pVtab;
    size_t at = ((const struct waiting_cursor *)base)->at;
    switch (t->which) {
    case WAITING_EVENTS:
        give_event(to, &t->rows->events.items[at], column);
        break;
    case WAITING_TEXTS:
        if (column == 0)
            sqlite3_result_int64(to, t->rows->events.items[at].id);
        else
            give_text(to, t->rows, t->rows->events.items[at].json);
        break;
    case WAITING_FINDINGS:
        give_hit(to, t->rows, &t->rows->findings.items[at], column, 2);
        break;
    case WAITING_LOGS:
        give_log(to, &t->rows->logs.items[at], column);
        break;
    case WAITING_EVIDENCE:
        give_evidence(to, t->rows, &t->rows->evidence.items[at], column);
        break;
    case WAITING_MATCHES:
    case WAITING_COUNT:
        give_hit(to, t->rows, &t->rows->matches.items[at], column, 1);
        break;
    }
    return SQLITE_OK;
}

// Without xCreate: the tables are there by their modules' names, and in no schema.
static const sqlite3_module waiting_module = {
    .xConnect = waiting_connect,
    .xBestIndex = waiting_plan,
    .xDisconnect = waiting_disconnect,
    .xOpen = waiting_open,
    .xClose = waiting_close,
    .xFilter = waiting_begin,
    .xNext = waiting_next,
    .xEof = waiting_end,
    .xColumn = waiting_column,
    .xRowid = waiting_rowid,
};

enum statement case_waiting_statement(enum waiting which)
{
    return waiting_tables[which].statement;
}

bool case_waiting_create(struct case_file *c, struct case_rows *rows, struct err *e)
{
    for (int i = 0; i < WAITING_COUNT; i++)
        if (sqlite3_create_module(c->db, waiting_tables[i].name, &waiting_module, rows) !=
            SQLITE_OK)
            return case_error(c, e, "cannot be used");
    return true;
}
