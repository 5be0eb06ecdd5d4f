// SPDX-License-Identifier: Apache-2.0
// Looking things up in the tables. All of them are short: they are walked.
#include "observatory/model/schema.h"

#include "observatory/model/schema_tables.h"
#include "report/texts.h"

static const struct vocabulary *const vocabularies[] = {
    &vocabulary_type,
    &vocabulary_trend,
    &vocabulary_sector,
    &vocabulary_target_kind,
    &vocabulary_information,
    &vocabulary_harm,
    &vocabulary_region,
    &vocabulary_who_kind,
    &vocabulary_claim_type,
    &vocabulary_basis,
    &vocabulary_stance,
    &vocabulary_actor_category,
    &vocabulary_responsibility,
    &vocabulary_confidence,
    &vocabulary_likelihood,
    &vocabulary_relation,
    &vocabulary_response,
    &vocabulary_criterion,
    &vocabulary_met,
    &vocabulary_decision,
    &vocabulary_source_kind,
    &vocabulary_reliability,
    &vocabulary_credibility,
    &vocabulary_tlp,
    &vocabulary_conduct,
    &vocabulary_allegation_status,
    &vocabulary_place_kind,
    &vocabulary_certainty,
    &vocabulary_consent,
    &vocabulary_indicator_type,
    &vocabulary_language,
};

// Filters that no field has: record_terms derives them.
static const struct schema_filter derived[] = {
    {"year", TEXT("Year"), VALUE_NUMBER, NULL},
    {"decade", TEXT("Decade"), VALUE_NUMBER, NULL},
    {"failed-criterion", TEXT("Criterion not met"), VALUE_TERM, &vocabulary_criterion},
};

const struct schema_kind *schema_kinds(size_t *count)
{
    *count = schema_kind_table_count;
    return schema_kind_table;
}

const struct schema_kind *schema_kind_find(struct slice name)
{
    for (size_t i = 0; i < schema_kind_table_count; i++)
        if (slice_equal_str(name, schema_kind_table[i].name))
            return &schema_kind_table[i];
    return NULL;
}

const struct schema_kind *schema_kind_by_prefix(struct slice id)
{
    for (size_t i = 0; i < schema_kind_table_count; i++) {
        struct slice prefix = slice_from_str(schema_kind_table[i].prefix);
        if (slice_starts(id, prefix) && id.len > prefix.len && id.at[prefix.len] == '-')
            return &schema_kind_table[i];
    }
    return NULL;
}

const struct schema_kind *schema_kind_by_path(struct slice path)
{
    for (size_t i = 0; i < schema_kind_table_count; i++)
        if (slice_equal_str(path, schema_kind_table[i].path))
            return &schema_kind_table[i];
    return NULL;
}

int schema_group_find(const struct schema_kind *k, const char *name)
{
    for (size_t i = 0; i < k->count; i++)
        if (strcmp(k->groups[i].name, name) == 0)
            return (int)i;
    return -1;
}

int schema_field_find(const struct schema_group *g, const char *name)
{
    for (size_t i = 0; i < g->count; i++)
        if (strcmp(g->fields[i].name, name) == 0)
            return (int)i;
    return -1;
}

const char *schema_field_language(const struct schema_group *g, const struct schema_field *f)
{
    size_t len = strlen(f->name);
    if (slice_ends(slice_from_str(f->name), SLICE("-fr")))
        return "fr";
    for (size_t i = 0; i < g->count; i++)
        if (strncmp(g->fields[i].name, f->name, len) == 0 &&
            strcmp(g->fields[i].name + len, "-fr") == 0)
            return "en";
    return NULL;
}

static void filter_add(struct schema_filter *out, size_t *n, const struct schema_filter *f)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp(out[i].name, f->name) == 0)
            return;
    if (*n < SCHEMA_MAX_FILTERS)
        out[(*n)++] = *f;
}

static void filters_of(const struct schema_kind *k, struct schema_filter *out, size_t *n)
{
    for (size_t g = 0; g < k->count; g++)
        for (size_t i = 0; i < k->groups[g].count; i++) {
            const struct schema_field *f = &k->groups[g].fields[i];
            if (f->filter)
                filter_add(out, n,
                           &(struct schema_filter){schema_filter_name(f), f->label, f->kind,
                                                   f->vocabulary});
        }
}

size_t schema_filters(const struct schema_kind *k, struct schema_filter out[SCHEMA_MAX_FILTERS])
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof derived / sizeof *derived; i++)
        filter_add(out, &n, &derived[i]);
    for (size_t i = 0; i < schema_kind_table_count; i++)
        if (!k || k == &schema_kind_table[i])
            filters_of(&schema_kind_table[i], out, &n);
    return n;
}

bool schema_filter_find(const struct schema_kind *k, struct slice name, struct schema_filter *out)
{
    struct schema_filter all[SCHEMA_MAX_FILTERS];
    size_t n = schema_filters(k, all);
    for (size_t i = 0; i < n; i++)
        if (slice_equal_str(name, all[i].name)) {
            *out = all[i];
            return true;
        }
    return false;
}

const struct vocabulary *const *schema_vocabularies(size_t *count)
{
    *count = sizeof vocabularies / sizeof *vocabularies;
    return vocabularies;
}

const struct vocabulary *vocabulary_find(const char *name)
{
    for (size_t i = 0; i < sizeof vocabularies / sizeof *vocabularies; i++)
        if (strcmp(vocabularies[i]->name, name) == 0)
            return vocabularies[i];
    return NULL;
}

const struct vocabulary_term *vocabulary_term_find(const struct vocabulary *v, struct slice code)
{
    for (size_t i = 0; i < v->count; i++)
        if (slice_equal_str(code, v->terms[i].code))
            return &v->terms[i];
    return NULL;
}
