// SPDX-License-Identifier: Apache-2.0
// Downloads, feeds and machines' addresses.
#include "observatory/pages/figures.h"
#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"

struct offer {
    const char *address;
    const char *name;
    const char *what;
};

static const struct offer files[] = {
    {"/data/incidents.csv", "CSV", TEXT("A row an incident, for spreadsheets and statistics.")},
    {"/data/claims.csv", "CSV", TEXT("A row a claim of responsibility.")},
    {"/data/incidents.json", "JSON",
     TEXT("Everything: values with their sources, revisions' numbers.")},
    {"/data/incidents.stix.json", "STIX 2.1", TEXT("For platforms of threat intelligence.")},
};

static const struct offer machines[] = {
    {"/feeds/incidents.atom", "Atom", TEXT("New and changed incidents, for feed readers.")},
    {"/feeds/advisories.atom", "Atom", TEXT("New advisories.")},
    {"/feeds/corrections.atom", "Atom", TEXT("Corrections, withdrawals and mergers.")},
    {"/feeds/misp/", "MISP", TEXT("A feed that MISP can read.")},
    {"/taxii2/", "TAXII 2.1", TEXT("Collections for clients of TAXII.")},
    {"/api/openapi.json", "OpenAPI 3.1", TEXT("The description of the JSON interface.")},
};

static void write_offers(struct request *rq, struct response *rs, const struct offer *offers,
                         size_t count)
{
    page_raw(rs, "<dl class=\"facts\">\n");
    for (size_t i = 0; i < count; i++) {
        struct slice address = str(offers[i].address);
        if (slice_ends(address, SLICE(".atom")))
            address = page_feed(rq, address);
        page_html(rs, "<div><dt>{}</dt><dd><a href=\"{}\">{}</a><br>{}</dd></div>\n",
                  str(offers[i].name), address, address, str(text(rq->lang, offers[i].what)));
    }
    page_raw(rs, "</dl>\n");
}

// The figures that other sites may show in a frame, and the line that does it.
static void write_embeds(struct request *rq, struct response *rs)
{
    size_t count;
    const struct figure *all = figures_all(&count);
    page_html(rs, "<h2 id=\"embed\">{}</h2>\n<p>{}</p>\n<ul>", str(TR("Figures for your own site")),
              str(TR("Each stays up to date and carries its table, its day and its warning. "
                     "Filters and a past day may stand in its address.")));
    for (size_t i = 0; i < count; i++)
        page_html(rs, "<li><a href=\"{}{}\">{}</a> (<a href=\"/charts/{}-{}.svg\">SVG</a>)</li>\n",
                  page_path(rq, "/embed/"), str(all[i].name), str(text(rq->lang, all[i].title)),
                  str(all[i].name), str(rq->lang->code));
    struct slice line = arena_printf(
        rq->arena,
        "<iframe src=\"%.*s/%s/embed/years\" title=\"%s\" width=\"560\" height=\"520\" "
        "loading=\"lazy\"></iframe>",
        SLICE_FMT(rq->base_url), rq->lang->code, text(rq->lang, all[0].title));
    page_html(rs, "</ul>\n<pre><code>{}</code></pre>\n", line);
}

void data_get(struct request *rq, struct response *rs)
{
    page_begin(rq, rs, &(struct page_options){.title = TR("Data"), .section = "data"});
    page_html(rs, "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n", str(TR("Data")),
              str(TR("Every view can be taken away: add the same filters to a file's address, or "
                     "follow the links under a list.")));
    page_html(rs, "<h2 id=\"files\">{}</h2>\n", str(TR("Files")));
    write_offers(rq, rs, files, sizeof files / sizeof *files);
    page_html(rs,
              "<p>{} <code>/data/incidents.csv?type=espionage&amp;since=2020&amp;as_of=2025-12-31"
              "</code></p>\n",
              str(TR("For example, espionage since 2020 as it stood at the end of 2025:")));
    page_html(rs, "<h2 id=\"machines\">{}</h2>\n", str(TR("Feeds and interfaces")));
    write_offers(rq, rs, machines, sizeof machines / sizeof *machines);
    page_raw(rs, "<p>");
    page_linked(rq, rs, TR("[How to use the interface], with examples."), "~/api");
    page_raw(rs, "</p>\n");
    write_embeds(rq, rs);
    page_html(rs, "<h2 id=\"cite\">{}</h2>\n<p>", str(TR("What to cite")));
    page_linked(rq, rs,
                TR("For research, cite a [frozen release], or a figure with the day as of which it "
                   "stands. Each record has its own citation."),
                "~/releases");
    page_raw(rs, "</p>\n");
    page_end(rq, rs);
}
