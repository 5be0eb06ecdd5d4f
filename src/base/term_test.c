// SPDX-License-Identifier: Apache-2.0
#include "base/term.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct pair {
    struct slice in;
    const char *out;
};

static void check(void (*f)(struct buf *, struct slice), const struct pair *pairs, size_t count)
{
    struct buf b = {0};
    for (size_t i = 0; i < count; i++) {
        buf_clear(&b);
        f(&b, pairs[i].in);
        buf_byte(&b, 0);
        assert_string_equal((const char *)b.at, pairs[i].out);
    }
    buf_free(&b);
}

static void test_escape(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {{0}, ""},
        {SLICE("plain text"), "plain text"},
        {SLICE("caf\xc3\xa9 \xe4\xb8\xad"), "caf\xc3\xa9 \xe4\xb8\xad"},
        {SLICE("\x1b]0;title\x07"), "\\x1b]0;title\\x07"},
        {SLICE("a\x1b[2Jb"), "a\\x1b[2Jb"},
        {SLICE("a\0b"), "a\\x00b"},
        {SLICE("line\nnext\ttab\r"), "line\\x0anext\\x09tab\\x0d"},
        {SLICE("del\x7f"), "del\\x7f"},
        {SLICE("c1 \xc2\x9b"
               "31m"),
         "c1 \\x9b31m"}, // U+009B is CSI
        {SLICE("gpj.\xe2\x80\xae"
               "exe"),
         "gpj.<U+202E>exe"},                                       // right-to-left override
        {SLICE("\xe2\x81\xa6x\xe2\x81\xa9"), "<U+2066>x<U+2069>"}, // isolates
        {SLICE("\xe2\x80\x8f\xd8\x9c"), "<U+200F><U+061C>"},       // marks
        {SLICE("a\xe2\x80\xa8"
               "b\xe2\x80\xa9"),
         "a<U+2028>b<U+2029>"}, // separators
        {SLICE("zero\xe2\x80\x8bwidth\xef\xbb\xbf"), "zero<U+200B>width<U+FEFF>"},
        {SLICE("\xf3\xa0\x81\xa1"), "<U+E0061>"}, // a tag character
        {SLICE("bad \xff\xc3"), "bad \\xff\\xc3"},
        {SLICE("\xed\xa0\x80"), "\\xed\\xa0\\x80"}, // a surrogate
        {SLICE("\xef\xbf\xbd"), "\xef\xbf\xbd"},    // a real replacement character stays
    };
    check(term_escape, pairs, sizeof pairs / sizeof *pairs);
}

static void test_escape_lines(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {SLICE("line\nnext\ttab\r"), "line\nnext\ttab\\x0d"},
        {SLICE("\x1b[0m\n"), "\\x1b[0m\n"},
    };
    check(term_escape_lines, pairs, sizeof pairs / sizeof *pairs);
}

static void test_csv(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {{0}, ""},
        {SLICE("plain"), "plain"},
        {SLICE("two words"), "two words"},
        {SLICE(" edge"), "\" edge\""},
        {SLICE("a,b"), "\"a,b\""},
        {SLICE("a;b"), "\"a;b\""},
        {SLICE("a\tb\nc"), "\"a\tb\nc\""},
        {SLICE("returns\r\x01, and what is deleted \x7f"),
         "\"returns\\x0d\\x01, and what is deleted \\x7f\""},
        {SLICE("a\rb"), "a\\x0db"},
        {SLICE("\"quoted\" and not ASCII: \xc3\xa9"), "\"\"\"quoted\"\" and not ASCII: \xc3\xa9\""},
        {SLICE("say \"hi\""), "\"say \"\"hi\"\"\""},
        {SLICE("\"\"\""), "\"\"\"\"\"\"\"\""},
        {SLICE("two\nlines"), "\"two\nlines\""},
        {SLICE("=cmd|' /C calc'!A0"), "\"'=cmd|' /C calc'!A0\""},
        {SLICE("+1"), "\"'+1\""},
        {SLICE("-1"), "\"'-1\""},
        {SLICE("@SUM(A1)"), "\"'@SUM(A1)\""},
        {SLICE("\t=1"), "\"'\t=1\""},
        {SLICE("\r=1"), "\"'\\x0d=1\""},
        {SLICE("\n=1"), "\"'\n=1\""},
        {SLICE("  =1"), "\"'  =1\""},
        {SLICE("\xef\xbb\xbf=1"), "\"'<U+FEFF>=1\""},
        {SLICE("\xc2\xa0=1"), "\"'\xc2\xa0=1\""},
        {SLICE("\xef\xbc\x9d"
               "1"),
         "\"'\xef\xbc\x9d"
         "1\""}, // full-width =
        {SLICE("\xef\xbc\x8b"
               "1"),
         "\"'\xef\xbc\x8b"
         "1\""}, // +
        {SLICE("\xef\xbc\x8d"
               "1"),
         "\"'\xef\xbc\x8d"
         "1\""}, // -
        {SLICE("\xef\xbc\xa0"
               "1"),
         "\"'\xef\xbc\xa0"
         "1\""}, // @
        {SLICE("a=1"), "a=1"},
        {SLICE("x\x1b[31m"), "x\\x1b[31m"},
    };
    check(csv_cell, pairs, sizeof pairs / sizeof *pairs);
}

// Cells follow one another in one buffer: what stands before must stay.
static void test_csv_row(void **state)
{
    (void)state;
    struct buf b = {0};
    csv_cell(&b, SLICE("a"));
    buf_byte(&b, ',');
    csv_cell(&b, SLICE("=\"x\""));
    buf_byte(&b, ',');
    csv_cell(&b, SLICE("c"));
    buf_byte(&b, 0);
    assert_string_equal((const char *)b.at, "a,\"'=\"\"x\"\"\",c");
    buf_free(&b);
}

static const char *bytes_text(struct buf *b, uint64_t n)
{
    buf_clear(b);
    term_bytes(b, n);
    buf_byte(b, 0);
    return (const char *)b->at;
}

static void test_bytes(void **state)
{
    (void)state;
    struct buf b = {0};
    assert_string_equal(bytes_text(&b, 0), "0 B");
    assert_string_equal(bytes_text(&b, 1023), "1023 B");
    assert_string_equal(bytes_text(&b, 1536), "1.5 KiB");
    assert_string_equal(bytes_text(&b, 150ull << 20), "150 MiB");
    assert_string_equal(bytes_text(&b, UINT64_MAX), "16.0 EiB");
    buf_free(&b);
}

static void check_progress(uint64_t done, uint64_t total, double seconds, const char *what,
                           size_t columns, const char *expect)
{
    struct buf b = {0};
    progress_text(&b, done, total, seconds, slice_from_str(what), columns);
    assert_true(b.len <= columns);
    buf_byte(&b, 0);
    assert_string_equal((const char *)b.at, expect);
    buf_free(&b);
}

static void test_progress(void **state)
{
    (void)state;
    check_progress(0, 0, 0, "", 80, "0 B");
    check_progress(512ull << 20, 1ull << 30, 2, "", 80,
                   "512 MiB of 1.0 GiB (50%), 256 MiB/s, 2 s left");
    check_progress(1ull << 20, 1ull << 30, 10, "", 80,
                   "1.0 MiB of 1.0 GiB (0%), 102 KiB/s, 2 h 50 min left");
    check_progress(2ull << 30, 1ull << 30, 10, "", 80, "1.0 GiB of 1.0 GiB (100%), 102 MiB/s");
    check_progress(10, 100, 0, "logs/Security.evtx", 80, "10 B of 100 B (10%)  logs/Security.evtx");
    check_progress(10, 100, 0, "logs/Security.evtx", 35, "10 B of 100 B (10%)  ...curity.evtx");
    check_progress(10, 100, 0, "a\x1b[2J", 80, "10 B of 100 B (10%)  a\\x1b[2J");
    check_progress(10, 100, 0, "x", 5, "10 B ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape), cmocka_unit_test(test_escape_lines),
        cmocka_unit_test(test_csv),    cmocka_unit_test(test_csv_row),
        cmocka_unit_test(test_bytes),  cmocka_unit_test(test_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
