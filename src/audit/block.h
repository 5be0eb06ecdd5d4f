// SPDX-License-Identifier: Apache-2.0
// A block: a run of whole chunks of one log, and what was found in it. The unit of work of a
// thread.
#ifndef VIGIE_AUDIT_BLOCK_H
#define VIGIE_AUDIT_BLOCK_H

#include "audit/audit.h"
#include "base/array.h"
#include "base/sha256.h"
#include "reader/evtx/evtx.h"

enum {
    BLOCK_CHUNKS = 16,      // 1 MiB: large enough to hand over, small enough to keep many under way
    BLOCK_MAX_DAMAGES = 64, // messages kept of one block; all are counted
    BLOCK_MAX_LOGS =
        4096, // hosts × channels told apart in one block; hostile logs could have one per event
};

// One rule that one event matched.
struct block_hit {
    uint32_t rule;
    bool finding;                 // a finding of its own
    bool base;                    // correlations stand on it
    struct finding_field *fields; // that matched
    size_t field_count;
    struct finding_field *base_fields; // that the correlations need
    size_t base_field_count;
};

struct block_event {
    struct finding_event event;
    size_t first_hit, hit_count;
};

struct block_log {
    struct slice host, channel;
    uint64_t events;
    vtime first, last;
    uint64_t first_record, last_record; // 0, 0: none has a number
};

struct block_damage {
    uint64_t offset;
    bool doubtful; // read all the same
    struct slice message;
};

struct block_file; // audit.c's own: the file this block belongs to

struct block {
    uint8_t *bytes; // BLOCK_CHUNKS * EVTX_CHUNK_SIZE
    size_t len;
    uint64_t offset; // of the first byte in the file
    bool no_crc32;
    struct block_file *file;
    bool begins, ends; // first and last of its file (a file without events has one empty block)
    size_t head_len;   // bytes of the file before its chunks, in the block that begins it
    bool to_hash;      // block_hash is to go over the file
    struct sha256_digest hash; // of the whole file, in the block that ends it
    uint8_t head[EVTX_HEADER_SIZE];

    struct arena arena; // holds all slices below
    ARRAY_OF(struct block_event) events;
    ARRAY_OF(struct block_hit) hits;
    ARRAY_OF(struct block_log) logs;
    ARRAY_OF(struct block_damage) damages;
    uint64_t event_count;
    uint64_t damage_count; // places that could not be read
    uint64_t doubt_count;  // places whose checksums are wrong, but which were read all the same
};

// Fields in which an event may name its account.
enum account_field {
    FIELD_USER,
    FIELD_TARGET_DOMAIN,
    FIELD_TARGET_USER,
    FIELD_SUBJECT_DOMAIN,
    FIELD_SUBJECT_USER,
    FIELD_ACCOUNT_NAME,
    FIELD_USER_NAME,
    FIELD_SID,
    ACCOUNT_FIELDS,
    NO_FIELD = ACCOUNT_FIELDS,
};

// Their numbers in a shape, found with its first finding.
struct account_fields {
    bool known;
    uint32_t first[ACCOUNT_FIELDS]; // of that name
};

// What one thread needs to work on blocks.
struct block_worker {
    const struct audit_options *options;
    const struct sigma_set *rules;
    struct evtx_reader *reader;
    struct sigma_matcher *matcher;
    struct buf scratch;
    ARRAY_OF(struct account_fields) accounts; // by shape
};

void block_init(struct block *b);
void block_free(struct block *b);
// Forgets results and input.
void block_reset(struct block *b);
void block_worker_init(struct block_worker *w, const struct audit_options *options,
                       const struct sigma_set *rules, const struct sigma_engine *engine);
void block_worker_free(struct block_worker *w);
// Adds the block's bytes to the running hash of its file, and ends it with the file. Blocks must
// come in their order.
void block_hash(struct block *b, struct sha256 *running);
// Reads and matches all chunks of the block; fills in its results.
void block_work(struct block *b, struct block_worker *w);

#endif
