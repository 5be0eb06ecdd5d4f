# SPDX-License-Identifier: Apache-2.0
"""Rules from YAML: detections, conditions, correlations, filters, action documents. Own parsing on top of YAML nodes."""
import itertools
import os
import re

import yaml

import logsource
from values import (STAR, Cidr, Compare, Empty, Exists, FieldRef, Int, Integer, Null, Plain, Refused, Regex, Text, TimePart,
                    base64_offsets, encode, number_of, parse_wildcards, plain_text, windash_forms)
import base64

PATTERN = ("contains", "startswith", "endswith")
ENCODING = ("wide", "utf16le", "utf16be", "utf16")
NUMERIC = ("lt", "lte", "gt", "gte")
TIMES = ("minute", "hour", "day", "week", "month", "year")
REGEX_FLAGS = {"i": "i", "ignorecase": "i", "m": "m", "multiline": "m", "s": "s", "dotall": "s"}
KNOWN = set(PATTERN + ENCODING + NUMERIC + TIMES) | set(REGEX_FLAGS) | {
    "all", "exists", "cased", "neq", "windash", "re", "base64", "base64offset", "cidr", "expand", "fieldref"}


# YAML nodes to values ----------------------------------------------------------------------------------------------

def value_of_node(node):
    if isinstance(node, yaml.MappingNode):
        out = {}
        for k, v in node.value:
            key = k.value if isinstance(k, yaml.ScalarNode) else None
            if key is None:
                raise Refused("a key that is no text, line %d" % (k.start_mark.line + 1))
            if key in out:
                raise Refused("key '%s' given twice, line %d" % (key, k.start_mark.line + 1))
            out[key] = value_of_node(v)
        return out
    if isinstance(node, yaml.SequenceNode):
        return [value_of_node(v) for v in node.value]
    text = node.value
    if node.style:  # quoted or block; plain is None or '', as the loader has it
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if re.fullmatch(r"[-+]?[0-9]+|0x[0-9A-Fa-f]+|0o[0-7]+", text):
        number = Int(int(text, 0) if text[:2] in ("0x", "0o") else int(text))
        number.text = text
        return number
    return Plain(text)


def documents(text):
    """Yields (line, value or Refused). Bad YAML ends the stream."""
    try:
        for node in yaml.compose_all(text, Loader=yaml.CSafeLoader):
            if node is None or (isinstance(node, yaml.ScalarNode) and not node.style and not node.value):
                continue  # an empty document
            try:
                yield node.start_mark.line + 1, value_of_node(node)
            except Refused as e:
                yield node.start_mark.line + 1, e
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        yield (mark.line + 1 if mark else 0), Refused("not YAML: %s" % str(e).replace("\n", " "))


# Detections --------------------------------------------------------------------------------------------------------

class Item:
    """field|modifiers: values. A value is a list of tests of which one must hold."""
    def __init__(self, name, values, every, negated):
        self.name, self.values, self.every, self.negated = name, values, every, negated

    def holds(self, event):
        link = all if self.every else any
        got = link(any(t.holds(event, self.name) for t in tests) for tests in self.values)
        return got != self.negated


def text_of(value):
    return value.text if isinstance(value, Int) else str(value)


def tests_of_value(name, value, mods):
    """The alternatives that one value stands for, its modifiers applied in order."""
    if isinstance(value, (dict, list)):
        raise Refused("a value that is a map or a list")
    if "exists" in mods:
        if mods != ["exists"] or str(value).lower() not in ("true", "false") or name is None:
            raise Refused("exists needs true or false")
        return [Exists(str(value).lower() == "true")]
    if value is None:
        if mods or name is None:
            raise Refused("null with modifiers or as a keyword")
        return [Null()]
    if "re" in mods:
        rest = [m for m in mods if m != "re"]
        if mods[0] != "re" or any(m not in REGEX_FLAGS for m in rest):
            raise Refused("re with %s" % ", ".join(rest))
        return [Regex(text_of(value), [REGEX_FLAGS[m] for m in rest])]
    if any(m in REGEX_FLAGS for m in mods):
        raise Refused("a flag of re without re")
    if "cidr" in mods:
        if mods != ["cidr"]:
            raise Refused("cidr with other modifiers")
        return [Cidr(text_of(value))]
    if "fieldref" in mods:
        rest = [m for m in mods if m != "fieldref"]
        how = [m for m in rest if m in PATTERN]
        if len(how) > 1 or any(m not in PATTERN + ("cased",) for m in rest) or name is None:
            raise Refused("fieldref with %s" % ", ".join(rest))
        return [FieldRef(text_of(value), how[0] if how else "is", "cased" in rest)]
    part = [m for m in mods if m in TIMES]
    op = [m for m in mods if m in NUMERIC]
    if part or op:
        if len(part) > 1 or len(op) > 1 or len(part) + len(op) != len(mods):
            raise Refused("modifiers that do not go together: %s" % ", ".join(mods))
        number = number_of(text_of(value))
        if number is None:
            raise Refused("'%s' is no number" % value)
        if part:
            return [TimePart(part[0], op[0] if op else "eq", number)]
        return [Compare(op[0], number)]
    if isinstance(value, Int) and not mods and name is not None:
        return [Integer(value)]
    return text_tests(name, text_of(value), mods)


def text_tests(name, text, mods):
    if "expand" in mods and re.search(r"(?<!\\)%[^%\s]+%", text):
        raise Refused("placeholder in '%s'" % text)
    if "expand" in mods:
        text = text.replace("\\%", "%")
    forms, data = [parse_wildcards(text)], None  # data: bytes, while an encoding has been applied
    for m in mods:
        if m in ("base64", "base64offset") or m in ENCODING:
            if data is None:
                data = [plain_text(f).encode() for f in forms]
            if m in ENCODING:
                data = [encode(d, m) for d in data]
                continue
            if m == "base64":
                forms = [list(base64.b64encode(d).decode()) for d in data]
            else:
                forms = [list(x) for d in data for x in base64_offsets(d)]
            if not all(forms):
                raise Refused("a value too short for %s" % m)
            data = None
            continue
        if data is not None:
            forms, data = [list(d.decode("utf-8", "replace")) for d in data], None
        if m == "windash":
            forms = [x for f in forms for x in windash_forms(f)]
        elif m in PATTERN:
            forms = [surround(f, m != "startswith", m != "endswith") for f in forms]
    if data is not None:
        forms = [list(d.decode("utf-8", "replace")) for d in data]
    if name is None and not any(m in PATTERN for m in mods):
        forms = [surround(f, True, True) for f in forms]
    return [Text(f, "cased" in mods) if f else Empty() for f in forms]


def surround(tokens, before, after):
    tokens = list(tokens)
    if before and (not tokens or tokens[0] is not STAR):
        tokens.insert(0, STAR)
    if after and tokens[-1:] != [STAR]:
        tokens.append(STAR)
    return tokens


def item_of(key, raw):
    parts = key.split("|")
    name = parts[0].replace(" ", "") or None
    mods = parts[1:]
    for m in mods:
        if m not in KNOWN:
            raise Refused("unknown modifier '%s'" % m)
    values = raw if isinstance(raw, list) else [raw]
    if not values:
        raise Refused("'%s' has no value" % key)
    every, negated = "all" in mods, "neq" in mods
    if every and len(values) < 2:
        raise Refused("'%s': all on a single value" % key)
    mods = [m for m in mods if m not in ("all", "neq")]
    return Item(name, [tests_of_value(name, v, mods) for v in values], every, negated)


class Selection:
    """OR of groups, a group an AND of items."""
    def __init__(self, raw):
        self.groups = []
        if isinstance(raw, dict):
            raw = [raw]
        if not isinstance(raw, list):
            raw = [raw]
        if not raw:
            raise Refused("an empty selection")
        for part in raw:
            if isinstance(part, dict):
                if not part:
                    raise Refused("an empty selection")
                self.groups.append([item_of(k, v) for k, v in part.items()])
            elif isinstance(part, list):
                raise Refused("a list within a list")
            else:
                self.groups.append([item_of("", part)])

    def holds(self, event):
        return any(all(i.holds(event) for i in group) for group in self.groups)


# Conditions --------------------------------------------------------------------------------------------------------

class Condition:
    """Recursive descent over `or`, `and`, `not`, `N of …`, names and parentheses, in ascending order of binding."""
    def __init__(self, text, selections):
        if "|" in text:
            raise Refused("condition with a pipe: the old aggregation is no longer Sigma")
        self.tokens = re.findall(r"[()]|[^\s()]+", text)
        self.selections, self.at = selections, 0
        self.tree = self.parse_or(0)
        if self.at != len(self.tokens):
            raise Refused("condition: '%s' not expected" % self.tokens[self.at])

    def peek(self):
        return self.tokens[self.at].lower() if self.at < len(self.tokens) else None

    def parse_or(self, depth):
        if depth > 100:
            raise Refused("condition nested too deep")
        parts = [self.parse_and(depth)]
        while self.peek() == "or":
            self.at += 1
            parts.append(self.parse_and(depth))
        return parts[0] if len(parts) == 1 else ("or", parts)

    def parse_and(self, depth):
        parts = [self.parse_not(depth)]
        while self.peek() == "and":
            self.at += 1
            parts.append(self.parse_not(depth))
        return parts[0] if len(parts) == 1 else ("and", parts)

    def parse_not(self, depth):
        negated = False
        while self.peek() == "not":
            self.at += 1
            negated = not negated
        part = self.parse_one(depth)
        return ("not", [part]) if negated else part

    def parse_one(self, depth):
        word = self.peek()
        if word is None or word in (")", "and", "or"):
            raise Refused("condition: something is missing before '%s'" % (word or "the end"))
        raw = self.tokens[self.at]
        self.at += 1
        if word == "(":
            part = self.parse_or(depth + 1)
            if self.peek() != ")":
                raise Refused("condition: ')' is missing")
            self.at += 1
            return part
        if self.peek() == "of":
            if word not in ("1", "any", "all"):
                raise Refused("condition: '%s of' is not Sigma" % raw)
            self.at += 1
            if self.peek() is None or self.peek() in ("(", ")"):
                raise Refused("condition: a pattern is missing after 'of'")
            pattern = self.tokens[self.at]
            self.at += 1
            names = self.names_of(pattern)
            return ("and" if word == "all" else "or", [("selection", n) for n in names])
        if raw not in self.selections:
            raise Refused("condition: no selection '%s'" % raw)
        return ("selection", raw)

    def names_of(self, pattern):
        if pattern.lower() == "them":
            regex = re.compile(r"[^_].*", re.S)
        else:
            regex = re.compile(("" if pattern.startswith("_") else "(?!_)") + ".*".join(map(re.escape, pattern.split("*"))), re.S)
        names = [n for n in self.selections if regex.fullmatch(n)]
        if not names:
            raise Refused("condition: no selection fits '%s'" % pattern)
        return names


def evaluate(tree, selections, event):
    kind, rest = tree
    if kind == "selection":
        return selections[rest].holds(event)
    if kind == "not":
        return not evaluate(rest[0], selections, event)
    if kind == "and":
        return all(evaluate(t, selections, event) for t in rest)
    return any(evaluate(t, selections, event) for t in rest)


class Detection:
    """Selections and condition: the body of a rule and of a filter."""
    def __init__(self, body, other_keys):
        if not isinstance(body, dict):
            raise Refused("detection is no map")
        condition = body.get("condition")
        conditions = condition if isinstance(condition, list) else [condition]
        if not conditions or not all(isinstance(c, (str, Int)) for c in conditions):
            raise Refused("no condition")
        if "timeframe" in body:
            raise Refused("timeframe belongs to the old aggregation")
        raw = {k: v for k, v in body.items() if k not in ("condition",) + other_keys}
        texts = [text_of(c) for c in conditions]
        for text in texts:
            if "|" in text:
                raise Refused("condition with a pipe: the old aggregation is no longer Sigma")
        self.selections = {k: Selection(v) for k, v in raw.items()}
        self.trees = [Condition(t, self.selections).tree for t in texts]

    def holds(self, event):
        return any(evaluate(t, self.selections, event) for t in self.trees)


# Documents ---------------------------------------------------------------------------------------------------------

class Rule:
    def __init__(self, doc):
        self.id, self.name, self.title = key_of(doc, "id"), key_of(doc, "name"), key_of(doc, "title")
        self.status = key_of(doc, "status")
        if not self.title:
            raise Refused("no title")
        source = doc.get("logsource")
        if not isinstance(source, dict) or not source:
            raise Refused("no logsource")
        self.logsource = tuple(key_of(source, k) for k in ("product", "category", "service"))
        if "detection" not in doc:
            raise Refused("no detection")
        self.detection = Detection(doc["detection"], ())
        self.filters, self.sources = [], logsource.sources(*self.logsource)
        self.silent = False

    def key(self):
        return self.id or self.name or self.title

    def holds(self, view):
        return self.detection.holds(view) and all(f.detection.holds(view) for f in self.filters)


class Filter:
    def __init__(self, doc):
        self.title = key_of(doc, "title")
        body, source = doc["filter"], doc.get("logsource")
        if not isinstance(body, dict) or not isinstance(source, dict):
            raise Refused("filter without a map or a logsource")
        self.logsource = tuple(key_of(source, k) for k in ("product", "category", "service"))
        rules = body.get("rules")
        if isinstance(rules, str) and rules.lower() == "any":
            self.rules = None
        elif isinstance(rules, str):
            self.rules = [rules]
        elif isinstance(rules, list) and rules:
            self.rules = [text_of(r) for r in rules]
        else:
            raise Refused("filter without rules")
        self.detection = Detection(body, ("rules",))

    def fits(self, rule):
        if self.rules is not None and rule.id not in self.rules and rule.name not in self.rules:
            return False
        return all(mine is None or mine == other for mine, other in zip(self.logsource, rule.logsource))


UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "M": 2629746, "y": 31556952}
TYPES = ("event_count", "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg", "value_percentile",
         "value_median")


class Correlation:
    def __init__(self, doc):
        self.id, self.name, self.title = key_of(doc, "id"), key_of(doc, "name"), key_of(doc, "title")
        self.status, self.silent = key_of(doc, "status"), False
        if not self.title:
            raise Refused("no title")
        body = doc["correlation"]
        if not isinstance(body, dict):
            raise Refused("correlation is no map")
        self.type = body.get("type")
        if self.type not in TYPES:
            raise Refused("correlation type '%s'" % self.type)
        rules = body.get("rules")
        self.rules = [text_of(r) for r in (rules if isinstance(rules, list) else [rules]) if r is not None]
        if not self.rules:
            raise Refused("correlation without rules")
        group = body.get("group-by")
        self.group_by = [text_of(g) for g in (group if isinstance(group, list) else [group]) if g is not None]
        m = re.fullmatch(r"([0-9]+)([smhdwMy])", text_of(body.get("timespan")) if body.get("timespan") is not None else "")
        if not m:
            raise Refused("timespan '%s'" % body.get("timespan"))
        self.timespan = int(m.group(1)) * UNITS[m.group(2)]
        self.generate = str(body.get("generate")).lower() == "true"
        self.aliases = body.get("aliases") or {}
        if not isinstance(self.aliases, dict) or not all(isinstance(a, dict) for a in self.aliases.values()):
            raise Refused("aliases is no map of maps")
        self.condition_of(body.get("condition"))

    def condition_of(self, condition):
        self.bounds, self.fields, self.percentile = [], [], None
        if condition is None:
            if not self.type.startswith("temporal"):
                raise Refused("correlation without condition")
            return
        if not isinstance(condition, dict):
            raise Refused("correlation condition is no map")
        for k, v in condition.items():
            if k in COMPARE_KEYS:
                number = number_of(text_of(v)) if v is not None else None
                if number is None:
                    raise Refused("correlation condition: '%s' is no number" % v)
                self.bounds.append((k, number))
            elif k == "field":
                self.fields = [text_of(f) for f in (v if isinstance(v, list) else [v])]
            elif k == "percentile":
                self.percentile = number_of(text_of(v)) if v is not None else None
                if self.percentile is None or not 0 <= self.percentile <= 100:
                    raise Refused("percentile '%s'" % v)
            else:
                raise Refused("correlation condition: '%s' is unknown" % k)
        if not self.bounds or len(self.bounds) > 2:
            raise Refused("correlation condition needs one operator, or two for a range")
        if self.type.startswith("value_"):
            if not self.fields:
                raise Refused("%s needs a field" % self.type)
            if self.type != "value_count" and len(self.fields) > 1:
                raise Refused("%s takes one field" % self.type)
        if self.type == "value_percentile" and self.percentile is None:
            raise Refused("value_percentile needs a percentile")

    def key(self):
        return self.id or self.name or self.title


COMPARE_KEYS = ("gt", "gte", "lt", "lte", "eq", "neq")


def key_of(doc, key):
    value = doc.get(key)
    if value is None:
        return None
    if isinstance(value, (dict, list)):
        raise Refused("%s is no text" % key)
    return text_of(value)


def merged(base, over):
    """A copy of base with over laid on it; maps are merged key by key."""
    out = dict(base)
    for k, v in over.items():
        out[k] = merged(out[k], v) if isinstance(v, dict) and isinstance(out.get(k), dict) else v
    return out


class RuleSet:
    def __init__(self, with_deprecated=False):
        self.rules, self.correlations, self.filters = [], [], []
        self.refused = []  # (file, line, title, reason)
        self.skipped = []  # deprecated and unsupported
        self.by_key, self.with_deprecated = {}, with_deprecated
        self.id_source = {}

    def add_path(self, path):
        if os.path.isfile(path):
            self.add_text(open(path, encoding="utf-8").read(), path)
            return
        files = []
        for folder, _, names in os.walk(path):
            files += [os.path.join(folder, n) for n in names if n.endswith((".yml", ".yaml"))]
        for f in sorted(files):
            try:
                self.add_text(open(f, encoding="utf-8").read(), f)
            except (OSError, UnicodeDecodeError) as e:
                self.refused.append((f, 0, "", str(e)))

    def add_text(self, text, file):
        common, previous, from_action = {}, None, False
        for line, doc in documents(text):
            title = ""
            try:
                if isinstance(doc, Refused):
                    raise doc
                if not isinstance(doc, dict):
                    raise Refused("no map")
                action = doc.get("action")
                if action is not None:
                    doc = {k: v for k, v in doc.items() if k != "action"}
                    if action == "global":
                        common = merged(common, doc)
                        continue
                    if action == "reset":
                        common = {}
                        continue
                    if action != "repeat":
                        raise Refused("action '%s'" % action)
                    if previous is None:
                        raise Refused("action repeat without a rule before it")
                    doc = merged(previous, doc)
                    shares = True
                else:
                    shares = "id" in common and "id" not in doc
                    doc = merged(common, doc)
                previous = doc
                title = text_of(doc.get("title") or "")
                self.add_document(doc, file, shares)
            except Refused as e:
                self.refused.append((file, line, title, str(e)))

    def add_document(self, doc, file, shares_id):
        kind = Correlation if "correlation" in doc else Filter if "filter" in doc else Rule
        if key_of(doc, "status") in ("deprecated", "unsupported") and not self.with_deprecated:
            self.skipped.append((file, key_of(doc, "title")))
            return
        thing = kind(doc)
        if kind is Filter:
            self.filters.append(thing)
            return
        if thing.id is not None:
            if thing.id in self.id_source and not (shares_id and self.id_source[thing.id] == file):
                raise Refused("id %s is that of another rule" % thing.id)
            self.id_source[thing.id] = file
            self.by_key.setdefault(thing.id, thing)
        if thing.name is not None:
            self.by_key.setdefault(thing.name, thing)
        thing.file = file
        (self.rules if kind is Rule else self.correlations).append(thing)

    def finish(self):
        """Filters and correlations to their rules; refuses correlations that hang in the air or in a ring."""
        for f in self.filters:
            for r in self.rules:
                if f.fits(r):
                    r.filters.append(f)
        good = list(self.correlations)
        placed, order = set(self.rules), []
        while True:
            ready = [c for c in good if c not in placed
                     and all(self.by_key.get(k) in placed for k in c.rules)]
            if not ready:
                break
            for c in ready:
                c.bases = [self.by_key[k] for k in c.rules]
                placed.add(c)
                order.append(c)
        for c in good:
            if c not in placed:
                self.refused.append((c.file, 0, c.title, "correlation of unknown, refused or circular rules: %s"
                                     % ", ".join(k for k in c.rules if self.by_key.get(k) not in placed)))
        self.correlations = order
        named = {}
        for c in order:
            for b in c.bases:
                named.setdefault(b, []).append(c)
        for base, by in named.items():
            base.silent = not any(c.generate for c in by)
        return self
