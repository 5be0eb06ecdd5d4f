// SPDX-License-Identifier: Apache-2.0
// Names, people and addresses are invented; programs, switches, keys and habits of scripts are
// those of Windows 10 and 11 and of common software, written down from how they look in ordinary
// logs.
#include "hard_texts.h"

#define TEXTS(name, ...)                                                                           \
    static const char *const name##_items[] = {__VA_ARGS__};                                       \
    const struct hard_texts name = {name##_items, sizeof name##_items / sizeof *name##_items}

#define CHROMIUM                                                                                   \
    "--type=renderer --lang=en-GB --js-flags=--jitless --device-scale-factor=1.25 "                \
    "--num-raster-threads=4 --enable-main-frame-before-activation --renderer-client-id=%n "        \
    "--time-ticks-at-unix-epoch=-17%n%n --launch-time-ticks=%n%n "                                 \
    "--field-trial-handle=%n,i,%n%n,%n%n,262144 --variations-seed-version=%n-%n "                  \
    "--mojo-platform-channel-handle=%n /prefetch:1"
#define CRASHPAD                                                                                   \
    "--type=crashpad-handler \"--user-data-dir=C:\\Users\\%u\\AppData\\Local\\%W\\User Data\" "    \
    "/prefetch:4 --monitor-self-annotation=ptype=crashpad-handler "                                \
    "--database=C:\\Users\\%u\\AppData\\Local\\%W\\Crashpad --annotation=IsOfficialBuild=1 "       \
    "--annotation=channel= --annotation=plat=Win64 --annotation=ver=%v "                           \
    "--initial-client-data=0x%h,0x%h,0x%h,0x%h,0x%h,0x7ff%h,0x7ff%h,0x7ff%h"

const struct hard_launch hard_launches[] = {
    {"msedge", "msedge", "--no-startup-window --win-session-start", CHROMIUM, 0},
    {"msedge", "explorer", "", "--single-argument https://%s/%w/%w?id=%h&session=%g&lang=en", 0},
    {"msedge", "msedge", "--profile-directory=Default",
     "--type=utility --utility-sub-type=network.mojom.NetworkService --lang=en-GB "
     "--service-sandbox-type=none --string-annotations --field-trial-handle=%n,i,%n%n,%n%n,262144 "
     "--variations-seed-version --mojo-platform-channel-handle=%n /prefetch:3",
     0},
    {"chrome", "chrome", "--profile-directory=\"Profile %n\"", CHROMIUM, 0},
    {"chrome", "chrome", "", CRASHPAD, 0},
    {"chrome", "explorer", "", "--profile-directory=Default --app-id=%w%w https://%s/%w#%h", 0},
    {"acrocef", "acrobat", "\"C:\\Users\\%u\\Documents\\%w\\%d.pdf\"",
     "--type=gpu-process --log-severity=disable --user-agent-product=\"ReaderServices/%v "
     "Chrome/105.0.0.0\" --lang=en-US --gpu-preferences=UAAAAAAAAADgAAAYAAAAAAAAAAAAAAAAAABgAA%b "
     "--log-file=\"C:\\Program Files\\Adobe\\Acrobat DC\\Acrobat\\acrocef_1\\debug.log\" "
     "--mojo-platform-channel-handle=%n --field-trial-handle=%n,i,%n%n,%n%n,131072 /prefetch:2",
     0},
    {"firefox", "firefox", "",
     "-contentproc --channel=\"%n.%n.%h\\%n\" -childID %n -isForBrowser -prefsHandle %n "
     "-prefMapHandle %n -prefsLen %n -prefMapSize %n -jsInitHandle %n -jsInitLen 234952 "
     "-parentBuildID 20250%n -win32kLockedDown -appDir \"C:\\Program Files\\Mozilla "
     "Firefox\\browser\" - {%g} %n \"\\\\.\\pipe\\gecko-crash-server-pipe.%n\" %h tab",
     0},
    {"firefox", "explorer", "", "-osint -url \"https://%s/%w/%w-%w-%n.html\"", 0},
    {"teams", "teams", "--system-initiated",
     "--type=renderer --enable-wer --ms-teams-less-cors=522133263 --app-user-model-id=com.squirrel"
     ".Teams.Teams --app-path=\"C:\\Users\\%u\\AppData\\Local\\Microsoft\\Teams\\current\\"
     "resources\\app.asar\" --enable-sandbox --enable-blink-features --disable-gpu-compositing "
     "--lang=en-GB --device-scale-factor=1 --renderer-client-id=%n "
     "--no-v8-untrusted-code-mitigation"
     " --mojo-platform-channel-handle=%n --field-trial-handle=%n,%n%n,%n%n,131072 /prefetch:1 "
     "--msteams-process-type=experience-renderer",
     0},
    {"svchost", "services", "", "-k netsvcs -p -s %W", 1},
    {"svchost", "services", "", "-k LocalServiceNetworkRestricted -p -s %Wsvc", 1},
    {"svchost", "services", "", "-k UnistackSvcGroup -s %WUserService_%h", 1},
    {"taskhostw", "svchost", "-k netsvcs -p -s Schedule", "{%g}", 1},
    {"dllhost", "svchost", "-k DcomLaunch -p", "/Processid:{%g}", 0},
    {"runtimebroker", "svchost", "-k DcomLaunch -p", "-Embedding", 0},
    {"backgroundtask", "svchost", "-k DcomLaunch -p", "-ServerName:App.AppX%H.mca", 0},
    {"searchprotocol", "svchost", "-k netsvcs -p -s WSearch",
     "Global\\UsGthrFltPipeMssGthrPipe_S-1-5-21-2871134905-1604920117-3920817725-%n%n_ "
     "Global\\UsGthrCtrlFltPipeMssGthrPipe_S-1-5-21-2871134905-1604920117-3920817725-%n%n 1 "
     "-2147483646 \"Software\\Microsoft\\Windows Search\" \"Mozilla/4.0 (compatible; MSIE 6.0; "
     "Windows NT; MS Search 4.0 Robot)\" "
     "\"C:\\ProgramData\\Microsoft\\Search\\Data\\Temp\\usgthrsvc"
     "\" \"DownLevelDaemon\" \"1\"",
     0},
    {"searchfilter", "svchost", "-k netsvcs -p -s WSearch", "0 %n %n %n 8192 %n %n", 1},
    {"wmiprvse", "svchost", "-k DcomLaunch -p", "-secured -Embedding", 1},
    {"conhost", "cmd", "/c C:\\ProgramData\\%W\\%w.cmd", "0xffffffff -ForceV1", 0},
    {"cmd", "explorer", "", "/c \"\"\\\\%p\\scripts$\\logon\\%w-%w.cmd\" /user:%u /site:%w\"", 0},
    {"cmd", "svchost", "-k netsvcs -p -s Schedule",
     "/d /s /c \"cd /d \"D:\\%W\\%w\" && call %w.cmd --since %n --target \\\\%p\\%w$ >> "
     "\"D:\\%W\\log\\%w-%n.log\" 2>&1\"",
     1},
    {"powershell", "svchost", "-k netsvcs -p -s Schedule",
     "-NoLogo -NoProfile -NonInteractive -WindowStyle Minimized -File \"C:\\Program "
     "Files\\%W\\Scripts\\%W-%W.ps1\" -Site %w -Target \\\\%p\\%w$\\%w -Keep %n -Mail %u@%s",
     1},
    {"powershell", "explorer", "",
     "-NoExit -Command \"& { Set-Location 'C:\\Users\\%u\\Documents\\%W'; . .\\%w-%w.ps1; "
     "%W-%W -Name '%d' -Since (Get-Date).AddDays(-%n) | Sort-Object %W | Format-Table %W, %W }\"",
     0},
    {"msiexec", "services", "", "/V", 1},
    {"msiexec", "msiexec", "/V", "-Embedding %H C Global\\MSI0000", 1},
    {"msiexec", "explorer", "", "/i \"C:\\Users\\%u\\Downloads\\%W-%v-x64.msi\" ALLUSERS=1", 0},
    {"robocopy", "cmd", "/c \\\\%p\\scripts$\\%w.cmd",
     "\"\\\\%p\\%w$\\%d\" \"D:\\%W\\%w\\%d\" /MIR /Z /R:2 /W:5 /NP /XD \"System Volume "
     "Information\" $RECYCLE.BIN \"%w %w\" /XF *.tmp ~$* thumbs.db "
     "/LOG+:\"D:\\%W\\log\\%w-%n.log\"",
     1},
    {"xcopy", "cmd", "/c D:\\%W\\%w.cmd", "\"C:\\%W\\%w %w\\*.*\" \"E:\\%W\\%n\" /D /E /H /Y", 0},
    {"net", "cmd", "/c \\\\%p\\netlogon\\%w.cmd", "use %w: \\\\%p\\%w$ /persistent:no", 0},
    {"findstr", "cmd", "/d /c D:\\%W\\%w.cmd", "/s /i /m /c:\"%w %w\" \"C:\\Users\\%u\\%W\\*.txt\"",
     0},
    {"schtasks", "cmd", "/c C:\\ProgramData\\%W\\%w.cmd", "/query /tn \"\\%W\\%W %W\" /fo list", 0},
    {"reg", "cmd", "/c \"C:\\Program Files\\%W\\%w.cmd\"",
     "query \"HKLM\\SOFTWARE\\%W\\%W %W\\%v\" /v %W%W /reg:64", 0},
    {"winword", "explorer", "", "/n \"C:\\Users\\%u\\OneDrive - %W\\%W\\%d.docx\" /o \"%u\"", 0},
    {"winword", "outlook", "/recycle",
     "/n "
     "\"C:\\Users\\%u\\AppData\\Local\\Microsoft\\Windows\\INetCache\\Content.Outlook\\%h\\%d.docx"
     "\" /o \"\"",
     0},
    {"excel", "explorer", "", "\"\\\\%p\\%w$\\%W %n\\%d.xlsx\"", 0},
    {"powerpnt", "explorer", "", "\"C:\\Users\\%u\\Documents\\%W\\%d.pptx\" /ou \"%u\"", 0},
    {"splwow", "winword", "/n \"%d.docx\"", "8192", 0},
    {"onedrive", "explorer", "", "/background /setautostart", 0},
    {"c2rclient", "c2r", "/service",
     "/error PID=%n ProcessName=\"%W %W\" UIType=3 ErrorSource=0x%h ErrorCode=0x%h ShowUI=1", 1},
    {"edgeupdate", "svchost", "-k netsvcs -p -s Schedule", "/ua /installsource scheduler", 1},
    {"edgeupdate", "edgeupdate", "/ua /installsource scheduler",
     "/ping PD94bWwgdmVyc2lvbj0iMS4wIiBlbmNvZGluZz0iVVRGLTgiPz4%b%b%b%b%b", 1},
    {"mpcmdrun", "msmpeng", "",
     "SignatureUpdate -ScheduleJob -RestrictPrivileges -Reinvoke -UnmanagedUpdate", 1},
    {"compattel", "svchost", "-k netsvcs -p -s Schedule",
     "-m:appraiser.dll -f:DoScheduledTelemetryRun -cv:%b.%n", 1},
    {"rundll32", "svchost", "-k netsvcs -p -s Schedule",
     "C:\\Windows\\system32\\PcaSvc.dll,PcaPatchSdbTask", 1},
    {"sevenzipg", "explorer", "",
     "a -i#7zMap%n:%n:7zEvent%n -tzip -sae -- \"C:\\Users\\%u\\Desktop\\%d.zip\"", 0},
    {"libreoffice", "explorer", "",
     "-env:OOO_CWD=2C:\\\\Users\\\\%u\\\\%W -o \"C:\\Users\\%u\\%W\\%d.odt\" --nologo", 0},
    {"zoom", "explorer", "",
     "\"--url=zoommtg://zoom.us/"
     "join?action=join&confno=%n%n&zc=0&browser=chrome&mcv=%v&stype=100\"",
     0},
    {"hpsmart", "spoolsv", "", "-q \"HP LaserJet Pro M404 (%w)\" -j %n -d \"%d.docx\" -s {%g}", 0},
    {"wevtutil", "cmd", "/c D:\\%W\\%w.cmd",
     "epl Application D:\\%W\\%w-%n.evtx \"/q:*[System[TimeCreated[timediff(@SystemTime) <= "
     "%n%n]]]\"",
     1},
    {"gpupdate", "svchost", "-k netsvcs -p -s gpsvc", "/target:computer", 1},
    {"accounting", "explorer", "",
     "/db=\"\\\\%p\\kontora$\\%w-%n.kdb\" /year=20%n /user=%u /lang=en /print=\"%w %w\"", 0},
};
const size_t hard_launches_count = sizeof hard_launches / sizeof *hard_launches;

TEXTS(hard_network_programs, "msedge", "chrome", "firefox", "outlook", "svchost", "teams",
      "onedrive", "msmpeng", "edgeupdate", "c2r", "zoom", "acrocef", "signal", "backgroundtask",
      "lsass", "spoolsv", "libreoffice", "compattel");

TEXTS(hard_first_names, "lena", "amina", "tomas", "ines", "nuria", "karim", "josip", "petra",
      "dalia", "marek", "sofia", "yusuf", "elena", "pavel", "mirjam", "anders", "chiara", "diego",
      "farah", "goran", "hana", "ivo", "jana", "klaus", "leila", "mateo", "nadia", "omar", "pia",
      "rosa", "samir", "teresa", "ursula", "vera", "wanda", "xenia", "yana", "zoran");
TEXTS(hard_last_names, "horvat", "novak", "silva", "garcia", "keller", "okafor", "haddad", "lopez",
      "kovac", "moreau", "rossi", "larsen", "demir", "petrov", "ahmadi", "nkosi", "santos", "weber",
      "varga", "duarte", "costa", "ibrahim", "jensen", "mbeki", "nowak", "oliveira", "popa",
      "quispe", "reyes", "salem", "tanaka", "usman", "vidal", "wolff", "yilmaz", "zapata");
TEXTS(hard_sites, "www.ohchr.org", "docs.google.com", "outlook.office.com", "teams.microsoft.com",
      "en.wikipedia.org", "www.reuters.com", "mail.proton.me", "drive.google.com", "meet.jit.si",
      "self.events.data.microsoft.com", "settings-win.data.microsoft.com",
      "ctldl.windowsupdate.com", "edge.microsoft.com", "update.googleapis.com", "ocsp.digicert.com",
      "login.live.com", "login.microsoftonline.com", "config.edge.skype.com", "fonts.gstatic.com",
      "www.deepl.com", "cdn.jsdelivr.net", "aus5.mozilla.org", "www.hrw.org", "signal.org",
      "news.un.org");
TEXTS(hard_extensions, "docx", "xlsx", "pdf", "pptx", "odt", "zip", "jpg", "txt", "csv", "msg");
TEXTS(hard_documents, "%W %w %n", "%W-%w (%n)", "20%n %w %w", "%W of %w %w", "%w_%w_v%n", "%W %n",
      "%W %w - %w", "Copy of %w %w", "%W%W%n", "%w for %u");
TEXTS(hard_words, "report", "annual", "budget", "interview", "witness", "archive", "backup",
      "nightly", "export", "import", "update", "service", "printer", "driver", "display", "network",
      "policy", "security", "account", "profile", "office", "project", "partner", "donor",
      "campaign", "translation", "transcript", "meeting", "minutes", "agenda", "contract",
      "invoice", "payroll", "holiday", "schedule", "calendar", "contacts", "mailbox", "template",
      "settings", "configuration", "installation", "temporary", "download", "upload", "shared",
      "public", "private", "draft", "final", "version", "monitor", "collector", "inventory",
      "licence", "activation", "telemetry", "diagnostics", "maintenance", "cleanup", "analysis",
      "assessment", "attachment", "audience", "balance", "branch", "bridge", "catalogue",
      "certificate", "channel", "chapter", "client", "colour", "column", "comment", "compliance",
      "conference", "container", "content", "control", "country", "courier", "customer",
      "dashboard", "database", "delivery", "department", "desktop", "detention", "device",
      "dictionary", "directory", "district", "document", "domain", "election", "element", "engine",
      "evidence", "example", "exchange", "feature", "field", "filter", "finance", "folder",
      "format", "gallery", "gateway", "general", "glossary", "grant", "graph", "group", "handler",
      "harbour", "health", "helper", "history", "hospital", "image", "index", "indicator",
      "journal", "justice", "kernel", "keyboard", "language", "layout", "legal", "letter",
      "library", "listing", "local", "location", "logger", "manager", "manual", "marker", "market",
      "media", "member", "memory", "message", "metric", "mirror", "mission", "mobile", "module",
      "movement", "music", "notice", "number", "observer", "option", "order", "origin", "outline",
      "package", "palette", "panel", "paper", "parent", "party", "pattern", "payment", "people",
      "period", "photo", "picture", "planner", "platform", "player", "plugin", "pointer", "portal",
      "position", "preview", "prison", "process", "product", "program", "protocol", "provider",
      "quarter", "query", "queue", "record", "refugee", "region", "register", "release", "renderer",
      "request", "research", "resource", "response", "restore", "result", "review", "router",
      "sample", "scanner", "school", "screen", "script", "search", "section", "sensor", "server",
      "session", "shelter", "signal", "source", "speaker", "staff", "statement", "station",
      "storage", "stream", "street", "student", "summary", "supplier", "support", "survey",
      "symbol", "system", "table", "target", "ticket", "timeline", "token", "toolbar", "topic",
      "traffic", "training", "travel", "trigger", "tutorial", "unit", "vehicle", "vendor", "verify",
      "video", "village", "violation", "visitor", "voice", "volume", "voucher", "wallet", "weather",
      "website", "widget", "window", "worker", "workspace", "writer");

// Pieces of scripts as administrators and vendors write them, each one whole, so that any row of
// them reads as a script.
TEXTS(
    hard_scripts,
    "function Get-%W%W {\r\n    [CmdletBinding()]\r\n    param(\r\n        [Parameter(Mandatory = "
    "$true, ValueFromPipeline = $true)]\r\n        [string[]]$%WName,\r\n        [ValidateRange(1, "
    "%n)]\r\n        [int]$%W = %n,\r\n        [switch]$Include%W\r\n    )\r\n    begin {\r\n      "
    "  "
    "$results = New-Object System.Collections.Generic.List[object]\r\n    }\r\n    process {\r\n   "
    "  "
    "   foreach ($item in $%WName) {\r\n            Write-Verbose \"%W of %w: $item\"\r\n          "
    "  "
    "$results.Add([pscustomobject]@{ %W = $item; %W = $%W; Id = '%g' })\r\n        }\r\n    }\r\n  "
    "  "
    "end { $results }\r\n}\r\n\r\n",
    "<#\r\n.SYNOPSIS\r\n    %W the %w of each %w and writes a %w.\r\n.DESCRIPTION\r\n    Run by "
    "the "
    "task '%W %W' on %p. Asks %s for the %w list,\r\n    compares it with the %w of the day before "
    "and mails the difference.\r\n.PARAMETER %W\r\n    The %w that is looked at. Default: "
    "%w\r\n.NOTES\r\n    Author: %u   Version: %v   Change: %w after the %w %w\r\n#>\r\n",
    "$%w = Import-Csv -Path \"\\\\%p\\%w$\\%w-%n.csv\" -Delimiter ';' -Encoding UTF8 |\r\n    "
    "Where-Object { $_.%W -ne '' -and [int]$_.%W -gt %n } |\r\n    Sort-Object -Property %W, %W "
    "-Unique\r\n",
    "try {\r\n    $%w = Get-Content -Path \"$PSScriptRoot\\%w.json\" -Raw | ConvertFrom-Json\r\n   "
    " "
    "Write-Log -Message \"Read $($%w.Count) %w entries\" -Level Info\r\n} catch "
    "[System.IO.FileNotFoundException] {\r\n    Write-Log -Message \"No %w: "
    "$($_.Exception.Message)\" -Level Error\r\n    exit %n\r\n}\r\n",
    "$%w = @{\r\n    %W  = '%w'\r\n    %W  = %n\r\n    Path  = "
    "'C:\\ProgramData\\%W\\%w\\%d.xml'\r\n   "
    " Id    = '{%g}'\r\n    Hash  = '%H'\r\n    Hosts = @('%p', '%p', '%p')\r\n}\r\n",
    "foreach ($%w in $%ws) {\r\n    if ($%w.%W -match '^(%w|%w|%w)[-_]\\d{2,%n}$') {\r\n        "
    "$%w[$%w.Name] = '{0:yyyy-MM-dd} {1,8:N0} {2}' -f $%w.LastWriteTime, $%w.Length, $%w.%W\r\n    "
    "  "
    "  continue\r\n    }\r\n    $skipped++\r\n}\r\n",
    "$report = Get-ChildItem -LiteralPath 'D:\\%W\\%d' -Filter '*.%w' -File |\r\n    Where-Object "
    "LastWriteTime -lt (Get-Date).AddDays(-%n) |\r\n    Group-Object -Property Extension |\r\n    "
    "Select-Object Name, Count, @{ n = 'MB'; e = { [math]::Round(($_.Group | Measure-Object Length "
    "-Sum).Sum / 1MB, 1) } }\r\n",
    "function Write-Log {\r\n    param([string]$Message, [ValidateSet('Info', 'Warning', "
    "'Error')][string]$Level = 'Info')\r\n    $line = '{0} [{1}] {2}' -f (Get-Date -Format s), "
    "$Level, "
    "$Message\r\n    Add-Content -Path \"C:\\ProgramData\\%W\\Logs\\%w-$(Get-Date -Format "
    "yyyyMM).log\" -Value $line -Encoding UTF8\r\n}\r\n",
    "$%wTable = New-Object System.Data.DataTable '%W'\r\n'%W', '%W', '%W', '%W' | ForEach-Object { "
    "[void]$%wTable.Columns.Add($_) }\r\n$row = $%wTable.NewRow()\r\n$row['%W'] = "
    "'%d'\r\n$row['%W'] "
    "= '%i'\r\n$%wTable.Rows.Add($row)\r\n",
    "    # %w %n: the %w came after the %w, see the %w of %u\r\n    if (-not (Test-Path -Path "
    "\"HKLM:\\SOFTWARE\\%W\\%W\\%v\")) {\r\n        New-Item -Path \"HKLM:\\SOFTWARE\\%W\\%W\" "
    "-Name "
    "'%v' | Out-Null\r\n    }\r\n",
    "$body = @\"\r\nDear %u,\r\n\r\nthe %w of %w %n is ready. %W entries were read, $($%w.Count) "
    "are "
    "new.\r\nThe list lies at \\\\%p\\%w$\\%d.xlsx\r\n\r\nThe %w\r\n\"@\r\n",
    "switch ($%w.%W) {\r\n    '%w' { $%w = %n; break }\r\n    '%w' { $%w = '%w-%n'; break }\r\n    "
    "{ $_ -in '%w', '%w', '%w' } { $%w = $null }\r\n    default { throw \"Unknown %w: $_ (%h)\" "
    "}\r\n}"
    "\r\n",
    "Describe '%W of %w' {\r\n    It 'gives a %w for each %w' {\r\n        (Get-%W%W -Name "
    "'%w').%W | Should -Be '%d'\r\n    }\r\n    It 'is %n when the %w is empty' {\r\n        "
    "Get-%W%W "
    "-Name '' | Should -BeNullOrEmpty\r\n    }\r\n}\r\n",
    "$%w = '%b%b%b%b'\r\n# signature of %w, checked on %p\r\n",
    "Export-ModuleMember -Function 'Get-%W%W', 'Set-%W%W', 'Test-%W' -Alias '%w', '%w'\r\n",
    "[xml]$%w = @'\r\n<%w version=\"%v\">\r\n  <%w id=\"%n\" name=\"%d\" guid=\"{%g}\"/>\r\n  <%w "
    "from=\"%i\" to=\"%a\" host=\"%s\"/>\r\n</%w>\r\n'@\r\n$%w.%w.%w | ForEach-Object { $_.name "
    "}\r\n",
    "    $progress = [int](100 * $done / [math]::Max(1, $%ws.Count))\r\n    Write-Progress "
    "-Activity "
    "'%W %w' -Status \"$done of $($%ws.Count): $($%w.%W)\" -PercentComplete $progress\r\n",
    "#region %w %n\r\n$%w%W = $%w.%W -replace '[^A-Za-z0-9_-]', '_' -replace '_{2,}', "
    "'_'\r\n$%w%W = Join-Path -Path $%wRoot -ChildPath (\"%w-{0}-%h.%w\" -f "
    "$%w%W)\r\n#endregion\r\n");

TEXTS(
    hard_keys,
    "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based "
    "Servicing\\Packages\\Package_%n_for_KB50%n~31bf3856ad364e35~amd64~~%v\\%W",
    "HKLM\\System\\CurrentControlSet\\Services\\%W\\Parameters\\%W%W",
    "HKLM\\System\\CurrentControlSet\\Services\\bam\\State\\UserSettings\\S-1-5-21-2871134905-"
    "1604920117-3920817725-%n\\\\Device\\HarddiskVolume3\\Program Files\\%W\\%w.exe",
    "HKU\\S-1-5-21-2871134905-1604920117-3920817725-%n\\Software\\Microsoft\\Office\\16.0\\Word\\"
    "Reading Locations\\Document %n\\Datetime",
    "HKU\\S-1-5-21-2871134905-1604920117-3920817725-%n\\Software\\Microsoft\\Office\\16.0\\Excel\\"
    "File MRU\\Item %n",
    "HKU\\S-1-5-21-2871134905-1604920117-3920817725-%n\\Software\\Microsoft\\Windows\\"
    "CurrentVersion\\Explorer\\RecentDocs\\.%w\\MRUListEx",
    "HKU\\S-1-5-21-2871134905-1604920117-3920817725-%n\\Software\\Microsoft\\Windows\\"
    "CurrentVersion\\Search\\RecentApps\\{%g}\\LastAccessedTime",
    "HKU\\S-1-5-21-2871134905-1604920117-3920817725-%n_Classes\\Local Settings\\Software\\"
    "Microsoft\\Windows\\CurrentVersion\\AppModel\\SystemAppData\\Microsoft.%W_8wekyb3d8bbwe\\%W",
    "HKLM\\SOFTWARE\\Classes\\CLSID\\{%g}\\InprocServer32\\ThreadingModel",
    "HKLM\\SOFTWARE\\Microsoft\\Windows "
    "NT\\CurrentVersion\\NetworkList\\Profiles\\{%g}\\DateLastConnected",
    "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Installer\\UserData\\S-1-5-18\\Components"
    "\\%H\\%H",
    "HKLM\\SOFTWARE\\WOW6432Node\\%W\\%W %W\\%v\\%W",
    "HKLM\\System\\CurrentControlSet\\Enum\\SWD\\PRINTENUM\\{%g}\\Properties\\{%g}\\%n",
    "HKLM\\SOFTWARE\\Microsoft\\EnterpriseResourceManager\\Tracked\\{%g}\\device\\default\\%W");
TEXTS(hard_details, "DWORD (0x%h)", "QWORD (0x%h-0x%h)", "Binary Data", "{%g}", "%d.docx",
      "C:\\Program Files\\%W\\%W %W\\%w.dll", "%%SystemRoot%%\\system32\\%w.dll", "Both",
      "[F00000000][T01DB%h%h][O00000000]*C:\\Users\\%u\\Documents\\%W\\%d.xlsx", "(Empty)",
      "20%n-%n-%nT%n:%n", "%W %W %v", "https://%s/%w/%w/%h");
