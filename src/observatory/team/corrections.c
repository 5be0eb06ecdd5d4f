// SPDX-License-Identifier: Apache-2.0
// What the public asks for: a correction, or a right of reply. No account, nothing kept of where
// the request came from: the limits on how many there may be are in memory alone.
#include "observatory/team/handlers.h"

#include "observatory/http/app.h"
#include "observatory/http/limits.h"
#include "observatory/store/team_tasks.h"

enum { OPEN_REQUESTS_MAX = 1000, TEXT_BYTES = 10000, CONTACT_BYTES = 300, SOURCE_BYTES = 2000 };

static struct slice asked(const struct request *rq, const char *name)
{
    return rq->method == HTTP_POST ? form_line(rq, name)
                                   : slice_sub(request_param(rq, name), 0, 40);
}

static void write_fields(struct request *rq, struct response *rs, const struct ui_errors *errors)
{
    bool reply = slice_equal_str(asked(rq, "kind"), "reply");
    page_html(rs, "<fieldset id=\"kind\"><legend>{}</legend>\n", str(TR("What do you ask for?")));
    ui_radio(rs, SLICE("kind-correction"), SLICE("kind"), SLICE("correction"), !reply,
             str(TR("A correction")),
             str(TR("Something in a record is wrong, missing or outdated.")));
    ui_radio(
        rs, SLICE("kind-reply"), SLICE("kind"), SLICE("reply"), reply, str(TR("A right of reply")),
        str(TR("You or your organisation are named, and want your answer to stand beside it.")));
    page_raw(rs, "</fieldset>\n");
    ui_field(rq, rs,
             &(struct ui_field){
                 .name = SLICE("record"),
                 .label = TR("Which record?"),
                 .hint = TR(
                     "Its id, as I-000123, stands on its page. Leave it empty for something else."),
                 .value = asked(rq, "record"),
                 .size = 14},
             errors);
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("text"),
                                .label = TR("What should change, or your answer"),
                                .value = asked(rq, "text"),
                                .rows = 8,
                                .required = true},
             errors);
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("source"),
                                .label = TR("A source that shows it"),
                                .hint = TR("An address, or where it was published. May be empty."),
                                .value = asked(rq, "source"),
                                .size = 60},
             errors);
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("contact"),
                                .label = TR("How we can answer you"),
                                .hint = TR("May be empty. It is never published."),
                                .value = asked(rq, "contact"),
                                .autocomplete = "email",
                                .size = 40},
             errors);
    // People do not see it, programs that fill in everything do.
    page_html(
        rs,
        "<div class=\"hidden\" aria-hidden=\"true\"><label for=\"website\">{}</label>"
        "<input id=\"website\" name=\"website\" tabindex=\"-1\" autocomplete=\"off\"></div>\n",
        str(TR("Leave this empty")));
}

static void correction_page(struct request *rq, struct response *rs, const struct ui_errors *errors)
{
    bool wrong = errors && errors->list.count;
    if (wrong && rs->status == 200)
        rs->status = 422;
    rs->no_store = true;
    const char *title = TR("Ask for a correction or a right of reply");
    page_begin(rq, rs,
               &(struct page_options){
                   .title = wrong ? text_format(rq->arena, TR("Error: %s"), title) : title,
                   .section = "corrections"});
    ui_error_summary(rq, rs, errors);
    page_html(rs, "<div class=\"team\"><h1>{}</h1>\n<p>{}</p>\n", str(title),
              str(TR("The people who keep the registry read every request. You need not say who "
                     "you are, and "
                     "your network address is not kept.")));
    ui_form(rq, rs, ui_path(rq, "/corrections/new"));
    write_fields(rq, rs, errors);
    ui_button(rs, "action", "send", TR("Send the request"));
    UI_FORM_END(rs);
    page_raw(rs, "</div>\n");
    page_end(rq, rs);
}

void team_correction_new(struct request *rq, struct response *rs)
{
    correction_page(rq, rs, NULL);
}

static void thanks_page(struct request *rq, struct response *rs)
{
    rs->no_store = true;
    page_begin(rq, rs, &(struct page_options){.title = TR("Thank you"), .section = "corrections"});
    page_html(
        rs, "<h1>{}</h1>\n<p role=\"status\">{}</p>\n<p><a href=\"{}\">{}</a></p>\n",
        str(TR("Thank you")),
        str(TR("Your request was received. What comes of it will show in the record and in the "
               "list of corrections.")),
        ui_path(rq, "/corrections"), str(TR("Corrections and withdrawals")));
    page_end(rq, rs);
}

// Whether one more is taken: per address, and in all.
static bool may_ask(struct request *rq)
{
    struct team_state *t = rq->app->team;
    char network[64];
    struct slice from = slice_of(network, rate_limits_network(rq->address, network));
    return team_take(t, &t->requests, from) && team_take(t, &t->everyone, SLICE("all"));
}

static void check_request(struct request *rq, const struct team_task *t, struct ui_errors *errors)
{
    struct slice source = form_line(rq, "source"), words = form_line(rq, "text");
    if (!words.len)
        ui_error_add(errors, SLICE("text"), TR("Say what should change."));
    else if (words.len > TEXT_BYTES)
        ui_error_add(errors, SLICE("text"), TR("The text is too long."));
    if (source.len > SOURCE_BYTES)
        ui_error_add(errors, SLICE("source"), TR("The text is too long."));
    if (t->contact.len > CONTACT_BYTES)
        ui_error_add(errors, SLICE("contact"), TR("The text is too long."));
    if (!t->record.len)
        return;
    // Only what is public is looked for, so that the form tells nothing of drafts.
    struct revision meta;
    struct record body;
    enum store_found found = STORE_NONE;
    if (t->record.len <= 20 && schema_kind_by_prefix(t->record))
        found = store_record(rq->store, t->record, 0, false, rq->arena, &meta, &body, NULL);
    if (found == STORE_FOUND)
        record_free(&body);
    else if (found == STORE_NONE)
        ui_error_add(errors, SLICE("record"), TR("There is no record of that id."));
}

static void store_request(struct request *rq, struct response *rs, struct team_task *t)
{
    struct err e = {0};
    uint64_t open;
    int64_t id;
    struct slice source = form_line(rq, "source");
    bool reply = slice_equal_str(t->kind, "reply");
    t->title = str(reply ? "Right of reply" : "Correction asked for");
    if (t->record.len)
        t->title = arena_printf(rq->arena, "%.*s: %.*s", SLICE_FMT(t->title), SLICE_FMT(t->record));
    t->body = form_line(rq, "text");
    if (source.len)
        t->body = arena_printf(rq->arena, "%.*s\n\n%.*s", SLICE_FMT(t->body), SLICE_FMT(source));
    // The day alone.
    t->made = time_now();
    t->made -= (t->made - VTIME_UNIX_EPOCH) % (86400 * VTIME_SECOND);
    if (!team_task_open_requests(rq->store, &open, &e))
        team_failed(rq, rs, &e);
    else if (open >= OPEN_REQUESTS_MAX)
        response_error(rq, rs, 503,
                       TEXT("Too many requests wait to be read. Try again in a few days."));
    else if (!team_task_add(rq->store, t, &id, &e))
        team_failed(rq, rs, &e);
    else
        thanks_page(rq, rs);
}

void team_correction_post(struct request *rq, struct response *rs)
{
    struct ui_errors errors = {0};
    bool reply = slice_equal_str(form_line(rq, "kind"), "reply");
    struct team_task t = {.kind = reply ? SLICE("reply") : SLICE("correction"),
                          .record = form_line(rq, "record"),
                          .contact = form_line(rq, "contact")};
    if (form_line(rq, "website").len) { // a program: as if it had worked
        thanks_page(rq, rs);
        return;
    }
    check_request(rq, &t, &errors);
    if (!errors.list.count && !may_ask(rq)) {
        rs->status = 429;
        response_header(rs, "Retry-After", SLICE("600"));
        ui_error_add(&errors, (struct slice){0},
                     TR("There were many requests from your network. Try again in ten minutes."));
    }
    if (errors.list.count)
        correction_page(rq, rs, &errors);
    else
        store_request(rq, rs, &t);
    ui_free(&errors);
}
