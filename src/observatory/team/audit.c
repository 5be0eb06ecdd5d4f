// SPDX-License-Identifier: Apache-2.0
// The audit log as a page and as a table to take away.
#include "observatory/team/handlers.h"

#include "base/term.h"

#include <inttypes.h>

enum { AUDIT_PAGE = 100 };

static void hex(struct buf *out, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        buf_printf(out, "%02x", bytes.at[i]);
}

static void write_state(struct request *rq, struct response *rs)
{
    uint64_t entries;
    uint8_t newest[AUDIT_HASH_BYTES];
    struct err e = {0};
    bool whole = team_audit_verify(rq->store, &entries, newest, &e);
    if (!whole) {
        page_html(rs, "<p class=\"warning\"><strong>{}</strong> {}</p>\n",
                  str(TR("The chain is broken.")), str(e.message));
        return;
    }
    page_html(rs, "<p>{} ",
              str(text_format(rq->arena, TR("The chain is whole. Entries: %s. Its end:"),
                              text_number(rq->lang, rq->arena, entries))));
    page_raw(rs, "<code class=\"hash\">");
    hex(&rs->body, slice_of(newest, sizeof newest));
    page_raw(rs, "</code></p>\n");
}

void team_audit_page(struct request *rq, struct response *rs)
{
    struct team_audit *list;
    size_t count;
    struct err e = {0};
    int64_t before = parse_number(request_param(rq, "before"));
    struct slice record = slice_sub(request_param(rq, "record"), 0, 40);
    if (!team_allowed(rq, rs, ROLE_ADMIN))
        return;
    if (!team_audit_list(rq->store, record, before > 0 ? before : 0, AUDIT_PAGE, rq->arena, &list,
                         &count, &e)) {
        team_failed(rq, rs, &e);
        return;
    }
    ui_begin(rq, rs, TR("Audit log"), "audit", NULL);
    write_state(rq, rs);
    page_html(rs, "<p><a href=\"{}\">{}</a></p>\n", ui_path(rq, "/team/audit.csv"),
              str(TR("All of it as CSV")));
    page_html(
        rs,
        "<table class=\"records log\"><caption>{}</caption>\n<thead><tr><th scope=\"col\">{}</th>"
        "<th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th>"
        "<th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>\n<tbody>\n",
        str(TR("Who did what")), str(TR("No.")), str(TR("When")), str(TR("Who")), str(TR("Action")),
        str(TR("Record")), str(TR("Detail")));
    for (size_t i = 0; i < count; i++) {
        const struct team_audit *x = &list[i];
        page_printf(rs, "<tr><th scope=\"row\">%" PRId64 "</th>", x->id);
        page_html(rs,
                  "<td data-label=\"{}\">{}</td><td data-label=\"{}\">{}</td><td data-label=\"{}\">"
                  "<code>{}</code></td><td data-label=\"{}\">",
                  str(TR("When")), ui_time(rq, x->at), str(TR("Who")), x->name, str(TR("Action")),
                  x->action, str(TR("Record")));
        if (x->record.len)
            page_html(rs, "<a href=\"{}\">{}</a>",
                      ui_path(rq, "/team/records/%.*s", SLICE_FMT(x->record)), x->record);
        if (x->revision)
            page_printf(rs, " (%u)", x->revision);
        // Word for word, in whatever language it was written.
        page_html(rs, "</td><td data-label=\"{}\"><span lang=\"\">{}</span></td></tr>\n",
                  str(TR("Detail")), x->detail);
    }
    page_raw(rs, "</tbody></table>\n");
    if (count == AUDIT_PAGE)
        page_html(rs, "<p><a href=\"{}?before={}\">{}</a></p>\n", ui_path(rq, "/team/audit"),
                  arena_printf(rq->arena, "%" PRId64, list[count - 1].id),
                  str(TR("Older entries")));
    ui_end(rq, rs);
}

static bool write_line(void *context, const struct team_audit *x)
{
    struct response *rs = context;
    struct buf *b = &rs->body;
    char at[VTIME_TEXT_MAX];
    buf_printf(b, "%" PRId64 ",", x->id);
    buf_add(b, slice_of(at, time_format(x->at, at)));
    buf_byte(b, ',');
    const struct slice cells[] = {x->name, x->action, x->record, x->detail};
    for (size_t i = 0; i < 4; i++) {
        csv_cell(b, cells[i]);
        buf_byte(b, ',');
        if (i == 2)
            buf_printf(b, "%u,", x->revision);
    }
    hex(b, x->hash);
    buf_str(b, "\r\n");
    return response_flush(rs);
}

void team_audit_csv(struct request *rq, struct response *rs)
{
    struct err e = {0};
    if (!team_allowed(rq, rs, ROLE_ADMIN))
        return;
    rs->type = "text/csv; charset=utf-8";
    rs->no_store = true;
    response_header(rs, "Content-Disposition", SLICE("attachment; filename=\"audit.csv\""));
    buf_str(&rs->body, "id,at,name,action,record,revision,detail,hash\r\n");
    if (!team_audit_walk(rq->store, write_line, rs, &e))
        team_failed(rq, rs, &e);
}
