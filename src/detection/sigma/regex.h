// SPDX-License-Identifier: Apache-2.0
// Regular expressions of rules: PCRE2 with limits, and the literals that any match must contain.
#ifndef VIGIE_DETECTION_SIGMA_REGEX_H
#define VIGIE_DETECTION_SIGMA_REGEX_H

#include "base/array.h"
#include "detection/sigma/rule.h"

struct sigma_regex; // shared by all threads

enum regex_result {
    REGEX_NO,
    REGEX_YES,
    REGEX_LIMITED, // gave up at a limit
};

// What one thread needs to run regexes.
struct regex_runner;

// NULL with the reason in e when PCRE2 refuses it. test: a SIGMA_REGEX, which must outlive it.
// e->offset is that in the pattern.
struct sigma_regex *regex_compile(const struct sigma_test *test, struct err *e);
// Without asking PCRE2 now: for one that it took before. Should it refuse it after all, every run
// of it ends at a limit.
struct sigma_regex *regex_trusted(const struct sigma_test *test);
void regex_destroy(struct sigma_regex *re); // takes NULL

// match_limit 0: default.
struct regex_runner *regex_runner_create(uint32_t match_limit);
void regex_runner_destroy(struct regex_runner *r); // takes NULL
// text: valid UTF-8.
enum regex_result regex_run(struct regex_runner *r, struct sigma_regex *re, struct slice text);

// Finds a set of literals (folded by utf_fold) of which every text that the regex matches contains
// at least one, after folding. False when it finds none; it errs on that side. Memory: arena.
typedef ARRAY_OF(struct slice) regex_literals;
[[nodiscard]] bool regex_required(struct arena *a, struct slice pattern, regex_literals *out);

#endif
