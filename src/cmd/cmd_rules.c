// SPDX-License-Identifier: Apache-2.0
// vigie rules: check and list; the table of its words. rules_test.c and rules_user.c have the
// others.
#include "cmd/cmd.h"
#include "cmd/rules.h"

#include "base/term.h"
#include "detection/sigma/engine.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage;
    const char *does;
} words[] = {
    {"check", rules_check, "PATH...", "can these rules be loaded? names each that cannot, and why"},
    {"list", rules_list, "[options]", "the rules that an audit uses"},
    {"test", rules_test, "RULE FILE...", "does a rule match these logs? if not, why not"},
    {"add", rules_add, "PATH... [--force]", "keeps rules for all audits to come"},
    {"remove", rules_remove, "NAME...", "takes added rules away again"},
};

static void print_help(FILE *to)
{
    fputs("usage: vigie rules WORD ...\n\n", to);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        fprintf(to, "  vigie rules %-6s %-18s %s\n", words[i].name, words[i].usage, words[i].does);
    fputs("\nRules are Sigma rules (sigmahq.io), version 2.1.0. `vigie rules WORD -h` says more.\n",
          to);
}

int cmd_rules(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_TROUBLE;
    }
    if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0) {
        print_help(stdout);
        return EXIT_NOTHING;
    }
    char name[32]; // what getopt puts before its own messages
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(argv[1], words[i].name) != 0)
            continue;
        snprintf(name, sizeof name, "vigie rules %s", words[i].name);
        argv[1] = name;
        return words[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "vigie rules: there is no word '%.60s'; `vigie rules -h` lists them\n",
            argv[1]);
    return EXIT_TROUBLE;
}

int rules_complain(const char *what, const char *format, ...)
{
    char command[40], text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(command, sizeof command, "rules %s", what);
    return cmd_complain(command, "%s", text);
}

void rules_print(struct buf *line)
{
    struct buf safe = {0};
    term_escape_lines(&safe, buf_slice(line));
    buf_byte(&safe, '\n');
    fwrite(safe.at, 1, safe.len, stdout);
    buf_free(&safe);
    buf_clear(line);
}

void rules_json_text(struct buf *b, const char *key, struct slice value)
{
    buf_printf(b, "%s\"%s\":\"", b->len && b->at[b->len - 1] != '{' ? "," : "", key);
    buf_json(b, value);
    buf_byte(b, '"');
}

void rules_json_list(struct buf *b, const char *key, const struct slice *values, size_t count)
{
    buf_printf(b, ",\"%s\":[", key);
    for (size_t i = 0; i < count; i++) {
        buf_str(b, i ? ",\"" : "\"");
        buf_json(b, values[i]);
        buf_byte(b, '"');
    }
    buf_byte(b, ']');
}

void rules_print_refusal(const struct sigma_refusal *r, bool json)
{
    struct buf b = {0};
    if (json) {
        buf_byte(&b, '{');
        rules_json_text(&b, "file", r->file);
        buf_printf(&b, ",\"line\":%u", r->line);
        rules_json_text(&b, "title", r->title);
        rules_json_text(&b, "reason", r->reason);
        buf_printf(&b, ",\"warning\":%s}\n", r->warning ? "true" : "false");
        fwrite(b.at, 1, b.len, stdout);
    } else {
        buf_add(&b, r->file);
        if (r->line)
            buf_printf(&b, ":%u", r->line);
        buf_printf(&b, ": %s%.*s", r->warning ? "warning: " : "", SLICE_FMT(r->reason));
        rules_print(&b);
    }
    buf_free(&b);
}

size_t rules_count_refused(const struct sigma_set *set)
{
    size_t n = 0;
    for (size_t i = 0; i < set->refusals.count; i++)
        n += !set->refusals.items[i].warning;
    return n;
}

static size_t count_not_applicable(const struct sigma_set *set)
{
    size_t n = 0;
    for (size_t i = 0; i < set->rules.count; i++)
        n += set->rules.items[i]->source_count == 0;
    return n;
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void print_totals(const struct sigma_set *set, bool json)
{
    size_t refused = rules_count_refused(set), strange = count_not_applicable(set);
    size_t rules = set->rules.count, correlations = set->correlations.count;
    if (json) {
        printf("{\"files\":%zu,\"rules\":%zu,\"not_applicable\":%zu,\"correlations\":%zu,"
               "\"filters\":%zu,"
               "\"refused\":%zu,\"warnings\":%zu}\n",
               set->file_count, rules, strange, correlations, set->filter_count, refused,
               set->refusals.count - refused);
        return;
    }
    printf("%zu file%s: %zu rule%s, %zu correlation%s, %zu filter%s loaded; %zu refused, %zu "
           "warning%s\n",
           set->file_count, plural(set->file_count), rules, plural(rules), correlations,
           plural(correlations), set->filter_count, plural(set->filter_count), refused,
           set->refusals.count - refused, plural(set->refusals.count - refused));
    if (strange)
        printf("%zu of the rules %s about logs other than Windows event logs, and will match "
               "nothing here\n",
               strange, strange == 1 ? "is" : "are");
}

static void check_help(void)
{
    puts("usage: vigie rules check [--json] PATH...\n"
         "\n"
         "Loads the Sigma rules in these files and folders, as an audit would. Each that is "
         "refused is named on a line\n"
         "`file:line: reason`. Exit status: 0 all can be loaded, 1 something was refused, 2 could "
         "not do the job.\n"
         "\n"
         "      --json  a JSON line for each refusal, then one with the totals\n"
         "\n"
         "example: vigie rules check sigma/rules");
}

int rules_check(int argc, char **argv)
{
    static const struct option longs[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    bool json = false;
    for (int option; (option = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
        if (option == 'h')
            return check_help(), EXIT_NOTHING;
        if (option != 'j')
            return EXIT_TROUBLE;
        json = true;
    }
    if (optind == argc)
        return rules_complain("check", "name a rule file or a folder with rules");
    const struct sigma_load_options load = {.with_deprecated = true};
    struct sigma_set set;
    struct err e = {0};
    sigma_set_init(&set);
    int status = EXIT_NOTHING;
    for (int i = optind; i < argc; i++)
        if (!sigma_set_add_path(&set, argv[i], &load, &e))
            status = rules_complain("check", "%s", e.message);
    sigma_set_finish(&set, &load);
    struct sigma_engine *engine =
        sigma_engine_create(&set, NULL); // refuses what cannot be compiled
    for (size_t i = 0; i < set.refusals.count; i++)
        rules_print_refusal(&set.refusals.items[i], json);
    if (set.file_count)
        print_totals(&set, json);
    else if (status == EXIT_NOTHING)
        status = rules_complain("check", "there is no .yml or .yaml file");
    if (status == EXIT_NOTHING && rules_count_refused(&set))
        status = EXIT_FOUND;
    sigma_engine_destroy(engine);
    sigma_set_free(&set);
    return status;
}

struct list_words {
    bool json, bundled;
    struct sigma_load_options load;
    struct slice tag, search;
    const char *paths[64];
    size_t path_count;
};

static bool contains_word(struct slice text, struct slice word)
{
    for (size_t i = 0; i + word.len <= text.len; i++)
        if (slice_equal_nocase(slice_sub(text, i, i + word.len), word))
            return true;
    return false;
}

// attack.t1059 also means attack.t1059.001.
static bool tag_fits(struct slice tag, struct slice wanted)
{
    return tag.len >= wanted.len && slice_equal_nocase(slice_sub(tag, 0, wanted.len), wanted) &&
           (tag.len == wanted.len || tag.at[wanted.len] == '.');
}

static bool list_shows(const struct list_words *w, const struct sigma_rule *rule)
{
    bool tagged = w->tag.len == 0, found = w->search.len == 0;
    for (size_t i = 0; i < rule->tag_count; i++) {
        tagged |= tag_fits(rule->tags[i], w->tag);
        found |= contains_word(rule->tags[i], w->search);
    }
    return tagged && (found || contains_word(rule->title, w->search) ||
                      contains_word(rule->description, w->search) ||
                      contains_word(rule->id, w->search) || contains_word(rule->file, w->search));
}

static void list_json(struct buf *b, const struct sigma_rule *rule, bool correlation)
{
    buf_byte(b, '{');
    rules_json_text(b, "id", rule->id);
    rules_json_text(b, "title", rule->title);
    rules_json_text(b, "level", slice_from_str(sigma_level_name(rule->level)));
    rules_json_text(b, "status", slice_from_str(sigma_status_name(rule->status)));
    rules_json_text(b, "kind", correlation ? SLICE("correlation") : SLICE("rule"));
    rules_json_text(b, "product", rule->product);
    rules_json_text(b, "category", rule->category);
    rules_json_text(b, "service", rule->service);
    rules_json_list(b, "techniques", rule->techniques, rule->technique_count);
    rules_json_list(b, "tags", rule->tags, rule->tag_count);
    rules_json_text(b, "file", rule->file);
    buf_printf(b, ",\"line\":%u,\"bundled\":%s,\"silent\":%s", rule->line,
               rule->bundled ? "true" : "false", rule->silent ? "true" : "false");
    rules_json_text(b, "not_applicable", rule->not_applicable);
    buf_str(b, "}\n");
    fwrite(b->at, 1, b->len, stdout);
    buf_clear(b);
}

static void list_line(struct buf *b, const struct sigma_rule *rule)
{
    buf_printf(b, "%-13s  %-36.*s  %.*s", sigma_level_name(rule->level), SLICE_FMT(rule->id),
               SLICE_FMT(rule->title));
    if (rule->not_applicable.len)
        buf_printf(b, " (not applicable here: %.*s)", SLICE_FMT(rule->not_applicable));
    if (rule->silent)
        buf_str(b, " (only part of a correlation)");
    rules_print(b);
}

static void list_help(void)
{
    puts("usage: vigie rules list [--rules PATH]... [options]\n"
         "\n"
         "The rules that an audit with the same options would use: level, id, title.\n"
         "\n"
         "      --rules PATH   also the rules in this file or folder; may be repeated\n"
         "      --no-bundled   neither the built-in rules nor those added with `vigie rules add`\n"
         "      --level L      only this level and above: informational, low, medium, high, "
         "critical\n"
         "      --status LIST  only these statuses, e.g. stable,test\n"
         "      --tag T        only rules with this tag, e.g. attack.t1059\n"
         "      --search WORD  only rules with this word in title, description, tags, id or file\n"
         "      --json         a JSON line for each rule, with all that is known of it\n"
         "\n"
         "example: vigie rules list --level high --search powershell");
}

static int list_read_words(int argc, char **argv, struct list_words *w)
{
    static const struct option longs[] = {{"rules", required_argument, NULL, 'r'},
                                          {"no-bundled", no_argument, NULL, 'n'},
                                          {"level", required_argument, NULL, 'l'},
                                          {"status", required_argument, NULL, 's'},
                                          {"tag", required_argument, NULL, 't'},
                                          {"search", required_argument, NULL, 'w'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"min-level", required_argument, NULL, 'l'},
                                          {0}};
    struct err e = {0};
    for (int option; (option = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
        struct slice value = slice_from_str(optarg);
        switch (option) {
        case 'r':
            if (w->path_count == sizeof w->paths / sizeof *w->paths)
                return rules_complain("list", "too many --rules; name a folder above them");
            w->paths[w->path_count++] = optarg;
            break;
        case 'n':
            w->bundled = false;
            break;
        case 'l':
            if (!sigma_level_parse(value, &w->load.minimum_level))
                return rules_complain(
                    "list", "'%s' is no level (informational, low, medium, high, critical)",
                    optarg);
            break;
        case 's':
            if (!sigma_statuses_parse(value, &w->load, &e))
                return rules_complain("list", "%s", e.message);
            break;
        case 't':
            w->tag = value;
            break;
        case 'w':
            w->search = value;
            break;
        case 'j':
            w->json = true;
            break;
        case 'h':
            list_help();
            return -1;
        default:
            return EXIT_TROUBLE;
        }
    }
    if (optind != argc)
        return rules_complain("list", "'%s': name files with --rules", argv[optind]);
    return EXIT_NOTHING;
}

static int list_load(const struct list_words *w, struct sigma_set *set)
{
    struct err e = {0};
    char dir[4096];
    int status = EXIT_NOTHING;
    if (w->bundled) {
        sigma_set_add_bundled(set, &w->load);
        if (sigma_user_rules_dir(dir, sizeof dir))
            (void)!sigma_set_add_path(set, dir, &w->load, &e); // often not there
    }
    for (size_t i = 0; i < w->path_count; i++)
        if (!sigma_set_add_path(set, w->paths[i], &w->load, &e))
            status = rules_complain("list", "%s", e.message);
    sigma_set_finish(set, &w->load);
    return status;
}

int rules_list(int argc, char **argv)
{
    struct list_words w = {.bundled = true};
    int status = list_read_words(argc, argv, &w);
    if (status != EXIT_NOTHING)
        return status < 0 ? EXIT_NOTHING : status;
    struct sigma_set set;
    struct buf b = {0};
    sigma_set_init(&set);
    status = list_load(&w, &set);
    size_t shown = 0;
    for (size_t i = 0; i < set.rules.count + set.correlations.count; i++) {
        bool correlation = i >= set.rules.count;
        const struct sigma_rule *rule =
            correlation ? set.correlations.items[i - set.rules.count]->rule : set.rules.items[i];
        if (!list_shows(&w, rule))
            continue;
        shown++;
        if (w.json)
            list_json(&b, rule, correlation);
        else
            list_line(&b, rule);
    }
    size_t refused = rules_count_refused(&set);
    if (!w.json)
        printf("%zu rule%s\n", shown, plural(shown));
    if (refused)
        rules_complain("list", "%zu rule%s refused; `vigie rules check` names them", refused,
                       refused == 1 ? " was" : "s were");
    buf_free(&b);
    sigma_set_free(&set);
    return status;
}
