// SPDX-License-Identifier: Apache-2.0
// Plain unsigned numbers, which JSON and XML write alike and nearly all records have.
#ifndef VIGIE_READER_EVTX_PUT_UNSIGNED_H
#define VIGIE_READER_EVTX_PUT_UNSIGNED_H

#include "base/digits.h"
#include "event/value.h"

// Cases of a switch over the type of a value in a function that gives the place behind what it
// wrote: return behind the decimal digits (to has room for DIGITS_ROOM bytes), or leave the switch
// for a value of the wrong size. Cases rather than a function, which would be a second switch: 2.5%
// of the instructions of a dump to XML.
#define PUT_UNSIGNED_CASES(to, raw)                                                                \
    case VALUE_UINT8:                                                                              \
        if ((raw).len != 1)                                                                        \
            break;                                                                                 \
        return digits_u64((to), (raw).at[0]);                                                      \
    case VALUE_UINT16:                                                                             \
        if ((raw).len != 2)                                                                        \
            break;                                                                                 \
        return digits_u64((to), le16((raw).at));                                                   \
    case VALUE_UINT32:                                                                             \
        if ((raw).len != 4)                                                                        \
            break;                                                                                 \
        return digits_u64((to), le32((raw).at));                                                   \
    case VALUE_UINT64:                                                                             \
        if ((raw).len != 8)                                                                        \
            break;                                                                                 \
        return digits_u64((to), le64((raw).at))

#endif
