// SPDX-License-Identifier: Apache-2.0
// What the search for literals is made of (literals_gram.c, literals_scan.c, literals_short.c,
// literals_few.c, literals_trie.c).
#ifndef VIGIE_DETECTION_SIGMA_LITERALS_INTERNAL_H
#define VIGIE_DETECTION_SIGMA_LITERALS_INTERNAL_H

#include "detection/sigma/literals.h"
#include "detection/sigma/literals_groups.h"

enum {
    GRAM_PAIRS = 1 << 14,
    GRAM_SHORT_TABLES = 3, // of grams of two, three and four bytes
    GRAM_MIDDLE = 4,       // bytes
    GRAM_LONGER = 8,
    GRAM_MAX_STRIDE = 4, // four grams fit in sixteen bytes then
};

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

// Grams of one width, with the literals that each stands for.
struct gram_table {
    uint32_t width, stride; // bytes; looked for at every multiple of stride
    uint64_t mask;          // of the eight bytes loaded, those that belong to the gram
    unsigned slot_shift;    // 64 - log2 of the size
    unsigned word_shift;    // 32 - log2 of the filter's words
    uint32_t *filter;   // by gram_mix: a gram has three bits in one word; NULL: there are no grams
    uint8_t spread[64]; // where the bytes of sixteen grams in a row lie, four of each
    struct gram_slot *slots;
    const struct gram_entry *entries; // in the order of their slots
    size_t entry_count;
};

// Short literals, or those beyond ASCII: every place is looked at.
struct short_set {
    size_t count;
    uint8_t *pairs; // by pair of bytes: 1 << number of a table in which a gram begins with it
    struct gram_table tables[GRAM_SHORT_TABLES];
    // By half of a byte, at three places in a row from where a gram begins: the groups of literals
    // that may have it there. (Twice the same sixteen, as AVX2 wants them.)
    uint8_t low[3][32], high[3][32];
    struct group_tables *groups; // with AVX-512, for the same: more groups, four places
};

struct gram_single {
    uint32_t bit;
    uint8_t byte, unused[3]; // no gap: it is kept as it lies
};

struct gram_set {
    struct gram_table middle, longer;
    struct short_set near, far; // far: with a byte beyond ASCII
    const struct gram_single *single_list;
    size_t single_count;
    const uint8_t *texts;
    size_t texts_used;
    // With AVX-512, as there is room for them: the near, then also the middle, then also the longer
    // literals; their tables need not be indexed then.
    struct few_literals *few;
    bool few_near, few_middle, few_longer;
    size_t worst;
    enum vectors vectors;
};

// Tries (literals_trie.c).
struct trie_node {
    uint32_t run; // in the trie's texts
    uint32_t len;
    uint32_t bit; // of the literal that ends here, or TRIE_NO_BIT
    uint32_t first_child;
    uint32_t child_count;
};
#define TRIE_NO_BIT UINT32_MAX

struct prefix_trie {
    const struct trie_node *nodes;
    size_t node_count;
    const uint8_t *texts;
    size_t text_bytes;
    uint8_t *heads; // first byte of each node's run
    bool backwards;
};

struct whole_row {
    uint32_t text, len; // in the table's texts
    uint32_t bit;
};

struct whole_slot {
    uint64_t hash;
    uint32_t row; // number + 1; 0: free
};

struct whole_table {
    const struct whole_row *rows;
    size_t row_count;
    const uint8_t *texts;
    size_t text_bytes;
    struct whole_slot *slots;
    size_t mask;
    uint64_t lengths; // bit n: a text of n bytes is there; bit 63: one of 63 or more
};

struct gram_set *gram_set_new(struct arena *a);
// Most that the index of so many entries or rows takes.
static inline size_t gram_table_bytes(size_t entries)
{
    return 64 * sizeof(struct gram_slot) + entries * (4 * sizeof(struct gram_slot) + 4);
}
static inline size_t whole_table_bytes(size_t rows)
{
    return (8 + rows * 4) * sizeof(struct whole_slot);
}
// What stands beside rows and nodes and is found from them, so that only these need to be kept.
// Filling in the slots fails when two entries that are apart have the same gram.
[[nodiscard]] bool gram_set_index(struct gram_set *g, struct arena *a);
void short_set_index(struct short_set *s, struct arena *a);
void prefix_trie_index(struct prefix_trie *t, struct arena *a);
void whole_table_index(struct whole_table *w, struct arena *a);

// One gram of a literal, and where in the literal.
struct gram_row {
    const struct literal *literal;
    uint64_t gram;
    uint32_t offset;
};

static inline uint64_t gram_load(const uint8_t *p)
{
    uint64_t g;
    memcpy(&g, p, sizeof g);
    return g;
}

static inline uint64_t gram_hash(uint64_t gram)
{
    return gram * 0x9e3779b97f4a7c15u;
}

// Another hash, of 32 bits, such as AVX2 makes of eight grams at once (literals_scan.c).
#define GRAM_MIX_FIRST  0x9e3779b1u
#define GRAM_MIX_SECOND 0x85ebca6bu
static inline uint32_t gram_mix(uint64_t gram)
{
    uint32_t x = (uint32_t)gram ^ (uint32_t)(gram >> 32) * GRAM_MIX_SECOND;
    return (x ^ x >> 15) * GRAM_MIX_FIRST;
}

static inline unsigned gram_third_shift(unsigned word_shift)
{
    return word_shift > 15 ? word_shift - 15 : 0;
}

// Its upper bits choose a word of the filter, the three rows of five bits below the bits in it: one
// load, and far fewer grams pass that are none than with one bit in as much memory.
static inline uint32_t gram_filter_bits(uint32_t mix, unsigned word_shift)
{
    return 1u << (mix >> (word_shift - 5) & 31) | 1u << (mix >> (word_shift - 10) & 31) |
           1u << (mix >> gram_third_shift(word_shift) & 31);
}

static inline bool gram_passes(const struct gram_table *t, uint64_t gram)
{
    uint32_t mix = gram_mix(gram), bits = gram_filter_bits(mix, t->word_shift);
    return (t->filter[mix >> t->word_shift] & bits) == bits;
}

static inline uint64_t gram_mask(uint32_t width)
{
    return width == 8 ? UINT64_MAX : (1ull << (8 * width)) - 1;
}

// The two low bytes of what is loaded, seven bits of each: bytes beyond ASCII share places with
// others.
static inline uint32_t gram_pair(uint64_t eight)
{
    uint32_t x = (uint32_t)eight;
    return (x & 0x7f) | (x >> 1 & 0x3f80);
}

static inline struct gram_slot *gram_slot_in(struct gram_slot *slots, unsigned shift, uint64_t gram)
{
    uint64_t hash = gram_hash(gram), mask = (1ull << (64 - shift)) - 1, at = hash >> shift;
    while (slots[at].count && slots[at].gram != gram)
        at = (at + 1) & mask;
    return &slots[at];
}

// Sets the bits of the literals that stand round their gram at text[at]; the gram has passed the
// filter.
static inline void gram_table_check(const struct gram_set *g, const struct gram_table *t,
                                    uint64_t gram, struct slice text, size_t at, uint32_t base,
                                    struct bit_sink *sink)
{
    const struct gram_slot *slot = gram_slot_in(t->slots, t->slot_shift, gram);
    const struct gram_entry *e = t->entries + slot->first;
    for (uint32_t i = 0; i < slot->count; i++, e++) {
        if (at < e->offset || text.len - (at - e->offset) < e->len)
            continue;
        if (memcmp(text.at + (at - e->offset), g->texts + e->text, e->len) == 0)
            bit_sink_set(sink, base + e->bit);
    }
}

static inline void gram_table_look(const struct gram_set *g, const struct gram_table *t,
                                   uint64_t eight, struct slice text, size_t at, uint32_t base,
                                   struct bit_sink *sink)
{
    if (gram_passes(t, eight & t->mask))
        gram_table_check(g, t, eight & t->mask, text, at, base, sink);
}

// literals_gram.c: fills in a table. The literals' texts are in the pool of g.
void gram_table_fill(struct gram_set *g, struct gram_table *t, uint32_t width, uint32_t stride,
                     const struct gram_row *rows, size_t count, struct arena *a);
// How common a folded character is in event logs: log2.
extern const char gram_common_characters[];
static inline uint32_t gram_character_weight(uint8_t c)
{
    return c >= 32 && c < 127 ? (uint32_t)(gram_common_characters[c - 32] - '0') : 0;
}
// Where the `width` bytes in a row begin that are rarest together; 0 for a literal that has no
// more.
uint32_t gram_rarest(struct slice text, uint32_t width);
unsigned gram_log2(size_t n);

// literals_scan.c: sets the bits of a table's literals that stand in the text.
void gram_table_scan(const struct gram_set *g, const struct gram_table *t, struct slice text,
                     uint32_t base, struct bit_sink *sink);

// literals_few.c: for AVX-512.
enum { FEW_MOST = GROUP_SETS * 8 * 8 };
struct few_literal {
    uint32_t text, len; // in the pool of the set
    uint32_t bit;
};
// NULL when there are none, or too many.
struct few_literals *few_literals_create(const struct gram_set *g, const struct few_literal *list,
                                         size_t count, struct arena *a);
extern const size_t few_literals_bytes; // most that they take
void few_literals_scan(const struct gram_set *g, const struct few_literals *f, struct slice text,
                       uint32_t base, struct bit_sink *sink);

// literals_short.c. rows: width of each by its gram's place in widths.
void short_set_fill(struct gram_set *g, struct short_set *s, const struct gram_row *rows,
                    const uint8_t *widths, size_t count, struct arena *a);
// For AVX-512, when the literals are too many for few_literals.
void short_set_group(const struct gram_set *g, struct short_set *s, struct arena *a);
void short_set_scan(const struct gram_set *g, const struct short_set *s, struct slice text,
                    uint32_t base, struct bit_sink *sink);
// The same for literals whose gram begins with a byte beyond ASCII.
void short_set_scan_far(const struct gram_set *g, const struct short_set *s, struct slice text,
                        uint32_t base, struct bit_sink *sink);
// Whether a byte stands in the text.
bool byte_stands(const struct gram_set *g, struct slice text, uint8_t byte);

#endif
