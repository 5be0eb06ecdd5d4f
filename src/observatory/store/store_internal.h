// SPDX-License-Identifier: Apache-2.0
// What the files of this folder share: one SQLite connection, its statements, its transactions.
#ifndef VIGIE_OBSERVATORY_STORE_INTERNAL_H
#define VIGIE_OBSERVATORY_STORE_INTERNAL_H

#include "observatory/store/store.h"

#include <sqlite3.h>

enum {
    STORE_APPLICATION_ID = 0x56474944, // "VGID" in the file's header
    STORE_MAX_STATEMENTS = 128,
    STORE_MAX_SETS = 256, // remembered, in STORE_SETS_BYTES at the most
    STORE_SETS_BYTES = 8 << 20,
    STORE_MAX_VALUE = 16 << 20, // bytes of one text or blob
};
#define STORE_NEVER INT64_MAX       // the end of an interval that is open
#define STORE_NOW   (INT64_MAX - 1) // an instant that every open interval holds

struct bits {
    uint64_t *words;
    size_t count; // of words
};

// Which of today's public records have a value: remembered while nothing public changes.
struct store_set {
    uint64_t generation; // 0: not used
    uint8_t *key;        // states, kind, field and value
    size_t key_len;
    struct bits set;
};

struct store {
    sqlite3 *db;
    struct {
        const char *sql; // a literal: its address is the key
        sqlite3_stmt *statement;
    } statements[STORE_MAX_STATEMENTS];
    size_t statement_count;
    int depth; // of nested transactions
    bool lost; // SQLite rolled the outermost one back by itself
    bool read_only;
    struct store_set sets[STORE_MAX_SETS];
};

// The version of the tables (SQLite's user_version) is how many of the list were run.
struct store_migration {
    const char *what;
    const char *sql;
    bool (*run)(struct store *s, struct err *e); // what SQL alone cannot, after it; or NULL
};
extern const struct store_migration store_migrations[];
extern const int store_migration_count;

// A connection to a file that may hold older tables, or none. NULL with an error.
struct store *store_connect(const char *url, bool create, struct err *e);
const char *store_url_path(const char *url, struct err *e); // NULL with an error
// What the file says it is: a store of ours, empty, or (an error) something else.
[[nodiscard]] bool store_versions(struct store *s, int64_t *version, bool *empty, struct err *e);
// All pages from one connection to the other, in one transaction of the latter.
[[nodiscard]] bool store_copy_pages(sqlite3 *from, sqlite3 *to, struct err *e);
// So that a new name in path's folder is on disk as well as the bytes.
[[nodiscard]] bool store_sync_folder(const char *path, struct err *e);

// For the other files of this folder that keep tables of their own.
sqlite3 *store_handle(struct store *s);

// What lists sort by: a title's place in the order of a language.
struct slice store_title_key(struct arena *a, struct slice title, bool french);
// What is searched for is found in these words of a revision.
[[nodiscard]] bool store_words_add(struct store *s, int64_t revision, const struct record *body,
                                   struct err *e);
// Title keys and words of all revisions, for tables that had one language only.
[[nodiscard]] bool store_languages_fill(struct store *s, struct err *e);

// Fails with SQLite's reason, in words of ours where we have any.
bool store_error(struct store *s, struct err *e, const char *doing);
[[nodiscard]] bool store_exec(struct store *s, const char *sql, struct err *e);
// The statement of a literal, ready to bind; prepared once per connection. NULL with an error.
// It must be reset (store_done) before the function that took it returns.
sqlite3_stmt *store_prepare(struct store *s, const char *sql, struct err *e);
static inline void store_done(sqlite3_stmt *st)
{
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
}
// For statements without rows, and for the first row of those with: true and *row for a row.
[[nodiscard]] bool store_step(struct store *s, sqlite3_stmt *st, bool *row, struct err *e);
// Steps once and resets.
[[nodiscard]] bool store_run(struct store *s, sqlite3_stmt *st, struct err *e);

static inline void store_bind_text(sqlite3_stmt *st, int at, struct slice text)
{
    if (text.at)
        sqlite3_bind_text64(st, at, (const char *)text.at, text.len, SQLITE_STATIC, SQLITE_UTF8);
    else
        sqlite3_bind_text(st, at, "", 0, SQLITE_STATIC);
}
struct slice store_column(struct arena *a, sqlite3_stmt *st, int at); // text or blob, copied

// A view of the database that does not change while several statements read; nests.
[[nodiscard]] bool store_read_begin(struct store *s, struct err *e);
void store_read_end(struct store *s);

// "I-000123" and the number of its kind and row, both ways. The kind's number is its prefix's code.
static inline int store_kind_number(const struct schema_kind *k)
{
    return k->prefix[0];
}
const struct schema_kind *store_kind_of(int number); // NULL when unknown
bool store_id_parse(struct slice id, int *kind, int64_t *number);
struct slice store_id_text(struct arena *a, int kind, int64_t number);

static inline int64_t store_instant(vtime as_of)
{
    return as_of && as_of < (vtime)STORE_NOW ? (int64_t)as_of : STORE_NOW;
}

// --- sets of revisions --------------------------------------------------------------------------
static inline bool bits_has(const struct bits *b, int64_t i)
{
    return i >= 0 && (size_t)i / 64 < b->count && b->words[i / 64] >> (i % 64) & 1;
}
static inline void bits_add(struct bits *b, int64_t i)
{
    if (i >= 0 && (size_t)i / 64 < b->count)
        b->words[i / 64] |= 1ull << (i % 64);
}
uint64_t bits_total(const struct bits *b);
void bits_free(struct bits *b);
// All revisions that a query selects. Call inside store_read_begin.
[[nodiscard]] bool store_select(struct store *s, const struct query *q, struct bits *out,
                                struct err *e);
// The revisions that have a value of a field, within the query's states, kind and instant; not its
// other filters.
[[nodiscard]] bool store_select_value(struct store *s, const struct query *q, const char *field,
                                      struct slice value, struct bits *out, struct err *e);
// The words of a search as an FTS5 expression that cannot be a syntax error; false when there is
// no word to look for. out is NUL-terminated.
bool store_words_match(struct slice words, struct buf *out);

#endif
