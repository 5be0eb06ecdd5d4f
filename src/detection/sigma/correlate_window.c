// SPDX-License-Identifier: Apache-2.0
// Windows over the events of one group.
//
// A group keeps exactly the events of the window that begins at its first event. An event that
// comes too late for it ends that window: then the condition is tested on the events kept. When it
// holds, the correlation fires and all of them are done with; else the first event is dropped and
// the window that begins at the second is looked at, and so on until the new event fits. Groups
// stand in a list by the time of their last event, so that those whose time is over are settled and
// given back on the way: memory holds the open windows only.
#include "detection/sigma/correlate_internal.h"

#include "detection/sigma/text_test.h"

static bool bounds_hold(const struct running *r, double value)
{
    for (size_t i = 0; i < r->bound_count; i++)
        if (!number_compares(value, r->bounds[i].op, r->bounds[i].number))
            return false;
    return true;
}

static bool condition_holds(struct running *r, double *value)
{
    return statistic_value(&r->statistic, value) && bounds_hold(r, *value);
}

static bool window_holds(struct running *r, struct group *g, double *value)
{
    statistic_reset(&r->statistic);
    for (size_t i = 0; i < g->count; i++)
        statistic_add(&r->statistic, &g->entries[g->head + i]);
    g->work += g->count;
    return condition_holds(r, value);
}

// The event of the window with which the condition first holds, tested on the window up to there:
// its last entry.
static size_t find_anchor(struct running *r, const struct group *g)
{
    double value;
    statistic_reset(&r->statistic);
    for (size_t i = 0; i < g->count; i++) {
        const struct entry *e = &g->entries[g->head + i];
        statistic_add(&r->statistic, e);
        bool whole = i + 1 == g->count || e[1].order != e->order;
        if (whole && condition_holds(r, &value))
            return i;
    }
    return g->count - 1;
}

static void drop_first_entry(struct running *r, struct group *g)
{
    free(g->entries[g->head].carried);
    g->head++;
    g->count--;
    r->correlator->entry_count--;
}

static void drop_first_event(struct running *r, struct group *g)
{
    uint64_t order = g->entries[g->head].order;
    while (g->count && g->entries[g->head].order == order)
        drop_first_entry(r, g);
}

static void drop_all(struct running *r, struct group *g)
{
    while (g->count)
        drop_first_entry(r, g);
}

// Settles windows until the first one kept reaches as far as `until`, or nothing is kept.
static void settle_group(struct running *r, struct group *g, vtime until)
{
    bool hopeless = false; // the condition failed on a window that holds all the later ones
    while (g->count &&
           (until == UINT64_MAX || until - g->entries[g->head].time > r->correlation->timespan)) {
        double value;
        if (g->work > CORRELATE_MAX_WORK) {
            r->correlator->dropped += g->count;
            drop_all(r, g);
            return;
        }
        if (!hopeless && window_holds(r, g, &value)) {
            correlator_fire(r, g, find_anchor(r, g), value);
            drop_all(r, g);
        } else {
            hopeless = r->monotone;
            drop_first_event(r, g);
        }
    }
}

static void unlink_group(struct running *r, struct group *g)
{
    if (g->older)
        g->older->newer = g->newer;
    else
        r->oldest = g->newer;
    if (g->newer)
        g->newer->older = g->older;
    else
        r->newest = g->older;
}

static void link_newest(struct running *r, struct group *g)
{
    g->newer = NULL;
    g->older = r->newest;
    *(r->newest ? &r->newest->newer : &r->oldest) = g;
    r->newest = g;
}

static void remove_group(struct running *r, struct group *g)
{
    struct group **at = &r->buckets[g->hash & (r->bucket_count - 1)];
    while (*at != g)
        at = &(*at)->next_in_bucket;
    *at = g->next_in_bucket;
    unlink_group(r, g);
    r->group_count--;
    drop_all(r, g);
    free(g->entries);
    free(g);
}

static void grow_buckets(struct running *r)
{
    size_t size = r->bucket_count ? r->bucket_count * 2 : 64;
    struct group **buckets = mem_alloc_zero(size, sizeof(struct group *));
    for (struct group *g = r->oldest; g; g = g->newer) {
        struct group **at = &buckets[g->hash & (size - 1)];
        g->next_in_bucket = *at;
        *at = g;
    }
    free(r->buckets);
    r->buckets = buckets;
    r->bucket_count = size;
}

static struct group *group_for(struct running *r, struct slice key, struct slice shown)
{
    uint64_t hash = hash_bytes(key);
    if (r->bucket_count)
        for (struct group *g = r->buckets[hash & (r->bucket_count - 1)]; g; g = g->next_in_bucket)
            if (g->hash == hash && slice_equal(g->key, key))
                return g;
    if (r->group_count >= r->bucket_count)
        grow_buckets(r);
    struct group *g = mem_alloc_zero(1, sizeof *g + key.len + shown.len);
    uint8_t *text = (uint8_t *)(g + 1);
    if (key.len)
        memcpy(text, key.at, key.len);
    if (shown.len)
        memcpy(text + key.len, shown.at, shown.len);
    g->hash = hash;
    g->key = slice_of(text, key.len);
    g->shown = slice_of(text + key.len, shown.len);
    struct group **at = &r->buckets[hash & (r->bucket_count - 1)];
    g->next_in_bucket = *at;
    *at = g;
    link_newest(r, g);
    r->group_count++;
    return g;
}

// Room for one more entry at the end; moves the window to the front when half is used up.
static void make_room(struct group *g)
{
    if (g->head + g->count < g->capacity)
        return;
    if (g->head > g->count) {
        memmove(g->entries, g->entries + g->head, g->count * sizeof *g->entries);
        g->head = 0;
        return;
    }
    g->capacity = g->capacity ? g->capacity * 2 : 8;
    g->entries = mem_grow(g->entries, g->capacity, sizeof *g->entries);
}

// Matches of one event stand in the order of the bases.
static void insert_entry(struct group *g, const struct entry *e)
{
    make_room(g);
    size_t at = g->head + g->count;
    while (at > g->head && g->entries[at - 1].order == e->order &&
           g->entries[at - 1].base > e->base) {
        g->entries[at] = g->entries[at - 1];
        at--;
    }
    g->entries[at] = *e;
    g->count++;
}

// Makes place when too much is kept: the group that has been quiet for longest goes, and is
// counted.
static void drop_oldest(struct running *r)
{
    if (!r->oldest)
        return;
    r->correlator->dropped += r->oldest->count;
    remove_group(r, r->oldest);
}

void window_add(struct running *r, struct slice key, struct slice shown, const struct entry *e)
{
    window_settle(r, e->time);
    while (r->correlator->entry_count >= CORRELATE_MAX_ENTRIES && r->oldest)
        drop_oldest(r);
    struct group *g = group_for(r, key, shown);
    settle_group(r, g, e->time);
    if (g->count >= CORRELATE_MAX_WINDOW || r->correlator->entry_count >= CORRELATE_MAX_ENTRIES) {
        r->correlator->dropped++;
        free(e->carried);
        return;
    }
    insert_entry(g, e);
    r->correlator->entry_count++;
    unlink_group(r, g);
    link_newest(r, g);
}

void window_settle(struct running *r, vtime now)
{
    while (r->oldest) {
        struct group *g = r->oldest;
        if (g->count && now - g->entries[g->head + g->count - 1].time <= r->correlation->timespan &&
            now != UINT64_MAX)
            return;
        settle_group(r, g, UINT64_MAX);
        remove_group(r, g);
    }
}

void window_free(struct running *r)
{
    while (r->oldest)
        remove_group(r, r->oldest);
    free(r->buckets);
}
