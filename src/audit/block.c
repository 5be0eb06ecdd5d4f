// SPDX-License-Identifier: Apache-2.0
#include "audit/block.h"

#include "detection/sigma/correlate.h"

void block_init(struct block *b)
{
    *b = (struct block){.bytes = mem_alloc((size_t)BLOCK_CHUNKS * EVTX_CHUNK_SIZE)};
    arena_init(&b->arena, (size_t)256 << 10);
}

void block_free(struct block *b)
{
    free(b->bytes);
    arena_free(&b->arena);
    ARRAY_FREE(&b->events);
    ARRAY_FREE(&b->hits);
    ARRAY_FREE(&b->logs);
    ARRAY_FREE(&b->damages);
}

void block_reset(struct block *b)
{
    arena_reset(&b->arena);
    b->len = 0;
    b->events.count = b->hits.count = b->logs.count = b->damages.count = 0;
    b->event_count = b->damage_count = b->doubt_count = 0;
    b->begins = b->ends = b->to_hash = false;
    b->head_len = 0;
    b->file = NULL;
}

void block_worker_init(struct block_worker *w, const struct audit_options *options,
                       const struct sigma_set *rules, const struct sigma_engine *engine)
{
    struct evtx_options reading = {.recover = options->recover};
    *w = (struct block_worker){
        .options = options,
        .rules = rules,
        .reader = evtx_reader_create(&reading),
        .matcher = sigma_matcher_create(engine),
    };
}

void block_worker_free(struct block_worker *w)
{
    evtx_reader_destroy(w->reader);
    sigma_matcher_destroy(w->matcher);
    buf_free(&w->scratch);
    ARRAY_FREE(&w->accounts);
}

static struct block_log *find_log(struct block *b, const struct event_system *s)
{
    // From the end: the log met last is nearly always the one asked for.
    for (size_t i = b->logs.count; i > 0; i--) {
        struct block_log *log = &b->logs.items[i - 1];
        if (slice_equal(log->channel, s->channel) && slice_equal(log->host, s->computer))
            return log;
    }
    if (b->logs.count >= BLOCK_MAX_LOGS)
        return &b->logs.items[BLOCK_MAX_LOGS - 1];
    struct block_log *log = ARRAY_ADD(&b->logs);
    *log = (struct block_log){
        .host = arena_copy(&b->arena, s->computer),
        .channel = arena_copy(&b->arena, s->channel),
    };
    return log;
}

static void count_event(struct block *b, const struct event_system *s)
{
    struct block_log *log = find_log(b, s);
    log->events++;
    if (s->time) {
        if (!log->first || s->time < log->first)
            log->first = s->time;
        if (s->time > log->last)
            log->last = s->time;
    }
    if (s->has_record_id) {
        if (!log->last_record || s->record_id < log->first_record)
            log->first_record = s->record_id;
        if (s->record_id > log->last_record)
            log->last_record = s->record_id;
    }
}

static const char *const account_names[ACCOUNT_FIELDS] = {
    [FIELD_USER] = "User",
    [FIELD_TARGET_DOMAIN] = "TargetDomainName",
    [FIELD_TARGET_USER] = "TargetUserName",
    [FIELD_SUBJECT_DOMAIN] = "SubjectDomainName",
    [FIELD_SUBJECT_USER] = "SubjectUserName",
    [FIELD_ACCOUNT_NAME] = "AccountName",
    [FIELD_USER_NAME] = "UserName",
    [FIELD_SID] = "Security_UserID",
};

static const struct account_fields *account_fields_of(struct block_worker *w,
                                                      const struct shape *shape)
{
    if (shape->id >= w->accounts.count) {
        size_t known = w->accounts.count, wanted = (size_t)shape->id + 1;
        ARRAY_RESERVE(&w->accounts, wanted + known);
        memset(w->accounts.items + known, 0, (wanted - known) * sizeof *w->accounts.items);
        w->accounts.count = wanted;
    }
    struct account_fields *f = &w->accounts.items[shape->id];
    for (int i = 0; i < ACCOUNT_FIELDS && !f->known; i++)
        f->first[i] = shape_find(shape, slice_from_str(account_names[i]), 0);
    f->known = true;
    return f;
}

// Empty when the event has none, or a dash in its place.
static struct slice account_text(const struct event *ev, const struct account_fields *fields,
                                 enum account_field which, struct arena *a)
{
    const struct slice none = {0};
    if (which == NO_FIELD)
        return none;
    struct slice text =
        event_text_from(ev, slice_from_str(account_names[which]), fields->first[which], a);
    return slice_equal_str(text, "-") ? none : text;
}

// The account an event is about: its actor where the event names one, else its target, else the SID
// in System.
static struct slice event_account(struct block_worker *w, const struct event *ev, struct arena *a)
{
    static const struct {
        enum account_field domain, user;
    } places[] = {
        {NO_FIELD, FIELD_USER},
        {FIELD_TARGET_DOMAIN, FIELD_TARGET_USER}, // logons: the subject is the machine itself
        {FIELD_SUBJECT_DOMAIN, FIELD_SUBJECT_USER},
        {NO_FIELD, FIELD_ACCOUNT_NAME},
        {NO_FIELD, FIELD_USER_NAME},
        {NO_FIELD, FIELD_SID},
    };
    bool logon = ev->system.event_id >= 4624 && ev->system.event_id <= 4625;
    const struct account_fields *fields = account_fields_of(w, ev->shape);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (i == 1 && !logon)
            continue;
        struct slice user = account_text(ev, fields, places[i].user, a);
        if (user.len == 0)
            continue;
        struct slice domain = account_text(ev, fields, places[i].domain, a);
        if (domain.len == 0)
            return user;
        return arena_printf(a, "%.*s\\%.*s", SLICE_FMT(domain), SLICE_FMT(user));
    }
    return (struct slice){0};
}

static struct finding_event keep_event(struct block *b, struct block_worker *w,
                                       const struct event *ev)
{
    buf_clear(&w->scratch);
    ev->render(ev, EVENT_FORMAT_JSON, &w->scratch);
    const struct event_system *s = &ev->system;
    return (struct finding_event){
        .time = s->time,
        .offset = ev->origin.offset,
        .size = ev->origin.size,
        .record = s->record_id,
        .has_record = s->has_record_id,
        .recovered = ev->origin.recovered,
        .event_id = s->event_id,
        .channel = arena_copy(&b->arena, s->channel),
        .provider = arena_copy(&b->arena, s->provider),
        .host = arena_copy(&b->arena, s->computer),
        .account = arena_copy(&b->arena, event_account(w, ev, &b->arena)),
        .json = arena_copy(&b->arena, buf_slice(&w->scratch)),
    };
}

static struct finding_field copy_field(struct block *b, struct slice name, struct slice value)
{
    return (struct finding_field){arena_copy(&b->arena, name), arena_copy(&b->arena, value)};
}

static void add_matched_fields(struct block *b, struct block_worker *w, const struct event *ev,
                               struct block_hit *hit)
{
    struct sigma_matched_field *fields;
    size_t n = sigma_matched_fields(w->matcher, ev, hit->rule, &b->arena, &fields);
    hit->fields = ARENA_ARRAY(&b->arena, struct finding_field, n);
    hit->field_count = n;
    for (size_t i = 0; i < n; i++)
        hit->fields[i] = copy_field(b, fields[i].name, fields[i].value);
}

static void add_base_fields(struct block *b, struct block_worker *w, const struct event *ev,
                            struct block_hit *hit)
{
    const struct slice *names;
    size_t n = sigma_correlation_fields(w->rules, hit->rule, &names);
    hit->base_fields = ARENA_ARRAY(&b->arena, struct finding_field, n);
    for (size_t i = 0; i < n; i++) {
        struct slice text;
        if (sigma_field_text(w->matcher, ev, hit->rule, names[i], &b->arena, &text))
            hit->base_fields[hit->base_field_count++] = copy_field(b, names[i], text);
    }
}

static void add_hits(struct block *b, struct block_worker *w, const struct event *ev,
                     const uint32_t *rules, size_t count)
{
    size_t first = b->hits.count;
    for (size_t i = 0; i < count; i++) {
        const struct sigma_rule *rule = w->rules->rules.items[rules[i]];
        bool finding = !rule->silent && rule->level >= w->options->minimum_level;
        if (!finding && !rule->needed_by_correlation)
            continue;
        struct block_hit hit = {
            .rule = rules[i], .finding = finding, .base = rule->needed_by_correlation};
        if (finding)
            add_matched_fields(b, w, ev, &hit);
        if (hit.base)
            add_base_fields(b, w, ev, &hit);
        *ARRAY_ADD(&b->hits) = hit;
    }
    if (b->hits.count == first)
        return;
    *ARRAY_ADD(&b->events) = (struct block_event){
        .event = keep_event(b, w, ev),
        .first_hit = first,
        .hit_count = b->hits.count - first,
    };
}

static bool in_time(const struct audit_options *o, vtime t)
{
    return t == 0 || (t >= o->since && (o->until == 0 || t < o->until));
}

static void take_event(struct block *b, struct block_worker *w, const struct event *ev)
{
    b->event_count++;
    count_event(b, &ev->system);
    if (!in_time(w->options, ev->system.time))
        return;
    const uint32_t *rules;
    size_t count = sigma_match(w->matcher, ev, &rules);
    if (count)
        add_hits(b, w, ev, rules, count);
}

static void take_damage(struct block *b, const struct err *e)
{
    bool doubtful = e->code == ERR_CHECKSUM;
    if (doubtful)
        b->doubt_count++;
    else
        b->damage_count++;
    if (b->damages.count < BLOCK_MAX_DAMAGES)
        *ARRAY_ADD(&b->damages) = (struct block_damage){
            e->offset, doubtful, arena_copy(&b->arena, slice_from_str(e->message))};
}

void block_hash(struct block *b, struct sha256 *running)
{
    if (!b->to_hash)
        return;
    sha256_add(running, slice_of(b->head, b->head_len));
    sha256_add(running, slice_of(b->bytes, b->len));
    if (b->ends)
        b->hash = sha256_finish(running);
}

void block_work(struct block *b, struct block_worker *w)
{
    for (size_t at = 0; at < b->len; at += EVTX_CHUNK_SIZE) {
        evtx_reader_start(w->reader,
                          slice_sub(slice_of(b->bytes, b->len), at, at + EVTX_CHUNK_SIZE),
                          b->offset + at, b->no_crc32);
        struct event ev;
        struct err e = {0};
        for (enum read_result got; (got = evtx_reader_next(w->reader, &ev, &e)) != READ_END;) {
            if (got == READ_EVENT)
                take_event(b, w, &ev);
            else
                take_damage(b, &e);
        }
    }
}
