// SPDX-License-Identifier: Apache-2.0
// Rules as expressions over tests, with constants folded away and cheap, telling tests in front.
#include "detection/sigma/engine_internal.h"

enum {
    MAX_DEPTH = 1000,
    MAX_STEPS = 4 << 20, // of one rule
};

static struct expr *new_expr(struct arena *a, enum expr_kind kind)
{
    struct expr *x = ARENA_NEW(a, struct expr);
    x->kind = kind;
    x->truth = kind == EXPR_TRUE;
    return x;
}

static struct expr *expr_not(struct arena *a, struct expr *x)
{
    if (x->kind == EXPR_TRUE || x->kind == EXPR_FALSE)
        return new_expr(a, x->kind == EXPR_TRUE ? EXPR_FALSE : EXPR_TRUE);
    if (x->kind == EXPR_NOT)
        return x->children[0];
    struct expr *n = new_expr(a, EXPR_NOT);
    n->children = ARENA_ARRAY(a, struct expr *, 1);
    n->children[0] = x;
    n->child_count = 1;
    n->size = x->size;
    n->truth = 1 - x->truth;
    n->cost = x->cost;
    return n;
}

// What settles the matter at the least cost comes first. A chain of tests that go on with
// probability p costs least in the order of cost / (1 - p).
static int by_cost(double cost_x, double settles_x, double cost_y, double settles_y)
{
    double x = cost_x * settles_y, y = cost_y * settles_x;
    return (x > y) - (x < y);
}

static int by_and_order(const void *a, const void *b)
{
    const struct expr *x = *(struct expr *const *)a, *y = *(struct expr *const *)b;
    return by_cost(x->cost, 1 - x->truth, y->cost, 1 - y->truth);
}

static int by_or_order(const void *a, const void *b)
{
    const struct expr *x = *(struct expr *const *)a, *y = *(struct expr *const *)b;
    return by_cost(x->cost, x->truth, y->cost, y->truth);
}

// AND or OR of children (whose array becomes the expression's).
static struct expr *expr_join(struct arena *a, enum expr_kind kind, struct expr **children,
                              size_t count)
{
    enum expr_kind neutral = kind == EXPR_AND ? EXPR_TRUE : EXPR_FALSE;
    enum expr_kind settles = kind == EXPR_AND ? EXPR_FALSE : EXPR_TRUE;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (children[i]->kind == settles)
            return children[i];
        if (children[i]->kind != neutral)
            children[n++] = children[i];
    }
    if (n == 0)
        return new_expr(a, neutral);
    if (n == 1)
        return children[0];
    struct expr *x = new_expr(a, kind);
    x->children = children;
    x->child_count = n;
    qsort(children, n, sizeof *children, kind == EXPR_AND ? by_and_order : by_or_order);
    double reached = 1; // the probability that the next child is looked at
    for (size_t i = 0; i < n; i++) {
        x->cost += reached * children[i]->cost;
        reached *= kind == EXPR_AND ? children[i]->truth : 1 - children[i]->truth;
        if (__builtin_add_overflow(x->size, children[i]->size, &x->size))
            x->size = SIZE_MAX;
    }
    x->truth = kind == EXPR_AND ? reached : 1 - reached;
    return x;
}

struct expr *expr_and(struct arena *a, struct expr *x, struct expr *y)
{
    struct expr **both = ARENA_ARRAY(a, struct expr *, 2);
    both[0] = x;
    both[1] = y;
    return expr_join(a, EXPR_AND, both, 2);
}

struct builder {
    struct sigma_engine *engine;
    struct arena *arena;
    const struct sigma_rule *rule;
    struct expr **selections; // made so far, by number
    struct err *e;
};

// Guesses at what a test costs, in looks at a bit, and at how often it holds.
static void guess(struct expr *x, const struct field_test *ft)
{
    x->truth = ft->commonness;
    x->cost = !ft->contains ? 1 : ft->commonness > 0.5 ? 3 : 8; // what is common is soon found
    if (!ft->lazy)
        return;
    switch (ft->test ? ft->test->kind : SIGMA_NEVER) {
    case SIGMA_FIELDREF: // two names of programs in one event
        x->cost = 4;
        x->truth = 0.1;
        return;
    case SIGMA_IS_NULL:
    case SIGMA_EXISTS:
        x->cost = 4;
        x->truth = 0.05;
        return;
    default:
        x->cost = ft->guard_count ? 8.0 * (double)ft->guard_count + 50 * ft->commonness : 50;
        x->truth = ft->commonness < 1 ? ft->commonness : 0.1;
    }
}

static struct expr *test_expr(struct builder *b, uint32_t field, const struct sigma_test *t)
{
    if (t->kind == SIGMA_NEVER)
        return new_expr(b->arena, EXPR_FALSE);
    uint32_t number,
        other = t->kind == SIGMA_FIELDREF ? engine_field_number(b->engine, t->text) : 0;
    if (!field_tests_add(&b->engine->fields.items[field]->tests, t, &number, b->e))
        return NULL;
    struct field_test *ft = &b->engine->fields.items[field]->tests.tests.items[number];
    ft->ref_field = other;
    struct expr *x = new_expr(b->arena, EXPR_TEST);
    x->field = field;
    x->test = number;
    x->size = 1;
    guess(x, ft);
    return x;
}

static struct expr *value_expr(struct builder *b, uint32_t field, const struct sigma_value *v)
{
    struct expr **children = ARENA_ARRAY(b->arena, struct expr *, v->test_count);
    for (size_t i = 0; i < v->test_count; i++)
        if (!(children[i] = test_expr(b, field, &v->tests[i])))
            return NULL;
    return expr_join(b->arena, EXPR_OR, children, v->test_count);
}

static struct expr *item_expr(struct builder *b, const struct sigma_item *item)
{
    uint32_t field = engine_field_number(b->engine, item->field);
    struct expr **children = ARENA_ARRAY(b->arena, struct expr *, item->value_count);
    for (size_t i = 0; i < item->value_count; i++)
        if (!(children[i] = value_expr(b, field, &item->values[i])))
            return NULL;
    struct expr *x =
        expr_join(b->arena, item->all ? EXPR_AND : EXPR_OR, children, item->value_count);
    return item->negated ? expr_not(b->arena, x) : x;
}

static struct expr *items_expr(struct builder *b, const struct sigma_item *items, size_t count)
{
    struct expr **children = ARENA_ARRAY(b->arena, struct expr *, count);
    for (size_t i = 0; i < count; i++)
        if (!(children[i] = item_expr(b, &items[i])))
            return NULL;
    return expr_join(b->arena, EXPR_AND, children, count);
}

static struct expr *selection_expr(struct builder *b, uint32_t number)
{
    if (b->selections[number])
        return b->selections[number];
    const struct sigma_selection *s = &b->rule->selections[number];
    struct expr **children = ARENA_ARRAY(b->arena, struct expr *, s->group_count);
    for (size_t i = 0; i < s->group_count; i++)
        if (!(children[i] = items_expr(b, s->groups[i].items, s->groups[i].item_count)))
            return NULL;
    return b->selections[number] = expr_join(b->arena, EXPR_OR, children, s->group_count);
}

static struct expr *node_expr(struct builder *b, const struct sigma_node *node, unsigned depth);

// `a or b or c …` is one OR of many, however the parser nested it.
static struct expr *chain_expr(struct builder *b, const struct sigma_node *node, unsigned depth)
{
    ARRAY_OF(const struct sigma_node *) open = {0};
    ARRAY_OF(struct expr *) parts = {0};
    struct expr *x = NULL;
    *ARRAY_ADD(&open) = node;
    while (open.count) {
        const struct sigma_node *n = open.items[--open.count];
        if (n->kind == node->kind) {
            *ARRAY_ADD(&open) = n->right;
            *ARRAY_ADD(&open) = n->left;
            continue;
        }
        struct expr *part = node_expr(b, n, depth + 1);
        if (!part)
            goto out;
        *ARRAY_ADD(&parts) = part;
    }
    struct expr **children = ARENA_ARRAY(b->arena, struct expr *, parts.count);
    if (parts.count)
        memcpy(children, parts.items, parts.count * sizeof *children);
    x = expr_join(b->arena, node->kind == SIGMA_NODE_AND ? EXPR_AND : EXPR_OR, children,
                  parts.count);
out:
    ARRAY_FREE(&open);
    ARRAY_FREE(&parts);
    return x;
}

static struct expr *node_expr(struct builder *b, const struct sigma_node *node, unsigned depth)
{
    struct expr *left;
    if (depth > MAX_DEPTH) {
        err_set(b->e, ERR_LIMIT, 0, "the condition is nested more than %d deep", MAX_DEPTH);
        return NULL;
    }
    switch (node->kind) {
    case SIGMA_NODE_SELECTION:
        return selection_expr(b, node->selection);
    case SIGMA_NODE_NOT:
        left = node_expr(b, node->left, depth + 1);
        return left ? expr_not(b->arena, left) : NULL;
    case SIGMA_NODE_AND:
    case SIGMA_NODE_OR:
        return chain_expr(b, node, depth);
    case SIGMA_NODE_FALSE:
        return new_expr(b->arena, EXPR_FALSE);
    case SIGMA_NODE_TRUE:
        return new_expr(b->arena, EXPR_TRUE);
    }
    return new_expr(b->arena, EXPR_FALSE);
}

bool engine_rule_expr(struct sigma_engine *engine, struct arena *temporary,
                      const struct sigma_rule *rule, struct rule_expr *out, struct err *e)
{
    struct builder b = {engine, temporary, rule, NULL, e};
    b.selections = ARENA_ARRAY(temporary, struct expr *, rule->selection_count);
    if (!rule->condition)
        return err_set(e, ERR_FORMAT, 0, "the rule has no condition");
    if (!(out->condition = node_expr(&b, rule->condition, 0)))
        return false;
    if (out->condition->size > MAX_STEPS)
        return err_set(e, ERR_LIMIT, 0, "the condition unfolds to more than %d tests", MAX_STEPS);
    out->sources = ARENA_ARRAY(temporary, struct expr *, rule->source_count);
    for (size_t i = 0; i < rule->source_count; i++)
        if (!(out->sources[i] =
                  items_expr(&b, rule->sources[i].conditions, rule->sources[i].condition_count)))
            return false;
    return true;
}
