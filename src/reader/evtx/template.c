// SPDX-License-Identifier: Apache-2.0
// Template definitions, each compiled once.
//
// Every chunk repeats the definitions that its events use, and names in them are given as offsets
// in that chunk, so the bytes differ although the template is the same. A definition's bytes
// without those places and without its own text (struct own_text), and the names that they point
// at, are a `variant`: whether a definition equals a known variant is checked by comparing memory,
// without parsing. Which variants to compare with is known from the GUID, for which many may stand
// for one variant, as when templates of many computers differ in their own texts. Variants that
// compile to the same nodes share one `template`. Evidence decides how many of all these there are,
// so all are dropped when they have grown to MAX_CACHE_BYTES.
#include "reader/evtx/internal.h"
#include "reader/evtx/tokens.h"

// Variants of one GUID and size, or of one template; more are not natural, and not kept.
enum { MAX_CHAIN = 32 };

// A name that a body points at.
struct name_place {
    uint32_t at;   // in the body
    uint32_t name; // its number, or INLINE_NAME: it follows, and is compared with the body
};

#define INLINE_NAME UINT32_MAX

struct variant {
    struct variant *next; // of the same template
    struct slice body;
    const uint8_t *mask; // as long
    const struct name_place *places;
    size_t place_count;
    size_t own_at, own_len; // the own text in the body, not trimmed
    struct template *template;
};

// The variants of one GUID and size.
struct link {
    const struct link *next;
    const struct variant *variant;
};

void template_cache_drop(struct evtx_reader *r)
{
    arena_free(&r->cache);
    map_clear(&r->variants);
    map_clear(&r->templates);
    map_clear(&r->own_texts);
    map_clear(&r->names);
    memset(r->name_memo, 0, sizeof r->name_memo);
    stream_forget(r);
    map_clear(&r->layouts);
    r->cache_bytes = 0;
    r->generation++;
    r->definition_count = 0;
}

// Bytes of a name reference that may differ: the offset, and the link at the start of an inline
// name.
static size_t ref_width(const struct name_ref *ref)
{
    return ref->is_inline ? 8 : 4;
}

static void *cache_alloc(struct evtx_reader *r, size_t size)
{
    r->cache_bytes += size;
    return arena_alloc(&r->cache, size);
}

static struct slice cache_copy(struct evtx_reader *r, struct slice s)
{
    r->cache_bytes += s.len;
    return arena_copy(&r->cache, s);
}

// The text in UTF-16 is the key: what it is in UTF-8 is only needed once.
static const struct own_text *own_intern(struct evtx_reader *r, struct slice utf16)
{
    struct own_text *own = map_get(&r->own_texts, utf16);
    if (!own) {
        uint8_t utf8[TEXT_ROOM(MAX_OWN_TEXT)];
        uint8_t *end = text_put_utf16(utf8, utf16, TEXT_PLAIN);
        own = cache_alloc(r, sizeof *own);
        own->utf8 = cache_copy(r, slice_of(utf8, (size_t)(end - utf8)));
        own->id = ++r->own_ids;
        *map_put(&r->own_texts, cache_copy(r, utf16), NULL) = own;
        r->cache_bytes += 2 * sizeof(struct map_entry);
    }
    return own;
}

// Whether two bodies are equal where the mask has ones.
static bool equal_under(const uint8_t *a, const uint8_t *b, const uint8_t *mask, size_t len)
{
    enum { BLOCK = 64 };
    for (; len >= BLOCK; a += BLOCK, b += BLOCK, mask += BLOCK, len -= BLOCK) {
        uint64_t differ = 0;
        for (size_t i = 0; i < BLOCK; i += 8)
            differ |= (le64(a + i) ^ le64(b + i)) & le64(mask + i);
        if (differ)
            return false;
    }
    for (size_t i = 0; i < len; i++)
        if ((a[i] ^ b[i]) & mask[i])
            return false;
    return true;
}

// Whether the body at `start` of this chunk is this variant, which has its size. *out: what it
// comes to.
static bool variant_fits(struct evtx_reader *r, const struct variant *v, size_t start,
                         struct defined *out)
{
    const uint8_t *body = r->chunk.at + start;
    if (!equal_under(body, v->body.at, v->mask, v->body.len))
        return false;
    for (size_t i = 0; i < v->place_count; i++) {
        const struct name_place *place = &v->places[i];
        uint32_t offset = le32(body + place->at);
        bool is_inline = offset == start + place->at + 4;
        if (is_inline != (place->name == INLINE_NAME))
            return false;
        const struct name *name = is_inline ? NULL : name_at(r, offset);
        if (!is_inline && (!name || name->id != place->name))
            return false;
    }
    struct slice own = text_trim_utf16(slice_of(body + v->own_at, v->own_len));
    if (v->own_len && own.len == 0)
        return false;
    *out = (struct defined){v->template, own.len ? own_intern(r, own) : NULL};
    return true;
}

struct template *template_intern(struct evtx_reader *r, const struct nodes *n)
{
    // The content in one piece: nodes, then text.
    size_t node_bytes = n->list.count * sizeof(struct node);
    struct arena_mark mark = arena_mark(&r->scratch);
    uint8_t *bytes = arena_alloc(&r->scratch, node_bytes + n->text.len + 1);
    if (node_bytes)
        memcpy(bytes, n->list.items, node_bytes);
    if (n->text.len)
        memcpy(bytes + node_bytes, n->text.at, n->text.len);
    struct slice content = slice_of(bytes, node_bytes + n->text.len);
    struct template *t = map_get(&r->templates, content);
    if (!t) {
        uint8_t *kept = cache_alloc(r, content.len + 1);
        memcpy(kept, content.at, content.len);
        t = cache_alloc(r, sizeof *t);
        t->nodes = (const struct node *)(const void *)kept;
        t->node_count = (uint32_t)n->list.count;
        t->text = kept + node_bytes;
        *map_put(&r->templates, slice_of(kept, content.len), NULL) = t;
        r->cache_bytes += 2 * sizeof(struct map_entry);
    }
    arena_rewind(&r->scratch, mark);
    return t;
}

// Where the body names something, as kept; false when a name is too long to be interned.
static bool keep_places(struct evtx_reader *r, const struct name_refs *refs, struct variant *v)
{
    size_t count = refs->list.count;
    struct name_place *places = cache_alloc(r, count * sizeof *places);
    for (size_t i = 0; i < count; i++) {
        const struct name_ref *ref = &refs->list.items[i];
        const struct name *name = ref->is_inline ? NULL : name_at(r, ref->offset);
        if (!ref->is_inline && !name)
            return false;
        places[i] = (struct name_place){ref->at, name ? name->id : INLINE_NAME};
    }
    v->places = places;
    v->place_count = count;
    return true;
}

// Zeros where a variant may differ: what names are named by, and the own text.
static const uint8_t *make_mask(struct evtx_reader *r, const struct name_refs *refs,
                                const struct variant *v)
{
    uint8_t *mask = cache_alloc(r, v->body.len + 1);
    memset(mask, 0xff, v->body.len);
    for (size_t i = 0; i < refs->list.count; i++)
        memset(mask + refs->list.items[i].at, 0, ref_width(&refs->list.items[i]));
    memset(mask + v->own_at, 0, v->own_len);
    return mask;
}

// The variant of a template that this body is: one that is known from another GUID, or a new one.
// NULL: not kept.
static const struct variant *variant_of(struct evtx_reader *r, struct template *t, size_t start,
                                        size_t len, const struct name_refs *refs, struct slice own)
{
    struct defined same;
    unsigned chain = 0;
    for (const struct variant *v = t->variants; v; v = v->next, chain++)
        if (v->body.len == len && variant_fits(r, v, start, &same))
            return v;
    if (chain >= MAX_CHAIN)
        return NULL;
    struct variant *v = cache_alloc(r, sizeof *v);
    if (!keep_places(r, refs, v))
        return NULL;
    const uint8_t *body = r->chunk.at + start;
    v->next = t->variants;
    v->body = cache_copy(r, slice_of(body, len));
    v->own_at = own.len ? (size_t)(own.at - body) : 0;
    v->own_len = own.len;
    v->mask = make_mask(r, refs, v);
    v->template = t;
    t->variants = v;
    return v;
}

static bool template_compile(struct evtx_reader *r, size_t start, size_t len,
                             const struct variant **variant, struct defined *out, struct err *e)
{
    struct nodes nodes = {0};
    struct name_refs refs = {0};
    bool ok = binxml_parse_template(r, start, start + len, &nodes, &refs, e);
    if (ok) {
        struct slice own = text_trim_utf16(nodes.own);
        *out = (struct defined){template_intern(r, &nodes), own.len ? own_intern(r, own) : NULL};
        *variant = variant_of(r, out->template, start, len, &refs, nodes.own);
    }
    ARRAY_FREE(&nodes.list);
    buf_free(&nodes.text);
    ARRAY_FREE(&refs.list);
    return ok;
}

static bool too_many(size_t offset, struct err *e)
{
    return err_set(e, ERR_LIMIT, offset,
                   "too many template definitions, one over the other, in one chunk");
}

static bool template_load(struct evtx_reader *r, size_t offset, struct defined *out, struct err *e)
{
    if (offset < CHUNK_HEADER_SIZE || offset > r->chunk.len ||
        r->chunk.len - offset < DEFINITION_HEADER_SIZE)
        return err_set(e, ERR_FORMAT, 0, "a template definition lies outside the chunk");
    size_t len = le32(r->chunk.at + offset + 20), start = offset + DEFINITION_HEADER_SIZE;
    if (r->chunk.len - start < len)
        return err_set(e, ERR_FORMAT, offset,
                       "a template definition runs over the end of the chunk");
    // GUID and size stand side by side.
    struct slice key = slice_of(r->chunk.at + offset + 4, 20);
    const struct link *known = map_get(&r->variants, key);
    unsigned chain = 0;
    for (const struct link *k = known; k; k = k->next, chain++) {
        if (len > r->compared_left)
            return too_many(offset, e);
        r->compared_left -= len;
        if (variant_fits(r, k->variant, start, out))
            return true;
    }
    if (len > r->templates_left)
        return too_many(offset, e);
    r->templates_left -= len;
    const struct variant *variant;
    if (!template_compile(r, start, len, &variant, out, e))
        return false;
    if (!variant || chain >= MAX_CHAIN)
        return true;
    struct link *first = cache_alloc(r, sizeof *first);
    *first = (struct link){known, variant};
    *map_put(&r->variants, known ? key : cache_copy(r, key), NULL) = first;
    r->cache_bytes += known ? 0 : 2 * sizeof(struct map_entry);
    return true;
}

bool template_find(struct evtx_reader *r, uint32_t offset, struct defined *out, struct err *e)
{
    size_t at = definition_slot(offset);
    for (;; at = (at + 1) % DEFINITION_SLOTS) {
        struct definition *d = &r->definitions[at];
        if (d->generation != r->generation)
            break;
        if (d->offset == offset) {
            *out = d->is;
            return out->template || err_set(e, ERR_FORMAT, 0, "its template definition is damaged");
        }
    }
    bool ok = template_load(r, offset, out, e);
    if (r->definition_count < DEFINITION_SLOTS / 2) {
        struct defined is = ok ? *out : (struct defined){0};
        r->definitions[at] = (struct definition){r->generation, offset, is};
        r->definition_count++;
    }
    return ok;
}
