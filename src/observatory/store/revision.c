// SPDX-License-Identifier: Apache-2.0
// Adding a revision: the only way in which records change. The one before stays; what changes of it
// is when it stopped being the newest, and when it stopped being what the public sees.
#include "observatory/store/store_internal.h"

const char *record_state_name(enum record_state s)
{
    static const char *const names[] = {"draft",     "in-review",   "published",
                                        "withdrawn", "turned-down", "merged"};
    return s < STATE_COUNT ? names[s] : "";
}

// What the revision takes the place of.
struct before {
    int64_t record;
    int64_t number;    // of the kind
    uint32_t revision; // newest number; 0: none
    int64_t newest;    // revision ids; 0: none
    int64_t public;
    int64_t made;
    int64_t recorded;
};

static bool find_record(struct store *s, struct slice id, int kind, struct before *b, struct err *e)
{
    int of;
    bool row;
    if (!store_id_parse(id, &of, &b->number) || of != kind)
        return err_set(e, ERR_USAGE, 0, "the store: %.*s is not the id of such a record",
                       id.len > 40 ? 40 : (int)id.len, (const char *)id.at);
    sqlite3_stmt *st = store_prepare(s,
                                     "SELECT r.id, r.newest, r.public, r.recorded, v.number, v.made"
                                     " FROM record r JOIN revision v ON v.id = r.newest"
                                     " WHERE r.kind = ? AND r.number = ?",
                                     e);
    if (!st)
        return false;
    sqlite3_bind_int(st, 1, kind);
    sqlite3_bind_int64(st, 2, b->number);
    if (!store_step(s, st, &row, e))
        return false;
    if (row) {
        b->record = sqlite3_column_int64(st, 0);
        b->newest = sqlite3_column_int64(st, 1);
        b->public = sqlite3_column_int64(st, 2);
        b->recorded = sqlite3_column_int64(st, 3);
        b->revision = (uint32_t)sqlite3_column_int64(st, 4);
        b->made = sqlite3_column_int64(st, 5);
    }
    store_done(st);
    return row || err_set(e, ERR_USAGE, 0, "the store has no record %.*s", SLICE_FMT(id));
}

static bool new_record(struct store *s, int kind, int64_t at, struct before *b, struct err *e)
{
    bool row;
    sqlite3_stmt *st = store_prepare(s, "SELECT max(number) FROM record WHERE kind = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int(st, 1, kind);
    if (!store_step(s, st, &row, e))
        return false;
    b->number = sqlite3_column_int64(st, 0) + 1;
    store_done(st);
    b->recorded = at;
    st = store_prepare(s,
                       "INSERT INTO record (kind, number, recorded, newest, public)"
                       " VALUES (?, ?, ?, 0, 0)",
                       e);
    if (!st)
        return false;
    sqlite3_bind_int(st, 1, kind);
    sqlite3_bind_int64(st, 2, b->number);
    sqlite3_bind_int64(st, 3, at);
    if (!store_run(s, st, e))
        return false;
    b->record = sqlite3_last_insert_rowid(s->db);
    return true;
}

// --- terms

static bool term_id(struct store *s, const struct record_term *t, int64_t *id, struct err *e)
{
    bool row;
    sqlite3_stmt *st = store_prepare(s, "SELECT id FROM term WHERE field = ? AND value = ?", e);
    if (!st)
        return false;
    sqlite3_bind_text(st, 1, t->field, -1, SQLITE_STATIC);
    store_bind_text(st, 2, t->value);
    if (!store_step(s, st, &row, e))
        return false;
    *id = row ? sqlite3_column_int64(st, 0) : 0;
    store_done(st);
    if (row)
        return true;
    st = store_prepare(s, "INSERT INTO term (field, value) VALUES (?, ?)", e);
    if (!st)
        return false;
    sqlite3_bind_text(st, 1, t->field, -1, SQLITE_STATIC);
    store_bind_text(st, 2, t->value);
    if (!store_run(s, st, e))
        return false;
    *id = sqlite3_last_insert_rowid(s->db);
    return true;
}

struct term_list {
    uint8_t *ids; // four bytes each, little-endian
    size_t count;
};

static bool term_ids(struct store *s, const struct record_term *t, size_t n, struct arena *a,
                     struct term_list *out, struct err *e)
{
    out->ids = arena_alloc(a, n * 4 + 1);
    out->count = n;
    for (size_t i = 0; i < n; i++) {
        int64_t id;
        if (!term_id(s, &t[i], &id, e))
            return false;
        for (int k = 0; k < 4; k++)
            out->ids[i * 4 + (size_t)k] = (uint8_t)(id >> (8 * k));
    }
    return true;
}

static bool terms_of(struct store *s, int64_t revision, struct arena *a, struct term_list *out,
                     struct err *e)
{
    bool row;
    sqlite3_stmt *st = store_prepare(s, "SELECT terms FROM body WHERE revision = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, revision);
    if (!store_step(s, st, &row, e))
        return false;
    struct slice found = row ? store_column(a, st, 0) : (struct slice){0};
    store_done(st);
    out->count = found.len / 4;
    out->ids = arena_alloc(a, found.len + 1);
    if (found.len)
        memcpy(out->ids, found.at, found.len);
    return true;
}

// Runs sql, whose parameters are the revision, a number and the term, for each term.
static bool for_terms(struct store *s, const struct term_list *t, const char *sql, int64_t revision,
                      int64_t number, struct err *e)
{
    sqlite3_stmt *st = store_prepare(s, sql, e);
    for (size_t i = 0; st && i < t->count; i++) {
        sqlite3_bind_int64(st, 1, revision);
        sqlite3_bind_int64(st, 2, number);
        sqlite3_bind_int64(st, 3, le32(t->ids + i * 4));
        if (!store_run(s, st, e))
            return false;
    }
    return st != NULL;
}

// --- the revisions before

static bool run_two(struct store *s, const char *sql, int64_t a, int64_t b, struct err *e)
{
    sqlite3_stmt *st = store_prepare(s, sql, e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, a);
    sqlite3_bind_int64(st, 2, b);
    return store_run(s, st, e);
}

// The newest one is newest no more. One that never was public is found by nobody now.
static bool retire_newest(struct store *s, const struct before *b, struct arena *a, struct err *e)
{
    struct term_list t;
    if (!b->newest)
        return true;
    if (!terms_of(s, b->newest, a, &t, e) ||
        !run_two(s, "UPDATE revision SET newest = ?2 WHERE id = ?1", b->newest, 0, e))
        return false;
    if (b->newest == b->public)
        return for_terms(s, &t,
                         "UPDATE posting SET newest = ?2 WHERE term = ?3 AND public_to = "
                         "9223372036854775807 AND revision = ?1",
                         b->newest, 0, e);
    return for_terms(s, &t,
                     "DELETE FROM posting WHERE term = ?3 AND public_to = ?2 AND revision = ?1",
                     b->newest, 0, e) &&
           run_two(s, "DELETE FROM words WHERE rowid = ?1 AND ?2 = 0", b->newest, 0, e);
}

// What the public saw until now, it saw until at.
static bool retire_public(struct store *s, const struct before *b, int64_t at, struct arena *a,
                          struct err *e)
{
    struct term_list t;
    if (!b->public)
        return true;
    return terms_of(s, b->public, a, &t, e) &&
           run_two(s, "UPDATE revision SET public_to = ?2 WHERE id = ?1", b->public, at, e) &&
           for_terms(s, &t,
                     "UPDATE posting SET public_to = ?2 WHERE term = ?3 AND public_to = "
                     "9223372036854775807 AND revision = ?1",
                     b->public, at, e);
}

// --- the new one

// What lists show and sort by.
struct listed {
    struct slice title, title_fr, began, disclosed, types, origins, targets, key, key_fr;
    bool dated;
    int32_t day;
};

// Values of two filters, joined by a space.
static struct slice join_terms(struct arena *a, const struct record_term *t, size_t n,
                               const char *one, const char *two, const char *three)
{
    struct buf out = {0};
    for (size_t i = 0; i < n; i++)
        if (strcmp(t[i].field, one) == 0 || strcmp(t[i].field, two) == 0 ||
            strcmp(t[i].field, three) == 0) {
            if (out.len)
                buf_byte(&out, ' ');
            buf_add(&out, t[i].value);
        }
    struct slice joined = arena_copy(a, buf_slice(&out));
    buf_free(&out);
    return joined;
}

static struct listed list_columns(const struct record *r, const struct record_term *t, size_t n,
                                  struct arena *a)
{
    int32_t last;
    struct listed l = {
        .title = record_text(r, "title"),
        .title_fr = record_text(r, "title-fr"),
        .began = record_text(r, "began"),
        .disclosed = record_text(r, "disclosed"),
        .types = join_terms(a, t, n, "type", "conduct", "place-kind"),
        .origins = join_terms(a, t, n, "origin", "run-from", "run-from"),
        .targets = join_terms(a, t, n, "target-country", "country", "country"),
    };
    if (!l.disclosed.len)
        l.disclosed = record_text(r, "issued");
    l.dated = date_range(l.began, (struct slice){0}, &l.day, &last) ||
              date_range(l.disclosed, (struct slice){0}, &l.day, &last);
    l.key = store_title_key(a, l.title.len ? l.title : l.title_fr, false);
    l.key_fr = store_title_key(a, l.title_fr.len ? l.title_fr : l.title, true);
    return l;
}

static bool insert_revision(struct store *s, const struct revision_new *n, const struct before *b,
                            const struct listed *l, bool public, int64_t at, int64_t *id,
                            struct err *e)
{
    sqlite3_stmt *st = store_prepare(
        s,
        "INSERT INTO revision (record, number, kind, state, made, public_from, public_to, newest,"
        " day, author, author_user, reason, codebook, title, title_fr, began, disclosed, types,"
        " origins, targets, title_key, title_key_fr, reason_lang, reason_other)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        e);
    if (!st)
        return false;
    const int64_t numbers[] = {
        b->record, b->revision + 1, store_kind_number(n->body->kind), (int64_t)n->state,
        at,        public ? at : 0, public ? STORE_NEVER : 0};
    for (int i = 0; i < 7; i++)
        sqlite3_bind_int64(st, i + 1, numbers[i]);
    if (l->dated)
        sqlite3_bind_int(st, 8, l->day);
    store_bind_text(st, 9, n->author);
    sqlite3_bind_int64(st, 10, n->author_user);
    const struct slice texts[] = {n->reason,   n->body->codebook, l->title,
                                  l->title_fr, l->began,          l->disclosed,
                                  l->types,    l->origins,        l->targets};
    for (int i = 0; i < 9; i++)
        store_bind_text(st, 11 + i, texts[i]);
    const struct slice keys[] = {l->key, l->key_fr};
    for (int i = 0; i < 2; i++)
        sqlite3_bind_blob64(st, 20 + i, keys[i].at ? (const void *)keys[i].at : "", keys[i].len,
                            SQLITE_STATIC);
    store_bind_text(st, 22, n->reason_lang);
    store_bind_text(st, 23, n->reason_other);
    if (!store_run(s, st, e))
        return false;
    *id = sqlite3_last_insert_rowid(s->db);
    return true;
}

static bool insert_body(struct store *s, int64_t id, const struct record *body,
                        const struct term_list *t, struct err *e)
{
    struct buf json = {0};
    record_to_json(body, &json);
    bool ok =
        json.len <= RECORD_MAX_BYTES ||
        err_set(e, ERR_LIMIT, 0, "the store: a record of more than %d bytes", RECORD_MAX_BYTES);
    sqlite3_stmt *st =
        ok ? store_prepare(s, "INSERT INTO body (revision, json, terms) VALUES (?, ?, ?)", e)
           : NULL;
    if (st) {
        sqlite3_bind_int64(st, 1, id);
        store_bind_text(st, 2, buf_slice(&json));
        sqlite3_bind_blob64(st, 3, t->ids, t->count * 4, SQLITE_STATIC);
        ok = store_run(s, st, e);
    }
    buf_free(&json);
    return st && ok;
}

static bool insert_postings(struct store *s, int64_t id, const struct revision_new *n,
                            const struct term_list *t, bool public, int64_t at, struct err *e)
{
    sqlite3_stmt *st = store_prepare(s,
                                     "INSERT INTO posting (term, public_to, revision, public_from,"
                                     " state, kind, newest) VALUES (?, ?, ?, ?, ?, ?, 1)",
                                     e);
    for (size_t i = 0; st && i < t->count; i++) {
        sqlite3_bind_int64(st, 1, le32(t->ids + i * 4));
        sqlite3_bind_int64(st, 2, public ? STORE_NEVER : 0);
        sqlite3_bind_int64(st, 3, id);
        sqlite3_bind_int64(st, 4, public ? at : 0);
        sqlite3_bind_int(st, 5, (int)n->state);
        sqlite3_bind_int(st, 6, store_kind_number(n->body->kind));
        if (!store_run(s, st, e))
            return false;
    }
    return st != NULL;
}

static bool finish(struct store *s, const struct before *b, int64_t id, bool public, struct err *e)
{
    sqlite3_stmt *st = store_prepare(
        s, "UPDATE record SET newest = ?2, public = iif(?3, ?2, public) WHERE id = ?1", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, b->record);
    sqlite3_bind_int64(st, 2, id);
    sqlite3_bind_int(st, 3, public);
    if (!store_run(s, st, e))
        return false;
    return !public ||
           store_run(
               s,
               store_prepare(s, "UPDATE meta SET value = value + 1 WHERE name = 'generation'", e),
               e);
}

// Instants of one record's revisions never go back, and differ unless the caller says otherwise.
static bool choose_instant(const struct revision_new *n, const struct before *b, int64_t *at,
                           struct err *e)
{
    int64_t wanted = (int64_t)n->at;
    if (!n->at) {
        wanted = (int64_t)time_now();
        if (wanted <= b->made)
            wanted = b->made + 1;
    }
    if (wanted < b->made || wanted >= STORE_NOW)
        return err_set(e, ERR_USAGE, 0, "the store: a revision older than the one before it");
    *at = wanted;
    return true;
}

static bool add(struct store *s, const struct revision_new *n, struct arena *a,
                struct revision *out, struct err *e)
{
    struct before b = {0};
    struct record_term *terms;
    struct term_list ids;
    int64_t at = 0, id = 0;
    int kind = store_kind_number(n->body->kind);
    bool public = n->state >= STATE_PUBLISHED;
    size_t count = record_terms(n->body, a, &terms);
    struct listed l = list_columns(n->body, terms, count, a);
    if (n->record.len && !find_record(s, n->record, kind, &b, e))
        return false;
    if (!choose_instant(n, &b, &at, e) || (!n->record.len && !new_record(s, kind, at, &b, e)))
        return false;
    if (!retire_newest(s, &b, a, e) || (public && !retire_public(s, &b, at, a, e)) ||
        !term_ids(s, terms, count, a, &ids, e) ||
        !insert_revision(s, n, &b, &l, public, at, &id, e) ||
        !insert_body(s, id, n->body, &ids, e) || !insert_postings(s, id, n, &ids, public, at, e) ||
        !store_words_add(s, id, n->body, e) || !finish(s, &b, id, public, e))
        return false;
    *out = (struct revision){
        .id = id,
        .record = store_id_text(a, kind, b.number),
        .number = b.revision + 1,
        .recorded = (vtime)b.recorded,
        .made = (vtime)at,
        .author = arena_copy(a, n->author),
        .reason = arena_copy(a, n->reason),
        .reason_lang = arena_copy(a, n->reason_lang),
        .reason_other = arena_copy(a, n->reason_other),
        .state = n->state,
        .public_from = public ? (vtime)at : 0,
        .codebook = arena_copy(a, n->body->codebook),
    };
    return true;
}

bool store_revision_add(struct store *s, const struct revision_new *n, struct arena *a,
                        struct revision *out, struct err *e)
{
    struct revision made;
    if (n->state >= STATE_COUNT)
        return err_set(e, ERR_USAGE, 0, "the store: no such state");
    if (!store_begin(s, e))
        return false;
    if (!add(s, n, a, &made, e)) {
        store_rollback(s);
        return false;
    }
    if (!store_commit(s, e))
        return false;
    *out = made;
    return true;
}
