// SPDX-License-Identifier: Apache-2.0
// What matching costs on one thread: match_bench RULES LOG.evtx
// Prints the time to load and compile the rules, to read the log alone, and to read and match it;
// the difference is the matching. With -v, matches by rule on standard output; with -p, the dearest
// rules.
#include "base/buf.h"
#include "detection/sigma/engine.h"
#include "reader/evtx/evtx.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

struct run {
    struct sigma_matcher *matcher; // NULL: only read
    struct evtx_reader *reader;
    uint8_t *chunk;
    uint64_t events, matches, errors, values;
    uint64_t *by_rule;
    bool check, fields;
    struct arena arena;
    uint64_t wrong;
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check_event(struct run *r, const struct event *ev, const uint32_t *rules, size_t n,
                        size_t rule_count)
{
    struct arena a;
    arena_init(&a, 0);
    for (uint32_t i = 0, k = 0; i < rule_count; i++) {
        bool matched = k < n && rules[k] == i;
        k += matched;
        if (sigma_rule_holds(r->matcher, ev, i, &a) != matched) {
            r->wrong++;
            fprintf(stderr, "rule %u: matched %d, event at %llu\n", i, matched,
                    (unsigned long long)ev->origin.offset);
        }
        arena_reset(&a);
    }
    arena_free(&a);
}

static void run_chunk(struct run *r, size_t size, uint64_t offset, size_t rule_count)
{
    struct event ev;
    struct err e;
    enum read_result got;
    evtx_reader_start(r->reader, slice_of(r->chunk, size), offset, false);
    while ((got = evtx_reader_next(r->reader, &ev, &e)) != READ_END) {
        if (got == READ_ERROR) {
            r->errors++;
            continue;
        }
        r->events++;
        if (!r->matcher)
            continue;
        const uint32_t *rules;
        size_t n = sigma_match(r->matcher, &ev, &rules);
        r->matches += n;
        for (size_t i = 0; i < n; i++)
            r->by_rule[rules[i]]++;
        for (size_t i = 0; r->fields && i < n; i++) {
            struct sigma_matched_field *fields;
            r->values += sigma_matched_fields(r->matcher, &ev, rules[i], &r->arena, &fields);
            arena_reset(&r->arena);
        }
        if (r->check) {
            uint32_t *copy = mem_alloc(n * sizeof *copy);
            memcpy(copy, rules, n * sizeof *copy);
            check_event(r, &ev, copy, n, rule_count);
            free(copy);
        }
    }
}

static double run_file(struct run *r, const char *path, size_t rule_count)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, EVTX_HEADER_SIZE, SEEK_SET) != 0)
        return -1;
    r->reader = evtx_reader_create(&(struct evtx_options){0});
    r->chunk = mem_alloc(EVTX_CHUNK_SIZE);
    double from = seconds();
    uint64_t offset = EVTX_HEADER_SIZE;
    for (size_t n; (n = fread(r->chunk, 1, EVTX_CHUNK_SIZE, f)) > 0; offset += n)
        run_chunk(r, n, offset, rule_count);
    double took = seconds() - from;
    evtx_reader_destroy(r->reader);
    free(r->chunk);
    fclose(f);
    return took;
}

static void print_dearest(const struct sigma_set *set, const struct sigma_cost *costs)
{
    for (int k = 0; k < 15; k++) {
        size_t best = 0;
        static bool shown[1 << 16];
        for (size_t i = 0; i < set->rules.count && i < sizeof shown; i++)
            if (!shown[i] && (shown[best] || costs[i].nanoseconds > costs[best].nanoseconds))
                best = i;
        shown[best] = true;
        printf("%8.2f ms %8llu candidates %8llu matches  %.*s\n",
               (double)costs[best].nanoseconds / 1e6, (unsigned long long)costs[best].candidates,
               (unsigned long long)costs[best].matches, SLICE_FMT(set->rules.items[best]->title));
    }
}

int main(int argc, char **argv)
{
    bool verbose = argc > 3 && strchr(argv[3], 'v'), profile = argc > 3 && strchr(argv[3], 'p');
    if (argc < 3) {
        fprintf(stderr, "usage: match_bench RULES LOG.evtx [-vpcf]\n");
        return 2;
    }
    struct sigma_set set;
    struct sigma_load_options load = {0};
    struct err e = {0};
    double t0 = seconds();
    sigma_set_init(&set);
    if (!sigma_set_add_path(&set, argv[1], &load, &e)) {
        fprintf(stderr, "%s\n", e.message);
        return 2;
    }
    sigma_set_finish(&set, &load);
    double t1 = seconds();
    struct sigma_engine *engine =
        sigma_engine_create(&set, &(struct sigma_engine_options){.profile = profile});
    double t2 = seconds();
    struct sigma_engine_size size = sigma_engine_size(engine);
    printf("load %.3f s: %zu rules, %zu refused; compile %.3f s: %zu variants (%zu unwatched), %zu "
           "fields, %zu keys, %zu tests, "
           "%zu bits, %zu steps, %.1f MB, worst row %zu\n",
           t1 - t0, set.rules.count, set.refusals.count, t2 - t1, size.variants, size.unwatched,
           size.fields, size.keys, size.tests, size.bits, size.steps, (double)size.bytes / 1e6,
           size.worst_row);
    struct run only_read = {0}, match = {.check = argc > 3 && strchr(argv[3], 'c'),
                                         .fields = argc > 3 && strchr(argv[3], 'f')};
    arena_init(&match.arena, 0);
    double read = run_file(&only_read, argv[2], 0);
    match.matcher = sigma_matcher_create(engine);
    match.by_rule = mem_alloc_zero(set.rules.count, sizeof *match.by_rule);
    double both = run_file(&match, argv[2], set.rules.count);
    if (read < 0 || both < 0) {
        fprintf(stderr, "cannot read %s\n", argv[2]);
        return 2;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%llu events (%llu damaged): read %.3f s, read and match %.3f s; matching %.0f ns an "
           "event; %llu matches; %ld MiB\n",
           (unsigned long long)match.events, (unsigned long long)match.errors, read, both,
           (both - read) * 1e9 / (double)match.events, (unsigned long long)match.matches,
           usage.ru_maxrss / 1024);
    for (size_t i = 0; verbose && i < set.rules.count; i++)
        if (match.by_rule[i])
            printf("%8llu  %.*s  %.*s\n", (unsigned long long)match.by_rule[i],
                   SLICE_FMT(set.rules.items[i]->id), SLICE_FMT(set.rules.items[i]->title));
    if (profile)
        print_dearest(&set, sigma_matcher_profile(match.matcher));
    if (match.check)
        printf("%llu differences to the plain walk\n", (unsigned long long)match.wrong);
    free(match.by_rule);
    arena_free(&match.arena);
    sigma_matcher_destroy(match.matcher);
    sigma_engine_destroy(engine);
    sigma_set_free(&set);
    return match.wrong != 0;
}
