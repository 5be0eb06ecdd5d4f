// SPDX-License-Identifier: Apache-2.0
// Words for values, and the list of what a kind of record can be filtered by: both made from the
// schema.
#include "observatory/pages/parts.h"
#include "observatory/pages/view.h"

#include "observatory/model/texts.h"

const struct filter *view_filter_find(const struct filter *filters, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(filters[i].name, name) == 0)
            return &filters[i];
    return NULL;
}

size_t view_filters(const struct schema_kind *kind, struct filter out[VIEW_MAX_FILTERS])
{
    size_t count = 0;
    for (size_t g = 0; g < kind->count; g++)
        for (size_t f = 0; f < kind->groups[g].count && count < VIEW_MAX_FILTERS; f++) {
            const struct schema_field *field = &kind->groups[g].fields[f];
            const char *name = field->filter_name ? field->filter_name : field->name;
            if (field->filter && !view_filter_find(out, count, name))
                out[count++] = (struct filter){name, field->label, field, &kind->groups[g]};
        }
    if (count < VIEW_MAX_FILTERS)
        out[count++] = (struct filter){"year", TEXT("Year"), NULL, NULL};
    return count;
}

const char *view_filter_label(struct request *rq, const struct filter *f)
{
    const char *label = text(rq->lang, f->label);
    if (!f->group || !f->group->repeated)
        return label;
    return text_format(rq->arena, TR("%s: %s"), text(rq->lang, f->group->one_label), label);
}

struct slice value_label(struct request *rq, const struct schema_field *f, struct slice value)
{
    if (!f)
        return value;
    if (f->kind == VALUE_COUNTRY)
        return country_name(rq->arena, value, page_locale(rq));
    const struct vocabulary_term *term =
        f->vocabulary ? vocabulary_term_find(f->vocabulary, value) : NULL;
    return term ? str(text(rq->lang, term->label)) : value;
}

struct slice term_label(struct request *rq, const struct schema_kind *kind, const char *filter,
                        struct slice value)
{
    struct filter filters[VIEW_MAX_FILTERS];
    size_t count = view_filters(kind, filters);
    const struct filter *f = view_filter_find(filters, count, filter);
    return value_label(rq, f ? f->field : NULL, value);
}

// Codes joined by a space, as in a row of a list, as labels joined by a comma.
struct slice terms_words(struct request *rq, const struct schema_kind *kind, const char *filter,
                         struct slice codes)
{
    struct buf words = {0};
    while (codes.len) {
        const uint8_t *space = memchr(codes.at, ' ', codes.len);
        size_t end = space ? (size_t)(space - codes.at) : codes.len;
        if (end) {
            if (words.len)
                buf_str(&words, ", ");
            buf_add(&words, term_label(rq, kind, filter, slice_sub(codes, 0, end)));
        }
        codes = slice_sub(codes, end + 1, codes.len);
    }
    struct slice out = arena_copy(rq->arena, buf_slice(&words));
    buf_free(&words);
    return out;
}

const char *page_series(struct request *rq, const struct slice *words, size_t count)
{
    struct buf b = {0};
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_str(&b, i + 1 < count ? ", " : TR(" and "));
        buf_add(&b, words[i]);
    }
    const char *out = arena_str(rq->arena, buf_slice(&b));
    buf_free(&b);
    return out;
}

static bool in_french(const struct request *rq)
{
    return strcmp(rq->lang->code, "fr") == 0;
}

struct slice row_title(struct request *rq, const struct list_row *row)
{
    if (row->title_fr.len && (in_french(rq) || !row->title.len))
        return row->title_fr;
    return row->title.len ? row->title : row->id;
}

const char *row_title_lang(struct request *rq, const struct list_row *row)
{
    if (row->title_fr.len && (in_french(rq) || !row->title.len))
        return "fr";
    return row->title.len ? "en" : rq->lang->code;
}

const char *value_lang(struct request *rq, const struct record *r, const struct item *i,
                       const struct schema_field *f)
{
    const struct schema_group *g = &r->kind->groups[i->group];
    const char *said = schema_field_language(g, f);
    if (said)
        return said;
    if (strcmp(g->name, "sources") == 0 && strcmp(f->name, "title") == 0) {
        struct slice code = item_text(r, i, "language");
        return code.len == 2 ? arena_str(rq->arena, code) : NULL;
    }
    return f->kind == VALUE_TEXT ? NULL : rq->lang->code;
}

void page_lang(struct request *rq, struct response *rs, const char *lang)
{
    if (!lang || strcmp(lang, rq->lang->code) != 0)
        page_html(rs, " lang=\"{}\"", str(lang ? lang : ""));
}

void page_passage(struct request *rq, struct response *rs, struct slice text, const char *lang)
{
    if (lang && strcmp(lang, rq->lang->code) == 0) {
        page_text(rs, text);
        return;
    }
    page_raw(rs, "<span");
    page_lang(rq, rs, lang);
    page_html(rs, ">{}</span>", text);
}

static size_t digits(struct slice s, size_t from)
{
    size_t at = from;
    while (at < s.len && s.at[at] >= '0' && s.at[at] <= '9')
        at++;
    return at - from;
}

// The length of the id ("I-000123") or date ("2026-11", "2026-11-22") with which a text begins; 0
// when there is none.
static size_t unbroken_length(struct slice s)
{
    size_t first = digits(s, 0), end = 0;
    if (s.len > 2 && s.at[0] >= 'A' && s.at[0] <= 'Z' && s.at[1] == '-')
        return digits(s, 2) ? 2 + digits(s, 2) : 0;
    for (size_t at = first; first == 4 && at < s.len && s.at[at] == '-' && digits(s, at + 1) == 2;
         at += 3)
        end = at + 3;
    return end;
}

void page_unbroken(struct response *rs, struct slice text)
{
    size_t done = 0;
    for (size_t at = 0; at < text.len;) {
        size_t n = unbroken_length(slice_sub(text, at, text.len));
        if (!n) {
            at += digits(text, at) ? digits(text, at) : 1;
            continue;
        }
        page_text(rs, slice_sub(text, done, at));
        page_html(rs, "<span class=\"unbroken\">{}</span>", slice_sub(text, at, at + n));
        done = at += n;
    }
    page_text(rs, slice_sub(text, done, text.len));
}

void page_reason(struct request *rq, struct response *rs, const struct revision *r)
{
    const struct language *l = web_language(r->reason_lang);
    bool translated = l && l != rq->lang && r->reason_other.len;
    page_passage(rq, rs, translated ? r->reason_other : r->reason,
                 translated ? rq->lang->code
                 : l        ? l->code
                            : NULL);
}
