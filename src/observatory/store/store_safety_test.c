// SPDX-License-Identifier: Apache-2.0
// What was acknowledged stays: writers are killed in mid-write, the disk is full, pages are broken.
#include "observatory/store/store_internal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define S(literal) SLICE(literal)

struct fixture {
    char folder[64], path[96];
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc_zero(1, sizeof *f);
    snprintf(f->folder, sizeof f->folder, "/tmp/vigied-safety-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof f->path, "%s/r.db", f->folder);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    static const char *const ends[] = {"",          "-wal",          "-shm",     ".copy",
                                       ".damaged",  ".damaged-wal",  ".moved",   ".damaged-shm",
                                       ".copy-wal", ".copy-journal", ".copy-shm"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", f->path, ends[i]);
        unlink(path);
    }
    rmdir(f->folder);
    free(f);
    return 0;
}

static struct store *opened(const char *path, enum store_mode mode)
{
    struct store *s;
    struct err e = {0};
    if (!store_open(path, mode, &s, &e))
        fail_msg("%s", e.message);
    return s;
}

// A record whose summary is of a certain length, so that writes take many pages.
static bool put(struct store *s, const char *title, size_t length, struct err *e)
{
    struct arena a;
    struct record r;
    struct revision made;
    arena_init(&a, 0);
    record_init(&r, schema_kind_find(S("incident")), &a);
    uint8_t *text = arena_bytes(&a, length);
    for (size_t i = 0; i < length; i++)
        text[i] = i % 7 ? (uint8_t)('a' + (i * i) % 26) : ' ';
    record_set(&r, "title", slice_from_str(title));
    record_set(&r, "summary", slice_of(text, length));
    record_set(&r, "type", S("doxing"));
    struct revision_new n = {
        .body = &r, .state = STATE_PUBLISHED, .author = S("a"), .reason = S("b")};
    bool ok = store_revision_add(s, &n, &a, &made, e);
    record_free(&r);
    arena_free(&a);
    return ok;
}

// The child: writes, and tells each acknowledged number through the pipe, until it is killed.
[[gnu::noreturn]] static void write_until_killed(const char *path, int tell, uint32_t from)
{
    struct store *s;
    struct err e = {0};
    if (!store_open(path, STORE_WRITE, &s, &e))
        _exit(1);
    for (uint32_t i = from;; i++) {
        char title[32];
        snprintf(title, sizeof title, "number %u", i);
        if (!put(s, title, 3000, &e) || write(tell, &i, sizeof i) != sizeof i)
            _exit(1);
    }
}

static uint64_t count(struct store *s)
{
    const struct query q = {.kind = "incident"};
    uint64_t n = 0;
    struct err e = {0};
    if (!store_count(s, &q, &n, &e))
        fail_msg("%s", e.message);
    return n;
}

static void killed_writers_lose_nothing(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    uint32_t acknowledged = 0;
    store_close(opened(f->path, STORE_CREATE));
    for (int round = 0; round < 12; round++) {
        int ends[2];
        uint32_t last = acknowledged;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(ends[0]);
            write_until_killed(f->path, ends[1], acknowledged + 1);
        }
        close(ends[1]);
        for (int i = 0; i < 3 + round; i++) // then it is in the middle of the next one
            assert_int_equal(read(ends[0], &last, sizeof last), sizeof last);
        usleep((unsigned)(round * 700));
        assert_int_equal(kill(child, SIGKILL), 0);
        while (read(ends[0], &last, sizeof last) == sizeof last)
            ;
        close(ends[0]);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        struct store *s = opened(f->path, STORE_WRITE);
        if (!store_check(s, &e))
            fail_msg("%s", e.message);
        uint64_t there = count(s);
        assert_true(there >= last && there <= last + 1); // one may be done and not told
        acknowledged = (uint32_t)there;
        store_close(s);
    }
    assert_true(acknowledged > 50);
}

static void a_full_disk_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    struct store *s = opened(f->path, STORE_CREATE);
    assert_true(put(s, "one", 1000, &e));
    assert_true(store_exec(s, "PRAGMA max_page_count = 150", &e));
    int written = 0;
    while (put(s, "more", 20000, &e) && written < 1000)
        written++;
    assert_true(written < 1000);
    if (!strstr(e.message, "no space left"))
        fail_msg("%s", e.message);
    assert_int_equal(count(s), (uint64_t)written + 1);
    // In an outer transaction, which SQLite may have rolled back by itself.
    assert_true(store_begin(s, &e));
    assert_false(put(s, "more", 100000, &e));
    (void)store_commit(s, &e);
    assert_int_equal(s->depth, 0);
    assert_int_equal(count(s), (uint64_t)written + 1);
    assert_true(store_exec(s, "PRAGMA max_page_count = 1000000", &e));
    assert_true(put(s, "again", 100000, &e));
    assert_true(store_check(s, &e));
    assert_int_equal(count(s), (uint64_t)written + 2);
    store_close(s);
}

// The same from the operating system: files may not grow. In a child, since the limit stays.
static void files_that_may_not_grow(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    store_close(opened(f->path, STORE_CREATE));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct store *s;
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){1 << 20, 1 << 20});
        if (!store_open(f->path, STORE_WRITE, &s, &e))
            _exit(1);
        int written = 0;
        while (put(s, "more", 20000, &e) && written < 1000)
            written++;
        uint64_t n = 0;
        const struct query q = {0};
        bool served = store_count(s, &q, &n, &e) && n == (uint64_t)written;
        _exit(served && written > 3 && written < 1000 ? 0 : 2);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    struct store *s = opened(f->path, STORE_WRITE);
    assert_true(store_check(s, &e));
    assert_true(put(s, "after", 100, &e));
    store_close(s);
}

static void overwrite(const char *path, long from)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_int_equal(fseek(file, from, SEEK_SET), 0);
    for (long i = from; i < size; i++)
        fputc(0x5a, file);
    fclose(file);
}

static void a_backup_takes_the_place(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    char copy[128], damaged[128];
    snprintf(copy, sizeof copy, "%s.copy", f->path);
    snprintf(damaged, sizeof damaged, "%s.damaged", f->path);
    struct store *s = opened(f->path, STORE_CREATE);
    for (int i = 0; i < 5; i++)
        assert_true(put(s, "kept", 500, &e));
    assert_true(store_backup(s, copy, &e));
    for (int i = 0; i < 5; i++)
        assert_true(put(s, "too many", 500, &e));
    uint64_t before = store_generation(s);
    assert_false(store_restore(copy, f->path, false, &e)); // it is there
    assert_int_equal(count(s), 10);
    if (!store_restore(copy, f->path, true, &e)) // under an open connection
        fail_msg("%s", e.message);
    assert_int_equal(count(s), 5);
    assert_true(store_generation(s) > before);
    assert_true(put(s, "goes on", 500, &e));
    assert_int_equal(count(s), 6);
    store_close(s);
    // Broken pages inside: replaced in place. No database at all: kept beside.
    overwrite(f->path, 40000);
    if (!store_restore(copy, f->path, true, &e))
        fail_msg("%s", e.message);
    assert_int_not_equal(access(damaged, F_OK), 0);
    s = opened(f->path, STORE_WRITE);
    assert_true(store_check(s, &e) && count(s) == 5);
    store_close(s);
    overwrite(f->path, 0);
    if (!store_restore(copy, f->path, true, &e))
        fail_msg("%s", e.message);
    assert_int_equal(access(damaged, F_OK), 0);
    s = opened(f->path, STORE_WRITE);
    assert_int_equal(count(s), 5);
    store_close(s);
    // A backup that is damaged, empty or the store itself is refused, and nothing changes.
    assert_false(store_restore(f->path, f->path, true, &e));
    overwrite(copy, 40000);
    assert_false(store_restore(copy, f->path, true, &e));
    assert_int_equal(truncate(copy, 0), 0);
    assert_false(store_restore(copy, f->path, true, &e));
    s = opened(f->path, STORE_READ);
    assert_int_equal(count(s), 5);
    store_close(s);
}

static uint64_t generation_of(const char *path)
{
    struct store *s = opened(path, STORE_READ);
    uint64_t generation = store_generation(s);
    store_close(s);
    return generation;
}

// Readers hold pages of the earlier state with tags made of its generation. None may come again:
// not after the store was lost, and not when what is restored had more changes.
static void no_generation_comes_again(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    char copy[128];
    snprintf(copy, sizeof copy, "%s.copy", f->path);
    struct store *s = opened(f->path, STORE_CREATE);
    assert_true(put(s, "kept", 500, &e));
    assert_true(store_backup(s, copy, &e));
    for (int i = 0; i < 5; i++)
        assert_true(put(s, "lost", 500, &e));
    uint64_t shown = store_generation(s);
    store_close(s);
    assert_int_equal(unlink(f->path), 0);
    if (!store_restore(copy, f->path, false, &e))
        fail_msg("%s", e.message);
    assert_true(generation_of(f->path) > shown);
    // What lies there says nothing of its own: it is no database any more.
    overwrite(f->path, 0);
    if (!store_restore(copy, f->path, true, &e))
        fail_msg("%s", e.message);
    assert_true(generation_of(f->path) > shown);
    // A backup whose count is beyond the clock.
    s = opened(copy, STORE_WRITE);
    assert_true(store_exec(s, "UPDATE meta SET value = 1 << 60 WHERE name = 'generation'", &e));
    store_close(s);
    if (!store_restore(copy, f->path, true, &e))
        fail_msg("%s", e.message);
    assert_true(generation_of(f->path) > 1ull << 60);
}

static void older_and_newer_tables(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    int from = 0, to = 0;
    char moved[128];
    snprintf(moved, sizeof moved, "%s.moved", f->path);
    struct store *s = opened(f->path, STORE_CREATE);
    assert_true(store_exec(s, "PRAGMA user_version = 9999", &e));
    store_close(s);
    assert_false(store_open(f->path, STORE_WRITE, &s, &e));
    assert_non_null(strstr(e.message, "newer"));
    assert_false(store_migrate(f->path, &from, &to, &e));
    assert_false(store_open(f->path, STORE_CREATE, &s, &e));
    assert_int_equal(rename(f->path, moved), 0);
    // A store that stopped after the first migration.
    s = store_connect(f->path, true, &e);
    assert_non_null(s);
    assert_true(store_exec(s, store_migrations[0].sql, &e));
    char mark[96];
    snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = 1",
             STORE_APPLICATION_ID);
    assert_true(store_exec(s, mark, &e));
    store_close(s);
    assert_false(store_open(f->path, STORE_WRITE, &s, &e));
    if (!strstr(e.message, "vigied migrate"))
        fail_msg("%s", e.message);
    if (!store_migrate(f->path, &from, &to, &e))
        fail_msg("%s", e.message);
    assert_true(from == 1 && to == store_migration_count);
    s = opened(f->path, STORE_WRITE);
    assert_true(put(s, "works", 100, &e));
    store_close(s);
    assert_true(store_migrate(f->path, &from, &to, &e));
    assert_int_equal(from, to);
}

static void add_titled(struct store *s, const char *title, const char *title_fr)
{
    struct arena a;
    struct record r;
    struct revision out;
    struct err e = {0};
    arena_init(&a, 0);
    record_init(&r, schema_kind_find(SLICE("incident")), &a);
    record_set(&r, "title", slice_from_str(title));
    record_set(&r, "title-fr", slice_from_str(title_fr));
    record_set(&r, "summary-fr", SLICE("Le registre a disparu."));
    record_set(&r, "remark", SLICE("Invented for demonstration: nothing here happened."));
    struct revision_new n = {.body = &r, .state = STATE_PUBLISHED};
    assert_true(store_revision_add(s, &n, &a, &out, &e));
    record_free(&r);
    arena_free(&a);
}

static void first_of(const char *path, struct query q, const char *id, const char *lang)
{
    struct store *s = opened(path, STORE_READ);
    struct arena a;
    struct list_row *rows;
    size_t n;
    uint64_t total;
    struct err e = {0};
    arena_init(&a, 0);
    if (!store_list(s, &q, &a, &rows, &n, &total, &e))
        fail_msg("%s", e.message);
    assert_int_equal(n, 2);
    assert_true(slice_equal_str(rows[0].id, id));
    assert_string_equal(rows[0].snippet_lang ? rows[0].snippet_lang : "", lang);
    arena_free(&a);
    store_close(s);
}

// A store of version 5 had one order of titles and one heap of words, and no mark.
static void one_language_becomes_two(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    int from = 0, to = 0;
    struct store *s = opened(f->path, STORE_CREATE);
    add_titled(s, "A", "Z");
    add_titled(s, "B", "\u00c9");
    static const char back[] =
        "DROP INDEX revision_title_fr; ALTER TABLE revision DROP COLUMN title_key_fr;"
        "ALTER TABLE revision DROP COLUMN reason_lang; ALTER TABLE revision DROP COLUMN "
        "reason_other; UPDATE revision SET title_key = x'';"
        "ALTER TABLE team_merge DROP COLUMN reason_lang;"
        "ALTER TABLE team_merge DROP COLUMN reason_other;"
        "DROP TABLE words; CREATE VIRTUAL TABLE words USING fts5 (title, body,"
        " tokenize = 'unicode61 remove_diacritics 2', prefix = '3');"
        "INSERT INTO words (rowid, title, body) VALUES (1, 'A', 'x'), (2, 'B', 'x');"
        "PRAGMA user_version = 5";
    assert_true(store_exec(s, back, &e));
    store_close(s);
    if (!store_migrate(f->path, &from, &to, &e))
        fail_msg("%s", e.message);
    assert_true(from == 5 && to == store_migration_count);
    first_of(f->path, (struct query){.sort = SORT_TITLE}, "I-000001", "");
    first_of(f->path, (struct query){.sort = SORT_TITLE, .french = true}, "I-000002", "");
    first_of(f->path, (struct query){.words = SLICE("disparu"), .sort = SORT_OLDEST}, "I-000001",
             "fr");
    s = opened(f->path, STORE_READ);
    assert_true(store_invented(s));
    assert_true(store_check(s, &e));
    store_close(s);
}

static int64_t number_of(struct store *s, const char *sql)
{
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_prepare_v2(store_handle(s), sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return n;
}

// Public STIX objects are made again under their new ids; what partners sent stays.
static void stix_objects_are_made_anew(void **state)
{
    struct fixture *f = *state;
    struct err e = {0};
    int from, to;
    struct store *s = store_connect(f->path, true, &e);
    assert_non_null(s);
    for (int i = 0; i < 6; i++)
        assert_true(store_exec(s, store_migrations[i].sql, &e));
    char mark[512];
    snprintf(mark, sizeof mark,
             "UPDATE meta SET value = 9 WHERE name = 'taxii';"
             "INSERT INTO taxii_object VALUES (1, 1, 'a', 't', 'v', '2.1', 1, 1, '{}'),"
             " (2, 3, 'b', 't', 'v', '2.1', 1, 1, '{}'), (3, 4, 'c', 't', 'v', '2.1', 1, 1, '{}');"
             "PRAGMA application_id = %d; PRAGMA user_version = 6",
             STORE_APPLICATION_ID);
    assert_true(store_exec(s, mark, &e));
    store_close(s);
    if (!store_migrate(f->path, &from, &to, &e))
        fail_msg("%s", e.message);
    s = opened(f->path, STORE_READ);
    assert_int_equal(number_of(s, "SELECT count(*) FROM taxii_object"), 1);
    assert_int_equal(number_of(s, "SELECT collection FROM taxii_object"), 4);
    assert_int_equal(number_of(s, "SELECT value FROM meta WHERE name = 'taxii'"), 0);
    store_close(s);
}

// One that takes the place of another that was removed: its pages have other tags.
static void a_new_store_is_another(void **state)
{
    struct fixture *f = *state;
    uint64_t before = (uint64_t)time_to_unix(time_now()) * 1000000;
    struct store *s = opened(f->path, STORE_CREATE);
    assert_true(store_generation(s) > before);
    store_close(s);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(killed_writers_lose_nothing), TEST(a_full_disk_is_an_error),
        TEST(files_that_may_not_grow),     TEST(a_backup_takes_the_place),
        TEST(no_generation_comes_again),   TEST(older_and_newer_tables),
        TEST(stix_objects_are_made_anew),  TEST(a_new_store_is_another),
        TEST(one_language_becomes_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
