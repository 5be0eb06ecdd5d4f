#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a tree of Sigma rules N times as large: rules_grow.py OUT --copies N RULES_DIR...

Copy 0 is the tree as it is; the others are the same rules renamed and altered, as if other people had written rules about other things in the same way. The
result depends on the input and the seed alone.

- Ids, names and titles are new; what names them (correlations, filters, `related`) names the copy's own.
- Text in selections is altered inside its longest word ("\\mimikatz.exe" becomes something like "\\mibikats.exe"), so that lengths, extensions, paths,
  wildcards, escapes and modifiers stay. One text becomes the same text everywhere in one copy and another one in each other copy: literals multiply by N, and
  are shared between rules as much as before.
- Texts that many rules ask for ("\\powershell.exe", "Software\\Microsoft\\") stay as they are (--keep: in how many rules), since new rules would ask for them
  too and so the copies remain candidates on real events; but each selection has one item at least that is altered throughout, so that copies seldom match.
- Selections that a condition negates stay as they are: an altered exception would let its rule fire on everything.
- Numbers stay, but where a selection has nothing else to alter; what compares two fields only (fieldref) compares with another one.
"""
import argparse
import collections
import hashlib
import ipaddress
import os
import re
import sys
import uuid

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
VOWELS, CONSONANTS, HEX = "aeiou", "bcdfghklmnprstvwz", "0123456789abcdef"
# Values of these modifiers are no text to look for.
KEEP_MODIFIERS = {"fieldref", "exists", "expand", "lt", "lte", "gt", "gte", "minute", "hour", "day", "week", "month", "year"}
WORD = re.compile(r"[A-Za-z0-9]+")
# What a copy compares with: fields of processes that hardly ever agree with another one.
REFERENCES = ["CurrentDirectory", "ParentCommandLine", "OriginalFileName", "Description", "Product", "Company", "IntegrityLevel", "LogonId", "User"]
# In a regular expression only plain words outside of escapes, classes, counts and group heads are altered.
PATTERN_TOKEN = re.compile(r"\\[pPkg]\{[^}]*\}|\\x[0-9A-Fa-f]{2}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{[^}]*\}|\(\?[^):]*[:)]?|[A-Za-z]{3,}|.", re.S)


def entries(node):
    """A mapping's pairs, keys as text."""
    return [(k.value, v) for k, v in node.value] if isinstance(node, yaml.MappingNode) else []


def child(node, key):
    return next((v for k, v in entries(node) if k == key), None)


def scalars(node):
    if isinstance(node, yaml.ScalarNode):
        return [node]
    return [s for n in (node.value if isinstance(node, yaml.SequenceNode) else [v for _, v in node.value]) for s in scalars(n)]


def is_text(node):
    return node.tag == "tag:yaml.org,2002:str"


def is_number(node):
    return node.tag == "tag:yaml.org,2002:int"


def negated_names(conditions, names):
    """The selections that stand behind a `not`."""
    patterns = []
    for text in conditions:
        for m in re.finditer(r"\bnot\s+", text, re.I):
            rest = text[m.end():]
            if rest.startswith("("):
                depth = 0
                for end, c in enumerate(rest):
                    depth += (c == "(") - (c == ")")
                    if depth == 0:
                        break
                patterns += re.findall(r"[\w*]+", rest[:end])
            elif found := re.match(r"(?:(?:1|any|all)\s+of\s+)?([\w*]+)", rest, re.I):
                patterns.append(found[1])
    return {n for n in names for p in patterns
            if re.fullmatch(re.escape(p).replace(r"\*", ".*"), n) or (p == "them" and not n.startswith("_"))}


class Alter:
    """Alters texts of one copy; the same text always becomes the same, and no two texts become one."""

    def __init__(self, seed, copy, taken):
        self.key, self.copy, self.taken, self.done = f"{seed}/{copy}/", copy, taken, {}

    def draw(self, text, turn):
        """Endless small numbers that depend on the copy and the text alone."""
        block = 0
        while True:
            yield from hashlib.sha256(f"{self.key}{turn}/{block}/{text}".encode()).digest()
            block += 1

    def word(self, word, numbers):
        """Another word of the same look: about a third of its letters, at least two, become others of their kind."""
        if len(word) >= 12 and re.fullmatch(r"[0-9a-fA-F]+", word):
            upper = word.upper() == word
            digits = "".join(HEX[next(numbers) % 16] for _ in word)
            return digits.upper() if upper else digits
        if word.isdigit():
            if len(word) < 4:
                return word + "".join(str(next(numbers) % 10) for _ in range(3))
            return word[0] + "".join(str(next(numbers) % 10) for _ in word[1:])
        out = list(word)
        places = [i for i, c in enumerate(out) if c.isalpha()]
        if len(places) < 4:  # a short word has too few neighbours to become distinct: it grows by a syllable
            grown = CONSONANTS[next(numbers) % len(CONSONANTS)] + VOWELS[next(numbers) % 5]
            at = places[-1] + 1
            return word[:at] + (grown.upper() if word.isupper() else grown) + word[at:]
        for _ in range(max(2, len(places) // 3)):
            i = places[next(numbers) % len(places)]
            kind = VOWELS if out[i].lower() in VOWELS else CONSONANTS
            c = kind[next(numbers) % len(kind)]
            out[i] = c.upper() if out[i].isupper() else c
        return "".join(out)

    def plain(self, text, numbers):
        words = [m for m in WORD.finditer(text)]
        if not words:
            return text
        stem = [m for m in words if not (m.start() and text[m.start() - 1] == ".") and re.search("[A-Za-z]", m[0])] or words
        m = max(stem, key=lambda m: len(m[0]))
        return text[:m.start()] + self.word(m[0], numbers) + text[m.end():]

    def pattern(self, text, numbers):
        tokens = PATTERN_TOKEN.findall(text)
        words = [i for i, t in enumerate(tokens) if re.fullmatch(r"[A-Za-z]{3,}", t)]
        if not words:
            return text
        i = max(words, key=lambda i: len(tokens[i]))
        # A quantifier behind the word binds its last letter, which a word that grows would move.
        tokens[i] = self.word(tokens[i][:-1] + "x", numbers)[:-1] + tokens[i][-1] if len(tokens[i]) > 4 else self.word(tokens[i], numbers)
        return "".join(tokens)

    def network(self, text):
        try:
            net = ipaddress.ip_network(text, strict=False)
        except ValueError:
            return text
        step = (1 << (net.max_prefixlen - net.prefixlen)) * self.copy
        base = (int(net.network_address) + step) % (1 << net.max_prefixlen)
        return f"{ipaddress.ip_address(base) if net.version == 4 else ipaddress.IPv6Address(base)}/{net.prefixlen}"

    def __call__(self, text, modifiers):
        kind = "cidr" if "cidr" in modifiers else "re" if "re" in modifiers else "text"
        if (kind, text) in self.done:
            return self.done[kind, text]
        if kind == "cidr":
            new = self.network(text)
        else:
            new = text
            for turn in range(50):
                candidate = (self.pattern if kind == "re" else self.plain)(text, self.draw(text, turn))
                if candidate != text and candidate.lower() not in self.taken:
                    new = candidate
                    break
            if new == text and kind == "text":
                sys.exit(f"rules_grow: no new text for {text!r}")
        self.taken.add(new.lower())
        self.done[kind, text] = new
        return new

    def reference(self):
        return REFERENCES[self.copy % len(REFERENCES)]

    def number(self, text):
        value = int(text, 0)
        return str((value + 7919 * self.copy) % 65521) if 0 <= value < 65536 else str(value + self.copy)


class Item:
    """One `field|modifiers: values` (or a list of keywords) of a selection."""

    def __init__(self, key, node):
        self.modifiers = set(key.split("|")[1:])
        self.nodes = [] if self.modifiers & KEEP_MODIFIERS else scalars(node)
        self.references = scalars(node) if "fieldref" in self.modifiers else []

    def texts(self):
        return [n for n in self.nodes if is_text(n) and WORD.search(n.value)]

    def numbers(self):
        return [n for n in self.nodes if is_number(n)]


def selections_of(node):
    """A selection is a map (items that all hold), a list of maps (each by itself), or a list of keywords."""
    if isinstance(node, yaml.SequenceNode):
        maps = [n for n in node.value if isinstance(n, yaml.MappingNode)]
        words = [n for n in node.value if isinstance(n, yaml.ScalarNode)]
        out = [s for n in maps for s in selections_of(n)]
        if words:
            item = Item("", words[0])
            item.nodes = words
            out.append([item])
        return out
    return [[Item(k, v) for k, v in entries(node)]]


class Document:
    def __init__(self, node):
        self.node, self.selections = node, []
        holder = child(node, "detection") or child(node, "filter")
        if holder is None:
            return
        conditions = [s.value for s in scalars(child(holder, "condition"))] if child(holder, "condition") else []
        names = [k for k, _ in entries(holder) if k not in ("condition", "timeframe", "rules")]
        negated = negated_names(conditions, names)
        is_filter = child(node, "filter") is not None
        for name, selection in entries(holder):
            if name in names and name not in negated and not is_filter:
                self.selections += selections_of(selection)

    def all_texts(self):
        return {n.value for items in self.selections for i in items for n in i.texts()}

    def changes(self, alter, common):
        """Pairs (node, new value) for what is looked for."""
        out = {}
        for items in self.selections:
            altered = False
            for item in items:
                texts = item.texts()
                rare = [n for n in texts if n.value not in common]
                for n in rare:
                    out[id(n)] = (n, alter(n.value, item.modifiers))
                altered |= bool(rare) and len(rare) == len(item.nodes)
            if altered:
                continue
            # Nothing in it is altered throughout: the item with the longest texts is.
            best = max((i for i in items if i.texts()), key=lambda i: min(len(n.value) for n in i.texts()), default=None)
            if best:
                out.update((id(n), (n, alter(n.value, best.modifiers))) for n in best.texts())
                continue
            numbers = [n for item in items for n in item.numbers()]
            out.update((id(n), (n, alter.number(n.value))) for n in numbers)
            if not numbers:
                out.update((id(n), (n, alter.reference())) for item in items for n in item.references)
        return list(out.values())


def new_id(seed, copy, old):
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"vigie-bench:{seed}:{copy}:{old.lower()}"))


def renames(doc, seed, copy, ids, names):
    """What the rule is called, and what it calls others."""
    out = []
    for key, node in entries(doc.node):
        if key == "id":
            out.append((node, new_id(seed, copy, node.value)))
        elif key == "name":
            out.append((node, f"{node.value}_v{copy}"))
        elif key == "title":
            out.append((node, f"{node.value} (variation {copy})"))
        elif key == "related":
            references = [v for n in node.value for k, v in entries(n) if k == "id"]
            out += [(n, new_id(seed, copy, n.value)) for n in references if n.value.lower() in ids]
        elif key in ("correlation", "filter") and child(node, "rules") is not None:
            for n in scalars(child(node, "rules")):
                if n.value.lower() in ids:
                    out.append((n, new_id(seed, copy, n.value)))
                elif n.value in names:
                    out.append((n, f"{n.value}_v{copy}"))
    # `aliases` of a correlation name rules as keys.
    aliases = child(child(doc.node, "correlation"), "aliases") if child(doc.node, "correlation") else None
    for _, mapping in entries(aliases) if aliases else []:
        out += [(k, f"{k.value}_v{copy}") for k, _ in mapping.value if k.value in names]
    return out


def quote(node, value):
    if is_number(node):
        return value
    if re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029\ufeff]", value):
        text = yaml.dump(value, default_style='"', allow_unicode=False, width=1 << 30).strip()
    else:
        text = "'" + value.replace("'", "''") + "'"
    return text + ("\n" if node.style in ("|", ">") else "")


class File:
    def __init__(self, path, relative):
        self.relative = relative
        with open(path, encoding="utf-8-sig") as f:
            self.text = f.read()
        self.documents = [Document(n) for n in yaml.compose_all(self.text, Loader=LOADER) if isinstance(n, yaml.MappingNode)]

    def write(self, out, edits):
        """The file's own text with only the edited scalars exchanged, so that it costs as much to read as any rule."""
        at, pieces = 0, []
        for node, value in sorted(edits, key=lambda e: e[0].start_mark.index):
            if node.start_mark.index < at:
                continue  # an alias: the anchor's text is edited once
            pieces += [self.text[at:node.start_mark.index], quote(node, value)]
            at = node.end_mark.index
        path = os.path.join(out, self.relative)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="\n") as f:
            f.write("".join(pieces) + self.text[at:])


def read_files(folders):
    files = []
    for folder in folders:
        base = os.path.basename(os.path.abspath(folder))
        for here, below, found in os.walk(folder):
            below.sort()
            for name in sorted(found):
                if name.endswith((".yml", ".yaml")):
                    path = os.path.join(here, name)
                    try:
                        files.append(File(path, os.path.join(base, os.path.relpath(path, folder))))
                    except (yaml.YAMLError, UnicodeDecodeError) as e:
                        print(f"rules_grow: left out: {path}: {str(e).splitlines()[0]}", file=sys.stderr)
    return files


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("out", help="a folder that does not exist yet, or is empty")
    p.add_argument("rules", nargs="+", metavar="RULES_DIR")
    p.add_argument("--copies", type=int, default=10, help="how many times as large, the original included")
    p.add_argument("--keep", type=int, default=20, help="a text that so many rules ask for stays as it is; 0: none stays")
    p.add_argument("--seed", default="1")
    a = p.parse_args()
    if os.path.isdir(a.out) and os.listdir(a.out):
        sys.exit(f"rules_grow: not empty: {a.out}")
    files = read_files(a.rules)
    documents = [d for f in files for d in f.documents]
    counts = collections.Counter(t for d in documents for t in d.all_texts())
    common = {t for t, n in counts.items() if a.keep and n >= a.keep}
    ids = {child(d.node, "id").value.lower() for d in documents if child(d.node, "id") is not None}
    names = {child(d.node, "name").value for d in documents if child(d.node, "name") is not None}
    taken = {t.lower() for t in counts}
    altered = 0
    for copy in range(a.copies):
        alter = Alter(a.seed, copy, taken)
        for f in files:
            edits = [] if copy == 0 else [e for d in f.documents for e in d.changes(alter, common) + renames(d, a.seed, copy, ids, names)]
            f.write(os.path.join(a.out, f"{copy:02}"), edits)
        altered += sum(new != old for (_, old), new in alter.done.items())
    print(f"{a.out}: {len(documents) * a.copies} documents in {len(files) * a.copies} files; {len(counts)} texts, {len(common)} kept, "
          f"{altered} new ones in {a.copies - 1} copies")


if __name__ == "__main__":
    main()
