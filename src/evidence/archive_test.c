// SPDX-License-Identifier: Apache-2.0
// Archives of every kind, whole, damaged and hostile, made in memory with libarchive's own writers.
#include "evidence/evidence.h"
#include "evidence/walk_listing.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct file {
    const char *name;
    struct slice data;
    const char *link; // or NULL
    unsigned type;    // AE_IF…; 0: a regular file
};

static la_ssize_t on_write(struct archive *a, void *user, const void *at, size_t len)
{
    (void)a;
    buf_add(user, slice_of(at, len));
    return (la_ssize_t)len;
}

static void add(struct archive *a, const struct file *f)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, f->name);
    archive_entry_set_filetype(entry, f->link ? AE_IFLNK : f->type ? f->type : AE_IFREG);
    if (f->link)
        archive_entry_set_symlink(entry, f->link);
    archive_entry_set_perm(entry, 0600);
    archive_entry_set_mtime(entry, 1'500'000'000, 0);
    archive_entry_set_size(entry, (la_int64_t)f->data.len);
    assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
    if (f->data.len)
        assert_int_equal(archive_write_data(a, f->data.at, f->data.len), (la_ssize_t)f->data.len);
    archive_entry_free(entry);
}

// The caller frees the buffer. filter and options may be NULL.
static struct buf make(const char *format, const char *filter, const char *options,
                       const struct file *files, size_t count)
{
    struct buf out = {0};
    struct archive *a = archive_write_new();
    assert_int_equal(archive_write_set_format_by_name(a, format), ARCHIVE_OK);
    if (filter)
        assert_int_equal(archive_write_add_filter_by_name(a, filter), ARCHIVE_OK);
    if (options) {
        archive_write_set_passphrase(a, "secret");
        assert_int_equal(archive_write_set_options(a, options), ARCHIVE_OK);
    }
    archive_write_set_bytes_in_last_block(a, 1);
    assert_int_equal(archive_write_open(a, &out, NULL, on_write, NULL), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++)
        add(a, &files[i]);
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
    return out;
}

#define MAKE(format, filter, options, ...)                                                         \
    make(format, filter, options, (const struct file[]){__VA_ARGS__},                              \
         sizeof((const struct file[]){__VA_ARGS__}) / sizeof(struct file))

// A compressed file that is no archive.
static struct buf compress_one(const char *filter, struct slice data)
{
    return MAKE("raw", filter, NULL, {"data", data, NULL, 0});
}

static struct buf list(const char *name, struct slice bytes, const struct evidence_limits *limits,
                       unsigned read_every)
{
    uint8_t *exact = malloc(bytes.len ? bytes.len : 1);
    if (bytes.len)
        memcpy(exact, bytes.at, bytes.len);
    struct evidence_walk *w =
        evidence_walk_create_memory(slice_from_str(name), slice_of(exact, bytes.len), limits);
    struct buf out = {0};
    walk_list(w, &out, read_every, name);
    assert_int_equal(evidence_walk_consumed(w), bytes.len);
    evidence_walk_destroy(w);
    free(exact);
    return out;
}

// Frees the archive.
static void check(const char *name, struct buf archive, const struct evidence_limits *limits,
                  const char *expect)
{
    struct buf out = list(name, buf_slice(&archive), limits, 1);
    assert_string_equal((const char *)out.at, expect);
    buf_free(&out);
    buf_free(&archive);
}

static void assert_contains(const struct buf *text, const char *part)
{
    if (!strstr((const char *)text->at, part))
        fail_msg("not in the listing: %s\n%s", part, (const char *)text->at);
}

// As check, but size-independent: every part must be somewhere in the listing. Frees the archive.
static void check_parts(const char *name, struct buf archive, const struct evidence_limits *limits,
                        const char *const *parts)
{
    struct buf out = list(name, buf_slice(&archive), limits, 1);
    for (; *parts; parts++)
        assert_contains(&out, *parts);
    buf_free(&out);
    buf_free(&archive);
}

#define EVTX SLICE("ElfFile\0rest of a log")

static void test_formats(void **state)
{
    (void)state;
    static const struct {
        const char *format, *filter, *options;
    } kinds[] = {
        {"zip", NULL, NULL},
        {"zip", NULL, "zip:compression=store"},
        {"zip", "gzip", NULL},
        {"paxr", NULL, NULL},
        {"ustar", NULL, NULL},
        {"gnutar", NULL, NULL},
        {"v7tar", NULL, NULL},
        {"pax", "gzip", NULL},
        {"pax", "xz", NULL},
        {"pax", "bzip2", NULL},
        {"pax", "zstd", NULL},
        {"pax", "lz4", NULL},
        {"ustar", "compress", NULL},
        {"7zip", NULL, NULL},
        {"7zip", NULL, "7zip:compression=store"},
        {"7zip", NULL, "7zip:compression=ppmd"},
        {"7zip", NULL, "7zip:compression=bzip2"},
        {"pax", "lzma", NULL},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds - 1; i++) {
        struct buf a =
            MAKE(kinds[i].format, kinds[i].filter, kinds[i].options,
                 {"PC-1/Security.evtx", EVTX, NULL, 0}, {"note.txt", SLICE("hello"), NULL, 0});
        char expect[200];
        snprintf(expect, sizeof expect,
                 "archive  %zu\nevtx !PC-1/Security.evtx 21\nother !note.txt 5\n", a.len);
        check("a", a, NULL, expect);
    }
}

static void test_iso(void **state)
{
    (void)state;
    check_parts("cd.iso", MAKE("iso9660", NULL, NULL, {"Security.evtx", EVTX, NULL, 0}), NULL,
                (const char *[]){"archive ", "evtx !Security.evtx 21\n", NULL});
}

static void test_compressed_files(void **state)
{
    (void)state;
    static const struct {
        const char *filter, *name, *inner;
    } kinds[] = {
        {"gzip", "x/Security.evtx.gz", "Security.evtx"},
        {"xz", "Security.evtx.XZ", "Security.evtx"},
        {"zstd", "S.evtx.zst", "S.evtx"},
        {"bzip2", "S.evtx.bz2", "S.evtx"},
        {"lz4", "S.evtx", "data"},
        {"compress", "S.Z", "S"},
        {"gzip", ".gz", "data"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct buf a = compress_one(kinds[i].filter, EVTX);
        char expect[200];
        snprintf(expect, sizeof expect, "archive  %zu\nevtx !%s 21\n", a.len, kinds[i].inner);
        check(kinds[i].name, a, NULL, expect);
    }
    struct buf empty = compress_one("gzip", (struct slice){0});
    check_parts("e.gz", empty, NULL, (const char *[]){"archive ", "\nempty !", NULL});
}

static void test_members(void **state)
{
    (void)state;
    check_parts(
        "t",
        MAKE("pax", NULL, NULL, {"dir", {0}, NULL, AE_IFDIR},
             {"../../etc/passwd", SLICE("x"), NULL, 0}, {"/abs", SLICE("y"), NULL, 0},
             {"link", {0}, "/etc/shadow", 0}, {"pipe", {0}, NULL, AE_IFIFO},
             {"device", {0}, NULL, AE_IFCHR}, {"empty", {0}, NULL, 0}),
        NULL,
        (const char *[]){"\nother !../../etc/passwd 1\nother !/abs 1\n"
                         "skipped !link (link inside the archive to /etc/shadow; not followed)\n"
                         "skipped !pipe (not a file with contents)\n"
                         "skipped !device (not a file with contents)\n"
                         "empty !empty 0\n",
                         NULL});
    check_parts("t",
                MAKE("gnutar", NULL, NULL, {"bad\xff.evtx", EVTX, NULL, 0},
                     {"esc\x1b[2J", SLICE("x"), NULL, 0}, {"caf\xc3\xa9", SLICE("x"), NULL, 0}),
                NULL,
                (const char *[]){"evtx !bad\xef\xbf\xbd.evtx 21\n", "other !esc\x1b[2J 1\n",
                                 "other !caf\xc3\xa9 1\n", NULL});
    // The writer needs a locale with these letters; the reader must do without.
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    struct buf b = MAKE("7zip", NULL, NULL, {"\xe4\xb8\xad.evtx", EVTX, NULL, 0});
    setlocale(LC_CTYPE, "C");
    check_parts("t", b, NULL, (const char *[]){"evtx !\xe4\xb8\xad.evtx 21\n", NULL});
}

// Older programs wrote names in the code page of their time.
static void test_old_names(void **state)
{
    (void)state;
    struct buf b = MAKE("zip", NULL, "zip:compression=store", {"journal_xtx.evtx", EVTX, NULL, 0});
    for (size_t i = 0; i + 16 <= b.len; i++)
        if (memcmp(b.at + i, "journal_xtx.evtx", 16) == 0)
            b.at[i + 8] = b.at[i + 10] = 0x82;
    check_parts("o.zip", b, NULL,
                (const char *[]){"\nevtx !journal_\xc3\xa9t\xc3\xa9.evtx 21\n", NULL});
}

static struct buf wrap(struct buf inner, const char *format, const char *filter, const char *name)
{
    struct buf out = MAKE(format, filter, NULL, {name, buf_slice(&inner), NULL, 0},
                          {"after.txt", SLICE("after"), NULL, 0});
    buf_free(&inner);
    return out;
}

static void test_nested(void **state)
{
    (void)state;
    struct buf b = MAKE("7zip", NULL, NULL, {"Security.evtx", EVTX, NULL, 0});
    b = wrap(b, "zip", NULL, "1.7z");
    b = wrap(b, "pax", "xz", "2.zip");
    b = wrap(b, "zip", NULL, "3.tar.xz");
    check_parts(
        "4.zip", b, NULL,
        (const char *[]){
            "\narchive !3.tar.xz ", "\narchive !3.tar.xz!2.zip ", "\narchive !3.tar.xz!2.zip!1.7z ",
            "\nevtx !3.tar.xz!2.zip!1.7z!Security.evtx 21\nother !3.tar.xz!2.zip!after.txt 5\n"
            "other !3.tar.xz!after.txt 5\nother !after.txt 5\n",
            NULL});
    b = MAKE("zip", NULL, NULL, {"Security.evtx", EVTX, NULL, 0});
    for (int i = 0; i < 5; i++)
        b = wrap(b, "zip", NULL, "n.zip");
    check_parts("6.zip", b, NULL,
                (const char *[]){"\narchive !n.zip!n.zip!n.zip!n.zip ",
                                 " (archives inside archives, more than 4 deep: not opened)\n"
                                 "other !n.zip!n.zip!n.zip!after.txt 5\n",
                                 NULL});
}

static struct buf noise(size_t len)
{
    struct buf b = {0};
    uint32_t x = 1;
    for (size_t i = 0; i < len; i++) {
        x = x * 1664525 + 1013904223;
        buf_byte(&b, (uint8_t)(x >> 24));
    }
    return b;
}

// Too large for memory: what can be streamed is reached a second time; what must be sought in is
// named.
static void test_nested_large(void **state)
{
    (void)state;
    const struct evidence_limits limits = {.max_archive_depth = 4,
                                           .max_member_bytes = 1 << 30,
                                           .max_archive_bytes = 1 << 30,
                                           .max_nested_bytes = 100'000,
                                           .max_items = 100};
    struct buf big = noise(300'000);
    struct buf tar =
        MAKE("pax", "gzip", NULL, {"big", buf_slice(&big), NULL, 0}, {"S.evtx", EVTX, NULL, 0});
    struct buf seven =
        MAKE("7zip", NULL, "7zip:compression=store", {"big", buf_slice(&big), NULL, 0});
    struct buf small = MAKE("7zip", NULL, NULL, {"T.evtx", EVTX, NULL, 0});
    struct buf all = MAKE("pax", "xz", NULL, {"first.tgz", buf_slice(&tar), NULL, 0},
                          {"a.txt", SLICE("a"), NULL, 0}, {"s.7z", buf_slice(&seven), NULL, 0},
                          {"small.7z", buf_slice(&small), NULL, 0},
                          {"second.tgz", buf_slice(&tar), NULL, 0}, {"z.txt", SLICE("z"), NULL, 0});
    static const char *const parts[] = {
        "\nother !first.tgz!big 300000\nevtx !first.tgz!S.evtx 21\nother !a.txt 1\n",
        "\narchive !s.7z ",
        " (an archive inside an archive, too large to be held in memory (limit 100000 "
        "bytes): unpack it and audit what is inside)\n",
        "\nevtx !small.7z!T.evtx 21\n",
        "\nother !second.tgz!big 300000\nevtx !second.tgz!S.evtx 21\nother !z.txt 1\n",
        NULL};
    struct buf out = list("all.txz", buf_slice(&all), &limits, 1);
    for (const char *const *p = parts; *p; p++)
        assert_contains(&out, *p);
    buf_free(&out);
    // The same when only some are read.
    out = list("all.txz", buf_slice(&all), &limits, 2);
    assert_contains(&out, "\nevtx !second.tgz!S.evtx ");
    buf_free(&out);
    buf_free(&big);
    buf_free(&tar);
    buf_free(&seven);
    buf_free(&small);
    buf_free(&all);
}

static void test_encrypted(void **state)
{
    (void)state;
    for (const char *const *o =
             (const char *const[]){"zip:encryption=traditional", "zip:encryption=aes256", NULL};
         *o; o++)
        check_parts(
            "s.zip",
            MAKE("zip", NULL, *o, {"Security.evtx", EVTX, NULL, 0}, {"b.txt", SLICE("x"), NULL, 0}),
            NULL,
            (const char *[]){"\nunreadable !Security.evtx (needs a password)\nunreadable !b.txt "
                             "(needs a password)\n",
                             NULL});
    // 7z with encrypted names, made with 7-Zip from a file of one byte.
    static const uint8_t seven[] = {
        0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0x00, 0x04, 0xf5, 0x9b, 0xc5, 0x49, 0x70, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x2e, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x64, 0x5f,
        0xe4, 0x4e, 0xf8, 0x7a, 0xf1, 0x1e, 0x54, 0xa2, 0x11, 0x01, 0x51, 0x51, 0x05, 0x5e, 0x1e,
        0x96, 0x33, 0xbe, 0x92, 0xd6, 0xb6, 0x82, 0xf1, 0xdc, 0x6b, 0xd3, 0x10, 0x17, 0x2e, 0xff,
        0xec, 0x01, 0xe3, 0x68, 0xbd, 0x21, 0x21, 0x53, 0x7e, 0x87, 0x85, 0xea, 0x33, 0x58, 0xbe,
        0xa2, 0x73, 0x55, 0x94, 0x59, 0x93, 0xf6, 0xc8, 0x05, 0xe5, 0x98, 0x3e, 0xa3, 0x90, 0xeb,
        0x74, 0xd5, 0x43, 0xab, 0xc9, 0x15, 0x6a, 0xf8, 0x23, 0x34, 0x90, 0xbe, 0xec, 0x89, 0x8f,
        0xee, 0xaa, 0x61, 0xc4, 0xef, 0x13, 0x64, 0x4a, 0x2c, 0x49, 0x2e, 0x88, 0x98, 0x9f, 0x47,
        0x02, 0xbf, 0x1f, 0x24, 0xf4, 0x9b, 0x80, 0x0a, 0xcd, 0xcb, 0xd8, 0x6b, 0x0e, 0x11, 0xd6,
        0x6f, 0x83, 0x7a, 0x3d, 0x7e, 0xd9, 0xbc, 0xc1, 0xd5, 0x17, 0x06, 0x10, 0x01, 0x09, 0x60,
        0x00, 0x07, 0x0b, 0x01, 0x00, 0x01, 0x24, 0x06, 0xf1, 0x07, 0x01, 0x12, 0x53, 0x0f, 0x3d,
        0xfa, 0xad, 0x7b, 0x9e, 0x60, 0x61, 0x80, 0x9c, 0x92, 0x27, 0x2d, 0x05, 0x58, 0x74, 0x49,
        0x0c, 0x5a, 0x0a, 0x01, 0x29, 0x28, 0x20, 0xf2, 0x00, 0x00};
    struct buf b = {0};
    buf_add(&b, slice_of(seven, sizeof seven));
    check_parts("s.7z", b, NULL, (const char *[]){"\nunreadable ! (needs a password (", NULL});
}

static void test_bombs(void **state)
{
    (void)state;
    struct buf zeros = {0};
    memset(buf_reserve(&zeros, 80 << 20), 0, 80 << 20);
    zeros.len = 80 << 20;
    struct buf bomb = MAKE("zip", NULL, NULL, {"first.txt", SLICE("1"), NULL, 0},
                           {"bomb", buf_slice(&zeros), NULL, 0}, {"last.txt", SLICE("3"), NULL, 0});
    const struct evidence_limits ratio = {.max_archive_depth = 4,
                                          .max_member_bytes = UINT64_MAX,
                                          .max_archive_bytes = UINT64_MAX,
                                          .max_ratio = 100,
                                          .max_nested_bytes = 1 << 20,
                                          .max_items = 100};
    struct buf out = list("b.zip", buf_slice(&bomb), &ratio, 1);
    assert_contains(&out, "\nother !first.txt 1\nother !bomb 67");
    assert_contains(&out, " error limit\nskipped ! (the archive unpacks to far more than its size "
                          "(an archive bomb))\n");
    buf_free(&out);
    // The same when nobody reads the bomb: skipping must not unpack it without end either.
    out = list("b.zip", buf_slice(&bomb), &ratio, 0);
    assert_contains(&out, "\nother !bomb -\nskipped ! (the archive unpacks to far more");
    buf_free(&out);
    struct evidence_limits member = ratio;
    member.max_member_bytes = 1 << 20;
    out = list("b.zip", buf_slice(&bomb), &member, 1);
    assert_contains(&out, "\nother !first.txt 1\nother !bomb ");
    assert_contains(&out, " error limit\nother !last.txt 1\n"); // a ZIP goes on
    buf_free(&out);
    struct evidence_limits total = ratio;
    total.max_archive_bytes = 50 << 20;
    out = list("b.zip", buf_slice(&bomb), &total, 1);
    assert_contains(&out, "\nskipped ! (the archive unpacks to more than the limit)\n");
    buf_free(&out);
    buf_free(&bomb);
    // With the limits that hold by default, 80 MiB of zeros are no bomb: deflate alone makes them a
    // thousandth.
    bomb = compress_one("gzip", buf_slice(&zeros));
    check_parts("z.gz", bomb, NULL, (const char *[]){"\nother !z 83886080\n", NULL});
    buf_free(&zeros);
}

static void test_too_many(void **state)
{
    (void)state;
    struct file files[50];
    for (size_t i = 0; i < 50; i++)
        files[i] = (struct file){"x", SLICE("x"), NULL, 0};
    struct evidence_limits limits = {.max_archive_depth = 4,
                                     .max_member_bytes = 100,
                                     .max_archive_bytes = 10'000,
                                     .max_items = 10};
    struct buf b = make("ustar", NULL, NULL, files, 50);
    struct buf out = list("many.tar", buf_slice(&b), &limits, 1);
    assert_contains(&out, "\nskipped (more) (there are more files than the limit");
    size_t lines = 0;
    for (size_t i = 0; i < out.len; i++)
        lines += out.at[i] == '\n';
    assert_int_equal(lines, 11);
    buf_free(&out);
    buf_free(&b);
}

static void check_cut(const char *format, const char *filter, const char *first, const char *last)
{
    struct buf big = noise(400'000);
    struct buf b = MAKE(format, filter, NULL, {"one.txt", SLICE("one"), NULL, 0},
                        {"big", buf_slice(&big), NULL, 0}, {"two.txt", SLICE("two"), NULL, 0});
    b.len = 300'000;
    struct buf out = list("cut", buf_slice(&b), NULL, 1);
    assert_contains(&out, "\nother !one.txt 3\n");
    assert_contains(&out, first);
    if (last)
        assert_contains(&out, last);
    assert_null(strstr((const char *)out.at, "two.txt"));
    buf_free(&out);
    buf_free(&b);
    buf_free(&big);
}

// What stands before the damage is read, and what is missing is said.
static void test_cut(void **state)
{
    (void)state;
    check_cut("pax", NULL, " error truncated\n", "\nunreadable ! (");
    check_cut("pax", "gzip", " error truncated\n", "\nunreadable ! (");
    check_cut("pax", "xz", " error ", "\nunreadable ! (");
    check_cut("zip", NULL, " error ", "\nunreadable ! (");
    struct buf b = MAKE("7zip", NULL, NULL, {"one", EVTX, NULL, 0});
    b.len -= 10;
    check_parts("cut.7z", b, NULL, (const char *[]){"\nunreadable ! (", NULL});
    struct buf data = noise(400'000);
    b = compress_one("gzip", buf_slice(&data));
    b.len = 300'000;
    struct buf out = list("x.gz", buf_slice(&b), NULL, 1);
    assert_contains(&out, " error truncated\n");
    assert_null(strstr((const char *)out.at, "unreadable")); // told once
    buf_free(&out);
    buf_free(&b);
    buf_free(&data);
}

static void test_flipped(void **state)
{
    (void)state;
    struct buf b =
        MAKE("zip", NULL, "zip:compression=store", {"one.txt", SLICE("first contents"), NULL, 0},
             {"two.txt", SLICE("second contents"), NULL, 0});
    uint8_t *at = memmem(b.at, b.len, "first contents", 14);
    assert_non_null(at);
    at[3] ^= 1;
    check_parts("f.zip", b, NULL,
                (const char *[]){"\nother !one.txt 14 error checksum\nother !two.txt 15\n", NULL});
}

// Marked as an archive and nothing else of one.
static void test_only_a_mark(void **state)
{
    (void)state;
    static const struct slice heads[] = {
        SLICE("PK\x03\x04"),
        SLICE("PK\x03\x04 what follows is nothing"),
        SLICE("7z\xbc\xaf\x27\x1c\0\x04"),
        SLICE("\x1f\x8b"),
        SLICE("\x1f\x8b\x08\0rubbish"),
        SLICE("\xfd"
              "7zXZ\0rubbish"),
        SLICE("BZh no"),
        SLICE("Rar!\x1a\x07\0rubbish"),
        SLICE("Rar!\x1a\x07\x01\0rubbish"),
        SLICE("MSCF\0\0\0\0rubbish"),
        SLICE("\x28\xb5\x2f\xfdrubbish"),
        SLICE("\x04\x22\x4d\x18rubbish"),
        SLICE("\x1f\x9d\x90rubbish"),
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct buf b = {0};
        buf_add(&b, heads[i]);
        struct buf out = list("m", heads[i], NULL, 1);
        assert_contains(&out, "archive ");
        if (!strstr((const char *)out.at, "\nunreadable !") &&
            !strstr((const char *)out.at, " error ") && !strstr((const char *)out.at, "\nempty !"))
            fail_msg("mark %zu: nothing said: %s", i, (const char *)out.at);
        buf_free(&out);
        buf_free(&b);
    }
}

static void test_document(void **state)
{
    (void)state;
    check_parts(
        "a.docx",
        MAKE("zip", NULL, NULL, {"[Content_Types].xml", SLICE("<a/>"), NULL, 0},
             {"word/x", SLICE("x"), NULL, 0}),
        NULL,
        (const char *[]){"other  ", " (a document: kept whole, not opened as an archive)\n", NULL});
}

static void test_times_and_sizes(void **state)
{
    (void)state;
    struct buf b = MAKE("ustar", NULL, NULL, {"one", SLICE("123"), NULL, 0});
    struct evidence_walk *w = evidence_walk_create_memory(SLICE("t"), buf_slice(&b), NULL);
    struct evidence_item item;
    assert_true(evidence_walk_next(w, &item));
    assert_int_equal(item.kind, EVIDENCE_ARCHIVE);
    assert_string_equal(item.kind_text, "tar archive");
    assert_true(evidence_walk_next(w, &item));
    assert_true(item.size_known);
    assert_int_equal(item.size, 3);
    assert_int_equal(item.modified, time_from_unix(1'500'000'000, 0));
    assert_false(evidence_walk_next(w, &item));
    evidence_walk_destroy(w);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_iso),
        cmocka_unit_test(test_compressed_files),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_old_names),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_nested_large),
        cmocka_unit_test(test_encrypted),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_flipped),
        cmocka_unit_test(test_only_a_mark),
        cmocka_unit_test(test_document),
        cmocka_unit_test(test_times_and_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
