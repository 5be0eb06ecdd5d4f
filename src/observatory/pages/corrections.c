// SPDX-License-Identifier: Apache-2.0
// What was corrected, withdrawn or merged after publication, with the reasons; and how to ask.
#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"
#include "observatory/pages/record_parts.h"

#include "observatory/http/app.h"

enum { SHOWN = 40 };

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

static const char *state_words(struct request *rq, enum record_state s)
{
    switch (s) {
    case STATE_WITHDRAWN:
        return TR("Withdrawn");
    case STATE_MERGED:
        return TR("Merged");
    case STATE_TURNED_DOWN:
        return TR("Turned down");
    default:
        return TR("Corrected");
    }
}

static void write_row(struct request *rq, struct response *rs, const struct list_row *row,
                      const struct revision *newest)
{
    const char *path = schema_kind_path(schema_kind_by_prefix(row->id));
    page_html(rs, "<li><p><time datetime=\"{}\">{}</time> · <strong>{}</strong> · ",
              date_of_day(rq->arena, (int32_t)(time_to_unix(newest->made) / 86400)),
              page_day(rq, newest->made), str(state_words(rq, row->state)));
    page_html(rs, "<a href=\"{}/{}/history\"", page_path(rq, path ? path : "/incidents"), row->id);
    if (row_title_foreign(rq, row))
        page_raw(rs, " lang=\"en\"");
    page_html(rs, ">{}</a> <span class=\"quiet\">{}</span></p>", row_title(rq, row), row->id);
    if (newest->reason.len)
        page_html(rs, "<p class=\"quiet\">{} {}</p>", str(TR("Reason:")), newest->reason);
    page_raw(rs, "</li>\n");
}

// Rows by the time of their newest change; only those that have changed since they became public.
static bool write_changes(struct request *rq, struct response *rs, const char *id,
                          const char *title, const char *none, uint32_t states, bool revised,
                          struct err *e)
{
    struct query q = {.states = states, .sort = SORT_CHANGED, .limit = 200};
    struct list_row *rows;
    size_t count, shown = 0;
    uint64_t total;
    if (!store_list(rq->store, &q, rq->arena, &rows, &count, &total, e))
        return false;
    page_html(rs, "<h2 id=\"{}\">{}</h2>\n", str(id), str(title));
    for (size_t i = 0; i < count && shown < SHOWN; i++) {
        struct revision *list;
        size_t revisions = 0;
        if ((!revised || rows[i].revision > 1) &&
            !store_history(rq->store, rows[i].id, true, rq->arena, &list, &revisions, e))
            return false;
        if (!revisions || (revised && revisions < 2))
            continue; // drafts before publication are no corrections
        if (!shown++)
            page_raw(rs, "<ul class=\"changes\">\n");
        write_row(rq, rs, &rows[i], &list[0]);
    }
    if (shown)
        page_raw(rs, "</ul>\n");
    else
        page_html(rs, "<p>{}</p>\n", str(none));
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
    if (!write_changes(rq, rs, "withdrawn", TR("Withdrawn or merged"),
                       TR("Nothing was withdrawn or merged."),
                       1u << STATE_WITHDRAWN | 1u << STATE_MERGED, false, &e) ||
        !write_changes(rq, rs, "corrected", TR("Records corrected"), TR("Nothing was corrected."),
                       1u << STATE_PUBLISHED, true, &e)) {
        page_failed(rq, rs, &e);
        return;
    }
    page_end(rq, rs);
}
