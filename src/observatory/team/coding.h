// SPDX-License-Identifier: Apache-2.0
// What the pages of double coding share.
#ifndef VIGIE_OBSERVATORY_TEAM_CODING_H
#define VIGIE_OBSERVATORY_TEAM_CODING_H

#include "observatory/team/agreement.h"
#include "observatory/team/handlers.h"

struct coding {
    struct revision meta;
    struct record draft;    // record_free
    enum store_found found; // whether a round is open
    struct team_round round;
    struct team_coding rows[2];
    size_t count;
    int own; // the signed-in person's of rows; -1: none
};

// The record that the address names and its open round; false after an answer.
bool coding_load(struct request *rq, struct response *rs, struct coding *c);
void coding_head(struct request *rq, struct response *rs, const struct coding *c);

#endif
