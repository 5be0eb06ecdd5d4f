// SPDX-License-Identifier: Apache-2.0
// All ways of finding literals, against looking for them one by one.
#include "detection/sigma/codec.h"
#include "detection/sigma/fold.h"
#include "detection/sigma/keyword_filter.h"
#include "detection/sigma/known_values.h"
#include "detection/sigma/literals.h"

#include "base/utf.h"
#include "detection/sigma/engine_testing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum {
    BASE = 70,
};

struct fixture {
    struct arena arena;
    literal_list list;
    struct bit_sink sink;
};

static bool is_listed(const struct fixture *f, struct slice text)
{
    for (size_t i = 0; i < f->list.count; i++)
        if (slice_equal(f->list.items[i].text, text))
            return true;
    return false;
}

static struct slice draw(struct dice *d, struct arena *a, uint32_t longest, uint32_t letters)
{
    uint32_t n = dice_roll(d, longest + 1);
    uint8_t *p = arena_bytes(a, n + LITERALS_PADDING);
    memset(p, 0, n + LITERALS_PADDING);
    for (uint32_t i = 0; i < n; i++)
        p[i] = (uint8_t)("abcdexyz.\\-\xc3\xa9"[dice_roll(d, letters)]);
    return slice_of(p, n);
}

static void setup(struct fixture *f, struct dice *d, uint32_t count, uint32_t letters)
{
    *f = (struct fixture){0};
    arena_init(&f->arena, 0);
    for (uint32_t i = 0; i < count; i++) {
        struct slice text = draw(d, &f->arena, 1 + dice_roll(d, 22), letters);
        if (text.len && !is_listed(f, text))
            *ARRAY_ADD(&f->list) = (struct literal){text, (uint32_t)f->list.count, 0, 0};
    }
    f->sink.bits = ARENA_ARRAY(&f->arena, uint64_t, count / 64 + 4);
    f->sink.touched = ARENA_ARRAY(&f->arena, uint32_t, count + BASE);
}

static void teardown(struct fixture *f)
{
    ARRAY_FREE(&f->list);
    arena_free(&f->arena);
}

typedef bool one_by_one(struct slice text, struct slice literal);

static bool is_contained(struct slice text, struct slice literal)
{
    for (size_t i = 0; i + literal.len <= text.len; i++)
        if (memcmp(text.at + i, literal.at, literal.len) == 0)
            return true;
    return false;
}

static bool is_start(struct slice text, struct slice literal)
{
    return slice_starts(text, literal);
}

static bool is_end(struct slice text, struct slice literal)
{
    return slice_ends(text, literal);
}

static bool is_whole(struct slice text, struct slice literal)
{
    return slice_equal(text, literal);
}

static void compare(struct fixture *f, struct slice text, one_by_one *holds)
{
    size_t set = 0;
    for (size_t i = 0; i < f->list.count; i++) {
        bool expected = holds(text, f->list.items[i].text);
        set += expected;
        if (bit_is_set(f->sink.bits, BASE + f->list.items[i].bit) != expected)
            fail_msg("'%.*s' in '%.*s': expected %d", SLICE_FMT(f->list.items[i].text),
                     SLICE_FMT(text), expected);
    }
    assert_int_equal(f->sink.touched_count, set); // each once, and nothing else
    for (size_t i = 0; i < f->sink.touched_count; i++)
        f->sink.bits[f->sink.touched[i] >> 6] = 0;
    f->sink.touched_count = 0;
}

struct tables {
    struct gram_set *contains;
    struct prefix_trie *starts, *ends;
    struct whole_table *whole;
};

static void code_tables(struct codec *c, struct arena *a, struct tables *t, uint32_t bits)
{
    codec_gram_set(c, a, &t->contains, bits);
    codec_trie(c, a, &t->starts, false, bits);
    codec_trie(c, a, &t->ends, true, bits);
    codec_whole(c, a, &t->whole, bits);
}

// Written and read again, from a place that is aligned or not.
static struct tables through_bytes(struct fixture *f, struct tables t, size_t shift)
{
    struct buf out = {0};
    struct codec writer = {.out = &out};
    uint32_t bits = (uint32_t)f->list.count + 1;
    code_tables(&writer, &f->arena, &t, bits);
    uint8_t *copy = arena_alloc(&f->arena, out.len + shift);
    copy += shift;
    memcpy(copy, out.at, out.len);
    struct tables read = {0};
    struct codec reader = {.reading = true,
                           .arena = &f->arena,
                           .begin = copy,
                           .at = copy,
                           .end = copy + out.len,
                           .budget = CODEC_BUDGET(out.len)};
    code_tables(&reader, &f->arena, &read, bits);
    assert_false(reader.bad);
    assert_ptr_equal(reader.at, reader.end);
    buf_free(&out);
    return read;
}

static void test_all_forms(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct dice d = {.seed = seed};
        struct fixture f;
        setup(&f, &d, 1 + dice_roll(&d, seed % 7 == 0 ? 600 : 40), 2 + dice_roll(&d, 12));
        struct tables t = {.contains = gram_set_create(&f.arena, &f.list),
                           .starts = prefix_trie_create(&f.arena, &f.list, false),
                           .ends = prefix_trie_create(&f.arena, &f.list, true),
                           .whole = whole_table_create(&f.arena, &f.list)};
        if (seed % 3)
            t = through_bytes(&f, t, seed % 3 - 1);
        if (t.contains)
            assert_true(gram_set_limit_vectors(t.contains, &f.arena, (enum vectors)(seed / 3 % 3)));
        for (int i = 0; i < 20; i++) {
            struct slice text = draw(&d, &f.arena, 1 + dice_roll(&d, 80), 2 + dice_roll(&d, 12));
            gram_set_scan(t.contains, text, BASE, &f.sink);
            compare(&f, text, is_contained);
            prefix_trie_scan(t.starts, text, BASE, &f.sink);
            compare(&f, text, is_start);
            prefix_trie_scan(t.ends, text, BASE, &f.sink);
            compare(&f, text, is_end);
            whole_table_scan(t.whole, text, BASE, &f.sink);
            compare(&f, text, is_whole);
        }
        teardown(&f);
    }
}

static void test_odd(void **state)
{
    (void)state;
    size_t stood = 0;
    for (uint64_t seed = 0; seed < 6000; seed++) {
        struct dice d = {.seed = seed};
        struct arena a;
        arena_init(&a, 0);
        struct slice literal = draw(&d, &a, 1 + dice_roll(&d, 20), 2 + dice_roll(&d, 12));
        struct slice text = draw(&d, &a, 1 + dice_roll(&d, 200), 2 + dice_roll(&d, 12));
        if (literal.len && literal.len <= text.len && dice_roll(&d, 2)) {
            size_t at = dice_roll(&d, (uint32_t)(text.len - literal.len + 1));
            uint8_t *p = arena_bytes(&a, text.len + LITERALS_PADDING);
            memcpy(p, text.at, text.len + LITERALS_PADDING);
            memcpy(p + at, literal.at, literal.len);
            text.at = p;
        }
        struct odd_literal o = literal.len ? odd_literal_of(literal) : (struct odd_literal){0};
        bool expected = is_contained(text, literal);
        enum vectors most = literals_vectors();
        for (enum vectors v = VECTORS_NONE; literal.len && v <= most; v++)
            if (odd_literal_stands(&o, &literal, text, v) != expected)
                fail_msg("seed %llu, %d: '%.*s' in '%.*s'", (unsigned long long)seed, v,
                         SLICE_FMT(literal), SLICE_FMT(text));
        stood += expected;
        arena_free(&a);
    }
    assert_true(stood > 2000 && stood < 5500);
}

// Whatever the processor, a text folds to the same: also where surrogates, paired or stray, lie
// across the places at which the fast way begins and ends.
static void test_fold(void **state)
{
    (void)state;
    static const uint16_t units[] = {'a', 'Z', 0xd83d, 0xdc80, 0x212a, 0xe9};
    uint8_t raw[256], expected[UTF16_MAX_UTF8(256)], got[UTF16_MAX_UTF8(256)];
    for (uint64_t seed = 0; seed < 20000; seed++) {
        struct dice d = {.seed = seed};
        size_t len = 2 * dice_roll(&d, 120), ascii = dice_roll(&d, 64);
        uint32_t kinds = 2 + dice_roll(&d, 5);
        for (size_t i = 0; i < len; i += 2) {
            uint16_t unit = units[i / 2 < ascii ? 0 : dice_roll(&d, kinds)];
            raw[i] = (uint8_t)unit;
            raw[i + 1] = (uint8_t)(unit >> 8);
        }
        struct slice text = slice_of(raw, len);
        size_t n = utf16le_to_folded_utf8(text, expected);
        for (enum vectors v = VECTORS_NONE; v <= literals_vectors(); v++) {
            assert_int_equal(fold_utf16(text, got, v), n);
            assert_memory_equal(got, expected, n);
        }
    }
}

// Every literal must be found where it stands alone, at the very end of its memory.
static void test_each_found(void **state)
{
    (void)state;
    struct dice d = {.seed = 7};
    struct fixture f;
    setup(&f, &d, 3000, 11);
    struct gram_set *contains = gram_set_create(&f.arena, &f.list);
    assert_true(gram_set_worst(contains) > 0);
    for (size_t i = 0; i < f.list.count; i++) {
        gram_set_scan(contains, f.list.items[i].text, BASE, &f.sink);
        assert_true(bit_is_set(f.sink.bits, BASE + f.list.items[i].bit));
        compare(&f, f.list.items[i].text, is_contained);
    }
    teardown(&f);
}

// Case must not matter.
static void mix_case(struct dice *d, struct buf *b)
{
    for (size_t i = 0; i < b->len; i++)
        if (b->at[i] >= 'a' && b->at[i] <= 'z' && dice_roll(d, 2))
            b->at[i] = (uint8_t)(b->at[i] - 32);
}

static bool is_any_contained(struct slice text, const struct slice *literals, size_t count)
{
    bool there = false;
    for (size_t i = 0; i < count; i++)
        there |= is_contained(text, literals[i]);
    return there;
}

// The filter may err only on one side, in every encoding.
static void test_keyword_filter(void **state)
{
    (void)state;
    size_t left_out = 0;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct dice d = {.seed = seed};
        struct arena a;
        arena_init(&a, 0);
        struct slice literals[4];
        size_t count = 1 + dice_roll(&d, 4);
        for (size_t i = 0; i < count; i++)
            do {
                literals[i] = draw(&d, &a, 4 + dice_roll(&d, 14), 11);
            } while (literals[i].len < 1 + 3 * (seed % 4 > 0));
        struct keyword_filter *f = ARENA_NEW(&a, struct keyword_filter);
        keyword_filter_init(f, &a, literals, count);
        struct buf b = {0};
        buf_add(&b, draw(&d, &a, 12, 11));
        if (dice_roll(&d, 2))
            buf_add(&b, literals[dice_roll(&d, (uint32_t)count)]);
        if (dice_roll(&d, 4) == 0)
            buf_str(&b, "é");
        buf_add(&b, draw(&d, &a, 12, 11));
        mix_case(&d, &b);
        struct slice text = buf_slice(&b), folded = utf8_fold_copy(&a, text);
        bool there = is_any_contained(folded, literals, count);
        bool utf8 = keyword_filter_may(f, (struct value){text, VALUE_UTF8});
        bool utf16 = keyword_filter_may(f, fake_utf16(&a, text));
        if (there && (!utf8 || !utf16))
            fail_msg("seed %llu: '%.*s' left out", (unsigned long long)seed, SLICE_FMT(text));
        left_out += !utf8 && !utf16;
        buf_free(&b);
        arena_free(&a);
    }
    assert_true(left_out > 300);
}

// Only k and s have forms beyond ASCII; keyword_prints.c knows of no others.
static void test_folds_into_ascii(void **state)
{
    (void)state;
    for (uint32_t c = 0x80; c < 0x110000; c++) {
        uint32_t folded = utf_fold(c);
        if (folded < 0x80 && folded != 'k' && folded != 's')
            fail_msg("U+%04X folds to U+%04X", c, folded);
    }
}

// An event as a reader has it: values of several types side by side, more memory after them.
static struct event_raw fake_raw(struct dice *d, struct arena *a, struct slice text)
{
    struct buf b = {0};
    struct value *values = ARENA_ARRAY(a, struct value, 4);
    struct event_raw raw = {.values = values, .count = 4};
    size_t places[4];
    for (size_t i = 0; i < 4; i++) {
        struct slice utf16 = fake_utf16(a, i == 2 ? text : draw(d, a, 9, 11)).raw;
        static const uint8_t number[8] = {'m', 0, 'i', 0, 'm', 0, 0xff, 0x80};
        bool is_text = i == 2 || dice_roll(d, 3) > 0;
        places[i] = b.len;
        values[i].type = is_text ? VALUE_UTF16 : VALUE_UINT64;
        values[i].raw.len = is_text ? utf16.len : 1 + dice_roll(d, 8);
        buf_add(&b, slice_of(is_text ? utf16.at : number, values[i].raw.len));
        raw.types |= event_type_bit(values[i].type);
    }
    raw.bytes.len = b.len;
    raw.readable = b.len + (size_t)dice_roll(d, 3) * 32;
    while (b.len < raw.readable)
        buf_byte(&b, (uint8_t)dice_roll(d, 256));
    raw.bytes.at = arena_copy(a, buf_slice(&b)).at;
    for (size_t i = 0; i < 4; i++)
        values[i].raw.at = raw.bytes.at + places[i];
    buf_free(&b);
    return raw;
}

// An event whose value holds a keyword is never left out, wherever it lies; most others are.
static void test_keyword_events(void **state)
{
    (void)state;
    static const char *const oddities[] = {"", "", "", "\u00e9", "\u212a", "\u017f"};
    size_t left_out = 0, looked_at = 0;
    for (uint64_t seed = 0; seed < 4000; seed++) {
        struct dice d = {.seed = seed};
        struct arena a;
        arena_init(&a, 0);
        struct slice literals[12];
        size_t count = 1 + dice_roll(&d, 12);
        for (size_t i = 0; i < count; i++)
            do {
                literals[i] = draw(&d, &a, 6 + dice_roll(&d, 14), 11);
            } while (literals[i].len < 4);
        struct keyword_filter *f = ARENA_NEW(&a, struct keyword_filter);
        keyword_filter_init(f, &a, literals, count);
        keyword_prints_limit_vectors(&f->prints, (enum vectors)(seed % 3));
        struct buf b = {0};
        buf_add(&b, draw(&d, &a, 80, 11));
        if (dice_roll(&d, 2))
            buf_add(&b, literals[dice_roll(&d, (uint32_t)count)]);
        buf_str(&b, oddities[dice_roll(&d, 6)]);
        buf_add(&b, draw(&d, &a, 80, 11));
        mix_case(&d, &b);
        struct slice text = arena_copy(&a, buf_slice(&b)), folded = utf8_fold_copy(&a, text);
        struct event_raw raw = fake_raw(&d, &a, text);
        bool there = is_any_contained(folded, literals, count);
        bool may = keyword_filter_event_may(f, &raw);
        if (there && !may)
            fail_msg("seed %llu: '%.*s' left out", (unsigned long long)seed, SLICE_FMT(text));
        left_out += !may;
        looked_at += keyword_prints_usable(&f->prints, raw.bytes, raw.readable);
        buf_free(&b);
        arena_free(&a);
    }
    assert_true(left_out > 800);
    if (literals_vectors())
        assert_true(looked_at > 1000);
}

// Characters that differ in bit 5 only share a print.
static void test_keyword_prints_alike(void **state)
{
    (void)state;
    const struct slice literals[] = {SLICE("q[w]q^"), SLICE("q{w}q~"), SLICE("q;w=q^")};
    const char *const texts[] = {"x Q[w]q^ x", "x q{W}q~", "q;w=Q^ x"};
    struct arena a;
    struct keyword_filter f;
    struct dice d = {.seed = 1};
    arena_init(&a, 0);
    keyword_filter_init(&f, &a, literals, 3);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct event_raw raw = fake_raw(&d, &a, slice_from_str(texts[i]));
        assert_true(keyword_filter_event_may(&f, &raw));
    }
    arena_free(&a);
}

// The two letters that have forms beyond ASCII.
static void test_keyword_forms(void **state)
{
    (void)state;
    static const char *const texts[] = {"x Mimi\u212aatz x", "\u017fEKURL\u017fA::", "mimiKATZ"};
    const struct slice literals[] = {SLICE("mimikatz"), SLICE("sekurlsa::")};
    struct arena a;
    struct keyword_filter f;
    struct dice d = {.seed = 1};
    arena_init(&a, 0);
    for (size_t i = 0; i < 3 * sizeof texts / sizeof *texts; i++) {
        keyword_filter_init(&f, &a, literals, 2);
        keyword_prints_limit_vectors(&f.prints, (enum vectors)(i % 3));
        struct event_raw raw = fake_raw(&d, &a, slice_from_str(texts[i / 3]));
        assert_true(keyword_filter_event_may(&f, &raw));
    }
    arena_free(&a);
}

static void test_keyword_types(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    struct keyword_filter f;
    const struct slice words[] = {SLICE("mimikatz")}, digits[] = {SLICE("mimikatz"), SLICE("beef")};
    static const uint8_t four[4] = {1, 2, 3, 4};
    keyword_filter_init(&f, &a, words, 1);
    assert_false(keyword_filter_may(&f, (struct value){slice_of(four, 4), VALUE_UINT32}));
    assert_false(keyword_filter_may(&f, (struct value){slice_of(four, 4), VALUE_BINARY}));
    keyword_filter_init(&f, &a, digits, 2);
    assert_false(keyword_filter_may(&f, (struct value){slice_of(four, 4), VALUE_UINT32}));
    assert_true(keyword_filter_may(&f, (struct value){slice_of(four, 4), VALUE_BINARY}));
    assert_true(keyword_filter_may(&f, (struct value){slice_of(four, 4), VALUE_HEX32}));
    arena_free(&a);
}

// What is kept is found again until something takes its place, and nothing else ever is.
static void test_known_values(void **state)
{
    (void)state;
    enum { VALUES = 3000 };
    struct known_values *k = known_values_create();
    struct dice d = {.seed = 3};
    size_t found = 0;
    uint8_t raw[KNOWN_LONGEST];
    for (size_t i = 0; i < sizeof raw; i++)
        raw[i] = (uint8_t)dice_roll(&d, 256);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < VALUES; i++) {
            struct slice value = slice_of(raw, 4 + i % (KNOWN_LONGEST - 3));
            uint32_t field = i % 7, bits[] = {100 + i, 101 + i};
            memcpy(raw, &i, sizeof i);
            struct value_sum sum = known_values_sum(k, value);
            const struct known_value *v = known_values_find(k, field, value, sum);
            assert_null(known_values_find(k, field + 7, value, sum));
            found += v != NULL;
            if (v)
                assert_true(v->bit_count == 2 && v->bits[0] == i && v->bits[1] == i + 1);
            assert_true(round || !v);
            known_values_keep(k, field, value, sum, bits, 2, 100);
            assert_non_null(known_values_find(k, field, value, sum));
        }
    }
    assert_true(found > VALUES / 2);
    known_values_destroy(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_odd),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_all_forms),
        cmocka_unit_test(test_each_found),
        cmocka_unit_test(test_keyword_filter),
        cmocka_unit_test(test_folds_into_ascii),
        cmocka_unit_test(test_keyword_events),
        cmocka_unit_test(test_keyword_prints_alike),
        cmocka_unit_test(test_keyword_forms),
        cmocka_unit_test(test_keyword_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
