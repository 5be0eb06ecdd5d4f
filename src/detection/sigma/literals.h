// SPDX-License-Identifier: Apache-2.0
// Which of many literals stand in a text, all at once: anywhere (gram filter), at its start or end
// (tries), or as the whole (hash). Bytes are compared; folding is the caller's.
#ifndef VIGIE_DETECTION_SIGMA_LITERALS_H
#define VIGIE_DETECTION_SIGMA_LITERALS_H

#include "base/arena.h"
#include "base/array.h"

// Where hits go: bit base + n for literal n, each bit listed once in touched.
struct bit_sink {
    uint64_t *bits;
    uint32_t *touched; // room for every bit
    size_t touched_count;
};

static inline bool bit_is_set(const uint64_t *bits, uint32_t bit)
{
    return bits[bit >> 6] >> (bit & 63) & 1;
}

static inline void bit_sink_set(struct bit_sink *sink, uint32_t bit)
{
    uint64_t mask = 1ull << (bit & 63);
    uint64_t *word = &sink->bits[bit >> 6];
    if (*word & mask)
        return;
    *word |= mask;
    sink->touched[sink->touched_count++] = bit;
}

// A literal to look for, and the bit that says it was found. The text must outlive the set.
struct literal {
    struct slice text; // not empty
    uint32_t bit;
    // Used while a set is built: where in it the grams stand by which it is found; its place in the
    // pool.
    uint32_t pick, pooled;
};
typedef ARRAY_OF(struct literal) literal_list;

// Texts given to the scans must be followed by this many readable bytes (of any value).
enum { LITERALS_PADDING = 40 }; // for loads of 32 at any place, three bytes on

struct gram_set;    // contains
struct prefix_trie; // starts with, ends with
struct whole_table; // equals

// The lists must not have a text twice. They may be freed afterwards. Memory: arena. NULL for an
// empty list; the scans take NULL.
struct gram_set *gram_set_create(struct arena *a, literal_list *list);
void gram_set_scan(const struct gram_set *g, struct slice text, uint32_t base,
                   struct bit_sink *sink);
// By bit: the texts looked for, and a bit for each. They live as long as the set.
void gram_set_list(const struct gram_set *g, struct slice *texts, uint64_t *bits);
// The longest row of literals that share a gram: bounds the time per byte.
size_t gram_set_worst(const struct gram_set *g);
// What this processor has to look at many places at once. More is more.
enum vectors {
    VECTORS_NONE,
    VECTORS_256, // AVX2
    VECTORS_512, // AVX-512 with VBMI
};
enum vectors literals_vectors(void);
// For tests: to make do with less.
[[nodiscard]] bool gram_set_limit_vectors(struct gram_set *g, struct arena *a, enum vectors most);

struct prefix_trie *prefix_trie_create(struct arena *a, const literal_list *list, bool backwards);
void prefix_trie_scan(const struct prefix_trie *t, struct slice text, uint32_t base,
                      struct bit_sink *sink);

struct whole_table *whole_table_create(struct arena *a, const literal_list *list);
void whole_table_scan(const struct whole_table *w, struct slice text, uint32_t base,
                      struct bit_sink *sink);

#endif
