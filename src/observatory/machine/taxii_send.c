// SPDX-License-Identifier: Apache-2.0
// Objects that a partner sends (section 5.5). They are kept as they came, and never become records
// by themselves: people look at them first.
#include "observatory/machine/taxii.h"

#include <jansson.h>
#include <sodium.h>

struct verdicts {
    json_t *successes, *failures;
};

static const char *text_of(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    return s ? s : "";
}

// TYPE--UUID, with the object's own type (STIX 2.1, section 2.9).
static bool id_good(const char *id, const char *type)
{
    size_t n = strlen(type);
    if (n < 3 || n > 250 || strncmp(id, type, n) != 0 || strncmp(id + n, "--", 2) != 0 ||
        strlen(id + n + 2) != 36)
        return false;
    for (size_t i = 0; i < 36; i++) {
        char c = id[n + 2 + i];
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (dash ? c != '-' : !hex)
            return false;
    }
    return strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

// Why an object is refused; NULL: it is good.
static const char *fault_of(const json_t *o, const char **version)
{
    int64_t when;
    if (!json_is_object(o))
        return "is not a JSON object";
    if (!id_good(text_of(o, "id"), text_of(o, "type")))
        return "has no valid type and id";
    const char *spec = text_of(o, "spec_version");
    if (*spec && strcmp(spec, "2.1") != 0 && strcmp(spec, "2.0") != 0)
        return "has a spec_version that is not known here";
    // Observables have no time of their own: the first one that comes stays.
    *version = json_object_get(o, "modified") ? text_of(o, "modified") : text_of(o, "created");
    if (json_object_get(o, "modified") || json_object_get(o, "created")) {
        if (!taxii_time_parse(slice_from_str(*version), &when))
            return "has a time that is not valid";
    } else {
        *version = "1970-01-01T00:00:00.000Z";
    }
    return NULL;
}

static void judge(json_t *list, const json_t *o, const char *version, const char *message)
{
    json_t *one = json_object();
    json_object_set_new(one, "id", json_string(text_of(o, "id")));
    json_object_set_new(one, "version", json_string(version));
    if (message)
        json_object_set_new(one, "message", json_string(message));
    json_array_append_new(list, one);
}

static bool keep(struct store *s, int collection, const json_t *o, struct verdicts *v,
                 struct err *e)
{
    const char *version = "1970-01-01T00:00:00.000Z";
    const char *fault = fault_of(o, &version);
    if (fault) {
        judge(v->failures, o, version, fault);
        return true;
    }
    char *json = json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII);
    const char *spec = text_of(o, "spec_version");
    struct taxii_object n = {
        .id = slice_from_str(text_of(o, "id")),
        .type = slice_from_str(text_of(o, "type")),
        .version = slice_from_str(version),
        .spec = slice_from_str(*spec ? spec : "2.0"),
        .json = slice_from_str(json),
    };
    bool added, ok = json && taxii_object_add(s, collection, &n, &added, e);
    free(json);
    if (ok)
        judge(v->successes, o, version, added ? NULL : "was there already");
    return ok;
}

static struct slice random_uuid(struct arena *a)
{
    uint8_t b[16];
    char hex[33];
    randombytes_buf(b, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0F) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3F) | 0x80);
    sodium_bin2hex(hex, sizeof hex, b, sizeof b);
    return arena_printf(a, "%.8s-%.4s-%.4s-%.4s-%s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

// Section 4.3.1.
static struct slice status_json(struct arena *a, struct slice id, const struct verdicts *v)
{
    json_t *o = json_object();
    size_t good = json_array_size(v->successes), bad = json_array_size(v->failures);
    struct slice now = taxii_time(a, (int64_t)((time_now() - VTIME_UNIX_EPOCH) / 10));
    json_object_set_new(o, "id", json_stringn((const char *)id.at, id.len));
    json_object_set_new(o, "status", json_string("complete"));
    json_object_set_new(o, "request_timestamp", json_stringn((const char *)now.at, now.len));
    json_object_set_new(o, "total_count", json_integer((json_int_t)(good + bad)));
    json_object_set_new(o, "success_count", json_integer((json_int_t)good));
    json_object_set(o, "successes", v->successes);
    json_object_set_new(o, "failure_count", json_integer((json_int_t)bad));
    json_object_set(o, "failures", v->failures);
    json_object_set_new(o, "pending_count", json_integer(0));
    char *text = json_dumps(o, JSON_COMPACT);
    struct slice out = arena_copy(a, slice_from_str(text ? text : "{}"));
    free(text);
    json_decref(o);
    return out;
}

static bool keep_all(struct request *rq, int collection, const json_t *objects, struct verdicts *v,
                     struct slice id, const struct taxii_token *token, struct slice *status,
                     struct err *e)
{
    bool ok = store_begin(rq->store, e);
    for (size_t i = 0; ok && i < json_array_size(objects); i++)
        ok = keep(rq->store, collection, json_array_get(objects, i), v, e);
    if (ok)
        *status = status_json(rq->arena, id, v);
    ok = ok && taxii_status_add(rq->store, id, token->id, *status, e) && store_commit(rq->store, e);
    if (!ok)
        store_rollback(rq->store);
    return ok;
}

void taxii_receive(struct request *rq, struct response *rs, const struct taxii_collection *c,
                   const struct taxii_token *token)
{
    json_error_t je;
    struct err e = {0};
    json_t *envelope =
        json_loadb((const char *)rq->body.at, rq->body.len, JSON_REJECT_DUPLICATES, &je);
    json_t *objects = json_object_get(envelope, "objects");
    if (!json_is_array(objects) || json_array_size(objects) == 0) {
        response_error(rq, rs, 422, "The body is not a TAXII envelope with objects.");
    } else if (json_array_size(objects) > TAXII_MAX_SENT) {
        response_error(rq, rs, 413, "More than 1000 objects were sent at once.");
    } else {
        struct verdicts v = {json_array(), json_array()};
        struct slice status, id = random_uuid(rq->arena);
        if (keep_all(rq, c->number, objects, &v, id, token, &status, &e)) {
            rs->status = 202;
            buf_add(&rs->body, status);
        } else {
            response_fault(rq, rs, &e);
        }
        json_decref(v.successes);
        json_decref(v.failures);
    }
    json_decref(envelope);
}
