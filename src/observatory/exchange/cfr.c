// SPDX-License-Identifier: Apache-2.0
// The Cyber Operations Tracker of the Council on Foreign Relations: one table, a row an incident.
// Its date is the day of the report. In some rows the cells stand one or two columns too far left;
// nothing is guessed there: title, day and description are mapped, the rest is kept as it stands
// and a remark says so.
#include "observatory/exchange/import.h"
#include "observatory/exchange/import_terms.h"

static const struct import_term type_codes[] = {
    {"Espionage", "espionage"},
    {"Sabotage", "destruction"},
    {"Denial of service", "disruption"},
    {"Data destruction", "destruction"},
    {"Financial theft", "financial-theft"},
    {"Defacement", "defacement"},
    {"Doxing", "doxing"},
};

static const struct import_term sector_codes[] = {
    {"Government", "government"},
    {"Private sector", "business"},
    {"Civil society", "civil-society"},
    {"Military", "military"},
};

static const struct import_term target_kind_codes[] = {
    {"Government", "public-body"},
    {"Private sector", "company"},
    {"Civil society", "organisation"},
    {"Military", "public-body"},
};

static const struct import_term response_codes[] = {
    {"Denial", "denial"},          {"Denouncement", "statement"},
    {"Confirmation", "statement"}, {"Criminal charges", "indictment"},
    {"Sanctions", "sanctions"},    {"Hack back", "counter-operation"},
};

struct cfr {
    struct import_job *job;
    const struct csv *csv;
    struct record *record;
    struct slice dataset; // id of the tracker's source item
};

static struct slice cell(const struct cfr *x, const char *name)
{
    struct slice s = csv_cell_of(x->csv, name);
    // The published table has stray question marks where a character was lost at the end.
    while (s.len && (s.at[s.len - 1] == '?' || s.at[s.len - 1] == '\n' || s.at[s.len - 1] == ' ')) {
        if (s.at[s.len - 1] == '?' && s.len > 1 && s.at[s.len - 2] != '\n' &&
            s.at[s.len - 2] != '?')
            break;
        s.len--;
    }
    return s;
}

// A part of a list, of which nothing is known to our tables, stands in the wrong column.
static bool all_known(const struct import_term *terms, size_t count, struct slice list)
{
    for (struct slice part; import_part(&list, ",", &part);)
        if (part.len && !import_term_code(terms, count, part).len)
            return false;
    return true;
}

static bool stands_in_place(const struct cfr *x)
{
    return all_known(type_codes, sizeof type_codes / sizeof *type_codes, cell(x, "Type")) &&
           all_known(sector_codes, sizeof sector_codes / sizeof *sector_codes, cell(x, "Category"));
}

static void add_country(struct cfr *x, struct item *i, const char *field, struct slice names)
{
    if (country_code(names).len || import_says_nothing(names)) { // "Palestine, State of"
        import_country(x->record, i, field, names, x->dataset);
        return;
    }
    for (struct slice part; import_part(&names, ",", &part);)
        if (part.len)
            import_country(x->record, i, field, part, x->dataset);
}

static void add_claim(struct cfr *x, struct slice sponsor, struct slice affiliation)
{
    if (!sponsor.len && !affiliation.len)
        return;
    struct item *i = record_add_item(x->record, "claims");
    import_add(x->record, i, "who", SLICE("CFR Cyber Operations Tracker"), x->dataset);
    import_add(x->record, i, "who-kind", SLICE("research"), x->dataset);
    import_add(x->record, i, "who-country", SLICE("US"), x->dataset);
    import_add(x->record, i, "stance", SLICE("asserts"), x->dataset);
    import_add(x->record, i, "type", SLICE("other"), x->dataset);
    add_country(x, i, "country", sponsor);
    if (slice_starts(affiliation, SLICE("Believed")))
        import_add(x->record, i, "text", affiliation, x->dataset);
    else
        import_add(x->record, i, "actor", affiliation, x->dataset);
    import_add(x->record, i, "category", sponsor.len ? SLICE("state-affiliated") : SLICE("unknown"),
               x->dataset);
}

// "Denial   https://…": the kind, then the addresses.
static void add_response(struct cfr *x, struct slice text)
{
    struct slice code = IMPORT_CODE(response_codes, text);
    if (import_says_nothing(text) || !code.len)
        return;
    struct slice source = x->dataset, rest = text;
    for (struct slice word; import_part(&rest, " ", &word);) {
        struct slice id = import_source(x->record, word);
        if (id.len)
            source = id;
    }
    struct item *i = record_add_item(x->record, "responses"); // after its sources: items may move
    size_t words = 0;
    while (words < text.len && !slice_starts(slice_sub(text, words, text.len), SLICE("http")))
        words++;
    import_add(x->record, i, "kind", code, source);
    import_add(x->record, i, "text", slice_sub(text, 0, words), source);
}

static void add_targets(struct cfr *x)
{
    struct slice victims = cell(x, "Victims"), categories = cell(x, "Category");
    struct item *i = NULL;
    if (victims.len && !import_says_nothing(victims)) {
        i = record_add_item(x->record, "targets");
        import_add(x->record, i, "name", victims, x->dataset);
    }
    bool one = !memchr(categories.at ? categories.at : (const uint8_t *)"", ',', categories.len);
    for (struct slice part; import_part(&categories, ",", &part);) {
        struct slice sector = IMPORT_CODE(sector_codes, part);
        import_add(x->record, record_main(x->record), "sector", sector, x->dataset);
        if (one && i && sector.len) {
            import_add(x->record, i, "sector", sector, x->dataset);
            import_add(x->record, i, "kind", IMPORT_CODE(target_kind_codes, part), x->dataset);
        }
    }
}

static void add_in_place(struct cfr *x)
{
    struct item *m = record_main(x->record);
    struct slice types = cell(x, "Type"), sponsor = cell(x, "Sponsor");
    for (struct slice part; import_part(&types, ",", &part);)
        import_add(x->record, m, "type", IMPORT_CODE(type_codes, part), x->dataset);
    add_country(x, m, "origin", sponsor.len ? sponsor : SLICE("Unknown"));
    add_claim(x, sponsor, cell(x, "Affiliations"));
    add_targets(x);
    add_response(x, cell(x, "Response"));
    static const char *const sources[] = {"Sources_1", "Sources_2", "Sources_3"};
    for (size_t i = 0; i < 3; i++)
        import_sources(x->record, cell(x, sources[i]));
}

static bool save_row(struct import_job *job, struct import_file *f, const struct csv *csv,
                     struct err *e)
{
    struct arena *a = &job->arena;
    struct record r;
    record_init(&r, schema_kind_find(SLICE("incident")), a);
    struct cfr x = {.job = job, .csv = csv, .record = &r};
    struct item *source = record_add_item(&r, "sources");
    record_add_value(&r, source, "title", SLICE("Cyber Operations Tracker"));
    record_add_value(&r, source, "publisher", SLICE("Council on Foreign Relations"));
    record_add_value(&r, source, "kind", SLICE("dataset"));
    record_add_value(&r, source, "url", SLICE("https://www.cfr.org/cyber-operations/"));
    x.dataset = source->id;
    struct item *m = record_main(&r);
    import_add(&r, m, "title", cell(&x, "Title"), x.dataset);
    import_add(&r, m, "summary", cell(&x, "Description"), x.dataset);
    import_add(&r, m, "disclosed", import_date(a, cell(&x, "Date"), true), x.dataset);
    import_add(&r, m, "decision", SLICE("included"), x.dataset);
    import_add(&r, m, "tlp", SLICE("clear"), x.dataset);
    if (stands_in_place(&x))
        add_in_place(&x);
    else {
        import_add(&r, m, "origin", SLICE("unknown"), x.dataset);
        import_add(&r, m, "remark",
                   SLICE("In the source's table the cells of this row do not stand under their "
                         "columns. Only title, day and description were taken over; the source's "
                         "own columns are kept."),
                   x.dataset);
    }
    struct import_row row = import_csv_row(job, f, "cfr", csv);
    struct slice record;
    bool ok = import_save(job, &r, &row, 1, &record, e);
    record_free(&r);
    return ok;
}

static bool read_table(struct import_job *job, struct import_file *f, struct arena *row,
                       struct err *e)
{
    struct csv c;
    if (!csv_open(&c, f->bytes, &job->arena, row, e))
        return err_set(e, ERR_FORMAT, e->offset, "%s: not a table", f->path);
    if (!csv_has(&c, "Title") || !csv_has(&c, "Sponsor") || !csv_has(&c, "Victims"))
        return err_set(e, ERR_FORMAT, 0, "%s: not the tracker's table (its columns are others)",
                       f->path);
    struct err why;
    for (enum csv_result got; (got = csv_next(&c, &why)) != CSV_END;) {
        f->counts.rows++;
        if (got == CSV_ERROR)
            import_refuse(job, f, c.row, why.message);
        else if (!csv_cell_of(&c, "Title").len && !csv_cell_of(&c, "Description").len)
            import_refuse(job, f, c.row, "the row has neither a title nor a description");
        else if (!save_row(job, f, &c, e))
            return false;
    }
    return true;
}

bool import_cfr(struct import_job *job, struct err *e)
{
    struct arena row;
    arena_init(&row, 0);
    bool ok = true;
    for (size_t i = 0; ok && i < job->file_count; i++)
        ok = read_table(job, &job->files[i], &row, e);
    arena_free(&row);
    return ok;
}
