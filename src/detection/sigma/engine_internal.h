// SPDX-License-Identifier: Apache-2.0
// What a compiled set of rules consists of (shared by engine*.c, matcher*.c, explain.c).
#ifndef VIGIE_DETECTION_SIGMA_ENGINE_INTERNAL_H
#define VIGIE_DETECTION_SIGMA_ENGINE_INTERNAL_H

#include "detection/sigma/engine.h"
#include "detection/sigma/field_tests.h"

// A field as rules name it, with all tests that any rule makes on it. Number 0 is the keywords'
// field, without a name.
struct engine_field {
    uint32_t number;
    struct slice name;
    struct field_tests tests;
};

// How a field of a rule is read from an event.
struct reading {
    struct slice source, source2; // names in the event; source2 for transforms that join two
    enum sigma_transform transform;
    bool system_only; // stand-in events: only System's own fields
    bool all_values;  // keywords
};

// A field read in one way: rules of different logsources share it when they read alike. Its bits
// are its own.
struct engine_key {
    uint32_t self; // its number
    uint32_t field;
    struct reading reading;
    uint32_t first_bit, first_lazy;
    enum key_constant {
        KEY_VARIES,
        KEY_EVENT_ID, // known from event_system, the same for all events of a binding
        KEY_CHANNEL,
        KEY_PROVIDER,
    } constant;
};

// An event field's name leads to the keys that read it.
struct name_use {
    uint32_t key;
    bool second; // as source2
};
struct name_uses {
    ARRAY_OF(struct name_use) uses;
};

// Logsources that admit the same events and read them alike.
struct engine_class {
    const struct sigma_source *source;
    uint32_t first_variant, variant_count;
    uint32_t *keys; // by field number: key + 1, 0 when no rule of the class has the field
};

// One step of a condition: test, then go on at yes or no. Steps only lead forward.
struct engine_step {
    uint32_t key;
    uint32_t what; // a bit, with STEP_ASK when it must be asked for; or STEP_ANY and where its
                   // masks begin; or STEP_LAZY and the number of a test
    uint32_t yes, no;
};

// Long lists of values are one step: whether any of their bits is set.
struct bit_mask {
    uint64_t bits;
    uint32_t word; // of the event's bits
    uint32_t last; // 1: of its step
};
#define STEP_LAZY   0x80000000u
#define STEP_ASK    0x40000000u
#define STEP_ANY    0x20000000u
#define STEP_ACCEPT 0xffffffffu
#define STEP_REJECT 0xfffffffeu

static inline bool step_is_any(const struct engine_step *s)
{
    return (s->what & (STEP_LAZY | STEP_ANY)) == STEP_ANY;
}

// A rule in one of its sources; or several, when they ask the same: collections overlap, and rules
// are copied under other names.
struct engine_variant {
    uint32_t first_rule, rule_count; // in variant_rules
    uint32_t class_number;
    uint32_t start; // step, STEP_ACCEPT or STEP_REJECT
    uint32_t first_step, step_count;
    bool watched; // looked at only when one of its watched bits is set; else in every event that
                  // its class admits
    uint32_t first_watched, watched_count; // in watched_keys
};

struct sigma_engine {
    struct arena arena;
    struct sigma_set *set;
    struct sigma_engine_options options;
    ARRAY_OF(struct engine_field *) fields;
    ARRAY_OF(struct engine_key) keys;
    ARRAY_OF(struct engine_class) classes;
    ARRAY_OF(struct engine_variant) variants; // those of a class lie side by side
    ARRAY_OF(uint32_t) variant_rules;
    ARRAY_OF(struct engine_step) steps;
    ARRAY_OF(struct bit_mask) masks; // in the order of the steps
    struct map field_numbers;        // name to number
    struct map names;                // event field name to struct name_uses
    ARRAY_OF(struct name_uses *) name_list;
    uint32_t bit_count, lazy_count;
    uint32_t *watch_first; // bit_count + 1
    uint32_t *watchers;    // variants
    ARRAY_OF(uint32_t) watched_keys;
};

// engine_expr.c: a rule's condition as an expression over tests.
struct expr {
    enum expr_kind {
        EXPR_FALSE,
        EXPR_TRUE,
        EXPR_TEST,
        EXPR_NOT,
        EXPR_AND,
        EXPR_OR,
    } kind;
    uint32_t field, test;
    struct expr **children;
    size_t child_count;
    size_t size;  // steps it becomes, saturating
    double truth; // guess at how often it holds
    double cost;  // guess at what it takes to find out
};

// Makes the expressions of the rule's condition and of each source's conditions, adding fields and
// tests to the engine. False when the rule must be refused. Memory: temporary, except for tests.
struct rule_expr {
    struct expr *condition;
    struct expr **sources; // by source of the rule
};
[[nodiscard]] bool engine_rule_expr(struct sigma_engine *engine, struct arena *temporary,
                                    const struct sigma_rule *rule, struct rule_expr *out,
                                    struct err *e);
uint32_t engine_field_number(struct sigma_engine *engine, struct slice name);
struct expr *expr_and(struct arena *a, struct expr *x, struct expr *y);

// engine_program.c
void engine_emit(struct sigma_engine *engine, const struct expr *expr,
                 struct engine_variant *variant);
// Two variants hold in the same events when these bytes are the same. For the one emitted last;
// first_mask: how many masks there were before.
void engine_write_program(const struct sigma_engine *engine, const struct engine_variant *variant,
                          uint32_t first_mask, struct buf *out);
// The bits (of the variant's class) of which one must be set for expr to hold. False when there are
// none such.
struct watched_bit {
    uint32_t bit, key;
};
typedef ARRAY_OF(struct watched_bit) bit_list;
[[nodiscard]] bool engine_watch(const struct sigma_engine *engine, const struct expr *expr,
                                uint32_t class_number, bit_list *out);

// engine.c: an engine without rules; its parts are filled in by sigma_engine_create, or from a
// cache.
struct sigma_engine *engine_new(struct sigma_set *set, const struct sigma_engine_options *options);
// Adds a key. Its bits follow those of the keys before.
uint32_t engine_add_key(struct sigma_engine *engine, uint32_t field, const struct reading *r);
// Tells the classes their variants, which must be sorted by class.
void engine_count_variants(struct sigma_engine *engine);

// engine.c: how a source's events give a field of rules.
struct reading engine_reading(const struct sigma_source *source, struct slice name);
static inline const struct engine_key *engine_key_of(const struct sigma_engine *engine,
                                                     uint32_t class_number, uint32_t field)
{
    return &engine->keys.items[engine->classes.items[class_number].keys[field] - 1];
}
static inline bool engine_any_is_set(const struct sigma_engine *engine,
                                     const struct engine_step *step, const uint64_t *bits)
{
    const struct bit_mask *mask = &engine->masks.items[step->what & ~STEP_ANY];
    while (!(bits[mask->word] & mask->bits)) {
        if (mask->last)
            return false;
        mask++;
    }
    return true;
}
static inline const struct field_test *engine_test(const struct sigma_engine *engine,
                                                   uint32_t field, uint32_t test)
{
    return &engine->fields.items[field]->tests.tests.items[test];
}

#endif
