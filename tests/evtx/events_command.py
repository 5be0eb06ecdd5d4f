# SPDX-License-Identifier: Apache-2.0
"""`vigie events` as a user meets it: filters, formats, threads, wrong words, outputs that cannot be written.

usage: events_command.py VIGIE EVTX-MAKE
"""
import csv
import io
import json
import os
import pty
import subprocess
import sys
import tempfile
import zipfile

EVENTS = """
log: a.evtx
defaults: {provider: Alpha, channel: One, computer: PC-1}
events:
  - {time: 2026-07-03T08:00:00Z, id: 1, data: {Name: 'Ivan', Cell: '=cmd|x'}}
  - {time: 2026-07-03T09:00:00Z, id: 2, data: {Name: 'IVANA', Text: "a\\u202eb\\u009bc"}}
  - {time: 2026-07-04T10:00:00Z, id: 5, provider: Beta, channel: Two, data: {Name: 'Olga'}}
---
log: b.evtx
defaults: {provider: Alpha, channel: One, computer: PC-2}
events:
  - {time: 2026-07-05T08:00:00Z, id: 7, data: {Name: 'Ivan'}}
"""


class Tests:
    def __init__(self, vigie, folder):
        self.vigie, self.folder, self.passed, self.failed = vigie, folder, 0, 0

    def run(self, *words, **more):
        return subprocess.run([self.vigie, "events", *words], capture_output=True, cwd=self.folder, timeout=60, **more)

    def ids(self, *words):
        lines = self.run(*words).stdout.decode().splitlines()
        return [json.loads(line)["Event"]["System"]["EventID"] for line in lines]

    def expect(self, what, got, wanted):
        ok = got == wanted
        self.passed += ok
        self.failed += not ok
        if not ok:
            print(f"{what}: got {got!r}, expected {wanted!r}")


def filters(t):
    for words, wanted in (
            ([], [1, 2, 5]), (["--id", "2,5-9"], [2, 5]), (["--since", "2026-07-03T09:00:00Z"], [2, 5]),
            (["--until", "2026-07-03T09:00:00Z"], [1]), (["--channel", "two"], [5]), (["--provider", "b*"], [5]),
            (["--where", "Name=ivan"], [1]), (["--where", "name=IVAN*"], [1, 2]),
            (["--where", "Name=*a", "--where", "Provider_Name=beta"], [5]), (["--where", "Absent=*"], [])):
        t.expect(f"filter {words}", t.ids("a.evtx", *words), wanted)


def inputs(t):
    t.expect("folder", t.ids("."), [1, 2, 5, 7, 1, 2, 5])
    t.expect("archive", t.ids("z.zip"), [1, 2, 5])
    t.expect("threads", t.run(".", "--jobs", "3").stdout, t.run(".").stdout)
    t.expect("one bad name among good ones", t.run("a.evtx", "absent.evtx").returncode, 0)


def trouble(t):
    for words in (["absent.evtx"], ["note.txt"], [], ["a.evtx", "--format", "yaml"], ["a.evtx", "--id", "x"],
                  ["a.evtx", "--where", "Name"], ["a.evtx", "--since", "yesterday"], ["a.evtx", "--jobs", "0"],
                  ["a.evtx", "--no-such-option"], ["a.evtx", "--since", "2026-07-04", "--until", "2026-07-03"]):
        run = t.run(*words)
        t.expect(f"status of {words}", run.returncode, 2)
        t.expect(f"a message for {words}", run.stderr.startswith(b"vigie events: "), True)
    t.expect("help", t.run("--help").returncode, 0)
    with open("/dev/full", "wb") as full:
        run = subprocess.run([t.vigie, "events", "a.evtx"], stdout=full, stderr=subprocess.PIPE, cwd=t.folder, check=False)
    t.expect("full disk", (run.returncode, b"No space" in run.stderr), (2, True))
    reader, writer = os.pipe()
    os.close(reader)
    run = subprocess.run([t.vigie, "events", "a.evtx"], stdout=writer, stderr=subprocess.PIPE, cwd=t.folder, check=False)
    os.close(writer)
    t.expect("closed pipe", run.returncode, 2)


def formats(t):
    rows = list(csv.reader(io.StringIO(t.run("a.evtx", "--format", "csv").stdout.decode(), newline="")))
    t.expect("columns", ",".join(rows[0]), "time,event_id,level,provider,channel,computer,record,file,offset,data")
    t.expect("row", rows[1][:6] + rows[1][7:8], ["2026-07-03T08:00:00.0000000Z", "1", rows[1][2], "Alpha", "One", "PC-1", "a.evtx"])
    t.expect("data", rows[1][9], "Name=Ivan; Cell==cmd|x")
    xml = t.run("a.evtx", "--format", "xml").stdout.decode().splitlines()
    t.expect("a line an event", [x[:6] + x[-8:] for x in xml], ["<Event</Event>"] * 3)


def terminal(t):
    """On a terminal what would change the picture is escaped, and the JSON is the same."""
    leader, follower = pty.openpty()
    subprocess.run([t.vigie, "events", "a.evtx", "--id", "2"], stdout=follower, stderr=subprocess.DEVNULL, cwd=t.folder, check=True)
    os.close(follower)
    shown = os.read(leader, 65536)
    os.close(leader)
    t.expect("escapes", b"\\u202e" in shown and b"\\u009b" in shown and b"\xe2\x80\xae" not in shown, True)
    t.expect("same value", json.loads(shown)["Event"]["EventData"]["Text"], "a\u202eb\u009bc")


def main():
    vigie, maker = (os.path.abspath(p) for p in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([maker, "-d", folder, "-"], input=EVENTS.encode(), check=True)
        with zipfile.ZipFile(os.path.join(folder, "z.zip"), "w") as z:
            z.write(os.path.join(folder, "a.evtx"), "logs/a.evtx")
        with open(os.path.join(folder, "note.txt"), "w") as f:
            f.write("not a log\n")
        t = Tests(vigie, folder)
        for part in (filters, inputs, trouble, formats, terminal):
            part(t)
    print(f"{t.passed} passed, {t.failed} failed")
    return 1 if t.failed else 0


if __name__ == "__main__":
    sys.exit(main())
