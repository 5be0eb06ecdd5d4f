// SPDX-License-Identifier: Apache-2.0
// How the page is written: sections append to a buffer. All text goes through h_text or h_say,
// which escape it and show invisible characters; h_raw takes only literals of ours.
#ifndef VIGIE_REPORT_HTML_H
#define VIGIE_REPORT_HTML_H

#include "report/internal.h"

struct html {
    struct report *r;
    struct buf b;
    unsigned page; // of the buffer: links to other pages get the file's name
};

static inline void h_raw(struct html *h, const char *literal)
{
    buf_str(&h->b, literal); // here, so that the compiler counts the literal's bytes
}

void h_text(struct html *h, struct slice s);
void h_str(struct html *h, const char *s);
[[gnu::format(printf, 2, 3)]] void h_say(struct html *h, const char *format, ...);
// <p>, <li> … with escaped text: h_el(h, "p", "…").
[[gnu::format(printf, 3, 4)]] void h_el(struct html *h, const char *element, const char *format,
                                        ...);
// Evidence's own words: isolated from the direction of the text around, breakable.
void h_value(struct html *h, struct slice s);
// Words of ours or of a rule that may hold some of the evidence: isolated, in the page's own type.
void h_words(struct html *h, struct slice s);
// At most `most` bytes of it, then "…".
void h_value_cut(struct html *h, struct slice s, size_t most);
// A time in <time>, or "not known".
void h_time(struct html *h, vtime t);
// "high" with its mark.
void h_level(struct html *h, enum finding_level level);
// Link to a group by its title.
void h_group_link(struct html *h, const struct report_group *g);
// The file of a page: "report.html", "report-2.html".
const char *h_page_file(struct html *h, unsigned page);
// Text in the rules' language, marked as such in a report of another language.
void h_rule_text(struct html *h, const char *element, struct slice s);

// Times that a log of Windows can hold: not before 1995, not after the audit was made (a day of
// grace).
bool time_is_plausible(const struct report *r, vtime t);

// Sections, in the page's order.
void html_head(struct html *h);
void html_before(struct html *h);
[[nodiscard]] bool html_answers(struct html *h, struct err *e);
[[nodiscard]] bool html_consent(struct html *h, struct err *e);
void html_index(struct html *h);
[[nodiscard]] bool html_group(struct html *h, const struct report_group *g, struct err *e);
[[nodiscard]] bool html_timeline(struct html *h, struct err *e);
void html_reach(struct html *h);
[[nodiscard]] bool html_evidence(struct html *h, struct err *e);
[[nodiscard]] bool html_not_checked(struct html *h, struct err *e);
void html_made(struct html *h);
void html_glossary(struct html *h);
void html_attack(struct html *h);
// An event's JSON, indented, with the lines of the fields that matched in bold.
void html_event(struct html *h, struct slice json, const struct case_fields *fields);

// The first sign: the earliest plausible time of the findings of the highest level that is there
// (high and critical count as one), for the answers and the pictures. 0: none at medium or above.
struct first_sign {
    vtime time;
    const struct report_group *group;
    char host[256];
    enum finding_level level; // LEVEL_HIGH or LEVEL_MEDIUM
};
[[nodiscard]] bool find_first_sign(struct report *r, struct first_sign *out, struct err *e);

#endif
