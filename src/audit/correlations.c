// SPDX-License-Identifier: Apache-2.0
#include "audit/correlations.h"

#include "detection/sigma/correlate.h"

#include <stdlib.h>

_Static_assert((int)LEVEL_CRITICAL == (int)SIGMA_CRITICAL,
               "levels of rules and findings are the same row");

struct finding_rule finding_rule_of_sigma(const struct sigma_rule *rule, enum finding_kind kind)
{
    return (struct finding_rule){
        .key = rule->index,
        .kind = kind,
        .level = (enum finding_level)rule->level,
        .id = rule->id,
        .title = rule->title,
        .description = rule->description,
        .author = rule->author,
        .file = rule->file,
        .license = rule->license,
        .meaning = rule->meaning,
        .next = rule->next,
        .techniques = rule->techniques,
        .technique_count = rule->technique_count,
        .tags = rule->tags,
        .tag_count = rule->tag_count,
        .references = rule->references,
        .reference_count = rule->reference_count,
        .false_positives = rule->false_positives,
        .false_positive_count = rule->false_positive_count,
        .bundled = rule->bundled,
    };
}

struct run {
    const struct sigma_set *rules;
    struct case_file *c;
    struct sigma_correlator *correlator;
    enum sigma_level minimum_level;
    bool *stored; // rules of correlations already in the case, by position
    struct err *e;
    bool failed;
};

static bool match_field(void *user, struct slice name, struct slice *out)
{
    const struct case_match *m = user;
    for (size_t i = 0; i < m->field_count; i++)
        if (slice_equal(m->fields[i].name, name)) {
            *out = m->fields[i].value;
            return true;
        }
    return false;
}

static bool add_match(void *user, const struct case_match *m)
{
    struct run *r = user;
    struct case_match copy = *m;
    struct sigma_base_match match = {
        .rule = m->rule,
        .time = m->time,
        .event = (uint64_t)m->event_id,
        .field = match_field,
        .user = &copy,
    };
    sigma_correlator_add(r->correlator, &match);
    return !r->failed;
}

static void add_hit(void *user, const struct sigma_correlation_hit *hit)
{
    struct run *r = user;
    const struct sigma_rule *rule = hit->correlation->rule;
    if (r->failed || rule->level < r->minimum_level || rule->silent)
        return;
    struct finding_rule row = finding_rule_of_sigma(rule, FINDING_CORRELATION);
    row.key = (uint32_t)(r->rules->rules.count + hit->position); // behind the plain rules' keys
    if (!r->stored[hit->position]) {
        r->stored[hit->position] = true;
        if (!case_add_rule(r->c, &row, r->e)) {
            r->failed = true;
            return;
        }
    }
    struct case_correlation found = {
        .rule = row.key,
        .first = hit->first,
        .last = hit->last,
        .group = hit->group,
        .value = hit->value,
        .events = hit->events,
        .event_count = hit->event_count,
        .total_events = hit->total_events,
    };
    if (!case_add_correlation(r->c, &found, r->e))
        r->failed = true;
}

bool correlations_run(const struct sigma_set *rules, struct case_file *c,
                      enum sigma_level minimum_level, uint64_t *dropped, struct err *e)
{
    if (rules->correlations.count == 0)
        return true;
    struct run r = {
        .rules = rules,
        .c = c,
        .minimum_level = minimum_level,
        .stored = calloc(rules->correlations.count, sizeof(bool)),
        .e = e,
    };
    if (!r.stored)
        return err_set(e, ERR_MEMORY, 0, "out of memory");
    r.correlator = sigma_correlator_create(rules, add_hit, &r);
    bool ok = case_each_match(c, add_match, &r, e);
    if (ok)
        sigma_correlator_finish(r.correlator);
    *dropped = sigma_correlator_dropped(r.correlator);
    sigma_correlator_destroy(r.correlator);
    free(r.stored);
    return ok && !r.failed;
}
