#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: tools/check.sh BUILD ASAN_BUILD JOBS
# Builds twice (release with hardening; ASan and UBSan), runs all tests, ends with "N passed, N failed".
set -eu
build=$1 asan=$2 jobs=$3

setup() { # folder, options…
    folder=$1
    shift
    if [ -f "$folder/build.ninja" ]; then
        return
    fi
    meson setup "$folder" "$@" >"$folder.log" 2>&1 || { cat "$folder.log"; exit 1; }
}

mkdir -p "$build"
setup "$build"
ninja -C "$build" -j "$jobs"
# Debug optimisation keeps stack traces readable; the sanitizers stop at the first error.
setup "$asan" -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 -Db_pie=false
ninja -C "$asan" -j "$jobs"

status=0
meson test -C "$build" --num-processes "$jobs" --print-errorlogs || status=1
ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1 \
    meson test -C "$asan" --suite unit --suite fuzz --num-processes "$jobs" --print-errorlogs || status=1

# Count what really ran, from Meson's own records of both runs.
python3 - "$build/meson-logs/testlog.json" "$asan/meson-logs/testlog.json" <<'PY'
import json, sys
passed = failed = skipped = 0
for path in sys.argv[1:]:
    for line in open(path):
        result = json.loads(line)["result"]
        passed += result in ("OK", "EXPECTEDFAIL")
        skipped += result == "SKIP"
        failed += result not in ("OK", "EXPECTEDFAIL", "SKIP")
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(1 if failed or not passed else 0)
PY
exit $status
