// SPDX-License-Identifier: Apache-2.0
// A hash table with chains and a doubly linked list in order of use, under one lock that is held
// for a few dozen instructions only.
#include "observatory/http/cache.h"

#include "base/arena.h"
#include "base/map.h"

#include <pthread.h>
#include <stdlib.h>

enum { CACHE_ROWS = 8192, CACHE_OVERHEAD = 256 };

struct entry {
    struct entry *chain;
    struct entry *newer, *older;
    uint64_t hash;
    size_t bytes;
    void *answer;
    size_t key_len;
    uint8_t key[];
};

struct page_cache {
    pthread_mutex_t lock;
    struct page_cache_ops ops;
    size_t max_bytes;
    struct page_cache_figures figures;
    struct entry *newest, *oldest;
    struct entry *rows[CACHE_ROWS];
};

struct page_cache *page_cache_create(size_t max_bytes, const struct page_cache_ops *ops)
{
    struct page_cache *c = mem_alloc_zero(1, sizeof *c);
    pthread_mutex_init(&c->lock, NULL);
    c->ops = *ops;
    c->max_bytes = max_bytes;
    return c;
}

void page_cache_destroy(struct page_cache *c)
{
    if (!c)
        return;
    page_cache_clear(c);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static void list_remove(struct page_cache *c, struct entry *n)
{
    *(n->newer ? &n->newer->older : &c->newest) = n->older;
    *(n->older ? &n->older->newer : &c->oldest) = n->newer;
}

static void list_add_newest(struct page_cache *c, struct entry *n)
{
    n->newer = NULL;
    n->older = c->newest;
    *(c->newest ? &c->newest->newer : &c->oldest) = n;
    c->newest = n;
}

static struct entry **find(struct page_cache *c, struct slice key, uint64_t hash)
{
    struct entry **at = &c->rows[hash % CACHE_ROWS];
    while (*at && !((*at)->hash == hash && slice_equal(slice_of((*at)->key, (*at)->key_len), key)))
        at = &(*at)->chain;
    return at;
}

static void drop(struct page_cache *c, struct entry **at)
{
    struct entry *n = *at;
    *at = n->chain;
    list_remove(c, n);
    c->figures.bytes -= n->bytes;
    c->figures.entries--;
    c->ops.release(n->answer);
    free(n);
}

void *page_cache_get(struct page_cache *c, struct slice key)
{
    uint64_t hash = hash_bytes(key);
    pthread_mutex_lock(&c->lock);
    struct entry *n = *find(c, key, hash);
    void *answer = n ? n->answer : NULL;
    if (n) {
        c->ops.hold(answer);
        if (n != c->newest) {
            list_remove(c, n);
            list_add_newest(c, n);
        }
        c->figures.hits++;
    } else {
        c->figures.misses++;
    }
    pthread_mutex_unlock(&c->lock);
    return answer;
}

void *page_cache_peek(struct page_cache *c, struct slice key)
{
    uint64_t hash = hash_bytes(key);
    pthread_mutex_lock(&c->lock);
    struct entry *n = *find(c, key, hash);
    void *answer = n ? n->answer : NULL;
    if (n)
        c->ops.hold(answer);
    pthread_mutex_unlock(&c->lock);
    return answer;
}

void page_cache_put(struct page_cache *c, struct slice key, void *answer, size_t bytes)
{
    // One answer may take an eighth of the memory at the most: it must not push out all others.
    size_t whole = bytes + key.len + CACHE_OVERHEAD;
    if (key.len > CACHE_MAX_KEY || whole > c->max_bytes / 8)
        return;
    struct entry *n = mem_alloc(sizeof *n + key.len);
    *n = (struct entry){
        .hash = hash_bytes(key), .bytes = whole, .answer = answer, .key_len = key.len};
    memcpy(n->key, key.at, key.len);
    c->ops.hold(answer);
    pthread_mutex_lock(&c->lock);
    struct entry **at = find(c, key, n->hash);
    if (*at)
        drop(c, at);
    while (c->oldest && c->figures.bytes + whole > c->max_bytes) {
        struct entry *old = c->oldest;
        drop(c, find(c, slice_of(old->key, old->key_len), old->hash));
        c->figures.evicted++;
    }
    n->chain = c->rows[n->hash % CACHE_ROWS];
    c->rows[n->hash % CACHE_ROWS] = n;
    list_add_newest(c, n);
    c->figures.bytes += whole;
    c->figures.entries++;
    pthread_mutex_unlock(&c->lock);
}

void page_cache_clear(struct page_cache *c)
{
    pthread_mutex_lock(&c->lock);
    while (c->oldest)
        drop(c, find(c, slice_of(c->oldest->key, c->oldest->key_len), c->oldest->hash));
    pthread_mutex_unlock(&c->lock);
}

struct page_cache_figures page_cache_figures(struct page_cache *c)
{
    pthread_mutex_lock(&c->lock);
    struct page_cache_figures f = c->figures;
    pthread_mutex_unlock(&c->lock);
    return f;
}
