// SPDX-License-Identifier: Apache-2.0
// A registry of any size, and how long its queries take.
//
//   registry-bench fill STORE COUNT [SEED]   adds made-up incidents, with revisions and withdrawals
//   registry-bench query STORE [ROUNDS]      a line a query: milliseconds of the processor and of
//   the
//                                            clock (medians), results
#include "observatory/store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BATCH = 1000, MOST_ROUNDS = 101 };

static uint64_t dice_state;

static uint32_t roll(uint32_t sides) // xorshift64*: the same seed gives the same registry
{
    dice_state ^= dice_state >> 12;
    dice_state ^= dice_state << 25;
    dice_state ^= dice_state >> 27;
    return (uint32_t)((dice_state * 0x2545F4914F6CDD1Dull) >> 33) % sides;
}

// Low numbers far more often than high ones, as words and countries are.
static uint32_t roll_skewed(uint32_t sides)
{
    uint32_t a = roll(sides), b = roll(sides), c = roll(sides);
    uint32_t least = a < b ? a : b;
    return least < c ? least : c;
}

static struct slice pick(const char *const *list, size_t count)
{
    return slice_from_str(list[roll_skewed((uint32_t)count)]);
}
#define PICK(list) pick(list, sizeof(list) / sizeof *(list))

static struct slice pick_term(const char *vocabulary)
{
    const struct vocabulary *v = vocabulary_find(vocabulary);
    return slice_from_str(v->terms[roll_skewed((uint32_t)v->count)].code);
}

static void put_word(struct buf *out)
{
    static const char *const syllables[] = {"ra",  "ti",  "mon", "del", "ka", "ser",      "vo",
                                            "lin", "pe",  "tor", "sa",  "mi", "ch\u00e9", "gul",
                                            "na",  "for", "bi",  "quo", "el", "du"};
    static const char *const common[] = {
        "the",    "de",         "network",     "r\u00e9seau", "attack",   "minist\u00e8re",
        "mail",   "group",      "Qu\u00e9bec", "data",        "courriel", "server",
        "police", "election",   "Ottawa",      "report",      "account",  "universit\u00e9",
        "energy", "journaliste"};
    if (roll(3) == 0) {
        buf_add(out, PICK(common));
        return;
    }
    uint32_t word = roll_skewed(160000); // of some 160,000 words
    for (int i = 0; i < 3 || word; i++) {
        buf_str(out, syllables[word % 20]);
        word /= 20;
        if (i > 4)
            break;
    }
}

static struct slice words(struct arena *a, uint32_t count)
{
    struct buf out = {0};
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            buf_byte(&out, ' ');
        put_word(&out);
    }
    struct slice copy = arena_copy(a, buf_slice(&out));
    buf_free(&out);
    return copy;
}

static const char *const countries[] = {"US", "CA", "UA", "IN", "GB", "DE", "FR", "KR", "JP", "IL",
                                        "TW", "PL", "AU", "SA", "IR", "CN", "RU", "BR", "MX", "ZA"};
static const char *const origins[] = {"CN",    "unknown", "RU", "IR", "KP",
                                      "other", "IN",      "US", "TR", "PK"};
static const char *const techniques[] = {"T1566.001", "T1566.002", "T1078", "T1190", "T1059.001",
                                         "T1486",     "T1110.003", "T1003", "T1133", "T1505.003"};

static void put_sources(struct record *r, struct arena *a, struct slice date)
{
    for (uint32_t i = 0, n = 1 + roll(3); i < n; i++) {
        struct item *s = record_add_item(r, "sources");
        record_add_value(r, s, "title", words(a, 8));
        record_add_value(r, s, "publisher", words(a, 2));
        record_add_value(r, s, "url",
                         arena_printf(a, "https://made-up.example/%u", roll(1u << 30)));
        record_add_value(r, s, "published", date);
        record_add_value(r, s, "kind", pick_term("source-kind"));
    }
}

static void put_around(struct record *r, struct arena *a, struct slice date)
{
    for (uint32_t i = 0, n = 1 + roll(3); i < n; i++) {
        struct item *t = record_add_item(r, "targets");
        record_add_value(r, t, "name", words(a, 3));
        record_add_value(r, t, "country", PICK(countries));
        record_add_value(r, t, "sector", pick_term("sector"));
        record_add_value(r, t, "kind", pick_term("target-kind"));
    }
    for (uint32_t i = 0, n = roll(3); i < n; i++) {
        struct item *c = record_add_item(r, "claims");
        record_add_value(r, c, "who", words(a, 2));
        record_add_value(r, c, "who-kind", pick_term("who-kind"));
        record_add_value(r, c, "country", PICK(origins));
        record_add_value(r, c, "date", date);
        record_add_value(r, c, "basis", pick_term("basis"));
        record_add_value(r, c, "responsibility", pick_term("responsibility"));
        record_add_value(r, c, "text", words(a, 20));
    }
    if (roll(4) == 0) {
        struct item *p = record_add_item(r, "responses");
        record_add_value(r, p, "kind", pick_term("response"));
        record_add_value(r, p, "country", PICK(countries));
        record_add_value(r, p, "text", words(a, 15));
    }
}

static void make_incident(struct record *r, struct arena *a)
{
    struct slice date =
        arena_printf(a, "%04u-%02u-%02u", 2025 - roll_skewed(25), 1 + roll(12), 1 + roll(28));
    record_init(r, schema_kind_find(SLICE("incident")), a);
    record_set(r, "title", words(a, 7));
    record_set(r, "title-fr", words(a, 8));
    record_set(r, "summary", words(a, 50));
    record_set(r, "summary-fr", words(a, 55));
    struct value *v = record_set(r, "began", roll(20) ? date : slice_sub(date, 0, 4));
    v->sources = SLICE("s1");
    record_set(r, "disclosed", date)->sources = SLICE("s1");
    for (uint32_t i = 0, n = 1 + roll(2); i < n; i++)
        record_set(r, "type", pick_term("type"));
    record_set(r, "sector", pick_term("sector"));
    record_set(r, "information", pick_term("information"));
    record_set(r, "harm", pick_term("harm"));
    record_set(r, "origin", PICK(origins));
    if (roll(2))
        record_set(r, "technique", PICK(techniques));
    record_set(r, "decision", SLICE("included"));
    put_sources(r, a, date);
    put_around(r, a, date);
}

static bool add_one(struct store *s, struct arena *a, struct err *e)
{
    struct record r;
    struct revision made;
    make_incident(&r, a);
    struct revision_new n = {.body = &r,
                             .state = roll(40) ? STATE_PUBLISHED : STATE_TURNED_DOWN,
                             .author = SLICE("registry-bench"),
                             .reason = SLICE("made up"),
                             .at = time_from_unix(1640995200 + (int64_t)roll(100000000), 0)};
    bool ok = store_revision_add(s, &n, a, &made, e);
    if (ok && roll(10) == 0) { // corrected, or withdrawn
        record_set(&r, "remark", words(a, 12));
        n.record = made.record;
        n.state = roll(10) ? STATE_PUBLISHED : STATE_WITHDRAWN;
        n.at += (uint64_t)roll(20000000) * VTIME_SECOND;
        ok = store_revision_add(s, &n, a, &made, e);
    }
    record_free(&r);
    return ok;
}

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool fill(const char *url, unsigned long count, struct err *e)
{
    struct store *s;
    struct arena a;
    if (!store_open(url, STORE_CREATE, &s, e))
        return false;
    arena_init(&a, 0);
    bool ok = true;
    double start = now(CLOCK_MONOTONIC);
    for (unsigned long done = 0; ok && done < count; done += BATCH) {
        unsigned long end = count - done < BATCH ? count : done + BATCH;
        ok = store_begin(s, e);
        for (unsigned long i = done; ok && i < end; i++) {
            arena_reset(&a);
            ok = add_one(s, &a, e);
        }
        ok = ok && store_commit(s, e);
    }
    if (ok)
        printf("%lu records in %.1f s\n", count, now(CLOCK_MONOTONIC) - start);
    else
        store_rollback(s);
    arena_free(&a);
    store_close(s);
    return ok;
}

// --- queries

struct bench_query {
    const char *name;
    struct query q;
    const char *field, *field2; // a tally; NULL: a list
};

#define F(...) .filters = {__VA_ARGS__}
static const struct bench_query queries[] = {
    {.name = "list, all", .q = {.kind = "incident"}},
    {.name = "list, one filter",
     .q = {.kind = "incident", F({"type", {(const uint8_t *)"espionage", 9}}), .filter_count = 1}},
    {.name = "list, four filters",
     .q = {.kind = "incident",
           F({"type", {(const uint8_t *)"espionage", 9}}, {"origin", {(const uint8_t *)"CN", 2}},
             {"target-country", {(const uint8_t *)"US", 2}},
             {"target-country", {(const uint8_t *)"CA", 2}}),
           .filter_count = 4}},
    {.name = "list, filter and dates",
     .q = {.kind = "incident",
           F({"origin", {(const uint8_t *)"RU", 2}}),
           .filter_count = 1,
           .since = {(const uint8_t *)"2015", 4},
           .until = {(const uint8_t *)"2020-06", 7}}},
    {.name = "list, by title, page 1000", .q = {.sort = SORT_TITLE, .offset = 50000}},
    {.name = "list, by French title, page 1000",
     .q = {.sort = SORT_TITLE, .french = true, .offset = 50000}},
    {.name = "list, oldest", .q = {.sort = SORT_OLDEST}},
    {.name = "list, as of a past day", .q = {.kind = "incident", .as_of = 133200000000000000ull}},
    {.name = "search, a rare word",
     .q = {.words = {(const uint8_t *)"\"gulgulmi\"", 10}, .sort = SORT_RELEVANCE}},
    {.name = "search, a common word",
     .q = {.words = {(const uint8_t *)"quebec", 6}, .sort = SORT_RELEVANCE}},
    {.name = "search, three words",
     .q = {.words = {(const uint8_t *)"ministere ottawa kasami", 23}, .sort = SORT_RELEVANCE}},
    {.name = "search, prefix",
     .q = {.words = {(const uint8_t *)"gulgu*", 6}, .sort = SORT_RELEVANCE}},
    {.name = "search and filter",
     .q = {.words = {(const uint8_t *)"universite", 10},
           .sort = SORT_RELEVANCE,
           F({"origin", {(const uint8_t *)"KP", 2}}),
           .filter_count = 1}},
    {.name = "tally, type", .q = {.kind = "incident"}, .field = "type"},
    {.name = "tally, year", .q = {.kind = "incident"}, .field = "year"},
    {.name = "tally, target-country", .q = {.kind = "incident"}, .field = "target-country"},
    {.name = "tally, year by type", .q = {.kind = "incident"}, .field = "year", .field2 = "type"},
    {.name = "tally, type, filtered",
     .q = {.kind = "incident", F({"origin", {(const uint8_t *)"CN", 2}}), .filter_count = 1},
     .field = "type"},
    {.name = "tally, type, as of a past day",
     .q = {.kind = "incident", .as_of = 133200000000000000ull},
     .field = "type"},
};

static bool run_query(struct store *s, const struct bench_query *b, struct arena *a, uint64_t *n,
                      struct err *e)
{
    size_t count;
    struct list_row *rows;
    struct tally *t;
    if (!b->field)
        return store_list(s, &b->q, a, &rows, &count, n, e);
    bool ok = store_tally(s, &b->q, b->field, b->field2, a, &t, &count, e);
    *n = ok ? count : 0;
    return ok;
}

static int compare(const void *x, const void *y)
{
    const double *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

static bool query(const char *url, unsigned rounds, struct err *e)
{
    struct store *s;
    struct arena a;
    double took[MOST_ROUNDS], worked[MOST_ROUNDS];
    bool ok = true;
    if (!store_open(url, STORE_READ, &s, e))
        return false;
    arena_init(&a, 0);
    for (size_t i = 0; ok && i < sizeof queries / sizeof *queries; i++) {
        uint64_t n = 0;
        for (unsigned r = 0; ok && r < rounds; r++) {
            arena_reset(&a);
            double start = now(CLOCK_MONOTONIC), start_work = now(CLOCK_PROCESS_CPUTIME_ID);
            ok = run_query(s, &queries[i], &a, &n, e);
            took[r] = (now(CLOCK_MONOTONIC) - start) * 1000;
            worked[r] = (now(CLOCK_PROCESS_CPUTIME_ID) - start_work) * 1000;
        }
        qsort(took, rounds, sizeof *took, compare);
        qsort(worked, rounds, sizeof *worked, compare);
        printf("%-32s %8.2f ms %8.2f ms %10" PRIu64 "\n", queries[i].name, worked[rounds / 2],
               took[rounds / 2], n);
    }
    arena_free(&a);
    store_close(s);
    return ok;
}

int main(int argc, char **argv)
{
    struct err e = {0};
    bool ok = false;
    dice_state = argc > 4 ? strtoull(argv[4], NULL, 10) | 1 : 20260101;
    unsigned long n = argc > 3 ? strtoul(argv[3], NULL, 10) : 11;
    if (argc >= 4 && strcmp(argv[1], "fill") == 0)
        ok = fill(argv[2], n, &e);
    else if (argc >= 3 && strcmp(argv[1], "query") == 0)
        ok = query(argv[2], n < 1 || n > MOST_ROUNDS ? 11 : (unsigned)n, &e);
    else
        fputs("usage: registry-bench fill STORE COUNT [SEED] | query STORE [ROUNDS]\n", stderr);
    if (e.code)
        fprintf(stderr, "registry-bench: %s\n", e.message);
    return ok ? 0 : 2;
}
