// SPDX-License-Identifier: Apache-2.0
// Two records that tell of the same event become one, which keeps every value of both with what it
// rests on. Where they contradict each other a person says which value counts; the other stands
// beside it, set aside.
#ifndef VIGIE_OBSERVATORY_TEAM_MERGE_H
#define VIGIE_OBSERVATORY_TEAM_MERGE_H

#include "observatory/model/record.h"

enum merge_pick { MERGE_BOTH, MERGE_FIRST, MERGE_SECOND };

// One of the record's own fields in which the two differ.
struct merge_field {
    uint16_t field;
    const struct item *first, *second; // the records' own items; may be NULL
    bool conflict; // both have values and they differ; else only one of them has any
    enum merge_pick pick;
};

// The fields that differ, in the schema's order; pick: both where several may hold and no value
// contradicts another, else the first. Memory: arena.
size_t merge_fields(const struct record *first, const struct record *second, struct arena *a,
                    struct merge_field **out);

// Adds all of second to into, which is first: own fields as picked, entries of groups that are not
// there word for word as new entries, sources of one address as one. id: of second, which stands in
// the notes of values that name no source and among the names elsewhere. ERR_LIMIT when it would be
// too large.
[[nodiscard]] bool merge_records(struct record *into, const struct record *second, struct slice id,
                                 const struct merge_field *fields, size_t count, struct err *e);
// Makes a record point to the one that it was merged into.
void merge_point(struct record *r, struct slice into);

#endif
