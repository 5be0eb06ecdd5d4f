// SPDX-License-Identifier: Apache-2.0
// The frame of every page: head, navigation, footer.
#include "observatory/pages/parts.h"

#include "observatory/http/app.h"
#include "observatory/team/team.h"

#include <stdarg.h>

struct place { // of a navigation
    const char *path;
    const char *words;
    const char *section;
};

static const struct place top_places[] = {
    {"/", TEXT("Overview"), "overview"},
    {"/incidents", TEXT("Incidents"), "incidents"},
    {"/conducts", TEXT("Other conduct"), "conducts"},
    {"/places", TEXT("Places"), "places"},
    {"/advisories", TEXT("Advisories"), "advisories"},
    {"/trends", TEXT("Trends"), "trends"},
    {"/codebook", TEXT("Codebook"), "codebook"},
    {"/method", TEXT("Method"), "method"},
    {"/data", TEXT("Data"), "data"},
};

static const struct place foot_places[] = {
    {"/corrections", TEXT("Corrections and withdrawals"), "corrections"},
    {"/candidates", TEXT("Candidates turned down"), "candidates"},
    {"/releases", TEXT("Frozen releases"), "releases"},
    {"/about", TEXT("About, accessibility and privacy"), "about"},
};

static void write_places(struct request *rq, struct response *rs, const struct place *places,
                         size_t count, const char *section)
{
    page_raw(rs, "<ul>");
    for (size_t i = 0; i < count; i++) {
        bool here = section && strcmp(places[i].section, section) == 0;
        page_html(rs, "<li><a href=\"{}\"", page_path(rq, places[i].path));
        if (here)
            page_raw(rs, " aria-current=\"page\"");
        page_html(rs, ">{}</a></li>", str(text(rq->lang, places[i].words)));
    }
    page_raw(rs, "</ul>");
}

static void write_head(struct request *rq, struct response *rs, const struct page_options *o)
{
    page_html(rs,
              "<!DOCTYPE html>\n<html lang=\"{}-CA\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
              "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}",
              str(rq->lang->code), str(o->title));
    if (o->section && strcmp(o->section, "overview") == 0)
        page_raw(rs, "</title>\n");
    else
        page_html(rs, " – {}</title>\n", page_site_name(rq));
    if (o->embedded) // links leave the frame, in which other pages may not be shown
        page_raw(rs, "<base target=\"_top\">\n");
    if (o->description)
        page_html(rs, "<meta name=\"description\" content=\"{}\">\n", str(o->description));
    page_html(rs,
              "<link rel=\"stylesheet\" href=\"{}\">\n"
              "<link rel=\"icon\" type=\"image/svg+xml\" href=\"{}\">\n",
              str(static_path("style.css")), str(static_path("icon.svg")));
    if (o->feed)
        page_html(rs, "<link rel=\"alternate\" type=\"application/atom+xml\" href=\"{}\">\n",
                  str(o->feed));
    bool french = strcmp(rq->lang->code, "fr") == 0;
    page_html(rs, "<link rel=\"alternate\" hreflang=\"{}\" href=\"{}{}\">\n</head>\n",
              str(french ? "en" : "fr"), rq->base_url, request_other_language(rq));
}

static void write_demo_mark(struct request *rq, struct response *rs)
{
    if (!page_is_demo(rq))
        return;
    page_raw(rs, "<p class=\"demo\">");
    page_linked(rq, rs, TR("The data shown here are invented. [What this demonstration is]"),
                "~/demo");
    page_raw(rs, "</p>\n");
}

static void write_language_switch(struct request *rq, struct response *rs)
{
    bool french = strcmp(rq->lang->code, "fr") == 0;
    page_html(rs, "<a class=\"language\" lang=\"{}\" hreflang=\"{}\" href=\"{}\">{}</a>",
              str(french ? "en" : "fr"), str(french ? "en" : "fr"), request_other_language(rq),
              str(french ? "English" : "Français"));
}

void page_begin(struct request *rq, struct response *rs, const struct page_options *o)
{
    rs->type = "text/html; charset=utf-8";
    if (rq->user)
        rs->no_store = true;
    write_head(rq, rs, o);
    if (o->embedded) {
        page_raw(rs, "<body class=\"embedded\">\n<main id=\"main\">\n");
        return;
    }
    page_html(rs, "<body>\n<a class=\"skip\" href=\"#main\">{}</a>\n<header class=\"top\">\n",
              str(TR("Skip to the content")));
    write_demo_mark(rq, rs);
    page_html(rs, "<div class=\"bar\"><a class=\"site\" href=\"{}\">{}</a>\n", page_path(rq, "/"),
              page_site_name(rq));
    write_language_switch(rq, rs);
    page_html(rs, "</div>\n<nav aria-label=\"{}\">", str(TR("Main")));
    write_places(rq, rs, top_places, sizeof top_places / sizeof *top_places, o->section);
    page_raw(rs, "</nav>\n</header>\n");
    if (rq->user)
        page_html(rs,
                  "<nav class=\"desk\" aria-label=\"{}\"><span>{}</span> <a href=\"{}\">{}</a>"
                  "</nav>\n",
                  str(TR("Your work")), rq->user->name, page_path(rq, "/team"),
                  str(TR("Your desk")));
    if (o->wide)
        page_raw(rs, "<main id=\"main\" class=\"wide\" tabindex=\"-1\">\n");
    else
        page_raw(rs, "<main id=\"main\" tabindex=\"-1\">\n");
}

static void write_contact(struct request *rq, struct response *rs)
{
    struct slice contact = rq->app ? rq->app->settings.contact : (struct slice){0};
    if (!contact.len)
        return;
    page_html(rs, "<p>{} ", str(TR("To report an error or ask for a correction:")));
    if (memchr(contact.at, '@', contact.len))
        page_html(rs, "<a href=\"mailto:{}\">{}</a></p>\n", contact, contact);
    else
        page_html(rs, "{}</p>\n", contact);
}

void page_end(struct request *rq, struct response *rs)
{
    page_html(rs, "</main>\n<footer>\n<nav aria-label=\"{}\">", str(TR("About the registry")));
    write_places(rq, rs, foot_places, sizeof foot_places / sizeof *foot_places, NULL);
    page_raw(rs, "</nav>\n");
    write_contact(rq, rs);
    page_raw(rs, "<p>");
    page_linked(rq, rs, rq->user ? TR("[Your desk]") : TR("[Sign in], for those who keep it"),
                rq->user ? "~/team" : "~/sign-in");
    page_raw(rs, "</p>\n</footer>\n</body>\n</html>\n");
}

void page_printf(struct response *rs, const char *format, ...)
{
    char *words = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&words, format, args);
    va_end(args);
    if (len > 0)
        buf_add(&rs->body, slice_of(words, (size_t)len));
    free(words);
}

void page_tr(struct response *rs, const char *translated)
{
    buf_xml(&rs->body, str(translated));
}

void page_origin_warning(struct request *rq, struct response *rs)
{
    page_html(rs, "<p class=\"warning\"><strong>{}</strong> ", str(TR("Origin as reported.")));
    page_tr(rs, TR("A geographic origin does not imply that a government is responsible. "
                   "Who attributes an incident to whom is told apart."));
    page_raw(rs, "</p>\n");
}

void page_link(struct request *rq, struct response *rs, const char *path, const char *words)
{
    page_html(rs, "<a href=\"{}\">{}</a>", page_path(rq, path), str(words));
}
