#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Finding by finding: vigie's audit of the samples with all rules, on one thread and on several, against the naive evaluator on the same events.

compare.py --vigie PROGRAM [--samples DIR] [--rules DIR]… [--reader COMMAND] [--show N]

The naive evaluator reads the events through --reader (by default the same program's `events --format xml`; evtx_dump, which
shares no code with it, does as well: 'evtx_dump -t 1 -o xml').
"""
import argparse
import collections
import hashlib
import json
import os
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "agreement"))
import naive  # noqa: E402
from agreement import corpus_folder, rule_folders  # noqa: E402


def copies(folder):
    """Path to content: an audit reads a file once, however often it is given."""
    out = {}
    for where, _, names in os.walk(folder):
        for n in names:
            path = os.path.join(where, n)
            with open(path, "rb") as f:
                out[path] = hashlib.sha256(f.read()).digest()
    first = {}
    for path in sorted(out):
        first.setdefault(out[path], os.path.relpath(path, folder))
    return {path: first[content] for path, content in out.items()}


JOBS = ("1", "2", "4")


def audit(args, rule_dirs, jobs):
    """The bytes of the findings."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        # A cache of its own, so that the first audit compiles the rules and the others take what it left.
        env = dict(os.environ, XDG_CACHE_HOME=os.path.join(args.cache, "cache"))
        command = [args.vigie, "audit", args.samples, "--no-bundled", "--jobs", jobs, "-o", out]
        for r in rule_dirs:
            command += ["--rules", r]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, env=env)
        if done.returncode not in (0, 1):
            sys.exit("vigie audit: exit status %d: %s" % (done.returncode, done.stderr.decode()[-2000:]))
        with open(os.path.join(out, "findings.jsonl"), "rb") as f:
            return f.read()


def of_vigie(args, rule_dirs, same):
    """Findings, which must be the same, byte for byte, with any number of threads and with rules out of the cache."""
    with tempfile.TemporaryDirectory() as args.cache:
        first, *others = [audit(args, rule_dirs, jobs) for jobs in JOBS]
    for jobs, text in zip(JOBS[1:], others):
        if text != first:
            a, b = first.splitlines(), text.splitlines()
            different = next((pair for pair in zip(a, b) if pair[0] != pair[1]), (len(a), len(b)))
            sys.exit("0 passed, 1 failed: --jobs %s and --jobs %s differ: %s" % (JOBS[0], jobs, different))
    found = collections.Counter()
    for line in first.splitlines():
        one = json.loads(line)
        if one["kind"] in ("sigma", "correlation"):
            found[(one["rule"], same[one["file"]], str(one["record"]))] += 1
    return found


def of_naive(args, rule_dirs, same):
    rules = naive.load(rule_dirs)
    found = collections.Counter()
    events = naive.all_events([], [args.samples], shlex.split(args.reader or args.vigie + " events --format xml"))
    for key, file, record, _, _ in naive.Evaluator(rules).findings(events):
        found[(key, same[file], record)] = 1
    return found


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--vigie", required=True)
    ap.add_argument("--samples")
    ap.add_argument("--rules", action="append")
    ap.add_argument("--reader")
    ap.add_argument("--show", type=int, default=40)
    args = ap.parse_args()
    corpus = corpus_folder()
    if not os.path.isdir(os.path.join(corpus, "sigma")):
        print("skipped: no corpus at %s" % corpus)
        sys.exit(77)
    args.samples = args.samples or os.path.join(corpus, "evtx-attack-samples")
    rule_dirs = args.rules or rule_folders(corpus)
    same = copies(args.samples)
    theirs, mine = of_vigie(args, rule_dirs, same), of_naive(args, rule_dirs, same)
    wrong = [("vigie alone", k, n - mine[k]) for k, n in theirs.items() if n > mine[k]]
    wrong += [("naive alone", k, n - theirs[k]) for k, n in mine.items() if n > theirs[k]]
    for who, key, n in sorted(wrong)[:args.show]:
        print("%s: %s %s record %s (%d)" % ((who,) + key + (n,)))
    agree = sum((theirs & mine).values())
    print("%d findings of vigie, %d of the naive evaluator" % (sum(theirs.values()), sum(mine.values())))
    print("%d passed, %d failed" % (agree, len(wrong)))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
