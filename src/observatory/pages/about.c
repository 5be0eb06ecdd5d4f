// SPDX-License-Identifier: Apache-2.0
// Who keeps the registry, how to reach them, accessibility, privacy; and what a demonstration is.
#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"

#include "observatory/http/app.h"

static void section(struct response *rs, const char *id, const char *title, const char *first,
                    const char *second)
{
    page_html(rs, "<h2 id=\"{}\">{}</h2>\n<p>{}</p>\n", str(id), str(title), str(first));
    if (second)
        page_html(rs, "<p>{}</p>\n", str(second));
}

void about_get(struct request *rq, struct response *rs)
{
    page_begin(rq, rs,
               &(struct page_options){.title = TR("About, accessibility and privacy"),
                                      .section = "about"});
    page_html(rs, "<h1>{}</h1>\n", str(TR("About, accessibility and privacy")));
    section(
        rs, "about", TR("About the registry"),
        TR("The registry is kept by a small team, from public sources, so that those who are "
           "targeted, those who study it and those who decide see the same facts."),
        TR("It runs on free software, Vigie (vigied), which any university or group may run for "
           "a registry of its own."));
    struct slice contact = rq->app ? rq->app->settings.contact : (struct slice){0};
    if (contact.len)
        page_html(rs, "<p>{} {}</p>\n", str(TR("To reach those who keep it:")), contact);
    section(rs, "accessibility", TR("Accessibility"),
            TR("The pages aim at WCAG 2.2, level AA. They work without script, by keyboard, with a "
               "screen reader, on a narrow screen, in the dark and on paper."),
            TR("Every picture has a table with the same numbers beside it. If something does not "
               "work for you, tell us."));
    section(
        rs, "privacy", TR("Privacy"),
        TR("No cookie is set for readers, nothing is loaded from other sites, and nobody is "
           "counted or followed."),
        TR("The server's log holds no addresses of readers. Those who keep the registry sign in, "
           "and what they change is recorded under their name."));
    page_end(rq, rs);
}

void demo_get(struct request *rq, struct response *rs)
{
    page_begin(rq, rs, &(struct page_options){.title = TR("This demonstration")});
    page_html(rs, "<h1>{}</h1>\n", str(TR("This demonstration")));
    if (page_is_demo(rq)) {
        page_html(rs, "<p class=\"lead\">{}</p>\n",
                  str(TR("Every record that you see here is invented. None of it happened.")));
        page_html(
            rs, "<p>{}</p>\n<p>{}</p>\n",
            str(TR("Names of countries are used because a registry needs them. They say nothing "
                   "about these countries, their governments or their people.")),
            str(TR("The figures are counted from the invented records by query, as they would "
                   "be in a real registry: change a record, and they change.")));
        page_html(rs, "<p>{}</p>\n",
                  str(TR("Unless a store was named, all of it is deleted when the program ends.")));
    } else {
        page_html(rs, "<p>{}</p>\n", str(TR("This registry is not a demonstration.")));
    }
    page_end(rq, rs);
}
