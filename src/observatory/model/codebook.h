// SPDX-License-Identifier: Apache-2.0
// The codebook as a file, made from the tables of the schema.
#ifndef VIGIE_OBSERVATORY_MODEL_CODEBOOK_H
#define VIGIE_OBSERVATORY_MODEL_CODEBOOK_H

#include "observatory/model/schema.h"
#include "observatory/model/texts.h"

// Markdown for reading, in one language.
void codebook_markdown(const struct language *l, struct buf *out);
// {"version":…,"kinds":[…],"vocabularies":[…]}, in one language.
void codebook_json(const struct language *l, struct buf *out);
// A row a field and a row a term: kind, group, field, code, label, definition, form, vocabulary,
// many, filter, double_coded, required.
void codebook_csv(const struct language *l, struct buf *out);
const char *value_kind_name(enum value_kind k); // "line", "text", "date", …

#endif
