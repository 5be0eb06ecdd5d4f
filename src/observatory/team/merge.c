// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/merge.h"

#include "observatory/team/edit.h"

static bool same_value(const struct value *a, const struct value *b)
{
    return a->field == b->field && slice_equal(a->text, b->text) &&
           slice_equal(a->precision, b->precision);
}

static const struct value *value_like(const struct item *i, const struct value *v)
{
    for (size_t k = 0; i && k < i->values.count; k++)
        if (same_value(&i->values.items[k], v))
            return &i->values.items[k];
    return NULL;
}

static size_t field_count(const struct item *i, uint16_t field)
{
    size_t n = 0;
    for (size_t k = 0; i && k < i->values.count; k++)
        n += i->values.items[k].field == field;
    return n;
}

// Values of field in one that are not in the other.
static size_t only_in(const struct item *one, const struct item *other, uint16_t field)
{
    size_t n = 0;
    for (size_t k = 0; one && k < one->values.count; k++)
        n += one->values.items[k].field == field && !value_like(other, &one->values.items[k]);
    return n;
}

size_t merge_fields(const struct record *first, const struct record *second, struct arena *a,
                    struct merge_field **out)
{
    const struct schema_group *g = &first->kind->groups[0];
    const struct item *x = record_next(first, "", NULL), *y = record_next(second, "", NULL);
    size_t count = 0;
    *out = ARENA_ARRAY(a, struct merge_field, g->count);
    for (uint16_t f = 0; f < g->count; f++) {
        if (!only_in(x, y, f) && !only_in(y, x, f))
            continue;
        bool both = field_count(x, f) && field_count(y, f);
        // Terms and countries add up; dates contradict each other even where several may stand.
        bool adds = g->fields[f].many && g->fields[f].kind != VALUE_DATE;
        (*out)[count++] = (struct merge_field){
            .field = f,
            .first = x,
            .second = y,
            .conflict = both,
            .pick = !both  ? MERGE_BOTH
                    : adds ? MERGE_BOTH
                           : MERGE_FIRST,
        };
    }
    return count;
}

// --- sources

struct renamed { // an entry of second, and what it is called in the result
    struct slice from, to;
};

struct merging {
    struct record *into;
    const struct record *second;
    struct slice id;
    ARRAY_OF(struct renamed) sources;
};

static struct slice renamed_sources(struct merging *m, struct slice ids)
{
    struct slice out = {0};
    for (size_t at = 0; at < ids.len;) {
        const uint8_t *space = memchr(ids.at + at, ' ', ids.len - at);
        size_t end = space ? (size_t)(space - ids.at) : ids.len;
        struct slice one = slice_sub(ids, at, end);
        for (size_t i = 0; i < m->sources.count; i++)
            if (slice_equal(m->sources.items[i].from, one))
                out = form_source_ids(m->into->arena, out, m->sources.items[i].to);
        at = end + 1;
    }
    return out;
}

// Copies a value; one that names no source says from which record it came.
static struct value *add_value(struct merging *m, struct item *i, const struct value *v,
                               bool set_aside)
{
    struct arena *a = m->into->arena;
    const char *name = m->into->kind->groups[i->group].fields[v->field].name;
    struct value *n = record_add_value(m->into, i, name, v->text);
    if (!n)
        return NULL;
    n->precision = arena_copy(a, v->precision);
    n->sources = renamed_sources(m, v->sources);
    n->set_aside = v->set_aside || set_aside;
    n->note = arena_copy(a, v->note);
    if (!n->sources.len && m->id.len &&
        (!v->note.len || !memmem(v->note.at, v->note.len, m->id.at, m->id.len)))
        n->note = v->note.len ? arena_printf(a, "%.*s (%.*s)", SLICE_FMT(v->note), SLICE_FMT(m->id))
                              : arena_copy(a, m->id);
    return n;
}

static const struct item *source_like(const struct record *r, const struct record *other,
                                      const struct item *s)
{
    struct slice url = item_text(other, s, "url"), title = item_text(other, s, "title");
    for (const struct item *i = record_next(r, "sources", NULL); i;
         i = record_next(r, "sources", i)) {
        struct slice its = item_text(r, i, "url");
        if (url.len ? slice_equal(its, url)
                    : title.len && !its.len && slice_equal(item_text(r, i, "title"), title))
            return i;
    }
    return NULL;
}

// Values that the item has not yet; those it has rest on the sources of both.
static void merge_item(struct merging *m, struct item *into, const struct item *from)
{
    for (size_t k = 0; k < from->values.count; k++) {
        const struct value *v = &from->values.items[k];
        struct value *have = (struct value *)(uintptr_t)value_like(into, v);
        if (have)
            have->sources =
                form_source_ids(m->into->arena, have->sources, renamed_sources(m, v->sources));
        else
            add_value(m, into, v,
                      field_count(into, v->field) > 0 &&
                          !m->into->kind->groups[into->group].fields[v->field].many);
    }
}

static bool room(const struct record *r)
{
    return r->items.count < RECORD_MAX_ITEMS;
}

static bool merge_sources(struct merging *m, struct err *e)
{
    for (const struct item *s = record_next(m->second, "sources", NULL); s;
         s = record_next(m->second, "sources", s)) {
        struct item *i = (struct item *)(uintptr_t)source_like(m->into, m->second, s);
        if (!i && !room(m->into))
            return err_set(e, ERR_LIMIT, 0, "the merged record would have too many entries");
        if (!i)
            i = record_add_item(m->into, "sources");
        struct slice to = i->id;
        struct slice id = m->id; // a source is where it was read, not from the other record
        m->id = (struct slice){0};
        merge_item(m, i, s);
        m->id = id;
        *ARRAY_ADD(&m->sources) = (struct renamed){.from = s->id, .to = to};
    }
    return true;
}

// --- other groups

// Whether an entry of the group says all that from says, and nothing else.
static struct item *item_like(struct record *r, const char *group, const struct item *from)
{
    for (const struct item *i = record_next(r, group, NULL); i; i = record_next(r, group, i)) {
        bool same = i->values.count == from->values.count;
        for (size_t k = 0; same && k < from->values.count; k++)
            same = value_like(i, &from->values.items[k]) != NULL;
        if (same)
            return (struct item *)(uintptr_t)i;
    }
    return NULL;
}

static bool merge_group(struct merging *m, const char *group, struct err *e)
{
    for (const struct item *from = record_next(m->second, group, NULL); from;
         from = record_next(m->second, group, from)) {
        struct item *i = item_like(m->into, group, from);
        if (!i && !room(m->into))
            return err_set(e, ERR_LIMIT, 0, "the merged record would have too many entries");
        if (!i)
            i = record_add_item(m->into, group);
        merge_item(m, i, from);
    }
    return true;
}

// --- own fields

static void merge_field(struct merging *m, const struct merge_field *f, struct item *own)
{
    const struct item *other = record_next(m->second, "", NULL);
    const struct schema_field *s = &m->into->kind->groups[0].fields[f->field];
    bool aside_second =
        f->conflict && (f->pick == MERGE_FIRST || (f->pick == MERGE_BOTH && !s->many));
    for (size_t k = 0; k < own->values.count; k++) {
        struct value *v = &own->values.items[k];
        if (v->field == f->field && f->conflict && f->pick == MERGE_SECOND && !value_like(other, v))
            v->set_aside = true;
    }
    for (size_t k = 0; other && k < other->values.count; k++) {
        const struct value *v = &other->values.items[k];
        if (v->field == f->field && !value_like(own, v))
            add_value(m, own, v, aside_second);
    }
}

// Values that both have rest on the sources of both; and count when they count in the one picked.
static void join_shared(struct merging *m, struct item *own)
{
    const struct item *other = record_next(m->second, "", NULL);
    for (size_t k = 0; other && k < other->values.count; k++) {
        const struct value *v = &other->values.items[k];
        struct value *have = (struct value *)(uintptr_t)value_like(own, v);
        if (have)
            have->sources =
                form_source_ids(m->into->arena, have->sources, renamed_sources(m, v->sources));
    }
}

static void name_elsewhere(struct merging *m)
{
    if (schema_group_find(m->into->kind, "ids") < 0 || !room(m->into))
        return;
    struct item *i = record_add_item(m->into, "ids");
    record_add_value(m->into, i, "scheme", SLICE("merged"));
    record_add_value(m->into, i, "value", m->id);
}

bool merge_records(struct record *into, const struct record *second, struct slice id,
                   const struct merge_field *fields, size_t count, struct err *e)
{
    struct merging m = {.into = into, .second = second, .id = id};
    bool done = merge_sources(&m, e);
    if (done) {
        struct item *own = record_main(into);
        join_shared(&m, own);
        for (size_t i = 0; i < count; i++)
            merge_field(&m, &fields[i], own);
    }
    for (size_t g = 1; g < into->kind->count && done; g++)
        if (strcmp(into->kind->groups[g].name, "sources") != 0)
            done = merge_group(&m, into->kind->groups[g].name, e);
    if (done)
        name_elsewhere(&m);
    ARRAY_FREE(&m.sources);
    return done;
}

void merge_point(struct record *r, struct slice into)
{
    if (schema_group_find(r->kind, "links") < 0)
        return;
    struct item *i = record_add_item(r, "links");
    record_add_value(r, i, "relation", SLICE("duplicate"));
    record_add_value(r, i, "record", into);
}
