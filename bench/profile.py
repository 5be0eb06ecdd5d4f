#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where an audit's instructions go, part by part: profile.py --build BUILD [--hard]

Audits 8 MiB (with --hard: of the hardest mix) with all rules (SigmaHQ's where they lie, else ours) under callgrind and adds up each function's own
instructions by the source file that they come from. Loading and compiling rules do not grow with the log, so they weigh far more here than in an
audit of gigabytes: they stand apart.
"""
import argparse
import collections
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from counts import Counter  # noqa: E402
from data import Data  # noqa: E402

# The first that fits the object file or the source file; once marks what an audit does once, whatever the log's size.
PARTS = [("SHA-256", r"libcrypto|/base/sha256", False), ("SQLite", r"libsqlite", False), ("rules: read YAML", r"libyaml|sigma/yaml", True),
         ("rules: load", r"sigma/(load|condition|modifier|value|bundled|logsource|filter)", True),
         ("rules: compile and cache", r"sigma/(engine|literals_(?!gram|short|trie)|.*cache|regex)|libpcre2", True),
         ("matching", r"src/detection/", False), ("reading", r"src/reader/|src/event/", False), ("case", r"src/case/|src/finding/", False),
         ("reports", r"src/report/", False), ("pipeline", r"src/audit/|src/evidence/|src/cmd/", False)]

# Functions of libc that call the program's own, which counts by itself.
CALLS_BACK = re.compile(r"start|main|sort|search|init|fini|exit|dl_|thread|once")
LINE = re.compile(r"(c?(?:ob|fl|fi|fe|fn))=\((\d+)\)(?: (.*))?")


def own_costs(path):
    """(object file, source file) to instructions, out of callgrind's file: its manual, "Callgrind Format Specification". What is inlined counts where it is
    inlined, and libc's work for the function that asked for it."""
    names, costs, called = {"ob": {}, "f": {}, "fn": {}}, collections.Counter(), False
    here, callee = {"ob": "", "f": ""}, {}
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            if m := LINE.match(line):
                key, number, name = m.groups()
                table = "ob" if key.endswith("ob") else "fn" if key.endswith("fn") else "f"
                if name is not None:
                    names[table][number] = name.strip()
                if key in ("ob", "fl", "cob", "cfn"):
                    (callee if key.startswith("c") else here)[table] = names[table].get(number, "")
            elif line.startswith("calls="):
                called = True  # the next line is what the callee cost, all in all
            elif line[:1].isdigit() or line[:1] in "+-*":
                cost = int(line.split()[1])
                of_libc = is_libc(callee.get("ob", here["ob"])) and not CALLS_BACK.search(callee.get("fn", ""))
                if not is_libc(here["ob"]) and (not called or of_libc):
                    costs[here["ob"], here["f"]] += cost
                if called:
                    callee = {}
                called = False
    return costs


def is_libc(ob):
    return re.search(r"/libc\.so|/libc-|/ld-linux|/libm\.so", ob) is not None


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", required=True)
    p.add_argument("--hard", action="store_true")
    p.add_argument("--other", action="store_true", help="name the source files of what no part fits")
    a = p.parse_args()
    build = os.path.abspath(a.build)
    counter, data = Counter(build), Data(build)
    log = data.office("hard", 8) if a.hard else data.public(8)
    counter.count(["audit", "--jobs", "1", "--no-bundled", "-o", os.path.join(counter.folder, "out"), "--force"]
                  + [w for r in data.all_rules() for w in ("--rules", r)] + [log], fresh=True)
    sums, once, other = collections.Counter(), {}, collections.Counter()
    for (ob, source), cost in own_costs(os.path.join(counter.folder, "callgrind.out")).items():
        # Vigie's own object says less than the source file; a library's says all.
        where = source if ob.endswith("/vigie") else ob
        base = re.search(r"src/(base/\w+)", where)
        name, _, is_once = next((q for q in PARTS if re.search(q[1], where)), (base[1] if base else "other", "", False))
        sums[name] += cost
        once[name] = is_once
        if name == "other":
            other[where] += cost
    for title, wanted in (("with the log", False), ("once", True)):
        total = sum(c for n, c in sums.items() if once[n] == wanted)
        print(f"\n{title}: {total / 1e6:.0f} million instructions\n\n| part | million | share |\n|---|---|---|")
        for name, cost in sums.most_common():
            if once[name] == wanted:
                print(f"| {name} | {cost / 1e6:.0f} | {cost / max(total, 1):.0%} |")
    if a.other:
        print(other.most_common(20))


if __name__ == "__main__":
    main()
