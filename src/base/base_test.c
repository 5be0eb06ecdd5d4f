// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"
#include "base/array.h"
#include "base/buf.h"
#include "base/digits.h"
#include "base/map.h"
#include "base/sha256.h"
#include "base/sum.h"
#include "base/time.h"
#include "base/utf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void assert_slice(struct slice got, const char *want)
{
    if (!slice_equal_str(got, want))
        fail_msg("got '%.*s', wanted '%s'", SLICE_FMT(got), want);
}

static void test_arena(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 64);
    char *first = arena_str(&a, SLICE("hello"));
    struct arena_mark mark = arena_mark(&a);
    for (int i = 0; i < 100; i++) {
        uint64_t *p = ARENA_ARRAY(&a, uint64_t, 9);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (int k = 0; k < 9; k++) {
            assert_int_equal(p[k], 0);
            p[k] = ~0ull;
        }
    }
    arena_rewind(&a, mark);
    uint64_t *again = ARENA_NEW(&a, uint64_t);
    assert_int_equal(*again, 0); // zeroed although the memory was used before
    assert_string_equal(first, "hello");
    assert_slice(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
    arena_reset(&a);
    assert_int_equal(arena_copy(&a, (struct slice){0}).len, 0);
    arena_free(&a);
}

static void test_array(void **state)
{
    (void)state;
    ARRAY_OF(int) numbers = {0};
    for (int i = 0; i < 1000; i++)
        *ARRAY_ADD(&numbers) = i;
    assert_int_equal(numbers.count, 1000);
    assert_int_equal(numbers.items[999], 999);
    ARRAY_FREE(&numbers);
    assert_null(numbers.items);
}

static void test_map(void **state)
{
    (void)state;
    struct map m;
    struct arena a;
    arena_init(&a, 0);
    map_init(&m);
    assert_null(map_get(&m, SLICE("x")));
    for (uintptr_t i = 1; i <= 5000; i++) {
        bool added;
        *map_put(&m, arena_printf(&a, "key %zu", (size_t)i), &added) = (void *)i;
        assert_true(added);
    }
    assert_int_equal(m.count, 5000);
    for (uintptr_t i = 1; i <= 5000; i++)
        assert_ptr_equal(map_get(&m, arena_printf(&a, "key %zu", (size_t)i)), (void *)i);
    bool added = true;
    map_put(&m, SLICE("key 7"), &added);
    assert_false(added);
    map_clear(&m);
    assert_null(map_get(&m, SLICE("key 7")));
    map_free(&m);
    arena_free(&a);
}

static void test_utf8(void **state)
{
    (void)state;
    // Ill-formed input, as in the Unicode standard's table 3-8 and beyond: one replacement for each
    // maximal part.
    static const struct {
        const char *in;
        size_t len;
        const char *out;
    } cases[] = {
        {"abc", 3, "abc"},
        {"\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80", 9, "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80"},
        {"\xc0\xaf", 2, "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xe0\x80\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xf0\x9f\x98", 3, "\xef\xbf\xbd"},
        {"\xf4\x90\x80\x80", 4, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"a\xff\x62", 3,
         "a\xef\xbf\xbd"
         "b"},
    };
    struct arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice in = slice_of(cases[i].in, cases[i].len);
        assert_slice(utf8_clean(&a, in), cases[i].out);
        assert_int_equal(utf8_valid(in), strcmp(cases[i].in, cases[i].out) == 0);
    }
    assert_true(utf8_valid(SLICE("\xef\xbf\xbd"))); // U+FFFD itself is well-formed
    arena_free(&a);
}

static void test_utf16(void **state)
{
    (void)state;
    // "Aé中" + a surrogate pair (U+1F600) + lone high + lone low + an odd byte
    static const uint8_t in[] = {0x41, 0,    0xe9, 0,    0x2d, 0x4e, 0x3d, 0xd8, 0x00,
                                 0xde, 0x00, 0xd8, 0x42, 0,    0x00, 0xdc, 0x43};
    uint8_t out[UTF16_MAX_UTF8(sizeof in) + 3];
    size_t n = utf16le_to_utf8(slice_of(in, sizeof in), out);
    assert_slice(slice_of(out, n), "A\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80\xef\xbf\xbd"
                                   "B\xef\xbf\xbd");
    n = utf16le_to_folded_utf8(slice_of(in, 4), out);
    assert_slice(slice_of(out, n), "a\xc3\xa9");
}

static void test_fold(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    assert_slice(utf8_fold_copy(&a, SLICE("PowerShell ÉÀ ΑΣς ЖД İ ẞ")), "powershell éà ασσ жд İ ß");
    assert_slice(utf8_fold_copy(&a, SLICE("\xE2\x84\xAA")), "k"); // the Kelvin sign folds to k
    arena_free(&a);
}

static void test_time(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out; // out NULL: refused
    } cases[] = {
        {"2026-11-22", "2026-11-22T00:00:00.0000000Z"},
        {"2026-11-22T08:30", "2026-11-22T08:30:00.0000000Z"},
        {"2026-11-22 08:30:59.5", "2026-11-22T08:30:59.5000000Z"},
        {"2026-11-22T08:30:59.12345678Z", "2026-11-22T08:30:59.1234567Z"},
        {"2026-11-22T08:30:59+02:00", "2026-11-22T06:30:59.0000000Z"},
        {"2026-01-01T00:30:00-0500", "2026-01-01T05:30:00.0000000Z"},
        {"1601-01-01", "1601-01-01T00:00:00.0000000Z"},
        {"2024-02-29", "2024-02-29T00:00:00.0000000Z"},
        {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59.0000000Z"},
        {"2025-02-29", NULL},
        {"2026-13-01", NULL},
        {"2026-11-22T24:00", NULL},
        {"2026-11-22T08", NULL},
        {"yesterday", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        vtime t = 0;
        struct err e = {0};
        bool ok = time_parse(slice_from_str(cases[i].in), &t, &e);
        assert_int_equal(ok, cases[i].out != NULL);
        if (!ok) {
            assert_int_equal(e.code, ERR_USAGE);
            continue;
        }
        char text[VTIME_TEXT_MAX];
        assert_slice(slice_of(text, time_format(t, text)), cases[i].out);
    }
    char text[VTIME_TEXT_MAX];
    assert_slice(slice_of(text, time_format_seconds(time_from_unix(1000000000, 0), text)),
                 "2001-09-09T01:46:40Z");
    assert_int_equal(time_to_unix(time_from_unix(-5, 0)), -5);
    assert_true(time_format(UINT64_MAX, text) <= VTIME_TEXT_MAX);
}

// Every day from 1601 to 2600, there and back.
static void test_calendar(void **state)
{
    (void)state;
    int year = 1601, month = 1, day = 1;
    for (vtime t = 0; year < 2600; t += 86400 * VTIME_SECOND) {
        struct civil_time c = time_to_civil(t);
        assert_true(c.year == year && c.month == month && c.day == day);
        assert_true(time_from_civil(&c) == t);
        bool leap = (year % 4 == 0 && year % 100) || year % 400 == 0;
        int last = month == 2 ? 28 + leap : 30 + (month < 8 ? month % 2 : 1 - month % 2);
        if (++day > last) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
}

static void test_escapes(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_json(&b, SLICE("a\"\\\n\x01\x7f\xc3\xa9\xff"));
    assert_slice(buf_slice(&b), "a\\\"\\\\\\n\\u0001\\u007f\xc3\xa9\xef\xbf\xbd");
    buf_clear(&b);
    buf_xml(&b, SLICE("<a href='x'>&\"\x02"));
    assert_slice(buf_slice(&b), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;\xef\xbf\xbd");
    buf_clear(&b);
    buf_u64(&b, 0);
    buf_u64(&b, UINT64_MAX);
    assert_slice(buf_slice(&b), "018446744073709551615");
    buf_free(&b);
}

// RFC 8439, 2.5.2, in two pieces.
static void test_sum(void **state)
{
    (void)state;
    static const uint8_t key[SUM_KEY_SIZE] = {0x85, 0xd6, 0xbe, 0x78, 0x57, 0x55, 0x6d, 0x33,
                                              0x7f, 0x44, 0x52, 0xfe, 0x42, 0xd5, 0x06, 0xa8,
                                              0x01, 0x03, 0x80, 0x8a, 0xfb, 0x0d, 0xb2, 0xfd,
                                              0x4a, 0xbf, 0xf6, 0xaf, 0x41, 0x49, 0xf5, 0x1b};
    static const uint8_t expected[SUM_SIZE] = {0xa8, 0x06, 0x1d, 0xc1, 0x30, 0x51, 0x36, 0xc6,
                                               0xc2, 0x2b, 0x8b, 0xaf, 0x0c, 0x01, 0x27, 0xa9};
    uint8_t got[SUM_SIZE];
    struct sum *s = sum_create(key);
    assert_non_null(s);
    sum_add(s, SLICE("Cryptographic Forum"));
    sum_add(s, SLICE(" Research Group"));
    assert_true(sum_finish(s, got));
    assert_memory_equal(got, expected, sizeof expected);
    sum_destroy(s);
    sum_destroy(NULL);
}

static void test_sha256(void **state)
{
    (void)state;
    // FIPS 180-4's example: "abc"
    struct sha256 *h = sha256_create();
    for (int round = 0; round < 2; round++) {
        sha256_add(h, SLICE("a"));
        sha256_add(h, SLICE("bc"));
        struct sha256_digest d = sha256_finish(h);
        char hex[65];
        sha256_hex(&d, hex);
        assert_string_equal(hex,
                            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
    sha256_destroy(h);
    sha256_destroy(NULL);
}

static void assert_digits(uint64_t n)
{
    char decimal[DIGITS_ROOM], hex[DIGITS_ROOM];
    uint8_t text[DIGITS_ROOM + 8];
    snprintf(decimal, sizeof decimal, "%llu", (unsigned long long)n);
    snprintf(hex, sizeof hex, "%llx", (unsigned long long)n);
    assert_slice(slice_of(text, (size_t)(digits_u64(text, n) - text)), decimal);
    assert_slice(slice_of(text, (size_t)(digits_hex_u64(text, n) - text)), hex);
}

static void test_digits(void **state)
{
    (void)state;
    for (uint64_t n = 0; n < 20000; n++)
        assert_digits(n);
    for (uint64_t power = 1; power <= UINT64_MAX / 10; power *= 10)
        for (uint64_t near = 0; near < 3; near++)
            assert_digits(power * 10 - 1 + near);
    for (unsigned bit = 0; bit < 64; bit++)
        for (uint64_t near = 0; near < 3; near++)
            assert_digits((1ull << bit) - 1 + near);
    assert_digits(UINT64_MAX);
    assert_digits(0x0123456789abcdef);
}

static void test_slice(void **state)
{
    (void)state;
    assert_true(slice_equal((struct slice){0}, SLICE("")));
    assert_true(slice_equal_nocase(SLICE("EvtX"), SLICE("eVTx")));
    assert_false(slice_equal_nocase(SLICE("a"), SLICE("ab")));
    assert_true(slice_compare(SLICE("a"), SLICE("ab")) < 0);
    assert_slice(slice_trim(SLICE(" \t x y\r\n")), "x y");
    assert_slice(slice_sub(SLICE("abc"), 2, 99), "c");
    assert_int_equal(slice_sub(SLICE("abc"), 5, 2).len, 0);
    assert_true(slice_starts(SLICE("abc"), SLICE("ab")) && slice_ends(SLICE("abc"), SLICE("bc")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena),   cmocka_unit_test(test_array),
        cmocka_unit_test(test_map),     cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_utf16),   cmocka_unit_test(test_fold),
        cmocka_unit_test(test_time),    cmocka_unit_test(test_calendar),
        cmocka_unit_test(test_escapes), cmocka_unit_test(test_sum),
        cmocka_unit_test(test_sha256),  cmocka_unit_test(test_slice),
        cmocka_unit_test(test_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
