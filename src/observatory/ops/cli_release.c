// SPDX-License-Identifier: Apache-2.0
// vigied release and vigied duplicates.
#include "observatory/exchange/duplicates.h"
#include "observatory/exchange/release.h"
#include "observatory/ops/cli.h"
#include "observatory/ops/ops.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_FILE_MAX = 4096 };

static const char release_help[] =
    "usage: vigied release [--config FILE] [--store URL] [--folder DIR] [--key FILE] [--note "
    "TEXT]\n"
    "       vigied release --new-key FILE\n"
    "\n"
    "Freezes what is public now as a numbered release: CSV, JSON and STIX, what to cite\n"
    "(CITATION.cff), checksums, and a signature that `minisign -V` verifies.\n"
    "\n"
    "  --config FILE       store, folder, key, name and address as the server has them; the "
    "options\n"
    "                      below go before\n"
    "  --folder DIR        where releases lie; default: releases beside the store\n"
    "  --key FILE          secret key of minisign; without it the release is not signed\n"
    "  --password-file F   password of that key, if it has one (first line)\n"
    "  --note TEXT         what the release is for\n"
    "  --name TEXT         name of the registry\n"
    "  --base-url URL      its address, for links\n"
    "  --licence ID        of the data, for CITATION.cff, e.g. CC-BY-4.0\n"
    "  --new-key FILE      makes a pair of keys: FILE and FILE.pub\n";

static bool write_new(const char *path, struct slice text, mode_t mode, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return err_set_errno(e, "%s", path);
    bool ok = write(fd, text.at, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    return ok || err_set_errno(e, "%s", path);
}

static int make_keys(const char *path, struct arena *a)
{
    struct err e = {0};
    struct slice secret, public;
    minisign_new(a, &secret, &public);
    const char *shown = arena_str(a, arena_printf(a, "%s.pub", path));
    umask(022);
    if (!write_new(path, secret, 0600, &e) || !write_new(shown, public, 0644, &e))
        return cli_complain("release", &e);
    printf("Secret key: %s (keep it offline, and a copy of it). Public key, to be published: %s\n",
           path, shown);
    return 0;
}

struct release_call {
    const char *config, *store, *key, *password_file, *new_key;
    const char *served; // the folder whose files the server offers
    struct release_options options;
};

static const char *unless_given(const char *given, struct arena *a, struct slice configured)
{
    return given || !configured.len ? given : arena_str(a, configured);
}

// What the command line leaves open comes from the configuration, else from our defaults.
static bool fill_in(struct release_call *x, struct arena *a, struct err *e)
{
    struct settings set;
    config_defaults(&set);
    if (x->config && !config_read(x->config, a, &set, e))
        return false;
    x->store = unless_given(x->store, a, set.store);
    x->key = unless_given(x->key, a, set.release_key);
    set.store = slice_from_str(x->store);
    config_fill(&set, a);
    x->served = arena_str(a, set.release_folder);
    if (!x->options.folder)
        x->options.folder = x->served;
    if (!x->options.export.name.len)
        x->options.export.name = set.name_en;
    if (!x->options.export.base_url.len)
        x->options.export.base_url = set.base_url;
    return true;
}

static bool run_release(struct release_call *x, struct arena *a, struct err *e)
{
    if (!fill_in(x, a, e))
        return false;
    struct minisign_key key;
    struct slice text, password = {0};
    if (x->key) {
        if (!cli_read_file(x->key, KEY_FILE_MAX, a, &text, e) ||
            (x->password_file && !cli_read_file(x->password_file, KEY_FILE_MAX, a, &password, e)))
            return false;
        const uint8_t *end = password.len ? memchr(password.at, '\n', password.len) : NULL;
        if (end)
            password.len = (size_t)(end - password.at);
        if (!minisign_open(text, password, &key, e))
            return false;
        x->options.key = &key;
    }
    struct store *s = NULL;
    struct release r;
    umask(022); // a release is for everybody
    bool ok = store_open(x->store, STORE_WRITE, &s, e);
    x->options.export.demo = ok && store_invented(s);
    ok = ok && release_make(s, &x->options, &r, a, e);
    store_close(s);
    if (x->key)
        minisign_forget(&key);
    if (ok)
        printf("{\"release\":%u,\"folder\":\"%s/%u\",\"records\":%llu,\"sha256sums\":\"%.*s\","
               "\"key\":\"%.*s\"}\n",
               r.number, x->options.folder, r.number, (unsigned long long)r.records,
               SLICE_FMT(r.checksum), SLICE_FMT(r.key));
    return ok;
}

// A release elsewhere is listed by the server, but its files are not to be had there.
static void say_where(const struct release_call *x)
{
    struct stat made, served;
    if (stat(x->options.folder, &made) == 0 && stat(x->served, &served) == 0 &&
        made.st_dev == served.st_dev && made.st_ino == served.st_ino)
        return;
    fprintf(stderr,
            "vigied release: the server lists this release, but offers files from %s only:\n"
            "set release_folder = %s in its configuration, with the whole path\n",
            x->served, x->options.folder);
}

int vigied_release(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"store", required_argument, NULL, 's'},
        {"folder", required_argument, NULL, 'f'},
        {"key", required_argument, NULL, 'k'},
        {"password-file", required_argument, NULL, 'p'},
        {"note", required_argument, NULL, 'n'},
        {"name", required_argument, NULL, 'N'},
        {"base-url", required_argument, NULL, 'b'},
        {"licence", required_argument, NULL, 'l'},
        {"new-key", required_argument, NULL, 'K'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    struct release_call x = {.options.export.originals = true};
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (c) {
        case 'c':
            x.config = optarg;
            break;
        case 's':
            x.store = optarg;
            break;
        case 'f':
            x.options.folder = optarg;
            break;
        case 'k':
            x.key = optarg;
            break;
        case 'p':
            x.password_file = optarg;
            break;
        case 'n':
            x.options.note = slice_from_str(optarg);
            break;
        case 'N':
            x.options.export.name = slice_from_str(optarg);
            break;
        case 'b':
            x.options.export.base_url = slice_from_str(optarg);
            break;
        case 'l':
            x.options.licence = slice_from_str(optarg);
            break;
        case 'K':
            x.new_key = optarg;
            break;
        case 'h':
            fputs(release_help, stdout);
            return 0;
        default:
            fputs("`vigied release --help` lists the options\n", stderr);
            return CLI_TROUBLE;
        }
    }
    struct arena a;
    arena_init(&a, 0);
    struct err e = {0};
    int status = 0;
    if (x.new_key)
        status = make_keys(x.new_key, &a);
    else if (!run_release(&x, &a, &e))
        status = cli_complain("release", &e);
    else
        say_where(&x);
    arena_free(&a);
    return status;
}

int vigied_duplicates(int argc, char **argv)
{
    static const struct option options[] = {
        {"store", required_argument, NULL, 's'}, {"help", no_argument, NULL, 'h'}, {0}};
    const char *url = CONFIG_DEFAULT_STORE;
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c == 's') {
            url = optarg;
            continue;
        }
        fputs("usage: vigied duplicates [--store URL]\n\n"
              "Looks for records of different sources that may be the same incident, and proposes\n"
              "them to the team, who decides. An import does it too.\n",
              c == 'h' ? stdout : stderr);
        return c == 'h' ? 0 : CLI_TROUBLE;
    }
    struct store *s = NULL;
    struct err e = {0};
    uint64_t proposed = 0;
    bool ok = store_open(url, STORE_WRITE, &s, &e) && duplicates_propose(s, &proposed, &e);
    store_close(s);
    if (!ok)
        return cli_complain("duplicates", &e);
    printf("{\"proposed\":%llu}\n", (unsigned long long)proposed);
    return 0;
}
