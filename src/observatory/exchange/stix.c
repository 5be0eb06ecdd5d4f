// SPDX-License-Identifier: Apache-2.0
// STIX has an incident that is a stub, with the Incident Core extension for how far it is
// established. What else a record holds (dates with their precision, claims of attribution, the
// origin as reported, responses) goes into an extension of ours, which the bundle defines.
#include "observatory/exchange/export_internal.h"
#include "observatory/exchange/stix_internal.h"
#include "observatory/exchange/uuid.h"

// What a record's objects say of each other. The same thing twice is said once.
static void add_relationship(struct stix *x, const char *kind, const char *from, const char *to,
                             const char *description)
{
    struct slice seed = arena_printf(x->arena, "%s %s %s", from, kind, to);
    struct stix_life *life = stix_life(x, "relationship", "relationship", seed);
    if (life->made)
        return;
    json_t *o = stix_new_own(x, "relationship", life);
    json_object_set_new(o, "relationship_type", json_string(kind));
    json_object_set_new(o, "source_ref", json_string(from));
    json_object_set_new(o, "target_ref", json_string(to));
    if (description)
        json_object_set_new(o, "description", json_string(description));
    stix_add(x, o, life);
}

// --- the record's own extension

// A field's name as STIX wants property names: lower case, underscores, three letters at least.
static const char *property_name(struct stix *x, const char *name, const char *suffix)
{
    char *out = arena_str(
        x->arena, arena_printf(x->arena, "%s%s%s", name, strlen(name) < 3 ? "_value" : "", suffix));
    for (char *p = out; *p; p++)
        if (*p == '-')
            *p = '_';
    return out;
}

static void append_to(json_t *object, const char *name, struct slice text)
{
    json_t *list = json_object_get(object, name);
    if (!list) {
        list = json_array();
        json_object_set_new(object, name, list);
    }
    json_array_append_new(list, json_slice(text));
}

static json_t *item_json(struct stix *x, const struct item *i)
{
    json_t *o = json_object();
    if (i->id.len)
        json_put(o, "item_id", i->id);
    for (size_t v = 0; v < i->values.count; v++) {
        const struct value *value = &i->values.items[v];
        const char *name = record_field(x->record, i, value)->name;
        append_to(o, property_name(x, name, value->set_aside ? "_set_aside" : ""), value->text);
        if (value->precision.len)
            append_to(o, property_name(x, name, "_precision"), value->precision);
        if (value->sources.len)
            append_to(o, property_name(x, name, "_sources"), value->sources);
        if (value->note.len)
            append_to(o, property_name(x, name, "_notes"), value->note);
    }
    return o;
}

static json_t *extension_json(struct stix *x)
{
    json_t *o = json_pack("{s:s, s:s, s:s, s:i}", "extension_type", "property-extension",
                          "record_kind", x->record->kind->name, "record_state",
                          record_state_name(x->meta->state), "revision", (int)x->meta->number);
    json_put(o, "record_id", x->meta->record);
    json_put(o, "codebook", x->meta->codebook);
    if (x->options->demo)
        json_object_set_new(o, "invented", json_true());
    for (size_t g = 0; g < x->record->kind->count; g++) {
        const struct schema_group *group = &x->record->kind->groups[g];
        json_t *items = json_array();
        for (const struct item *i = record_next(x->record, group->name, NULL); i;
             i = record_next(x->record, group->name, i))
            json_array_append_new(items, item_json(x, i));
        if (json_array_size(items) == 0)
            json_decref(items);
        else if (group->repeated)
            json_object_set_new(o, property_name(x, group->name, ""), items);
        else {
            json_object_set(o, *group->name ? property_name(x, group->name, "") : "fields",
                            json_array_get(items, 0));
            json_decref(items);
        }
    }
    return o;
}

static json_t *references_json(struct stix *x)
{
    json_t *list = json_array();
    if (x->options->base_url.len) {
        json_t *own = json_object();
        struct slice name = x->options->name;
        json_put(own, "source_name", name.len ? name : SLICE("registry"));
        json_put(own, "external_id", x->meta->record);
        json_put(own, "url",
                 arena_printf(x->arena, "%.*s/en%s/%.*s", SLICE_FMT(x->options->base_url),
                              x->record->kind->path, SLICE_FMT(x->meta->record)));
        json_array_append_new(list, own);
    }
    for (const struct item *s = record_next(x->record, "sources", NULL); s;
         s = record_next(x->record, "sources", s)) {
        struct slice publisher = item_text(x->record, s, "publisher");
        struct slice title = item_text(x->record, s, "title");
        struct slice url = item_text(x->record, s, "url");
        struct slice hash = item_text(x->record, s, "sha256");
        json_t *reference = json_object();
        json_put(reference, "source_name", publisher.len ? publisher : title.len ? title : s->id);
        json_put(reference, "description", title);
        json_put(reference, "url", json_uri(x->arena, url));
        if (url.len && hash.len == 64)
            json_object_set_new(reference, "hashes",
                                json_pack("{s:o}", "SHA-256", json_slice(hash)));
        if (!title.len && !url.len) // one of them must be there (STIX 2.1, section 2.5)
            json_put(reference, "description", s->id);
        json_array_append_new(list, reference);
    }
    return list;
}

static void label_values(struct stix *x, json_t *labels, const char *field)
{
    const struct item *main = record_next(x->record, "", NULL);
    for (const struct value *v = NULL; (v = item_next(x->record, main, field, v));)
        json_array_append_new(labels, json_slice(v->text));
}

static void set_list(json_t *object, const char *name, json_t *list)
{
    if (json_array_size(list))
        json_object_set_new(object, name, list);
    else
        json_decref(list);
}

// Name, description, references and the like: the same for incidents, reports and locations.
static void describe(struct stix *x, json_t *o)
{
    struct slice title = record_text(x->record, "title");
    json_put(o, "name", title.len ? title : x->meta->record);
    json_put(o, "description", record_text(x->record, "summary"));
    json_t *labels = json_array();
    label_values(x, labels, "type");
    label_values(x, labels, "trend");
    set_list(o, "labels", labels);
    set_list(o, "external_references", references_json(x));
}

static void add_french(struct stix *x, const char *id)
{
    struct slice title = record_text(x->record, "title-fr");
    struct slice summary = record_text(x->record, "summary-fr");
    if (!title.len && !summary.len)
        return;
    struct stix_life *life = stix_life(x, "language-content", "french", slice_from_str(id));
    json_t *o = stix_new_own(x, "language-content", life);
    json_object_set_new(o, "object_ref", json_string(id));
    json_object_set_new(o, "object_modified", json_string(x->modified));
    json_t *french = json_object();
    json_put(french, "name", title);
    json_put(french, "description", summary);
    json_object_set_new(o, "contents", json_pack("{s:o}", "fr", french));
    stix_add(x, o, life);
}

// --- kinds of record
static json_t *core_json(struct stix *x)
{
    json_t *types = json_array();
    label_values(x, types, "type");
    json_t *core = json_pack("{s:s, s:s, s:s}", "extension_type", "property-extension",
                             "determination", "suspected", "investigation_status", "open");
    set_list(core, "incident_types", types);
    return core;
}

// Who was hit, by the name that the record gives: an object of this record alone, since two that
// are named alike need not be the same, and since a name that was wrong must be taken back.
static const char *add_target(struct stix *x, struct slice name)
{
    struct slice seed =
        arena_printf(x->arena, "%.*s %.*s", SLICE_FMT(x->meta->record), SLICE_FMT(name));
    struct stix_life *life = stix_life(x, "identity", "target", seed);
    if (life->made)
        return life->id;
    json_t *o = stix_new_own(x, "identity", life);
    json_put(o, "name", name);
    stix_add(x, o, life);
    return life->id;
}

static void add_targets(struct stix *x, const char *incident)
{
    for (const struct item *t = record_next(x->record, "targets", NULL); t;
         t = record_next(x->record, "targets", t)) {
        struct slice name = item_text(x->record, t, "name");
        struct slice country = item_text(x->record, t, "country");
        if (name.len)
            add_relationship(x, "targets", incident, add_target(x, name), NULL);
        if (stix_is_country(country))
            add_relationship(x, "targets", incident, stix_add_location(x, country), NULL);
    }
}

static void add_incident(struct stix *x)
{
    struct stix_life *life = stix_life(x, "incident", "record", x->meta->record);
    const char *id = life->id;
    json_t *o = stix_new_own(x, "incident", life);
    describe(x, o);
    json_object_set_new(
        o, "extensions",
        json_pack("{s:o, s:o}", STIX_INCIDENT_CORE, core_json(x), x->extension, extension_json(x)));
    stix_add(x, o, life);
    add_french(x, id);
    add_targets(x, id);
    const struct item *main = record_next(x->record, "", NULL);
    for (const struct value *v = NULL; (v = item_next(x->record, main, "technique", v));)
        add_relationship(x, "uses", id, stix_add_technique(x, v->text), NULL);
    for (const struct value *v = NULL; (v = item_next(x->record, main, "origin", v));)
        if (stix_is_country(v->text))
            add_relationship(x, "originates-from", id, stix_add_location(x, v->text),
                             "Origin as reported. It does not imply who is responsible.");
}

// The pattern as it is written down, or made from the indicator's type and value (section 9).
static struct slice pattern_of(struct stix *x, const struct item *i)
{
    static const struct {
        const char *type, *path;
    } paths[] = {
        {"domain", "domain-name:value"},
        {"url", "url:value"},
        {"ipv4", "ipv4-addr:value"},
        {"ipv6", "ipv6-addr:value"},
        {"email", "email-addr:value"},
        {"subject", "email-message:subject"},
        {"sha256", "file:hashes.'SHA-256'"},
        {"sha1", "file:hashes.'SHA-1'"},
        {"md5", "file:hashes.MD5"},
        {"file-name", "file:name"},
        {"registry-key", "windows-registry-key:key"},
        {"process", "process:command_line"},
    };
    struct slice pattern = item_text(x->record, i, "pattern");
    struct slice type = item_text(x->record, i, "type");
    struct slice value = item_text(x->record, i, "value");
    if (pattern.len || !value.len)
        return pattern;
    if (slice_equal_str(type, "stix-pattern"))
        return value;
    for (size_t p = 0; p < sizeof paths / sizeof *paths; p++) {
        if (!slice_equal_str(type, paths[p].type))
            continue;
        struct buf b = {0};
        buf_printf(&b, "[%s = '", paths[p].path);
        for (size_t k = 0; k < value.len; k++) {
            if (value.at[k] == '\\' || value.at[k] == '\'')
                buf_byte(&b, '\\');
            buf_byte(&b, value.at[k]);
        }
        buf_str(&b, "']");
        pattern = arena_copy(x->arena, buf_slice(&b));
        buf_free(&b);
    }
    return pattern;
}

// The first instant of a day, month or year; otherwise when the item does not say.
static const char *day_time(struct stix *x, const struct item *i, const char *field,
                            const char *otherwise)
{
    const struct value *v = item_next(x->record, i, field, NULL);
    int32_t first, last;
    if (!v || !date_range(v->text, v->precision, &first, &last))
        return otherwise;
    return stix_time(x->arena, time_from_unix((int64_t)first * 86400, 0));
}

static const char *add_indicator(struct stix *x, const struct item *i)
{
    struct slice pattern = pattern_of(x, i);
    if (!pattern.len)
        return NULL;
    const char *own_marking = x->marking;
    struct slice tlp = item_text(x->record, i, "tlp");
    if (tlp.len)
        x->marking = stix_marking(tlp);
    struct slice seed =
        arena_printf(x->arena, "%.*s %.*s", SLICE_FMT(x->meta->record), SLICE_FMT(i->id));
    struct stix_life *life = stix_life(x, "indicator", "indicator", seed);
    json_t *o = stix_new_own(x, "indicator", life);
    json_put(o, "name", item_text(x->record, i, "value"));
    json_put(o, "description", item_text(x->record, i, "description"));
    json_object_set_new(o, "indicator_types", json_pack("[s]", "malicious-activity"));
    json_put(o, "pattern", pattern);
    json_object_set_new(o, "pattern_type", json_string("stix"));
    const char *from = day_time(x, i, "valid-from", life->created);
    const char *until = day_time(x, i, "valid-until", NULL);
    json_object_set_new(o, "valid_from", json_string(from));
    if (until && strcmp(until, from) > 0) // it must be later (section 4.7)
        json_object_set_new(o, "valid_until", json_string(until));
    const char *used = x->marking;
    stix_add(x, o, life);
    x->marking = own_marking;
    if (strcmp(used, own_marking) != 0)
        stix_add_marking(x, used);
    return life->id;
}

// The report comes first in the list, though it names the others: its place is kept.
static void add_advisory(struct stix *x)
{
    struct stix_life *life = stix_life(x, "report", "record", x->meta->record);
    size_t place = x->objects.count;
    *ARRAY_ADD(&x->objects) = (struct stix_object){0};
    json_t *refs = json_array();
    for (const struct item *i = record_next(x->record, "indicators", NULL); i;
         i = record_next(x->record, "indicators", i)) {
        const char *indicator = add_indicator(x, i);
        if (indicator)
            json_array_append_new(refs, json_string(indicator));
    }
    if (json_array_size(refs) == 0)
        json_array_append_new(refs, json_string(x->identity)); // one at least (section 4.16)
    json_t *o = stix_new_own(x, "report", life);
    describe(x, o);
    json_object_set_new(o, "report_types", json_pack("[s]", "threat-report"));
    json_object_set_new(o, "published",
                        json_string(stix_time(x->arena, x->meta->public_from ? x->meta->public_from
                                                                             : x->meta->made)));
    json_object_set_new(o, "object_refs", refs);
    json_object_set_new(o, "extensions", json_pack("{s:o}", x->extension, extension_json(x)));
    stix_add(x, o, life);
    x->objects.items[place] = x->objects.items[--x->objects.count];
    add_french(x, life->id);
}

static void add_place(struct stix *x)
{
    struct slice country = record_text(x->record, "country");
    if (!stix_is_country(country))
        return; // a location needs a country, a region or a point (section 4.11)
    struct stix_life *life = stix_life(x, "location", "record", x->meta->record);
    json_t *o = stix_new_own(x, "location", life);
    describe(x, o);
    json_put(o, "country", country);
    json_object_set_new(o, "extensions", json_pack("{s:o}", x->extension, extension_json(x)));
    stix_add(x, o, life);
}

void stix_make(struct stix *x)
{
    const char *kind = x->record->kind->name;
    x->marking = stix_marking(record_text(x->record, "tlp"));
    if (strcmp(kind, "incident") == 0)
        add_incident(x);
    else if (strcmp(kind, "advisory") == 0)
        add_advisory(x);
    else if (strcmp(kind, "place") == 0)
        add_place(x);
}

// --- bundles
void export_stix_begin(struct export *x)
{
    struct arena a;
    arena_init(&a, 0);
    struct slice seed = arena_printf(&a, "%.*s bundle %llu %llu", SLICE_FMT(x->options->base_url),
                                     (unsigned long long)store_generation(x->store),
                                     (unsigned long long)x->query->as_of);
    struct slice uuid = uuid_v5(&a, STIX_NAMESPACE, seed);
    buf_printf(&x->out, "{\"type\":\"bundle\",\"id\":\"bundle--%.*s\",\"objects\":[\n",
               SLICE_FMT(uuid));
    arena_free(&a);
}

bool export_stix_each(struct export *x, const struct revision *meta, const struct record *body)
{
    struct arena a;
    arena_init(&a, 0);
    struct stix_object *objects;
    size_t count;
    bool ok =
        stix_objects(x->store, meta, body, x->options, &x->seen, &a, &objects, &count, &x->failed);
    for (size_t i = 0; ok && i < count; i++) {
        if (objects[i].dropped) // a bundle holds what stands
            continue;
        buf_str(&x->out, x->wrote ? ",\n" : "");
        x->wrote = true;
        buf_add(&x->out, objects[i].json);
    }
    arena_free(&a);
    return ok;
}

// A bundle without objects has no list of them (section 8): the empty one is written as such.
void export_stix_end(struct export *x)
{
    buf_str(&x->out, "\n]}\n");
}
