// SPDX-License-Identifier: Apache-2.0
// Changes of one's own, applied to what somebody else made of the record meanwhile: by field of an
// item. A field that only one of them changed takes that change; one that both changed takes ours,
// which the preview has shown beside theirs.
#include "observatory/team/edit.h"

static const struct item *same_item(const struct record *r, const struct item *i)
{
    for (size_t k = 0; k < r->items.count; k++)
        if (r->items.items[k].group == i->group && slice_equal(r->items.items[k].id, i->id))
            return &r->items.items[k];
    return NULL;
}

static size_t nth_value(const struct item *i, uint16_t field, size_t n)
{
    for (size_t k = 0; i && k < i->values.count; k++)
        if (i->values.items[k].field == field && n-- == 0)
            return k;
    return SIZE_MAX;
}

static bool value_same(const struct value *a, const struct value *b)
{
    return slice_equal(a->text, b->text) && slice_equal(a->precision, b->precision) &&
           slice_equal(a->sources, b->sources) && slice_equal(a->note, b->note) &&
           a->set_aside == b->set_aside;
}

static bool field_same(const struct item *a, const struct item *b, uint16_t field)
{
    for (size_t n = 0;; n++) {
        size_t x = nth_value(a, field, n), y = nth_value(b, field, n);
        if (x == SIZE_MAX || y == SIZE_MAX)
            return x == y;
        if (!value_same(&a->values.items[x], &b->values.items[y]))
            return false;
    }
}

void item_copy_field(struct record *to, struct item *into, const struct item *from, uint16_t field)
{
    size_t kept = 0;
    for (size_t i = 0; i < into->values.count; i++)
        if (into->values.items[i].field != field)
            into->values.items[kept++] = into->values.items[i];
    into->values.count = kept;
    const char *name = to->kind->groups[into->group].fields[field].name;
    for (size_t i = 0; from && i < from->values.count; i++) {
        const struct value *v = &from->values.items[i];
        struct value *n = v->field == field ? record_add_value(to, into, name, v->text) : NULL;
        if (!n)
            continue;
        n->precision = arena_copy(to->arena, v->precision);
        n->sources = arena_copy(to->arena, v->sources);
        n->note = arena_copy(to->arena, v->note);
        n->set_aside = v->set_aside;
    }
}

struct item *record_item_like(struct record *to, const struct item *like)
{
    struct item *i = (struct item *)(uintptr_t)same_item(to, like);
    if (i)
        return i;
    const char *group = to->kind->groups[like->group].name;
    i = group[0] ? record_add_item(to, group) : record_main(to);
    if (group[0])
        i->id = arena_copy(to->arena, like->id);
    return i;
}

// An entry that I added, and one that they added, may have got the same id: mine gets another, and
// what rests on it follows.
struct renaming {
    struct record *to;
    ARRAY_OF(struct slice) from, into; // ids of sources
};

static struct item *new_item(struct renaming *n, const struct item *mine)
{
    const char *group = n->to->kind->groups[mine->group].name;
    if (!same_item(n->to, mine))
        return record_item_like(n->to, mine);
    struct item *i = record_add_item(n->to, group);
    if (strcmp(group, "sources") == 0) {
        *ARRAY_ADD(&n->from) = mine->id;
        *ARRAY_ADD(&n->into) = i->id;
    }
    return i;
}

static struct slice renamed(struct renaming *n, struct slice ids)
{
    struct slice out = {0};
    for (size_t at = 0; at < ids.len;) {
        const uint8_t *space = memchr(ids.at + at, ' ', ids.len - at);
        size_t end = space ? (size_t)(space - ids.at) : ids.len;
        struct slice one = slice_sub(ids, at, end);
        for (size_t i = 0; i < n->from.count; i++)
            if (slice_equal(n->from.items[i], one)) {
                one = n->into.items[i];
                break;
            }
        out = form_source_ids(n->to->arena, out, one);
        at = end + 1;
    }
    return out;
}

static void apply_item(struct renaming *n, const struct item *before, const struct item *mine)
{
    struct record *to = n->to;
    const struct schema_group *g = &to->kind->groups[mine->group];
    struct item *into = before || !g->name[0] ? record_item_like(to, mine) : new_item(n, mine);
    for (uint16_t f = 0; f < g->count; f++)
        if (!field_same(before, mine, f))
            item_copy_field(to, into, mine, f);
    // Only values that are mine can name a source of mine.
    for (size_t k = 0; n->from.count && k < into->values.count; k++) {
        struct value *v = &into->values.items[k];
        if (!field_same(before, mine, v->field))
            v->sources = renamed(n, v->sources);
    }
}

bool record_rebase(struct request *rq, const struct record *base, const struct record *mine,
                   struct slice id, struct record *out, struct err *e)
{
    struct revision meta;
    struct renaming n = {.to = out};
    if (store_record(rq->store, id, 0, true, rq->arena, &meta, out, e) != STORE_FOUND)
        return false;
    int sources = schema_group_find(mine->kind, "sources");
    for (size_t k = 0; k < mine->items.count * 2; k++) { // the sources first
        const struct item *m = &mine->items.items[k % mine->items.count];
        if ((m->group == sources) != (k < mine->items.count))
            continue;
        const struct item *before = same_item(base, m);
        bool removed_by_them = before && !same_item(out, m);
        bool mine_changed = !before;
        for (uint16_t f = 0; before && f < base->kind->groups[m->group].count; f++)
            mine_changed = mine_changed || !field_same(before, m, f);
        if (mine_changed || !removed_by_them)
            apply_item(&n, removed_by_them ? NULL : before, m);
    }
    for (size_t i = out->items.count; i-- > 0;) { // what I removed
        const struct item *o = &out->items.items[i];
        if (same_item(base, o) && !same_item(mine, o))
            record_remove_item(out, o);
    }
    ARRAY_FREE(&n.from);
    ARRAY_FREE(&n.into);
    return true;
}

void record_remove_item(struct record *r, const struct item *item)
{
    size_t at = (size_t)(item - r->items.items);
    free(r->items.items[at].values.items);
    memmove(r->items.items + at, r->items.items + at + 1,
            (r->items.count - at - 1) * sizeof *r->items.items);
    r->items.count--;
}
