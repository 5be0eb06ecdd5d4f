// SPDX-License-Identifier: Apache-2.0
// What the MISP feed's lists need of each public record, kept so that they need not be made anew.
#ifndef VIGIE_OBSERVATORY_STORE_FEED_H
#define VIGIE_OBSERVATORY_STORE_FEED_H

#include "observatory/store/store.h"

extern const char store_feed_tables[]; // for the list of migrations

struct feed_event {
    struct slice record, uuid;
    struct slice manifest; // JSON
    struct slice hashes;   // lines
};
// In place of what was there of that record.
[[nodiscard]] bool feed_put(struct store *s, const struct feed_event *f, struct err *e);
// The record that an event's UUID stands for.
enum store_found feed_find(struct store *s, struct slice uuid, struct arena *a,
                           struct slice *record, struct err *e);
// All, by UUID. each returns false to stop; what it gets lives for the call.
typedef bool feed_each(void *context, const struct feed_event *f);
[[nodiscard]] bool feed_walk(struct store *s, feed_each *each, void *context, struct err *e);

#endif
