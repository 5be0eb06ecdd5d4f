// SPDX-License-Identifier: Apache-2.0
// vigie report: the report again, from the case alone.
#include "cmd/cmd.h"
#include "report/report.h"

#include <getopt.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct report_words {
    const char *given;    // as the user wrote it
    char folder[4096];    // where the report goes
    char path[4096 + 16]; // of the case
    struct report_options options;
};

static void print_help(FILE *to)
{
    fprintf(to,
            "usage: vigie report CASE [-o DIR] [--lang L] [--format F] [--force]\n"
            "\n"
            "Makes the report again from a case: the folder that an audit wrote, or its "
            "case.vigie. The evidence is not needed.\n"
            "\n"
            "  -o, --output DIR  where to write; default: the case's own folder\n"
            "      --lang L      language of the report: %s\n"
            "      --format F    html, jsonl, csv, timesketch, evidence or all; may be repeated; "
            "default: all\n"
            "      --force       write over files that are there\n"
            "\n"
            "examples:\n"
            "  vigie report vigie-20261122-081500 --force\n"
            "  vigie report case.vigie --lang fr -o rapport\n",
            report_languages());
}

static int complain(const char *what, const char *why)
{
    return cmd_complain("report", "%s%s%s", what, *why ? ": " : "", why);
}

static int find_case(struct report_words *w)
{
    struct stat st;
    if (stat(w->given, &st) != 0)
        return complain(
            w->given,
            "there is no such case; name the folder that `vigie audit` wrote, or its case.vigie");
    size_t len = strlen(w->given);
    if (len >= sizeof w->folder)
        return complain("the name of the case is too long", "");
    if (S_ISDIR(st.st_mode)) {
        snprintf(w->path, sizeof w->path, "%s/case.vigie", w->given);
        if (!w->folder[0])
            memcpy(w->folder, w->given, len + 1);
    } else {
        snprintf(w->path, sizeof w->path, "%s", w->given);
        const char *slash = strrchr(w->given, '/');
        if (!w->folder[0] && slash)
            snprintf(w->folder, sizeof w->folder, "%.*s",
                     (int)(slash - w->given) + (slash == w->given), w->given);
        else if (!w->folder[0])
            snprintf(w->folder, sizeof w->folder, ".");
    }
    return EXIT_NOTHING;
}

static int read_words(int argc, char **argv, struct report_words *w)
{
    enum { LANG = 256, FORMAT, FORCE };
    static const struct option longs[] = {
        {"output", required_argument, NULL, 'o'},
        {"lang", required_argument, NULL, LANG},
        {"format", required_argument, NULL, FORMAT},
        {"force", no_argument, NULL, FORCE},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "ho:", longs, NULL)) != -1) {
        switch (option) {
        case 'o':
            if ((size_t)snprintf(w->folder, sizeof w->folder, "%s", optarg) >= sizeof w->folder)
                return complain("the name of the output folder is too long", "");
            break;
        case LANG:
            if (!report_language_known(optarg))
                return complain(optarg,
                                "there are no texts in this language; see `vigie report -h`");
            w->options.lang = optarg;
            break;
        case FORMAT:
            if (!report_format_parse(optarg))
                return complain(optarg, "there is no such format; see `vigie report -h`");
            w->options.formats |= report_format_parse(optarg);
            break;
        case FORCE:
            w->options.force = true;
            break;
        case 'h':
            print_help(stdout);
            return -1;
        default:
            return EXIT_TROUBLE;
        }
    }
    if (argc - optind != 1)
        return complain(argc == optind ? "name a case" : "name one case only",
                        "see `vigie report -h`");
    w->given = argv[optind];
    return find_case(w);
}

int cmd_report(int argc, char **argv)
{
    struct report_words w = {0};
    struct case_file *c;
    struct err e;
    int status = read_words(argc, argv, &w);
    if (status)
        return status < 0 ? EXIT_NOTHING : status;
    if (!case_open(w.path, false, &c, &e))
        return complain(e.message, "");
    if (mkdir(w.folder, 0700) != 0 && access(w.folder, W_OK) != 0) {
        case_close(c);
        return complain(w.folder, "cannot be written");
    }
    bool ok = report_write_all(c, w.folder, &w.options, &e);
    if (ok)
        report_terminal_summary(
            c, w.options.formats & REPORT_HTML || !w.options.formats ? w.folder : NULL,
            w.options.lang, stdout);
    else
        status = complain(e.message, "");
    case_close(c);
    return status;
}
