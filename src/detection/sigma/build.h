// SPDX-License-Identifier: Apache-2.0
// Which program this is, to the bit: for what must not outlive it.
#ifndef VIGIE_DETECTION_SIGMA_BUILD_H
#define VIGIE_DETECTION_SIGMA_BUILD_H

#include "base/buf.h"

// Appends lines that differ between builds and between versions of the libraries that reading and
// compiling rules depends on. False when the linker left no build id.
[[nodiscard]] bool build_identity(struct buf *out);

#endif
