#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The audit as a user meets it: what it writes, its exit status, its messages, odd evidence, stopping and going on.

usage: audit_test.py VIGIE EVTX_MAKE
"""
import contextlib
import csv
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
import zipfile

VIGIE, EVTX_MAKE = (os.path.abspath(p) for p in sys.argv[1:3])

RULE = """title: A tool that is not there
id: 3f0c1f3e-6a60-4a8c-9f5e-0a1b5c7d9e11
status: test
logsource: {product: windows, category: process_creation}
detection:
    selection: {Image|endswith: '\\lookout-%s.exe'}
    condition: selection
level: %s
"""

EVENTS = """log: Sysmon.evtx
defaults: {provider: Microsoft-Windows-Sysmon, channel: Microsoft-Windows-Sysmon/Operational, computer: PC-3.office.example}
events:
"""


def events(count, hits=(), start=0, image="notepad", computer=None):
    """A description of `count` process creations, one a second; those whose number is in hits match the test rule."""
    text = EVENTS if computer is None else EVENTS.replace("PC-3.office.example", computer)
    for n in range(count):
        name = "lookout-a" if n in hits else image
        text += (f"  - {{time: 2025-07-03T{(start + n) // 3600 % 24:02}:{(start + n) // 60 % 60:02}:{(start + n) % 60:02}Z, id: 1, "
                 f"data: {{Image: 'C:\\Tools\\{name}.exe', CommandLine: 'run {n}', User: 'OFFICE\\amina'}}}}\n")
    return text


def make_log(path, *args, **kwargs):
    subprocess.run([EVTX_MAKE, "-o", path, "-"], input=events(*args, **kwargs).encode(), check=True)
    return path


def read(path, mode="r"):
    with open(path, mode, **({} if "b" in mode else {"encoding": "utf-8"})) as f:
        return f.read()


def write(path, content):
    with open(path, "wb") as f:
        f.write(content.encode() if isinstance(content, str) else content)


class Audit(unittest.TestCase):
    def setUp(self):
        self.tmp = tempfile.mkdtemp(prefix="vigie-test-")
        self.addCleanup(shutil.rmtree, self.tmp, True)
        self.rule = self.path("rule.yml")
        with open(self.rule, "w") as f:
            f.write(RULE % ("a", "high"))

    def path(self, *names):
        return os.path.join(self.tmp, *names)

    def vigie(self, *args, expect=None, **kwargs):
        done = subprocess.run([VIGIE, *args], capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=self.tmp,
                              env={**os.environ, "XDG_DATA_HOME": self.path("no-such-folder")}, **kwargs)
        if expect is not None:
            self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done

    def audit(self, *args, out="out", expect=None, **kwargs):
        return self.vigie("audit", *args, "-o", self.path(out), "--no-bundled", "--rules", self.rule, expect=expect, **kwargs)

    def findings(self, out="out"):
        with open(self.path(out, "findings.jsonl")) as f:
            return [json.loads(line) for line in f]

    def evidence(self, out="out"):
        with open(self.path(out, "evidence.csv"), newline="") as f:
            return {row["path"]: row for row in csv.DictReader(f)}

    # What is written ---------------------------------------------------------------------------------------------

    def test_finding_has_its_provenance(self):
        log = make_log(self.path("s.evtx"), 50, hits={7})
        self.audit(log, expect=1)
        found = self.findings()
        self.assertEqual(len(found), 1)
        f = found[0]
        self.assertEqual(list(f), ["time", "kind", "rule", "title", "level", "techniques", "file", "offset", "record", "host",
                                   "account", "channel", "event_id", "fields"])
        self.assertEqual(f["time"], "2025-07-03T00:00:07.0000000Z")
        self.assertEqual((f["kind"], f["level"], f["host"], f["event_id"]), ("sigma", "high", "PC-3.office.example", 1))
        self.assertEqual(f["account"], "OFFICE\\amina")
        self.assertEqual(f["fields"], {"Image": "C:\\Tools\\lookout-a.exe"})
        with open(log, "rb") as raw:
            raw.seek(f["offset"])
            self.assertEqual(raw.read(4), b"**\0\0")

    def test_all_outputs_are_private(self):
        self.audit(make_log(self.path("s.evtx"), 5), expect=0)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("out")).st_mode), 0o700)
        names = set(os.listdir(self.path("out")))
        self.assertLessEqual({"report.html", "case.vigie", "findings.jsonl", "findings.csv", "timesketch.jsonl", "evidence.csv"},
                             names)
        for name in names:
            self.assertEqual(stat.S_IMODE(os.stat(self.path("out", name)).st_mode), 0o600, name)

    def test_threads_and_repetition_change_nothing(self):
        folder = self.path("logs")
        os.mkdir(folder)
        for n in range(1, 7):
            make_log(os.path.join(folder, f"{n}.evtx"), 700 * n, hits=set(range(0, 700 * n, 97)), start=n * 1000)
        outs = []
        for jobs in ("1", "2", "5"):
            self.audit(folder, "--jobs", jobs, out="o" + jobs, expect=1)
            outs.append(read(self.path("o" + jobs, "findings.jsonl")) + read(self.path("o" + jobs, "evidence.csv")))
        self.assertEqual(outs[0], outs[1])
        self.assertEqual(outs[0], outs[2])

    def test_minimum_level(self):
        log = make_log(self.path("s.evtx"), 5, hits={1})
        self.audit(log, "--min-level", "critical", expect=0)
        self.assertEqual(self.findings(), [])

    def test_time_bounds(self):
        log = make_log(self.path("s.evtx"), 60, hits=set(range(60)))
        self.audit(log, "--since", "2025-07-03T00:00:10Z", "--until", "2025-07-03T00:00:20Z", expect=1)
        self.assertEqual(len(self.findings()), 10)
        # 02:00:10 in Paris in summer is 00:00:10 UTC
        self.audit(log, "--since", "2025-07-03T02:00:10", "--until", "2025-07-03T02:00:20", "--tz", "Europe/Paris", out="tz",
                   expect=1)
        self.assertEqual([f["time"] for f in self.findings("tz")], [f["time"] for f in self.findings()])

    # Odd evidence ------------------------------------------------------------------------------------------------

    def test_everything_is_listed(self):
        folder = self.path("logs")
        os.mkdir(folder)
        log = make_log(os.path.join(folder, "s.evtx"), 20, hits={3})
        shutil.copy(log, os.path.join(folder, "t-copy.evtx"))
        shutil.copy(log, os.path.join(folder, "renamed.txt"))
        open(os.path.join(folder, "empty.evtx"), "w").close()
        with open(os.path.join(folder, "fake.evtx"), "w") as f:
            f.write("not a log at all\n" * 100)
        with open(log, "rb") as f:
            whole = f.read()
        with open(os.path.join(folder, "cut.evtx"), "wb") as f:
            f.write(whole[:4096 + 3000])
        os.symlink("..", os.path.join(folder, "loop"))
        os.mkfifo(os.path.join(folder, "pipe"))
        self.audit(folder, expect=1)
        rows = self.evidence()
        state = {os.path.basename(p): r["state"] for p, r in rows.items()}
        # by name: cut, empty, fake, loop, pipe, renamed, s, t-copy; the first of equal files is the one that is read
        self.assertEqual(state["renamed.txt"], "read")
        self.assertEqual(state["s.evtx"], "duplicate")
        self.assertEqual(state["t-copy.evtx"], "duplicate")
        for name in ("empty.evtx", "fake.evtx", "loop", "pipe"):
            self.assertEqual(state[name], "not-read", name)
        self.assertIn(state["cut.evtx"], ("partly-read", "not-read"))
        for path, row in rows.items():
            if row["state"] != "read":
                self.assertTrue(row["reason"], path)
        self.assertEqual(sum(os.path.basename(f["file"]) == "renamed.txt" for f in self.findings()), 1)
        self.assertEqual(sum(os.path.basename(f["file"]) in ("s.evtx", "t-copy.evtx") for f in self.findings()), 0)

    def test_archives(self):
        log = make_log(self.path("s.evtx"), 20, hits={3})
        with zipfile.ZipFile(self.path("in.zip"), "w", zipfile.ZIP_DEFLATED) as z:
            z.write(log, "PC-1/Sysmon.evtx")
            z.writestr("PC-1/note.txt", "hello")
        with tarfile.open(self.path("out.tar.gz"), "w:gz") as t:
            t.add(self.path("in.zip"), "inner/in.zip")
        self.audit(self.path("out.tar.gz"), expect=1)
        found = self.findings()
        self.assertEqual(len(found), 1)
        self.assertTrue(found[0]["file"].endswith("out.tar.gz!inner/in.zip!PC-1/Sysmon.evtx"), found[0]["file"])
        self.assertEqual([r["state"] for p, r in self.evidence().items() if p.endswith("note.txt")], ["not-read"])

    def test_damaged_record_is_told_and_the_rest_is_read(self):
        log = make_log(self.path("s.evtx"), 40, hits={30})
        data = bytearray(read(log, "rb"))
        at = data.find(b"**\0\0", 4096 + 8000)
        data[at + 24:at + 60] = b"\xff" * 36
        write(log, data)
        done = self.audit(log, expect=1)
        self.assertRegex(done.stderr, r"s\.evtx: at byte \d+: ")
        row = list(self.evidence().values())[0]
        self.assertEqual(row["state"], "partly-read")
        self.assertGreater(int(row["damaged"]), 0)
        self.assertEqual(len(self.findings()), 1)

    def test_output_inside_the_evidence_is_not_evidence(self):
        folder = self.path("logs")
        os.mkdir(folder)
        make_log(os.path.join(folder, "s.evtx"), 5)
        self.audit(folder, out="logs/report", expect=0)
        self.audit(folder, "--force", out="logs/report", expect=0)
        self.assertFalse([p for p in self.evidence("logs/report") if "case.vigie" in p])

    def test_hostile_cells(self):
        text = events(1).replace("run 0", "=HYPERLINK(\"x\")").replace("notepad", "lookout-a")
        text = text.replace("OFFICE\\amina", "=1+1\\e\u202egpj")
        subprocess.run([EVTX_MAKE, "-o", self.path("s.evtx"), "-"], input=text.encode(), check=True)
        self.audit(self.path("s.evtx"), expect=1)
        with open(self.path("out", "findings.csv"), newline="") as f:
            for row in csv.reader(f):
                for cell in row:
                    self.assertNotIn(cell[:1], ("=", "+", "@"), cell)
                    self.assertNotIn("\u202e", cell)

    # Mistakes ----------------------------------------------------------------------------------------------------

    def test_messages_of_mistakes(self):
        log = make_log(self.path("s.evtx"), 2)
        os.mkdir(self.path("full"))
        write(self.path("full", "precious.txt"), "mine")
        for args, words in (
                (["audit"], "name the evidence"),
                (["audit", "no-such-file"], "no-such-file: No such file or directory"),
                (["audit", log, "--no-such-option"], "unknown option --no-such-option"),
                (["audit", log, "--jobs", "many"], "--jobs: 'many' is not a number"),
                (["audit", log, "--since", "last week"], "is not a time"),
                (["audit", log, "--min-level", "huge"], "none of informational"),
                (["audit", log, "-o", "full"], "is not empty"),
                (["audit", log, "--resume"], "--resume needs -o"),
                (["audit", log, "--no-bundled"], "no rule is left"),
                (["audit", log, "--consent", "nope.txt"], "nope.txt"),
                (["nonsense"], "there is no command 'nonsense'")):
            done = self.vigie(*args, expect=2)
            self.assertIn(words, done.stderr, args)
            self.assertTrue(done.stderr.startswith("vigie"), done.stderr)
        self.assertEqual(read(self.path("full", "precious.txt")), "mine")

    def test_nothing_readable_is_trouble(self):
        os.mkdir(self.path("empty"))
        self.assertIn("no event log", self.audit(self.path("empty"), expect=2).stderr)

    def test_refused_rules_are_named_and_the_rest_works(self):
        with open(self.path("bad.yml"), "w") as f:
            f.write(RULE.replace("endswith", "endsvith") % ("a", "low"))
        done = self.audit(make_log(self.path("s.evtx"), 5, hits={1}), "--rules", self.path("bad.yml"), expect=1)
        self.assertRegex(done.stderr, r"bad\.yml:\d+: .*endsvith")

    # Consent -----------------------------------------------------------------------------------------------------

    def test_consent(self):
        log = make_log(self.path("s.evtx"), 5)
        with open(self.path("consent.txt"), "w") as f:
            f.write("# who\nperson: Amina Diallo, director\nscope: the office's PCs\nuntil: 2027-01-31\n")
        self.audit(log, "--consent", self.path("consent.txt"), expect=0)
        report = read(self.path("out", "report.html"))
        self.assertIn("Amina Diallo, director", report)
        self.assertIn("2027-01-31", report)
        self.audit(log, out="without", expect=0)
        self.assertIn("not recorded", read(self.path("without", "report.html")).lower())
        with open(self.path("consent.txt"), "w") as f:
            f.write("persn: typo\n")
        self.assertIn("unknown key 'persn'", self.audit(log, "--consent", self.path("consent.txt"), out="x", expect=2).stderr)

    # Stopping ----------------------------------------------------------------------------------------------------

    def test_stop_and_resume(self):
        folder = self.path("logs")
        os.mkdir(folder)
        base = make_log(self.path("base.evtx"), 4000, hits=set(range(0, 4000, 50)))
        data = read(base, "rb")
        for n in range(60):  # enough to be still running when the signal comes; each differs by its unused tail
            with open(os.path.join(folder, f"{n:02}.evtx"), "wb") as f:
                f.write(data + bytes([n]) * 512)
        self.audit(folder, out="whole")
        args = [VIGIE, "audit", folder, "-o", self.path("out"), "--no-bundled", "--rules", self.rule, "--jobs", "1"]
        for attempt in range(10):
            shutil.rmtree(self.path("out"), ignore_errors=True)
            p = subprocess.Popen(args, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
            time.sleep(0.02 * (attempt + 1))
            p.send_signal(signal.SIGINT)
            _, words = p.communicate(timeout=60)
            if p.returncode == 130 and b"--resume" in words:
                break
        else:
            self.skipTest("this machine finished or had not begun each time the signal came")
        with contextlib.closing(sqlite3.connect(self.path("out", "case.vigie"))) as db:
            self.assertEqual(db.execute("pragma integrity_check").fetchone()[0], "ok")
        self.assertIn("not empty", self.audit(folder, expect=2).stderr)
        self.audit(folder, "--resume", expect=1)
        self.assertEqual(self.findings(), self.findings("whole"))
        self.assertEqual(self.evidence(), self.evidence("whole"))
        self.assertIn("nothing to resume", self.audit(folder, "--resume", expect=2).stderr)

    def test_only_the_audit_begun_is_resumed(self):
        log = make_log(self.path("s.evtx"), 20, hits={3})
        self.audit(log, expect=1)

        def alter(sql, *values):
            with contextlib.closing(sqlite3.connect(self.path("out", "case.vigie"))) as db, db:
                db.execute(sql, values)

        def refusal(*words):
            return self.audit(*words, "--resume", expect=2).stderr

        alter("delete from setting where name = 'complete'")  # as it is before the audit's last step
        with open(self.rule, "w") as f:
            f.write((RULE % ("a", "high")).replace("lookout-a", "lookout-b"))
        self.assertIn("rules have changed", refusal(log))
        with open(self.rule, "w") as f:
            f.write(RULE % ("a", "high"))
        self.assertIn("other evidence, rules or options", refusal(log, "--since", "2020-01-01"))
        with contextlib.closing(sqlite3.connect(self.path("out", "case.vigie"))) as db:
            begun, = db.execute("select value from setting where name = 'rules_digest'").fetchone()
        alter("update setting set value = ? where name = 'rules_digest'", "0" * 64)
        self.assertIn("another build", refusal(log))
        alter("update setting set value = ? where name = 'program'", "0.0.9\x1b[31m")
        said = refusal(log)
        self.assertIn("was begun by vigie 0.0.9", said)
        self.assertNotIn("\x1b", said)
        alter("update setting set value = ? where name = 'rules_digest'", begun)
        self.audit(log, "--resume", expect=1)  # from the cache or not, it is the same
        alter("delete from setting where name = 'complete'")
        self.audit(log, "--resume", "--no-cache", expect=1)
        self.assertEqual(len(self.findings()), 1)

    def test_killed_audit_leaves_a_valid_case(self):
        folder = self.path("logs")
        os.mkdir(folder)
        data = read(make_log(self.path("base.evtx"), 4000, hits=set(range(0, 4000, 20))), "rb")
        for n in range(60):
            with open(os.path.join(folder, f"{n:02}.evtx"), "wb") as f:
                f.write(data + bytes([n]) * 512)
        self.audit(folder, out="whole")
        p = subprocess.Popen([VIGIE, "audit", folder, "-o", self.path("out"), "--no-bundled", "--rules", self.rule],
                             stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for _ in range(5000):  # until the first files of evidence are being committed
            if os.path.exists(self.path("out", "case.vigie")) and os.path.getsize(self.path("out", "case.vigie")) > 1000000:
                break
            time.sleep(0.002)
        p.kill()
        p.wait()
        if not os.path.exists(self.path("out", "case.vigie")) or os.path.exists(self.path("out", "report.html")):
            self.skipTest("killed before or after the audit's work")
        with contextlib.closing(sqlite3.connect(self.path("out", "case.vigie"))) as db:
            self.assertEqual(db.execute("pragma integrity_check").fetchone()[0], "ok")
        self.audit(folder, "--resume", expect=1)
        self.assertEqual(self.findings(), self.findings("whole"))

    def test_force_replaces_only_when_whole(self):
        log = make_log(self.path("s.evtx"), 20, hits={3})
        self.audit(log, expect=1)
        before = read(self.path("out", "case.vigie"), "rb")
        self.assertEqual(self.vigie("audit", log, "-o", self.path("out"), "--force", "--no-bundled", expect=2).returncode, 2)
        self.assertEqual(read(self.path("out", "case.vigie"), "rb"), before)
        self.audit(log, "--force", expect=1)
        self.assertFalse(os.path.exists(self.path("out", "case.vigie.new")))
        self.assertEqual(len(self.findings()), 1)


if __name__ == "__main__":
    program = unittest.main(argv=sys.argv[:1], exit=False)
    r = program.result
    print(f"{r.testsRun - len(r.failures) - len(r.errors) - len(r.skipped)} passed, {len(r.failures) + len(r.errors)} failed"
          + (f", {len(r.skipped)} skipped" if r.skipped else ""))
    sys.exit(0 if r.wasSuccessful() else 1)
