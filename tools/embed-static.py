#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files for browsers as C, under names that carry the hash of their content.

    embed-static.py OUT.c FILE...

Comments and indents of style sheets are left out.
"""
import hashlib
import os
import re
import sys

TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8"}


def content(path):
    data = open(path, "rb").read()
    if not path.endswith(".css"):
        return data
    text = re.sub(r"/\*.*?\*/", "", data.decode(), flags=re.S)
    return "".join(line.strip() + "\n" for line in text.splitlines() if line.strip()).encode()


def main():
    out, *paths = sys.argv[1:]
    rows = []
    with open(out, "w", encoding="ascii") as f:
        f.write('// Made by tools/embed-static.py out of web/static.\n#include "observatory/pages/parts.h"\n\n')
        for number, path in enumerate(paths):
            name, (stem, end) = os.path.basename(path), os.path.splitext(os.path.basename(path))
            data = content(path)
            digest = hashlib.sha256(data).hexdigest()[:12]
            f.write(f"static const uint8_t data_{number}[] = {{\n")
            for at in range(0, len(data), 24):
                f.write("    " + ",".join(map(str, data[at:at + 24])) + ",\n")
            f.write("};\n")
            rows.append(f'    {{"{name}", "/static/{stem}.{digest}{end}", "{TYPES[end]}", data_{number}, {len(data)}}},\n')
        f.write(f"\nconst struct static_file static_files[] = {{\n{''.join(rows)}}};\n")
        f.write(f"const size_t static_files_count = {len(rows)};\n")


if __name__ == "__main__":
    main()
