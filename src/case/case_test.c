// SPDX-License-Identifier: Apache-2.0
#include "case/case_internal.h"
#include "case/case_testing.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_write_then_read(void **state)
{
    struct fixture *f = *state;
    struct err e;
    struct stat st;
    mode_t old = umask(0);
    struct case_file *c = must_create(f->path);
    umask(old);
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    struct finding_rule rule = example_rule(1, LEVEL_HIGH, SLICE("id-1")),
                        unused = example_rule(2, LEVEL_LOW, SLICE("id-2"));
    assert_true(case_add_rule(c, &rule, &e) && case_add_rule(c, &unused, &e));
    assert_true(case_set(c, "program", SLICE("vigie 0"), &e));
    add_file(c, "a.evtx", 1, 3, true);
    assert_true(case_complete(c, &e));
    case_close(c);

    c = must_open(f->path, false);
    assert_true(case_is_complete(c));
    struct seen s = read_findings(c);
    assert_int_equal(s.findings, 3);
    assert_true(s.ordered);
    assert_int_equal(s.fields, 2);
    assert_true(slice_equal(slice_of(s.second, s.second_len), example_fields[1].value));
    struct case_summary sum;
    assert_true(case_summarise(c, &sum, &e));
    assert_int_equal(sum.findings_by_level[LEVEL_HIGH], 3);
    assert_int_equal(sum.events, 7);
    assert_int_equal(sum.damaged, 1);
    assert_int_equal(sum.evidence_by_state[STATE_READ], 1);
    assert_int_equal(sum.first_finding, 132000000000000001u);
    assert_int_equal(sum.last_finding, 132000000000000003u);
    assert_false(case_set(c, "program", SLICE("changed"), &e)); // opened for reading
    case_close(c);
}

static void test_event_is_kept_once(void **state)
{
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = must_create(f->path);
    int64_t evidence, one = 0, two = 0, three = 0;
    struct finding_event ev = example_event(100, 5), later = example_event(200, 6);
    assert_true(case_evidence_begin(c, SLICE("a"), 0, &evidence, &e));
    assert_true(case_add_event(c, evidence, &ev, &one, &e) &&
                case_add_event(c, evidence, &ev, &two, &e));
    assert_true(case_add_event(c, evidence, &later, &three, &e));
    assert_int_equal(one, two);
    assert_int_not_equal(one, three);
    case_close(c);
}

// No text is a text, not NULL, which the table refuses.
static void test_event_without_text(void **state)
{
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = must_create(f->path);
    int64_t evidence, event;
    struct finding_event ev = example_event(100, 5);
    ev.json = (struct slice){0};
    assert_true(case_evidence_begin(c, SLICE("a"), 0, &evidence, &e));
    assert_true(case_add_event(c, evidence, &ev, &event, &e));
    struct case_evidence row = example_row("a", STATE_READ, 1);
    if (!case_evidence_end(c, &row, &e))
        fail_msg("%s", e.message);
    case_close(c);
    assert_int_equal(count_rows(f->path, "SELECT count(*) FROM event_text WHERE json = ''"), 1);
}

// What was added while no file of evidence is open is kept, whether a transaction is or not.
static void test_added_between_files(void **state)
{
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = must_create_with_rule(f->path);
    struct finding found = {.rule = 1};
    add_file(c, "a.evtx", 1, 1, true);
    assert_true(case_add_finding(c, 1, &found, &e)); // in the transaction of the file
    assert_true(case_evidence_flush(c, &e));
    assert_true(case_add_finding(c, 1, &found, &e)); // in none
    assert_true(case_evidence_flush(c, &e));
    add_file(c, "b.evtx", 2, 1, true);
    assert_true(case_add_match(c, 2, 1, NULL, 0, &e));
    case_close(c);
    assert_int_equal(count_rows(f->path, "SELECT count(*) FROM finding"), 4);
    assert_int_equal(count_rows(f->path, "SELECT count(*) FROM match"), 1);
}

// Rows that wait when a file of evidence begins belong to what was before it: they stay when it is
// taken back.
static void test_added_before_a_file(void **state)
{
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = must_create_with_rule(f->path);
    struct finding found = {.rule = 1};
    add_file(c, "a.evtx", 1, 1, true);
    assert_true(case_add_finding(c, 1, &found, &e));
    add_file(c, "b.evtx", 2, 3, false);
    assert_true(case_evidence_abandon(c, &e));
    case_close(c);
    assert_int_equal(count_rows(f->path, "SELECT count(*) FROM finding"), 2);
}

struct one_host {
    char text[20];
};

static bool see_host(void *user, const struct case_finding *f)
{
    struct one_host *s = user;
    snprintf(s->text, sizeof s->text, "%.*s", SLICE_FMT(f->host));
    return true;
}

// A name that was taken back leaves its id to another one.
static void test_names_taken_back(void **state)
{
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = must_create_with_rule(f->path);
    static const char *const hosts[] = {"PC-1", "PC-2"};
    for (size_t i = 0; i < 2; i++) {
        int64_t evidence, event;
        struct one_host seen = {0};
        struct finding found = {.rule = 1};
        struct finding_event ev = example_event(100, 5);
        ev.host = slice_from_str(hosts[i]);
        assert_true(case_evidence_begin(c, SLICE("a"), 0, &evidence, &e));
        assert_true(case_add_event(c, evidence, &ev, &event, &e));
        assert_true(case_add_finding(c, event, &found, &e));
        assert_true(case_each_finding(c, see_host, &seen, &e));
        assert_string_equal(seen.text, hosts[i]);
        assert_true(case_evidence_abandon(c, &e));
    }
    case_close(c);
}

static bool count_damage(void *user, const struct case_damage *d)
{
    assert_int_equal(d->evidence, 1);
    ++*(int *)user;
    return true;
}

static void test_damage_is_capped(void **state)
{
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = must_create(f->path);
    int64_t evidence;
    int rows = 0;
    assert_true(case_evidence_begin(c, SLICE("a"), 0, &evidence, &e));
    for (int i = 0; i < 5000; i++) {
        struct case_damage d = {evidence, (uint64_t)i, SLICE("a record with a bad size")};
        assert_true(case_add_damage(c, &d, &e));
    }
    struct case_evidence row = example_row("a", STATE_PARTLY_READ, 1);
    assert_true(case_evidence_end(c, &row, &e));
    assert_true(case_each_damage(c, count_damage, &rows, &e));
    assert_int_equal(rows, 100);
    case_close(c);
}

static void test_duplicate_drops_what_was_added(void **state)
{
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = must_create_with_rule(f->path);
    add_file(c, "a.evtx", 1, 3, true);
    struct sha256_digest hash;
    memset(hash.bytes, 1, 32);
    assert_int_equal(case_evidence_with_hash(c, &hash), 1);
    add_file(c, "b.evtx", 1, 3, false);
    struct case_evidence row = example_row("b.evtx", STATE_DUPLICATE, 1);
    row.duplicate_of = 1;
    assert_true(case_evidence_end(c, &row, &e));
    memset(hash.bytes, 2, 32);
    assert_int_equal(case_evidence_with_hash(c, &hash), 0);
    add_file(c, "c.evtx", 2, 3, true); // names interned in the dropped part must exist again
    assert_int_equal(case_evidence_with_hash(c, &hash), 3);
    struct seen s = read_findings(c);
    assert_int_equal(s.findings, 6);
    case_close(c);
}

// The program is killed in the middle of its second file; the first is there, and the audit goes
// on.
static void test_killed_then_resumed(void **state)
{
    struct fixture *f = *state;
    struct err e;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct case_file *c = must_create(f->path);
        struct finding_rule rule = example_rule(1, LEVEL_HIGH, SLICE("id-1"));
        if (!case_add_rule(c, &rule, &e))
            _exit(1);
        add_file(c, "same.evtx", 1, 20000, true);
        if (!case_evidence_flush(c, &e))
            _exit(1);
        add_file(c, "small.evtx", 3, 10, true); // in the same transaction as what follows
        add_file(c, "b.evtx", 2, 40000, false); // so much that it lies in the file already
        kill(getpid(), SIGKILL);
    }
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));

    struct case_file *c = must_open(f->path, false); // a report of what is there
    assert_false(case_is_complete(c));
    assert_int_equal(read_findings(c).findings, 20000);
    case_close(c);

    c = must_open(f->path, true);
    assert_true(case_evidence_done(c, SLICE("same.evtx")));
    assert_false(case_evidence_done(c, SLICE("same.evtx"))); // met a second time: not yet done
    assert_false(case_evidence_done(c, SLICE("small.evtx")));
    assert_false(case_evidence_done(c, SLICE("b.evtx")));
    add_file(c, "b.evtx", 2, 5, true);
    assert_true(case_complete(c, &e));
    case_close(c);
    c = must_open(f->path, false);
    assert_int_equal(read_findings(c).findings, 20005);
    case_close(c);
    char journal[128];
    snprintf(journal, sizeof journal, "%s-journal", f->path);
    assert_int_equal(access(journal, F_OK), -1);
}

// A file that is abandoned takes nothing of the files before it along, nor does one that turns out
// to be a duplicate.
static void test_files_of_one_transaction(void **state)
{
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = must_create_with_rule(f->path);
    add_file(c, "a.evtx", 1, 3, true);
    add_file(c, "b.evtx", 1, 4, false);
    struct case_evidence row = example_row("b.evtx", STATE_DUPLICATE, 1);
    assert_true(case_evidence_end(c, &row, &e));
    add_file(c, "c.evtx", 2, 5, true);
    assert_int_equal(read_findings(c).findings, 8);
    add_file(c, "d.evtx", 3, 6, false);
    assert_int_equal(read_findings(c).findings, 14);
    assert_true(case_evidence_abandon(c, &e));
    assert_int_equal(read_findings(c).findings, 8);
    int64_t evidence, event; // a large one, which has its own transaction
    struct finding_event ev = example_event(100, 5);
    ev.host = SLICE("PC-2");
    struct finding found = {.rule = 1};
    assert_true(case_evidence_begin(c, SLICE("e.evtx"), UINT64_MAX, &evidence, &e) &&
                case_add_event(c, evidence, &ev, &event, &e) &&
                case_add_finding(c, event, &found, &e));
    assert_int_equal(read_findings(c).findings, 9);
    row = example_row("e.evtx", STATE_DUPLICATE, 1);
    assert_true(case_evidence_end(c, &row, &e));
    assert_int_equal(read_findings(c).findings, 8);
    add_file(c, "d.evtx", 3, 7, false); // left open
    case_close(c);
    assert_int_equal(count_rows(f->path, "SELECT count(*) FROM finding"), 8);
    assert_int_equal(count_rows(f->path, "SELECT count(*) FROM host"), 1);
    assert_int_equal(count_rows(f->path, "SELECT max(id) FROM evidence"), 4);
}

static void test_format_1(void **state)
{
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = must_create_with_rule(f->path);
    add_file(c, "a.evtx", 1, 3, true);
    case_close(c);
    run_sql(f->path, "PRAGMA user_version = 1; PRAGMA journal_mode = WAL;"
                     "CREATE INDEX finding_time ON finding (time);"
                     "CREATE INDEX finding_rule ON finding (rule, time);"
                     "CREATE INDEX finding_event ON finding (event)");
    c = must_open(f->path, false);
    assert_int_equal(read_findings(c).findings, 3);
    case_close(c);
    c = must_open(f->path, true);
    assert_true(case_evidence_done(c, SLICE("a.evtx")));
    add_file(c, "b.evtx", 2, 2, true);
    assert_true(case_complete(c, &e));
    case_close(c);
    c = must_open(f->path, false);
    assert_int_equal(read_findings(c).findings, 5);
    case_close(c);
}

struct order_seen {
    size_t count;
    bool backwards;
    vtime time;
    uint64_t offset;
    size_t stop_at;
};

static bool see_order(void *user, const struct case_finding *f)
{
    struct order_seen *s = user;
    vtime time = f->time ? f->time : UINT64_MAX;
    bool later = time > s->time || (time == s->time && f->offset > s->offset);
    if (s->count && later == s->backwards)
        fail_msg("finding %zu is out of order", s->count);
    s->time = time;
    s->offset = f->offset;
    return ++s->count != s->stop_at;
}

static bool see_day(void *user, uint64_t day, enum finding_level level, uint64_t count)
{
    assert_int_equal(level, LEVEL_HIGH);
    assert_true(day == 100 || day == 101);
    *(uint64_t *)user += count;
    return true;
}

static bool see_name(void *user, struct slice name)
{
    size_t *n = user;
    char wanted[16];
    snprintf(wanted, sizeof wanted, "PC-%02zu", ++*n);
    if (!slice_equal_str(name, wanted))
        fail_msg("got %.*s, not %s", SLICE_FMT(name), wanted);
    return true;
}

// More findings than their order is held of in memory, met in any order.
static void test_order_of_many(void **state)
{
    enum { MANY = 140009 };
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = must_create_with_rule(f->path);
    int64_t evidence, event;
    assert_true(case_evidence_begin(c, SLICE("a"), 0, &evidence, &e));
    for (uint64_t i = 0; i < MANY; i++) {
        uint64_t place = i * 123457 % MANY;
        vtime day = 100ull * 86400 * VTIME_SECOND;
        struct finding_event ev = example_event(place * 10, day + place / 2 * VTIME_SECOND / 2);
        char host[16];
        if (place >= MANY - 10)
            ev.time = 0;
        ev.json = (struct slice){0};
        // Hosts 01 to 12 first, by time; then others, which sort before them.
        int n = place < 12 ? snprintf(host, sizeof host, "PC-%02d", 12 - (int)place)
                           : snprintf(host, sizeof host, "A-%d", (int)place % 50);
        if (ev.time)
            ev.host = slice_of(host, (size_t)n);
        else
            ev.host = SLICE("PC-01");
        struct finding found = {.rule = 1};
        assert_true(case_add_event(c, evidence, &ev, &event, &e));
        assert_true(case_add_finding(c, event, &found, &e));
    }
    struct case_evidence row = example_row("a", STATE_READ, 1);
    assert_true(case_evidence_end(c, &row, &e));
    struct order_seen all = {0}, of = {0}, some = {0}, back = {.backwards = true},
                      stopped = {.stop_at = 250}, back_all = {.backwards = true};
    assert_true(case_each_finding(c, see_order, &all, &e));
    assert_int_equal(all.count, MANY);
    assert_int_equal(all.time, UINT64_MAX); // undated ones last
    assert_true(case_each_finding_of(c, 1, SIZE_MAX, false, see_order, &of, &e));
    assert_int_equal(of.count, MANY);
    assert_true(case_each_finding_of(c, 1, 205, false, see_order, &some, &e));
    assert_int_equal(some.count, 205);
    assert_true(case_each_finding_of(c, 1, 15, true, see_order, &back, &e));
    assert_int_equal(back.count, 15);
    assert_true(case_each_finding_of(c, 1, SIZE_MAX, true, see_order, &back_all, &e));
    assert_int_equal(back_all.count, MANY);
    assert_true(case_each_finding_of(c, 1, SIZE_MAX, false, see_order, &stopped, &e));
    assert_int_equal(stopped.count, 250);
    assert_true(case_each_finding_of(c, 2, SIZE_MAX, false, see_order, &stopped, &e));
    assert_int_equal(stopped.count, 250);
    uint64_t dated = 0;
    size_t names = 0;
    assert_true(case_each_day(c, see_day, &dated, &e));
    assert_int_equal(dated, MANY - 10);
    assert_true(case_each_name_of(c, 1, CASE_HOSTS, 12, see_name, &names, &e));
    assert_int_equal(names, 12);
    case_close(c);
}

static bool see_match(void *user, const struct case_match *m)
{
    struct seen *s = user;
    s->ordered = (s->findings == 0 || s->ordered) && m->time >= s->last_time;
    s->last_time = m->time;
    s->fields = m->field_count;
    s->findings++;
    return true;
}

static void test_correlations(void **state)
{
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = must_create(f->path);
    struct finding_rule rule = example_rule(9, LEVEL_MEDIUM, SLICE("corr"));
    rule.kind = FINDING_CORRELATION;
    assert_true(case_add_rule(c, &rule, &e));
    int64_t evidence;
    uint64_t ids[50];
    assert_true(case_evidence_begin(c, SLICE("a"), 0, &evidence, &e));
    for (uint64_t i = 0; i < 50; i++) { // later events first
        struct finding_event ev = example_event(i * 100, 1000 - i);
        int64_t id;
        assert_true(case_add_event(c, evidence, &ev, &id, &e));
        assert_true(case_add_match(c, id, 3, example_fields, 2, &e));
        ids[i] = (uint64_t)id;
    }
    struct case_evidence row = example_row("a", STATE_READ, 1);
    assert_true(case_evidence_end(c, &row, &e));
    struct seen s = {0};
    assert_true(case_each_match(c, see_match, &s, &e));
    assert_int_equal(s.findings, 50);
    assert_int_equal(s.fields, 2);
    assert_true(s.ordered);
    struct case_correlation hit = {9, 990, 999, SLICE("User=x"), 5, ids, 5, 5};
    assert_true(case_add_correlation(c, &hit, &e));
    assert_true(case_complete(c, &e));
    case_close(c);
    assert_int_equal(count_rows(f->path, "SELECT count(*) FROM event"),
                     5); // the others served only to be counted
    assert_int_equal(count_rows(f->path, "SELECT count(*) FROM event_text"), 5);
    assert_int_equal(count_rows(f->path, "SELECT count(*) FROM match"), 0);
    c = must_open(f->path, false);
    assert_int_equal(read_findings(c).findings, 1);
    case_close(c);
}

// What SQLite has done since this was last asked, in steps of its machine.
static uint64_t steps_taken(struct case_file *c)
{
    uint64_t steps = 0;
    for (sqlite3_stmt *st = NULL; (st = sqlite3_next_stmt(c->db, st));)
        steps += (uint64_t)sqlite3_stmt_status(st, SQLITE_STMTSTATUS_VM_STEP, 1);
    return steps;
}

// Ten times the findings are ten times the work, not a hundred times.
static void test_work_of_many(void **state)
{
    enum { FEW = 10000, MANY = 10 * FEW };
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = must_create(f->path);
    struct finding_rule rule = example_rule(1, LEVEL_LOW, SLICE("id-1"));
    assert_true(case_add_rule(c, &rule, &e));
    (void)steps_taken(c);
    add_file(c, "a.evtx", 1, FEW, true);
    uint64_t few = steps_taken(c);
    add_file(c, "b.evtx", 2, MANY, true);
    uint64_t many = steps_taken(c);
    assert_true(few > FEW);
    assert_in_range(many, 9 * few, 11 * few);
    case_close(c);
    assert_int_equal(count_rows(f->path, "SELECT count(*) FROM finding"), FEW + MANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_write_then_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_event_is_kept_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damage_is_capped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_duplicate_drops_what_was_added, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_event_without_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_added_between_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_added_before_a_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_names_taken_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_killed_then_resumed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_files_of_one_transaction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_format_1, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_order_of_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_correlations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_work_of_many, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
