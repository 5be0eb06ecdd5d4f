// SPDX-License-Identifier: Apache-2.0
// vigie: one subcommand a file; this table is the only list of them, and help is printed from it.
#include "cmd/cmd.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage;
    const char *does;
};

static const struct subcommand subcommands[] = {
    {"audit", cmd_audit, "EVIDENCE... [-o DIR]",
     "reads logs, folders and archives; writes a case and a report"},
    {"rules", cmd_rules, "check|list|test|add|remove",
     "checks, lists, tests and keeps Sigma rules"},
    {"report", cmd_report, "CASE [-o DIR] [--lang L] …",
     "makes the report again from a case, in another language or format"},
    {"events", cmd_events, "FILE... [options]",
     "shows the events of logs as JSON lines, XML or CSV"},
    {"case", cmd_case, "info|destroy CASE",
     "says what a case holds; removes a case, and says what it cannot erase"},
    {0},
};

static void print_help(FILE *to)
{
    fputs("Vigie finds out, offline, from the logs you already have, whether your computers were "
          "broken into.\n"
          "\n"
          "usage: vigie COMMAND ...\n"
          "\n",
          to);
    for (const struct subcommand *c = subcommands; c->name; c++)
        fprintf(to, "  vigie %-7s %s\n  %14s%s\n", c->name, c->usage, "", c->does);
    fputs("\n"
          "`vigie COMMAND -h` and `man vigie` say more. To begin, copy the folder "
          "C:\\Windows\\System32\\winevt\\Logs of\n"
          "each PC into a folder, and run: vigie audit THAT-FOLDER\n"
          "Vigie sends nothing anywhere: it gives up the right to open network connections.\n",
          to);
}

int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); // a file that may not grow is an error to tell, not an end
    umask(077);               // what we write concerns people in danger: readable by its owner only
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        setlocale(LC_CTYPE, ""); // libarchive gives member names only in a UTF-8 locale
    if (argc < 2) {
        print_help(stderr);
        return EXIT_TROUBLE;
    }
    const char *name = argv[1];
    if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return EXIT_NOTHING;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        puts("vigie " VIGIE_VERSION);
        return EXIT_NOTHING;
    }
    for (const struct subcommand *c = subcommands; c->name; c++)
        if (strcmp(name, c->name) == 0)
            return c->run(argc - 1, argv + 1);
    fprintf(stderr, "vigie: there is no command '%.60s'; `vigie --help` lists them\n", name);
    return EXIT_TROUBLE;
}
