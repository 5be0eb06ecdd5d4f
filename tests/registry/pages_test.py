#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every public address answers, with the headers that it must have: pages_test.py VIGIED"""
import gzip
import http.client
import json
import re
import socket
import xml.etree.ElementTree as xml

from registry import Server, check, finish, wait_for

PAGES = ["/", "/incidents", "/conducts", "/places", "/advisories", "/candidates", "/incidents/I-000001",
         "/incidents/I-000001/history", "/incidents/I-000001/revisions/1", "/codebook", "/method", "/corrections",
         "/trends", "/data", "/releases", "/about", "/demo", "/api", "/incidents?type=espionage&origin=CN&since=2015",
         "/incidents?q=universit%C3%A9", "/incidents?as_of=2025-12-31"]
MACHINES = {
    "/data/incidents.csv": "text/csv", "/data/claims.csv": "text/csv", "/data/incidents.json": "application/json",
    "/data/incidents.stix.json": "application/stix+json", "/data/advisories.json": "application/json",
    "/feeds/incidents.atom": "application/atom+xml", "/feeds/advisories.atom": "application/atom+xml",
    "/feeds/corrections.atom": "application/atom+xml", "/feeds/incidents.atom?lang=fr&type=espionage": "application/atom+xml",
    "/feeds/misp/": "text/plain", "/feeds/misp/manifest.json": "application/json", "/feeds/misp/hashes.csv": "text/csv",
    "/api/v1/": "application/json", "/api/v1/codebook": "application/json", "/api/v1/incidents": "application/json",
    "/api/v1/incidents/I-000001": "application/json", "/api/v1/incidents/I-000001/history": "application/json",
    "/api/v1/incidents/I-000001/revisions/1": "application/json", "/api/v1/incidents/tallies?by=origin": "application/json",
    "/api/openapi.json": "application/json", "/taxii2/": "application/taxii+json", "/robots.txt": "text/plain",
    "/sitemap.xml": "application/xml", "/sitemap/1.xml": "application/xml", "/healthz": "text/plain",
    "/metrics": "text/plain",
}
ALWAYS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cross-origin-opener-policy": "same-origin"}


def check_headers(path, a):
    for name, value in ALWAYS.items():
        check(f"{path}: {name}", a.headers.get(name), value)
    csp = a.headers.get("content-security-policy", "")
    check(f"{path}: CSP begins with nothing allowed", csp.startswith("default-src 'none'"))
    check(f"{path}: no inline script or style", "unsafe" not in csp)
    check(f"{path}: permissions", "geolocation=()" in a.headers.get("permissions-policy", ""))
    names = [k.lower() for k, _ in a.all_headers]
    check(f"{path}: each header once", sorted(n for n in names if n != "set-cookie"),
          sorted(set(n for n in names if n != "set-cookie")))


def pages(s):
    for path in PAGES:
        for lang in ("en", "fr"):
            a = s.get(f"/{lang}{path}")
            check(f"/{lang}{path}", (a.status, a.headers.get("content-type")), (200, "text/html; charset=utf-8"))
            check(f"/{lang}{path}: language", re.search(r'<html lang="(\w\w)', a.text).group(1), lang)
            check(f"/{lang}{path}: no frames", "frame-ancestors 'none'" in a.headers["content-security-policy"])
            check_headers(f"/{lang}{path}", a)
    for path, kind in MACHINES.items():
        a = s.get(path)
        check(path, (a.status, a.headers.get("content-type", "").split(";")[0]), (200, kind))
        check_headers(path, a)
        if kind.endswith("json"):
            json.loads(a.body)
        elif kind.endswith("xml"):
            xml.fromstring(a.body)


def methods(s):
    for path, wanted in (("/en/nothing", 404), ("/fr/nothing", 404), ("/nothing", 404), ("/de/", 404), ("/en/incidents/I-999999", 404),
                         ("/en/incidents/x", 404), ("/api/v1/nothing", 404), ("/api/v1/incidents/I-999999", 404),
                         ("/data/nothing.csv", 404), ("/feeds/misp/nothing.json", 404), ("/taxii2/nothing/", 404)):
        a = s.get(path)
        check(path, a.status, wanted)
        check_headers(path, a)
    check("an error page is in its language", "Cette page n" in s.get("/fr/nothing").text)
    check("a machine's error is JSON", s.get("/api/v1/nothing").json["status"], 404)
    check("a TAXII error is one of TAXII", s.get("/taxii2/nothing/").json["http_status"], "404")
    a = s.request("POST", "/en/incidents", b"")
    check("POST to a list", (a.status, a.headers.get("allow")), (405, "GET, HEAD, OPTIONS"))
    a = s.request("OPTIONS", "/en/incidents")
    check("OPTIONS", (a.status, a.headers.get("allow")), (204, "GET, HEAD, OPTIONS"))
    check("an unknown method", s.request("BREW", "/en/").status, 501)
    for path, to in (("/en", "/en/"), ("/en/incidents/?type=espionage", "/en/incidents?type=espionage"), ("/taxii2", "/taxii2/")):
        a = s.get(path)
        check(path, (a.status, a.headers.get("location")), (308, to))
    full, head = s.get("/en/codebook"), s.request("HEAD", "/en/codebook")
    check("HEAD says what GET would", (head.status, head.body, head.headers["content-length"]),
          (200, b"", full.headers["content-length"]))


def caching(s):
    plain = s.get("/en/codebook")
    zipped = s.get("/en/codebook", Accept_Encoding="br;q=1.0, gzip;q=0.5")
    check("gzip is used when asked for", zipped.headers.get("content-encoding"), "gzip")
    check("gzip is not used otherwise", plain.headers.get("content-encoding"), None)
    check("gzip refused by q=0", s.get("/en/codebook", Accept_Encoding="gzip;q=0").headers.get("content-encoding"), None)
    check("both forms say the same", gzip.decompress(zipped.body), plain.body)
    check("compressed is smaller", len(zipped.body) < len(plain.body) / 3)
    check("the tags differ", plain.headers["etag"] != zipped.headers["etag"])
    check("caches are told", "Accept-Encoding" in plain.headers["vary"] and plain.headers["cache-control"] == "no-cache")
    for one in (plain, zipped):
        a = s.get("/en/codebook", If_None_Match=f'"x", {one.headers["etag"]}')
        check("304", (a.status, a.body, a.headers.get("etag")), (304, b"", one.headers["etag"]))
    check("another tag", s.get("/en/codebook", If_None_Match='"x"').status, 200)
    check("another page has another tag", s.get("/fr/codebook", If_None_Match=plain.headers["etag"]).status, 200)
    check("the order of parameters does not matter",
          s.get("/en/incidents?type=espionage&origin=CN").headers["etag"], s.get("/en/incidents?origin=CN&type=espionage").headers["etag"])
    check("their values do", s.get("/en/incidents?type=espionage").headers["etag"] != s.get("/en/incidents").headers["etag"])
    check("with a session's cookie nothing is kept",
          s.get("/en/incidents", Cookie="vigie-session=x").headers.get("etag") is None
          or "no-store" in s.get("/en/incidents", Cookie="vigie-session=x").headers["cache-control"])
    before = s.get("/metrics").text
    for _ in range(5):
        s.get("/en/codebook")
    hits = [int(re.search(r"^vigied_cache_hits_total (\d+)", t, re.M).group(1)) for t in (before, s.get("/metrics").text)]
    check("the cache answers", hits[1] - hits[0] >= 5)


def at_once(s, path, readers=50):
    """So many ask for the same at the same moment: their answers, and how many of them were made for it."""
    sockets = [socket.create_connection(("127.0.0.1", s.port), timeout=30) for _ in range(readers)]
    asked, made = s.counted('"event":"request"'), s.counted('"cache":"made"')
    for c in sockets:
        c.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
    answers = [b"".join(iter(lambda: c.recv(65536), b"")) for c in sockets]
    for c in sockets:
        c.close()
    check("each is in the log", wait_for(lambda: s.logged().count('"event":"request"') == asked + readers))
    return answers, s.counted('"cache":"made"') - made


def expiry(s):
    for n, path in enumerate(("/en/", "/en/incidents", "/fr/trends", "/api/v1/incidents", "/en/incidents/I-000001")):
        answers, made = at_once(s, f"{path}?new={n}")
        check(f"{path}: all are answered", {a.split(b"\r\n")[0] for a in answers}, {b"HTTP/1.1 200 OK"})
        check(f"{path}: alike", (len({a.split(b"\r\n\r\n", 1)[1] for a in answers}), len(set(re.findall(rb"ETag: (.*?)\r", b"".join(answers))))), (1, 1))
        check(f"{path}: one is made for fifty", made, 1)
    answers, made = at_once(s, "/en/incidents/I-999999", 20)
    check("what is not kept: each is answered", ({a.split(b"\r\n")[0] for a in answers}, made), ({b"HTTP/1.1 404 Not Found"}, 20))


def api(s):
    total = s.get("/api/v1/incidents?type=espionage").json["total"]
    seen, url, pages_read = [], "/api/v1/incidents?type=espionage&per_page=10", 0
    while url:
        a = s.get(url)
        seen += [row["id"] for row in a.json["items"]]
        pages_read += 1
        url = a.json["links"].get("next")
        url = url and re.sub(r"^http://[^/]+", "", url)
        check("next stands in the header too", ('rel="next"' in a.headers["link"]) == bool(url))
    check("the pages hold each record once", (len(seen), len(set(seen)), pages_read), (total, total, -(-total // 10)))
    tallies = s.get("/api/v1/incidents/tallies?by=type").json
    check("the tally is the list's total", [t["records"] for t in tallies["tallies"] if t["value"] == "espionage"], [total])
    for path in ("/api/v1/incidents?per_page=0", "/api/v1/incidents?per_page=501", "/api/v1/incidents/tallies?by=nothing",
                 "/api/v1/incidents?as_of=yesterday", "/api/v1/incidents/I-000001?as_of=x"):
        check(path, s.get(path).status, 400)
    rows = s.get("/data/incidents.csv?type=espionage").text.strip().split("\r\n")
    check("a download has the list's filters", len(s.get("/data/incidents.json?type=espionage").json["records"]), total)
    check("and CSV as many rows", len(rows) - 1 >= total)
    record = s.get("/api/v1/incidents/I-000001").json
    check("a record by its id", (record["id"], record["kind"]), ("I-000001", "incident"))
    check("not under another kind", s.get("/api/v1/advisories/I-000001").status, 404)
    described = s.get("/api/openapi.json").json
    check("OpenAPI", described["openapi"], "3.1.0")
    for path, item in described["paths"].items():
        real = path.replace("{id}", "I-000001").replace("{revision}", "1")
        if "{id}" in path and "/incidents/" not in path:
            continue
        if path.endswith("/tallies"):
            real += "?by=year"
        check(f"{path} is described and there", s.get(real).status, 200)
        names = [p["name"] for p in item["get"]["parameters"] if p["in"] == "path"]
        check(f"{path}: path parameters", names, re.findall(r"{(\w+)}", path))


def framing(s):
    """Where a body ends is said once, or the request is refused: nothing of it is taken for another request."""
    inner = b"GET /robots.txt HTTP/1.1\r\nHost: smuggled\r\n\r\n"
    for lines in (b"Content-Length: 5\r\nContent-Length: 47", b"Content-Length: 0\r\nTransfer-Encoding: chunked",
                  b"Transfer-Encoding: chunked\r\nContent-Length: 3", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: xchunked",
                  b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"Content-Length: +5", b"Content-Length: -1", b"Content-Length: 0x5",
                  b"Content-Length: 18446744073709551617", b"Content-Length: 5, 5"):
        got = s.raw(b"POST /en/sign-in HTTP/1.1\r\nHost: h\r\n" + lines + b"\r\n\r\n0\r\n\r\n" + inner, timeout=3)
        status = re.match(rb"HTTP/1.1 (\d+)", got)
        check(f"{lines}: refused", status is None or status.group(1) in (b"400", b"413", b"501"))
        check(f"{lines}: what follows is no request", b" 200 OK" in got or b"User-agent" in got, False)


def connections(s):
    c = http.client.HTTPConnection("127.0.0.1", s.port, timeout=30)
    for path in ("/en/", "/en/nothing", "/fr/incidents", "/data/claims.csv", "/static/nothing"):
        s.request("GET", path, connection=c)
    check("one connection serves many requests", s.request("GET", "/en/", connection=c).status, 200)
    c.close()
    answer = s.raw(b"GET /en/ HTTP/1.0\r\n\r\n")
    check("HTTP/1.0 without Host", answer.split(b"\r\n")[0].endswith(b"200 OK"))
    answer = s.raw(b"GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    check("two requests at once, answered in order", (answer.count(b"HTTP/1.1 200"), answer.endswith(b"ok\n")), (2, True))


with Server() as s:
    pages(s)
    methods(s)
    caching(s)
    expiry(s)
    api(s)
    connections(s)
    framing(s)
    check("ends when asked", s.stop(), 0)
    log = s.logged()
    check("the log has a line a request", log.count('"event":"request"') > 100)
    for line in log.splitlines():
        json.loads(line)
    check("the log has neither addresses nor words", [w for w in ("127.0.0.1\"", "universit", "I-000001", "espionage") if w in
                                                      "".join(l for l in log.splitlines() if '"request"' in l)], [])
finish()
