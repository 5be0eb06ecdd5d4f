// SPDX-License-Identifier: Apache-2.0
// Records as STIX 2.1 objects (OASIS, 10 June 2021): an incident with the Incident Core extension,
// its targets, techniques, sources; an advisory as a report with its indicators. TLP 2.0 markings
// by OASIS's extension and fixed ids.
#ifndef VIGIE_OBSERVATORY_EXCHANGE_STIX_H
#define VIGIE_OBSERVATORY_EXCHANGE_STIX_H

#include "base/map.h"
#include "observatory/exchange/export.h"

#define STIX_INCIDENT_CORE "extension-definition--ef765651-680c-498d-9894-99799f2fa126"
#define STIX_TLP2          "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

struct stix_object {
    struct slice id; // "incident--…": the same for the same thing in each export (UUIDv5)
    struct slice type;
    struct slice modified;  // RFC 3339, milliseconds; `created` for objects without it
    struct slice json;      // one object, compact
    bool dropped;           // a revision before said it; this one revokes it
    struct stix_life *life; // for this folder's own use
};

// Shared objects that were made already, for one bundle or one collection.
struct stix_seen {
    struct map ids;
    struct arena arena;
};
void stix_seen_init(struct stix_seen *s);
void stix_seen_free(struct stix_seen *s);

// The objects of one public revision, the record's own first; those that several records share (the
// registry's identity, markings, extension definitions, locations, attack patterns) come too, with
// the same bytes each time, unless they were seen. seen may be NULL.
//
// What an earlier public revision said and this one does not comes last, revoked, so that those who
// keep copies take it back; a revision that is not published (withdrawn, merged) revokes all that
// stood. Revoked ids are never used again: the revisions before this one are read for that, from s.
// What never was published has no objects. Memory: arena.
[[nodiscard]] bool stix_objects(struct store *s, const struct revision *meta,
                                const struct record *body, const struct export_options *o,
                                struct stix_seen *seen, struct arena *a, struct stix_object **out,
                                size_t *count, struct err *e);

#endif
