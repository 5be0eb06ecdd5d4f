// SPDX-License-Identifier: Apache-2.0
// Compiling a set of rules.
//
// 1. Every condition of every rule is taken apart into tests (field, kind, text). Equal tests on
// one field become one; all
//    tests on one field stand together (field_tests), so that one pass over a value answers them
//    all and sets a bit for each that holds.
// 2. A rule reads a field in the way that its logsource says: under another name, changed, or not
// at all (stand-in events).
//    Field and way of reading make a *key*; a key has its own range of bits, but all keys of a
//    field share its tables. Sources that admit the same events and read alike form a *class*; a
//    rule in one of its sources is a *variant*.
// 3. A variant's condition becomes a row of steps over bits (engine_program.c), and a set of bits
// of which one must be set
//    for it to hold, the rarest such set that can be found. Rules of a class with the same steps
//    are one variant. The bits lead to the variants that
//    watch them. So in an event that sets few bits few rules are looked at, however many there are.
// 4. What an event's shape, channel, provider and id decide alone is decided once for each such
// combination, not for each
//    event (matcher_bind.c): most rules drop out there, and most events are left with none and cost
//    one look-up.
#include "detection/sigma/engine_internal.h"

#include "detection/sigma/correlate.h"

struct reading engine_reading(const struct sigma_source *source, struct slice name)
{
    struct reading r = {.source = name, .transform = SIGMA_AS_IS};
    if (name.len == 0)
        return (struct reading){.all_values = true};
    for (size_t i = 0; i < source->alias_count; i++) {
        const struct sigma_alias *alias = &source->aliases[i];
        if (slice_equal(alias->name, name))
            return (struct reading){alias->source, alias->source2, alias->transform, false, false};
    }
    r.system_only = source->stand_in;
    return r;
}

uint32_t engine_field_number(struct sigma_engine *engine, struct slice name)
{
    bool added;
    void **place = map_put(&engine->field_numbers, name, &added);
    struct engine_field *f = *place;
    if (added) {
        *place = f = ARENA_NEW(&engine->arena, struct engine_field);
        f->number = (uint32_t)engine->fields.count;
        f->name = name;
        field_tests_init(&f->tests, &engine->arena);
        f->tests.watch_all = name.len == 0; // texts of keywords are searched once, or not at all
        *ARRAY_ADD(&engine->fields) = f;
    }
    return f->number;
}

static void write_number(struct buf *b, uint64_t n)
{
    buf_add(b, slice_of(&n, sizeof n));
}

static void write_text(struct buf *b, struct slice text)
{
    write_number(b, text.len);
    buf_add(b, text);
}

static void write_texts(struct buf *b, const struct slice *texts, size_t count)
{
    write_number(b, count);
    for (size_t i = 0; i < count; i++)
        write_text(b, texts[i]);
}

// What tells one source from another, but for its conditions, which go with the rule: a key, for as
// long as rules are compiled.
static void write_source(struct buf *b, const struct sigma_source *s)
{
    write_texts(b, s->channels, s->channel_count);
    write_texts(b, s->providers, s->provider_count);
    write_number(b, s->event_id_count);
    buf_add(b, slice_of(s->event_ids, s->event_id_count * sizeof *s->event_ids));
    for (size_t i = 0; i < s->alias_count; i++) {
        write_text(b, s->aliases[i].name);
        write_text(b, s->aliases[i].source);
        write_text(b, s->aliases[i].source2);
        write_number(b, s->aliases[i].transform);
    }
    buf_byte(b, s->stand_in ? 's' : 'o');
}

// A rule in one of its sources.
struct placed_rule {
    uint32_t class_number, rule, source;
    uint32_t variant;
};

struct compiler {
    struct sigma_engine *engine;
    struct arena arena;   // for the time of compiling
    struct arena scratch; // for the time of one variant
    struct map classes;   // source to number
    struct map keys;      // field and reading to number
    struct map programs;  // to number of variant
    struct buf program;   // that is being looked up
    ARRAY_OF(struct placed_rule) placed;
    // Parallel to rules:
    struct rule_expr *exprs;
    bool *refused;
    bit_list *watches; // parallel to variants
};

static uint32_t number_in(struct map *m, struct arena *a, struct slice key, uint32_t next,
                          bool *added)
{
    uint32_t *known = map_get(m, key);
    *added = !known;
    if (!known) {
        known = ARENA_NEW(a, uint32_t);
        *known = next;
        *map_put(m, arena_copy(a, key), NULL) = known;
    }
    return *known;
}

static uint32_t class_of(struct compiler *c, const struct sigma_source *source)
{
    struct buf b = {0};
    bool added;
    write_source(&b, source);
    uint32_t n = number_in(&c->classes, &c->arena, buf_slice(&b),
                           (uint32_t)c->engine->classes.count, &added);
    if (added)
        *ARRAY_ADD(&c->engine->classes) = (struct engine_class){.source = source};
    buf_free(&b);
    return n;
}

static void refuse(struct compiler *c, const struct sigma_rule *rule, const struct err *e)
{
    struct sigma_set *set = c->engine->set;
    c->refused[rule->index] = true;
    *ARRAY_ADD(&set->refusals) =
        (struct sigma_refusal){.file = rule->file,
                               .line = rule->line,
                               .title = rule->title,
                               .reason = arena_printf(&set->arena, "%s", e->message)};
}

// Step 1: expressions of all rules; tests gather in the fields.
static void take_apart(struct compiler *c)
{
    struct sigma_set *set = c->engine->set;
    for (size_t i = 0; i < set->rules.count; i++) {
        const struct sigma_rule *rule = set->rules.items[i];
        struct err e = {0};
        if (rule->source_count && !engine_rule_expr(c->engine, &c->arena, rule, &c->exprs[i], &e))
            refuse(c, rule, &e);
    }
}

// Step 2: rules in their sources, sorted by class.
static int by_class(const void *a, const void *b)
{
    const struct placed_rule *x = a, *y = b;
    if (x->class_number != y->class_number)
        return x->class_number < y->class_number ? -1 : 1;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    return (x->source > y->source) - (x->source < y->source);
}

void engine_count_variants(struct sigma_engine *engine)
{
    for (uint32_t i = 0; i < engine->variants.count; i++) {
        struct engine_class *class = &engine->classes.items[engine->variants.items[i].class_number];
        if (!class->variant_count++)
            class->first_variant = i;
    }
}

static void place_rules(struct compiler *c)
{
    struct sigma_engine *engine = c->engine;
    for (uint32_t i = 0; i < engine->set->rules.count; i++) {
        const struct sigma_rule *rule = engine->set->rules.items[i];
        for (uint32_t k = 0; !c->refused[i] && k < rule->source_count; k++)
            *ARRAY_ADD(&c->placed) = (struct placed_rule){class_of(c, &rule->sources[k]), i, k, 0};
    }
    if (c->placed.count)
        qsort(c->placed.items, c->placed.count, sizeof *c->placed.items, by_class);
    for (size_t i = 0; i < engine->classes.count; i++)
        engine->classes.items[i].keys = ARENA_ARRAY(&engine->arena, uint32_t, engine->fields.count);
}

static enum key_constant constant_of(const struct reading *r)
{
    if (r->all_values || r->transform != SIGMA_AS_IS)
        return KEY_VARIES;
    if (slice_equal_str(r->source, "EventID"))
        return KEY_EVENT_ID;
    if (slice_equal_str(r->source, "Channel"))
        return KEY_CHANNEL;
    return slice_equal_str(r->source, "Provider_Name") ? KEY_PROVIDER : KEY_VARIES;
}

static void use_name(struct sigma_engine *engine, struct slice name, uint32_t key, bool second)
{
    if (name.len == 0)
        return;
    bool added;
    void **place = map_put(&engine->names, name, &added);
    if (added) {
        *place = ARENA_NEW(&engine->arena, struct name_uses);
        *ARRAY_ADD(&engine->name_list) = *place;
    }
    struct name_uses *u = *place;
    *ARRAY_ADD(&u->uses) = (struct name_use){key, second};
}

static uint32_t key_number(struct compiler *c, uint32_t field, const struct reading *r)
{
    struct sigma_engine *engine = c->engine;
    struct buf b = {0};
    bool added;
    buf_printf(&b, "%u\n%.*s\n%.*s\n%u %d", field, SLICE_FMT(r->source), SLICE_FMT(r->source2),
               (unsigned)r->transform, r->system_only);
    uint32_t n =
        number_in(&c->keys, &c->arena, buf_slice(&b), (uint32_t)engine->keys.count, &added);
    buf_free(&b);
    return added ? engine_add_key(engine, field, r) : n;
}

uint32_t engine_add_key(struct sigma_engine *engine, uint32_t field, const struct reading *r)
{
    const struct field_tests *tests = &engine->fields.items[field]->tests;
    uint32_t n = (uint32_t)engine->keys.count;
    *ARRAY_ADD(&engine->keys) = (struct engine_key){.self = n,
                                                    .field = field,
                                                    .reading = *r,
                                                    .first_bit = engine->bit_count,
                                                    .first_lazy = engine->lazy_count,
                                                    .constant = constant_of(r)};
    engine->bit_count += tests->bit_count;
    engine->lazy_count += tests->lazy_count;
    use_name(engine, r->source, n, false);
    use_name(engine, r->source2, n, true);
    return n;
}

static void key_for(struct compiler *c, uint32_t class_number, uint32_t field)
{
    struct engine_class *class = &c->engine->classes.items[class_number];
    if (class->keys[field])
        return;
    struct reading r = engine_reading(class->source, c->engine->fields.items[field]->name);
    class->keys[field] = key_number(c, field, &r) + 1;
}

static void make_keys(struct compiler *c, uint32_t class_number, const struct expr *x)
{
    if (x->kind == EXPR_TEST) {
        key_for(c, class_number, x->field);
        const struct field_test *t = engine_test(c->engine, x->field, x->test);
        if (t->test && t->test->kind == SIGMA_FIELDREF)
            key_for(c, class_number, t->ref_field);
    }
    for (size_t i = 0; i < x->child_count; i++)
        make_keys(c, class_number, x->children[i]);
}

// Whether a program is like none before; its variant's number.
static bool is_new_program(struct compiler *c, const struct engine_variant *v, uint32_t first_mask,
                           uint32_t *number)
{
    bool added;
    buf_clear(&c->program);
    engine_write_program(c->engine, v, first_mask, &c->program);
    *number = number_in(&c->programs, &c->arena, buf_slice(&c->program),
                        (uint32_t)c->engine->variants.count, &added);
    return added;
}

// The program of a rule in a source, and the bits it waits for, unless a variant asks the same.
static void make_program(struct compiler *c, struct placed_rule *p)
{
    struct sigma_engine *engine = c->engine;
    const struct rule_expr *x = &c->exprs[p->rule];
    struct expr *both = expr_and(&c->scratch, x->sources[p->source], x->condition);
    struct engine_variant v = {.class_number = p->class_number};
    uint32_t first_mask = (uint32_t)engine->masks.count;
    make_keys(c, p->class_number, both);
    engine_emit(engine, both, &v);
    if (is_new_program(c, &v, first_mask, &p->variant)) {
        v.watched = engine_watch(engine, both, v.class_number, &c->watches[p->variant]);
        *ARRAY_ADD(&engine->variants) = v;
    } else {
        engine->steps.count = v.first_step;
        engine->masks.count = first_mask;
    }
    arena_reset(&c->scratch);
}

// Variant by variant its rules, in ascending order.
static void list_rules(struct compiler *c)
{
    struct sigma_engine *engine = c->engine;
    uint32_t used = 0;
    for (size_t i = 0; i < c->placed.count; i++)
        engine->variants.items[c->placed.items[i].variant].rule_count++;
    for (size_t i = 0; i < engine->variants.count; i++) {
        struct engine_variant *v = &engine->variants.items[i];
        v->first_rule = used;
        used += v->rule_count;
        v->rule_count = 0;
    }
    ARRAY_RESERVE(&engine->variant_rules, used);
    engine->variant_rules.count = used;
    for (size_t i = 0; i < c->placed.count; i++) {
        const struct placed_rule *p = &c->placed.items[i];
        struct engine_variant *v = &engine->variants.items[p->variant];
        engine->variant_rules.items[v->first_rule + v->rule_count++] = p->rule;
    }
}

// Step 3: programs and watched bits.
static void make_programs(struct compiler *c)
{
    c->watches = mem_alloc_zero(c->placed.count, sizeof *c->watches);
    for (size_t i = 0; i < c->placed.count; i++)
        make_program(c, &c->placed.items[i]);
    list_rules(c);
    engine_count_variants(c->engine);
}

// What a step asks, once tables answer the direct tests: their bits, or a lazy test by its number
// among these.
static void settle_step(const struct sigma_engine *engine, struct engine_step *s)
{
    const struct engine_key *key = &engine->keys.items[s->key];
    const struct field_tests *f = &engine->fields.items[key->field]->tests;
    if (step_is_any(s))
        return;
    if (s->what & STEP_LAZY)
        s->what = f->tests.items[s->what & ~STEP_LAZY].lazy_number | STEP_LAZY;
    else if (bit_is_set(f->asked, s->what - key->first_bit))
        s->what |= STEP_ASK;
}

// Step 4: tables. What is watched is looked for in every value, the rest when a step asks.
static void make_tables(struct compiler *c)
{
    struct sigma_engine *engine = c->engine;
    for (size_t i = 0; i < engine->variants.count; i++) {
        for (size_t k = 0; k < c->watches[i].count; k++) {
            struct watched_bit w = c->watches[i].items[k];
            const struct engine_key *key = &engine->keys.items[w.key];
            field_tests_watch(&engine->fields.items[key->field]->tests, w.bit - key->first_bit);
        }
    }
    for (size_t i = 0; i < engine->fields.count; i++)
        field_tests_finish(&engine->fields.items[i]->tests);
    for (size_t i = 0; i < engine->steps.count; i++)
        settle_step(engine, &engine->steps.items[i]);
    for (size_t i = 0; i < engine->fields.count; i++)
        field_tests_keep_lazy(&engine->fields.items[i]->tests);
}

// The keys of a variant's watched bits, without most doubles.
static void list_watched_keys(struct sigma_engine *engine, struct engine_variant *v,
                              const bit_list *bits)
{
    v->first_watched = (uint32_t)engine->watched_keys.count;
    for (size_t k = 0; k < bits->count; k++) {
        if (k && bits->items[k].key == bits->items[k - 1].key)
            continue;
        *ARRAY_ADD(&engine->watched_keys) = bits->items[k].key;
        v->watched_count++;
    }
}

static void make_watch_lists(struct compiler *c)
{
    struct sigma_engine *engine = c->engine;
    size_t total = 0;
    engine->watch_first = ARENA_ARRAY(&engine->arena, uint32_t, (size_t)engine->bit_count + 2);
    for (size_t i = 0; i < engine->variants.count; i++) {
        total += c->watches[i].count;
        for (size_t k = 0; k < c->watches[i].count; k++)
            engine->watch_first[c->watches[i].items[k].bit + 2]++;
    }
    for (size_t b = 2; b < (size_t)engine->bit_count + 2; b++)
        engine->watch_first[b] += engine->watch_first[b - 1];
    engine->watchers = ARENA_ARRAY(&engine->arena, uint32_t, total);
    for (uint32_t i = 0; i < engine->variants.count; i++) {
        for (size_t k = 0; k < c->watches[i].count; k++)
            engine->watchers[engine->watch_first[c->watches[i].items[k].bit + 1]++] = i;
        list_watched_keys(engine, &engine->variants.items[i], &c->watches[i]);
        ARRAY_FREE(&c->watches[i]);
    }
}

struct sigma_engine *engine_new(struct sigma_set *set, const struct sigma_engine_options *options)
{
    struct sigma_engine *engine = mem_alloc_zero(1, sizeof *engine);
    arena_init(&engine->arena, 0);
    engine->set = set;
    if (options)
        engine->options = *options;
    map_init(&engine->names);
    map_init(&engine->field_numbers);
    engine_field_number(engine, (struct slice){0});
    return engine;
}

enum {
    MANY_RULES = 256, // from then on large blocks are filled
};

struct sigma_engine *sigma_engine_create(struct sigma_set *set,
                                         const struct sigma_engine_options *options)
{
    struct sigma_engine *engine = engine_new(set, options);
    sigma_correlation_prepare(set);
    struct compiler c = {.engine = engine};
    arena_init(&c.arena, (size_t)1 << 20);
    if (set->rules.count >= MANY_RULES)
        c.arena.block_size = engine->arena.block_size = ARENA_HUGE;
    arena_init(&c.scratch, 0);
    map_init(&c.classes);
    map_init(&c.keys);
    map_init(&c.programs);
    c.exprs = mem_alloc_zero(set->rules.count, sizeof *c.exprs);
    c.refused = mem_alloc_zero(set->rules.count, sizeof *c.refused);
    take_apart(&c);
    place_rules(&c);
    make_programs(&c);
    make_tables(&c);
    make_watch_lists(&c);
    free(c.watches);
    free(c.refused);
    free(c.exprs);
    ARRAY_FREE(&c.placed);
    buf_free(&c.program);
    map_free(&c.programs);
    map_free(&c.keys);
    map_free(&c.classes);
    arena_free(&c.scratch);
    arena_free(&c.arena);
    return engine;
}

void sigma_engine_destroy(struct sigma_engine *engine)
{
    if (!engine)
        return;
    for (size_t i = 0; i < engine->fields.count; i++)
        field_tests_free(&engine->fields.items[i]->tests);
    for (size_t i = 0; i < engine->name_list.count; i++)
        ARRAY_FREE(&engine->name_list.items[i]->uses);
    ARRAY_FREE(&engine->name_list);
    ARRAY_FREE(&engine->fields);
    ARRAY_FREE(&engine->keys);
    ARRAY_FREE(&engine->classes);
    ARRAY_FREE(&engine->variants);
    ARRAY_FREE(&engine->variant_rules);
    ARRAY_FREE(&engine->steps);
    ARRAY_FREE(&engine->masks);
    ARRAY_FREE(&engine->watched_keys);
    map_free(&engine->names);
    map_free(&engine->field_numbers);
    arena_free(&engine->arena);
    free(engine);
}

struct sigma_engine_size sigma_engine_size(const struct sigma_engine *engine)
{
    struct sigma_engine_size s = {.variants = engine->variants.count,
                                  .fields = engine->fields.count,
                                  .keys = engine->keys.count,
                                  .bits = engine->bit_count,
                                  .steps = engine->steps.count};
    s.bytes = arena_held(&engine->arena) + engine->steps.capacity * sizeof *engine->steps.items +
              engine->masks.capacity * sizeof *engine->masks.items +
              engine->variants.capacity * sizeof *engine->variants.items;
    for (size_t i = 0; i < engine->variants.count; i++) {
        s.unwatched += !engine->variants.items[i].watched;
    }
    for (size_t i = 0; i < engine->fields.count; i++) {
        size_t worst = gram_set_worst(engine->fields.items[i]->tests.contains);
        size_t rest = gram_set_worst(engine->fields.items[i]->tests.rest);
        worst = rest > worst ? rest : worst;
        s.tests += engine->fields.items[i]->tests.bit_count;
        s.tests += engine->fields.items[i]->tests.lazy_count;
        s.worst_row = worst > s.worst_row ? worst : s.worst_row;
    }
    return s;
}
