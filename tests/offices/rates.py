#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How often rules speak about an office in which nothing happened.

usage: rates.py VIGIE OFFICE_MAKE [RULES_DIR…]

Makes an innocent office of some 100,000 events, audits it with our own rules, and with the rule folders given, and prints findings per 100,000
events by level. Fails when one of our own rules of level high or critical matches."""
import collections
import json
import os
import subprocess
import sys
import tempfile

LEVELS = ("informational", "low", "medium", "high", "critical")


def audit(vigie, office, out, *options):
    done = subprocess.run([vigie, "audit", office, "-o", out, *options], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env={**os.environ, "XDG_DATA_HOME": out})
    if done.returncode not in (0, 1):
        sys.exit(f"vigie audit failed: {done.stderr}")
    with open(os.path.join(out, "findings.jsonl"), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def count_events(out):
    import csv
    with open(os.path.join(out, "evidence.csv"), newline="", encoding="utf-8") as f:
        return sum(int(row["events"] or 0) for row in csv.DictReader(f))


def table(name, findings, events):
    levels = collections.Counter(f["level"] for f in findings)
    cells = " | ".join(f"{levels[l] * 100000 / events:.1f}" for l in LEVELS)
    print(f"| {name} | {cells} | {len(set(f['rule'] for f in findings))} |")


def titles(findings, least):
    counts = collections.Counter((f["level"], f["title"]) for f in findings if LEVELS.index(f["level"]) >= LEVELS.index(least))
    for (level, title), n in sorted(counts.items(), key=lambda c: (-LEVELS.index(c[0][0]), -c[1])):
        print(f"    {n:6} {level:13} {title}")


def main():
    vigie, office_make, others = sys.argv[1], sys.argv[2], sys.argv[3:]
    with tempfile.TemporaryDirectory(prefix="vigie-offices-") as tmp:
        office = os.path.join(tmp, "office")
        subprocess.run([office_make, "innocent", office], check=True, stdout=subprocess.DEVNULL)
        own = audit(vigie, office, os.path.join(tmp, "own"))
        events = count_events(os.path.join(tmp, "own"))
        print(f"{events} events of an innocent office; findings per 100,000 events:\n")
        print("| rules | " + " | ".join(LEVELS) + " | rules that matched |\n|---|" + "---|" * 6)
        table("our own", own, events)
        rest = {}
        for folder in others:
            rest[folder] = audit(vigie, office, os.path.join(tmp, f"other{len(rest)}"), "--no-bundled", "--rules", folder)
            table(os.path.basename(os.path.normpath(folder)), rest[folder], events)
        print("\nour own:")
        titles(own, "low")
        for folder, findings in rest.items():
            print(f"{folder}, high and critical:")
            titles(findings, "high")
        bad = [f for f in own if f["level"] in ("high", "critical")]
        ok = events > 50000 and not bad
        if events <= 50000:
            print(f"only {events} events were made and read: too few to say anything")
        print(f"{int(ok)} passed, {int(not ok)} failed")
        sys.exit(0 if ok else 1)


main()
