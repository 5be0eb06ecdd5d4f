#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times pairs of commands in turn (A B A B …) and prints medians, the ratio pair by pair, and peak memory.

Each run is a process of its own; wall time and peak memory are the operating system's figures for it. Output is written to
/dev/null or to a fresh folder that is removed afterwards. Quote ratios: machines differ and drift."""
import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


def run(command):
    """Wall seconds, processor seconds and peak MiB of one run; the exit status 1 means "found something" for an audit."""
    folder = tempfile.mkdtemp(prefix="vigie-bench-")
    command = [part.replace("{out}", os.path.join(folder, "out")) for part in command]
    try:
        with open(os.devnull, "w") as nowhere:
            begin = time.monotonic()
            child = subprocess.Popen(command, stdout=nowhere, stderr=nowhere, stdin=subprocess.DEVNULL)
            _, status, usage = os.wait4(child.pid, 0)
            seconds = time.monotonic() - begin
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in (0, 1):
            sys.exit(f"failed with {child.returncode}: {' '.join(command)}")
        return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def pair(name, ours, peer, runs, megabytes):
    rows = [(run(ours), run(peer) if peer else None) for _ in range(runs + 1)][1:]  # the first run only warms up
    wall, cpu = (statistics.median(r[0][k] for r in rows) for k in (0, 1))
    line = f"| {name} | {wall:.2f} | {cpu:.2f} | {megabytes / wall:.0f} | {max(r[0][2] for r in rows):.0f} |"
    if peer:
        line += (f" {statistics.median(r[1][0] for r in rows):.2f} | {statistics.median(r[1][1] for r in rows):.2f} |"
                 f" {max(r[1][2] for r in rows):.0f} | {statistics.median(r[0][0] / r[1][0] for r in rows):.2f} |"
                 f" {statistics.median(r[0][1] / r[1][1] for r in rows):.2f} |")
    else:
        line += " – | – | – | – | – |"
    print(line, flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--vigie", required=True)
    p.add_argument("--peer", default="none", help="evtx_dump, or none")
    p.add_argument("--log", required=True)
    p.add_argument("--rules", action="append", default=[])
    p.add_argument("--runs", type=int, default=5)
    a = p.parse_args()
    peer = None if a.peer == "none" else a.peer
    megabytes = os.path.getsize(a.log) / 1e6
    cpu = next((l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.machine())
    print(f"{cpu}, {os.cpu_count()} processors; {platform.platform()}; {os.path.basename(a.log)}: {megabytes:.0f} MB; medians of {a.runs}")
    if peer:
        print("peer:", subprocess.run([peer, "--version"], capture_output=True, text=True).stdout.strip())
    print("\n| what | vigie, s | processor, s | MB/s | peak, MiB | peer, s | processor, s | peak, MiB | ratio | ratio of processor time |"
          "\n|---|---|---|---|---|---|---|---|---|---|")
    dump = [peer, "-t", "1", "-o", "jsonl", a.log] if peer else None
    dump_xml = [peer, "-t", "1", "-o", "xml", "--no-indent", "--dont-show-record-number", a.log] if peer else None
    two = [peer, "-t", "2", "-o", "jsonl", a.log] if peer else None
    audit = [a.vigie, "audit", a.log, "-o", "{out}"]
    pair("events, JSON lines, 1 thread", [a.vigie, "events", "--jobs", "1", a.log], dump, a.runs, megabytes)
    pair("events, XML, 1 thread", [a.vigie, "events", "--format", "xml", "--jobs", "1", a.log], dump_xml, a.runs, megabytes)
    pair("events, JSON lines, 2 threads", [a.vigie, "events", "--jobs", "2", a.log], two, a.runs, megabytes)
    pair("audit, bundled rules, 1 thread (peer: dump)", audit + ["--jobs", "1"], dump, a.runs, megabytes)
    if a.rules:
        more = audit + [w for r in a.rules for w in ("--rules", r)]
        pair("audit, all rules, 1 thread (peer: dump)", more + ["--jobs", "1"], dump, a.runs, megabytes)
        pair("audit, all rules, 2 threads (peer: dump, 2)", more + ["--jobs", "2"], two, a.runs, megabytes)


main()
