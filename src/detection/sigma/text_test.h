// SPDX-License-Identifier: Apache-2.0
// The tests that rules make on one text, one at a time: what the engine falls back on for tests
// that no table answers, and what explanations use. Meaning: docs/sigma.md, "Tests".
#ifndef VIGIE_DETECTION_SIGMA_TEXT_TEST_H
#define VIGIE_DETECTION_SIGMA_TEXT_TEST_H

#include "detection/sigma/rule.h"

// Tokens against the whole of text (valid UTF-8). Time: at most text length times pattern length.
bool text_matches_tokens(struct slice text, const struct sigma_token *tokens, size_t count);
// Decimal (with -) or 0x hexadecimal integer that fits.
[[nodiscard]] bool text_to_integer(struct slice text, int64_t *out);
// Decimal number, fraction allowed, or 0x hexadecimal.
[[nodiscard]] bool text_to_number(struct slice text, double *out);
bool number_compares(double a, enum sigma_compare op, double b);

struct ip_address {
    bool v4, v6; // both for an IPv4-mapped IPv6 address
    uint8_t four[4];
    uint8_t sixteen[16];
};
[[nodiscard]] bool text_to_address(struct slice text, struct ip_address *out);
bool address_in_range(const struct ip_address *address, const struct sigma_test *cidr);

// A part of a time such as "2026-07-03T08:12:44Z", as written: no zone conversion.
[[nodiscard]] bool text_to_time_part(struct slice text, enum sigma_time_part part, int64_t *out);

// fieldref: a against b, by the test's anchor; both folded unless the test is cased.
bool texts_agree(struct slice a, struct slice b, enum sigma_anchor anchor);

// Any test that needs one text and nothing else: not regex, null, exists, fieldref. raw: valid
// UTF-8; folded: raw folded.
bool text_passes(const struct sigma_test *t, struct slice raw, struct slice folded);

#endif
