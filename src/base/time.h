// SPDX-License-Identifier: Apache-2.0
// Instants are Windows' FILETIME: 100 ns since 1601-01-01T00:00:00Z, unsigned 64 bit. 0 means: not
// known.
#ifndef VIGIE_BASE_TIME_H
#define VIGIE_BASE_TIME_H

#include "base/err.h"
#include "base/slice.h"

typedef uint64_t vtime;

#define VTIME_SECOND     10000000ull
#define VTIME_UNIX_EPOCH 116444736000000000ull // 1970-01-01 in this count

enum { VTIME_TEXT_MAX = 32 };

struct civil_time {
    int year; // 1601 …
    int month, day, hour, minute, second;
    uint32_t ticks; // 100 ns within the second
};

struct civil_time time_to_civil(vtime t);
vtime time_from_civil(const struct civil_time *c); // fields in range; no check
// RFC 3339 with seven digits, e.g. 2026-11-22T02:32:17.1234567Z. Returns the length, no NUL.
size_t time_format(vtime t, char out[VTIME_TEXT_MAX]);
// The same to the second: 2026-11-22T02:32:17Z.
size_t time_format_seconds(vtime t, char out[VTIME_TEXT_MAX]);
// Reads YYYY-MM-DD, YYYY-MM-DDThh:mm[:ss[.fraction]] with Z, ±hh:mm, or nothing (UTC). A space may
// stand for T.
[[nodiscard]] bool time_parse(struct slice text, vtime *out, struct err *e);
vtime time_from_unix(int64_t seconds, uint32_t nanoseconds);
int64_t time_to_unix(vtime t);
vtime time_now(void);

#endif
