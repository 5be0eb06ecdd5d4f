// SPDX-License-Identifier: Apache-2.0
// Logs that no public sample has: rare parts of the format, and damage. tests/fixtures/README.md
// says what each shows.
#ifndef VIGIE_TOOLS_FIXTURE_H
#define VIGIE_TOOLS_FIXTURE_H

#include "event.h"
#include "writer.h"

// One log being made in memory.
struct fixture {
    struct arena a;
    struct evtx_writer w;
    uint64_t next; // record number
};

struct fixture_form {
    const char *name;
    void (*make)(struct fixture *f);   // adds records
    void (*damage)(struct buf *bytes); // changes the finished file; NULL: nothing
};

extern const struct fixture_form fixture_texts[]; // ends with a NULL name
extern const struct fixture_form fixture_damages[];

// Writes the fixture of that name; "over-4gib" is a sparse file.
[[nodiscard]] bool fixture_write(const char *name, const char *path, struct err *e);
// Writes all (but over-4gib) into a folder as NAME.evtx.
[[nodiscard]] bool fixture_write_all(const char *folder, struct err *e);

// An event 1 of provider "Fixture" with the given data part; returns nothing: sizes are known to
// fit.
void fixture_add(struct fixture *f, const struct bx_node *root, struct bx_value *values,
                 size_t count, bool user);
// An ordinary event with one field, Note.
void fixture_note(struct fixture *f, const char *note);
void fixture_notes(struct fixture *f, const char *note, unsigned count); // "note 1" …
struct bx_node *fixture_data(struct fixture *f, struct bx_node *parent, const char *name);
uint8_t *fixture_chunk(struct buf *bytes, size_t index);
uint8_t *fixture_record(uint8_t *chunk, size_t index);
// The place of needle within the chunk's records after from; ends the program when absent.
uint8_t *fixture_find(uint8_t *chunk, const void *needle, size_t len, const uint8_t *from);

#endif
