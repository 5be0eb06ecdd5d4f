// SPDX-License-Identifier: Apache-2.0
#include "observatory/pages/figures.h"

#include "observatory/pages/parts.h"

static const char MANY_VALUES[] =
    TEXT("One incident may stand under several headings, so these add up to more than the total.");

static const struct figure figures[] = {
    {"years", TEXT("By year"), CHART_COLUMNS, "year", "#56B4E9", false,
     TEXT("Counted by the year in which it began or, if that is not known, was disclosed.")},
    {"types", TEXT("By type"), CHART_BARS, "type", "#0072B2", false, MANY_VALUES},
    {"origins", TEXT("By origin as reported"), CHART_BARS, "origin", "#E69F00", true,
     TEXT("An incident with several reported origins is counted once under each of them.")},
    {"sectors", TEXT("By sector of the target"), CHART_BARS, "sector", "#009E73", false,
     MANY_VALUES},
    {"information", TEXT("By information sought"), CHART_BARS, "information", "#CC79A7", false,
     MANY_VALUES},
    {"timeline", TEXT("From beginning to disclosure"), CHART_TIMELINE, NULL, "#0072B2", false,
     TEXT("The latest incidents of which both dates are known. Dot: began. Diamond: disclosed.")},
    {"origins-map", TEXT("Map of origins as reported"), CHART_MAP, "origin", "#E69F00", true,
     TEXT("A circle's area is in proportion to the number. Other and unknown origins have none.")},
    {"targets-map", TEXT("Map of targets"), CHART_MAP, "target-country", "#56B4E9", false,
     TEXT("A circle's area is in proportion to the number. A country without incidents has none.")},
};

const struct figure *figures_all(size_t *count)
{
    *count = sizeof figures / sizeof *figures;
    return figures;
}

const struct figure *figure_find(struct slice name)
{
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (slice_equal_str(name, figures[i].name))
            return &figures[i];
    return NULL;
}

// --- counting
bool counts_total(struct request *rq, struct counts *c, struct err *e)
{
    if (!c->has_total)
        c->has_total = store_count(rq->store, &c->view->q, &c->total, e);
    return c->has_total;
}

bool counts_tally(struct request *rq, struct counts *c, const char *field, const char *field2,
                  struct tally **out, size_t *count, struct err *e)
{
    for (size_t i = 0; i < c->known_count; i++)
        if (strcmp(c->known[i].field, field) == 0 &&
            (field2 ? c->known[i].field2 && strcmp(c->known[i].field2, field2) == 0
                    : !c->known[i].field2)) {
            *out = c->known[i].tallies;
            *count = c->known[i].count;
            return true;
        }
    if (!store_tally(rq->store, &c->view->q, field, field2, rq->arena, out, count, e))
        return false;
    if (c->known_count < sizeof c->known / sizeof *c->known) {
        c->known[c->known_count].field = field;
        c->known[c->known_count].field2 = field2;
        c->known[c->known_count].tallies = *out;
        c->known[c->known_count++].count = *count;
    }
    return true;
}

// --- loading -------------------------------------------------------------------------------------
static int year_of(struct slice s)
{
    int year = 0;
    for (size_t i = 0; i < s.len && i < 4; i++)
        year = year * 10 + (s.at[i] >= '0' && s.at[i] <= '9' ? s.at[i] - '0' : 0);
    return year;
}

static uint64_t tally_of(const struct tally *t, size_t count, struct slice value,
                         const char *value2)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(t[i].value, value) && (!value2 || slice_equal_str(t[i].value2, value2)))
            return t[i].records;
    return 0;
}

// Every year from the first to the last, those without incidents too.
static bool load_years(struct request *rq, struct counts *c, struct figure_data *out, struct err *e)
{
    enum { MOST = 300 };
    struct tally *all, *parts;
    size_t count, part_count;
    if (!counts_tally(rq, c, "year", NULL, &all, &count, e) ||
        !counts_tally(rq, c, "year", "type", &parts, &part_count, e))
        return false;
    int first = 9999, last = 0;
    for (size_t i = 0; i < count; i++) {
        int year = year_of(all[i].value);
        if (year < 1000)
            continue;
        first = year < first ? year : first;
        last = year > last ? year : last;
    }
    if (last - first >= MOST)
        first = last - MOST + 1;
    out->parts = true;
    out->data = ARENA_ARRAY(rq->arena, struct chart_datum, MOST);
    for (int year = first; year <= last; year++) {
        struct slice code = arena_printf(rq->arena, "%d", year);
        out->data[out->count++] = (struct chart_datum){
            .label = code,
            .code = code,
            .value = tally_of(all, count, code, NULL),
            .part = tally_of(parts, part_count, code, "espionage"),
        };
    }
    return true;
}

static bool is_rest(struct slice code)
{
    return slice_equal_str(code, "other") || slice_equal_str(code, "unknown") ||
           slice_equal_str(code, "none");
}

// Most first, as the store gives them; "other", "unknown" and "none" at the end.
static bool load_terms(struct request *rq, struct counts *c, struct figure_data *out, struct err *e)
{
    struct tally *all;
    size_t count;
    if (!counts_tally(rq, c, out->figure->filter, NULL, &all, &count, e))
        return false;
    out->data = ARENA_ARRAY(rq->arena, struct chart_datum, count + 1);
    for (int rest = 0; rest < 2; rest++)
        for (size_t i = 0; i < count; i++)
            if (is_rest(all[i].value) == (rest == 1))
                out->data[out->count++] = (struct chart_datum){
                    .label = term_label(rq, c->view->kind, out->figure->filter, all[i].value),
                    .code = all[i].value,
                    .value = all[i].records,
                };
    return true;
}

static bool load_timeline(struct request *rq, const struct view *v, struct figure_data *out,
                          struct err *e)
{
    enum { LOOK_AT = 60, SHOW = 25 };
    struct query q = v->q;
    q.sort = SORT_NEWEST;
    q.offset = 0;
    q.limit = LOOK_AT;
    struct list_row *rows;
    size_t count;
    uint64_t total;
    if (!store_list(rq->store, &q, rq->arena, &rows, &count, &total, e))
        return false;
    out->data = ARENA_ARRAY(rq->arena, struct chart_datum, count + 1);
    out->ids = ARENA_ARRAY(rq->arena, struct slice, count + 1);
    for (size_t i = 0; i < count && out->count < SHOW; i++) {
        int32_t first, last, unused;
        if (!date_range(rows[i].began, (struct slice){0}, &first, &unused) ||
            !date_range(rows[i].disclosed, (struct slice){0}, &last, &unused) || last < first)
            continue;
        out->ids[out->count] = rows[i].id;
        out->data[out->count++] = (struct chart_datum){.label = row_title(rq, &rows[i]),
                                                       .lang = row_title_lang(rq, &rows[i]),
                                                       .first = first,
                                                       .last = last,
                                                       .value = 1};
    }
    return true;
}

bool figure_load(struct request *rq, const struct figure *f, struct counts *c,
                 struct figure_data *out, struct err *e)
{
    *out = (struct figure_data){.figure = f};
    if (!counts_total(rq, c, e))
        return false;
    out->total = c->total;
    if (f->form == CHART_TIMELINE)
        return load_timeline(rq, c->view, out, e);
    return strcmp(f->filter, "year") == 0 ? load_years(rq, c, out, e) : load_terms(rq, c, out, e);
}

// --- picture

// What a picture says, for those who do not see it.
static const char *describe(struct request *rq, const struct figure_data *d)
{
    enum { MOST = 20 };
    struct buf b = {0};
    for (size_t i = 0; i < d->count && i < MOST; i++) {
        const struct chart_datum *x = &d->data[i];
        if (d->figure->form == CHART_TIMELINE)
            buf_printf(&b, "%s%.*s", i ? "; " : "", SLICE_FMT(x->label));
        else
            buf_printf(&b, "%s%.*s %s", i ? "; " : "", SLICE_FMT(x->label),
                       text_number(rq->lang, rq->arena, x->value));
    }
    buf_str(&b, d->count > MOST ? "…" : ".");
    const char *out = arena_str(rq->arena, buf_slice(&b));
    buf_free(&b);
    return out;
}

void figure_svg(struct request *rq, struct buf *out, const struct figure_data *d, bool own_file)
{
    struct chart c = {
        .id = d->figure->name,
        .form = d->figure->form,
        .title = text(rq->lang, d->figure->title),
        .description = describe(rq, d),
        .colour = d->figure->colour,
        .data = d->data,
        .count = d->count,
        .lang = rq->lang,
        .arena = rq->arena,
        .own_file = own_file,
        .land = static_path("land.svg"),
    };
    chart_write(out, &c);
}

// --- words and table

enum { MOST_EQUAL = 6 }; // when more are equal, none of them stands out

// The labels of the greatest value, all of them; returns how many, 0 when none stands out.
static size_t find_most(const struct figure_data *d, struct slice labels[MOST_EQUAL],
                        uint64_t *value)
{
    size_t count = 0;
    *value = 0;
    for (size_t i = 0; i < d->count; i++)
        if (!is_rest(d->data[i].code) && d->data[i].value > *value)
            *value = d->data[i].value;
    for (size_t i = 0; i < d->count && *value; i++)
        if (!is_rest(d->data[i].code) && d->data[i].value == *value) {
            if (count == MOST_EQUAL)
                return 0;
            labels[count++] = d->data[i].label;
        }
    return count;
}

// "Most: Espionage, 49 of 75." "Most: 2017 and 2021, each 9 of 75."
static void write_finding(struct request *rq, struct response *rs, const struct figure_data *d)
{
    struct slice labels[MOST_EQUAL];
    uint64_t value;
    size_t count = d->figure->form == CHART_TIMELINE ? 0 : find_most(d, labels, &value);
    if (!count)
        return;
    page_html(
        rs, "<p class=\"finding\">{}</p>\n",
        str(text_format(rq->arena,
                        count == 1 ? TR("Most: %s, %s of %s.") : TR("Most: %s, each %s of %s."),
                        page_series(rq, labels, count), text_number(rq->lang, rq->arena, value),
                        text_number(rq->lang, rq->arena, d->total))));
    bool drawn = false;
    for (size_t i = 0; i < d->count; i++)
        drawn = drawn || d->data[i].part;
    if (drawn)
        page_html(rs, "<p class=\"legend\">{}</p>\n", str(TR("The darker part is espionage.")));
}

static struct slice list_address(struct request *rq, const struct view *v, const char *filter,
                                 struct slice code)
{
    struct view one = *v;
    if (one.q.filter_count < QUERY_MAX_FILTERS) {
        one.q.filters[one.q.filter_count].field = filter;
        one.q.filters[one.q.filter_count++].value = code;
    }
    return view_address(rq, &one, page_path(rq, "/incidents"), VIEW_NO_PAGE | VIEW_NO_SORT, -1);
}

static void write_count_rows(struct request *rq, struct response *rs, const struct figure_data *d,
                             const struct view *v)
{
    struct filter filters[VIEW_MAX_FILTERS];
    const struct filter *f =
        view_filter_find(filters, view_filters(v->kind, filters), d->figure->filter);
    page_html(rs, "<thead><tr><th scope=\"col\">{}</th><th scope=\"col\" class=\"number\">{}</th>",
              str(view_filter_label(rq, f)), str(TR("Incidents")));
    if (d->parts)
        page_html(rs, "<th scope=\"col\" class=\"number\">{}</th>", str(TR("of them espionage")));
    page_raw(rs, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < d->count; i++) {
        page_html(rs,
                  "<tr><th scope=\"row\"><a href=\"{}\">{}</a></th><td class=\"number\">{}</td>",
                  list_address(rq, v, d->figure->filter, d->data[i].code), d->data[i].label,
                  page_number(rq, d->data[i].value));
        if (d->parts)
            page_html(rs, "<td class=\"number\">{}</td>", page_number(rq, d->data[i].part));
        page_raw(rs, "</tr>\n");
    }
}

static void write_timeline_rows(struct request *rq, struct response *rs,
                                const struct figure_data *d)
{
    page_html(rs,
              "<thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th>"
              "<th scope=\"col\">{}</th></tr></thead>\n<tbody>\n",
              str(TR("Incident")), str(TR("Began")), str(TR("Disclosed")));
    for (size_t i = 0; i < d->count; i++) {
        page_html(rs, "<tr><th scope=\"row\"><a href=\"{}/{}\"", page_path(rq, "/incidents"),
                  d->ids[i]);
        page_lang(rq, rs, d->data[i].lang);
        page_html(rs, ">{}</a></th><td data-label=\"{}\">", d->data[i].label, str(TR("Began")));
        page_date(rq, rs, date_of_day(rq->arena, d->data[i].first), (struct slice){0});
        page_html(rs, "</td><td data-label=\"{}\">", str(TR("Disclosed")));
        page_date(rq, rs, date_of_day(rq->arena, d->data[i].last), (struct slice){0});
        page_raw(rs, "</td></tr>\n");
    }
}

static void write_table(struct request *rq, struct response *rs, const struct figure_data *d,
                        const struct view *v)
{
    if (!d->count)
        return;
    const char *title = text(rq->lang, d->figure->title);
    page_html(rs,
              "<details class=\"data\"><summary>{}</summary>\n<table class=\"{}\"><caption>{}"
              "</caption>\n",
              str(text_format(rq->arena, TR("The numbers: %s"), title)),
              str(d->figure->form == CHART_TIMELINE ? "records" : "counts"), str(title));
    if (d->figure->form == CHART_TIMELINE)
        write_timeline_rows(rq, rs, d);
    else
        write_count_rows(rq, rs, d, v);
    page_raw(rs, "</tbody></table></details>\n");
}

void figure_source(struct request *rq, struct response *rs, const struct view *v)
{
    vtime day = v->q.as_of ? v->q.as_of : time_now();
    page_html(rs, "<p class=\"source\">{} ",
              str(text_format(rq->arena, TR("As of %s."), text_date(rq->lang, rq->arena, day))));
    const char *site = arena_str(rq->arena, page_site_name(rq));
    page_tr(rs, text_format(rq->arena, TR("Source: %s, from public sources only."), site));
    struct slice coverage = page_coverage(rq);
    page_html(rs, " {}</p>\n", coverage);
}

// The figure as a file, and for other sites.
static void write_take(struct request *rq, struct response *rs, const struct figure *f,
                       const struct view *v, bool alone)
{
    enum { OMIT = VIEW_NO_PAGE | VIEW_NO_SORT };
    struct slice file = arena_printf(rq->arena, "/charts/%s-%s.svg", f->name, rq->lang->code);
    struct slice page = arena_printf(rq->arena, "/%s/embed/%s", rq->lang->code, f->name);
    page_html(rs, "<p class=\"take\"><a href=\"{}\">{}</a>", view_address(rq, v, file, OMIT, -1),
              str(TR("Picture (SVG)")));
    if (!alone)
        page_html(rs, " · <a href=\"{}\">{}</a>", view_address(rq, v, page, OMIT, -1),
                  str(TR("For your own site")));
    page_raw(rs, "</p>\n");
}

void figure_write(struct request *rq, struct response *rs, const struct figure_data *d,
                  const struct view *v, bool alone)
{
    const struct figure *f = d->figure;
    page_html(rs, "<figure class=\"{}\" id=\"figure-{}\">\n<figcaption>",
              str(f->form == CHART_MAP ? "plot map" : "plot"), str(f->name));
    if (alone)
        page_html(rs, "<h1>{}</h1>\n", str(text(rq->lang, f->title)));
    else
        page_html(rs, "<h3>{}</h3>\n", str(text(rq->lang, f->title)));
    write_finding(rq, rs, d);
    page_raw(rs, "</figcaption>\n");
    if (f->origin)
        page_origin_warning(rq, rs);
    figure_svg(rq, &rs->body, d, false);
    page_raw(rs, "\n");
    write_table(rq, rs, d, v);
    page_html(rs, "<p class=\"note\">{}</p>\n", str(text(rq->lang, f->note)));
    figure_source(rq, rs, v);
    write_take(rq, rs, f, v, alone);
    page_raw(rs, "</figure>\n");
}
