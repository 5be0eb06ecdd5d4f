// SPDX-License-Identifier: Apache-2.0
// What visitors without eyes look for at every site: robots.txt, security.txt, a site map.
#include "observatory/machine/parts.h"

#include "observatory/http/app.h"
#include "observatory/pages/parts.h"

static void robots_get(struct request *rq, struct response *rs)
{
    rs->type = "text/plain; charset=utf-8";
    if (store_invented(rq->store)) { // invented data are not to be found by search
        buf_str(&rs->body, "User-agent: *\nDisallow: /\n");
        return;
    }
    buf_str(&rs->body, "User-agent: *\nDisallow: /en/team\nDisallow: /fr/team\n"
                       "Disallow: /en/sign-in\nDisallow: /fr/sign-in\n"
                       "Disallow: /*?q=\nDisallow: /*&q=\nDisallow: /data/\n\nSitemap: ");
    buf_add(&rs->body, rq->base_url);
    buf_str(&rs->body, "/sitemap.xml\n");
}

// RFC 9116. Expires is required: a year from the first of this month.
static void security_get(struct request *rq, struct response *rs)
{
    struct slice contact = rq->app->settings.contact;
    if (!contact.len) {
        response_error(rq, rs, 404, "No contact is configured.");
        return;
    }
    bool address = slice_starts(contact, SLICE("http")) || slice_starts(contact, SLICE("mailto:"));
    struct civil_time now = time_to_civil(time_now());
    rs->type = "text/plain; charset=utf-8";
    buf_printf(&rs->body, "Contact: %s", address ? "" : "mailto:");
    buf_add(&rs->body, contact);
    buf_printf(&rs->body, "\nExpires: %04d-%02d-01T00:00:00Z\nPreferred-Languages: en, fr\n",
               now.year + 1, now.month);
    buf_str(&rs->body, "Canonical: ");
    buf_add(&rs->body, rq->base_url);
    buf_str(&rs->body, "/.well-known/security.txt\n");
}

// ---- site maps (sitemaps.org): an index, and files of at most so many records each

enum { SITEMAP_RECORDS = 10000 };

static const char xml_head[] = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

static void write_url(struct request *rq, struct response *rs, struct slice path, vtime changed)
{
    static const char *const codes[] = {"en", "fr"};
    for (size_t i = 0; i < 2; i++) {
        page_html(rs, "<url><loc>{}/{}{}</loc>", rq->base_url, str(codes[i]), path);
        if (changed) {
            char when[VTIME_TEXT_MAX];
            page_html(rs, "<lastmod>{}</lastmod>",
                      slice_of(when, time_format_seconds(changed, when)));
        }
        page_html(rs,
                  "<xhtml:link rel=\"alternate\" hreflang=\"en\" href=\"{}/en{}\"/>"
                  "<xhtml:link rel=\"alternate\" hreflang=\"fr\" href=\"{}/fr{}\"/></url>\n",
                  rq->base_url, path, rq->base_url, path);
    }
}

static void sitemap_get(struct request *rq, struct response *rs)
{
    struct err e = {0};
    uint64_t count;
    if (!store_count(rq->store, &(struct query){0}, &count, &e)) {
        response_fault(rq, rs, &e);
        return;
    }
    rs->type = "application/xml";
    buf_str(&rs->body, xml_head);
    page_raw(rs, "<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for (uint64_t i = 0; i <= count / SITEMAP_RECORDS; i++) {
        page_html(rs, "<sitemap><loc>{}/sitemap/", rq->base_url);
        buf_printf(&rs->body, "%llu.xml</loc></sitemap>\n", (unsigned long long)i + 1);
    }
    page_raw(rs, "</sitemapindex>\n");
}

static void sitemap_part_get(struct request *rq, struct response *rs)
{
    static const char *const pages[] = {
        "/",       "/incidents", "/conducts",    "/places",   "/advisories", "/trends", "/codebook",
        "/method", "/data",      "/corrections", "/releases", "/about",      "/api"};
    struct err e = {0};
    struct list_row *rows;
    size_t count;
    uint64_t total;
    char *end;
    const char *name = arena_str(rq->arena, rq->part[0]);
    unsigned long part = strtoul(name, &end, 10);
    if (part < 1 || part > 10000 || strcmp(end, ".xml") != 0) {
        response_error(rq, rs, 404, "There is no such site map.");
        return;
    }
    struct query q = {
        .sort = SORT_OLDEST, .limit = SITEMAP_RECORDS, .offset = (part - 1) * SITEMAP_RECORDS};
    if (!store_list(rq->store, &q, rq->arena, &rows, &count, &total, &e)) {
        response_fault(rq, rs, &e);
        return;
    }
    rs->type = "application/xml";
    buf_str(&rs->body, xml_head);
    page_raw(rs, "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" "
                 "xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n");
    for (size_t i = 0; part == 1 && i < sizeof pages / sizeof *pages; i++)
        write_url(rq, rs, str(pages[i]), 0);
    for (size_t i = 0; i < count; i++) {
        const struct schema_kind *k = schema_kind_by_prefix(rows[i].id);
        const char *plural = k ? machine_plural(k->name) : NULL;
        if (plural)
            write_url(rq, rs, arena_printf(rq->arena, "/%s/%.*s", plural, SLICE_FMT(rows[i].id)),
                      rows[i].changed);
    }
    page_raw(rs, "</urlset>\n");
}

const struct route *sites_routes(size_t *count)
{
    static const struct route routes[] = {
        {HTTP_GET, "/robots.txt", robots_get, ROUTE_CACHED, 0},
        {HTTP_GET, "/.well-known/security.txt", security_get, ROUTE_CACHED, 0},
        {HTTP_GET, "/sitemap.xml", sitemap_get, ROUTE_CACHED, 0},
        {HTTP_GET, "/sitemap/*", sitemap_part_get, ROUTE_CACHED, 0},
    };
    *count = sizeof routes / sizeof *routes;
    return routes;
}
