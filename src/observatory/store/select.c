// SPDX-License-Identifier: Apache-2.0
// Which revisions a query selects, as a set of bits.
//
// SQLite's own way to combine filters is to look up each candidate in each index. At 100,000
// records that is some 100,000 look-ups a filter. Here each filter instead reads its own narrow
// range of the index from one end to the other, sets a bit for each revision, and the sets are
// combined by AND: some milliseconds a filter, however many match. A set has a bit for each
// revision of the store.
#include "observatory/store/store_internal.h"

#include "base/map.h"

uint64_t bits_total(const struct bits *b)
{
    uint64_t n = 0;
    for (size_t i = 0; i < b->count; i++)
        n += (uint64_t)__builtin_popcountll(b->words[i]);
    return n;
}

void bits_free(struct bits *b)
{
    free(b->words);
    *b = (struct bits){0};
}

static bool bits_new(struct store *s, struct bits *b, struct err *e)
{
    bool row;
    sqlite3_stmt *st = store_prepare(s, "SELECT max(id) FROM revision", e);
    if (!st || !store_step(s, st, &row, e))
        return false;
    int64_t most = sqlite3_column_int64(st, 0);
    store_done(st);
    b->count = (size_t)(most < 0 ? 0 : most) / 64 + 1;
    b->words = mem_alloc_zero(b->count, 8);
    return true;
}

// Keeps in all what is in b too, and frees b. The first set becomes all.
static void bits_and(struct bits *all, struct bits *b)
{
    if (!all->words) {
        *all = *b;
        return;
    }
    for (size_t i = 0; i < all->count; i++)
        all->words[i] &= i < b->count ? b->words[i] : 0;
    bits_free(b);
}

static bool take_ids(struct store *s, sqlite3_stmt *st, struct bits *b, struct err *e)
{
    bool row, ok;
    while ((ok = store_step(s, st, &row, e)) && row)
        bits_add(b, sqlite3_column_int64(st, 0));
    if (ok)
        store_done(st);
    return ok;
}

static uint32_t states_of(const struct query *q)
{
    if (q->states)
        return q->states;
    return q->team ? (1u << STATE_COUNT) - 1 : 1u << STATE_PUBLISHED;
}

// 0: any; -1: one that there is not.
static int kind_of(const struct query *q)
{
    const struct schema_kind *k = q->kind ? schema_kind_find(slice_from_str(q->kind)) : NULL;
    return k ? store_kind_number(k) : q->kind ? -1 : 0;
}

// The statements' common parameters: 1 states, 2 kind or 0, 3 the instant.
static void bind_common(sqlite3_stmt *st, const struct query *q)
{
    sqlite3_bind_int64(st, 1, states_of(q));
    sqlite3_bind_int(st, 2, kind_of(q));
    if (!q->team)
        sqlite3_bind_int64(st, 3, store_instant(q->as_of));
}

static bool read_value(struct store *s, const struct query *q, const char *field,
                       struct slice value, struct bits *b, struct err *e)
{
    sqlite3_stmt *st =
        q->team ? store_prepare(s,
                                "SELECT revision FROM posting WHERE term = (SELECT id FROM term"
                                " WHERE field = ?4 AND value = ?5) AND newest = 1"
                                " AND (?1 >> state) & 1 AND (?2 = 0 OR kind = ?2)",
                                e)
                : store_prepare(s,
                                "SELECT revision FROM posting WHERE term = (SELECT id FROM term"
                                " WHERE field = ?4 AND value = ?5) AND public_to > ?3"
                                " AND public_from <= ?3 AND (?1 >> state) & 1"
                                " AND (?2 = 0 OR kind = ?2)",
                                e);
    if (!st)
        return false;
    bind_common(st, q);
    sqlite3_bind_text(st, 4, field, -1, SQLITE_STATIC);
    store_bind_text(st, 5, value);
    return take_ids(s, st, b, e);
}

static bool first_of_field(const struct query *q, size_t which)
{
    for (size_t i = 0; i < which; i++)
        if (strcmp(q->filters[i].field, q->filters[which].field) == 0)
            return false;
    return true;
}

static bool bind_days(sqlite3_stmt *st, const struct query *q, struct err *e)
{
    int32_t first = INT32_MIN, last = INT32_MAX, ignored;
    const struct slice none = {0};
    if ((q->since.len && !date_range(q->since, none, &first, &ignored)) ||
        (q->until.len && !date_range(q->until, none, &ignored, &last)))
        return err_set(e, ERR_USAGE, 0, "not a date; dates look like 2022, 2022-10 or 2022-10-05");
    sqlite3_bind_int(st, 4, first);
    sqlite3_bind_int(st, 5, last);
    return true;
}

// Everything that the states, the kind and the dates allow.
static bool select_base(struct store *s, const struct query *q, struct bits *b, struct err *e)
{
    bool dates = q->since.len || q->until.len;
    const char *sql;
    if (q->team)
        sql = dates ? "SELECT id FROM revision WHERE newest = 1 AND (?1 >> state) & 1"
                      " AND (?2 = 0 OR kind = ?2) AND day >= ?4 AND day <= ?5"
                    : "SELECT id FROM revision WHERE newest = 1 AND (?1 >> state) & 1"
                      " AND (?2 = 0 OR kind = ?2)";
    else
        sql = dates ? "SELECT id FROM revision INDEXED BY revision_span WHERE public_to > ?3"
                      " AND public_from <= ?3"
                      " AND (?1 >> state) & 1 AND (?2 = 0 OR kind = ?2)"
                      " AND day >= ?4 AND day <= ?5"
                    : "SELECT id FROM revision INDEXED BY revision_span WHERE public_to > ?3"
                      " AND public_from <= ?3 AND (?1 >> state) & 1 AND (?2 = 0 OR kind = ?2)";
    sqlite3_stmt *st = store_prepare(s, sql, e);
    if (!st)
        return false;
    bind_common(st, q);
    if (dates && !bind_days(st, q, e)) {
        store_done(st);
        return false;
    }
    return take_ids(s, st, b, e);
}

// A field's value, or (field NULL) the base.
static bool read_set(struct store *s, const struct query *q, const char *field, struct slice value,
                     struct bits *out, struct err *e)
{
    if (!bits_new(s, out, e))
        return false;
    if (field ? read_value(s, q, field, value, out, e) : select_base(s, q, out, e))
        return true;
    bits_free(out);
    return false;
}

static struct bits bits_copy(const struct bits *b)
{
    struct bits copy = {mem_alloc(b->count * 8), b->count};
    memcpy(copy.words, b->words, b->count * 8);
    return copy;
}

// The same, remembered: today's records are asked for again and again, and change seldom. Not
// within a transaction of this connection, whose generation may yet be taken back and given out
// again.
static bool remembered_set(struct store *s, const struct query *q, const char *field,
                           struct slice value, struct bits *out, struct err *e)
{
    bool fixed = !q->team && store_instant(q->as_of) == STORE_NOW &&
                 (field || (!q->since.len && !q->until.len));
    uint64_t generation = fixed && s->depth == 0 ? store_generation(s) : 0;
    if (!generation)
        return read_set(s, q, field, value, out, e);
    struct buf key = {0};
    buf_printf(&key, "%u %d %s=", states_of(q), kind_of(q), field ? field : "");
    buf_add(&key, value);
    struct store_set *at = &s->sets[hash_bytes(buf_slice(&key)) % STORE_MAX_SETS];
    bool known = at->generation == generation &&
                 slice_equal(slice_of(at->key, at->key_len), buf_slice(&key));
    bool ok = known || read_set(s, q, field, value, out, e);
    if (known) {
        *out = bits_copy(&at->set);
    } else if (ok && out->count * 8 <= STORE_SETS_BYTES / STORE_MAX_SETS) {
        bits_free(&at->set);
        free(at->key);
        *at = (struct store_set){generation, key.at, key.len, bits_copy(out)};
        return true; // the key's bytes are kept
    }
    buf_free(&key);
    return ok;
}

bool store_select_value(struct store *s, const struct query *q, const char *field,
                        struct slice value, struct bits *out, struct err *e)
{
    return remembered_set(s, q, field, value, out, e);
}

// The values of one filter's field, or-ed.
static bool select_filter(struct store *s, const struct query *q, size_t which, struct bits *out,
                          struct err *e)
{
    struct bits all = {0}, one;
    for (size_t i = which; i < q->filter_count && i < QUERY_MAX_FILTERS; i++) {
        if (strcmp(q->filters[i].field, q->filters[which].field) != 0)
            continue;
        if (!remembered_set(s, q, q->filters[i].field, q->filters[i].value, &one, e)) {
            bits_free(&all);
            return false;
        }
        for (size_t w = 0; all.words && w < one.count && w < all.count; w++)
            all.words[w] |= one.words[w];
        if (all.words)
            bits_free(&one);
        else
            all = one;
    }
    *out = all;
    return true;
}

static bool select_words(struct store *s, const struct query *q, struct bits *b, struct err *e)
{
    struct buf match = {0};
    bool ok = true;
    if (store_words_match(q->words, &match)) {
        sqlite3_stmt *st = store_prepare(s, "SELECT rowid FROM words WHERE words MATCH ?", e);
        if (st)
            sqlite3_bind_text(st, 1, (const char *)match.at, -1, SQLITE_STATIC);
        ok = st && take_ids(s, st, b, e);
    }
    buf_free(&match);
    return ok;
}

bool store_select(struct store *s, const struct query *q, struct bits *out, struct err *e)
{
    struct bits all = {0}, one = {0};
    for (size_t i = 0; i < q->filter_count && i < QUERY_MAX_FILTERS; i++) {
        if (!first_of_field(q, i))
            continue;
        if (!select_filter(s, q, i, &one, e))
            goto fail;
        bits_and(&all, &one);
        one = (struct bits){0};
    }
    if (!all.words || q->since.len || q->until.len) {
        if (!remembered_set(s, q, NULL, (struct slice){0}, &one, e))
            goto fail;
        bits_and(&all, &one);
        one = (struct bits){0};
    }
    if (q->words.len) {
        if (!bits_new(s, &one, e) || !select_words(s, q, &one, e))
            goto fail;
        bits_and(&all, &one);
    }
    *out = all;
    return true;
fail:
    bits_free(&one);
    bits_free(&all);
    return false;
}
