// SPDX-License-Identifier: Apache-2.0
#include "detection/sigma/condition.h"

struct condition_parser {
    struct arena *arena;
    struct slice text;
    size_t pos;
    struct slice token; // empty at the end
    const struct sigma_selection *selections;
    size_t selection_count;
    uint32_t line;
    size_t *work_left;
    ARRAY_OF(struct sigma_node *) operands; // stack of all chains that are being read
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_sign(uint8_t c)
{
    return c == '(' || c == ')' || c == '|';
}

static void advance(struct condition_parser *p)
{
    struct slice t = p->text;
    while (p->pos < t.len && is_blank(t.at[p->pos]))
        p->pos++;
    size_t from = p->pos;
    while (p->pos < t.len && !is_blank(t.at[p->pos])) {
        bool single = is_sign(t.at[p->pos]);
        if (single && p->pos > from)
            break;
        p->pos++;
        if (single)
            break;
    }
    p->token = slice_sub(t, from, p->pos);
}

static bool at_word(const struct condition_parser *p, const char *word)
{
    return slice_equal_nocase(p->token, slice_from_str(word));
}

static int clip(struct slice s)
{
    return s.len < 60 ? (int)s.len : 60;
}

static bool work(struct condition_parser *p, size_t amount, struct err *e)
{
    if (*p->work_left < amount)
        return err_set(e, ERR_LIMIT, p->line, "the conditions of this file are too long");
    *p->work_left -= amount;
    return true;
}

static struct sigma_node *node_new(struct condition_parser *p, struct sigma_node node,
                                   struct err *e)
{
    if (!work(p, CONDITION_PART_WORK, e))
        return NULL;
    struct sigma_node *n = ARENA_NEW(p->arena, struct sigma_node);
    *n = node;
    return n;
}

struct sigma_node *condition_join(struct arena *a, enum sigma_node_kind kind,
                                  struct sigma_node *const *nodes, size_t count)
{
    if (count == 1)
        return nodes[0];
    struct sigma_node *n = ARENA_NEW(a, struct sigma_node);
    n->kind = kind;
    n->left = condition_join(a, kind, nodes, count / 2);
    n->right = condition_join(a, kind, nodes + count / 2, count - count / 2);
    return n;
}

struct sigma_node *condition_shifted(struct arena *a, const struct sigma_node *node, uint32_t by)
{
    if (!node)
        return NULL;
    struct sigma_node *n = ARENA_NEW(a, struct sigma_node);
    *n = *node;
    n->selection += by;
    n->left = condition_shifted(a, node->left, by);
    n->right = condition_shifted(a, node->right, by);
    return n;
}

bool condition_name_fits(struct slice pattern, struct slice name)
{
    size_t p = 0, n = 0, star = SIZE_MAX, resume = 0;
    while (n < name.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = p++;
            resume = n;
        } else if (p < pattern.len && pattern.at[p] == name.at[n]) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*')
        p++;
    return p == pattern.len;
}

// `1 of them`, `all of selection_*`; the quantifier and "of" have been read.
static struct sigma_node *parse_of(struct condition_parser *p, bool all, struct err *e)
{
    struct slice pattern = p->token;
    if (pattern.len == 0 || is_sign(pattern.at[0])) {
        err_set(e, ERR_FORMAT, p->line, "condition: a name is missing behind 'of'");
        return NULL;
    }
    if (at_word(p, "them"))
        pattern = SLICE("*");
    bool hidden = pattern.at[0] == '_';
    if (!work(p, p->selection_count * (pattern.len < 16 ? 1 : pattern.len / 16), e))
        return NULL;
    size_t base = p->operands.count;
    for (size_t i = 0; i < p->selection_count; i++) {
        struct slice name = p->selections[i].name;
        if ((!hidden && name.len && name.at[0] == '_') || !condition_name_fits(pattern, name))
            continue;
        struct sigma_node *n = node_new(
            p, (struct sigma_node){.kind = SIGMA_NODE_SELECTION, .selection = (uint32_t)i}, e);
        if (!n)
            return NULL;
        *ARRAY_ADD(&p->operands) = n;
    }
    if (p->operands.count == base) {
        err_set(e, ERR_FORMAT, p->line, "condition: no selection fits '%.*s'", clip(p->token),
                (const char *)p->token.at);
        return NULL;
    }
    advance(p);
    struct sigma_node *joined = condition_join(p->arena, all ? SIGMA_NODE_AND : SIGMA_NODE_OR,
                                               p->operands.items + base, p->operands.count - base);
    p->operands.count = base;
    return joined;
}

static struct sigma_node *parse_name(struct condition_parser *p, struct err *e)
{
    if (!work(p, p->selection_count, e))
        return NULL;
    for (size_t i = 0; i < p->selection_count; i++)
        if (slice_equal(p->selections[i].name, p->token)) {
            advance(p);
            return node_new(
                p, (struct sigma_node){.kind = SIGMA_NODE_SELECTION, .selection = (uint32_t)i}, e);
        }
    err_set(e, ERR_FORMAT, p->line, "condition: there is no selection '%.*s'", clip(p->token),
            (const char *)p->token.at);
    return NULL;
}

static struct sigma_node *parse_or(struct condition_parser *p, unsigned depth, struct err *e);

static struct sigma_node *parse_primary(struct condition_parser *p, unsigned depth, struct err *e)
{
    if (p->token.len == 0) {
        err_set(e, ERR_FORMAT, p->line, "condition ends where a name is expected");
        return NULL;
    }
    if (slice_equal_str(p->token, "(")) {
        advance(p);
        struct sigma_node *inner = parse_or(p, depth + 1, e);
        if (!inner)
            return NULL;
        if (!slice_equal_str(p->token, ")")) {
            err_set(e, ERR_FORMAT, p->line, "condition: a ')' is missing");
            return NULL;
        }
        advance(p);
        return inner;
    }
    bool all = at_word(p, "all");
    if (all || at_word(p, "1") || at_word(p, "any")) {
        struct condition_parser before = *p;
        advance(p);
        if (at_word(p, "of")) {
            advance(p);
            return parse_of(p, all, e);
        }
        p->pos = before.pos;
        p->token = before.token;
    }
    if (at_word(p, "and") || at_word(p, "or") || at_word(p, "not") || at_word(p, "of") ||
        slice_equal_str(p->token, ")") || slice_equal_str(p->token, "|")) {
        err_set(e, ERR_FORMAT, p->line, "condition: '%.*s' where a name is expected",
                clip(p->token), (const char *)p->token.at);
        return NULL;
    }
    return parse_name(p, e);
}

static struct sigma_node *parse_not(struct condition_parser *p, unsigned depth, struct err *e)
{
    if (depth > CONDITION_MAX_DEPTH) {
        err_set(e, ERR_LIMIT, p->line, "condition nested deeper than %d levels",
                CONDITION_MAX_DEPTH);
        return NULL;
    }
    if (!at_word(p, "not"))
        return parse_primary(p, depth, e);
    advance(p);
    struct sigma_node *inner = parse_not(p, depth + 1, e);
    return inner ? node_new(p, (struct sigma_node){.kind = SIGMA_NODE_NOT, .left = inner}, e)
                 : NULL;
}

// A row of operands joined by the same word.
static struct sigma_node *parse_chain(struct condition_parser *p, bool conjunction, unsigned depth,
                                      struct err *e)
{
    size_t base = p->operands.count;
    for (;;) {
        struct sigma_node *n =
            conjunction ? parse_not(p, depth, e) : parse_chain(p, true, depth, e);
        if (!n)
            return NULL;
        *ARRAY_ADD(&p->operands) = n;
        if (!at_word(p, conjunction ? "and" : "or"))
            break;
        advance(p);
    }
    struct sigma_node *joined =
        condition_join(p->arena, conjunction ? SIGMA_NODE_AND : SIGMA_NODE_OR,
                       p->operands.items + base, p->operands.count - base);
    p->operands.count = base;
    return joined;
}

static struct sigma_node *parse_or(struct condition_parser *p, unsigned depth, struct err *e)
{
    return parse_chain(p, false, depth, e);
}

bool condition_parse(struct arena *a, struct slice text, const struct sigma_selection *selections,
                     size_t count, uint32_t line, size_t *work_left, struct sigma_node **out,
                     struct err *e)
{
    struct condition_parser p = {.arena = a,
                                 .text = text,
                                 .selections = selections,
                                 .selection_count = count,
                                 .line = line,
                                 .work_left = work_left};
    advance(&p);
    struct sigma_node *root = parse_or(&p, 0, e);
    ARRAY_FREE(&p.operands);
    if (!root)
        return false;
    if (slice_equal_str(p.token, "|"))
        return err_set(e, ERR_UNSUPPORTED, line,
                       "condition with '|': the old aggregation was replaced by correlations");
    if (p.token.len)
        return err_set(e, ERR_FORMAT, line, "condition: '%.*s' where 'and' or 'or' is expected",
                       clip(p.token), (const char *)p.token.at);
    *out = root;
    return true;
}
