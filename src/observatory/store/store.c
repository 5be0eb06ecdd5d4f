// SPDX-License-Identifier: Apache-2.0
// One connection: opening, migrating, transactions.
//
// The file is in WAL mode with synchronous=FULL: a commit returns when the log is on disk, so that
// neither a killed program nor a lost mains supply takes back what was acknowledged.
#include "observatory/store/store_internal.h"

#include <errno.h>
#include <unistd.h>

bool store_error(struct store *s, struct err *e, const char *doing)
{
    int code = sqlite3_errcode(s->db) & 0xff;
    const char *why = sqlite3_errmsg(s->db);
    enum err_code ours = ERR_IO;
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
        ours = ERR_FORMAT;
        why = "the file is damaged; restore a backup";
    } else if (code == SQLITE_FULL) {
        why = "no space left on the disk";
    } else if (code == SQLITE_BUSY) {
        why = "another program is writing";
    } else if (code == SQLITE_NOMEM) {
        ours = ERR_MEMORY;
    }
    if (s->depth > 0 && sqlite3_get_autocommit(s->db))
        s->lost = true;
    return err_set(e, ours, 0, "the store: %s: %s", doing, why);
}

bool store_exec(struct store *s, const char *sql, struct err *e)
{
    if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return store_error(s, e, "cannot be used");
    return true;
}

sqlite3_stmt *store_prepare(struct store *s, const char *sql, struct err *e)
{
    for (size_t i = 0; i < s->statement_count; i++)
        if (s->statements[i].sql == sql)
            return s->statements[i].statement;
    if (s->statement_count == STORE_MAX_STATEMENTS) { // never with the literals of this folder
        sqlite3_finalize(s->statements[--s->statement_count].statement);
    }
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL) != SQLITE_OK) {
        store_error(s, e, "cannot be read");
        return NULL;
    }
    s->statements[s->statement_count].sql = sql;
    s->statements[s->statement_count++].statement = st;
    return st;
}

bool store_step(struct store *s, sqlite3_stmt *st, bool *row, struct err *e)
{
    int code = sqlite3_step(st);
    *row = code == SQLITE_ROW;
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return true;
    store_error(s, e, sqlite3_stmt_readonly(st) ? "cannot be read" : "cannot be written");
    store_done(st);
    return false;
}

bool store_run(struct store *s, sqlite3_stmt *st, struct err *e)
{
    bool row;
    if (!st || !store_step(s, st, &row, e))
        return false;
    store_done(st);
    return true;
}

struct slice store_column(struct arena *a, sqlite3_stmt *st, int at)
{
    const void *from = sqlite3_column_blob(st, at);
    int len = sqlite3_column_bytes(st, at);
    return from && len > 0 ? arena_copy(a, slice_of(from, (size_t)len)) : (struct slice){0};
}

// --- opening ------------------------------------------------------------------------------------

sqlite3 *store_handle(struct store *s)
{
    return s->db;
}

const char *store_url_path(const char *url, struct err *e)
{
    if (strncmp(url, "sqlite:", 7) == 0)
        url += 7;
    else if (strstr(url, "://")) {
        err_set(e, ERR_UNSUPPORTED, 0, "the store %.100s: only sqlite:PATH is supported", url);
        return NULL;
    }
    if (!url[0]) {
        err_set(e, ERR_USAGE, 0, "the store has no path; it looks like sqlite:/path/registry.db");
        return NULL;
    }
    return url;
}

static bool harden(struct store *s, struct err *e)
{
    static const struct {
        int limit, value;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, STORE_MAX_VALUE},
        {SQLITE_LIMIT_SQL_LENGTH, 100000},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_EXPR_DEPTH, 100},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 4},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(s->db, limits[i].limit, limits[i].value);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_busy_timeout(s->db, 10000);
    return store_exec(s,
                      "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                      "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;"
                      "PRAGMA cache_size = -16384; PRAGMA synchronous = FULL;"
                      "PRAGMA journal_size_limit = 67108864",
                      e);
}

static bool pragma_number(struct store *s, const char *sql, int64_t *out, struct err *e)
{
    sqlite3_stmt *st = NULL;
    bool ok = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) == SQLITE_OK &&
              sqlite3_step(st) == SQLITE_ROW;
    if (ok)
        *out = sqlite3_column_int64(st, 0);
    else
        store_error(s, e, "cannot be read");
    sqlite3_finalize(st);
    return ok;
}

struct store *store_connect(const char *url, bool create, struct err *e)
{
    const char *path = store_url_path(url, e);
    if (!path)
        return NULL;
    struct store *s = mem_alloc_zero(1, sizeof *s);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0);
    if (!create && access(path, F_OK) != 0)
        err_set(e, ERR_IO, 0, "the store %.120s: %s", path, strerror(errno));
    else if (sqlite3_open_v2(path, &s->db, flags, NULL) == SQLITE_OK && harden(s, e))
        return s;
    else if (e && !e->code)
        err_set(e, ERR_IO, 0, "the store %.120s: %s", path,
                s->db ? sqlite3_errmsg(s->db) : "out of memory");
    store_close(s);
    return NULL;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->statement_count; i++)
        sqlite3_finalize(s->statements[i].statement);
    for (size_t i = 0; i < STORE_MAX_SETS; i++) {
        bits_free(&s->sets[i].set);
        free(s->sets[i].key);
    }
    sqlite3_close_v2(s->db);
    free(s);
}

bool store_versions(struct store *s, int64_t *version, bool *empty, struct err *e)
{
    int64_t id, tables;
    if (!pragma_number(s, "PRAGMA application_id", &id, e) ||
        !pragma_number(s, "PRAGMA user_version", version, e) ||
        !pragma_number(s, "SELECT count(*) FROM sqlite_schema", &tables, e))
        return false;
    *empty = tables == 0;
    if (!*empty && id != STORE_APPLICATION_ID)
        return err_set(e, ERR_FORMAT, 0, "the store: this file is not a registry");
    return true;
}

// Each migration is a transaction: a store is at one version or at the next.
static bool migrate_once(struct store *s, bool *more, struct err *e)
{
    int64_t version;
    bool empty;
    char finish[128];
    if (!store_exec(s, "BEGIN IMMEDIATE", e))
        return false;
    if (!store_versions(s, &version, &empty, e))
        goto undo;
    *more = version < store_migration_count;
    if (!*more) {
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
        return true;
    }
    snprintf(finish, sizeof finish, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
             STORE_APPLICATION_ID, (int)version + 1);
    const struct store_migration *m = &store_migrations[version];
    if (store_exec(s, m->sql, e) && (!m->run || m->run(s, e)) && store_exec(s, finish, e))
        return true;
undo:
    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

static bool migrate(struct store *s, struct err *e)
{
    bool more = true;
    if (!store_exec(s, "PRAGMA journal_mode = WAL", e))
        return false;
    while (more)
        if (!migrate_once(s, &more, e))
            return false;
    return true;
}

static bool version_fits(int64_t version, struct err *e)
{
    int needed = store_migration_count;
    if (version < needed)
        return err_set(e, ERR_UNSUPPORTED, 0,
                       "the store has version %lld of the tables and this program needs %d: run "
                       "`vigied migrate`",
                       (long long)version, needed);
    if (version > needed)
        return err_set(e, ERR_UNSUPPORTED, 0,
                       "the store has version %lld of the tables, and this program knows %d: use a "
                       "newer vigied",
                       (long long)version, needed);
    return true;
}

bool store_open(const char *url, enum store_mode mode, struct store **out, struct err *e)
{
    struct err ignored = {0};
    struct store *s = store_connect(url, mode == STORE_CREATE, e ? e : &ignored);
    if (!s)
        return false;
    int64_t version;
    bool empty;
    bool ok = store_versions(s, &version, &empty, e);
    if (ok && mode == STORE_CREATE && version <= store_migration_count)
        ok = migrate(s, e) && store_versions(s, &version, &empty, e);
    ok = ok && version_fits(version, e);
    if (ok && mode == STORE_WRITE) // a restored file has none yet
        ok = store_exec(s, "PRAGMA journal_mode = WAL", e);
    if (ok && mode == STORE_READ)
        ok = store_exec(s, "PRAGMA query_only = ON", e);
    if (!ok) {
        store_close(s);
        return false;
    }
    s->read_only = mode == STORE_READ;
    *out = s;
    return true;
}

bool store_migrate(const char *url, int *from, int *to, struct err *e)
{
    struct err ignored = {0};
    struct store *s = store_connect(url, false, e ? e : &ignored);
    int64_t version;
    bool empty;
    bool ok = s && store_versions(s, &version, &empty, e);
    if (ok && version > store_migration_count)
        ok = version_fits(version, e);
    ok = ok && migrate(s, e);
    store_close(s);
    if (ok) {
        *from = (int)version;
        *to = store_migration_count;
    }
    return ok;
}

uint64_t store_generation(struct store *s)
{
    bool row;
    sqlite3_stmt *st = store_prepare(s, "SELECT value FROM meta WHERE name = 'generation'", NULL);
    if (!st || !store_step(s, st, &row, NULL))
        return 0;
    uint64_t found = row ? (uint64_t)sqlite3_column_int64(st, 0) : 0;
    store_done(st);
    return found;
}

bool store_invented(struct store *s)
{
    bool row = false;
    sqlite3_stmt *st = store_prepare(s, "SELECT value FROM meta WHERE name = 'invented'", NULL);
    if (!st || !store_step(s, st, &row, NULL))
        return false;
    store_done(st);
    return row;
}

bool store_mark_invented(struct store *s, struct err *e)
{
    return store_exec(s,
                      "INSERT OR IGNORE INTO meta VALUES ('invented', 1);"
                      "UPDATE meta SET value = value + 1 WHERE name = 'generation'",
                      e);
}

// --- transactions -------------------------------------------------------------------------------

static bool savepoint(struct store *s, const char *verb, int depth, struct err *e)
{
    char sql[64];
    snprintf(sql, sizeof sql, "%s level%d", verb, depth);
    return store_exec(s, sql, e);
}

bool store_begin(struct store *s, struct err *e)
{
    if (s->depth == 0) {
        s->lost = false;
        if (!store_exec(s, "BEGIN IMMEDIATE", e))
            return false;
    } else if (s->lost || !savepoint(s, "SAVEPOINT", s->depth, e)) {
        return s->lost ? err_set(e, ERR_IO, 0, "the store: the transaction was lost") : false;
    }
    s->depth++;
    return true;
}

bool store_commit(struct store *s, struct err *e)
{
    if (s->depth == 0)
        return err_set(e, ERR_USAGE, 0, "the store: nothing to commit");
    if (s->lost) {
        store_rollback(s);
        return err_set(e, ERR_IO, 0, "the store: the transaction was lost");
    }
    bool ok = s->depth == 1 ? store_exec(s, "COMMIT", e) : savepoint(s, "RELEASE", s->depth - 1, e);
    if (ok)
        s->depth--;
    else
        store_rollback(s);
    return ok;
}

void store_rollback(struct store *s)
{
    if (s->depth == 0)
        return;
    s->depth--;
    if (sqlite3_get_autocommit(s->db)) {
        s->lost = s->depth > 0;
        return;
    }
    if (s->depth == 0) {
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    } else if (!savepoint(s, "ROLLBACK TO", s->depth, NULL) ||
               !savepoint(s, "RELEASE", s->depth, NULL)) {
        s->lost = true;
    }
}

bool store_read_begin(struct store *s, struct err *e)
{
    return !sqlite3_get_autocommit(s->db) || store_exec(s, "BEGIN", e);
}

void store_read_end(struct store *s)
{
    if (s->depth == 0 && !sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
}

// --- ids

const struct schema_kind *store_kind_of(int number)
{
    size_t count;
    const struct schema_kind *k = schema_kinds(&count);
    for (size_t i = 0; i < count; i++)
        if (store_kind_number(&k[i]) == number)
            return &k[i];
    return NULL;
}

bool store_id_parse(struct slice id, int *kind, int64_t *number)
{
    const struct schema_kind *k = schema_kind_by_prefix(id);
    size_t from = k ? strlen(k->prefix) + 1 : 0;
    int64_t n = 0;
    if (!k || id.len < from + 6 || id.len > from + 12)
        return false;
    for (size_t i = from; i < id.len; i++) {
        if (id.at[i] < '0' || id.at[i] > '9')
            return false;
        n = n * 10 + (id.at[i] - '0');
    }
    if (id.len > from + 6 && id.at[from] == '0')
        return false; // one spelling a record
    *kind = store_kind_number(k);
    *number = n;
    return true;
}

struct slice store_id_text(struct arena *a, int kind, int64_t number)
{
    return arena_printf(a, "%c-%06lld", kind, (long long)number);
}
