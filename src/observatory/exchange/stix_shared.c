// SPDX-License-Identifier: Apache-2.0
#include "base/map.h"
#include "observatory/exchange/stix_internal.h"
#include "observatory/exchange/uuid.h"

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

void stix_seen_init(struct stix_seen *s)
{
    map_init(&s->ids);
    arena_init(&s->arena, 0);
}

void stix_seen_free(struct stix_seen *s)
{
    map_free(&s->ids);
    arena_free(&s->arena);
}

// Whether a shared object was made already; it counts as made from then on.
static bool seen(struct stix *x, const char *id)
{
    struct slice key = slice_from_str(id);
    if (map_get(&x->seen->ids, key))
        return true;
    *map_put(&x->seen->ids, arena_copy(&x->seen->arena, key), NULL) = x->seen;
    return false;
}

const char *stix_id(struct stix *x, const char *type, const char *what, struct slice name)
{
    struct slice seed = arena_printf(x->arena, "%s:%.*s", what, SLICE_FMT(name));
    struct slice uuid = uuid_v5(x->arena, STIX_NAMESPACE, seed);
    return arena_str(x->arena, arena_printf(x->arena, "%s--%.*s", type, SLICE_FMT(uuid)));
}

const char *stix_time(struct arena *a, vtime t)
{
    struct civil_time c = time_to_civil(t);
    return arena_str(a, arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ", c.year, c.month,
                                     c.day, c.hour, c.minute, c.second, c.ticks / 10000));
}

json_t *stix_new(const char *type, const char *id)
{
    return json_pack("{s:s, s:s, s:s}", "type", type, "spec_version", "2.1", "id", id);
}

void stix_add(struct stix *x, json_t *object, struct stix_life *life)
{
    const char *modified = json_string_value(json_object_get(object, "modified"));
    if (!modified)
        modified = json_string_value(json_object_get(object, "created"));
    *ARRAY_ADD(&x->objects) = (struct stix_object){
        .id = arena_copy(x->arena, json_member(object, "id")),
        .type = arena_copy(x->arena, json_member(object, "type")),
        .modified = arena_copy(x->arena, slice_from_str(modified ? modified : shared_time)),
        .json = json_dump(x->arena, object),
        .life = life,
    };
    if (life)
        life->made = true;
    json_decref(object);
}

static json_t *new_by_us(struct stix *x, const char *type, const char *id, const char *created,
                         const char *modified, const char *marking)
{
    json_t *o = stix_new(type, id);
    json_object_set_new(o, "created_by_ref", json_string(x->identity));
    json_object_set_new(o, "created", json_string(created));
    json_object_set_new(o, "modified", json_string(modified));
    json_object_set_new(o, "object_marking_refs", json_pack("[s]", marking));
    return o;
}

json_t *stix_new_shared(struct stix *x, const char *type, const char *id)
{
    return new_by_us(x, type, id, shared_time, shared_time, tlp_markings[0].id);
}

json_t *stix_new_own(struct stix *x, const char *type, const struct stix_life *life)
{
    json_t *o = new_by_us(x, type, life->id, life->created, x->modified, x->marking);
    if (x->meta->state != STATE_PUBLISHED)
        json_object_set_new(o, "revoked", json_true());
    return o;
}

const char *stix_marking(struct slice code)
{
    for (size_t i = 0; i < sizeof tlp_markings / sizeof *tlp_markings; i++)
        if (slice_equal_nocase(code, slice_from_str(tlp_markings[i].code)))
            return tlp_markings[i].id;
    return tlp_markings[0].id;
}

// --- objects that records share -----------------------------------------------------------------
void stix_add_identity(struct stix *x)
{
    if (seen(x, x->identity))
        return;
    json_t *o = stix_new("identity", x->identity);
    json_object_set_new(o, "created", json_string(shared_time));
    json_object_set_new(o, "modified", json_string(shared_time));
    struct slice name = x->options->name;
    json_put(o, "name", name.len ? name : SLICE("Registry of cyber incidents"));
    json_object_set_new(o, "identity_class", json_string("organization"));
    stix_add(x, o, NULL);
}

void stix_add_marking(struct stix *x, const char *id)
{
    if (seen(x, id))
        return;
    for (size_t i = 0; i < sizeof tlp_markings / sizeof *tlp_markings; i++) {
        if (strcmp(tlp_markings[i].id, id) != 0)
            continue;
        json_t *o = stix_new("marking-definition", id);
        json_object_set_new(o, "created", json_string("2022-10-01T00:00:00.000Z"));
        json_object_set_new(o, "name", json_string(tlp_markings[i].name));
        json_object_set_new(o, "extensions",
                            json_pack("{s:{s:s, s:s}}", STIX_TLP2, "extension_type",
                                      "property-extension", "tlp_2_0", tlp_markings[i].value));
        stix_add(x, o, NULL);
    }
}

void stix_add_extension(struct stix *x)
{
    if (seen(x, x->extension))
        return;
    json_t *o = stix_new_shared(x, "extension-definition", x->extension);
    json_object_set_new(o, "name", json_string("Vigie registry record"));
    json_object_set_new(
        o, "description",
        json_string("All fields of a registry's record: dates with their precision, origin as "
                    "reported, claims of attribution, responses, sources. An origin does not "
                    "imply who is responsible."));
    struct slice base = x->options->base_url;
    json_put(o, "schema",
             arena_printf(x->arena, "%.*s/en/codebook",
                          SLICE_FMT(base.len ? base : SLICE("https://registry.example"))));
    json_object_set_new(o, "version", json_string(CODEBOOK_VERSION ".0"));
    json_object_set_new(o, "extension_types", json_pack("[s]", "property-extension"));
    stix_add(x, o, NULL);
}

bool stix_is_country(struct slice code)
{
    return code.len == 2 && country_valid(code) && !slice_equal_str(code, "EU");
}

const char *stix_add_location(struct stix *x, struct slice country)
{
    const char *id = stix_id(x, "location", "country", country);
    if (seen(x, id))
        return id;
    json_t *o = stix_new_shared(x, "location", id);
    json_put(o, "name", country_name(x->arena, country, "en"));
    json_put(o, "country", country);
    stix_add(x, o, NULL);
    return id;
}

const char *stix_add_technique(struct stix *x, struct slice technique)
{
    const char *id = stix_id(x, "attack-pattern", "technique", technique);
    if (seen(x, id))
        return id;
    json_t *o = stix_new_shared(x, "attack-pattern", id);
    json_put(o, "name", technique);
    struct buf url = {0};
    buf_str(&url, "https://attack.mitre.org/techniques/");
    for (size_t i = 0; i < technique.len; i++)
        buf_byte(&url, technique.at[i] == '.' ? '/' : technique.at[i]);
    json_t *reference = json_pack("{s:s}", "source_name", "mitre-attack");
    json_put(reference, "external_id", technique);
    json_put(reference, "url", buf_slice(&url));
    buf_free(&url);
    json_object_set_new(o, "external_references", json_pack("[o]", reference));
    stix_add(x, o, NULL);
    return id;
}
