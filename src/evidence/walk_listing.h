// SPDX-License-Identifier: Apache-2.0
// For tests: a walk as lines of text, one an item: KIND PATH BYTES-READ[ error CODE][ (REASON)].
#ifndef VIGIE_EVIDENCE_WALK_LISTING_H
#define VIGIE_EVIDENCE_WALK_LISTING_H

#include "base/buf.h"
#include "evidence/evidence.h"

// read_every: 1 reads every item, 2 every second one (others show "-"), 0 none. Strips prefix from
// paths.
static inline void walk_list(struct evidence_walk *w, struct buf *out, unsigned read_every,
                             const char *prefix)
{
    static const char *const kinds[] = {"evtx",  "archive",    "empty",
                                        "other", "unreadable", "skipped"};
    struct evidence_item item;
    unsigned number = 0;
    while (evidence_walk_next(w, &item)) {
        struct slice path = item.path, p = slice_from_str(prefix);
        if (slice_starts(path, p))
            path = slice_sub(path, p.len, path.len);
        buf_printf(out, "%s %.*s", kinds[item.kind], SLICE_FMT(path));
        number++;
        if (item.kind != EVIDENCE_UNREADABLE && item.kind != EVIDENCE_SKIPPED) {
            static uint8_t buffer[70'000];
            uint64_t sum = 0;
            size_t got = 1;
            struct err e = {0};
            bool ok = true, read = read_every && number % read_every == 0;
            while (read && got && (ok = evidence_walk_read(w, buffer, sizeof buffer, &got, &e)))
                sum += got;
            if (read)
                buf_printf(out, " %llu", (unsigned long long)sum);
            else
                buf_str(out, " -");
            if (!ok)
                buf_printf(out, " error %s", err_code_name(e.code));
        }
        if (item.reason.len)
            buf_printf(out, " (%.*s)", SLICE_FMT(item.reason));
        buf_byte(out, '\n');
    }
    buf_byte(out, 0);
}

#endif
