// SPDX-License-Identifier: Apache-2.0
#include "observatory/store/taxii.h"

#include "observatory/store/store_internal.h"

const char store_taxii_tables[] =
    // added is the row's number, so that pages of all collections are read in the order of the
    // table
    "CREATE TABLE taxii_object ("
    "  added INTEGER PRIMARY KEY, collection INTEGER NOT NULL, id TEXT NOT NULL,"
    "  type TEXT NOT NULL, version TEXT NOT NULL, spec TEXT NOT NULL, first INTEGER NOT NULL,"
    "  last INTEGER NOT NULL, json TEXT NOT NULL, UNIQUE (collection, id, version)) STRICT;"
    "CREATE INDEX taxii_object_last ON taxii_object (collection, added) WHERE last = 1;"
    "CREATE INDEX taxii_object_type ON taxii_object (collection, type, added) WHERE last = 1;"
    "CREATE TABLE taxii_token ("
    "  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, hash BLOB NOT NULL UNIQUE,"
    "  rights INTEGER NOT NULL, made INTEGER NOT NULL, revoked INTEGER NOT NULL) STRICT;"
    "CREATE TABLE taxii_status ("
    "  id TEXT PRIMARY KEY, token INTEGER NOT NULL, made INTEGER NOT NULL, json TEXT NOT NULL)"
    "  STRICT;"
    "INSERT INTO meta VALUES ('taxii', 0);";

// Objects of the public collections have other ids since what is dropped is revoked; they are made
// again from the records. 4 is the collection that partners fill. Since a new store begins with the
// time, in microseconds, as its generation, tags of pages of one that lay there before do not hold
// for it.
const char store_taxii_anew[] =
    "DELETE FROM taxii_object WHERE collection < 4;"
    "UPDATE meta SET value = 0 WHERE name = 'taxii';"
    "UPDATE meta SET value = max(value, strftime('%s', 'now') * 1000000) + 1"
    "  WHERE name = 'generation';";

static int64_t now_microseconds(void)
{
    return (int64_t)((time_now() - VTIME_UNIX_EPOCH) / 10);
}

// ---- objects

// The versions of an object that are there: which is first, which is last. Empty: none.
static bool version_ends(struct store *s, int collection, struct slice id, struct arena *a,
                         struct slice *first, struct slice *last, struct err *e)
{
    sqlite3_stmt *st = store_prepare(
        s, "SELECT min(version), max(version) FROM taxii_object WHERE collection = ? AND id = ?",
        e);
    bool row;
    if (!st)
        return false;
    sqlite3_bind_int(st, 1, collection);
    store_bind_text(st, 2, id);
    if (!store_step(s, st, &row, e))
        return false;
    *first = store_column(a, st, 0);
    *last = store_column(a, st, 1);
    store_done(st);
    return true;
}

static bool unmark(struct store *s, const char *sql, int collection, struct slice id,
                   struct slice version, struct err *e)
{
    sqlite3_stmt *st = store_prepare(s, sql, e);
    if (!st)
        return false;
    sqlite3_bind_int(st, 1, collection);
    store_bind_text(st, 2, id);
    store_bind_text(st, 3, version);
    return store_run(s, st, e);
}

static bool object_insert(struct store *s, int collection, const struct taxii_object *o, bool first,
                          bool last, struct err *e)
{
    sqlite3_stmt *st = store_prepare(
        s,
        "INSERT INTO taxii_object (added, collection, id, type, version, spec, first, last, json)"
        " VALUES (max(?1, (SELECT coalesce(max(added), 0) + 1 FROM taxii_object)),"
        " ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, now_microseconds());
    sqlite3_bind_int(st, 2, collection);
    store_bind_text(st, 3, o->id);
    store_bind_text(st, 4, o->type);
    store_bind_text(st, 5, o->version);
    store_bind_text(st, 6, o->spec);
    sqlite3_bind_int(st, 7, first);
    sqlite3_bind_int(st, 8, last);
    store_bind_text(st, 9, o->json);
    return store_run(s, st, e);
}

static bool object_there(struct store *s, int collection, const struct taxii_object *o, bool *there,
                         struct err *e)
{
    sqlite3_stmt *st = store_prepare(
        s, "SELECT 1 FROM taxii_object WHERE collection = ? AND id = ? AND version = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int(st, 1, collection);
    store_bind_text(st, 2, o->id);
    store_bind_text(st, 3, o->version);
    if (!store_step(s, st, there, e))
        return false;
    store_done(st);
    return true;
}

bool taxii_object_add(struct store *s, int collection, const struct taxii_object *o, bool *added,
                      struct err *e)
{
    bool there;
    struct arena a;
    struct slice first, last;
    *added = false;
    if (!object_there(s, collection, o, &there, e))
        return false;
    if (there)
        return true;
    arena_init(&a, 1024);
    bool ok = version_ends(s, collection, o->id, &a, &first, &last, e);
    bool is_first = ok && (!first.len || slice_compare(o->version, first) < 0);
    bool is_last = ok && (!last.len || slice_compare(o->version, last) > 0);
    if (ok && is_first && first.len)
        ok = unmark(s,
                    "UPDATE taxii_object SET first = 0 WHERE collection = ? AND id = ?"
                    " AND version = ?",
                    collection, o->id, first, e);
    if (ok && is_last && last.len)
        ok = unmark(s,
                    "UPDATE taxii_object SET last = 0 WHERE collection = ? AND id = ?"
                    " AND version = ?",
                    collection, o->id, last, e);
    ok = ok && object_insert(s, collection, o, is_first, is_last, e);
    arena_free(&a);
    *added = ok;
    return ok;
}

// ---- questions

static void match_sql(struct buf *sql, const char *column, const struct taxii_match *m)
{
    if (!m->count)
        return;
    buf_printf(sql, " AND %s IN (", column);
    for (size_t i = 0; i < m->count; i++)
        buf_str(sql, i ? ", ?" : "?");
    buf_byte(sql, ')');
}

static void version_sql(struct buf *sql, const struct taxii_query *q)
{
    bool all = false;
    for (size_t i = 0; i < q->version_count; i++)
        all = all || q->versions[i].kind == TAXII_VERSION_ALL;
    if (all)
        return;
    if (q->version_count == 0) {
        buf_str(sql, " AND last = 1");
        return;
    }
    if (q->version_count == 1 && q->versions[0].kind == TAXII_VERSION_LAST) {
        buf_str(sql, " AND last = 1");
        return;
    }
    buf_str(sql, " AND (0");
    for (size_t i = 0; i < q->version_count; i++) {
        enum taxii_version kind = q->versions[i].kind;
        buf_str(sql, kind == TAXII_VERSION_LAST    ? " OR last = 1"
                     : kind == TAXII_VERSION_FIRST ? " OR first = 1"
                                                   : " OR version = ?");
    }
    buf_byte(sql, ')');
}

static void where_sql(struct buf *sql, const struct taxii_query *q)
{
    buf_str(sql, " FROM taxii_object WHERE collection = ? AND added > ?");
    match_sql(sql, "id", &q->id);
    match_sql(sql, "type", &q->type);
    match_sql(sql, "spec", &q->spec);
    version_sql(sql, q);
}

static int bind_match(sqlite3_stmt *st, int at, const struct taxii_match *m)
{
    for (size_t i = 0; i < m->count; i++)
        store_bind_text(st, at++, m->list[i]);
    return at;
}

// The next free place.
static int where_bind(sqlite3_stmt *st, const struct taxii_query *q)
{
    sqlite3_bind_int(st, 1, q->collection);
    sqlite3_bind_int64(st, 2, q->after);
    int at = bind_match(st, 3, &q->id);
    at = bind_match(st, at, &q->type);
    at = bind_match(st, at, &q->spec);
    bool all = false;
    for (size_t i = 0; i < q->version_count; i++)
        all = all || q->versions[i].kind == TAXII_VERSION_ALL;
    for (size_t i = 0; !all && i < q->version_count; i++)
        if (q->versions[i].kind == TAXII_VERSION_AT)
            store_bind_text(st, at++, q->versions[i].at);
    return at;
}

static sqlite3_stmt *prepare_once(struct store *s, struct buf *sql, struct err *e)
{
    sqlite3_stmt *st = NULL;
    int code = sqlite3_prepare_v2(store_handle(s), (const char *)sql->at, (int)sql->len, &st, NULL);
    buf_free(sql);
    if (code != SQLITE_OK)
        store_error(s, e, "cannot be read");
    return code == SQLITE_OK ? st : NULL;
}

bool taxii_objects(struct store *s, const struct taxii_query *q, struct arena *a,
                   struct taxii_object **out, size_t *count, bool *more, struct err *e)
{
    struct buf sql = {0};
    buf_printf(&sql, "SELECT added, id, type, version, spec, %s", q->bare ? "''" : "json");
    where_sql(&sql, q);
    buf_str(&sql, " ORDER BY added LIMIT ?");
    sqlite3_stmt *st = prepare_once(s, &sql, e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, where_bind(st, q), (int64_t)q->limit + 1);
    struct taxii_object *list = ARENA_ARRAY(a, struct taxii_object, q->limit);
    size_t n = 0, bytes = 0;
    bool row = false, ok;
    while ((ok = store_step(s, st, &row, e)) && row && n < q->limit &&
           (n == 0 || bytes < TAXII_MAX_PAGE_BYTES)) {
        list[n] = (struct taxii_object){
            .added = sqlite3_column_int64(st, 0),
            .id = store_column(a, st, 1),
            .type = store_column(a, st, 2),
            .version = store_column(a, st, 3),
            .spec = store_column(a, st, 4),
            .json = store_column(a, st, 5),
        };
        bytes += list[n++].json.len;
    }
    sqlite3_finalize(st);
    *out = list;
    *count = n;
    *more = ok && row;
    return ok;
}

// After some versions of an object went, which of the rest are first and last.
static bool mark_again(struct store *s, int collection, struct err *e)
{
    sqlite3_stmt *st = store_prepare(
        s,
        "UPDATE taxii_object AS o SET"
        " first = (version = (SELECT min(version) FROM taxii_object WHERE collection = o.collection"
        "          AND id = o.id)),"
        " last = (version = (SELECT max(version) FROM taxii_object WHERE collection = o.collection"
        "         AND id = o.id))"
        " WHERE collection = ?",
        e);
    if (!st)
        return false;
    sqlite3_bind_int(st, 1, collection);
    return store_run(s, st, e);
}

bool taxii_delete(struct store *s, const struct taxii_query *q, uint64_t *deleted, struct err *e)
{
    struct buf sql = {0};
    if (!store_begin(s, e))
        return false;
    buf_str(&sql, "DELETE");
    where_sql(&sql, q);
    sqlite3_stmt *st = prepare_once(s, &sql, e);
    bool row, ok = st != NULL;
    if (st) {
        where_bind(st, q);
        ok = store_step(s, st, &row, e);
        sqlite3_finalize(st);
    }
    *deleted = ok ? (uint64_t)sqlite3_changes64(store_handle(s)) : 0;
    ok = ok && (*deleted == 0 || mark_again(s, q->collection, e)) && store_commit(s, e);
    if (!ok)
        store_rollback(s);
    return ok;
}

// ---- revisions whose objects are not made yet

bool taxii_pending(struct store *s, size_t limit, struct arena *a, struct taxii_revision **out,
                   size_t *count, struct err *e)
{
    // A revision that stops being public does so as another one follows; ids grow with time.
    sqlite3_stmt *st = store_prepare(
        s,
        "SELECT r.id, c.kind, c.number, r.number FROM revision r JOIN record c ON c.id = r.record"
        " WHERE r.id > (SELECT value FROM meta WHERE name = 'taxii') AND r.public_from > 0"
        " ORDER BY r.id LIMIT ?",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)limit);
    struct taxii_revision *list = ARENA_ARRAY(a, struct taxii_revision, limit);
    size_t n = 0;
    bool row, ok;
    while ((ok = store_step(s, st, &row, e)) && row && n < limit)
        list[n++] = (struct taxii_revision){
            .id = sqlite3_column_int64(st, 0),
            .record = store_id_text(a, sqlite3_column_int(st, 1), sqlite3_column_int64(st, 2)),
            .number = (uint32_t)sqlite3_column_int64(st, 3),
        };
    store_done(st);
    *out = list;
    *count = n;
    return ok;
}

bool taxii_pending_done(struct store *s, int64_t revision, struct err *e)
{
    sqlite3_stmt *st = store_prepare(s, "UPDATE meta SET value = ? WHERE name = 'taxii'", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, revision);
    return store_run(s, st, e);
}

// ---- tokens

static void read_token(sqlite3_stmt *st, struct arena *a, struct taxii_token *t)
{
    *t = (struct taxii_token){
        .id = sqlite3_column_int64(st, 0),
        .name = store_column(a, st, 1),
        .rights = (unsigned)sqlite3_column_int(st, 2),
        .made = (vtime)sqlite3_column_int64(st, 3),
        .revoked = (vtime)sqlite3_column_int64(st, 4),
    };
}

bool taxii_token_add(struct store *s, struct slice name, struct slice hash, unsigned rights,
                     struct err *e)
{
    sqlite3_stmt *st = store_prepare(
        s, "INSERT INTO taxii_token (name, hash, rights, made, revoked) VALUES (?, ?, ?, ?, 0)", e);
    if (!st)
        return false;
    store_bind_text(st, 1, name);
    sqlite3_bind_blob64(st, 2, hash.at, hash.len, SQLITE_STATIC);
    sqlite3_bind_int64(st, 3, rights);
    sqlite3_bind_int64(st, 4, (int64_t)time_now());
    if (store_run(s, st, e))
        return true;
    if ((sqlite3_errcode(store_handle(s)) & 0xff) == SQLITE_CONSTRAINT)
        return err_set(e, ERR_USAGE, 0, "there is a token of that name already");
    return false;
}

enum store_found taxii_token_find(struct store *s, struct slice hash, struct arena *a,
                                  struct taxii_token *out, struct err *e)
{
    sqlite3_stmt *st = store_prepare(
        s, "SELECT id, name, rights, made, revoked FROM taxii_token WHERE hash = ? AND revoked = 0",
        e);
    bool row;
    if (!st)
        return STORE_ERROR;
    sqlite3_bind_blob64(st, 1, hash.at, hash.len, SQLITE_STATIC);
    if (!store_step(s, st, &row, e))
        return STORE_ERROR;
    if (row)
        read_token(st, a, out);
    store_done(st);
    return row ? STORE_FOUND : STORE_NONE;
}

enum store_found taxii_token_revoke(struct store *s, struct slice name, struct err *e)
{
    sqlite3_stmt *st =
        store_prepare(s, "UPDATE taxii_token SET revoked = ? WHERE name = ? AND revoked = 0", e);
    if (!st)
        return STORE_ERROR;
    sqlite3_bind_int64(st, 1, (int64_t)time_now());
    store_bind_text(st, 2, name);
    if (!store_run(s, st, e))
        return STORE_ERROR;
    return sqlite3_changes64(store_handle(s)) ? STORE_FOUND : STORE_NONE;
}

bool taxii_token_list(struct store *s, struct arena *a, struct taxii_token **out, size_t *count,
                      struct err *e)
{
    sqlite3_stmt *st = store_prepare(
        s, "SELECT id, name, rights, made, revoked FROM taxii_token ORDER BY name LIMIT 10000", e);
    if (!st)
        return false;
    ARRAY_OF(struct taxii_token) list = {0};
    bool row, ok;
    while ((ok = store_step(s, st, &row, e)) && row)
        read_token(st, a, ARRAY_ADD(&list));
    store_done(st);
    *out = ARENA_ARRAY(a, struct taxii_token, list.count);
    if (list.count)
        memcpy(*out, list.items, list.count * sizeof **out);
    *count = list.count;
    ARRAY_FREE(&list);
    return ok;
}

// ---- status resources

bool taxii_status_add(struct store *s, struct slice id, int64_t token, struct slice json,
                      struct err *e)
{
    sqlite3_stmt *st = store_prepare(s, "DELETE FROM taxii_status WHERE made < ?", e);
    vtime now = time_now();
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)(now - 7 * 86400 * VTIME_SECOND));
    if (!store_run(s, st, e))
        return false;
    st =
        store_prepare(s, "INSERT INTO taxii_status (id, token, made, json) VALUES (?, ?, ?, ?)", e);
    if (!st)
        return false;
    store_bind_text(st, 1, id);
    sqlite3_bind_int64(st, 2, token);
    sqlite3_bind_int64(st, 3, (int64_t)now);
    store_bind_text(st, 4, json);
    return store_run(s, st, e);
}

enum store_found taxii_status_get(struct store *s, struct slice id, int64_t token, struct arena *a,
                                  struct slice *json, struct err *e)
{
    sqlite3_stmt *st =
        store_prepare(s, "SELECT json FROM taxii_status WHERE id = ? AND token = ?", e);
    bool row;
    if (!st)
        return STORE_ERROR;
    store_bind_text(st, 1, id);
    sqlite3_bind_int64(st, 2, token);
    if (!store_step(s, st, &row, e))
        return STORE_ERROR;
    if (row)
        *json = store_column(a, st, 0);
    store_done(st);
    return row ? STORE_FOUND : STORE_NONE;
}
