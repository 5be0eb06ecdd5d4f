// SPDX-License-Identifier: Apache-2.0
// What two revisions, or two coders, have differently: items are told apart by their id, values by
// their field.
#include "observatory/model/record.h"

struct diff {
    struct arena *arena;
    struct buf text; // of one field's values
    ARRAY_OF(struct record_change) changes;
};

static const struct item *find_item(const struct record *r, const char *group, struct slice id)
{
    for (const struct item *i = record_next(r, group, NULL); i; i = record_next(r, group, i))
        if (slice_equal(i->id, id))
            return i;
    return NULL;
}

// All that a reader could see of a field, joined; what is unlike is a change.
static struct slice field_text(struct diff *d, const struct item *i, uint16_t field)
{
    buf_clear(&d->text);
    for (size_t k = 0; i && k < i->values.count; k++) {
        const struct value *v = &i->values.items[k];
        if (v->field != field)
            continue;
        if (d->text.len)
            buf_str(&d->text, "; ");
        buf_add(&d->text, v->text);
        if (v->precision.len)
            buf_printf(&d->text, " (%.*s)", SLICE_FMT(v->precision));
        if (v->set_aside)
            buf_str(&d->text, " [set aside]");
        if (v->sources.len)
            buf_printf(&d->text, " [%.*s]", SLICE_FMT(v->sources));
        if (v->note.len)
            buf_printf(&d->text, " (%.*s)", SLICE_FMT(v->note));
    }
    return arena_copy(d->arena, buf_slice(&d->text));
}

static void diff_item(struct diff *d, const struct schema_group *g, struct slice id,
                      const struct item *before, const struct item *after)
{
    for (size_t f = 0; f < g->count; f++) {
        struct slice a = field_text(d, before, (uint16_t)f);
        struct slice b = field_text(d, after, (uint16_t)f);
        if (!slice_equal(a, b))
            *ARRAY_ADD(&d->changes) = (struct record_change){g->name, id, g->fields[f].name, a, b};
    }
}

static void diff_group(struct diff *d, const struct schema_group *g, const struct record *before,
                       const struct record *after)
{
    for (const struct item *i = record_next(before, g->name, NULL); i;
         i = record_next(before, g->name, i))
        diff_item(d, g, i->id, i, find_item(after, g->name, i->id));
    for (const struct item *i = record_next(after, g->name, NULL); i;
         i = record_next(after, g->name, i))
        if (!find_item(before, g->name, i->id))
            diff_item(d, g, i->id, NULL, i);
}

size_t record_diff(const struct record *before, const struct record *after, struct arena *a,
                   struct record_change **out)
{
    struct diff d = {.arena = a};
    for (size_t g = 0; g < after->kind->count; g++)
        diff_group(&d, &after->kind->groups[g], before, after);
    size_t n = d.changes.count;
    *out = ARENA_ARRAY(a, struct record_change, n);
    if (n)
        memcpy(*out, d.changes.items, n * sizeof **out);
    ARRAY_FREE(&d.changes);
    buf_free(&d.text);
    return n;
}
