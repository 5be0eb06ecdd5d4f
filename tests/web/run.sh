#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: tests/web/run.sh BUILD [PART]...
# A browser reads and keeps a registry of invented data, in both languages: parts "pages", "reader", "curator"; all when none is named.
# Needs Debian's chromium, nodejs and npm; installs what package.json names under BUILD/peers/web. What failed is left as pictures in
# BUILD/web. SHOTS=FOLDER also keeps a picture of each page; LANGUAGES=fr walks in that language alone; ONLY=REGEXP inspects these pages alone;
# QUICK=1 walks without inspecting.
set -eu
build=$(cd "$1" && pwd)
shift
here=$(cd "$(dirname "$0")" && pwd)
peers=$build/peers/web
mkdir -p "$peers"
if ! cmp -s "$here/package-lock.json" "$peers/package-lock.json" || [ ! -d "$peers/node_modules" ]; then
    cp "$here/package.json" "$here/package-lock.json" "$peers/"
    (cd "$peers" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-audit --no-fund)
fi
VIGIE_PEERS=$peers exec node "$here/main.mjs" "$build/vigied" "$build/web" "$@"
