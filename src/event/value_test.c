// SPDX-License-Identifier: Apache-2.0
#include "event/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define BYTES(literal)                                                                             \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

static const struct {
    uint8_t type;
    struct slice raw;
    const char *text;
} texts[] = {
    {VALUE_NULL, BYTES(""), ""},
    {VALUE_ABSENT, BYTES(""), ""},
    {VALUE_UTF16, BYTES("a\0b\0"), "ab"},
    {VALUE_UTF16, BYTES("a\0b\0\0\0\0\0"), "ab"},                 // trailing NULs go
    {VALUE_UTF16, BYTES("a\0 \0 \0"), "a  "},                     // trailing spaces stay
    {VALUE_UTF16, BYTES("\x3d\xd8\x4a\xdd"), "\xf0\x9f\x95\x8a"}, // a pair
    {VALUE_UTF16,
     BYTES("\x3d\xd8"
           "a\0"),
     "\xef\xbf\xbd"
     "a"}, // a lone high surrogate
    {VALUE_UTF16, BYTES("\x4a\xdd"), "\xef\xbf\xbd"},
    {VALUE_UTF16, BYTES("a\0b"), "a"}, // an odd byte
    {VALUE_UTF16, BYTES("0\0001\0002\0003\0004\0005\0006\0007\0008\0009\0a\0b\0c\0d\0e\0f\0g\0h\0"),
     "0123456789abcdefgh"},
    {VALUE_UTF16,
     BYTES("0\0001\0002\0003\0004\0005\0006\0007\0008\0009\0\xe9\0b\0c\0d\0e\0f\0g\0h\0"),
     "0123456789\xc3\xa9"
     "bcdefgh"},
    {VALUE_ANSI, BYTES("\x80uro \xe9\0"), "\xe2\x82\xacuro \xc3\xa9"},
    {VALUE_INT8, BYTES("\x80"), "-128"},
    {VALUE_UINT8, BYTES("\x80"), "128"},
    {VALUE_INT16, BYTES("\xff\xff"), "-1"},
    {VALUE_UINT16, BYTES("\xff\xff"), "65535"},
    {VALUE_INT32, BYTES("\0\0\0\x80"), "-2147483648"},
    {VALUE_UINT32, BYTES("\0\0\0\x80"), "2147483648"},
    {VALUE_INT64, BYTES("\0\0\0\0\0\0\0\x80"), "-9223372036854775808"},
    {VALUE_UINT64, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"), "18446744073709551615"},
    {VALUE_UINT64, BYTES("\x0a\0\0\0\0\0\0\0"), "10"},
    {VALUE_UINT32, BYTES("\x01"), ""}, // too short for its type
    {VALUE_FLOAT32, BYTES("\0\0\xc0\x3f"), "1.5"},
    {VALUE_FLOAT64, BYTES("\0\0\0\0\0\0\0\x40"), "2.0"},
    {VALUE_BOOL, BYTES("\0\0\0\0"), "false"},
    {VALUE_BOOL, BYTES("\x01\0\0\0"), "true"},
    {VALUE_BOOL, BYTES("\x10\0\0\0"), "16"}, // neither: shown as it stands
    {VALUE_BINARY, BYTES("\xde\xad\x01"), "DEAD01"},
    {VALUE_GUID, BYTES("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\xff"),
     "{04030201-0605-0807-090a-0b0c0d0e0fff}"},
    {VALUE_SIZE, BYTES("\xff\0\0\0"), "0xff"},
    {VALUE_SIZE, BYTES("\xff\0\0\0\x01\0\0\0"), "0x1000000ff"},
    {VALUE_FILETIME, BYTES("\0\0\0\0\0\0\0\0"), "1601-01-01T00:00:00.0000000Z"},
    {VALUE_FILETIME, BYTES("\x15\x2d\xe5\x8e\xd6\x2a\xdb\x01"), "2024-10-30T14:18:14.6313493Z"},
    {VALUE_SYSTEMTIME, BYTES("\xea\x07\x07\0\x05\0\x03\0\x08\0\x0c\0\x2c\0\x7b\0"),
     "2026-07-03T08:12:44.1230000Z"},
    {VALUE_SYSTEMTIME, BYTES("\xea\x07\x0d\0\x05\0\x03\0\x08\0\x0c\0\x2c\0\x7b\0"),
     "1601-01-01T00:00:00.0000000Z"}, // month 13
    {VALUE_SID, BYTES("\x01\x02\0\0\0\0\0\x05\x20\0\0\0\x20\x02\0\0"), "S-1-5-32-544"},
    {VALUE_SID, BYTES("\x01\x05\0\0\0\0\0\x05\x20\0\0\0"), "S-1-5-32"}, // cut short
    {VALUE_SID, BYTES("\x01"), ""},
    {VALUE_HEX32, BYTES("\xe7\x03\0\0"), "0x3e7"},
    {VALUE_HEX64, BYTES("\0\0\0\0\0\0\0\x80"), "0x8000000000000000"},
    {VALUE_HEX64, BYTES("\0\0\0\0\0\0\0\0"), "0x0"},
    {VALUE_UTF8, BYTES("\xc3\xa9"), "\xc3\xa9"},
    {VALUE_ARRAY | VALUE_UTF16, BYTES("a\0\0\0\0\0b\0\0\0"), "a, , b"},
    {VALUE_ARRAY | VALUE_UTF16, BYTES("a\0\0\0b\0"), "a, b"}, // the last one not ended
    {VALUE_ARRAY | VALUE_ANSI, BYTES("a\0bc\0"), "a, bc"},
    {VALUE_ARRAY | VALUE_UINT16, BYTES("\x01\0\x02\0"), "1, 2"},
    {VALUE_ARRAY | VALUE_SID,
     BYTES("\x01\x01\0\0\0\0\0\x05\x12\0\0\0\x01\x01\0\0\0\0\0\x05\x13\0\0\0"),
     "S-1-5-18, S-1-5-19"},
    {0x5e, BYTES("\x01\x02"), ""}, // no such type
};

static void test_text(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        // In a block of its exact size, so that a sanitizer sees an over-read.
        uint8_t *exact = mem_alloc(texts[i].raw.len);
        memcpy(exact, texts[i].raw.at, texts[i].raw.len);
        struct value v = {slice_of(exact, texts[i].raw.len), texts[i].type};
        struct slice got = value_text(&a, v);
        char *shown = arena_str(&a, got);
        assert_string_equal(shown, texts[i].text);
        free(exact);
    }
    arena_free(&a);
}

static const struct {
    struct slice utf16;
    enum text_escape escape;
    const char *text;
} escapes[] = {
    {BYTES("\"\0\\\0\n\0\x1b\0\x7f\0"), TEXT_JSON, "\\\"\\\\\\n\\u001b\\u007f"},
    {BYTES("a\0b\0c\0d\0e\0f\0g\0h\0\"\0i\0j\0k\0l\0m\0n\0o\0p\0"), TEXT_JSON,
     "abcdefgh\\\"ijklmnop"},
    {BYTES("<\0&\0>\0'\0\"\0"), TEXT_XML, "&lt;&amp;&gt;'\""},
    {BYTES("<\0&\0>\0'\0\"\0\t\0"), TEXT_ATTR, "&lt;&amp;&gt;&apos;&quot;&#9;"},
    {BYTES("\r\0\n\0\t\0"), TEXT_XML, "&#13;&#10;\t"},
    {BYTES("\x01\0\xff\xff\x00\xd8\0\0"), TEXT_XML, "____"},
    {BYTES("a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0o\0<\0p\0"), TEXT_XML,
     "abcdefghijklmno&lt;p"},
};

static void test_escape(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        struct buf b = {0};
        text_append_utf16(&b, escapes[i].utf16, escapes[i].escape);
        buf_byte(&b, 0);
        assert_string_equal((const char *)b.at, escapes[i].text);
        buf_free(&b);
    }
}

// The vectors and the plain loop must agree on every text: each character at each place among
// ASCII.
static void test_vectors(void **state)
{
    (void)state;
    static const uint16_t units[] = {'a',  '"',  '\\',  0x1f,  0x20,   0x7e,   0x7f,
                                     0x80, 0xe9, 0x7ff, 0x800, 0xd83d, 0xdd4a, 0xffff,
                                     0,    '<',  '&',   '\t',  '\n'};
    for (size_t n = 1; n <= 40; n++)
        for (size_t at = 0; at < n; at++)
            for (size_t u = 0; u < sizeof units / sizeof *units; u++)
                for (int escape = TEXT_PLAIN; escape <= TEXT_ATTR; escape++) {
                    uint8_t *raw = mem_alloc(n * 2);
                    struct buf whole = {0}, parts = {0};
                    for (size_t i = 0; i < n; i++) {
                        uint16_t unit = i == at ? units[u] : (uint16_t)('A' + i % 26);
                        raw[2 * i] = (uint8_t)unit;
                        raw[2 * i + 1] = (uint8_t)(unit >> 8);
                        text_append_utf16(&parts, slice_of(raw + 2 * i, 2),
                                          (enum text_escape)escape);
                    }
                    text_append_utf16(&whole, slice_of(raw, n * 2), (enum text_escape)escape);
                    assert_true(slice_equal(buf_slice(&whole), buf_slice(&parts)));
                    buf_free(&whole);
                    buf_free(&parts);
                    free(raw);
                }
}

static void test_number(void **state)
{
    (void)state;
    static const struct {
        uint8_t type;
        struct slice raw;
        bool is_number, negative;
        uint64_t magnitude;
    } cases[] = {
        {VALUE_INT8, BYTES("\x80"), true, true, 128},
        {VALUE_INT64, BYTES("\0\0\0\0\0\0\0\x80"), true, true, 1ull << 63},
        {VALUE_UINT64, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"), true, false, UINT64_MAX},
        {VALUE_HEX32, BYTES("\xe7\x03\0\0"), true, false, 999},
        {VALUE_BOOL, BYTES("\x01\0\0\0"), true, false, 1},
        {VALUE_SIZE, BYTES("\x01\0\0\0"), true, false, 1},
        {VALUE_UINT32, BYTES("\x01\0"), false, false, 0},
        {VALUE_UTF16, BYTES("1\0"), false, false, 0},
        {VALUE_NULL, BYTES(""), false, false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool negative = false;
        uint64_t magnitude = 0;
        struct value v = {cases[i].raw, cases[i].type};
        assert_int_equal(value_number(v, &negative, &magnitude), cases[i].is_number);
        if (cases[i].is_number) {
            assert_int_equal(negative, cases[i].negative);
            assert_int_equal(magnitude, cases[i].magnitude);
        }
    }
}

static void test_elements(void **state)
{
    (void)state;
    struct value array = {BYTES("a\0\0\0\0\0b\0\0\0"), VALUE_ARRAY | VALUE_UTF16}, out[2];
    assert_int_equal(value_elements(array, out, 2), 3);
    assert_int_equal(out[0].raw.len, 2);
    assert_int_equal(out[1].raw.len, 0);
    struct value single = {BYTES("x\0"), VALUE_UTF16};
    assert_int_equal(value_elements(single, out, 2), 1);
    assert_int_equal(out[0].type, VALUE_UTF16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),     cmocka_unit_test(test_escape),
        cmocka_unit_test(test_vectors),  cmocka_unit_test(test_number),
        cmocka_unit_test(test_elements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
