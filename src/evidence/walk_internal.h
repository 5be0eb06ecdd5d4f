// SPDX-License-Identifier: Apache-2.0
// What the parts of the walk share: walk.c goes through arguments and folders, walk_item.c reads
// and tells the item at hand, walk_archive.c goes through archives.
#ifndef VIGIE_EVIDENCE_WALK_INTERNAL_H
#define VIGIE_EVIDENCE_WALK_INTERNAL_H

#include "base/array.h"
#include "base/buf.h"
#include "evidence/content.h"
#include "evidence/evidence.h"
#include "evidence/folder.h"
#include "evidence/members.h"

// One archive that is being gone through.
struct layer {
    struct members *members;
    struct members *second; // follows behind members, for large archives inside; or NULL
    struct byte_source source;
    struct buf held; // the archive's bytes, when it is kept in memory
    char *path;      // for people
};

struct evidence_walk {
    struct evidence_limits limits;
    const char *const *paths;
    size_t path_count, next_path;
    dev_t skip_device;
    ino_t skip_inode;
    char *skip_path; // absolute, or NULL
    uint64_t items;
    struct slice memory_name; // of a walk over memory, until it has begun

    ARRAY_OF(struct folder) folders;
    ARRAY_OF(struct layer) layers;
    struct budget budget;

    // The file on disk (or in memory) that is being read.
    struct byte_source file;
    uint64_t file_offset;
    uint64_t done; // bytes of the files before it

    // The current item.
    struct buf path, reason;
    struct buf first; // its bytes read ahead
    size_t first_taken;
    struct members *from; // where more comes from; NULL: the file
    struct err pending;   // to be told after first
    bool streaming;       // more follows after first
    bool descend;         // its members come next
    bool descend_second;  // through a second reader

    bool has_skip_dir;
    bool file_open, file_is_archive;
    bool over;
};

// walk.c
uint64_t walk_file_size(const struct evidence_walk *w);
void walk_close_file(struct evidence_walk *w);

// walk_item.c
void walk_begin_item(struct evidence_walk *w, struct evidence_item *item);
void walk_add_clean(struct buf *b, struct slice s); // as UTF-8
// Reads ahead until first holds limit bytes or the item ends. An error is kept for later.
void walk_read_ahead(struct evidence_walk *w, size_t limit);
// The item's line. Always true, for callers that say whether they told something.
bool walk_emit(struct evidence_walk *w, struct evidence_item *item, enum evidence_kind kind,
               const char *kind_text);
bool walk_emit_reason(struct evidence_walk *w, struct evidence_item *item, enum evidence_kind kind,
                      const char *kind_text, const char *reason);
// The line that its first bytes ask for.
bool walk_emit_content(struct evidence_walk *w, struct evidence_item *item);

// walk_archive.c
// Whether, and how, the members of an archive inside an archive will be reached. Its bytes are read
// ahead for that.
void walk_plan_nested(struct evidence_walk *w, struct content c);
// Opens the current item, an archive. False: an item that says why not was emitted.
bool walk_enter_archive(struct evidence_walk *w, struct evidence_item *item);
// The innermost archive's next member. False: nothing to tell yet.
bool walk_step_archive(struct evidence_walk *w, struct evidence_item *item);
void walk_close_layer(struct layer *l);

#endif
