// SPDX-License-Identifier: Apache-2.0
// Atom (RFC 4287), with pages (RFC 5005, section 3). Ids are tag addresses (RFC 4151): they stay
// when the registry moves between http and https, and are the same in both languages.
#include "observatory/machine/parts.h"

#include "observatory/http/app.h"
#include "observatory/model/texts.h"
#include "observatory/pages/changes.h"

struct feed {
    const char *path, *title;
    const char *kind; // NULL: of what the public saw change, whatever it is
};

static const struct feed incidents = {"/feeds/incidents.atom", TEXT("New and changed incidents"),
                                      "incident"};
static const struct feed advisories = {"/feeds/advisories.atom", TEXT("Advisories"), "advisory"};
static const struct feed corrections = {"/feeds/corrections.atom",
                                        TEXT("Corrections and withdrawals"), NULL};

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
              page_path(rq, f == &corrections  ? "/corrections"
                            : f == &advisories ? "/advisories"
                                               : "/incidents"));
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

// What an entry says beside the record itself.
struct entry {
    const struct list_row *row;
    const char *state;   // "Corrected", or NULL
    struct slice what;   // of its id
    vtime first, newest; // published, updated
    struct slice reason;
};

static void write_entry(struct request *rq, struct response *rs, const struct entry *x)
{
    const struct list_row *row = x->row;
    const struct schema_kind *kind = schema_kind_by_prefix(row->id);
    const char *plural = kind ? machine_plural(kind->name) : NULL;
    if (!plural)
        return;
    page_html(rs, "<entry>\n<id>{}</id>\n<title type=\"text\"", tag(rq, plural, x->what));
    const char *title_lang = row_title_lang(rq, row);
    if (strcmp(title_lang, rq->lang->code) != 0)
        page_html(rs, " xml:lang=\"{}\"", str(title_lang));
    page_raw(rs, ">");
    if (x->state)
        page_html(rs, "{} – ", str(x->state));
    page_html(rs, "{}</title>\n<updated>{}</updated>\n<published>{}</published>\n",
              row_title(rq, row), instant(rq->arena, x->newest), instant(rq->arena, x->first));
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
    write_summary(rq, rs, kind, row, x->reason);
    page_raw(rs, "</entry>\n");
}

// A record as it is now: when it was first public, when last changed.
static bool write_record(struct request *rq, struct response *rs, const struct list_row *row,
                         struct err *e)
{
    struct revision *list;
    size_t count;
    if (!store_history(rq->store, row->id, true, rq->arena, &list, &count, e))
        return false;
    if (count)
        write_entry(rq, rs,
                    &(struct entry){.row = row,
                                    .what = row->id,
                                    .first = list[count - 1].made,
                                    .newest = list[0].made});
    return true;
}

// Each correction is an entry of its own.
static void write_change(struct request *rq, struct response *rs, const struct public_change *c)
{
    write_entry(
        rq, rs,
        &(struct entry){
            .row = &c->row,
            .state = change_words(rq, c),
            .what = arena_printf(rq->arena, "%.*s/%u", SLICE_FMT(c->row.id), c->row.revision),
            .first = c->row.changed,
            .newest = c->row.changed,
            .reason = c->reason_other.len && !slice_equal_str(c->reason_lang, rq->lang->code)
                          ? c->reason_other
                          : c->reason});
}

static void write_head(struct request *rq, struct response *rs, const struct feed *f,
                       const struct view *v, vtime newest, uint64_t total)
{
    rs->type = "application/atom+xml; charset=utf-8";
    rs->shared = true;
    page_html(rs,
              "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
              "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n<id>{}</id>\n"
              "<title type=\"text\">{} – {}</title>\n",
              str(rq->lang->code), tag(rq, rq->lang->code, str(f->path + 1)), page_site_name(rq),
              str(text(rq->lang, f->title)));
    page_html(rs, "<updated>{}</updated>\n<author><name>{}</name></author>\n",
              instant(rq->arena, newest), page_site_name(rq));
    if (page_is_demo(rq))
        page_html(rs, "<subtitle type=\"text\">{}</subtitle>\n",
                  str(TR("The data shown here are invented.")));
    write_links(rq, rs, f, v, total);
}

static bool feed_records(struct request *rq, struct response *rs, const struct feed *f,
                         struct view *v, struct err *e)
{
    struct list_row *rows;
    size_t count;
    uint64_t total;
    v->q.sort = SORT_CHANGED;
    if (!store_list(rq->store, &v->q, rq->arena, &rows, &count, &total, e))
        return false;
    vtime newest = VTIME_UNIX_EPOCH;
    for (size_t i = 0; i < count; i++)
        if (rows[i].changed > newest)
            newest = rows[i].changed;
    write_head(rq, rs, f, v, newest, total);
    for (size_t i = 0; i < count; i++)
        if (!write_record(rq, rs, &rows[i], e))
            return false;
    return true;
}

static bool feed_changes(struct request *rq, struct response *rs, const struct feed *f,
                         const struct view *v, struct err *e)
{
    struct public_change *list;
    size_t count;
    uint64_t total;
    if (!store_changes(rq->store, v->q.as_of, v->q.offset, v->q.limit, rq->arena, &list, &count,
                       &total, e))
        return false;
    write_head(rq, rs, f, v, count ? list[0].row.changed : VTIME_UNIX_EPOCH, total);
    for (size_t i = 0; i < count; i++)
        write_change(rq, rs, &list[i]);
    return true;
}

static void feed_get(struct request *rq, struct response *rs, const struct feed *f)
{
    struct err e = {0};
    struct view v;
    struct slice lang = request_param(rq, "lang");
    if (lang.len && !web_language(lang)) {
        response_error(rq, rs, 400, "There are the languages en and fr.");
        return;
    }
    if (lang.len)
        rq->lang = web_language(lang);
    if (!machine_view(rq, rs, f->kind, &v))
        return;
    if (f->kind ? feed_records(rq, rs, f, &v, &e) : feed_changes(rq, rs, f, &v, &e))
        page_raw(rs, "</feed>\n");
    else
        response_fault(rq, rs, &e);
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
