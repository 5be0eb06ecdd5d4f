#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong with machines: killed in mid-write, a full disk, a broken page of the database, a configuration with a
mistake, an end while a download runs: faults_test.py VIGIED [ROUNDS]"""
import http.client
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid

from registry import VIGIED, Server, check, finish, make_store, token, wait_for

ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2].isdigit() else 8
PARTNERS = "/taxii2/partners/collections/partners/objects/"
TYPE = "application/taxii+json;version=2.1"


def envelope(ids, size=0):
    return json.dumps({"objects": [{"type": "note", "spec_version": "2.1", "id": i, "created": "2026-01-01T00:00:00.000Z",
                                    "modified": "2026-01-01T00:00:00.000Z", "content": "x" * size} for i in ids]}).encode()


def new_ids(n):
    return [f"note--{uuid.uuid4()}" for _ in range(n)]


def write_without_end(s, auth, acknowledged):
    c = http.client.HTTPConnection("127.0.0.1", s.port, timeout=10)
    try:
        while True:
            ids = new_ids(3)
            a = s.request("POST", PARTNERS, envelope(ids), {"Content-Type": TYPE, "Authorization": auth}, c)
            if a.status == 202:
                acknowledged += ids
    except (OSError, http.client.HTTPException):
        pass


def killed(folder, config):
    """kill -9 while several clients write: every write that was acknowledged is there afterwards, and no half of one."""
    store = make_store(folder, "killed.db")
    auth = token(store, "writer", "--write")
    acknowledged = []
    for round_ in range(ROUNDS):
        with Server(demo=False, store=store, config=config) as s:
            got = [[] for _ in range(3)]
            threads = [threading.Thread(target=write_without_end, args=(s, auth, g)) for g in got]
            for t in threads:
                t.start()
            wait_for(lambda: sum(map(len, got)) >= 30)
            time.sleep(random.random() * 0.3)
            s.stop(signal.SIGKILL)
            for t in threads:
                t.join()
            acknowledged += [i for g in got for i in g]
        with Server(demo=False, store=store, config=config) as s:
            there, query = [], "?limit=1000"
            while query:
                a = s.get(PARTNERS + query, Authorization=auth).json
                there += [o["id"] for o in a.get("objects", [])]
                query = f"?limit=1000&next={a['next']}" if a["more"] else None
            check(f"round {round_ + 1}: nothing acknowledged is lost", len(set(acknowledged) - set(there)), 0)
            check(f"round {round_ + 1}: and nothing is there in part", len(there) % 3, 0)
            s.stop()
    check("there was something to lose", len(acknowledged) >= 30 * ROUNDS)
    print(f"killed {ROUNDS} times; {len(acknowledged)} acknowledged objects, none lost")


def full(folder, config, store=None, limit=None, statuses=(503, 507)):
    """A file that may not grow, or a disk that is full: writing is refused in plain words, reading goes on, nothing is lost."""
    store = store or make_store(folder, "full.db")
    auth = token(store, "writer", "--write")
    path = store.removeprefix("sqlite:")
    first = new_ids(1)
    headers = {"Content-Type": TYPE, "Authorization": auth}
    with Server(demo=False, store=store, config=config) as s:
        check("before, writing works", s.request("POST", PARTNERS, envelope(first), headers).status, 202)
        s.stop()
    limit = limit or {"limit_file": os.path.getsize(path) + 100000}
    with Server(demo=False, store=store, config=config, **limit) as s:
        refused = 0
        kept = list(first)
        for _ in range(30):
            ids = new_ids(50)
            a = s.request("POST", PARTNERS, envelope(ids, 2000), headers)
            if a.status == 202:
                kept += ids
            else:
                refused += 1
                check(f"{a.status}: a full disk is told in plain words", a.status in statuses and a.json["http_status"] == str(a.status))
        check("the disk was full", refused > 5)
        check("reading goes on", [s.get(p).status for p in ("/en/incidents?q=hospital", "/fr/trends", PARTNERS)], [200, 200, 401])
        check("alive", s.alive())
        check("ends when asked", s.stop(), 0)
    with Server(demo=False, store=store, config=config) as s:
        check("with room again, writing works", s.request("POST", PARTNERS, envelope(new_ids(1)), headers).status, 202)
        there = [o["id"] for o in s.get(PARTNERS + "?limit=1000", Authorization=auth).json["objects"]]
        check("nothing that was acknowledged is lost", set(kept) - set(there), set())
        s.stop()
    with Server(demo=False, store=store, config=config, limit_file=64 << 10) as s:
        check("no room for a whole export's file either: the server says so or the answer is whole",
              s.get("/data/incidents.json").status in (200, 507))
        s.stop()


def full_disk(config):
    """The same on a small file system, where the kernel lets us make one without being root."""
    probe = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=64k none /mnt"]
    if subprocess.run(probe, capture_output=True).returncode != 0:
        print("skipped: no file system of our own can be mounted here")
        return
    done = subprocess.run([*probe[:-2], "-c", 'exec "$@"', "sh", sys.executable, __file__, VIGIED,
                           "disk", config], capture_output=True, text=True)
    print(done.stdout, end="")
    check("on a full disk", done.returncode, 0)


def broken(folder, config):
    """Pages of the database overwritten: what does not need them is served, the rest is a plain error, and nothing ends."""
    store = make_store(folder, "whole.db")
    path = store.removeprefix("sqlite:")
    size = 4096
    with sqlite3.connect(path) as db:
        size = db.execute("PRAGMA page_size").fetchone()[0]
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    pages = os.path.getsize(path) // size
    random.seed(7)
    seen = {}
    for n in range(6):
        copy = f"{folder}/broken{n}.db"
        shutil.copy(path, copy)
        with open(copy, "r+b") as f:
            for page in random.sample(range(5, pages), max(1, pages // 4)):
                f.seek(page * size)
                f.write(random.randbytes(size))
        with Server(demo=False, store="sqlite:" + copy, config=config) as s:
            if s.port is None:
                check("a store that is too damaged is refused with a reason", "vigied:" in s.logged())
                continue
            for p in ("/en/", "/fr/incidents", "/en/incidents?q=a", "/en/incidents?type=espionage", "/en/incidents/I-000007", "/en/codebook",
                      "/data/incidents.csv", "/data/incidents.stix.json", "/feeds/incidents.atom", "/api/v1/incidents", "/en/trends",
                      "/taxii2/public/collections/incidents/objects/?limit=1000", "/sitemap/1.xml", "/metrics", "/healthz"):
                a = s.get(p)
                seen[a.status] = seen.get(a.status, 0) + 1
                check(f"{p}: an answer", a.status in (200, 404, 500, 503))
                if a.status >= 500:
                    check(f"{p}: no details of ours", re.findall(r"sqlite|SQL|\.db|/tmp", a.text), [])
            check("not ended", s.process.poll(), None)
            check("a page that needs no store", s.get("/robots.txt").status, 200)
            check("ends when asked", s.stop(), 0)
    check("some answers were errors", seen.get(503, 0) + seen.get(500, 0) > 0)
    print(f"broken: {seen}")


def reload(folder):
    """HUP: another configuration, the same connections; a mistake in it changes nothing."""
    path = f"{folder}/reload.conf"

    def write(text):
        with open(path, "w") as f:
            f.write(text)

    write('name_en = "First name"\n')
    with Server(config=path) as s:
        c = http.client.HTTPConnection("127.0.0.1", s.port, timeout=30)
        title = lambda: re.search(r"<title>(.*?)</title>", s.request("GET", "/en/", connection=c).text).group(1)
        check("the name of the configuration", "First name" in title())
        write('name_en = "Second name"\n')
        s.process.send_signal(signal.SIGHUP)
        check("the new name, on the same connection", wait_for(lambda: "Second name" in title()))
        write('name_en = "Third name"\nnothing = 1\n')
        s.process.send_signal(signal.SIGHUP)
        check("a mistake is named with its line", wait_for(lambda: f"{path}:2: there is no key 'nothing'" in s.logged()))
        check("and the settings stay", "Second name" in title())
        c.close()
        s.stop()
    for text, said in (("listen 1", ":1: there is no '='"), ("threads = x", ":1: threads must be"), ("\n\nsecure_cookies = maybe", ":3: secure_cookies"),
                       ("cache_mib = 1\ncache_mib = 2", ":2: cache_mib is set for the second time"), ('name_en = "x', ":1: the quotation mark")):
        write(text)
        done = subprocess.run([VIGIED, "serve", "--config", path, "--store", f"sqlite:{folder}/new.db"], capture_output=True, text=True)
        check(f"{text!r}: refused", (done.returncode, path + said in done.stderr), (2, True))


def ending(folder, config):
    """TERM while a client takes its time over a download: it gets all of it."""
    with Server(config=config) as s:
        c = http.client.HTTPConnection("127.0.0.1", s.port, timeout=30)
        whole = len(s.get("/data/incidents.stix.json").body)
        c.request("GET", "/data/incidents.stix.json")
        got = c.getresponse()
        first = got.read(1000)
        threading.Timer(0.1, lambda: s.process.send_signal(signal.SIGTERM)).start()
        time.sleep(0.3)
        check("the rest of it", len(first) + len(got.read()), whole)
        c.close()
        check("then it ends", s.process.wait(timeout=30), 0)
    own = f"{folder}/tmp"
    os.mkdir(own)
    with Server(env={"TMPDIR": own}) as s:
        check("a demonstration has a folder of its own", len(os.listdir(own)), 1)
        check("a second one may run beside it", Server(env={"TMPDIR": own}).stop(), 0)
        check("and takes its own folder alone away", len(os.listdir(own)), 1)
        s.stop()
    check("a demonstration leaves nothing", os.listdir(own), [])
    done = subprocess.run([VIGIED, "serve", "--listen", "nowhere", "--store", f"sqlite:{folder}/new.db"], capture_output=True, text=True)
    check("an address that is none", (done.returncode, "ADDRESS:PORT" in done.stderr), (2, True))


if len(sys.argv) > 2 and sys.argv[2] == "disk":
    # The store leaves about 1 MiB of room; a copy of the demonstration's is made beside the disk first.
    with tempfile.TemporaryDirectory() as base:
        made = make_store(base, "made.db").removeprefix("sqlite:")
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={os.path.getsize(made) + (3 << 20)}", "none", "/mnt"], check=True)
        shutil.copy(made, "/mnt/full.db")
        full("/mnt", sys.argv[3], store="sqlite:/mnt/full.db", limit={"env": {"TMPDIR": base}}, statuses=(507,))
    finish()
with tempfile.TemporaryDirectory() as base:
    conf = f"{base}/vigied.conf"
    with open(conf, "w") as out:
        out.write("requests_per_minute = 0\n")
    killed(base, conf)
    full(base, conf)
    full_disk(conf)
    broken(base, conf)
    reload(base)
    ending(base, conf)
finish()
