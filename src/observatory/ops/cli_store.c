// SPDX-License-Identifier: Apache-2.0
// vigied migrate, backup, restore and codebook.
#include "observatory/model/codebook.h"
#include "observatory/ops/cli.h"
#include "observatory/ops/config.h"
#include "observatory/ops/ops.h"
#include "observatory/store/store.h"

#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>

enum { PATH_ROOM = 4200 };

struct store_options {
    const char *store;  // NULL: from the configuration, or the default
    const char *config; // NULL: none
    bool force;
    bool help;
};

static const struct option store_options[] = {
    {"store", required_argument, NULL, 's'},
    {"config", required_argument, NULL, 'c'},
    {"force", no_argument, NULL, 'f'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

// False after a message of getopt's.
static bool read_options(int argc, char **argv, struct store_options *o)
{
    *o = (struct store_options){0};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "h", store_options, NULL)) != -1;)
        switch (c) {
        case 's':
            o->store = optarg;
            break;
        case 'c':
            o->config = optarg;
            break;
        case 'f':
            o->force = true;
            break;
        case 'h':
            o->help = true;
            break;
        default:
            return false;
        }
    return true;
}

static bool store_url(const struct store_options *o, struct arena *a, const char **url,
                      struct err *e)
{
    struct settings settings;
    *url = CONFIG_DEFAULT_STORE;
    if (o->config) {
        config_defaults(&settings);
        if (!config_read(o->config, a, &settings, e))
            return false;
        *url = arena_str(a, settings.store);
    }
    if (o->store)
        *url = o->store;
    return true;
}

// --- migrate

static const char migrate_help[] =
    "usage: vigied migrate [--store URL | --config FILE]\n"
    "\n"
    "Brings the store's tables to this program's version. Each step is one transaction.\n"
    "Make a backup first: there is no way back.\n";

int vigied_migrate(int argc, char **argv)
{
    struct store_options o;
    struct err e = {0};
    struct arena a;
    const char *url;
    int from = 0, to = 0;
    if (!read_options(argc, argv, &o) || optind < argc) {
        fputs(migrate_help, stderr);
        return CLI_TROUBLE;
    }
    if (o.help) {
        fputs(migrate_help, stdout);
        return 0;
    }
    arena_init(&a, 0);
    bool ok = store_url(&o, &a, &url, &e) && store_migrate(url, &from, &to, &e);
    arena_free(&a);
    if (!ok)
        return cli_complain("migrate", &e);
    printf(from == to ? "The tables are at version %d already.\n"
                      : "The tables went from version %d to %d.\n",
           from, to);
    return 0;
}

// --- backup

static const char backup_help[] =
    "usage: vigied backup [--store URL | --config FILE] [TO]\n"
    "\n"
    "Writes a whole copy of the store while others read and write it. TO is a new file, or a\n"
    "folder (default: this one), where the copy is called registry-YYYYMMDD-HHMMSS.db.\n"
    "The copy is read from end to end before it is called done.\n";

static void backup_path(const char *to, char out[PATH_ROOM])
{
    struct stat st;
    struct civil_time t = time_to_civil(time_now());
    if (stat(to, &st) == 0 && S_ISDIR(st.st_mode))
        snprintf(out, PATH_ROOM, "%s/registry-%04d%02d%02d-%02d%02d%02d.db", to, t.year, t.month,
                 t.day, t.hour, t.minute, t.second);
    else
        snprintf(out, PATH_ROOM, "%s", to);
}

static bool examine(const char *path, uint64_t *records, struct err *e)
{
    struct store *s;
    const struct query all = {.team = true};
    if (!store_open(path, STORE_READ, &s, e))
        return false;
    bool ok = store_check(s, e) && store_count(s, &all, records, e);
    store_close(s);
    return ok;
}

static bool back_up(const char *url, const char *path, uint64_t *records, struct err *e)
{
    struct store *s;
    if (!store_open(url, STORE_READ, &s, e))
        return false;
    bool ok = store_backup(s, path, e);
    store_close(s);
    return ok && examine(path, records, e);
}

int vigied_backup(int argc, char **argv)
{
    struct store_options o;
    struct err e = {0};
    struct arena a;
    struct stat st = {0};
    const char *url;
    char path[PATH_ROOM];
    uint64_t records = 0;
    if (!read_options(argc, argv, &o) || argc - optind > 1) {
        fputs(backup_help, stderr);
        return CLI_TROUBLE;
    }
    if (o.help) {
        fputs(backup_help, stdout);
        return 0;
    }
    backup_path(optind < argc ? argv[optind] : ".", path);
    arena_init(&a, 0);
    bool ok = store_url(&o, &a, &url, &e) && back_up(url, path, &records, &e);
    arena_free(&a);
    if (!ok)
        return cli_complain("backup", &e);
    stat(path, &st);
    printf("%s: %llu records, %lld bytes\n", path, (unsigned long long)records,
           (long long)st.st_size);
    return 0;
}

// --- restore

static const char restore_help[] =
    "usage: vigied restore [--store URL | --config FILE] [--force] BACKUP\n"
    "\n"
    "Puts a backup in the store's place, after an examination of it. What is there is replaced\n"
    "only with --force, in one step; a server that is running goes on with the restored records.\n";

int vigied_restore(int argc, char **argv)
{
    struct store_options o;
    struct err e = {0};
    struct arena a;
    const char *url;
    uint64_t records = 0;
    if (!read_options(argc, argv, &o) || (!o.help && argc - optind != 1)) {
        fputs(restore_help, stderr);
        return CLI_TROUBLE;
    }
    if (o.help) {
        fputs(restore_help, stdout);
        return 0;
    }
    arena_init(&a, 0);
    bool ok = store_url(&o, &a, &url, &e) && store_restore(argv[optind], url, o.force, &e) &&
              examine(url, &records, &e);
    if (ok)
        printf("%s: %llu records\n", url, (unsigned long long)records);
    arena_free(&a);
    return ok ? 0 : cli_complain("restore", &e);
}

// --- codebook

static const char codebook_help[] =
    "usage: vigied codebook [--format markdown|json|csv] [--lang en|fr]\n"
    "\n"
    "Prints what is coded and how: every field and every term, with its definition.\n";

int vigied_codebook(int argc, char **argv)
{
    static const struct option options[] = {
        {"format", required_argument, NULL, 'f'},
        {"lang", required_argument, NULL, 'l'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    static const struct {
        const char *name;
        void (*write)(const struct language *l, struct buf *out);
    } formats[] = {{"markdown", codebook_markdown}, {"json", codebook_json}, {"csv", codebook_csv}};
    const char *format = "markdown";
    const struct language *l = web_language(SLICE("en"));
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;)
        if (c == 'f')
            format = optarg;
        else if (c == 'l')
            l = web_language(slice_from_str(optarg));
        else {
            fputs(codebook_help, c == 'h' ? stdout : stderr);
            return c == 'h' ? 0 : CLI_TROUBLE;
        }
    for (size_t i = 0; l && optind == argc && i < sizeof formats / sizeof *formats; i++)
        if (strcmp(format, formats[i].name) == 0) {
            struct buf out = {0};
            formats[i].write(l, &out);
            bool ok = fwrite(out.at, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
            buf_free(&out);
            if (!ok)
                fputs("vigied codebook: it cannot be written\n", stderr);
            return ok ? 0 : CLI_TROUBLE;
        }
    fputs(codebook_help, stderr);
    return CLI_TROUBLE;
}
