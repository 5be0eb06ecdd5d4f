#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""vigied(1) names each command's options and no others, vigied.conf(5) each key with its default, and the examples in dist/
are read by the program: docs_test.py VIGIED ROOT"""
import os
import re
import subprocess
import sys
import tempfile

from registry import VIGIED, Server, check, finish

ROOT = sys.argv[2]


def run(*words):
    return subprocess.run([VIGIED, *words], capture_output=True, text=True)


page = open(f"{ROOT}/docs/man/vigied.1", encoding="utf-8").read().replace("\\-", "-")
commands = re.findall(r"^  vigied (\S+)", run("--help").stdout, re.M)
check("there are commands", len(commands) > 5)
for name in commands:
    entry = re.search(rf"^\.BR? {name} .*?(?=^\.TP|^\.SH)", page, re.M | re.S)
    if not check(f"{name}: an entry in the manual page", entry is not None):
        continue
    done = run("serve" if name == "--demo" else name, "--help")
    check(f"{name}: --help", (done.returncode, done.stderr), (0, ""))
    check(f"{name}: --help fits a screen", len(done.stdout.splitlines()) <= 32)
    if name == "--demo":
        continue
    named = set(re.findall(r"--[a-z][a-z-]+", entry.group(0)))
    helped = set(re.findall(r"--[a-z][a-z-]+", done.stdout)) - ({"--demo"} if name == "serve" else set())
    check(f"{name}: the page has the help's options", named, helped)

conf = open(f"{ROOT}/docs/man/vigied.conf.5", encoding="utf-8").read().replace("\\-", "-")
keys = re.findall(r"^# (.*)\n# (\w+) = (.*)$", run("serve", "--print-config").stdout, re.M)
check("there are keys", len(keys) > 10)
for does, name, initial in keys:
    check(f"{name} is explained", f".TP\n.B {name}\n{does}\nDefault: {initial.strip() or 'empty'}.\n" in conf)
check("and no others", len(re.findall(r"^\.TP\n\.B ", conf, re.M)), len(keys))
if os.path.exists("/usr/bin/groff"):
    for name in ("vigied.1", "vigied.conf.5"):
        check(f"{name}: groff", subprocess.run(["groff", "-man", "-ww", "-z", f"{ROOT}/docs/man/{name}"], capture_output=True, text=True).stderr, "")
with tempfile.TemporaryDirectory() as folder:
    text = open(f"{ROOT}/dist/vigied.conf", encoding="utf-8").read()
    example = f"{folder}/vigied.conf"
    with open(example, "w", encoding="utf-8") as f:
        f.write(text)
    with Server(demo=False, config=example, store=f"sqlite:{folder}/registry.db") as s:
        check("the example configuration works", s.get("/healthz").status, 200)
        a = s.get("/fr/incidents")
        check("its name is shown", "Registre des cyberincidents" in a.text)
        check("behind https, browsers are told to stay with it", a.headers.get("strict-transport-security"), "max-age=31536000")
        check("ends when asked", s.stop(), 0)
finish()
