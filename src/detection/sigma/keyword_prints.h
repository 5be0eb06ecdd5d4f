// SPDX-License-Identifier: Apache-2.0
// A first look at all bytes of an event at once, for processors with AVX2: whether four characters
// that stand side by side in one of the keywords may stand side by side in it, in UTF-16.
#ifndef VIGIE_DETECTION_SIGMA_KEYWORD_PRINTS_H
#define VIGIE_DETECTION_SIGMA_KEYWORD_PRINTS_H

#include "base/slice.h"

enum {
    PRINT_LENGTH = 4, // characters
    PRINTS_MOST = 64, // different ones; with more, too many innocent texts have one
};

struct keyword_prints {
    bool usable;
    uint8_t low[PRINT_LENGTH][16], high[PRINT_LENGTH][16]; // by half a byte: groups of prints
};

// literals: folded; unusable when one of them has nothing that could be its print.
void keyword_prints_init(struct keyword_prints *p, const struct slice *literals, size_t count);
// False only when none of the literals stands, folded, in any UTF-16 text that lies in the bytes.
// readable: of how many bytes from the first on memory there is to read. Usable prints only.
bool keyword_prints_may(const struct keyword_prints *p, struct slice bytes, size_t readable);

#endif
