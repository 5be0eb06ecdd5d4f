// SPDX-License-Identifier: Apache-2.0
// UTF-8 and UTF-16, and simple case folding (Unicode, CaseFolding.txt status C and S, from ICU).
#ifndef VIGIE_BASE_UTF_H
#define VIGIE_BASE_UTF_H

#include "base/arena.h"

enum { UTF_REPLACEMENT = 0xFFFD };

// Decodes one code point at s[*pos], advances *pos by at least 1. Ill-formed input gives
// UTF_REPLACEMENT, one for each maximal part of a well-formed sequence (Unicode 15, section 3.9,
// "substitution of maximal subparts").
uint32_t utf8_decode(struct slice s, size_t *pos);
// Writes 1 to 4 bytes, returns how many. Surrogates and numbers over 10FFFF are written as U+FFFD.
size_t utf8_encode(uint32_t c, uint8_t out[4]);
bool utf8_valid(struct slice s);
// s with ill-formed parts replaced; s itself when it is valid.
struct slice utf8_clean(struct arena *a, struct slice s);

// UTF-16LE of bytes to UTF-8. out needs room for UTF16_MAX_UTF8(len) bytes; returns the bytes
// written. Lone surrogates become U+FFFD; an odd last byte is dropped.
#define UTF16_MAX_UTF8(bytes) ((bytes) / 2 * 3)
size_t utf16le_to_utf8(struct slice utf16, uint8_t *out);
// The same, folded by utf_fold: for matching.
size_t utf16le_to_folded_utf8(struct slice utf16, uint8_t *out);

// Simple case folding of one code point (same for upper and lower case).
uint32_t utf_fold(uint32_t c);
// Folded copy of UTF-8. out needs room for 3 * s.len bytes at the most; returns the bytes written.
size_t utf8_fold(struct slice s, uint8_t *out);
struct slice utf8_fold_copy(struct arena *a, struct slice s);

#endif
