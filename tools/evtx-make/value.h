// SPDX-License-Identifier: Apache-2.0
// Values of an event description: from text to the bytes that stand in the file.
#ifndef VIGIE_TOOLS_VALUE_H
#define VIGIE_TOOLS_VALUE_H

#include "binxml.h"

// The type of a name like "string", "hexint64", "string[]"; false when there is none.
bool value_type_named(struct slice name, uint8_t *type);
const char *value_type_name(uint8_t type); // of the type without BX_ARRAY

// The bytes of text as a value of type (not an array), in Windows' textual form: decimal or 0x for
// integers, S-1-… for SIDs, {…} or … for GUIDs, RFC 3339 for times, hexadecimal for binary, true or
// false or a number for bool. Allocated in a.
[[nodiscard]] bool value_encode(struct arena *a, uint8_t type, struct slice text, struct slice *out,
                                struct err *e);
[[nodiscard]] bool value_parse_guid(struct slice text, uint8_t out[16]);
[[nodiscard]] bool value_parse_integer(struct slice text,
                                       uint64_t *out); // with sign or 0x; two's complement

#endif
