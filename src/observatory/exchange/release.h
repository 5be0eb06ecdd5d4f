// SPDX-License-Identifier: Apache-2.0
// Writes a release: the data as of now in all formats, what to cite, checksums, a signature.
#ifndef VIGIE_OBSERVATORY_EXCHANGE_RELEASE_H
#define VIGIE_OBSERVATORY_EXCHANGE_RELEASE_H

#include "observatory/exchange/export.h"
#include "observatory/exchange/minisign.h"
#include "observatory/store/releases.h"

struct release_options {
    const char *folder;             // of all releases; the new one becomes folder/NUMBER
    const struct minisign_key *key; // NULL: not signed
    struct slice note;
    struct slice licence; // SPDX identifier for CITATION.cff; empty: left out
    struct export_options export;
};

// folder/NUMBER appears whole or not at all; an existing one is never touched.
[[nodiscard]] bool release_make(struct store *s, const struct release_options *o,
                                struct release *out, struct arena *a, struct err *e);

#endif
