// SPDX-License-Identifier: Apache-2.0
#include "observatory/exchange/export.h"

#include "base/term.h"
#include "observatory/exchange/export_internal.h"

static const struct {
    const char *name, *type, *extension;
} formats[EXPORT_FORMAT_COUNT] = {
    [EXPORT_CSV] = {"csv", "text/csv; charset=utf-8", "csv"},
    [EXPORT_CLAIMS_CSV] = {"claims", "text/csv; charset=utf-8", "claims.csv"},
    [EXPORT_JSON] = {"json", "application/json", "json"},
    [EXPORT_STIX] = {"stix", "application/stix+json;version=2.1", "stix.json"},
};

const char *export_type(enum export_format f)
{
    return formats[f].type;
}

const char *export_extension(enum export_format f)
{
    return formats[f].extension;
}

bool export_format_find(struct slice name, enum export_format *out)
{
    for (size_t i = 0; i < EXPORT_FORMAT_COUNT; i++)
        if (slice_equal_str(name, formats[i].name)) {
            *out = (enum export_format)i;
            return true;
        }
    return false;
}

bool export_flush(struct export *x)
{
    if (x->out.len && !x->gone && !x->sink(x->context, buf_slice(&x->out)))
        x->gone = true;
    buf_clear(&x->out);
    return !x->gone;
}

// --- CSV
static void csv_text(struct buf *b, const char *s)
{
    csv_cell(b, slice_from_str(s));
}

// The counted values of one field in all items of a group, joined by "; ".
static void joined(const struct record *r, const char *group, const char *field, bool precision,
                   struct buf *out)
{
    for (const struct item *i = record_next(r, group, NULL); i; i = record_next(r, group, i))
        for (const struct value *v = NULL; (v = item_next(r, i, field, v));) {
            struct slice text = precision ? v->precision : v->text;
            if (out->len && text.len)
                buf_str(out, "; ");
            buf_add(out, text);
        }
}

static const char *const fixed_columns[] = {"id",       "kind",    "state",
                                            "revision", "changed", "codebook"};

static void csv_header(struct export *x, const struct schema_kind *k)
{
    struct buf *b = &x->out;
    for (size_t i = 0; i < sizeof fixed_columns / sizeof *fixed_columns; i++) {
        buf_str(b, i ? "," : "");
        csv_text(b, fixed_columns[i]);
    }
    for (size_t g = 0; g < k->count; g++)
        for (size_t f = 0; f < k->groups[g].count; f++) {
            const struct schema_field *field = &k->groups[g].fields[f];
            const char *dot = *k->groups[g].name ? "." : "";
            buf_printf(b, ",%s%s%s", k->groups[g].name, dot, field->name);
            if (field->kind == VALUE_DATE)
                buf_printf(b, ",%s%s%s-precision", k->groups[g].name, dot, field->name);
        }
    buf_str(b, "\r\n");
}

static void csv_fixed(struct buf *b, const struct revision *meta, const struct record *r)
{
    char when[VTIME_TEXT_MAX];
    size_t len = time_format_seconds(meta->public_from ? meta->public_from : meta->made, when);
    csv_cell(b, meta->record);
    buf_printf(b, ",%s,%s,%u,%.*s,", r->kind->name, record_state_name(meta->state), meta->number,
               (int)len, when);
    csv_cell(b, meta->codebook);
}

static bool csv_row(struct export *x, const struct revision *meta, const struct record *r)
{
    struct buf *b = &x->out, cell = {0};
    csv_fixed(b, meta, r);
    for (size_t g = 0; g < r->kind->count; g++)
        for (size_t f = 0; f < r->kind->groups[g].count; f++) {
            const struct schema_group *group = &r->kind->groups[g];
            int columns = group->fields[f].kind == VALUE_DATE ? 2 : 1;
            for (int precision = 0; precision < columns; precision++) {
                buf_clear(&cell);
                joined(r, group->name, group->fields[f].name, precision, &cell);
                buf_byte(b, ',');
                csv_cell(b, buf_slice(&cell));
            }
        }
    buf_str(b, "\r\n");
    buf_free(&cell);
    return true;
}

static const struct schema_group *claims_of(const struct schema_kind *k)
{
    int g = schema_group_find(k, "claims");
    return g < 0 ? NULL : &k->groups[g];
}

static void claims_header(struct export *x, const struct schema_kind *k)
{
    buf_str(&x->out, "record,revision,title,claim");
    const struct schema_group *g = claims_of(k);
    for (size_t f = 0; g && f < g->count; f++)
        buf_printf(&x->out, ",%s", g->fields[f].name);
    buf_str(&x->out, ",sources\r\n");
}

// Addresses of the sources of all values of an item.
static void source_addresses(const struct record *r, const struct item *i, struct buf *out)
{
    for (const struct item *s = record_next(r, "sources", NULL); s;
         s = record_next(r, "sources", s))
        for (size_t v = 0; v < i->values.count; v++)
            if (export_has_source(i->values.items[v].sources, s->id)) {
                struct slice url = item_text(r, s, "url");
                buf_str(out, out->len ? "; " : "");
                buf_add(out, url.len ? url : s->id);
                break;
            }
}

static bool claims_rows(struct export *x, const struct revision *meta, const struct record *r)
{
    const struct schema_group *g = claims_of(r->kind);
    struct buf *b = &x->out, cell = {0};
    for (const struct item *i = g ? record_next(r, "claims", NULL) : NULL; i;
         i = record_next(r, "claims", i)) {
        csv_cell(b, meta->record);
        buf_printf(b, ",%u,", meta->number);
        csv_cell(b, record_text(r, "title"));
        buf_byte(b, ',');
        csv_cell(b, i->id);
        for (size_t f = 0; f < g->count; f++) {
            buf_clear(&cell);
            for (size_t v = 0; v < i->values.count; v++)
                if (i->values.items[v].field == f) {
                    buf_str(&cell, cell.len ? "; " : "");
                    buf_add(&cell, i->values.items[v].text);
                }
            buf_byte(b, ',');
            csv_cell(b, buf_slice(&cell));
        }
        buf_clear(&cell);
        source_addresses(r, i, &cell);
        buf_byte(b, ',');
        csv_cell(b, buf_slice(&cell));
        buf_str(b, "\r\n");
    }
    buf_free(&cell);
    return true;
}

bool export_earlier(struct store *s, const struct revision *meta, struct arena *a,
                    export_earlier_each *each, void *context, struct err *e)
{
    struct revision *list;
    size_t count;
    if (meta->number <= 1)
        return true;
    if (!store_history(s, meta->record, true, a, &list, &count, e))
        return false;
    for (size_t i = count; i-- > 0 && list[i].number < meta->number;) {
        struct record body = {0};
        struct revision earlier;
        if (store_revision(s, meta->record, list[i].number, a, &earlier, &body, e) != STORE_FOUND)
            return false;
        each(context, &list[i], &body);
        record_free(&body);
    }
    return true;
}

// --- the walk
static bool each(void *context, const struct revision *meta, const struct record *body)
{
    struct export *x = context;
    bool ok = x->each(x, meta, body);
    x->records++;
    if (x->out.len >= EXPORT_PIECE)
        ok = export_flush(x) && ok;
    return ok && !x->gone;
}

static void begin(struct export *x, const struct query *q)
{
    const struct schema_kind *k = schema_kind_find(slice_from_str(q->kind ? q->kind : "incident"));
    switch (x->format) {
    case EXPORT_CSV:
        csv_header(x, k);
        x->each = csv_row;
        break;
    case EXPORT_CLAIMS_CSV:
        claims_header(x, k);
        x->each = claims_rows;
        break;
    case EXPORT_JSON:
        export_json_begin(x);
        x->each = export_json_each;
        break;
    default:
        export_stix_begin(x);
        x->each = export_stix_each;
    }
}

bool export_write(struct store *s, const struct query *q, enum export_format f,
                  const struct export_options *o, export_sink *sink, void *context, struct err *e)
{
    struct query asked = *q;
    if (!asked.kind && (f == EXPORT_CSV || f == EXPORT_CLAIMS_CSV))
        asked.kind = "incident"; // a table has the columns of one kind
    struct export x = {
        .store = s, .query = &asked, .format = f, .options = o, .sink = sink, .context = context};
    stix_seen_init(&x.seen);
    begin(&x, &asked);
    struct err walk = {0};
    bool ok = store_walk(s, &asked, each, &x, &walk);
    if (ok && f == EXPORT_JSON)
        export_json_end(&x);
    if (ok && f == EXPORT_STIX)
        export_stix_end(&x);
    if (ok && !x.failed.code)
        export_flush(&x);
    stix_seen_free(&x.seen);
    buf_free(&x.out);
    if (x.failed.code) {
        *e = x.failed;
        return false;
    }
    if (!ok && !x.gone) {
        *e = walk;
        return false;
    }
    if (x.gone)
        return err_set(e, ERR_CANCELLED, 0, "the receiver took no more");
    return true;
}
