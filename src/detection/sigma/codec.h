// SPDX-License-Identifier: Apache-2.0
// Compiled rules as bytes. One function for each kind of thing both writes and reads it, so that
// the two cannot differ. What is read is not trusted: every count, number and reference is checked,
// and reading ends at the first that is not right. Used by rule_cache.c; the rule set is in
// codec_set.c, the engine in codec_engine.c.
#ifndef VIGIE_DETECTION_SIGMA_CODEC_H
#define VIGIE_DETECTION_SIGMA_CODEC_H

#include "base/buf.h"
#include "detection/sigma/engine_internal.h"

struct codec_sources {
    struct sigma_source *sources;
    size_t count;
};

struct codec {
    bool reading, bad;
    struct buf *later;  // writing: where a rule's own bytes go, which are read when it is asked for
    struct sha256 *sum; // writing: of such bytes; made when it is first needed
    struct buf *out;    // writing
    size_t from;        // writing: where in out what is read apart begins; arrays are aligned
    struct arena *arena;             // reading
    const uint8_t *begin, *at, *end; // reading: all, and what is left; texts and plain arrays stay
                                     // where they are and are borrowed
    size_t budget;                   // reading: bytes that may still be made of it
    ARRAY_OF(struct codec_sources) sources; // of all rules, each once
};

// Where what is read later stands: in a file, or in memory.
struct codec_later {
    int file; // -1: in memory; else it belongs to the set as soon as that has `unread`
    uint64_t from;
    struct slice bytes; // in memory; of a file only the length counts
};

// Reads or writes a whole set and its engine. Reading: set and engine are empty ones
// (sigma_set_init, engine_new); false when the bytes are not such as writing makes, and then both
// can only be destroyed. Writing: later is NULL; false when the set is of a kind that cannot be
// kept.
[[nodiscard]] bool codec_set(struct codec *c, struct sigma_set *set,
                             const struct codec_later *later);
[[nodiscard]] bool codec_engine(struct codec *c, struct sigma_engine *engine);
void codec_free(struct codec *c);

enum {
    CODEC_MAX_BITS = 1 << 28, // of an engine
};
// What reading so many bytes may make of them.
#define CODEC_BUDGET(bytes) ((bytes)*128 + (1 << 20))

// Parts, for codec_*.c. After a failure they do nothing and give 0.
uint64_t codec_long(struct codec *c, uint64_t n);
// Seven bits a byte, low ones first, as LEB128. Most are one byte, and there are a million of them.
static inline uint64_t codec_u64(struct codec *c, uint64_t n)
{
    if (c->reading && c->at < c->end && *c->at < 0x80 && !c->bad)
        return *c->at++;
    return codec_long(c, n);
}
void codec_bytes(struct codec *c, void *p, size_t len);
// Reading: such bytes where they stand, borrowed; NULL when there are not so many.
const uint8_t *codec_pass(struct codec *c, size_t len);
void codec_text(struct codec *c, struct slice *s);
// Elements without pointers or gaps, as they lie in memory (the cache is for this machine): when
// reading they are borrowed, or copied where their place does not fit. They must be checked.
const void *codec_plain(struct codec *c, const void *items, size_t *count, size_t size);
#define CODE_PLAIN(c, items, count)                                                                \
    ((items) = (typeof(items))codec_plain((c), (items), &(count), sizeof *(items)))
// Memory that is about to be taken for what was read.
void codec_charge(struct codec *c, size_t bytes);
// Elements of an array: when reading, not more than can be there.
size_t codec_count(struct codec *c, size_t n, size_t element_size);
static inline uint64_t codec_below(struct codec *c, uint64_t n, uint64_t limit)
{
    uint64_t value = codec_u64(c, n);
    if (value < limit && !c->bad)
        return value;
    c->bad = true;
    return 0;
}

static inline void codec_u32(struct codec *c, uint32_t *n)
{
    *n = (uint32_t)codec_below(c, *n, 1ull << 32);
}

#define CODE_NUMBER(c, x)       ((x) = (size_t)codec_u64((c), (x)))
#define CODE_BELOW(c, x, limit) ((x) = (typeof(x))codec_below((c), (uint64_t)(x), (limit)))
#define CODE_BOOL(c, x)         ((x) = codec_below((c), (x), 2) != 0)

// items and count of a struct; each(c, &item) for all.
#define CODE_ARRAY(c, items, count, each)                                                          \
    do {                                                                                           \
        (count) = codec_count((c), (count), sizeof *(items));                                      \
        if ((c)->reading)                                                                          \
            (items) = arena_alloc_array((c)->arena, (count), sizeof *(items));                     \
        for (size_t i_ = 0; i_ < (count) && !(c)->bad; i_++)                                       \
            each((c), &(items)[i_]);                                                               \
    } while (0)

// codec_literals.c: bits, those of the field.
struct gram_set;
struct prefix_trie;
struct whole_table;
void codec_gram_set(struct codec *c, struct arena *a, struct gram_set **set, uint32_t bits);
void codec_trie(struct codec *c, struct arena *a, struct prefix_trie **trie, bool backwards,
                uint32_t bits);
void codec_whole(struct codec *c, struct arena *a, struct whole_table **table, uint32_t bits);

// codec_field.c
void codec_field_tests(struct codec *c, const struct sigma_engine *engine, struct field_tests *f);

// codec_detection.c
void codec_test_body(struct codec *c, struct sigma_test *t);
void codec_item(struct codec *c, struct sigma_item *item);
// What is read later: attributes (codec_set.c), selections and condition. Before the first rule,
// codec_rules_later. Reading only remembers where each rule's are.
void codec_rules_later(struct codec *c, struct sigma_set *set, size_t rules,
                       const struct codec_later *later);
void codec_rule_later(struct codec *c, struct sigma_set *set, size_t rule);
// All of these bytes of a file, however many reads that takes.
[[nodiscard]] bool codec_read_at(int fd, uint8_t *to, size_t size, uint64_t from);

// codec_set.c: of a rule, what is for readers.
void codec_attributes(struct codec *c, struct sigma_rule *r);

#endif
