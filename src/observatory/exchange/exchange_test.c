// SPDX-License-Identifier: Apache-2.0
#include "observatory/exchange/import_terms.h"
#include "observatory/exchange/minisign.h"
#include "observatory/exchange/pylist.h"
#include "observatory/exchange/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void assert_slice(struct slice got, const char *wanted)
{
    assert_string_equal(arena_str(&arena, got), wanted);
}

// RFC 9562's example of version 5 uses the namespace of DNS names.
static void makes_uuids(void **state)
{
    (void)state;
    assert_slice(uuid_v5(&arena, "6ba7b810-9dad-11d1-80b4-00c04fd430c8", SLICE("www.example.com")),
                 "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

static void reads_lists(void **state)
{
    (void)state;
    static const struct {
        const char *cell, *expect;
    } cases[] = {
        {"['a', \"it's\", nan]", "a|it's|"},
        {"[['a', 'b'], ['c']]", "a|b|c|"},
        {"plain", "plain|"},
        {"[]", ""},
        {"", ""},
        {"nan", ""},
        {"['a\\'b', 'c\\\\d', 'e\\qf']", "a'b|c\\d|e\\qf|"},
        {"['broken", "broken|"},
        {"[", ""},
        {"['trailing\\", "trailing\\|"},
        {"[1, 2]", "1|2|"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice *texts;
        size_t n = pylist_read(slice_from_str(cases[i].cell), &arena, &texts);
        struct buf b = {0};
        for (size_t k = 0; k < n; k++)
            buf_printf(&b, "%.*s|", SLICE_FMT(texts[k]));
        assert_slice(buf_slice(&b), cases[i].expect);
        buf_free(&b);
    }
}

static void reads_dates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool month_first;
        const char *expect;
    } cases[] = {
        {"2022-10-05", false, "2022-10-05"},
        {"2022-10-05 00:00:00", false, "2022-10-05"},
        {"12/5/2022", true, "2022-12-05"},
        {"13/5/2022", true, ""},
        {"2022-02-30", false, ""},
        {"2022-2-3x", false, ""},
        {"NaT", false, ""},
        {"", false, ""},
        {"20222-10-05", false, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_slice(import_date(&arena, slice_from_str(cases[i].text), cases[i].month_first),
                     cases[i].expect);
}

static void takes_lists_apart(void **state)
{
    (void)state;
    struct slice rest = SLICE("a; ;b"), part;
    assert_true(import_part(&rest, ";", &part));
    assert_slice(part, "a");
    assert_true(import_part(&rest, ";", &part));
    assert_slice(part, "");
    assert_true(import_part(&rest, ";", &part));
    assert_slice(part, "b");
    assert_false(import_part(&rest, ";", &part));
}

static void keeps_addresses_once(void **state)
{
    (void)state;
    struct record r;
    record_init(&r, schema_kind_find(SLICE("incident")), &arena);
    import_sources(&r, SLICE("https://a.example/x https://b.example/y,\nhttp://a.example\n"));
    import_sources(&r, SLICE("https://a.example/x"));
    import_sources(&r, SLICE("no address"));
    struct buf b = {0};
    for (const struct item *s = record_next(&r, "sources", NULL); s;
         s = record_next(&r, "sources", s))
        buf_printf(&b, "%.*s ", SLICE_FMT(item_text(&r, s, "url")));
    assert_slice(buf_slice(&b), "https://a.example/x https://b.example/y http://a.example ");
    buf_free(&b);
    record_free(&r);
}

static void signs(void **state)
{
    (void)state;
    struct slice secret, public;
    minisign_new(&arena, &secret, &public);
    struct minisign_key key;
    struct err e;
    assert_true(minisign_open(secret, (struct slice){0}, &key, &e));
    assert_int_equal(minisign_key_id(&arena, &key).len, 16);
    struct slice text = minisign_sign(&arena, &key, SLICE("data"), SLICE("what it is"));
    assert_true(slice_starts(text, SLICE("untrusted comment: ")));
    minisign_forget(&key);
    // One letter of the key changed: its checksum tells.
    struct slice broken = arena_copy(&arena, secret);
    ((uint8_t *)(uintptr_t)broken.at)[broken.len - 20] ^= 1;
    assert_false(minisign_open(broken, (struct slice){0}, &key, &e));
    assert_false(minisign_open(public, (struct slice){0}, &key, &e));
    assert_false(minisign_open(SLICE(""), (struct slice){0}, &key, &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_uuids),          cmocka_unit_test(reads_lists),
        cmocka_unit_test(reads_dates),          cmocka_unit_test(takes_lists_apart),
        cmocka_unit_test(keeps_addresses_once), cmocka_unit_test(signs),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
