// SPDX-License-Identifier: Apache-2.0
// The codebook: printed from the schema's tables, so that it cannot differ from what is coded.
#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"

static const char *kind_words(struct request *rq, enum value_kind k)
{
    static const char *const words[] = {
        [VALUE_LINE] = TEXT("one line of text"),
        [VALUE_TEXT] = TEXT("text"),
        [VALUE_DATE] = TEXT("date, as precise as the source"),
        [VALUE_TERM] = TEXT("code of a list"),
        [VALUE_COUNTRY] = TEXT("country (ISO 3166-1) or region"),
        [VALUE_TECHNIQUE] = TEXT("ATT&CK technique"),
        [VALUE_URL] = TEXT("web address"),
        [VALUE_NUMBER] = TEXT("whole number"),
        [VALUE_HASH] = TEXT("SHA-256"),
        [VALUE_RECORD] = TEXT("another record"),
    };
    return text(rq->lang, words[k]);
}

static void write_form(struct request *rq, struct response *rs, const struct schema_field *f)
{
    if (f->vocabulary)
        page_html(rs, "<a href=\"#codes-{}\">{}</a>", str(f->vocabulary->name),
                  str(text(rq->lang, f->vocabulary->label)));
    else
        page_tr(rs, kind_words(rq, f->kind));
    if (f->many)
        page_html(rs, "; {}", str(TR("several may hold")));
    if (f->required)
        page_html(rs, "; {}", str(TR("needed for publication")));
    if (f->double_coded)
        page_html(rs, "; {}", str(TR("coded by two people independently")));
}

static bool in_french(const char *name)
{
    return slice_ends(str(name), SLICE("-fr"));
}

static void write_group(struct request *rq, struct response *rs, const struct schema_kind *k,
                        const struct schema_group *g)
{
    const char *name = g->name[0] ? g->name : "record";
    page_html(rs, "<h3 id=\"{}-{}\">{}</h3>\n<p>{}</p>\n", str(k->name), str(name),
              str(text(rq->lang, g->label)), str(text(rq->lang, g->definition)));
    page_html(rs,
              "<table class=\"records codebook\"><caption class=\"hidden\">{}</caption><thead><tr>"
              "<th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr>"
              "</thead><tbody>\n",
              str(text(rq->lang, g->label)), str(TR("Field")), str(TR("Meaning")), str(TR("Form")));
    for (size_t i = 0; i < g->count; i++) {
        const struct schema_field *f = &g->fields[i];
        if (in_french(f->name))
            continue;
        page_html(rs, "<tr id=\"{}-{}-{}\"><th scope=\"row\">{} <code>{}</code></th>", str(k->name),
                  str(name), str(f->name), str(text(rq->lang, f->label)), str(f->name));
        page_html(rs, "<td data-label=\"{}\">{}</td><td data-label=\"{}\"><span>",
                  str(TR("Meaning")), str(text(rq->lang, f->definition)), str(TR("Form")));
        write_form(rq, rs, f);
        page_raw(rs, "</span></td></tr>\n");
    }
    page_raw(rs, "</tbody></table>\n");
}

static bool same_group_before(const struct schema_kind *kinds, size_t at,
                              const struct schema_group *g)
{
    for (size_t k = 0; k < at; k++)
        for (size_t i = 0; i < kinds[k].count; i++)
            if (g->name[0] && kinds[k].groups[i].fields == g->fields)
                return true;
    return false;
}

static void write_kinds(struct request *rq, struct response *rs)
{
    size_t count;
    const struct schema_kind *kinds = schema_kinds(&count);
    for (size_t k = 0; k < count; k++) {
        page_html(rs, "<h2 id=\"{}\">{}</h2>\n", str(kinds[k].name),
                  str(text(rq->lang, kinds[k].plural)));
        for (size_t g = 0; g < kinds[k].count; g++)
            if (!same_group_before(kinds, k, &kinds[k].groups[g]))
                write_group(rq, rs, &kinds[k], &kinds[k].groups[g]);
    }
}

static void write_vocabulary(struct request *rq, struct response *rs, const struct vocabulary *v)
{
    page_html(rs, "<h3 id=\"codes-{}\">{}</h3>\n", str(v->name), str(text(rq->lang, v->label)));
    if (v->source[0])
        page_html(rs, "<p class=\"note\">{} <cite lang=\"en\">{}</cite></p>\n", str(TR("After:")),
                  str(v->source));
    page_raw(rs, "<dl class=\"terms\">\n");
    for (size_t i = 0; i < v->count; i++) {
        page_html(rs, "<div id=\"codes-{}-{}\"><dt>{} <code>{}</code></dt>", str(v->name),
                  str(v->terms[i].code), str(text(rq->lang, v->terms[i].label)),
                  str(v->terms[i].code));
        if (v->terms[i].definition[0])
            page_html(rs, "<dd>{}</dd>", str(text(rq->lang, v->terms[i].definition)));
        else
            page_raw(rs, "<dd></dd>");
        page_raw(rs, "</div>\n");
    }
    page_raw(rs, "</dl>\n");
}

static void write_contents(struct request *rq, struct response *rs)
{
    size_t count;
    const struct schema_kind *kinds = schema_kinds(&count);
    page_html(rs, "<nav class=\"contents\" aria-label=\"{}\"><ul>", str(TR("On this page")));
    for (size_t k = 0; k < count; k++)
        page_html(rs, "<li><a href=\"#{}\">{}</a></li>", str(kinds[k].name),
                  str(text(rq->lang, kinds[k].plural)));
    page_html(rs, "<li><a href=\"#lists\">{}</a></li></ul></nav>\n", str(TR("Lists of codes")));
}

void codebook_get(struct request *rq, struct response *rs)
{
    page_begin(rq, rs, &(struct page_options){.title = TR("Codebook"), .section = "codebook"});
    page_html(rs, "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n", str(TR("Codebook")),
              str(text_format(rq->arena,
                              TR("Version %s. What is recorded, field by field, and what each code "
                                 "means. Every record says which version coded it."),
                              CODEBOOK_VERSION)));
    page_html(
        rs, "<p>{}</p>\n",
        str(TR("This page is printed from the same table as the forms, the filters and the "
               "columns of the files. Codes in typewriter letters are what the files hold.")));
    write_contents(rq, rs);
    write_kinds(rq, rs);
    page_html(rs, "<h2 id=\"lists\">{}</h2>\n", str(TR("Lists of codes")));
    size_t count;
    const struct vocabulary *const *all = schema_vocabularies(&count);
    for (size_t i = 0; i < count; i++)
        write_vocabulary(rq, rs, all[i]);
    page_end(rq, rs);
}
