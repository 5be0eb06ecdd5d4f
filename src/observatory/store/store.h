// SPDX-License-Identifier: Apache-2.0
// Where records live. All SQL is behind these functions (and those of the other headers in this
// folder); nothing outside this folder includes sqlite3.h, so that another database needs only
// another folder's worth of code.
//
// Nothing is overwritten: a record is a chain of revisions. What the public sees at an instant is,
// of each record, the newest revision made public until then, so that a past day's figures can be
// asked again: every reading function takes as_of.
//
// A struct store is one connection, for one thread at a time. Writers are one at a time; a write is
// acknowledged when it is on disk (synchronous=FULL).
#ifndef VIGIE_OBSERVATORY_STORE_STORE_H
#define VIGIE_OBSERVATORY_STORE_STORE_H

#include "observatory/model/record.h"

struct store;

enum store_mode { STORE_READ, STORE_WRITE, STORE_CREATE };

// url: "sqlite:PATH" or a path. STORE_CREATE makes and migrates. An older schema is an error that
// names `vigied migrate`; a newer one too. Frees nothing on failure.
[[nodiscard]] bool store_open(const char *url, enum store_mode mode, struct store **out,
                              struct err *e);
void store_close(struct store *s); // takes NULL
[[nodiscard]] bool store_migrate(const char *url, int *from, int *to, struct err *e);
// A whole copy to path, while others write; path must not exist.
[[nodiscard]] bool store_backup(struct store *s, const char *path, struct err *e);
// Puts a backup in the place of the store at url: examined first (integrity, version; an older one
// is migrated), then copied in one transaction, so that a server that is running goes on, with the
// restored records. force: replace what is there. A file there that is no database is kept beside,
// as PATH.damaged.
[[nodiscard]] bool store_restore(const char *backup, const char *url, bool force, struct err *e);
// Reads every page; false with the first fault.
[[nodiscard]] bool store_check(struct store *s, struct err *e);
// Grows with every public change, in any process: what pages are cached under.
uint64_t store_generation(struct store *s);

// Whether what it holds is made up, for a demonstration: everything that is made of it says so. The
// mark goes with every copy of the file, and nothing takes it away.
bool store_invented(struct store *s);
[[nodiscard]] bool store_mark_invented(struct store *s, struct err *e);

// Transactions nest (savepoints). The outermost commit is the acknowledgement.
[[nodiscard]] bool store_begin(struct store *s, struct err *e);
[[nodiscard]] bool store_commit(struct store *s, struct err *e);
void store_rollback(struct store *s);

// --- records and revisions ----------------------------------------------------------------------
enum record_state {
    STATE_DRAFT,       // being coded; not public
    STATE_REVIEW,      // waits for a reviewer; not public
    STATE_PUBLISHED,   // public and counted
    STATE_WITHDRAWN,   // public with the reason, not counted
    STATE_TURNED_DOWN, // a candidate that does not meet the definition: public, searchable, not
                       // counted
    STATE_MERGED,      // public as a pointer to the record it was merged into, not counted
    STATE_COUNT
};
const char *record_state_name(enum record_state s); // "draft", "in-review", "published", …

struct revision {
    int64_t id;          // in the store
    struct slice record; // "I-000123"
    uint32_t number;     // 1, 2, …
    vtime recorded;      // when the record's first revision was made: the registry's own date of it
    vtime made;
    struct slice author;       // shown name
    struct slice reason;       // why
    struct slice reason_lang;  // "en", "fr"; empty: not known
    struct slice reason_other; // the same in the other of these; empty: nobody wrote it
    enum record_state state;
    vtime public_from; // 0: never public
    struct slice codebook;
};

// A new revision of record (empty: a new record, whose id is given back). at 0: now; another time
// is for imports of history and demonstrations, and must not be before the record's newest. The
// record's terms and words are indexed with it.
struct revision_new {
    struct slice record;
    const struct record *body;
    enum record_state state;
    struct slice author;
    int64_t author_user; // 0: none (import)
    struct slice reason, reason_lang, reason_other;
    vtime at;
};
[[nodiscard]] bool store_revision_add(struct store *s, const struct revision_new *n,
                                      struct arena *a, struct revision *out, struct err *e);

enum store_found { STORE_FOUND, STORE_NONE, STORE_ERROR };

// The public revision at as_of (0: now). all: the newest whatever its state (for the team).
enum store_found store_record(struct store *s, struct slice id, vtime as_of, bool all,
                              struct arena *a, struct revision *meta, struct record *body,
                              struct err *e);
enum store_found store_revision(struct store *s, struct slice id, uint32_t number, struct arena *a,
                                struct revision *meta, struct record *body, struct err *e);
// Newest first; public_only leaves out what never was public.
[[nodiscard]] bool store_history(struct store *s, struct slice id, bool public_only,
                                 struct arena *a, struct revision **out, size_t *count,
                                 struct err *e);

// --- lists and counts ----------------------------------------------------------------------------
enum { QUERY_MAX_FILTERS = 32 };
// SORT_RELEVANCE is by newest when more than 5,000 records match, or without words.
enum query_sort { SORT_NEWEST, SORT_OLDEST, SORT_CHANGED, SORT_TITLE, SORT_RELEVANCE };

struct query {
    const char *kind;   // "incident" …; NULL: any
    uint32_t states;    // bits 1 << STATE_…; 0: published only
    bool team;          // newest revisions whatever their state, not the public ones
    struct slice words; // full-text: all must occur, "a phrase", pref* (three letters or more);
                        // empty: none. Never a syntax error; nothing but signs finds nothing
    struct {
        const char *field; // as in record_term
        struct slice value;
    } filters[QUERY_MAX_FILTERS]; // same field twice: either; different fields: both
    size_t filter_count;
    struct slice since, until; // dates, of what began (else was disclosed); until is inclusive
    vtime as_of;               // 0: now
    enum query_sort sort;
    bool french;          // titles are sorted, and passages found, for readers of French
    size_t offset, limit; // limit 0: 50
};

struct list_row {
    struct slice id, title, title_fr, began, disclosed;
    enum record_state state;
    uint32_t revision;
    vtime changed;
    struct slice kind;
    struct slice types, origins, targets; // codes joined by a space
    struct slice snippet;                 // of a search: words marked by \x02 … \x03
    const char *snippet_lang;             // "en", "fr"; NULL: not known
};
[[nodiscard]] bool store_list(struct store *s, const struct query *q, struct arena *a,
                              struct list_row **rows, size_t *count, uint64_t *total,
                              struct err *e);
// Bodies too, one after the other, in the list's order, without limit when q->limit is 0: for
// exports. each returns false to stop.
typedef bool store_each(void *context, const struct revision *meta, const struct record *body);
[[nodiscard]] bool store_walk(struct store *s, const struct query *q, store_each *each,
                              void *context, struct err *e);

struct tally {
    struct slice value, value2;
    uint64_t records; // distinct records
};
// How many records have each value of a field, most first; with field2 (may be NULL) pairs.
[[nodiscard]] bool store_tally(struct store *s, const struct query *q, const char *field,
                               const char *field2, struct arena *a, struct tally **out,
                               size_t *count, struct err *e);
[[nodiscard]] bool store_count(struct store *s, const struct query *q, uint64_t *out,
                               struct err *e);

// A public revision that took the place of another public one.
struct public_change {
    struct list_row row; // as it is after
    uint32_t before;     // number of the revision before, as row.revision is of that after
    enum record_state was;
    struct slice reason, reason_lang, reason_other;
};
// All that the public saw change until as_of (0: now), the latest first.
[[nodiscard]] bool store_changes(struct store *s, vtime as_of, size_t offset, size_t limit,
                                 struct arena *a, struct public_change **out, size_t *count,
                                 uint64_t *total, struct err *e);

// --- what sources said, column by column

// A row of an imported file, kept whole and for good.
struct original {
    struct slice dataset; // "eurepoc", "cfr", "veris", "stix", "csv"
    struct slice file;    // name without folder
    uint64_t row;         // line of data, from 1; 0: not a table
    struct slice columns; // JSON: [["column","value"],…] in the file's order, all of them; or the
                          // whole object
};
[[nodiscard]] bool store_original_add(struct store *s, struct slice record,
                                      const struct original *o, struct err *e);
[[nodiscard]] bool store_originals(struct store *s, struct slice record, struct arena *a,
                                   struct original **out, size_t *count, struct err *e);
// The record that a row of a source (key: file and content, by SHA-256) was imported into.
enum store_found store_import_find(struct store *s, struct slice key, struct arena *a,
                                   struct slice *record, struct err *e);
[[nodiscard]] bool store_import_note(struct store *s, struct slice key, struct slice record,
                                     struct err *e);

#endif
