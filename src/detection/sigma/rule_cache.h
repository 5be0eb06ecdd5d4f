// SPDX-License-Identifier: Apache-2.0
// Rules and their engine, from their files or, when nothing has changed, from a cache of the
// compiled form. The cache may be deleted at any time. It is used only when it was made by this
// very build, with these options, of files with this very content, and when every byte of it is as
// it was written; and even then each number in it is checked. Why and how:
// docs/adr/0007-compiled-rules-cache.md.
#ifndef VIGIE_DETECTION_SIGMA_RULE_CACHE_H
#define VIGIE_DETECTION_SIGMA_RULE_CACHE_H

#include "detection/sigma/engine.h"

struct sigma_rules_from {
    bool bundled;
    const char *const *paths; // files and folders, in this order
    size_t path_count;
    struct sigma_load_options load;
    struct sigma_engine_options engine;
    const char *cache; // a folder from sigma_cache_folder; NULL: without a cache
};

enum sigma_cache_use {
    SIGMA_CACHE_NONE,    // not asked for, or nothing of this kind can be kept
    SIGMA_CACHE_USED,    // rules came from it
    SIGMA_CACHE_WRITTEN, // it was made, for the next time
    SIGMA_CACHE_FAILED,  // it could not be written: see the reason
};

struct sigma_cache_report {
    enum sigma_cache_use use;
    struct err why; // SIGMA_CACHE_FAILED
};

// Both belong to the caller, who destroys the engine first. Rules that cannot be used are among the
// set's refusals. False when a path cannot be read at all; then neither is to be freed. Never fails
// for the cache's sake. report may be NULL.
[[nodiscard]] bool sigma_rules_open(const struct sigma_rules_from *from, struct sigma_set *set,
                                    struct sigma_engine **engine, struct sigma_cache_report *report,
                                    struct err *e);

// The user's folder for caches, $XDG_CACHE_HOME/vigie or ~/.cache/vigie, made (0700) when it is not
// there. False when there can be none that is the user's alone: then go without.
[[nodiscard]] bool sigma_cache_folder(char *out, size_t size);

// The two halves on their own, for tests: what stands in the file behind its sum, without of what
// it was made.
struct buf;
[[nodiscard]] bool sigma_cache_encode(struct sigma_set *set, struct sigma_engine *engine,
                                      struct buf *rules, struct buf *later);
// set: initialised. Both are borrowed. False: set is as it was, *engine NULL.
[[nodiscard]] bool sigma_cache_decode(struct slice rules, struct slice later,
                                      const struct sigma_engine_options *options,
                                      struct sigma_set *set, struct sigma_engine **engine);

#endif
