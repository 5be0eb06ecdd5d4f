// SPDX-License-Identifier: Apache-2.0
// Template definitions, each compiled once.
//
// Every chunk repeats the definitions that its events use, and names in them are given as offsets
// in that chunk, so the bytes differ although the template is the same. A definition's bytes
// without those places, and the names that they point at, are a `variant`: whether a definition
// equals a known variant is checked by comparing memory, without parsing. Variants that compile to
// the same nodes share one `template`, whatever their own texts (struct own_text). Evidence decides
// how many of both there are, so all are dropped when they have grown to MAX_CACHE_BYTES.
#include "reader/evtx/internal.h"

enum {
    DEFINITION_HEADER_SIZE = 24,
    MAX_CHAIN = 32, // variants of one GUID and size; more is not natural, and not kept
};

struct variant {
    struct variant *next; // of the same GUID and size
    struct slice body;
    const uint8_t *mask; // as long: zeros where names are named
    const struct name_ref *refs;
    size_t ref_count;
    struct defined is;
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

// Whether the body at `start` of this chunk is this variant; the size is part of the key.
static bool variant_fits(struct evtx_reader *r, const struct variant *v, size_t start)
{
    const uint8_t *body = r->chunk.at + start;
    if (!equal_under(body, v->body.at, v->mask, v->body.len))
        return false;
    for (size_t i = 0; i < v->ref_count; i++) {
        const struct name_ref *ref = &v->refs[i];
        uint32_t offset = le32(body + ref->at);
        bool is_inline = offset == start + ref->at + 4;
        if (is_inline != ref->is_inline || (!is_inline && name_at(r, offset) != ref->name))
            return false;
    }
    return true;
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

static const struct own_text *own_intern(struct evtx_reader *r, struct slice utf16)
{
    uint8_t utf8[TEXT_ROOM(MAX_OWN_TEXT)];
    uint8_t *end = text_put_utf16(utf8, utf16, TEXT_PLAIN);
    struct slice text = slice_of(utf8, (size_t)(end - utf8));
    struct own_text *own = map_get(&r->own_texts, text);
    if (!own) {
        own = cache_alloc(r, sizeof *own);
        *own = (struct own_text){cache_copy(r, text), ++r->own_ids};
        *map_put(&r->own_texts, own->utf8, NULL) = own;
        r->cache_bytes += 2 * sizeof(struct map_entry);
    }
    return own;
}

// The names that a body points at; false when one of them is too long to be interned.
static bool find_names(struct evtx_reader *r, const struct name_refs *refs)
{
    for (size_t i = 0; i < refs->list.count; i++) {
        struct name_ref *ref = &refs->list.items[i];
        ref->name = name_at(r, ref->offset);
        if (!ref->name)
            return false;
    }
    return true;
}

static void variant_keep(struct evtx_reader *r, struct variant **chain, struct slice body,
                         const struct name_refs *refs, const struct defined *is)
{
    struct variant *v = cache_alloc(r, sizeof *v);
    size_t ref_bytes = refs->list.count * sizeof *v->refs;
    struct name_ref *kept = cache_alloc(r, ref_bytes);
    uint8_t *mask = cache_alloc(r, body.len + 1);
    memset(mask, 0xff, body.len);
    for (size_t i = 0; i < refs->list.count; i++)
        memset(mask + refs->list.items[i].at, 0, ref_width(&refs->list.items[i]));
    if (ref_bytes)
        memcpy(kept, refs->list.items, ref_bytes);
    *v = (struct variant){*chain, cache_copy(r, body), mask, kept, refs->list.count, *is};
    *chain = v;
}

static bool template_compile(struct evtx_reader *r, size_t start, size_t len,
                             struct variant **chain, bool keep, struct defined *out, struct err *e)
{
    struct nodes nodes = {0};
    struct name_refs refs = {0};
    bool ok = binxml_parse_template(r, start, start + len, &nodes, &refs, e);
    if (ok) {
        *out = (struct defined){template_intern(r, &nodes),
                                nodes.own.len ? own_intern(r, nodes.own) : NULL};
        if (keep && find_names(r, &refs))
            variant_keep(r, chain, slice_of(r->chunk.at + start, len), &refs, out);
    }
    ARRAY_FREE(&nodes.list);
    buf_free(&nodes.text);
    ARRAY_FREE(&refs.list);
    return ok;
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
    struct variant *known = map_get(&r->variants, key), *first = known;
    unsigned chain = 0;
    for (struct variant *v = known; v; v = v->next, chain++)
        if (variant_fits(r, v, start)) {
            *out = v->is;
            return true;
        }
    if (len > r->templates_left)
        return err_set(e, ERR_LIMIT, offset,
                       "too many template definitions, one over the other, in one chunk");
    r->templates_left -= len;
    if (!template_compile(r, start, len, &first, chain < MAX_CHAIN, out, e))
        return false;
    if (first == known) // not kept
        return true;
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
