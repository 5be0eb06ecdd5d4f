// SPDX-License-Identifier: Apache-2.0
// Sigma rules as data: what the loader makes of YAML and what the engine compiles. Specification:
// Sigma 2.1.0; what is matched exactly: docs/sigma.md. All memory belongs to the set's arena;
// nothing changes after loading.
#ifndef VIGIE_DETECTION_SIGMA_RULE_H
#define VIGIE_DETECTION_SIGMA_RULE_H

#include "base/array.h"
#include "base/err.h"
#include "base/map.h"
#include "base/sha256.h"

enum sigma_level {
    SIGMA_INFORMATIONAL,
    SIGMA_LOW,
    SIGMA_MEDIUM,
    SIGMA_HIGH,
    SIGMA_CRITICAL,
    SIGMA_LEVEL_COUNT,
};

enum sigma_status {
    SIGMA_STATUS_NONE, // the rule gives none
    SIGMA_STABLE,
    SIGMA_TEST,
    SIGMA_EXPERIMENTAL,
    SIGMA_DEPRECATED,
    SIGMA_UNSUPPORTED,
    SIGMA_STATUS_COUNT,
};

// A pattern is a row of tokens; wildcards are tokens, never characters in the text.
enum sigma_token_kind {
    SIGMA_LITERAL,
    SIGMA_ANY_ONE, // ?
    SIGMA_ANY_RUN, // *
};

struct sigma_token {
    enum sigma_token_kind kind;
    struct slice text; // of a literal: UTF-8; case-folded (utf_fold) unless the test is cased
};

enum sigma_test_kind {
    SIGMA_PATTERN,   // tokens; startswith/endswith/contains have become SIGMA_ANY_RUN tokens at the
                     // ends
    SIGMA_INTEGER,   // a plain YAML integer: equal as text, or as a number (docs/sigma.md)
    SIGMA_REGEX,     // PCRE2, unanchored
    SIGMA_CIDR,      // address range
    SIGMA_COMPARE,   // lt lte gt gte
    SIGMA_IS_NULL,   // absent or null
    SIGMA_EXISTS,    // wanted says which
    SIGMA_FIELDREF,  // compare with another field
    SIGMA_TIME_PART, // minute hour day week month year
    SIGMA_NEVER,     // cannot match (kept so that explanations can name it)
};

enum sigma_compare {
    SIGMA_EQ,
    SIGMA_LT,
    SIGMA_LTE,
    SIGMA_GT,
    SIGMA_GTE,
    SIGMA_NEQ,
};

enum sigma_anchor {
    SIGMA_WHOLE,
    SIGMA_STARTS,
    SIGMA_ENDS,
    SIGMA_CONTAINS,
};

enum sigma_time_part {
    SIGMA_MINUTE,
    SIGMA_HOUR,
    SIGMA_DAY,
    SIGMA_WEEK,
    SIGMA_MONTH,
    SIGMA_YEAR,
};

struct sigma_test {
    enum sigma_test_kind kind;
    bool cased;               // pattern, fieldref
    bool wanted;              // exists
    enum sigma_compare op;    // compare, time part
    enum sigma_anchor anchor; // fieldref
    enum sigma_time_part part;
    struct sigma_token *tokens; // pattern
    size_t token_count;
    struct slice text; // regex; fieldref: the other field's name; integer: its source text
    bool flag_i, flag_m, flag_s; // regex
    int64_t integer;             // integer, time part
    double number;               // compare
    uint8_t address[16];         // cidr: network order; IPv4 in the first 4 bytes
    uint8_t prefix_bits;
    bool v6;
};

// One value of an item, as written, and the tests it stands for: the value holds when one of them
// does (windash, base64offset make several).
struct sigma_value {
    struct slice source; // as in the rule, for explanations
    struct sigma_test *tests;
    size_t test_count;
};

// `field|modifiers: values`. Holds when one value holds (all of them with `all`); then negated by
// neq.
struct sigma_item {
    struct slice field;  // spaces removed; empty: keywords, any value of the event
    struct slice source; // `field|modifiers` as in the rule
    bool all;
    bool negated;
    struct sigma_value *values;
    size_t value_count;
    uint32_t line;
};

// AND of items.
struct sigma_group {
    struct sigma_item *items;
    size_t item_count;
};

// OR of groups.
struct sigma_selection {
    struct slice name;
    struct sigma_group *groups;
    size_t group_count;
    uint32_t line;
};

enum sigma_node_kind {
    SIGMA_NODE_SELECTION,
    SIGMA_NODE_NOT, // left only
    SIGMA_NODE_AND,
    SIGMA_NODE_OR,
    SIGMA_NODE_FALSE, // `1 of them` of nothing
    SIGMA_NODE_TRUE,
};

// A condition: `of` is already expanded, several conditions are joined by OR, filters by AND.
struct sigma_node {
    enum sigma_node_kind kind;
    uint32_t selection; // index into the rule's selections
    struct sigma_node *left, *right;
};

// Value transforms of stand-in events (docs/sigma.md, "Logsource").
enum sigma_transform {
    SIGMA_AS_IS,
    SIGMA_HEX_TO_DECIMAL,
    SIGMA_INTEGRITY_LEVEL,
    SIGMA_DOMAIN_USER,   // source "SubjectDomainName\SubjectUserName": two fields, names in source
                         // and source2
    SIGMA_REGISTRY_PATH, // source ObjectName, source2 ObjectValueName
    SIGMA_INITIATED,
    SIGMA_PROTOCOL,
    SIGMA_REGISTRY_OPERATION,
};

struct sigma_alias {
    struct slice name;            // as rules write it
    struct slice source, source2; // the event's own fields
    enum sigma_transform transform;
};

// One way in which an event can answer a logsource. A rule applies to an event when one of its
// logsource's sources admits it: channel, provider and event id must each be in the list (an empty
// list admits all). Channels and providers compare case-insensitively (ASCII).
struct sigma_source {
    struct slice *channels;
    size_t channel_count;
    struct slice *providers;
    size_t provider_count;
    uint32_t *event_ids;
    size_t event_id_count;
    // Fields that must have given values, e.g. EventType of Sysmon 12: alternatives of one field;
    // may be empty.
    struct sigma_item *conditions;
    size_t condition_count;
    const struct sigma_alias *aliases; // stand-in events only
    size_t alias_count;
    bool stand_in; // names without an alias are absent (System fields and the event's own id
                   // excepted)
};

struct sigma_rule {
    uint32_t index; // in the set
    struct slice id, name, title, description, author, date, license;
    struct slice file; // as the user gave it; "(bundled)/windows/…" for our own
    uint32_t line;     // where the rule begins
    enum sigma_level level;
    enum sigma_status status;
    struct slice *tags, *references, *false_positives;
    size_t tag_count, reference_count, false_positive_count;
    struct slice *techniques; // "T1059.001" out of the tags
    size_t technique_count;
    struct slice meaning, next; // the custom key `vigie`
    struct slice product, category, service;
    struct sigma_source *sources;
    size_t source_count;                // 0: not applicable to Windows event logs
    struct slice not_applicable;        // why, when source_count is 0
    struct sigma_selection *selections; // these three: sigma_set_rule
    size_t selection_count;
    struct sigma_node *condition;
    bool bundled;
    bool silent; // only the base of a correlation: its matches are no findings of their own
    bool needed_by_correlation;
    struct slice
        *correlation_fields; // that correlations read of it; filled in by sigma_engine_create
    size_t correlation_field_count;
};

enum sigma_correlation_type {
    SIGMA_EVENT_COUNT,
    SIGMA_VALUE_COUNT,
    SIGMA_TEMPORAL,
    SIGMA_TEMPORAL_ORDERED,
    SIGMA_VALUE_SUM,
    SIGMA_VALUE_AVG,
    SIGMA_VALUE_PERCENTILE,
    SIGMA_VALUE_MEDIAN,
};

struct sigma_bound {
    enum sigma_compare op;
    double number;
};

struct sigma_group_alias {
    struct slice alias; // as in group-by
    uint32_t base;      // index into bases
    struct slice field; // the field of that base
};

// A correlation is a rule too (id, title, level … in `rule`, which has no selections and no
// sources).
struct sigma_correlation {
    struct sigma_rule *rule;
    enum sigma_correlation_type type;
    // Rules it stands on, in the order written: base < rule_count is a rule, else the correlation
    // base - rule_count.
    uint32_t *bases;
    size_t base_count;
    struct slice *group_by;
    size_t group_by_count;
    struct sigma_group_alias *aliases;
    size_t alias_count;
    uint64_t timespan; // 100 ns
    struct sigma_bound bounds[2];
    size_t bound_count;
    struct slice *fields; // condition's `field`
    size_t field_count;
    double percentile; // value_percentile
    bool generate;
};

// A rule or file that could not be loaded, or something worth knowing about one that was.
struct sigma_refusal {
    struct slice file;
    uint32_t line;
    struct slice title; // may be empty
    struct slice reason;
    bool warning; // loaded all the same
};

struct sigma_set {
    struct arena arena;
    ARRAY_OF(struct sigma_rule *) rules; // plain rules; index == position
    ARRAY_OF(struct sigma_correlation *) correlations;
    ARRAY_OF(struct sigma_refusal) refusals;
    size_t file_count;
    size_t filter_count;
    size_t left_out_count; // rules below the minimum level or with a status that was not chosen
    struct map by_id;      // id and name to rule, private to the loader
    void *loader;          // private to the loader
    struct sigma_unread *unread; // private to the cache; NULL: everything is there
    struct sha256_digest digest; // private to the cache, with unread: see sigma_set_digest
    struct sha256_digest files;  // of the files' SHA-256, from sigma_rules_open; else zeros
};

struct sigma_load_options {
    enum sigma_level minimum_level;
    bool with_deprecated;  // load deprecated and unsupported rules too
    uint32_t statuses;     // which to load, bits 1 << enum sigma_status; 0: all but deprecated and
                           // unsupported
    size_t max_file_bytes; // 0: default (1 MiB)
    uint32_t jobs;         // threads that read; 0: one
};

void sigma_set_init(struct sigma_set *set);
void sigma_set_free(struct sigma_set *set);
// Adds one YAML text (one or more documents). What cannot be loaded is added to refusals with the
// reason; never fails as a whole. file is copied.
void sigma_set_add_text(struct sigma_set *set, struct slice file, struct slice text, bool bundled,
                        const struct sigma_load_options *options);
// Adds a file or all *.yml, *.yaml below a folder (sorted by name, links not followed). False when
// path cannot be read at all.
[[nodiscard]] bool sigma_set_add_path(struct sigma_set *set, const char *path,
                                      const struct sigma_load_options *options, struct err *e);
// Calls take for each rule file at path, in the order in which sigma_set_add_path adds them: with
// its text, or with e when it cannot be read. The slices live during the call. False when path
// cannot be read at all. max_file_bytes 0: default.
typedef void sigma_rule_file(void *user, struct slice path, struct slice text, const struct err *e);
[[nodiscard]] bool sigma_walk_rule_files(const char *path, size_t max_file_bytes,
                                         sigma_rule_file *take, void *user, struct err *e);
// Adds the rules built into the program.
void sigma_set_add_bundled(struct sigma_set *set, const struct sigma_load_options *options);
// Resolves correlations and filters across all that was added, refuses duplicate ids, finds each
// rule's sources. Call once.
void sigma_set_finish(struct sigma_set *set, const struct sigma_load_options *options);

// A rule with all that belongs to it. Of a set from the cache there is at first only what matching
// needs: index, level, silent, needed_by_correlation, correlation_fields, bundled and sources; the
// rest is read when a rule is first asked for here. Threads may call it at once.
const struct sigma_rule *sigma_set_rule(const struct sigma_set *set, size_t rule);
// Tells sets of other rules apart: over ids, titles and files of all and, of a set from
// sigma_rules_open, what stands in these.
struct sha256_digest sigma_set_digest(const struct sigma_set *set);
void sigma_unread_destroy(struct sigma_unread *unread); // for sigma_set_free

const char *sigma_level_name(enum sigma_level level);
[[nodiscard]] bool sigma_level_parse(struct slice text, enum sigma_level *out);
const char *sigma_status_name(enum sigma_status status);
// "test,stable": names of statuses, "none" for rules without one. False with the word that is none
// of them.
[[nodiscard]] bool sigma_statuses_parse(struct slice text, struct sigma_load_options *out,
                                        struct err *e);
// Where the user's own rules are kept: $XDG_DATA_HOME/vigie/rules, or ~/.local/share/vigie/rules.
// False when neither is known.
[[nodiscard]] bool sigma_user_rules_dir(char *out, size_t size);

#endif
