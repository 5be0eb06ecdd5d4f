// SPDX-License-Identifier: Apache-2.0
// Tables of literals as bytes (codec.h). What takes time to find is kept: which grams lead to a
// literal, the order of entries, the nodes of tries. Hash tables and filters are not: they are
// filled in from entries that lie in the order of their slots, at the speed of memory, and so no
// hash table has to be trusted. Entries and nodes are used where they lie, each number checked.
#include "detection/sigma/codec.h"
#include "detection/sigma/literals_internal.h"

static bool entry_fits(const struct gram_set *g, const struct gram_entry *e, uint32_t width,
                       uint32_t bits)
{
    return (uint64_t)e->text + e->len <= g->texts_used && (uint64_t)e->offset + width <= e->len &&
           e->bit < bits;
}

static void code_gram_table(struct codec *c, const struct gram_set *g, struct gram_table *t,
                            uint32_t width, uint32_t bits)
{
    CODE_BELOW(c, t->stride, GRAM_MAX_STRIDE + 1);
    CODE_PLAIN(c, t->entries, t->entry_count);
    if (!c->reading || t->entry_count == 0)
        return;
    t->width = width;
    c->bad |= t->stride == 0;
    for (size_t i = 0; i < t->entry_count; i++)
        c->bad |= !entry_fits(g, &t->entries[i], width, bits);
    codec_charge(c, gram_table_bytes(t->entry_count));
}

static void code_short_set(struct codec *c, const struct gram_set *g, struct short_set *s,
                           uint32_t bits)
{
    for (uint32_t k = 0; k < GRAM_SHORT_TABLES; k++) {
        code_gram_table(c, g, &s->tables[k], k + 2, bits);
        if (c->reading)
            s->count += s->tables[k].entry_count;
    }
    if (c->bad || s->count == 0)
        return;
    codec_bytes(c, s->low, sizeof s->low);
    codec_bytes(c, s->high, sizeof s->high);
    if (c->reading)
        codec_charge(c, GRAM_PAIRS);
}

void codec_gram_set(struct codec *c, struct arena *a, struct gram_set **set, uint32_t bits)
{
    bool there = *set != NULL;
    CODE_BOOL(c, there);
    if (!there)
        return;
    if (c->reading)
        *set = gram_set_new(a);
    struct gram_set *g = *set;
    CODE_PLAIN(c, g->texts, g->texts_used);
    CODE_PLAIN(c, g->single_list, g->single_count);
    for (size_t i = 0; c->reading && i < g->single_count; i++)
        c->bad |= g->single_list[i].bit >= bits;
    code_short_set(c, g, &g->near, bits);
    code_short_set(c, g, &g->far, bits);
    code_gram_table(c, g, &g->middle, GRAM_MIDDLE, bits);
    code_gram_table(c, g, &g->longer, GRAM_LONGER, bits);
    if (!c->reading)
        return;
    codec_charge(c, few_literals_bytes);
    c->bad = c->bad || !gram_set_index(g, a);
}

// Children lie behind their parents, so that every way down ends.
static bool node_fits(const struct prefix_trie *t, size_t place, uint32_t bits)
{
    const struct trie_node *n = &t->nodes[place];
    return (uint64_t)n->run + n->len <= t->text_bytes && n->first_child > place &&
           (uint64_t)n->first_child + n->child_count <=
               (n->child_count ? t->node_count : UINT64_MAX) &&
           (n->bit < bits || n->bit == TRIE_NO_BIT);
}

void codec_trie(struct codec *c, struct arena *a, struct prefix_trie **trie, bool backwards,
                uint32_t bits)
{
    bool there = *trie != NULL;
    CODE_BOOL(c, there);
    if (!there)
        return;
    if (c->reading)
        *trie = ARENA_NEW(a, struct prefix_trie);
    struct prefix_trie *t = *trie;
    CODE_PLAIN(c, t->texts, t->text_bytes);
    CODE_PLAIN(c, t->nodes, t->node_count);
    if (!c->reading)
        return;
    t->backwards = backwards;
    c->bad |= t->node_count == 0;
    for (size_t i = 0; i < t->node_count; i++)
        c->bad |= !node_fits(t, i, bits);
    if (!c->bad)
        prefix_trie_index(t, a);
}

void codec_whole(struct codec *c, struct arena *a, struct whole_table **table, uint32_t bits)
{
    bool there = *table != NULL;
    CODE_BOOL(c, there);
    if (!there)
        return;
    if (c->reading)
        *table = ARENA_NEW(a, struct whole_table);
    struct whole_table *w = *table;
    CODE_PLAIN(c, w->texts, w->text_bytes);
    CODE_PLAIN(c, w->rows, w->row_count);
    if (!c->reading)
        return;
    for (size_t i = 0; i < w->row_count; i++)
        c->bad |=
            (uint64_t)w->rows[i].text + w->rows[i].len > w->text_bytes || w->rows[i].bit >= bits;
    codec_charge(c, whole_table_bytes(w->row_count));
    if (!c->bad)
        whole_table_index(w, a);
}
