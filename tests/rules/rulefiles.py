# SPDX-License-Identifier: Apache-2.0
"""What run.py and lint.py share: reading our rules and their tests."""
import os
import re

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", ".."))
RULES = os.path.join(ROOT, "knowledge", "rules")


class Loader(yaml.SafeLoader):
    """Times stay text: a datetime would lose the seventh digit of a second."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def corpus():
    return os.environ.get("VIGIE_CORPUS") or os.path.normpath(os.path.join(ROOT, "..", "shared", "corpus"))


def documents(path):
    with open(path, encoding="utf-8") as f:
        return [d for d in yaml.load_all(f, Loader) if d is not None]


def files(folder):
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".yml"):
                yield os.path.join(here, name)


class Rule:
    def __init__(self, path, document):
        self.path, self.document = path, document
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.id = str(document.get("id"))
        self.correlation = document.get("correlation")

    def __str__(self):
        return f"{os.path.relpath(self.path, RULES)}: {self.document.get('title')}"

    def refers(self, other):
        names = (self.correlation or {}).get("rules") or []
        return other.id in names or (other.document.get("name") or other.id) in names


def load_rules(folder=RULES):
    return [Rule(path, document) for path in files(folder) for document in documents(path)]


def silent(rule, rules):
    """Whether a rule only serves correlations and gives no findings of its own."""
    above = [r for r in rules if r.correlation and r.refers(rule)]
    return bool(above) and not any(r.correlation.get("generate") for r in above)


def with_base(rule, rules):
    """The rule after all that it refers to, however indirectly."""
    found = []
    for other in rules:
        if rule.correlation and other is not rule and rule.refers(other):
            found += [r for r in with_base(other, rules) if r not in found]
    return found + [rule]


def load_tests():
    """(file, test) for each document of the test files."""
    for name in sorted(os.listdir(HERE)):
        if name.endswith(".yml"):
            for document in documents(os.path.join(HERE, name)):
                yield name, document


def later(time, seconds):
    """An RFC 3339 time in UTC, some whole seconds later; the fraction is kept as it stands."""
    import datetime
    whole, fraction = re.fullmatch(r"([0-9T:-]{19})(\.[0-9]+)?Z", time).groups()
    moved = datetime.datetime.fromisoformat(whole) + datetime.timedelta(seconds=seconds)
    return moved.isoformat() + (fraction or "") + "Z"


def filled(value, number):
    if isinstance(value, str):
        return value.replace("{#}", str(number))
    if isinstance(value, dict):
        return {k: filled(v, number) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v, number) for v in value]
    return value


def events(test, which):
    """The events of a test's list, complete with the defaults. "repeat: N" makes N of an event, "every: S" seconds apart;
    {#} in a text is then the number of the event."""
    made = []
    for event in test.get(which) or []:
        event = {**(test.get("defaults") or {}), **event}
        repeat, every = event.pop("repeat", 1), event.pop("every", 1)
        for number in range(repeat):
            made.append(filled({**event, "time": later(event["time"], number * every)}, number))
    return made
