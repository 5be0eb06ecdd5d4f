// SPDX-License-Identifier: Apache-2.0
// Records, lists, counts as JSON. Field names and codes are the codebook's.
#include "observatory/machine/api.h"

#include "observatory/http/app.h"
#include "report/texts.h"

enum { API_PAGE = 50, API_MAX_PAGE = 500 };

static void begin(struct response *rs)
{
    rs->type = "application/json";
    rs->shared = true;
    buf_byte(&rs->body, '{');
}

static void end(struct response *rs)
{
    buf_str(&rs->body, "}\n");
}

static const char *kind_of(struct request *rq, struct response *rs)
{
    const char *kind = machine_kind(rq->part[0]);
    if (!kind)
        response_error(rq, rs, 404, "There are incidents, conducts, places and advisories.");
    return kind;
}

static struct slice api_address(struct request *rq, const char *kind, struct slice after)
{
    if (!after.at)
        after = SLICE("");
    return arena_printf(rq->arena, "%.*s/api/v1/%s%.*s", SLICE_FMT(rq->base_url),
                        machine_plural(kind), SLICE_FMT(after));
}

// ---- lists

static void codes(struct buf *b, const char *name, struct slice list)
{
    json_key(b, name);
    buf_byte(b, '[');
    for (bool first = true; list.len; first = false) {
        const uint8_t *space = memchr(list.at, ' ', list.len);
        size_t end = space ? (size_t)(space - list.at) : list.len;
        buf_str(b, first ? "\"" : ",\"");
        buf_json(b, slice_sub(list, 0, end));
        buf_byte(b, '"');
        list = slice_sub(list, end + 1, list.len);
    }
    buf_byte(b, ']');
}

static void write_row(struct request *rq, struct buf *b, const char *kind,
                      const struct list_row *row)
{
    buf_byte(b, '{');
    json_text(b, "id", row->id);
    json_text(b, "kind", slice_from_str(kind));
    json_text(b, "state", slice_from_str(record_state_name(row->state)));
    json_number(b, "revision", row->revision);
    json_time(b, "changed", row->changed);
    json_text(b, "title", row->title);
    if (row->title_fr.len)
        json_text(b, "title_fr", row->title_fr);
    if (row->began.len)
        json_text(b, "began", row->began);
    if (row->disclosed.len)
        json_text(b, "disclosed", row->disclosed);
    codes(b, "types", row->types);
    codes(b, "origins_as_reported", row->origins);
    codes(b, "targets", row->targets);
    json_text(b, "self",
              api_address(rq, kind, arena_printf(rq->arena, "/%.*s", SLICE_FMT(row->id))));
    json_text(b, "page",
              arena_printf(rq->arena, "%.*s/en/%s/%.*s", SLICE_FMT(rq->base_url),
                           machine_plural(kind), SLICE_FMT(row->id)));
    buf_byte(b, '}');
}

// per_page, and what page then means.
static bool read_paging(struct request *rq, struct response *rs, struct view *v)
{
    struct slice s = request_param(rq, "per_page");
    size_t n = s.len ? 0 : API_PAGE;
    for (size_t i = 0; i < s.len && i < 4; i++)
        n = s.at[i] >= '0' && s.at[i] <= '9' ? n * 10 + (size_t)(s.at[i] - '0') : API_MAX_PAGE + 1;
    if (n < 1 || n > API_MAX_PAGE || s.len > 3) {
        response_error(rq, rs, 400, "per_page must be a whole number from 1 to 500.");
        return false;
    }
    v->q.limit = n;
    v->q.offset = (v->page - 1) * n;
    return true;
}

static struct slice list_address(struct request *rq, const struct view *v, size_t page)
{
    const char *path =
        arena_str(rq->arena, arena_printf(rq->arena, "/api/v1/%s", machine_plural(v->kind->name)));
    struct slice s = machine_page_address(rq, v, path, page);
    if (v->q.limit == API_PAGE)
        return s;
    return arena_printf(rq->arena, "%.*s%cper_page=%zu", SLICE_FMT(s),
                        memchr(s.at, '?', s.len) ? '&' : '?', v->q.limit);
}

// Links in the body and in the header (RFC 8288).
static void write_paging(struct request *rq, struct response *rs, const struct view *v,
                         uint64_t total)
{
    struct buf *b = &rs->body;
    uint64_t pages = (total + v->q.limit - 1) / v->q.limit;
    struct buf link = {0};
    json_number(b, "total", total);
    json_number(b, "page", v->page);
    json_number(b, "per_page", v->q.limit);
    json_key(b, "links");
    buf_byte(b, '{');
    const struct {
        const char *rel;
        bool there;
        size_t page;
    } links[] = {
        {"self", true, v->page},
        {"first", true, 1},
        {"prev", v->page > 1, v->page - 1},
        {"next", v->page < pages, v->page + 1},
    };
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        if (!links[i].there)
            continue;
        struct slice to = list_address(rq, v, links[i].page);
        json_text(b, links[i].rel, to);
        buf_printf(&link, "%s<%.*s>; rel=\"%s\"", link.len ? ", " : "", SLICE_FMT(to),
                   links[i].rel);
    }
    buf_byte(b, '}');
    response_header(rs, "Link", arena_copy(rq->arena, buf_slice(&link)));
    buf_free(&link);
}

static void write_as_of(struct buf *b, const struct view *v)
{
    if (v->q.as_of)
        json_time(b, "as_of", v->q.as_of);
}

static void list_get(struct request *rq, struct response *rs)
{
    struct view v;
    struct err e = {0};
    struct list_row *rows;
    size_t count;
    uint64_t total;
    const char *kind = kind_of(rq, rs);
    if (!kind || !machine_view(rq, rs, kind, &v) || !read_paging(rq, rs, &v))
        return;
    if (!store_list(rq->store, &v.q, rq->arena, &rows, &count, &total, &e)) {
        response_fault(rq, rs, &e);
        return;
    }
    begin(rs);
    write_as_of(&rs->body, &v);
    write_paging(rq, rs, &v, total);
    if (store_invented(rq->store))
        buf_str(&rs->body, ",\"invented\":true");
    buf_str(&rs->body, ",\"items\":[");
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_byte(&rs->body, ',');
        write_row(rq, &rs->body, kind, &rows[i]);
    }
    buf_byte(&rs->body, ']');
    end(rs);
}

// ---- one record

static bool read_as_of(struct request *rq, struct response *rs, vtime *as_of)
{
    struct slice s = request_param(rq, "as_of");
    *as_of = 0;
    if (!s.len || view_as_of(s, as_of))
        return true;
    response_error(rq, rs, 400, "as_of must be a day: YYYY-MM-DD.");
    return false;
}

static void send_record(struct request *rq, struct response *rs, enum store_found found,
                        const struct revision *meta, struct record *body, const char *kind,
                        struct err *e)
{
    struct export_options o = machine_options(rq);
    o.originals = slice_equal_str(request_param(rq, "originals"), "yes");
    if (found == STORE_NONE || (found == STORE_FOUND && strcmp(body->kind->name, kind) != 0)) {
        response_error(rq, rs, 404, "There is no such public record.");
    } else if (found == STORE_ERROR ||
               !export_record_json(rq->store, meta, body, &o, &rs->body, e)) {
        response_fault(rq, rs, e);
    } else {
        rs->type = "application/json";
        rs->shared = true;
        buf_byte(&rs->body, '\n');
    }
    record_free(body);
}

static void record_get_json(struct request *rq, struct response *rs)
{
    struct err e = {0};
    struct revision meta;
    struct record body = {0};
    vtime as_of;
    const char *kind = kind_of(rq, rs);
    if (!kind || !read_as_of(rq, rs, &as_of))
        return;
    enum store_found found =
        store_record(rq->store, rq->part[1], as_of, false, rq->arena, &meta, &body, &e);
    send_record(rq, rs, found, &meta, &body, kind, &e);
}

static bool parse_revision(struct slice s, uint32_t *out)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9' || n > 99999999)
            return false;
        n = n * 10 + (uint32_t)(s.at[i] - '0');
    }
    *out = n;
    return s.len > 0;
}

static void revision_get_json(struct request *rq, struct response *rs)
{
    struct err e = {0};
    struct revision meta;
    struct record body = {0};
    uint32_t number;
    const char *kind = kind_of(rq, rs);
    if (!kind)
        return;
    enum store_found found = STORE_NONE;
    if (parse_revision(rq->part[2], &number))
        found = store_revision(rq->store, rq->part[1], number, rq->arena, &meta, &body, &e);
    if (found == STORE_FOUND && !meta.public_from) { // never public
        record_free(&body);
        body = (struct record){0};
        found = STORE_NONE;
    }
    send_record(rq, rs, found, &meta, &body, kind, &e);
}

static void history_get(struct request *rq, struct response *rs)
{
    struct err e = {0};
    struct revision *list;
    size_t count;
    const char *kind = kind_of(rq, rs);
    if (!kind)
        return;
    if (!store_history(rq->store, rq->part[1], true, rq->arena, &list, &count, &e)) {
        response_fault(rq, rs, &e);
        return;
    }
    const struct schema_kind *k = schema_kind_by_prefix(rq->part[1]);
    if (!count || !k || strcmp(k->name, kind) != 0) {
        response_error(rq, rs, 404, "There is no such public record.");
        return;
    }
    struct buf *b = &rs->body;
    begin(rs);
    json_text(b, "id", rq->part[1]);
    buf_str(b, ",\"revisions\":[");
    for (size_t i = 0; i < count; i++) {
        buf_str(b, i ? ",{" : "{");
        json_number(b, "revision", list[i].number);
        json_text(b, "state", slice_from_str(record_state_name(list[i].state)));
        json_time(b, "made", list[i].made);
        json_time(b, "public_from", list[i].public_from);
        json_text(b, "author", list[i].author);
        json_text(b, "reason", list[i].reason);
        if (list[i].reason_lang.len)
            json_text(b, "reason_language", list[i].reason_lang);
        if (list[i].reason_other.len)
            json_text(b, "reason_other_language", list[i].reason_other);
        json_text(b, "codebook", list[i].codebook);
        json_text(b, "self",
                  api_address(rq, kind,
                              arena_printf(rq->arena, "/%.*s/revisions/%u", SLICE_FMT(rq->part[1]),
                                           list[i].number)));
        buf_byte(b, '}');
    }
    buf_byte(b, ']');
    end(rs);
}

// ---- counts

// The filter's name as the store knows it, when it is one of the kind or derived.
static const char *tally_field(const struct view *v, struct slice name)
{
    static const char *const derived[] = {"year", "decade"};
    struct filter filters[VIEW_MAX_FILTERS];
    size_t count = view_filters(v->kind, filters);
    for (size_t i = 0; i < sizeof derived / sizeof *derived; i++)
        if (slice_equal_str(name, derived[i]))
            return derived[i];
    for (size_t i = 0; i < count; i++)
        if (slice_equal_str(name, filters[i].name))
            return filters[i].name;
    return NULL;
}

static void tallies_get(struct request *rq, struct response *rs)
{
    struct view v;
    struct err e = {0};
    struct tally *list;
    size_t count;
    uint64_t total;
    const char *kind = kind_of(rq, rs);
    if (!kind || !machine_view(rq, rs, kind, &v))
        return;
    struct slice by2 = request_param(rq, "by2");
    const char *field = tally_field(&v, request_param(rq, "by"));
    const char *field2 = by2.len ? tally_field(&v, by2) : NULL;
    if (!field || (by2.len && !field2)) {
        response_error(rq, rs, 400,
                       "by, and by2 when given, must be a filter of the list, or year.");
        return;
    }
    v.q.limit = v.q.offset = 0;
    if (!store_tally(rq->store, &v.q, field, field2, rq->arena, &list, &count, &e) ||
        !store_count(rq->store, &v.q, &total, &e)) {
        response_fault(rq, rs, &e);
        return;
    }
    struct buf *b = &rs->body;
    begin(rs);
    write_as_of(b, &v);
    json_number(b, "records", total);
    json_text(b, "by", slice_from_str(field));
    if (field2)
        json_text(b, "by2", slice_from_str(field2));
    buf_str(b, ",\"note\":\"A record with several values counts under each: the counts may add up "
               "to more than the records.\",\"tallies\":[");
    for (size_t i = 0; i < count; i++) {
        buf_str(b, i ? ",{" : "{");
        json_text(b, "value", list[i].value);
        if (field2)
            json_text(b, "value2", list[i].value2);
        json_number(b, "records", list[i].records);
        buf_byte(b, '}');
    }
    buf_byte(b, ']');
    end(rs);
}

static void index_get(struct request *rq, struct response *rs)
{
    static const char *const kinds[] = {"incident", "conduct", "place", "advisory"};
    struct buf *b = &rs->body;
    begin(rs);
    json_text(b, "registry", rq->app->settings.name_en);
    json_text(b, "codebook_version", SLICE(CODEBOOK_VERSION));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        json_text(b, machine_plural(kinds[i]), api_address(rq, kinds[i], (struct slice){0}));
    json_text(b, "codebook",
              arena_printf(rq->arena, "%.*s/api/v1/codebook", SLICE_FMT(rq->base_url)));
    json_text(b, "openapi",
              arena_printf(rq->arena, "%.*s/api/openapi.json", SLICE_FMT(rq->base_url)));
    end(rs);
}

// pattern, after KIND, whole path, id, summary, schema, takes, handler
#define ENDPOINTS(E)                                                                               \
    E("/api/v1/", NULL, "/api/v1/", "index", TEXT("Where everything is"), "Index", 0, index_get)   \
    E("/api/v1/codebook", NULL, "/api/v1/codebook", "codebook",                                    \
      TEXT("Fields and codes, with their definitions"), "Codebook", 0, api_codebook_get)           \
    E("/api/v1/*", "", NULL, "List", TEXT("A list, with the filters of the page"), "List",         \
      API_FILTERS | API_PAGES | API_AS_OF, list_get)                                               \
    E("/api/v1/*/tallies", "/tallies", NULL, "Tallies",                                            \
      TEXT("How many records have each value of a field"), "Tallies",                              \
      API_FILTERS | API_FIELDS | API_AS_OF, tallies_get)                                           \
    E("/api/v1/*/*", "/{id}", NULL, "Record", TEXT("A record, as it is public today or on a day"), \
      "Record", API_AS_OF | API_ORIGINALS, record_get_json)                                        \
    E("/api/v1/*/*/history", "/{id}/history", NULL, "History",                                     \
      TEXT("The public revisions of a record, with their reasons"), "History", 0, history_get)     \
    E("/api/v1/*/*/revisions/*", "/{id}/revisions/{revision}", NULL, "Revision",                   \
      TEXT("One revision of a record"), "Record", API_ORIGINALS, revision_get_json)

const struct api_endpoint *api_endpoints(size_t *count)
{
#define ENDPOINT(...) {__VA_ARGS__},
    static const struct api_endpoint list[] = {ENDPOINTS(ENDPOINT)};
    *count = sizeof list / sizeof *list;
    return list;
}

const struct route *api_routes(size_t *count)
{
#define ROUTE(pattern, after, path, id, summary, schema, takes, handler)                           \
    {HTTP_GET, pattern, handler, ROUTE_CACHED, 0},
    static const struct route routes[] = {
        {HTTP_GET, "/api/openapi.json", api_openapi_get, ROUTE_CACHED, 0},
        {HTTP_GET, "~/api", api_page_get, ROUTE_CACHED, 0},
        ENDPOINTS(ROUTE)};
    *count = sizeof routes / sizeof *routes;
    return routes;
}
