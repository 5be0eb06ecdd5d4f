// SPDX-License-Identifier: Apache-2.0
// vigie case: what a case is, and its end.
#include "cmd/cmd.h"

#include "base/array.h"
#include "base/out.h"
#include "base/term.h"
#include "case/case.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CASE_HEADER = 100, // bytes of an SQLite file's header (sqlite.org/fileformat.html, section 1.3)
    CASE_HEADER_APPLICATION = 68,
    CASE_LOCK_FROM = 0x40000000, // where SQLite puts its locks
    CASE_LOCK_BYTES = 512,
};

struct case_words {
    struct arena arena;
    char *folder;
    char *name; // of the case file in it
    bool alone; // the file is not called case.vigie: what stands beside it is not its
    bool yes;
};

struct doomed {
    char *name;
    uint64_t size;
    bool shared; // the file has other names, too
};

static void print_help(FILE *to)
{
    fputs("usage: vigie case info CASE\n"
          "       vigie case destroy CASE [--yes]\n"
          "\n"
          "CASE is the folder that an audit wrote, or its case.vigie.\n"
          "\n"
          "info     says what the case holds.\n"
          "destroy  overwrites and removes the files that an audit writes (the case, its reports "
          "and exports), and the folder\n"
          "         when nothing else is in it. It asks first; --yes (-y) answers.\n"
          "         The evidence is not touched. It says what it cannot erase.\n",
          to);
}

#define complain(...) cmd_complain("case", __VA_ARGS__)

static void print_escaped(FILE *to, const char *text)
{
    struct buf b = {0};
    term_escape(&b, slice_from_str(text));
    fprintf(to, "%.*s", SLICE_FMT(buf_slice(&b)));
    buf_free(&b);
}

// ---- which case

static bool find_case(struct case_words *w, const char *given)
{
    struct stat st;
    if (stat(given, &st) != 0) {
        complain("%s: %s", given, strerror(errno));
        return false;
    }
    size_t len = strlen(given);
    while (len > 1 && given[len - 1] == '/')
        len--;
    struct slice path = slice_of(given, len);
    if (S_ISDIR(st.st_mode)) {
        w->folder = arena_str(&w->arena, path);
        w->name = arena_str(&w->arena, SLICE("case.vigie"));
        return true;
    }
    size_t slash = len;
    while (slash > 0 && given[slash - 1] != '/')
        slash--;
    w->folder = slash ? arena_str(&w->arena, slice_sub(path, 0, slash > 1 ? slash - 1 : 1))
                      : arena_str(&w->arena, SLICE("."));
    w->name = arena_str(&w->arena, slice_sub(path, slash, len));
    w->alone = strcmp(w->name, "case.vigie") != 0;
    return true;
}

// Whether another process is writing to the case.
static bool is_locked(int fd)
{
    struct flock lock = {.l_type = F_WRLCK,
                         .l_whence = SEEK_SET,
                         .l_start = CASE_LOCK_FROM,
                         .l_len = CASE_LOCK_BYTES};
    return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

// Of an audit that was killed, the mark may still be in the file beside it (SQLite's log): then
// SQLite is asked.
static bool opens_as_case(struct case_words *w)
{
    const char *path = (const char *)arena_printf(&w->arena, "%s/%s", w->folder, w->name).at;
    struct case_file *c;
    struct err e;
    if (!case_open(path, true, &c, &e))
        return false;
    case_close(c);
    return true;
}

// The file's own mark is asked first, not SQLite, so that a damaged case can be removed, too.
static bool check_case(int folder, struct case_words *w)
{
    int fd = openat(folder, w->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        complain("%s/%s: %s; name the folder that an audit wrote", w->folder, w->name,
                 strerror(errno));
        return false;
    }
    uint8_t head[CASE_HEADER] = {0};
    ssize_t n = pread(fd, head, sizeof head, 0);
    bool locked = is_locked(fd);
    close(fd);
    if (locked) {
        complain("%s/%s: an audit is writing to it; stop that first", w->folder, w->name);
        return false;
    }
    bool ours = n == CASE_HEADER && memcmp(head, "SQLite format 3", 16) == 0 &&
                memcmp(head + CASE_HEADER_APPLICATION, "VIGI", 4) == 0;
    if (ours || opens_as_case(w))
        return true;
    complain("%s/%s: it does not look like a case of Vigie; nothing was removed", w->folder,
             w->name);
    return false;
}

// ---- what an audit writes

static bool is_report_page(struct slice name)
{
    struct slice number = slice_sub(name, 7, name.len - (name.len >= 5 ? 5 : 0));
    if (!slice_starts(name, SLICE("report-")) || !slice_ends(name, SLICE(".html")) ||
        number.len == 0)
        return false;
    for (size_t i = 0; i < number.len; i++)
        if (number.at[i] < '0' || number.at[i] > '9')
            return false;
    return true;
}

static bool is_case_file(struct slice name, const char *case_name)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        struct slice ending = slice_from_str(endings[i]);
        if (slice_ends(name, ending) &&
            slice_equal_str(slice_sub(name, 0, name.len - ending.len), case_name))
            return true;
    }
    return false;
}

static bool is_output(struct slice name)
{
    static const char *const names[] = {"report.html", "findings.jsonl", "findings.csv",
                                        "timesketch.jsonl", "evidence.csv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (slice_equal_str(name, names[i]))
            return true;
    return is_report_page(name) || is_case_file(name, "case.vigie") ||
           is_case_file(name, "case.vigie.new");
}

// What an audit that was killed leaves of a file that it was writing: ".NAME.XXXXXX".
static bool is_unfinished_output(struct slice name)
{
    return name.len > 8 && name.at[0] == '.' && name.at[name.len - 7] == '.' &&
           is_output(slice_sub(name, 1, name.len - 7));
}

static bool belongs(const struct case_words *w, const char *name)
{
    struct slice s = slice_from_str(name);
    return is_case_file(s, w->name) || (!w->alone && (is_output(s) || is_unfinished_output(s)));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct doomed *)a)->name, ((const struct doomed *)b)->name);
}

typedef ARRAY_OF(struct doomed) doomed_list;

// Sorts the folder's entries into those that go and those that stay.
static bool list_folder(int folder, struct case_words *w, doomed_list *go, doomed_list *stay)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        if (fd >= 0)
            close(fd);
        complain("%s: %s", w->folder, strerror(errno));
        return false;
    }
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        struct stat st;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        bool goes = S_ISREG(st.st_mode) && belongs(w, entry->d_name);
        struct doomed d = {.name = arena_str(&w->arena, slice_from_str(entry->d_name)),
                           .size = (uint64_t)st.st_size,
                           .shared = st.st_nlink > 1};
        if (goes)
            *ARRAY_ADD(go) = d;
        else
            *ARRAY_ADD(stay) = d;
    }
    closedir(dir);
    if (go->count)
        qsort(go->items, go->count, sizeof *go->items, by_name);
    if (stay->count)
        qsort(stay->items, stay->count, sizeof *stay->items, by_name);
    return true;
}

// ---- the end of them

static void print_list(FILE *to, const doomed_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct buf b = {0};
        term_escape(&b, slice_from_str(list->items[i].name));
        buf_str(&b, "  (");
        term_bytes(&b, list->items[i].size);
        buf_str(&b, ")");
        fprintf(to, "  %.*s\n", SLICE_FMT(buf_slice(&b)));
        buf_free(&b);
    }
}

static bool ask(const struct case_words *w, const doomed_list *go)
{
    fputs("This overwrites and removes, in ", stderr);
    print_escaped(stderr, w->folder);
    fputs(":\n", stderr);
    print_list(stderr, go);
    if (w->yes)
        return true;
    if (!isatty(STDIN_FILENO)) {
        complain("nothing was removed: say --yes, since nobody can be asked here");
        return false;
    }
    fputs("It cannot be undone. Type yes to go on: ", stderr);
    fflush(stderr);
    char answer[16];
    if (fgets(answer, sizeof answer, stdin) && strcmp(answer, "yes\n") == 0)
        return true;
    complain("nothing was removed");
    return false;
}

// Writes zeros over the whole file. Whether they land on the old ones is the drive's affair.
static bool overwrite(int folder, const struct doomed *d)
{
    int fd = openat(folder, d->name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    static const uint8_t zeros[64 << 10];
    bool ok = true;
    for (uint64_t left = d->size; ok && left;) {
        ssize_t n = write(fd, zeros, left < sizeof zeros ? (size_t)left : sizeof zeros);
        ok = n > 0;
        left -= ok ? (uint64_t)n : 0;
    }
    ok = fsync(fd) == 0 && ok;
    close(fd);
    return ok;
}

// Returns how many could not be removed.
static size_t destroy_files(int folder, const doomed_list *go)
{
    size_t failed = 0;
    for (size_t i = 0; i < go->count; i++) {
        const struct doomed *d = &go->items[i];
        if (d->shared)
            complain("%s has other names on this disk (hard links): it goes from here, its "
                     "contents stay there",
                     d->name);
        else if (!overwrite(folder, d))
            complain("%s could not be overwritten: %s", d->name, strerror(errno));
        if (unlinkat(folder, d->name, 0) != 0) {
            complain("%s could not be removed: %s", d->name, strerror(errno));
            failed++;
        }
    }
    fsync(folder);
    return failed;
}

static void tell_what_stays(const struct case_words *w, const doomed_list *stay, bool folder_gone)
{
    if (folder_gone)
        puts("The folder is gone, too.");
    else if (stay->count) {
        fputs("Left in ", stdout);
        print_escaped(stdout, w->folder);
        puts(", since no audit wrote it there:");
        print_list(stdout, stay);
    }
    puts("\n"
         "What this cannot erase:\n"
         "  - old copies inside the drive: SSDs, memory sticks and some file systems write "
         "elsewhere what is overwritten.\n"
         "    Whoever has the drive and good tools may find parts. A drive that was encrypted as a "
         "whole from the beginning\n"
         "    protects against that; otherwise only destroying it does;\n"
         "  - backups, snapshots, and folders that are synchronised with a cloud;\n"
         "  - reports and exports that were written elsewhere, printed, or sent to somebody;\n"
         "  - what other programs noted: the names of files in a browser's history or in lists of "
         "recent files, a search\n"
         "    index, the history of commands, memory that was swapped to disk;\n"
         "  - the evidence itself, which Vigie never changes: it lies where it lay.");
}

static int destroy(struct case_words *w)
{
    int folder = open(w->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return complain("%s: %s", w->folder, strerror(errno));
    doomed_list go = {0}, stay = {0};
    int status = EXIT_TROUBLE;
    if (check_case(folder, w) && list_folder(folder, w, &go, &stay) && ask(w, &go)) {
        size_t failed = destroy_files(folder, &go);
        printf("Removed %zu of %zu files.\n", go.count - failed, go.count);
        bool emptied = failed == 0 && stay.count == 0 && !w->alone && strcmp(w->folder, ".") != 0;
        tell_what_stays(w, &stay, emptied && rmdir(w->folder) == 0);
        status = failed ? EXIT_TROUBLE : EXIT_NOTHING;
    }
    ARRAY_FREE(&go);
    ARRAY_FREE(&stay);
    close(folder);
    return status;
}

// ---- info

static void print_setting(struct case_file *c, struct arena *a, const char *name, const char *label)
{
    struct slice value = case_get(c, name, a);
    if (!value.len)
        return;
    struct buf b = {0};
    term_escape(&b, value);
    printf("%-22s %.*s\n", label, SLICE_FMT(buf_slice(&b)));
    buf_free(&b);
}

static void print_time(const char *label, vtime t)
{
    char text[VTIME_TEXT_MAX];
    if (t)
        printf("%-22s %.*s\n", label, (int)time_format_seconds(t, text), text);
}

static void print_summary(const struct case_summary *s)
{
    static const char *const states[] = {"files read", "partly read", "duplicates", "not read"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        printf("%-22s %llu\n", states[i], (unsigned long long)s->evidence_by_state[i]);
    printf("%-22s %llu\n", "events", (unsigned long long)s->events);
    print_time("first event", s->first_event);
    print_time("last event", s->last_event);
    for (int level = LEVEL_COUNT - 1; level >= 0; level--)
        printf("findings, %-12s %llu\n", finding_level_name((enum finding_level)level),
               (unsigned long long)s->findings_by_level[level]);
    print_time("first finding", s->first_finding);
    print_time("last finding", s->last_finding);
}

static int info(struct case_words *w)
{
    struct case_file *c;
    struct case_summary summary;
    struct err e;
    const char *path = (const char *)arena_printf(&w->arena, "%s/%s", w->folder, w->name).at;
    if (!case_open(path, false, &c, &e))
        return complain("%s", e.message);
    printf("%-22s ", "case");
    print_escaped(stdout, path);
    printf("\n%-22s %s\n", "state",
           case_is_complete(c) ? "complete"
                               : "not complete: the audit was stopped (go on with --resume)");
    print_setting(c, &w->arena, "program", "made by Vigie");
    print_setting(c, &w->arena, "audit_started", "audit began");
    print_setting(c, &w->arena, "audit_ended", "audit ended");
    print_setting(c, &w->arena, "options", "options");
    bool ok = case_summarise(c, &summary, &e);
    if (ok)
        print_summary(&summary);
    case_close(c);
    return ok ? EXIT_NOTHING : complain("%s", e.message);
}

static int read_words(int argc, char **argv, struct case_words *w, int (**run)(struct case_words *))
{
    static const struct option longs[] = {
        {"yes", no_argument, NULL, 'y'}, {"help", no_argument, NULL, 'h'}, {0}};
    int option;
    while ((option = getopt_long(argc, argv, "hy", longs, NULL)) != -1) {
        if (option == 'h') {
            print_help(stdout);
            return -1;
        }
        if (option != 'y')
            return EXIT_TROUBLE;
        w->yes = true;
    }
    if (argc - optind != 2)
        return complain("say what to do and name one case; see `vigie case -h`");
    const char *verb = argv[optind];
    if (strcmp(verb, "destroy") == 0)
        *run = destroy;
    else if (strcmp(verb, "info") == 0)
        *run = info;
    else
        return complain("there is no `vigie case %s`; see `vigie case -h`", verb);
    return find_case(w, argv[optind + 1]) ? EXIT_NOTHING : EXIT_TROUBLE;
}

int cmd_case(int argc, char **argv)
{
    struct case_words w = {0};
    arena_init(&w.arena, 0);
    int (*run)(struct case_words *) = NULL;
    int status = read_words(argc, argv, &w, &run);
    if (status == EXIT_NOTHING && run)
        status = run(&w);
    arena_free(&w.arena);
    return status < 0 ? EXIT_NOTHING : status;
}
