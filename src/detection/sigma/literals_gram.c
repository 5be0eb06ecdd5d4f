// SPDX-License-Identifier: Apache-2.0
// Thousands of literals anywhere in a text, by grams: bytes that stand side by side.
//
// A literal of n bytes has n - q + 1 grams of q bytes. When s of them that follow each other lead
// to the literal, the text need only be looked at in every s-th place: one of the s must begin at
// one. So the longer the literals, the fewer looks. They are parted by length:
//   11 bytes and more: grams of eight bytes, every 4th place;
//   6 to 10 bytes: grams of four bytes, every 3rd place;
//   2 to 5 bytes: one gram each, every place (literals_short.c, 32 places at once);
//   beyond ASCII: one gram each, only where the text has such a byte.
// A look is a load, a hash and three bits of a table that stays in the cache, for eight or sixteen
// places at once where the processor has AVX2 or AVX-512 (literals_scan.c); only when all bits are
// set does a hash table give the literals under this gram, which are compared with the text around.
// With AVX-512 a field's literals are not looked for so when they are few (literals_few.c).
//
// Which of a literal's grams lead to it is free: picked are those that are rare in event logs and
// that few other literals have.
//
// Why not an Aho-Corasick automaton? Each of its steps must wait for the memory access of the step
// before, it must look at every byte, and a dense table for ten thousand literals takes tens of
// megabytes, far beyond the caches. Here the looks do not depend on each other, so the processor
// overlaps them. The price: time per look is bounded by the longest row of literals under one gram
// (gram_set_worst), not by a constant. Evidence has no influence on the rows.
#include "detection/sigma/literals_internal.h"

#include <stdlib.h>

enum {
    LONG_LEAST = 11, // bytes of a literal
    MIDDLE_LEAST = 6,
    FILTER_MOST = 1 << 20, // grams: a hash of 32 bits gives no more places
    FILTER_BITS = 16,      // for each gram, at least
    WINDOWS = 256,         // places of a literal that are considered
    RAREST_OF = 64,        // bytes of a literal, for gram_rarest
    AHEAD = 16,            // entries
    ROW_COST = 100,
    ROW_MOST = 1000, // literals under one gram beyond which it costs no more: the sum must fit
};

// How common the characters from blank to tilde are in folded command lines, paths and scripts:
// log2 of their number in ten thousand, measured over logs.
const char gram_common_characters[] = "80600300330036857777645454700200"
                                      "00000000000000000000000000009004"
                                      "0979997779468899868997798851010";

unsigned gram_log2(size_t n)
{
    unsigned bits = 6;
    while (bits < 28 && ((size_t)1 << bits) < n)
        bits++;
    return bits;
}

uint32_t gram_rarest(struct slice text, uint32_t width)
{
    uint32_t weights[RAREST_OF], sum = 0, best = UINT32_MAX, from = 0;
    for (uint32_t i = 0; i < text.len && i < RAREST_OF; i++) {
        sum += weights[i] = gram_character_weight(text.at[i]);
        sum -= i >= width ? weights[i - width] : 0;
        if (i + 1 < width || sum >= best)
            continue;
        best = sum;
        from = i + 1 - width;
    }
    return from;
}

static uint64_t gram_at(struct slice text, size_t offset, uint32_t width)
{
    uint8_t bytes[8] = {0};
    memcpy(bytes, text.at + offset, width);
    return gram_load(bytes);
}

static void size_table(struct gram_table *t, uint32_t width, uint32_t stride, size_t count,
                       struct arena *a)
{
    unsigned filter_bits = gram_log2((count < FILTER_MOST ? count : FILTER_MOST) * FILTER_BITS),
             slot_bits = gram_log2(count * 2);
    *t = (struct gram_table){.width = width,
                             .stride = stride,
                             .mask = gram_mask(width),
                             .word_shift = 32 + 5 - filter_bits,
                             .slot_shift = 64 - slot_bits,
                             .entry_count = count};
    t->filter = ARENA_ARRAY(a, uint32_t, ((size_t)1 << filter_bits) / 32);
    for (size_t i = 0; i < sizeof t->spread; i++)
        t->spread[i] = (uint8_t)(i / 4 * stride + i % 4);
    t->slots = ARENA_ARRAY(a, struct gram_slot, (size_t)1 << slot_bits);
}

static struct gram_slot *add_gram(struct gram_set *g, struct gram_table *t, uint64_t gram)
{
    uint32_t mix = gram_mix(gram);
    struct gram_slot *slot = gram_slot_in(t->slots, t->slot_shift, gram);
    slot->gram = gram;
    slot->count++;
    g->worst = slot->count > g->worst ? slot->count : g->worst;
    t->filter[mix >> t->word_shift] |= gram_filter_bits(mix, t->word_shift);
    return slot;
}

void gram_table_fill(struct gram_set *g, struct gram_table *t, uint32_t width, uint32_t stride,
                     const struct gram_row *rows, size_t count, struct arena *a)
{
    if (count == 0)
        return;
    size_table(t, width, stride, count, a);
    struct gram_entry *entries = ARENA_ARRAY(a, struct gram_entry, count);
    for (size_t i = 0; i < count; i++)
        add_gram(g, t, rows[i].gram);
    uint32_t used = 0; // each slot's entries end here, and begin where they are filled from behind
    for (size_t i = 0; i < (size_t)1 << (64 - t->slot_shift); i++)
        t->slots[i].first = used += t->slots[i].count;
    for (size_t i = count; i-- > 0;) {
        const struct literal *l = rows[i].literal;
        struct gram_slot *slot = gram_slot_in(t->slots, t->slot_shift, rows[i].gram);
        entries[--slot->first] =
            (struct gram_entry){l->pooled, (uint32_t)l->text.len, rows[i].offset, l->bit};
    }
    t->entries = entries;
}

static bool gram_table_index(struct gram_set *g, struct gram_table *t, struct arena *a)
{
    const struct gram_entry *entries = t->entries;
    size_t count = t->entry_count;
    struct gram_slot *slot = NULL;
    if (count == 0)
        return true;
    size_table(t, t->width, t->stride, count, a);
    t->entries = entries;
    for (size_t i = 0; i < count; i++) {
        size_t at = (size_t)entries[i].text + entries[i].offset;
        if (i + AHEAD < count) // their order is the slots', so texts lie anywhere
            __builtin_prefetch(g->texts + entries[i + AHEAD].text + entries[i + AHEAD].offset);
        uint64_t gram = at + 8 <= g->texts_used
                            ? gram_load(g->texts + at) & t->mask
                            : gram_at(slice_of(g->texts, g->texts_used), at, t->width);
        struct gram_slot *before = slot;
        slot = add_gram(g, t, gram);
        if (slot->count == 1)
            slot->first = (uint32_t)i;
        else if (slot != before)
            return false;
    }
    return true;
}

// The grams of one width picked so far.
struct picker {
    struct gram_slot *grams; // how many literals have each (count)
    unsigned shift;          // 64 - log2 of the size
    uint32_t width, stride;
};

static void picker_begin(struct picker *p, uint32_t width, uint32_t stride, size_t literals)
{
    *p = (struct picker){.width = width, .stride = stride};
    p->shift = 64 - gram_log2(literals * stride * 2);
    p->grams = mem_alloc_zero((size_t)1 << (64 - p->shift), sizeof *p->grams);
}

// What it costs to have a literal under the gram here: how often texts have it (weight: that of its
// characters), and a longer row.
static uint32_t gram_cost(const struct picker *p, struct slice text, size_t at, uint32_t weight)
{
    uint32_t row = gram_slot_in(p->grams, p->shift, gram_at(text, at, p->width))->count;
    return (row < ROW_MOST ? row : ROW_MOST) * ROW_COST + weight * 16 / p->width;
}

static bool may_begin(struct slice text, size_t at, bool far)
{
    return !far || text.at[at] >= 0x80;
}

// The first of the stride grams in a row that cost least together; false when there are none.
static bool pick_window(const struct picker *p, struct slice text, bool far, uint32_t *out)
{
    uint32_t costs[GRAM_MAX_STRIDE] = {0}, sum = 0, best = UINT32_MAX, weight = 0;
    for (uint32_t i = 0; i + 1 < p->width && i < text.len; i++)
        weight += gram_character_weight(text.at[i]);
    for (size_t at = 0; at + p->width <= text.len && at < WINDOWS; at++) {
        weight += gram_character_weight(text.at[at + p->width - 1]);
        uint32_t cost = gram_cost(p, text, at, weight), place = (uint32_t)(at % p->stride);
        weight -= gram_character_weight(text.at[at]);
        sum = sum - costs[place] + cost;
        costs[place] = cost;
        if (at + 1 < p->stride || sum >= best || !may_begin(text, at + 1 - p->stride, far))
            continue;
        best = sum;
        *out = (uint32_t)(at + 1 - p->stride);
    }
    return best != UINT32_MAX;
}

static void take_window(struct picker *p, const struct literal *l, struct gram_row *rows,
                        size_t *count)
{
    for (uint32_t i = 0; i < p->stride; i++) {
        uint64_t gram = gram_at(l->text, l->pick + i, p->width);
        rows[(*count)++] = (struct gram_row){l, gram, l->pick + i};
        struct gram_slot *slot = gram_slot_in(p->grams, p->shift, gram);
        slot->gram = gram;
        slot->count++;
    }
}

static void fill_strided(struct gram_set *g, struct gram_table *t, uint32_t width,
                         struct literal **literals, size_t count, struct arena *a)
{
    size_t least = SIZE_MAX, used = 0;
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        least = literals[i]->text.len < least ? literals[i]->text.len : least;
    size_t stride = least - width + 1 < GRAM_MAX_STRIDE ? least - width + 1 : GRAM_MAX_STRIDE;
    struct gram_row *rows = mem_alloc(count * stride * sizeof *rows);
    struct picker p;
    picker_begin(&p, width, (uint32_t)stride, count);
    for (size_t i = 0; i < count; i++) {
        if (!pick_window(&p, literals[i]->text, false, &literals[i]->pick))
            literals[i]->pick = 0;
        take_window(&p, literals[i], rows, &used);
    }
    gram_table_fill(g, t, width, (uint32_t)stride, rows, used, a);
    free(p.grams);
    free(rows);
}

static size_t widest_short(const struct literal *l)
{
    return l->text.len < 4 ? l->text.len : 4;
}

static void fill_short(struct gram_set *g, struct short_set *s, bool far, struct literal **literals,
                       size_t count, struct arena *a)
{
    struct picker pickers[GRAM_SHORT_TABLES];
    struct gram_row *rows = mem_alloc(count * sizeof *rows);
    uint8_t *widths = mem_alloc(count);
    size_t used = 0;
    for (uint32_t k = 0; k < GRAM_SHORT_TABLES; k++)
        picker_begin(&pickers[k], k + 2, 1, count);
    for (size_t i = 0; i < count; i++) {
        struct literal *l = literals[i];
        size_t width = widest_short(l);
        for (; width > 2; width--)
            if (pick_window(&pickers[width - 2], l->text, far, &l->pick))
                break;
        if (width == 2 && !pick_window(&pickers[0], l->text, far, &l->pick))
            l->pick = 0;
        widths[used] = (uint8_t)width;
        take_window(&pickers[width - 2], l, rows, &used);
    }
    short_set_fill(g, s, rows, widths, count, a);
    for (uint32_t k = 0; k < GRAM_SHORT_TABLES; k++)
        free(pickers[k].grams);
    free(widths);
    free(rows);
}

static void fill_singles(struct gram_set *g, struct literal **literals, size_t count,
                         struct arena *a)
{
    struct gram_single *list = ARENA_ARRAY(a, struct gram_single, count);
    for (size_t i = 0; i < count; i++)
        list[i] = (struct gram_single){.byte = literals[i]->text.at[0], .bit = literals[i]->bit};
    g->single_list = list;
    g->single_count = count;
}

// Whether a byte beyond ASCII stands in the text with another behind it.
static bool is_far(struct slice text)
{
    for (size_t i = 0; i + 1 < text.len && i < WINDOWS; i++)
        if (text.at[i] >= 0x80)
            return true;
    return false;
}

enum part {
    PART_SINGLE,
    PART_NEAR,
    PART_FAR,
    PART_MIDDLE,
    PART_LONGER,
    PARTS,
};

static enum part part_of(struct slice text)
{
    if (text.len == 1)
        return PART_SINGLE;
    if (is_far(text))
        return PART_FAR;
    return text.len >= LONG_LEAST     ? PART_LONGER
           : text.len >= MIDDLE_LEAST ? PART_MIDDLE
                                      : PART_NEAR;
}

struct gram_set *gram_set_new(struct arena *a)
{
    struct gram_set *g = ARENA_NEW(a, struct gram_set);
    g->vectors = literals_vectors();
    return g;
}

static size_t literals_in(const struct gram_table *t)
{
    return t->entry_count ? (t->entry_count + t->stride - 1) / t->stride : 0;
}

// Of a literal's grams, which stand in a row, one stands at a multiple of the stride.
static size_t add_few(struct few_literal *list, size_t count, const struct gram_table *t)
{
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct gram_entry *e = &t->entries[i];
        if (e->offset % t->stride == 0)
            list[count++] = (struct few_literal){e->text, e->len, e->bit};
    }
    return count;
}

static void choose_few(struct gram_set *g)
{
    size_t near = g->near.count, middle = near + literals_in(&g->middle),
           longer = middle + literals_in(&g->longer);
    g->few_near = g->vectors == VECTORS_512 && near <= FEW_MOST;
    g->few_middle = g->few_near && middle <= FEW_MOST;
    g->few_longer = g->few_middle && longer <= FEW_MOST;
}

static void fill_few(struct gram_set *g, struct arena *a)
{
    struct few_literal list[FEW_MOST * GRAM_MAX_STRIDE];
    size_t count = 0;
    for (size_t k = 0; g->few_near && k < GRAM_SHORT_TABLES; k++)
        count = add_few(list, count, &g->near.tables[k]);
    if (g->few_middle)
        count = add_few(list, count, &g->middle);
    if (g->few_longer)
        count = add_few(list, count, &g->longer);
    g->few = few_literals_create(g, list, count, a);
    if (!g->few)
        g->few_near = g->few_middle = g->few_longer = false;
}

static void group_near(struct gram_set *g, struct arena *a)
{
    if (g->vectors == VECTORS_512 && !g->few_near && g->near.count)
        short_set_group(g, &g->near, a);
}

static bool index_short_set(struct gram_set *g, struct short_set *s, struct arena *a)
{
    for (size_t k = 0; k < GRAM_SHORT_TABLES; k++)
        if (!gram_table_index(g, &s->tables[k], a))
            return false;
    if (s->count)
        short_set_index(s, a);
    return true;
}

bool gram_set_index(struct gram_set *g, struct arena *a)
{
    choose_few(g);
    fill_few(g, a);
    group_near(g, a);
    return (g->few_near || index_short_set(g, &g->near, a)) && index_short_set(g, &g->far, a) &&
           (g->few_middle || gram_table_index(g, &g->middle, a)) &&
           (g->few_longer || gram_table_index(g, &g->longer, a));
}

struct gram_set *gram_set_create(struct arena *a, literal_list *list)
{
    if (list->count == 0)
        return NULL;
    struct gram_set *g = gram_set_new(a);
    struct literal **parts[PARTS];
    size_t counts[PARTS] = {0}, total = 0;
    for (int k = 0; k < PARTS; k++)
        parts[k] = mem_alloc(list->count * sizeof **parts);
    for (size_t i = 0; i < list->count; i++)
        total += list->items[i].text.len;
    uint8_t *texts = arena_bytes(a, total);
    g->texts = texts;
    for (size_t i = 0; i < list->count; i++) {
        struct literal *l = &list->items[i];
        enum part part = part_of(l->text);
        l->pooled = (uint32_t)g->texts_used;
        memcpy(texts + g->texts_used, l->text.at, l->text.len);
        g->texts_used += l->text.len;
        parts[part][counts[part]++] = l;
    }
    fill_singles(g, parts[PART_SINGLE], counts[PART_SINGLE], a);
    fill_short(g, &g->near, false, parts[PART_NEAR], counts[PART_NEAR], a);
    fill_short(g, &g->far, true, parts[PART_FAR], counts[PART_FAR], a);
    fill_strided(g, &g->middle, GRAM_MIDDLE, parts[PART_MIDDLE], counts[PART_MIDDLE], a);
    fill_strided(g, &g->longer, GRAM_LONGER, parts[PART_LONGER], counts[PART_LONGER], a);
    choose_few(g);
    fill_few(g, a);
    group_near(g, a);
    for (int k = 0; k < PARTS; k++)
        free(parts[k]);
    return g;
}

static void list_literal(struct slice text, uint32_t bit, struct slice *texts, uint64_t *bits)
{
    texts[bit] = text;
    bits[bit >> 6] |= 1ull << (bit & 63);
}

static void list_table(const struct gram_set *g, const struct gram_table *t, struct slice *texts,
                       uint64_t *bits)
{
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct gram_entry *e = &t->entries[i];
        list_literal(slice_of(g->texts + e->text, e->len), e->bit, texts, bits);
    }
}

void gram_set_list(const struct gram_set *g, struct slice *texts, uint64_t *bits)
{
    list_table(g, &g->middle, texts, bits);
    list_table(g, &g->longer, texts, bits);
    for (size_t k = 0; k < GRAM_SHORT_TABLES; k++) {
        list_table(g, &g->near.tables[k], texts, bits);
        list_table(g, &g->far.tables[k], texts, bits);
    }
    for (size_t i = 0; i < g->single_count; i++)
        list_literal(slice_of(&g->single_list[i].byte, 1), g->single_list[i].bit, texts, bits);
}

bool gram_set_limit_vectors(struct gram_set *g, struct arena *a, enum vectors most)
{
    g->vectors = g->vectors < most ? g->vectors : most;
    return gram_set_index(g, a);
}

size_t gram_set_worst(const struct gram_set *g)
{
    return g ? g->worst : 0;
}

void gram_set_scan(const struct gram_set *g, struct slice text, uint32_t base,
                   struct bit_sink *sink)
{
    if (!g)
        return;
    if (g->few)
        few_literals_scan(g, g->few, text, base, sink);
    if (!g->few_near && g->near.count)
        short_set_scan(g, &g->near, text, base, sink);
    if (!g->few_middle)
        gram_table_scan(g, &g->middle, text, base, sink);
    if (!g->few_longer)
        gram_table_scan(g, &g->longer, text, base, sink);
    if (g->far.count)
        short_set_scan_far(g, &g->far, text, base, sink);
    for (size_t i = 0; i < g->single_count; i++)
        if (byte_stands(g, text, g->single_list[i].byte))
            bit_sink_set(sink, base + g->single_list[i].bit);
}
