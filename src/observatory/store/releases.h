// SPDX-License-Identifier: Apache-2.0
// Releases of the data: frozen, numbered, citable. A row says what was released when; the files lie
// in the release folder, and asking the store as of the same instant gives the same records.
#ifndef VIGIE_OBSERVATORY_STORE_RELEASES_H
#define VIGIE_OBSERVATORY_STORE_RELEASES_H

#include "observatory/store/store.h"

struct release {
    uint32_t number;       // 1, 2, …
    vtime made;            // also the instant it is as of
    struct slice note;     // what it is for, in the maker's words
    struct slice checksum; // SHA-256 of its file SHA256SUMS, 64 digits
    struct slice key;      // id of the key that signed it, 16 digits; empty: not signed
    uint64_t records;
};

extern const char store_release_tables[]; // for the list of migrations

// number 0: the next one, given back.
[[nodiscard]] bool release_add(struct store *s, struct release *r, struct err *e);
// Newest first.
[[nodiscard]] bool release_list(struct store *s, struct arena *a, struct release **out,
                                size_t *count, struct err *e);
enum store_found release_get(struct store *s, uint32_t number, struct arena *a, struct release *out,
                             struct err *e);

#endif
