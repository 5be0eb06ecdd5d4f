// SPDX-License-Identifier: Apache-2.0
// Lists of records: filters in the address, what is applied, a table, pages, and the same view as
// files.
#include "observatory/pages/list.h"

#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"

static const struct list_kind incidents = {
    .kind = "incident",
    .path = "/incidents",
    .section = "incidents",
    .title = TEXT("Incidents"),
    .found_one = TEXT("incident"),
    .found_many = TEXT("incidents"),
    .types = "type",
    .target = "target-country",
    .target_label = TEXT("Target"),
    .from = "origin",
    .from_label = TEXT("Origin as reported"),
    .download = true,
    .feed = "/feeds/incidents.atom",
};
static const struct list_kind conducts = {
    .kind = "conduct",
    .download = true,
    .path = "/conducts",
    .section = "conducts",
    .title = TEXT("Conduct towards people"),
    .lead =
        TEXT("Harassment, forged letters, coerced return, interference in communities and media: "
             "what was done to people outside computers, or beside them."),
    .found_one = TEXT("record"),
    .found_many = TEXT("records"),
    .types = "conduct",
    .target = "target-country",
    .target_label = TEXT("Target"),
    .from = "origin",
    .from_label = TEXT("Origin as reported"),
};
static const struct list_kind places = {
    .kind = "place",
    .path = "/places",
    .section = "places",
    .target = "country",
    .target_label = TEXT("Country"),
    .from = "run-from",
    .from_label = TEXT("Run from"),
    .download = true,
    .title = TEXT("Places"),
    .lead = TEXT("Places said to serve another state, such as overseas police stations. "
                 "Each record says how far the allegation was examined."),
    .found_one = TEXT("record"),
    .found_many = TEXT("records"),
    .types = "place-kind",
};
static const struct list_kind advisories = {
    .kind = "advisory",
    .download = true,
    .path = "/advisories",
    .section = "advisories",
    .title = TEXT("Advisories"),
    .lead =
        TEXT("Warnings for others who may be next, published with the consent of those affected."),
    .found_one = TEXT("advisory"),
    .found_many = TEXT("advisories"),
    .issued = TEXT("Issued"),
    .types = "type",
    .feed = "/feeds/advisories.atom",
};
static const struct list_kind candidates = {
    .kind = "incident",
    .path = "/candidates",
    .section = "candidates",
    .title = TEXT("Candidates turned down"),
    .lead = TEXT("What was looked at and does not meet the definition of an incident. "
                 "It is not counted; each page says which criterion was not met, and why."),
    .found_one = TEXT("candidate"),
    .found_many = TEXT("candidates"),
    .types = "type",
    .target = "target-country",
    .target_label = TEXT("Target"),
    .from = "origin",
    .from_label = TEXT("Origin as reported"),
    .states = 1u << STATE_TURNED_DOWN,
};

// --- what is applied -----------------------------------------------------------------------------
static void write_chip(struct request *rq, struct response *rs, const char *label,
                       struct slice value, struct slice href)
{
    const char *words =
        text_format(rq->arena, TR("Remove this filter: %s %.*s"), label, SLICE_FMT(value));
    page_html(rs,
              "<li><a class=\"chip\" href=\"{}\" title=\"{}\"><span>{}</span> {}"
              "<span class=\"cross\" aria-hidden=\"true\">×</span></a></li>\n",
              href, str(words), str(label), value);
}

static void write_chips(struct request *rq, struct response *rs, const struct view *v)
{
    struct slice path = rq->path;
    if (!v->q.filter_count && !v->q.words.len && !v->since.len && !v->until.len)
        return;
    struct filter filters[VIEW_MAX_FILTERS];
    size_t count = view_filters(v->kind, filters);
    page_html(rs, "<h2 class=\"hidden\">{}</h2>\n<ul class=\"chips\">\n",
              str(TR("Filters in force")));
    if (v->q.words.len)
        write_chip(rq, rs, TR("Words"), v->q.words,
                   view_address(rq, v, path, VIEW_NO_WORDS | VIEW_NO_PAGE | VIEW_NO_SORT, -1));
    for (size_t i = 0; i < v->q.filter_count; i++) {
        const char *name = v->q.filters[i].field;
        const struct filter *f = view_filter_find(filters, count, name);
        write_chip(rq, rs, f ? view_filter_label(rq, f) : name,
                   term_label(rq, v->kind, name, v->q.filters[i].value),
                   view_address(rq, v, path, VIEW_NO_PAGE, (int)i));
    }
    if (v->since.len)
        write_chip(rq, rs, TR("From"), str(date_words(rq->lang, rq->arena, v->since, str(""))),
                   view_address(rq, v, path, VIEW_NO_SINCE | VIEW_NO_PAGE, -1));
    if (v->until.len)
        write_chip(rq, rs, TR("Until"), str(date_words(rq->lang, rq->arena, v->until, str(""))),
                   view_address(rq, v, path, VIEW_NO_UNTIL | VIEW_NO_PAGE, -1));
    page_html(rs, "<li><a href=\"{}\">{}</a></li></ul>\n", path, str(TR("Remove all")));
}

// --- the table ----------------------------------------------------------------------------------
static void write_sort_header(struct request *rq, struct response *rs, const struct view *v,
                              const char *label, enum query_sort sort, enum query_sort other)
{
    struct view next = *v;
    next.q.sort = v->q.sort == sort ? other : sort;
    const char *order = "";
    if (v->q.sort == sort)
        order = sort == SORT_NEWEST ? " aria-sort=\"descending\"" : " aria-sort=\"ascending\"";
    else if (v->q.sort == other && other != sort)
        order = other == SORT_NEWEST ? " aria-sort=\"descending\"" : " aria-sort=\"ascending\"";
    page_raw(rs, "<th scope=\"col\"");
    buf_str(&rs->body, order);
    page_html(rs, "><a href=\"{}\">{}</a></th>",
              view_address(rq, &next, rq->path, VIEW_NO_PAGE, -1), str(label));
}

static void write_head(struct request *rq, struct response *rs, const struct view *v,
                       const struct list_kind *k)
{
    page_html(rs, "<table class=\"records\">\n<caption class=\"hidden\">{}</caption>\n<thead><tr>",
              str(text(rq->lang, k->title)));
    write_sort_header(rq, rs, v, TR("Title"), SORT_TITLE, SORT_TITLE);
    write_sort_header(rq, rs, v, k->issued ? text(rq->lang, k->issued) : TR("Began"), SORT_NEWEST,
                      SORT_OLDEST);
    if (!k->issued)
        page_html(rs, "<th scope=\"col\">{}</th>", str(TR("Disclosed")));
    page_html(rs, "<th scope=\"col\">{}</th>", str(TR("Type")));
    if (k->target)
        page_html(rs, "<th scope=\"col\">{}</th>", str(text(rq->lang, k->target_label)));
    if (k->from)
        page_html(rs, "<th scope=\"col\">{}</th>", str(text(rq->lang, k->from_label)));
    page_raw(rs, "</tr></thead>\n<tbody>\n");
}

// A search's words in their surroundings: \x02 and \x03 mark them.
static void write_snippet(struct request *rq, struct response *rs, const struct list_row *row)
{
    size_t from = 0;
    struct slice s = row->snippet;
    page_raw(rs, "<p class=\"snippet\"");
    page_lang(rq, rs, row->snippet_lang);
    page_raw(rs, ">");
    bool open = false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] != 2 && s.at[i] != 3 && s.at[i] != '\n')
            continue;
        page_text(rs, slice_sub(s, from, i));
        from = i + 1;
        if (s.at[i] == '\n') { // from one field or paragraph to the next
            page_raw(rs, " · ");
            continue;
        }
        if (s.at[i] == 2 && !open)
            page_raw(rs, "<mark>");
        else if (s.at[i] == 3 && open)
            page_raw(rs, "</mark>");
        open = s.at[i] == 2;
    }
    page_text(rs, slice_sub(s, from, s.len));
    buf_str(&rs->body, open ? "</mark></p>" : "</p>");
}

static void write_cell(struct response *rs, const char *label, struct slice words)
{
    page_html(rs, "<td data-label=\"{}\">{}</td>", str(label), words);
}

static void write_date_cell(struct request *rq, struct response *rs, const char *label,
                            struct slice date)
{
    page_html(rs, "<td class=\"{}\" data-label=\"{}\">", str(date.len ? "date" : "date quiet"),
              str(label));
    page_date(rq, rs, date, (struct slice){0});
    page_raw(rs, "</td>");
}

static void write_row(struct request *rq, struct response *rs, const struct view *v,
                      const struct list_kind *k, const struct list_row *row)
{
    const char *path = k->states ? "/incidents" : k->path;
    page_html(rs, "<tr><th scope=\"row\"><a href=\"{}/{}", page_path(rq, path), row->id);
    if (v->as_of.len) // a list of the past leads to what it counted
        page_html(rs, "?as_of={}", v->as_of);
    page_raw(rs, "\"");
    page_lang(rq, rs, row_title_lang(rq, row));
    page_html(rs, ">{}</a> <span class=\"id\">{}</span>", row_title(rq, row), row->id);
    if (row->snippet.len)
        write_snippet(rq, rs, row);
    page_raw(rs, "</th>");
    if (!k->issued)
        write_date_cell(rq, rs, TR("Began"), row->began);
    write_date_cell(rq, rs, k->issued ? text(rq->lang, k->issued) : TR("Disclosed"),
                    row->disclosed);
    write_cell(rs, TR("Type"), terms_words(rq, v->kind, k->types, row->types));
    if (k->target)
        write_cell(rs, text(rq->lang, k->target_label),
                   terms_words(rq, v->kind, k->target, row->targets));
    if (k->from)
        write_cell(rs, text(rq->lang, k->from_label),
                   terms_words(rq, v->kind, k->from, row->origins));
    page_raw(rs, "</tr>\n");
}

// --- pages and files -----------------------------------------------------------------------------
static void write_page_link(struct request *rq, struct response *rs, const struct view *v,
                            size_t page, const char *words, const char *rel)
{
    struct view next = *v;
    next.page = page;
    page_html(rs, "<a rel=\"{}\" href=\"{}\">{}</a> ", str(rel),
              view_address(rq, &next, rq->path, 0, -1), str(words));
}

static void write_pager(struct request *rq, struct response *rs, const struct view *v,
                        uint64_t total)
{
    size_t pages = (size_t)((total + VIEW_PAGE - 1) / VIEW_PAGE);
    if (pages < 2)
        return;
    page_html(rs, "<nav class=\"pager\" aria-label=\"{}\">", str(TR("Pages")));
    if (v->page > 1)
        write_page_link(rq, rs, v, v->page - 1, TR("Previous"), "prev");
    page_html(
        rs, "<span>{}</span> ",
        str(text_format(rq->arena, TR("Page %s of %s"), text_number(rq->lang, rq->arena, v->page),
                        text_number(rq->lang, rq->arena, pages))));
    if (v->page < pages)
        write_page_link(rq, rs, v, v->page + 1, TR("Next"), "next");
    page_raw(rs, "</nav>\n");
}

static void write_download(struct request *rq, struct response *rs, const struct view *v,
                           const char *path, const char *words)
{
    page_html(rs, "<li><a href=\"{}\">{}</a></li>",
              view_address(rq, v, str(path), VIEW_NO_PAGE | VIEW_NO_SORT, -1), str(words));
}

// The same list as a feed, in the page's language.
static struct slice feed_address(struct request *rq, const struct view *v,
                                 const struct list_kind *k)
{
    return page_feed(rq, view_address(rq, v, str(k->feed), VIEW_NO_PAGE | VIEW_NO_SORT, -1));
}

static void write_files(struct request *rq, struct response *rs, const struct view *v,
                        const struct list_kind *k)
{
    page_html(rs, "<section class=\"files\" aria-labelledby=\"files\"><h2 id=\"files\">{}</h2><ul>",
              str(TR("Take this list away")));
    static const char *const formats[][2] = {
        {"csv", "CSV"}, {"json", "JSON"}, {"stix.json", "STIX 2.1"}};
    for (size_t i = 0; k->download && i < sizeof formats / sizeof *formats; i++)
        write_download(rq, rs, v, text_format(rq->arena, "/data%s.%s", k->path, formats[i][0]),
                       formats[i][1]);
    if (strcmp(k->path, "/incidents") == 0)
        write_download(rq, rs, v, "/data/claims.csv", TR("Claims of responsibility (CSV)"));
    if (k->feed)
        page_html(rs, "<li><a href=\"{}\">{}</a></li>", feed_address(rq, v, k),
                  str(TR("Follow by Atom")));
    if (rq->user) {
        struct buf query = {0};
        url_encode(&query, view_address(rq, v, rq->path, VIEW_NO_PAGE, -1));
        page_html(rs, "<li><a href=\"{}?query={}\">{}</a></li>", page_path(rq, "/team/searches"),
                  buf_slice(&query), str(TR("Save this search")));
        buf_free(&query);
    }
    page_raw(rs, "</ul></section>\n");
}

static void write_empty(struct request *rq, struct response *rs, const struct view *v)
{
    page_html(rs, "<div class=\"empty\"><p><strong>{}</strong></p><ul>",
              str(TR("Nothing was found for this.")));
    if (v->q.words.len)
        page_html(rs, "<li>{}</li>",
                  str(TR("Try fewer words, or another form of them. Accents do not matter.")));
    if (v->q.filter_count || v->since.len || v->until.len)
        page_html(rs, "<li>{}</li>", str(TR("Remove one of the filters above.")));
    page_raw(rs, "<li>");
    page_linked(rq, rs, TR("It may be among the [candidates turned down]."), "~/candidates");
    page_raw(rs, "</li></ul></div>\n");
}

static void write_rows(struct request *rq, struct response *rs, const struct view *v,
                       const struct list_kind *k, const struct list_row *rows, size_t count)
{
    write_head(rq, rs, v, k);
    for (size_t i = 0; i < count; i++)
        write_row(rq, rs, v, k, &rows[i]);
    page_raw(rs, "</tbody>\n</table>\n");
}

static void write_count(struct request *rq, struct response *rs, const struct list_kind *k,
                        uint64_t total)
{
    page_html(rs, "<p class=\"count\" role=\"status\"><strong>{} {}</strong></p>\n",
              page_number(rq, total),
              str(text_plural(rq->lang, k->found_one, k->found_many, total)));
}

static void begin_list(struct request *rq, struct response *rs, const struct view *v,
                       const struct list_kind *k)
{
    page_begin(rq, rs,
               &(struct page_options){
                   .title = text(rq->lang, k->title),
                   .section = k->section,
                   .feed = k->feed ? arena_str(rq->arena, feed_address(rq, v, k)) : NULL,
                   .wide = true,
               });
    page_html(rs, "<h1>{}</h1>\n", str(text(rq->lang, k->title)));
    if (k->lead)
        page_html(rs, "<p class=\"lead\">{}</p>\n", str(text(rq->lang, k->lead)));
    if (v->wrong) {
        page_raw(rs, "<p class=\"problem\" role=\"alert\">");
        page_unbroken(rs, str(v->wrong));
        page_raw(rs, "</p>\n");
    }
}

static void show_list(struct request *rq, struct response *rs, const struct list_kind *k)
{
    struct view v;
    struct err e = {0};
    view_read(rq, k->kind, &v);
    v.q.states = k->states;
    struct list_row *rows;
    size_t count;
    uint64_t total;
    if (!store_list(rq->store, &v.q, rq->arena, &rows, &count, &total, &e)) {
        page_failed(rq, rs, &e);
        return;
    }
    begin_list(rq, rs, &v, k);
    if (!list_filters_write(rq, rs, &v, k, &e)) {
        page_failed(rq, rs, &e);
        return;
    }
    write_chips(rq, rs, &v);
    page_as_of(rq, rs);
    write_count(rq, rs, k, total);
    if (count) {
        if (k->from)
            page_origin_warning(rq, rs);
        write_rows(rq, rs, &v, k, rows, count);
        write_pager(rq, rs, &v, total);
    } else {
        write_empty(rq, rs, &v);
    }
    if (count && (k->download || k->feed || rq->user))
        write_files(rq, rs, &v, k);
    page_end(rq, rs);
}

void list_incidents_get(struct request *rq, struct response *rs)
{
    show_list(rq, rs, &incidents);
}

void list_conducts_get(struct request *rq, struct response *rs)
{
    show_list(rq, rs, &conducts);
}

void list_places_get(struct request *rq, struct response *rs)
{
    show_list(rq, rs, &places);
}

void list_advisories_get(struct request *rq, struct response *rs)
{
    show_list(rq, rs, &advisories);
}

void list_candidates_get(struct request *rq, struct response *rs)
{
    show_list(rq, rs, &candidates);
}
