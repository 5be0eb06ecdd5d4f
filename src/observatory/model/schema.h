// SPDX-License-Identifier: Apache-2.0
// What a record of the registry is made of: one table, from which the forms, the filters, the
// columns of exports and the codebook are made. A kind of record has groups; a group has fields.
#ifndef VIGIE_OBSERVATORY_MODEL_SCHEMA_H
#define VIGIE_OBSERVATORY_MODEL_SCHEMA_H

#include "base/slice.h"

enum value_kind {
    VALUE_LINE,    // a line of text
    VALUE_TEXT,    // paragraphs
    VALUE_DATE,    // YYYY, YYYY-MM or YYYY-MM-DD; see struct value's precision
    VALUE_TERM,    // a code of the field's vocabulary
    VALUE_COUNTRY, // ISO 3166-1 alpha-2, or a code of vocabulary_regions ("EU", "other", "unknown")
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
    const struct vocabulary *vocabulary; // VALUE_TERM; else NULL
    const char *filter_name; // where it differs from name: "target-country"; see schema_filter_name
    enum value_kind kind;
    bool many;         // several values hold at once
    bool filter;       // a filter of the lists; indexed
    bool double_coded; // two people code it independently
    bool required;     // to be published
};

struct schema_group {
    const char *name; // "" for the fields of the record itself
    const char *one;  // of a single item: "target"
    const char *label;
    const char *one_label; // "Target"
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
    const char *path;   // of its pages and addresses: "/incidents"
    const struct schema_group *groups;
    size_t count;
};

// Raised whenever a table changes; an incident's revision says which version coded it.
#define CODEBOOK_VERSION "1.0"

// A filter of lists: a field marked as such, or one that is derived from dates and criteria.
struct schema_filter {
    const char *name; // "type", "target-country", "year", …
    const char *label;
    enum value_kind kind;
    const struct vocabulary *vocabulary; // or NULL
};
enum { SCHEMA_MAX_FILTERS = 48 };

const struct schema_kind *schema_kinds(size_t *count);
const struct schema_kind *schema_kind_find(struct slice name);
const struct schema_kind *schema_kind_by_prefix(struct slice id);
const struct schema_kind *schema_kind_by_path(struct slice path);
static inline const char *schema_kind_path(const struct schema_kind *k)
{
    return k ? k->path : NULL;
}
// Index of the group or field, or -1. group "" is the record's own.
int schema_group_find(const struct schema_kind *k, const char *name);
int schema_field_find(const struct schema_group *g, const char *name);
static inline const char *schema_filter_name(const struct schema_field *f)
{
    return f->filter_name ? f->filter_name : f->name;
}
// The language in which a field's texts are written, where the schema says so: "fr" for those whose
// names end in "-fr", "en" for those which have such a sibling; NULL for all others.
const char *schema_field_language(const struct schema_group *g, const struct schema_field *f);
// All filters of a kind (NULL: of all kinds), each name once; returns how many.
size_t schema_filters(const struct schema_kind *k, struct schema_filter out[SCHEMA_MAX_FILTERS]);
bool schema_filter_find(const struct schema_kind *k, struct slice name, struct schema_filter *out);
const struct vocabulary *const *schema_vocabularies(size_t *count);
const struct vocabulary *vocabulary_find(const char *name);
const struct vocabulary_term *vocabulary_term_find(const struct vocabulary *v, struct slice code);

#endif
