// SPDX-License-Identifier: Apache-2.0
// The TAXII server's resources. Public collections are made of what is published; the partners' one
// is a box for those who were given a token.
#include "observatory/machine/taxii.h"

#include "observatory/http/app.h"
#include "observatory/http/parse.h"

static const struct taxii_collection collections[] = {
    {1, TAXII_PUBLIC, "6f1d3f0e-2b0c-4a53-9a77-0c5b1f5f7a01", "incidents", "Incidents",
     "Published incidents, as STIX 2.1 incidents with the Incident Core extension, and what stands "
     "around them. Origin as reported does not imply responsibility.",
     false},
    {2, TAXII_PUBLIC, "6f1d3f0e-2b0c-4a53-9a77-0c5b1f5f7a02", "advisories", "Advisories",
     "Warnings for other defenders: reports with their indicators.", false},
    {3, TAXII_PUBLIC, "6f1d3f0e-2b0c-4a53-9a77-0c5b1f5f7a03", "other-facts", "Other sourced facts",
     "Harassment, forged letters, coerced return, interference; overseas police stations.", false},
    {4, TAXII_PARTNERS, "6f1d3f0e-2b0c-4a53-9a77-0c5b1f5f7a04", "partners", "Partners",
     "Objects that partners send and read, with a token.", true},
};

static const struct {
    const char *name, *title, *description;
} roots[TAXII_ROOTS] = {
    [TAXII_PUBLIC] = {"public", "Public collections", "What the registry publishes."},
    [TAXII_PARTNERS] = {"partners", "Partners' collections", "Needs a token."},
};

const struct taxii_collection *taxii_collections(size_t *count)
{
    *count = sizeof collections / sizeof *collections;
    return collections;
}

const char *taxii_root_name(enum taxii_root root)
{
    return roots[root].name;
}

const struct taxii_collection *taxii_collection_find(struct slice root, struct slice id)
{
    for (size_t i = 0; i < sizeof collections / sizeof *collections; i++) {
        const struct taxii_collection *c = &collections[i];
        if (slice_equal_str(root, roots[c->root].name) &&
            (slice_equal_nocase(id, slice_from_str(c->id)) || slice_equal_str(id, c->alias)))
            return c;
    }
    return NULL;
}

static void put(struct buf *b, const char *name, struct slice value)
{
    bool first = b->len && b->at[b->len - 1] == '{';
    buf_printf(b, "%s\"%s\":\"", first ? "" : ",", name);
    buf_json(b, value);
    buf_byte(b, '"');
}

// What every resource begins with: false when the client cannot read what we send.
static bool begin(struct request *rq, struct response *rs)
{
    rs->type = TAXII_TYPE;
    rs->shared = true;
    if (taxii_acceptable(request_header(rq, "accept")))
        return true;
    response_error(rq, rs, 406, "This server speaks application/taxii+json;version=2.1 alone.");
    return false;
}

// ---- discovery (section 4.1), API roots (4.2)

static void discovery_get(struct request *rq, struct response *rs)
{
    struct buf *b = &rs->body;
    const struct settings *set = &rq->app->settings;
    if (!begin(rq, rs))
        return;
    buf_byte(b, '{');
    put(b, "title", set->name_en);
    put(b, "description",
        SLICE("Cyber incidents with their sources. Origin is as reported; it does not imply that a "
              "government is responsible."));
    if (set->contact.len)
        put(b, "contact", set->contact);
    buf_str(b, ",\"default\":\"");
    buf_json(b, rq->base_url);
    buf_str(b, "/taxii2/public/\",\"api_roots\":[");
    for (size_t i = 0; i < TAXII_ROOTS; i++) {
        buf_str(b, i ? ",\"" : "\"");
        buf_json(b, rq->base_url);
        buf_printf(b, "/taxii2/%s/\"", roots[i].name);
    }
    buf_str(b, "]}\n");
}

static bool find_root(struct request *rq, struct response *rs, enum taxii_root *out)
{
    for (enum taxii_root r = 0; r < TAXII_ROOTS; r++) {
        if (slice_equal_str(rq->part[0], roots[r].name)) {
            *out = r;
            return true;
        }
    }
    response_error(rq, rs, 404, "There is no such API root.");
    return false;
}

static void root_get(struct request *rq, struct response *rs)
{
    enum taxii_root root;
    if (!begin(rq, rs) || !find_root(rq, rs, &root))
        return;
    buf_byte(&rs->body, '{');
    put(&rs->body, "title", slice_from_str(roots[root].title));
    put(&rs->body, "description", slice_from_str(roots[root].description));
    buf_printf(&rs->body, ",\"versions\":[\"%s\"],\"max_content_length\":%d}\n", TAXII_TYPE,
               HTTP_MAX_BIG_BODY);
}

// ---- collections (sections 5.1, 5.2)

static void put_collection(struct buf *b, const struct taxii_collection *c, unsigned rights)
{
    bool may_read = !c->is_private || (rights & TAXII_MAY_READ);
    bool may_write = c->is_private && (rights & TAXII_MAY_WRITE);
    buf_byte(b, '{');
    put(b, "id", slice_from_str(c->id));
    put(b, "title", slice_from_str(c->title));
    put(b, "description", slice_from_str(c->description));
    put(b, "alias", slice_from_str(c->alias));
    buf_printf(b, ",\"can_read\":%s,\"can_write\":%s,\"media_types\":[\"%s\"]}",
               may_read ? "true" : "false", may_write ? "true" : "false", STIX_TYPE);
}

static void collections_get(struct request *rq, struct response *rs)
{
    enum taxii_root root;
    struct taxii_token token;
    if (!begin(rq, rs) || !find_root(rq, rs, &root) || !taxii_authenticate(rq, rs, &token))
        return;
    if (root == TAXII_PARTNERS && !token.id) {
        taxii_ask_for_token(rq, rs);
        return;
    }
    bool first = true;
    buf_str(&rs->body, "{\"collections\":[");
    for (size_t i = 0; i < sizeof collections / sizeof *collections; i++) {
        if (collections[i].root != root)
            continue;
        if (!first)
            buf_byte(&rs->body, ',');
        put_collection(&rs->body, &collections[i], token.rights);
        first = false;
    }
    buf_str(&rs->body, "]}\n");
}

// The collection of the address, when whoever asks has the right to it.
static const struct taxii_collection *admit(struct request *rq, struct response *rs, unsigned right,
                                            struct taxii_token *token)
{
    if (!begin(rq, rs))
        return NULL;
    const struct taxii_collection *c = taxii_collection_find(rq->part[0], rq->part[1]);
    if (!c) {
        response_error(rq, rs, 404, "There is no such collection.");
        return NULL;
    }
    if (!taxii_authenticate(rq, rs, token))
        return NULL;
    if (c->is_private && !token->id) {
        taxii_ask_for_token(rq, rs);
        return NULL;
    }
    bool may = right == 0 || (c->is_private ? (token->rights & right) : right == TAXII_MAY_READ);
    if (!may) {
        response_error(rq, rs, 403,
                       right == TAXII_MAY_READ
                           ? "This token does not allow reading the collection."
                           : "This collection cannot be written to with that token.");
        return NULL;
    }
    return c;
}

static void collection_get(struct request *rq, struct response *rs)
{
    struct taxii_token token;
    const struct taxii_collection *c = admit(rq, rs, 0, &token);
    if (!c)
        return;
    put_collection(&rs->body, c, token.rights);
    buf_byte(&rs->body, '\n');
}

// ---- objects (5.4), object (5.6), manifest (5.3), versions (5.8)

struct page {
    struct taxii_object *list;
    size_t count;
    bool more;
};

static bool read_page(struct request *rq, struct response *rs, struct taxii_query *q,
                      struct page *p)
{
    struct err e = {0};
    if (!taxii_filter_parse(rq->params, rq->param_count, q, &e)) {
        response_error(rq, rs, 400, e.message);
        return false;
    }
    if (!taxii_objects(rq->store, q, rq->arena, &p->list, &p->count, &p->more, &e)) {
        response_fault(rq, rs, &e);
        return false;
    }
    return true;
}

// Section 3.3.
static void date_headers(struct request *rq, struct response *rs, const struct page *p)
{
    if (!p->count)
        return;
    response_header(rs, "X-TAXII-Date-Added-First", taxii_time(rq->arena, p->list[0].added));
    response_header(rs, "X-TAXII-Date-Added-Last",
                    taxii_time(rq->arena, p->list[p->count - 1].added));
}

static void paging(struct buf *b, const struct page *p)
{
    buf_printf(b, "{\"more\":%s", p->more ? "true" : "false");
    if (p->more)
        buf_printf(b, ",\"next\":\"%lld\"", (long long)p->list[p->count - 1].added);
}

static void write_envelope(struct request *rq, struct response *rs, const struct page *p)
{
    struct buf *b = &rs->body;
    date_headers(rq, rs, p);
    paging(b, p);
    for (size_t i = 0; i < p->count; i++) {
        buf_str(b, i ? "," : ",\"objects\":[");
        buf_add(b, p->list[i].json);
    }
    buf_str(b, p->count ? "]}\n" : "}\n");
}

static void objects_get(struct request *rq, struct response *rs)
{
    struct taxii_token token;
    const struct taxii_collection *c = admit(rq, rs, TAXII_MAY_READ, &token);
    struct taxii_query *q = ARENA_NEW(rq->arena, struct taxii_query);
    struct page p;
    if (!c)
        return;
    q->collection = c->number;
    if (read_page(rq, rs, q, &p))
        write_envelope(rq, rs, &p);
}

static bool object_page(struct request *rq, struct response *rs, bool bare, bool all,
                        struct page *p)
{
    struct taxii_token token;
    const struct taxii_collection *c = admit(rq, rs, TAXII_MAY_READ, &token);
    struct taxii_query *q = ARENA_NEW(rq->arena, struct taxii_query);
    if (!c)
        return false;
    q->collection = c->number;
    q->bare = bare;
    if (all) {
        q->versions[0].kind = TAXII_VERSION_ALL;
        q->version_count = 1;
    }
    q->id.list[q->id.count++] = rq->part[2];
    return read_page(rq, rs, q, p);
}

// Whether the collection has any version of the object.
static bool object_known(struct request *rq)
{
    const struct taxii_collection *c = taxii_collection_find(rq->part[0], rq->part[1]);
    struct taxii_query *q = ARENA_NEW(rq->arena, struct taxii_query);
    struct page p = {0};
    q->collection = c->number;
    q->bare = true;
    q->limit = 1;
    q->versions[0].kind = TAXII_VERSION_ALL;
    q->version_count = 1;
    q->id.list[q->id.count++] = rq->part[2];
    return taxii_objects(rq->store, q, rq->arena, &p.list, &p.count, &p.more, NULL) && p.count > 0;
}

static void object_get(struct request *rq, struct response *rs)
{
    struct page p;
    if (!object_page(rq, rs, false, false, &p))
        return;
    if (!p.count && !object_known(rq))
        response_error(rq, rs, 404, "The collection has no such object.");
    else
        write_envelope(rq, rs, &p);
}

static void manifest_get(struct request *rq, struct response *rs)
{
    struct taxii_token token;
    const struct taxii_collection *c = admit(rq, rs, TAXII_MAY_READ, &token);
    struct taxii_query *q = ARENA_NEW(rq->arena, struct taxii_query);
    struct page p;
    if (!c)
        return;
    q->collection = c->number;
    q->bare = true;
    if (!read_page(rq, rs, q, &p))
        return;
    struct buf *b = &rs->body;
    date_headers(rq, rs, &p);
    // Section 5.3.1 gives a manifest no `next`: its pages are walked by added_after. But clients
    // (taxii2-client) look for one, and begin again and again without it.
    paging(b, &p);
    for (size_t i = 0; i < p.count; i++) {
        buf_str(b, i ? ",{" : ",\"objects\":[{");
        put(b, "id", p.list[i].id);
        put(b, "date_added", taxii_time(rq->arena, p.list[i].added));
        put(b, "version", p.list[i].version);
        put(b, "media_type", SLICE(STIX_TYPE));
        buf_byte(b, '}');
    }
    buf_str(b, p.count ? "]}\n" : "}\n");
}

static void versions_get(struct request *rq, struct response *rs)
{
    struct page p;
    if (!object_page(rq, rs, true, true, &p))
        return;
    if (!p.count && !object_known(rq)) {
        response_error(rq, rs, 404, "The collection has no such object.");
        return;
    }
    date_headers(rq, rs, &p);
    paging(&rs->body, &p);
    for (size_t i = 0; i < p.count; i++) {
        buf_str(&rs->body, i ? ",\"" : ",\"versions\":[\"");
        buf_json(&rs->body, p.list[i].version);
        buf_byte(&rs->body, '"');
    }
    buf_str(&rs->body, p.count ? "]}\n" : "}\n");
}

// ---- writing (sections 5.5, 5.7), status (4.3)

static void objects_post(struct request *rq, struct response *rs)
{
    struct taxii_token token;
    const struct taxii_collection *c = admit(rq, rs, TAXII_MAY_WRITE, &token);
    if (!c)
        return;
    if (!taxii_content_type(request_header(rq, "content-type")))
        response_error(rq, rs, 415, "Objects are sent as application/taxii+json;version=2.1.");
    else
        taxii_receive(rq, rs, c, &token);
}

static void object_delete(struct request *rq, struct response *rs)
{
    struct taxii_token token;
    struct err e = {0};
    uint64_t deleted;
    const struct taxii_collection *c = admit(rq, rs, TAXII_MAY_WRITE, &token);
    struct taxii_query *q = ARENA_NEW(rq->arena, struct taxii_query);
    if (!c)
        return;
    if (!(token.rights & TAXII_MAY_READ)) { // section 5.7: needs both
        response_error(rq, rs, 403, "Deleting needs the right to read, too.");
        return;
    }
    q->collection = c->number;
    q->id.list[q->id.count++] = rq->part[2];
    if (!taxii_filter_parse(rq->params, rq->param_count, q, &e)) {
        response_error(rq, rs, 400, e.message);
        return;
    }
    q->after = 0;
    if (!q->version_count) { // without match[version]: every version
        q->versions[0].kind = TAXII_VERSION_ALL;
        q->version_count = 1;
    }
    if (!taxii_delete(rq->store, q, &deleted, &e))
        response_fault(rq, rs, &e);
    else if (!deleted)
        response_error(rq, rs, 404, "The collection has no such object.");
}

static void status_get(struct request *rq, struct response *rs)
{
    struct taxii_token token;
    struct err e = {0};
    enum taxii_root root;
    struct slice json;
    if (!begin(rq, rs) || !find_root(rq, rs, &root) || !taxii_authenticate(rq, rs, &token))
        return;
    if (!token.id) {
        taxii_ask_for_token(rq, rs);
        return;
    }
    switch (taxii_status_get(rq->store, rq->part[1], token.id, rq->arena, &json, &e)) {
    case STORE_FOUND:
        buf_add(&rs->body, json);
        return;
    case STORE_NONE:
        response_error(rq, rs, 404, "There is no such status.");
        return;
    case STORE_ERROR:
        response_fault(rq, rs, &e);
    }
}

const struct route *taxii_routes(size_t *count)
{
    enum { WRITE = ROUTE_WRITES | ROUTE_CSRF_FREE };
    static const struct route routes[] = {
        {HTTP_GET, "/taxii2/", discovery_get, 0, 0},
        {HTTP_GET, "/taxii2/*/", root_get, 0, 0},
        {HTTP_GET, "/taxii2/*/status/*/", status_get, 0, 0},
        {HTTP_GET, "/taxii2/*/collections/", collections_get, 0, 0},
        {HTTP_GET, "/taxii2/*/collections/*/", collection_get, 0, 0},
        {HTTP_GET, "/taxii2/*/collections/*/manifest/", manifest_get, 0, 0},
        {HTTP_GET, "/taxii2/*/collections/*/objects/", objects_get, 0, 0},
        {HTTP_POST, "/taxii2/*/collections/*/objects/", objects_post, WRITE | ROUTE_BIG_BODY, 0},
        {HTTP_GET, "/taxii2/*/collections/*/objects/*/", object_get, 0, 0},
        {HTTP_DELETE, "/taxii2/*/collections/*/objects/*/", object_delete, WRITE, 0},
        {HTTP_GET, "/taxii2/*/collections/*/objects/*/versions/", versions_get, 0, 0},
    };
    *count = sizeof routes / sizeof *routes;
    return routes;
}
