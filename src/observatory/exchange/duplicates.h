// SPDX-License-Identifier: Apache-2.0
// Records of different sources that may be the same incident. They are only ever proposed: a
// person decides.
#ifndef VIGIE_OBSERVATORY_EXCHANGE_DUPLICATES_H
#define VIGIE_OBSERVATORY_EXCHANGE_DUPLICATES_H

#include "observatory/store/store.h"

// Compares all incidents of the team's view that come from different datasets (or from none), and
// adds or renews a proposal for each pair that is alike enough. proposed: how many pairs.
[[nodiscard]] bool duplicates_propose(struct store *s, uint64_t *proposed, struct err *e);

#endif
