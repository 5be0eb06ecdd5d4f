// SPDX-License-Identifier: Apache-2.0
#include "base/out.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/vigie-out-XXXXXX");
    return mkdtemp(folder) ? chdir(folder) : -1;
}

static size_t count_entries(void)
{
    DIR *d = opendir(".");
    size_t n = 0;
    struct dirent *entry;
    while ((entry = readdir(d)) != NULL)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(d);
    return n;
}

static int tear_down(void **state)
{
    (void)state;
    DIR *d = opendir(".");
    struct dirent *entry;
    while ((entry = readdir(d)) != NULL)
        unlinkat(dirfd(d), entry->d_name, 0);
    closedir(d);
    return chdir("/") == 0 ? rmdir(folder) : -1;
}

static void assert_file(const char *path, const char *expect)
{
    char text[256] = {0};
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_true(read(fd, text, sizeof text - 1) >= 0);
    close(fd);
    assert_string_equal(text, expect);
}

static void write_file(const char *path, const char *text)
{
    struct out *o;
    struct err e;
    assert_true(out_create(path, &o, &e));
    out_printf(o, "%s", text);
    assert_true(out_commit(o, &e));
}

static void test_commit(void **state)
{
    (void)state;
    struct out *o;
    struct err e;
    assert_true(out_create("a.txt", &o, &e));
    out_write(o, SLICE("one "));
    assert_int_not_equal(access("a.txt", F_OK), 0);
    out_printf(o, "%d", 2);
    assert_true(out_commit(o, &e));
    assert_file("a.txt", "one 2");
    struct stat st;
    assert_int_equal(stat("a.txt", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(count_entries(), 1);
}

static void test_large(void **state)
{
    (void)state;
    struct out *o;
    struct err e;
    static uint8_t block[300'000];
    assert_true(out_create("big", &o, &e));
    for (int i = 0; i < 5; i++)
        out_write(o, slice_of(block, sizeof block));
    for (int i = 0; i < 100'000; i++)
        out_write(o, SLICE("abc"));
    out_printf(o, "%0600d", 1);
    assert_true(out_commit(o, &e));
    struct stat st;
    assert_int_equal(stat("big", &st), 0);
    assert_int_equal(st.st_size, 5 * 300'000 + 300'000 + 600);
}

static void test_abort_keeps_the_old(void **state)
{
    (void)state;
    write_file("a.txt", "old");
    struct out *o;
    struct err e;
    assert_true(out_create("a.txt", &o, &e));
    out_write(o, SLICE("new"));
    out_abort(o);
    out_abort(NULL);
    assert_file("a.txt", "old");
    assert_int_equal(count_entries(), 1);
    write_file("a.txt", "newer");
    assert_file("a.txt", "newer");
}

// A file that may not grow is what a full disk looks like to a program.
static void test_full_disk_keeps_the_old(void **state)
{
    (void)state;
    write_file("a.txt", "old");
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before, small;
    getrlimit(RLIMIT_FSIZE, &before);
    small = (struct rlimit){.rlim_cur = 100'000, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct out *o;
    struct err e = {0};
    assert_true(out_create("a.txt", &o, &e));
    for (int i = 0; i < 100'000; i++)
        out_write(o, SLICE("abc"));
    bool ok = out_commit(o, &e);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_false(ok);
    assert_int_equal(e.code, ERR_IO);
    assert_non_null(strstr(e.message, "a.txt"));
    assert_file("a.txt", "old");
    assert_int_equal(count_entries(), 1);
}

static void test_no_folder(void **state)
{
    (void)state;
    struct out *o;
    struct err e;
    assert_false(out_create("none/a.txt", &o, &e));
    assert_non_null(strstr(e.message, "No such file"));
}

static void test_make_folder(void **state)
{
    (void)state;
    struct err e;
    assert_true(out_make_folder("x/y/z/", &e));
    assert_true(out_make_folder("x/y/z", &e));
    struct stat st;
    assert_int_equal(stat("x/y/z", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_false(out_make_folder("", &e));
    write_file("file", "x");
    assert_false(out_make_folder("file/y", &e));
    assert_false(out_make_folder("file", &e));
    assert_int_equal(rmdir("x/y/z") | rmdir("x/y") | rmdir("x"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_commit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_large, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_abort_keeps_the_old, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_full_disk_keeps_the_old, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_make_folder, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
