#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the Sigma cases of sigma/*.yml: a rule, events, the records it must match.

sigma_cases.py [--vigie PROGRAM --evtx-make PROGRAM] [--only TEXT] [FILE…]

Each case is put before the naive evaluator, which takes the events straight from their description, and, when given, before
vigie, which reads them from a log that evtx-make writes: so writer, reader and both evaluators are held against each other.

A file: `defaults` (logsource, event; anything else there is for YAML anchors) and `cases`, each with
  name, detection (one rule, of the default logsource unless logsource is given) or rules (YAML text), more (YAML text put
  after it), correlation (a map, put after both under the id 33333333-…-99); events; expect (records of the one rule, counted
  from 1; or a map from rule id to records, for correlations to lists of records, a list a firing); refused (number of
  documents refused).
An event is its data, or a whole description when it has data, userdata or id. `at: N` is N seconds after a fixed time.
Values may be {repeat, times, then} or {base64, encoding}.
"""
import argparse
import base64
import datetime
import glob
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import uuid

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "naive"))
import events as naive_events  # noqa: E402
import naive  # noqa: E402
from rules import RuleSet  # noqa: E402

START = datetime.datetime(2026, 7, 3, 8, 0, 0)
CORRELATION_ID = "33333333-0000-4000-8000-000000000099"
SPACE = uuid.UUID("6f1f3d3c-5f44-4f0e-9d5a-6f0d5b1f2a10")
DESCRIPTION_KEYS = {"data", "userdata", "id"}


class Loader(yaml.CSafeLoader):
    """Times and fractions stay text, so that they reach rule and event as written."""


Loader.yaml_implicit_resolvers = {k: [(t, r) for t, r in v if t not in (
    "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:float")] for k, v in yaml.CSafeLoader.yaml_implicit_resolvers.items()}


def plain_value(value):
    if isinstance(value, dict) and "repeat" in value:
        return value["repeat"] * value["times"] + value["then"]
    if isinstance(value, dict) and "base64" in value:
        return base64.b64encode(value["base64"].encode(value.get("encoding", "utf-8"))).decode()
    return value


def description_of(event, default, number):
    """A full description of an event, for evtx-make."""
    event = dict(event)
    at = event.pop("at", None)
    when = START + datetime.timedelta(seconds=number if at is None else at)
    if DESCRIPTION_KEYS & event.keys():
        out = dict(default, **event) if "provider" not in event else dict(event)
    else:
        out = dict(default, data=event)
    out.setdefault("time", when.strftime("%Y-%m-%dT%H:%M:%S.0000000Z"))
    out.setdefault("computer", "PC-3.office.example")
    out["record"] = number
    if isinstance(out.get("data"), dict):
        out["data"] = {k: plain_value(v) for k, v in out["data"].items()}
    return out


def text_of(value):
    if isinstance(value, dict):
        value = value["value"]
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def nested_pairs(tree):
    for k, v in tree.items():
        if isinstance(v, dict) and not {"type", "value"} <= v.keys():
            yield from nested_pairs(v)
        elif isinstance(v, list):
            for one in v:
                yield k, text_of(one)
        else:
            yield k, text_of(v)


def pairs_of(d):
    """The pairs that docs/sigma.md gives for the event described."""
    time = d["time"]
    if "." not in time:
        time = time.replace("Z", ".0Z")
    head, fraction = time.rstrip("Z").split(".")
    yield "Provider_Name", d["provider"]
    yield "EventID", str(d["id"])
    yield "Level", str(d.get("level", 4))
    if "keywords" in d or d["provider"] == "Cases":
        k = d.get("keywords", 0x8000000000000000)
        yield "Keywords", "0x%x" % (int(k, 0) if isinstance(k, str) else k)
    yield "TimeCreated_SystemTime", "%s.%sZ" % (head, fraction.ljust(7, "0"))
    yield "EventRecordID", str(d["record"])
    for key, name in (("channel", "Channel"), ("computer", "Computer"), ("user", "Security_UserID"),
                      ("pid", "Execution_ProcessID"), ("tid", "Execution_ThreadID")):
        if key in d:
            yield name, str(d[key])
    if d["provider"] == "Cases":  # what evtx-make writes in an event that it does not know
        yield from (("Version", "0"), ("Task", "0"), ("Opcode", "0"))
        yield from ((n, v) for n, key, v in (("Execution_ProcessID", "pid", "4"), ("Execution_ThreadID", "tid", "8"))
                    if key not in d)
    data = d.get("data")
    if isinstance(data, dict):
        for k, v in data.items():
            for one in v if isinstance(v, list) else [v]:
                yield k, text_of(one)
    elif isinstance(data, list):
        for v in data:
            yield "Data", text_of(v)
    yield from nested_pairs(d.get("userdata") or {})


def rules_text(case, defaults):
    """YAML of the case's rules."""
    if "detection" in case:
        doc = {"title": case["name"][:250], "id": str(uuid.uuid5(SPACE, case["name"])), "status": "test", "level": "low",
               "logsource": case.get("logsource", defaults.get("logsource")), "detection": case["detection"]}
        return yaml.dump(doc, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=1000000)
    text = case.get("rules", "")
    if "more" in case:
        text += case["more"]
    if "correlation" in case:
        doc = {"title": case["name"][:250], "id": CORRELATION_ID, "level": "low", "correlation": case["correlation"]}
        text += yaml.dump(doc, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=1000000)
    return text


def expectation(case):
    """Rule id to sorted records, or for correlations to sorted lists of records."""
    expect = case.get("expect", {})
    if isinstance(expect, list):
        expect = {str(uuid.uuid5(SPACE, case["name"])): expect}
    return {k: sorted(sorted(x) if isinstance(x, list) else x for x in v) for k, v in expect.items() if v}


def run_naive(text, descriptions):
    rules = RuleSet()
    rules.add_text(text, "case.yml")
    rules.finish()
    events = [naive_events.Event(pairs_of(d), "case", n) for n, d in enumerate(descriptions)]
    return len(rules.refused), collect(naive.Evaluator(rules).findings(events))


def collect(findings):
    out = {}
    for rule, _, record, _, window in findings:
        out.setdefault(rule, []).append(sorted(map(int, window)) if window else int(record))
    return {k: sorted(v) for k, v in out.items()}


class Vigie:
    """Puts a case before vigie: evtx-make writes the log, `rules check` tells what is refused, `audit` finds."""
    def __init__(self, vigie, evtx_make, folder):
        self.vigie, self.evtx_make, self.folder, self.count = vigie, evtx_make, folder, 0

    def run(self, text, descriptions):
        self.count += 1
        here = os.path.join(self.folder, str(self.count))
        os.mkdir(here)
        rules, log = os.path.join(here, "rules.yml"), os.path.join(here, "log.evtx")
        with open(rules, "w", encoding="utf-8") as f:
            f.write(text)
        refused = self.refused(rules)
        if not descriptions:
            return refused, {}
        with open(os.path.join(here, "events.yml"), "w", encoding="utf-8") as f:
            yaml.dump({"events": descriptions}, f, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
        subprocess.run([self.evtx_make, "-o", log, os.path.join(here, "events.yml")], check=True)
        done = subprocess.run([self.vigie, "audit", log, "--rules", rules, "--no-bundled", "-o", os.path.join(here, "out")],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode not in (0, 1):
            raise RuntimeError("vigie audit: status %d: %s" % (done.returncode, done.stderr.decode()[-500:]))
        return refused, vigie_findings(os.path.join(here, "out"))

    def refused(self, rules):
        done = subprocess.run([self.vigie, "rules", "check", rules], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False)
        return done.returncode, done.stdout.decode("utf-8", "replace")


def vigie_findings(folder):
    """Records by rule from findings.jsonl; of correlations the records of each window, from the case file."""
    out = {}
    with open(os.path.join(folder, "findings.jsonl"), encoding="utf-8") as f:
        for line in f:
            found = json.loads(line)
            if found["kind"] == "sigma":
                out.setdefault(found["rule"], []).append(int(found["record"]))
    case = sqlite3.connect("file:%s?mode=ro" % os.path.join(folder, "case.vigie"), uri=True)
    windows = {}
    for rule, finding, record in case.execute(
            "SELECT r.id, f.id, e.record FROM finding f JOIN rule r ON r.key = f.rule"
            " JOIN correlation_event c ON c.finding = f.id JOIN event e ON e.id = c.event"):
        windows.setdefault((rule, finding), []).append(record)
    case.close()
    for (rule, _), records in windows.items():
        out.setdefault(rule, []).append(sorted(records))
    return {k: sorted(v) for k, v in out.items()}


def judge(who, case, refused, found):
    wanted = expectation(case)
    n = case.get("refused", 0)
    if isinstance(refused, tuple):  # vigie: exit status and what it said
        status, said = refused
        if status != (1 if n else 0):
            return "%s: rules check: exit status %d, %d refused expected: %s" % (who, status, n, said.strip()[-300:])
    elif refused != n:
        return "%s: %d refused, expected %d" % (who, refused, n)
    if "expect" in case and found != wanted:
        return "%s: found %s, expected %s" % (who, json.dumps(found, sort_keys=True), json.dumps(wanted, sort_keys=True))
    return None


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--vigie")
    ap.add_argument("--evtx-make")
    ap.add_argument("--only", default="")
    ap.add_argument("--keep", help="a folder for what is made, kept")
    ap.add_argument("files", nargs="*", default=sorted(glob.glob(os.path.join(HERE, "sigma", "*.yml"))))
    args = ap.parse_args()
    passed, failed = 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        vigie = Vigie(args.vigie, args.evtx_make, args.keep or scratch) if args.vigie else None
        for path in args.files:
            with open(path, encoding="utf-8") as f:
                doc = yaml.load(f, Loader=Loader)
            defaults = doc.get("defaults", {})
            for case in doc["cases"]:
                if args.only not in case["name"]:
                    continue
                text = rules_text(case, defaults)
                descriptions = [description_of(e, defaults.get("event", {}), n + 1)
                                for n, e in enumerate(case.get("events", []))]
                for who, run in (("naive", run_naive), ("vigie", vigie.run if vigie else None)):
                    if run is None:
                        continue
                    try:
                        wrong = judge(who, case, *run(text, descriptions))
                    except (RuntimeError, OSError, subprocess.CalledProcessError) as e:
                        wrong = "%s: %s" % (who, e)
                    passed, failed = passed + (not wrong), failed + bool(wrong)
                    if wrong:
                        print("%s: %s: %s" % (os.path.basename(path), case["name"], wrong))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
