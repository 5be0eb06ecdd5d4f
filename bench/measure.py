# SPDX-License-Identifier: Apache-2.0
"""Runs commands and times them: each a process of its own, pairs in turn (A B A B …) after a warm-up that also checks what they print."""
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile


class Failed(Exception):
    pass


class Command:
    """argv may hold {out}: a path in a fresh folder that is removed after the run. reads: bytes that it goes through, for MB/s.

    count: what the warm-up counts in standard output (b"\\n", b"</Event>"), or "findings": lines of {out}/findings.jsonl.
    fresh_cache: the rule cache is emptied before each run; otherwise it stays from the warm-up.
    """

    def __init__(self, name, argv, count=None, ok=(0,), fresh_cache=False, same_output=None):
        self.name, self.argv, self.count, self.ok, self.fresh_cache = name, argv, count, ok, fresh_cache
        self.same_output = same_output  # commands with the same word here must put out the same bytes


class Bench:
    def __init__(self, build, runs):
        self.build, self.runs = build, runs
        self.launcher = os.path.join(build, "bench", "run-one")
        self.scratch = os.path.join(build, "bench", "scratch")
        self.outputs = {}  # word of same_output: digest and who
        shutil.rmtree(self.scratch, ignore_errors=True)
        os.makedirs(self.scratch)

    def environment(self, command):
        env = dict(os.environ, HOME=self.scratch, XDG_CACHE_HOME=os.path.join(self.scratch, "cache"), XDG_DATA_HOME=os.path.join(self.scratch, "data"))
        if command.fresh_cache:
            env["XDG_CACHE_HOME"] = os.path.join(self.scratch, "fresh-cache")
            shutil.rmtree(env["XDG_CACHE_HOME"], ignore_errors=True)
        os.makedirs(env["XDG_CACHE_HOME"], exist_ok=True)
        return env

    def run(self, command, checked=False):
        """Measures one run; `checked` also counts (and is not to be timed)."""
        folder = tempfile.mkdtemp(prefix="run-", dir=self.scratch)
        report = os.path.join(folder, "report.json")
        argv = [a.replace("{out}", os.path.join(folder, "out")) for a in command.argv]
        piped = checked and isinstance(command.count, bytes)
        try:
            before = busy_seconds()
            with open(os.path.join(folder, "errors"), "w+b") as errors:
                child = subprocess.Popen([self.launcher, report] + argv, stdin=subprocess.DEVNULL, stderr=errors,
                                         stdout=subprocess.PIPE if piped else subprocess.DEVNULL, env=self.environment(command))
                counted = self.count_stream(child.stdout, command) if piped else None
                child.wait()
                errors.seek(0)
                words = errors.read(2000).decode(errors="replace")
            if child.returncode != 0:
                raise Failed(f"could not run {argv[0]}: {words}")
            with open(report, encoding="ascii") as f:
                result = json.load(f)
            if result["status"] not in command.ok:
                raise Failed(f"exit status {result['status']}: {' '.join(argv)}: {words}")
            result["cpu"] = result["user"] + result["sys"]
            result["peak"] = result["peak_kib"] / 1024
            result["others"] = max(0.0, busy_seconds() - before - result["cpu"]) / max(result["wall"], 0.01)
            if checked:
                result["counted"] = self.count_findings(folder, command) if command.count == "findings" else counted
            return result
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def count_stream(self, stream, command):
        digest, found, tail = hashlib.sha256(), 0, b""
        while block := stream.read(1 << 20):
            digest.update(block)
            joined = tail + block
            found += joined.count(command.count)
            tail = joined[len(joined) - len(command.count) + 1:] if len(command.count) > 1 else b""
        self.same(command, digest.hexdigest())
        return found

    def count_findings(self, folder, command):
        with open(os.path.join(folder, "out", "findings.jsonl"), "rb") as f:
            data = f.read()
        self.same(command, hashlib.sha256(data).hexdigest())
        return data.count(b"\n")

    def same(self, command, digest):
        if command.same_output is None:
            return
        first, who = self.outputs.setdefault(command.same_output, (digest, command.name))
        if first != digest:
            raise Failed(f"{command.name} does not put out the same as {who}")

    def pair(self, ours, peer=None, runs=None, equal_counts=True):
        """Medians of both, medians of the ratios pair by pair, and what was counted."""
        runs = runs or self.runs
        first = [self.run(c, checked=True) for c in (ours, peer) if c]
        if peer and equal_counts and ours.count and peer.count and first[0]["counted"] != first[1]["counted"]:
            raise Failed(f"{ours.name}: {first[0]['counted']} counted, {peer.name}: {first[1]['counted']}")
        a, b = [], []
        for turn in range(runs):
            # Who begins changes, so that neither always runs after the other.
            if peer and turn % 2:
                b.append(self.run(peer))
            a.append(self.run(ours))
            if peer and not turn % 2:
                b.append(self.run(peer))
        out = {"ours": summary(a, first[0]), "peer": summary(b, first[1]) if peer else None, "runs": runs, "command": ours.argv,
               "others": statistics.median(r["others"] for r in a + b)}
        if peer:
            walls = [x["wall"] / y["wall"] for x, y in zip(a, b)]
            out["peer_command"] = peer.argv
            out["peer_name"] = peer.name
            out["ratio"] = statistics.median(walls)
            out["ratio_low"], out["ratio_high"] = min(walls), max(walls)
            out["ratio_cpu"] = statistics.median(max(x["cpu"], 1e-6) / max(y["cpu"], 1e-6) for x, y in zip(a, b))
        return out


def summary(runs, first):
    out = {k: statistics.median(r[k] for r in runs) for k in ("wall", "user", "sys", "cpu")}
    out["peak"] = max(r["peak"] for r in runs)
    out["counted"] = first.get("counted")
    return out


def busy_seconds():
    """Processor seconds that all processes of the machine have used."""
    with open("/proc/stat", encoding="ascii") as f:
        user, nice, system, _idle, _wait, irq, softirq, steal = (int(n) for n in f.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def machine():
    def first_of(path, key):
        with open(path, encoding="utf-8", errors="replace") as f:
            return next((l.split(":" if ":" in l else "=", 1)[1].strip().strip('"') for l in f if l.startswith(key)), "?")

    def words(*argv):
        try:
            return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.splitlines()[0].strip()
        except (OSError, IndexError):
            return "?"
    return {"processor": first_of("/proc/cpuinfo", "model name"), "processors": os.cpu_count(),
            "memory_mib": int(first_of("/proc/meminfo", "MemTotal").split()[0]) // 1024, "system": first_of("/etc/os-release", "PRETTY_NAME"),
            "kernel": os.uname().release, "compiler": words("cc", "--version"), "libc": words("ldd", "--version").split()[-1]}


def quiet_enough(warn=sys.stderr):
    load = os.getloadavg()[0]
    if load > 0.3:
        print(f"bench: the machine is busy (load average {load:.2f} at the begin): trust the ratios of processor time, not the times", file=warn)
    return load
