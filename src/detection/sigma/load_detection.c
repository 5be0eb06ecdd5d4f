// SPDX-License-Identifier: Apache-2.0
// `detection`: maps are AND, lists are OR, lists of texts are keywords.
#include "detection/sigma/condition.h"
#include "detection/sigma/load.h"

typedef ARRAY_OF(struct sigma_group) group_array;

static bool group_from_map(struct sigma_text *t, const struct ynode *map, group_array *groups,
                           struct err *e)
{
    struct arena *a = &t->set->arena;
    if (map->count == 0)
        return err_set(e, ERR_FORMAT, map->line, "an empty map matches nothing");
    struct sigma_group g = {ARENA_ARRAY(a, struct sigma_item, map->count), map->count};
    for (size_t i = 0; i < map->count; i++)
        if (!item_build(&t->builder, map->pairs[i].key, map->pairs[i].line, map->pairs[i].value,
                        &g.items[i], e))
            return false;
    *ARRAY_ADD(groups) = g;
    return true;
}

static bool group_from_keywords(struct sigma_text *t, struct ynode *const *values, size_t count,
                                group_array *groups, struct err *e)
{
    struct sigma_group g = {ARENA_NEW(&t->set->arena, struct sigma_item), 1};
    if (!item_build_keywords(&t->builder, values, count, g.items, e))
        return false;
    *ARRAY_ADD(groups) = g;
    return true;
}

// A list's elements: each map is a group, a row of texts is one, lists in lists are taken as one
// list (OR in OR).
static bool groups_from_list(struct sigma_text *t, const struct ynode *list, group_array *groups,
                             struct err *e)
{
    if (list->count == 0)
        return err_set(e, ERR_FORMAT, list->line, "an empty list matches nothing");
    for (size_t i = 0; i < list->count;) {
        const struct ynode *n = list->items[i];
        size_t next = i + 1;
        bool ok;
        if (n->kind == YNODE_MAP) {
            ok = group_from_map(t, n, groups, e);
        } else if (n->kind == YNODE_LIST) {
            ok = groups_from_list(t, n, groups, e);
        } else {
            while (next < list->count && list->items[next]->kind == YNODE_SCALAR)
                next++;
            ok = group_from_keywords(t, list->items + i, next - i, groups, e);
        }
        if (!ok)
            return false;
        i = next;
    }
    return true;
}

static bool load_selection(struct sigma_text *t, const struct ypair *pair,
                           struct sigma_selection *out, struct err *e)
{
    group_array groups = {0};
    struct ynode *value = pair->value;
    bool ok;
    if (value->kind == YNODE_MAP)
        ok = group_from_map(t, value, &groups, e);
    else if (value->kind == YNODE_LIST)
        ok = groups_from_list(t, value, &groups, e);
    else
        ok = group_from_keywords(t, &value, 1, &groups, e);
    if (ok && groups.count) {
        out->name = arena_copy(&t->set->arena, pair->key);
        out->line = pair->line;
        out->group_count = groups.count;
        out->groups = ARENA_ARRAY(&t->set->arena, struct sigma_group, groups.count);
        memcpy(out->groups, groups.items, groups.count * sizeof *out->groups);
    }
    ARRAY_FREE(&groups);
    return ok;
}

static bool load_condition(struct sigma_text *t, const struct ynode *n, struct sigma_detection *d,
                           struct err *e)
{
    struct arena *a = &t->set->arena;
    size_t count = n->kind == YNODE_LIST ? n->count : 1;
    if (n->kind == YNODE_MAP || count == 0)
        return err_set(e, ERR_FORMAT, n->line, "condition must be a text or a list of texts");
    struct sigma_node **all = ARENA_ARRAY(a, struct sigma_node *, count);
    for (size_t i = 0; i < count; i++) {
        const struct ynode *c = n->kind == YNODE_LIST ? n->items[i] : n;
        if (c->kind != YNODE_SCALAR)
            return err_set(e, ERR_FORMAT, c->line, "condition must be a text or a list of texts");
        if (!condition_parse(a, c->text, d->selections, d->selection_count, c->line,
                             &t->builder.work_left, &all[i], e))
            return false;
    }
    d->condition = condition_join(a, SIGMA_NODE_OR, all, count);
    return true;
}

bool load_detection(struct sigma_text *t, const struct ynode *map, const char *except,
                    struct sigma_detection *out, struct err *e)
{
    if (map->kind != YNODE_MAP)
        return err_set(e, ERR_FORMAT, map->line, "detection must be a map");
    struct sigma_detection d = {0};
    const struct ynode *condition = ynode_get(map, "condition");
    if (!condition)
        return err_set(e, ERR_FORMAT, map->line, "the detection has no condition");
    d.selections = ARENA_ARRAY(&t->set->arena, struct sigma_selection, map->count);
    for (size_t i = 0; i < map->count; i++) {
        const struct ypair *p = &map->pairs[i];
        if (slice_equal_str(p->key, "condition") || (except && slice_equal_str(p->key, except)))
            continue;
        if (slice_equal_str(p->key, "timeframe") && p->value->kind == YNODE_SCALAR)
            return err_set(
                e, ERR_UNSUPPORTED, p->line,
                "timeframe belongs to the old aggregation, which was replaced by correlations");
        if (!load_selection(t, p, &d.selections[d.selection_count], e))
            return false;
        d.selection_count++;
    }
    if (d.selection_count == 0)
        return err_set(e, ERR_FORMAT, map->line, "the detection has no selection");
    if (!load_condition(t, condition, &d, e))
        return false;
    *out = d;
    return true;
}
