// SPDX-License-Identifier: Apache-2.0
// Reading a case row by row.
#include "case/case_read.h"

#include "case/case_digest.h"
#include "case/case_json.h"

struct slice case_column_text(sqlite3_stmt *st, int at)
{
    const uint8_t *text = sqlite3_column_text(st, at);
    return slice_of(text, text ? (size_t)sqlite3_column_bytes(st, at) : 0);
}

uint64_t case_column_u64(sqlite3_stmt *st, int at)
{
    int64_t n = sqlite3_column_int64(st, at);
    return n > 0 ? (uint64_t)n : 0;
}

uint32_t case_column_u32(sqlite3_stmt *st, int at)
{
    uint64_t n = case_column_u64(st, at);
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static sqlite3_stmt *prepare(struct case_file *c, const char *sql, struct err *e)
{
    sqlite3_stmt *st;
    if (sqlite3_prepare_v2(c->db, sql, -1, &st, NULL) == SQLITE_OK)
        return st;
    case_error(c, e, "cannot be read");
    return NULL;
}

// Calls row for each row until it returns false.
static bool each_row(struct case_file *c, sqlite3_stmt *st,
                     bool (*row)(void *state, sqlite3_stmt *st), void *state, struct err *e)
{
    if (!st)
        return false;
    int step;
    bool ok = true;
    while ((step = sqlite3_step(st)) == SQLITE_ROW)
        if (!row(state, st))
            break;
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        ok = case_error(c, e, "cannot be read");
    sqlite3_finalize(st);
    return ok;
}

struct slice case_get(struct case_file *c, const char *name, struct arena *a)
{
    struct slice value = {0};
    struct err ignored;
    sqlite3_stmt *st = prepare(c, "SELECT value FROM setting WHERE name = ?", &ignored);
    if (!st)
        return value;
    case_bind_text(st, 1, slice_from_str(name));
    if (sqlite3_step(st) == SQLITE_ROW)
        value = arena_copy(a, case_column_text(st, 0));
    sqlite3_finalize(st);
    return value;
}

struct evidence_visitor {
    bool (*visit)(void *user, const struct case_evidence *row);
    void *user;
};

// Of our own small letters; -1: none.
static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(struct slice hex, struct sha256_digest *out)
{
    if (hex.len != 2 * sizeof out->bytes)
        return false;
    for (size_t i = 0; i < sizeof out->bytes; i++) {
        int high = hex_digit(hex.at[2 * i]), low = hex_digit(hex.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool evidence_row(void *user, sqlite3_stmt *st)
{
    struct evidence_visitor *v = user;
    struct case_evidence row = {
        .id = sqlite3_column_int64(st, 0),
        .path = case_column_text(st, 1),
        .kind = case_column_text(st, 2),
        .size = case_column_u64(st, 3),
        .modified = case_column_u64(st, 5),
        .events = case_column_u64(st, 6),
        .damaged = case_column_u64(st, 7),
        .state = evidence_state_parse(case_column_text(st, 8)),
        .reason = case_column_text(st, 9),
        .duplicate_of = sqlite3_column_int64(st, 10),
    };
    row.has_hash = read_hex(case_column_text(st, 4), &row.sha256);
    return v->visit(v->user, &row);
}

bool case_each_evidence(struct case_file *c,
                        bool (*visit)(void *user, const struct case_evidence *row), void *user,
                        struct err *e)
{
    struct evidence_visitor v = {visit, user};
    return case_rows_flush(c, e) &&
           each_row(c,
                    prepare(c,
                            "SELECT id, path, kind, size, sha256, modified, events, damaged, "
                            "state, reason, duplicate_of "
                            "FROM evidence ORDER BY id",
                            e),
                    evidence_row, &v, e);
}

struct log_visitor {
    bool (*visit)(void *user, const struct case_log *log);
    void *user;
};

static bool log_row(void *user, sqlite3_stmt *st)
{
    struct log_visitor *v = user;
    struct case_log log = {
        .evidence = sqlite3_column_int64(st, 0),
        .host = case_column_text(st, 1),
        .channel = case_column_text(st, 2),
        .events = case_column_u64(st, 3),
        .first = case_column_u64(st, 4),
        .last = case_column_u64(st, 5),
        .first_record = case_column_u64(st, 6),
        .last_record = case_column_u64(st, 7),
    };
    return v->visit(v->user, &log);
}

bool case_each_log(struct case_file *c, bool (*visit)(void *user, const struct case_log *log),
                   void *user, struct err *e)
{
    struct log_visitor v = {visit, user};
    return case_rows_flush(c, e) &&
           each_row(c,
                    prepare(c,
                            "SELECT l.evidence, h.name, ch.name, l.events, l.first, l.last, "
                            "l.first_record, l.last_record "
                            "FROM log AS l LEFT JOIN host AS h ON h.id = l.host LEFT JOIN channel "
                            "AS ch ON ch.id = l.channel",
                            e),
                    log_row, &v, e);
}

struct damage_visitor {
    bool (*visit)(void *user, const struct case_damage *d);
    void *user;
};

static bool damage_row(void *user, sqlite3_stmt *st)
{
    struct damage_visitor *v = user;
    struct case_damage d = {sqlite3_column_int64(st, 0), case_column_u64(st, 1),
                            case_column_text(st, 2)};
    return v->visit(v->user, &d);
}

bool case_each_damage(struct case_file *c, bool (*visit)(void *user, const struct case_damage *d),
                      void *user, struct err *e)
{
    struct damage_visitor v = {visit, user};
    return each_row(
        c, prepare(c, "SELECT evidence, \"offset\", message FROM damage ORDER BY evidence, id", e),
        damage_row, &v, e);
}

struct refusal_visitor {
    bool (*visit)(void *user, const struct case_refusal *r);
    void *user;
};

static bool refusal_row(void *user, sqlite3_stmt *st)
{
    struct refusal_visitor *v = user;
    struct case_refusal r = {case_column_text(st, 0), case_column_text(st, 2),
                             case_column_u32(st, 1)};
    return v->visit(v->user, &r);
}

bool case_each_refusal(struct case_file *c, bool (*visit)(void *user, const struct case_refusal *r),
                       void *user, struct err *e)
{
    struct refusal_visitor v = {visit, user};
    return each_row(c,
                    prepare(c, "SELECT file, line, reason FROM refusal ORDER BY file, line, id", e),
                    refusal_row, &v, e);
}

bool case_get_consent(struct case_file *c, struct case_consent *consent, struct arena *a,
                      struct err *e)
{
    sqlite3_stmt *st = prepare(c,
                               "SELECT person, scope, until, contact, recorded_by, withdrawal, "
                               "source FROM consent WHERE id = 1",
                               e);
    if (!st)
        return false;
    *consent = (struct case_consent){0};
    if (sqlite3_step(st) == SQLITE_ROW) {
        struct slice *texts[] = {&consent->person,  &consent->scope,       &consent->until,
                                 &consent->contact, &consent->recorded_by, &consent->withdrawal,
                                 &consent->source};
        for (int i = 0; i < 7; i++)
            *texts[i] = arena_copy(a, case_column_text(st, i));
        consent->given = true;
    }
    sqlite3_finalize(st);
    return true;
}

struct match_state {
    bool (*visit)(void *user, const struct case_match *m);
    void *user;
    struct arena memory;
};

static bool match_row(void *user, sqlite3_stmt *st)
{
    struct match_state *s = user;
    arena_reset(&s->memory);
    struct case_match m = {sqlite3_column_int64(st, 0), case_column_u32(st, 1),
                           case_column_u64(st, 2), NULL, 0};
    const struct finding_field *as_json;
    m.field_count = case_json_read_fields(case_column_text(st, 3), &s->memory, &m.fields, &as_json);
    return s->visit(s->user, &m);
}

bool case_each_match(struct case_file *c, bool (*visit)(void *user, const struct case_match *m),
                     void *user, struct err *e)
{
    struct match_state s = {.visit = visit, .user = user};
    arena_init(&s.memory, 0);
    bool ok =
        case_rows_flush(c, e) &&
        each_row(c, prepare(c, "SELECT event, rule, time, fields FROM match ORDER BY time, id", e),
                 match_row, &s, e);
    arena_free(&s.memory);
    return ok;
}

static uint64_t sum_of(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static bool state_row(void *user, sqlite3_stmt *st)
{
    struct case_summary *s = user;
    s->evidence_by_state[evidence_state_parse(case_column_text(st, 0))]++;
    s->events = sum_of(s->events, case_column_u64(st, 1));
    s->damaged = sum_of(s->damaged, case_column_u64(st, 2));
    return true;
}

static bool reach_row(void *user, sqlite3_stmt *st)
{
    struct case_summary *s = user;
    s->first_event = case_column_u64(st, 0);
    s->last_event = case_column_u64(st, 1);
    return true;
}

static bool summarise(struct case_file *c, const struct case_digest *d, struct case_summary *s,
                      struct err *e)
{
    s->first_finding = d->first;
    s->last_finding = d->last;
    for (size_t i = 0; i < d->rule_count; i++)
        if (d->rules[i].found && d->rules[i].level_known)
            s->findings_by_level[d->rules[i].level] += d->rules[i].found->count;
    return each_row(c, prepare(c, "SELECT state, events, damaged FROM evidence", e), state_row, s,
                    e) &&
           each_row(c, prepare(c, "SELECT min(first), max(last) FROM log", e), reach_row, s, e);
}

bool case_summarise(struct case_file *c, struct case_summary *out, struct err *e)
{
    if (!case_digest(c, e))
        return false;
    struct case_digest *d = c->digest;
    if (!d->summarised) {
        d->summary = (struct case_summary){0};
        d->summarised = summarise(c, d, &d->summary, e);
    }
    if (d->summarised)
        *out = d->summary;
    return d->summarised;
}
