// SPDX-License-Identifier: Apache-2.0
// Expressions become steps: each tests one thing and names the step to go on with, so that
// evaluating a rule is a walk without a stack that leaves as soon as the answer is settled. All
// jumps lead forward.
#include "detection/sigma/engine_internal.h"

#include <math.h>
#include <stdlib.h>

// Steps are made from the last to the first, so that the places to jump to are known: they count
// backwards, and are turned round at the end.
typedef ARRAY_OF(struct engine_step) step_list;

struct emitter {
    const struct sigma_engine *engine;
    uint32_t class_number;
    step_list steps;                 // backwards
    ARRAY_OF(struct bit_mask) masks; // of the steps with STEP_ANY, each step's in order
};

static uint32_t emit(struct emitter *m, const struct expr *x, uint32_t yes, uint32_t no);

// Whether a test's bit is there once the key is scanned: it need not be asked for.
static bool is_plain(const struct emitter *m, const struct expr *x)
{
    if (x->kind != EXPR_TEST)
        return false;
    const struct field_test *t = engine_test(m->engine, x->field, x->test);
    return !t->lazy && (!t->contains || m->engine->fields.items[x->field]->tests.watch_all);
}

static bool go_together(const struct emitter *m, const struct expr *x, const struct expr *y)
{
    return y->kind == EXPR_TEST && y->field == x->field && is_plain(m, y);
}

static int by_word(const void *a, const void *b)
{
    const struct bit_mask *x = a, *y = b;
    return (x->word > y->word) - (x->word < y->word);
}

// Masks of single bits, from `first` on: sorted, and those of one word made one.
static void join_masks(struct emitter *m, size_t first)
{
    struct bit_mask *masks = m->masks.items + first;
    size_t count = m->masks.count - first, kept = 0;
    qsort(masks, count, sizeof *masks, by_word);
    for (size_t i = 0; i < count; i++) {
        if (kept && masks[kept - 1].word == masks[i].word)
            masks[kept - 1].bits |= masks[i].bits;
        else
            masks[kept++] = masks[i];
    }
    masks[kept - 1].last = 1;
    m->masks.count = first + kept;
}

// One step for a child of OR and all after it that go with it.
static uint32_t emit_any(struct emitter *m, const struct expr *x, size_t from, uint32_t yes,
                         uint32_t no)
{
    const struct expr *head = x->children[from];
    const struct engine_key *key = engine_key_of(m->engine, m->class_number, head->field);
    size_t first = m->masks.count;
    for (size_t i = from; i < x->child_count; i++) {
        if (!go_together(m, head, x->children[i]))
            continue;
        uint32_t bit =
            key->first_bit + engine_test(m->engine, head->field, x->children[i]->test)->bit;
        *ARRAY_ADD(&m->masks) = (struct bit_mask){.bits = 1ull << (bit & 63), .word = bit >> 6};
    }
    join_masks(m, first);
    *ARRAY_ADD(&m->steps) = (struct engine_step){
        .key = key->self, .what = STEP_ANY | (uint32_t)first, .yes = yes, .no = no};
    return (uint32_t)m->steps.count - 1;
}

// Marks the children that an earlier one's step answers; places[i]: how many child i answers.
static void count_together(const struct emitter *m, const struct expr *x, uint32_t *places)
{
    for (size_t i = 0; i < x->child_count; i++)
        places[i] = 1;
    for (size_t i = 0; i < x->child_count; i++) {
        if (!places[i] || !is_plain(m, x->children[i]))
            continue;
        for (size_t k = i + 1; k < x->child_count; k++) {
            if (!places[k] || !go_together(m, x->children[i], x->children[k]))
                continue;
            places[k] = 0;
            places[i]++;
        }
    }
}

static uint32_t emit_or(struct emitter *m, const struct expr *x, uint32_t yes, uint32_t no)
{
    uint32_t *places = mem_alloc(x->child_count * sizeof *places);
    count_together(m, x, places);
    for (size_t i = x->child_count; i-- > 0;) {
        if (places[i] > 1)
            no = emit_any(m, x, i, yes, no);
        else if (places[i])
            no = emit(m, x->children[i], yes, no);
    }
    free(places);
    return no;
}

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
        return emit_or(m, x, yes, no);
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

// Adds a step's masks to the engine's; returns what the step says then.
static uint32_t keep_masks(struct sigma_engine *engine, const struct emitter *m, uint32_t what)
{
    uint32_t first = (uint32_t)engine->masks.count;
    for (size_t i = what & ~STEP_ANY;; i++) {
        *ARRAY_ADD(&engine->masks) = m->masks.items[i];
        if (m->masks.items[i].last)
            return STEP_ANY | first;
    }
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
        if (step_is_any(&s))
            s.what = keep_masks(engine, &m, s.what);
        *ARRAY_ADD(&engine->steps) = s;
    }
    ARRAY_FREE(&m.masks);
    ARRAY_FREE(&m.steps);
}

static uint32_t counted_from(uint32_t target, uint32_t first)
{
    return target >= STEP_REJECT ? target : target - first;
}

void engine_write_program(const struct sigma_engine *engine, const struct engine_variant *variant,
                          uint32_t first_mask, struct buf *out)
{
    const uint32_t first = variant->first_step;
    const uint32_t head[] = {variant->class_number, counted_from(variant->start, first)};
    buf_add(out, slice_of(head, sizeof head));
    for (uint32_t i = 0; i < variant->step_count; i++) {
        struct engine_step s = engine->steps.items[first + i];
        s.yes = counted_from(s.yes, first);
        s.no = counted_from(s.no, first);
        if (step_is_any(&s))
            s.what -= first_mask;
        buf_add(out, slice_of(&s, sizeof s));
    }
    if (engine->masks.count > first_mask)
        buf_add(out, slice_of(engine->masks.items + first_mask,
                              (engine->masks.count - first_mask) * sizeof *engine->masks.items));
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
