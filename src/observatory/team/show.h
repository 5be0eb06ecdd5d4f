// SPDX-License-Identifier: Apache-2.0
// Records as the team sees them: all values with their sources, differences, flags, history.
#ifndef VIGIE_OBSERVATORY_TEAM_SHOW_H
#define VIGIE_OBSERVATORY_TEAM_SHOW_H

#include "observatory/team/ui.h"

// The item's values: a definition list. item NULL or empty: says so.
void show_item(struct request *rq, struct response *rs, const struct record *r,
               const struct item *item);
// All values of one field of an item, joined; empty when there is none.
struct slice show_values(struct request *rq, const struct record *r, const struct item *item,
                         const char *field);
// The whole record, group by group.
void show_record(struct request *rq, struct response *rs, const struct record *r);
// What a repeated item is, in a few words.
struct slice show_item_words(struct request *rq, const struct record *r, const struct item *item);
// A table of what changed. Returns how many changes there are.
size_t show_changes(struct request *rq, struct response *rs, const struct record *before,
                    const struct record *after);
// The flags of record_check, errors first. links: address of the form of a group and item is
// links + "/fields" or links + "/item/GROUP/ID"; empty: no links. Returns the number of errors.
size_t show_flags(struct request *rq, struct response *rs, const struct record *r,
                  struct slice links);
void show_history(struct request *rq, struct response *rs, const struct revision *list,
                  size_t count);

// A record and its newest revision, whatever its state; false after an answer of 404 or 500.
bool show_load(struct request *rq, struct response *rs, struct slice id, struct revision *meta,
               struct record *body);
const struct item *show_find_item(const struct record *r, struct slice group, struct slice id);

#endif
