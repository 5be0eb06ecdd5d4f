#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds each of our own rules against the events of its test.

run.py --vigie PROGRAM --evtx-make PROGRAM [NAME…]

For each test (tests/rules/NAME.yml; see knowledge/rules/README.md) the events under "match" are written as EVTX and read back by
"vigie rules test": a rule must match each of them, a correlation the list as a whole. Of the events under "no_match" a rule
must match none, and a correlation must not fire. A rule is tested alone, a correlation with the rules that it counts.
Prints "ok" and "not ok" lines; exit status 1 when something fails."""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import yaml

import rulefiles


def write(path, documents):
    with open(path, "w", encoding="utf-8") as f:
        yaml.safe_dump_all(documents, f, allow_unicode=True, sort_keys=False, width=1000)


def make_log(args, folder, events):
    description, log = os.path.join(folder, "events.yml"), os.path.join(folder, "events.evtx")
    write(description, [{"events": events}])
    done = subprocess.run([args.evtx_make, "-o", log, description], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"evtx-make: {done.stderr.strip()}")
    return log


def matched_records(args, rule_file, rule, log):
    """Exit status, and the record numbers that the rule matches (for a correlation, those of the windows in which it fires)."""
    done = subprocess.run([args.vigie, "rules", "test", "--json", rule_file, log], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"vigie: exit status {done.returncode}: {done.stderr.strip()}")
    records = []
    for line in done.stdout.splitlines():
        found = json.loads(line)
        if found.get("rule") == rule.id and found.get("matches"):
            records += [e["record"] for e in found["events"]] if "events" in found else [found["record"]]
    return done.returncode, records


def problem(args, rule, rules, test, which, folder):
    """None, or what is wrong."""
    events = rulefiles.events(test, which)
    if not events:
        return f"no event under {which}"
    rule_file = os.path.join(folder, "rule.yml")
    write(rule_file, [r.document for r in rulefiles.with_base(rule, rules)])
    status, records = matched_records(args, rule_file, rule, make_log(args, folder, events))
    if which == "no_match":
        return f"matches record {records[0]}" if records else None
    if status != 0 or not records:
        return "does not match"
    if not rule.correlation:
        missing = sorted(set(range(1, len(events) + 1)) - set(records))
        if missing:
            return f"does not match event {missing[0]} of {len(events)}"
    return None


def main():
    options = argparse.ArgumentParser(description="Holds our own rules against the events of their tests.")
    options.add_argument("--vigie", default="build/vigie")
    options.add_argument("--evtx-make", default="build/tools/evtx-make/evtx-make")
    options.add_argument("names", nargs="*", help="names of test files, without .yml; default: all")
    args = options.parse_args()
    rules = rulefiles.load_rules()
    by_id = {rule.id: rule for rule in rules}
    passed = failed = 0
    for name, test in rulefiles.load_tests():
        if args.names and os.path.splitext(name)[0] not in args.names:
            continue
        rule = by_id.get(str(test.get("rule")))
        for which in ("match", "no_match"):
            with tempfile.TemporaryDirectory(prefix="vigie-rules-") as folder:
                try:
                    wrong = problem(args, rule, rules, test, which, folder) if rule else "no rule has this id"
                except RuntimeError as e:
                    wrong = str(e)
            title = rule.document["title"] if rule else test.get("rule")
            if wrong:
                failed += 1
                print(f"not ok - {name} {which}: {title}: {wrong}")
            else:
                passed += 1
                print(f"ok - {name} {which}: {title}")
    if not passed and not failed:
        sys.exit("no such test")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
