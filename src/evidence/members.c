// SPDX-License-Identifier: Apache-2.0
#include "evidence/members.h"

#include "base/array.h"
#include "base/utf.h"
#include "evidence/cp437.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <unistd.h>

enum {
    IO_BYTES = 64 << 10,
    MAX_BAD_HEADERS = 64, // damaged headers in a row before an archive is given up
};

// Ratios are only judged past this many bytes: small files compress without bound.
static const uint64_t ratio_from = 64ull << 20;

struct members {
    struct archive *a;
    struct byte_source source;
    uint64_t offset; // in the source
    struct err source_error;
    struct budget *budget;
    bool counted;
    char *fallback_name;
    locale_t locale; // names need one that knows UTF-8
    struct arena arena;
    uint64_t index;
    bool in_member;     // data of the current member is left
    bool ended;         // of the archive
    struct err stopped; // why the archive was given up, when code is set
    // The current block of data: libarchive's own memory.
    const uint8_t *block;
    size_t block_len;
    uint64_t block_offset; // in the member
    uint64_t member_offset;
    bool block_last;        // no more blocks follow
    struct err block_error; // to be told after the block
    uint8_t io[IO_BYTES];
};

ptrdiff_t byte_source_read(const struct byte_source *s, uint64_t offset, uint8_t *buffer,
                           size_t capacity, struct err *e)
{
    if (s->parent) {
        size_t got = 0;
        return members_read(s->parent, buffer, capacity, &got, e) ? (ptrdiff_t)got : -1;
    }
    if (s->fd < 0) {
        if (offset >= s->memory.len)
            return 0;
        size_t n = s->memory.len - (size_t)offset;
        n = n < capacity ? n : capacity;
        memcpy(buffer, s->memory.at + offset, n);
        return (ptrdiff_t)n;
    }
    if (offset > INT64_MAX)
        return 0;
    ssize_t n;
    do
        n = pread(s->fd, buffer, capacity, (off_t)offset);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        err_set_errno(e, "reading at byte %llu", (unsigned long long)offset);
    return n;
}

static uint64_t source_size(const struct byte_source *s)
{
    return s->fd >= 0 ? s->size : s->memory.len;
}

static la_ssize_t on_read(struct archive *a, void *user, const void **out)
{
    struct members *m = user;
    struct err e = {0};
    ptrdiff_t n = byte_source_read(&m->source, m->offset, m->io, sizeof m->io, &e);
    if (n < 0) {
        m->source_error = e;
        archive_set_error(a, EIO, "%s", e.message);
        return ARCHIVE_FATAL;
    }
    m->offset += (uint64_t)n;
    if (!m->source.parent && m->counted)
        m->budget->consumed += (uint64_t)n;
    *out = m->io;
    return n;
}

static la_int64_t on_skip(struct archive *a, void *user, la_int64_t want)
{
    (void)a;
    struct members *m = user;
    uint64_t size = source_size(&m->source);
    if (m->source.parent || want <= 0 || m->offset >= size)
        return 0;
    uint64_t step = size - m->offset < (uint64_t)want ? size - m->offset : (uint64_t)want;
    m->offset += step;
    if (m->counted)
        m->budget->consumed += step;
    return (la_int64_t)step;
}

static la_int64_t on_seek(struct archive *a, void *user, la_int64_t offset, int whence)
{
    (void)a;
    struct members *m = user;
    uint64_t size = source_size(&m->source);
    int64_t base = whence == SEEK_SET ? 0 : (int64_t)(whence == SEEK_CUR ? m->offset : size);
    int64_t to;
    if (size > INT64_MAX || __builtin_add_overflow(base, offset, &to) || to < 0)
        return ARCHIVE_FATAL;
    m->offset = (uint64_t)to;
    return to;
}

// Only what is wanted: no format that reads other files (mtree) or starts programs (lrzip, grzip,
// lzop).
static void support_formats(struct archive *a, bool raw_only)
{
    if (!raw_only) {
        archive_read_support_format_zip(a);
        archive_read_support_format_tar(a);
        archive_read_support_format_7zip(a);
        archive_read_support_format_rar(a);
        archive_read_support_format_rar5(a);
        archive_read_support_format_cab(a);
        archive_read_support_format_iso9660(a);
    }
    archive_read_support_format_raw(a);
    archive_read_support_format_empty(a);
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_lz4(a);
    archive_read_support_filter_compress(a);
}

// libarchive's last words as an error of ours.
static bool library_error(struct members *m, struct err *e)
{
    if (m->source_error.code) {
        *e = m->source_error;
        return false;
    }
    const char *said = archive_error_string(m->a);
    char text[160];
    snprintf(text, sizeof text, "%s", said ? said : "the archive is damaged");
    text[strcspn(text, "\n")] = 0;
    if (strstr(text, "ncrypt") || strstr(text, "assphrase") || strstr(text, "assword"))
        return err_set(e, ERR_ENCRYPTED, m->offset, "needs a password (%s)", text);
    enum err_code code = strstr(text, "CRC") || strstr(text, "hecksum") ? ERR_CHECKSUM
                         : strstr(text, "unsupported") || strstr(text, "Unsupported") ||
                                 strstr(text, "not supported")
                             ? ERR_UNSUPPORTED
                         : strstr(text, "runcated") ? ERR_TRUNCATED
                                                    : ERR_FORMAT;
    return err_set(e, code, m->offset, "%s (near byte %llu of the archive)", text,
                   (unsigned long long)m->offset);
}

static bool open_library(struct members *m, bool raw_only, struct err *e)
{
    m->a = archive_read_new();
    if (!m->a)
        return err_set(e, ERR_MEMORY, 0, "out of memory");
    m->offset = 0;
    support_formats(m->a, raw_only);
    archive_read_set_read_callback(m->a, on_read);
    archive_read_set_skip_callback(m->a, on_skip);
    if (!m->source.parent)
        archive_read_set_seek_callback(m->a, on_seek);
    archive_read_set_callback_data(m->a, m);
    return archive_read_open1(m->a) == ARCHIVE_OK || library_error(m, e);
}

struct members *members_open(const struct byte_source *source, struct slice name,
                             struct budget *budget, bool counted, struct err *e)
{
    struct members *m = mem_alloc_zero(1, sizeof *m);
    m->source = *source;
    m->fallback_name = mem_alloc(name.len + 1);
    memcpy(m->fallback_name, name.at, name.len);
    m->fallback_name[name.len] = 0;
    m->budget = budget;
    m->counted = counted;
    arena_init(&m->arena, 4096);
    m->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (open_library(m, false, e))
        return m;
    members_close(m);
    return NULL;
}

void members_close(struct members *m)
{
    if (!m)
        return;
    if (m->a)
        archive_read_free(m->a);
    if (m->locale)
        freelocale(m->locale);
    arena_free(&m->arena);
    free(m->fallback_name);
    free(m);
}

uint64_t members_index(const struct members *m)
{
    return m->index;
}

// Gives the archive up: it costs more than it may.
static bool give_up(struct members *m, const char *why)
{
    m->ended = true;
    err_set(&m->stopped, ERR_LIMIT, m->offset, "%s", why);
    m->block_error = m->stopped;
    return false;
}

static bool within_budget(struct members *m, size_t more)
{
    const struct evidence_limits *l = m->budget->limits;
    if (m->member_offset + more > l->max_member_bytes) {
        static const char why[] = "larger unpacked than the limit for one file";
        // In a ZIP on disk the next member is reached without unpacking the rest of this one.
        if (!m->source.parent &&
            (archive_format(m->a) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP)
            return err_set(&m->block_error, ERR_LIMIT, m->offset, "%s", why);
        return give_up(m, why);
    }
    if (!m->counted)
        return true;
    struct budget *b = m->budget;
    b->produced += more;
    if (b->produced > l->max_archive_bytes)
        return give_up(m, "the archive unpacks to more than the limit");
    uint64_t in = b->consumed < b->on_disk ? b->consumed : b->on_disk;
    if (b->produced > ratio_from && b->produced / l->max_ratio > in)
        return give_up(m, "the archive unpacks to far more than its size (an archive bomb)");
    return true;
}

// Fetches the next block of data that is not empty.
static void next_block(struct members *m)
{
    const void *at = NULL;
    size_t len = 0;
    la_int64_t offset = (la_int64_t)m->member_offset;
    int r;
    do
        r = archive_read_data_block(m->a, &at, &len, &offset);
    while (r == ARCHIVE_RETRY ||
           (r == ARCHIVE_OK && len == 0 && offset <= (la_int64_t)m->member_offset));
    m->block = at;
    m->block_len = at ? len : 0;
    m->block_offset = offset > 0 ? (uint64_t)offset : 0;
    if (r == ARCHIVE_OK)
        return;
    m->block_last = true;
    if (r == ARCHIVE_EOF) {
        m->block_len = 0;
        if (m->block_offset < m->member_offset)
            m->block_offset = m->member_offset;
        return;
    }
    if (r != ARCHIVE_WARN)
        m->block_len = 0;
    if (m->block_len == 0)
        m->block_offset = m->member_offset;
    library_error(m, &m->block_error);
    if (r == ARCHIVE_FATAL) {
        m->ended = true;
        m->stopped = m->block_error;
    }
}

// Copies from the current block, with zeros for a hole before it (sparse files). Returns the bytes
// written.
static size_t take_block(struct members *m, uint8_t *buffer, size_t capacity)
{
    if (m->block_offset > m->member_offset) {
        uint64_t hole = m->block_offset - m->member_offset;
        size_t n = hole < capacity ? (size_t)hole : capacity;
        memset(buffer, 0, n);
        return n;
    }
    size_t n = m->block_len < capacity ? m->block_len : capacity;
    if (n) {
        memcpy(buffer, m->block, n);
        m->block += n;
        m->block_len -= n;
        m->block_offset += n;
    }
    return n;
}

bool members_read(struct members *m, uint8_t *buffer, size_t capacity, size_t *got, struct err *e)
{
    *got = 0;
    locale_t before = m->locale ? uselocale(m->locale) : (locale_t)0;
    while (*got < capacity && m->in_member) {
        size_t n = take_block(m, buffer + *got, capacity - *got);
        if (n && !within_budget(m, n)) {
            m->in_member = false;
            break;
        }
        *got += n;
        m->member_offset += n;
        if (n)
            continue;
        if (m->block_last)
            m->in_member = false;
        else
            next_block(m);
    }
    if (before)
        uselocale(before);
    if (*got == 0 && m->block_error.code) {
        *e = m->block_error;
        m->block_error.code = ERR_NONE;
        return false;
    }
    return true;
}

// Reads the rest of the current member and throws it away, within the limits.
static void drain(struct members *m)
{
    uint8_t scrap[4096];
    struct err e;
    size_t got = 1;
    while (got && m->in_member && members_read(m, scrap, sizeof scrap, &got, &e))
        continue;
    m->in_member = false;
}

static struct slice entry_name(struct members *m, struct archive_entry *entry)
{
    if (archive_format(m->a) == ARCHIVE_FORMAT_RAW)
        return slice_from_str(m->fallback_name);
    const char *name = archive_entry_pathname(entry);
    if (!name)
        name = archive_entry_pathname_utf8(entry);
    if (!name || !*name)
        return SLICE("(no name)");
    struct slice copy = arena_copy(&m->arena, slice_from_str(name));
    bool zip = (archive_format(m->a) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;
    return zip && !utf8_valid(copy) ? cp437_to_utf8(&m->arena, copy) : utf8_clean(&m->arena, copy);
}

static struct slice entry_target(struct members *m, struct archive_entry *entry)
{
    const char *to = archive_entry_hardlink(entry);
    if (!to)
        to = archive_entry_symlink(entry);
    return to ? utf8_clean(&m->arena, arena_copy(&m->arena, slice_from_str(to)))
              : (struct slice){0};
}

static enum member_type entry_type(struct archive_entry *entry)
{
    if (archive_entry_hardlink(entry) || archive_entry_filetype(entry) == AE_IFLNK)
        return MEMBER_LINK;
    switch (archive_entry_filetype(entry)) {
    case AE_IFDIR:
        return MEMBER_FOLDER;
    case AE_IFREG:
    case 0: // not said: data all the same
        return MEMBER_FILE;
    default:
        return MEMBER_SPECIAL;
    }
}

static void describe(struct members *m, struct archive_entry *entry, struct member *out)
{
    arena_reset(&m->arena);
    *out = (struct member){
        .name = entry_name(m, entry),
        .type = entry_type(entry),
        .target = entry_target(m, entry),
        .encrypted = archive_entry_is_data_encrypted(entry) > 0,
        .size_known = archive_entry_size_is_set(entry) && archive_entry_size(entry) >= 0,
    };
    if (out->size_known)
        out->size = (uint64_t)archive_entry_size(entry);
    if (archive_entry_mtime_is_set(entry) && archive_entry_mtime(entry) != 0)
        out->modified =
            time_from_unix(archive_entry_mtime(entry), (uint32_t)archive_entry_mtime_nsec(entry));
}

static enum member_result stop_or_end(struct members *m, struct err *e)
{
    m->ended = true;
    // The only member of a compressed file has told its error itself.
    bool told =
        m->index > 0 && archive_format(m->a) == ARCHIVE_FORMAT_RAW && m->stopped.code != ERR_LIMIT;
    if (!m->stopped.code || told)
        return MEMBER_END;
    *e = m->stopped;
    m->stopped.code = ERR_NONE;
    return MEMBER_DAMAGED;
}

// libarchive takes a compressed file that begins with zeros for an empty tar. It is read again, as
// just a compressed file.
static bool reopen_raw(struct members *m, struct err *e)
{
    if (m->index || m->source.parent || archive_filter_count(m->a) < 2 ||
        archive_format(m->a) == ARCHIVE_FORMAT_RAW || archive_format(m->a) == ARCHIVE_FORMAT_EMPTY)
        return false;
    archive_read_free(m->a);
    return open_library(m, true, e);
}

// One step over the archive's headers.
static enum member_result next_header(struct members *m, struct member *out, struct err *e)
{
    for (int bad = 0; bad < MAX_BAD_HEADERS; bad++) {
        struct archive_entry *entry = NULL;
        int r = archive_read_next_header(m->a, &entry);
        if (r == ARCHIVE_EOF) {
            if (reopen_raw(m, e))
                continue;
            return stop_or_end(m, e);
        }
        if ((r == ARCHIVE_OK || r == ARCHIVE_WARN) && entry) {
            if (archive_format(m->a) == ARCHIVE_FORMAT_RAW && archive_filter_count(m->a) < 2) {
                m->ended = true;
                err_set(e, ERR_FORMAT, 0,
                        "the archive's structure is damaged: no list of files was found");
                return MEMBER_DAMAGED;
            }
            m->index++;
            m->in_member = true;
            describe(m, entry, out);
            return MEMBER_FOUND;
        }
        library_error(m, e);
        if (r == ARCHIVE_FATAL)
            break;
    }
    m->ended = true;
    if (e->code != ERR_ENCRYPTED && archive_read_has_encrypted_entries(m->a) == 1)
        err_set(e, ERR_ENCRYPTED, m->offset, "needs a password");
    return MEMBER_DAMAGED;
}

enum member_result members_next(struct members *m, struct member *out, struct err *e)
{
    drain(m);
    if (m->ended)
        return stop_or_end(m, e);
    m->block = NULL;
    m->block_len = 0;
    m->block_offset = m->member_offset = 0;
    m->block_last = false;
    m->block_error.code = ERR_NONE;
    locale_t before = m->locale ? uselocale(m->locale) : (locale_t)0;
    enum member_result r = next_header(m, out, e);
    if (before)
        uselocale(before);
    return r;
}
