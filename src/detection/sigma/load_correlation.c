// SPDX-License-Identifier: Apache-2.0
// `correlation` documents (Sigma correlations 2.1.0): read here with the names of their rules,
// resolved over the whole set at the end.
#include "detection/sigma/load.h"

#include <math.h>

static const struct {
    const char *name;
    enum sigma_correlation_type type;
    bool needs_field;
} types[] = {
    {"event_count", SIGMA_EVENT_COUNT, false},
    {"value_count", SIGMA_VALUE_COUNT, true},
    {"temporal", SIGMA_TEMPORAL, false},
    {"temporal_ordered", SIGMA_TEMPORAL_ORDERED, false},
    {"value_sum", SIGMA_VALUE_SUM, true},
    {"value_avg", SIGMA_VALUE_AVG, true},
    {"value_percentile", SIGMA_VALUE_PERCENTILE, true},
    {"value_median", SIGMA_VALUE_MEDIAN, true},
};

static const struct {
    const char *name;
    enum sigma_compare op;
} operators[] = {
    {"gt", SIGMA_GT},   {"gte", SIGMA_GTE}, {"lt", SIGMA_LT},
    {"lte", SIGMA_LTE}, {"eq", SIGMA_EQ},   {"neq", SIGMA_NEQ},
};

static int clip(struct slice s)
{
    return s.len < 60 ? (int)s.len : 60;
}

static bool load_type(const struct ynode *map, struct sigma_correlation *c, bool *needs_field,
                      struct err *e)
{
    const struct ynode *n = ynode_get(map, "type");
    if (!n || n->kind != YNODE_SCALAR)
        return err_set(e, ERR_FORMAT, n ? n->line : map->line, "the correlation has no type");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (slice_equal_str(n->text, types[i].name)) {
            c->type = types[i].type;
            *needs_field = types[i].needs_field;
            return true;
        }
    return err_set(e, ERR_UNSUPPORTED, n->line, "unknown type of correlation '%.*s'", clip(n->text),
                   (const char *)n->text.at);
}

// 90m: a whole number and one letter. M is a mean month, y a mean year of the Gregorian calendar.
static bool timespan_parse(struct slice text, uint64_t *out)
{
    static const struct {
        char letter;
        uint64_t seconds;
    } units[] = {{'s', 1},      {'m', 60},      {'h', 3600},    {'d', 86400},
                 {'w', 604800}, {'M', 2629746}, {'y', 31556952}};
    uint64_t n = 0;
    if (text.len < 2 || text.len > 10)
        return false;
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(text.at[i] - '0');
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (text.at[text.len - 1] == (uint8_t)units[i].letter)
            return n > 0 && !__builtin_mul_overflow(n, units[i].seconds * 10000000, out) &&
                   *out < (uint64_t)INT64_MAX;
    return false;
}

static bool load_timespan(const struct ynode *map, struct sigma_correlation *c, struct err *e)
{
    const struct ynode *n = ynode_get(map, "timespan");
    if (!n)
        return err_set(e, ERR_FORMAT, map->line, "the correlation has no timespan");
    if (n->kind != YNODE_SCALAR || !timespan_parse(n->text, &c->timespan))
        return err_set(e, ERR_FORMAT, n->line,
                       "timespan must be a number and one of s m h d w M y, such as 90m");
    return true;
}

static bool load_bound(const struct ypair *p, struct sigma_correlation *c, struct err *e)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (!slice_equal_str(p->key, operators[i].name))
            continue;
        if (c->bound_count == 2)
            return err_set(e, ERR_FORMAT, p->line, "a range has two bounds at the most");
        struct sigma_bound *b = &c->bounds[c->bound_count++];
        b->op = operators[i].op;
        if (p->value->kind != YNODE_SCALAR || !number_parse(p->value->text, &b->number))
            return err_set(e, ERR_FORMAT, p->line, "'%s' needs a number", operators[i].name);
        return true;
    }
    return err_set(e, ERR_UNSUPPORTED, p->line,
                   "unknown word '%.*s' in the correlation's condition", clip(p->key),
                   (const char *)p->key.at);
}

static bool load_bounds(struct sigma_text *t, const struct ynode *n, struct sigma_correlation *c,
                        bool *percentile, struct err *e)
{
    if (n->kind != YNODE_MAP)
        return err_set(e, ERR_FORMAT, n->line,
                       "the correlation's condition must be a map such as 'gte: 10'");
    for (size_t i = 0; i < n->count; i++) {
        const struct ypair *p = &n->pairs[i];
        if (slice_equal_str(p->key, "field")) {
            if (!attribute_list(&t->set->arena, n, "field", &c->fields, &c->field_count, e))
                return false;
        } else if (slice_equal_str(p->key, "percentile")) {
            *percentile = true;
            if (p->value->kind != YNODE_SCALAR || !number_parse(p->value->text, &c->percentile) ||
                c->percentile < 0 || c->percentile > 100)
                return err_set(e, ERR_FORMAT, p->line, "percentile must be a number from 0 to 100");
        } else if (!load_bound(p, c, e)) {
            return false;
        }
    }
    if (c->bound_count == 0)
        return err_set(e, ERR_FORMAT, n->line, "the correlation's condition compares nothing");
    return true;
}

static bool load_correlation_condition(struct sigma_text *t, const struct ynode *map,
                                       struct sigma_correlation *c, bool needs_field,
                                       struct sigma_correlation_draft *raw, struct err *e)
{
    bool percentile = false;
    const struct ynode *n = ynode_get(map, "condition");
    bool temporal = c->type == SIGMA_TEMPORAL || c->type == SIGMA_TEMPORAL_ORDERED;
    if (!n && !temporal)
        return err_set(e, ERR_FORMAT, map->line, "the correlation has no condition");
    if (n && !load_bounds(t, n, c, &percentile, e))
        return false;
    raw->bounds_given = n != NULL;
    if (!n)
        return true;
    if (needs_field && c->field_count == 0)
        return err_set(e, ERR_FORMAT, n->line, "this type of correlation needs 'field'");
    if (!needs_field && c->field_count)
        return err_set(e, ERR_FORMAT, n->line,
                       "'field' has no meaning for this type of correlation");
    if (c->field_count > 1 && c->type != SIGMA_VALUE_COUNT)
        return err_set(e, ERR_FORMAT, n->line, "only value_count takes several fields");
    if (percentile != (c->type == SIGMA_VALUE_PERCENTILE))
        return err_set(e, ERR_FORMAT, n->line,
                       percentile ? "'percentile' only goes with value_percentile"
                                  : "value_percentile needs 'percentile' (0 to 100)");
    return true;
}

// aliases: {alias: {rule: field}}
static bool load_aliases(struct sigma_text *t, const struct ynode *map,
                         struct sigma_correlation_draft *raw, struct err *e)
{
    struct arena *a = &t->set->arena;
    const struct ynode *n = ynode_get(map, "aliases");
    if (!n || ynode_is_null(n))
        return true;
    if (n->kind != YNODE_MAP)
        return err_set(e, ERR_FORMAT, n->line, "aliases must be a map");
    size_t most = 0;
    for (size_t i = 0; i < n->count; i++)
        most += n->pairs[i].value->count;
    raw->aliases = ARENA_ARRAY(a, struct sigma_alias_draft, most);
    for (size_t i = 0; i < n->count; i++) {
        const struct ynode *fields = n->pairs[i].value;
        if (fields->kind != YNODE_MAP)
            return err_set(e, ERR_FORMAT, n->pairs[i].line,
                           "an alias must be a map of rule: field");
        for (size_t k = 0; k < fields->count; k++) {
            const struct ypair *p = &fields->pairs[k];
            if (p->value->kind != YNODE_SCALAR || p->value->text.len == 0)
                return err_set(e, ERR_FORMAT, p->line, "an alias must be a map of rule: field");
            raw->aliases[raw->alias_count++] =
                (struct sigma_alias_draft){arena_copy(a, n->pairs[i].key), arena_copy(a, p->key),
                                           arena_copy(a, p->value->text), p->line};
        }
    }
    return true;
}

static bool load_generate(const struct ynode *doc, const struct ynode *map,
                          struct sigma_correlation *c, struct err *e)
{
    const struct ynode *n = ynode_get(map, "generate");
    if (!n)
        n = ynode_get(doc, "generate");
    if (n && !ynode_bool(n, &c->generate))
        return err_set(e, ERR_FORMAT, n->line, "generate must be true or false");
    return true;
}

bool load_correlation(struct sigma_text *t, const struct ynode *doc, struct sigma_correlation *c,
                      struct sigma_correlation_draft *raw, struct err *e)
{
    static const char *const known[] = {"type",      "rules",   "group-by", "timespan",
                                        "condition", "aliases", "generate"};
    struct arena *a = &t->set->arena;
    const struct ynode *map = ynode_get(doc, "correlation");
    bool needs_field = false;
    if (map->kind != YNODE_MAP)
        return err_set(e, ERR_FORMAT, map->line, "correlation must be a map");
    for (size_t i = 0; i < map->count; i++) {
        bool ok = false;
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            ok |= slice_equal_str(map->pairs[i].key, known[k]);
        if (!ok)
            return err_set(e, ERR_UNSUPPORTED, map->pairs[i].line,
                           "unknown key '%.*s' in the correlation", clip(map->pairs[i].key),
                           (const char *)map->pairs[i].key.at);
    }
    raw->line = map->line;
    if (!load_type(map, c, &needs_field, e) || !load_timespan(map, c, e) ||
        !load_correlation_condition(t, map, c, needs_field, raw, e) ||
        !attribute_list(a, map, "rules", &raw->names, &raw->name_count, e) ||
        !attribute_list(a, map, "group-by", &c->group_by, &c->group_by_count, e) ||
        !load_aliases(t, map, raw, e) || !load_generate(doc, map, c, e))
        return false;
    if (raw->name_count == 0)
        return err_set(e, ERR_FORMAT, map->line, "the correlation names no rules");
    return true;
}
