// SPDX-License-Identifier: Apache-2.0
// VERIS, the Vocabulary for Event Recording and Incident Sharing (verisframework.org), as the VERIS
// Community Database writes it: a JSON object an incident, alone in its file or in a list. Versions
// 1.2 to 1.4 of its schema, which differ in whether a value stands alone or in a list.
#include "observatory/exchange/import.h"
#include "observatory/exchange/import_terms.h"
#include "observatory/exchange/json_values.h"

// A motive is not what was done; this one is both. That money was the motive says nothing of money
// having been taken.
static const struct import_term motive_types[] = {{"Espionage", "espionage"}};

static const struct import_term action_types[] = {
    {"Ransomware", "ransomware"},
    {"DoS", "disruption"},
    {"Defacement", "defacement"},
    {"Scan network", "reconnaissance"},
    {"Footprinting", "reconnaissance"},
    {"Destroy data", "destruction"},
    {"Propaganda", "information-manipulation"},
    {"Disinformation", "information-manipulation"},
};

// What became of integrity and availability.
static const struct import_term effect_types[] = {
    {"Defacement", "defacement"},
    {"Fraudulent transaction", "financial-theft"},
    {"Destruction", "destruction"},
    {"Interruption", "disruption"},
};

static const struct import_term category_codes[] = {
    {"State-affiliated", "state-affiliated"},
    {"Nation-state", "state"},
    {"Organized crime", "group"},
    {"Activist", "group"},
    {"Terrorist", "group"},
    {"Competitor", "company"},
    {"Former employee", "individual"},
    {"Unaffiliated", "individual"},
    {"Unknown", "unknown"},
};

// NAICS (North American Industry Classification System), longest prefix first.
static const struct import_term industry_codes[] = {
    {"9281", "military"},
    {"92812", "diplomacy"},
    {"92111", "government"},
    {"92112", "legislature"},
    {"9221", "justice"},
    {"92212", "police"},
    {"92", "administration"},
    {"813", "civil-society"},
    {"8131", "religious"},
    {"62", "health"},
    {"6113", "education"},
    {"61", "education"},
    {"5417", "research"},
    {"5411", "legal"},
    {"54", "business"},
    {"519", "media"},
    {"515", "media"},
    {"511", "media"},
    {"5112", "technology"}, // makers of software, whom the classification calls publishers
    {"513", "media"},
    {"5132", "technology"}, // the same since 2022
    {"516", "media"},
    {"517", "telecommunications"},
    {"51", "technology"},
    {"52", "finance"},
    {"48", "transport"},
    {"49", "transport"},
    {"3364", "defence-industry"},
    {"31", "manufacturing"},
    {"32", "manufacturing"},
    {"33", "manufacturing"},
    {"21", "mining"},
    {"2213", "water"},
    {"22", "energy"},
    {"11", "food"},
    {"71", "culture-sport"},
    {"23", "business"},
    {"42", "business"},
    {"44", "business"},
    {"45", "business"},
    {"53", "business"},
    {"55", "business"},
    {"56", "business"},
    {"72", "business"},
    {"81", "business"},
};

static json_t *path(json_t *j, const char *a, const char *b)
{
    j = json_object_get(j, a);
    return b ? json_object_get(j, b) : j;
}

// A value that stands alone, or a list of them.
static size_t text_count(const json_t *j)
{
    return json_is_array(j) ? json_array_size(j) : json_is_string(j);
}

static struct slice text_at(const json_t *j, size_t i)
{
    return json_text_of(json_is_array(j) ? json_array_get(j, i) : j);
}

static bool text_has(const json_t *j, const char *text)
{
    for (size_t i = 0; i < text_count(j); i++)
        if (slice_equal_str(text_at(j, i), text))
            return true;
    return false;
}

// --- parts of an incident
struct veris {
    struct import_job *job;
    struct record *record;
    struct slice source;
};

static void add_date(struct veris *x, const char *field, const json_t *when)
{
    json_int_t year = json_integer_value(json_object_get(when, "year"));
    json_int_t month = json_integer_value(json_object_get(when, "month"));
    json_int_t day = json_integer_value(json_object_get(when, "day"));
    if (year < 1900 || year > 2200)
        return;
    struct arena *a = &x->job->arena;
    struct slice text = arena_printf(a, "%04d", (int)year);
    if (month >= 1 && month <= 12) {
        text = arena_printf(a, "%04d-%02d", (int)year, (int)month);
        struct slice full =
            arena_printf(a, "%.*s-%02d", SLICE_FMT(text), day >= 1 && day <= 31 ? (int)day : 0);
        if (date_valid(full))
            text = full;
    }
    import_add(x->record, record_main(x->record), field, text, x->source);
}

static void add_references(struct veris *x, struct slice text)
{
    struct slice rest = text;
    for (struct slice line; import_part(&rest, ";", &line);)
        for (struct slice word; import_part(&line, " ", &word);) {
            while (word.len && (word.at[word.len - 1] == '.' || word.at[word.len - 1] == ','))
                word.len--; // of the sentence
            import_source(x->record, word);
        }
}

static void add_types(struct veris *x, const struct import_term *terms, size_t count,
                      const json_t *values)
{
    for (size_t i = 0; i < text_count(values); i++)
        import_add(x->record, record_main(x->record), "type",
                   import_term_code(terms, count, text_at(values, i)), x->source);
}
#define ADD_TYPES(x, terms, values) add_types(x, terms, sizeof(terms) / sizeof *(terms), values)

static void add_actions(struct veris *x, json_t *incident)
{
    const char *kind;
    json_t *action;
    json_object_foreach(json_object_get(incident, "action"), kind, action)
    {
        ADD_TYPES(x, action_types, json_object_get(action, "variety"));
        ADD_TYPES(x, action_types, json_object_get(action, "result"));
    }
}

// Data were copied; what for is known of spying alone.
static void add_theft(struct veris *x, json_t *incident)
{
    const json_t *hacking = path(incident, "action", "hacking"),
                 *malware = path(incident, "action", "malware"),
                 *confidentiality = path(incident, "attribute", "confidentiality");
    bool taken = text_has(json_object_get(hacking, "result"), "Exfiltrate") ||
                 text_has(json_object_get(malware, "result"), "Exfiltrate") ||
                 ((hacking || malware) &&
                  text_has(json_object_get(confidentiality, "data_disclosure"), "Yes"));
    const struct item *m = record_main(x->record);
    for (const struct value *v = NULL; (v = item_next(x->record, m, "type", v));)
        taken = taken && !slice_equal_str(v->text, "espionage");
    if (taken)
        import_add(x->record, record_main(x->record), "type", SLICE("data-theft"), x->source);
}

// A claim says who it was. That nobody knows is none.
static void add_claim(struct veris *x, const json_t *actor)
{
    const json_t *names = json_object_get(actor, "name"),
                 *countries = json_object_get(actor, "country"),
                 *varieties = json_object_get(actor, "variety");
    struct slice category = {0}; // one a claim; the rest is in the source's own columns
    for (size_t i = 0; !category.len && i < text_count(varieties); i++)
        category = IMPORT_CODE(category_codes, text_at(varieties, i));
    bool known = text_count(names) || (category.len && !slice_equal_str(category, "unknown"));
    for (size_t i = 0; i < text_count(countries); i++)
        known = known || !import_says_nothing(text_at(countries, i));
    if (!known)
        return;
    struct item *claim = record_add_item(x->record, "claims");
    import_add(x->record, claim, "who", SLICE("VERIS Community Database"), x->source);
    import_add(x->record, claim, "who-kind", SLICE("research"), x->source);
    import_add(x->record, claim, "stance", SLICE("asserts"), x->source);
    import_add(x->record, claim, "type", SLICE("other"), x->source);
    for (size_t i = 0; i < text_count(names); i++)
        import_add(x->record, claim, "actor", text_at(names, i), x->source);
    for (size_t i = 0; i < text_count(countries); i++)
        import_country(x->record, claim, "country", text_at(countries, i), x->source);
    import_add(x->record, claim, "category", category, x->source);
}

static void add_actor(struct veris *x, const json_t *actor)
{
    const json_t *countries = json_object_get(actor, "country");
    ADD_TYPES(x, motive_types, json_object_get(actor, "motive"));
    for (size_t i = 0; i < text_count(countries); i++)
        import_country(x->record, record_main(x->record), "origin", text_at(countries, i),
                       x->source);
    add_claim(x, actor);
}

// The code of the longest prefix of an industry's number.
static struct slice industry(struct slice number)
{
    struct slice best = {0};
    size_t length = 0;
    for (size_t i = 0; i < sizeof industry_codes / sizeof *industry_codes; i++) {
        size_t len = strlen(industry_codes[i].begins);
        if (len > length && slice_starts(number, slice_from_str(industry_codes[i].begins))) {
            best = slice_from_str(industry_codes[i].code);
            length = len;
        }
    }
    return best;
}

static struct item *add_target(struct veris *x, struct slice name, struct slice number)
{
    struct item *t = record_add_item(x->record, "targets");
    struct slice sector = industry(number);
    import_add(x->record, t, "name", name, x->source);
    import_add(x->record, t, "sector", sector.len ? sector : SLICE("unknown"), x->source);
    return t;
}

// "University hospital; 622110": a name, and mostly the number of an industry after it.
static void add_secondary(struct veris *x, struct slice text)
{
    size_t digits = 0;
    while (digits < text.len && text.at[text.len - 1 - digits] >= '0' &&
           text.at[text.len - 1 - digits] <= '9')
        digits++;
    struct slice name = slice_trim(slice_sub(text, 0, text.len - digits));
    struct slice number = slice_sub(text, text.len - digits, text.len);
    if (!digits || !name.len || name.at[name.len - 1] != ';') {
        add_target(x, text, (struct slice){0});
        return;
    }
    add_target(x, slice_trim(slice_sub(name, 0, name.len - 1)), number);
}

static void add_victim(struct veris *x, const json_t *victim)
{
    const json_t *countries = json_object_get(victim, "country");
    const json_t *others = json_object_get(json_object_get(victim, "secondary"), "victim_id");
    struct item *t =
        add_target(x, json_member(victim, "victim_id"), json_member(victim, "industry"));
    for (size_t i = 0; i < text_count(countries); i++)
        import_country(x->record, t, "country", text_at(countries, i), x->source);
    for (size_t i = 0; i < text_count(others); i++)
        add_secondary(x, slice_trim(text_at(others, i)));
}

static void add_victims(struct veris *x, const json_t *victim)
{
    if (!json_is_array(victim))
        add_victim(x, victim);
    for (size_t i = 0; i < json_array_size(victim); i++)
        add_victim(x, json_array_get(victim, i));
}

static void add_harm(struct veris *x, json_t *incident)
{
    static const struct {
        const char *attribute, *code;
    } harms[] = {{"confidentiality", "confidentiality"},
                 {"integrity", "integrity"},
                 {"availability", "availability"}};
    for (size_t i = 0; i < sizeof harms / sizeof *harms; i++) {
        const json_t *attribute = path(incident, "attribute", harms[i].attribute);
        if (!attribute)
            continue;
        import_add(x->record, record_main(x->record), "harm", slice_from_str(harms[i].code),
                   x->source);
        ADD_TYPES(x, effect_types, json_object_get(attribute, "variety"));
    }
}

// Who was hit, and how: "City hospital: hacking, malware".
static struct slice title_of(struct veris *x, json_t *incident, struct slice id)
{
    json_t *victim = json_object_get(incident, "victim");
    struct slice name =
        json_member(json_is_array(victim) ? json_array_get(victim, 0) : victim, "victim_id");
    struct buf b = {0};
    if (name.len && !import_says_nothing(name))
        buf_add(&b, slice_trim(name));
    else
        buf_printf(&b, "Incident %.*s", SLICE_FMT(id));
    const char *kind, *between = ": ";
    json_t *action;
    json_object_foreach(json_object_get(incident, "action"), kind, action)
    {
        if (!json_is_object(action) || strcmp(kind, "unknown") == 0)
            continue;
        buf_str(&b, between);
        buf_str(&b, kind);
        between = ", ";
    }
    struct slice title = arena_copy(&x->job->arena, buf_slice(&b));
    buf_free(&b);
    return title;
}

static void add_main(struct veris *x, json_t *incident, struct slice id)
{
    struct item *m = record_main(x->record);
    struct slice summary = json_member(incident, "summary");
    import_add(x->record, m, "title", title_of(x, incident, id), x->source);
    import_add(x->record, m, "summary", summary.len ? summary : SLICE("The source has no summary."),
               x->source);
    import_add(x->record, m, "decision", SLICE("undecided"), x->source);
    import_add(x->record, m, "tlp", SLICE("clear"), x->source);
    add_date(x, "began", path(incident, "timeline", "incident"));
    json_t *disclosed = path(incident, "plus", "timeline");
    add_date(x, "disclosed", json_object_get(disclosed, "notification"));
}

static void add_external_id(struct veris *x, struct slice id)
{
    if (!id.len)
        return;
    struct item *i = record_add_item(x->record, "ids");
    record_add_value(x->record, i, "scheme", SLICE("veris"));
    record_add_value(x->record, i, "value", id);
}

// Why an object is not taken over; NULL: it is.
static const char *fault_of(const json_t *incident)
{
    if (!json_is_object(incident) || !json_is_object(json_object_get(incident, "actor")))
        return "not an incident: an object with incident_id, actor, action, asset and attribute";
    if (text_has(json_object_get(incident, "security_incident"), "False positive"))
        return "no incident: the source calls it a false positive";
    return NULL;
}

static bool save(struct import_job *job, struct import_file *f, json_t *incident, uint64_t n,
                 struct err *e)
{
    struct slice id = json_member(incident, "incident_id");
    f->counts.rows++;
    const char *fault = fault_of(incident);
    if (fault) {
        import_refuse(job, f, n, fault);
        return true;
    }
    struct record r;
    record_init(&r, schema_kind_find(SLICE("incident")), &job->arena);
    struct veris x = {.job = job, .record = &r};
    struct item *source = record_add_item(&r, "sources");
    record_add_value(&r, source, "title", SLICE("VERIS Community Database"));
    record_add_value(&r, source, "kind", SLICE("dataset"));
    record_add_value(&r, source, "url", SLICE("https://verisframework.org/vcdb.html"));
    x.source = source->id;
    add_main(&x, incident, id);
    add_actions(&x, incident);
    add_harm(&x, incident);
    const char *kind;
    json_t *actor;
    json_object_foreach(json_object_get(incident, "actor"), kind, actor) add_actor(&x, actor);
    add_theft(&x, incident);
    if (!record_text(&r, "origin").len)
        import_add(&r, record_main(&r), "origin", SLICE("unknown"), x.source);
    add_victims(&x, json_object_get(incident, "victim"));
    add_references(&x, json_member(incident, "reference"));
    add_external_id(&x, id);
    struct slice master = json_member(json_object_get(incident, "plus"), "master_id");
    if (!slice_equal_nocase(master, id))
        add_external_id(&x, master);
    char *text = json_dumps(incident, JSON_COMPACT);
    struct slice json = arena_copy(&job->arena, slice_from_str(text ? text : "{}"));
    free(text);
    struct import_row row = import_object_row(job, f, n, "veris", json);
    struct slice record;
    bool ok = import_save(job, &r, &row, 1, &record, e);
    record_free(&r);
    return ok;
}

bool import_veris(struct import_job *job, struct err *e)
{
    for (size_t i = 0; i < job->file_count; i++) {
        struct import_file *f = &job->files[i];
        json_error_t why;
        json_t *root = json_loadb((const char *)f->bytes.at, f->bytes.len, 0, &why);
        if (!root)
            return err_set(e, ERR_FORMAT, (uint64_t)why.position, "%s:%d: %s", f->path, why.line,
                           why.text);
        bool ok = true;
        if (json_is_array(root))
            for (size_t n = 0; ok && n < json_array_size(root); n++)
                ok = save(job, f, json_array_get(root, n), n + 1, e);
        else
            ok = save(job, f, root, 1, e);
        json_decref(root);
        if (!ok)
            return false;
    }
    return true;
}
