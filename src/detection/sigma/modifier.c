// SPDX-License-Identifier: Apache-2.0
#include "detection/sigma/modifier.h"

#include "base/utf.h"
#include "detection/sigma/value.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum effect {
    SET_FLAG,
    SET_COMPARE,
    SET_PART,
    ADD_TRANSFORM,
};

struct modifier {
    const char *name;
    enum effect effect;
    int what; // offset of the flag, or the value of the enum
};

#define FLAG(member) SET_FLAG, (int)offsetof(struct modifiers, member)

static const struct modifier known[] = {
    {"contains", FLAG(contains)},
    {"endswith", FLAG(ends)},
    {"startswith", FLAG(starts)},
    {"all", FLAG(all)},
    {"exists", FLAG(exists)},
    {"cased", FLAG(cased)},
    {"neq", FLAG(neq)},
    {"re", FLAG(re)},
    {"i", FLAG(flag_i)},
    {"ignorecase", FLAG(flag_i)},
    {"m", FLAG(flag_m)},
    {"multiline", FLAG(flag_m)},
    {"s", FLAG(flag_s)},
    {"dotall", FLAG(flag_s)},
    {"cidr", FLAG(cidr)},
    {"expand", FLAG(expand)},
    {"fieldref", FLAG(fieldref)},
    {"windash", ADD_TRANSFORM, TRANSFORM_WINDASH},
    {"base64", ADD_TRANSFORM, TRANSFORM_BASE64},
    {"base64offset", ADD_TRANSFORM, TRANSFORM_BASE64_OFFSET},
    {"utf16le", ADD_TRANSFORM, TRANSFORM_UTF16LE},
    {"wide", ADD_TRANSFORM, TRANSFORM_UTF16LE},
    {"utf16be", ADD_TRANSFORM, TRANSFORM_UTF16BE},
    {"utf16", ADD_TRANSFORM, TRANSFORM_UTF16},
    {"lt", SET_COMPARE, SIGMA_LT},
    {"lte", SET_COMPARE, SIGMA_LTE},
    {"gt", SET_COMPARE, SIGMA_GT},
    {"gte", SET_COMPARE, SIGMA_GTE},
    {"minute", SET_PART, SIGMA_MINUTE},
    {"hour", SET_PART, SIGMA_HOUR},
    {"day", SET_PART, SIGMA_DAY},
    {"week", SET_PART, SIGMA_WEEK},
    {"month", SET_PART, SIGMA_MONTH},
    {"year", SET_PART, SIGMA_YEAR},
};

static const struct modifier *modifier_find(struct slice name)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (slice_equal_str(name, known[i].name))
            return &known[i];
    return NULL;
}

static bool modifier_apply(struct modifiers *m, struct slice name, uint32_t line, struct err *e)
{
    const struct modifier *k = modifier_find(name);
    if (!k)
        return err_set(e, ERR_UNSUPPORTED, line, "unknown modifier '%.*s'",
                       (int)(name.len < 60 ? name.len : 60), (const char *)name.at);
    switch (k->effect) {
    case SET_FLAG:
        *(bool *)((char *)m + k->what) = true;
        return true;
    case SET_COMPARE:
        if (m->has_compare && (int)m->op != k->what)
            return err_set(e, ERR_USAGE, line, "two comparisons in one item");
        m->has_compare = true;
        m->op = (enum sigma_compare)k->what;
        return true;
    case SET_PART:
        if (m->has_part)
            return err_set(e, ERR_USAGE, line, "two time modifiers in one item");
        m->has_part = true;
        m->part = (enum sigma_time_part)k->what;
        return true;
    case ADD_TRANSFORM:
        if (m->transform_count == SIGMA_MAX_TRANSFORMS)
            return err_set(e, ERR_LIMIT, line, "too many modifiers");
        m->transforms[m->transform_count++] = (enum transform)k->what;
        return true;
    }
    return false;
}

// Combinations that have no meaning.
static bool modifiers_check(const struct modifiers *m, uint32_t line, struct err *e)
{
    bool anchored = m->starts || m->ends || m->contains;
    bool numeric = m->has_compare || m->has_part;
    int kinds = m->exists + m->re + m->cidr + m->fieldref + numeric + (m->transform_count > 0);
    if (kinds > 1)
        return err_set(e, ERR_USAGE, line, "modifiers that exclude each other");
    if ((m->flag_i || m->flag_m || m->flag_s) && !m->re)
        return err_set(e, ERR_USAGE, line, "i, m and s only go with re");
    if (m->re && (m->starts || m->ends))
        return err_set(e, ERR_USAGE, line, "re with startswith or endswith: write ^ or $ instead");
    if (m->re && m->cased)
        return err_set(e, ERR_USAGE, line,
                       "re is case-sensitive already; cased does not go with it");
    if ((m->exists || m->cidr || numeric) && (anchored || m->cased || m->expand))
        return err_set(e, ERR_USAGE, line,
                       "contains, startswith, endswith, cased and expand need text values");
    if (m->exists && m->all)
        return err_set(e, ERR_USAGE, line, "exists takes one value, all does not go with it");
    for (size_t i = 0; i < m->transform_count; i++) {
        bool utf16 = m->transforms[i] >= TRANSFORM_UTF16LE;
        enum transform next = i + 1 < m->transform_count ? m->transforms[i + 1] : TRANSFORM_WINDASH;
        if (utf16 && next != TRANSFORM_BASE64 && next != TRANSFORM_BASE64_OFFSET)
            return err_set(
                e, ERR_USAGE, line,
                "wide and utf16 must be followed by base64 or base64offset: logs hold text");
        if (i && m->transforms[i] == TRANSFORM_WINDASH)
            return err_set(e, ERR_USAGE, line, "windash must come first");
    }
    return true;
}

bool modifiers_parse(struct slice text, uint32_t line, struct modifiers *out, struct err *e)
{
    struct modifiers m = {0};
    while (text.len) {
        const uint8_t *bar = memchr(text.at, '|', text.len);
        size_t len = bar ? (size_t)(bar - text.at) : text.len;
        if (!modifier_apply(&m, slice_sub(text, 0, len), line, e))
            return false;
        if (bar && len + 1 == text.len)
            return err_set(e, ERR_FORMAT, line, "a modifier is missing behind '|'");
        text = slice_sub(text, len + 1, text.len);
    }
    if (!modifiers_check(&m, line, e))
        return false;
    *out = m;
    return true;
}

static struct sigma_test *tests_take(struct item_builder *b, size_t count, uint32_t line,
                                     struct err *e)
{
    if (count > b->tests_left) {
        err_set(e, ERR_LIMIT, line, "more than %d tests in one file", SIGMA_MAX_TESTS);
        return NULL;
    }
    b->tests_left -= count;
    return ARENA_ARRAY(b->arena, struct sigma_test, count);
}

// Long texts count as several tests.
static bool text_take(struct item_builder *b, size_t bytes, uint32_t line, struct err *e)
{
    size_t count = bytes / SIGMA_TEST_BYTES;
    if (count > b->tests_left)
        return err_set(e, ERR_LIMIT, line, "more than %d tests in one file", SIGMA_MAX_TESTS);
    b->tests_left -= count;
    return true;
}

static bool value_single(struct item_builder *b, struct sigma_test test, uint32_t line,
                         struct sigma_value *v, struct err *e)
{
    v->tests = tests_take(b, 1, line, e);
    if (!v->tests)
        return false;
    v->tests[0] = test;
    v->test_count = 1;
    return true;
}

// %name%: anything but white-space and % between.
static bool has_placeholder(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] != '%')
            continue;
        size_t k = i + 1;
        while (k < s.len && s.at[k] > ' ' && s.at[k] != '%')
            k++;
        if (k > i + 1 && k < s.len && s.at[k] == '%')
            return true;
    }
    return false;
}

static bool encode(struct arena *a, enum transform how, struct patterns *list, uint32_t line,
                   struct err *e)
{
    unsigned forms = how == TRANSFORM_BASE64_OFFSET ? 3 : 1;
    struct patterns all = {ARENA_ARRAY(a, struct pattern, list->count * forms), 0};
    for (size_t i = 0; i < list->count; i++) {
        if (pattern_has_wildcards(list->items[i]))
            return err_set(e, ERR_USAGE, line, "base64 of a value with wildcards");
        struct slice text = pattern_text(list->items[i]);
        for (unsigned f = 0; f < forms; f++) {
            struct slice done;
            if (how == TRANSFORM_BASE64)
                done = text_base64(a, text);
            else if (how == TRANSFORM_BASE64_OFFSET)
                done = text_base64_offset(a, text, f);
            else
                done = text_utf16(a, text, how == TRANSFORM_UTF16BE, how == TRANSFORM_UTF16);
            if (done.len == 0)
                return err_set(e, ERR_USAGE, line, "a value too short for base64 or base64offset");
            all.items[all.count++] = pattern_literal(a, done);
        }
    }
    *list = all;
    return true;
}

static void tokens_fold(struct arena *a, struct pattern p)
{
    for (size_t i = 0; i < p.count; i++)
        if (p.tokens[i].kind == SIGMA_LITERAL)
            p.tokens[i].text = utf8_fold_copy(a, p.tokens[i].text);
}

static bool value_pattern(struct item_builder *b, const struct modifiers *m, bool keyword,
                          const struct ynode *node, struct sigma_value *v, struct err *e)
{
    struct arena *a = b->arena;
    struct pattern parsed = pattern_parse(a, node->text);
    struct patterns list = {&parsed, 1};
    if (m->transform_count && m->transforms[0] == TRANSFORM_WINDASH &&
        node->text.len > SIGMA_MAX_WINDASH_BYTES)
        return err_set(e, ERR_LIMIT, node->line, "windash of a value longer than %d bytes",
                       SIGMA_MAX_WINDASH_BYTES);
    for (size_t i = 0; i < m->transform_count; i++) {
        struct err local = {0};
        bool ok = m->transforms[i] == TRANSFORM_WINDASH
                      ? patterns_windash(a, &list, &local)
                      : encode(a, m->transforms[i], &list, node->line, &local);
        if (!ok)
            return err_set(e, local.code, node->line, "%s", local.message);
    }
    bool whole = !m->contains && !m->starts && !m->ends;
    bool open_start = m->contains || m->ends || (keyword && whole);
    bool open_end = m->contains || m->starts || (keyword && whole);
    v->tests = tests_take(b, list.count, node->line, e);
    if (!v->tests || !text_take(b, list.count * node->text.len, node->line, e))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        struct pattern p = pattern_anchor(a, list.items[i], open_start, open_end);
        if (!m->cased)
            tokens_fold(a, p);
        v->tests[v->test_count++] = (struct sigma_test){
            .kind = SIGMA_PATTERN, .cased = m->cased, .tokens = p.tokens, .token_count = p.count};
    }
    return true;
}

static bool value_regex(struct item_builder *b, const struct modifiers *m, const struct ynode *node,
                        struct sigma_value *v, struct err *e)
{
    if (node->text.len > SIGMA_MAX_REGEX_BYTES)
        return err_set(e, ERR_LIMIT, node->line, "regular expression longer than %d bytes",
                       SIGMA_MAX_REGEX_BYTES);
    uint32_t flags = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | (m->flag_i ? PCRE2_CASELESS : 0) |
                     (m->flag_m ? PCRE2_MULTILINE : 0) | (m->flag_s ? PCRE2_DOTALL : 0);
    int code;
    PCRE2_SIZE at;
    pcre2_code *re = pcre2_compile(node->text.at ? node->text.at : (const uint8_t *)"",
                                   node->text.len, flags, &code, &at, NULL);
    if (!re) {
        PCRE2_UCHAR why[128];
        if (pcre2_get_error_message(code, why, sizeof why) < 0)
            why[0] = 0;
        return err_set(e, ERR_FORMAT, node->line, "not a regular expression: %s (at character %zu)",
                       (const char *)why, at);
    }
    pcre2_code_free(re);
    struct sigma_test t = {.kind = SIGMA_REGEX,
                           .cased = true,
                           .text = v->source,
                           .flag_i = m->flag_i,
                           .flag_m = m->flag_m,
                           .flag_s = m->flag_s};
    return value_single(b, t, node->line, v, e);
}

static struct slice without_spaces(struct arena *a, struct slice s)
{
    uint8_t *out = arena_bytes(a, s.len);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != ' ')
            out[n++] = s.at[i];
    return slice_of(out, n);
}

static bool value_fieldref(struct item_builder *b, const struct modifiers *m,
                           const struct ynode *node, struct sigma_value *v, struct err *e)
{
    struct sigma_test t = {
        .kind = SIGMA_FIELDREF, .cased = m->cased, .text = without_spaces(b->arena, node->text)};
    t.anchor = m->contains || (m->starts && m->ends) ? SIGMA_CONTAINS
               : m->starts                           ? SIGMA_STARTS
               : m->ends                             ? SIGMA_ENDS
                                                     : SIGMA_WHOLE;
    if (t.text.len == 0)
        return err_set(e, ERR_FORMAT, node->line, "fieldref needs the name of a field");
    return value_single(b, t, node->line, v, e);
}

static bool value_number(struct item_builder *b, const struct modifiers *m,
                         const struct ynode *node, struct sigma_value *v, struct err *e)
{
    struct sigma_test t = {.op = m->has_compare ? m->op : SIGMA_EQ};
    if (!number_parse(node->text, &t.number))
        return err_set(e, ERR_FORMAT, node->line, "'%.*s' is not a number",
                       (int)(node->text.len < 60 ? node->text.len : 60),
                       (const char *)node->text.at);
    if (!m->has_part) {
        t.kind = SIGMA_COMPARE;
        return value_single(b, t, node->line, v, e);
    }
    t.kind = SIGMA_TIME_PART;
    t.part = m->part;
    if (t.number < 0 || t.number > 100000 || t.number != (double)(int64_t)t.number)
        return err_set(e, ERR_FORMAT, node->line, "'%.*s' is not a part of a time",
                       (int)(node->text.len < 60 ? node->text.len : 60),
                       (const char *)node->text.at);
    t.integer = (int64_t)t.number;
    return value_single(b, t, node->line, v, e);
}

static bool value_cidr(struct item_builder *b, const struct ynode *node, struct sigma_value *v,
                       struct err *e)
{
    struct sigma_test t;
    if (!cidr_parse(b->arena, node->text, &t))
        return err_set(e, ERR_FORMAT, node->line, "'%.*s' is not an address range",
                       (int)(node->text.len < 60 ? node->text.len : 60),
                       (const char *)node->text.at);
    return value_single(b, t, node->line, v, e);
}

static bool value_exists(struct item_builder *b, const struct ynode *node, struct sigma_value *v,
                         struct err *e)
{
    struct sigma_test t = {.kind = SIGMA_EXISTS};
    if (!ynode_bool(node, &t.wanted))
        return err_set(e, ERR_FORMAT, node->line, "exists needs true or false");
    return value_single(b, t, node->line, v, e);
}

// null stands alone: text modifiers have nothing to work on.
static bool value_null(struct item_builder *b, const struct modifiers *m, bool keyword,
                       const struct ynode *node, struct sigma_value *v, struct err *e)
{
    if (keyword)
        return err_set(e, ERR_USAGE, node->line, "null is no keyword");
    if (m->contains || m->starts || m->ends || m->re || m->cidr || m->fieldref || m->exists ||
        m->has_compare || m->has_part || m->transform_count || m->cased || m->expand)
        return err_set(e, ERR_USAGE, node->line,
                       "null does not go with a modifier (write '' for empty text)");
    return value_single(b, (struct sigma_test){.kind = SIGMA_IS_NULL}, node->line, v, e);
}

// An integer of 64 bits with the highest set, as in Keywords: its decimal and its hexadecimal text.
static bool value_big(struct item_builder *b, uint64_t number, uint32_t line, struct sigma_value *v,
                      struct err *e)
{
    v->tests = tests_take(b, 2, line, e);
    if (!v->tests)
        return false;
    const struct slice texts[2] = {
        arena_printf(b->arena, "%llu", (unsigned long long)number),
        arena_printf(b->arena, "0x%llx", (unsigned long long)number),
    };
    for (; v->test_count < 2; v->test_count++) {
        struct pattern p = pattern_literal(b->arena, texts[v->test_count]);
        v->tests[v->test_count] =
            (struct sigma_test){.kind = SIGMA_PATTERN, .tokens = p.tokens, .token_count = p.count};
    }
    return true;
}

static bool value_build(struct item_builder *b, const struct modifiers *m, bool keyword,
                        const struct ynode *node, struct sigma_value *v, struct err *e)
{
    if (node->kind != YNODE_SCALAR)
        return err_set(e, ERR_FORMAT, node->line, "a %s where a value is expected",
                       node->kind == YNODE_MAP ? "map" : "list");
    v->source = arena_copy(b->arena, node->text);
    if (memchr(node->text.at ? node->text.at : (const uint8_t *)"", 0, node->text.len) && m->re)
        return err_set(e, ERR_FORMAT, node->line, "a regular expression with a NUL");
    if (ynode_is_null(node)) {
        v->source = SLICE("null");
        return value_null(b, m, keyword, node, v, e);
    }
    if (m->expand && has_placeholder(node->text))
        return err_set(
            e, ERR_UNSUPPORTED, node->line,
            "'%.*s' is a placeholder (expand), and there are no values to put in its place",
            (int)(node->text.len < 60 ? node->text.len : 60), (const char *)node->text.at);
    if (m->exists)
        return value_exists(b, node, v, e);
    if (m->cidr)
        return value_cidr(b, node, v, e);
    if (m->has_compare || m->has_part)
        return value_number(b, m, node, v, e);
    if (m->fieldref)
        return value_fieldref(b, m, node, v, e);
    if (m->re)
        return value_regex(b, m, node, v, e);
    struct sigma_test t = {.kind = SIGMA_INTEGER, .text = v->source};
    bool plain = !keyword && !m->contains && !m->starts && !m->ends && !m->transform_count;
    uint64_t big;
    if (plain && ynode_int(node, &t.integer))
        return value_single(b, t, node->line, v, e);
    if (plain && ynode_big(node, &big))
        return value_big(b, big, node->line, v, e);
    return value_pattern(b, m, keyword, node, v, e);
}

static bool values_build(struct item_builder *b, const struct modifiers *m, bool keyword,
                         struct ynode *const *values, size_t count, struct sigma_item *item,
                         struct err *e)
{
    if (count == 0)
        return err_set(e, ERR_FORMAT, item->line, "a list without values");
    if (m->all && count == 1)
        return err_set(e, ERR_USAGE, item->line, "all on a single value");
    if (m->exists && count > 1)
        return err_set(e, ERR_USAGE, item->line, "exists takes one value");
    item->values = ARENA_ARRAY(b->arena, struct sigma_value, count);
    item->value_count = count;
    for (size_t i = 0; i < count; i++)
        if (!value_build(b, m, keyword, values[i], &item->values[i], e))
            return false;
    return true;
}

bool item_build(struct item_builder *b, struct slice key, uint32_t line, const struct ynode *value,
                struct sigma_item *out, struct err *e)
{
    const uint8_t *bar = key.len ? memchr(key.at, '|', key.len) : NULL;
    size_t name_len = bar ? (size_t)(bar - key.at) : key.len;
    struct modifiers m = {0};
    if (bar && !modifiers_parse(slice_sub(key, name_len + 1, key.len), line, &m, e))
        return false;
    if (bar && name_len + 1 == key.len)
        return err_set(e, ERR_FORMAT, line, "a modifier is missing behind '|'");
    struct sigma_item item = {.line = line, .all = m.all, .negated = m.neq};
    item.source = arena_copy(b->arena, key);
    item.field = without_spaces(b->arena, slice_sub(key, 0, name_len));
    bool keyword = item.field.len == 0;
    if (keyword && (m.exists || m.cidr || m.fieldref || m.has_compare || m.has_part))
        return err_set(e, ERR_USAGE, line, "this modifier needs the name of a field");
    bool list = value->kind == YNODE_LIST;
    struct ynode *one = NULL;
    if (!list) {
        one = ARENA_NEW(b->arena, struct ynode);
        *one = *value;
    }
    if (!values_build(b, &m, keyword, list ? value->items : &one, list ? value->count : 1, &item,
                      e))
        return false;
    *out = item;
    return true;
}

bool item_build_keywords(struct item_builder *b, struct ynode *const *values, size_t count,
                         struct sigma_item *out, struct err *e)
{
    struct modifiers m = {0};
    struct sigma_item item = {.line = count ? values[0]->line : 0};
    if (!values_build(b, &m, true, values, count, &item, e))
        return false;
    *out = item;
    return true;
}
