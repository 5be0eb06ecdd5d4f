// SPDX-License-Identifier: Apache-2.0
// Review: publish, send back, turn down; and what happens to what is public already: withdraw,
// reinstate. Each step makes a revision with a reason.
#include "observatory/team/handlers.h"

#include "base/map.h"

// A record, with what is done to it and by whom.
struct subject {
    struct revision meta;
    struct record body;
};

static bool open_subject(struct request *rq, struct response *rs, unsigned roles, struct subject *s)
{
    return team_allowed(rq, rs, roles) && show_load(rq, rs, rq->part[0], &s->meta, &s->body);
}

static void subject_line(struct request *rq, struct response *rs, const struct subject *s)
{
    page_html(rs, "<p class=\"meta\"><a href=\"{}\">{} {}</a> · {}</p>\n",
              ui_path(rq, "/team/records/%.*s", SLICE_FMT(s->meta.record)), s->meta.record,
              record_name(rq, &s->body), str(ui_state(rq, s->meta.state)));
}

// What was read is what is decided on: another revision that came after the page was loaded is read
// first.
static void seen_field(struct request *rq, struct response *rs, const struct subject *s)
{
    page_html(rs, "<input type=\"hidden\" name=\"revision\" value=\"{}\">\n",
              arena_printf(rq->arena, "%u", s->meta.number));
}

static void check_seen(struct request *rq, const struct subject *s, struct ui_errors *errors)
{
    struct slice number = arena_printf(rq->arena, "%u", s->meta.number);
    if (!slice_equal(request_form(rq, "revision"), number))
        ui_error_add(errors, (struct slice){0}, TR("Somebody else changed this record meanwhile"));
}

// --- review

static void review_page(struct request *rq, struct response *rs, const struct subject *s,
                        const struct ui_errors *errors)
{
    struct err e = {0};
    bool curator = team_has(rq, ROLE_CURATOR);
    const char *obstacle = team_publish_obstacle(rq, &s->meta, &s->body, false, &e);
    ui_begin(rq, rs, TR("Review"), "records", errors);
    subject_line(rq, rs, s);
    if (obstacle)
        page_html(rs, "<p class=\"warning\">{}</p>\n", str(text(rq->lang, obstacle)));
    show_flags(rq, rs, &s->body, (struct slice){0});
    struct revision public_meta;
    struct record was;
    if (store_record(rq->store, s->meta.record, 0, false, rq->arena, &public_meta, &was, &e) ==
        STORE_FOUND) {
        page_html(rs, "<h2>{}</h2>\n", str(TR("Against what is public")));
        show_changes(rq, rs, &was, &s->body);
        record_free(&was);
    }
    show_record(rq, rs, &s->body);
    page_html(rs, "<h2>{}</h2>\n", str(TR("Decision")));
    ui_form(rq, rs, ui_path(rq, "/team/records/%.*s/review", SLICE_FMT(s->meta.record)));
    seen_field(rq, rs, s);
    team_reason_field(rq, rs, TR("Reason"),
                      TR("What you checked, or what is missing. Readers see it in the history."),
                      errors);
    if (curator && obstacle && kind_double_coded(s->body.kind))
        ui_checkbox(rs, SLICE("alone"), SLICE("alone"), SLICE("1"), false,
                    str(TR("Publish although only one person coded it; I take this upon me")),
                    (struct slice){0});
    page_raw(rs, "<div class=\"buttons\">\n");
    ui_button(rs, "action", "publish", TR("Publish"));
    ui_button_plain(rs, "action", "return", TR("Send back to its coder"));
    page_html(rs, "<a href=\"{}\">{}</a>\n</div>\n",
              ui_path(rq, "/team/records/%.*s/turn-down", SLICE_FMT(s->meta.record)),
              str(TR("Turn this candidate down")));
    UI_FORM_END(rs);
    ui_end(rq, rs);
}

static bool in_review(struct request *rq, struct response *rs, const struct subject *s)
{
    if (s->meta.state == STATE_REVIEW)
        return true;
    ui_redirect(rq, rs, "/team/records/%.*s", SLICE_FMT(s->meta.record));
    return false;
}

void team_review(struct request *rq, struct response *rs)
{
    struct subject s = {0};
    if (!open_subject(rq, rs, ROLE_REVIEWER | ROLE_CURATOR, &s))
        return;
    if (in_review(rq, rs, &s))
        review_page(rq, rs, &s, NULL);
    record_free(&s.body);
}

// Makes the revision and leads to the record's page.
static void decide(struct request *rq, struct response *rs, const struct revision *meta,
                   const struct record *body, enum record_state to, struct why why,
                   const char *done)
{
    struct revision made;
    struct err e = {0};
    if (team_revise(rq, meta->record, body, to, why, done, NULL, NULL, &made, &e))
        ui_redirect(rq, rs, "/team/records/%.*s?done=%s", SLICE_FMT(meta->record), done);
    else
        team_failed(rq, rs, &e);
}

void team_review_post(struct request *rq, struct response *rs)
{
    struct subject s = {0};
    struct ui_errors errors = {0};
    struct err e = {0};
    if (!open_subject(rq, rs, ROLE_REVIEWER | ROLE_CURATOR, &s))
        return;
    if (!in_review(rq, rs, &s))
        goto out;
    struct why why = team_reason(rq, &errors);
    bool publish = slice_equal_str(request_form(rq, "action"), "publish");
    check_seen(rq, &s, &errors);
    bool alone = team_has(rq, ROLE_CURATOR) && request_form(rq, "alone").len;
    const char *obstacle = publish ? team_publish_obstacle(rq, &s.meta, &s.body, alone, &e) : NULL;
    if (obstacle)
        ui_error_add(&errors, (struct slice){0}, text(rq->lang, obstacle));
    if (errors.list.count)
        review_page(rq, rs, &s, &errors);
    else if (publish)
        decide(rq, rs, &s.meta, &s.body, STATE_PUBLISHED, why, "published");
    else
        decide(rq, rs, &s.meta, &s.body, STATE_DRAFT, why, "returned");
out:
    ui_free(&errors);
    record_free(&s.body);
}

// A draft as it is to review.
void team_submit_post(struct request *rq, struct response *rs)
{
    struct subject s = {0};
    if (!open_subject(rq, rs, ROLE_CODER | ROLE_REVIEWER | ROLE_CURATOR, &s))
        return;
    struct ui_errors unsaid = {0};
    struct why why = team_reason(rq, &unsaid);
    if (unsaid.list.count)
        why = team_said(rq, TEXT("Sent to review"));
    if (s.meta.state == STATE_DRAFT)
        decide(rq, rs, &s.meta, &s.body, STATE_REVIEW, why, "review");
    else
        ui_redirect(rq, rs, "/team/records/%.*s", SLICE_FMT(s.meta.record));
    ui_free(&unsaid);
    record_free(&s.body);
}

// --- turning a candidate down, criterion by criterion -------------------------------------------

static const struct item *criterion_item(const struct record *r, const char *code)
{
    for (const struct item *i = record_next(r, "criteria", NULL); i;
         i = record_next(r, "criteria", i))
        if (slice_equal_str(item_text(r, i, "criterion"), code))
            return i;
    return NULL;
}

static struct slice criterion_input(struct request *rq, const char *code, const char *what)
{
    return arena_printf(rq->arena, "%s.%s", code, what);
}

static struct slice sent_or(struct request *rq, struct slice name, struct slice other)
{
    struct slice sent = form_line(rq, arena_str(rq->arena, name));
    return sent.len || rq->method == HTTP_POST ? sent : other;
}

// Which of the two fields takes what is written here: that of the page's language.
static const char *own_field(struct request *rq, const char *field)
{
    return strcmp(rq->lang->code, "fr") == 0 ? text_format(rq->arena, "%s-fr", field) : field;
}

static void write_criterion(struct request *rq, struct response *rs, const struct record *r,
                            const struct vocabulary_term *t, const struct ui_errors *errors)
{
    const struct item *i = criterion_item(r, t->code);
    const struct vocabulary *met = vocabulary_find("met");
    struct ui_option options[8] = {{.label = str(TR("(choose)"))}};
    size_t count = 1;
    for (size_t k = 0; met && k < met->count && count < 8; k++)
        options[count++] =
            (struct ui_option){str(met->terms[k].code), str(text(rq->lang, met->terms[k].label))};
    page_html(rs, "<fieldset><legend>{}</legend><p class=\"hint\">{}</p>\n",
              str(text(rq->lang, t->label)), str(text(rq->lang, t->definition)));
    struct slice name = criterion_input(rq, t->code, "met");
    ui_select(rq, rs,
              &(struct ui_field){
                  .name = name,
                  .label = TR("Met?"),
                  .value = sent_or(rq, name, i ? item_text(r, i, "met") : (struct slice){0})},
              options, count, errors);
    name = criterion_input(rq, t->code, "reason");
    ui_field(rq, rs,
             &(struct ui_field){
                 .name = name,
                 .label = TR("Why"),
                 .value = sent_or(rq, name,
                                  i ? item_text(r, i, own_field(rq, "reason")) : (struct slice){0}),
                 .rows = 2},
             errors);
    page_raw(rs, "</fieldset>\n");
}

static void turn_down_page(struct request *rq, struct response *rs, const struct subject *s,
                           const struct ui_errors *errors)
{
    const struct vocabulary *criteria = vocabulary_find("criterion");
    ui_begin(rq, rs, TR("Turn this candidate down"), "records", errors);
    subject_line(rq, rs, s);
    page_html(rs, "<p>{}</p>\n",
              str(TR("It stays public and searchable, with the reasons, and is not counted.")));
    ui_form(rq, rs, ui_path(rq, "/team/records/%.*s/turn-down", SLICE_FMT(s->meta.record)));
    seen_field(rq, rs, s);
    for (size_t i = 0; criteria && i < criteria->count; i++)
        write_criterion(rq, rs, &s->body, &criteria->terms[i], errors);
    team_reason_field(rq, rs, TR("Reason"), TR("In a sentence, for readers."), errors);
    ui_button_danger(rs, "action", "turn-down", TR("Turn this candidate down"));
    UI_FORM_END(rs);
    ui_end(rq, rs);
}

static bool may_turn_down(struct request *rq, struct response *rs, const struct subject *s)
{
    bool may = s->meta.state == STATE_DRAFT || s->meta.state == STATE_REVIEW ||
               s->meta.state == STATE_PUBLISHED;
    if (may && schema_group_find(s->body.kind, "criteria") >= 0)
        return true;
    ui_redirect(rq, rs, "/team/records/%.*s", SLICE_FMT(s->meta.record));
    return false;
}

void team_turn_down(struct request *rq, struct response *rs)
{
    struct subject s = {0};
    if (!open_subject(rq, rs, ROLE_REVIEWER | ROLE_CURATOR, &s))
        return;
    if (may_turn_down(rq, rs, &s))
        turn_down_page(rq, rs, &s, NULL);
    record_free(&s.body);
}

static void set_one(struct record *r, struct item *i, const char *field, struct slice words)
{
    const struct schema_group *g = &r->kind->groups[i->group];
    int f = schema_field_find(g, field);
    if (f < 0)
        return;
    item_copy_field(r, i, NULL, (uint16_t)f);
    record_add_value(r, i, field, words);
}

// What stood there was the reason for something else.
static void set_reason(struct request *rq, struct record *r, struct item *i, const char *field,
                       const struct why *why)
{
    bool french = slice_equal_str(why->lang, "fr");
    set_one(r, i, field, french ? why->other : why->text);
    set_one(r, i, text_format(rq->arena, "%s-fr", field), french ? why->text : why->other);
}

// The criteria as typed. Counts those that are not met; an error at each not judged.
static size_t take_criteria(struct request *rq, struct record *r, struct ui_errors *errors)
{
    const struct vocabulary *criteria = vocabulary_find("criterion"), *met = vocabulary_find("met");
    size_t failed = 0;
    for (size_t k = 0; criteria && met && k < criteria->count; k++) {
        const char *code = criteria->terms[k].code;
        struct slice name = criterion_input(rq, code, "met");
        struct slice judged = form_line(rq, arena_str(rq->arena, name));
        struct slice why = form_line(rq, arena_str(rq->arena, criterion_input(rq, code, "reason")));
        if (!vocabulary_term_find(met, judged)) {
            ui_error_add(errors, name,
                         text_format(rq->arena, TR("%s: say whether it is met."),
                                     text(rq->lang, criteria->terms[k].label)));
            continue;
        }
        failed += slice_equal_str(judged, "no");
        struct item *i = (struct item *)(uintptr_t)criterion_item(r, code);
        if (!i) {
            i = record_add_item(r, "criteria");
            set_one(r, i, "criterion", slice_from_str(code));
        }
        if (slice_equal(item_text(r, i, "met"), judged) && !why.len)
            continue;
        set_one(r, i, "met", judged);
        set_reason(rq, r, i, "reason", &(struct why){why, str(rq->lang->code), {0}});
    }
    return failed;
}

void team_turn_down_post(struct request *rq, struct response *rs)
{
    struct subject s = {0};
    struct ui_errors errors = {0};
    struct err e = {0};
    if (!open_subject(rq, rs, ROLE_REVIEWER | ROLE_CURATOR, &s))
        return;
    if (!may_turn_down(rq, rs, &s))
        goto out;
    const char *obstacle = team_hand_obstacle(rq, &s.meta, &e);
    if (obstacle)
        ui_error_add(&errors, (struct slice){0}, text(rq->lang, obstacle));
    check_seen(rq, &s, &errors);
    size_t failed = take_criteria(rq, &s.body, &errors);
    struct why why = team_reason(rq, &errors);
    if (!errors.list.count && failed == 0)
        ui_error_add(&errors, (struct slice){0},
                     TR("At least one criterion must be judged as not met."));
    if (errors.list.count) {
        turn_down_page(rq, rs, &s, &errors);
    } else {
        set_one(&s.body, record_main(&s.body), "decision", SLICE("turned-down"));
        set_reason(rq, &s.body, record_main(&s.body), "decision-reason", &why);
        decide(rq, rs, &s.meta, &s.body, STATE_TURNED_DOWN, why, "turned-down");
    }
out:
    ui_free(&errors);
    record_free(&s.body);
}

// --- what is public already

// The public revision, which is what is withdrawn or reinstated, whatever is being drafted.
static bool open_public(struct request *rq, struct response *rs, struct subject *s)
{
    struct err e = {0};
    if (!team_allowed(rq, rs, ROLE_CURATOR))
        return false;
    switch (store_record(rq->store, rq->part[0], 0, false, rq->arena, &s->meta, &s->body, &e)) {
    case STORE_FOUND:
        return true;
    case STORE_NONE:
        response_error(rq, rs, 404, TEXT("The record is not public."));
        return false;
    case STORE_ERROR:
        break;
    }
    team_failed(rq, rs, &e);
    return false;
}

struct step {
    const char *path, *done;
    const char *title, *what, *hint; // English
    bool (*from)(enum record_state s);
    enum record_state (*to)(enum record_state s);
};

static bool from_published(enum record_state s)
{
    return s == STATE_PUBLISHED;
}

static bool from_gone(enum record_state s)
{
    return s == STATE_WITHDRAWN || s == STATE_TURNED_DOWN || s == STATE_MERGED;
}

static enum record_state to_withdrawn(enum record_state s)
{
    (void)s;
    return STATE_WITHDRAWN;
}

// What was withdrawn had been reviewed; what was turned down or merged has to be.
static enum record_state to_back(enum record_state s)
{
    return s == STATE_WITHDRAWN ? STATE_PUBLISHED : STATE_DRAFT;
}

static const struct step withdraw_step = {
    .path = "withdraw",
    .done = "withdrawn",
    .title = TEXT("Withdraw this record"),
    .what = TEXT("It stays visible, marked as withdrawn, with the reason and its history. It is no "
                 "longer counted."),
    .hint = TEXT("For readers: what turned out to be wrong, and on what that rests."),
    .from = from_published,
    .to = to_withdrawn,
};

static const struct step reinstate_step = {
    .path = "reinstate",
    .done = "reinstated",
    .title = TEXT("Reinstate this record"),
    .what = TEXT(
        "What was withdrawn is published again as it was. What was turned down or merged becomes "
        "a draft, to be coded and reviewed."),
    .hint = TEXT("For readers: what is known now."),
    .from = from_gone,
    .to = to_back,
};

static void step_page(struct request *rq, struct response *rs, const struct step *p,
                      const struct subject *s, const struct ui_errors *errors)
{
    const char *title = p == &withdraw_step && strcmp(s->body.kind->name, "incident") == 0
                            ? TR("Withdraw this incident")
                            : text(rq->lang, p->title);
    ui_begin(rq, rs, title, "records", errors);
    subject_line(rq, rs, s);
    page_html(rs, "<p>{}</p>\n", str(text(rq->lang, p->what)));
    ui_form(rq, rs, ui_path(rq, "/team/records/%.*s/%s", SLICE_FMT(s->meta.record), p->path));
    team_reason_field(rq, rs, TR("Reason"), text(rq->lang, p->hint), errors);
    ui_button_danger(rs, "action", p->path, title);
    UI_FORM_END(rs);
    ui_end(rq, rs);
}

static void take_step(struct request *rq, struct response *rs, const struct step *p)
{
    struct subject s = {0};
    struct ui_errors errors = {0};
    if (!open_public(rq, rs, &s))
        return;
    bool post = rq->method == HTTP_POST;
    struct why why = post ? team_reason(rq, &errors) : (struct why){0};
    if (!p->from(s.meta.state))
        ui_redirect(rq, rs, "/team/records/%.*s", SLICE_FMT(s.meta.record));
    else if (!post || errors.list.count)
        step_page(rq, rs, p, &s, &errors);
    else
        decide(rq, rs, &s.meta, &s.body, p->to(s.meta.state), why, p->done);
    ui_free(&errors);
    record_free(&s.body);
}

void team_withdraw(struct request *rq, struct response *rs)
{
    take_step(rq, rs, &withdraw_step);
}

void team_withdraw_post(struct request *rq, struct response *rs)
{
    take_step(rq, rs, &withdraw_step);
}

void team_reinstate(struct request *rq, struct response *rs)
{
    take_step(rq, rs, &reinstate_step);
}

void team_reinstate_post(struct request *rq, struct response *rs)
{
    take_step(rq, rs, &reinstate_step);
}
