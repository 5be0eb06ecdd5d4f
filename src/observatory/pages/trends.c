// SPDX-License-Identifier: Apache-2.0
// Four longer movements: what each is, how it is recognised, what the registry has of it.
#include "observatory/pages/chart.h"
#include "observatory/pages/figures.h"
#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"

struct trend {
    const char *code;
    const char *what;
    const char *recognise;
    const char *colour;
};

static const struct trend trends[] = {
    {"espionage",
     TEXT("Governments, companies, researchers, journalists and communities are watched in secret, "
          "often for years, to know their plans or their people."),
     TEXT("Messages that know your work a little too well; a sign-in from a place where nobody is; "
          "rules that forward your mail; a document that asks to enable something."),
     "#0072B2"},
    {"exported-surveillance",
     TEXT("A company sells spyware or services of surveillance abroad, and the buyer turns them on "
          "journalists, opponents or people in exile."),
     TEXT("A link in a text message that fits your fears; calls that nobody makes; a phone that "
          "runs "
          "hot. Often nothing shows: have a specialist look at a backup of the phone."),
     "#E69F00"},
    {"hired-hackers",
     TEXT("A firm or a group breaks into mailboxes for pay, in lawsuits, elections or campaigns. "
          "Who "
          "paid is seldom known."),
     TEXT("Many forged sign-in pages in a short time, sent to a whole team, its lawyers and its "
          "families, often while a dispute or a trial is going on."),
     "#009E73"},
    {"ransomware",
     TEXT("Data are encrypted or taken, and money is demanded. It is counted here where sources "
          "tie it "
          "to a state or to a contest for power."),
     TEXT("Files that no longer open and have a new ending; a note that demands payment; copies of "
          "documents on a site that threatens to publish more."),
     "#CC79A7"},
};

static bool load_years(struct request *rq, const struct view *v, const char *trend,
                       struct figure_data *out, struct err *e)
{
    struct view one = *v;
    one.q.filters[one.q.filter_count].field = "trend";
    one.q.filters[one.q.filter_count++].value = str(trend);
    struct counts c = {.view = &one};
    return figure_load(rq, figure_find(SLICE("years")), &c, out, e);
}

static void write_picture(struct request *rq, struct response *rs, const struct trend *t,
                          const char *title, const struct figure_data *d)
{
    struct buf words = {0};
    for (size_t i = 0; i < d->count; i++)
        buf_printf(&words, "%s%.*s %llu", i ? "; " : "", SLICE_FMT(d->data[i].label),
                   (unsigned long long)d->data[i].value);
    for (size_t i = 0; i < d->count; i++)
        d->data[i].part = 0;
    chart_write(&rs->body, &(struct chart){
                               .id = t->code,
                               .form = CHART_COLUMNS,
                               .title = text_format(rq->arena, TR("%s by year"), title),
                               .description = arena_str(rq->arena, buf_slice(&words)),
                               .colour = t->colour,
                               .data = d->data,
                               .count = d->count,
                               .lang = rq->lang,
                               .arena = rq->arena,
                           });
    buf_free(&words);
}

static void write_years_table(struct request *rq, struct response *rs, const struct trend *t,
                              const char *title, const struct figure_data *d)
{
    if (!d->count)
        return;
    page_html(
        rs,
        "<details class=\"data\"><summary>{}</summary><table><caption>{}</caption><thead><tr>"
        "<th scope=\"col\">{}</th><th scope=\"col\" class=\"number\">{}</th></tr></thead><tbody>\n",
        str(text_format(rq->arena, TR("The numbers: %s"), title)), str(title), str(TR("Year")),
        str(TR("Incidents")));
    for (size_t i = 0; i < d->count; i++)
        page_html(rs,
                  "<tr><th scope=\"row\"><a href=\"{}?trend={}&year={}\">{}</a></th><td "
                  "class=\"number\">{}</td></tr>\n",
                  page_path(rq, "/incidents"), str(t->code), d->data[i].code, d->data[i].label,
                  page_number(rq, d->data[i].value));
    page_raw(rs, "</tbody></table></details>\n");
}

static bool write_latest(struct request *rq, struct response *rs, const struct view *v,
                         const struct trend *t, struct err *e)
{
    struct query q = v->q;
    q.filters[q.filter_count].field = "trend";
    q.filters[q.filter_count++].value = str(t->code);
    q.limit = 5;
    q.offset = 0;
    q.sort = SORT_NEWEST;
    struct list_row *rows;
    size_t count;
    uint64_t total;
    if (!store_list(rq->store, &q, rq->arena, &rows, &count, &total, e))
        return false;
    page_html(rs, "<h3>{}</h3>\n<ul class=\"latest\">\n", str(TR("Latest incidents")));
    for (size_t i = 0; i < count; i++) {
        page_html(rs, "<li><a href=\"{}/{}\"", page_path(rq, "/incidents"), rows[i].id);
        page_lang(rq, rs, row_title_lang(rq, &rows[i]));
        page_html(rs, ">{}</a> <span class=\"when\">", row_title(rq, &rows[i]));
        page_date(rq, rs, rows[i].began.len ? rows[i].began : rows[i].disclosed, (struct slice){0});
        page_raw(rs, "</span></li>\n");
    }
    page_html(rs, "</ul>\n<p><a class=\"more\" href=\"{}?trend={}\">{}</a></p>\n",
              page_path(rq, "/incidents"), str(t->code),
              str(text_format(rq->arena, TR("All of this trend: %s"),
                              text_number(rq->lang, rq->arena, total))));
    return true;
}

static bool write_trend(struct request *rq, struct response *rs, const struct view *v,
                        const struct trend *t, struct err *e)
{
    struct figure_data years;
    const struct vocabulary_term *term =
        vocabulary_term_find(vocabulary_find("trend"), str(t->code));
    const char *title = term ? text(rq->lang, term->label) : t->code;
    if (!load_years(rq, v, t->code, &years, e))
        return false;
    page_html(rs, "<section class=\"trend\" id=\"trend-{}\">\n<h2>{}</h2>\n<p>{}</p>\n",
              str(t->code), str(title), str(text(rq->lang, t->what)));
    page_html(rs, "<h3>{}</h3>\n<p>{}</p>\n", str(TR("How it is recognised")),
              str(text(rq->lang, t->recognise)));
    write_picture(rq, rs, t, title, &years);
    write_years_table(rq, rs, t, title, &years);
    figure_source(rq, rs, v);
    bool ok = write_latest(rq, rs, v, t, e);
    page_raw(rs, "</section>\n");
    return ok;
}

void trends_get(struct request *rq, struct response *rs)
{
    struct view v;
    struct err e = {0};
    view_read(rq, "incident", &v);
    v.q.filter_count = 0;
    page_begin(rq, rs, &(struct page_options){.title = TR("Trends"), .section = "trends"});
    page_html(rs, "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n", str(TR("Trends")),
              str(TR("Four longer movements, of which single incidents are a part where a source "
                     "says so. One incident may be part of several.")));
    page_as_of(rq, rs);
    for (size_t i = 0; i < sizeof trends / sizeof *trends; i++)
        if (!write_trend(rq, rs, &v, &trends[i], &e)) {
            page_failed(rq, rs, &e);
            return;
        }
    page_end(rq, rs);
}
