#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random small rules on random small events: vigie and the naive evaluator must find the same.

differential.py --vigie PROGRAM --evtx-make PROGRAM [--seed N] [--batches N] [--keep DIR]

A batch is one log of 60 events, made by evtx-make, and one file of 80 rules, or of correlations over three base rules; the
alphabet is small, so that rules match often. The naive evaluator takes the events from their description. The same seed
gives the same batches. A difference prints rule and event.
"""
import argparse
import base64
import os
import random
import subprocess
import sys
import tempfile

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "cases"))
import sigma_cases  # noqa: E402

LETTERS = ["a", "b", "A", "B", "aB", "ab", " ", "-", "/", "\\", "é", "É", "ß", "σ", "Σ", "ς", "😀", "1", "0", ".", "–", "x",
           "K", "k", "\u212a", "ſ", "s", "İ", "ı", "Ǆ", "ǅ", "ẞ", "\U00010400", "\U00010428", "\n", "\t", '"', "%", "_", "ﬁ", "Ω", "\u2126", "ω",
           "\ufb05", "\u0390", "\u1fd3", "Ꭰ", "ꭰ", "\u00a0", "\u0301"]
COMMON = LETTERS[:10]
FIELDS = ["F", "G", "H", "I"]
NAMES_OF_EVENT = ["F", "G", "H", "I", "f", "F G"]
ADDRESSES = ["10.0.0.1", "10.0.1.1", "192.168.1.1", "::1", "fe80::1", "::ffff:10.0.0.1", "10.0.0", "fe80::1%4", "255.255.255.255"]
RANGES = ["10.0.0.0/8", "10.0.0.0/24", "10.0.0.1/32", "192.168.0.0/16", "::1/128", "fe80::/10", "0.0.0.0/0", "::/0"]
NUMBERS = ["0", "1", "10", "-1", "0x10", "0xA", "010", "1.5", "16", "18446744073709551616", "9.99", "0x"]
TIMES = ["2026-07-03 03:15:00.123", "2026-12-31T23:59:59.9999999Z", "2021-01-01 00:00:00", "2024-02-29T12:00:00Z", "2026-13-01 00:00:00"]
REGEX = ["a", "b", ".", "a*", "b+", "^", "$", "[ab]", "[^a]", "(a|b)", "(?:ab)", r"\d", r"\s", r"\w", "a{1,2}", r"\\", "é", "x?", r"\."]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, items):
        return items[self.random.randrange(len(items))]

    def chance(self, p):
        return self.random.random() < p

    def text(self, most=5):
        return "".join(self.letter() for _ in range(self.random.randint(0, most)))

    def letter(self):
        return self.pick(COMMON if self.chance(0.7) else LETTERS)

    def event_value(self):
        kind = self.random.random()
        if kind < 0.60:
            return self.text()
        if kind > 0.93:
            encoding = self.pick(["utf-8", "utf-16-le", "utf-16-be"])
            return base64.b64encode((self.plain() + self.plain()).encode(encoding)).decode()
        return self.pick(ADDRESSES if kind < 0.68 else NUMBERS if kind < 0.8 else TIMES if kind < 0.84 else ["", "", None, "ab", "aB"])

    def event(self):
        if self.chance(0.1):
            return {"data": [self.event_value() for _ in range(self.random.randint(1, 4))]}
        return {"data": {n: self.event_value() for n in NAMES_OF_EVENT if self.chance(0.6)} or {"F": "a"}}

    def pattern(self):
        """Text of a rule, with wildcards and escapes."""
        out = []
        for _ in range(self.random.randint(0, 4)):
            out.append(self.letter() if self.chance(0.7) else self.pick(["*", "?", "\\*", "\\?", "\\\\", "\\\\*", "\\"]))
        return "".join(out)

    def item(self):
        name = self.pick(FIELDS + ["Data"])
        kind = self.random.random()
        if kind < 0.06:
            return name + "|exists", self.chance(0.5)
        if kind < 0.12:
            return name, self.pick([None, "", ["", None], ["ab", None]])
        if kind < 0.22:
            return name + self.pick(["", "|i", "|s", "|m", "|i|s"]).join(["|re", ""]), self.many(
                lambda: "".join(self.pick(REGEX) for _ in range(self.random.randint(1, 4))))
        if kind < 0.28:
            return name + "|cidr", self.many(lambda: self.pick(RANGES))
        if kind < 0.36:
            return name + "|" + self.pick(["lt", "lte", "gt", "gte"]), self.pick([0, 1, 10, 16, -1])
        if kind < 0.42:
            return name, self.many(lambda: self.pick([0, 1, 10, 16, 8, -1]))
        if kind < 0.48:
            return name + "|fieldref" + self.pick(["", "|contains", "|startswith", "|endswith", "|neq"]), self.pick(FIELDS)
        if kind < 0.52:
            return name + "|" + self.pick(["hour", "minute", "day", "week", "month", "year"]), self.pick([0, 1, 3, 7, 12, 15, 23, 53, 59, 2026])
        if kind < 0.58:
            mods = self.pick([[], ["wide"], ["utf16be"], ["utf16"], ["utf16le"]]) + [self.pick(["base64", "base64offset"]), "contains"]
            return "|".join([name] + mods + self.pick([[], ["cased"]])), self.many(lambda: self.plain())
        mods = [m for m, p in (("windash", 0.2), ("cased", 0.2)) if self.chance(p)]
        shape = self.pick(["", "contains", "contains", "startswith", "endswith"])
        if shape:
            mods.insert(self.random.randint(0, len(mods)), shape)
        if self.chance(0.1):
            mods.append("neq")
        value = self.many(self.pattern)
        if isinstance(value, list) and len(value) > 1 and self.chance(0.3):
            mods.append("all")
        return "|".join([name] + mods), value

    def plain(self):
        return self.text(3).replace("\\", "") or "a"

    def many(self, one):
        return one() if self.chance(0.6) else [one() for _ in range(self.random.randint(1, 3))]

    def selection(self):
        if self.chance(0.03):
            return {self.pick(["|re", "|all", "|cased", "|all"]): [self.plain(), self.pick(["a", "b", "1"])]}
        if self.chance(0.08):
            return [self.pattern() or "ab" for _ in range(self.random.randint(1, 2))]
        if self.chance(0.1):
            return [dict(self.item() for _ in range(self.random.randint(1, 2))) for _ in range(2)]
        return dict(self.item() for _ in range(self.random.randint(1, 3)))

    def condition(self, names, depth=0):
        kind = self.random.random()
        if depth > 2 or kind < 0.35:
            return self.pick(names)
        if kind < 0.45:
            return "%s of %s" % (self.pick(["1", "all", "any"]), self.pick(["them", "s*", "*"]))
        if kind < 0.6:
            return "not " + self.condition(names, depth + 1)
        if kind < 0.7:
            return "(%s)" % self.condition(names, depth + 1)
        return "%s %s %s" % (self.condition(names, depth + 1), self.pick(["and", "or"]), self.condition(names, depth + 1))

    def rule(self, number):
        names = ["s%d" % i for i in range(self.random.randint(1, 3))]
        return {"title": "rule %d" % number, "id": "00000000-0000-4000-8000-%012d" % number,
                "logsource": {"product": "windows", "category": "process_creation"},
                "detection": dict({n: self.selection() for n in names}, condition=self.condition(names))}

    def correlation_events(self):
        out = []
        at = 0
        for _ in range(60):
            at += self.pick([0, 0, 1, 5, 10, 30, 61])
            data = {"F": self.pick(["a", "b", "c", "d"]), "User": self.pick(["anna", "Anna", "boris", None])}
            data["N"] = self.pick(["1", "2", "3", "0x4", "5.5", "many", "-2"])
            if self.chance(0.1):
                del data["User"]
            out.append({"at": at, "data": data})
        if self.chance(0.3):
            self.random.shuffle(out)
        return out

    def correlations(self):
        docs = []
        for n, letter in enumerate("abc"):
            docs.append({"title": letter, "name": "rule_" + letter, "id": "00000000-0000-4000-8000-%012d" % n,
                         "logsource": {"product": "windows", "category": "process_creation"},
                         "detection": {"s": {"F": [letter, "d"] if self.chance(0.3) else letter}, "condition": "s"}})
        for n in range(10, 40):
            kind = self.pick(["event_count", "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg", "value_percentile",
                              "value_median"])
            rules = self.random.sample(["rule_a", "rule_b", "rule_c"], self.random.randint(1, 3))
            condition = {self.pick(["gt", "gte", "lt", "lte", "eq", "neq"]): self.random.randint(1, 5)}
            if self.chance(0.2):
                condition = {"gte": self.random.randint(1, 3), "lt": self.random.randint(2, 6)}
            if kind.startswith("value"):
                condition["field"] = self.pick(["N", "User"]) if kind != "value_count" or self.chance(0.7) else ["N", "User"]
            if kind == "value_percentile":
                condition["percentile"] = self.pick([0, 25, 50, 90, 100])
            body = {"type": kind, "rules": rules, "timespan": self.pick(["1s", "10s", "1m", "2m", "1h"])}
            if self.chance(0.6):
                body["group-by"] = self.pick([["User"], ["User", "Computer"], ["N"]])
            if not kind.startswith("temporal") or self.chance(0.3):
                body["condition"] = condition
            if n > 30:  # some stand on others
                body["rules"] = ["corr_%d" % self.random.randint(10, 29), self.pick(["rule_a", "corr_%d" % self.random.randint(10, 29)])]
                body["rules"] = sorted(set(body["rules"]))
            docs.append({"title": "correlation %d" % n, "name": "corr_%d" % n, "id": "00000000-0000-4000-8000-%012d" % n,
                         "correlation": dict(body, generate=True)})
        return docs


def dump(docs):
    return yaml.dump_all(docs, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=1000000)


def batch(maker, number, vigie):
    """Number of rule-event pairs compared and the differences."""
    default = {"provider": "Cases", "channel": "Microsoft-Windows-Sysmon/Operational", "id": 1}
    if number % 4 == 3:
        docs, events = maker.correlations(), maker.correlation_events()
    else:
        docs, events = [maker.rule(n) for n in range(80)], [maker.event() for _ in range(60)]
    descriptions = [sigma_cases.description_of(e, default, n + 1) for n, e in enumerate(events)]
    text = dump(docs)
    _, mine = sigma_cases.run_naive(text, descriptions)
    _, theirs = vigie.run(text, descriptions)
    out = []
    for doc in docs:
        a, b = mine.get(doc["id"], []), theirs.get(doc["id"], [])
        if a != b:
            only = [x for x in a if x not in b], [x for x in b if x not in a]
            out.append((doc, only, [descriptions[x - 1] for x in (only[0] + only[1])[:2] if isinstance(x, int)]))
    return len(docs) * len(events), sum(len(v) for v in mine.values()), out


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--vigie", required=True)
    ap.add_argument("--evtx-make", required=True)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--batches", type=int, default=40)
    ap.add_argument("--keep")
    args = ap.parse_args()
    pairs = found = failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        vigie = sigma_cases.Vigie(args.vigie, args.evtx_make, args.keep or scratch)
        for number in range(args.batches):
            maker = Maker(args.seed * 1000 + number)
            try:
                n, hits, differences = batch(maker, number, vigie)
            except (RuntimeError, subprocess.CalledProcessError) as e:
                n, hits, differences = 0, 0, [({"title": "batch %d" % number}, str(e), [])]
            pairs, found, failed = pairs + n, found + hits, failed + len(differences)
            for doc, only, events in differences[:3]:
                print("batch %d: naive alone %s, vigie alone %s\n%s%s" % (
                    number, only[0], only[1], dump([doc]), "".join("  event: %s\n" % e["data"] for e in events)))
    print("%d pairs of rule and event, %d matches" % (pairs, found))
    print("%d passed, %d failed" % (pairs - failed, failed))
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
