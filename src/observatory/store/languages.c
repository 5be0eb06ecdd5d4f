// SPDX-License-Identifier: Apache-2.0
// What of a revision depends on the reader's language: its title's place in the order of lists, and
// the words by which it is found.
#include "observatory/store/store_internal.h"

#include <unicode/ucol.h>
#include <unicode/ustring.h>

// As Canada sorts, in which accents and case come second; French ones are compared from the end.
struct slice store_title_key(struct arena *a, struct slice title, bool french)
{
    enum { LONGEST = 100 };
    UChar wide[LONGEST];
    uint8_t key[LONGEST * 8];
    int32_t len = 0, wrong = 0, key_len = 0;
    UErrorCode status = U_ZERO_ERROR;
    title = slice_sub(title, 0, 1000);
    u_strFromUTF8WithSub(wide, LONGEST, &len, (const char *)title.at, (int32_t)title.len, 0xfffd,
                         &wrong, &status);
    if (len > LONGEST)
        len = LONGEST;
    status = U_ZERO_ERROR;
    UCollator *order = ucol_open(french ? "fr_CA" : "en_CA", &status);
    if (U_SUCCESS(status))
        key_len = ucol_getSortKey(order, wide, len, key, sizeof key);
    ucol_close(order);
    return arena_copy(a, slice_of(key, key_len < 0                    ? 0
                                       : (size_t)key_len < sizeof key ? (size_t)key_len
                                                                      : sizeof key));
}

bool store_words_add(struct store *s, int64_t revision, const struct record *body, struct err *e)
{
    struct record_words words = {0};
    record_words(body, &words);
    sqlite3_stmt *st = store_prepare(s,
                                     "INSERT INTO words (rowid, title, title_fr, body, body_fr,"
                                     " other) VALUES (?, ?, ?, ?, ?, ?)",
                                     e);
    bool ok = false;
    if (st) {
        const struct buf *const texts[] = {&words.title, &words.title_fr, &words.body,
                                           &words.body_fr, &words.other};
        sqlite3_bind_int64(st, 1, revision);
        for (int i = 0; i < 5; i++)
            store_bind_text(st, 2 + i, buf_slice(texts[i]));
        ok = store_run(s, st, e);
    }
    record_words_free(&words);
    return ok;
}

// --- tables of before ---------------------------------------------------------------------------
static bool set_keys(struct store *s, int64_t id, struct slice title, struct slice french,
                     struct arena *a, struct err *e)
{
    sqlite3_stmt *st =
        store_prepare(s, "UPDATE revision SET title_key = ?2, title_key_fr = ?3 WHERE id = ?1", e);
    if (!st)
        return false;
    struct slice key = store_title_key(a, title.len ? title : french, false);
    struct slice key_fr = store_title_key(a, french.len ? french : title, true);
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_blob64(st, 2, key.at ? (const void *)key.at : "", key.len, SQLITE_STATIC);
    sqlite3_bind_blob64(st, 3, key_fr.at ? (const void *)key_fr.at : "", key_fr.len, SQLITE_STATIC);
    return store_run(s, st, e);
}

// Revisions that nobody finds any more have no words.
static bool fill_revision(struct store *s, int64_t id, struct arena *a, struct err *e)
{
    bool row;
    sqlite3_stmt *st =
        store_prepare(s,
                      "SELECT v.title, v.title_fr, v.newest = 1 OR v.public_from > 0,"
                      " b.json FROM revision v JOIN body b ON b.revision = v.id"
                      " WHERE v.id = ?",
                      e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    if (!store_step(s, st, &row, e))
        return false;
    if (!row) {
        store_done(st);
        return true;
    }
    struct slice title = store_column(a, st, 0), french = store_column(a, st, 1);
    bool found = sqlite3_column_int(st, 2);
    struct slice json = store_column(a, st, 3);
    store_done(st);
    struct record body;
    if (!set_keys(s, id, title, french, a, e))
        return false;
    if (!found)
        return true;
    if (!record_from_json(json, a, &body, e))
        return false;
    bool ok = store_words_add(s, id, &body, e);
    record_free(&body);
    return ok;
}

bool store_languages_fill(struct store *s, struct err *e)
{
    bool row, ok = true;
    struct arena a;
    sqlite3_stmt *st = store_prepare(s, "SELECT coalesce(max(id), 0) FROM revision", e);
    if (!st || !store_step(s, st, &row, e))
        return false;
    int64_t last = sqlite3_column_int64(st, 0);
    store_done(st);
    arena_init(&a, 0);
    for (int64_t id = 1; ok && id <= last; id++) {
        arena_reset(&a);
        ok = fill_revision(s, id, &a, e);
    }
    arena_free(&a);
    return ok;
}
