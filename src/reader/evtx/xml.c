// SPDX-License-Identifier: Apache-2.0
// XML in Windows' own form (as `wevtutil qe` and EvtRender give it): no indentation, attributes in
// single quotes, elements closed as the evidence closes them. One event is one line: line breaks
// within values are character references.
#include "base/digits.h"
#include "base/utf.h"
#include "reader/evtx/internal.h"
#include "reader/evtx/put_unsigned.h"

enum xml_code {
    XML_LITERAL,
    XML_SKIP_NULL, // jump over the next `after` operations when the value is null
    XML_TEXT,      // before, the value
    XML_ATTRIBUTE, // before, the value, a quote; nothing when it is empty
    XML_PIECE,     // a piece of an attribute that is more than one value
    XML_LEAF,      // before, the value, after; again for each element of an array
};

struct compiler {
    struct buf text;
    ARRAY_OF(struct op) ops;
    uint32_t pending;
};

static struct op *emit(struct compiler *c, enum xml_code code)
{
    struct op op = {.code = (uint8_t)code,
                    .before = c->pending,
                    .before_len = (uint32_t)c->text.len - c->pending};
    c->pending = (uint32_t)c->text.len;
    struct op *at = ARRAY_ADD(&c->ops);
    *at = op;
    return at;
}

static void flush(struct compiler *c)
{
    if (c->text.len > c->pending)
        emit(c, XML_LITERAL);
}

// XML 1.0 (fifth edition), productions 4 and 4a, beyond ASCII.
static bool is_name_char(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        {0xc0, 0xd6},     {0xd8, 0xf6},     {0xf8, 0x2ff},    {0x370, 0x37d},
        {0x37f, 0x1fff},  {0x200c, 0x200d}, {0x2070, 0x218f}, {0x2c00, 0x2fef},
        {0x3001, 0xd7ff}, {0xf900, 0xfdcf}, {0xfdf0, 0xfffc}, {0x10000, 0xeffff},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

// Names come from evidence: whatever XML does not allow in a name becomes '_'.
static void name(struct compiler *c, struct slice s)
{
    if (s.len == 0)
        buf_byte(&c->text, '_');
    for (size_t pos = 0, from; pos < s.len;) {
        from = pos;
        uint32_t ch = utf8_decode(s, &pos);
        bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_' ||
                      ch == ':' || is_name_char(ch);
        bool later = from > 0 && ((ch >= '0' && ch <= '9') || ch == '-' || ch == '.');
        c->text.len += utf8_encode(letter || later ? ch : '_', buf_reserve(&c->text, 4));
    }
}

static void attribute(struct compiler *c, const struct tree *a)
{
    bool values = false;
    for (const struct tree *p = a->children; p; p = p->next)
        values |= p->kind == TREE_VALUE;
    if (values)
        flush(c);
    buf_byte(&c->text, ' ');
    name(c, a->name);
    buf_str(&c->text, "='");
    if (values && !a->children->next) {
        emit(c, XML_ATTRIBUTE)->value = a->children->value;
        return;
    }
    for (const struct tree *p = a->children; p; p = p->next) {
        if (p->kind == TREE_VALUE)
            emit(c, XML_PIECE)->value = p->value;
        else if (p->kind == TREE_TEXT || p->kind == TREE_CDATA)
            text_append_utf8(&c->text, p->text, TEXT_ATTR);
    }
    buf_byte(&c->text, '\'');
}

// s with every `end` broken up by a space, so that it cannot end what it stands in.
static void text_without(struct compiler *c, struct slice s, const char *end)
{
    struct slice mark = slice_from_str(end);
    for (size_t i = 0; i < s.len; i++) {
        if (slice_starts(slice_sub(s, i, s.len), mark)) {
            buf_byte(&c->text, s.at[i]);
            buf_byte(&c->text, ' ');
        } else {
            uint8_t b = s.at[i];
            buf_byte(&c->text, b >= 0x20 || b == '\t' ? b : '_');
        }
    }
}

static void cdata(struct compiler *c, struct slice s)
{
    bool plain = true; // a section can hold neither its own end nor the references that keep an
                       // event on one line
    for (size_t i = 0; i < s.len; i++)
        plain &= (s.at[i] >= 0x20 || s.at[i] == '\t') && s.at[i] != ']' && s.at[i] != 0xef;
    if (!plain) {
        text_append_utf8(&c->text, s, TEXT_XML);
        return;
    }
    buf_str(&c->text, "<![CDATA[");
    buf_add(&c->text, s);
    buf_str(&c->text, "]]>");
}

static void instruction(struct compiler *c, const struct tree *t)
{
    buf_str(&c->text, "<?");
    name(c, t->name);
    buf_byte(&c->text, ' ');
    text_without(c, t->text, "?>");
    buf_str(&c->text, "?>");
}

static void element(struct compiler *c, const struct tree *t);

static void content(struct compiler *c, const struct tree *pieces)
{
    for (const struct tree *p = pieces; p; p = p->next) {
        switch (p->kind) {
        case TREE_ELEMENT:
            element(c, p);
            break;
        case TREE_TEXT:
            text_append_utf8(&c->text, p->text, TEXT_XML);
            break;
        case TREE_CDATA:
            cdata(c, p->text);
            break;
        case TREE_VALUE:
            emit(c, XML_TEXT)->value = p->value;
            break;
        case TREE_PI:
            instruction(c, p);
            break;
        }
    }
}

static void close_tag(struct compiler *c, const struct tree *t)
{
    buf_str(&c->text, "</");
    name(c, t->name);
    buf_byte(&c->text, '>');
}

static bool has_literal_attributes(const struct tree *t)
{
    for (const struct tree *a = t->attributes; a; a = a->next)
        for (const struct tree *p = a->children; p; p = p->next)
            if (p->kind == TREE_VALUE)
                return false;
    return true;
}

static void whole_element(struct compiler *c, const struct tree *t)
{
    bool repeats = t->children && !t->children->next && t->children->kind == TREE_VALUE &&
                   has_literal_attributes(t);
    if (repeats)
        flush(c); // what an array repeats begins with the tag
    buf_byte(&c->text, '<');
    name(c, t->name);
    for (const struct tree *a = t->attributes; a; a = a->next)
        attribute(c, a);
    if (repeats) {
        buf_byte(&c->text, '>');
        emit(c, XML_LEAF)->value = t->children->value;
        uint32_t after = (uint32_t)c->text.len;
        close_tag(c, t);
        struct op *op = &c->ops.items[c->ops.count - 1];
        op->after = after;
        op->after_len = (uint32_t)c->text.len - after;
        c->pending = (uint32_t)c->text.len;
    } else if (!t->children && t->closed) {
        buf_str(&c->text, "/>");
    } else {
        buf_byte(&c->text, '>');
        content(c, t->children);
        close_tag(c, t);
    }
}

// The element, left out when what it depends on is null.
static void element(struct compiler *c, const struct tree *t)
{
    if (t->dependency == NO_DEPENDENCY) {
        whole_element(c, t);
        return;
    }
    flush(c);
    emit(c, XML_SKIP_NULL)->value = t->dependency;
    size_t skip = c->ops.count;
    whole_element(c, t);
    flush(c);
    c->ops.items[skip - 1].after = (uint32_t)(c->ops.count - skip);
}

const struct program *xml_compile(struct evtx_reader *r, struct arena *a, const struct layout *l)
{
    (void)r;
    struct compiler c = {0};
    whole_element(&c, l->root); // an event is never left out
    flush(&c);
    const struct program *p = program_make(a, c.ops.items, c.ops.count, &c.text);
    ARRAY_FREE(&c.ops);
    buf_free(&c.text);
    return p;
}

// The value's text where there is room for it. The types that nearly all values have stand here.
// As in json_run.c, the place to write to is a variable of its own.
static inline uint8_t *put_value(uint8_t *to, const struct value *v, enum text_escape escape)
{
    struct slice raw = v->raw;
    switch (v->type) {
    case VALUE_UTF16:
        raw = text_trim_utf16(raw);
        return escape == TEXT_XML ? text_put_utf16_xml(to, raw) : text_put_utf16(to, raw, escape);
    case VALUE_NULL:
        return to;
        PUT_UNSIGNED_CASES(to, raw);
    case VALUE_HEX64:
        if (raw.len != 8)
            break;
        memcpy(to, "0x", 2);
        return digits_hex_u64(to + 2, le64(raw.at));
    default:
        break;
    }
    return value_put(to, *v, escape);
}

// An element around a value.
static inline uint8_t *put_leaf(uint8_t *to, const struct program *p, const struct op *op,
                                const struct value *v)
{
    to = program_put(to, p, op->before, op->before_len);
    to = put_value(to, v, TEXT_XML);
    return program_put(to, p, op->after, op->after_len);
}

static inline size_t op_room(const struct op *op, const struct value *v)
{
    return VALUE_ROOM(*v) + op->before_len + op->after_len + 2 * PROGRAM_PAD + DIGITS_ROOM;
}

// An array repeats the element that it stands in.
[[gnu::noinline]] static void append_leaves(struct buf *out, const struct program *p,
                                            const struct op *op, struct value v)
{
    size_t pos = 0;
    for (struct value item; value_next_element(v, &pos, &item);) {
        uint8_t *to = text_room(out, op_room(op, &item));
        out->len = (size_t)(put_leaf(to, p, op, &item) - out->at);
    }
}

// An attribute is left out when nothing stands in it.
static inline uint8_t *put_attribute(uint8_t *to, const struct program *p, const struct op *op,
                                     const struct value *v)
{
    if (v->type == VALUE_NULL || value_is_empty(*v))
        return to;
    to = program_put(to, p, op->before, op->before_len);
    to = put_value(to, v, TEXT_ATTR);
    *to = '\'';
    return to + 1;
}

void xml_run(const struct evtx_reader *r, const struct program *p, struct buf *out)
{
    uint8_t *to = text_room(out, PROGRAM_PAD), *limit = out->at + out->capacity;
    const struct op *end = p->ops + p->count;
    for (const struct op *op = p->ops; op < end; op++) {
        const struct value *v = &r->values.items[op->value];
        size_t room = op_room(op, v);
        if ((size_t)(limit - to) < room) {
            out->len = (size_t)(to - out->at);
            to = buf_reserve(out, room);
            limit = out->at + out->capacity;
        }
        switch ((enum xml_code)op->code) {
        case XML_LEAF:
            if (v->type < VALUE_ARRAY || v->raw.len == 0) {
                to = put_leaf(to, p, op, v);
                break;
            }
            out->len = (size_t)(to - out->at);
            append_leaves(out, p, op, *v);
            to = out->at + out->len;
            limit = out->at + out->capacity;
            break;
        case XML_ATTRIBUTE:
            to = put_attribute(to, p, op, v);
            break;
        case XML_LITERAL:
            to = program_put(to, p, op->before, op->before_len);
            break;
        case XML_SKIP_NULL:
            to = program_put(to, p, op->before, op->before_len);
            op += v->type == VALUE_NULL ? op->after : 0;
            break;
        case XML_TEXT:
            to = program_put(to, p, op->before, op->before_len);
            to = put_value(to, v, TEXT_XML);
            break;
        case XML_PIECE:
            to = program_put(to, p, op->before, op->before_len);
            to = put_value(to, v, TEXT_ATTR);
            break;
        }
    }
    out->len = (size_t)(to - out->at);
}
