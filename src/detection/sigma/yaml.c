// SPDX-License-Identifier: Apache-2.0
#include "detection/sigma/yaml.h"

#include "base/array.h"
#include "base/map.h"

#include <yaml.h>

struct anchor {
    struct slice name;
    struct ynode *node;
};

struct ystream {
    struct arena *arena;
    struct slice text;
    size_t start;        // where the running parser began in text
    uint32_t first_line; // of that place, from 0
    yaml_parser_t parser;
    bool running;
    uint32_t nodes; // of this document
    ARRAY_OF(struct anchor) anchors;
    ARRAY_OF(struct ynode *) stack; // children not yet moved into their list or map
    ARRAY_OF(struct ypair) pairs;
};

static void parser_start(struct ystream *s)
{
    if (!yaml_parser_initialize(&s->parser)) {
        // Only out of memory; nothing sensible is left.
        abort();
    }
    struct slice rest = slice_sub(s->text, s->start, s->text.len);
    yaml_parser_set_input_string(&s->parser, rest.at ? rest.at : (const uint8_t *)"", rest.len);
    s->running = true;
}

static void parser_stop(struct ystream *s)
{
    if (s->running)
        yaml_parser_delete(&s->parser);
    s->running = false;
}

struct ystream *ystream_create(struct arena *a, struct slice text)
{
    struct ystream *s = mem_alloc_zero(1, sizeof *s);
    s->arena = a;
    s->text = text;
    parser_start(s);
    return s;
}

void ystream_destroy(struct ystream *s)
{
    if (!s)
        return;
    parser_stop(s);
    ARRAY_FREE(&s->anchors);
    ARRAY_FREE(&s->stack);
    ARRAY_FREE(&s->pairs);
    free(s);
}

static uint32_t line_of(const struct ystream *s, yaml_mark_t mark)
{
    return s->first_line + (uint32_t)mark.line + 1;
}

static bool next_event(struct ystream *s, yaml_event_t *ev, struct err *e)
{
    if (yaml_parser_parse(&s->parser, ev))
        return true;
    const yaml_parser_t *p = &s->parser;
    const char *problem = p->problem ? p->problem : "it is not valid";
    uint32_t line = line_of(s, p->problem_mark);
    if (p->error == YAML_READER_ERROR) { // the reader knows only the place in bytes
        line = s->first_line + 1;
        size_t end = s->start + p->problem_offset;
        for (size_t i = s->start; i < end && i < s->text.len; i++)
            line += s->text.at[i] == '\n';
    }
    return err_set(e, ERR_FORMAT, line, "not valid YAML: %s%s%s", problem, p->context ? ", " : "",
                   p->context ? p->context : "");
}

static struct ynode *node_new(struct ystream *s, enum ynode_kind kind, yaml_mark_t mark)
{
    struct ynode *n = ARENA_NEW(s->arena, struct ynode);
    n->kind = kind;
    n->line = line_of(s, mark);
    n->weight = 1;
    return n;
}

// Adds the child's size to the parent; refuses trees that grow beyond the limits through aliases.
static bool node_weigh(struct ynode *parent, const struct ynode *child, struct err *e)
{
    parent->weight += child->weight;
    if (parent->weight > YAML_MAX_NODES)
        return err_set(e, ERR_LIMIT, child->line, "YAML document with more than %d nodes",
                       YAML_MAX_NODES);
    if (child->height + 1 > parent->height)
        parent->height = child->height + 1;
    if (parent->height > YAML_MAX_DEPTH)
        return err_set(e, ERR_LIMIT, child->line, "YAML nested deeper than %d levels",
                       YAML_MAX_DEPTH);
    return true;
}

static struct slice from_yaml(const yaml_char_t *s)
{
    return slice_from_str((const char *)s);
}

static void anchor_set(struct ystream *s, const yaml_char_t *name, struct ynode *node)
{
    if (name)
        *ARRAY_ADD(&s->anchors) = (struct anchor){arena_copy(s->arena, from_yaml(name)), node};
}

// What a tag makes of a scalar: text, something to be resolved, or nothing we know.
static bool scalar_tag(struct slice tag, bool *plain)
{
    static const char *const resolved[] = {"int", "float", "bool", "null", "timestamp"};
    struct slice core = SLICE("tag:yaml.org,2002:");
    if (slice_equal_str(tag, "!")) {
        *plain = false;
        return true;
    }
    if (!slice_starts(tag, core))
        return false;
    struct slice name = slice_sub(tag, core.len, tag.len);
    if (slice_equal_str(name, "str")) {
        *plain = false;
        return true;
    }
    for (size_t i = 0; i < sizeof resolved / sizeof *resolved; i++)
        if (slice_equal_str(name, resolved[i])) {
            *plain = true;
            return true;
        }
    return false;
}

static bool scalar_build(struct ystream *s, const yaml_event_t *ev, struct ynode **out,
                         struct err *e)
{
    struct ynode *n = node_new(s, YNODE_SCALAR, ev->start_mark);
    n->text = arena_copy(s->arena, slice_of(ev->data.scalar.value, ev->data.scalar.length));
    n->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    n->weight += (uint32_t)(n->text.len / YAML_NODE_BYTES);
    if (ev->data.scalar.tag && !scalar_tag(from_yaml(ev->data.scalar.tag), &n->plain))
        return err_set(e, ERR_UNSUPPORTED, n->line, "unknown YAML tag '%.60s'",
                       (const char *)ev->data.scalar.tag);
    anchor_set(s, ev->data.scalar.anchor, n);
    *out = n;
    return true;
}

static bool node_build(struct ystream *s, const yaml_event_t *ev, unsigned depth,
                       struct ynode **out, struct err *e);

static bool list_build(struct ystream *s, const yaml_event_t *start, unsigned depth,
                       struct ynode **out, struct err *e)
{
    struct ynode *n = node_new(s, YNODE_LIST, start->start_mark);
    size_t base = s->stack.count;
    for (;;) {
        yaml_event_t ev;
        if (!next_event(s, &ev, e))
            return false;
        bool end = ev.type == YAML_SEQUENCE_END_EVENT;
        struct ynode *child = NULL;
        bool ok = end || node_build(s, &ev, depth + 1, &child, e);
        yaml_event_delete(&ev);
        if (!ok)
            return false;
        if (end)
            break;
        if (!node_weigh(n, child, e))
            return false;
        *ARRAY_ADD(&s->stack) = child;
    }
    n->count = s->stack.count - base;
    n->items = ARENA_ARRAY(s->arena, struct ynode *, n->count);
    if (n->count)
        memcpy(n->items, s->stack.items + base, n->count * sizeof *n->items);
    s->stack.count = base;
    anchor_set(s, start->data.sequence_start.anchor, n);
    *out = n;
    return true;
}

// Refuses a key that stands twice: which of the two was meant cannot be known.
static bool keys_distinct(const struct ypair *pairs, size_t count, struct err *e)
{
    const struct ypair *twice = NULL;
    if (count <= 16) {
        for (size_t i = 1; i < count && !twice; i++)
            for (size_t k = 0; k < i && !twice; k++)
                if (slice_equal(pairs[i].key, pairs[k].key))
                    twice = &pairs[i];
    } else {
        struct map seen;
        map_init(&seen);
        for (size_t i = 0; i < count && !twice; i++) {
            bool added;
            map_put(&seen, pairs[i].key, &added);
            if (!added)
                twice = &pairs[i];
        }
        map_free(&seen);
    }
    if (twice)
        return err_set(e, ERR_FORMAT, twice->line, "the key '%.*s' stands twice",
                       (int)(twice->key.len < 80 ? twice->key.len : 80),
                       (const char *)twice->key.at);
    return true;
}

static bool key_present(const struct ystream *s, size_t base, struct slice key)
{
    for (size_t i = base; i < s->pairs.count; i++)
        if (slice_equal(s->pairs.items[i].key, key))
            return true;
    return false;
}

// YAML 1.1's merge key: `<<: *a` or a list of such; keys that the map gives itself win.
static bool merge_key(struct ystream *s, size_t base, struct ynode *parent,
                      const struct ynode *from, struct err *e)
{
    if (from->kind == YNODE_LIST) {
        for (size_t i = 0; i < from->count; i++)
            if (from->items[i]->kind != YNODE_MAP || !merge_key(s, base, parent, from->items[i], e))
                return err_set(e, ERR_FORMAT, from->line, "'<<' needs a map");
        return true;
    }
    if (from->kind != YNODE_MAP)
        return err_set(e, ERR_FORMAT, from->line, "'<<' needs a map");
    if (from->count > 256)
        return err_set(e, ERR_LIMIT, from->line, "'<<' of a map with more than 256 keys");
    for (size_t i = 0; i < from->count; i++) {
        if (key_present(s, base, from->pairs[i].key))
            continue;
        if (!node_weigh(parent, from->pairs[i].value, e))
            return false;
        parent->weight += (uint32_t)(from->pairs[i].key.len / YAML_NODE_BYTES);
        *ARRAY_ADD(&s->pairs) = from->pairs[i];
    }
    return true;
}

static bool map_key(struct ystream *s, const yaml_event_t *ev, struct ynode *map,
                    struct ypair *pair, struct err *e)
{
    struct ynode *key;
    if (ev->type != YAML_SCALAR_EVENT)
        return err_set(e, ERR_FORMAT, line_of(s, ev->start_mark), "a key must be a plain word");
    if (!scalar_build(s, ev, &key, e))
        return false;
    *pair = (struct ypair){.key = key->text, .key_plain = key->plain, .line = key->line};
    return node_weigh(map, key, e);
}

static bool map_build(struct ystream *s, const yaml_event_t *start, unsigned depth,
                      struct ynode **out, struct err *e)
{
    struct ynode *n = node_new(s, YNODE_MAP, start->start_mark);
    size_t base = s->pairs.count;
    size_t merges = s->stack.count;
    for (;;) {
        yaml_event_t ev;
        if (!next_event(s, &ev, e))
            return false;
        bool end = ev.type == YAML_MAPPING_END_EVENT;
        struct ypair pair = {0};
        bool ok = end || map_key(s, &ev, n, &pair, e);
        yaml_event_delete(&ev);
        if (!ok)
            return false;
        if (end)
            break;
        if (!next_event(s, &ev, e))
            return false;
        ok = node_build(s, &ev, depth + 1, &pair.value, e);
        yaml_event_delete(&ev);
        if (!ok || !node_weigh(n, pair.value, e))
            return false;
        if (pair.key_plain && slice_equal_str(pair.key, "<<"))
            *ARRAY_ADD(&s->stack) = pair.value;
        else
            *ARRAY_ADD(&s->pairs) = pair;
    }
    for (size_t i = merges; i < s->stack.count; i++)
        if (!merge_key(s, base, n, s->stack.items[i], e))
            return false;
    s->stack.count = merges;
    n->count = s->pairs.count - base;
    n->pairs = ARENA_ARRAY(s->arena, struct ypair, n->count);
    if (n->count)
        memcpy(n->pairs, s->pairs.items + base, n->count * sizeof *n->pairs);
    if (!keys_distinct(n->pairs, n->count, e))
        return false;
    s->pairs.count = base;
    anchor_set(s, start->data.mapping_start.anchor, n);
    *out = n;
    return true;
}

static bool alias_build(struct ystream *s, const yaml_event_t *ev, struct ynode **out,
                        struct err *e)
{
    struct slice name = from_yaml(ev->data.alias.anchor);
    for (size_t i = s->anchors.count; i-- > 0;)
        if (slice_equal(s->anchors.items[i].name, name)) {
            *out = s->anchors.items[i].node;
            return true;
        }
    return err_set(e, ERR_FORMAT, line_of(s, ev->start_mark), "unknown YAML alias '*%.60s'",
                   (const char *)ev->data.alias.anchor);
}

static bool node_build(struct ystream *s, const yaml_event_t *ev, unsigned depth,
                       struct ynode **out, struct err *e)
{
    uint32_t line = line_of(s, ev->start_mark);
    if (depth > YAML_MAX_DEPTH)
        return err_set(e, ERR_LIMIT, line, "YAML nested deeper than %d levels", YAML_MAX_DEPTH);
    if (++s->nodes > YAML_MAX_NODES)
        return err_set(e, ERR_LIMIT, line, "YAML document with more than %d nodes", YAML_MAX_NODES);
    if (s->anchors.count > 1000)
        return err_set(e, ERR_LIMIT, line, "YAML document with more than 1000 anchors");
    switch ((int)ev->type) {
    case YAML_SCALAR_EVENT:
        return scalar_build(s, ev, out, e);
    case YAML_SEQUENCE_START_EVENT:
        return list_build(s, ev, depth, out, e);
    case YAML_MAPPING_START_EVENT:
        return map_build(s, ev, depth, out, e);
    case YAML_ALIAS_EVENT:
        return alias_build(s, ev, out, e);
    default:
        return err_set(e, ERR_FORMAT, line, "not valid YAML");
    }
}

// After an error: the next document begins at the next line "---", which stands nowhere inside a
// document.
static void resume_at_next_document(struct ystream *s, uint64_t bad_line)
{
    parser_stop(s);
    uint32_t line = s->first_line;
    size_t at = s->start;
    for (;;) {
        const uint8_t *nl =
            at < s->text.len ? memchr(s->text.at + at, '\n', s->text.len - at) : NULL;
        if (!nl) {
            s->start = s->text.len;
            return;
        }
        at = (size_t)(nl - s->text.at) + 1;
        line++;
        struct slice rest = slice_sub(s->text, at, s->text.len);
        if (line >= bad_line && slice_starts(rest, SLICE("---")) &&
            (rest.len == 3 || rest.at[3] == '\n' || rest.at[3] == '\r' || rest.at[3] == ' '))
            break;
    }
    s->start = at;
    s->first_line = line;
    parser_start(s);
}

static bool document_build(struct ystream *s, struct ynode **out, struct err *e)
{
    for (;;) {
        yaml_event_t ev;
        if (!next_event(s, &ev, e))
            return false;
        yaml_event_type_t type = ev.type;
        bool content = type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT ||
                       type == YAML_MAPPING_START_EVENT || type == YAML_ALIAS_EVENT;
        bool ok = !content || node_build(s, &ev, 0, out, e);
        yaml_event_delete(&ev);
        if (!ok)
            return false;
        if (type == YAML_DOCUMENT_END_EVENT)
            return true;
        if (type == YAML_STREAM_END_EVENT) {
            parser_stop(s);
            return true;
        }
    }
}

enum ystream_result ystream_next(struct ystream *s, struct ynode **out, struct err *e)
{
    if (!s->running)
        return YSTREAM_END;
    s->nodes = 0;
    s->anchors.count = 0;
    s->stack.count = 0;
    s->pairs.count = 0;
    struct ynode *root = NULL;
    struct err local = {0};
    if (!document_build(s, &root, &local)) {
        resume_at_next_document(s, local.offset);
        *e = local;
        return YSTREAM_BAD;
    }
    if (!s->running)
        return YSTREAM_END;
    if (root && ynode_is_null(root))
        root = NULL;
    *out = root;
    return YSTREAM_DOCUMENT;
}

const struct ypair *ynode_pair(const struct ynode *node, struct slice key)
{
    if (!node || node->kind != YNODE_MAP)
        return NULL;
    for (size_t i = 0; i < node->count; i++)
        if (slice_equal(node->pairs[i].key, key))
            return &node->pairs[i];
    return NULL;
}

struct ynode *ynode_get(const struct ynode *node, const char *key)
{
    const struct ypair *p = ynode_pair(node, slice_from_str(key));
    return p ? p->value : NULL;
}

static struct ynode *node_copy(struct arena *a, const struct ynode *n)
{
    struct ynode *copy = ARENA_NEW(a, struct ynode);
    *copy = *n;
    return copy;
}

struct ynode *ynode_merge(struct arena *a, const struct ynode *base, const struct ynode *over)
{
    if (!base || base->kind != YNODE_MAP || over->kind != YNODE_MAP)
        return node_copy(a, over);
    struct map at; // key to its number in the result, from 1
    map_init(&at);
    struct ynode *n = node_copy(a, over);
    n->pairs = ARENA_ARRAY(a, struct ypair, base->count + over->count);
    n->count = base->count;
    if (base->count)
        memcpy(n->pairs, base->pairs, base->count * sizeof *n->pairs);
    for (size_t i = 0; i < base->count; i++)
        *map_put(&at, n->pairs[i].key, NULL) = &n->pairs[i];
    for (size_t i = 0; i < over->count; i++) {
        struct ypair *old = map_get(&at, over->pairs[i].key);
        struct ynode *value =
            old ? ynode_merge(a, old->value, over->pairs[i].value) : over->pairs[i].value;
        struct ypair *place = old ? old : &n->pairs[n->count++];
        *place = over->pairs[i];
        place->value = value;
    }
    map_free(&at);
    n->weight = 1;
    for (size_t i = 0; i < n->count; i++)
        n->weight +=
            n->pairs[i].value->weight + 1 + (uint32_t)(n->pairs[i].key.len / YAML_NODE_BYTES);
    if (base->height > n->height)
        n->height = base->height;
    return n;
}
