#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A gettext file as a C table, built into the program so that nothing needs to be installed.

    po2c.py LANGUAGE NAME OUT.c FILE.po...

The table NAME holds English and its translation, sorted by the English bytes (strcmp). A plural entry gives two rows.
Refused: entries without translation, fuzzy ones, and those whose printf conversions differ.
"""
import ast
import re
import sys

CONVERSION = re.compile(r"%(?:%|(?:\d+\$)?[-+ #0]*\d*(?:\.\d+)?(?:ll|l|z|h)?[a-zA-Z])")


def read_po(path):
    """Yields (line number, {keyword: text}, fuzzy)."""
    entry, flags, key, start = {}, "", None, 1
    for number, line in enumerate(open(path, encoding="utf-8").read().splitlines() + [""], 1):
        if not line.strip():
            if entry:
                yield start, entry, "fuzzy" in flags
            entry, flags, key = {}, "", None
        elif line.startswith("#"):
            flags += line if line.startswith("#,") else ""
        else:
            found = re.match(r'(?:(msgid|msgid_plural|msgstr(?:\[\d\])?)\s+)?(".*")\s*$', line)
            if not found:
                sys.exit(f"{path}:{number}: cannot be read")
            if found.group(1):
                start = number if found.group(1) == "msgid" else start
                key = found.group(1)
                entry[key] = ""
            entry[key] += ast.literal_eval(found.group(2))


def pairs(path):
    for number, entry, fuzzy in read_po(path):
        if entry["msgid"] == "":
            continue
        rows = [(entry["msgid"], entry.get("msgstr"))]
        if "msgid_plural" in entry:
            rows = [(entry["msgid"], entry.get("msgstr[0]")), (entry["msgid_plural"], entry.get("msgstr[1]"))]
        for english, other in rows:
            if fuzzy or not other:
                sys.exit(f"{path}:{number}: not translated: {english!r}")
            if CONVERSION.findall(english) != CONVERSION.findall(other):
                sys.exit(f"{path}:{number}: other conversions than in English: {other!r}")
            yield english, other


def c_string(text):
    out = "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in text.encode())
    return f'"{out}"'


def main():
    language, name, out, *paths = sys.argv[1:]
    rows = {}
    for path in paths:
        for english, other in pairs(path):
            if rows.setdefault(english, other) != other:
                sys.exit(f"{path}: two translations of {english!r}")
    with open(out, "w", encoding="ascii") as f:
        f.write(f'// Made by tools/po2c.py from {language}.po.\n#include "report/texts.h"\n\n')
        f.write(f"const struct text_pair {name}[] = {{\n")
        for english in sorted(rows, key=lambda s: s.encode()):
            f.write(f"    {{{c_string(english)}, {c_string(rows[english])}}},\n")
        f.write(f"}};\nconst size_t {name}_count = {len(rows)};\n")


if __name__ == "__main__":
    main()
