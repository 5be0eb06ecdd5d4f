// SPDX-License-Identifier: Apache-2.0
// The page that explains the API, and what else programs may read.
#include "observatory/machine/api.h"
#include "observatory/pages/parts.h"

static void write_endpoints(struct request *rq, struct response *rs)
{
    size_t count;
    const struct api_endpoint *list = api_endpoints(&count);
    page_html(rs,
              "<table class=\"records\"><caption>{}</caption><thead><tr><th scope=\"col\">{}</th>"
              "<th scope=\"col\">{}</th></tr></thead><tbody>\n",
              str(TR("Addresses of the API")), str(TR("Address")), str(TR("What it gives")));
    for (size_t i = 0; i < count; i++) {
        struct slice path = str(list[i].path);
        if (!list[i].path)
            path = arena_printf(rq->arena, "/api/v1/incidents%s", list[i].after);
        page_html(rs,
                  "<tr><th scope=\"row\"><code>{}</code></th><td data-label=\"{}\">{}</td></tr>\n",
                  path, str(TR("What it gives")), str(text(rq->lang, list[i].summary)));
    }
    page_raw(rs, "</tbody></table>\n");
}

static void write_example(struct request *rq, struct response *rs, const char *words,
                          const char *path)
{
    page_html(rs, "<p>{}</p>\n<pre><code>curl '{}{}'</code></pre>\n", str(words), rq->base_url,
              str(path));
}

void api_page_get(struct request *rq, struct response *rs)
{
    page_begin(rq, rs, &(struct page_options){.title = TR("For programs"), .section = "data"});
    page_html(rs, "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n", str(TR("For programs")),
              str(TR("Everything that is public here can be read by programs, without a key.")));
    page_origin_warning(rq, rs);
    page_html(
        rs, "<h2 id=\"json\">{}</h2>\n<p>{}</p>\n", str(TR("JSON")),
        str(TR("Where it says incidents, there are conducts, places and advisories too. Fields "
               "and codes are those of the codebook.")));
    write_endpoints(rq, rs);
    page_linked(rq, rs, TR("All of it is described in [OpenAPI 3.1]."), "/api/openapi.json");
    write_example(rq, rs, TR("Espionage since 2020, as it was known at the end of 2025:"),
                  "/api/v1/incidents?type=espionage&since=2020&as_of=2025-12-31");
    write_example(rq, rs, TR("How many incidents of each origin as reported, by year:"),
                  "/api/v1/incidents/tallies?by=origin&by2=year");
    page_html(
        rs, "<h2 id=\"taxii\">TAXII 2.1</h2>\n<p>{}</p>\n<pre><code>{}/taxii2/</code></pre>\n",
        str(TR("Platforms for threat information find STIX 2.1 objects here:")), rq->base_url);
    page_html(rs, "<h2 id=\"misp\">MISP</h2>\n<p>{}</p>\n<pre><code>{}/feeds/misp/</code></pre>\n",
              str(TR("Add this address as a feed of the format “MISP Feed”:")), rq->base_url);
    page_html(rs, "<h2 id=\"atom\">Atom</h2>\n<p>{}</p>\n<ul>\n",
              str(TR("Feeds take the filters of the list, and lang=fr for French:")));
    static const char *const feeds[] = {"/feeds/incidents.atom", "/feeds/advisories.atom",
                                        "/feeds/corrections.atom"};
    for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++)
        page_html(rs, "<li><a href=\"{}\"><code>{}</code></a></li>\n", str(feeds[i]),
                  str(feeds[i]));
    page_raw(rs, "</ul>\n");
    page_html(rs, "<h2 id=\"manners\">{}</h2>\n<p>{}</p>\n", str(TR("Manners")),
              str(TR("Send If-None-Match with the last ETag: what has not changed costs nothing. A "
                     "429 answer says after how many seconds to come again.")));
    page_end(rq, rs);
}
