// SPDX-License-Identifier: Apache-2.0
// A borrowed run of bytes. Whoever owns the memory must outlive the slice.
#ifndef VIGIE_BASE_SLICE_H
#define VIGIE_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const uint8_t *at; // may be NULL only when len is 0
    size_t len;        // bytes
};

// Literal to slice at compile time: SLICE("abc").
#define SLICE(literal) ((struct slice){(const uint8_t *)("" literal), sizeof(literal) - 1})
// For printf: printf("%.*s", SLICE_FMT(s)).
#define SLICE_FMT(s) (int)((s).len > INT32_MAX ? INT32_MAX : (s).len), (const char *)(s).at

static inline struct slice slice_of(const void *at, size_t len)
{
    return (struct slice){at, len};
}

static inline struct slice slice_from_str(const char *s)
{
    return (struct slice){(const uint8_t *)s, s ? strlen(s) : 0};
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool slice_equal_str(struct slice a, const char *s)
{
    return slice_equal(a, slice_from_str(s));
}

// Order by bytes, a prefix before the longer one; <0, 0, >0.
static inline int slice_compare(struct slice a, struct slice b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.at, b.at, n) : 0;
    return c ? c : (a.len > b.len) - (a.len < b.len);
}

static inline bool slice_starts(struct slice s, struct slice prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.at, prefix.at, prefix.len) == 0);
}

static inline bool slice_ends(struct slice s, struct slice suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.at + (s.len - suffix.len), suffix.at, suffix.len) == 0);
}

// Bytes [from, to) of s, clamped to s.
static inline struct slice slice_sub(struct slice s, size_t from, size_t to)
{
    if (to > s.len)
        to = s.len;
    if (from > to)
        from = to;
    return (struct slice){s.at ? s.at + from : s.at, to - from};
}

// ASCII only; for names and keywords, not for matching evidence.
bool slice_equal_nocase(struct slice a, struct slice b);
struct slice slice_trim(struct slice s);

// Little-endian reads; the caller has checked the bounds.
static inline uint16_t le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t le64(const uint8_t *p)
{
    return (uint64_t)le32(p) | (uint64_t)le32(p + 4) << 32;
}

#endif
