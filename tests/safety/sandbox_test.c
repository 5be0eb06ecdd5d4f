// SPDX-License-Identifier: Apache-2.0
// Enters the sandbox and then tries what an intruder in a reader of evidence would try. Each case
// runs in a process of its own, since there is no way back. Usage: sandbox-test; prints a line a
// case and exits 1 when one of them failed.
#include "base/sandbox.h"
#include "base/sanitized.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utime.h>

// A test's folders: out is writable, else is not. The process stands in the folder that holds both.
#define OUTSIDE "else/victim.txt"

static bool refused(long result)
{
    // ENOSYS: a call that the filter pretends not to know. EACCES, EXDEV: Landlock.
    return result < 0 && (errno == EPERM || errno == EACCES || errno == ENOSYS || errno == EXDEV);
}

static bool victim_is_whole(void)
{
    struct stat st;
    return stat(OUTSIDE, &st) == 0 && st.st_size == 6 && (st.st_mode & 0777) == 0640 &&
           st.st_mtime == 1'000'000'000;
}

static bool try_inet(void)
{
    return refused(socket(AF_INET, SOCK_STREAM, 0)) && refused(socket(AF_INET6, SOCK_DGRAM, 0));
}

static bool try_unix(void)
{
    int pair[2];
    return refused(socket(AF_UNIX, SOCK_STREAM, 0)) &&
           refused(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

static bool try_raw(void)
{
    return refused(socket(AF_NETLINK, SOCK_RAW, 0)) && refused(socket(AF_PACKET, SOCK_RAW, 0));
}

static bool try_io_uring(void)
{
    uint8_t parameters[256] = {0};
    return refused(syscall(SYS_io_uring_setup, 4, parameters));
}

static bool try_open_to_write(void)
{
    return refused(open(OUTSIDE, O_WRONLY)) && refused(open(OUTSIDE, O_RDWR)) &&
           refused(open(OUTSIDE, O_WRONLY | O_APPEND)) && victim_is_whole();
}

static bool try_open_to_truncate(void)
{
    return refused(open(OUTSIDE, O_RDONLY | O_TRUNC)) &&
           refused(open(OUTSIDE, O_WRONLY | O_TRUNC)) && victim_is_whole();
}

static bool try_make_file(void)
{
    return refused(open("else/new.txt", O_CREAT | O_WRONLY, 0600)) &&
           access("else/new.txt", F_OK) != 0 && refused(mkdir("else/folder", 0700)) &&
           refused(mkfifo("else/pipe", 0600));
}

static bool try_truncate(void)
{
    return refused(truncate(OUTSIDE, 0)) && victim_is_whole();
}

static bool try_rename(void)
{
    return refused(rename(OUTSIDE, "out/taken.txt")) && refused(rename("out/mine.txt", OUTSIDE)) &&
           refused(rename(OUTSIDE, "else/other.txt")) && victim_is_whole() &&
           access("out/mine.txt", F_OK) == 0;
}

static bool try_link(void)
{
    return refused(link(OUTSIDE, "out/link.txt")) && refused(symlink("/etc/passwd", "out/sym"));
}

static bool try_unlink(void)
{
    return refused(unlink(OUTSIDE)) && refused(rmdir("else")) && victim_is_whole();
}

static bool try_times(void)
{
    struct timespec now[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
    int fd = open(OUTSIDE, O_RDONLY);
    bool ok = fd >= 0 && refused(utime(OUTSIDE, NULL)) &&
              refused(utimensat(AT_FDCWD, OUTSIDE, now, 0)) && refused(futimens(fd, now));
    close(fd);
    return ok && victim_is_whole();
}

static bool try_mode(void)
{
    int fd = open(OUTSIDE, O_RDONLY);
    bool ok = fd >= 0 && refused(chmod(OUTSIDE, 0777)) && refused(fchmod(fd, 0777)) &&
              refused(chown(OUTSIDE, 1, 1)) && refused(fchown(fd, 1, 1)) &&
              refused(syscall(452 /* fchmodat2 */, AT_FDCWD, OUTSIDE, 0777, 0));
    close(fd);
    return ok && victim_is_whole();
}

static bool try_exec(void)
{
    // A program that fails: should it start after all, the case has failed.
    char *const argv[] = {(char[]){"/bin/false"}, NULL};
    return refused(execve("/bin/false", argv, NULL)) &&
           refused(syscall(SYS_execveat, AT_FDCWD, "/bin/false", argv, NULL, 0));
}

static bool try_fork(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return refused(pid) && refused(syscall(SYS_vfork));
}

static bool try_ptrace(void)
{
    uint8_t byte;
    struct iovec here = {&byte, 1}, there = {&byte, 1};
    return refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL)) &&
           refused(process_vm_readv(getppid(), &here, 1, &there, 1, 0)) &&
           refused(kill(getppid(), 0));
}

static bool try_system(void)
{
    return refused(syscall(SYS_mount, "none", "out", "tmpfs", 0, NULL)) &&
           refused(syscall(SYS_unshare, CLONE_NEWUSER)) && refused(syscall(SYS_bpf, 0, NULL, 0)) &&
           refused(syscall(SYS_keyctl, 0, 0, 0, 0, 0)) &&
           refused(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0)) &&
           refused(syscall(SYS_memfd_create, "x", 0)) && refused(syscall(SYS_userfaultfd, 0));
}

static bool try_terminal(void)
{
    char c = '\n';
    return refused(ioctl(STDIN_FILENO, TIOCSTI, &c));
}

// ---- and what must go on working

static bool can_read(void)
{
    char text[8] = {0};
    int fd = open(OUTSIDE, O_RDONLY);
    bool ok = fd >= 0 && read(fd, text, 6) == 6 && memcmp(text, "victim", 6) == 0;
    close(fd);
    return ok && access("/etc/passwd", R_OK) == 0;
}

static bool can_write(void)
{
    int fd = open("out/new.txt", O_CREAT | O_EXCL | O_RDWR, 0600);
    bool ok = fd >= 0 && write(fd, "hello", 5) == 5 && ftruncate(fd, 2) == 0 && fsync(fd) == 0;
    close(fd);
    fd = open("out/new.txt", O_WRONLY | O_TRUNC);
    ok = ok && fd >= 0;
    close(fd);
    return ok && mkdir("out/folder", 0700) == 0 && rename("out/new.txt", "out/newer.txt") == 0 &&
           unlink("out/newer.txt") == 0 && rmdir("out/folder") == 0;
}

static bool can_null(void)
{
    int fd = open("/dev/null", O_WRONLY | O_TRUNC);
    bool ok = fd >= 0 && write(fd, "x", 1) == 1;
    close(fd);
    return ok;
}

static void *add_one(void *n)
{
    free(malloc(1 << 20));
    ++*(int *)n;
    return NULL;
}

static bool can_thread(void)
{
    int n = 0;
    pthread_t t[4];
    for (int i = 0; i < 4; i++)
        if (pthread_create(&t[i], NULL, add_one, &n) != 0 || pthread_join(t[i], NULL) != 0)
            return false;
    return n == 4;
}

// A new thread is bound, too.
static void *thread_tries(void *result)
{
    *(bool *)result = try_inet() && try_open_to_write();
    return NULL;
}

static bool thread_is_bound(void)
{
    pthread_t t;
    bool ok = false;
    return pthread_create(&t, NULL, thread_tries, &ok) == 0 && pthread_join(t, NULL) == 0 && ok;
}

static bool can_sqlite(void)
{
    sqlite3 *db = NULL;
    bool ok =
        sqlite3_open("out/case.db", &db) == SQLITE_OK &&
        sqlite3_exec(
            db,
            "PRAGMA journal_mode=WAL; PRAGMA temp_store=MEMORY; CREATE TABLE t(a, b);"
            "BEGIN; WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<20000)"
            " INSERT INTO t SELECT x, hex(randomblob(20)) FROM c; COMMIT;"
            "CREATE INDEX i ON t(b); SELECT * FROM t ORDER BY b DESC LIMIT 5; VACUUM;"
            "PRAGMA journal_mode=DELETE; DELETE FROM t;",
            NULL, NULL, NULL) == SQLITE_OK;
    if (!ok)
        printf("  SQLite: %s\n", sqlite3_errmsg(db));
    sqlite3_close(db);
    return ok;
}

static bool status_says_so(void)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[256];
    bool filter = false, no_new_privileges = false;
    while (f && fgets(line, sizeof line, f)) {
        filter = filter || strcmp(line, "Seccomp:\t2\n") == 0;
        no_new_privileges = no_new_privileges || strcmp(line, "NoNewPrivs:\t1\n") == 0;
    }
    if (f)
        fclose(f);
    return filter && no_new_privileges;
}

static bool cannot_leave(void)
{
    struct sandbox_options o = {0};
    struct sandbox_report report;
    struct err e;
    return !sandbox_enter(&o, &report, &e) && try_inet();
}

// In a build with the leak checker (see sandbox.c) two things stay allowed.
enum { LEAK_CHECKED = ADDRESS_SANITIZED ? 1000 : 0 };

// Whether a case needs Landlock, and if so from which version on.
static const struct {
    const char *name;
    bool (*run)(void);
    int landlock;
} cases[] = {
    {"no internet sockets", try_inet, 0},
    {"no local sockets", try_unix, 0},
    {"no netlink or packet sockets", try_raw, 0},
    {"no io_uring", try_io_uring, 0},
    {"no opening for writing outside the output folder", try_open_to_write, 1},
    {"no emptying a file by opening it", try_open_to_truncate, 1},
    {"no making of files outside", try_make_file, 1},
    {"no truncating", try_truncate, 0},
    {"no renaming out or in", try_rename, 1},
    {"no links", try_link, 0},
    {"no removing outside", try_unlink, 1},
    {"no changing of times", try_times, 0},
    {"no changing of modes and owners", try_mode, 0},
    {"no other programs", try_exec, 0},
    {"no other processes", try_fork, LEAK_CHECKED},
    {"no looking into other processes", try_ptrace, LEAK_CHECKED},
    {"no mounts, namespaces, bpf, keys", try_system, 0},
    {"no typing into the terminal", try_terminal, 0},
    {"reading goes on", can_read, 0},
    {"writing in the output folder goes on", can_write, 0},
    {"/dev/null takes what it gets", can_null, 0},
    {"threads can start", can_thread, 0},
    {"threads are bound too", thread_is_bound, 1},
    {"SQLite works in the output folder", can_sqlite, 0},
    {"/proc says so", status_says_so, 0},
    {"there is no second entering, and no leaving", cannot_leave, 0},
};

static bool prepare(void)
{
    int fd = open(OUTSIDE, O_CREAT | O_TRUNC | O_WRONLY, 0640);
    bool ok = fd >= 0 && write(fd, "victim", 6) == 6 && fchmod(fd, 0640) == 0;
    close(fd);
    fd = open("out/mine.txt", O_CREAT | O_WRONLY, 0600);
    close(fd);
    unlink("out/case.db");
    struct utimbuf times = {1'000'000'000, 1'000'000'000};
    return ok && utime(OUTSIDE, &times) == 0;
}

// 0 passed, 1 failed, 77 skipped.
static int run_case(size_t i)
{
    const char *const folders[] = {"out"};
    struct sandbox_options o = {.write_folders = folders, .write_folder_count = 1};
    struct sandbox_report report;
    struct err e;
    if (!sandbox_enter(&o, &report, &e)) {
        printf("  cannot enter: %s\n", e.message);
        return 1;
    }
    if (report.landlock_abi < cases[i].landlock)
        return 77;
    errno = 0;
    return cases[i].run() ? 0 : 1;
}

int main(void)
{
    char folder[] = "/tmp/vigie-sandbox-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder) != 0 || mkdir("out", 0700) != 0 ||
        mkdir("else", 0700) != 0)
        return 2;
    size_t passed = 0, failed = 0, skipped = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!prepare())
            return 2;
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            int status = run_case(i);
            fflush(stdout);
            _exit(status);
        }
        int status = 0;
        waitpid(pid, &status, 0);
        bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        bool skip = WIFEXITED(status) && WEXITSTATUS(status) == 77;
        printf("%s: %s\n",
               ok     ? "ok"
               : skip ? "skipped (no Landlock here, or a build with the leak checker)"
                      : "FAILED",
               cases[i].name);
        passed += ok;
        skipped += skip;
        failed += !ok && !skip;
    }
    for (const char *const *p = (const char *const[]){"out/case.db", "out/mine.txt", OUTSIDE, NULL};
         *p; p++)
        unlink(*p);
    if (rmdir("out") != 0 || rmdir("else") != 0 || chdir("/") != 0 || rmdir(folder) != 0)
        printf("(left behind: %s)\n", folder);
    printf("%zu passed, %zu failed, %zu skipped\n", passed, failed, skipped);
    return failed ? 1 : 0;
}
