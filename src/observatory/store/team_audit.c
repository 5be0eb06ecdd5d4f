// SPDX-License-Identifier: Apache-2.0
#include "observatory/store/team_audit.h"

#include "base/buf.h"
#include "base/sha256.h"
#include "observatory/store/team_sql.h"

#include <inttypes.h>

static const uint8_t no_hash[AUDIT_HASH_BYTES];

static void json_text(struct buf *b, const char *name, struct slice s)
{
    buf_printf(b, ",\"%s\":\"", name);
    buf_json(b, s);
    buf_byte(b, '"');
}

void team_audit_hash(struct slice previous, const struct team_audit *entry,
                     uint8_t out[AUDIT_HASH_BYTES])
{
    struct buf b = {0};
    buf_add(&b, previous);
    buf_printf(&b, "{\"id\":%" PRId64 ",\"at\":%" PRIu64 ",\"user\":%" PRId64, entry->id, entry->at,
               entry->user);
    json_text(&b, "name", entry->name);
    json_text(&b, "action", entry->action);
    json_text(&b, "record", entry->record);
    buf_printf(&b, ",\"revision\":%" PRIu32, entry->revision);
    json_text(&b, "detail", entry->detail);
    buf_byte(&b, '}');
    struct sha256_digest d = sha256_of(buf_slice(&b));
    memcpy(out, d.bytes, AUDIT_HASH_BYTES);
    buf_free(&b);
}

// The newest entry's id and hash; 0 and zero bytes when there is none.
static bool newest(struct store *s, int64_t *id, uint8_t hash[AUDIT_HASH_BYTES], struct err *e)
{
    sqlite3_stmt *st;
    *id = 0;
    memcpy(hash, no_hash, AUDIT_HASH_BYTES);
    if (!sql_query(s, &st, e, "SELECT id, hash FROM team_audit ORDER BY id DESC LIMIT 1", ""))
        return false;
    enum store_found found = sql_row(s, st, e);
    if (found == STORE_FOUND) {
        *id = sql_int(st, 0);
        if (sqlite3_column_bytes(st, 1) == AUDIT_HASH_BYTES)
            memcpy(hash, sqlite3_column_blob(st, 1), AUDIT_HASH_BYTES);
    }
    sqlite3_finalize(st);
    return found != STORE_ERROR;
}

bool team_audit_add(struct store *s, const struct team_audit *entry, struct err *e)
{
    uint8_t previous[AUDIT_HASH_BYTES], hash[AUDIT_HASH_BYTES];
    struct team_audit n = *entry;
    if (!store_begin(s, e))
        return false;
    if (!newest(s, &n.id, previous, e))
        goto fail;
    n.id++;
    n.at = n.at ? n.at : time_now();
    team_audit_hash(slice_of(previous, sizeof previous), &n, hash);
    if (!sql_run(
            s, e,
            "INSERT INTO team_audit(id, at, user, name, action, record, revision, detail, hash)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
            "iiitttitb", n.id, (int64_t)n.at, n.user, n.name, n.action, n.record,
            (int64_t)n.revision, n.detail, slice_of(hash, sizeof hash)))
        goto fail;
    return store_commit(s, e);
fail:
    store_rollback(s);
    return false;
}

#define AUDIT_COLUMNS                                                                              \
    "SELECT id, at, user, name, action, record, revision, detail, hash FROM team_audit "

static void read_entry(sqlite3_stmt *st, struct arena *a, struct team_audit *out)
{
    *out = (struct team_audit){
        .id = sql_int(st, 0),
        .at = sql_time(st, 1),
        .user = sql_int(st, 2),
        .name = sql_text(st, 3, a),
        .action = sql_text(st, 4, a),
        .record = sql_text(st, 5, a),
        .revision = (uint32_t)sql_int(st, 6),
        .detail = sql_text(st, 7, a),
        .hash = sql_text(st, 8, a),
    };
}

bool team_audit_list(struct store *s, struct slice record, int64_t before, size_t limit,
                     struct arena *a, struct team_audit **out, size_t *count, struct err *e)
{
    sqlite3_stmt *st;
    *out = ARENA_ARRAY(a, struct team_audit, limit);
    *count = 0;
    if (!sql_query(s, &st, e,
                   AUDIT_COLUMNS "WHERE (?1 = 0 OR id < ?1) AND (?2 = '' OR record = ?2)"
                                 " ORDER BY id DESC LIMIT ?3",
                   "iti", before, record, (int64_t)limit))
        return false;
    enum store_found found;
    while ((found = sql_row(s, st, e)) == STORE_FOUND && *count < limit)
        read_entry(st, a, &(*out)[(*count)++]);
    sqlite3_finalize(st);
    return found != STORE_ERROR;
}

bool team_audit_walk(struct store *s, team_audit_each *each, void *context, struct err *e)
{
    sqlite3_stmt *st;
    if (!sql_query(s, &st, e, AUDIT_COLUMNS "ORDER BY id", ""))
        return false;
    struct arena a;
    arena_init(&a, 0);
    enum store_found found;
    while ((found = sql_row(s, st, e)) == STORE_FOUND) {
        struct team_audit entry;
        read_entry(st, &a, &entry);
        if (!each(context, &entry))
            break;
        arena_reset(&a);
    }
    arena_free(&a);
    sqlite3_finalize(st);
    return found != STORE_ERROR;
}

struct chain {
    uint64_t entries;
    uint8_t hash[AUDIT_HASH_BYTES];
    int64_t broken; // id; 0: none
    const char *how;
};

static bool check_link(void *context, const struct team_audit *entry)
{
    struct chain *c = context;
    uint8_t hash[AUDIT_HASH_BYTES];
    team_audit_hash(slice_of(c->hash, sizeof c->hash), entry, hash);
    if (entry->id != (int64_t)c->entries + 1)
        c->how = "is missing";
    else if (!slice_equal(entry->hash, slice_of(hash, sizeof hash)))
        c->how = "was changed";
    if (c->how) {
        c->broken = (int64_t)c->entries + 1;
        return false;
    }
    memcpy(c->hash, hash, sizeof hash);
    c->entries++;
    return true;
}

bool team_audit_verify(struct store *s, uint64_t *entries, uint8_t newest_hash[AUDIT_HASH_BYTES],
                       struct err *e)
{
    struct chain c = {0};
    if (!team_audit_walk(s, check_link, &c, e))
        return false;
    *entries = c.entries;
    memcpy(newest_hash, c.hash, sizeof c.hash);
    if (c.broken)
        return err_set(e, ERR_CHECKSUM, (uint64_t)c.broken, "entry %" PRId64 " of the audit log %s",
                       c.broken, c.how);
    return true;
}
