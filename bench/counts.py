#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Instructions that fixed small runs execute, under callgrind: counts.py --build BUILD [--accept]

A machine that is busy, or slow today, executes no more instructions: a regression shows where times are noise. The runs: our own generated log of 8 MiB, our own
rules, one thread. Compares with bench/counts.json, which --accept writes anew, prints a table, and fails when a run needs more than
TOLERANCE above what is kept.

The hash's seed is drawn anew by each run, so counts differ a little from run to run (by less than 0.3%): what is kept is the median of
three, and a count that is over the tolerance is taken twice more. Under valgrind the processor offers no SHA instructions, so SHA-256 weighs more here than it does otherwise.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from measure import machine  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
KEPT = os.path.join(HERE, "counts.json")
RULES = os.path.join(HERE, "..", "knowledge", "rules")
# Runs of one build differ by up to 0.3%; a compiler's whim moves a count by more.
TOLERANCE = 0.02
RUNS = 3


class Counter:
    def __init__(self, build):
        self.vigie = os.path.join(build, "vigie")
        self.preload = os.path.join(build, "bench", "libno-seccomp.so")
        self.folder = os.path.join(build, "bench", "counts")
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        make = os.path.join(build, "tools", "evtx-make", "office-make")
        self.log, self.hard, self.tiny = (os.path.join(self.folder, n) for n in ("log.evtx", "hard.evtx", "tiny.evtx"))
        for kind, path, mib in (("grow", self.log, "8"), ("hard", self.hard, "8"), ("grow", self.tiny, "1")):
            subprocess.run([make, kind, path, "--mib", mib], check=True)
        self.many = os.path.join(self.folder, "rules")
        subprocess.run([sys.executable, os.path.join(HERE, "rules_grow.py"), self.many, "--copies", "5", RULES], check=True, stdout=subprocess.DEVNULL)

    def runs(self):
        """Name, arguments, and whether the rule cache is emptied before."""
        audit = ["audit", "--jobs", "1", "--no-bundled", "-o", os.path.join(self.folder, "out"), "--force", "--rules"]
        return [("read, JSON lines", ["events", "--jobs", "1", self.log], False),
                ("read, XML", ["events", "--jobs", "1", "-f", "xml", self.log], False),
                ("read, JSON lines, hardest mix", ["events", "--jobs", "1", self.hard], False),
                ("audit, our rules", audit + [RULES, self.log], True),
                ("audit, our rules, hardest mix", audit + [RULES, self.hard], True),
                ("start-up, our rules five times, compiled anew", audit + [self.many, self.tiny], True),
                ("start-up, our rules five times, from the cache", audit + [self.many, self.tiny], False)]

    def count(self, arguments, fresh):
        cache = os.path.join(self.folder, "cache")
        if fresh:
            shutil.rmtree(cache, ignore_errors=True)
        os.makedirs(cache, exist_ok=True)
        out = os.path.join(self.folder, "callgrind.out")
        env = dict(os.environ, LD_PRELOAD=self.preload, HOME=self.folder, XDG_CACHE_HOME=cache, XDG_DATA_HOME=os.path.join(self.folder, "data"), LC_ALL="C.UTF-8", TZ="UTC")
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", self.vigie] + arguments,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, check=False)
        if done.returncode not in (0, 1):
            sys.exit(f"counts: exit status {done.returncode}: {done.stderr.decode(errors='replace')[-1500:]}")
        with open(out, encoding="utf-8", errors="replace") as f:
            return next(int(l.split()[1]) for l in f if l.startswith(("summary:", "totals:")))

    def measure(self, kept):
        """Against what is kept, one run is enough where it is no dearer."""
        out = {}
        for name, arguments, fresh in self.runs():
            got = [self.count(arguments, fresh)]
            if name not in kept or got[0] > kept[name]["instructions"] * (1 + TOLERANCE):
                got += [self.count(arguments, fresh) for _ in range(RUNS - 1)]
            out[name] = {"instructions": int(statistics.median(got)), "spread": round((max(got) - min(got)) / statistics.median(got), 5)}
        return out


def toolchain():
    m = machine()
    return {k: m[k] for k in ("compiler", "libc", "system")} | {"valgrind": subprocess.run(["valgrind", "--version"], capture_output=True, text=True, check=True).stdout.strip()}


def compare(kept, now):
    """Prints the table; the names of what got dearer."""
    worse = []
    print("| run | kept, million | now, million | change | spread of now |\n|---|---|---|---|---|")
    for name, one in now.items():
        old = kept.get(name, {}).get("instructions")
        change = one["instructions"] / old - 1 if old else None
        if change is None or change > TOLERANCE:
            worse.append(name)
        print(f"| {name} | {old / 1e6 if old else 0:.1f} | {one['instructions'] / 1e6:.1f} | "
              f"{'new' if change is None else f'{change:+.2%}'} | {one['spread']:.2%} |")
    return worse


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", required=True)
    p.add_argument("--accept", action="store_true", help="keep what is counted now")
    a = p.parse_args()
    kept = {"toolchain": {}, "runs": {}}
    if os.path.exists(KEPT):
        with open(KEPT, encoding="utf-8") as f:
            kept = json.load(f)
    now, tools = Counter(os.path.abspath(a.build)).measure({} if a.accept else kept["runs"]), toolchain()
    worse = compare(kept["runs"], now)
    if a.accept:
        with open(KEPT, "w", encoding="utf-8") as f:
            json.dump({"toolchain": tools, "runs": now}, f, indent=1)
            f.write("\n")
        print(f"\nkept in {os.path.relpath(KEPT)}")
        return 0
    if kept["toolchain"] != tools:
        print(f"\nThe counts kept are of another toolchain: {kept['toolchain']}; here: {tools}")
    if worse:
        print(f"\nmore instructions than kept (by over {TOLERANCE:.0%}): {', '.join(worse)}\nif that is meant: make bench-accept, and say why in the commit")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
