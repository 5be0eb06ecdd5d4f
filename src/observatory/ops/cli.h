// SPDX-License-Identifier: Apache-2.0
// What the subcommands share: how they complain, print words that are not ours, and read small
// files.
#ifndef VIGIE_OBSERVATORY_OPS_CLI_H
#define VIGIE_OBSERVATORY_OPS_CLI_H

#include "base/arena.h"
#include "base/err.h"
#include "observatory/ops/config.h" // CONFIG_DEFAULT_STORE

#include <stdio.h>

enum { CLI_TROUBLE = 2 }; // exit status: could not do the job

// "vigied COMMAND: …" on standard error, so that a terminal shows it and does nothing else; gives
// CLI_TROUBLE.
int cli_complain(const char *command, const struct err *e);
void cli_print_escaped(FILE *to, struct slice s);
// A whole file of at most max bytes, into the arena.
[[nodiscard]] bool cli_read_file(const char *path, size_t max, struct arena *a, struct slice *out,
                                 struct err *e);

#endif
