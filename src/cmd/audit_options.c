// SPDX-License-Identifier: Apache-2.0
#include "cmd/audit_options.h"

#include "base/buf.h"
#include "base/sha256.h"
#include "report/report.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MAX_JOBS = 64 };

enum option_key {
    KEY_RULES = 256,
    KEY_NO_BUNDLED,
    KEY_NO_CACHE,
    KEY_JOBS,
    KEY_MIN_LEVEL,
    KEY_STATUS,
    KEY_SINCE,
    KEY_UNTIL,
    KEY_TZ,
    KEY_LANG,
    KEY_RECOVER,
    KEY_RESUME,
    KEY_FORCE,
    KEY_CONSENT,
    KEY_PROFILE,
};

// The one list of options; the help is printed from it.
static const struct {
    const char *name;
    int key;
    const char *value; // NULL: takes none
    const char *does;
} table[] = {
    {"output", 'o', "DIR",
     "where the case and the report go (default: a new folder vigie-DATE-TIME)"},
    {"rules", KEY_RULES, "PATH",
     "also use the Sigma rules in this file or folder (may be repeated)"},
    {"no-bundled", KEY_NO_BUNDLED, NULL, "without the built-in and the added rules"},
    {"no-cache", KEY_NO_CACHE, NULL, "read all rules anew, and keep no compiled form of them"},
    {"min-level", KEY_MIN_LEVEL, "LEVEL",
     "only findings of informational, low, medium, high, critical or above"},
    {"status", KEY_STATUS, "LIST", "only rules of these statuses, e.g. stable,test"},
    {"since", KEY_SINCE, "TIME",
     "only events from this time on, e.g. 2025-07-01 or 2025-07-01T08:00:00Z"},
    {"until", KEY_UNTIL, "TIME", "only events before this time"},
    {"tz", KEY_TZ, "ZONE",
     "zone of --since and --until, e.g. America/Montreal (default and output: UTC)"},
    {"recover", KEY_RECOVER, NULL, "also read deleted records that are left in the slack of logs"},
    {"consent", KEY_CONSENT, "FILE",
     "who agreed to this audit, as 'key: value' lines (see man vigie-audit)"},
    {"jobs", KEY_JOBS, "N", "threads (default: one a processor)"},
    {"resume", KEY_RESUME, NULL, "go on with an audit that was stopped, in the same -o DIR"},
    {"force", KEY_FORCE, NULL,
     "write into a folder that is not empty; an older case there is replaced"},
    {"lang", KEY_LANG, "L", "language of the report: en, fr"},
    {"profile-rules", KEY_PROFILE, NULL, "show what each rule costs"},
    {"help", 'h', NULL, "this text"},
};

enum { OPTION_COUNT = sizeof table / sizeof *table };

void audit_words_help(FILE *to)
{
    fputs("usage: vigie audit EVIDENCE... [options]\n"
          "\n"
          "Reads Windows event logs: files, folders, and what is in archives, and writes a case "
          "and a report.\n"
          "\n",
          to);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char left[40];
        snprintf(left, sizeof left, "%s--%s%s%s", table[i].key == 'o' ? "-o, " : "    ",
                 table[i].name, table[i].value ? " " : "", table[i].value ? table[i].value : "");
        fprintf(to, "  %-23s %s\n", left, table[i].does);
    }
    fputs("\n"
          "Exit status: 0 nothing found, 1 something found, 2 could not do the job, 130 stopped.\n",
          to);
}

// --tz: reads a wall-clock time of that zone. Times with a zone of their own, and the default, need
// no such help.
static bool shift_by_zone(vtime *t, const char *zone, bool has_own_zone, struct err *e)
{
    if (!zone || has_own_zone || *t == 0)
        return true;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
    if (strcmp(zone, "UTC") != 0 && (strstr(zone, "..") || access(path, R_OK) != 0))
        return err_set(e, ERR_USAGE, 0,
                       "--tz: '%.60s' is not a known time zone; write e.g. America/Montreal or UTC",
                       zone);
    if (setenv("TZ", zone, 1) != 0)
        return err_set_errno(e, "--tz");
    tzset();
    struct civil_time c = time_to_civil(*t);
    struct tm local = {
        .tm_year = c.year - 1900,
        .tm_mon = c.month - 1,
        .tm_mday = c.day,
        .tm_hour = c.hour,
        .tm_min = c.minute,
        .tm_sec = c.second,
        .tm_isdst = -1,
    };
    *t = time_from_unix(mktime(&local), 0) + c.ticks;
    return true;
}

// Whether the time's text ends in Z or ±hh:mm.
static bool names_zone(const char *text)
{
    size_t n = strlen(text);
    if (n && (text[n - 1] == 'Z' || text[n - 1] == 'z'))
        return true;
    const char *clock = strpbrk(text, "Tt ");
    return clock && strpbrk(clock, "+-");
}

static bool read_bound(const char *text, const char *zone, vtime *out, struct err *e)
{
    return time_parse(slice_from_str(text), out, e) &&
           shift_by_zone(out, zone, names_zone(text), e);
}

static bool read_jobs(const char *text, uint32_t *out, struct err *e)
{
    char *end;
    errno = 0;
    unsigned long n = strtoul(text, &end, 10);
    if (errno || *end || end == text || n < 1 || n > MAX_JOBS)
        return err_set(e, ERR_USAGE, 0, "--jobs: '%.40s' is not a number from 1 to %d", text,
                       MAX_JOBS);
    *out = (uint32_t)n;
    return true;
}

struct raw_words {
    const char *since, *until, *zone;
};

static bool take_option(int key, const char *value, struct audit_words *w, struct raw_words *raw,
                        struct arena *a, struct err *e)
{
    switch (key) {
    case 'o':
        w->output = arena_str(a, slice_from_str(value));
        w->output_given = true;
        return true;
    case KEY_RULES:
        w->rule_paths[w->rule_path_count++] = value;
        return true;
    case KEY_NO_CACHE:
        w->cache = false;
        return true;
    case KEY_NO_BUNDLED:
        w->bundled = false;
        return true;
    case KEY_JOBS:
        return read_jobs(value, &w->jobs, e);
    case KEY_MIN_LEVEL:
        return sigma_level_parse(slice_from_str(value), &w->load.minimum_level) ||
               err_set(e, ERR_USAGE, 0,
                       "--min-level: '%.40s' is none of informational, low, medium, high, critical",
                       value);
    case KEY_STATUS:
        return sigma_statuses_parse(slice_from_str(value), &w->load, e);
    case KEY_SINCE:
        raw->since = value;
        return true;
    case KEY_UNTIL:
        raw->until = value;
        return true;
    case KEY_TZ:
        raw->zone = value;
        return true;
    case KEY_LANG:
        w->lang = value;
        return true;
    case KEY_RECOVER:
        w->recover = true;
        return true;
    case KEY_RESUME:
        w->resume = true;
        return true;
    case KEY_FORCE:
        w->force = true;
        return true;
    case KEY_CONSENT:
        w->consent_path = value;
        return true;
    case KEY_PROFILE:
        w->profile = true;
        return true;
    default:
        return err_set(e, ERR_USAGE, 0, "unknown option; `vigie audit --help` lists them");
    }
}

// What getopt found wrong, in our words.
static bool bad_option(int got, char **argv, struct err *e)
{
    const char *word = argv[optind - 1];
    if (got == ':')
        return err_set(e, ERR_USAGE, 0, "%.60s needs a value; `vigie audit --help` says which",
                       word);
    return err_set(e, ERR_USAGE, 0, "unknown option %.60s; `vigie audit --help` lists them", word);
}

static bool check_words(struct audit_words *w, struct err *e)
{
    if (w->path_count == 0)
        return err_set(
            e, ERR_USAGE, 0,
            "name the evidence: a log file, a folder or an archive, e.g. vigie audit ~/logs");
    if (w->resume && !w->output_given)
        return err_set(e, ERR_USAGE, 0,
                       "--resume needs -o DIR: the folder of the audit that was stopped");
    if (w->resume && w->force)
        return err_set(e, ERR_USAGE, 0, "--resume goes on and --force begins anew: choose one");
    if (w->since && w->until && w->since >= w->until)
        return err_set(e, ERR_USAGE, 0, "--since is not before --until");
    if (!report_language_known(w->lang))
        return err_set(e, ERR_USAGE, 0, "--lang: there are no texts in '%.40s', only in %s",
                       w->lang, report_languages());
    for (size_t i = 0; i < w->path_count; i++)
        if (access(w->paths[i], F_OK) != 0)
            return err_set(e, ERR_USAGE, 0, "%.180s: %s", w->paths[i], strerror(errno));
    return true;
}

enum audit_words_result audit_words_read(int argc, char **argv, struct arena *a,
                                         struct audit_words *out, struct err *e)
{
    struct option options[OPTION_COUNT + 1] = {0};
    for (size_t i = 0; i < OPTION_COUNT; i++)
        options[i] = (struct option){
            table[i].name, table[i].value ? required_argument : no_argument, NULL, table[i].key};
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    *out = (struct audit_words){
        .bundled = true,
        .cache = true,
        .jobs = processors < 1          ? 1
                : processors > MAX_JOBS ? MAX_JOBS
                                        : (uint32_t)processors,
        .rule_paths = ARENA_ARRAY(a, const char *, (size_t)argc + 1),
        .paths = ARENA_ARRAY(a, const char *, (size_t)argc + 1),
        .lang = "en",
    };
    struct raw_words raw = {0};
    opterr = 0;
    optind = 0;
    for (int got; (got = getopt_long(argc, argv, ":o:h", options, NULL)) != -1;) {
        if (got == 'h')
            return AUDIT_WORDS_HELP;
        if (got == ':' || got == '?')
            return bad_option(got, argv, e) ? AUDIT_WORDS_OK : AUDIT_WORDS_BAD;
        if (!take_option(got, optarg, out, &raw, a, e))
            return AUDIT_WORDS_BAD;
    }
    for (int i = optind; i < argc; i++)
        out->paths[out->path_count++] = argv[i];
    if ((raw.since && !read_bound(raw.since, raw.zone, &out->since, e)) ||
        (raw.until && !read_bound(raw.until, raw.zone, &out->until, e)) || !check_words(out, e))
        return AUDIT_WORDS_BAD;
    return AUDIT_WORDS_OK;
}

void audit_words_free(struct audit_words *w)
{
    *w = (struct audit_words){0}; // all memory is the arena's
}

// --- The output folder

static bool folder_is_empty(const char *path)
{
    DIR *d = opendir(path);
    if (!d)
        return false;
    bool empty = true;
    for (struct dirent *entry; empty && (entry = readdir(d));)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(d);
    return empty;
}

static char *default_folder(struct arena *a)
{
    struct civil_time c = time_to_civil(time_now());
    return arena_str(a, arena_printf(a, "vigie-%04d%02d%02d-%02d%02d%02d", c.year, c.month, c.day,
                                     c.hour, c.minute, c.second));
}

static bool exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static char *path_in(struct arena *a, const char *folder, const char *name)
{
    return arena_str(a, arena_printf(a, "%s/%s", folder, name));
}

bool audit_words_prepare_output(struct audit_words *w, struct arena *a, char **case_path,
                                struct err *e)
{
    if (!w->output)
        w->output = default_folder(a);
    bool made = mkdir(w->output, 0700) == 0;
    if (!made && errno != EEXIST)
        return err_set_errno(e, "cannot make the folder %.150s", w->output);
    struct stat st;
    if (stat(w->output, &st) != 0 || !S_ISDIR(st.st_mode))
        return err_set(e, ERR_USAGE, 0, "%.180s is not a folder; choose another with -o",
                       w->output);
    if (!made && !w->force && !w->resume && !folder_is_empty(w->output))
        return err_set(
            e, ERR_USAGE, 0,
            "the folder %.150s is not empty; choose another with -o, or use --force or --resume",
            w->output);
    *case_path = path_in(a, w->output, "case.vigie");
    char *beside = path_in(a, w->output, "case.vigie.new");
    if (w->resume) {
        w->replaces = exists(beside); // the audit that was stopped had been begun with --force
        if (w->replaces)
            *case_path = beside;
        else if (!exists(*case_path))
            return err_set(e, ERR_USAGE, 0, "there is no case to resume in %.180s", w->output);
        return true;
    }
    w->replaces = exists(*case_path);
    if (w->replaces)
        *case_path = beside;
    if (exists(beside) && unlink(beside) != 0)
        return err_set_errno(e, "cannot remove the unfinished %.150s", beside);
    return true;
}

bool audit_words_replace_case(struct audit_words *w, struct case_file *c, char **case_path,
                              struct arena *a, struct err *e)
{
    char *final = path_in(a, w->output, "case.vigie");
    if (!case_rename(c, *case_path, final, e))
        return false;
    *case_path = final;
    return true;
}

// --- What the case says of the audit

struct slice audit_words_time(vtime t, struct arena *a)
{
    if (!t)
        return (struct slice){0};
    char text[VTIME_TEXT_MAX];
    return arena_copy(a, slice_of(text, time_format(t, text)));
}

size_t audit_words_not_applicable(const struct sigma_set *rules)
{
    size_t n = 0;
    for (size_t i = 0; i < rules->rules.count; i++)
        n += rules->rules.items[i]->source_count == 0;
    return n;
}

static void add_line(struct sha256 *h, struct slice s)
{
    sha256_add(h, s);
    sha256_add(h, SLICE("\n"));
}

struct slice audit_words_digest(const struct audit_words *w, const struct sigma_set *rules,
                                struct arena *a)
{
    struct sha256 *h = sha256_create();
    add_line(h, SLICE(VIGIE_VERSION));
    for (size_t i = 0; i < w->path_count; i++)
        add_line(h, slice_from_str(w->paths[i]));
    add_line(h, arena_printf(a, "%llu %llu %d %d", (unsigned long long)w->since,
                             (unsigned long long)w->until, w->recover, (int)w->load.minimum_level));
    struct sha256_digest of_rules = sigma_set_digest(rules);
    sha256_add(h, slice_of(of_rules.bytes, sizeof of_rules.bytes));
    struct sha256_digest d = sha256_finish(h);
    sha256_destroy(h);
    char hex[65];
    sha256_hex(&d, hex);
    return arena_copy(a, slice_from_str(hex));
}

struct slice audit_words_line(const struct audit_words *w, struct arena *a)
{
    struct buf line = {0};
    buf_str(&line, "vigie audit");
    for (size_t i = 0; i < w->path_count; i++)
        buf_printf(&line, " '%s'", w->paths[i]);
    for (size_t i = 0; i < w->rule_path_count; i++)
        buf_printf(&line, " --rules '%s'", w->rule_paths[i]);
    if (!w->bundled)
        buf_str(&line, " --no-bundled");
    if (w->recover)
        buf_str(&line, " --recover");
    if (w->load.minimum_level != SIGMA_INFORMATIONAL)
        buf_printf(&line, " --min-level %s", sigma_level_name(w->load.minimum_level));
    struct slice since = audit_words_time(w->since, a), until = audit_words_time(w->until, a);
    if (since.len)
        buf_printf(&line, " --since %.*s", SLICE_FMT(since));
    if (until.len)
        buf_printf(&line, " --until %.*s", SLICE_FMT(until));
    struct slice kept = arena_copy(a, buf_slice(&line));
    buf_free(&line);
    return kept;
}

struct slice audit_words_rules_source(const struct audit_words *w, struct arena *a)
{
    struct slice text = w->bundled ? SLICE("bundled") : (struct slice){0};
    for (size_t i = 0; i < w->rule_path_count; i++)
        text = arena_printf(a, "%.*s%s%s", SLICE_FMT(text), text.len ? ", " : "", w->rule_paths[i]);
    return text;
}

bool audit_words_open_rules(const struct audit_words *w, const char *cache, struct sigma_set *set,
                            struct sigma_engine **engine, struct err *e)
{
    char added[PATH_MAX];
    const char **paths = mem_alloc_zero(w->rule_path_count + 1, sizeof *paths);
    struct sigma_rules_from from = {.bundled = w->bundled,
                                    .paths = paths,
                                    .load = w->load,
                                    .engine = {.profile = w->profile},
                                    .cache = cache};
    from.load.jobs = w->jobs;
    if (w->bundled && sigma_user_rules_dir(added, sizeof added) && access(added, R_OK) == 0)
        paths[from.path_count++] = added;
    for (size_t i = 0; i < w->rule_path_count; i++)
        paths[from.path_count++] = w->rule_paths[i];
    bool ok = sigma_rules_open(&from, set, engine, NULL, e);
    free(paths);
    return ok;
}
