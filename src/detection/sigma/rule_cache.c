// SPDX-License-Identifier: Apache-2.0
// The cache's file: magic; a sum of all that follows; lengths of the three parts; what it was made
// of (identity, rule files); what matching needs; what is read of a rule when it is first found.
// The first two parts are read at once, the third only passes through the sum.
#include "detection/sigma/rule_cache.h"

#include "base/out.h"
#include "base/sum.h"
#include "base/time.h"
#include "detection/sigma/build.h"
#include "detection/sigma/codec.h"
#include "detection/sigma/load.h"
#include "detection/sigma/rule_origins.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    MAGIC_SIZE = 8,
    LENGTH_SIZE = 8, // little-endian
    PARTS = 3,
    SUMMED_FROM = MAGIC_SIZE + SUM_SIZE,
    HEADER_SIZE = SUMMED_FROM + PARTS * LENGTH_SIZE,
    PART_ALIGNMENT = 8,
    MAX_CACHE_BYTES = 512 << 20,
    LARGE_PART = 1 << 20,
    PASSING_BYTES = 128 << 10,
    MANY_FILES = 256, // from then on it is worth large blocks
    KEPT_FILES = 8,   // of different rules and options
};

static const char magic[MAGIC_SIZE + 1] = "VGRULES6";

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

static char *cache_path(const struct sigma_rules_from *from, const struct sha256_digest *name,
                        struct arena *a)
{
    char hex[65];
    sha256_hex(name, hex);
    return arena_str(a, arena_printf(a, "%s/%.32s.rules", from->cache, hex));
}

// The key makes it a file of this identity.
static struct sum *sum_for(struct slice identity)
{
    struct sha256_digest key = sha256_of(identity);
    _Static_assert(sizeof key.bytes == SUM_KEY_SIZE, "a digest is a key");
    return sum_create(key.bytes);
}

// --- Reading

static bool is_ours(const struct stat *st)
{
    return st->st_uid == geteuid() && (st->st_mode & 022) == 0;
}

enum part {
    PART_HEAD,
    PART_RULES,
    PART_LATER,
};

struct cache_file {
    int fd;
    struct slice front; // all up to the last part
    size_t lengths[PARTS];
};

// A file of ours that has the lengths it says.
static bool open_parts(const char *path, struct cache_file *f)
{
    struct stat st;
    uint8_t header[HEADER_SIZE];
    f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (f->fd < 0 || fstat(f->fd, &st) != 0 || !S_ISREG(st.st_mode) || !is_ours(&st) ||
        st.st_size < (off_t)HEADER_SIZE || st.st_size > MAX_CACHE_BYTES ||
        !codec_read_at(f->fd, header, sizeof header, 0) || memcmp(header, magic, MAGIC_SIZE) != 0)
        return false;
    uint64_t left = (uint64_t)st.st_size - HEADER_SIZE;
    for (size_t k = 0; k < PARTS; k++) {
        uint64_t length = le64(header + SUMMED_FROM + k * LENGTH_SIZE);
        if (length > left)
            return false;
        left -= f->lengths[k] = (size_t)length;
    }
    return left == 0;
}

static bool read_front(struct cache_file *f, struct arena *a)
{
    size_t size = HEADER_SIZE + f->lengths[PART_HEAD] + f->lengths[PART_RULES];
    uint8_t *to = arena_alloc(a, size);
    f->front = slice_of(to, size);
    return codec_read_at(f->fd, to, size, 0);
}

static struct slice part_of(const struct cache_file *f, enum part part)
{
    size_t from = HEADER_SIZE + (part == PART_RULES ? f->lengths[PART_HEAD] : 0);
    return slice_sub(f->front, from, from + f->lengths[part]);
}

static bool sum_fits(const struct cache_file *f, struct slice identity)
{
    uint8_t *passing = mem_alloc(PASSING_BYTES), got[SUM_SIZE];
    struct sum *sum = sum_for(identity);
    bool ok = sum != NULL;
    if (ok)
        sum_add(sum, slice_sub(f->front, SUMMED_FROM, f->front.len));
    for (size_t done = 0, n; ok && done < f->lengths[PART_LATER]; done += n) {
        size_t left = f->lengths[PART_LATER] - done;
        n = left < PASSING_BYTES ? left : PASSING_BYTES;
        ok = codec_read_at(f->fd, passing, n, f->front.len + done);
        if (ok)
            sum_add(sum, slice_of(passing, n));
    }
    ok = ok && sum_finish(sum, got) && memcmp(got, f->front.at + MAGIC_SIZE, sizeof got) == 0;
    sum_destroy(sum);
    free(passing);
    return ok;
}

static struct codec reader_of(struct slice s)
{
    return (struct codec){.reading = true,
                          .begin = s.at,
                          .at = s.at,
                          .end = s.at + s.len,
                          .budget = CODEC_BUDGET(s.len)};
}

static bool decode(struct slice rules, const struct codec_later *later,
                   const struct sigma_engine_options *options, struct sigma_set *set,
                   struct sigma_engine **engine)
{
    struct codec c = reader_of(rules);
    c.arena = &set->arena;
    *engine = engine_new(set, options);
    if (rules.len >= LARGE_PART) { // what comes of it fills huge pages
        set->arena.block_size = ARENA_HUGE;
        (*engine)->arena.block_size = ARENA_HUGE;
    }
    bool ok = codec_set(&c, set, later) && codec_engine(&c, *engine);
    if (!ok) {
        sigma_engine_destroy(*engine);
        *engine = NULL;
    }
    codec_free(&c);
    return ok;
}

bool sigma_cache_decode(struct slice rules, struct slice later,
                        const struct sigma_engine_options *options, struct sigma_set *set,
                        struct sigma_engine **engine)
{
    bool ok =
        decode(rules, &(struct codec_later){.file = -1, .bytes = later}, options, set, engine);
    if (!ok) {
        sigma_set_free(set);
        sigma_set_init(set);
    }
    return ok;
}

static bool head_is_current(struct slice head, const struct sigma_rules_from *from,
                            struct slice identity)
{
    struct slice made_for = {0};
    struct rule_origins origins;
    struct codec c = reader_of(head);
    rule_origins_init(&origins);
    codec_text(&c, &made_for);
    bool current =
        !c.bad && slice_equal(made_for, identity) && rule_origins_code(&c, &origins) &&
        rule_origins_current(&origins, from->paths, from->path_count, from->load.max_file_bytes);
    codec_free(&c);
    rule_origins_free(&origins);
    return current;
}

static bool open_cache(const struct sigma_rules_from *from, const char *path, struct slice identity,
                       struct sigma_set *set, struct sigma_engine **engine)
{
    struct cache_file f;
    sigma_set_init(set);
    bool ok = open_parts(path, &f) && read_front(&f, &set->arena) && sum_fits(&f, identity) &&
              head_is_current(part_of(&f, PART_HEAD), from, identity);
    if (ok) {
        struct codec_later later = {
            .file = f.fd, .from = f.front.len, .bytes = {.len = f.lengths[PART_LATER]}};
        ok = decode(part_of(&f, PART_RULES), &later, &from->engine, set, engine);
        if (set->unread) // the file is the set's now
            f.fd = -1;
    }
    if (f.fd >= 0)
        close(f.fd);
    if (!ok)
        sigma_set_free(set);
    return ok;
}

// --- Writing

struct cold_load {
    struct sigma_set *set;
    struct load_ahead *ahead;
    struct rule_origins origins;
    size_t files;
    bool unreadable; // something may come right by itself: not kept
};

static void load_met(void *user, const struct sigma_met *met)
{
    struct cold_load *l = user;
    if (met->error) {
        l->unreadable = true;
        load_ahead_refuse(l->ahead, met->path, met->error);
        return;
    }
    rule_origins_add(&l->origins, met);
    if (met->folder)
        return;
    if (++l->files == MANY_FILES)
        l->set->arena.block_size = ARENA_HUGE;
    load_ahead_add(l->ahead, met->path, met->text);
}

static bool load_cold(const struct sigma_rules_from *from, struct cold_load *l,
                      struct sigma_engine **engine, struct err *e)
{
    struct sigma_set *set = l->set;
    l->origins.made = (int64_t)time(NULL);
    sigma_set_init(set);
    if (from->bundled)
        sigma_set_add_bundled(set, &from->load);
    l->ahead = load_ahead_create(set, false, &from->load);
    bool ok = true;
    for (size_t i = 0; i < from->path_count && ok; i++)
        ok = sigma_walk_met(from->paths[i], from->load.max_file_bytes, true, load_met, l, e);
    load_ahead_destroy(l->ahead);
    if (!ok) {
        sigma_set_free(set);
        return false;
    }
    sigma_set_finish(set, &from->load);
    set->files = rule_origins_digest(&l->origins);
    *engine = sigma_engine_create(set, &from->engine);
    return true;
}

bool sigma_cache_encode(struct sigma_set *set, struct sigma_engine *engine, struct buf *rules,
                        struct buf *later)
{
    struct codec c = {.out = rules, .from = rules->len, .later = later};
    bool ok = codec_set(&c, set, NULL) && codec_engine(&c, engine);
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

// All but magic and sum.
static bool encode_file(struct slice identity, struct cold_load *l, struct sigma_engine *engine,
                        struct buf *parts, struct buf *later)
{
    static const uint8_t zeros[PARTS * LENGTH_SIZE];
    buf_add(parts, slice_of(zeros, sizeof zeros));
    struct codec c = {.out = parts, .from = parts->len};
    codec_text(&c, &identity);
    bool ok = rule_origins_code(&c, &l->origins);
    buf_add(parts, slice_of(zeros, -parts->len % PART_ALIGNMENT));
    size_t lengths[PARTS] = {[PART_HEAD] = parts->len - sizeof zeros};
    ok = ok && sigma_cache_encode(l->set, engine, parts, later);
    lengths[PART_RULES] = parts->len - sizeof zeros - lengths[PART_HEAD];
    lengths[PART_LATER] = later->len;
    for (size_t i = 0; i < sizeof zeros; i++)
        parts->at[i] = (uint8_t)(lengths[i / LENGTH_SIZE] >> 8 * (i % LENGTH_SIZE));
    return ok && SUMMED_FROM + parts->len + later->len <= MAX_CACHE_BYTES;
}

static bool write_cache(const char *path, struct slice identity, struct cold_load *l,
                        struct sigma_engine *engine, struct sigma_cache_report *report)
{
    struct buf parts = {0}, later = {0};
    struct sum *sum = sum_for(identity);
    struct out *out;
    uint8_t got[SUM_SIZE];
    bool can = sum && encode_file(identity, l, engine, &parts, &later);
    if (can) {
        sum_add(sum, buf_slice(&parts));
        sum_add(sum, buf_slice(&later));
        can = sum_finish(sum, got);
    }
    report->use = can ? SIGMA_CACHE_FAILED : SIGMA_CACHE_NONE;
    if (can && out_create(path, &out, &report->why)) {
        out_write(out, slice_of(magic, MAGIC_SIZE));
        out_write(out, slice_of(got, sizeof got));
        out_write(out, buf_slice(&parts));
        out_write(out, buf_slice(&later));
        if (out_commit(out, &report->why))
            report->use = SIGMA_CACHE_WRITTEN;
    }
    sum_destroy(sum);
    buf_free(&parts);
    buf_free(&later);
    return report->use == SIGMA_CACHE_WRITTEN;
}

bool sigma_rules_open(const struct sigma_rules_from *from, struct sigma_set *set,
                      struct sigma_engine **engine, struct sigma_cache_report *report,
                      struct err *e)
{
    struct sigma_cache_report unused = {0};
    struct cold_load l = {.set = set};
    rule_origins_init(&l.origins);
    report = report ? report : &unused;
    *report = (struct sigma_cache_report){0};
    struct slice identity = from->cache ? identity_of(from, &l.origins.arena) : (struct slice){0};
    struct sha256_digest name = sha256_of(identity);
    const char *path = identity.len ? cache_path(from, &name, &l.origins.arena) : NULL;
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
