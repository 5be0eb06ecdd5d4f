// SPDX-License-Identifier: Apache-2.0
#include "evidence/content.h"

#include "base/utf.h"
#include "evidence/evidence.h"

struct magic {
    uint32_t offset;
    struct slice bytes;
    struct content is;
};

#define MAGIC(offset, bytes, class, text)                                                          \
    {                                                                                              \
        offset, {(const uint8_t *)(bytes), sizeof(bytes) - 1},                                     \
        {                                                                                          \
            class, text                                                                            \
        }                                                                                          \
    }
#define OTHER(offset, bytes, text)  MAGIC(offset, bytes, CONTENT_OTHER, text)
#define STREAM(offset, bytes, text) MAGIC(offset, bytes, CONTENT_STREAM, text)
#define SEEK(offset, bytes, text)   MAGIC(offset, bytes, CONTENT_SEEK, text)

// First match wins. Sources: the formats' own specifications (MS-EVEN6, MS-CFB, MS-SHLLINK,
// APPNOTE, RFC 1952, RFC 8878 …), the Windows forensic formats' as documented by the libyal
// project.
static const struct magic magics[] = {
    MAGIC(0, "ElfFile\0", CONTENT_EVTX, "Windows event log"),
    MAGIC(0, "ElfChnk\0", CONTENT_EVTX, "piece of a Windows event log"),
    OTHER(4, "LfLe", "Windows event log of the old form (EVT)"),
    OTHER(0, "regf", "Windows registry hive"),
    OTHER(0, "SQLite format 3\0", "SQLite database"),
    OTHER(0, "\177ELF", "Linux program (ELF)"),
    OTHER(0, "\xcf\xfa\xed\xfe", "macOS program (Mach-O)"),
    OTHER(0, "\xca\xfe\xba\xbe", "Java class or macOS program"),
    OTHER(0, "%PDF-", "PDF document"),
    OTHER(0, "{\\rtf", "RTF document"),
    OTHER(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE document (old Office, MSI, Outlook message)"),
    OTHER(0, "!BDN", "Outlook mailbox (PST or OST)"),
    OTHER(0, "L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F", "Windows shortcut"),
    OTHER(0, "MAM\x04", "Windows prefetch file (compressed)"),
    OTHER(4, "SCCA", "Windows prefetch file"),
    OTHER(4, "\xef\xcd\xab\x89", "ESE database (SRUM, browser history, mail store)"),
    OTHER(0, "FILE0", "NTFS file table (MFT)"),
    OTHER(0, "RCRD", "NTFS journal"),
    OTHER(0, "PMDL", "Windows memory dump"),
    OTHER(0, "PAGEDU64", "Windows memory dump"),
    OTHER(0, "PAGEDUMP", "Windows memory dump"),
    OTHER(0, "MDMP", "Windows crash dump"),
    OTHER(0, "EVF\x09\x0d\x0a\xff\0", "disk image (EnCase E01)"),
    OTHER(0, "EVF2\x0d\x0a\x81\0", "disk image (EnCase Ex01)"),
    OTHER(0, "vhdxfile", "disk image (VHDX)"),
    OTHER(0, "conectix", "disk image (VHD)"),
    OTHER(0, "QFI\xfb", "disk image (QCOW)"),
    OTHER(0, "KDMV", "disk image (VMDK)"),
    OTHER(3, "NTFS    ", "disk image (NTFS volume)"),
    OTHER(3, "-FVE-FS-", "disk image (BitLocker volume, needs its key)"),
    OTHER(0, "\xd4\xc3\xb2\xa1", "network capture"),
    OTHER(0, "\xa1\xb2\xc3\xd4", "network capture"),
    OTHER(0, "\x4d\x3c\xb2\xa1", "network capture"),
    OTHER(0, "\x0a\x0d\x0d\x0a", "network capture (pcapng)"),
    OTHER(0, "\xff\xd8\xff", "JPEG picture"),
    OTHER(0, "\x89PNG\r\n\x1a\n", "PNG picture"),
    OTHER(0, "GIF8", "GIF picture"),
    OTHER(8, "WEBP", "WebP picture"),
    OTHER(4, "ftyp", "film or picture (MP4, HEIF)"),
    OTHER(0, "RIFF", "sound or film (RIFF)"),
    OTHER(0, "ID3", "sound (MP3)"),
    OTHER(0, "OggS", "sound or film (Ogg)"),
    OTHER(0, "\x1a\x45\xdf\xa3", "film (Matroska)"),
    OTHER(0, "bplist0", "Apple property list"),
    OTHER(0, "-----BEGIN PGP MESSAGE", "encrypted message (OpenPGP)"),
    OTHER(0, "Salted__", "encrypted file (OpenSSL)"),
    OTHER(0, "age-encryption.org/", "encrypted file (age)"),
    STREAM(0, "\x1f\x8b", "gzip-compressed file"),
    STREAM(0,
           "\xfd"
           "7zXZ\0",
           "xz-compressed file"),
    STREAM(0, "\x28\xb5\x2f\xfd", "zstd-compressed file"),
    STREAM(0, "BZh", "bzip2-compressed file"),
    STREAM(0, "\x04\x22\x4d\x18", "lz4-compressed file"),
    STREAM(0, "\x1f\x9d", "compress-compressed file (Z)"),
    SEEK(0, "PK\x05\x06", "ZIP archive"),
    SEEK(0, "7z\xbc\xaf\x27\x1c", "7z archive"),
    SEEK(0, "Rar!\x1a\x07\0", "RAR archive"),
    SEEK(0, "Rar!\x1a\x07\x01\0", "RAR archive"),
    SEEK(0, "MSCF\0\0\0\0", "CAB archive"),
    STREAM(257, "ustar", "tar archive"),
    SEEK(32769, "CD001", "disc image (ISO 9660)"),
};

static struct slice zip_name(struct slice head, size_t at)
{
    return slice_sub(head, at + 30, at + 30 + le16(head.at + at + 26));
}

// A ZIP that is a document or a program: its members are parts of one thing, not files that
// somebody packed.
static struct content tell_zip(struct slice head)
{
    size_t entry = 0;
    for (size_t at = 0; at + 30 <= head.len; at++) {
        if (memcmp(head.at + at, "PK\x03\x04", 4) != 0)
            continue;
        struct slice name = zip_name(head, at);
        if (slice_equal_str(name, "[Content_Types].xml"))
            return (struct content){CONTENT_DOCUMENT, "Office document (OOXML)"};
        if (slice_equal_str(name, "AndroidManifest.xml"))
            return (struct content){CONTENT_DOCUMENT, "Android program (APK)"};
        if (entry == 0 && slice_equal_str(name, "mimetype"))
            return (struct content){CONTENT_DOCUMENT, "OpenDocument or EPUB document"};
        if (entry < 2 && slice_equal_str(name, "META-INF/MANIFEST.MF"))
            return (struct content){CONTENT_DOCUMENT, "Java program (JAR)"};
        entry++;
        at += 29;
    }
    return (struct content){CONTENT_SEEK, "ZIP archive"};
}

static struct content tell_mz(struct slice head)
{
    size_t at = head.len >= 64 ? le32(head.at + 60) : SIZE_MAX;
    bool pe = head.len >= 68 && at <= head.len - 4 && memcmp(head.at + at, "PE\0\0", 4) == 0;
    return (struct content){CONTENT_OTHER, pe ? "Windows program (PE)" : "DOS or Windows program"};
}

// The old tar form has no mark: the header's checksum must be right (POSIX.1-1988, v7).
static bool is_old_tar(struct slice head)
{
    if (head.len < 512 || head.at[0] == 0)
        return false;
    uint32_t sum = 0, stored = 0;
    for (size_t i = 0; i < 512; i++)
        sum += i >= 148 && i < 156 ? ' ' : head.at[i];
    size_t digits = 0;
    for (size_t i = 148; i < 156; i++) {
        uint8_t c = head.at[i];
        if (c >= '0' && c <= '7') {
            stored = stored * 8 + (uint32_t)(c - '0');
            digits++;
        } else if (c != ' ' && c != 0) {
            return false;
        }
    }
    return digits > 0 && sum == stored;
}

static bool starts_nocase(struct slice s, const char *prefix)
{
    struct slice p = slice_from_str(prefix);
    return s.len >= p.len && slice_equal_nocase(slice_sub(s, 0, p.len), p);
}

static bool contains(struct slice s, const char *needle)
{
    return s.len && memmem(s.at, s.len, needle, strlen(needle)) != NULL;
}

// Headers that a stored mail message begins with (RFC 5322, and what mail servers put before).
static bool is_mail(struct slice text)
{
    static const char *const first[] = {
        "return-path:",    "received:",
        "delivered-to:",   "x-",
        "from:",           "to:",
        "subject:",        "date:",
        "message-id:",     "mime-version:",
        "dkim-signature:", "arc-seal:",
        "envelope-to:",    "authentication-results:",
    };
    bool begins = false;
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        begins = begins || starts_nocase(text, first[i]);
    return begins && contains(text, "\n") &&
           (contains(text, "\nMessage-ID:") || contains(text, "\nMessage-Id:") ||
            contains(text, "\nSubject:") || contains(text, "\nMIME-Version:"));
}

static bool is_plain_text(struct slice s)
{
    for (size_t pos = 0; pos < s.len;) {
        uint8_t c = s.at[pos];
        if (c >= 0x80) {
            size_t from = pos;
            if (utf8_decode(s, &pos) == UTF_REPLACEMENT && s.len - from > 3)
                return false;
            continue;
        }
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b)
            return false;
        pos++;
    }
    return true;
}

static const char *tell_text(struct slice head)
{
    if (slice_starts(head, SLICE("\xff\xfe")) || slice_starts(head, SLICE("\xfe\xff")))
        return "text (UTF-16)";
    if (!is_plain_text(head))
        return NULL;
    struct slice s =
        slice_trim(slice_starts(head, SLICE("\xef\xbb\xbf")) ? slice_sub(head, 3, head.len) : head);
    if (starts_nocase(s, "<!doctype html") || starts_nocase(s, "<html"))
        return "web page (HTML)";
    if (starts_nocase(s, "<event") ||
        (starts_nocase(s, "<?xml") && contains(s, "schemas.microsoft.com/win/2004/08/events")))
        return "Windows events exported as XML";
    if (starts_nocase(s, "<?xml"))
        return "XML";
    if (s.len && (s.at[0] == '{' || s.at[0] == '['))
        return contains(s, "\"") ? "JSON" : "text";
    if (starts_nocase(s, "From ") && contains(s, "\nFrom:"))
        return "mailbox (mbox)";
    if (is_mail(s))
        return "mail message";
    return "text";
}

static bool all_zero(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i])
            return false;
    return true;
}

struct content content_tell(struct slice head)
{
    if (head.len == 0)
        return (struct content){CONTENT_OTHER, "empty file"};
    if (slice_starts(head, SLICE("PK\x03\x04")))
        return tell_zip(head);
    if (slice_starts(head, SLICE("MZ")))
        return tell_mz(head);
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (head.len > magics[i].offset &&
            slice_starts(slice_sub(head, magics[i].offset, head.len), magics[i].bytes))
            return magics[i].is;
    if (is_old_tar(head))
        return (struct content){CONTENT_STREAM, "tar archive"};
    const char *text = tell_text(head);
    if (text)
        return (struct content){CONTENT_OTHER, text};
    return (struct content){CONTENT_OTHER,
                            all_zero(head) ? "nothing but zeros" : "data of an unknown kind"};
}

const char *evidence_content_text(struct slice head)
{
    return content_tell(head).text;
}
