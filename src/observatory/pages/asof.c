// SPDX-License-Identifier: Apache-2.0
// The day as of which figures stand, and the form that asks for another.
#include "observatory/pages/parts.h"
#include "observatory/pages/view.h"

// What else was asked for stays in the form.
static void write_hidden(struct request *rq, struct response *rs)
{
    for (size_t i = 0; i < rq->param_count; i++) {
        const struct http_pair *p = &rq->params[i];
        if (slice_equal_str(p->name, "as_of") || slice_equal_str(p->name, "page") || !p->value.len)
            continue;
        page_html(rs, "<input type=\"hidden\" name=\"{}\" value=\"{}\">", p->name, p->value);
    }
}

void page_as_of(struct request *rq, struct response *rs)
{
    struct slice asked = slice_trim(request_param(rq, "as_of"));
    vtime day = 0;
    bool past = asked.len && view_as_of(asked, &day);
    if (!past)
        day = time_now();
    char now[VTIME_TEXT_MAX];
    time_format(time_now(), now);
    struct slice today = slice_of(now, 10);
    page_html(rs, "<form class=\"as-of{}\" method=\"get\" action=\"{}\">", str(past ? " past" : ""),
              rq->path);
    write_hidden(rq, rs);
    page_html(rs, "<p><strong>{}</strong> ",
              str(text_format(rq->arena, TR("As of %s."), text_date(rq->lang, rq->arena, day))));
    if (past) {
        page_tr(rs, TR("What has been made public since is left out."));
        page_html(rs, " <a href=\"{}\">{}</a>", rq->path, str(TR("Show today's state")));
    }
    page_html(
        rs,
        "</p><p class=\"ask\"><label for=\"as-of\">{}</label> <input id=\"as-of\" type=\"date\" "
        "name=\"as_of\" max=\"{}\" value=\"{}\"> <button>{}</button></p></form>\n",
        str(TR("As it stood on")), today, past ? asked : today, str(TR("Show")));
}
