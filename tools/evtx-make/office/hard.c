// SPDX-License-Identifier: Apache-2.0
// Every event here is of a kind that most rules look at, so nothing can be skipped by its channel;
// its values are long, differ from event to event, and are those of ordinary work, so prefixes and
// pieces of what rules seek abound, but what they seek is rare. No chunk is like another.
#include "hard.h"

#include "hard_texts.h"
#include "office.h"
#include "world.h"

enum { HOSTS = 240, USERS = 900 };

struct hard {
    struct office o;
    struct rng r;
    struct buf b;
    vtime t;
    struct slice host;
    unsigned user; // who works there
};

static const char *pick(struct rng *r, const struct hard_texts *texts)
{
    return texts->items[rng_below(r, texts->count)];
}

static void add_host(struct buf *b, unsigned n)
{
    buf_printf(b, n % 9 ? "PC-%03u" : "SRV-%03u", n);
}

static void add_user(struct buf *b, unsigned n)
{
    buf_printf(b, "%s.%s", hard_first_names.items[n % hard_first_names.count],
               hard_last_names.items[n / 7 % hard_last_names.count]);
}

static void add_guid(struct rng *r, struct buf *b)
{
    uint64_t x = rng_next(r), y = rng_next(r);
    buf_printf(b, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(x >> 32), (unsigned)(x >> 16 & 0xFFFF),
               (unsigned)(x & 0xFFFF), (unsigned)(y >> 48),
               (unsigned long long)(y & 0xFFFFFFFFFFFF));
}

static void add_word(struct rng *r, struct buf *b, bool capital)
{
    const char *word = pick(r, &hard_words);
    buf_byte(b, (uint8_t)(capital ? word[0] - 'a' + 'A' : word[0]));
    buf_str(b, word + 1);
}

static void add_base64(struct rng *r, struct buf *b)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < 6; i++)
        for (uint64_t x = rng_next(r) >> 4, k = 0; k < 10; k++, x >>= 6)
            buf_byte(b, (uint8_t)DIGITS[x & 63]);
}

// Numbers of a few digits are more frequent than large ones.
static void add_number(struct rng *r, struct buf *b)
{
    static const unsigned BELOW[] = {10, 30, 100, 1000, 10000, 70000};
    buf_u64(b, rng_below(r, BELOW[rng_below(r, 6)]) + 1);
}

static void add_form(struct hard *h, const char *form);

static void add_place(struct hard *h, char kind)
{
    struct rng *r = &h->r;
    struct buf *b = &h->b;
    switch (kind) {
    case 'u':
        return add_user(b, h->user);
    case 'g':
        return add_guid(r, b);
    case 'h':
        buf_printf(b, "%08x", (unsigned)rng_next(r));
        return;
    case 'H':
        buf_printf(b, "%016llX%016llX", (unsigned long long)rng_next(r),
                   (unsigned long long)rng_next(r));
        return;
    case 'n':
        return add_number(r, b);
    case 'w':
    case 'W':
        return add_word(r, b, kind == 'W');
    case 'd':
        return add_form(h, pick(r, &hard_documents));
    case 'p':
        return add_host(b, (unsigned)rng_below(r, HOSTS));
    case 'i':
        buf_printf(b, "192.168.%u.%u", (unsigned)rng_below(r, 40), 2 + (unsigned)rng_below(r, 250));
        return;
    case 'a':
        buf_printf(b, "%u.%u.%u.%u", 20 + (unsigned)rng_below(r, 150), (unsigned)rng_below(r, 256),
                   (unsigned)rng_below(r, 256), 1 + (unsigned)rng_below(r, 254));
        return;
    case 's':
        buf_str(b, pick(r, &hard_sites));
        return;
    case 'v':
        buf_printf(b, "%u.%u.%u.%u", 1 + (unsigned)rng_below(r, 30), (unsigned)rng_below(r, 12),
                   (unsigned)rng_below(r, 9000), (unsigned)rng_below(r, 200));
        return;
    case 'b':
        return add_base64(r, b);
    default:
        buf_byte(b, (uint8_t)kind);
    }
}

// See hard_texts.h for the places of a form.
static void add_form(struct hard *h, const char *form)
{
    for (; *form; form++) {
        if (*form == '%' && form[1])
            add_place(h, *++form);
        else
            buf_byte(&h->b, (uint8_t)*form);
    }
}

static struct slice take(struct hard *h)
{
    struct slice s = arena_copy(&h->o.day, buf_slice(&h->b));
    buf_clear(&h->b);
    return s;
}

static struct slice filled(struct hard *h, const char *form)
{
    add_form(h, form);
    return take(h);
}

static struct make_event *begin(struct hard *h, const char *provider, uint32_t id)
{
    struct make_event *ev =
        office_event(&h->o, &h->o.computers[0], h->t, provider, id, (struct slice){0});
    ev->computer = h->host;
    ev->pid = 4 * (500 + (uint32_t)rng_below(&h->r, 900));
    ev->tid = 4 * (600 + (uint32_t)rng_below(&h->r, 3000));
    return ev;
}

static const struct tree *program_of(struct hard *h, const char *name)
{
    const struct tree *program = tree_get(tree_get(&h->o.world, "programs"), name);
    if (!program)
        office_fail(&h->o, 0, "no program", slice_from_str(name));
    return program;
}

// The program's path, with the user's own folder in it.
static struct slice path_of(struct hard *h, const struct tree *program)
{
    struct slice path = tree_text(program, "path", ""), home = SLICE("{home}");
    if (slice_starts(path, home)) {
        buf_str(&h->b, "C:\\Users\\");
        add_user(&h->b, h->user);
        path = slice_of(path.at + home.len, path.len - home.len);
    }
    buf_add(&h->b, path);
    return take(h);
}

static struct slice command_of(struct hard *h, struct slice image, const char *arguments)
{
    buf_byte(&h->b, '"');
    buf_add(&h->b, image);
    buf_byte(&h->b, '"');
    if (*arguments)
        buf_byte(&h->b, ' ');
    add_form(h, arguments);
    return take(h);
}

static struct slice account(struct hard *h, bool system)
{
    return system ? SLICE("NT AUTHORITY\\SYSTEM") : filled(h, "ISHARA\\%u");
}

static void set_subject(struct hard *h, struct make_event *ev, bool system)
{
    office_set(&h->o, ev, "SubjectUserSid",
               system ? SLICE("S-1-5-18")
                      : arena_printf(&h->o.day, "S-1-5-21-2871134905-1604920117-3920817725-%u",
                                     1100 + h->user));
    office_set(&h->o, ev, "SubjectUserName", system ? SLICE("SYSTEM") : filled(h, "%u"));
    office_set(&h->o, ev, "SubjectDomainName", system ? SLICE("NT AUTHORITY") : SLICE("ISHARA"));
    office_setf(&h->o, ev, "SubjectLogonId", "0x%x", system ? 0x3E7 : 0x40000 + h->user * 0x1F3);
}

static uint32_t some_pid(struct hard *h)
{
    return 4 * (200 + (uint32_t)rng_below(&h->r, 4800));
}

// What people start by hand and by script is rarer than what browsers and services start.
static const struct hard_launch *some_launch(struct hard *h)
{
    const struct hard_launch *l = &hard_launches[rng_below(&h->r, hard_launches_count)];
    bool console = strcmp(l->parent, "cmd") == 0 || strcmp(l->program, "cmd") == 0 ||
                   strcmp(l->program, "powershell") == 0;
    return console && rng_below(&h->r, 4) ? some_launch(h) : l;
}

static void make_process(struct hard *h)
{
    const struct hard_launch *l = some_launch(h);
    const struct tree *program = program_of(h, l->program), *parent = program_of(h, l->parent);
    struct slice image = path_of(h, program), parent_image = path_of(h, parent);
    struct office *o = &h->o;
    struct make_event *ev = begin(h, "Microsoft-Windows-Sysmon", 1);
    static const char *const INFO[][2] = {{"FileVersion", "version"},
                                          {"Description", "description"},
                                          {"Product", "product"},
                                          {"Company", "company"},
                                          {"OriginalFileName", "original"}};
    for (size_t i = 0; i < 5; i++)
        office_set(o, ev, INFO[i][0], tree_text(program, INFO[i][1], "-"));
    office_set(o, ev, "ProcessGuid", filled(h, "%g"));
    office_setf(o, ev, "ProcessId", "%u", some_pid(h));
    office_set(o, ev, "Image", image);
    office_set(o, ev, "CommandLine", command_of(h, image, l->arguments));
    office_set(o, ev, "CurrentDirectory",
               l->system ? SLICE("C:\\Windows\\system32\\") : filled(h, "C:\\Users\\%u\\%W\\%d\\"));
    office_set(o, ev, "User", account(h, l->system));
    office_set(o, ev, "LogonGuid", filled(h, "%g"));
    office_setf(o, ev, "LogonId", "0x%x", l->system ? 0x3E7 : 0x40000 + h->user * 0x1F3);
    office_set(o, ev, "TerminalSessionId", l->system ? SLICE("0") : SLICE("1"));
    office_set(o, ev, "IntegrityLevel", l->system ? SLICE("System") : SLICE("Medium"));
    office_set(o, ev, "Hashes",
               office_hashes(&o->day, arena_printf(&o->day, "%s %u", l->program,
                                                   (unsigned)rng_below(&h->r, 400))));
    office_set(o, ev, "ParentProcessGuid", filled(h, "%g"));
    office_setf(o, ev, "ParentProcessId", "%u", some_pid(h));
    office_set(o, ev, "ParentImage", parent_image);
    office_set(o, ev, "ParentCommandLine", command_of(h, parent_image, l->parent_arguments));
    office_set(o, ev, "ParentUser", account(h, l->system));
}

static void make_audited_process(struct hard *h)
{
    const struct hard_launch *l = some_launch(h);
    struct slice image = path_of(h, program_of(h, l->program));
    struct make_event *ev = begin(h, "Microsoft-Windows-Security-Auditing", 4688);
    struct office *o = &h->o;
    set_subject(h, ev, l->system);
    office_setf(o, ev, "NewProcessId", "0x%x", some_pid(h));
    office_set(o, ev, "NewProcessName", image);
    office_set(o, ev, "TokenElevationType", l->system ? SLICE("%%1936") : SLICE("%%1938"));
    office_setf(o, ev, "ProcessId", "0x%x", some_pid(h));
    office_set(o, ev, "CommandLine", command_of(h, image, l->arguments));
    office_set(o, ev, "ParentProcessName", path_of(h, program_of(h, l->parent)));
    office_set(o, ev, "MandatoryLabel", l->system ? SLICE("S-1-16-16384") : SLICE("S-1-16-8192"));
}

static void make_script(struct hard *h)
{
    size_t length = 2048 + rng_below(&h->r, 18432 - 1024);
    struct make_event *ev = begin(h, "Microsoft-Windows-PowerShell", 4104);
    while (h->b.len < length)
        add_form(h, pick(&h->r, &hard_scripts));
    office_set(&h->o, ev, "ScriptBlockText", take(h));
    office_set(&h->o, ev, "ScriptBlockId", filled(h, "%g"));
    office_set(&h->o, ev, "Path",
               rng_below(&h->r, 3)
                   ? filled(h, "C:\\Program Files\\WindowsPowerShell\\Modules\\%W\\%v\\%W-%W.psm1")
                   : filled(h, "\\\\%p\\scripts$\\%w\\%W-%W.ps1"));
}

static void make_registry(struct hard *h)
{
    struct office *o = &h->o;
    const struct hard_launch *l = some_launch(h);
    struct slice image = path_of(h, program_of(h, l->program));
    if (rng_below(&h->r, 5) == 0) {
        struct make_event *ev = begin(h, "Microsoft-Windows-Security-Auditing", 4657);
        set_subject(h, ev, l->system);
        office_set(o, ev, "ObjectName",
                   filled(h, "\\REGISTRY\\MACHINE\\SOFTWARE\\%W\\%W %W\\{%g}\\%v"));
        office_set(o, ev, "ObjectValueName", filled(h, "%W%W"));
        office_set(o, ev, "OldValue", filled(h, "%w %n"));
        office_set(o, ev, "NewValue", filled(h, pick(&h->r, &hard_details)));
        office_setf(o, ev, "ProcessId", "0x%x", some_pid(h));
        office_set(o, ev, "ProcessName", image);
        return;
    }
    bool key = rng_below(&h->r, 6) == 0;
    struct make_event *ev = begin(h, "Microsoft-Windows-Sysmon", key ? 12 : 13);
    office_set(o, ev, "EventType",
               !key                  ? SLICE("SetValue")
               : rng_below(&h->r, 2) ? SLICE("CreateKey")
                                     : SLICE("DeleteValue"));
    office_set(o, ev, "ProcessGuid", filled(h, "%g"));
    office_setf(o, ev, "ProcessId", "%u", some_pid(h));
    office_set(o, ev, "Image", image);
    office_set(o, ev, "TargetObject", filled(h, pick(&h->r, &hard_keys)));
    if (!key)
        office_set(o, ev, "Details", filled(h, pick(&h->r, &hard_details)));
    office_set(o, ev, "User", account(h, l->system));
}

static void make_network(struct hard *h)
{
    static const unsigned PORTS[] = {443, 443, 443, 443, 443, 443, 80, 80, 53, 445, 993, 3478};
    struct office *o = &h->o;
    struct slice image = path_of(h, program_of(h, pick(&h->r, &hard_network_programs)));
    unsigned port = PORTS[rng_below(&h->r, 12)], source = 49700 + (unsigned)rng_below(&h->r, 15000);
    bool inner = port == 445 || port == 53;
    if (rng_below(&h->r, 4) == 0) {
        struct make_event *ev = begin(h, "Microsoft-Windows-Security-Auditing", 5156);
        office_setf(o, ev, "ProcessID", "%u", some_pid(h));
        buf_str(&h->b, "\\device\\harddiskvolume3");
        buf_add(&h->b, slice_of(image.at + 2, image.len - 2));
        office_set(o, ev, "Application", take(h));
        office_set(o, ev, "SourceAddress", filled(h, "%i"));
        office_setf(o, ev, "SourcePort", "%u", source);
        office_set(o, ev, "DestAddress", filled(h, inner ? "%i" : "%a"));
        office_setf(o, ev, "DestPort", "%u", port);
        office_setf(o, ev, "FilterRTID", "%u", 60000 + (unsigned)rng_below(&h->r, 30000));
        return;
    }
    struct make_event *ev = begin(h, "Microsoft-Windows-Sysmon", 3);
    office_set(o, ev, "ProcessGuid", filled(h, "%g"));
    office_setf(o, ev, "ProcessId", "%u", some_pid(h));
    office_set(o, ev, "Image", image);
    office_set(o, ev, "User", account(h, rng_below(&h->r, 3) == 0));
    office_set(o, ev, "SourceIp", filled(h, "%i"));
    buf_add(&h->b, h->host);
    office_set(o, ev, "SourceHostname", take(h));
    office_setf(o, ev, "SourcePort", "%u", source);
    office_set(o, ev, "DestinationIp", filled(h, inner ? "%i" : "%a"));
    office_set(o, ev, "DestinationHostname", filled(h, inner ? "%p.ishara.example" : "%w-%n.%s"));
    office_setf(o, ev, "DestinationPort", "%u", port);
}

static void make_one(struct hard *h)
{
    // By number; by bytes two fifths are scripts.
    static void (*const KINDS[])(struct hard *) = {
        make_process,  make_process,  make_process, make_process, make_audited_process,
        make_registry, make_registry, make_network, make_network, make_script};
    h->t += rng_below(&h->r, 2 * VTIME_SECOND);
    unsigned host = (unsigned)rng_below(&h->r, HOSTS);
    h->user = (host * 4 + (unsigned)rng_below(&h->r, 3)) % USERS;
    add_host(&h->b, host);
    buf_str(&h->b, ".ishara.example");
    h->host = take(h);
    KINDS[rng_below(&h->r, 10)](h);
}

static void close_hard(struct hard *h)
{
    buf_free(&h->b);
    office_close(&h->o);
}

bool hard_write(const char *path, uint64_t mib, uint64_t seed, struct err *e)
{
    static const char WORLD[] =
        "{computers: [{name: PC-1, logs: [Security, Microsoft-Windows-Sysmon/Operational, "
        "Microsoft-Windows-PowerShell/Operational]}]}";
    struct hard h = {.r = {rng_seed(seed, SLICE("hard"), 0)},
                     .t = VTIME_UNIX_EPOCH + 1782864000 * VTIME_SECOND};
    struct evtx_writer w;
    struct arena a;
    struct err ignored;
    if (!office_open(&h.o, slice_from_str(WORLD), 1, e))
        return close_hard(&h), false;
    if (!tree_read(&h.o.a, slice_of(office_world, office_world_len), &h.o.world, e) ||
        !evtx_writer_open(&w, path, e))
        return close_hard(&h), false;
    arena_init(&a, 0);
    bool ok = true;
    for (uint64_t record = 1; ok && w.chunks < mib * 16; record++) {
        const struct bx_instance *in;
        make_one(&h);
        ok = make_event_build(&a, &h.o.pending.items[0].ev, record, &in, e) &&
             evtx_writer_add(&w, record, h.t, in, NULL, e);
        if (h.o.failed) {
            *e = h.o.err;
            ok = false;
        }
        h.o.pending.count = 0;
        arena_reset(&a);
        arena_reset(&h.o.day);
    }
    w.next_record -= w.chunk->records; // the chunk that has just begun is not wanted
    chunk_init(w.chunk);
    ok = evtx_writer_close(&w, ok ? e : &ignored) && ok;
    arena_free(&a);
    close_hard(&h);
    return ok;
}
