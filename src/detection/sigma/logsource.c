// SPDX-License-Identifier: Apache-2.0
#include "detection/sigma/logsource.h"

#include "base/utf.h"

enum { MAX_COLUMNS = 9 };

struct row {
    struct slice product, category, service; // empty: not given
    struct sigma_source source;
    struct slice reason; // of "none" rows
};

struct alias_set {
    struct slice name;
    struct sigma_alias *aliases;
    size_t count;
};

struct logsource_table {
    struct arena *arena;
    ARRAY_OF(struct row) rows;
    ARRAY_OF(struct alias_set) sets;
    struct map answers; // "product\tcategory\tservice" to its answer
};

static const struct {
    const char *name;
    enum sigma_transform transform;
} transforms[] = {
    {"as-is", SIGMA_AS_IS},
    {"hex-to-decimal", SIGMA_HEX_TO_DECIMAL},
    {"integrity-level", SIGMA_INTEGRITY_LEVEL},
    {"domain-user", SIGMA_DOMAIN_USER},
    {"registry-path", SIGMA_REGISTRY_PATH},
    {"initiated", SIGMA_INITIATED},
    {"protocol", SIGMA_PROTOCOL},
    {"registry-operation", SIGMA_REGISTRY_OPERATION},
};

// Cuts at every separator; "-" and nothing are an empty list.
static struct slice *list_split(struct arena *a, struct slice text, uint8_t separator,
                                size_t *count)
{
    *count = 0;
    if (text.len == 0 || slice_equal_str(text, "-"))
        return NULL;
    size_t most = 1;
    for (size_t i = 0; i < text.len; i++)
        most += text.at[i] == separator;
    struct slice *list = ARENA_ARRAY(a, struct slice, most);
    for (size_t from = 0; from <= text.len;) {
        size_t to = from;
        while (to < text.len && text.at[to] != separator)
            to++;
        list[(*count)++] = slice_trim(slice_sub(text, from, to));
        from = to + 1;
    }
    return list;
}

static struct slice column(const struct slice *columns, size_t i)
{
    const struct slice none = {0};
    return slice_equal_str(columns[i], "-") ? none : columns[i];
}

static bool ids_parse(struct arena *a, struct slice text, struct sigma_source *out)
{
    size_t count;
    struct slice *words = list_split(a, text, ';', &count);
    out->event_ids = ARENA_ARRAY(a, uint32_t, count);
    out->event_id_count = count;
    for (size_t i = 0; i < count; i++) {
        uint32_t n = 0;
        for (size_t k = 0; k < words[i].len; k++) {
            if (words[i].at[k] < '0' || words[i].at[k] > '9' || k > 6)
                return false;
            n = n * 10 + (uint32_t)(words[i].at[k] - '0');
        }
        if (words[i].len == 0)
            return false;
        out->event_ids[i] = n;
    }
    return true;
}

// EventType=DeleteKey|DeleteValue: one item whose values are alternatives.
static bool where_parse(struct arena *a, struct slice text, struct sigma_source *out)
{
    size_t count;
    struct slice *words = list_split(a, text, ';', &count);
    out->conditions = ARENA_ARRAY(a, struct sigma_item, count);
    out->condition_count = count;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *equal = words[i].len ? memchr(words[i].at, '=', words[i].len) : NULL;
        if (!equal)
            return false;
        size_t name = (size_t)(equal - words[i].at);
        struct sigma_item *item = &out->conditions[i];
        struct slice *values =
            list_split(a, slice_sub(words[i], name + 1, words[i].len), '|', &item->value_count);
        item->source = item->field = slice_sub(words[i], 0, name);
        item->values = ARENA_ARRAY(a, struct sigma_value, item->value_count);
        for (size_t k = 0; k < item->value_count; k++) {
            struct sigma_token *token = ARENA_NEW(a, struct sigma_token);
            *token = (struct sigma_token){SIGMA_LITERAL, utf8_fold_copy(a, values[k])};
            struct sigma_test *test = ARENA_NEW(a, struct sigma_test);
            *test = (struct sigma_test){.kind = SIGMA_PATTERN, .tokens = token, .token_count = 1};
            item->values[k] = (struct sigma_value){values[k], test, 1};
        }
    }
    return true;
}

static struct alias_set *set_find(struct logsource_table *t, struct slice name)
{
    for (size_t i = 0; i < t->sets.count; i++)
        if (slice_equal(t->sets.items[i].name, name))
            return &t->sets.items[i];
    return NULL;
}

// alias SET NAME SOURCE SOURCE2 TRANSFORM
static bool alias_row(struct logsource_table *t, const struct slice *columns, size_t count)
{
    if (count != 6)
        return false;
    size_t k = 0;
    while (k < sizeof transforms / sizeof *transforms &&
           !slice_equal_str(columns[5], transforms[k].name))
        k++;
    if (k == sizeof transforms / sizeof *transforms)
        return false;
    struct alias_set *set = set_find(t, columns[1]);
    if (!set) {
        set = ARRAY_ADD(&t->sets);
        *set = (struct alias_set){.name = columns[1]};
    }
    struct sigma_alias *more = ARENA_ARRAY(t->arena, struct sigma_alias, set->count + 1);
    if (set->count)
        memcpy(more, set->aliases, set->count * sizeof *more);
    more[set->count++] = (struct sigma_alias){columns[2], column(columns, 3), column(columns, 4),
                                              transforms[k].transform};
    set->aliases = more;
    return true;
}

// source PRODUCT CATEGORY SERVICE CHANNELS PROVIDERS IDS WHERE ALIASES
static bool source_row(struct logsource_table *t, const struct slice *columns, size_t count)
{
    if (count != 9)
        return false;
    struct row *row = ARRAY_ADD(&t->rows);
    *row = (struct row){.product = column(columns, 1),
                        .category = column(columns, 2),
                        .service = column(columns, 3)};
    struct sigma_source *s = &row->source;
    s->channels = list_split(t->arena, columns[4], ';', &s->channel_count);
    s->providers = list_split(t->arena, columns[5], ';', &s->provider_count);
    if (!ids_parse(t->arena, columns[6], s) || !where_parse(t->arena, columns[7], s))
        return false;
    struct slice set_name = column(columns, 8);
    if (set_name.len) {
        const struct alias_set *set = set_find(t, set_name);
        if (!set)
            return false;
        s->aliases = set->aliases;
        s->alias_count = set->count;
        s->stand_in = true;
    }
    return true;
}

// none PRODUCT CATEGORY SERVICE REASON
static bool none_row(struct logsource_table *t, const struct slice *columns, size_t count)
{
    if (count != 5)
        return false;
    *ARRAY_ADD(&t->rows) = (struct row){.product = column(columns, 1),
                                        .category = column(columns, 2),
                                        .service = column(columns, 3),
                                        .reason = columns[4]};
    return true;
}

static bool line_read(struct logsource_table *t, struct slice line)
{
    line = slice_trim(line);
    if (line.len == 0 || line.at[0] == '#')
        return true;
    size_t count;
    struct slice *columns = list_split(t->arena, line, '\t', &count);
    if (count > MAX_COLUMNS)
        return false;
    if (slice_equal_str(columns[0], "alias"))
        return alias_row(t, columns, count);
    if (slice_equal_str(columns[0], "source"))
        return source_row(t, columns, count);
    return slice_equal_str(columns[0], "none") && none_row(t, columns, count);
}

struct logsource_table *logsource_table_create(struct arena *a, struct slice text, struct err *e)
{
    struct logsource_table *t = mem_alloc_zero(1, sizeof *t);
    t->arena = a;
    map_init(&t->answers);
    uint64_t number = 1;
    for (size_t from = 0; from < text.len; number++) {
        const uint8_t *end = memchr(text.at + from, '\n', text.len - from);
        size_t to = end ? (size_t)(end - text.at) : text.len;
        if (!line_read(t, slice_sub(text, from, to))) {
            logsource_table_destroy(t);
            err_set(e, ERR_FORMAT, number, "line %llu of the logsource table is wrong",
                    (unsigned long long)number);
            return NULL;
        }
        from = to + 1;
    }
    return t;
}

void logsource_table_destroy(struct logsource_table *t)
{
    if (!t)
        return;
    ARRAY_FREE(&t->rows);
    ARRAY_FREE(&t->sets);
    map_free(&t->answers);
    free(t);
}

static bool same(struct slice a, struct slice b)
{
    return slice_equal_nocase(a, b);
}

// A category's source cut down to the channels of a service; false when none is left.
static bool source_narrow(struct arena *a, struct sigma_source *s,
                          const struct sigma_source *service)
{
    if (service->channel_count == 0)
        return true;
    if (s->channel_count == 0) {
        s->channels = service->channels;
        s->channel_count = service->channel_count;
        return true;
    }
    struct slice *both = ARENA_ARRAY(a, struct slice, s->channel_count);
    size_t count = 0;
    for (size_t i = 0; i < s->channel_count; i++)
        for (size_t k = 0; k < service->channel_count; k++)
            if (same(s->channels[i], service->channels[k])) {
                both[count++] = s->channels[i];
                break;
            }
    s->channels = both;
    s->channel_count = count;
    return count > 0;
}

static int clip(struct slice s)
{
    return s.len < 60 ? (int)s.len : 60;
}

static void answer_reason(struct logsource_table *t, struct logsource_answer *answer,
                          struct slice product, struct slice category, struct slice service)
{
    bool windows = !product.len || same(product, SLICE("windows"));
    for (size_t i = 0; windows && i < t->rows.count; i++) {
        const struct row *r = &t->rows.items[i];
        if (r->reason.len && same(r->category, category) && same(r->service, service)) {
            answer->reason = r->reason;
            return;
        }
    }
    struct slice name = category.len ? category : service;
    const char *what = category.len ? "category" : "service";
    if (!windows)
        answer->reason = arena_printf(t->arena, "logs of '%.*s' are no Windows event logs",
                                      clip(product), (const char *)product.at);
    else
        answer->reason = arena_printf(t->arena, "no Windows event log answers the %s '%.*s'", what,
                                      clip(name), (const char *)name.at);
}

// Rows that answer the category alone, or the service alone, or the product alone.
static bool row_answers(const struct row *r, struct slice product, struct slice category,
                        struct slice service)
{
    return !r->reason.len && (!product.len || same(r->product, product)) &&
           same(r->category, category) && same(r->service, service);
}

static void answer_sources(struct logsource_table *t, struct logsource_answer *answer,
                           struct slice product, struct slice category, struct slice service)
{
    bool both = category.len && service.len;
    const struct slice none = {0};
    answer->sources = ARENA_ARRAY(t->arena, struct sigma_source, t->rows.count * (both ? 4 : 1));
    for (size_t i = 0; i < t->rows.count; i++) {
        const struct row *r = &t->rows.items[i];
        if (!row_answers(r, product, category, both ? none : service))
            continue;
        if (!both) {
            answer->sources[answer->source_count++] = r->source;
            continue;
        }
        for (size_t k = 0; k < t->rows.count; k++) {
            const struct row *s = &t->rows.items[k];
            struct sigma_source narrow = r->source;
            if (answer->source_count < t->rows.count * 4 &&
                row_answers(s, product, (struct slice){0}, service) &&
                source_narrow(t->arena, &narrow, &s->source))
                answer->sources[answer->source_count++] = narrow;
        }
    }
}

const struct logsource_answer *logsource_find(struct logsource_table *t, struct slice product,
                                              struct slice category, struct slice service)
{
    struct slice key = arena_printf(t->arena, "%.*s\t%.*s\t%.*s", SLICE_FMT(product),
                                    SLICE_FMT(category), SLICE_FMT(service));
    void **place = map_put(&t->answers, key, NULL);
    if (!*place) {
        struct logsource_answer *answer = ARENA_NEW(t->arena, struct logsource_answer);
        answer_sources(t, answer, product, category, service);
        if (answer->source_count == 0)
            answer_reason(t, answer, product, category, service);
        *place = answer;
    }
    return *place;
}
