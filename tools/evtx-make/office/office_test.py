#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What office-make writes is sound EVTX, the same each time, and full of the kinds of events it promises.

usage: office_test.py OFFICE-MAKE
"""
import filecmp
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import evtx_verify  # noqa: E402

# Provider and id of events that an innocent office must have, among many.
WANTED = [("Microsoft-Windows-Sysmon", n) for n in (1, 3, 5, 7, 11, 13, 15, 22)] + \
    [("Microsoft-Windows-Security-Auditing", n) for n in (4624, 4625, 4634, 4672, 4688, 4769, 5140)] + \
    [("Service Control Manager", n) for n in (7036, 7040, 7045)] + \
    [("Microsoft-Windows-TaskScheduler", 201), ("Microsoft-Windows-PowerShell", 4104), ("PowerShell", 400),
     ("Microsoft-Windows-WindowsUpdateClient", 19), ("Microsoft-Windows-Windows Defender", 2000), ("EventLog", 6005),
     ("Microsoft-Windows-TerminalServices-LocalSessionManager", 21), ("MsiInstaller", 1033), ("Microsoft-Windows-Backup", 4)]


HARD_KINDS = {("Sysmon", 1), ("Sysmon", 3), ("Sysmon", 12), ("Sysmon", 13), ("Auditing", 4688), ("Auditing", 4657), ("Auditing", 5156),
              ("PowerShell", 4104)}


def logs(folder):
    return sorted(os.path.join(at, n) for at, _, names in os.walk(folder) for n in names)


def hard_faults(program, folder):
    """The hardest mix: the same from the same seed, another from another; no two chunks alike; its kinds of events and nothing else."""
    out, again, other = (os.path.join(folder, "hard%d.evtx" % n) for n in (1, 2, 3))
    for path, seed in ((out, "1"), (again, "1"), (other, "2")):
        subprocess.run([program, "hard", path, "--mib", "2", "--seed", seed], check=True)
    faults = []
    if not filecmp.cmp(out, again, shallow=False) or filecmp.cmp(out, other, shallow=False):
        faults.append("hard: the seed does not decide")
    kinds, values = {}, {}
    for _, _, pairs in evtx_verify.read(out):
        fields = dict(pairs)
        kind = (fields["Provider_Name"].rsplit("-", 1)[1], int(fields["EventID"]))
        kinds[kind] = kinds.get(kind, 0) + 1
        for name in ("CommandLine", "ScriptBlockText", "TargetObject", "DestinationIp"):
            if name in fields:
                values.setdefault(name, []).append(fields[name])
    if unwanted := set(kinds) - HARD_KINDS:
        faults.append("hard: %s" % sorted(unwanted))
    faults += ["hard: no %s %d" % k for k in HARD_KINDS if k not in kinds]
    for text in values.get("ScriptBlockText", []):
        if not 2048 <= len(text.encode()) <= 20480:
            faults.append("hard: a script block of %d bytes" % len(text.encode()))
    for name, all_of in values.items():
        if len(set(all_of)) < 0.6 * len(all_of):
            faults.append("hard: %d different %s of %d" % (len(set(all_of)), name, len(all_of)))
    return faults


def main():
    program, faults, seen, count = sys.argv[1], [], {}, 0
    with tempfile.TemporaryDirectory() as folder:
        one, two, other = (os.path.join(folder, n) for n in ("one", "two", "other"))
        for out in (one, two):
            subprocess.run([program, "innocent", out, "--events", "14000"], check=True, stderr=subprocess.DEVNULL)
        subprocess.run([program, "innocent", other, "--events", "3000", "--seed", "2"], check=True, stderr=subprocess.DEVNULL)
        for mib, kind in (("3", "grow"), ("2", "hard")):
            out = os.path.join(folder, kind + ".evtx")
            subprocess.run([program, kind, out, "--mib", mib], check=True)
            if os.path.getsize(out) != 4096 + (int(mib) << 20):
                faults.append("%s: %d bytes" % (kind, os.path.getsize(out)))
        faults += hard_faults(program, folder)
        for a, b in zip(logs(one), logs(two)):
            if not filecmp.cmp(a, b, shallow=False):
                faults.append("%s is not the same the second time" % os.path.relpath(a, one))
        for path in logs(folder):
            before = ""
            try:
                for number, _, pairs in evtx_verify.read(path):
                    fields = dict(pairs)
                    count += 1
                    key = (fields["Provider_Name"], int(fields["EventID"]))
                    seen[key] = seen.get(key, 0) + 1
                    if not path.endswith(("grow.evtx", "hard.evtx", "hard1.evtx", "hard2.evtx", "hard3.evtx")) and fields["TimeCreated_SystemTime"] < before:
                        faults.append("%s: record %d goes back in time" % (path, number))
                    before = fields["TimeCreated_SystemTime"]
            except evtx_verify.Bad as e:
                faults.append("%s: %s" % (path, e))
    faults += ["no event %s %d" % w for w in WANTED if w not in seen]
    for line in faults[:30]:
        print(line)
    print("%d events of %d kinds checked, %d faults" % (count, len(seen), len(faults)))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
