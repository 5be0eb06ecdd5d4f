// SPDX-License-Identifier: Apache-2.0
// Any table, with a mapping file that says which column is which field:
//   {"kind": "incident", "dataset": "press", "source": {"title": "…", "publisher": "…", "url":
//   "…"},
//    "columns": {"Headline": "title",
//                "Day": {"field": "disclosed", "date": "mdy"},
//                "Sort": {"field": "type", "split": ";", "terms": {"Spying": "espionage"}},
//                "Victim": "targets.name", "Second victim": "targets.2.name"},
//    "defaults": {"origin": "unknown"}}
// A value that its field does not take refuses the row, naming column and value, so that the
// mapping can be mended; columns that are not mapped are kept as the source's own.
#include "observatory/exchange/import.h"
#include "observatory/exchange/import_terms.h"
#include "observatory/exchange/json_values.h"

struct mapping {
    json_t *root;
    const char *dataset;
    const struct schema_kind *kind;
};

struct table_row {
    struct import_job *job;
    const struct mapping *mapping;
    struct record *record;
    struct slice source;
    struct map items; // "targets.2" to its index in the record + 1
    char reason[200]; // why the row is refused; empty: it is not
};

// "targets.2.name" into group, number and field.
struct place {
    char group[40], field[40];
    unsigned number;
};

static bool read_place(const char *text, const struct schema_kind *k, struct place *out,
                       const struct schema_field **field)
{
    struct slice rest = slice_from_str(text), part[3] = {{0}};
    size_t count = 0;
    while (count < 3 && import_part(&rest, ".", &part[count]))
        count++;
    struct slice group = count > 1 ? part[0] : (struct slice){0};
    struct slice name = part[count ? count - 1 : 0];
    out->number = 1;
    if (count == 3) {
        out->number = 0;
        for (size_t i = 0; i < part[1].len && i < 3; i++) {
            if (part[1].at[i] < '0' || part[1].at[i] > '9')
                return false;
            out->number = out->number * 10 + (unsigned)(part[1].at[i] - '0');
        }
    }
    if (group.len >= sizeof out->group || name.len >= sizeof out->field || !name.len)
        return false;
    memcpy(out->group, group.len ? group.at : (const uint8_t *)"", group.len);
    out->group[group.len] = '\0';
    memcpy(out->field, name.at, name.len);
    out->field[name.len] = '\0';
    int g = schema_group_find(k, out->group);
    int f = g < 0 ? -1 : schema_field_find(&k->groups[g], out->field);
    if (f < 0)
        return false;
    *field = &k->groups[g].fields[f];
    return true;
}

static const char *field_of(const json_t *column)
{
    return json_is_string(column) ? json_string_value(column)
                                  : json_string_value(json_object_get(column, "field"));
}

// Every name of the mapping is checked before a row is read.
static bool open_mapping(struct import_job *job, struct mapping *m, struct err *e)
{
    if (!job->mapping.len)
        return err_set(e, ERR_USAGE, 0,
                       "the format csv needs --mapping FILE, which says which "
                       "column is which field");
    json_error_t why;
    m->root =
        json_loadb((const char *)job->mapping.at, job->mapping.len, JSON_REJECT_DUPLICATES, &why);
    if (!m->root)
        return err_set(e, ERR_FORMAT, (uint64_t)why.position, "mapping file, line %d: %s", why.line,
                       why.text);
    struct slice kind = json_text_of(json_object_get(m->root, "kind"));
    m->kind = schema_kind_find(kind.len ? kind : SLICE("incident"));
    m->dataset = json_string_value(json_object_get(m->root, "dataset"));
    m->dataset = m->dataset ? m->dataset : "csv";
    if (!m->kind)
        return err_set(e, ERR_FORMAT, 0, "mapping file: there is no kind of record '%.*s'",
                       SLICE_FMT(kind));
    static const char *const lists[] = {"columns", "defaults"};
    for (size_t l = 0; l < 2; l++) {
        const char *name;
        json_t *column;
        json_object_foreach(json_object_get(m->root, lists[l]), name, column)
        {
            const char *field = l == 0 ? field_of(column) : name;
            struct place place;
            const struct schema_field *f;
            if (!field || !read_place(field, m->kind, &place, &f))
                return err_set(
                    e, ERR_FORMAT, 0,
                    "mapping file: '%.60s': there is no field '%.60s' (`vigied codebook` "
                    "lists them)",
                    name, field ? field : "");
        }
    }
    if (json_object_size(json_object_get(m->root, "columns")) == 0)
        return err_set(e, ERR_FORMAT, 0, "mapping file: \"columns\" is missing or empty");
    return true;
}

static struct item *item_at(struct table_row *x, const struct place *p)
{
    if (!*p->group)
        return record_main(x->record);
    struct slice key = arena_printf(&x->job->arena, "%s.%u", p->group, p->number);
    void **place = map_put(&x->items, key, NULL);
    if (!*place) {
        struct item *made = record_add_item(x->record, p->group);
        size_t *index = ARENA_NEW(&x->job->arena, size_t);
        *index = (size_t)(made - x->record->items.items);
        *place = index;
    }
    return &x->record->items.items[*(size_t *)*place];
}

static struct slice date_of(struct arena *a, struct slice text, const char *order)
{
    if (order && strcmp(order, "mdy") == 0)
        return import_date(a, text, true);
    if (order && strcmp(order, "dmy") == 0) {
        struct slice rest = text, day, month;
        if (!import_part(&rest, "/", &day) || !import_part(&rest, "/", &month))
            return (struct slice){0};
        return import_date(
            a, arena_printf(a, "%.*s/%.*s/%.*s", SLICE_FMT(month), SLICE_FMT(day), SLICE_FMT(rest)),
            true);
    }
    struct slice date = import_date(a, text, false);
    return date.len ? date : date_valid(text) ? text : (struct slice){0};
}

static void refuse_value(struct table_row *x, const char *column, struct slice value,
                         const char *why)
{
    if (!x->reason[0])
        snprintf(x->reason, sizeof x->reason, "column '%.40s': '%.60s' %s", column,
                 arena_str(&x->job->arena, value), why);
}

static void add_value(struct table_row *x, const char *column, const json_t *options,
                      const struct place *p, const struct schema_field *f, struct slice text)
{
    struct arena *a = &x->job->arena;
    if (!text.len)
        return;
    char *word = arena_str(a, text);
    const json_t *mapped = json_object_get(json_object_get(options, "terms"), word);
    if (mapped)
        text = json_text_of(mapped);
    if (!text.len)
        return; // mapped to nothing on purpose
    struct slice value = text;
    if (f->kind == VALUE_DATE) {
        value = date_of(a, text, json_string_value(json_object_get(options, "date")));
        if (!value.len)
            refuse_value(x, column, text, "is no date");
    } else if (f->kind == VALUE_TERM && !vocabulary_term_find(f->vocabulary, text)) {
        refuse_value(x, column, text, "is no code of the field's vocabulary");
    } else if (f->kind == VALUE_COUNTRY) {
        value = country_valid(text) ? text : country_code(text);
        if (!value.len)
            refuse_value(x, column, text, "is no country that is known here");
    }
    if (!x->reason[0])
        import_add(x->record, item_at(x, p), p->field, value, x->source);
}

static void add_column(struct table_row *x, const char *column, const json_t *options,
                       const char *field, struct slice text)
{
    struct place p;
    const struct schema_field *f;
    if (!read_place(field, x->record->kind, &p, &f))
        return; // open_mapping has checked it
    const char *separator = json_string_value(json_object_get(options, "split"));
    if (!separator || !*separator) {
        add_value(x, column, options, &p, f, text);
        return;
    }
    for (struct slice part; import_part(&text, separator, &part);)
        add_value(x, column, options, &p, f, part);
}

static void add_source_of(struct table_row *x)
{
    struct item *source = record_add_item(x->record, "sources");
    static const char *const fields[] = {"title", "publisher", "url"};
    json_t *given = json_object_get(x->mapping->root, "source");
    for (size_t i = 0; i < 3; i++)
        record_add_value(x->record, source, fields[i],
                         json_text_of(json_object_get(given, fields[i])));
    if (!source->values.count)
        record_add_value(x->record, source, "title", slice_from_str(x->mapping->dataset));
    record_add_value(x->record, source, "kind", SLICE("dataset"));
    x->source = source->id;
}

static bool save_row(struct import_job *job, struct import_file *f, const struct mapping *m,
                     const struct csv *csv, struct err *e)
{
    struct record r;
    record_init(&r, m->kind, &job->arena);
    struct table_row x = {.job = job, .mapping = m, .record = &r};
    map_init(&x.items);
    add_source_of(&x);
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(m->root, "columns"), name, value) add_column(
        &x, name, json_is_object(value) ? value : NULL, field_of(value), csv_cell_of(csv, name));
    json_object_foreach(json_object_get(m->root, "defaults"), name, value)
    {
        struct place p;
        const struct schema_field *field;
        if (read_place(name, m->kind, &p, &field) && !*p.group && !record_text(&r, p.field).len)
            add_column(&x, name, NULL, name, json_text_of(value));
    }
    if (!x.reason[0] && !record_text(&r, "title").len)
        snprintf(x.reason, sizeof x.reason, "the row has no title");
    bool ok = true;
    if (x.reason[0]) {
        import_refuse(job, f, csv->row, x.reason);
    } else {
        struct import_row row = import_csv_row(job, f, m->dataset, csv);
        struct slice record;
        ok = import_save(job, &r, &row, 1, &record, e);
    }
    map_free(&x.items);
    record_free(&r);
    return ok;
}

static bool read_table(struct import_job *job, struct import_file *f, const struct mapping *m,
                       struct arena *row, struct err *e)
{
    struct csv c;
    if (!csv_open(&c, f->bytes, &job->arena, row, e))
        return err_set(e, ERR_FORMAT, e->offset, "%s: not a table", f->path);
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(m->root, "columns"), name, value) if (
        !csv_has(&c, name)) return err_set(e, ERR_FORMAT, 0,
                                           "%s: there is no column '%.60s', which the mapping "
                                           "names",
                                           f->path, name);
    struct err why;
    for (enum csv_result got; (got = csv_next(&c, &why)) != CSV_END;) {
        f->counts.rows++;
        if (got == CSV_ERROR)
            import_refuse(job, f, c.row, why.message);
        else if (!save_row(job, f, m, &c, e))
            return false;
    }
    return true;
}

bool import_csv(struct import_job *job, struct err *e)
{
    struct mapping m = {0};
    bool ok = open_mapping(job, &m, e);
    struct arena row;
    arena_init(&row, 0);
    for (size_t i = 0; ok && i < job->file_count; i++)
        ok = read_table(job, &job->files[i], &m, &row, e);
    arena_free(&row);
    json_decref(m.root);
    return ok;
}
