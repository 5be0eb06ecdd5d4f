// SPDX-License-Identifier: Apache-2.0
// The system calls are a list of those allowed. What is not on it answers as if the kernel did not
// know it (ENOSYS), so that the C library takes another way; calls that a program might really try
// and that we mean to forbid answer EPERM. fork and exec are forbidden, threads are not: clone is
// allowed with CLONE_THREAD only, and clone3, whose arguments a filter cannot see, does not exist
// here.
#include "base/sandbox.h"

#include "base/sanitized.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// ---- Landlock. Debian 12's header knows the second version of it; these are from the kernel's
// later ones.
#define FS_TRUNCATE               (1ull << 14) // version 3
#define FS_IOCTL_DEV              (1ull << 15) // version 5
#define NET_BIND_TCP              (1ull << 0)  // version 4
#define NET_CONNECT_TCP           (1ull << 1)
#define SCOPE_ABSTRACT_UNIX       (1ull << 0) // version 6
#define SCOPE_SIGNAL              (1ull << 1)
#define LANDLOCK_VERSION_QUESTION (1u << 0)

struct ruleset {
    uint64_t files, network, scoped;
};

static const uint64_t file_writes = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                                    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                    LANDLOCK_ACCESS_FS_REMOVE_DIR;
static const uint64_t never = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                              LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                              LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM;

static int landlock_version(void)
{
    long v = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION_QUESTION);
    return v > 0 ? (int)v : 0;
}

static struct ruleset ruleset_for(int version)
{
    struct ruleset r = {.files = file_writes | never};
    if (version >= 2)
        r.files |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3)
        r.files |= FS_TRUNCATE;
    if (version >= 4)
        r.network = NET_BIND_TCP | NET_CONNECT_TCP;
    if (version >= 5)
        r.files |= FS_IOCTL_DEV;
    if (version >= 6)
        r.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
    return r;
}

static bool allow_path(int ruleset, const char *path, uint64_t access)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = access};
    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return false;
    bool ok = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    int saved = errno;
    close(rule.parent_fd);
    errno = saved;
    return ok;
}

static bool restrict_files(const struct sandbox_options *o, int version, struct err *e)
{
    struct ruleset r = ruleset_for(version);
    int fd = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof r, 0);
    if (fd < 0)
        return err_set_errno(e, "Landlock cannot be used");
    bool ok = true;
    for (size_t i = 0; ok && i < o->write_folder_count; i++)
        if (!allow_path(fd, o->write_folders[i], (file_writes | FS_TRUNCATE) & r.files))
            ok = err_set_errno(e, "the output folder %s cannot be made writable alone",
                               o->write_folders[i]);
    // Neither need exist: in a container, or without a terminal.
    allow_path(fd, "/dev/null", (LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE) & r.files);
    allow_path(fd, "/dev/tty",
               (LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV) & r.files);
    if (ok && syscall(SYS_landlock_restrict_self, fd, 0) != 0)
        ok = err_set_errno(e, "Landlock cannot be used");
    close(fd);
    return ok;
}

// ---- seccomp

static const char *const allowed[] = {
    // files: what may be opened for writing, made, renamed and removed is Landlock's part
    "access",
    "close",
    "close_range",
    "copy_file_range",
    "dup",
    "dup2",
    "dup3",
    "faccessat",
    "faccessat2",
    "fadvise64",
    "fallocate",
    "fcntl",
    "fdatasync",
    "flock",
    "fstat",
    "fstatfs",
    "fsync",
    "ftruncate",
    "getcwd",
    "getdents",
    "getdents64",
    "getxattr",
    "fgetxattr",
    "lgetxattr",
    "lseek",
    "lstat",
    "mkdir",
    "mkdirat",
    "newfstatat",
    "pipe",
    "pipe2",
    "poll",
    "ppoll",
    "pread64",
    "preadv",
    "preadv2",
    "pselect6",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "read",
    "readahead",
    "readlink",
    "readlinkat",
    "readv",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "select",
    "sendfile",
    "stat",
    "statfs",
    "statx",
    "sync_file_range",
    "syncfs",
    "umask",
    "unlink",
    "unlinkat",
    "write",
    "writev",
    "eventfd2",
    // memory
    "brk",
    "madvise",
    "membarrier",
    "mincore",
    "mlock",
    "mmap",
    "mprotect",
    "mremap",
    "msync",
    "munlock",
    "munmap",
    // threads and signals
    "arch_prctl",
    "exit",
    "exit_group",
    "futex",
    "futex_waitv",
    "get_robust_list",
    "get_thread_area",
    "getpid",
    "getppid",
    "gettid",
    "restart_syscall",
    "rseq",
    "rt_sigaction",
    "rt_sigpending",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigsuspend",
    "rt_sigtimedwait",
    "sched_get_priority_max",
    "sched_get_priority_min",
    "sched_getaffinity",
    "sched_getparam",
    "sched_getscheduler",
    "sched_yield",
    "set_robust_list",
    "set_tid_address",
    "setitimer",
    "getitimer",
    "alarm",
    "pause",
    "sigaltstack",
    "wait4",
    "waitid",
    // time, limits, who and where
    "clock_getres",
    "clock_gettime",
    "clock_nanosleep",
    "getcpu",
    "getegid",
    "geteuid",
    "getgid",
    "getgroups",
    "getpgrp",
    "getpgid",
    "getpriority",
    "getrandom",
    "getresgid",
    "getresuid",
    "getrlimit",
    "getrusage",
    "getsid",
    "gettimeofday",
    "getuid",
    "nanosleep",
    "sysinfo",
    "time",
    "times",
    "uname",
};

static const char *const forbidden[] = {
    // the network, and other ways to it
    "socket",
    "socketpair",
    "bind",
    "connect",
    "listen",
    "accept",
    "accept4",
    "sendto",
    "sendmsg",
    "sendmmsg",
    "recvfrom",
    "recvmsg",
    "recvmmsg",
    "getsockopt",
    "setsockopt",
    "getsockname",
    "getpeername",
    "shutdown",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    // other programs and processes
    "execve",
    "execveat",
    "fork",
    "vfork",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "pidfd_open",
    "pidfd_getfd",
    "pidfd_send_signal",
    "kcmp",
    "kill",
    "tkill",
    "rt_sigqueueinfo",
    "rt_tgsigqueueinfo",
    // what Landlock does not cover: whose a file is, who may read it, its times and attributes
    "chmod",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "chown",
    "fchown",
    "lchown",
    "fchownat",
    "utime",
    "utimes",
    "utimensat",
    "futimesat",
    "setxattr",
    "fsetxattr",
    "lsetxattr",
    "setxattrat",
    "removexattr",
    "fremovexattr",
    "lremovexattr",
    "removexattrat",
    "file_setattr",
    "truncate",
    "creat",
    "openat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "mknod",
    "mknodat",
    "name_to_handle_at",
    "open_by_handle_at",
    // the system
    "mount",
    "umount2",
    "mount_setattr",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsmount",
    "fsconfig",
    "fspick",
    "pivot_root",
    "chroot",
    "unshare",
    "setns",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "keyctl",
    "add_key",
    "request_key",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "swapon",
    "swapoff",
    "sethostname",
    "setdomainname",
    "settimeofday",
    "clock_settime",
    "clock_adjtime",
    "adjtimex",
    "iopl",
    "ioperm",
    "personality",
    "quotactl",
    "acct",
    "syslog",
    "fanotify_init",
    "memfd_create",
    "memfd_secret",
    "seccomp",
    "landlock_create_ruleset",
    "landlock_add_rule",
    "landlock_restrict_self",
    "setuid",
    "setgid",
    "setreuid",
    "setregid",
    "setresuid",
    "setresgid",
    "setgroups",
    "setfsuid",
    "setfsgid",
    "capset",
    "setsid",
    "setpgid",
};

// In builds for testing only: the sanitizers' leak checker stops the program's threads from a
// process of its own.
static bool for_leak_check(const char *name)
{
    static const char *const needed[] = {"ptrace", "clone",           "kill", "tkill", "tgkill",
                                         "prctl",  "process_vm_readv"};
    for (size_t i = 0; ADDRESS_SANITIZED && i < sizeof needed / sizeof *needed; i++)
        if (strcmp(name, needed[i]) == 0)
            return true;
    return false;
}

// Names that this libseccomp does not know belong to newer kernels: not on the list of the allowed,
// they do not exist.
static int add(scmp_filter_ctx f, uint32_t action, const char *name)
{
    int nr = seccomp_syscall_resolve_name(name);
    return nr == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(f, action, nr, 0);
}

static int add_if(scmp_filter_ctx f, uint32_t action, const char *name,
                  struct scmp_arg_cmp condition)
{
    return seccomp_rule_add_array(f, action, seccomp_syscall_resolve_name(name), 1, &condition);
}

// Opening: not to empty a file while claiming only to read it (Linux does that, and older Landlocks
// let it).
static int add_open(scmp_filter_ctx f)
{
    static const uint64_t modes[] = {O_RDONLY, O_WRONLY, O_RDWR, O_ACCMODE};
    int bad = 0;
    for (size_t i = 0; !bad && i < sizeof modes / sizeof *modes; i++) {
        uint64_t mask = modes[i] == O_RDONLY ? O_ACCMODE | O_TRUNC : O_ACCMODE;
        bad = add_if(f, SCMP_ACT_ALLOW, "open", SCMP_A1(SCMP_CMP_MASKED_EQ, mask, modes[i]));
        if (!bad)
            bad = add_if(f, SCMP_ACT_ALLOW, "openat", SCMP_A2(SCMP_CMP_MASKED_EQ, mask, modes[i]));
    }
    return bad;
}

// Calls of which a part is allowed.
static int add_conditional(scmp_filter_ctx f)
{
    static const uint64_t prctls[] = {PR_SET_NAME,     PR_GET_NAME,
                                      PR_GET_DUMPABLE, PR_GET_NO_NEW_PRIVS,
                                      PR_GET_SECCOMP,  0x53564d41 /* PR_SET_VMA */};
    int bad = add_open(f);
    if (!bad && !ADDRESS_SANITIZED)
        bad = add_if(f, SCMP_ACT_ALLOW, "clone",
                     SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    for (size_t i = 0; !bad && !ADDRESS_SANITIZED && i < sizeof prctls / sizeof *prctls; i++)
        bad = add_if(f, SCMP_ACT_ALLOW, "prctl", SCMP_A0(SCMP_CMP_EQ, prctls[i]));
    if (!bad && !ADDRESS_SANITIZED)
        bad = add_if(f, SCMP_ACT_ALLOW, "tgkill", SCMP_A0(SCMP_CMP_EQ, (uint64_t)getpid()));
    if (!bad)
        bad = add_if(f, SCMP_ACT_ALLOW, "prlimit64", SCMP_A0(SCMP_CMP_EQ, 0));
    // Typing into the user's terminal is running programs by another way.
    if (!bad)
        bad = add_if(f, SCMP_ACT_ALLOW, "ioctl", SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, TCGETS));
    static const uint64_t ioctls[] = {TIOCGWINSZ, FIONREAD,  TCSETS,  TCSETSW,
                                      TCSETSF,    TIOCGPGRP, FIONBIO, FIOCLEX};
    for (size_t i = 0; !bad && i < sizeof ioctls / sizeof *ioctls; i++)
        bad =
            add_if(f, SCMP_ACT_ALLOW, "ioctl", SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, ioctls[i]));
    return bad;
}

static int fill_filter(scmp_filter_ctx f)
{
    int bad = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (!bad)
        bad = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
    seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2); // faster, where it can
    for (size_t i = 0; !bad && i < sizeof allowed / sizeof *allowed; i++)
        bad = add(f, SCMP_ACT_ALLOW, allowed[i]);
    for (size_t i = 0; !bad && i < sizeof forbidden / sizeof *forbidden; i++)
        bad = add(f, for_leak_check(forbidden[i]) ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM),
                  forbidden[i]);
    static const char *const leak_check[] = {"clone", "prctl", "tgkill"};
    for (size_t i = 0; !bad && ADDRESS_SANITIZED && i < sizeof leak_check / sizeof *leak_check; i++)
        bad = add(f, SCMP_ACT_ALLOW, leak_check[i]);
    return bad ? bad : add_conditional(f);
}

static bool restrict_calls(struct err *e)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    int bad = f ? fill_filter(f) : -ENOMEM;
    if (!bad)
        bad = seccomp_load(f);
    if (f)
        seccomp_release(f);
    if (bad == 0)
        return true;
    errno = -bad;
    return err_set_errno(e, "the kernel does not let this program give up its rights (seccomp)");
}

// Archives can ask their decoder for gigabytes (a dictionary of LZMA may be 4 GiB): with a limit
// the allocation fails, the archive is named as not readable, and the rest is read. Sanitizers need
// address space of their own.
static bool limit_memory(struct err *e)
{
    if (ADDRESS_SANITIZED)
        return true;
    struct rlimit limit;
    if (getrlimit(RLIMIT_DATA, &limit) != 0)
        return err_set_errno(e, "the limit of memory cannot be read");
    if (limit.rlim_cur > SANDBOX_MAX_MEMORY) {
        limit.rlim_cur = SANDBOX_MAX_MEMORY;
        if (setrlimit(RLIMIT_DATA, &limit) != 0)
            return err_set_errno(e, "the limit of memory cannot be set");
    }
    return true;
}

bool sandbox_enter(const struct sandbox_options *o, struct sandbox_report *report, struct err *e)
{
    if (!limit_memory(e))
        return false;
    *report = (struct sandbox_report){.landlock_abi = landlock_version()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return err_set_errno(e, "the kernel does not let this program give up its rights");
    if (report->landlock_abi == 0)
        snprintf(
            report->note, sizeof report->note,
            "this computer's kernel has no Landlock: Vigie could not give up the right to write "
            "outside its output folder (it does not do so)");
    else if (!restrict_files(o, report->landlock_abi, e))
        return false;
    return restrict_calls(e);
}
