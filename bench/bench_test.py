#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the measurements stand on: grown rules and grown logs are sound, and the same each time.

usage: bench_test.py VIGIE OFFICE-MAKE
"""
import filecmp
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = os.path.join(HERE, "..", "knowledge", "rules")
RELATED = """title: base
id: 11111111-1111-4111-8111-111111111111
name: base_rule
logsource: {product: windows, service: security}
detection:
    selection:
        EventID: 4625
        TargetUserName|re: 'adm(in|foo){2}\\\\bar$'
        IpAddress|cidr: 10.0.0.0/8
    other: {WorkstationName: exempt-station}
    condition: selection and not other
---
title: many of them
id: 21111111-1111-4111-8111-111111111111
correlation:
    type: event_count
    rules: [base_rule]
    group-by: [TargetUserName]
    timespan: 5m
    condition: {gte: 5}
---
title: but not these
id: 31111111-1111-4111-8111-111111111111
logsource: {product: windows}
filter:
    rules: [11111111-1111-4111-8111-111111111111]
    selection: {User|startswith: adm_}
    condition: not selection
"""


def python(script, *arguments):
    subprocess.run([sys.executable, os.path.join(HERE, script)] + list(arguments), check=True, stdout=subprocess.DEVNULL)


def files_of(folder):
    return sorted(os.path.relpath(os.path.join(at, n), folder) for at, _, names in os.walk(folder) for n in names)


def check_rules(vigie, folder):
    own = os.path.join(folder, "own")
    os.makedirs(own)
    with open(os.path.join(own, "related.yml"), "w", encoding="utf-8") as f:
        f.write(RELATED)
    one, two = os.path.join(folder, "one"), os.path.join(folder, "two")
    for out in (one, two):
        python("rules_grow.py", out, "--copies", "4", RULES, own)
    names = files_of(one)
    assert names == files_of(two) and all(filecmp.cmp(os.path.join(one, n), os.path.join(two, n), shallow=False) for n in names), "not the same twice"
    done = subprocess.run([vigie, "rules", "check", one], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    originals = sum(n.endswith(".yml") for n in files_of(RULES))
    total = re.search(r"(\d+) rules?, (\d+) correlations?, (\d+) filters? loaded; 0 refused", done.stdout)
    # Our own folder has correlations of its own: rules and correlations together are four times those of the first copy.
    first = subprocess.run([vigie, "rules", "check", os.path.join(one, "00")], capture_output=True, text=True, check=True).stdout
    of_first = re.search(r"(\d+) rules?, (\d+) correlations?, (\d+) filters? loaded", first)
    assert originals and [int(x) for x in total.groups()] == [4 * int(x) for x in of_first.groups()], done.stdout
    with open(os.path.join(one, "02", "own", "related.yml"), encoding="utf-8") as f:
        text = f.read()
    assert "base_rule_v2" in text and text.count("base_rule_v2") == 2 and "11111111" not in text, text
    assert "exempt-station" in text and "12.0.0.0/8" in text and "adm(in" not in text, text


def events(vigie, path):
    return subprocess.run([vigie, "events", path], capture_output=True, check=True).stdout.count(b"\n")


def check_logs(vigie, office_make, folder):
    source, many = os.path.join(folder, "source.evtx"), os.path.join(folder, "many")
    subprocess.run([office_make, "grow", source, "--mib", "1"], check=True)
    big, again = os.path.join(folder, "big.evtx"), os.path.join(folder, "again.evtx")
    for out in (big, again):
        python("grow_chunks.py", "log", out, "--mib", "3", source)
    assert filecmp.cmp(big, again, shallow=False), "not the same twice"
    assert os.path.getsize(big) == 4096 + (3 << 20)
    assert events(vigie, big) == 3 * events(vigie, source)
    python("grow_chunks.py", "many", many, "--files", "20", source)
    assert len(files_of(many)) == 20 and events(vigie, many) == events(vigie, many + ".evtx") > 0
    contents = {open(os.path.join(many, n), "rb").read() for n in files_of(many)}
    assert len(contents) == 20, "two small logs are alike: an audit would read one of them only"


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_rules(sys.argv[1], folder)
        check_logs(sys.argv[1], sys.argv[2], folder)
    print("grown rules and logs are sound")


main()
