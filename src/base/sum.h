// SPDX-License-Identifier: Apache-2.0
// A sum of 16 bytes by which a file of ours is known to be as it was written: Poly1305, six times
// as quick as SHA-256. The key is no secret, so it is no proof against who can write the file.
#ifndef VIGIE_BASE_SUM_H
#define VIGIE_BASE_SUM_H

#include "base/slice.h"

enum { SUM_SIZE = 16, SUM_KEY_SIZE = 32 };

struct sum;

// NULL when this libcrypto does not offer it.
struct sum *sum_create(const uint8_t key[SUM_KEY_SIZE]);
void sum_destroy(struct sum *s); // takes NULL
void sum_add(struct sum *s, struct slice bytes);
// False when libcrypto failed on the way, for want of memory.
[[nodiscard]] bool sum_finish(struct sum *s, uint8_t out[SUM_SIZE]);

#endif
