// SPDX-License-Identifier: Apache-2.0
#include "tree.h"

#include <stdlib.h>
#include <yaml.h>

static bool convert(struct arena *a, yaml_document_t *doc, int index, unsigned depth,
                    struct tree *out, struct err *e)
{
    yaml_node_t *n = yaml_document_get_node(doc, index);
    *out = (struct tree){.line = n->start_mark.line + 1};
    if (depth > 60)
        return err_set(e, ERR_LIMIT, n->start_mark.index, "line %zu: nested too deep", out->line);
    if (n->type == YAML_SCALAR_NODE) {
        out->kind = TREE_TEXT;
        out->text = arena_copy(a, slice_of(n->data.scalar.value, n->data.scalar.length));
        if (!out->text.len)
            out->text = SLICE("");
        out->null = n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                    (!out->text.len || slice_equal_str(out->text, "null") ||
                     slice_equal_str(out->text, "~"));
        return true;
    }
    if (n->type == YAML_SEQUENCE_NODE) {
        out->kind = TREE_LIST;
        out->count = (size_t)(n->data.sequence.items.top - n->data.sequence.items.start);
        out->items = ARENA_ARRAY(a, struct tree, out->count + 1);
        for (size_t i = 0; i < out->count; i++)
            if (!convert(a, doc, n->data.sequence.items.start[i], depth + 1, &out->items[i], e))
                return false;
        return true;
    }
    out->kind = TREE_MAP;
    out->count = (size_t)(n->data.mapping.pairs.top - n->data.mapping.pairs.start);
    out->items = ARENA_ARRAY(a, struct tree, out->count + 1);
    out->keys = ARENA_ARRAY(a, struct slice, out->count + 1);
    for (size_t i = 0; i < out->count; i++) {
        const yaml_node_pair_t *p = n->data.mapping.pairs.start + i;
        struct tree key;
        if (!convert(a, doc, p->key, depth + 1, &key, e) ||
            !convert(a, doc, p->value, depth + 1, &out->items[i], e))
            return false;
        out->keys[i] = key.text;
    }
    return true;
}

bool tree_read(struct arena *a, struct slice yaml, struct tree *out, struct err *e)
{
    yaml_parser_t parser;
    yaml_document_t doc;
    if (!yaml_parser_initialize(&parser))
        return err_set(e, ERR_MEMORY, 0, "no memory for YAML");
    yaml_parser_set_input_string(&parser, yaml.at, yaml.len);
    bool ok = yaml_parser_load(&parser, &doc);
    if (!ok) {
        err_set(e, ERR_FORMAT, parser.problem_offset, "line %zu: %s", parser.problem_mark.line + 1,
                parser.problem);
    } else {
        ok = yaml_document_get_root_node(&doc) ? convert(a, &doc, 1, 0, out, e)
                                               : err_set(e, ERR_FORMAT, 0, "empty document");
        yaml_document_delete(&doc);
    }
    yaml_parser_delete(&parser);
    return ok;
}

const struct tree *tree_get_slice(const struct tree *map, struct slice key)
{
    for (size_t i = 0; map && map->kind == TREE_MAP && i < map->count; i++)
        if (slice_equal(map->keys[i], key))
            return &map->items[i];
    return NULL;
}

const struct tree *tree_get(const struct tree *map, const char *key)
{
    return tree_get_slice(map, slice_from_str(key));
}

struct slice tree_text(const struct tree *map, const char *key, const char *otherwise)
{
    const struct tree *t = tree_get(map, key);
    return t && t->kind == TREE_TEXT ? t->text : slice_from_str(otherwise);
}

double tree_number(const struct tree *map, const char *key, double otherwise)
{
    char text[32] = {0};
    struct slice s = tree_text(map, key, "");
    if (!s.len || s.len >= sizeof text)
        return otherwise;
    memcpy(text, s.at, s.len);
    return strtod(text, NULL);
}

bool tree_flag(const struct tree *map, const char *key)
{
    return slice_equal_str(tree_text(map, key, "false"), "true");
}
