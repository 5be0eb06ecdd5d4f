// SPDX-License-Identifier: Apache-2.0
// What the team does to records: forms, merging, agreement, two people's changes to one record.
#include "observatory/team/agreement.h"
#include "observatory/team/edit.h"
#include "observatory/team/merge.h"
#include "observatory/team/team_world.h"

#define S(text) slice_from_str(text)

static const struct schema_kind *incident(void)
{
    return schema_kind_find(SLICE("incident"));
}

static void set(struct record *r, struct item *i, const char *field, const char *words,
                const char *sources)
{
    struct value *v = record_add_value(r, i, field, S(words));
    assert_non_null(v);
    v->sources = S(sources);
}

static bool item_has(const struct record *r, const struct item *i, const char *field,
                     const char *words, bool set_aside)
{
    int f = schema_field_find(&r->kind->groups[i->group], field);
    for (size_t k = 0; k < i->values.count; k++)
        if (i->values.items[k].field == f && slice_equal_str(i->values.items[k].text, words) &&
            i->values.items[k].set_aside == set_aside)
            return true;
    return false;
}

// --- forms

static struct form parse(struct arena *a, const char *group, const char *body)
{
    const struct http_pair *pairs;
    size_t count;
    struct err e = {0};
    struct form f = {.group = &incident()->groups[schema_group_find(incident(), group)]};
    assert_true(http_parse_pairs(a, arena_copy(a, S(body)), 1000, &pairs, &count, &e));
    form_parse(&f, a, pairs, count);
    return f;
}

static void test_form_values(void **state)
{
    (void)state;
    struct arena a;
    struct record r;
    arena_init(&a, 0);
    record_init(&r, incident(), &a);
    struct form f =
        parse(&a, "",
              "title.0=+Mail%0Aof+a+group+&title.7.note=odd&began.0=2026-03&"
              "began.0.precision=about&began.0.sources=s1%2C+s2++s1&began.1=2026-04-01&"
              "began.1.aside=1&began.2=&origin.0=Chine&origin.1=russian+federation&"
              "origin.2=ir&type=espionage&type=doxing&type=espionage&"
              "type.doxing.sources=s3&type.%2B.sources=s1&type.defacement.sources=s9&"
              "technique.0=t1566.001&nonsense=1&nonsense.0.text=1&title.0.precision=day&"
              "decision.0=included&began.0.precision.x=1&.=1&..=2");
    form_to_item(&f, &r, record_main(&r));
    const struct item *own = record_next(&r, "", NULL);
    assert_true(slice_equal_str(record_text(&r, "title"), "Mail of a group"));
    assert_int_equal(own->values.count, 10);
    assert_true(item_has(&r, own, "began", "2026-03", false));
    assert_true(item_has(&r, own, "began", "2026-04-01", true));
    assert_true(item_has(&r, own, "origin", "CN", false) &&
                item_has(&r, own, "origin", "RU", false));
    assert_true(item_has(&r, own, "origin", "IR", false));
    assert_true(item_has(&r, own, "technique", "T1566.001", false));
    for (size_t i = 0; i < own->values.count; i++) {
        const struct value *v = &own->values.items[i];
        if (slice_equal_str(v->text, "2026-03")) {
            assert_true(slice_equal_str(v->sources, "s1 s2"));
            assert_true(slice_equal_str(v->precision, "about"));
        } else if (slice_equal_str(v->text, "espionage")) {
            assert_true(slice_equal_str(v->sources, "s1")); // ticked just now
        } else if (slice_equal_str(v->text, "doxing")) {
            assert_true(slice_equal_str(v->sources, "s3")); // was there
        } else {
            assert_int_equal(v->precision.len, 0);
        }
    }
    form_free(&f);
    record_free(&r);
    arena_free(&a);
}

// What an item has, as a form and back, is the same.
static void test_form_round_trip(void **state)
{
    (void)state;
    struct arena a;
    struct record r;
    arena_init(&a, 0);
    record_init(&r, incident(), &a);
    struct item *own = record_main(&r);
    set(&r, own, "title", "A \"title\" <b>&amp;", "");
    set(&r, own, "summary", "Line one.\n\nLine two.", "s1");
    set(&r, own, "began", "2022-10-05", "s1 s2");
    set(&r, own, "began", "2022-12-05", "s3");
    own->values.items[3].set_aside = true;
    own->values.items[3].note = SLICE("as the tracker has it");
    set(&r, own, "type", "espionage", "s1");
    set(&r, own, "type", "unheard-of", ""); // of another codebook: kept, and an error of its own
    struct buf before = {0}, after = {0};
    record_to_json(&r, &before);
    struct form f = {.group = &incident()->groups[0]};
    form_from_item(&f, &a, own);
    form_to_item(&f, &r, own);
    record_to_json(&r, &after);
    assert_true(slice_equal(buf_slice(&before), buf_slice(&after)));
    // A form for one field leaves the others as they are.
    struct form one = {.group = &incident()->groups[0],
                       .fields = 1ull << schema_field_find(&incident()->groups[0], "began")};
    form_to_item(&one, &r, own);
    assert_false(item_has(&r, own, "began", "2022-10-05", false));
    assert_true(item_has(&r, own, "type", "espionage", false));
    buf_free(&before);
    buf_free(&after);
    form_free(&f);
    record_free(&r);
    arena_free(&a);
}

// --- merging

static void two_records(struct record *x, struct record *y, struct arena *a)
{
    record_init(x, incident(), a);
    record_init(y, incident(), a);
    struct item *i = record_add_item(x, "sources");
    set(x, i, "url", "https://one.example/", "");
    i = record_add_item(x, "sources");
    set(x, i, "url", "https://both.example/", "");
    set(x, record_main(x), "title", "A title", "");
    set(x, record_main(x), "began", "2022-10-05", "s1");
    set(x, record_main(x), "ended", "2022-10-01", "s1");
    set(x, record_main(x), "type", "espionage", "s1");
    i = record_add_item(x, "targets");
    set(x, i, "name", "The group", "s1");

    i = record_add_item(y, "sources");
    set(y, i, "url", "https://both.example/", "");
    i = record_add_item(y, "sources");
    set(y, i, "url", "https://two.example/", "");
    set(y, record_main(y), "title", "Another title", "");
    set(y, record_main(y), "began", "2022-12-05", "s2");
    set(y, record_main(y), "type", "espionage", "s1");
    set(y, record_main(y), "type", "data-theft", "s2");
    set(y, record_main(y), "disclosed", "2022-12-05", "s2");
    i = record_add_item(y, "targets");
    set(y, i, "name", "The group", "s1");
    i = record_add_item(y, "claims");
    set(y, i, "who", "A company", "s2");
}

// Every value of both is in the result, whatever was picked; the sources lead to the same
// addresses.
static void test_merge_keeps_all(void **state)
{
    (void)state;
    for (int pick = MERGE_BOTH; pick <= MERGE_SECOND; pick++) {
        struct arena a;
        struct record x, y, original, spare;
        struct merge_field *fields;
        struct err e = {0};
        arena_init(&a, 0);
        two_records(&x, &y, &a);
        two_records(&original, &spare, &a);
        size_t count = merge_fields(&x, &y, &a, &fields);
        assert_int_equal(count, 5); // title, began, ended, disclosed, type
        for (size_t k = 0; k < count; k++)
            fields[k].pick = (enum merge_pick)pick;
        assert_true(merge_records(&x, &y, SLICE("I-000002"), fields, count, &e));
        struct item *own = record_main(&x);
        for (int k = 0; k < 2; k++) {
            const struct item *from = record_next(k ? &y : &original, "", NULL);
            for (size_t n = 0; n < from->values.count; n++) {
                const struct value *v = &from->values.items[n];
                const char *field = incident()->groups[0].fields[v->field].name;
                char *words = arena_str(&a, v->text);
                assert_true(item_has(&x, own, field, words, false) ||
                            item_has(&x, own, field, words, true));
            }
        }
        assert_int_equal(own->values.count, 8); // 2 titles, 2 began, ended, disclosed, 2 types
        assert_int_equal(item_has(&x, own, "began", "2022-10-05", true), pick == MERGE_SECOND);
        assert_int_equal(item_has(&x, own, "began", "2022-12-05", true), pick == MERGE_FIRST);
        assert_true(item_has(&x, own, "ended", "2022-10-01", false)); // nothing contradicts it
        assert_true(item_has(&x, own, "disclosed", "2022-12-05", false));
        // One title counts.
        assert_int_equal(item_has(&x, own, "title", "Another title", true), pick != MERGE_SECOND);
        // The source that both had is there once; the other has a new id, and values follow it.
        for (size_t n = 0; n < own->values.count; n++) {
            const struct value *v = &own->values.items[n];
            if (slice_equal_str(v->text, "2022-12-05"))
                assert_true(slice_equal_str(v->sources, "s3"));
            if (slice_equal_str(v->text, "espionage"))
                assert_true(slice_equal_str(v->sources, "s1 s2"));
            if (slice_equal_str(v->text, "Another title"))
                assert_true(slice_equal_str(v->note, "I-000002"));
        }
        size_t groups[3] = {0};
        static const char *const names[] = {"sources", "targets", "claims"};
        for (int g = 0; g < 3; g++)
            for (const struct item *i = record_next(&x, names[g], NULL); i;
                 i = record_next(&x, names[g], i))
                groups[g]++;
        assert_int_equal(groups[0], 3);
        assert_int_equal(groups[1], 1); // told by both in the same words
        assert_int_equal(groups[2], 1);
        record_free(&x);
        record_free(&y);
        record_free(&original);
        record_free(&spare);
        arena_free(&a);
    }
}

// --- agreement

static const struct agreement_row *row_for(const struct agreement_row *rows, size_t count,
                                           const char *field)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].field->name, field) == 0)
            return &rows[i];
    return NULL;
}

// Four records. Type: first says E, E, D, D; second E, ED, D, E. For E: yes-yes 2, no-yes 1, no-no
// 1: observed 3/4, expected 2/4*3/4 + 2/4*1/4 = 1/2. For D: yes-yes 1, yes-no 1, no-yes 1, no-no 1:
// observed 2/4, expected 1/2. Means 5/8 and 1/2; kappa (1/8)/(1/2) = 1/4.
// Decision: I, I, T, I against I, I, T, T: observed 3/4, expected 3/4*2/4 + 1/4*2/4 = 1/2; kappa
// 1/2.
static void test_agreement(void **state)
{
    (void)state;
    static const char *const types[2][4] = {{"E", "E", "D", "D"}, {"E", "ED", "D", "E"}};
    static const char *const decisions[2] = {"IITI", "IITT"};
    struct agreement *sum = agreement_create(incident());
    struct agreement_row *rows;
    struct arena a;
    arena_init(&a, 0);
    for (int n = 0; n < 4; n++) {
        struct record r[2];
        for (int k = 0; k < 2; k++) {
            record_init(&r[k], incident(), &a);
            if (strchr(types[k][n], 'D')) // in another order than the vocabulary's
                set(&r[k], record_main(&r[k]), "type", "doxing", "");
            if (strchr(types[k][n], 'E'))
                set(&r[k], record_main(&r[k]), "type", "espionage", k ? "s1" : "");
            set(&r[k], record_main(&r[k]), "decision",
                decisions[k][n] == 'I' ? "included" : "turned-down", "");
            struct item *i = record_add_item(&r[k], "criteria");
            set(&r[k], i, "criterion", n % 2 ? "malicious" : "intentional", "");
            set(&r[k], i, "met", "yes", "");
        }
        agreement_add(sum, &r[0], &r[1]);
        record_free(&r[0]);
        record_free(&r[1]);
    }
    size_t count = agreement_rows(sum, &a, &rows);
    const struct agreement_row *x = row_for(rows, count, "type");
    assert_true(x->pooled && x->kappa.defined && x->kappa.units == 8);
    assert_float_equal(x->kappa.value, 0.25, 1e-9);
    x = row_for(rows, count, "decision");
    assert_float_equal(x->kappa.value, 0.5, 1e-9);
    x = row_for(rows, count, "met"); // all the same: nothing to divide by
    assert_int_equal(x->kappa.units, 4);
    assert_false(x->kappa.defined);
    assert_null(row_for(rows, count, "criterion"));
    assert_null(row_for(rows, count, "title"));
    agreement_destroy(sum);
    arena_free(&a);
}

// --- two people change one record

static void test_rebase(void **state)
{
    struct world *w = *state;
    struct arena *a = &w->arena;
    struct record base, mine, theirs, out;
    struct revision made;
    struct err e = {0};
    record_init(&base, incident(), a);
    set(&base, record_main(&base), "title", "Old", "");
    set(&base, record_main(&base), "summary", "Old", "");
    struct item *i = record_add_item(&base, "targets");
    set(&base, i, "name", "First", "");
    i = record_add_item(&base, "targets");
    set(&base, i, "name", "Second", "");
    struct buf b = {0};
    record_to_json(&base, &b);
    assert_true(record_from_json(buf_slice(&b), a, &mine, &e));
    assert_true(record_from_json(buf_slice(&b), a, &theirs, &e));
    struct revision_new n = {
        .body = &base, .state = STATE_DRAFT, .author = SLICE("x"), .reason = SLICE("x")};
    assert_true(store_revision_add(w->store, &n, a, &made, &e));
    // They: a new title, the second target away, a new source s1.
    item_copy_field(&theirs, record_main(&theirs), NULL, 0);
    set(&theirs, record_main(&theirs), "title", "Theirs", "");
    record_remove_item(&theirs,
                       record_next(&theirs, "targets", record_next(&theirs, "targets", NULL)));
    i = record_add_item(&theirs, "sources");
    set(&theirs, i, "title", "Their source", "");
    n.record = made.record, n.body = &theirs;
    assert_true(store_revision_add(w->store, &n, a, &made, &e));
    // I: a new summary that rests on a new source of mine, also s1.
    i = record_add_item(&mine, "sources");
    set(&mine, i, "title", "My source", "");
    item_copy_field(&mine, record_main(&mine), NULL,
                    (uint16_t)schema_field_find(&incident()->groups[0], "summary"));
    set(&mine, record_main(&mine), "summary", "Mine", "s1");
    struct request rq = {.store = w->store, .arena = a};
    assert_true(record_rebase(&rq, &base, &mine, made.record, &out, &e));
    assert_true(slice_equal_str(record_text(&out, "title"), "Theirs"));
    assert_true(slice_equal_str(record_text(&out, "summary"), "Mine"));
    const struct item *t = record_next(&out, "targets", NULL);
    assert_true(slice_equal_str(item_text(&out, t, "name"), "First"));
    assert_null(record_next(&out, "targets", t)); // what they took away stays away
    const struct item *s = record_next(&out, "sources", NULL);
    assert_true(slice_equal_str(item_text(&out, s, "title"), "Their source"));
    s = record_next(&out, "sources", s);
    assert_non_null(s);
    assert_true(slice_equal_str(item_text(&out, s, "title"), "My source"));
    const struct item *own = record_next(&out, "", NULL);
    for (size_t k = 0; k < own->values.count; k++)
        if (slice_equal_str(own->values.items[k].text, "Mine"))
            assert_true(slice_equal(own->values.items[k].sources, s->id));
    buf_free(&b);
    record_free(&base);
    record_free(&mine);
    record_free(&theirs);
    record_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form_values),
        cmocka_unit_test(test_form_round_trip),
        cmocka_unit_test(test_merge_keeps_all),
        cmocka_unit_test(test_agreement),
        cmocka_unit_test_setup_teardown(test_rebase, world_begin, world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
