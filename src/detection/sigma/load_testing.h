// SPDX-License-Identifier: Apache-2.0
// For tests: rules as short texts, so that tests are tables. Literals stand in double quotes as
// they are, wildcards are * and ?.
#ifndef VIGIE_DETECTION_SIGMA_LOAD_TESTING_H
#define VIGIE_DETECTION_SIGMA_LOAD_TESTING_H

#include "base/buf.h"
#include "detection/sigma/rule.h"

void dump_test(struct buf *b, const struct sigma_test *t);
// `Image all not = "a" | *"b" , "c"`: values parted by " , ", the tests of one value by " | ".
void dump_item(struct buf *b, const struct sigma_item *item);
void dump_node(struct buf *b, const struct sigma_rule *rule, const struct sigma_node *node);
// Each selection's groups: `sel{ item & item || item }`.
void dump_rule(struct buf *b, const struct sigma_rule *rule);
// Errors as "line: reason" lines, warnings with "warning " before.
void dump_refusals(struct buf *b, const struct sigma_set *set);

#endif
