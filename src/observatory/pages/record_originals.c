// SPDX-License-Identifier: Apache-2.0
// What the sources' own tables say: every column of every imported row, by value, as it was.
#include "observatory/pages/parts.h"
#include "observatory/pages/record_parts.h"

#include <jansson.h>

#define TRP(english) text(p->rq->lang, english)

enum { MAX_ROWS = 200 }; // of one record that are shown; exports have all

static void write_pair(const struct record_page *p, struct slice name, struct slice value)
{
    page_html(p->rs, "<tr><th scope=\"row\" lang=\"\">{}</th>", name);
    if (value.len) // in whatever language the source has them
        page_html(p->rs, "<td lang=\"\">{}</td></tr>\n", value);
    else
        page_html(p->rs, "<td><span class=\"quiet\">{}</span></td></tr>\n",
                  str(TRP(TEXT("empty"))));
}

static struct slice json_words(const struct record_page *p, const json_t *v)
{
    if (json_is_string(v))
        return slice_of(json_string_value(v), json_string_length(v));
    char *dump = json_dumps(v, JSON_ENCODE_ANY | JSON_INDENT(1));
    struct slice out = dump ? arena_copy(p->rq->arena, str(dump)) : (struct slice){0};
    free(dump);
    return out;
}

static void write_columns(const struct record_page *p, struct slice columns)
{
    json_t *root = json_loadb((const char *)columns.at, columns.len, JSON_DECODE_ANY, NULL);
    size_t index;
    json_t *pair, *value;
    const char *name;
    if (json_is_array(root)) {
        json_array_foreach(root, index, pair) write_pair(p, json_words(p, json_array_get(pair, 0)),
                                                         json_words(p, json_array_get(pair, 1)));
    } else if (json_is_object(root)) {
        json_object_foreach(root, name, value) write_pair(p, str(name), json_words(p, value));
    } else {
        write_pair(p, (struct slice){0}, columns);
    }
    json_decref(root);
}

static struct slice original_name(const struct record_page *p, const struct original *o)
{
    if (o->row)
        return arena_printf(p->rq->arena, TRP(TEXT("%.*s: %.*s, row %llu")), SLICE_FMT(o->dataset),
                            SLICE_FMT(o->file), (unsigned long long)o->row);
    return arena_printf(p->rq->arena, "%.*s: %.*s", SLICE_FMT(o->dataset), SLICE_FMT(o->file));
}

void section_originals(const struct record_page *p)
{
    struct original *rows;
    size_t count;
    struct err e;
    if (!store_originals(p->rq->store, p->meta->record, p->rq->arena, &rows, &count, &e) || !count)
        return;
    page_html(p->rs, "<h2 id=\"originals\">{}</h2>\n<p class=\"note\">{}</p>\n",
              str(TRP(TEXT("What the sources' own tables say"))),
              str(TRP(TEXT("Every column as imported, whether or not it is used above."))));
    for (size_t i = 0; i < count && i < MAX_ROWS; i++) {
        struct slice name = original_name(p, &rows[i]);
        page_html(
            p->rs,
            "<details class=\"original\"><summary>{}</summary><table class=\"pairs\"><caption "
            "class=\"hidden\">{}</caption><tbody>\n",
            name, name);
        write_columns(p, rows[i].columns);
        page_raw(p->rs, "</tbody></table></details>\n");
    }
    if (count > MAX_ROWS)
        page_html(p->rs, "<p>{}</p>\n",
                  str(TRP(TEXT("There are more; the JSON download has all of them."))));
}
