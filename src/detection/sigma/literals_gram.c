// SPDX-License-Identifier: Apache-2.0
// Thousands of literals anywhere in a text, by grams.
//
// From each literal one gram is picked: eight bytes that stand side by side in it, or four, three,
// two, as many as it has. At each place of a text the two bytes there lead to a table of flags:
// which lengths of grams begin with this pair? For most pairs none, and the next place is looked
// at. Otherwise the gram at this place is looked up, first in a bitmap of hashes, then in a hash
// table that gives the literals with this gram, and these are compared with the text around.
//
// The art is in picking: a gram that begins with a pair which is rare in event logs, or which other
// grams begin with already, makes no place of the text worth a look that was not so before. Short
// literals have no choice, so they go first.
//
// Why not an Aho-Corasick automaton? Each of its steps must wait for the memory access of the step
// before, and a dense table for ten thousand literals takes tens of megabytes, far beyond the
// caches. Here the looks at neighbouring places do not depend on each other, so the processor
// overlaps them, and all tables together take a few megabytes. The price: time per byte is bounded
// by the longest row of literals with one gram (gram_set_worst), not by a constant. Evidence has no
// influence on the rows.
#include "detection/sigma/literals.h"

#include <stdlib.h>

enum {
    WIDTHS = 4,
    PAIRS = 1 << 14,
    WINDOWS = 256, // places of a literal that are considered
    ROW_COST = 100,
    NEW_PAIR_COST = 40,
};

static const uint32_t width_of[WIDTHS] = {2, 3, 4, 8};
// Flags of a pair: 1 << index of a width.

struct gram_entry {
    uint32_t text;   // in the text pool
    uint32_t len;    // of the literal, bytes
    uint32_t offset; // of the gram in it
    uint32_t bit;
};

struct gram_slot {
    uint64_t gram;
    uint32_t first; // of its entries
    uint32_t count; // 0: free
};

// All literals whose gram has one width.
struct gram_table {
    uint64_t mask;                     // of the eight bytes loaded, those that belong to the gram
    unsigned filter_shift, slot_shift; // 64 - log2 of the size
    uint64_t *filter;
    struct gram_slot *slots;
    struct gram_entry *entries;
};

struct gram_set {
    uint8_t *pairs; // flags
    struct gram_table widths[WIDTHS];
    uint32_t *singles; // by byte: bit + 1 of the literal that is this byte; NULL when there is none
    uint8_t *texts;
    size_t worst;
};

// How common the characters from blank to tilde are in folded command lines, paths and scripts:
// log2 of their number in ten thousand, measured over logs.
static const char common_characters[] = "80600300330036857777645454700200"
                                        "00000000000000000000000000009004"
                                        "0979997779468899868997798851010";

static inline uint64_t load_eight(const uint8_t *p)
{
    uint64_t g;
    memcpy(&g, p, sizeof g);
    return g;
}

static inline uint64_t gram_hash(uint64_t gram)
{
    return gram * 0x9e3779b97f4a7c15u;
}

// The two low bytes of what is loaded, seven bits of each: bytes beyond ASCII share places with
// others.
static inline uint32_t pair_of(uint64_t eight)
{
    uint32_t x = (uint32_t)eight;
    return (x & 0x7f) | (x >> 1 & 0x3f80);
}

static unsigned log2_at_least(size_t n)
{
    unsigned bits = 6;
    while (bits < 28 && ((size_t)1 << bits) < n)
        bits++;
    return bits;
}

struct chosen {
    const struct literal *literal;
    uint64_t gram;
    uint32_t offset;
};

struct picker {
    struct chosen *rows;
    size_t count;
    uint32_t pairs[PAIRS];   // grams that begin with this pair, so far
    struct gram_slot *grams; // how many literals have each gram so far (count)
    unsigned grams_shift;    // 64 - log2 of the size
};

static uint32_t character_weight(uint32_t c)
{
    return c >= 32 && c < 127 ? (uint32_t)(common_characters[c - 32] - '0') : 0;
}

static struct gram_slot *slot_in(struct gram_slot *slots, unsigned shift, uint64_t gram)
{
    uint64_t hash = gram_hash(gram), mask = (1ull << (64 - shift)) - 1, at = hash >> shift;
    while (slots[at].count && slots[at].gram != gram)
        at = (at + 1) & mask;
    return &slots[at];
}

// What it costs to have a literal under this gram: the looks at its pair in texts, and a longer
// row.
static uint32_t gram_cost(const struct picker *p, uint64_t gram)
{
    uint32_t pair = pair_of(gram),
             weight = character_weight(pair & 0x7f) + character_weight(pair >> 7);
    uint32_t row = slot_in(p->grams, p->grams_shift, gram)->count;
    // A pair in use costs little more.
    return row * ROW_COST + (p->pairs[pair] ? weight : NEW_PAIR_COST + (1u << weight / 2));
}

static unsigned width_index(size_t len)
{
    return len >= 8 ? 3 : len >= 4 ? 2 : len == 3 ? 1 : 0;
}

static uint64_t gram_at(struct slice text, size_t offset, uint32_t width)
{
    uint8_t bytes[8] = {0};
    memcpy(bytes, text.at + offset, width);
    return load_eight(bytes);
}

static void pick(struct picker *p, struct chosen *row)
{
    struct slice text = row->literal->text;
    uint32_t width = width_of[width_index(text.len)], best = UINT32_MAX;
    size_t last = text.len - width;
    for (size_t o = 0; o <= last && o < WINDOWS; o++) {
        uint64_t gram = gram_at(text, o, width);
        uint32_t cost = gram_cost(p, gram);
        if (cost < best) {
            best = cost;
            row->offset = (uint32_t)o;
            row->gram = gram;
        }
    }
    p->pairs[pair_of(row->gram)]++;
    struct gram_slot *slot = slot_in(p->grams, p->grams_shift, row->gram);
    slot->gram = row->gram;
    slot->count++;
}

static int by_length(const void *a, const void *b)
{
    const struct literal *x = ((const struct chosen *)a)->literal,
                         *y = ((const struct chosen *)b)->literal;
    if (x->text.len != y->text.len)
        return x->text.len < y->text.len ? -1 : 1;
    return (x->bit > y->bit) - (x->bit < y->bit);
}

static int by_gram(const void *a, const void *b)
{
    const struct chosen *x = a, *y = b;
    if (x->gram != y->gram)
        return x->gram < y->gram ? -1 : 1;
    return (x->literal->bit > y->literal->bit) - (x->literal->bit < y->literal->bit);
}

static void table_fill(struct gram_set *g, unsigned index, struct chosen *rows, size_t n,
                       size_t *text_used, struct arena *a)
{
    struct gram_table *t = &g->widths[index];
    unsigned filter_bits = log2_at_least(n * 16), slot_bits = log2_at_least(n * 2);
    t->mask = width_of[index] == 8 ? UINT64_MAX : (1ull << (8 * width_of[index])) - 1;
    t->filter_shift = 64 - filter_bits;
    t->slot_shift = 64 - slot_bits;
    t->filter = ARENA_ARRAY(a, uint64_t, ((size_t)1 << filter_bits) / 64);
    t->slots = ARENA_ARRAY(a, struct gram_slot, (size_t)1 << slot_bits);
    t->entries = ARENA_ARRAY(a, struct gram_entry, n);
    qsort(rows, n, sizeof *rows, by_gram);
    for (size_t i = 0; i < n; i++) {
        uint64_t gram = rows[i].gram, place = gram_hash(gram) >> t->filter_shift;
        struct gram_slot *slot = slot_in(t->slots, t->slot_shift, gram);
        if (!slot->count)
            *slot = (struct gram_slot){.gram = gram, .first = (uint32_t)i};
        slot->count++;
        g->worst = slot->count > g->worst ? slot->count : g->worst;
        t->filter[place >> 6] |= 1ull << (place & 63);
        g->pairs[pair_of(gram)] |= (uint8_t)(1u << index);
        struct slice text = rows[i].literal->text;
        memcpy(g->texts + *text_used, text.at, text.len);
        t->entries[i] = (struct gram_entry){(uint32_t)*text_used, (uint32_t)text.len,
                                            rows[i].offset, rows[i].literal->bit};
        *text_used += text.len;
    }
}

static void add_single(struct gram_set *g, struct arena *a, const struct literal *l)
{
    if (!g->singles)
        g->singles = ARENA_ARRAY(a, uint32_t, 256);
    g->singles[l->text.at[0]] = l->bit + 1;
}

struct gram_set *gram_set_create(struct arena *a, const literal_list *list)
{
    if (list->count == 0)
        return NULL;
    struct gram_set *g = ARENA_NEW(a, struct gram_set);
    struct picker *p = mem_alloc_zero(1, sizeof *p);
    p->rows = mem_alloc_zero(list->count, sizeof *p->rows);
    size_t total = 0, text_used = 0;
    for (size_t i = 0; i < list->count; i++) {
        total += list->items[i].text.len;
        if (list->items[i].text.len == 1)
            add_single(g, a, &list->items[i]);
        else
            p->rows[p->count++].literal = &list->items[i];
    }
    g->texts = arena_bytes(a, total);
    g->pairs = ARENA_ARRAY(a, uint8_t, PAIRS);
    p->grams_shift = 64 - log2_at_least(p->count * 2);
    p->grams = mem_alloc_zero((size_t)1 << (64 - p->grams_shift), sizeof *p->grams);
    qsort(p->rows, p->count, sizeof *p->rows, by_length);
    for (size_t i = 0; i < p->count; i++)
        pick(p, &p->rows[i]);
    for (size_t from = 0, to; from < p->count; from = to) {
        unsigned index = width_index(p->rows[from].literal->text.len);
        for (to = from; to < p->count && width_index(p->rows[to].literal->text.len) == index;)
            to++;
        table_fill(g, index, p->rows + from, to - from, &text_used, a);
    }
    free(p->grams);
    free(p->rows);
    free(p);
    return g;
}

size_t gram_set_worst(const struct gram_set *g)
{
    return g ? g->worst : 0;
}

static inline void try_width(const struct gram_set *g, unsigned index, uint64_t eight,
                             struct slice text, size_t at, uint32_t base, struct bit_sink *sink)
{
    const struct gram_table *t = &g->widths[index];
    uint64_t gram = eight & t->mask, place = gram_hash(gram) >> t->filter_shift;
    if (!(t->filter[place >> 6] >> (place & 63) & 1))
        return;
    const struct gram_slot *slot = slot_in(t->slots, t->slot_shift, gram);
    const struct gram_entry *e = t->entries + slot->first;
    for (uint32_t i = 0; i < slot->count; i++, e++) {
        if (at < e->offset || text.len - (at - e->offset) < e->len)
            continue;
        if (memcmp(text.at + (at - e->offset), g->texts + e->text, e->len) == 0)
            bit_sink_set(sink, base + e->bit);
    }
}

[[gnu::noinline]] static void look_closer(const struct gram_set *g, unsigned flags,
                                          struct slice text, size_t at, uint32_t base,
                                          struct bit_sink *sink)
{
    uint64_t eight = load_eight(text.at + at);
    for (unsigned index = 0; index < WIDTHS; index++)
        if (flags >> index & 1)
            try_width(g, index, eight, text, at, base, sink);
}

void gram_set_scan(const struct gram_set *g, struct slice text, uint32_t base,
                   struct bit_sink *sink)
{
    if (!g)
        return;
    for (size_t i = 0; i + 2 <= text.len; i++) {
        unsigned flags = g->pairs[pair_of(le16(text.at + i))];
        if (flags)
            look_closer(g, flags, text, i, base, sink);
    }
    for (size_t i = 0; g->singles && i < text.len; i++)
        if (g->singles[text.at[i]])
            bit_sink_set(sink, base + g->singles[text.at[i]] - 1);
}
