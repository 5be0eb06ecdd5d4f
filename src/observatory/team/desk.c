// SPDX-License-Identifier: Apache-2.0
// The desk: what waits for the signed-in person; the records in hand; one record with all that can
// be done to it.
#include "observatory/team/handlers.h"

#include "observatory/store/team_merge.h"
#include "observatory/store/team_tasks.h"

static void write_rows(struct request *rq, struct response *rs, const struct list_row *rows,
                       size_t count)
{
    page_raw(rs, "<ul class=\"rows\">\n");
    for (size_t i = 0; i < count; i++) {
        struct slice title = rows[i].title;
        if (strcmp(rq->lang->code, "fr") == 0 && rows[i].title_fr.len)
            title = rows[i].title_fr;
        page_html(rs, "<li><a href=\"{}\">{} {}</a> <span class=\"meta\">{} · {}</span></li>\n",
                  ui_path(rq, "/team/records/%.*s", SLICE_FMT(rows[i].id)), rows[i].id,
                  title.len ? title : str(TR("(no title yet)")), str(ui_state(rq, rows[i].state)),
                  page_day(rq, rows[i].changed));
    }
    page_raw(rs, "</ul>\n");
}

// Records whose newest revision is in a state.
static bool write_state(struct request *rq, struct response *rs, const char *title,
                        enum record_state state, size_t limit, struct err *e)
{
    struct query q = {.states = 1u << state, .team = true, .sort = SORT_CHANGED, .limit = limit};
    struct list_row *rows;
    size_t count;
    uint64_t total;
    if (!store_list(rq->store, &q, rq->arena, &rows, &count, &total, e))
        return false;
    page_html(rs, "<section><h2>{} ({})</h2>\n", str(title), page_number(rq, total));
    if (count)
        write_rows(rq, rs, rows, count);
    else
        page_html(rs, "<p class=\"hint\">{}</p>\n", str(TR("None.")));
    page_raw(rs, "</section>\n");
    return true;
}

static bool write_work(struct request *rq, struct response *rs, struct err *e)
{
    struct team_work *list;
    size_t count;
    if (!team_work_list(rq->store, rq->user->id, rq->arena, &list, &count, e))
        return false;
    page_html(rs, "<section><h2>{}</h2>\n", str(TR("You are editing")));
    if (count)
        page_raw(rs, "<ul class=\"rows\">\n");
    for (size_t i = 0; i < count; i++)
        page_html(rs, "<li><a href=\"{}\">{} {}</a> <span class=\"meta\">{}</span></li>\n",
                  ui_path(rq, "/team/work/%lld", (long long)list[i].id),
                  list[i].record.len ? list[i].record : str(TR("(new)")),
                  list[i].title.len ? list[i].title : str(TR("(no title yet)")),
                  ui_time(rq, list[i].changed));
    if (count)
        page_raw(rs, "</ul>\n");
    else
        page_html(rs, "<p class=\"hint\">{}</p>\n", str(TR("None.")));
    page_html(rs, "<p><a class=\"button main\" href=\"{}\">{}</a></p></section>\n",
              ui_path(rq, "/team/new"), str(TR("New record")));
    return true;
}

static bool write_tasks(struct request *rq, struct response *rs, struct err *e)
{
    struct team_task_query q = {.assigned = rq->user->id, .limit = 20};
    struct team_task *list;
    size_t count;
    if (!team_task_list(rq->store, &q, rq->arena, &list, &count, e))
        return false;
    page_html(rs, "<section><h2>{}</h2>\n", str(TR("Your tasks")));
    if (count)
        page_raw(rs, "<ul class=\"rows\">\n");
    for (size_t i = 0; i < count; i++) {
        page_html(rs, "<li><a href=\"{}\">{}</a>",
                  ui_path(rq, "/team/tasks/%lld", (long long)list[i].id), list[i].title);
        if (list[i].due.len)
            page_html(rs, " <span class=\"meta\">{} {}</span>", str(TR("due")),
                      str(date_words(rq->lang, rq->arena, list[i].due, (struct slice){0})));
        page_raw(rs, "</li>\n");
    }
    buf_str(&rs->body, count ? "</ul>\n" : "");
    if (!count)
        page_html(rs, "<p class=\"hint\">{}</p>\n", str(TR("None.")));
    page_raw(rs, "</section>\n");
    return true;
}

// Rounds that the person may join, goes on with, or may reconcile.
static bool write_rounds(struct request *rq, struct response *rs, struct err *e)
{
    struct team_round *list;
    size_t count, shown = 0;
    if (!team_round_list(rq->store, false, 50, rq->arena, &list, &count, e))
        return false;
    page_html(rs, "<section><h2>{}</h2>\n", str(TR("Double coding")));
    for (size_t i = 0; i < count; i++) {
        bool both = list[i].handed == 2;
        buf_str(&rs->body, shown++ ? "<li>" : "<ul class=\"rows\"><li>");
        page_html(rs, "<a href=\"{}\">{}</a> <span class=\"meta\">{}</span></li>\n",
                  ui_path(rq, "/team/records/%.*s/%s", SLICE_FMT(list[i].record),
                          both ? "reconcile" : "coding"),
                  list[i].record,
                  str(both                 ? TR("both handed in: to be reconciled")
                      : list[i].coders < 2 ? TR("waits for a second coder")
                                           : TR("being coded")));
    }
    buf_str(&rs->body, shown ? "</ul>\n" : "");
    if (!shown)
        page_html(rs, "<p class=\"hint\">{}</p>\n", str(TR("None.")));
    page_raw(rs, "</section>\n");
    return true;
}

void team_desk(struct request *rq, struct response *rs)
{
    struct err e = {0};
    if (!team_allowed(rq, rs, 0))
        return;
    ui_begin(rq, rs, TR("Desk"), "desk", NULL);
    if (!rq->user->totp && rq->user->roles & (ROLE_CURATOR | ROLE_ADMIN)) {
        page_raw(rs, "<p class=\"warning\">");
        page_linked(rq, rs, TR("Your account has no second factor. [Set one up]"),
                    "~/team/account");
        page_raw(rs, "</p>\n");
    }
    bool done = write_work(rq, rs, &e) && write_tasks(rq, rs, &e) && write_rounds(rq, rs, &e) &&
                write_state(rq, rs, TR("Waiting for review"), STATE_REVIEW, 20, &e) &&
                write_state(rq, rs, TR("Drafts"), STATE_DRAFT, 20, &e);
    if (!done)
        team_failed(rq, rs, &e);
    else
        ui_end(rq, rs);
}

void team_records(struct request *rq, struct response *rs)
{
    struct err e = {0};
    if (!team_allowed(rq, rs, 0))
        return;
    ui_begin(rq, rs, TR("Records in hand"), "records", NULL);
    page_html(rs, "<p><a class=\"button main\" href=\"{}\">{}</a></p>\n", ui_path(rq, "/team/new"),
              str(TR("New record")));
    page_html(rs, "<form method=\"get\" action=\"{}\" role=\"search\">\n",
              ui_path(rq, "/team/records"));
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("q"),
                                .label = TR("Find a record by words or id"),
                                .value = request_param(rq, "q"),
                                .type = "search",
                                .size = 40},
             NULL);
    ui_button_plain(rs, "", "", TR("Find"));
    UI_FORM_END(rs);
    struct slice words = slice_trim(request_param(rq, "q"));
    bool done;
    if (words.len) {
        struct query q = {.states = (1u << STATE_COUNT) - 1,
                          .team = true,
                          .words = words,
                          .sort = SORT_RELEVANCE,
                          .limit = 50};
        struct list_row *rows;
        size_t count;
        uint64_t total;
        done = store_list(rq->store, &q, rq->arena, &rows, &count, &total, &e);
        if (done && schema_kind_by_prefix(words))
            page_html(rs, "<p><a href=\"{}\">{}</a></p>\n",
                      ui_path(rq, "/team/records/%.*s", SLICE_FMT(words)), words);
        if (done)
            write_rows(rq, rs, rows, count);
    } else {
        done = write_state(rq, rs, TR("Waiting for review"), STATE_REVIEW, 100, &e) &&
               write_state(rq, rs, TR("Drafts"), STATE_DRAFT, 100, &e) &&
               write_state(rq, rs, TR("Withdrawn"), STATE_WITHDRAWN, 20, &e) &&
               write_state(rq, rs, TR("Turned down"), STATE_TURNED_DOWN, 20, &e);
    }
    if (!done)
        team_failed(rq, rs, &e);
    else
        ui_end(rq, rs);
}

// --- one record

struct slice public_path(struct request *rq, const struct record *r, struct slice id)
{
    return ui_path(rq, "%s/%.*s", r->kind->path, SLICE_FMT(id));
}

static void action_link(struct request *rq, struct response *rs, struct slice id, const char *path,
                        const char *words)
{
    page_html(rs, "<li><a href=\"{}\">{}</a></li>\n",
              ui_path(rq, "/team/records/%.*s/%s", SLICE_FMT(id), path), str(words));
}

static void action_post(struct request *rq, struct response *rs, struct slice id, const char *path,
                        const char *words)
{
    page_raw(rs, "<li>");
    ui_form(rq, rs, ui_path(rq, "/team/records/%.*s/%s", SLICE_FMT(id), path));
    ui_button_plain(rs, "action", path, words);
    page_raw(rs, "</form></li>\n");
}

static void write_actions(struct request *rq, struct response *rs, const struct revision *meta,
                          const struct record *body, bool is_public, enum record_state public_state)
{
    bool reviewer = team_has(rq, ROLE_REVIEWER | ROLE_CURATOR),
         curator = team_has(rq, ROLE_CURATOR);
    bool incident = strcmp(body->kind->name, "incident") == 0;
    bool gone = meta->state == STATE_WITHDRAWN || meta->state == STATE_TURNED_DOWN ||
                meta->state == STATE_MERGED;
    page_html(rs,
              "<section aria-labelledby=\"h-actions\"><h2 id=\"h-actions\">{}</h2>\n"
              "<ul class=\"actions\">\n",
              str(TR("What can be done")));
    if (!gone && team_has(rq, ROLE_CODER | ROLE_REVIEWER | ROLE_CURATOR))
        action_post(rq, rs, meta->record, "edit",
                    is_public ? TR("Correct this record") : TR("Edit this record"));
    if (meta->state == STATE_DRAFT) {
        if (kind_double_coded(body->kind))
            action_link(rq, rs, meta->record, "coding", TR("Double coding"));
        action_post(rq, rs, meta->record, "submit", TR("Send to review"));
    }
    if (meta->state == STATE_REVIEW && reviewer)
        action_link(rq, rs, meta->record, "review", TR("Review"));
    if (reviewer && !gone && schema_group_find(body->kind, "criteria") >= 0)
        action_link(rq, rs, meta->record, "turn-down", TR("Turn this candidate down"));
    if (curator && is_public && public_state == STATE_PUBLISHED)
        action_link(rq, rs, meta->record, "withdraw",
                    incident ? TR("Withdraw this incident") : TR("Withdraw this record"));
    if (curator && is_public && public_state != STATE_PUBLISHED && gone)
        action_link(rq, rs, meta->record, "reinstate", TR("Reinstate this record"));
    if (curator && incident && is_public && public_state == STATE_PUBLISHED)
        action_link(rq, rs, meta->record, "advisory", TR("Make an advisory of it"));
    if (curator && strcmp(body->kind->name, "advisory") == 0)
        action_link(rq, rs, meta->record, "advisory", TR("Consent of the affected group"));
    page_html(rs, "<li><a href=\"{}?record={}\">{}</a></li>\n</ul></section>\n",
              ui_path(rq, "/team/tasks"), meta->record, str(TR("Tasks about this record")));
}

void team_record_page(struct request *rq, struct response *rs)
{
    struct revision meta, public_meta, *history;
    struct record body, public_body;
    struct err e = {0};
    size_t count;
    if (!team_allowed(rq, rs, 0))
        return;
    if (!show_load(rq, rs, rq->part[0], &meta, &body))
        return;
    bool is_public = store_record(rq->store, meta.record, 0, false, rq->arena, &public_meta,
                                  &public_body, &e) == STORE_FOUND;
    if (is_public)
        record_free(&public_body);
    if (!store_history(rq->store, meta.record, false, rq->arena, &history, &count, &e)) {
        team_failed(rq, rs, &e);
        record_free(&body);
        return;
    }
    ui_begin(rq, rs, arena_str(rq->arena, record_name(rq, &body)), "records", NULL);
    page_html(rs, "<p class=\"meta\">{} {} · {}", str(text(rq->lang, body.kind->label)),
              meta.record, str(ui_state(rq, meta.state)));
    if (is_public)
        page_html(rs, " · <a href=\"{}\">{}</a>", public_path(rq, &body, meta.record),
                  str(TR("As readers see it")));
    page_raw(rs, "</p>\n");
    write_actions(rq, rs, &meta, &body, is_public, is_public ? public_meta.state : STATE_DRAFT);
    show_flags(rq, rs, &body, (struct slice){0});
    show_record(rq, rs, &body);
    show_history(rq, rs, history, count);
    ui_end(rq, rs);
    record_free(&body);
}
