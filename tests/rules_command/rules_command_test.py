#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""vigie rules check, list, test, add and remove, as a user meets them.

usage: rules_command_test.py VIGIE EVTX_MAKE
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

VIGIE, EVTX_MAKE = (os.path.abspath(p) for p in sys.argv[1:3])

GOOD = """title: A lookout's tool
id: 11111111-0000-4000-8000-000000000001
level: high
tags: [attack.t1059.001]
logsource: {product: windows, category: process_creation}
detection:
    tool: {Image|endswith: '\\lookout.exe'}
    spare: {CommandLine|contains: 'nothing of that kind'}
    condition: tool and not spare
"""
BAD = """title: Wrong
logsource: {product: windows}
detection:
    a:
        Image|unknown: x
    condition: a
"""
PLACEHOLDER = BAD.replace("Image|unknown: x", "Image|expand: '%tools%'")
LINUX = GOOD.replace("windows", "linux").replace("0001", "0002")
CORRELATION = """title: One start
name: start
logsource: {product: windows, category: process_creation}
detection: {s: {Image|endswith: '\\lookout.exe'}, condition: s}
---
title: Three starts
level: high
correlation: {type: event_count, rules: [start], group-by: [User], timespan: 1m, condition: {gte: 3}}
"""
LOG = """log: Sysmon.evtx
defaults: {provider: Microsoft-Windows-Sysmon, channel: Microsoft-Windows-Sysmon/Operational, computer: PC-3.office.example}
events:
"""
EVENT = "  - {time: 2025-07-03T08:00:%02dZ, id: 1, data: {Image: 'C:\\Tools\\%s.exe', CommandLine: 'run', User: 'OFFICE\\%s'}}\n"


class Rules(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.environment = dict(os.environ, XDG_DATA_HOME=os.path.join(self.folder.name, "data"))
        for name, text in (("good.yml", GOOD), ("bad.yml", BAD), ("placeholder.yml", PLACEHOLDER), ("linux.yml", LINUX),
                           ("correlation.yml", CORRELATION), ("note.txt", "not a rule")):
            self.write(name, text)

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def log(self, images, user="amina"):
        text = LOG + "".join(EVENT % (n, image, user) for n, image in enumerate(images))
        path = os.path.join(self.folder.name, "Sysmon.evtx")
        subprocess.run([EVTX_MAKE, "-o", path, "-"], input=text.encode(), check=True)
        return path

    def run_rules(self, *words, status=0):
        done = subprocess.run([VIGIE, "rules", *words], capture_output=True, text=True, cwd=self.folder.name,
                              env=self.environment, timeout=120)
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return done

    def test_check_good(self):
        out = self.run_rules("check", "good.yml", "linux.yml").stdout
        self.assertIn("2 files: 2 rules, 0 correlations, 0 filters loaded; 0 refused, 0 warnings", out)
        self.assertIn("1 of the rules is about logs other than Windows event logs", out)

    def test_check_names_each_refusal(self):
        out = self.run_rules("check", ".", status=1).stdout
        self.assertIn("./bad.yml:5: unknown modifier 'unknown'\n", out)
        self.assertIn("./placeholder.yml:5: '%tools%' is a placeholder (expand)", out)
        self.assertIn("5 files: 3 rules, 1 correlation, 0 filters loaded; 2 refused", out)

    def test_check_json(self):
        lines = [json.loads(line) for line in self.run_rules("check", "--json", "bad.yml", status=1).stdout.splitlines()]
        self.assertEqual(lines[0], {"file": "bad.yml", "line": 5, "title": "Wrong", "reason": "unknown modifier 'unknown'",
                                    "warning": False})
        self.assertEqual((lines[1]["rules"], lines[1]["refused"]), (0, 1))

    def test_check_cannot(self):
        os.mkdir(os.path.join(self.folder.name, "empty"))
        self.assertIn("No such file", self.run_rules("check", "missing.yml", status=2).stderr)
        self.assertIn("no .yml or .yaml file", self.run_rules("check", "empty", status=2).stderr)
        self.assertIn("name a rule file", self.run_rules("check", status=2).stderr)
        self.assertIn("vigie rules check: unrecognized option", self.run_rules("check", "--odd", status=2).stderr)
        self.assertIn("there is no word 'chek'", self.run_rules("chek", status=2).stderr)

    def test_control_characters_are_shown_as_such(self):
        self.write("evil.yml", BAD.replace("unknown", "\\e[2Jx").replace("        Image|\\e[2Jx: x", '        "Image|\\e[2Jx": x'))
        out = self.run_rules("check", "evil.yml", status=1).stdout
        self.assertIn("unknown modifier '\\x1b[2Jx'", out)
        self.assertNotIn("\x1b", out)

    def test_list(self):
        out = self.run_rules("list", "--no-bundled", "--rules", "good.yml", "--rules", "linux.yml").stdout
        self.assertIn("high           11111111-0000-4000-8000-000000000001  A lookout's tool\n", out)
        self.assertIn("(not applicable here: logs of 'linux' are no Windows event logs)", out)
        self.assertTrue(out.endswith("2 rules\n"))
        for words, count in ((["--level", "critical"], 0), (["--level", "low"], 2), (["--tag", "attack.t1059"], 2),
                             (["--tag", "attack.t105"], 0), (["--search", "LOOKOUT"], 2), (["--search", "linux.yml"], 1),
                             (["--status", "stable"], 0), (["--status", "none"], 2)):
            out = self.run_rules("list", "--no-bundled", "--rules", "good.yml", "--rules", "linux.yml", *words).stdout
            self.assertTrue(out.endswith(f"{count} rule{'' if count == 1 else 's'}\n"), (words, out))
        self.assertIn("is no level", self.run_rules("list", "--level", "grave", status=2).stderr)

    def test_list_json_and_bundled(self):
        rules = [json.loads(line) for line in self.run_rules("list", "--json").stdout.splitlines()]
        self.assertGreater(len(rules), 80)
        self.assertTrue(all(r["bundled"] and r["id"] and r["title"] and not r["not_applicable"] for r in rules))

    def test_a_rule_that_matches(self):
        log = self.log(["notepad", "lookout", "notepad"])
        out = self.run_rules("test", "good.yml", log).stdout
        self.assertIn("match: A lookout's tool\n  record 2, 2025-07-03T08:00:01.0000000Z, ", out)
        self.assertIn("  Image: C:\\Tools\\lookout.exe\n", out)
        self.assertIn("1 match in 3 events", out)
        line = json.loads(self.run_rules("test", "--json", "good.yml", log).stdout)
        self.assertEqual((line["record"], line["matches"], line["fields"]),
                         (2, True, {"Image": "C:\\Tools\\lookout.exe"}))

    def test_a_rule_that_does_not_match_says_why(self):
        out = self.run_rules("test", "good.yml", self.log(["notepad"]), status=1).stdout
        self.assertIn("no match: A lookout's tool\n  1 event from its logsource; the nearest:\n", out)
        self.assertIn("  fails tool (line 7)\n", out)
        self.assertIn('fails Image|endswith (line 7): the event has "C:\\\\Tools\\\\notepad.exe"', out)
        self.assertIn("0 matches in 1 event", out)

    def test_one_record(self):
        log = self.log(["notepad", "lookout"])
        self.assertIn("matches\n  holds tool (line 7)", self.run_rules("test", "good.yml", log, "--record", "2").stdout)
        self.assertIn("does not match", self.run_rules("test", "--record", "1", "good.yml", log, status=1).stdout)
        self.assertIn("there is no record 3", self.run_rules("test", "--record=3", "good.yml", log, status=2).stderr)
        self.assertIn("needs a number", self.run_rules("test", "--record", "x", "good.yml", log, status=2).stderr)

    def test_no_event_of_the_logsource(self):
        self.write("dns.yml", GOOD.replace("process_creation", "dns_query"))
        out = self.run_rules("test", "dns.yml", self.log(["lookout"]), status=1).stdout
        self.assertIn("none of the 1 events comes from its logsource (product windows, category dns_query)", out)

    def test_correlation(self):
        out = self.run_rules("test", "correlation.yml", self.log(["lookout"] * 3)).stdout
        self.assertIn("match: Three starts\n  3 events from 2025-07-03T08:00:00.0000000Z to 2025-07-03T08:00:02.0000000Z, "
                      "User=", out)
        self.assertIn("  records 1 2 3\n", out)
        out = self.run_rules("test", "correlation.yml", self.log(["lookout"] * 2), status=1).stdout
        self.assertIn("no match: Three starts (correlation)", out)

    def test_test_cannot(self):
        self.assertIn("name a rule file", self.run_rules("test", "good.yml", status=2).stderr)
        self.assertIn("No such file", self.run_rules("test", "missing.yml", "note.txt", status=2).stderr)
        self.assertIn("none of the files is a Windows event log", self.run_rules("test", "good.yml", "note.txt", status=2).stderr)
        self.assertIn("bad.yml:5: ", self.run_rules("test", "bad.yml", self.log(["x"]), status=1).stdout)

    def test_add_and_remove(self):
        kept = os.path.join(self.folder.name, "data/vigie/rules")
        self.assertIn("1 file added to " + kept, self.run_rules("add", "good.yml").stdout)
        self.assertEqual(os.stat(kept).st_mode & 0o777, 0o700)
        self.assertIn("A lookout's tool", self.run_rules("list").stdout)
        self.assertNotIn("A lookout's tool", self.run_rules("list", "--no-bundled").stdout)
        self.write("good.yml", GOOD.replace("A lookout's tool", "Renamed"))
        self.assertIn("--force replaces it", self.run_rules("add", "good.yml", status=2).stderr)
        self.assertIn("A lookout's tool", self.run_rules("list").stdout)
        self.run_rules("add", "--force", "good.yml")
        self.assertIn("Renamed", self.run_rules("list").stdout)
        self.write("other.yml", GOOD)
        self.assertIn("is taken by", self.run_rules("add", "other.yml", status=2).stdout)
        self.assertIn("1 left out", self.run_rules("add", "bad.yml", status=2).stdout)
        self.write("set/a/one.yml", LINUX)
        self.run_rules("add", "set")
        self.assertTrue(os.path.exists(os.path.join(kept, "set/a/one.yml")))
        self.run_rules("remove", "11111111-0000-4000-8000-000000000002")
        self.assertFalse(os.path.exists(os.path.join(kept, "set")))
        self.assertIn("no added rule is called", self.run_rules("remove", "../good.yml", status=2).stderr)
        self.assertTrue(os.path.exists(os.path.join(self.folder.name, "good.yml")))
        self.run_rules("remove", "good.yml")
        self.assertNotIn("Renamed", self.run_rules("list").stdout)

    def test_links_are_not_followed(self):
        os.mkdir(os.path.join(self.folder.name, "linked"))
        os.symlink("../good.yml", os.path.join(self.folder.name, "linked/good.yml"))
        os.symlink("..", os.path.join(self.folder.name, "linked/up"))
        self.assertIn("no .yml or .yaml file", self.run_rules("check", "linked", status=2).stderr)

    def test_help(self):
        self.assertIn("usage: vigie rules WORD", self.run_rules("-h").stdout)
        for word in ("check", "list", "test", "add", "remove"):
            self.assertIn(f"usage: vigie rules {word}", self.run_rules(word, "-h").stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
