#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds findings against what two other engines find on the same files (corpus/sigma-agreement).

agreement.py --vigie PROGRAM            runs `vigie audit` on the samples with all rules
agreement.py --naive --reader COMMAND   runs the naive evaluator
agreement.py --findings FILE            takes a findings.jsonl, or the naive evaluator's lines

Each row is a test. causes.tsv says, by rule, which rows that not both engines found are right by the specification and why,
and which rows are found by neither (but_right: records that are right all the same); docs/agreement.md explains the causes. --table prints the sums by cause.
"""
import argparse
import collections
import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = "evtx-attack-samples"


def corpus_folder():
    given = os.environ.get("VIGIE_CORPUS")
    return given or os.path.normpath(os.path.join(HERE, "..", "..", "..", "shared", "corpus"))


def rule_folders(corpus):
    return sorted(e.path for e in os.scandir(os.path.join(corpus, "sigma")) if e.is_dir() and e.name.startswith("rules"))


def short(path):
    """The path from the samples' folder on, however the program was given it."""
    at = path.find(SAMPLES + "/")
    return path[at:] if at >= 0 else path


def copies(folder):
    """Path (from the samples' folder on) to the paths of files with the same content, itself among them."""
    by_hash = {}
    for where, _, names in os.walk(folder):
        for n in names:
            path = os.path.join(where, n)
            with open(path, "rb") as f:
                by_hash.setdefault(hashlib.sha256(f.read()).digest(), []).append(short(path))
    return {p: paths for paths in by_hash.values() for p in paths}


def with_copies(found, same):
    """An audit reads a file once, however often it is given: what it finds stands for each copy."""
    out = collections.Counter(found)
    for (rule, file, record), n in found.items():
        for other in same.get(file, ()):
            out.setdefault((rule, other, record), n)
    return out


def read_findings(lines):
    out = collections.Counter()
    for line in lines:
        if not line.strip():
            continue
        if line.startswith("{"):
            f = json.loads(line)
            if f["kind"] == "sigma":
                out[(f["rule"], short(f["file"]), str(f["record"]))] += 1
        else:
            rule, file, record, kind = line.rstrip("\n").split("\t")[:4]
            if kind == "sigma":
                out[(rule, short(file), record)] += 1
    return out


def findings_of(args, corpus):
    if args.findings:
        with open(args.findings, encoding="utf-8") as f:
            return read_findings(f)
    rules = [x for r in rule_folders(corpus) for x in ("--rules", r)]
    samples = os.path.join(corpus, SAMPLES)
    if args.naive:
        naive = os.path.join(HERE, "..", "naive", "naive.py")
        done = subprocess.run([sys.executable, naive] + rules + ["--evtx", samples, "--reader", args.reader],
                              stdout=subprocess.PIPE, check=True)
        return read_findings(done.stdout.decode().splitlines())
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        done = subprocess.run([args.vigie, "audit", samples, "--no-bundled", "-o", out] + rules,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode not in (0, 1):
            sys.exit("vigie audit: exit status %d: %s" % (done.returncode, done.stderr.decode()[-2000:]))
        with open(os.path.join(out, "findings.jsonl"), encoding="utf-8") as f:
            return read_findings(f)


def rows_of(corpus):
    with open(os.path.join(corpus, "sigma-agreement", "agreement.tsv"), encoding="utf-8") as f:
        return {(r["rule_id"], r["evtx_path"], r["event_record_id"]): r["found_by"] for r in csv.DictReader(f, delimiter="\t")}


def causes():
    with open(os.path.join(HERE, "causes.tsv"), encoding="utf-8") as f:
        return {(r["rule_id"], r["found_by"]): r for r in csv.DictReader(f, delimiter="\t")}


def print_table(rows, judged):
    sums = collections.OrderedDict()
    for (rule, found_by), c in judged.items():
        key = (found_by, c["cause"], c["verdict"])
        n, rules = sums.get(key, (0, 0))
        sums[key] = (n + int(c["rows"]), rules + 1)
    both = sum(1 for v in rows.values() if v == "both")
    print("%-10s %5d rows" % ("both", both))
    for (found_by, cause, verdict), (n, rules) in sums.items():
        print("%-10s %5d rows %3d rules  %-6s %s" % (found_by, n, rules, verdict, cause))


def check(found, rows, judged):
    """Yields (passed, what)."""
    for row, found_by in sorted(rows.items()):
        c = judged.get((row[0], found_by))
        if c is None and found_by != "both":
            yield False, "not judged: %s %s" % (row, found_by)
            continue
        wanted = c is None or c["verdict"] == "right" or row[2] in c["but_right"].split(",")
        if wanted != (row in found):
            yield False, "%s: %s (found by %s)" % ("missed" if wanted else "should not be found", row, found_by)
        else:
            yield True, ""
    more = collections.Counter(row[0] for row in found if row not in rows)
    for (rule, found_by), c in judged.items():
        if found_by == "neither":
            got = more.pop(rule, 0)
            yield got == int(c["rows"]), "%s: %d rows that neither found, expected %s" % (rule, got, c["rows"])
    for rule, n in sorted(more.items()):
        yield False, "%s: %d rows that neither found and that are not judged" % (rule, n)
    twice = [row for row, n in found.items() if n > 1]
    yield not twice, "found twice: %s" % twice[:5]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--vigie")
    ap.add_argument("--naive", action="store_true")
    ap.add_argument("--reader", default="vigie events --format xml")
    ap.add_argument("--findings")
    ap.add_argument("--table", action="store_true")
    args = ap.parse_args()
    corpus = corpus_folder()
    if not os.path.isdir(os.path.join(corpus, "sigma-agreement")):
        print("skipped: no corpus at %s" % corpus)
        sys.exit(77)
    rows, judged = rows_of(corpus), causes()
    if args.table:
        print_table(rows, judged)
        return
    passed = failed = 0
    found = with_copies(findings_of(args, corpus), copies(os.path.join(corpus, SAMPLES)))
    for ok, what in check(found, rows, judged):
        passed, failed = passed + ok, failed + (not ok)
        if not ok:
            print(what)
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
