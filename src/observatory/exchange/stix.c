// SPDX-License-Identifier: Apache-2.0
// STIX has an incident that is a stub, with the Incident Core extension for how far it is
// established. What else a record holds (dates with their precision, claims of attribution, the
// origin as reported, responses) goes into an extension of ours, which the bundle defines.
#include "observatory/exchange/stix.h"

#include "observatory/exchange/export_internal.h"

#include <jansson.h>
#include <openssl/evp.h>

// Ours (a random UUID, version 4), for ids that stay the same from export to export.
static const char registry_namespace[] = "5e1f6c4a-9a3d-4d0e-8b55-2f4f6f7a1c90";
static const char shared_time[] = "2026-01-01T00:00:00.000Z"; // of objects that never change

static const struct {
    const char *code, *name, *id, *value;
} tlp_markings[] = {
    {"clear", "TLP:CLEAR", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", "clear"},
    {"green", "TLP:GREEN", "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green"},
    {"amber", "TLP:AMBER", "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber"},
    {"amber+strict", "TLP:AMBER+STRICT", "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
     "amber+strict"},
    {"red", "TLP:RED", "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", "red"},
};

// What one record's objects are made with.
struct stix {
    const struct revision *meta;
    const struct record *record;
    const struct export_options *options;
    struct arena *arena;
    ARRAY_OF(struct stix_object) objects;
    const char *created, *modified; // of the record's own objects
    const char *identity, *marking, *extension;
};

static bool uuid_bytes(const char *text, uint8_t out[16])
{
    size_t n = 0;
    int half = -1;
    for (; *text && n < 16; text++) {
        int digit;
        if (*text >= '0' && *text <= '9')
            digit = *text - '0';
        else if (*text >= 'a' && *text <= 'f')
            digit = *text - 'a' + 10;
        else if (*text == '-')
            continue;
        else
            return false;
        if (half < 0) {
            half = digit;
        } else {
            out[n++] = (uint8_t)(half << 4 | digit);
            half = -1;
        }
    }
    return n == 16;
}

struct slice stix_uuid5(struct arena *a, const char *namespace, struct slice name)
{
    uint8_t ns[16] = {0}, hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    if (!uuid_bytes(namespace, ns) || !c || EVP_DigestInit_ex(c, EVP_sha1(), NULL) != 1 ||
        EVP_DigestUpdate(c, ns, sizeof ns) != 1 || EVP_DigestUpdate(c, name.at, name.len) != 1 ||
        EVP_DigestFinal_ex(c, hash, &len) != 1 || len < 16)
        memset(hash, 0, sizeof hash); // SHA-1 is always there; an id all the same
    EVP_MD_CTX_free(c);
    hash[6] = (uint8_t)((hash[6] & 0x0F) | 0x50);
    hash[8] = (uint8_t)((hash[8] & 0x3F) | 0x80);
    return arena_printf(a, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                        hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7],
                        hash[8], hash[9], hash[10], hash[11], hash[12], hash[13], hash[14],
                        hash[15]);
}

// "type--uuid" for what is named by two texts.
static const char *object_id(struct stix *x, const char *type, const char *what, struct slice name)
{
    struct slice seed = arena_printf(x->arena, "%s:%.*s", what, SLICE_FMT(name));
    struct slice uuid = stix_uuid5(x->arena, registry_namespace, seed);
    return arena_str(x->arena, arena_printf(x->arena, "%s--%.*s", type, SLICE_FMT(uuid)));
}

static const char *stix_time(struct arena *a, vtime t)
{
    struct civil_time c = time_to_civil(t);
    return arena_str(a, arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ", c.year, c.month,
                                     c.day, c.hour, c.minute, c.second, c.ticks / 10000));
}

static json_t *text_json(struct slice s)
{
    json_t *j = json_stringn((const char *)s.at, s.len);
    return j ? j : json_string(""); // all texts of a record are UTF-8
}

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

// An address as RFC 3986 allows it: sources have spaces, quotation marks and letters with accents
// in theirs, which are percent-encoded.
static struct slice uri_of(struct arena *a, struct slice url)
{
    static const char allowed[] = "-._~:/?#@!$&'()*+,;=%";
    struct buf b = {0};
    bool fragment = false;
    for (size_t i = 0; i < url.len; i++) {
        uint8_t c = url.at[i];
        bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        bool percent =
            c == '%' && !(i + 2 < url.len && is_hex(url.at[i + 1]) && is_hex(url.at[i + 2]));
        bool again = c == '#' && fragment; // one fragment at most
        fragment = fragment || c == '#';
        if ((letter || (c && strchr(allowed, c))) && !percent && !again)
            buf_byte(&b, c);
        else
            buf_printf(&b, "%%%02X", c);
    }
    struct slice out = arena_copy(a, buf_slice(&b));
    buf_free(&b);
    return out;
}

static void set_text(json_t *object, const char *name, struct slice s)
{
    if (s.len)
        json_object_set_new(object, name, text_json(s));
}

static json_t *new_object(const char *type, const char *id)
{
    return json_pack("{s:s, s:s, s:s}", "type", type, "spec_version", "2.1", "id", id);
}

static void finish(struct stix *x, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    const char *modified = json_string_value(json_object_get(object, "modified"));
    if (!modified)
        modified = json_string_value(json_object_get(object, "created"));
    *ARRAY_ADD(&x->objects) = (struct stix_object){
        .id =
            arena_copy(x->arena, slice_from_str(json_string_value(json_object_get(object, "id")))),
        .type = arena_copy(x->arena,
                           slice_from_str(json_string_value(json_object_get(object, "type")))),
        .modified = arena_copy(x->arena, slice_from_str(modified ? modified : shared_time)),
        .json = arena_copy(x->arena, slice_from_str(text ? text : "{}")),
    };
    free(text);
    json_decref(object);
}

// created, modified, author and marking of an object of the registry's own.
static void common(struct stix *x, json_t *object, bool shared)
{
    json_object_set_new(object, "created_by_ref", json_string(x->identity));
    json_object_set_new(object, "created", json_string(shared ? shared_time : x->created));
    json_object_set_new(object, "modified", json_string(shared ? shared_time : x->modified));
    json_object_set_new(object, "object_marking_refs",
                        json_pack("[s]", shared ? tlp_markings[0].id : x->marking));
}

static const char *marking_of(struct slice code)
{
    for (size_t i = 0; i < sizeof tlp_markings / sizeof *tlp_markings; i++)
        if (slice_equal_nocase(code, slice_from_str(tlp_markings[i].code)))
            return tlp_markings[i].id;
    return tlp_markings[0].id;
}

// --- objects that records share -----------------------------------------------------------------
static void add_identity(struct stix *x)
{
    json_t *o = new_object("identity", x->identity);
    json_object_set_new(o, "created", json_string(shared_time));
    json_object_set_new(o, "modified", json_string(shared_time));
    struct slice name = x->options->name;
    set_text(o, "name", name.len ? name : SLICE("Registry of cyber incidents"));
    json_object_set_new(o, "identity_class", json_string("organization"));
    finish(x, o);
}

static void add_marking(struct stix *x, const char *id)
{
    for (size_t i = 0; i < sizeof tlp_markings / sizeof *tlp_markings; i++) {
        if (strcmp(tlp_markings[i].id, id) != 0)
            continue;
        json_t *o = new_object("marking-definition", id);
        json_object_set_new(o, "created", json_string("2022-10-01T00:00:00.000Z"));
        json_object_set_new(o, "name", json_string(tlp_markings[i].name));
        json_object_set_new(o, "extensions",
                            json_pack("{s:{s:s, s:s}}", STIX_TLP2, "extension_type",
                                      "property-extension", "tlp_2_0", tlp_markings[i].value));
        finish(x, o);
    }
}

static void add_extension_definition(struct stix *x)
{
    json_t *o = new_object("extension-definition", x->extension);
    common(x, o, true);
    json_object_set_new(o, "name", json_string("Vigie registry record"));
    json_object_set_new(
        o, "description",
        json_string("All fields of a registry's record: dates with their precision, origin as "
                    "reported, claims of attribution, responses, sources. An origin does not "
                    "imply who is responsible."));
    struct slice base = x->options->base_url;
    set_text(o, "schema",
             arena_printf(x->arena, "%.*s/en/codebook",
                          SLICE_FMT(base.len ? base : SLICE("https://registry.example"))));
    json_object_set_new(o, "version", json_string(CODEBOOK_VERSION ".0"));
    json_object_set_new(o, "extension_types", json_pack("[s]", "property-extension"));
    finish(x, o);
}

static void add_relationship(struct stix *x, const char *kind, const char *from, const char *to,
                             const char *description)
{
    struct slice seed = arena_printf(x->arena, "%s %s %s", from, kind, to);
    json_t *o = new_object("relationship", object_id(x, "relationship", "relationship", seed));
    common(x, o, false);
    json_object_set_new(o, "relationship_type", json_string(kind));
    json_object_set_new(o, "source_ref", json_string(from));
    json_object_set_new(o, "target_ref", json_string(to));
    if (description)
        json_object_set_new(o, "description", json_string(description));
    finish(x, o);
}

static bool is_country(struct slice code)
{
    return code.len == 2 && country_valid(code) && !slice_equal_str(code, "EU");
}

static const char *add_location(struct stix *x, struct slice country)
{
    const char *id = object_id(x, "location", "country", country);
    json_t *o = new_object("location", id);
    common(x, o, true);
    set_text(o, "name", country_name(x->arena, country, "en"));
    set_text(o, "country", country);
    finish(x, o);
    return id;
}

static void add_technique(struct stix *x, const char *from, struct slice technique)
{
    const char *id = object_id(x, "attack-pattern", "technique", technique);
    json_t *o = new_object("attack-pattern", id);
    common(x, o, true);
    set_text(o, "name", technique);
    struct buf url = {0};
    buf_str(&url, "https://attack.mitre.org/techniques/");
    for (size_t i = 0; i < technique.len; i++)
        buf_byte(&url, technique.at[i] == '.' ? '/' : technique.at[i]);
    json_t *reference = json_pack("{s:s}", "source_name", "mitre-attack");
    set_text(reference, "external_id", technique);
    set_text(reference, "url", buf_slice(&url));
    buf_free(&url);
    json_object_set_new(o, "external_references", json_pack("[o]", reference));
    finish(x, o);
    add_relationship(x, "uses", from, id, NULL);
}

// --- the record's own extension
// -------------------------------------------------------------------- A field's name as STIX wants
// property names: lower case, underscores, three letters at least.
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
    json_array_append_new(list, text_json(text));
}

static json_t *item_json(struct stix *x, const struct item *i)
{
    json_t *o = json_object();
    if (i->id.len)
        set_text(o, "item_id", i->id);
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
    set_text(o, "record_id", x->meta->record);
    set_text(o, "codebook", x->meta->codebook);
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
        set_text(own, "source_name", name.len ? name : SLICE("registry"));
        set_text(own, "external_id", x->meta->record);
        set_text(own, "url",
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
        set_text(reference, "source_name", publisher.len ? publisher : title.len ? title : s->id);
        set_text(reference, "description", title);
        set_text(reference, "url", uri_of(x->arena, url));
        if (url.len && hash.len == 64)
            json_object_set_new(reference, "hashes",
                                json_pack("{s:o}", "SHA-256", text_json(hash)));
        if (!title.len && !url.len) // one of them must be there (STIX 2.1, section 2.5)
            set_text(reference, "description", s->id);
        json_array_append_new(list, reference);
    }
    return list;
}

static void label_values(struct stix *x, json_t *labels, const char *field)
{
    const struct item *main = record_next(x->record, "", NULL);
    for (size_t v = 0; main && v < main->values.count; v++) {
        const struct value *value = &main->values.items[v];
        if (!value->set_aside && strcmp(record_field(x->record, main, value)->name, field) == 0)
            json_array_append_new(labels, text_json(value->text));
    }
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
    common(x, o, false);
    if (x->meta->state != STATE_PUBLISHED)
        json_object_set_new(o, "revoked", json_true());
    struct slice title = record_text(x->record, "title");
    set_text(o, "name", title.len ? title : x->meta->record);
    set_text(o, "description", record_text(x->record, "summary"));
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
    json_t *o =
        new_object("language-content", object_id(x, "language-content", "french", x->meta->record));
    common(x, o, false);
    json_object_set_new(o, "object_ref", json_string(id));
    json_object_set_new(o, "object_modified", json_string(x->modified));
    json_t *french = json_object();
    set_text(french, "name", title);
    set_text(french, "description", summary);
    json_object_set_new(o, "contents", json_pack("{s:o}", "fr", french));
    finish(x, o);
}

// --- kinds of record
// -----------------------------------------------------------------------------------
static json_t *core_json(struct stix *x)
{
    json_t *types = json_array();
    label_values(x, types, "type");
    json_t *core = json_pack("{s:s, s:s, s:s}", "extension_type", "property-extension",
                             "determination", "suspected", "investigation_status", "open");
    set_list(core, "incident_types", types);
    return core;
}

static void add_targets(struct stix *x, const char *incident)
{
    for (const struct item *t = record_next(x->record, "targets", NULL); t;
         t = record_next(x->record, "targets", t)) {
        struct slice name = item_text(x->record, t, "name");
        struct slice country = item_text(x->record, t, "country");
        if (name.len) {
            const char *id = object_id(x, "identity", "target", name);
            json_t *o = new_object("identity", id);
            common(x, o, true);
            set_text(o, "name", name);
            finish(x, o);
            add_relationship(x, "targets", incident, id, NULL);
        }
        if (is_country(country))
            add_relationship(x, "targets", incident, add_location(x, country), NULL);
    }
}

static void add_incident(struct stix *x)
{
    const char *id = object_id(x, "incident", "record", x->meta->record);
    json_t *o = new_object("incident", id);
    describe(x, o);
    json_object_set_new(
        o, "extensions",
        json_pack("{s:o, s:o}", STIX_INCIDENT_CORE, core_json(x), x->extension, extension_json(x)));
    finish(x, o);
    add_french(x, id);
    add_targets(x, id);
    const struct item *main = record_next(x->record, "", NULL);
    for (size_t v = 0; main && v < main->values.count; v++) {
        const struct value *value = &main->values.items[v];
        const char *field = record_field(x->record, main, value)->name;
        if (value->set_aside)
            continue;
        if (strcmp(field, "technique") == 0)
            add_technique(x, id, value->text);
        if (strcmp(field, "origin") == 0 && is_country(value->text))
            add_relationship(x, "originates-from", id, add_location(x, value->text),
                             "Origin as reported. It does not imply who is responsible.");
    }
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

static const char *add_indicator(struct stix *x, const struct item *i)
{
    struct slice pattern = pattern_of(x, i);
    if (!pattern.len)
        return NULL;
    const char *own_marking = x->marking;
    struct slice tlp = item_text(x->record, i, "tlp");
    if (tlp.len)
        x->marking = marking_of(tlp);
    struct slice seed =
        arena_printf(x->arena, "%.*s %.*s", SLICE_FMT(x->meta->record), SLICE_FMT(i->id));
    const char *id = object_id(x, "indicator", "indicator", seed);
    json_t *o = new_object("indicator", id);
    common(x, o, false);
    set_text(o, "name", item_text(x->record, i, "value"));
    set_text(o, "description", item_text(x->record, i, "description"));
    json_object_set_new(o, "indicator_types", json_pack("[s]", "malicious-activity"));
    set_text(o, "pattern", pattern);
    json_object_set_new(o, "pattern_type", json_string("stix"));
    json_object_set_new(o, "valid_from", json_string(x->created));
    const char *used = x->marking;
    finish(x, o);
    x->marking = own_marking;
    if (strcmp(used, own_marking) != 0)
        add_marking(x, used);
    return id;
}

// The report comes first in the list, though it names the others: its place is kept.
static void add_advisory(struct stix *x)
{
    const char *id = object_id(x, "report", "record", x->meta->record);
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
    json_t *o = new_object("report", id);
    describe(x, o);
    json_object_set_new(o, "report_types", json_pack("[s]", "threat-report"));
    json_object_set_new(o, "published",
                        json_string(stix_time(x->arena, x->meta->public_from ? x->meta->public_from
                                                                             : x->meta->made)));
    json_object_set_new(o, "object_refs", refs);
    json_object_set_new(o, "extensions", json_pack("{s:o}", x->extension, extension_json(x)));
    finish(x, o);
    x->objects.items[place] = x->objects.items[--x->objects.count];
    add_french(x, id);
}

static void add_place(struct stix *x)
{
    struct slice country = record_text(x->record, "country");
    if (!is_country(country))
        return; // a location needs a country, a region or a point (section 4.11)
    json_t *o = new_object("location", object_id(x, "location", "record", x->meta->record));
    describe(x, o);
    set_text(o, "country", country);
    json_object_set_new(o, "extensions", json_pack("{s:o}", x->extension, extension_json(x)));
    finish(x, o);
}

bool stix_objects(const struct revision *meta, const struct record *body,
                  const struct export_options *o, struct arena *a, struct stix_object **out,
                  size_t *count, struct err *e)
{
    (void)e;
    struct stix x = {.meta = meta, .record = body, .options = o, .arena = a};
    vtime recorded = meta->recorded ? meta->recorded : meta->made;
    x.created = stix_time(a, recorded < meta->made ? recorded : meta->made);
    x.modified = stix_time(a, meta->made);
    x.identity = object_id(&x, "identity", "registry", o->name);
    x.extension = object_id(&x, "extension-definition", "extension", SLICE(CODEBOOK_VERSION));
    x.marking = marking_of(record_text(body, "tlp"));
    if (strcmp(body->kind->name, "incident") == 0)
        add_incident(&x);
    else if (strcmp(body->kind->name, "advisory") == 0)
        add_advisory(&x);
    else if (strcmp(body->kind->name, "place") == 0)
        add_place(&x);
    if (x.objects.count) { // conduct outside cyber space has no place in STIX
        add_identity(&x);
        add_extension_definition(&x);
        add_marking(&x, x.marking);
        if (strcmp(x.marking, tlp_markings[0].id) != 0)
            add_marking(&x, tlp_markings[0].id); // of the shared objects
    }
    *count = x.objects.count;
    *out = ARENA_ARRAY(a, struct stix_object, x.objects.count + 1);
    if (x.objects.count)
        memcpy(*out, x.objects.items, x.objects.count * sizeof **out);
    ARRAY_FREE(&x.objects);
    return true;
}

// --- bundles
// ---------------------------------------------------------------------------------------------
void export_stix_begin(struct export *x)
{
    struct arena a;
    arena_init(&a, 0);
    struct slice seed = arena_printf(&a, "%.*s bundle %llu %llu", SLICE_FMT(x->options->base_url),
                                     (unsigned long long)store_generation(x->store),
                                     (unsigned long long)x->query->as_of);
    struct slice uuid = stix_uuid5(&a, registry_namespace, seed);
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
    bool ok = stix_objects(meta, body, x->options, &a, &objects, &count, &x->failed);
    for (size_t i = 0; ok && i < count; i++) {
        if (map_get(&x->written, objects[i].id))
            continue;
        *map_put(&x->written, arena_copy(&x->kept, objects[i].id), NULL) = x;
        if (x->written.count > 1)
            buf_str(&x->out, ",\n");
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
