// SPDX-License-Identifier: Apache-2.0
// The one finding record: what was found, why, and where in the evidence it stands.
#ifndef VIGIE_FINDING_FINDING_H
#define VIGIE_FINDING_FINDING_H

#include "base/slice.h"
#include "base/time.h"

enum finding_kind {
    FINDING_SIGMA,
    FINDING_CORRELATION,
    FINDING_INDICATOR,
    FINDING_YARA,
    FINDING_MAIL,
    FINDING_TAMPER,
};

enum finding_level {
    LEVEL_INFORMATIONAL,
    LEVEL_LOW,
    LEVEL_MEDIUM,
    LEVEL_HIGH,
    LEVEL_CRITICAL,
    LEVEL_COUNT,
};

struct finding_field {
    struct slice name, value; // UTF-8
};

// What a rule says of itself, for the report: stored once in the case, by `key`.
struct finding_rule {
    uint32_t key; // index of the rule in this audit
    enum finding_kind kind;
    enum finding_level level;
    struct slice id, title, description, author, file, license;
    struct slice meaning, next; // plain words; empty for rules that have none
    const struct slice *techniques, *tags, *references, *false_positives;
    size_t technique_count, tag_count, reference_count, false_positive_count;
    bool bundled;
};

// The event a finding rests on, as kept in the case.
struct finding_event {
    vtime time; // 0: not known
    uint64_t offset;
    uint32_t size;
    uint64_t record;
    bool has_record;
    bool recovered;
    uint32_t event_id;
    struct slice channel, provider, host, account;
    struct slice json; // whole event, evtx_dump's layout
};

struct finding {
    uint32_t rule; // finding_rule.key
    const struct finding_field *fields;
    size_t field_count;
};

const char *finding_kind_name(enum finding_kind kind);
const char *finding_level_name(enum finding_level level);
[[nodiscard]] bool finding_level_parse(struct slice text, enum finding_level *out);

#endif
