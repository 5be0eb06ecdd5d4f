// SPDX-License-Identifier: Apache-2.0
// What the makers of STIX objects share; for this folder only.
#ifndef VIGIE_OBSERVATORY_EXCHANGE_STIX_INTERNAL_H
#define VIGIE_OBSERVATORY_EXCHANGE_STIX_INTERNAL_H

#include "observatory/exchange/json_values.h"
#include "observatory/exchange/stix.h"

// Ours (a random UUID, version 4), for ids that stay the same from export to export.
#define STIX_NAMESPACE "5e1f6c4a-9a3d-4d0e-8b55-2f4f6f7a1c90"

// One thing that a record says, as an object of its own, through the record's public revisions.
// Revoking is permanent (STIX 2.1, section 3.2): what comes back later gets another id.
struct stix_life {
    const char *id;      // of this life
    const char *created; // the first version's time
    struct slice last;   // the last version that stands, as JSON; empty: none does
    unsigned number;     // of this life, from 0
    bool revoked;
    uint32_t revision; // the last one that was asked for it
    bool made;         // in that one
};

// What one record's objects are made with.
struct stix {
    const struct revision *meta;
    const struct record *record;
    const struct export_options *options;
    struct arena *arena;
    struct stix_seen *seen; // shared objects that need not be made again
    struct map own;         // by id in their first life: struct stix_life
    ARRAY_OF(struct stix_life *) lives;
    ARRAY_OF(struct stix_object) objects;
    vtime at;             // of the revision's versions
    const char *modified; // the same, as text
    const char *identity, *marking, *extension;
};

// "type--uuid" for what is named by two texts.
const char *stix_id(struct stix *x, const char *type, const char *what, struct slice name);
const char *stix_time(struct arena *a, vtime t);
json_t *stix_new(const char *type, const char *id);
// An object that records share: it keeps its first version for good.
json_t *stix_new_shared(struct stix *x, const char *type, const char *id);
// Keeps a finished object; takes the reference. life: of a record's own object; else NULL.
void stix_add(struct stix *x, json_t *object, struct stix_life *life);

// The record's own object that is named by two texts, as of the revision at hand.
struct stix_life *stix_life(struct stix *x, const char *type, const char *what, struct slice name);
// An object of that id with its times, author and marking.
json_t *stix_new_own(struct stix *x, const char *type, const struct stix_life *life);
// All objects of x->meta and x->record, which STIX has a place for.
void stix_make(struct stix *x);

// The id of the TLP marking of a code; TLP:CLEAR for none.
const char *stix_marking(struct slice code);
bool stix_is_country(struct slice code);
// Objects that records share: the same bytes each time, made unless they were seen. Those that name
// one give its id.
void stix_add_identity(struct stix *x);
void stix_add_marking(struct stix *x, const char *id);
void stix_add_extension(struct stix *x);
const char *stix_add_location(struct stix *x, struct slice country);
const char *stix_add_technique(struct stix *x, struct slice technique);

#endif
