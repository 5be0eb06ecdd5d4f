// SPDX-License-Identifier: Apache-2.0
// What was corrected, withdrawn or merged after publication, with the reasons; and how to ask.
#include "observatory/pages/changes.h"
#include "observatory/pages/pages.h"
#include "observatory/pages/record_parts.h"

#include "observatory/http/app.h"

enum { SHOWN = 40, LOOKED_AT = 1000 };

static void write_how(struct request *rq, struct response *rs)
{
    struct slice contact = rq->app ? rq->app->settings.contact : (struct slice){0};
    page_html(rs,
              "<h2 id=\"ask\">{}</h2>\n<p>{}</p>\n<p><a class=\"button\" href=\"{}\">{}</a></p>\n",
              str(TR("How to ask for a correction")),
              str(TR("Say which record, what is wrong, and which source shows it. You need not say "
                     "who you are.")),
              page_path(rq, "/corrections/new"), str(TR("Ask for a correction")));
    if (contact.len && memchr(contact.at, '@', contact.len))
        page_html(rs, "<p>{} <a href=\"mailto:{}\">{}</a></p>\n", str(TR("Or write:")), contact,
                  contact);
    else if (contact.len)
        page_html(rs, "<p>{} {}</p>\n", str(TR("Or write:")), contact);
    page_html(rs, "<p>{}</p>\n",
              str(TR("Whoever is named in a record may answer; the answer is printed there in full "
                     "as a right of reply. What was changed and why is listed below.")));
}

static void write_row(struct request *rq, struct response *rs, const struct list_row *row,
                      const char *what)
{
    const char *path = schema_kind_path(schema_kind_by_prefix(row->id));
    page_html(rs, "<p><time datetime=\"{}\">{}</time> · <strong>{}</strong> · ",
              date_of_day(rq->arena, (int32_t)(time_to_unix(row->changed) / 86400)),
              page_day(rq, row->changed), str(what));
    page_html(rs, "<a href=\"{}/{}/history\"", page_path(rq, path ? path : "/incidents"), row->id);
    page_lang(rq, rs, row_title_lang(rq, row));
    page_html(rs, ">{}</a> <span class=\"quiet\">{}</span></p>", row_title(rq, row), row->id);
}

static void write_reason(struct request *rq, struct response *rs, const struct revision *r)
{
    if (!r->reason.len)
        return;
    page_html(rs, "<p class=\"quiet\">{} ", str(TR("Reason:")));
    page_reason(rq, rs, r);
    page_raw(rs, "</p>");
}

// --- withdrawn, merged

static bool write_gone(struct request *rq, struct response *rs, struct err *e)
{
    struct query q = {
        .states = 1u << STATE_WITHDRAWN | 1u << STATE_MERGED, .sort = SORT_CHANGED, .limit = SHOWN};
    struct list_row *rows;
    size_t count;
    uint64_t total;
    if (!store_list(rq->store, &q, rq->arena, &rows, &count, &total, e))
        return false;
    page_html(rs, "<h2 id=\"withdrawn\">{}</h2>\n", str(TR("Withdrawn or merged")));
    if (!count)
        page_html(rs, "<p>{}</p>\n", str(TR("Nothing was withdrawn or merged.")));
    else
        page_raw(rs, "<ul class=\"changes\">\n");
    for (size_t i = 0; i < count; i++) {
        struct revision now;
        if (store_revision(rq->store, rows[i].id, rows[i].revision, rq->arena, &now, NULL, e) !=
            STORE_FOUND)
            return false;
        page_raw(rs, "<li>");
        write_row(rq, rs, &rows[i], rows[i].state == STATE_MERGED ? TR("Merged") : TR("Withdrawn"));
        write_reason(rq, rs, &now);
        page_raw(rs, "</li>\n");
    }
    if (count)
        page_raw(rs, "</ul>\n");
    return true;
}

// --- corrected

static const char *change_label(struct request *rq, const struct schema_kind *k,
                                const struct record_change *c)
{
    const struct schema_group *g = &k->groups[schema_group_find(k, c->group)];
    return text(rq->lang, g->name[0] ? g->label : g->fields[schema_field_find(g, c->field)].label);
}

// What changed, by the names of fields, of other parts by the parts': each once.
static void write_labels(struct request *rq, struct response *rs, const struct schema_kind *k,
                         const struct record_change *list, size_t count)
{
    enum { MOST = 8 };
    const char *said[MOST];
    size_t n = 0;
    for (size_t i = 0; i < count && n < MOST; i++) {
        const char *label = change_label(rq, k, &list[i]);
        bool again = false;
        for (size_t s = 0; s < n; s++)
            again = again || strcmp(said[s], label) == 0;
        if (!again)
            said[n++] = label;
    }
    page_html(rs, "<p class=\"quiet\">{} ", str(TR("What changed:")));
    for (size_t s = 0; s < n; s++)
        page_html(rs, "{}{}", str(s ? ", " : ""), str(said[s]));
    buf_str(&rs->body, n == MOST ? "…</p>" : "</p>");
}

static bool write_correction(struct request *rq, struct response *rs, const struct public_change *c,
                             size_t *shown, struct err *e)
{
    struct revision was, now;
    struct record before, after;
    struct record_change *list;
    if (store_revision(rq->store, c->row.id, c->before, rq->arena, &was, &before, e) != STORE_FOUND)
        return false;
    if (store_revision(rq->store, c->row.id, c->row.revision, rq->arena, &now, &after, e) !=
        STORE_FOUND) {
        record_free(&before);
        return false;
    }
    size_t count = record_diff(&before, &after, rq->arena, &list);
    if (count || c->was != c->row.state) { // else it was made public again as it was
        if (!(*shown)++)
            page_raw(rs, "<ul class=\"changes\">\n");
        page_raw(rs, "<li>");
        write_row(rq, rs, &c->row, change_words(rq, c));
        if (count)
            write_labels(rq, rs, after.kind, list, count);
        write_reason(rq, rs, &now);
        page_raw(rs, "</li>\n");
    }
    record_free(&before);
    record_free(&after);
    return true;
}

static bool is_gone(enum record_state s)
{
    return s == STATE_WITHDRAWN || s == STATE_MERGED;
}

static bool write_corrected(struct request *rq, struct response *rs, struct err *e)
{
    enum { AT_ONCE = 100 };
    struct public_change *list;
    size_t count, shown = 0, offset = 0;
    uint64_t total;
    page_html(rs, "<h2 id=\"corrected\">{}</h2>\n", str(TR("Records corrected")));
    do {
        if (!store_changes(rq->store, 0, offset, AT_ONCE, rq->arena, &list, &count, &total, e))
            return false;
        for (size_t i = 0; i < count && shown < SHOWN; i++)
            if (!is_gone(list[i].row.state) && !write_correction(rq, rs, &list[i], &shown, e))
                return false;
        offset += count;
    } while (count && shown < SHOWN && offset < LOOKED_AT);
    if (shown)
        page_raw(rs, "</ul>\n");
    else
        page_html(rs, "<p>{}</p>\n", str(TR("Nothing was corrected.")));
    page_raw(rs, "<p>");
    page_linked(rq, rs,
                TR("Earlier ones are in the [feed of corrections] and in each record's "
                   "history."),
                arena_str(rq->arena, page_feed(rq, SLICE("/feeds/corrections.atom"))));
    page_raw(rs, "</p>\n");
    return true;
}

void corrections_get(struct request *rq, struct response *rs)
{
    struct err e = {0};
    page_begin(rq, rs,
               &(struct page_options){.title = TR("Corrections and withdrawals"),
                                      .section = "corrections"});
    page_html(rs, "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n", str(TR("Corrections and withdrawals")),
              str(TR("Nothing is changed in silence, and nothing disappears.")));
    write_how(rq, rs);
    if (!write_gone(rq, rs, &e) || !write_corrected(rq, rs, &e)) {
        page_failed(rq, rs, &e);
        return;
    }
    page_end(rq, rs);
}
