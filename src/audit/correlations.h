// SPDX-License-Identifier: Apache-2.0
// The end of an audit: correlations over the matches that the case has kept, in time order over all
// evidence.
#ifndef VIGIE_AUDIT_CORRELATIONS_H
#define VIGIE_AUDIT_CORRELATIONS_H

#include "case/case.h"
#include "detection/sigma/rule.h"

// What a Sigma rule says of itself, in the form the case keeps. Slices are the rule's own.
struct finding_rule finding_rule_of_sigma(const struct sigma_rule *rule, enum finding_kind kind);

// Runs all correlations at or above the level and adds their findings to the case. *dropped: events
// left out for want of room.
[[nodiscard]] bool correlations_run(const struct sigma_set *rules, struct case_file *c,
                                    enum sigma_level minimum_level, uint64_t *dropped,
                                    struct err *e);

#endif
