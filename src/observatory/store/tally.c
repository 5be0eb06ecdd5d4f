// SPDX-License-Identifier: Apache-2.0
// Counting the values of a field over a query's set: the set of each value meets it. For pairs, the
// postings of the second field are sorted by revision first, and each posting of the first looks
// its revision up there.
#include "observatory/store/store_internal.h"

struct posting {
    int64_t revision;
    size_t value; // index in values
};

struct field_postings {
    ARRAY_OF(struct slice) values;
    ARRAY_OF(int64_t) terms; // beside values
    ARRAY_OF(struct posting) rows;
};

static void postings_free(struct field_postings *p)
{
    ARRAY_FREE(&p->values);
    ARRAY_FREE(&p->terms);
    ARRAY_FREE(&p->rows);
}

static bool read_terms(struct store *s, const char *field, struct arena *a,
                       struct field_postings *p, struct err *e)
{
    bool row, ok;
    sqlite3_stmt *st =
        store_prepare(s, "SELECT id, value FROM term WHERE field = ? ORDER BY value", e);
    if (!st)
        return false;
    sqlite3_bind_text(st, 1, field, -1, SQLITE_STATIC);
    while ((ok = store_step(s, st, &row, e)) && row) {
        *ARRAY_ADD(&p->terms) = sqlite3_column_int64(st, 0);
        *ARRAY_ADD(&p->values) = store_column(a, st, 1);
    }
    if (ok)
        store_done(st);
    return ok;
}

static bool read_rows(struct store *s, const struct query *q, size_t value, const struct bits *set,
                      struct field_postings *p, struct err *e)
{
    bool row, ok;
    sqlite3_stmt *st =
        q->team ? store_prepare(s, "SELECT revision FROM posting WHERE term = ?1 AND newest = 1", e)
                : store_prepare(
                      s, "SELECT revision FROM posting WHERE term = ?1 AND public_to > ?2", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, p->terms.items[value]);
    if (!q->team)
        sqlite3_bind_int64(st, 2, store_instant(q->as_of));
    while ((ok = store_step(s, st, &row, e)) && row) {
        int64_t revision = sqlite3_column_int64(st, 0);
        if (bits_has(set, revision))
            *ARRAY_ADD(&p->rows) = (struct posting){revision, value};
    }
    if (ok)
        store_done(st);
    return ok;
}

static bool read_field(struct store *s, const struct query *q, const char *field,
                       const struct bits *set, struct arena *a, struct field_postings *p,
                       struct err *e)
{
    if (!read_terms(s, field, a, p, e))
        return false;
    for (size_t i = 0; i < p->terms.count; i++)
        if (!read_rows(s, q, i, set, p, e))
            return false;
    return true;
}

static int by_revision(const void *x, const void *y)
{
    const struct posting *a = x, *b = y;
    return (a->revision > b->revision) - (a->revision < b->revision);
}

static int most_first(const void *x, const void *y)
{
    const struct tally *a = x, *b = y;
    if (a->records != b->records)
        return a->records < b->records ? 1 : -1;
    int c = slice_compare(a->value, b->value);
    return c ? c : slice_compare(a->value2, b->value2);
}

// First posting of b, which is sorted, whose revision is not below.
static size_t first_at(const struct field_postings *b, int64_t revision)
{
    size_t low = 0, high = b->rows.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->rows.items[middle].revision < revision)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// One field alone: each value's set, which is remembered, meets the query's.
static bool count_values(struct store *s, const struct query *q, const char *field,
                         const struct bits *set, struct arena *a, struct tally **out, size_t *count,
                         struct err *e)
{
    struct field_postings p = {0};
    bool ok = read_terms(s, field, a, &p, e);
    struct tally *t = ARENA_ARRAY(a, struct tally, p.values.count);
    size_t n = 0;
    for (size_t i = 0; ok && i < p.values.count; i++) {
        struct bits has;
        ok = store_select_value(s, q, field, p.values.items[i], &has, e);
        if (!ok)
            break;
        t[n] = (struct tally){.value = p.values.items[i]};
        for (size_t w = 0; w < has.count && w < set->count; w++)
            t[n].records += (uint64_t)__builtin_popcountll(has.words[w] & set->words[w]);
        n += t[n].records != 0;
        bits_free(&has);
    }
    postings_free(&p);
    *out = t;
    *count = n;
    return ok;
}

// Both lists sorted: runs of the same revision meet.
static bool count_pairs(struct field_postings *x, struct field_postings *y, struct arena *a,
                        struct tally **out, size_t *count, struct err *e)
{
    size_t cells, n = 0;
    if (__builtin_mul_overflow(x->values.count, y->values.count, &cells) || cells > 1 << 22)
        return err_set(e, ERR_LIMIT, 0, "the store: too many pairs of values");
    uint64_t *grid = mem_alloc_zero(cells + 1, sizeof *grid);
    if (y->rows.count)
        qsort(y->rows.items, y->rows.count, sizeof *y->rows.items, by_revision);
    for (size_t i = 0; i < x->rows.count; i++) {
        const struct posting *p = &x->rows.items[i];
        for (size_t k = first_at(y, p->revision);
             k < y->rows.count && y->rows.items[k].revision == p->revision; k++)
            grid[p->value * y->values.count + y->rows.items[k].value]++;
    }
    for (size_t i = 0; i < cells; i++)
        n += grid[i] != 0;
    *out = ARENA_ARRAY(a, struct tally, n);
    *count = n;
    n = 0;
    for (size_t i = 0; i < x->values.count; i++)
        for (size_t k = 0; k < y->values.count; k++)
            if (grid[i * y->values.count + k])
                (*out)[n++] = (struct tally){x->values.items[i], y->values.items[k],
                                             grid[i * y->values.count + k]};
    free(grid);
    return true;
}

static bool tally(struct store *s, const struct query *q, const char *field, const char *field2,
                  struct arena *a, struct tally **out, size_t *count, struct err *e)
{
    struct bits set;
    struct field_postings x = {0}, y = {0};
    if (!store_select(s, q, &set, e))
        return false;
    bool ok = field2 ? read_field(s, q, field, &set, a, &x, e) &&
                           read_field(s, q, field2, &set, a, &y, e) &&
                           count_pairs(&x, &y, a, out, count, e)
                     : count_values(s, q, field, &set, a, out, count, e);
    if (ok && *count)
        qsort(*out, *count, sizeof **out, most_first);
    postings_free(&x);
    postings_free(&y);
    bits_free(&set);
    return ok;
}

bool store_tally(struct store *s, const struct query *q, const char *field, const char *field2,
                 struct arena *a, struct tally **out, size_t *count, struct err *e)
{
    struct tally *found = NULL;
    size_t n = 0;
    if (!store_read_begin(s, e))
        return false;
    bool ok = tally(s, q, field, field2, a, &found, &n, e);
    store_read_end(s);
    if (ok) {
        *out = found;
        *count = n;
    }
    return ok;
}
