// SPDX-License-Identifier: Apache-2.0
// What clients of the TAXII server hold must follow the record: what a revision drops, and all of a
// record that is withdrawn, comes once more as revoked; what comes back has another id, since
// revoking is permanent (STIX 2.1, sections 3.2 and 3.6).
#include "observatory/exchange/export.h"
#include "observatory/exchange/misp.h"
#include "observatory/http/app.h"
#include "observatory/machine/machine.h"
#include "observatory/store/taxii.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#define S(literal) SLICE(literal)

struct world {
    char folder[64], path[96];
    struct store *store;
    struct arena a;
    struct slice record; // of the last revision
    vtime at;
};

static int set_up(void **state)
{
    struct world *w = mem_alloc_zero(1, sizeof *w);
    struct err e = {0};
    snprintf(w->folder, sizeof w->folder, "/tmp/vigied-taxii-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->path, sizeof w->path, "%s/r.db", w->folder);
    arena_init(&w->a, 0);
    if (!store_open(w->path, STORE_CREATE, &w->store, &e))
        fail_msg("%s", e.message);
    w->at = time_from_civil(&(struct civil_time){.year = 2025, .month = 6, .day = 1});
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    static const char *const ends[] = {"", "-wal", "-shm"};
    store_close(w->store);
    arena_free(&w->a);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", w->path, ends[i]);
        unlink(path);
    }
    rmdir(w->folder);
    free(w);
    return 0;
}

static void sync_all(struct world *w)
{
    struct settings set = {.name_en = S("Test registry"), .base_url = S("https://r.example")};
    struct err e = {0};
    bool left = true;
    while (left)
        if (!taxii_sync(w->store, &set, 1, &left, &e))
            fail_msg("%s", e.message);
}

static void add_revision(struct world *w, struct record *r, enum record_state state, vtime later)
{
    struct revision out;
    struct err e = {0};
    w->at += later;
    struct revision_new n = {.record = w->record,
                             .body = r,
                             .state = state,
                             .author = S("A. Tester"),
                             .reason = S("because"),
                             .at = w->at};
    if (!store_revision_add(w->store, &n, &w->a, &out, &e))
        fail_msg("%s", e.message);
    w->record = out.record;
    record_free(r);
}

#define DAY (86400 * VTIME_SECOND)

// An incident with those targets, separated by spaces, and that technique; "" for none.
static void incident_after(struct world *w, const char *targets, const char *technique,
                           const char *french, enum record_state state, vtime later)
{
    struct record r;
    record_init(&r, schema_kind_find(S("incident")), &w->a);
    record_set(&r, "title", S("Something happened"));
    record_set(&r, "summary", S("This."));
    record_set(&r, "title-fr", slice_from_str(french));
    record_set(&r, "type", S("espionage"));
    record_set(&r, "origin", S("unknown"));
    record_set(&r, "technique", slice_from_str(technique));
    for (const char *t = targets; *t;) {
        size_t n = strcspn(t, " ");
        struct item *i = record_add_item(&r, "targets");
        record_add_value(&r, i, "name", slice_of(t, n));
        t += n + (t[n] == ' ');
    }
    add_revision(w, &r, state, later);
}

static void incident(struct world *w, const char *targets, const char *technique,
                     enum record_state state)
{
    incident_after(w, targets, technique, "", state, DAY);
}

struct held {
    struct taxii_object *list;
    size_t count;
};

static struct held objects(struct world *w, int collection, enum taxii_version which)
{
    struct taxii_query *q = ARENA_NEW(&w->a, struct taxii_query);
    struct held h;
    bool more;
    struct err e = {0};
    sync_all(w);
    q->collection = collection;
    q->limit = 1000;
    q->versions[0].kind = which;
    q->version_count = 1;
    if (!taxii_objects(w->store, q, &w->a, &h.list, &h.count, &more, &e))
        fail_msg("%s", e.message);
    assert_false(more);
    return h;
}

static bool is_revoked(const struct taxii_object *o)
{
    json_t *j = json_loadb((const char *)o->json.at, o->json.len, 0, NULL);
    assert_non_null(j);
    bool revoked = json_is_true(json_object_get(j, "revoked"));
    json_decref(j);
    return revoked;
}

// How many objects of a type a client holds that follows the collection, and how many it was told
// to give up.
static void assert_held(struct world *w, int collection, const char *type, size_t stand,
                        size_t revoked)
{
    struct held h = objects(w, collection, TAXII_VERSION_LAST);
    size_t stands = 0, gone = 0;
    for (size_t i = 0; i < h.count; i++)
        if (slice_equal_str(h.list[i].type, type))
            *(is_revoked(&h.list[i]) ? &gone : &stands) += 1;
    if (stands != stand || gone != revoked)
        fail_msg("%s: %zu stand, %zu revoked; wanted %zu and %zu", type, stands, gone, stand,
                 revoked);
}

// Names of the identities that stand, the registry's own left out, each with a space after it.
static struct slice names(struct world *w)
{
    struct held h = objects(w, 1, TAXII_VERSION_LAST);
    struct buf b = {0};
    for (size_t i = 0; i < h.count; i++) {
        json_t *j = json_loadb((const char *)h.list[i].json.at, h.list[i].json.len, 0, NULL);
        if (slice_equal_str(h.list[i].type, "identity") && !json_object_get(j, "revoked") &&
            !json_object_get(j, "identity_class"))
            buf_printf(&b, "%s ", json_string_value(json_object_get(j, "name")));
        json_decref(j);
    }
    struct slice out = arena_copy(&w->a, buf_slice(&b));
    buf_free(&b);
    return out;
}

static void a_dropped_target_is_revoked(void **state)
{
    struct world *w = *state;
    incident(w, "Wrongly Rightly", "T1566", STATE_PUBLISHED);
    assert_held(w, 1, "identity", 3, 0);
    assert_held(w, 1, "relationship", 3, 0);
    incident(w, "Rightly", "", STATE_PUBLISHED);
    assert_held(w, 1, "identity", 2, 1);
    assert_held(w, 1, "relationship", 1, 2);
    assert_held(w, 1, "incident", 1, 0);
    assert_string_equal(arena_str(&w->a, names(w)), "Rightly ");
}

static void what_comes_back_has_another_id(void **state)
{
    struct world *w = *state;
    incident(w, "A B", "T1566", STATE_PUBLISHED);
    incident(w, "A", "T1566", STATE_PUBLISHED);
    incident(w, "A B", "T1566", STATE_PUBLISHED);
    assert_held(w, 1, "identity", 3, 1);
    assert_held(w, 1, "relationship", 3, 1);
    incident(w, "A", "T1566", STATE_PUBLISHED);
    assert_held(w, 1, "identity", 2, 2);
    incident(w, "A B", "T1566", STATE_PUBLISHED);
    assert_held(w, 1, "identity", 3, 2);
    // It goes on under that id: nothing is revoked again.
    incident(w, "A B", "T1566", STATE_PUBLISHED);
    assert_held(w, 1, "identity", 3, 2);
    assert_string_equal(arena_str(&w->a, names(w)), "A B ");
}

static void no_version_follows_a_revoked_one(void **state)
{
    struct world *w = *state;
    incident(w, "A B", "T1566", STATE_PUBLISHED);
    incident(w, "A", "", STATE_PUBLISHED);
    incident(w, "A B", "T1566", STATE_WITHDRAWN);
    incident(w, "A B", "T1566", STATE_WITHDRAWN);
    incident(w, "A B", "T1566", STATE_PUBLISHED);
    incident(w, "", "T1566", STATE_PUBLISHED);
    incident(w, "A B", "", STATE_PUBLISHED);
    struct held h = objects(w, 1, TAXII_VERSION_ALL);
    size_t revoked = 0;
    for (size_t i = 0; i < h.count; i++) {
        if (!is_revoked(&h.list[i]))
            continue;
        revoked++;
        for (size_t k = i + 1; k < h.count; k++)
            assert_false(slice_equal(h.list[i].id, h.list[k].id));
    }
    assert_true(revoked >= 8);
}

static void withdrawing_revokes_all_of_a_record(void **state)
{
    struct world *w = *state;
    incident_after(w, "A B", "T1566", "Il s\u2019est produit", STATE_PUBLISHED, DAY);
    assert_held(w, 1, "language-content", 1, 0);
    incident_after(w, "A", "T1566", "Il s\u2019est produit", STATE_WITHDRAWN, DAY);
    assert_held(w, 1, "incident", 0, 1);
    assert_held(w, 1, "identity", 1, 2); // the registry itself stays
    assert_held(w, 1, "relationship", 0, 3);
    assert_held(w, 1, "language-content", 0, 1);
    assert_held(w, 1, "attack-pattern", 1, 0); // it is of all records
    incident_after(w, "A", "T1566", "Il s\u2019est produit", STATE_PUBLISHED, DAY); // reinstated
    assert_held(w, 1, "incident", 1, 1);
    assert_held(w, 1, "relationship", 2, 3);
    assert_held(w, 1, "language-content", 1, 1);
}

static void merging_revokes_too(void **state)
{
    struct world *w = *state;
    incident(w, "A", "", STATE_PUBLISHED);
    incident(w, "A", "", STATE_MERGED);
    assert_held(w, 1, "incident", 0, 1);
    assert_held(w, 1, "relationship", 0, 1);
}

// A candidate that was turned down is in the registry's pages; partners get no revoked object of
// something that they never were given.
static void what_never_stood_is_not_revoked(void **state)
{
    struct world *w = *state;
    incident(w, "A", "", STATE_TURNED_DOWN);
    assert_held(w, 1, "incident", 0, 0);
    assert_held(w, 1, "identity", 0, 0);
    incident(w, "A", "", STATE_DRAFT);
    incident(w, "A", "", STATE_PUBLISHED);
    assert_held(w, 1, "incident", 1, 0);
}

// Revisions within a millisecond: STIX's times do not tell them apart by themselves.
static void a_quick_withdrawal_is_seen(void **state)
{
    struct world *w = *state;
    incident_after(w, "A", "", "", STATE_PUBLISHED, 1);
    incident_after(w, "A", "", "", STATE_WITHDRAWN, 1);
    assert_held(w, 1, "incident", 0, 1);
    incident_after(w, "A", "", "", STATE_PUBLISHED, 0);
    assert_held(w, 1, "incident", 1, 1);
}

static void created_is_the_first_version(void **state)
{
    struct world *w = *state;
    incident(w, "A", "", STATE_DRAFT);
    incident(w, "A", "", STATE_PUBLISHED);
    incident(w, "A B", "", STATE_PUBLISHED);
    struct held h = objects(w, 1, TAXII_VERSION_ALL);
    size_t seen = 0;
    for (size_t i = 0; i < h.count; i++) {
        json_t *j = json_loadb((const char *)h.list[i].json.at, h.list[i].json.len, 0, NULL);
        const char *created = json_string_value(json_object_get(j, "created"));
        bool first = true;
        for (size_t k = 0; k < i; k++)
            first = first && !slice_equal(h.list[i].id, h.list[k].id);
        if (first && json_object_get(j, "modified")) {
            seen++;
            assert_string_equal(json_string_value(json_object_get(j, "modified")), created);
        }
        json_decref(j);
    }
    assert_true(seen >= 6);
}

static void indicators_of_an_advisory(void **state)
{
    struct world *w = *state;
    for (int revision = 0; revision < 3; revision++) {
        struct record r;
        record_init(&r, schema_kind_find(S("advisory")), &w->a);
        record_set(&r, "title", S("A warning"));
        record_set(&r, "summary", S("Look for this."));
        for (int i = 0; i < 2 - (revision == 1); i++) {
            struct item *item = record_add_item(&r, "indicators");
            record_add_value(&r, item, "type", S("domain"));
            record_add_value(&r, item, "value", i ? S("a.example") : S("b.example"));
        }
        add_revision(w, &r, revision < 2 ? STATE_PUBLISHED : STATE_WITHDRAWN, DAY);
        assert_held(w, 2, "indicator",
                    revision == 2   ? 0
                    : revision == 1 ? 1
                                    : 2,
                    revision == 2   ? 2
                    : revision == 1 ? 1
                                    : 0);
        assert_held(w, 2, "report", revision < 2, revision == 2);
    }
}

// "value" of each attribute of the event that the record's newest public revision makes, a minus
// before those that are deleted.
static struct slice attributes(struct world *w, const char *type)
{
    struct export_options o = {.name = S("Test registry")};
    struct revision meta;
    struct record body = {0};
    struct misp_event event;
    struct err e = {0};
    assert_int_equal(store_record(w->store, w->record, 0, false, &w->a, &meta, &body, &e),
                     STORE_FOUND);
    assert_true(misp_event(w->store, &meta, &body, &o, &w->a, &event, &e));
    json_t *file = json_loadb((const char *)event.json.at, event.json.len, 0, NULL), *a;
    struct buf b = {0};
    size_t i;
    json_array_foreach(json_object_get(json_object_get(file, "Event"), "Attribute"), i, a)
    {
        const char *stamp = json_string_value(json_object_get(a, "timestamp"));
        assert_int_equal(strtoll(stamp, NULL, 10), time_to_unix(meta.made));
        if (strcmp(json_string_value(json_object_get(a, "type")), type) == 0)
            buf_printf(&b, "%s%s ", json_is_true(json_object_get(a, "deleted")) ? "-" : "",
                       json_string_value(json_object_get(a, "value")));
    }
    struct slice out = arena_copy(&w->a, buf_slice(&b));
    buf_free(&b);
    json_decref(file);
    record_free(&body);
    return out;
}

static void misp_deletes_what_was_dropped(void **state)
{
    struct world *w = *state;
    incident(w, "A B B", "", STATE_PUBLISHED);
    assert_string_equal(arena_str(&w->a, attributes(w, "target-org")), "A B ");
    incident(w, "A", "", STATE_PUBLISHED);
    assert_string_equal(arena_str(&w->a, attributes(w, "target-org")), "A -B ");
    incident(w, "C B", "", STATE_PUBLISHED);
    assert_string_equal(arena_str(&w->a, attributes(w, "target-org")), "C B -A ");
    incident(w, "C B", "", STATE_WITHDRAWN);
    assert_string_equal(arena_str(&w->a, attributes(w, "target-org")), "-A -B -C ");
    incident(w, "C B", "", STATE_WITHDRAWN);
    assert_string_equal(arena_str(&w->a, attributes(w, "target-org")), "-A -B -C ");
}

// What stands, as the TAXII server has it, and nothing revoked.
static bool collect(void *context, struct slice piece)
{
    buf_add(context, piece);
    return true;
}

static void an_export_has_the_same_ids(void **state)
{
    struct world *w = *state;
    struct export_options o = {.name = S("Test registry"), .base_url = S("https://r.example")};
    struct query q = {.kind = "incident"};
    struct buf b = {0};
    struct err e = {0};
    incident(w, "A B", "T1566", STATE_PUBLISHED);
    incident(w, "A", "T1566", STATE_PUBLISHED);
    incident(w, "A B", "T1566", STATE_PUBLISHED);
    struct held h = objects(w, 1, TAXII_VERSION_LAST);
    if (!export_write(w->store, &q, EXPORT_STIX, &o, collect, &b, &e))
        fail_msg("%s", e.message);
    json_t *bundle = json_loadb((const char *)b.at, b.len, 0, NULL);
    size_t stand = 0;
    for (size_t i = 0; i < h.count; i++) {
        bool there = memmem(b.at, b.len, h.list[i].json.at, h.list[i].json.len);
        assert_int_equal(there, !is_revoked(&h.list[i]));
        stand += there;
    }
    assert_int_equal(json_array_size(json_object_get(bundle, "objects")), stand);
    assert_true(stand > 8);
    json_decref(bundle);
    buf_free(&b);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_dropped_target_is_revoked),
        T(what_comes_back_has_another_id),
        T(no_version_follows_a_revoked_one),
        T(withdrawing_revokes_all_of_a_record),
        T(merging_revokes_too),
        T(what_never_stood_is_not_revoked),
        T(a_quick_withdrawal_is_seen),
        T(created_is_the_first_version),
        T(indicators_of_an_advisory),
        T(an_export_has_the_same_ids),
        T(misp_deletes_what_was_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
