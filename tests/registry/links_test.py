#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every link of every public page leads somewhere, in both languages, without script; and every page of invented data says that they
are, however they are served: links_test.py VIGIED"""
import http.client
import subprocess
import tempfile
import urllib.parse
from html.parser import HTMLParser

from registry import VIGIED, Server, check, finish, make_store

# Filters combine without end: of addresses that differ in their values alone so many are asked for.
ENOUGH = 10
MARK = {"en": "The data shown here are invented.", "fr": "Les données affichées ici sont inventées."}


class Page(HTMLParser):
    """What a page links to, loads or sends a form to, and the ids that it has."""

    def __init__(self, text):
        super().__init__()
        self.links, self.ids, self.lang = [], set(), None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        self.lang = self.lang or a.get("lang")
        if a.get("id"):
            self.ids.add(a["id"])
        if tag == "form" and a.get("method", "get") != "get":
            return
        for name in ("href", "src", "action"):
            if a.get(name):
                self.links.append(a[name])


def shape(path):
    """Two addresses have one shape when only numbers of records and values of filters differ."""
    parts = urllib.parse.urlsplit(path)
    names = sorted({k for k, _ in urllib.parse.parse_qsl(parts.query)})
    record = parts.path.rsplit("/", 1)[-1]
    if record[1:2] == "-" and not names:
        return path  # each record's page is asked for
    return "/".join("N" if p[1:2] == "-" or p.isdigit() else p for p in parts.path.split("/")) + "?" + "&".join(names)


def crawl(s, starts):
    connection = http.client.HTTPConnection("127.0.0.1", s.port, timeout=30)
    queue, seen, counts, pages, anchors = [(p, "") for p in starts], set(), {}, {}, []
    while queue:
        path, origin = queue.pop(0)
        if path in seen:
            continue
        kind = shape(path)
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] > ENOUGH:
            continue
        seen.add(path)
        a = s.request("GET", path, connection=connection)
        if a.status in (301, 302, 303, 307, 308):
            queue.append((urllib.parse.urljoin(path, a.headers["location"]), path))
            continue
        check(f"{path}, linked from {origin}", a.status, 200)
        if a.status != 200 or not a.headers.get("content-type", "").startswith("text/html"):
            continue
        page = Page(a.text)
        pages[path] = (page, a.text)
        for link in page.links:
            absolute = urllib.parse.urljoin(f"http://127.0.0.1:{s.port}{path}", link)
            to = urllib.parse.urlsplit(absolute)
            if to.netloc != f"127.0.0.1:{s.port}" or to.scheme != "http":
                continue
            target = to.path + (f"?{to.query}" if to.query else "")
            if to.fragment:
                anchors.append((path, target, urllib.parse.unquote(to.fragment)))
            queue.append((target, path))
    for origin, target, name in anchors:
        if target in pages:
            check(f"{origin} links to {target}#{name}", name in pages[target][0].ids)
    return seen, pages


def marked(pages):
    """A page without its language's mark is one of the choice of language, or a frame that has it too."""
    for path, (page, text) in pages.items():
        lang = path[1:3]
        if lang in MARK:
            check(f"{path} is in its language", (page.lang or "")[:2], lang)
            check(f"{path} says that its data are invented", MARK[lang] in text)


with tempfile.TemporaryDirectory() as folder:
    url = make_store(folder)
    with open(f"{folder}/vigied.conf", "w") as config:
        config.write("requests_per_minute = 0\n")
    with Server(demo=False, store=url, config=config.name) as plain:
        asked, found = crawl(plain, ["/", "/en/", "/fr/"])
        print(f"{len(asked)} addresses, {len(found)} pages")
        check("there was much to follow", len(found) > 300 and len(asked) > 600)
        for must in ("/en/api", "/fr/api", "/en/corrections", "/fr/corrections/new", "/en/demo", "/fr/sign-in", "/en/releases",
                     "/fr/incidents/I-000001", "/fr/embed/years"):
            check(f"{must} is found by its links", must in found)
        marked(found)
        check("robots are sent away", "Disallow: /\n" in plain.get("/robots.txt").text)
        check("the API says so", plain.get("/api/v1/incidents").json.get("invented"), True)
        check("the feed says so", MARK["fr"] in plain.get("/feeds/incidents.atom?lang=fr").text)
    out = subprocess.run([VIGIED, "export", "--format", "json", "--store", url], capture_output=True, text=True)
    check("an export says so", (out.returncode, "invented" in out.stdout[:300]), (0, True))
    with Server(demo=False, store=f"sqlite:{folder}/empty.db") as own:
        check("a registry of one's own is no demonstration", MARK["en"] not in own.get("/en/").text)
finish()
