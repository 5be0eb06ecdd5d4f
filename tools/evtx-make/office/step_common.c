// SPDX-License-Identifier: Apache-2.0
// What several steps need.
#include "steps.h"

#include "base/sha256.h"

struct slice step_text(struct run *r, const struct tree *s, const char *key, const char *otherwise)
{
    return office_expand(r, tree_text(s, key, otherwise));
}

// What a step needs when its only argument is written without a map.
struct slice step_own_text(struct run *r, const struct tree *s)
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

const struct process *step_process_by(struct run *r, const struct tree *s, const char *key)
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
struct slice step_hashes_of_data(struct arena *a, struct slice of)
{
    struct slice all = office_hashes(a, of);
    return arena_printf(a, "%.*sIMPHASH=00000000000000000000000000000000", (int)(all.len - 40),
                        (const char *)all.at);
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

struct slice step_user_text(struct run *r, const struct person *p)
{
    return p ? arena_printf(&r->o->day, "%.*s\\%.*s", SLICE_FMT(p->domain), SLICE_FMT(p->name))
             : SLICE("-");
}

struct make_event *step_sysmon(struct run *r, uint32_t id, const struct process *p)
{
    if (!r->pc->sysmon)
        return NULL;
    struct make_event *ev =
        office_event(r->o, r->pc, r->t, "Microsoft-Windows-Sysmon", id, (struct slice){0});
    if (!ev)
        return NULL;
    ev->pid = r->pc->sysmon_pid;
    ev->tid = ev->pid + 1204;
    if (p) {
        office_set(r->o, ev, "ProcessGuid", p->guid);
        office_setf(r->o, ev, "ProcessId", "%u", p->pid);
        office_set(r->o, ev, "Image", p->image);
        office_set(r->o, ev, "User", step_user_text(r, p->user));
    }
    return ev;
}

void step_set_subject(struct run *r, struct make_event *ev, const char *prefix,
                      const struct person *p)
{
    struct arena *a = &r->o->day;
    office_set(r->o, ev, arena_str(a, arena_printf(a, "%sUserSid", prefix)), p->sid);
    office_set(r->o, ev, arena_str(a, arena_printf(a, "%sUserName", prefix)), p->name);
    office_set(r->o, ev, arena_str(a, arena_printf(a, "%sDomainName", prefix)), p->domain);
    office_setf(r->o, ev, arena_str(a, arena_printf(a, "%sLogonId", prefix)), "0x%llx",
                (unsigned long long)p->logon);
}

struct make_event *step_security(struct run *r, uint32_t id)
{
    struct make_event *ev = office_event(r->o, r->pc, r->t, "Microsoft-Windows-Security-Auditing",
                                         id, (struct slice){0});
    if (ev) {
        ev->pid = id == 4688 || id == 4689 ? 4 : r->pc->lsass_pid;
        ev->tid = ev->pid + 8 * (uint32_t)(1 + rng_below(&r->rng, 400));
    }
    return ev;
}
