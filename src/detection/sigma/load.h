// SPDX-License-Identifier: Apache-2.0
// Private to the loader: what stands between reading the texts and sigma_set_finish.
#ifndef VIGIE_DETECTION_SIGMA_LOAD_H
#define VIGIE_DETECTION_SIGMA_LOAD_H

#include "detection/sigma/modifier.h"
#include "detection/sigma/rule.h"
#include "detection/sigma/yaml.h"

enum {
    SIGMA_MAX_FILE_BYTES = 1 << 20,
    SIGMA_MAX_MERGED_NODES = 1000000, // that `action: global` and `repeat` may make of one file
    SIGMA_MAX_REFUSALS = 1000,        // of one file, then the rest of it is not read
    SIGMA_MAX_CHAIN = 32,             // correlations on correlations
    SIGMA_MAX_JOINED = 1000000,       // selections that filters may add in all
    SIGMA_MAX_FOLDER_DEPTH = 32,
};

// The `selection…` and `condition` of a rule or filter.
struct sigma_detection {
    struct sigma_selection *selections;
    size_t selection_count;
    struct sigma_node *condition;
};

// A rule or correlation that was read well, in the order read.
struct sigma_draft {
    struct sigma_rule *rule;
    struct sigma_correlation *correlation; // NULL for a plain rule
    struct sigma_correlation_draft *raw;   // its names, not resolved yet
    uint32_t share; // documents with the same number may share an id; 0: none
    bool wanted;    // by level and status
    bool refused;
    bool resolved;                                    // correlation: bases found
    bool kept;                                        // ends up in the set
    uint32_t depth;                                   // of a chain of correlations
    uint32_t order;                                   // in loader->drafts
    uint32_t position;                                // in set->rules or set->correlations
    struct sigma_filter_link *filters, **filters_end; // joined to it, in the order read
};

struct sigma_alias_draft {
    struct slice alias, base, field;
    uint32_t line;
};

struct sigma_correlation_draft {
    struct slice *names;
    size_t name_count;
    struct sigma_alias_draft *aliases;
    size_t alias_count;
    struct sigma_draft **bases; // found for names
    uint32_t line;
    bool bounds_given;
};

struct sigma_filter {
    struct slice file, title;
    uint32_t line;
    struct slice product, category, service;
    bool any;
    struct slice *rules;
    size_t rule_count;
    size_t weight; // of its selections and condition
    struct sigma_detection detection;
};

struct sigma_filter_link {
    const struct sigma_filter *filter;
    struct sigma_filter_link *next;
};

struct sigma_loader {
    ARRAY_OF(struct sigma_draft *) drafts;
    ARRAY_OF(struct sigma_filter *) filters;
    struct arena scratch; // what `action` makes of the trees of the file being added
    uint32_t last_share;
};

// One file being read.
struct sigma_text {
    struct sigma_set *set;
    struct sigma_loader *loader;
    const struct sigma_load_options *options; // may be NULL
    struct slice file;
    bool bundled;
    struct item_builder builder;
    struct ynode *global;   // accumulated `action: global`
    struct ynode *previous; // for `action: repeat`
    uint32_t share, global_share;
    size_t merge_left;
};

struct sigma_loader *sigma_loader_of(struct sigma_set *set);
void sigma_refuse(struct sigma_set *set, struct slice file, uint32_t line, struct slice title,
                  bool warning, struct slice reason);

// A text's documents, read as YAML and not looked at yet: the part of loading that several files
// can go through at once.
struct sigma_document {
    struct ynode *root;      // NULL: empty
    const struct err *wrong; // it cannot be read; offset is the line
};
struct sigma_documents {
    struct arena arena; // holds all below
    ARRAY_OF(struct sigma_document) list;
    size_t text_len; // the text is not read when it is longer than a file may be
};
void sigma_documents_init(struct sigma_documents *d);
void sigma_documents_free(struct sigma_documents *d);
// Forgets what was there before. text must stay in place until they are added.
void sigma_documents_read(struct sigma_documents *d, struct slice text,
                          const struct sigma_load_options *options);
// As sigma_set_add_text, which does both.
void sigma_set_add_documents(struct sigma_set *set, struct slice file,
                             const struct sigma_documents *d, bool bundled,
                             const struct sigma_load_options *options);

// Files that are read by several threads (options->jobs) and added in their order.
struct load_ahead;
struct load_ahead *load_ahead_create(struct sigma_set *set, bool bundled,
                                     const struct sigma_load_options *options);
// file and text are copied.
void load_ahead_add(struct load_ahead *l, struct slice file, struct slice text);
// A file that cannot be read: its refusal takes its place among the others'.
void load_ahead_refuse(struct load_ahead *l, struct slice file, const struct err *e);
void load_ahead_destroy(struct load_ahead *l); // takes NULL; adds what is still under way

// What stands at a path of rules: files, and the folders that they were found in, each before what
// is in it. Both live during the call alone.
struct stat;
struct sigma_met {
    struct slice path;
    unsigned depth; // below the path that was given
    bool folder;
    const struct stat *stat; // as it was before it was read; NULL with error
    struct slice text;       // of a file that was read
    const struct err *error; // or NULL
};
typedef void sigma_take_met(void *user, const struct sigma_met *met);
// As sigma_walk_rule_files, with the folders. read: false to leave texts empty and files unopened.
[[nodiscard]] bool sigma_walk_met(const char *path, size_t max_file_bytes, bool read,
                                  sigma_take_met *take, void *user, struct err *e);

// Attributes. A missing one leaves *out as it is; one of the wrong kind is an error.
[[nodiscard]] bool attribute_text(struct arena *a, const struct ynode *map, const char *key,
                                  struct slice *out, struct err *e);
// A list of texts, or one text.
[[nodiscard]] bool attribute_list(struct arena *a, const struct ynode *map, const char *key,
                                  struct slice **out, size_t *count, struct err *e);

// Each reads one kind of document (load_rule.c, load_detection.c, load_correlation.c, filter.c).
[[nodiscard]] bool load_attributes(struct sigma_text *t, const struct ynode *doc,
                                   struct sigma_rule *rule, struct err *e);
[[nodiscard]] bool load_logsource(struct sigma_text *t, const struct ynode *doc,
                                  struct slice *product, struct slice *category,
                                  struct slice *service, struct err *e);
// except: a key that is no selection ("rules" in filters), or NULL.
[[nodiscard]] bool load_detection(struct sigma_text *t, const struct ynode *map, const char *except,
                                  struct sigma_detection *out, struct err *e);
[[nodiscard]] bool load_correlation(struct sigma_text *t, const struct ynode *doc,
                                    struct sigma_correlation *c,
                                    struct sigma_correlation_draft *raw, struct err *e);
[[nodiscard]] bool load_filter(struct sigma_text *t, const struct ynode *doc,
                               struct sigma_filter *out, struct err *e);

// At the end.
// The draft that has the id (in any case) or name, or NULL.
struct sigma_draft *sigma_draft_named(struct sigma_set *set, const struct map *names,
                                      struct slice name);
void sigma_filters_join(struct sigma_set *set, const struct map *names);
void sigma_correlations_resolve(struct sigma_set *set, const struct map *names);

#endif
