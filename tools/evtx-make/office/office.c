// SPDX-License-Identifier: Apache-2.0
#include "office.h"

#include "../known.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

#define DAY (86400 * VTIME_SECOND)

void office_fail(struct office *o, size_t line, const char *what, struct slice word)
{
    if (!o->failed)
        err_set(&o->err, ERR_FORMAT, 0, "line %zu: %s %.*s", line, what,
                SLICE_FMT(word.at ? word : SLICE("")));
    o->failed = true;
}

static struct slice copy(struct office *o, struct slice s)
{
    return s.len ? arena_copy(&o->a, s) : SLICE("");
}

static void make_people(struct office *o, struct computer *pc)
{
    struct slice domain = tree_text(&o->world, "domain", "OFFICE");
    struct slice base = tree_text(&o->world, "sid", "S-1-5-21-2871134905-1604920117-3920817725");
    struct slice user = tree_text(pc->form, "user", "user"),
                 admin = tree_text(&o->world, "admin", "admin");
    unsigned number = 1105 + (unsigned)(pc - o->computers);
    pc->user = (struct person){
        user, domain, arena_printf(&o->a, "%.*s-%u", SLICE_FMT(base), number),
        arena_printf(&o->a, "C:\\Users\\%.*s", SLICE_FMT(user)), 0x3A000 + number * 0x1357};
    pc->admin = (struct person){admin, domain, arena_printf(&o->a, "%.*s-1103", SLICE_FMT(base)),
                                arena_printf(&o->a, "C:\\Users\\%.*s", SLICE_FMT(admin)),
                                0x5B000 + number * 0x2971};
    const struct slice nt = SLICE("NT AUTHORITY");
    pc->system = (struct person){SLICE("SYSTEM"), nt, SLICE("S-1-5-18"),
                                 SLICE("C:\\Windows\\system32\\config\\systemprofile"), 0x3E7};
    pc->local = (struct person){SLICE("LOCAL SERVICE"), nt, SLICE("S-1-5-19"),
                                SLICE("C:\\Windows\\ServiceProfiles\\LocalService"), 0x3E5};
    pc->network = (struct person){SLICE("NETWORK SERVICE"), nt, SLICE("S-1-5-20"),
                                  SLICE("C:\\Windows\\ServiceProfiles\\NetworkService"), 0x3E4};
}

static void make_logs(struct office *o, struct computer *pc)
{
    const struct tree *logs = tree_get(pc->form, "logs");
    for (size_t i = 0; logs && i < logs->count; i++) {
        const struct tree *t = &logs->items[i];
        struct log *log = ARRAY_ADD(&pc->logs);
        *log = (struct log){.channel = t->kind == TREE_TEXT ? t->text : tree_text(t, "channel", ""),
                            .record = 1};
        if (t->kind != TREE_MAP)
            continue;
        log->record = (uint64_t)tree_number(t, "record", 1);
        struct slice from = tree_text(t, "from", "");
        if (from.len && !time_parse(from, &log->from, NULL))
            office_fail(o, t->line, "not a time:", from);
    }
}

bool office_open(struct office *o, struct slice world, uint64_t seed, struct err *e)
{
    *o = (struct office){.seed = seed};
    arena_init(&o->a, 0);
    arena_init(&o->day, 1 << 20);
    arena_init(&o->eve, 1 << 20);
    if (!tree_read(&o->a, world, &o->world, e))
        return false;
    const struct tree *all = tree_get(&o->world, "computers");
    o->computers_count = all ? all->count : 0;
    o->computers = ARENA_ARRAY(&o->a, struct computer, o->computers_count + 1);
    for (size_t i = 0; all && i < all->count; i++) {
        struct computer *pc = &o->computers[i];
        pc->form = &all->items[i];
        pc->name = copy(o, tree_text(pc->form, "name", "PC"));
        pc->fqdn = copy(o, tree_text(pc->form, "fqdn", "pc.office.example"));
        pc->ip = copy(o, tree_text(pc->form, "ip", "192.168.20.10"));
        pc->sysmon = tree_flag(pc->form, "sysmon");
        pc->audit_process = tree_flag(pc->form, "audit_process");
        pc->server = tree_flag(pc->form, "server");
        pc->sysmon_pid = 2804 + 4 * (uint32_t)i;
        pc->lsass_pid = 688 + 8 * (uint32_t)i;
        make_people(o, pc);
        make_logs(o, pc);
    }
    if (o->failed)
        *e = o->err;
    return !o->failed;
}

void office_close(struct office *o)
{
    for (size_t i = 0; i < o->computers_count; i++) {
        ARRAY_FREE(&o->computers[i].logs);
        ARRAY_FREE(&o->computers[i].processes);
    }
    ARRAY_FREE(&o->pending);
    arena_free(&o->day);
    arena_free(&o->eve);
    arena_free(&o->a);
}

struct computer *office_computer(struct office *o, struct slice name)
{
    for (size_t i = 0; i < o->computers_count; i++)
        if (slice_equal(o->computers[i].name, name))
            return &o->computers[i];
    return NULL;
}

const struct person *office_person(struct computer *pc, struct slice word)
{
    const struct {
        const char *word;
        const struct person *person;
    } PEOPLE[] = {{"system", &pc->system},
                  {"local", &pc->local},
                  {"network", &pc->network},
                  {"admin", &pc->admin}};
    for (size_t i = 0; i < 4; i++)
        if (slice_equal_str(word, PEOPLE[i].word))
            return PEOPLE[i].person;
    return &pc->user;
}

static struct slice file_name(struct arena *a, struct slice channel)
{
    struct buf b = {0};
    for (size_t i = 0; i < channel.len; i++) {
        if (channel.at[i] == '/')
            buf_str(&b, "%4");
        else
            buf_byte(&b, channel.at[i]);
    }
    buf_str(&b, ".evtx");
    struct slice name = arena_copy(a, buf_slice(&b));
    buf_free(&b);
    return name;
}

bool office_open_logs(struct office *o, const char *folder, struct err *e)
{
    for (size_t i = 0; i < o->computers_count; i++) {
        struct computer *pc = &o->computers[i];
        struct slice own = arena_printf(&o->a, "%s/%.*s", folder, SLICE_FMT(pc->name));
        mkdir(folder, 0755);
        mkdir(arena_str(&o->a, own), 0755);
        for (size_t j = 0; j < pc->logs.count; j++) {
            struct log *log = &pc->logs.items[j];
            struct slice name = file_name(&o->a, log->channel);
            log->path = arena_printf(&o->a, "%.*s/%.*s", SLICE_FMT(own), SLICE_FMT(name));
            if (!evtx_writer_open(&log->w, arena_str(&o->a, log->path), e))
                return false;
            log->open = true;
        }
    }
    return true;
}

bool office_close_logs(struct office *o, struct err *e)
{
    bool ok = true;
    for (size_t i = 0; i < o->computers_count; i++)
        for (size_t j = 0; j < o->computers[i].logs.count; j++) {
            struct log *log = &o->computers[i].logs.items[j];
            if (log->open)
                ok = evtx_writer_close(&log->w, ok ? e : NULL) && ok;
            log->open = false;
        }
    return ok;
}

static struct log *log_of(struct computer *pc, struct slice channel)
{
    for (size_t i = 0; i < pc->logs.count; i++)
        if (slice_equal(pc->logs.items[i].channel, channel))
            return &pc->logs.items[i];
    return NULL;
}

struct make_event *office_event(struct office *o, struct computer *pc, vtime t,
                                const char *provider, uint32_t id, struct slice channel)
{
    if (!channel.len) {
        const struct known_event *known = known_event_find(slice_from_str(provider), id, -1);
        const struct known_provider *p = known_provider_find(slice_from_str(provider));
        channel = known && known->channel ? slice_from_str(known->channel)
                                          : slice_from_str(p ? p->channel : "Application");
    }
    struct log *log = log_of(pc, channel);
    if (!log)
        return NULL;
    struct pending *p = ARRAY_ADD(&o->pending);
    *p = (struct pending){.log = log, .time = t, .order = o->handed_out++};
    make_event_init(&p->ev);
    p->ev.time = t;
    p->ev.provider = slice_from_str(provider);
    p->ev.id = id;
    p->ev.channel = log->channel;
    p->ev.computer = pc->fqdn;
    p->ev.fields = ARENA_ARRAY(&o->day, struct make_field, 32);
    return &p->ev;
}

void office_set(struct office *o, struct make_event *ev, const char *name, struct slice value)
{
    if (ev->kind == MAKE_NO_DATA)
        ev->kind = MAKE_DATA;
    struct slice key = slice_from_str(name);
    size_t i = 0;
    while (i < ev->count && (!key.len || !slice_equal(ev->fields[i].name, key)))
        i++;
    if (i >= 32)
        return office_fail(o, 0, "too many fields at", key);
    if (i == ev->count)
        ev->count++;
    ev->fields[i] = (struct make_field){key, {MAKE_TEXT, MAKE_TYPE_UNSET, value, NULL, 0}};
}

void office_setf(struct office *o, struct make_event *ev, const char *name, const char *format, ...)
{
    char text[4096];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    office_set(o, ev, name, len ? arena_copy(&o->day, slice_of(text, len)) : SLICE(""));
}

static int by_time(const void *a, const void *b)
{
    const struct pending *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void write_event(struct office *o, struct arena *a, struct pending *p)
{
    const struct bx_instance *in;
    if (!p->log->open || p->time < p->log->from || (o->limit && o->events >= o->limit))
        return;
    if (!make_event_build(a, &p->ev, p->log->record, &in, &o->err) ||
        !evtx_writer_add(&p->log->w, p->log->record, p->time, in, NULL, &o->err))
        o->failed = true;
    p->log->record++;
    p->log->written++;
    o->events++;
    arena_reset(a);
}

// Writes what happened before end, in order; keeps the rest, whose texts live one day longer.
static void write_until(struct office *o, vtime end)
{
    struct arena a;
    size_t i = 0;
    arena_init(&a, 0);
    if (o->pending.count)
        qsort(o->pending.items, o->pending.count, sizeof *o->pending.items, by_time);
    for (; i < o->pending.count && o->pending.items[i].time < end && !o->failed; i++)
        write_event(o, &a, &o->pending.items[i]);
    o->pending.count -= i;
    if (o->pending.count)
        memmove(o->pending.items, o->pending.items + i,
                o->pending.count * sizeof *o->pending.items);
    arena_free(&a);
    struct arena old = o->eve;
    o->eve = o->day;
    o->day = old;
    arena_reset(&o->day);
}

static void run_steps(struct office *o, struct computer *pc, const char *who, struct slice name,
                      uint64_t number, vtime t, const struct tree *steps, bool stay)
{
    struct run r = {.o = o,
                    .pc = pc,
                    .t = t,
                    .rng = {rng_seed(o->seed ^ rng_seed(7, pc->name, 0), name, number)}};
    r.who = office_person(pc, slice_from_str(who));
    office_steps(&r, steps);
    for (size_t i = 0; stay && i < r.processes.count; i++)
        *ARRAY_ADD(&pc->processes) = r.processes.items[i];
    ARRAY_FREE(&r.processes);
}

// Whether an activity's "on" names this computer: a name, "pcs", "server", "sysmon" or "all".
static bool is_on(const struct computer *pc, struct slice on)
{
    if (slice_equal_str(on, "all") || slice_equal(on, pc->name))
        return true;
    if (slice_equal_str(on, "pcs"))
        return !pc->server;
    return slice_equal_str(on, "server") && pc->server;
}

// Second of the day at which one run of an activity happens; the office's day is 7:00 to 15:30 UTC.
static uint64_t moment(struct rng *r, struct slice when, uint64_t begin, uint64_t end)
{
    if (slice_equal_str(when, "boot"))
        return begin;
    if (slice_equal_str(when, "logon"))
        return begin + 90 + rng_below(r, 200);
    if (slice_equal_str(when, "logoff"))
        return end;
    if (slice_equal_str(when, "night"))
        return 79200 + rng_below(r, 5400);
    if (slice_equal_str(when, "any"))
        return rng_below(r, 86300);
    if (slice_equal_str(when, "noon"))
        return 39600 + rng_below(r, 4000);
    return begin + 500 + rng_below(r, end - begin - 600);
}

// How often things happen on a computer that day: the product of "scale" entries that hold then.
static double scale_of(const struct computer *pc, vtime day)
{
    const struct tree *all = tree_get(pc->form, "scale");
    double x = 1;
    for (size_t i = 0; all && i < all->count; i++) {
        vtime from = 0, to = UINT64_MAX;
        struct slice f = tree_text(&all->items[i], "from", ""),
                     t = tree_text(&all->items[i], "to", "");
        if ((f.len && !time_parse(f, &from, NULL)) || (t.len && !time_parse(t, &to, NULL)))
            continue;
        if (day >= from && day < to)
            x *= tree_number(&all->items[i], "x", 1);
    }
    return x;
}

static void live_activity(struct office *o, struct computer *pc, const struct tree *act, vtime day,
                          uint64_t begin, uint64_t end, bool weekend)
{
    struct slice name = tree_text(act, "name", "?"), when = tree_text(act, "when", "office");
    struct rng rng = {rng_seed(o->seed, name, day / DAY * 131 + (uint64_t)(pc - o->computers))};
    bool always = slice_equal_str(when, "any") || slice_equal_str(when, "night") || pc->server;
    if (!is_on(pc, tree_text(act, "on", "pcs")) || (weekend && !always))
        return;
    double mean = tree_number(act, "per_day", 1);
    bool fixed = tree_flag(act, "fixed"); // happens however quiet the day is made
    size_t times = rng_about(&rng, fixed ? mean : mean * scale_of(pc, day));
    if (fixed && mean >= 1)
        times = (size_t)mean;
    for (size_t i = 0; i < times && !o->failed; i++) {
        vtime t =
            day + moment(&rng, when, begin, end) * VTIME_SECOND + rng_below(&rng, VTIME_SECOND);
        run_steps(o, pc, arena_str(&o->day, tree_text(act, "who", "user")), name, rng_next(&rng), t,
                  tree_get(act, "steps"), false);
    }
}

static void live_computer(struct office *o, struct computer *pc, vtime day)
{
    static const char *const PHASES[] = {"boot", "logon", NULL};
    const struct tree *acts = tree_get(&o->world, "activities");
    struct rng rng = {rng_seed(o->seed, pc->name, day / DAY)};
    uint64_t begin = 24600 + rng_below(&rng, 3600), end = 54000 + rng_below(&rng, 5400);
    uint64_t weekday = (day / DAY + 1) % 7; // 1601-01-01 was a Monday: 0 is Sunday
    bool weekend = weekday == 0 || weekday == 6;
    pc->processes.count = 0;
    pc->user.logon = 0x30000 + rng_below(&rng, 0x200000);
    pc->admin.logon = 0x300000 + rng_below(&rng, 0x200000);
    size_t before = o->pending.count; // what runs anyway leaves no events
    run_steps(o, pc, "system", SLICE("resident"), day / DAY, day + begin * VTIME_SECOND,
              tree_get(&o->world, "resident"), true);
    o->pending.count = before;
    for (size_t phase = 0; phase < 3; phase++) {
        for (size_t i = 0; acts && i < acts->count && !o->failed; i++) {
            struct slice when = tree_text(&acts->items[i], "when", "office");
            bool early = slice_equal_str(when, "boot") || slice_equal_str(when, "logon");
            if (PHASES[phase] ? slice_equal_str(when, PHASES[phase]) : !early)
                live_activity(o, pc, &acts->items[i], day, begin, end, weekend);
        }
    }
}

static void live_story(struct office *o, const struct tree *story, vtime day)
{
    const struct tree *scenes = tree_get(story, "scenes");
    for (size_t i = 0; scenes && i < scenes->count && !o->failed; i++) {
        const struct tree *s = &scenes->items[i];
        vtime t;
        if (!time_parse(tree_text(s, "at", ""), &t, NULL))
            return office_fail(o, s->line, "not a time:", tree_text(s, "at", ""));
        if (t < day || t >= day + DAY)
            continue;
        struct computer *pc = office_computer(o, tree_text(s, "pc", ""));
        if (!pc)
            return office_fail(o, s->line, "no computer", tree_text(s, "pc", ""));
        run_steps(o, pc, arena_str(&o->day, tree_text(s, "who", "user")), SLICE("story"), i, t,
                  tree_get(s, "steps"), false);
    }
}

void office_live(struct office *o, vtime from, vtime to, const struct tree *story)
{
    for (vtime day = from / DAY * DAY; day < to && !o->failed; day += DAY) {
        for (size_t i = 0; i < o->computers_count; i++)
            live_computer(o, &o->computers[i], day);
        if (story)
            live_story(o, story, day);
        write_until(o, day + DAY);
        if (o->limit && o->events >= o->limit)
            break;
    }
    write_until(o, UINT64_MAX);
}
