// SPDX-License-Identifier: Apache-2.0
// What happened: the record's state, what to look out for, dates, facts, targets, origin.
#include "observatory/pages/parts.h"
#include "observatory/pages/record_parts.h"

#define TRP(english) text(p->rq->lang, english)

static void write_heading(const struct record_page *p, const char *id, const char *words)
{
    page_html(p->rs, "<h2 id=\"{}\">{}</h2>\n", str(id), str(words));
}

// --- state ---------------------------------------------------------------------------------------
static const char *state_words(const struct record_page *p)
{
    switch (p->meta->state) {
    case STATE_WITHDRAWN:
        return TRP(TEXT("Withdrawn. It is no longer counted, and stays here with the reason."));
    case STATE_TURNED_DOWN:
        return TRP(TEXT("Turned down. It does not meet the definition, and is not counted."));
    case STATE_MERGED:
        return TRP(TEXT("Merged into another record, and no longer counted by itself."));
    default:
        return NULL;
    }
}

static void write_merged_into(const struct record_page *p)
{
    for (const struct item *l = NULL; (l = record_next(p->body, "links", l));)
        if (slice_equal_str(item_text(p->body, l, "relation"), "duplicate")) {
            page_html(p->rs, "<p>{} ", str(TRP(TEXT("Its record:"))));
            values_write(p, l, "record");
            page_raw(p->rs, "</p>");
        }
}

static void write_past(const struct record_page *p)
{
    if (!p->past)
        return;
    page_html(
        p->rs,
        "<div class=\"banner\" role=\"note\"><p>{} <a href=\"{}\">{}</a> · <a "
        "href=\"{}\">{}</a></p></div>\n",
        str(text_format(p->rq->arena, TRP(TEXT("This is revision %u, of %s.")), p->meta->number,
                        text_date(p->rq->lang, p->rq->arena, p->meta->made))),
        record_address(p, ""), str(TRP(TEXT("Newest revision"))), record_address(p, "/history"),
        str(TRP(TEXT("All revisions"))));
}

void section_banner(const struct record_page *p)
{
    const char *words = state_words(p);
    write_past(p);
    if (!words)
        return;
    page_html(p->rs, "<div class=\"banner\" role=\"note\"><p><strong>{}</strong></p>\n",
              str(words));
    if (p->meta->reason.len) {
        page_html(p->rs, "<p>{} ", str(TRP(TEXT("Reason:"))));
        page_reason(p->rq, p->rs, p->meta);
        page_raw(p->rs, "</p>\n");
    }
    if (p->meta->state == STATE_MERGED)
        write_merged_into(p);
    page_raw(p->rs, "</div>\n");
}

static struct slice flag_words(const struct record_page *p, const struct record_flag *f)
{
    const char *words = text(p->rq->lang, f->text);
    if (f->about)
        words = text_format(p->rq->arena, "%s (%s)", words, text(p->rq->lang, f->about));
    int g = f->group ? schema_group_find(p->body->kind, f->group) : -1;
    int at = g < 0 || !f->field ? -1 : schema_field_find(&p->body->kind->groups[g], f->field);
    if (at < 0)
        return str(words);
    const char *label = text(p->rq->lang, p->body->kind->groups[g].fields[at].label);
    return arena_printf(p->rq->arena, TRP(TEXT("%s: %s")), label, words);
}

// Every thing to keep in mind once, however often it occurs.
void section_flags(const struct record_page *p)
{
    struct record_flag *flags;
    size_t count = record_check(p->body, p->rq->arena, &flags), shown = 0;
    struct slice *said = ARENA_ARRAY(p->rq->arena, struct slice, count + 1);
    for (size_t i = 0; i < count; i++) {
        bool again = flags[i].error; // those are for the people who code, not for readers
        struct slice words = flag_words(p, &flags[i]);
        for (size_t s = 0; s < shown && !again; s++)
            again = slice_equal(said[s], words);
        if (again)
            continue;
        if (!shown)
            page_html(p->rs, "<div class=\"flags\"><h2 class=\"small\">{}</h2><ul>\n",
                      str(TRP(TEXT("To keep in mind"))));
        page_html(p->rs, "<li>{}</li>\n", words);
        said[shown++] = words;
    }
    if (shown)
        page_raw(p->rs, "</ul></div>\n");
}

// --- when ---------------------------------------------------------------------------------------
static void write_date_row(const struct record_page *p, const struct item *own, const char *field)
{
    const struct schema_field *f = own ? values_field(p, own, field) : NULL;
    if (!f)
        return;
    page_html(p->rs, "<div><dt>{}</dt><dd>", str(text(p->rq->lang, f->label)));
    if (values_any(p, own, field))
        values_write(p, own, field);
    else
        page_html(p->rs, "<span class=\"quiet\">{}</span>", str(TRP(TEXT("not known"))));
    page_raw(p->rs, "</dd></div>\n");
}

void section_dates(const struct record_page *p)
{
    const struct item *own = values_main(p);
    write_heading(p, "dates", TRP(TEXT("When")));
    page_raw(p->rs, "<dl class=\"dates\">\n");
    write_date_row(p, own, "issued");
    write_date_row(p, own, "began");
    write_date_row(p, own, "discovered");
    write_date_row(p, own, "disclosed");
    if (own && values_any(p, own, "ended"))
        write_date_row(p, own, "ended");
    if (p->meta->recorded)
        page_html(p->rs, "<div><dt>{}</dt><dd>{}</dd></div>\n", str(TRP(TEXT("Recorded here"))),
                  page_day(p->rq, p->meta->recorded));
    page_raw(p->rs, "</dl>\n");
}

// --- what ---------------------------------------------------------------------------------------
void section_facts(const struct record_page *p)
{
    static const char *const elsewhere[] = {
        "title",  "summary",  "began",           "ended",    "discovered", "disclosed",
        "origin", "decision", "decision-reason", "happened", "recognise",  "advice",
        "issued", "run-from", "run-by",          "remark",   "incident",   NULL,
    };
    const struct item *own = values_main(p);
    if (!own)
        return;
    write_heading(p, "facts", TRP(TEXT("What")));
    page_raw(p->rs, "<dl class=\"facts\">\n");
    values_rows_but(p, own, elsewhere);
    values_row(p, own, "incident");
    page_raw(p->rs, "</dl>\n");
    if (!values_any(p, own, "remark"))
        return;
    page_html(p->rs, "<h3>{}</h3>\n", str(TRP(TEXT("How it was coded"))));
    values_write(p, own, "remark");
}

static bool column_used(const struct record_page *p, const char *group, const char *field)
{
    for (const struct item *i = NULL; (i = record_next(p->body, group, i));)
        if (values_any(p, i, field))
            return true;
    return false;
}

void section_table(const struct record_page *p, const char *group, const char *title,
                   const char *const *columns)
{
    const struct item *first = record_next(p->body, group, NULL);
    page_html(p->rs,
              "<table class=\"records even\"><caption class=\"hidden\">{}</caption><thead><tr>",
              str(title));
    for (const char *const *c = columns; *c; c++)
        if (column_used(p, group, *c))
            page_html(p->rs, "<th scope=\"col\">{}</th>",
                      str(TRP(values_field(p, first, *c)->label)));
    page_raw(p->rs, "</tr></thead><tbody>\n");
    for (const struct item *i = NULL; (i = record_next(p->body, group, i));) {
        page_html(p->rs, "<tr id=\"{}\">", i->id);
        for (const char *const *c = columns; *c; c++) {
            if (!column_used(p, group, *c))
                continue;
            page_html(p->rs, "<td data-label=\"{}\"><div>",
                      str(TRP(values_field(p, first, *c)->label)));
            values_write(p, i, *c);
            page_raw(p->rs, "</div></td>");
        }
        page_raw(p->rs, "</tr>\n");
    }
    page_raw(p->rs, "</tbody></table>\n");
}

void section_targets(const struct record_page *p)
{
    static const char *const columns[] = {"name", "country", "region", "sector", "kind", NULL};
    if (!record_next(p->body, "targets", NULL))
        return;
    write_heading(p, "targets", TRP(TEXT("Whom it targeted")));
    section_table(p, "targets", TRP(TEXT("Targets")), columns);
}

void section_origin(const struct record_page *p)
{
    const struct item *own = values_main(p);
    bool has = values_any(p, own, "origin"), run = values_any(p, own, "run-from");
    if (!own || (!values_field(p, own, "origin") && !run))
        return;
    write_heading(p, "origin",
                  values_field(p, own, "origin") ? TRP(TEXT("Origin as reported"))
                                                 : TRP(TEXT("Where it is said to be run from")));
    if (has) {
        page_raw(p->rs, "<div class=\"answer\">");
        values_write(p, own, "origin");
        page_raw(p->rs, "</div>\n");
    } else if (!run) {
        page_html(p->rs, "<p>{}</p>\n", str(TRP(TEXT("No source names an origin."))));
    }
    if (run || values_any(p, own, "run-by")) {
        page_raw(p->rs, "<dl>\n");
        values_row(p, own, "run-from");
        values_row(p, own, "run-by");
        page_raw(p->rs, "</dl>\n");
    }
    page_origin_warning(p->rq, p->rs);
}
