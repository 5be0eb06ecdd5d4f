// SPDX-License-Identifier: Apache-2.0
// Tasks of the team, and what the public asks for: they are read, answered and closed in one place.
#include "observatory/team/handlers.h"

#include "observatory/store/team_tasks.h"

enum { TASK_PAGE = 50, TITLE_BYTES = 300, BODY_BYTES = 20000 };

static const char *task_kind_words(struct request *rq, struct slice kind)
{
    if (slice_equal_str(kind, "correction"))
        return TR("Correction asked for");
    if (slice_equal_str(kind, "reply"))
        return TR("Right of reply");
    return TR("Task");
}

static void write_tasks(struct request *rq, struct response *rs, const struct team_task *list,
                        size_t count)
{
    page_html(rs,
              "<table class=\"records\"><caption class=\"hidden\">{}</caption>\n<thead><tr><th "
              "scope=\"col\">{}</th>"
              "<th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th>"
              "<th scope=\"col\">{}</th></tr></thead>\n<tbody>\n",
              str(TR("Tasks and requests")), str(TR("Title")), str(TR("Kind")), str(TR("Record")),
              str(TR("Assigned to")), str(TR("Due")));
    for (size_t i = 0; i < count; i++) {
        const struct team_task *t = &list[i];
        page_html(
            rs,
            "<tr><th scope=\"row\"><a href=\"{}\">{}</a></th><td data-label=\"{}\">{}</td>"
            "<td data-label=\"{}\">{}</td><td data-label=\"{}\">{}</td>"
            "<td data-label=\"{}\">{}</td></tr>\n",
            ui_path(rq, "/team/tasks/%lld", (long long)t->id), t->title, str(TR("Kind")),
            str(task_kind_words(rq, t->kind)), str(TR("Record")), t->record, str(TR("Assigned to")),
            t->assigned_name, str(TR("Due")),
            str(t->due.len ? date_words(rq->lang, rq->arena, t->due, (struct slice){0}) : ""));
    }
    page_raw(rs, "</tbody></table>\n");
}

// Everybody who can work: an option each, with nobody first.
static bool people(struct request *rq, struct ui_option **out, size_t *count, struct err *e)
{
    struct team_user *list;
    size_t n;
    if (!team_user_list(rq->store, rq->arena, &list, &n, e))
        return false;
    *out = ARENA_ARRAY(rq->arena, struct ui_option, n + 1);
    (*out)[0] = (struct ui_option){.value = SLICE("0"), .label = str(TR("nobody yet"))};
    *count = 1;
    for (size_t i = 0; i < n; i++)
        if (!list[i].disabled)
            (*out)[(*count)++] = (struct ui_option){
                arena_printf(rq->arena, "%lld", (long long)list[i].id), list[i].name};
    return true;
}

static bool write_assignment(struct request *rq, struct response *rs, int64_t assigned,
                             struct slice due, const struct ui_errors *errors, struct err *e)
{
    struct ui_option *options;
    size_t count;
    if (!people(rq, &options, &count, e))
        return false;
    ui_select(rq, rs,
              &(struct ui_field){.name = SLICE("assigned"),
                                 .label = TR("Assigned to"),
                                 .value = arena_printf(rq->arena, "%lld", (long long)assigned)},
              options, count, errors);
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("due"),
                                .label = TR("Due"),
                                .hint = TR("A day, as 2026-11-22, or empty."),
                                .value = due,
                                .size = 12},
             errors);
    return true;
}

static void new_task_form(struct request *rq, struct response *rs, const struct ui_errors *errors)
{
    struct err e = {0};
    int64_t assigned = parse_number(request_form(rq, "assigned"));
    struct slice record = rq->method == HTTP_POST ? form_line(rq, "record")
                                                  : slice_sub(request_param(rq, "record"), 0, 40);
    page_html(rs, "<h2>{}</h2>\n", str(TR("New task")));
    ui_form(rq, rs, ui_path(rq, "/team/tasks"));
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("title"),
                                .label = TR("Title"),
                                .value = form_line(rq, "title"),
                                .size = 60,
                                .required = true},
             errors);
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("body"),
                                .label = TR("What is to be done"),
                                .value = request_form(rq, "body"),
                                .rows = 4},
             errors);
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("record"),
                                .label = TR("Record"),
                                .hint = TR("Its id, as I-000123, or empty."),
                                .value = record,
                                .size = 14},
             errors);
    if (!write_assignment(rq, rs, assigned > 0 ? assigned : 0, form_line(rq, "due"), errors, &e))
        page_html(rs, "<p class=\"error\">{}</p>\n",
                  str(TR("The registry cannot be read at this moment.")));
    ui_button(rs, "action", "add", TR("Add the task"));
    UI_FORM_END(rs);
}

static void tasks_page(struct request *rq, struct response *rs, const struct ui_errors *errors)
{
    struct team_task *list;
    size_t count;
    struct err e = {0};
    int64_t page = parse_number(request_param(rq, "page"));
    page = page > 1 && page < 10000 ? page : 1;
    struct team_task_query q = {.done = slice_equal_str(request_param(rq, "show"), "done"),
                                .record = slice_sub(request_param(rq, "record"), 0, 40),
                                .offset = (size_t)(page - 1) * TASK_PAGE,
                                .limit = TASK_PAGE};
    if (slice_equal_str(request_param(rq, "show"), "mine"))
        q.assigned = rq->user->id;
    if (!team_task_list(rq->store, &q, rq->arena, &list, &count, &e)) {
        team_failed(rq, rs, &e);
        return;
    }
    struct slice here = ui_path(rq, "/team/tasks");
    ui_begin(rq, rs, TR("Tasks and requests"), "tasks", errors);
    page_html(rs,
              "<p><a href=\"{}\">{}</a> · <a href=\"{}?show=mine\">{}</a> · <a "
              "href=\"{}?show=done\">{}</a></p>\n",
              here, str(TR("Open tasks")), here, str(TR("Your tasks")), here,
              str(TR("Closed tasks")));
    if (count)
        write_tasks(rq, rs, list, count);
    else
        page_html(rs, "<p class=\"hint\">{}</p>\n", str(TR("None.")));
    if (count == TASK_PAGE)
        page_html(rs, "<p><a href=\"{}?show={}&amp;page={}\">{}</a></p>\n", here,
                  str(q.done ? "done" : ""), arena_printf(rq->arena, "%lld", (long long)page + 1),
                  str(TR("More")));
    new_task_form(rq, rs, errors);
    ui_end(rq, rs);
}

void team_tasks(struct request *rq, struct response *rs)
{
    if (!team_allowed(rq, rs, 0))
        return;
    tasks_page(rq, rs, NULL);
}

// A person who is there and may work, or 0.
static int64_t assignee(struct request *rq, struct ui_errors *errors)
{
    struct team_user u;
    int64_t id = parse_number(request_form(rq, "assigned"));
    if (id <= 0)
        return 0;
    if (team_user_get(rq->store, id, rq->arena, &u, NULL) == STORE_FOUND && !u.disabled)
        return id;
    ui_error_add(errors, SLICE("assigned"), TR("There is no such person."));
    return 0;
}

static struct slice due_day(struct request *rq, struct ui_errors *errors)
{
    struct slice due = form_line(rq, "due");
    if (due.len && (due.len != 10 || !date_valid(due)))
        ui_error_add(errors, SLICE("due"), TR("A day looks like 2026-11-22."));
    return due;
}

void team_tasks_post(struct request *rq, struct response *rs)
{
    struct ui_errors errors = {0};
    struct err e = {0};
    int64_t id;
    struct team_task t = {.kind = SLICE("task"),
                          .title = form_line(rq, "title"),
                          .body = form_line(rq, "body"),
                          .record = form_line(rq, "record"),
                          .assigned = assignee(rq, &errors),
                          .due = due_day(rq, &errors)};
    if (!team_allowed(rq, rs, 0))
        return;
    t.made_by = rq->user->id;
    if (!t.title.len || t.title.len > TITLE_BYTES)
        ui_error_add(&errors, SLICE("title"), TR("Give it a title, of 300 characters at most."));
    if (t.body.len > BODY_BYTES)
        ui_error_add(&errors, SLICE("body"), TR("The text is too long."));
    if (t.record.len && (t.record.len > 20 || !schema_kind_by_prefix(t.record)))
        ui_error_add(&errors, SLICE("record"), TR("The id of a record looks like I-000123."));
    if (errors.list.count)
        tasks_page(rq, rs, &errors);
    else if (team_task_add(rq->store, &t, &id, &e))
        ui_redirect(rq, rs, "/team/tasks/%lld?done=added", (long long)id);
    else
        team_failed(rq, rs, &e);
    ui_free(&errors);
}

// --- one task

static bool load_task(struct request *rq, struct response *rs, struct team_task *t)
{
    struct err e = {0};
    int64_t id = parse_number(rq->part[0]);
    enum store_found found = id < 0 ? STORE_NONE : team_task_get(rq->store, id, rq->arena, t, &e);
    if (found == STORE_NONE)
        response_error(rq, rs, 404, TEXT("There is no such task."));
    else if (found == STORE_ERROR)
        team_failed(rq, rs, &e);
    return found == STORE_FOUND;
}

static void write_fact(struct response *rs, const char *term, struct slice words)
{
    if (words.len)
        page_html(rs, "<div><dt>{}</dt><dd>{}</dd></div>\n", str(term), words);
}

static void write_about(struct request *rq, struct response *rs, const struct team_task *t)
{
    page_raw(rs, "<dl class=\"facts\">\n");
    write_fact(rs, TR("Kind"), str(task_kind_words(rq, t->kind)));
    if (t->record.len)
        page_html(rs, "<div><dt>{}</dt><dd><a href=\"{}\">{}</a></dd></div>\n", str(TR("Record")),
                  ui_path(rq, "/team/records/%.*s", SLICE_FMT(t->record)), t->record);
    write_fact(rs, TR("Made by"), t->made_by ? t->made_name : str(TR("the public")));
    // Of the public, the day only: an hour could tell who it was.
    write_fact(rs, TR("When"), t->made_by ? ui_time(rq, t->made) : page_day(rq, t->made));
    write_fact(rs, TR("How to answer"), t->contact);
    write_fact(rs, TR("Assigned to"), t->assigned_name);
    if (t->due.len)
        write_fact(rs, TR("Due"), str(date_words(rq->lang, rq->arena, t->due, (struct slice){0})));
    if (t->done) {
        write_fact(rs, TR("Closed by"), t->done_name);
        write_fact(rs, TR("Outcome"), t->outcome);
    }
    page_html(rs, "</dl>\n<div class=\"text\">{}</div>\n", t->body);
}

static void task_page(struct request *rq, struct response *rs, const struct team_task *t,
                      const struct ui_errors *errors)
{
    struct team_comment *list;
    size_t count;
    struct err e = {0};
    if (!team_comment_list(rq->store, t->id, rq->arena, &list, &count, &e)) {
        team_failed(rq, rs, &e);
        return;
    }
    struct slice here = ui_path(rq, "/team/tasks/%lld", (long long)t->id);
    ui_begin(rq, rs, arena_str(rq->arena, t->title), "tasks", errors);
    write_about(rq, rs, t);
    page_html(rs, "<h2>{}</h2>\n", str(TR("Comments")));
    for (size_t i = 0; i < count; i++)
        page_html(rs,
                  "<article class=\"comment\"><p class=\"meta\">{}, {}</p><p "
                  "class=\"text\">{}</p></article>\n",
                  list[i].name, ui_time(rq, list[i].at), list[i].text);
    ui_form(rq, rs, here);
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("text"),
                                .label = TR("Comment, or outcome when you close it"),
                                .value = request_form(rq, "text"),
                                .rows = 3},
             errors);
    page_raw(rs, "<div class=\"buttons\">\n");
    ui_button(rs, "action", "comment", TR("Comment"));
    if (t->done)
        ui_button_plain(rs, "action", "reopen", TR("Open it again"));
    else
        ui_button_plain(rs, "action", "close", TR("Close the task"));
    page_raw(rs, "</div>\n");
    UI_FORM_END(rs);
    page_html(rs, "<h2>{}</h2>\n", str(TR("Who does it, and by when")));
    ui_form(rq, rs, here);
    if (!write_assignment(rq, rs, t->assigned, t->due, errors, &e))
        page_html(rs, "<p class=\"error\">{}</p>\n",
                  str(TR("The registry cannot be read at this moment.")));
    ui_button_plain(rs, "action", "assign", TR("Assign"));
    UI_FORM_END(rs);
    ui_end(rq, rs);
}

void team_task_page(struct request *rq, struct response *rs)
{
    struct team_task t;
    if (!team_allowed(rq, rs, 0))
        return;
    if (load_task(rq, rs, &t))
        task_page(rq, rs, &t, NULL);
}

static bool change_task(struct request *rq, const struct team_task *t, struct slice action,
                        struct slice words, int64_t who, struct slice due, struct err *e)
{
    struct slice number = arena_printf(rq->arena, "task %lld", (long long)t->id);
    if (!store_begin(rq->store, e))
        return false;
    bool done;
    const char *log = NULL;
    if (slice_equal_str(action, "assign")) {
        done = team_task_assign(rq->store, t->id, who, due, e);
        log = "task-assign";
    } else if (slice_equal_str(action, "close")) {
        done = team_task_finish(rq->store, t->id, rq->user->id, words, e);
        log = "task-close";
    } else if (slice_equal_str(action, "reopen")) {
        done = team_task_finish(rq->store, t->id, 0, (struct slice){0}, e);
        log = "task-reopen";
    } else {
        done = team_comment_add(rq->store, t->id, rq->user->id, words, e);
    }
    if (done && (!log || team_log(rq, log, t->record, 0, number, e)))
        return store_commit(rq->store, e);
    store_rollback(rq->store);
    return false;
}

void team_task_post(struct request *rq, struct response *rs)
{
    struct team_task t;
    struct ui_errors errors = {0};
    struct err e = {0};
    struct slice action = request_form(rq, "action"), words = form_line(rq, "text"), due = {0};
    int64_t who = 0;
    if (!team_allowed(rq, rs, 0) || !load_task(rq, rs, &t))
        return;
    bool assign = slice_equal_str(action, "assign"), reopen = slice_equal_str(action, "reopen");
    if (assign) {
        who = assignee(rq, &errors);
        due = due_day(rq, &errors);
    } else if (!words.len && !reopen) {
        ui_error_add(&errors, SLICE("text"), TR("Write a comment, or what came of it."));
    } else if (words.len > BODY_BYTES) {
        ui_error_add(&errors, SLICE("text"), TR("The text is too long."));
    }
    if (errors.list.count)
        task_page(rq, rs, &t, &errors);
    else if (change_task(rq, &t, action, words, who, due, &e))
        ui_redirect(rq, rs, "/team/tasks/%lld?done=saved", (long long)t.id);
    else
        team_failed(rq, rs, &e);
    ui_free(&errors);
}
