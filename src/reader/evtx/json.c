// SPDX-License-Identifier: Apache-2.0
// JSON in the layout of evtx_dump. A layout compiles to a list of operations, each with the literal
// text before it; what can differ from event to event is decided while it runs:
//
// - Every member ends in a comma. Where an object ends, a comma as the last byte becomes its brace;
// a brace as the last
//   byte means that all members were left out.
// - An element shows as null (nothing in it), as a scalar (only text), or as an object with
// "#attributes", "#text" and
//   its child elements. Where attributes may all be left out, the opening is written and taken
//   back.
// - In EventData and UserData, <Data Name="X"> is a member X; without names all Data are one member
//   "Data":{"#text": …}. Other elements that come again get _1, _2 … after their names.
#include "reader/evtx/internal.h"
#include "reader/evtx/json_ops.h"

struct compiler {
    struct evtx_reader *r;
    struct buf text;
    ARRAY_OF(struct op) ops;
    uint32_t pending; // start in text of the literal that the next operation takes
};

static struct op *emit(struct compiler *c, enum json_code code)
{
    struct op op = {.code = (uint8_t)code,
                    .before = c->pending,
                    .before_len = (uint32_t)c->text.len - c->pending};
    c->pending = (uint32_t)c->text.len;
    struct op *at = ARRAY_ADD(&c->ops);
    *at = op;
    return at;
}

static void set_after(struct compiler *c, size_t op, const char *literal)
{
    c->ops.items[op].after = (uint32_t)c->text.len;
    c->ops.items[op].after_len = (uint32_t)strlen(literal);
    buf_str(&c->text, literal);
    c->pending = (uint32_t)c->text.len;
}

static void literal(struct compiler *c, const char *s)
{
    buf_str(&c->text, s);
}

static void literal_json(struct compiler *c, struct slice s)
{
    text_append_utf8(&c->text, s, TEXT_JSON);
}

// "name": with _N after a name that came before.
static void key(struct compiler *c, struct slice name, unsigned repeat)
{
    buf_byte(&c->text, '"');
    literal_json(c, name);
    if (repeat)
        buf_printf(&c->text, "_%u", repeat);
    literal(c, "\":");
}

// What an element or attribute is made of.
struct content {
    bool elements, text, values;
    const struct tree *sole; // the only piece, when there is one
};

static struct content examine(const struct tree *pieces)
{
    struct content k = {0};
    unsigned count = 0;
    for (const struct tree *p = pieces; p; p = p->next) {
        if (p->kind == TREE_PI)
            continue;
        count++;
        k.sole = p;
        k.elements |= p->kind == TREE_ELEMENT;
        k.values |= p->kind == TREE_VALUE;
        k.text |= (p->kind == TREE_TEXT || p->kind == TREE_CDATA) && p->text.len;
    }
    if (count != 1)
        k.sole = NULL;
    return k;
}

static void value_op(struct compiler *c, enum json_code code, uint32_t value, const char *empty,
                     uint8_t flags)
{
    struct op *op = emit(c, code);
    op->value = value;
    op->flags = flags;
    set_after(c, c->ops.count - 1, empty);
}

static void literal_pieces(struct compiler *c, const struct tree *pieces)
{
    for (const struct tree *p = pieces; p; p = p->next)
        if (p->kind == TREE_TEXT || p->kind == TREE_CDATA)
            literal_json(c, p->text);
}

// empty: what stands for no text at all; NULL: then the member is left out, whose key stands
// before.
static void string_pieces(struct compiler *c, const struct tree *pieces, const char *empty)
{
    emit(c, JSON_STRING);
    for (const struct tree *p = pieces; p; p = p->next) {
        if (p->kind == TREE_TEXT || p->kind == TREE_CDATA)
            literal_json(c, p->text);
        else if (p->kind == TREE_VALUE)
            emit(c, JSON_PIECE)->value = p->value;
    }
    emit(c, JSON_STRING_END)->flags = empty ? 0 : FLAG_DROP_EMPTY;
    set_after(c, c->ops.count - 1, empty ? empty : "");
}

// The text of an element without attributes and child elements; the key stands before.
static void leaf(struct compiler *c, const struct tree *pieces, const char *empty, uint8_t flags)
{
    struct content k = examine(pieces);
    if (k.sole && k.sole->kind == TREE_VALUE) {
        value_op(c, JSON_MEMBER, k.sole->value, empty, flags);
    } else if (k.values) {
        string_pieces(c, pieces, empty);
    } else if (k.text) {
        literal(c, "\"");
        literal_pieces(c, pieces);
        literal(c, "\",");
    } else {
        literal(c, empty);
        literal(c, ",");
    }
}

static bool attribute_shows(const struct tree *a)
{
    struct content k = examine(a->children);
    return k.text || k.values;
}

static bool attribute_is_literal(const struct tree *a)
{
    return !examine(a->children).values;
}

static void attribute_member(struct compiler *c, const struct tree *a)
{
    struct content k = examine(a->children);
    if (!k.text && !k.values)
        return;
    if (k.values && c->text.len > c->pending)
        emit(c, JSON_LITERAL); // the key goes with the value
    key(c, a->name, 0);
    if (k.sole && k.sole->kind == TREE_VALUE)
        value_op(c, JSON_TEXT_MEMBER, k.sole->value, "", 0);
    else
        leaf(c, a->children, "\"\"", 0);
}

static void members(struct compiler *c, const struct tree *element);

// Pieces of text between child elements.
static void text_member(struct compiler *c, const struct tree *pieces)
{
    struct content k = examine(pieces);
    if (!k.text && !k.values)
        return;
    if (c->text.len > c->pending)
        emit(c, JSON_LITERAL);
    literal(c, "\"#text\":");
    if (k.sole && k.sole->kind == TREE_VALUE)
        value_op(c, JSON_TEXT_MEMBER, k.sole->value, "", 0);
    else
        string_pieces(c, pieces, NULL);
}

// An element with attributes that are always there, or none.
static void plain_element(struct compiler *c, const struct tree *t, bool has_attributes)
{
    struct content k = examine(t->children);
    if (!has_attributes && !k.elements) {
        leaf(c, t->children, "null", 0);
        return;
    }
    literal(c, "{");
    if (has_attributes) {
        literal(c, "\"#attributes\":{");
        for (const struct tree *a = t->attributes; a; a = a->next)
            attribute_member(c, a);
        emit(c, JSON_CLOSE);
    }
    text_member(c, t->children);
    if (k.elements)
        members(c, t);
    emit(c, JSON_CLOSE);
}

// An element whose attributes may all be left out.
static void varying_element(struct compiler *c, const struct tree *t)
{
    struct content k = examine(t->children);
    emit(c, JSON_ATTRIBUTES);
    for (const struct tree *a = t->attributes; a; a = a->next)
        attribute_member(c, a);
    if (k.elements) {
        emit(c, JSON_END_CHILDREN);
        text_member(c, t->children);
        members(c, t);
        emit(c, JSON_CLOSE);
    } else if (k.sole && k.sole->kind == TREE_VALUE) {
        emit(c, JSON_END_TEXT)->value = k.sole->value;
    } else if (k.text || k.values) {
        emit(c, JSON_END_TEXT_PIECES);
        string_pieces(c, t->children, "null");
        emit(c, JSON_CLOSE)->flags = FLAG_PIECES;
    } else {
        emit(c, JSON_END_EMPTY);
    }
}

static void element_value(struct compiler *c, const struct tree *t)
{
    bool certain = false, possible = false;
    for (const struct tree *a = t->attributes; a; a = a->next) {
        bool shows = attribute_shows(a);
        certain |= shows && attribute_is_literal(a);
        possible |= shows;
    }
    if (possible && !certain)
        varying_element(c, t);
    else
        plain_element(c, t, certain);
}

static bool is_container(const struct tree *t)
{
    return slice_equal_str(t->name, "EventData") || slice_equal_str(t->name, "UserData");
}

static bool is_data(const struct tree *t)
{
    return t->kind == TREE_ELEMENT && slice_equal_str(t->name, "Data");
}

// The Name of a Data element; empty when it has none. Layouts with names from values are made for
// one event.
static struct slice data_name(struct compiler *c, const struct tree *t)
{
    const struct tree *a = tree_attribute(t, "Name");
    if (!a || !attribute_shows(a))
        return (struct slice){0};
    if (a->children && !a->children->next && a->children->kind == TREE_TEXT)
        return a->children->text;
    struct buf b = {0};
    layout_append_text(c->r, &b, a->children, TEXT_PLAIN);
    struct slice name = arena_copy(&c->r->scratch, buf_slice(&b));
    buf_free(&b);
    return name;
}

// Opens what is left out when the element's dependency is null; returns the operation to close,
// plus one.
static size_t open_dependency(struct compiler *c, const struct tree *t)
{
    if (t->dependency == NO_DEPENDENCY)
        return 0;
    if (c->text.len > c->pending)
        emit(c, JSON_LITERAL);
    emit(c, JSON_SKIP_NULL)->value = t->dependency;
    return c->ops.count;
}

static void close_dependency(struct compiler *c, size_t opened)
{
    if (!opened)
        return;
    if (c->text.len > c->pending)
        emit(c, JSON_LITERAL);
    struct op *skip = &c->ops.items[opened - 1];
    skip->after = (uint32_t)(c->ops.count - opened); // operations to jump
}

static void data_value(struct compiler *c, const struct tree *t, uint8_t flags)
{
    struct content k = examine(t->children);
    if (k.elements)
        element_value(c, t);
    else
        leaf(c, t->children, "\"\"", flags);
}

// All unnamed Data of a container as one member.
static void unnamed_data(struct compiler *c, const struct tree *container)
{
    if (c->text.len > c->pending)
        emit(c, JSON_LITERAL);
    emit(c, JSON_DATA);
    for (const struct tree *t = container->children; t; t = t->next) {
        if (!is_data(t) || data_name(c, t).len)
            continue;
        size_t opened = open_dependency(c, t);
        struct content k = examine(t->children);
        if (k.sole && k.sole->kind == TREE_VALUE) {
            value_op(c, JSON_DATA_ITEM, k.sole->value, "\"\"", 0);
        } else {
            emit(c, JSON_DATA_ITEM)->flags = FLAG_PIECES; // only counts
            data_value(c, t, 0);
        }
        close_dependency(c, opened);
    }
    emit(c, JSON_DATA_END);
}

// Names met so far in one object, to number those that come again.
struct name_count {
    struct slice name;
    unsigned count;
};

struct name_counts {
    struct map map;
    struct arena arena;
};

static unsigned count_name(struct name_counts *n, struct slice name)
{
    bool added;
    struct name_count **entry = (struct name_count **)(void *)map_put(&n->map, name, &added);
    if (added)
        *entry = ARENA_NEW(&n->arena, struct name_count);
    return (*entry)->count++;
}

// Named Data: a run of one name is a list.
static const struct tree *named_data(struct compiler *c, const struct tree *t, struct slice name,
                                     struct name_counts *counts)
{
    const struct tree *end = t->next;
    unsigned run = 1;
    for (; end && is_data(end) && slice_equal(data_name(c, end), name); end = end->next)
        run++;
    unsigned repeat = count_name(counts, name);
    if (run == 1) {
        size_t opened = open_dependency(c, t);
        key(c, name, repeat);
        data_value(c, t, FLAG_LIST);
        close_dependency(c, opened);
        return end;
    }
    key(c, name, repeat);
    literal(c, "[");
    emit(c, JSON_LITERAL);
    for (const struct tree *item = t; item != end; item = item->next) {
        size_t opened = open_dependency(c, item);
        data_value(c, item, 0);
        close_dependency(c, opened);
    }
    emit(c, JSON_CLOSE)->flags = FLAG_LIST;
    return end;
}

static void members(struct compiler *c, const struct tree *element)
{
    struct name_counts tags = {0}, names = {0};
    bool container = is_container(element), unnamed_done = false;
    for (const struct tree *t = element->children, *next; t; t = next) {
        next = t->next;
        if (t->kind != TREE_ELEMENT)
            continue;
        struct slice name = container && is_data(t) ? data_name(c, t) : (struct slice){0};
        if (name.len) {
            next = named_data(c, t, name, &names);
        } else if (container && is_data(t)) {
            if (!unnamed_done)
                unnamed_data(c, element);
            unnamed_done = true;
        } else {
            size_t opened = open_dependency(c, t);
            if (c->text.len > c->pending)
                emit(c, JSON_LITERAL); // an array repeats the key, and nothing else
            key(c, t->name, count_name(&tags, t->name));
            element_value(c, t);
            close_dependency(c, opened);
        }
    }
    map_free(&tags.map);
    map_free(&names.map);
    arena_free(&tags.arena);
    arena_free(&names.arena);
}

const struct program *json_compile(struct evtx_reader *r, struct arena *a, const struct layout *l)
{
    struct compiler c = {.r = r};
    literal(&c, "{");
    key(&c, l->root->name, 0);
    element_value(&c, l->root);
    emit(&c, JSON_CLOSE);
    const struct program *p = program_make(a, c.ops.items, c.ops.count, &c.text);
    ARRAY_FREE(&c.ops);
    buf_free(&c.text);
    return p;
}
