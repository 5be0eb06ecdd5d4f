// SPDX-License-Identifier: Apache-2.0
// `field|modifier|…: values` to tests. Specification: Sigma modifiers appendix 2.1.0; docs/sigma.md
// where it leaves things open. What has no meaning is refused, never ignored.
#ifndef VIGIE_DETECTION_SIGMA_MODIFIER_H
#define VIGIE_DETECTION_SIGMA_MODIFIER_H

#include "detection/sigma/rule.h"
#include "detection/sigma/yaml.h"

enum {
    SIGMA_MAX_TESTS = 100000, // of one file: windash and base64offset multiply
    SIGMA_MAX_TRANSFORMS = 8, // windash, base64 … of one item
    SIGMA_MAX_REGEX_BYTES = 16384,
    SIGMA_MAX_WINDASH_BYTES = 4096, // of a value
    SIGMA_TEST_BYTES = 64,          // so many bytes of text count as a test
};

enum transform {
    TRANSFORM_WINDASH,
    TRANSFORM_BASE64,
    TRANSFORM_BASE64_OFFSET,
    TRANSFORM_UTF16LE,
    TRANSFORM_UTF16BE,
    TRANSFORM_UTF16,
};

struct modifiers {
    bool starts, ends, contains, all, exists, cased, neq, re, cidr, expand, fieldref;
    bool flag_i, flag_m, flag_s;
    bool has_compare, has_part;
    enum sigma_compare op;
    enum sigma_time_part part;
    enum transform transforms[SIGMA_MAX_TRANSFORMS]; // in the order written
    size_t transform_count;
};

// What building needs besides: where results live, and how many tests may still be made.
struct item_builder {
    struct arena *arena;
    size_t tests_left;
    size_t work_left; // of conditions: parts made and names compared
};

// text: "contains|all". e->offset becomes line.
[[nodiscard]] bool modifiers_parse(struct slice text, uint32_t line, struct modifiers *out,
                                   struct err *e);
// key: "Image|endswith"; value: scalar or list of scalars.
[[nodiscard]] bool item_build(struct item_builder *b, struct slice key, uint32_t line,
                              const struct ynode *value, struct sigma_item *out, struct err *e);
// `count` scalars (which may be the elements of a list) as one keyword item: one of them anywhere
// in the event.
[[nodiscard]] bool item_build_keywords(struct item_builder *b, struct ynode *const *values,
                                       size_t count, struct sigma_item *out, struct err *e);

#endif
