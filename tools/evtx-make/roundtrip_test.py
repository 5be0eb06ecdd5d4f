#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What evtx-make writes is what was described: for every known event and every type, read back by the strict reader.

usage: roundtrip_test.py EVTX-MAKE VIGIE. `vigie events` must show the values too. When evtx_dump (the Rust crate) or libevtx's evtxexport are installed, they must read
the same files too; it is said when they are not.
"""
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import evtx_verify  # noqa: E402

SAMPLES = {
    "string": ["", "x", "-", "C:\\Program Files\\a b\\c.exe \"q\" <&>'", "བོད་ཡིག ئۇيغۇرچە 中文 é", "\U0001F54A pair", "a\tb\r\nc", "y" * 900],
    "uint8": ["0", "255"], "int8": ["-128", "127"], "int16": ["-32768"], "uint16": ["65535"], "int32": ["-2147483648"],
    "uint32": ["4294967295", "7"], "int64": ["-9223372036854775808"], "uint64": ["18446744073709551615"],
    "hexint32": ["0x0", "0xdeadbeef"], "hexint64": ["0x3e7", "0xfedcba9876543210"], "bool": ["true", "false"],
    "guid": ["{0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0}"], "sid": ["S-1-5-18", "S-1-5-21-1-2-4294967295-1001", "S-1-16-8192"],
    "filetime": ["2026-07-03T08:12:44.1234567Z", "1601-01-02T00:00:00.0000001Z"], "systemtime": ["2026-07-03T08:12:44.1230000Z"],
    "binary": ["00FF7F", "AB"], "sizet": ["0x10"], "double": ["1.5", "-0.25"], "float": ["2.0"],
}


def known(source):
    """(provider, id, version, layout, [(field, type)]) of every row, as the program itself prints them."""
    for line in subprocess.run([source, "-l"], check=True, capture_output=True, text=True).stdout.splitlines():
        provider, number, version, layout, fields = line.split("\t")
        yield provider, int(number), int(version), layout, [f.rsplit(":", 1) for f in fields.split(",") if f]


def describe(program):
    rng, events, expected = random.Random(5), [], []
    for provider, number, version, layout, fields in known(program):
        data = {f: rng.choice(SAMPLES[t]) for f, t in fields}
        if layout == "classic":
            data = ["one", "", "three\r\n"]
        events.append({"provider": provider, "id": number, "version": version, "data": data,
                       "time": "2026-07-03T08:12:44.%07dZ" % len(events), "record": 1000 + 3 * len(events)})
        expected.append([("Data", data)] if layout == "classic" else list(data.items()))
    for kind, values in SAMPLES.items():
        for value in values:
            events.append({"provider": "Unknown", "id": 9, "data": {"V": {"type": kind, "value": value}, "Null": None}})
            expected.append([("V", value), ("Null", None)])
    events.append({"provider": "Unknown", "id": 10, "channel": None, "data": ["a", "b", {"type": "uint16", "value": "3"}]})
    expected.append([("Data", "a"), ("Data", "b"), ("Data", "3")])
    events.append({"provider": "Unknown", "id": 11, "userdata": {"Root": {"@xmlns": "urn:x", "A": "1", "B": {"C": "2", "@k": "v"}}}})
    expected.append([("Root_xmlns", "urn:x"), ("A", "1"), ("B_k", "v"), ("C", "2")])
    return events, expected


def compare(path, events, expected):
    wrong, records = [], list(evtx_verify.read(path))
    if len(records) != len(events):
        wrong.append("%d events described, %d records read" % (len(events), len(records)))
    for (number, _, got), event, want in zip(records, events, expected):
        names = dict(got)
        label = "%s %s" % (event["provider"], event["id"])
        if names["EventID"] != str(event["id"]) or names["Provider_Name"] != event["provider"]:
            wrong.append(label + ": another event")
        if "record" in event and (number != event["record"] or names["EventRecordID"] != str(event["record"])):
            wrong.append(label + ": record number")
        if "time" in event and names["TimeCreated_SystemTime"] != event["time"]:
            wrong.append(label + ": time")
        rest = [p for p in got if not p[0].startswith("System_")]
        at = max(i for i, p in enumerate(rest) if p[0] in ("Computer", "Security_UserID"))
        data = rest[at + 1:]
        for name, value in want:
            if (name, value) not in data and not (value in ("", None) and (name, value or None) in data) and \
                    not (isinstance(value, str) and (name, value.lower()) in [(n, v.lower()) for n, v in data if isinstance(v, str)]):
                wrong.append("%s: %s should be %.60r, is %.200r" % (label, name, value, [v for n, v in data if n == name]))
    return wrong


def shown(value):
    """A value of vigie's JSON as the text that was described."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, (str, list)) or value is None else str(value)


def leaves(node, out):
    """(name, value) of every leaf and attribute of an event in vigie's JSON."""
    for name, value in node.items():
        if name in ("#attributes", "#text"):
            continue
        inside = value if isinstance(value, dict) else {"#text": value}
        out += [(name + "_" + a, shown(v)) for a, v in inside.get("#attributes", {}).items()]
        if isinstance(value, dict) and "#text" not in value:
            leaves(value, out)
        else:
            texts = inside["#text"]
            out.append((name, shown(texts)))
            out += [(name, shown(t)) for t in texts] if isinstance(texts, list) else []
    return out


def same(a, b):
    if isinstance(a, str) and isinstance(b, str):
        return a.lower() == b.lower() or a == b.rstrip("\0")
    return a == b or (a in ("", None) and b in ("", None))


def compare_shown(vigie, path, events, expected):
    run = subprocess.run([vigie, "events", path], capture_output=True)
    lines = run.stdout.decode("utf-8").splitlines()
    wrong = [] if len(lines) == len(events) and not run.returncode else ["vigie shows %d of %d events" % (len(lines), len(events))]
    for line, event, want in zip(lines, events, expected):
        got = leaves(json.loads(line)["Event"], [])
        for name, value in want:
            if not any(n == name and same(v, value) for n, v in got):
                wrong.append("vigie: %s %s: %s should be %.60r, is %.200r" % (event["provider"], event["id"], name, value,
                                                                          [v for n, v in got if n == name]))
    return wrong


def peers(path, count):
    wrong = []
    tools = {"evtx_dump": shutil.which("evtx_dump") or os.path.expanduser("~/.cargo/bin/evtx_dump"),
             "evtxexport": shutil.which("evtxexport") or ""}
    for name, tool in tools.items():
        if not os.path.exists(tool):
            print("%s is not installed: skipped" % name)
            continue
        args = [tool, "-t", "1", "-o", "jsonl", path] if name == "evtx_dump" else [tool, path]
        run = subprocess.run(args, capture_output=True, text=True, errors="replace")
        found = len(run.stdout.splitlines()) if name == "evtx_dump" else len(re.findall(r"^Event number", run.stdout, re.M))
        print("%s reads %d of %d" % (name, found, count))
        if found != count or run.returncode or run.stderr.strip():
            wrong.append("%s: status %d, %d records; %s" % (name, run.returncode, found, run.stderr[:300]))
        if name == "evtx_dump":
            for line in run.stdout.splitlines():
                json.loads(line)
    return wrong


def main():
    program = sys.argv[1]
    events, expected = describe(program)
    with tempfile.TemporaryDirectory() as folder:
        yml, out, again = (os.path.join(folder, n) for n in ("d.yml", "a.evtx", "b.evtx"))
        json.dump({"events": events}, open(yml, "w", encoding="utf-8"), ensure_ascii=False)
        subprocess.run([program, "-o", out, yml], check=True)
        subprocess.run([program, "-o", again, yml], check=True)
        wrong = compare(out, events, expected) + compare_shown(sys.argv[2], out, events, expected) + peers(out, len(events))
        if open(out, "rb").read() != open(again, "rb").read():
            wrong.append("the same description gave other bytes")
        for bad in ("events: [{id: 1}]", "events: [{provider: P, id: x}]", "events: [{provider: P, id: 1, data: {A: {type: sid, value: x}}}]",
                    "events: [{provider: P, id: 1, colour: red}]", "events: {", "events: [{provider: P, time: never}]"):
            open(yml, "w").write(bad)
            run = subprocess.run([program, "-o", out, yml], capture_output=True, text=True)
            if run.returncode != 2 or "evtx-make:" not in run.stderr:
                wrong.append("accepted: " + bad)
    for line in wrong[:40]:
        print(line)
    print("%d events written and read back, %d faults" % (len(events), len(wrong)))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
