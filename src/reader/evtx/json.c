// SPDX-License-Identifier: Apache-2.0
// JSON in the layout of evtx_dump. A layout compiles to a list of operations, each with the literal text before it;
// what can differ from event to event is decided while it runs:
//
// - Every member ends in a comma. Where an object ends, a comma as the last byte becomes its brace; a brace as the last
//   byte means that all members were left out.
// - An element shows as null (nothing in it), as a scalar (only text), or as an object with "#attributes", "#text" and
//   its child elements. Where attributes may all be left out, the opening is written and taken back.
// - In EventData and UserData, <Data Name="X"> is a member X; without names all Data are one member
//   "Data":{"#text": …}. Other elements that come again get _1, _2 … after their names.
#include "reader/evtx/internal.h"

enum json_code {
    JSON_LITERAL,         // before
    JSON_SKIP_NULL,       // jump over the next operations when the value is null
    JSON_MEMBER,          // before, value, comma; after: what stands for an empty value
    JSON_TEXT_MEMBER,     // the same, left out when empty
    JSON_CLOSE,           // end of an object: without members it becomes null
    JSON_ATTRIBUTES,      // before, {"#attributes":{
    JSON_END_EMPTY,       // end of the attributes of an element without content
    JSON_END_TEXT,        // … of an element whose content is the value
    JSON_END_TEXT_PIECES, // … whose content is pieces of text: string operations follow
    JSON_END_CHILDREN,    // … of an element with child elements
    JSON_STRING,          // before, opens a string made of pieces
    JSON_PIECE,           // the value's text; before: literal, already escaped
    JSON_STRING_END,      // closes it; after: what stands for an empty one
    JSON_DATA,            // opens unnamed Data
    JSON_DATA_ITEM,       // one of them
    JSON_DATA_END,
};

enum op_flag {
    FLAG_LIST = 1,       // a list: of an array, or of Data with one name
    FLAG_PIECES = 2,     // the content comes in further operations
    FLAG_DROP_EMPTY = 4, // left out without text
};

static const char attributes_open[] = "{\"#attributes\":{";

struct compiler {
    struct evtx_reader *r;
    struct buf text;
    ARRAY_OF(struct op) ops;
    uint32_t pending; // start in text of the literal that the next operation takes
};

static struct op *emit(struct compiler *c, enum json_code code)
{
    struct op op = {.code = (uint8_t)code, .before = c->pending, .before_len = (uint32_t)c->text.len - c->pending};
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

static void value_op(struct compiler *c, enum json_code code, uint32_t value, const char *empty, uint8_t flags)
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

// empty: what stands for no text at all; NULL: then the member is left out, whose key stands before.
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

// The Name of a Data element; empty when it has none. Layouts with names from values are made for one event.
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

// Opens what is left out when the element's dependency is null; returns the operation to close, plus one.
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

static bool is_bare(uint8_t type)
{
    return (type >= VALUE_INT8 && type <= VALUE_UINT64) || type == VALUE_BOOL;
}

// A value that is no array, where there is room for it.
static uint8_t *write_scalar(uint8_t *p, struct value v)
{
    if (is_bare(v.type)) {
        uint8_t *end = value_put(p, v, TEXT_JSON);
        if (end != p)
            return end;
        *p++ = '"'; // too short for its type
        *p++ = '"';
        return p;
    }
    *p++ = '"';
    p = value_put(p, v, TEXT_JSON);
    *p++ = '"';
    return p;
}

static void put_scalar(struct buf *out, struct value v)
{
    out->len = (size_t)(write_scalar(text_room(out, VALUE_ROOM(v)), v) - out->at);
}

// An array among unnamed Data, or of a named one: its elements, each with a comma. Returns their number.
static size_t put_elements(struct buf *out, struct value v)
{
    size_t pos = 0, count = 0;
    for (struct value element; value_next_element(v, &pos, &element); count++) {
        put_scalar(out, element);
        buf_byte(out, ',');
    }
    return count;
}

// An element that an array repeats: its key again and again, numbered.
static void put_repeated(struct buf *out, const struct program *p, const struct op *op, struct value v)
{
    size_t pos = 0;
    unsigned count = 0;
    for (struct value element; value_next_element(v, &pos, &element); count++) {
        if (count) {
            program_append(out, p, op->before, op->before_len - 2);
            buf_printf(out, "_%u\":", count);
        }
        put_scalar(out, element);
        buf_byte(out, ',');
    }
}

// A member whose value is an array.
static void run_array_member(struct buf *out, const struct program *p, const struct op *op, struct value v)
{
    program_append(out, p, op->before, op->before_len);
    if (op->flags & FLAG_LIST) {
        size_t start = out->len;
        buf_byte(out, '[');
        size_t count = put_elements(out, v);
        if (count == 1) { // a list of one is shown as that one
            memmove(out->at + start, out->at + start + 1, out->len - start - 1);
            out->len -= 2;
        } else {
            out->at[out->len - 1] = ']';
        }
    } else if (op->before_len >= 3 && p->text[op->before + op->before_len - 1] == ':') {
        put_repeated(out, p, op, v);
        return;
    } else {
        put_scalar(out, v);
    }
    buf_byte(out, ',');
}

// The operation that nearly all are.
static inline void run_member(struct buf *out, const struct program *p, const struct op *op, const struct value *v)
{
    uint8_t *to = text_room(out, VALUE_ROOM(*v) + op->before_len + op->after_len + 2 * PROGRAM_PAD);
    struct slice text = v->raw;
    switch (v->type) {
    case VALUE_UTF16:
        to = program_put(to, p, op->before, op->before_len);
        text = text_trim_utf16(text);
        if (text.len == 0)
            break;
        *to++ = '"';
        to = text_put_utf16(to, text, TEXT_JSON);
        *to++ = '"';
        *to++ = ',';
        out->len = (size_t)(to - out->at);
        return;
    case VALUE_NULL:
        to = program_put(to, p, op->before, op->before_len);
        break;
    default:
        if (v->type >= VALUE_ARRAY && v->raw.len) {
            run_array_member(out, p, op, *v);
            return;
        }
        to = program_put(to, p, op->before, op->before_len);
        if (value_is_empty(*v))
            break;
        to = write_scalar(to, *v);
        *to++ = ',';
        out->len = (size_t)(to - out->at);
        return;
    }
    to = program_put(to, p, op->after, op->after_len);
    *to++ = ',';
    out->len = (size_t)(to - out->at);
}

// A member that is left out when there is nothing to show.
static inline void run_text_member(struct buf *out, const struct program *p, const struct op *op, struct value v)
{
    if (value_is_empty(v))
        return;
    uint8_t *to = text_room(out, VALUE_ROOM(v) + op->before_len + PROGRAM_PAD);
    to = program_put(to, p, op->before, op->before_len);
    uint8_t *end = write_scalar(to, v);
    if (end - to == 2 && *to == '"')
        return;
    *end++ = ',';
    out->len = (size_t)(end - out->at);
}

static void run_close(struct buf *out, const struct op *op)
{
    if (out->at[out->len - 1] != ',') { // everything in it was left out
        out->len--;
        buf_str(out, "null,");
        return;
    }
    out->at[out->len - 1] = op->flags & FLAG_LIST ? ']' : '}';
    *text_room(out, 1) = ',';
    out->len++;
}

// Ends "#attributes"; false when there were none, and then takes its opening back.
static bool end_attributes(struct buf *out)
{
    if (out->at[out->len - 1] == '{') {
        out->len -= sizeof attributes_open - 1;
        return false;
    }
    out->at[out->len - 1] = '}';
    return true;
}

static void run_end_text(struct buf *out, struct value v)
{
    bool attributes = end_attributes(out);
    bool empty = value_is_empty(v);
    if (attributes && !empty)
        buf_str(out, ",\"#text\":");
    if (!empty)
        put_scalar(out, v);
    else if (!attributes)
        buf_str(out, "null");
    buf_str(out, attributes ? "}," : ",");
}

// What has to be remembered between operations.
struct run {
    struct buf *out;
    size_t string;     // where the string of pieces begins
    size_t member;     // and where the key before it
    size_t data;       // where unnamed Data begin
    size_t data_count;
    bool attributes;   // of the element whose text comes in pieces
};

static void run_data_item(struct run *run, const struct program *p, const struct op *op, struct value v)
{
    program_append(run->out, p, op->before, op->before_len); // of the items before
    if (op->flags & FLAG_PIECES) {
        run->data_count++;
    } else if (v.type >= VALUE_ARRAY) {
        run->data_count += put_elements(run->out, v);
    } else {
        if (value_is_empty(v))
            program_append(run->out, p, op->after, op->after_len);
        else
            put_scalar(run->out, v);
        buf_byte(run->out, ',');
        run->data_count++;
    }
}

static const char data_open[] = "\"Data\":{\"#text\":[";

static void run_data_end(struct run *run)
{
    struct buf *out = run->out;
    size_t items = run->data + sizeof data_open - 1;
    if (run->data_count == 0) {
        out->len = run->data;
    } else if (run->data_count == 1) {
        memmove(out->at + items - 1, out->at + items, out->len - items);
        out->len--;
        out->at[out->len - 1] = '}';
        buf_byte(out, ',');
    } else {
        out->at[out->len - 1] = ']';
        buf_str(out, "},");
    }
}

static void run_string_end(struct run *run, const struct program *p, const struct op *op)
{
    struct buf *out = run->out;
    program_append(out, p, op->before, op->before_len);
    if (out->len == run->string + 1) {
        out->len--;
        if (op->flags & FLAG_DROP_EMPTY) {
            out->len = run->member;
            return;
        }
        program_append(out, p, op->after, op->after_len);
    } else {
        buf_byte(out, '"');
    }
    buf_byte(out, ',');
}

// Appends a short constant, where program_append has made room.
static inline void append(struct buf *out, const char *text, size_t len)
{
    memcpy(text_room(out, len), text, len);
    out->len += len;
}

#define APPEND(out, literal) append((out), (literal), sizeof(literal) - 1)

static void run_piece(struct run *run, const struct program *p, const struct op *op, struct value v)
{
    struct buf *out = run->out;
    switch ((enum json_code)op->code) {
    case JSON_STRING:
        run->member = out->len;
        program_append(out, p, op->before, op->before_len);
        run->string = out->len;
        buf_byte(out, '"');
        break;
    case JSON_PIECE:
        program_append(out, p, op->before, op->before_len);
        value_append_escaped(out, v, TEXT_JSON);
        break;
    case JSON_STRING_END:
        run_string_end(run, p, op);
        break;
    case JSON_DATA_ITEM:
        run_data_item(run, p, op, v);
        break;
    case JSON_DATA_END:
        program_append(out, p, op->before, op->before_len);
        run_data_end(run);
        break;
    default:
        break;
    }
}

static void run_op(struct run *run, const struct op *op, struct value v)
{
    struct buf *out = run->out;
    switch ((enum json_code)op->code) {
    case JSON_CLOSE:
        run_close(out, op);
        break;
    case JSON_ATTRIBUTES:
        APPEND(out, "{\"#attributes\":{");
        break;
    case JSON_END_EMPTY:
        if (end_attributes(out))
            APPEND(out, "},");
        else
            APPEND(out, "null,");
        break;
    case JSON_END_TEXT:
        run_end_text(out, v);
        break;
    case JSON_END_TEXT_PIECES:
        run->attributes = end_attributes(out);
        if (run->attributes)
            APPEND(out, ",\"#text\":");
        break;
    case JSON_END_CHILDREN:
        append(out, end_attributes(out) ? "," : "{", 1);
        break;
    case JSON_DATA:
        run->data = out->len;
        run->data_count = 0;
        buf_str(out, data_open);
        break;
    default:
        break;
    }
}

// What an element without attributes and text of its own turns out to be.
static void run_close_pieces(struct run *run)
{
    struct buf *out = run->out;
    if (!run->attributes)
        return;
    out->at[out->len - 1] = '}';
    buf_byte(out, ',');
}

void json_run(const struct evtx_reader *r, const struct program *p, struct buf *out)
{
    struct run run = {.out = out};
    for (uint32_t i = 0; i < p->count; i++) {
        const struct op *op = &p->ops[i];
        const struct value *v = &r->values.items[op->value];
        switch ((enum json_code)op->code) {
        case JSON_MEMBER:
            run_member(out, p, op, v);
            break;
        case JSON_TEXT_MEMBER:
            run_text_member(out, p, op, *v);
            break;
        case JSON_LITERAL:
            program_append(out, p, op->before, op->before_len);
            break;
        case JSON_SKIP_NULL:
            program_append(out, p, op->before, op->before_len);
            if (v->type == VALUE_NULL)
                i += op->after;
            break;
        case JSON_STRING:
        case JSON_PIECE:
        case JSON_STRING_END:
        case JSON_DATA_ITEM:
        case JSON_DATA_END:
            run_piece(&run, p, op, *v);
            break;
        default:
            program_append(out, p, op->before, op->before_len);
            if (op->code == JSON_CLOSE && op->flags & FLAG_PIECES)
                run_close_pieces(&run);
            else
                run_op(&run, op, *v);
        }
    }
    out->len--; // the comma of the last member
}
