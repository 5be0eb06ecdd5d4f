// SPDX-License-Identifier: Apache-2.0
// The steps of an activity, and the events that each leaves. Sysmon's events are written where Sysmon runs, Security's
// process events where their audit is on.
#include "office.h"

#include "../value.h"

#include "base/sha256.h"

static void do_step(struct run *r, struct slice kind, const struct tree *s);

static struct slice text_of(struct run *r, const struct tree *s, const char *key, const char *otherwise)
{
    return office_expand(r, tree_text(s, key, otherwise));
}

// What a step needs when its only argument is written without a map.
static struct slice own_text(struct run *r, const struct tree *s)
{
    return s->kind == TREE_TEXT ? office_expand(r, s->text) : SLICE("");
}

const struct process *office_process(struct run *r, struct slice name)
{
    for (size_t i = r->processes.count; i-- > 0;)
        if (slice_equal(r->processes.items[i].name, name))
            return &r->processes.items[i];
    for (size_t i = r->pc->processes.count; i-- > 0;)
        if (slice_equal(r->pc->processes.items[i].name, name))
            return &r->pc->processes.items[i];
    return NULL;
}

static const struct process *process_by(struct run *r, const struct tree *s, const char *key)
{
    struct slice name = tree_text(s, key, "explorer");
    const struct process *p = office_process(r, name);
    static const struct process NOBODY = {0};
    if (p)
        return p;
    if (!slice_equal_str(name, "none"))
        office_fail(r->o, s->line, "no process", name);
    return &NOBODY;
}

// Sysmon's hashes of a file that is no program: without an import table.
static struct slice hashes_of_data(struct arena *a, struct slice of)
{
    struct slice all = office_hashes(a, of);
    return arena_printf(a, "%.*sIMPHASH=00000000000000000000000000000000", (int)(all.len - 40), (const char *)all.at);
}

struct slice office_hashes(struct arena *a, struct slice of)
{
    struct sha256_digest d = sha256_of(of);
    char x[65], y[65], z[65];
    sha256_hex(&d, x);
    d = sha256_of(slice_of(x, 64));
    sha256_hex(&d, y);
    d = sha256_of(slice_of(y, 64));
    sha256_hex(&d, z);
    for (size_t i = 0; i < 64; i++) {
        if (x[i] >= 'a')
            x[i] = (char)(x[i] - 32);
        if (y[i] >= 'a')
            y[i] = (char)(y[i] - 32);
        if (z[i] >= 'a')
            z[i] = (char)(z[i] - 32);
    }
    return arena_printf(a, "MD5=%.32s,SHA256=%.64s,IMPHASH=%.32s", y, x, z);
}

static struct slice user_text(struct run *r, const struct person *p)
{
    return p ? arena_printf(&r->o->day, "%.*s\\%.*s", SLICE_FMT(p->domain), SLICE_FMT(p->name)) : SLICE("-");
}

static struct make_event *sysmon(struct run *r, uint32_t id, const struct process *p)
{
    if (!r->pc->sysmon)
        return NULL;
    struct make_event *ev = office_event(r->o, r->pc, r->t, "Microsoft-Windows-Sysmon", id, (struct slice){0});
    if (!ev)
        return NULL;
    ev->pid = r->pc->sysmon_pid;
    ev->tid = ev->pid + 1204;
    if (p) {
        office_set(r->o, ev, "ProcessGuid", p->guid);
        office_setf(r->o, ev, "ProcessId", "%u", p->pid);
        office_set(r->o, ev, "Image", p->image);
        office_set(r->o, ev, "User", user_text(r, p->user));
    }
    return ev;
}

static void set_subject(struct run *r, struct make_event *ev, const char *prefix, const struct person *p)
{
    struct arena *a = &r->o->day;
    office_set(r->o, ev, arena_str(a, arena_printf(a, "%sUserSid", prefix)), p->sid);
    office_set(r->o, ev, arena_str(a, arena_printf(a, "%sUserName", prefix)), p->name);
    office_set(r->o, ev, arena_str(a, arena_printf(a, "%sDomainName", prefix)), p->domain);
    office_setf(r->o, ev, arena_str(a, arena_printf(a, "%sLogonId", prefix)), "0x%llx", (unsigned long long)p->logon);
}

static struct make_event *security(struct run *r, uint32_t id)
{
    struct make_event *ev = office_event(r->o, r->pc, r->t, "Microsoft-Windows-Security-Auditing", id, (struct slice){0});
    if (ev) {
        ev->pid = id == 4688 || id == 4689 ? 4 : r->pc->lsass_pid;
        ev->tid = ev->pid + 8 * (uint32_t)(1 + rng_below(&r->rng, 400));
    }
    return ev;
}

static const struct tree *program_named(struct run *r, struct slice name)
{
    return tree_get_slice(tree_get(&r->o->world, "programs"), name);
}

// The program whose path is image (placeholders filled), for processes that are given by path.
static const struct tree *program_at(struct run *r, struct slice image)
{
    const struct tree *all = tree_get(&r->o->world, "programs");
    for (size_t i = 0; all && i < all->count; i++)
        if (slice_equal_nocase(office_expand(r, tree_text(&all->items[i], "path", "")), image))
            return &all->items[i];
    return NULL;
}

static void log_process(struct run *r, const struct process *p, const struct process *parent, const struct tree *program,
                        struct slice folder)
{
    struct office *o = r->o;
    struct make_event *ev = sysmon(r, 1, p);
    if (ev) {
        static const char *const INFO[][2] = {{"FileVersion", "version"}, {"Description", "description"},
                                              {"Product", "product"},     {"Company", "company"},
                                              {"OriginalFileName", "original"}};
        for (size_t i = 0; i < 5; i++)
            office_set(o, ev, INFO[i][0], tree_text(program, INFO[i][1], "-"));
        office_set(o, ev, "CommandLine", p->command);
        office_set(o, ev, "CurrentDirectory", folder);
        office_setf(o, ev, "LogonGuid", "%08llx-0000-6a00-0000-%012llx", (unsigned long long)(p->user->logon * 2654435761u & 0xFFFFFFFF),
                    (unsigned long long)p->user->logon);
        office_setf(o, ev, "LogonId", "0x%llx", (unsigned long long)p->user->logon);
        office_set(o, ev, "TerminalSessionId", slice_equal_str(p->integrity, "System") ? SLICE("0") : SLICE("1"));
        office_set(o, ev, "IntegrityLevel", p->integrity);
        struct slice identity = arena_printf(&o->day, "%.*s %.*s", SLICE_FMT(p->image), SLICE_FMT(tree_text(program, "version", "")));
        office_set(o, ev, "Hashes", tree_get(program, "hashes") ? tree_text(program, "hashes", "") : office_hashes(&o->day, identity));
        office_set(o, ev, "ParentProcessGuid", parent->guid.len ? parent->guid : p->guid);
        office_setf(o, ev, "ParentProcessId", "%u", parent->pid);
        office_set(o, ev, "ParentImage", parent->image);
        office_set(o, ev, "ParentCommandLine", parent->command);
        office_set(o, ev, "ParentUser", user_text(r, parent->user));
    }
    if (!r->pc->audit_process || !(ev = security(r, 4688)))
        return;
    set_subject(r, ev, "Subject", parent->user ? parent->user : p->user);
    office_setf(o, ev, "NewProcessId", "0x%x", p->pid);
    office_set(o, ev, "NewProcessName", p->image);
    office_setf(o, ev, "ProcessId", "0x%x", parent->pid);
    office_set(o, ev, "CommandLine", p->command);
    office_set(o, ev, "ParentProcessName", parent->image);
    bool system = slice_equal_str(p->integrity, "System"), high = slice_equal_str(p->integrity, "High");
    office_set(o, ev, "MandatoryLabel", system ? SLICE("S-1-16-16384") : high ? SLICE("S-1-16-12288") : SLICE("S-1-16-8192"));
    office_set(o, ev, "TokenElevationType", system ? SLICE("%%1936") : high ? SLICE("%%1937") : SLICE("%%1938"));
}

// Windows PowerShell says so when its engine starts and stops.
static void log_engine(struct run *r, const struct process *p, bool start)
{
    struct office *o = r->o;
    const char *state = start ? "Available" : "Stopped", *before = start ? "None" : "Available";
    struct make_event *ev;
    if (start && (ev = office_event(o, r->pc, r->t, "Microsoft-Windows-PowerShell", 40961, (struct slice){0}))) {
        ev->pid = p->pid;
        ev->user = p->user->sid;
        ev = office_event(o, r->pc, r->t + 310000, "Microsoft-Windows-PowerShell", 53504, (struct slice){0});
        office_setf(o, ev, "param1", "%u", p->pid);
        ev->pid = p->pid;
        ev->user = p->user->sid;
        ev = office_event(o, r->pc, r->t + 720000, "Microsoft-Windows-PowerShell", 40962, (struct slice){0});
        ev->pid = p->pid;
        ev->user = p->user->sid;
    }
    ev = office_event(o, r->pc, r->t + 900000, "PowerShell", start ? 400 : 403, (struct slice){0});
    if (!ev)
        return;
    ev->pid = ev->tid = 0;
    ev->kind = MAKE_UNNAMED;
    office_set(o, ev, "", slice_from_str(state));
    office_set(o, ev, "", slice_from_str(before));
    office_setf(o, ev, "",
                "\tNewEngineState=%s\r\n\tPreviousEngineState=%s\r\n\r\n\tSequenceNumber=%d\r\n\r\n\tHostName=ConsoleHost\r\n"
                "\tHostVersion=5.1.19041.4412\r\n\tHostId=%.36s\r\n\tHostApplication=%.*s\r\n\tEngineVersion=5.1.19041.4412\r\n"
                "\tRunspaceId=%.36s\r\n\tPipelineId=\r\n\tCommandName=\r\n\tCommandType=\r\n\tScriptName=\r\n\tCommandPath=\r\n"
                "\tCommandLine=",
                state, before, start ? 13 : 15, (const char *)p->guid.at, SLICE_FMT(p->command),
                (const char *)office_expand(r, SLICE("{guid}")).at);
}

static bool is_powershell(const struct process *p)
{
    return slice_ends(p->image, SLICE("\\powershell.exe"));
}

static struct slice new_guid(struct run *r)
{
    uint64_t machine = rng_seed(1, r->pc->name, 0);
    uint64_t seconds = (uint64_t)time_to_unix(r->t);
    uint64_t count = ++r->pc->handed_out;
    return arena_printf(&r->o->day, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(machine & 0xFFFFFFFF),
                        (unsigned)(seconds & 0xFFFF), (unsigned)(seconds >> 16 & 0xFFFF),
                        (unsigned)((count & 0xFF) << 8 | (count >> 8 & 0xFF)), (unsigned long long)(0x1A00 + (count >> 16)));
}

static void step_run(struct run *r, const struct tree *s)
{
    struct office *o = r->o;
    struct slice name = tree_text(s, "program", ""), parent_name = tree_text(s, "parent", "explorer");
    const struct tree *program = name.len ? program_named(r, name) : NULL;
    struct process p = {.name = tree_text(s, "as", "it")};
    if (name.len && !program)
        return office_fail(o, s->line, "no program", name);
    const struct process *parent = process_by(r, s, "parent");
    struct slice who = tree_text(s, "who", "");
    p.user = who.len ? office_person(r->pc, who) : parent->user ? parent->user : r->who;
    if (!who.len && slice_equal_str(parent_name, "explorer"))
        p.user = r->who;
    p.image = program ? text_of(r, program, "path", "") : text_of(r, s, "image", "");
    if (!program)
        program = program_at(r, p.image);
    struct slice args = text_of(r, s, "args", "");
    bool quote = memchr(p.image.at, ' ', p.image.len) != NULL || tree_flag(s, "quote");
    p.command = tree_get(s, "command") ? text_of(r, s, "command", "")
                                       : arena_printf(&o->day, quote ? "\"%.*s\"%s%.*s" : "%.*s%s%.*s", SLICE_FMT(p.image),
                                                      args.len ? " " : "", SLICE_FMT(args));
    p.integrity = tree_text(s, "integrity", "");
    bool service = p.user == &r->pc->system || p.user == &r->pc->local || p.user == &r->pc->network;
    if (!p.integrity.len)
        p.integrity = service ? SLICE("System") : p.user == &r->pc->admin ? SLICE("High") : SLICE("Medium");
    p.pid = 4 * (uint32_t)(700 + rng_below(&r->rng, 3400));
    p.guid = new_guid(r);
    log_process(r, &p, parent, program,
                text_of(r, s, "folder", service ? "C:\\Windows\\system32\\" : "{home}\\"));
    if (is_powershell(&p))
        log_engine(r, &p, true);
    *ARRAY_ADD(&r->processes) = p;
}

static void end_process(struct run *r, const struct process *p)
{
    struct make_event *ev = sysmon(r, 5, p);
    (void)ev;
    if (is_powershell(p))
        log_engine(r, p, false);
    if (r->pc->audit_process && p->user && (ev = security(r, 4689))) {
        set_subject(r, ev, "Subject", p->user);
        office_setf(r->o, ev, "ProcessId", "0x%x", p->pid);
        office_set(r->o, ev, "ProcessName", p->image);
    }
}

static void step_end(struct run *r, const struct tree *s)
{
    const struct process *p = office_process(r, own_text(r, s));
    if (!p)
        return office_fail(r->o, s->line, "no process", s->text);
    end_process(r, p);
    if (!p->task.len)
        return;
    struct make_event *ev = office_event(r->o, r->pc, r->t + 20000, "Microsoft-Windows-TaskScheduler", 201, (struct slice){0});
    if (ev) {
        office_set(r->o, ev, "TaskName", p->task);
        office_set(r->o, ev, "TaskInstanceId", p->instance);
        office_set(r->o, ev, "ActionName", p->image);
        ev = office_event(r->o, r->pc, r->t + 40000, "Microsoft-Windows-TaskScheduler", 102, (struct slice){0});
        office_set(r->o, ev, "TaskName", p->task);
        office_set(r->o, ev, "InstanceId", p->instance);
        office_set(r->o, ev, "UserContext", user_text(r, p->user));
    }
}

// A scheduled task runs: its process, and the Task Scheduler's own log.
static void step_task(struct run *r, const struct tree *s)
{
    struct office *o = r->o;
    static const char *const TASKS = "Microsoft-Windows-TaskScheduler";
    step_run(r, s);
    if (!r->processes.count || o->failed)
        return;
    struct process *p = &r->processes.items[r->processes.count - 1];
    p->task = text_of(r, s, "task", "\\Unnamed");
    p->instance = office_expand(r, SLICE("{guid}"));
    struct make_event *ev = office_event(o, r->pc, r->t - 90000, TASKS, 107, (struct slice){0});
    if (!ev)
        return;
    office_set(o, ev, "TaskName", p->task);
    office_set(o, ev, "InstanceId", p->instance);
    ev = office_event(o, r->pc, r->t + 10000, TASKS, 129, (struct slice){0});
    office_set(o, ev, "TaskName", p->task);
    office_set(o, ev, "Path", p->image);
    office_setf(o, ev, "ProcessID", "%u", p->pid);
    ev = office_event(o, r->pc, r->t + 20000, TASKS, 100, (struct slice){0});
    office_set(o, ev, "TaskName", p->task);
    office_set(o, ev, "UserContext", user_text(r, p->user));
    office_set(o, ev, "InstanceId", p->instance);
    ev = office_event(o, r->pc, r->t + 30000, TASKS, 200, (struct slice){0});
    office_set(o, ev, "TaskName", p->task);
    office_set(o, ev, "ActionName", p->image);
    office_set(o, ev, "TaskInstanceId", p->instance);
    office_setf(o, ev, "EnginePID", "%u", p->pid);
}

static void step_file(struct run *r, const struct tree *s)
{
    struct make_event *ev = sysmon(r, 11, process_by(r, s, "by"));
    if (ev)
        office_set(r->o, ev, "TargetFilename", text_of(r, s, "path", ""));
}

static void step_delete(struct run *r, const struct tree *s)
{
    struct make_event *ev = sysmon(r, 26, process_by(r, s, "by"));
    if (!ev)
        return;
    struct slice path = text_of(r, s, "path", "");
    office_set(r->o, ev, "TargetFilename", path);
    bool program = slice_ends(path, SLICE(".exe")) || slice_ends(path, SLICE(".dll"));
    office_set(r->o, ev, "Hashes", program ? office_hashes(&r->o->day, path) : hashes_of_data(&r->o->day, path));
    office_set(r->o, ev, "IsExecutable", program ? SLICE("true") : SLICE("false"));
}

static void step_stream(struct run *r, const struct tree *s)
{
    struct make_event *ev = sysmon(r, 15, process_by(r, s, "by"));
    if (!ev)
        return;
    struct slice path = text_of(r, s, "path", ""), url = text_of(r, s, "url", "about:internet");
    office_setf(r->o, ev, "TargetFilename", "%.*s:Zone.Identifier", SLICE_FMT(path));
    office_set(r->o, ev, "Hash", hashes_of_data(&r->o->day, url));
    office_setf(r->o, ev, "Contents", "[ZoneTransfer]  ZoneId=3  ReferrerUrl=%.*s  HostUrl=%.*s  ", SLICE_FMT(url), SLICE_FMT(url));
}

static void step_reg(struct run *r, const struct tree *s)
{
    bool value = tree_get(s, "value") != NULL;
    struct make_event *ev = sysmon(r, value ? 13 : 12, process_by(r, s, "by"));
    if (!ev)
        return;
    office_set(r->o, ev, "TargetObject", text_of(r, s, "key", ""));
    if (value)
        office_set(r->o, ev, "Details", text_of(r, s, "value", ""));
    else
        office_set(r->o, ev, "EventType", text_of(r, s, "type", "CreateKey"));
}

static void step_dns(struct run *r, const struct tree *s)
{
    struct make_event *ev = sysmon(r, 22, process_by(r, s, "by"));
    if (!ev)
        return;
    struct slice to = text_of(r, s, "to", "");
    office_set(r->o, ev, "QueryName", text_of(r, s, "name", ""));
    office_set(r->o, ev, "QueryStatus", text_of(r, s, "status", "0"));
    office_set(r->o, ev, "QueryResults", to.len ? arena_printf(&r->o->day, "::ffff:%.*s;", SLICE_FMT(to)) : SLICE("-"));
}

static struct slice port_name(struct slice port)
{
    static const char *const NAMES[][2] = {{"443", "https"}, {"80", "http"},         {"445", "microsoft-ds"},
                                           {"53", "domain"}, {"3389", "ms-wbt-server"}, {"88", "kerberos"},
                                           {"389", "ldap"},  {"22", "ssh"},          {"135", "epmap"}};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (slice_equal_str(port, NAMES[i][0]))
            return slice_from_str(NAMES[i][1]);
    return SLICE("-");
}

static void step_net(struct run *r, const struct tree *s)
{
    struct office *o = r->o;
    struct make_event *ev = sysmon(r, 3, process_by(r, s, "by"));
    if (!ev)
        return;
    bool in = tree_flag(s, "in");
    struct slice there = text_of(r, s, "ip", "192.0.2.1"), port = text_of(r, s, "port", "443"), name = text_of(r, s, "host", "-");
    struct slice own_port = text_of(r, s, "from", "{n:49700-65300}");
    bool v6 = memchr(there.at, ':', there.len) != NULL;
    office_set(o, ev, "Protocol", text_of(r, s, "protocol", "tcp"));
    office_set(o, ev, "Initiated", in ? SLICE("false") : SLICE("true"));
    office_set(o, ev, "SourceIsIpv6", v6 ? SLICE("true") : SLICE("false"));
    office_set(o, ev, "DestinationIsIpv6", v6 ? SLICE("true") : SLICE("false"));
    office_set(o, ev, "SourceIp", in ? there : r->pc->ip);
    office_set(o, ev, "SourceHostname", in ? name : r->pc->fqdn);
    office_set(o, ev, "SourcePort", own_port);
    office_set(o, ev, "DestinationIp", in ? r->pc->ip : there);
    office_set(o, ev, "DestinationHostname", in ? r->pc->fqdn : name);
    office_set(o, ev, "DestinationPort", port);
    office_set(o, ev, "DestinationPortName", port_name(port));
}

static void step_load(struct run *r, const struct tree *s)
{
    struct office *o = r->o;
    bool driver = tree_flag(s, "driver");
    struct make_event *ev = sysmon(r, driver ? 6 : 7, driver ? NULL : process_by(r, s, "by"));
    if (!ev)
        return;
    struct slice dll = text_of(r, s, "dll", ""), signer = tree_text(s, "signer", "Microsoft Windows");
    const struct tree *program = tree_get_slice(tree_get(&o->world, "programs"), tree_text(s, "program", ""));
    office_set(o, ev, "ImageLoaded", dll);
    office_set(o, ev, "Hashes", office_hashes(&o->day, dll));
    office_set(o, ev, "Signed", signer.len ? SLICE("true") : SLICE("false"));
    office_set(o, ev, "Signature", signer.len ? signer : SLICE("-"));
    office_set(o, ev, "SignatureStatus", signer.len ? SLICE("Valid") : SLICE("Unavailable"));
    if (driver)
        return;
    office_set(o, ev, "FileVersion", tree_text(s, "version", tree_text(program, "version", "-").len ? "10.0.19041.4355 (WinBuild.160101.0800)" : "-"));
    office_set(o, ev, "Description", tree_text(s, "description", "-"));
    office_set(o, ev, "Product", tree_text(s, "product", "Microsoft® Windows® Operating System"));
    office_set(o, ev, "Company", tree_text(s, "company", "Microsoft Corporation"));
    office_set(o, ev, "OriginalFileName", tree_text(s, "original", "-"));
}

static void step_access(struct run *r, const struct tree *s)
{
    const struct process *by = process_by(r, s, "by"), *to = process_by(r, s, "to");
    struct make_event *ev = sysmon(r, 10, NULL);
    if (!ev)
        return;
    office_set(r->o, ev, "SourceProcessGUID", by->guid);
    office_setf(r->o, ev, "SourceProcessId", "%u", by->pid);
    office_setf(r->o, ev, "SourceThreadId", "%u", by->pid + 60);
    office_set(r->o, ev, "SourceImage", by->image);
    office_set(r->o, ev, "TargetProcessGUID", to->guid);
    office_setf(r->o, ev, "TargetProcessId", "%u", to->pid);
    office_set(r->o, ev, "TargetImage", to->image);
    office_set(r->o, ev, "GrantedAccess", text_of(r, s, "mask", "0x1000"));
    office_set(r->o, ev, "CallTrace", text_of(r, s, "trace", "C:\\Windows\\SYSTEM32\\ntdll.dll+9d4e4|C:\\Windows\\System32\\KERNELBASE.dll+2c0fe"));
    office_set(r->o, ev, "SourceUser", user_text(r, by->user));
    office_set(r->o, ev, "TargetUser", user_text(r, to->user));
}

static void step_pipe(struct run *r, const struct tree *s)
{
    struct make_event *ev = sysmon(r, tree_flag(s, "connect") ? 18 : 17, process_by(r, s, "by"));
    if (ev)
        office_set(r->o, ev, "PipeName", text_of(r, s, "name", ""));
}

// 4104, in pieces as Windows cuts long scripts.
static void step_script(struct run *r, const struct tree *s)
{
    enum { PIECE = 10000 };
    struct office *o = r->o;
    const struct process *p = process_by(r, s, "by");
    struct slice text = text_of(r, s, "text", ""), path = text_of(r, s, "path", "");
    struct slice id = office_expand(r, SLICE("{guid}"));
    size_t pieces = text.len / PIECE + 1;
    for (size_t i = 0, at = 0; i < pieces; i++) {
        size_t to = i + 1 == pieces ? text.len : at + PIECE;
        while (to < text.len && (text.at[to] & 0xC0) == 0x80)
            to++;
        struct make_event *ev = office_event(o, r->pc, r->t + i * 9000, "Microsoft-Windows-PowerShell", 4104, (struct slice){0});
        if (!ev)
            return;
        ev->pid = p->pid;
        ev->tid = p->pid + 340;
        if (p->user)
            ev->user = p->user->sid;
        if (tree_flag(s, "warning")) // Windows itself found it suspicious
            ev->level = 3;
        office_setf(o, ev, "MessageNumber", "%zu", i + 1);
        office_setf(o, ev, "MessageTotal", "%zu", pieces);
        office_set(o, ev, "ScriptBlockText", slice_sub(text, at, to));
        office_set(o, ev, "ScriptBlockId", id);
        office_set(o, ev, "Path", path);
        at = to;
    }
}

static void log_logon(struct run *r, const struct tree *s, const struct person *p, struct slice type)
{
    struct office *o = r->o;
    bool service = slice_equal_str(type, "5"), remote = slice_equal_str(type, "3") || slice_equal_str(type, "10");
    bool fail = tree_get(s, "fail") != NULL;
    struct make_event *ev = security(r, fail ? 4625 : 4624);
    if (!ev)
        return;
    if (slice_equal_str(type, "3")) {
        office_set(o, ev, "SubjectUserSid", SLICE("S-1-0-0"));
    } else {
        set_subject(r, ev, "Subject", &r->pc->system);
        office_setf(o, ev, "SubjectUserName", "%.*s$", SLICE_FMT(r->pc->name));
    }
    office_set(o, ev, "TargetUserSid", fail ? SLICE("S-1-0-0") : p->sid);
    office_set(o, ev, "TargetUserName", p->name);
    office_set(o, ev, "TargetDomainName", p->domain);
    office_set(o, ev, "LogonType", type);
    struct slice package = text_of(r, s, "package", remote ? "Kerberos" : "Negotiate");
    office_set(o, ev, "LogonProcessName", service ? SLICE("Advapi  ") : slice_equal_str(type, "3") ? (slice_equal_str(package, "NTLM") ? SLICE("NtLmSsp ") : SLICE("Kerberos")) : SLICE("User32 "));
    office_set(o, ev, "AuthenticationPackageName", package);
    if (slice_equal_str(package, "NTLM"))
        office_set(o, ev, "LmPackageName", SLICE("NTLM V2"));
    office_set(o, ev, "WorkstationName", text_of(r, s, "workstation", slice_equal_str(type, "3") ? "-" : "{pc}"));
    office_set(o, ev, "IpAddress", text_of(r, s, "from", remote ? "192.168.20.12" : service ? "-" : "127.0.0.1"));
    office_set(o, ev, "IpPort", remote ? office_expand(r, SLICE("{n:49700-65300}")) : service ? SLICE("-") : SLICE("0"));
    const struct process *by = office_process(r, service ? SLICE("services") : SLICE("svchost"));
    if (!slice_equal_str(type, "3") && by) {
        office_setf(o, ev, "ProcessId", "0x%x", by->pid);
        office_set(o, ev, "ProcessName", by->image);
    }
    if (fail) {
        office_set(o, ev, "SubStatus", text_of(r, s, "fail", "0xc000006a"));
        return;
    }
    office_setf(o, ev, "TargetLogonId", "0x%llx", (unsigned long long)p->logon);
    bool high = p == &r->pc->admin || p == &r->pc->system;
    office_set(o, ev, "ElevatedToken", high ? SLICE("%%1842") : SLICE("%%1843"));
    if (!slice_equal_str(type, "3"))
        office_set(o, ev, "LogonGuid", office_expand(r, SLICE("{guid}")));
    if (!high || !(ev = security(r, 4672)))
        return;
    set_subject(r, ev, "Subject", p);
    office_set(o, ev, "PrivilegeList",
               SLICE("SeSecurityPrivilege\n\t\t\tSeTakeOwnershipPrivilege\n\t\t\tSeLoadDriverPrivilege\n\t\t\tSeBackupPrivilege\n\t\t\t"
                     "SeRestorePrivilege\n\t\t\tSeDebugPrivilege\n\t\t\tSeSystemEnvironmentPrivilege\n\t\t\tSeImpersonatePrivilege"));
}

static void step_logon(struct run *r, const struct tree *s)
{
    struct person *p = ARENA_NEW(&r->o->day, struct person);
    const struct person *known = tree_get(s, "who") ? office_person(r->pc, tree_text(s, "who", "")) : r->who;
    struct slice account = text_of(r, s, "account", "");
    if (account.len) { // somebody of another computer, or an invented name
        *p = *known;
        p->name = account;
        p->domain = text_of(r, s, "domain", "{domain}");
        p->sid = text_of(r, s, "sid", "S-1-5-21-2871134905-1604920117-3920817725-{n:1104-1129}");
        p->logon = 0x100000 + rng_below(&r->rng, 0x4000000);
        known = p;
    }
    log_logon(r, s, known, text_of(r, s, "type", "2"));
}

static bool convert(struct run *r, const struct tree *t, struct make_value *out)
{
    *out = (struct make_value){.form = MAKE_TEXT, .type = MAKE_TYPE_UNSET};
    if (t->kind == TREE_TEXT) {
        out->form = t->null ? MAKE_NULL : MAKE_TEXT;
        out->text = office_expand(r, t->text);
        return true;
    }
    const struct tree *type = tree_get(t, "type"), *value = tree_get(t, "value");
    if (t->kind == TREE_MAP && t->count == 2 && type && value) {
        uint8_t code;
        bool ok = value_type_named(type->text, &code) && convert(r, value, out);
        out->type = ok ? code : MAKE_TYPE_UNSET;
        return ok;
    }
    out->form = t->kind == TREE_LIST ? MAKE_LIST : MAKE_MAP;
    out->fields = ARENA_ARRAY(&r->o->day, struct make_field, t->count + 1);
    out->count = t->count;
    for (size_t i = 0; i < t->count; i++) {
        if (t->kind == TREE_MAP)
            out->fields[i].name = t->keys[i];
        if (!convert(r, &t->items[i], &out->fields[i].value))
            return false;
    }
    return true;
}

// Any event, as in a description of events.
static void step_log(struct run *r, const struct tree *s)
{
    struct office *o = r->o;
    struct slice provider = tree_text(s, "provider", "");
    struct make_event *ev = office_event(o, r->pc, r->t, arena_str(&o->day, provider), (uint32_t)tree_number(s, "id", 0),
                                         tree_text(s, "channel", ""));
    if (!ev)
        return;
    const struct tree *data = tree_get(s, "data"), *user = tree_get(s, "userdata");
    struct slice by = tree_text(s, "by", "");
    const struct process *p = by.len ? process_by(r, s, "by") : NULL;
    ev->pid = p ? p->pid : (uint32_t)tree_number(s, "pid", slice_equal_str(provider, "Microsoft-Windows-Security-Auditing") ? r->pc->lsass_pid : 4);
    ev->tid = ev->pid ? ev->pid + 8 * (uint32_t)(1 + rng_below(&r->rng, 300)) : 0;
    if (p && p->user)
        ev->user = p->user->sid;
    if (tree_get(s, "who"))
        ev->user = office_person(r->pc, tree_text(s, "who", ""))->sid;
    ev->level = (int)tree_number(s, "level", MAKE_UNSET);
    if (tree_get(s, "keywords")) {
        ev->has_keywords = true;
        if (!value_parse_integer(tree_text(s, "keywords", ""), &ev->keywords))
            office_fail(o, s->line, "keywords", tree_text(s, "keywords", ""));
    }
    struct make_value v;
    const struct tree *fields = user ? user : data;
    if (!fields)
        return;
    if (!convert(r, fields, &v))
        return office_fail(o, s->line, "data of event", provider);
    ev->fields = v.fields;
    ev->count = v.count;
    ev->kind = user ? MAKE_USER : fields->kind == TREE_LIST ? MAKE_UNNAMED : MAKE_DATA;
}

static void range_of(struct slice s, uint64_t *low, uint64_t *high)
{
    const uint8_t *dash = s.len ? memchr(s.at, '-', s.len) : NULL;
    size_t cut = dash ? (size_t)(dash - s.at) : s.len;
    *low = *high = 0;
    if (!value_parse_integer(slice_sub(s, 0, cut), low))
        *low = 0;
    if (!dash || !value_parse_integer(slice_sub(s, cut + 1, s.len), high))
        *high = *low;
}

static uint64_t range_pick(struct run *r, struct slice s)
{
    uint64_t low, high;
    range_of(s, &low, &high);
    return low + rng_below(&r->rng, high >= low ? high - low + 1 : 1);
}

static void step_set(struct run *r, const struct tree *s)
{
    for (size_t i = 0; i < s->count && r->vars_count < sizeof r->vars / sizeof *r->vars; i++) {
        r->vars[r->vars_count].name = s->keys[i];
        r->vars[r->vars_count].value = office_expand(r, s->items[i].text);
        r->vars_count++;
    }
}

// Steps on another computer, at the same moment.
static void step_on(struct run *r, const struct tree *s)
{
    struct computer *pc = office_computer(r->o, text_of(r, s, "pc", ""));
    if (!pc)
        return office_fail(r->o, s->line, "no computer", tree_text(s, "pc", ""));
    struct computer *own = r->pc;
    const struct person *who = r->who;
    r->pc = pc;
    r->who = office_person(pc, tree_text(s, "who", "user"));
    office_steps(r, tree_get(s, "steps"));
    r->pc = own;
    r->who = who;
}

static void step_maybe(struct run *r, const struct tree *s)
{
    if (rng_unit(&r->rng) < tree_number(s, "chance", 0.5))
        office_steps(r, tree_get(s, "steps"));
}

static void step_repeat(struct run *r, const struct tree *s)
{
    uint64_t times = range_pick(r, tree_text(s, "times", "2"));
    for (uint64_t i = 0; i < times && !r->o->failed; i++)
        office_steps(r, tree_get(s, "steps"));
}

static void step_wait(struct run *r, const struct tree *s)
{
    r->t += range_pick(r, s->text) * VTIME_SECOND;
}

static void step_do(struct run *r, const struct tree *s)
{
    const struct tree *steps = tree_get_slice(tree_get(&r->o->world, "parts"), s->text);
    if (!steps)
        return office_fail(r->o, s->line, "no part", s->text);
    office_steps(r, steps);
}

static void step_stay(struct run *r, const struct tree *s)
{
    const struct process *p = office_process(r, s->text);
    if (!p)
        return office_fail(r->o, s->line, "no process", s->text);
    *ARRAY_ADD(&r->pc->processes) = *p;
}

static const struct {
    const char *name;
    void (*act)(struct run *r, const struct tree *s);
} STEPS[] = {
    {"run", step_run},       {"task", step_task},   {"end", step_end},     {"file", step_file},
    {"delete", step_delete}, {"stream", step_stream}, {"reg", step_reg},   {"dns", step_dns},
    {"net", step_net},       {"load", step_load},   {"access", step_access}, {"pipe", step_pipe},
    {"script", step_script}, {"logon", step_logon}, {"log", step_log},     {"set", step_set},
    {"on", step_on},         {"maybe", step_maybe}, {"repeat", step_repeat}, {"wait", step_wait},
    {"do", step_do},         {"stay", step_stay},
};

static void do_step(struct run *r, struct slice kind, const struct tree *s)
{
    for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++)
        if (slice_equal_str(kind, STEPS[i].name))
            return STEPS[i].act(r, s);
    office_fail(r->o, s->line, "no such step:", kind);
}

void office_steps(struct run *r, const struct tree *steps)
{
    for (size_t i = 0; steps && i < steps->count && !r->o->failed; i++) {
        const struct tree *s = &steps->items[i];
        if (s->kind != TREE_MAP || !s->count) {
            office_fail(r->o, s->line, "a step must be a map", (struct slice){0});
            return;
        }
        do_step(r, s->keys[0], &s->items[0]);
        if (!slice_equal_str(s->keys[0], "wait")) // things take a moment
            r->t += (20 + rng_below(&r->rng, 900)) * 10000 + rng_below(&r->rng, 10000);
    }
}
