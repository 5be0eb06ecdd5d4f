// SPDX-License-Identifier: Apache-2.0
// The audit: walks the evidence, reads it, matches it, and writes the case. It prints nothing: what
// the user must hear of on the way is handed to a callback.
//
// How it runs. The calling thread walks, reads each item front to back, and cuts logs into blocks
// of whole chunks. Blocks are hashed in their order and worked on in any, by the caller and by the
// other threads alike (base/pool.h), and the caller takes their results back in order, so that the
// case is the same whatever the number of threads. At most a few blocks per thread are under way,
// so memory does not grow with the evidence. A file's rows are written together, and dropped when
// its hash turns out to be that of an earlier file.
#ifndef VIGIE_AUDIT_AUDIT_H
#define VIGIE_AUDIT_AUDIT_H

#include "case/case.h"
#include "detection/sigma/engine.h"
#include "evidence/evidence.h"

#include <stdatomic.h>

enum { AUDIT_MAX_JOBS = 64 };

struct audit_options {
    const char *const *paths;
    size_t path_count;
    const char *output_dir; // not read as evidence
    uint32_t jobs;          // 1 to AUDIT_MAX_JOBS; 1: everything in the calling thread
    enum sigma_level minimum_level;
    vtime since, until; // 0: no bound; since inclusive, until exclusive
    bool recover;
    bool resume; // files whose path and hash stand in the case already are not read again
    bool profile;
};

struct audit_progress {
    uint64_t done_bytes, total_bytes; // of the evidence as it lies on disk
    uint64_t events, findings;
};

struct audit_watcher {
    // Often; must be cheap. NULL where nobody looks: then the evidence is not counted beforehand.
    void (*progress)(void *user, const struct audit_progress *p);
    void (*message)(void *user, const char *text); // a sentence about one file
    void *user;
    const atomic_bool *stop; // set from a signal handler: end soon, with a valid case
};

struct audit_outcome {
    uint64_t events, damaged;
    uint64_t files, files_read; // items met; items that were read at least partly
    bool stopped;               // the user asked to stop: the case can be resumed
    struct sigma_cost *costs;   // one per rule, malloc'ed, only with profile
};

// Runs the audit into an open, writable case. False when the case cannot be written (disk full …).
[[nodiscard]] bool audit_run(const struct audit_options *options, const struct sigma_set *rules,
                             const struct sigma_engine *engine, struct case_file *c,
                             const struct audit_watcher *watcher, struct audit_outcome *out,
                             struct err *e);

#endif
