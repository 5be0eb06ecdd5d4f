# SPDX-License-Identifier: Apache-2.0
"""What is measured, in groups. Each group is a function that yields (title, goal or None, measurement); a goal is the most that `ratio` may be,
or a function of the measurement that gives (met, words)."""
import os

from measure import Command, Failed

FOUND = (0, 1)  # exit status of an audit: nothing found, something found


class Setting:
    def __init__(self, bench, data, peers, build, quick):
        self.bench, self.data, self.peers, self.quick = bench, data, peers, quick
        self.vigie = os.path.join(build, "vigie")
        self.big, self.small = (64, 16) if quick else (1024, 256)

    def events(self, log, jobs=1, form="jsonl", count=True):
        return Command(f"vigie events -f {form} --jobs {jobs}", [self.vigie, "events", "-f", form, "--jobs", str(jobs), log],
                       count=(b"\n" if form == "jsonl" else b"</Event>") if count else None, same_output=f"events {form} {log}")

    def dump(self, log, threads=1, form="jsonl"):
        program = self.peers.get("evtx_dump")
        if not program:
            return None
        argv = [program, "-t", str(threads), "-o", form] + (["--no-indent", "--dont-show-record-number"] if form == "xml" else []) + [log]
        return Command(f"evtx_dump -t {threads} -o {form}", argv, count=b"\n" if form == "jsonl" else b"</Event>")

    def audit(self, logs, rules, jobs=1, cold=False, count=True):
        logs = [logs] if isinstance(logs, str) else logs
        argv = [self.vigie, "audit", "--no-bundled", "--jobs", str(jobs), "-o", "{out}"] + [w for r in rules for w in ("--rules", r)] + logs
        return Command(f"vigie audit --jobs {jobs}", argv, count="findings" if count else None, ok=FOUND, fresh_cache=cold,
                       same_output=f"audit {logs} {rules}" if count else None)


def mib(path):
    return os.path.getsize(path) >> 20


def below(seconds):
    return lambda m: (m["ours"]["wall"] < seconds, f"under {seconds} s")


def read(s):
    for size in sorted({s.small, s.big}):
        log = s.data.public(size)
        name = f"{size} MiB"
        yield f"dump to JSON lines, 1 thread, {name}", 1 / 1.3, s.bench.pair(s.events(log), s.dump(log))
        yield f"dump to XML, 1 thread, {name}", 1 / 1.3, s.bench.pair(s.events(log, form="xml"), s.dump(log, form="xml"))
        yield f"dump to JSON lines, 2 threads, {name}", None, s.bench.pair(s.events(log, 2), s.dump(log, 2))
        yield f"dump to XML, 2 threads, {name}", None, s.bench.pair(s.events(log, 2, "xml"), s.dump(log, 2, "xml"))
        yield f"2 threads against our own 1, JSON lines, {name}", 1 / 1.7, s.bench.pair(s.events(log, 2), s.events(log))
        if s.peers.get("evtx_dump"):
            yield f"evtx_dump: 2 threads against its own 1, {name}", None, s.bench.pair(s.dump(log, 2), s.dump(log))
    own = s.data.own(s.small)
    yield f"dump to JSON lines, 1 thread, our own office, {s.small} MiB", None, s.bench.pair(s.events(own), s.dump(own))
    if s.peers.get("evtxexport"):
        log = s.data.public(4)
        export = Command("evtxexport -f xml", [s.peers.get("evtxexport"), "-f", "xml", log])
        yield "dump to XML, 1 thread, 4 MiB (evtxexport is slow)", None, s.bench.pair(s.events(log, form="xml"), export, runs=1)


def floors(s):
    """What no audit can be faster than: fetching the file's bytes, and hashing them."""
    log, program = s.data.public(s.big), os.path.join(s.bench.build, "bench", "floor")
    for title, word in (("plain read", "read"), ("read and SHA-256", "sha256")):
        yield f"floor: {title}, {s.big} MiB, against its dump to JSON lines", None, s.bench.pair(
            Command(title, [program, word, log]), s.dump(log), equal_counts=False)


def audit(s):
    log = s.data.public(s.big)
    every, ten = s.data.all_rules(), s.data.ten_times()
    for title, rules, goal in (("no rule", s.data.no_rules(), None), ("400 rules", s.data.some_rules(), None), ("all rules", every, 0.7), ("10 x rules", ten, None)):
        yield f"audit, {title}, 1 thread, {s.big} MiB, against its dump to JSON lines", goal, s.bench.pair(
            s.audit(log, rules), s.dump(log), equal_counts=False)
    yield "the same, all rules, compiled anew", None, s.bench.pair(s.audit(log, every, cold=True), s.dump(log), equal_counts=False)
    yield "10 x rules against all rules, 1 thread", 1.3, s.bench.pair(s.audit(log, ten), s.audit(log, every), equal_counts=False)
    yield "10 x rules against all rules, compiled anew", None, s.bench.pair(s.audit(log, ten, cold=True), s.audit(log, every, cold=True), equal_counts=False)
    yield "all rules, 2 threads against 1", None, s.bench.pair(s.audit(log, every, 2), s.audit(log, every))


def hard(s):
    log, every = s.data.hard(s.big), s.data.all_rules()
    yield f"hardest mix: dump to JSON lines, 1 thread, {s.big} MiB", None, s.bench.pair(s.events(log), s.dump(log))
    yield "hardest mix: audit, all rules, 1 thread, against its dump to JSON lines", 1.5, s.bench.pair(
        s.audit(log, every), s.dump(log), equal_counts=False)
    yield "hardest mix: audit, 10 x rules against all rules", 1.3, s.bench.pair(
        s.audit(log, s.data.ten_times()), s.audit(log, every), equal_counts=False)
    yield "hardest mix: audit, all rules, 2 threads against 1", None, s.bench.pair(s.audit(log, every, 2), s.audit(log, every))


def start(s):
    """A log of one chunk: what is left is loading and compiling, the case and the reports."""
    folder, _ = s.data.many(20)
    log, every = os.path.join(folder, "log-00000.evtx"), s.data.all_rules()
    runs = s.bench.runs * 2 + 1
    yield "start-up: audit of one chunk, no rule", None, s.bench.pair(s.audit(log, s.data.no_rules(), count=False), runs=runs)
    yield "start-up: the same, all rules, compiled anew", below(0.5), s.bench.pair(s.audit(log, every, cold=True), runs=runs)
    yield "start-up: the same, all rules, from the cache", below(0.05), s.bench.pair(s.audit(log, every), runs=runs)
    yield "start-up: the same, 10 x rules, compiled anew", None, s.bench.pair(s.audit(log, s.data.ten_times(), cold=True))
    yield "start-up: the same, 10 x rules, from the cache", None, s.bench.pair(s.audit(log, s.data.ten_times()))
    python = s.peers.get("pysigma")
    if python:
        here = os.path.dirname(os.path.abspath(__file__))
        for what in ("load", "convert"):
            peer = Command(f"pySigma: {what}", [python, os.path.join(here, "pysigma_load.py"), what] + every)
            yield f"start-up: all rules, compiled anew, against pySigma's {what}ing them", None, s.bench.pair(s.audit(log, every, cold=True), peer, runs=1, equal_counts=False)


def many(s):
    every = s.data.all_rules()
    samples = s.data.sample_files()
    if samples:
        folder, whole = samples
        yield "public samples: 277 files against one of the same bytes, dump", 1.2, s.bench.pair(
            s.events(folder), s.events(whole), runs=s.bench.runs * 2 + 1)
        yield "public samples: 277 files against one of the same bytes, audit, all rules", 1.2, s.bench.pair(
            s.audit(folder, every), s.audit(whole, every), equal_counts=False)
        yield "public samples: the same, 2 threads", None, s.bench.pair(s.audit(folder, every, 2), s.audit(whole, every, 2), equal_counts=False)
    sizes, costs = ((200, 2000) if s.quick else (1000, 10000)), []
    for files in sizes:
        folder, whole = s.data.many(files)
        for what, one, other in (("dump", s.events(folder), s.events(whole)), ("audit, all rules", s.audit(folder, every), s.audit(whole, every))):
            m = s.bench.pair(one, other, equal_counts=what == "dump")
            m["per_file_us"] = m["ours"]["wall"] / files * 1e6
            first = next((c for w, c in costs if w == what), None)
            costs.append((what, m["per_file_us"]))
            goal = (lambda m, first=first: (m["per_file_us"] <= first * 1.15, f"a file costs at most 1.15 times as much as one of {sizes[0]:,}")) if first else None
            yield f"{files:,} small files against one of the same bytes, {what}", goal, m


def memory(s):
    every, peaks = s.data.all_rules(), []
    for size in ((16, 64, 256) if s.quick else (64, 256, 1024, 4096)):
        m = s.bench.pair(s.audit(s.data.public(size), every), runs=1)
        peaks.append(m["ours"]["peak"])
        goal = None
        if size == 1024:
            goal = lambda m: (m["ours"]["peak"] < 200, "under 200 MiB")
        if size == 4096:
            goal = lambda m, before=peaks[-2]: (m["ours"]["peak"] <= before * 1.1, "within 10% of that at 1 GiB")
        yield f"peak memory: audit, all rules, 1 thread, {size} MiB", goal, m
        log = s.data.public(size)
        yield f"peak memory: dump to JSON lines, 1 thread, {size} MiB", None, s.bench.pair(s.events(log), runs=1)


GROUPS = {"read": read, "floors": floors, "audit": audit, "hard": hard, "start": start, "many": many, "memory": memory}
__all__ = ["GROUPS", "Setting", "Failed"]
