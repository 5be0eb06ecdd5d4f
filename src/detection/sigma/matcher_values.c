// SPDX-License-Identifier: Apache-2.0
// From an event's values to the texts that rules test: folded once per event and field, stand-ins
// changed on the way.
#include "detection/sigma/matcher_internal.h"

#include "base/utf.h"
#include "detection/sigma/fold.h"
#include "event/text.h"

static void sink_clear(struct bit_sink *sink)
{
    for (size_t i = 0; i < sink->touched_count; i++)
        sink->bits[sink->touched[i] >> 6] = 0;
    sink->touched_count = 0;
}

void matcher_begin_event(struct sigma_matcher *m, const struct event *ev)
{
    arena_reset(&m->arena);
    sink_clear(&m->sink);
    sink_clear(&m->asked);
    sink_clear(&m->candidates);
    m->result_count = 0;
    if (++m->epoch == 0) {
        m->epoch = 1;
        memset(m->key_states, 0, m->engine->keys.count * sizeof *m->key_states);
        memset(m->key_texts, 0, m->engine->keys.count * sizeof *m->key_texts);
        memset(m->lazy_epoch, 0, m->engine->lazy_count * sizeof *m->lazy_epoch);
        memset(m->slots, 0, m->slot_capacity * sizeof *m->slots);
    }
    if (ev->shape->field_count > m->slot_capacity) {
        size_t capacity = ev->shape->field_count + 32;
        m->slots = mem_grow(m->slots, capacity, sizeof *m->slots);
        memset(m->slots, 0, capacity * sizeof *m->slots);
        m->slot_capacity = capacity;
    }
}

struct slice matcher_fold(struct arena *a, struct slice text)
{
    uint8_t *out = arena_bytes(a, text.len * 3 + LITERALS_PADDING);
    size_t n = utf8_fold(text, out);
    arena_give_back(a, text.len * 3 - n);
    memset(out + n, 0, LITERALS_PADDING);
    return slice_of(out, n);
}

static struct slice fold_utf16_value(struct arena *a, struct slice raw, enum vectors vectors)
{
    raw.len &= ~(size_t)1;
    while (raw.len >= 2 && raw.at[raw.len - 1] == 0 && raw.at[raw.len - 2] == 0)
        raw.len -= 2;
    uint8_t *out = arena_bytes(a, UTF16_MAX_UTF8(raw.len) + LITERALS_PADDING);
    size_t n = fold_utf16(raw, out, vectors);
    arena_give_back(a, UTF16_MAX_UTF8(raw.len) - n);
    memset(out + n, 0, LITERALS_PADDING);
    return slice_of(out, n);
}

static struct slice fold_value(struct sigma_matcher *m, struct value v)
{
    if (v.type == VALUE_UTF16)
        return fold_utf16_value(&m->arena, v.raw, m->vectors);
    if (v.type == VALUE_UTF8)
        return matcher_fold(&m->arena, v.raw);
    buf_clear(&m->text);
    value_append(&m->text, v);
    return matcher_fold(&m->arena, buf_slice(&m->text));
}

static size_t elements_of(struct arena *a, struct value v, struct value **out)
{
    size_t n = value_elements(v, NULL, 0);
    *out = ARENA_ARRAY(a, struct value, n);
    return value_elements(v, *out, n);
}

static const struct slot_text *fill_slot(struct sigma_matcher *m, struct slot_text *s,
                                         struct value v)
{
    s->epoch = m->epoch;
    if (v.type == VALUE_ABSENT) {
        s->state = SLOT_ABSENT;
    } else if (v.type == VALUE_NULL) {
        s->state = SLOT_NULL;
    } else if (v.type & VALUE_ARRAY) {
        struct value *elements;
        s->state = SLOT_MANY;
        s->many_count = elements_of(&m->arena, v, &elements);
        s->many = ARENA_ARRAY(&m->arena, struct slice, s->many_count);
        for (size_t i = 0; i < s->many_count; i++)
            s->many[i] = fold_value(m, elements[i]);
    } else {
        s->state = SLOT_TEXT;
        s->folded = fold_value(m, v);
    }
    return s;
}

const struct slot_text *matcher_slot(struct sigma_matcher *m, const struct event *ev, uint32_t slot)
{
    struct slot_text *s = &m->slots[slot];
    return s->epoch == m->epoch ? s : fill_slot(m, s, event_value(ev, slot));
}

// NULL when the filter says that the value needs no search.
static const struct slot_text *filtered_slot(struct sigma_matcher *m, const struct event *ev,
                                             uint32_t slot, const struct keyword_filter *filter)
{
    struct slot_text *s = &m->slots[slot];
    if (s->epoch == m->epoch)
        return s;
    struct value v = event_value(ev, slot);
    return keyword_filter_may(filter, v) ? fill_slot(m, s, v) : NULL;
}

// Scans a key's only value by what is known of it; false when the value is no UTF-16, or a long
// one.
static bool scan_known(struct sigma_matcher *m, const struct event *ev,
                       const struct bound_key *bound)
{
    struct value v = event_value(ev, bound->slots[0]);
    if (v.type != VALUE_UTF16 || v.raw.len > KNOWN_LONGEST || v.raw.len == 0)
        return false;
    struct value_sum sum = known_values_sum(m->values, v.raw);
    const struct known_value *k = known_values_find(m->values, bound->field, v.raw, sum);
    if (k) {
        for (size_t i = 0; i < k->bit_count; i++)
            bit_sink_set(&m->sink, bound->first_bit + k->bits[i]);
        return true;
    }
    size_t touched = m->sink.touched_count;
    struct slot_text *s = &m->slots[bound->slots[0]];
    if (s->epoch != m->epoch)
        fill_slot(m, s, v);
    field_tests_scan(&m->engine->fields.items[bound->field]->tests, s->folded, bound->first_bit,
                     &m->sink);
    known_values_keep(m->values, bound->field, v.raw, sum, m->sink.touched + touched,
                      m->sink.touched_count - touched, bound->first_bit);
    return true;
}

static void scan_slots(struct sigma_matcher *m, const struct event *ev,
                       const struct bound_key *bound, const struct field_tests *tests,
                       uint32_t base)
{
    for (uint32_t i = 0; i < bound->count; i++) {
        const struct slot_text *s = bound->filter
                                        ? filtered_slot(m, ev, bound->slots[i], bound->filter)
                                        : matcher_slot(m, ev, bound->slots[i]);
        if (!s)
            continue;
        switch (s->state) {
        case SLOT_ABSENT:
            break;
        case SLOT_NULL:
            field_tests_scan_null(tests, base, &m->sink);
            break;
        case SLOT_TEXT:
            field_tests_scan(tests, s->folded, base, &m->sink);
            break;
        case SLOT_MANY:
            for (size_t k = 0; k < s->many_count; k++)
                field_tests_scan(tests, s->many[k], base, &m->sink);
        }
    }
}

static bool constants_may(struct sigma_matcher *m, const struct event *ev,
                          const struct bound_key *bound, uint64_t layout)
{
    struct layout_answer *answer = &m->layouts[layout % LAYOUT_ANSWERS];
    if (answer->layout == layout && answer->filter == bound->filter)
        return answer->may;
    *answer = (struct layout_answer){layout, bound->filter, false};
    for (uint32_t i = 0; i < bound->count && !answer->may; i++) {
        struct value v = event_value(ev, bound->slots[i]);
        answer->may = v.type == VALUE_UTF8 && keyword_filter_may(bound->filter, v);
    }
    return answer->may;
}

// Whether any value of the event is worth a search for keywords, found without asking for each.
static bool event_may(struct sigma_matcher *m, const struct event *ev,
                      const struct bound_key *bound)
{
    struct event_raw raw;
    if (!bound->filter || !ev->raw || !ev->raw(ev, &raw))
        return true;
    if (keyword_filter_event_may(bound->filter, &raw))
        return true;
    return constants_may(m, ev, bound, raw.layout);
}

void matcher_scan(struct sigma_matcher *m, const struct event *ev, const struct bound_key *bound)
{
    if (bound->one && scan_known(m, ev, bound))
        return;
    if (bound->reading->all_values && !event_may(m, ev, bound))
        return;
    const struct field_tests *tests = &m->engine->fields.items[bound->field]->tests;
    if (bound->reading->transform == SIGMA_AS_IS) {
        scan_slots(m, ev, bound, tests, bound->first_bit);
        return;
    }
    struct key_texts texts = matcher_texts(&m->arena, ev, bound);
    for (size_t i = 0; i < texts.count; i++) {
        struct slice folded = matcher_fold(&m->arena, texts.at[i]);
        field_tests_scan(tests, folded, bound->first_bit, &m->sink);
        field_tests_scan_rest(tests, folded, bound->first_bit, &m->sink);
    }
    if (texts.null)
        field_tests_scan_null(tests, bound->first_bit, &m->sink);
    m->key_states[bound->key].asks = ASKED_ALL;
}

// Calls with each folded text of a key whose values are read as they are; until one says true.
static bool any_folded(struct sigma_matcher *m, const struct event *ev,
                       const struct bound_key *bound,
                       bool (*f)(struct sigma_matcher *m, const struct field_tests *tests,
                                 uint32_t base, struct slice folded, uint32_t bit),
                       uint32_t bit)
{
    const struct field_tests *tests = &m->engine->fields.items[bound->field]->tests;
    for (uint32_t i = 0; i < bound->count; i++) {
        const struct slot_text *s = matcher_slot(m, ev, bound->slots[i]);
        if (s->state == SLOT_TEXT && f(m, tests, bound->first_bit, s->folded, bit))
            return true;
        for (size_t k = 0; s->state == SLOT_MANY && k < s->many_count; k++)
            if (f(m, tests, bound->first_bit, s->many[k], bit))
                return true;
    }
    return false;
}

static bool scan_rest_of(struct sigma_matcher *m, const struct field_tests *tests, uint32_t base,
                         struct slice folded, uint32_t bit)
{
    (void)bit;
    field_tests_scan_rest(tests, folded, base, &m->sink);
    return false;
}

static bool find_one(struct sigma_matcher *m, const struct field_tests *tests, uint32_t base,
                     struct slice folded, uint32_t bit)
{
    const struct slice *literal = &tests->texts[bit - base];
    struct odd_literal *odd = &m->odd[bit];
    if (!odd->len)
        *odd = odd_literal_of(*literal);
    return odd_literal_stands(odd, literal, folded, m->vectors);
}

void matcher_ask(struct sigma_matcher *m, const struct event *ev, const struct bound_key *bound,
                 uint32_t bit)
{
    uint32_t *asks = &m->key_states[bound->key].asks;
    if (*asks == ASKED_ALL || bit_is_set(m->asked.bits, bit))
        return;
    bit_sink_set(&m->asked, bit);
    if (++*asks > ASKS_MOST) {
        *asks = ASKED_ALL;
        any_folded(m, ev, bound, scan_rest_of, bit);
    } else if (any_folded(m, ev, bound, find_one, bit)) {
        bit_sink_set(&m->sink, bit);
    }
}

static bool slot_fits(const struct shape *shape, uint32_t slot, const struct reading *r,
                      struct slice name)
{
    return r->all_values || (slice_equal(shape->fields[slot].name, name) &&
                             (!r->system_only || shape->fields[slot].place == PLACE_SYSTEM));
}

void matcher_bind_reading(struct arena *a, const struct shape *shape, const struct reading *reading,
                          struct bound_key *out)
{
    uint32_t *slots = ARENA_ARRAY(a, uint32_t, (size_t)shape->field_count * 2);
    *out = (struct bound_key){.reading = reading, .slots = slots};
    for (uint32_t i = 0; i < shape->field_count; i++)
        if (slot_fits(shape, i, reading, reading->source))
            slots[out->count++] = i;
    if (reading->source2.len == 0)
        return;
    for (uint32_t i = 0; i < shape->field_count; i++)
        if (slot_fits(shape, i, reading, reading->source2))
            slots[out->count + out->count2++] = i;
}

// A value's text, valid UTF-8. Nearly all are ASCII in UTF-16.
static struct slice clean_text(struct arena *a, struct value v)
{
    if (v.type == VALUE_UTF16) {
        struct slice raw = text_trim_utf16(v.raw);
        uint8_t *out = arena_bytes(a, raw.len / 2);
        if (narrow_ascii(raw, out))
            return slice_of(out, raw.len / 2);
        arena_give_back(a, raw.len / 2);
    }
    return utf8_clean(a, value_text(a, v));
}

struct text_list {
    struct slice *items; // in the arena
    size_t count, capacity;
};

static void add_text(struct arena *a, struct text_list *list, struct slice text)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 4;
        struct slice *more = ARENA_ARRAY(a, struct slice, list->capacity);
        if (list->count)
            memcpy(more, list->items, list->count * sizeof *more);
        list->items = more;
    }
    list->items[list->count++] = text;
}

// The texts of some fields, in order; sets flags of state.
static void texts_of(struct arena *a, const struct event *ev, const uint32_t *slots, uint32_t count,
                     struct text_list *out, struct key_texts *state)
{
    for (uint32_t i = 0; i < count; i++) {
        struct value v = event_value(ev, slots[i]), *elements;
        if (v.type == VALUE_ABSENT)
            continue;
        state->occurs = true;
        if (v.type == VALUE_NULL) {
            state->null = true;
            continue;
        }
        if (v.type & VALUE_ARRAY) {
            size_t n = elements_of(a, v, &elements);
            for (size_t k = 0; k < n; k++)
                add_text(a, out, clean_text(a, elements[k]));
            continue;
        }
        add_text(a, out, clean_text(a, v));
    }
}

struct word_pair {
    const char *from, *to;
};

static struct slice reworded(struct slice text, const struct word_pair *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal_str(text, words[i].from))
            return slice_from_str(words[i].to);
    return text;
}

static struct slice hex_to_decimal(struct arena *a, struct slice text)
{
    uint64_t n = 0;
    if (text.len < 3 || text.len > 18 || text.at[0] != '0' || (text.at[1] | 0x20) != 'x')
        return text;
    for (size_t i = 2; i < text.len; i++) {
        uint8_t c = text.at[i], lower = c | 0x20;
        if (c >= '0' && c <= '9')
            n = n * 16 + (uint64_t)(c - '0');
        else if (lower >= 'a' && lower <= 'f')
            n = n * 16 + (uint64_t)(lower - 'a' + 10);
        else
            return text;
    }
    return arena_printf(a, "%llu", (unsigned long long)n);
}

// The root of a registry path as Sysmon writes it.
static struct slice registry_root(struct arena *a, struct slice path)
{
    static const struct word_pair roots[] = {{"\\REGISTRY\\MACHINE", "HKLM"},
                                             {"\\REGISTRY\\USER", "HKU"}};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        struct slice root = slice_from_str(roots[i].from);
        bool ends = path.len == root.len || (path.len > root.len && path.at[root.len] == '\\');
        if (ends && slice_equal_nocase(slice_sub(path, 0, root.len), root))
            return arena_printf(a, "%s%.*s", roots[i].to,
                                SLICE_FMT(slice_sub(path, root.len, path.len)));
    }
    return path;
}

static struct slice joined(struct arena *a, struct slice left, struct slice right)
{
    uint8_t *out = arena_bytes(a, left.len + 1 + right.len);
    if (left.len)
        memcpy(out, left.at, left.len);
    out[left.len] = '\\';
    if (right.len)
        memcpy(out + left.len + 1, right.at, right.len);
    return slice_of(out, left.len + 1 + right.len);
}

static struct slice transformed(struct arena *a, enum sigma_transform how, struct slice text)
{
    static const struct word_pair levels[] = {{"S-1-16-4096", "Low"},
                                              {"S-1-16-8192", "Medium"},
                                              {"S-1-16-8448", "MediumPlus"},
                                              {"S-1-16-12288", "High"},
                                              {"S-1-16-16384", "System"}};
    static const struct word_pair initiated[] = {{"%%14593", "true"}, {"%%14592", "false"}};
    static const struct word_pair protocols[] = {{"6", "tcp"}, {"17", "udp"}};
    static const struct word_pair operations[] = {
        {"%%1904", "CreateKey"}, {"%%1905", "SetValue"}, {"%%1906", "DeleteValue"}};
#define REWORD(table) reworded(text, table, sizeof(table) / sizeof *(table))
    switch (how) {
    case SIGMA_HEX_TO_DECIMAL:
        return hex_to_decimal(a, text);
    case SIGMA_INTEGRITY_LEVEL:
        return REWORD(levels);
    case SIGMA_INITIATED:
        return REWORD(initiated);
    case SIGMA_PROTOCOL:
        return REWORD(protocols);
    case SIGMA_REGISTRY_OPERATION:
        return REWORD(operations);
    case SIGMA_AS_IS:
    case SIGMA_DOMAIN_USER:
    case SIGMA_REGISTRY_PATH:
        break;
    }
#undef REWORD
    return text;
}

// User and registry path: two fields of the event make one text, out of the first text of each.
static void join_two(struct arena *a, const struct event *ev, const struct bound_key *bound,
                     struct text_list *texts)
{
    struct key_texts unused = {0};
    struct text_list second = {0};
    texts_of(a, ev, bound->slots + bound->count, bound->count2, &second, &unused);
    if (bound->reading->transform == SIGMA_DOMAIN_USER) {
        if (texts->count && second.count)
            texts->items[0] = joined(a, texts->items[0], second.items[0]);
        texts->count = texts->count && second.count;
    } else if (texts->count) {
        struct slice path = registry_root(a, texts->items[0]);
        texts->items[0] =
            second.count && second.items[0].len ? joined(a, path, second.items[0]) : path;
        texts->count = 1;
    }
}

struct key_texts matcher_texts(struct arena *a, const struct event *ev,
                               const struct bound_key *bound)
{
    struct text_list texts = {0};
    enum sigma_transform how = bound->reading->transform;
    struct key_texts out = {0};
    texts_of(a, ev, bound->slots, bound->count, &texts, &out);
    if (how == SIGMA_DOMAIN_USER || how == SIGMA_REGISTRY_PATH) {
        join_two(a, ev, bound, &texts);
        out.occurs = texts.count > 0;
        out.null = false;
    } else if (how != SIGMA_AS_IS) {
        for (size_t i = 0; i < texts.count; i++)
            texts.items[i] = transformed(a, how, texts.items[i]);
    }
    out.at = texts.items;
    out.count = texts.count;
    return out;
}
