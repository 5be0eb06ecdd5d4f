// SPDX-License-Identifier: Apache-2.0
// Preview, difference and reason: how work becomes a revision.
#include "observatory/team/handlers.h"

#include "observatory/model/texts.h"

enum { REASON_BYTES = 2000 };

static const struct language *other_language(const struct request *rq)
{
    return web_language(strcmp(rq->lang->code, "fr") == 0 ? SLICE("en") : SLICE("fr"));
}

struct why team_reason(struct request *rq, struct ui_errors *errors)
{
    struct why why = {form_line(rq, "reason"), str(rq->lang->code), form_line(rq, "reason-other")};
    if (!why.text.len && why.other.len)
        why = (struct why){why.other, str(other_language(rq)->code), {0}};
    if (!why.text.len)
        ui_error_add(errors, SLICE("reason"), TR("Say why: readers see it in the history."));
    else if (why.text.len > REASON_BYTES)
        ui_error_add(errors, SLICE("reason"), TR("The reason is too long."));
    if (why.other.len > REASON_BYTES)
        ui_error_add(errors, SLICE("reason-other"), TR("The reason is too long."));
    return why;
}

struct why team_said(struct request *rq, const char *english)
{
    return (struct why){str(text(rq->lang, english)), str(rq->lang->code),
                        str(text(other_language(rq), english))};
}

void team_reason_field(struct request *rq, struct response *rs, const char *label, const char *hint,
                       const struct ui_errors *errors)
{
    bool french = strcmp(rq->lang->code, "fr") == 0;
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("reason"),
                                .label = label,
                                .hint = hint,
                                .value = request_form(rq, "reason"),
                                .rows = 3,
                                .required = true},
             errors);
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("reason-other"),
                                .label = french ? TR("The same in English, if you can")
                                                : TR("The same in French, if you can"),
                                .value = request_form(rq, "reason-other"),
                                .rows = 2},
             errors);
}

bool team_revise(struct request *rq, struct slice record, const struct record *body,
                 enum record_state state, struct why why, const char *action, team_also *also,
                 void *context, struct revision *out, struct err *e)
{
    const struct revision_new n = {.record = record,
                                   .body = body,
                                   .state = state,
                                   .author = rq->user->name,
                                   .author_user = rq->user->id,
                                   .reason = why.text,
                                   .reason_lang = why.lang,
                                   .reason_other = why.other};
    if (!store_begin(rq->store, e))
        return false;
    if (store_revision_add(rq->store, &n, rq->arena, out, e) &&
        (!also || also(rq, out, context, e)) &&
        team_log(rq, action, out->record, out->number, why.text, e))
        return store_commit(rq->store, e);
    store_rollback(rq->store);
    return false;
}

// What the work started from; an empty record when it is new. *newest: number now in the store.
static bool load_base(struct request *rq, const struct work *w, struct record *base,
                      uint32_t *newest, enum record_state *state, struct err *e)
{
    struct revision meta;
    *newest = 0;
    *state = STATE_DRAFT;
    if (!w->row.record.len) {
        record_init(base, w->record.kind, rq->arena);
        return true;
    }
    struct record now;
    enum store_found found =
        store_record(rq->store, w->row.record, 0, true, rq->arena, &meta, &now, e);
    if (found != STORE_FOUND)
        return found == STORE_NONE && err_set(e, ERR_FORMAT, 0, "the record is gone");
    *newest = meta.number;
    *state = meta.state;
    if (meta.number == w->row.base) {
        *base = now;
        return true;
    }
    record_free(&now);
    return store_revision(rq->store, w->row.record, w->row.base, rq->arena, &meta, base, e) ==
           STORE_FOUND;
}

static void write_conflict(struct request *rq, struct response *rs, const struct work *w,
                           const struct record *base)
{
    struct revision meta;
    struct record now;
    struct err e = {0};
    if (store_record(rq->store, w->row.record, 0, true, rq->arena, &meta, &now, &e) != STORE_FOUND)
        return;
    page_html(rs, "<div class=\"warning\"><h2>{}</h2>\n<p>{}</p>\n",
              str(TR("Somebody else changed this record meanwhile")),
              str(TR("This is what they changed. What you save goes on top of it: your own changes "
                     "are applied to the newest revision.")));
    show_changes(rq, rs, base, &now);
    page_raw(rs, "</div>\n");
    record_free(&now);
}

static void finish_page(struct request *rq, struct response *rs, struct work *w,
                        const struct ui_errors *errors)
{
    struct record base;
    struct err e = {0};
    uint32_t newest;
    enum record_state state;
    if (!load_base(rq, w, &base, &newest, &state, &e)) {
        team_failed(rq, rs, &e);
        return;
    }
    struct slice links = ui_path(rq, "/team/work/%lld", (long long)w->row.id);
    ui_begin(rq, rs, TR("Preview and save"), "records", errors);
    page_html(rs, "<p class=\"meta\"><a href=\"{}\">{}</a></p>\n", links,
              record_name(rq, &w->record));
    if (newest != w->row.base)
        write_conflict(rq, rs, w, &base);
    show_flags(rq, rs, &w->record, links);
    size_t changes = show_changes(rq, rs, &base, &w->record);
    if (changes) {
        ui_form(rq, rs, ui_path(rq, "/team/work/%lld/finish", (long long)w->row.id));
        team_reason_field(rq, rs, TR("Why this change?"),
                          TR("For example: new source, date corrected after the court's judgment."),
                          errors);
        page_raw(rs, "<div class=\"buttons\">\n");
        ui_button(rs, "action", "review", TR("Send to review"));
        ui_button_plain(rs, "action", "draft", TR("Keep as a draft"));
        page_raw(rs, "</div>\n");
        UI_FORM_END(rs);
    }
    page_html(rs, "<details class=\"preview\"><summary>{}</summary>\n",
              str(TR("The whole record")));
    show_record(rq, rs, &w->record);
    page_raw(rs, "</details>\n");
    ui_end(rq, rs);
    record_free(&base);
}

void team_work_finish(struct request *rq, struct response *rs)
{
    struct work w = {0};
    if (!work_open(rq, rs, rq->part[0], &w))
        return;
    finish_page(rq, rs, &w, NULL);
    work_close(&w);
}

static bool drop_work(struct request *rq, const struct revision *made, void *context, struct err *e)
{
    (void)made;
    return team_work_remove(rq->store, *(int64_t *)context, e);
}

static void save(struct request *rq, struct response *rs, struct work *w, bool review,
                 struct why why)
{
    struct record base, now = {0};
    struct revision made;
    struct err e = {0};
    uint32_t newest;
    enum record_state state;
    bool done = load_base(rq, w, &base, &newest, &state, &e);
    if (!done) {
        team_failed(rq, rs, &e);
        return;
    }
    const struct record *body = &w->record;
    if (newest != w->row.base) {
        done = record_rebase(rq, &base, &w->record, w->row.record, &now, &e);
        body = &now;
    }
    bool kept_review = !review && state == STATE_REVIEW; // what waits for review goes on waiting
    done = done &&
           team_revise(rq, w->row.record, body, review || kept_review ? STATE_REVIEW : STATE_DRAFT,
                       why, review ? "review" : "draft", drop_work, &w->row.id, &made, &e);
    if (done)
        ui_redirect(rq, rs, "/team/records/%.*s?done=%s", SLICE_FMT(made.record),
                    review ? "review" : "draft");
    else
        team_failed(rq, rs, &e);
    record_free(&now);
    record_free(&base);
}

void team_work_finish_post(struct request *rq, struct response *rs)
{
    struct work w = {0};
    struct ui_errors errors = {0};
    if (!work_open(rq, rs, rq->part[0], &w))
        return;
    struct why why = team_reason(rq, &errors);
    bool review = slice_equal_str(request_form(rq, "action"), "review");
    if (!record_text(&w.record, "title").len && !record_text(&w.record, "name").len)
        ui_error_add(&errors, (struct slice){0}, TR("Give the record a title first."));
    if (errors.list.count)
        finish_page(rq, rs, &w, &errors);
    else
        save(rq, rs, &w, review, why);
    ui_free(&errors);
    work_close(&w);
}
