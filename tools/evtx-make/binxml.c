// SPDX-License-Identifier: Apache-2.0
#include "binxml.h"

#include <zlib.h>

void put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

void put32(uint8_t *p, uint32_t v)
{
    put16(p, (uint16_t)v);
    put16(p + 2, (uint16_t)(v >> 16));
}

void put64(uint8_t *p, uint64_t v)
{
    put32(p, (uint32_t)v);
    put32(p + 4, (uint32_t)(v >> 32));
}

uint32_t crc32_of(uint32_t crc, const uint8_t *p, size_t len)
{
    return (uint32_t)crc32_z(crc, p, len);
}

static struct bx_node *node_new(struct arena *a, struct bx_node *parent, enum bx_kind kind)
{
    struct bx_node *n = ARENA_NEW(a, struct bx_node);
    n->kind = kind;
    n->dependency = BX_NO_DEPENDENCY;
    if (parent) {
        if (parent->last)
            parent->last->next = n;
        else
            parent->children = n;
        parent->last = n;
    }
    return n;
}

struct bx_node *bx_element(struct arena *a, struct bx_node *parent, struct slice name)
{
    struct bx_node *n = node_new(a, parent, BX_ELEMENT);
    n->text = name;
    return n;
}

struct bx_node *bx_text(struct arena *a, struct bx_node *parent, enum bx_kind kind,
                        struct slice text)
{
    struct bx_node *n = node_new(a, parent, kind);
    n->text = text;
    return n;
}

struct bx_node *bx_sub(struct arena *a, struct bx_node *parent, size_t index, uint8_t type,
                       bool optional)
{
    struct bx_node *n = node_new(a, parent, optional ? BX_SUB_OPT : BX_SUB);
    n->number = (uint16_t)index;
    n->type = type;
    return n;
}

void bx_attribute_parts(struct arena *a, struct bx_node *element, struct slice name,
                        struct bx_node *parts)
{
    struct bx_attribute *at = ARENA_NEW(a, struct bx_attribute);
    at->name = name;
    at->value = parts;
    struct bx_attribute **end = &element->attributes;
    while (*end)
        end = &(*end)->next;
    *end = at;
}

void bx_attribute_text(struct arena *a, struct bx_node *element, struct slice name,
                       struct slice text)
{
    bx_attribute_parts(a, element, name, bx_text(a, NULL, BX_TEXT, text));
}

void bx_attribute_sub(struct arena *a, struct bx_node *element, struct slice name, size_t index,
                      uint8_t type)
{
    bx_attribute_parts(a, element, name, bx_sub(a, NULL, index, type, true));
}

// Like utf8_decode, but three-byte surrogates come through.
static uint32_t decode(struct slice s, size_t *pos)
{
    const uint8_t *p = s.at + *pos;
    size_t left = s.len - *pos;
    uint32_t c = p[0];
    size_t n = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 0;
    if (n == 0 || n > left) {
        *pos += 1;
        return 0xFFFD;
    }
    *pos += n;
    if (n == 1)
        return c;
    c &= n == 2 ? 0x1F : n == 3 ? 0x0F : 0x07;
    for (size_t i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3F);
    return c;
}

struct slice bx_utf16(struct arena *a, struct slice utf8)
{
    uint8_t *out = arena_bytes(a, utf8.len * 2 + 2);
    size_t len = 0;
    for (size_t i = 0; i < utf8.len;) {
        uint32_t c = decode(utf8, &i);
        if (c >= 0x10000) {
            put16(out + len, (uint16_t)(0xD800 + ((c - 0x10000) >> 10)));
            c = 0xDC00 + (c & 0x3FF);
            len += 2;
        }
        put16(out + len, (uint16_t)c);
        len += 2;
    }
    return slice_of(out, len);
}

uint16_t bx_name_hash(struct slice utf16)
{
    uint32_t h = 0;
    for (size_t i = 0; i + 1 < utf16.len; i += 2)
        h = h * 65599 + le16(utf16.at + i);
    return (uint16_t)h;
}

// Room for len bytes, or NULL when the chunk is full.
static uint8_t *take(struct chunk *c, size_t len)
{
    if (c->full || len > CHUNK_SIZE - c->at) {
        c->full = true;
        return NULL;
    }
    uint8_t *p = c->bytes + c->at;
    c->at += len;
    return p;
}

static void add8(struct chunk *c, uint8_t v)
{
    uint8_t *p = take(c, 1);
    if (p)
        *p = v;
}

static void add16(struct chunk *c, uint16_t v)
{
    uint8_t *p = take(c, 2);
    if (p)
        put16(p, v);
}

static void add32(struct chunk *c, uint32_t v)
{
    uint8_t *p = take(c, 4);
    if (p)
        put32(p, v);
}

static void add_bytes(struct chunk *c, struct slice s)
{
    uint8_t *p = take(c, s.len);
    if (p && s.len)
        memcpy(p, s.at, s.len);
}

static void patch32(struct chunk *c, size_t at, size_t value)
{
    if (!c->full)
        put32(c->bytes + at, (uint32_t)value);
}

// The offset of a name; where it first stands it follows inline and is linked into its hash chain.
static void add_name(struct chunk *c, struct slice name)
{
    struct slice wide = bx_utf16(&c->scratch, name);
    uint16_t hash = bx_name_hash(wide);
    uint8_t *head = c->bytes + 128 + (size_t)4 * (hash % CHUNK_STRINGS);
    for (uint32_t at = le32(head); at; at = le32(c->bytes + at)) {
        const uint8_t *p = c->bytes + at;
        if (le16(p + 4) == hash && slice_equal(slice_of(p + 8, (size_t)2 * le16(p + 6)), wide)) {
            add32(c, at);
            return;
        }
    }
    size_t at = c->at + 4;
    add32(c, (uint32_t)at);
    add32(c, le32(head));
    add16(c, hash);
    add16(c, (uint16_t)(wide.len / 2));
    add_bytes(c, wide);
    add16(c, 0);
    if (!c->full)
        put32(head, (uint32_t)at);
}

static void add_text(struct chunk *c, struct slice utf8)
{
    struct slice wide = bx_utf16(&c->scratch, utf8);
    add16(c, (uint16_t)(wide.len / 2));
    add_bytes(c, wide);
}

// A part of an element's or attribute's content that is no element. more: another one follows (bit
// 0x40).
static void add_part(struct chunk *c, const struct bx_node *n, bool more)
{
    uint8_t flag = more ? 0x40 : 0;
    switch (n->kind) {
    case BX_TEXT:
        add8(c, 0x05 | flag);
        add8(c, BX_STRING);
        add_text(c, n->text);
        break;
    case BX_CDATA:
        add8(c, 0x07 | flag);
        add_text(c, n->text);
        break;
    case BX_CHARREF:
        add8(c, 0x08 | flag);
        add16(c, n->number);
        break;
    case BX_ENTITY:
        add8(c, 0x09 | flag);
        add_name(c, n->text);
        break;
    case BX_PI:
        add8(c, 0x0A);
        add_name(c, n->text);
        add8(c, 0x0B);
        add_text(c, n->more);
        break;
    case BX_SUB:
    case BX_SUB_OPT:
        add8(c, n->kind == BX_SUB ? 0x0D : 0x0E);
        add16(c, n->number);
        add8(c, n->type);
        break;
    case BX_ELEMENT:
        break;
    }
}

// Bit 0x40 is only for token kinds that can have it, when a part of that sort follows directly.
static bool part_follows(const struct bx_node *n)
{
    return n->next && (n->next->kind == BX_TEXT || n->next->kind == BX_CDATA ||
                       n->next->kind == BX_CHARREF || n->next->kind == BX_ENTITY);
}

static void add_attributes(struct chunk *c, const struct bx_attribute *at)
{
    size_t size_at = c->at;
    add32(c, 0);
    for (; at; at = at->next) {
        add8(c, at->next ? 0x46 : 0x06);
        add_name(c, at->name);
        for (const struct bx_node *n = at->value; n; n = n->next)
            add_part(c, n, part_follows(n));
    }
    patch32(c, size_at, c->at - size_at - 4);
}

static void add_nodes(struct chunk *c, const struct bx_node *n, bool in_template);

static void add_element(struct chunk *c, const struct bx_node *n, bool in_template)
{
    add8(c, n->attributes ? 0x41 : 0x01);
    if (in_template)
        add16(c, n->dependency);
    size_t size_at = c->at;
    add32(c, 0);
    add_name(c, n->text);
    if (n->attributes)
        add_attributes(c, n->attributes);
    if (n->children) {
        add8(c, 0x02);
        add_nodes(c, n->children, in_template);
        add8(c, 0x04);
    } else {
        add8(c, 0x03);
    }
    patch32(c, size_at, c->at - size_at - 4);
}

// Trees are made by this program and as deep as a description nests, so recursion is bounded by its
// limits.
static void add_nodes(struct chunk *c, const struct bx_node *n, bool in_template)
{
    for (; n && !c->full; n = n->next) {
        if (n->kind == BX_ELEMENT)
            add_element(c, n, in_template);
        else
            add_part(c, n, part_follows(n));
    }
}

static void add_fragment_header(struct chunk *c)
{
    add_bytes(c, slice_of((const uint8_t[]){0x0F, 1, 1, 0}, 4));
}

// The bucket is the names' hash over the GUID's eight 16-bit words (observed in Windows' own
// files).
static size_t template_bucket(const uint8_t guid[16])
{
    return bx_name_hash(slice_of(guid, 16)) % CHUNK_TEMPLATES;
}

static uint32_t find_template(const struct chunk *c, const uint8_t guid[16])
{
    uint32_t at = le32(c->bytes + 384 + 4 * template_bucket(guid));
    while (at && memcmp(c->bytes + at + 4, guid, 16) != 0)
        at = le32(c->bytes + at);
    return at;
}

static void add_definition(struct chunk *c, const struct bx_template *t)
{
    uint8_t *head = c->bytes + 384 + 4 * template_bucket(t->guid);
    size_t at = c->at;
    add32(c, le32(head));
    add_bytes(c, slice_of(t->guid, 16));
    size_t size_at = c->at;
    add32(c, 0);
    add_fragment_header(c);
    add_nodes(c, t->root, true);
    add8(c, 0);
    patch32(c, size_at, c->at - size_at - 4);
    if (!c->full)
        put32(head, (uint32_t)at);
}

static void add_instance(struct chunk *c, const struct bx_instance *in)
{
    add_fragment_header(c);
    add8(c, 0x0C);
    add8(c, 0x01);
    add32(c, le32(in->form->guid));
    uint32_t at = find_template(c, in->form->guid);
    if (at) {
        add32(c, at);
    } else {
        add32(c, (uint32_t)c->at + 4);
        add_definition(c, in->form);
    }
    add32(c, (uint32_t)in->count);
    size_t sizes = c->at;
    for (size_t i = 0; i < in->count; i++) {
        add16(c, 0);
        add8(c, in->values[i].type);
        add8(c, 0);
    }
    for (size_t i = 0; i < in->count; i++) {
        size_t start = c->at;
        if (in->values[i].nested)
            add_instance(c, in->values[i].nested);
        else
            add_bytes(c, in->values[i].bytes);
        if (!c->full)
            put16(c->bytes + sizes + 4 * i, (uint16_t)(c->at - start));
    }
    add8(c, 0);
}

void chunk_init(struct chunk *c)
{
    struct arena keep = c->scratch;
    memset(c, 0, sizeof *c);
    c->scratch = keep;
    if (!keep.block_size)
        arena_init(&c->scratch, 0);
    c->at = CHUNK_HEADER;
}

void chunk_free(struct chunk *c)
{
    arena_free(&c->scratch);
}

bool chunk_add(struct chunk *c, uint64_t id, uint64_t filetime, const struct bx_instance *instance,
               const struct bx_node *root)
{
    uint8_t tables[CHUNK_HEADER];
    memcpy(tables, c->bytes, sizeof tables);
    size_t start = c->at;
    arena_reset(&c->scratch);

    take(c, RECORD_HEADER);
    if (root) {
        add_fragment_header(c);
        add_nodes(c, root, false);
        add8(c, 0);
    } else {
        add_instance(c, instance);
    }
    while (!c->full && (c->at + 4) % 8 != 0)
        add8(c, 0);
    add32(c, 0);
    if (c->full) {
        memcpy(c->bytes, tables, sizeof tables);
        memset(c->bytes + start, 0, CHUNK_SIZE - start);
        c->at = start;
        c->full = false;
        return false;
    }
    uint8_t *p = c->bytes + start;
    size_t size = c->at - start;
    put32(p, 0x00002A2A);
    put32(p + 4, (uint32_t)size);
    put64(p + 8, id);
    put64(p + 16, filetime);
    put32(p + size - 4, (uint32_t)size);
    c->last_record = start;
    c->first_id = c->records ? c->first_id : id;
    c->last_id = id;
    c->records++;
    return true;
}

void chunk_checksums(uint8_t *bytes)
{
    uint32_t end = le32(bytes + 48);
    if (end >= CHUNK_HEADER && end <= CHUNK_SIZE)
        put32(bytes + 52, crc32_of(0, bytes + CHUNK_HEADER, end - CHUNK_HEADER));
    put32(bytes + 124, crc32_of(crc32_of(0, bytes, 120), bytes + 128, CHUNK_HEADER - 128));
}

void chunk_seal(struct chunk *c)
{
    memcpy(c->bytes, "ElfChnk", 8);
    put64(c->bytes + 8, c->first_id);
    put64(c->bytes + 16, c->last_id);
    put64(c->bytes + 24, c->first_id);
    put64(c->bytes + 32, c->last_id);
    put32(c->bytes + 40, 128);
    put32(c->bytes + 44, (uint32_t)c->last_record);
    put32(c->bytes + 48, (uint32_t)c->at);
    put32(c->bytes + 120, 1);
    chunk_checksums(c->bytes);
}
