// SPDX-License-Identifier: Apache-2.0
// What the makers of STIX objects share; for this folder only.
#ifndef VIGIE_OBSERVATORY_EXCHANGE_STIX_INTERNAL_H
#define VIGIE_OBSERVATORY_EXCHANGE_STIX_INTERNAL_H

#include "observatory/exchange/json_values.h"
#include "observatory/exchange/stix.h"

// Ours (a random UUID, version 4), for ids that stay the same from export to export.
#define STIX_NAMESPACE "5e1f6c4a-9a3d-4d0e-8b55-2f4f6f7a1c90"

// What one record's objects are made with.
struct stix {
    const struct revision *meta;
    const struct record *record;
    const struct export_options *options;
    struct arena *arena;
    struct stix_seen *seen; // shared objects that need not be made again
    struct map own;         // ids of the record's own objects, which are made once
    ARRAY_OF(struct stix_object) objects;
    const char *created, *modified; // of the record's own objects
    const char *identity, *marking, *extension;
};

// "type--uuid" for what is named by two texts.
const char *stix_id(struct stix *x, const char *type, const char *what, struct slice name);
const char *stix_time(struct arena *a, vtime t);
json_t *stix_new(const char *type, const char *id);
// created, modified, author and marking of an object of the registry's own.
void stix_common(struct stix *x, json_t *object, bool shared);
// Keeps a finished object; takes the reference.
void stix_add(struct stix *x, json_t *object);

// The id of the TLP marking of a code; TLP:CLEAR for none.
const char *stix_marking(struct slice code);
bool stix_is_country(struct slice code);
// Objects that records share: the same bytes each time, made unless they were seen. Those that name
// one give its id.
void stix_add_identity(struct stix *x);
void stix_add_marking(struct stix *x, const char *id);
void stix_add_extension(struct stix *x);
const char *stix_add_target(struct stix *x, struct slice name);
const char *stix_add_location(struct stix *x, struct slice country);
const char *stix_add_technique(struct stix *x, struct slice technique);

#endif
