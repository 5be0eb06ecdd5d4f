// SPDX-License-Identifier: Apache-2.0
// A rule set as bytes (codec.h).
#include "detection/sigma/codec.h"

#include "base/sha256.h"
#include "base/utf.h"

uint64_t codec_long(struct codec *c, uint64_t n)
{
    if (!c->reading) {
        uint64_t rest = n;
        for (; rest >= 0x80; rest >>= 7)
            buf_byte(c->out, (uint8_t)(rest | 0x80));
        buf_byte(c->out, (uint8_t)rest);
        return n;
    }
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && c->at < c->end && !c->bad; shift += 7) {
        uint8_t byte = *c->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    c->bad = true;
    return 0;
}

static size_t left(const struct codec *c)
{
    return (size_t)(c->end - c->at);
}

void codec_bytes(struct codec *c, void *p, size_t len)
{
    if (!c->reading) {
        buf_add(c->out, slice_of(p, len));
        return;
    }
    c->bad |= len > left(c);
    if (c->bad)
        return;
    memcpy(p, c->at, len);
    c->at += len;
}

const uint8_t *codec_pass(struct codec *c, size_t len)
{
    const uint8_t *from = c->at;
    c->bad |= len > left(c);
    if (c->bad)
        return NULL;
    c->at += len;
    return from;
}

size_t codec_count(struct codec *c, size_t n, size_t element_size)
{
    size_t bytes = 0;
    n = codec_u64(c, n);
    if (!c->reading)
        return n;
    // Each element takes a byte at the least.
    c->bad |= n > left(c) || __builtin_mul_overflow(n, element_size, &bytes) || bytes > c->budget;
    if (c->bad)
        return 0;
    c->budget -= bytes;
    return n;
}

void codec_charge(struct codec *c, size_t bytes)
{
    c->bad |= bytes > c->budget;
    c->budget -= c->bad ? 0 : bytes;
}

enum { PLAIN_ALIGNMENT = 8 };

static size_t gap_at(size_t place)
{
    return -place & (PLAIN_ALIGNMENT - 1);
}

const void *codec_plain(struct codec *c, const void *items, size_t *count, size_t size)
{
    static const uint8_t zeros[PLAIN_ALIGNMENT];
    size_t bytes = 0;
    *count = (size_t)codec_u64(c, *count);
    if (!c->reading) {
        if (*count == 0)
            return items;
        buf_add(c->out, slice_of(zeros, gap_at(c->out->len - c->from)));
        buf_add(c->out, slice_of(items, *count * size));
        return items;
    }
    size_t gap = gap_at((size_t)(c->at - c->begin));
    c->bad |= *count && (__builtin_mul_overflow(*count, size, &bytes) || gap > left(c) ||
                         bytes > left(c) - gap);
    if (c->bad || *count == 0) {
        *count = 0;
        return NULL;
    }
    const uint8_t *from = c->at + gap;
    c->at = from + bytes;
    if ((uintptr_t)from % PLAIN_ALIGNMENT == 0)
        return from;
    codec_charge(c, bytes);
    if (c->bad) {
        *count = 0;
        return NULL;
    }
    return memcpy(arena_alloc(c->arena, bytes), from, bytes);
}

static bool is_ascii(struct slice s)
{
    uint64_t all = 0, eight;
    size_t i = 0;
    for (; i + sizeof eight <= s.len; i += sizeof eight) {
        memcpy(&eight, s.at + i, sizeof eight);
        all |= eight;
    }
    for (; i < s.len; i++)
        all |= s.at[i];
    return !(all & 0x8080808080808080u);
}

void codec_text(struct codec *c, struct slice *s)
{
    size_t len = codec_count(c, s->len, 1);
    if (!c->reading) {
        buf_add(c->out, *s);
        c->bad |= !is_ascii(*s) && !utf8_valid(*s);
        return;
    }
    *s = (struct slice){0};
    if (c->bad || len == 0)
        return;
    *s = slice_of(c->at, len);
    c->at += len;
    c->bad |= !is_ascii(*s) && !utf8_valid(*s);
}

static void code_alias(struct codec *c, struct sigma_alias *a)
{
    struct sigma_alias copy = *a; // the loader's own are constants
    codec_text(c, &copy.name);
    codec_text(c, &copy.source);
    codec_text(c, &copy.source2);
    CODE_BELOW(c, copy.transform, SIGMA_REGISTRY_OPERATION + 1);
    if (c->reading)
        *a = copy;
}

static void code_source(struct codec *c, struct sigma_source *s)
{
    // Whoever reads it sees it const; when it is written here it is new.
    struct sigma_alias *aliases = (struct sigma_alias *)(uintptr_t)s->aliases;
    CODE_ARRAY(c, s->channels, s->channel_count, codec_text);
    CODE_ARRAY(c, s->providers, s->provider_count, codec_text);
    CODE_ARRAY(c, s->event_ids, s->event_id_count, codec_u32);
    CODE_ARRAY(c, s->conditions, s->condition_count, codec_item);
    CODE_ARRAY(c, aliases, s->alias_count, code_alias);
    s->aliases = aliases;
    CODE_BOOL(c, s->stand_in);
}

static void code_sources(struct codec *c, struct codec_sources *s)
{
    CODE_ARRAY(c, s->sources, s->count, code_source);
}

// Rules of one logsource share their sources: each is written once, in front.
static uint32_t sources_number(struct codec *c, struct sigma_source *sources, size_t count)
{
    for (uint32_t i = 0; i < c->sources.count; i++)
        if (c->sources.items[i].count == count &&
            (count == 0 || c->sources.items[i].sources == sources))
            return i;
    *ARRAY_ADD(&c->sources) = (struct codec_sources){sources, count};
    return (uint32_t)c->sources.count - 1;
}

void codec_attributes(struct codec *c, struct sigma_rule *r)
{
    struct slice *texts[] = {&r->id,      &r->name,     &r->title,   &r->description,   &r->author,
                             &r->date,    &r->license,  &r->file,    &r->meaning,       &r->next,
                             &r->product, &r->category, &r->service, &r->not_applicable};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        codec_text(c, texts[i]);
    codec_u32(c, &r->line);
    CODE_BELOW(c, r->status, SIGMA_STATUS_COUNT);
    CODE_ARRAY(c, r->tags, r->tag_count, codec_text);
    CODE_ARRAY(c, r->references, r->reference_count, codec_text);
    CODE_ARRAY(c, r->false_positives, r->false_positive_count, codec_text);
    CODE_ARRAY(c, r->techniques, r->technique_count, codec_text);
}

// What matching needs of a rule.
static void code_rule(struct codec *c, struct sigma_rule *r)
{
    CODE_BELOW(c, r->level, SIGMA_LEVEL_COUNT);
    CODE_ARRAY(c, r->correlation_fields, r->correlation_field_count, codec_text);
    CODE_BOOL(c, r->bundled);
    CODE_BOOL(c, r->silent);
    CODE_BOOL(c, r->needed_by_correlation);
    uint32_t sources = c->reading ? 0 : sources_number(c, r->sources, r->source_count);
    CODE_BELOW(c, sources, c->sources.count);
    if (!c->bad) {
        r->sources = c->sources.items[sources].sources;
        r->source_count = c->sources.items[sources].count;
    }
}

static void code_bound(struct codec *c, struct sigma_bound *b)
{
    CODE_BELOW(c, b->op, SIGMA_NEQ + 1);
    codec_bytes(c, &b->number, sizeof b->number);
}

static void code_group_alias(struct codec *c, struct sigma_group_alias *a)
{
    codec_text(c, &a->alias);
    codec_u32(c, &a->base);
    codec_text(c, &a->field);
}

// place: among the correlations; its bases are rules or earlier correlations.
static void code_correlation(struct codec *c, struct sigma_correlation *k, size_t rules,
                             size_t place)
{
    if (c->reading)
        k->rule = ARENA_NEW(c->arena, struct sigma_rule);
    code_rule(c, k->rule);
    codec_attributes(c, k->rule);
    codec_u32(c, &k->rule->index);
    CODE_BELOW(c, k->type, SIGMA_VALUE_MEDIAN + 1);
    CODE_ARRAY(c, k->bases, k->base_count, codec_u32);
    for (size_t i = 0; i < k->base_count && !c->bad; i++)
        c->bad |= k->bases[i] >= rules + place;
    CODE_ARRAY(c, k->group_by, k->group_by_count, codec_text);
    CODE_ARRAY(c, k->aliases, k->alias_count, code_group_alias);
    for (size_t i = 0; i < k->alias_count && !c->bad; i++)
        c->bad |= k->aliases[i].base >= k->base_count;
    k->timespan = codec_u64(c, k->timespan);
    c->bad |= k->timespan == 0;
    CODE_BELOW(c, k->bound_count, 3);
    for (size_t i = 0; i < k->bound_count; i++)
        code_bound(c, &k->bounds[i]);
    CODE_ARRAY(c, k->fields, k->field_count, codec_text);
    codec_bytes(c, &k->percentile, sizeof k->percentile);
    CODE_BOOL(c, k->generate);
}

static void code_refusal(struct codec *c, struct sigma_refusal *r)
{
    codec_text(c, &r->file);
    codec_u32(c, &r->line);
    codec_text(c, &r->title);
    codec_text(c, &r->reason);
    CODE_BOOL(c, r->warning);
}

static void code_rules(struct codec *c, struct sigma_set *set, const struct codec_later *later)
{
    size_t rules = codec_count(c, set->rules.count, sizeof(struct sigma_rule));
    codec_rules_later(c, set, rules, later);
    if (c->reading)
        ARRAY_RESERVE(&set->rules, rules);
    for (size_t i = 0; i < rules && !c->bad; i++) {
        if (c->reading) {
            struct sigma_rule *r = ARENA_NEW(c->arena, struct sigma_rule);
            r->index = (uint32_t)i;
            *ARRAY_ADD(&set->rules) = r;
        }
        code_rule(c, set->rules.items[i]);
        codec_rule_later(c, set, i);
    }
}

static void code_others(struct codec *c, struct sigma_set *set)
{
    size_t rules = set->rules.count;
    size_t count = codec_count(c, set->correlations.count,
                               sizeof(struct sigma_correlation) + sizeof(struct sigma_rule));
    for (size_t i = 0; i < count && !c->bad; i++) {
        if (c->reading)
            *ARRAY_ADD(&set->correlations) = ARENA_NEW(c->arena, struct sigma_correlation);
        code_correlation(c, set->correlations.items[i], rules, i);
    }
    size_t refusals = codec_count(c, set->refusals.count, sizeof(struct sigma_refusal));
    for (size_t i = 0; i < refusals && !c->bad; i++) {
        if (c->reading)
            *ARRAY_ADD(&set->refusals) = (struct sigma_refusal){0};
        code_refusal(c, &set->refusals.items[i]);
    }
}

bool codec_set(struct codec *c, struct sigma_set *set, const struct codec_later *later)
{
    size_t sources;
    if (!c->reading) {
        set->digest = sigma_set_digest(set);
        for (size_t i = 0; i < set->rules.count; i++)
            (void)sigma_set_rule(set, i);
        for (size_t i = 0; i < set->rules.count; i++)
            sources_number(c, set->rules.items[i]->sources, set->rules.items[i]->source_count);
        for (size_t i = 0; i < set->correlations.count; i++)
            sources_number(c, set->correlations.items[i]->rule->sources,
                           set->correlations.items[i]->rule->source_count);
    }
    sources = codec_count(c, c->sources.count, sizeof(struct codec_sources));
    for (size_t i = 0; i < sources && !c->bad; i++) {
        if (c->reading)
            *ARRAY_ADD(&c->sources) = (struct codec_sources){0};
        code_sources(c, &c->sources.items[i]);
    }
    CODE_NUMBER(c, set->file_count);
    CODE_NUMBER(c, set->filter_count);
    CODE_NUMBER(c, set->left_out_count);
    codec_bytes(c, &set->digest, sizeof set->digest);
    code_rules(c, set, later);
    code_others(c, set);
    return !c->bad;
}

void codec_free(struct codec *c)
{
    ARRAY_FREE(&c->sources);
    sha256_destroy(c->sum);
}
