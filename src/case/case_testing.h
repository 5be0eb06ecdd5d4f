// SPDX-License-Identifier: Apache-2.0
// Cases for tests: a folder of their own, examples of what is put in, and how it is read back.
#ifndef VIGIE_CASE_CASE_TESTING_H
#define VIGIE_CASE_CASE_TESTING_H

#include "case/case.h"
#include "case/case_read.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct fixture {
    char dir[64];
    char path[96];
};

static inline int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    snprintf(f->dir, sizeof f->dir, "/tmp/vigie-case-XXXXXX");
    if (!mkdtemp(f->dir)) {
        free(f);
        return -1;
    }
    snprintf(f->path, sizeof f->path, "%s/case.vigie", f->dir);
    *state = f;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *f = *state;
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (int i = 0; i < 4; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s", f->path, suffixes[i]);
        unlink(name);
    }
    rmdir(f->dir);
    free(f);
    return 0;
}

static const struct finding_field example_fields[] = {
    {SLICE("Image"), SLICE("C:\\Windows\\System32\\cmd.exe")},
    {SLICE("CommandLine"), SLICE("cmd /c \"dir\"\n\x01 <b>\xd8\xa7")},
    {SLICE("Image"), SLICE("a second value is left out")},
};

static inline struct finding_rule example_rule(uint32_t key, enum finding_level level,
                                               struct slice id)
{
    static const struct slice techniques[] = {SLICE("T1059.003"), SLICE("T1204")};
    static const struct slice innocent[] = {SLICE("An administrator at work.")};
    return (struct finding_rule){.key = key,
                                 .level = level,
                                 .id = id,
                                 .title = SLICE("A shell started"),
                                 .techniques = techniques,
                                 .technique_count = 2,
                                 .false_positives = innocent,
                                 .false_positive_count = 1,
                                 .bundled = true};
}

static inline struct finding_event example_event(uint64_t offset, vtime time)
{
    return (struct finding_event){.time = time,
                                  .offset = offset,
                                  .size = 100,
                                  .record = offset / 100,
                                  .has_record = true,
                                  .event_id = 4688,
                                  .channel = SLICE("Security"),
                                  .provider = SLICE("Microsoft-Windows-Security-Auditing"),
                                  .host = SLICE("PC-1"),
                                  .account = SLICE("tenzin"),
                                  .json = SLICE("{\"Event\":{\"System\":{\"EventID\":4688}}}")};
}

static inline struct case_evidence example_row(const char *path, enum evidence_state state,
                                               uint8_t hash)
{
    struct case_evidence row = {.path = slice_from_str(path),
                                .kind = SLICE("Windows event log"),
                                .size = 69632,
                                .has_hash = true,
                                .events = 7,
                                .damaged = 1,
                                .state = state};
    memset(row.sha256.bytes, hash, 32);
    return row;
}

static inline struct case_file *must_create(const char *path)
{
    struct case_file *c;
    struct err e;
    if (!case_create(path, &c, &e))
        fail_msg("%s", e.message);
    return c;
}

// With rule 1, of which findings can be added.
static inline struct case_file *must_create_with_rule(const char *path)
{
    struct err e;
    struct case_file *c = must_create(path);
    struct finding_rule rule = example_rule(1, LEVEL_HIGH, SLICE("id-1"));
    if (!case_add_rule(c, &rule, &e))
        fail_msg("%s", e.message);
    return c;
}

static inline struct case_file *must_open(const char *path, bool writable)
{
    struct case_file *c;
    struct err e;
    if (!case_open(path, writable, &c, &e))
        fail_msg("%s", e.message);
    return c;
}

static inline int count_rows(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int n = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

static inline void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    char *why = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
    sqlite3_close(db);
}

// `count` findings in the file of evidence that is open, offsets from 100 on.
static inline void add_findings(struct case_file *c, int64_t evidence, int count)
{
    struct err e;
    int64_t event;
    for (int i = 1; i <= count; i++) {
        struct finding_event ev =
            example_event((uint64_t)i * 100, 132000000000000000u + (uint64_t)i);
        struct finding f = {.rule = 1, .fields = example_fields, .field_count = 3};
        assert_true(case_add_event(c, evidence, &ev, &event, &e));
        assert_true(case_add_finding(c, event, &f, &e));
    }
}

static inline void add_file(struct case_file *c, const char *path, uint8_t hash, int count,
                            bool end)
{
    struct err e;
    int64_t evidence;
    assert_true(case_evidence_begin(c, slice_from_str(path), 0, &evidence, &e));
    add_findings(c, evidence, count);
    if (end) {
        struct case_evidence row = example_row(path, STATE_READ, hash);
        assert_true(case_evidence_end(c, &row, &e));
    }
}

struct seen {
    int findings;
    vtime last_time;
    bool ordered;
    // The second field's value; no pointer to it, since this is handed on by value.
    char second[200];
    size_t second_len;
    size_t fields;
};

static inline bool see_finding(void *user, const struct case_finding *f)
{
    struct seen *s = user;
    s->findings++;
    s->ordered = (s->findings == 1 || s->ordered) && f->time >= s->last_time;
    s->last_time = f->time;
    struct arena a;
    arena_init(&a, 0);
    struct case_fields fields = case_finding_fields(f->fields, &a);
    s->fields = fields.count;
    if (fields.count > 1 && fields.at[1].value.len <= sizeof s->second) {
        s->second_len = fields.at[1].value.len;
        memcpy(s->second, fields.at[1].value.at, s->second_len);
    }
    arena_free(&a);
    return true;
}

static inline struct seen read_findings(struct case_file *c)
{
    struct seen s = {0};
    struct err e;
    assert_true(case_each_finding(c, see_finding, &s, &e));
    return s;
}

#endif
