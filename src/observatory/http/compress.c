// SPDX-License-Identifier: Apache-2.0
#include "observatory/http/compress.h"

#include <zlib.h>

bool compress_worthwhile(struct slice type)
{
    static const char *const starts[] = {"text/",
                                         "application/json",
                                         "application/atom+xml",
                                         "application/taxii+json",
                                         "application/xml",
                                         "application/stix+json",
                                         "image/svg+xml",
                                         "application/schema+json",
                                         "application/vnd.oai",
                                         "application/javascript"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (slice_starts(type, slice_from_str(starts[i])))
            return true;
    return false;
}

bool compress_gzip(struct slice s, int level, struct buf *out)
{
    if (s.len > UINT32_MAX / 2)
        return false;
    z_stream z = {0};
    // 15 + 16: the largest window, with gzip's header rather than zlib's.
    if (deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    size_t room = s.len - s.len / 16;
    // zlib reads through a pointer that is not const.
    union {
        const uint8_t *borrowed;
        Bytef *given;
    } in = {.borrowed = s.at};
    z.next_in = in.given;
    z.avail_in = (uInt)s.len;
    z.next_out = buf_reserve(out, room);
    z.avail_out = (uInt)room;
    bool ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
    if (ok)
        out->len += room - z.avail_out;
    deflateEnd(&z);
    return ok;
}
