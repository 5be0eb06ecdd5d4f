// SPDX-License-Identifier: Apache-2.0
// Whole documents: conditions, structure, actions, correlations, filters, logsources, and what is
// refused.
#include "detection/sigma/load_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct text_case {
    const char *text;
    const char *want;
};

#define HEAD   "title: t\nlogsource: {product: windows}\n"
#define SOURCE "logsource: {product: windows}\n"
#define S      "detection: {s: {a: 1}, condition: s}\n"

static struct sigma_set loaded(const char *text, const struct sigma_load_options *options)
{
    struct sigma_set set;
    sigma_set_init(&set);
    sigma_set_add_text(&set, SLICE("x.yml"), slice_from_str(text), false, options);
    sigma_set_finish(&set, options);
    return set;
}

typedef void dump(struct buf *b, const struct sigma_set *set);

static size_t run_case(const struct text_case *c, const char *text, dump *show)
{
    struct sigma_set set = loaded(text, NULL);
    struct buf b = {0};
    dump_refusals(&b, &set);
    show(&b, &set);
    buf_byte(&b, 0);
    const char *got = (const char *)b.at;
    bool ok = c->want[0] == '!' ? strstr(got, c->want + 1) != NULL : strcmp(got, c->want) == 0;
    if (!ok)
        print_error("%s\n  wanted %s\n  got    %s\n", c->text, c->want, got);
    buf_free(&b);
    sigma_set_free(&set);
    return !ok;
}

static void show_condition(struct buf *b, const struct sigma_set *set)
{
    if (set->rules.count)
        dump_node(b, set->rules.items[0], set->rules.items[0]->condition);
}

static const struct text_case conditions[] = {
    {"a", "a"},
    {"not a", "!a"},
    {"not not a", "!!a"},
    {"a and b", "(a & b)"},
    {"a or b and c", "(a | (b & c))"},
    {"a and b or c", "((a & b) | c)"},
    {"not a and b", "(!a & b)"},
    {"not (a and b)", "!(a & b)"},
    {"(a or b) and c", "((a | b) & c)"},
    {"a AND NOT b Or c", "((a & !b) | c)"},
    {"a and b and c", "(a & (b & c))"},
    {"(a)and(b)", "(a & b)"},
    {"((a))", "a"},
    {"1 of sel_*", "(sel_x | sel_y)"},
    {"any of sel_*", "(sel_x | sel_y)"},
    {"all of sel_*", "(sel_x & sel_y)"},
    {"not 1 of sel_* and a", "(!(sel_x | sel_y) & a)"},
    {"1 of *_y", "sel_y"},
    {"1 of s*_*x", "sel_x"},
    {"1 of a", "a"},
    {"all of them", "((a & b) & (c & (sel_x & sel_y)))"},
    {"ALL OF THEM", "((a & b) & (c & (sel_x & sel_y)))"},
    {"1 of _*", "_h"},
    {"_h", "_h"},
    {"a and 1 of _h*", "(a & _h)"},
    {"['a', 'b and c']", "(a | (b & c))"},
    {"''", "!condition ends where a name is expected"},
    {"a b", "!'b' where 'and' or 'or' is expected"},
    {"a and", "!condition ends where a name is expected"},
    {"and a", "!'and' where a name is expected"},
    {"a or or b", "!'or' where a name is expected"},
    {"(a", "!a ')' is missing"},
    {"a)", "!')' where 'and' or 'or' is expected"},
    {"()", "!')' where a name is expected"},
    {"nothing", "!there is no selection 'nothing'"},
    {"A", "!there is no selection 'A'"},
    {"1 of nothing*", "!no selection fits 'nothing*'"},
    {"2 of sel_*", "!there is no selection '2'"},
    {"1 of", "!a name is missing behind 'of'"},
    {"1 of (a)", "!a name is missing behind 'of'"},
    {"all", "!there is no selection 'all'"},
    {"a | count() > 5", "!old aggregation"},
    {"a | near b", "!old aggregation"},
    {"{a: b}", "!condition must be a text"},
    {"[]", "!condition must be a text"},
};

static void test_conditions(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        char text[512];
        bool plain = conditions[i].text[0] != '[' && conditions[i].text[0] != '{' &&
                     conditions[i].text[0] != '\'';
        snprintf(text, sizeof text,
                 HEAD "detection:\n  a: {A: 1}\n  b: {A: 1}\n  c: {A: 1}\n  sel_x: {A: 1}\n"
                      "  sel_y: {A: 1}\n  _h: {A: 1}\n  condition: %s%s%s\n",
                 plain ? "\"" : "", conditions[i].text, plain ? "\"" : "");
        wrong += run_case(&conditions[i], text, show_condition);
    }
    assert_int_equal(wrong, 0);
}

static void show_rules(struct buf *b, const struct sigma_set *set)
{
    for (size_t i = 0; i < set->rules.count; i++) {
        if (i)
            buf_byte(b, '\n');
        dump_rule(b, set->rules.items[i]);
    }
}

static const struct text_case structures[] = {
    {HEAD "detection: {s: {a: 1, b: [x, y]}, condition: s}", "s{ a: int 1 & b: \"x\" , \"y\" }"},
    {HEAD "detection: {s: [{a: 1}, {b: 2, c: 3}], condition: s}",
     "s{ a: int 1 || b: int 2 & c: int 3 }"},
    {HEAD "detection: {s: [x, y, {a: 1}, z], condition: s}",
     "s{ : *\"x\"* , *\"y\"* || a: int 1 || : *\"z\"* }"},
    {HEAD "detection: {s: [[x, {a: 1}], [[y]]], condition: s}",
     "s{ : *\"x\"* || a: int 1 || : *\"y\"* }"},
    {HEAD "detection: {s: word, condition: s}", "s{ : *\"word\"* }"},
    {HEAD "detection: {s: {}, condition: s}", "!3: an empty map matches nothing"},
    {HEAD "detection: {s: [], condition: s}", "!3: an empty list matches nothing"},
    {HEAD "detection: {s: , condition: s}", "!null is no keyword"},
    {HEAD "detection: {s: {a: 1}}", "!the detection has no condition"},
    {HEAD "detection: {condition: s}", "!the detection has no selection"},
    {HEAD "detection: [a]", "!detection must be a map"},
    {HEAD "detection: {s: {a: 1}, condition: s, timeframe: 5m}", "!timeframe belongs to the old"},
    {HEAD, "!the rule has no detection"},
    {"title: t\n" S, "!the rule has no logsource"},
    {SOURCE S, "!the rule has no title"},
    {"title: ''\n" SOURCE S, "!the rule has no title"},
    {"title: [a]\n" SOURCE S, "!'title' must be a text"},
    {"title: t\nlogsource: {}\n" S, "!logsource names no product"},
    {"title: t\nlogsource: {definition: x}\n" S, "!logsource names no product"},
    {"title: t\nlogsource: windows\n" S, "!logsource must be a map"},
    {HEAD S "level: serious", "!4: unknown level"},
    {HEAD S "status: old", "!unknown status"},
    {HEAD S "tags: {a: b}", "!'tags' must be a list"},
    {HEAD S "taxonomy: ecs", "!only the default taxonomy"},
    {HEAD S "taxonomy: sigma\nlevel:\nstatus: ~\ntags: attack.t1059\nreferences: [~, a]\nx: {y: z}",
     "s{ a: int 1 }"},
    {HEAD S "level: high\nlevel: low", "!5: the key 'level' stands twice"},
    {HEAD "detection: {s: {a: 1, a: 2}, condition: s}", "!the key 'a' stands twice"},
    {HEAD "detection: {s: {'a': 1, a: 2}, condition: s}", "!the key 'a' stands twice"},
    {"- a\n- b", "!not a Sigma rule: the document is no map"},
    {"word", "!not a Sigma rule"},
    {"", "!the file holds no rule"},
    {"# nothing\n", "!the file holds no rule"},
    {"a: [", "!2: not valid YAML"},
    {"a: b\n c: d: e", "!2: not valid YAML"},
    {"title: \"\xff\"", "!not valid YAML"},
    {"title: *x", "!unknown YAML alias"},
    {"title: !x y", "!unknown YAML tag"},
    {"? {a: b}\n: c", "!a key must be a plain word"},
    // One bad document does not take the others along.
    {HEAD S "---\na: [\n---\n" HEAD S, "!not valid YAML"},
    {HEAD S "---\n" HEAD "---\n" HEAD "detection: {t: {b: 2}, condition: t}",
     "5: the rule has no detection\ns{ a: int 1 }\nt{ b: int 2 }"},
    // Aliases and merge keys.
    {HEAD "x: &m {a: 1, b: 2}\ndetection: {s: {<<: *m, b: 3}, t: *m, condition: s}",
     "s{ b: int 3 & a: int 1 } t{ a: int 1 & b: int 2 }"},
    {HEAD "x: &m [x, y]\ndetection: {s: {a: *m}, condition: s}", "s{ a: \"x\" , \"y\" }"},
    // Actions of old rules.
    {"action: global\ntitle: g\nlogsource: {product: windows}\n---\ndetection: {s: {a: 1}, "
     "condition: s}\n"
     "---\ndetection: {s: {a: 2}, condition: s}",
     "s{ a: int 1 }\ns{ a: int 2 }"},
    {"action: global\n" HEAD
     "detection: {condition: s and t, t: {b: 1}}\n---\ndetection: {s: {a: 1}}",
     "t{ b: int 1 } s{ a: int 1 }"},
    {HEAD S "---\naction: repeat\ndetection: {s: {b: 2}}",
     "s{ a: int 1 }\ns{ a: int 1 & b: int 2 }"},
    {"action: global\n" HEAD "---\naction: reset\n---\n" S, "!the rule has no title"},
    {"action: repeat\n" HEAD S, "!without a document before it"},
    {"action: other\n" HEAD S, "!unknown action 'other'"},
    {"action: global\nid: i\n" HEAD "---\n" S "---\n" S, "s{ a: int 1 }\ns{ a: int 1 }"},
    {"id: i\n" HEAD S "---\naction: repeat\nlevel: low", "s{ a: int 1 }\ns{ a: int 1 }"},
    {"id: i\n" HEAD S "---\nid: I\n" HEAD S, "6: the id I is taken by x.yml:1\ns{ a: int 1 }"},
    {"name: i\n" HEAD S "---\nname: i\n" HEAD S,
     "warning 6: the name 'i' is taken by x.yml:1\ns{ a: int 1 }\ns{ a: int 1 }"},
};

static void test_structures(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof structures / sizeof *structures; i++)
        wrong += run_case(&structures[i], structures[i].text, show_rules);
    assert_int_equal(wrong, 0);
}

static void show_correlations(struct buf *b, const struct sigma_set *set)
{
    static const char *const ops[] = {"=", "<", "<=", ">", ">=", "!="};
    for (size_t i = 0; i < set->rules.count; i++)
        buf_printf(b, "%s%s ", set->rules.items[i]->silent ? "-" : "+",
                   set->rules.items[i]->needed_by_correlation ? "needed" : "");
    for (size_t i = 0; i < set->correlations.count; i++) {
        const struct sigma_correlation *c = set->correlations.items[i];
        buf_printf(b, "| %.*s%s %d %llus of", SLICE_FMT(c->rule->title),
                   c->rule->silent ? " silent" : "", (int)c->type,
                   (unsigned long long)(c->timespan / 10000000));
        for (size_t k = 0; k < c->base_count; k++)
            buf_printf(b, " %u", c->bases[k]);
        buf_str(b, " by");
        for (size_t k = 0; k < c->group_by_count; k++)
            buf_printf(b, " %.*s", SLICE_FMT(c->group_by[k]));
        for (size_t k = 0; k < c->bound_count; k++)
            buf_printf(b, " %s%g", ops[c->bounds[k].op], c->bounds[k].number);
        for (size_t k = 0; k < c->field_count; k++)
            buf_printf(b, " field %.*s", SLICE_FMT(c->fields[k]));
        for (size_t k = 0; k < c->alias_count; k++)
            buf_printf(b, " alias %.*s/%u/%.*s", SLICE_FMT(c->aliases[k].alias), c->aliases[k].base,
                       SLICE_FMT(c->aliases[k].field));
        if (c->type == SIGMA_VALUE_PERCENTILE)
            buf_printf(b, " at %g", c->percentile);
    }
}

#define BASES             "name: one\nid: 1-A\n" HEAD S "---\nname: two\n" HEAD S "---\n"
#define CORRELATION(text) BASES "title: c\nname: c\ncorrelation: {" text "}\n"

static const struct text_case correlations[] = {
    {CORRELATION("type: event_count, rules: one, timespan: 5m, condition: {gte: 10}"),
     "-needed + | c 0 300s of 0 by >=10"},
    {CORRELATION("type: event_count, rules: [1-a], group-by: [U, C], timespan: 1h, condition: {gt: "
                 "1, lte: 9}"),
     "-needed + | c 0 3600s of 0 by U C >1 <=9"},
    {CORRELATION("type: value_count, rules: [one, two], group-by: U, timespan: 30s, condition: "
                 "{field: X, eq: 2}"),
     "-needed -needed | c 1 30s of 0 1 by U =2 field X"},
    {CORRELATION("type: value_count, rules: two, timespan: 2d, condition: {field: [X, Y], neq: 2}"),
     "+ -needed | c 1 172800s of 1 by !=2 field X field Y"},
    {CORRELATION("type: temporal, rules: [two, one], timespan: 1w"),
     "-needed -needed | c 2 604800s of 1 0 by >=2"},
    {CORRELATION(
         "type: temporal_ordered, rules: [one, two, one], timespan: 1M, condition: {gte: 2}"),
     "-needed -needed | c 3 2629746s of 0 1 0 by >=2"},
    {CORRELATION("type: value_sum, rules: one, timespan: 1y, condition: {field: X, gt: 1.5}"),
     "-needed + | c 4 31556952s of 0 by >1.5 field X"},
    {CORRELATION("type: value_avg, rules: one, timespan: 1s, condition: {field: X, lt: -1}"),
     "-needed + | c 5 1s of 0 by <-1 field X"},
    {CORRELATION("type: value_percentile, rules: one, timespan: 1s, condition: {field: X, "
                 "percentile: 95, gt: 1}"),
     "-needed + | c 6 1s of 0 by >1 field X at 95"},
    {CORRELATION("type: value_median, rules: one, timespan: 1s, condition: {field: X, gt: 1}"),
     "-needed + | c 7 1s of 0 by >1 field X"},
    {CORRELATION("type: temporal, rules: [one], timespan: 1s, generate: true"),
     "+needed + | c 2 1s of 0 by >=1"},
    {CORRELATION("type: temporal, rules: [one, two], timespan: 1s, group-by: [u], aliases: {u: "
                 "{one: A, two: B}}"),
     "-needed -needed | c 2 1s of 0 1 by u >=2 alias u/0/A alias u/1/B"},
    {CORRELATION("type: temporal, rules: [one], timespan: 1s, aliases: {u: {two: B}}"),
     "!the alias 'u' names a rule that the correlation does not: 'two'"},
    // Chains: written before what they stand on, and numbered after it.
    {BASES "title: top\ncorrelation: {type: temporal, rules: [low, two], timespan: 1h}\n---\n"
           "title: low\nname: low\ncorrelation: {type: event_count, rules: one, timespan: 1m, "
           "condition: {gte: 3}}\n",
     "-needed -needed | low silent 0 60s of 0 by >=3| top 2 3600s of 2 1 by >=2"},
    {CORRELATION("type: temporal, rules: [c], timespan: 1s"), "!names itself: 'c'"},
    {CORRELATION("type: temporal, rules: [three], timespan: 1s"),
     "!names a rule that is not there: 'three'"},
    {BASES "title: a\nname: a\ncorrelation: {type: temporal, rules: [b], timespan: 1h}\n---\n"
           "title: b\nname: b\ncorrelation: {type: temporal, rules: [a], timespan: 1h}\n",
     "!stands on itself through others"},
    {"name: one\n" HEAD
     "detection: {}\n---\ntitle: c\ncorrelation: {type: temporal, rules: [one], timespan: 1h}\n",
     "!names a rule that is not there: 'one'"},
    {CORRELATION("type: temporal, rules: [one]"), "!has no timespan"},
    {CORRELATION("type: temporal, timespan: 1s"), "!names no rules"},
    {CORRELATION("type: temporal, rules: [], timespan: 1s"), "!names no rules"},
    {CORRELATION("rules: [one], timespan: 1s"), "!has no type"},
    {CORRELATION("type: sum, rules: [one], timespan: 1s"), "!unknown type of correlation 'sum'"},
    {CORRELATION("type: event_count, rules: [one], timespan: 1s"), "!has no condition"},
    {CORRELATION("type: event_count, rules: [one], timespan: 1s, condition: {}"),
     "!compares nothing"},
    {CORRELATION("type: event_count, rules: [one], timespan: 1s, condition: 'gte 5'"),
     "!must be a map"},
    {CORRELATION("type: event_count, rules: [one], timespan: 1s, condition: {gte: many}"),
     "!'gte' needs a number"},
    {CORRELATION("type: event_count, rules: [one], timespan: 1s, condition: {over: 5}"),
     "!unknown word 'over'"},
    {CORRELATION(
         "type: event_count, rules: [one], timespan: 1s, condition: {gt: 1, lt: 5, neq: 3}"),
     "!two bounds at the most"},
    {CORRELATION("type: event_count, rules: [one], timespan: 1s, condition: {gt: 1, field: X}"),
     "!'field' has no meaning"},
    {CORRELATION("type: value_count, rules: [one], timespan: 1s, condition: {gt: 1}"),
     "!needs 'field'"},
    {CORRELATION("type: value_sum, rules: [one], timespan: 1s, condition: {gt: 1, field: [X, Y]}"),
     "!only value_count takes several"},
    {CORRELATION(
         "type: value_percentile, rules: [one], timespan: 1s, condition: {gt: 1, field: X}"),
     "!needs 'percentile'"},
    {CORRELATION("type: value_percentile, rules: [one], timespan: 1s, condition: {gt: 1, field: X, "
                 "percentile: 101}"),
     "!from 0 to 100"},
    {CORRELATION(
         "type: event_count, rules: [one], timespan: 1s, condition: {gt: 1, percentile: 5}"),
     "!only goes with value_percentile"},
    {CORRELATION("type: temporal, rules: [one], timespan: 90"), "!timespan must be"},
    {CORRELATION("type: temporal, rules: [one], timespan: 0s"), "!timespan must be"},
    {CORRELATION("type: temporal, rules: [one], timespan: 1.5h"), "!timespan must be"},
    {CORRELATION("type: temporal, rules: [one], timespan: 5H"), "!timespan must be"},
    {CORRELATION("type: temporal, rules: [one], timespan: 1s, generate: maybe"),
     "!generate must be"},
    {CORRELATION("type: temporal, rules: [one], timespan: 1s, group_by: x"),
     "!unknown key 'group_by'"},
};

static void test_correlations(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof correlations / sizeof *correlations; i++)
        wrong += run_case(&correlations[i], correlations[i].text, show_correlations);
    assert_int_equal(wrong, 0);
}

static void show_conditions(struct buf *b, const struct sigma_set *set)
{
    for (size_t i = 0; i < set->rules.count; i++) {
        buf_str(b, i ? "\n" : "");
        dump_node(b, set->rules.items[i], set->rules.items[i]->condition);
    }
}

#define FILTERED                                                                                   \
    "title: t\nid: r1\nlogsource: {product: windows, category: process_creation}\n" S              \
    "---\ntitle: t\nname: r2\nlogsource: {product: windows, service: security}\n" S "---\n"
#define FILTER(source, text)                                                                       \
    FILTERED "title: f\nlogsource: {" source "}\nfilter: {" text ", f: {a: 1}}\n"

static const struct text_case filters[] = {
    {FILTER("product: windows", "rules: [r1], condition: not f"), "(s & !f)\ns"},
    {FILTER("product: windows", "rules: [R1, r2], condition: f"), "(s & f)\n(s & f)"},
    {FILTER("product: windows", "rules: any, condition: not f"), "(s & !f)\n(s & !f)"},
    {FILTER("category: process_creation", "rules: any, condition: not f"), "(s & !f)\ns"},
    {FILTER("product: windows, service: security", "rules: any, condition: not f"), "s\n(s & !f)"},
    {FILTER("product: linux", "rules: any, condition: not f"), "s\ns"},
    {FILTER("product: windows",
            "rules: any, condition: not f") "---\ntitle: g\nlogsource: {product: windows}\nfilter: "
                                            "{rules: r2, g: {b: 1}, condition: 1 of g*}",
     "(s & !f)\n(s & (!f & g))"},
    {FILTER("product: windows", "rules: [r3], condition: not f"),
     "warning 11: the filter names a rule that is not loaded: 'r3'\ns\ns"},
    {FILTER("product: windows", "rules: [], condition: not f"), "!the filter names no rules"},
    {FILTER("product: windows", "condition: not f"), "!the filter names no rules"},
    {FILTER("product: windows", "rules: any"), "!has no condition"},
    {FILTER("product: windows", "rules: any, condition: s"), "!there is no selection 's'"},
};

static void test_filters(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        wrong += run_case(&filters[i], filters[i].text, show_conditions);
    assert_int_equal(wrong, 0);
}

static void test_attributes(void **state)
{
    (void)state;
    struct sigma_set set = loaded(
        HEAD S "id: ABC\nstatus: stable\nlevel: critical\nauthor: x\ndate: 2024-01-02\n"
               "description: |\n  two\n  lines\nreferences: [r1, r2]\nfalsepositives:\n  - fp\n"
               "tags: [attack.execution, attack.t1059.001, attack.T1003, attack.t10, cve.2024-1]\n"
               "vigie: {meaning: m, next: n}\n",
        NULL);
    assert_int_equal(set.rules.count, 1);
    const struct sigma_rule *r = set.rules.items[0];
    assert_true(slice_equal_str(r->id, "ABC"));
    assert_int_equal(r->level, SIGMA_CRITICAL);
    assert_int_equal(r->status, SIGMA_STABLE);
    assert_true(slice_equal_str(r->date, "2024-01-02"));
    assert_true(slice_equal_str(r->description, "two\nlines\n"));
    assert_int_equal(r->reference_count, 2);
    assert_int_equal(r->tag_count, 5);
    assert_int_equal(r->technique_count, 2);
    assert_true(slice_equal_str(r->techniques[0], "T1059.001"));
    assert_true(slice_equal_str(r->techniques[1], "T1003"));
    assert_true(slice_equal_str(r->meaning, "m"));
    assert_true(slice_equal_str(r->next, "n"));
    assert_int_equal(r->source_count, 1);
    sigma_set_free(&set);
}

static void test_choices(void **state)
{
    (void)state;
    static const char text[] = BASES "title: d\nstatus: deprecated\nlevel: high\n" SOURCE S
                                     "---\ntitle: l\nname: l\nstatus: test\nlevel: low\n" SOURCE S
                                     "---\ntitle: c\nlevel: high\nstatus: test\ncorrelation: "
                                     "{type: temporal, rules: [l], timespan: 1h}";
    struct sigma_load_options options = {0};
    struct err e;
    struct sigma_set set = loaded(text, &options);
    assert_int_equal(set.rules.count, 3); // all but the deprecated one
    assert_int_equal(set.left_out_count, 1);
    sigma_set_free(&set);
    options.with_deprecated = true;
    set = loaded(text, &options);
    assert_int_equal(set.rules.count, 4);
    sigma_set_free(&set);
    options.minimum_level = SIGMA_HIGH;
    options.with_deprecated = false;
    set = loaded(text, &options); // the low rule stays for its correlation, silent
    assert_int_equal(set.rules.count, 1);
    assert_int_equal(set.correlations.count, 1);
    assert_true(set.rules.items[0]->silent);
    sigma_set_free(&set);
    options.minimum_level = SIGMA_INFORMATIONAL;
    assert_true(sigma_statuses_parse(SLICE("deprecated, none"), &options, &e));
    set = loaded(text, &options);
    assert_int_equal(set.rules.count, 3);
    assert_int_equal(set.correlations.count, 0);
    sigma_set_free(&set);
    assert_false(sigma_statuses_parse(SLICE("stable,good"), &options, &e));
    assert_non_null(strstr(e.message, "'good' is no status"));
}

// Files made to eat memory or time.
static void test_limits(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_str(&b, "a: &a [x,x,x,x,x,x,x,x,x,x]\n");
    for (char c = 'b'; c <= 'j'; c++) // a billion nodes, were they counted only once
        buf_printf(&b, "%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c - 1, c - 1,
                   c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1);
    buf_byte(&b, 0);
    struct sigma_set set = loaded((const char *)b.at, NULL);
    assert_int_equal(set.refusals.count, 1);
    assert_non_null(
        memmem(set.refusals.items[0].reason.at, set.refusals.items[0].reason.len, "nodes", 5));
    sigma_set_free(&set);

    buf_clear(&b);
    for (int i = 0; i < 5000; i++)
        buf_byte(&b, '[');
    buf_byte(&b, 0);
    set = loaded((const char *)b.at, NULL);
    assert_int_equal(set.refusals.count, 1);
    assert_non_null(
        memmem(set.refusals.items[0].reason.at, set.refusals.items[0].reason.len, "deeper", 6));
    sigma_set_free(&set);

    buf_clear(&b);
    buf_str(&b, HEAD "detection:\n  s: {a: 1}\n  condition: ");
    for (int i = 0; i < 20000; i++)
        buf_str(&b, "not ");
    buf_str(&b, "s\n");
    buf_byte(&b, 0);
    set = loaded((const char *)b.at, NULL);
    assert_int_equal(set.refusals.count, 1);
    sigma_set_free(&set);

    buf_clear(&b);
    buf_str(&b, HEAD "detection:\n  s: {a: 1}\n  condition: s");
    for (int i = 0; i < 20000; i++)
        buf_str(&b, " or s");
    buf_byte(&b, 0);
    set = loaded((const char *)b.at, NULL); // long, but no deeper than its logarithm
    assert_int_equal(set.rules.count, 1);
    unsigned depth = 0;
    for (const struct sigma_node *n = set.rules.items[0]->condition; n; n = n->right)
        depth++;
    assert_true(depth < 20);
    sigma_set_free(&set);

    buf_clear(&b);
    buf_str(&b, HEAD "detection:\n  condition: s\n  s:\n    a|windash:\n");
    for (int i = 0; i < 300; i++)
        buf_str(&b, "      - -a -b -c -d\n");
    buf_byte(&b, 0);
    set = loaded((const char *)b.at, NULL);
    assert_int_equal(set.refusals.count, 1);
    sigma_set_free(&set);

    buf_clear(&b);
    while (b.len <= 1 << 20)
        buf_str(&b, "# far too long\n");
    buf_byte(&b, 0);
    set = loaded((const char *)b.at, NULL);
    assert_int_equal(set.refusals.count, 1);
    sigma_set_free(&set);
    buf_free(&b);
}

// --- Folders

static void write_rule_file(const char *folder, int number)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%03d.yml", folder, number);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    if (number % 7 == 3)
        fputs("title: [unclosed\n---\n", f); // and the next document is read all the same
    if (number % 5 == 1)
        fputs("title: no rule\n---\n", f);
    fprintf(f, "title: rule %d\nid: %08d-0000-4000-8000-000000000000\n" SOURCE S, number, number);
    fclose(f);
    if (number % 11 == 4)
        assert_int_equal(truncate(path, 2 << 20), 0); // too long
}

static void remove_rule_files(const char *folder, int count)
{
    char path[128];
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%03d.yml", folder, i);
        unlink(path);
    }
    rmdir(folder);
}

// What comes of a folder, in its order.
static void describe_folder(const char *folder, uint32_t jobs, struct buf *out)
{
    struct sigma_load_options options = {.jobs = jobs};
    struct sigma_set set;
    struct err e;
    sigma_set_init(&set);
    sigma_set_add_bundled(&set, &options);
    assert_true(sigma_set_add_path(&set, folder, &options, &e));
    sigma_set_finish(&set, &options);
    buf_printf(out, "%zu files\n", set.file_count);
    for (size_t i = 0; i < set.rules.count; i++)
        buf_printf(out, "%.*s %.*s:%u\n", SLICE_FMT(set.rules.items[i]->title),
                   SLICE_FMT(set.rules.items[i]->file), set.rules.items[i]->line);
    for (size_t i = 0; i < set.refusals.count; i++)
        buf_printf(out, "%.*s:%u: %.*s\n", SLICE_FMT(set.refusals.items[i].file),
                   set.refusals.items[i].line, SLICE_FMT(set.refusals.items[i].reason));
    sigma_set_free(&set);
}

static void test_threads(void **state)
{
    (void)state;
    enum { FILES = 60 };
    char folder[] = "/tmp/vigie-load-XXXXXX";
    struct buf one = {0}, several = {0};
    assert_non_null(mkdtemp(folder));
    for (int i = 0; i < FILES; i++)
        write_rule_file(folder, i);
    describe_folder(folder, 0, &one);
    describe_folder(folder, 4, &several);
    assert_true(memmem(one.at, one.len, "rule 58 ", 8) != NULL);
    assert_true(memmem(one.at, one.len, "rules may have", 14) != NULL);
    assert_true(memmem(one.at, one.len, "not valid YAML", 14) != NULL);
    assert_true(slice_equal(buf_slice(&one), buf_slice(&several)));
    remove_rule_files(folder, FILES);
    buf_free(&one);
    buf_free(&several);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions),   cmocka_unit_test(test_structures),
        cmocka_unit_test(test_correlations), cmocka_unit_test(test_filters),
        cmocka_unit_test(test_attributes),   cmocka_unit_test(test_choices),
        cmocka_unit_test(test_limits),       cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
