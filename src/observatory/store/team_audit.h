// SPDX-License-Identifier: Apache-2.0
// The audit log: who did what, when, on which record. It only grows, and each entry's hash takes in
// that of the one before, so that a change to an old entry, or one taken out, shows.
//
// What a chain cannot show is that its newest entries were cut off, or that all of it was made
// anew: for that, a copy of the newest hash must be kept elsewhere (`vigied user audit` prints it).
#ifndef VIGIE_OBSERVATORY_STORE_TEAM_AUDIT_H
#define VIGIE_OBSERVATORY_STORE_TEAM_AUDIT_H

#include "observatory/store/store.h"

enum { AUDIT_HASH_BYTES = 32 };

struct team_audit {
    int64_t id; // 1, 2, 3 … without gaps
    vtime at;
    int64_t user; // 0: the command line or the public
    struct slice name, action, record;
    uint32_t revision;
    struct slice detail;
    struct slice hash;
};

// SHA-256 of the entry before's hash (32 zero bytes for the first) and the entry's canonical JSON.
void team_audit_hash(struct slice previous, const struct team_audit *entry,
                     uint8_t out[AUDIT_HASH_BYTES]);
// id, at (0: now) and hash are filled in. In the caller's transaction, so that what was done and
// its entry are kept together or not at all.
[[nodiscard]] bool team_audit_add(struct store *s, const struct team_audit *entry, struct err *e);
// Newest first from before (0: the newest), at most limit; record empty: all.
[[nodiscard]] bool team_audit_list(struct store *s, struct slice record, int64_t before,
                                   size_t limit, struct arena *a, struct team_audit **out,
                                   size_t *count, struct err *e);
// Oldest first, all; each returns false to stop. Texts last until each returns.
typedef bool team_audit_each(void *context, const struct team_audit *entry);
[[nodiscard]] bool team_audit_walk(struct store *s, team_audit_each *each, void *context,
                                   struct err *e);
// False: the error names the first entry that does not fit (its offset is the id). *entries and
// newest (32 bytes) are those that fit.
[[nodiscard]] bool team_audit_verify(struct store *s, uint64_t *entries,
                                     uint8_t newest[AUDIT_HASH_BYTES], struct err *e);

#endif
