// SPDX-License-Identifier: Apache-2.0
// A record's page, in the order in which a reader asks: what happened, when, to whom, where from,
// who says who did it, what was answered, why it is in the registry, on what it rests.
#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"
#include "observatory/pages/record_parts.h"

struct slice record_title(struct request *rq, const struct record *body, struct slice id,
                          const char **lang)
{
    bool french = strcmp(rq->lang->code, "fr") == 0;
    struct slice own = record_text(body, french ? "title-fr" : "title");
    struct slice other = record_text(body, french ? "title" : "title-fr");
    if (lang)
        *lang = own.len || !other.len ? rq->lang->code : french ? "en" : "fr";
    return own.len ? own : other.len ? other : id;
}

struct slice record_address(const struct record_page *p, const char *after)
{
    return arena_printf(p->rq->arena, "/%s%s/%.*s%s", p->rq->lang->code, p->path,
                        SLICE_FMT(p->meta->record), after);
}

static void write_summary(const struct record_page *p)
{
    const struct item *own = values_main(p);
    if (values_any(p, own, "summary")) {
        page_raw(p->rs, "<div class=\"lead prose\">");
        values_write(p, own, "summary");
        page_raw(p->rs, "</div>\n");
    }
}

static void write_kicker(const struct record_page *p)
{
    page_html(p->rs, "<p class=\"kicker\"><a href=\"{}\">{}</a> <span>{}</span></p>\n",
              page_path(p->rq, p->path), str(text(p->rq->lang, p->body->kind->plural)),
              p->meta->record);
}

// How far an allegation was examined stands before everything else.
static void write_status(const struct record_page *p)
{
    const struct item *own = values_main(p);
    const struct schema_field *f = own ? values_field(p, own, "status") : NULL;
    const struct vocabulary_term *term =
        f && f->vocabulary ? vocabulary_term_find(f->vocabulary, item_text(p->body, own, "status"))
                           : NULL;
    if (!term)
        return;
    page_html(p->rs, "<p class=\"status\">{} <strong>{}.</strong> {}</p>\n",
              str(text(p->rq->lang, TEXT("Status of the allegation:"))),
              str(text(p->rq->lang, term->label)), str(text(p->rq->lang, term->definition)));
}

static void write_title(const struct record_page *p)
{
    const char *lang;
    struct slice title = record_title(p->rq, p->body, p->meta->record, &lang);
    page_raw(p->rs, "<h1");
    page_lang(p->rq, p->rs, lang);
    page_html(p->rs, ">{}</h1>\n", title);
}

static void write_page(const struct record_page *p)
{
    page_begin(
        p->rq, p->rs,
        &(struct page_options){
            .title = arena_str(p->rq->arena, record_title(p->rq, p->body, p->meta->record, NULL)),
            .section = p->path + 1,
        });
    page_raw(p->rs, "<article>\n");
    write_kicker(p);
    write_title(p);
    section_banner(p);
    write_status(p);
    write_summary(p);
    section_advice(p);
    section_flags(p);
    section_dates(p);
    section_totals(p);
    section_facts(p);
    section_targets(p);
    section_indicators(p);
    section_origin(p);
    section_claims(p);
    section_responses(p);
    section_decision(p);
    section_links(p);
    section_sources(p);
    section_ids(p);
    section_originals(p);
    section_cite(p);
    section_about(p);
    page_raw(p->rs, "</article>\n");
    page_end(p->rq, p->rs);
}

// The list's path under which a record of that id belongs; false after another was answered.
static bool find_path(struct request *rq, struct response *rs, struct slice id, const char *after,
                      const char **path)
{
    *path = schema_kind_path(schema_kind_by_prefix(id));
    if (!*path) {
        response_error(rq, rs, 404, TR("There is no such record."));
        return false;
    }
    struct slice right =
        arena_printf(rq->arena, "/%s%s/%.*s%s", rq->lang->code, *path, SLICE_FMT(id), after);
    if (!slice_starts(rq->path, arena_printf(rq->arena, "/%s%s/", rq->lang->code, *path))) {
        response_redirect(rq, rs, right);
        return false;
    }
    return true;
}

void record_get(struct request *rq, struct response *rs)
{
    struct revision meta;
    struct record body;
    struct err e = {0};
    const char *path;
    vtime as_of = 0;
    struct slice day = slice_trim(request_param(rq, "as_of"));
    if (!find_path(rq, rs, rq->part[0], "", &path))
        return;
    if (day.len && !view_as_of(day, &as_of))
        as_of = 0;
    enum store_found found =
        store_record(rq->store, rq->part[0], as_of, false, rq->arena, &meta, &body, &e);
    if (found == STORE_ERROR) {
        page_failed(rq, rs, &e);
        return;
    }
    if (found == STORE_NONE) {
        response_error(rq, rs, 404, TR("There is no such record."));
        return;
    }
    struct record_page p = {rq, rs, &meta, &body, path, as_of != 0};
    write_page(&p);
    record_free(&body);
}

static uint32_t read_revision_number(struct slice s)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9' || n > 100000)
            return 0;
        n = n * 10 + (uint32_t)(s.at[i] - '0');
    }
    return n;
}

void record_revision_get(struct request *rq, struct response *rs)
{
    struct revision meta;
    struct record body;
    struct err e = {0};
    const char *path;
    uint32_t number = read_revision_number(rq->part[1]);
    const char *after = text_format(rq->arena, "/revisions/%u", number);
    if (!find_path(rq, rs, rq->part[0], after, &path))
        return;
    enum store_found found =
        store_revision(rq->store, rq->part[0], number, rq->arena, &meta, &body, &e);
    if (found == STORE_ERROR) {
        page_failed(rq, rs, &e);
        return;
    }
    if (found == STORE_NONE || !meta.public_from) { // drafts are nobody's business
        if (found == STORE_FOUND)
            record_free(&body);
        response_error(rq, rs, 404, TR("There is no such revision."));
        return;
    }
    struct record_page p = {rq, rs, &meta, &body, path, true};
    write_page(&p);
    record_free(&body);
}
