// SPDX-License-Identifier: Apache-2.0
#include "audit/audit.h"

#include "audit/block.h"
#include "audit/block_pool.h"
#include "audit/correlations.h"
#include "base/map.h"

enum {
    MESSAGE_DAMAGES = 3,   // damages of one file that are told on the way; the case keeps more
    READ_SIZE = 256 << 10, // for items that are only hashed
};

// One item of evidence on its way through the pipeline: made when its first block is filled, ended
// when its last one is taken.
struct block_file {
    struct arena arena;
    struct evidence_item item; // slices in the arena
    struct sha256_digest hash;
    bool has_hash;
    bool read_failed; // the stream broke off; item.reason says why
    uint64_t bytes;   // really read
    // summed up while its blocks are taken
    int64_t id;
    uint64_t events, damaged, doubtful;
    ARRAY_OF(struct block_log) logs;
    struct map log_index; // host NUL channel → position + 1
    struct slice first_damage;
    uint64_t first_damage_offset;
    // known with the last one
    enum evidence_state state;
    int64_t duplicate_of; // 0: none
};

struct audit {
    const struct audit_options *options;
    const struct sigma_set *rules;
    struct case_file *c;
    const struct audit_watcher *watcher;
    struct audit_outcome *out;
    struct block_pool *pool;
    struct evidence_walk *walk;
    struct sha256 *hash;          // of items that are not read as logs
    bool *rule_stored;            // of each rule: whether it is in the case
    ARRAY_OF(uint32_t) new_rules; // stored with the file in work: taken back with it
    struct audit_progress progress;
    struct buf text;
    struct err *e;
    bool failed; // the case cannot be written; e says why
};

static bool must_stop(const struct audit *a)
{
    return a->failed || (a->watcher->stop && atomic_load(a->watcher->stop));
}

static void say(const struct audit *a, const char *text)
{
    if (a->watcher->message)
        a->watcher->message(a->watcher->user, text);
}

static void show_progress(struct audit *a)
{
    if (!a->watcher->progress)
        return;
    a->progress.done_bytes = evidence_walk_consumed(a->walk);
    a->progress.events = a->out->events;
    a->watcher->progress(a->watcher->user, &a->progress);
}

// --- The rows of the case

static bool store_rule(struct audit *a, uint32_t index)
{
    if (a->rule_stored[index])
        return true;
    struct finding_rule rule =
        finding_rule_of_sigma(sigma_set_rule(a->rules, index), FINDING_SIGMA);
    a->rule_stored[index] = true;
    *ARRAY_ADD(&a->new_rules) = index;
    return case_add_rule(a->c, &rule, a->e);
}

static void settle_rules(struct audit *a, bool kept)
{
    for (size_t i = 0; i < a->new_rules.count; i++)
        a->rule_stored[a->new_rules.items[i]] = kept;
    a->new_rules.count = 0;
}

static bool store_hit(struct audit *a, int64_t event, const struct block_hit *hit)
{
    if (!store_rule(a, hit->rule))
        return false;
    if (hit->finding) {
        struct finding f = {hit->rule, hit->fields, hit->field_count};
        if (!case_add_finding(a->c, event, &f, a->e))
            return false;
        a->progress.findings++;
    }
    return !hit->base ||
           case_add_match(a->c, event, hit->rule, hit->base_fields, hit->base_field_count, a->e);
}

static bool store_events(struct audit *a, const struct block *b)
{
    for (size_t i = 0; i < b->events.count; i++) {
        const struct block_event *ev = &b->events.items[i];
        int64_t id;
        if (!case_add_event(a->c, b->file->id, &ev->event, &id, a->e))
            return false;
        for (size_t k = 0; k < ev->hit_count; k++)
            if (!store_hit(a, id, &b->hits.items[ev->first_hit + k]))
                return false;
    }
    return true;
}

static bool store_damages(struct audit *a, const struct block *b)
{
    for (size_t i = 0; i < b->damages.count; i++) {
        struct case_damage row = {b->file->id, b->damages.items[i].offset,
                                  b->damages.items[i].message};
        if (!case_add_damage(a->c, &row, a->e))
            return false;
    }
    return true;
}

static void merge_log(struct audit *a, struct block_file *f, const struct block_log *log)
{
    buf_clear(&a->text);
    buf_add(&a->text, log->host);
    buf_byte(&a->text, 0);
    buf_add(&a->text, log->channel);
    uintptr_t number = (uintptr_t)map_get(&f->log_index, buf_slice(&a->text));
    if (!number) {
        struct block_log *copy = ARRAY_ADD(&f->logs);
        *copy = *log;
        copy->host = arena_copy(&f->arena, log->host);
        copy->channel = arena_copy(&f->arena, log->channel);
        struct slice key = arena_copy(&f->arena, buf_slice(&a->text));
        *map_put(&f->log_index, key, NULL) = (void *)(uintptr_t)f->logs.count;
        return;
    }
    struct block_log *into = &f->logs.items[number - 1];
    into->events += log->events;
    if (log->first && (!into->first || log->first < into->first))
        into->first = log->first;
    if (log->last > into->last)
        into->last = log->last;
    if (log->last_record && (!into->last_record || log->first_record < into->first_record))
        into->first_record = log->first_record;
    if (log->last_record > into->last_record)
        into->last_record = log->last_record;
}

static struct slice file_reason(struct block_file *f)
{
    if (f->item.kind == EVIDENCE_OTHER && !f->read_failed)
        return arena_printf(&f->arena, "not a kind of evidence that this version reads: %s",
                            f->item.kind_text);
    if (f->item.kind == EVIDENCE_EMPTY) // an archive can be empty too
        return slice_ends(f->item.path, SLICE("!")) ? slice_from_str(f->item.kind_text)
                                                    : SLICE("empty: 0 bytes");
    struct slice why = f->item.reason;
    if (f->damaged)
        why = arena_printf(&f->arena, "%.*s%s%llu damaged %s; the first at byte %llu: %.*s",
                           SLICE_FMT(why), why.len ? "; " : "", (unsigned long long)f->damaged,
                           f->damaged == 1 ? "part" : "parts",
                           (unsigned long long)f->first_damage_offset, SLICE_FMT(f->first_damage));
    if (f->doubtful)
        why = arena_printf(&f->arena,
                           "%.*s%s%llu %s with wrong checksums, read all the same (usual for a log "
                           "that was copied while the computer was on)",
                           SLICE_FMT(why), why.len ? "; " : "", (unsigned long long)f->doubtful,
                           f->doubtful == 1 ? "place" : "places");
    if (f->state == STATE_READ && f->item.kind == EVIDENCE_EVTX && f->events == 0 && why.len == 0)
        return SLICE("a log without events");
    return why;
}

static enum evidence_state file_state(const struct block_file *f)
{
    switch (f->item.kind) {
    case EVIDENCE_EVTX:
        if (f->events == 0 && (f->damaged || f->read_failed))
            return STATE_NOT_READ;
        return f->damaged || f->read_failed ? STATE_PARTLY_READ : STATE_READ;
    case EVIDENCE_ARCHIVE:
        return f->read_failed || f->item.reason.len ? STATE_PARTLY_READ : STATE_READ;
    case EVIDENCE_EMPTY:
    case EVIDENCE_OTHER:
    case EVIDENCE_UNREADABLE:
    case EVIDENCE_SKIPPED:
        break;
    }
    return STATE_NOT_READ;
}

static bool store_logs(struct audit *a, struct block_file *f)
{
    for (size_t i = 0; i < f->logs.count; i++) {
        const struct block_log *l = &f->logs.items[i];
        struct case_log row = {f->id,    l->host, l->channel,      l->events,
                               l->first, l->last, l->first_record, l->last_record};
        if (!case_add_log(a->c, &row, a->e))
            return false;
    }
    return true;
}

// What is known of a file once its last block is there.
static void judge_file(struct audit *a, struct block_file *f)
{
    f->state = file_state(f);
    if (f->item.kind == EVIDENCE_EVTX && f->has_hash)
        f->duplicate_of = case_evidence_with_hash(a->c, &f->hash);
    if (f->duplicate_of)
        f->state = STATE_DUPLICATE;
}

static bool is_kept(const struct block_file *f)
{
    return f->state == STATE_READ || f->state == STATE_PARTLY_READ;
}

static bool end_file(struct audit *a, struct block_file *f)
{
    bool duplicate = f->duplicate_of != 0;
    struct case_evidence row = {
        .id = f->id,
        .path = f->item.path,
        .kind = slice_from_str(f->item.kind_text),
        .size = f->item.size_known && f->bytes == 0 ? f->item.size : f->bytes,
        .has_hash = f->has_hash,
        .sha256 = f->hash,
        .modified = f->item.modified,
        .events = duplicate ? 0 : f->events,
        .damaged = duplicate ? 0 : f->damaged,
        .state = f->state,
        .reason =
            duplicate ? SLICE("the same bytes as an earlier file, which was read") : file_reason(f),
        .duplicate_of = f->duplicate_of,
    };
    if ((is_kept(f) && !store_logs(a, f)) || !case_evidence_end(a->c, &row, a->e))
        return false;
    settle_rules(a, is_kept(f));
    a->out->files++;
    if (is_kept(f)) {
        a->out->files_read += f->item.kind == EVIDENCE_EVTX;
        a->out->events += row.events;
        a->out->damaged += row.damaged;
    } else if (!duplicate && f->item.kind != EVIDENCE_OTHER) {
        buf_clear(&a->text);
        buf_printf(&a->text, "%.*s: not read: %.*s", SLICE_FMT(f->item.path),
                   SLICE_FMT(row.reason));
        buf_byte(&a->text, 0);
        say(a, (const char *)a->text.at);
    }
    return true;
}

static void free_file(struct block_file *f)
{
    if (!f)
        return;
    map_free(&f->log_index);
    ARRAY_FREE(&f->logs);
    arena_free(&f->arena);
    free(f);
}

static void tell_damage(struct audit *a, const struct block_file *f, const struct block_damage *d)
{
    buf_clear(&a->text);
    buf_printf(&a->text, "%.*s: at byte %llu: %.*s", SLICE_FMT(f->item.path),
               (unsigned long long)d->offset, SLICE_FMT(d->message));
    buf_byte(&a->text, 0);
    say(a, (const char *)a->text.at);
}

static void count_block(struct audit *a, const struct block *b)
{
    struct block_file *f = b->file;
    for (size_t i = 0; i < b->damages.count; i++) {
        const struct block_damage *d = &b->damages.items[i];
        if (d->doubtful)
            continue;
        if (!f->first_damage.at) {
            f->first_damage = arena_copy(&f->arena, d->message);
            f->first_damage_offset = d->offset;
        }
        if (f->damaged + i < MESSAGE_DAMAGES)
            tell_damage(a, f, d);
    }
    f->events += b->event_count;
    f->damaged += b->damage_count;
    f->doubtful += b->doubt_count;
}

static bool begin_file(struct audit *a, const struct block *first)
{
    struct block_file *f = first->file;
    if (first->ends)
        return case_evidence_begin_known(a->c, f->item.path, &f->id, a->e);
    uint64_t size = f->item.size_known ? f->item.size : UINT64_MAX;
    return case_evidence_begin(a->c, f->item.path, size, &f->id, a->e);
}

static bool store_block(struct audit *a, const struct block *b)
{
    for (size_t i = 0; i < b->logs.count; i++)
        merge_log(a, b->file, &b->logs.items[i]);
    return store_events(a, b) && store_damages(a, b);
}

// A file of one block is judged before anything of it is stored: nothing of it is ever taken back.
static bool settle_block(struct audit *a, const struct block *b)
{
    struct block_file *f = b->file;
    count_block(a, b);
    if (b->ends)
        judge_file(a, f);
    if (b->begins && !begin_file(a, b))
        return false;
    bool dropped = b->ends && !is_kept(f);
    return (dropped || store_block(a, b)) && (!b->ends || end_file(a, f));
}

// Takes the oldest block back and stores what it found; false when none is under way.
static bool take_block(struct audit *a)
{
    struct block *b = block_pool_take(a->pool);
    if (!b)
        return false;
    if (b->ends && b->to_hash)
        b->file->hash = b->hash;
    if (!must_stop(a)) {
        a->failed = !settle_block(a, b);
        show_progress(a);
    }
    if (b->ends)
        free_file(b->file);
    return true;
}

// --- The way in

static struct block *next_block(struct audit *a, struct block_file *f)
{
    struct block *b;
    while (!(b = block_pool_free_block(a->pool)))
        take_block(a);
    b->file = f;
    return b;
}

static struct block_file *new_file(const struct evidence_item *item)
{
    struct block_file *f = mem_alloc_zero(1, sizeof *f);
    arena_init(&f->arena, 4096);
    map_init(&f->log_index);
    f->item = *item;
    f->item.path = arena_copy(&f->arena, item->path);
    f->item.reason = arena_copy(&f->arena, item->reason);
    return f;
}

// Reads until the buffer is full or the item ends. False at the end or when the rest cannot be
// read.
static bool read_full(struct audit *a, struct block_file *f, uint8_t *to, size_t size, size_t *got)
{
    *got = 0;
    while (*got < size) {
        size_t n = 0;
        struct err e = {0};
        if (!evidence_walk_read(a->walk, to + *got, size - *got, &n, &e)) {
            f->read_failed = true;
            f->item.reason = arena_printf(&f->arena, "reading stopped at byte %llu: %s",
                                          (unsigned long long)f->bytes + *got, e.message);
            n = 0;
        }
        if (n == 0)
            break;
        *got += n;
    }
    f->bytes += *got;
    return *got == size;
}

// A log: its header, then blocks of chunks. The block in hand is pushed when the next one is
// needed, so that the last one knows that it is the last.
static void read_log(struct audit *a, struct block_file *f)
{
    struct block *b = next_block(a, f);
    b->begins = true;
    size_t got;
    bool more = read_full(a, f, b->head, EVTX_HEADER_SIZE, &got);
    struct evtx_header header = {0};
    struct err e = {0};
    bool bare = !evtx_header_read(slice_of(b->head, got), &header, &e); // begins with a chunk
    size_t filled = bare ? got : 0;
    if (bare)
        memcpy(b->bytes, b->head, got);
    else
        b->head_len = got;
    uint64_t offset = bare ? 0 : EVTX_HEADER_SIZE;
    while (more) {
        size_t capacity = (size_t)BLOCK_CHUNKS * EVTX_CHUNK_SIZE;
        more = read_full(a, f, b->bytes + filled, capacity - filled, &got) && !must_stop(a);
        b->len = filled + got;
        b->offset = offset;
        b->no_crc32 = header.no_crc32;
        b->to_hash = true;
        offset += b->len;
        filled = 0; // the bytes that the header's place held are part of the block now
        if (!more)
            break;
        block_pool_push(a->pool);
        b = next_block(a, f);
    }
    if (filled) { // too short even for a header: the reader will say so
        b->len = filled;
        b->offset = 0;
    }
    f->has_hash = !f->read_failed;
    b->to_hash = b->ends = true;
    block_pool_push(a->pool);
}

static void read_to_hash(struct audit *a, struct block_file *f)
{
    struct block *b = next_block(a, f);
    b->begins = b->ends = true;
    if (f->item.kind != EVIDENCE_UNREADABLE && f->item.kind != EVIDENCE_SKIPPED) {
        bool more = true;
        for (size_t got; more && !must_stop(a); show_progress(a)) {
            more = read_full(a, f, b->bytes, READ_SIZE, &got);
            sha256_add(a->hash, slice_of(b->bytes, got));
        }
        f->hash = sha256_finish(a->hash);
        f->has_hash = !f->read_failed;
    }
    b->len = 0;
    block_pool_push(a->pool);
}

static void read_all(struct audit *a)
{
    struct evidence_item item;
    while (!must_stop(a) && evidence_walk_next(a->walk, &item)) {
        if (a->options->resume && case_evidence_done(a->c, item.path))
            continue;
        struct block_file *f = new_file(&item);
        if (item.kind == EVIDENCE_EVTX)
            read_log(a, f);
        else
            read_to_hash(a, f);
    }
    while (take_block(a))
        ;
}

static void sum_costs(struct audit *a)
{
    size_t count = a->rules->rules.count;
    struct block_worker *workers[AUDIT_MAX_JOBS];
    size_t n = block_pool_workers(a->pool, workers);
    a->out->costs = mem_alloc_zero(count, sizeof *a->out->costs);
    for (size_t w = 0; w < n; w++) {
        const struct sigma_cost *costs = sigma_matcher_profile(workers[w]->matcher);
        for (size_t i = 0; costs && i < count; i++) {
            a->out->costs[i].candidates += costs[i].candidates;
            a->out->costs[i].matches += costs[i].matches;
            a->out->costs[i].nanoseconds += costs[i].nanoseconds;
        }
    }
}

static void tell_limited(struct audit *a)
{
    struct block_worker *workers[AUDIT_MAX_JOBS];
    size_t n = block_pool_workers(a->pool, workers);
    for (size_t i = 0; i < a->rules->rules.count; i++) {
        uint64_t times = 0;
        for (size_t w = 0; w < n; w++) {
            const uint64_t *limited = sigma_matcher_limited(workers[w]->matcher);
            times += limited ? limited[i] : 0;
        }
        if (!times)
            continue;
        buf_clear(&a->text);
        buf_printf(&a->text,
                   "rule '%.*s': its regular expression was given up %llu times, being too costly",
                   SLICE_FMT(sigma_set_rule(a->rules, i)->title), (unsigned long long)times);
        buf_byte(&a->text, 0);
        say(a, (const char *)a->text.at);
    }
}

bool audit_run(const struct audit_options *options, const struct sigma_set *rules,
               const struct sigma_engine *engine, struct case_file *c,
               const struct audit_watcher *watcher, struct audit_outcome *out, struct err *e)
{
    *out = (struct audit_outcome){0};
    struct audit a = {
        .options = options,
        .rules = rules,
        .c = c,
        .watcher = watcher,
        .out = out,
        .e = e,
        .hash = sha256_create(),
        .rule_stored = mem_alloc_zero(rules->rules.count, sizeof(bool)),
        .walk =
            evidence_walk_create(options->paths, options->path_count, options->output_dir, NULL),
        .pool = block_pool_create(options->jobs, options, rules, engine),
    };
    if (watcher->progress)
        a.progress.total_bytes =
            evidence_count_bytes(options->paths, options->path_count, options->output_dir);
    read_all(&a);
    if (options->profile)
        sum_costs(&a);
    tell_limited(&a);
    block_pool_destroy(a.pool);
    evidence_walk_destroy(a.walk);
    sha256_destroy(a.hash);
    free(a.rule_stored);
    ARRAY_FREE(&a.new_rules);
    buf_free(&a.text);
    out->stopped = watcher->stop && atomic_load(watcher->stop);
    if (!a.failed && out->stopped) {
        struct err ignored;
        (void)!case_evidence_abandon(c, &ignored);
    }
    if (a.failed || out->stopped)
        return !a.failed;
    uint64_t dropped = 0;
    bool ok = correlations_run(rules, c, options->minimum_level, &dropped, e);
    if (dropped && watcher->message)
        watcher->message(watcher->user,
                         "correlations: there were more groups or events than are kept "
                         "at once; the oldest were left out");
    return ok;
}
