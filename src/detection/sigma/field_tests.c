// SPDX-License-Identifier: Apache-2.0
#include "detection/sigma/field_tests.h"

#include "base/buf.h"
#include "base/utf.h"
#include "detection/sigma/commonness.h"

#include <math.h>

static const uint32_t no_bit = UINT32_MAX;

void field_tests_init(struct field_tests *f, struct arena *a)
{
    *f = (struct field_tests){.arena = a, .empty_bit = no_bit, .any_bit = no_bit};
    map_init(&f->known);
}

static void free_lists(struct field_tests *f)
{
    ARRAY_FREE(&f->contain_list);
    ARRAY_FREE(&f->start_list);
    ARRAY_FREE(&f->end_list);
    ARRAY_FREE(&f->equal_list);
    ARRAY_FREE(&f->int_list);
    ARRAY_FREE(&f->number_list);
    ARRAY_FREE(&f->cidr_list);
    map_free(&f->known);
    buf_free(&f->identity);
}

void field_tests_free(struct field_tests *f)
{
    free_lists(f);
    for (size_t i = 0; i < f->tests.count; i++)
        regex_destroy(f->tests.items[i].regex);
    ARRAY_FREE(&f->tests);
}

static void add_bytes(struct buf *b, const void *p, size_t n)
{
    buf_add(b, slice_of(p, n));
}

static void add_tokens(struct buf *b, const struct sigma_test *t)
{
    for (size_t i = 0; i < t->token_count; i++) {
        const uint64_t mark = (uint64_t)t->tokens[i].kind << 56 | t->tokens[i].text.len;
        add_bytes(b, &mark, sizeof mark);
        buf_add(b, t->tokens[i].text);
    }
}

// Two tests are the same when these bytes are.
static void write_identity(struct buf *b, const struct sigma_test *t)
{
    buf_byte(b, (uint8_t)t->kind);
    switch (t->kind) {
    case SIGMA_PATTERN:
        buf_byte(b, t->cased);
        add_tokens(b, t);
        break;
    case SIGMA_INTEGER:
        add_bytes(b, &t->integer, sizeof t->integer);
        break;
    case SIGMA_TIME_PART:
        add_bytes(b, (uint8_t[]){(uint8_t)t->op, (uint8_t)t->part}, 2);
        add_bytes(b, &t->integer, sizeof t->integer);
        break;
    case SIGMA_COMPARE:
        buf_byte(b, (uint8_t)t->op);
        add_bytes(b, &t->number, sizeof t->number);
        break;
    case SIGMA_CIDR:
        add_bytes(b, (uint8_t[]){t->v6, t->prefix_bits}, 2);
        add_bytes(b, t->address, sizeof t->address);
        break;
    case SIGMA_REGEX:
        add_bytes(b, (uint8_t[]){t->flag_i, t->flag_m, t->flag_s}, 3);
        buf_add(b, t->text);
        break;
    case SIGMA_FIELDREF:
        add_bytes(b, (uint8_t[]){t->cased, (uint8_t)t->anchor}, 2);
        buf_add(b, t->text);
        break;
    case SIGMA_EXISTS:
        buf_byte(b, t->wanted);
        break;
    case SIGMA_IS_NULL:
    case SIGMA_NEVER:
        break;
    }
}

// The forms of patterns that a table answers.
enum shape_of_pattern {
    FORM_EMPTY,    // ''
    FORM_ANYTHING, // *
    FORM_EQUALS,
    FORM_STARTS,
    FORM_ENDS,
    FORM_CONTAINS,
    FORM_OTHER,
};

static bool is_run(const struct sigma_token *t)
{
    return t->kind == SIGMA_ANY_RUN;
}

static bool is_literal(const struct sigma_token *t)
{
    return t->kind == SIGMA_LITERAL && t->text.len > 0;
}

static enum shape_of_pattern form_of(const struct sigma_test *t, struct slice *text)
{
    const struct sigma_token *k = t->tokens;
    size_t n = t->token_count;
    if (n == 0 || (n == 1 && k[0].kind == SIGMA_LITERAL && k[0].text.len == 0))
        return FORM_EMPTY;
    if (n == 1 && is_run(k))
        return FORM_ANYTHING;
    if (t->cased)
        return FORM_OTHER;
    if (n == 1 && is_literal(k))
        return *text = k[0].text, FORM_EQUALS;
    if (n == 2 && is_literal(k) && is_run(k + 1))
        return *text = k[0].text, FORM_STARTS;
    if (n == 2 && is_run(k) && is_literal(k + 1))
        return *text = k[1].text, FORM_ENDS;
    if (n == 3 && is_run(k) && is_literal(k + 1) && is_run(k + 2))
        return *text = k[1].text, FORM_CONTAINS;
    return FORM_OTHER;
}

// A pattern that a table answers, or one that has text in it.
static double commonness_of(enum shape_of_pattern form, struct slice text)
{
    switch (form) {
    case FORM_EMPTY:
        return 0.1;
    case FORM_ANYTHING:
    case FORM_OTHER:
        return 1;
    case FORM_EQUALS:
        return literal_commonness(LITERAL_EQUALS, text);
    case FORM_STARTS:
        return literal_commonness(LITERAL_STARTS, text);
    case FORM_ENDS:
        return literal_commonness(LITERAL_ENDS, text);
    case FORM_CONTAINS:
        break;
    }
    return literal_commonness(LITERAL_CONTAINS, text);
}

static void add_pattern(struct field_tests *f, struct field_test *ft, const struct sigma_test *t);

// True with the number of an equal test; else adds one, to be filled in.
static bool add_known(struct field_tests *f, const struct sigma_test *t, uint32_t *number,
                      struct field_test **fresh)
{
    buf_clear(&f->identity);
    write_identity(&f->identity, t);
    uint32_t *known = map_get(&f->known, buf_slice(&f->identity));
    if (known) {
        *number = *known;
        return true;
    }
    known = ARENA_NEW(f->arena, uint32_t);
    *number = *known = (uint32_t)f->tests.count;
    *map_put(&f->known, arena_copy(f->arena, buf_slice(&f->identity)), NULL) = known;
    *fresh = ARRAY_ADD(&f->tests);
    **fresh = (struct field_test){.bit = no_bit};
    return false;
}

// The bit of the direct test "contains text" (already folded).
static uint32_t guard_for(struct field_tests *f, struct slice text)
{
    struct sigma_token *tokens = ARENA_ARRAY(f->arena, struct sigma_token, 3);
    tokens[0].kind = tokens[2].kind = SIGMA_ANY_RUN;
    tokens[1] = (struct sigma_token){SIGMA_LITERAL, text};
    struct sigma_test *t = ARENA_NEW(f->arena, struct sigma_test);
    *t = (struct sigma_test){.kind = SIGMA_PATTERN, .tokens = tokens, .token_count = 3};
    uint32_t number;
    struct field_test *fresh = NULL;
    if (!add_known(f, t, &number, &fresh)) {
        fresh->test = t;
        add_pattern(f, fresh, t);
    }
    return f->tests.items[number].bit;
}

static void make_lazy(struct field_tests *f, struct field_test *ft)
{
    ft->lazy = true;
    ft->lazy_number = f->lazy_count++;
    ft->commonness = 1;
}

// A pattern that no table answers: guarded by its rarest literal.
static void add_lazy_pattern(struct field_tests *f, struct field_test *ft,
                             const struct sigma_test *t)
{
    struct slice rarest = {0};
    double least = 1;
    make_lazy(f, ft);
    for (size_t i = 0; i < t->token_count; i++) {
        if (!is_literal(&t->tokens[i]))
            continue;
        struct slice text = t->tokens[i].text;
        if (t->cased)
            text = utf8_fold_copy(f->arena, text);
        double c = literal_commonness(LITERAL_CONTAINS, text);
        if (c < least) {
            least = c;
            rarest = text;
        }
    }
    if (!rarest.len)
        return;
    size_t index = (size_t)(ft - f->tests.items); // guard_for may move the array
    uint32_t *guards = ARENA_NEW(f->arena, uint32_t);
    guards[0] = guard_for(f, rarest);
    ft = &f->tests.items[index];
    ft->guards = guards;
    ft->guard_count = 1;
    ft->commonness = least;
}

static void add_pattern(struct field_tests *f, struct field_test *ft, const struct sigma_test *t)
{
    struct slice text = {0};
    enum shape_of_pattern form = form_of(t, &text);
    ft->commonness = commonness_of(form, text);
    switch (form) {
    case FORM_EMPTY:
        if (f->empty_bit == no_bit)
            f->empty_bit = f->bit_count++; // no two tests of this form share a text, but '' has two
        ft->bit = f->empty_bit;
        break;
    case FORM_ANYTHING:
        if (f->any_bit == no_bit)
            f->any_bit = f->bit_count++;
        ft->bit = f->any_bit;
        break;
    case FORM_EQUALS:
    case FORM_STARTS:
    case FORM_ENDS:
    case FORM_CONTAINS:
        ft->bit = f->bit_count++;
        ft->contains = form == FORM_CONTAINS;
        break;
    case FORM_OTHER:
        add_lazy_pattern(f, ft, t);
        break;
    }
}

static void guard_regex(struct field_tests *f, uint32_t number, struct slice pattern)
{
    regex_literals required = {0};
    if (regex_required(f->arena, pattern, &required)) {
        uint32_t *guards = ARENA_ARRAY(f->arena, uint32_t, required.count);
        double commonness = 0;
        bool alone = false;
        for (size_t i = 0; i < required.count; i++) {
            guards[i] = guard_for(f, required.items[i]);
            commonness += literal_commonness(LITERAL_CONTAINS, required.items[i]);
            alone |= required.items[i].len == 1;
        }
        struct field_test *ft = &f->tests.items[number];
        ft->guards = guards;
        ft->guard_count = required.count;
        ft->commonness = alone ? 1 : fmin(commonness, 0.99);
    }
    ARRAY_FREE(&required);
}

bool field_tests_add(struct field_tests *f, const struct sigma_test *t, uint32_t *number,
                     struct err *e)
{
    struct sigma_regex *regex = NULL;
    struct field_test *ft = NULL;
    if (add_known(f, t, number, &ft))
        return true;
    if (t->kind == SIGMA_REGEX && !(regex = regex_compile(t, e))) {
        // Its number stays taken by a test that never holds: the next rule with the same regex must
        // fail too.
        make_lazy(f, ft);
        return false;
    }
    ft->test = t;
    ft->regex = regex;
    switch (t->kind) {
    case SIGMA_PATTERN:
        add_pattern(f, ft, t);
        break;
    case SIGMA_INTEGER:
        ft->bit = f->bit_count++;
        ft->commonness = 0.2;
        break;
    case SIGMA_COMPARE:
        ft->bit = f->bit_count++;
        ft->commonness = 0.5;
        break;
    case SIGMA_CIDR:
        ft->bit = f->bit_count++;
        ft->commonness = t->prefix_bits >= 24 ? 0.05 : 0.5;
        break;
    case SIGMA_REGEX:
        make_lazy(f, ft);
        guard_regex(f, *number, t->text);
        break;
    case SIGMA_IS_NULL:
    case SIGMA_EXISTS:
    case SIGMA_FIELDREF:
    case SIGMA_TIME_PART:
    case SIGMA_NEVER:
        make_lazy(f, ft);
        break;
    }
    return true;
}

static int by_integer(const void *a, const void *b)
{
    int64_t x = ((const struct int_row *)a)->integer, y = ((const struct int_row *)b)->integer;
    return (x > y) - (x < y);
}

static int by_range(const void *a, const void *b)
{
    const struct cidr_row *x = a, *y = b;
    if (x->v6 != y->v6)
        return x->v6 ? 1 : -1;
    if (x->prefix_bits != y->prefix_bits)
        return x->prefix_bits < y->prefix_bits ? -1 : 1;
    return memcmp(x->address, y->address, sizeof x->address);
}

static void clear_host_bits(uint8_t address[16], unsigned bits)
{
    for (unsigned i = 0; i < 16; i++) {
        unsigned keep = bits > i * 8 ? bits - i * 8 : 0;
        if (keep < 8)
            address[i] &= (uint8_t)(0xff00u >> keep);
    }
}

// Ranges are kept by network address, host bits cleared, so that the two must be equal to match.
static struct cidr_row cidr_row_of(const struct sigma_test *t, uint32_t bit)
{
    struct cidr_row row = {.prefix_bits = t->prefix_bits, .v6 = t->v6, .bit = bit};
    memcpy(row.address, t->address, t->v6 ? 16 : 4);
    clear_host_bits(row.address, row.prefix_bits);
    return row;
}

void field_tests_sort_cidrs(struct field_tests *f)
{
    f->cidr_lengths = ARENA_ARRAY(f->arena, struct cidr_length, f->cidr_count);
    if (f->cidr_count)
        qsort(f->cidrs, f->cidr_count, sizeof *f->cidrs, by_range);
    for (size_t i = 0; i < f->cidr_count; i++) {
        const struct cidr_row *row = &f->cidrs[i];
        struct cidr_length *last =
            f->cidr_length_count ? &f->cidr_lengths[f->cidr_length_count - 1] : NULL;
        if (!last || last->bits != row->prefix_bits || last->v6 != row->v6) {
            last = &f->cidr_lengths[f->cidr_length_count++];
            *last = (struct cidr_length){.bits = row->prefix_bits, .v6 = row->v6, .from = i};
        }
        last->to = i + 1;
    }
}

static void finish_cidrs(struct field_tests *f)
{
    f->cidr_count = f->cidr_list.count;
    f->cidrs = ARENA_ARRAY(f->arena, struct cidr_row, f->cidr_count);
    if (f->cidr_count)
        memcpy(f->cidrs, f->cidr_list.items, f->cidr_count * sizeof *f->cidrs);
    field_tests_sort_cidrs(f);
}

// Puts a direct test where the table that answers it is made from.
static void list_pattern(struct field_tests *f, const struct field_test *ft)
{
    struct slice text = {0};
    enum shape_of_pattern form = form_of(ft->test, &text);
    literal_list *lists[] = {[FORM_EQUALS] = &f->equal_list,
                             [FORM_STARTS] = &f->start_list,
                             [FORM_ENDS] = &f->end_list,
                             [FORM_CONTAINS] = &f->contain_list};
    if (form == FORM_EMPTY)
        f->empty_bit = ft->bit;
    else if (form == FORM_ANYTHING)
        f->any_bit = ft->bit;
    else if (form != FORM_OTHER)
        *ARRAY_ADD(lists[form]) = (struct literal){text, ft->bit, 0, 0};
}

static void list_test(struct field_tests *f, const struct field_test *ft)
{
    if (ft->lazy || !ft->test)
        return;
    switch (ft->test->kind) {
    case SIGMA_PATTERN:
        list_pattern(f, ft);
        break;
    case SIGMA_INTEGER:
        *ARRAY_ADD(&f->int_list) = (struct int_row){ft->test->integer, ft->bit};
        break;
    case SIGMA_COMPARE:
        *ARRAY_ADD(&f->number_list) = (struct number_row){ft->test->op, ft->test->number, ft->bit};
        break;
    case SIGMA_CIDR:
        *ARRAY_ADD(&f->cidr_list) = cidr_row_of(ft->test, ft->bit);
        break;
    default:
        break;
    }
}

static void list_tests(struct field_tests *f)
{
    for (size_t i = 0; i < f->tests.count; i++)
        list_test(f, &f->tests.items[i]);
}

void field_tests_watch(struct field_tests *f, uint32_t bit)
{
    if (!f->watched)
        f->watched = ARENA_ARRAY(f->arena, uint64_t, f->bit_count / 64 + 1);
    f->watched[bit >> 6] |= 1ull << (bit & 63);
}

// Those that are looked for alone: keywords, and what is left until a rule asks.
static void keep_texts(struct field_tests *f)
{
    const literal_list *lists[] = {&f->contain_list, &f->start_list, &f->end_list, &f->equal_list};
    f->texts = ARENA_ARRAY(f->arena, struct slice, f->bit_count);
    for (size_t k = 0; f->watch_all && k < sizeof lists / sizeof *lists; k++)
        for (size_t i = 0; i < lists[k]->count; i++)
            f->texts[lists[k]->items[i].bit] = lists[k]->items[i].text;
    field_tests_note_asked(f);
}

void field_tests_note_asked(struct field_tests *f)
{
    f->asked = ARENA_ARRAY(f->arena, uint64_t, f->bit_count / 64 + 1);
    if (f->rest)
        gram_set_list(f->rest, f->texts, f->asked);
}

// Contained literals: those watched, and the rest.
static void finish_contains(struct field_tests *f)
{
    literal_list watched = {0}, rest = {0};
    for (size_t i = 0; i < f->contain_list.count; i++) {
        const struct literal *l = &f->contain_list.items[i];
        if (f->watch_all || (f->watched && bit_is_set(f->watched, l->bit))) {
            *ARRAY_ADD(&watched) = *l;
            continue;
        }
        *ARRAY_ADD(&rest) = *l;
    }
    f->contains = gram_set_create(f->arena, &watched);
    f->rest = gram_set_create(f->arena, &rest);
    ARRAY_FREE(&watched);
    ARRAY_FREE(&rest);
}

void field_tests_finish(struct field_tests *f)
{
    list_tests(f);
    finish_contains(f);
    keep_texts(f);
    f->starts = prefix_trie_create(f->arena, &f->start_list, false);
    f->ends = prefix_trie_create(f->arena, &f->end_list, true);
    f->equals = whole_table_create(f->arena, &f->equal_list);
    f->int_count = f->int_list.count;
    f->ints = ARENA_ARRAY(f->arena, struct int_row, f->int_count);
    if (f->int_count) {
        memcpy(f->ints, f->int_list.items, f->int_count * sizeof *f->ints);
        qsort(f->ints, f->int_count, sizeof *f->ints, by_integer);
    }
    f->number_count = f->number_list.count;
    f->numbers = ARENA_ARRAY(f->arena, struct number_row, f->number_count);
    if (f->number_count)
        memcpy(f->numbers, f->number_list.items, f->number_count * sizeof *f->numbers);
    finish_cidrs(f);
    free_lists(f);
}

void field_tests_keep_lazy(struct field_tests *f)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->tests.count; i++)
        if (f->tests.items[i].lazy)
            f->tests.items[kept++] = f->tests.items[i];
    f->tests.count = kept;
}

static void scan_integer(const struct field_tests *f, struct slice text, uint32_t base,
                         struct bit_sink *sink)
{
    int64_t n;
    if (!text_to_integer(text, &n))
        return;
    size_t low = 0, high = f->int_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->ints[middle].integer < n)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < f->int_count && f->ints[low].integer == n)
        bit_sink_set(sink, base + f->ints[low].bit);
}

static void scan_number(const struct field_tests *f, struct slice text, uint32_t base,
                        struct bit_sink *sink)
{
    double n;
    if (!text_to_number(text, &n))
        return;
    for (size_t i = 0; i < f->number_count; i++)
        if (number_compares(n, f->numbers[i].op, f->numbers[i].number))
            bit_sink_set(sink, base + f->numbers[i].bit);
}

static void scan_address(const struct field_tests *f, struct slice text, uint32_t base,
                         struct bit_sink *sink)
{
    struct ip_address ip;
    if (!text_to_address(text, &ip))
        return;
    for (size_t k = 0; k < f->cidr_length_count; k++) {
        const struct cidr_length *l = &f->cidr_lengths[k];
        if (l->v6 ? !ip.v6 : !ip.v4)
            continue;
        uint8_t network[16] = {0};
        memcpy(network, l->v6 ? ip.sixteen : ip.four, l->v6 ? 16 : 4);
        clear_host_bits(network, l->bits);
        size_t low = l->from, high = l->to;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (memcmp(f->cidrs[middle].address, network, sizeof network) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < l->to && memcmp(f->cidrs[low].address, network, sizeof network) == 0; low++)
            bit_sink_set(
                sink,
                base + f->cidrs[low].bit); // written with other host bits: several of one network
    }
}

void field_tests_scan(const struct field_tests *f, struct slice folded, uint32_t base,
                      struct bit_sink *sink)
{
    if (f->any_bit != no_bit)
        bit_sink_set(sink, base + f->any_bit);
    if (folded.len == 0) {
        if (f->empty_bit != no_bit)
            bit_sink_set(sink, base + f->empty_bit);
        return;
    }
    whole_table_scan(f->equals, folded, base, sink);
    prefix_trie_scan(f->starts, folded, base, sink);
    prefix_trie_scan(f->ends, folded, base, sink);
    gram_set_scan(f->contains, folded, base, sink);
    if (f->int_count)
        scan_integer(f, folded, base, sink);
    if (f->number_count)
        scan_number(f, folded, base, sink);
    if (f->cidr_count)
        scan_address(f, folded, base, sink);
}

void field_tests_scan_rest(const struct field_tests *f, struct slice folded, uint32_t base,
                           struct bit_sink *sink)
{
    gram_set_scan(f->rest, folded, base, sink);
}

void field_tests_scan_null(const struct field_tests *f, uint32_t base, struct bit_sink *sink)
{
    if (f->empty_bit != no_bit)
        bit_sink_set(sink, base + f->empty_bit);
}
