// SPDX-License-Identifier: Apache-2.0
// Atom (RFC 4287), with pages (RFC 5005, section 3). Ids are tag addresses (RFC 4151): they stay
// when the registry moves between http and https, and are the same in both languages.
#include "observatory/machine/parts.h"

#include "observatory/http/app.h"
#include "observatory/model/texts.h"
#include "observatory/pages/parts.h"

struct feed {
    const char *path, *title, *kind;
    uint32_t states;  // 0: published
    bool corrections; // only what changed after it was first public
};

static const struct feed incidents = {"/feeds/incidents.atom", TEXT("New and changed incidents"),
                                      "incident", 0, false};
static const struct feed advisories = {"/feeds/advisories.atom", TEXT("Advisories"), "advisory", 0,
                                       false};
static const struct feed corrections = {
    "/feeds/corrections.atom", TEXT("Corrections and withdrawals"), NULL,
    1u << STATE_PUBLISHED | 1u << STATE_WITHDRAWN | 1u << STATE_MERGED, true};

static struct slice tag(struct request *rq, const char *kind, struct slice what)
{
    const uint8_t *at = memmem(rq->base_url.at, rq->base_url.len, "://", 3);
    struct slice host =
        slice_sub(rq->base_url, at ? (size_t)(at - rq->base_url.at) + 3 : 0, rq->base_url.len);
    const uint8_t *colon = memchr(host.at, ':', host.len);
    if (colon && host.at[0] != '[')
        host = slice_sub(host, 0, (size_t)(colon - host.at));
    return arena_printf(rq->arena, "tag:%.*s,2026:%s/%.*s", SLICE_FMT(host), kind, SLICE_FMT(what));
}

static struct slice instant(struct arena *a, vtime t)
{
    char text[VTIME_TEXT_MAX];
    size_t n = time_format_seconds(t, text);
    return arena_copy(a, slice_of(text, n));
}

static void write_links(struct request *rq, struct response *rs, const struct feed *f,
                        const struct view *v, uint64_t total)
{
    size_t pages = (size_t)((total + VIEW_PAGE - 1) / VIEW_PAGE);
    page_html(rs, "<link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>\n",
              machine_page_address(rq, v, f->path, v->page));
    if (v->page < pages)
        page_html(rs, "<link rel=\"next\" type=\"application/atom+xml\" href=\"{}\"/>\n",
                  machine_page_address(rq, v, f->path, v->page + 1));
    if (v->page > 1)
        page_html(rs, "<link rel=\"previous\" type=\"application/atom+xml\" href=\"{}\"/>\n",
                  machine_page_address(rq, v, f->path, v->page - 1));
    page_html(rs, "<link rel=\"alternate\" type=\"text/html\" hreflang=\"{}\" href=\"{}{}\"/>\n",
              str(rq->lang->code), rq->base_url,
              page_path(rq, f->corrections     ? "/corrections"
                            : f == &advisories ? "/advisories"
                                               : "/incidents"));
}

static const char *state_words(struct request *rq, const struct feed *f, enum record_state s)
{
    if (s == STATE_WITHDRAWN)
        return TR("Withdrawn");
    if (s == STATE_MERGED)
        return TR("Merged");
    return f->corrections ? TR("Corrected") : NULL;
}

static void write_summary(struct request *rq, struct response *rs, const struct schema_kind *kind,
                          const struct list_row *row, struct slice reason)
{
    page_raw(rs, "<summary type=\"text\">");
    if (reason.len)
        page_html(rs, "{} {}\n", str(TR("Reason:")), reason);
    if (row->types.len && strcmp(kind->name, "incident") == 0)
        page_html(rs, "{} {}\n", str(TR("Type:")), terms_words(rq, kind, "type", row->types));
    if (row->origins.len)
        page_html(rs, "{} {}\n{}", str(TR("Origin as reported:")),
                  terms_words(rq, kind, "origin", row->origins),
                  str(TR("An origin does not imply that a government is responsible.")));
    page_raw(rs, "</summary>\n");
}

// One entry, from the record's history: when it was first public, when last changed, why.
static bool write_entry(struct request *rq, struct response *rs, const struct feed *f,
                        const struct list_row *row, struct err *e)
{
    struct revision *list;
    size_t count;
    const struct schema_kind *kind = schema_kind_by_prefix(row->id);
    const char *plural = kind ? machine_plural(kind->name) : NULL;
    if (!plural)
        return true;
    if (!store_history(rq->store, row->id, true, rq->arena, &list, &count, e))
        return false;
    // A published record is corrected when it was public before, whatever its drafts were.
    if (!count || (f->corrections && row->state == STATE_PUBLISHED && count < 2))
        return true;
    const char *state = state_words(rq, f, row->state);
    struct slice what = row->id;
    if (f->corrections) // each correction is an entry of its own
        what = arena_printf(rq->arena, "%.*s/%u", SLICE_FMT(row->id), list[0].number);
    page_html(rs, "<entry>\n<id>{}</id>\n<title type=\"text\"", tag(rq, plural, what));
    if (row_title_foreign(rq, row))
        page_raw(rs, " xml:lang=\"en\"");
    page_raw(rs, ">");
    if (state)
        page_html(rs, "{} – ", str(state));
    page_html(rs, "{}</title>\n<updated>{}</updated>\n<published>{}</published>\n",
              row_title(rq, row), instant(rq->arena, list[0].made),
              instant(rq->arena, list[count - 1].made));
    static const char *const codes[] = {"en", "fr"};
    for (size_t i = 0; i < 2; i++)
        page_html(rs,
                  "<link rel=\"alternate\" type=\"text/html\" hreflang=\"{}\" "
                  "href=\"{}/{}/{}/{}\"/>\n",
                  str(codes[i]), rq->base_url, str(codes[i]), str(plural), row->id);
    if (strcmp(kind->name, "incident") == 0)
        for (struct slice rest = row->types; rest.len;) {
            const uint8_t *space = memchr(rest.at, ' ', rest.len);
            struct slice one = slice_sub(rest, 0, space ? (size_t)(space - rest.at) : rest.len);
            page_html(rs, "<category term=\"{}\" label=\"{}\"/>\n", one,
                      term_label(rq, kind, "type", one));
            rest = slice_sub(rest, one.len + 1, rest.len);
        }
    bool why = f->corrections || row->state != STATE_PUBLISHED;
    write_summary(rq, rs, kind, row, why ? list[0].reason : (struct slice){0});
    page_raw(rs, "</entry>\n");
    return true;
}

static void write_head(struct request *rq, struct response *rs, const struct feed *f,
                       const struct view *v, const struct list_row *rows, size_t count,
                       uint64_t total)
{
    rs->type = "application/atom+xml; charset=utf-8";
    rs->shared = true;
    page_html(rs,
              "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
              "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n<id>{}</id>\n"
              "<title type=\"text\">{} – {}</title>\n",
              str(rq->lang->code), tag(rq, rq->lang->code, str(f->path + 1)), page_site_name(rq),
              str(text(rq->lang, f->title)));
    vtime newest = count ? rows[0].changed : VTIME_UNIX_EPOCH;
    for (size_t i = 1; i < count; i++)
        if (rows[i].changed > newest)
            newest = rows[i].changed;
    page_html(rs, "<updated>{}</updated>\n<author><name>{}</name></author>\n",
              instant(rq->arena, newest), page_site_name(rq));
    if (page_is_demo(rq))
        page_html(rs, "<subtitle type=\"text\">{}</subtitle>\n",
                  str(TR("The data shown here are invented.")));
    write_links(rq, rs, f, v, total);
}

static void feed_get(struct request *rq, struct response *rs, const struct feed *f)
{
    struct err e = {0};
    struct view v;
    struct list_row *rows;
    size_t count;
    uint64_t total;
    struct slice lang = request_param(rq, "lang");
    if (lang.len && !web_language(lang)) {
        response_error(rq, rs, 400, "There are the languages en and fr.");
        return;
    }
    if (lang.len)
        rq->lang = web_language(lang);
    if (!machine_view(rq, rs, f->kind, &v))
        return;
    v.q.states = f->states;
    v.q.sort = SORT_CHANGED;
    if (!store_list(rq->store, &v.q, rq->arena, &rows, &count, &total, &e)) {
        response_fault(rq, rs, &e);
        return;
    }
    write_head(rq, rs, f, &v, rows, count, total);
    for (size_t i = 0; i < count; i++) {
        if (f->corrections && rows[i].state == STATE_PUBLISHED && rows[i].revision < 2)
            continue;
        if (!write_entry(rq, rs, f, &rows[i], &e)) {
            response_fault(rq, rs, &e);
            return;
        }
    }
    page_raw(rs, "</feed>\n");
}

static void incidents_atom(struct request *rq, struct response *rs)
{
    feed_get(rq, rs, &incidents);
}

static void advisories_atom(struct request *rq, struct response *rs)
{
    feed_get(rq, rs, &advisories);
}

static void corrections_atom(struct request *rq, struct response *rs)
{
    feed_get(rq, rs, &corrections);
}

const struct route *feeds_routes(size_t *count)
{
    static const struct route routes[] = {
        {HTTP_GET, "/feeds/incidents.atom", incidents_atom, ROUTE_CACHED, 0},
        {HTTP_GET, "/feeds/advisories.atom", advisories_atom, ROUTE_CACHED, 0},
        {HTTP_GET, "/feeds/corrections.atom", corrections_atom, ROUTE_CACHED, 0},
        {HTTP_GET, "/feeds/misp/", machine_misp_index, ROUTE_CACHED, 0},
        {HTTP_GET, "/feeds/misp/*", machine_misp_get, ROUTE_CACHED | ROUTE_STREAM, 0},
    };
    *count = sizeof routes / sizeof *routes;
    return routes;
}
