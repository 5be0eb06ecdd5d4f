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

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
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
    SETTLED_SECONDS = 2, // file systems' clocks are coarser than that nowhere we look
};

static const char magic[MAGIC_SIZE + 1] = "VGRULES4";

// A rule file as it was when it was read.
struct origin {
    struct slice path;
    uint64_t device, inode, size;
    int64_t changed[2], modified[2]; // seconds, nanoseconds
    struct sha256_digest digest;
};

struct manifest {
    struct arena arena;
    int64_t made; // seconds since 1970, before the first file was read
    struct origin *origins;
    size_t count;
};

static struct origin origin_of(struct slice path, const struct stat *st)
{
    return (struct origin){
        .path = path,
        .device = st->st_dev,
        .inode = st->st_ino,
        .size = (uint64_t)st->st_size,
        .changed = {st->st_ctim.tv_sec, st->st_ctim.tv_nsec},
        .modified = {st->st_mtim.tv_sec, st->st_mtim.tv_nsec},
    };
}

static void code_origin(struct codec *c, struct origin *o)
{
    codec_text(c, &o->path);
    o->device = codec_u64(c, o->device);
    o->inode = codec_u64(c, o->inode);
    o->size = codec_u64(c, o->size);
    codec_bytes(c, o->changed, sizeof o->changed);
    codec_bytes(c, o->modified, sizeof o->modified);
    codec_bytes(c, &o->digest, sizeof o->digest);
}

static void code_manifest(struct codec *c, struct manifest *m)
{
    codec_bytes(c, &m->made, sizeof m->made);
    CODE_ARRAY(c, m->origins, m->count, code_origin);
}

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

// --- Are the files what they were?

struct comparison {
    const struct manifest *manifest;
    size_t next;
    bool by_content; // else by what the file system says
    uint64_t device; // of the path being walked
    bool same;
};

// A file system whose change time follows every change and cannot be set.
static bool times_tell(const char *path, uint64_t *device)
{
    static const uint32_t local[] = {
        0xef53,     0x58465342, 0x9123683e, 0x01021994,
        0x794c7630, 0x2fc12fc1, 0xf2f52010}; // ext4, xfs, btrfs,
                                             // tmpfs, overlay, zfs, f2fs
    struct statfs fs;
    struct stat st;
    if (statfs(path, &fs) != 0 || stat(path, &st) != 0)
        return false;
    *device = st.st_dev;
    for (size_t i = 0; i < sizeof local / sizeof *local; i++)
        if ((uint32_t)fs.f_type == local[i])
            return true;
    return false;
}

static bool stat_is_same(const struct comparison *c, const struct origin *old,
                         const struct origin *now)
{
    // One that was changed while, or shortly before, it was read may have changed again since
    // without a new time.
    return now->device == c->device && old->device == now->device && old->inode == now->inode &&
           old->size == now->size && memcmp(old->changed, now->changed, sizeof now->changed) == 0 &&
           memcmp(old->modified, now->modified, sizeof now->modified) == 0 &&
           now->changed[0] < c->manifest->made - SETTLED_SECONDS;
}

static void compare_file(void *user, struct slice path, const struct stat *st, struct slice text,
                         const struct err *e)
{
    struct comparison *c = user;
    if (!c->same)
        return;
    c->same = !e && c->next < c->manifest->count;
    if (!c->same)
        return;
    const struct origin *old = &c->manifest->origins[c->next++];
    struct origin now = origin_of(path, st);
    c->same = slice_equal(old->path, path);
    if (!c->same)
        return;
    if (c->by_content) {
        now.digest = sha256_of(text);
        c->same = memcmp(&old->digest, &now.digest, sizeof now.digest) == 0;
    } else {
        c->same = stat_is_same(c, old, &now);
    }
}

static bool compare(const struct sigma_rules_from *from, const struct manifest *m, bool by_content)
{
    struct comparison c = {.manifest = m, .by_content = by_content, .same = true};
    struct err e;
    for (size_t i = 0; i < from->path_count && c.same; i++) {
        bool walked = (by_content || times_tell(from->paths[i], &c.device)) &&
                      sigma_walk_rule_stats(from->paths[i], from->load.max_file_bytes, by_content,
                                            compare_file, &c, &e);
        c.same = c.same && walked; // the walk clears it, too
    }
    return c.same && c.next == m->count;
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
        .reading = true, .at = s.at, .end = s.at + s.len, .budget = CODEC_BUDGET(s.len)};
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
    struct manifest m = {0};
    arena_init(&m.arena, (size_t)1 << 20);
    struct codec c = reader_of(x->head);
    c.arena = &m.arena;
    codec_text(&c, &made_for);
    bool current = !c.bad && slice_equal(made_for, x->identity);
    if (current)
        code_manifest(&c, &m);
    current = current && !c.bad && c.at == c.end &&
              (compare(x->from, &m, false) || compare(x->from, &m, true));
    codec_free(&c);
    arena_free(&m.arena);
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
    struct manifest manifest;
    ARRAY_OF(struct origin) origins;
    bool unreadable; // something may come right by itself: not kept
};

static void load_file(void *user, struct slice path, const struct stat *st, struct slice text,
                      const struct err *e)
{
    struct cold_load *l = user;
    if (e) {
        l->unreadable = true;
        sigma_refuse(l->set, arena_copy(&l->set->arena, path), 0, (struct slice){0}, false,
                     arena_copy(&l->set->arena, slice_from_str(e->message)));
        return;
    }
    struct origin o = origin_of(arena_copy(&l->manifest.arena, path), st);
    o.digest = sha256_of(text);
    *ARRAY_ADD(&l->origins) = o;
    if (l->origins.count == MANY_FILES)
        l->set->arena.block_size = ARENA_HUGE;
    sigma_set_add_text(l->set, path, text, false, l->options);
}

static bool load_cold(const struct sigma_rules_from *from, struct cold_load *l,
                      struct sigma_engine **engine, struct err *e)
{
    struct sigma_set *set = l->set;
    l->options = &from->load;
    l->manifest.made = (int64_t)time(NULL);
    sigma_set_init(set);
    if (from->bundled)
        sigma_set_add_bundled(set, &from->load);
    for (size_t i = 0; i < from->path_count; i++) {
        if (!sigma_walk_rule_stats(from->paths[i], from->load.max_file_bytes, true, load_file, l,
                                   e)) {
            sigma_set_free(set);
            return false;
        }
    }
    sigma_set_finish(set, &from->load);
    *engine = sigma_engine_create(set, &from->engine);
    l->manifest.origins = l->origins.items;
    l->manifest.count = l->origins.count;
    return true;
}

bool sigma_cache_encode(struct sigma_set *set, struct sigma_engine *engine, struct buf *out)
{
    struct codec c = {.out = out};
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
    code_manifest(&c, &l->manifest);
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
    arena_init(&l.manifest.arena, (size_t)256 << 10);
    report = report ? report : &unused;
    *report = (struct sigma_cache_report){0};
    struct slice identity = from->cache ? identity_of(from, &l.manifest.arena) : (struct slice){0};
    const char *path = identity.len ? cache_path(from, identity, &l.manifest.arena) : NULL;
    bool ok = path && open_cache(from, path, identity, set, engine);
    if (ok) {
        report->use = SIGMA_CACHE_USED;
    } else {
        ok = load_cold(from, &l, engine, e);
        if (ok && path && !l.unreadable && write_cache(path, identity, &l, *engine, report))
            remove_oldest(from->cache);
    }
    ARRAY_FREE(&l.origins);
    arena_free(&l.manifest.arena);
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
