// SPDX-License-Identifier: Apache-2.0
// A hash map from byte strings to pointers, seeded, so that evidence cannot choose collisions.
#ifndef VIGIE_BASE_MAP_H
#define VIGIE_BASE_MAP_H

#include "base/slice.h"

struct map_entry {
    struct slice key; // borrowed: the caller keeps the bytes alive
    uint64_t hash;
    void *value;
    bool used;
};

struct map {
    struct map_entry *entries;
    size_t count;
    size_t capacity; // a power of two
};

void map_init(struct map *m);
void map_free(struct map *m);                         // not the values
void *map_get(const struct map *m, struct slice key); // NULL when absent
// The place of key's value, added with NULL when absent (then *added is true; added may be NULL).
void **map_put(struct map *m, struct slice key, bool *added);
void map_clear(struct map *m);

// The seeded hash itself, for tables of other forms. The seed is drawn once per process, from the
// system.
uint64_t hash_bytes(struct slice s);

#endif
