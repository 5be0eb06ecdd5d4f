// SPDX-License-Identifier: Apache-2.0
// The two little forms of JSON that a case holds: lists of texts, and names with texts. Also a
// cursor over any JSON, for showing an event. Input may be hostile: depth and sizes are bounded,
// nothing is trusted.
#ifndef VIGIE_CASE_CASE_JSON_H
#define VIGIE_CASE_CASE_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "finding/finding.h"

void case_json_list(struct buf *out, const struct slice *items, size_t count);
// A name that comes again is left out.
void case_json_fields(struct buf *out, const struct finding_field *fields, size_t count);
// Returns the count; *out in the arena. Stops quietly at what is not such a list.
size_t case_json_read_list(struct slice json, struct arena *a, const struct slice **out);
// *as_json: the same names and values as they stand in the JSON, where escape_json would write them
// so as well (then they need not be escaped again); else their `at` is NULL.
size_t case_json_read_fields(struct slice json, struct arena *a, const struct finding_field **out,
                             const struct finding_field **as_json);

enum json_token_kind {
    JSON_END, // of the text, or something that is not JSON
    JSON_OBJECT_BEGIN,
    JSON_OBJECT_END,
    JSON_ARRAY_BEGIN,
    JSON_ARRAY_END,
    JSON_COLON,
    JSON_COMMA,
    JSON_STRING, // text: between the quotes, still escaped
    JSON_WORD,   // number, true, false, null
};

struct json_token {
    enum json_token_kind kind;
    struct slice text;
};

// The next token from *pos on.
struct json_token json_next(struct slice json, size_t *pos);
// The text of a JSON_STRING with its escapes resolved.
struct slice json_string_text(struct slice text, struct arena *a);
// The same. *plain: escape_json in any of its ways gives
// the text back as it was.
struct slice json_unescape(struct slice text, struct arena *a, bool *plain);

#endif
