// SPDX-License-Identifier: Apache-2.0
// What a record of the registry is made of: one table, from which the forms, the filters, the
// columns of exports and the codebook are made. A kind of record has groups; a group has fields.
#ifndef VIGIE_OBSERVATORY_MODEL_SCHEMA_H
#define VIGIE_OBSERVATORY_MODEL_SCHEMA_H

#include "base/slice.h"

enum value_kind {
    VALUE_LINE,      // a line of text
    VALUE_TEXT,      // paragraphs
    VALUE_DATE,      // YYYY, YYYY-MM or YYYY-MM-DD; see struct value's precision
    VALUE_TERM,      // a code of the field's vocabulary
    VALUE_COUNTRY,   // ISO 3166-1 alpha-2, or a code of vocabulary_regions ("EU", "other", "unknown")
    VALUE_TECHNIQUE, // ATT&CK id: T1566 or T1566.001
    VALUE_URL,       // http or https
    VALUE_NUMBER,    // a whole number
    VALUE_HASH,      // SHA-256, 64 hexadecimal digits
    VALUE_RECORD,    // id of another record
};

struct vocabulary_term {
    const char *code;       // stable; what is stored and exported
    const char *label;      // English, translated by text()
    const char *definition; // English; may be ""
};

struct vocabulary {
    const char *name;
    const char *label;
    const char *source; // where the terms come from, or ""
    const struct vocabulary_term *terms;
    size_t count;
};

struct schema_field {
    const char *name;  // stable
    const char *label; // English, for people
    const char *definition;
    enum value_kind kind;
    const struct vocabulary *vocabulary; // VALUE_TERM; else NULL
    bool many;                           // several values hold at once
    bool filter;                         // a filter of the lists; indexed
    bool double_coded;                   // two people code it independently
    bool required;                       // to be published
};

struct schema_group {
    const char *name; // "" for the fields of the record itself
    const char *label;
    const char *definition;
    bool repeated; // several items: claims, targets, sources …
    const struct schema_field *fields;
    size_t count;
};

struct schema_kind {
    const char *name;   // "incident", "conduct", "place", "advisory"
    const char *label;  // "Incident"
    const char *plural; // "Incidents"
    const char *prefix; // of ids: "I" gives I-000123
    const struct schema_group *groups;
    size_t count;
};

// Raised whenever a table changes; an incident's revision says which version coded it.
#define CODEBOOK_VERSION "1.0"

const struct schema_kind *schema_kinds(size_t *count);
const struct schema_kind *schema_kind_find(struct slice name);
const struct schema_kind *schema_kind_by_prefix(struct slice id);
// Index of the group or field, or -1. group "" is the record's own.
int schema_group_find(const struct schema_kind *k, const char *name);
int schema_field_find(const struct schema_group *g, const char *name);
const struct vocabulary *const *schema_vocabularies(size_t *count);
const struct vocabulary *vocabulary_find(const char *name);
const struct vocabulary_term *vocabulary_term_find(const struct vocabulary *v, struct slice code);

#endif
