// SPDX-License-Identifier: Apache-2.0
// Pairs of records that may be one: proposed by a program, decided by a person.
#ifndef VIGIE_OBSERVATORY_STORE_TEAM_MERGE_H
#define VIGIE_OBSERVATORY_STORE_TEAM_MERGE_H

#include "observatory/store/store.h"

enum merge_state { MERGE_OPEN, MERGE_DONE, MERGE_APART };

// Something that speaks for or against a pair: for pages to put into words.
struct merge_reason {
    struct slice what; // a field by its filter's name, of which a and b say different things; or
                       // "source", "words": an address, rare words that both have, in a
    struct slice a,
        b; // codes and dates as stored, "; " between; no line feeds. empty: says nothing
};

struct merge_proposal {
    int64_t id;
    struct slice a, b; // records; a is the lower id
    double score;      // 0 to 1
    const struct merge_reason *reasons;
    size_t reason_count;
    enum merge_state state;
    vtime made, decided;
    struct slice decided_by, reason;        // reason_lang: in which it was written; "": not known
    struct slice reason_lang, reason_other; // as of a revision
};

// A pair that is there already keeps its decision; while it is open, score and reasons are renewed.
// The order of a and b does not matter.
[[nodiscard]] bool merge_proposal_add(struct store *s, const struct merge_proposal *p,
                                      struct err *e);
enum store_found merge_proposal_get(struct store *s, int64_t id, struct arena *a,
                                    struct merge_proposal *out, struct err *e);
// Highest score first. record empty: all.
[[nodiscard]] bool merge_proposal_list(struct store *s, enum merge_state state, struct slice record,
                                       size_t offset, size_t limit, struct arena *a,
                                       struct merge_proposal **out, size_t *count, uint64_t *total,
                                       struct err *e);
// Of p: id, state, decided_by and the reason with its language. ERR_USAGE when it is decided
// already.
[[nodiscard]] bool merge_proposal_decide(struct store *s, const struct merge_proposal *p,
                                         struct err *e);

#endif
