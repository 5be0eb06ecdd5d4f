#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules made out of real events: values and pieces of values of the samples become rules, which are put before vigie and
the naive evaluator on all the samples. Real values have all the types that logs know, repeated names, long texts.

mutate.py --vigie PROGRAM [--samples DIR] [--reader COMMAND] [--seed N] [--rules N]
"""
import argparse
import collections
import os
import random
import shlex
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "agreement"))
sys.path.insert(0, os.path.join(HERE, "..", "cases"))
import compare  # noqa: E402
import naive  # noqa: E402
from agreement import corpus_folder  # noqa: E402
from differential import dump  # noqa: E402


class Mutator:
    def __init__(self, events, seed):
        self.random, self.events = random.Random(seed), events

    def piece(self, text):
        """A value of a rule that the text may match: the text or a part of it, some characters turned into wildcards."""
        text = text[:300]
        if self.random.random() < 0.6 and len(text) > 2:
            start = self.random.randrange(len(text))
            text = text[start:start + self.random.randint(1, 24)]
        out = []
        for c in text:
            roll = self.random.random()
            if c in "*?":
                out.append("\\" + c)
            elif c == "\\":
                out.append("\\\\")
            elif roll < 0.02:
                out.append("?")
            elif roll < 0.03:
                out.append("*")
            elif roll < 0.04:
                out.append(c + "x")
            elif roll < 0.2:
                out.append(c.swapcase() if len(c.swapcase()) == 1 else c)
            else:
                out.append(c)
        return "".join(out)

    def item(self, event):
        name = self.random.choice(list(event.fields))
        value = self.random.choice(event.fields[name])
        roll = self.random.random()
        if value is None or roll < 0.04:
            return self.random.choice([(name, None), (name + "|exists", True), (name, ["", None]), (name, "")])
        if roll < 0.1 and value.lstrip("-").isdigit() and len(value) < 18:
            return self.random.choice([(name, int(value)), (name + "|gte", int(value)), (name + "|lt", int(value) + 1)])
        if roll < 0.13:
            return name + "|fieldref", self.random.choice(list(event.fields))
        if roll < 0.16 and ("." in value or ":" in value) and len(value) < 40 and value.count(".") == 3:
            return name + "|cidr", value + "/24" if value.replace(".", "").isdigit() else "10.0.0.0/8"
        shape = self.random.choice(["", "|contains", "|contains", "|startswith", "|endswith", "|contains|windash", "|contains|cased"])
        values = [self.piece(value) for _ in range(self.random.randint(1, 3))]
        if len(values) > 1 and self.random.random() < 0.4:
            shape += "|all"
        return name + shape, values if len(values) > 1 else values[0]

    def rule(self, number):
        event = self.random.choice(self.events)
        detection = {"a": dict(self.item(event) for _ in range(self.random.randint(1, 2)))}
        condition = "a"
        if self.random.random() < 0.5:
            other = event if self.random.random() < 0.5 else self.random.choice(self.events)
            detection["b"] = dict([self.item(other)])
            condition = self.random.choice(["a and not b", "a or b", "a and b", "not b and a"])
        if self.random.random() < 0.08:
            text = self.random.choice([v for values in event.fields.values() for v in values if v] or ["x"])
            detection["k"] = [self.piece(text)]
            condition += self.random.choice([" or k", " and not k"])
        return {"title": "rule %d" % number, "id": "00000000-0000-4000-8000-%012d" % number, "logsource": {"product": "windows"},
                "detection": dict(detection, condition=condition)}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--vigie", required=True)
    ap.add_argument("--samples")
    ap.add_argument("--reader")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--rules", type=int, default=300)
    ap.add_argument("--show", type=int, default=10)
    args = ap.parse_args()
    corpus = corpus_folder()
    args.samples = args.samples or os.path.join(corpus, "evtx-attack-samples")
    if not os.path.isdir(args.samples):
        print("skipped: no samples at %s" % args.samples)
        sys.exit(77)
    reader = shlex.split(args.reader or args.vigie + " events --format xml")
    events = list(naive.all_events([], [args.samples], reader))
    docs = [Mutator(events, args.seed * 100000 + n).rule(n) for n in range(args.rules)]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rules.yml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(dump(docs))
        rules = naive.load([path])
        same = compare.copies(args.samples)
        theirs = compare.of_vigie(args, [path], same)
    mine = collections.Counter()
    for key, file, record, _, _ in naive.Evaluator(rules).findings(events):
        mine[(key, same[file], record)] = 1
    theirs = collections.Counter(set(theirs))  # a record id that a file has twice counts once
    wrong = [("vigie alone", k) for k in theirs if k not in mine] + [("naive alone", k) for k in mine if k not in theirs]
    by_rule = collections.Counter(k[0] for _, k in wrong)
    for rule, n in by_rule.most_common(args.show):
        print("%d differences, first %s" % (n, [w for w in wrong if w[1][0] == rule][:2]))
        print(dump([d for d in docs if d["id"] == rule]))
    pairs = len(rules.rules) * len(events)
    print("%d rules (%d refused), %d events, %d matches" % (len(rules.rules), len(rules.refused), len(events), len(mine)))
    print("%d passed, %d failed" % (pairs - len(wrong), len(wrong)))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
