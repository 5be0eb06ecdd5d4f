// SPDX-License-Identifier: Apache-2.0
// Thousands of literals anywhere in a text, by grams.
//
// From each literal of four bytes or more one gram of four bytes is picked, the one that should be
// rarest in event logs. A bitmap a few times larger than the number of grams holds their hashes;
// sliding over the text, each position loads four bytes and looks at one bit. Where the bit is set,
// a hash table gives the literals with this gram and its place in them, and these are compared with
// the text around. Literals of one to three bytes have bitmaps and tables of their own width.
//
// Why not an Aho-Corasick automaton? Each of its steps must wait for the memory access of the step
// before, and a dense table for ten thousand literals takes tens of megabytes, far beyond the
// caches. Here the look-ups of neighbouring positions do not depend on each other, so the processor
// overlaps them, and everything stays below a megabyte. The price: time per byte is bounded by the
// longest row of literals with one gram (gram_set_worst), not by a constant. Rows are kept short by
// picking, among grams equally rare, the one with the fewest literals so far. The evidence has no
// influence on them.
#include "detection/sigma/literals.h"

#include <stdlib.h>

enum { GRAM_WIDTHS = 4 };

struct gram_entry {
    uint32_t text;   // in the text pool
    uint32_t len;    // of the literal, bytes
    uint32_t offset; // of the gram in it
    uint32_t bit;
};

struct gram_slot {
    uint32_t gram;
    uint32_t first; // of its entries
    uint32_t count; // 0: free
};

// All literals whose gram has one width (bytes).
struct gram_table {
    unsigned filter_shift, slot_shift; // 32 - log2 of the size
    uint64_t *filter;
    struct gram_slot *slots;
    struct gram_entry *entries;
    size_t count; // entries
};

struct gram_set {
    struct gram_table widths[GRAM_WIDTHS]; // [w - 1]
    uint8_t *texts;
    size_t worst;
};

// Texts that occur all over Windows' logs: a gram out of them says little.
static const char common_text[] =
    "c:\\windows\\system32\\ c:\\program files (x86)\\ \\syswow64\\ c:\\users\\public\\ "
    "\\appdata\\local\\temp\\ "
    "\\appdata\\roaming\\microsoft\\windows\\ \\windowspowershell\\v1.0\\powershell.exe "
    "c:\\programdata\\ .exe .dll "
    "cmd.exe /c hklm\\software\\microsoft\\windows\\currentversion\\ hkcu\\software\\classes "
    "\\registry\\machine\\system\\"
    "currentcontrolset\\services\\ https://www. http:// .com/ .net new-object system. nt "
    "authority\\system -executionpolicy "
    "bypass -noprofile -command invoke-expression get- set- powershell microsoft.windows "
    "rundll32.exe svchost.exe -k "
    "version=1.0.0.0, culture=neutral, publickeytoken= \\device\\harddiskvolume  - -- .ps1 "
    "function param( the  and  for ";

static inline uint32_t load_gram(const uint8_t *p)
{
    uint32_t g;
    memcpy(&g, p, sizeof g);
    return g;
}

static inline uint32_t gram_hash(uint32_t gram)
{
    return gram * 0x9e3779b1u;
}

static unsigned log2_at_least(size_t n)
{
    unsigned bits = 6;
    while (bits < 28 && ((size_t)1 << bits) < n)
        bits++;
    return bits;
}

// How often each gram stands in common_text (0 or 1) and in the rows so far: small open table by
// gram.
struct gram_count {
    uint32_t gram, count;
};
struct gram_counts {
    struct gram_count *slots;
    unsigned shift;
};

static uint32_t *gram_counts_at(struct gram_counts *c, uint32_t gram)
{
    uint32_t mask = (1u << (32 - c->shift)) - 1;
    uint32_t i = gram_hash(gram) >> c->shift;
    while (c->slots[i].count && c->slots[i].gram != gram)
        i = (i + 1) & mask;
    c->slots[i].gram = gram;
    return &c->slots[i].count;
}

// A guess at how common a byte is in folded paths and command lines: letters before digits before
// the rest.
static unsigned byte_weight(uint8_t c)
{
    static const char often[] = "etaoinsrlc\\. dmpu";
    if (c && memchr(often, c, sizeof often - 1))
        return 3;
    if (c >= 'a' && c <= 'z')
        return c == 'q' || c == 'z' || c == 'j' || c == 'x' ? 0 : 2;
    return 1;
}

static const uint32_t common_mark = 1u << 20;

// The offset of the gram to use for this literal.
static uint32_t pick_gram(struct gram_counts *counts, struct slice text)
{
    uint32_t best = 0, best_score = UINT32_MAX;
    size_t last = text.len - GRAM_WIDTHS;
    if (last > 256)
        last = 256;
    for (size_t o = 0; o <= last; o++) {
        uint32_t found = *gram_counts_at(counts, load_gram(text.at + o));
        uint32_t score = 0;
        for (size_t k = 0; k < GRAM_WIDTHS; k++)
            score += byte_weight(text.at[o + k]);
        score += (found & (common_mark - 1)) * 4 + (found >= common_mark ? 60 : 0);
        if (score < best_score) {
            best_score = score;
            best = (uint32_t)o;
        }
    }
    return best;
}

static void count_common(struct gram_counts *counts)
{
    for (size_t i = 0; i + GRAM_WIDTHS < sizeof common_text; i++) {
        uint32_t *n = gram_counts_at(counts, load_gram((const uint8_t *)common_text + i));
        *n = common_mark;
    }
}

struct chosen {
    const struct literal *literal;
    uint32_t gram, offset;
};

static int by_gram(const void *a, const void *b)
{
    const struct chosen *x = a, *y = b;
    if (x->gram != y->gram)
        return x->gram < y->gram ? -1 : 1;
    return (x->literal->bit > y->literal->bit) - (x->literal->bit < y->literal->bit);
}

static void table_fill(struct gram_set *g, struct gram_table *t, struct chosen *rows, size_t n,
                       size_t *text_used, struct arena *a)
{
    unsigned filter_bits = log2_at_least(n * 16), slot_bits = log2_at_least(n * 2);
    t->filter_shift = 32 - filter_bits;
    t->slot_shift = 32 - slot_bits;
    t->filter = ARENA_ARRAY(a, uint64_t, ((size_t)1 << filter_bits) / 64);
    t->slots = ARENA_ARRAY(a, struct gram_slot, (size_t)1 << slot_bits);
    t->entries = ARENA_ARRAY(a, struct gram_entry, n);
    t->count = n;
    if (n)
        qsort(rows, n, sizeof *rows, by_gram);
    struct gram_slot *slot = NULL;
    for (size_t i = 0; i < n; i++) {
        uint32_t gram = rows[i].gram, h = gram_hash(gram);
        if (!slot || slot->gram != gram) {
            uint32_t mask = (1u << slot_bits) - 1, s = h >> t->slot_shift;
            while (t->slots[s].count)
                s = (s + 1) & mask;
            slot = &t->slots[s];
            *slot = (struct gram_slot){.gram = gram, .first = (uint32_t)i};
            t->filter[h >> t->filter_shift >> 6] |= 1ull << (h >> t->filter_shift & 63);
        }
        slot->count++;
        if (slot->count > g->worst)
            g->worst = slot->count;
        struct slice text = rows[i].literal->text;
        memcpy(g->texts + *text_used, text.at, text.len);
        t->entries[i] = (struct gram_entry){.text = (uint32_t)*text_used,
                                            .len = (uint32_t)text.len,
                                            .offset = rows[i].offset,
                                            .bit = rows[i].literal->bit};
        *text_used += text.len;
    }
}

// Shared by all widths: picks each literal's gram.
static struct chosen *choose_grams(const literal_list *list, struct gram_counts *counts)
{
    struct chosen *rows = mem_alloc_zero(list->count, sizeof *rows);
    for (size_t i = 0; i < list->count; i++) {
        struct slice text = list->items[i].text;
        uint8_t padded[GRAM_WIDTHS] = {0};
        rows[i].literal = &list->items[i];
        if (text.len < GRAM_WIDTHS) {
            memcpy(padded, text.at, text.len);
            rows[i].gram = load_gram(padded);
            continue;
        }
        rows[i].offset = pick_gram(counts, text);
        rows[i].gram = load_gram(text.at + rows[i].offset);
        (*gram_counts_at(counts, rows[i].gram))++;
    }
    return rows;
}

struct gram_set *gram_set_create(struct arena *a, const literal_list *list)
{
    if (list->count == 0)
        return NULL;
    struct gram_set *g = ARENA_NEW(a, struct gram_set);
    size_t total = 0, grams = sizeof common_text;
    for (size_t i = 0; i < list->count; i++) {
        size_t len = list->items[i].text.len;
        total += len;
        grams += len < 260 ? len : 260; // pick_gram looks no further
    }
    g->texts = arena_bytes(a, total + LITERALS_PADDING);
    memset(g->texts + total, 0, LITERALS_PADDING);
    struct gram_counts counts = {.shift = 32 - log2_at_least(grams * 2)};
    counts.slots = mem_alloc_zero((size_t)1 << (32 - counts.shift), sizeof *counts.slots);
    count_common(&counts);
    struct chosen *rows = choose_grams(list, &counts);
    struct chosen *of_width = mem_alloc_zero(list->count, sizeof *of_width);
    size_t text_used = 0;
    for (uint32_t w = 1; w <= GRAM_WIDTHS; w++) {
        size_t n = 0;
        for (size_t i = 0; i < list->count; i++) {
            size_t len = rows[i].literal->text.len;
            if ((len < GRAM_WIDTHS ? len : GRAM_WIDTHS) == w)
                of_width[n++] = rows[i];
        }
        if (n || w == GRAM_WIDTHS) // the widest is always asked
            table_fill(g, &g->widths[w - 1], of_width, n, &text_used, a);
    }
    free(of_width);
    free(rows);
    free(counts.slots);
    return g;
}

size_t gram_set_worst(const struct gram_set *g)
{
    return g ? g->worst : 0;
}

[[gnu::noinline]] static void table_hit(const struct gram_set *g, const struct gram_table *t,
                                        uint32_t gram, struct slice text, size_t at, uint32_t base,
                                        struct bit_sink *sink)
{
    uint32_t mask = (uint32_t)((1ull << (32 - t->slot_shift)) - 1);
    uint32_t s = gram_hash(gram) >> t->slot_shift;
    while (t->slots[s].count && t->slots[s].gram != gram)
        s = (s + 1) & mask;
    const struct gram_entry *e = t->entries + t->slots[s].first;
    for (uint32_t i = 0; i < t->slots[s].count; i++, e++) {
        if (at < e->offset || text.len - (at - e->offset) < e->len)
            continue;
        if (memcmp(text.at + (at - e->offset), g->texts + e->text, e->len) == 0)
            bit_sink_set(sink, base + e->bit);
    }
}

static inline bool filter_has(const struct gram_table *t, uint32_t gram)
{
    uint32_t h = gram_hash(gram) >> t->filter_shift;
    return t->filter[h >> 6] >> (h & 63) & 1;
}

// One look at each place for all widths from two bytes on; those that the set does not have are
// left out at compile time.
[[gnu::always_inline]] static inline void scan_widths(const struct gram_set *g, struct slice text,
                                                      uint32_t base, struct bit_sink *sink,
                                                      bool three, bool two)
{
    const struct gram_table *t4 = &g->widths[3], *t3 = &g->widths[2], *t2 = &g->widths[1];
    size_t i = 0;
    for (; i + GRAM_WIDTHS <= text.len; i++) {
        uint32_t gram = load_gram(text.at + i);
        if (filter_has(t4, gram))
            table_hit(g, t4, gram, text, i, base, sink);
        if (three && filter_has(t3, gram & 0xffffff))
            table_hit(g, t3, gram & 0xffffff, text, i, base, sink);
        if (two && filter_has(t2, gram & 0xffff))
            table_hit(g, t2, gram & 0xffff, text, i, base, sink);
    }
    for (; i + 2 <= text.len; i++) {
        uint32_t gram = load_gram(text.at + i);
        if (three && i + 3 <= text.len && filter_has(t3, gram & 0xffffff))
            table_hit(g, t3, gram & 0xffffff, text, i, base, sink);
        if (two && filter_has(t2, gram & 0xffff))
            table_hit(g, t2, gram & 0xffff, text, i, base, sink);
    }
}

static void scan_bytes(const struct gram_set *g, struct slice text, uint32_t base,
                       struct bit_sink *sink)
{
    const struct gram_table *t = &g->widths[0];
    for (size_t i = 0; i < text.len; i++)
        if (filter_has(t, text.at[i]))
            table_hit(g, t, text.at[i], text, i, base, sink);
}

void gram_set_scan(const struct gram_set *g, struct slice text, uint32_t base,
                   struct bit_sink *sink)
{
    if (!g)
        return;
    bool three = g->widths[2].count, two = g->widths[1].count;
    if (three && two)
        scan_widths(g, text, base, sink, true, true);
    else if (three)
        scan_widths(g, text, base, sink, true, false);
    else if (two)
        scan_widths(g, text, base, sink, false, true);
    else
        scan_widths(g, text, base, sink, false, false);
    if (g->widths[0].count)
        scan_bytes(g, text, base, sink);
}
