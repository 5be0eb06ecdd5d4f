#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The key of second factors, as the program keeps it; whom a limit on tries counts: accounts_test.py VIGIED"""
import os
import sqlite3
import stat
import subprocess
import tempfile

from registry import VIGIED, Server, check, finish, make_store


def start(store, config=None):
    """What the server logs until it is up and ends again."""
    with Server(demo=False, store=store, config=config) as s:
        status = s.stop() if s.port else s.process.wait(timeout=30)
        return status, s.logged()


def sql(path, *words):
    with sqlite3.connect(path) as db:
        return db.execute(*words).fetchall()


def key_file(folder):
    store, path, key = make_store(folder), f"{folder}/registry.db", f"{folder}/registry.db.key"
    check("the key is made beside the store, for its owner alone", stat.S_IMODE(os.stat(key).st_mode), 0o600)
    first = open(key).read()
    check("it is no part of a backup", (subprocess.run([VIGIED, "backup", "--store", store, f"{folder}/copy.db"]).returncode,
                                        bytes.fromhex(first.split()[-1]) in open(f"{folder}/copy.db", "rb").read()), (0, False))
    secret = b"a-secret-in-the-past"
    sql(path, "UPDATE team_user SET totp_secret = ?", (secret,))
    status, log = start(store)
    check("a secret in the clear is sealed", (status, "second-factors-sealed" in log, "key-made" in log), (0, True, False))
    check("nothing of it is left", secret in open(path, "rb").read(), False)
    check("nor is it shown", [len(row[0]) > len(secret) for row in sql(path, "SELECT totp_secret FROM team_user")], [True])
    status, log = start(store)
    check("then there is nothing to say", (status, "second-factors" in log, open(key).read()), (0, False, first))
    os.rename(key, f"{folder}/put-away")
    status, log = start(store)
    check("another key: it says what to do", (status, "second-factors-lost" in log, "reset-totp" in log, "key-made" in log), (0, True, True, True))
    check("a new one is another one", open(key).read() == first, False)
    config = f"{folder}/vigied.conf"
    with open(config, "w") as f:
        f.write(f"secret_key = {folder}/put-away\n")
    status, log = start(store, config)
    check("the key put back, elsewhere", (status, "second-factors" in log), (0, False))
    os.chmod(f"{folder}/put-away", 0o644)
    status, log = start(store, config)
    check("a key that others may read", (status, "chmod 600" in log), (2, True))
    with open(config, "w") as f:
        f.write(f"secret_key = {folder}/no/such/folder/key\n")
    check("a key that cannot be made", start(store, config)[0], 2)
    check("a second factor is taken away without the key",
          subprocess.run([VIGIED, "user", "reset-totp", "demo", "--store", store]).returncode, 0)
    check("it is gone", sql(path, "SELECT count(*) FROM team_user WHERE length(totp_secret) > 0"), [(0,)])


def whose_tries(folder):
    """Behind a proxy, the last address of the last line is what the proxy saw; the client can write all others."""
    config = f"{folder}/vigied.conf"
    with open(config, "w") as f:
        f.write("behind_proxy = yes\nsecure_cookies = no\nrequests_per_minute = 0\n")
    with Server(demo=False, store=f"sqlite:{folder}/new.db", config=config) as s:
        def tries(lines):
            """The status of the last of many guesses; the proxy's line is the last."""
            for n in range(12):
                body = f"name=nobody{n}&password=wrong".encode()
                head = "".join(f"X-Forwarded-For: {line % n if '%' in line else line}\r\n" for line in lines)
                a = s.raw(f"POST /en/sign-in HTTP/1.1\r\nHost: h\r\n{head}Content-Type: application/x-www-form-urlencoded\r\n"
                          f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
                if b" 429 " in a.split(b"\r\n")[0]:
                    return n
            return None

        metrics = lambda **h: s.get("/metrics", **h).status
        check("figures for this machine alone", (metrics(), metrics(X_Forwarded_For="203.0.113.5"), metrics(X_Forwarded_For="127.0.0.1, 203.0.113.5"),
                                                metrics(X_Forwarded_For="203.0.113.5, ::1")), (200, 403, 403, 200))
        check("what a client writes before it", tries(["203.0.113.%d, 198.51.100.1"]), 10)
        check("a line of the client's above the proxy's", tries(["203.0.113.%d", "198.51.100.2"]), 10)
        check("another header's spelling", tries(["203.0.113.%d", "198.51.100.3 "]), 10)
        check("what is no address counts as the proxy's own", tries(["made-up-%d"]), 10)
        check("a network of IPv6 addresses is one", tries(["2001:db8:1:2::%d"]), 10)


for test in (key_file, whose_tries):
    with tempfile.TemporaryDirectory() as folder:
        test(folder)
finish()
