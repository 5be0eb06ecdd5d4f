#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the cases of this folder that are commands: tests/cases/NAME/{cmd,expect,…}.

run.py --vigie PROGRAM --evtx-make PROGRAM [NAME…]

cmd          a shell text, run by bash in the case's folder, with VIGIE, EVTX_MAKE, RULES (the project's knowledge/rules),
             CORPUS and TMP (an empty folder) set. "# needs: corpus" in its first lines skips the case where there is no corpus.
expect       standard output, exactly, after normalisation
expect.err   patterns (Python's re), a line each, that must be found in standard error, in this order
expect.status  exit status, 0 when there is no such file
normalise    words, of: time (RFC 3339 times to TIME), paths (the folder TMP to $TMP, the case's to $CASE), hashes
             (64 hexadecimal digits to SHA256), numbers (runs of digits to N)
--update writes what came out to expect, for a look at the difference.
"""
import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", ".."))


def corpus_folder():
    return os.environ.get("VIGIE_CORPUS") or os.path.normpath(os.path.join(ROOT, "..", "shared", "corpus"))


def read(path, default=""):
    if not os.path.exists(path):
        return default
    with open(path, encoding="utf-8", newline="") as f:
        return f.read()


def normalised(text, words, case, scratch):
    if "paths" in words:
        text = text.replace(scratch, "$TMP").replace(case, "$CASE").replace(ROOT, "$ROOT")
    if "time" in words:
        text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z| ?UTC)?", "TIME", text)
    if "hashes" in words:
        text = re.sub(r"\b[0-9a-f]{64}\b", "SHA256", text)
    if "numbers" in words:
        text = re.sub(r"\d+", "N", text)
    return text


def run_case(name, args):
    """None when it passes, "skip", or what is wrong."""
    case = os.path.join(HERE, name)
    command = read(os.path.join(case, "cmd"))
    if re.search(r"^# needs: corpus$", command, re.M) and not os.path.isdir(corpus_folder()):
        return "skip"
    words = read(os.path.join(case, "normalise")).split()
    with tempfile.TemporaryDirectory() as scratch:
        environment = dict(os.environ, VIGIE=args.vigie, EVTX_MAKE=args.evtx_make, RULES=os.path.join(ROOT, "knowledge", "rules"),
                           TMP=scratch, CORPUS=corpus_folder(), LC_ALL="C.UTF-8", TZ="UTC", NO_COLOR="1")
        done = subprocess.run(["bash", "-c", command], cwd=case, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, check=False)
        out = normalised(done.stdout.decode("utf-8", "replace"), words, case, scratch)
        err = normalised(done.stderr.decode("utf-8", "replace"), words, case, scratch)
    if args.update:
        with open(os.path.join(case, "expect"), "w", encoding="utf-8", newline="") as f:
            f.write(out)
    return judge(case, done.returncode, out, err)


def judge(case, status, out, err):
    wanted = int(read(os.path.join(case, "expect.status"), "0").strip())
    if status != wanted:
        return "exit status %d, expected %d\n%s" % (status, wanted, err[-2000:])
    expected = read(os.path.join(case, "expect"))
    if out != expected:
        return "".join(difflib.unified_diff(expected.splitlines(True), out.splitlines(True), "expected", "got"))
    at = 0
    for pattern in read(os.path.join(case, "expect.err")).splitlines():
        found = re.compile(pattern, re.M).search(err, at)
        if not found:
            return "standard error lacks /%s/:\n%s" % (pattern, err[-2000:])
        at = found.end()
    return None


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--vigie", required=True)
    ap.add_argument("--evtx-make", required=True)
    ap.add_argument("--update", action="store_true")
    ap.add_argument("names", nargs="*")
    args = ap.parse_args()
    args.vigie, args.evtx_make = os.path.abspath(args.vigie), os.path.abspath(args.evtx_make)
    names = args.names or sorted(n for n in os.listdir(HERE) if os.path.isfile(os.path.join(HERE, n, "cmd")))
    passed = failed = skipped = 0
    for name in names:
        wrong = run_case(name, args)
        if wrong == "skip":
            skipped += 1
        elif wrong:
            failed += 1
            print("%s: %s" % (name, wrong))
        else:
            passed += 1
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
