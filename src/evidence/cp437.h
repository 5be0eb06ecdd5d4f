// SPDX-License-Identifier: Apache-2.0
// Names in ZIP archives that older programs wrote: code page 437 (APPNOTE.TXT, appendix D).
#ifndef VIGIE_EVIDENCE_CP437_H
#define VIGIE_EVIDENCE_CP437_H

#include "base/arena.h"

struct slice cp437_to_utf8(struct arena *a, struct slice s);

#endif
