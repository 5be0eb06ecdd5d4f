// SPDX-License-Identifier: Apache-2.0
// evtx-make: writes valid EVTX logs from descriptions of events in YAML.
#include "describe.h"
#include "fixture.h"
#include "known.h"
#include "value.h"

#include "base/buf.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char USAGE[] =
    "usage: evtx-make [-k KEY] [-o OUT.evtx | -d DIR] FILE.yml|-\n"
    "       evtx-make -f NAME -o OUT.evtx\n"
    "       evtx-make -F DIR\n"
    "       evtx-make -l\n"
    "\n"
    "Writes the logs that FILE describes; the same description gives the same bytes.\n"
    "  -o OUT.evtx  write the events of all documents into one log\n"
    "  -d DIR       write each document into DIR under the name that its key \"log\" gives\n"
    "  -k KEY       take the events from the list KEY instead of \"events\"\n"
    "  -f NAME      write a test log with a rare or damaged part of the format\n"
    "  -F DIR       write all of these into DIR\n"
    "  -l           list the known events: provider, id, version, layout, fields with types\n";

static bool read_all(const char *path, struct buf *out, struct err *e)
{
    FILE *f = path[0] == '-' && !path[1] ? stdin : fopen(path, "rb");
    size_t n = 1;
    if (!f)
        return err_set_errno(e, "%s", path);
    while (n) {
        n = fread(buf_reserve(out, 65536), 1, 65536, f);
        out->len += n;
    }
    bool ok = !ferror(f) || err_set_errno(e, "%s", path);
    if (f != stdin)
        fclose(f);
    return ok;
}

static bool write_joined(struct arena *a, const struct make_log *logs, size_t count,
                         const char *path, struct err *e)
{
    struct make_log all = {0};
    for (size_t i = 0; i < count; i++)
        all.count += logs[i].count;
    all.events = ARENA_ARRAY(a, struct make_event, all.count + 1);
    for (size_t i = 0, at = 0; i < count; at += logs[i++].count)
        memcpy(all.events + at, logs[i].events, logs[i].count * sizeof *all.events);
    return describe_write(&all, path, NULL, e);
}

static bool write_each(struct arena *a, const struct make_log *logs, size_t count,
                       const char *folder, struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        if (!logs[i].name.len)
            return err_set(e, ERR_USAGE, 0, "document %zu has no key \"log\"", i + 1);
        struct slice path = arena_printf(a, "%s/%.*s", folder, SLICE_FMT(logs[i].name));
        if (!describe_write(&logs[i], arena_str(a, path), NULL, e))
            return false;
    }
    return true;
}

static void list_known(void)
{
    static const char *const LAYOUTS[] = {"data", "classic", "user"};
    size_t count;
    const struct known_event *all = known_events(&count);
    for (size_t i = 0; i < count; i++) {
        struct slice fields = slice_from_str(all[i].fields);
        struct known_field f;
        printf("%s\t%u\t%u\t%s\t", all[i].provider, all[i].id, all[i].version,
               LAYOUTS[all[i].layout]);
        for (const char *comma = ""; known_field_next(&fields, &f); comma = ",")
            printf("%s%.*s:%s", comma, SLICE_FMT(f.name), value_type_name(f.type));
        printf("%s\n", fields.len ? " unreadable" : "");
    }
}

int main(int argc, char **argv)
{
    const char *out = NULL, *folder = NULL, *list = "events", *fixture = NULL, *fixtures = NULL;
    for (int c; (c = getopt(argc, argv, "o:d:k:f:F:lh")) != -1;) {
        if (c == 'o')
            out = optarg;
        else if (c == 'd')
            folder = optarg;
        else if (c == 'k')
            list = optarg;
        else if (c == 'f')
            fixture = optarg;
        else if (c == 'F')
            fixtures = optarg;
        else if (c == 'l')
            return list_known(), 0;
        else
            return fputs(USAGE, c == 'h' ? stdout : stderr), c == 'h' ? 0 : 2;
    }
    struct err e = {0};
    if (fixtures || (fixture && out)) {
        bool made = fixtures ? fixture_write_all(fixtures, &e) : fixture_write(fixture, out, &e);
        if (!made)
            fprintf(stderr, "evtx-make: %s\n", e.message);
        return made ? 0 : 2;
    }
    if (optind != argc - 1 || (out && folder))
        return fputs(USAGE, stderr), 2;
    struct arena a;
    struct buf text = {0};
    struct make_log *logs = NULL;
    size_t count = 0;
    arena_init(&a, 0);
    bool ok = read_all(argv[optind], &text, &e) &&
              describe_read(&a, buf_slice(&text), list, &logs, &count, &e);
    if (ok)
        ok = out ? write_joined(&a, logs, count, out, &e)
                 : write_each(&a, logs, count, folder ? folder : ".", &e);
    if (!ok)
        fprintf(stderr, "evtx-make: %s: %s\n", argv[optind], e.message);
    buf_free(&text);
    arena_free(&a);
    return ok ? 0 : 2;
}
