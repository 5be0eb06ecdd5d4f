// SPDX-License-Identifier: Apache-2.0
// Lists: the set of a query, walked in the order that an index has.
#include "observatory/store/store_internal.h"

enum { LIST_DEFAULT = 50, LIST_MAX = 1000, RANKED_MAX = 5000 };

typedef ARRAY_OF(int64_t) ids_t;

// Walks sql's ids in its order, and keeps those of the set from number skip on, at most limit.
static bool walk_order(struct store *s, const char *sql, const struct bits *set, size_t *skip,
                       size_t limit, ids_t *out, struct err *e)
{
    bool row = true, ok = true;
    sqlite3_stmt *st = store_prepare(s, sql, e);
    if (!st)
        return false;
    while (out->count < limit && (ok = store_step(s, st, &row, e)) && row) {
        int64_t id = sqlite3_column_int64(st, 0);
        if (!bits_has(set, id))
            continue;
        if (*skip)
            --*skip;
        else
            *ARRAY_ADD(out) = id;
    }
    if (ok)
        store_done(st);
    return ok;
}

// By how well it matches; a word in the title weighs ten times.
static bool walk_ranked(struct store *s, const struct query *q, const struct bits *set,
                        size_t *skip, size_t limit, ids_t *out, struct err *e)
{
    bool row = true, ok = true;
    struct buf match = {0};
    sqlite3_stmt *st =
        store_words_match(q->words, &match)
            ? store_prepare(s,
                            "SELECT rowid FROM words WHERE words MATCH ?"
                            " ORDER BY bm25(words, 10.0, 10.0, 1.0, 1.0, 1.0), rowid DESC",
                            e)
            : NULL;
    if (st) {
        sqlite3_bind_text(st, 1, (const char *)match.at, -1, SQLITE_STATIC);
        while (out->count < limit && (ok = store_step(s, st, &row, e)) && row) {
            int64_t id = sqlite3_column_int64(st, 0);
            if (!bits_has(set, id))
                continue;
            if (*skip)
                --*skip;
            else
                *ARRAY_ADD(out) = id;
        }
        if (ok)
            store_done(st);
    }
    buf_free(&match);
    return st && ok;
}

static bool in_order(struct store *s, const struct query *q, const struct bits *set, uint64_t total,
                     size_t skip, size_t limit, ids_t *out, struct err *e)
{
    if (!total)
        return true;
    switch (q->sort) {
    case SORT_RELEVANCE:
        if (q->words.len && total <= RANKED_MAX)
            return walk_ranked(s, q, set, &skip, limit, out, e);
        break;
    case SORT_OLDEST: // those without a date come last, as with the newest
        return walk_order(s, "SELECT id FROM revision WHERE day IS NOT NULL ORDER BY day, id", set,
                          &skip, limit, out, e) &&
               walk_order(s, "SELECT id FROM revision WHERE day IS NULL ORDER BY id", set, &skip,
                          limit, out, e);
    case SORT_CHANGED:
        return walk_order(s, "SELECT id FROM revision ORDER BY made DESC, id DESC", set, &skip,
                          limit, out, e);
    case SORT_TITLE:
        if (q->french)
            return walk_order(s, "SELECT id FROM revision ORDER BY title_key_fr, id", set, &skip,
                              limit, out, e);
        return walk_order(s, "SELECT id FROM revision ORDER BY title_key, id", set, &skip, limit,
                          out, e);
    case SORT_NEWEST:
        break;
    }
    return walk_order(s, "SELECT id FROM revision ORDER BY day DESC, id DESC", set, &skip, limit,
                      out, e);
}

// The ids of a query in its order, and how many there are in all.
static bool find_ids(struct store *s, const struct query *q, size_t limit, ids_t *out,
                     uint64_t *total, struct err *e)
{
    struct bits set;
    if (!store_select(s, q, &set, e))
        return false;
    *total = bits_total(&set);
    bool ok = in_order(s, q, &set, *total, q->offset, limit, out, e);
    bits_free(&set);
    return ok;
}

static bool read_row(struct store *s, int64_t id, struct arena *a, struct list_row *out,
                     struct err *e)
{
    bool row;
    sqlite3_stmt *st = store_prepare(s,
                                     "SELECT r.kind, r.number, v.title, v.title_fr, v.began,"
                                     " v.disclosed, v.state, v.number, v.made, v.types, v.origins,"
                                     " v.targets FROM revision v JOIN record r ON r.id = v.record"
                                     " WHERE v.id = ?",
                                     e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    if (!store_step(s, st, &row, e))
        return false;
    const struct schema_kind *k = row ? store_kind_of(sqlite3_column_int(st, 0)) : NULL;
    if (k)
        *out = (struct list_row){
            .id = store_id_text(a, sqlite3_column_int(st, 0), sqlite3_column_int64(st, 1)),
            .title = store_column(a, st, 2),
            .title_fr = store_column(a, st, 3),
            .began = store_column(a, st, 4),
            .disclosed = store_column(a, st, 5),
            .state = (enum record_state)sqlite3_column_int(st, 6),
            .revision = (uint32_t)sqlite3_column_int64(st, 7),
            .changed = (vtime)sqlite3_column_int64(st, 8),
            .kind = slice_from_str(k->name),
            .types = store_column(a, st, 9),
            .origins = store_column(a, st, 10),
            .targets = store_column(a, st, 11),
        };
    store_done(st);
    return k || err_set(e, ERR_FORMAT, 0, "the store: a revision without its record");
}

// Of each column of words, where a search's words stand in it.
#define SNIPPET(column) "snippet(words, " #column ", char(2), char(3), '\u2026', 24)"
#define SNIPPETS        SNIPPET(0) ", " SNIPPET(1) ", " SNIPPET(2) ", " SNIPPET(3) ", " SNIPPET(4)

// What is in the reader's language goes before, and what the list shows anyhow, the title in it, is
// left out.
static void choose_snippet(sqlite3_stmt *st, int first, bool french, struct arena *a,
                           struct list_row *row)
{
    enum { TITLE, TITLE_FR, BODY, BODY_FR, OTHER, COLUMNS };
    static const char *const languages[COLUMNS] = {"en", "fr", "en", "fr", NULL};
    static const int english_order[] = {BODY, BODY_FR, OTHER, TITLE_FR},
                     french_order[] = {BODY_FR, BODY, OTHER, TITLE};
    for (int i = 0; i < 4 && !row->snippet.len; i++) {
        int column = french ? french_order[i] : english_order[i];
        if (column == TITLE && !row->title_fr.len)
            continue;
        const void *text = sqlite3_column_blob(st, first + column);
        size_t len = (size_t)sqlite3_column_bytes(st, first + column);
        if (!text || !memchr(text, 2, len))
            continue;
        row->snippet = store_column(a, st, first + column);
        row->snippet_lang = languages[column];
    }
}

static bool read_snippet(struct store *s, const char *match, int64_t id, bool french,
                         struct arena *a, struct list_row *out, struct err *e)
{
    bool row;
    sqlite3_stmt *st =
        store_prepare(s, "SELECT " SNIPPETS " FROM words WHERE words MATCH ?1 AND rowid = ?2", e);
    if (!st)
        return false;
    sqlite3_bind_text(st, 1, match, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 2, id);
    if (!store_step(s, st, &row, e))
        return false;
    if (row)
        choose_snippet(st, 0, french, a, out);
    store_done(st);
    return true;
}

// FTS5 gathers all words of a prefix anew for each look-up, so that one pass over all that match is
// faster than a look-up a row.
static bool read_snippets_at_once(struct store *s, const char *match, const ids_t *ids, bool french,
                                  struct arena *a, struct list_row *rows, struct err *e)
{
    bool row, ok;
    struct buf list = {0};
    sqlite3_stmt *st = store_prepare(s,
                                     "SELECT rowid, " SNIPPETS " FROM words WHERE words MATCH ?1"
                                     " AND +rowid IN (SELECT value FROM json_each(?2))",
                                     e);
    if (!st)
        return false;
    for (size_t i = 0; i < ids->count; i++)
        buf_printf(&list, "%c%lld", i ? ',' : '[', (long long)ids->items[i]);
    buf_str(&list, ids->count ? "]" : "[]");
    sqlite3_bind_text(st, 1, match, -1, SQLITE_STATIC);
    store_bind_text(st, 2, buf_slice(&list));
    while ((ok = store_step(s, st, &row, e)) && row)
        for (size_t i = 0; i < ids->count; i++)
            if (ids->items[i] == sqlite3_column_int64(st, 0))
                choose_snippet(st, 1, french, a, &rows[i]);
    if (ok)
        store_done(st);
    buf_free(&list);
    return ok;
}

static bool read_snippets(struct store *s, const struct query *q, const ids_t *ids, struct arena *a,
                          struct list_row *rows, struct err *e)
{
    struct buf match = {0};
    bool ok = true;
    if (!store_words_match(q->words, &match) || !ids->count) {
        buf_free(&match);
        return true;
    }
    const char *text = (const char *)match.at;
    if (strstr(text, "\" *"))
        ok = read_snippets_at_once(s, text, ids, q->french, a, rows, e);
    else
        for (size_t i = 0; ok && i < ids->count; i++)
            ok = read_snippet(s, text, ids->items[i], q->french, a, &rows[i], e);
    buf_free(&match);
    return ok;
}

static bool read_rows(struct store *s, const struct query *q, const ids_t *ids, struct arena *a,
                      struct list_row *rows, struct err *e)
{
    for (size_t i = 0; i < ids->count; i++)
        if (!read_row(s, ids->items[i], a, &rows[i], e))
            return false;
    return read_snippets(s, q, ids, a, rows, e);
}

bool store_list(struct store *s, const struct query *q, struct arena *a, struct list_row **rows,
                size_t *count, uint64_t *total, struct err *e)
{
    ids_t ids = {0};
    uint64_t all;
    size_t limit = q->limit == 0 ? LIST_DEFAULT : q->limit > LIST_MAX ? LIST_MAX : q->limit;
    struct list_row *found = NULL;
    if (!store_read_begin(s, e))
        return false;
    bool ok = find_ids(s, q, limit, &ids, &all, e);
    if (ok) {
        found = ARENA_ARRAY(a, struct list_row, ids.count);
        ok = read_rows(s, q, &ids, a, found, e);
    }
    store_read_end(s);
    if (ok) {
        *rows = found;
        *count = ids.count;
        *total = all;
    }
    ARRAY_FREE(&ids);
    return ok;
}

// --- walking with bodies

static bool name_of(struct store *s, int64_t id, struct arena *a, struct slice *record,
                    uint32_t *number, struct err *e)
{
    bool row;
    sqlite3_stmt *st = store_prepare(s,
                                     "SELECT r.kind, r.number, v.number FROM revision v"
                                     " JOIN record r ON r.id = v.record WHERE v.id = ?",
                                     e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    if (!store_step(s, st, &row, e))
        return false;
    *record = store_id_text(a, sqlite3_column_int(st, 0), sqlite3_column_int64(st, 1));
    *number = (uint32_t)sqlite3_column_int64(st, 2);
    store_done(st);
    return row || err_set(e, ERR_FORMAT, 0, "the store: a revision without its record");
}

// Revisions do not change, so that what the ids name stays the same while others write.
bool store_walk(struct store *s, const struct query *q, store_each *each, void *context,
                struct err *e)
{
    ids_t ids = {0};
    uint64_t all;
    struct arena a;
    if (!store_read_begin(s, e))
        return false;
    bool ok = find_ids(s, q, q->limit ? q->limit : SIZE_MAX, &ids, &all, e);
    store_read_end(s);
    arena_init(&a, 0);
    for (size_t i = 0; ok && i < ids.count; i++) {
        struct slice record;
        uint32_t number;
        struct revision meta;
        struct record body;
        arena_reset(&a);
        ok = name_of(s, ids.items[i], &a, &record, &number, e) &&
             store_revision(s, record, number, &a, &meta, &body, e) == STORE_FOUND;
        if (!ok)
            break;
        bool more = each(context, &meta, &body);
        record_free(&body);
        if (!more)
            break;
    }
    arena_free(&a);
    ARRAY_FREE(&ids);
    return ok;
}

bool store_count(struct store *s, const struct query *q, uint64_t *out, struct err *e)
{
    struct bits set;
    if (!store_read_begin(s, e))
        return false;
    bool ok = store_select(s, q, &set, e);
    store_read_end(s);
    if (ok) {
        *out = bits_total(&set);
        bits_free(&set);
    }
    return ok;
}
