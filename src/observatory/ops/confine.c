// SPDX-License-Identifier: Apache-2.0
// What the server gives up before its first thread starts: new privileges, and with Landlock (man 7
// landlock) every program to execute, and every file to write or remove but those in the folders of
// the store and of temporary files. What the kernel cannot forbid stays: the systemd
// unit forbids it too.
#include "observatory/ops/serve.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const uint64_t writes = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                               LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                               LANDLOCK_ACCESS_FS_REMOVE_DIR;
static const uint64_t never = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                              LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                              LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM;

// A folder that is not there cannot be allowed, and need not be.
static void allow(int ruleset, const char *folder)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = writes};
    rule.parent_fd = open(folder, O_PATH | O_CLOEXEC | O_DIRECTORY);
    if (rule.parent_fd < 0)
        return;
    (void)!syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
}

// The folder of a file, "." for one without.
static const char *folder_of(struct arena *a, struct slice path)
{
    const uint8_t *slash = path.at ? memrchr(path.at, '/', path.len) : NULL;
    if (!slash)
        return ".";
    return arena_str(a, slice_sub(path, 0, slash == path.at ? 1 : (size_t)(slash - path.at)));
}

static void allow_all(int ruleset, const struct settings *set)
{
    struct arena a;
    arena_init(&a, 4096);
    struct slice store = set->store;
    if (slice_starts(store, SLICE("sqlite:")))
        store = slice_sub(store, 7, store.len);
    allow(ruleset, folder_of(&a, store));
    const char *temporary = getenv("TMPDIR");
    if (temporary && *temporary)
        allow(ruleset, temporary);
    allow(ruleset, "/var/tmp");
    allow(ruleset, "/tmp");
    arena_free(&a);
}

const char *serve_confine(const struct settings *set)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return "new privileges cannot be given up";
    struct landlock_ruleset_attr attr = {.handled_access_fs = writes | never};
    int fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    if (fd < 0)
        return "the kernel has no Landlock: files are not kept apart";
    allow_all(fd, set);
    bool ok = syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    close(fd);
    return ok ? NULL : "Landlock cannot be used: files are not kept apart";
}
