// SPDX-License-Identifier: Apache-2.0
// Adding to a case: settings, rules, and one file of evidence after another.
#include "case/case_digest.h"
#include "case/case_json.h"

// In the order of case_digest.c's columns.
#define FINDING_COLUMNS                                                                            \
    "f.id, f.rule, f.time, e.evidence, e.\"offset\", x.last, f.event, e.size, e.record, "          \
    "e.recovered, e.event_id, e.host, e.channel, e.provider, e.account, x.finding"
#define FINDING_TABLES                                                                             \
    "finding AS f LEFT JOIN event AS e ON e.id = f.event "                                         \
    "LEFT JOIN correlation AS x ON x.finding = f.id"

static const char *const statement_sql[STATEMENT_COUNT] = {
    [ST_SETTING] = "INSERT OR REPLACE INTO setting VALUES (?, ?)",
    [ST_CONSENT] = "INSERT OR REPLACE INTO consent VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
    [ST_RULE] =
        ("INSERT OR REPLACE INTO rule VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    [ST_REFUSAL] = "INSERT INTO refusal VALUES (NULL, ?, ?, ?)",
    [ST_DAMAGE] = "INSERT INTO damage VALUES (NULL, ?, ?, ?)",
    // From the virtual tables of case_waiting.c; `temp` keeps a table of that name in the case out.
    [ST_EVIDENCE] = "INSERT INTO evidence SELECT * FROM temp.waiting_evidence",
    [ST_LOGS] = "INSERT INTO log SELECT * FROM temp.waiting_log",
    [ST_EVENTS] = "INSERT INTO event SELECT * FROM temp.waiting_event",
    [ST_EVENT_TEXTS] = "INSERT INTO event_text SELECT * FROM temp.waiting_event_text",
    [ST_FINDINGS] = "INSERT INTO finding SELECT * FROM temp.waiting_finding",
    [ST_MATCHES] = "INSERT INTO match SELECT * FROM temp.waiting_match",
    [ST_NEXT_EVENT] = "SELECT coalesce(max(id), 0) + 1 FROM event",
    [ST_FINDING] = "INSERT INTO finding VALUES (NULL, ?, ?, ?, ?)",
    [ST_CORRELATION] = "INSERT INTO correlation VALUES (?, ?, ?, ?, ?, ?)",
    [ST_CORRELATION_EVENT] = "INSERT OR IGNORE INTO correlation_event VALUES (?, ?)",
    [ST_NAME_INSERT + NAME_HOST] = "INSERT INTO host VALUES (NULL, ?)",
    [ST_NAME_INSERT + NAME_CHANNEL] = "INSERT INTO channel VALUES (NULL, ?)",
    [ST_NAME_INSERT + NAME_PROVIDER] = "INSERT INTO provider VALUES (NULL, ?)",
    [ST_NAME_INSERT + NAME_ACCOUNT] = "INSERT INTO account VALUES (NULL, ?)",
    [ST_NAME_FIND + NAME_HOST] = "SELECT id FROM host WHERE name = ?",
    [ST_NAME_FIND + NAME_CHANNEL] = "SELECT id FROM channel WHERE name = ?",
    [ST_NAME_FIND + NAME_PROVIDER] = "SELECT id FROM provider WHERE name = ?",
    [ST_NAME_FIND + NAME_ACCOUNT] = "SELECT id FROM account WHERE name = ?",
    [ST_BY_HASH] = ("SELECT id FROM evidence WHERE sha256 = ? AND state IN ('read', 'partly-read') "
                    "ORDER BY id LIMIT 1"),
    [ST_DONE] = "SELECT id FROM evidence WHERE path = ? AND id > ? AND id <= ? ORDER BY id LIMIT 1",
    [ST_EVENT_TIME] = "SELECT time FROM event WHERE id = ?",
    [ST_NAME_TEXT + NAME_HOST] = "SELECT name FROM host WHERE id = ?",
    [ST_NAME_TEXT + NAME_CHANNEL] = "SELECT name FROM channel WHERE id = ?",
    [ST_NAME_TEXT + NAME_PROVIDER] = "SELECT name FROM provider WHERE id = ?",
    [ST_NAME_TEXT + NAME_ACCOUNT] = "SELECT name FROM account WHERE id = ?",
    [ST_NAME_TEXT_LAST] = "SELECT path FROM evidence WHERE id = ?",
    [ST_DIGEST_RULES] = "SELECT key, level, id, title FROM rule ORDER BY key",
    [ST_DIGEST_FINDINGS] = "SELECT " FINDING_COLUMNS ", f.fields FROM " FINDING_TABLES,
    [ST_DIGEST_ORDER] = "SELECT " FINDING_COLUMNS " FROM " FINDING_TABLES,
    [ST_FINDING_ROW] = "SELECT " FINDING_COLUMNS " FROM " FINDING_TABLES " WHERE f.id = ?",
    [ST_FINDING_FIELDS] = "SELECT fields FROM finding WHERE id = ?",
    [ST_FINDING_WINDOW] = "SELECT last, events FROM correlation WHERE finding = ?",
    [ST_RULE_TEXTS] =
        ("SELECT kind, id, title, description, author, file, license, meaning, next, techniques, "
         "tags, links, false_positives, bundled FROM rule WHERE key = ?"),
    [ST_MATCH_EVENTS] = "SELECT event FROM match ORDER BY id",
    [ST_DROP_EVENT] = "DELETE FROM event WHERE id = ?",
    [ST_DROP_EVENT_TEXT] = "DELETE FROM event_text WHERE event = ?",
    [ST_DROP_RULE] = "DELETE FROM rule WHERE key = ?",
    [ST_EVENT_JSON] = "SELECT json FROM event_text WHERE event = ?",
};

sqlite3_stmt *case_statement(struct case_file *c, int which, struct err *e)
{
    sqlite3_stmt **st = &c->statements[which];
    if (!*st && sqlite3_prepare_v3(c->db, statement_sql[which], -1, SQLITE_PREPARE_PERSISTENT, st,
                                   NULL) != SQLITE_OK) {
        case_error(c, e, "cannot be used");
        return NULL;
    }
    return *st;
}

bool case_run(struct case_file *c, sqlite3_stmt *st, struct err *e)
{
    c->added = true;
    int step = sqlite3_step(st);
    if (step != SQLITE_DONE)
        case_error(c, e, "cannot be written");
    sqlite3_reset(st);
    return step == SQLITE_DONE;
}

struct slice case_text_cut(struct slice text, size_t cap)
{
    if (text.len > cap) {
        while (cap && (text.at[cap] & 0xc0) == 0x80) // not in the middle of a character
            cap--;
        text.len = cap;
    }
    return text;
}

static void bind_capped(sqlite3_stmt *st, int at, struct slice text, size_t cap)
{
    text = case_text_cut(text, cap);
    sqlite3_bind_text(st, at, text.len ? (const char *)text.at : "", (int)text.len, SQLITE_STATIC);
}

void case_bind_text(sqlite3_stmt *st, int at, struct slice text)
{
    bind_capped(st, at, text, CASE_MAX_TEXT);
}

void case_bind_u64(sqlite3_stmt *st, int at, uint64_t n)
{
    sqlite3_bind_int64(st, at, n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

void case_bind_time(sqlite3_stmt *st, int at, vtime t)
{
    if (t)
        case_bind_u64(st, at, t);
    else
        sqlite3_bind_null(st, at);
}

bool case_set(struct case_file *c, const char *name, struct slice value, struct err *e)
{
    sqlite3_stmt *st = case_loose(c, e) ? case_statement(c, ST_SETTING, e) : NULL;
    if (!st)
        return false;
    case_bind_text(st, 1, slice_from_str(name));
    case_bind_text(st, 2, value);
    return case_run(c, st, e);
}

bool case_set_consent(struct case_file *c, const struct case_consent *consent, struct err *e)
{
    if (!consent->given)
        return case_loose(c, e) && case_exec(c, "DELETE FROM consent", e);
    sqlite3_stmt *st = case_loose(c, e) ? case_statement(c, ST_CONSENT, e) : NULL;
    if (!st)
        return false;
    case_bind_text(st, 1, consent->person);
    case_bind_text(st, 2, consent->scope);
    case_bind_text(st, 3, consent->until);
    case_bind_text(st, 4, consent->contact);
    case_bind_text(st, 5, consent->recorded_by);
    case_bind_text(st, 6, consent->withdrawal);
    case_bind_text(st, 7, consent->source);
    return case_run(c, st, e);
}

// Lists become JSON one behind the other in the scratch buffer; bound by place, since it may move
// while it grows.
static void bind_lists(struct case_file *c, sqlite3_stmt *st, int at, const struct finding_rule *r)
{
    const struct slice *lists[] = {r->techniques, r->tags, r->references, r->false_positives};
    const size_t counts[] = {r->technique_count, r->tag_count, r->reference_count,
                             r->false_positive_count};
    size_t ends[4];
    buf_clear(&c->scratch);
    for (int i = 0; i < 4; i++) {
        case_json_list(&c->scratch, lists[i], counts[i]);
        ends[i] = c->scratch.len;
    }
    for (int i = 0; i < 4; i++) {
        size_t from = i ? ends[i - 1] : 0;
        bind_capped(st, at + i, slice_of(c->scratch.at + from, ends[i] - from), CASE_MAX_JSON);
    }
}

bool case_add_rule(struct case_file *c, const struct finding_rule *r, struct err *e)
{
    case_digest_drop(c);
    sqlite3_stmt *st = case_loose(c, e) ? case_statement(c, ST_RULE, e) : NULL;
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, r->key);
    case_bind_text(st, 2, slice_from_str(finding_kind_name(r->kind)));
    case_bind_text(st, 3, slice_from_str(finding_level_name(r->level)));
    const struct slice texts[] = {r->id,   r->title,   r->description, r->author,
                                  r->file, r->license, r->meaning,     r->next};
    for (int i = 0; i < 8; i++)
        case_bind_text(st, 4 + i, texts[i]);
    bind_lists(c, st, 12, r);
    sqlite3_bind_int(st, 16, r->bundled);
    return case_run(c, st, e);
}

bool case_add_refusal(struct case_file *c, struct slice file, uint32_t line, struct slice reason,
                      struct err *e)
{
    sqlite3_stmt *st = case_loose(c, e) ? case_statement(c, ST_REFUSAL, e) : NULL;
    if (!st)
        return false;
    case_bind_text(st, 1, file);
    sqlite3_bind_int64(st, 2, line);
    case_bind_text(st, 3, reason);
    return case_run(c, st, e);
}

static bool no_file_open(const struct case_file *c, struct slice path, struct err *e)
{
    return c->tx != TX_EVIDENCE ||
           err_set(e, ERR_USAGE, 0, "%.*s: a file of evidence is still open in the case",
                   SLICE_FMT(slice_sub(path, 0, 100)));
}

static void begin_file(struct case_file *c, enum way_back back, int64_t *id)
{
    c->tx = TX_EVIDENCE;
    c->back = back;
    c->added = false;
    c->damage_rows = 0;
    case_rows_begin_file(c);
    *id = c->open_evidence;
}

bool case_evidence_begin(struct case_file *c, struct slice path, uint64_t size, int64_t *id,
                         struct err *e)
{
    if (!no_file_open(c, path, e))
        return false;
    // What was set before the first file is there before it: it says what the audit is.
    bool alone = c->group_files == 0 || size > CASE_GROUP_FILE;
    if ((alone && !case_commit(c, e)) || !case_loose(c, e))
        return false;
    // What waits of the files before it is not to be taken back with this one.
    if (!alone && (!case_rows_flush(c, e) || !case_exec(c, "SAVEPOINT evidence", e)))
        return false;
    begin_file(c, alone ? BACK_TO_COMMIT : BACK_TO_SAVEPOINT, id);
    return true;
}

bool case_evidence_begin_known(struct case_file *c, struct slice path, int64_t *id, struct err *e)
{
    if (!no_file_open(c, path, e) || (c->group_files == 0 && !case_commit(c, e)) ||
        !case_loose(c, e))
        return false;
    begin_file(c, BACK_NEVER, id);
    return true;
}

// The id of a name, added when it is new. Names may be an attacker's: the memory of them is
// bounded, the table is not.
bool case_name_id(struct case_file *c, enum name_table table, struct slice name, int64_t *id,
                  struct err *e)
{
    struct map *names = &c->names[table];
    struct name_met *last = &c->last_names[table];
    if (last->id && slice_equal(last->name, name)) {
        *id = last->id;
        return true;
    }
    name = slice_sub(name, 0, CASE_MAX_TEXT);
    struct name_met *known = map_get(names, name);
    if (known) {
        *last = *known;
        *id = known->id;
        return true;
    }
    sqlite3_stmt *find = case_statement(c, ST_NAME_FIND + (int)table, e);
    sqlite3_stmt *insert = find ? case_statement(c, ST_NAME_INSERT + (int)table, e) : NULL;
    if (!insert)
        return false;
    case_bind_text(find, 1, name);
    bool found = sqlite3_step(find) == SQLITE_ROW;
    if (found)
        *id = sqlite3_column_int64(find, 0);
    sqlite3_reset(find);
    if (!found) {
        case_bind_text(insert, 1, name);
        if (!case_run(c, insert, e))
            return false;
        *id = sqlite3_last_insert_rowid(c->db);
    }
    if (names->count >= CASE_MAX_INTERNED)
        case_names_forget(c);
    if (name.len <= 1024) {
        struct name_met *kept = ARENA_NEW(&c->names_memory, struct name_met);
        *kept = (struct name_met){arena_copy(&c->names_memory, name), *id};
        *map_put(names, kept->name, NULL) = kept;
        *last = *kept;
    }
    return true;
}

bool case_add_damage(struct case_file *c, const struct case_damage *d, struct err *e)
{
    if (c->damage_rows >= CASE_MAX_DAMAGE)
        return true;
    sqlite3_stmt *st = case_statement(c, ST_DAMAGE, e);
    if (!st)
        return false;
    c->damage_rows++;
    sqlite3_bind_int64(st, 1, d->evidence);
    case_bind_u64(st, 2, d->offset);
    case_bind_text(st, 3, d->message);
    return case_run(c, st, e);
}

bool case_add_log(struct case_file *c, const struct case_log *log, struct err *e)
{
    int64_t host = 0, channel = 0;
    return (!log->host.len || case_name_id(c, NAME_HOST, log->host, &host, e)) &&
           (!log->channel.len || case_name_id(c, NAME_CHANNEL, log->channel, &channel, e)) &&
           case_rows_add_log(c, log, host, channel, e);
}

static const char *const state_names[] = {"read", "partly-read", "duplicate", "not-read"};

const char *evidence_state_name(enum evidence_state state)
{
    return (size_t)state < sizeof state_names / sizeof *state_names ? state_names[state]
                                                                    : "not-read";
}

enum evidence_state evidence_state_parse(struct slice name)
{
    for (int i = 0; i < STATE_NOT_READ; i++)
        if (slice_equal_str(name, state_names[i]))
            return (enum evidence_state)i;
    return STATE_NOT_READ;
}

static bool close_file(struct case_file *c, struct err *e)
{
    if (c->back == BACK_TO_SAVEPOINT && !case_exec(c, "RELEASE evidence", e))
        return false;
    c->tx = TX_LOOSE;
    return true;
}

// Of a file that is known no row is taken back, and what it added may wait on.
static bool settle_rows(struct case_file *c, bool drop, struct err *e)
{
    if (c->back != BACK_NEVER)
        return drop ? case_undo_file(c, e) : case_rows_flush(c, e);
    return !(drop && c->added) ||
           err_set(e, ERR_USAGE, 0, "a file of which nothing is kept has rows in the case");
}

static bool group_is_full(const struct case_file *c)
{
    struct timespec now;
    if (c->group_bytes >= CASE_GROUP_BYTES)
        return true;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec - c->group_start.tv_sec > CASE_GROUP_SECONDS ||
           (now.tv_sec - c->group_start.tv_sec == CASE_GROUP_SECONDS &&
            now.tv_nsec >= c->group_start.tv_nsec);
}

bool case_evidence_end(struct case_file *c, const struct case_evidence *row, struct err *e)
{
    if (c->tx != TX_EVIDENCE)
        return err_set(e, ERR_USAGE, 0, "no file of evidence is open in the case");
    case_digest_drop(c);
    bool drop = row->state == STATE_DUPLICATE || row->state == STATE_NOT_READ;
    if (!settle_rows(c, drop, e) || !case_rows_add_evidence(c, row, e) || !close_file(c, e))
        return false;
    c->open_evidence++;
    c->group_files++;
    c->group_bytes += row->size;
    return !group_is_full(c) || case_commit(c, e);
}

bool case_evidence_abandon(struct case_file *c, struct err *e)
{
    if (c->tx != TX_EVIDENCE)
        return err_set(e, ERR_USAGE, 0, "no file of evidence is open in the case");
    if (c->back == BACK_NEVER) {
        case_rollback(c);
        return true;
    }
    return case_undo_file(c, e) && close_file(c, e);
}

bool case_evidence_flush(struct case_file *c, struct err *e)
{
    if (c->tx == TX_EVIDENCE)
        return err_set(e, ERR_USAGE, 0, "a file of evidence is still open in the case");
    return case_commit(c, e);
}

int64_t case_evidence_with_hash(struct case_file *c, const struct sha256_digest *d)
{
    char hex[65];
    struct err ignored;
    if (!case_hashes_may_have(c, d))
        return 0;
    sqlite3_stmt *st = case_statement(c, ST_BY_HASH, &ignored);
    if (!st)
        return 0;
    sha256_hex(d, hex);
    sqlite3_bind_text(st, 1, hex, 64, SQLITE_STATIC);
    int64_t id = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    return id ? id : case_rows_evidence_with_hash(c, slice_of(hex, 64));
}

bool case_evidence_done(struct case_file *c, struct slice path)
{
    struct err ignored;
    sqlite3_stmt *st = c->resume_last ? case_statement(c, ST_DONE, &ignored) : NULL;
    if (!st)
        return false;
    case_bind_text(st, 1, path);
    sqlite3_bind_int64(st, 2, c->resume_seen);
    sqlite3_bind_int64(st, 3, c->resume_last);
    bool done = sqlite3_step(st) == SQLITE_ROW;
    if (done)
        c->resume_seen = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return done;
}

static bool add_correlation_events(struct case_file *c, int64_t finding,
                                   const struct case_correlation *hit, struct err *e)
{
    sqlite3_stmt *st = case_statement(c, ST_CORRELATION_EVENT, e);
    if (!st)
        return false;
    for (size_t i = 0; i < hit->event_count; i++) {
        case_bind_u64(st, 1, hit->events[i]);
        sqlite3_bind_int64(st, 2, finding);
        if (!case_run(c, st, e))
            return false;
    }
    return true;
}

bool case_add_correlation(struct case_file *c, const struct case_correlation *hit, struct err *e)
{
    case_digest_drop(c);
    case_gathered_give_up(c);
    sqlite3_stmt *finding =
        case_rows_flush(c, e) && case_loose(c, e) ? case_statement(c, ST_FINDING, e) : NULL;
    sqlite3_stmt *st = finding ? case_statement(c, ST_CORRELATION, e) : NULL;
    if (!st)
        return false;
    char value[40];
    int length = snprintf(value, sizeof value, "%.15g", hit->value);
    const struct finding_field fields[] = {
        {SLICE("group"), hit->group},
        {SLICE("value"), slice_of(value, (size_t)length)},
    };
    buf_clear(&c->scratch);
    case_json_fields(&c->scratch, hit->group.len ? fields : fields + 1, hit->group.len ? 2 : 1);
    sqlite3_bind_int64(finding, 1, hit->rule);
    if (hit->event_count)
        case_bind_u64(finding, 2, hit->events[0]);
    else
        sqlite3_bind_null(finding, 2);
    case_bind_time(finding, 3, hit->first);
    bind_capped(finding, 4, buf_slice(&c->scratch), CASE_MAX_JSON);
    if (!case_run(c, finding, e))
        return false;
    int64_t id = sqlite3_last_insert_rowid(c->db);
    sqlite3_bind_int64(st, 1, id);
    case_bind_time(st, 2, hit->first);
    case_bind_time(st, 3, hit->last);
    case_bind_text(st, 4, hit->group);
    sqlite3_bind_double(st, 5, hit->value);
    case_bind_u64(st, 6, hit->total_events);
    return case_run(c, st, e) && add_correlation_events(c, id, hit, e);
}
