// SPDX-License-Identifier: Apache-2.0
// VERIS, the Vocabulary for Event Recording and Incident Sharing (verisframework.org), as the VERIS
// Community Database writes it: a JSON object an incident, alone in its file or in a list.
#include "observatory/exchange/import.h"
#include "observatory/exchange/import_terms.h"
#include "observatory/exchange/json_values.h"

static const struct import_term motive_types[] = {
    {"Espionage", "espionage"},
    {"Financial", "financial-theft"},
};

static const struct import_term action_types[] = {
    {"Ransomware", "ransomware"},
    {"DoS", "disruption"},
    {"Defacement", "defacement"},
    {"Scan network", "reconnaissance"},
    {"Footprinting", "reconnaissance"},
    {"Destroy data", "destruction"},
    {"Disinformation", "information-manipulation"},
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
    {"9221", "police"},
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
};

static json_t *path(json_t *j, const char *a, const char *b)
{
    j = json_object_get(j, a);
    return b ? json_object_get(j, b) : j;
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
        for (struct slice word; import_part(&line, " ", &word);)
            import_source(x->record, word);
}

static void add_actions(struct veris *x, json_t *incident)
{
    const char *kind;
    json_t *action;
    json_object_foreach(json_object_get(incident, "action"), kind, action)
    {
        size_t i;
        json_t *variety;
        json_array_foreach(json_object_get(action, "variety"), i, variety)
        {
            struct slice code = IMPORT_CODE(action_types, json_text_of(variety));
            import_add(x->record, record_main(x->record), "type", code, x->source);
        }
    }
}

static void add_actor(struct veris *x, json_t *actor)
{
    struct item *m = record_main(x->record);
    size_t i;
    json_t *value;
    json_array_foreach(json_object_get(actor, "motive"), i, value)
        import_add(x->record, m, "type", IMPORT_CODE(motive_types, json_text_of(value)), x->source);
    json_array_foreach(json_object_get(actor, "country"), i, value)
        import_country(x->record, m, "origin", json_text_of(value), x->source);
    struct item *claim = record_add_item(x->record, "claims");
    import_add(x->record, claim, "who", SLICE("VERIS Community Database"), x->source);
    import_add(x->record, claim, "who-kind", SLICE("research"), x->source);
    import_add(x->record, claim, "stance", SLICE("asserts"), x->source);
    import_add(x->record, claim, "type", SLICE("other"), x->source);
    json_array_foreach(json_object_get(actor, "name"), i, value)
        import_add(x->record, claim, "actor", json_text_of(value), x->source);
    json_array_foreach(json_object_get(actor, "country"), i, value)
        import_country(x->record, claim, "country", json_text_of(value), x->source);
    json_array_foreach(json_object_get(actor, "variety"), i, value)
    {
        struct slice code = IMPORT_CODE(category_codes, json_text_of(value));
        if (code.len) {
            import_add(x->record, claim, "category", code, x->source);
            break; // one category a claim; the rest is in the source's own columns
        }
    }
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

static void add_victim(struct veris *x, json_t *victim)
{
    struct item *t = record_add_item(x->record, "targets");
    import_add(x->record, t, "name", json_member(victim, "victim_id"), x->source);
    size_t i;
    json_t *value;
    json_array_foreach(json_object_get(victim, "country"), i, value)
        import_country(x->record, t, "country", json_text_of(value), x->source);
    struct slice sector = industry(json_member(victim, "industry"));
    import_add(x->record, t, "sector", sector.len ? sector : SLICE("unknown"), x->source);
}

static void add_harm(struct veris *x, json_t *incident)
{
    static const struct {
        const char *attribute, *code;
    } harms[] = {{"confidentiality", "confidentiality"},
                 {"integrity", "integrity"},
                 {"availability", "availability"}};
    for (size_t i = 0; i < sizeof harms / sizeof *harms; i++)
        if (path(incident, "attribute", harms[i].attribute))
            import_add(x->record, record_main(x->record), "harm", slice_from_str(harms[i].code),
                       x->source);
}

static void add_main(struct veris *x, json_t *incident, struct slice id)
{
    struct item *m = record_main(x->record);
    struct slice summary = json_member(incident, "summary");
    struct slice victim = json_member(json_object_get(incident, "victim"), "victim_id");
    struct arena *a = &x->job->arena;
    struct slice title = victim.len ? arena_printf(a, "%.*s", SLICE_FMT(victim))
                                    : arena_printf(a, "Incident %.*s", SLICE_FMT(id));
    import_add(x->record, m, "title", title, x->source);
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
    struct item *i = record_add_item(x->record, "ids");
    record_add_value(x->record, i, "scheme", SLICE("veris"));
    record_add_value(x->record, i, "value", id);
}

static bool save(struct import_job *job, struct import_file *f, json_t *incident, uint64_t n,
                 struct err *e)
{
    struct slice id = json_member(incident, "incident_id");
    f->counts.rows++;
    if (!json_is_object(incident) || !json_is_object(json_object_get(incident, "actor"))) {
        import_refuse(job, f, n,
                      "not an incident: an object with incident_id, actor, action, "
                      "asset and attribute");
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
    if (!record_text(&r, "origin").len)
        import_add(&r, record_main(&r), "origin", SLICE("unknown"), x.source);
    add_victim(&x, json_object_get(incident, "victim"));
    add_references(&x, json_member(incident, "reference"));
    if (id.len)
        add_external_id(&x, id);
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
