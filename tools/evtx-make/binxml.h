// SPDX-License-Identifier: Apache-2.0
// A fragment of binary XML as a tree, and one EVTX chunk that such fragments are written into.
// Format: libyal, "Windows XML Event Log (EVTX)", sections 3 and 4; [MS-EVEN6] section 2.2.12
// (BinXml).
#ifndef VIGIE_TOOLS_BINXML_H
#define VIGIE_TOOLS_BINXML_H

#include "base/arena.h"
#include "base/err.h"

enum {
    CHUNK_SIZE = 65536,
    CHUNK_HEADER = 512,
    CHUNK_STRINGS = 64,   // buckets of the table of names
    CHUNK_TEMPLATES = 32, // buckets of the table of templates
    RECORD_HEADER = 24,
};

// Value types of [MS-EVEN6] section 2.2.12.
enum bx_type {
    BX_NULL = 0x00,
    BX_STRING = 0x01,
    BX_ANSI = 0x02,
    BX_INT8 = 0x03,
    BX_UINT8 = 0x04,
    BX_INT16 = 0x05,
    BX_UINT16 = 0x06,
    BX_INT32 = 0x07,
    BX_UINT32 = 0x08,
    BX_INT64 = 0x09,
    BX_UINT64 = 0x0A,
    BX_FLOAT = 0x0B,
    BX_DOUBLE = 0x0C,
    BX_BOOL = 0x0D,
    BX_BINARY = 0x0E,
    BX_GUID = 0x0F,
    BX_SIZET = 0x10,
    BX_FILETIME = 0x11,
    BX_SYSTEMTIME = 0x12,
    BX_SID = 0x13,
    BX_HEX32 = 0x14,
    BX_HEX64 = 0x15,
    BX_BINXML = 0x21,
    BX_ARRAY = 0x80, // added to one of the others
};

enum bx_kind {
    BX_ELEMENT,
    BX_TEXT,    // token 05
    BX_CDATA,   // token 07
    BX_CHARREF, // token 08, in number
    BX_ENTITY,  // token 09, in text
    BX_PI,      // tokens 0A and 0B: target in text, data in more
    BX_SUB,     // token 0D: number is the index of the value, type its type
    BX_SUB_OPT, // token 0E: the same; an element that depends on it vanishes when it is null
};

enum { BX_NO_DEPENDENCY = 0xFFFF };

// Texts are UTF-8; surrogates encoded as three bytes (ED A0..BF xx) are written as they are, so
// that a lone one can be made.
struct bx_node {
    enum bx_kind kind;
    struct slice text; // of an element: its name
    struct slice more;
    uint16_t number;
    uint8_t type;
    uint16_t dependency; // of an element in a template: the value that it stands or falls with
    struct bx_attribute *attributes;
    struct bx_node *children; // the first
    struct bx_node *last;     // child
    struct bx_node *next;     // sibling
};

struct bx_attribute {
    struct slice name;
    struct bx_node *value; // the first of its parts
    struct bx_attribute *next;
};

struct bx_template {
    uint8_t guid[16];
    const struct bx_node *root; // the first of its siblings
};

struct bx_value {
    uint8_t type;
    struct slice bytes;               // as they stand in the file
    const struct bx_instance *nested; // of type BX_BINXML
};

struct bx_instance {
    const struct bx_template *form;
    struct bx_value *values;
    size_t count;
};

struct bx_node *bx_element(struct arena *a, struct bx_node *parent, struct slice name);
struct bx_node *bx_text(struct arena *a, struct bx_node *parent, enum bx_kind kind,
                        struct slice text);
struct bx_node *bx_sub(struct arena *a, struct bx_node *parent, size_t index, uint8_t type,
                       bool optional);
// An attribute whose value is text, or, with an empty text and a type, the value of the given
// index.
void bx_attribute_text(struct arena *a, struct bx_node *element, struct slice name,
                       struct slice text);
void bx_attribute_sub(struct arena *a, struct bx_node *element, struct slice name, size_t index,
                      uint8_t type);
void bx_attribute_parts(struct arena *a, struct bx_node *element, struct slice name,
                        struct bx_node *parts);

// UTF-8 (with surrogates let through, see above) to UTF-16LE bytes.
struct slice bx_utf16(struct arena *a, struct slice utf8);
uint16_t bx_name_hash(struct slice utf16);

struct chunk {
    uint8_t bytes[CHUNK_SIZE];
    size_t at;          // where the next byte goes
    size_t last_record; // its offset, 0 when there is none
    uint64_t first_id, last_id;
    size_t records;
    bool full; // something did not fit: what was begun must be taken back
    struct arena scratch;
};

void chunk_init(struct chunk *c);
void chunk_free(struct chunk *c);
// Adds a record that is one template instance, or, when root is set, plain elements outside of
// templates. False when it does not fit: the chunk is then as it was before.
bool chunk_add(struct chunk *c, uint64_t id, uint64_t filetime, const struct bx_instance *instance,
               const struct bx_node *root);
// Writes the header: counts, offsets and both checksums.
void chunk_seal(struct chunk *c);
// Computes both checksums anew over 64 KiB, after bytes were changed on purpose.
void chunk_checksums(uint8_t *bytes);

void put16(uint8_t *p, uint16_t v);
void put32(uint8_t *p, uint32_t v);
void put64(uint8_t *p, uint64_t v);
uint32_t crc32_of(uint32_t crc, const uint8_t *p, size_t len); // start with 0

#endif
