// SPDX-License-Identifier: Apache-2.0
// Literals at the start or the end of a text (path-compressed tries; for the end, read backwards),
// and as the whole of it (hash table).
//
// A trie's node stands for a run of bytes common to all literals below it; its children differ in
// their first byte and lie side by side, sorted. A text walks down as far as it agrees: few nodes,
// one compare each, whatever the number of literals.
#include "detection/sigma/literals.h"

#include <stdlib.h>

static const uint32_t no_bit = UINT32_MAX;

struct trie_node {
    const uint8_t *run;
    uint32_t len;
    uint32_t bit; // of the literal that ends here, or no_bit
    uint32_t first_child;
    uint32_t child_count;
};

struct prefix_trie {
    struct trie_node *nodes;
    uint8_t *heads; // first byte of each node's run
    bool backwards;
};

// A node still to be built: the sorted literals [from, to) agree in their first depth bytes.
struct pending {
    size_t from, to, depth;
};

static int by_text(const void *a, const void *b)
{
    return slice_compare(((const struct literal *)a)->text, ((const struct literal *)b)->text);
}

static struct literal *sorted_copies(struct arena *a, const literal_list *list, bool backwards)
{
    struct literal *rows = mem_alloc_zero(list->count, sizeof *rows);
    for (size_t i = 0; i < list->count; i++) {
        struct slice text = list->items[i].text;
        uint8_t *copy = arena_bytes(a, text.len);
        for (size_t k = 0; k < text.len; k++)
            copy[k] = text.at[backwards ? text.len - 1 - k : k];
        rows[i] = (struct literal){slice_of(copy, text.len), list->items[i].bit};
    }
    qsort(rows, list->count, sizeof *rows, by_text);
    return rows;
}

// First and last of a sorted row agree in what all agree in.
static size_t common_length(const struct literal *rows, struct pending p)
{
    struct slice first = rows[p.from].text, last = rows[p.to - 1].text;
    size_t n = p.depth, max = first.len < last.len ? first.len : last.len;
    while (n < max && first.at[n] == last.at[n])
        n++;
    return n;
}

typedef ARRAY_OF(struct pending) pending_list;
typedef ARRAY_OF(struct trie_node) node_list;

// Breadth first: nodes and pending have the same order, so children lie side by side.
static void build_node(const struct literal *rows, pending_list *queue, node_list *nodes, size_t i)
{
    struct pending p = queue->items[i];
    size_t end = common_length(rows, p);
    struct trie_node node = {.run = rows[p.from].text.at + p.depth,
                             .len = (uint32_t)(end - p.depth),
                             .bit = no_bit,
                             .first_child = (uint32_t)queue->count};
    size_t from = p.from;
    while (from < p.to && rows[from].text.len == end)
        node.bit = rows[from++].bit;
    while (from < p.to) {
        size_t to = from + 1;
        while (to < p.to && rows[to].text.at[end] == rows[from].text.at[end])
            to++;
        *ARRAY_ADD(queue) = (struct pending){from, to, end};
        node.child_count++;
        from = to;
    }
    *ARRAY_ADD(nodes) = node;
}

struct prefix_trie *prefix_trie_create(struct arena *a, const literal_list *list, bool backwards)
{
    if (list->count == 0)
        return NULL;
    struct literal *rows = sorted_copies(a, list, backwards);
    pending_list queue = {0};
    node_list nodes = {0};
    *ARRAY_ADD(&queue) = (struct pending){0, list->count, 0};
    for (size_t i = 0; i < queue.count; i++)
        build_node(rows, &queue, &nodes, i);
    struct prefix_trie *t = ARENA_NEW(a, struct prefix_trie);
    t->backwards = backwards;
    t->nodes = ARENA_ARRAY(a, struct trie_node, nodes.count);
    t->heads = arena_bytes(a, nodes.count);
    memcpy(t->nodes, nodes.items, nodes.count * sizeof *nodes.items);
    for (size_t i = 0; i < nodes.count; i++)
        t->heads[i] = nodes.items[i].len ? nodes.items[i].run[0] : 0;
    ARRAY_FREE(&nodes);
    ARRAY_FREE(&queue);
    free(rows);
    return t;
}

static bool run_fits(const struct prefix_trie *t, const struct trie_node *n, struct slice text,
                     size_t done)
{
    if (text.len - done < n->len)
        return false;
    if (!t->backwards)
        return memcmp(text.at + done, n->run, n->len) == 0;
    const uint8_t *p = text.at + (text.len - 1 - done);
    for (uint32_t i = 0; i < n->len; i++)
        if (*(p - i) != n->run[i])
            return false;
    return true;
}

// The child whose run begins with this byte, or NULL. Few children: look at each; many: halve.
static const struct trie_node *child_of(const struct prefix_trie *t, const struct trie_node *n,
                                        uint8_t head)
{
    const uint8_t *heads = t->heads + n->first_child;
    size_t low = 0, high = n->child_count;
    while (high - low > 8) {
        size_t middle = low + (high - low) / 2;
        if (heads[middle] <= head)
            low = middle;
        else
            high = middle;
    }
    for (; low < high; low++)
        if (heads[low] == head)
            return &t->nodes[n->first_child + low];
    return NULL;
}

void prefix_trie_scan(const struct prefix_trie *t, struct slice text, uint32_t base,
                      struct bit_sink *sink)
{
    if (!t)
        return;
    const struct trie_node *n = t->nodes;
    size_t done = 0;
    while (n && run_fits(t, n, text, done)) {
        done += n->len;
        if (n->bit != no_bit)
            bit_sink_set(sink, base + n->bit);
        if (done == text.len || n->child_count == 0)
            return;
        n = child_of(t, n, t->backwards ? text.at[text.len - 1 - done] : text.at[done]);
    }
}

struct whole_slot {
    uint64_t hash;
    struct slice text;
    uint32_t bit;
};

struct whole_table {
    struct whole_slot *slots; // text.len 0: free
    size_t mask;
    uint64_t lengths; // bit n: a text of n bytes is there; bit 63: one of 63 or more
};

// Fast, not seeded: the table holds the rules' texts, and evidence cannot add to it.
static uint64_t whole_hash(struct slice s)
{
    uint64_t h = s.len * 0x9e3779b97f4a7c15u;
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8) {
        h = (h ^ le64(s.at + i)) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    uint64_t last = 0;
    for (size_t k = 0; i + k < s.len; k++)
        last |= (uint64_t)s.at[i + k] << (8 * k);
    h = (h ^ last) * 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 29;
}

struct whole_table *whole_table_create(struct arena *a, const literal_list *list)
{
    if (list->count == 0)
        return NULL;
    struct whole_table *w = ARENA_NEW(a, struct whole_table);
    size_t size = 8;
    while (size < list->count * 2)
        size *= 2;
    w->mask = size - 1;
    w->slots = ARENA_ARRAY(a, struct whole_slot, size);
    for (size_t i = 0; i < list->count; i++) {
        struct slice text = arena_copy(a, list->items[i].text);
        uint64_t hash = whole_hash(text);
        size_t at = hash & w->mask;
        while (w->slots[at].text.len)
            at = (at + 1) & w->mask;
        w->slots[at] = (struct whole_slot){hash, text, list->items[i].bit};
        w->lengths |= 1ull << (text.len < 63 ? text.len : 63);
    }
    return w;
}

void whole_table_scan(const struct whole_table *w, struct slice text, uint32_t base,
                      struct bit_sink *sink)
{
    if (!w || text.len == 0 || !(w->lengths >> (text.len < 63 ? text.len : 63) & 1))
        return;
    uint64_t hash = whole_hash(text);
    for (size_t at = hash & w->mask; w->slots[at].text.len; at = (at + 1) & w->mask) {
        if (w->slots[at].hash == hash && slice_equal(w->slots[at].text, text)) {
            bit_sink_set(sink, base + w->slots[at].bit);
            return;
        }
    }
}
