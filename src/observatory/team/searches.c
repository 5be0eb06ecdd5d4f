// SPDX-License-Identifier: Apache-2.0
// Saved searches: a list with its filters, under a name, and how many records there are since one
// looked last. They are their owner's alone.
#include "observatory/team/handlers.h"

#include "observatory/http/parse.h"
#include "observatory/pages/view.h"
#include "observatory/store/team_tasks.h"

// "/incidents?…" of any form in which people paste it: a whole address, with or without language.
static struct slice list_address(struct slice typed)
{
    const uint8_t *at = typed.len ? memmem(typed.at, typed.len, "://", 3) : NULL;
    if (at) {
        struct slice rest = slice_sub(typed, (size_t)(at - typed.at) + 3, typed.len);
        const uint8_t *slash = rest.len ? memchr(rest.at, '/', rest.len) : NULL;
        typed = slash ? slice_sub(rest, (size_t)(slash - rest.at), rest.len) : (struct slice){0};
    }
    if (slice_starts(typed, SLICE("/en/")) || slice_starts(typed, SLICE("/fr/")))
        typed = slice_sub(typed, 3, typed.len);
    return typed;
}

// The kind of the list that an address names; NULL when it is none.
static const char *list_kind(struct slice address, struct slice *query)
{
    const uint8_t *mark = address.len ? memchr(address.at, '?', address.len) : NULL;
    size_t end = mark ? (size_t)(mark - address.at) : address.len;
    *query = slice_sub(address, end + 1, address.len);
    const struct schema_kind *kind = schema_kind_by_path(slice_sub(address, 0, end));
    return kind ? kind->name : NULL;
}

// How many records the search finds now. An address that cannot be read counts nothing.
static bool count_search(struct request *rq, struct slice address, uint64_t *out, struct err *e)
{
    struct slice query;
    const char *kind = list_kind(address, &query);
    struct request asked = *rq;
    struct view v;
    *out = 0;
    if (!kind || !http_parse_pairs(rq->arena, query, 200, &asked.params, &asked.param_count, NULL))
        return true;
    view_read(&asked, kind, &v);
    return store_count(rq->store, &v.q, out, e);
}

static bool write_searches(struct request *rq, struct response *rs, struct err *e)
{
    struct team_search *list;
    size_t count;
    if (!team_search_list(rq->store, rq->user->id, rq->arena, &list, &count, e))
        return false;
    if (count == 0)
        page_html(rs, "<p class=\"hint\">{}</p>\n", str(TR("None.")));
    else
        page_raw(rs, "<ul class=\"rows\">\n");
    for (size_t i = 0; i < count; i++) {
        uint64_t now;
        if (!count_search(rq, list[i].query, &now, e))
            return false;
        page_html(rs, "<li><a href=\"{}\">{}</a> <span class=\"meta\">{}",
                  page_path(rq, arena_str(rq->arena, list[i].query)), list[i].name,
                  str(text_format(rq->arena,
                                  text_plural(rq->lang, TEXT("%s record"), TEXT("%s records"), now),
                                  text_number(rq->lang, rq->arena, now))));
        if (now > list[i].count)
            page_html(rs, ", <strong>{}</strong>",
                      str(text_format(rq->arena, TR("%s more than when you last looked"),
                                      text_number(rq->lang, rq->arena, now - list[i].count))));
        page_raw(rs, "</span>\n");
        ui_form(rq, rs, ui_path(rq, "/team/searches"));
        page_html(rs, "<input type=\"hidden\" name=\"id\" value=\"{}\">\n",
                  arena_printf(rq->arena, "%lld", (long long)list[i].id));
        ui_button_plain(rs, "action", "seen", TR("I have looked"));
        ui_button_plain(rs, "action", "remove", TR("Remove"));
        page_raw(rs, "</form></li>\n");
    }
    if (count)
        page_raw(rs, "</ul>\n");
    return true;
}

static void searches_page(struct request *rq, struct response *rs, const struct ui_errors *errors)
{
    struct err e = {0};
    bool post = rq->method == HTTP_POST;
    ui_begin(rq, rs, TR("Saved searches"), "searches", errors);
    bool done = write_searches(rq, rs, &e);
    page_html(rs, "<h2>{}</h2>\n", str(TR("Save a search")));
    ui_form(rq, rs, ui_path(rq, "/team/searches"));
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("name"),
                                .label = TR("Name"),
                                .value = post ? form_line(rq, "name") : (struct slice){0},
                                .size = 40,
                                .required = true},
             errors);
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("query"),
                                .label = TR("Address of the list"),
                                .hint = TR("Search or filter a list, then copy its address here."),
                                .value = post ? form_line(rq, "query")
                                              : slice_sub(request_param(rq, "query"), 0, 2000),
                                .size = 60,
                                .required = true},
             errors);
    ui_button(rs, "action", "add", TR("Save"));
    UI_FORM_END(rs);
    if (done)
        ui_end(rq, rs);
    else
        team_failed(rq, rs, &e);
}

void team_searches(struct request *rq, struct response *rs)
{
    if (!team_allowed(rq, rs, 0))
        return;
    searches_page(rq, rs, NULL);
}

static void add_search(struct request *rq, struct response *rs)
{
    struct ui_errors errors = {0};
    struct err e = {0};
    struct slice query;
    struct team_search n = {.user = rq->user->id,
                            .name = form_line(rq, "name"),
                            .query = list_address(form_line(rq, "query"))};
    if (!n.name.len || n.name.len > 200)
        ui_error_add(&errors, SLICE("name"), TR("Give it a name, of 200 characters at most."));
    if (n.query.len > 2000 || !list_kind(n.query, &query))
        ui_error_add(&errors, SLICE("query"),
                     TR("This is not the address of a list of this registry."));
    if (errors.list.count)
        searches_page(rq, rs, &errors);
    else if (count_search(rq, n.query, &n.count, &e) && team_search_add(rq->store, &n, &e))
        ui_redirect(rq, rs, "/team/searches?done=added");
    else if (e.code == ERR_LIMIT) {
        ui_error_add(&errors, (struct slice){0}, TR("You have fifty already; remove one first."));
        searches_page(rq, rs, &errors);
    } else
        team_failed(rq, rs, &e);
    ui_free(&errors);
}

// The count of the moment is what was looked at.
static bool mark_seen(struct request *rq, int64_t id, struct err *e)
{
    struct team_search *list;
    size_t count;
    uint64_t now;
    if (!team_search_list(rq->store, rq->user->id, rq->arena, &list, &count, e))
        return false;
    for (size_t i = 0; i < count; i++)
        if (list[i].id == id)
            return count_search(rq, list[i].query, &now, e) &&
                   team_search_seen(rq->store, id, rq->user->id, now, e);
    return true;
}

void team_searches_post(struct request *rq, struct response *rs)
{
    struct err e = {0};
    struct slice action = request_form(rq, "action");
    int64_t id = parse_number(request_form(rq, "id"));
    bool remove = slice_equal_str(action, "remove");
    if (!team_allowed(rq, rs, 0))
        return;
    if (!remove && !slice_equal_str(action, "seen")) {
        add_search(rq, rs);
        return;
    }
    if (remove ? team_search_remove(rq->store, id, rq->user->id, &e) : mark_seen(rq, id, &e))
        ui_redirect(rq, rs, "/team/searches?done=%s", remove ? "removed" : "saved");
    else
        team_failed(rq, rs, &e);
}
