// SPDX-License-Identifier: Apache-2.0
// Copies and their examination. SQLite's own backup reads one state of the file while others write.
#include "observatory/store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

// All pages from one connection to the other, in one transaction of the latter.
bool store_copy_pages(sqlite3 *from, sqlite3 *to, struct err *e)
{
    sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
    if (!b)
        return err_set(e, ERR_IO, 0, "the copy: %s", sqlite3_errmsg(to));
    int code;
    int tries = 0;
    while ((code = sqlite3_backup_step(b, -1)) == SQLITE_BUSY || code == SQLITE_LOCKED) {
        if (++tries > 100)
            break;
        sqlite3_sleep(100);
    }
    sqlite3_backup_finish(b);
    if (code != SQLITE_DONE)
        return err_set(e, ERR_IO, 0, "the copy: %s",
                       code == SQLITE_FULL ? "no space left on the disk" : sqlite3_errstr(code));
    return true;
}

// So that the name is on disk as well as the bytes.
bool store_sync_folder(const char *path, struct err *e)
{
    char *copy = strdup(path);
    int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (!ok)
        err_set_errno(e, "%.120s", path);
    if (fd >= 0)
        close(fd);
    free(copy);
    return ok;
}

bool store_backup(struct store *s, const char *path, struct err *e)
{
    sqlite3 *to = NULL;
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_errno(e, "the backup %.120s", path);
    close(fd);
    bool ok = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
                  SQLITE_OK ||
              err_set(e, ERR_IO, 0, "the backup %.120s: %s", path,
                      to ? sqlite3_errmsg(to) : "out of memory");
    ok = ok && store_copy_pages(s->db, to, e);
    // A file of its own, without a log beside it.
    if (ok && sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) != SQLITE_OK)
        ok = err_set(e, ERR_IO, 0, "the backup: %s", sqlite3_errmsg(to));
    sqlite3_close_v2(to);
    ok = ok && store_sync_folder(path, e);
    if (!ok)
        unlink(path);
    return ok;
}

static bool check_with(struct store *s, const char *sql, const char *expect, struct err *e)
{
    bool row;
    sqlite3_stmt *st = store_prepare(s, sql, e);
    if (!st || !store_step(s, st, &row, e))
        return false;
    const char *found = row ? (const char *)sqlite3_column_text(st, 0) : NULL;
    bool ok =
        (found && strcmp(found, expect) == 0) ||
        err_set(e, ERR_FORMAT, 0, "the store is damaged: %.160s", found ? found : "no answer");
    store_done(st);
    return ok;
}

bool store_check(struct store *s, struct err *e)
{
    if (!check_with(s, "PRAGMA integrity_check(1)", "ok", e))
        return false;
    return check_with(s,
                      "SELECT CASE WHEN (SELECT count(*) FROM revision) ="
                      " (SELECT count(*) FROM body JOIN revision ON revision.id = body.revision)"
                      " THEN 'ok' ELSE 'revisions without their text' END",
                      "ok", e);
}
