// SPDX-License-Identifier: Apache-2.0
// The attributes that all kinds of documents have.
#include "detection/sigma/load.h"

static const char *const level_names[SIGMA_LEVEL_COUNT] = {"informational", "low", "medium", "high",
                                                           "critical"};
static const char *const status_names[SIGMA_STATUS_COUNT] = {
    "none", "stable", "test", "experimental", "deprecated", "unsupported"};

const char *sigma_level_name(enum sigma_level level)
{
    return level < SIGMA_LEVEL_COUNT ? level_names[level] : "?";
}

const char *sigma_status_name(enum sigma_status status)
{
    return status < SIGMA_STATUS_COUNT ? status_names[status] : "?";
}

bool sigma_level_parse(struct slice text, enum sigma_level *out)
{
    for (int i = 0; i < SIGMA_LEVEL_COUNT; i++)
        if (slice_equal_nocase(text, slice_from_str(level_names[i]))) {
            *out = (enum sigma_level)i;
            return true;
        }
    return false;
}

static bool status_parse(struct slice text, bool with_none, enum sigma_status *out)
{
    for (int i = with_none ? 0 : 1; i < SIGMA_STATUS_COUNT; i++)
        if (slice_equal_nocase(text, slice_from_str(status_names[i]))) {
            *out = (enum sigma_status)i;
            return true;
        }
    return false;
}

static int clip(struct slice s)
{
    return s.len < 60 ? (int)s.len : 60;
}

bool sigma_statuses_parse(struct slice text, struct sigma_load_options *out, struct err *e)
{
    uint32_t statuses = 0;
    for (size_t from = 0; from <= text.len;) {
        size_t to = from;
        while (to < text.len && text.at[to] != ',')
            to++;
        struct slice word = slice_trim(slice_sub(text, from, to));
        enum sigma_status status;
        if (!status_parse(word, true, &status))
            return err_set(
                e, ERR_USAGE, 0,
                "'%.*s' is no status (stable, test, experimental, deprecated, unsupported, none)",
                clip(word), (const char *)word.at);
        statuses |= 1u << status;
        from = to + 1;
    }
    out->statuses = statuses;
    return true;
}

bool attribute_text(struct arena *a, const struct ynode *map, const char *key, struct slice *out,
                    struct err *e)
{
    const struct ynode *n = ynode_get(map, key);
    if (!n || ynode_is_null(n))
        return true;
    if (n->kind != YNODE_SCALAR)
        return err_set(e, ERR_FORMAT, n->line, "'%s' must be a text", key);
    *out = arena_copy(a, n->text);
    return true;
}

bool attribute_list(struct arena *a, const struct ynode *map, const char *key, struct slice **out,
                    size_t *count, struct err *e)
{
    const struct ynode *n = ynode_get(map, key);
    if (!n || ynode_is_null(n))
        return true;
    if (n->kind == YNODE_MAP)
        return err_set(e, ERR_FORMAT, n->line, "'%s' must be a list of texts", key);
    size_t items = n->kind == YNODE_LIST ? n->count : 1;
    struct slice *list = ARENA_ARRAY(a, struct slice, items);
    size_t used = 0;
    for (size_t i = 0; i < items; i++) {
        const struct ynode *item = n->kind == YNODE_LIST ? n->items[i] : n;
        if (item->kind != YNODE_SCALAR)
            return err_set(e, ERR_FORMAT, item->line, "'%s' must be a list of texts", key);
        if (!ynode_is_null(item))
            list[used++] = arena_copy(a, item->text);
    }
    *out = list;
    *count = used;
    return true;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

// attack.t1059 and attack.t1059.001
static bool tag_is_technique(struct slice tag)
{
    struct slice prefix = SLICE("attack.t");
    if (tag.len < prefix.len || !slice_equal_nocase(slice_sub(tag, 0, prefix.len), prefix))
        return false;
    struct slice id = slice_sub(tag, prefix.len, tag.len);
    if (id.len != 4 && (id.len != 8 || id.at[4] != '.'))
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (i != 4 && !is_digit(id.at[i]))
            return false;
    return true;
}

static void find_techniques(struct arena *a, struct sigma_rule *rule)
{
    rule->techniques = ARENA_ARRAY(a, struct slice, rule->tag_count);
    for (size_t i = 0; i < rule->tag_count; i++) {
        if (!tag_is_technique(rule->tags[i]))
            continue;
        struct slice id = slice_sub(rule->tags[i], 8, rule->tags[i].len);
        rule->techniques[rule->technique_count++] =
            arena_printf(a, "T%.*s", (int)id.len, (const char *)id.at);
    }
}

static bool load_level_and_status(const struct ynode *doc, struct sigma_rule *rule, struct err *e)
{
    const struct ynode *level = ynode_get(doc, "level");
    const struct ynode *status = ynode_get(doc, "status");
    rule->level = SIGMA_MEDIUM; // when the rule gives none
    if (level && !ynode_is_null(level) &&
        (level->kind != YNODE_SCALAR || !sigma_level_parse(level->text, &rule->level)))
        return err_set(e, ERR_FORMAT, level->line,
                       "unknown level (informational, low, medium, high, critical)");
    if (status && !ynode_is_null(status) &&
        (status->kind != YNODE_SCALAR || !status_parse(status->text, false, &rule->status)))
        return err_set(e, ERR_FORMAT, status->line,
                       "unknown status (stable, test, experimental, deprecated, unsupported)");
    return true;
}

static bool load_own_key(struct arena *a, const struct ynode *doc, struct sigma_rule *rule,
                         struct err *e)
{
    const struct ynode *own = ynode_get(doc, "vigie");
    if (!own || own->kind != YNODE_MAP)
        return true;
    return attribute_text(a, own, "meaning", &rule->meaning, e) &&
           attribute_text(a, own, "next", &rule->next, e);
}

bool load_attributes(struct sigma_text *t, const struct ynode *doc, struct sigma_rule *rule,
                     struct err *e)
{
    struct arena *a = &t->set->arena;
    struct slice taxonomy = {0};
    if (!attribute_text(a, doc, "title", &rule->title, e))
        return false;
    if (slice_trim(rule->title).len == 0)
        return err_set(e, ERR_FORMAT, doc->line, "the rule has no title");
    if (!attribute_text(a, doc, "id", &rule->id, e) ||
        !attribute_text(a, doc, "name", &rule->name, e) ||
        !attribute_text(a, doc, "description", &rule->description, e) ||
        !attribute_text(a, doc, "author", &rule->author, e) ||
        !attribute_text(a, doc, "date", &rule->date, e) ||
        !attribute_text(a, doc, "license", &rule->license, e) ||
        !attribute_text(a, doc, "taxonomy", &taxonomy, e) ||
        !attribute_list(a, doc, "tags", &rule->tags, &rule->tag_count, e) ||
        !attribute_list(a, doc, "references", &rule->references, &rule->reference_count, e) ||
        !attribute_list(a, doc, "falsepositives", &rule->false_positives,
                        &rule->false_positive_count, e) ||
        !load_level_and_status(doc, rule, e) || !load_own_key(a, doc, rule, e))
        return false;
    if (taxonomy.len && !slice_equal_nocase(taxonomy, SLICE("sigma")))
        return err_set(e, ERR_UNSUPPORTED, ynode_get(doc, "taxonomy")->line,
                       "taxonomy '%.*s': only the default taxonomy 'sigma' is known",
                       clip(taxonomy), (const char *)taxonomy.at);
    find_techniques(a, rule);
    return true;
}

bool load_logsource(struct sigma_text *t, const struct ynode *doc, struct slice *product,
                    struct slice *category, struct slice *service, struct err *e)
{
    struct arena *a = &t->set->arena;
    const struct ynode *n = ynode_get(doc, "logsource");
    if (!n || n->kind != YNODE_MAP)
        return err_set(e, ERR_FORMAT, n ? n->line : doc->line, "logsource must be a map");
    if (!attribute_text(a, n, "product", product, e) ||
        !attribute_text(a, n, "category", category, e) ||
        !attribute_text(a, n, "service", service, e))
        return false;
    if (!product->len && !category->len && !service->len)
        return err_set(e, ERR_FORMAT, n->line, "logsource names no product, category or service");
    return true;
}
