// SPDX-License-Identifier: Apache-2.0
// The tables. A migration that was released is never changed: another follows it.
//
// revision.public_from and public_to bound the time in which a revision was what the public saw; an
// open end is INT64_MAX, a revision that never was public has 0 and 0. posting is the index of
// terms: its key begins with term and public_to, so that the rows of today (public_to = INT64_MAX)
// lie together, and those of an earlier day are the same range, a little longer. Both carry all
// that a query asks about, so that lists, counts and tallies read this one narrow table.
#include "observatory/store/feed.h"
#include "observatory/store/releases.h"
#include "observatory/store/store_internal.h"
#include "observatory/store/taxii.h"
#include "observatory/store/team_schema.h"

static const char records[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;"
    "INSERT INTO meta VALUES ('generation', 1);"
    // kind: the code of its prefix's letter
    "CREATE TABLE record ("
    "  id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, number INTEGER NOT NULL,"
    "  recorded INTEGER NOT NULL, newest INTEGER NOT NULL, public INTEGER NOT NULL,"
    "  UNIQUE (kind, number)) STRICT;"
    "CREATE TABLE revision ("
    "  id INTEGER PRIMARY KEY, record INTEGER NOT NULL, number INTEGER NOT NULL,"
    "  kind INTEGER NOT NULL, state INTEGER NOT NULL, made INTEGER NOT NULL,"
    "  public_from INTEGER NOT NULL, public_to INTEGER NOT NULL, newest INTEGER NOT NULL,"
    "  day INTEGER, author TEXT NOT NULL, author_user INTEGER NOT NULL, reason TEXT NOT NULL,"
    "  codebook TEXT NOT NULL, title TEXT NOT NULL, title_fr TEXT NOT NULL, began TEXT NOT NULL,"
    "  disclosed TEXT NOT NULL, types TEXT NOT NULL, origins TEXT NOT NULL, targets TEXT NOT NULL,"
    "  title_key BLOB NOT NULL, UNIQUE (record, number)) STRICT;"
    "CREATE INDEX revision_day ON revision (day);"
    "CREATE INDEX revision_made ON revision (made);"
    "CREATE INDEX revision_title ON revision (title_key);"
    "CREATE INDEX revision_span ON revision (public_to, public_from, state, kind, day);"
    "CREATE INDEX revision_newest ON revision (state, kind, day) WHERE newest = 1;"
    // terms: the ids of its terms, four bytes each, little-endian
    "CREATE TABLE body (revision INTEGER PRIMARY KEY, json TEXT NOT NULL, terms BLOB NOT NULL)"
    "  STRICT;"
    "CREATE TABLE term (id INTEGER PRIMARY KEY, field TEXT NOT NULL, value TEXT NOT NULL,"
    "  UNIQUE (field, value)) STRICT;"
    "CREATE TABLE posting ("
    "  term INTEGER NOT NULL, public_to INTEGER NOT NULL, revision INTEGER NOT NULL,"
    "  public_from INTEGER NOT NULL, state INTEGER NOT NULL, kind INTEGER NOT NULL,"
    "  newest INTEGER NOT NULL, PRIMARY KEY (term, public_to, revision)) WITHOUT ROWID, STRICT;"
    // rowid: the revision
    "CREATE VIRTUAL TABLE words USING fts5 (title, body,"
    "  tokenize = 'unicode61 remove_diacritics 2', prefix = '3');"
    // What files said. cells: the row's cells as JSON, or the whole text when shape has no columns.
    "CREATE TABLE original_shape (id INTEGER PRIMARY KEY, dataset TEXT NOT NULL,"
    "  file TEXT NOT NULL, columns TEXT NOT NULL, UNIQUE (dataset, file, columns)) STRICT;"
    "CREATE TABLE original (id INTEGER PRIMARY KEY, record INTEGER NOT NULL,"
    "  shape INTEGER NOT NULL, row INTEGER NOT NULL, cells TEXT NOT NULL) STRICT;"
    "CREATE INDEX original_record ON original (record);"
    "CREATE TABLE import_key (key BLOB PRIMARY KEY, record INTEGER NOT NULL) WITHOUT ROWID, "
    "STRICT;";

// Titles have a place in the order of each language, and words are found in the language in which
// they stand; both are filled by store_languages_fill. A demonstration of before the mark is known
// by what its first record remarks.
static const char languages[] =
    "ALTER TABLE revision ADD COLUMN title_key_fr BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE revision ADD COLUMN reason_lang TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX revision_title_fr ON revision (title_key_fr);"
    "DROP TABLE words;"
    "CREATE VIRTUAL TABLE words USING fts5 (title, title_fr, body, body_fr, other,"
    "  tokenize = 'unicode61 remove_diacritics 2', prefix = '3');"
    "INSERT INTO meta SELECT 'invented', 1 WHERE EXISTS (SELECT 1 FROM body WHERE revision = 1"
    "  AND json LIKE '%Invented for demonstration: nothing here happened.%');"
    "UPDATE meta SET value = value + 1 WHERE name = 'generation';";

static const char reasons[] =
    "ALTER TABLE revision ADD COLUMN reason_other TEXT NOT NULL DEFAULT ''";

static const char merge_reasons[] =
    "ALTER TABLE team_merge ADD COLUMN reason_lang TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE team_merge ADD COLUMN reason_other TEXT NOT NULL DEFAULT ''";

const struct store_migration store_migrations[] = {
    {"records, revisions, terms, words, originals", records, NULL},
    {"users, work, tasks, merging, the audit log", store_team_tables, NULL},
    {"releases", store_release_tables, NULL},
    {"STIX objects of the TAXII server, its tokens", store_taxii_tables, NULL},
    {"events of the MISP feed", store_feed_tables, NULL},
    {"titles, words and reasons by language; what is invented", languages, store_languages_fill},
    {"STIX objects anew, with what was dropped revoked", store_taxii_anew, NULL},
    {"reasons in both languages", reasons, NULL},
    {"reasons of mergers in both languages", merge_reasons, NULL},
};
const int store_migration_count = sizeof store_migrations / sizeof *store_migrations;
