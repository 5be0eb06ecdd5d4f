// SPDX-License-Identifier: Apache-2.0
// The tables are whole and in both languages; records survive JSON; hostile JSON is refused by
// name; what sources contradict is flagged and kept.
#include "observatory/model/codebook.h"
#include "observatory/model/countries.h"
#include "observatory/model/record.h"
#include "observatory/model/schema_tables.h"
#include "observatory/model/texts.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define S(literal) SLICE(literal)

static size_t lines_with(const struct buf *b, const char *word)
{
    size_t n = 0;
    for (size_t at = 0; at < b->len;) {
        size_t end = at;
        while (end < b->len && b->at[end] != '\n')
            end++;
        n += memmem(b->at + at, end - at, word, strlen(word)) != NULL;
        at = end + 1;
    }
    return n;
}

static void french(const char *english)
{
    const struct language *l = web_language(S("fr"));
    for (size_t i = 0; i < *l->text_count; i++)
        if (strcmp(l->texts[i].english, english) == 0)
            return;
    if (english[0])
        fail_msg("no French for: %s", english);
}

static void every_word_has_its_french(void **state)
{
    (void)state;
    size_t kinds, vocs;
    const struct schema_kind *k = schema_kinds(&kinds);
    const struct vocabulary *const *v = schema_vocabularies(&vocs);
    assert_true(kinds == 4 && vocs > 25);
    for (size_t i = 0; i < kinds; i++)
        for (size_t g = 0; g < k[i].count; g++) {
            french(k[i].groups[g].label);
            french(k[i].groups[g].definition);
            for (size_t f = 0; f < k[i].groups[g].count; f++) {
                french(k[i].groups[g].fields[f].label);
                french(k[i].groups[g].fields[f].definition);
            }
        }
    for (size_t i = 0; i < vocs; i++)
        for (size_t t = 0; t < v[i]->count; t++) {
            french(v[i]->terms[t].label);
            french(v[i]->terms[t].definition);
        }
}

static void tables_are_sound(void **state)
{
    (void)state;
    size_t kinds;
    const struct schema_kind *k = schema_kinds(&kinds);
    for (size_t i = 0; i < kinds; i++) {
        assert_true(schema_group_find(&k[i], "") >= 0);
        assert_true(schema_group_find(&k[i], "sources") >= 0);
        for (size_t g = 0; g < k[i].count; g++)
            for (size_t f = 0; f < k[i].groups[g].count; f++) {
                const struct schema_field *x = &k[i].groups[g].fields[f];
                assert_int_equal(schema_field_find(&k[i].groups[g], x->name), f);
                assert_int_equal(x->kind == VALUE_TERM, x->vocabulary != NULL);
                if (x->vocabulary)
                    assert_ptr_equal(vocabulary_find(x->vocabulary->name), x->vocabulary);
            }
        struct schema_filter filters[SCHEMA_MAX_FILTERS];
        size_t n = schema_filters(&k[i], filters);
        assert_true(n > 4 && n < SCHEMA_MAX_FILTERS);
    }
    struct schema_filter all[SCHEMA_MAX_FILTERS];
    assert_true(schema_filters(NULL, all) < SCHEMA_MAX_FILTERS);
    assert_ptr_equal(schema_kind_by_prefix(S("I-000123")), schema_kind_find(S("incident")));
    assert_null(schema_kind_by_prefix(S("I000123")));
    for (size_t i = 1; i < country_table_count; i++)
        assert_true(strcmp(country_table[i - 1].code, country_table[i].code) < 0);
    for (size_t i = 1; i < country_alias_count; i++)
        assert_true(strcmp(country_aliases[i - 1].name, country_aliases[i].name) < 0);
    for (size_t i = 0; i < country_alias_count; i++)
        assert_true(country_valid(slice_from_str(country_aliases[i].code)));
}

static void countries_by_any_name(void **state)
{
    (void)state;
    static const struct {
        const char *name, *code;
    } cases[] = {
        {"Korea, Republic of", "KR"},
        {"Korea, Democratic People's Republic of", "KP"},
        {"Korea (Democratic People’s Republic of)", "KP"},
        {"Iran, Islamic Republic of", "IR"},
        {"Iran (Islamic Republic of)", "IR"},
        {"Russia", "RU"},
        {" Russian Federation ", "RU"},
        {"United States", "US"},
        {"united states of america", "US"},
        {"The Philippines", "PH"},
        {"EU (region)", "EU"},
        {"NATO (region)", "NATO"},
        {"Turkey", "TR"},
        {"TÜRKIYE", "TR"},
        {"Unknown", "unknown"},
        {"Holy See (Vatican City State)", "VA"},
        {"Palestine, State of", "PS"},
        {"Congo, the Democratic Republic of the", "CD"},
        {"Canada", "CA"},
        {"Espionage", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice found = country_code(slice_from_str(cases[i].name));
        if (!slice_equal_str(found, cases[i].code))
            fail_msg("%s: %.*s", cases[i].name, SLICE_FMT(found));
    }
    struct arena a;
    arena_init(&a, 0);
    assert_true(slice_equal_str(country_name(&a, S("KP"), "en"), "North Korea"));
    assert_true(slice_equal_str(country_name(&a, S("KP"), "fr_CA"), "Corée du Nord"));
    assert_true(slice_equal_str(country_name(&a, S("unknown"), "fr_CA"), "On ne sait pas"));
    assert_true(slice_equal_str(country_name(&a, S("zz"), "en"), "zz"));
    double latitude, longitude;
    assert_true(country_place(S("CA"), &latitude, &longitude));
    assert_true(latitude > 40 && latitude < 75 && longitude < -60);
    assert_false(country_place(S("unknown"), &latitude, &longitude));
    arena_free(&a);
}

static void dates(void **state)
{
    (void)state;
    assert_true(date_valid(S("2022")) && date_valid(S("2022-10")) && date_valid(S("2024-02-29")));
    assert_false(date_valid(S("2023-02-29")) || date_valid(S("2022-13")) || date_valid(S("22")));
    assert_false(date_valid(S("2022-1-1")) || date_valid(S("2022/10/05")) || date_valid(S("")));
    int32_t first, last;
    assert_true(date_range(S("1970-01-01"), S(""), &first, &last));
    assert_int_equal(first, 0);
    assert_true(date_range(S("2022-10-05"), S("month"), &first, &last));
    assert_int_equal(last - first, 30);
    assert_true(date_range(S("2024"), S(""), &first, &last));
    assert_int_equal(last - first, 365);
    struct arena a;
    arena_init(&a, 0);
    for (int32_t day = -200000; day < 60000; day += 37) {
        struct slice t = date_of_day(&a, day);
        assert_true(date_range(t, S(""), &first, &last));
        assert_int_equal(first, day);
        arena_reset(&a);
    }
    arena_free(&a);
}

static void fill(struct record *r)
{
    record_set(r, "title", S("Mail of an \"example\" group read"));
    record_set(r, "summary", S("Line one.\nQu\u00e9bec."));
    struct value *v = record_set(r, "began", S("2022-10-05"));
    v->sources = S("s1");
    v = record_set(r, "ended", S("2022-10-01"));
    v->sources = S("s1 s2");
    v = record_set(r, "disclosed", S("2022-12-05"));
    v->set_aside = true;
    v->note = S("other registry");
    record_set(r, "type", S("espionage"));
    record_set(r, "technique", S("T1566.001"));
    record_set(r, "origin", S("CN"));
    struct item *t = record_add_item(r, "targets");
    record_add_value(r, t, "country", S("CA"));
    record_add_value(r, t, "sector", S("civil-society"));
    record_add_value(r, record_add_item(r, "sources"), "title", S("One"));
    record_add_value(r, record_add_item(r, "sources"), "title", S("Two"));
}

static void json_keeps_all(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    struct record r, again;
    record_init(&r, schema_kind_find(S("incident")), &a);
    fill(&r);
    struct buf one = {0}, two = {0};
    struct err e = {0};
    record_to_json(&r, &one);
    if (!record_from_json(buf_slice(&one), &a, &again, &e))
        fail_msg("%s", e.message);
    record_to_json(&again, &two);
    assert_true(slice_equal(buf_slice(&one), buf_slice(&two)));
    struct record_change *changes;
    assert_int_equal(record_diff(&r, &again, &a, &changes), 0);
    record_set(&again, "type", S("doxing"));
    record_add_value(&again, record_add_item(&again, "sources"), "title", S("Three"));
    assert_int_equal(record_diff(&r, &again, &a, &changes), 2);
    assert_string_equal(changes[0].field, "type");
    assert_true(slice_equal_str(changes[0].after, "espionage; doxing"));
    assert_true(slice_equal_str(changes[1].item, "s3"));
    assert_true(slice_equal_str(record_text(&r, "disclosed"), "")); // set aside
    buf_free(&one);
    buf_free(&two);
    record_free(&r);
    record_free(&again);
    arena_free(&a);
}

static void hostile_json_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *json, *words;
    } cases[] = {
        {"", "JSON"},
        {"[]", "not an object"},
        {"{\"kind\":\"incident\"}", "no items"},
        {"{\"kind\":\"nothing\",\"items\":[]}", "nothing"},
        {"{\"kind\":\"incident\",\"items\":[{\"group\":\"zzz\",\"values\":[]}]}", "zzz"},
        {"{\"kind\":\"incident\",\"items\":[{\"group\":\"\",\"values\":[{\"field\":\"yyy\","
         "\"text\":\"a\"}]}]}",
         "yyy"},
        {"{\"kind\":\"incident\",\"items\":[{\"group\":\"\",\"values\":[{\"field\":\"title\","
         "\"text\":\"\"}]}]}",
         "title"},
        {"{\"kind\":\"incident\",\"items\":[{\"group\":\"\",\"values\":[{\"field\":\"title\","
         "\"text\":\"a\",\"xxx\":1}]}]}",
         "xxx"},
        {"{\"kind\":\"incident\",\"items\":[{\"group\":\"\",\"values\":[{\"field\":\"title\","
         "\"text\":\"a\\u0000b\"}]}]}",
         "JSON"},
        {"{\"kind\":\"incident\",\"kind\":\"place\",\"items\":[]}", "JSON"},
        {"{\"kind\":\"incident\",\"items\":[{\"group\":\"\",\"values\":[]},{\"group\":\"\","
         "\"values\":[]}]}",
         "twice"},
        {"{\"kind\":\"incident\",\"items\":[{\"group\":\"targets\",\"id\":\"a b\",\"values\":[]}]}",
         "space"},
    };
    struct arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct record r;
        struct err e = {0};
        assert_false(record_from_json(slice_from_str(cases[i].json), &a, &r, &e));
        if (!strstr(e.message, cases[i].words))
            fail_msg("%s: %s", cases[i].json, e.message);
    }
    arena_free(&a);
}

static bool flagged(const struct record *r, struct arena *a, const char *code, const char *field)
{
    struct record_flag *flags;
    size_t n = record_check(r, a, &flags);
    for (size_t i = 0; i < n; i++)
        if (strcmp(flags[i].code, code) == 0 && strcmp(flags[i].field, field) == 0) {
            french(flags[i].text);
            return true;
        }
    return false;
}

static void contradictions_are_flagged(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    struct record r;
    struct value *v;
    record_init(&r, schema_kind_find(S("incident")), &a);
    assert_true(flagged(&r, &a, "missing", "title"));
    assert_true(flagged(&r, &a, "no-date", "began"));
    fill(&r);
    assert_false(flagged(&r, &a, "missing", "title"));
    assert_true(flagged(&r, &a, "date-order", "ended"));
    assert_false(flagged(&r, &a, "date-order", "disclosed")); // set aside
    assert_false(flagged(&r, &a, "source", "began"));
    assert_true(flagged(&r, &a, "source", "origin"));
    assert_false(flagged(&r, &a, "vocabulary", "type"));
    assert_false(flagged(&r, &a, "conflict", "began"));
    assert_false(flagged(&r, &a, "conflict", "type"));
    record_set(&r, "origin", S("RU"))->sources = S("s1");
    assert_false(flagged(&r, &a, "conflict", "origin")); // the first one has no source
    v = record_set(&r, "origin", S("IR"));
    v->sources = S("s2");
    v->set_aside = true;
    record_main(&r)->values.items[7].sources =
        S("s1"); // CN and RU from one source, IR from another
    assert_true(flagged(&r, &a, "conflict", "origin"));
    record_set(&r, "began", S("2022"))->sources = S("s2"); // no contradiction: it holds the day
    assert_false(flagged(&r, &a, "conflict", "began"));
    record_set(&r, "type", S("mischief"));
    assert_true(flagged(&r, &a, "vocabulary", "type"));
    record_set(&r, "title", S("second"));
    assert_true(flagged(&r, &a, "single", "title"));
    record_set(&r, "began", S("2022-01-01"))->sources = S("s9");
    assert_true(flagged(&r, &a, "date-precision", "began"));
    assert_true(flagged(&r, &a, "conflict", "began"));
    assert_true(flagged(&r, &a, "source", "began"));
    record_add_value(&r, record_add_item(&r, "claims"), "country", S("RU"));
    assert_false(flagged(&r, &a, "claims-differ", "country"));
    record_add_value(&r, record_add_item(&r, "claims"), "country", S("IR"));
    assert_true(flagged(&r, &a, "claims-differ", "country"));
    record_set(&r, "decision", S("included"));
    assert_true(flagged(&r, &a, "criterion", "decision"));
    record_free(&r);
    arena_free(&a);
}

static bool has_term(const struct record_term *t, size_t n, const char *field, const char *value)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(t[i].field, field) == 0 && slice_equal_str(t[i].value, value))
            return true;
    return false;
}

static void terms_and_words(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    struct record r;
    record_init(&r, schema_kind_find(S("incident")), &a);
    struct record_term *t;
    size_t n = record_terms(&r, &a, &t);
    assert_true(has_term(t, n, "origin", "unknown")); // nobody says: not known
    fill(&r);
    n = record_terms(&r, &a, &t);
    assert_true(has_term(t, n, "origin", "CN") && !has_term(t, n, "origin", "unknown"));
    assert_true(has_term(t, n, "target-country", "CA"));
    assert_true(has_term(t, n, "sector", "civil-society"));
    assert_true(has_term(t, n, "year", "2022") && has_term(t, n, "decade", "2020"));
    assert_true(has_term(t, n, "technique", "T1566") && has_term(t, n, "technique", "T1566.001"));
    struct record_words w = {0};
    record_set(&r, "title-fr", S("Courriels lus"));
    record_words(&r, &w);
    assert_true(slice_equal_str(buf_slice(&w.title), "Mail of an \"example\" group read"));
    assert_true(slice_equal_str(buf_slice(&w.title_fr), "Courriels lus"));
    record_set(&r, "summary", S("Read by others"));
    record_set(&r, "summary-fr", S("Lus par d\u2019autres"));
    record_words_free(&w);
    w = (struct record_words){0};
    record_words(&r, &w);
    assert_non_null(memmem(w.other.at, w.other.len, "Two", 3)); // a source's title
    assert_true(slice_ends(buf_slice(&w.body), S("Read by others")));
    assert_true(slice_equal_str(buf_slice(&w.body_fr), "Lus par d\u2019autres"));
    assert_null(memmem(w.body.at, w.body.len, "espionage", 9));
    record_words_free(&w);
    record_free(&r);
    arena_free(&a);
}

// Every field and term is in the codebook, in both languages, and its JSON is JSON.
static void codebook_has_all(void **state)
{
    (void)state;
    size_t kinds, vocs, fields = 0, terms = 0;
    const struct schema_kind *k = schema_kinds(&kinds);
    const struct vocabulary *const *v = schema_vocabularies(&vocs);
    for (size_t i = 0; i < kinds; i++)
        for (size_t g = 0; g < k[i].count; g++)
            fields += k[i].groups[g].count;
    for (size_t i = 0; i < vocs; i++)
        terms += v[i]->count;
    for (int french_too = 0; french_too < 2; french_too++) {
        const struct language *l = web_language(french_too ? S("fr") : S("en"));
        struct buf csv = {0}, json = {0}, markdown = {0};
        codebook_csv(l, &csv);
        codebook_json(l, &json);
        codebook_markdown(l, &markdown);
        assert_int_equal(lines_with(&csv, "\r"), 1 + fields + terms);
        assert_int_equal(lines_with(&markdown, "- **"), fields);
        assert_int_equal(lines_with(&markdown, "- `"), terms);
        assert_int_equal(
            lines_with(&csv, french_too ? "Renseignements recherch" : "Information sought"), 1);
        json_error_t why;
        json_t *root = json_loadb((const char *)json.at, json.len, JSON_REJECT_DUPLICATES, &why);
        if (!root)
            fail_msg("%s", why.text);
        assert_int_equal(json_array_size(json_object_get(root, "vocabularies")), vocs);
        json_decref(root);
        buf_free(&csv);
        buf_free(&json);
        buf_free(&markdown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_has_its_french),
        cmocka_unit_test(tables_are_sound),
        cmocka_unit_test(countries_by_any_name),
        cmocka_unit_test(dates),
        cmocka_unit_test(json_keeps_all),
        cmocka_unit_test(hostile_json_is_named),
        cmocka_unit_test(contradictions_are_flagged),
        cmocka_unit_test(terms_and_words),
        cmocka_unit_test(codebook_has_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
