#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TAXII 2.1, section by section of OASIS's text: taxii_test.py VIGIED"""
import json
import os
import tempfile
import uuid

from registry import Server, check, finish, make_store, token, wait_for

TYPE = "application/taxii+json;version=2.1"
PUBLIC = "/taxii2/public/collections/incidents"
PARTNERS = "/taxii2/partners/collections/partners"


def make_object(n, modified="2026-01-01T00:00:00.000Z"):
    return {"type": "indicator", "spec_version": "2.1", "id": f"indicator--{uuid.uuid5(uuid.NAMESPACE_URL, str(n))}",
            "created": "2026-01-01T00:00:00.000Z", "modified": modified, "pattern": f"[domain-name:value = 'a{n}.example']",
            "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z", "name": "<script>alert(1)</script> é"}


def discovery(s):
    a = s.get("/taxii2/", Accept=TYPE)
    check("discovery", (a.status, a.headers["content-type"]), (200, TYPE))
    check("its default is a root", a.json["default"] in a.json["api_roots"])
    for accept, status in ((TYPE, 200), ("application/taxii+json", 200), ("*/*", 200), ("application/*", 200), (None, 200),
                           ("application/json", 406), ("application/taxii+json;version=2.0", 406), ("text/html", 406),
                           ("text/html, application/taxii+json; version=2.1", 200)):
        got = s.get("/taxii2/", **({"Accept": accept} if accept else {}))
        check(f"Accept: {accept}", got.status, status)
    check("a 406 on a collection that was asked for before", s.get(PUBLIC + "/objects/", Accept="text/html").status, 406)
    root = s.get("/taxii2/public/").json
    check("an API root", (root["versions"], root["max_content_length"] > 0), ([TYPE], True))
    check("no such root", s.get("/taxii2/other/").status, 404)
    collections = s.get("/taxii2/public/collections/").json["collections"]
    check("public collections cannot be written to", {(c["can_read"], c["can_write"]) for c in collections}, {(True, False)})
    for c in collections:
        check("a collection by id", s.get(f"/taxii2/public/collections/{c['id']}/").json, c)
        check("and by its alias", s.get(f"/taxii2/public/collections/{c['alias']}/").json["id"], c["id"])
    check("no such collection", s.get("/taxii2/public/collections/x/").status, 404)
    check("a private one is not under the public root", s.get("/taxii2/public/collections/partners/").status, 404)


def walk(s, path, query=""):
    """All objects, page by page by `next`; and the first and last dates of each page."""
    objects, url, dates = [], f"{path}?limit=40{query}", []
    while True:
        a = s.get(url)
        check("a page", a.status, 200)
        objects += a.json.get("objects", [])
        dates.append((a.headers.get("x-taxii-date-added-first"), a.headers.get("x-taxii-date-added-last")))
        if not a.json["more"]:
            return objects, dates
        url = f"{path}?limit=40{query}&next={a.json['next']}"


def reading(s):
    objects, dates = walk(s, PUBLIC + "/objects/")
    ids = [o["id"] for o in objects]
    check("all pages, each object once", (len(ids), len(set(ids))), (len(ids), len(ids)))
    check("there are many", len(ids) > 100)
    flat = [d for pair in dates for d in pair]
    check("dates added only grow", flat, sorted(flat))
    by_date, after = [], None
    while True:
        a = s.get(f"{PUBLIC}/manifest/?limit=33" + (f"&added_after={after}" if after else ""))
        by_date += a.json.get("objects", [])
        if not a.json["more"]:
            break
        after = a.headers["x-taxii-date-added-last"]
    check("walking the manifest by added_after finds the same", [o["id"] for o in by_date], ids)
    check("versions of the manifest are the objects'", [o["version"] for o in by_date],
          [o.get("modified", o.get("created")) for o in objects])
    kinds = sorted({o["type"] for o in objects})
    for kind in kinds:
        some, _ = walk(s, PUBLIC + "/objects/", f"&match[type]={kind}")
        check(f"match[type]={kind}", [o["id"] for o in some], [o["id"] for o in objects if o["type"] == kind])
    two, _ = walk(s, PUBLIC + "/objects/", f"&match[type]={kinds[0]},{kinds[-1]}")
    check("two types", len(two), sum(o["type"] in (kinds[0], kinds[-1]) for o in objects))
    some, _ = walk(s, PUBLIC + "/objects/", f"&match[id]={ids[3]},{ids[5]}&match[spec_version]=2.1")
    check("match[id]", [o["id"] for o in some], [ids[3], ids[5]])
    check("match[spec_version]", walk(s, PUBLIC + "/objects/", "&match[spec_version]=2.0")[0], [])
    everything, _ = walk(s, PUBLIC + "/objects/", "&match[version]=all")
    check("all versions are more", len(everything) > len(objects))
    first, _ = walk(s, PUBLIC + "/objects/", "&match[version]=first")
    check("as many have a first version as a last", len(first), len(objects))
    counts = {}
    for o in everything:
        counts[o["id"]] = counts.get(o["id"], 0) + 1
    many = max(counts, key=counts.get)
    versions = s.get(f"{PUBLIC}/objects/{many}/versions/").json["versions"]
    check("versions", sorted(versions), sorted(o["modified"] for o in everything if o["id"] == many))
    one = s.get(f"{PUBLIC}/objects/{many}/?match[version]={versions[0]}").json["objects"]
    check("one version by its time", [o["modified"] for o in one], [versions[0]])
    last = s.get(f"{PUBLIC}/objects/{many}/").json["objects"]
    check("without a filter it is the last", [o["modified"] for o in last], [max(versions)])
    check("no such object", s.get(f"{PUBLIC}/objects/incident--{uuid.uuid4()}/").status, 404)
    check("nor its versions", s.get(f"{PUBLIC}/objects/incident--{uuid.uuid4()}/versions/").status, 404)
    check("after the last, an empty envelope", s.get(f"{PUBLIC}/objects/?added_after={flat[-1]}").json, {"more": False})
    for bad in ("limit=0", "limit=-1", "limit=x", "limit=", "added_after=yesterday", "added_after=2026-01-01", "next=x", "next=-1",
                "match[version]=new", "match[version]=2026", "match[id]=", "match[type]=a,,b", "limit=1&limit=2",
                "added_after=2026-01-01T00:00:00.123456" + "Z" * 14, "added_after=2026-01-01T00:00:00.12345678Z9Z",
                "match[id]=" + ",".join(["a"] * 101), "match[type]=" + "a" * 300):
        a = s.get(f"{PUBLIC}/objects/?{bad}")
        check(f"?{bad[:40]}", (a.status, a.json["http_status"]), (400, "400"))
    check("a limit beyond ours is cut", len(s.get(f"{PUBLIC}/objects/?limit=999999").json["objects"]) <= 1000)


def writing(s, store):
    reader = token(store, "reader")
    writer = token(store, "writer", "--write")
    blind = token(store, "blind", "--write", "--no-read")

    def send(objects, auth=writer, kind=TYPE):
        body = objects if isinstance(objects, bytes) else json.dumps({"objects": objects}).encode()
        return s.request("POST", PARTNERS + "/objects/", body, {"Content-Type": kind, "Authorization": auth} if auth else
                         {"Content-Type": kind})

    for path in ("/taxii2/partners/collections/", PARTNERS + "/", PARTNERS + "/objects/", PARTNERS + "/manifest/"):
        a = s.get(path)
        check(f"{path} without a token", (a.status, a.headers.get("www-authenticate", "")[:5]), (401, "Basic"))
        check(f"{path} with a wrong one", s.get(path, Authorization="Basic eDp5").status, 401)
        check(f"{path} with a damaged one", s.get(path, Authorization="Basic %%%").status, 401)
        check(f"{path} with a good one", s.get(path, Authorization=reader).status, 200)
    rights = [(c["can_read"], c["can_write"]) for a in (reader, writer, blind)
              for c in s.get("/taxii2/partners/collections/", Authorization=a).json["collections"]]
    check("the collection says what the token allows", rights, [(True, False), (True, True), (False, True)])
    check("sending without a token", send([make_object(1)], None).status, 401)
    check("sending with the right to read", send([make_object(1)], reader).status, 403)
    check("reading with the right to send", s.get(PARTNERS + "/objects/", Authorization=blind).status, 403)
    check("another content type", send([make_object(1)], kind="application/json").status, 415)
    check("the older version's", send([make_object(1)], kind="application/taxii+json;version=2.0").status, 415)
    check("to a public collection", s.request("POST", PUBLIC + "/objects/", b"{}", {"Content-Type": TYPE, "Authorization": writer}).status, 403)
    for body in (b"", b"{", b"[]", b"{}", b'{"objects":[]}', b'{"objects":{}}', b"\xff", b'{"objects":[1],"objects":[2]}'):
        check(f"body {body!r}", send(body).status, 422)
    check("a nest of lists", send(b'{"objects":' + b"[" * 100000).status, 422)
    check("too many objects", send([{}] * 1001).status, 413)
    check("too large", send(b" " * (9 << 20)).status, 413)

    bad = [1, {}, {"type": "indicator", "id": "indicator--x"}, {**make_object(9), "id": "malware--" + make_object(9)["id"][11:]},
           {**make_object(9), "modified": "yesterday"}, {**make_object(9), "spec_version": "3"}]
    a = send([make_object(1), make_object(2)] + bad)
    check("objects are taken one by one", (a.status, a.json["status"], a.json["success_count"], a.json["failure_count"], a.json["total_count"]),
          (202, "complete", 2, len(bad), 2 + len(bad)))
    check("each refusal says why", all(f.get("message") for f in a.json["failures"]))
    status = f"/taxii2/partners/status/{a.json['id']}/"
    check("the status can be asked for", s.get(status, Authorization=writer).json, a.json)
    check("not by others", s.get(status, Authorization=reader).status, 404)
    check("nor without a token", s.get(status).status, 401)
    send([make_object(1, "2026-02-01T00:00:00.000Z"), make_object(1, "2025-02-01T00:00:00.000Z")])
    send([make_object(1, "2026-02-01T00:00:00.000Z")])
    one = f"{PARTNERS}/objects/{make_object(1)['id']}/"
    get = lambda path: s.get(path, Authorization=writer)
    check("versions in whatever order", sorted(get(one + "versions/").json["versions"]),
          ["2025-02-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"])
    check("the last is the latest", get(one).json["objects"][0]["modified"], "2026-02-01T00:00:00.000Z")
    check("the first is the earliest", get(one + "?match[version]=first").json["objects"][0]["modified"], "2025-02-01T00:00:00.000Z")
    check("what came is given back as it was", get(one).json["objects"][0], make_object(1, "2026-02-01T00:00:00.000Z"))

    def delete(path, auth=writer):
        return s.request("DELETE", path, headers={"Authorization": auth} if auth else {})

    check("deleting without a token", delete(one, None).status, 401)
    check("deleting with the right to read", delete(one, reader).status, 403)
    check("deleting with the right to write alone", delete(one, blind).status, 403)
    check("deleting one version", delete(one + "?match[version]=last").status, 200)
    check("the one before is the last now", get(one).json["objects"][0]["modified"], "2026-01-01T00:00:00.000Z")
    check("deleting the object", delete(one).status, 200)
    check("it is gone", (get(one).status, delete(one).status), (404, 404))
    check("the other is there", [o["id"] for o in get(PARTNERS + "/objects/").json["objects"]], [make_object(2)["id"]])
    for n in range(25):
        last = s.get(PARTNERS + "/", Authorization="Basic " + "eDp5").status
    check("guessing is slowed down", last, 429)
    check("but not for those who know", get(PARTNERS + "/").status, 200)


with tempfile.TemporaryDirectory() as folder:
    store = make_store(folder)
    with Server(demo=False, store=store) as s:
        discovery(s)
        check("the objects come", wait_for(lambda: s.get(PUBLIC + "/objects/?limit=1").json.get("objects")))
        reading(s)
    config = os.path.join(folder, "vigied.conf")
    with open(config, "w") as f:
        f.write("requests_per_minute = 0\n")
    with Server(demo=False, store=store, config=config) as s:
        writing(s, store)
        check("ends when asked", s.stop(), 0)
finish()
