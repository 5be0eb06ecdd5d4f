#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures Vigie against other programs and itself: bench.py --build BUILD [--only GROUP,...] [--quick] [--runs N]

Makes the data, installs the peers, runs pairs in turn, checks that what they put out agrees, and writes BUILD/bench/table.md and
BUILD/bench/result/GROUP.json. docs/performance.md explains the method and the table's columns.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import time

from data import Data
from groups import GROUPS, Setting
from measure import Bench, Failed, machine, quiet_enough
from peers import Peers

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MARK_BEGIN, MARK_END = "<!-- table: begin -->", "<!-- table: end -->"
HEAD = ("| what | s | processor, s | peak, MiB | peer, s | processor, s | peak, MiB | ratio | from – to | ratio of processor time | others | goal |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|---|\n")


def judge(goal, m):
    """(met, words); a goal that is a number is the most that the ratio may be."""
    if goal is None:
        return None, ""
    if callable(goal):
        return goal(m)
    if "ratio" not in m:
        return None, "no peer"
    return m["ratio"] <= goal, f"at most {goal:.2f}"


def number(x):
    return f"{x:.3f}" if x < 1 else f"{x:.2f}"


def line(row):
    m = row["measured"]
    cells = [row["title"]]
    for side in (m["ours"], m["peer"]):
        cells += [number(side["wall"]), number(side["cpu"]), f"{side['peak']:.0f}"] if side else ["–"] * 3
    cells += [f"**{m['ratio']:.2f}**", f"{m['ratio_low']:.2f} – {m['ratio_high']:.2f}", f"{m['ratio_cpu']:.2f}"] if "ratio" in m else ["–"] * 3
    cells.append(f"{m['others']:.1f}")
    cells.append(f"{row['goal']}: {'met' if row['met'] else 'missed'}" if row["met"] is not None else row["goal"] or "–")
    return "| " + " | ".join(cells) + " |\n"


def group_text(g):
    text = f"\n### {g['group']}\n{g['when']}, {g['mode']}, medians of {g['runs']} pairs, load average {g['load']:.2f} at the begin"
    text += "".join(f"; {v}" for v in g["peers"].values() if v) + "\n\n" + HEAD + "".join(line(r) for r in g["rows"])
    return text + "".join(f"\nNot measured: {f}\n" for f in g["failures"])


def write_table(folder):
    """All groups measured so far, in the order of GROUPS."""
    got = []
    for name in GROUPS:
        path = os.path.join(folder, "result", name + ".json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                got.append(json.load(f))
    m = got[-1]["machine"]
    with open(os.path.join(folder, "table.md"), "w", encoding="utf-8") as f:
        f.write(f"{m['processor']}, {m['processors']} processors, {m['memory_mib']} MiB; {m['system']}, Linux {m['kernel']}; {m['compiler']}\n")
        f.writelines(group_text(g) for g in got)


def put_into_doc(folder):
    """The table takes the place of the one between the marks in docs/performance.md."""
    path = os.path.join(ROOT, "docs", "performance.md")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(os.path.join(folder, "table.md"), encoding="utf-8") as f:
        table = f.read()
    before, rest = text.split(MARK_BEGIN)
    after = rest.split(MARK_END)[1]
    with open(path, "w", encoding="utf-8") as f:
        f.write(before + MARK_BEGIN + "\n" + table + MARK_END + after)


def measure_group(name, setting, base, folder):
    result = dict(base, group=name, when=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), load=os.getloadavg()[0], rows=[], failures=[])
    steps = GROUPS[name](setting)
    print(f"\n{name}\n{HEAD}", end="", flush=True)
    try:
        for title, goal, measure in steps:
            try:
                measured = measure()
            except (Failed, OSError) as e:
                result["failures"].append(f"{title}: {e}")
                print(f"bench: {title}: {e}", file=sys.stderr)
                continue
            met, words = judge(goal, measured)
            result["rows"].append({"title": title, "goal": words, "met": met, "measured": measured})
            print(line(result["rows"][-1]), end="", flush=True)
    except (Failed, OSError, subprocess.CalledProcessError) as e:  # the data could not be made
        result["failures"].append(str(e))
        print(f"bench: {name}: {e}", file=sys.stderr)
    result["peers"] = setting.peers.versions()
    with open(os.path.join(folder, "result", name + ".json"), "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1)
    return not result["failures"]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", required=True)
    p.add_argument("--only", default="", help="groups, with commas: " + ", ".join(GROUPS))
    p.add_argument("--quick", action="store_true", help="small logs, few runs: minutes instead of an hour")
    p.add_argument("--runs", type=int, default=0, help="pairs of each measurement (default 5; quick: 3)")
    p.add_argument("--doc", action="store_true", help="measures nothing: puts the last table into docs/performance.md")
    a = p.parse_args()
    if a.doc:
        return put_into_doc(os.path.join(os.path.abspath(a.build), "bench"))
    names = [n for n in a.only.split(",") if n] or list(GROUPS)
    if unknown := [n for n in names if n not in GROUPS]:
        sys.exit(f"bench: no group {unknown[0]}; there are {', '.join(GROUPS)}")
    build = os.path.abspath(a.build)
    folder = os.path.join(build, "bench")
    os.makedirs(os.path.join(folder, "result"), exist_ok=True)
    quiet_enough()
    if not a.quick and (free := shutil.disk_usage(folder).free >> 30) < 10:
        print(f"bench: the data needs up to 10 GiB, and {free} GiB are free at {folder}", file=sys.stderr)
    runs = a.runs or (3 if a.quick else 5)
    setting = Setting(Bench(build, runs), Data(build), Peers(os.path.join(build, "peers")), build, a.quick)
    base = {"machine": machine(), "mode": "quick" if a.quick else "full", "runs": runs}
    begin, good = time.monotonic(), True
    for name in names:
        good &= measure_group(name, setting, base, folder)
        write_table(folder)
    print(f"\n{folder}/table.md; {(time.monotonic() - begin) / 60:.0f} minutes")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
