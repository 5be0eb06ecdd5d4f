// SPDX-License-Identifier: Apache-2.0
// vigied: one subcommand a function; this table is the only list of them, and help is printed from
// it.
#include "observatory/ops/ops.h"

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
    {"serve", vigied_serve, "[--config FILE] [--listen ADDRESS:PORT]",
     "serves the registry over HTTP"},
    {"--demo", vigied_serve, "[--listen ADDRESS:PORT]",
     "serves one with invented data, to look around"},
    {"import", vigied_import, "--format F FILE...", "takes over other registries' files"},
    {"export", vigied_export, "--format F [-o FILE]",
     "writes all records as CSV, JSON, STIX, MISP"},
    {"release", vigied_release, "[--key FILE]", "freezes the public data, numbered and signed"},
    {"duplicates", vigied_duplicates, "", "proposes records that may be one"},
    {"user", vigied_user, "add|list|passwd|...", "the people who keep the registry"},
    {"token", vigied_token, "add|list|revoke", "partners who use the TAXII server"},
    {"backup", vigied_backup, "[TO]", "copies the store while it is in use"},
    {"restore", vigied_restore, "[--force] BACKUP", "puts a backup in the store's place"},
    {"migrate", vigied_migrate, "", "brings the store's tables to this version"},
    {"codebook", vigied_codebook, "[--format F] [--lang L]", "prints what is coded and how"},
    {0},
};

static void print_help(FILE *to)
{
    fputs("vigied is a public registry of cyber incidents, each with its sources.\n"
          "\n"
          "usage: vigied COMMAND ...\n"
          "\n",
          to);
    for (const struct subcommand *c = subcommands; c->name; c++)
        fprintf(to, "  vigied %-8s %s\n  %16s%s\n", c->name, c->usage, "", c->does);
}

int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); // a file that may not grow is an error to tell, not an end
    signal(SIGPIPE, SIG_IGN);
    umask(077);
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        setlocale(LC_CTYPE, "");
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    const char *name = argv[1];
    if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        puts("vigied " VIGIE_VERSION);
        return 0;
    }
    for (const struct subcommand *c = subcommands; c->name; c++)
        if (strcmp(name, c->name) == 0)
            return c->run(argc - 1, argv + 1);
    fprintf(stderr, "vigied: there is no command '%.60s'; `vigied --help` lists them\n", name);
    return 2;
}
