#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reports of made-up cases: what they say, that they load nothing, that evidence cannot break them.

    check_report.py VIGIE MAKE-CASE
"""
import csv
import datetime
import filecmp
import html.parser
import io
import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
VIGIE, MAKE_CASE = sys.argv.pop(1), sys.argv.pop(1)
FILES = ["evidence.csv", "findings.csv", "findings.jsonl", "report.html", "timesketch.jsonl"]
KEYS = ["time", "kind", "rule", "title", "level", "techniques", "file", "offset", "record", "host", "account", "channel",
        "event_id", "fields"]
LEVELS = ["informational", "low", "medium", "high", "critical"]
HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
VOID = {"meta", "br"}
CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


class Page(html.parser.HTMLParser):
    """Collects what the tests ask for, and refuses tags that do not close as they should."""

    def __init__(self, path):
        super().__init__()
        self.stack, self.tags, self.ids, self.hrefs, self.text, self.by_id = [], [], [], [], [], {}
        with open(path, encoding="utf-8") as f:
            self.feed(f.read())
        assert not self.stack, self.stack

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append((tag, values))
        if "id" in values:
            self.ids.append(values["id"])
        if "href" in values:
            self.hrefs.append(values["href"])
        if tag not in VOID:
            self.stack.append((tag, values.get("id")))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        opened, _ = self.stack.pop()
        assert opened == tag, f"<{opened}> closed by </{tag}>"

    def handle_data(self, data):
        if any(tag == "style" for tag, _ in self.stack):
            return
        self.text.append(data)
        for _, name in self.stack:
            if name:
                self.by_id.setdefault(name, []).append(data)

    def words(self, name=None):
        return " ".join(" ".join(self.by_id.get(name, []) if name else self.text).split())


def run(*words, status=0, **options):
    done = subprocess.run([VIGIE, *words], capture_output=True, text=True, **options)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done


class Reports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.mkdtemp(prefix="vigie-report-")
        cls.summary, cls.parsed = {}, {}
        for kind in ["office", "nothing", "unread", "low", "hostile", "many"]:
            os.mkdir(os.path.join(cls.root, kind))
            subprocess.run([MAKE_CASE, kind, os.path.join(cls.root, kind, "case.vigie")], check=True)
            cls.summary[kind] = run("report", os.path.join(cls.root, kind)).stdout

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.root)

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def page(self, kind, name="report.html"):
        if (kind, name) not in self.parsed:
            self.parsed[kind, name] = Page(self.path(kind, name))
        return self.parsed[kind, name]

    def pages(self, kind):
        return sorted(n for n in os.listdir(self.path(kind)) if re.fullmatch(r"report(-\d+)?\.html", n))

    def test_same_case_same_bytes(self):
        for kind in self.summary:
            again = self.path(kind, "again")
            run("report", self.path(kind, "case.vigie"), "-o", again)
            names = sorted(os.listdir(again))
            self.assertEqual(names, sorted(set(FILES) | set(self.pages(kind))))
            for name in names:
                self.assertTrue(filecmp.cmp(self.path(kind, name), os.path.join(again, name), shallow=False), name)
                self.assertEqual(stat.S_IMODE(os.stat(os.path.join(again, name)).st_mode), 0o600)
            shutil.rmtree(again)

    def test_nothing_is_overwritten_without_force(self):
        before = os.stat(self.path("office", "report.html")).st_mtime_ns
        done = run("report", self.path("office"), status=2)
        self.assertIn("--force", done.stderr)
        self.assertEqual(os.stat(self.path("office", "report.html")).st_mtime_ns, before)
        with open(self.path("office", "report-2.html"), "w", encoding="utf-8") as stale:
            stale.write("of an earlier, longer report")
        run("report", self.path("office"), "--force")
        self.assertEqual(self.pages("office"), ["report.html"])

    def test_pages_load_nothing(self):
        for kind in self.summary:
            for name in self.pages(kind):
                page = self.page(kind, name)
                metas = [v for t, v in page.tags if t == "meta"]
                self.assertEqual([m["content"] for m in metas if m.get("http-equiv") == "Content-Security-Policy"], [CSP])
                order = [t for t, _ in page.tags]
                self.assertLess(order.index("meta"), order.index("style"))
                self.assertFalse({"script", "iframe", "img", "link", "object", "embed", "form", "base", "video"} & set(order))
                for tag, values in page.tags:
                    for key, value in values.items():
                        self.assertFalse(key.startswith("on") or key in ("src", "style", "srcset", "action"), (tag, key))
                        self.assertFalse(key == "href" and not value.startswith(("#", "report")), value)
                with open(self.path(kind, name), encoding="utf-8") as f:
                    style = f.read().split("</style>")[0]
                self.assertFalse("url(" in style or "@import" in style)

    def test_links_resolve(self):
        for kind in self.summary:
            ids = {name: self.page(kind, name).ids for name in self.pages(kind)}
            for name, own in ids.items():
                self.assertEqual(len(own), len(set(own)), "ids are unique")
                for href in self.page(kind, name).hrefs:
                    file, _, anchor = href.partition("#")
                    self.assertIn(file or name, ids, href)
                    if anchor:
                        self.assertIn(anchor, ids[file or name], href)

    def test_structure(self):
        for kind in self.summary:
            page = self.page(kind)
            tags = [t for t, _ in page.tags]
            self.assertEqual([tags.count(t) for t in ("h1", "main", "header", "footer")], [1, 1, 1, 1])
            self.assertEqual(page.tags[0], ("html", {"lang": "en"}))
            levels = [int(t[1]) for t in tags if re.fullmatch("h[1-6]", t)]
            self.assertTrue(all(b - a <= 1 for a, b in zip(levels, levels[1:])), levels)
            for i, tag in enumerate(tags):
                if tag == "svg":
                    self.assertEqual(tags[i + 1:i + 3], ["title", "desc"])
                    self.assertIn("table", tags[i:])
                if tag == "details":
                    self.assertEqual(tags[i + 1], "summary")
            places = [page.ids.index(i) for i in ("before", "answers", "consent", "findings", "timeline", "reach",
                                                  "evidence", "unchecked", "made", "words", "attack")]
            self.assertEqual(places, sorted(places))

    def test_answers(self):
        office, low = self.page("office"), self.page("low")
        self.assertIn("help@accessnow.org", office.words("before"))
        self.assertIn("No later than 14 July 2025.", office.words("answers").replace("\xa0", " "))
        self.assertIn("begin on 12 July 2025", office.words("answers").replace("\xa0", " "))
        self.assertIn("findstr /s /i /m \"Kashgar petition\"", office.words("answers"))
        self.assertIn("Whether it left is not known", office.words("answers"))
        self.assertIn("a log that was cleared. Often a technician", office.words("answers"))
        self.assertIn("Dolma T., director", office.words("consent"))
        self.assertIn("Permission denied", office.words("evidence"))
        self.assertIn("broken.yml :12: the modifier 'conains' is not known", office.words("unchecked"))
        self.assertIn("to 1 October 2026: events are missing", office.words("reach").replace("\xa0", " "))
        self.assertIn("Only weak signs", low.words("answers"))
        self.assertIn("Nothing found points to a beginning", low.words("answers"))
        self.assertIn("1 finding has no time", low.words("timeline"))
        self.assertIn("Not recorded", low.words("consent"))
        self.assertIn("That is no proof that nothing happened", self.page("nothing").words("answers"))
        self.assertIn("No event log could be read", self.page("unread").words("answers"))
        for kind in ("nothing", "unread", "low"):
            self.assertNotRegex(self.page(kind).words("answers"), r"No later than|Yes")
            self.assertEqual(self.page(kind).words("answers").count("Nothing found raises this question"), 3)
        for kind in self.summary:
            self.assertNotRegex(self.page(kind).words(), r"(?i)\bclean\b(?![- ]up)")

    def test_cleared_log_is_innocent_first(self):
        office = self.page("office")
        group = next(i for i in office.ids if re.fullmatch(r"f\d+", i) and "An event log was cleared" in office.words(i))
        words = office.words(group)
        self.assertLess(words.index("Technicians clear logs"), words.index("What the log held before is gone"))

    def test_impossible_dates_do_not_answer(self):
        words = self.page("hostile").words("answers").replace("\xa0", " ")
        self.assertIn("No later than 1 October 2026", words)
        self.assertNotIn("1601", words)
        self.assertIn("2 findings have days before 1995", self.page("hostile").words("timeline"))

    def test_hidden_characters_are_shown(self):
        for name in FILES:
            with open(self.path("hostile", name), encoding="utf-8", newline="") as f:
                text = f.read()
            self.assertEqual(HIDDEN.findall(text.replace("\r\n", "\n")), [], name)
        self.assertIn("U+202E", self.page("hostile").words())
        self.assertNotRegex(self.summary["hostile"], HIDDEN)

    def test_csv(self):
        for name, columns in (("findings.csv", KEYS),
                              ("evidence.csv", ["path", "kind", "size", "sha256", "modified", "events", "damaged", "state",
                                                "reason"])):
            for kind in self.summary:
                with open(self.path(kind, name), encoding="utf-8", newline="") as f:
                    rows = list(csv.reader(f, strict=True))
                self.assertEqual(rows[0], columns)
                for row in rows[1:]:
                    self.assertEqual(len(row), len(columns))
                    for cell in row:
                        self.assertNotRegex(cell, r"^\s*[=+@\t\r\uff1d\uff0b\uff20-]", row)

    def test_evidence_states(self):
        with open(self.path("office", "evidence.csv"), encoding="utf-8", newline="") as f:
            rows = {r["path"]: r for r in csv.DictReader(f)}
        self.assertEqual(rows["logs/PC-2/Sysmon.evtx"]["state"], "partly-read")
        self.assertEqual(rows["copy/PC-2/Security.evtx"]["state"], "duplicate")
        self.assertEqual(rows["logs/notes.docx"]["state"], "not-read")
        self.assertTrue(rows["logs/notes.docx"]["reason"])
        self.assertEqual(rows["logs.zip!PC-1/Security.evtx"]["state"], "read")
        self.assertRegex(rows["logs/PC-1/Security.evtx"]["sha256"], "^[0-9a-f]{64}$")

    def findings(self, kind):
        with open(self.path(kind, "findings.jsonl"), encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def test_jsonl(self):
        for kind, count in (("office", 1247), ("nothing", 0), ("unread", 0), ("low", 13), ("hostile", 4), ("many", 40000)):
            rows = self.findings(kind)
            self.assertEqual(len(rows), count)
            with open(self.path(kind, "findings.csv"), encoding="utf-8", newline="") as f:
                self.assertEqual(sum(1 for _ in csv.reader(f)), count + 1)
            for row in rows:
                self.assertEqual(list(row), KEYS)
                self.assertIn(row["level"], LEVELS)
                self.assertIsInstance(row["offset"], int)
                self.assertTrue(all(isinstance(v, str) for v in row["fields"].values()))
            dated = [r["time"].zfill(40) for r in rows if r["time"]]  # years may have five digits
            self.assertEqual(dated, sorted(dated))
            self.assertTrue(all(r["time"] is None for r in rows[len(dated):]), "undated ones last")
        self.assertIn("2025-07-14T09:12:31.1234567Z", [r["time"] for r in self.findings("office")])
        self.assertIn("\u202e", self.findings("hostile")[1]["host"], "the value itself is not changed")

    def test_timesketch(self):
        for kind in self.summary:
            with open(self.path(kind, "timesketch.jsonl"), encoding="utf-8") as f:
                rows = [json.loads(line) for line in f]
            self.assertEqual(len(rows), sum(1 for r in self.findings(kind) if r["time"]))
            for row in rows:
                self.assertTrue(row["message"] and row["timestamp_desc"])
                self.assertIsInstance(row["timestamp"], int)
                if "1970" < row["datetime"] < "9999" and len(row["datetime"]) == 32:
                    when = datetime.datetime.fromisoformat(row["datetime"])
                    self.assertEqual(round(when.timestamp() * 1000000), row["timestamp"])

    def test_much_goes_on_in_further_pages(self):
        pages = self.pages("many")
        self.assertGreater(len(pages), 2)
        seen = []
        for name in pages:
            self.assertLess(os.path.getsize(self.path("many", name)), 2000000)
            seen += [i for i in self.page("many", name).ids if re.fullmatch(r"f\d+", i)]
        self.assertEqual(sorted(seen), sorted(f"f{i}" for i in range(1, 151)))
        self.assertIn("report-2.html", self.page("many").hrefs)

    def test_samples(self):
        words = self.page("office").words("findings")
        self.assertTrue("320 more between these are in findings.csv" in words)
        self.assertTrue("ProcessId : 4321" in words, "the whole event")

    def test_terminal_summary(self):
        for kind, text in self.summary.items():
            lines = text.splitlines()
            self.assertLessEqual(len(lines), 24)
            for line in lines[:-1]:
                self.assertLessEqual(len(line), 80, line)
            self.assertEqual(lines[-1], f"Report: {self.path(kind)}/report.html")
            self.assertNotIn("\x1b", text)
        self.assertIn("high", self.summary["office"])
        self.assertIn("no proof", self.summary["nothing"])

    def test_french(self):
        out = self.path("office", "fr")
        text = run("report", self.path("office"), "-o", out, "--lang", "fr_CA.UTF-8").stdout
        page = Page(os.path.join(out, "report.html"))
        self.assertEqual(page.tags[0], ("html", {"lang": "fr"}))
        words = page.words()
        for part in ("Avant d’agir", "Au plus tard le 14\xa0juillet\xa02025", "154\xa0210 événements", "Éléments de preuve"):
            self.assertIn(part.replace("\xa0", " "), words.replace("\xa0", " "))
        self.assertNotRegex(words, r"Before you act|How sure|What was found|Since when")
        self.assertIn("Rapport\xa0: ", text)
        self.assertTrue(filecmp.cmp(os.path.join(out, "findings.csv"), self.path("office", "findings.csv"), shallow=False))
        shutil.rmtree(out)

    def test_case_is_as_documented(self):
        with open(os.path.join(ROOT, "docs/case-format.md"), encoding="utf-8") as f:
            page = f.read()
        case = sqlite3.connect(f"file:{self.path('office', 'case.vigie')}?mode=ro", uri=True)
        for (table,) in case.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"):
            self.assertIn(table, page)
            for column in case.execute(f"SELECT name FROM pragma_table_info('{table}')"):
                self.assertRegex(page, rf"\b{column[0]}\b", f"{table}.{column[0]}")
        queries = re.search(r"```sql\n(.*?)```", page, re.S).group(1).split(";\n")
        rows = [case.execute(q).fetchall() for q in queries if q.strip()]
        self.assertEqual([len(r) for r in rows], [344, 1, 2, 2], "the examples find what the case holds")
        self.assertEqual(case.execute("PRAGMA application_id").fetchone()[0], 0x56494749)
        case.close()

    def test_wrong_words(self):
        for words, part in (([], "name a case"), ([self.path("none")], "no such case"),
                            ([self.path("office", "report.html")], "is not a case file"),
                            ([self.path("office"), "--lang", "xx"], "no texts"),
                            ([self.path("office"), "--format", "pdf"], "no such format"),
                            ([self.path("office"), self.path("low")], "one case only")):
            self.assertIn(part, run("report", *words, status=2).stderr)
        run("report", "-h")

    def test_one_format(self):
        out = self.path("office", "one")
        run("report", self.path("office"), "-o", out, "--format", "csv")
        self.assertEqual(os.listdir(out), ["findings.csv"])
        shutil.rmtree(out)


if __name__ == "__main__":
    unittest.main()
