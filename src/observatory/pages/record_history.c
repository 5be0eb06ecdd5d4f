// SPDX-License-Identifier: Apache-2.0
// All public revisions of a record: who, when, why, and what changed.
#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"
#include "observatory/pages/record_parts.h"

enum { MAX_SHOWN = 50 }; // revisions with their differences, on one page

static const char *state_label(struct request *rq, enum record_state s)
{
    static const char *const labels[STATE_COUNT] = {
        [STATE_DRAFT] = TEXT("Draft"),
        [STATE_REVIEW] = TEXT("In review"),
        [STATE_PUBLISHED] = TEXT("Made public"),
        [STATE_WITHDRAWN] = TEXT("Withdrawn"),
        [STATE_TURNED_DOWN] = TEXT("Turned down"),
        [STATE_MERGED] = TEXT("Merged"),
    };
    return s < STATE_COUNT ? text(rq->lang, labels[s]) : "";
}

static const char *field_label(struct request *rq, const struct schema_kind *k,
                               const struct record_change *c)
{
    int g = schema_group_find(k, c->group);
    int f = g < 0 ? -1 : schema_field_find(&k->groups[g], c->field);
    if (f < 0)
        return c->field;
    const char *label = text(rq->lang, k->groups[g].fields[f].label);
    if (!c->item.len)
        return label;
    return text_format(rq->arena, "%s %.*s: %s", text(rq->lang, k->groups[g].one_label),
                       SLICE_FMT(c->item), label);
}

// Codes as their labels; other values as they are. Several values are joined by "; ".
static struct slice change_words(struct request *rq, const struct schema_kind *k,
                                 const struct record_change *c, struct slice joined)
{
    int g = schema_group_find(k, c->group);
    int at = g < 0 ? -1 : schema_field_find(&k->groups[g], c->field);
    const struct schema_field *f = at < 0 ? NULL : &k->groups[g].fields[at];
    if (!f || (f->kind != VALUE_TERM && f->kind != VALUE_COUNTRY))
        return joined;
    struct buf out = {0};
    while (joined.len) {
        const uint8_t *mark = memmem(joined.at, joined.len, "; ", 2);
        size_t end = mark ? (size_t)(mark - joined.at) : joined.len;
        buf_str(&out, out.len ? ", " : "");
        buf_add(&out, value_label(rq, f, slice_sub(joined, 0, end)));
        joined = slice_sub(joined, end + 2, joined.len);
    }
    struct slice words = arena_copy(rq->arena, buf_slice(&out));
    buf_free(&out);
    return words;
}

static void write_nothing(struct request *rq, struct response *rs, const char *label)
{
    page_html(rs, "<td data-label=\"{}\"><span class=\"quiet\">{}</span></td>", str(label),
              str(TR("nothing")));
}

static void write_change(struct request *rq, struct response *rs, const struct schema_kind *k,
                         const struct record_change *c)
{
    page_html(rs, "<tr><th scope=\"row\">{}</th>", str(field_label(rq, k, c)));
    if (c->before.len)
        page_html(rs, "<td data-label=\"{}\"><del>{}</del></td>", str(TR("Before")),
                  change_words(rq, k, c, c->before));
    else
        write_nothing(rq, rs, TR("Before"));
    if (c->after.len)
        page_html(rs, "<td data-label=\"{}\"><ins>{}</ins></td>", str(TR("After")),
                  change_words(rq, k, c, c->after));
    else
        write_nothing(rq, rs, TR("After"));
    page_raw(rs, "</tr>\n");
}

static void write_changes(struct request *rq, struct response *rs, const struct record *before,
                          const struct record *after)
{
    enum { MOST = 300 };
    struct record_change *changes;
    size_t count = record_diff(before, after, rq->arena, &changes);
    if (!count) {
        page_html(rs, "<p>{}</p>\n", str(TR("No value changed.")));
        return;
    }
    page_html(rs,
              "<table class=\"records changes\"><caption class=\"hidden\">{}</caption><thead><tr>"
              "<th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr>"
              "</thead><tbody>\n",
              str(TR("What changed")), str(TR("Field")), str(TR("Before")), str(TR("After")));
    for (size_t i = 0; i < count && i < MOST; i++)
        write_change(rq, rs, after->kind, &changes[i]);
    page_raw(rs, "</tbody></table>\n");
}

// The differences of one public revision from the public one before it.
static bool write_difference(struct request *rq, struct response *rs, const struct revision *now,
                             const struct revision *earlier, struct err *e)
{
    struct revision meta;
    struct record before, after;
    if (store_revision(rq->store, now->record, now->number, rq->arena, &meta, &after, e) !=
        STORE_FOUND)
        return false;
    bool ok = store_revision(rq->store, now->record, earlier->number, rq->arena, &meta, &before,
                             e) == STORE_FOUND;
    if (ok) {
        write_changes(rq, rs, &before, &after);
        record_free(&before);
    }
    record_free(&after);
    return ok;
}

static bool write_revision(struct request *rq, struct response *rs, const char *path,
                           const struct revision *r, const struct revision *earlier, struct err *e)
{
    page_html(rs, "<section class=\"revision\"><h2><a href=\"{}/{}/revisions/{}\">{}</a></h2>\n",
              page_path(rq, path), r->record, arena_printf(rq->arena, "%u", r->number),
              str(text_format(rq->arena, TR("Revision %u"), r->number)));
    page_html(rs, "<p><strong>{}</strong> · {} · {}</p>\n", str(state_label(rq, r->state)),
              page_day(rq, r->made), r->author);
    if (r->reason.len)
        page_html(rs, "<p>{} {}</p>\n", str(TR("Reason:")), r->reason);
    bool ok = true;
    if (earlier)
        ok = write_difference(rq, rs, r, earlier, e);
    else
        page_html(rs, "<p>{}</p>\n", str(TR("First public revision.")));
    page_raw(rs, "</section>\n");
    return ok;
}

void record_history_get(struct request *rq, struct response *rs)
{
    struct slice id = rq->part[0];
    const char *path = schema_kind_path(schema_kind_by_prefix(id));
    struct revision *list;
    size_t count;
    struct err e = {0};
    if (!path) {
        response_error(rq, rs, 404, TR("There is no such record."));
        return;
    }
    if (!store_history(rq->store, id, true, rq->arena, &list, &count, &e)) {
        page_failed(rq, rs, &e);
        return;
    }
    if (!count) {
        response_error(rq, rs, 404, TR("There is no such record."));
        return;
    }
    const char *title = text_format(rq->arena, TR("History of %.*s"), SLICE_FMT(id));
    page_begin(rq, rs, &(struct page_options){.title = title, .section = path + 1});
    page_html(
        rs, "<p class=\"kicker\"><a href=\"{}/{}\">{}</a></p>\n<h1>{}</h1>\n<p>{}</p>\n",
        page_path(rq, path), id, str(TR("Back to the record")), str(title),
        str(TR("Nothing is overwritten: each public revision stays, with who made it and why.")));
    for (size_t i = 0; i < count && i < MAX_SHOWN; i++)
        if (!write_revision(rq, rs, path, &list[i], i + 1 < count ? &list[i + 1] : NULL, &e)) {
            page_failed(rq, rs, &e);
            return;
        }
    page_end(rq, rs);
}
