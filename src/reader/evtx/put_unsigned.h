// SPDX-License-Identifier: Apache-2.0
// Plain unsigned numbers, which JSON and XML write alike and nearly all records have.
#ifndef VIGIE_READER_EVTX_PUT_UNSIGNED_H
#define VIGIE_READER_EVTX_PUT_UNSIGNED_H

#include "base/digits.h"
#include "event/value.h"

// Writes the decimal digits of a value of one of the unsigned types; NULL for another type, or a
// value of the wrong size. to has room for DIGITS_ROOM bytes.
static inline uint8_t *put_unsigned(uint8_t *to, const struct value *v)
{
    const struct slice raw = v->raw;
    switch (v->type) {
    case VALUE_UINT8:
        return raw.len == 1 ? digits_u64(to, raw.at[0]) : NULL;
    case VALUE_UINT16:
        return raw.len == 2 ? digits_u64(to, le16(raw.at)) : NULL;
    case VALUE_UINT32:
        return raw.len == 4 ? digits_u64(to, le32(raw.at)) : NULL;
    case VALUE_UINT64:
        return raw.len == 8 ? digits_u64(to, le64(raw.at)) : NULL;
    default:
        return NULL;
    }
}

#endif
