// SPDX-License-Identifier: Apache-2.0
// Writes a case for the tests of the report: make_case KIND PATH. The kinds are in the table at the
// end.
#include "base/buf.h"
#include "case/case.h"

#include <stdio.h>
#include <stdlib.h>

struct maker {
    struct case_file *c;
    int64_t evidence;
    uint64_t offset;
    struct arena memory;
};

static void check(bool ok, const struct err *e)
{
    if (ok)
        return;
    fprintf(stderr, "make_case: %s\n", e->message);
    exit(2);
}

static vtime at(const char *time)
{
    vtime t = 0;
    struct err e;
    check(time_parse(slice_from_str(time), &t, &e), &e);
    return t;
}

static struct slice str(const char *s)
{
    return slice_from_str(s);
}

struct rule_text {
    uint32_t key;
    enum finding_level level;
    const char *id, *title, *description, *meaning, *next, *innocent, *tactic, *technique;
};

static void add_rule(struct maker *m, const struct rule_text *t)
{
    struct err e;
    char *tag = arena_str(&m->memory, arena_printf(&m->memory, "attack.%s", t->tactic));
    const struct slice techniques[] = {str(t->technique)},
                       tags[] = {str(tag), SLICE("attack.t1000")};
    const struct slice links[] = {SLICE("https://attack.mitre.org/"),
                                  SLICE("an advisory of 2025, page 4")};
    const struct slice innocent[] = {str(t->innocent)};
    struct finding_rule rule = {
        .key = t->key,
        .kind = FINDING_SIGMA,
        .level = t->level,
        .id = str(t->id),
        .title = str(t->title),
        .description = str(t->description),
        .author = SLICE("Vigie"),
        .file = SLICE("knowledge/rules/windows/example.yml"),
        .license = SLICE("Apache-2.0"),
        .meaning = str(t->meaning),
        .next = str(t->next),
        .techniques = techniques,
        .technique_count = 1,
        .tags = tags,
        .tag_count = 2,
        .references = links,
        .reference_count = 2,
        .false_positives = innocent,
        .false_positive_count = *t->innocent != 0,
        .bundled = true,
    };
    check(case_add_rule(m->c, &rule, &e), &e);
}

struct hit {
    uint32_t rule;
    const char *time, *host, *account, *channel;
    uint32_t event_id;
    const char *field, *value;
};

static struct slice event_json(struct maker *m, const struct hit *h)
{
    struct buf b = {0};
    buf_printf(&b,
               "{\"Event\":{\"System\":{\"Provider\":{\"#attributes\":{\"Name\":\"Example\"}},"
               "\"EventID\":%u,\"Channel\":\"",
               h->event_id);
    buf_json(&b, str(h->channel));
    buf_str(&b, "\",\"Computer\":\"");
    buf_json(&b, str(h->host));
    buf_str(&b, "\"},\"EventData\":{\"User\":\"");
    buf_json(&b, str(h->account));
    buf_str(&b, "\",\"");
    buf_json(&b, str(h->field));
    buf_str(&b, "\":\"");
    buf_json(&b, str(h->value));
    buf_str(&b, "\",\"ProcessId\":4321,\"Signed\":true,\"Hashes\":null}}}");
    struct slice copy = arena_copy(&m->memory, buf_slice(&b));
    buf_free(&b);
    return copy;
}

static void add_hit(struct maker *m, const struct hit *h, vtime time)
{
    struct err e;
    int64_t event;
    m->offset += 872;
    struct arena_mark mark = arena_mark(&m->memory);
    struct finding_event ev = {
        .time = time,
        .offset = m->offset,
        .size = 872,
        .record = m->offset / 872 + 1000,
        .has_record = true,
        .event_id = h->event_id,
        .channel = str(h->channel),
        .provider = SLICE("Example"),
        .host = str(h->host),
        .account = str(h->account),
        .json = event_json(m, h),
    };
    const struct finding_field fields[] = {{str(h->field), str(h->value)}};
    struct finding f = {.rule = h->rule, .fields = fields, .field_count = 1};
    check(case_add_event(m->c, m->evidence, &ev, &event, &e), &e);
    check(case_add_finding(m->c, event, &f, &e), &e);
    arena_rewind(&m->memory, mark);
}

static void begin_file(struct maker *m, const char *path)
{
    struct err e;
    m->offset = 4096;
    check(case_evidence_begin(m->c, str(path), 0, &m->evidence, &e), &e);
}

static void end_file(struct maker *m, const char *path, const char *kind, uint64_t events,
                     uint64_t damaged, enum evidence_state state, const char *reason)
{
    struct err e;
    struct case_evidence row = {
        .path = str(path),
        .kind = str(kind),
        .size = 20975616,
        .has_hash = true,
        .modified = at("2026-11-20T09:00:00Z"),
        .events = events,
        .damaged = damaged,
        .state = state,
        .reason = str(reason),
        .duplicate_of = state == STATE_DUPLICATE ? 1 : 0,
    };
    row.sha256 = sha256_of(str(state == STATE_DUPLICATE ? "first" : path));
    check(case_evidence_end(m->c, &row, &e), &e);
}

static void add_log(struct maker *m, const char *host, const char *channel, uint64_t events,
                    const char *first, const char *last, uint64_t first_record)
{
    struct err e;
    struct case_log log = {m->evidence, str(host), str(channel), events,
                           at(first),   at(last),  first_record, first_record + events - 1};
    check(case_add_log(m->c, &log, &e), &e);
}

static const struct rule_text office_rules[] = {
    {1, LEVEL_HIGH, "7d8f1f0e-0001-4a6c-9a51-000000000001",
     "Word or Excel started a script program",
     "An Office program started PowerShell, a script host or a command shell.",
     "A document made the computer run commands. This is how many intrusions by e-mail begin.",
     "Find the document and the message it came with; do not open them again.",
     "Some add-ins and mail-merge macros of an office start scripts; ask who made the document.",
     "initial-access", "T1566.001"},
    {2, LEVEL_HIGH, "7d8f1f0e-0001-4a6c-9a51-000000000002",
     "A program read the memory where Windows keeps passwords",
     "Access to lsass.exe with rights that allow reading.",
     "Passwords of everyone who used this computer may be known to others.",
     "Change passwords from another device once a helper says so.",
     "Antivirus and some monitoring programs do this.", "credential-access", "T1003.001"},
    {3, LEVEL_MEDIUM, "7d8f1f0e-0001-4a6c-9a51-000000000003",
     "A program was set to start with Windows from a user's folder",
     "A run key that points to AppData.",
     "The program starts again at each logon, also after a restart.",
     "Look at the file it points to, without starting it.",
     "Chat and meeting programs install themselves this way.", "persistence", "T1547.001"},
    {4, LEVEL_MEDIUM, "7d8f1f0e-0001-4a6c-9a51-000000000004",
     "Someone searched the text of many documents from the command line",
     "findstr over whole folders.",
     "Somebody looked for words in documents. The words are in the event.",
     "Ask whether a colleague did it.", "Developers and administrators search files this way.",
     "collection", "T1005"},
    {5, LEVEL_HIGH, "7d8f1f0e-0001-4a6c-9a51-000000000005",
     "Documents were packed into an archive with a password", "rar or 7z with -hp.",
     "Files may have been made ready to be taken away.", "Look for the archive; keep it.",
     "Backups and sending of confidential files are done this way too.", "collection", "T1560.001"},
    {6, LEVEL_MEDIUM, "7d8f1f0e-0001-4a6c-9a51-000000000006", "An event log was cleared",
     "Event 1102 or 104.", "What the log held before is gone.",
     "Ask who had the computer that day.",
     "Technicians clear logs when they repair or sell a computer, and some clean-up programs do.",
     "defense-evasion", "T1070.001"},
    {7, LEVEL_LOW, "7d8f1f0e-0001-4a6c-9a51-000000000007",
     "The name of the logged-on user was asked for", "whoami and kin.", "", "",
     "Scripts that set up printers and drives ask for the name.", "discovery", "T1033"},
    {8, LEVEL_INFORMATIONAL, "7d8f1f0e-0001-4a6c-9a51-000000000008", "A logon from the network",
     "Logon type 3.", "", "", "Shared folders and printers cause these all day.",
     "lateral-movement", "T1021"},
};

static const struct hit office_hits[] = {
    {1, "2025-07-14T09:12:31.1234567Z", "PC-2.office.example", "OFFICE\\dolma",
     "Microsoft-Windows-Sysmon/Operational", 1, "CommandLine",
     "powershell.exe -NoP -W Hidden -Enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA"},
    {3, "2025-07-14T09:13:02Z", "PC-2.office.example", "OFFICE\\dolma",
     "Microsoft-Windows-Sysmon/Operational", 13, "Details",
     "C:\\Users\\dolma\\AppData\\Roaming\\Updater\\upd.exe"},
    {2, "2025-07-15T02:44:10Z", "PC-2.office.example", "NT AUTHORITY\\SYSTEM",
     "Microsoft-Windows-Sysmon/Operational", 10, "TargetImage", "C:\\Windows\\System32\\lsass.exe"},
    {4, "2025-07-16T01:20:45Z", "PC-1.office.example", "OFFICE\\director", "Security", 4688,
     "CommandLine", "findstr /s /i /m \"Kashgar petition\" D:\\Shared\\*.docx"},
    {4, "2025-07-16T01:22:09Z", "PC-1.office.example", "OFFICE\\director", "Security", 4688,
     "CommandLine", "findstr /s /i /m \"\xe8\xaf\xb7\xe6\x84\xbf\" D:\\Shared\\*.docx"},
    {5, "2025-07-16T02:05:30Z", "PC-1.office.example", "OFFICE\\director", "Security", 4688,
     "CommandLine", "rar.exe a -hp1234 -m5 C:\\ProgramData\\a.rar D:\\Shared\\Witnesses"},
    {6, "2025-07-17T03:30:00Z", "PC-2.office.example", "OFFICE\\dolma", "Security", 1102, "EventID",
     "1102"},
};

static void add_many(struct maker *m, const struct hit *h, const char *from, uint64_t count,
                     uint64_t seconds_between)
{
    for (uint64_t i = 0; i < count; i++)
        add_hit(m, h, at(from) + i * seconds_between * VTIME_SECOND);
}

static void describe(struct maker *m)
{
    struct err e;
    static const char *const settings[][2] = {
        {"program", "0.1.0"},
        {"audit_started", "2026-11-22T08:15:00Z"},
        {"options", "vigie audit logs -o out"},
        {"rules_digest", "1f0c"},
        {"recover", "no"},
        {"min_level", "informational"},
        {"rules_loaded", "92"},
        {"correlations_loaded", "3"},
        {"rules_refused", "1"},
        {"rules_not_applicable", "4"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        check(case_set(m->c, settings[i][0], str(settings[i][1]), &e), &e);
    check(case_add_refusal(m->c, SLICE("mine/broken.yml"), 12,
                           SLICE("the modifier 'conains' is not known"), &e),
          &e);
}

static void make_logs(struct maker *m)
{
    begin_file(m, "logs/PC-3/System.evtx");
    add_log(m, "PC-3.office.example", "System", 4210, "2026-01-10T07:00:00Z",
            "2026-11-20T17:00:00Z", 1);
    end_file(m, "logs/PC-3/System.evtx", "Windows event log", 4210, 0, STATE_READ, "");
    begin_file(m, "logs/PC-3/Security.evtx");
    end_file(m, "logs/PC-3/Security.evtx", "Windows event log", 0, 0, STATE_NOT_READ,
             "Permission denied");
    begin_file(m, "logs/notes.docx");
    end_file(m, "logs/notes.docx", "ZIP archive", 0, 0, STATE_NOT_READ,
             "not a kind of file that is read");
}

static void make_office(struct maker *m)
{
    struct err e;
    describe(m);
    struct case_consent consent = {true,
                                   SLICE("Dolma T., director"),
                                   SLICE("logs of the three office PCs"),
                                   SLICE("2027-03-31"),
                                   SLICE("signal: +00 000"),
                                   SLICE("A volunteer"),
                                   {0},
                                   SLICE("consent.txt")};
    check(case_set_consent(m->c, &consent, &e), &e);
    for (size_t i = 0; i < sizeof office_rules / sizeof *office_rules; i++)
        add_rule(m, &office_rules[i]);
    begin_file(m, "logs/PC-2/Sysmon.evtx");
    for (size_t i = 0; i < 3; i++)
        add_hit(m, &office_hits[i], at(office_hits[i].time));
    struct hit whoami = {7,
                         "",
                         "PC-2.office.example",
                         "OFFICE\\dolma",
                         "Microsoft-Windows-Sysmon/Operational",
                         1,
                         "Image",
                         "C:\\Windows\\System32\\whoami.exe"};
    add_many(m, &whoami, "2025-07-14T09:20:00Z", 340, 86400);
    struct case_damage damage = {
        m->evidence, 69632, SLICE("the chunk's checksum does not fit; 40 records were skipped")};
    check(case_add_damage(m->c, &damage, &e), &e);
    add_log(m, "PC-2.office.example", "Microsoft-Windows-Sysmon/Operational", 60000,
            "2025-07-12T06:00:00Z", "2026-11-20T18:00:00Z", 3000);
    end_file(m, "logs/PC-2/Sysmon.evtx", "Windows event log", 60000, 1, STATE_PARTLY_READ,
             "1 place is damaged");
    begin_file(m, "logs.zip!PC-1/Security.evtx");
    for (size_t i = 3; i < 6; i++)
        add_hit(m, &office_hits[i], at(office_hits[i].time));
    struct hit logon = {8,          "",   "PC-1.office.example", "OFFICE\\printer$",
                        "Security", 4624, "LogonType",           "3"};
    add_many(m, &logon, "2025-07-10T05:00:00Z", 900, 7200);
    add_log(m, "PC-1.office.example", "Security", 31000, "2025-07-10T05:00:00Z",
            "2025-09-23T05:00:00Z", 100);
    end_file(m, "logs.zip!PC-1/Security.evtx", "Windows event log", 31000, 0, STATE_READ, "");
    begin_file(m, "logs/PC-1/Security.evtx");
    add_log(m, "PC-1.office.example", "Security", 30000, "2026-10-01T05:00:00Z",
            "2026-11-20T05:00:00Z", 190000);
    end_file(m, "logs/PC-1/Security.evtx", "Windows event log", 30000, 0, STATE_READ, "");
    begin_file(m, "logs/PC-2/Security.evtx");
    add_hit(m, &office_hits[6], at(office_hits[6].time));
    add_log(m, "PC-2.office.example", "Security", 29000, "2025-07-17T03:30:00Z",
            "2026-11-20T05:00:00Z", 1);
    end_file(m, "logs/PC-2/Security.evtx", "Windows event log", 29000, 0, STATE_READ, "");
    begin_file(m, "copy/PC-2/Security.evtx");
    end_file(m, "copy/PC-2/Security.evtx", "Windows event log", 0, 0, STATE_DUPLICATE,
             "the same bytes as an earlier file, which was read");
    make_logs(m);
}

static void make_nothing(struct maker *m)
{
    describe(m);
    make_logs(m);
}

static void make_unread(struct maker *m)
{
    describe(m);
    begin_file(m, "notes.docx");
    end_file(m, "notes.docx", "ZIP archive", 0, 0, STATE_NOT_READ,
             "not a kind of file that is read");
}

static void make_low(struct maker *m)
{
    describe(m);
    add_rule(m, &office_rules[6]);
    add_rule(m, &office_rules[7]);
    begin_file(m, "logs/PC-3/Sysmon.evtx");
    struct hit whoami = {7,
                         "",
                         "PC-3",
                         "tenzin",
                         "Microsoft-Windows-Sysmon/Operational",
                         1,
                         "Image",
                         "C:\\Windows\\System32\\whoami.exe"};
    add_many(m, &whoami, "2026-10-14T09:20:00Z", 12, 864000);
    struct hit undated = {8, "", "PC-3", "", "Security", 4624, "LogonType", "3"};
    add_hit(m, &undated, 0);
    add_log(m, "PC-3", "Microsoft-Windows-Sysmon/Operational", 900, "2026-10-12T06:00:00Z",
            "2026-11-20T18:00:00Z", 1);
    end_file(m, "logs/PC-3/Sysmon.evtx", "Windows event log", 900, 0, STATE_READ, "");
}

#define HOSTILE                                                                                    \
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&lt; \xe2\x80\xae"           \
    "fdp.exe\xe2\x80\xac \x1b[31m\x1b]0;t\x07 "                                                    \
    "\xc2\x9b"                                                                                     \
    "31m \xff\xfe {{7*7}} --><!-- ]]> \xef\xbb\xbf\xe2\x80\xa8"

static void make_hostile(struct maker *m)
{
    struct err e;
    describe(m);
    check(case_set(m->c, "options", SLICE("vigie audit " HOSTILE), &e), &e);
    struct case_consent consent = {true,           SLICE(HOSTILE), SLICE("=cmd|' /C calc'!A0"),
                                   SLICE(HOSTILE), SLICE(HOSTILE), SLICE(HOSTILE),
                                   SLICE(HOSTILE), SLICE(HOSTILE)};
    check(case_set_consent(m->c, &consent, &e), &e);
    check(case_add_refusal(m->c, SLICE(HOSTILE), 1, SLICE(HOSTILE), &e), &e);
    static const struct rule_text rules[] = {
        {1, LEVEL_HIGH, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, "execution", HOSTILE},
        {2, LEVEL_CRITICAL, "formula", "=HYPERLINK(\"x\")", "-1+1", "+1", "@sum", "\t=1", "impact",
         "T1486"},
    };
    add_rule(m, &rules[0]);
    add_rule(m, &rules[1]);
    begin_file(m, HOSTILE);
    static const struct hit hits[] = {
        {1, "2026-10-01T00:00:00Z", HOSTILE, HOSTILE, HOSTILE, 1, HOSTILE, HOSTILE},
        {2, "2026-10-02T00:00:00Z", "=1+1", "@SUM(A1)", "-2+3", 2, "+A", "=cmd|' /C calc'!A0"},
    };
    add_hit(m, &hits[0], at(hits[0].time));
    add_hit(m, &hits[1], at(hits[1].time));
    add_hit(m, &hits[1], INT64_MAX); // the year 30828
    add_hit(m, &hits[1], 1);         // the year 1601
    struct case_damage damage = {m->evidence, UINT64_MAX, SLICE(HOSTILE)};
    check(case_add_damage(m->c, &damage, &e), &e);
    struct case_log log = {m->evidence, SLICE(HOSTILE), SLICE(HOSTILE), UINT64_MAX, 1, INT64_MAX,
                           0,           UINT64_MAX};
    check(case_add_log(m->c, &log, &e), &e);
    end_file(m, HOSTILE, HOSTILE, 2, 1, STATE_PARTLY_READ, HOSTILE);
}

// 150 rules, 40,000 findings.
static void make_many(struct maker *m)
{
    describe(m);
    for (uint32_t k = 1; k <= 150; k++) {
        struct rule_text rule = office_rules[k % 8];
        rule.key = k;
        rule.id = arena_str(&m->memory, arena_printf(&m->memory, "rule-%04u", k));
        rule.title = arena_str(&m->memory, arena_printf(&m->memory, "%s (%u)", rule.title, k));
        add_rule(m, &rule);
    }
    begin_file(m, "big.evtx");
    for (uint64_t i = 0; i < 40000; i++) {
        struct hit h = office_hits[i % 7];
        h.rule = (uint32_t)(i * 7919 % 150) + 1;
        add_hit(m, &h, at("2025-01-01T00:00:00Z") + i * 600 * VTIME_SECOND);
    }
    add_log(m, "PC-1", "Security", 40000, "2025-01-01T00:00:00Z", "2025-10-05T00:00:00Z", 1);
    end_file(m, "big.evtx", "Windows event log", 40000, 0, STATE_READ, "");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*make)(struct maker *m);
    } kinds[] = {
        {"office", make_office}, {"nothing", make_nothing}, {"unread", make_unread},
        {"low", make_low},       {"hostile", make_hostile}, {"many", make_many},
    };
    struct maker m = {0};
    struct err e;
    if (argc != 3)
        return 2;
    arena_init(&m.memory, 0);
    check(case_create(argv[2], &m.c, &e), &e);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(argv[1], kinds[i].name) == 0)
            kinds[i].make(&m);
    check(case_complete(m.c, &e), &e);
    case_close(m.c);
    arena_free(&m.memory);
    return 0;
}
