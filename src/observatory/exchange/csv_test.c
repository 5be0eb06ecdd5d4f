// SPDX-License-Identifier: Apache-2.0
#include "observatory/exchange/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

// Writes all rows as [cell|cell]…, errors as !offset.
static void rows_of(const char *text, char *out, size_t size)
{
    struct arena names, row;
    arena_init(&names, 0);
    arena_init(&row, 0);
    struct csv c;
    struct err e = {0};
    size_t at = 0;
    if (!csv_open(&c, slice_from_str(text), &names, &row, &e)) {
        snprintf(out, size, "no header at %llu", (unsigned long long)e.offset);
    } else {
        for (enum csv_result r; (r = csv_next(&c, &e)) != CSV_END;) {
            if (r == CSV_ERROR) {
                at += (size_t)snprintf(out + at, size - at, "!%llu", (unsigned long long)e.offset);
                continue;
            }
            at += (size_t)snprintf(out + at, size - at, "[");
            for (size_t i = 0; i < c.cell_count; i++)
                at += (size_t)snprintf(out + at, size - at, "%s%.*s", i ? "|" : "",
                                       SLICE_FMT(c.cells[i]));
            at += (size_t)snprintf(out + at, size - at, "]");
        }
    }
    arena_free(&names);
    arena_free(&row);
}

static void reads_rows(void **state)
{
    (void)state;
    static const struct {
        const char *input, *expect;
    } cases[] = {
        {"a,b\n1,2\n", "[1|2]"},
        {"a,b\r\n1,2\r\n\r\n3,4", "[1|2][3|4]"},
        {"\xEF\xBB\xBF"
         "a;b\n1;\"2;3\"\n",
         "[1|2;3]"},
        {"a,b\n\"one\nline\",\"say \"\"hi\"\"\"\n", "[one\nline|say \"hi\"]"},
        {"a,b\n,\n", "[|]"},
        {"a,b\n1,2,3\n", "[1|2|3]"},
        {"a,b\n1,\"never closed\n2,3\n", "!6[2|3]"},
        {"a,b\n\"x\"y,2\n3,4\n", "!7[3|4]"},
        {"a,b\n\"x\" ,2\n", "[x|2]"},
        {"", "no header at 0"},
        {"\n\n", "no header at 0"},
        {"a\n\xFF\n", "[\xEF\xBF\xBD]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[256] = "";
        rows_of(cases[i].input, out, sizeof out);
        assert_string_equal(out, cases[i].expect);
    }
}

static void finds_columns(void **state)
{
    (void)state;
    struct arena names, row;
    arena_init(&names, 0);
    arena_init(&row, 0);
    struct csv c;
    struct err e;
    assert_true(csv_open(&c, SLICE(" a , b\n x ,\n"), &names, &row, &e));
    assert_int_equal(csv_next(&c, &e), CSV_ROW);
    assert_true(csv_has(&c, "b"));
    assert_false(csv_has(&c, "c"));
    assert_true(slice_equal_str(csv_cell_of(&c, "a"), "x"));
    assert_int_equal(csv_cell_of(&c, "b").len, 0);
    assert_int_equal(csv_cell_of(&c, "c").len, 0);
    assert_int_equal(c.row, 1);
    arena_free(&names);
    arena_free(&row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rows),
        cmocka_unit_test(finds_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
