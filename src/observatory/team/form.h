// SPDX-License-Identifier: Apache-2.0
// Forms made from the schema: the fields of one item, each with its values, and for each value its
// precision, sources and note.
//
// Names of inputs: FIELD.N for the Nth value, and FIELD.N.precision, .sources, .note, .aside of it.
// A vocabulary with several values at once is a list of boxes, FIELD=CODE each; the sources of
// those newly ticked are in FIELD.+.sources, and those of a term that was there in
// FIELD.CODE.sources. All of them after a prefix, so that several items can stand in one form.
#ifndef VIGIE_OBSERVATORY_TEAM_FORM_H
#define VIGIE_OBSERVATORY_TEAM_FORM_H

#include "observatory/team/ui.h"

struct form_row {
    uint16_t field;
    struct slice key; // "0", "1" …, or a term's code
    struct slice text, precision, sources, note;
    bool aside;
    bool has_sources; // the form had an input for them
};

struct form {
    const struct schema_group *group;
    struct slice prefix; // "" or "c1:"
    uint64_t fields;     // a bit for each field that it shows; 0: all
    ARRAY_OF(struct form_row) rows;
    struct slice more; // name of a field that shall get another empty row
};

void form_free(struct form *f);
bool form_shows(const struct form *f, size_t field);
// What the item has; item may be NULL.
void form_from_item(struct form *f, struct arena *a, const struct item *item);
// What was sent. Inputs that the group does not have, and what is over RECORD_MAX_VALUES, are
// passed over. Country names become codes, white space is trimmed, line ends in lines go.
void form_parse(struct form *f, struct arena *a, const struct http_pair *pairs, size_t count);
// Puts the form's values in the place of the item's; fields that the form does not show stay.
void form_to_item(const struct form *f, struct record *r, struct item *item);
// What record_check says against what was typed for item, as errors at its fields. Memory: the
// request's arena.
void form_check(struct request *rq, const struct form *f, const struct record *r,
                const struct item *item, struct ui_errors *errors);
void form_write(struct request *rq, struct response *rs, const struct form *f,
                const struct record *r, const struct ui_errors *errors);
// <datalist id="countries">: once in a page that has a form.
void form_countries(struct request *rq, struct response *rs);
// The record's sources with their ids, for reference.
void form_sources(struct request *rq, struct response *rs, const struct record *r);
// id of the field's place in the page, for links.
struct slice form_field_id(struct arena *a, const struct form *f, const char *field);
// Code of a country as typed in either language: "CN", "China", "Chine"; else as typed.
struct slice form_country(struct arena *a, struct slice typed);
// Ids of sources as "s1 s3": those there already and those typed, whatever stands between them.
struct slice form_source_ids(struct arena *a, struct slice have, struct slice typed);

#endif
