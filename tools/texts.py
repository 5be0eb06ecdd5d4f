#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The report's sentences: checks them, and the translations against them.

    texts.py check           every sentence is short enough, and each knowledge/texts/*.po has all of them and no other
    texts.py missing FILE.po prints entries that the file lacks, ready to be translated

Sentences stand in src/report/*.c as TR("…"), TRN("one", "many", n), TEXT("…") and in knowledge/advice/contacts.tsv.
"""
import ast
import glob
import os
import re
import sys

from po2c import pairs, read_po

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
CALL = re.compile(r"\b(TRN|TR|TEXT)\(\s*")
LITERALS = re.compile(r'((?:"(?:[^"\\]|\\.)*"\s*)+)')
MOST_WORDS = 20


def literal(text, at):
    found = LITERALS.match(text, at)
    if not found:
        return None, at
    parts = re.findall(r'"(?:[^"\\]|\\.)*"', found.group(1))
    return "".join(ast.literal_eval(p) for p in parts), found.end()


def sentences():
    """Yields (place, one, many or None)."""
    for path in sorted(glob.glob(os.path.join(ROOT, "src/report/*.c"))):
        source = open(path, encoding="utf-8").read()
        for call in CALL.finditer(source):
            place = f"{os.path.relpath(path, ROOT)}:{source.count(chr(10), 0, call.start()) + 1}"
            one, end = literal(source, call.end())
            if one is None:
                sys.exit(f"{place}: {call.group(1)} without a literal")
            many = None
            if call.group(1) == "TRN":
                many, end = literal(source, source.index(",", end) + 1 + len(re.match(r"\s*", source[source.index(",", end) + 1:]).group()))
            yield place, one, many
    path = os.path.join(ROOT, "knowledge/advice/contacts.tsv")
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        if line.strip() and not line.startswith("#"):
            yield f"knowledge/advice/contacts.tsv:{number}", line.rstrip("\n").split("\t")[1], None


def too_long(text):
    for sentence in re.split(r"[.:;?!]\s+|[.:;?!]$", text):
        if len(sentence.split()) > MOST_WORDS:
            yield sentence


def check():
    wanted, wrong = {}, []
    for place, one, many in sentences():
        for text in filter(None, (one, many)):
            wanted[text] = place
            wrong += [f"{place}: more than {MOST_WORDS} words: {s}" for s in too_long(text)]
            if re.search(r"\bclean\b(?![- ]up)|\bhacked\b|\bvirus-free\b", text, re.I):
                wrong.append(f"{place}: a word that the report never says: {text}")
    for path in sorted(glob.glob(os.path.join(ROOT, "knowledge/texts/*.po"))):
        name = os.path.relpath(path, ROOT)
        have = dict(pairs(path))
        wrong += [f"{name}: lacks {text!r} ({place})" for text, place in wanted.items() if text not in have]
        wrong += [f"{name}: has {text!r}, which the report does not say" for text in have if text not in wanted]
    print("\n".join(wrong) if wrong else f"texts: {len(wanted)} sentences, all short and translated")
    return 1 if wrong else 0


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def missing(path):
    have = {e["msgid"] for _, e, _ in read_po(path)}
    for place, one, many in sentences():
        if one in have:
            continue
        have.add(one)
        print(f"#: {place.rsplit(':', 1)[0]}\nmsgid {quoted(one)}")
        print(f'msgid_plural {quoted(many)}\nmsgstr[0] ""\nmsgstr[1] ""\n' if many else 'msgstr ""\n')
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["check"]:
        sys.exit(check())
    if len(sys.argv) == 3 and sys.argv[1] == "missing":
        sys.exit(missing(sys.argv[2]))
    sys.exit(__doc__)
