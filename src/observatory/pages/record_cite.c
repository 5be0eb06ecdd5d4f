// SPDX-License-Identifier: Apache-2.0
// How to cite a record, and how this revision came to be.
#include "observatory/pages/parts.h"
#include "observatory/pages/record_parts.h"

#define TRP(english) text(p->rq->lang, english)

static struct slice permalink(const struct record_page *p)
{
    struct slice after = arena_printf(p->rq->arena, "/revisions/%u", p->meta->number);
    struct slice path = record_address(p, arena_str(p->rq->arena, after));
    return arena_printf(p->rq->arena, "%.*s%.*s", SLICE_FMT(p->rq->base_url), SLICE_FMT(path));
}

// Characters that TeX reads as commands are escaped; braces would end the field.
static void add_tex(struct buf *b, struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        switch (s.at[i]) {
        case '\\':
            buf_str(b, "\\textbackslash ");
            break;
        case '~':
            buf_str(b, "\\textasciitilde ");
            break;
        case '^':
            buf_str(b, "\\textasciicircum ");
            break;
        case '{':
        case '}':
        case '%':
        case '#':
        case '&':
        case '$':
        case '_':
            buf_byte(b, '\\');
            [[fallthrough]];
        default:
            buf_byte(b, s.at[i]);
        }
    }
}

static void write_bibtex(const struct record_page *p, struct slice title, int year)
{
    struct buf b = {0};
    buf_printf(&b, "@misc{%.*s-r%u,\n  title = {{", SLICE_FMT(p->meta->record), p->meta->number);
    add_tex(&b, title);
    buf_str(&b, "}},\n  author = {{");
    add_tex(&b, page_site_name(p->rq));
    buf_printf(&b, "}},\n  year = {%d},\n  number = {%.*s, revision %u},\n", year,
               SLICE_FMT(p->meta->record), p->meta->number);
    buf_printf(&b, "  url = {%.*s}\n}", SLICE_FMT(permalink(p)));
    page_html(p->rs,
              "<pre class=\"cite\" tabindex=\"0\" role=\"region\" "
              "aria-label=\"BibTeX\"><code>{}</code></pre>\n",
              arena_copy(p->rq->arena, buf_slice(&b)));
    buf_free(&b);
}

void section_cite(const struct record_page *p)
{
    const char *lang;
    struct slice title = record_title(p->rq, p->body, p->meta->record, &lang);
    int year = time_to_civil(p->meta->public_from ? p->meta->public_from : p->meta->made).year;
    page_html(p->rs, "<h2 id=\"cite\">{}</h2>\n<p class=\"cite\">{} (", str(TRP(TEXT("Cite this"))),
              page_site_name(p->rq));
    page_printf(p->rs, "%d). ", year);
    page_raw(p->rs, "<cite");
    page_lang(p->rq, p->rs, lang);
    page_html(p->rs, ">{}</cite> ({}). ", title,
              str(text_format(p->rq->arena, TRP(TEXT("%.*s, revision %u")),
                              SLICE_FMT(p->meta->record), p->meta->number)));
    page_html(p->rs, "<a class=\"url\" href=\"{}\">{}</a></p>\n", permalink(p), permalink(p));
    write_bibtex(p, title, year);
}

static void write_row(const struct record_page *p, const char *label, struct slice words)
{
    if (words.len)
        page_html(p->rs, "<div><dt>{}</dt><dd>{}</dd></div>\n", str(label), words);
}

void section_about(const struct record_page *p)
{
    page_html(p->rs, "<h2 id=\"about\">{}</h2>\n<dl class=\"facts\">\n",
              str(TRP(TEXT("About this record"))));
    page_html(p->rs,
              "<div><dt>{}</dt><dd><a href=\"{}\">{}</a> · <a href=\"{}\">{}</a></dd></div>\n",
              str(TRP(TEXT("Revision"))), permalink(p),
              str(text_format(p->rq->arena, TRP(TEXT("%u (%s)")), p->meta->number,
                              text_date(p->rq->lang, p->rq->arena, p->meta->made))),
              record_address(p, "/history"), str(TRP(TEXT("History and differences"))));
    page_html(p->rs, "<div><dt>{}</dt><dd><a href=\"/api/v1{}/{}\">JSON</a></dd></div>\n",
              str(TRP(TEXT("As a file"))), str(p->path), p->meta->record);
    write_row(p, TRP(TEXT("By")), p->meta->author);
    if (p->meta->reason.len) {
        page_html(p->rs, "<div><dt>{}</dt><dd>", str(TRP(TEXT("Why"))));
        page_reason(p->rq, p->rs, p->meta);
        page_raw(p->rs, "</dd></div>\n");
    }
    if (p->meta->codebook.len)
        page_html(p->rs, "<div><dt>{}</dt><dd><a href=\"{}\">{}</a></dd></div>\n",
                  str(TRP(TEXT("Codebook"))), page_path(p->rq, "/codebook"),
                  str(text_format(p->rq->arena, TRP(TEXT("version %.*s")),
                                  SLICE_FMT(p->meta->codebook))));
    page_raw(p->rs, "</dl>\n<p>");
    page_linked(p->rq, p->rs, TRP(TEXT("Something is wrong or missing? [Ask for a correction].")),
                arena_str(p->rq->arena, arena_printf(p->rq->arena, "~/corrections/new?record=%.*s",
                                                     SLICE_FMT(p->meta->record))));
    page_raw(p->rs, "</p>\n");
}
