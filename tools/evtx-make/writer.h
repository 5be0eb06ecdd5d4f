// SPDX-License-Identifier: Apache-2.0
// A whole EVTX file: header and chunks, into a file or into memory.
#ifndef VIGIE_TOOLS_WRITER_H
#define VIGIE_TOOLS_WRITER_H

#include "base/buf.h"
#include "binxml.h"

#include <stdio.h>

enum { EVTX_HEADER = 4096 };

struct evtx_writer {
    FILE *file;        // NULL: into memory
    struct buf memory; // the whole file, when there is no file
    struct chunk *chunk;
    uint64_t chunks;
    uint64_t next_record; // one more than the highest record number
    uint32_t flags;       // 1 dirty, 2 full
    bool failed;          // a write failed
    // Takes finished chunks instead of file and memory (then without a header); may change them.
    void (*sink)(void *context, uint8_t *chunk);
    void *context;
};

// path NULL: into memory. Finish with evtx_writer_close in any case.
[[nodiscard]] bool evtx_writer_open(struct evtx_writer *w, const char *path, struct err *e);
// A record of one template instance, or of plain elements (root). False when it is larger than a
// chunk.
[[nodiscard]] bool evtx_writer_add(struct evtx_writer *w, uint64_t record, uint64_t filetime,
                                   const struct bx_instance *instance, const struct bx_node *root,
                                   struct err *e);
// Ends the chunk that is being filled, so that the next record begins a new one.
void evtx_writer_end_chunk(struct evtx_writer *w);
// Appends a finished chunk of 64 KiB as it is.
void evtx_writer_add_chunk(struct evtx_writer *w, uint8_t *bytes);
// Writes the header. In memory: the file's bytes are in w->memory, freed by buf_free.
[[nodiscard]] bool evtx_writer_close(struct evtx_writer *w, struct err *e);
// The checksum of a file header, anew.
void evtx_header_checksum(uint8_t *header);

#endif
