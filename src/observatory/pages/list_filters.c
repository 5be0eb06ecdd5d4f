// SPDX-License-Identifier: Apache-2.0
// The form above a list: search, years, and every filter of the schema. Countries are those that
// occur; terms are the vocabulary's. All are sorted as the language sorts.
#include "observatory/pages/list.h"
#include "observatory/pages/parts.h"

#include <unicode/ucol.h>
#include <unicode/ustring.h>

struct option {
    struct slice value, label;
    uint8_t *key; // how it sorts
    size_t key_len;
    bool rest; // "other" and "unknown": last
};

static int by_key(const void *left, const void *right)
{
    const struct option *a = left, *b = right;
    if (a->rest != b->rest)
        return a->rest - b->rest;
    return slice_compare(slice_of(a->key, a->key_len), slice_of(b->key, b->key_len));
}

static void make_key(struct arena *a, UCollator *collator, struct option *o)
{
    enum { MOST = 200 }; // characters that decide
    UChar wide[MOST];
    int32_t len = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(wide, MOST, &len, (const char *)o->label.at,
                  o->label.len > MOST ? MOST : (int32_t)o->label.len, &status);
    if (!collator || U_FAILURE(status)) {
        o->key = arena_bytes(a, o->label.len);
        memcpy(o->key, o->label.at, o->label.len);
        o->key_len = o->label.len;
        return;
    }
    int32_t size = ucol_getSortKey(collator, wide, len, NULL, 0);
    o->key = arena_bytes(a, (size_t)size);
    o->key_len = (size_t)ucol_getSortKey(collator, wide, len, o->key, size);
}

static void sort_options(struct request *rq, struct option *options, size_t count)
{
    UErrorCode status = U_ZERO_ERROR;
    UCollator *collator = ucol_open(page_locale(rq), &status);
    for (size_t i = 0; i < count; i++) {
        make_key(rq->arena, collator, &options[i]);
        options[i].rest = slice_equal_str(options[i].value, "other") ||
                          slice_equal_str(options[i].value, "unknown");
    }
    if (collator)
        ucol_close(collator);
    if (count)
        qsort(options, count, sizeof *options, by_key);
}

static size_t vocabulary_options(struct request *rq, const struct vocabulary *v,
                                 struct option **out)
{
    *out = ARENA_ARRAY(rq->arena, struct option, v->count + 1);
    for (size_t i = 0; i < v->count; i++)
        (*out)[i] = (struct option){.value = str(v->terms[i].code),
                                    .label = str(text(rq->lang, v->terms[i].label))};
    return v->count;
}

static bool stored_options(struct request *rq, const struct view *v, const struct filter *f,
                           const struct list_kind *k, struct option **out, size_t *count,
                           struct err *e)
{
    enum { MOST = 400 };
    struct query q = {.kind = v->q.kind, .states = k->states, .as_of = v->q.as_of};
    struct tally *found;
    if (!store_tally(rq->store, &q, f->name, NULL, rq->arena, &found, count, e))
        return false;
    *count = *count > MOST ? MOST : *count;
    *out = ARENA_ARRAY(rq->arena, struct option, *count + 1);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = (struct option){.value = found[i].value,
                                    .label = value_label(rq, f->field, found[i].value)};
    return true;
}

static bool is_chosen(const struct view *v, const char *name, struct slice value)
{
    for (size_t i = 0; i < v->q.filter_count; i++)
        if (strcmp(v->q.filters[i].field, name) == 0 && slice_equal(v->q.filters[i].value, value))
            return true;
    return false;
}

static bool has_chosen(const struct view *v, const char *name)
{
    for (size_t i = 0; i < v->q.filter_count; i++)
        if (strcmp(v->q.filters[i].field, name) == 0)
            return true;
    return false;
}

static void begin_filter(struct request *rq, struct response *rs, const struct view *v,
                         const struct filter *f)
{
    page_raw(rs, "<details");
    if (has_chosen(v, f->name))
        page_raw(rs, " open=\"\"");
    page_html(rs, "><summary>{}</summary><fieldset><legend class=\"hidden\">{}</legend>",
              str(view_filter_label(rq, f)), str(view_filter_label(rq, f)));
}

static void write_box(struct response *rs, const struct filter *f, struct slice value,
                      struct slice label, bool chosen)
{
    page_html(rs, "<label><input type=\"checkbox\" name=\"{}\" value=\"{}\"", str(f->name), value);
    if (chosen)
        page_raw(rs, " checked=\"\"");
    page_html(rs, "> {}</label>\n", label);
}

// Boxes to tick, so that several can hold.
static void write_boxes(struct request *rq, struct response *rs, const struct view *v,
                        const struct filter *f, const struct option *options, size_t count)
{
    begin_filter(rq, rs, v, f);
    for (size_t i = 0; i < count; i++)
        write_box(rs, f, options[i].value, options[i].label,
                  is_chosen(v, f->name, options[i].value));
    page_raw(rs, "</fieldset></details>\n");
}

// There are too many ids for boxes: one is typed, of which those that occur are offered; the ones
// in force are boxes, to be taken off.
static void write_ids(struct request *rq, struct response *rs, const struct view *v,
                      const struct filter *f, const struct option *options, size_t count)
{
    begin_filter(rq, rs, v, f);
    for (size_t i = 0; i < v->q.filter_count; i++)
        if (strcmp(v->q.filters[i].field, f->name) == 0)
            write_box(rs, f, v->q.filters[i].value, v->q.filters[i].value, true);
    page_html(rs,
              "<label for=\"f-{}\">{}</label> <input id=\"f-{}\" name=\"{}\" list=\"l-{}\" "
              "size=\"10\" maxlength=\"9\" placeholder=\"T1566\" aria-describedby=\"h-{}\">",
              str(f->name), str(TR("ATT&CK id")), str(f->name), str(f->name), str(f->name),
              str(f->name));
    page_html(rs, "<span class=\"hint\" id=\"h-{}\">{}</span>\n<datalist id=\"l-{}\">",
              str(f->name), str(TR("T1566 finds T1566.001 too.")), str(f->name));
    for (size_t i = 0; i < count; i++)
        page_html(rs, "<option value=\"{}\"></option>", options[i].value);
    page_raw(rs, "</datalist></fieldset></details>\n");
}

static bool write_filter(struct request *rq, struct response *rs, const struct view *v,
                         const struct filter *f, const struct list_kind *k, struct err *e)
{
    struct option *options;
    size_t count;
    if (f->field->vocabulary)
        count = vocabulary_options(rq, f->field->vocabulary, &options);
    else if (!stored_options(rq, v, f, k, &options, &count, e))
        return false;
    if (!count)
        return true;
    sort_options(rq, options, count);
    if (f->field->kind == VALUE_TECHNIQUE)
        write_ids(rq, rs, v, f, options, count);
    else
        write_boxes(rq, rs, v, f, options, count);
    return true;
}

static void write_search(struct request *rq, struct response *rs, const struct view *v)
{
    page_html(rs,
              "<p class=\"search\"><label for=\"q\">{}</label> <input id=\"q\" type=\"search\" "
              "name=\"q\" maxlength=\"300\" value=\"{}\"> <button>{}</button></p>\n",
              str(TR("Search titles, texts and sources")), v->q.words, str(TR("Search")));
}

static void write_span(struct request *rq, struct response *rs, const struct view *v)
{
    page_html(rs,
              "<p class=\"span\"><label for=\"since\">{}</label> <input id=\"since\" type=\"text\" "
              "name=\"since\" "
              "value=\"{}\" size=\"10\" inputmode=\"numeric\" placeholder=\"2015\"> ",
              str(TR("From")), v->since);
    page_html(rs,
              "<label for=\"until\">{}</label> <input id=\"until\" type=\"text\" name=\"until\" "
              "value=\"{}\" "
              "size=\"10\" inputmode=\"numeric\" placeholder=\"2020-06\"></p>\n",
              str(TR("Until")), v->until);
}

static void write_sort(struct request *rq, struct response *rs, const struct view *v)
{
    static const struct {
        enum query_sort sort;
        const char *words;
    } sorts[] = {
        {SORT_NEWEST, TEXT("Newest first")},        {SORT_OLDEST, TEXT("Oldest first")},
        {SORT_CHANGED, TEXT("Changed last first")}, {SORT_TITLE, TEXT("By title")},
        {SORT_RELEVANCE, TEXT("Best match first")},
    };
    page_html(rs,
              "<p class=\"sort\"><label for=\"sort\">{}</label> <select id=\"sort\" name=\"sort\">",
              str(TR("Order")));
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
        if (sorts[i].sort == SORT_RELEVANCE && !v->q.words.len)
            continue;
        page_html(rs, "<option value=\"{}\"", str(view_sort_name(sorts[i].sort)));
        if (v->q.sort == sorts[i].sort)
            page_raw(rs, " selected=\"\"");
        page_html(rs, ">{}</option>", str(text(rq->lang, sorts[i].words)));
    }
    page_raw(rs, "</select></p>\n");
}

bool list_filters_write(struct request *rq, struct response *rs, const struct view *v,
                        const struct list_kind *k, struct err *e)
{
    struct filter filters[VIEW_MAX_FILTERS];
    size_t count = view_filters(v->kind, filters);
    page_html(rs, "<form class=\"filters\" method=\"get\" action=\"{}\" role=\"search\">\n",
              rq->path);
    write_search(rq, rs, v);
    page_html(rs, "<details class=\"more\"><summary>{}</summary>\n", str(TR("Filter and sort")));
    write_span(rq, rs, v);
    page_raw(rs, "<div class=\"facets\">\n");
    for (size_t i = 0; i < count; i++)
        if (filters[i].field && !write_filter(rq, rs, v, &filters[i], k, e))
            return false;
    page_raw(rs, "</div>\n");
    write_sort(rq, rs, v);
    if (v->as_of.len)
        page_html(rs, "<input type=\"hidden\" name=\"as_of\" value=\"{}\">", v->as_of);
    page_html(rs, "<p><button>{}</button></p>\n</details>\n</form>\n", str(TR("Apply")));
    return true;
}
