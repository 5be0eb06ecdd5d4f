// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), by libcrypto.
#ifndef VIGIE_BASE_SHA256_H
#define VIGIE_BASE_SHA256_H

#include "base/slice.h"

struct sha256; // opaque, one running hash

struct sha256_digest {
    uint8_t bytes[32];
};

struct sha256 *sha256_create(void);
void sha256_destroy(struct sha256 *h); // takes NULL
void sha256_add(struct sha256 *h, struct slice s);
// Ends the hash; the object can be used for a new one afterwards.
struct sha256_digest sha256_finish(struct sha256 *h);
struct sha256_digest sha256_of(struct slice s);
// 64 lower-case digits and a NUL.
void sha256_hex(const struct sha256_digest *d, char out[65]);

#endif
