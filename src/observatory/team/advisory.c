// SPDX-License-Identifier: Apache-2.0
// Advisories: an incident becomes a public warning, when the affected group agrees. Their consent
// is recorded (who, when, how) before anything can be published, and can be taken back.
#include "observatory/team/handlers.h"

#include "observatory/store/team_tasks.h"

enum { WHO_BYTES = 300, HOW_BYTES = 2000 };

static void write_consents(struct request *rq, struct response *rs, const struct team_consent *list,
                           size_t count, struct slice record)
{
    if (!count)
        page_html(rs, "<p class=\"warning\">{}</p>\n",
                  str(TR("No consent is recorded yet; it cannot be published.")));
    for (size_t i = 0; i < count; i++) {
        page_html(rs,
                  "<dl class=\"facts\"><div><dt>{}</dt><dd>{}</dd></div><div><dt>{}</dt><dd>{}</dd>"
                  "</div><div><dt>{}</dt><dd>{}</dd></div><div><dt>{}</dt><dd>{}, {}</dd></div>\n",
                  str(TR("Who agreed")), list[i].who, str(TR("When")),
                  str(date_words(rq->lang, rq->arena, list[i].day, (struct slice){0})),
                  str(TR("How")), list[i].how, str(TR("Recorded by")), list[i].recorded_by,
                  ui_time(rq, list[i].recorded));
        if (list[i].withdrawn)
            page_html(rs, "<div><dt>{}</dt><dd>{}</dd></div>", str(TR("Taken back")),
                      ui_time(rq, list[i].withdrawn));
        page_raw(rs, "</dl>\n");
        if (list[i].withdrawn)
            continue;
        ui_form(rq, rs, ui_path(rq, "/team/records/%.*s/consent", SLICE_FMT(record)));
        page_html(rs, "<input type=\"hidden\" name=\"consent\" value=\"{}\">\n",
                  arena_printf(rq->arena, "%lld", (long long)list[i].id));
        ui_button_danger(rs, "action", "take-back", TR("They took their consent back"));
        UI_FORM_END(rs);
    }
}

static void write_consent_fields(struct request *rq, struct response *rs,
                                 const struct ui_errors *errors)
{
    ui_field(rq, rs,
             &(struct ui_field){
                 .name = SLICE("who"),
                 .label = TR("Who agreed"),
                 .hint = TR("A function is enough: the group's director. It is not published."),
                 .value = form_line(rq, "who"),
                 .size = 50},
             errors);
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("day"),
                                .label = TR("On which day"),
                                .hint = TR("As 2026-11-22."),
                                .value = form_line(rq, "day"),
                                .size = 12},
             errors);
    ui_field(
        rq, rs,
        &(struct ui_field){
            .name = SLICE("how"),
            .label = TR("How, and to what"),
            .hint = TR("For example: by telephone; to the text of that day, without the name."),
            .value = form_line(rq, "how"),
            .rows = 3},
        errors);
}

// What the form says of consent; errors unless it is whole.
static struct team_consent read_consent(struct request *rq, struct ui_errors *errors)
{
    struct team_consent c = {.who = form_line(rq, "who"),
                             .day = form_line(rq, "day"),
                             .how = form_line(rq, "how"),
                             .recorded_by = rq->user->name};
    if (!c.who.len || c.who.len > WHO_BYTES)
        ui_error_add(errors, SLICE("who"), TR("Say who agreed."));
    if (c.day.len != 10 || !date_valid(c.day))
        ui_error_add(errors, SLICE("day"), TR("A day looks like 2026-11-22."));
    if (!c.how.len || c.how.len > HOW_BYTES)
        ui_error_add(errors, SLICE("how"), TR("Say how they agreed, and to what."));
    return c;
}

// --- from an incident

static void new_page(struct request *rq, struct response *rs, const struct revision *meta,
                     const struct record *incident, const struct ui_errors *errors)
{
    struct slice chosen = request_form(rq, "consented");
    ui_begin(rq, rs, TR("Make an advisory of it"), "records", errors);
    page_html(
        rs, "<p class=\"meta\"><a href=\"{}\">{} {}</a></p>\n<p>{}</p>\n",
        ui_path(rq, "/team/records/%.*s", SLICE_FMT(meta->record)), meta->record,
        record_name(rq, incident),
        str(TR("A draft is made with what the incident has. Then you write what happened, how to "
               "recognise it and what to do, and add indicators.")));
    ui_form(rq, rs, ui_path(rq, "/team/records/%.*s/advisory", SLICE_FMT(meta->record)));
    page_html(rs, "<fieldset id=\"consented\"><legend>{}</legend>\n",
              str(TR("Consent of the affected group")));
    if (ui_error_of(errors, SLICE("consented")))
        page_html(rs, "<p class=\"error\">{}</p>\n", str(ui_error_of(errors, SLICE("consented"))));
    ui_radio(rs, SLICE("consented-given"), SLICE("consented"), SLICE("given"),
             slice_equal_str(chosen, "given"), str(TR("They agreed")),
             str(TR("Fill in the three fields below.")));
    ui_radio(rs, SLICE("consented-asked"), SLICE("consented"), SLICE("asked"),
             slice_equal_str(chosen, "asked"), str(TR("They are asked, and have not answered")),
             str(TR("It can be written, and not published.")));
    ui_radio(rs, SLICE("consented-public"), SLICE("consented"), SLICE("not-needed"),
             slice_equal_str(chosen, "not-needed"), str(TR("Everything in it is public already")),
             str(TR("No consent is needed.")));
    page_raw(rs, "</fieldset>\n");
    write_consent_fields(rq, rs, errors);
    ui_button(rs, "action", "make", TR("Make the draft"));
    UI_FORM_END(rs);
    ui_end(rq, rs);
}

static void copy_own(struct record *to, const struct record *from, const char *field)
{
    const struct item *own = record_next(from, "", NULL);
    int a = schema_field_find(&from->kind->groups[0], field);
    int b = schema_field_find(&to->kind->groups[0], field);
    for (size_t i = 0; own && a >= 0 && b >= 0 && i < own->values.count; i++) {
        const struct value *v = &own->values.items[i];
        if (v->field != a || v->set_aside)
            continue;
        struct value *n = record_set(to, field, v->text);
        if (n) {
            n->sources = arena_copy(to->arena, v->sources);
            n->note = arena_copy(to->arena, v->note);
        }
    }
}

// The groups have the same fields in both kinds: sources keep their ids, so that values can name
// them.
static void copy_sources(struct record *to, const struct record *from)
{
    int group = schema_group_find(to->kind, "sources");
    for (const struct item *s = record_next(from, "sources", NULL); s && group >= 0;
         s = record_next(from, "sources", s)) {
        struct item *i = record_add_item(to, "sources");
        i->id = arena_copy(to->arena, s->id);
        for (uint16_t f = 0; f < to->kind->groups[group].count; f++)
            item_copy_field(to, i, s, f);
    }
}

static void prefill(struct record *to, const struct record *incident, struct slice id,
                    struct slice consent)
{
    static const char *const fields[] = {"title", "title-fr", "summary",  "summary-fr",
                                         "type",  "sector",   "technique"};
    char day[VTIME_TEXT_MAX];
    copy_sources(to, incident);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        copy_own(to, incident, fields[i]);
    size_t length = time_format(time_now(), day);
    record_set(to, "issued", slice_sub(slice_of(day, length), 0, 10));
    record_set(to, "happened", record_text(incident, "summary"));
    record_set(to, "happened-fr", record_text(incident, "summary-fr"));
    record_set(to, "incident", id);
    record_set(to, "consent", consent);
    record_set(to, "tlp", SLICE("clear"));
    struct item *link = record_add_item(to, "links");
    record_add_value(to, link, "relation", SLICE("related"));
    record_add_value(to, link, "record", id);
}

static bool record_consent(struct request *rq, const struct revision *made, void *context,
                           struct err *e)
{
    struct team_consent *c = context;
    c->record = made->record;
    return !c->who.len || (team_consent_add(rq->store, c, e) &&
                           team_log(rq, "consent", made->record, made->number, c->day, e));
}

static void make_draft(struct request *rq, struct response *rs, const struct revision *meta,
                       const struct record *incident, struct slice consent,
                       struct team_consent *given)
{
    struct record advisory;
    struct revision made;
    struct err e = {0};
    int64_t work = 0;
    record_init(&advisory, schema_kind_find(SLICE("advisory")), rq->arena);
    prefill(&advisory, incident, meta->record, consent);
    given->incident = meta->record;
    struct why why = team_said(rq, TEXT("Made from"));
    why.text = arena_printf(rq->arena, "%.*s %.*s", SLICE_FMT(why.text), SLICE_FMT(meta->record));
    why.other = arena_printf(rq->arena, "%.*s %.*s", SLICE_FMT(why.other), SLICE_FMT(meta->record));
    bool done = store_begin(rq->store, &e);
    if (done) {
        done = team_revise(rq, (struct slice){0}, &advisory, STATE_DRAFT, why, "advisory",
                           record_consent, given, &made, &e) &&
               work_begin(rq, &advisory, made.record, made.number, &work, &e);
        if (done)
            done = store_commit(rq->store, &e);
        else
            store_rollback(rq->store);
    }
    if (done)
        ui_redirect(rq, rs, "/team/work/%lld?done=draft", (long long)work);
    else
        team_failed(rq, rs, &e);
    record_free(&advisory);
}

static void consent_page(struct request *rq, struct response *rs, const struct revision *meta,
                         const struct record *body, const struct ui_errors *errors)
{
    struct team_consent *list;
    size_t count;
    struct err e = {0};
    if (!team_consent_list(rq->store, meta->record, rq->arena, &list, &count, &e)) {
        team_failed(rq, rs, &e);
        return;
    }
    ui_begin(rq, rs, TR("Consent of the affected group"), "records", errors);
    page_html(rs, "<p class=\"meta\"><a href=\"{}\">{} {}</a></p>\n",
              ui_path(rq, "/team/records/%.*s", SLICE_FMT(meta->record)), meta->record,
              record_name(rq, body));
    write_consents(rq, rs, list, count, meta->record);
    page_html(rs, "<h2>{}</h2>\n", str(TR("Record consent")));
    ui_form(rq, rs, ui_path(rq, "/team/records/%.*s/consent", SLICE_FMT(meta->record)));
    write_consent_fields(rq, rs, errors);
    ui_button(rs, "action", "record", TR("Record consent"));
    UI_FORM_END(rs);
    ui_end(rq, rs);
}

static bool is_kind(const struct record *r, const char *kind)
{
    return strcmp(r->kind->name, kind) == 0;
}

void team_advisory(struct request *rq, struct response *rs)
{
    struct revision meta;
    struct record body;
    if (!team_allowed(rq, rs, ROLE_CURATOR) || !show_load(rq, rs, rq->part[0], &meta, &body))
        return;
    if (is_kind(&body, "advisory"))
        consent_page(rq, rs, &meta, &body, NULL);
    else if (is_kind(&body, "incident"))
        new_page(rq, rs, &meta, &body, NULL);
    else
        response_error(rq, rs, 404, TEXT("Advisories are made from incidents."));
    record_free(&body);
}

void team_advisory_post(struct request *rq, struct response *rs)
{
    struct revision meta;
    struct record body;
    struct ui_errors errors = {0};
    struct team_consent given = {0};
    struct slice consent = request_form(rq, "consented");
    if (!team_allowed(rq, rs, ROLE_CURATOR) || !show_load(rq, rs, rq->part[0], &meta, &body))
        return;
    if (!vocabulary_term_find(vocabulary_find("consent"), consent))
        ui_error_add(&errors, SLICE("consented"), TR("Say how it stands with their consent."));
    if (slice_equal_str(consent, "given"))
        given = read_consent(rq, &errors);
    if (!is_kind(&body, "incident"))
        response_error(rq, rs, 404, TEXT("Advisories are made from incidents."));
    else if (errors.list.count)
        new_page(rq, rs, &meta, &body, &errors);
    else
        make_draft(rq, rs, &meta, &body, consent, &given);
    ui_free(&errors);
    record_free(&body);
}

// --- of an advisory

// The record's own field follows: "given" while a consent stands, else "asked".
static bool set_consent(struct request *rq, const struct revision *meta, struct record *body,
                        const char *value, team_also *also, void *context, struct err *e)
{
    struct revision made;
    int f = schema_field_find(&body->kind->groups[0], "consent");
    item_copy_field(body, record_main(body), NULL, (uint16_t)f);
    record_set(body, "consent", slice_from_str(value));
    // Without consent what is public is withdrawn at once.
    bool back = strcmp(value, "given") != 0;
    enum record_state to = back && meta->state == STATE_PUBLISHED ? STATE_WITHDRAWN : meta->state;
    struct why why = team_said(rq, back ? TEXT("The consent of the affected group was taken back.")
                                        : TEXT("The consent of the affected group was recorded."));
    return team_revise(rq, meta->record, body, to, why, "consent", also, context, &made, e);
}

static bool add_consent(struct request *rq, const struct revision *made, void *context,
                        struct err *e)
{
    struct team_consent *c = context;
    c->record = made->record;
    return team_consent_add(rq->store, c, e);
}

static bool drop_consent(struct request *rq, const struct revision *made, void *context,
                         struct err *e)
{
    (void)made;
    return team_consent_withdraw(rq->store, *(int64_t *)context, e);
}

// Whether another consent than this one stands.
static bool others_stand(struct request *rq, struct slice record, int64_t id, bool *known,
                         bool *others, struct err *e)
{
    struct team_consent *list;
    size_t count;
    *known = *others = false;
    if (!team_consent_list(rq->store, record, rq->arena, &list, &count, e))
        return false;
    for (size_t i = 0; i < count; i++) {
        *known = *known || (list[i].id == id && !list[i].withdrawn);
        *others = *others || (list[i].id != id && !list[i].withdrawn);
    }
    return true;
}

static bool take_back(struct request *rq, const struct revision *meta, struct record *body,
                      struct err *e)
{
    int64_t id = parse_number(request_form(rq, "consent"));
    bool known, others;
    if (!others_stand(rq, meta->record, id, &known, &others, e))
        return false;
    return !known || set_consent(rq, meta, body, others ? "given" : "asked", drop_consent, &id, e);
}

// What is public, when something is, whatever is being drafted: it is what must be withdrawn.
static void take_public(struct request *rq, struct revision *meta, struct record *body)
{
    struct revision shown;
    struct record its;
    if (store_record(rq->store, meta->record, 0, false, rq->arena, &shown, &its, NULL) !=
        STORE_FOUND)
        return;
    if (shown.state == STATE_PUBLISHED) {
        record_free(body);
        *body = its;
        *meta = shown;
    } else {
        record_free(&its);
    }
}

void team_consent_post(struct request *rq, struct response *rs)
{
    struct revision meta;
    struct record body;
    struct ui_errors errors = {0};
    struct err e = {0};
    bool back = slice_equal_str(request_form(rq, "action"), "take-back"), done = true;
    if (!team_allowed(rq, rs, ROLE_CURATOR) || !show_load(rq, rs, rq->part[0], &meta, &body))
        return;
    if (!is_kind(&body, "advisory")) {
        response_error(rq, rs, 404, TEXT("There is no record of that id."));
        goto out;
    }
    if (back) {
        take_public(rq, &meta, &body);
        done = take_back(rq, &meta, &body, &e);
    } else {
        struct team_consent c = read_consent(rq, &errors);
        if (errors.list.count) {
            consent_page(rq, rs, &meta, &body, &errors);
            goto out;
        }
        done = set_consent(rq, &meta, &body, "given", add_consent, &c, &e);
    }
    if (done)
        ui_redirect(rq, rs, "/team/records/%.*s/advisory?done=saved", SLICE_FMT(meta.record));
    else
        team_failed(rq, rs, &e);
out:
    ui_free(&errors);
    record_free(&body);
}
