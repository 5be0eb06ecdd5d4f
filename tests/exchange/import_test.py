#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Importing loses nothing: every column of every row comes back by value, or the row was refused with a reason.

    import_test.py VIGIED

Small tables of our own always; EuRepoC's and CFR's when they lie beside the checkout (../shared/corpus) or where
VIGIE_CORPUS points.
"""
import collections
import csv
import json
import os
import re
import subprocess
import sys
import tempfile

VIGIED = os.path.abspath(sys.argv[1])
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CORPUS = os.environ.get("VIGIE_CORPUS") or os.path.join(ROOT, "..", "shared", "corpus")
csv.field_size_limit(10 ** 9)
failures = 0


def check(what, got, wanted):
    global failures
    ok = got == wanted
    print(f"{'ok' if ok else 'FAILED'}: {what}" + ("" if ok else f": {got!r}, wanted {wanted!r}"))
    failures += not ok


def vigied(*arguments, status=0):
    done = subprocess.run([VIGIED, *arguments], capture_output=True, text=True)
    if done.returncode != status:
        sys.exit(f"FAILED: vigied {' '.join(arguments)}: status {done.returncode}\n{done.stderr}")
    return done


def run_import(store, format, files, *more):
    done = vigied("import", "--format", format, "--store", store, *more, *files)
    refused = re.findall(r"^vigied import: (.*), row (\d+): refused: (.+)$", done.stderr, re.M)
    return {os.path.basename(line["file"]): line for line in map(json.loads, done.stdout.splitlines())}, refused


def export(store, *more):
    return json.loads(vigied("export", "--format", "json", "--store", store, "--kind", "incident", *more).stdout)["records"]


def rows_of(path):
    with open(path, encoding="utf-8", errors="replace", newline="") as f:
        table = list(csv.reader(f))
    for row in table[1:]:
        if row:
            yield dict(zip(table[0], row))


def same_columns(what, path, records, refused):
    """Every row of the file, as often as it stands there, is among the exported originals, value by value."""
    name = os.path.basename(path)
    exported = collections.Counter(
        (o["row"], tuple(sorted(o["columns"].items()))) for r in records for o in r["originals"] if o["file"] == name)
    refused_rows = {int(row) for file, row, _ in refused if os.path.basename(file) == name}
    wanted = collections.Counter(
        (n, tuple(sorted(row.items()))) for n, row in enumerate(rows_of(path), 1) if n not in refused_rows)
    check(f"{what}: {name}: every column of {sum(wanted.values())} rows by value", (wanted - exported, exported - wanted),
          (collections.Counter(), collections.Counter()))


def write(folder, name, rows):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows(rows)
    return path


GLOBAL = ["ID", "name", "description", "start_date", "end_date", "inclusion_criteria", "incident_type", "initiator_country",
          "sources_url", "odd column"]
ATTRIBUTION = ["incident_ID", "attribution_ID", "attribution_date", "attribution_type", "attribution_basis",
               "attributing_actor", "attributed_initiator_country", "attributed_initiator_category"]
RECEIVER = ["ID", "receiver_country", "receiver_name", "receiver_category", "receiver_category_subcode"]


def own_tables(folder):
    store = os.path.join(folder, "own.db")
    main = write(folder, "global.csv", [
        GLOBAL,
        ["7", "Mailboxes of \"Maison commune\" read", "Two\nlines, and a comma", "2021-03-02", "2021-01-01", "x", "Data theft",
         "['China', 'Unknown']", "['https://news.example/a?b=1&c=2', 'not an address']", "kept, é"],
        ["7", "The same id again", "", "2020-01-01", "", "x", "Disruption; Ransomware", "['Atlantis']", "[]", ""],
        ["9", "No claims", "text", "gibberish", "", "x", "", "[]", "[]", "='formula'"],
    ])
    attribution = write(folder, "attribution.csv", [
        ATTRIBUTION,
        ["7", "1", "2021-04-01 00:00:00", "Technical report (x)", "IT-security community attributes attacker", "Lab", "China", "State"],
        ["7", "1", "2021-04-01 00:00:00", "Technical report (x)", "IT-security community attributes attacker", "Lab", "China", "State"],
        ["8", "2", "", "", "", "", "", ""],
    ])
    receiver = write(folder, "receiver.csv", [RECEIVER, ["7", "Canada", "Maison commune", "Social groups", "Religious"]])
    files, refused = run_import(store, "eurepoc", [receiver, attribution, main])
    check("own: incidents", files["global.csv"]["incidents"], 3)
    check("own: claims", files["attribution.csv"]["claims"], 2)
    check("own: refused", [(os.path.basename(f), n) for f, n, _ in refused], [("attribution.csv", "3")])
    records = export(store)
    for path in (main, attribution, receiver):
        same_columns("own", path, records, refused)
    first = next(r for r in records if r["fields"]["title"][0]["value"].startswith("Mailboxes"))
    check("own: origins", [v["value"] for v in first["fields"]["origin"]], ["CN", "unknown"])
    check("own: an end before the beginning is kept", first["fields"]["ended"][0]["value"], "2021-01-01")
    second = next(r for r in records if r["fields"]["title"][0]["value"] == "The same id again")
    check("own: 1 January is read as a year", second["fields"]["began"][0].get("precision"), "year")
    check("own: an unknown country is named", second["fields"]["origin"], [{"value": "other", "sources": ["s1"], "note": "Atlantis"}])
    again, _ = run_import(store, "eurepoc", [main, attribution, receiver])
    check("own: a second time: nothing new", [again[n]["incidents"] + again[n]["updated"] for n in sorted(again)], [0, 0, 0])
    check("own: a second time: no claim or target is counted again", [again[n]["claims"] + again[n]["targets"] for n in sorted(again)], [0, 0, 0])
    check("own: a second time: all known", again["global.csv"]["unchanged"], 3)
    changed = write(folder, "receiver.csv", [RECEIVER, ["7", "Canada", "Maison commune", "Social groups", "Religious"],
                                             ["7", "France", "", "Media", ""]])
    again, _ = run_import(store, "eurepoc", [main, attribution, changed])
    check("own: a new row of a known incident updates it", again["global.csv"]["updated"], 1)
    check("own: still three", len(export(store)), 3)


def mapped_table(folder):
    store = os.path.join(folder, "csv.db")
    table = write(folder, "table.csv", [
        ["Headline", "Day", "Sort", "Victim", "Country", "Link"],
        ["Site replaced", "12/31/2021", "Defaced; Spying", "Société é", "Canada", "https://press.example/1"],
        ["Wrong sort", "1/2/2021", "Sabotaged", "", "", ""],
        ["Wrong day", "31/12/2021", "Spying", "", "", ""],
        ["", "", "", "", "", ""],
    ])
    mapping = os.path.join(folder, "mapping.json")
    with open(mapping, "w", encoding="utf-8") as f:
        json.dump({"dataset": "press", "source": {"title": "Press list"},
                   "columns": {"Headline": "title", "Day": {"field": "disclosed", "date": "mdy"},
                               "Sort": {"field": "type", "split": ";", "terms": {"Defaced": "defacement", "Spying": "espionage"}},
                               "Victim": "targets.name", "Country": "targets.country", "Link": "sources.2.url"},
                   "defaults": {"origin": "unknown"}}, f)
    files, refused = run_import(store, "csv", [table], "--mapping", mapping)
    check("csv: imported and refused", (files["table.csv"]["incidents"], files["table.csv"]["refused"]), (1, 3))
    check("csv: reasons", [re.sub(r"^column '(\w+)'.*", r"\1", why) for _, _, why in refused], ["Sort", "Day", "the row has no title"])
    records = export(store)
    check("csv: types", [v["value"] for v in records[0]["fields"]["type"]], ["defacement", "espionage"])
    check("csv: date", records[0]["fields"]["disclosed"][0]["value"], "2021-12-31")
    same_columns("csv", table, records, refused)
    with open(mapping, "w", encoding="utf-8") as f:
        json.dump({"columns": {"Headline": "headline"}}, f)
    done = vigied("import", "--format", "csv", "--store", store, "--mapping", mapping, table, status=2)
    check("csv: a wrong mapping is named", "there is no field 'headline'" in done.stderr, True)


def json_sources(folder):
    store = os.path.join(folder, "json.db")
    veris = os.path.join(folder, "veris.json")
    with open(veris, "w", encoding="utf-8") as f:
        json.dump([{"incident_id": "AB-1", "summary": "Files were encrypted.", "timeline": {"incident": {"year": 2020, "month": 2}},
                    "actor": {"external": {"country": ["RU"], "motive": ["Espionage"], "variety": ["State-affiliated"]}},
                    "action": {"malware": {"variety": ["Ransomware"]}}, "asset": {}, "attribute": {"availability": {}},
                    "victim": {"victim_id": "Clinic", "country": ["CA"], "industry": "622110"}, "reference": "https://a.example/x; https://b.example/y"},
                   {"not": "an incident"}], f)
    files, refused = run_import(store, "veris", [veris])
    check("veris: imported and refused", (files["veris.json"]["incidents"], len(refused)), (1, 1))
    record = export(store)[0]
    check("veris: types", sorted(v["value"] for v in record["fields"]["type"]), ["espionage", "ransomware"])
    check("veris: began", record["fields"]["began"][0]["value"], "2020-02")
    check("veris: sector", record["targets"][0]["sector"][0]["value"], "health")
    check("veris: the whole object", record["originals"][0]["columns"]["incident_id"], "AB-1")
    veris_schema(folder)
    bundle = os.path.join(folder, "bundle.json")
    with open(bundle, "w", encoding="utf-8") as f:
        f.write(vigied("export", "--format", "stix", "--store", store).stdout)
    other = os.path.join(folder, "stix.db")
    files, _ = run_import(other, "stix", [bundle])
    check("stix: our own export comes back", files["bundle.json"]["incidents"], 1)
    back = export(other)[0]
    check("stix: title", back["fields"]["title"][0]["value"], record["fields"]["title"][0]["value"])
    check("stix: origin", [v["value"] for v in back["fields"]["origin"]], ["RU"])
    broken = os.path.join(folder, "broken.json")
    with open(broken, "w") as f:
        f.write('{"type": "bundle", "objects": [')
    check("stix: a broken file is named", "broken.json" in vigied("import", "--format", "stix", "--store", other, broken, status=2).stderr, True)


def veris_schema(folder):
    """What the schema's versions 1.2 to 1.4 and the VERIS Community Database's habits allow; invented."""
    store = os.path.join(folder, "veris.db")
    base = {"action": {"hacking": {"variety": ["Unknown"]}}, "asset": {"assets": [{"variety": "S - Web application"}]}, "attribute": {},
            "security_incident": "Confirmed", "schema_version": "1.3.7"}
    incidents = [
        {**base, "incident_id": "1", "actor": {"internal": {"motive": ["Financial"], "variety": ["Doctor or nurse"]}},
         "action": {"misuse": {"variety": ["Privilege abuse"]}}, "attribute": {"confidentiality": {"data_disclosure": "Yes"}},
         "victim": {"victim_id": "Maker of programs", "country": ["CA"], "industry": "511210",
                    "secondary": {"amount": 3, "victim_id": ["City hospital; 622110", "Somebody else", "Ward 7"]}}},
        {**base, "incident_id": "2", "actor": {"external": {"country": ["Unknown"], "motive": ["Espionage"], "variety": ["Unknown"]}},
         "attribute": {"confidentiality": {"data_disclosure": "Yes"}}, "victim": {"victim_id": "Unknown", "country": ["XX", "NA"], "industry": "0"},
         "reference": "https://a.example/x/. ;https://b.example/y ;  https://c.example/z?a=1&b=2, seen 2020"},
        {**base, "incident_id": "3", "actor": {"external": {"country": "CN", "variety": ["Other", "State-affiliated"], "name": ["Panda"]}, "partner": {"notes": "none"}},
         "action": {"malware": {"variety": ["Ransomware"], "result": ["Exfiltrate"]}, "unknown": {}},
         "attribute": {"integrity": {"variety": ["Defacement"]}, "availability": {"variety": ["Obscuration", "Interruption"]}},
         "victim": [{"victim_id": "First", "country": "FR", "industry": "721110"}, {"victim_id": "Second", "industry": "928120"}],
         "plus": {"master_id": "M-3", "timeline": {"notification": {"year": 2021, "month": 13, "day": 1}}},
         "timeline": {"incident": {"year": 2021, "month": 2, "day": 30}, "discovery": {"unit": "Days", "value": 3}}},
        {**base, "incident_id": "4", "actor": {"unknown": {}}, "victim": {"victim_id": "Nobody known", "industry": "922110", "revenue": {"amount": 1.5}}},
        {**base, "incident_id": "5", "actor": {"unknown": {}}, "security_incident": "False positive"},
    ]
    path = os.path.join(folder, "vcdb.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(incidents, f)
    files, refused = run_import(store, "veris", [path])
    check("veris: all rows", {k: files["vcdb.json"][k] for k in ("rows", "incidents", "claims", "targets", "refused")},
          {"rows": 5, "incidents": 4, "claims": 1, "targets": 8, "refused": 1})
    check("veris: why one is refused", "false positive" in str(refused[0]), True)
    records = {r["originals"][0]["columns"]["incident_id"]: r for r in export(store)}
    for i in incidents[:4]:
        check(f"veris: {i['incident_id']} is kept by value", records[i["incident_id"]]["originals"][0]["columns"], i)
    values = lambda n, field: [v["value"] for v in records[n]["fields"].get(field, [])]
    group = lambda n, name, field: [[v["value"] for v in i.get(field, [])] for i in records[n].get(name, [])]
    check("veris: a motive is no type", values("1", "type"), [])
    check("veris: others who were hit", (group("1", "targets", "name"), group("1", "targets", "sector")),
          ([["Maker of programs"], ["City hospital"], ["Somebody else"], ["Ward 7"]], [["technology"], ["health"], ["unknown"], ["unknown"]]))
    check("veris: somebody inside, not named, is no claim", group("1", "claims", "who"), [])
    check("veris: espionage is the purpose", values("2", "type"), ["espionage"])
    check("veris: without a name", values("2", "title"), ["Incident 2: hacking"])
    check("veris: countries", group("2", "targets", "country"), [["other", "NA"]])
    check("veris: addresses without the sentence's signs", [u for u in group("2", "sources", "url") if "example" in str(u)],
          [["https://a.example/x/"], ["https://b.example/y"], ["https://c.example/z?a=1&b=2"]])
    check("veris: nobody knows who", group("2", "claims", "who"), [])
    check("veris: types of actions and effects", sorted(values("3", "type")), ["data-theft", "defacement", "disruption", "ransomware"])
    check("veris: a value that stands alone", (values("3", "origin"), group("3", "claims", "country"), group("3", "claims", "actor"), group("3", "claims", "category")),
          (["CN"], [["CN"]], [["Panda"]], [["state-affiliated"]]))
    check("veris: several victims", (group("3", "targets", "name"), group("3", "targets", "sector")), ([["First"], ["Second"]], [["business"], ["diplomacy"]]))
    check("veris: days that there are not", (values("3", "began"), values("3", "disclosed")), (["2021-02"], ["2021"]))
    check("veris: both of its ids", group("3", "ids", "value"), [["3"], ["M-3"]])
    check("veris: courts", group("4", "targets", "sector"), [["justice"]])
    files, _ = run_import(store, "veris", [path])
    check("veris: a second time nothing changes", (files["vcdb.json"]["incidents"], files["vcdb.json"]["unchanged"]), (0, 4))


def public_tables(folder):
    eurepoc = os.path.join(CORPUS, "registry", "eurepoc-1.1")
    cfr = os.path.join(CORPUS, "registry", "cfr-tracker", "cyber-operations-incidents.csv")
    if not os.path.isdir(eurepoc):
        print(f"skipped: EuRepoC's and CFR's tables are not in {CORPUS}")
        return
    store = os.path.join(folder, "public.db")
    paths = [os.path.join(eurepoc, n) for n in sorted(os.listdir(eurepoc)) if n.endswith(".csv")]
    files, refused = run_import(store, "eurepoc", paths)
    total = {k: sum(f[k] for f in files.values()) for k in ("incidents", "claims", "targets", "refused", "rows")}
    check("EuRepoC: imported plus refused is all", total["incidents"] + total["claims"] + total["targets"] + total["refused"], 1643 + 2643 + 6333)
    check("EuRepoC: rows", total["rows"], 1643 + 2643 + 6333)
    check("EuRepoC: incidents", total["incidents"], 1643)
    files, refused_cfr = run_import(store, "cfr", [cfr])
    file = files[os.path.basename(cfr)]
    check("CFR: imported plus refused is all", file["incidents"] + file["refused"], 768)
    records = export(store)
    check("all can be exported", len(records), total["incidents"] + file["incidents"])
    for path in paths:
        same_columns("EuRepoC", path, records, refused)
    same_columns("CFR", cfr, records, refused_cfr)


with tempfile.TemporaryDirectory() as folder:
    own_tables(folder)
    mapped_table(folder)
    json_sources(folder)
    public_tables(folder)
sys.exit(1 if failures else 0)
