// SPDX-License-Identifier: Apache-2.0
// What is indexed of a record.
#include "observatory/model/record.h"

enum { TERMS_MAX = 4000 }; // of one record

struct terms {
    struct arena *arena;
    ARRAY_OF(struct record_term) found;
};

static void term_add(struct terms *t, const char *field, struct slice value)
{
    if (!value.len || t->found.count >= TERMS_MAX)
        return;
    for (size_t i = 0; i < t->found.count; i++)
        if (strcmp(t->found.items[i].field, field) == 0 &&
            slice_equal(t->found.items[i].value, value))
            return;
    *ARRAY_ADD(&t->found) = (struct record_term){field, value};
}

static void terms_of_item(struct terms *t, const struct record *r, const struct item *i)
{
    for (size_t k = 0; k < i->values.count; k++) {
        const struct value *v = &i->values.items[k];
        const struct schema_field *f = record_field(r, i, v);
        if (!f->filter || v->set_aside)
            continue;
        term_add(t, schema_filter_name(f), v->text);
        if (f->kind == VALUE_TECHNIQUE && v->text.len > 5) // a part counts for the whole too
            term_add(t, schema_filter_name(f), slice_sub(v->text, 0, 5));
    }
}

static void terms_of_year(struct terms *t, const struct record *r)
{
    static const char *const fields[] = {"began", "disclosed", "issued"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct slice date = record_text(r, fields[i]);
        if (!date_valid(date))
            continue;
        term_add(t, "year", slice_sub(date, 0, 4));
        term_add(t, "decade", arena_printf(t->arena, "%.3s0", (const char *)date.at));
        return;
    }
}

static void terms_of_criteria(struct terms *t, const struct record *r)
{
    for (const struct item *i = record_next(r, "criteria", NULL); i;
         i = record_next(r, "criteria", i))
        if (slice_equal_str(item_text(r, i, "met"), "no"))
            term_add(t, "failed-criterion", item_text(r, i, "criterion"));
}

// A record without an origin is counted as "unknown", so that origins account for every record.
static void terms_of_origin(struct terms *t, const struct record *r)
{
    if (schema_field_find(&r->kind->groups[schema_group_find(r->kind, "")], "origin") >= 0 &&
        !record_text(r, "origin").len)
        term_add(t, "origin", SLICE("unknown"));
}

size_t record_terms(const struct record *r, struct arena *a, struct record_term **out)
{
    struct terms t = {.arena = a};
    for (size_t k = 0; k < r->items.count; k++)
        terms_of_item(&t, r, &r->items.items[k]);
    terms_of_year(&t, r);
    terms_of_criteria(&t, r);
    terms_of_origin(&t, r);
    size_t n = t.found.count;
    *out = ARENA_ARRAY(a, struct record_term, n);
    if (n)
        memcpy(*out, t.found.items, n * sizeof **out);
    ARRAY_FREE(&t.found);
    return n;
}

static bool is_title(const struct schema_field *f)
{
    return strcmp(f->name, "title") == 0 || strcmp(f->name, "title-fr") == 0;
}

// Codes are not words; dates and addresses neither, but techniques and hashes are looked for.
static bool is_words(const struct schema_field *f)
{
    return f->kind == VALUE_LINE || f->kind == VALUE_TEXT || f->kind == VALUE_TECHNIQUE ||
           f->kind == VALUE_URL || f->kind == VALUE_HASH;
}

static struct buf *words_place(const struct record *r, const struct item *i,
                               const struct schema_field *f, struct record_words *out)
{
    const struct schema_group *g = &r->kind->groups[i->group];
    const char *language = schema_field_language(g, f);
    bool french = language && strcmp(language, "fr") == 0;
    if (!g->name[0] && is_title(f))
        return french ? &out->title_fr : &out->title;
    return french ? &out->body_fr : language ? &out->body : &out->other;
}

void record_words(const struct record *r, struct record_words *out)
{
    for (size_t k = 0; k < r->items.count; k++) {
        const struct item *i = &r->items.items[k];
        for (size_t n = 0; n < i->values.count; n++) {
            const struct value *v = &i->values.items[n];
            const struct schema_field *f = record_field(r, i, v);
            if (!is_words(f))
                continue;
            struct buf *to = words_place(r, i, f, out);
            if (to->len)
                buf_byte(to, '\n');
            buf_add(to, v->text);
        }
    }
}

void record_words_free(struct record_words *w)
{
    buf_free(&w->title);
    buf_free(&w->title_fr);
    buf_free(&w->body);
    buf_free(&w->body_fr);
    buf_free(&w->other);
}
