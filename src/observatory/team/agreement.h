// SPDX-License-Identifier: Apache-2.0
// Two codings of a record held against each other: which fields two people code, what each made of
// them, and how far they agree over many records.
#ifndef VIGIE_OBSERVATORY_TEAM_AGREEMENT_H
#define VIGIE_OBSERVATORY_TEAM_AGREEMENT_H

#include "observatory/model/record.h"
#include "observatory/team/kappa.h"

// Bits of the group's fields that two people code; 0: none.
uint64_t coded_fields(const struct schema_group *g);
// Of a repeated group whose entries each judge one term of a vocabulary (the criteria): the field
// that names the term. Two coders' entries belong together by that term. -1: not such a group.
int coded_key(const struct schema_group *g);
// The group's item that judges code; NULL when there is none.
const struct item *coded_item(const struct record *r, const struct schema_group *g,
                              const char *code);
// The values of one field that count (not set aside), in an order of their own: equal for two
// coders who mean the same. "" when there are none. Memory: arena.
struct slice coded_text(struct arena *a, const struct record *r, const struct item *i,
                        uint16_t field);

// Takes what two people code out of the record.
void coded_clear(struct record *r);
// Puts what coding says about those fields into to, in the place of what it has.
void coded_apply(struct record *to, const struct record *coding);

// Adds up pairs of codings, all of one kind.
struct agreement;
struct agreement *agreement_create(const struct schema_kind *kind);
void agreement_destroy(struct agreement *a); // takes NULL
void agreement_add(struct agreement *a, const struct record *first, const struct record *second);

struct agreement_row {
    const struct schema_group *group;
    const struct schema_field *field;
    struct kappa kappa;
    bool pooled; // over the terms that either coder used
};
// A row for each field that two people code. Memory: arena. Returns how many.
size_t agreement_rows(const struct agreement *a, struct arena *arena, struct agreement_row **rows);

#endif
