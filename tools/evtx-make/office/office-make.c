// SPDX-License-Identifier: Apache-2.0
// office-make: the logs of an invented office, innocent or broken into, and large logs for
// measurements.
#include "office.h"

#include "hard.h"
#include "world.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define DAY (86400ull * VTIME_SECOND)

static const char USAGE[] =
    "usage: office-make innocent OUTDIR [--events N] [--seed N]\n"
    "       office-make story STORY.yml OUTDIR\n"
    "       office-make grow OUT.evtx --mib N\n"
    "       office-make hard OUT.evtx --mib N [--seed N]\n"
    "\n"
    "innocent  the logs of some weeks of an office where nothing is wrong (100,000 events)\n"
    "story     the logs that a story's days and scenes leave, one folder a computer\n"
    "grow      one log of full chunks of the innocent office, of N MiB\n"
    "hard      one log of N MiB whose events are slow to search: long command lines and scripts\n"
    "\n"
    "The same arguments give the same bytes.\n";

static bool read_file(const char *path, struct buf *out, struct err *e)
{
    FILE *f = fopen(path, "rb");
    size_t n = 1;
    if (!f)
        return err_set_errno(e, "%s", path);
    while (n) {
        n = fread(buf_reserve(out, 65536), 1, 65536, f);
        out->len += n;
    }
    bool ok = !ferror(f) || err_set_errno(e, "%s", path);
    fclose(f);
    return ok;
}

static bool time_key(const struct tree *t, const char *key, const char *otherwise, vtime *out,
                     struct err *e)
{
    return time_parse(tree_text(t, key, otherwise), out, e);
}

static bool finish(struct office *o, bool ok, struct err *e)
{
    if (ok && o->failed) {
        *e = o->err;
        ok = false;
    }
    struct err ignored;
    ok = office_close_logs(o, ok ? e : &ignored) && ok;
    office_close(o);
    return ok;
}

static bool make_innocent(const char *folder, size_t events, uint64_t seed, struct err *e)
{
    struct office o;
    vtime from = 0, to = 0;
    if (!office_open(&o, slice_of(office_world, office_world_len), seed, e))
        return false;
    o.limit = events;
    bool ok = time_key(&o.world, "from", "2026-03-02", &from, e) &&
              time_key(&o.world, "to", "2027-03-01", &to, e) && office_open_logs(&o, folder, e);
    if (ok)
        office_live(&o, from, to, NULL);
    fprintf(stderr, "%zu events\n", o.events);
    return finish(&o, ok, e);
}

// A story is a world of its own that may leave programs, lists, parts and activities to the common
// one.
static void inherit(struct office *o, struct tree *story, const struct tree *world)
{
    struct tree merged = {.kind = TREE_MAP};
    merged.items = ARENA_ARRAY(&o->a, struct tree, story->count + world->count);
    merged.keys = ARENA_ARRAY(&o->a, struct slice, story->count + world->count);
    for (size_t i = 0; i < story->count + world->count; i++) {
        const struct tree *from = i < story->count ? story : world;
        size_t k = i < story->count ? i : i - story->count;
        const struct tree *own = from == world ? tree_get_slice(story, world->keys[k]) : NULL;
        if (!own) {
            merged.keys[merged.count] = from->keys[k];
            merged.items[merged.count++] = from->items[k];
            continue;
        }
        // Maps are joined: the story's entries first.
        for (size_t j = 0;
             own->kind == TREE_MAP && world->items[k].kind == TREE_MAP && j < merged.count; j++) {
            if (slice_equal(merged.keys[j], world->keys[k])) {
                inherit(o, &merged.items[j], &world->items[k]);
                break;
            }
        }
    }
    *story = merged;
}

static bool make_story(const char *path, const char *folder, struct err *e)
{
    struct office o;
    struct buf text = {0};
    struct tree world;
    vtime from = 0, to = 0;
    if (!read_file(path, &text, e) || !office_open(&o, buf_slice(&text), 1, e)) {
        buf_free(&text);
        return false;
    }
    bool ok = tree_read(&o.a, slice_of(office_world, office_world_len), &world, e);
    if (ok) {
        o.seed = (uint64_t)tree_number(&o.world, "seed", 1);
        inherit(&o, &o.world, &world);
        ok = time_key(&o.world, "from", "", &from, e) && time_key(&o.world, "to", "", &to, e) &&
             office_open_logs(&o, folder, e);
    }
    if (ok)
        office_live(&o, from, to, &o.world);
    buf_free(&text);
    return finish(&o, ok, e);
}

struct grown {
    struct evtx_writer out;
    struct office *office;
    uint64_t wanted; // chunks
};

// Full chunks only, as in a log that has been running for a while; numbered through.
static void take_chunk(void *context, uint8_t *chunk)
{
    struct grown *g = context;
    uint32_t free_at = le32(chunk + 48);
    if (free_at < CHUNK_SIZE * 4 / 5 || g->out.chunks >= g->wanted)
        return;
    uint64_t first = g->out.next_record;
    for (size_t at = CHUNK_HEADER; at < free_at; at += le32(chunk + at + 4))
        put64(chunk + at + 8, g->out.next_record++);
    for (size_t at = 8; at < 40; at += 16) {
        put64(chunk + at, first);
        put64(chunk + at + 8, g->out.next_record - 1);
    }
    chunk_checksums(chunk);
    evtx_writer_add_chunk(&g->out, chunk);
    if (g->out.chunks >= g->wanted)
        g->office->limit = 1; // enough
}

static bool make_grown(const char *path, uint64_t mib, struct err *e)
{
    struct office o;
    struct grown g = {.office = &o, .wanted = mib * 16};
    vtime from = 0;
    if (!evtx_writer_open(&g.out, path, e))
        return false;
    if (!office_open(&o, slice_of(office_world, office_world_len), 1, e))
        return false;
    bool ok = time_key(&o.world, "from", "2026-03-02", &from, e);
    for (size_t i = 0; ok && i < o.computers_count; i++) {
        for (size_t j = 0; ok && j < o.computers[i].logs.count; j++) {
            struct log *log = &o.computers[i].logs.items[j];
            ok = evtx_writer_open(&log->w, NULL, e);
            log->open = ok;
            log->w.sink = take_chunk;
            log->w.context = &g;
        }
    }
    for (vtime day = from; ok && !o.failed && g.out.chunks < g.wanted; day += 7 * DAY)
        office_live(&o, day, day + 7 * DAY, NULL);
    ok = finish(&o, ok, e);
    return evtx_writer_close(&g.out, ok ? e : NULL) && ok;
}

int main(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"events", required_argument, NULL, 'e'},
                                            {"mib", required_argument, NULL, 'm'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    unsigned long long events = 100000, mib = 64, seed = 1;
    for (int c; (c = getopt_long(argc, argv, "h", OPTIONS, NULL)) != -1;) {
        if (c == 'e')
            events = strtoull(optarg, NULL, 10);
        else if (c == 'm')
            mib = strtoull(optarg, NULL, 10);
        else if (c == 's')
            seed = strtoull(optarg, NULL, 10);
        else
            return fputs(USAGE, c == 'h' ? stdout : stderr), c == 'h' ? 0 : 2;
    }
    struct err e = {0};
    bool ok = false;
    argc -= optind;
    argv += optind;
    if (argc == 2 && strcmp(argv[0], "innocent") == 0)
        ok = make_innocent(argv[1], events, seed, &e);
    else if (argc == 3 && strcmp(argv[0], "story") == 0)
        ok = make_story(argv[1], argv[2], &e);
    else if (argc == 2 && strcmp(argv[0], "grow") == 0)
        ok = make_grown(argv[1], mib, &e);
    else if (argc == 2 && strcmp(argv[0], "hard") == 0)
        ok = hard_write(argv[1], mib, seed, &e);
    else
        return fputs(USAGE, stderr), 2;
    if (!ok)
        fprintf(stderr, "office-make: %s\n", e.message);
    return ok ? 0 : 2;
}
