// SPDX-License-Identifier: Apache-2.0
// Open addressing, linear probing, at most 3/4 full. The hash is SipHash-1-3 (Aumasson & Bernstein)
// with a key drawn at the first use: evidence is hostile and would otherwise choose keys that
// collide.
#include "base/map.h"

#include "base/arena.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

static uint64_t seed[2];
static pthread_once_t seeded = PTHREAD_ONCE_INIT;

static void draw_seed(void)
{
    if (getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed[0] = (uint64_t)(uintptr_t)&seed; // early boot only: better than a constant
}

static inline uint64_t rotl(uint64_t x, int b)
{
    return x << b | x >> (64 - b);
}

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotl(v[1], 13) ^ v[0];
    v[0] = rotl(v[0], 32);
    v[2] += v[3];
    v[3] = rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotl(v[1], 17) ^ v[2];
    v[2] = rotl(v[2], 32);
}

uint64_t hash_bytes(struct slice s)
{
    pthread_once(&seeded, draw_seed);
    uint64_t v[4] = {seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d,
                     seed[0] ^ 0x6c7967656e657261, seed[1] ^ 0x7465646279746573};
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8) {
        uint64_t m = le64(s.at + i);
        v[3] ^= m;
        sip_round(v);
        v[0] ^= m;
    }
    uint64_t last = (uint64_t)s.len << 56;
    for (size_t k = 0; i + k < s.len; k++)
        last |= (uint64_t)s.at[i + k] << (8 * k);
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void map_init(struct map *m)
{
    *m = (struct map){0};
}

void map_free(struct map *m)
{
    free(m->entries);
    *m = (struct map){0};
}

void map_clear(struct map *m)
{
    if (m->entries)
        memset(m->entries, 0, m->capacity * sizeof *m->entries);
    m->count = 0;
}

// The entry that holds key, or the free one where it belongs. The table is never full.
static struct map_entry *map_find(const struct map *m, struct slice key, uint64_t hash)
{
    for (size_t i = (size_t)hash & (m->capacity - 1);; i = (i + 1) & (m->capacity - 1)) {
        struct map_entry *e = &m->entries[i];
        if (!e->used || (e->hash == hash && slice_equal(e->key, key)))
            return e;
    }
}

void *map_get(const struct map *m, struct slice key)
{
    if (m->count == 0)
        return NULL;
    struct map_entry *e = map_find(m, key, hash_bytes(key));
    return e->used ? e->value : NULL;
}

static void map_enlarge(struct map *m)
{
    struct map old = *m;
    m->capacity = old.capacity ? old.capacity * 2 : 16;
    m->entries = mem_alloc_zero(m->capacity, sizeof *m->entries);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.entries[i].used)
            *map_find(m, old.entries[i].key, old.entries[i].hash) = old.entries[i];
    free(old.entries);
}

void **map_put(struct map *m, struct slice key, bool *added)
{
    if (m->count + 1 > m->capacity / 4 * 3)
        map_enlarge(m);
    uint64_t hash = hash_bytes(key);
    struct map_entry *e = map_find(m, key, hash);
    bool fresh = !e->used;
    if (fresh) {
        *e = (struct map_entry){.key = key, .hash = hash, .used = true};
        m->count++;
    }
    if (added)
        *added = fresh;
    return &e->value;
}
