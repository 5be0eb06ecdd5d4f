// SPDX-License-Identifier: Apache-2.0
// Records as events of a MISP feed (misp-project.org, "MISP core format" and "MISP feed format"):
// manifest.json names the events, UUID.json holds each, hashes.csv the MD5 of each value.
#ifndef VIGIE_OBSERVATORY_EXCHANGE_MISP_H
#define VIGIE_OBSERVATORY_EXCHANGE_MISP_H

#include "observatory/exchange/export.h"

struct misp_event {
    struct slice uuid;     // the same for the same record each time
    struct slice json;     // the whole file: {"Event":{…}}
    struct slice manifest; // the manifest's value for it: {…}
    struct slice hashes;   // lines "md5,uuid\n" of its attributes' values
};

// Memory: arena. Withdrawn and merged records give an event that says so. What an earlier public
// revision said and this one does not comes as deleted; those revisions are read from s.
[[nodiscard]] bool misp_event(struct store *s, const struct revision *meta,
                              const struct record *body, const struct export_options *o,
                              struct arena *a, struct misp_event *out, struct err *e);

#endif
