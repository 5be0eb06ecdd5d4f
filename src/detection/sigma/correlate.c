// SPDX-License-Identifier: Apache-2.0
// Correlations: matches of base rules become entries in the groups of the correlations that name
// the rule.
//
// Correlations on rules alone take their entries as they come (correlate_window.c) and keep only
// open windows. Those that stand on other correlations cannot: a hit stands at the time of an event
// that lies before the end of its window. Their entries wait until all matches are known, are put
// in order of time, and go the same way; level by level, so that a chain is settled from the
// bottom.
#include "detection/sigma/correlate_internal.h"

#include "base/buf.h"
#include "base/utf.h"
#include "detection/sigma/text_test.h"

enum {
    MAX_KEPT_TEXT = 1024,
};

// The field of a base that a correlation's name means.
static struct slice field_of(const struct sigma_correlation *c, uint32_t base, struct slice name)
{
    for (size_t i = 0; i < c->alias_count; i++)
        if (c->aliases[i].base == base && slice_equal(c->aliases[i].alias, name))
            return c->aliases[i].field;
    return name;
}

typedef ARRAY_OF(struct slice) name_list;

static void add_name(name_list *list, struct slice name)
{
    for (size_t i = 0; i < list->count; i++)
        if (slice_equal(list->items[i], name))
            return;
    *ARRAY_ADD(list) = name;
}

// The fields that a correlation reads of one of its bases.
static void add_fields_of(name_list *list, const struct sigma_correlation *c, uint32_t base)
{
    for (size_t i = 0; i < c->group_by_count; i++)
        add_name(list, field_of(c, base, c->group_by[i]));
    for (size_t i = 0; i < c->field_count; i++)
        add_name(list, field_of(c, base, c->fields[i]));
}

enum {
    MAX_DEPTH = 64,
};

// The fields of base number `base` of all (rule or correlation) that correlations read, through
// chains.
static void add_needed(name_list *list, const struct sigma_set *set, uint32_t wanted,
                       unsigned depth)
{
    for (uint32_t k = 0; k < set->correlations.count && depth < MAX_DEPTH; k++) {
        const struct sigma_correlation *c = set->correlations.items[k];
        for (uint32_t i = 0; i < c->base_count; i++) {
            if (c->bases[i] != wanted)
                continue;
            add_fields_of(list, c, i);
            add_needed(list, set, (uint32_t)set->rules.count + k, depth + 1);
        }
    }
}

void sigma_correlation_prepare(struct sigma_set *set)
{
    for (uint32_t i = 0; i < set->rules.count && set->correlations.count; i++) {
        struct sigma_rule *rule = set->rules.items[i];
        name_list list = {0};
        if (rule->needed_by_correlation)
            add_needed(&list, set, i, 0);
        rule->correlation_fields = ARENA_ARRAY(&set->arena, struct slice, list.count);
        rule->correlation_field_count = list.count;
        if (list.count)
            memcpy(rule->correlation_fields, list.items, list.count * sizeof *list.items);
        ARRAY_FREE(&list);
    }
}

size_t sigma_correlation_fields(const struct sigma_set *set, uint32_t rule,
                                const struct slice **out)
{
    *out = set->rules.items[rule]->correlation_fields;
    return set->rules.items[rule]->correlation_field_count;
}

static uint32_t depth_of(const struct sigma_set *set, const struct sigma_correlation *c,
                         unsigned guard)
{
    uint32_t depth = 0;
    for (size_t i = 0; i < c->base_count && guard < MAX_DEPTH; i++) {
        if (c->bases[i] < set->rules.count)
            continue;
        uint32_t below =
            depth_of(set, set->correlations.items[c->bases[i] - set->rules.count], guard + 1) + 1;
        depth = below > depth ? below : depth;
    }
    return depth;
}

static bool is_count(enum sigma_correlation_type type)
{
    return type == SIGMA_EVENT_COUNT || type == SIGMA_VALUE_COUNT || type == SIGMA_TEMPORAL ||
           type == SIGMA_TEMPORAL_ORDERED;
}

static void start(struct sigma_correlator *c, uint32_t number)
{
    const struct sigma_set *set = c->set;
    struct running *r = &c->running[number];
    r->correlator = c;
    r->correlation = set->correlations.items[number];
    r->number = number;
    r->depth = depth_of(set, r->correlation, 0);
    r->bound_count = r->correlation->bound_count;
    memcpy(r->bounds, r->correlation->bounds, sizeof r->bounds);
    if (r->bound_count == 0) {
        r->bounds[0] = (struct sigma_bound){SIGMA_GTE, (double)r->correlation->base_count};
        r->bound_count = 1;
    }
    r->monotone = is_count(r->correlation->type);
    for (size_t i = 0; i < r->bound_count; i++)
        r->monotone &= r->bounds[i].op == SIGMA_GTE || r->bounds[i].op == SIGMA_GT;
    statistic_init(&r->statistic, r->correlation);
    name_list needed = {0};
    add_needed(&needed, set, (uint32_t)set->rules.count + number, 0);
    for (size_t i = 0; i < needed.count; i++)
        *ARRAY_ADD(&r->carried) = needed.items[i];
    ARRAY_FREE(&needed);
    for (uint32_t i = 0; i < r->correlation->base_count; i++) {
        uint32_t base = r->correlation->bases[i];
        if (base < set->rules.count)
            *ARRAY_ADD(&c->uses[base].uses) = (struct rule_use){number, i};
        else
            *ARRAY_ADD(&c->running[base - set->rules.count].parents) = (struct rule_use){number, i};
    }
}

struct sigma_correlator *sigma_correlator_create(const struct sigma_set *set,
                                                 sigma_correlation_report *report, void *user)
{
    struct sigma_correlator *c = mem_alloc_zero(1, sizeof *c);
    arena_init(&c->arena, 0);
    c->set = set;
    c->report = report;
    c->user = user;
    c->running = mem_alloc_zero(set->correlations.count, sizeof *c->running);
    c->uses = mem_alloc_zero(set->rules.count, sizeof *c->uses);
    for (uint32_t i = 0; i < set->correlations.count; i++)
        start(c, i);
    return c;
}

void sigma_correlator_destroy(struct sigma_correlator *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->set->correlations.count; i++) {
        struct running *r = &c->running[i];
        window_free(r);
        statistic_free(&r->statistic);
        for (size_t k = 0; k < r->waiting.count; k++) {
            free(r->waiting.items[k].entry.carried);
            free(r->waiting.items[k].memory);
        }
        ARRAY_FREE(&r->waiting);
        ARRAY_FREE(&r->carried);
        ARRAY_FREE(&r->parents);
    }
    for (size_t i = 0; i < c->set->rules.count; i++)
        ARRAY_FREE(&c->uses[i].uses);
    for (size_t i = 0; i < c->hits.count; i++)
        free(c->hits.items[i].events);
    ARRAY_FREE(&c->hits);
    free(c->uses);
    free(c->running);
    arena_free(&c->arena);
    free(c);
}

uint64_t sigma_correlator_dropped(const struct sigma_correlator *c)
{
    return c->dropped;
}

// Where the fields of a match are read: a rule's match, or the entry that a hit stands at.
struct view {
    bool (*field)(void *user, struct slice name, struct slice *out);
    void *user;
};

struct carried_view {
    const struct running *below;
    const struct slice *values;
};

static bool carried_field(void *user, struct slice name, struct slice *out)
{
    const struct carried_view *v = user;
    for (size_t i = 0; v->values && i < v->below->carried.count; i++) {
        if (slice_equal(v->below->carried.items[i], name)) {
            *out = v->values[i];
            return v->values[i].at != NULL;
        }
    }
    return false;
}

// Long texts are kept as their beginning and a hash, so that they stay equal to themselves only.
static struct slice shortened(struct arena *a, struct slice text)
{
    if (text.len <= MAX_KEPT_TEXT)
        return text;
    return arena_printf(a, "%.*s…#%016llx%zx", SLICE_FMT(slice_sub(text, 0, MAX_KEPT_TEXT - 64)),
                        (unsigned long long)hash_bytes(text), text.len);
}

// The group of a match: false when it belongs to none.
static bool group_of(struct arena *a, const struct sigma_correlation *c, uint32_t base,
                     const struct view *v, struct buf *key, struct buf *shown)
{
    for (size_t i = 0; i < c->group_by_count; i++) {
        struct slice text;
        if (!v->field(v->user, field_of(c, base, c->group_by[i]), &text))
            return false;
        text = shortened(a, text);
        buf_add(key, utf8_fold_copy(a, text));
        buf_byte(key, 0);
        buf_printf(shown, "%s%.*s=%.*s", i ? "; " : "", SLICE_FMT(c->group_by[i]), SLICE_FMT(text));
    }
    return true;
}

// What the condition's fields give: a number, or the hash of the folded values.
static void read_values(struct arena *a, const struct sigma_correlation *c, const struct view *v,
                        struct entry *e)
{
    struct slice text;
    if (c->field_count == 0 || c->type == SIGMA_EVENT_COUNT || c->type == SIGMA_TEMPORAL ||
        c->type == SIGMA_TEMPORAL_ORDERED)
        return;
    if (c->type != SIGMA_VALUE_COUNT) {
        e->has_value = v->field(v->user, field_of(c, e->base, c->fields[0]), &text) &&
                       text_to_number(text, &e->number);
        return;
    }
    struct buf b = {0};
    e->has_value = true;
    for (size_t i = 0; i < c->field_count && e->has_value; i++) {
        e->has_value = v->field(v->user, field_of(c, e->base, c->fields[i]), &text);
        if (!e->has_value)
            break;
        text = utf8_fold_copy(a, text);
        buf_u64(&b, text.len);
        buf_byte(&b, ':');
        buf_add(&b, text);
    }
    e->value = hash_bytes(buf_slice(&b));
    buf_free(&b);
}

// Copies the fields that correlations above read into one block.
static struct slice *carry(struct arena *a, const struct running *r, const struct view *v)
{
    size_t n = r->carried.count, bytes = 0;
    if (n == 0)
        return NULL;
    struct slice *found = ARENA_ARRAY(a, struct slice, n);
    for (size_t i = 0; i < n; i++) {
        if (!v->field(v->user, r->carried.items[i], &found[i]))
            found[i] = (struct slice){0};
        else
            found[i] = found[i].at ? shortened(a, found[i]) : SLICE("");
        bytes += found[i].len;
    }
    struct slice *out = mem_alloc(n * sizeof *out + bytes + 1);
    uint8_t *text = (uint8_t *)(out + n);
    for (size_t i = 0; i < n; i++) {
        if (found[i].len)
            memcpy(text, found[i].at, found[i].len);
        out[i] = found[i].at ? slice_of(text, found[i].len) : (struct slice){0};
        text += found[i].len;
    }
    return out;
}

static void keep_waiting(struct running *r, struct slice key, struct slice shown,
                         const struct entry *e)
{
    if (r->correlator->entry_count >= CORRELATE_MAX_ENTRIES) {
        r->correlator->dropped++;
        free(e->carried);
        return;
    }
    uint8_t *text = mem_alloc(key.len + shown.len);
    if (key.len)
        memcpy(text, key.at, key.len);
    if (shown.len)
        memcpy(text + key.len, shown.at, shown.len);
    *ARRAY_ADD(&r->waiting) = (struct waiting_entry){*e, slice_of(text, key.len),
                                                     slice_of(text + key.len, shown.len), text};
    r->correlator->entry_count++;
}

// A match of one base of a correlation: e has its time, order, event, base and hit.
static void add_match(struct running *r, const struct view *v, struct entry e)
{
    struct arena *a = &r->correlator->arena;
    struct arena_mark mark = arena_mark(a);
    struct buf key = {0}, shown = {0};
    if (group_of(a, r->correlation, e.base, v, &key, &shown)) {
        read_values(a, r->correlation, v, &e);
        e.carried = carry(a, r, v);
        if (r->depth)
            keep_waiting(r, buf_slice(&key), buf_slice(&shown), &e);
        else
            window_add(r, buf_slice(&key), buf_slice(&shown), &e);
    }
    buf_free(&key);
    buf_free(&shown);
    arena_rewind(a, mark);
}

void sigma_correlator_add(struct sigma_correlator *c, const struct sigma_base_match *match)
{
    if (match->time == 0 || match->rule >= c->set->rules.count)
        return;
    if (!c->any_event || c->last_event != match->event)
        c->order++;
    c->any_event = true;
    c->last_event = match->event;
    struct view v = {match->field, match->user};
    for (size_t i = 0; i < c->uses[match->rule].uses.count; i++) {
        struct rule_use use = c->uses[match->rule].uses.items[i];
        add_match(
            &c->running[use.correlation], &v,
            (struct entry){
                .time = match->time, .order = c->order, .event = match->event, .base = use.base});
    }
}

static int by_time(const void *a, const void *b)
{
    const struct entry *x = &((const struct waiting_entry *)a)->entry,
                       *y = &((const struct waiting_entry *)b)->entry;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    if (x->base != y->base)
        return x->base < y->base ? -1 : 1;
    return (x->hit > y->hit) - (x->hit < y->hit);
}

static void run_waiting(struct running *r)
{
    if (r->waiting.count)
        qsort(r->waiting.items, r->waiting.count, sizeof *r->waiting.items, by_time);
    for (size_t i = 0; i < r->waiting.count; i++) {
        struct waiting_entry *w = &r->waiting.items[i];
        r->correlator->entry_count--;
        window_add(r, w->key, w->shown, &w->entry);
        free(w->memory);
    }
    ARRAY_FREE(&r->waiting);
}

void sigma_correlator_finish(struct sigma_correlator *c)
{
    uint32_t deepest = 0;
    for (size_t i = 0; i < c->set->correlations.count; i++)
        deepest = c->running[i].depth > deepest ? c->running[i].depth : deepest;
    for (uint32_t depth = 0; depth <= deepest; depth++) {
        for (size_t i = 0; i < c->set->correlations.count; i++) {
            if (c->running[i].depth != depth)
                continue;
            run_waiting(&c->running[i]);
            window_settle(&c->running[i], UINT64_MAX);
        }
    }
}

// Ids of events, each once, in the order met.
struct event_list {
    uint64_t *events;
    size_t count;
    uint64_t total;
    uint64_t *table; // open: id + 1
    size_t table_size;
};

static void list_event(struct event_list *l, uint64_t event)
{
    size_t mask = l->table_size - 1, at = (event * 0x9e3779b97f4a7c15u >> 20) & mask;
    for (; l->table[at]; at = (at + 1) & mask)
        if (l->table[at] == event + 1)
            return;
    l->total++;
    if (l->count == SIGMA_MAX_HIT_EVENTS)
        return; // counted; those beyond may be counted twice when a chain brings them twice
    l->table[at] = event + 1;
    l->events[l->count++] = event;
}

static void list_entry(struct event_list *l, const struct sigma_correlator *c,
                       const struct entry *e, struct sigma_correlation_hit *hit)
{
    const struct kept_hit *h = e->hit ? &c->hits.items[e->hit - 1] : NULL;
    vtime first = h ? h->first : e->time;
    vtime last = h ? h->last : e->time;
    if (h) {
        for (size_t k = 0; k < h->event_count; k++)
            list_event(l, h->events[k]);
        l->total += h->total_events - h->event_count;
    } else {
        list_event(l, e->event);
    }
    hit->first = first < hit->first ? first : hit->first;
    hit->last = last > hit->last ? last : hit->last;
}

static void hand_up(struct running *r, const struct group *g, size_t anchor,
                    const struct sigma_correlation_hit *hit)
{
    struct sigma_correlator *c = r->correlator;
    struct kept_hit kept = {hit->first, hit->last,
                            mem_alloc(hit->event_count * sizeof *kept.events), hit->event_count,
                            hit->total_events};
    memcpy(kept.events, hit->events, hit->event_count * sizeof *kept.events);
    *ARRAY_ADD(&c->hits) = kept;
    const struct entry *at = &g->entries[g->head + anchor];
    struct carried_view carried = {r, at->carried};
    struct view v = {carried_field, &carried};
    uint32_t number = (uint32_t)c->hits.count;
    for (size_t i = 0; i < r->parents.count; i++)
        add_match(&c->running[r->parents.items[i].correlation], &v,
                  (struct entry){.time = at->time,
                                 .order = at->order,
                                 .event = at->event,
                                 .base = r->parents.items[i].base,
                                 .hit = number});
}

void correlator_fire(struct running *r, struct group *g, size_t anchor, double value)
{
    struct sigma_correlator *c = r->correlator;
    struct event_list list = {.table_size = (size_t)SIGMA_MAX_HIT_EVENTS * 4};
    while (list.table_size & (list.table_size - 1))
        list.table_size += list.table_size & -list.table_size;
    list.events = mem_alloc(SIGMA_MAX_HIT_EVENTS * sizeof *list.events);
    list.table = mem_alloc_zero(list.table_size, sizeof *list.table);
    struct sigma_correlation_hit hit = {.correlation = r->correlation,
                                        .position = r->number,
                                        .first = UINT64_MAX,
                                        .group = g->shown,
                                        .value = value};
    for (size_t i = 0; i < g->count; i++)
        list_entry(&list, c, &g->entries[g->head + i], &hit);
    hit.events = list.events;
    hit.event_count = list.count;
    hit.total_events = list.total;
    if (c->report)
        c->report(c->user, &hit);
    if (r->parents.count)
        hand_up(r, g, anchor, &hit);
    free(list.events);
    free(list.table);
}
