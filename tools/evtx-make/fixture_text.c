// SPDX-License-Identifier: Apache-2.0
// Fixtures of rare but valid binary XML.
#include "fixture.h"

#include "value.h"

#include <stdlib.h>

static struct bx_node *event_data(struct fixture *f)
{
    return bx_element(&f->a, NULL, SLICE("EventData"));
}

static struct bx_node *text(struct fixture *f, struct bx_node *parent, enum bx_kind kind,
                            const char *s)
{
    return bx_text(&f->a, parent, kind, slice_from_str(s));
}

static void character(struct fixture *f, struct bx_node *parent, uint16_t c)
{
    bx_text(&f->a, parent, BX_CHARREF, SLICE(""))->number = c;
}

static struct bx_value string_value(struct fixture *f, const char *s)
{
    return (struct bx_value){.type = BX_STRING, .bytes = bx_utf16(&f->a, slice_from_str(s))};
}

static void make_cdata(struct fixture *f)
{
    struct bx_node *root = event_data(f), *n;
    text(f, fixture_data(f, root, "Plain"), BX_CDATA, "a < b & c > d");
    n = fixture_data(f, root, "Mixed");
    text(f, n, BX_TEXT, "before ");
    text(f, n, BX_CDATA, "<inside/>");
    text(f, n, BX_TEXT, " after");
    n = fixture_data(f, root, "WithValue");
    text(f, n, BX_CDATA, "value: ");
    bx_sub(&f->a, n, 0, BX_STRING, false);
    text(f, fixture_data(f, root, "Empty"), BX_CDATA, "");
    struct bx_value v = string_value(f, "42 & more");
    fixture_add(f, root, &v, 1, false);
}

static void make_characters(struct fixture *f)
{
    struct bx_node *root = event_data(f), *n = fixture_data(f, root, "Letters");
    text(f, n, BX_TEXT, "caf");
    character(f, n, 0x00E9);
    text(f, n, BX_TEXT, " ");
    character(f, n, 0x0F56); // Tibetan BA
    character(f, n, 0x0F7C);
    character(f, n, 0x0F51);
    n = fixture_data(f, root, "Markup");
    character(f, n, '<');
    character(f, n, '&');
    character(f, n, '"');
    n = fixture_data(f, root, "Pair"); // two references that are a surrogate pair: U+1F54A
    character(f, n, 0xD83D);
    character(f, n, 0xDD4A);
    n = bx_element(&f->a, root, SLICE("Info"));
    struct bx_node *parts = text(f, NULL, BX_TEXT, "tab");
    parts->next = bx_text(&f->a, NULL, BX_CHARREF, SLICE(""));
    parts->next->number = '\t';
    parts->next->next = text(f, NULL, BX_TEXT, "end");
    bx_attribute_parts(&f->a, n, SLICE("Mark"), parts);
    text(f, n, BX_TEXT, "x");
    fixture_add(f, root, NULL, 0, false);
}

static void make_entities(struct fixture *f)
{
    static const char *const NAMES[] = {"lt", "gt", "amp", "quot", "apos"};
    struct bx_node *root = event_data(f), *n = fixture_data(f, root, "All");
    for (size_t i = 0; i < 5; i++)
        text(f, n, BX_ENTITY, NAMES[i]);
    n = fixture_data(f, root, "Between");
    text(f, n, BX_TEXT, "Fish ");
    text(f, n, BX_ENTITY, "amp");
    text(f, n, BX_TEXT, " chips");
    n = bx_element(&f->a, root, SLICE("Info"));
    struct bx_node *parts = text(f, NULL, BX_TEXT, "1 ");
    parts->next = text(f, NULL, BX_ENTITY, "lt");
    parts->next->next = text(f, NULL, BX_TEXT, " 2");
    bx_attribute_parts(&f->a, n, SLICE("Order"), parts);
    text(f, n, BX_TEXT, "x");
    fixture_add(f, root, NULL, 0, false);
}

static void make_instructions(struct fixture *f)
{
    struct bx_node *root = event_data(f), *n;
    text(f, fixture_data(f, root, "Before"), BX_TEXT, "1");
    text(f, root, BX_PI, "target")->more = SLICE("some data");
    text(f, fixture_data(f, root, "After"), BX_TEXT, "2");
    n = fixture_data(f, root, "Within");
    text(f, n, BX_TEXT, "left");
    text(f, n, BX_PI, "void")->more = SLICE("");
    text(f, n, BX_TEXT, "right");
    fixture_add(f, root, NULL, 0, false);
}

static void make_surrogates(struct fixture *f)
{
    struct bx_node *root = event_data(f);
    struct bx_value values[] = {
        string_value(f, "dove \xF0\x9F\x95\x8A, ideograph \xF0\xA0\xAE\xB7"),
        string_value(f, "high \xED\xA0\xBD alone"),
        string_value(f, "low \xED\xB5\x8A alone"),
        string_value(f, "at the end \xED\xA0\xBD"),
        string_value(f, "\xED\xB5\x8A\xED\xA0\xBD the wrong way round"),
        string_value(f, "\xED\xA0\xBD\xF0\x9F\x95\x8A high before a pair"),
    };
    static const char *const NAMES[] = {"Pairs", "High", "Low", "End", "Swapped", "Extra"};
    for (size_t i = 0; i < 6; i++)
        bx_sub(&f->a, fixture_data(f, root, NAMES[i]), i, BX_STRING, false);
    text(f, fixture_data(f, root, "InTemplate"), BX_TEXT, "lone \xED\xA0\xBD in a text value");
    text(f, fixture_data(f, root, "Name\xF0\x9F\x95\x8A"), BX_TEXT, "in an attribute");
    fixture_add(f, root, values, 6, false);
}

static void add_typed(struct fixture *f, struct bx_node *root, struct bx_value *values,
                      size_t *count, const char *name, uint8_t type, const char *value)
{
    struct err e = {0};
    struct slice bytes = {0};
    if (!value_encode(&f->a, type, slice_from_str(value), &bytes, &e)) {
        fprintf(stderr, "evtx-make: fixture: %s\n", e.message);
        abort();
    }
    values[*count] = (struct bx_value){.type = type, .bytes = bytes};
    bx_sub(&f->a, fixture_data(f, root, name), (*count)++, type, false);
}

static void make_types(struct fixture *f)
{
    static const struct {
        const char *name;
        uint8_t type;
        const char *value;
    } ALL[] = {
        {"String", BX_STRING, "text"},
        {"StringEmpty", BX_STRING, ""},
        {"Ansi", BX_ANSI, "plain"},
        {"Int8Min", BX_INT8, "-128"},
        {"Int8Max", BX_INT8, "127"},
        {"UInt8Max", BX_UINT8, "255"},
        {"Int16Min", BX_INT16, "-32768"},
        {"UInt16Max", BX_UINT16, "65535"},
        {"Int32Min", BX_INT32, "-2147483648"},
        {"UInt32Max", BX_UINT32, "4294967295"},
        {"Int64Min", BX_INT64, "-9223372036854775808"},
        {"Int64Max", BX_INT64, "9223372036854775807"},
        {"UInt64Max", BX_UINT64, "18446744073709551615"},
        {"Float", BX_FLOAT, "-0.5"},
        {"Double", BX_DOUBLE, "1234.5"},
        {"BoolTrue", BX_BOOL, "true"},
        {"BoolFalse", BX_BOOL, "false"},
        {"BoolOdd", BX_BOOL, "2"}, // neither 0 nor 1
        {"Binary", BX_BINARY, "00017F80FF"},
        {"Guid", BX_GUID, "{0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0}"},
        {"FileTime", BX_FILETIME, "2026-10-05T06:07:08.9012345Z"},
        {"SystemTime", BX_SYSTEMTIME, "2026-10-05T06:07:08.901Z"},
        {"Sid", BX_SID, "S-1-5-21-1004336348-1177238915-682003330-512"},
        {"SidShort", BX_SID, "S-1-1-0"},
        {"Hex32", BX_HEX32, "0xDEADBEEF"},
        {"Hex32Zero", BX_HEX32, "0"},
        {"Hex64", BX_HEX64, "0xFEDCBA9876543210"},
        {"SizeT", BX_SIZET, "0x7ff612340000"},
    };
    enum { COUNT = sizeof ALL / sizeof *ALL };
    struct bx_node *root = event_data(f);
    struct bx_value values[COUNT];
    size_t count = 0;
    for (size_t i = 0; i < COUNT; i++)
        add_typed(f, root, values, &count, ALL[i].name, ALL[i].type, ALL[i].value);
    fixture_add(f, root, values, count, false);
}

// 32-bit programs write pointers of four bytes.
static void make_size_t(struct fixture *f)
{
    struct bx_node *root = event_data(f);
    struct bx_value values[] = {
        {BX_SIZET, slice_of("\x78\x56\x34\x12", 4), NULL},
        {BX_SIZET, slice_of("\x78\x56\x34\x12\xF6\x7F\0", 8), NULL},
    };
    bx_sub(&f->a, fixture_data(f, root, "Of32Bit"), 0, BX_SIZET, false);
    bx_sub(&f->a, fixture_data(f, root, "Of64Bit"), 1, BX_SIZET, false);
    fixture_add(f, root, values, 2, false);
}

static void make_arrays(struct fixture *f)
{
    struct bx_node *root = event_data(f);
    struct bx_value values[] = {
        {BX_STRING | BX_ARRAY, bx_utf16(&f->a, slice_of("one\0two\0\0four\0", 14)), NULL},
        {BX_STRING | BX_ARRAY, bx_utf16(&f->a, slice_of("lonely\0", 7)), NULL},
        {BX_UINT16 | BX_ARRAY, slice_of("\1\0\2\0\xFF\xFF", 6), NULL},
        {BX_HEX32 | BX_ARRAY, slice_of("\1\0\0\0\xEF\xBE\xAD\xDE", 8), NULL},
        {BX_STRING | BX_ARRAY, bx_utf16(&f->a, slice_of("a\0b\0", 4)), NULL},
    };
    bx_sub(&f->a, fixture_data(f, root, "Several"), 0, BX_STRING | BX_ARRAY, false);
    bx_sub(&f->a, fixture_data(f, root, "One"), 1, BX_STRING | BX_ARRAY, false);
    bx_sub(&f->a, fixture_data(f, root, "Numbers"), 2, BX_UINT16 | BX_ARRAY, false);
    bx_sub(&f->a, fixture_data(f, root, "Hex"), 3, BX_HEX32 | BX_ARRAY, false);
    bx_sub(&f->a, fixture_data(f, root, NULL), 4, BX_STRING | BX_ARRAY, false);
    fixture_add(f, root, values, 5, false);
}

static void make_data(struct fixture *f)
{
    struct bx_node *root = event_data(f);
    struct bx_value values[3];
    for (size_t i = 0; i < 3; i++) {
        values[i] = string_value(f, i == 0 ? "first" : i == 1 ? "" : "third");
        bx_sub(&f->a, fixture_data(f, root, NULL), i, BX_STRING, false);
    }
    fixture_add(f, root, values, 3, false); // unnamed, one of them empty

    root = event_data(f);
    for (size_t i = 0; i < 3; i++)
        bx_sub(&f->a, fixture_data(f, root, i == 2 ? "Other" : "Twice"), i, BX_STRING, false);
    fixture_add(f, root, values, 3, false); // the same name twice

    root = event_data(f);
    bx_sub(&f->a, fixture_data(f, root, "Named"), 0, BX_STRING, false);
    bx_sub(&f->a, fixture_data(f, root, NULL), 2, BX_STRING, false);
    bx_element(&f->a, root, SLICE("Data"));
    fixture_add(f, root, values, 3, false); // named, unnamed and empty together

    fixture_add(f, event_data(f), NULL, 0, false); // no data at all
}

static void make_nulls(struct fixture *f)
{
    struct bx_node *root = event_data(f), *n;
    struct bx_value values[] = {
        {BX_NULL, {0}, NULL}, {BX_NULL, slice_of("junk", 4), NULL}, // null with a size
        string_value(f, ""),  {BX_STRING, bx_utf16(&f->a, slice_of("ends\0\0", 6)), NULL},
        {BX_NULL, {0}, NULL},
    };
    bx_sub(&f->a, fixture_data(f, root, "Null"), 0, BX_STRING, true);
    bx_sub(&f->a, fixture_data(f, root, "NullWithSize"), 1, BX_STRING, true);
    bx_sub(&f->a, fixture_data(f, root, "Empty"), 2, BX_STRING, false);
    bx_sub(&f->a, fixture_data(f, root, "TrailingNuls"), 3, BX_STRING, false);
    n = fixture_data(f, root, "Vanishes"); // depends on a value that is null
    n->dependency = 4;
    text(f, n, BX_TEXT, "never seen");
    bx_sub(&f->a, bx_element(&f->a, root, SLICE("NotData")), 4, BX_STRING, true);
    fixture_add(f, root, values, 5, false);
}

// Types that no Windows has; 7F and 60 are numbers that our own reader uses.
static void make_odd_types(struct fixture *f)
{
    static const uint8_t TYPES[] = {0x7F, 0x60, 0x22, 0xFF, BX_STRING};
    static const char *const NAMES[] = {"First", "Second", "Third", "Array", "Ordinary"};
    enum { COUNT = sizeof TYPES };
    struct bx_node *root = event_data(f);
    struct bx_value values[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = string_value(f, "evil");
        values[i].type = TYPES[i];
        bx_sub(&f->a, fixture_data(f, root, NAMES[i]), i, BX_STRING, true);
    }
    fixture_add(f, root, values, COUNT, false);
    fixture_note(f, "an event after it");
}

static void make_channel_null(struct fixture *f)
{
    struct make_event ev;
    const struct bx_instance *in;
    struct err e = {0};
    make_event_init(&ev);
    ev.provider = SLICE("Fixture");
    ev.channel_null = true;
    ev.computer = SLICE("pc-1.office.example");
    ev.id = 1;
    ev.time = VTIME_UNIX_EPOCH + 1782864000 * VTIME_SECOND;
    if (!make_event_build(&f->a, &ev, 1, &in, &e) ||
        !evtx_writer_add(&f->w, 1, ev.time, in, NULL, &e))
        abort();
}

// Formulas, escapes of terminals, text that runs the other way, markup: what a report must show
// harmlessly.
static void make_hostile(struct fixture *f)
{
    struct bx_node *root = event_data(f);
    static const char *const TEXTS[] = {
        "=cmd|'/c calc'!A1",
        "+1+1",
        "@SUM(1)",
        "-2+3",
        "\x1B[31mred\x1B[0m\x07",
        "\xE2\x80\xAEtxt.exe",
        "</script><script>alert(1)</script>",
        "a\tb\r\nc",
        "quote \" and \\ back",
        "\x01\x02 control \x7F",
    };
    struct bx_value values[10];
    for (size_t i = 0; i < 10; i++) {
        values[i] = string_value(f, TEXTS[i]);
        bx_sub(&f->a, fixture_data(f, root, arena_str(&f->a, arena_printf(&f->a, "T%zu", i))), i,
               BX_STRING, false);
    }
    fixture_add(f, root, values, 10, false);
}

static void plain(struct fixture *f, struct bx_node *parent, const char *name, const char *value)
{
    text(f, bx_element(&f->a, parent, slice_from_str(name)), BX_TEXT, value);
}

static struct bx_node *plain_with(struct fixture *f, struct bx_node *parent, const char *name,
                                  const char *attribute, const char *value)
{
    struct bx_node *n = bx_element(&f->a, parent, slice_from_str(name));
    bx_attribute_text(&f->a, n, slice_from_str(attribute), slice_from_str(value));
    return n;
}

static void add_rendering(struct fixture *f, struct bx_node *event)
{
    struct bx_node *n = plain_with(f, event, "RenderingInfo", "Culture", "en-US");
    plain(f, n, "Message", "An account was successfully logged on.");
    plain(f, n, "Level", "Information");
    plain(f, n, "Task", "Logon");
    plain(f, n, "Opcode", "Info");
    plain(f, n, "Channel", "Security");
    plain(f, n, "Provider", "Microsoft Windows security auditing.");
    plain(f, bx_element(&f->a, n, SLICE("Keywords")), "Keyword", "Audit Success");
}

// A collector writes elements outside of templates (they lack the dependency), and RenderingInfo.
static void make_forwarded(struct fixture *f)
{
    struct err e = {0};
    struct bx_node *event = plain_with(f, NULL, "Event", "xmlns",
                                       "http://schemas.microsoft.com/win/2004/08/events/event");
    struct bx_node *system = bx_element(&f->a, event, SLICE("System"));
    struct bx_node *n =
        plain_with(f, system, "Provider", "Name", "Microsoft-Windows-Security-Auditing");
    bx_attribute_text(&f->a, n, SLICE("Guid"), SLICE("{54849625-5478-4994-a5ba-3e3b0328c30d}"));
    plain(f, system, "EventID", "4624");
    plain(f, system, "Version", "2");
    plain(f, system, "Level", "0");
    plain(f, system, "Task", "12544");
    plain(f, system, "Opcode", "0");
    plain(f, system, "Keywords", "0x8020000000000000");
    plain_with(f, system, "TimeCreated", "SystemTime", "2026-07-01T08:09:10.123456700Z");
    plain(f, system, "EventRecordID", "77123");
    bx_element(&f->a, system, SLICE("Correlation"));
    n = plain_with(f, system, "Execution", "ProcessID", "676");
    bx_attribute_text(&f->a, n, SLICE("ThreadID"), SLICE("712"));
    plain(f, system, "Channel", "Security");
    plain(f, system, "Computer", "pc-2.office.example");
    bx_element(&f->a, system, SLICE("Security"));
    struct bx_node *data = bx_element(&f->a, event, SLICE("EventData"));
    text(f, fixture_data(f, data, "TargetUserName"), BX_TEXT, "amina");
    text(f, fixture_data(f, data, "LogonType"), BX_TEXT, "10");
    text(f, fixture_data(f, data, "IpAddress"), BX_TEXT, "203.0.113.77");
    add_rendering(f, event);
    if (!evtx_writer_add(&f->w, f->next++, VTIME_UNIX_EPOCH + 1782900000 * VTIME_SECOND, NULL,
                         event, &e))
        abort();
    fixture_note(f, "an event of the collector itself");
}

// Nested elements under UserData: 40 are fine, 300 are over any reader's limit.
static void make_deep(struct fixture *f)
{
    static const unsigned DEPTHS[] = {40, 300, 2};
    for (size_t i = 0; i < 3; i++) {
        struct bx_node *root = bx_element(&f->a, NULL, SLICE("Level")), *n = root;
        for (unsigned d = 1; d < DEPTHS[i]; d++)
            n = bx_element(&f->a, n, SLICE("Level"));
        text(f, n, BX_TEXT, "bottom");
        fixture_add(f, root, NULL, 0, true);
    }
}

// Names that share hash and bucket, and names in every bucket.
static void make_names(struct fixture *f)
{
    struct bx_node *root = event_data(f);
    for (unsigned i = 0; i < 300; i++)
        plain(f, root, arena_str(&f->a, arena_printf(&f->a, "Field%u", i)),
              arena_str(&f->a, arena_printf(&f->a, "%u", i)));
    fixture_add(f, root, NULL, 0, false);
    root = event_data(f);
    for (unsigned i = 0; i < 300; i += 7)
        plain(f, root, arena_str(&f->a, arena_printf(&f->a, "Field%u", i)), "again");
    fixture_add(f, root, NULL, 0, false);
}

static void make_empty(struct fixture *f)
{
    (void)f;
}

// What Windows leaves after a log was emptied: one chunk without records.
static void make_empty_chunk(struct fixture *f)
{
    static uint8_t chunk[CHUNK_SIZE];
    memset(chunk, 0, sizeof chunk);
    memcpy(chunk, "ElfChnk", 8);
    put64(chunk + 8, 1);
    put64(chunk + 16, UINT64_MAX);
    put64(chunk + 24, UINT64_MAX);
    put64(chunk + 32, UINT64_MAX);
    put32(chunk + 40, 128);
    put32(chunk + 48, CHUNK_HEADER);
    chunk_checksums(chunk);
    evtx_writer_add_chunk(&f->w, chunk);
}

const struct fixture_form fixture_texts[] = {
    {"cdata", make_cdata, NULL},
    {"character-references", make_characters, NULL},
    {"entity-references", make_entities, NULL},
    {"processing-instructions", make_instructions, NULL},
    {"surrogates", make_surrogates, NULL},
    {"all-types", make_types, NULL},
    {"size-t", make_size_t, NULL},
    {"arrays", make_arrays, NULL},
    {"several-data", make_data, NULL},
    {"nulls", make_nulls, NULL},
    {"odd-types", make_odd_types, NULL},
    {"null-channel", make_channel_null, NULL},
    {"hostile-text", make_hostile, NULL},
    {"forwarded", make_forwarded, NULL},
    {"deep", make_deep, NULL},
    {"many-names", make_names, NULL},
    {"empty", make_empty, NULL},
    {"empty-chunk", make_empty_chunk, NULL},
    {NULL, NULL, NULL},
};
