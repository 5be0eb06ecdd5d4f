// SPDX-License-Identifier: Apache-2.0
// Literals at the start or the end of a text (path-compressed tries; for the end, read backwards),
// and as the whole of it (hash table).
//
// A trie's node stands for a run of bytes common to all literals below it; its children differ in
// their first byte and lie side by side, sorted. A text walks down as far as it agrees: few nodes,
// one compare each, whatever the number of literals.
#include "detection/sigma/literals_internal.h"

#include <stdlib.h>

// A node still to be built: the sorted literals [from, to) agree in their first depth bytes.
struct pending {
    size_t from, to, depth;
};

static int by_text(const void *a, const void *b)
{
    return slice_compare(((const struct literal *)a)->text, ((const struct literal *)b)->text);
}

// Texts as they are read, one behind the other in *texts, and the literals sorted by them.
static struct literal *sorted_copies(struct arena *a, const literal_list *list, bool backwards,
                                     struct slice *texts)
{
    struct literal *rows = mem_alloc_zero(list->count, sizeof *rows);
    size_t bytes = 0;
    for (size_t i = 0; i < list->count; i++)
        bytes += list->items[i].text.len;
    uint8_t *copy = arena_bytes(a, bytes);
    *texts = slice_of(copy, bytes);
    for (size_t i = 0; i < list->count; i++) {
        struct slice text = list->items[i].text;
        for (size_t k = 0; k < text.len; k++)
            copy[k] = text.at[backwards ? text.len - 1 - k : k];
        rows[i] = (struct literal){slice_of(copy, text.len), list->items[i].bit};
        copy += text.len;
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
static void build_node(const struct literal *rows, struct slice texts, pending_list *queue,
                       node_list *nodes, size_t i)
{
    struct pending p = queue->items[i];
    size_t end = common_length(rows, p);
    struct trie_node node = {.run = (uint32_t)((size_t)(rows[p.from].text.at - texts.at) + p.depth),
                             .len = (uint32_t)(end - p.depth),
                             .bit = TRIE_NO_BIT,
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

void prefix_trie_index(struct prefix_trie *t, struct arena *a)
{
    t->heads = arena_bytes(a, t->node_count);
    for (size_t i = 0; i < t->node_count; i++)
        t->heads[i] = t->nodes[i].len ? t->texts[t->nodes[i].run] : 0;
}

struct prefix_trie *prefix_trie_create(struct arena *a, const literal_list *list, bool backwards)
{
    if (list->count == 0)
        return NULL;
    struct slice texts;
    struct literal *rows = sorted_copies(a, list, backwards, &texts);
    pending_list queue = {0};
    node_list nodes = {0};
    *ARRAY_ADD(&queue) = (struct pending){0, list->count, 0};
    for (size_t i = 0; i < queue.count; i++)
        build_node(rows, texts, &queue, &nodes, i);
    struct prefix_trie *t = ARENA_NEW(a, struct prefix_trie);
    struct trie_node *kept = ARENA_ARRAY(a, struct trie_node, nodes.count);
    memcpy(kept, nodes.items, nodes.count * sizeof *kept);
    *t = (struct prefix_trie){.nodes = kept,
                              .node_count = nodes.count,
                              .texts = texts.at,
                              .text_bytes = texts.len,
                              .backwards = backwards};
    prefix_trie_index(t, a);
    ARRAY_FREE(&nodes);
    ARRAY_FREE(&queue);
    free(rows);
    return t;
}

static bool run_fits(const struct prefix_trie *t, const struct trie_node *n, struct slice text,
                     size_t done)
{
    const uint8_t *run = t->texts + n->run;
    if (text.len - done < n->len)
        return false;
    if (!t->backwards)
        return memcmp(text.at + done, run, n->len) == 0;
    const uint8_t *end = text.at + (text.len - done);
    for (uint32_t i = 0; i < n->len; i++)
        if (*(end - 1 - i) != run[i])
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
        if (n->bit != TRIE_NO_BIT)
            bit_sink_set(sink, base + n->bit);
        if (done == text.len || n->child_count == 0)
            return;
        n = child_of(t, n, t->backwards ? text.at[text.len - 1 - done] : text.at[done]);
    }
}

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

static struct slice row_text(const struct whole_table *w, const struct whole_row *row)
{
    return slice_of(w->texts + row->text, row->len);
}

void whole_table_index(struct whole_table *w, struct arena *a)
{
    size_t size = 8;
    while (size < w->row_count * 2)
        size *= 2;
    w->mask = size - 1;
    w->slots = ARENA_ARRAY(a, struct whole_slot, size);
    for (size_t i = 0; i < w->row_count; i++) {
        struct slice text = row_text(w, &w->rows[i]);
        uint64_t hash = whole_hash(text);
        size_t at = hash & w->mask;
        while (w->slots[at].row)
            at = (at + 1) & w->mask;
        w->slots[at] = (struct whole_slot){hash, (uint32_t)i + 1};
        w->lengths |= 1ull << (text.len < 63 ? text.len : 63);
    }
}

struct whole_table *whole_table_create(struct arena *a, const literal_list *list)
{
    if (list->count == 0)
        return NULL;
    struct whole_table *w = ARENA_NEW(a, struct whole_table);
    struct whole_row *rows = ARENA_ARRAY(a, struct whole_row, list->count);
    for (size_t i = 0; i < list->count; i++)
        w->text_bytes += list->items[i].text.len;
    uint8_t *texts = arena_bytes(a, w->text_bytes);
    uint32_t used = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct slice text = list->items[i].text;
        rows[i] = (struct whole_row){used, (uint32_t)text.len, list->items[i].bit};
        memcpy(texts + used, text.at, text.len);
        used += (uint32_t)text.len;
    }
    w->texts = texts;
    w->rows = rows;
    w->row_count = list->count;
    whole_table_index(w, a);
    return w;
}

void whole_table_scan(const struct whole_table *w, struct slice text, uint32_t base,
                      struct bit_sink *sink)
{
    if (!w || text.len == 0 || !(w->lengths >> (text.len < 63 ? text.len : 63) & 1))
        return;
    uint64_t hash = whole_hash(text);
    for (size_t at = hash & w->mask; w->slots[at].row; at = (at + 1) & w->mask) {
        const struct whole_row *row = &w->rows[w->slots[at].row - 1];
        if (w->slots[at].hash == hash && slice_equal(row_text(w, row), text)) {
            bit_sink_set(sink, base + row->bit);
            return;
        }
    }
}
