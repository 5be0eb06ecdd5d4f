// SPDX-License-Identifier: Apache-2.0
// The case: one SQLite file (docs/case-format.md) that holds what was read, what was found and
// where it stands. Reports are made from it alone. Written during an audit in transactions of whole
// files of evidence, so that an interrupted audit leaves a valid case that can be resumed.
#ifndef VIGIE_CASE_CASE_H
#define VIGIE_CASE_CASE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/sha256.h"
#include "finding/finding.h"

struct case_file; // an open case

enum evidence_state {
    STATE_READ,
    STATE_PARTLY_READ, // something in it is damaged or cut off
    STATE_DUPLICATE,   // same SHA-256 as an earlier one
    STATE_NOT_READ,
};

const char *
evidence_state_name(enum evidence_state state); // "read", "partly-read", "duplicate", "not-read"
enum evidence_state evidence_state_parse(struct slice name);

// One row of the evidence list (evidence.csv).
struct case_evidence {
    int64_t id; // 1, 2, … in the order met
    struct slice path, kind, reason;
    uint64_t size;
    bool has_hash;
    struct sha256_digest sha256;
    vtime modified;
    uint64_t events, damaged;
    enum evidence_state state;
    int64_t duplicate_of; // id, or 0
};

// The reach of one log in one file of evidence: from when to when it has events.
struct case_log {
    int64_t evidence;
    struct slice host, channel;
    uint64_t events;
    vtime first, last;
    uint64_t first_record, last_record; // lowest and highest EventRecordID
};

// Something that could not be read, kept for the report (capped per file; the count is not).
struct case_damage {
    int64_t evidence;
    uint64_t offset;
    struct slice message;
};

struct case_consent {
    bool given; // false: "not recorded"
    struct slice person, scope, until, contact, recorded_by, withdrawal, source;
};

struct case_summary {
    uint64_t events, damaged;
    uint64_t evidence_by_state[4];
    uint64_t findings_by_level[LEVEL_COUNT];
    vtime first_finding, last_finding; // of findings with a time
    vtime first_event, last_event;
};

// Creating: path must not exist. The file is readable by its owner only (0600).
[[nodiscard]] bool case_create(const char *path, struct case_file **out, struct err *e);
// Opening for reading (reports) or for going on (resume). Refuses what is not a case, or of a newer
// format.
[[nodiscard]] bool case_open(const char *path, bool writable, struct case_file **out,
                             struct err *e);
void case_close(struct case_file *c); // takes NULL
// Gives a case that is complete, and was written through c, another name. From then on c only
// reads; what it knows of the findings it keeps. On an error nothing but case_close may follow.
[[nodiscard]] bool case_rename(struct case_file *c, const char *from, const char *to,
                               struct err *e);

// Settings of the audit, as name and value. The report knows these, all optional: program
// (version), audit_started, audit_ended (RFC 3339), options (the command line's), rules_loaded,
// rules_refused (counts), rules_digest (SHA-256), rules_source (words: "bundled", or folders),
// min_level, since, until, timezone, recover ("yes" or "no"), language. The case itself keeps:
// complete.
[[nodiscard]] bool case_set(struct case_file *c, const char *name, struct slice value,
                            struct err *e);
struct slice case_get(struct case_file *c, const char *name, struct arena *a); // empty when absent
[[nodiscard]] bool case_set_consent(struct case_file *c, const struct case_consent *consent,
                                    struct err *e);
[[nodiscard]] bool case_add_rule(struct case_file *c, const struct finding_rule *rule,
                                 struct err *e);
// Rules that were refused, for the report's "what was not checked".
[[nodiscard]] bool case_add_refusal(struct case_file *c, struct slice file, uint32_t line,
                                    struct slice reason, struct err *e);

// One file of evidence: begin, add its events and findings, then end with its row, or abandon (an
// interruption). case_evidence_end with STATE_DUPLICATE or NOT_READ drops what was added in
// between. Files that ended are committed together: after a second, or 32 MiB of evidence. A
// program that is killed loses no more than these.
// size: in bytes, UINT64_MAX when it is not known and may be large.
[[nodiscard]] bool case_evidence_begin(struct case_file *c, struct slice path, uint64_t size,
                                       int64_t *id, struct err *e);
// The same for a file of which all is known before anything is added: whether it is kept, that is.
// It ends with STATE_READ or PARTLY_READ, or with nothing added; abandoning it, which is for a case
// that cannot be written, takes what ended since the last commit along.
[[nodiscard]] bool case_evidence_begin_known(struct case_file *c, struct slice path, int64_t *id,
                                             struct err *e);
[[nodiscard]] bool case_add_event(struct case_file *c, int64_t evidence,
                                  const struct finding_event *ev, int64_t *event_id, struct err *e);
[[nodiscard]] bool case_add_finding(struct case_file *c, int64_t event_id, const struct finding *f,
                                    struct err *e);
// A match of a rule that correlations stand on; fields: those the correlations need.
[[nodiscard]] bool case_add_match(struct case_file *c, int64_t event_id, uint32_t rule,
                                  const struct finding_field *fields, size_t field_count,
                                  struct err *e);
[[nodiscard]] bool case_add_damage(struct case_file *c, const struct case_damage *d, struct err *e);
[[nodiscard]] bool case_add_log(struct case_file *c, const struct case_log *log, struct err *e);
[[nodiscard]] bool case_evidence_end(struct case_file *c, const struct case_evidence *row,
                                     struct err *e);
[[nodiscard]] bool case_evidence_abandon(struct case_file *c, struct err *e);
// Commits what ended so far.
[[nodiscard]] bool case_evidence_flush(struct case_file *c, struct err *e);
// The earlier evidence row with this SHA-256 that was read; 0 when none.
int64_t case_evidence_with_hash(struct case_file *c, const struct sha256_digest *d);
// Whether this path was completed in an earlier run (resume). To be asked once for each item, in
// the order of the walk: a path that is met twice is done twice.
bool case_evidence_done(struct case_file *c, struct slice path);

// All matches in time order (ties: order read), for correlations.
struct case_match {
    int64_t event_id;
    uint32_t rule;
    vtime time;
    const struct finding_field *fields;
    size_t field_count;
};
[[nodiscard]] bool case_each_match(struct case_file *c,
                                   bool (*visit)(void *user, const struct case_match *m),
                                   void *user, struct err *e);
// A correlation's finding: rests on several events (ids from case_add_match's events).
struct case_correlation {
    uint32_t rule;
    vtime first, last;
    struct slice group;
    double value;
    const uint64_t *events;
    size_t event_count;
    uint64_t total_events;
};
[[nodiscard]] bool case_add_correlation(struct case_file *c, const struct case_correlation *hit,
                                        struct err *e);
// Ends the writing of an audit (after the last file; once): drops what only resuming needs, builds
// indexes, marks the case complete.
[[nodiscard]] bool case_complete(struct case_file *c, struct err *e);
bool case_is_complete(struct case_file *c);
[[nodiscard]] bool case_summarise(struct case_file *c, struct case_summary *out, struct err *e);

#endif
