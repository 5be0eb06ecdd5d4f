// SPDX-License-Identifier: Apache-2.0
// The two loops over texts that everything goes through, many bytes at a time where the processor
// can: folding UTF-16, and looking for one literal.
#ifndef VIGIE_DETECTION_SIGMA_FOLD_H
#define VIGIE_DETECTION_SIGMA_FOLD_H

#include "detection/sigma/literals.h"

// As utf16le_to_folded_utf8 (base/utf.h), with the same room needed.
size_t fold_utf16(struct slice raw, uint8_t *out, enum vectors vectors);
// UTF-16 that is all ASCII as such, raw.len / 2 bytes. False when it is not, or has an odd length.
bool narrow_ascii(struct slice raw, uint8_t *out);
// What is needed to look for one literal and no more, in few bytes: many rules ask for one each,
// and to fetch what is asked for costs more than to look for it.
struct odd_literal {
    uint64_t window;   // eight of its bytes (or all), rare ones if possible
    uint32_t from;     // where in it they stand
    uint8_t len;       // of them
    uint8_t probes[2]; // in them, the rarest two
};
struct odd_literal odd_literal_of(struct slice literal); // not empty
// Whether the literal stands in text, which is followed by LITERALS_PADDING readable bytes. For
// many literals at once see literals.h.
bool odd_literal_stands(const struct odd_literal *o, const struct slice *literal, struct slice text,
                        enum vectors vectors);
// As memmem, but faster. Nothing need follow the text.
const uint8_t *literal_find(struct slice text, struct slice literal);

#endif
