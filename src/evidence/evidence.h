// SPDX-License-Identifier: Apache-2.0
// Walks the evidence: files, folders, and what is inside archives, without unpacking to disk.
// Everything met is named: what is read, and what is not, with the reason. Nothing is changed:
// files are opened read-only (O_NOATIME where allowed).
//
// A walk is a pull iterator over items in a fixed order (arguments in their order, folder entries
// by byte order of their names, members of an archive in the archive's order). Each item is read
// once, front to back, as a stream: that is how it is hashed and how readers get it. Nothing of an
// item is kept in memory but the caller's buffer.
#ifndef VIGIE_EVIDENCE_EVIDENCE_H
#define VIGIE_EVIDENCE_EVIDENCE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/time.h"

enum evidence_kind {
    EVIDENCE_EVTX,
    EVIDENCE_ARCHIVE, // a container; its members follow as items of their own
    EVIDENCE_EMPTY,   // 0 bytes
    EVIDENCE_OTHER,   // not recognised (kind_text says what the content looks like)
    EVIDENCE_UNREADABLE,
    EVIDENCE_SKIPPED, // not looked into: a loop, a device, our own output, a limit
};

struct evidence_limits {
    uint32_t max_archive_depth; // archives in archives; default 4
    uint64_t max_member_bytes;  // uncompressed size of one member; default 64 GiB
    uint64_t max_archive_bytes; // uncompressed bytes of one outermost archive; default 256 GiB
    uint32_t max_ratio; // uncompressed : compressed, once past 64 MiB; default 1100 (deflate's own
                        // limit is 1032)
    uint64_t max_nested_bytes; // an archive inside an archive that must be held in memory to be
                               // read (7z, zip); default 64 MiB
    uint64_t max_items;        // files and members in all; default 10 million
    uint32_t max_folder_depth; // default 128
};

struct evidence_item {
    struct slice path; // as given, below the argument; members of archives after '!':
                       // "logs.zip!PC-1/Security.evtx"
    enum evidence_kind kind;
    const char
        *kind_text; // "Windows event log", "ZIP archive", "PDF document", "text" …; never NULL
    uint64_t
        size; // bytes, uncompressed; for members known only after reading when size_known is false
    bool size_known;
    vtime modified;      // 0 when not known
    struct slice reason; // why it is not read or only partly read; empty otherwise
};

struct evidence_walk;

// paths: what the user named. skip_dir: an output folder that is not to be read as evidence, or
// NULL.
struct evidence_walk *evidence_walk_create(const char *const *paths, size_t path_count,
                                           const char *skip_dir,
                                           const struct evidence_limits *limits); // NULL: defaults
// A walk over one file that is in memory (borrowed), named so in the items' paths.
struct evidence_walk *evidence_walk_create_memory(struct slice name, struct slice bytes,
                                                  const struct evidence_limits *limits);
void evidence_walk_destroy(struct evidence_walk *w); // takes NULL

// The next item; false at the end. The item and its slices live until the next call. Whatever of
// the item before was not read is skipped.
bool evidence_walk_next(struct evidence_walk *w, struct evidence_item *item);
// Reads on in the current item (any kind but UNREADABLE and SKIPPED): up to capacity bytes, fills
// the buffer unless the item ends. *got == 0: the end. False: the rest cannot be read (e says why;
// what came before stands). A file that shrinks while it is read just ends early.
[[nodiscard]] bool evidence_walk_read(struct evidence_walk *w, uint8_t *buffer, size_t capacity,
                                      size_t *got, struct err *e);
// Total bytes on disk of all that was named (for progress), and bytes of it consumed so far. The
// total is counted by a quick walk of its own.
uint64_t evidence_count_bytes(const char *const *paths, size_t path_count, const char *skip_dir);
uint64_t evidence_walk_consumed(const struct evidence_walk *w);

// What the first bytes of a file say it is (at least 512 bytes where there are so many). Never
// NULL.
const char *evidence_content_text(struct slice head);

#endif
