// SPDX-License-Identifier: Apache-2.0
// The file header, the chunks' headers, and the records in a chunk (libyal, "Windows XML Event Log
// (EVTX)", chapters 2 and 3).
//
// A chunk's records stand one after the other from byte 512 to the free space. What the headers say
// is checked and reported, but only used where it can't be known otherwise: a log that was being
// written when it was copied has wrong checksums and counts and is read all the same. Behind the
// last record, and behind damage, older records may lie; they are looked for only on request, since
// their templates may have been overwritten.
#include "reader/evtx/checksum.h"
#include "reader/evtx/internal.h"

#include <stdio.h>

enum {
    CHUNK_RECORD_IDS = 24, // first, last: the numbers in the records' headers
    CHUNK_FREE_SPACE = 48,
    CHUNK_DATA_CRC = 52,
    CHUNK_FLAGS = 120,
    CHUNK_HEADER_CRC = 124,
    FLAG_DIRTY = 1,
    FLAG_FULL = 2,
    FLAG_NO_CRC32 = 4,
    CHECK_HEADER = 1, // of evtx_reader.checks
    CHECK_DATA = 2,
};

static const char file_magic[8] = "ElfFile";
static const char chunk_magic[8] = "ElfChnk";
static const uint8_t record_magic[4] = {0x2a, 0x2a, 0, 0};

static bool begins_with(struct slice s, const void *magic, size_t len)
{
    return s.len >= len && memcmp(s.at, magic, len) == 0;
}

bool evtx_recognise(struct slice head)
{
    return begins_with(head, file_magic, sizeof file_magic) ||
           begins_with(head, chunk_magic, sizeof chunk_magic);
}

static uint32_t crc_of(struct slice s)
{
    return checksum_crc32(0, s);
}

bool evtx_header_read(struct slice bytes, struct evtx_header *out, struct err *e)
{
    if (!begins_with(bytes, file_magic, sizeof file_magic))
        return err_set(e, ERR_FORMAT, 0,
                       "this is no Windows event log: it does not begin with \"ElfFile\"");
    if (bytes.len < 128)
        return err_set(e, ERR_TRUNCATED, bytes.len, "the file header is cut short");
    const uint8_t *p = bytes.at;
    uint32_t flags = le32(p + 120);
    *out = (struct evtx_header){
        .first_chunk = le64(p + 8),
        .last_chunk = le64(p + 16),
        .next_record = le64(p + 24),
        .minor = le16(p + 36),
        .major = le16(p + 38),
        .chunk_count = le16(p + 42),
        .flags = flags,
        .dirty = flags & FLAG_DIRTY,
        .full = flags & FLAG_FULL,
        // A header with other bits than these is damaged, and says nothing about checksums.
        .no_crc32 = (flags & FLAG_NO_CRC32) && flags < 8,
        .checksum_ok = crc_of(slice_of(p, 120)) == le32(p + 124),
    };
    return true;
}

static bool is_zero(struct slice s)
{
    return s.len == 0 || (s.at[0] == 0 && memcmp(s.at, s.at + 1, s.len - 1) == 0);
}

static enum read_result report(const struct evtx_reader *r, struct err *e, enum err_code code,
                               size_t at, const char *what)
{
    (void)err_set(e, code, r->offset + at, "%s", what);
    return READ_ERROR;
}

// From damage at `at` on, there is nothing more to read in the chunk but deleted records.
static void stop_walking(struct evtx_reader *r, size_t at)
{
    r->at = at;
    r->state = r->options.recover ? WALK_CARVE : WALK_END;
}

void chunk_start(struct evtx_reader *r)
{
    r->state = WALK_START;
    r->checks = 0;
    r->at = CHUNK_HEADER_SIZE;
    r->output_left = MAX_CHUNK_OUTPUT;
    r->templates_left = MAX_CHUNK_TEMPLATES;
    r->compared_left = MAX_CHUNK_COMPARED;
    r->carve_failures = 0;
    r->doubted = r->inner = r->inner_end = 0;
    r->odd_count = 0;
    r->generation++;
    r->definition_count = 0;
}

static enum read_result check_start(struct evtx_reader *r, struct err *e)
{
    struct slice c = r->chunk;
    if (is_zero(c)) { // never used
        r->state = WALK_END;
        return READ_END;
    }
    if (!begins_with(c, chunk_magic, sizeof chunk_magic)) {
        stop_walking(r, 0);
        return report(r, e, ERR_FORMAT, 0,
                      "a chunk of 64 KiB does not begin with \"ElfChnk\": not read");
    }
    if (c.len < CHUNK_HEADER_SIZE) {
        r->state = WALK_END;
        return report(r, e, ERR_TRUNCATED, c.len,
                      "the file ends in the middle of a chunk's header");
    }
    uint64_t first = le64(c.at + CHUNK_RECORD_IDS);
    r->number_read = first ? first - 1 : 0;
    r->last_record_id = le64(c.at + CHUNK_RECORD_IDS + 8);
    size_t free_space = le32(c.at + CHUNK_FREE_SPACE);
    r->free_space = free_space < c.len ? free_space : c.len;
    r->state = WALK_RECORDS;
    if (c.len < EVTX_CHUNK_SIZE)
        return report(r, e, ERR_TRUNCATED, c.len, "the file ends in the middle of a chunk");
    return READ_END;
}

static bool header_sum_ok(const struct evtx_reader *r)
{
    const uint8_t *p = r->chunk.at;
    uint32_t sum = checksum_crc32(0, slice_of(p, CHUNK_FLAGS));
    sum = checksum_crc32(sum, slice_of(p + 128, CHUNK_HEADER_SIZE - 128));
    return sum == le32(p + CHUNK_HEADER_CRC);
}

static bool data_sum_ok(const struct evtx_reader *r)
{
    const uint8_t *p = r->chunk.at;
    size_t end = le32(p + CHUNK_FREE_SPACE);
    if (end < CHUNK_HEADER_SIZE || end > r->chunk.len)
        return false;
    return crc_of(slice_of(p + CHUNK_HEADER_SIZE, end - CHUNK_HEADER_SIZE)) ==
           le32(p + CHUNK_DATA_CRC);
}

// The checks of one chunk, one report at a time; READ_END when there is nothing (more) to report.
static enum read_result check_sums(struct evtx_reader *r, struct err *e)
{
    bool without = r->no_crc32 || (le32(r->chunk.at + CHUNK_FLAGS) & FLAG_NO_CRC32);
    if (!(r->checks & CHECK_HEADER)) {
        r->checks |= CHECK_HEADER;
        if (!without && !header_sum_ok(r))
            return report(r, e, ERR_CHECKSUM, 0,
                          "the checksum of a chunk's header is wrong; read all the same");
    }
    if (!(r->checks & CHECK_DATA)) {
        r->checks |= CHECK_DATA;
        if (!without && !data_sum_ok(r))
            return report(r, e, ERR_CHECKSUM, 0,
                          "the checksum of a chunk's records is wrong; read all the same");
    }
    return READ_END;
}

static bool is_record(const struct evtx_reader *r, size_t at)
{
    return begins_with(slice_sub(r->chunk, at, r->chunk.len), record_magic, sizeof record_magic);
}

// A carved record must end with the copy of its size, or any four bytes could pass for one.
static bool size_copy_ok(const struct evtx_reader *r, size_t at, size_t size)
{
    return le32(r->chunk.at + at + size - 4) == size;
}

static void fill_origin(const struct evtx_reader *r, size_t at, size_t size, bool recovered,
                        struct event_origin *out)
{
    const uint8_t *p = r->chunk.at + at;
    *out = (struct event_origin){
        .offset = r->offset + at,
        .size = (uint32_t)size,
        .header_record = le64(p + 8),
        .header_time = le64(p + 16),
        .recovered = recovered,
    };
}

// After the event that shows them.
static enum read_result report_odd_types(struct evtx_reader *r, struct err *e)
{
    unsigned count = r->odd_count;
    r->odd_count = 0;
    (void)err_set(
        e, ERR_FORMAT, r->offset + r->odd_at,
        "record %llu: a value of type 0x%02x, which Windows does not have: shown as hex%s",
        (unsigned long long)le64(r->chunk.at + r->odd_record + 8), r->odd_type,
        count > 1 ? "; it has more of the kind" : "");
    return READ_ERROR;
}

static enum read_result read_record(struct evtx_reader *r, size_t at, size_t size, bool recovered,
                                    struct event *out, struct err *e)
{
    struct err inner; // without its message, which is long
    inner.code = ERR_NONE;
    inner.offset = 0;
    if (!event_read(r, at + RECORD_HEADER_SIZE, at + size - 4, out, &inner)) {
        size_t where = inner.offset ? (size_t)inner.offset : at;
        (void)err_set(e, inner.code, r->offset + where, "record %llu%s: %s",
                      (unsigned long long)le64(r->chunk.at + at + 8), recovered ? " (deleted)" : "",
                      inner.message);
        r->odd_count = 0;
        return READ_ERROR;
    }
    fill_origin(r, at, size, recovered, &out->origin);
    r->odd_record = at;
    return READ_EVENT;
}

// A run of zeros where records should stand was never written to the disk, or was wiped.
static enum read_result end_of_records(struct evtx_reader *r, size_t at, struct err *e)
{
    bool early = at < r->free_space && r->free_space - at >= RECORD_LEAST_SIZE;
    stop_walking(r, at);
    if (!early)
        return READ_END;
    (void)err_set(e, ERR_CHECKSUM, r->offset + at,
                  "zeros where the records up to number %llu should stand",
                  (unsigned long long)r->last_record_id);
    return READ_ERROR;
}

// The next place in [*from, end) that looks like a record: its size fits, and stands at its end
// again. A record that was hidden by making the one before it longer ends with that one's size.
static bool find_record(const struct evtx_reader *r, size_t *from, size_t end, size_t *at,
                        size_t *size)
{
    while (*from < end && end - *from >= RECORD_LEAST_SIZE) {
        const uint8_t *hit =
            memmem(r->chunk.at + *from, end - *from, record_magic, sizeof record_magic);
        if (!hit)
            return false;
        *at = (size_t)(hit - r->chunk.at);
        *from = *at + 1;
        if (end - *at < RECORD_LEAST_SIZE)
            return false;
        *size = le32(hit + 4);
        bool fits = *size >= RECORD_LEAST_SIZE && *size <= end - *at;
        if (fits && (size_copy_ok(r, *at, *size) || (end == r->inner_end && *at + *size == end)))
            return true;
    }
    return false;
}

// Where the chunk's own records go on behind damage at `from`: a record that is whole, with a
// number after the last one read and not after the chunk's last. Records of an older pass over the
// chunk have lower numbers. 0: nowhere.
static size_t next_own_record(const struct evtx_reader *r, size_t from)
{
    size_t at, size;
    while (find_record(r, &from, r->free_space, &at, &size)) {
        uint64_t number = le64(r->chunk.at + at + 8);
        if (number > r->number_read && number <= r->last_record_id)
            return at;
    }
    return 0;
}

// Reports damage where a record should stand, and goes on behind it where that is sure.
static enum read_result skip_damage(struct evtx_reader *r, size_t at, const char *what,
                                    struct err *e)
{
    size_t next = next_own_record(r, at + sizeof record_magic);
    if (next) {
        r->at = next;
        r->inner = at + sizeof record_magic; // for --recover
        r->inner_end = next;
    } else {
        stop_walking(r, at + sizeof record_magic);
    }
    if (next)
        (void)err_set(e, ERR_FORMAT, r->offset + at, "%s; %zu bytes passed over", what, next - at);
    else
        (void)err_set(e, ERR_FORMAT, r->offset + at, "%s; the rest of the chunk is not read", what);
    return READ_ERROR;
}

static enum read_result walk(struct evtx_reader *r, struct event *out, struct err *e)
{
    size_t at = r->at;
    if (at >= r->free_space || r->chunk.len - at < RECORD_HEADER_SIZE ||
        is_zero(slice_sub(r->chunk, at, at + sizeof record_magic)))
        return end_of_records(r, at, e);
    if (!is_record(r, at))
        return skip_damage(r, at, "no record where one should stand", e);
    size_t size = le32(r->chunk.at + at + 4);
    if (size == 0) { // begun and not written: other readers end the chunk here, and so do we
        stop_walking(r, at + sizeof record_magic);
        return report(r, e, ERR_FORMAT, at,
                      "a record of 0 bytes; the rest of the chunk is only read with --recover");
    }
    if (size < RECORD_LEAST_SIZE || size > r->chunk.len - at) {
        char what[40];
        snprintf(what, sizeof what, "a record of %zu bytes", size);
        return skip_damage(r, at, what, e);
    }
    if (!size_copy_ok(r, at, size) && r->doubted != at) {
        r->doubted = at;
        return report(r, e, ERR_CHECKSUM, at,
                      "a record's size at its end is not that at its beginning; read all the same");
    }
    r->at = at + size;
    r->inner = at + RECORD_HEADER_SIZE;
    r->inner_end = at + size;
    r->number_read = le64(r->chunk.at + at + 8);
    if (r->number_read == r->last_record_id)
        stop_walking(r, r->at);
    return read_record(r, at, size, false, out, e);
}

// Looks for the next deleted record behind the chunk's last one.
static enum read_result carve(struct evtx_reader *r, struct event *out, struct err *e)
{
    size_t at, size;
    if (r->carve_failures > MAX_CARVE_FAILURES ||
        !find_record(r, &r->at, r->chunk.len, &at, &size)) {
        r->state = WALK_END;
        return READ_END;
    }
    enum read_result got = read_record(r, at, size, true, out, e);
    if (got == READ_EVENT)
        r->at = at + size;
    else if (++r->carve_failures > MAX_CARVE_FAILURES)
        return report(r, e, ERR_LIMIT, at,
                      "too many places that only look like deleted records; not looked further");
    return got;
}

// Looks for records that the one just read covers.
static enum read_result carve_inside(struct evtx_reader *r, struct event *out, struct err *e)
{
    size_t at, size;
    if (r->carve_failures > MAX_CARVE_FAILURES ||
        !find_record(r, &r->inner, r->inner_end, &at, &size)) {
        r->inner = r->inner_end = 0;
        return READ_END;
    }
    enum read_result got = read_record(r, at, size, true, out, e);
    if (got != READ_EVENT)
        r->carve_failures++;
    return got;
}

enum read_result evtx_reader_next(struct evtx_reader *r, struct event *out, struct err *e)
{
    enum read_result got = READ_END;
    if (r->odd_count)
        return report_odd_types(r, e);
    if (r->state == WALK_START)
        got = check_start(r, e);
    if (got == READ_END && r->state == WALK_RECORDS && r->checks != (CHECK_HEADER | CHECK_DATA))
        got = check_sums(r, e);
    if (got == READ_END && r->options.recover && r->inner_end)
        got = carve_inside(r, out, e);
    if (got == READ_END && r->state == WALK_RECORDS)
        got = walk(r, out, e);
    if (got == READ_END && r->state == WALK_CARVE)
        got = carve(r, out, e);
    return got;
}
