// SPDX-License-Identifier: Apache-2.0
// Names that stay the same from export to export.
#ifndef VIGIE_OBSERVATORY_EXCHANGE_UUID_H
#define VIGIE_OBSERVATORY_EXCHANGE_UUID_H

#include "base/arena.h"

// UUID of version 5 (RFC 9562, section 5.5) of a name under a namespace (36 lower-case digits);
// empty when libcrypto refuses SHA-1.
struct slice uuid_v5(struct arena *a, const char *namespace, struct slice name);

#endif
