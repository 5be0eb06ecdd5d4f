#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stage includes only itself and earlier ones; each header compiles alone."""
import os
import re
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
STAGES = re.findall(r"'(\w+)'", re.search(r"^stages = \[(.*?)\]", open(os.path.join(ROOT, "meson.build")).read(),
                                          re.M | re.S).group(1)) + ["cmd", "observatory"]


def complaints():
    source = os.path.join(ROOT, "src")
    for folder, _, names in os.walk(source):
        for name in sorted(names):
            if not name.endswith((".c", ".h")):
                continue
            path = os.path.relpath(os.path.join(folder, name), source)
            stage = STAGES.index(path.split(os.sep)[0])
            for number, line in enumerate(open(os.path.join(source, path), encoding="utf-8"), 1):
                found = re.match(r'\s*#\s*include "([a-z]+)/', line)
                if found and found.group(1) in STAGES and STAGES.index(found.group(1)) > stage:
                    yield f"src/{path}:{number}: {STAGES[stage]} must not include {found.group(1)}"
            if name.endswith(".h"):
                done = subprocess.run(["gcc", "-std=gnu2x", "-D_GNU_SOURCE", "-I", source, "-fsyntax-only", "-x", "c",
                                       "-Wall", "-Wno-unused-function", os.path.join(source, path)],
                                      capture_output=True, text=True)
                if done.returncode:
                    yield f"src/{path}: does not compile alone: {done.stderr.splitlines()[0]}"


found = list(complaints())
print("\n".join(found) if found else "layers: in order")
sys.exit(1 if found else 0)
