// SPDX-License-Identifier: Apache-2.0
#include "observatory/pages/changes.h"

struct changes {
    struct request *rq;
    struct response *rs;
    const struct record *before, *after;
    bool ids;
};

static const struct item *find_item(const struct record *r, const char *group, struct slice id,
                                    size_t *place)
{
    *place = 0;
    for (const struct item *i = NULL; (i = record_next(r, group, i));) {
        ++*place;
        if (slice_equal(i->id, id))
            return i;
    }
    return NULL;
}

// What an item is called: "s2" in forms, its place among its like in a record that is read.
static struct slice item_name(const struct changes *x, const struct record *r, const char *group,
                              struct slice id)
{
    size_t place;
    if (x->ids || !find_item(r, group, id, &place))
        return id;
    return page_number(x->rq, place);
}

static void write_sources(const struct changes *x, const struct record *r, struct slice ids)
{
    const char *sep = " [";
    while (ids.len) {
        const uint8_t *space = memchr(ids.at, ' ', ids.len);
        size_t end = space ? (size_t)(space - ids.at) : ids.len;
        buf_str(&x->rs->body, end ? sep : "");
        page_text(x->rs, item_name(x, r, "sources", slice_sub(ids, 0, end)));
        sep = end ? ", " : sep;
        ids = slice_sub(ids, end + 1, ids.len);
    }
    if (sep[0] == ',')
        page_raw(x->rs, "]");
}

static void write_text(const struct changes *x, const struct record *r, const struct item *i,
                       const struct value *v)
{
    const struct schema_field *f = record_field(r, i, v);
    if (f->kind == VALUE_DATE)
        page_date(x->rq, x->rs, v->text, v->precision);
    else if (f->kind == VALUE_TERM || f->kind == VALUE_COUNTRY)
        page_text(x->rs, value_label(x->rq, f, v->text));
    else
        page_passage(x->rq, x->rs, v->text, value_lang(x->rq, r, i, f));
}

// All values of the field, those set aside too.
static void write_values(const struct changes *x, const struct record *r, const struct item *i,
                         int field)
{
    bool first = true;
    for (size_t k = 0; k < i->values.count; k++) {
        const struct value *v = &i->values.items[k];
        if (v->field != field)
            continue;
        if (!first)
            page_raw(x->rs, "; ");
        first = false;
        write_text(x, r, i, v);
        if (v->set_aside)
            page_html(x->rs, " ({})", str(text(x->rq->lang, TEXT("set aside"))));
        write_sources(x, r, v->sources);
        if (v->note.len)
            page_html(x->rs, " <span lang=\"\">({})</span>", v->note);
    }
}

static void write_side(const struct changes *x, const struct record *r,
                       const struct record_change *c, int field, bool now)
{
    size_t place;
    const struct item *i = find_item(r, c->group, c->item, &place);
    page_html(x->rs, "<td data-label=\"{}\">",
              str(text(x->rq->lang, now ? TEXT("After") : TEXT("Before"))));
    if (!i || !(now ? c->after : c->before).len) {
        page_html(x->rs, "<span class=\"quiet\">{}</span></td>",
                  str(text(x->rq->lang, TEXT("nothing"))));
        return;
    }
    buf_str(&x->rs->body, now ? "<ins>" : "<del>");
    write_values(x, r, i, field);
    buf_str(&x->rs->body, now ? "</ins></td>" : "</del></td>");
}

static void write_change(const struct changes *x, const struct record_change *c)
{
    const struct schema_kind *k = x->after->kind;
    const struct schema_group *g = &k->groups[schema_group_find(k, c->group)];
    int field = schema_field_find(g, c->field);
    page_raw(x->rs, "<tr><th scope=\"row\">");
    if (g->name[0]) {
        size_t place;
        const struct record *r =
            find_item(x->after, c->group, c->item, &place) ? x->after : x->before;
        page_html(x->rs, "{} ",
                  str(text_format(x->rq->arena, text(x->rq->lang, TEXT("%s %.*s:")),
                                  text(x->rq->lang, g->one_label),
                                  SLICE_FMT(item_name(x, r, c->group, c->item)))));
    }
    page_html(x->rs, "{}</th>", str(text(x->rq->lang, g->fields[field].label)));
    write_side(x, x->before, c, field, false);
    write_side(x, x->after, c, field, true);
    page_raw(x->rs, "</tr>\n");
}

const char *change_words(struct request *rq, const struct public_change *c)
{
    switch (c->row.state) {
    case STATE_WITHDRAWN:
        return TR("Withdrawn");
    case STATE_MERGED:
        return TR("Merged");
    case STATE_TURNED_DOWN:
        return c->was == STATE_TURNED_DOWN ? TR("Corrected") : TR("Turned down");
    default:
        return c->was == STATE_PUBLISHED     ? TR("Corrected")
               : c->was == STATE_TURNED_DOWN ? TR("Taken up")
                                             : TR("Reinstated");
    }
}

size_t changes_write(struct request *rq, struct response *rs, const char *caption,
                     const struct record *before, const struct record *after, bool ids)
{
    enum { MOST = 300 };
    const struct changes x = {rq, rs, before, after, ids};
    struct record_change *list;
    size_t count = record_diff(before, after, rq->arena, &list);
    if (!count)
        return 0;
    page_html(rs,
              "<table class=\"records changes\"><caption class=\"hidden\">{}</caption><thead><tr>"
              "<th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr>"
              "</thead><tbody>\n",
              str(caption), str(TR("Field")), str(TR("Before")), str(TR("After")));
    for (size_t i = 0; i < count && i < MOST; i++)
        write_change(&x, &list[i]);
    page_raw(rs, "</tbody></table>\n");
    if (count > MOST)
        page_html(rs, "<p class=\"note\">{}</p>\n",
                  str(text_format(rq->arena, TR("These are the first %s of %s changes."),
                                  text_number(rq->lang, rq->arena, MOST),
                                  text_number(rq->lang, rq->arena, count))));
    return count;
}
