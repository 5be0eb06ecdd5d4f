// SPDX-License-Identifier: Apache-2.0
// Conditions of rules and filters: `1 of selection_* and not filter`. Precedence: of > not > and >
// or.
#ifndef VIGIE_DETECTION_SIGMA_CONDITION_H
#define VIGIE_DETECTION_SIGMA_CONDITION_H

#include "detection/sigma/rule.h"

enum {
    CONDITION_MAX_DEPTH = 64, // parentheses and nots in each other
    CONDITION_MAX_WORK =
        20000000, // in one file: names compared, and parts of the conditions (256 each)
    CONDITION_PART_WORK = 256,
};

// selections: the rule's own; nodes refer to them by number. line is for the error. *work_left is
// drawn on.
[[nodiscard]] bool condition_parse(struct arena *a, struct slice text,
                                   const struct sigma_selection *selections, size_t count,
                                   uint32_t line, size_t *work_left, struct sigma_node **out,
                                   struct err *e);
// One node that joins all, as a balanced tree, so that its depth stays small. count > 0.
struct sigma_node *condition_join(struct arena *a, enum sigma_node_kind kind,
                                  struct sigma_node *const *nodes, size_t count);
// A copy in which selections have moved by the given number.
struct sigma_node *condition_shifted(struct arena *a, const struct sigma_node *node, uint32_t by);
// `*` stands for any run of characters.
bool condition_name_fits(struct slice pattern, struct slice name);

#endif
