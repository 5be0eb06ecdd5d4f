// SPDX-License-Identifier: Apache-2.0
#include "evidence/content.h"

#include "evidence/evidence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
    struct slice head;
    enum content_class class;
    const char *text;
} rows[] = {
    {{0}, CONTENT_OTHER, "empty file"},
    {SLICE("ElfFile\0\0\0\0\0"), CONTENT_EVTX, "Windows event log"},
    {SLICE("ElfChnk\0\0\0\0\0"), CONTENT_EVTX, "piece of a Windows event log"},
    {SLICE("ElfFile"), CONTENT_OTHER, "text"}, // one byte short of the mark
    {SLICE("\x30\0\0\0LfLe\1\0\0\0"), CONTENT_OTHER, "Windows event log of the old form (EVT)"},
    {SLICE("regf\1\0\0\0"), CONTENT_OTHER, "Windows registry hive"},
    {SLICE("SQLite format 3\0"), CONTENT_OTHER, "SQLite database"},
    {SLICE("%PDF-1.7\n"), CONTENT_OTHER, "PDF document"},
    {SLICE("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), CONTENT_OTHER,
     "OLE document (old Office, MSI, Outlook message)"},
    {SLICE("MAM\x04"), CONTENT_OTHER, "Windows prefetch file (compressed)"},
    {SLICE("\x1e\0\0\0SCCA"), CONTENT_OTHER, "Windows prefetch file"},
    {SLICE("\x89PNG\r\n\x1a\n"), CONTENT_OTHER, "PNG picture"},
    {SLICE("\xd4\xc3\xb2\xa1\2\0"), CONTENT_OTHER, "network capture"},
    {SLICE("MZ\x90\0"), CONTENT_OTHER, "DOS or Windows program"},
    {SLICE("\x1f\x8b\x08\0"), CONTENT_STREAM, "gzip-compressed file"},
    {SLICE("\xfd"
           "7zXZ\0"),
     CONTENT_STREAM, "xz-compressed file"},
    {SLICE("\x28\xb5\x2f\xfd"), CONTENT_STREAM, "zstd-compressed file"},
    {SLICE("BZh9"), CONTENT_STREAM, "bzip2-compressed file"},
    {SLICE("7z\xbc\xaf\x27\x1c"), CONTENT_SEEK, "7z archive"},
    {SLICE("Rar!\x1a\x07\0"), CONTENT_SEEK, "RAR archive"},
    {SLICE("Rar!\x1a\x07\x01\0"), CONTENT_SEEK, "RAR archive"},
    {SLICE("MSCF\0\0\0\0"), CONTENT_SEEK, "CAB archive"},
    {SLICE("PK\x05\x06\0\0"), CONTENT_SEEK, "ZIP archive"},
    {SLICE("<!DOCTYPE html><p>"), CONTENT_OTHER, "web page (HTML)"},
    {SLICE("\xef\xbb\xbf\n <HTML>"), CONTENT_OTHER, "web page (HTML)"},
    {SLICE("<?xml version='1.0'?><a/>"), CONTENT_OTHER, "XML"},
    {SLICE("<?xml version='1.0'?><Events><Event "
           "xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>"),
     CONTENT_OTHER, "Windows events exported as XML"},
    {SLICE("{\"a\": 1}"), CONTENT_OTHER, "JSON"},
    {SLICE("{not json}"), CONTENT_OTHER, "text"},
    {SLICE("From a@b Mon Jan 1\nFrom: a\nSubject: x\n"), CONTENT_OTHER, "mailbox (mbox)"},
    {SLICE("Return-Path: <a@b>\nSubject: hello\n\nbody"), CONTENT_OTHER, "mail message"},
    {SLICE("Date: tomorrow"), CONTENT_OTHER, "text"},
    {SLICE("\xff\xfeh\0i\0"), CONTENT_OTHER, "text (UTF-16)"},
    {SLICE("caf\xc3\xa9"), CONTENT_OTHER, "text"},
    {SLICE("cut in a letter \xc3"), CONTENT_OTHER, "text"},
    {SLICE("\0\0\0\0\0"), CONTENT_OTHER, "nothing but zeros"},
    {SLICE("\x01\x02\x03\xff\xfe\xfd"), CONTENT_OTHER, "data of an unknown kind"},
};

static void check(struct slice head, enum content_class class, const char *text)
{
    // In a block of its exact size, so that reading over its end is seen.
    uint8_t *exact = malloc(head.len ? head.len : 1);
    if (head.len)
        memcpy(exact, head.at, head.len);
    struct content c = content_tell(slice_of(exact, head.len));
    assert_string_equal(c.text, text);
    assert_int_equal(c.class, class);
    assert_string_equal(evidence_content_text(slice_of(exact, head.len)), text);
    free(exact);
}

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(rows[i].head, rows[i].class, rows[i].text);
}

// A ZIP's local header with this name and no data.
static size_t local_header(uint8_t *at, const char *name)
{
    size_t n = strlen(name);
    memset(at, 0, 30);
    memcpy(at, "PK\x03\x04", 4);
    at[26] = (uint8_t)n;
    memcpy(at + 30, name, n);
    return 30 + n;
}

static void test_zip_documents(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second;
        enum content_class class;
        const char *text;
    } zips[] = {
        {"_rels/.rels", "[Content_Types].xml", CONTENT_DOCUMENT, "Office document (OOXML)"},
        {"mimetype", "content.xml", CONTENT_DOCUMENT, "OpenDocument or EPUB document"},
        {"META-INF/", "META-INF/MANIFEST.MF", CONTENT_DOCUMENT, "Java program (JAR)"},
        {"classes.dex", "AndroidManifest.xml", CONTENT_DOCUMENT, "Android program (APK)"},
        {"a/[Content_Types].xml", "b", CONTENT_SEEK, "ZIP archive"},
        {"Security.evtx", "mimetype", CONTENT_SEEK, "ZIP archive"},
    };
    for (size_t i = 0; i < sizeof zips / sizeof *zips; i++) {
        uint8_t head[256];
        size_t n = local_header(head, zips[i].first);
        n += local_header(head + n, zips[i].second);
        check(slice_of(head, n), zips[i].class, zips[i].text);
    }
    uint8_t cut[40];
    size_t n = local_header(cut, "x");
    for (size_t len = 4; len <= n; len++)
        check(slice_of(cut, len), CONTENT_SEEK, "ZIP archive");
}

static void test_deep_marks(void **state)
{
    (void)state;
    static uint8_t head[CONTENT_HEAD];
    memset(head, 0, sizeof head);
    memcpy(head + 32769, "CD001", 5);
    check(slice_of(head, sizeof head), CONTENT_SEEK, "disc image (ISO 9660)");
    check(slice_of(head, 32770), CONTENT_OTHER, "data of an unknown kind");
    memset(head, 0, sizeof head);
    memcpy(head + 257, "ustar", 5);
    check(slice_of(head, 512), CONTENT_STREAM, "tar archive");
    memset(head, 0, 512);
    memcpy(head, "MZ", 2);
    head[60] = 0x80;
    memcpy(head + 0x80, "PE\0\0", 4);
    check(slice_of(head, 512), CONTENT_OTHER, "Windows program (PE)");
    head[63] = 0xff; // the header's place far outside
    check(slice_of(head, 512), CONTENT_OTHER, "DOS or Windows program");
}

static void test_old_tar(void **state)
{
    (void)state;
    uint8_t head[512] = "name.txt";
    uint32_t sum = 8 * ' ';
    for (size_t i = 0; i < sizeof head; i++)
        sum += head[i];
    snprintf((char *)head + 148, 8, "%06o", sum);
    head[155] = ' ';
    check(slice_of(head, sizeof head), CONTENT_STREAM, "tar archive");
    head[0] ^= 1;
    check(slice_of(head, sizeof head), CONTENT_OTHER, "data of an unknown kind");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_zip_documents),
        cmocka_unit_test(test_deep_marks),
        cmocka_unit_test(test_old_tar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
