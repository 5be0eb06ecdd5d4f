// SPDX-License-Identifier: Apache-2.0
// Loads what all reports need from a case, and writes the files.
#include "report/internal.h"

#include "base/array.h"

#include <sys/stat.h>

enum {
    PAGE_BYTES = 1500000,   // a page of this size opens at once, on a phone as well
    MAX_RULE_KEY = 4 << 20, // more rules than that is no case of ours
};

bool report_language_known(const char *lang)
{
    return language_find(lang) != NULL;
}

const char *report_languages(void)
{
    return language_list();
}

static const struct {
    const char *word, *file;
    enum report_format format;
} formats[] = {
    {"html", "report.html", REPORT_HTML},
    {"jsonl", "findings.jsonl", REPORT_JSONL},
    {"csv", "findings.csv", REPORT_CSV},
    {"timesketch", "timesketch.jsonl", REPORT_TIMESKETCH},
    {"evidence", "evidence.csv", REPORT_EVIDENCE},
};

unsigned report_format_parse(const char *word)
{
    if (strcmp(word, "all") == 0)
        return REPORT_ALL;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(word, formats[i].word) == 0)
            return formats[i].format;
    return 0;
}

static void copy_list(struct arena *a, const struct slice **list, size_t count)
{
    struct slice *copy = ARENA_ARRAY(a, struct slice, count ? count : 1);
    for (size_t i = 0; i < count; i++)
        copy[i] = arena_copy(a, (*list)[i]);
    *list = copy;
}

static void copy_rule(struct arena *a, struct finding_rule *rule)
{
    struct slice *texts[] = {&rule->id,   &rule->title,   &rule->description, &rule->author,
                             &rule->file, &rule->license, &rule->meaning,     &rule->next};
    for (size_t i = 0; i < 8; i++)
        *texts[i] = arena_copy(a, *texts[i]);
    copy_list(a, &rule->techniques, rule->technique_count);
    copy_list(a, &rule->tags, rule->tag_count);
    copy_list(a, &rule->references, rule->reference_count);
    copy_list(a, &rule->false_positives, rule->false_positive_count);
}

static bool is_technique(const struct finding_rule *rule, struct slice prefix)
{
    for (size_t i = 0; i < rule->technique_count; i++)
        if (slice_equal_nocase(slice_sub(rule->techniques[i], 0, prefix.len), prefix))
            return true;
    return false;
}

static void derive(struct report_group *g)
{
    const struct finding_rule *rule = &g->found.rule;
    for (size_t i = 0; i < rule->tag_count; i++)
        g->tactics |= attack_tag_tactic(rule->tags[i]);
    if (!g->tactics) // no tactic named: those of its techniques
        for (size_t i = 0; i < rule->technique_count; i++) {
            const struct attack_technique *t = attack_technique_find(rule->techniques[i]);
            g->tactics |= t ? attack_technique_tactics(t) : 0;
        }
    g->enters = (g->tactics & 1u << TACTIC_ENTRY) || is_technique(rule, SLICE("T1204")) ||
                is_technique(rule, SLICE("T1553.005"));
    g->clears_log = is_technique(rule, SLICE("T1070.001"));
    g->stages = is_technique(rule, SLICE("T1560")) || is_technique(rule, SLICE("T1074"));
}

struct loading {
    struct report *r;
    ARRAY_OF(struct report_group) groups;
    uint32_t highest;
};

static bool load_group(void *user, const struct case_group *found)
{
    struct loading *l = user;
    if (found->rule.key >= MAX_RULE_KEY)
        return true;
    struct report_group g = {.found = *found, .page = 1};
    copy_rule(&l->r->memory, &g.found.rule);
    derive(&g);
    g.number = (unsigned)l->groups.count + 1;
    *ARRAY_ADD(&l->groups) = g;
    l->highest = found->rule.key > l->highest ? found->rule.key : l->highest;
    l->r->finding_count += found->count;
    l->r->undated += found->undated;
    return true;
}

static void take_loaded(struct report *r, struct loading *l)
{
    r->group_count = l->groups.count;
    r->groups = ARENA_ARRAY(&r->memory, struct report_group, r->group_count + 1);
    if (r->group_count)
        memcpy(r->groups, l->groups.items, r->group_count * sizeof *r->groups);
    r->key_count = (size_t)l->highest + 1;
    r->group_by_key = ARENA_ARRAY(&r->memory, uint32_t, r->key_count);
    for (size_t i = 0; i < r->group_count; i++)
        r->group_by_key[r->groups[i].found.rule.key] = (uint32_t)i + 1;
}

bool report_load(struct report *r, struct case_file *c, const char *lang, struct err *e)
{
    *r = (struct report){.c = c, .page_bytes = PAGE_BYTES};
    arena_init(&r->memory, 0);
    arena_init(&r->scratch, 0);
    if (lang && *lang)
        r->lang = language_find(lang);
    else // the language of the audit, unless it is one of a later vigie
        r->lang = language_find(arena_str(&r->memory, report_setting(r, "language")));
    if (!r->lang && !(lang && *lang))
        r->lang = language_find(NULL);
    if (!r->lang)
        return err_set(e, ERR_USAGE, 0, "there are no texts in the language '%.40s'; there are: %s",
                       lang, language_list());
    struct loading l = {.r = r};
    bool ok = case_summarise(c, &r->summary, e) && case_each_group(c, load_group, &l, e);
    if (ok)
        take_loaded(r, &l);
    r->complete = case_is_complete(c);
    struct err ignored;
    struct slice made = report_setting(r, "audit_started");
    if (!made.len || !time_parse(made, &r->made, &ignored))
        r->made = 0;
    ARRAY_FREE(&l.groups);
    return ok;
}

struct logs {
    struct arena *memory;
    ARRAY_OF(struct case_log) all;
};

static bool load_log(void *user, const struct case_log *log)
{
    struct logs *l = user;
    struct case_log *copy = ARRAY_ADD(&l->all);
    *copy = *log;
    copy->host = arena_copy(l->memory, log->host);
    copy->channel = arena_copy(l->memory, log->channel);
    return true;
}

static int compare_logs(const void *a, const void *b)
{
    const struct case_log *left = a, *right = b;
    int order = slice_compare(left->host, right->host);
    order = order ? order : slice_compare(left->channel, right->channel);
    order = order ? order : (left->first > right->first) - (left->first < right->first);
    return order ? order : (left->evidence > right->evidence) - (left->evidence < right->evidence);
}

bool report_load_logs(struct report *r, struct err *e)
{
    struct logs l = {.memory = &r->memory};
    bool ok = case_each_log(r->c, load_log, &l, e);
    r->log_count = l.all.count;
    r->logs = ARENA_ARRAY(&r->memory, struct case_log, r->log_count + 1);
    if (r->log_count) {
        memcpy(r->logs, l.all.items, r->log_count * sizeof *r->logs);
        qsort(r->logs, r->log_count, sizeof *r->logs, compare_logs);
    }
    ARRAY_FREE(&l.all);
    return ok;
}

void report_free(struct report *r)
{
    arena_free(&r->memory);
    arena_free(&r->scratch);
}

const struct report_group *report_group_of(const struct report *r, uint32_t rule)
{
    uint32_t index = rule < r->key_count ? r->group_by_key[rule] : 0;
    return index ? &r->groups[index - 1] : NULL;
}

struct slice report_setting(struct report *r, const char *name)
{
    return case_get(r->c, name, &r->memory);
}

uint64_t report_setting_number(struct report *r, const char *name)
{
    struct slice s = report_setting(r, name);
    uint64_t n = 0;
    for (size_t i = 0; i < s.len && i < 18 && s.at[i] >= '0' && s.at[i] <= '9'; i++)
        n = n * 10 + (uint64_t)(s.at[i] - '0');
    return n;
}

static char *path_in(struct report *r, const char *dir, const char *name)
{
    return arena_str(&r->memory, arena_printf(&r->memory, "%s/%s", dir, name));
}

static bool check_free(struct report *r, const char *dir, unsigned wanted, struct err *e)
{
    struct stat st;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const char *path = path_in(r, dir, formats[i].file);
        if ((wanted & formats[i].format) && lstat(path, &st) == 0)
            return err_set(e, ERR_USAGE, 0, "%.180s is there already; --force writes over it",
                           path);
    }
    return true;
}

const char *report_file_name(enum report_format format)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].format == format)
            return formats[i].file;
    return "";
}

bool report_write_all(struct case_file *c, const char *dir, const struct report_options *options,
                      struct err *e)
{
    struct report r;
    unsigned wanted = options->formats ? options->formats : (unsigned)REPORT_ALL;
    bool ok = report_load(&r, c, options->lang, e);
    if (options->page_bytes)
        r.page_bytes = options->page_bytes;
    ok = ok && (options->force || check_free(&r, dir, wanted, e));
    ok = ok && report_write_findings(&r, dir, wanted, e);
    if (ok && (wanted & REPORT_EVIDENCE))
        ok = report_write_evidence(&r, path_in(&r, dir, report_file_name(REPORT_EVIDENCE)), e);
    if (ok && (wanted & REPORT_HTML))
        ok = report_write_html(&r, dir, e);
    out_sync_folder(dir);
    report_free(&r);
    return ok;
}

const char *level_name(const struct report *r, enum finding_level level)
{
    switch (level) {
    case LEVEL_INFORMATIONAL:
        return TR("informational");
    case LEVEL_LOW:
        return TR("low");
    case LEVEL_MEDIUM:
        return TR("medium");
    case LEVEL_HIGH:
        return TR("high");
    case LEVEL_CRITICAL:
    case LEVEL_COUNT:
        break;
    }
    return TR("critical");
}
