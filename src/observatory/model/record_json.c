// SPDX-License-Identifier: Apache-2.0
// Records as JSON: how the store keeps them, and how they travel. The same record gives the same
// bytes. Reading refuses whatever the schema does not know, by name.
#include "observatory/model/record.h"

#include <jansson.h>

// --- writing ----------------------------------------------------------------------------------

static void put_member(struct buf *out, const char *name, struct slice text, bool first)
{
    if (!first)
        buf_byte(out, ',');
    buf_byte(out, '"');
    buf_str(out, name);
    buf_str(out, "\":\"");
    buf_json(out, text);
    buf_byte(out, '"');
}

static void put_value(const struct record *r, const struct item *i, const struct value *v,
                      struct buf *out)
{
    buf_byte(out, '{');
    put_member(out, "field", slice_from_str(record_field(r, i, v)->name), true);
    put_member(out, "text", v->text, false);
    if (v->precision.len)
        put_member(out, "precision", v->precision, false);
    if (v->sources.len)
        put_member(out, "sources", v->sources, false);
    if (v->note.len)
        put_member(out, "note", v->note, false);
    if (v->set_aside)
        buf_str(out, ",\"set_aside\":true");
    buf_byte(out, '}');
}

void record_to_json(const struct record *r, struct buf *out)
{
    buf_byte(out, '{');
    put_member(out, "kind", slice_from_str(r->kind->name), true);
    put_member(out, "codebook", r->codebook, false);
    buf_str(out, ",\"items\":[");
    for (size_t k = 0; k < r->items.count; k++) {
        const struct item *i = &r->items.items[k];
        buf_str(out, k ? ",{" : "{");
        put_member(out, "group", slice_from_str(r->kind->groups[i->group].name), true);
        if (i->id.len)
            put_member(out, "id", i->id, false);
        buf_str(out, ",\"values\":[");
        for (size_t n = 0; n < i->values.count; n++) {
            if (n)
                buf_byte(out, ',');
            put_value(r, i, &i->values.items[n], out);
        }
        buf_str(out, "]}");
    }
    buf_str(out, "]}");
}

// --- reading ----------------------------------------------------------------------------------

static bool bad(struct err *e, const char *what, const char *which)
{
    return err_set(e, ERR_FORMAT, 0, "the record: %s%s%.60s", what, which[0] ? ": " : "", which);
}

// A member that is a string, or absent.
static bool take_text(struct record *r, const json_t *object, const char *name, struct slice *out,
                      struct err *e)
{
    const json_t *found = json_object_get(object, name);
    *out = (struct slice){0};
    if (!found)
        return true;
    if (!json_is_string(found))
        return bad(e, "not a text", name);
    *out = arena_copy(r->arena, slice_of(json_string_value(found), json_string_length(found)));
    return true;
}

// Only the members of a list that ends with NULL.
static bool members_known(json_t *object, const char *const *known, struct err *e)
{
    const char *name;
    json_t *ignored;
    json_object_foreach(object, name, ignored)
    {
        size_t i = 0;
        while (known[i] && strcmp(known[i], name) != 0)
            i++;
        if (!known[i])
            return bad(e, "a member that is not known", name);
    }
    return true;
}

static bool take_value(struct record *r, struct item *i, json_t *object, struct err *e)
{
    static const char *const known[] = {"field", "text",      "precision", "sources",
                                        "note",  "set_aside", NULL};
    struct value v = {0};
    struct slice field;
    if (!json_is_object(object))
        return bad(e, "a value that is not an object", "");
    if (!members_known(object, known, e) || !take_text(r, object, "field", &field, e) ||
        !take_text(r, object, "text", &v.text, e) ||
        !take_text(r, object, "precision", &v.precision, e) ||
        !take_text(r, object, "sources", &v.sources, e) ||
        !take_text(r, object, "note", &v.note, e))
        return false;
    const json_t *aside = json_object_get(object, "set_aside");
    if (aside && !json_is_boolean(aside))
        return bad(e, "neither true nor false", "set_aside");
    v.set_aside = json_is_true(aside);
    const char *name = arena_str(r->arena, field);
    int f = schema_field_find(&r->kind->groups[i->group], name);
    if (f < 0)
        return bad(e, "a field that the codebook does not have", name);
    if (!v.text.len)
        return bad(e, "an empty value of field", name);
    v.field = (uint16_t)f;
    if (i->values.count >= RECORD_MAX_VALUES)
        return err_set(e, ERR_LIMIT, 0, "the record: an item with more than %d values",
                       RECORD_MAX_VALUES);
    *ARRAY_ADD(&i->values) = v;
    return true;
}

// Ids are what sources are named by, so they hold no space and are unique in their group.
static bool check_id(const struct record *r, const struct item *i, struct err *e)
{
    const struct schema_group *g = &r->kind->groups[i->group];
    if (!g->name[0] != !i->id.len)
        return bad(e, "an id missing or too many in group", g->name);
    if (i->id.len > 40)
        return bad(e, "an id too long in group", g->name);
    for (size_t k = 0; k < i->id.len; k++)
        if (i->id.at[k] <= ' ')
            return bad(e, "an id with a space in group", g->name);
    for (size_t k = 0; k + 1 < r->items.count; k++)
        if (r->items.items[k].group == i->group && slice_equal(r->items.items[k].id, i->id))
            return bad(e, "an id given twice in group", g->name);
    return true;
}

static bool take_item(struct record *r, json_t *object, struct err *e)
{
    static const char *const known[] = {"group", "id", "values", NULL};
    struct slice group, id;
    if (!json_is_object(object))
        return bad(e, "an item that is not an object", "");
    if (!members_known(object, known, e) || !take_text(r, object, "group", &group, e) ||
        !take_text(r, object, "id", &id, e))
        return false;
    const char *name = arena_str(r->arena, group);
    int g = schema_group_find(r->kind, name);
    if (g < 0)
        return bad(e, "a group that the codebook does not have", name);
    if (r->items.count >= RECORD_MAX_ITEMS)
        return err_set(e, ERR_LIMIT, 0, "the record: more than %d items", RECORD_MAX_ITEMS);
    struct item *i = ARRAY_ADD(&r->items);
    *i = (struct item){.group = (uint16_t)g, .id = id};
    if (!check_id(r, i, e))
        return false;
    json_t *values = json_object_get(object, "values");
    if (!json_is_array(values))
        return bad(e, "an item without values", "");
    size_t k;
    json_t *value;
    json_array_foreach(values, k, value) if (!take_value(r, i, value, e)) return false;
    return true;
}

static bool take_record(struct record *r, json_t *root, struct err *e)
{
    static const char *const known[] = {"kind", "codebook", "items", NULL};
    struct slice kind;
    if (!json_is_object(root))
        return bad(e, "not an object", "");
    if (!members_known(root, known, e) || !take_text(r, root, "kind", &kind, e) ||
        !take_text(r, root, "codebook", &r->codebook, e))
        return false;
    r->kind = schema_kind_find(kind);
    if (!r->kind)
        return bad(e, "a kind that is not known", arena_str(r->arena, kind));
    json_t *items = json_object_get(root, "items");
    if (!json_is_array(items))
        return bad(e, "no items", "");
    size_t k;
    json_t *item;
    json_array_foreach(items, k, item) if (!take_item(r, item, e)) return false;
    return true;
}

bool record_from_json(struct slice json, struct arena *a, struct record *out, struct err *e)
{
    if (json.len > RECORD_MAX_BYTES)
        return err_set(e, ERR_LIMIT, 0, "the record: more than %d bytes", RECORD_MAX_BYTES);
    json_error_t why;
    json_t *root = json_loadb((const char *)json.at, json.len, JSON_REJECT_DUPLICATES, &why);
    if (!root)
        return err_set(e, ERR_FORMAT, why.position < 0 ? 0 : (uint64_t)why.position,
                       "the record: not JSON: %.100s", why.text);
    struct record r = {.arena = a};
    bool ok = take_record(&r, root, e);
    json_decref(root);
    if (!ok) {
        record_free(&r);
        return false;
    }
    *out = r;
    return true;
}
