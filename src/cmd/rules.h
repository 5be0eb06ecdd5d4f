// SPDX-License-Identifier: Apache-2.0
// vigie rules: what its parts share.
#ifndef VIGIE_CMD_RULES_H
#define VIGIE_CMD_RULES_H

#include "base/buf.h"
#include "detection/sigma/rule.h"

int rules_check(int argc, char **argv);
int rules_list(int argc, char **argv);
int rules_test(int argc, char **argv);
int rules_add(int argc, char **argv);
int rules_remove(int argc, char **argv);

// "vigie rules WHAT: message" on standard error; returns EXIT_TROUBLE.
[[gnu::format(printf, 2, 3)]] int rules_complain(const char *what, const char *format, ...);
// Safe for a terminal, then a line feed.
void rules_print(struct buf *line);
// One refusal or warning as `file:line: reason`, or as a JSON line.
void rules_print_refusal(const struct sigma_refusal *r, bool json);
size_t rules_count_refused(const struct sigma_set *set);
void rules_json_text(struct buf *b, const char *key, struct slice value); // `,"key":"value"`
void rules_json_list(struct buf *b, const char *key, const struct slice *values, size_t count);

#endif
