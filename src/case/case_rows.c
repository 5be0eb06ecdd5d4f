// SPDX-License-Identifier: Apache-2.0
// Rows on their way into the case: events, findings and matches, and of the files themselves.
//
// There are many of them and each is small, so that most of what a row would cost is starting and
// ending a statement. They are gathered first, and one statement a table takes them all: it reads
// them from a virtual table, which is nothing but the rows that wait. What waits is bounded, and
// goes in before anything is asked of these tables and with every commit.
#include "case/case_digest.h"
#include "case/case_json.h"
#include "case/case_waiting.h"

enum {
    WAITING_BYTES = 256 << 10, // of texts; then the rows go in
    WAITING_ROWS = 4096,
    WAITING_FILES = 64, // one after the other is asked for a hash
};

static const int64_t MAX_EVENT_ID = INT64_MAX / 2; // never reached by counting

static const enum name_table event_names[] = {NAME_CHANNEL, NAME_PROVIDER, NAME_HOST, NAME_ACCOUNT};

static struct case_rows *rows_of(struct case_file *c, struct err *e)
{
    if (c->rows)
        return c->rows;
    c->rows = mem_alloc_zero(1, sizeof *c->rows);
    return case_waiting_create(c, c->rows, e) ? c->rows : NULL;
}

static void forget_waiting(struct case_rows *rows)
{
    buf_clear(&rows->texts);
    rows->events.count = rows->findings.count = rows->matches.count = 0;
    rows->logs.count = rows->evidence.count = 0;
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
    ARRAY_FREE(&rows->logs);
    ARRAY_FREE(&rows->evidence);
    free(rows);
}

bool case_rows_flush(struct case_file *c, struct err *e)
{
    struct case_rows *rows = c->rows;
    if (!rows)
        return true;
    for (enum waiting i = 0; i < WAITING_COUNT; i++) {
        if (!case_waiting_count(rows, i))
            continue;
        sqlite3_stmt *st =
            case_loose(c, e) ? case_statement(c, (int)case_waiting_statement(i), e) : NULL;
        if (!st || !case_run(c, st, e)) {
            // Rows of files that ended cannot be written: no part of a file is to stay.
            if (c->tx == TX_LOOSE)
                case_rollback(c);
            return false;
        }
    }
    forget_waiting(rows);
    return true;
}

static bool flush_when_full(struct case_file *c, struct err *e)
{
    const struct case_rows *rows = c->rows;
    bool full = rows->texts.len >= WAITING_BYTES || rows->events.count >= WAITING_ROWS ||
                rows->findings.count >= WAITING_ROWS || rows->matches.count >= WAITING_ROWS ||
                rows->logs.count >= WAITING_ROWS || rows->evidence.count >= WAITING_FILES;
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
        .record = ev->has_record ? case_as_stored(ev->record) : 0,
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
        .time = row->time ? case_as_stored(row->time) : UINT64_MAX,
        .evidence = ev->evidence,
        .offset = case_as_stored(ev->offset),
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

// One bit for each beginning that a hash can have. Who makes files whose hashes begin alike gains
// that SQLite is asked for each.
enum { HASH_BITS = 18 };

static uint32_t hash_bit(const struct sha256_digest *d)
{
    return le32(d->bytes) & ((1u << HASH_BITS) - 1);
}

void case_hashes_begin(struct case_file *c)
{
    c->hashes = mem_alloc_zero(1 << HASH_BITS >> 3, 1);
}

static void note_hash(struct case_file *c, const struct sha256_digest *d)
{
    uint32_t bit = hash_bit(d);
    if (c->hashes)
        c->hashes[bit / 8] |= (uint8_t)(1 << bit % 8);
}

bool case_hashes_may_have(const struct case_file *c, const struct sha256_digest *d)
{
    uint32_t bit = hash_bit(d);
    return !c->hashes || (c->hashes[bit / 8] >> bit % 8 & 1);
}

bool case_rows_add_log(struct case_file *c, const struct case_log *log, int64_t host,
                       int64_t channel, struct err *e)
{
    struct case_rows *rows = rows_of(c, e);
    if (!rows || !flush_when_full(c, e))
        return false;
    c->added = true;
    *ARRAY_ADD(&rows->logs) = (struct log_row){
        .evidence = log->evidence,
        .host = host,
        .channel = channel,
        .events = log->events,
        .first_record = log->first_record,
        .last_record = log->last_record,
        .first = log->first,
        .last = log->last,
    };
    return true;
}

bool case_rows_add_evidence(struct case_file *c, const struct case_evidence *row, struct err *e)
{
    char hex[65];
    struct case_rows *rows = rows_of(c, e);
    if (!rows || !flush_when_full(c, e))
        return false;
    sha256_hex(&row->sha256, hex);
    if (row->has_hash)
        note_hash(c, &row->sha256);
    *ARRAY_ADD(&rows->evidence) = (struct evidence_row){
        .id = c->open_evidence,
        .duplicate_of = row->duplicate_of,
        .path = add_text(rows, case_text_cut(row->path, CASE_MAX_TEXT)),
        .kind = add_text(rows, case_text_cut(row->kind, CASE_MAX_TEXT)),
        .sha256 = add_text(rows, slice_of(hex, row->has_hash ? 64 : 0)),
        .reason = add_text(rows, case_text_cut(row->reason, CASE_MAX_TEXT)),
        .size = row->size,
        .events = row->events,
        .damaged = row->damaged,
        .modified = row->modified,
        .state = row->state,
    };
    return true;
}

int64_t case_rows_evidence_with_hash(const struct case_file *c, struct slice hex)
{
    const struct case_rows *rows = c->rows;
    for (size_t i = 0; rows && i < rows->evidence.count; i++) {
        const struct evidence_row *row = &rows->evidence.items[i];
        if ((row->state == STATE_READ || row->state == STATE_PARTLY_READ) &&
            slice_equal(case_waiting_text(rows, row->sha256), hex))
            return row->id;
    }
    return 0;
}
