// SPDX-License-Identifier: Apache-2.0
// Memory that is given back all at once. One arena per chunk, record or case; error paths cannot
// leak. Running out of memory ends the program with a message (arena_alloc never returns NULL):
// every size that comes from evidence must be checked against a limit before it gets here.
#ifndef VIGIE_BASE_ARENA_H
#define VIGIE_BASE_ARENA_H

#include "base/slice.h"

struct arena_block;

struct arena {
    struct arena_block *first;
    struct arena_block *current;
    size_t used;       // bytes of the current block
    size_t block_size; // bytes of an ordinary block
};

struct arena_mark {
    struct arena_block *block;
    size_t used;
};

// Blocks of this size and more lie in huge pages, if the kernel has them; as a block_size it fills
// one.
#define ARENA_HUGE (((size_t)2 << 20) - 256)
// block_size 0: 64 KiB. Allocates nothing until the first use.
void arena_init(struct arena *a, size_t block_size);
void arena_free(struct arena *a);
// Forgets everything but keeps the blocks for the next round.
void arena_reset(struct arena *a);
// Bytes of all blocks.
size_t arena_held(const struct arena *a);
struct arena_mark arena_mark(const struct arena *a);
// Gives back all that was allocated after the mark.
void arena_rewind(struct arena *a, struct arena_mark mark);

// Zeroed memory, aligned for any type.
void *arena_alloc(struct arena *a, size_t size);
void *arena_alloc_array(struct arena *a, size_t count, size_t size);
// Not zeroed, aligned to 1: for bytes.
uint8_t *arena_bytes(struct arena *a, size_t size);
// Gives back the last bytes of the newest allocation.
static inline void arena_give_back(struct arena *a, size_t unused)
{
    a->used -= unused;
}
struct slice arena_copy(struct arena *a, struct slice s);
char *arena_str(struct arena *a, struct slice s); // NUL-terminated copy
[[gnu::format(printf, 2, 3)]] struct slice arena_printf(struct arena *a, const char *format, ...);

#define ARENA_NEW(a, type)          ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, count) ((type *)arena_alloc_array((a), (count), sizeof(type)))

// malloc and kin for the containers, ending the program when memory runs out.
void *mem_alloc(size_t size);
void *mem_alloc_zero(size_t count, size_t size);
void *mem_grow(void *p, size_t count, size_t size);

#endif
