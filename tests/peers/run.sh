#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: tests/peers/run.sh BUILD
# Holds Vigie against other programs, installed under BUILD/peers: evtx_dump (cargo), pySigma and its SQLite backend, and the
# registry's clients (taxii2-client, stix2-validator, PyMISP, feedparser; pip), and a browser that walks through its pages (axe-core, Playwright; npm).
# Needs the public logs and rules (../shared/corpus, or VIGIE_CORPUS) and the registries.
set -eu
build=$1
cd "$(dirname "$0")/../.."
tests/peers/setup.sh "$build/peers"
if ! command -v evtx_dump >/dev/null; then
    cargo install --quiet --root "$build/peers" evtx
fi
PATH=$PATH:$PWD/$build/peers/bin
status=0
python3 tests/evtx/compare_evtx_dump.py "$build/vigie" || status=1
"$build/peers/bin/python3" tests/naive/check_pysigma.py --reader "$build/vigie events --format xml" || status=1
"$build/peers/bin/python3" tests/naive/check_pysigma_cases.py || status=1
"$build/peers/bin/python3" tests/peers/registry_clients.py "$build/vigied" || status=1
tests/web/run.sh "$build" || status=1
exit $status
