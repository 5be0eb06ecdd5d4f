// SPDX-License-Identifier: Apache-2.0
// The members of one archive, one after the other, through libarchive: nothing is written to disk,
// and names are only ever shown, never used as paths.
#ifndef VIGIE_EVIDENCE_MEMBERS_H
#define VIGIE_EVIDENCE_MEMBERS_H

#include "base/err.h"
#include "base/slice.h"
#include "base/time.h"
#include "evidence/evidence.h"

struct members;

// Where the bytes of an archive come from: a file, memory, or the current member of another archive
// (read once, no seeking).
struct byte_source {
    int fd; // -1 when not a file
    struct slice memory;
    struct members *parent; // or NULL
    uint64_t size;          // of a file
};

// Up to capacity bytes at offset; 0 at the end; -1 with e filled. With a parent the offset must
// follow what was read.
ptrdiff_t byte_source_read(const struct byte_source *s, uint64_t offset, uint8_t *buffer,
                           size_t capacity, struct err *e);

// What one outermost archive may cost, kept over all archives inside it.
struct budget {
    const struct evidence_limits *limits;
    uint64_t on_disk;  // bytes of the outermost archive
    uint64_t consumed; // bytes of it read for its members
    uint64_t produced; // bytes that came out, at all depths
};

enum member_type { MEMBER_FILE, MEMBER_FOLDER, MEMBER_LINK, MEMBER_SPECIAL };

struct member {
    struct slice name; // UTF-8, cleaned, never empty; hostile all the same
    enum member_type type;
    struct slice target; // of a link
    uint64_t size;
    bool size_known;
    bool encrypted;
    vtime modified; // 0 when not known
};

enum member_result {
    MEMBER_FOUND,
    MEMBER_END,
    MEMBER_DAMAGED, // no more can be read; the error says why
};

// name: what the only member of a compressed file is to be called (copied, not empty). counted:
// what is read counts against the budget (a second reading of the same archive does not). The
// source and the budget are borrowed. NULL: cannot be opened.
struct members *members_open(const struct byte_source *source, struct slice name,
                             struct budget *budget, bool counted, struct err *e);
void members_close(struct members *m); // takes NULL
// The next member; what is left of the one before is skipped. The member's slices live until the
// next call.
enum member_result members_next(struct members *m, struct member *out, struct err *e);
// Members passed so far (the current one included).
uint64_t members_index(const struct members *m);
// Reads on in the current member; *got == 0: its end. False: the rest of the member cannot be read.
[[nodiscard]] bool members_read(struct members *m, uint8_t *buffer, size_t capacity, size_t *got,
                                struct err *e);

#endif
