// SPDX-License-Identifier: Apache-2.0
#include "observatory/exchange/import.h"

#include "base/map.h"
#include "base/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *name;
    import_format *run;
} formats[] = {
    {"eurepoc", import_eurepoc}, {"cfr", import_cfr}, {"veris", import_veris},
    {"stix", import_stix},       {"csv", import_csv},
};

// Reads the file into the arena: a copy, so that a file that shrinks meanwhile cannot end the
// program as it would under mmap.
static bool read_file(struct import_job *job, struct import_file *f, struct err *e)
{
    int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return err_set_errno(e, "%s", f->path);
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return err_set(e, ERR_USAGE, 0, "%s is not a file", f->path);
    }
    if (st.st_size > IMPORT_MAX_FILE) {
        close(fd);
        return err_set(e, ERR_LIMIT, 0, "%s is larger than %d MiB", f->path, IMPORT_MAX_FILE >> 20);
    }
    size_t size = (size_t)st.st_size, got = 0;
    uint8_t *bytes = arena_bytes(&job->arena, size);
    while (got < size) {
        ssize_t n = read(fd, bytes + got, size - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            err_set_errno(e, "%s", f->path);
            close(fd);
            return false;
        }
        if (n == 0)
            break;
        got += (size_t)n;
    }
    close(fd);
    f->bytes = slice_of(bytes, got);
    return true;
}

static struct slice base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slice_from_str(slash ? slash + 1 : path);
}

bool import_files(struct import_job *job, const char *format, const char *const *paths,
                  size_t count, struct err *e)
{
    import_format *run = NULL;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(format, formats[i].name) == 0)
            run = formats[i].run;
    if (!run)
        return err_set(e, ERR_USAGE, 0,
                       "there is no format '%.40s'; there are eurepoc, cfr, veris, stix, csv",
                       format);
    job->files = ARENA_ARRAY(&job->arena, struct import_file, count + 1);
    job->file_count = count;
    for (size_t i = 0; i < count; i++) {
        job->files[i] = (struct import_file){.path = paths[i], .name = base_name(paths[i])};
        if (!read_file(job, &job->files[i], e))
            return false;
    }
    if (!store_begin(job->store, e))
        return false;
    map_init(&job->seen);
    bool done = run(job, e) && store_commit(job->store, e);
    map_free(&job->seen);
    if (!done)
        store_rollback(job->store);
    return done;
}

void import_refuse(struct import_job *job, struct import_file *f, uint64_t row, const char *reason)
{
    f->counts.refused++;
    if (job->refused)
        job->refused(job->context, f->path, row, reason);
}

// What names a row: its file's name, its content, and which of several such rows it is.
static struct slice row_key(struct import_job *job, struct slice file, struct slice content)
{
    struct sha256 *h = sha256_create();
    sha256_add(h, file);
    sha256_add(h, slice_of("\0", 1));
    sha256_add(h, content);
    struct sha256_digest d = sha256_finish(h);
    sha256_destroy(h);
    char hex[65];
    sha256_hex(&d, hex);
    struct slice key = arena_copy(&job->arena, slice_from_str(hex));
    void **place = map_put(&job->seen, key, NULL);
    if (!*place)
        *place = ARENA_NEW(&job->arena, uint64_t);
    uint64_t *times = *place;
    if (++*times == 1)
        return key;
    return arena_printf(&job->arena, "%s#%llu", hex, (unsigned long long)*times);
}

struct import_row import_object_row(struct import_job *job, struct import_file *f, uint64_t row,
                                    const char *dataset, struct slice json)
{
    return (struct import_row){f, row, dataset, json, row_key(job, f->name, json)};
}

struct import_row import_csv_row(struct import_job *job, struct import_file *f, const char *dataset,
                                 const struct csv *csv)
{
    struct buf b = {0};
    buf_byte(&b, '[');
    for (size_t i = 0; i < csv->cell_count; i++) {
        buf_str(&b, i ? ",[\"" : "[\"");
        if (i < csv->name_count)
            buf_json(&b, csv->names[i]);
        else // more cells than the header names
            buf_printf(&b, "column %zu", i + 1);
        buf_str(&b, "\",\"");
        buf_json(&b, csv->cells[i]);
        buf_str(&b, "\"]");
    }
    buf_byte(&b, ']');
    struct slice columns = arena_copy(&job->arena, buf_slice(&b));
    buf_free(&b);
    return import_object_row(job, f, csv->row, dataset, columns);
}

static bool keep_row(struct import_job *job, const struct import_row *r, struct slice id,
                     struct err *e)
{
    const struct original o = {
        .dataset = slice_from_str(r->dataset),
        .file = r->file->name,
        .row = r->row,
        .columns = r->columns,
    };
    return store_original_add(job->store, id, &o, e) &&
           store_import_note(job->store, r->key, id, e);
}

// A record that people have worked on since is not replaced by a source's newer row: the change
// waits for a reviewer.
static bool state_of_update(struct import_job *job, struct slice id, enum record_state *out,
                            struct err *e)
{
    struct revision newest;
    struct record body;
    enum store_found found = store_record(job->store, id, 0, true, &job->arena, &newest, &body, e);
    if (found == STORE_ERROR)
        return false;
    if (found == STORE_NONE)
        return err_set(e, ERR_FORMAT, 0, "record %.*s is noted as imported and is not there",
                       SLICE_FMT(id));
    record_free(&body);
    bool ours = slice_starts(newest.author, SLICE(IMPORT_AUTHOR));
    *out = ours ? newest.state : STATE_REVIEW;
    return true;
}

static uint32_t items_of(const struct record *r, const char *group)
{
    uint32_t count = 0;
    for (const struct item *i = record_next(r, group, NULL); i; i = record_next(r, group, i))
        count++;
    return count;
}

bool import_save(struct import_job *job, const struct record *r, const struct import_row *rows,
                 size_t row_count, struct slice *id, struct err *e)
{
    struct slice known = {0};
    size_t new_rows = 0;
    bool *is_new = ARENA_ARRAY(&job->arena, bool, row_count);
    for (size_t i = 0; i < row_count; i++) {
        struct slice found = {0};
        enum store_found f = store_import_find(job->store, rows[i].key, &job->arena, &found, e);
        if (f == STORE_ERROR)
            return false;
        is_new[i] = f == STORE_NONE;
        new_rows += is_new[i];
        if (f == STORE_FOUND && (i == 0 || known.len == 0))
            known = found;
    }
    *id = known;
    if (new_rows) {
        struct revision_new n = {
            .record = known,
            .body = r,
            .state = job->state,
            .author = arena_printf(&job->arena, IMPORT_AUTHOR " %s", rows[0].dataset),
            .reason =
                arena_printf(&job->arena, "%s %.*s, row %llu", known.len ? "changed in" : "from",
                             SLICE_FMT(rows[0].file->name), (unsigned long long)rows[0].row),
        };
        struct revision made;
        if (known.len && !state_of_update(job, known, &n.state, e))
            return false;
        if (!store_revision_add(job->store, &n, &job->arena, &made, e))
            return false;
        *id = made.record;
        if (known.len)
            rows[0].file->counts.updated++;
        else
            rows[0].file->counts.incidents++;
    }
    for (size_t i = 0; i < row_count; i++) {
        struct import_counts *counts = &rows[i].file->counts;
        if (!is_new[i]) {
            counts->unchanged++;
            continue;
        }
        counts->claims += row_count == 1 ? items_of(r, "claims") : rows[i].claims;
        counts->targets += row_count == 1 ? items_of(r, "targets") : rows[i].targets;
        if (!keep_row(job, &rows[i], *id, e))
            return false;
    }
    return true;
}
