// SPDX-License-Identifier: Apache-2.0
// Records written out for other programs: all that a query finds, one record after the other, so
// that memory does not grow with their number.
#ifndef VIGIE_OBSERVATORY_EXCHANGE_EXPORT_H
#define VIGIE_OBSERVATORY_EXCHANGE_EXPORT_H

#include "observatory/store/store.h"

// Where the bytes go. False: the receiver has had enough (a client that went away, a full disk).
typedef bool export_sink(void *context, struct slice bytes);

enum export_format {
    EXPORT_CSV,        // a row a record; many values of a field joined by "; "
    EXPORT_CLAIMS_CSV, // a row a claim of attribution
    EXPORT_JSON,       // {"as_of":…,"records":[…]}: everything, with sources' own columns
    EXPORT_STIX,       // a STIX 2.1 bundle
    EXPORT_FORMAT_COUNT
};

struct export_options {
    struct slice base_url; // of the registry, for links; may be empty
    struct slice name;     // of the registry
    bool originals;        // the sources' own columns too (JSON)
    bool demo;             // the data are invented: says so in each file
};

// MIME type and file name's end ("csv", "stix.json").
const char *export_type(enum export_format f);
const char *export_extension(enum export_format f);
bool export_format_find(struct slice name,
                        enum export_format *out); // "csv", "claims", "json", "stix"

[[nodiscard]] bool export_write(struct store *s, const struct query *q, enum export_format f,
                                const struct export_options *o, export_sink *sink, void *context,
                                struct err *e);

// One record as the element of "records" above (also what the JSON API gives).
[[nodiscard]] bool export_record_json(struct store *s, const struct revision *meta,
                                      const struct record *body, const struct export_options *o,
                                      struct buf *out, struct err *e);

#endif
