// SPDX-License-Identifier: Apache-2.0
// vigied import and vigied export.
#include "observatory/exchange/duplicates.h"
#include "observatory/exchange/export.h"
#include "observatory/exchange/import.h"
#include "observatory/exchange/misp.h"
#include "observatory/ops/cli.h"
#include "observatory/ops/ops.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAPPING_MAX = 1 << 20 };

// --- import --------------------------------------------------------------------------------------
static const char import_help[] =
    "usage: vigied import --format FORMAT [--mapping FILE] [--store URL] [--draft] FILE...\n"
    "\n"
    "Takes over other registries' files; every row is imported or refused with a reason, and "
    "every\n"
    "column is kept. The files of one call are one set, in any order.\n"
    "\n"
    "  --format F     eurepoc (its three tables), cfr, veris (VCDB JSON), stix (a 2.1 bundle), "
    "csv\n"
    "  --mapping FILE which column is which field, for csv (JSON; see man vigied)\n"
    "  --store URL    sqlite:PATH; default sqlite:registry.db\n"
    "  --draft        new records wait for a reviewer instead of being public at once\n"
    "\n"
    "Prints a JSON line a file; refused rows are named on standard error.\n";

static void tell_refused(void *context, const char *path, uint64_t row, const char *reason)
{
    (void)context;
    fputs("vigied import: ", stderr);
    cli_print_escaped(stderr, slice_from_str(path));
    fprintf(stderr, ", row %llu: refused: ", (unsigned long long)row);
    cli_print_escaped(stderr, slice_from_str(reason));
    fputc('\n', stderr);
}

static void print_counts(const struct import_file *f)
{
    struct buf b = {0};
    const struct import_counts *c = &f->counts;
    buf_str(&b, "{\"file\":\"");
    buf_json(&b, slice_from_str(f->path));
    buf_printf(&b,
               "\",\"rows\":%llu,\"incidents\":%llu,\"claims\":%llu,\"targets\":%llu,"
               "\"updated\":%llu,\"unchanged\":%llu,\"refused\":%llu}\n",
               (unsigned long long)c->rows, (unsigned long long)c->incidents,
               (unsigned long long)c->claims, (unsigned long long)c->targets,
               (unsigned long long)c->updated, (unsigned long long)c->unchanged,
               (unsigned long long)c->refused);
    fwrite(b.at, 1, b.len, stdout);
    buf_free(&b);
}

static int run_import(const char *store_url, const char *format, const char *mapping,
                      enum record_state state, char **paths, size_t count)
{
    struct err e = {0};
    struct import_job job = {.state = state, .refused = tell_refused};
    arena_init(&job.arena, 1 << 20);
    bool ok = (!mapping || cli_read_file(mapping, MAPPING_MAX, &job.arena, &job.mapping, &e)) &&
              store_open(store_url, STORE_CREATE, &job.store, &e) &&
              import_files(&job, format, (const char *const *)paths, count, &e);
    for (size_t i = 0; ok && i < job.file_count; i++)
        print_counts(&job.files[i]);
    uint64_t proposed = 0;
    if (ok && duplicates_propose(job.store, &proposed, &e) && proposed)
        fprintf(stderr, "vigied import: %llu pairs of records may be one; the team decides\n",
                (unsigned long long)proposed);
    ok = ok && !e.code;
    store_close(job.store);
    arena_free(&job.arena);
    return ok ? 0 : cli_complain("import", &e);
}

int vigied_import(int argc, char **argv)
{
    static const struct option options[] = {
        {"format", required_argument, NULL, 'f'}, {"mapping", required_argument, NULL, 'm'},
        {"store", required_argument, NULL, 's'},  {"draft", no_argument, NULL, 'd'},
        {"help", no_argument, NULL, 'h'},         {0},
    };
    const char *format = NULL, *mapping = NULL, *store = CONFIG_DEFAULT_STORE;
    enum record_state state = STATE_PUBLISHED;
    for (int c; (c = getopt_long(argc, argv, "f:h", options, NULL)) != -1;) {
        switch (c) {
        case 'f':
            format = optarg;
            break;
        case 'm':
            mapping = optarg;
            break;
        case 's':
            store = optarg;
            break;
        case 'd':
            state = STATE_REVIEW;
            break;
        case 'h':
            fputs(import_help, stdout);
            return 0;
        default:
            fputs("`vigied import --help` lists the options\n", stderr);
            return CLI_TROUBLE;
        }
    }
    if (!format || optind == argc) {
        fputs(format ? "vigied import: which files?\n" : "vigied import: --format is missing\n",
              stderr);
        fputs(import_help, stderr);
        return CLI_TROUBLE;
    }
    return run_import(store, format, mapping, state, argv + optind, (size_t)(argc - optind));
}

// --- export --------------------------------------------------------------------------------------
static const char export_help[] =
    "usage: vigied export --format FORMAT [--store URL] [--as-of DAY] [-o FILE|DIR]\n"
    "\n"
    "  --format F     csv, claims (a row a claim of attribution), json (everything, with the\n"
    "                 sources' own columns), stix (a 2.1 bundle), misp (a feed, into a folder)\n"
    "  --kind K       incident, conduct, place, advisory; default: incident for tables, else all\n"
    "  --as-of DAY    what was public at the end of that day: YYYY-MM-DD\n"
    "  --base-url U   address of the registry, for links\n"
    "  --store URL    sqlite:PATH; default sqlite:registry.db\n"
    "  -o FILE        instead of standard output; a folder for misp\n";

struct export_call {
    const char *format, *store, *out, *kind;
    struct query query;
    struct export_options options;
};

static bool write_stdio(void *context, struct slice bytes)
{
    return fwrite(bytes.at, 1, bytes.len, context) == bytes.len;
}

static bool export_to_file(struct store *s, struct export_call *x, struct err *e)
{
    enum export_format f;
    if (!export_format_find(slice_from_str(x->format), &f))
        return err_set(e, ERR_USAGE, 0,
                       "there is no format '%.40s'; there are csv, claims, json, stix, misp",
                       x->format);
    FILE *to = x->out ? fopen(x->out, "wbxe") : stdout;
    if (!to)
        return errno == EEXIST ? err_set(e, ERR_USAGE, 0, "%s is there already", x->out)
                               : err_set_errno(e, "%s", x->out);
    bool ok = export_write(s, &x->query, f, &x->options, write_stdio, to, e);
    if (fflush(to) != 0 || ferror(to))
        ok = err_set_errno(e, "%s", x->out ? x->out : "standard output");
    if (x->out && fclose(to) != 0)
        ok = err_set_errno(e, "%s", x->out);
    return ok;
}

struct feed {
    struct store *store;
    struct export_call *call;
    struct buf manifest, hashes;
    uint64_t events;
    struct err failed;
};

static bool write_file(const char *folder, struct slice name, const char *extension,
                       struct slice bytes, struct err *e)
{
    struct arena a;
    arena_init(&a, 0);
    const char *path =
        arena_str(&a, arena_printf(&a, "%s/%.*s%s", folder, SLICE_FMT(name), extension));
    FILE *f = fopen(path, "wbe");
    bool ok = f && fwrite(bytes.at, 1, bytes.len, f) == bytes.len;
    ok = (!f || fclose(f) == 0) && ok;
    if (!ok)
        err_set_errno(e, "%s", path);
    arena_free(&a);
    return ok;
}

static bool feed_each(void *context, const struct revision *meta, const struct record *body)
{
    struct feed *x = context;
    struct arena a;
    arena_init(&a, 0);
    struct misp_event event;
    bool ok = misp_event(x->store, meta, body, &x->call->options, &a, &event, &x->failed) &&
              write_file(x->call->out, event.uuid, ".json", event.json, &x->failed);
    if (ok) {
        buf_printf(&x->manifest, "%s\"%.*s\":", x->events++ ? ",\n" : "\n", SLICE_FMT(event.uuid));
        buf_add(&x->manifest, event.manifest);
        buf_add(&x->hashes, event.hashes);
    }
    arena_free(&a);
    return ok;
}

static bool export_feed(struct store *s, struct export_call *x, struct err *e)
{
    if (!x->out)
        return err_set(e, ERR_USAGE, 0, "the format misp is a folder of files: -o DIR is missing");
    if (mkdir(x->out, 0755) != 0 && errno != EEXIST)
        return err_set_errno(e, "%s", x->out);
    struct feed feed = {.store = s, .call = x};
    buf_byte(&feed.manifest, '{');
    bool ok = store_walk(s, &x->query, feed_each, &feed, e);
    buf_str(&feed.manifest, "\n}\n");
    if (feed.failed.code) {
        *e = feed.failed;
        ok = false;
    }
    ok = ok && write_file(x->out, SLICE("manifest"), ".json", buf_slice(&feed.manifest), e) &&
         write_file(x->out, SLICE("hashes"), ".csv", buf_slice(&feed.hashes), e);
    buf_free(&feed.manifest);
    buf_free(&feed.hashes);
    return ok;
}

// The end of a day: the instant before the next begins.
static bool end_of_day(const char *day, vtime *out, struct err *e)
{
    struct slice text = slice_from_str(day);
    if (text.len != 10 || !date_valid(text))
        return err_set(e, ERR_USAGE, 0, "'%.40s' is no day; write YYYY-MM-DD", day);
    vtime start;
    if (!time_parse(text, &start, e))
        return false;
    *out = start + 86400 * VTIME_SECOND - 1;
    return true;
}

static bool run_export(struct export_call *x, struct err *e)
{
    if (x->kind && !schema_kind_find(slice_from_str(x->kind)))
        return err_set(e, ERR_USAGE, 0, "there is no kind of record '%.40s'", x->kind);
    x->query.kind = x->kind;
    struct store *s = NULL;
    if (!store_open(x->store, STORE_READ, &s, e))
        return false;
    x->options.demo = store_invented(s);
    bool ok = strcmp(x->format, "misp") == 0 ? export_feed(s, x, e) : export_to_file(s, x, e);
    store_close(s);
    return ok;
}

int vigied_export(int argc, char **argv)
{
    static const struct option options[] = {
        {"format", required_argument, NULL, 'f'}, {"store", required_argument, NULL, 's'},
        {"as-of", required_argument, NULL, 'a'},  {"base-url", required_argument, NULL, 'b'},
        {"kind", required_argument, NULL, 'k'},   {"output", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},         {0},
    };
    struct export_call x = {.store = CONFIG_DEFAULT_STORE, .options = {.originals = true}};
    x.query.sort = SORT_OLDEST;
    x.query.states = 1u << STATE_PUBLISHED;
    struct err e = {0};
    for (int c; (c = getopt_long(argc, argv, "f:o:h", options, NULL)) != -1;) {
        switch (c) {
        case 'f':
            x.format = optarg;
            break;
        case 's':
            x.store = optarg;
            break;
        case 'a':
            if (!end_of_day(optarg, &x.query.as_of, &e))
                return cli_complain("export", &e);
            break;
        case 'b':
            x.options.base_url = slice_from_str(optarg);
            break;
        case 'k':
            x.kind = optarg;
            break;
        case 'o':
            x.out = optarg;
            break;
        case 'h':
            fputs(export_help, stdout);
            return 0;
        default:
            fputs("`vigied export --help` lists the options\n", stderr);
            return CLI_TROUBLE;
        }
    }
    if (!x.format || optind != argc) {
        fputs(export_help, stderr);
        return CLI_TROUBLE;
    }
    return run_export(&x, &e) ? 0 : cli_complain("export", &e);
}
