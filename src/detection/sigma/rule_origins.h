// SPDX-License-Identifier: Apache-2.0
// The rule files that a cache was made of, and the folders in which they stood, as they were when
// they were read; and whether they still are. Part of rule_cache.c.
#ifndef VIGIE_DETECTION_SIGMA_RULE_ORIGINS_H
#define VIGIE_DETECTION_SIGMA_RULE_ORIGINS_H

#include "base/sha256.h"
#include "detection/sigma/codec.h"
#include "detection/sigma/load.h"

struct rule_origin {
    const char *name; // in the folder above; of the first, the path as the user gave it
    uint32_t depth;   // below that path
    bool folder;
    uint64_t device, inode, size;
    int64_t changed[2], modified[2]; // seconds, nanoseconds
    struct sha256_digest digest;     // of a file
};

// In the order in which they were met.
struct rule_origins {
    struct arena arena;
    struct sha256 *hash;
    int64_t made; // seconds since 1970, before the first file was read
    struct rule_origin *items;
    size_t count, capacity;
};

void rule_origins_init(struct rule_origins *o);
void rule_origins_free(struct rule_origins *o);
void rule_origins_add(struct rule_origins *o, const struct sigma_met *met);
// Of what stands in all the files.
struct sha256_digest rule_origins_digest(const struct rule_origins *o);
// Writes or reads them; false when what is read cannot have been written.
[[nodiscard]] bool rule_origins_code(struct codec *c, struct rule_origins *o);
// Whether these paths would be read as they were then.
[[nodiscard]] bool rule_origins_current(const struct rule_origins *o, const char *const *paths,
                                        size_t path_count, size_t max_file_bytes);

#endif
