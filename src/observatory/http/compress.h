// SPDX-License-Identifier: Apache-2.0
// gzip (RFC 1952) of answers, by zlib.
#ifndef VIGIE_OBSERVATORY_HTTP_COMPRESS_H
#define VIGIE_OBSERVATORY_HTTP_COMPRESS_H

#include "base/buf.h"

enum {
    COMPRESS_MIN = 1024, // bytes: below it a header more costs as much as is won
    COMPRESS_ONCE = 5,   // level for what is sent once
    COMPRESS_KEPT = 9,   // for what is kept and sent often
};

// Whether text of that content type gains by it.
bool compress_worthwhile(struct slice content_type);
// Appends the compressed form of s to out; false when that would not be smaller.
bool compress_gzip(struct slice s, int level, struct buf *out);

#endif
