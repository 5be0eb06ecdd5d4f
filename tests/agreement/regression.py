#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rules that come with an EVTX file which they must match at least min_matches times (corpus/sigma-regression).

regression.py --vigie PROGRAM | --naive --reader COMMAND
"""
import argparse
import collections
import csv
import hashlib
import json
import os
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from agreement import HERE, corpus_folder  # noqa: E402


def matches_naive(corpus, rows, reader):
    sys.path.insert(0, os.path.join(HERE, "..", "naive"))
    import events
    import naive
    from rules import RuleSet
    out = collections.Counter()
    for row in rows:
        rules = RuleSet(True)
        rules.add_path(os.path.join(corpus, row["rule_path"]))
        rules.finish()
        read = events.read_evtx(os.path.join(corpus, row["evtx_path"]), shlex.split(reader), row["evtx_path"])
        out[row["rule_id"]] = sum(1 for f in naive.Evaluator(rules).findings(read) if f[0] == row["rule_id"])
    return out


def content_of(corpus, row):
    """A file is known by its content: an audit reads copies once."""
    with open(os.path.join(corpus, row["evtx_path"]), "rb") as f:
        return hashlib.sha256(f.read()).digest()


def matches_vigie(corpus, rows, vigie):
    """One audit of all the files; of each rule the matches in its own file count."""
    own = {(r["rule_id"], content_of(corpus, r)) for r in rows}
    content = {os.path.basename(r["evtx_path"]): content_of(corpus, r) for r in rows}
    rules = sorted({x for r in rows for x in ("--rules=" + os.path.join(corpus, r["rule_path"]),)})
    out = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        target = os.path.join(folder, "out")
        command = [vigie, "audit", "--no-bundled", "-o", target]
        for r in rules:
            command += ["--rules", r.split("=", 1)[1]]
        command += [os.path.join(corpus, p) for p in sorted({r["evtx_path"] for r in rows})]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode not in (0, 1):
            sys.exit("vigie audit: exit status %d: %s" % (done.returncode, done.stderr.decode()[-2000:]))
        with open(os.path.join(target, "findings.jsonl"), encoding="utf-8") as f:
            for line in f:
                found = json.loads(line)
                if (found["rule"], content[os.path.basename(found["file"])]) in own:
                    out[found["rule"]] += 1
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--vigie")
    ap.add_argument("--naive", action="store_true")
    ap.add_argument("--reader", default="vigie events --format xml")
    args = ap.parse_args()
    corpus = corpus_folder()
    if not os.path.isdir(os.path.join(corpus, "sigma-regression")):
        print("skipped: no corpus at %s" % corpus)
        sys.exit(77)
    with open(os.path.join(corpus, "sigma-regression", "regression.tsv"), encoding="utf-8") as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    got = matches_naive(corpus, rows, args.reader) if args.naive else matches_vigie(corpus, rows, args.vigie)
    passed = failed = 0
    for row in rows:
        ok = got[row["rule_id"]] >= int(row["min_matches"])
        passed, failed = passed + ok, failed + (not ok)
        if not ok:
            print("%s: %d matches, at least %s expected in %s" % (
                row["rule_path"], got[row["rule_id"]], row["min_matches"], row["evtx_path"]))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
