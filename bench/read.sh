#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: bench/read.sh VIGIE LOG.evtx [ROUNDS]
# How long `vigie events` and evtx_dump take for one log, on one thread, as JSON and as XML, in turn; medians of processor
# and elapsed time. Make a large log with `office-make grow`; small ones measure the start of the program.
set -eu
vigie=$1 log=$2 rounds=${3:-5}
exec python3 - "$vigie" "$log" "$rounds" <<'PY'
import os, shutil, statistics, subprocess, sys, time

vigie, log, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
dump = shutil.which("evtx_dump") or os.path.expanduser("~/.cargo/bin/evtx_dump")
commands = {
    "vigie jsonl": [vigie, "events", log],
    "evtx_dump jsonl": [dump, "-t", "1", "-o", "jsonl", log],
    "vigie xml": [vigie, "events", "--format", "xml", log],
    "evtx_dump xml": [dump, "-t", "1", "-o", "xml", "--no-indent", "--dont-show-record-number", log],
    # Reads every event and shows none.
    "vigie read": [vigie, "events", "--id", "4294967295", log],
}
if not os.access(dump, os.X_OK):
    print("evtx_dump is not installed (cargo install evtx): measured alone")
    commands = {k: v for k, v in commands.items() if k.startswith("vigie")}

def once(command):
    before, start = os.times(), time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = os.times()
    return (after.children_user + after.children_system - before.children_user - before.children_system,
            time.monotonic() - start)

figures = {name: [] for name in commands}
for _ in range(rounds):
    for name, command in commands.items():
        figures[name].append(once(command))
size = os.path.getsize(log)
medians = {name: [statistics.median(f[i] for f in runs) for i in (0, 1)] for name, runs in figures.items()}
for name, (cpu, wall) in medians.items():
    print(f"{name:16} {cpu:7.3f} s processor, {wall:7.3f} s elapsed, {size / cpu / 1e6:6.0f} MB/s")
for form in ("jsonl", "xml"):
    if f"evtx_dump {form}" in medians:
        print(f"{form}: evtx_dump / vigie = {medians[f'evtx_dump {form}'][0] / medians[f'vigie {form}'][0]:.2f} (processor time)")
PY
