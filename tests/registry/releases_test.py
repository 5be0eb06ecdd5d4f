#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A release is offered by the server without a word of configuration, and nothing else of the folder: releases_test.py VIGIED"""
import hashlib
import json
import os
import subprocess
import tempfile

from registry import VIGIED, Server, check, finish, make_store

NAMES = ["CITATION.cff", "SHA256SUMS", "claims.csv", "incidents.csv", "records.json", "records.stix.json"]


def release(store, *options):
    done = subprocess.run([VIGIED, "release", "--store", store, *options], capture_output=True, text=True)
    check("a release is made", done.returncode, 0)
    return json.loads(done.stdout), done.stderr


with tempfile.TemporaryDirectory() as folder:
    os.mkdir(f"{folder}/data")
    store = make_store(f"{folder}/data")
    made, said = release(store, "--note", "The first")
    check("it lies beside the store", (made["folder"], said), (f"{folder}/data/releases/1", ""))
    elsewhere, said = release(store, "--folder", f"{folder}/elsewhere")
    check("one that lies elsewhere: what to set is said", f"release_folder = {folder}/elsewhere" in said)
    with Server(demo=False, store=store) as s:
        page = s.get("/en/releases/1").text
        check("its files are listed", [n for n in NAMES if f'href="/releases/1/{n}"' in page], NAMES)
        for name in NAMES:
            with open(f"{folder}/data/releases/1/{name}", "rb") as f:
                check(name, s.get(f"/releases/1/{name}").body, f.read())
        sums = s.get("/releases/1/SHA256SUMS")
        check("the page has the sum of the sums", hashlib.sha256(sums.body).hexdigest() in page)
        check("the other is listed without files", ("/en/releases/2" in s.get("/en/releases").text,
                                                    "/releases/2/" in s.get("/en/releases/2").text), (True, False))
        with open(f"{folder}/data/releases/1/secret", "w") as f:
            f.write("secret")
        os.symlink(f"{folder}/data/releases/1/secret", f"{folder}/data/releases/1/SHA256SUMS.minisig")
        for path in ("/releases/1/secret", "/releases/1/SHA256SUMS.minisig", "/releases/1/..%2fregistry.db", "/releases/../registry.db",
                     "/releases/1/..%2f..%2fregistry.db", "/releases/01/%2e%2e", "/releases/4294967297/SHA256SUMS", "/releases/1/",
                     "/releases/2/SHA256SUMS", "/releases/-1/SHA256SUMS"):
            check(path, s.get(path).status in (400, 404))
    config = f"{folder}/vigied.conf"
    with open(config, "w") as f:
        f.write(f"release_folder = {folder}/elsewhere\n")
    with Server(demo=False, store=store, config=config) as s:
        check("as configured", (s.get("/releases/2/SHA256SUMS").status, s.get("/releases/1/SHA256SUMS").status), (200, 404))
    made, said = release(store, "--config", config)
    check("the command reads the same configuration", (made["folder"], said), (f"{folder}/elsewhere/3", ""))
finish()
