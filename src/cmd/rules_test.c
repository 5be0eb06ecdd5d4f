// SPDX-License-Identifier: Apache-2.0
// vigie rules test: does a rule match these logs, and if not, what is missing.
#include "cmd/rules_test.h"
#include "cmd/cmd.h"

#include "base/sandbox.h"
#include "evidence/evidence.h"

#include <getopt.h>
#include <stdio.h>

enum { NEED_RECORD = 256 };

// Keeps what correlations need of a match.
static void keep_match(struct test_run *t, const struct event *ev, uint32_t rule)
{
    const struct slice *names;
    size_t count = sigma_correlation_fields(&t->set, rule, &names);
    struct kept_match k = {.rule = rule,
                           .time = ev->system.time,
                           .order = t->kept.count,
                           .event = t->places.count - 1,
                           .fields = ARENA_ARRAY(&t->arena, struct kept_field, count)};
    for (size_t i = 0; i < count; i++) {
        struct slice value;
        if (sigma_field_text(t->matcher, ev, rule, names[i], &t->scratch, &value))
            k.fields[k.field_count++] = (struct kept_field){names[i], arena_copy(&t->arena, value)};
    }
    *ARRAY_ADD(&t->kept) = k;
}

// How much of a rule holds, told from the explanation: a selection that holds is worth more than
// any of its items.
static unsigned explanation_score(struct slice text)
{
    unsigned score = 0;
    for (size_t from = 0; from < text.len;) {
        struct slice line = slice_sub(text, from, text.len);
        if (slice_starts(line, SLICE("  holds ")))
            score += 100;
        else if (slice_starts(line, SLICE("    holds ")))
            score++;
        const uint8_t *end = memchr(line.at, '\n', line.len);
        from = end ? (size_t)(end - text.at) + 1 : text.len;
    }
    return score;
}

static void keep_near(struct test_run *t, struct rule_outcome *o, const struct event *ev,
                      unsigned score, struct buf *text)
{
    size_t at = o->near_count;
    while (at > 0 && o->nearest[at - 1].score < score)
        at--;
    if (at == NEAR_EVENTS)
        return;
    if (o->near_count == NEAR_EVENTS)
        buf_free(&o->nearest[--o->near_count].text);
    memmove(&o->nearest[at + 1], &o->nearest[at], (o->near_count - at) * sizeof *o->nearest);
    o->near_count++;
    struct near_event *n = &o->nearest[at];
    *n = (struct near_event){.file = t->file, .record = ev->system.record_id, .score = score};
    struct slice when = test_time_text(&t->scratch, ev->system.time);
    n->time_len = when.len < sizeof n->time ? when.len : sizeof n->time;
    memcpy(n->time, when.at, n->time_len);
    n->text = *text;
    *text = (struct buf){0};
}

static void weigh_event(struct test_run *t, const struct event *ev, const struct sigma_rule *r)
{
    struct rule_outcome *o = &t->outcomes[r->index];
    struct buf text = {0};
    if (o->matches || o->weighed >= MAX_WEIGHED || r->source_count == 0 ||
        t->set.rules.count > MAX_EXPLAINED)
        return;
    sigma_explain(t->matcher, ev, r->index, &text);
    if (!slice_starts(buf_slice(&text), SLICE("does not match: its logsource"))) {
        o->admitted++;
        o->weighed++;
        keep_near(t, o, ev, explanation_score(buf_slice(&text)), &text);
    }
    buf_free(&text);
}

static void take_event(struct test_run *t, const struct event *ev)
{
    const uint32_t *hits;
    arena_reset(&t->scratch);
    t->events++;
    size_t count = sigma_match(t->matcher, ev, &hits);
    bool explain = t->has_record && ev->system.has_record_id && ev->system.record_id == t->record;
    uint32_t *rules = ARENA_ARRAY(&t->scratch, uint32_t, count); // explaining matches again
    if (count) {
        memcpy(rules, hits, count * sizeof *rules);
        *ARRAY_ADD(&t->places) = (struct place){t->file, ev->system.record_id, ev->origin.offset};
    }
    size_t next = 0;
    for (uint32_t i = 0; i < t->set.rules.count; i++) {
        const struct sigma_rule *r = t->set.rules.items[i];
        bool matches = next < count && rules[next] == i;
        next += matches;
        t->outcomes[i].matches += matches;
        if (matches && r->needed_by_correlation)
            keep_match(t, ev, i);
        t->explained_matches += explain && matches;
        if (explain)
            test_print_explanation(t, ev, r, matches);
        else if (matches && !t->has_record)
            test_print_match(t, ev, r);
        else if (!t->has_record)
            weigh_event(t, ev, r);
    }
    t->explained += explain;
}

static void read_chunk(struct test_run *t, struct slice chunk, uint64_t offset, bool no_crc32)
{
    struct event ev;
    struct err e = {0};
    evtx_reader_start(t->reader, chunk, offset, no_crc32);
    for (enum read_result got; (got = evtx_reader_next(t->reader, &ev, &e)) != READ_END;) {
        if (got == READ_EVENT)
            take_event(t, &ev);
        else
            rules_complain("test", "%.*s: at byte %llu: %s", SLICE_FMT(t->file),
                           (unsigned long long)e.offset, e.message);
    }
}

static bool read_log(struct test_run *t, struct evidence_walk *walk, uint8_t *chunk, struct err *e)
{
    struct evtx_header header = {0};
    uint64_t offset = 0;
    size_t got = 0;
    if (!evidence_walk_read(walk, chunk, EVTX_HEADER_SIZE, &got, e))
        return false;
    size_t kept = 0; // a log that begins with a chunk has no header
    if (slice_starts(slice_of(chunk, got), SLICE("ElfChnk")))
        kept = got;
    else if (!evtx_header_read(slice_of(chunk, got), &header, e))
        return false;
    else
        offset = got;
    t->logs++;
    for (;;) {
        if (!evidence_walk_read(walk, chunk + kept, EVTX_CHUNK_SIZE - kept, &got, e))
            return false;
        if (kept + got == 0)
            return true;
        read_chunk(t, slice_of(chunk, kept + got), offset, header.no_crc32);
        offset += kept + got;
        kept = 0;
    }
}

static void read_files(struct test_run *t, char **paths, size_t count)
{
    struct evidence_walk *walk =
        evidence_walk_create((const char *const *)paths, count, NULL, NULL);
    struct evidence_item item;
    uint8_t *chunk = mem_alloc(EVTX_CHUNK_SIZE);
    while (evidence_walk_next(walk, &item)) {
        struct err e = {0};
        t->file = arena_copy(&t->arena, item.path);
        if (item.kind == EVIDENCE_EVTX) {
            if (!read_log(t, walk, chunk, &e)) {
                rules_complain("test", "%.*s: %s", SLICE_FMT(t->file), e.message);
                t->status = EXIT_TROUBLE;
            }
        } else if (item.kind != EVIDENCE_ARCHIVE || item.reason.len) {
            rules_complain(
                "test", "%.*s: not read: %.*s", SLICE_FMT(t->file),
                SLICE_FMT(item.reason.len ? item.reason : slice_from_str(item.kind_text)));
        }
    }
    free(chunk);
    evidence_walk_destroy(walk);
}

static bool kept_field(void *user, struct slice name, struct slice *out)
{
    const struct kept_match *k = user;
    for (size_t i = 0; i < k->field_count; i++)
        if (slice_equal(k->fields[i].name, name)) {
            *out = k->fields[i].value;
            return true;
        }
    return false;
}

static int by_time(const void *left, const void *right)
{
    const struct kept_match *a = left, *b = right;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

static void correlate(struct test_run *t)
{
    if (t->set.correlations.count == 0)
        return;
    if (t->kept.count)
        qsort(t->kept.items, t->kept.count, sizeof *t->kept.items, by_time);
    struct sigma_correlator *c = sigma_correlator_create(&t->set, test_print_hit, t);
    for (size_t i = 0; i < t->kept.count; i++) {
        const struct kept_match *k = &t->kept.items[i];
        const struct sigma_base_match match = {k->rule, k->time, k->event, kept_field,
                                               &t->kept.items[i]};
        sigma_correlator_add(c, &match);
    }
    sigma_correlator_finish(c);
    sigma_correlator_destroy(c);
}

// What came of it, and the exit status.
static int conclude(struct test_run *t)
{
    uint64_t matches = t->correlation_hits;
    for (size_t i = 0; i < t->set.rules.count; i++)
        // A rule that only serves a correlation counts when there is no correlation to count.
        if (!t->set.rules.items[i]->silent || t->set.correlations.count == 0)
            matches += t->outcomes[i].matches;
    if (t->logs == 0)
        return rules_complain("test", "none of the files is a Windows event log (.evtx)");
    if (t->has_record && !t->explained)
        return rules_complain("test", "there is no record %llu", (unsigned long long)t->record);
    if (t->has_record)
        matches = t->explained_matches;
    else
        test_print_rest(t);
    if (!t->json && !t->has_record)
        printf("%llu match%s in %llu event%s\n", (unsigned long long)matches,
               matches == 1 ? "" : "es", (unsigned long long)t->events, t->events == 1 ? "" : "s");
    if (t->status != EXIT_NOTHING)
        return t->status;
    return matches && rules_count_refused(&t->set) == 0 ? EXIT_NOTHING : EXIT_FOUND;
}

static void test_help(void)
{
    puts("usage: vigie rules test [--record N] [--json] RULE FILE...\n"
         "\n"
         "Holds the Sigma rules of the file RULE (and its correlations) against logs, folders of "
         "logs, or archives with logs.\n"
         "Prints each event that matches, with the fields that made it match; for a rule that "
         "matches nothing, the events that\n"
         "come nearest, and what of the rule holds there and what does not.\n"
         "Exit status: 0 something matched, 1 nothing matched or the rule was refused, 2 could not "
         "do the job.\n"
         "\n"
         "      --record N  explain the event with this record number, whether it matches or not\n"
         "      --json      JSON lines\n"
         "\n"
         "example: vigie rules test my-rule.yml Security.evtx --record 4711");
}

static bool number_read(const char *text, uint64_t *out)
{
    uint64_t n = 0;
    if (!*text)
        return false;
    for (; *text; text++)
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, (uint64_t)(*text - '0'), &n))
            return false;
    *out = n;
    return true;
}

static int test_load(struct test_run *t, const char *path)
{
    const struct sigma_load_options load = {.with_deprecated = true};
    struct err e = {0};
    if (!sigma_set_add_path(&t->set, path, &load, &e))
        return rules_complain("test", "%s", e.message);
    sigma_set_finish(&t->set, &load);
    t->engine = sigma_engine_create(&t->set, NULL);
    for (size_t i = 0; i < t->set.refusals.count; i++)
        rules_print_refusal(&t->set.refusals.items[i], t->json);
    if (t->set.rules.count == 0)
        return rules_count_refused(&t->set) ? EXIT_FOUND
                                            : rules_complain("test", "%s: there is no rule", path);
    t->outcomes = ARENA_ARRAY(&t->arena, struct rule_outcome, t->set.rules.count);
    return EXIT_NOTHING;
}

static void test_free(struct test_run *t)
{
    for (size_t i = 0; t->outcomes && i < t->set.rules.count; i++)
        for (size_t k = 0; k < t->outcomes[i].near_count; k++)
            buf_free(&t->outcomes[i].nearest[k].text);
    ARRAY_FREE(&t->kept);
    ARRAY_FREE(&t->places);
    evtx_reader_destroy(t->reader);
    sigma_matcher_destroy(t->matcher);
    sigma_engine_destroy(t->engine);
    sigma_set_free(&t->set);
    arena_free(&t->arena);
    arena_free(&t->scratch);
}

int rules_test(int argc, char **argv)
{
    static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
                                          {"record", required_argument, NULL, NEED_RECORD},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    struct test_run t = {0};
    for (int option; (option = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
        if (option == 'h')
            return test_help(), EXIT_NOTHING;
        if (option == 'j')
            t.json = true;
        else if (option != NEED_RECORD)
            return EXIT_TROUBLE;
        else if (!(t.has_record = number_read(optarg, &t.record)))
            return rules_complain("test", "--record needs a number, not '%s'", optarg);
    }
    if (argc - optind < 2)
        return rules_complain("test", "name a rule file and then one or more logs (.evtx)");
    arena_init(&t.arena, 0);
    arena_init(&t.scratch, 0);
    sigma_set_init(&t.set);
    int status = test_load(&t, argv[optind]);
    if (status == EXIT_NOTHING) {
        struct sandbox_report report;
        struct err e = {0};
        if (!sandbox_enter(&(struct sandbox_options){0}, &report, &e))
            rules_complain("test", "going on without the sandbox: %s", e.message);
        const struct evtx_options options = {0};
        t.matcher = sigma_matcher_create(t.engine);
        t.reader = evtx_reader_create(&options);
        read_files(&t, argv + optind + 1, (size_t)(argc - optind - 1));
        if (!t.has_record)
            correlate(&t);
        status = conclude(&t);
    }
    test_free(&t);
    return status;
}
