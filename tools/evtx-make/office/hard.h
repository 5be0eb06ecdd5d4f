// SPDX-License-Identifier: Apache-2.0
// A log of events that are slow to search, for measurements.
#ifndef VIGIE_TOOLS_HARD_H
#define VIGIE_TOOLS_HARD_H

#include "base/err.h"

// Process creations, script blocks of 2 to 20 KB, registry and network events: mib MiB of full
// chunks. The same seed gives the same bytes.
[[nodiscard]] bool hard_write(const char *path, uint64_t mib, uint64_t seed, struct err *e);

#endif
