// SPDX-License-Identifier: Apache-2.0
// From the templates of an event to its layout: one tree in which every value has its number in the
// event. A layout depends only on which templates are put together and how many values each has, so
// the next event of the same kind uses it as it is. Events whose elements stand in the record
// itself, or whose field names depend on values, get a layout of their own in the scratch arena.
#include "reader/evtx/internal.h"

struct builder {
    struct evtx_reader *r;
    struct arena *arena;
    struct layout *layout;
    uint32_t left; // of MAX_EVENT_NODES
    struct err *e;
};

struct tree_list {
    struct tree *first, *last;
};

// Nodes with the instance that their slots belong to.
struct source {
    const struct node *nodes;
    const uint8_t *text;
    uint32_t base, count; // of the values
};

static struct tree *new_tree(struct builder *b, enum tree_kind kind, struct tree_list *to)
{
    if (b->left == 0) {
        (void)err_set(b->e, ERR_LIMIT, 0, "the event's templates multiply to too many parts");
        return NULL;
    }
    b->left--;
    struct tree *t = ARENA_NEW(b->arena, struct tree);
    t->kind = kind;
    t->dependency = NO_DEPENDENCY;
    if (to->last)
        to->last->next = t;
    else
        to->first = t;
    to->last = t;
    return t;
}

// Literal text and names, as far as the event's budget goes.
static bool charge(struct builder *b, size_t bytes)
{
    b->layout->literal_bytes += (uint32_t)bytes;
    return b->layout->literal_bytes <= MAX_EVENT_LITERALS ||
           err_set(b->e, ERR_LIMIT, 0, "the event's templates multiply to too much text");
}

static struct slice node_text(const struct source *s, const struct node *n)
{
    return n->text_len ? slice_of(s->text + n->text, n->text_len) : SLICE("");
}

static bool add_literal(struct builder *b, struct slice text, struct tree_list *to)
{
    if (text.len == 0)
        return true;
    struct tree *t = new_tree(b, TREE_TEXT, to);
    if (t)
        t->text = text;
    return t && charge(b, text.len);
}

static bool add_entity(struct builder *b, struct slice name, struct tree_list *to)
{
    static const struct {
        const char *name, *text;
    } known[] = {{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (slice_equal_str(name, known[i].name))
            return add_literal(b, slice_from_str(known[i].text), to);
    return add_literal(b, arena_printf(b->arena, "&%.*s;", SLICE_FMT(name)), to);
}

// A character reference holds one UTF-16 unit; two can make a pair. Returns the nodes used up.
static bool add_char(struct builder *b, const struct source *s, uint32_t at, uint32_t end,
                     uint32_t *used, struct tree_list *to)
{
    uint8_t units[4] = {(uint8_t)s->nodes[at].slot, (uint8_t)(s->nodes[at].slot >> 8)};
    size_t bytes = 2;
    *used = 1;
    bool high = (s->nodes[at].slot & 0xfc00) == 0xd800;
    if (high && at + 1 < end && s->nodes[at + 1].kind == NODE_CHAR &&
        (s->nodes[at + 1].slot & 0xfc00) == 0xdc00) {
        units[2] = (uint8_t)s->nodes[at + 1].slot;
        units[3] = (uint8_t)(s->nodes[at + 1].slot >> 8);
        bytes = 4;
        *used = 2;
    }
    struct buf text = {0};
    text_append_utf16(&text, slice_of(units, bytes), TEXT_PLAIN);
    struct slice kept = arena_copy(b->arena, buf_slice(&text));
    buf_free(&text);
    return add_literal(b, kept, to);
}

static bool build(struct builder *b, const struct source *s, uint32_t from, uint32_t to_node,
                  unsigned depth, struct tree_list *to);

static bool build_instance(struct builder *b, uint32_t number, unsigned depth, struct tree_list *to)
{
    const struct instance *i = &b->r->instances.items[number];
    struct source s = {i->template->nodes, i->template->text, i->base, i->count};
    return build(b, &s, 0, i->template->node_count, depth, to);
}

static const struct fragment *find_fragment(const struct evtx_reader *r, uint32_t value)
{
    for (size_t i = 0; i < r->fragments.count; i++)
        if (r->fragments.items[i].value == value)
            return &r->fragments.items[i];
    return NULL;
}

static bool build_fragment(struct builder *b, const struct fragment *f, unsigned depth,
                           struct tree_list *to)
{
    if (!f->nodes)
        return build_instance(b, f->instance, depth, to);
    struct source s = {f->nodes->list.items, f->nodes->text.at, f->base,
                       (uint32_t)(b->r->values.count - f->base)};
    return build(b, &s, 0, (uint32_t)f->nodes->list.count, depth, to);
}

static bool add_value(struct builder *b, uint32_t value, struct tree_list *to)
{
    struct tree *t = new_tree(b, TREE_VALUE, to);
    if (!t)
        return false;
    t->value = value;
    b->layout->value_uses++;
    return true;
}

static bool build_slot(struct builder *b, const struct source *s, uint16_t slot, unsigned depth,
                       struct tree_list *to)
{
    uint32_t value = slot < s->count ? s->base + slot : NULL_VALUE;
    if (value && reader_value(b->r, value).type == VALUE_BINXML) {
        const struct fragment *f = find_fragment(b->r, value);
        if (f)
            return build_fragment(b, f, depth, to);
    }
    return add_value(b, value, to);
}

static bool build_element(struct builder *b, const struct source *s, uint32_t at, unsigned depth,
                          struct tree_list *to)
{
    const struct node *n = &s->nodes[at];
    struct tree *t = new_tree(b, TREE_ELEMENT, to);
    if (!t)
        return false;
    t->name = node_text(s, n);
    t->closed = n->closed;
    if (!charge(b, 2 * (size_t)n->text_len + 8))
        return false;
    if (n->slot != NO_SLOT && n->slot < s->count)
        t->dependency = s->base + n->slot;
    struct tree_list attributes = {0}, children = {0};
    uint32_t next = at + 1;
    while (next < n->end && s->nodes[next].kind == NODE_ATTRIBUTE) {
        struct tree *a = new_tree(b, TREE_ELEMENT, &attributes);
        struct tree_list pieces = {0};
        if (!a || !build(b, s, next + 1, s->nodes[next].end, depth + 1, &pieces))
            return false;
        a->name = node_text(s, &s->nodes[next]);
        a->children = pieces.first;
        if (!charge(b, a->name.len + 8))
            return false;
        next = s->nodes[next].end;
    }
    if (!build(b, s, next, n->end, depth + 1, &children))
        return false;
    t->attributes = attributes.first;
    t->children = children.first;
    return true;
}

static bool build_pi(struct builder *b, const struct source *s, uint32_t at, uint32_t end,
                     uint32_t *used, struct tree_list *to)
{
    struct tree *t = new_tree(b, TREE_PI, to);
    if (!t)
        return false;
    t->name = node_text(s, &s->nodes[at]);
    if (at + 1 < end && s->nodes[at + 1].kind == NODE_PI_DATA) {
        t->text = node_text(s, &s->nodes[at + 1]);
        *used = 2;
    }
    return charge(b, t->name.len + t->text.len);
}

static bool build_node(struct builder *b, const struct source *s, uint32_t at, uint32_t end,
                       unsigned depth, uint32_t *used, struct tree_list *to)
{
    const struct node *n = &s->nodes[at];
    struct tree *t;
    *used = 1;
    switch ((enum node_kind)n->kind) {
    case NODE_ELEMENT:
        *used = n->end - at;
        return build_element(b, s, at, depth, to);
    case NODE_TEXT:
        return add_literal(b, node_text(s, n), to);
    case NODE_CDATA:
        t = new_tree(b, TREE_CDATA, to);
        if (t)
            t->text = node_text(s, n);
        return t && charge(b, n->text_len);
    case NODE_CHAR:
        return add_char(b, s, at, end, used, to);
    case NODE_ENTITY:
        return add_entity(b, node_text(s, n), to);
    case NODE_PI:
        return build_pi(b, s, at, end, used, to);
    case NODE_SLOT:
        return build_slot(b, s, n->slot, depth, to);
    case NODE_OWN:
        return add_value(b, s->base + s->count, to);
    case NODE_INSTANCE:
        return build_instance(b, n->end, depth, to);
    case NODE_ATTRIBUTE: // one that does not follow its element's start: cannot be shown
    case NODE_PI_DATA:
        return true;
    }
    return true;
}

// Streams within streams and elements within elements, together at most this deep.
enum { MAX_TREE_DEPTH = 4 * EVTX_MAX_DEPTH };

static bool build(struct builder *b, const struct source *s, uint32_t from, uint32_t end,
                  unsigned depth, struct tree_list *to)
{
    if (depth > MAX_TREE_DEPTH)
        return err_set(b->e, ERR_LIMIT, 0, "elements nested too deeply");
    for (uint32_t at = from, used; at < end; at += used)
        if (!build_node(b, s, at, end, depth, &used, to))
            return false;
    return true;
}

// Whether a name under the container depends on a value.
static bool has_dynamic_names(const struct tree *element)
{
    for (const struct tree *c = element->children; c; c = c->next) {
        if (c->kind != TREE_ELEMENT)
            continue;
        if (has_dynamic_names(c))
            return true;
        const struct tree *name =
            slice_equal_str(c->name, "Data") ? tree_attribute(c, "Name") : NULL;
        for (const struct tree *p = name ? name->children : NULL; p; p = p->next)
            if (p->kind == TREE_VALUE)
                return true;
    }
    return false;
}

const struct tree *tree_child(const struct tree *element, const char *name)
{
    for (const struct tree *c = element ? element->children : NULL; c; c = c->next)
        if (c->kind == TREE_ELEMENT && slice_equal_str(c->name, name))
            return c;
    return NULL;
}

const struct tree *tree_attribute(const struct tree *element, const char *name)
{
    for (const struct tree *a = element ? element->attributes : NULL; a; a = a->next)
        if (slice_equal_str(a->name, name))
            return a;
    return NULL;
}

void layout_append_text(const struct evtx_reader *r, struct buf *b, const struct tree *pieces,
                        enum text_escape escape)
{
    for (const struct tree *p = pieces; p; p = p->next) {
        if (p->kind == TREE_TEXT || p->kind == TREE_CDATA)
            text_append_utf8(b, p->text, escape);
        else if (p->kind == TREE_VALUE)
            value_append_escaped(b, reader_value(r, p->value), escape);
    }
}

bool layout_is_empty(const struct evtx_reader *r, const struct tree *pieces)
{
    for (const struct tree *p = pieces; p; p = p->next) {
        if ((p->kind == TREE_TEXT || p->kind == TREE_CDATA) && p->text.len)
            return false;
        if (p->kind == TREE_VALUE && !value_is_empty(reader_value(r, p->value)))
            return false;
    }
    return true;
}

static bool layout_make(struct evtx_reader *r, struct arena *a, struct layout *l, struct err *e)
{
    struct builder b = {.r = r, .arena = a, .layout = l, .left = MAX_EVENT_NODES, .e = e};
    struct tree_list top = {0};
    if (r->output_left == 0)
        return err_set(e, ERR_LIMIT, 0, "the events of this chunk show too much for its size");
    bool built = build_fragment(&b, &r->fragments.items[0], 0, &top);
    size_t work = TREE_COST * (size_t)(MAX_EVENT_NODES - b.left);
    r->output_left -= work < r->output_left ? work : r->output_left;
    if (!built)
        return false;
    struct tree *root = top.first;
    while (root && root->kind != TREE_ELEMENT)
        root = root->next;
    if (!root)
        return err_set(e, ERR_FORMAT, 0, "the event has no element");
    root->next = NULL;
    l->root = root;
    l->tree_count = MAX_EVENT_NODES - b.left;
    l->dynamic = has_dynamic_names(root);
    return fields_make(r, a, l, e);
}

// Whether the layout is for just these templates with these numbers of values.
static bool layout_fits(const struct evtx_reader *r, const struct layout *l)
{
    if (l->part_count != r->instances.count)
        return false;
    for (uint32_t i = 0; i < l->part_count; i++) {
        const struct layout_part *p = &l->parts[i];
        const struct instance *have = &r->instances.items[i];
        if (p->template != have->template || p->base != have->base || p->count != have->count ||
            p->value != r->fragments.items[i].value)
            return false;
    }
    return true;
}

static bool all_simple(const struct evtx_reader *r)
{
    for (size_t i = 0; i < r->fragments.count; i++)
        if (r->fragments.items[i].nodes || r->fragments.items[i].instance != i)
            return false;
    return r->fragments.count == r->instances.count;
}

// A layout for this event alone.
static bool layout_single(struct evtx_reader *r, struct layout **out, struct err *e)
{
    struct layout *l = ARENA_NEW(&r->scratch, struct layout);
    if (!layout_make(r, &r->scratch, l, e))
        return false;
    l->dynamic = true;
    *out = l;
    return true;
}

// What tells layouts apart, in memory that has no gaps.
static struct layout_part *make_parts(struct evtx_reader *r)
{
    struct layout_part *parts = ARENA_ARRAY(&r->scratch, struct layout_part, r->instances.count);
    for (size_t i = 0; i < r->instances.count; i++) {
        const struct instance *have = &r->instances.items[i];
        parts[i].template = have->template;
        parts[i].base = have->base;
        parts[i].count = have->count;
        parts[i].value = r->fragments.items[i].value;
    }
    return parts;
}

static struct slice parts_key(const struct layout_part *parts, size_t count)
{
    return slice_of(parts, count * sizeof *parts);
}

// Bytes that one part of a tree takes in the cache, with its field and its operations: an estimate.
enum { CACHED_PART_BYTES = sizeof(struct tree) + sizeof(struct ref) + 4 * sizeof(struct op) };

static bool layout_keep(struct evtx_reader *r, const struct layout_part *parts, struct layout **out,
                        struct err *e)
{
    struct arena_mark mark = arena_mark(&r->cache);
    struct layout *l = ARENA_NEW(&r->cache, struct layout);
    struct layout_part *kept = ARENA_ARRAY(&r->cache, struct layout_part, r->instances.count);
    l->part_count = (uint32_t)r->instances.count;
    memcpy(kept, parts, l->part_count * sizeof *parts);
    l->parts = kept;
    struct slice key = parts_key(kept, l->part_count);
    if (!layout_make(r, &r->cache, l, e)) {
        arena_rewind(&r->cache, mark);
        return false;
    }
    r->cache_bytes += sizeof *l + key.len + 2 * sizeof(struct map_entry) +
                      (size_t)l->tree_count * CACHED_PART_BYTES + 4 * (size_t)l->literal_bytes;
    *map_put(&r->layouts, key, NULL) = l;
    *out = l;
    return true;
}

bool layout_find(struct evtx_reader *r, struct layout **out, struct err *e)
{
    if (!all_simple(r))
        return layout_single(r, out, e);
    // The innermost template tells most: the outer one is often the same for all events of a log.
    struct template *inner = r->instances.items[r->instances.count - 1].template;
    struct layout *l = inner->last;
    if (!l || !layout_fits(r, l)) {
        struct layout_part *parts = make_parts(r);
        l = map_get(&r->layouts, parts_key(parts, r->instances.count));
        if (!l && !layout_keep(r, parts, &l, e))
            return false;
        inner->last = l;
    }
    *out = l;
    return l->dynamic ? layout_single(r, out, e) : true;
}
