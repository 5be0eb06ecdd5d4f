// SPDX-License-Identifier: Apache-2.0
// STIX 2.1 bundles: each incident becomes a record, with the sources, techniques, targets and
// origins that the bundle's relationships give it. The whole object is kept beside it.
#include "observatory/exchange/import.h"
#include "observatory/exchange/import_terms.h"
#include "observatory/exchange/json_values.h"

struct bundle {
    struct import_job *job;
    struct import_file *file;
    struct map objects; // id to json_t
    json_t *list;
    struct record *record;
    struct slice source;
};

static bool is(const json_t *object, const char *type)
{
    return slice_equal_str(json_member(object, "type"), type);
}

static struct slice technique_of(json_t *pattern)
{
    size_t i;
    json_t *reference;
    json_array_foreach(
        json_object_get(pattern, "external_references"), i,
        reference) if (slice_starts(json_member(reference, "source_name"),
                                    SLICE("mitre-attack"))) return json_member(reference,
                                                                               "external_id");
    return (struct slice){0};
}

static void add_target(struct bundle *x, json_t *target)
{
    struct item *t = record_add_item(x->record, "targets");
    if (is(target, "location"))
        import_country(x->record, t, "country", json_member(target, "country"), x->source);
    else
        import_add(x->record, t, "name", json_member(target, "name"), x->source);
}

static void add_claim(struct bundle *x, json_t *actor)
{
    struct item *c = record_add_item(x->record, "claims");
    json_t *author = map_get(&x->objects, json_member(actor, "created_by_ref"));
    import_add(x->record, c, "who", author ? json_member(author, "name") : x->file->name,
               x->source);
    import_add(x->record, c, "stance", SLICE("asserts"), x->source);
    import_add(x->record, c, "type", SLICE("other"), x->source);
    import_add(x->record, c, "actor", json_member(actor, "name"), x->source);
}

static void add_relationships(struct bundle *x, struct slice incident)
{
    size_t i;
    json_t *relation;
    json_array_foreach(x->list, i, relation)
    {
        if (!is(relation, "relationship") ||
            !slice_equal(json_member(relation, "source_ref"), incident))
            continue;
        struct slice kind = json_member(relation, "relationship_type");
        json_t *other = map_get(&x->objects, json_member(relation, "target_ref"));
        if (!other)
            continue;
        if (is(other, "attack-pattern"))
            import_add(x->record, record_main(x->record), "technique", technique_of(other),
                       x->source);
        else if (slice_equal_str(kind, "originates-from"))
            import_country(x->record, record_main(x->record), "origin",
                           json_member(other, "country"), x->source);
        else if (is(other, "threat-actor") || is(other, "intrusion-set") || is(other, "campaign"))
            add_claim(x, other);
        else if (slice_equal_str(kind, "targets") || slice_equal_str(kind, "impacts"))
            add_target(x, other);
    }
}

static void add_references(struct bundle *x, json_t *incident)
{
    size_t i;
    json_t *reference;
    json_array_foreach(json_object_get(incident, "external_references"), i, reference)
    {
        struct slice id = import_source(x->record, json_member(reference, "url"));
        if (!id.len)
            continue;
        for (size_t k = 0; k < x->record->items.count; k++) {
            struct item *s = &x->record->items.items[k];
            if (slice_equal(s->id, id)) {
                import_add(x->record, s, "title", json_member(reference, "description"),
                           (struct slice){0});
                import_add(x->record, s, "publisher", json_member(reference, "source_name"),
                           (struct slice){0});
            }
        }
    }
}

static void add_types(struct bundle *x, json_t *incident)
{
    const struct vocabulary *types = vocabulary_find("type");
    const char *lists[] = {"labels", "incident_types"};
    json_t *extensions = json_object_get(incident, "extensions");
    for (size_t l = 0; l < 2; l++) {
        json_t *from = l == 0 ? incident
                              : json_object_get(extensions, "extension-definition--ef765651-680c-"
                                                            "498d-9894-99799f2fa126");
        size_t i;
        json_t *value;
        json_array_foreach(json_object_get(from, lists[l]), i, value)
        {
            struct slice text = slice_of(json_string_value(value), json_string_length(value));
            if (text.at && types && vocabulary_term_find(types, text))
                import_add(x->record, record_main(x->record), "type", text, x->source);
        }
    }
}

static struct slice day_of(struct bundle *x, struct slice time)
{
    return import_date(&x->job->arena, slice_sub(time, 0, 10), false);
}

static bool save(struct bundle *x, json_t *incident, uint64_t n, struct err *e)
{
    struct arena *a = &x->job->arena;
    struct record r;
    record_init(&r, schema_kind_find(SLICE("incident")), a);
    // cppcheck-suppress autoVariables ; until this function's end
    x->record = &r;
    struct item *source = record_add_item(&r, "sources");
    json_t *author = map_get(&x->objects, json_member(incident, "created_by_ref"));
    record_add_value(&r, source, "title", x->file->name);
    record_add_value(&r, source, "publisher",
                     author ? json_member(author, "name") : SLICE("STIX bundle"));
    record_add_value(&r, source, "kind", SLICE("dataset"));
    x->source = source->id;
    struct item *m = record_main(&r);
    struct slice name = json_member(incident, "name"), text = json_member(incident, "description");
    import_add(&r, m, "title", name.len ? name : json_member(incident, "id"), x->source);
    import_add(&r, m, "summary", text.len ? text : SLICE("The source has no description."),
               x->source);
    import_add(&r, m, "disclosed", day_of(x, json_member(incident, "created")), x->source);
    import_add(&r, m, "decision", SLICE("undecided"), x->source);
    import_add(&r, m, "tlp", SLICE("clear"), x->source);
    add_types(x, incident);
    add_references(x, incident);
    add_relationships(x, json_member(incident, "id"));
    if (!record_text(&r, "origin").len)
        import_add(&r, record_main(&r), "origin", SLICE("unknown"), x->source);
    struct item *known = record_add_item(&r, "ids");
    record_add_value(&r, known, "scheme", SLICE("stix"));
    record_add_value(&r, known, "value", json_member(incident, "id"));
    char *json = json_dumps(incident, JSON_COMPACT);
    struct import_row row = import_object_row(x->job, x->file, n, "stix",
                                              arena_copy(a, slice_from_str(json ? json : "{}")));
    free(json);
    struct slice record;
    bool ok = import_save(x->job, &r, &row, 1, &record, e);
    record_free(&r);
    x->record = NULL;
    return ok;
}

static bool read_bundle(struct bundle *x, json_t *root, struct err *e)
{
    size_t i;
    json_t *object;
    x->list = json_object_get(root, "objects");
    json_array_foreach(x->list, i, object)
    {
        struct slice id = json_member(object, "id");
        if (id.len)
            *map_put(&x->objects, id, NULL) = object;
    }
    json_array_foreach(x->list, i, object)
    {
        if (!is(object, "incident"))
            continue;
        x->file->counts.rows++;
        if (!json_member(object, "id").len)
            import_refuse(x->job, x->file, i + 1, "the incident has no id");
        else if (!save(x, object, i + 1, e))
            return false;
    }
    return true;
}

bool import_stix(struct import_job *job, struct err *e)
{
    for (size_t i = 0; i < job->file_count; i++) {
        struct bundle x = {.job = job, .file = &job->files[i]};
        json_error_t why;
        json_t *root = json_loadb((const char *)x.file->bytes.at, x.file->bytes.len, 0, &why);
        if (!root)
            return err_set(e, ERR_FORMAT, (uint64_t)why.position, "%s:%d: %s", x.file->path,
                           why.line, why.text);
        map_init(&x.objects);
        bool ok = is(root, "bundle")
                      ? read_bundle(&x, root, e)
                      : err_set(e, ERR_FORMAT, 0, "%s: not a STIX bundle", x.file->path);
        map_free(&x.objects);
        json_decref(root);
        if (!ok)
            return false;
    }
    return true;
}
