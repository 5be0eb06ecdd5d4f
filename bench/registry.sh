#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: bench/registry.sh BUILD [INCIDENTS [SECONDS]]
# How fast vigied answers at 100,000 made-up incidents: wrk against a kept page (beside nginx, which serves the same bytes from a
# file), pages that are made anew (caching defeated by a parameter), a search, TAXII; requests a second, median and 99th
# percentile, memory. Needs wrk, nginx and curl. STORE=FILE uses a store that is there, WAIT=SECONDS
# waits no longer than that for the STIX objects of a store that is new to the server.
set -eu
build=$(cd "$1" && pwd) incidents=${2:-100000} seconds=${3:-10}
work=$(mktemp -d "${TMPDIR:-/tmp}/registry-bench-XXXXXX")
chmod 755 "$work" # nginx reads the page as another user
server= proxy=
finish() {
    if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
    if [ -n "$proxy" ]; then kill "$proxy" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap finish EXIT INT TERM

store=${STORE:-$work/registry.db}
[ -e "$store" ] || "$build/bench/registry-bench" fill "sqlite:$store" "$incidents" >/dev/null
printf 'requests_per_minute = 0\nlog_requests = no\nbase_url = http://127.0.0.1\nsecure_cookies = no\n' >"$work/vigied.conf"
"$build/vigied" serve --config "$work/vigied.conf" --store "sqlite:$store" --listen 127.0.0.1:0 >"$work/out" 2>"$work/log" &
server=$!
for _ in $(seq 600); do grep -q '^http' "$work/out" && break; sleep 0.1; done
base=$(sed -n 's|^\(http://.*\)/$|\1|p' "$work/out")
[ -n "$base" ] || { cat "$work/log"; exit 1; }

# The STIX objects of a store that is new to the server are made in the background: until no more come.
last=none
for _ in $(seq "$((${WAIT:-1800} / 5 + 1))"); do
    size=$(curl -s "$base/metrics" | sed -n 's/^vigied_store_bytes //p')
    [ "$size" = "$last" ] && break
    last=$size
    sleep 5
done

# Each request another address, so that nothing kept can answer it.
cat >"$work/anew.lua" <<'LUA'
local n = 0
request = function()
    n = n + 1
    return wrk.format("GET", wrk.path .. (wrk.path:find("?", 1, true) and "&" or "?") .. "x=" .. n)
end
LUA
measure() { # what, address, wrk's options…
    what=$1 address=$2
    shift 2
    wrk -t1 -c"$clients" -d"$seconds" --timeout 20 --latency "$@" "$address" >"$work/wrk"
    rate=$(sed -n 's/^Requests\/sec: *//p' "$work/wrk")
    median=$(sed -n 's/^ *50% *//p' "$work/wrk")
    tail=$(sed -n 's/^ *99% *//p' "$work/wrk")
    errors=$(sed -n 's/^ *Non-2xx or 3xx responses: *//p' "$work/wrk")
    printf '%-46s %10s/s  median %9s  p99 %9s  %s\n' "$what" "$rate" "$median" "$tail" "${errors:+$errors errors}"
}
memory() {
    sed -n 's/^VmHWM: *//p' "/proc/$server/status"
}

curl -s "$base/en/incidents" >"$work/page.html"
chmod 644 "$work/page.html"
cat >"$work/nginx.conf" <<CONF
pid $work/nginx.pid; error_log $work/nginx.log; worker_processes 2; daemon off;
events { worker_connections 1024; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; default_type text/html;
  server { listen 127.0.0.1:8097; root $work; } }
CONF
nginx -c "$work/nginx.conf" -p "$work" 2>/dev/null &
proxy=$!
sleep 0.5
echo "$(curl -s "$base/metrics" | sed -n 's/^vigied_records{state="published"} //p') published records; page of $(wc -c <"$work/page.html") bytes; load $(cut -d' ' -f1 /proc/loadavg); $(nproc) processors"
clients=32
for _ in 1 2; do # in turn, so that other work on the machine meets both
    measure "kept page" "$base/en/incidents"
    measure "the same bytes from nginx" "http://127.0.0.1:8097/page.html"
done
measure "kept page, not modified" "$base/en/incidents" -H "If-None-Match: $(curl -sD - -o /dev/null "$base/en/incidents" | sed -n 's/^ETag: //p' | tr -d '\r')"
clients=4 # what is made anew keeps both processors busy
measure "list with filters, made anew" "$base/en/incidents?type=espionage&since=2018" -s "$work/anew.lua"
measure "search, made anew" "$base/en/incidents?q=courriel" -s "$work/anew.lua"
measure "record, made anew" "$base/en/incidents/I-000123" -s "$work/anew.lua"
measure "dashboard, made anew" "$base/en/" -s "$work/anew.lua"
measure "JSON API, made anew" "$base/api/v1/incidents?origin=CN" -s "$work/anew.lua"
measure "TAXII, 100 objects, made anew" "$base/taxii2/public/collections/incidents/objects/" -s "$work/anew.lua"
clients=32
measure "TAXII, 100 objects, kept" "$base/taxii2/public/collections/incidents/objects/"
begin=$(date +%s.%N)
bytes=$(curl -s "$base/data/incidents.csv" | wc -c)
echo "all incidents as CSV: $bytes bytes in $(echo "$(date +%s.%N) - $begin" | bc) s"
echo "most memory: $(memory)"
