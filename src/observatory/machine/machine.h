// SPDX-License-Identifier: Apache-2.0
// What other programs read: TAXII 2.1, Atom, the JSON API, downloads, the MISP feed.
#ifndef VIGIE_OBSERVATORY_MACHINE_MACHINE_H
#define VIGIE_OBSERVATORY_MACHINE_MACHINE_H

#include "observatory/http/http.h"

struct settings;

const struct route *machine_routes(size_t *count);

// Makes the STIX objects of public revisions for which there are none yet, so many at the most, in
// one transaction. *left: there are more.
[[nodiscard]] bool taxii_sync(struct store *s, const struct settings *set, size_t limit, bool *left,
                              struct err *e);

#endif
