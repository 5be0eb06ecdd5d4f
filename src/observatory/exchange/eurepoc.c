// SPDX-License-Identifier: Apache-2.0
// EuRepoC's Global Dataset 1.1: three tables that name each other's rows by the incident's id. A
// row of the global table is an incident; rows of the attribution table become claims, those of the
// receiver table targets. The files of one call are told apart by their headers.
#include "observatory/exchange/import.h"
#include "observatory/exchange/import_terms.h"
#include "observatory/exchange/pylist.h"

enum table { TABLE_GLOBAL, TABLE_ATTRIBUTION, TABLE_RECEIVER, TABLE_COUNT };

static const struct {
    const char *id, *other; // columns that only this table has together
} tables[TABLE_COUNT] = {
    [TABLE_GLOBAL] = {"ID", "inclusion_criteria"},
    [TABLE_ATTRIBUTION] = {"incident_ID", "attribution_basis"},
    [TABLE_RECEIVER] = {"ID", "receiver_category_subcode"},
};

// --- their words and ours
static const struct import_term type_codes[] = {
    {"Data theft & Doxing", "doxing"}, {"Data theft", "data-theft"}, {"Disruption", "disruption"},
    {"Hijacking", "hijacking"},        {"Ransomware", "ransomware"},
};

// Subcategories first: they say more.
static const struct import_term sector_codes[] = {
    {"Government / ministries", "government"},
    {"Legislative", "legislature"},
    {"Judiciary", "justice"},
    {"Police", "police"},
    {"Military", "military"},
    {"Intelligence agencies", "intelligence"},
    {"Civil service", "administration"},
    {"Election", "elections"},
    {"Political parties", "political-party"},
    {"Advocacy", "civil-society"},
    {"Political opposition", "opposition"},
    {"Religious", "religious"},
    {"Ethnic", "ethnic"},
    {"Criminal", "other"},
    {"Terrorist", "other"},
    {"Hacktivist", "civil-society"},
    {"Telecommunications", "telecommunications"},
    {"Energy", "energy"},
    {"Defence industry", "defence-industry"},
    {"Finance", "finance"},
    {"Transportation", "transport"},
    {"Health", "health"},
    {"Water", "water"},
    {"Food", "food"},
    {"Chemicals", "chemicals"},
    {"Space", "space"},
    {"Research", "research"},
    {"Critical manufacturing", "manufacturing"},
    {"Digital provider", "technology"},
    {"State institutions", "government"},
    {"International", "international-organisation"},
    {"Corporate", "business"},
    {"Social groups", "civil-society"},
    {"Media", "media"},
    {"Science", "research"},
    {"End user", "individuals"},
    {"Critical infrastructure", "other"},
    {"Other", "other"},
    {"Unknown", "unknown"},
    {"Not available", "unknown"},
};

static const struct import_term target_kind_codes[] = {
    {"State institutions", "public-body"},
    {"International", "public-body"},
    {"Corporate", "company"},
    {"Social groups", "organisation"},
    {"Media", "organisation"},
    {"Science", "organisation"},
    {"End user", "person"},
    {"Other", "other"},
};

static const struct import_term claim_type_codes[] = {
    {"Technical report", "technical-report"},
    {"Political statement", "political-statement"},
    {"Domestic legal action", "legal"},
    {"International legal", "legal"},
    {"Direct statement in media", "media-named"},
    {"Anonymous statement in media", "media-unnamed"},
    {"Statement in media report", "media-named"},
    {"Media report", "media"},
    {"Self-attribution", "self"},
    {"Attribution given, type unclear", "unknown"},
    {"Not available", "unknown"},
};

static const struct import_term who_kind_codes[] = {
    {"Attacker confirms", "attacker"},
    {"IT-security community", "company"},
    {"Attribution by receiver government", "government"},
    {"Attribution by EU", "international"},
    {"Attribution by international", "international"},
    {"Media-based", "media"},
    {"Receiver attributes", "target"},
    {"Attribution by third-party", "other"},
    {"Contested", "other"},
    {"Not available", "unknown"},
};

static const struct import_term category_codes[] = {
    {"Non-state actor, state-affiliation", "state-affiliated"},
    {"Non-state-group", "group"},
    {"State", "state"},
    {"Individual", "individual"},
    {"Unknown", "unknown"},
    {"Not available", "unknown"},
};

static const struct import_term response_codes[] = {
    {"Awareness raising", "warning"},         {"Statement", "statement"},
    {"Diplomatic protest", "envoy-summoned"}, {"Parliamentary investigation", "inquiry"},
    {"Confidence and security", "support"},   {"Economic sanctions", "sanctions"},
    {"Other legal measures", "lawsuit"},      {"State Actors: Legislative", "law"},
    {"EU member states: Legislative", "law"},
};

static const struct import_term technique_codes[] = {
    {"Phishing", "T1566"},
    {"Exploit Public-Facing Application", "T1190"},
    {"Supply Chain Compromise", "T1195"},
    {"Valid Accounts", "T1078"},
    {"External Remote Services", "T1133"},
    {"Drive-By Compromise", "T1189"},
    {"Trusted Relationship", "T1199"},
    {"Replication Through Removable Media", "T1091"},
    {"Hardware Additions", "T1200"},
    {"Data Exfiltration", "TA0010"},
    {"Data Encrypted for Impact", "T1486"},
    {"Network Denial of Service", "T1498"},
    {"Endpoint Denial of Service", "T1499"},
    {"Defacement", "T1491"},
    {"Data Destruction", "T1485"},
    {"Data Manipulation", "T1565"},
    {"Disk Wipe", "T1561"},
    {"Service Stop", "T1489"},
    {"Account Access Removal", "T1531"},
    {"Resource Hijacking", "T1496"},
    {"Firmware Corruption", "T1495"},
    {"Inhibit System Recovery", "T1490"},
    {"System Shutdown", "T1529"},
};

// --- rows by incident
struct row_ref {
    struct import_row row;
    const struct csv *header; // by which cells are found
    struct slice *cells;
    size_t cell_count;
    struct row_ref *next; // of the same incident, in the file's order
    bool used;
};

struct row_list {
    struct row_ref *first, **end;
};

struct eurepoc {
    struct import_job *job;
    struct map rows[TABLE_COUNT]; // incident id to struct row_list
    struct slice dataset;         // id of the source item under way
};

static struct slice cell(const struct row_ref *r, const char *name)
{
    struct csv c = *r->header;
    c.cells = r->cells;
    c.cell_count = r->cell_count;
    return csv_cell_of(&c, name);
}

static bool table_of(const struct csv *c, enum table *out)
{
    for (int t = 0; t < TABLE_COUNT; t++)
        if (csv_has(c, tables[t].id) && csv_has(c, tables[t].other)) {
            *out = (enum table)t;
            return true;
        }
    return false;
}

static void keep_row_of_incident(struct eurepoc *x, struct import_file *f, enum table t,
                                 const struct csv *c, const struct csv *header)
{
    struct arena *a = &x->job->arena;
    struct slice id = csv_cell_of(c, tables[t].id);
    if (!id.len) {
        import_refuse(x->job, f, c->row, "the row names no incident");
        return;
    }
    struct row_ref *r = ARENA_NEW(a, struct row_ref);
    r->row = import_csv_row(x->job, f, "eurepoc", c);
    r->header = header;
    r->cell_count = c->cell_count;
    r->cells = ARENA_ARRAY(a, struct slice, c->cell_count);
    for (size_t i = 0; i < c->cell_count; i++)
        r->cells[i] = arena_copy(a, c->cells[i]);
    void **place = map_put(&x->rows[t], arena_copy(a, id), NULL);
    if (!*place) {
        struct row_list *list = ARENA_NEW(a, struct row_list);
        list->end = &list->first;
        *place = list;
    }
    struct row_list *list = *place;
    *list->end = r;
    list->end = &r->next;
}

static bool read_table(struct eurepoc *x, struct import_file *f, struct arena *row, struct err *e)
{
    struct csv c;
    enum table t;
    if (!csv_open(&c, f->bytes, &x->job->arena, row, e))
        return err_set(e, ERR_FORMAT, e->offset, "%s: not a table", f->path);
    if (!table_of(&c, &t))
        return err_set(e, ERR_FORMAT, 0,
                       "%s: none of EuRepoC's three tables (its columns are others)", f->path);
    struct csv *header = ARENA_NEW(&x->job->arena, struct csv);
    *header = c;
    struct err why;
    for (enum csv_result got; (got = csv_next(&c, &why)) != CSV_END;) {
        f->counts.rows++;
        if (got == CSV_ERROR)
            import_refuse(x->job, f, c.row, why.message);
        else if (c.cell_count != c.name_count)
            import_refuse(x->job, f, c.row,
                          "the row has another number of columns than the header");
        else
            keep_row_of_incident(x, f, t, &c, header);
    }
    return true;
}

// --- an incident

// The table gives a day where sources know a year: 1 January stands for a whole year far more often
// than for a day, so that is what we read, and say so.
static void add_date(struct eurepoc *x, struct record *r, const char *field, struct slice text)
{
    struct slice date = import_date(&x->job->arena, text, false);
    if (!date.len)
        return;
    struct value *v = import_add(r, record_main(r), field, date, x->dataset);
    if (v && slice_ends(date, SLICE("-01-01"))) {
        v->precision = SLICE("year");
        v->note = SLICE("The source gives 1 January, which often stands for a year alone.");
    }
}

static void add_codes(struct eurepoc *x, struct record *r, const char *field,
                      const struct import_term *terms, size_t count, struct slice cell_text)
{
    for (struct slice part; import_part(&cell_text, ";", &part);) {
        struct slice code = import_term_code(terms, count, part);
        if (code.len && !slice_starts(code, SLICE("TA"))) // tactics are no techniques
            import_add(r, record_main(r), field, code, x->dataset);
    }
}
#define ADD_CODES(x, r, field, terms, text)                                                        \
    add_codes(x, r, field, terms, sizeof(terms) / sizeof *(terms), text)

static void add_sources(struct eurepoc *x, struct record *r, struct slice list)
{
    struct slice *urls;
    size_t count = pylist_read(list, &x->job->arena, &urls);
    for (size_t i = 0; i < count; i++)
        import_source(r, urls[i]);
}

static struct slice nth_part(struct slice list, size_t n)
{
    struct slice part = {0};
    for (size_t i = 0; import_part(&list, ";", &part); i++)
        if (i == n)
            return part;
    return (struct slice){0};
}

static void add_responses(struct eurepoc *x, struct record *r, const struct row_ref *row,
                          const char *prefix, const char *fallback)
{
    struct arena *a = &x->job->arena;
    struct slice column[5];
    static const char *const ends[] = {"date", "type", "type_subcode", "country", "actor"};
    for (size_t i = 0; i < 5; i++)
        column[i] = cell(row, arena_str(a, arena_printf(a, "%s_%s", prefix, ends[i])));
    struct slice rest = column[1], type;
    for (size_t n = 0; column[1].len && import_part(&rest, ";", &type); n++) {
        struct slice subcode = nth_part(column[2], n);
        if (type.len <= 1 && !subcode.len) // the table pads its lists with "N"
            continue;
        struct slice code = IMPORT_CODE(response_codes, subcode);
        if (!code.len)
            code = IMPORT_CODE(response_codes, type);
        struct item *i = record_add_item(r, "responses");
        import_add(r, i, "kind", code.len ? code : slice_from_str(fallback), x->dataset);
        struct slice actor = nth_part(column[4], n);
        if (!import_says_nothing(actor))
            import_add(r, i, "actor", actor, x->dataset);
        import_country(r, i, "country", nth_part(column[3], n), x->dataset);
        import_add(r, i, "date", import_date(a, nth_part(column[0], n), false), x->dataset);
        import_add(r, i, "text",
                   subcode.len ? arena_printf(a, "%.*s: %.*s", SLICE_FMT(type), SLICE_FMT(subcode))
                               : type,
                   x->dataset);
    }
}

static void add_claim(struct eurepoc *x, struct record *r, struct row_ref *row)
{
    struct item *i = record_add_item(r, "claims");
    struct slice source = x->dataset;
    struct slice who = cell(row, "attributing_actor");
    struct slice company = cell(row, "attribution_it_company");
    struct slice basis = cell(row, "attribution_basis");
    struct slice type = cell(row, "attribution_type");
    struct slice actor = cell(row, "attributed_initiator");
    if (import_says_nothing(who) && !import_says_nothing(company))
        who = company;
    if (!import_says_nothing(who))
        import_add(r, i, "who", who, source);
    struct slice kind = IMPORT_CODE(who_kind_codes, basis);
    import_add(r, i, "who-kind", kind.len ? kind : SLICE("unknown"), source);
    struct slice who_country = cell(row, "attributing_country");
    if (!import_says_nothing(who_country))
        import_country(r, i, "who-country", who_country, source);
    import_add(r, i, "date", import_date(&x->job->arena, cell(row, "attribution_date"), false),
               source);
    import_add(r, i, "stance",
               slice_starts(basis, SLICE("Contested")) ? SLICE("disputes") : SLICE("asserts"),
               source);
    struct slice type_code = IMPORT_CODE(claim_type_codes, type);
    struct value *v = import_add(r, i, "type", type_code.len ? type_code : SLICE("other"), source);
    if (v && type.len)
        v->note = type;
    if (slice_starts(basis, SLICE("Attacker confirms")))
        import_add(r, i, "basis", SLICE("confession"), source);
    if (!import_says_nothing(actor))
        import_add(r, i, "actor", actor, source);
    import_country(r, i, "country", cell(row, "attributed_initiator_country"), source);
    struct slice category = cell(row, "attributed_initiator_category");
    import_add(r, i, "category", IMPORT_CODE(category_codes, category), source);
    row->row.claims = 1;
    row->used = true;
}

static void add_target(struct eurepoc *x, struct record *r, struct row_ref *row)
{
    struct item *i = record_add_item(r, "targets");
    struct slice name = cell(row, "receiver_name");
    struct slice category = cell(row, "receiver_category");
    struct slice subcode = cell(row, "receiver_category_subcode");
    if (!import_says_nothing(name))
        import_add(r, i, "name", name, x->dataset);
    struct slice country = cell(row, "receiver_country");
    import_country(r, i, "country", country.len ? country : SLICE("Unknown"), x->dataset);
    import_add(r, i, "region", cell(row, "receiver_region"), x->dataset);
    struct slice sector = IMPORT_CODE(sector_codes, subcode);
    if (!sector.len)
        sector = IMPORT_CODE(sector_codes, category);
    import_add(r, i, "sector", sector.len ? sector : SLICE("unknown"), x->dataset);
    import_add(r, i, "kind", IMPORT_CODE(target_kind_codes, category), x->dataset);
    row->row.targets = 1;
    row->used = true;
}

static void add_main(struct eurepoc *x, struct record *r, const struct row_ref *row)
{
    struct arena *a = &x->job->arena;
    struct item *m = record_main(r);
    import_add(r, m, "title", cell(row, "name"), x->dataset);
    import_add(r, m, "summary", cell(row, "description"), x->dataset);
    add_date(x, r, "began", cell(row, "start_date"));
    add_date(x, r, "ended", cell(row, "end_date"));
    struct slice types = cell(row, "incident_type");
    for (struct slice part; import_part(&types, ";", &part);) {
        if (slice_equal_str(part, "Data theft & Doxing"))
            import_add(r, m, "type", SLICE("data-theft"), x->dataset);
        import_add(r, m, "type", IMPORT_CODE(type_codes, part), x->dataset);
    }
    struct slice *names;
    size_t count = pylist_read(cell(row, "initiator_country"), a, &names);
    for (size_t i = 0; i < count; i++)
        import_country(r, m, "origin", names[i], x->dataset);
    if (count == 0)
        import_add(r, m, "origin", SLICE("unknown"), x->dataset);
    ADD_CODES(x, r, "technique", technique_codes, cell(row, "MITRE_initial_access"));
    ADD_CODES(x, r, "technique", technique_codes, cell(row, "MITRE_impact"));
    import_add(r, m, "decision", SLICE("included"), x->dataset);
    import_add(r, m, "decision-reason", cell(row, "inclusion_criteria"), x->dataset);
    import_add(r, m, "tlp", SLICE("clear"), x->dataset);
}

static void add_identity(struct eurepoc *x, struct record *r, struct slice id)
{
    struct item *source = record_add_item(r, "sources");
    record_add_value(r, source, "title", SLICE("EuRepoC Global Dataset 1.1"));
    record_add_value(r, source, "publisher", SLICE("European Repository of Cyber Incidents"));
    record_add_value(r, source, "kind", SLICE("dataset"));
    record_add_value(r, source, "url", SLICE("https://zenodo.org/records/7848941"));
    x->dataset = source->id;
    struct item *known = record_add_item(r, "ids");
    record_add_value(r, known, "scheme", SLICE("eurepoc"));
    record_add_value(r, known, "value", id);
}

// with_parts: the claims and targets of this id belong to it.
static bool save_incident(struct eurepoc *x, struct slice id, struct row_ref *main, bool with_parts,
                          struct err *e)
{
    struct arena *a = &x->job->arena;
    struct record r;
    record_init(&r, schema_kind_find(SLICE("incident")), a);
    add_identity(x, &r, id);
    add_main(x, &r, main);
    add_sources(x, &r, cell(main, "sources_url"));
    add_sources(x, &r, cell(main, "sources_attribution"));
    add_responses(x, &r, main, "political_response", "statement");
    add_responses(x, &r, main, "legal_response", "lawsuit");
    ARRAY_OF(struct import_row) rows = {0};
    *ARRAY_ADD(&rows) = main->row;
    static const struct {
        enum table table;
        void (*add)(struct eurepoc *, struct record *, struct row_ref *);
    } parts[] = {{TABLE_RECEIVER, add_target}, {TABLE_ATTRIBUTION, add_claim}};
    for (size_t p = 0; with_parts && p < 2; p++) {
        struct row_list *list = map_get(&x->rows[parts[p].table], id);
        for (struct row_ref *row = list ? list->first : NULL; row; row = row->next) {
            parts[p].add(x, &r, row);
            *ARRAY_ADD(&rows) = row->row;
        }
    }
    struct slice record;
    bool ok = import_save(x->job, &r, rows.items, rows.count, &record, e);
    ARRAY_FREE(&rows);
    record_free(&r);
    main->used = true;
    return ok;
}

static void refuse_rest(struct eurepoc *x, enum table t)
{
    for (size_t i = 0; i < x->rows[t].capacity; i++) {
        struct row_list *list = x->rows[t].entries[i].used ? x->rows[t].entries[i].value : NULL;
        for (struct row_ref *r = list ? list->first : NULL; r; r = r->next)
            if (!r->used)
                import_refuse(x->job, r->row.file, r->row.row,
                              "no incident of this id is in the files of this call");
    }
}

static int by_row(const void *a, const void *b)
{
    const struct map_entry *const *x = a, *const *y = b;
    const struct row_list *left = (*x)->value, *right = (*y)->value;
    const struct import_row *l = &left->first->row, *r = &right->first->row;
    if (l->file != r->file)
        return l->file < r->file ? -1 : 1;
    return (l->row > r->row) - (l->row < r->row);
}

// Incidents in the order of their file, so that ids of ours follow it.
static bool save_all(struct eurepoc *x, struct err *e)
{
    struct map *m = &x->rows[TABLE_GLOBAL];
    size_t count = 0;
    struct map_entry **order = ARENA_ARRAY(&x->job->arena, struct map_entry *, m->count + 1);
    for (size_t i = 0; i < m->capacity; i++)
        if (m->entries[i].used)
            order[count++] = &m->entries[i];
    qsort(order, count, sizeof *order, by_row);
    for (size_t i = 0; i < count; i++) {
        struct row_list *list = order[i]->value;
        // Ids repeat in sources: each row is an incident, the first has the claims and targets.
        for (struct row_ref *r = list->first; r; r = r->next)
            if (!save_incident(x, order[i]->key, r, r == list->first, e))
                return false;
    }
    return true;
}

bool import_eurepoc(struct import_job *job, struct err *e)
{
    struct eurepoc x = {.job = job};
    struct arena row;
    arena_init(&row, 0);
    for (int t = 0; t < TABLE_COUNT; t++)
        map_init(&x.rows[t]);
    bool ok = true;
    for (size_t i = 0; ok && i < job->file_count; i++)
        ok = read_table(&x, &job->files[i], &row, e);
    ok = ok && save_all(&x, e);
    if (ok) {
        refuse_rest(&x, TABLE_ATTRIBUTION);
        refuse_rest(&x, TABLE_RECEIVER);
    }
    for (int t = 0; t < TABLE_COUNT; t++)
        map_free(&x.rows[t]);
    arena_free(&row);
    return ok;
}
