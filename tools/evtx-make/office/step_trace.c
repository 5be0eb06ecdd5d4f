// SPDX-License-Identifier: Apache-2.0
// What processes do, as Sysmon records it.
#include "steps.h"

void step_file(struct run *r, const struct tree *s)
{
    struct make_event *ev = step_sysmon(r, 11, step_process_by(r, s, "by"));
    if (ev)
        office_set(r->o, ev, "TargetFilename", step_text(r, s, "path", ""));
}

void step_delete(struct run *r, const struct tree *s)
{
    struct make_event *ev = step_sysmon(r, 26, step_process_by(r, s, "by"));
    if (!ev)
        return;
    struct slice path = step_text(r, s, "path", "");
    office_set(r->o, ev, "TargetFilename", path);
    bool program = slice_ends(path, SLICE(".exe")) || slice_ends(path, SLICE(".dll"));
    office_set(r->o, ev, "Hashes",
               program ? office_hashes(&r->o->day, path) : step_hashes_of_data(&r->o->day, path));
    office_set(r->o, ev, "IsExecutable", program ? SLICE("true") : SLICE("false"));
}

void step_stream(struct run *r, const struct tree *s)
{
    struct make_event *ev = step_sysmon(r, 15, step_process_by(r, s, "by"));
    if (!ev)
        return;
    struct slice path = step_text(r, s, "path", ""), url = step_text(r, s, "url", "about:internet");
    office_setf(r->o, ev, "TargetFilename", "%.*s:Zone.Identifier", SLICE_FMT(path));
    office_set(r->o, ev, "Hash", step_hashes_of_data(&r->o->day, url));
    office_setf(r->o, ev, "Contents", "[ZoneTransfer]  ZoneId=3  ReferrerUrl=%.*s  HostUrl=%.*s  ",
                SLICE_FMT(url), SLICE_FMT(url));
}

void step_reg(struct run *r, const struct tree *s)
{
    bool value = tree_get(s, "value") != NULL;
    struct make_event *ev = step_sysmon(r, value ? 13 : 12, step_process_by(r, s, "by"));
    if (!ev)
        return;
    office_set(r->o, ev, "TargetObject", step_text(r, s, "key", ""));
    if (value)
        office_set(r->o, ev, "Details", step_text(r, s, "value", ""));
    else
        office_set(r->o, ev, "EventType", step_text(r, s, "type", "CreateKey"));
}

void step_dns(struct run *r, const struct tree *s)
{
    struct make_event *ev = step_sysmon(r, 22, step_process_by(r, s, "by"));
    if (!ev)
        return;
    struct slice to = step_text(r, s, "to", "");
    office_set(r->o, ev, "QueryName", step_text(r, s, "name", ""));
    office_set(r->o, ev, "QueryStatus", step_text(r, s, "status", "0"));
    office_set(r->o, ev, "QueryResults",
               to.len ? arena_printf(&r->o->day, "::ffff:%.*s;", SLICE_FMT(to)) : SLICE("-"));
}

static struct slice port_name(struct slice port)
{
    static const char *const NAMES[][2] = {
        {"443", "https"},          {"80", "http"},     {"445", "microsoft-ds"}, {"53", "domain"},
        {"3389", "ms-wbt-server"}, {"88", "kerberos"}, {"389", "ldap"},         {"22", "ssh"},
        {"135", "epmap"}};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (slice_equal_str(port, NAMES[i][0]))
            return slice_from_str(NAMES[i][1]);
    return SLICE("-");
}

void step_net(struct run *r, const struct tree *s)
{
    struct office *o = r->o;
    struct make_event *ev = step_sysmon(r, 3, step_process_by(r, s, "by"));
    if (!ev)
        return;
    bool in = tree_flag(s, "in");
    struct slice there = step_text(r, s, "ip", "192.0.2.1"), port = step_text(r, s, "port", "443"),
                 name = step_text(r, s, "host", "-");
    struct slice own_port = step_text(r, s, "from", "{n:49700-65300}");
    bool v6 = memchr(there.at, ':', there.len) != NULL;
    office_set(o, ev, "Protocol", step_text(r, s, "protocol", "tcp"));
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

void step_load(struct run *r, const struct tree *s)
{
    struct office *o = r->o;
    bool driver = tree_flag(s, "driver");
    struct make_event *ev =
        step_sysmon(r, driver ? 6 : 7, driver ? NULL : step_process_by(r, s, "by"));
    if (!ev)
        return;
    struct slice dll = step_text(r, s, "dll", ""),
                 signer = tree_text(s, "signer", "Microsoft Windows");
    const struct tree *program =
        tree_get_slice(tree_get(&o->world, "programs"), tree_text(s, "program", ""));
    office_set(o, ev, "ImageLoaded", dll);
    office_set(o, ev, "Hashes", office_hashes(&o->day, dll));
    office_set(o, ev, "Signed", signer.len ? SLICE("true") : SLICE("false"));
    office_set(o, ev, "Signature", signer.len ? signer : SLICE("-"));
    office_set(o, ev, "SignatureStatus", signer.len ? SLICE("Valid") : SLICE("Unavailable"));
    if (driver)
        return;
    office_set(o, ev, "FileVersion",
               tree_text(s, "version",
                         tree_text(program, "version", "-").len
                             ? "10.0.19041.4355 (WinBuild.160101.0800)"
                             : "-"));
    office_set(o, ev, "Description", tree_text(s, "description", "-"));
    office_set(o, ev, "Product", tree_text(s, "product", "Microsoft® Windows® Operating System"));
    office_set(o, ev, "Company", tree_text(s, "company", "Microsoft Corporation"));
    office_set(o, ev, "OriginalFileName", tree_text(s, "original", "-"));
}

void step_access(struct run *r, const struct tree *s)
{
    const struct process *by = step_process_by(r, s, "by"), *to = step_process_by(r, s, "to");
    struct make_event *ev = step_sysmon(r, 10, NULL);
    if (!ev)
        return;
    office_set(r->o, ev, "SourceProcessGUID", by->guid);
    office_setf(r->o, ev, "SourceProcessId", "%u", by->pid);
    office_setf(r->o, ev, "SourceThreadId", "%u", by->pid + 60);
    office_set(r->o, ev, "SourceImage", by->image);
    office_set(r->o, ev, "TargetProcessGUID", to->guid);
    office_setf(r->o, ev, "TargetProcessId", "%u", to->pid);
    office_set(r->o, ev, "TargetImage", to->image);
    office_set(r->o, ev, "GrantedAccess", step_text(r, s, "mask", "0x1000"));
    office_set(
        r->o, ev, "CallTrace",
        step_text(
            r, s, "trace",
            "C:\\Windows\\SYSTEM32\\ntdll.dll+9d4e4|C:\\Windows\\System32\\KERNELBASE.dll+2c0fe"));
    office_set(r->o, ev, "SourceUser", step_user_text(r, by->user));
    office_set(r->o, ev, "TargetUser", step_user_text(r, to->user));
}

void step_pipe(struct run *r, const struct tree *s)
{
    struct make_event *ev =
        step_sysmon(r, tree_flag(s, "connect") ? 18 : 17, step_process_by(r, s, "by"));
    if (ev)
        office_set(r->o, ev, "PipeName", step_text(r, s, "name", ""));
}
