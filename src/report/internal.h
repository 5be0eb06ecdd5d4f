// SPDX-License-Identifier: Apache-2.0
// What the files of this folder share; not for others.
#ifndef VIGIE_REPORT_INTERNAL_H
#define VIGIE_REPORT_INTERNAL_H

#include "base/out.h"
#include "case/case_read.h"
#include "report/data.h"
#include "report/report.h"
#include "report/texts.h"

// A rule with what it found, and what the report derives from its tags.
struct report_group {
    struct case_group found;
    unsigned tactics; // bits 1 << enum attack_tactic
    unsigned number;  // 1, 2, … in the order of the report
    unsigned page;    // 1: report.html
    bool enters;      // initial access, or what a person was led to open
    bool clears_log;  // T1070.001: a log was cleared
    bool stages;      // T1560, T1074, T1114 …: data made ready to leave
};

struct report {
    struct case_file *c;
    const struct language *lang;
    struct arena memory;  // as long as the report
    struct arena scratch; // as long as a section
    struct case_summary summary;
    uint64_t finding_count, undated;
    struct report_group *groups; // ordered as case_each_group
    size_t group_count;
    uint32_t *group_by_key; // index + 1 of groups, by rule key; 0: none
    size_t key_count;
    struct case_log *logs; // once loaded; ordered by host, channel, first
    size_t log_count;
    size_t page_bytes;
    bool complete;
    vtime made; // when the audit was begun; 0: not known
};

[[nodiscard]] bool report_load(struct report *r, struct case_file *c, const char *lang,
                               struct err *e);
// The logs, which only the page asks for.
[[nodiscard]] bool report_load_logs(struct report *r, struct err *e);
void report_free(struct report *r);
// The group of a rule key, or NULL.
const struct report_group *report_group_of(const struct report *r, uint32_t rule);
// A setting of the case; empty when absent.
struct slice report_setting(struct report *r, const char *name);
uint64_t report_setting_number(struct report *r, const char *name);

// Rows for other programs: those of findings.jsonl, findings.csv and timesketch.jsonl that are
// wanted.
[[nodiscard]] bool report_write_findings(struct report *r, const char *dir, unsigned wanted,
                                         struct err *e);
const char *report_file_name(enum report_format format);
[[nodiscard]] bool report_write_evidence(struct report *r, const char *path, struct err *e);
// The page, in as many files as it needs.
[[nodiscard]] bool report_write_html(struct report *r, const char *dir, struct err *e);

// Inside of a JSON string, where invisible characters and terminal controls are written as escapes:
// the value stays the same, and a terminal that shows the line stays unharmed.
void report_json(struct buf *b, struct slice s);

#define TR(english)       text(r->lang, english)
#define TRN(one, many, n) text_plural(r->lang, one, many, n)
#define NUMBER(n)         text_number(r->lang, &r->scratch, n)

// The level's name in the report's language.
const char *level_name(const struct report *r, enum finding_level level);

#endif
