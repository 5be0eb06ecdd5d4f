// SPDX-License-Identifier: Apache-2.0
// What the writers of the formats share; for this folder only.
#ifndef VIGIE_OBSERVATORY_EXCHANGE_EXPORT_INTERNAL_H
#define VIGIE_OBSERVATORY_EXCHANGE_EXPORT_INTERNAL_H

#include "observatory/exchange/stix.h"

enum { EXPORT_PIECE = 64 << 10 }; // bytes handed to the sink at once

struct export
{
    struct store *store;
    const struct query *query;
    enum export_format format;
    const struct export_options *options;
    export_sink *sink;
    void *context;
    struct buf out;
    bool gone; // the sink takes no more
    struct err failed;
    uint64_t records;
    bool (*each)(struct export * x, const struct revision *meta, const struct record *body);
    bool wrote;            // STIX: an object stands in the bundle
    struct stix_seen seen; // STIX: what stands in the bundle already
};

bool export_flush(struct export *x);
// The public revisions of a record before one of them, oldest first; what each gets lives for the
// call, but for what is in the arena.
typedef void export_earlier_each(void *context, const struct revision *meta,
                                 const struct record *body);
[[nodiscard]] bool export_earlier(struct store *s, const struct revision *meta, struct arena *a,
                                  export_earlier_each *each, void *context, struct err *e);
// Whether the list of source ids, separated by spaces, has id.
bool export_has_source(struct slice sources, struct slice id);

void export_json_begin(struct export *x);
bool export_json_each(struct export *x, const struct revision *meta, const struct record *body);
void export_json_end(struct export *x);
void export_stix_begin(struct export *x);
bool export_stix_each(struct export *x, const struct revision *meta, const struct record *body);
void export_stix_end(struct export *x);

#endif
