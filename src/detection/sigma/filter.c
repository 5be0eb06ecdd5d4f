// SPDX-License-Identifier: Apache-2.0
// Filters (Sigma filters 2.1.0): a condition joined by AND to each rule it names, when its
// logsource is the rule's or more general.
#include "detection/sigma/condition.h"
#include "detection/sigma/load.h"

enum { MAX_UNKNOWN = 100 }; // rules of a filter that are named as not loaded

static size_t node_count(const struct sigma_node *n)
{
    return n ? 1 + node_count(n->left) + node_count(n->right) : 0;
}

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
    if (!load_detection(t, map, "rules", &out->detection, e))
        return false;
    out->weight = out->detection.selection_count + node_count(out->detection.condition);
    return true;
}

// What the filter gives of the logsource must be the rule's.
static bool covers(struct slice filter, struct slice rule)
{
    return filter.len == 0 || slice_equal_nocase(filter, rule);
}

// Joins the filter to the rule, when it is about the same logs. False: there are too many joins.
static bool draft_join(struct sigma_set *set, struct sigma_draft *d, const struct sigma_filter *f,
                       size_t *budget)
{
    const struct sigma_rule *rule = d->rule;
    if (!d->kept || d->correlation || !covers(f->product, rule->product) ||
        !covers(f->category, rule->category) || !covers(f->service, rule->service))
        return true;
    if (f->weight > *budget)
        return false;
    *budget -= f->weight;
    struct sigma_filter_link *link = ARENA_NEW(&set->arena, struct sigma_filter_link);
    link->filter = f;
    if (!d->filters_end)
        d->filters_end = &d->filters;
    *d->filters_end = link;
    d->filters_end = &link->next;
    return true;
}

// Documents that share the id with this one stand around it.
static bool draft_join_all(struct sigma_set *set, struct sigma_draft *d,
                           const struct sigma_filter *f, size_t *budget)
{
    const struct sigma_loader *l = set->loader;
    size_t first = d->order;
    while (first > 0 && l->drafts.items[first - 1]->share == d->share)
        first--;
    bool ok = true;
    for (size_t i = first; i < l->drafts.count && l->drafts.items[i]->share == d->share; i++)
        ok &= draft_join(set, l->drafts.items[i], f, budget);
    return ok;
}

static bool filter_join(struct sigma_set *set, const struct map *names,
                        const struct sigma_filter *f, size_t *budget)
{
    const struct sigma_loader *l = set->loader;
    bool ok = true;
    unsigned unknown = 0;
    for (size_t i = 0; f->any && i < l->drafts.count; i++)
        ok &= draft_join(set, l->drafts.items[i], f, budget);
    for (size_t i = 0; !f->any && i < f->rule_count; i++) {
        struct sigma_draft *d = sigma_draft_named(set, names, f->rules[i]);
        if (d && !d->refused)
            ok &= draft_join_all(set, d, f, budget);
        else if (unknown++ < MAX_UNKNOWN)
            sigma_refuse(set, f->file, f->line, f->title, true,
                         arena_printf(&set->arena,
                                      "the filter names a rule that is not loaded: '%.*s'",
                                      SLICE_FMT(f->rules[i])));
    }
    return ok;
}

// (rule) and (filter) and (filter) …
static void rule_merge(struct arena *a, struct sigma_rule *rule,
                       const struct sigma_filter_link *filters)
{
    size_t selections = rule->selection_count, count = 1;
    for (const struct sigma_filter_link *f = filters; f; f = f->next, count++)
        selections += f->filter->detection.selection_count;
    struct sigma_selection *all = ARENA_ARRAY(a, struct sigma_selection, selections);
    struct sigma_node **parts = ARENA_ARRAY(a, struct sigma_node *, count);
    memcpy(all, rule->selections, rule->selection_count * sizeof *all);
    selections = rule->selection_count;
    parts[0] = rule->condition;
    count = 1;
    for (const struct sigma_filter_link *f = filters; f; f = f->next, count++) {
        const struct sigma_detection *d = &f->filter->detection;
        memcpy(all + selections, d->selections, d->selection_count * sizeof *all);
        parts[count] = condition_shifted(a, d->condition, (uint32_t)selections);
        selections += d->selection_count;
    }
    rule->selections = all;
    rule->selection_count = selections;
    rule->condition = condition_join(a, SIGMA_NODE_AND, parts, count);
}

void sigma_filters_join(struct sigma_set *set, const struct map *names)
{
    struct sigma_loader *l = set->loader;
    size_t budget = SIGMA_MAX_JOINED;
    for (size_t i = 0; i < l->filters.count; i++) {
        const struct sigma_filter *f = l->filters.items[i];
        if (!filter_join(set, names, f, &budget))
            sigma_refuse(set, f->file, f->line, f->title, false,
                         SLICE("too many filters on too many rules: it was not joined to all"));
    }
    for (size_t i = 0; i < l->drafts.count; i++)
        if (l->drafts.items[i]->filters)
            rule_merge(&set->arena, l->drafts.items[i]->rule, l->drafts.items[i]->filters);
}
