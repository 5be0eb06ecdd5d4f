// SPDX-License-Identifier: Apache-2.0
// The first page: what the registry is, its figures, and the pictures of them.
#include "observatory/pages/figures.h"
#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"

struct headline {
    uint64_t incidents;
    uint64_t espionage;
    uint64_t types_sum; // more than incidents, since one may have several
    int first_year;     // 0: none known
    struct tally *origins;
    size_t origin_count;
};

static bool load_headline(struct request *rq, struct counts *c, struct headline *h, struct err *e)
{
    struct tally *types, *years;
    size_t type_count, year_count;
    *h = (struct headline){0};
    if (!counts_total(rq, c, e) || !counts_tally(rq, c, "type", NULL, &types, &type_count, e) ||
        !counts_tally(rq, c, "year", NULL, &years, &year_count, e) ||
        !counts_tally(rq, c, "origin", NULL, &h->origins, &h->origin_count, e))
        return false;
    h->incidents = c->total;
    for (size_t i = 0; i < type_count; i++) {
        h->types_sum += types[i].records;
        if (slice_equal_str(types[i].value, "espionage"))
            h->espionage = types[i].records;
    }
    for (size_t i = 0; i < year_count; i++) {
        int year = (int)strtol(arena_str(rq->arena, years[i].value), NULL, 10);
        if (year >= 1000 && (!h->first_year || year < h->first_year))
            h->first_year = year;
    }
    return true;
}

static const char *count_words(struct request *rq, uint64_t n)
{
    return text_number(rq->lang, rq->arena, n);
}

static void write_headline(struct request *rq, struct response *rs, const struct headline *h)
{
    page_html(rs, "<p class=\"figure\"><strong>{}</strong>",
              str(text_format(
                  rq->arena,
                  text_plural(rq->lang, TEXT("%s incident"), TEXT("%s incidents"), h->incidents),
                  count_words(rq, h->incidents))));
    if (h->first_year)
        page_html(rs, " {}", str(text_format(rq->arena, TR("since %d"), h->first_year)));
    if (h->espionage)
        page_html(
            rs, ", <strong>{}</strong>",
            str(text_format(rq->arena, TR("%s of them espionage"), count_words(rq, h->espionage))));
    page_raw(rs, "</p>\n");
    if (h->types_sum > h->incidents)
        page_html(rs, "<p class=\"note\">{}</p>\n",
                  str(text_format(rq->arena,
                                  TR("One incident may have several types: they add up to %s."),
                                  count_words(rq, h->types_sum))));
}

// The four most frequent origins, and all others together.
static void write_origins(struct request *rq, struct response *rs, const struct view *v,
                          const struct headline *h)
{
    enum { NAMED = 4 };
    uint64_t named = 0, rest = 0;
    page_raw(rs, "<section class=\"origins\" aria-labelledby=\"origins\">\n");
    page_html(rs, "<h2 id=\"origins\">{}</h2>\n<ul class=\"tiles\">",
              str(TR("Origin as reported")));
    for (size_t i = 0; i < h->origin_count; i++) {
        struct slice code = h->origins[i].value;
        if (named == NAMED || slice_equal_str(code, "other") || slice_equal_str(code, "unknown")) {
            rest += h->origins[i].records;
            continue;
        }
        named++;
        struct view one = {.q = {.sort = SORT_NEWEST, .filter_count = 1}, .as_of = v->as_of};
        one.q.filters[0].field = "origin";
        one.q.filters[0].value = code;
        page_html(rs, "<li><a href=\"{}\"><strong>{}</strong> {}</a></li>",
                  view_address(rq, &one, page_path(rq, "/incidents"), 0, -1),
                  page_number(rq, h->origins[i].records), term_label(rq, v->kind, "origin", code));
    }
    page_html(rs, "<li><a href=\"#figure-origins\"><strong>{}</strong> {}</a></li></ul>\n",
              page_number(rq, rest), str(TR("other or unknown")));
    page_origin_warning(rq, rs);
    page_raw(rs, "</section>\n");
}

static void write_intro(struct request *rq, struct response *rs)
{
    page_html(rs, "<h1>{}</h1>\n<p class=\"lead\">{} ", page_site_name(rq),
              str(TR("This registry tells of cyber incidents with a political side, each with the "
                     "public sources it rests on.")));
    page_linked(rq, rs,
                TR("Anyone may read it, [see how it is made], check it, [take it away] and ask "
                   "for [corrections]."),
                "~/method", "~/data", "~/corrections");
    page_raw(rs, "</p>\n");
    struct slice coverage = page_coverage(rq);
    if (coverage.len)
        page_html(rs, "<p class=\"coverage\">{}</p>\n", coverage);
}

static bool write_figures(struct request *rq, struct response *rs, struct counts *c, struct err *e)
{
    size_t count;
    const struct figure *all = figures_all(&count);
    page_html(rs, "<h2>{}</h2>\n<div class=\"plots\">\n", str(TR("In pictures and tables")));
    for (size_t i = 0; i < count; i++) {
        struct figure_data data;
        if (!figure_load(rq, &all[i], c, &data, e))
            return false;
        figure_write(rq, rs, &data, c->view, false);
    }
    page_raw(rs, "</div>\n");
    return true;
}

static bool write_latest(struct request *rq, struct response *rs, const struct view *v,
                         struct err *e)
{
    struct query q = v->q;
    q.sort = SORT_CHANGED;
    q.limit = 6;
    q.offset = 0;
    struct list_row *rows;
    size_t count;
    uint64_t total;
    if (!store_list(rq->store, &q, rq->arena, &rows, &count, &total, e))
        return false;
    page_html(rs, "<h2>{}</h2>\n<ul class=\"latest\">\n", str(TR("Changed most recently")));
    for (size_t i = 0; i < count; i++) {
        page_html(rs, "<li><a href=\"{}/{}\"", page_path(rq, "/incidents"), rows[i].id);
        page_lang(rq, rs, row_title_lang(rq, &rows[i]));
        page_html(rs, ">{}</a> <span class=\"when\">{}</span></li>\n", row_title(rq, &rows[i]),
                  page_day(rq, rows[i].changed));
    }
    page_html(rs, "</ul>\n<p><a class=\"more\" href=\"{}\">{}</a></p>\n",
              view_address(rq, v, page_path(rq, "/incidents"), VIEW_NO_PAGE, -1),
              str(TR("All incidents")));
    return true;
}

void dashboard_get(struct request *rq, struct response *rs)
{
    struct view v;
    struct headline h;
    struct err e = {0};
    struct counts c = {.view = &v};
    view_read(rq, "incident", &v);
    if (!load_headline(rq, &c, &h, &e)) {
        page_failed(rq, rs, &e);
        return;
    }
    page_begin(
        rq, rs,
        &(struct page_options){
            .title = arena_str(rq->arena, page_site_name(rq)),
            .section = "overview",
            .description = TR("Cyber incidents with a political side, each with its sources."),
            .feed = arena_str(rq->arena, page_feed(rq, SLICE("/feeds/incidents.atom"))),
            .wide = true,
        });
    write_intro(rq, rs);
    write_headline(rq, rs, &h);
    page_as_of(rq, rs);
    write_origins(rq, rs, &v, &h);
    if (!write_latest(rq, rs, &v, &e) || !write_figures(rq, rs, &c, &e)) {
        page_failed(rq, rs, &e);
        return;
    }
    page_end(rq, rs);
}
