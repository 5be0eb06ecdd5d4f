// SPDX-License-Identifier: Apache-2.0
// A text that holds a literal of n bytes holds its n - q + 1 grams of q bytes side by side, so one
// of them begins at a multiple of n - q + 1. It is enough to look at every such place of a text, n
// being the shortest literal's length, whether one of the grams of any literal stands there; most
// values need a few looks, in UTF-16 as it lies. Upper and lower case are made equal by setting bit
// 5 of each byte, which makes some other characters equal too: that only costs a search in vain. A
// place with a character beyond ASCII, which may fold to ASCII, is always worth a search.
// Short grams need the fewest looks but stand in many innocent texts, so a text is looked through
// for short ones first, and only when it has one for long ones. Where a long one stands, the text
// around is compared with its literals: of script blocks every fourth has "privilege" or "kerberos"
// somewhere, and to search it all for nothing costs more than this look.
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
    for (unsigned type = 0; type < 256; type++)
        if (f->types[type])
            f->other_types |= event_type_bit((uint8_t)type);
    f->other_types &= ~event_type_bit(VALUE_UTF16);
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

// Four bytes as UTF-16 has them, case made equal: what utf16_quick compares.
static uint64_t widened(const uint8_t *p)
{
    uint64_t wide = 0x0020002000200020u;
    for (unsigned i = 0; i < GRAM_MIN; i++)
        wide |= (uint64_t)p[i] << (16 * i);
    return wide;
}

static void add_gram(struct keyword_grams *g, uint64_t gram, struct slice literal, size_t offset)
{
    uint32_t hash = gram_hash(gram), at = hash & g->mask;
    g->bits[hash >> 6] |= 1ull << (hash & 63);
    while (g->table[at] && g->table[at] != gram)
        at = (at + 1) & g->mask;
    g->table[at] = gram;
    g->places[g->place_count++] = (struct keyword_place){literal, (uint32_t)offset, g->first[at]};
    g->first[at] = g->place_count;
}

static void init_grams(struct keyword_grams *g, struct arena *a, uint32_t length, uint32_t least,
                       bool wide, const struct slice *literals, size_t count)
{
    size_t grams = 0, size = 64;
    for (size_t i = 0; i < count; i++)
        grams += literals[i].len;
    while (size < grams * 2)
        size *= 2;
    g->table = ARENA_ARRAY(a, uint64_t, size);
    g->first = ARENA_ARRAY(a, uint32_t, size);
    g->places = ARENA_ARRAY(a, struct keyword_place, grams);
    g->mask = (uint32_t)size - 1;
    g->gram = length;
    g->stride = least - length + 1;
    for (size_t i = 0; i < count; i++) {
        struct slice part = ascii_part(literals[i]);
        for (size_t k = 0; k + length <= part.len; k++) {
            uint8_t eight[GRAM_MAX] = {0};
            memcpy(eight, part.at + k, length);
            add_gram(g, wide ? widened(eight) : gram_of(le64(eight), length), part, k);
        }
    }
}

static void init_prints(struct keyword_filter *f, struct arena *a, const struct slice *literals,
                        size_t count)
{
    struct slice *parts = ARENA_ARRAY(a, struct slice, count);
    for (size_t i = 0; i < count; i++)
        parts[i] = ascii_part(literals[i]);
    keyword_prints_init(&f->prints, a, parts, count);
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
    init_prints(f, a, literals, count);
    uint32_t length = f->least < GRAM_MIN + 3 ? GRAM_MIN : f->least - 3;
    init_grams(&f->quick, a, GRAM_MIN, f->least, true, literals, count);
    init_grams(&f->sure, a, length < GRAM_MAX ? length : GRAM_MAX, f->least, false, literals,
               count);
}

// Where the gram's places begin, place + 1; 0 when it is none.
static uint32_t places_of(const struct keyword_grams *g, uint64_t gram, uint32_t hash)
{
    for (uint32_t at = hash & g->mask; g->table[at]; at = (at + 1) & g->mask)
        if (g->table[at] == gram)
            return g->first[at];
    return 0;
}

static inline uint32_t gram_places(const struct keyword_grams *g, uint64_t eight)
{
    uint64_t gram = gram_of(eight, g->gram);
    uint32_t hash = gram_hash(gram);
    return g->bits[hash >> 6] >> (hash & 63) & 1 ? places_of(g, gram, hash) : 0;
}

enum meeting {
    MEETS,
    MEETS_NOT,
    MEETS_FOREIGN, // a character beyond ASCII, which may be anything
};

// The unit-th unit of a text of 1 or 2 bytes each against a character; units beyond its ends count
// up to SIZE_MAX.
static inline enum meeting meets(struct slice text, size_t size, size_t unit, uint8_t c)
{
    if (unit >= text.len / size)
        return MEETS_NOT;
    uint16_t x = size == 2 ? le16(text.at + 2 * unit) : text.at[unit];
    if (x >= 0x80)
        return MEETS_FOREIGN;
    return (x | 0x20) == (c | 0x20) ? MEETS : MEETS_NOT;
}

// Whether a literal may stand round the gram at unit `at`: compared outwards from there.
static bool place_fits(const struct keyword_place *p, struct slice text, size_t size, size_t at)
{
    enum meeting m = MEETS;
    for (size_t k = p->offset; k < p->literal.len && m == MEETS; k++)
        m = meets(text, size, at + (k - p->offset), p->literal.at[k]);
    if (m == MEETS_NOT)
        return false;
    m = MEETS;
    for (size_t k = p->offset; k-- > 0 && m == MEETS;)
        m = meets(text, size, at - (p->offset - k), p->literal.at[k]);
    return m != MEETS_NOT;
}

static bool any_fits(const struct keyword_grams *g, uint32_t place, struct slice text, size_t size,
                     size_t at)
{
    for (; place; place = g->places[place - 1].next)
        if (place_fits(&g->places[place - 1], text, size, at))
            return true;
    return false;
}

static bool utf8_may(const struct keyword_grams *g, struct slice text)
{
    for (size_t i = 0; i + g->gram <= text.len; i += g->stride) {
        uint8_t bytes[GRAM_MAX] = {0};
        size_t n = text.len - i < GRAM_MAX ? text.len - i : GRAM_MAX;
        memcpy(bytes, text.at + i, n);
        uint64_t eight = le64(bytes);
        if (eight & 0x8080808080808080u || any_fits(g, gram_places(g, eight), text, 1, i))
            return true;
    }
    return false;
}

static inline uint64_t narrow(uint64_t four)
{
    four = (four | four >> 8) & 0x0000ffff0000ffffu;
    return (four | four >> 16) & 0xffffffffu;
}

static const uint64_t not_ascii = 0xff80ff80ff80ff80u;

static bool utf16_may(const struct keyword_grams *g, struct slice text)
{
    size_t units = text.len / 2;
    if (units < GRAM_MAX)
        return true;
    for (size_t i = 0; i + g->gram <= units; i += g->stride) {
        // Eight units; at the end of the text those that end there, moved down.
        size_t from = i + GRAM_MAX <= units ? i : units - GRAM_MAX;
        const uint8_t *p = text.at + 2 * from;
        uint64_t low = le64(p), high = le64(p + 8);
        uint64_t eight = (narrow(low) | narrow(high) << 32) >> 8 * (i - from);
        if ((low | high) & not_ascii || any_fits(g, gram_places(g, eight), text, 2, i))
            return true;
    }
    return false;
}

// The loop that most values end in: UTF-16 is compared as it lies, and characters beyond ASCII,
// which are rare, are only asked for at the end.
static bool utf16_quick(const struct keyword_grams *g, struct slice text)
{
    const size_t step = (size_t)g->stride * 2;
    uint64_t seen = 0;
    for (size_t i = 0; i + (size_t)2 * GRAM_MIN <= text.len; i += step) {
        uint64_t four = le64(text.at + i), gram = four | 0x0020002000200020u;
        uint32_t hash = gram_hash(gram);
        seen |= four;
        if (g->bits[hash >> 6] >> (hash & 63) & 1 && places_of(g, gram, hash))
            return true;
    }
    return seen & not_ascii;
}

bool keyword_filter_text_may(const struct keyword_filter *f, struct value v)
{
    if (v.type == VALUE_UTF8)
        return v.raw.len >= f->least && utf8_may(&f->sure, v.raw);
    if (v.type != VALUE_UTF16 && v.type != (VALUE_UTF16 | VALUE_ARRAY))
        return true;
    // In an array NULs part the elements.
    return v.raw.len / 2 >= f->least && utf16_quick(&f->quick, v.raw) && utf16_may(&f->sure, v.raw);
}

static bool is_utf16(struct value v)
{
    return (v.type & ~VALUE_ARRAY) == VALUE_UTF16;
}

bool keyword_filter_event_may(const struct keyword_filter *f, const struct event_raw *raw)
{
    bool printed = keyword_prints_usable(&f->prints, raw->bytes, raw->readable);
    if (printed && keyword_prints_stand(&f->prints, raw->bytes))
        return true;
    if (printed && !(raw->types & f->other_types))
        return false;
    for (size_t i = 0; i < raw->count; i++)
        if (!(printed && is_utf16(raw->values[i])) && keyword_filter_may(f, raw->values[i]))
            return true;
    return false;
}
