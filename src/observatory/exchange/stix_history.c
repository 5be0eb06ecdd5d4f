// SPDX-License-Identifier: Apache-2.0
// A record's objects through its public revisions. An object that a revision no longer makes is
// revoked by a last version of it, and a revoked id is never used again; so which id something has,
// and what is to be revoked, follows from the revisions before. They are gone through each time
// rather than noted somewhere: an export, an export as of an earlier day and the TAXII server then
// agree, and a record has few public revisions.
#include "observatory/exchange/export_internal.h"
#include "observatory/exchange/stix_internal.h"
#include "observatory/exchange/uuid.h"

static struct stix_life *new_life(struct stix *x, const char *first_id)
{
    struct stix_life *l = ARENA_NEW(x->arena, struct stix_life);
    l->id = first_id;
    *ARRAY_ADD(&x->lives) = l;
    return l;
}

struct stix_life *stix_life(struct stix *x, const char *type, const char *what, struct slice name)
{
    const char *first_id = stix_id(x, type, what, name);
    void **place = map_put(&x->own, slice_from_str(first_id), NULL);
    struct stix_life *l = *place ? *place : (*place = new_life(x, first_id));
    if (l->revision == x->meta->number)
        return l;
    l->revision = x->meta->number;
    l->made = false;
    if (l->revoked) {
        struct slice again = arena_printf(x->arena, "%s again %u", first_id, ++l->number);
        l->id = stix_id(x, type, what, again);
        l->revoked = false;
    }
    if (!l->last.len)
        l->created = x->modified;
    return l;
}

// A last version, which says no more than the one before but that it is revoked.
static struct stix_object revoked(struct stix *x, const struct stix_life *l)
{
    json_t *o = json_loadb((const char *)l->last.at, l->last.len, 0, NULL);
    json_object_set_new(o, "modified", json_string(x->modified));
    json_object_set_new(o, "revoked", json_true());
    struct stix_object out = {
        .id = arena_copy(x->arena, json_member(o, "id")),
        .type = arena_copy(x->arena, json_member(o, "type")),
        .modified = slice_from_str(x->modified),
        .json = json_dump(x->arena, o),
        .dropped = true,
    };
    json_decref(o);
    return out;
}

// Of the objects that the revision makes, keeps those that it may say; adds those that it revokes.
static void settle(struct stix *x)
{
    bool published = x->meta->state == STATE_PUBLISHED;
    size_t kept = 0;
    for (size_t i = 0; i < x->objects.count; i++) {
        struct stix_object *o = &x->objects.items[i];
        if (o->life && !published) {
            if (!o->life->last.len)
                continue; // it never stood
            o->life->last = (struct slice){0};
            o->life->revoked = true;
        } else if (o->life) {
            o->life->last = o->json;
        }
        x->objects.items[kept++] = *o;
    }
    x->objects.count = kept;
    for (size_t i = 0; i < x->lives.count; i++) {
        struct stix_life *l = x->lives.items[i];
        if (!l->last.len || (l->revision == x->meta->number && l->made))
            continue;
        *ARRAY_ADD(&x->objects) = revoked(x, l);
        l->last = (struct slice){0};
        l->revoked = true;
    }
}

static void make_revision(void *context, const struct revision *meta, const struct record *body)
{
    struct stix *x = context;
    x->meta = meta;
    x->record = body;
    vtime at = meta->made;
    if (x->at && at < x->at + VTIME_SECOND / 1000) // versions differ, as far as STIX's times show
        at = x->at + VTIME_SECOND / 1000;
    x->at = at;
    x->modified = stix_time(x->arena, at);
    x->objects.count = 0;
    stix_make(x);
    settle(x);
}

// What every bundle needs beside them.
static void add_shared(struct stix *x)
{
    stix_add_identity(x);
    stix_add_extension(x);
    stix_add_marking(x, x->marking);
    stix_add_marking(x, stix_marking((struct slice){0})); // of the shared objects
}

bool stix_objects(struct store *s, const struct revision *meta, const struct record *body,
                  const struct export_options *o, struct stix_seen *seen, struct arena *a,
                  struct stix_object **out, size_t *count, struct err *e)
{
    struct slice extension = SLICE(CODEBOOK_VERSION);
    if (!uuid_v5(a, STIX_NAMESPACE, meta->record).len)
        return err_set(e, ERR_UNSUPPORTED, 0, "libcrypto refuses SHA-1, which STIX's ids need");
    struct stix_seen before, now;
    struct stix x = {.meta = meta, .options = o, .arena = a, .seen = &before};
    x.identity = stix_id(&x, "identity", "registry", o->name);
    x.extension = stix_id(&x, "extension-definition", "extension", extension);
    map_init(&x.own);
    stix_seen_init(&before);
    stix_seen_init(&now);
    bool ok = export_earlier(s, meta, a, make_revision, &x, e);
    if (ok) {
        x.seen = seen ? seen : &now;
        make_revision(&x, meta, body);
        if (x.objects.count) // conduct outside cyber space has no place in STIX
            add_shared(&x);
        *count = x.objects.count;
        *out = ARENA_ARRAY(a, struct stix_object, x.objects.count + 1);
        if (x.objects.count)
            memcpy(*out, x.objects.items, x.objects.count * sizeof **out);
    }
    stix_seen_free(&before);
    stix_seen_free(&now);
    ARRAY_FREE(&x.objects);
    ARRAY_FREE(&x.lives);
    map_free(&x.own);
    return ok;
}
