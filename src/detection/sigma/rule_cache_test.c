// SPDX-License-Identifier: Apache-2.0
// The cache of compiled rules: used when nothing changed, never when anything did, and harmless
// whatever stands in it.
#include "detection/sigma/rule_cache.h"

#include "base/out.h"
#include "detection/sigma/engine_testing.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
    char folder[64], cache[96], rules[96], rule[128];
};

static const char first_rule[] =
    "title: First\nid: 11111111-1111-4111-8111-111111111111\n"
    "logsource:\n    product: windows\ndetection:\n    a:\n"
    "        Image|endswith: '\\one.exe'\n"
    "        CommandLine|contains: ['abcdefgh', 'ij', 'klmnopqrstuv']\n"
    "    b:\n        User|re: '^x+y'\n"
    "        Data|cidr: '10.0.0.0/8'\n"
    "    condition: a or b\n";

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    struct err e;
    assert_non_null(p);
    snprintf(p->folder, sizeof p->folder, "/tmp/vigie-rule-cache-%ld", (long)getpid());
    snprintf(p->cache, sizeof p->cache, "%s/cache", p->folder);
    snprintf(p->rules, sizeof p->rules, "%s/rules", p->folder);
    snprintf(p->rule, sizeof p->rule, "%s/one.yml", p->rules);
    assert_true(out_make_folder(p->cache, &e) && out_make_folder(p->rules, &e));
    write_file(p->rule, first_rule);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", p->folder);
    int status = system(command); // NOLINT: our own folder
    free(p);
    return status;
}

// Opens, and encodes what came of it: equal bytes are equal rules and engines.
static enum sigma_cache_use open_rules(const struct place *p, struct buf *encoded)
{
    const char *paths[] = {p->rules};
    struct sigma_rules_from from = {.paths = paths, .path_count = 1, .cache = p->cache};
    struct sigma_cache_report report;
    struct sigma_engine *engine;
    struct sigma_set set;
    struct err e;
    assert_true(sigma_rules_open(&from, &set, &engine, &report, &e));
    struct buf later = {0};
    buf_clear(encoded);
    assert_true(sigma_cache_encode(&set, engine, encoded, &later));
    buf_add(encoded, buf_slice(&later));
    buf_free(&later);
    sigma_engine_destroy(engine);
    sigma_set_free(&set);
    return report.use;
}

static void test_used_while_nothing_changes(void **state)
{
    const struct place *p = *state;
    struct buf cold = {0}, warm = {0};
    assert_int_equal(open_rules(p, &cold), SIGMA_CACHE_WRITTEN);
    assert_int_equal(open_rules(p, &warm), SIGMA_CACHE_USED);
    assert_int_equal(cold.len, warm.len);
    assert_memory_equal(cold.at, warm.at, cold.len);
    buf_free(&cold);
    buf_free(&warm);
}

// Changes the rule in place: as long as before, old times put back.
static void change_rule(const struct place *p)
{
    struct stat st;
    assert_int_equal(stat(p->rule, &st), 0);
    char *changed = strdup(first_rule);
    *strstr(changed, "one.exe") = 'O';
    *strstr(changed, "ij") = 'x';
    write_file(p->rule, changed);
    free(changed);
    const struct timespec times[] = {st.st_atim, st.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, p->rule, times, 0), 0);
}

static void test_change_is_seen(void **state)
{
    const struct place *p = *state;
    struct buf before = {0}, after = {0};
    assert_int_equal(open_rules(p, &before), SIGMA_CACHE_WRITTEN);
    change_rule(p);
    assert_int_equal(open_rules(p, &after), SIGMA_CACHE_WRITTEN);
    assert_true(before.len != after.len || memcmp(before.at, after.at, after.len) != 0);
    assert_int_equal(open_rules(p, &after), SIGMA_CACHE_USED);
    // Another file more, then one less.
    char second[160];
    snprintf(second, sizeof second, "%s/two.yml", p->rules);
    write_file(second, "title: broken\n");
    assert_int_equal(open_rules(p, &after), SIGMA_CACHE_WRITTEN);
    assert_int_equal(unlink(second), 0);
    assert_int_equal(open_rules(p, &after), SIGMA_CACHE_WRITTEN);
    // The same content under new times: still good.
    assert_int_equal(utimensat(AT_FDCWD, p->rule, NULL, 0), 0);
    assert_int_equal(open_rules(p, &after), SIGMA_CACHE_USED);
    buf_free(&before);
    buf_free(&after);
}

static int remove_caches(const struct place *p)
{
    char command[128];
    snprintf(command, sizeof command, "rm %s/*.rules", p->cache);
    return system(command); // NOLINT: our own folder
}

// Files and folders old enough that their times are believed: nothing is listed or read then.
static void test_times_tell(void **state)
{
    const struct place *p = *state;
    struct buf body = {0};
    struct err e;
    char below[128], file[160];
    snprintf(below, sizeof below, "%s/below", p->rules);
    snprintf(file, sizeof file, "%s/a.yml", below);
    assert_true(out_make_folder(below, &e));
    sleep(4);
    assert_int_equal(open_rules(p, &body), SIGMA_CACHE_WRITTEN);
    assert_int_equal(open_rules(p, &body), SIGMA_CACHE_USED);
    write_file(file, "title: broken\n");
    assert_int_equal(open_rules(p, &body), SIGMA_CACHE_WRITTEN);
    assert_int_equal(open_rules(p, &body), SIGMA_CACHE_USED);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(open_rules(p, &body), SIGMA_CACHE_WRITTEN);
    sleep(4);
    assert_int_equal(remove_caches(p), 0);
    assert_int_equal(open_rules(p, &body), SIGMA_CACHE_WRITTEN);
    change_rule(p);
    assert_int_equal(open_rules(p, &body), SIGMA_CACHE_WRITTEN);
    buf_free(&body);
}

static void cache_file(const struct place *p, char *out, size_t size)
{
    char command[160];
    snprintf(command, sizeof command, "ls %s/*.rules", p->cache);
    FILE *f = popen(command, "r"); // NOLINT: our own folder
    assert_non_null(f);
    assert_non_null(fgets(out, (int)size, f));
    assert_int_equal(pclose(f), 0);
    out[strcspn(out, "\n")] = 0;
}

static void test_altered_is_not_used(void **state)
{
    const struct place *p = *state;
    struct buf good = {0}, again = {0};
    char path[160];
    assert_int_equal(open_rules(p, &good), SIGMA_CACHE_WRITTEN);
    cache_file(p, path, sizeof path);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    for (off_t at = 0; at < st.st_size; at += 1 + st.st_size / 60) {
        int fd = open(path, O_RDWR | O_CLOEXEC);
        uint8_t byte;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte ^= 0x40;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        close(fd);
        assert_int_equal(open_rules(p, &again), SIGMA_CACHE_WRITTEN);
        assert_int_equal(again.len, good.len);
        assert_memory_equal(again.at, good.at, good.len);
    }
    assert_int_equal(truncate(path, st.st_size - 1), 0);
    assert_int_equal(open_rules(p, &again), SIGMA_CACHE_WRITTEN);
    assert_int_equal(chmod(path, 0666), 0); // anybody's
    assert_int_equal(open_rules(p, &again), SIGMA_CACHE_WRITTEN);
    buf_free(&good);
    buf_free(&again);
}

// Puts another word in place of one that stands in the file once, or more often.
static void overwrite_in_file(const char *path, const char *word, const char *other)
{
    static uint8_t bytes[1 << 16];
    int fd = open(path, O_RDWR | O_CLOEXEC);
    ssize_t size = pread(fd, bytes, sizeof bytes, 0);
    size_t replaced = 0, len = strlen(word);
    assert_true(size > 0 && strlen(other) == len);
    for (uint8_t *at = bytes; (at = memmem(at, (size_t)(bytes + size - at), word, len));
         at += len) {
        assert_int_equal(pwrite(fd, other, len, at - bytes), (ssize_t)len);
        replaced++;
    }
    assert_true(replaced > 0);
    assert_int_equal(close(fd), 0);
}

// What is read of a rule later is what was checked, though the file was altered meanwhile so that
// it can still be read.
static void test_altered_while_in_use(void **state)
{
    const struct place *p = *state;
    const char *paths[] = {p->rules};
    struct sigma_rules_from from = {.paths = paths, .path_count = 1, .cache = p->cache};
    struct sigma_cache_report report;
    struct sigma_engine *engine;
    struct sigma_set set;
    struct buf body = {0};
    struct err e;
    char path[160];
    for (int altered = 0; altered < 2; altered++) {
        (void)open_rules(p, &body);
        cache_file(p, path, sizeof path);
        assert_true(sigma_rules_open(&from, &set, &engine, &report, &e));
        assert_int_equal(report.use, SIGMA_CACHE_USED);
        if (altered)
            overwrite_in_file(path, "First", "Other");
        const struct sigma_rule *r = sigma_set_rule(&set, 0);
        assert_int_equal(slice_equal_str(r->title, "First"), !altered);
        assert_false(slice_equal_str(r->title, "Other"));
        assert_int_equal(r->selection_count, altered ? 0 : 2);
        sigma_engine_destroy(engine);
        sigma_set_free(&set);
    }
    buf_free(&body);
}

static void run_events(struct dice *d, struct sigma_engine *engine, size_t rules, struct arena *a)
{
    struct sigma_matcher *m = sigma_matcher_create(engine);
    for (int i = 0; i < 8; i++) {
        struct fake_event ev;
        const uint32_t *found;
        struct sigma_matched_field *fields;
        draw_event(d, a, &ev);
        (void)sigma_match(m, &ev.event, &found);
        for (uint32_t rule = 0; rule < (uint32_t)rules; rule++)
            (void)sigma_matched_fields(m, &ev.event, rule, a, &fields);
    }
    sigma_matcher_destroy(m);
}

static void flip_bit(struct dice *d, struct buf *b)
{
    b->at[dice_roll(d, (uint32_t)b->len)] ^= (uint8_t)(1u << dice_roll(d, 8));
}

// Bytes that a sum would not give away: what is accepted must still run.
static void test_any_bytes(void **state)
{
    (void)state;
    size_t accepted = 0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct dice d = {.seed = seed};
        struct sigma_set set, read;
        struct arena a;
        struct buf body = {0}, later = {0};
        arena_init(&a, 0);
        sigma_set_init(&set);
        draw_rules(&d, &set, 6);
        struct sigma_engine *engine = sigma_engine_create(&set, NULL), *copy;
        assert_true(sigma_cache_encode(&set, engine, &body, &later));
        for (int round = 0; round < 20; round++) {
            for (uint32_t k = dice_roll(&d, 3); round && k < 3; k++)
                flip_bit(&d, dice_roll(&d, 3) ? &body : &later);
            sigma_set_init(&read);
            bool ok = sigma_cache_decode(buf_slice(&body), buf_slice(&later), NULL, &read, &copy);
            assert_true(ok || round);
            accepted += ok;
            if (ok)
                run_events(&d, copy, read.rules.count, &a);
            if (ok)
                sigma_engine_destroy(copy);
            sigma_set_free(&read);
        }
        sigma_engine_destroy(engine);
        sigma_set_free(&set);
        buf_free(&body);
        buf_free(&later);
        arena_free(&a);
    }
    assert_true(accepted > 300);
}

static void assert_same_fields(struct sigma_matcher *m, struct sigma_matcher *n,
                               const struct event *ev, uint32_t rule, struct arena *a)
{
    struct sigma_matched_field *expected, *got;
    size_t count = sigma_matched_fields(m, ev, rule, a, &expected);
    assert_int_equal(sigma_matched_fields(n, ev, rule, a, &got), count);
    for (size_t i = 0; i < count; i++) {
        assert_true(slice_equal(got[i].name, expected[i].name));
        assert_true(slice_equal(got[i].value, expected[i].value));
    }
}

// A decoded engine finds what the original finds, and shows the same of it.
static void test_decoded_agrees(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct dice d = {.seed = seed};
        struct sigma_set set, read;
        struct arena a;
        struct buf body = {0}, later = {0};
        struct sigma_engine *copy;
        arena_init(&a, 0);
        sigma_set_init(&set);
        sigma_set_init(&read);
        draw_rules(&d, &set, 12);
        struct sigma_engine *engine = sigma_engine_create(&set, NULL);
        assert_true(sigma_cache_encode(&set, engine, &body, &later));
        assert_true(sigma_cache_decode(buf_slice(&body), buf_slice(&later), NULL, &read, &copy));
        struct sigma_matcher *m = sigma_matcher_create(engine), *n = sigma_matcher_create(copy);
        for (int i = 0; i < 20; i++) {
            struct fake_event ev;
            const uint32_t *expected, *got;
            draw_event(&d, &a, &ev);
            size_t count = sigma_match(m, &ev.event, &expected);
            assert_int_equal(sigma_match(n, &ev.event, &got), count);
            if (count)
                assert_memory_equal(got, expected, count * sizeof *got);
            for (size_t k = 0; k < count; k++)
                assert_same_fields(m, n, &ev.event, got[k], &a);
        }
        sigma_matcher_destroy(m);
        sigma_matcher_destroy(n);
        sigma_engine_destroy(engine);
        sigma_engine_destroy(copy);
        sigma_set_free(&set);
        sigma_set_free(&read);
        buf_free(&body);
        buf_free(&later);
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_used_while_nothing_changes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_change_is_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(test_times_tell, setup, teardown),
        cmocka_unit_test_setup_teardown(test_altered_is_not_used, setup, teardown),
        cmocka_unit_test_setup_teardown(test_altered_while_in_use, setup, teardown),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_decoded_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
