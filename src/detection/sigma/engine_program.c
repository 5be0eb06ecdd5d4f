// SPDX-License-Identifier: Apache-2.0
// Expressions become steps: each tests one thing and names the step to go on with, so that
// evaluating a rule is a walk without a stack that leaves as soon as the answer is settled. All
// jumps lead forward.
#include "detection/sigma/engine_internal.h"

#include <math.h>

// Steps are made from the last to the first, so that the places to jump to are known: they count
// backwards, and are turned round at the end.
typedef ARRAY_OF(struct engine_step) step_list;

struct emitter {
    const struct sigma_engine *engine;
    uint32_t class_number;
    step_list steps; // backwards
};

// Makes the steps of x that end at yes or no; returns where they begin (numbers count from the end
// of the program).
static uint32_t emit(struct emitter *m, const struct expr *x, uint32_t yes, uint32_t no)
{
    switch (x->kind) {
    case EXPR_FALSE:
        return no;
    case EXPR_TRUE:
        return yes;
    case EXPR_NOT:
        return emit(m, x->children[0], no, yes);
    case EXPR_AND:
        for (size_t i = x->child_count; i-- > 0;)
            yes = emit(m, x->children[i], yes, no);
        return yes;
    case EXPR_OR:
        for (size_t i = x->child_count; i-- > 0;)
            no = emit(m, x->children[i], yes, no);
        return no;
    case EXPR_TEST:
        break;
    }
    const struct engine_key *key = engine_key_of(m->engine, m->class_number, x->field);
    const struct field_test *t = engine_test(m->engine, x->field, x->test);
    *ARRAY_ADD(&m->steps) =
        (struct engine_step){.key = key->self,
                             .what = t->lazy ? STEP_LAZY | x->test : key->first_bit + t->bit,
                             .yes = yes,
                             .no = no};
    return (uint32_t)m->steps.count - 1;
}

static uint32_t turned(uint32_t target, size_t count, uint32_t first)
{
    return target >= STEP_REJECT ? target : first + (uint32_t)(count - 1 - target);
}

void engine_emit(struct sigma_engine *engine, const struct expr *expr,
                 struct engine_variant *variant)
{
    struct emitter m = {.engine = engine, .class_number = variant->class_number};
    uint32_t start = emit(&m, expr, STEP_ACCEPT, STEP_REJECT);
    size_t count = m.steps.count;
    variant->first_step = (uint32_t)engine->steps.count;
    variant->step_count = (uint32_t)count;
    variant->start = turned(start, count, variant->first_step);
    for (size_t i = count; i-- > 0;) {
        struct engine_step s = m.steps.items[i];
        s.yes = turned(s.yes, count, variant->first_step);
        s.no = turned(s.no, count, variant->first_step);
        *ARRAY_ADD(&engine->steps) = s;
    }
    ARRAY_FREE(&m.steps);
}

static uint32_t counted_from(uint32_t target, uint32_t first)
{
    return target >= STEP_REJECT ? target : target - first;
}

void engine_write_program(const struct sigma_engine *engine, const struct engine_variant *variant,
                          struct buf *out)
{
    const uint32_t first = variant->first_step;
    const uint32_t head[] = {variant->class_number, counted_from(variant->start, first)};
    buf_add(out, slice_of(head, sizeof head));
    for (uint32_t i = 0; i < variant->step_count; i++) {
        struct engine_step s = engine->steps.items[first + i];
        s.yes = counted_from(s.yes, first);
        s.no = counted_from(s.no, first);
        buf_add(out, slice_of(&s, sizeof s));
    }
}

struct watcher {
    const struct sigma_engine *engine;
    uint32_t class_number;
};

// How often the best set of bits for x (negated: for not x) would be hit; INFINITY when there is
// none.
static double watch_cost(const struct watcher *w, const struct expr *x, bool negated)
{
    double cost;
    switch (x->kind) {
    case EXPR_FALSE:
        return negated ? INFINITY : 0;
    case EXPR_TRUE:
        return negated ? 0 : INFINITY;
    case EXPR_NOT:
        return watch_cost(w, x->children[0], !negated);
    case EXPR_AND:
    case EXPR_OR:
        if ((x->kind == EXPR_AND) != negated) {
            cost = INFINITY;
            for (size_t i = 0; i < x->child_count; i++)
                cost = fmin(cost, watch_cost(w, x->children[i], negated));
        } else {
            cost = 0;
            for (size_t i = 0; i < x->child_count && cost < INFINITY; i++)
                cost += watch_cost(w, x->children[i], negated);
        }
        return cost;
    case EXPR_TEST:
        break;
    }
    const struct field_test *t = engine_test(w->engine, x->field, x->test);
    // What the binding knows already is no news in an event.
    if (negated || engine_key_of(w->engine, w->class_number, x->field)->constant != KEY_VARIES)
        return INFINITY;
    return t->lazy && (!t->guard_count || t->commonness >= 1) ? INFINITY : t->commonness;
}

static void collect(const struct watcher *w, const struct expr *x, bool negated, bit_list *out)
{
    size_t best = 0;
    double cost = INFINITY;
    switch (x->kind) {
    case EXPR_FALSE:
    case EXPR_TRUE:
        return;
    case EXPR_NOT:
        collect(w, x->children[0], !negated, out);
        return;
    case EXPR_AND:
    case EXPR_OR:
        if ((x->kind == EXPR_OR) != negated) {
            for (size_t i = 0; i < x->child_count; i++)
                collect(w, x->children[i], negated, out);
            return;
        }
        for (size_t i = 0; i < x->child_count; i++) {
            double c = watch_cost(w, x->children[i], negated);
            if (c < cost) {
                cost = c;
                best = i;
            }
        }
        collect(w, x->children[best], negated, out);
        return;
    case EXPR_TEST:
        break;
    }
    const struct engine_key *key = engine_key_of(w->engine, w->class_number, x->field);
    uint32_t base = key->first_bit;
    const struct field_test *t = engine_test(w->engine, x->field, x->test);
    if (!t->lazy)
        *ARRAY_ADD(out) = (struct watched_bit){base + t->bit, key->self};
    for (size_t i = 0; i < t->guard_count; i++)
        *ARRAY_ADD(out) = (struct watched_bit){base + t->guards[i], key->self};
}

bool engine_watch(const struct sigma_engine *engine, const struct expr *expr, uint32_t class_number,
                  bit_list *out)
{
    struct watcher w = {engine, class_number};
    if (watch_cost(&w, expr, false) == INFINITY)
        return false;
    collect(&w, expr, false, out);
    return true;
}
