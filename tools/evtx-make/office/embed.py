#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: embed.py IN OUT.c: the bytes of IN as the array office_world."""
import sys

data = open(sys.argv[1], "rb").read()
with open(sys.argv[2], "w") as out:
    out.write('#include "world.h"\n\nconst unsigned char office_world[] = {')
    for i, b in enumerate(data):
        out.write(("\n    " if i % 20 == 0 else " ") + "%d," % b)
    out.write("\n};\nconst size_t office_world_len = sizeof office_world;\n")
