#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: bench/run.sh BUILD [LOG.evtx] [RULES_DIR]
# Measures reading and auditing against evtx_dump (the Rust crate `evtx`, installed under BUILD/peers when cargo is there), pair by
# pair in one run, and prints medians, ratios and peak memory. Without a log, one of 256 MiB is generated.
set -eu
build=$1
root=$(cd "$(dirname "$0")/.." && pwd)
data=$build/bench
mkdir -p "$data"
log=${2:-$data/office-256.evtx}
rules=${3:-}
if [ ! -f "$log" ]; then
    "$build/tools/evtx-make/office-make" grow "$log" --mib 256
fi
peer=$(command -v evtx_dump || true)
if [ -z "$peer" ] && command -v cargo >/dev/null; then
    cargo install --quiet --root "$build/peers" evtx
    peer=$build/peers/bin/evtx_dump
fi
exec python3 "$root/bench/compare.py" --vigie "$build/vigie" --peer "${peer:-none}" --log "$log" ${rules:+--rules "$rules"}
