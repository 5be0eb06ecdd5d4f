// SPDX-License-Identifier: Apache-2.0
// What of a rule is read later, as bytes (codec.h): attributes, selections and condition.
//
// Matching needs none of them: the engine has its own tests and programs. They are needed to show
// what a rule matched, and then of the few rules that matched. So a set that is read from a cache
// leaves them in the file, and reads a rule's when it is first asked for (sigma_set_rule). Of
// SigmaHQ's rules that is half of the file.
#include "detection/sigma/codec.h"

#include "base/sha256.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

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

struct piece {
    uint64_t from;
    size_t len;
    const uint8_t *sum; // SHA-256, as it stands in what was read at once
};

// What was not asked for yet.
struct sigma_unread {
    pthread_mutex_t lock; // of all that follows, and of the rules while they are filled in
    struct arena arena;
    struct codec_later later;
    uint64_t used; // bytes of it that belong to rules
    size_t count;
    struct piece pieces[]; // by rule
};

static struct sigma_unread *unread_create(size_t rules, const struct codec_later *later)
{
    struct sigma_unread *u = mem_alloc_zero(1, sizeof *u + rules * sizeof *u->pieces);
    pthread_mutex_init(&u->lock, NULL);
    arena_init(&u->arena, 0);
    u->later = *later;
    u->count = rules;
    return u;
}

void sigma_unread_destroy(struct sigma_unread *u)
{
    if (!u)
        return;
    if (u->later.file >= 0)
        close(u->later.file);
    arena_free(&u->arena);
    pthread_mutex_destroy(&u->lock);
    free(u);
}

void codec_rules_later(struct codec *c, struct sigma_set *set, size_t rules,
                       const struct codec_later *later)
{
    if (c->reading)
        set->unread = unread_create(rules, later);
}

void codec_rule_later(struct codec *c, struct sigma_set *set, size_t rule)
{
    if (!c->reading) {
        struct codec apart = {.out = c->later};
        size_t before = c->later->len;
        struct sigma_rule *r = set->rules.items[rule];
        codec_attributes(&apart, r);
        if (r->condition)
            code_detection(&apart, r);
        c->bad |= apart.bad || !r->condition;
        struct slice bytes = slice_sub(buf_slice(c->later), before, c->later->len);
        if (!c->sum)
            c->sum = sha256_create();
        sha256_add(c->sum, bytes);
        struct sha256_digest sum = sha256_finish(c->sum);
        codec_u64(c, bytes.len);
        codec_bytes(c, sum.bytes, sizeof sum.bytes);
        codec_free(&apart);
        return;
    }
    struct sigma_unread *u = set->unread;
    uint64_t len = codec_u64(c, 0);
    c->bad |= len > u->later.bytes.len - u->used;
    const uint8_t *sum = codec_pass(c, sizeof(struct sha256_digest));
    if (c->bad)
        return;
    u->pieces[rule] = (struct piece){u->used, (size_t)len, sum};
    u->used += len;
}

bool codec_read_at(int fd, uint8_t *to, size_t size, uint64_t from)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(fd, to + done, size - done, (off_t)(from + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

// Of a file, the bytes that the checked part names, though somebody may have altered it since: they
// are summed where nobody else can write.
static bool fetch(struct sigma_unread *u, struct piece p, struct slice *out)
{
    if (u->later.file < 0) {
        *out = slice_of(u->later.bytes.at + p.from, p.len);
        return true;
    }
    uint8_t *to = arena_bytes(&u->arena, p.len);
    *out = slice_of(to, p.len);
    if (!codec_read_at(u->later.file, to, p.len, u->later.from + p.from))
        return false;
    struct sha256_digest sum = sha256_of(*out);
    return memcmp(sum.bytes, p.sum, sizeof sum.bytes) == 0;
}

// What cannot be read, though its sum was right, is a rule that nothing passes. The attributes are
// filled in where they stand: nobody looks at them before there is a condition.
static void read_later(struct sigma_unread *u, struct piece piece, struct sigma_rule *r)
{
    struct slice bytes;
    struct sigma_rule read = {0};
    bool fetched = fetch(u, piece, &bytes);
    struct codec c = {.reading = true,
                      .bad = !fetched,
                      .arena = &u->arena,
                      .begin = bytes.at,
                      .at = bytes.at,
                      .end = bytes.at + bytes.len,
                      .budget = CODEC_BUDGET(bytes.len)};
    codec_attributes(&c, r);
    code_detection(&c, &read);
    if (c.bad || c.at != c.end) {
        r->title = SLICE("(a rule that cannot be read from the cache any more)");
        read = (struct sigma_rule){.condition = ARENA_NEW(&u->arena, struct sigma_node)};
        read.condition->kind = SIGMA_NODE_FALSE;
    }
    codec_free(&c);
    r->selections = read.selections;
    r->selection_count = read.selection_count;
    __atomic_store_n(&r->condition, read.condition, __ATOMIC_RELEASE);
}

const struct sigma_rule *sigma_set_rule(const struct sigma_set *set, size_t rule)
{
    struct sigma_rule *r = set->rules.items[rule];
    struct sigma_unread *u = set->unread;
    if (!u || __atomic_load_n(&r->condition, __ATOMIC_ACQUIRE))
        return r;
    pthread_mutex_lock(&u->lock);
    if (!r->condition)
        read_later(u, u->pieces[rule], r);
    pthread_mutex_unlock(&u->lock);
    return r;
}
