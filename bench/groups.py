# SPDX-License-Identifier: Apache-2.0
"""What is measured, in groups. Each group is a function that yields (title, goal or None, function that measures); a goal is the most that `ratio`
may be, or a function of the measurement that gives (met, words). A measurement that fails leaves the others alone."""
import os

from measure import Command, Failed

FOUND = (0, 1)  # exit status of an audit: nothing found, something found


class Setting:
    def __init__(self, bench, data, peers, build, quick):
        self.bench, self.data, self.peers, self.quick = bench, data, peers, quick
        self.vigie = os.path.join(build, "vigie")
        self.big, self.small = (64, 16) if quick else (1024, 256)

    def pair(self, *commands, **options):
        return lambda: self.bench.pair(*commands, **options)

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


def read(s):
    for size in sorted({s.small, s.big}):
        log = s.data.public(size)
        name = f"{size} MiB"
        yield f"dump to JSON lines, 1 thread, {name}", 1 / 1.3, s.pair(s.events(log), s.dump(log))
        yield f"dump to XML, 1 thread, {name}", 1 / 1.3, s.pair(s.events(log, form="xml"), s.dump(log, form="xml"))
        yield f"dump to JSON lines, 2 threads, {name}", None, s.pair(s.events(log, 2), s.dump(log, 2))
        yield f"dump to XML, 2 threads, {name}", None, s.pair(s.events(log, 2, "xml"), s.dump(log, 2, "xml"))
        yield f"2 threads against our own 1, JSON lines, {name}", 1 / 1.7, s.pair(s.events(log, 2), s.events(log))
        if s.peers.get("evtx_dump"):
            yield f"evtx_dump: 2 threads against its own 1, {name}", None, s.pair(s.dump(log, 2), s.dump(log))
    own = s.data.own(s.small)
    yield f"dump to JSON lines, 1 thread, our own office, {s.small} MiB", None, s.pair(s.events(own), s.dump(own))
    if s.peers.get("evtxexport"):
        log = s.data.public(4)
        export = Command("evtxexport -f xml", [s.peers.get("evtxexport"), "-f", "xml", log])
        yield "dump to XML, 1 thread, 4 MiB (evtxexport is slow)", None, s.pair(s.events(log, form="xml"), export, runs=1)


def floors(s):
    """What no audit can be faster than: fetching the file's bytes, and hashing them."""
    log, program = s.data.public(s.big), os.path.join(s.bench.build, "bench", "floor")
    for title, word in (("plain read", "read"), ("read and SHA-256", "sha256")):
        yield f"floor: {title}, {s.big} MiB, against its dump to JSON lines", None, s.pair(
            Command(title, [program, word, log]), s.dump(log), equal_counts=False)


def audit(s):
    log = s.data.public(s.big)
    every, ten = s.data.all_rules(), s.data.ten_times()
    for title, rules, goal in (("no rule", s.data.no_rules(), None), ("400 rules", s.data.some_rules(), None), ("all rules", every, 0.7), ("10 x rules", ten, None)):
        yield f"audit, {title}, 1 thread, {s.big} MiB, against its dump to JSON lines", goal, s.pair(
            s.audit(log, rules), s.dump(log), equal_counts=False)
    yield "the same, all rules, compiled anew", 0.7, s.pair(s.audit(log, every, cold=True), s.dump(log), equal_counts=False)
    yield "10 x rules against all rules, 1 thread", 1.3, s.pair(s.audit(log, ten), s.audit(log, every), equal_counts=False)
    yield "10 x rules against all rules, compiled anew", None, s.pair(s.audit(log, ten, cold=True), s.audit(log, every, cold=True), equal_counts=False)
    yield "all rules, 2 threads against 1", None, s.pair(s.audit(log, every, 2), s.audit(log, every))


def hard(s):
    log, every = s.data.hard(s.big), s.data.all_rules()
    yield f"hardest mix: dump to JSON lines, 1 thread, {s.big} MiB", None, s.pair(s.events(log), s.dump(log))
    yield "hardest mix: audit, all rules, 1 thread, against its dump to JSON lines", 1.5, s.pair(
        s.audit(log, every), s.dump(log), equal_counts=False)
    yield "hardest mix: audit, 10 x rules against all rules", 1.3, s.pair(
        s.audit(log, s.data.ten_times()), s.audit(log, every), equal_counts=False)
    yield "hardest mix: audit, all rules, 2 threads against 1", None, s.pair(s.audit(log, every, 2), s.audit(log, every))


def start(s):
    """A log of one chunk: what is left is loading and compiling, the case and the reports."""
    folder, _ = s.data.many(20)
    log, every = os.path.join(folder, "log-00000.evtx"), s.data.all_rules()
    runs, without = s.bench.runs * 2 + 1, []

    def baseline(m):
        without.append(m["ours"]["wall"])
        return None, ""

    def below(seconds):
        return lambda m: (m["ours"]["wall"] < seconds, f"under {seconds} s" + (f" ({without[0]:.3f} s of it without any rule)" if without else ""))

    yield "start-up: audit of one chunk, no rule", baseline, s.pair(s.audit(log, s.data.no_rules(), count=False), runs=runs)
    yield "start-up: the same, all rules, compiled anew", below(0.5), s.pair(s.audit(log, every, cold=True), runs=runs)
    yield "start-up: the same, compiled anew, 2 threads", None, s.pair(s.audit(log, every, 2, cold=True), runs=runs)
    yield "start-up: the same, all rules, from the cache", below(0.05), s.pair(s.audit(log, every), runs=runs)
    yield "start-up: the same, 10 x rules, compiled anew", None, s.pair(s.audit(log, s.data.ten_times(), cold=True))
    yield "start-up: the same, 10 x rules, from the cache", None, s.pair(s.audit(log, s.data.ten_times()))
    python, here = s.peers.get("pysigma"), os.path.dirname(os.path.abspath(__file__))
    for what, doing in (("load", "loading"), ("convert", "converting")) if python else ():
        peer = Command(f"pySigma: {what}", [python, os.path.join(here, "pysigma_load.py"), what] + every)
        yield f"start-up: all rules, compiled anew, against pySigma's {doing} them", None, s.pair(
            s.audit(log, every, cold=True), peer, runs=1, equal_counts=False)


def many(s):
    every = s.data.all_rules()
    samples = s.data.sample_files()
    if samples:
        folder, whole = samples
        yield "public samples: 277 files against one of the same bytes, dump", 1.2, s.pair(
            s.events(folder), s.events(whole), runs=s.bench.runs * 2 + 1)
        yield "public samples: 277 files against one of the same bytes, audit, all rules", 1.2, s.pair(
            s.audit(folder, every), s.audit(whole, every), equal_counts=False)
        yield "public samples: the same, 2 threads", None, s.pair(s.audit(folder, every, 2), s.audit(whole, every, 2), equal_counts=False)
    sizes, costs = ((200, 2000) if s.quick else (1000, 10000)), {}

    def no_slope(what, files):
        def judged(m):
            m["per_file_us"] = m["ours"]["wall"] / files * 1e6
            first = costs.setdefault(what, m["per_file_us"])
            if files == sizes[0]:
                return None, f"{m['per_file_us']:.0f} µs a file"
            # The start weighs less on a file the more there are, so the ratio to one file of the same bytes is looked at too.
            met = m["per_file_us"] <= first * 1.15 and m["ratio"] <= 1.2
            return met, f"{m['per_file_us']:.0f} µs a file, at most {first * 1.15:.0f}, and 1.20"
        return judged

    for files in sizes:
        folder, whole = s.data.many(files)
        title = f"{files:,} small files against one of the same bytes"
        yield f"{title}, dump", no_slope("dump", files), s.pair(s.events(folder), s.events(whole))
        yield f"{title}, audit, all rules", no_slope("audit", files), s.pair(s.audit(folder, every), s.audit(whole, every), equal_counts=False)


def memory(s):
    every, peaks = s.data.all_rules(), {}

    def judge(size):
        def judged(m):
            peaks[size] = m["ours"]["peak"]
            if size == 4096 and 1024 in peaks:
                return peaks[4096] <= peaks[1024] * 1.1, f"at most {peaks[1024] * 1.1:.0f} MiB"
            return (peaks[size] < 200, "under 200 MiB") if size == 1024 else (None, "")
        return judged

    for size in (16, 64, 256) if s.quick else (64, 256, 1024, 4096):
        log = s.data.public(size)
        yield f"peak memory: audit, all rules, 1 thread, {size} MiB", judge(size), s.pair(s.audit(log, every), runs=1)
        yield f"peak memory: audit, all rules, 2 threads, {size} MiB", None, s.pair(s.audit(log, every, 2), runs=1)
        yield f"peak memory: dump to JSON lines, 1 thread, {size} MiB", None, s.pair(s.events(log), runs=1)


GROUPS = {"read": read, "floors": floors, "audit": audit, "hard": hard, "start": start, "many": many, "memory": memory}
__all__ = ["GROUPS", "Setting", "Failed"]
