// SPDX-License-Identifier: Apache-2.0
#include "case/case_json.h"

#include "base/escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_json(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    const struct slice *list;
    const struct finding_field *fields, *as_json;
    assert_int_equal(
        case_json_read_list(SLICE("[\"a\\n\\u00e9\\ud83d\\ude00\\u0000\", \"\"]"), &a, &list), 2);
    assert_true(slice_equal(list[0], SLICE("a\n\xc3\xa9\xf0\x9f\x98\x80\0")));
    assert_int_equal(list[1].len, 0);
    static const char *const broken[] = {"",         "[",   "[\"a",    "[\"a\\", "[\"\\u12",
                                         "{\"a\":1", "[[[", "{\"a\"}", "nul",    "[\"\\ud83d\"]"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct slice s = slice_from_str(broken[i]);
        uint8_t *exact = malloc(s.len ? s.len : 1); // for the address sanitizer
        memcpy(exact, s.at, s.len);
        assert_true(case_json_read_list(slice_of(exact, s.len), &a, &list) <= 1);
        assert_true(case_json_read_fields(slice_of(exact, s.len), &a, &fields, &as_json) <= 1);
        free(exact);
    }
    arena_free(&a);
}

// A stranger's case may hold 64 MiB of them; ours hold 1 MiB at most.
static void test_fields_are_bounded(void **state)
{
    (void)state;
    enum { MANY = 1 << 20 };
    struct arena a;
    arena_init(&a, 0);
    struct buf json = {0};
    const struct finding_field *fields, *as_json;
    buf_byte(&json, '{');
    for (int i = 0; i < MANY; i++)
        buf_str(&json, i ? ",\"\":\"\"" : "\"\":\"\"");
    buf_byte(&json, '}');
    size_t count = case_json_read_fields(buf_slice(&json), &a, &fields, &as_json);
    assert_in_range(count, MANY / 8, MANY / 5);
    buf_free(&json);
    arena_free(&a);
}

// Texts as they stand in JSON and as they were; those that are plain need not be escaped anew.
static void test_plain(void **state)
{
    (void)state;
    static const struct {
        const char *json, *text;
        bool plain;
    } cases[] = {
        {"", "", true},
        {"C:\\\\Windows\\\\cmd.exe /c \\\"dir\\\"", "C:\\Windows\\cmd.exe /c \"dir\"", true},
        {"a\\n\\t\\r\\b\\f", "a\n\t\r\b\f", true},
        {"<b>&\\\\", "<b>&\\", true},
        {"a\\/b", "a/b", false},
        {"\\u0041", "A", false},
        {"\\u0001", "\x01", false},
        {"\x7f", "\x7f", false},
        {"\xc2\x80", "\xc2\x80", false},
        {"sixteen and more, then \\u00e9\\\\", "sixteen and more, then \xc3\xa9\\", false},
        {"it ends in the middle\\", "it ends in the middle\\", false},
    };
    struct arena a;
    arena_init(&a, 0);
    struct buf again = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool plain;
        struct slice json = slice_from_str(cases[i].json);
        struct slice text = json_unescape(json, &a, &plain);
        assert_true(slice_equal(text, json_string_text(json, &a)));
        assert_true(slice_equal_str(text, cases[i].text));
        assert_int_equal(plain, cases[i].plain);
        for (int how = ESCAPE_JSON_NEEDED; plain && how <= ESCAPE_JSON_VISIBLE; how++) {
            buf_clear(&again);
            escape_json(&again, text, (enum escape_json)how);
            assert_true(slice_equal(buf_slice(&again), json));
        }
    }
    buf_free(&again);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_fields_are_bounded),
        cmocka_unit_test(test_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
