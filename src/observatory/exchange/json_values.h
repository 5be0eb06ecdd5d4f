// SPDX-License-Identifier: Apache-2.0
// Slices and jansson's values.
#ifndef VIGIE_OBSERVATORY_EXCHANGE_JSON_VALUES_H
#define VIGIE_OBSERVATORY_EXCHANGE_JSON_VALUES_H

#include "base/arena.h"

#include <jansson.h>

// A new string; "" for what is not UTF-8, which texts of a record always are.
json_t *json_slice(struct slice s);
// Sets a member unless the text is empty.
void json_put(json_t *object, const char *name, struct slice s);
// The text of a string, which lives as long as j; empty for anything else.
struct slice json_text_of(const json_t *j);
struct slice json_member(const json_t *object, const char *name);
// Compact text, in the arena.
struct slice json_dump(struct arena *a, const json_t *j);
// An address as RFC 3986 allows it: sources have spaces, quotation marks and letters with accents
// in theirs, which are percent-encoded.
struct slice json_uri(struct arena *a, struct slice url);

#endif
