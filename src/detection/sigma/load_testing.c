// SPDX-License-Identifier: Apache-2.0
#include "detection/sigma/load_testing.h"

#include <arpa/inet.h>

static const char *const compare_names[] = {"=", "<", "<=", ">", ">=", "!="};
static const char *const anchor_names[] = {"whole", "starts", "ends", "contains"};
static const char *const part_names[] = {"minute", "hour", "day", "week", "month", "year"};

static void dump_tokens(struct buf *b, const struct sigma_test *t)
{
    if (t->cased)
        buf_str(b, "cased ");
    if (t->token_count == 0)
        buf_str(b, "\"\"");
    for (size_t i = 0; i < t->token_count; i++) {
        const struct sigma_token *k = &t->tokens[i];
        if (k->kind == SIGMA_LITERAL)
            buf_printf(b, "\"%.*s\"", SLICE_FMT(k->text));
        else
            buf_byte(b, k->kind == SIGMA_ANY_ONE ? '?' : '*');
    }
}

static void dump_cidr(struct buf *b, const struct sigma_test *t)
{
    char text[INET6_ADDRSTRLEN];
    if (inet_ntop(t->v6 ? AF_INET6 : AF_INET, t->address, text, sizeof text))
        buf_printf(b, "cidr %s/%u", text, t->prefix_bits);
}

void dump_test(struct buf *b, const struct sigma_test *t)
{
    switch (t->kind) {
    case SIGMA_PATTERN:
        dump_tokens(b, t);
        break;
    case SIGMA_INTEGER:
        buf_printf(b, "int %lld", (long long)t->integer);
        break;
    case SIGMA_REGEX:
        buf_printf(b, "re%s%s%s %.*s", t->flag_i ? " i" : "", t->flag_m ? " m" : "",
                   t->flag_s ? " s" : "", SLICE_FMT(t->text));
        break;
    case SIGMA_CIDR:
        dump_cidr(b, t);
        break;
    case SIGMA_COMPARE:
        buf_printf(b, "%s %g", compare_names[t->op], t->number);
        break;
    case SIGMA_IS_NULL:
        buf_str(b, "null");
        break;
    case SIGMA_EXISTS:
        buf_printf(b, "exists %s", t->wanted ? "true" : "false");
        break;
    case SIGMA_FIELDREF:
        buf_printf(b, "field %s%s %.*s", t->cased ? "cased " : "", anchor_names[t->anchor],
                   SLICE_FMT(t->text));
        break;
    case SIGMA_TIME_PART:
        buf_printf(b, "%s %s %lld", part_names[t->part], compare_names[t->op],
                   (long long)t->integer);
        break;
    case SIGMA_NEVER:
        buf_str(b, "never");
        break;
    }
}

void dump_item(struct buf *b, const struct sigma_item *item)
{
    buf_printf(b, "%.*s%s%s:", SLICE_FMT(item->field), item->all ? " all" : "",
               item->negated ? " not" : "");
    for (size_t i = 0; i < item->value_count; i++) {
        buf_str(b, i ? " , " : " ");
        for (size_t k = 0; k < item->values[i].test_count; k++) {
            buf_str(b, k ? " | " : "");
            dump_test(b, &item->values[i].tests[k]);
        }
    }
}

void dump_node(struct buf *b, const struct sigma_rule *rule, const struct sigma_node *node)
{
    switch (node->kind) {
    case SIGMA_NODE_SELECTION:
        buf_add(b, rule->selections[node->selection].name);
        break;
    case SIGMA_NODE_NOT:
        buf_str(b, "!");
        dump_node(b, rule, node->left);
        break;
    case SIGMA_NODE_AND:
    case SIGMA_NODE_OR:
        buf_str(b, "(");
        dump_node(b, rule, node->left);
        buf_str(b, node->kind == SIGMA_NODE_AND ? " & " : " | ");
        dump_node(b, rule, node->right);
        buf_str(b, ")");
        break;
    case SIGMA_NODE_FALSE:
    case SIGMA_NODE_TRUE:
        buf_str(b, node->kind == SIGMA_NODE_TRUE ? "true" : "false");
        break;
    }
}

void dump_rule(struct buf *b, const struct sigma_rule *rule)
{
    for (size_t i = 0; i < rule->selection_count; i++) {
        const struct sigma_selection *s = &rule->selections[i];
        buf_printf(b, "%s%.*s{", i ? " " : "", SLICE_FMT(s->name));
        for (size_t g = 0; g < s->group_count; g++) {
            buf_str(b, g ? " || " : " ");
            for (size_t k = 0; k < s->groups[g].item_count; k++) {
                buf_str(b, k ? " & " : "");
                dump_item(b, &s->groups[g].items[k]);
            }
        }
        buf_str(b, " }");
    }
}

void dump_refusals(struct buf *b, const struct sigma_set *set)
{
    for (size_t i = 0; i < set->refusals.count; i++) {
        const struct sigma_refusal *r = &set->refusals.items[i];
        buf_printf(b, "%s%u: %.*s\n", r->warning ? "warning " : "", r->line, SLICE_FMT(r->reason));
    }
}
