// SPDX-License-Identifier: Apache-2.0
// What an event's shape, channel, provider and id decide alone, decided once for each combination.
//
// First, which logsources admit such an event. Then each of their rules' conditions is walked with
// what is known: tests on EventID, Channel and Provider_Name have their answers, tests on fields
// that the shape does not have fail; all others may go either way. A rule that cannot reach its end
// so is dropped. For those left, the fields they read are looked up in the shape.
#include "detection/sigma/matcher_internal.h"

enum {
    TABLE_SIZE = 1 << 15,
    MAX_BINDINGS = 20000,
    MAX_BINDING_BYTES = 24 << 20,
    MAX_FILTERS = 200,
};

// A filter for the keywords' bits that the rules of some bindings ask for.
struct filter_made {
    struct filter_made *next;
    uint64_t *bits; // of field 0
    struct keyword_filter filter;
};

struct bind_scratch {
    struct arena arena;
    uint64_t *keyword_bits; // that the rules left ask for
    struct filter_made *filters;
    size_t filter_count;
    uint32_t *count, *count2; // by key: fields of the shape
    uint32_t *place; // by key: while slots are filled in; then index in the binding's keys + 1
    bool *known;     // by key: its direct bits are right already (constants)
    bool *needed, *trigger; // by key
    uint8_t *reached;       // by step
};

static bool lists(const struct slice *names, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal_nocase(names[i], name))
            return true;
    return count == 0;
}

bool source_admits(const struct sigma_source *source, const struct event_system *system)
{
    bool id = source->event_id_count == 0;
    for (size_t i = 0; i < source->event_id_count && !id; i++)
        id = source->event_ids[i] == system->event_id;
    return id && lists(source->channels, source->channel_count, system->channel) &&
           lists(source->providers, source->provider_count, system->provider);
}

static size_t keyword_words(const struct sigma_matcher *m)
{
    return m->engine->fields.items[0]->tests.bit_count / 64 + 1;
}

static struct bind_scratch *scratch_of(struct sigma_matcher *m)
{
    if (m->scratch)
        return m->scratch;
    struct bind_scratch *s = m->scratch = mem_alloc_zero(1, sizeof *s);
    size_t keys = m->engine->keys.count, steps = m->engine->steps.count;
    arena_init(&s->arena, 0);
    s->count = ARENA_ARRAY(&s->arena, uint32_t, keys);
    s->count2 = ARENA_ARRAY(&s->arena, uint32_t, keys);
    s->place = ARENA_ARRAY(&s->arena, uint32_t, keys);
    s->known = ARENA_ARRAY(&s->arena, bool, keys);
    s->needed = ARENA_ARRAY(&s->arena, bool, keys);
    s->trigger = ARENA_ARRAY(&s->arena, bool, keys);
    s->reached = ARENA_ARRAY(&s->arena, uint8_t, steps);
    s->keyword_bits = ARENA_ARRAY(&s->arena, uint64_t, keyword_words(m));
    return s;
}

void matcher_bind_free(struct sigma_matcher *m)
{
    if (m->scratch) {
        arena_free(&m->scratch->arena);
        free(m->scratch);
    }
    arena_free(&m->bindings);
    free(m->table);
    free(m->shapes);
}

// Calls for each (key, field of the shape) that the key reads.
typedef void on_slot(struct sigma_matcher *m, uint32_t key, bool second, uint32_t slot, void *user);

static void each_slot(struct sigma_matcher *m, const struct shape *shape, on_slot *f, void *user)
{
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct name_uses *u = map_get(&m->engine->names, shape->fields[i].name);
        for (size_t k = 0; u && k < u->uses.count; k++) {
            const struct reading *r = &m->engine->keys.items[u->uses.items[k].key].reading;
            if (!r->system_only || shape->fields[i].place == PLACE_SYSTEM)
                f(m, u->uses.items[k].key, u->uses.items[k].second, i, user);
        }
    }
}

static void count_slot(struct sigma_matcher *m, uint32_t key, bool second, uint32_t slot,
                       void *user)
{
    (void)slot, (void)user;
    (second ? m->scratch->count2 : m->scratch->count)[key]++;
}

// What is known of a key whatever the event.
static bool is_absent(const struct sigma_matcher *m, uint32_t key)
{
    const struct reading *r = &m->engine->keys.items[key].reading;
    if (r->all_values)
        return false;
    if (m->scratch->count[key] == 0)
        return true;
    return r->transform == SIGMA_DOMAIN_USER && m->scratch->count2[key] == 0;
}

// Constants: scans them as if in an event, so that their bits can be asked. The caller clears the
// sink.
static void set_constants(struct sigma_matcher *m, const struct binding *b,
                          const struct shape *shape)
{
    struct bind_scratch *s = m->scratch;
    for (size_t k = 0; k < m->engine->keys.count; k++) {
        const struct engine_key *key = &m->engine->keys.items[k];
        s->known[k] = false;
        if (key->constant == KEY_VARIES || s->count[k] != 1 ||
            shape->fields[shape_find(shape, key->reading.source, 0)].place != PLACE_SYSTEM)
            continue;
        struct slice text = key->constant == KEY_CHANNEL ? b->channel : b->provider;
        char digits[16];
        if (key->constant == KEY_EVENT_ID) {
            if (!b->plain_id)
                continue;
            text = slice_of(digits, (size_t)snprintf(digits, sizeof digits, "%u", b->event_id));
        } else if (text.len == 0) {
            continue; // may be null, or not there
        }
        s->known[k] = true;
        const struct field_tests *tests = &m->engine->fields.items[key->field]->tests;
        struct slice folded = matcher_fold(&m->arena, text);
        field_tests_scan(tests, folded, key->first_bit, &m->sink);
        field_tests_scan_rest(tests, folded, key->first_bit, &m->sink);
    }
}

enum answer {
    ANSWER_NO,
    ANSWER_YES,
    ANSWER_EITHER,
};

static enum answer step_answer(const struct sigma_matcher *m, const struct engine_step *step)
{
    if (m->scratch->known[step->key] && step_is_any(step))
        return (enum answer)engine_any_is_set(m->engine, step, m->sink.bits);
    if (m->scratch->known[step->key])
        return step->what & STEP_LAZY
                   ? ANSWER_EITHER
                   : (enum answer)bit_is_set(m->sink.bits, step->what & ~STEP_ASK);
    if (!is_absent(m, step->key))
        return ANSWER_EITHER;
    if (!(step->what & STEP_LAZY))
        return ANSWER_NO;
    const struct field_test *t =
        engine_test(m->engine, m->engine->keys.items[step->key].field, step->what & ~STEP_LAZY);
    if (!t->test)
        return ANSWER_NO;
    if (t->test->kind == SIGMA_IS_NULL)
        return ANSWER_YES;
    return t->test->kind == SIGMA_EXISTS && !t->test->wanted ? ANSWER_YES : ANSWER_NO;
}

// Whether the variant can match at all.
static bool can_match(const struct sigma_matcher *m, const struct engine_variant *v)
{
    if (v->start >= STEP_REJECT)
        return v->start == STEP_ACCEPT;
    uint8_t *reached = m->scratch->reached;
    uint32_t end = v->first_step + v->step_count;
    memset(reached + v->first_step, 0, v->step_count);
    reached[v->start] = 1;
    for (uint32_t i = v->start; i < end; i++) {
        if (!reached[i])
            continue;
        const struct engine_step *step = &m->engine->steps.items[i];
        enum answer answer = step_answer(m, step);
        for (int yes = 0; yes < 2; yes++) {
            uint32_t to = yes ? step->yes : step->no;
            if (answer != ANSWER_EITHER && answer != (enum answer)yes)
                continue;
            if (to == STEP_ACCEPT)
                return true;
            if (to != STEP_REJECT)
                reached[to] = 1;
        }
    }
    return false;
}

static void need_key(struct sigma_matcher *m, uint32_t key)
{
    m->scratch->needed[key] = !is_absent(m, key);
}

// The bits of a step that is not lazy, counted from base.
static void need_bits(const struct sigma_engine *engine, const struct engine_step *step,
                      uint32_t base, uint64_t *bits)
{
    if (!step_is_any(step)) {
        uint32_t bit = step->what - base;
        bits[bit >> 6] |= 1ull << (bit & 63);
        return;
    }
    const struct bit_mask *mask = &engine->masks.items[step->what & ~STEP_ANY];
    for (bool last = false; !last; mask++) {
        for (uint64_t left = mask->bits; left; left &= left - 1) {
            uint32_t bit = mask->word * 64 + (uint32_t)__builtin_ctzll(left) - base;
            bits[bit >> 6] |= 1ull << (bit & 63);
        }
        last = mask->last;
    }
}

static void need_keyword(struct sigma_matcher *m, const struct engine_step *step,
                         const struct field_test *t)
{
    uint64_t *bits = m->scratch->keyword_bits;
    uint32_t base = m->engine->keys.items[step->key].first_bit;
    if (!t)
        need_bits(m->engine, step, base, bits);
    for (size_t i = 0; t && i < t->guard_count; i++)
        bits[t->guards[i] >> 6] |= 1ull << (t->guards[i] & 63);
}

// The filter for the keyword bits needed; NULL when one of them is no literal's.
static const struct keyword_filter *filter_for(struct sigma_matcher *m)
{
    struct bind_scratch *s = m->scratch;
    const struct field_tests *tests = &m->engine->fields.items[0]->tests;
    size_t bytes = keyword_words(m) * sizeof *s->keyword_bits, count = 0;
    for (struct filter_made *f = s->filters; f; f = f->next)
        if (memcmp(f->bits, s->keyword_bits, bytes) == 0)
            return &f->filter;
    struct slice *literals = ARENA_ARRAY(&m->arena, struct slice, tests->bit_count);
    for (uint32_t bit = 0; bit < tests->bit_count; bit++) {
        if (!bit_is_set(s->keyword_bits, bit))
            continue;
        if (tests->texts[bit].len == 0)
            return NULL;
        literals[count++] = tests->texts[bit];
    }
    if (s->filter_count == MAX_FILTERS)
        return NULL;
    struct filter_made *made = ARENA_NEW(&s->arena, struct filter_made);
    made->bits = ARENA_ARRAY(&s->arena, uint64_t, keyword_words(m));
    memcpy(made->bits, s->keyword_bits, bytes);
    keyword_filter_init(&made->filter, &s->arena, literals, count);
    made->next = s->filters;
    s->filters = made;
    s->filter_count++;
    return &made->filter;
}

// Marks the keys that a variant's steps may read.
static void need_keys(struct sigma_matcher *m, const struct engine_variant *v)
{
    for (uint32_t i = 0; i < v->step_count; i++) {
        const struct engine_step *step = &m->engine->steps.items[v->first_step + i];
        uint32_t field = m->engine->keys.items[step->key].field;
        const struct field_test *t =
            step->what & STEP_LAZY ? engine_test(m->engine, field, step->what & ~STEP_LAZY) : NULL;
        need_key(m, step->key);
        if (field == 0)
            need_keyword(m, step, t);
        if (t && t->test && t->test->kind == SIGMA_FIELDREF)
            need_key(m, engine_key_of(m->engine, v->class_number, t->ref_field)->self);
    }
}

struct fill {
    struct binding *binding;
    uint32_t *slots;
};

static void fill_slot(struct sigma_matcher *m, uint32_t key, bool second, uint32_t slot, void *user)
{
    struct fill *f = user;
    uint32_t at = m->scratch->place[key];
    if (!at)
        return;
    struct bound_key *k = &f->binding->keys[at - 1];
    uint32_t *slots = f->slots + (k->slots - f->slots);
    if (second)
        slots[m->scratch->count[key] + k->count2++] = slot;
    else
        slots[k->count++] = slot;
}

static void bind_keys(struct sigma_matcher *m, struct binding *b, const struct shape *shape)
{
    struct bind_scratch *s = m->scratch;
    size_t keys = 0, slots = 0;
    for (size_t k = 0; k < m->engine->keys.count; k++) {
        if (!s->needed[k])
            continue;
        keys++;
        slots += m->engine->keys.items[k].reading.all_values ? shape->field_count
                                                             : s->count[k] + s->count2[k];
    }
    b->keys = ARENA_ARRAY(&m->bindings, struct bound_key, keys);
    b->triggers = ARENA_ARRAY(&m->bindings, uint32_t, keys);
    m->binding_bytes += keys * (sizeof *b->keys + sizeof *b->triggers) + slots * sizeof(uint32_t);
    struct fill f = {b, ARENA_ARRAY(&m->bindings, uint32_t, slots)};
    slots = 0;
    for (uint32_t k = 0; k < m->engine->keys.count; k++) {
        s->place[k] = 0;
        if (!s->needed[k])
            continue;
        const struct reading *r = &m->engine->keys.items[k].reading;
        struct bound_key *bound = &b->keys[b->key_count++];
        *bound = (struct bound_key){.key = k,
                                    .field = m->engine->keys.items[k].field,
                                    .first_bit = m->engine->keys.items[k].first_bit,
                                    .one = !r->all_values && r->transform == SIGMA_AS_IS &&
                                           s->count[k] == 1,
                                    .reading = r,
                                    .slots = f.slots + slots};
        if (s->trigger[k])
            b->triggers[b->trigger_count++] = b->key_count - 1;
        if (r->all_values) {
            bound->filter = filter_for(m);
            for (bound->count = 0; bound->count < shape->field_count; bound->count++)
                f.slots[slots++] = bound->count;
            continue;
        }
        s->place[k] = b->key_count;
        slots += s->count[k] + s->count2[k];
    }
    each_slot(m, shape, fill_slot, &f);
}

static void list_live(struct sigma_matcher *m, struct binding *b, uint32_t variant)
{
    const struct engine_variant *v = &m->engine->variants.items[variant];
    if (!v->watched)
        b->always[b->always_count++] = variant;
    for (uint32_t k = v->first_watched; k < v->first_watched + v->watched_count; k++)
        m->scratch->trigger[m->engine->watched_keys.items[k]] = true;
}

// Finds the variants that are left, and marks the keys they need.
static void find_live(struct sigma_matcher *m, struct binding *b, const struct event *ev)
{
    const struct sigma_engine *engine = m->engine;
    size_t words = (engine->variants.count + 63) / 64, always = 0;
    uint64_t *live = ARENA_ARRAY(&m->arena, uint64_t, words);
    for (size_t c = 0; c < engine->classes.count; c++) {
        const struct engine_class *class = &engine->classes.items[c];
        if (!source_admits(class->source, &ev->system))
            continue;
        for (uint32_t i = class->first_variant; i < class->first_variant + class->variant_count;
             i++) {
            if (!can_match(m, &engine->variants.items[i]))
                continue;
            live[i >> 6] |= 1ull << (i & 63);
            b->idle = false;
            always += !engine->variants.items[i].watched;
            need_keys(m, &engine->variants.items[i]);
        }
    }
    if (b->idle)
        return;
    b->live = ARENA_ARRAY(&m->bindings, uint64_t, words);
    m->binding_bytes += words * sizeof *live + always * sizeof *b->always;
    memcpy(b->live, live, words * sizeof *live);
    b->always = ARENA_ARRAY(&m->bindings, uint32_t, always);
    for (size_t w = 0; w < words; w++)
        for (uint64_t left = live[w]; left; left &= left - 1)
            list_live(m, b, (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left));
}

static struct binding *make_binding(struct sigma_matcher *m, const struct event *ev, bool plain_id)
{
    struct bind_scratch *s = scratch_of(m);
    size_t keys = m->engine->keys.count;
    matcher_begin_event(m, ev);
    memset(s->count, 0, keys * sizeof *s->count);
    memset(s->count2, 0, keys * sizeof *s->count2);
    memset(s->needed, 0, keys * sizeof *s->needed);
    memset(s->trigger, 0, keys * sizeof *s->trigger);
    memset(s->keyword_bits, 0, keyword_words(m) * sizeof *s->keyword_bits);
    struct binding *b = ARENA_NEW(&m->bindings, struct binding);
    m->binding_bytes += sizeof *b + ev->system.channel.len + ev->system.provider.len;
    *b = (struct binding){.shape = ev->shape->id,
                          .event_id = ev->system.event_id,
                          .channel = arena_copy(&m->bindings, ev->system.channel),
                          .provider = arena_copy(&m->bindings, ev->system.provider),
                          .plain_id = plain_id,
                          .idle = true};
    each_slot(m, ev->shape, count_slot, NULL);
    set_constants(m, b, ev->shape);
    find_live(m, b, ev);
    if (!b->idle)
        bind_keys(m, b, ev->shape);
    return b;
}

static const uint32_t slot_none = UINT32_MAX, slot_several = UINT32_MAX - 1;

// The one field named EventID, when it is System's; slot_none, slot_several.
static uint32_t find_id_slot(const struct shape *shape)
{
    uint32_t slot = shape_find(shape, SLICE("EventID"), 0);
    if (slot == shape->field_count)
        return slot_none;
    if (shape->fields[slot].place != PLACE_SYSTEM ||
        shape_find(shape, SLICE("EventID"), slot + 1) != shape->field_count)
        return slot_several;
    return slot;
}

static bool is_decimal(struct slice text, size_t step, uint32_t n)
{
    char digits[16];
    size_t len = (size_t)snprintf(digits, sizeof digits, "%u", n);
    if (text.len != len * step)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != (i % step ? 0 : (uint8_t)digits[i / step]))
            return false;
    return true;
}

// Whether rules see event_system.event_id in decimal as the only text of EventID (or do not see
// EventID at all).
static bool has_plain_id(const struct event *ev, uint32_t slot)
{
    bool negative;
    uint64_t n;
    if (slot == slot_none || slot == slot_several)
        return slot == slot_none;
    if (ev->system.plain_event_id)
        return true;
    struct value v = event_value(ev, slot);
    switch (v.type) {
    case VALUE_UINT8:
    case VALUE_UINT16:
    case VALUE_UINT32:
    case VALUE_UINT64:
        return value_number(v, &negative, &n) && n == ev->system.event_id;
    case VALUE_UTF8:
        return is_decimal(v.raw, 1, ev->system.event_id);
    case VALUE_UTF16:
        return is_decimal(v.raw, 2, ev->system.event_id);
    default:
        return false;
    }
}

static uint64_t binding_hash(const struct event *ev, bool plain_id)
{
    struct slice c = ev->system.channel, p = ev->system.provider;
    return hash_bytes(c) ^ (hash_bytes(p) * 3) ^
           ((uint64_t)ev->shape->id << 33 | (uint64_t)ev->system.event_id << 1 | plain_id) *
               0x9e3779b97f4a7c15u;
}

static bool binding_fits(const struct binding *b, const struct event *ev, bool plain_id)
{
    return b->shape == ev->shape->id && b->event_id == ev->system.event_id &&
           b->plain_id == plain_id && slice_equal(b->channel, ev->system.channel) &&
           slice_equal(b->provider, ev->system.provider);
}

static void forget_all(struct sigma_matcher *m)
{
    memset(m->table, 0, TABLE_SIZE * sizeof *m->table);
    for (size_t i = 0; i < m->shape_capacity; i++)
        m->shapes[i].last = NULL;
    arena_reset(&m->bindings);
    m->binding_count = m->binding_bytes = 0;
}

static struct binding *find_binding(struct sigma_matcher *m, const struct event *ev, bool plain_id)
{
    if (!m->table)
        m->table = mem_alloc_zero(TABLE_SIZE, sizeof *m->table);
    if (m->binding_count >= MAX_BINDINGS || m->binding_bytes >= MAX_BINDING_BYTES)
        forget_all(m);
    size_t at = binding_hash(ev, plain_id) % TABLE_SIZE;
    for (; m->table[at]; at = (at + 1) % TABLE_SIZE)
        if (binding_fits(m->table[at], ev, plain_id))
            return m->table[at];
    m->binding_count++;
    return m->table[at] = make_binding(m, ev, plain_id);
}

static struct shape_info *info_of(struct sigma_matcher *m, const struct shape *shape)
{
    if (shape->id >= m->shape_capacity) {
        size_t capacity = (size_t)shape->id + shape->id / 2 + 64;
        m->shapes = mem_grow(m->shapes, capacity, sizeof *m->shapes);
        memset(m->shapes + m->shape_capacity, 0,
               (capacity - m->shape_capacity) * sizeof *m->shapes);
        m->shape_capacity = capacity;
    }
    struct shape_info *info = &m->shapes[shape->id];
    if (!info->known) {
        info->known = true;
        info->id_slot = find_id_slot(shape);
    }
    return info;
}

const struct binding *matcher_bind(struct sigma_matcher *m, const struct event *ev)
{
    struct shape_info *info = info_of(m, ev->shape);
    bool plain_id = has_plain_id(ev, info->id_slot);
    if (!info->last || !binding_fits(info->last, ev, plain_id))
        info->last = find_binding(m, ev, plain_id);
    return info->last;
}
