// SPDX-License-Identifier: Apache-2.0
// Fixtures of damage: sound logs that are changed afterwards.
#include "fixture.h"

static void make_five(struct fixture *f)
{
    fixture_notes(f, "record", 5);
}

static void make_three_chunks(struct fixture *f)
{
    for (unsigned c = 0; c < 3; c++) {
        fixture_notes(f, c == 0 ? "first chunk" : c == 1 ? "second chunk" : "third chunk", 4);
        evtx_writer_end_chunk(&f->w);
    }
}

// The place of the name "Data" (its link to the next name of the bucket).
static uint8_t *name_data(uint8_t *chunk)
{
    return fixture_find(chunk, "\4\0D\0a\0t\0a\0\0", 12, chunk + CHUNK_HEADER) - 6;
}

static void damage_string_loop(struct buf *b)
{
    uint8_t *c = fixture_chunk(b, 0), *name = name_data(c);
    put32(name, (uint32_t)(name - c)); // its next is itself
    chunk_checksums(c);
}

// The first template's head points to a definition whose next is itself; a second bucket loops over
// two.
static void damage_template_loop(struct buf *b)
{
    uint8_t *c = fixture_chunk(b, 0);
    uint32_t first = 0;
    for (size_t i = 0; i < CHUNK_TEMPLATES; i++) {
        uint32_t at = le32(c + 384 + 4 * i);
        if (at && !first) {
            first = at;
            put32(c + at, at);
        } else if (at) {
            put32(c + at, first);
            put32(c + first, at);
        }
    }
    chunk_checksums(c);
}

// One lie a record, each of them another; records 1 and 9 are sound.
static void make_lies(struct fixture *f)
{
    for (unsigned i = 0; i < 9; i++) {
        struct bx_node *root = bx_element(&f->a, NULL, SLICE("EventData"));
        struct bx_node *n =
            fixture_data(f, root, arena_str(&f->a, arena_printf(&f->a, "Lie%u", i)));
        struct bx_value v = {.type = BX_STRING, .bytes = bx_utf16(&f->a, SLICE("value"))};
        bx_sub(&f->a, n, 0, BX_STRING, false);
        fixture_add(f, root, &v, 1, false);
    }
}

// The descriptors of the nested instance stand 4 bytes before its value "value".
static uint8_t *nested_sizes(uint8_t *chunk, const uint8_t *record)
{
    return fixture_find(chunk, "v\0a\0l\0u\0e\0", 10, record) - 4;
}

static uint8_t *nested_definition(uint8_t *chunk, const uint8_t *record, char digit)
{
    const uint8_t lie[] = {'L', 0, 'i', 0, 'e', 0, (uint8_t)digit, 0};
    uint8_t *name = fixture_find(chunk, lie, sizeof lie, record);
    while (le32(name) != 0x0001010F) // the template's fragment header
        name--;
    return name;
}

static void damage_sizes(struct buf *b)
{
    uint8_t *c = fixture_chunk(b, 0), *r[9];
    for (size_t i = 0; i < 9; i++)
        r[i] = fixture_record(c, i);
    put16(nested_sizes(c, r[1]), 0xFFFF);                       // a value longer than the record
    put32(nested_sizes(c, r[2]) - 4, 0xFFFFFFFF);               // four thousand million values
    put32(nested_definition(c, r[3], '3') - 4, 0xFFFFFFF0);     // the template's size
    put32(nested_definition(c, r[4], '4') + 4 + 3, 0xFFFFFF00); // the element's size
    put32(nested_definition(c, r[5], '5') + 4 + 7,
          0xFFFFFFF0);                 // the name's offset, outside of the chunk
    put32(r[6] + 24 + 10, 0x0000FFF8); // the template's offset, at the chunk's end
    uint8_t *text = nested_definition(c, r[7], '7');
    text = fixture_find(c, "L\0i\0e\0", 6, text);
    put16(text - 2, 0xFFF0); // an attribute text longer than the chunk
    chunk_checksums(c);
}

static void damage_dirty(struct buf *b)
{
    uint8_t *h = b->at;
    put64(h + 16, 0); // last chunk
    put64(h + 24, 5); // next record
    put16(h + 42, 1); // really three chunks
    put32(h + 120, 1);
    evtx_header_checksum(h);
}

static void damage_cleared(struct buf *b)
{
    memset(fixture_chunk(b, 1), 0, CHUNK_SIZE);
}

// Half of the second chunk never reached the disk: its records 3 and 4 are gone, the checksum is of
// all four.
static void damage_half(struct buf *b)
{
    uint8_t *c = fixture_chunk(b, 1), *third = fixture_record(c, 2);
    memset(third, 0, (size_t)(c + CHUNK_SIZE - third));
}

static void damage_data_crc(struct buf *b)
{
    uint8_t *c = fixture_chunk(b, 1);
    put32(c + 52, le32(c + 52) ^ 0xFFFFFFFF);
    put32(c + 124,
          crc32_of(crc32_of(0, c, 120), c + 128, CHUNK_HEADER - 128)); // the header's own is right
}

static void damage_header_crc(struct buf *b)
{
    uint8_t *c = fixture_chunk(b, 1);
    put32(c + 124, le32(c + 124) ^ 0xFFFFFFFF);
}

static void damage_file_header(struct buf *b)
{
    put32(b->at + 124, le32(b->at + 124) ^ 0xFFFFFFFF);
}

static void damage_no_crc(struct buf *b)
{
    uint8_t *c = fixture_chunk(b, 0);
    put32(b->at + 120, 4); // flag: no checksums
    put32(b->at + 124, 0);
    put32(c + 52, 0);
    put32(c + 124, 0);
}

static void damage_magic(struct buf *b)
{
    memset(fixture_chunk(b, 1), 'X', 8);
}

static void damage_record(struct buf *b)
{
    uint8_t *c = fixture_chunk(b, 0), *r = fixture_record(c, 2);
    memset(r, 'X', 4); // no record begins here; its size and what follows are sound
    chunk_checksums(c);
}

static void damage_copy(struct buf *b)
{
    uint8_t *c = fixture_chunk(b, 0), *r = fixture_record(c, 2);
    put32(r + le32(r + 4) - 4, 7);
    chunk_checksums(c);
}

static void damage_zero_size(struct buf *b)
{
    uint8_t *c = fixture_chunk(b, 0), *r = fixture_record(c, 3);
    put32(r + 4, 0);
    chunk_checksums(c);
}

// The log was shortened: records 3 to 5 stand past the free-space offset, whole.
static void damage_slack(struct buf *b)
{
    uint8_t *c = fixture_chunk(b, 0);
    put64(c + 16, 2);
    put64(c + 32, 2);
    put32(c + 44, (uint32_t)(fixture_record(c, 1) - c));
    put32(c + 48, (uint32_t)(fixture_record(c, 2) - c));
    chunk_checksums(c);
    put64(b->at + 24, 3);
    evtx_header_checksum(b->at);
}

// As tools do that hide a record: the one before is made to cover it, later header numbers count
// down.
static void damage_hidden(struct buf *b)
{
    uint8_t *c = fixture_chunk(b, 0), *before = fixture_record(c, 1),
            *hidden = fixture_record(c, 2);
    uint32_t size = le32(before + 4) + le32(hidden + 4);
    uint8_t *r = fixture_record(c, 3);
    put64(r + 8, 3);
    put64(r + le32(r + 4) + 8, 4);
    put32(before + 4, size);
    put32(before + size - 4, size);
    put64(c + 16, 4);
    put64(c + 32, 4);
    chunk_checksums(c);
    put64(b->at + 24, 5);
    evtx_header_checksum(b->at);
}

// As an export leaves it: header numbers and times of the records are rewritten or zero.
static void damage_renumbered(struct buf *b)
{
    uint8_t *c = fixture_chunk(b, 0);
    for (size_t i = 0; i < 5; i++) {
        uint8_t *r = fixture_record(c, i);
        put64(r + 8, i == 2 ? 0 : i + 101);
        put64(r + 16, i < 4 ? le64(fixture_record(c, i + 1) + 16) : 0);
    }
    put64(c + 8, 101);
    put64(c + 16, 105);
    put64(c + 24, 101);
    put64(c + 32, 105);
    chunk_checksums(c);
}

// The chunk's header says that record 3 is the last; 4 and 5 stand behind it, before the free
// space.
static void damage_last(struct buf *b)
{
    uint8_t *c = fixture_chunk(b, 0);
    put64(c + 16, 3);
    put64(c + 32, 3);
    chunk_checksums(c);
}

static void make_times(struct fixture *f)
{
    static const char *const NAMES[] = {"zero", "the greatest", "before 1970"};
    for (size_t i = 0; i < 3; i++)
        fixture_note(f, NAMES[i]);
}

// TimeCreated itself: 0, all ones, and 1602.
static void damage_times(struct buf *b)
{
    static const vtime TIMES[] = {0, UINT64_MAX, 366 * 86400ull * VTIME_SECOND};
    uint8_t *c = fixture_chunk(b, 0);
    for (size_t i = 0; i < 3; i++) {
        uint8_t *r = fixture_record(c, i), time[8];
        memcpy(time, r + 16, 8);
        uint8_t *value = fixture_find(c, time, 8, r + 24);
        put64(value, TIMES[i]);
    }
    chunk_checksums(c);
}

static void damage_cut(struct buf *b)
{
    b->len -= CHUNK_SIZE - 700; // the third chunk ends in its first record
}

static void damage_short(struct buf *b)
{
    b->len = 100;
}

const struct fixture_form fixture_damages[] = {
    {"string-loop", make_five, damage_string_loop},
    {"template-loop", make_five, damage_template_loop},
    {"lying-sizes", make_lies, damage_sizes},
    {"dirty", make_three_chunks, damage_dirty},
    {"cleared-chunk", make_three_chunks, damage_cleared},
    {"half-chunk", make_three_chunks, damage_half},
    {"bad-data-checksum", make_three_chunks, damage_data_crc},
    {"bad-chunk-header-checksum", make_three_chunks, damage_header_crc},
    {"bad-file-header-checksum", make_five, damage_file_header},
    {"no-checksums", make_five, damage_no_crc},
    {"bad-chunk-magic", make_three_chunks, damage_magic},
    {"bad-record", make_five, damage_record},
    {"bad-size-copy", make_five, damage_copy},
    {"zero-size-record", make_five, damage_zero_size},
    {"slack", make_five, damage_slack},
    {"hidden-record", make_five, damage_hidden},
    {"renumbered", make_five, damage_renumbered},
    {"ends-early", make_five, damage_last},
    {"odd-times", make_times, damage_times},
    {"cut-short", make_three_chunks, damage_cut},
    {"header-only-part", make_five, damage_short},
    {NULL, NULL, NULL},
};
