// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/agreement.h"

#include "observatory/team/edit.h"

#include <stdlib.h>

uint64_t coded_fields(const struct schema_group *g)
{
    uint64_t bits = 0;
    for (size_t f = 0; f < g->count && f < 64; f++)
        if (g->fields[f].double_coded)
            bits |= 1ull << f;
    return bits;
}

int coded_key(const struct schema_group *g)
{
    for (size_t f = 0; g->repeated && f < g->count; f++)
        if (g->fields[f].double_coded)
            return g->fields[f].kind == VALUE_TERM && !g->fields[f].many ? (int)f : -1;
    return -1;
}

const struct item *coded_item(const struct record *r, const struct schema_group *g,
                              const char *code)
{
    int key = coded_key(g);
    if (key < 0)
        return NULL;
    for (const struct item *i = record_next(r, g->name, NULL); i; i = record_next(r, g->name, i))
        if (slice_equal_str(item_text(r, i, g->fields[key].name), code))
            return i;
    return NULL;
}

static int order_slices(const void *x, const void *y)
{
    return slice_compare(*(const struct slice *)x, *(const struct slice *)y);
}

// Each counted value once, sorted; a date with its precision.
static size_t values_of(struct arena *a, const struct item *i, uint16_t field, struct slice **out)
{
    size_t n = 0, kept = 0;
    *out = ARENA_ARRAY(a, struct slice, i ? i->values.count : 0);
    for (size_t k = 0; i && k < i->values.count; k++) {
        const struct value *v = &i->values.items[k];
        if (v->field != field || v->set_aside)
            continue;
        (*out)[n++] = v->precision.len ? arena_printf(a, "%.*s/%.*s", SLICE_FMT(v->text),
                                                      SLICE_FMT(v->precision))
                                       : v->text;
    }
    if (n)
        qsort(*out, n, sizeof **out, order_slices);
    for (size_t k = 0; k < n; k++)
        if (kept == 0 || !slice_equal((*out)[k], (*out)[kept - 1]))
            (*out)[kept++] = (*out)[k];
    return kept;
}

struct slice coded_text(struct arena *a, const struct record *r, const struct item *i,
                        uint16_t field)
{
    struct slice *list;
    struct buf b = {0};
    (void)r;
    size_t count = values_of(a, i, field, &list);
    for (size_t k = 0; k < count; k++) {
        if (k)
            buf_byte(&b, '\n');
        buf_add(&b, list[k]);
    }
    struct slice out = arena_copy(a, buf_slice(&b));
    buf_free(&b);
    return out;
}

void coded_clear(struct record *r)
{
    for (size_t k = r->items.count; k-- > 0;) {
        struct item *i = &r->items.items[k];
        const struct schema_group *g = &r->kind->groups[i->group];
        if (coded_key(g) >= 0) {
            record_remove_item(r, i);
            continue;
        }
        for (uint16_t f = 0; f < g->count; f++)
            if (g->fields[f].double_coded)
                item_copy_field(r, i, NULL, f);
    }
}

static void apply_keyed(struct record *to, const struct record *coding,
                        const struct schema_group *g)
{
    int key = coded_key(g);
    for (const struct item *i = record_next(coding, g->name, NULL); i;
         i = record_next(coding, g->name, i)) {
        struct slice code = item_text(coding, i, g->fields[key].name);
        struct item *into = (struct item *)(uintptr_t)coded_item(to, g, arena_str(to->arena, code));
        if (!into)
            into = record_add_item(to, g->name);
        for (uint16_t f = 0; f < g->count; f++)
            item_copy_field(to, into, i, f);
    }
}

void coded_apply(struct record *to, const struct record *coding)
{
    for (size_t k = 0; k < to->kind->count; k++) {
        const struct schema_group *g = &to->kind->groups[k];
        if (!coded_fields(g))
            continue;
        if (coded_key(g) >= 0) {
            apply_keyed(to, coding, g);
        } else if (!g->repeated) {
            const struct item *from = record_next(coding, g->name, NULL);
            struct item *into = record_main(to);
            for (uint16_t f = 0; f < g->count; f++)
                if (g->fields[f].double_coded)
                    item_copy_field(to, into, from, f);
        }
    }
}

// --- adding up

// What the two made of one field of one record.
struct pair {
    struct slice *first, *second;
    size_t first_count, second_count;
};

struct question { // one field
    const struct schema_group *group;
    uint16_t field;
    ARRAY_OF(struct pair) pairs;
};

struct agreement {
    const struct schema_kind *kind;
    struct arena arena;
    ARRAY_OF(struct question) questions;
};

struct agreement *agreement_create(const struct schema_kind *kind)
{
    struct agreement *a = mem_alloc_zero(1, sizeof *a);
    a->kind = kind;
    arena_init(&a->arena, 0);
    for (size_t k = 0; k < kind->count; k++) {
        const struct schema_group *g = &kind->groups[k];
        int key = coded_key(g);
        for (uint16_t f = 0; f < g->count; f++)
            if (g->fields[f].double_coded && f != key && (key >= 0 || !g->repeated))
                *ARRAY_ADD(&a->questions) = (struct question){.group = g, .field = f};
    }
    return a;
}

void agreement_destroy(struct agreement *a)
{
    if (!a)
        return;
    for (size_t i = 0; i < a->questions.count; i++)
        ARRAY_FREE(&a->questions.items[i].pairs);
    ARRAY_FREE(&a->questions);
    arena_free(&a->arena);
    free(a);
}

static void copy_values(struct arena *a, const struct item *i, uint16_t field, struct slice **out,
                        size_t *count)
{
    *count = values_of(a, i, field, out);
    for (size_t k = 0; k < *count; k++)
        (*out)[k] = arena_copy(a, (*out)[k]);
}

static void add_pair(struct agreement *a, struct question *q, const struct item *first,
                     const struct item *second)
{
    struct pair p;
    copy_values(&a->arena, first, q->field, &p.first, &p.first_count);
    copy_values(&a->arena, second, q->field, &p.second, &p.second_count);
    *ARRAY_ADD(&q->pairs) = p;
}

void agreement_add(struct agreement *a, const struct record *first, const struct record *second)
{
    for (size_t i = 0; i < a->questions.count; i++) {
        struct question *q = &a->questions.items[i];
        int key = coded_key(q->group);
        if (key < 0) {
            add_pair(a, q, record_next(first, q->group->name, NULL),
                     record_next(second, q->group->name, NULL));
            continue;
        }
        const struct vocabulary *terms = q->group->fields[key].vocabulary;
        for (size_t t = 0; t < terms->count; t++)
            add_pair(a, q, coded_item(first, q->group, terms->terms[t].code),
                     coded_item(second, q->group, terms->terms[t].code));
    }
}

static bool has(struct slice *list, size_t count, struct slice term)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(list[i], term))
            return true;
    return false;
}

// Yes or no for one term over all records. A term that neither coder ever used would add as much to
// the observed agreement as to that by chance, and change nothing.
static struct kappa_tally term_tally(const struct question *q, struct slice term)
{
    struct kappa_tally t = {0};
    for (size_t i = 0; i < q->pairs.count; i++) {
        const struct pair *p = &q->pairs.items[i];
        kappa_add(&t, has(p->first, p->first_count, term) ? SLICE("1") : SLICE("0"),
                  has(p->second, p->second_count, term) ? SLICE("1") : SLICE("0"));
    }
    return t;
}

static struct kappa pooled_kappa(const struct question *q, struct arena *arena)
{
    ARRAY_OF(struct slice) terms = {0};
    for (size_t i = 0; i < q->pairs.count; i++) {
        const struct pair *p = &q->pairs.items[i];
        for (size_t k = 0; k < p->first_count + p->second_count; k++) {
            struct slice term = k < p->first_count ? p->first[k] : p->second[k - p->first_count];
            if (!has(terms.items, terms.count, term))
                *ARRAY_ADD(&terms) = term;
        }
    }
    struct kappa_tally *tallies = ARENA_ARRAY(arena, struct kappa_tally, terms.count);
    for (size_t k = 0; k < terms.count; k++)
        tallies[k] = term_tally(q, terms.items[k]);
    struct kappa out = kappa_pooled(tallies, terms.count);
    for (size_t k = 0; k < terms.count; k++)
        kappa_free(&tallies[k]);
    ARRAY_FREE(&terms);
    return out;
}

// The whole set as one category: "not coded" is one too. Criteria that neither judged are left out.
static struct kappa nominal_kappa(const struct question *q, struct arena *arena)
{
    struct kappa_tally t = {0};
    bool keyed = coded_key(q->group) >= 0;
    for (size_t i = 0; i < q->pairs.count; i++) {
        const struct pair *p = &q->pairs.items[i];
        struct buf x = {0}, y = {0};
        if (keyed && !p->first_count && !p->second_count)
            continue;
        for (size_t k = 0; k < p->first_count; k++)
            buf_add(&x, p->first[k]), buf_byte(&x, '\n');
        for (size_t k = 0; k < p->second_count; k++)
            buf_add(&y, p->second[k]), buf_byte(&y, '\n');
        kappa_add(&t, arena_copy(arena, buf_slice(&x)), arena_copy(arena, buf_slice(&y)));
        buf_free(&x);
        buf_free(&y);
    }
    struct kappa out = kappa_of(&t);
    kappa_free(&t);
    return out;
}

size_t agreement_rows(const struct agreement *a, struct arena *arena, struct agreement_row **rows)
{
    *rows = ARENA_ARRAY(arena, struct agreement_row, a->questions.count);
    for (size_t i = 0; i < a->questions.count; i++) {
        const struct question *q = &a->questions.items[i];
        const struct schema_field *f = &q->group->fields[q->field];
        bool pooled = f->many && f->kind != VALUE_DATE;
        (*rows)[i] = (struct agreement_row){.group = q->group,
                                            .field = f,
                                            .pooled = pooled,
                                            .kappa = pooled ? pooled_kappa(q, arena)
                                                            : nominal_kappa(q, arena)};
    }
    return a->questions.count;
}
