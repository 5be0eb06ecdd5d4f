// SPDX-License-Identifier: Apache-2.0
// Cases that were altered or damaged.
#include "case/case_testing.h"

#include <fcntl.h>
#include <sys/stat.h>

// An audit that goes on in a case whose ids were altered is refused, and does not count over the
// end.
static void test_altered_ids(void **state)
{
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = must_create(f->path);
    add_file(c, "a.evtx", 1, 1, true);
    case_close(c);
    static const char *const altered[] = {"9223372036854775807", "9223372036854775806", "-7"};
    for (size_t i = 0; i < sizeof altered / sizeof *altered; i++) {
        char sql[100];
        int64_t evidence, event;
        struct finding_event ev = example_event(100, 5);
        snprintf(sql, sizeof sql, "UPDATE event SET id = %s", altered[i]);
        run_sql(f->path, sql);
        c = must_open(f->path, true);
        assert_true(case_evidence_begin(c, SLICE("b"), 0, &evidence, &e));
        assert_false(case_add_event(c, evidence, &ev, &event, &e));
        assert_int_equal(e.code, ERR_FORMAT);
        case_close(c);
    }
}

static void expect_refused(const char *path, enum err_code code, const char *part)
{
    struct case_file *c = NULL;
    struct err e = {0};
    assert_false(case_open(path, false, &c, &e));
    assert_null(c);
    if (!strstr(e.message, part))
        fail_msg("'%s' does not say '%s'", e.message, part);
    assert_int_equal(e.code, code);
}

static void test_hostile_cases(void **state)
{
    struct fixture *f = *state;
    expect_refused(f->path, ERR_IO, "No such file");
    FILE *not_a_case = fopen(f->path, "w");
    fputs("not a case", not_a_case);
    fclose(not_a_case);
    expect_refused(f->path, ERR_FORMAT, "is not a case file");
    static const struct {
        const char *sql, *says;
        enum err_code code;
    } attacks[] = {
        {"PRAGMA application_id = 1", "is not a case file", ERR_FORMAT},
        {"PRAGMA user_version = 99", "newer vigie", ERR_UNSUPPORTED},
        {"DROP TABLE finding; CREATE VIEW finding AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
         "SELECT i + 1 FROM n) "
         "SELECT i AS id, 1 AS rule, 1 AS event, 1 AS time, '' AS fields FROM n",
         "altered", ERR_FORMAT},
        {"CREATE TRIGGER t AFTER INSERT ON setting BEGIN DELETE FROM finding; END", "altered",
         ERR_FORMAT},
        {"CREATE INDEX other ON finding (time + 1)", "altered", ERR_FORMAT},
        {"DROP TABLE log", "missing", ERR_FORMAT},
        {"DROP TABLE log; CREATE TABLE log (id INTEGER PRIMARY KEY)", "altered", ERR_FORMAT},
    };
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        unlink(f->path);
        case_close(must_create(f->path));
        run_sql(f->path, attacks[i].sql);
        expect_refused(f->path, attacks[i].code, attacks[i].says);
    }
    unlink(f->path);
    case_close(must_create(f->path));
    // A user's own tables and views are fine.
    run_sql(f->path, "CREATE TABLE my_notes (t TEXT); CREATE VIEW mine AS SELECT * FROM finding");
    case_close(must_open(f->path, false));
}

// Every byte of a small case turned over, one at a time: opening and reading either works or says
// why.
static void test_damaged_cases(void **state)
{
    struct fixture *f = *state;
    struct err e;
    struct case_file *c = must_create_with_rule(f->path);
    add_file(c, "a.evtx", 1, 5, true);
    assert_true(case_complete(c, &e));
    case_close(c);
    int fd = open(f->path, O_RDWR);
    struct stat st;
    fstat(fd, &st);
    int refused = 0, read = 0;
    for (off_t at = 0; at < st.st_size; at += 151) {
        uint8_t byte, turned;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        turned = (uint8_t)~byte;
        assert_int_equal(pwrite(fd, &turned, 1, at), 1);
        if (case_open(f->path, false, &c, &e)) {
            struct seen s = {0};
            struct case_summary sum;
            read += case_each_finding(c, see_finding, &s, &e) && case_summarise(c, &sum, &e);
            case_close(c);
        } else {
            refused++;
            assert_true(e.message[0] != 0);
        }
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    close(fd);
    assert_true(refused > 10 && read > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_altered_ids, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hostile_cases, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_cases, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
