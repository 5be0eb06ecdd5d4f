// SPDX-License-Identifier: Apache-2.0
// Every event here is of a kind that most rules look at, and its long values are made of words that
// occur in real administration: nothing can be skipped by its channel, and prefixes and substrings
// of what rules seek abound.
#include "hard.h"

#include "office.h"

static const char *const FOLDERS[] = {
    "C:\\Windows\\System32",
    "C:\\Windows\\SysWOW64",
    "C:\\Program Files\\Common Files\\microsoft shared\\ClickToRun",
    "C:\\Program Files (x86)\\Microsoft\\EdgeUpdate",
    "C:\\Users\\%u\\AppData\\Local\\Microsoft\\Teams\\current",
    "C:\\Users\\%u\\AppData\\Local\\Temp\\{%g}",
    "C:\\ProgramData\\Package Cache\\{%g}",
    "C:\\Users\\%u\\Downloads",
    "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319",
    "C:\\Windows\\System32\\WindowsPowerShell\\v1.0",
    "C:\\Program Files\\WindowsApps\\Microsoft.YourPhone_1.25031.63.0_x64__8wekyb3d8bbwe",
    "\\\\srv-1.ishara.example\\projects$\\%w\\%w",
    "D:\\Archive\\%n\\%w",
    "C:\\Users\\Public\\Documents\\%w",
    "C:\\Windows\\Temp\\%h",
    "C:\\Program Files\\%w %w",
    "C:\\ProgramData\\%w\\%w",
};
static const char *const PROGRAMS[] = {
    "cmd.exe",      "powershell.exe", "rundll32.exe", "svchost.exe",   "msiexec.exe",
    "conhost.exe",  "wscript.exe",    "regsvr32.exe", "schtasks.exe",  "reg.exe",
    "net.exe",      "net1.exe",       "robocopy.exe", "xcopy.exe",     "findstr.exe",
    "taskkill.exe", "wmic.exe",       "certutil.exe", "bitsadmin.exe", "expand.exe",
    "msedge.exe",   "firefox.exe",    "WINWORD.EXE",  "EXCEL.EXE",     "OneDrive.exe",
    "MsMpEng.exe",  "MpCmdRun.exe",   "wbadmin.exe",  "vssadmin.exe",  "icacls.exe",
    "attrib.exe",   "sc.exe",         "netsh.exe",    "ipconfig.exe",  "nslookup.exe",
    "7z.exe",       "curl.exe",       "tar.exe",      "java.exe",      "python.exe",
    "node.exe",     "git.exe",        "w32tm.exe",    "dism.exe",      "sfc.exe",
    "gpupdate.exe", "mmc.exe",        "dllhost.exe",
};
static const char *const WORDS[] = {
    "report",    "annual",      "budget",     "interview",   "witness",       "archive",
    "backup",    "nightly",     "export",     "import",      "update",        "service",
    "printer",   "driver",      "display",    "network",     "policy",        "security",
    "account",   "profile",     "office",     "project",     "partner",       "donor",
    "campaign",  "translation", "transcript", "meeting",     "minutes",       "agenda",
    "contract",  "invoice",     "payroll",    "holiday",     "schedule",      "calendar",
    "contacts",  "mailbox",     "template",   "settings",    "configuration", "installation",
    "temporary", "download",    "upload",     "shared",      "public",        "private",
    "draft",     "final",       "version",    "monitor",     "collector",     "inventory",
    "licence",   "activation",  "telemetry",  "diagnostics", "maintenance",   "cleanup",
};
static const char *const SWITCHES[] = {
    "/c",
    "/s",
    "/q",
    "/f",
    "/v",
    "/E",
    "/MIR",
    "/R:2",
    "/W:5",
    "/LOG+:",
    "/NP",
    "/XD",
    "/XF",
    "-NoProfile",
    "-NonInteractive",
    "-ExecutionPolicy",
    "-File",
    "-Command",
    "-EncodedCommand",
    "-Recurse",
    "-Force",
    "-Path",
    "-Filter",
    "-Destination",
    "--type=renderer",
    "--lang=en-GB",
    "--field-trial-handle=%n,i,%n",
    "--user-data-dir=",
    "--no-sandbox",
    "/quiet",
    "/norestart",
    "/qn",
    "REBOOT=ReallySuppress",
    "/i",
    "/x",
    "/t",
    "/d",
    "/create",
    "/query",
    "/delete",
    "/run",
    "/tn",
    "/tr",
    "/sc",
    "/ru",
    "/rl",
    "-o",
    "-p",
    "-k",
    "-s",
    "/priority",
    "/timeout",
    ">",
    "2>&1",
    "|",
    "&&",
    "%TEMP%",
    "%APPDATA%",
    "--mount=type=bind",
    "/transfer",
    "/download",
    "-urlcache",
    "-split",
    "-decode",
    "-noexit",
    "/node:localhost",
    "process",
};
static const char *const VERBS[] = {"Get",    "Set",     "New",    "Remove", "Add",
                                    "Test",   "Invoke",  "Start",  "Stop",   "Import",
                                    "Export", "Convert", "Copy",   "Move",   "Select",
                                    "Write",  "Read",    "Update", "Enable", "Disable"};
static const char *const NOUNS[] = {
    "Item",       "ChildItem",        "Content",     "Service",
    "Process",    "EventLog",         "WinEvent",    "ADUser",
    "ADComputer", "WmiObject",        "CimInstance", "ScheduledTask",
    "Printer",    "NetAdapter",       "Acl",         "ItemProperty",
    "WebRequest", "RestMethod",       "Csv",         "Json",
    "Host",       "Output",           "Module",      "MpPreference",
    "LocalUser",  "LocalGroupMember", "Disk",        "Volume",
    "Job",        "Variable"};

#define PICK(r, list) ((list)[rng_below((r), sizeof(list) / sizeof *(list))])

// %u a user, %w a word, %n a number, %h some hexadecimal digits, %g a GUID, %% a sign.
static void add_form(struct rng *r, struct buf *b, const char *form)
{
    static const char *const USERS[] = {"lena", "amina", "tomas", "ines", "svc-backup", "nuria"};
    static const uint8_t GUID[] = {8, 4, 4, 4, 12};
    for (; *form; form++) {
        if (*form != '%' || !form[1] || !strchr("uwnhg", form[1])) {
            buf_byte(b, (uint8_t)*form);
            continue;
        }
        form++;
        if (*form == 'u')
            buf_str(b, PICK(r, USERS));
        else if (*form == 'w')
            buf_str(b, PICK(r, WORDS));
        else if (*form == 'n')
            buf_u64(b, rng_below(r, 100000));
        else if (*form == 'h')
            buf_printf(b, "%08x", (unsigned)rng_next(r));
        for (size_t i = 0; *form == 'g' && i < 5; i++)
            buf_printf(b, "%s%0*llx", i ? "-" : "", GUID[i],
                       (unsigned long long)(rng_next(r) >> (64 - 4 * GUID[i])));
    }
}

static void add_path(struct rng *r, struct buf *b, const char *file)
{
    add_form(r, b, PICK(r, FOLDERS));
    buf_byte(b, '\\');
    add_form(r, b, file);
}

static struct slice take(struct office *o, struct buf *b)
{
    struct slice s = arena_copy(&o->day, buf_slice(b));
    buf_clear(b);
    return s;
}

static void add_command(struct rng *r, struct buf *b)
{
    static const char *const FILES[] = {"%w-%w.docx", "%w_%n.log",  "%w.%w.dll", "%h.tmp", "%w.ps1",
                                        "%w.cmd",     "%w %w.xlsx", "%w-%n.zip", "%w.exe", "%w.msi",
                                        "%w.xml",     "%w.json",    "{%g}.dat"};
    size_t parts = 4 + rng_below(r, 26);
    for (size_t i = 0; i < parts; i++) {
        buf_byte(b, ' ');
        uint64_t kind = rng_below(r, 10);
        if (kind < 4) {
            add_form(r, b, PICK(r, SWITCHES));
        } else if (kind < 7) {
            buf_byte(b, '"');
            add_path(r, b, PICK(r, FILES));
            buf_byte(b, '"');
        } else if (kind < 8) {
            buf_str(b, "https://");
            add_form(r, b, "%w.%w.example/%w/%w?id=%h&session=%g");
        } else {
            add_form(r, b, rng_below(r, 2) ? "%w=%w" : "%w:%n");
        }
    }
}

static void make_process(struct office *o, struct rng *r, struct computer *pc, vtime t,
                         struct buf *b)
{
    static const char *const PATHS[] = {"Image", "ParentImage"};
    static const char *const COMMANDS[] = {"CommandLine", "ParentCommandLine"};
    struct make_event *ev =
        office_event(o, pc, t, "Microsoft-Windows-Sysmon", 1, (struct slice){0});
    for (size_t i = 0; i < 2; i++) {
        const char *file = PICK(r, PROGRAMS);
        add_path(r, b, file);
        struct slice image = take(o, b);
        office_set(o, ev, PATHS[i], image);
        if (!i) {
            office_set(o, ev, "OriginalFileName", slice_from_str(file));
            office_set(o, ev, "Hashes", office_hashes(&o->day, image));
        }
        buf_byte(b, '"');
        buf_add(b, image);
        buf_byte(b, '"');
        add_command(r, b);
        office_set(o, ev, COMMANDS[i], take(o, b));
    }
    add_form(r, b, "%w %w %w");
    office_set(o, ev, "Description", take(o, b));
    add_form(r, b, "%w Corporation");
    office_set(o, ev, "Company", take(o, b));
    add_path(r, b, "");
    office_set(o, ev, "CurrentDirectory", take(o, b));
    add_form(r, b, "ISHARA\\%u");
    office_set(o, ev, "User", take(o, b));
    office_setf(o, ev, "ProcessId", "%u", (unsigned)rng_below(r, 60000));
    office_setf(o, ev, "ParentProcessId", "%u", (unsigned)rng_below(r, 60000));
    add_form(r, b, "%g");
    office_set(o, ev, "ProcessGuid", take(o, b));
    add_form(r, b, "%g");
    office_set(o, ev, "ParentProcessGuid", take(o, b));
}

static void make_script(struct office *o, struct rng *r, struct computer *pc, vtime t,
                        struct buf *b)
{
    size_t length = 2048 + rng_below(r, 18432);
    struct make_event *ev =
        office_event(o, pc, t, "Microsoft-Windows-PowerShell", 4104, (struct slice){0});
    while (b->len < length) {
        static const char *const FORMS[] = {
            "# %w the %w of every %w, then %w\r\n",
            "$%w = @{ %w = '%w'; %w = %n; Id = '{%g}' }\r\n",
            "function Step-%w {\r\n    param([string]$%w, [int]$%w = %n)\r\n",
            "    if ($%w -like '*%w*' -or $%w -match '^%w\\d+$') {\r\n",
            "        throw \"%w %w: $($_.Exception.Message)\"\r\n    }\r\n",
            "}\r\n",
            "try { $%w.%w() } catch { Write-Warning $_ }\r\n",
            "    \"%w-%w\", \"%w\", \"%h\", \"%w %w %w\",\r\n",
            "[System.IO.File]::WriteAllText(\"$env:TEMP\\%w.txt\", $%w)\r\n",
            "foreach ($%w in $%w) { $%w += $%w.Length }\r\n",
        };
        if (rng_below(r, 3) == 0) {
            buf_printf(b, "    %s-%s", PICK(r, VERBS), PICK(r, NOUNS));
            add_form(r, b, " -Path \"$%w\\%w\" -Filter '*.%w' | Where-Object { $_.%w -gt %n } | ");
            buf_printf(b, "%s-%s\r\n", PICK(r, VERBS), PICK(r, NOUNS));
        } else {
            add_form(r, b, PICK(r, FORMS));
        }
    }
    office_set(o, ev, "ScriptBlockText", take(o, b));
    add_form(r, b, "%g");
    office_set(o, ev, "ScriptBlockId", take(o, b));
    add_path(r, b, "%w-%w.ps1");
    office_set(o, ev, "Path", take(o, b));
}

static void make_registry(struct office *o, struct rng *r, struct computer *pc, vtime t,
                          struct buf *b)
{
    static const char *const KEYS[] = {
        "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\%w\\{%g}\\%w",
        "HKLM\\System\\CurrentControlSet\\Services\\%w\\Parameters\\%w",
        "HKU\\S-1-5-21-2871134905-1604920117-%n-%n\\Software\\Microsoft\\Office\\16.0\\%w\\%w",
        "HKLM\\SOFTWARE\\Classes\\CLSID\\{%g}\\InprocServer32\\(Default)",
        "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\%w\\%w",
        "HKU\\.DEFAULT\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\%w\\%w",
        "HKLM\\SOFTWARE\\WOW6432Node\\%w\\%w\\%w",
    };
    static const char *const DETAILS[] = {"DWORD (0x%h)",
                                          "Binary Data",
                                          "%SystemRoot%\\system32\\%w.dll",
                                          "C:\\Program Files\\%w\\%w.exe --%w \"%w\" /%w:%n",
                                          "{%g}",
                                          "QWORD (0x%h-0x%h)"};
    struct make_event *ev =
        office_event(o, pc, t, "Microsoft-Windows-Sysmon", 13, (struct slice){0});
    add_path(r, b, PICK(r, PROGRAMS));
    office_set(o, ev, "Image", take(o, b));
    add_form(r, b, PICK(r, KEYS));
    office_set(o, ev, "TargetObject", take(o, b));
    add_form(r, b, PICK(r, DETAILS));
    office_set(o, ev, "Details", take(o, b));
}

static void make_network(struct office *o, struct rng *r, struct computer *pc, vtime t,
                         struct buf *b)
{
    static const unsigned PORTS[] = {443, 443, 443, 80, 445, 53, 88, 389, 993, 587, 8080, 3389};
    struct make_event *ev =
        office_event(o, pc, t, "Microsoft-Windows-Sysmon", 3, (struct slice){0});
    add_path(r, b, PICK(r, PROGRAMS));
    office_set(o, ev, "Image", take(o, b));
    office_setf(o, ev, "DestinationIp", "%s.%u", rng_below(r, 2) ? "198.51.100" : "203.0.113",
                (unsigned)rng_below(r, 255));
    add_form(r, b, "%w-%n.%w.example");
    office_set(o, ev, "DestinationHostname", take(o, b));
    office_setf(o, ev, "DestinationPort", "%u", PICK(r, PORTS));
    office_set(o, ev, "SourceIp", SLICE("192.168.20.11"));
    office_setf(o, ev, "SourcePort", "%u", 49700 + (unsigned)rng_below(r, 15000));
    add_form(r, b, "ISHARA\\%u");
    office_set(o, ev, "User", take(o, b));
}

bool hard_write(const char *path, uint64_t mib, struct err *e)
{
    static void (*const KINDS[])(struct office *, struct rng *, struct computer *, vtime,
                                 struct buf *) = {
        make_process, make_process,  make_process,  make_process, make_process,
        make_script,  make_registry, make_registry, make_network, make_network};
    static const char WORLD[] =
        "{computers: [{name: PC-1, fqdn: pc-1.ishara.example, logs: "
        "[Microsoft-Windows-Sysmon/Operational, Microsoft-Windows-PowerShell/Operational]}]}";
    struct office o;
    struct evtx_writer w;
    struct arena a;
    struct buf b = {0};
    struct rng r = {rng_seed(11, SLICE("hard"), 0)};
    vtime t = VTIME_UNIX_EPOCH + 1782864000 * VTIME_SECOND;
    if (!office_open(&o, slice_from_str(WORLD), 1, e) || !evtx_writer_open(&w, path, e))
        return false;
    arena_init(&a, 0);
    bool ok = true;
    for (uint64_t record = 1; ok && w.chunks < mib * 16; record++) {
        const struct bx_instance *in;
        t += rng_below(&r, 3 * VTIME_SECOND);
        PICK(&r, KINDS)(&o, &r, &o.computers[0], t, &b);
        ok = !o.failed && make_event_build(&a, &o.pending.items[0].ev, record, &in, e) &&
             evtx_writer_add(&w, record, t, in, NULL, e);
        o.pending.count = 0;
        arena_reset(&a);
        arena_reset(&o.day);
    }
    w.next_record -= w.chunk->records; // the chunk that has just begun is not wanted
    chunk_init(w.chunk);
    struct err ignored;
    ok = evtx_writer_close(&w, ok ? e : &ignored) && ok;
    arena_free(&a);
    buf_free(&b);
    office_close(&o);
    return ok;
}
