// SPDX-License-Identifier: Apache-2.0
// Events, findings and matches on their way into the case.
//
// There are many of them and each is small, so that most of what a row would cost is starting and
// ending a statement. They are gathered first, and one statement a table takes them all: it reads
// them from a virtual table, which is nothing but the rows that wait. What waits is bounded, and
// goes in before anything is asked of these tables and before a file of evidence ends.
#include "case/case_digest.h"
#include "case/case_json.h"

enum {
    WAITING_BYTES = 256 << 10, // of texts; then the rows go in
    WAITING_ROWS = 4096,
};

static const int64_t MAX_EVENT_ID = INT64_MAX / 2; // never reached by counting

// A text in `texts`, which moves while it grows.
struct text_at {
    size_t from, len;
};

struct event_row {
    int64_t id, evidence;
    uint64_t offset, record;
    vtime time;
    int64_t names[NAME_TABLE_COUNT]; // in the order of event_names; 0: none
    uint32_t size, event_id;
    bool has_record, recovered;
    struct text_at json;
};

// A finding or a match.
struct hit_row {
    int64_t event, rule;
    vtime time;
    struct text_at fields;
};

typedef ARRAY_OF(struct hit_row) hit_rows;

struct case_rows {
    struct buf texts;
    ARRAY_OF(struct event_row) events;
    hit_rows findings, matches;
    int64_t next_event;    // id; 0: not known
    struct event_row last; // event added; id 0: none in this file
};

static const enum name_table event_names[] = {NAME_CHANNEL, NAME_PROVIDER, NAME_HOST, NAME_ACCOUNT};

// --- The virtual tables

enum waiting { WAITING_EVENTS, WAITING_TEXTS, WAITING_FINDINGS, WAITING_MATCHES, WAITING_COUNT };

static const struct {
    const char *name, *columns; // in the order of the table that they go to
    int statement;
} waiting_tables[WAITING_COUNT] = {
    {"waiting_event",
     "CREATE TABLE x (id, evidence, \"offset\", size, record, recovered, time, event_id, channel, "
     "provider, host, account)",
     ST_EVENTS},
    {"waiting_event_text", "CREATE TABLE x (event, json)", ST_EVENT_TEXTS},
    {"waiting_finding", "CREATE TABLE x (id, rule, event, time, fields)", ST_FINDINGS},
    {"waiting_match", "CREATE TABLE x (id, event, rule, time, fields)", ST_MATCHES},
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

static size_t waiting_count(const struct case_rows *rows, enum waiting which)
{
    if (which == WAITING_FINDINGS)
        return rows->findings.count;
    return which == WAITING_MATCHES ? rows->matches.count : rows->events.count;
}

static int waiting_begin(sqlite3_vtab_cursor *base, int plan, const char *name, int argc,
                         sqlite3_value **argv)
{
    (void)plan, (void)name, (void)argc, (void)argv;
    struct waiting_cursor *cursor = (struct waiting_cursor *)base;
    const struct waiting_table *t = (const struct waiting_table *)base->pVtab;
    cursor->at = 0;
    cursor->count = waiting_count(t->rows, t->which);
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
    // Before the first byte came there is no memory, which would be NULL.
    const char *at = text.len ? (const char *)rows->texts.at + text.from : "";
    sqlite3_result_text64(to, at, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static uint64_t as_stored(uint64_t n)
{
    return n > INT64_MAX ? INT64_MAX : n;
}

static void give_u64(sqlite3_context *to, uint64_t n)
{
    sqlite3_result_int64(to, (int64_t)as_stored(n));
}

// What is not given is NULL.
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

// --- Rows in, rows out

static struct case_rows *rows_of(struct case_file *c, struct err *e)
{
    if (c->rows)
        return c->rows;
    c->rows = mem_alloc_zero(1, sizeof *c->rows);
    for (int i = 0; i < WAITING_COUNT; i++)
        if (sqlite3_create_module(c->db, waiting_tables[i].name, &waiting_module, c->rows) !=
            SQLITE_OK) {
            case_error(c, e, "cannot be used");
            return NULL;
        }
    return c->rows;
}

static void forget_waiting(struct case_rows *rows)
{
    buf_clear(&rows->texts);
    rows->events.count = rows->findings.count = rows->matches.count = 0;
}

void case_rows_forget(struct case_file *c)
{
    if (!c->rows)
        return;
    forget_waiting(c->rows);
    c->rows->next_event = c->rows->last.id = 0;
}

void case_rows_begin_file(struct case_file *c)
{
    if (c->rows)
        c->rows->last.id = 0;
    case_gathered_begin_file(c->gathered);
}

void case_rows_free(struct case_rows *rows)
{
    if (!rows)
        return;
    buf_free(&rows->texts);
    ARRAY_FREE(&rows->events);
    ARRAY_FREE(&rows->findings);
    ARRAY_FREE(&rows->matches);
    free(rows);
}

bool case_rows_flush(struct case_file *c, struct err *e)
{
    struct case_rows *rows = c->rows;
    if (!rows)
        return true;
    for (enum waiting i = 0; i < WAITING_COUNT; i++) {
        if (!waiting_count(rows, i))
            continue;
        sqlite3_stmt *st = case_statement(c, waiting_tables[i].statement, e);
        if (!st || !case_run(c, st, e))
            return false;
    }
    forget_waiting(rows);
    return true;
}

static bool flush_when_full(struct case_file *c, struct err *e)
{
    const struct case_rows *rows = c->rows;
    bool full = rows->texts.len >= WAITING_BYTES || rows->events.count >= WAITING_ROWS ||
                rows->findings.count >= WAITING_ROWS || rows->matches.count >= WAITING_ROWS;
    return !full || case_rows_flush(c, e);
}

static bool next_event_id(struct case_file *c, int64_t *id, struct err *e)
{
    if (!c->rows->next_event) {
        sqlite3_stmt *st = case_statement(c, ST_NEXT_EVENT, e);
        if (!st)
            return false;
        bool ok = sqlite3_step(st) == SQLITE_ROW || case_error(c, e, "cannot be read");
        int64_t next = sqlite3_column_int64(st, 0);
        sqlite3_reset(st);
        if (ok && (next < 1 || next > MAX_EVENT_ID))
            ok = err_set(e, ERR_FORMAT, 0, "the case file has been altered: the ids of its events");
        if (ok)
            c->rows->next_event = next;
        if (!ok)
            return false;
    }
    *id = c->rows->next_event;
    return true;
}

static bool find_names(struct case_file *c, const struct finding_event *ev, struct event_row *row,
                       struct err *e)
{
    const struct slice names[] = {[NAME_HOST] = ev->host,
                                  [NAME_CHANNEL] = ev->channel,
                                  [NAME_PROVIDER] = ev->provider,
                                  [NAME_ACCOUNT] = ev->account};
    for (int i = 0; i < NAME_TABLE_COUNT; i++) {
        struct slice name = names[event_names[i]];
        if (name.len && !case_name_id(c, event_names[i], name, &row->names[i], e))
            return false;
    }
    return true;
}

static struct text_at add_text(struct case_rows *rows, struct slice text)
{
    struct text_at at = {rows->texts.len, text.len};
    buf_add(&rows->texts, text);
    return at;
}

bool case_add_event(struct case_file *c, int64_t evidence, const struct finding_event *ev,
                    int64_t *event_id, struct err *e)
{
    struct case_rows *rows = rows_of(c, e);
    if (!rows)
        return false;
    if (rows->last.id && rows->last.offset == ev->offset &&
        rows->last.recovered == ev->recovered) { // an event is kept once
        *event_id = rows->last.id;
        return true;
    }
    struct event_row row = {
        .evidence = evidence,
        .offset = ev->offset,
        .record = ev->record,
        .time = ev->time,
        .size = ev->size,
        .event_id = ev->event_id,
        .has_record = ev->has_record,
        .recovered = ev->recovered,
    };
    if (!flush_when_full(c, e) || !next_event_id(c, &row.id, e) || !find_names(c, ev, &row, e))
        return false;
    c->added = true;
    row.json = add_text(rows, case_text_cut(ev->json, CASE_MAX_JSON));
    *ARRAY_ADD(&rows->events) = row;
    rows->next_event++;
    rows->last = row;
    *event_id = row.id;
    return true;
}

static bool event_time(struct case_file *c, int64_t event, vtime *out, struct err *e)
{
    if (c->rows && event == c->rows->last.id) {
        *out = c->rows->last.time;
        return true;
    }
    sqlite3_stmt *st = case_rows_flush(c, e) ? case_statement(c, ST_EVENT_TIME, e) : NULL;
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, event);
    bool ok = sqlite3_step(st) == SQLITE_ROW;
    if (ok)
        *out = case_column_u64(st, 0);
    else
        err_set(e, ERR_USAGE, 0, "the case file has no event %lld", (long long)event);
    sqlite3_reset(st);
    return ok;
}

static bool make_hit(struct case_file *c, int64_t event, uint32_t rule,
                     const struct finding_field *fields, size_t count, struct hit_row *out,
                     struct err *e)
{
    struct case_rows *rows = rows_of(c, e);
    *out = (struct hit_row){.event = event, .rule = rule};
    if (!rows || !event_time(c, event, &out->time, e) || !flush_when_full(c, e))
        return false;
    size_t from = rows->texts.len;
    case_json_fields(&rows->texts, fields, count);
    struct slice json = slice_sub(buf_slice(&rows->texts), from, rows->texts.len);
    rows->texts.len = from + case_text_cut(json, CASE_MAX_JSON).len;
    out->fields = (struct text_at){from, rows->texts.len - from};
    return true;
}

// As the digest would read it from the file.
static void gather(struct case_file *c, const struct hit_row *row)
{
    const struct case_rows *rows = c->rows;
    const struct event_row *ev = &rows->last;
    if (!ev->id || row->event != ev->id) {
        case_gathered_give_up(c);
        return;
    }
    struct finding_place place = {
        .event = ev->id,
        .record = ev->has_record ? as_stored(ev->record) : 0,
        .size = ev->size,
        .event_id = ev->event_id,
        .has_event = true,
        .has_record = ev->has_record,
        .recovered = ev->recovered,
        .fields = slice_of(rows->texts.at + row->fields.from, row->fields.len),
    };
    for (int i = 0; i < NAME_TABLE_COUNT; i++)
        place.names[event_names[i]] = ev->names[i];
    struct order_key key = {
        .time = row->time ? as_stored(row->time) : UINT64_MAX,
        .evidence = ev->evidence,
        .offset = as_stored(ev->offset),
        .rule = (uint32_t)row->rule,
    };
    case_gathered_add(c, &key, &place);
}

bool case_add_finding(struct case_file *c, int64_t event_id, const struct finding *f, struct err *e)
{
    struct hit_row row;
    case_digest_drop(c);
    if (!make_hit(c, event_id, f->rule, f->fields, f->field_count, &row, e))
        return false;
    c->added = true;
    *ARRAY_ADD(&c->rows->findings) = row;
    if (c->gathered)
        gather(c, &row);
    return true;
}

bool case_add_match(struct case_file *c, int64_t event_id, uint32_t rule,
                    const struct finding_field *fields, size_t field_count, struct err *e)
{
    struct hit_row row;
    if (!make_hit(c, event_id, rule, fields, field_count, &row, e))
        return false;
    c->added = true;
    *ARRAY_ADD(&c->rows->matches) = row;
    return true;
}
