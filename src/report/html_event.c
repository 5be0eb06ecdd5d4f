// SPDX-License-Identifier: Apache-2.0
// An event's JSON for reading: one value a line, indented, without quotes and commas that say
// nothing.
#include "report/html.h"

#include "case/case_json.h"

enum {
    EVENT_MAX_DEPTH = 40,
    EVENT_MAX_BYTES = 12000, // of the text shown; the whole is in the case
    EVENT_MAX_VALUE = 4000,
};

struct printer {
    struct html *h;
    const struct case_fields *fields;
    size_t start;
    int depth;
};

// Sigma's names leave out spaces, and System's attributes are joined by _: only the plain case is
// marked.
static bool matched(const struct printer *p, struct slice name)
{
    for (size_t i = 0; i < p->fields->count; i++)
        if (slice_equal_nocase(p->fields->at[i].name, name))
            return true;
    return false;
}

static void indent(struct printer *p)
{
    size_t blanks = p->depth > 1 ? 2 * (size_t)(p->depth - 1) : 0;
    h_raw(p->h, "\n");
    memset(buf_reserve(&p->h->b, blanks), ' ', blanks);
    p->h->b.len += blanks;
}

static void add_value(struct printer *p, struct slice text)
{
    h_value_cut(p->h, json_string_text(text, &p->h->r->scratch), EVENT_MAX_VALUE);
}

static void add_token(struct printer *p, const struct json_token *t, bool *key_next, bool *bold)
{
    const bool inside = p->depth > 0;
    switch (t->kind) {
    case JSON_OBJECT_BEGIN:
    case JSON_ARRAY_BEGIN:
        *key_next = t->kind == JSON_OBJECT_BEGIN;
        p->depth++;
        break;
    case JSON_OBJECT_END:
    case JSON_ARRAY_END:
        p->depth -= inside;
        break;
    case JSON_STRING:
    case JSON_WORD:
        if (*key_next) {
            struct slice name = json_string_text(t->text, &p->h->r->scratch);
            *bold = matched(p, name);
            indent(p);
            h_raw(p->h, *bold ? "<b>" : "<span class=\"k\">");
            h_text(p->h, slice_sub(name, 0, 200));
            h_raw(p->h, *bold ? "</b>" : "</span>");
            *key_next = false;
            break;
        }
        h_raw(p->h, *bold ? " <b>" : " ");
        add_value(p, t->text);
        h_raw(p->h, *bold ? "</b>" : "");
        break;
    case JSON_COLON:
        h_raw(p->h, ":");
        break;
    case JSON_COMMA:
    case JSON_END:
        break;
    }
}

void html_event(struct html *h, struct slice json, const struct case_fields *fields)
{
    struct printer p = {h, fields, h->b.len, 0};
    bool in_object[EVENT_MAX_DEPTH] = {0};
    bool key_next = false, bold = false;
    size_t pos = 0;
    h_raw(h, "<pre>");
    for (;;) {
        struct json_token t = json_next(json, &pos);
        if (t.kind == JSON_END || p.depth >= EVENT_MAX_DEPTH - 1 ||
            h->b.len - p.start > EVENT_MAX_BYTES)
            break;
        add_token(&p, &t, &key_next, &bold);
        if (t.kind == JSON_OBJECT_BEGIN || t.kind == JSON_ARRAY_BEGIN)
            in_object[p.depth] = t.kind == JSON_OBJECT_BEGIN;
        if (t.kind == JSON_COMMA) // in an object a name follows, in a list a value
            key_next = in_object[p.depth];
    }
    if (pos < json.len)
        h_raw(h, "\n…");
    h_raw(h, "</pre>\n");
}
