// SPDX-License-Identifier: Apache-2.0
// On what a record rests, what it is joined to, and what belongs to places and advisories alone.
#include "observatory/pages/chart.h"
#include "observatory/pages/parts.h"
#include "observatory/pages/record_parts.h"

#define TRP(english) text(p->rq->lang, english)

// --- links

// The other record's title, as of now; nothing when it is not public.
static void write_other_title(const struct record_page *p, struct slice id)
{
    struct revision meta;
    struct record body;
    struct err e;
    const char *lang;
    if (store_record(p->rq->store, id, 0, false, p->rq->arena, &meta, &body, &e) != STORE_FOUND)
        return;
    struct slice title = record_title(p->rq, &body, id, &lang);
    page_passage(p->rq, p->rs, title, lang);
    record_free(&body);
}

void section_links(const struct record_page *p)
{
    enum { TITLED = 12 }; // links whose title is looked up
    size_t shown = 0;
    for (const struct item *l = NULL; (l = record_next(p->body, "links", l));) {
        if (!shown++)
            page_html(p->rs, "<h2 id=\"links\">{}</h2>\n<ul class=\"links\">\n",
                      str(TRP(TEXT("Linked records"))));
        page_raw(p->rs, "<li>");
        values_write(p, l, "relation");
        page_raw(p->rs, " <strong>");
        values_write(p, l, "record");
        page_raw(p->rs, "</strong> ");
        if (shown <= TITLED)
            write_other_title(p, item_text(p->body, l, "record"));
        if (values_any(p, l, "note")) {
            page_raw(p->rs, "<div class=\"quiet\">");
            values_write(p, l, "note");
            page_raw(p->rs, "</div>");
        }
        page_raw(p->rs, "</li>\n");
    }
    if (shown)
        page_raw(p->rs, "</ul>\n");
}

// --- sources ------------------------------------------------------------------------------------
static void write_source(const struct record_page *p, const struct item *s)
{
    static const char *const titled[] = {"title", "publisher", NULL};
    static const char *const untitled[] = {"title", "publisher", "url", NULL};
    bool has_title = values_any(p, s, "title");
    page_html(p->rs, "<li id=\"source-{}\"><p class=\"source-title\">", s->id);
    if (values_any(p, s, "publisher")) {
        values_write(p, s, "publisher");
        page_raw(p->rs, ". ");
    }
    struct slice language = item_text(p->body, s, "language");
    if (vocabulary_term_find(vocabulary_find("language"), language) && language.len == 2)
        page_html(p->rs, "<cite lang=\"{}\">", language);
    else
        buf_str(&p->rs->body, has_title ? "<cite lang=\"\">" : "<cite>");
    if (has_title || values_any(p, s, "url"))
        values_write(p, s, has_title ? "title" : "url");
    else
        page_tr(p->rs, TRP(TEXT("Without title")));
    page_raw(p->rs, "</cite></p><dl class=\"small\">\n");
    values_rows_but(p, s, has_title ? titled : untitled);
    page_raw(p->rs, "</dl></li>\n");
}

void section_sources(const struct record_page *p)
{
    page_html(p->rs, "<h2 id=\"sources\">{}</h2>\n", str(TRP(TEXT("Sources"))));
    if (!record_next(p->body, "sources", NULL)) {
        page_html(p->rs, "<p>{}</p>\n", str(TRP(TEXT("No source is listed."))));
        return;
    }
    page_raw(p->rs, "<ol class=\"sources\">\n");
    for (const struct item *s = NULL; (s = record_next(p->body, "sources", s));)
        write_source(p, s);
    page_raw(p->rs, "</ol>\n");
}

void section_ids(const struct record_page *p)
{
    size_t shown = 0;
    for (const struct item *i = NULL; (i = record_next(p->body, "ids", i));) {
        if (!shown++)
            page_html(p->rs, "<h2 id=\"ids\">{}</h2>\n<ul>\n",
                      str(TRP(TEXT("In other registries"))));
        page_raw(p->rs, "<li>");
        values_write(p, i, "scheme");
        page_raw(p->rs, " ");
        values_write(p, i, "value");
        page_raw(p->rs, " ");
        values_write(p, i, "url");
        page_raw(p->rs, "</li>\n");
    }
    if (shown)
        page_raw(p->rs, "</ul>\n");
}

// --- places: totals by date ----------------------------------------------------------------------

// The counts as bars, in the order of the record.
static void write_totals_picture(const struct record_page *p)
{
    enum { MOST = 12 };
    struct chart_datum data[MOST];
    size_t count = 0;
    struct buf words = {0};
    for (const struct item *t = NULL; count < MOST && (t = record_next(p->body, "totals", t));) {
        struct slice number = item_text(p->body, t, "count"), date = item_text(p->body, t, "date");
        uint64_t n = strtoull(arena_str(p->rq->arena, number), NULL, 10);
        data[count++] = (struct chart_datum){
            .label = str(date_words(p->rq->lang, p->rq->arena, date, (struct slice){0})),
            .value = n};
        buf_printf(&words, "%.*s %.*s. ", SLICE_FMT(date), SLICE_FMT(number));
    }
    chart_write(&p->rs->body, &(struct chart){
                                  .id = "totals-picture",
                                  .form = CHART_BARS,
                                  .title = TRP(TEXT("Totals by date")),
                                  .description = arena_str(p->rq->arena, buf_slice(&words)),
                                  .colour = "#0072B2",
                                  .data = data,
                                  .count = count,
                                  .lang = p->rq->lang,
                                  .arena = p->rq->arena,
                              });
    buf_free(&words);
}

void section_totals(const struct record_page *p)
{
    static const char *const columns[] = {"date", "count", "countries", "who", "scope", NULL};
    if (!record_next(p->body, "totals", NULL))
        return;
    page_html(p->rs, "<h2 id=\"totals\">{}</h2>\n<p class=\"note\">{}</p>\n",
              str(TRP(TEXT("How many, and who counted"))),
              str(TRP(TEXT("Totals change as more is found; each stands with its date."))));
    write_totals_picture(p);
    section_table(p, "totals", TRP(TEXT("Totals by date")), columns);
}

// --- advisories ----------------------------------------------------------------------------------

// Whether those affected agreed to the text.
static void write_consent(const struct record_page *p, const struct item *own)
{
    const struct schema_field *f = own ? values_field(p, own, "consent") : NULL;
    const struct vocabulary_term *term =
        f && f->vocabulary ? vocabulary_term_find(f->vocabulary, item_text(p->body, own, "consent"))
                           : NULL;
    if (term)
        page_html(p->rs, "<p class=\"note\">{}</p>\n",
                  str(text_format(p->rq->arena, TRP(TEXT("%s: %s")), TRP(f->label),
                                  TRP(term->definition))));
}

void section_advice(const struct record_page *p)
{
    static const char *const fields[] = {"happened", "recognise", "advice"};
    const struct item *own = values_main(p);
    for (size_t i = 0; own && i < sizeof fields / sizeof *fields; i++) {
        const struct schema_field *f = values_field(p, own, fields[i]);
        if (!f || !values_any(p, own, fields[i]))
            continue;
        page_html(p->rs, "<h2 id=\"{}\">{}</h2>\n<div class=\"prose\">", str(fields[i]),
                  str(text(p->rq->lang, f->label)));
        values_write(p, own, fields[i]);
        page_raw(p->rs, "</div>\n");
    }
    write_consent(p, own);
}

void section_indicators(const struct record_page *p)
{
    static const char *const but[] = {"value", "pattern", NULL};
    size_t shown = 0;
    for (const struct item *i = NULL; (i = record_next(p->body, "indicators", i));) {
        if (!shown++)
            page_html(p->rs,
                      "<h2 id=\"indicators\">{}</h2>\n<p class=\"note\">{}</p>\n<div "
                      "class=\"blocks\">\n",
                      str(TRP(TEXT("Indicators"))),
                      str(TRP(TEXT("Traces by which others can recognise it. "
                                   "Never open an address that is listed here."))));
        page_html(p->rs, "<section class=\"block\" id=\"{}\"><h3><code>{}</code></h3>", i->id,
                  item_text(p->body, i, "value").len ? item_text(p->body, i, "value")
                                                     : item_text(p->body, i, "pattern"));
        page_raw(p->rs, "<dl>\n");
        values_rows_but(p, i, but);
        page_raw(p->rs, "</dl></section>\n");
    }
    if (shown)
        page_raw(p->rs, "</div>\n");
}
