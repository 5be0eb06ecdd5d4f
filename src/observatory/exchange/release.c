// SPDX-License-Identifier: Apache-2.0
#include "observatory/exchange/release.h"

#include "base/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct file { // being written and hashed
    FILE *to;
    struct sha256 *hash;
};

static bool sink(void *context, struct slice bytes)
{
    struct file *f = context;
    sha256_add(f->hash, bytes);
    return fwrite(bytes.at, 1, bytes.len, f->to) == bytes.len;
}

static bool close_file(struct file *f, const char *path, struct err *e)
{
    bool ok = fflush(f->to) == 0 && fsync(fileno(f->to)) == 0;
    ok = fclose(f->to) == 0 && ok;
    return ok || err_set_errno(e, "%s", path);
}

// Writes one file of the release and its line of SHA256SUMS.
struct writing {
    struct store *store;
    const struct release_options *options;
    struct query query;
    const char *folder; // of this release, under its temporary name
    struct buf sums;
    struct arena *arena;
};

static bool open_file(struct writing *w, const char *name, struct file *f, const char **path,
                      struct err *e)
{
    *path = arena_str(w->arena, arena_printf(w->arena, "%s/%s", w->folder, name));
    f->to = fopen(*path, "wbxe");
    if (!f->to)
        return err_set_errno(e, "%s", *path);
    f->hash = sha256_create();
    return true;
}

static bool end_file(struct writing *w, const char *name, struct file *f, const char *path, bool ok,
                     struct err *e)
{
    struct sha256_digest d = sha256_finish(f->hash);
    char hex[65];
    sha256_hex(&d, hex);
    sha256_destroy(f->hash);
    buf_printf(&w->sums, "%s  %s\n", hex, name);
    if (ok)
        return close_file(f, path, e);
    fclose(f->to);
    return false;
}

static bool write_export(struct writing *w, const char *name, enum export_format format,
                         const char *kind, struct err *e)
{
    struct file f;
    const char *path;
    if (!open_file(w, name, &f, &path, e))
        return false;
    struct query q = w->query;
    q.kind = kind;
    bool ok = export_write(w->store, &q, format, &w->options->export, sink, &f, e);
    return end_file(w, name, &f, path, ok, e);
}

static bool write_text(struct writing *w, const char *name, struct slice text, struct err *e)
{
    struct file f;
    const char *path;
    if (!open_file(w, name, &f, &path, e))
        return false;
    bool ok = sink(&f, text) || err_set_errno(e, "%s", path);
    return end_file(w, name, &f, path, ok, e);
}

// A YAML double-quoted text (YAML 1.2, section 7.3.1).
static void yaml_text(struct buf *b, struct slice s)
{
    buf_byte(b, '"');
    buf_json(b, s);
    buf_byte(b, '"');
}

// Citation File Format 1.2.0.
static struct slice citation(struct writing *w, const struct release *r)
{
    const struct export_options *x = &w->options->export;
    struct buf b = {0};
    char when[VTIME_TEXT_MAX];
    time_format_seconds(r->made, when); // 20 characters: 2026-11-22T02:32:17Z
    struct slice name = x->name.len ? x->name : SLICE("Registry of cyber incidents");
    buf_str(&b, "cff-version: 1.2.0\nmessage: \"Please cite this release, with its number.\"\n"
                "type: dataset\ntitle: ");
    yaml_text(&b, name);
    buf_str(&b, "\nauthors:\n  - name: ");
    yaml_text(&b, name);
    buf_printf(&b, "\nversion: \"%u\"\ndate-released: %.10s\n", r->number, when);
    if (x->base_url.len) {
        buf_str(&b, "url: ");
        yaml_text(&b,
                  arena_printf(w->arena, "%.*s/en/releases/%u", SLICE_FMT(x->base_url), r->number));
        buf_byte(&b, '\n');
    }
    if (w->options->licence.len) {
        buf_str(&b, "license: ");
        yaml_text(&b, w->options->licence);
        buf_byte(&b, '\n');
    }
    buf_str(&b, "abstract: ");
    yaml_text(&b, arena_printf(w->arena,
                               "%s%llu published records as of %.20s. Origins are given as "
                               "reported and do not imply who is responsible.",
                               x->demo ? "The data are invented. " : "",
                               (unsigned long long)r->records, when));
    buf_byte(&b, '\n');
    struct slice out = arena_copy(w->arena, buf_slice(&b));
    buf_free(&b);
    return out;
}

static bool write_files(struct writing *w, struct release *r, struct err *e)
{
    if (!write_export(w, "incidents.csv", EXPORT_CSV, "incident", e) ||
        !write_export(w, "claims.csv", EXPORT_CLAIMS_CSV, "incident", e) ||
        !write_export(w, "records.json", EXPORT_JSON, NULL, e) ||
        !write_export(w, "records.stix.json", EXPORT_STIX, NULL, e) ||
        !write_text(w, "CITATION.cff", citation(w, r), e))
        return false;
    struct slice sums = arena_copy(w->arena, buf_slice(&w->sums));
    struct sha256_digest d = sha256_of(sums);
    char hex[65];
    sha256_hex(&d, hex);
    r->checksum = arena_copy(w->arena, slice_from_str(hex));
    if (!write_text(w, "SHA256SUMS", sums, e))
        return false;
    if (!w->options->key)
        return true;
    r->key = minisign_key_id(w->arena, w->options->key);
    struct slice comment = arena_printf(w->arena, "release %u, SHA256SUMS", r->number);
    return write_text(w, "SHA256SUMS.minisig",
                      minisign_sign(w->arena, w->options->key, sums, comment), e);
}

static void remove_folder(struct arena *a, const char *folder)
{
    static const char *const names[] = {"incidents.csv",     "claims.csv",   "records.json",
                                        "records.stix.json", "CITATION.cff", "SHA256SUMS",
                                        "SHA256SUMS.minisig"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(arena_str(a, arena_printf(a, "%s/%s", folder, names[i])));
    rmdir(folder);
}

static bool sync_folder(const char *folder, struct err *e)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (!ok)
        err_set_errno(e, "%s", folder);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool release_make(struct store *s, const struct release_options *o, struct release *out,
                  struct arena *a, struct err *e)
{
    struct release r = {.made = time_now(), .note = o->note};
    struct writing w = {.store = s, .options = o, .arena = a};
    w.query = (struct query){.as_of = r.made, .sort = SORT_OLDEST};
    if (mkdir(o->folder, 0755) != 0 && errno != EEXIST)
        return err_set_errno(e, "%s", o->folder);
    if (!store_begin(s, e))
        return false;
    w.folder = arena_str(a, arena_printf(a, "%s/.new", o->folder));
    remove_folder(a, w.folder); // of a release that was interrupted
    bool ok = store_count(s, &w.query, &r.records, e);
    struct release *list;
    size_t count = 0;
    ok = ok && release_list(s, a, &list, &count, e);
    r.number = ok && count ? list[0].number + 1 : 1;
    const char *final = arena_str(a, arena_printf(a, "%s/%u", o->folder, r.number));
    if (ok && access(final, F_OK) == 0)
        ok = err_set(e, ERR_USAGE, 0, "%s is there already, though the store does not know it",
                     final);
    if (ok && mkdir(w.folder, 0755) != 0)
        ok = err_set_errno(e, "%s", w.folder);
    ok = ok && write_files(&w, &r, e) && sync_folder(w.folder, e) && release_add(s, &r, e);
    if (ok && rename(w.folder, final) != 0)
        ok = err_set_errno(e, "%s", final);
    ok = ok && sync_folder(o->folder, e);
    buf_free(&w.sums);
    if (!ok) {
        store_rollback(s);
        remove_folder(a, w.folder);
        return false;
    }
    *out = r;
    return store_commit(s, e);
}
