// SPDX-License-Identifier: Apache-2.0
// What the TAXII server hands out: STIX objects, made once for each public revision (and sent by
// partners), in the order in which they came. An object's place in that order is also its "date
// added": microseconds since 1970, never the same for two, so that walking a collection by date or
// by page is the same walk, without gaps or repetitions.
#ifndef VIGIE_OBSERVATORY_STORE_TAXII_H
#define VIGIE_OBSERVATORY_STORE_TAXII_H

#include "observatory/store/store.h"

extern const char store_taxii_tables[]; // for the list of migrations
extern const char store_taxii_anew[];

struct taxii_object {
    int64_t added; // microseconds since 1970; given by the store
    struct slice id, type;
    struct slice version; // `modified`, or `created`: RFC 3339, UTC, with at least milliseconds
    struct slice spec;    // "2.1"
    struct slice json;
};

// Adds an object to a collection. One with the same id and version is there already: *added is
// false, and nothing changes.
[[nodiscard]] bool taxii_object_add(struct store *s, int collection, const struct taxii_object *o,
                                    bool *added, struct err *e);

enum { TAXII_MAX_MATCHES = 100, TAXII_MAX_PAGE_BYTES = 8 << 20 };
enum taxii_version { TAXII_VERSION_LAST, TAXII_VERSION_FIRST, TAXII_VERSION_ALL, TAXII_VERSION_AT };

struct taxii_match {
    struct slice list[TAXII_MAX_MATCHES]; // any of these
    size_t count;                         // 0: all
};
struct taxii_query {
    int collection;
    int64_t after; // only what was added later; 0: from the beginning
    struct taxii_match id, type, spec;
    struct {
        enum taxii_version kind;
        struct slice at; // TAXII_VERSION_AT: the version itself
    } versions[TAXII_MAX_MATCHES];
    size_t version_count; // 0: the last
    size_t limit;
    bool bare; // without json
};
// In the order of date added. *more: the limit, or the bytes of a page, kept some back.
[[nodiscard]] bool taxii_objects(struct store *s, const struct taxii_query *q, struct arena *a,
                                 struct taxii_object **out, size_t *count, bool *more,
                                 struct err *e);
[[nodiscard]] bool taxii_delete(struct store *s, const struct taxii_query *q, uint64_t *deleted,
                                struct err *e);

// Public revisions whose objects were not made yet, oldest first; limit at the most.
struct taxii_revision {
    int64_t id;
    struct slice record;
    uint32_t number;
};
[[nodiscard]] bool taxii_pending(struct store *s, size_t limit, struct arena *a,
                                 struct taxii_revision **out, size_t *count, struct err *e);
[[nodiscard]] bool taxii_pending_done(struct store *s, int64_t revision, struct err *e);

// Those who may use collections that are not public. A token is 256 random bits; its SHA-256 alone
// is kept.
enum { TAXII_MAY_READ = 1, TAXII_MAY_WRITE = 2 };
struct taxii_token {
    int64_t id;
    struct slice name;
    unsigned rights;
    vtime made, revoked; // revoked 0: in force
};
// ERR_USAGE when the name is taken.
[[nodiscard]] bool taxii_token_add(struct store *s, struct slice name, struct slice hash,
                                   unsigned rights, struct err *e);
enum store_found taxii_token_find(struct store *s, struct slice hash, struct arena *a,
                                  struct taxii_token *out, struct err *e); // those in force
enum store_found taxii_token_revoke(struct store *s, struct slice name, struct err *e);
[[nodiscard]] bool taxii_token_list(struct store *s, struct arena *a, struct taxii_token **out,
                                    size_t *count, struct err *e);

// Status resources of objects sent in; those older than a week are removed as others come.
[[nodiscard]] bool taxii_status_add(struct store *s, struct slice id, int64_t token,
                                    struct slice json, struct err *e);
enum store_found taxii_status_get(struct store *s, struct slice id, int64_t token, struct arena *a,
                                  struct slice *json, struct err *e);

#endif
