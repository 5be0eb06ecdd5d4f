// SPDX-License-Identifier: Apache-2.0
// Reports, from the case alone: the page for people, and rows for other programs. Nothing is read
// but the case; the same case gives the same bytes. Files are written beside their final name and
// put in place when they are whole, readable by their owner only.
#ifndef VIGIE_REPORT_REPORT_H
#define VIGIE_REPORT_REPORT_H

#include "case/case.h"

#include <stdio.h>

enum report_format {
    REPORT_HTML = 1,       // report.html, and report-2.html … when there is much
    REPORT_JSONL = 2,      // findings.jsonl
    REPORT_CSV = 4,        // findings.csv
    REPORT_TIMESKETCH = 8, // timesketch.jsonl
    REPORT_EVIDENCE = 16,  // evidence.csv
    REPORT_ALL = 31,
};

struct report_options {
    const char *lang;  // "en", "fr"; NULL: that of the audit, else English
    bool force;        // write over files that are there
    unsigned formats;  // of enum report_format; 0: all
    size_t page_bytes; // size at which the page goes on in another file; 0: default
};

// dir must exist. Without force nothing is written when one of the files is there.
[[nodiscard]] bool report_write_all(struct case_file *c, const char *dir,
                                    const struct report_options *options, struct err *e);
// At most 80 × 24; the last line says where the report is (dir NULL: no such line).
void report_terminal_summary(struct case_file *c, const char *dir, const char *lang, FILE *out);

// Whether texts exist in this language ("fr", "fr_CA.UTF-8" …), and the names of those that do, for
// messages.
bool report_language_known(const char *lang);
const char *report_languages(void);
// "html", "all" …; 0 for a word that is none.
unsigned report_format_parse(const char *word);

#endif
