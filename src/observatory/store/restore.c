// SPDX-License-Identifier: Apache-2.0
// Putting a backup in a store's place. The work is done on a copy beside the store; only when the
// copy is whole, of this program's version and examined does it take the place, in one step.
#include "observatory/store/store_internal.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 4200 };

// Opened as what it is; a file that is no registry, or of a newer program, is refused.
static struct store *open_backup(const char *path, struct err *e)
{
    int64_t version;
    bool empty;
    struct store *s = store_connect(path, false, e);
    if (!s)
        return NULL;
    bool ok = store_versions(s, &version, &empty, e);
    if (ok && empty)
        ok = err_set(e, ERR_FORMAT, 0, "the backup %.120s is empty", path);
    if (ok && version > store_migration_count)
        ok = err_set(e, ERR_UNSUPPORTED, 0,
                     "the backup has version %lld of the tables, and this program knows %d: use a "
                     "newer vigied",
                     (long long)version, store_migration_count);
    ok = ok && store_check(s, e);
    if (ok)
        return s;
    store_close(s);
    return NULL;
}

// Pages are cached under the generation, here and by readers: after a restore it must be one that
// never was, neither in what is restored nor in what was here, even when that is lost. Changes are
// fewer than microseconds, so that the time is above all that can have been.
static bool raise_generation(const char *copy, uint64_t above, struct err *e)
{
    struct store *s;
    if (!store_open(copy, STORE_WRITE, &s, e))
        return false;
    sqlite3_stmt *st =
        store_prepare(s, "UPDATE meta SET value = max(value, ?) + 1 WHERE name = 'generation'", e);
    if (st)
        sqlite3_bind_int64(st, 1, (int64_t)above);
    bool ok = store_run(s, st, e) && store_exec(s, "PRAGMA journal_mode = DELETE", e);
    store_close(s);
    return ok;
}

static bool make_copy(const char *backup, const char *copy, uint64_t above, struct err *e)
{
    int from, to;
    struct store *s = open_backup(backup, e);
    if (!s)
        return false;
    bool ok = store_backup(s, copy, e);
    store_close(s);
    return ok && store_migrate(copy, &from, &to, e) && raise_generation(copy, above, e);
}

// The pages of the copy become those of the store, while others have it open.
static bool copy_over(const char *copy, struct store *to, struct err *e)
{
    struct store *from = NULL;
    bool ok = store_open(copy, STORE_READ, &from, e) && store_copy_pages(from->db, to->db, e);
    store_close(from);
    return ok;
}

// What lies there is no database any more: it is kept, under another name.
static bool move_aside(const char *path, struct err *e)
{
    static const char *const ends[] = {"-wal", "-shm", ""};
    char from[PATH_ROOM], to[PATH_ROOM];
    snprintf(to, sizeof to, "%s.damaged", path);
    if (access(to, F_OK) == 0)
        return err_set(e, ERR_IO, 0, "%.160s is there already; move it away", to);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(from, sizeof from, "%s%s", path, ends[i]);
        snprintf(to, sizeof to, "%s.damaged%s", path, ends[i]);
        if (rename(from, to) != 0 && errno != ENOENT)
            return err_set_errno(e, "%.160s", from);
    }
    return true;
}

static bool put_in_place(const char *copy, const char *path, struct store *there, struct err *e)
{
    if (there)
        return copy_over(copy, there, e) && (unlink(copy) == 0 || err_set_errno(e, "%.160s", copy));
    if (access(path, F_OK) == 0 && !move_aside(path, e))
        return false;
    if (rename(copy, path) != 0)
        return err_set_errno(e, "%.160s", path);
    return store_sync_folder(path, e);
}

// A file whose first page says that it is a store of ours, however broken the rest may be. Asking
// for more than that page here would fail for the broken ones.
static struct store *open_ours(const char *path)
{
    struct store *s = mem_alloc_zero(1, sizeof *s);
    sqlite3_stmt *st = NULL;
    bool ours = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
                    SQLITE_OK &&
                sqlite3_busy_timeout(s->db, 10000) == SQLITE_OK &&
                sqlite3_prepare_v2(s->db, "PRAGMA application_id", -1, &st, NULL) == SQLITE_OK &&
                sqlite3_step(st) == SQLITE_ROW && sqlite3_column_int(st, 0) == STORE_APPLICATION_ID;
    sqlite3_finalize(st);
    if (ours)
        return s;
    store_close(s);
    return NULL;
}

static void remove_copy(const char *copy)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[PATH_ROOM];
        snprintf(path, sizeof path, "%s%s", copy, ends[i]);
        unlink(path);
    }
}

bool store_restore(const char *backup, const char *url, bool force, struct err *e)
{
    struct err ignored = {0}, *why = e ? e : &ignored;
    const char *path = store_url_path(url, why);
    char copy[PATH_ROOM];
    struct stat a, b;
    if (!path)
        return false;
    if (strlen(path) > PATH_ROOM - 40)
        return err_set(why, ERR_USAGE, 0, "the store's path is too long");
    bool exists = stat(path, &b) == 0;
    if (exists && stat(backup, &a) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
        return err_set(why, ERR_USAGE, 0, "the backup is the store itself");
    if (exists && !force)
        return err_set(why, ERR_USAGE, 0, "%.160s is there already; --force replaces it", path);
    snprintf(copy, sizeof copy, "%s.restoring-%ld", path, (long)getpid());
    struct store *there = exists ? open_ours(path) : NULL;
    uint64_t generation = there ? store_generation(there) : 0,
             now = (time_now() - VTIME_UNIX_EPOCH) / 10; // microseconds
    if (generation < now)
        generation = now;
    bool ok = make_copy(backup, copy, generation, why) && put_in_place(copy, path, there, why);
    store_close(there);
    if (!ok)
        remove_copy(copy);
    return ok;
}
