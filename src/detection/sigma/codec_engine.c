// SPDX-License-Identifier: Apache-2.0
// A compiled engine as bytes (codec.h): fields, keys, classes, programs and what wakes them.
#include "detection/sigma/codec.h"

static void code_fields(struct codec *c, struct sigma_engine *engine)
{
    size_t fields = codec_count(c, engine->fields.count, sizeof(struct engine_field) * 2);
    for (uint32_t i = 0; i < fields && !c->bad; i++) {
        struct slice name = {0};
        if (!c->reading)
            name = engine->fields.items[i]->name;
        codec_text(c, &name);
        // Each name once, the keywords' first.
        c->bad |= c->bad || engine_field_number(engine, name) != i;
    }
    for (size_t i = 0; i < fields && !c->bad; i++)
        codec_field_tests(c, engine, &engine->fields.items[i]->tests);
    c->bad |= fields != engine->fields.count;
}

static void code_key(struct codec *c, struct sigma_engine *engine, uint32_t number)
{
    struct engine_key key = {0};
    if (!c->reading)
        key = engine->keys.items[number];
    struct reading *r = &key.reading;
    CODE_BELOW(c, key.field, engine->fields.count);
    codec_text(c, &r->source);
    codec_text(c, &r->source2);
    CODE_BELOW(c, r->transform, SIGMA_REGISTRY_OPERATION + 1);
    CODE_BOOL(c, r->system_only);
    CODE_BOOL(c, r->all_values);
    if (!c->reading || c->bad)
        return;
    const struct field_tests *f = &engine->fields.items[key.field]->tests;
    // Only the keywords' field is read from all values; it alone has its filter's texts in order.
    c->bad |= r->all_values != (key.field == 0) ||
              (uint64_t)engine->bit_count + f->bit_count > CODEC_MAX_BITS ||
              (uint64_t)engine->lazy_count + f->lazy_count > CODEC_MAX_BITS ||
              engine->bit_count + engine->lazy_count > c->budget;
    if (!c->bad)
        engine_add_key(engine, key.field, r);
}

static void code_source_of(struct codec *c, struct engine_class *class)
{
    size_t number = 0, place = 0;
    for (size_t i = 0; !c->reading && i < c->sources.count; i++) {
        const struct codec_sources *s = &c->sources.items[i];
        if (s->count && class->source >= s->sources && class->source < s->sources + s->count) {
            number = i;
            place = (size_t)(class->source - s->sources);
        }
    }
    CODE_BELOW(c, number, c->sources.count);
    CODE_BELOW(c, place, c->bad ? 0 : c->sources.items[number].count);
    if (c->reading && !c->bad)
        class->source = &c->sources.items[number].sources[place];
}

static void code_classes(struct codec *c, struct sigma_engine *engine)
{
    size_t per_class = sizeof(struct engine_class) + engine->fields.count * sizeof(uint32_t);
    size_t classes = codec_count(c, engine->classes.count, per_class);
    for (size_t i = 0; i < classes && !c->bad; i++) {
        if (c->reading)
            *ARRAY_ADD(&engine->classes) = (struct engine_class){
                .keys = ARENA_ARRAY(&engine->arena, uint32_t, engine->fields.count)};
        struct engine_class *class = &engine->classes.items[i];
        code_source_of(c, class);
        for (size_t f = 0; f < engine->fields.count && !c->bad; f++) {
            CODE_BELOW(c, class->keys[f], engine->keys.count + 1);
            c->bad |= class->keys[f] && engine->keys.items[class->keys[f] - 1].field != f;
        }
    }
}

// Checks what was read, and marks the bits that must be asked for.
static void check_what(struct codec *c, const struct sigma_engine *engine,
                       const struct engine_variant *v, struct engine_step *s)
{
    const struct engine_key *key = &engine->keys.items[s->key];
    const struct field_tests *f = &engine->fields.items[key->field]->tests;
    uint32_t what = s->what & ~(STEP_LAZY | STEP_ASK);
    if (!(s->what & STEP_LAZY)) {
        c->bad |= what < key->first_bit || what - key->first_bit >= f->bit_count;
        s->what = what;
        if (!c->bad && bit_is_set(f->asked, what - key->first_bit))
            s->what |= STEP_ASK;
        return;
    }
    s->what = what | STEP_LAZY;
    c->bad |= what >= f->tests.count;
    if (c->bad || !f->tests.items[what].test || f->tests.items[what].test->kind != SIGMA_FIELDREF)
        return;
    c->bad |= engine->classes.items[v->class_number].keys[f->tests.items[what].ref_field] == 0;
}

// A step's masks: *used of all are those of the steps before. Of the step's key, and in order.
static void check_masks(struct codec *c, const struct sigma_engine *engine,
                        const struct engine_step *s, size_t *used)
{
    const struct engine_key *key = &engine->keys.items[s->key];
    uint64_t first = key->first_bit,
             end = first + engine->fields.items[key->field]->tests.bit_count;
    c->bad |= (s->what & ~STEP_ANY) != *used;
    for (bool last = false; !last && !c->bad; ++*used) {
        c->bad |= *used >= engine->masks.count || engine->masks.items[*used].bits == 0;
        if (c->bad)
            return;
        const struct bit_mask *mask = &engine->masks.items[*used];
        uint64_t lowest = (uint64_t)mask->word * 64 + (uint64_t)__builtin_ctzll(mask->bits),
                 highest = (uint64_t)mask->word * 64 + 63 - (uint64_t)__builtin_clzll(mask->bits);
        c->bad |= lowest < first || highest >= end;
        last = mask->last;
    }
}

// Steps only lead forward, to one of the same variant or to an end.
static bool leads_on(const struct engine_variant *v, uint32_t from, uint32_t to)
{
    return to >= STEP_REJECT || (to > from && to < v->first_step + v->step_count);
}

static void check_steps(struct codec *c, struct sigma_engine *engine,
                        const struct engine_variant *v, size_t *masks)
{
    for (uint32_t i = v->first_step; i < v->first_step + v->step_count && !c->bad; i++) {
        struct engine_step *s = &engine->steps.items[i];
        c->bad |= s->key >= engine->keys.count || !leads_on(v, i, s->yes) || !leads_on(v, i, s->no);
        if (!c->bad && step_is_any(s))
            check_masks(c, engine, s, masks);
        else if (!c->bad)
            check_what(c, engine, v, s);
    }
}

// The steps themselves, those of each variant behind those of the one before.
static void code_steps(struct codec *c, struct sigma_engine *engine)
{
    size_t count = engine->steps.count;
    const struct engine_step *steps = engine->steps.items;
    CODE_PLAIN(c, steps, count);
    if (!c->reading || count == 0)
        return;
    codec_charge(c, count * sizeof *steps);
    if (c->bad)
        return;
    ARRAY_RESERVE(&engine->steps, count);
    memcpy(engine->steps.items, steps, count * sizeof *steps);
    engine->steps.count = count;
}

static void code_masks(struct codec *c, struct sigma_engine *engine)
{
    size_t count = engine->masks.count;
    const struct bit_mask *masks = engine->masks.items;
    CODE_PLAIN(c, masks, count);
    if (!c->reading || count == 0)
        return;
    codec_charge(c, count * sizeof *masks);
    if (c->bad)
        return;
    ARRAY_RESERVE(&engine->masks, count);
    memcpy(engine->masks.items, masks, count * sizeof *masks);
    engine->masks.count = count;
}

static void code_rules_of(struct codec *c, struct sigma_engine *engine, struct engine_variant *v)
{
    v->rule_count = (uint32_t)codec_count(c, v->rule_count, sizeof(uint32_t) * 2);
    if (c->reading)
        v->first_rule = (uint32_t)engine->variant_rules.count;
    for (uint32_t i = 0; i < v->rule_count && !c->bad; i++) {
        if (c->reading)
            *ARRAY_ADD(&engine->variant_rules) = 0;
        CODE_BELOW(c, engine->variant_rules.items[v->first_rule + i], engine->set->rules.count);
    }
}

// Of the variants before.
struct programs_used {
    size_t steps, masks;
};

static void code_program(struct codec *c, struct sigma_engine *engine, struct engine_variant *v,
                         struct programs_used *used)
{
    size_t left = engine->steps.count - used->steps;
    CODE_BELOW(c, v->step_count, left + 1);
    if (c->reading)
        v->first_step = (uint32_t)used->steps;
    used->steps += v->step_count;
    if (v->step_count == 0) {
        bool accept = v->start == STEP_ACCEPT;
        CODE_BOOL(c, accept);
        v->start = accept ? STEP_ACCEPT : STEP_REJECT;
        return;
    }
    uint32_t start = v->start - v->first_step;
    CODE_BELOW(c, start, v->step_count);
    v->start = v->first_step + start;
    if (c->reading && !c->bad)
        check_steps(c, engine, v, &used->masks);
}

static void code_variants(struct codec *c, struct sigma_engine *engine)
{
    size_t variants = codec_count(c, engine->variants.count, sizeof(struct engine_variant) * 2);
    uint32_t class = 0;
    struct programs_used used = {0};
    code_steps(c, engine);
    code_masks(c, engine);
    if (c->reading && !c->bad)
        ARRAY_RESERVE(&engine->variants, variants);
    for (size_t i = 0; i < variants && !c->bad; i++) {
        if (c->reading)
            *ARRAY_ADD(&engine->variants) = (struct engine_variant){0};
        struct engine_variant *v = &engine->variants.items[i];
        CODE_BELOW(c, v->class_number, engine->classes.count);
        code_rules_of(c, engine, v);
        c->bad |= v->class_number < class;
        class = v->class_number;
        CODE_BOOL(c, v->watched);
        if (!c->bad)
            code_program(c, engine, v, &used);
        v->watched_count = (uint32_t)codec_count(c, v->watched_count, sizeof(uint32_t) * 2);
        if (c->reading)
            v->first_watched = (uint32_t)engine->watched_keys.count;
        for (uint32_t k = 0; k < v->watched_count && !c->bad; k++) {
            if (c->reading)
                *ARRAY_ADD(&engine->watched_keys) = 0;
            CODE_BELOW(c, engine->watched_keys.items[v->first_watched + k], engine->keys.count);
        }
    }
    if (c->reading && !c->bad)
        engine_count_variants(engine);
}

// Bit by bit: which variants watch it.
static void code_watchers(struct codec *c, struct sigma_engine *engine)
{
    size_t total = c->reading ? 0 : engine->watch_first[engine->bit_count];
    total = codec_count(c, total, sizeof(uint32_t));
    if (c->reading) {
        engine->watch_first = ARENA_ARRAY(&engine->arena, uint32_t, (size_t)engine->bit_count + 2);
        engine->watchers = ARENA_ARRAY(&engine->arena, uint32_t, total);
    }
    size_t used = 0;
    for (size_t b = 0; b < engine->bit_count && !c->bad; b++) {
        size_t n = c->reading ? 0 : engine->watch_first[b + 1] - engine->watch_first[b];
        CODE_BELOW(c, n, total - used + 1);
        for (size_t i = 0; i < n && !c->bad; i++)
            CODE_BELOW(c, engine->watchers[used + i], engine->variants.count);
        used += n;
        if (c->reading)
            engine->watch_first[b + 1] = (uint32_t)used;
    }
    if (c->reading)
        engine->watch_first[engine->bit_count + 1] = (uint32_t)used;
}

bool codec_engine(struct codec *c, struct sigma_engine *engine)
{
    code_fields(c, engine);
    size_t keys = codec_count(c, engine->keys.count, sizeof(struct engine_key) * 2);
    for (uint32_t i = 0; i < keys && !c->bad; i++)
        code_key(c, engine, i);
    code_classes(c, engine);
    code_variants(c, engine);
    code_watchers(c, engine);
    c->bad |= c->reading && c->at != c->end;
    return !c->bad;
}
