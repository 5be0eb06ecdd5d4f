#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sentences of vigied's pages against their translations.

    web-texts.py check    every sentence of src/observatory stands in web/po/fr, and nothing else does
    web-texts.py missing  prints entries that are missing, ready to be translated

Sentences are the literals in TR("…"), TRP("…"), TRN("one", "many", n) and TEXT("…").
"""
import ast
import glob
import os
import re
import sys

from po2c import read_po

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
CALL = re.compile(r"\b(TRN|TRP|TR|TEXT)\(\s*")
LITERALS = re.compile(r'((?:"(?:[^"\\]|\\.)*"\s*)+)')


def literal(source, at):
    found = LITERALS.match(source, at)
    if not found:
        return None, at
    return "".join(ast.literal_eval(p) for p in re.findall(r'"(?:[^"\\]|\\.)*"', found.group(1))), found.end()


def sentences():
    """Yields (place, English). Macros' own definitions have no literal and are passed over."""
    paths = glob.glob(os.path.join(ROOT, "src/observatory/*/*.c")) + glob.glob(os.path.join(ROOT, "src/observatory/*/*.h"))
    for path in sorted(paths):
        source = open(path, encoding="utf-8").read().replace("\\\n", " \n")  # macros of several lines
        for call in CALL.finditer(source):
            place = f"{os.path.relpath(path, ROOT)}:{source.count(chr(10), 0, call.start()) + 1}"
            one, end = literal(source, call.end())
            if one is None:
                continue
            yield place, one
            if call.group(1) == "TRN":
                many, _ = literal(source, end + len(re.match(r",?\s*", source[end:]).group()))
                if many:
                    yield place, many


def translated():
    have = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "web/po/fr/*.po"))):
        for _, entry, _ in read_po(path):
            for key in ("msgid", "msgid_plural"):
                if entry.get(key):
                    have[entry[key]] = os.path.relpath(path, ROOT)
    return have


def main():
    have, wanted = translated(), {}
    for place, english in sentences():
        wanted.setdefault(english, place)
    lacking = {e: p for e, p in wanted.items() if e not in have}
    if sys.argv[1:] == ["missing"]:
        for english, place in lacking.items():
            quoted = english.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            print(f'#: {place}\nmsgid "{quoted}"\nmsgstr ""\n')
        return 0
    if sys.argv[1:] != ["check"]:
        sys.exit(__doc__)
    wrong = [f"{place}: no French for {english!r}" for english, place in lacking.items()]
    for english, path in have.items():
        if english not in wanted:
            print(f"{path}: {english!r} is not said anywhere")
    print("\n".join(wrong) if wrong else f"web texts: {len(wanted)} sentences, all translated")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
