// SPDX-License-Identifier: Apache-2.0
// Making, opening and closing a case.
//
// While an audit writes, a rollback journal stands beside the file (case.vigie-journal). An audit
// nearly only appends, and of pages that are new a journal holds nothing: each byte is written
// once, where a write-ahead log would write it twice and sum it besides. SQLite syncs the journal
// before the file (synchronous = NORMAL), so a program that is killed, and a computer that loses
// its power, leave a case that is whole up to the last commit; whoever opens it next takes the rest
// back.
//
// A commit costs a few syncs of the disk, which thousands of small files would feel: small files of
// evidence are committed in groups. A file that may yet be taken back has a savepoint in its group:
// what it changes of pages that were there before is held in memory until it ends, so large ones
// have a transaction to themselves. Most small files are known whole before anything of them is
// added, and need none: their rows go in with those of the files beside them. Only if the case
// cannot be written is such a file taken back, and the group with it, as when the program is
// killed.
//
// A case may come from a stranger. Before anything is read of it: its header, SQLite's own quick
// check, and that the tables are the very ones of case_schema (no views, no triggers, no computed
// columns, no indexes of others on our tables).
#include "case/case_digest.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

bool case_error(struct case_file *c, struct err *e, const char *doing)
{
    int code = sqlite3_errcode(c->db);
    enum err_code ours = code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? ERR_FORMAT : ERR_IO;
    const char *why = sqlite3_errmsg(c->db);
    if (code == SQLITE_FULL)
        why = "no space left on the disk";
    if (code == SQLITE_BUSY)
        why = "another program is using it";
    return err_set(e, ours, 0, "the case file: %s: %s", doing, why);
}

bool case_exec(struct case_file *c, const char *sql, struct err *e)
{
    if (sqlite3_exec(c->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return case_error(c, e, "cannot be written");
    return true;
}

bool case_commit(struct case_file *c, struct err *e)
{
    if (!case_rows_flush(c, e))
        return false;
    if (c->tx == TX_NONE)
        return true;
    if (!case_exec(c, "COMMIT", e))
        return false;
    c->tx = TX_NONE;
    c->group_files = c->group_bytes = 0;
    return true;
}

void case_names_forget(struct case_file *c)
{
    for (int i = 0; i < NAME_TABLE_COUNT; i++)
        map_clear(&c->names[i]);
    memset(c->last_names, 0, sizeof c->last_names);
    arena_reset(&c->names_memory);
}

// Ids that were given out since then are gone.
static void forget_ids(struct case_file *c)
{
    case_digest_drop(c);
    case_rows_forget(c);
    case_names_forget(c);
    case_names_free(c->read_names);
    c->read_names = NULL;
}

bool case_undo_file(struct case_file *c, struct err *e)
{
    case_rows_forget(c);
    case_gathered_undo_file(c->gathered);
    if (!c->added)
        return true;
    forget_ids(c);
    c->added = false;
    return case_exec(
        c, c->back == BACK_TO_SAVEPOINT ? "ROLLBACK TO evidence" : "ROLLBACK; BEGIN IMMEDIATE", e);
}

void case_rollback(struct case_file *c)
{
    if (c->tx == TX_NONE)
        return;
    sqlite3_exec(c->db, "ROLLBACK", NULL, NULL,
                 NULL); // fails only when SQLite has rolled back itself
    c->tx = TX_NONE;
    c->open_evidence -= (int64_t)c->group_files;
    c->group_files = c->group_bytes = 0;
    case_gathered_give_up(c);
    forget_ids(c);
}

bool case_loose(struct case_file *c, struct err *e)
{
    if (c->tx != TX_NONE)
        return true;
    if (!case_exec(c, "BEGIN IMMEDIATE", e))
        return false;
    c->tx = TX_LOOSE;
    clock_gettime(CLOCK_MONOTONIC, &c->group_start);
    return true;
}

static struct case_file *case_alloc(void)
{
    struct case_file *c = mem_alloc_zero(1, sizeof *c);
    arena_init(&c->names_memory, 0);
    for (int i = 0; i < NAME_TABLE_COUNT; i++)
        map_init(&c->names[i]);
    return c;
}

// What every connection gets before its first look at the file.
static bool harden(struct case_file *c, struct err *e)
{
    static const struct {
        int limit, value;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, CASE_MAX_VALUE},
        {SQLITE_LIMIT_SQL_LENGTH, 100000},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_EXPR_DEPTH, 50},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(c->db, limits[i].limit, limits[i].value);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    // Nothing outside the case's own folder: no temporary files, no mapped pages that count as our
    // memory.
    return case_exec(
        c,
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
        "PRAGMA mmap_size = 0; PRAGMA foreign_keys = OFF",
        e);
}

// 8 MiB: an audit appends, and reports read on; more is no faster. To be called once the size of a
// page is known: SQLite counts the cache in pages, and does not count again.
static bool limit_cache(struct case_file *c, struct err *e)
{
    return case_exec(c, "PRAGMA cache_size = -8192", e);
}

static bool connect(struct case_file *c, const char *path, int flags, struct err *e)
{
    if (c->db)
        sqlite3_close_v2(c->db);
    c->db = NULL;
    if (sqlite3_open_v2(path, &c->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL) !=
        SQLITE_OK) {
        if (!c->db)
            return err_set(e, ERR_MEMORY, 0, "out of memory");
        return case_error(c, e, "cannot be opened");
    }
    return harden(c, e);
}

static bool begin_writing(struct case_file *c, struct err *e)
{
    return case_exec(c,
                     "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE;"
                     "PRAGMA synchronous = NORMAL",
                     e);
}

static bool end_writing(struct case_file *c, struct err *e)
{
    return case_exec(c, "PRAGMA journal_mode = DELETE", e);
}

static bool create_tables(struct case_file *c, struct err *e)
{
    char pragmas[96];
    snprintf(pragmas, sizeof pragmas, "PRAGMA page_size = %d; PRAGMA auto_vacuum = INCREMENTAL",
             CASE_PAGE);
    if (!case_exec(c, pragmas, e) || !begin_writing(c, e) || !case_loose(c, e) ||
        !limit_cache(c, e))
        return false;
    for (const char *const *sql = case_schema; *sql; sql++)
        if (!case_exec(c, *sql, e))
            return false;
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             CASE_APPLICATION_ID, CASE_FORMAT);
    return case_exec(c, pragmas, e); // committed with the first settings
}

bool case_create(const char *path, struct case_file **out, struct err *e)
{
    // Made here and not by SQLite: the rights are ours from the first moment, whatever the umask.
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_errno(e, "%s", path);
    close(fd);
    struct case_file *c = case_alloc();
    c->writable = true;
    c->open_evidence = 1;
    c->gathered = case_gathered_create();
    case_hashes_begin(c);
    if (!connect(c, path, SQLITE_OPEN_READWRITE, e) || !create_tables(c, e)) {
        case_close(c);
        unlink(path);
        return false;
    }
    *out = c;
    return true;
}

struct header {
    bool wal; // in WAL mode: needs a writer to fold the log in
};

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

// The first 100 bytes of an SQLite file (sqlite.org/fileformat2.html, 1.3), so that what is no case
// is named as such.
static bool check_header(const char *path, struct header *out, struct err *e)
{
    uint8_t head[100];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return err_set_errno(e, "%s", path);
    bool plain = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    ssize_t got = plain ? read(fd, head, sizeof head) : 0;
    close(fd);
    if (plain && st.st_size == 0)
        return err_set(e, ERR_FORMAT, 0,
                       "%s is empty: the audit that made it was stopped at once; begin it again "
                       "with --force",
                       path);
    if (got != (ssize_t)sizeof head || memcmp(head, "SQLite format 3", 16) != 0 ||
        be32(head + 68) != CASE_APPLICATION_ID)
        return err_set(e, ERR_FORMAT, 0, "%s is not a case file of vigie", path);
    if (be32(head + 60) > CASE_FORMAT)
        return err_set(e, ERR_UNSUPPORTED, 0,
                       "%s was written by a newer vigie (format %u; this one knows %d)", path,
                       be32(head + 60), CASE_FORMAT);
    out->wal = head[18] == 2;
    return true;
}

static bool is_of(const char *const *statements, struct slice sql)
{
    for (; *statements; statements++)
        if (slice_equal_str(sql, *statements))
            return true;
    return false;
}

// The word after CREATE TABLE or INDEX.
static struct slice object_name(const char *sql)
{
    const char *at = sql + sizeof "CREATE TABLE " - 1; // "CREATE INDEX " is as long
    return slice_of(at, strcspn(at, " "));
}

static bool touches_ours(struct slice table)
{
    for (const char *const *ours = case_schema; *ours; ours++)
        if (slice_equal_nocase(table, object_name(*ours)))
            return true;
    return false;
}

static bool check_tables(struct case_file *c, struct err *e)
{
    sqlite3_stmt *st;
    size_t found = 0, wanted = 0;
    if (sqlite3_prepare_v2(c->db, "SELECT name, tbl_name, sql FROM sqlite_schema", -1, &st, NULL) !=
        SQLITE_OK)
        return case_error(c, e, "is damaged");
    bool ok = true;
    int step;
    while (ok && (step = sqlite3_step(st)) == SQLITE_ROW) {
        struct slice name = case_column_text(st, 0), table = case_column_text(st, 1),
                     sql = case_column_text(st, 2);
        if (sql.len && is_of(case_schema, sql))
            found++;
        else if (sql.len && !is_of(case_schema_optional, sql) &&
                 (touches_ours(table) || touches_ours(name)))
            ok = err_set(e, ERR_FORMAT, 0,
                         "the case file has been altered: '%.*s' is not as vigie makes it",
                         SLICE_FMT(slice_sub(name, 0, 60)));
    }
    if (ok && step != SQLITE_DONE)
        ok = case_error(c, e, "is damaged");
    sqlite3_finalize(st);
    for (const char *const *ours = case_schema; *ours; ours++)
        wanted++;
    if (ok && found != wanted)
        ok = err_set(e, ERR_FORMAT, 0, "the case file has been altered: a table is missing");
    return ok;
}

static bool quick_check(struct case_file *c, struct err *e)
{
    sqlite3_stmt *st;
    if (sqlite3_prepare_v2(c->db, "PRAGMA quick_check(1)", -1, &st, NULL) != SQLITE_OK)
        return case_error(c, e, "is damaged");
    bool ok = sqlite3_step(st) == SQLITE_ROW && slice_equal_str(case_column_text(st, 0), "ok");
    if (!ok)
        err_set(e, ERR_FORMAT, 0, "the case file is damaged: %.*s",
                SLICE_FMT(slice_sub(case_column_text(st, 0), 0, 120)));
    sqlite3_finalize(st);
    return ok;
}

// SQLite takes back what a journal holds, or folds a log in, with the first look at the file.
static bool look(struct case_file *c, struct err *e)
{
    return case_exec(c, "PRAGMA locking_mode = EXCLUSIVE; SELECT 1 FROM sqlite_schema LIMIT 1", e);
}

// What an interrupted audit left beside the case is settled, so that it can be read without
// writing.
static bool settle(struct case_file *c, const char *path, struct err *e)
{
    return connect(c, path, SQLITE_OPEN_READWRITE, e) && look(c, e) && end_writing(c, e);
}

static bool beside(const char *path, const char *suffix)
{
    char name[4096 + 16];
    struct stat st;
    int n = snprintf(name, sizeof name, "%s%s", path, suffix);
    return n > 0 && (size_t)n < sizeof name && lstat(name, &st) == 0 && st.st_size > 0;
}

static bool open_for_reading(struct case_file *c, const char *path, const struct header *h,
                             struct err *e)
{
    bool log = beside(path, "-wal"), journal = beside(path, "-journal");
    if ((h->wal || log || journal) && !settle(c, path, e))
        return false;
    return connect(c, path, SQLITE_OPEN_READONLY, e) && case_exec(c, "PRAGMA query_only = ON", e);
}

static bool open_for_writing(struct case_file *c, const char *path, struct err *e)
{
    return connect(c, path, SQLITE_OPEN_READWRITE, e) && look(c, e) && begin_writing(c, e);
}

// Going on with an audit: what its last steps wrote is made again.
static bool prepare_resume(struct case_file *c, struct err *e)
{
    sqlite3_stmt *st;
    if (case_is_complete(c))
        return true;
    if (sqlite3_prepare_v2(c->db, "SELECT coalesce(max(id), 0) FROM evidence", -1, &st, NULL) !=
        SQLITE_OK)
        return case_error(c, e, "cannot be read");
    if (sqlite3_step(st) == SQLITE_ROW)
        c->resume_last = sqlite3_column_int64(st, 0);
    c->open_evidence = c->resume_last + 1;
    sqlite3_finalize(st);
    return case_loose(c, e) &&
           case_exec(c,
                     "DELETE FROM finding WHERE id IN (SELECT finding FROM correlation);"
                     "DELETE FROM correlation; DELETE FROM correlation_event; DELETE FROM refusal",
                     e) &&
           case_commit(c, e);
}

// A reader sees one state of the case, and SQLite asks for locks once, not with each statement.
static bool begin_reading(struct case_file *c, struct err *e)
{
    return case_exec(c, "BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1", e);
}

bool case_open(const char *path, bool writable, struct case_file **out, struct err *e)
{
    struct header h = {0};
    if (!check_header(path, &h, e))
        return false;
    struct case_file *c = case_alloc();
    c->writable = writable;
    bool ok = writable ? open_for_writing(c, path, e) : open_for_reading(c, path, &h, e);
    ok = ok && (writable || begin_reading(c, e));
    ok = ok && limit_cache(c, e) && quick_check(c, e) && check_tables(c, e) &&
         (!writable || prepare_resume(c, e));
    if (!ok) {
        c->writable = false; // leave the file as it is
        case_close(c);
        return false;
    }
    *out = c;
    return true;
}

static void finalize_all(struct case_file *c)
{
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(c->statements[i]);
    memset(c->statements, 0, sizeof c->statements);
}

bool case_rename(struct case_file *c, const char *from, const char *to, struct err *e)
{
    finalize_all(c);
    case_rows_free(c->rows);
    c->rows = NULL;
    c->writable = false;
    sqlite3_close_v2(c->db);
    c->db = NULL;
    if (rename(from, to) != 0)
        return err_set_errno(e, "cannot put %.100s in its place", from);
    return connect(c, to, SQLITE_OPEN_READONLY, e) && case_exec(c, "PRAGMA query_only = ON", e) &&
           begin_reading(c, e) && limit_cache(c, e);
}

void case_close(struct case_file *c)
{
    if (!c)
        return;
    struct err ignored;
    if (c->tx == TX_EVIDENCE && !case_evidence_abandon(c, &ignored))
        case_rollback(c);
    if (c->db && !case_commit(c, &ignored))
        case_rollback(c);
    finalize_all(c);
    if (c->db && c->writable && !end_writing(c, &ignored))
        c->writable = false; // the log stays beside the case: still whole
    sqlite3_close_v2(c->db);
    for (int i = 0; i < NAME_TABLE_COUNT; i++)
        map_free(&c->names[i]);
    arena_free(&c->names_memory);
    buf_free(&c->scratch);
    case_digest_drop(c);
    case_gathered_free(c->gathered);
    case_rows_free(c->rows);
    free(c->hashes);
    case_names_free(c->read_names);
    free(c);
}

bool case_is_complete(struct case_file *c)
{
    struct arena a;
    arena_init(&a, 0);
    bool complete = slice_equal_str(case_get(c, "complete", &a), "1");
    arena_free(&a);
    return complete;
}

bool case_complete(struct case_file *c, struct err *e)
{
    if (c->tx == TX_EVIDENCE)
        return err_set(e, ERR_USAGE, 0, "a file of evidence is still open in the case");
    return case_loose(c, e) && case_prune(c, e) && case_set(c, "complete", SLICE("1"), e) &&
           case_commit(c, e) && case_exec(c, "PRAGMA incremental_vacuum", e) && end_writing(c, e);
}
