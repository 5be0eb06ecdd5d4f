#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the program may do and what hostile evidence may try: rights given up, evidence untouched, output safe and whole.

usage: safety_test.py VIGIE EVTX_MAKE
"""
import csv
import hashlib
import io
import lzma
import os
import pty
import re
import resource
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

EVENTS = """log: Sysmon.evtx
defaults: {provider: Microsoft-Windows-Sysmon, channel: Microsoft-Windows-Sysmon/Operational, computer: PC-3.office.example}
events:
  - {time: 2025-07-03T08:00:00Z, id: 1, data: {Image: 'C:\\Tools\\tool.exe', CommandLine: "tool \\e[2J \\u202egpj", User: 'OFFICE\\amina'}}
  - {time: 2025-07-03T08:00:01Z, id: 1, data: {Image: 'C:\\Tools\\tool.exe', CommandLine: '=cmd|calc', User: 'OFFICE\\amina'}}
"""

RULE = """title: Any tool
id: 8e2f3a57-6f70-4d5e-9a53-5c6f4ad83a01
status: test
logsource: {product: windows, category: process_creation}
detection:
    selection: {Image|endswith: '\\tool.exe'}
    condition: selection
level: high
"""

ESCAPE, OVERRIDE = b"\x1b", "\u202e".encode()


def traced(command, what):
    """The lines of strace, or None where programs cannot be traced."""
    if not shutil.which("strace"):
        return None
    with tempfile.NamedTemporaryFile() as log:
        done = subprocess.run(["strace", "-f", "-q", "-s", "300", "-e", "trace=" + what, "-o", log.name] + command,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        lines = log.read().decode(errors="replace").splitlines()
    if done.returncode not in (0, 1, 2) or b"ptrace" in done.stderr or not lines:
        return None
    return lines


def fingerprint(folder):
    """All that can be seen of every file below: names, contents, sizes, modes, owners and all times."""
    seen = []
    for top, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files) + ["."]:
            path = os.path.join(top, name)
            st = os.lstat(path)
            seen.append((path, st.st_size, st.st_mode, st.st_uid, st.st_atime_ns if name != "." else 0, st.st_mtime_ns, st.st_ctime_ns))
    return seen


class SafetyTest(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="vigie-safety-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.evidence = self.path("evidence")
        os.mkdir(self.evidence)
        subprocess.run([EVTX_MAKE, "-o", self.path("evidence", "Sysmon.evtx"), "-"], input=EVENTS.encode(), check=True)
        with open(self.path("rule.yml"), "w") as f:
            f.write(RULE)
        self.out = self.path("out")
        os.environ["XDG_CACHE_HOME"] = self.path("cache")

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def audit_command(self, *more, out=None):
        return [VIGIE, "audit", self.evidence, "-o", out or self.out, "--no-bundled", "--rules", self.path("rule.yml"), *more]

    def audit(self, *more, out=None, expect=1, **options):
        done = subprocess.run(self.audit_command(*more, out=out), stdin=subprocess.DEVNULL, capture_output=True, **options)
        self.assertEqual(done.returncode, expect, done.stderr.decode(errors="replace"))
        return done

    def rows(self, out=None):
        with open(os.path.join(out or self.out, "evidence.csv"), newline="", encoding="utf-8") as f:
            return {r["path"].removeprefix(self.evidence + "/"): r for r in csv.DictReader(f)}


class Rights(SafetyTest):
    @staticmethod
    def open_files(process):
        found, links = [], f"/proc/{process.pid}/fd"
        for name in os.listdir(links):
            try:
                found.append(os.readlink(os.path.join(links, name)))
            except OSError:
                pass  # closed in between
        return found

    def start_long_audit(self, size=32 << 30):
        """An audit that has begun to read and is stopped for looking at it; ends with the test."""
        with open(self.path("evidence", "zzz-large"), "wb") as f:
            f.truncate(size)  # takes no room on the disk
        process = subprocess.Popen(self.audit_command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for _ in range(1000):
            time.sleep(0.01)
            if process.poll() is not None:
                self.fail("the audit ended early")
            if any(p.endswith("zzz-large") for p in self.open_files(process)):
                return process
        self.fail("the audit never came to the large file")

    def test_a_running_audit_has_given_up_its_rights(self):
        process = self.start_long_audit()
        process.send_signal(signal.SIGSTOP)
        tasks = os.listdir(f"/proc/{process.pid}/task")
        self.assertGreaterEqual(len(tasks), 1)
        for task in tasks:
            with open(f"/proc/{process.pid}/task/{task}/status") as f:
                status = f.read()
            self.assertIn("Seccomp:\t2\n", status)
            self.assertIn("NoNewPrivs:\t1\n", status)
        self.assertFalse([p for p in self.open_files(process) if p.startswith("socket:")])

    def test_a_file_that_shrinks_does_not_kill_it(self):
        process = self.start_long_audit()
        with open(self.path("evidence", "zzz-large"), "r+b") as f:
            f.truncate(1000)
        self.assertEqual(process.wait(timeout=120), 1)
        self.assertEqual(self.rows()["Sysmon.evtx"]["state"], "read")
        self.assertEqual(self.rows()["zzz-large"]["state"], "not-read")

    def test_no_network(self):
        lines = traced(self.audit_command(), "network,io_uring_setup,execve,fork,vfork,ptrace")
        if lines is None:
            self.skipTest("programs cannot be traced here (strace)")
        calls = [line for line in lines if re.match(r"\d+ +\w+\(", line) and "execve(" not in line]
        self.assertEqual(calls, [])
        self.assertEqual(sum("execve(" in line for line in lines), 1)  # its own start

    def test_writes_only_below_its_output(self):
        self.check_writes(self.audit_command("--no-cache"), (self.out,))

    def test_writes_compiled_rules_below_the_cache(self):
        self.check_writes(self.audit_command(), (self.out, self.path("cache", "vigie")))

    def check_writes(self, command, folders):
        lines = traced(command, "openat,open,creat,seccomp,rename,unlink,mkdir,chmod,utimensat,truncate")
        if lines is None:
            self.skipTest("programs cannot be traced here (strace)")
        bound = next(i for i, line in enumerate(lines) if "seccomp(SECCOMP_SET_MODE_FILTER" in line or "seccomp(0x1" in line)
        written = set()
        for line in lines[bound + 1:]:
            path = re.search(r'"([^"]*)"', line)
            if "open" in line and not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", line):
                if path and path.group(1).endswith("Sysmon.evtx"):
                    self.assertIn("O_RDONLY", line)
                    self.assertIn("O_NOATIME", line)
                continue
            if not path or "exited" in line:
                continue
            self.assertTrue(path.group(1).startswith(folders) or path.group(1) in ("/dev/null", "/dev/tty"), line)
            written.update(f for f in folders if path.group(1).startswith(f))
        self.assertEqual(written, set(folders))

    def test_events_and_case_open_no_sockets(self):
        self.audit()
        for command in (["events", self.path("evidence", "Sysmon.evtx")], ["case", "info", self.out],
                        ["report", self.out, "--force"]):
            lines = traced([VIGIE, *command], "network,io_uring_setup")
            if lines is None:
                # strace with nothing to tell writes nothing but the exit
                self.skipTest("programs cannot be traced here (strace)")
            self.assertEqual([line for line in lines if re.match(r"\d+ +\w+\(", line)], [], command)


class Evidence(SafetyTest):
    def test_nothing_of_it_changes(self):
        os.mkdir(self.path("evidence", "sub"))
        for name in ("sub/a.txt", "sub/b.zip", "empty"):
            with open(self.path("evidence", name), "wb") as f:
                f.write(b"" if name == "empty" else b"text")
        old = 1_000_000_000
        for top, _, files in os.walk(self.evidence):
            for name in files:
                os.utime(os.path.join(top, name), (old, old + 1000))
        before = fingerprint(self.evidence)
        self.audit()
        self.assertEqual(fingerprint(self.evidence), before)

    def test_hostile_names(self):
        names = ["esc\x1b]0;title\x07.evtx", "\u202excod.exe", "line\nbreak", "=cmd.csv", "@a", "-v", "<script>alert(1)",
                 "a'\"b", b"bad\xff\xfe".decode(errors="surrogateescape")]
        for name in names:
            with open(self.path("evidence", name), "wb") as f:
                f.write(b"ElfFile\0damaged")
        done = self.audit()
        for stream in (done.stdout, done.stderr):
            self.assertNotIn(ESCAPE, stream)
            self.assertNotIn(OVERRIDE, stream)
        for name in os.listdir(self.out):
            if name.endswith((".csv", ".html", ".jsonl")):
                with open(os.path.join(self.out, name), "rb") as f:
                    content = f.read()
                content.decode()  # valid UTF-8
                self.assertNotIn(ESCAPE, content, name)
                if name.endswith(".html"):
                    self.assertNotIn(b"<script>alert", content, name)
                if name.endswith(".csv"):
                    self.assertNotIn(OVERRIDE, content, name)
        with open(os.path.join(self.out, "findings.csv"), newline="", encoding="utf-8") as f:
            for row in csv.reader(f):
                for cell in row:
                    self.assertFalse(cell[:1] in "=+-@\t\r" and cell, cell)

    def test_formula_in_the_first_cell(self):
        shutil.copy(self.path("evidence", "Sysmon.evtx"), self.path("=cmd.evtx"))
        done = subprocess.run([VIGIE, "audit", "=cmd.evtx", "-o", "out", "--no-bundled", "--rules", "rule.yml"], cwd=self.dir,
                              capture_output=True, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 1, done.stderr)
        with open(self.path("out", "evidence.csv"), newline="", encoding="utf-8") as f:
            self.assertEqual([r["path"] for r in csv.DictReader(f)], ["'=cmd.evtx"])

    def test_archives_that_fight_back(self):
        bomb = lzma.compress(bytes(300 << 20), preset=0)
        self.assertLess(len(bomb) * 1100, 300 << 20)
        with open(self.path("evidence", "bomb.xz"), "wb") as f:
            f.write(bomb)
        with zipfile.ZipFile(self.path("evidence", "damaged.zip"), "w") as z:
            with open(self.path("evidence", "Sysmon.evtx"), "rb") as f:
                z.writestr("inside/../../Sysmon.evtx", f.read())
            z.writestr("last.txt", b"x" * 5000)
        with open(self.path("evidence", "damaged.zip"), "r+b") as f:
            f.truncate(os.path.getsize(self.path("evidence", "damaged.zip")) - 3000)
        with tarfile.open(self.path("evidence", "links.tar"), "w") as t:
            for name, kind in (("up", tarfile.SYMTYPE), ("device", tarfile.CHRTYPE), ("pipe", tarfile.FIFOTYPE)):
                info = tarfile.TarInfo(name)
                info.type, info.linkname = kind, "../../../etc/passwd"
                t.addfile(info)
        nested = b"end"
        for depth in range(8):
            box = io.BytesIO()
            with zipfile.ZipFile(box, "w") as z:
                z.writestr(f"level{depth}.zip" if depth else "end.txt", nested)
            nested = box.getvalue()
        with open(self.path("evidence", "nested.zip"), "wb") as f:
            f.write(nested)
        done = self.audit(timeout=120)
        rows = self.rows()
        reasons = "\n".join(r["reason"] for r in rows.values())
        self.assertIn("archive bomb", rows["bomb.xz!"]["reason"])
        states = (rows["Sysmon.evtx"]["state"], rows["damaged.zip!inside/../../Sysmon.evtx"]["state"])
        self.assertEqual(sorted(states), ["duplicate", "read"])
        self.assertTrue(any(p.startswith("damaged.zip!") and r["state"] == "not-read" for p, r in rows.items()), rows.keys())
        self.assertIn("link inside the archive to ../../../etc/passwd", rows["links.tar!up"]["reason"])
        self.assertIn("more than 4 deep", reasons)
        self.assertNotIn(ESCAPE, done.stderr)


class Output(SafetyTest):
    def test_only_its_owner_may_read(self):
        old = os.umask(0)
        self.addCleanup(os.umask, old)
        self.audit()
        self.assertEqual(stat.S_IMODE(os.stat(self.out).st_mode), 0o700)
        for name in os.listdir(self.out):
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.out, name)).st_mode), 0o600, name)

    def test_a_full_disk_leaves_the_old_output_whole(self):
        self.audit()
        before = {}
        for name in os.listdir(self.out):
            with open(os.path.join(self.out, name), "rb") as f:
                before[name] = f.read()
        # A file that may not grow over some KiB is what a full disk looks like to a program.
        for limit in (1 << 10, 16 << 10, 60 << 10):
            done = self.audit("--force", expect=2, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
            self.assertTrue(done.stderr.strip())
            with sqlite3.connect(os.path.join(self.out, "case.vigie")) as db:
                self.assertEqual(db.execute("PRAGMA integrity_check").fetchone(), ("ok",))
            for name, content in before.items():
                with open(os.path.join(self.out, name), "rb") as f:
                    self.assertEqual(hashlib.sha256(f.read()).hexdigest(), hashlib.sha256(content).hexdigest(), (limit, name))

    def test_a_full_file_system(self):
        if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
            self.skipTest("a small file system can only be mounted as root")
        small = self.path("small")
        os.mkdir(small)
        script = ('mount -t tmpfs -o size=$2 tmpfs "$1" || exit 99; shift 2; "$@"; s=$?; ls -A "$0"; exit $s')
        for size in ("40k", "100k", "200k"):
            done = subprocess.run(["unshare", "-m", "sh", "-c", script, os.path.join(small, "out"), small, size,
                                   *self.audit_command(out=os.path.join(small, "out"))],
                                  stdin=subprocess.DEVNULL, capture_output=True)
            if done.returncode == 99:
                self.skipTest("a small file system cannot be mounted here")
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(b"o space left", done.stderr + b"")


class Destroy(SafetyTest):
    def destroy(self, *words, expect=0, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        done = subprocess.run([VIGIE, "case", "destroy", *words], capture_output=True, **options)
        self.assertEqual(done.returncode, expect, done.stderr.decode(errors="replace"))
        return done

    def test_removes_what_the_audit_wrote(self):
        self.audit()
        done = self.destroy("--yes", self.out)
        self.assertFalse(os.path.exists(self.out))
        for word in (b"SSD", b"backups", b"evidence itself"):
            self.assertIn(word, done.stdout)
        self.assertTrue(os.path.exists(self.path("evidence", "Sysmon.evtx")))

    def test_leaves_and_names_the_rest(self):
        self.audit()
        os.mkdir(os.path.join(self.out, "report-2.html"))  # a folder of that name is not ours
        for name in ("notes\x1b[31m.txt", "report-x.html", "case.vigie.bak"):
            with open(os.path.join(self.out, name), "w") as f:
                f.write("mine")
        for name in ("report-3.html", ".report.html.Ab12Cd", "case.vigie-wal"):
            with open(os.path.join(self.out, name), "w") as f:
                f.write("of an audit")
        done = self.destroy("-y", os.path.join(self.out, "case.vigie"))
        self.assertEqual(sorted(os.listdir(self.out)), ["case.vigie.bak", "notes\x1b[31m.txt", "report-2.html", "report-x.html"])
        self.assertIn(b"notes\\x1b[31m.txt", done.stdout)

    def test_asks(self):
        self.audit()
        self.assertIn(b"--yes", self.destroy(self.out, expect=2).stderr)
        for answer, expect in ((b"no\n", 2), (b"y\n", 2), (b"yes\n", 0)):
            main, side = pty.openpty()
            os.write(main, answer)
            self.destroy(self.out, expect=expect, stdin=side)
            os.close(main)
            os.close(side)
            self.assertEqual(os.path.exists(os.path.join(self.out, "case.vigie")), expect == 2)

    def test_refuses_what_is_no_case(self):
        os.mkdir(self.path("other"))
        with open(self.path("other", "report.html"), "w") as f:
            f.write("not ours")
        self.destroy("--yes", self.path("other"), expect=2)
        with sqlite3.connect(self.path("other", "case.vigie")) as db:
            db.execute("CREATE TABLE t(x)")
        db.close()
        self.destroy("--yes", self.path("other"), expect=2)
        self.destroy("--yes", self.path("gone"), expect=2)
        self.destroy("--yes", expect=2)
        self.assertEqual(sorted(os.listdir(self.path("other"))), ["case.vigie", "report.html"])
        self.audit()
        os.remove(self.path("other", "case.vigie"))
        os.symlink(os.path.join(self.out, "case.vigie"), self.path("other", "case.vigie"))
        self.destroy("--yes", self.path("other"), expect=2)
        self.assertTrue(os.path.exists(os.path.join(self.out, "case.vigie")))

    def test_hard_links_keep_their_contents(self):
        self.audit()
        os.link(os.path.join(self.out, "findings.csv"), self.path("kept.csv"))
        done = self.destroy("--yes", self.out)
        self.assertIn(b"hard links", done.stderr)
        with open(self.path("kept.csv"), "rb") as f:
            self.assertIn(b"Any tool", f.read())

    def test_overwrites(self):
        self.audit()
        handle = open(os.path.join(self.out, "findings.csv"), "rb")  # held open, the file outlives its name
        self.destroy("--yes", self.out)
        left = handle.read()
        handle.close()
        self.assertEqual(left, bytes(len(left)))
        self.assertGreater(len(left), 100)

    def test_a_renamed_case_goes_alone(self):
        self.audit()
        os.rename(os.path.join(self.out, "case.vigie"), os.path.join(self.out, "old.vigie"))
        self.destroy("--yes", os.path.join(self.out, "old.vigie"))
        self.assertNotIn("old.vigie", os.listdir(self.out))
        self.assertIn("report.html", os.listdir(self.out))

    def test_not_while_an_audit_writes(self):
        with open(self.path("evidence", "zzz-large"), "wb") as f:
            f.truncate(32 << 30)
        process = subprocess.Popen(self.audit_command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for _ in range(500):
            time.sleep(0.02)
            if os.path.exists(os.path.join(self.out, "case.vigie-journal")):
                break
        else:
            self.fail("the audit has not begun to write")
        process.send_signal(signal.SIGSTOP)
        self.assertIn(b"writing to it", self.destroy("--yes", self.out, expect=2).stderr)
        self.assertTrue(os.path.exists(os.path.join(self.out, "case.vigie")))

    def test_info(self):
        self.audit()
        done = subprocess.run([VIGIE, "case", "info", self.out], capture_output=True, check=True)
        self.assertRegex(done.stdout.decode(), r"(?s)state +complete.*events +2\n.*findings, high +2\n")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
