// SPDX-License-Identifier: Apache-2.0
// The words of `vigie audit`: what may be asked for, checked before anything is read or written.
#ifndef VIGIE_CMD_AUDIT_OPTIONS_H
#define VIGIE_CMD_AUDIT_OPTIONS_H

#include "base/array.h"
#include "case/case.h"
#include "detection/sigma/rule_cache.h"

#include <stdio.h>

struct audit_words {
    const char **paths;
    size_t path_count;
    const char **rule_paths;
    size_t rule_path_count;
    char *output; // folder
    bool output_given;
    bool bundled, cache, recover, resume, force, profile;
    bool replaces; // --force over an older case
    uint32_t jobs;
    vtime since, until;
    const char *lang;
    const char *consent_path;
    struct sigma_load_options load;
};

enum audit_words_result {
    AUDIT_WORDS_OK,
    AUDIT_WORDS_HELP,
    AUDIT_WORDS_BAD, // e says what is wrong and what to write instead
};

enum audit_words_result audit_words_read(int argc, char **argv, struct arena *a,
                                         struct audit_words *out, struct err *e);
void audit_words_free(struct audit_words *w);
void audit_words_help(FILE *to);
// Makes the output folder (0700), or checks that the one named may be used. *case_path: where the
// case is to be written.
[[nodiscard]] bool audit_words_prepare_output(struct audit_words *w, struct arena *a,
                                              char **case_path, struct err *e);
// Puts a case written beside an older one in its place, and opens it again.
[[nodiscard]] bool audit_words_replace_case(struct audit_words *w, struct case_file *c,
                                            char **case_path, struct arena *a, struct err *e);
// A digest of all that decides what an audit finds: to tell whether one may be resumed.
// Hexadecimal.
struct slice audit_words_digest(const struct audit_words *w, const struct sigma_set *rules,
                                struct arena *a);
// The options as one line, for the report ("vigie audit logs --rules sigma").
struct slice audit_words_line(const struct audit_words *w, struct arena *a);
struct slice audit_words_rules_source(const struct audit_words *w,
                                      struct arena *a);  // "bundled, FOLDER"
struct slice audit_words_time(vtime t, struct arena *a); // empty for 0
size_t audit_words_not_applicable(const struct sigma_set *rules);
// Loads the rules asked for, among them those that the user has added with `vigie rules add`.
// cache: folder of compiled rules, or NULL. As sigma_rules_open.
[[nodiscard]] bool audit_words_open_rules(const struct audit_words *w, const char *cache,
                                          struct sigma_set *set, struct sigma_engine **engine,
                                          struct err *e);

#endif
