// SPDX-License-Identifier: Apache-2.0
// Which events answer a rule's logsource: knowledge/logsource.tsv (its head says how it is laid
// out).
#ifndef VIGIE_DETECTION_SIGMA_LOGSOURCE_H
#define VIGIE_DETECTION_SIGMA_LOGSOURCE_H

#include "detection/sigma/rule.h"

struct logsource_table;

struct logsource_answer {
    struct sigma_source *sources;
    size_t source_count;
    struct slice reason; // when there is no source
};

// text must stay in place. Memory: arena, but for what destroy frees. NULL with e->offset the line
// when text is no table.
struct logsource_table *logsource_table_create(struct arena *a, struct slice text, struct err *e);
void logsource_table_destroy(struct logsource_table *t); // takes NULL
// Empty slices: not given. Answers for the same logsource are the same object.
const struct logsource_answer *logsource_find(struct logsource_table *t, struct slice product,
                                              struct slice category, struct slice service);

#endif
