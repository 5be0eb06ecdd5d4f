// SPDX-License-Identifier: Apache-2.0
// Processes that begin and end, by themselves or as scheduled tasks, and what Windows writes of it.
#include "steps.h"

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

static void log_process(struct run *r, const struct process *p, const struct process *parent,
                        const struct tree *program, struct slice folder)
{
    struct office *o = r->o;
    struct make_event *ev = step_sysmon(r, 1, p);
    if (ev) {
        static const char *const INFO[][2] = {{"FileVersion", "version"},
                                              {"Description", "description"},
                                              {"Product", "product"},
                                              {"Company", "company"},
                                              {"OriginalFileName", "original"}};
        for (size_t i = 0; i < 5; i++)
            office_set(o, ev, INFO[i][0], tree_text(program, INFO[i][1], "-"));
        office_set(o, ev, "CommandLine", p->command);
        office_set(o, ev, "CurrentDirectory", folder);
        office_setf(o, ev, "LogonGuid", "%08llx-0000-6a00-0000-%012llx",
                    (unsigned long long)(p->user->logon * 2654435761u & 0xFFFFFFFF),
                    (unsigned long long)p->user->logon);
        office_setf(o, ev, "LogonId", "0x%llx", (unsigned long long)p->user->logon);
        office_set(o, ev, "TerminalSessionId",
                   slice_equal_str(p->integrity, "System") ? SLICE("0") : SLICE("1"));
        office_set(o, ev, "IntegrityLevel", p->integrity);
        struct slice identity = arena_printf(&o->day, "%.*s %.*s", SLICE_FMT(p->image),
                                             SLICE_FMT(tree_text(program, "version", "")));
        office_set(o, ev, "Hashes",
                   tree_get(program, "hashes") ? tree_text(program, "hashes", "")
                                               : office_hashes(&o->day, identity));
        office_set(o, ev, "ParentProcessGuid", parent->guid.len ? parent->guid : p->guid);
        office_setf(o, ev, "ParentProcessId", "%u", parent->pid);
        office_set(o, ev, "ParentImage", parent->image);
        office_set(o, ev, "ParentCommandLine", parent->command);
        office_set(o, ev, "ParentUser", step_user_text(r, parent->user));
    }
    if (!r->pc->audit_process || !(ev = step_security(r, 4688)))
        return;
    step_set_subject(r, ev, "Subject", parent->user ? parent->user : p->user);
    office_setf(o, ev, "NewProcessId", "0x%x", p->pid);
    office_set(o, ev, "NewProcessName", p->image);
    office_setf(o, ev, "ProcessId", "0x%x", parent->pid);
    office_set(o, ev, "CommandLine", p->command);
    office_set(o, ev, "ParentProcessName", parent->image);
    bool system = slice_equal_str(p->integrity, "System"),
         high = slice_equal_str(p->integrity, "High");
    office_set(o, ev, "MandatoryLabel",
               system ? SLICE("S-1-16-16384")
               : high ? SLICE("S-1-16-12288")
                      : SLICE("S-1-16-8192"));
    office_set(o, ev, "TokenElevationType",
               system ? SLICE("%%1936")
               : high ? SLICE("%%1937")
                      : SLICE("%%1938"));
}

// Windows PowerShell says so when its engine starts and stops.
static void log_engine(struct run *r, const struct process *p, bool start)
{
    struct office *o = r->o;
    const char *state = start ? "Available" : "Stopped", *before = start ? "None" : "Available";
    struct make_event *ev;
    if (start && (ev = office_event(o, r->pc, r->t, "Microsoft-Windows-PowerShell", 40961,
                                    (struct slice){0}))) {
        ev->pid = p->pid;
        ev->user = p->user->sid;
        ev = office_event(o, r->pc, r->t + 310000, "Microsoft-Windows-PowerShell", 53504,
                          (struct slice){0});
        office_setf(o, ev, "param1", "%u", p->pid);
        ev->pid = p->pid;
        ev->user = p->user->sid;
        ev = office_event(o, r->pc, r->t + 720000, "Microsoft-Windows-PowerShell", 40962,
                          (struct slice){0});
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
                "\tNewEngineState=%s\r\n\tPreviousEngineState=%s\r\n\r\n\tSequenceNumber=%"
                "d\r\n\r\n\tHostName=ConsoleHost\r\n"
                "\tHostVersion=5.1.19041.4412\r\n\tHostId=%.36s\r\n\tHostApplication=%.*"
                "s\r\n\tEngineVersion=5.1.19041.4412\r\n"
                "\tRunspaceId=%.36s\r\n\tPipelineId=\r\n\tCommandName=\r\n\tCommandType="
                "\r\n\tScriptName=\r\n\tCommandPath=\r\n"
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
                        (unsigned)((count & 0xFF) << 8 | (count >> 8 & 0xFF)),
                        0x1A00ull + (count >> 16));
}

void step_run(struct run *r, const struct tree *s)
{
    struct office *o = r->o;
    struct slice name = tree_text(s, "program", ""),
                 parent_name = tree_text(s, "parent", "explorer");
    const struct tree *program = name.len ? program_named(r, name) : NULL;
    struct process p = {.name = tree_text(s, "as", "it")};
    if (name.len && !program)
        return office_fail(o, s->line, "no program", name);
    const struct process *parent = step_process_by(r, s, "parent");
    struct slice who = tree_text(s, "who", "");
    p.user = who.len ? office_person(r->pc, who) : parent->user ? parent->user : r->who;
    if (!who.len && slice_equal_str(parent_name, "explorer"))
        p.user = r->who;
    p.image = program ? step_text(r, program, "path", "") : step_text(r, s, "image", "");
    if (!program)
        program = program_at(r, p.image);
    struct slice args = step_text(r, s, "args", "");
    bool quote = memchr(p.image.at, ' ', p.image.len) != NULL || tree_flag(s, "quote");
    p.command = tree_get(s, "command")
                    ? step_text(r, s, "command", "")
                    : arena_printf(&o->day, quote ? "\"%.*s\"%s%.*s" : "%.*s%s%.*s",
                                   SLICE_FMT(p.image), args.len ? " " : "", SLICE_FMT(args));
    p.integrity = tree_text(s, "integrity", "");
    bool service = p.user == &r->pc->system || p.user == &r->pc->local || p.user == &r->pc->network;
    if (!p.integrity.len)
        p.integrity = service                   ? SLICE("System")
                      : p.user == &r->pc->admin ? SLICE("High")
                                                : SLICE("Medium");
    p.pid = 4 * (uint32_t)(700 + rng_below(&r->rng, 3400));
    p.guid = new_guid(r);
    log_process(r, &p, parent, program,
                step_text(r, s, "folder", service ? "C:\\Windows\\system32\\" : "{home}\\"));
    if (is_powershell(&p))
        log_engine(r, &p, true);
    *ARRAY_ADD(&r->processes) = p;
}

static void end_process(struct run *r, const struct process *p)
{
    struct make_event *ev = step_sysmon(r, 5, p);
    (void)ev;
    if (is_powershell(p))
        log_engine(r, p, false);
    if (r->pc->audit_process && p->user && (ev = step_security(r, 4689))) {
        step_set_subject(r, ev, "Subject", p->user);
        office_setf(r->o, ev, "ProcessId", "0x%x", p->pid);
        office_set(r->o, ev, "ProcessName", p->image);
    }
}

void step_end(struct run *r, const struct tree *s)
{
    const struct process *p = office_process(r, step_own_text(r, s));
    if (!p)
        return office_fail(r->o, s->line, "no process", s->text);
    end_process(r, p);
    if (!p->task.len)
        return;
    struct make_event *ev = office_event(r->o, r->pc, r->t + 20000,
                                         "Microsoft-Windows-TaskScheduler", 201, (struct slice){0});
    if (ev) {
        office_set(r->o, ev, "TaskName", p->task);
        office_set(r->o, ev, "TaskInstanceId", p->instance);
        office_set(r->o, ev, "ActionName", p->image);
        ev = office_event(r->o, r->pc, r->t + 40000, "Microsoft-Windows-TaskScheduler", 102,
                          (struct slice){0});
        office_set(r->o, ev, "TaskName", p->task);
        office_set(r->o, ev, "InstanceId", p->instance);
        office_set(r->o, ev, "UserContext", step_user_text(r, p->user));
    }
}

// A scheduled task runs: its process, and the Task Scheduler's own log.
void step_task(struct run *r, const struct tree *s)
{
    struct office *o = r->o;
    static const char *const TASKS = "Microsoft-Windows-TaskScheduler";
    step_run(r, s);
    if (!r->processes.count || o->failed)
        return;
    struct process *p = &r->processes.items[r->processes.count - 1];
    p->task = step_text(r, s, "task", "\\Unnamed");
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
    office_set(o, ev, "UserContext", step_user_text(r, p->user));
    office_set(o, ev, "InstanceId", p->instance);
    ev = office_event(o, r->pc, r->t + 30000, TASKS, 200, (struct slice){0});
    office_set(o, ev, "TaskName", p->task);
    office_set(o, ev, "ActionName", p->image);
    office_set(o, ev, "TaskInstanceId", p->instance);
    office_setf(o, ev, "EnginePID", "%u", p->pid);
}
