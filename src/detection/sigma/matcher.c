// SPDX-License-Identifier: Apache-2.0
// Matching one event: scan the fields whose bits some rule watches, look at the rules that those
// bits wake, and walk their steps. Fields that only matter to such a rule are scanned when it asks.
// Nothing is allocated once the scratch memory has grown to the largest event.
#include "detection/sigma/matcher_internal.h"

#include "base/utf.h"

#include <time.h>

enum {
    AHEAD = 3, // candidates
};

static struct bit_sink sink_for(size_t bits)
{
    return (struct bit_sink){.bits = mem_alloc_zero(bits / 64 + 1, sizeof(uint64_t)),
                             .touched = mem_alloc_zero(bits, sizeof(uint32_t))};
}

static void sink_free(struct bit_sink *sink)
{
    free(sink->bits);
    free(sink->touched);
}

struct sigma_matcher *sigma_matcher_create(const struct sigma_engine *engine)
{
    struct sigma_matcher *m = mem_alloc_zero(1, sizeof *m);
    size_t rules = engine->set->rules.count, variants = engine->variants.count;
    m->engine = engine;
    arena_init(&m->arena, (size_t)256 << 10);
    arena_init(&m->bindings, (size_t)256 << 10);
    m->sink = sink_for(engine->bit_count);
    m->asked = sink_for(engine->bit_count);
    m->candidates = sink_for(variants);
    m->key_states = mem_alloc_zero(engine->keys.count, sizeof *m->key_states);
    m->odd = mem_alloc_zero(engine->bit_count, sizeof *m->odd);
    m->key_texts = mem_alloc_zero(engine->keys.count, sizeof *m->key_texts);
    m->values = known_values_create();
    m->vectors = literals_vectors();
    m->lazy_epoch = mem_alloc_zero(engine->lazy_count, sizeof(uint32_t));
    m->lazy_answer = mem_alloc_zero(engine->lazy_count, sizeof(bool));
    m->results = mem_alloc_zero(rules, sizeof(uint32_t));
    m->limited = mem_alloc_zero(rules, sizeof(uint64_t));
    m->layouts = mem_alloc_zero(LAYOUT_ANSWERS, sizeof *m->layouts);
    if (engine->options.profile)
        m->costs = mem_alloc_zero(rules, sizeof *m->costs);
    m->regex = regex_runner_create(engine->options.regex_match_limit);
    return m;
}

void sigma_matcher_destroy(struct sigma_matcher *m)
{
    if (!m)
        return;
    matcher_bind_free(m);
    regex_runner_destroy(m->regex);
    for (size_t i = 0; i < m->regexes.count; i++)
        regex_destroy(m->regexes.items[i].own);
    ARRAY_FREE(&m->regexes);
    explain_memo_destroy(m->memo);
    arena_free(&m->arena);
    buf_free(&m->text);
    sink_free(&m->sink);
    sink_free(&m->asked);
    sink_free(&m->candidates);
    free(m->key_states);
    known_values_destroy(m->values);
    free(m->odd);
    free(m->key_texts);
    free(m->lazy_epoch);
    free(m->lazy_answer);
    free(m->results);
    free(m->limited);
    free(m->costs);
    free(m->slots);
    free(m->layouts);
    free(m);
}

const struct sigma_cost *sigma_matcher_profile(const struct sigma_matcher *m)
{
    return m->costs;
}

const uint64_t *sigma_matcher_limited(const struct sigma_matcher *m)
{
    return m->limited;
}

// The walk of one rule over one event.
struct walk {
    struct sigma_matcher *m;
    const struct event *ev;
    const struct binding *binding;
    const struct engine_variant *variant;
};

// NULL when the shape has none of the key's fields.
static const struct bound_key *bound_key_of(const struct binding *b, uint32_t key)
{
    size_t low = 0, high = b->key_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->keys[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < b->key_count && b->keys[low].key == key ? &b->keys[low] : NULL;
}

// A key that was not scanned in this event yet.
static void scan_key(struct sigma_matcher *m, const struct event *ev, uint32_t key,
                     const struct bound_key *bound)
{
    m->key_states[key] = (struct key_state){m->epoch, bound ? 0 : ASKED_ALL, bound};
    if (bound)
        matcher_scan(m, ev, bound);
}

static inline const struct key_state *scanned_key(const struct walk *w, uint32_t key)
{
    const struct key_state *state = &w->m->key_states[key];
    if (state->epoch != w->m->epoch)
        scan_key(w->m, w->ev, key, bound_key_of(w->binding, key));
    return state;
}

static struct known_texts *texts_of_key(const struct walk *w, uint32_t key)
{
    struct known_texts *known = &w->m->key_texts[key];
    if (known->epoch == w->m->epoch)
        return known;
    const struct bound_key *bound = bound_key_of(w->binding, key);
    *known = (struct known_texts){.epoch = w->m->epoch};
    if (bound)
        known->texts = matcher_texts(&w->m->arena, w->ev, bound);
    return known;
}

static const struct slice *folded_texts(const struct walk *w, struct known_texts *known)
{
    if (known->folded)
        return known->folded;
    known->folded = ARENA_ARRAY(&w->m->arena, struct slice, known->texts.count);
    for (size_t i = 0; i < known->texts.count; i++)
        known->folded[i] = matcher_fold(&w->m->arena, known->texts.at[i]);
    return known->folded;
}

static const uint32_t *rules_of(const struct walk *w)
{
    return w->m->engine->variant_rules.items + w->variant->first_rule;
}

static void count_limited(const struct walk *w)
{
    for (uint32_t i = 0; i < w->variant->rule_count; i++)
        w->m->limited[rules_of(w)[i]]++;
}

static bool run_regex(const struct walk *w, struct sigma_regex *regex,
                      const struct key_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        switch (regex_run(w->m->regex, regex, texts->at[i])) {
        case REGEX_YES:
            return true;
        case REGEX_LIMITED:
            count_limited(w);
            break;
        case REGEX_NO:
            break;
        }
    }
    return false;
}

static bool run_text_test(const struct walk *w, const struct sigma_test *t,
                          struct known_texts *known)
{
    bool needs_folded = t->kind == SIGMA_PATTERN && !t->cased;
    const struct slice *folded = needs_folded ? folded_texts(w, known) : known->texts.at;
    for (size_t i = 0; i < known->texts.count; i++)
        if (text_passes(t, known->texts.at[i], folded[i]))
            return true;
    return false;
}

// A key's texts to compare. Folded ones are mostly at hand, since the field was scanned.
static size_t compared_texts(const struct walk *w, uint32_t key, bool cased,
                             const struct slice **out)
{
    const struct bound_key *bound = cased ? NULL : bound_key_of(w->binding, key);
    if (bound && bound->count == 1 && bound->reading->transform == SIGMA_AS_IS) {
        const struct slot_text *slot = matcher_slot(w->m, w->ev, bound->slots[0]);
        *out = slot->state == SLOT_MANY ? slot->many : &slot->folded;
        return slot->state == SLOT_MANY ? slot->many_count : slot->state == SLOT_TEXT;
    }
    struct known_texts *known = texts_of_key(w, key);
    *out = cased ? known->texts.at : folded_texts(w, known);
    return known->texts.count;
}

static bool run_fieldref(const struct walk *w, uint32_t key, const struct field_test *ft)
{
    uint32_t other = engine_key_of(w->m->engine, w->variant->class_number, ft->ref_field)->self;
    const struct slice *a, *b;
    size_t a_count = compared_texts(w, key, ft->test->cased, &a);
    size_t b_count = a_count ? compared_texts(w, other, ft->test->cased, &b) : 0;
    for (size_t i = 0; i < a_count; i++)
        for (size_t k = 0; k < b_count; k++)
            if (texts_agree(a[i], b[k], ft->test->anchor))
                return true;
    return false;
}

static bool run_lazy(const struct walk *w, uint32_t key, const struct field_test *ft)
{
    if (ft->test->kind == SIGMA_FIELDREF)
        return run_fieldref(w, key, ft);
    struct known_texts *known = texts_of_key(w, key);
    switch (ft->test->kind) {
    case SIGMA_IS_NULL:
        return known->texts.count == 0;
    case SIGMA_EXISTS:
        return known->texts.occurs == ft->test->wanted;
    case SIGMA_REGEX:
        return run_regex(w, ft->regex, &known->texts);
    default:
        return run_text_test(w, ft->test, known);
    }
}

// A bit of a key that was scanned.
static bool asked_bit(const struct walk *w, const struct bound_key *bound, uint32_t bit)
{
    if (!bit_is_set(w->m->sink.bits, bit))
        matcher_ask(w->m, w->ev, bound, bit);
    return bit_is_set(w->m->sink.bits, bit);
}

static bool guard_is_set(const struct walk *w, const struct engine_key *key,
                         const struct field_test *ft)
{
    const struct bound_key *bound = scanned_key(w, key->self)->bound;
    const uint64_t *asked = w->m->engine->fields.items[key->field]->tests.asked;
    if (!bound)
        return false;
    for (size_t i = 0; i < ft->guard_count; i++) {
        uint32_t bit = key->first_bit + ft->guards[i];
        if (bit_is_set(asked, ft->guards[i]) ? asked_bit(w, bound, bit)
                                             : bit_is_set(w->m->sink.bits, bit))
            return true;
    }
    return false;
}

static bool lazy_holds(const struct walk *w, const struct engine_step *step)
{
    struct sigma_matcher *m = w->m;
    const struct engine_key *key = &m->engine->keys.items[step->key];
    const struct field_test *ft = engine_test(m->engine, key->field, step->what & ~STEP_LAZY);
    if (!ft->test)
        return false;
    if (ft->test->kind == SIGMA_FIELDREF) // depends on the class, so its answer is not kept
        return run_lazy(w, step->key, ft);
    uint32_t memo = key->first_lazy + ft->lazy_number;
    if (m->lazy_epoch[memo] != m->epoch) {
        m->lazy_epoch[memo] = m->epoch;
        m->lazy_answer[memo] =
            (!ft->guard_count || guard_is_set(w, key, ft)) && run_lazy(w, step->key, ft);
    }
    return m->lazy_answer[memo];
}

static inline bool direct_holds(const struct walk *w, const struct engine_step *step)
{
    uint32_t bit = step->what & ~STEP_ASK;
    const struct key_state *state = scanned_key(w, step->key);
    if (bit_is_set(w->m->sink.bits, bit))
        return true;
    return step->what & STEP_ASK && state->asks != ASKED_ALL && asked_bit(w, state->bound, bit);
}

static inline bool any_holds(const struct walk *w, const struct engine_step *step)
{
    return scanned_key(w, step->key)->bound &&
           engine_any_is_set(w->m->engine, step, w->m->sink.bits);
}

static bool variant_holds(const struct walk *w)
{
    struct sigma_matcher *m = w->m;
    uint32_t at = w->variant->start;
    while (at < STEP_REJECT) {
        const struct engine_step *step = &m->engine->steps.items[at];
        bool holds = step->what & STEP_LAZY  ? lazy_holds(w, step)
                     : step->what & STEP_ANY ? any_holds(w, step)
                                             : direct_holds(w, step);
        at = holds ? step->yes : step->no;
    }
    return at == STEP_ACCEPT;
}

static void add_candidate(struct sigma_matcher *m, const struct binding *b, uint32_t variant)
{
    if (!bit_is_set(b->live, variant))
        return;
    bit_sink_set(&m->candidates, variant);
    __builtin_prefetch(&m->engine->variants.items[variant]);
}

static void find_candidates(struct sigma_matcher *m, const struct event *ev,
                            const struct binding *b)
{
    const struct sigma_engine *engine = m->engine;
    for (uint32_t i = 0; i < b->trigger_count; i++) {
        const struct bound_key *bound = &b->keys[b->triggers[i]];
        scan_key(m, ev, bound->key, bound);
    }
    for (size_t i = 0; i < m->sink.touched_count; i++) {
        uint32_t bit = m->sink.touched[i];
        for (uint32_t k = engine->watch_first[bit]; k < engine->watch_first[bit + 1]; k++)
            add_candidate(m, b, engine->watchers[k]);
    }
    for (uint32_t i = 0; i < b->always_count; i++)
        add_candidate(m, b, b->always[i]);
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void add_result(struct sigma_matcher *m, uint32_t rule)
{
    size_t at = m->result_count;
    while (at > 0 && m->results[at - 1] > rule)
        at--;
    if (at > 0 && m->results[at - 1] == rule)
        return; // by another of its variants
    memmove(m->results + at + 1, m->results + at, (m->result_count - at) * sizeof *m->results);
    m->results[at] = rule;
    m->result_count++;
}

static void add_results(const struct walk *w)
{
    for (uint32_t i = 0; i < w->variant->rule_count; i++)
        add_result(w->m, rules_of(w)[i]);
}

// What it cost is shared among a variant's rules.
static void add_costs(const struct walk *w, uint64_t nanoseconds, bool holds)
{
    for (uint32_t i = 0; i < w->variant->rule_count; i++) {
        struct sigma_cost *cost = &w->m->costs[rules_of(w)[i]];
        cost->nanoseconds += nanoseconds / w->variant->rule_count;
        cost->candidates++;
        cost->matches += holds;
    }
}

static void try_candidate(const struct walk *w)
{
    uint64_t from = w->m->costs ? now() : 0;
    bool holds = variant_holds(w);
    if (w->m->costs)
        add_costs(w, now() - from, holds);
    if (holds)
        add_results(w);
}

// Where a rule's steps begin is seldom in the cache: they are asked of memory while the candidates
// before are walked.
static void fetch_ahead(const struct sigma_matcher *m, size_t candidate)
{
    const struct sigma_engine *engine = m->engine;
    if (candidate < m->candidates.touched_count) {
        uint32_t variant = m->candidates.touched[candidate];
        __builtin_prefetch(engine->steps.items + engine->variants.items[variant].first_step);
    }
}

size_t sigma_match(struct sigma_matcher *m, const struct event *ev, const uint32_t **rules)
{
    const struct binding *b = matcher_bind(m, ev);
    *rules = m->results;
    if (b->idle)
        return 0;
    matcher_begin_event(m, ev);
    find_candidates(m, ev, b);
    struct walk w = {.m = m, .ev = ev, .binding = b};
    for (size_t i = 0; i < m->candidates.touched_count; i++) {
        fetch_ahead(m, i + AHEAD);
        w.variant = &m->engine->variants.items[m->candidates.touched[i]];
        try_candidate(&w);
    }
    return m->result_count;
}
