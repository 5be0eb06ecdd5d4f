// SPDX-License-Identifier: Apache-2.0
// A record being edited: a row of the store and the record it holds.
#ifndef VIGIE_OBSERVATORY_TEAM_EDIT_H
#define VIGIE_OBSERVATORY_TEAM_EDIT_H

#include "observatory/store/team_work.h"
#include "observatory/team/form.h"
#include "observatory/team/show.h"

struct work {
    struct team_work row;
    struct record record; // record_free by work_close
};

// The signed-in person's work of that id; false after an answer of 404 or 500.
bool work_open(struct request *rq, struct response *rs, struct slice id, struct work *out);
void work_close(struct work *w);
[[nodiscard]] bool work_save(struct request *rq, struct work *w, struct err *e);
// New work from a record; record empty: it will be a new one.
[[nodiscard]] bool work_begin(struct request *rq, const struct record *r, struct slice record,
                              uint32_t base, int64_t *id, struct err *e);
// Its title, or words that say that there is none.
struct slice record_name(struct request *rq, const struct record *r);

// --- rebase.c
// The newest revision of id with the changes from base to mine applied to it.
[[nodiscard]] bool record_rebase(struct request *rq, const struct record *base,
                                 const struct record *mine, struct slice id, struct record *out,
                                 struct err *e);
// Replaces the values of one field by those that from (may be NULL) has.
void item_copy_field(struct record *to, struct item *into, const struct item *from, uint16_t field);
// The item of the same group and id, made when it is not there.
struct item *record_item_like(struct record *to, const struct item *like);
void record_remove_item(struct record *r, const struct item *item);

#endif
