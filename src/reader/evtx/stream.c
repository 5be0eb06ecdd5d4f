// SPDX-License-Identifier: Apache-2.0
// BinXML whose elements stand in the record itself, without a template: its tokens are the same
// from event to event but for the texts, which are values (binxml.c). They are read here to a row
// of codes, one for a token, in which names are numbers. A row met before stands for the template
// that was made of it then: no nodes, no texts.
//
// Rows are remembered in a table without chains, so that evidence can neither fill memory nor make
// the search long; a row is compared and not only its hash. Whatever is not quite ordinary, errors
// above all, is left to binxml.c.
#include "reader/evtx/internal.h"
#include "reader/evtx/tokens.h"

enum {
    STREAM_SLOTS = 512,
    MAX_STREAM_CODES = 4096,
};

enum code {
    CODE_OPEN, // with the name's number above
    CODE_ATTRIBUTE,
    CODE_DATA_NAME, // the text of the Name of a Data element
    CODE_VALUE,
    CODE_CLOSE_START,
    CODE_CLOSE_EMPTY,
    CODE_END,
    CODE_BITS = 3,
};

struct stream_slot {
    uint64_t hash;
    struct template *template; // NULL: free
    ARRAY_OF(uint32_t) codes;
};

struct stream_table {
    struct stream_slot slots[STREAM_SLOTS];
    uint32_t codes[MAX_STREAM_CODES]; // of the stream at hand
    size_t count;
    uint64_t hash;
};

struct scan {
    struct evtx_reader *r;
    struct stream_table *table;
    const uint8_t *at, *end;
    unsigned depth;
    uint64_t data;     // a bit for each open element, the last one the lowest: it is a Data
    bool in_attribute; // and
    bool data_name;    // it is the Name of a Data
};

static bool has(const struct scan *s, size_t bytes)
{
    return (size_t)(s->end - s->at) >= bytes;
}

static bool add(struct scan *s, enum code code, uint32_t number)
{
    struct stream_table *t = s->table;
    if (t->count == MAX_STREAM_CODES)
        return false;
    uint32_t x = number << CODE_BITS | code;
    t->codes[t->count++] = x;
    t->hash = (t->hash ^ x) * 0x9e3779b97f4a7c15u;
    t->hash ^= t->hash >> 29;
    return true;
}

static const struct name *scan_name(struct scan *s)
{
    if (!has(s, 4))
        return NULL;
    uint32_t offset = le32(s->at);
    s->at += 4;
    bool is_inline = offset == (size_t)(s->at - s->r->chunk.at);
    const struct name *n = name_at(s->r, offset);
    if (n && is_inline) {
        size_t bytes = NAME_HEADER_SIZE + n->utf16.len + 2;
        if (!has(s, bytes))
            return NULL;
        s->at += bytes;
    }
    return n;
}

static bool scan_open(struct scan *s, bool more)
{
    if (s->depth >= EVTX_MAX_DEPTH || !has(s, 4))
        return false;
    s->at += 4; // its size
    const struct name *n = scan_name(s);
    size_t skip = more ? 4 : 0;
    if (!n || !has(s, skip))
        return false;
    s->at += skip;
    s->depth++;
    s->data = s->data << 1 | n->is_data;
    s->in_attribute = false;
    return add(s, CODE_OPEN, n->id);
}

static bool scan_attribute(struct scan *s)
{
    const struct name *n = s->depth ? scan_name(s) : NULL;
    if (!n)
        return false;
    s->in_attribute = true;
    s->data_name = n->is_name && s->data & 1;
    return add(s, CODE_ATTRIBUTE, n->id);
}

static bool scan_text(struct scan *s)
{
    struct evtx_reader *r = s->r;
    if (!has(s, 3) || s->at[0] != VALUE_UTF16)
        return false;
    size_t bytes = (size_t)le16(s->at + 1) * 2;
    s->at += 3;
    if (!has(s, bytes))
        return false;
    struct slice text = text_trim_utf16(slice_of(s->at, bytes));
    s->at += bytes;
    if (s->in_attribute && s->data_name) {
        const struct name *n = name_intern(r, text);
        return n && add(s, CODE_DATA_NAME, n->id);
    }
    if (r->values.count >= MAX_EVENT_VALUES)
        return false;
    *ARRAY_ADD(&r->values) = (struct value){text, VALUE_UTF16};
    return add(s, CODE_VALUE, 0);
}

static bool scan_end(struct scan *s, enum code code)
{
    if (s->depth == 0)
        return false;
    s->depth--;
    s->data >>= 1;
    s->in_attribute = false;
    return add(s, code, 0);
}

static bool scan_token(struct scan *s, uint8_t token)
{
    switch (token) {
    case TOKEN_OPEN:
    case TOKEN_OPEN | TOKEN_MORE:
        return scan_open(s, token & TOKEN_MORE);
    case TOKEN_ATTRIBUTE:
    case TOKEN_ATTRIBUTE | TOKEN_MORE:
        return scan_attribute(s);
    case TOKEN_VALUE:
    case TOKEN_VALUE | TOKEN_MORE:
        return scan_text(s);
    case TOKEN_CLOSE_START:
        s->in_attribute = false;
        return add(s, CODE_CLOSE_START, 0);
    case TOKEN_CLOSE_EMPTY:
        return scan_end(s, CODE_CLOSE_EMPTY);
    case TOKEN_END:
        return scan_end(s, CODE_END);
    default:
        return false;
    }
}

static bool scan(struct scan *s)
{
    s->table->count = 0;
    s->table->hash = 0;
    while (s->at < s->end) {
        uint8_t token = *s->at++;
        if (token == TOKEN_EOF)
            break;
        if (!scan_token(s, token))
            return false;
    }
    return true;
}

static struct stream_slot *slot_of(struct stream_table *t)
{
    return &t->slots[t->hash % STREAM_SLOTS];
}

struct template *stream_find(struct evtx_reader *r, size_t pos, size_t end)
{
    if (!r->streams)
        r->streams = mem_alloc_zero(1, sizeof *r->streams);
    struct stream_table *t = r->streams;
    struct scan s = {.r = r, .table = t, .at = r->chunk.at + pos, .end = r->chunk.at + end};
    size_t base = r->values.count;
    if (scan(&s)) {
        const struct stream_slot *slot = slot_of(t);
        if (slot->template && slot->hash == t->hash && slot->codes.count == t->count &&
            memcmp(slot->codes.items, t->codes, t->count * sizeof *t->codes) == 0) {
            if (r->values.count > base)
                r->types |= event_type_bit(VALUE_UTF16);
            return slot->template;
        }
    } else {
        t->count = 0;
    }
    r->values.count = base;
    return NULL;
}

void stream_keep(struct evtx_reader *r, struct template *template)
{
    struct stream_table *t = r->streams;
    if (t->count == 0)
        return;
    struct stream_slot *slot = slot_of(t);
    slot->hash = t->hash;
    slot->template = template;
    slot->codes.count = 0;
    ARRAY_RESERVE(&slot->codes, t->count);
    memcpy(slot->codes.items, t->codes, t->count * sizeof *t->codes);
    slot->codes.count = t->count;
}

void stream_forget(struct evtx_reader *r)
{
    for (size_t i = 0; r->streams && i < STREAM_SLOTS; i++)
        r->streams->slots[i].template = NULL;
}

void stream_free(struct evtx_reader *r)
{
    for (size_t i = 0; r->streams && i < STREAM_SLOTS; i++)
        ARRAY_FREE(&r->streams->slots[i].codes);
    free(r->streams);
}
