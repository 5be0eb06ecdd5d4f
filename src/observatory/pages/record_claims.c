// SPDX-License-Identifier: Apache-2.0
// Who says who did it, what was answered, and why the record is in the registry.
#include "observatory/pages/parts.h"
#include "observatory/pages/record_parts.h"

#define TRP(english) text(p->rq->lang, english)

// --- claims -------------------------------------------------------------------------------------
static bool takes_back(const struct record_page *p, const struct item *claim)
{
    struct slice stance = item_text(p->body, claim, "stance");
    return slice_equal_str(stance, "disputes") || slice_equal_str(stance, "withdraws");
}

// Whether claims name different countries, or one of them disputes another.
static bool contradicting(const struct record_page *p)
{
    struct slice first = {0};
    for (const struct item *c = NULL; (c = record_next(p->body, "claims", c));) {
        if (takes_back(p, c))
            return true;
        struct slice country = item_text(p->body, c, "country");
        if (!country.len || slice_equal_str(country, "unknown"))
            continue;
        if (first.len && !slice_equal(first, country))
            return true;
        first = country;
    }
    return false;
}

static void write_claim(const struct record_page *p, const struct item *c)
{
    static const char *const but[] = {"who", "date", "text", NULL};
    page_html(p->rs, "<section class=\"block claim\" id=\"{}\"><h3>", c->id);
    if (values_any(p, c, "who"))
        values_write(p, c, "who");
    else
        page_tr(p->rs, TRP(TEXT("Claimant not named")));
    page_raw(p->rs, "</h3>");
    if (values_any(p, c, "date")) {
        page_raw(p->rs, "<p class=\"quiet\">");
        values_write(p, c, "date");
        page_raw(p->rs, "</p>");
    }
    if (values_any(p, c, "text")) {
        page_raw(p->rs, "<div class=\"said\">");
        values_write(p, c, "text");
        page_raw(p->rs, "</div>");
    }
    page_raw(p->rs, "<dl>\n");
    values_rows_but(p, c, but);
    page_raw(p->rs, "</dl></section>\n");
}

void section_claims(const struct record_page *p)
{
    if (schema_group_find(p->body->kind, "claims") < 0)
        return;
    page_html(p->rs, "<h2 id=\"claims\">{}</h2>\n", str(TRP(TEXT("Who says who is responsible"))));
    if (!record_next(p->body, "claims", NULL)) {
        page_html(p->rs, "<p>{}</p>\n", str(TRP(TEXT("The registry knows of no public claim."))));
        return;
    }
    page_html(p->rs, "<p class=\"note\">{}</p>\n",
              str(TRP(TEXT("Claims by others, each with its source. The registry makes none."))));
    if (contradicting(p))
        page_html(p->rs, "<p class=\"banner\">{}</p>\n",
                  str(TRP(TEXT("These claims do not agree. They stand side by side; the registry "
                               "does not choose between them."))));
    page_raw(p->rs, "<div class=\"blocks\">\n");
    for (const struct item *c = NULL; (c = record_next(p->body, "claims", c));)
        write_claim(p, c);
    page_raw(p->rs, "</div>\n");
}

// --- responses ----------------------------------------------------------------------------------
static bool is_reply(const struct record_page *p, const struct item *r)
{
    struct slice kind = item_text(p->body, r, "kind");
    return slice_equal_str(kind, "denial") || slice_equal_str(kind, "right-of-reply") ||
           slice_equal_str(kind, "no-reply");
}

static void write_responses(const struct record_page *p, const char *id, const char *heading,
                            bool replies)
{
    static const char *const but[] = {"kind", "date", "text", NULL};
    size_t shown = 0;
    for (const struct item *r = NULL; (r = record_next(p->body, "responses", r));) {
        if (is_reply(p, r) != replies)
            continue;
        if (!shown++)
            page_html(p->rs, "<h2 id=\"{}\">{}</h2>\n<div class=\"blocks\">\n", str(id),
                      str(heading));
        page_html(p->rs, "<section class=\"block\" id=\"{}\"><h3>", r->id);
        values_write(p, r, "kind");
        page_raw(p->rs, "</h3><p class=\"quiet\">");
        values_write(p, r, "date");
        page_raw(p->rs, "</p>");
        values_write(p, r, "text");
        page_raw(p->rs, "<dl>\n");
        values_rows_but(p, r, but);
        page_raw(p->rs, "</dl></section>\n");
    }
    if (shown)
        page_raw(p->rs, "</div>\n");
}

void section_responses(const struct record_page *p)
{
    write_responses(p, "replies", TRP(TEXT("What those named answer")), true);
    write_responses(p, "responses", TRP(TEXT("What was done about it")), false);
}

// --- decision -----------------------------------------------------------------------------------
static void write_criterion(const struct record_page *p, const struct item *c)
{
    page_raw(p->rs, "<tr><th scope=\"row\">");
    values_write(p, c, "criterion");
    page_html(p->rs, "</th><td data-label=\"{}\">", str(TRP(TEXT("Met"))));
    values_write(p, c, "met");
    page_html(p->rs, "</td><td data-label=\"{}\">", str(TRP(TEXT("Reason"))));
    values_write(p, c, "reason");
    page_raw(p->rs, "</td></tr>\n");
}

void section_decision(const struct record_page *p)
{
    const struct item *own = values_main(p);
    if (!record_next(p->body, "criteria", NULL) && !values_any(p, own, "decision"))
        return;
    page_html(p->rs, "<h2 id=\"decision\">{}</h2>\n",
              str(p->meta->state == STATE_TURNED_DOWN ? TRP(TEXT("Why it is not counted"))
                                                      : TRP(TEXT("Why it is in the registry"))));
    if (own) {
        page_raw(p->rs, "<dl>\n");
        values_row(p, own, "decision");
        values_row(p, own, "decision-reason");
        page_raw(p->rs, "</dl>\n");
    }
    if (!record_next(p->body, "criteria", NULL))
        return;
    page_html(p->rs,
              "<table class=\"records criteria\"><caption>{}</caption><thead><tr><th "
              "scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>"
              "<tbody>\n",
              str(TRP(TEXT("The definition, criterion by criterion"))), str(TRP(TEXT("Criterion"))),
              str(TRP(TEXT("Met"))), str(TRP(TEXT("Reason"))));
    for (const struct item *c = NULL; (c = record_next(p->body, "criteria", c));)
        write_criterion(p, c);
    page_raw(p->rs, "</tbody></table>\n");
}
