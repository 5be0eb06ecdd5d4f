// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/show.h"

#include "observatory/pages/changes.h"

static void write_value(struct request *rq, struct response *rs, const struct record *r,
                        const struct item *i, const struct value *v)
{
    const struct schema_field *f = record_field(r, i, v);
    const char *lang = value_lang(rq, r, i, f);
    buf_str(&rs->body, v->set_aside ? "<dd class=\"aside\">" : "<dd>");
    if (f->kind == VALUE_DATE)
        page_html(rs, "{}", str(date_words(rq->lang, rq->arena, v->text, v->precision)));
    else if (f->kind == VALUE_TEXT) {
        page_raw(rs, "<span class=\"text\"");
        page_lang(rq, rs, lang);
        page_html(rs, ">{}</span>", v->text);
    } else
        page_passage(rq, rs, value_label(rq, f, v->text), lang);
    if (v->sources.len)
        page_html(rs, " <span class=\"basis\">[{}]</span>", v->sources);
    if (v->set_aside)
        page_html(rs, " <em>({})</em>", str(TR("set aside")));
    if (v->note.len)
        page_html(rs, " <span class=\"note\" lang=\"\">{}</span>", v->note);
    page_raw(rs, "</dd>\n");
}

void show_item(struct request *rq, struct response *rs, const struct record *r,
               const struct item *item)
{
    if (!item || item->values.count == 0) {
        page_html(rs, "<p class=\"hint\">{}</p>\n", str(TR("Nothing is coded yet.")));
        return;
    }
    const struct schema_group *g = &r->kind->groups[item->group];
    page_raw(rs, "<dl class=\"facts\">\n");
    for (size_t f = 0; f < g->count; f++) {
        bool named = false;
        for (size_t i = 0; i < item->values.count; i++) {
            if (item->values.items[i].field != f)
                continue;
            if (!named)
                page_html(rs, "<div><dt>{}</dt>\n", str(text(rq->lang, g->fields[f].label)));
            named = true;
            write_value(rq, rs, r, item, &item->values.items[i]);
        }
        if (named)
            page_raw(rs, "</div>\n");
    }
    page_raw(rs, "</dl>\n");
}

struct slice show_values(struct request *rq, const struct record *r, const struct item *item,
                         const char *field)
{
    struct buf b = {0};
    const struct schema_group *g = item ? &r->kind->groups[item->group] : NULL;
    int f = g ? schema_field_find(g, field) : -1;
    for (size_t i = 0; f >= 0 && i < item->values.count; i++) {
        const struct value *v = &item->values.items[i];
        if (v->field != f)
            continue;
        if (b.len)
            buf_str(&b, "; ");
        if (g->fields[f].kind == VALUE_DATE)
            buf_str(&b, date_words(rq->lang, rq->arena, v->text, v->precision));
        else
            buf_add(&b, value_label(rq, &g->fields[f], v->text));
        if (v->set_aside)
            buf_printf(&b, " (%s)", TR("set aside"));
    }
    struct slice out = arena_copy(rq->arena, buf_slice(&b));
    buf_free(&b);
    return out;
}

struct slice show_item_words(struct request *rq, const struct record *r, const struct item *item)
{
    // The first three values that are short: for most groups a name, a country, a date.
    const struct schema_group *g = &r->kind->groups[item->group];
    struct buf b = {0};
    size_t used = 0;
    for (size_t f = 0; f < g->count && used < 3; f++) {
        if (g->fields[f].kind == VALUE_TEXT || g->fields[f].kind == VALUE_HASH)
            continue;
        struct slice words = show_values(rq, r, item, g->fields[f].name);
        if (!words.len)
            continue;
        if (used++)
            buf_str(&b, " · ");
        buf_add(&b, words);
    }
    struct slice out = arena_copy(rq->arena, buf_slice(&b));
    buf_free(&b);
    return out.len ? out : str(TR("(empty)"));
}

static void show_group(struct request *rq, struct response *rs, const struct record *r,
                       const struct schema_group *g)
{
    const struct item *i = record_next(r, g->name, NULL);
    if (!i)
        return;
    page_html(rs, "<h2>{}</h2>\n", str(text(rq->lang, g->label)));
    for (; i; i = record_next(r, g->name, i)) {
        if (g->repeated)
            page_html(rs, "<h3>{} <code>{}</code></h3>\n", str(text(rq->lang, g->one_label)),
                      i->id);
        show_item(rq, rs, r, i);
    }
}

void show_record(struct request *rq, struct response *rs, const struct record *r)
{
    for (size_t g = 0; g < r->kind->count; g++)
        show_group(rq, rs, r, &r->kind->groups[g]);
}

size_t show_changes(struct request *rq, struct response *rs, const struct record *before,
                    const struct record *after)
{
    size_t count = changes_write(rq, rs, TR("What changes"), before, after, true);
    if (!count)
        page_html(rs, "<p>{}</p>\n", str(TR("Nothing changed.")));
    return count;
}

static void write_flag(struct request *rq, struct response *rs, const struct record *r,
                       const struct record_flag *x, struct slice links)
{
    int g = schema_group_find(r->kind, x->group);
    const struct schema_group *group = g >= 0 ? &r->kind->groups[g] : &r->kind->groups[0];
    int f = x->field ? schema_field_find(group, x->field) : -1;
    const char *fact = text(rq->lang, x->text);
    if (x->about)
        fact = text_format(rq->arena, "%s (%s)", fact, text(rq->lang, x->about));
    struct slice words = str(
        f >= 0 ? text_format(rq->arena, TR("%s: %s"), text(rq->lang, group->fields[f].label), fact)
               : fact);
    buf_str(&rs->body, x->error ? "<li class=\"error\">" : "<li>");
    if (links.len && group->repeated && x->item.len)
        page_html(rs, "<a href=\"{}/item/{}/{}#f-{}\">{}</a>", links, str(group->name), x->item,
                  str(x->field ? x->field : ""), words);
    else if (links.len && !group->repeated && f >= 0)
        page_html(rs, "<a href=\"{}/fields#f-{}\">{}</a>", links, str(x->field ? x->field : ""),
                  words);
    else
        page_html(rs, "{}", words);
    if (group->repeated)
        page_html(rs, " ({} {})", str(text(rq->lang, group->one_label)), x->item);
    page_raw(rs, "</li>\n");
}

size_t show_flags(struct request *rq, struct response *rs, const struct record *r,
                  struct slice links)
{
    struct record_flag *list;
    size_t count = record_check(r, rq->arena, &list), errors = 0;
    for (size_t i = 0; i < count; i++)
        errors += list[i].error;
    if (count == 0)
        return 0;
    page_html(rs,
              "<section class=\"flags\" aria-labelledby=\"h-flags\"><h2 id=\"h-flags\">{}</h2>\n",
              str(errors ? TR("To be mended before publication, and to be looked at")
                         : TR("To be looked at")));
    page_raw(rs, "<ul>\n");
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < count; i++)
            if (list[i].error == (pass == 0))
                write_flag(rq, rs, r, &list[i], links);
    page_raw(rs, "</ul></section>\n");
    return errors;
}

void show_history(struct request *rq, struct response *rs, const struct revision *list,
                  size_t count)
{
    page_html(
        rs,
        "<table class=\"records log\"><caption>{}</caption>\n<thead><tr><th scope=\"col\">{}</th>"
        "<th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th>"
        "<th scope=\"col\">{}</th></tr></thead>\n<tbody>\n",
        str(TR("Revisions")), str(TR("No.")), str(TR("When")), str(TR("Who")), str(TR("State")),
        str(TR("Why")));
    for (size_t i = 0; i < count; i++) {
        const struct revision *v = &list[i];
        page_printf(rs, "<tr><th scope=\"row\">%u</th>", v->number);
        page_html(rs,
                  "<td data-label=\"{}\">{}</td><td data-label=\"{}\">{}</td>"
                  "<td data-label=\"{}\">{}</td><td data-label=\"{}\">",
                  str(TR("When")), ui_time(rq, v->made), str(TR("Who")), v->author,
                  str(TR("State")), str(ui_state(rq, v->state)), str(TR("Why")));
        page_reason(rq, rs, v);
        page_raw(rs, "</td></tr>\n");
    }
    page_raw(rs, "</tbody></table>\n");
}

bool show_load(struct request *rq, struct response *rs, struct slice id, struct revision *meta,
               struct record *body)
{
    struct err e = {0};
    switch (store_record(rq->store, id, 0, true, rq->arena, meta, body, &e)) {
    case STORE_FOUND:
        return true;
    case STORE_NONE:
        response_error(rq, rs, 404, TEXT("There is no record of that id."));
        return false;
    case STORE_ERROR:
        break;
    }
    team_failed(rq, rs, &e);
    return false;
}

const struct item *show_find_item(const struct record *r, struct slice group, struct slice id)
{
    for (size_t i = 0; i < r->items.count; i++)
        if (slice_equal_str(group, r->kind->groups[r->items.items[i].group].name) &&
            slice_equal(r->items.items[i].id, id))
            return &r->items.items[i];
    return NULL;
}
