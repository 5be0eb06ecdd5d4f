#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks our own rules for form and for being different from each other: lint.py [--list]

All fields of knowledge/rules/README.md; ids used once; no two rules with the same predicates, and none whose predicates are all
among those of another rule with the same logsource; a test for each; ATT&CK ids that exist (when the bundle is there); no
title, description or set of predicates of another project's rules (when they are there). The bundles are looked for beside
the checkout (../shared/corpus) or at $VIGIE_CORPUS. --list prints a table of the rules. Exit status 1 when something fails."""
import fnmatch
import json
import os
import re
import sys
import uuid

import yaml

import rulefiles

FIELDS = ("title", "id", "status", "description", "references", "author", "date", "tags", "falsepositives", "level", "vigie")
LEVELS = ("informational", "low", "medium", "high", "critical")
TITLE_MAX = 70


def sentences(text):
    return len([s for s in re.split(r"[.?!:]+(\s+|$)", str(text)) if s and s.strip()])


def negated(condition):
    """The names (and patterns) that stand behind a "not", also within its parentheses."""
    names, depth, below = set(), 0, None
    pending = False
    for token in re.findall(r"[()]|[^\s()]+", condition):
        if token == "(":
            if pending and below is None:
                below = depth
            depth, pending = depth + 1, False
        elif token == ")":
            depth -= 1
            if below == depth:
                below = None
        elif token == "not":
            pending = True
        elif token not in ("and", "or", "of", "1", "all", "any"):
            if pending or below is not None:
                names.add(token)
            pending = False
    return names


def items(detection):
    """(field, modifiers, value, whether negated) of all selections; the values of a list one by one."""
    found = set()
    behind_not = negated(str((detection or {}).get("condition", "")))

    def take(part, no):
        if isinstance(part, dict):
            for key, value in part.items():
                field, *modifiers = str(key).split("|")
                for one in value if isinstance(value, list) else [value]:
                    text = "null" if one is None else str(one)
                    folded = text if {"re", "cased"} & set(modifiers) else text.casefold()
                    found.add((field, tuple(sorted(modifiers)), folded, no))
        elif isinstance(part, list):
            for one in part:
                take(one, no)
        else:
            found.add(("", (), str(part).casefold(), no))

    for name, selection in (detection or {}).items():
        if name not in ("condition", "timeframe"):
            take(selection, any(fnmatch.fnmatchcase(name, pattern) for pattern in behind_not))
    return frozenset(found)


def logsource(document):
    source = document.get("logsource") or {}
    return tuple(str(source.get(k, "")).casefold() for k in ("product", "category", "service"))


def predicates(document):
    """What makes a rule this rule: two with equal ones are the same behaviour under two names."""
    if "correlation" in document:
        return ("correlation", json.dumps(document["correlation"], sort_keys=True, default=str))
    return ("rule", logsource(document), items(document.get("detection")))


def check_form(rule, complain):
    d = rule.document
    for field in FIELDS + (("correlation",) if rule.correlation else ("logsource", "detection")):
        if not d.get(field):
            complain(f"field {field} is missing")
    if len(str(d.get("title", ""))) > TITLE_MAX:
        complain(f"title longer than {TITLE_MAX} characters")
    try:
        if uuid.UUID(rule.id).version != 4:
            complain("id is no random UUID")
    except ValueError:
        complain("id is no UUID")
    if d.get("status") != "test" or d.get("author") != "Vigie" or d.get("level") not in LEVELS:
        complain("status, author or level is not one of ours")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(d.get("date"))):
        complain("date is not YYYY-MM-DD")
    for reference in d.get("references") or []:
        if not re.fullmatch(r"https://[a-z0-9.-]+/\S*", str(reference)):
            complain(f"reference {reference} is no https address")
    check_words(d, complain)
    check_escapes(items(d.get("detection")), complain)


def check_words(d, complain):
    for reason in d.get("falsepositives") or []:
        if not str(reason).endswith(".") or len(str(reason).split()) < 5:
            complain(f"falsepositives: no full sentence: {reason}")
    words = d.get("vigie") or {}
    if set(words) != {"meaning", "next"}:
        complain("vigie needs meaning and next, and nothing else")
    if sentences(words.get("meaning", "")) > 3:
        complain("vigie.meaning is longer than three sentences")
    if sentences(words.get("next", "")) > 3:
        complain("vigie.next is longer than three clauses")


def check_escapes(found, complain):
    """A wildcard behind a single backslash is a plain character, which is hardly ever meant in a path."""
    for field, modifiers, value, _ in found:
        if "re" not in modifiers and re.search(r"(?<!\\)(\\\\)*\\\*", value):
            complain(f"{field}: the wildcard behind the backslash in {value} is a plain character; write two backslashes")


def check_distinct(rules, complain):
    plain = [r for r in rules if not r.correlation]
    seen_ids, seen_titles, seen = {}, {}, {}
    for r in rules:
        for table, key, what in ((seen_ids, r.id, "id"), (seen_titles, str(r.document.get("title")).casefold(), "title"),
                                 (seen, predicates(r.document), "predicates")):
            if key in table:
                complain(r, f"the same {what} as {table[key]}")
            table[key] = r
    sets = [(r, logsource(r.document), items(r.document.get("detection"))) for r in plain]
    for a, source_a, items_a in sets:
        for b, source_b, items_b in sets:
            if a is not b and source_a == source_b and items_a < items_b:
                complain(a, f"all its predicates are among those of {b}")


def check_tests(rules, complain):
    tested = {}
    for name, test in rulefiles.load_tests():
        tested.setdefault(str(test.get("rule")), []).append((name, test))
    by_id = {r.id: r for r in rules}
    for identity, tests in tested.items():
        for name, test in tests:
            rule = by_id.get(identity)
            if not rule:
                complain(name, f"no rule has the id {identity}")
            elif name != rule.name + ".yml":
                complain(rule, f"its test is called {name}")
            for which in ("match", "no_match"):
                if not test.get(which):
                    complain(rule or name, f"its test has no event under {which}")
    for r in rules:
        if r.id not in tested and not rulefiles.silent(r, rules):
            complain(r, "has no test")


def check_attack(rules, complain):
    path = os.path.join(rulefiles.corpus(), "attack", "enterprise-attack.json")
    if not os.path.exists(path):
        print("skip - ATT&CK ids: no attack/enterprise-attack.json in the corpus")
        return
    with open(path, encoding="utf-8") as f:
        objects = json.load(f)["objects"]
    alive = [o for o in objects if not o.get("revoked") and not o.get("x_mitre_deprecated")]
    known = {ref["external_id"].casefold() for o in alive if o["type"] in ("attack-pattern", "intrusion-set", "malware", "tool")
             for ref in o.get("external_references", []) if ref.get("source_name") == "mitre-attack"}
    tactics = {o["x_mitre_shortname"] for o in alive if o["type"] == "x-mitre-tactic"}
    for r in rules:
        tags = [str(t).removeprefix("attack.") for t in r.document.get("tags") or []]
        for tag in tags:
            if tag not in (known if re.match(r"[tgs]\d", tag) else tactics):
                complain(r, f"ATT&CK does not know {tag}")
        if not any(re.match(r"t\d", t) for t in tags) or not any(t in tactics for t in tags):
            complain(r, "tags need a tactic and a technique")
        for url in r.document.get("references") or []:
            m = re.match(r"https://attack\.mitre\.org/(techniques|software|groups)/([A-Z]\d+)/(\d{3}/)?$", url)
            if "attack.mitre.org" in url and (not m or (m[2] + ("." + m[3][:3] if m[3] else "")).casefold() not in known):
                complain(r, f"ATT&CK has no page {url}")


def squeezed(text):
    return re.sub(r"\W+", " ", str(text).casefold()).strip()


def check_own_words(rules, complain):
    folder = os.path.join(rulefiles.corpus(), "sigma")
    if not os.path.isdir(folder):
        print("skip - comparison with other rules: no sigma folder in the corpus")
        return
    fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    texts, sets, ids = {}, {}, set()
    for path in rulefiles.files(folder):
        with open(path, encoding="utf-8") as f:
            for d in yaml.load_all(f, fast):
                if not isinstance(d, dict) or "detection" not in d:
                    continue
                ids.add(str(d.get("id")))
                for field in ("title", "description"):
                    texts[squeezed(d.get(field))] = path
                sets[(logsource(d), items(d["detection"]))] = path
    for r in rules:
        for field in ("title", "description"):
            if squeezed(r.document.get(field)) in texts:
                complain(r, f"its {field} stands in {os.path.basename(texts[squeezed(r.document.get(field))])}")
        if r.id in ids:
            complain(r, "its id belongs to another project's rule")
        # EventID alone is a fact of Windows, not somebody's choice.
        own = items(r.document.get("detection"))
        if len(own) > 2 and (logsource(r.document), own) in sets:
            complain(r, f"the same predicates as {os.path.basename(sets[(logsource(r.document), own)])}")


def print_list(rules):
    for r in sorted(rules, key=lambda r: (-LEVELS.index(r.document["level"]), r.path)):
        if not rulefiles.silent(r, rules):
            area = os.path.basename(os.path.dirname(r.path))
            print(f"{r.document['level']:13} {area:12} {r.document['title']}")


def main():
    rules = rulefiles.load_rules()
    if sys.argv[1:] == ["--list"]:
        print_list(rules)
        return
    wrong = {}

    def complain(rule, what):
        wrong.setdefault(str(rule), []).append(what)

    for r in rules:
        check_form(r, lambda what, r=r: complain(r, what))
    check_distinct(rules, complain)
    check_tests(rules, complain)
    check_attack(rules, complain)
    check_own_words(rules, complain)
    for r in rules:
        for what in wrong.get(str(r), []):
            print(f"not ok - {r}: {what}")
        if str(r) not in wrong:
            print(f"ok - {r}")
    others = {k: v for k, v in wrong.items() if k not in {str(r) for r in rules}}
    for name, complaints in others.items():
        for what in complaints:
            print(f"not ok - {name}: {what}")
    print(f"{len(rules) - (len(wrong) - len(others))} passed, {len(wrong)} failed")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
