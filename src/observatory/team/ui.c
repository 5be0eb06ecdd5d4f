// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/ui.h"

#include "observatory/http/app.h"

#include <stdarg.h>
#include <stdio.h>

void ui_error_add(struct ui_errors *e, struct slice id, const char *message)
{
    *ARRAY_ADD(&e->list) = (struct ui_error){.id = id, .message = message};
}

const char *ui_error_of(const struct ui_errors *e, struct slice id)
{
    for (size_t i = 0; e && i < e->list.count; i++)
        if (slice_equal(e->list.items[i].id, id))
            return e->list.items[i].message;
    return NULL;
}

void ui_free(struct ui_errors *e)
{
    ARRAY_FREE(&e->list);
}

void ui_error_summary(struct request *rq, struct response *rs, const struct ui_errors *e)
{
    if (!e || e->list.count == 0)
        return;
    page_html(rs,
              "<div class=\"error-summary\" role=\"alert\" tabindex=\"-1\" autofocus=\"\" "
              "aria-labelledby=\"error-title\">\n<h2 id=\"error-title\">{}</h2>\n<ul>\n",
              str(TR("There is something to mend")));
    for (size_t i = 0; i < e->list.count; i++) {
        const struct ui_error *x = &e->list.items[i];
        if (x->id.len)
            page_html(rs, "<li><a href=\"#{}\">{}</a></li>\n", x->id, str(x->message));
        else
            page_html(rs, "<li>{}</li>\n", str(x->message));
    }
    page_raw(rs, "</ul>\n</div>\n");
}

struct desk_place {
    const char *path, *words, *place;
    unsigned roles;
};

static const struct desk_place desk_places[] = {
    {"/team", TEXT("Desk"), "desk", 0},
    {"/team/records", TEXT("Records in hand"), "records", 0},
    {"/team/tasks", TEXT("Tasks and requests"), "tasks", 0},
    {"/team/agreement", TEXT("Agreement"), "agreement", 0},
    {"/team/merges", TEXT("Possible duplicates"), "merges", 0},
    {"/team/searches", TEXT("Saved searches"), "searches", 0},
    {"/team/users", TEXT("People"), "users", ROLE_ADMIN},
    {"/team/audit", TEXT("Audit log"), "audit", ROLE_ADMIN},
    {"/team/account", TEXT("Your account"), "account", 0},
};

static void write_desk_places(struct request *rq, struct response *rs, const char *place)
{
    page_html(rs, "<nav class=\"desk-places\" aria-label=\"{}\"><ul>\n", str(TR("The desk")));
    for (size_t i = 0; i < sizeof desk_places / sizeof *desk_places; i++) {
        const struct desk_place *p = &desk_places[i];
        if (p->roles && !team_has(rq, p->roles))
            continue;
        page_html(rs, "<li><a href=\"{}\"", page_path(rq, p->path));
        if (place && strcmp(place, p->place) == 0)
            page_raw(rs, " aria-current=\"page\"");
        page_html(rs, ">{}</a></li>\n", str(text(rq->lang, p->words)));
    }
    page_raw(rs, "<li>");
    ui_form(rq, rs, ui_path(rq, "/sign-out"));
    page_html(rs, "<button class=\"plain\" type=\"submit\">{}</button></form></li>\n</ul></nav>\n",
              str(TR("Sign out")));
}

void ui_begin(struct request *rq, struct response *rs, const char *title, const char *place,
              const struct ui_errors *errors)
{
    bool wrong = errors && errors->list.count;
    const char *whole = wrong ? text_format(rq->arena, TR("Error: %s"), title) : title;
    if (wrong && rs->status == 200)
        rs->status = 422;
    rs->no_store = true;
    page_begin(rq, rs, &(struct page_options){.title = whole, .section = "desk", .wide = true});
    if (rq->user)
        write_desk_places(rq, rs, place);
    ui_error_summary(rq, rs, errors);
    if (!wrong)
        ui_notice(rq, rs);
    page_html(rs, "<h1>{}</h1>\n", str(title));
}

void ui_end(struct request *rq, struct response *rs)
{
    page_end(rq, rs);
}

void ui_notice(struct request *rq, struct response *rs)
{
    static const struct {
        const char *name, *words;
    } notices[] = {
        {"saved", TEXT("Saved.")},
        {"draft", TEXT("Saved as a draft.")},
        {"review", TEXT("Sent to review.")},
        {"published", TEXT("Published.")},
        {"withdrawn", TEXT("Withdrawn. The record stays visible with the reason.")},
        {"returned", TEXT("Sent back to its coder.")},
        {"turned-down", TEXT("Turned down. The record stays searchable with the reason.")},
        {"reinstated", TEXT("Reinstated.")},
        {"handed", TEXT("Handed in.")},
        {"reconciled", TEXT("Reconciled; the draft has the result.")},
        {"merged", TEXT("Merged.")},
        {"apart", TEXT("Kept apart.")},
        {"done", TEXT("Done.")},
        {"removed", TEXT("Removed.")},
        {"added", TEXT("Added.")},
        {"signed-out", TEXT("You are signed out.")},
    };
    struct slice done = request_param(rq, "done");
    for (size_t i = 0; i < sizeof notices / sizeof *notices; i++)
        if (slice_equal_str(done, notices[i].name))
            page_html(rs, "<p class=\"notice\" role=\"status\">{}</p>\n",
                      str(text(rq->lang, notices[i].words)));
}

static void write_label(struct response *rs, const struct ui_field *f, const char *error)
{
    page_html(rs, "<label for=\"{}\">{}</label>\n", f->name, str(f->label));
    if (f->hint)
        page_html(rs, "<p class=\"hint\" id=\"{}-hint\">{}</p>\n", f->name, str(f->hint));
    if (error)
        page_html(rs, "<p class=\"error\" id=\"{}-error\">{}</p>\n", f->name, str(error));
}

static void write_described(struct response *rs, const struct ui_field *f, const char *error)
{
    if (error)
        page_raw(rs, " aria-invalid=\"true\"");
    if (f->hint && error)
        page_html(rs, " aria-describedby=\"{}-hint {}-error\"", f->name, f->name);
    else if (f->hint)
        page_html(rs, " aria-describedby=\"{}-hint\"", f->name);
    else if (error)
        page_html(rs, " aria-describedby=\"{}-error\"", f->name);
    if (f->required)
        page_raw(rs, " required=\"\"");
}

void ui_field(struct request *rq, struct response *rs, const struct ui_field *f,
              const struct ui_errors *errors)
{
    (void)rq;
    const char *error = ui_error_of(errors, f->name);
    page_raw(rs, "<div class=\"field\">\n");
    write_label(rs, f, error);
    if (f->rows) {
        page_html(rs, "<textarea id=\"{}\" name=\"{}\"", f->name, f->name);
        page_printf(rs, " rows=\"%u\"", f->rows);
        write_described(rs, f, error);
        page_html(rs, ">\n{}</textarea>\n</div>\n", f->value);
        return;
    }
    page_html(rs, "<input id=\"{}\" name=\"{}\" type=\"{}\" value=\"{}\"", f->name, f->name,
              str(f->type ? f->type : "text"), f->value);
    if (f->autocomplete)
        page_html(rs, " autocomplete=\"{}\"", str(f->autocomplete));
    if (f->list)
        page_html(rs, " list=\"{}\"", str(f->list));
    if (f->inputmode)
        page_html(rs, " inputmode=\"{}\"", str(f->inputmode));
    if (f->size)
        page_printf(rs, " size=\"%u\"", f->size);
    write_described(rs, f, error);
    page_raw(rs, ">\n</div>\n");
}

void ui_select(struct request *rq, struct response *rs, const struct ui_field *f,
               const struct ui_option *options, size_t count, const struct ui_errors *errors)
{
    (void)rq;
    const char *error = ui_error_of(errors, f->name);
    page_raw(rs, "<div class=\"field\">\n");
    write_label(rs, f, error);
    page_html(rs, "<select id=\"{}\" name=\"{}\"", f->name, f->name);
    write_described(rs, f, error);
    page_raw(rs, ">\n");
    for (size_t i = 0; i < count; i++) {
        page_html(rs, "<option value=\"{}\"", options[i].value);
        if (slice_equal(options[i].value, f->value))
            page_raw(rs, " selected=\"\"");
        page_html(rs, ">{}</option>\n", options[i].label);
    }
    page_raw(rs, "</select>\n</div>\n");
}

static void choice(struct response *rs, const char *type, struct slice id, struct slice name,
                   struct slice value, bool on, struct slice label, struct slice hint)
{
    page_html(rs, "<div class=\"choice\"><input type=\"{}\" id=\"{}\" name=\"{}\" value=\"{}\"",
              str(type), id, name, value);
    if (on)
        page_raw(rs, " checked=\"\"");
    if (hint.len)
        page_html(rs, " aria-describedby=\"{}-hint\"", id);
    page_html(rs, "> <label for=\"{}\">{}</label>", id, label);
    if (hint.len)
        page_html(rs, " <span class=\"hint\" id=\"{}-hint\">{}</span>", id, hint);
    page_raw(rs, "</div>\n");
}

void ui_checkbox(struct response *rs, struct slice id, struct slice name, struct slice value,
                 bool on, struct slice label, struct slice hint)
{
    choice(rs, "checkbox", id, name, value, on, label, hint);
}

void ui_radio(struct response *rs, struct slice id, struct slice name, struct slice value, bool on,
              struct slice label, struct slice hint)
{
    choice(rs, "radio", id, name, value, on, label, hint);
}

void ui_form(struct request *rq, struct response *rs, struct slice path)
{
    page_html(rs, "<form method=\"post\" action=\"{}\" novalidate=\"\">\n", path);
    team_csrf_field(rq, rs);
}

static void button(struct response *rs, const char *class, const char *name, const char *value,
                   const char *label)
{
    page_html(rs, "<button type=\"submit\" class=\"{}\" name=\"{}\" value=\"{}\">{}</button>\n",
              str(class), str(name), str(value), str(label));
}

void ui_button(struct response *rs, const char *name, const char *value, const char *label)
{
    button(rs, "main", name, value, label);
}

void ui_button_plain(struct response *rs, const char *name, const char *value, const char *label)
{
    button(rs, "plain", name, value, label);
}

void ui_button_danger(struct response *rs, const char *name, const char *value, const char *label)
{
    button(rs, "danger", name, value, label);
}

[[gnu::format(printf, 2, 0)]] static struct slice language_path(struct request *rq,
                                                                const char *format, va_list args)
{
    char path[512];
    int length = vsnprintf(path, sizeof path, format, args);
    if (length < 0 || (size_t)length >= sizeof path)
        return page_path(rq, "/team");
    return page_path(rq, path);
}

struct slice ui_path(struct request *rq, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct slice out = language_path(rq, format, args);
    va_end(args);
    return out;
}

void ui_redirect(struct request *rq, struct response *rs, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct slice to = language_path(rq, format, args);
    va_end(args);
    response_redirect(rq, rs, to);
    rs->no_store = true;
}

const char *ui_state(struct request *rq, enum record_state s)
{
    static const char *const words[STATE_COUNT] = {
        [STATE_DRAFT] = TEXT("Draft"),
        [STATE_REVIEW] = TEXT("In review"),
        [STATE_PUBLISHED] = TEXT("Made public"),
        [STATE_WITHDRAWN] = TEXT("Withdrawn"),
        [STATE_TURNED_DOWN] = TEXT("Turned down"),
        [STATE_MERGED] = TEXT("Merged"),
    };
    return s < STATE_COUNT ? text(rq->lang, words[s]) : "";
}

struct slice ui_time(struct request *rq, vtime t)
{
    return str(text_time(rq->lang, rq->arena, t));
}

bool team_has(const struct request *rq, unsigned roles)
{
    return rq->user && (roles == 0 || rq->user->roles & roles);
}

bool team_allowed(struct request *rq, struct response *rs, unsigned roles)
{
    if (team_has(rq, roles))
        return true;
    response_error(rq, rs, 403, TEXT("Your roles do not allow this."));
    return false;
}

bool team_log(struct request *rq, const char *action, struct slice record, uint32_t revision,
              struct slice detail, struct err *e)
{
    return team_audit_add(
        rq->store,
        &(struct team_audit){.user = rq->user ? rq->user->id : 0,
                             .name = rq->user ? rq->user->name : (struct slice){0},
                             .action = slice_from_str(action),
                             .record = record,
                             .revision = revision,
                             .detail = detail},
        e);
}

void team_failed(struct request *rq, struct response *rs, const struct err *e)
{
    page_failed(rq, rs, e);
}

bool team_writer(struct request *rq, struct store **out, struct err *e)
{
    return store_open(arena_str(rq->arena, rq->app->settings.store), STORE_WRITE, out, e);
}

struct slice form_line(const struct request *rq, const char *name)
{
    return slice_trim(request_form(rq, name));
}

int64_t parse_number(struct slice s)
{
    int64_t n = 0;
    if (s.len == 0 || s.len > 18)
        return -1;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return -1;
        n = n * 10 + (s.at[i] - '0');
    }
    return n;
}
