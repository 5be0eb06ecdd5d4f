// SPDX-License-Identifier: Apache-2.0
#include "detection/sigma/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdatomic.h>

enum {
    REGEX_MATCH_LIMIT = 200000,
    REGEX_DEPTH_LIMIT = 50000,
    REGEX_HEAP_LIMIT = 16 << 10, // KiB
    REGEX_JIT_STACK = 1 << 20,   // bytes, grown on demand
};

// Compiled for real (with machine code) when it is first run: most never are. Threads may come to
// it together; the first to publish wins.
struct sigma_regex {
    const struct sigma_test *test;
    _Atomic(pcre2_code *) code;
};

struct regex_runner {
    pcre2_match_context *context;
    pcre2_match_data *match;
    pcre2_jit_stack *stack;
};

static pcre2_code *compile(const struct sigma_test *test, struct err *e)
{
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
    if (test->flag_i)
        options |= PCRE2_CASELESS;
    if (test->flag_m)
        options |= PCRE2_MULTILINE;
    if (test->flag_s)
        options |= PCRE2_DOTALL;
    int code;
    PCRE2_SIZE offset;
    pcre2_code *compiled = pcre2_compile(test->text.at ? test->text.at : (const uint8_t *)"",
                                         test->text.len, options, &code, &offset, NULL);
    if (!compiled) {
        PCRE2_UCHAR why[160] = "";
        pcre2_get_error_message(code, why, sizeof why);
        err_set(e, ERR_FORMAT, offset, "the regular expression is not valid at character %zu: %s",
                offset, (const char *)why);
        return NULL;
    }
    return compiled;
}

struct sigma_regex *regex_trusted(const struct sigma_test *test)
{
    struct sigma_regex *re = mem_alloc_zero(1, sizeof *re);
    re->test = test;
    return re;
}

struct sigma_regex *regex_compile(const struct sigma_test *test, struct err *e)
{
    pcre2_code *code = compile(test, e);
    if (!code)
        return NULL;
    pcre2_code_free(code);
    return regex_trusted(test);
}

static pcre2_code *code_of(struct sigma_regex *re)
{
    struct err e;
    pcre2_code *none = NULL, *code = atomic_load_explicit(&re->code, memory_order_acquire);
    if (code || !(code = compile(re->test, &e)))
        return code;
    // Where executable memory is refused, PCRE2 interprets instead.
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    if (atomic_compare_exchange_strong(&re->code, &none, code))
        return code;
    pcre2_code_free(code);
    return none;
}

void regex_destroy(struct sigma_regex *re)
{
    if (!re)
        return;
    pcre2_code_free(atomic_load(&re->code));
    free(re);
}

struct regex_runner *regex_runner_create(uint32_t match_limit)
{
    struct regex_runner *r = mem_alloc_zero(1, sizeof *r);
    r->context = pcre2_match_context_create(NULL);
    r->match = pcre2_match_data_create(1, NULL);
    r->stack = pcre2_jit_stack_create((size_t)32 << 10, REGEX_JIT_STACK, NULL);
    if (!r->context || !r->match) {
        regex_runner_destroy(r);
        return NULL; // regex_run then says REGEX_LIMITED
    }
    pcre2_set_match_limit(r->context, match_limit ? match_limit : REGEX_MATCH_LIMIT);
    pcre2_set_depth_limit(r->context, REGEX_DEPTH_LIMIT);
    pcre2_set_heap_limit(r->context, REGEX_HEAP_LIMIT);
    if (r->stack)
        pcre2_jit_stack_assign(r->context, NULL, r->stack);
    return r;
}

void regex_runner_destroy(struct regex_runner *r)
{
    if (!r)
        return;
    pcre2_jit_stack_free(r->stack);
    pcre2_match_data_free(r->match);
    pcre2_match_context_free(r->context);
    free(r);
}

enum regex_result regex_run(struct regex_runner *r, struct sigma_regex *re, struct slice text)
{
    pcre2_code *code = r ? code_of(re) : NULL;
    if (!code)
        return REGEX_LIMITED;
    int rc = pcre2_match(code, text.at ? text.at : (const uint8_t *)"", text.len, 0,
                         PCRE2_NO_UTF_CHECK, r->match, r->context);
    if (rc >= 0)
        return REGEX_YES;
    return rc == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_LIMITED;
}
