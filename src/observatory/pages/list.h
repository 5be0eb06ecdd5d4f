// SPDX-License-Identifier: Apache-2.0
// What the lists of the kinds of record differ in.
#ifndef VIGIE_OBSERVATORY_PAGES_LIST_H
#define VIGIE_OBSERVATORY_PAGES_LIST_H

#include "observatory/pages/view.h"

struct list_kind {
    const char *kind;
    const char *path;
    const char *section;
    const char *title, *lead; // English; lead may be NULL
    const char *found_one, *found_many;
    const char *issued;                // heading of the one date; NULL: began and disclosed
    const char *types;                 // filter of the column "Type"
    const char *target, *target_label; // filter and English heading of a column; NULL: none
    const char *from, *from_label;     // the same of where it came from, as reported
    bool download;                     // as /data/…
    const char *feed;                  // NULL: none
    uint32_t states;                   // as in struct query
};

// The form of filters, made from the schema; folded unless something is asked for.
[[nodiscard]] bool list_filters_write(struct request *rq, struct response *rs, const struct view *v,
                                      const struct list_kind *k, struct err *e);

#endif
