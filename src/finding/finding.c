// SPDX-License-Identifier: Apache-2.0
#include "finding/finding.h"

static const char *const kind_names[] = {"sigma", "correlation", "indicator",
                                         "yara",  "mail",        "tamper"};
static const char *const level_names[] = {"informational", "low", "medium", "high", "critical"};

const char *finding_kind_name(enum finding_kind kind)
{
    return (size_t)kind < sizeof kind_names / sizeof *kind_names ? kind_names[kind] : "unknown";
}

const char *finding_level_name(enum finding_level level)
{
    return (size_t)level < LEVEL_COUNT ? level_names[level] : "unknown";
}

bool finding_level_parse(struct slice text, enum finding_level *out)
{
    for (int i = 0; i < LEVEL_COUNT; i++)
        if (slice_equal_nocase(text, slice_from_str(level_names[i]))) {
            *out = (enum finding_level)i;
            return true;
        }
    return false;
}
