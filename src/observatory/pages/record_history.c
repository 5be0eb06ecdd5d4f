// SPDX-License-Identifier: Apache-2.0
// All public revisions of a record: who, when, why, and what changed.
#include "observatory/pages/changes.h"
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
        if (!changes_write(rq, rs, TR("What changed"), &before, &after, false))
            page_html(rs, "<p>{}</p>\n", str(TR("No value changed.")));
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
    if (r->reason.len) {
        page_html(rs, "<p>{} ", str(TR("Reason:")));
        page_reason(rq, rs, r);
        page_raw(rs, "</p>\n");
    }
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
