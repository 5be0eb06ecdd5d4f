// SPDX-License-Identifier: Apache-2.0
// The page for people.
#include "report/internal.h"

static void add_group(struct report *r, struct buf *b, const struct report_group *g)
{
    buf_str(b, "<li>");
    buf_xml(b, g->found.rule.title);
    buf_printf(b, " (%s): %s, ", finding_level_name(g->found.rule.level), NUMBER(g->found.count));
    buf_printf(b, "%s\n", text_time(r->lang, &r->scratch, g->found.first));
}

bool report_write_html(struct report *r, const char *dir, struct err *e)
{
    struct out *o;
    struct buf b = {0};
    if (!out_create((const char *)arena_str(&r->scratch, arena_printf(&r->scratch, "%s/report.html", dir)), &o, e))
        return false;
    buf_printf(&b, "<!doctype html>\n<html lang=\"%s\"><meta charset=\"utf-8\"><title>Vigie</title><style>%s</style>\n<ul>\n", r->lang->code,
               report_css);
    for (size_t i = 0; i < r->group_count; i++)
        add_group(r, &b, &r->groups[i]);
    buf_str(&b, "</ul>\n");
    out_write(o, buf_slice(&b));
    buf_free(&b);
    return out_commit(o, e);
}
