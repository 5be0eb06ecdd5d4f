// SPDX-License-Identifier: Apache-2.0
// Blocks of whole chunks, rendered by worker threads and handed back in the order in which they
// came.
#ifndef VIGIE_CMD_EVENTS_BLOCKS_H
#define VIGIE_CMD_EVENTS_BLOCKS_H

#include "cmd/events_options.h"
#include "reader/evtx/evtx.h"

enum { EVENTS_BLOCK_BYTES = 4 * EVTX_CHUNK_SIZE };

struct events_damage {
    uint64_t offset;
    enum err_code code;
    struct slice message;
};

struct events_block {
    uint8_t *bytes; // EVENTS_BLOCK_BYTES
    size_t len;
    uint64_t offset; // of the first byte in the file
    bool no_crc32;
    struct buf file; // its name, as shown

    struct buf out; // what is to be written
    struct arena arena;
    ARRAY_OF(struct events_damage) damages;
    uint64_t events, shown;
};

struct events_pool;

// As base/pool.h says. With one job `flush` is called whenever there is a good deal of output, so
// that it need not pile up.
struct events_pool *events_pool_create(const struct events_words *words,
                                       void (*flush)(void *user, struct buf *out), void *user);
void events_pool_destroy(struct events_pool *p); // takes NULL; waits for what is under way
// A free block to fill, or NULL when all are under way: then take one first.
struct events_block *events_pool_free_block(struct events_pool *p);
// Hands over the block last got.
void events_pool_push(struct events_pool *p);
// The oldest block, once it is done; NULL when none is under way. It is free again at the next
// call.
struct events_block *events_pool_take(struct events_pool *p);

#endif
