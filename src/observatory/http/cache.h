// SPDX-License-Identifier: Apache-2.0
// Finished answers in memory, bounded in bytes, the least recently used given up first. What an
// answer is, is the server's business: here it is a pointer that is counted. Keys hold the store's
// generation, so that a change makes all older answers unreachable at once; they leave as they age.
#ifndef VIGIE_OBSERVATORY_HTTP_CACHE_H
#define VIGIE_OBSERVATORY_HTTP_CACHE_H

#include "base/slice.h"

struct page_cache;

enum { CACHE_MAX_KEY = 2048 }; // bytes; longer ones are not kept

struct page_cache_ops {
    void (*hold)(void *answer);    // one more holder
    void (*release)(void *answer); // one less; the last frees it
};

struct page_cache_figures {
    uint64_t hits, misses, evicted;
    size_t bytes, entries;
};

struct page_cache *page_cache_create(size_t max_bytes, const struct page_cache_ops *ops);
void page_cache_destroy(struct page_cache *c); // takes NULL
// Held for the caller, who releases it; NULL when absent. Thread-safe, as all here.
void *page_cache_get(struct page_cache *c, struct slice key);
// The same, uncounted and without a use: for one who looked before.
void *page_cache_peek(struct page_cache *c, struct slice key);
// Holds it on its own account; in place of one of the same key. bytes: what it occupies.
void page_cache_put(struct page_cache *c, struct slice key, void *answer, size_t bytes);
void page_cache_clear(struct page_cache *c);
struct page_cache_figures page_cache_figures(struct page_cache *c);

#endif
