// SPDX-License-Identifier: Apache-2.0
// BinXML tokens ([MS-EVEN6] 2.2.12; libyal, "Windows XML Event Log (EVTX)", chapter 4).
//
// A token stream is read once, front to back, with a stack of open elements of its own instead of
// recursion. Sizes that the stream states about elements and attribute lists are not needed, and so
// cannot mislead. Names are read where the token points, so that the chunk's string table with its
// links, which can be damaged or circular, is never walked.
#include "reader/evtx/internal.h"
#include "reader/evtx/tokens.h"

struct parser {
    struct evtx_reader *r;
    struct slice chunk;
    size_t pos, end, start;
    bool with_dependency;
    unsigned depth; // of streams within streams
    struct nodes *out;
    struct name_refs *refs;
    uint32_t open[EVTX_MAX_DEPTH]; // elements
    unsigned open_count;
    uint32_t attribute;  // open attribute + 1, or 0
    bool name_attribute; // and it is the Name of a Data element
    size_t base;         // of the values that texts become; SIZE_MAX: texts stay in the nodes
    uint32_t limit;      // nodes
    struct err *e;
};

static bool fail(struct parser *p, enum err_code code, size_t at, const char *what)
{
    return err_set(p->e, code, at, "%s", what);
}

static bool need(struct parser *p, size_t bytes)
{
    if (p->end - p->pos >= bytes)
        return true;
    return fail(p, ERR_TRUNCATED, p->pos, "the event's BinXML ends in the middle of a token");
}

static bool add_node(struct parser *p, struct node n)
{
    if (p->out->list.count >= p->limit)
        return fail(p, ERR_LIMIT, p->pos, "too many parts in one event or template");
    *ARRAY_ADD(&p->out->list) = n;
    return true;
}

// Appends UTF-16 text to the pool.
static bool add_text(struct parser *p, struct slice utf16, struct node *n)
{
    size_t start = p->out->text.len;
    if (start + utf16.len > MAX_NODES_TEXT)
        return fail(p, ERR_LIMIT, p->pos, "too much text in one event or template");
    text_append_utf16(&p->out->text, utf16, TEXT_PLAIN);
    n->text = (uint32_t)start;
    n->text_len = (uint32_t)(p->out->text.len - start);
    return true;
}

// Four bytes: the offset of a name in the chunk; the name itself follows when it stands here for
// the first time.
static bool read_name(struct parser *p, struct node *n)
{
    if (!need(p, 4))
        return false;
    size_t offset = le32(p->chunk.at + p->pos);
    size_t ref_at = p->pos;
    p->pos += 4;
    bool is_inline = offset == p->pos;
    if (offset > p->chunk.len || p->chunk.len - offset < NAME_HEADER_SIZE)
        return fail(p, ERR_FORMAT, ref_at, "a name lies outside the chunk");
    size_t bytes = (size_t)le16(p->chunk.at + offset + 6) * 2;
    if (p->chunk.len - offset - NAME_HEADER_SIZE < bytes)
        return fail(p, ERR_FORMAT, ref_at, "a name runs over the end of the chunk");
    if (is_inline) {
        if (!need(p, NAME_HEADER_SIZE + bytes + 2))
            return false;
        p->pos += NAME_HEADER_SIZE + bytes + 2;
    }
    struct slice name = slice_of(p->chunk.at + offset + NAME_HEADER_SIZE, bytes);
    if (p->refs)
        *ARRAY_ADD(&p->refs->list) =
            (struct name_ref){(uint32_t)(ref_at - p->start), is_inline, (uint32_t)offset};
    return add_text(p, name, n);
}

static void close_attribute(struct parser *p)
{
    if (p->attribute)
        p->out->list.items[p->attribute - 1].end = (uint32_t)p->out->list.count;
    p->attribute = 0;
}

static bool read_open(struct parser *p, uint8_t token)
{
    close_attribute(p);
    if (p->open_count >= EVTX_MAX_DEPTH)
        return fail(p, ERR_LIMIT, p->pos, "elements nested too deeply");
    struct node n = {.kind = NODE_ELEMENT, .slot = NO_SLOT};
    size_t fixed = p->with_dependency ? 6 : 4;
    if (!need(p, fixed))
        return false;
    if (p->with_dependency)
        n.slot = le16(p->chunk.at + p->pos);
    p->pos += fixed;
    if (!read_name(p, &n))
        return false;
    if (token & TOKEN_MORE) {
        if (!need(p, 4))
            return false;
        p->pos += 4;
    }
    p->open[p->open_count++] = (uint32_t)p->out->list.count;
    return add_node(p, n);
}

static bool close_element(struct parser *p, bool closed)
{
    close_attribute(p);
    if (p->open_count == 0)
        return fail(p, ERR_FORMAT, p->pos - 1, "an element ends that never began");
    struct node *n = &p->out->list.items[p->open[--p->open_count]];
    n->end = (uint32_t)p->out->list.count;
    n->closed = closed;
    return true;
}

static bool text_is(const struct parser *p, const struct node *n, const char *text)
{
    return n->text_len && slice_equal_str(slice_of(p->out->text.at + n->text, n->text_len), text);
}

static bool read_attribute(struct parser *p)
{
    close_attribute(p);
    if (p->open_count == 0)
        return fail(p, ERR_FORMAT, p->pos - 1, "an attribute without an element");
    struct node n = {.kind = NODE_ATTRIBUTE};
    if (!read_name(p, &n))
        return false;
    p->attribute = (uint32_t)p->out->list.count + 1;
    const struct node *element = &p->out->list.items[p->open[p->open_count - 1]];
    p->name_attribute = text_is(p, &n, "Name") && text_is(p, element, "Data");
    return add_node(p, n);
}

// UTF-16 text after a count of units.
static bool read_counted(struct parser *p, enum node_kind kind)
{
    if (!need(p, 2))
        return false;
    size_t bytes = (size_t)le16(p->chunk.at + p->pos) * 2;
    p->pos += 2;
    if (!need(p, bytes))
        return false;
    struct node n = {.kind = (uint8_t)kind};
    struct slice text = slice_of(p->chunk.at + p->pos, bytes);
    p->pos += bytes;
    return add_text(p, text_trim_utf16(text), &n) && add_node(p, n);
}

// Texts of the record itself become values like those of a template instance: then events that
// differ in nothing but their texts share one layout. The names of Data stay, since fields are
// named after them.
static bool read_text_as_value(struct parser *p)
{
    size_t bytes = (size_t)le16(p->chunk.at + p->pos) * 2, slot = p->r->values.count - p->base;
    p->pos += 2;
    if (!need(p, bytes))
        return false;
    if (slot >= NO_SLOT || p->r->values.count >= MAX_EVENT_VALUES)
        return fail(p, ERR_LIMIT, p->pos, "too many texts in one event");
    struct slice text = text_trim_utf16(slice_of(p->chunk.at + p->pos, bytes));
    p->pos += bytes;
    *ARRAY_ADD(&p->r->values) = (struct value){text, VALUE_UTF16};
    p->r->types |= event_type_bit(VALUE_UTF16);
    return add_node(p, (struct node){.kind = NODE_SLOT, .slot = (uint16_t)slot});
}

// The first text of an element Computer in a template.
static bool is_own_text(const struct parser *p)
{
    return p->refs && p->open_count && !p->attribute && !p->out->own.len &&
           text_is(p, &p->out->list.items[p->open[p->open_count - 1]], "Computer");
}

static bool read_own_text(struct parser *p)
{
    size_t left = p->end - p->pos, bytes = left < 2 ? 0 : (size_t)le16(p->chunk.at + p->pos) * 2;
    if (bytes == 0 || bytes > MAX_OWN_TEXT || left - 2 < bytes)
        return read_counted(p, NODE_TEXT);
    struct slice text = slice_of(p->chunk.at + p->pos + 2, bytes);
    if (text_trim_utf16(text).len == 0)
        return read_counted(p, NODE_TEXT);
    p->out->own = text;
    p->pos += 2 + bytes;
    return add_node(p, (struct node){.kind = NODE_OWN});
}

static bool read_text(struct parser *p)
{
    if (!need(p, 1))
        return false;
    uint8_t type = p->chunk.at[p->pos++];
    if (type != VALUE_UTF16)
        return fail(p, ERR_UNSUPPORTED, p->pos - 1, "a literal value that is no text");
    if (is_own_text(p))
        return read_own_text(p);
    if (p->base == SIZE_MAX || (p->attribute && p->name_attribute))
        return read_counted(p, NODE_TEXT);
    return need(p, 2) && read_text_as_value(p);
}

static bool read_named(struct parser *p, enum node_kind kind)
{
    struct node n = {.kind = (uint8_t)kind};
    return read_name(p, &n) && add_node(p, n);
}

static bool read_slot(struct parser *p)
{
    if (!need(p, 3))
        return false;
    struct node n = {.kind = NODE_SLOT, .slot = le16(p->chunk.at + p->pos)};
    p->pos += 3;
    return add_node(p, n);
}

static bool read_char(struct parser *p)
{
    if (!need(p, 2))
        return false;
    struct node n = {.kind = NODE_CHAR, .slot = le16(p->chunk.at + p->pos)};
    p->pos += 2;
    return add_node(p, n);
}

static bool read_instance(struct evtx_reader *r, size_t *pos, size_t end, unsigned depth,
                          uint32_t *out, struct err *e);

static bool read_instance_node(struct parser *p)
{
    if (p->with_dependency)
        return fail(p, ERR_UNSUPPORTED, p->pos - 1, "a template that uses another template");
    struct node n = {.kind = NODE_INSTANCE};
    return read_instance(p->r, &p->pos, p->end, p->depth, &n.end, p->e) && add_node(p, n);
}

static bool read_token(struct parser *p, uint8_t token)
{
    switch (token) {
    case TOKEN_OPEN:
    case TOKEN_OPEN | TOKEN_MORE:
        return read_open(p, token);
    case TOKEN_CLOSE_START:
        close_attribute(p);
        return true;
    case TOKEN_CLOSE_EMPTY:
        return close_element(p, true);
    case TOKEN_END:
        return close_element(p, false);
    case TOKEN_VALUE:
    case TOKEN_VALUE | TOKEN_MORE:
        return read_text(p);
    case TOKEN_ATTRIBUTE:
    case TOKEN_ATTRIBUTE | TOKEN_MORE:
        return read_attribute(p);
    case TOKEN_CDATA:
    case TOKEN_CDATA | TOKEN_MORE:
        return read_counted(p, NODE_CDATA);
    case TOKEN_CHAR:
    case TOKEN_CHAR | TOKEN_MORE:
        return read_char(p);
    case TOKEN_ENTITY:
    case TOKEN_ENTITY | TOKEN_MORE:
        return read_named(p, NODE_ENTITY);
    case TOKEN_PI_TARGET:
        return read_named(p, NODE_PI);
    case TOKEN_PI_DATA:
        return read_counted(p, NODE_PI_DATA);
    case TOKEN_INSTANCE:
        return read_instance_node(p);
    case TOKEN_SLOT:
    case TOKEN_OPTIONAL_SLOT:
        return read_slot(p);
    case TOKEN_FRAGMENT:
        if (!need(p, FRAGMENT_HEADER_SIZE - 1))
            return false;
        p->pos += FRAGMENT_HEADER_SIZE - 1;
        return true;
    default:
        return err_set(p->e, ERR_FORMAT, p->pos - 1, "0x%02x is no BinXML token", token);
    }
}

static bool parse(struct evtx_reader *r, size_t pos, size_t end, bool with_dependency, bool values,
                  unsigned depth, struct nodes *out, struct name_refs *refs, struct err *e)
{
    struct parser p = {
        .r = r,
        .chunk = r->chunk,
        .pos = pos,
        .start = pos,
        .end = end,
        .with_dependency = with_dependency,
        .depth = depth,
        .out = out,
        .refs = refs,
        .base = values ? r->values.count : SIZE_MAX,
        .limit = MAX_TEMPLATE_NODES,
        .e = e,
    };
    while (p.pos < p.end) {
        uint8_t token = p.chunk.at[p.pos++];
        if (token == TOKEN_EOF) // what follows is what the buffer held before
            break;
        if (!read_token(&p, token))
            return false;
    }
    while (p.open_count)
        if (!close_element(&p, false))
            return false;
    return true;
}

bool binxml_parse_template(struct evtx_reader *r, size_t pos, size_t end, struct nodes *out,
                           struct name_refs *refs, struct err *e)
{
    return parse(r, pos, end, true, false, 0, out, refs, e);
}

// Room for more values at the end of the list.
static struct value *values_room(struct evtx_reader *r, uint32_t more)
{
    size_t wanted = r->values.count + more;
    if (wanted > r->values.capacity) {
        size_t capacity = r->values.capacity ? r->values.capacity : 64;
        while (capacity < wanted)
            capacity *= 2;
        r->values.items = mem_grow(r->values.items, capacity, sizeof *r->values.items);
        r->values.capacity = capacity;
    }
    return r->values.items + r->values.count;
}

struct values_read {
    const uint8_t *end;
    uint32_t nested; // the first value that is BinXML; count: none is
};

// Decodes a list of `count` descriptors, four bytes each: size, type. The values stand behind it;
// types whose value is not of their size are shown as far as they go (value.h). When one runs over
// the end, it returns false, and `read` says which. The loop that every value of every event goes
// through is a function of its own, so that all of it stays in registers.
[[gnu::noinline]] static bool put_values(const uint64_t *type_bits, const uint8_t *list,
                                         const uint8_t *end, uint32_t count, struct value *out,
                                         uint64_t *types, struct values_read *read)
{
    const uint8_t *at = list + (size_t)count * 4;
    size_t left = (size_t)(end - at);
    uint64_t seen = 0;
    uint32_t nested = count;
    for (uint32_t i = 0; i < count; i++, out++) {
        uint32_t descriptor = le32(list + (size_t)i * 4);
        size_t size = descriptor & 0xffff;
        uint8_t type = (uint8_t)(descriptor >> 16);
        if (size > left) {
            *read = (struct values_read){at, i};
            return false;
        }
        left -= size;
        out->raw.at = at;
        out->raw.len = size & -(size_t)(type != VALUE_NULL);
        out->type = type;
        at += size;
        seen |= type_bits[type];
        if (type == VALUE_BINXML && nested == count)
            nested = i;
    }
    *types |= seen;
    *read = (struct values_read){at, nested};
    return true;
}

static bool read_fragment(struct evtx_reader *r, uint32_t value, size_t pos, size_t end,
                          unsigned depth, struct err *e);

// The BinXML values of an instance hold streams of their own.
static bool read_nested(struct evtx_reader *r, uint32_t from, uint32_t to, unsigned depth,
                        struct err *e)
{
    for (uint32_t i = from; i < to; i++) {
        struct value v = r->values.items[i];
        if (v.type != VALUE_BINXML || v.raw.len == 0)
            continue;
        size_t pos = (size_t)(v.raw.at - r->chunk.at);
        if (depth >= EVTX_MAX_DEPTH)
            return err_set(e, ERR_LIMIT, pos, "BinXML nested too deeply");
        if (!read_fragment(r, i, pos, pos + v.raw.len, depth + 1, e))
            return false;
    }
    return true;
}

static void add_own(struct evtx_reader *r, const struct own_text *own)
{
    *ARRAY_ADD(&r->values) = (struct value){own->utf8, VALUE_UTF8};
    r->own = own;
    r->own_count++;
    r->own_bytes += own->utf8.len;
}

// A value of a type that Windows does not have is shown as the bytes that it has, and reported:
// what it hides from rules, or which of our own types it passes for, must not be the log's to say.
[[gnu::noinline]] static void show_odd_types(struct evtx_reader *r, uint32_t from, uint32_t to)
{
    for (struct value *v = r->values.items + from; v < r->values.items + to; v++) {
        if (!(r->type_bits[v->type] & TYPE_ODD))
            continue;
        if (!r->odd_count++) {
            r->odd_at = (size_t)(v->raw.at - r->chunk.at);
            r->odd_type = v->type;
        }
        v->type = VALUE_BINARY;
    }
}

// After a template instance's token. *out: its number.
static bool read_instance(struct evtx_reader *r, size_t *pos, size_t end, unsigned depth,
                          uint32_t *out, struct err *e)
{
    size_t at = *pos;
    if (end - at < INSTANCE_HEADER_SIZE)
        return err_set(e, ERR_TRUNCATED, at, "a template instance is cut short");
    uint32_t definition = le32(r->chunk.at + at + 5);
    at += INSTANCE_HEADER_SIZE;
    const struct defined *known = template_known(r, definition);
    struct defined is;
    if (known)
        is = *known;
    else if (!template_find(r, definition, &is, e))
        return false;
    if (definition == at) { // stands here, for the first time in the chunk; template_find has
                            // checked that it fits the chunk
        size_t size = DEFINITION_HEADER_SIZE + (size_t)le32(r->chunk.at + at + 20);
        if (end - at < size)
            return err_set(e, ERR_TRUNCATED, at,
                           "a template definition runs over the end of the record");
        at += size;
    }
    if (end - at < 4)
        return err_set(e, ERR_TRUNCATED, at, "a template instance is cut short");
    uint32_t count = le32(r->chunk.at + at);
    at += 4;
    if (count > MAX_SUBSTITUTIONS || r->values.count + count > MAX_EVENT_VALUES)
        return err_set(e, ERR_LIMIT, at - 4, "%u values in one template instance", count);
    if ((end - at) / 4 < count)
        return err_set(e, ERR_TRUNCATED, at, "the list of %u values is cut short", count);
    uint32_t base = (uint32_t)r->values.count;
    *out = (uint32_t)r->instances.count;
    *ARRAY_ADD(&r->instances) = (struct instance){is.template, base, count};
    struct values_read read;
    if (!put_values(r->type_bits, r->chunk.at + at, r->chunk.at + end, count, values_room(r, count),
                    &r->types, &read))
        return err_set(e, ERR_TRUNCATED, (size_t)(read.end - r->chunk.at),
                       "value %u of %u runs over the end of the record", read.nested + 1, count);
    r->values.count += count;
    *pos = (size_t)(read.end - r->chunk.at);
    if (r->types & TYPE_ODD)
        show_odd_types(r, base, base + count);
    if (is.own)
        add_own(r, is.own);
    return read.nested == count || read_nested(r, base + read.nested, base + count, depth, e);
}

#define NO_INSTANCE UINT32_MAX

static struct nodes *take_spare_nodes(struct evtx_reader *r)
{
    if (r->spare_used == r->spare_nodes.count)
        *ARRAY_ADD(&r->spare_nodes) = mem_alloc_zero(1, sizeof(struct nodes));
    struct nodes *n = r->spare_nodes.items[r->spare_used++];
    n->list.count = 0;
    n->own = (struct slice){0};
    buf_clear(&n->text);
    return n;
}

// Whether nothing but the end follows a template instance.
static bool nothing_follows(const struct evtx_reader *r, size_t at, size_t end)
{
    return at >= end || r->chunk.at[at] == TOKEN_EOF;
}

// A stream without templates counts as an instance of a template of its own.
static void add_stream(struct evtx_reader *r, size_t fragment, struct template *t, size_t base)
{
    r->fragments.items[fragment].instance = (uint32_t)r->instances.count;
    *ARRAY_ADD(&r->instances) =
        (struct instance){t, (uint32_t)base, (uint32_t)(r->values.count - base)};
}

// A stream that is not one template instance and nothing else; `instance`: which it begins with, or
// NO_INSTANCE.
[[gnu::noinline]] static bool read_stream(struct evtx_reader *r, size_t fragment, size_t pos,
                                          size_t end, uint32_t instance, unsigned depth,
                                          struct err *e)
{
    if (r->stream_count++ >= EVTX_MAX_DEPTH)
        return err_set(e, ERR_LIMIT, pos, "too many BinXML streams in one event");
    size_t base = r->values.count, instances = r->instances.count;
    // With instances in it, its own texts cannot be told from their values by number.
    bool plain = instance == NO_INSTANCE;
    struct template *t = plain ? stream_find(r, pos, end) : NULL;
    if (t) {
        add_stream(r, fragment, t, base);
        return true;
    }
    struct nodes *nodes = take_spare_nodes(r);
    if (!plain)
        *ARRAY_ADD(&nodes->list) = (struct node){.kind = NODE_INSTANCE, .end = instance};
    if (!parse(r, pos, end, false, plain, depth, nodes, NULL, e))
        return false;
    if (plain && r->instances.count == instances) {
        t = template_intern(r, nodes);
        stream_keep(r, t);
        add_stream(r, fragment, t, base);
        return true;
    }
    r->fragments.items[fragment].nodes = nodes;
    r->fragments.items[fragment].base = (uint32_t)base;
    return true;
}

// Reads [pos, end): nearly always a fragment header, one template instance and the end.
static bool read_fragment(struct evtx_reader *r, uint32_t value, size_t pos, size_t end,
                          unsigned depth, struct err *e)
{
    size_t number = r->fragments.count;
    *ARRAY_ADD(&r->fragments) = (struct fragment){.value = value};
    if (end - pos > FRAGMENT_HEADER_SIZE && r->chunk.at[pos] == TOKEN_FRAGMENT)
        pos += FRAGMENT_HEADER_SIZE;
    uint32_t instance = NO_INSTANCE;
    if (pos < end && r->chunk.at[pos] == TOKEN_INSTANCE) {
        pos++;
        if (!read_instance(r, &pos, end, depth, &instance, e))
            return false;
        if (nothing_follows(r, pos, end)) {
            r->fragments.items[number].instance = instance;
            return true;
        }
    }
    return read_stream(r, number, pos, end, instance, depth, e);
}

bool binxml_read_record(struct evtx_reader *r, size_t pos, size_t end, struct err *e)
{
    r->values.count = r->instances.count = r->fragments.count = 0;
    r->spare_used = r->stream_count = 0;
    r->types = 0;
    r->odd_count = 0;
    r->own = NULL;
    r->own_count = 0;
    r->own_bytes = 0;
    r->record = slice_sub(r->chunk, pos, end);
    *ARRAY_ADD(&r->values) = (struct value){.type = VALUE_NULL};
    return read_fragment(r, NULL_VALUE, pos, end, 0, e);
}
