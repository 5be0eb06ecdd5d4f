// SPDX-License-Identifier: Apache-2.0
// The engine against the plain walk over rules drawn by lot; and, one by one, what only the engine
// does.
#include "detection/sigma/engine_testing.h"

#include "base/utf.h"
#include "detection/sigma/regex.h"
#include "detection/sigma/text_test.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static size_t compare_event(struct sigma_matcher *m, const struct sigma_set *set,
                            const struct event *ev, uint64_t seed)
{
    struct arena a;
    arena_init(&a, 0);
    const uint32_t *found;
    size_t n = sigma_match(m, ev, &found);
    uint32_t *rules = ARENA_ARRAY(&a, uint32_t, n + 1);
    memcpy(rules, found, n * sizeof *rules);
    for (uint32_t i = 0, k = 0; i < set->rules.count; i++) {
        bool matched = k < n && rules[k] == i;
        k += matched;
        if (sigma_rule_holds(m, ev, i, &a) != matched) {
            struct buf out = {0};
            sigma_explain(m, ev, i, &out);
            fail_msg("seed %llu, rule %u: the engine says %d\n%.*s", (unsigned long long)seed, i,
                     matched, SLICE_FMT(buf_slice(&out)));
        }
    }
    arena_free(&a);
    return n;
}

static void test_drawn_rules(void **state)
{
    (void)state;
    size_t matches = 0, events = 0;
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct dice d = {.seed = seed * 1000};
        struct sigma_set set;
        struct arena a;
        sigma_set_init(&set);
        arena_init(&a, 0);
        draw_rules(&d, &set, 1 + dice_roll(&d, 40));
        struct sigma_engine *engine =
            sigma_engine_create(&set, &(struct sigma_engine_options){.profile = seed % 2});
        struct sigma_matcher *m = sigma_matcher_create(engine);
        assert_int_equal(set.refusals.count, 0);
        for (int i = 0; i < 30; i++, events++) {
            struct fake_event ev;
            draw_event(&d, &a, &ev);
            matches += compare_event(m, &set, &ev.event, seed);
        }
        sigma_matcher_destroy(m);
        sigma_engine_destroy(engine);
        arena_free(&a);
        sigma_set_free(&set);
    }
    assert_true(matches > events); // the lot is not all misses
}

struct one {
    struct sigma_set set;
    struct sigma_engine *engine;
    struct sigma_matcher *matcher;
    struct arena arena;
};

static void start(struct one *o, const char *yaml, const struct sigma_engine_options *options)
{
    const struct sigma_load_options load = {0};
    arena_init(&o->arena, 0);
    sigma_set_init(&o->set);
    sigma_set_add_text(&o->set, SLICE("test.yml"), slice_from_str(yaml), false, &load);
    sigma_set_finish(&o->set, &load);
    o->engine = sigma_engine_create(&o->set, options);
    o->matcher = sigma_matcher_create(o->engine);
}

static void stop(struct one *o)
{
    sigma_matcher_destroy(o->matcher);
    sigma_engine_destroy(o->engine);
    sigma_set_free(&o->set);
    arena_free(&o->arena);
}

#define SYSMON "Microsoft-Windows-Sysmon/Operational"

static void sysmon_event(struct fake_event *ev, struct field *fields, struct value *values,
                         uint32_t count)
{
    fake_event_init(ev, fields, values, count);
    ev->event.system = (struct event_system){
        .event_id = 1, .channel = SLICE(SYSMON), .provider = SLICE("Microsoft-Windows-Sysmon")};
}

#define RULE(detection) RULE_OF("1", detection)
#define RULE_OF(digit, detection)                                                                  \
    "title: t\nid: 00000000-0000-4000-8000-00000000000" digit "\n"                                 \
    "logsource: {product: windows, category: process_creation}\ndetection:\n" detection

static size_t match_command(struct one *o, struct slice command)
{
    struct field fields[] = {{SLICE("CommandLine"), PLACE_DATA}};
    struct value values[] = {fake_utf16(&o->arena, command)};
    struct fake_event ev;
    const uint32_t *rules;
    sysmon_event(&ev, fields, values, 1);
    return sigma_match(o->matcher, &ev.event, &rules);
}

static void test_long_values(void **state)
{
    (void)state;
    struct one o;
    start(&o,
          RULE("  a: {CommandLine|contains: 'needle in it'}\n  b: {CommandLine: "
               "'*a*a*a*a*a*a*a*a*a*b'}\n  condition: a or b\n"),
          NULL);
    assert_int_equal(o.set.refusals.count, 0);
    struct buf b = {0};
    for (int i = 0; i < 300000; i++)
        buf_byte(&b, 'a');
    assert_int_equal(match_command(&o, buf_slice(&b)), 0); // must not take long either
    buf_str(&b, "NEEDLE in IT");
    assert_int_equal(match_command(&o, buf_slice(&b)), 1);
    buf_free(&b);
    stop(&o);
}

static void test_regex_limit_is_counted(void **state)
{
    (void)state;
    struct one o;
    start(&o, RULE("  a: {CommandLine|re: '(a+)+$'}\n  condition: a\n"),
          &(struct sigma_engine_options){.regex_match_limit = 500});
    assert_int_equal(match_command(&o, SLICE("aaa")), 1);
    assert_int_equal(sigma_matcher_limited(o.matcher)[0], 0);
    assert_int_equal(match_command(&o, SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")), 0);
    assert_int_equal(sigma_matcher_limited(o.matcher)[0], 1);
    stop(&o);
}

static void test_profile(void **state)
{
    (void)state;
    struct one o;
    start(&o,
          RULE("  a: {CommandLine|contains: abcdef}\n  b: {CommandLine|endswith: x}\n  condition: "
               "a and b\n"),
          &(struct sigma_engine_options){.profile = true});
    assert_int_equal(match_command(&o, SLICE("nothing")), 0);
    assert_int_equal(match_command(&o, SLICE("abcdef")), 0);
    assert_int_equal(match_command(&o, SLICE("abcdefx")), 1);
    const struct sigma_cost *cost = sigma_matcher_profile(o.matcher);
    assert_int_equal(cost[0].candidates,
                     2); // not looked at when the text that it needs is not there
    assert_int_equal(cost[0].matches, 1);
    stop(&o);
}

static void test_rules_that_ask_the_same(void **state)
{
    (void)state;
    struct one o;
    start(&o,
          RULE_OF("1", "  a: {CommandLine|contains: 'needle'}\n  condition: a\n---\n")
              RULE_OF("2", "  b: {CommandLine|contains: 'Needle'}\n  condition: b\n---\n")
                  RULE_OF("3", "  b: {CommandLine|endswith: 'needle'}\n  condition: b\n"),
          &(struct sigma_engine_options){.profile = true});
    struct sigma_engine_size size = sigma_engine_size(o.engine);
    assert_int_equal(o.set.rules.count, 3);
    assert_int_equal(size.variants, o.set.rules.items[0]->source_count * 2);
    assert_int_equal(match_command(&o, SLICE("a needle here")), 2);
    assert_int_equal(match_command(&o, SLICE("a needle")), 3);
    const struct sigma_cost *cost = sigma_matcher_profile(o.matcher);
    assert_int_equal(cost[0].matches, 2);
    assert_int_equal(cost[1].matches, 2);
    assert_int_equal(cost[2].matches, 1);
    stop(&o);
}

// A rule is woken by what is rare of what it needs, not by a text that every command line has.
static void test_woken_by_the_rare(void **state)
{
    (void)state;
    struct one o;
    start(&o,
          RULE("  a: {CommandLine|contains|all: ['C:\\Windows\\System32\\', zqx]}\n"
               "  condition: a\n"),
          &(struct sigma_engine_options){.profile = true});
    assert_int_equal(match_command(&o, SLICE("c:\\windows\\system32\\cmd.exe")), 0);
    assert_int_equal(sigma_matcher_profile(o.matcher)[0].candidates, 0);
    assert_int_equal(match_command(&o, SLICE("c:\\windows\\system32\\ZQX.exe")), 1);
    assert_int_equal(sigma_matcher_profile(o.matcher)[0].candidates, 1);
    stop(&o);
}

static void test_matched_fields(void **state)
{
    (void)state;
    struct one o;
    start(&o,
          RULE("  a: {Image|endswith: '\\cmd.exe', CommandLine|contains: [one, two]}\n  f: {User: "
               "admin}\n"
               "  condition: a and not f\n"),
          NULL);
    struct field fields[] = {{SLICE("Image"), PLACE_DATA},
                             {SLICE("CommandLine"), PLACE_DATA},
                             {SLICE("User"), PLACE_DATA}};
    struct value values[] = {fake_utf8("C:\\Windows\\CMD.exe"), fake_utf8("x One"),
                             fake_utf8("bob")};
    struct fake_event ev;
    struct sigma_matched_field *got;
    sysmon_event(&ev, fields, values, 3);
    assert_int_equal(sigma_matched_fields(o.matcher, &ev.event, 0, &o.arena, &got), 2);
    assert_true(slice_equal_str(got[0].name, "Image") &&
                slice_equal_str(got[0].value, "C:\\Windows\\CMD.exe"));
    assert_true(slice_equal_str(got[1].name, "CommandLine") &&
                slice_equal_str(got[1].value, "x One"));
    struct slice user;
    assert_true(sigma_field_text(o.matcher, &ev.event, 0, SLICE("User"), &o.arena, &user));
    assert_true(slice_equal_str(user, "bob"));
    assert_false(sigma_field_text(o.matcher, &ev.event, 0, SLICE("Nothing"), &o.arena, &user));
    stop(&o);
}

static void assert_same_fields(const struct sigma_matched_field *a, size_t a_count,
                               const struct sigma_matched_field *b, size_t b_count)
{
    assert_int_equal(a_count, b_count);
    for (size_t i = 0; i < a_count; i++)
        assert_true(slice_equal(a[i].name, b[i].name) && slice_equal(a[i].value, b[i].value));
}

// What is remembered of earlier events is what a matcher says that has seen none, whatever part of
// the event changes; and long and many texts only make it forget.
static void compare_with_fresh(struct one *o, const char *const texts[8])
{
    struct field fields[] = {{SLICE("Image"), PLACE_DATA},
                             {SLICE("CommandLine"), PLACE_DATA},
                             {SLICE("User"), PLACE_DATA}};
    struct value values[3];
    for (uint32_t i = 0; i < 3000; i++) {
        struct fake_event ev;
        struct sigma_matched_field *got, *expected;
        struct sigma_matcher *fresh = sigma_matcher_create(o->engine);
        for (uint32_t k = 0, n = i * 2654435761u >> 9; k < 3; k++, n /= 8)
            values[k] = fake_utf8(texts[i % 3 ? n % 5 : n % 8]);
        if (i % 7 == 0)
            values[2].type = VALUE_BINARY; // the same bytes, another text
        sysmon_event(&ev, fields, values, 3);
        ev.event.system.event_id = i % 11 ? 1 : 3;
        size_t n = sigma_matched_fields(o->matcher, &ev.event, 0, &o->arena, &got);
        size_t m = sigma_matched_fields(fresh, &ev.event, 0, &o->arena, &expected);
        assert_same_fields(got, n, expected, m);
        sigma_matcher_destroy(fresh);
        arena_reset(&o->arena);
    }
}

static void test_matched_fields_again(void **state)
{
    (void)state;
    static const char *const rules[] = {
        RULE("  a: {Image: [one, two], CommandLine|contains: [x, y]}\n  b: {User: bob}\n"
             "  condition: a or b\n"),
        RULE("  a: {Image: [one, two]}\n  b: {CommandLine|fieldref: User}\n"
             "  c: {User|re: '^[a-z]+$'}\n  condition: a and (b or c)\n"),
        RULE("  a: {Image: [one, two]}\n  k: [zzz, two]\n  condition: a or k\n"),
    };
    char *long_text = mem_alloc(3001);
    memset(long_text, 'x', 3000);
    long_text[3000] = 0;
    const char *const texts[8] = {"one", "two", "x", "y", "bob", "", long_text, "zzz y"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct one o;
        start(&o, rules[i], NULL);
        compare_with_fresh(&o, texts);
        stop(&o);
    }
    free(long_text);
}

static bool says(const struct buf *b, const char *words)
{
    return memmem(b->at, b->len, words, strlen(words)) != NULL;
}

static void test_explain(void **state)
{
    (void)state;
    struct one o;
    start(&o, RULE("  a: {CommandLine|contains: [one, two]}\n  condition: a\n"), NULL);
    struct field fields[] = {{SLICE("CommandLine"), PLACE_DATA}};
    struct value values[] = {fake_utf8("three \x1b[31m")};
    struct fake_event ev;
    struct buf out = {0};
    sysmon_event(&ev, fields, values, 1);
    sigma_explain(o.matcher, &ev.event, 0, &out);
    assert_true(says(&out, "does not match") && says(&out, "fails a") &&
                says(&out, "CommandLine|contains"));
    assert_true(says(&out, "no   \"one\"") &&
                says(&out, "three \\u001b[31m")); // no escape reaches a terminal
    buf_clear(&out);
    ev.event.system.event_id = 3;
    sigma_explain(o.matcher, &ev.event, 0, &out);
    assert_true(says(&out, "does not admit"));
    buf_free(&out);
    stop(&o);
}

// A selection that no condition uses is explained all the same, though the engine knows nothing of
// it.
static void test_explain_unused(void **state)
{
    (void)state;
    struct one o;
    start(&o, RULE("  a: {CommandLine: x}\n  b: {Other|re: 'o.e'}\n  condition: a\n"), NULL);
    struct field fields[] = {{SLICE("CommandLine"), PLACE_DATA}, {SLICE("Other"), PLACE_DATA}};
    struct value values[] = {fake_utf8("x"), fake_utf8("one")};
    struct fake_event ev;
    struct buf out = {0};
    sysmon_event(&ev, fields, values, 2);
    sigma_explain(o.matcher, &ev.event, 0, &out);
    assert_true(says(&out, "holds b"));
    buf_free(&out);
    stop(&o);
}

// An EventID that is not the plain number of System must not be taken for it.
static void test_event_id_as_text(void **state)
{
    (void)state;
    struct one o;
    start(&o,
          "title: t\nid: 00000000-0000-4000-8000-000000000001\nlogsource: {product: windows, "
          "service: security}\n"
          "detection:\n  a: {EventID: '4624'}\n  condition: a\n",
          NULL);
    static const uint8_t number[2] = {0x10, 0x12};
    struct field fields[] = {{SLICE("EventID"), PLACE_SYSTEM}};
    struct value values[] = {{slice_of(number, 2), VALUE_UINT16}};
    struct fake_event ev;
    const uint32_t *rules;
    fake_event_init(&ev, fields, values, 1);
    ev.event.system = (struct event_system){.event_id = 4624, .channel = SLICE("security")};
    assert_int_equal(sigma_match(o.matcher, &ev.event, &rules), 1);
    values[0] = fake_utf8("04624"); // the same number, another text
    assert_int_equal(sigma_match(o.matcher, &ev.event, &rules), 0);
    values[0] = fake_utf8("4624");
    assert_int_equal(sigma_match(o.matcher, &ev.event, &rules), 1);
    stop(&o);
}

static void test_refused_regex(void **state)
{
    (void)state;
    struct sigma_test test = {.kind = SIGMA_REGEX, .text = SLICE("(unclosed")};
    struct err e = {0};
    assert_null(regex_compile(&test, &e));
    assert_int_equal(e.code, ERR_FORMAT);
    assert_non_null(strstr(e.message, "parenthes"));
}

// pattern, then what any match must contain: literals parted by blanks; NULL: nothing is known.
static const struct {
    const char *pattern, *needs;
} required[] = {
    {"abc", "abc"},
    {"ABC", "abc"},
    {"ab?cd", "cd"},
    {"abc*de", "ab"},
    {"ab+cd", "ab"},
    {"ab{2}c", "ab"},
    {"ab{0,3}cde", "cde"},
    {"(?i)Power(?:shell|cmd)", "power"},
    {"power|cmd", "power cmd"},
    {"power|c", NULL},
    {"(one|two)x", "one two"},
    {"(one|two)?xyz", "xyz"},
    {"\\.exe$", ".exe"},
    {"a\\sbcd", "bcd"},
    {"[abc]de[^]x]fgh", "fgh"},
    {"[[:alpha:]]+xyz", "xyz"},
    {"\\Qab\\E", NULL},
    {"(?=abc)d", NULL},
    {"(?x)a b c", NULL},
    {"a", NULL},
    {".*", NULL},
    {"\\x41bc", NULL},
    {"caf\xc3\xa9 noir", " noir"},
    {"x{,3}abc", NULL},
    {"(((abc)))d", "abc"},
    {"(?:a|b)cd", "cd"},
    {"\\w+`(\\w+|-|.)`[\\w+|\\s]", "`"},
    {"(~|ab)x", "~ ab"},
    {"`ab", "`ab"},
};

static void test_required_literals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
        struct arena a;
        regex_literals out = {0};
        struct buf b = {0};
        arena_init(&a, 0);
        bool found = regex_required(&a, slice_from_str(required[i].pattern), &out);
        for (size_t k = 0; k < out.count; k++)
            buf_printf(&b, "%s%.*s", k ? " " : "", SLICE_FMT(out.items[k]));
        if (found != (required[i].needs != NULL) ||
            (found && !slice_equal_str(buf_slice(&b), required[i].needs)))
            fail_msg("%s: found '%.*s'", required[i].pattern, SLICE_FMT(buf_slice(&b)));
        buf_free(&b);
        ARRAY_FREE(&out);
        arena_free(&a);
    }
}

static const struct {
    const char *text;
    enum sigma_time_part part;
    int64_t value; // -1: is no time
} times[] = {
    {"2026-07-03T08:12:44.1234567Z", SIGMA_MINUTE, 12},
    {"2026-07-03 08:12:44", SIGMA_HOUR, 8},
    {"2026-07-03T23:12:44+02:00", SIGMA_HOUR, 23},
    {"2026-07-03T08:12:44Z", SIGMA_DAY, 3},
    {"2026-07-03T08:12:44Z", SIGMA_MONTH, 7},
    {"2026-07-03T08:12:44Z", SIGMA_YEAR, 2026},
    {"2026-01-01T00:00:00Z", SIGMA_WEEK, 1},
    {"2027-01-01T00:00:00Z", SIGMA_WEEK, 53},
    {"2024-12-30T00:00:00Z", SIGMA_WEEK, 1},
    {"2021-01-03T00:00:00Z", SIGMA_WEEK, 53},
    {"2024-02-29T00:00:00Z", SIGMA_DAY, 29},
    {"2023-02-29T00:00:00Z", SIGMA_DAY, -1},
    {"2026-13-01T00:00:00Z", SIGMA_DAY, -1},
    {"2026-07-03", SIGMA_DAY, -1},
    {"2026-07-03T08:12:44x", SIGMA_DAY, -1},
    {"", SIGMA_DAY, -1},
};

static void test_time_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        int64_t got = -1;
        if (!text_to_time_part(slice_from_str(times[i].text), times[i].part, &got))
            got = -1;
        if (got != times[i].value)
            fail_msg("%s: %lld", times[i].text, (long long)got);
    }
}

static const struct {
    const char *text, *number; // NULL: is none
} numbers[] = {
    {"12", "12"}, {"-3.5", "-3.5"}, {"0x1F", "31"}, {"0x", NULL}, {"1e5", NULL},
    {"", NULL},   {"1.2.3", NULL},  {"nan", NULL},  {".", NULL},
};

static void test_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        double n = 0;
        bool is = text_to_number(slice_from_str(numbers[i].text), &n);
        assert_int_equal(is, numbers[i].number != NULL);
        if (is)
            assert_true(n == strtod(numbers[i].number, NULL));
    }
    int64_t n;
    assert_true(text_to_integer(SLICE("-9223372036854775808"), &n) && n == INT64_MIN);
    assert_false(text_to_integer(SLICE("9223372036854775808"), &n));
    assert_true(text_to_integer(SLICE("0x7fffffffffffffff"), &n) && n == INT64_MAX);
    assert_false(text_to_integer(SLICE("-"), &n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drawn_rules),
        cmocka_unit_test(test_long_values),
        cmocka_unit_test(test_regex_limit_is_counted),
        cmocka_unit_test(test_profile),
        cmocka_unit_test(test_rules_that_ask_the_same),
        cmocka_unit_test(test_woken_by_the_rare),
        cmocka_unit_test(test_matched_fields),
        cmocka_unit_test(test_matched_fields_again),
        cmocka_unit_test(test_explain),
        cmocka_unit_test(test_explain_unused),
        cmocka_unit_test(test_event_id_as_text),
        cmocka_unit_test(test_refused_regex),
        cmocka_unit_test(test_required_literals),
        cmocka_unit_test(test_time_parts),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
