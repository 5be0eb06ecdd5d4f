// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/form.h"

#include "base/utf.h"

#include <stdio.h>

void form_free(struct form *f)
{
    ARRAY_FREE(&f->rows);
}

bool form_shows(const struct form *f, size_t field)
{
    return !f->fields || (field < 64 && f->fields >> field & 1);
}

static bool boxes(const struct schema_field *f)
{
    return f->kind == VALUE_TERM && f->many;
}

void form_from_item(struct form *f, struct arena *a, const struct item *item)
{
    for (size_t i = 0; item && i < item->values.count; i++) {
        const struct value *v = &item->values.items[i];
        if (v->field >= f->group->count || !form_shows(f, v->field))
            continue;
        *ARRAY_ADD(&f->rows) = (struct form_row){
            .field = v->field,
            .key = boxes(&f->group->fields[v->field]) ? v->text : arena_printf(a, "%zu", i),
            .text = v->text,
            .precision = v->precision,
            .sources = v->sources,
            .note = v->note,
            .aside = v->set_aside,
            .has_sources = true,
        };
    }
}

// --- reading ------------------------------------------------------------------------------------

// Cuts s at the first dot: the part before it, and *rest after it (empty when there is no dot).
static struct slice cut(struct slice s, struct slice *rest)
{
    const uint8_t *dot = s.len ? memchr(s.at, '.', s.len) : NULL;
    size_t n = dot ? (size_t)(dot - s.at) : s.len;
    *rest = slice_sub(s, n + 1, s.len);
    return slice_sub(s, 0, n);
}

static int field_of(const struct form *f, struct slice name)
{
    for (size_t i = 0; i < f->group->count; i++)
        if (form_shows(f, i) && slice_equal_str(name, f->group->fields[i].name))
            return (int)i;
    return -1;
}

static struct form_row *row_of(struct form *f, int field, struct slice key)
{
    for (size_t i = 0; i < f->rows.count; i++)
        if (f->rows.items[i].field == field && slice_equal(f->rows.items[i].key, key))
            return &f->rows.items[i];
    if (f->rows.count >= RECORD_MAX_VALUES)
        return NULL;
    struct form_row *row = ARRAY_ADD(&f->rows);
    *row = (struct form_row){.field = (uint16_t)field, .key = key};
    return row;
}

// One line without control characters; cut at most bytes, between characters.
static struct slice one_line(struct arena *a, struct slice s, size_t most)
{
    s = slice_trim(s);
    if (s.len > most)
        for (s.len = most; s.len && (s.at[s.len] & 0xc0) == 0x80;)
            s.len--;
    bool plain = true;
    for (size_t i = 0; i < s.len; i++)
        plain = plain && s.at[i] >= ' ' && s.at[i] != 0x7f;
    if (plain)
        return s;
    uint8_t *out = arena_bytes(a, s.len);
    for (size_t i = 0; i < s.len; i++)
        out[i] = s.at[i] < ' ' || s.at[i] == 0x7f ? ' ' : s.at[i];
    return slice_trim(slice_of(out, s.len));
}

// Ids as "s1 s3", whatever stands between them, each once; added to those there already.
struct slice form_source_ids(struct arena *a, struct slice have, struct slice typed)
{
    struct buf b = {0};
    buf_add(&b, have);
    for (size_t i = 0; i < typed.len && b.len < 2000;) {
        size_t end = i;
        while (end < typed.len && typed.at[end] > ' ' && typed.at[end] != ',' &&
               typed.at[end] != ';')
            end++;
        struct slice id = slice_sub(typed, i, end),
                     padded = arena_printf(a, " %.*s ", SLICE_FMT(id));
        struct slice all = arena_printf(a, " %.*s ", SLICE_FMT(buf_slice(&b)));
        if (id.len && id.len < 40 && !memmem(all.at, all.len, padded.at, padded.len)) {
            if (b.len)
                buf_byte(&b, ' ');
            buf_add(&b, id);
        }
        i = end + 1;
    }
    struct slice out = arena_copy(a, buf_slice(&b));
    buf_free(&b);
    return out;
}

static struct slice upper(struct arena *a, struct slice s)
{
    uint8_t *out = arena_bytes(a, s.len);
    for (size_t i = 0; i < s.len; i++)
        out[i] = s.at[i] >= 'a' && s.at[i] <= 'z' ? (uint8_t)(s.at[i] - 32) : s.at[i];
    return slice_of(out, s.len);
}

struct slice form_country(struct arena *a, struct slice typed)
{
    if (country_valid(typed))
        return typed;
    struct slice code = upper(a, typed);
    if (typed.len == 2 && country_valid(code))
        return code;
    code = country_code(typed);
    if (code.len)
        return code;
    struct slice folded = utf8_fold_copy(a, typed);
    for (char x = 'A'; x <= 'Z'; x++) {
        for (char y = 'A'; y <= 'Z'; y++) {
            char two[2] = {x, y};
            struct slice c = slice_of(two, 2);
            if (country_valid(c) &&
                slice_equal(utf8_fold_copy(a, country_name(a, c, "fr_CA")), folded))
                return arena_copy(a, c);
        }
    }
    return typed;
}

static struct slice normalised(struct arena *a, const struct schema_field *f, struct slice s)
{
    enum { LINE_BYTES = 4096, TEXT_BYTES = 100000 };
    if (f->kind == VALUE_TEXT) {
        s = slice_trim(s);
        return s.len > TEXT_BYTES ? utf8_clean(a, slice_sub(s, 0, TEXT_BYTES)) : s;
    }
    s = one_line(a, s, LINE_BYTES);
    if (f->kind == VALUE_COUNTRY && s.len)
        return form_country(a, s);
    if ((f->kind == VALUE_TECHNIQUE || f->kind == VALUE_RECORD) && s.len)
        return upper(a, s);
    return s;
}

static void take_part(struct arena *a, struct form_row *row, struct slice sub, struct slice value)
{
    if (slice_equal_str(sub, "precision")) {
        row->precision = one_line(a, value, 16);
    } else if (slice_equal_str(sub, "sources")) {
        row->sources = form_source_ids(a, row->sources, value);
        row->has_sources = true;
    } else if (slice_equal_str(sub, "note")) {
        row->note = one_line(a, value, 4096);
    } else if (slice_equal_str(sub, "aside")) {
        row->aside = true;
    }
}

static void take_pair(struct form *f, struct arena *a, const struct http_pair *p)
{
    struct slice rest, sub;
    if (!slice_starts(p->name, f->prefix))
        return;
    struct slice name = cut(slice_sub(p->name, f->prefix.len, p->name.len), &rest);
    int field = field_of(f, name);
    if (field < 0)
        return;
    const struct schema_field *s = &f->group->fields[field];
    struct slice key = cut(rest, &sub);
    if (boxes(s) && key.len == 0) {
        struct slice code = one_line(a, p->value, 100);
        struct form_row *row = code.len ? row_of(f, field, code) : NULL;
        if (row)
            row->text = code;
        return;
    }
    if (key.len == 0)
        key = SLICE("0");
    struct form_row *row = row_of(f, field, key);
    if (!row)
        return;
    if (sub.len)
        take_part(a, row, sub, p->value);
    else if (!boxes(s))
        row->text = normalised(a, s, p->value);
}

// Terms ticked just now rest on the sources given for all such.
static void spread_new_sources(struct form *f)
{
    for (size_t i = 0; i < f->rows.count; i++) {
        const struct form_row *plus = &f->rows.items[i];
        if (!slice_equal_str(plus->key, "+") || !plus->sources.len)
            continue;
        for (size_t j = 0; j < f->rows.count; j++) {
            struct form_row *row = &f->rows.items[j];
            if (row->field == plus->field && !row->has_sources && row->text.len)
                row->sources = plus->sources;
        }
    }
}

void form_parse(struct form *f, struct arena *a, const struct http_pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        take_pair(f, a, &pairs[i]);
        if (slice_equal_str(pairs[i].name, "more") && slice_starts(pairs[i].value, f->prefix))
            f->more = slice_sub(pairs[i].value, f->prefix.len, pairs[i].value.len);
    }
    spread_new_sources(f);
}

// The precision stays only where the schema knows one.
static bool precision_known(struct slice p)
{
    return slice_equal_str(p, "day") || slice_equal_str(p, "month") || slice_equal_str(p, "year") ||
           slice_equal_str(p, "about");
}

void form_to_item(const struct form *f, struct record *r, struct item *item)
{
    size_t kept = 0;
    for (size_t i = 0; i < item->values.count; i++)
        if (!form_shows(f, item->values.items[i].field))
            item->values.items[kept++] = item->values.items[i];
    item->values.count = kept;
    // In the order of the schema, so that the order of inputs makes no difference.
    for (size_t field = 0; field < f->group->count; field++) {
        for (size_t i = 0; i < f->rows.count; i++) {
            const struct form_row *row = &f->rows.items[i];
            if (row->field != field || !row->text.len)
                continue;
            struct value *v = record_add_value(r, item, f->group->fields[field].name, row->text);
            if (!v)
                continue;
            bool date = f->group->fields[field].kind == VALUE_DATE;
            v->precision = date && precision_known(row->precision)
                               ? arena_copy(r->arena, row->precision)
                               : (struct slice){0};
            v->sources = arena_copy(r->arena, row->sources);
            v->note = arena_copy(r->arena, row->note);
            v->set_aside = row->aside;
        }
    }
}

struct slice form_field_id(struct arena *a, const struct form *f, const char *field)
{
    return arena_printf(a, "f-%.*s%s", SLICE_FMT(f->prefix), field);
}

void form_check(struct request *rq, const struct form *f, const struct record *r,
                const struct item *item, struct ui_errors *errors)
{
    struct record_flag *flags;
    size_t count = record_check(r, rq->arena, &flags);
    for (size_t i = 0; i < count; i++) {
        const struct record_flag *g = &flags[i];
        bool typed = strcmp(g->code, "form") == 0 || strcmp(g->code, "vocabulary") == 0 ||
                     strcmp(g->code, "source") == 0;
        bool here = g->error && typed && strcmp(g->group, f->group->name) == 0 &&
                    slice_equal(g->item, item->id);
        int field = here && g->field ? schema_field_find(f->group, g->field) : -1;
        if (field < 0 || !form_shows(f, (size_t)field))
            continue;
        struct slice id = form_field_id(rq->arena, f, g->field);
        if (ui_error_of(errors, id))
            continue;
        ui_error_add(errors, id,
                     text_format(rq->arena, TR("%s: %s"),
                                 text(rq->lang, f->group->fields[field].label),
                                 text(rq->lang, g->text)));
    }
}
