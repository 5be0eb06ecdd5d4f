// SPDX-License-Identifier: Apache-2.0
// A text that holds a literal of n bytes holds its n - q + 1 grams of q bytes side by side, so one
// of them begins at a multiple of n - q + 1. It is enough to look at every such place of a text, n
// being the shortest literal's length, whether one of the grams of any literal stands there; most
// values need a few looks, in UTF-16 as it lies. Upper and lower case are made equal by setting bit
// 5 of each byte, which makes some other characters equal too: that only costs a search in vain. A
// place with a character beyond ASCII, which may fold to ASCII, is always worth a search.
//
// Numbers, identifiers and times can be left out by the characters that their texts are made of.
#include "detection/sigma/keyword_filter.h"

enum {
    GRAM_MIN = 4,
    GRAM_MAX = 8,
};

// Equal for grams whose first q of eight bytes are equal but for case.
static inline uint64_t gram_of(uint64_t eight, uint32_t q)
{
    return (eight | 0x2020202020202020u) << (64 - 8 * q);
}

static inline uint32_t gram_hash(uint64_t gram)
{
    return (uint32_t)(gram * 0x9e3779b97f4a7c15u >> 51);
}

_Static_assert(KEYWORD_FILTER_BITS == 1 << (64 - 51), "the hash has as many bits as the bitmap");

static bool made_of(struct slice text, const char *alphabet)
{
    for (size_t i = 0; i < text.len; i++)
        if (!text.at[i] || !strchr(alphabet, text.at[i]))
            return false;
    return true;
}

// The folded texts of some types consist of these characters only.
static const struct {
    uint8_t type;
    const char *alphabet;
} alphabets[] = {
    {VALUE_INT8, "0123456789-"},
    {VALUE_UINT8, "0123456789"},
    {VALUE_INT16, "0123456789-"},
    {VALUE_UINT16, "0123456789"},
    {VALUE_INT32, "0123456789-"},
    {VALUE_UINT32, "0123456789"},
    {VALUE_INT64, "0123456789-"},
    {VALUE_UINT64, "0123456789"},
    {VALUE_BOOL, "truefals"},
    {VALUE_BINARY, "0123456789abcdef"},
    {VALUE_SIZE, "0123456789abcdefx"},
    {VALUE_HEX32, "0123456789abcdefx"},
    {VALUE_HEX64, "0123456789abcdefx"},
    {VALUE_GUID, "0123456789abcdef{}-"},
    {VALUE_SID, "0123456789abcdefsx-"},
    {VALUE_FILETIME, "0123456789-:.tz"},
    {VALUE_SYSTEMTIME, "0123456789-:.tz"},
    {VALUE_BINXML, "0123456789abcdef"},
};

static void init_types(struct keyword_filter *f, const struct slice *literals, size_t count)
{
    memset(f->types, true, sizeof f->types);
    for (size_t k = 0; k < sizeof alphabets / sizeof *alphabets; k++) {
        bool possible = false;
        for (size_t i = 0; i < count && !possible; i++)
            possible = made_of(literals[i], alphabets[k].alphabet);
        f->types[alphabets[k].type] = possible;
    }
    f->types[VALUE_NULL] = f->types[VALUE_ABSENT] = false;
}

// The longest part of a literal that is ASCII.
static struct slice ascii_part(struct slice text)
{
    struct slice best = {0};
    for (size_t from = 0; from < text.len; from++) {
        size_t to = from;
        while (to < text.len && text.at[to] < 0x80)
            to++;
        if (to - from > best.len)
            best = slice_sub(text, from, to);
        from = to;
    }
    return best;
}

static void add_gram(struct keyword_filter *f, uint64_t gram)
{
    uint32_t hash = gram_hash(gram), at = hash & f->mask;
    f->grams[hash >> 6] |= 1ull << (hash & 63);
    while (f->table[at] && f->table[at] != gram)
        at = (at + 1) & f->mask;
    f->table[at] = gram;
}

static void add_grams(struct keyword_filter *f, struct slice part)
{
    for (size_t k = 0; k + f->gram <= part.len; k++) {
        uint8_t eight[GRAM_MAX] = {0};
        memcpy(eight, part.at + k, f->gram);
        add_gram(f, gram_of(le64(eight), f->gram));
    }
}

void keyword_filter_init(struct keyword_filter *f, struct arena *a, const struct slice *literals,
                         size_t count)
{
    *f = (struct keyword_filter){.least = UINT32_MAX};
    init_types(f, literals, count);
    for (size_t i = 0; i < count; i++) {
        struct slice part = ascii_part(literals[i]);
        f->least = part.len < f->least ? (uint32_t)part.len : f->least;
    }
    f->only_types = f->least < GRAM_MIN;
    if (f->only_types)
        return;
    f->gram = f->least < GRAM_MIN + 3 ? GRAM_MIN : f->least - 3;
    if (f->gram > GRAM_MAX)
        f->gram = GRAM_MAX;
    f->stride = f->least - f->gram + 1;
    size_t grams = 0, size = 64;
    for (size_t i = 0; i < count; i++)
        grams += literals[i].len;
    while (size < grams * 2)
        size *= 2;
    f->table = ARENA_ARRAY(a, uint64_t, size);
    f->mask = (uint32_t)size - 1;
    for (size_t i = 0; i < count; i++)
        add_grams(f, ascii_part(literals[i]));
}

static bool is_in_table(const struct keyword_filter *f, uint64_t gram, uint32_t hash)
{
    for (uint32_t at = hash & f->mask; f->table[at]; at = (at + 1) & f->mask)
        if (f->table[at] == gram)
            return true;
    return false;
}

static inline bool has_gram(const struct keyword_filter *f, uint64_t eight)
{
    uint64_t gram = gram_of(eight, f->gram);
    uint32_t hash = gram_hash(gram);
    return f->grams[hash >> 6] >> (hash & 63) & 1 && is_in_table(f, gram, hash);
}

static bool utf8_may(const struct keyword_filter *f, struct slice text)
{
    if (text.len < f->least)
        return false;
    for (size_t i = 0; i + f->gram <= text.len; i += f->stride) {
        uint8_t bytes[GRAM_MAX] = {0};
        if (i + GRAM_MAX <= text.len)
            memcpy(bytes, text.at + i, GRAM_MAX);
        else
            memcpy(bytes, text.at + i, text.len - i);
        uint64_t eight = le64(bytes);
        if (eight & 0x8080808080808080u || has_gram(f, eight))
            return true;
    }
    return false;
}

static inline uint64_t narrow(uint64_t four)
{
    four = (four | four >> 8) & 0x0000ffff0000ffffu;
    return (four | four >> 16) & 0xffffffffu;
}

static bool utf16_may(const struct keyword_filter *f, struct slice text)
{
    size_t units = text.len / 2;
    if (units < f->least)
        return false;
    if (units < GRAM_MAX)
        return true;
    for (size_t i = 0; i + f->gram <= units; i += f->stride) {
        // Eight units; at the end of the text those that end there, moved down.
        size_t from = i + GRAM_MAX <= units ? i : units - GRAM_MAX;
        const uint8_t *p = text.at + 2 * from;
        uint64_t low = le64(p), high = le64(p + 8);
        if ((low | high) & 0xff80ff80ff80ff80u)
            return true;
        if (has_gram(f, (narrow(low) | narrow(high) << 32) >> 8 * (i - from)))
            return true;
    }
    return false;
}

bool keyword_filter_may(const struct keyword_filter *f, struct value v)
{
    if (!f->types[v.type])
        return false;
    if (f->only_types)
        return true;
    if (v.type == VALUE_UTF16 ||
        v.type == (VALUE_UTF16 | VALUE_ARRAY)) // NULs part an array's elements
        return utf16_may(f, v.raw);
    return v.type != VALUE_UTF8 || utf8_may(f, v.raw);
}
