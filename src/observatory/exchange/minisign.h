// SPDX-License-Identifier: Apache-2.0
// Signatures that minisign(1) and, for the same keys, signify(1)-like tools verify: Ed25519 over
// the BLAKE2b-512 hash of the file, in minisign's file formats (jedisct1.github.io/minisign,
// "Signature format").
#ifndef VIGIE_OBSERVATORY_EXCHANGE_MINISIGN_H
#define VIGIE_OBSERVATORY_EXCHANGE_MINISIGN_H

#include "base/arena.h"
#include "base/err.h"

struct minisign_key {
    uint8_t id[8];
    uint8_t secret[64]; // Ed25519 secret and public key
};

// text: of a secret key file, made with `minisign -G` (password: its password) or `minisign -G -W`
// (no password). Wipe the key with minisign_forget.
[[nodiscard]] bool minisign_open(struct slice text, struct slice password, struct minisign_key *out,
                                 struct err *e);
void minisign_forget(struct minisign_key *k);
// The text of FILE.minisig. comment: trusted, one line.
struct slice minisign_sign(struct arena *a, const struct minisign_key *k, struct slice file,
                           struct slice comment);
// A new pair without password: texts of both files.
void minisign_new(struct arena *a, struct slice *secret, struct slice *public);
// The id as minisign shows it: 16 upper-case digits.
struct slice minisign_key_id(struct arena *a, const struct minisign_key *k);

#endif
