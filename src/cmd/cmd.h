// SPDX-License-Identifier: Apache-2.0
// The subcommands: one file each, one line each in main.c's table. argv[0] is the subcommand's
// name. They return the exit status: see `man vigie`. Only this folder prints and exits.
#ifndef VIGIE_CMD_CMD_H
#define VIGIE_CMD_CMD_H

enum {
    EXIT_NOTHING = 0, // done; nothing found
    EXIT_FOUND = 1,   // done; something found (audit), refused or no match (rules)
    EXIT_TROUBLE = 2, // could not do the job
    EXIT_INTERRUPT = 130,
};

int cmd_audit(int argc, char **argv);
int cmd_events(int argc, char **argv);
int cmd_rules(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_case(int argc, char **argv);

// "vigie COMMAND: …" on standard error, so that a terminal shows what evidence says and does
// nothing else; gives EXIT_TROUBLE.
[[gnu::format(printf, 2, 3)]] int cmd_complain(const char *command, const char *format, ...);

#endif
