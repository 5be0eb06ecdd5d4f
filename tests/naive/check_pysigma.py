#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the naive evaluator against pySigma's SQLite backend, rule by rule and event by event.

check_pysigma.py [--reader COMMAND] [--doc]     (with the Python of tests/peers/setup.sh)

Each rule's detection is converted to SQL and run on a table of the corpus's events, and evaluated naively on the same
events: those that its logsource admits, and every 16th of all, whatever its product. The logsource itself is not compared
(it is in agreement.py). Columns hold the first value of a name. A difference must have a cause that causes_of() names;
one without is a failure.
"""
import argparse
import collections
import os
import re
import shlex
import sqlite3
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "agreement"))
import naive  # noqa: E402
import rules as naive_rules  # noqa: E402
import values  # noqa: E402
from agreement import corpus_folder, rule_folders  # noqa: E402


def fields_of(detection):
    """Names that a detection speaks of."""
    out = set()
    for selection in detection.selections.values():
        for group in selection.groups:
            for item in group:
                if item.name is not None:
                    out.add(item.name)
                for tests in item.values:
                    out.update(t.other for t in tests if isinstance(t, values.FieldRef))
    return out


def table_of(events, names):
    """An in-memory table with a column for each name that occurs. Returns it and name to column."""
    used = sorted(n for n in names if any(n in e.fields for e in events))
    columns = {n: "c%d" % i for i, n in enumerate(used)}
    db = sqlite3.connect(":memory:")
    db.create_function("REGEXP", 2, lambda pattern, value: value is not None and re.search(pattern, str(value)) is not None)
    db.execute("CREATE TABLE logs (n INTEGER PRIMARY KEY, absent TEXT COLLATE NOCASE%s)" % "".join(
        ", %s TEXT COLLATE NOCASE" % c for c in columns.values()))
    db.executemany("INSERT INTO logs VALUES (?, NULL%s)" % (", ?" * len(used)),
                   ([n] + [e.first(name) for name in used] for n, e in enumerate(events)))
    return db, columns


def sql_of(path, columns, backend_class):
    """The rule's query, or the reason why there is none."""
    from sigma.collection import SigmaCollection
    from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
    from sigma.processing.transformations import FieldMappingTransformation
    with open(path, encoding="utf-8") as f:
        collection = SigmaCollection.from_yaml(f.read())
    detection = naive_rules.RuleSet(True)
    detection.add_path(path)
    names = {n for r in detection.rules for n in fields_of(r.detection)}
    mapping = {n: columns.get(n, "absent") for n in names}
    backend = backend_class(ProcessingPipeline(items=[ProcessingItem(FieldMappingTransformation(mapping))]))
    queries = backend.convert(collection)
    return [q.replace("<TABLE_NAME>", "logs").replace("SELECT *", "SELECT n", 1) for q in queries]


def causes_of(rule, event, sql_holds):
    """Why the two may differ on this event, the first that applies; None: no reason known."""
    names = fields_of(rule.detection)
    texts = [v for n in names for v in event.fields.get(n, ()) if v is not None]
    tests = [t for s in rule.detection.selections.values() for g in s.groups for i in g for v in i.values for t in v]
    if any(len(event.fields.get(n, ())) > 1 for n in names):
        return "a name that occurs several times: the table holds the first value"
    if any(isinstance(t, values.Empty) for t in tests) and any(
            None in event.fields.get(n, ()) for n in names):
        return "'' on a null: SQL's = is never true on NULL"
    if any(isinstance(t, values.Integer) for t in tests) and any(t.lower().startswith("0x") for t in texts):
        return "a plain integer against a hexadecimal text"
    if any(not t.isascii() for t in texts):
        return "SQLite folds the case of ASCII only"
    if any(isinstance(t, values.FieldRef) for t in tests):
        return "fieldref: SQL's = on two columns"
    return None


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--reader", default="vigie events --format xml")
    ap.add_argument("--limit", type=int, default=0, help="only so many rules, for a quick look")
    args = ap.parse_args()
    corpus = corpus_folder()
    if not os.path.isdir(os.path.join(corpus, "sigma")):
        print("skipped: no corpus at %s" % corpus)
        sys.exit(77)
    try:
        from sigma.backends.sqlite import sqliteBackend
    except ImportError:
        print("skipped: no pySigma here (tests/peers/setup.sh installs it)")
        sys.exit(77)
    rules = naive.load(rule_folders(corpus))
    events = list(naive.all_events([], [os.path.join(corpus, "evtx-attack-samples"), os.path.join(corpus, "sigma-regression")],
                                   shlex.split(args.reader)))
    names = {n for r in rules.rules for n in fields_of(r.detection)}
    db, columns = table_of(events, names)
    by_kind = {}
    for n, e in enumerate(events):
        by_kind.setdefault((e.channel, e.id), []).append(n)
    reasons, causes, unexplained = collections.Counter(), collections.Counter(), []
    example = {}
    compared = pairs = equal = matches = 0
    for rule in rules.rules[:args.limit or None]:
        try:
            queries = sql_of(rule.file, columns, sqliteBackend)
        except Exception as e:  # pySigma raises many kinds; each is counted and shown
            reasons[type(e).__name__ + ": " + re.sub(r"'[^']*'", "'…'", str(e))[:90]] += 1
            continue
        hits = set()
        for q in queries:
            hits.update(row[0] for row in db.execute(q))
        compared += 1
        places = set(range(0, len(events), 16))
        for source in rule.sources or ():
            for kind, list_of in by_kind.items():
                if source.admits_kind(*kind):
                    places.update(list_of)
        for n in sorted(places):
            pairs += 1
            mine = rule.detection.holds(events[n])
            matches += mine
            if mine == (n in hits):
                equal += 1
                continue
            cause = causes_of(rule, events[n], n in hits)
            if cause is None:
                unexplained.append((rule.id, rule.title, events[n].file, events[n].record, mine))
            else:
                causes[cause] += 1
                example.setdefault(cause, rule.title)
    print("%d rules compared on %d events: %d pairs, %d equal, %d of them matches" % (
        compared, len(events), pairs, equal, matches))
    for reason, n in reasons.most_common():
        print("not converted, %d rules: %s" % (n, reason))
    for cause, n in causes.most_common():
        print("differ, %d pairs: %s (%s)" % (n, cause, example[cause]))
    for u in unexplained[:40]:
        print("differ without a known cause: %s" % (u,))
    print("%d passed, %d failed" % (equal + sum(causes.values()), len(unexplained)))
    sys.exit(bool(unexplained))


if __name__ == "__main__":
    main()
