// SPDX-License-Identifier: Apache-2.0
// The frame of every page, and the small pieces that all pages are made of. All text goes through
// html_text; markup is written with page_raw only from literals.
#ifndef VIGIE_OBSERVATORY_PAGES_PAGE_H
#define VIGIE_OBSERVATORY_PAGES_PAGE_H

#include "observatory/http/http.h"

// The English sentence in the request's language. Literals only: tools/texts.py collects them.
#define TR(english) text(rq->lang, english)

struct page_options {
    const char *title;   // translated already
    const char *section; // which entry of the navigation is marked: "incidents", "codebook", …
    const char *description; // for search engines; may be NULL
    const char *feed;        // Atom address for <link rel="alternate">; may be NULL
    bool embedded;           // a chart for other sites: no navigation
    bool wide;
};

// Head, skip link, navigation, language switch, the mark of invented data when the store is a
// demonstration; ends inside <main>.
void page_begin(struct request *rq, struct response *rs, const struct page_options *o);
void page_end(struct request *rq, struct response *rs);

#define page_raw(rs, literal) buf_add(&(rs)->body, SLICE(literal))
static inline void page_text(struct response *rs, struct slice s)
{
    buf_xml(&rs->body, s);
}
// printf into the page; every argument must be safe already (numbers, literals).
[[gnu::format(printf, 2, 3)]] void page_printf(struct response *rs, const char *format, ...);
// Escaped translated sentence.
void page_tr(struct response *rs, const char *translated);
// "origin as reported" and the warning that an origin does not imply who is responsible; to stand
// wherever an origin is shown.
void page_origin_warning(struct request *rq, struct response *rs);
// A date as people of that language write it, with its precision: "about October 2022".
void page_date(struct request *rq, struct response *rs, struct slice date, struct slice precision);
// "As of 22 November 2026", and a form to ask for another day.
void page_as_of(struct request *rq, struct response *rs);
// A path under the request's language: /en + path.
void page_link(struct request *rq, struct response *rs, const char *path, const char *words);

#endif
