// SPDX-License-Identifier: Apache-2.0
// Building and reading a record.
#include "observatory/model/record.h"

#include <stdlib.h>

void record_init(struct record *r, const struct schema_kind *kind, struct arena *a)
{
    *r = (struct record){.kind = kind, .codebook = SLICE(CODEBOOK_VERSION), .arena = a};
}

void record_free(struct record *r)
{
    for (size_t i = 0; i < r->items.count; i++)
        ARRAY_FREE(&r->items.items[i].values);
    ARRAY_FREE(&r->items);
}

struct item *record_main(struct record *r)
{
    for (size_t i = 0; i < r->items.count; i++)
        if (!r->kind->groups[r->items.items[i].group].name[0])
            return &r->items.items[i];
    struct item *new = ARRAY_ADD(&r->items);
    *new = (struct item){.group = (uint16_t)schema_group_find(r->kind, "")};
    return new;
}

// Ids are the group's first letters and a number: "s1", "c2"; two groups that begin alike stay
// apart because an id belongs to its group.
static unsigned next_number(const struct record *r, uint16_t group)
{
    unsigned long most = 0;
    for (size_t i = 0; i < r->items.count; i++) {
        const struct item *it = &r->items.items[i];
        if (it->group != group || it->id.len < 2 || it->id.len > 9)
            continue;
        unsigned long n = 0;
        for (size_t k = 1; k < it->id.len && it->id.at[k] >= '0' && it->id.at[k] <= '9'; k++)
            n = n * 10 + (unsigned)(it->id.at[k] - '0');
        if (n > most)
            most = n;
    }
    return (unsigned)most + 1;
}

struct item *record_add_item(struct record *r, const char *group)
{
    int g = schema_group_find(r->kind, group);
    if (g < 0)
        return NULL;
    if (!r->kind->groups[g].name[0])
        return record_main(r);
    struct slice id = arena_printf(r->arena, "%c%u", group[0], next_number(r, (uint16_t)g));
    struct item *new = ARRAY_ADD(&r->items);
    *new = (struct item){.group = (uint16_t)g, .id = id};
    return new;
}

struct value *record_add_value(struct record *r, struct item *i, const char *field,
                               struct slice text)
{
    int f = i ? schema_field_find(&r->kind->groups[i->group], field) : -1;
    if (f < 0 || !text.len)
        return NULL;
    struct value *new = ARRAY_ADD(&i->values);
    *new = (struct value){.field = (uint16_t)f, .text = arena_copy(r->arena, text)};
    return new;
}

struct value *record_set(struct record *r, const char *field, struct slice text)
{
    return record_add_value(r, record_main(r), field, text);
}

struct slice item_text(const struct record *r, const struct item *i, const char *field)
{
    const struct value *v = item_next(r, i, field, NULL);
    return v ? v->text : (struct slice){0};
}

const struct value *item_next(const struct record *r, const struct item *i, const char *field,
                              const struct value *after)
{
    int f = i ? schema_field_find(&r->kind->groups[i->group], field) : -1;
    size_t at = after ? (size_t)(after - i->values.items) + 1 : 0;
    for (; f >= 0 && at < i->values.count; at++)
        if (i->values.items[at].field == f && !i->values.items[at].set_aside)
            return &i->values.items[at];
    return NULL;
}

struct slice record_text(const struct record *r, const char *field)
{
    const struct item *i = record_next(r, "", NULL);
    return i ? item_text(r, i, field) : (struct slice){0};
}

const struct item *record_next(const struct record *r, const char *group, const struct item *after)
{
    size_t at = after ? (size_t)(after - r->items.items) + 1 : 0;
    for (; at < r->items.count; at++)
        if (strcmp(r->kind->groups[r->items.items[at].group].name, group) == 0)
            return &r->items.items[at];
    return NULL;
}

const struct schema_field *record_field(const struct record *r, const struct item *i,
                                        const struct value *v)
{
    return &r->kind->groups[i->group].fields[v->field];
}
