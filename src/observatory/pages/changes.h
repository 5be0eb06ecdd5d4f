// SPDX-License-Identifier: Apache-2.0
// What differs between two revisions, for readers and for the team: labels instead of codes, days
// in words, each text in its language.
#ifndef VIGIE_OBSERVATORY_PAGES_CHANGES_H
#define VIGIE_OBSERVATORY_PAGES_CHANGES_H

#include "observatory/pages/parts.h"

// A table of the changes, or nothing when there are none; returns how many there are. caption:
// translated. ids: items are named as forms name them (s2), not by their place in the record (2).
size_t changes_write(struct request *rq, struct response *rs, const char *caption,
                     const struct record *before, const struct record *after, bool ids);

// "Corrected", "Withdrawn", "Reinstated" …
const char *change_words(struct request *rq, const struct public_change *c);

#endif
