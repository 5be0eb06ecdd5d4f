// SPDX-License-Identifier: Apache-2.0
// How the registry is made: what counts, how it is counted, what it cannot show.
#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"

static void heading(struct response *rs, const char *id, const char *words)
{
    page_html(rs, "<h2 id=\"{}\">{}</h2>\n", str(id), str(words));
}

static void paragraph(struct response *rs, const char *words)
{
    page_html(rs, "<p>{}</p>\n", str(words));
}

static void write_definition(struct request *rq, struct response *rs)
{
    heading(rs, "incident", TR("What an incident is"));
    paragraph(rs,
              TR("Somebody acts on purpose and with ill will, within a limited time, at least in "
                 "part through computers or networks, and a source ties it to politics between "
                 "states. All five must hold, and each is judged by itself, from a source:"));
    page_raw(rs, "<ul>\n");
    const struct vocabulary *v = vocabulary_find("criterion");
    for (size_t i = 0; v && i < v->count; i++)
        page_html(rs, "<li><strong>{}.</strong> {}</li>\n", str(text(rq->lang, v->terms[i].label)),
                  str(text(rq->lang, v->terms[i].definition)));
    page_raw(rs, "</ul>\n<p>");
    page_linked(
        rq, rs,
        TR("Candidates that fail a criterion are [kept and can be searched], with the reason. "
           "They are not counted."),
        "~/candidates");
    page_raw(rs, "</p>\n");
}

static void write_counting(struct request *rq, struct response *rs)
{
    heading(rs, "counting", TR("How incidents are counted"));
    paragraph(rs, TR("Every figure is counted by a query at the moment it is shown. Only published "
                     "incidents count; those that were withdrawn, merged or turned down do not."));
    page_raw(rs, "<ul>\n");
    page_html(
        rs, "<li>{}</li>\n<li>{}</li>\n",
        str(TR("Types: an incident may have several and is counted under each. Types therefore "
               "add up to more than incidents.")),
        str(TR("Sectors, information sought and harm: the same.")));
    page_html(
        rs, "<li>{}</li>\n<li>{}</li>\n",
        str(TR("Years: the year in which it began. If that is not known, the year in which it "
               "was disclosed.")),
        str(TR("Values that were set aside because sources contradict each other are shown on "
               "the record, and not counted.")));
    page_raw(rs, "</ul>\n");
}

static void write_origin(struct request *rq, struct response *rs)
{
    heading(rs, "origin", TR("Origin is not responsibility"));
    page_origin_warning(rq, rs);
    paragraph(rs,
              TR("The origin is the country from which sources say that an action came. Servers, "
                 "accounts and people can be in a country without its government's knowledge."));
    page_raw(rs, "<ul>\n");
    page_html(rs, "<li>{}</li>\n<li>{}</li>\n",
              str(TR("Several origins: the incident is counted once under each country.")),
              str(TR("Other: the source names a country or region that is not listed apart.")));
    page_html(
        rs, "<li>{}</li>\n</ul>\n",
        str(TR("Not known: no source names an origin, or sources say that it is not known.")));
    paragraph(rs,
              TR("Who holds whom responsible is recorded as claims: who says it, when, on what "
                 "basis, about whom, how surely. Claims may contradict each other. The registry "
                 "makes none of its own and does not choose between them."));
}

static void write_dates(struct request *rq, struct response *rs)
{
    heading(rs, "dates", TR("Dates"));
    paragraph(rs,
              TR("Each incident has up to four dates: began, discovered, disclosed, and recorded "
                 "here. Each is kept only as precise as its source: a day, a month, a year, or "
                 "“about”."));
    paragraph(rs, TR("Where dates are in an impossible order, or sources differ, both are kept and "
                     "the record says so. Nothing is mended in silence."));
}

static void write_work(struct request *rq, struct response *rs)
{
    heading(rs, "work", TR("How records are made"));
    page_raw(rs, "<ol>\n");
    page_html(
        rs, "<li>{}</li>\n<li>{}</li>\n",
        str(TR("Sources are public. Each is archived, with its hash and the day it was read.")),
        str(TR("Where the codebook says so, two people code independently. Their agreement is "
               "measured (Cohen's kappa), and they settle their differences.")));
    page_html(
        rs, "<li>{}</li>\n<li>{}</li>\n</ol>\n",
        str(TR("Another person reviews the record before it is published.")),
        str(TR("Later changes are new revisions. Who made them, when and why stays visible.")));
    page_raw(rs, "<p>");
    page_linked(rq, rs,
                TR("What each field and code means is in the [codebook]; changes after publication "
                   "are among the [corrections]."),
                "~/codebook", "~/corrections");
    page_raw(rs, "</p>\n");
}

static void write_limits(struct request *rq, struct response *rs)
{
    heading(rs, "limits", TR("Coverage and limits"));
    struct slice coverage = page_coverage(rq);
    if (coverage.len)
        page_html(rs, "<p>{}</p>\n", coverage);
    paragraph(rs, TR("Only what became public is here. Most incidents never do, and some become "
                     "public years later, so that figures for past years still grow."));
    paragraph(rs,
              TR("Therefore every figure carries the day as of which it stands. A past day can be "
                 "asked again and gives the same figures as then."));
    paragraph(rs, TR("Other registries show other numbers for the same country. They cover other "
                     "years, other kinds of act and other sources, and count by other rules. A "
                     "difference is not by itself an error on either side."));
    paragraph(rs,
              TR("More incidents from a country may mean more attacks, or more attention to it, "
                 "or more openness of those who were hit."));
}

void method_get(struct request *rq, struct response *rs)
{
    page_begin(rq, rs, &(struct page_options){.title = TR("Method"), .section = "method"});
    page_html(rs, "<h1>{}</h1>\n", str(TR("Method")));
    write_definition(rq, rs);
    write_counting(rq, rs);
    write_origin(rq, rs);
    write_dates(rq, rs);
    write_work(rq, rs);
    write_limits(rq, rs);
    page_end(rq, rs);
}
