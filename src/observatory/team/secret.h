// SPDX-License-Identifier: Apache-2.0
// The secrets of second factors, sealed (XChaCha20-Poly1305) with a key that is in a file of its
// own and not in the store: who gets hold of a store or a backup cannot make codes. A sealed secret
// is bound to its person. A key that is lost cannot be had again; the second factors sealed with it
// are then reset, and recovery codes, of which hashes are kept, go on working.
#ifndef VIGIE_OBSERVATORY_TEAM_SECRET_H
#define VIGIE_OBSERVATORY_TEAM_SECRET_H

#include "base/arena.h"
#include "base/err.h"

enum { SECRET_KEY_BYTES = 32, SECRET_NAME_BYTES = 4 };

struct secret_key {
    uint8_t bytes[SECRET_KEY_BYTES];
    uint8_t name[SECRET_NAME_BYTES]; // tells it from others, and says nothing about it
};

void secret_key_random(struct secret_key *out); // for this process alone
// From a file that nobody but its owner may read. It is made when it is not there: *made.
[[nodiscard]] bool secret_key_open(const char *path, struct secret_key *out, bool *made,
                                   struct err *e);

// Memory: arena.
struct slice secret_seal(const struct secret_key *k, struct arena *a, int64_t user,
                         struct slice secret);

enum secret_state {
    SECRET_OPENED,
    SECRET_CLEAR, // as older programs kept it; *out is it
    SECRET_LOST,  // sealed with another key
    SECRET_WRONG, // damaged, or another person's
};
// kept: as the store has it, not empty. *out is empty for the last two. Memory: arena.
enum secret_state secret_unseal(const struct secret_key *k, struct arena *a, int64_t user,
                                struct slice kept, struct slice *out);

#endif
