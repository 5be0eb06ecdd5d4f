# SPDX-License-Identifier: Apache-2.0
"""Holds `vigie events` against evtx_dump (the Rust crate evtx) on every log of the corpus, as JSON and as XML.

A record counts as equal when everything in it is, member order and repeated members included, after two normalisations:
GUIDs without braces and in lower case, and times to six digits of a second (older evtx_dump drops the seventh). At most
0.2% may differ, and only for a cause that docs/evtx.md names.

usage: compare_evtx_dump.py VIGIE [--evtx-dump PROGRAM] [--verbose] [FILE...]
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import corpus  # noqa: E402

ALLOWED = 0.002
GUID = re.compile(r"\{?\b([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})\b\}?")
TIME = re.compile(r"(\d\d:\d\d:\d\d\.\d{6})\d?Z")
SKIP = 77


def plain(text):
    return TIME.sub(r"\1Z", GUID.sub(lambda m: m.group(1).lower(), text))


def canonical_json(line):
    # Pairs in their order, so that a member that comes twice, or elsewhere, is a difference.
    def pairs(items):
        return ("object", tuple((k, v if isinstance(v, tuple) else scalar(v)) for k, v in items))

    def scalar(v):
        if isinstance(v, list):
            return ("list",) + tuple(x if isinstance(x, tuple) else scalar(x) for x in v)
        return (type(v).__name__, plain(v) if isinstance(v, str) else v)

    return json.loads(line, object_pairs_hook=pairs)


def strip_member(tree, name):
    return ("object", tuple(p for p in tree[1] if p[0] != name))


def json_records(run):
    out = []
    for line in run.decode("utf-8").split("\n"):
        if line.strip():
            out.append(strip_member(canonical_json(line), "Vigie"))
    return out


def canonical_xml(e):
    def text(s):
        return plain((s or "").replace("\r\n", "\n").replace("\r", "\n"))

    return (e.tag, tuple((k, text(v)) for k, v in e.attrib.items()), text(e.text),
            tuple((canonical_xml(c), text(c.tail)) for c in e))


def xml_records(run):
    text = run.decode("utf-8")
    events = re.split(r'<\?xml version="1\.0" encoding="utf-8"\?>\s*', text) if "<?xml" in text else text.split("\n")
    return [canonical_xml(ET.fromstring(e.strip())) for e in events if e.strip()]


FORMATS = {
    "jsonl": (json_records, ["-o", "jsonl"]),
    "xml": (xml_records, ["-o", "xml", "--no-indent", "--dont-show-record-number"]),
}


def output_of(command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout


def flat(tree, path=""):
    """Every leaf with its path, to say what differs."""
    if isinstance(tree, tuple) and tree and tree[0] == "object":
        for k, v in tree[1]:
            yield from flat(v, f"{path}/{k}")
    else:
        yield path, tree


def record_id(tree):
    for path, value in flat(tree):
        if path.startswith("/Event/System/EventRecordID"):
            return value
    return None


def explain(ours, theirs):
    by_id = {}
    for t in theirs:
        by_id.setdefault(record_id(t), []).append(t)
    for o in ours:
        match = by_id.get(record_id(o), [None])[0]
        a, b = Counter(flat(o)), Counter(flat(match)) if match else Counter()
        yield record_id(o), list((a - b).items())[:6], list((b - a).items())[:6]


def compare(vigie, evtx_dump, log, name):
    parse, options = FORMATS[name]
    theirs = Counter(parse(output_of([evtx_dump, "-t", "1", *options, str(log)])))
    ours = Counter(parse(output_of([vigie, "events", "--format", name, str(log)])))
    total = sum(theirs.values())
    only_ours, only_theirs = ours - theirs, theirs - ours
    if only_theirs:
        # It also reads on behind damage, which is what --recover is for here.
        only_theirs -= Counter(parse(output_of([vigie, "events", "--recover", "--format", name, str(log)])))
    return total, list(only_ours.elements()), list(only_theirs.elements())


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("vigie")
    p.add_argument("--evtx-dump", default=shutil.which("evtx_dump") or os.path.expanduser("~/.cargo/bin/evtx_dump"))
    p.add_argument("--verbose", action="store_true")
    p.add_argument("files", nargs="*")
    return p.parse_intermixed_args()


def main():
    args = arguments()
    logs = args.files or corpus.logs()
    if not logs:
        print("skipped: the corpus is not there (set VIGIE_CORPUS)")
        return SKIP
    if not os.access(args.evtx_dump, os.X_OK):
        print("skipped: evtx_dump is not installed (cargo install evtx)")
        return SKIP
    version = output_of([args.evtx_dump, "--version"]).decode().strip()
    failed = 0
    for name in FORMATS:
        total = differing = 0
        for log in logs:
            count, ours, theirs = compare(args.vigie, args.evtx_dump, log, name)
            total += count
            # A record that differs stands on both sides; one that only one side has counts once too.
            differing += max(len(ours), len(theirs))
            if args.verbose and (ours or theirs):
                print(f"{log}: {len(ours)} only ours, {len(theirs)} only theirs")
                for what in list(explain(ours, theirs))[:4] if name == "jsonl" else list(zip(ours, theirs))[:1]:
                    print("   ", str(what)[:1500])
        share = differing / total if total else 1
        print(f"{name}: {total} records of {version}, {differing} differ ({share:.3%})")
        failed += share > ALLOWED
    print(f"{len(FORMATS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
