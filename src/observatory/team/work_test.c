// SPDX-License-Identifier: Apache-2.0
// The team's work, the whole way, through the pages: drafts, double coding, review, merging,
// advisories, the public's requests; and the audit log.
#include "observatory/store/team_audit.h"
#include "observatory/store/team_merge.h"
#include "observatory/team/team_world.h"

#include <sqlite3.h>

#define HOSTILE "%22%3E%3Cscript%3Ealert(%27x%27)%3C%2Fscript%3E%26%7B%7D%25s"

static bool ends_with(const char *text, const char *end)
{
    return slice_ends(slice_from_str(text), slice_from_str(end));
}

// What a browser sends along: the revision that the form's page showed.
static const char *with_seen(struct visitor *v, const char *path, const char *form)
{
    static const char mark[] = "name=\"revision\" value=\"";
    if (!form || strstr(form, "revision=") ||
        !(ends_with(path, "/review") || ends_with(path, "/turn-down")))
        return form;
    world_ask(v, path, NULL);
    const uint8_t *at = v->body.len ? memmem(v->body.at, v->body.len, mark, sizeof mark - 1) : NULL;
    long number = at ? strtol((const char *)at + sizeof mark - 1, NULL, 10) : 0;
    return arena_str(&v->world->arena,
                     arena_printf(&v->world->arena, "%s&revision=%ld", form, number));
}

static void must(struct visitor *v, const char *path, const char *form, int status)
{
    world_ask(v, path, with_seen(v, path, form));
    if (v->status != status)
        fail_msg("%s: %d, not %d: %.*s", path, v->status, status, SLICE_FMT(v->body));
    if (world_says(v, "<script>alert"))
        fail_msg("%s runs what was typed", path);
}

// A draft with all that publication needs; returns its id.
static struct slice make_draft(struct visitor *v, const char *extra)
{
    char form[2000];
    must(v, "/team/new", "kind=incident", 303);
    char *work = arena_str(&v->world->arena, slice_sub(v->location, 3, v->location.len));
    char *path =
        arena_str(&v->world->arena, arena_printf(&v->world->arena, "%s/item/sources/new", work));
    must(v, path, "title.0=Report" HOSTILE "&url.0=https://example.org/x&kind.0=media&action=save",
         303);
    path = arena_str(&v->world->arena, arena_printf(&v->world->arena, "%s/fields", work));
    snprintf(form, sizeof form,
             "action=save&title.0=A+title+%s&summary.0=%s&type=espionage&type.%%2B.sources=s1&"
             "began.0=2026-03&began.0.sources=s1&began.0.note=%s&origin.0=CN&origin.0.sources=s1&"
             "decision.0=included%s",
             HOSTILE, HOSTILE, HOSTILE, extra);
    must(v, path, form, 303);
    must(v, path, NULL, 200);
    must(v, work, NULL, 200);
    static const char *const criteria[] = {"intentional", "malicious", "limited-in-time",
                                           "cyber-space", "geopolitical"};
    path =
        arena_str(&v->world->arena, arena_printf(&v->world->arena, "%s/item/criteria/new", work));
    for (int i = 0; i < 5; i++) {
        snprintf(form, sizeof form, "action=save&criterion.0=%s&met.0=yes", criteria[i]);
        must(v, path, form, 303);
    }
    path = arena_str(&v->world->arena, arena_printf(&v->world->arena, "%s/finish", work));
    must(v, path, NULL, 200);
    must(v, path, "action=draft", 422); // a reason is required
    must(v, path, "action=draft&reason=because+" HOSTILE, 303);
    struct slice at = slice_sub(v->location, strlen("/en/team/records/"), v->location.len);
    const uint8_t *mark = memchr(at.at, '?', at.len);
    return slice_sub(at, 0, (size_t)(mark - at.at));
}

static char *record_path(struct world *w, struct slice id, const char *rest)
{
    return arena_str(&w->arena,
                     arena_printf(&w->arena, "/team/records/%.*s%s", SLICE_FMT(id), rest));
}

static enum record_state state_of(struct world *w, struct slice id, bool team)
{
    struct revision meta;
    struct record body;
    struct err e = {0};
    enum store_found found = store_record(w->store, id, 0, team, &w->arena, &meta, &body, &e);
    if (found != STORE_FOUND)
        return STATE_COUNT;
    record_free(&body);
    return meta.state;
}

static void test_refused_form(void **state)
{
    struct world *w = *state;
    world_add_user(w, "alice", ROLE_CODER);
    struct visitor v = world_sign_in(w, "alice");
    must(&v, "/team/new", "kind=incident", 303);
    must(&v, "/team/work/1/fields",
         "action=save&title.0=Kept+" HOSTILE "&began.0=2026-13-45&origin.0=Atlantis&type=nonsense&"
         "technique.0=X1&began.0.sources=s9",
         422);
    static const char *const there[] = {"error-summary",        "href=\"#f-began\"",
                                        "href=\"#f-origin\"",   "href=\"#f-technique\"",
                                        "value=\"2026-13-45\"", "value=\"Atlantis\"",
                                        "Kept &#34;",           "aria-invalid=\"true\""};
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        if (!world_says(&v, there[i]) && !(i == 6 && world_says(&v, "Kept &quot;")))
            fail_msg("lacks %s", there[i]);
    must(&v, "/team/work/1", NULL, 200); // nothing was saved
    assert_false(world_says(&v, "Kept"));
    must(&v, "/team/work/1/fields", "more=origin&origin.0=CN&title.0=Half", 200);
    assert_true(world_says(&v, "name=\"origin.1\"") && world_says(&v, "value=\"Half\""));
    must(&v, "/team/work/2", NULL, 404);
    world_add_user(w, "bob", ROLES_ALL);
    struct visitor b = world_sign_in(w, "bob");
    must(&b, "/team/work/1", NULL, 404); // somebody else's
    must(&b, "/team/work/1/discard", "", 404);
    must(&v, "/team/work/1/item/nonsense/new", NULL, 404);
    must(&v, "/team/work/1/item/targets/t9", NULL, 404);
}

// Two pairs of eyes on the same text: what its coder changed after the reviewer loaded the page is
// not published with it.
static void test_only_what_was_seen(void **state)
{
    struct world *w = *state;
    world_add_user(w, "ann", ROLE_CODER);
    world_add_user(w, "dan", ROLE_REVIEWER | ROLE_CURATOR);
    struct visitor ann = world_sign_in(w, "ann"), dan = world_sign_in(w, "dan");
    struct slice id = make_draft(&ann, "");
    must(&ann, record_path(w, id, "/submit"), "", 303);
    char form[100];
    snprintf(form, sizeof form, "%s",
             with_seen(&dan, record_path(w, id, "/review"), "action=publish&reason=ok&alone=1"));
    must(&dan, record_path(w, id, "/review"), "action=return&reason=a+word+is+missing", 303);
    must(&ann, record_path(w, id, "/submit"), "", 303);
    must(&dan, record_path(w, id, "/review"), form, 422);
    assert_true(world_says(&dan, "Somebody else changed this record meanwhile"));
    assert_int_equal(state_of(w, id, false), STATE_COUNT);
    must(&dan, record_path(w, id, "/review"), "action=publish&reason=ok&alone=1&revision=", 422);
    must(&dan, record_path(w, id, "/turn-down"),
         "reason=x&intentional.met=no&malicious.met=no&limited-in-time.met=no&cyber-space.met=no&"
         "geopolitical.met=no&revision=1",
         422);
    must(&dan, record_path(w, id, "/review"), "action=publish&reason=ok&alone=1", 303);
    assert_int_equal(state_of(w, id, false), STATE_PUBLISHED);
}

static void test_double_coding(void **state)
{
    struct world *w = *state;
    world_add_user(w, "ann", ROLE_CODER | ROLE_REVIEWER);
    world_add_user(w, "ben", ROLE_CODER | ROLE_REVIEWER);
    world_add_user(w, "cleo", ROLE_REVIEWER);
    struct visitor ann = world_sign_in(w, "ann"), ben = world_sign_in(w, "ben"),
                   cleo = world_sign_in(w, "cleo");
    struct slice id = make_draft(&ann, "");
    must(&ann, record_path(w, id, "/submit"), "", 303);
    must(&cleo, record_path(w, id, "/review"), "action=publish&reason=ok", 422);
    assert_true(world_says(&cleo, "two people"));
    must(&cleo, record_path(w, id, "/review"), "action=return&reason=code+it+twice", 303);
    must(&ann, record_path(w, id, "/coding"), "action=open", 303);
    must(&ann, record_path(w, id, "/coding"), NULL, 200);
    assert_true(world_says(&ann, "value=\"2026-03\"")); // her own coding has what she wrote
    must(&ben, record_path(w, id, ""), NULL, 200);
    assert_false(world_says(&ben, "March")); // he cannot see it
    must(&ben, record_path(w, id, "/coding"), "action=join", 303);
    must(&ben, record_path(w, id, "/coding"), NULL, 200);
    assert_false(world_says(&ben, "2026-03") || world_says(&ben, "checked=\"\""));
    must(&cleo, record_path(w, id, "/coding"), "action=join", 303);
    must(&cleo, record_path(w, id, "/coding"), NULL, 200);
    assert_true(world_says(&cleo, "Two people code it already"));
    must(&ben, record_path(w, id, "/coding"),
         "action=hand-in&type=doxing&type.%2B.sources=s1&began.0=2026-03&began.0.sources=s1&"
         "origin.0=CN&origin.0.sources=s1&decision.0=included&criteria-malicious:met.0=no",
         303);
    must(&ben, record_path(w, id, "/coding"), "action=save&type=espionage", 303); // too late
    must(&ann, record_path(w, id, "/coding"), NULL, 200);
    assert_false(world_says(&ann, "checked=\"\" aria-describedby=\"type-doxing-hint\""));
    must(&ann, record_path(w, id, "/reconcile"), NULL, 303); // not before both have handed in
    must(&ann, record_path(w, id, "/coding"),
         "action=hand-in&type=espionage&type.%2B.sources=s1&began.0=2026-03&began.0.sources=s1&"
         "origin.0=CN&origin.0.sources=s1&decision.0=included&criteria-malicious:met.0=yes&"
         "criteria-intentional:met.0=yes",
         303);
    must(&ann, record_path(w, id, "/reconcile"), NULL, 200);
    assert_false(world_says(&ann, "name=\"pick.began\"")); // agreed
    must(&ann, record_path(w, id, "/reconcile"),
         "reason=talked&pick.type=b&pick.criteria-malicious:met=a", 422);
    assert_true(world_says(&ann, "href=\"#pick.criteria-intentional:met\""));
    must(&ann, record_path(w, id, "/reconcile"),
         "reason=talked&pick.type=other&type=hijacking&type.%2B.sources=s1&"
         "pick.criteria-malicious:met=a&pick.criteria-intentional:met=a",
         303);
    must(&ann, record_path(w, id, ""), NULL, 200);
    assert_true(world_says(&ann, "Hijacking") && !world_says(&ann, "Doxing"));
    assert_true(world_says(&ann, "March"));
    must(&ann, "/team/agreement", NULL, 200);
    assert_true(world_says(&ann, "1 record coded twice") && world_says(&ann, "not defined"));
    must(&ann, record_path(w, id, "/submit"), "", 303);
    must(&ben, record_path(w, id, "/review"), "action=publish&reason=ok", 422); // he coded it
    assert_int_equal(state_of(w, id, false), STATE_COUNT);
    must(&cleo, record_path(w, id, "/review"), "action=publish&reason=ok", 303);
    assert_int_equal(state_of(w, id, false), STATE_PUBLISHED);
}

static void test_call_off(void **state)
{
    struct world *w = *state;
    world_add_user(w, "ann", ROLES_ALL);
    world_add_user(w, "dan", ROLE_REVIEWER | ROLE_CURATOR);
    struct visitor ann = world_sign_in(w, "ann"), dan = world_sign_in(w, "dan");
    struct slice id = make_draft(&ann, "");
    must(&ann, record_path(w, id, "/coding"), "action=open", 303);
    must(&ann, record_path(w, id, "/submit"), "", 303);
    must(&dan, record_path(w, id, "/review"), "action=publish&reason=ok&alone=1", 422);
    assert_true(world_says(&dan, "under way"));
    must(&dan, record_path(w, id, "/coding"), "action=call-off", 303);
    must(&dan, record_path(w, id, ""), NULL, 200);
    assert_true(world_says(&dan, "Espionage") && world_says(&dan, "March"));
    must(&ann, "/team/agreement", NULL, 200);
    assert_false(world_says(&ann, "coded twice</caption>"));
    must(&ann, record_path(w, id, "/submit"), "", 303);
    must(&ann, record_path(w, id, "/turn-down"),
         "reason=x&intentional.met=no&malicious.met=no&limited-in-time.met=no&cyber-space.met=no&"
         "geopolitical.met=no",
         422); // her own
    // Putting back what was there is no hand in it.
    must(&dan, record_path(w, id, "/review"), "action=publish&reason=ok&alone=1", 303);
}

static void test_review_and_after(void **state)
{
    struct world *w = *state;
    world_add_user(w, "ann", ROLES_ALL);
    world_add_user(w, "dan", ROLE_REVIEWER | ROLE_CURATOR);
    struct visitor ann = world_sign_in(w, "ann"), dan = world_sign_in(w, "dan");
    dan.lang = "fr";
    struct slice id = make_draft(&ann, "");
    must(&ann, record_path(w, id, "/withdraw"), NULL, 404); // not public yet
    must(&ann, record_path(w, id, "/submit"), "", 303);
    must(&ann, record_path(w, id, "/review"), "action=publish&reason=ok&alone=1", 422); // her own
    must(&dan, record_path(w, id, "/review"), NULL, 200);
    must(&dan, record_path(w, id, "/review"), "action=publish&reason=ok&alone=1", 303);
    must(&dan, record_path(w, id, ""), NULL, 200);
    // A correction: what is public stays until somebody else has reviewed it.
    must(&ann, record_path(w, id, "/edit"), "", 303);
    char *work = arena_str(&w->arena, slice_sub(ann.location, 3, ann.location.len));
    must(&ann, arena_str(&w->arena, arena_printf(&w->arena, "%s/fields", work)),
         "action=save&title.0=Corrected&summary.0=x&type=espionage&began.0=2026-03&began.0.sources="
         "s1&origin.0=CN&origin.0.sources=s1&decision.0=included",
         303);
    must(&ann, arena_str(&w->arena, arena_printf(&w->arena, "%s/finish", work)),
         "action=review&reason=better", 303);
    assert_int_equal(state_of(w, id, false), STATE_PUBLISHED);
    assert_int_equal(state_of(w, id, true), STATE_REVIEW);
    must(&dan, record_path(w, id, "/review"), "action=publish&reason=yes", 303);
    must(&dan, record_path(w, id, "/withdraw"), "", 422);
    must(&dan, record_path(w, id, "/withdraw"), "reason=retracted+" HOSTILE, 303);
    assert_int_equal(state_of(w, id, false), STATE_WITHDRAWN);
    must(&dan, record_path(w, id, "/withdraw"), "reason=again", 303);
    must(&dan, record_path(w, id, "/reinstate"), "reason=confirmed", 303);
    assert_int_equal(state_of(w, id, false), STATE_PUBLISHED);
    must(&dan, record_path(w, id, "/turn-down"), NULL, 200);
    must(&dan, record_path(w, id, "/turn-down"), "reason=no&intentional.met=yes", 422);
    must(&dan, record_path(w, id, "/turn-down"),
         "reason=an+accident&intentional.met=no&intentional.reason=fault&malicious.met=no&"
         "limited-in-time.met=yes&cyber-space.met=yes&geopolitical.met=unclear&reason-other=un+"
         "accident",
         303);
    assert_int_equal(state_of(w, id, false), STATE_TURNED_DOWN);
    struct revision meta;
    struct record body;
    struct err e = {0};
    assert_int_equal(store_record(w->store, id, 0, true, &w->arena, &meta, &body, &e), STORE_FOUND);
    // Each in the field of its language; the walk goes on in either.
    bool french = slice_equal_str(meta.reason_lang, "fr");
    assert_true(slice_equal_str(meta.reason, "an accident"));
    assert_true(slice_equal_str(meta.reason_other, "un accident"));
    assert_true(slice_equal(record_text(&body, "decision-reason"),
                            french ? meta.reason_other : meta.reason));
    assert_true(slice_equal(record_text(&body, "decision-reason-fr"),
                            french ? meta.reason : meta.reason_other));
    record_free(&body);
    must(&ann, "/team/audit", NULL, 200);
    must(&dan, "/team/records", NULL, 200);
    must(&dan, "/team", NULL, 200);
}

static void test_merge_pages(void **state)
{
    struct world *w = *state;
    struct err e = {0};
    const struct merge_reason why[] = {{SLICE("words"), SLICE("<b>guild</b>"), {0}},
                                       {SLICE("disclosed"), SLICE("2026-05"), SLICE("2026-06")},
                                       {SLICE("type"), SLICE("doxing"), {0}}};
    struct merge_proposal p = {.score = 0.8, .reasons = why, .reason_count = 3};
    world_add_user(w, "ann", ROLES_ALL);
    world_add_user(w, "cy", ROLE_CODER);
    struct visitor ann = world_sign_in(w, "ann"), cy = world_sign_in(w, "cy");
    p.b = make_draft(&ann, "&disclosed.0=2026-05");
    p.a = make_draft(&ann, "&disclosed.0=2026-06&type=doxing");
    assert_true(merge_proposal_add(w->store, &p, &e));
    assert_true(merge_proposal_add(w->store, &p, &e)); // renewed, not doubled
    must(&ann, "/team/merges", NULL, 200);
    must(&cy, "/team/merges/1", NULL, 200);
    // In the order of the ids, which is not that in which they were proposed.
    assert_true(world_says(&cy,
                           "Disclosed: June\u00a02026 in <span class=\"unbroken\">I-000001</span>, "
                           "May\u00a02026 in <span class=\"unbroken\">I-000002</span>."));
    assert_true(world_says(&cy, "only <span class=\"unbroken\">I-000002</span> says it, Doxing."));
    assert_true(world_says(&cy, "<span lang=\"\">&lt;b&gt;guild"));
    assert_false(world_says(&cy, "action\" value=\"merge\""));
    must(&cy, "/team/merges/1", "action=merge&reason=x", 403);
    must(&ann, "/team/merges/1", NULL, 200);
    must(&ann, "/team/merges/1?keep=b", NULL, 200);
    must(&ann, "/team/merges/1", "action=merge", 422);
    must(&ann, "/team/merges/1", "action=merge&reason=same&pick.disclosed=b", 303);
    assert_int_equal(state_of(w, SLICE("I-000002"), true), STATE_MERGED);
    must(&ann, "/team/records/I-000001", NULL, 200);
    assert_true(world_says(&ann, "May") && world_says(&ann, "June"));
    assert_true(world_says(&ann, "Doxing"));
    must(&ann, "/team/merges/1", "action=apart&reason=x", 303); // decided already
    must(&ann, "/team/merges/1", NULL, 200);
    assert_true(world_says(&ann, " UTC – same</p>"));
    ann.lang = "fr";
    must(&ann, "/team/merges/1", NULL, 200);
    assert_true(world_says(&ann, "<span lang=\"en\">same</span>"));
    must(&ann, "/team/merges/9", NULL, 404);
}

static void test_advisory(void **state)
{
    struct world *w = *state;
    world_add_user(w, "ann", ROLES_ALL);
    world_add_user(w, "dan", ROLE_REVIEWER | ROLE_CURATOR);
    struct visitor ann = world_sign_in(w, "ann"), dan = world_sign_in(w, "dan");
    struct slice incident_id = make_draft(&ann, "&technique.0=T1566"), id = SLICE("A-000001");
    must(&ann, record_path(w, incident_id, "/advisory"), NULL, 200);
    must(&ann, record_path(w, incident_id, "/advisory"), "", 422);
    must(&ann, record_path(w, incident_id, "/advisory"), "consented=given&who=x", 422);
    must(&ann, record_path(w, incident_id, "/advisory"), "consented=asked", 303);
    char *work =
        arena_str(&w->arena, slice_sub(ann.location, 3, ann.location.len - strlen("?done=draft")));
    must(&ann, work, NULL, 200);
    assert_true(world_says(&ann, "T1566") && world_says(&ann, "Espionage"));
    must(&ann, arena_str(&w->arena, arena_printf(&w->arena, "%s/fields", work)),
         "action=save&title.0=Warning&summary.0=x&issued.0=2026-11-01&happened.0=x&recognise."
         "0=" HOSTILE "&advice.0=x&consent.0=asked&tlp.0=clear",
         303);
    must(&ann, arena_str(&w->arena, arena_printf(&w->arena, "%s/item/indicators/new", work)),
         "action=save&type.0=domain&value.0=evil.example&tlp.0=amber", 303);
    must(&ann, arena_str(&w->arena, arena_printf(&w->arena, "%s/finish", work)),
         "action=review&reason=written", 303);
    must(&dan, record_path(w, id, "/review"), "action=publish&reason=ok", 422);
    assert_true(world_says(&dan, "TLP:CLEAR"));
    must(&ann, record_path(w, id, "/edit"), "", 303);
    work = arena_str(&w->arena, slice_sub(ann.location, 3, ann.location.len));
    must(&ann, arena_str(&w->arena, arena_printf(&w->arena, "%s/item/indicators/i1", work)),
         "action=save&type.0=domain&value.0=evil.example&tlp.0=clear", 303);
    must(&ann, arena_str(&w->arena, arena_printf(&w->arena, "%s/finish", work)),
         "action=review&reason=clear", 303);
    must(&dan, record_path(w, id, "/review"), "action=publish&reason=ok", 422);
    assert_true(world_says(&dan, "consent of the affected group is not recorded"));
    must(&ann, record_path(w, id, "/consent"), "action=record&who=Director&day=2026-11-31&how=x",
         422);
    must(&ann, record_path(w, id, "/consent"),
         "action=record&who=Director" HOSTILE "&day=2026-11-20&how=by+telephone", 303);
    must(&ann, record_path(w, id, "/advisory"), NULL, 200);
    assert_int_equal(state_of(w, id, true), STATE_REVIEW);
    must(&dan, record_path(w, id, "/review"), "action=publish&reason=ok", 303);
    assert_int_equal(state_of(w, id, false), STATE_PUBLISHED);
    must(&ann, record_path(w, id, "/edit"), "", 303); // a correction is being drafted meanwhile
    must(&dan, record_path(w, id, "/consent"), "action=take-back&consent=9", 303); // none such
    assert_int_equal(state_of(w, id, false), STATE_PUBLISHED);
    must(&dan, record_path(w, id, "/consent"), "action=take-back&consent=1", 303);
    assert_int_equal(state_of(w, id, false), STATE_WITHDRAWN);
}

static void test_public_requests(void **state)
{
    struct world *w = *state;
    struct visitor reader = {.world = w};
    world_add_user(w, "ann", ROLES_ALL);
    must(&reader, "/corrections/new", NULL, 200);
    must(&reader, "/corrections/new", "kind=reply", 422);
    must(&reader, "/corrections/new", "kind=reply&text=x&record=I-000077", 422);
    must(&reader, "/corrections/new", "text=spam&website=x", 200); // a program: nothing is kept
    for (int i = 0; i < 5; i++)
        must(&reader, "/corrections/new", "kind=reply&text=We+deny+" HOSTILE "&contact=" HOSTILE,
             200);
    must(&reader, "/corrections/new", "kind=reply&text=again", 429);
    struct visitor ann = world_sign_in(w, "ann");
    must(&ann, "/team/tasks", NULL, 200);
    must(&ann, "/team/tasks/1", NULL, 200);
    assert_true(world_says(&ann, "We deny"));
    must(&ann, "/team/tasks/6", NULL, 404);
    must(&ann, "/team/tasks/1", "action=comment", 422);
    must(&ann, "/team/tasks/1", "action=assign&assigned=1&due=2026-02-30", 422);
    must(&ann, "/team/tasks/1", "action=assign&assigned=1&due=2026-12-01", 303);
    must(&ann, "/team/tasks/1", "action=close&text=printed+" HOSTILE, 303);
    must(&ann, "/team/tasks?show=done", NULL, 200);
    must(&ann, "/team/tasks", "title=Do+it&body=" HOSTILE "&assigned=1", 303);
    must(&ann, "/team/searches", "name=" HOSTILE "&query=http://h/fr/incidents%3Ftype=espionage",
         303);
    must(&ann, "/team/searches", "name=x&query=https://evil.example/", 422);
    must(&ann, "/team/searches", NULL, 200);
}

// --- audit log

static void test_audit_chain(void **state)
{
    struct world *w = *state;
    struct err e = {0};
    uint64_t entries;
    uint8_t newest[AUDIT_HASH_BYTES];
    for (int i = 0; i < 20; i++)
        assert_true(team_audit_add(w->store,
                                   &(struct team_audit){.name = SLICE("a"),
                                                        .action = SLICE("x"),
                                                        .detail = SLICE("\xff\"{")},
                                   &e));
    assert_true(team_audit_verify(w->store, &entries, newest, &e));
    assert_int_equal(entries, 20);
    sqlite3 *db;
    char path[160];
    snprintf(path, sizeof path, "%s/r.db", w->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    // The store itself refuses; whoever goes around that is found out.
    assert_int_not_equal(sqlite3_exec(db, "UPDATE team_audit SET detail = ''", NULL, NULL, NULL),
                         SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(db, "DELETE FROM team_audit WHERE id = 3", NULL, NULL, NULL),
                         SQLITE_OK);
    static const struct {
        const char *sql;
        uint64_t broken;
    } rows[] = {{"UPDATE team_audit SET name = 'b' WHERE id = 7", 7},
                {"DELETE FROM team_audit WHERE id = 5", 5},
                {"UPDATE team_audit SET hash = zeroblob(32) WHERE id = 2", 2}};
    sqlite3_exec(db, "DROP TRIGGER team_audit_fixed; DROP TRIGGER team_audit_kept", NULL, NULL,
                 NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(sqlite3_exec(db, rows[i].sql, NULL, NULL, NULL), SQLITE_OK);
        assert_false(team_audit_verify(w->store, &entries, newest, &e));
        assert_int_equal(e.code, ERR_CHECKSUM);
        assert_int_equal(e.offset, rows[i].broken);
    }
    sqlite3_close(db);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(test_refused_form),     IN_WORLD(test_only_what_was_seen),
        IN_WORLD(test_double_coding),    IN_WORLD(test_call_off),
        IN_WORLD(test_review_and_after), IN_WORLD(test_merge_pages),
        IN_WORLD(test_advisory),         IN_WORLD(test_public_requests),
        IN_WORLD(test_audit_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
