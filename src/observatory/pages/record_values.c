// SPDX-License-Identifier: Apache-2.0
// Values as a record's page shows them: each in its kind's form, with the sources it rests on.
#include "observatory/pages/parts.h"
#include "observatory/pages/record_parts.h"
#include "report/data.h"

const struct item *values_main(const struct record_page *p)
{
    return record_next(p->body, "", NULL);
}

static const struct schema_group *group_of(const struct record_page *p, const struct item *i)
{
    return &p->body->kind->groups[i->group];
}

const struct schema_field *values_field(const struct record_page *p, const struct item *i,
                                        const char *field)
{
    const struct schema_group *g = group_of(p, i);
    int at = schema_field_find(g, field);
    return at < 0 ? NULL : &g->fields[at];
}

static bool has_values(const struct record_page *p, const struct item *i, const char *field)
{
    int at = schema_field_find(group_of(p, i), field);
    for (size_t v = 0; at >= 0 && v < i->values.count; v++)
        if (i->values.items[v].field == at)
            return true;
    return false;
}

// Name of the field that holds the request's language, else the other; lang: of its texts, the
// page's own for what has none, NULL when it is not known.
static const char *language_field(const struct record_page *p, const struct item *i,
                                  const char *field, const char **lang)
{
    const struct schema_group *g = group_of(p, i);
    const char *own = p->rq->lang->code, *name = field;
    const char *french = text_format(p->rq->arena, "%s-fr", field);
    int at = schema_field_find(g, field);
    *lang = at >= 0 && g->fields[at].kind == VALUE_TEXT ? NULL : own;
    if (at < 0 || schema_field_find(g, french) < 0)
        return field;
    if (strcmp(own, "fr") == 0 ? has_values(p, i, french) : !has_values(p, i, field))
        name = french;
    *lang = name == french ? "fr" : "en";
    return name;
}

bool values_any(const struct record_page *p, const struct item *i, const char *field)
{
    const char *lang;
    return i && has_values(p, i, language_field(p, i, field, &lang));
}

struct slice values_text(const struct record_page *p, const struct item *i, const char *field)
{
    const char *lang;
    return i ? item_text(p->body, i, language_field(p, i, field, &lang)) : (struct slice){0};
}

// --- sources of a value --------------------------------------------------------------------------
static size_t source_number(const struct record_page *p, struct slice id)
{
    size_t number = 0;
    for (const struct item *s = NULL; (s = record_next(p->body, "sources", s));) {
        number++;
        if (slice_equal(s->id, id))
            return number;
    }
    return 0;
}

static void write_references(const struct record_page *p, struct slice ids)
{
    while (ids.len) {
        const uint8_t *space = memchr(ids.at, ' ', ids.len);
        size_t end = space ? (size_t)(space - ids.at) : ids.len;
        struct slice id = slice_sub(ids, 0, end);
        size_t number = end ? source_number(p, id) : 0;
        if (number)
            page_html(p->rs, "<a class=\"ref\" href=\"#source-{}\" aria-label=\"{}\">[{}]</a>", id,
                      str(text_format(p->rq->arena, text(p->rq->lang, TEXT("source %zu")), number)),
                      page_number(p->rq, number));
        ids = slice_sub(ids, end + 1, ids.len);
    }
}

// --- one value ----------------------------------------------------------------------------------
// What stands after a value: its note and its sources.
static void write_after(const struct record_page *p, const struct value *v)
{
    if (v->note.len)
        page_html(p->rs, " <span class=\"quiet\" lang=\"\">({})</span>", v->note);
    if (v->sources.len)
        write_references(p, v->sources);
}

// Each line is a paragraph; the sources stand at the end of the last.
static void write_paragraphs(const struct record_page *p, const struct value *v, const char *lang)
{
    struct slice s = slice_trim(v->text);
    while (s.len) {
        const uint8_t *feed = memchr(s.at, '\n', s.len);
        size_t end = feed ? (size_t)(feed - s.at) : s.len;
        struct slice line = slice_trim(slice_sub(s, 0, end));
        s = slice_sub(s, end + 1, s.len);
        if (line.len) {
            page_raw(p->rs, "<p>");
            page_passage(p->rq, p->rs, line, lang);
        }
        if (!s.len)
            write_after(p, v);
        if (line.len)
            page_raw(p->rs, "</p>\n");
    }
}

static bool is_web(struct slice s)
{
    return slice_starts(s, SLICE("https://")) || slice_starts(s, SLICE("http://"));
}

static void write_technique(const struct record_page *p, struct slice id)
{
    bool plain = id.len >= 5 && id.len <= 9 && id.at[0] == 'T';
    for (size_t i = 1; i < id.len; i++)
        plain = plain && ((id.at[i] >= '0' && id.at[i] <= '9') || id.at[i] == '.');
    if (!plain) {
        page_text(p->rs, id);
        return;
    }
    struct slice path = id;
    if (id.len == 9 && id.at[5] == '.')
        path =
            arena_printf(p->rq->arena, "%.5s/%.3s", (const char *)id.at, (const char *)id.at + 6);
    page_html(p->rs,
              "<a href=\"https://attack.mitre.org/techniques/{}/\" rel=\"noreferrer\">{}</a>", path,
              id);
    const struct attack_technique *known = attack_technique_find(id);
    if (known) {
        page_raw(p->rs, " (");
        page_passage(p->rq, p->rs, str(known->name), "en"); // ATT&CK has no French
        page_raw(p->rs, ")");
    }
}

static void write_term(const struct record_page *p, const struct schema_field *f, struct slice code)
{
    const struct vocabulary_term *term =
        f->vocabulary ? vocabulary_term_find(f->vocabulary, code) : NULL;
    if (term && term->definition[0])
        page_html(p->rs, "<a class=\"term\" href=\"{}#codes-{}-{}\" title=\"{}\">{}</a>",
                  page_path(p->rq, "/codebook"), str(f->vocabulary->name), code,
                  str(text(p->rq->lang, term->definition)), str(text(p->rq->lang, term->label)));
    else
        page_text(p->rs, value_label(p->rq, f, code));
}

static void write_link(const struct record_page *p, struct slice url)
{
    if (is_web(url))
        page_html(p->rs, "<a class=\"url\" href=\"{}\" rel=\"noreferrer nofollow\">{}</a>", url,
                  url);
    else
        page_text(p->rs, url);
}

static void write_record_link(const struct record_page *p, struct slice id)
{
    const char *path = schema_kind_path(schema_kind_by_prefix(id));
    if (path)
        page_html(p->rs, "<a href=\"{}/{}\">{}</a>", page_path(p->rq, path), id, id);
    else
        page_text(p->rs, id);
}

static void write_value(const struct record_page *p, const struct schema_field *f,
                        const struct value *v, const char *lang)
{
    switch (f->kind) {
    case VALUE_DATE:
        page_date(p->rq, p->rs, v->text, v->precision);
        break;
    case VALUE_TERM:
        write_term(p, f, v->text);
        break;
    case VALUE_TECHNIQUE:
        write_technique(p, v->text);
        break;
    case VALUE_URL:
        write_link(p, v->text);
        break;
    case VALUE_RECORD:
        write_record_link(p, v->text);
        break;
    case VALUE_HASH:
        page_html(p->rs, "<code>{}</code>", v->text);
        break;
    case VALUE_TEXT:
        write_paragraphs(p, v, lang);
        return;
    case VALUE_COUNTRY:
        page_text(p->rs, value_label(p->rq, f, v->text));
        break;
    case VALUE_LINE:
    case VALUE_NUMBER:
        page_passage(p->rq, p->rs, v->text, lang);
        break;
    }
    write_after(p, v);
}

// --- all values of a field ----------------------------------------------------------------------
static size_t write_counted(const struct record_page *p, const struct item *i, int at,
                            bool set_aside, const char *lang)
{
    const struct schema_field *f = &group_of(p, i)->fields[at];
    size_t count = 0;
    for (size_t v = 0; v < i->values.count; v++) {
        const struct value *value = &i->values.items[v];
        if (value->field != at || value->set_aside != set_aside)
            continue;
        if (set_aside && !count)
            page_html(p->rs, "<div class=\"aside\">{} ",
                      str(text(p->rq->lang, TEXT("Other sources say:"))));
        else if (count && f->kind != VALUE_TEXT)
            page_raw(p->rs, "<span class=\"comma\">, </span>");
        write_value(p, f, value, lang);
        count++;
    }
    if (set_aside && count)
        page_raw(p->rs, "</div>");
    return count;
}

void values_write(const struct record_page *p, const struct item *i, const char *field)
{
    const char *lang;
    if (!i)
        return;
    int at = schema_field_find(group_of(p, i), language_field(p, i, field, &lang));
    if (at < 0)
        return;
    write_counted(p, i, at, false, lang);
    write_counted(p, i, at, true, lang);
}

void values_row(const struct record_page *p, const struct item *i, const char *field)
{
    if (!values_any(p, i, field))
        return;
    const struct schema_field *f = values_field(p, i, field);
    page_html(p->rs, "<div><dt>{}</dt><dd>", str(text(p->rq->lang, f->label)));
    values_write(p, i, field);
    page_raw(p->rs, "</dd></div>\n");
}

static bool is_named(const char *const *names, const char *name)
{
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

void values_rows_but(const struct record_page *p, const struct item *i, const char *const *but)
{
    const struct schema_group *g = group_of(p, i);
    for (size_t f = 0; f < g->count; f++) {
        struct slice name = str(g->fields[f].name);
        if (!slice_ends(name, SLICE("-fr")) && !is_named(but, g->fields[f].name))
            values_row(p, i, g->fields[f].name);
    }
}
