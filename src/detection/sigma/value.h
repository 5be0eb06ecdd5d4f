// SPDX-License-Identifier: Apache-2.0
// Sigma string values: escapes, wildcards, and the modifiers that turn one text into others.
// Specification: Sigma rules 2.1.0, "Escaping", and the modifiers appendix.
#ifndef VIGIE_DETECTION_SIGMA_VALUE_H
#define VIGIE_DETECTION_SIGMA_VALUE_H

#include "detection/sigma/rule.h"

enum {
    VALUE_MAX_DASHES = 4, // places that windash replaces; each makes five of every pattern
};

struct pattern {
    struct sigma_token *tokens; // literals not yet folded
    size_t count;
};

// A list of patterns that grows while modifiers are applied. Memory: arena; never more than limit.
struct patterns {
    struct pattern *items;
    size_t count;
};

// Splits a value into literals and wildcards: `\*`, `\?` and `\\` are escapes, any other backslash
// stands for itself.
struct pattern pattern_parse(struct arena *a, struct slice text);
// Adds wildcards at the ends and joins neighbouring `*`.
struct pattern pattern_anchor(struct arena *a, struct pattern p, bool open_start, bool open_end);
bool pattern_has_wildcards(struct pattern p);
// The text of a pattern without wildcards.
struct slice pattern_text(struct pattern p);
struct pattern pattern_literal(struct arena *a, struct slice text);

// Each of the list by all its forms with - / – — ― where an option begins.
[[nodiscard]] bool patterns_windash(struct arena *a, struct patterns *list, struct err *e);

struct slice text_base64(struct arena *a, struct slice bytes);
// The part of bytes' base64 form that stays the same when 0, 1 or 2 bytes stand before it and
// others after it.
struct slice text_base64_offset(struct arena *a, struct slice bytes, unsigned offset);
struct slice text_utf16(struct arena *a, struct slice utf8, bool big_endian, bool mark);

// "10.0.0.0/8", "fe80::/10", or one address; bits behind the prefix are cleared.
[[nodiscard]] bool cidr_parse(struct arena *a, struct slice text, struct sigma_test *out);

#endif
