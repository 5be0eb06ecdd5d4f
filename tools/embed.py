#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Data files as C.

    embed.py css FILE.css NAME OUT.c         a string; comments and indents are left out
    embed.py text FILE NAME OUT.c            a string, as it is
    embed.py techniques FILE.tsv NAME OUT.c  a table of struct attack_technique, sorted by id
    embed.py contacts FILE.tsv NAME OUT.c    a table of struct advice_contact
"""
import re
import sys

from po2c import c_string


def rows(path, columns):
    for number, line in enumerate(open(path, encoding="utf-8").read().splitlines(), 1):
        if line and not line.startswith("#"):
            cells = line.split("\t")
            if len(cells) != columns:
                sys.exit(f"{path}:{number}: {len(cells)} columns instead of {columns}")
            yield cells


def css(path, name):
    text = re.sub(r"/\*.*?\*/", "", open(path, encoding="utf-8").read(), flags=re.S)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return f"const char {name}[] =\n" + "\n".join("    " + c_string(line + "\n") for line in lines) + ";\n"


def plain(path, name):
    lines = open(path, encoding="utf-8").read().splitlines()
    return f"const char {name}[] =\n" + "\n".join("    " + c_string(line + "\n") for line in lines) + ";\n"


def table(path, name, struct, columns, key=None):
    found = list(rows(path, columns))
    if key is not None:
        found.sort(key=lambda r: r[key].encode())
    body = "".join("    {" + ", ".join(map(c_string, r)) + "},\n" for r in found)
    return f"const struct {struct} {name}[] = {{\n{body}}};\nconst size_t {name}_count = {len(found)};\n"


def main():
    kind, path, name, out = sys.argv[1:]
    made = {"css": lambda: css(path, name),
            "text": lambda: plain(path, name),
            "techniques": lambda: table(path, name, "attack_technique", 3, 0),
            "contacts": lambda: table(path, name, "advice_contact", 3)}[kind]()
    with open(out, "w", encoding="ascii") as f:
        f.write('// Made by tools/embed.py.\n#include "report/data.h"\n\n' + made)


if __name__ == "__main__":
    main()
