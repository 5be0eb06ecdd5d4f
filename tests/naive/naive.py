#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second Sigma evaluator, simple and slow: one rule after another on one event after another. It shares no code with
vigie and reads the same page (docs/sigma.md), so that each shows the other's mistakes.

naive.py --rules DIR… (--events FILE… | --evtx FILE|DIR… [--reader 'COMMAND'])

Prints a line a finding: rule id, file, record id, kind (sigma, correlation; of these the record is that of the window's first
event, and a fifth column lists all events of the window as record ids). --refused prints what was
not loaded and why, to standard error.
"""
import argparse
import os
import shlex
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import correlate  # noqa: E402
import events as events_module  # noqa: E402
from rules import RuleSet  # noqa: E402


class Evaluator:
    def __init__(self, rules):
        self.rules = rules
        self.by_kind = {}     # (channel, event id): list of (rule, source)
        self.matches_of = {}  # base rules of correlations: their matches
        bases = {b for c in rules.correlations for b in c.bases}
        self.bases = bases

    def candidates(self, event):
        kind = (event.channel, event.id)
        got = self.by_kind.get(kind)
        if got is None:
            got = self.by_kind[kind] = [(r, s) for r in self.rules.rules for s in (r.sources or ())
                                        if s.admits_kind(*kind)]
        return got

    def match(self, event):
        """Rules that match the event, each once, silent ones too; keeps what correlations need."""
        views, out, done = {}, [], set()
        for rule, source in self.candidates(event):
            if rule in done or not source.admits(event):
                continue
            view = views.get(source.stand_in)
            if view is None:
                view = views[source.stand_in] = source.view(event)
            if rule.holds(view):
                done.add(rule)
                out.append(rule)
                if rule in self.bases:
                    self.matches_of.setdefault(rule, []).append(
                        correlate.Match(correlate.ticks(event.time), event.order, view, [event]))
        return out

    def findings(self, events):
        """(key of rule, file, record, kind, records of the window or None)"""
        for event in events:
            for rule in self.match(event):
                if not rule.silent:
                    yield rule.key(), event.file, event.record, "sigma", None
        for c, m in correlate.run(self.rules.correlations, self.matches_of):
            if not c.silent:
                at = min(m.events, key=lambda e: (correlate.ticks(e.time), e.order))
                yield c.key(), at.file, at.record, "correlation", [e.record for e in m.events]


def evtx_files(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
            continue
        for folder, _, names in sorted(os.walk(path)):
            for n in sorted(names):
                if n.lower().endswith(".evtx"):
                    yield os.path.join(folder, n)


def all_events(files, evtx, reader):
    order = 0
    for path in files:
        with open(path, encoding="utf-8", errors="replace") as f:
            for e in events_module.read_text(f.read(), path, order):
                order += 1
                yield e
    for path in evtx_files(evtx):
        for e in events_module.read_evtx(path, reader, path, order):
            order += 1
            yield e


def load(paths, with_deprecated=False):
    rules = RuleSet(with_deprecated)
    for p in paths:
        rules.add_path(p)
    return rules.finish()


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--rules", action="append", default=[], required=True)
    ap.add_argument("--events", nargs="*", default=[], help="files of XML or JSON lines")
    ap.add_argument("--evtx", nargs="*", default=[], help="EVTX files or folders, read through --reader")
    ap.add_argument("--reader", default="vigie events --format xml")
    ap.add_argument("--with-deprecated", action="store_true")
    ap.add_argument("--refused", action="store_true")
    args = ap.parse_args()
    rules = load(args.rules, args.with_deprecated)
    if args.refused:
        for file, line, title, reason in rules.refused:
            print("%s:%d: %s: %s" % (file, line, title, reason), file=sys.stderr)
    count = 0
    for key, file, record, kind, window in Evaluator(rules).findings(
            all_events(args.events, args.evtx, shlex.split(args.reader))):
        count += 1
        print("\t".join([key, file, record, kind] + ([",".join(window)] if window else [])))
    print("%d rules, %d correlations, %d filters, %d refused, %d not applicable, %d findings" % (
        len(rules.rules), len(rules.correlations), len(rules.filters), len(rules.refused),
        sum(1 for r in rules.rules if r.sources is None), count), file=sys.stderr)


if __name__ == "__main__":
    main()
