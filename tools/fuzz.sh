#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: tools/fuzz.sh BUILD TARGET SECONDS [SEED_FOLDER…]
# Runs one libFuzzer target, beginning with its corpus in tests/fuzz and the seeds given. Inputs that crash are left in
# BUILD/crashes; the grown corpus in BUILD/corpus/TARGET.
set -eu
build=$1 target=$2 seconds=$3
shift 3
root=$(cd "$(dirname "$0")/.." && pwd)
if [ ! -f "$build/build.ninja" ]; then
    CC=clang meson setup "$build" "$root" -Dfuzz=true -Dwerror=false -Db_sanitize=address,undefined -Db_lundef=false \
        -Doptimization=1 -Dtests=disabled >/dev/null
fi
ninja -C "$build" "tests/fuzz/fuzz-$target"
mkdir -p "$build/corpus/$target" "$build/crashes"
dictionary=$root/tests/fuzz/$target.dict
[ -f "$dictionary" ] && set -- -dict="$dictionary" "$@"
exec "$build/tests/fuzz/fuzz-$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20 -print_final_stats=1 \
    -artifact_prefix="$build/crashes/$target-" "$build/corpus/$target" "$root/tests/fuzz/$target" "$@"
