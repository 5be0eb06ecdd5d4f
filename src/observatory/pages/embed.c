// SPDX-License-Identifier: Apache-2.0
// A figure by itself: as a small page that other sites may show in a frame, and as a file.
#include "observatory/pages/figures.h"
#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"

#include "observatory/model/texts.h"

static bool load(struct request *rq, struct response *rs, const struct figure *f, struct view *v,
                 struct figure_data *data)
{
    struct err e = {0};
    if (!f) {
        response_error(rq, rs, 404, TR("There is no such figure."));
        return false;
    }
    view_read(rq, "incident", v);
    struct counts c = {.view = v};
    if (!figure_load(rq, f, &c, data, &e)) {
        page_failed(rq, rs, &e);
        return false;
    }
    return true;
}

// /charts/years-fr.svg; also /charts/years.svg?lang=fr.
void chart_get(struct request *rq, struct response *rs)
{
    struct slice name = rq->part[0], lang = request_param(rq, "lang");
    if (slice_ends(name, SLICE(".svg")))
        name.len -= 4;
    if (name.len > 3 && name.at[name.len - 3] == '-' && !figure_find(name)) {
        lang = slice_sub(name, name.len - 2, name.len);
        name.len -= 3;
    }
    if (web_language(lang))
        rq->lang = web_language(lang);
    struct view v;
    struct figure_data data;
    if (!load(rq, rs, figure_find(name), &v, &data))
        return;
    rs->type = "image/svg+xml";
    rs->embeddable = rs->shared = true;
    figure_svg(rq, &rs->body, &data, true);
}

void embed_get(struct request *rq, struct response *rs)
{
    const struct figure *f = figure_find(rq->part[0]);
    struct view v;
    struct figure_data data;
    if (!load(rq, rs, f, &v, &data))
        return;
    rs->embeddable = true;
    page_begin(rq, rs, &(struct page_options){.title = text(rq->lang, f->title), .embedded = true});
    if (page_is_demo(rq))
        page_html(rs, "<p class=\"demo\">{}</p>\n", str(TR("The data shown here are invented.")));
    figure_write(rq, rs, &data, &v, true);
    page_raw(rs, "</main>\n</body>\n</html>\n");
}
