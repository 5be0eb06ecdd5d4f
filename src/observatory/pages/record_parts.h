// SPDX-License-Identifier: Apache-2.0
// The pieces of a record's page.
#ifndef VIGIE_OBSERVATORY_PAGES_RECORD_PARTS_H
#define VIGIE_OBSERVATORY_PAGES_RECORD_PARTS_H

#include "observatory/pages/view.h"

struct record_page {
    struct request *rq;
    struct response *rs;
    const struct revision *meta;
    const struct record *body;
    const char *path; // "/incidents": of the kind's list
    bool past;        // an older revision, or as of an earlier day
};

// Title in the request's language, else in the other, else the id; lang (may be NULL): of it.
struct slice record_title(struct request *rq, const struct record *body, struct slice id,
                          const char **lang);
// "/en/incidents/I-000001" and what follows.
struct slice record_address(const struct record_page *p, const char *after);

// --- values ------------------------------------------------------------------------------------
// All values of a field, with their sources as numbers that lead to them; those that are set aside
// stand after the one that counts. Of fields in two languages, the request's.
void values_write(const struct record_page *p, const struct item *i, const char *field);
bool values_any(const struct record_page *p, const struct item *i, const char *field);
// <dt> and <dd>, or nothing when there is no value.
void values_row(const struct record_page *p, const struct item *i, const char *field);
// Rows for all fields of the item but those named (NULL-terminated).
void values_rows_but(const struct record_page *p, const struct item *i, const char *const *but);
// The text of the first counted value in the request's language.
struct slice values_text(const struct record_page *p, const struct item *i, const char *field);
const struct schema_field *values_field(const struct record_page *p, const struct item *i,
                                        const char *field);
// The record's own item; NULL when it has none.
const struct item *values_main(const struct record_page *p);

// --- sections ------------------------------------------------------------------------------------
void section_banner(const struct record_page *p);
void section_flags(const struct record_page *p);
void section_dates(const struct record_page *p);
void section_facts(const struct record_page *p);
void section_targets(const struct record_page *p);
void section_origin(const struct record_page *p);
void section_claims(const struct record_page *p);
void section_responses(const struct record_page *p);
void section_decision(const struct record_page *p);
void section_links(const struct record_page *p);
void section_sources(const struct record_page *p);
void section_ids(const struct record_page *p);
void section_totals(const struct record_page *p);
void section_indicators(const struct record_page *p);
void section_advice(const struct record_page *p);
// A group's items as a table of those columns (NULL-terminated) of which any has a value.
void section_table(const struct record_page *p, const char *group, const char *title,
                   const char *const *columns);
void section_originals(const struct record_page *p);
void section_cite(const struct record_page *p);
void section_about(const struct record_page *p);

#endif
