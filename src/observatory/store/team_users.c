// SPDX-License-Identifier: Apache-2.0
#include "observatory/store/team_users.h"

#include "observatory/store/team_sql.h"

#define USER_COLUMNS                                                                               \
    "SELECT id, name, password, roles, lang, disabled, totp_secret, totp_step, made,"              \
    " (SELECT count(*) FROM team_recovery r WHERE r.user = u.id) FROM team_user u "

static void read_user(sqlite3_stmt *st, struct arena *a, struct team_user *out)
{
    *out = (struct team_user){
        .id = sql_int(st, 0),
        .name = sql_text(st, 1, a),
        .password = sql_text(st, 2, a),
        .roles = (unsigned)sql_int(st, 3),
        .lang = sql_text(st, 4, a),
        .disabled = sql_int(st, 5) != 0,
        .totp_secret = sql_text(st, 6, a),
        .totp_step = (uint64_t)sql_int(st, 7),
        .made = sql_time(st, 8),
        .recovery_left = (uint64_t)sql_int(st, 9),
    };
}

static enum store_found one_user(struct store *s, sqlite3_stmt *st, struct arena *a,
                                 struct team_user *out, struct err *e)
{
    enum store_found found = sql_row(s, st, e);
    if (found == STORE_FOUND)
        read_user(st, a, out);
    sqlite3_finalize(st);
    return found;
}

enum store_found team_user_find(struct store *s, struct slice name, struct arena *a,
                                struct team_user *out, struct err *e)
{
    sqlite3_stmt *st;
    if (!sql_query(s, &st, e, USER_COLUMNS "WHERE name = ?", "t", name))
        return STORE_ERROR;
    return one_user(s, st, a, out, e);
}

enum store_found team_user_get(struct store *s, int64_t id, struct arena *a, struct team_user *out,
                               struct err *e)
{
    sqlite3_stmt *st;
    if (!sql_query(s, &st, e, USER_COLUMNS "WHERE id = ?", "i", id))
        return STORE_ERROR;
    return one_user(s, st, a, out, e);
}

bool team_user_list(struct store *s, struct arena *a, struct team_user **out, size_t *count,
                    struct err *e)
{
    ARRAY_OF(struct team_user) list = {0};
    sqlite3_stmt *st;
    if (!sql_query(s, &st, e, USER_COLUMNS "ORDER BY name", ""))
        return false;
    enum store_found found;
    while ((found = sql_row(s, st, e)) == STORE_FOUND)
        read_user(st, a, ARRAY_ADD(&list));
    sqlite3_finalize(st);
    *out = ARENA_ARRAY(a, struct team_user, list.count);
    if (list.count)
        memcpy(*out, list.items, list.count * sizeof **out);
    *count = list.count;
    ARRAY_FREE(&list);
    return found == STORE_NONE;
}

bool team_user_add(struct store *s, const struct team_user *u, int64_t *id, struct err *e)
{
    if (!sql_run(s, e,
                 "INSERT INTO team_user(name, password, roles, lang, made) VALUES(?, ?, ?, ?, ?)"
                 " ON CONFLICT DO NOTHING",
                 "ttiti", u->name, u->password, (int64_t)u->roles, u->lang, (int64_t)u->made))
        return false;
    if (sql_changes(s) == 0)
        return err_set(e, ERR_USAGE, 0, "there is a user of that name already");
    *id = sql_last_id(s);
    return true;
}

bool team_user_set_password(struct store *s, int64_t id, struct slice hash, struct err *e)
{
    return sql_run(s, e, "UPDATE team_user SET password = ? WHERE id = ?", "ti", hash, id) &&
           team_session_remove_all(s, id, (struct slice){0}, e);
}

bool team_user_set_disabled(struct store *s, int64_t id, bool disabled, struct err *e)
{
    return sql_run(s, e, "UPDATE team_user SET disabled = ? WHERE id = ?", "ii", (int64_t)disabled,
                   id) &&
           team_session_remove_all(s, id, (struct slice){0}, e);
}

bool team_user_set_roles(struct store *s, int64_t id, unsigned roles, struct err *e)
{
    return sql_run(s, e, "UPDATE team_user SET roles = ? WHERE id = ?", "ii", (int64_t)roles, id);
}

bool team_user_set_lang(struct store *s, int64_t id, struct slice lang, struct err *e)
{
    return sql_run(s, e, "UPDATE team_user SET lang = ? WHERE id = ?", "ti", lang, id);
}

bool team_user_set_totp(struct store *s, int64_t id, struct slice secret, uint64_t step,
                        struct err *e)
{
    return sql_run(s, e, "UPDATE team_user SET totp_secret = ?, totp_step = ? WHERE id = ?", "bii",
                   secret, (int64_t)step, id) &&
           (secret.len || sql_run(s, e, "DELETE FROM team_recovery WHERE user = ?", "i", id));
}

bool team_user_seal(struct store *s, int64_t id, struct slice secret, struct err *e)
{
    return store_exec(s, "PRAGMA secure_delete = ON", e) &&
           sql_run(s, e, "UPDATE team_user SET totp_secret = ? WHERE id = ?", "bi", secret, id) &&
           sql_run(s, e, "UPDATE team_session SET totp_pending = NULL WHERE user = ?", "i", id);
}

bool team_users_sealed(struct store *s, struct err *e)
{
    return store_exec(s, "PRAGMA secure_delete = OFF; PRAGMA wal_checkpoint(TRUNCATE)", e);
}

bool team_user_use_totp(struct store *s, int64_t id, uint64_t step, bool *newer, struct err *e)
{
    if (!sql_run(s, e, "UPDATE team_user SET totp_step = ?1 WHERE id = ?2 AND totp_step < ?1", "ii",
                 (int64_t)step, id))
        return false;
    *newer = sql_changes(s) == 1;
    return true;
}

bool team_recovery_set(struct store *s, int64_t user, const struct slice *hashes, size_t count,
                       struct err *e)
{
    if (!sql_run(s, e, "DELETE FROM team_recovery WHERE user = ?", "i", user))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!sql_run(s, e, "INSERT INTO team_recovery(user, hash) VALUES(?, ?)", "ib", user,
                     hashes[i]))
            return false;
    return true;
}

bool team_recovery_use(struct store *s, int64_t user, struct slice hash, bool *was_there,
                       struct err *e)
{
    if (!sql_run(s, e, "DELETE FROM team_recovery WHERE user = ? AND hash = ?", "ib", user, hash))
        return false;
    *was_there = sql_changes(s) == 1;
    return true;
}

bool team_session_add(struct store *s, const struct team_session *n, struct err *e)
{
    return sql_run(s, e, "INSERT INTO team_session(hash, user, made, seen) VALUES(?, ?, ?, ?)",
                   "biii", n->hash, n->user, (int64_t)n->made, (int64_t)n->seen);
}

enum store_found team_session_get(struct store *s, struct slice hash, struct arena *a,
                                  struct team_session *out, struct err *e)
{
    sqlite3_stmt *st;
    if (!sql_query(s, &st, e,
                   "SELECT user, made, seen, totp_pending FROM team_session WHERE hash = ?", "b",
                   hash))
        return STORE_ERROR;
    enum store_found found = sql_row(s, st, e);
    if (found == STORE_FOUND)
        *out = (struct team_session){.hash = hash,
                                     .user = sql_int(st, 0),
                                     .made = sql_time(st, 1),
                                     .seen = sql_time(st, 2),
                                     .totp_pending = sql_text(st, 3, a)};
    sqlite3_finalize(st);
    return found;
}

bool team_session_touch(struct store *s, struct slice hash, vtime seen, struct err *e)
{
    return sql_run(s, e, "UPDATE team_session SET seen = ? WHERE hash = ?", "ib", (int64_t)seen,
                   hash);
}

bool team_session_set_pending(struct store *s, struct slice hash, struct slice secret,
                              struct err *e)
{
    return sql_run(s, e, "UPDATE team_session SET totp_pending = ? WHERE hash = ?", "bb", secret,
                   hash);
}

bool team_session_remove(struct store *s, struct slice hash, struct err *e)
{
    return sql_run(s, e, "DELETE FROM team_session WHERE hash = ?", "b", hash);
}

bool team_session_remove_all(struct store *s, int64_t user, struct slice except, struct err *e)
{
    return sql_run(s, e, "DELETE FROM team_session WHERE user = ? AND hash IS NOT ?", "ib", user,
                   except);
}

bool team_session_expire(struct store *s, vtime idle, vtime made, struct err *e)
{
    return sql_run(s, e, "DELETE FROM team_session WHERE seen < ? OR made < ?", "ii", (int64_t)idle,
                   (int64_t)made);
}

bool team_session_count(struct store *s, int64_t user, uint64_t *out, struct err *e)
{
    sqlite3_stmt *st;
    if (!sql_query(s, &st, e, "SELECT count(*) FROM team_session WHERE user = ?", "i", user))
        return false;
    bool done = sql_row(s, st, e) == STORE_FOUND;
    *out = (uint64_t)sql_int(st, 0);
    sqlite3_finalize(st);
    return done;
}
