#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The cases of tests/cases/sigma and random correlations, put before pySigma's SQLite backend.

check_pysigma_cases.py [--seed N] [--batches N]     (with the Python of tests/peers/setup.sh)

Cases: rules and filters are converted together and run on a table of the case's events (columns hold the first value of a
name); what is found among the events that the logsource admits must be what the case expects. Cases that the backend cannot
convert or that a table cannot show are counted; differences must be listed in KNOWN, with the reason.

Correlations: windows are cut in another way there (they end at an event, here they begin at one), so the comparison is
whether a group fires at all, for conditions that only grow with the window (at least, more than; no equal times).
"""
import argparse
import collections
import glob
import json
import os
import re
import sqlite3
import sys

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "cases"))
import differential  # noqa: E402
import sigma_cases  # noqa: E402
from rules import RuleSet  # noqa: E402
from values import fold  # noqa: E402

KNOWN = {}  # case name: why pySigma or SQLite differ


def known(reason, *names):
    KNOWN.update({n: reason for n in names})


known("SQLite folds the case of ASCII only", "Cyrillic is folded", "Greek final sigma folds to sigma",
      "folding is code point by code point, sharp s is not ss", "the Kelvin sign folds to k", "Deseret capitals fold")
known("a table shows null and absent alike", "exists true", "exists false")
known("'' is never equal to NULL in SQL", "the empty text is empty or null, not absent")
known("a table holds one value of a name", "all may hold on different values of a repeated name",
      "a repeated name holds when one of its values does", "two names of the event that become one")
known("numbers are compared as text in a text column", "lt", "lte", "gt", "gte", "hexadecimal texts compare by value",
      "what is no number does not compare")
known("an integer is only its decimal text there", "a plain integer equals a hexadecimal text of the same value",
      "a plain integer equals a text with zeros before it")
known("the mark itself is encoded as UTF-8 there", "utf16 has a byte order mark")
known("%W is not ISO 8601's week", "the week of ISO 8601")
known("cidr becomes text patterns there", "a long form of IPv6", "an IPv4 address within IPv6", "cidr of everything",
      "cidr of IPv4")
known("\\d is Unicode's in Python", "digits are ASCII's")


def case_table(events, names):
    names = sorted(names)
    db = sqlite3.connect(":memory:")
    db.create_function("REGEXP", 2, lambda p, v: v is not None and re.search(p, str(v)) is not None)
    columns = {n: "c%d" % i for i, n in enumerate(names)}
    db.execute("CREATE TABLE logs (n INTEGER PRIMARY KEY%s)" % "".join(", %s TEXT COLLATE NOCASE" % c for c in columns.values()))
    db.executemany("INSERT INTO logs VALUES (?%s)" % (", ?" * len(names)),
                   ([int(e.record)] + [e.first(n) for n in names] for e in events))
    return db, columns


def pysigma_finds(text, events, rules):
    """Rule id to records that the converted rules find; raises when there is no conversion."""
    from sigma.backends.sqlite import sqliteBackend
    from sigma.collection import SigmaCollection
    from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
    from sigma.processing.transformations import FieldMappingTransformation
    import check_pysigma
    names = {n for r in rules.rules for d in [r.detection] + [f.detection for f in r.filters] for n in check_pysigma.fields_of(d)}
    db, columns = case_table(events, names)
    backend = sqliteBackend(ProcessingPipeline(items=[ProcessingItem(FieldMappingTransformation(columns))]))
    out = {}
    for rule in SigmaCollection.from_yaml(text).rules:
        if type(rule).__name__ != "SigmaRule":
            continue
        hits = set()
        for q in backend.convert_rule(rule):
            q = backend.finalize_query_default(rule, q, 0, None) if not isinstance(q, str) else q
            hits.update(r[0] for r in db.execute(q.replace("<TABLE_NAME>", "logs").replace("SELECT *", "SELECT n", 1)))
        product = rule.logsource
        mine = next(r for r in rules.rules if r.id == str(rule.id)
                    and r.logsource == (product.product, product.category, product.service))
        admitted = {int(e.record) for e in events for s in mine.sources or () if s.admits(e) and not s.stand_in}
        out.setdefault(str(rule.id), set()).update(hits & admitted)
    return {k: sorted(v) for k, v in out.items() if v}


def run_cases():
    counts, failures = collections.Counter(), []
    for path in sorted(glob.glob(os.path.join(HERE, "..", "cases", "sigma", "*.yml"))):
        with open(path, encoding="utf-8") as f:
            doc = yaml.load(f, Loader=sigma_cases.Loader)
        for case in doc["cases"]:
            if not case.get("events") or case.get("refused") or os.path.basename(path) in ("correlation.yml", "logsource.yml"):
                continue
            text = sigma_cases.rules_text(case, doc.get("defaults", {}))
            descriptions = [sigma_cases.description_of(e, doc["defaults"].get("event", {}), n + 1)
                            for n, e in enumerate(case["events"])]
            rules = RuleSet()
            rules.add_text(text, "case")
            rules.finish()
            events = [sigma_cases.naive_events.Event(sigma_cases.pairs_of(d), "case", n) for n, d in enumerate(descriptions)]
            try:
                got = pysigma_finds(text, events, rules)
            except Exception as e:  # pySigma raises many kinds: no conversion, no comparison
                counts["not converted: " + type(e).__name__] += 1
                continue
            if got == sigma_cases.expectation(case):
                counts["equal"] += 1
            elif case["name"] in KNOWN:
                counts["differs: " + KNOWN[case["name"]]] += 1
            else:
                failures.append("%s: pySigma finds %s, expected %s" % (case["name"], json.dumps(got), json.dumps(
                    sigma_cases.expectation(case))))
    return counts, failures


class GrowingMaker(differential.Maker):
    """Correlations whose condition only grows with the window, events at different times."""
    def correlation_events(self):
        out, at = [], 0
        for _ in range(60):
            at += self.pick([1, 2, 5, 10, 30, 61])
            data = {"F": self.pick(["a", "b", "c"] if self.one_rule_each else ["a", "b", "c", "d"]),
                    "User": self.pick(["anna", "Anna", "boris", None]), "N": self.pick(["1", "2", "3", "5.5"])}
            out.append({"at": at, "data": {k: v for k, v in data.items() if v is not None}})
        return out

    def growing(self):
        docs = self.correlations()
        out = docs[:3]
        for doc in docs[3:]:
            body = doc["correlation"]
            condition = body.get("condition", {})
            if body["type"] not in ("event_count", "value_count", "temporal", "temporal_ordered", "value_sum"):
                continue
            if any(k in condition for k in ("lt", "lte", "eq", "neq")) or "gte" in condition and "gt" in condition:
                continue
            if any(r.startswith("corr") for r in body["rules"]) or isinstance(condition.get("field"), list):
                continue
            if body["type"] == "temporal_ordered":
                if not self.one_rule_each:  # there, one event cannot stand for two rules of a row
                    continue
                body.pop("condition", None)
            out.append(dict(doc, correlation=dict(body, **{"group-by": ["User"], "generate": True})))
        return out


def peer_groups(docs, events, doc):
    """Groups of the correlation for which pySigma's query gives an alert."""
    from sigma.backends.sqlite import sqliteBackend
    from sigma.collection import SigmaCollection
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE logs (timestamp TEXT, F TEXT COLLATE NOCASE, User TEXT COLLATE NOCASE, N TEXT COLLATE NOCASE)")
    for d in events:
        db.execute("INSERT INTO logs VALUES (?, ?, ?, ?)", [d["time"][:23] + "Z"] + [d["data"].get(k) for k in ("F", "User", "N")])
    text = differential.dump([x for x in docs if "detection" in x] + [dict(doc, correlation=dict(doc["correlation"], generate=False))])
    groups = set()
    for q in sqliteBackend().convert(SigmaCollection.from_yaml(text)):
        if q.startswith("WITH"):
            groups.update(fold(json.loads(r[1]).get("User") or "") for r in db.execute(q))
    return groups


def run_correlations(seed, batches):
    counts, failures = collections.Counter(), []
    default = {"provider": "Cases", "channel": "Microsoft-Windows-Sysmon/Operational", "id": 1}
    for n in range(batches):
        maker = GrowingMaker(seed * 1000 + n)
        maker.one_rule_each = n % 2 == 0
        docs, events = maker.growing(), maker.correlation_events()
        descriptions = [sigma_cases.description_of(e, default, k + 1) for k, e in enumerate(events)]
        _, mine = sigma_cases.run_naive(differential.dump(docs), descriptions)
        for doc in docs[3:]:
            fired = {fold(descriptions[w[0] - 1]["data"]["User"]) for w in mine.get(doc["id"], [])}
            try:
                peer = peer_groups(docs, descriptions, doc)
            except Exception as e:  # as above
                counts["not converted: " + type(e).__name__] += 1
                continue
            counts[doc["correlation"]["type"] + (", fires" if fired else ", silent")] += 1
            if fired != peer:
                counts[doc["correlation"]["type"] + (", fires" if fired else ", silent")] -= 1
                failures.append("batch %d: naive %s, pySigma %s\n%s" % (n, sorted(fired), sorted(peer), differential.dump([doc])))
    return counts, failures


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--batches", type=int, default=30)
    args = ap.parse_args()
    try:
        import sigma.backends.sqlite  # noqa: F401
    except ImportError:
        print("skipped: no pySigma here (tests/peers/setup.sh installs it)")
        sys.exit(77)
    passed = failed = skipped = 0
    for what, (counts, failures) in (("cases", run_cases()), ("correlations", run_correlations(args.seed, args.batches))):
        for reason, n in counts.most_common():
            print("%s: %d %s" % (what, n, reason))
        for f in failures[:60]:
            print("%s: %s" % (what, f))
        skipped += sum(n for reason, n in counts.items() if reason.startswith("not converted"))
        passed, failed = passed + sum(counts.values()), failed + len(failures)
    passed -= skipped
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
