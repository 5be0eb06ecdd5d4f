#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ten thousand requests that nobody means well: oversized, slow, malformed, path tricks, script in every field. The server
keeps serving and answers in plain words: hostile_test.py VIGIED [REQUESTS]"""
import http.client
import os
import random
import re
import socket
import sys
import tempfile
import time
import urllib.parse

from registry import Server, check, finish

REQUESTS = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
SCRIPT = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"
MARK = b"<script>alert("
PATHS = ["/en/", "/fr/incidents", "/en/incidents", "/en/incidents/I-000001", "/en/conducts", "/fr/places", "/en/trends", "/en/corrections",
         "/en/candidates", "/en/codebook", "/data/incidents.csv", "/data/claims.csv", "/data/incidents.json", "/feeds/incidents.atom",
         "/feeds/corrections.atom", "/api/v1/incidents", "/api/v1/incidents/tallies", "/taxii2/public/collections/incidents/objects/",
         "/taxii2/public/collections/incidents/manifest/", "/feeds/misp/manifest.json", "/en/sign-in", "/fr/team", "/static/style.css",
         "/charts/years.svg", "/en/embed/years", "/sitemap/1.xml", "/.well-known/security.txt", "/en/incidents/I-000001/history"]
NAMES = ["q", "type", "origin", "target", "since", "until", "as_of", "sort", "page", "per_page", "by", "by2", "lang", "limit", "next",
         "added_after", "match[id]", "match[type]", "match[version]", "next", "originals", "year", "sector", "theme", "format", "x"]
VALUES = [SCRIPT, "", "0", "-1", "999999999999999999999", "1e9", "2026-13-45", "2026-02-30", "%", "*", "'; DROP TABLE record; --",
          "\" OR 1=1", "NEAR(", "title:\"", "a* OR b*", "(((((((((", "\u202e\u0000", "\U0001f600" * 50, "é" * 500, "a " * 2000, "../../etc/passwd",
          "..\\..\\", "{{7*7}}", "${jndi:ldap://x}", "%s%n%x", "\r\nSet-Cookie: a=b", "espionage", "CN", "I-000001", "I--1", "I-99999999999999999999"]
TRICKS = ["/../../../../etc/passwd", "/en/../../etc/passwd", "/en/%2e%2e/%2e%2e/etc/passwd", "/static/..%2f..%2fetc%2fpasswd", "/static/%2e%2e/x",
          "/en//incidents", "//en/", "/en/incidents/%00", "/en/incidents/I-000001%00.html", "/%c0%ae%c0%ae/", "/en/incidents/\\..\\..", "/en/%",
          "/en/%zz", "/en/incidents/" + "a" * 5000, "/" + "a/" * 1000, "/en/;/../x", "/en/incidents/I-000001/revisions/-1",
          "/en/incidents/I-000001/revisions/99999999999999999999", "/sitemap/-1.xml", "/sitemap/999999999999.xml", "/feeds/misp/..%2fx.json",
          "/data/..%2f..%2fetc%2fpasswd", "/taxii2/%2e%2e/", "/api/v1/incidents/..%2f", "/.git/config", "/en/" + urllib.parse.quote(SCRIPT),
          "/api/v1/" + urllib.parse.quote(SCRIPT), "/taxii2/" + urllib.parse.quote(SCRIPT) + "/"]
ALLOWED = {200, 204, 303, 304, 308, 400, 401, 403, 404, 405, 406, 410, 413, 414, 415, 422, 429, 431, 501}


def judge(what, status, body):
    if status not in ALLOWED:
        check(what, status, "a plain answer")
    if MARK in body:
        check(what, "script came back as script", None)


def one_request(s, r, c):
    method = r.choices(["GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"], [80, 3, 10, 2, 2, 2, 1])[0]
    path = r.choice(TRICKS) if r.random() < 0.2 else r.choice(PATHS)
    if r.random() < 0.8:
        pairs = [(r.choice(NAMES), r.choice(VALUES)) for _ in range(r.randrange(1, 5))]
        path += "?" + "&".join(f"{urllib.parse.quote(k)}={urllib.parse.quote(v)}" for k, v in pairs)
    headers = {"Connection": "keep-alive"}
    if r.random() < 0.3:
        headers[r.choice(["Cookie", "Accept", "Accept-Language", "If-None-Match", "Authorization", "Content-Type", "Referer", "Range",
                          "X-Forwarded-For", "User-Agent", "Accept-Encoding", "Expect", "Origin"])] = r.choice(
            [SCRIPT, "vigie-session=" + "a" * 300, "gzip, " * 300, "*/*", "\"" * 50, "bytes=0-1", "Basic " + "A" * 900, "multipart/form-data",
             "application/x-www-form-urlencoded", "fr-CA, en;q=0.1", "a" * 3000])
    body = None
    if method in ("POST", "PUT"):
        body = r.choice([b"", b"a=1", urllib.parse.urlencode({k: SCRIPT for k in NAMES}).encode(), b"\x00\xff" * 100, b"&" * 5000,
                         b"--x\r\n\r\n--x--", os.urandom(300), b"{" * 1000])
    path = path.encode("ascii", "ignore").decode().replace(" ", "%20")
    try:
        a = s.request(method, path, body, {k: v.replace("\r\n", " ") for k, v in headers.items()}, c)
    except http.client.HTTPException:
        return False
    judge(f"{method} {path[:120]}", a.status, a.body)
    return a.headers.get("connection", "").lower() != "close"


def many(s):
    r = random.Random(2026)
    c = http.client.HTTPConnection("127.0.0.1", s.port, timeout=30)
    for i in range(REQUESTS):
        try:
            if not one_request(s, r, c):
                c.close()
        except (ConnectionError, OSError):
            c.close()
        if i % 1000 == 999 and not check(f"alive after {i + 1} requests", s.alive()):
            return


def malformed(s):
    head = b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    cases = {
        "nothing": b"", "line ends": b"\r\n\r\n\r\n", "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100,
        "no version": b"GET /en/\r\n\r\n", "another version": b"GET /en/ HTTP/9.9\r\n\r\n", "spaces": b"GET /en/ x HTTP/1.1\r\nHost: a\r\n\r\n",
        "a long first line": b"GET /" + b"a" * 100000 + head + b"\r\n", "a long header": b"GET /en/" + head + b"X: " + b"a" * 100000 + b"\r\n\r\n",
        "many headers": b"GET /en/" + head + b"".join(b"X%d: 1\r\n" % i for i in range(5000)) + b"\r\n",
        "no header's end": b"GET /en/" + head, "a header without colon": b"GET /en/" + head + b"nothing\r\n\r\n",
        "a folded header": b"GET /en/" + head + b"X: a\r\n b\r\n\r\n", "NUL in a header": b"GET /en/" + head + b"X: a\0b\r\n\r\n",
        "two lengths": b"POST /en/sign-in" + head + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "a length that is none": b"POST /en/sign-in" + head + b"Content-Length: -1\r\n\r\n",
        "a length of letters": b"POST /en/sign-in" + head + b"Content-Length: 1x\r\n\r\na",
        "a huge length": b"POST /en/sign-in" + head + b"Content-Length: 99999999999999999999\r\n\r\na",
        "less than announced": b"POST /en/sign-in" + head + b"Content-Length: 100\r\n\r\na",
        "length and chunks": b"POST /en/sign-in" + head + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
        "a bad chunk": b"POST /en/sign-in" + head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\na\r\n",
        "a huge chunk": b"POST /en/sign-in" + head + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\na\r\n",
        "endless chunks": b"POST /en/sign-in" + head + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 3000,
        "no Host": b"GET /en/ HTTP/1.1\r\n\r\n", "two Hosts": b"GET /en/ HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        "script as Host": b"GET /en/ HTTP/1.1\r\nHost: <script>alert(1)</script>\r\nConnection: close\r\n\r\n",
        "a whole address": b"GET http://evil.example/en/" + head + b"\r\n", "CONNECT": b"CONNECT evil.example:443" + head + b"\r\n",
        "an asterisk": b"GET *" + head + b"\r\n", "raw UTF-8": "GET /en/é".encode() + head + b"\r\n", "raw bytes": b"GET /en/\xff\xfe" + head + b"\r\n",
        "many parameters": b"GET /en/incidents?" + b"a&" * 3000 + head + b"\r\n",
        "an upgrade": b"GET /en/" + head + b"Upgrade: h2c\r\n\r\n", "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "a range": b"GET /en/" + head + b"Range: bytes=0-,0-,0-,0-\r\n\r\n",
    }
    for what, data in cases.items():
        got = s.raw(data)
        check(f"{what}: no success for what should not have any", bool(re.match(rb"HTTP/1\.[01] (2|4|5)", got)) or got == b"")
        check(f"{what}: no script", MARK not in got)
        check(f"{what}: nothing smuggled", b"smuggled" not in got)
        check(f"{what}: alive", s.alive())
    for name, field in (("a name that ends early", b'name="a'), ("a quoted end", b'name="a\\"'), ("no name", b"x=y")):
        body = b'--b\r\nContent-Disposition: form-data; ' + field + b"\r\n\r\nx\r\n--b--\r\n"
        a = s.request("POST", "/en/sign-in", body, {"Content-Type": "multipart/form-data; boundary=b"})
        check(f"multipart: {name}", a.status in ALLOWED)


def slow(s):
    """Clients that send a byte now and then hold no more than their own connection, and not for long."""
    began = time.monotonic()
    sockets = []
    for _ in range(30):
        c = socket.create_connection(("127.0.0.1", s.port), timeout=20)
        c.sendall(b"GET /en/ HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        sockets.append(c)
    half = socket.create_connection(("127.0.0.1", s.port), timeout=20)
    half.sendall(b"POST /en/sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n")
    slow_reader = socket.create_connection(("127.0.0.1", s.port), timeout=20)
    slow_reader.sendall(b"GET /data/incidents.stix.json HTTP/1.1\r\nHost: a\r\n\r\n" * 10)
    closed = 0
    for _ in range(60):
        time.sleep(0.2)
        check("served meanwhile", s.get("/en/incidents").status, 200)
        for c in [*sockets, half]:
            try:
                c.sendall(b"a")
            except OSError:
                closed += 1
                (sockets.remove(c) if c in sockets else None)
        if not sockets:
            break
    check("those that trickle headers are cut off", len(sockets), 0)
    check("within the time that was set", time.monotonic() - began < 12)
    half.close()
    slow_reader.close()


def crowd(s):
    """More connections than one address may have: the rest is turned away, and it recovers."""
    sockets = []
    for _ in range(300):
        try:
            sockets.append(socket.create_connection(("127.0.0.1", s.port), timeout=5))
        except OSError:
            break
    for c in sockets:
        c.close()
    time.sleep(0.3)
    check("alive after a crowd", s.alive())


with tempfile.TemporaryDirectory() as folder:
    config = os.path.join(folder, "vigied.conf")
    with open(config, "w") as f:
        f.write("client_seconds = 2\n")
    with Server(config=config) as s:
        malformed(s)
        slow(s)
        crowd(s)
        many(s)
        check("ends when asked", s.stop(), 0)
        check("no fault of the store was met", [l for l in s.logged().splitlines() if '"fault"' in l][:3], [])
finish()
