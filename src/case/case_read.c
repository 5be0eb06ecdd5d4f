// SPDX-License-Identifier: Apache-2.0
// Reading a case row by row.
#include "case/case_read.h"

#include "case/case_internal.h"
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

static uint32_t column_u32(sqlite3_stmt *st, int at)
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

struct finding_state {
    case_visit_finding *visit;
    void *user;
    struct arena memory;
};

static const char finding_columns[] =
    "SELECT f.id, f.rule, f.time, f.fields, f.event, e.evidence, e.\"offset\", e.size, e.record, "
    "e.recovered, e.event_id, "
    "ch.name, p.name, h.name, a.name, ev.path, x.finding IS NOT NULL, x.last, x.events "
    "FROM finding AS f LEFT JOIN event AS e ON e.id = f.event LEFT JOIN evidence AS ev ON ev.id = "
    "e.evidence "
    "LEFT JOIN channel AS ch ON ch.id = e.channel LEFT JOIN provider AS p ON p.id = e.provider "
    "LEFT JOIN host AS h ON h.id = e.host LEFT JOIN account AS a ON a.id = e.account "
    "LEFT JOIN correlation AS x ON x.finding = f.id LEFT JOIN rule AS r ON r.key = f.rule ";

static const char finding_order[] =
    "ORDER BY f.time NULLS LAST, e.evidence, e.\"offset\", r.id, f.id";
static const char finding_backwards[] =
    "ORDER BY f.time DESC NULLS FIRST, e.evidence DESC, e.\"offset\" DESC, r.id DESC, f.id DESC";

static bool finding_row(void *user, sqlite3_stmt *st)
{
    struct finding_state *s = user;
    arena_reset(&s->memory);
    struct case_finding f = {
        .id = sqlite3_column_int64(st, 0),
        .rule = column_u32(st, 1),
        .time = case_column_u64(st, 2),
        .event = sqlite3_column_int64(st, 4),
        .has_event = sqlite3_column_type(st, 5) != SQLITE_NULL,
        .evidence = sqlite3_column_int64(st, 5),
        .offset = case_column_u64(st, 6),
        .size = column_u32(st, 7),
        .has_record = sqlite3_column_type(st, 8) != SQLITE_NULL,
        .record = case_column_u64(st, 8),
        .recovered = sqlite3_column_int(st, 9) != 0,
        .event_id = column_u32(st, 10),
        .channel = case_column_text(st, 11),
        .provider = case_column_text(st, 12),
        .host = case_column_text(st, 13),
        .account = case_column_text(st, 14),
        .file = case_column_text(st, 15),
        .is_correlation = sqlite3_column_int(st, 16) != 0,
        .last = case_column_u64(st, 17),
        .correlated = case_column_u64(st, 18),
    };
    f.field_count = case_json_read_fields(case_column_text(st, 3), &s->memory, &f.fields);
    return s->visit(s->user, &f);
}

static bool each_finding(struct case_file *c, sqlite3_stmt *st, case_visit_finding *visit,
                         void *user, struct err *e)
{
    struct finding_state s = {.visit = visit, .user = user};
    arena_init(&s.memory, 0);
    bool ok = each_row(c, st, finding_row, &s, e);
    arena_free(&s.memory);
    return ok;
}

bool case_each_finding(struct case_file *c, case_visit_finding *visit, void *user, struct err *e)
{
    char sql[1400];
    snprintf(sql, sizeof sql, "%s%s", finding_columns, finding_order);
    return each_finding(c, prepare(c, sql, e), visit, user, e);
}

bool case_each_finding_of(struct case_file *c, uint32_t rule, size_t most, bool backwards,
                          case_visit_finding *visit, void *user, struct err *e)
{
    char sql[1400];
    snprintf(sql, sizeof sql, "%sWHERE f.rule = ? %s LIMIT ?", finding_columns,
             backwards ? finding_backwards : finding_order);
    sqlite3_stmt *st = prepare(c, sql, e);
    if (st) {
        sqlite3_bind_int64(st, 1, rule);
        case_bind_u64(st, 2, most);
    }
    return each_finding(c, st, visit, user, e);
}

struct group_state {
    bool (*visit)(void *user, const struct case_group *g);
    void *user;
    struct arena memory;
};

static enum finding_kind kind_parse(struct slice name)
{
    for (int i = FINDING_SIGMA; i <= FINDING_TAMPER; i++)
        if (slice_equal_str(name, finding_kind_name((enum finding_kind)i)))
            return (enum finding_kind)i;
    return FINDING_SIGMA;
}

static bool group_row(void *user, sqlite3_stmt *st)
{
    struct group_state *s = user;
    arena_reset(&s->memory);
    struct case_group g = {
        .count = case_column_u64(st, 0),
        .first = case_column_u64(st, 1),
        .last = case_column_u64(st, 2),
        .undated = case_column_u64(st, 3),
        .rule = {.key = column_u32(st, 4),
                 .kind = kind_parse(case_column_text(st, 5)),
                 .id = case_column_text(st, 7),
                 .title = case_column_text(st, 8),
                 .description = case_column_text(st, 9),
                 .author = case_column_text(st, 10),
                 .file = case_column_text(st, 11),
                 .license = case_column_text(st, 12),
                 .meaning = case_column_text(st, 13),
                 .next = case_column_text(st, 14),
                 .bundled = sqlite3_column_int(st, 19) != 0},
    };
    if (!finding_level_parse(case_column_text(st, 6), &g.rule.level))
        g.rule.level = LEVEL_INFORMATIONAL;
    struct finding_rule *r = &g.rule;
    r->technique_count = case_json_read_list(case_column_text(st, 15), &s->memory, &r->techniques);
    r->tag_count = case_json_read_list(case_column_text(st, 16), &s->memory, &r->tags);
    r->reference_count = case_json_read_list(case_column_text(st, 17), &s->memory, &r->references);
    r->false_positive_count =
        case_json_read_list(case_column_text(st, 18), &s->memory, &r->false_positives);
    return s->visit(s->user, &g);
}

bool case_each_group(struct case_file *c, bool (*visit)(void *user, const struct case_group *g),
                     void *user, struct err *e)
{
    sqlite3_stmt *st =
        prepare(c,
                "SELECT g.n, g.first, g.last, g.undated, r.key, r.kind, r.level, r.id, r.title, "
                "r.description, r.author, r.file, "
                "r.license, r.meaning, r.next, r.techniques, r.tags, r.links, r.false_positives, "
                "r.bundled FROM "
                "(SELECT f.rule AS rule, count(*) AS n, min(f.time) AS first, "
                "max(coalesce((SELECT last FROM correlation WHERE finding = f.id), f.time)) AS "
                "last, count(*) - count(f.time) AS undated "
                "FROM finding AS f GROUP BY f.rule) AS g JOIN rule AS r ON r.key = g.rule "
                "ORDER BY CASE r.level WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' "
                "THEN 2 WHEN 'low' THEN 3 ELSE 4 END, "
                "g.first NULLS LAST, r.title, r.id, r.key",
                e);
    struct group_state s = {.visit = visit, .user = user};
    arena_init(&s.memory, 0);
    bool ok = each_row(c, st, group_row, &s, e);
    arena_free(&s.memory);
    return ok;
}

struct slice case_event_json(struct case_file *c, int64_t event, struct arena *a)
{
    struct slice json = {0};
    struct err ignored;
    sqlite3_stmt *st = prepare(c, "SELECT json FROM event_text WHERE event = ?", &ignored);
    if (!st)
        return json;
    sqlite3_bind_int64(st, 1, event);
    if (sqlite3_step(st) == SQLITE_ROW)
        json = arena_copy(a, case_column_text(st, 0));
    sqlite3_finalize(st);
    return json;
}

struct evidence_visitor {
    bool (*visit)(void *user, const struct case_evidence *row);
    void *user;
};

static bool read_hex(struct slice hex, struct sha256_digest *out)
{
    static const char digits[] = "0123456789abcdef";
    if (hex.len != 64)
        return false;
    for (size_t i = 0; i < 64; i++) {
        const char *d = hex.at[i] ? strchr(digits, hex.at[i]) : NULL;
        if (!d)
            return false;
        uint8_t *byte = &out->bytes[i / 2];
        *byte = (uint8_t)(*byte << 4 | (uint8_t)(d - digits));
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
    return each_row(c,
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
    return each_row(c,
                    prepare(c,
                            "SELECT l.evidence, h.name, ch.name, l.events, l.first, l.last, "
                            "l.first_record, l.last_record "
                            "FROM log AS l LEFT JOIN host AS h ON h.id = l.host LEFT JOIN channel "
                            "AS ch ON ch.id = l.channel "
                            "ORDER BY h.name, ch.name, l.first, l.id",
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
    struct case_refusal r = {case_column_text(st, 0), case_column_text(st, 2), column_u32(st, 1)};
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

struct day_visitor {
    bool (*visit)(void *user, uint64_t day, enum finding_level level, uint64_t count);
    void *user;
};

static bool day_row(void *user, sqlite3_stmt *st)
{
    struct day_visitor *v = user;
    enum finding_level level;
    if (!finding_level_parse(case_column_text(st, 1), &level))
        level = LEVEL_INFORMATIONAL;
    return v->visit(v->user, case_column_u64(st, 0), level, case_column_u64(st, 2));
}

bool case_each_day(struct case_file *c,
                   bool (*visit)(void *user, uint64_t day, enum finding_level level,
                                 uint64_t count),
                   void *user, struct err *e)
{
    struct day_visitor v = {visit, user};
    return each_row(
        c,
        prepare(c,
                "SELECT f.time / 864000000000 AS day, r.level, count(*) FROM finding AS f "
                "JOIN rule AS r ON r.key = f.rule WHERE f.time IS NOT NULL GROUP BY day, r.level "
                "ORDER BY day, r.level",
                e),
        day_row, &v, e);
}

struct name_visitor {
    bool (*visit)(void *user, struct slice name);
    void *user;
};

static bool name_row(void *user, sqlite3_stmt *st)
{
    struct name_visitor *v = user;
    return v->visit(v->user, case_column_text(st, 0));
}

bool case_each_name_of(struct case_file *c, uint32_t rule, enum case_name which, size_t most,
                       bool (*visit)(void *user, struct slice name), void *user, struct err *e)
{
    static const char *const sql[] = {
        "SELECT name FROM (SELECT DISTINCT e.host AS id FROM finding AS f JOIN event AS e ON e.id "
        "= f.event "
        "WHERE f.rule = ? AND e.host IS NOT NULL LIMIT ?) JOIN host USING (id) ORDER BY name",
        "SELECT name FROM (SELECT DISTINCT e.account AS id FROM finding AS f JOIN event AS e ON "
        "e.id = f.event "
        "WHERE f.rule = ? AND e.account IS NOT NULL LIMIT ?) JOIN account USING (id) ORDER BY name",
    };
    struct name_visitor v = {visit, user};
    sqlite3_stmt *st = prepare(c, sql[which], e);
    if (st) {
        sqlite3_bind_int64(st, 1, rule);
        sqlite3_bind_int64(st, 2, (int64_t)most);
    }
    return each_row(c, st, name_row, &v, e);
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
    struct case_match m = {sqlite3_column_int64(st, 0), column_u32(st, 1), case_column_u64(st, 2),
                           NULL, 0};
    m.field_count = case_json_read_fields(case_column_text(st, 3), &s->memory, &m.fields);
    return s->visit(s->user, &m);
}

bool case_each_match(struct case_file *c, bool (*visit)(void *user, const struct case_match *m),
                     void *user, struct err *e)
{
    struct match_state s = {.visit = visit, .user = user};
    arena_init(&s.memory, 0);
    bool ok =
        each_row(c, prepare(c, "SELECT event, rule, time, fields FROM match ORDER BY time, id", e),
                 match_row, &s, e);
    arena_free(&s.memory);
    return ok;
}

static bool count_row(void *user, sqlite3_stmt *st)
{
    struct case_summary *s = user;
    enum finding_level level;
    if (finding_level_parse(case_column_text(st, 0), &level))
        s->findings_by_level[level] += case_column_u64(st, 1);
    return true;
}

static bool state_row(void *user, sqlite3_stmt *st)
{
    struct case_summary *s = user;
    s->evidence_by_state[evidence_state_parse(case_column_text(st, 0))] += case_column_u64(st, 1);
    s->events += case_column_u64(st, 2);
    s->damaged += case_column_u64(st, 3);
    return true;
}

static bool reach_row(void *user, sqlite3_stmt *st)
{
    struct case_summary *s = user;
    s->first_finding = case_column_u64(st, 0);
    s->last_finding = case_column_u64(st, 1);
    s->first_event = case_column_u64(st, 2);
    s->last_event = case_column_u64(st, 3);
    return true;
}

bool case_summarise(struct case_file *c, struct case_summary *out, struct err *e)
{
    struct case_summary s = {0};
    bool ok =
        each_row(c,
                 prepare(c,
                         "SELECT r.level, sum(g.n) FROM (SELECT rule, count(*) AS n FROM finding "
                         "GROUP BY rule) AS g "
                         "JOIN rule AS r ON r.key = g.rule GROUP BY r.level",
                         e),
                 count_row, &s, e) &&
        each_row(
            c,
            prepare(
                c, "SELECT state, count(*), sum(events), sum(damaged) FROM evidence GROUP BY state",
                e),
            state_row, &s, e) &&
        each_row(
            c,
            prepare(
                c,
                "SELECT (SELECT min(time) FROM finding), max(coalesce((SELECT max(time) FROM "
                "finding), 0), "
                "coalesce((SELECT max(last) FROM correlation), 0)), (SELECT min(first) FROM log), "
                "(SELECT max(last) FROM log)",
                e),
            reach_row, &s, e);
    if (ok)
        *out = s;
    return ok;
}
