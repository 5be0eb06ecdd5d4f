// SPDX-License-Identifier: Apache-2.0
// Reads demo.txt, whose form is described at its head, and writes its records and revisions.
#include "observatory/ops/demo.h"

extern const char demo_data[];

struct demo {
    struct store *store;
    struct arena memory;  // of the whole run: names of records
    struct arena scratch; // of one record
    ARRAY_OF(struct slice) keys;
    ARRAY_OF(struct slice) ids; // beside keys
    struct record body;
    size_t item;    // index in body.items, which the next values belong to
    size_t value;   // index in its values, which annotations belong to
    bool open;      // a record was begun
    bool has_value; // since the last item
    struct revision_new revision;
    struct slice id; // of the record; empty before its first revision
    uint64_t line;
};

static bool fail(struct demo *d, struct err *e, const char *what, struct slice near)
{
    return err_set(e, ERR_FORMAT, 0, "demonstration data, line %llu: %s: %.*s",
                   (unsigned long long)d->line, what, near.len > 60 ? 60 : (int)near.len,
                   (const char *)near.at);
}

static struct slice word(struct slice *rest)
{
    size_t end = 0;
    *rest = slice_trim(*rest);
    while (end < rest->len && rest->at[end] != ' ')
        end++;
    struct slice w = slice_sub(*rest, 0, end);
    *rest = slice_trim(slice_sub(*rest, end, rest->len));
    return w;
}

static bool flush(struct demo *d, struct err *e)
{
    struct revision made;
    if (!d->open || !d->revision.at)
        return true;
    d->revision.body = &d->body;
    d->revision.record = d->id;
    if (!store_revision_add(d->store, &d->revision, &d->scratch, &made, e))
        return false;
    if (!d->id.len) {
        d->id = arena_copy(&d->memory, made.record);
        *ARRAY_ADD(&d->ids) = d->id;
    }
    d->revision.at = 0;
    return true;
}

static void end_record(struct demo *d)
{
    if (d->open)
        record_free(&d->body);
    d->open = false;
    arena_reset(&d->scratch);
}

// "record KEY KIND"
static bool begin_record(struct demo *d, struct slice rest, struct err *e)
{
    if (!flush(d, e))
        return false;
    end_record(d);
    struct slice key = word(&rest);
    const struct schema_kind *k = schema_kind_find(rest);
    if (!k || !key.len || d->keys.count != d->ids.count)
        return fail(d, e, "not a record", rest);
    *ARRAY_ADD(&d->keys) = arena_copy(&d->memory, key);
    record_init(&d->body, k, &d->scratch);
    d->open = true;
    d->id = (struct slice){0};
    d->revision = (struct revision_new){0};
    return true;
}

static bool state_of(struct slice name, enum record_state *out)
{
    for (int i = 0; i < STATE_COUNT; i++)
        if (slice_equal_str(name, record_state_name((enum record_state)i))) {
            *out = (enum record_state)i;
            return true;
        }
    return false;
}

// "revision DATE STATE [LANGUAGE] | AUTHOR | REASON [| REASON IN THE OTHER LANGUAGE]"
static bool begin_revision(struct demo *d, struct slice rest, struct err *e)
{
    struct slice parts[4] = {0};
    size_t n = 0, from = 0;
    if (!d->open || !flush(d, e))
        return d->open ? false : fail(d, e, "a revision of no record", rest);
    for (size_t i = 0; i <= rest.len && n < 4; i++)
        if (i == rest.len || (rest.at[i] == '|' && n < 3)) {
            parts[n++] = slice_trim(slice_sub(rest, from, i));
            from = i + 1;
        }
    struct slice date = word(&parts[0]), state = word(&parts[0]), lang = word(&parts[0]);
    if (n < 3 || !state_of(state, &d->revision.state) || !time_parse(date, &d->revision.at, e))
        return fail(d, e, "not a revision", rest);
    d->revision.reason_lang = lang.len ? arena_copy(&d->scratch, lang) : SLICE("en");
    d->revision.author = arena_copy(&d->scratch, parts[1]);
    d->revision.reason = arena_copy(&d->scratch, parts[2]);
    d->revision.reason_other = arena_copy(&d->scratch, parts[3]);
    record_main(&d->body);
    d->item = 0;
    d->has_value = false;
    return true;
}

// "+ GROUP" a new item, "~ GROUP ID" an item that is there
static bool choose_item(struct demo *d, bool new, struct slice rest, struct err *e)
{
    struct slice group = word(&rest);
    const char *name = arena_str(&d->scratch, group);
    if (!d->open)
        return fail(d, e, "an item of no record", group);
    d->has_value = false;
    if (new) {
        if (!record_add_item(&d->body, name))
            return fail(d, e, "no such group", group);
        d->item = d->body.items.count - 1;
        return true;
    }
    for (const struct item *i = record_next(&d->body, name, NULL); i;
         i = record_next(&d->body, name, i))
        if (slice_equal(i->id, rest)) {
            d->item = (size_t)(i - d->body.items.items);
            return true;
        }
    return fail(d, e, "no such item", rest);
}

static struct item *current(struct demo *d)
{
    return d->open && d->item < d->body.items.count ? &d->body.items.items[d->item] : NULL;
}

// "- FIELD": all its values go
static bool drop_field(struct demo *d, struct slice name, struct err *e)
{
    struct item *i = current(d);
    int f =
        i ? schema_field_find(&d->body.kind->groups[i->group], arena_str(&d->scratch, name)) : -1;
    size_t kept = 0;
    if (f < 0)
        return fail(d, e, "no such field", name);
    for (size_t k = 0; k < i->values.count; k++)
        if (i->values.items[k].field != f)
            i->values.items[kept++] = i->values.items[k];
    i->values.count = kept;
    d->has_value = false;
    return true;
}

// \n stands for a line feed, @KEY for the id of an earlier record.
static struct slice text_of(struct demo *d, struct slice raw)
{
    if (raw.len > 1 && raw.at[0] == '@')
        for (size_t k = 0; k < d->ids.count; k++)
            if (slice_equal(d->keys.items[k], slice_sub(raw, 1, raw.len)))
                return d->ids.items[k];
    uint8_t *out = arena_bytes(&d->scratch, raw.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.len; i++) {
        bool feed = raw.at[i] == '\\' && i + 1 < raw.len && raw.at[i + 1] == 'n';
        out[n++] = feed ? '\n' : raw.at[i];
        i += feed;
    }
    return slice_of(out, n);
}

// "FIELD: TEXT"
static bool add_value(struct demo *d, struct slice line, struct err *e)
{
    struct item *i = current(d);
    size_t colon = 0;
    while (colon < line.len && line.at[colon] != ':')
        colon++;
    const char *field = arena_str(&d->scratch, slice_sub(line, 0, colon));
    struct slice text = text_of(d, slice_trim(slice_sub(line, colon + 1, line.len)));
    if (!i || !record_add_value(&d->body, i, field, text))
        return fail(d, e, "not a value", line);
    d->value = i->values.count - 1;
    d->has_value = true;
    return true;
}

// Two spaces and: "from s1 s2", "precision month", "aside", "note ..."
static bool annotate(struct demo *d, struct slice line, struct err *e)
{
    struct item *i = current(d);
    struct slice what = word(&line);
    if (!i || !d->has_value)
        return fail(d, e, "it belongs to no value", what);
    struct value *v = &i->values.items[d->value];
    if (slice_equal_str(what, "from"))
        v->sources = arena_copy(&d->scratch, line);
    else if (slice_equal_str(what, "precision"))
        v->precision = arena_copy(&d->scratch, line);
    else if (slice_equal_str(what, "note"))
        v->note = arena_copy(&d->scratch, line);
    else if (slice_equal_str(what, "aside"))
        v->set_aside = true;
    else
        return fail(d, e, "not an annotation", what);
    return true;
}

static bool read_line(struct demo *d, struct slice line, struct err *e)
{
    if (!line.len || line.at[0] == '#')
        return true;
    if (slice_starts(line, SLICE("  ")))
        return annotate(d, line, e);
    if (slice_starts(line, SLICE("record ")))
        return begin_record(d, slice_sub(line, 7, line.len), e);
    if (slice_starts(line, SLICE("revision ")))
        return begin_revision(d, slice_sub(line, 9, line.len), e);
    if (slice_starts(line, SLICE("+ ")) || slice_starts(line, SLICE("~ ")))
        return choose_item(d, line.at[0] == '+', slice_sub(line, 2, line.len), e);
    if (slice_starts(line, SLICE("- ")))
        return drop_field(d, slice_trim(slice_sub(line, 2, line.len)), e);
    return add_value(d, line, e);
}

static bool read_all(struct demo *d, struct slice text, struct err *e)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && text.at[end] != '\n')
            end++;
        d->line++;
        if (!read_line(d, slice_sub(text, at, end), e))
            return false;
        at = end + 1;
    }
    return flush(d, e);
}

bool demo_fill_from(struct store *s, struct slice text, struct err *e)
{
    const struct query any = {.team = true};
    uint64_t there;
    if (!store_count(s, &any, &there, e))
        return false;
    if (there)
        return true;
    if (!store_begin(s, e))
        return false;
    struct demo d = {.store = s};
    arena_init(&d.memory, 0);
    arena_init(&d.scratch, 0);
    bool ok = store_mark_invented(s, e) && read_all(&d, text, e);
    end_record(&d);
    ARRAY_FREE(&d.keys);
    ARRAY_FREE(&d.ids);
    arena_free(&d.memory);
    arena_free(&d.scratch);
    if (ok)
        return store_commit(s, e);
    store_rollback(s);
    return false;
}

struct slice demo_text(void)
{
    return slice_from_str(demo_data);
}

bool demo_fill(struct store *s, struct err *e)
{
    return demo_fill_from(s, demo_text(), e);
}
