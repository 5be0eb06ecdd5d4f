#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes examples/office-breach/ anew from office-breach.yml, or proves that what stands there is just that.

usage: make.py OFFICE-MAKE           writes into the folder of this script
       make.py OFFICE-MAKE --check   makes it elsewhere and compares, byte for byte
"""
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.path.join(HERE, "office-breach")
ZIPPED = "PC-2"  # the volunteer packed this one


def make(program, out):
    subprocess.run([program, "story", os.path.join(HERE, "office-breach.yml"), out], check=True)


def logs(folder):
    found = {}
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            if name.endswith(".evtx"):
                found[os.path.relpath(path, folder).replace(os.sep, "/")] = open(path, "rb").read()
            if name.endswith(".zip"):
                with zipfile.ZipFile(path) as z:
                    found.update({n: z.read(n) for n in z.namelist()})
    return found


def pack(folder, name):
    with zipfile.ZipFile(os.path.join(folder, name + ".zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for file in sorted(os.listdir(os.path.join(folder, name))):
            entry = zipfile.ZipInfo(name + "/" + file, (2026, 10, 19, 10, 12, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            z.writestr(entry, open(os.path.join(folder, name, file), "rb").read())
    shutil.rmtree(os.path.join(folder, name))


def check(program):
    with tempfile.TemporaryDirectory() as scratch:
        make(program, scratch)
        new, old = logs(scratch), logs(TARGET)
    wrong = sorted(n for n in new.keys() | old.keys() if new.get(n) != old.get(n))
    for name in wrong:
        print("%s: %s" % (name, "differs" if name in new and name in old else "only on one side"))
    size = sum(os.path.getsize(os.path.join(at, f)) for at, _, names in os.walk(TARGET) for f in names)
    print("%d logs compared, %d differ; the folder has %.1f MiB" % (len(new), len(wrong), size / 2**20))
    if size > 4 << 20:
        print("office-breach/ is to stay within 4 MiB")
    return 1 if wrong or not new or size > 4 << 20 else 0


def main():
    if len(sys.argv) == 3 and sys.argv[2] == "--check":
        sys.exit(check(sys.argv[1]))
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name in os.listdir(TARGET) if os.path.isdir(TARGET) else []:
        path = os.path.join(TARGET, name)
        if os.path.isdir(path):
            shutil.rmtree(path)
        elif name.endswith(".zip"):
            os.remove(path)
    make(sys.argv[1], TARGET)
    pack(TARGET, ZIPPED)


if __name__ == "__main__":
    main()
