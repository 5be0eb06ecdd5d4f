// SPDX-License-Identifier: Apache-2.0
// What an editor should look at. Errors are what would mislead a reader or a machine; flags are
// facts of the sources that stand as they are: an impossible order of dates is kept and shown.
#include "observatory/model/record.h"
#include "report/texts.h"

enum { FLAGS_MAX = 2000, SOURCES_MAX = 64 }; // of a record, of a value

struct check {
    const struct record *r;
    struct arena *arena;
    ARRAY_OF(struct record_flag) flags;
};

static void flag(struct check *c, bool error, const char *code, const char *words,
                 const struct item *i, const char *field)
{
    if (c->flags.count >= FLAGS_MAX)
        return;
    *ARRAY_ADD(&c->flags) = (struct record_flag){
        .error = error,
        .code = code,
        .text = words,
        .group = i ? c->r->kind->groups[i->group].name : "",
        .item = i ? i->id : (struct slice){0},
        .field = field,
    };
}

// --- one value ----------------------------------------------------------------------------------

static bool all_hex(struct slice s, size_t len)
{
    for (size_t i = 0; i < s.len; i++)
        if (!(s.at[i] >= '0' && s.at[i] <= '9') && !(s.at[i] >= 'a' && s.at[i] <= 'f'))
            return false;
    return s.len == len;
}

static bool all_digits(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
    return s.len > 0 && s.len <= 18;
}

static bool technique_valid(struct slice s)
{
    return (s.len == 5 || (s.len == 9 && s.at[5] == '.' && all_digits(slice_sub(s, 6, 9)))) &&
           s.at[0] == 'T' && all_digits(slice_sub(s, 1, 5));
}

static bool url_valid(struct slice s)
{
    bool scheme = slice_starts(s, SLICE("https://")) || slice_starts(s, SLICE("http://"));
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] <= ' ' || s.at[i] == 0x7f || s.at[i] == '"' || s.at[i] == '<')
            return false;
    size_t host = slice_starts(s, SLICE("https://")) ? 8 : 7;
    return scheme && s.len > host && s.at[host] != '/' && s.len <= 4096;
}

static bool record_id_valid(struct slice s)
{
    const struct schema_kind *k = schema_kind_by_prefix(s);
    return k && all_digits(slice_sub(s, strlen(k->prefix) + 1, s.len));
}

// NULL, or what is wrong.
static const char *value_fault(const struct schema_field *f, struct slice t, const char **code)
{
    *code = "form";
    switch (f->kind) {
    case VALUE_DATE:
        return date_valid(t) ? NULL : TEXT("This is not a date of the calendar.");
    case VALUE_TERM:
        *code = "vocabulary";
        return vocabulary_term_find(f->vocabulary, t) ? NULL
                                                      : TEXT("The vocabulary has no such term.");
    case VALUE_COUNTRY:
        *code = "vocabulary";
        return country_valid(t) ? NULL : TEXT("This is not the code of a country.");
    case VALUE_TECHNIQUE:
        return technique_valid(t) ? NULL : TEXT("An ATT&CK id looks like T1566 or T1566.001.");
    case VALUE_URL:
        return url_valid(t) ? NULL : TEXT("A web address begins with http:// or https://.");
    case VALUE_NUMBER:
        return all_digits(t) ? NULL : TEXT("This is not a whole number.");
    case VALUE_HASH:
        return all_hex(t, 64) ? NULL : TEXT("A SHA-256 has 64 digits from 0 to 9 and a to f.");
    case VALUE_RECORD:
        return record_id_valid(t) ? NULL : TEXT("The id of a record looks like I-000123.");
    case VALUE_LINE:
    case VALUE_TEXT:
        break;
    }
    return NULL;
}

// Takes the next word of a list of ids.
static bool next_id(struct slice *rest, struct slice *id)
{
    size_t from = 0;
    while (from < rest->len && rest->at[from] == ' ')
        from++;
    size_t end = from;
    while (end < rest->len && rest->at[end] != ' ')
        end++;
    *id = slice_sub(*rest, from, end);
    *rest = slice_sub(*rest, end, rest->len);
    return id->len > 0;
}

static bool source_exists(const struct record *r, struct slice id)
{
    for (const struct item *s = record_next(r, "sources", NULL); s;
         s = record_next(r, "sources", s))
        if (slice_equal(s->id, id))
            return true;
    return false;
}

static void check_sources(struct check *c, const struct item *i, const struct value *v,
                          const char *field)
{
    struct slice id;
    size_t count = 0;
    for (struct slice rest = v->sources; next_id(&rest, &id) && count < SOURCES_MAX; count++)
        if (!source_exists(c->r, id))
            flag(c, true, "source", TEXT("It names a source that the record does not have."), i,
                 field);
}

// Facts about the event; not its name, its telling, or the registry's own decisions.
static bool wants_source(const struct schema_group *g, const struct schema_field *f)
{
    if (g->name[0])
        return false;
    return f->kind == VALUE_DATE ? strcmp(f->name, "issued") != 0 : strcmp(f->name, "origin") == 0;
}

static void check_value(struct check *c, const struct item *i, const struct value *v)
{
    const struct schema_group *g = &c->r->kind->groups[i->group];
    const struct schema_field *f = record_field(c->r, i, v);
    const char *code;
    const char *fault = value_fault(f, v->text, &code);
    if (fault)
        flag(c, true, code, fault, i, f->name);
    check_sources(c, i, v, f->name);
    if (!v->sources.len && wants_source(g, f))
        flag(c, false, "source", TEXT("No source is named for it."), i, f->name);
    if (f->kind == VALUE_DATE && !v->set_aside && v->text.len == 10 && !v->precision.len &&
        slice_ends(v->text, SLICE("-01-01")))
        flag(c, false, "date-precision",
             TEXT("1 January may stand for a year whose day is not known."), i, f->name);
}

// --- one item -----------------------------------------------------------------------------------

// Some source of a is not among those of b.
static bool source_apart(struct slice a, struct slice b)
{
    struct slice x, y;
    for (size_t n = 0; next_id(&a, &x) && n < SOURCES_MAX; n++) {
        bool found = false;
        struct slice rest = b;
        for (size_t m = 0; !found && next_id(&rest, &y) && m < SOURCES_MAX; m++)
            found = slice_equal(x, y);
        if (!found)
            return true;
    }
    return false;
}

// Do two values of a field come from sources that contradict each other? Dates do when no day fits
// both; of what may hold together, when each has a source that does not name the other.
static bool values_conflict(const struct schema_field *f, const struct value *a,
                            const struct value *b)
{
    int32_t a_first, a_last, b_first, b_last;
    if (slice_equal(a->text, b->text))
        return false;
    if (f->kind == VALUE_DATE)
        return date_range(a->text, a->precision, &a_first, &a_last) &&
               date_range(b->text, b->precision, &b_first, &b_last) &&
               (a_last < b_first || b_last < a_first);
    return f->double_coded && (f->kind == VALUE_TERM || f->kind == VALUE_COUNTRY) &&
           source_apart(a->sources, b->sources) && source_apart(b->sources, a->sources);
}

// Values that were set aside speak too: what is shown is that sources differ.
static void check_conflict(struct check *c, const struct item *i, const struct schema_field *f,
                           uint16_t index)
{
    const struct value *first = NULL;
    for (size_t k = 0; k < i->values.count; k++) {
        const struct value *v = &i->values.items[k];
        if (v->field != index)
            continue;
        if (first && values_conflict(f, first, v)) {
            flag(c, false, "conflict",
                 f->kind == VALUE_DATE ? TEXT("Sources give different dates.")
                                       : TEXT("Sources do not say the same."),
                 i, f->name);
            return;
        }
        if (!first)
            first = v;
    }
}

static void check_count(struct check *c, const struct item *i, const struct schema_field *f,
                        uint16_t index)
{
    size_t counted = 0;
    for (size_t k = 0; k < i->values.count; k++)
        counted += i->values.items[k].field == index && !i->values.items[k].set_aside;
    if (!counted && f->required)
        flag(c, true, "missing", TEXT("This has to be filled in before publication."), i, f->name);
    if (counted > 1 && !f->many)
        flag(c, true, "single", TEXT("Only one value can count; set the others aside."), i,
             f->name);
}

static void check_item(struct check *c, const struct item *i)
{
    const struct schema_group *g = &c->r->kind->groups[i->group];
    for (size_t k = 0; k < i->values.count; k++)
        check_value(c, i, &i->values.items[k]);
    for (size_t f = 0; f < g->count; f++) {
        check_count(c, i, &g->fields[f], (uint16_t)f);
        check_conflict(c, i, &g->fields[f], (uint16_t)f);
    }
}

// --- the whole ----------------------------------------------------------------------------------

static bool field_range(const struct record *r, const char *field, int32_t *first, int32_t *last)
{
    const struct item *i = record_next(r, "", NULL);
    int f = schema_field_find(&r->kind->groups[schema_group_find(r->kind, "")], field);
    bool found = false;
    for (size_t k = 0; i && k < i->values.count; k++) {
        const struct value *v = &i->values.items[k];
        int32_t a, b;
        if (v->field != f || v->set_aside || !date_range(v->text, v->precision, &a, &b))
            continue;
        *first = found && *first < a ? *first : a;
        *last = found && *last > b ? *last : b;
        found = true;
    }
    return found;
}

static void check_order(struct check *c)
{
    static const struct {
        const char *before, *after, *words;
    } orders[] = {
        {"began", "ended", TEXT("It ended before it began.")},
        {"began", "discovered", TEXT("It was discovered before it began.")},
        {"began", "disclosed", TEXT("It was disclosed before it began.")},
        {"discovered", "disclosed", TEXT("It was disclosed before it was discovered.")},
    };
    for (size_t k = 0; k < sizeof orders / sizeof *orders; k++) {
        int32_t a, a_last, b_first, b;
        if (field_range(c->r, orders[k].before, &a, &a_last) &&
            field_range(c->r, orders[k].after, &b_first, &b) && b < a)
            flag(c, false, "date-order", orders[k].words, record_next(c->r, "", NULL),
                 orders[k].after);
    }
}

static void check_presence(struct check *c)
{
    int32_t a, b;
    if (!record_next(c->r, "", NULL)) {
        const struct item none = {.group = (uint16_t)schema_group_find(c->r->kind, "")};
        check_item(c, &none);
    }
    if (schema_group_find(c->r->kind, "sources") >= 0 && !record_next(c->r, "sources", NULL))
        flag(c, true, "source", TEXT("The record has no source."), NULL, "");
    int main_group = schema_group_find(c->r->kind, "");
    if (schema_field_find(&c->r->kind->groups[main_group], "began") >= 0 &&
        !field_range(c->r, "began", &a, &b) && !field_range(c->r, "disclosed", &a, &b))
        flag(c, false, "no-date", TEXT("No source says when it happened."), NULL, "began");
}

static void check_claims(struct check *c)
{
    struct slice first = {0};
    for (const struct item *i = record_next(c->r, "claims", NULL); i;
         i = record_next(c->r, "claims", i)) {
        struct slice named = item_text(c->r, i, "country");
        if (slice_equal_str(item_text(c->r, i, "stance"), "disputes") || !named.len)
            continue;
        if (first.len && !slice_equal(first, named)) {
            flag(c, false, "claims-differ", TEXT("Claims name different countries."), i, "country");
            return;
        }
        first = named;
    }
}

// The decision must rest on the criteria, each judged once.
static void check_decision(struct check *c)
{
    struct slice decision = record_text(c->r, "decision");
    if (!slice_equal_str(decision, "included"))
        return;
    const struct vocabulary *all = vocabulary_find("criterion");
    for (size_t k = 0; k < all->count; k++) {
        struct slice met = {0};
        for (const struct item *i = record_next(c->r, "criteria", NULL); i;
             i = record_next(c->r, "criteria", i))
            if (slice_equal_str(item_text(c->r, i, "criterion"), all->terms[k].code))
                met = item_text(c->r, i, "met");
        size_t before = c->flags.count;
        if (!met.len)
            flag(c, false, "criterion", TEXT("A criterion of the definition was not judged."), NULL,
                 "decision");
        else if (slice_equal_str(met, "no"))
            flag(c, true, "criterion", TEXT("It is included although a criterion is not met."),
                 NULL, "decision");
        if (c->flags.count > before)
            c->flags.items[before].about = all->terms[k].label;
    }
}

size_t record_check(const struct record *r, struct arena *a, struct record_flag **out)
{
    struct check c = {.r = r, .arena = a};
    check_presence(&c);
    for (size_t k = 0; k < r->items.count; k++)
        check_item(&c, &r->items.items[k]);
    check_order(&c);
    check_claims(&c);
    if (schema_group_find(r->kind, "criteria") >= 0)
        check_decision(&c);
    size_t n = c.flags.count;
    *out = ARENA_ARRAY(a, struct record_flag, n);
    if (n)
        memcpy(*out, c.flags.items, n * sizeof **out);
    ARRAY_FREE(&c.flags);
    return n;
}
