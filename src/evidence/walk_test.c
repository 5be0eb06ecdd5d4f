// SPDX-License-Identifier: Apache-2.0
#include "evidence/evidence.h"
#include "evidence/walk_listing.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/vigie-walk-XXXXXX");
    return mkdtemp(folder) ? chdir(folder) : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        execlp("rm", "rm", "-rf", folder, (char *)NULL);
        _exit(1);
    }
    int status;
    waitpid(pid, &status, 0);
    return chdir("/");
}

static void check(const char *const *paths, size_t count, const char *skip,
                  const struct evidence_limits *limits, const char *expect)
{
    struct evidence_walk *w = evidence_walk_create(paths, count, skip, limits);
    struct buf out = {0};
    walk_list(w, &out, 1, "");
    assert_string_equal((const char *)out.at, expect);
    if (!limits)
        assert_int_equal(evidence_walk_consumed(w), evidence_count_bytes(paths, count, skip));
    evidence_walk_destroy(w);
    buf_free(&out);
}

#define CHECK(skip, limits, expect, ...)                                                           \
    check((const char *const[]){__VA_ARGS__},                                                      \
          sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), skip, limits, expect)

static void test_folder(void **state)
{
    (void)state;
    assert_int_equal(
        mkdir("in", 0700) | mkdir("in/B", 0700) | mkdir("in/a", 0700) | mkdir("in/none", 0700), 0);
    write_file("in/B/log", "ElfFil");
    write_file("in/B/Log", "text");
    write_file("in/a.evtx", "");
    write_file("in/a/x.txt", "hello");
    write_file("in/z.evtx", "not what it says");
    assert_int_equal(symlink("../..", "in/a/up") | symlink("z.evtx", "in/link") |
                         symlink("gone", "in/broken"),
                     0);
    assert_int_equal(symlink("self", "in/self") | mkfifo("in/pipe", 0600), 0);
    CHECK(NULL, NULL,
          "other in/B/Log 4\n"
          "other in/B/log 6\n"
          "skipped in/a/up (symbolic link to ../..; links inside a folder are not followed)\n"
          "other in/a/x.txt 5\n"
          "empty in/a.evtx 0\n"
          "skipped in/broken (symbolic link to gone; links inside a folder are not followed)\n"
          "skipped in/link (symbolic link to z.evtx; links inside a folder are not followed)\n"
          "skipped in/pipe (not a file with contents; not opened)\n"
          "skipped in/self (symbolic link to self; links inside a folder are not followed)\n"
          "other in/z.evtx 16\n",
          "in/");
}

static void test_arguments(void **state)
{
    (void)state;
    write_file("one", "1");
    assert_int_equal(symlink("one", "link") | symlink("loop", "loop") | mkdir("dir", 0700) |
                         symlink("dir", "dirlink"),
                     0);
    write_file("dir/two", "22");
    CHECK(NULL, NULL,
          "other one 1\n"
          "other link 1\n"
          "unreadable loop (symbolic links that lead in a circle)\n"
          "unreadable gone (No such file or directory)\n"
          "other dirlink/two 2\n"
          "skipped /dev/null (not a file with contents; not opened)\n"
          "skipped /proc (a view of the running system, not stored files)\n",
          "one", "link", "loop", "gone", "dirlink", "/dev/null", "/proc");
}

static void test_output_folder(void **state)
{
    (void)state;
    assert_int_equal(mkdir("in", 0700) | mkdir("in/out", 0700) | mkdir("in/out/deep", 0700), 0);
    write_file("in/out/deep/case", "x");
    write_file("in/a", "x");
    static const char *const skipped = "(the folder that this audit writes to)";
    char expect[400];
    snprintf(
        expect, sizeof expect,
        "other in/a 1\nskipped in/out %s\nskipped in/out/deep %s\nskipped in/out/deep/case %s\n",
        skipped, skipped, skipped);
    CHECK("in/out", NULL, expect, "in", "in/out/deep", "in/out/deep/case");
}

static void test_limits(void **state)
{
    (void)state;
    assert_int_equal(mkdir("d", 0700) | mkdir("d/d", 0700) | mkdir("d/d/d", 0700), 0);
    write_file("d/d/d/x", "x");
    write_file("d/d/y", "y");
    write_file("e", "e");
    struct evidence_limits limits = {.max_items = 2, .max_folder_depth = 2, .max_archive_depth = 1};
    CHECK(NULL, &limits,
          "skipped d/d/d (folders are nested too deep)\n"
          "other d/d/y 1\n"
          "skipped (more) (there are more files than the limit: the rest was not looked at)\n",
          "d", "e");
}

static void test_names(void **state)
{
    (void)state;
    assert_int_equal(mkdir("in", 0700), 0);
    write_file("in/bad\xff\xc3name", "x");
    write_file("in/\x1b[31m\n", "x");
    CHECK(NULL, NULL, "other in/\x1b[31m\n 1\nother in/bad\xef\xbf\xbd\xef\xbf\xbdname 1\n", "in");
}

// Whoever is not root is refused; root is not, so the walk runs as nobody.
static void test_unreadable(void **state)
{
    (void)state;
    assert_int_equal(mkdir("in", 0755) | mkdir("in/closed", 0700), 0);
    write_file("in/closed/x", "x");
    write_file("in/secret", "x");
    write_file("in/z", "x");
    assert_int_equal(chmod("in/z", 0644) | chmod(folder, 0755) | chmod("in/secret", 0) |
                         chmod("in/closed", 0),
                     0);
    pid_t pid = fork();
    if (pid == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(2);
        const char *const paths[] = {"in"};
        struct evidence_walk *w = evidence_walk_create(paths, 1, NULL, NULL);
        struct buf out = {0};
        walk_list(w, &out, 1, "");
        bool ok = strcmp((const char *)out.at,
                         "unreadable in/closed (Permission denied)\n"
                         "unreadable in/secret (Permission denied)\nother in/z 1\n") == 0;
        if (!ok)
            fputs((const char *)out.at, stderr);
        evidence_walk_destroy(w);
        buf_free(&out);
        _exit(ok ? 0 : 1);
    }
    int status;
    waitpid(pid, &status, 0);
    assert_int_equal(chmod("in/closed", 0700), 0);
    assert_int_equal(status, 0);
}

// A file that shrinks while it is read ends; one that vanishes is read on.
static void test_shrinking(void **state)
{
    (void)state;
    int fd = open("big", O_CREAT | O_RDWR, 0600);
    assert_int_equal(ftruncate(fd, 10 << 20), 0);
    const char *const paths[] = {"big"};
    struct evidence_walk *w = evidence_walk_create(paths, 1, NULL, NULL);
    struct evidence_item item;
    assert_true(evidence_walk_next(w, &item));
    assert_int_equal(item.size, 10 << 20);
    static uint8_t buffer[1 << 20];
    size_t got, sum = 0;
    struct err e;
    assert_true(evidence_walk_read(w, buffer, sizeof buffer, &got, &e));
    assert_int_equal(got, sizeof buffer);
    assert_int_equal(ftruncate(fd, 3'000'000), 0);
    assert_int_equal(unlink("big"), 0);
    do {
        assert_true(evidence_walk_read(w, buffer, sizeof buffer, &got, &e));
        sum += got;
    } while (got);
    assert_int_equal(sum + sizeof buffer, 3'000'000);
    assert_false(evidence_walk_next(w, &item));
    evidence_walk_destroy(w);
    close(fd);
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

// Looking must leave no trace: neither access times nor anything else change.
static void test_nothing_changes(void **state)
{
    (void)state;
    assert_int_equal(mkdir("in", 0700), 0);
    write_file("in/a", "text");
    const struct timespec old[2] = {{.tv_sec = 1'000'000'000},
                                    {.tv_sec = 1'500'000'000, .tv_nsec = 123'456'700}};
    assert_int_equal(utimensat(AT_FDCWD, "in/a", old, 0) | utimensat(AT_FDCWD, "in", old, 0), 0);
    const char *const paths[] = {"in"};
    struct evidence_walk *w = evidence_walk_create(paths, 1, NULL, NULL);
    struct evidence_item item;
    assert_true(evidence_walk_next(w, &item));
    assert_int_equal(item.modified, time_from_unix(1'500'000'000, 123'456'700));
    assert_true(item.size_known);
    assert_false(evidence_walk_next(w, &item));
    evidence_walk_destroy(w);
    struct stat file, dir;
    assert_int_equal(stat("in/a", &file) | stat("in", &dir), 0);
    assert_true(same_time(file.st_atim, old[0]) && same_time(file.st_mtim, old[1]));
    assert_true(same_time(dir.st_atim, old[0]) && same_time(dir.st_mtim, old[1]));
}

// What is left unread is skipped.
static void test_unread(void **state)
{
    (void)state;
    assert_int_equal(mkdir("in", 0700), 0);
    write_file("in/a", "1");
    write_file("in/b", "2");
    const char *const paths[] = {"in"};
    struct evidence_walk *w = evidence_walk_create(paths, 1, NULL, NULL);
    struct buf out = {0};
    walk_list(w, &out, 2, "");
    assert_string_equal((const char *)out.at, "other in/a -\nother in/b 1\n");
    evidence_walk_destroy(w);
    buf_free(&out);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_folder),    TEST(test_arguments),       TEST(test_output_folder),
        TEST(test_limits),    TEST(test_names),           TEST(test_unreadable),
        TEST(test_shrinking), TEST(test_nothing_changes), TEST(test_unread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
