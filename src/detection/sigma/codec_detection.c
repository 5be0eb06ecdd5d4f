// SPDX-License-Identifier: Apache-2.0
// A rule's selections and condition as bytes (codec.h).
//
// Matching needs none of them: the engine has its own tests and programs. They are needed to show
// what a rule matched, and then of the few rules that matched. So a set that is read from a cache
// keeps them as bytes and reads a rule's when it is first asked for (sigma_set_rule). Of SigmaHQ's
// rules that saves a third of the time and of the memory of a start.
#include "detection/sigma/codec.h"

#include <pthread.h>

enum {
    MAX_NODE_DEPTH = 4000, // of a condition; deeper ones are not kept
};

static void code_token(struct codec *c, struct sigma_token *t)
{
    CODE_BELOW(c, t->kind, SIGMA_ANY_RUN + 1);
    codec_text(c, &t->text);
}

// A bool is a byte of its own; doubles and addresses as they lie: the cache is for this machine.
void codec_test_body(struct codec *c, struct sigma_test *t)
{
    CODE_BELOW(c, t->kind, SIGMA_NEVER + 1);
    switch (t->kind) {
    case SIGMA_PATTERN:
        CODE_BOOL(c, t->cased);
        CODE_ARRAY(c, t->tokens, t->token_count, code_token);
        break;
    case SIGMA_INTEGER:
        codec_bytes(c, &t->integer, sizeof t->integer);
        codec_text(c, &t->text);
        break;
    case SIGMA_REGEX:
        CODE_BOOL(c, t->flag_i);
        CODE_BOOL(c, t->flag_m);
        CODE_BOOL(c, t->flag_s);
        codec_text(c, &t->text);
        break;
    case SIGMA_CIDR:
        codec_bytes(c, t->address, sizeof t->address);
        CODE_BOOL(c, t->v6);
        CODE_BELOW(c, t->prefix_bits, t->v6 ? 129 : 33);
        break;
    case SIGMA_COMPARE:
        CODE_BELOW(c, t->op, SIGMA_NEQ + 1);
        codec_bytes(c, &t->number, sizeof t->number);
        break;
    case SIGMA_EXISTS:
        CODE_BOOL(c, t->wanted);
        break;
    case SIGMA_FIELDREF:
        CODE_BOOL(c, t->cased);
        CODE_BELOW(c, t->anchor, SIGMA_CONTAINS + 1);
        codec_text(c, &t->text);
        break;
    case SIGMA_TIME_PART:
        CODE_BELOW(c, t->op, SIGMA_NEQ + 1);
        CODE_BELOW(c, t->part, SIGMA_YEAR + 1);
        codec_bytes(c, &t->integer, sizeof t->integer);
        break;
    case SIGMA_IS_NULL:
    case SIGMA_NEVER:
        break;
    }
}

static void code_value(struct codec *c, struct sigma_value *v)
{
    codec_text(c, &v->source);
    CODE_ARRAY(c, v->tests, v->test_count, codec_test_body);
}

void codec_item(struct codec *c, struct sigma_item *item)
{
    codec_text(c, &item->field);
    codec_text(c, &item->source);
    CODE_BOOL(c, item->all);
    CODE_BOOL(c, item->negated);
    codec_u32(c, &item->line);
    CODE_ARRAY(c, item->values, item->value_count, code_value);
}

static void code_group(struct codec *c, struct sigma_group *g)
{
    CODE_ARRAY(c, g->items, g->item_count, codec_item);
}

static void code_selection(struct codec *c, struct sigma_selection *s)
{
    codec_text(c, &s->name);
    codec_u32(c, &s->line);
    CODE_ARRAY(c, s->groups, s->group_count, code_group);
}

static void code_node(struct codec *c, struct sigma_node **place, size_t selections, unsigned depth)
{
    if (depth > MAX_NODE_DEPTH)
        c->bad = true;
    if (c->bad)
        return;
    if (c->reading) {
        (void)codec_count(c, 0, 0); // a byte, so that nodes cannot be made of nothing
        *place = ARENA_NEW(c->arena, struct sigma_node);
    } else {
        codec_u64(c, 0);
    }
    struct sigma_node *n = *place;
    CODE_BELOW(c, n->kind, SIGMA_NODE_TRUE + 1);
    if (n->kind == SIGMA_NODE_SELECTION)
        CODE_BELOW(c, n->selection, selections);
    if (n->kind == SIGMA_NODE_NOT || n->kind == SIGMA_NODE_AND || n->kind == SIGMA_NODE_OR)
        code_node(c, &n->left, selections, depth + 1);
    if (n->kind == SIGMA_NODE_AND || n->kind == SIGMA_NODE_OR)
        code_node(c, &n->right, selections, depth + 1);
}

static void code_detection(struct codec *c, struct sigma_rule *r)
{
    CODE_ARRAY(c, r->selections, r->selection_count, code_selection);
    code_node(c, &r->condition, r->selection_count, 0);
}

// Selections and conditions that were not asked for yet.
struct sigma_unread {
    pthread_mutex_t lock; // of all that follows, and of the rules while they are filled in
    struct arena arena;
    size_t count;
    struct slice bytes[]; // by rule
};

static struct sigma_unread *unread_create(size_t rules)
{
    struct sigma_unread *u = mem_alloc_zero(1, sizeof *u + rules * sizeof *u->bytes);
    pthread_mutex_init(&u->lock, NULL);
    arena_init(&u->arena, 0);
    u->count = rules;
    return u;
}

void sigma_unread_destroy(struct sigma_unread *u)
{
    if (!u)
        return;
    arena_free(&u->arena);
    pthread_mutex_destroy(&u->lock);
    free(u);
}

void codec_detections(struct codec *c, struct sigma_set *set, size_t rules)
{
    if (c->reading)
        set->unread = unread_create(rules);
}

static void write_detection(struct codec *c, struct sigma_rule *r)
{
    struct buf bytes = {0};
    struct codec apart = {.out = &bytes};
    if (r->condition)
        code_detection(&apart, r);
    c->bad |= apart.bad || !r->condition;
    codec_u64(c, bytes.len);
    buf_add(c->out, buf_slice(&bytes));
    codec_free(&apart);
    buf_free(&bytes);
}

void codec_detection(struct codec *c, struct sigma_set *set, size_t rule)
{
    if (!c->reading) {
        write_detection(c, set->rules.items[rule]);
        return;
    }
    size_t len = codec_count(c, 0, 1);
    if (c->bad)
        return;
    set->unread->bytes[rule] = slice_of(c->at, len);
    c->at += len;
}

// What cannot be read, though its checksum was right, is a rule that nothing passes.
static void read_detection(struct sigma_unread *u, struct slice bytes, struct sigma_rule *r)
{
    struct sigma_rule read = {0};
    struct codec c = {.reading = true,
                      .arena = &u->arena,
                      .begin = bytes.at,
                      .at = bytes.at,
                      .end = bytes.at + bytes.len,
                      .budget = CODEC_BUDGET(bytes.len)};
    code_detection(&c, &read);
    if (c.bad || c.at != c.end) {
        read = (struct sigma_rule){.condition = ARENA_NEW(&u->arena, struct sigma_node)};
        read.condition->kind = SIGMA_NODE_FALSE;
    }
    codec_free(&c);
    r->selections = read.selections;
    r->selection_count = read.selection_count;
    __atomic_store_n(&r->condition, read.condition, __ATOMIC_RELEASE);
}

const struct sigma_rule *sigma_set_rule(struct sigma_set *set, size_t rule)
{
    struct sigma_rule *r = set->rules.items[rule];
    struct sigma_unread *u = set->unread;
    if (!u || __atomic_load_n(&r->condition, __ATOMIC_ACQUIRE))
        return r;
    pthread_mutex_lock(&u->lock);
    if (!r->condition)
        read_detection(u, u->bytes[rule], r);
    pthread_mutex_unlock(&u->lock);
    return r;
}
