// SPDX-License-Identifier: Apache-2.0
// All tests that any rule makes on one field, without doubles. Those that a table can answer are
// *direct*: scanning a value sets their bits, all at once. The others are *lazy*: run one at a
// time, only when a rule comes to them; most of them have guards, direct tests of which one must
// have held first.
#ifndef VIGIE_DETECTION_SIGMA_FIELD_TESTS_H
#define VIGIE_DETECTION_SIGMA_FIELD_TESTS_H

#include "base/buf.h"
#include "detection/sigma/literals.h"
#include "detection/sigma/regex.h"
#include "detection/sigma/rule.h"
#include "detection/sigma/text_test.h"

struct field_test {
    const struct sigma_test *test; // one of those that are equal; NULL: never holds
    bool lazy;
    bool contains;        // direct: a literal anywhere in the text, looked for when a rule asks
    uint32_t lazy_number; // counts the lazy ones of the field
    uint32_t bit;         // direct
    struct sigma_regex *regex;
    uint32_t ref_field; // fieldref: the other field, as the engine numbers them
    uint32_t *guards;   // lazy: bits; the test can only hold when one of them is set
    size_t guard_count; // 0: no such thing is known
    double commonness;  // guess at how often it holds, 0 to 1; lazy: 1 when no rule should wait for
                        // its guards, which are quicker asked for than looked for in every value
};

struct int_row {
    int64_t integer;
    uint32_t bit;
};

struct number_row {
    enum sigma_compare op;
    double number;
    uint32_t bit;
};

struct cidr_row {
    uint8_t address[16]; // IPv4 in the first 4 bytes; host bits cleared
    uint8_t prefix_bits;
    bool v6;
    uint32_t bit;
};

// Addresses of ranges of one length, sorted.
struct cidr_length {
    uint8_t bits;
    bool v6;
    size_t from, to; // in cidrs
};

struct field_tests {
    ARRAY_OF(struct field_test)
    tests;               // number of a test: its index; when finished: of the lazy ones alone
    struct map known;    // identity of a test to its index
    struct arena *arena; // of the engine
    uint32_t bit_count, lazy_count;
    struct slice *texts; // by bit: the literal that its test looks for, of keywords and of those in
                         // asked; else empty
    uint64_t *watched; // by bit, after field_tests_want: contained literals to find in every value
    bool watch_all;
    // What field_tests_finish makes:
    struct gram_set *contains; // those watched; the others only when a rule asks
    struct gram_set *rest;
    uint64_t *asked; // by bit: in rest
    struct prefix_trie *starts, *ends;
    struct whole_table *equals;
    struct int_row *ints;
    size_t int_count;
    struct number_row *numbers;
    size_t number_count;
    struct cidr_row *cidrs;
    struct cidr_length *cidr_lengths;
    size_t cidr_count, cidr_length_count;
    uint32_t empty_bit; // '' and null: UINT32_MAX when no rule asks
    uint32_t any_bit;   // '*'
    // While it grows:
    struct buf identity; // of the test that is being added
    literal_list contain_list, start_list, end_list, equal_list;
    ARRAY_OF(struct int_row) int_list;
    ARRAY_OF(struct number_row) number_list;
    ARRAY_OF(struct cidr_row) cidr_list;
};

void field_tests_init(struct field_tests *f, struct arena *a);
void field_tests_free(struct field_tests *f);
// The number of this test, added when new. False when PCRE2 refuses the regex.
[[nodiscard]] bool field_tests_add(struct field_tests *f, const struct sigma_test *test,
                                   uint32_t *number, struct err *e);
// Says that a bit is watched: some rule waits for it. Call when all tests are added.
void field_tests_watch(struct field_tests *f, uint32_t bit);
// Builds the tables; nothing can be added afterwards.
void field_tests_finish(struct field_tests *f);

// Afterwards: forgets the direct tests, which are but bits now, so that a lazy test's number is
// that among the lazy ones.
void field_tests_keep_lazy(struct field_tests *f);
// Parts of it, for tables from the cache: texts and bits of those in rest; ranges in order.
void field_tests_note_asked(struct field_tests *f);
void field_tests_sort_cidrs(struct field_tests *f);

// Sets the bits of the direct tests that hold on a value, but for those in `asked`. folded is
// followed by LITERALS_PADDING readable bytes.
void field_tests_scan(const struct field_tests *f, struct slice folded, uint32_t base,
                      struct bit_sink *sink);
// Sets those in `asked`. Most literals are only of interest when another part of their rule held;
// one that is asked for alone is better looked for alone (odd_literal_stands, texts).
void field_tests_scan_rest(const struct field_tests *f, struct slice folded, uint32_t base,
                           struct bit_sink *sink);
// As field_tests_scan, for a null.
void field_tests_scan_null(const struct field_tests *f, uint32_t base, struct bit_sink *sink);

#endif
