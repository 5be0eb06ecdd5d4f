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

void order_heap_offer(struct order_heap *h, const struct order_key *key)
{
    if (h->count == h->limit) {
        if (!drops_before(h, &h->keys[0], key))
            return;
        h->keys[0] = *key;
        sift_down(h, 0, h->count);
        return;
    }
    h->keys = array_reserve(h->keys, h->count, &h->capacity, sizeof *h->keys);
    h->keys[h->count++] = *key;
    if (h->count == h->limit) // until then any order will do
        heapify(h);
}

// Heap sort: in place, and never slow whatever the evidence says. What is dropped first goes to the
// end.
void order_heap_sort(struct order_heap *h)
{
    heapify(h);
    for (size_t left = h->count; left > 1;) {
        struct order_key top = h->keys[0];
        h->keys[0] = h->keys[--left];
        h->keys[left] = top;
        sift_down(h, 0, left);
    }
}
