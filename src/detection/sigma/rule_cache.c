// SPDX-License-Identifier: Apache-2.0
// The cache's file: magic, SHA-256 of the rest, what it was made of (its length, identity, rule
// files), rules.
#include "detection/sigma/rule_cache.h"

#include "base/out.h"
#include "base/sha256.h"
#include "base/time.h"
#include "detection/sigma/build.h"
#include "detection/sigma/codec.h"
#include "detection/sigma/load.h"
#include "detection/sigma/rule_origins.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    MAGIC_SIZE = 8,
    HEADER_SIZE = MAGIC_SIZE + sizeof(struct sha256_digest),
    MAX_CACHE_BYTES = 512 << 20,
    HEAD_LENGTH_SIZE = 8,
    LARGE_BODY = 1 << 20,
    MANY_FILES = 256,    // from then on it is worth large blocks
    KEPT_FILES = 8,      // of different rules and options
};

static const char magic[MAGIC_SIZE + 1] = "VGRULES5";

// What else decides the outcome: this build and the libraries that read rules, options, paths.
static struct slice identity_of(const struct sigma_rules_from *from, struct arena *a)
{
    struct buf b = {0};
    const struct sigma_load_options *o = &from->load;
    bool known = build_identity(&b);
    buf_printf(&b, "level %d deprecated %d statuses %u bytes %zu bundled %d\n",
               (int)o->minimum_level, o->with_deprecated, o->statuses, o->max_file_bytes,
               from->bundled);
    for (size_t i = 0; i < from->path_count; i++)
        buf_printf(&b, "%zu %s\n", strlen(from->paths[i]), from->paths[i]);
    struct slice s = known ? arena_copy(a, buf_slice(&b)) : (struct slice){0};
    buf_free(&b);
    return s;
}

static char *cache_path(const struct sigma_rules_from *from, struct slice identity, struct arena *a)
{
    char hex[65];
    struct sha256_digest d = sha256_of(identity);
    sha256_hex(&d, hex);
    return arena_str(a, arena_printf(a, "%s/%.32s.rules", from->cache, hex));
}

// --- Reading

static bool is_ours(const struct stat *st)
{
    return st->st_uid == geteuid() && (st->st_mode & 022) == 0;
}

static bool read_whole(const char *path, struct arena *a, struct slice *out)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_ours(&st) &&
              st.st_size >= (off_t)HEADER_SIZE && st.st_size <= MAX_CACHE_BYTES;
    size_t size = ok ? (size_t)st.st_size : 0, done = 0;
    uint8_t *to = ok ? arena_bytes(a, size) : NULL;
    while (ok && done < size) {
        ssize_t got = read(fd, to + done, size - done);
        ok = got > 0;
        done += ok ? (size_t)got : 0;
    }
    close(fd);
    *out = slice_of(to, done);
    return ok;
}

static bool has_magic(struct slice file, struct slice *body)
{
    if (file.len < HEADER_SIZE || memcmp(file.at, magic, MAGIC_SIZE) != 0)
        return false;
    *body = slice_sub(file, HEADER_SIZE, file.len);
    return true;
}

static bool checksum_fits(struct slice file)
{
    struct sha256_digest d = sha256_of(slice_sub(file, HEADER_SIZE, file.len));
    return memcmp(d.bytes, file.at + MAGIC_SIZE, sizeof d.bytes) == 0;
}

static struct codec reader_of(struct slice s)
{
    return (struct codec){
        .reading = true, .begin = s.at, .at = s.at, .end = s.at + s.len, .budget = CODEC_BUDGET(s.len)};
}

static bool decode(struct codec *c, const struct sigma_engine_options *options,
                   struct sigma_set *set, struct sigma_engine **engine)
{
    c->arena = &set->arena;
    *engine = engine_new(set, options);
    if ((size_t)(c->end - c->at) >= LARGE_BODY) { // what comes of it fills huge pages
        set->arena.block_size = ARENA_HUGE;
        (*engine)->arena.block_size = ARENA_HUGE;
    }
    if (codec_set(c, set) && codec_engine(c, *engine))
        return true;
    sigma_engine_destroy(*engine);
    *engine = NULL;
    return false;
}

bool sigma_cache_decode(struct slice body, const struct sigma_engine_options *options,
                        struct sigma_set *set, struct sigma_engine **engine)
{
    struct codec c = reader_of(body);
    bool ok = decode(&c, options, set, engine);
    codec_free(&c);
    if (!ok) {
        sigma_set_free(set);
        sigma_set_init(set);
    }
    return ok;
}

// The body: the length of its head (8 bytes, little-endian), the head, the rules.
static bool split_body(struct slice body, struct slice *head, struct slice *rules)
{
    if (body.len < HEAD_LENGTH_SIZE || le64(body.at) > body.len - HEAD_LENGTH_SIZE)
        return false;
    size_t end = HEAD_LENGTH_SIZE + (size_t)le64(body.at);
    *head = slice_sub(body, HEAD_LENGTH_SIZE, end);
    *rules = slice_sub(body, end, body.len);
    return true;
}

// Whether a file is whole, and of these rules as they are now.
struct inspection {
    const struct sigma_rules_from *from;
    struct slice file, head, identity;
    bool current;
};

static bool head_is_current(const struct inspection *x)
{
    struct slice made_for = {0};
    struct rule_origins origins;
    struct codec c = reader_of(x->head);
    rule_origins_init(&origins);
    codec_text(&c, &made_for);
    bool current = !c.bad && slice_equal(made_for, x->identity) &&
                   rule_origins_code(&c, &origins) && c.at == c.end &&
                   rule_origins_current(&origins, x->from->paths, x->from->path_count,
                                        x->from->load.max_file_bytes);
    codec_free(&c);
    rule_origins_free(&origins);
    return current;
}

static void *inspect(void *user)
{
    struct inspection *x = user;
    x->current = checksum_fits(x->file) && head_is_current(x);
    return NULL;
}

// Inspecting takes as long as decoding, and neither needs the other: what is read is checked so
// that any bytes do no harm. So a large file has two threads. It counts when both are content.
static bool open_file(struct inspection *x, struct slice rules, struct sigma_set *set,
                      struct sigma_engine **engine)
{
    pthread_t thread;
    struct codec c = reader_of(rules);
    bool apart = rules.len >= LARGE_BODY && pthread_create(&thread, NULL, inspect, x) == 0;
    if (!apart)
        inspect(x);
    bool ok = (apart || x->current) && decode(&c, &x->from->engine, set, engine);
    if (apart)
        pthread_join(thread, NULL);
    codec_free(&c);
    if (ok && !x->current)
        sigma_engine_destroy(*engine);
    return ok && x->current;
}

static bool open_cache(const struct sigma_rules_from *from, const char *path, struct slice identity,
                       struct sigma_set *set, struct sigma_engine **engine)
{
    struct inspection x = {.from = from, .identity = identity};
    struct slice body, rules;
    sigma_set_init(set);
    if (read_whole(path, &set->arena, &x.file) && has_magic(x.file, &body) &&
        split_body(body, &x.head, &rules) && open_file(&x, rules, set, engine))
        return true;
    sigma_set_free(set);
    return false;
}

// --- Writing

struct cold_load {
    struct sigma_set *set;
    const struct sigma_load_options *options;
    struct rule_origins origins;
    size_t files;
    bool unreadable; // something may come right by itself: not kept
};

static void load_met(void *user, const struct sigma_met *met)
{
    struct cold_load *l = user;
    if (met->error) {
        l->unreadable = true;
        sigma_refuse(l->set, arena_copy(&l->set->arena, met->path), 0, (struct slice){0}, false,
                     arena_copy(&l->set->arena, slice_from_str(met->error->message)));
        return;
    }
    rule_origins_add(&l->origins, met);
    if (met->folder)
        return;
    if (++l->files == MANY_FILES)
        l->set->arena.block_size = ARENA_HUGE;
    sigma_set_add_text(l->set, met->path, met->text, false, l->options);
}

static bool load_cold(const struct sigma_rules_from *from, struct cold_load *l,
                      struct sigma_engine **engine, struct err *e)
{
    struct sigma_set *set = l->set;
    l->options = &from->load;
    l->origins.made = (int64_t)time(NULL);
    sigma_set_init(set);
    if (from->bundled)
        sigma_set_add_bundled(set, &from->load);
    for (size_t i = 0; i < from->path_count; i++) {
        if (!sigma_walk_met(from->paths[i], from->load.max_file_bytes, true, load_met, l, e)) {
            sigma_set_free(set);
            return false;
        }
    }
    sigma_set_finish(set, &from->load);
    *engine = sigma_engine_create(set, &from->engine);
    return true;
}

bool sigma_cache_encode(struct sigma_set *set, struct sigma_engine *engine, struct buf *out)
{
    struct codec c = {.out = out, .from = out->len};
    bool ok = codec_set(&c, set) && codec_engine(&c, engine);
    codec_free(&c);
    return ok;
}

struct kept_file {
    char name[64];
    struct timespec modified;
};

// Takes the oldest away, so that there are never many.
static void remove_oldest(const char *folder)
{
    struct kept_file oldest = {0};
    size_t count = 0;
    DIR *d = opendir(folder);
    for (struct dirent *entry; d && (entry = readdir(d));) {
        struct stat st;
        struct slice name = slice_from_str(entry->d_name);
        if (!slice_ends(name, SLICE(".rules")) || name.len >= sizeof oldest.name ||
            fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (!count++ || st.st_mtim.tv_sec < oldest.modified.tv_sec) {
            memcpy(oldest.name, name.at, name.len + 1);
            oldest.modified = st.st_mtim;
        }
    }
    if (count > KEPT_FILES)
        (void)!unlinkat(dirfd(d), oldest.name, 0);
    if (d)
        closedir(d);
}

static bool write_cache(const char *path, struct slice identity, struct cold_load *l,
                        struct sigma_engine *engine, struct sigma_cache_report *report)
{
    struct buf body = {0};
    struct codec c = {.out = &body};
    struct out *out;
    buf_add(&body, slice_of((const uint8_t[HEAD_LENGTH_SIZE]){0}, HEAD_LENGTH_SIZE));
    codec_text(&c, &identity);
    (void)rule_origins_code(&c, &l->origins);
    for (size_t i = 0; i < HEAD_LENGTH_SIZE; i++)
        body.at[i] = (uint8_t)((body.len - HEAD_LENGTH_SIZE) >> 8 * i);
    bool can = !c.bad && sigma_cache_encode(l->set, engine, &body) &&
               body.len + HEADER_SIZE <= MAX_CACHE_BYTES;
    report->use = can ? SIGMA_CACHE_FAILED : SIGMA_CACHE_NONE;
    if (can && out_create(path, &out, &report->why)) {
        struct sha256_digest d = sha256_of(buf_slice(&body));
        out_write(out, slice_of(magic, MAGIC_SIZE));
        out_write(out, slice_of(d.bytes, sizeof d.bytes));
        out_write(out, buf_slice(&body));
        if (out_commit(out, &report->why))
            report->use = SIGMA_CACHE_WRITTEN;
    }
    buf_free(&body);
    return report->use == SIGMA_CACHE_WRITTEN;
}

bool sigma_rules_open(const struct sigma_rules_from *from, struct sigma_set *set,
                      struct sigma_engine **engine, struct sigma_cache_report *report,
                      struct err *e)
{
    struct sigma_cache_report unused;
    struct cold_load l = {.set = set};
    rule_origins_init(&l.origins);
    report = report ? report : &unused;
    *report = (struct sigma_cache_report){0};
    struct slice identity = from->cache ? identity_of(from, &l.origins.arena) : (struct slice){0};
    const char *path = identity.len ? cache_path(from, identity, &l.origins.arena) : NULL;
    bool ok = path && open_cache(from, path, identity, set, engine);
    if (ok) {
        report->use = SIGMA_CACHE_USED;
    } else {
        ok = load_cold(from, &l, engine, e);
        if (ok && path && !l.unreadable && write_cache(path, identity, &l, *engine, report))
            remove_oldest(from->cache);
    }
    rule_origins_free(&l.origins);
    return ok;
}

bool sigma_cache_folder(char *out, size_t size)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    struct err e;
    struct stat st;
    int n = -1;
    if (cache && cache[0] == '/') // the XDG specification: a relative path is to be ignored
        n = snprintf(out, size, "%s/vigie", cache);
    else if (home && home[0] == '/')
        n = snprintf(out, size, "%s/.cache/vigie", home);
    return n > 0 && (size_t)n < size && out_make_folder(out, &e) && lstat(out, &st) == 0 &&
           S_ISDIR(st.st_mode) && is_ours(&st) && access(out, R_OK | W_OK | X_OK) == 0;
}
