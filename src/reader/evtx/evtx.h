// SPDX-License-Identifier: Apache-2.0
// EVTX: Windows XML Event Log, after libyal's format document and [MS-EVEN6] (BinXML).
//
// A log is a file header of 4096 bytes and chunks of 64 KiB, each complete in itself. The caller
// reads the file in any way it likes (a file, a member of an archive) and hands over one chunk at a
// time:
//
//     struct evtx_reader *r = evtx_reader_create(&options);
//     evtx_header_read(first_4096_bytes, &header, &e);
//     for each chunk: evtx_reader_start(r, bytes, offset); while ((got = evtx_reader_next(r, &ev,
//     &e)) != READ_END) …
#ifndef VIGIE_READER_EVTX_EVTX_H
#define VIGIE_READER_EVTX_EVTX_H

#include "base/err.h"
#include "event/event.h"
#include "reader/read_result.h"

enum {
    EVTX_HEADER_SIZE = 4096,
    EVTX_CHUNK_SIZE = 65536,
    EVTX_MAX_DEPTH = 64,
};

struct evtx_header {
    uint64_t first_chunk, last_chunk;
    uint64_t next_record;
    uint16_t chunk_count; // overflows above 65,535: never rely on it
    uint16_t minor, major;
    uint32_t flags;
    bool dirty, full, no_crc32;
    bool checksum_ok;
};

struct evtx_options {
    bool recover; // also read records in the slack behind the chunk's last record, and in damaged
                  // chunks
    bool without_system; // the events' `system` stays empty: for those who only render them
};

struct evtx_reader; // one per thread; caches compiled templates and shapes over all chunks and
                    // files

// True when the bytes begin as an EVTX file header or a chunk does.
bool evtx_recognise(struct slice head);
// Reads the file header. A wrong checksum is no error (checksum_ok says it); a wrong signature is.
[[nodiscard]] bool evtx_header_read(struct slice bytes, struct evtx_header *out, struct err *e);

struct evtx_reader *evtx_reader_create(const struct evtx_options *options);
void evtx_reader_destroy(struct evtx_reader *r); // takes NULL
// Begins with a chunk: chunk is EVTX_CHUNK_SIZE bytes or, at a truncated end, less; it must stay in
// place until the next start. offset: of the chunk in the file. no_crc32: from the file header.
void evtx_reader_start(struct evtx_reader *r, struct slice chunk, uint64_t offset, bool no_crc32);
// The next event, or error (e->offset is in the file). An event is valid until the next call.
enum read_result evtx_reader_next(struct evtx_reader *r, struct event *out, struct err *e);
// Number of shapes met so far; shape ids are below it.
uint32_t evtx_reader_shape_count(const struct evtx_reader *r);

#endif
