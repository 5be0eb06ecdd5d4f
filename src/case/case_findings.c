// SPDX-License-Identifier: Apache-2.0
// Findings, one by one in the order of reports, and what they come to by rule, day and name. The
// order comes from the digest; here the rows are fetched.
#include "case/case_digest.h"
#include "case/case_json.h"
#include "case/case_read.h"

enum {
    NAME_CACHE_SLOTS = 512,
    NAME_CACHE_BYTES = 2 << 20, // then it is emptied: names may be an attacker's, and many
};

// Texts of the tables of names and paths, by table and id.
struct case_names {
    struct {
        int64_t id; // 0: empty
        struct slice text;
    } slots[NAME_TABLE_COUNT + 1][NAME_CACHE_SLOTS];
    struct arena memory;
    size_t bytes;
};

enum { PATHS = NAME_TABLE_COUNT }; // behind the tables of names: the evidence's paths

void case_names_free(struct case_names *n)
{
    if (n)
        arena_free(&n->memory);
    free(n);
}

// To be called while no name is in use.
static void trim_names(struct case_file *c)
{
    if (!c->read_names) {
        c->read_names = mem_alloc_zero(1, sizeof *c->read_names);
        arena_init(&c->read_names->memory, 0);
    }
    if (c->read_names->bytes < NAME_CACHE_BYTES)
        return;
    arena_reset(&c->read_names->memory);
    memset(c->read_names->slots, 0, sizeof c->read_names->slots);
    c->read_names->bytes = 0;
}

// Empty for 0 and for a name that is missing.
static struct slice name_text(struct case_file *c, int table, int64_t id)
{
    struct err ignored;
    if (!id)
        return (struct slice){0};
    struct case_names *n = c->read_names;
    size_t slot = (size_t)id % NAME_CACHE_SLOTS;
    if (n->slots[table][slot].id == id)
        return n->slots[table][slot].text;
    sqlite3_stmt *st = case_statement(c, ST_NAME_TEXT + table, &ignored);
    if (!st)
        return (struct slice){0};
    sqlite3_bind_int64(st, 1, id);
    struct slice text = {0};
    if (sqlite3_step(st) == SQLITE_ROW)
        text = arena_copy(&n->memory, case_column_text(st, 0));
    sqlite3_reset(st);
    n->slots[table][slot].id = id;
    n->slots[table][slot].text = text;
    n->bytes += text.len;
    return text;
}

// All but the fields and what a correlation adds.
static void fill_finding(struct case_file *c, const struct order_key *key,
                         const struct finding_place *place, struct case_finding *f)
{
    trim_names(c);
    *f = (struct case_finding){
        .id = key->id,
        .rule = key->rule,
        .time = key->time == UINT64_MAX ? 0 : key->time,
        .event = place->event,
        .has_event = place->has_event,
        .evidence = key->evidence,
        .offset = key->offset,
        .size = place->size,
        .has_record = place->has_record,
        .record = place->record,
        .recovered = place->recovered,
        .event_id = place->event_id,
        .channel = name_text(c, NAME_CHANNEL, place->names[NAME_CHANNEL]),
        .provider = name_text(c, NAME_PROVIDER, place->names[NAME_PROVIDER]),
        .host = name_text(c, NAME_HOST, place->names[NAME_HOST]),
        .account = name_text(c, NAME_ACCOUNT, place->names[NAME_ACCOUNT]),
        .file = name_text(c, PATHS, key->evidence),
        .is_correlation = place->is_correlation,
    };
}

struct case_fields case_finding_fields(struct slice json, struct arena *a)
{
    struct case_fields f;
    f.count = case_json_read_fields(json, a, &f.at, &f.json);
    return f;
}

struct visitor {
    struct case_file *c;
    case_visit_finding *visit;
    void *user;
    struct err *e;
    uint64_t left; // to visit
    bool stopped, failed;
};

// The row of a finding in that statement, or NULL.
static sqlite3_stmt *row_of(struct visitor *v, int statement, int64_t finding)
{
    sqlite3_stmt *st = case_statement(v->c, statement, v->e);
    if (!st)
        return NULL;
    sqlite3_bind_int64(st, 1, finding);
    if (sqlite3_step(st) == SQLITE_ROW)
        return st;
    case_error(v->c, v->e, "cannot be read");
    sqlite3_reset(st);
    return NULL;
}

static bool read_window(struct visitor *v, struct case_finding *f)
{
    sqlite3_stmt *st = row_of(v, ST_FINDING_WINDOW, f->id);
    if (!st)
        return false;
    f->last = case_column_u64(st, 0);
    f->correlated = case_column_u64(st, 1);
    sqlite3_reset(st);
    return true;
}

static bool read_place(struct visitor *v, int64_t finding, struct finding_place *place)
{
    sqlite3_stmt *st = row_of(v, ST_FINDING_ROW, finding);
    if (!st)
        return false;
    *place = digest_read_place(st);
    sqlite3_reset(st);
    return true;
}

// The row stays open while it is visited.
static bool visit_finding(struct visitor *v, struct case_finding *f, struct slice fields)
{
    sqlite3_stmt *st = NULL;
    if (!fields.at) {
        st = row_of(v, ST_FINDING_FIELDS, f->id);
        if (!st)
            return false;
        fields = case_column_text(st, 0);
    }
    f->fields = slice_sub(fields, 0, CASE_MAX_JSON); // no case of ours holds more
    v->stopped = !v->visit(v->user, f);
    sqlite3_reset(st);
    return true;
}

// Whether to go on.
static bool visit_key(struct visitor *v, const struct case_digest *d, const struct order_key *key)
{
    struct case_finding f;
    struct finding_place read;
    const struct finding_place *place = digest_place_find(d, key->id);
    v->stopped = v->left == 0;
    if (v->stopped)
        return false;
    v->left--;
    if (!place) {
        v->failed = !read_place(v, key->id, &read);
        place = &read;
    }
    if (v->failed)
        return false;
    fill_finding(v->c, key, place, &f);
    v->failed = (f.is_correlation && !read_window(v, &f)) || !visit_finding(v, &f, place->fields);
    return !v->stopped && !v->failed;
}

// Visits the keys that are in hand; then, while there may be more, those behind them, a heap full
// at a time.
static bool visit_all(struct visitor *v, const struct case_digest *d,
                      const struct order_heap *begin, uint64_t count, const uint32_t *rule)
{
    struct order_heap more = {.limit = DIGEST_ORDER, .last = begin->last};
    const struct order_heap *now = begin;
    uint64_t seen = 0;
    for (;;) {
        for (size_t i = 0; i < now->count; i++)
            if (!visit_key(v, d, &now->keys[i]))
                goto out;
        seen += now->count;
        if (now->count == 0 || seen >= count)
            break;
        struct order_key after = now->keys[now->count - 1];
        more.count = 0;
        if (!digest_scan_order(v->c, d, &after, rule, &more, v->e)) {
            v->failed = true;
            break;
        }
        order_heap_sort(&more);
        now = &more;
    }
out:
    free(more.keys);
    return !v->failed;
}

bool case_each_finding(struct case_file *c, case_visit_finding *visit, void *user, struct err *e)
{
    const struct case_digest *d = case_digest(c, e);
    if (!d)
        return false;
    struct visitor v = {.c = c, .visit = visit, .user = user, .e = e, .left = UINT64_MAX};
    return visit_all(&v, d, &d->order, d->finding_count, NULL);
}

bool case_each_finding_of(struct case_file *c, uint32_t rule, size_t most, bool backwards,
                          case_visit_finding *visit, void *user, struct err *e)
{
    const struct case_digest *d = case_digest(c, e);
    if (!d)
        return false;
    const struct digest_rule *r = digest_rule_find(d, rule);
    if (!r || !r->found)
        return true;
    struct visitor v = {.c = c, .visit = visit, .user = user, .e = e, .left = most};
    return visit_all(&v, d, backwards ? &r->found->tail : &r->found->head,
                     most < r->found->count ? most : r->found->count, &rule);
}

static enum finding_kind kind_parse(struct slice name)
{
    for (int i = FINDING_SIGMA; i <= FINDING_TAMPER; i++)
        if (slice_equal_str(name, finding_kind_name((enum finding_kind)i)))
            return (enum finding_kind)i;
    return FINDING_SIGMA;
}

// Texts live until the statement is reset, lists in the arena.
static void read_rule(sqlite3_stmt *st, struct arena *a, struct finding_rule *r)
{
    r->kind = kind_parse(case_column_text(st, 0));
    struct slice *const texts[] = {&r->id,   &r->title,   &r->description, &r->author,
                                   &r->file, &r->license, &r->meaning,     &r->next};
    for (int i = 0; i < 8; i++)
        *texts[i] = case_column_text(st, 1 + i);
    r->technique_count = case_json_read_list(case_column_text(st, 9), a, &r->techniques);
    r->tag_count = case_json_read_list(case_column_text(st, 10), a, &r->tags);
    r->reference_count = case_json_read_list(case_column_text(st, 11), a, &r->references);
    r->false_positive_count = case_json_read_list(case_column_text(st, 12), a, &r->false_positives);
    r->bundled = sqlite3_column_int(st, 13) != 0;
}

// Level from critical down, first time (those without one last), title, id, key.
static int compare_groups(const void *a, const void *b)
{
    const struct digest_rule *left = *(const struct digest_rule *const *)a,
                             *right = *(const struct digest_rule *const *)b;
    if (left->level != right->level)
        return left->level > right->level ? -1 : 1;
    uint64_t first = left->found->first - 1, second = right->found->first - 1; // 0 becomes the last
    if (first != second)
        return first < second ? -1 : 1;
    int order = slice_compare(left->title, right->title);
    order = order ? order : slice_compare(left->id, right->id);
    return order ? order : (left->key > right->key) - (left->key < right->key);
}

static bool visit_group(struct case_file *c, const struct digest_rule *rule, struct arena *memory,
                        bool (*visit)(void *user, const struct case_group *g), void *user,
                        bool *go_on, struct err *e)
{
    sqlite3_stmt *st = case_statement(c, ST_RULE_TEXTS, e);
    if (!st)
        return false;
    struct case_group g = {
        .rule = {.key = rule->key, .level = rule->level},
        .count = rule->found->count,
        .first = rule->found->first,
        .last = rule->found->last,
        .undated = rule->found->undated,
    };
    sqlite3_bind_int64(st, 1, rule->key);
    bool ok = sqlite3_step(st) == SQLITE_ROW || case_error(c, e, "cannot be read");
    if (ok) {
        arena_reset(memory);
        read_rule(st, memory, &g.rule);
        *go_on = visit(user, &g);
    }
    sqlite3_reset(st);
    return ok;
}

bool case_each_group(struct case_file *c, bool (*visit)(void *user, const struct case_group *g),
                     void *user, struct err *e)
{
    const struct case_digest *d = case_digest(c, e);
    if (!d)
        return false;
    const struct digest_rule **found =
        mem_alloc_zero(d->rule_count + 1, sizeof(struct digest_rule *));
    size_t count = 0;
    for (size_t i = 0; i < d->rule_count; i++)
        if (d->rules[i].found)
            found[count++] = &d->rules[i];
    qsort(found, count, sizeof *found, compare_groups);
    struct arena memory;
    arena_init(&memory, 0);
    bool ok = true, go_on = true;
    for (size_t i = 0; ok && go_on && i < count; i++)
        ok = visit_group(c, found[i], &memory, visit, user, &go_on, e);
    arena_free(&memory);
    free(found);
    return ok;
}

bool case_each_day(struct case_file *c,
                   bool (*visit)(void *user, uint64_t day, enum finding_level level,
                                 uint64_t count),
                   void *user, struct err *e)
{
    const struct case_digest *d = case_digest(c, e);
    if (!d)
        return false;
    for (size_t i = 0; i < d->day_count; i++)
        for (int level = 0; level < LEVEL_COUNT; level++)
            if (d->days[i].counts[level] &&
                !visit(user, d->days[i].day, (enum finding_level)level, d->days[i].counts[level]))
                return true;
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

// The ids of the `most` names met first.
static size_t first_ids(const struct first_names *names, size_t most, int64_t ids[DIGEST_NAMES])
{
    bool taken[DIGEST_NAMES] = {0};
    size_t count = 0;
    for (; count < most && count < names->count; count++) {
        size_t best = 0;
        while (taken[best]) // fewer are than there are names
            best++;
        for (size_t i = best + 1; i < names->count; i++)
            if (!taken[i] && (names->kept[i].time < names->kept[best].time ||
                              (names->kept[i].time == names->kept[best].time &&
                               names->kept[i].finding < names->kept[best].finding)))
                best = i;
        taken[best] = true;
        ids[count] = names->kept[best].name;
    }
    return count;
}

bool case_each_name_of(struct case_file *c, uint32_t rule, enum case_name which, size_t most,
                       bool (*visit)(void *user, struct slice name), void *user, struct err *e)
{
    const struct case_digest *d = case_digest(c, e);
    if (!d)
        return false;
    const struct digest_rule *r = digest_rule_find(d, rule);
    if (!r || !r->found)
        return true;
    int64_t ids[DIGEST_NAMES];
    size_t count =
        first_ids(which == CASE_HOSTS ? &r->found->hosts : &r->found->accounts, most, ids);
    sqlite3_stmt *st =
        case_statement(c, ST_NAME_TEXT + (which == CASE_HOSTS ? NAME_HOST : NAME_ACCOUNT), e);
    if (!st)
        return false;
    struct arena memory;
    arena_init(&memory, 0);
    struct slice texts[DIGEST_NAMES];
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        sqlite3_bind_int64(st, 1, ids[i]);
        if (sqlite3_step(st) == SQLITE_ROW)
            texts[known++] = arena_copy(&memory, case_column_text(st, 0));
        sqlite3_reset(st);
    }
    if (known)
        qsort(texts, known, sizeof *texts, compare_names);
    for (size_t i = 0; i < known && visit(user, texts[i]); i++)
        ;
    arena_free(&memory);
    return true;
}

struct slice case_event_json(struct case_file *c, int64_t event, struct arena *a)
{
    struct slice json = {0};
    struct err ignored;
    sqlite3_stmt *st = case_statement(c, ST_EVENT_JSON, &ignored);
    if (!st)
        return json;
    sqlite3_bind_int64(st, 1, event);
    if (sqlite3_step(st) == SQLITE_ROW)
        json = arena_copy(a, case_column_text(st, 0));
    sqlite3_reset(st);
    return json;
}
