// SPDX-License-Identifier: Apache-2.0
// Filters (Sigma filters 2.1.0): a condition joined by AND to each rule it names, when its logsource is the rule's or more
// general.
#include "detection/sigma/condition.h"
#include "detection/sigma/load.h"

bool load_filter(struct sigma_text *t, const struct ynode *doc, struct sigma_filter *out,
                 struct err *e)
{
    struct arena *a = &t->set->arena;
    const struct ynode *map = ynode_get(doc, "filter");
    if (!attribute_text(a, doc, "title", &out->title, e))
        return false;
    if (slice_trim(out->title).len == 0)
        return err_set(e, ERR_FORMAT, doc->line, "the filter has no title");
    if (map->kind != YNODE_MAP)
        return err_set(e, ERR_FORMAT, map->line, "filter must be a map");
    if (!load_logsource(t, doc, &out->product, &out->category, &out->service, e))
        return false;
    const struct ynode *rules = ynode_get(map, "rules");
    if (!rules || !attribute_list(a, map, "rules", &out->rules, &out->rule_count, e))
        return rules ? false : err_set(e, ERR_FORMAT, map->line, "the filter names no rules");
    if (out->rule_count == 0)
        return err_set(e, ERR_FORMAT, map->line, "the filter names no rules");
    out->any = rules->kind == YNODE_SCALAR && slice_equal_nocase(rules->text, SLICE("any"));
    out->found = ARENA_ARRAY(a, bool, out->rule_count);
    return load_detection(t, map, "rules", &out->detection, e);
}

// What the filter gives of the logsource must be the rule's.
static bool covers(struct slice filter, struct slice rule)
{
    return filter.len == 0 || slice_equal_nocase(filter, rule);
}

static bool filter_names(struct sigma_filter *f, const struct sigma_rule *rule)
{
    bool named = f->any;
    for (size_t i = 0; !f->any && i < f->rule_count; i++)
        if ((rule->id.len && slice_equal_nocase(f->rules[i], rule->id)) ||
            (rule->name.len && slice_equal(f->rules[i], rule->name)))
            f->found[i] = named = true;
    return named && covers(f->product, rule->product) && covers(f->category, rule->category) &&
           covers(f->service, rule->service);
}

typedef ARRAY_OF(struct sigma_filter *) filter_list;

static void rule_join(struct sigma_set *set, struct sigma_rule *rule, const filter_list *filters)
{
    struct arena *a = &set->arena;
    size_t count = rule->selection_count;
    for (size_t i = 0; i < filters->count; i++)
        count += filters->items[i]->detection.selection_count;
    struct sigma_selection *all = ARENA_ARRAY(a, struct sigma_selection, count);
    struct sigma_node **parts = ARENA_ARRAY(a, struct sigma_node *, filters->count + 1);
    memcpy(all, rule->selections, rule->selection_count * sizeof *all);
    count = rule->selection_count;
    parts[0] = rule->condition;
    for (size_t i = 0; i < filters->count; i++) {
        const struct sigma_detection *d = &filters->items[i]->detection;
        memcpy(all + count, d->selections, d->selection_count * sizeof *all);
        parts[i + 1] = condition_shifted(a, d->condition, (uint32_t)count);
        count += d->selection_count;
    }
    rule->selections = all;
    rule->selection_count = count;
    rule->condition = condition_join(a, SIGMA_NODE_AND, parts, filters->count + 1);
}

static void filters_warn(struct sigma_set *set, const struct sigma_loader *l)
{
    for (size_t i = 0; i < l->filters.count; i++) {
        const struct sigma_filter *f = l->filters.items[i];
        for (size_t k = 0; !f->any && k < f->rule_count; k++)
            if (!f->found[k])
                sigma_refuse(set, f->file, f->line, f->title, true,
                             arena_printf(&set->arena,
                                          "the filter names a rule that is not loaded: '%.*s'",
                                          SLICE_FMT(f->rules[k])));
    }
}

static size_t node_count(const struct sigma_node *n)
{
    return n ? 1 + node_count(n->left) + node_count(n->right) : 0;
}

void sigma_filters_join(struct sigma_set *set)
{
    struct sigma_loader *l = set->loader;
    if (l->filters.count == 0)
        return;
    size_t budget = SIGMA_MAX_JOINED;
    bool spent = false;
    for (size_t i = 0; i < l->drafts.count; i++) {
        struct sigma_draft *d = l->drafts.items[i];
        if (!d->kept || d->correlation)
            continue;
        filter_list mine = {0};
        for (size_t k = 0; k < l->filters.count; k++) {
            struct sigma_filter *f = l->filters.items[k];
            if (!filter_names(f, d->rule))
                continue;
            size_t cost = f->detection.selection_count + node_count(f->detection.condition);
            if (cost > budget) {
                spent = true;
                continue;
            }
            budget -= cost;
            *ARRAY_ADD(&mine) = f;
        }
        if (mine.count)
            rule_join(set, d->rule, &mine);
        ARRAY_FREE(&mine);
    }
    if (spent)
        sigma_refuse(set, l->filters.items[0]->file, l->filters.items[0]->line,
                     l->filters.items[0]->title, true,
                     SLICE("too many filters on too many rules: some were not joined"));
    filters_warn(set, l);
}
