// SPDX-License-Identifier: Apache-2.0
// All tests on one field as bytes (codec.h): the tables that answer the direct ones, and the lazy
// ones. A direct test is nothing but its bit in a table.
#include "detection/sigma/codec.h"

static void code_lazy(struct codec *c, const struct sigma_engine *engine, struct field_tests *f,
                      struct field_test *ft)
{
    bool never = !ft->test;
    CODE_ARRAY(c, ft->guards, ft->guard_count, codec_u32);
    for (size_t i = 0; i < ft->guard_count && !c->bad; i++)
        c->bad |= ft->guards[i] >= f->bit_count;
    CODE_BOOL(c, never);
    if (never || c->bad)
        return;
    struct sigma_test *test = c->reading ? ARENA_NEW(c->arena, struct sigma_test)
                                         : (struct sigma_test *)(uintptr_t)ft->test;
    codec_test_body(c, test);
    ft->test = test;
    if (test->kind == SIGMA_FIELDREF)
        CODE_BELOW(c, ft->ref_field, engine->fields.count);
    if (c->reading && !c->bad && test->kind == SIGMA_REGEX)
        ft->regex = regex_trusted(test);
}

static void code_lazies(struct codec *c, const struct sigma_engine *engine, struct field_tests *f)
{
    f->lazy_count = (uint32_t)codec_count(c, f->lazy_count, sizeof(struct field_test) * 2);
    if (c->reading)
        ARRAY_RESERVE(&f->tests, f->lazy_count);
    for (uint32_t i = 0; i < f->lazy_count && !c->bad; i++) {
        if (c->reading)
            *ARRAY_ADD(&f->tests) =
                (struct field_test){.lazy = true, .lazy_number = i, .bit = UINT32_MAX};
        code_lazy(c, engine, f, &f->tests.items[i]);
    }
}

static void code_bit(struct codec *c, const struct field_tests *f, uint32_t *bit)
{
    CODE_BELOW(c, *bit, f->bit_count);
}

// 0: no rule asks.
static void code_optional_bit(struct codec *c, const struct field_tests *f, uint32_t *bit)
{
    uint32_t plus_one = *bit + 1;
    CODE_BELOW(c, plus_one, (uint64_t)f->bit_count + 1);
    *bit = plus_one - 1;
}

static void code_ints(struct codec *c, struct field_tests *f)
{
    f->int_count = codec_count(c, f->int_count, sizeof *f->ints);
    if (c->reading)
        f->ints = ARENA_ARRAY(f->arena, struct int_row, f->int_count);
    for (size_t i = 0; i < f->int_count && !c->bad; i++) {
        codec_bytes(c, &f->ints[i].integer, sizeof f->ints[i].integer);
        code_bit(c, f, &f->ints[i].bit);
    }
}

static void code_numbers(struct codec *c, struct field_tests *f)
{
    f->number_count = codec_count(c, f->number_count, sizeof *f->numbers);
    if (c->reading)
        f->numbers = ARENA_ARRAY(f->arena, struct number_row, f->number_count);
    for (size_t i = 0; i < f->number_count && !c->bad; i++) {
        CODE_BELOW(c, f->numbers[i].op, SIGMA_NEQ + 1);
        codec_bytes(c, &f->numbers[i].number, sizeof f->numbers[i].number);
        code_bit(c, f, &f->numbers[i].bit);
    }
}

static void code_cidrs(struct codec *c, struct field_tests *f)
{
    f->cidr_count = codec_count(c, f->cidr_count, sizeof *f->cidrs + sizeof *f->cidr_lengths);
    if (c->reading)
        f->cidrs = ARENA_ARRAY(f->arena, struct cidr_row, f->cidr_count);
    for (size_t i = 0; i < f->cidr_count && !c->bad; i++) {
        struct cidr_row *row = &f->cidrs[i];
        codec_bytes(c, row->address, sizeof row->address);
        CODE_BOOL(c, row->v6);
        CODE_BELOW(c, row->prefix_bits, row->v6 ? 129 : 33);
        code_bit(c, f, &row->bit);
    }
    if (c->reading && !c->bad)
        field_tests_sort_cidrs(f);
}

static void code_texts(struct codec *c, struct field_tests *f)
{
    if (c->reading)
        f->texts = ARENA_ARRAY(f->arena, struct slice, f->bit_count);
    for (uint32_t i = 0; f->watch_all && i < f->bit_count && !c->bad; i++)
        codec_text(c, &f->texts[i]);
    if (c->reading && !c->bad)
        field_tests_note_asked(f);
}

void codec_field_tests(struct codec *c, const struct sigma_engine *engine, struct field_tests *f)
{
    f->bit_count = (uint32_t)codec_count(c, f->bit_count, sizeof(struct slice) + sizeof(uint32_t));
    code_optional_bit(c, f, &f->empty_bit);
    code_optional_bit(c, f, &f->any_bit);
    codec_gram_set(c, f->arena, &f->contains, f->bit_count);
    codec_gram_set(c, f->arena, &f->rest, f->bit_count);
    codec_trie(c, f->arena, &f->starts, false, f->bit_count);
    codec_trie(c, f->arena, &f->ends, true, f->bit_count);
    codec_whole(c, f->arena, &f->equals, f->bit_count);
    code_ints(c, f);
    code_numbers(c, f);
    code_cidrs(c, f);
    code_lazies(c, engine, f);
    if (!c->bad)
        code_texts(c, f);
}
