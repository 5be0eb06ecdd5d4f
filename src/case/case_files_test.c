// SPDX-License-Identifier: Apache-2.0
// Small files of evidence, many to a transaction.
#include "case/case_internal.h"
#include "case/case_testing.h"

static void add_known(struct case_file *c, const char *path, uint8_t hash, int count)
{
    struct err e;
    int64_t evidence;
    assert_true(case_evidence_begin_known(c, slice_from_str(path), &evidence, &e));
    add_findings(c, evidence, count);
    struct case_evidence row = example_row(path, count ? STATE_READ : STATE_NOT_READ, hash);
    assert_true(case_evidence_end(c, &row, &e));
}

// Files that are known beforehand, between others; a case that cannot be written loses those since
// the last commit, and no more.
static void test_files_known_before(void **state)
{
    struct fixture *f = *state;
    struct err e;
    int64_t evidence;
    struct case_file *c = must_create_with_rule(f->path);
    add_known(c, "a.evtx", 1, 3);
    add_known(c, "a.txt", 2, 0);
    add_file(c, "b.evtx", 3, 4, false); // takes nothing of a.evtx along, which waits
    assert_true(case_evidence_abandon(c, &e));
    add_file(c, "b.evtx", 3, 5, true);
    add_known(c, "c.evtx", 4, 6);
    assert_int_equal(read_findings(c).findings, 14);
    assert_true(case_evidence_flush(c, &e));

    add_known(c, "d.evtx", 5, 7);
    assert_true(case_evidence_begin_known(c, SLICE("e.evtx"), &evidence, &e));
    assert_int_equal(evidence, 6);
    add_findings(c, evidence, 8);
    struct case_evidence row = example_row("e.evtx", STATE_DUPLICATE, 1);
    assert_false(case_evidence_end(c, &row, &e)); // it has rows, which cannot be taken back
    assert_true(case_evidence_abandon(c, &e));
    assert_int_equal(read_findings(c).findings, 14);
    add_known(c, "d.evtx", 5, 9);
    assert_int_equal(read_findings(c).findings, 23);
    assert_true(case_evidence_begin_known(c, SLICE("e.evtx"), &evidence, &e));
    add_findings(c, evidence, 8); // left open
    case_close(c);
    assert_int_equal(count_rows(f->path, "SELECT count(*) FROM finding"), 14);
    assert_int_equal(count_rows(f->path, "SELECT count(*) FROM evidence"), 4);
    assert_int_equal(count_rows(f->path, "SELECT max(evidence) FROM event"), 4);
}

// Whatever fails, a file is in the case whole or not at all, even if there is room again at the
// end.
static void test_full_disk(void **state)
{
    struct fixture *f = *state;
    struct err e;
    bool ok = true;
    struct case_file *c = must_create_with_rule(f->path);
    add_known(c, "a.evtx", 1, 3);
    assert_true(case_evidence_flush(c, &e));
    assert_int_equal(sqlite3_exec(c->db, "PRAGMA max_page_count = 60", NULL, NULL, NULL),
                     SQLITE_OK);
    for (int i = 0; ok && i < 100000; i++) {
        int64_t evidence, event;
        struct case_evidence row = example_row("b.evtx", STATE_READ, 2);
        ok = case_evidence_begin_known(c, row.path, &evidence, &e);
        for (uint64_t k = 1; ok && k <= 3; k++) {
            struct finding_event ev = example_event(k * 100, 5);
            struct finding found = {.rule = 1};
            ok = case_add_event(c, evidence, &ev, &event, &e) &&
                 case_add_finding(c, event, &found, &e);
        }
        ok = ok && case_evidence_end(c, &row, &e);
    }
    assert_false(ok);
    assert_int_equal(sqlite3_exec(c->db, "PRAGMA max_page_count = 100000", NULL, NULL, NULL),
                     SQLITE_OK);
    case_close(c);
    int files = count_rows(f->path, "SELECT count(*) FROM evidence");
    assert_true(files >= 1);
    assert_int_equal(count_rows(f->path, "SELECT count(*) FROM finding"), 3 * files);
    assert_int_equal(count_rows(f->path, "SELECT count(*) FROM event_text"), 3 * files);
}

struct files_seen {
    int files, logs;
};

static bool see_file(void *user, const struct case_evidence *row)
{
    struct files_seen *s = user;
    char path[32];
    int n = snprintf(path, sizeof path, "%d.evtx", s->files++);
    bool third = row->id % 3 == 0;
    assert_int_equal(row->id, s->files);
    assert_true(slice_equal(row->path, slice_of(path, (size_t)n)));
    assert_true(slice_equal_str(row->kind, "Windows event log") && row->reason.len == 0);
    assert_int_equal(row->size, 69632);
    assert_int_equal(row->has_hash, !third);
    assert_true(third || row->sha256.bytes[31] == (uint8_t)(row->id - 1));
    assert_int_equal(row->modified, third ? 0 : 132000000000000000u);
    assert_int_equal(row->events, 7);
    assert_int_equal(row->damaged, 1);
    assert_int_equal(row->state, third ? STATE_PARTLY_READ : STATE_READ);
    assert_int_equal(row->duplicate_of, 0);
    return true;
}

static bool see_log(void *user, const struct case_log *log)
{
    struct files_seen *s = user;
    bool named = s->logs++ % 2 == 0;
    assert_int_equal(log->evidence, s->logs);
    assert_true(slice_equal_str(log->host, named ? "PC-1" : ""));
    assert_true(slice_equal_str(log->channel, named ? "" : "Security"));
    assert_true(log->events == 7 && log->first_record == 0 && log->last_record == 9);
    assert_int_equal(log->first, named ? 0 : 5);
    assert_int_equal(log->last, 6);
    return true;
}

// More small files than wait at once; each is there with its hash from its end on.
static void test_many_files(void **state)
{
    enum { MANY = 200 };
    struct fixture *f = *state;
    struct err e;
    struct files_seen seen = {0};
    struct case_file *c = must_create(f->path);
    for (int i = 0; i < MANY; i++) {
        char path[32];
        int64_t id;
        int n = snprintf(path, sizeof path, "%d.evtx", i);
        bool third = i % 3 == 2, named = i % 2 == 0;
        struct case_evidence row = example_row(path, third ? STATE_PARTLY_READ : STATE_READ, 0);
        row.has_hash = !third;
        row.sha256.bytes[31] = (uint8_t)i; // all begin alike
        row.modified = third ? 0 : 132000000000000000u;
        assert_int_equal(case_evidence_with_hash(c, &row.sha256), 0);
        assert_true(case_evidence_begin_known(c, slice_of(path, (size_t)n), &id, &e));
        struct case_log log = {id,
                               named ? SLICE("PC-1") : SLICE(""),
                               named ? SLICE("") : SLICE("Security"),
                               7,
                               named ? 0 : 5,
                               6,
                               0,
                               9};
        assert_true(case_add_log(c, &log, &e) && case_evidence_end(c, &row, &e));
        assert_int_equal(case_evidence_with_hash(c, &row.sha256), third ? 0 : id);
    }
    struct case_evidence first = example_row("", STATE_READ, 0),
                         other = example_row("", STATE_READ, 7);
    assert_int_equal(case_evidence_with_hash(c, &first.sha256), 1);
    assert_int_equal(case_evidence_with_hash(c, &other.sha256), 0);
    assert_true(case_each_evidence(c, see_file, &seen, &e) && case_each_log(c, see_log, &seen, &e));
    assert_int_equal(seen.files, MANY);
    assert_int_equal(seen.logs, MANY);
    case_close(c);
    assert_int_equal(count_rows(f->path, "SELECT count(*) FROM evidence"), MANY);
    c = must_open(f->path, true); // what was there before is known as well
    assert_int_equal(case_evidence_with_hash(c, &first.sha256), 1);
    case_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_files_known_before, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_full_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_files, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
