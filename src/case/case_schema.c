// SPDX-License-Identifier: Apache-2.0
// The tables of a case, as docs/case-format.md describes them. An opened case must hold exactly
// these statements: a table that was swapped for a view or got a trigger is refused (case.c).
#include "case/case_internal.h"

const char *const case_schema[] = {
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE consent (id INTEGER PRIMARY KEY, person TEXT, scope TEXT, until TEXT, contact "
    "TEXT, recorded_by TEXT, "
    "withdrawal TEXT, source TEXT)",
    "CREATE TABLE host (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE channel (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE provider (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE evidence (id INTEGER PRIMARY KEY, path TEXT NOT NULL, kind TEXT NOT NULL, size "
    "INTEGER NOT NULL, "
    "sha256 TEXT, modified INTEGER, events INTEGER NOT NULL, damaged INTEGER NOT NULL, state TEXT "
    "NOT NULL, "
    "reason TEXT NOT NULL, duplicate_of INTEGER REFERENCES evidence)",
    "CREATE INDEX evidence_sha256 ON evidence (sha256)",
    "CREATE INDEX evidence_path ON evidence (path)",
    "CREATE TABLE log (id INTEGER PRIMARY KEY, evidence INTEGER NOT NULL REFERENCES evidence, host "
    "INTEGER REFERENCES host, "
    "channel INTEGER REFERENCES channel, events INTEGER NOT NULL, first INTEGER, last INTEGER, "
    "first_record INTEGER, "
    "last_record INTEGER)",
    "CREATE TABLE damage (id INTEGER PRIMARY KEY, evidence INTEGER NOT NULL REFERENCES evidence, "
    "\"offset\" INTEGER NOT NULL, "
    "message TEXT NOT NULL)",
    "CREATE TABLE rule (key INTEGER PRIMARY KEY, kind TEXT NOT NULL, level TEXT NOT NULL, id TEXT "
    "NOT NULL, "
    "title TEXT NOT NULL, description TEXT NOT NULL, author TEXT NOT NULL, file TEXT NOT NULL, "
    "license TEXT NOT NULL, "
    "meaning TEXT NOT NULL, next TEXT NOT NULL, techniques TEXT NOT NULL, tags TEXT NOT NULL, "
    "links TEXT NOT NULL, "
    "false_positives TEXT NOT NULL, bundled INTEGER NOT NULL)",
    "CREATE TABLE refusal (id INTEGER PRIMARY KEY, file TEXT NOT NULL, line INTEGER NOT NULL, "
    "reason TEXT NOT NULL)",
    "CREATE TABLE event (id INTEGER PRIMARY KEY, evidence INTEGER NOT NULL REFERENCES evidence, "
    "\"offset\" INTEGER NOT NULL, "
    "size INTEGER NOT NULL, record INTEGER, recovered INTEGER NOT NULL, time INTEGER, event_id "
    "INTEGER NOT NULL, "
    "channel INTEGER REFERENCES channel, provider INTEGER REFERENCES provider, host INTEGER "
    "REFERENCES host, "
    "account INTEGER REFERENCES account)",
    "CREATE TABLE event_text (event INTEGER PRIMARY KEY REFERENCES event, json TEXT NOT NULL)",
    "CREATE TABLE finding (id INTEGER PRIMARY KEY, rule INTEGER NOT NULL REFERENCES rule, event "
    "INTEGER REFERENCES event, "
    "time INTEGER, fields TEXT NOT NULL)",
    "CREATE TABLE correlation (finding INTEGER PRIMARY KEY REFERENCES finding, first INTEGER, last "
    "INTEGER, "
    "grouping TEXT NOT NULL, value REAL NOT NULL, events INTEGER NOT NULL)",
    "CREATE TABLE correlation_event (event INTEGER NOT NULL REFERENCES event, finding INTEGER NOT "
    "NULL REFERENCES finding, "
    "PRIMARY KEY (event, finding)) WITHOUT ROWID",
    "CREATE TABLE match (id INTEGER PRIMARY KEY, event INTEGER NOT NULL REFERENCES event, rule "
    "INTEGER NOT NULL, "
    "time INTEGER, fields TEXT NOT NULL)",
    "CREATE INDEX match_time ON match (time)",
    NULL,
};

// Format 1 had these besides. Reports order findings themselves now (case_digest.c); where the
// indexes are there, SQLite keeps them up.
const char *const case_schema_optional[] = {
    "CREATE INDEX finding_time ON finding (time)",
    "CREATE INDEX finding_rule ON finding (rule, time)",
    "CREATE INDEX finding_event ON finding (event)",
    NULL,
};
