// SPDX-License-Identifier: Apache-2.0
// One pass over all findings, in the order in which they lie in the file, for everything that is
// asked of all of them: counts, first and last times, days, names, and the order of reports. The
// case needs no indexes over findings for that, which would cost an audit more than all else that
// it writes of them. An audit of a new case has gathered what the pass would read
// (case_gathered.c), unless there are very many.
#include "case/case_digest.h"

static void read_rule(struct case_digest *d, sqlite3_stmt *st, struct digest_rule *r)
{
    *r = (struct digest_rule){
        .key = case_column_u32(st, 0),
        .id = arena_copy(&d->memory, case_column_text(st, 2)),
        .title = arena_copy(&d->memory, case_column_text(st, 3)),
    };
    r->level_known = finding_level_parse(case_column_text(st, 1), &r->level);
    if (!r->level_known)
        r->level = LEVEL_INFORMATIONAL;
}

static int compare_ids(const void *a, const void *b)
{
    struct digest_rule *const *left = a, *const *right = b;
    return slice_compare((*left)->id, (*right)->id);
}

// Rules of the same id have the same rank.
static void rank_rules(struct case_digest *d)
{
    struct digest_rule **by_id = mem_alloc_zero(d->rule_count + 1, sizeof(struct digest_rule *));
    for (size_t i = 0; i < d->rule_count; i++)
        by_id[i] = &d->rules[i];
    qsort(by_id, d->rule_count, sizeof *by_id, compare_ids);
    for (size_t i = 0; i < d->rule_count; i++)
        by_id[i]->rank =
            i && slice_equal(by_id[i]->id, by_id[i - 1]->id) ? by_id[i - 1]->rank : (uint32_t)i + 1;
    free(by_id);
}

static bool read_rules(struct case_file *c, struct case_digest *d, struct err *e)
{
    ARRAY_OF(struct digest_rule) rules = {0};
    sqlite3_stmt *st = case_statement(c, ST_DIGEST_RULES, e);
    if (!st)
        return false;
    int step;
    while ((step = sqlite3_step(st)) == SQLITE_ROW)
        read_rule(d, st, ARRAY_ADD(&rules));
    bool ok = step == SQLITE_DONE || case_error(c, e, "cannot be read");
    sqlite3_reset(st);
    d->rules = rules.items;
    d->rule_count = rules.count;
    rank_rules(d);
    return ok;
}

static struct digest_rule *find_rule(const struct case_digest *d, uint32_t key)
{
    size_t from = 0, to = d->rule_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (d->rules[middle].key == key)
            return &d->rules[middle];
        if (d->rules[middle].key < key)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

const struct digest_rule *digest_rule_find(const struct case_digest *d, uint32_t key)
{
    return find_rule(d, key);
}

// Exact although only a few are kept: a name that was dropped came later than all that are kept,
// and comes back if it is met with an earlier finding.
static void offer_name(struct first_names *n, int64_t name, vtime time, int64_t finding)
{
    size_t place = n->count;
    for (size_t i = 0; i < n->count; i++)
        if (n->kept[i].name == name)
            place = i;
    if (place == n->count && n->count == DIGEST_NAMES) {
        place = 0; // the one met last makes way
        for (size_t i = 1; i < n->count; i++)
            if (n->kept[i].time > n->kept[place].time ||
                (n->kept[i].time == n->kept[place].time &&
                 n->kept[i].finding > n->kept[place].finding))
                place = i;
    } else if (place == n->count) {
        n->kept[n->count++].time = UINT64_MAX;
    }
    if (time > n->kept[place].time ||
        (time == n->kept[place].time && finding >= n->kept[place].finding))
        return;
    n->kept[place].name = name;
    n->kept[place].time = time;
    n->kept[place].finding = finding;
}

static size_t day_slot(const struct case_digest *d, uint64_t day)
{
    size_t mask = d->day_capacity - 1, i = (size_t)(day * 0x9E3779B97F4A7C15u >> 32) & mask;
    while (d->days[i].used && d->days[i].day != day)
        i = (i + 1) & mask;
    return i;
}

static void grow_days(struct case_digest *d)
{
    struct digest_day *old = d->days;
    size_t count = d->day_capacity;
    d->day_capacity = count ? count * 2 : 1024;
    d->days = mem_alloc_zero(d->day_capacity, sizeof *d->days);
    for (size_t i = 0; i < count; i++)
        if (old[i].used)
            d->days[day_slot(d, old[i].day)] = old[i];
    free(old);
}

static void count_day(struct case_digest *d, vtime time, enum finding_level level)
{
    uint64_t day = time / (86400 * VTIME_SECOND);
    if ((d->day_count + 1) * 2 > d->day_capacity)
        grow_days(d);
    struct digest_day *slot = &d->days[day_slot(d, day)];
    if (!slot->used && d->day_count >= DIGEST_DAYS) {
        day = 0;
        slot = &d->days[day_slot(d, day)];
    }
    d->day_count += !slot->used;
    slot->used = true;
    slot->day = day;
    slot->counts[level]++;
}

static int compare_days(const void *a, const void *b)
{
    const struct digest_day *left = a, *right = b;
    return (left->day > right->day) - (left->day < right->day);
}

static void sort_days(struct case_digest *d)
{
    size_t count = 0;
    for (size_t i = 0; i < d->day_capacity; i++)
        if (d->days[i].used)
            d->days[count++] = d->days[i];
    if (count)
        qsort(d->days, count, sizeof *d->days, compare_days);
}

enum finding_column {
    COLUMN_ID,
    COLUMN_RULE,
    COLUMN_TIME,
    COLUMN_EVIDENCE,
    COLUMN_OFFSET,
    COLUMN_LAST,
    COLUMN_EVENT,
    COLUMN_SIZE,
    COLUMN_RECORD,
    COLUMN_RECOVERED,
    COLUMN_EVENT_ID,
    COLUMN_NAMES, // in enum name_table's order
    COLUMN_CORRELATION = COLUMN_NAMES + NAME_TABLE_COUNT,
    COLUMN_FIELDS, // of ST_DIGEST_FINDINGS only
};

// All but the rank.
static struct order_key row_key(sqlite3_stmt *st)
{
    vtime time = case_column_u64(st, COLUMN_TIME);
    return (struct order_key){
        .time = time ? time : UINT64_MAX,
        .evidence = sqlite3_column_int64(st, COLUMN_EVIDENCE),
        .offset = case_column_u64(st, COLUMN_OFFSET),
        .rule = case_column_u32(st, COLUMN_RULE),
        .id = sqlite3_column_int64(st, COLUMN_ID),
    };
}

struct finding_place digest_read_place(sqlite3_stmt *st)
{
    struct finding_place p = {
        .id = sqlite3_column_int64(st, COLUMN_ID),
        .event = sqlite3_column_int64(st, COLUMN_EVENT),
        .has_event = sqlite3_column_type(st, COLUMN_EVIDENCE) != SQLITE_NULL,
        .is_correlation = sqlite3_column_type(st, COLUMN_CORRELATION) != SQLITE_NULL,
    };
    if (p.is_correlation)
        p.last = case_column_u64(st, COLUMN_LAST);
    if (!p.has_event)
        return p;
    p.size = case_column_u32(st, COLUMN_SIZE);
    p.has_record = sqlite3_column_type(st, COLUMN_RECORD) != SQLITE_NULL;
    p.record = case_column_u64(st, COLUMN_RECORD);
    p.recovered = sqlite3_column_int(st, COLUMN_RECOVERED) != 0;
    p.event_id = case_column_u32(st, COLUMN_EVENT_ID);
    for (int i = 0; i < NAME_TABLE_COUNT; i++)
        p.names[i] = sqlite3_column_int64(st, COLUMN_NAMES + i);
    return p;
}

// Ids follow each other, but where an audit was resumed.
const struct finding_place *digest_place_find(const struct case_digest *d, int64_t id)
{
    if (!d->places.count || id < d->places.items[0].id)
        return NULL;
    uint64_t at = (uint64_t)id - (uint64_t)d->places.items[0].id;
    return at < d->places.count && d->places.items[at].id == id ? &d->places.items[at] : NULL;
}

static void add_found(struct case_digest *d, struct digest_rule *rule,
                      const struct finding_place *place, const struct order_key *key, vtime time,
                      vtime last)
{
    if (!rule->found) {
        rule->found = ARENA_NEW(&d->memory, struct digest_found);
        rule->found->head.limit = DIGEST_HEAD;
        rule->found->tail.limit = DIGEST_TAIL;
        rule->found->tail.last = true;
    }
    struct digest_found *f = rule->found;
    f->count++;
    f->undated += time == 0;
    if (time && (!f->first || time < f->first))
        f->first = time;
    if (last > f->last)
        f->last = last;
    if (place->names[NAME_HOST])
        offer_name(&f->hosts, place->names[NAME_HOST], time, key->id);
    if (place->names[NAME_ACCOUNT])
        offer_name(&f->accounts, place->names[NAME_ACCOUNT], time, key->id);
    if (time)
        count_day(d, time, rule->level);
}

static void offer_ends(const struct case_digest *d, const struct order_key *key)
{
    struct digest_rule *rule = find_rule(d, key->rule);
    if (!rule)
        return;
    order_heap_offer(&rule->found->head, key);
    order_heap_offer(&rule->found->tail, key);
}

// While all keys are held, the first and last of each rule can wait until they are in order.
static void add_key(struct case_digest *d, const struct order_key *key)
{
    if (d->order.count == d->order.limit && !d->order_full) {
        d->order_full = true;
        for (size_t i = 0; i < d->order.count; i++)
            offer_ends(d, &d->order.keys[i]);
    }
    order_heap_offer(&d->order, key);
    if (d->order_full)
        offer_ends(d, key);
}

// Gives the key its rank.
static void add_finding(struct case_digest *d, struct order_key *key,
                        const struct finding_place *place)
{
    struct digest_rule *rule = find_rule(d, key->rule);
    vtime time = key->time == UINT64_MAX ? 0 : key->time;
    vtime last = place->last ? place->last : time;
    key->rank = rule ? rule->rank : 0;
    d->finding_count++;
    if (time && (!d->first || time < d->first))
        d->first = time;
    if (last > d->last)
        d->last = last;
    if (rule)
        add_found(d, rule, place, key, time, last);
}

// Reports ask for all findings in the order of time, which is not that of the file.
static void hold_place(struct case_digest *d, struct finding_place place, struct slice fields)
{
    if (d->places.count == DIGEST_PLACES)
        return;
    if (digest_holds_fields(d->field_bytes, fields)) {
        place.fields = arena_copy(&d->texts, fields);
        d->field_bytes += fields.len;
    }
    *ARRAY_ADD(&d->places) = place;
}

static bool scan(struct case_file *c, struct case_digest *d, struct err *e)
{
    sqlite3_stmt *st = case_statement(c, ST_DIGEST_FINDINGS, e);
    if (!st)
        return false;
    int step;
    while ((step = sqlite3_step(st)) == SQLITE_ROW) {
        struct order_key key = row_key(st);
        struct finding_place place = digest_read_place(st);
        hold_place(d, place, case_column_text(st, COLUMN_FIELDS));
        add_finding(d, &key, &place);
        add_key(d, &key);
    }
    sqlite3_reset(st);
    return step == SQLITE_DONE || case_error(c, e, "cannot be read");
}

// What was gathered becomes the digest's own.
static void take_gathered(struct case_file *c, struct case_digest *d)
{
    struct case_gathered *g = c->gathered;
    for (size_t i = 0; i < g->places.count; i++)
        add_finding(d, &g->keys.items[i], &g->places.items[i]);
    d->order.keys = g->keys.items;
    d->order.count = g->keys.count;
    d->order.capacity = g->keys.capacity;
    d->places = g->places;
    d->texts = g->texts;
    free(g);
    c->gathered = NULL;
}

bool digest_scan_order(struct case_file *c, const struct case_digest *d,
                       const struct order_key *after, const uint32_t *rule, struct order_heap *heap,
                       struct err *e)
{
    sqlite3_stmt *st = case_statement(c, ST_DIGEST_ORDER, e);
    if (!st)
        return false;
    int step;
    while ((step = sqlite3_step(st)) == SQLITE_ROW) {
        struct order_key key = row_key(st);
        const struct digest_rule *of = find_rule(d, key.rule);
        key.rank = of ? of->rank : 0;
        int side = order_compare(&key, after);
        if ((heap->last ? side < 0 : side > 0) && (!rule || key.rule == *rule))
            order_heap_offer(heap, &key);
    }
    sqlite3_reset(st);
    return step == SQLITE_DONE || case_error(c, e, "cannot be read");
}

// The first and last findings of each rule, when the order of all is known.
static void take_ends(struct case_digest *d)
{
    const struct order_key *keys = d->order.keys;
    for (size_t i = 0; i < d->order.count; i++) {
        struct digest_rule *first = find_rule(d, keys[i].rule),
                           *last = find_rule(d, keys[d->order.count - 1 - i].rule);
        if (first)
            order_heap_append(&first->found->head, &keys[i]);
        if (last)
            order_heap_append(&last->found->tail, &keys[d->order.count - 1 - i]);
    }
}

static void finish(struct case_digest *d)
{
    order_heap_sort(&d->order);
    sort_days(d);
    if (!d->order_full) {
        take_ends(d);
        return;
    }
    for (size_t i = 0; i < d->rule_count; i++)
        if (d->rules[i].found) {
            order_heap_sort(&d->rules[i].found->head);
            order_heap_sort(&d->rules[i].found->tail);
        }
}

const struct case_digest *case_digest(struct case_file *c, struct err *e)
{
    if (c->digest)
        return c->digest;
    struct case_digest *d = mem_alloc_zero(1, sizeof *d);
    arena_init(&d->memory, 0);
    arena_init(&d->texts, 0);
    d->order.limit = DIGEST_ORDER;
    c->digest = d;
    bool ok = case_rows_flush(c, e) && read_rules(c, d, e);
    if (ok && c->gathered)
        take_gathered(c, d);
    else if (ok)
        ok = scan(c, d, e);
    if (!ok) {
        case_digest_drop(c);
        return NULL;
    }
    finish(d);
    return d;
}

void case_digest_drop(struct case_file *c)
{
    struct case_digest *d = c->digest;
    if (!d)
        return;
    for (size_t i = 0; i < d->rule_count; i++)
        if (d->rules[i].found) {
            free(d->rules[i].found->head.keys);
            free(d->rules[i].found->tail.keys);
        }
    free(d->order.keys);
    ARRAY_FREE(&d->places);
    free(d->days);
    free(d->rules);
    arena_free(&d->memory);
    arena_free(&d->texts);
    free(d);
    c->digest = NULL;
}
