#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: bench/registry.sh BUILD [INCIDENTS [SECONDS [ROUNDS]]]
# How fast vigied answers at 100,000 made-up incidents: wrk against a kept page, in turn with nginx, which serves the same bytes
# from a file; pages that are made anew (caching defeated by a parameter); a search; the JSON API; TAXII. Requests a second, median
# and 99th percentile, each the median of the rounds, and the most memory meanwhile. Needs wrk, nginx and curl.
# STORE=FILE keeps the store, or takes one that is there; WAIT=SECONDS waits no longer than that for the STIX objects of a store that
# is new to the server. RUN="chrt -f 10" runs the server, nginx and wrk alike before other work on the machine.
set -eu
build=$(cd "$1" && pwd) incidents=${2:-100000} seconds=${3:-10} rounds=${4:-5}
for tool in wrk nginx curl; do
    command -v "$tool" >/dev/null || { echo "registry.sh: $tool is needed"; exit 2; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/registry-bench-XXXXXX")
chmod 755 "$work" # nginx reads the page as another user
server= proxy=
finish() {
    if [ -n "$proxy" ]; then kill "$proxy" 2>/dev/null || true; wait "$proxy" 2>/dev/null || true; fi
    if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

store=${STORE:-$work/registry.db}
[ -e "$store" ] || "$build/bench/registry-bench" fill "sqlite:$store" "$incidents" >/dev/null
printf 'requests_per_minute = 0\nlog_requests = no\nbase_url = http://127.0.0.1\nsecure_cookies = no\n' >"$work/vigied.conf"
# shellcheck disable=SC2086  # RUN is several words
${RUN:-} "$build/vigied" serve --config "$work/vigied.conf" --store "sqlite:$store" --listen 127.0.0.1:0 >"$work/out" 2>"$work/log" &
server=$!
for _ in $(seq 600); do
    grep -q '^http' "$work/out" && break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
done
base=$(sed -n 's|^\(http://.*\)/$|\1|p' "$work/out")
[ -n "$base" ] || { cat "$work/log"; exit 1; }
metric() {
    curl -s "$base/metrics" | sed -n "s/^$1 //p"
}

# The STIX objects of a store that is new to the server are made in the background: until no more come.
last=none
for _ in $(seq "$((${WAIT:-1800} / 5 + 1))"); do
    size=$(metric vigied_store_bytes)
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

# One run: "rate median p99 errors", times in milliseconds, as a line of the series' file.
once() { # series, address, wrk's options…
    series=$1 address=$2
    shift 2
    # shellcheck disable=SC2086
    ${RUN:-} wrk -t1 -c"$clients" -d"$seconds" --timeout 20 --latency "$@" "$address" >"$work/wrk"
    awk '
        function ms(t) { return t ~ /us$/ ? t / 1000 : t ~ /ms$/ ? t + 0 : t ~ /m$/ ? t * 60000 : t * 1000 }
        /^Requests\/sec:/ { rate = $2 }
        /^ *50%/ { median = ms($2) }
        /^ *99%/ { tail = ms($2) }
        /Non-2xx/ { errors += $NF }
        /Socket errors:/ { gsub(",", ""); errors += $4 + $6 + $8 + $10 }
        END { print rate + 0, median + 0, tail + 0, errors + 0 }' "$work/wrk" >>"$work/$series"
}
middle() { # file, column
    awk -v c="$2" '{ print $c }' "$1" | sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}
show() { # series, what, process
    errors=$(awk '{ n += $4 } END { print n + 0 }' "$work/$1")
    peak=$(awk '/^VmHWM:/ { printf "%.0f", $2 / 1024 }' "/proc/$3/status")
    printf '| %s | %.0f | %.2f | %.2f | %s |%s\n' "$2" "$(middle "$work/$1" 1)" "$(middle "$work/$1" 2)" "$(middle "$work/$1" 3)" "$peak" \
        "$([ "$errors" = 0 ] || echo " $errors errors")"
}
fresh() { # the peak of memory begins anew, where the kernel allows that
    echo 5 2>/dev/null >"/proc/$server/clear_refs" || true
}
measure() { # what, address, wrk's options…
    what=$1 series=$(printf %s "$1" | tr -c 'a-z' -)
    shift
    fresh
    for _ in $(seq "$rounds"); do once "$series" "$@"; done
    show "$series" "$what" "$server"
}

curl -s "$base/en/incidents" >"$work/page.html"
chmod 644 "$work/page.html"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/nginx.conf" <<CONF
pid $work/nginx.pid; error_log $work/nginx.log; worker_processes 2; daemon off;
events { worker_connections 1024; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; default_type text/html;
  open_file_cache max=10 inactive=1h; open_file_cache_valid 1h;
  server { listen 127.0.0.1:$port; root $work; } }
CONF
# shellcheck disable=SC2086
${RUN:-} nginx -c "$work/nginx.conf" -p "$work" 2>/dev/null &
proxy=$!
for _ in $(seq 50); do curl -s -o /dev/null "http://127.0.0.1:$port/page.html" && break; sleep 0.1; done
curl -s "http://127.0.0.1:$port/page.html" | cmp - "$work/page.html" || { cat "$work/nginx.log"; exit 1; }

echo "$(metric 'vigied_records{state="published"}') published records, store of $(($(metric vigied_store_bytes) / 1048576)) MiB; page of" \
    "$(wc -c <"$work/page.html") bytes; $(sed -n 's/^model name\t*: //p' /proc/cpuinfo | head -1), $(nproc) processors, load" \
    "$(cut -d' ' -f1 /proc/loadavg); $rounds rounds of $seconds s${RUN:+, under $RUN}; $(date -u +%F)"
echo
echo "| what | requests/s | median, ms | 99%, ms | most memory, MiB |"
echo "|---|---|---|---|---|"
clients=32
fresh
for _ in $(seq "$rounds"); do # in turn, so that other work on the machine meets both
    once kept "$base/en/incidents"
    once nginx "http://127.0.0.1:$port/page.html"
done
show kept "kept page, 32 clients" "$server"
show nginx "the same bytes from nginx" "$proxy"
paste -d' ' "$work/kept" "$work/nginx" | awk '{ print $1 / $5 }' | sort -n >"$work/ratios"
tag=$(curl -sD - -o /dev/null "$base/en/incidents" | sed -n 's/^ETag: //p' | tr -d '\r')
measure "kept page, not modified" "$base/en/incidents" -H "If-None-Match: $tag"
measure "TAXII, 100 objects, 32 clients" "$base/taxii2/public/collections/incidents/objects/"
clients=4 # what is made anew keeps the processors busy
measure "list with filters, made anew, 4 clients" "$base/en/incidents?type=espionage&since=2018" -s "$work/anew.lua"
measure "search, made anew" "$base/en/incidents?q=courriel" -s "$work/anew.lua"
measure "record, made anew" "$base/en/incidents/I-000123" -s "$work/anew.lua"
measure "dashboard, made anew" "$base/en/" -s "$work/anew.lua"
measure "JSON API, made anew" "$base/api/v1/incidents?origin=CN" -s "$work/anew.lua"
measure "TAXII, 100 objects" "$base/taxii2/public/collections/incidents/objects/"
echo
awk '{ v[NR] = $1 } END { printf "Kept page against nginx: %.2f times the requests (median of %d pairs; %.2f to %.2f)\n", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2, NR, v[1], v[NR] }' "$work/ratios"
fresh
begin=$(date +%s.%N)
bytes=$(curl -s "$base/data/incidents.csv" | wc -c)
echo "$bytes $begin $(date +%s.%N) $(awk '/^VmHWM:/ { print $2 / 1024 }' "/proc/$server/status")" |
    awk '{ printf "All incidents as CSV: %.0f MiB in %.1f s, with %.0f MiB at the most\n", $1 / 1048576, $3 - $2, $4 }'
