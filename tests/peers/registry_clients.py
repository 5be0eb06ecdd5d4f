#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Other people's clients against a running registry of invented data: taxii2-client walks every collection page by page,
stix2-validator takes every export, PyMISP reads the feed, feedparser the Atom feeds, minisign a release.

    registry_clients.py VIGIED
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid

import feedparser
import requests
import taxii2client.v21 as taxii
from pymisp import MISPEvent
from stix2validator import ValidationOptions, validate_string

VIGIED = os.path.abspath(sys.argv[1])
failures = 0


def check(what, got, wanted=True):
    global failures
    ok = got == wanted
    print(f"{'ok' if ok else 'FAILED'}: {what}" + ("" if ok else f": {got!r}, wanted {wanted!r}"))
    failures += not ok


def get(url, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
        return answer.read()


def walk_collection(collection):
    """All pages: ids and versions, each once; the manifest names the same."""
    ids, pages = [], 0
    for envelope in taxii.as_pages(collection.get_objects, per_request=50):
        ids += [o["id"] for o in envelope.get("objects", [])]
        pages += 1
    manifest = []
    for envelope in taxii.as_pages(collection.get_manifest, per_request=50):
        manifest += [o["id"] for o in envelope.get("objects", [])]
    check(f"taxii: {collection.title}: {len(ids)} objects in {pages} pages, each once", len(ids), len(set(ids)))
    check(f"taxii: {collection.title}: the manifest names the same", sorted(manifest), sorted(ids))
    check(f"taxii: {collection.title}: more pages than one", pages > 1 or len(ids) <= 50)
    if ids:
        one = collection.get_object(ids[-1])
        check(f"taxii: {collection.title}: one object by its id", [o["id"] for o in one["objects"]], [ids[-1]])
        kind = ids[0].split("--")[0]
        some = collection.get_objects(type=kind, limit=5)
        check(f"taxii: {collection.title}: filter by type", {o["type"] for o in some["objects"]}, {kind})
        first = collection.get_manifest(limit=1)["objects"][0]["date_added"]
        later = [e for e in taxii.as_pages(collection.get_manifest, per_request=500, added_after=first)]
        found = [o for e in later for o in e.get("objects", [])]
        check(f"taxii: {collection.title}: added_after leaves out what was there", all(o["date_added"] > first for o in found))
    return len(ids)


def check_taxii(base):
    server = taxii.Server(base + "/taxii2/")
    check("taxii: discovery", bool(server.title) and len(server.api_roots) > 0)
    total = closed = 0
    for root in server.api_roots:
        try:
            total += sum(walk_collection(c) for c in root.collections if c.can_read)
        except requests.exceptions.HTTPError as error:
            check(f"taxii: {root.url} is closed without a token", error.response.status_code, 401)
            closed += 1
    check("taxii: there is something to read", total > 0)
    check("taxii: one root is for partners only", closed, 1)


def check_stix(what, text):
    bundle = json.loads(text)
    results = validate_string(text, ValidationOptions(version="2.1"))
    errors = [str(e) for e in getattr(results, "errors", None) or []]
    check(f"stix: {what}: {len(bundle.get('objects', []))} objects are valid", (results.is_valid, errors[:3]), (True, []))


def check_versions(base):
    """Every version of every public object, those that were revoked among them."""
    objects = []
    for name in ("incidents", "advisories", "other-facts"):
        more = ""
        while more is not None:
            page = json.loads(get(f"{base}/taxii2/public/collections/{name}/objects/?match[version]=all&limit=500{more}"))
            objects += page.get("objects", [])
            more = f"&next={page['next']}" if page["more"] else None
    versions = {json.dumps(o, sort_keys=True): o for o in objects}.values()
    bundle = {"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": list(versions)}
    check_stix("every version", json.dumps(bundle))
    revoked = {o["id"]: o["modified"] for o in versions if o.get("revoked")}
    check(f"stix: {len(revoked)} were revoked", len(revoked) > 0)
    check("stix: nothing follows what was revoked", [o["id"] for o in versions if o["modified" if "modified" in o else "created"] > revoked.get(o["id"], "9")], [])


def check_misp(base):
    manifest = json.loads(get(base + "/feeds/misp/manifest.json"))
    values = 0
    for uuid, entry in manifest.items():
        event = MISPEvent()
        event.load(json.loads(get(f"{base}/feeds/misp/{uuid}.json")))
        if event.info != entry["info"] or event.uuid != uuid:
            check(f"misp: event {uuid} is what the manifest says", event.info, entry["info"])
        values += len(event.attributes)
        event.to_feed()
    check(f"misp: {len(manifest)} events, {values} attributes", len(manifest) > 0 and values > 0)
    hashes = get(base + "/feeds/misp/hashes.csv").decode().splitlines()
    check("misp: hashes.csv has a line a value", all(re.fullmatch(r"[0-9a-f]{32},[0-9a-f-]{36}", h) for h in hashes) and len(hashes) > 0)


def check_atom(base):
    for name in ("incidents", "advisories", "corrections"):
        feed = feedparser.parse(get(f"{base}/feeds/{name}.atom"))
        check(f"atom: {name}: {len(feed.entries)} entries", (feed.bozo, feed.version, bool(feed.feed.get("title"))), (False, "atom10", True))
        check(f"atom: {name}: each entry has an id, a link and a day",
              all(e.get("id") and e.get("link") and e.get("updated_parsed") for e in feed.entries))
        check(f"atom: {name}: ids are different", len({e.id for e in feed.entries}), len(feed.entries))


def check_release(base, folder):
    store = os.path.join(folder, "release.db")
    bundle = os.path.join(folder, "bundle.json")
    with open(bundle, "wb") as f:
        f.write(get(base + "/data/incidents.stix.json"))
    subprocess.run([VIGIED, "import", "--format", "stix", "--store", store, bundle], check=True, capture_output=True)
    key = os.path.join(folder, "key")
    subprocess.run([VIGIED, "release", "--new-key", key], check=True, capture_output=True)
    releases = os.path.join(folder, "releases")
    made = json.loads(subprocess.run([VIGIED, "release", "--store", store, "--key", key, "--folder", releases],
                                     check=True, capture_output=True, text=True).stdout)
    files = made["folder"]
    check("release: checksums", subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=files).returncode, 0)
    with open(os.path.join(files, "records.stix.json"), encoding="utf-8") as f:
        check_stix("the release", f.read())
    if shutil.which("minisign"):
        check("release: minisign verifies it",
              subprocess.run(["minisign", "-V", "-q", "-p", key + ".pub", "-m", os.path.join(files, "SHA256SUMS")]).returncode, 0)
    else:
        print("skipped: minisign is not installed")


def main():
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen([VIGIED, "--demo", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  text=True)
        try:
            base = None
            for line in server.stdout:
                found = re.search(r"http://[\d.]+:\d+", line)
                if found:
                    base = found.group(0)
                    break
            for _ in range(100):
                try:
                    get(base + "/healthz")
                    break
                except OSError:
                    time.sleep(0.1)
            check_taxii(base)
            check_stix("all incidents", get(base + "/data/incidents.stix.json").decode())
            check_stix("a filtered list", get(base + "/data/incidents.stix.json?type=espionage&origin=CN").decode())
            check_versions(base)
            check_misp(base)
            check_atom(base)
            check_release(base, folder)
        finally:
            server.terminate()
            check("the server ends when asked", server.wait(timeout=20), 0)
    return 1 if failures else 0


sys.exit(main())
