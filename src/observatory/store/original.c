// SPDX-License-Identifier: Apache-2.0
// Imported rows, kept whole. Rows of one file share their columns' names: these are kept once, as a
// shape, and each row keeps its cells. What cannot be put together again byte for byte is kept as
// it came.
#include "observatory/store/store_internal.h"

#include <jansson.h>

static void put_text(struct buf *out, const json_t *text)
{
    buf_byte(out, '"');
    buf_json(out, slice_of(json_string_value(text), json_string_length(text)));
    buf_byte(out, '"');
}

// [["a","1"],["b","2"]] from the names ["a","b"] and the cells ["1","2"].
static bool join(const json_t *names, const json_t *cells, struct buf *out)
{
    if (json_array_size(names) != json_array_size(cells))
        return false;
    buf_byte(out, '[');
    for (size_t i = 0; i < json_array_size(names); i++) {
        const json_t *name = json_array_get(names, i), *cell = json_array_get(cells, i);
        if (!json_is_string(name) || !json_is_string(cell))
            return false;
        buf_str(out, i ? ",[" : "[");
        put_text(out, name);
        buf_byte(out, ',');
        put_text(out, cell);
        buf_byte(out, ']');
    }
    buf_byte(out, ']');
    return true;
}

static bool split_pairs(const json_t *root, struct buf *names, struct buf *cells)
{
    size_t count = json_is_array(root) ? json_array_size(root) : 0;
    for (size_t i = 0; i < count; i++) {
        const json_t *pair = json_array_get(root, i);
        if (!json_is_array(pair) || json_array_size(pair) != 2 ||
            !json_is_string(json_array_get(pair, 0)) || !json_is_string(json_array_get(pair, 1)))
            return false;
        buf_byte(names, i ? ',' : '[');
        buf_byte(cells, i ? ',' : '[');
        put_text(names, json_array_get(pair, 0));
        put_text(cells, json_array_get(pair, 1));
    }
    buf_byte(names, ']');
    buf_byte(cells, ']');
    return count > 0;
}

static bool joined(struct slice names, struct slice cells, struct buf *out)
{
    json_t *n = json_loadb((const char *)names.at, names.len, 0, NULL);
    json_t *c = json_loadb((const char *)cells.at, cells.len, 0, NULL);
    bool ok = n && c && join(n, c, out);
    json_decref(n);
    json_decref(c);
    return ok;
}

// True when names and cells give the very text again.
static bool split(struct slice columns, struct buf *names, struct buf *cells)
{
    json_t *root = json_loadb((const char *)columns.at, columns.len, 0, NULL);
    bool ok = root && split_pairs(root, names, cells);
    json_decref(root);
    struct buf again = {0};
    ok = ok && joined(buf_slice(names), buf_slice(cells), &again) &&
         slice_equal(buf_slice(&again), columns);
    buf_free(&again);
    return ok;
}

static void bind_shape(sqlite3_stmt *st, const struct original *o, struct slice names)
{
    store_bind_text(st, 1, o->dataset);
    store_bind_text(st, 2, o->file);
    store_bind_text(st, 3, names);
}

static bool shape_id(struct store *s, const struct original *o, struct slice names, int64_t *id,
                     struct err *e)
{
    bool row;
    sqlite3_stmt *st = store_prepare(s,
                                     "SELECT id FROM original_shape WHERE dataset = ? AND file = ?"
                                     " AND columns = ?",
                                     e);
    if (!st)
        return false;
    bind_shape(st, o, names);
    if (!store_step(s, st, &row, e))
        return false;
    *id = row ? sqlite3_column_int64(st, 0) : 0;
    store_done(st);
    if (row)
        return true;
    st =
        store_prepare(s, "INSERT INTO original_shape (dataset, file, columns) VALUES (?, ?, ?)", e);
    if (!st)
        return false;
    bind_shape(st, o, names);
    if (!store_run(s, st, e))
        return false;
    *id = sqlite3_last_insert_rowid(s->db);
    return true;
}

static bool record_row(struct store *s, struct slice record, int64_t *id, struct err *e)
{
    int kind;
    int64_t number;
    bool row = false;
    if (!store_id_parse(record, &kind, &number))
        return err_set(e, ERR_USAGE, 0, "the store: not the id of a record");
    sqlite3_stmt *st = store_prepare(s, "SELECT id FROM record WHERE kind = ? AND number = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int(st, 1, kind);
    sqlite3_bind_int64(st, 2, number);
    if (!store_step(s, st, &row, e))
        return false;
    *id = row ? sqlite3_column_int64(st, 0) : 0;
    store_done(st);
    return row || err_set(e, ERR_USAGE, 0, "the store has no record %.*s", SLICE_FMT(record));
}

static bool insert_original(struct store *s, int64_t record, int64_t shape,
                            const struct original *o, struct slice cells, struct err *e)
{
    sqlite3_stmt *st =
        store_prepare(s, "INSERT INTO original (record, shape, row, cells) VALUES (?, ?, ?, ?)", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, record);
    sqlite3_bind_int64(st, 2, shape);
    sqlite3_bind_int64(st, 3, (int64_t)o->row);
    store_bind_text(st, 4, cells);
    return store_run(s, st, e);
}

bool store_original_add(struct store *s, struct slice record, const struct original *o,
                        struct err *e)
{
    struct buf names = {0}, cells = {0};
    int64_t id, shape;
    bool shaped = split(o->columns, &names, &cells);
    if (!store_begin(s, e))
        return false;
    bool ok = record_row(s, record, &id, e) &&
              shape_id(s, o, shaped ? buf_slice(&names) : (struct slice){0}, &shape, e) &&
              insert_original(s, id, shape, o, shaped ? buf_slice(&cells) : o->columns, e);
    buf_free(&names);
    buf_free(&cells);
    if (ok)
        return store_commit(s, e);
    store_rollback(s);
    return false;
}

static bool take_original(sqlite3_stmt *st, struct arena *a, struct original *o, struct err *e)
{
    struct slice names = store_column(a, st, 2), cells = store_column(a, st, 4);
    *o = (struct original){
        .dataset = store_column(a, st, 0),
        .file = store_column(a, st, 1),
        .row = (uint64_t)sqlite3_column_int64(st, 3),
        .columns = cells,
    };
    if (!names.len)
        return true;
    struct buf out = {0};
    bool ok = joined(names, cells, &out);
    o->columns = arena_copy(a, buf_slice(&out));
    buf_free(&out);
    return ok || err_set(e, ERR_FORMAT, 0, "the store: an imported row is damaged");
}

bool store_originals(struct store *s, struct slice record, struct arena *a, struct original **out,
                     size_t *count, struct err *e)
{
    int kind;
    int64_t number;
    bool row, ok;
    ARRAY_OF(struct original) found = {0};
    *out = NULL;
    *count = 0;
    if (!store_id_parse(record, &kind, &number))
        return true;
    sqlite3_stmt *st = store_prepare(s,
                                     "SELECT h.dataset, h.file, h.columns, o.row, o.cells"
                                     " FROM record r JOIN original o ON o.record = r.id"
                                     " JOIN original_shape h ON h.id = o.shape"
                                     " WHERE r.kind = ? AND r.number = ? ORDER BY o.id",
                                     e);
    if (!st)
        return false;
    sqlite3_bind_int(st, 1, kind);
    sqlite3_bind_int64(st, 2, number);
    while ((ok = store_step(s, st, &row, e)) && row)
        if (!(ok = take_original(st, a, ARRAY_ADD(&found), e)))
            break;
    store_done(st);
    if (ok) {
        *out = ARENA_ARRAY(a, struct original, found.count);
        if (found.count)
            memcpy(*out, found.items, found.count * sizeof **out);
        *count = found.count;
    }
    ARRAY_FREE(&found);
    return ok;
}

enum store_found store_import_find(struct store *s, struct slice key, struct arena *a,
                                   struct slice *record, struct err *e)
{
    bool row;
    sqlite3_stmt *st = store_prepare(s,
                                     "SELECT r.kind, r.number FROM import_key k"
                                     " JOIN record r ON r.id = k.record WHERE k.key = ?",
                                     e);
    if (!st)
        return STORE_ERROR;
    sqlite3_bind_blob64(st, 1, key.len ? (const void *)key.at : "", key.len, SQLITE_STATIC);
    if (!store_step(s, st, &row, e))
        return STORE_ERROR;
    if (row)
        *record = store_id_text(a, sqlite3_column_int(st, 0), sqlite3_column_int64(st, 1));
    store_done(st);
    return row ? STORE_FOUND : STORE_NONE;
}

bool store_import_note(struct store *s, struct slice key, struct slice record, struct err *e)
{
    int64_t id = 0;
    if (!record_row(s, record, &id, e))
        return false;
    sqlite3_stmt *st = store_prepare(s, "INSERT OR REPLACE INTO import_key VALUES (?, ?)", e);
    if (!st)
        return false;
    sqlite3_bind_blob64(st, 1, key.len ? (const void *)key.at : "", key.len, SQLITE_STATIC);
    sqlite3_bind_int64(st, 2, id);
    return store_run(s, st, e);
}
