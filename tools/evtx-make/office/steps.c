// SPDX-License-Identifier: Apache-2.0
// The steps of an activity, and the events that each leaves. Sysmon's events are written where
// Sysmon runs, Security's process events where their audit is on. Here: the order of things,
// logons, scripts and any other event; the rest stands in step_process.c and step_trace.c.
#include "steps.h"

#include "../value.h"

static void do_step(struct run *r, struct slice kind, const struct tree *s);

// 4104, in pieces as Windows cuts long scripts.
static void step_script(struct run *r, const struct tree *s)
{
    enum { PIECE = 10000 };
    struct office *o = r->o;
    const struct process *p = step_process_by(r, s, "by");
    struct slice text = step_text(r, s, "text", ""), path = step_text(r, s, "path", "");
    struct slice id = office_expand(r, SLICE("{guid}"));
    size_t pieces = text.len / PIECE + 1;
    for (size_t i = 0, at = 0; i < pieces; i++) {
        size_t to = i + 1 == pieces ? text.len : at + PIECE;
        while (to < text.len && (text.at[to] & 0xC0) == 0x80)
            to++;
        struct make_event *ev = office_event(
            o, r->pc, r->t + i * 9000, "Microsoft-Windows-PowerShell", 4104, (struct slice){0});
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

static void log_logon(struct run *r, const struct tree *s, const struct person *p,
                      struct slice type)
{
    struct office *o = r->o;
    bool service = slice_equal_str(type, "5"),
         remote = slice_equal_str(type, "3") || slice_equal_str(type, "10");
    bool fail = tree_get(s, "fail") != NULL;
    struct make_event *ev = step_security(r, fail ? 4625 : 4624);
    if (!ev)
        return;
    if (slice_equal_str(type, "3")) {
        office_set(o, ev, "SubjectUserSid", SLICE("S-1-0-0"));
    } else {
        step_set_subject(r, ev, "Subject", &r->pc->system);
        office_setf(o, ev, "SubjectUserName", "%.*s$", SLICE_FMT(r->pc->name));
    }
    office_set(o, ev, "TargetUserSid", fail ? SLICE("S-1-0-0") : p->sid);
    office_set(o, ev, "TargetUserName", p->name);
    office_set(o, ev, "TargetDomainName", p->domain);
    office_set(o, ev, "LogonType", type);
    struct slice package = step_text(r, s, "package", remote ? "Kerberos" : "Negotiate");
    office_set(o, ev, "LogonProcessName",
               service ? SLICE("Advapi  ")
               : slice_equal_str(type, "3")
                   ? (slice_equal_str(package, "NTLM") ? SLICE("NtLmSsp ") : SLICE("Kerberos"))
                   : SLICE("User32 "));
    office_set(o, ev, "AuthenticationPackageName", package);
    if (slice_equal_str(package, "NTLM"))
        office_set(o, ev, "LmPackageName", SLICE("NTLM V2"));
    office_set(o, ev, "WorkstationName",
               step_text(r, s, "workstation", slice_equal_str(type, "3") ? "-" : "{pc}"));
    office_set(o, ev, "IpAddress",
               step_text(r, s, "from",
                         remote    ? "192.168.20.12"
                         : service ? "-"
                                   : "127.0.0.1"));
    office_set(o, ev, "IpPort",
               remote    ? office_expand(r, SLICE("{n:49700-65300}"))
               : service ? SLICE("-")
                         : SLICE("0"));
    const struct process *by = office_process(r, service ? SLICE("services") : SLICE("svchost"));
    if (!slice_equal_str(type, "3") && by) {
        office_setf(o, ev, "ProcessId", "0x%x", by->pid);
        office_set(o, ev, "ProcessName", by->image);
    }
    if (fail) {
        office_set(o, ev, "SubStatus", step_text(r, s, "fail", "0xc000006a"));
        return;
    }
    office_setf(o, ev, "TargetLogonId", "0x%llx", (unsigned long long)p->logon);
    bool high = p == &r->pc->admin || p == &r->pc->system;
    office_set(o, ev, "ElevatedToken", high ? SLICE("%%1842") : SLICE("%%1843"));
    if (!slice_equal_str(type, "3"))
        office_set(o, ev, "LogonGuid", office_expand(r, SLICE("{guid}")));
    if (!high || !(ev = step_security(r, 4672)))
        return;
    step_set_subject(r, ev, "Subject", p);
    office_set(o, ev, "PrivilegeList",
               SLICE("SeSecurityPrivilege\n\t\t\tSeTakeOwnershipPrivilege\n\t\t\tSeLoadDriverPrivil"
                     "ege\n\t\t\tSeBackupPrivilege\n\t\t\t"
                     "SeRestorePrivilege\n\t\t\tSeDebugPrivilege\n\t\t\tSeSystemEnvironmentPrivileg"
                     "e\n\t\t\tSeImpersonatePrivilege"));
}

static void step_logon(struct run *r, const struct tree *s)
{
    struct person *p = ARENA_NEW(&r->o->day, struct person);
    const struct person *known =
        tree_get(s, "who") ? office_person(r->pc, tree_text(s, "who", "")) : r->who;
    struct slice account = step_text(r, s, "account", "");
    if (account.len) { // somebody of another computer, or an invented name
        *p = *known;
        p->name = account;
        p->domain = step_text(r, s, "domain", "{domain}");
        p->sid = step_text(r, s, "sid", "S-1-5-21-2871134905-1604920117-3920817725-{n:1104-1129}");
        p->logon = 0x100000 + rng_below(&r->rng, 0x4000000);
        known = p;
    }
    log_logon(r, s, known, step_text(r, s, "type", "2"));
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
    struct make_event *ev =
        office_event(o, r->pc, r->t, arena_str(&o->day, provider),
                     (uint32_t)tree_number(s, "id", 0), tree_text(s, "channel", ""));
    if (!ev)
        return;
    const struct tree *data = tree_get(s, "data"), *user = tree_get(s, "userdata");
    struct slice by = tree_text(s, "by", "");
    const struct process *p = by.len ? step_process_by(r, s, "by") : NULL;
    ev->pid =
        p ? p->pid
          : (uint32_t)tree_number(s, "pid",
                                  slice_equal_str(provider, "Microsoft-Windows-Security-Auditing")
                                      ? r->pc->lsass_pid
                                      : 4);
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
    struct computer *pc = office_computer(r->o, step_text(r, s, "pc", ""));
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
    {"run", step_run},       {"task", step_task},     {"end", step_end},       {"file", step_file},
    {"delete", step_delete}, {"stream", step_stream}, {"reg", step_reg},       {"dns", step_dns},
    {"net", step_net},       {"load", step_load},     {"access", step_access}, {"pipe", step_pipe},
    {"script", step_script}, {"logon", step_logon},   {"log", step_log},       {"set", step_set},
    {"on", step_on},         {"maybe", step_maybe},   {"repeat", step_repeat}, {"wait", step_wait},
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
