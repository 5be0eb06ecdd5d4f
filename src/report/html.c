// SPDX-License-Identifier: Apache-2.0
// The page for people, made of the sections of html.h. When there is much, what was found goes on
// in further files (report-2.html …), so that each still opens at once on a phone.
#include "report/html.h"

#include <stdio.h>
#include <unistd.h>

enum { MAX_PAGES = 100000 };

struct pages {
    struct report *r;
    const char *dir;
    struct html first; // report.html's findings, kept until all is known
    struct html more;  // the further file in work
    unsigned last;     // number of the last page begun
};

static const char *path_of(struct pages *p, unsigned page)
{
    return text_format(&p->r->memory, "%s/%s", p->dir, h_page_file(&p->first, page));
}

static void page_top(struct html *h, unsigned page)
{
    struct report *r = h->r;
    buf_printf(&h->b, "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
               r->lang->code);
    h_raw(h, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
             "'unsafe-inline'; "
             "img-src data:; base-uri 'none'; form-action 'none'\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" "
             "content=\"light dark\">\n<title>");
    if (page > 1)
        h_say(h, TR("Findings, page %u"), page);
    else
        h_str(h, TR("What the logs say"));
    h_raw(h, " – Vigie</title>\n<style>\n");
    h_raw(h, report_css);
    h_raw(h, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">");
    h_str(h, TR("Skip to the content"));
    h_raw(h, "</a>\n");
}

static void page_bottom(struct html *h)
{
    struct report *r = h->r;
    h_raw(h, "<footer>");
    h_el(h, "p", "%s",
         TR("This page names people and computers. Keep it where only those who need it can read "
            "it."));
    h_raw(h, "</footer>\n</body>\n</html>\n");
}

static bool write_page(struct pages *p, struct html *h, unsigned page, struct err *e)
{
    struct out *out;
    if (!out_create(path_of(p, page), &out, e))
        return false;
    out_write(out, buf_slice(&h->b));
    buf_clear(&h->b);
    return out_commit_of_many(out, e);
}

static void begin_more(struct pages *p)
{
    struct report *r = p->r;
    struct html *h = &p->more;
    h->page = ++p->last;
    page_top(h, h->page);
    h_raw(h, "<header><p class=\"brand\">Vigie</p>");
    h_el(h, "h1", TR("Findings, page %u"), h->page);
    h_raw(h, "<nav><a href=\"report.html\">");
    h_str(h, TR("Back to the first page"));
    buf_printf(&h->b, "</a> <a href=\"%s\">", h_page_file(h, h->page - 1));
    h_str(h, TR("Page before"));
    h_raw(h, "</a></nav></header>\n<main id=\"main\">\n");
}

static bool end_more(struct pages *p, bool goes_on, struct err *e)
{
    struct report *r = p->r;
    struct html *h = &p->more;
    if (goes_on) {
        buf_printf(&h->b, "<p class=\"on\"><a href=\"%s\">", h_page_file(h, h->page + 1));
        h_str(h, TR("More findings on the next page"));
        h_raw(h, "</a></p>\n");
    }
    h_raw(h, "</main>\n");
    page_bottom(h);
    return write_page(p, h, h->page, e);
}

// Where the next group goes: on the first page up to half its size, then on further ones.
static bool place_for_group(struct pages *p, struct html **out, struct err *e)
{
    if (p->last == 1 && p->first.b.len < p->r->page_bytes / 2) {
        *out = &p->first;
        return true;
    }
    if (p->last > 1 && p->more.b.len >= p->r->page_bytes && p->last < MAX_PAGES &&
        !end_more(p, true, e))
        return false;
    if (p->last == 1 || p->more.b.len == 0)
        begin_more(p);
    *out = &p->more;
    return true;
}

static bool write_groups(struct pages *p, struct err *e)
{
    for (size_t i = 0; i < p->r->group_count; i++) {
        struct html *h;
        if (!place_for_group(p, &h, e))
            return false;
        p->r->groups[i].page = h->page;
        if (!html_group(h, &p->r->groups[i], e))
            return false;
        arena_reset(&p->r->scratch);
    }
    return p->last == 1 || end_more(p, false, e);
}

static void add_findings(struct html *h, struct pages *p)
{
    struct report *r = h->r;
    h_raw(h, "<section id=\"findings\">\n");
    h_el(h, "h2", "%s", TR("What was found"));
    html_index(h);
    buf_add(&h->b, buf_slice(&p->first.b));
    if (p->last > 1) {
        h_raw(h, "<p class=\"on\"><a href=\"report-2.html\">");
        h_say(h,
              TRN("More findings on %s further page", "More findings on %s further pages",
                  p->last - 1),
              NUMBER(p->last - 1));
        h_raw(h, "</a></p>\n");
    }
    h_raw(h, "</section>\n");
}

static bool write_first(struct pages *p, struct err *e)
{
    struct html h = {.r = p->r, .page = 1};
    page_top(&h, 1);
    html_head(&h);
    h_raw(&h, "<main id=\"main\">\n");
    html_before(&h);
    bool ok = html_answers(&h, e) && html_consent(&h, e);
    if (ok) {
        add_findings(&h, p);
        ok = html_timeline(&h, e);
    }
    if (ok) {
        html_reach(&h);
        ok = html_evidence(&h, e) && html_not_checked(&h, e);
    }
    if (ok) {
        html_made(&h);
        html_glossary(&h);
        html_attack(&h);
        h_raw(&h, "</main>\n");
        page_bottom(&h);
        ok = write_page(p, &h, 1, e);
    }
    buf_free(&h.b);
    return ok;
}

// Pages that an earlier, longer report left behind would be read as part of this one.
static void remove_stale(struct pages *p)
{
    for (unsigned page = p->last + 1; page < MAX_PAGES; page++)
        if (unlink(path_of(p, page)) != 0)
            return;
}

bool report_write_html(struct report *r, const char *dir, struct err *e)
{
    struct pages p = {
        .r = r, .dir = dir, .first = {.r = r, .page = 1}, .more = {.r = r}, .last = 1};
    bool ok = report_load_logs(r, e) && write_groups(&p, e) && write_first(&p, e);
    if (ok)
        remove_stale(&p);
    buf_free(&p.first.b);
    buf_free(&p.more.b);
    return ok;
}
