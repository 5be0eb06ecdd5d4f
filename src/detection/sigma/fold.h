// SPDX-License-Identifier: Apache-2.0
// The two loops over texts that everything goes through, many bytes at a time where the processor
// can: folding UTF-16, and looking for one literal.
#ifndef VIGIE_DETECTION_SIGMA_FOLD_H
#define VIGIE_DETECTION_SIGMA_FOLD_H

#include "base/slice.h"

// As utf16le_to_folded_utf8 (base/utf.h), with the same room needed.
size_t fold_utf16(struct slice raw, uint8_t *out, bool vectors);
// UTF-16 that is all ASCII as such, raw.len / 2 bytes. False when it is not, or has an odd length.
bool narrow_ascii(struct slice raw, uint8_t *out);
// Whether the literal (not empty) stands in text, which is followed by LITERALS_PADDING readable
// bytes. For an odd literal; for many at once see literals.h.
bool literal_stands(struct slice text, struct slice literal, bool vectors);
// As memmem, but faster. Nothing need follow the text.
const uint8_t *literal_find(struct slice text, struct slice literal);

#endif
