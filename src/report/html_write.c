// SPDX-License-Identifier: Apache-2.0
// The small pieces that the page is made of.
#include "report/html.h"

#include "base/escape.h"
#include "base/utf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/uchar.h>

// Controls of terminals and of bidirectional text, and whatever else cannot be seen.
static bool is_hidden(uint32_t c)
{
    if (c < 0x20)
        return c != '\n' && c != '\t' && c != '\r';
    if (c < 0x7f)
        return false;
    int8_t type = u_charType((UChar32)c);
    return c < 0xa0 || type == U_FORMAT_CHAR || type == U_LINE_SEPARATOR ||
           type == U_PARAGRAPH_SEPARATOR || type == U_PRIVATE_USE_CHAR || type == U_UNASSIGNED;
}

void h_text(struct html *h, struct slice s)
{
    for (size_t pos = 0; pos < s.len;) {
        escape_html_plain(&h->b, s, &pos);
        if (pos == s.len)
            return;
        size_t from = pos;
        uint32_t c = utf8_decode(s, &pos);
        if (is_hidden(c))
            buf_printf(&h->b, "<span class=\"ctl\">U+%04X</span>", c);
        else
            buf_xml(&h->b, slice_sub(s, from, pos));
    }
}

void h_str(struct html *h, const char *s)
{
    h_text(h, slice_from_str(s));
}

// Formats into the scratch arena; the text ends with the section.
[[gnu::format(printf, 2, 0)]] static struct slice format_list(struct html *h, const char *format,
                                                              va_list args)
{
    char *text = NULL;
    int len = vasprintf(&text, format, args);
    struct slice out =
        len > 0 ? arena_copy(&h->r->scratch, slice_of(text, (size_t)len)) : (struct slice){0};
    free(text);
    return out;
}

void h_say(struct html *h, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    h_text(h, format_list(h, format, args));
    va_end(args);
}

void h_el(struct html *h, const char *element, const char *format, ...)
{
    va_list args;
    buf_printf(&h->b, "<%s>", element);
    va_start(args, format);
    h_text(h, format_list(h, format, args));
    va_end(args);
    size_t name = strcspn(element, " ");
    buf_printf(&h->b, "</%.*s>\n", (int)name, element);
}

void h_value(struct html *h, struct slice s)
{
    h_raw(h, "<bdi class=\"v\">");
    h_text(h, s);
    h_raw(h, "</bdi>");
}

void h_words(struct html *h, struct slice s)
{
    h_raw(h, "<bdi>");
    h_text(h, s);
    h_raw(h, "</bdi>");
}

void h_value_cut(struct html *h, struct slice s, size_t most)
{
    if (s.len <= most) {
        h_value(h, s);
        return;
    }
    while (most && (s.at[most] & 0xc0) == 0x80) // not in the middle of a character
        most--;
    h_raw(h, "<bdi class=\"v\">");
    h_text(h, slice_sub(s, 0, most));
    h_raw(h, " …</bdi>");
}

void h_time(struct html *h, vtime t)
{
    char machine[VTIME_TEXT_MAX];
    if (!t) {
        h_str(h, text(h->r->lang, TEXT("not known")));
        return;
    }
    size_t n = time_format_seconds(t, machine);
    h_raw(h, "<time datetime=\"");
    buf_add(&h->b, slice_of(machine, n));
    h_raw(h, "\">");
    h_str(h, text_time(h->r->lang, &h->r->scratch, t));
    h_raw(h, "</time>");
}

void h_level(struct html *h, enum finding_level level)
{
    buf_printf(&h->b, "<span class=\"lv %s\">", finding_level_name(level));
    h_str(h, level_name(h->r, level));
    h_raw(h, "</span>");
}

const char *h_page_file(struct html *h, unsigned page)
{
    return page <= 1 ? "report.html" : text_format(&h->r->scratch, "report-%u.html", page);
}

void h_group_link(struct html *h, const struct report_group *g)
{
    buf_printf(&h->b, "<a href=\"%s#f%u\">", g->page == h->page ? "" : h_page_file(h, g->page),
               g->number);
    h_text(h, g->found.rule.title);
    h_raw(h, "</a>");
}

void h_rule_text(struct html *h, const char *element, struct slice s)
{
    bool foreign = strcmp(h->r->lang->code, "en") != 0;
    buf_printf(&h->b, "<%s%s>", element, foreign ? " lang=\"en\"" : "");
    h_text(h, s);
    size_t name = strcspn(element, " ");
    buf_printf(&h->b, "</%.*s>\n", (int)name, element);
}

bool time_is_plausible(const struct report *r, vtime t)
{
    const vtime year_1995 = 124334784000000000u;
    return t >= year_1995 && (!r->made || t <= r->made + 86400 * VTIME_SECOND);
}
