// SPDX-License-Identifier: Apache-2.0
// A line of a detection, and the tests it becomes, or the reason why it is refused.
#include "detection/sigma/load_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

struct line_case {
    const char *line; // stands below `selection:`
    const char *want; // as dump_item, or "!" and a part of the reason
};

static const struct line_case cases[] = {
    // Values: escapes and wildcards, exactly.
    {"F: abc", "F: \"abc\""},
    {"F: ABC", "F: \"abc\""},
    {"F: ''", "F: \"\""},
    {"F: ' '", "F: \" \""},
    {"F: '*'", "F: *"},
    {"F: '?'", "F: ?"},
    {"F: '**'", "F: *"},
    {"F: '*?*'", "F: *?*"},
    {"F: 'a*b?c'", "F: \"a\"*\"b\"?\"c\""},
    {"F: 'a\\*b'", "F: \"a*b\""},
    {"F: 'a\\?b'", "F: \"a?b\""},
    {"F: 'a\\b'", "F: \"a\\b\""},
    {"F: 'a\\\\b'", "F: \"a\\b\""},
    {"F: 'a\\\\\\b'", "F: \"a\\\\b\""},
    {"F: 'a\\\\\\\\b'", "F: \"a\\\\b\""},
    {"F: 'a\\\\*b'", "F: \"a\\\"*\"b\""},
    {"F: 'a\\\\\\*b'", "F: \"a\\*b\""},
    {"F: 'a\\\\\\\\*'", "F: \"a\\\\\"*"},
    {"F: 'a\\'", "F: \"a\\\""},
    {"F: '\\'", "F: \"\\\""},
    {"F: '\\\\'", "F: \"\\\""},
    {"F: '\\*'", "F: \"*\""},
    {"F: '\\\\*'", "F: \"\\\"*"},
    {"F: '\\n'", "F: \"\\n\""},
    {"F: \"a\\tb\"", "F: \"a\tb\""},
    {"F: 'C:\\Windows\\'", "F: \"c:\\windows\\\""},
    {"F: 'it''s'", "F: \"it's\""},
    {"F: 'ÀÉ'", "F: \"àé\""},
    {"F: 'ПРИВЕТ'", "F: \"привет\""},
    {"F|cased: 'ÀÉ'", "F: cased \"ÀÉ\""},
    // Scalars that are no text.
    {"F: 5", "F: int 5"},
    {"F: -5", "F: int -5"},
    {"F: +5", "F: int 5"},
    {"F: 0", "F: int 0"},
    {"F: 0x1F", "F: int 31"},
    {"F: '5'", "F: \"5\""},
    {"F: !!str 5", "F: \"5\""},
    {"F: !!int '5'", "F: int 5"},
    {"F: 010", "F: \"010\""},
    {"F: 1_000", "F: \"1_000\""},
    {"F: 1:30", "F: \"1:30\""},
    {"F: 1.5", "F: \"1.5\""},
    {"F: 9223372036854775807", "F: int 9223372036854775807"},
    {"F: 9223372036854775808", "F: \"9223372036854775808\" | \"0x8000000000000000\""},
    {"F: 18446744073709551616", "F: \"18446744073709551616\""},
    {"F: true", "F: \"true\""},
    {"F: 2024-01-02", "F: \"2024-01-02\""},
    {"F: null", "F: null"},
    {"F: ~", "F: null"},
    {"F:", "F: null"},
    {"F: 'null'", "F: \"null\""},
    {"F: [a, 1, null, '']", "F: \"a\" , int 1 , null , \"\""},
    {"F|neq: null", "F not: null"},
    {"F: []", "!a list without values"},
    {"F: {a: b}", "!a map where a value is expected"},
    {"F: [[a]]", "!a list where a value is expected"},
    // Where in the value.
    {"F|contains: abc", "F: *\"abc\"*"},
    {"F|startswith: abc", "F: \"abc\"*"},
    {"F|endswith: abc", "F: *\"abc\""},
    {"F|startswith|endswith: abc", "F: *\"abc\"*"},
    {"F|contains: '*abc*'", "F: *\"abc\"*"},
    {"F|contains: ''", "F: *"},
    {"F|contains: '*'", "F: *"},
    {"F|endswith: '\\x\\'", "F: *\"\\x\\\""},
    {"F|startswith: 'a\\'", "F: \"a\\\"*"},
    {"F|contains: '\\'", "F: *\"\\\"*"},
    {"F|contains: 5", "F: *\"5\"*"},
    {"F|contains: null", "!null does not go with a modifier"},
    {"F|contains|all: [a, b]", "F all: *\"a\"* , *\"b\"*"},
    {"F|all|contains: [a, b]", "F all: *\"a\"* , *\"b\"*"},
    {"F|contains|all: a", "!all on a single value"},
    {"F|contains|all: [a]", "!all on a single value"},
    {"F|contains|neq: [a, b]", "F not: *\"a\"* , *\"b\"*"},
    {"F|cased|contains: aB", "F: cased *\"aB\"*"},
    {"F|neq: a", "F not: \"a\""},
    // Names.
    {"'Threat Name': a", "ThreatName: \"a\""},
    {"' A b |contains': a", "Ab: *\"a\"*"},
    {"F|: a", "!a modifier is missing"},
    {"F||all: [a, b]", "!unknown modifier ''"},
    {"F|contains|: a", "!a modifier is missing"},
    {"F|foo: a", "!unknown modifier 'foo'"},
    {"F|Contains: a", "!unknown modifier 'Contains'"},
    // windash.
    {"F|windash: 'ab'", "F: \"ab\""},
    {"F|windash: '-a'", "F: \"-a\" | \"/a\" | \"–a\" | \"—a\" | \"―a\""},
    {"F|windash|contains: ' /a'", "F: *\" -a\"* | *\" /a\"* | *\" –a\"* | *\" —a\"* | *\" ―a\"*"},
    {"F|contains|windash: 'a-b/c'", "F: *\"a-b/c\"*"},
    {"F|contains|windash: 'a -b*c'", "F: *\"a -b\"*\"c\"* | *\"a /b\"*\"c\"* | *\"a –b\"*\"c\"* | "
                                     "*\"a —b\"*\"c\"* | *\"a ―b\"*\"c\"*"},
    {"F|windash: '-a -b -c -d -e'", "!more than 4 options"},
    {"F|contains|all|windash: ['x', 'y']", "F all: *\"x\"* , *\"y\"*"},
    {"F|base64|windash: '-a'", "!windash must come first"},
    // Regular expressions.
    {"F|re: 'a.*B\\\\'", "F: re a.*B\\\\"},
    {"F|re|i: a", "F: re i a"},
    {"F|re|ignorecase|multiline|dotall: a", "F: re i m s a"},
    {"F|re|m|s: a", "F: re m s a"},
    {"F|re: [a, b]", "F: re a , re b"},
    {"F|re|all: [a, b]", "F all: re a , re b"},
    {"F|re|contains: a", "F: re a"},
    {"F|re: 'a('", "!not a regular expression"},
    {"F|re: '[a'", "!not a regular expression"},
    {"F|re|startswith: a", "!write ^ or $"},
    {"F|re|cased: a", "!case-sensitive already"},
    {"F|i: a", "!only go with re"},
    {"F|re|windash: a", "!exclude each other"},
    {"F|re: null", "!null does not go"},
    // Encodings.
    {"F|base64: foobar", "F: \"zm9vymfy\""},
    {"F|cased|base64: foobar", "F: cased \"Zm9vYmFy\""},
    {"F|cased|base64|contains: fo", "F: cased *\"Zm8=\"*"},
    {"F|cased|base64offset: foobar",
     "F: cased \"Zm9vYmFy\" | cased \"Zvb2Jhc\" | cased \"mb29iYX\""},
    {"F|cased|base64offset|contains: http",
     "F: cased *\"aHR0c\"* | cased *\"h0dH\"* | cased *\"odHRw\"*"},
    {"F|cased|wide|base64: cmd", "F: cased \"YwBtAGQA\""},
    {"F|cased|utf16le|base64: cmd", "F: cased \"YwBtAGQA\""},
    {"F|cased|utf16be|base64: cmd", "F: cased \"AGMAbQBk\""},
    {"F|cased|utf16|base64: cmd", "F: cased \"//5jAG0AZAA=\""},
    {"F|cased|wide|base64: '😀'", "F: cased \"PdgA3g==\""},
    {"F|cased|wide|base64offset|contains: ab",
     "F: cased *\"YQBiA\"* | cased *\"EAYg\"* | cased *\"hAGIA\"*"},
    {"F|cased|windash|base64: '-a'", "F: cased \"LWE=\" | cased \"L2E=\" | cased \"4oCTYQ==\" | "
                                     "cased \"4oCUYQ==\" | cased \"4oCVYQ==\""},
    {"F|cased|base64: 'a\\*b'", "F: cased \"YSpi\""},
    {"F|base64: 'a*b'", "!base64 of a value with wildcards"},
    {"F|base64: ''", "!too short"},
    {"F|base64offset: 'a'", "!too short"},
    {"F|wide: cmd", "!must be followed by base64"},
    {"F|base64|wide: cmd", "!must be followed by base64"},
    // Numbers and times.
    {"F|lt: 5", "F: < 5"},
    {"F|lte: -1.5", "F: <= -1.5"},
    {"F|gt: 0x10", "F: > 16"},
    {"F|gte: 1e3", "F: >= 1000"},
    {"F|gt: abc", "!is not a number"},
    {"F|gt: ''", "!is not a number"},
    {"F|gt: null", "!null does not go"},
    {"F|gt|contains: 5", "!need text values"},
    {"F|gt|lt: 5", "!two comparisons"},
    {"F|hour: 3", "F: hour = 3"},
    {"F|week|gte: 50", "F: week >= 50"},
    {"F|minute|neq: 0", "F not: minute = 0"},
    {"F|day: [1, 31]", "F: day = 1 , day = 31"},
    {"F|month: 12", "F: month = 12"},
    {"F|year|lt: 2020", "F: year < 2020"},
    {"F|hour: 3.5", "!is not a part of a time"},
    {"F|hour: noon", "!is not a number"},
    // Addresses.
    {"F|cidr: 10.1.2.3/8", "F: cidr 10.0.0.0/8"},
    {"F|cidr: 192.168.1.1", "F: cidr 192.168.1.1/32"},
    {"F|cidr: 0.0.0.0/0", "F: cidr 0.0.0.0/0"},
    {"F|cidr: 'fe80::1/10'", "F: cidr fe80::/10"},
    {"F|cidr: ['::1/128', '10.0.0.0/8']", "F: cidr ::1/128 , cidr 10.0.0.0/8"},
    {"F|cidr: 10.0.0.0/33", "!is not an address range"},
    {"F|cidr: 10.0.0/8", "!is not an address range"},
    {"F|cidr: 'a/8'", "!is not an address range"},
    {"F|cidr: '10.0.0.0/'", "!is not an address range"},
    {"F|cidr: '10.0.0.0/8x'", "!is not an address range"},
    {"F|cidr|neq: 10.0.0.0/8", "F not: cidr 10.0.0.0/8"},
    // Presence, other fields, placeholders.
    {"F|exists: true", "F: exists true"},
    {"F|exists: no", "F: exists false"},
    {"F|exists: 'true'", "!exists needs true or false"},
    {"F|exists: maybe", "!exists needs true or false"},
    {"F|exists: [true, false]", "!exists takes one value"},
    {"F|exists|contains: true", "!need text values"},
    {"F|fieldref: G", "F: field whole G"},
    {"F|fieldref|neq: G", "F not: field whole G"},
    {"F|fieldref|endswith: 'Other Name'", "F: field ends OtherName"},
    {"F|startswith|fieldref|cased: G", "F: field cased starts G"},
    {"F|fieldref|contains: G", "F: field contains G"},
    {"F|fieldref: ''", "!needs the name of a field"},
    {"F|fieldref|re: G", "!exclude each other"},
    {"F|expand: '%name%'", "!is a placeholder"},
    {"F|contains|expand: 'a%Some_1%b'", "!is a placeholder"},
    {"F|expand: '100%'", "F: \"100%\""},
    {"F|expand: '% a %'", "F: \"% a %\""},
    {"F: '%name%'", "F: \"%name%\""},
    // Keywords.
    {"'|all': [a, b]", " all: *\"a\"* , *\"b\"*"},
    {"'|re': [a]", ": re a"},
    {"'|startswith': a", ": \"a\"*"},
    {"'|cidr': 10.0.0.0/8", "!needs the name of a field"},
    {"'|exists': true", "!needs the name of a field"},
    {"- kw", ": *\"kw\"*"},
    {"- 'a*b'", ": *\"a\"*\"b\"*"},
    {"- 4625", ": *\"4625\"*"},
    {"- null", "!null is no keyword"},
};

static void check_line(const struct line_case *c, struct buf *b)
{
    struct sigma_set set;
    sigma_set_init(&set);
    buf_clear(b);
    buf_printf(
        b, "title: t\nlogsource: {product: windows}\ndetection:\n  condition: s\n  s:\n    %s\n",
        c->line);
    struct buf text = *b;
    *b = (struct buf){0};
    sigma_set_add_text(&set, SLICE("x.yml"), buf_slice(&text), false, NULL);
    sigma_set_finish(&set, NULL);
    dump_refusals(b, &set);
    if (set.rules.count)
        dump_item(b, &set.rules.items[0]->selections[0].groups[0].items[0]);
    buf_byte(b, 0);
    buf_free(&text);
    sigma_set_free(&set);
}

static void test_lines(void **state)
{
    (void)state;
    struct buf b = {0};
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_line(&cases[i], &b);
        const char *got = (const char *)b.at;
        bool ok = cases[i].want[0] == '!'
                      ? strncmp(got, "6: ", 3) == 0 && strstr(got, cases[i].want + 1) != NULL
                      : strcmp(got, cases[i].want) == 0;
        if (!ok) {
            print_error("%s\n  wanted %s\n  got    %s\n", cases[i].line, cases[i].want, got);
            wrong++;
        }
    }
    buf_free(&b);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
