// SPDX-License-Identifier: Apache-2.0
// The order of findings in reports, and a bounded heap that keeps the first or the last of many.
#include "case/case_digest.h"

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

int order_compare(const struct order_key *a, const struct order_key *b)
{
    int c = COMPARE(a->time, b->time);
    c = c ? c : COMPARE(a->evidence, b->evidence);
    c = c ? c : COMPARE(a->offset, b->offset);
    c = c ? c : COMPARE(a->rank, b->rank);
    return c ? c : COMPARE(a->id, b->id);
}

// Whether a is dropped before b.
static bool drops_before(const struct order_heap *h, const struct order_key *a,
                         const struct order_key *b)
{
    int c = order_compare(a, b);
    return h->last ? c < 0 : c > 0;
}

static void sift_down(struct order_heap *h, size_t at, size_t count)
{
    struct order_key moving = h->keys[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count)
            break;
        if (child + 1 < count && drops_before(h, &h->keys[child + 1], &h->keys[child]))
            child++;
        if (!drops_before(h, &h->keys[child], &moving))
            break;
        h->keys[at] = h->keys[child];
        at = child;
    }
    h->keys[at] = moving;
}

static void heapify(struct order_heap *h)
{
    for (size_t i = h->count / 2; i > 0; i--)
        sift_down(h, i - 1, h->count);
}

void order_heap_append(struct order_heap *h, const struct order_key *key)
{
    if (h->count == h->limit)
        return;
    h->keys = array_reserve(h->keys, h->count, &h->capacity, sizeof *h->keys);
    h->keys[h->count++] = *key;
}

void order_heap_offer(struct order_heap *h, const struct order_key *key)
{
    if (h->count == h->limit) {
        if (!drops_before(h, &h->keys[0], key))
            return;
        h->keys[0] = *key;
        sift_down(h, 0, h->count);
        return;
    }
    order_heap_append(h, key);
    if (h->count == h->limit) // until then any order will do
        heapify(h);
}

// Where the run of keys that are in order ends that begins there.
static size_t run_end(const struct order_heap *h, size_t at)
{
    for (at++; at < h->count && !drops_before(h, &h->keys[at - 1], &h->keys[at]); at++)
        ;
    return at;
}

// Two runs into one. Returns where it ends in `out`.
static struct order_key *merge(const struct order_heap *h, size_t from, size_t middle, size_t end,
                               struct order_key *out)
{
    size_t a = from, b = middle;
    while (a < middle && b < end)
        *out++ = drops_before(h, &h->keys[a], &h->keys[b]) ? h->keys[b++] : h->keys[a++];
    memcpy(out, h->keys + a, (middle - a) * sizeof *out);
    out += middle - a;
    memcpy(out, h->keys + b, (end - b) * sizeof *out);
    return out + (end - b);
}

// Merges runs, two by two, until there is one: findings mostly come in order, and whatever the
// evidence says it is never slow.
void order_heap_sort(struct order_heap *h)
{
    struct order_key *other = NULL;
    while (h->count && run_end(h, 0) < h->count) {
        if (!other)
            other = mem_alloc(h->count * sizeof *other);
        struct order_key *out = other;
        for (size_t from = 0, middle, end; from < h->count; from = end) {
            middle = run_end(h, from);
            end = middle < h->count ? run_end(h, middle) : middle;
            out = merge(h, from, middle, end, out);
        }
        struct order_key *merged = other;
        other = h->keys;
        h->keys = merged;
        h->capacity = h->count;
    }
    free(other);
}
