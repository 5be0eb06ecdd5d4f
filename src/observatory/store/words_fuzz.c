// SPDX-License-Identifier: Apache-2.0
// Whatever a reader types must be an expression that FTS5 accepts.
#include "observatory/store/store_internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sqlite3_stmt *search_statement(sqlite3 **db)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_open(":memory:", db) != SQLITE_OK ||
        sqlite3_exec(*db,
                     "CREATE VIRTUAL TABLE words USING fts5 (title, body,"
                     " tokenize = 'unicode61 remove_diacritics 2', prefix = '3');"
                     "INSERT INTO words VALUES ('one two', 'three four')",
                     NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(*db, "SELECT rowid FROM words WHERE words MATCH ?", -1, &st, NULL) !=
            SQLITE_OK)
        abort();
    return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static sqlite3 *db;
    static sqlite3_stmt *st; // one for all inputs: making it takes longer than asking
    struct buf match = {0};
    if (!st)
        st = search_statement(&db);
    uint8_t *copy = malloc(size ? size : 1); // exactly as long, so that reading past it shows
    if (!copy)
        return 0;
    if (size)
        memcpy(copy, data, size);
    if (store_words_match(slice_of(copy, size), &match)) {
        sqlite3_bind_text(st, 1, (const char *)match.at, -1, SQLITE_STATIC);
        int code;
        while ((code = sqlite3_step(st)) == SQLITE_ROW)
            ;
        if (code != SQLITE_DONE)
            abort();
        sqlite3_reset(st);
    }
    buf_free(&match);
    free(copy);
    return 0;
}
