// SPDX-License-Identifier: Apache-2.0
// What the files of the EVTX reader share. The way of a record:
//
//   chunk.c     finds the record in the chunk
//   binxml.c    BinXML tokens to nodes; template instances to values
//   names.c     names by where they stand in the chunk
//   template.c  each template definition compiled once, whatever chunk or file it stands in
//   stream.c    elements without a template, recognised by their tokens
//   layout.c    (templates of one event) → layout: a tree with numbered values, made once
//   fields.c    layout → shape and the places of its fields; values by number
//   json.c xml.c  layout → program of literals and values, run once per event
//
// All sizes come from evidence: offsets are bytes within the chunk, checked before use.
#ifndef VIGIE_READER_EVTX_INTERNAL_H
#define VIGIE_READER_EVTX_INTERNAL_H

#include "base/array.h"
#include "base/map.h"
#include "reader/evtx/evtx.h"

enum {
    CHUNK_HEADER_SIZE = 512,
    RECORD_HEADER_SIZE = 24,
    RECORD_LEAST_SIZE = 28, // with the copy of the size at the end
    MAX_SUBSTITUTIONS = 4096,
    MAX_EVENT_VALUES = 1 << 16,
    MAX_EVENT_NODES = 1 << 14,
    MAX_EVENT_LITERALS = 4 << 20,  // bytes of names and literal texts in one layout
    MAX_EVENT_OUTPUT = 16 << 20,   // bytes that one event may render to
    MAX_CHUNK_OUTPUT = 64 << 20,   // bytes that the events of one chunk may render to
    MAX_CHUNK_TEMPLATES = 4 << 16, // bytes of definitions to compile in one chunk
    MAX_CHUNK_COMPARED = 16 << 20, // bytes of definitions to compare with known ones in one chunk
    MAX_CARVE_FAILURES = 256,   // places in one chunk that look like a deleted record and are none
    MAX_CACHE_BYTES = 48 << 20, // compiled templates and layouts; then all are dropped
    MAX_SHAPES = 1 << 16,
    MAX_SHAPE_BYTES = 64 << 20,
    MAX_TEMPLATE_NODES = 8192,
    MAX_NODES_TEXT = 1 << 20, // bytes of names and texts of one template
    MAX_OWN_TEXT = 255 * 2,   // bytes of a computer's name, UTF-16
    MAX_NAME = 256 * 2,       // bytes of a name that is interned, UTF-16
    TREE_COST = 16,           // what a part of a layout counts in that
    NO_SLOT = 0xffff,
    NULL_VALUE = 0, // values[0] of every event is null
};

#define NO_DEPENDENCY UINT32_MAX

// A bit beside those of the types (event_type_bit): of a type that no Windows has.
#define TYPE_ODD (1ull << 0x3e)

enum node_kind {
    NODE_ELEMENT = 1, // text: name; slot: dependency or NO_SLOT; end: past its last node
    NODE_ATTRIBUTE,   // text: name; end
    NODE_TEXT,        // text
    NODE_CDATA,       // text
    NODE_CHAR,        // slot: UTF-16 unit
    NODE_ENTITY,      // text: name
    NODE_PI,          // text: target
    NODE_PI_DATA,     // text
    NODE_SLOT,        // slot
    NODE_OWN,         // the template's own text, which stands behind the instance's values
    NODE_INSTANCE,    // end: number of the instance in the reader (never in templates)
};

struct node {
    uint8_t kind;
    uint8_t closed; // element: written <X/> in the evidence
    uint16_t slot;
    uint32_t text; // in the nodes' text, bytes
    uint32_t text_len;
    uint32_t end;
};

// A run of nodes in document order, and the texts they point into (UTF-8).
struct nodes {
    ARRAY_OF(struct node) list;
    struct buf text;
    struct slice own; // UTF-16, not trimmed: what NODE_OWN stands for, if any
};

struct name {
    struct slice utf16;
    uint32_t id;           // 0, 1, 2 …, anew after the cache was dropped
    bool is_data, is_name; // "Data", "Name"
};

enum { NAME_SLOTS = 1024 };

struct chunk_name {
    uint32_t generation;
    uint32_t offset;
    const struct name *name;
};

// Where a template body names something: four bytes of offset, and eight when the name itself
// follows. Those bytes differ from chunk to chunk for one and the same template.
struct name_ref {
    uint32_t at; // in the body
    bool is_inline;
    uint32_t offset; // of the name in the chunk
};

struct name_refs {
    ARRAY_OF(struct name_ref) list;
};

struct variant; // template.c

struct template
{
    const struct node *nodes;
    uint32_t node_count;
    const uint8_t *text;
    struct layout *last; // used, of those whose innermost template this is
    struct variant *variants;
};

// The name of the computer, which a template of System has as constant text: in logs that were
// forwarded from many computers templates differ in nothing else. It is kept apart, and is one more
// value of the events, so that all those templates are one and their events have one layout.
struct own_text {
    struct slice utf8;
    uint64_t id; // no other text of the reader has it
};

// What a definition in a chunk comes to. template: NULL when it is damaged.
struct defined {
    struct template *template;
    const struct own_text *own; // may be NULL
};

struct instance {
    struct template *template;
    uint32_t base;  // number of its first value
    uint32_t count; // of its values
};

// What stands in one BinXML value, or in the record itself.
struct fragment {
    uint32_t value;            // the value that holds it; NULL_VALUE for the record
    uint32_t instance;         // when it is one template instance and nothing else
    const struct nodes *nodes; // otherwise
    uint32_t base;             // of the values that their texts are
};

enum tree_kind {
    TREE_ELEMENT,
    TREE_TEXT,
    TREE_CDATA,
    TREE_VALUE,
    TREE_PI,
};

// An event's document with values by number.
struct tree {
    enum tree_kind kind;
    bool closed;
    uint32_t value;          // TREE_VALUE
    uint32_t dependency;     // element: left out when this value is null; or NO_DEPENDENCY
    struct slice name;       // element, attribute, PI target
    struct slice text;       // text, CDATA, PI data
    struct tree *attributes; // TREE_ELEMENT entries whose children are the attribute's value
    struct tree *children;
    struct tree *next;
};

enum ref_kind {
    REF_NONE,
    REF_VALUE,
    REF_PLAIN, // the same, and nothing else decides
    REF_LITERAL,
    REF_COMPOSED, // several pieces of text
    REF_EMPTY,    // an element without content: null unless it shows attributes
};

// Where a field's value is found in an event.
struct ref {
    uint8_t kind;
    bool attribute; // left out when empty
    uint32_t value;
    const uint32_t *dependencies; // any of them null: absent
    uint32_t dependency_count;
    const struct tree *tree;
    struct slice literal;
};

struct system_refs {
    struct ref time, record_id, event_id, channel, provider, computer;
};

struct op {
    uint8_t code;
    uint8_t flags;
    uint16_t jump; // operations to skip
    uint32_t value;
    uint32_t before, before_len; // literal
    uint32_t after, after_len;   // literal
};

struct program {
    const struct op *ops;
    uint32_t count;
    const uint8_t *text;
};

// Literal text is followed by as many bytes that may be copied along with it.
enum { PROGRAM_PAD = 32 };

// Copies a literal where there is room for its length and PROGRAM_PAD bytes; most are short.
static inline uint8_t *program_put(uint8_t *out, const struct program *p, uint32_t at, uint32_t len)
{
    const uint8_t *from = p->text + at;
    if (len <= PROGRAM_PAD)
        memcpy(out, from, PROGRAM_PAD);
    else
        memcpy(out, from, len);
    return out + len;
}

static inline void program_append(struct buf *out, const struct program *p, uint32_t at,
                                  uint32_t len)
{
    program_put(text_room(out, (size_t)len + PROGRAM_PAD), p, at, len);
    out->len += len;
}

struct layout_part {
    const struct template *template;
    uint32_t base, count, value;
};

struct layout {
    const struct layout_part *parts;
    uint32_t part_count;
    bool dynamic; // names depend on values: must be made again for each event
    const struct tree *root;
    uint32_t value_uses; // places in the tree that show a value
    uint32_t tree_count;
    uint32_t literal_bytes;
    const struct shape *shape;
    const struct ref *refs; // one for each field of the shape
    uint64_t id;            // no other layout of the reader has it
    bool constants_vary;    // some field is composed, or constant text that events may leave out
    struct system_refs system;
    const struct program *json, *xml; // made when first wanted
};

struct stream_table; // stream.c

enum { DEFINITION_SLOTS = 512 };

struct definition {
    uint32_t generation;
    uint32_t offset;
    struct defined is;
};

static inline size_t definition_slot(uint32_t offset)
{
    return (offset * 0x9e3779b1u) >> 23; // to DEFINITION_SLOTS
}

enum walk_state {
    WALK_START,
    WALK_RECORDS,
    WALK_CARVE,
    WALK_END,
};

struct text_memo {
    uint8_t raw[256];
    size_t raw_len;
    struct buf text;
};

struct evtx_reader {
    struct evtx_options options;

    // the chunk
    struct slice chunk;
    uint64_t offset;
    bool no_crc32;
    uint64_t
        number_read; // in the header of the record read last; before the first: what it follows
    uint64_t last_record_id;
    size_t free_space;
    enum walk_state state;
    unsigned checks; // header checks already reported
    size_t at;       // of the next record, or where to look on for deleted ones
    size_t output_left, templates_left, compared_left; // budgets of the chunk
    unsigned carve_failures;
    size_t doubted;          // the record whose size copy was reported already
    size_t inner, inner_end; // where the record last read may cover a hidden one

    // templates by content; layouts hang on them
    struct arena cache;
    size_t cache_bytes;
    struct map variants;                       // guid and size → struct link
    struct map templates;                      // compiled content → struct template
    struct map own_texts;                      // UTF-16 → struct own_text
    struct map layouts;                        // parts → struct layout
    struct map names;                          // UTF-16 → struct name
    struct chunk_name chunk_names[NAME_SLOTS]; // of this chunk, by offset
    const struct name *name_memo[NAME_SLOTS];  // by the hash that the chunk has beside it
    struct stream_table *streams;
    struct definition definitions[DEFINITION_SLOTS]; // of this chunk, by offset
    uint32_t definition_count;
    uint32_t generation;

    // shapes live as long as the reader
    struct arena shape_arena;
    struct map shapes;
    uint32_t shape_count;
    size_t shape_bytes;
    uint64_t layout_ids, own_ids; // given out so far

    // the event at hand
    struct arena scratch;
    struct slice record; // its BinXML
    ARRAY_OF(struct value) values;
    uint64_t type_bits[256]; // event_type_bit of each type, or TYPE_ODD and that of binary
    uint64_t types;          // of them; not of own texts, which are constant text
    // Values of a type that no Windows has, which are binary now: where in the chunk the record and
    // the first of them begin, how many there are, and which type the first had.
    size_t odd_record, odd_at;
    uint32_t odd_count;
    uint8_t odd_type;
    const struct own_text *own; // of its templates the first that has one
    uint32_t own_count;
    size_t own_bytes;
    ARRAY_OF(struct instance) instances;
    ARRAY_OF(struct fragment) fragments;
    struct layout *layout;
    ARRAY_OF(struct nodes *) spare_nodes; // for BinXML that stands in the record itself
    size_t spare_used, stream_count;
    struct text_memo channel, provider, computer;
};

// chunk.c
void chunk_start(struct evtx_reader *r);

// reader.c
// Makes an event of the record's BinXML [pos, end). The caller fills in its origin.
[[nodiscard]] bool event_read(struct evtx_reader *r, size_t pos, size_t end, struct event *out,
                              struct err *e);

// binxml.c
// Reads the body of a template definition, [pos, end) of the chunk, into nodes, and the places of
// its names into refs.
[[nodiscard]] bool binxml_parse_template(struct evtx_reader *r, size_t pos, size_t end,
                                         struct nodes *out, struct name_refs *refs, struct err *e);
// Reads the record's BinXML: fills values, instances and fragments.
[[nodiscard]] bool binxml_read_record(struct evtx_reader *r, size_t pos, size_t end, struct err *e);

// template.c
// What the definition at an offset comes to, when it was asked for before in this chunk and is not
// damaged: nearly always. Otherwise template_find.
static inline const struct defined *template_known(const struct evtx_reader *r, uint32_t offset)
{
    const struct definition *d = &r->definitions[definition_slot(offset)];
    bool known = d->offset == offset && d->generation == r->generation && d->is.template;
    return known ? &d->is : NULL;
}

[[nodiscard]] bool template_find(struct evtx_reader *r, uint32_t definition_offset,
                                 struct defined *out, struct err *e);
// The template of that content, new or known.
struct template *template_intern(struct evtx_reader *r, const struct nodes *n);
void template_cache_drop(struct evtx_reader *r);

// names.c
// NULL when it is too long to be worth it.
const struct name *name_intern(struct evtx_reader *r, struct slice utf16);
const struct name *name_load(struct evtx_reader *r, struct chunk_name *place, uint32_t offset);

// The name that stands at an offset of the chunk; NULL: none that fits the chunk, or a long one.
static inline const struct name *name_at(struct evtx_reader *r, uint32_t offset)
{
    struct chunk_name *place = &r->chunk_names[(offset * 0x9e3779b1u) >> 22]; // to NAME_SLOTS
    if (place->generation == r->generation && place->offset == offset)
        return place->name;
    return name_load(r, place, offset);
}

// stream.c
// The template that BinXML without templates, [pos, end) of the chunk, is known to come to; then
// its values are added. NULL: not known.
struct template *stream_find(struct evtx_reader *r, size_t pos, size_t end);
// What the stream of the last stream_find, which did not know it, came to.
void stream_keep(struct evtx_reader *r, struct template *t);
void stream_forget(struct evtx_reader *r);
void stream_free(struct evtx_reader *r);

// layout.c
[[nodiscard]] bool layout_find(struct evtx_reader *r, struct layout **out, struct err *e);
// The text of pieces (children of an attribute or element), literals and values; "" when empty.
void layout_append_text(const struct evtx_reader *r, struct buf *b, const struct tree *pieces,
                        enum text_escape escape);
bool layout_is_empty(const struct evtx_reader *r, const struct tree *pieces);
const struct tree *tree_child(const struct tree *element, const char *name);
const struct tree *tree_attribute(const struct tree *element, const char *name);

// fields.c
[[nodiscard]] bool fields_make(struct evtx_reader *r, struct arena *a, struct layout *l,
                               struct err *e);
struct value fields_value(const struct event *ev, uint32_t i);
bool fields_raw(const struct event *ev, struct event_raw *out);
void fields_fill_system(struct evtx_reader *r, struct event_system *out);

// Makes a program of operations and the literals they point into.
const struct program *program_make(struct arena *a, const struct op *ops, size_t count,
                                   struct buf *text);

// json.c, xml.c
const struct program *json_compile(struct evtx_reader *r, struct arena *a, const struct layout *l);
void json_run(const struct evtx_reader *r, const struct program *p, struct buf *out);
const struct program *xml_compile(struct evtx_reader *r, struct arena *a, const struct layout *l);
void xml_run(const struct evtx_reader *r, const struct program *p, struct buf *out);

static inline struct value reader_value(const struct evtx_reader *r, uint32_t number)
{
    return r->values.items[number];
}

#endif
