// SPDX-License-Identifier: Apache-2.0
// What the files of this folder share; not for others.
#ifndef VIGIE_CASE_CASE_INTERNAL_H
#define VIGIE_CASE_CASE_INTERNAL_H

#include "case/case.h"

#include "base/array.h"
#include "base/buf.h"
#include "base/map.h"

#include <sqlite3.h>
#include <time.h>

enum {
    CASE_APPLICATION_ID = 0x56494749, // "VIGI"
    CASE_FORMAT = 2,                  // user_version; 1 is read as well
    CASE_MAX_VALUE = 64 << 20,        // bytes of one value; more is refused when reading
    CASE_MAX_JSON = 1 << 20,          // bytes of one event's JSON that are kept
    CASE_MAX_TEXT = 64 << 10,         // bytes of any other text that are kept
    CASE_MAX_DAMAGE = 100,     // rows of damage kept for one file of evidence; the count has no cap
    CASE_MAX_INTERNED = 16384, // names remembered in memory before the memory is emptied
    CASE_PAGE = 8192,          // bytes: an event's JSON is rarely larger than 4 KiB
    // A transaction holds whole files of evidence until it comes to one of these.
    CASE_GROUP_BYTES = 32 << 20, // of evidence
    CASE_GROUP_SECONDS = 1,
    CASE_GROUP_FILE = 8 << 20, // a larger file begins a transaction of its own
};

// Prepared once, on first use.
enum statement {
    ST_SETTING,
    ST_CONSENT,
    ST_RULE,
    ST_REFUSAL,
    ST_EVIDENCE,
    ST_LOGS,
    ST_DAMAGE,
    ST_EVENTS,
    ST_EVENT_TEXTS,
    ST_FINDINGS,
    ST_MATCHES,
    ST_NEXT_EVENT,
    ST_FINDING,
    ST_CORRELATION,
    ST_CORRELATION_EVENT,
    ST_NAME_INSERT, // then the other tables of names, in enum name_table's order
    ST_NAME_INSERT_LAST = ST_NAME_INSERT + 3,
    ST_NAME_FIND,
    ST_NAME_FIND_LAST = ST_NAME_FIND + 3,
    ST_BY_HASH,
    ST_DONE,
    ST_EVENT_TIME,
    ST_NAME_TEXT, // in enum name_table's order, then the evidence's paths
    ST_NAME_TEXT_LAST = ST_NAME_TEXT + 4,
    ST_DIGEST_RULES,
    ST_DIGEST_FINDINGS,
    ST_DIGEST_ORDER,
    ST_FINDING_ROW,
    ST_FINDING_FIELDS,
    ST_FINDING_WINDOW,
    ST_RULE_TEXTS,
    ST_EVENT_JSON,
    ST_MATCH_EVENTS,
    ST_DROP_EVENT,
    ST_DROP_EVENT_TEXT,
    ST_DROP_RULE,
    STATEMENT_COUNT,
};

enum name_table {
    NAME_HOST,
    NAME_CHANNEL,
    NAME_PROVIDER,
    NAME_ACCOUNT,
    NAME_TABLE_COUNT,
};

enum transaction {
    TX_NONE,
    TX_LOOSE,    // settings, rules, correlations, whole files of evidence: committed when there is
                 // enough, at the end, or on closing
    TX_EVIDENCE, // one file of evidence
};

// How a file of evidence can be taken back.
enum way_back {
    BACK_TO_COMMIT,    // nothing else is in the transaction
    BACK_TO_SAVEPOINT, // its own, behind the files before it
    BACK_NEVER,        // only with all that is in the transaction
};

struct case_digest;
struct case_gathered;
struct case_names;
struct case_rows;

// A name that was given an id.
struct name_met {
    struct slice name;
    int64_t id; // 0: none
};

struct case_file {
    sqlite3 *db;
    bool writable;
    enum transaction tx;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    struct map names[NAME_TABLE_COUNT]; // text to struct name_met
    struct name_met last_names[NAME_TABLE_COUNT];
    struct arena names_memory;
    struct buf scratch;
    int64_t open_evidence; // id of the file of evidence in work, or of the next one
    bool added;            // something was written since that file was begun
    enum way_back back;
    uint64_t group_files, group_bytes; // of evidence in the transaction
    struct timespec group_start;
    uint64_t damage_rows;           // of that file
    struct case_rows *rows;         // case_rows.c; NULL until there are some
    uint8_t *hashes;                // case_rows.c; NULL: there may be any
    struct case_digest *digest;     // case_digest.h; NULL until asked for
    struct case_gathered *gathered; // case_digest.h; NULL: findings are read back for the digest
    struct case_names *read_names;  // case_findings.c; likewise
    int64_t resume_last;            // highest evidence id of an earlier run
    int64_t resume_seen;            // the last of these that case_evidence_done has found again
};

extern const char *const case_schema[], *const case_schema_optional[]; // NULL at the end

bool case_error(struct case_file *c, struct err *e, const char *doing);
bool case_exec(struct case_file *c, const char *sql, struct err *e);
// The statement, reset and without bindings. NULL: e says why.
sqlite3_stmt *case_statement(struct case_file *c, int which, struct err *e);
bool case_run(struct case_file *c, sqlite3_stmt *st, struct err *e);
bool case_loose(struct case_file *c, struct err *e);
bool case_commit(struct case_file *c, struct err *e);
void case_rollback(struct case_file *c);
// Takes back what was written since the file of evidence was begun, which stays open.
bool case_undo_file(struct case_file *c, struct err *e);

// At most so many bytes of it, not ending within a character.
struct slice case_text_cut(struct slice text, size_t cap);
void case_bind_text(sqlite3_stmt *st, int at, struct slice text); // capped at CASE_MAX_TEXT
void case_bind_time(sqlite3_stmt *st, int at, vtime t);           // 0 becomes NULL
void case_bind_u64(sqlite3_stmt *st, int at, uint64_t n);         // capped at INT64_MAX
struct slice case_column_text(sqlite3_stmt *st, int at);
uint64_t case_column_u64(sqlite3_stmt *st, int at); // negative and NULL: 0
uint32_t case_column_u32(sqlite3_stmt *st, int at); // capped
// The id of a name, added when it is new.
bool case_name_id(struct case_file *c, enum name_table table, struct slice name, int64_t *id,
                  struct err *e);
void case_names_forget(struct case_file *c);

// Rows that wait to be written (case_rows.c).
bool case_rows_flush(struct case_file *c, struct err *e);
void case_rows_forget(struct case_file *c); // and the ids that were given out
void case_rows_begin_file(struct case_file *c);
void case_rows_free(struct case_rows *rows); // takes NULL
[[nodiscard]] bool case_rows_add_log(struct case_file *c, const struct case_log *log, int64_t host,
                                     int64_t channel, struct err *e);
// Of the file of evidence that is open.
[[nodiscard]] bool case_rows_add_evidence(struct case_file *c, const struct case_evidence *row,
                                          struct err *e);
// The first file that waits and was read with this hash; 0: none.
int64_t case_rows_evidence_with_hash(const struct case_file *c, struct slice hex);
// Whether a file with this hash may have been added: of most it is known without asking SQLite.
void case_hashes_begin(struct case_file *c);
bool case_hashes_may_have(const struct case_file *c, const struct sha256_digest *d);

// Drops what only an audit needs: matches, events that served only to be counted by correlations,
// rules that found nothing.
bool case_prune(struct case_file *c, struct err *e);
void case_names_free(struct case_names *n); // takes NULL

#endif
