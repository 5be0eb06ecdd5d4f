// SPDX-License-Identifier: Apache-2.0
#include "observatory/exchange/misp.h"

#include "observatory/exchange/export_internal.h"
#include "observatory/exchange/json_values.h"
#include "observatory/exchange/uuid.h"

#include <openssl/evp.h>

// Ours, for UUIDs that stay the same (a random UUID, version 4).
static const char misp_namespace[] = "9b0c2f1e-5a47-4f7b-8a53-6c1b1d2e7a64";

struct misp {
    const struct revision *meta;
    const struct record *record;
    const struct export_options *options;
    struct arena *arena;
    const char *uuid;
    const char *timestamp; // seconds since 1970, as text
    json_t *attributes;
    struct map made; // their UUIDs
    struct buf hashes;
};

static const char *uuid_of(struct arena *a, const char *what, struct slice name)
{
    struct slice seed = arena_printf(a, "%s:%.*s", what, SLICE_FMT(name));
    return arena_str(a, uuid_v5(a, misp_namespace, seed));
}

static void add_hash(struct misp *x, struct slice value)
{
    uint8_t md[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(value.at, value.len, md, &len, EVP_md5(), NULL) != 1)
        return; // MD5 is what the format asks for; without it the line is left out
    for (unsigned i = 0; i < len; i++)
        buf_printf(&x->hashes, "%02x", md[i]);
    buf_printf(&x->hashes, ",%s\n", x->uuid);
}

static void add_attribute(struct misp *x, const char *type, const char *category,
                          struct slice value, struct slice comment, bool for_detection,
                          const char *tlp)
{
    if (!value.len)
        return;
    struct slice seed = arena_printf(x->arena, "%s %s %.*s", x->uuid, type, SLICE_FMT(value));
    const char *uuid = uuid_of(x->arena, "attribute", seed);
    void **made = map_put(&x->made, slice_from_str(uuid), NULL);
    if (*made)
        return; // the same twice is one
    *made = x;
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:s, s:b}", "uuid", uuid, "type", type,
                  "category", category, "timestamp", x->timestamp, "to_ids", (int)for_detection,
                  "disable_correlation", 0, "distribution", "3", "deleted", 0);
    json_object_set_new(o, "value", json_slice(value));
    json_object_set_new(o, "comment", json_slice(comment));
    if (tlp)
        json_object_set_new(o, "Tag", json_pack("[{s:s, s:s}]", "name", tlp, "colour", "#ffffff"));
    json_array_append_new(x->attributes, o);
    add_hash(x, value);
}

// "tlp:clear" of a code; NULL for none.
static const char *tlp_tag(struct arena *a, struct slice code)
{
    return code.len ? arena_str(a, arena_printf(a, "tlp:%.*s", SLICE_FMT(code))) : NULL;
}

static void add_indicators(struct misp *x)
{
    static const struct {
        const char *ours, *type, *category;
    } types[] = {
        {"domain", "domain", "Network activity"},
        {"url", "url", "Network activity"},
        {"ipv4", "ip-dst", "Network activity"},
        {"ipv6", "ip-dst", "Network activity"},
        {"email", "email-src", "Payload delivery"},
        {"subject", "email-subject", "Payload delivery"},
        {"sha256", "sha256", "Payload delivery"},
        {"sha1", "sha1", "Payload delivery"},
        {"md5", "md5", "Payload delivery"},
        {"file-name", "filename", "Payload delivery"},
        {"registry-key", "regkey", "Persistence mechanism"},
        {"process", "text", "Artifacts dropped"},
        {"stix-pattern", "stix2-pattern", "Payload installation"},
    };
    for (const struct item *i = record_next(x->record, "indicators", NULL); i;
         i = record_next(x->record, "indicators", i)) {
        struct slice type = item_text(x->record, i, "type");
        for (size_t t = 0; t < sizeof types / sizeof *types; t++)
            if (slice_equal_str(type, types[t].ours))
                add_attribute(x, types[t].type, types[t].category, item_text(x->record, i, "value"),
                              item_text(x->record, i, "description"), true,
                              tlp_tag(x->arena, item_text(x->record, i, "tlp")));
    }
}

static void add_facts(struct misp *x)
{
    add_attribute(x, "text", "Other", record_text(x->record, "summary"), SLICE("summary"), false,
                  NULL);
    for (const struct item *t = record_next(x->record, "targets", NULL); t;
         t = record_next(x->record, "targets", t)) {
        add_attribute(x, "target-org", "Targeting data", item_text(x->record, t, "name"),
                      (struct slice){0}, false, NULL);
    }
    const struct item *main = record_next(x->record, "", NULL);
    for (const struct value *v = NULL; (v = item_next(x->record, main, "origin", v));)
        add_attribute(x, "text", "Other", v->text,
                      SLICE("origin as reported; it does not imply who is responsible"), false,
                      NULL);
    for (const struct item *s = record_next(x->record, "sources", NULL); s;
         s = record_next(x->record, "sources", s))
        add_attribute(x, "link", "External analysis", item_text(x->record, s, "url"),
                      item_text(x->record, s, "title"), false, NULL);
    if (x->options->base_url.len)
        add_attribute(x, "link", "Internal reference",
                      arena_printf(x->arena, "%.*s/en%s/%.*s", SLICE_FMT(x->options->base_url),
                                   x->record->kind->path, SLICE_FMT(x->meta->record)),
                      SLICE("the record in the registry"), false, NULL);
}

static json_t *tags(struct misp *x)
{
    json_t *list = json_array();
    struct slice tlp = record_text(x->record, "tlp");
    json_array_append_new(list, json_pack("{s:s, s:s}", "name",
                                          tlp_tag(x->arena, tlp.len ? tlp : SLICE("clear")),
                                          "colour", "#ffffff"));
    const struct item *main = record_next(x->record, "", NULL);
    for (const struct value *v = NULL; (v = item_next(x->record, main, "type", v));)
        json_array_append_new(
            list, json_pack("{s:s, s:s}", "name",
                            arena_str(x->arena, arena_printf(x->arena, "incident-type:%.*s",
                                                             SLICE_FMT(v->text))),
                            "colour", "#56b4e9"));
    if (x->options->demo)
        json_array_append_new(list,
                              json_pack("{s:s, s:s}", "name", "invented", "colour", "#e69f00"));
    return list;
}

// The event's day: of what began, else was disclosed, else of its recording; MISP wants a whole
// day.
static const char *day_of(struct misp *x)
{
    static const char *const fields[] = {"began", "disclosed", "issued"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct slice text = record_text(x->record, fields[i]);
        int32_t first, last;
        if (text.len && date_range(text, (struct slice){0}, &first, &last))
            return arena_str(x->arena, date_of_day(x->arena, first));
    }
    char when[VTIME_TEXT_MAX];
    time_format(x->meta->made, when);
    return arena_str(x->arena, slice_of(when, 10));
}

static void add_attributes(void *context, const struct revision *meta, const struct record *body)
{
    struct misp *x = context;
    x->meta = meta;
    x->record = body;
    if (meta->state != STATE_PUBLISHED)
        return;
    add_indicators(x);
    add_facts(x);
}

// Those that fetch the feed keep an attribute until it comes as deleted. before: of the revisions
// before this one.
static void add_deleted(struct misp *x, const struct misp *before)
{
    size_t i;
    json_t *o;
    json_array_foreach(before->attributes, i, o)
    {
        if (map_get(&x->made, json_member(o, "uuid")))
            continue;
        json_object_set_new(o, "deleted", json_true());
        json_object_set_new(o, "to_ids", json_false());
        json_object_set_new(o, "timestamp", json_string(x->timestamp));
        json_array_append(x->attributes, o);
    }
}

bool misp_event(struct store *s, const struct revision *meta, const struct record *body,
                const struct export_options *o, struct arena *a, struct misp_event *out,
                struct err *e)
{
    if (!uuid_v5(a, misp_namespace, meta->record).len)
        return err_set(e, ERR_UNSUPPORTED, 0, "libcrypto refuses SHA-1, which the ids need");
    struct misp x = {.meta = meta, .record = body, .options = o, .arena = a};
    x.uuid = uuid_of(a, "record", meta->record);
    x.timestamp = arena_str(a, arena_printf(a, "%lld", (long long)time_to_unix(meta->made)));
    struct misp before = x;
    x.attributes = json_array();
    before.attributes = json_array();
    map_init(&x.made);
    map_init(&before.made);
    bool ok = export_earlier(s, meta, a, add_attributes, &before, e);
    add_attributes(&x, meta, body);
    add_deleted(&x, &before);
    json_decref(before.attributes);
    buf_free(&before.hashes);
    map_free(&before.made);
    map_free(&x.made);
    if (!ok) {
        json_decref(x.attributes);
        buf_free(&x.hashes);
        return false;
    }
    struct slice title = record_text(body, "title");
    if (meta->state != STATE_PUBLISHED)
        title = arena_printf(a, "[%s] %.*s", record_state_name(meta->state), SLICE_FMT(title));
    struct slice name = o->name.len ? o->name : SLICE("Registry of cyber incidents");
    json_t *organisation =
        json_pack("{s:o, s:s}", "name", json_slice(name), "uuid", uuid_of(a, "registry", name));
    const char *day = day_of(&x);
    json_t *manifest = json_pack("{s:o, s:s, s:i, s:i, s:s, s:O, s:o}", "info", json_slice(title),
                                 "date", day, "analysis", 2, "threat_level_id", 4, "timestamp",
                                 x.timestamp, "Orgc", organisation, "Tag", tags(&x));
    json_t *event =
        json_pack("{s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:o}", "uuid", x.uuid, "info",
                  json_slice(title), "date", day, "timestamp", x.timestamp, "publish_timestamp",
                  x.timestamp, "analysis", "2", "threat_level_id", "4", "published", 1, "Orgc",
                  organisation, "Attribute", x.attributes, "Tag", tags(&x));
    json_t *file = json_pack("{s:o}", "Event", event);
    out->uuid = slice_from_str(x.uuid);
    out->json = json_dump(a, file);
    out->manifest = json_dump(a, manifest);
    out->hashes = arena_copy(a, buf_slice(&x.hashes));
    buf_free(&x.hashes);
    json_decref(file);
    json_decref(manifest);
    return true;
}
