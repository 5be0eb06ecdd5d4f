#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every option that a command's help names stands in its manual page, and the other way round; help fits a screen.

usage: docs_test.py VIGIE MANPAGE…"""
import os
import re
import subprocess
import sys

vigie, pages = sys.argv[1], sys.argv[2:]
passed = failed = 0


def check(ok, what):
    global passed, failed
    passed += ok
    failed += not ok
    if not ok:
        print("FAILED:", what)


def help_of(*words):
    done = subprocess.run([vigie, *words, "--help"], capture_output=True, text=True)
    check(done.returncode == 0 and not done.stderr, f"{' '.join(words)} --help: status {done.returncode}")
    return done.stdout


main = help_of()
commands = re.findall(r"^  vigie (\w+)", main, re.M)
check(sorted(commands) == sorted(re.search(r"vigie-(\w+)", os.path.basename(p)).group(1) for p in pages if "-" in os.path.basename(p)),
      f"commands {commands} and manual pages differ")
for page in pages:
    name = re.match(r"vigie-?(\w*)\.1", os.path.basename(page)).group(1)
    if not name:
        continue
    roff = open(page, encoding="utf-8").read().replace("\\-", "-")
    text = help_of(name)
    for word in ("check", "list", "test", "add", "remove") if name == "rules" else ():
        text += help_of(name, word)
    in_help = set(re.findall(r"--[a-z][a-z-]+", text)) - {"--help", "--version"}
    in_page = set(re.findall(r"--[a-z][a-z-]+", roff)) - {"--help", "--version"}
    check(in_help <= in_page, f"{name}: not in the manual page: {sorted(in_help - in_page)}")
    check(in_page <= in_help, f"{name}: not in the help: {sorted(in_page - in_help)}")
    check(len(help_of(name).splitlines()) <= 32, f"{name}: the help does not fit a screen")
    done = subprocess.run(["groff", "-man", "-ww", "-z", page], capture_output=True, text=True) if os.path.exists("/usr/bin/groff") else None
    check(done is None or not done.stderr, f"{name}: groff complains: {done.stderr if done else ''}")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
