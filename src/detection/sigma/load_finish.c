// SPDX-License-Identifier: Apache-2.0
// What needs the whole set: ids, correlations and what they stand on, filters, logsources, final
// numbers.
#include "detection/sigma/bundled.h"
#include "detection/sigma/load.h"
#include "detection/sigma/logsource.h"

static void refuse_draft(struct sigma_set *set, struct sigma_draft *d, uint32_t line,
                         struct slice reason)
{
    d->refused = true;
    sigma_refuse(set, d->rule->file, line ? line : d->rule->line, d->rule->title, false, reason);
}

static struct slice lower(struct arena *a, struct slice s)
{
    uint8_t *out = arena_bytes(a, s.len);
    for (size_t i = 0; i < s.len; i++)
        out[i] = s.at[i] >= 'A' && s.at[i] <= 'Z' ? s.at[i] | 32 : s.at[i];
    return slice_of(out, s.len);
}

// Ids and names to drafts. wanted: first those that were asked for, then the rest, which only
// correlations may need.
static void claim_ids(struct sigma_set *set, struct map *names, bool wanted)
{
    struct sigma_loader *l = set->loader;
    for (size_t i = 0; i < l->drafts.count; i++) {
        struct sigma_draft *d = l->drafts.items[i];
        if (d->wanted != wanted || d->rule->id.len == 0)
            continue;
        void **place = map_put(names, lower(&set->arena, d->rule->id), NULL);
        const struct sigma_draft *first = *place;
        if (!first) {
            *place = d;
        } else if (first->share != d->share) {
            if (wanted)
                refuse_draft(set, d, 0,
                             arena_printf(&set->arena, "the id %.*s is taken by %.*s:%u",
                                          SLICE_FMT(d->rule->id), SLICE_FMT(first->rule->file),
                                          first->rule->line));
            d->refused = true;
        }
    }
}

static void claim_names(struct sigma_set *set, struct map *names, bool wanted)
{
    struct sigma_loader *l = set->loader;
    for (size_t i = 0; i < l->drafts.count; i++) {
        struct sigma_draft *d = l->drafts.items[i];
        if (d->wanted != wanted || d->refused || d->rule->name.len == 0)
            continue;
        void **place = map_put(names, d->rule->name, NULL);
        const struct sigma_draft *first = *place;
        if (!first)
            *place = d;
        else if (wanted && first != d && first->share != d->share)
            sigma_refuse(set, d->rule->file, d->rule->line, d->rule->title, true,
                         arena_printf(&set->arena, "the name '%.*s' is taken by %.*s:%u",
                                      SLICE_FMT(d->rule->name), SLICE_FMT(first->rule->file),
                                      first->rule->line));
    }
}

struct sigma_draft *sigma_draft_named(struct sigma_set *set, const struct map *names,
                                      struct slice name)
{
    struct sigma_draft *d = map_get(names, name);
    return d ? d : map_get(names, lower(&set->arena, name));
}

// Finds the rules a correlation names. False: refused.
static bool find_bases(struct sigma_set *set, struct sigma_draft *d, const struct map *names)
{
    struct sigma_correlation_draft *raw = d->raw;
    raw->bases = ARENA_ARRAY(&set->arena, struct sigma_draft *, raw->name_count);
    for (size_t i = 0; i < raw->name_count; i++) {
        struct sigma_draft *base = sigma_draft_named(set, names, raw->names[i]);
        const char *wrong = !base ? "a rule that is not there" : base == d ? "itself" : NULL;
        if (wrong) {
            refuse_draft(set, d, raw->line,
                         arena_printf(&set->arena, "the correlation names %s: '%.*s'", wrong,
                                      SLICE_FMT(raw->names[i])));
            return false;
        }
        raw->bases[i] = base;
    }
    return true;
}

// One round: a correlation is resolved when all that it stands on are. True when there was
// progress.
static bool resolve_round(struct sigma_set *set, uint32_t depth)
{
    struct sigma_loader *l = set->loader;
    bool progress = false;
    for (size_t i = 0; i < l->drafts.count; i++) {
        struct sigma_draft *d = l->drafts.items[i];
        if (!d->correlation || d->refused || d->resolved)
            continue;
        bool ready = true;
        for (size_t k = 0; ready && k < d->raw->name_count; k++) {
            const struct sigma_draft *base = d->raw->bases[k];
            if (base->refused) {
                refuse_draft(set, d, d->raw->line,
                             arena_printf(&set->arena,
                                          "the correlation names a rule that was refused: '%.*s'",
                                          SLICE_FMT(d->raw->names[k])));
                progress = true;
            }
            ready =
                !base->refused && (!base->correlation || (base->resolved && base->depth < depth));
        }
        if (ready) {
            d->resolved = true;
            d->depth = depth;
            progress = true;
        }
    }
    return progress;
}

void sigma_correlations_resolve(struct sigma_set *set, const struct map *names)
{
    struct sigma_loader *l = set->loader;
    for (size_t i = 0; i < l->drafts.count; i++)
        if (l->drafts.items[i]->correlation && !l->drafts.items[i]->refused)
            (void)find_bases(set, l->drafts.items[i], names);
    for (uint32_t depth = 1; depth <= SIGMA_MAX_CHAIN && resolve_round(set, depth); depth++)
        ;
    for (size_t i = 0; i < l->drafts.count; i++) {
        struct sigma_draft *d = l->drafts.items[i];
        if (d->correlation && !d->refused && !d->resolved)
            refuse_draft(set, d, d->raw->line,
                         arena_printf(&set->arena,
                                      "the correlation stands on itself through others, or on a "
                                      "chain of more than %d",
                                      SIGMA_MAX_CHAIN));
    }
}

// Keeps what was asked for and whatever that stands on.
static void keep_drafts(struct sigma_set *set)
{
    struct sigma_loader *l = set->loader;
    for (size_t i = 0; i < l->drafts.count; i++)
        l->drafts.items[i]->kept = l->drafts.items[i]->wanted && !l->drafts.items[i]->refused;
    for (uint32_t depth = SIGMA_MAX_CHAIN; depth > 0; depth--)
        for (size_t i = 0; i < l->drafts.count; i++) {
            struct sigma_draft *d = l->drafts.items[i];
            if (!d->kept || !d->correlation || d->depth != depth)
                continue;
            for (size_t k = 0; k < d->raw->name_count; k++)
                d->raw->bases[k]->kept = true;
        }
    for (size_t i = 0; i < l->drafts.count; i++)
        set->left_out_count += !l->drafts.items[i]->kept && !l->drafts.items[i]->refused;
}

// Rules that correlations stand on are silent, unless one of these asks for their own findings.
static void silence_bases(struct sigma_set *set)
{
    struct sigma_loader *l = set->loader;
    for (size_t i = 0; i < l->drafts.count; i++) {
        struct sigma_draft *d = l->drafts.items[i];
        for (size_t k = 0; d->kept && d->correlation && k < d->raw->name_count; k++) {
            struct sigma_rule *base = d->raw->bases[k]->rule;
            if (!base->needed_by_correlation)
                base->silent = true;
            base->needed_by_correlation = true;
            if (d->correlation->generate)
                base->silent = false;
        }
    }
    for (size_t i = 0; i < l->drafts.count; i++)
        if (l->drafts.items[i]->kept && !l->drafts.items[i]->wanted)
            l->drafts.items[i]->rule->silent = true;
}

static void find_sources(struct sigma_set *set, struct logsource_table *table,
                         struct sigma_rule *rule)
{
    const struct logsource_answer *answer =
        logsource_find(table, rule->product, rule->category, rule->service);
    (void)set;
    rule->sources = answer->sources;
    rule->source_count = answer->source_count;
    rule->not_applicable = answer->reason;
}

static void number_drafts(struct sigma_set *set, struct logsource_table *table)
{
    struct sigma_loader *l = set->loader;
    for (size_t i = 0; i < l->drafts.count; i++) {
        struct sigma_draft *d = l->drafts.items[i];
        if (!d->kept || d->correlation)
            continue;
        d->position = (uint32_t)set->rules.count;
        d->rule->index = d->position;
        find_sources(set, table, d->rule);
        *ARRAY_ADD(&set->rules) = d->rule;
    }
    // Those further down a chain first, so that whoever runs them in order finds their bases done.
    for (uint32_t depth = 1; depth <= SIGMA_MAX_CHAIN; depth++)
        for (size_t i = 0; i < l->drafts.count; i++) {
            struct sigma_draft *d = l->drafts.items[i];
            if (!d->kept || !d->correlation || d->depth != depth)
                continue;
            d->position = (uint32_t)set->correlations.count;
            d->rule->index = (uint32_t)set->rules.count + d->position;
            *ARRAY_ADD(&set->correlations) = d->correlation;
        }
}

// Names to numbers. An alias of a rule that the correlation does not stand on means nothing: a
// warning.
static void link_correlation(struct sigma_set *set, struct sigma_draft *d)
{
    struct sigma_correlation *c = d->correlation;
    struct sigma_correlation_draft *raw = d->raw;
    c->bases = ARENA_ARRAY(&set->arena, uint32_t, raw->name_count);
    c->base_count = raw->name_count;
    for (size_t i = 0; i < raw->name_count; i++) {
        const struct sigma_draft *base = raw->bases[i];
        c->bases[i] =
            base->correlation ? (uint32_t)set->rules.count + base->position : base->position;
    }
    c->aliases = ARENA_ARRAY(&set->arena, struct sigma_group_alias, raw->alias_count);
    for (size_t i = 0; i < raw->alias_count; i++) {
        const struct sigma_alias_draft *alias = &raw->aliases[i];
        bool found = false;
        for (size_t k = 0; k < raw->name_count && !found; k++) {
            const struct sigma_rule *base = raw->bases[k]->rule;
            found = slice_equal(alias->base, raw->names[k]) ||
                    slice_equal_nocase(alias->base, base->id) ||
                    (base->name.len && slice_equal(alias->base, base->name));
            if (found)
                c->aliases[c->alias_count++] =
                    (struct sigma_group_alias){alias->alias, (uint32_t)k, alias->field};
        }
        if (!found)
            sigma_refuse(
                set, c->rule->file, alias->line, c->rule->title, true,
                arena_printf(&set->arena,
                             "the alias '%.*s' names a rule that the correlation does not: '%.*s'",
                             SLICE_FMT(alias->alias), SLICE_FMT(alias->base)));
    }
    if (!raw->bounds_given) { // temporal: all of them
        c->bounds[0] = (struct sigma_bound){SIGMA_GTE, (double)c->base_count};
        c->bound_count = 1;
    }
}

void sigma_set_finish(struct sigma_set *set, const struct sigma_load_options *options)
{
    (void)options; // each text was judged by the options it was added with
    struct sigma_loader *l = sigma_loader_of(set);
    struct map names;
    struct err e = {0};
    map_init(&names);
    claim_ids(set, &names, true);
    claim_ids(set, &names, false);
    claim_names(set, &names, true);
    claim_names(set, &names, false);
    sigma_correlations_resolve(set, &names);
    keep_drafts(set);
    silence_bases(set);
    sigma_filters_join(set, &names);
    struct logsource_table *table =
        logsource_table_create(&set->arena, sigma_bundled_logsource(), &e);
    if (!table) // the table is built in and tested
        table = logsource_table_create(&set->arena, (struct slice){0}, &e);
    number_drafts(set, table);
    for (size_t i = 0; i < l->drafts.count; i++)
        if (l->drafts.items[i]->kept && l->drafts.items[i]->correlation)
            link_correlation(set, l->drafts.items[i]);
    logsource_table_destroy(table);
    map_free(&names);
    arena_free(&l->scratch);
    ARRAY_FREE(&l->drafts);
    ARRAY_FREE(&l->filters);
    arena_init(&l->scratch, 0);
}
