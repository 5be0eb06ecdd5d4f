// SPDX-License-Identifier: Apache-2.0
// {"registry":…,"as_of":…,"records":[{"id":…,"kind":…,"state":…,"revision":…,
//   "fields":{"title":[{"value":…,"sources":["s1"]}],…},"claims":[{"id":"c1",…}],
//   "originals":[{"dataset":…,"file":…,"row":…,"columns":{…}}]}]}
#include "observatory/exchange/export_internal.h"

bool export_has_source(struct slice sources, struct slice id)
{
    for (size_t at = 0; at < sources.len;) {
        size_t end = at;
        while (end < sources.len && sources.at[end] != ' ')
            end++;
        if (slice_equal(slice_sub(sources, at, end), id))
            return id.len != 0;
        at = end + 1;
    }
    return false;
}

static void member(struct buf *b, const char *name, struct slice text)
{
    buf_printf(b, ",\"%s\":\"", name);
    buf_json(b, text);
    buf_byte(b, '"');
}

static void write_sources(struct buf *b, struct slice ids)
{
    bool first = true;
    buf_str(b, ",\"sources\":[");
    for (size_t at = 0; at < ids.len;) {
        size_t end = at;
        while (end < ids.len && ids.at[end] != ' ')
            end++;
        if (end > at) {
            buf_str(b, first ? "\"" : ",\"");
            buf_json(b, slice_sub(ids, at, end));
            buf_byte(b, '"');
            first = false;
        }
        at = end + 1;
    }
    buf_byte(b, ']');
}

static void write_value(struct buf *b, const struct value *v)
{
    buf_str(b, "{\"value\":\"");
    buf_json(b, v->text);
    buf_byte(b, '"');
    if (v->precision.len)
        member(b, "precision", v->precision);
    if (v->sources.len)
        write_sources(b, v->sources);
    if (v->note.len)
        member(b, "note", v->note);
    if (v->set_aside)
        buf_str(b, ",\"set_aside\":true");
    buf_byte(b, '}');
}

// The fields of one item: {"name":[values],…} without the braces.
static void write_fields(struct buf *b, const struct schema_group *g, const struct item *i,
                         bool comma)
{
    for (size_t f = 0; f < g->count; f++) {
        bool open = false;
        for (size_t v = 0; v < i->values.count; v++) {
            if (i->values.items[v].field != f)
                continue;
            if (!open)
                buf_printf(b, "%s\"%s\":[", comma ? "," : "", g->fields[f].name);
            else
                buf_byte(b, ',');
            write_value(b, &i->values.items[v]);
            open = comma = true;
        }
        if (open)
            buf_byte(b, ']');
    }
}

static void write_groups(struct buf *b, const struct record *r)
{
    for (size_t k = 0; k < r->kind->count; k++) {
        const struct schema_group *g = &r->kind->groups[k];
        bool open = false;
        for (const struct item *i = record_next(r, g->name, NULL); i;
             i = record_next(r, g->name, i)) {
            if (!g->repeated) {
                buf_printf(b, ",\"%s\":{", *g->name ? g->name : "fields");
                write_fields(b, g, i, false);
                buf_byte(b, '}');
                break;
            }
            if (!open)
                buf_printf(b, ",\"%s\":[", g->name);
            buf_str(b, open ? ",{\"id\":\"" : "{\"id\":\"");
            buf_json(b, i->id);
            buf_byte(b, '"');
            write_fields(b, g, i, true);
            buf_byte(b, '}');
            open = true;
        }
        if (open)
            buf_byte(b, ']');
    }
}

// Pairs [["a","1"],…] as an object when no name comes twice; they are our own writing, so that a
// plain scan is enough: names and values are strings.
static void write_columns(struct buf *b, struct slice columns, struct arena *a)
{
    struct map names;
    map_init(&names);
    size_t start = b->len;
    bool object = columns.len > 1 && columns.at[0] == '[' && columns.at[1] == '[';
    buf_byte(b, '{');
    for (size_t at = 1; object && at < columns.len && columns.at[at] != ']';) {
        struct slice text[2];
        at++; // [
        for (size_t k = 0; k < 2; k++) {
            size_t end = at + 1;
            while (end < columns.len && columns.at[end] != '"')
                end += columns.at[end] == '\\' ? 2 : 1;
            text[k] = slice_sub(columns, at, end + 1);
            at = end + 2; // , or ]
        }
        bool added;
        map_put(&names, arena_copy(a, text[0]), &added);
        object = added;
        if (names.count > 1)
            buf_byte(b, ',');
        buf_add(b, text[0]);
        buf_byte(b, ':');
        buf_add(b, text[1]);
        if (at < columns.len && columns.at[at] == ',')
            at++;
    }
    buf_byte(b, '}');
    map_free(&names);
    if (!object) {
        b->len = start;
        buf_add(b, columns);
    }
}

static bool write_originals(struct store *s, struct slice id, struct buf *b, struct err *e)
{
    struct arena a;
    arena_init(&a, 0);
    struct original *o;
    size_t count;
    bool ok = store_originals(s, id, &a, &o, &count, e);
    if (ok) {
        buf_str(b, ",\"originals\":[");
        for (size_t i = 0; i < count; i++) {
            buf_str(b, i ? ",{\"dataset\":\"" : "{\"dataset\":\"");
            buf_json(b, o[i].dataset);
            buf_byte(b, '"');
            member(b, "file", o[i].file);
            buf_printf(b, ",\"row\":%llu,\"columns\":", (unsigned long long)o[i].row);
            write_columns(b, o[i].columns, &a);
            buf_byte(b, '}');
        }
        buf_byte(b, ']');
    }
    arena_free(&a);
    return ok;
}

bool export_record_json(struct store *s, const struct revision *meta, const struct record *body,
                        const struct export_options *o, struct buf *out, struct err *e)
{
    char when[VTIME_TEXT_MAX];
    size_t len = time_format_seconds(meta->public_from ? meta->public_from : meta->made, when);
    buf_str(out, "{\"id\":\"");
    buf_json(out, meta->record);
    buf_printf(out, "\",\"kind\":\"%s\",\"state\":\"%s\",\"revision\":%u,\"changed\":\"%.*s\"",
               body->kind->name, record_state_name(meta->state), meta->number, (int)len, when);
    member(out, "codebook", meta->codebook);
    if (meta->reason.len)
        member(out, "reason", meta->reason);
    if (o->base_url.len) {
        buf_str(out, ",\"permalink\":\"");
        buf_json(out, o->base_url);
        buf_printf(out, "/en%s/", body->kind->path);
        buf_json(out, meta->record);
        buf_printf(out, "/revisions/%u\"", meta->number);
    }
    if (o->demo)
        buf_str(out, ",\"invented\":true");
    write_groups(out, body);
    bool ok = !o->originals || write_originals(s, meta->record, out, e);
    buf_byte(out, '}');
    return ok;
}

void export_json_begin(struct export *x)
{
    struct buf *b = &x->out;
    char when[VTIME_TEXT_MAX];
    size_t len = time_format_seconds(x->query->as_of ? x->query->as_of : time_now(), when);
    buf_str(b, "{\"registry\":\"");
    buf_json(b, x->options->name);
    buf_printf(b, "\",\"as_of\":\"%.*s\",\"codebook\":\"" CODEBOOK_VERSION "\"", (int)len, when);
    buf_printf(b,
               ",\"note\":\"%sAn origin is given as reported; it does not imply who is "
               "responsible.\",\"records\":[",
               x->options->demo ? "The data are invented. " : "");
}

bool export_json_each(struct export *x, const struct revision *meta, const struct record *body)
{
    buf_str(&x->out, x->records ? ",\n" : "\n");
    return export_record_json(x->store, meta, body, x->options, &x->out, &x->failed);
}

void export_json_end(struct export *x)
{
    buf_str(&x->out, "\n]}\n");
}
