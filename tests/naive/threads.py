#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The findings of logs that the project makes itself: the same on one thread and on several, and those of the naive evaluator.

threads.py --vigie PROGRAM --office-make PROGRAM [--rules N]

Logs: the hardest mix, and the many small logs of an innocent office. Rules: our own ten times (bench/rules_grow.py), and rules made out of
values of these events, so that there is much to find.
"""
import argparse
import collections
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path.insert(0, HERE)
import compare  # noqa: E402
import naive  # noqa: E402
from differential import dump  # noqa: E402
from mutate import Mutator  # noqa: E402


def make_logs(office_make, folder):
    os.makedirs(folder)
    subprocess.run([office_make, "hard", os.path.join(folder, "hard.evtx"), "--mib", "1"], check=True)
    subprocess.run([office_make, "innocent", os.path.join(folder, "office"), "--events", "1000"], check=True, stderr=subprocess.DEVNULL)


def make_rules(folder, events, count):
    grow = os.path.join(ROOT, "bench", "rules_grow.py")
    subprocess.run([sys.executable, grow, folder, "--copies", "10", os.path.join(ROOT, "knowledge", "rules")], check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(folder, "of-values.yml"), "w", encoding="utf-8") as f:
        f.write(dump([Mutator(events, n).rule(n) for n in range(count)]))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--vigie", required=True)
    ap.add_argument("--office-make", required=True)
    ap.add_argument("--rules", type=int, default=40)
    args = ap.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        args.samples, rules = os.path.join(folder, "logs"), os.path.join(folder, "rules")
        make_logs(args.office_make, args.samples)
        events = list(naive.all_events([], [args.samples], [args.vigie, "events", "--format", "xml"]))
        make_rules(rules, events, args.rules)
        same = compare.copies(args.samples)
        theirs = compare.of_vigie(args, [rules], same)
        mine = collections.Counter()
        for key, file, record, _, _ in naive.Evaluator(naive.load([rules])).findings(events):
            mine[(key, same[file], record)] += 1
    wrong = [("vigie alone", k, n) for k, n in (theirs - mine).items()] + [("naive alone", k, n) for k, n in (mine - theirs).items()]
    for who, key, n in sorted(wrong)[:20]:
        print("%s: %s %s record %s (%d)" % ((who,) + key + (n,)))
    print("%d events, %d findings of vigie, %d of the naive evaluator" % (len(events), sum(theirs.values()), sum(mine.values())))
    if sum(mine.values()) < 500:
        wrong.append("too few findings to compare")
        print("too few findings to compare")
    print("%d passed, %d failed" % (sum((theirs & mine).values()), len(wrong)))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
