// SPDX-License-Identifier: Apache-2.0
// Chunks built byte by byte: the parts of the format that no sample has, and damage.
#include "reader/evtx/checksum.h"
#include "reader/evtx/test_maker.h"

// Elements of the record itself, with every kind of text there is.
static void test_texts(void **state)
{
    (void)state;
    static struct maker m;
    struct session s;
    maker_init(&m);
    begin_record(&m);
    begin_event(&m, "7");
    open_data(&m, "T");
    put_text(&m, "a<");
    token(&m, 0x07); // CDATA
    put_number(&m, 2, 2);
    put_utf16(&m, "<b");
    token(&m, 0x08); // a surrogate pair of character references
    put_number(&m, 0xd83d, 2);
    token(&m, 0x48);
    put_number(&m, 0xdd4a, 2);
    token(&m, 0x09);
    put_name(&m, "amp");
    token(&m, 0x09);
    put_name(&m, "none");
    token(&m, 0x0a); // a processing instruction
    put_name(&m, "x");
    token(&m, 0x0b);
    put_number(&m, 2, 2);
    put_utf16(&m, "?>");
    token(&m, END_ELEMENT);
    end_event(&m);
    end_record(&m);
    session_begin(&s, false);
    session_read(&s, &m, 5ull << 32);
    next_is(&s, READ_EVENT);
    assert_int_equal(s.ev.origin.offset, (5ull << 32) + 512);
    assert_int_equal(s.ev.system.event_id, 7);
    assert_rendered(&s, EVENT_FORMAT_JSON,
                    "{\"Event\":{\"System\":{\"EventID\":\"7\"},\"EventData\":{\"T\":\"a<<"
                    "b\xf0\x9f\x95\x8a&&none;\"}}}");
    assert_rendered(
        &s, EVENT_FORMAT_XML,
        "<Event><System><EventID>7</EventID></System><EventData><Data Name='T'>a&lt;<![CDATA[<b]]>"
        "\xf0\x9f\x95\x8a&amp;&amp;none;<?x ? >?></Data></EventData></Event>");
    struct arena a;
    arena_init(&a, 0);
    assert_true(slice_equal_str(event_text(&s.ev, SLICE("T"), &a), "a<<b\xf0\x9f\x95\x8a&&none;"));
    arena_free(&a);
    next_is(&s, READ_END);
    session_end(&s);
}

// A template: slot 0 a string array in Data A, slot 1 an optional attribute of Data B whose text is
// slot 2; C hangs on slot 3. Returns where its definition stands.
static size_t put_template(struct maker *m)
{
    size_t at = m->at + 10;
    token(m, 0x0c);
    token(m, 1);
    put_number(m, 0x1234, 4);
    put_number(m, at, 4);
    assert_int_equal(m->at, at);
    put_number(m, m->at, 4); // its chain is a loop
    put(m, "0123456789abcdef", 16);
    size_t size_at = m->at;
    put_number(m, 0, 4);
    size_t start = m->at;
    m->templates = true;
    begin_fragment(m);
    begin_event(m, "9");
    open_data(m, "A");
    put_slot(m, 0, false);
    token(m, END_ELEMENT);
    open_element(m, "B", true);
    put_attribute(m, "X");
    put_slot(m, 1, true);
    token(m, CLOSE_START);
    put_slot(m, 2, true);
    token(m, END_ELEMENT);
    open_element_depending(m, "C", false, 3);
    token(m, CLOSE_START);
    put_slot(m, 3, true);
    token(m, END_ELEMENT);
    open_element(m, "E", false);
    token(m, CLOSE_START);
    put_text(m, "x");
    token(m, END_ELEMENT);
    open_element(m, "F", false);
    token(m, CLOSE_START);
    put_slot(m, 0, false);
    token(m, END_ELEMENT);
    end_event(m);
    token(m, 0);
    m->templates = false;
    set_number(m, size_at, m->at - start, 4);
    return at;
}

static void put_values(struct maker *m, bool full)
{
    put_number(m, 4, 4);
    put_number(m, full ? 8 : 4, 2);
    put_number(m, 0x81, 2);
    put_number(m, full ? 1 : 3, 2);
    put_number(m, full ? 0x04 : 0x00, 2); // a null that has a size all the same
    put_number(m, full ? 4 : 0, 2);
    put_number(m, full ? 0x14 : 0x01, 2);
    put_number(m, full ? 4 : 0, 2);
    put_number(m, full ? 0x08 : 0x00, 2);
    put(m, "a\0\0\0b\0\0", full ? 8 : 4);
    put(m, full ? "\x07" : "???", full ? 1 : 3);
    if (full) {
        put_number(m, 0xff, 4);
        put_number(m, 42, 4);
    }
}

static void put_instance(struct maker *m, size_t definition)
{
    token(m, 0x0c);
    token(m, 1);
    put_number(m, 0x1234, 4);
    put_number(m, definition, 4);
}

static void assert_full(struct session *s)
{
    assert_rendered(s, EVENT_FORMAT_JSON,
                    "{\"Event\":{\"System\":{\"EventID\":\"9\"},\"EventData\":{\"A\":[\"a\",\"b\"],"
                    "\"B\":{\"#attributes\":{\"X\":7},\"#text\":\"0xff\"},\"C\":42,\"E\":\"x\","
                    "\"F\":\"a\",\"F_1\":\"b\"}}}");
    assert_rendered(s, EVENT_FORMAT_XML,
                    "<Event><System><EventID>9</EventID></System><EventData><Data "
                    "Name='A'>a</Data><Data Name='A'>b</Data>"
                    "<B X='7'>0xff</B><C>42</C><E>x</E><F>a</F><F>b</F></EventData></Event>");
}

static void assert_bare(struct session *s)
{
    assert_rendered(s, EVENT_FORMAT_JSON,
                    "{\"Event\":{\"System\":{\"EventID\":\"9\"},\"EventData\":{\"A\":\"a\",\"B\":"
                    "null,\"E\":\"x\",\"F\":\"a\"}}}");
    assert_rendered(s, EVENT_FORMAT_XML,
                    "<Event><System><EventID>9</EventID></System><EventData><Data "
                    "Name='A'>a</Data><B></B><E>x</E><F>a</F></EventData></Event>");
}

static void test_template(void **state)
{
    (void)state;
    static struct maker m, other;
    struct session s;
    maker_init(&m);
    begin_record(&m);
    size_t definition = put_template(&m);
    put_values(&m, true);
    end_record(&m);
    begin_record(&m);
    put_instance(&m, definition);
    put_values(&m, false);
    end_record(&m);
    // The same template elsewhere in another chunk, so that all its offsets differ.
    maker_init(&other);
    begin_record(&other);
    begin_event(&other, "1");
    end_event(&other);
    end_record(&other);
    begin_record(&other);
    put_template(&other);
    put_values(&other, true);
    end_record(&other);

    session_begin(&s, false);
    session_read(&s, &m, 4096);
    next_is(&s, READ_EVENT);
    const struct shape *shape = s.ev.shape;
    assert_full(&s);
    uint32_t x = shape_find(shape, SLICE("B_X"), 0), c = shape_find(shape, SLICE("C"), 0);
    assert_true(x < shape->field_count && c < shape->field_count);
    assert_int_equal(event_value(&s.ev, x).type, VALUE_UINT8);
    assert_int_equal(event_value(&s.ev, c).type, VALUE_UINT32);
    next_is(&s, READ_EVENT);
    assert_ptr_equal(s.ev.shape, shape);
    assert_bare(&s);
    assert_int_equal(event_value(&s.ev, x).type, VALUE_ABSENT);
    assert_int_equal(event_value(&s.ev, c).type, VALUE_ABSENT);
    assert_int_equal(event_value(&s.ev, shape_find(shape, SLICE("B"), 0)).type,
                     VALUE_UTF16); // the empty string
    next_is(&s, READ_END);
    session_read(&s, &other, 70000);
    next_is(&s, READ_EVENT);
    next_is(&s, READ_EVENT);
    assert_ptr_equal(s.ev.shape, shape);
    assert_full(&s);
    next_is(&s, READ_END);
    session_end(&s);
}

// An instance in a record that stands in a BinXML value, beside a second fragment.
static void test_several_fragments(void **state)
{
    (void)state;
    static struct maker m;
    struct session s;
    maker_init(&m);
    begin_record(&m);
    open_element(&m, "Event", false);
    token(&m, CLOSE_START);
    open_element(&m, "UserData", false);
    token(&m, CLOSE_START);
    size_t definition = put_template(&m);
    put_values(&m, true);
    put_instance(&m, definition);
    put_values(&m, false);
    token(&m, END_ELEMENT);
    token(&m, END_ELEMENT);
    end_record(&m);
    session_begin(&s, false);
    session_read(&s, &m, 4096);
    next_is(&s, READ_EVENT);
    assert_rendered(&s, EVENT_FORMAT_JSON,
                    "{\"Event\":{\"UserData\":{\"Event\":{\"System\":{\"EventID\":\"9\"},"
                    "\"EventData\":{\"A\":[\"a\",\"b\"],"
                    "\"B\":{\"#attributes\":{\"X\":7},\"#text\":\"0xff\"},\"C\":42,\"E\":\"x\","
                    "\"F\":\"a\",\"F_1\":\"b\"}},"
                    "\"Event_1\":{\"System\":{\"EventID\":\"9\"},\"EventData\":{\"A\":\"a\",\"B\":"
                    "null,\"E\":\"x\",\"F\":\"a\"}}}}}");
    next_is(&s, READ_END);
    session_end(&s);
}

static void test_depth(void **state)
{
    (void)state;
    static struct maker m;
    struct session s;
    maker_init(&m);
    for (int depth = EVTX_MAX_DEPTH; depth <= EVTX_MAX_DEPTH + 1; depth++) {
        begin_record(&m);
        for (int i = 0; i < depth; i++) {
            open_element(&m, "E", false);
            token(&m, CLOSE_START);
        }
        for (int i = 0; i < depth; i++)
            token(&m, END_ELEMENT);
        end_record(&m);
    }
    session_begin(&s, false);
    session_read(&s, &m, 4096);
    next_is(&s, READ_EVENT);
    next_is(&s, READ_ERROR);
    assert_int_equal(s.e.code, ERR_LIMIT);
    next_is(&s, READ_END);
    session_end(&s);
}

static void put_event(struct maker *m, const char *id)
{
    begin_record(m);
    begin_event(m, id);
    open_data(m, "N");
    put_text(m, id);
    token(m, END_ELEMENT);
    end_event(m);
    end_record(m);
}

// A record of size 0 ends the chunk; what lies behind it is for --recover.
static void test_damage(void **state)
{
    (void)state;
    static struct maker m;
    struct session s;
    maker_init(&m);
    put_event(&m, "1");
    size_t second = m.at;
    put_event(&m, "2");
    put_event(&m, "3");
    set_number(&m, second + 4, 0, 4);
    for (int recover = 0; recover < 2; recover++) {
        session_begin(&s, recover);
        session_read(&s, &m, 4096);
        next_is(&s, READ_EVENT);
        assert_false(s.ev.origin.recovered);
        next_is(&s, READ_ERROR);
        assert_int_equal(s.e.code, ERR_FORMAT);
        assert_int_equal(s.e.offset, 4096 + second);
        if (recover) {
            next_is(&s, READ_EVENT);
            assert_int_equal(s.ev.system.event_id, 3);
            assert_true(s.ev.origin.recovered);
        }
        next_is(&s, READ_END);
        session_end(&s);
    }
}

static void test_doubtful(void **state)
{
    (void)state;
    static struct maker m;
    struct session s;
    maker_init(&m);
    put_event(&m, "1");
    set_number(&m, m.at - 4, 99, 4); // the size at the end
    set_number(&m, 32, 5, 8);        // five records should be here
    set_number(&m, 48, m.at + 500, 4);
    set_number(&m, 120, 0, 4); // with checksums, which are wrong
    session_begin(&s, false);
    session_read(&s, &m, 4096);
    for (int i = 0; i < 3; i++) { // header, records, size
        next_is(&s, READ_ERROR);
        assert_int_equal(s.e.code, ERR_CHECKSUM);
    }
    next_is(&s, READ_EVENT);
    next_is(&s, READ_ERROR);
    assert_int_equal(s.e.code, ERR_CHECKSUM); // zeros
    next_is(&s, READ_END);
    session_end(&s);
}

// Chunks without records.
static void test_ends(void **state)
{
    (void)state;
    static struct maker m;
    struct session s;
    session_begin(&s, false);
    maker_init(&m);
    set_number(&m, 120, 4, 4);
    session_read(&s, &m, 4096);
    next_is(&s, READ_END); // a header and nothing else: no free space is stated
    memset(m.bytes, 0, sizeof m.bytes);
    session_read(&s, &m, 4096);
    next_is(&s, READ_END); // never used
    memcpy(m.bytes, "NoChunk", 8);
    session_read(&s, &m, 4096);
    next_is(&s, READ_ERROR);
    assert_int_equal(s.e.code, ERR_FORMAT);
    next_is(&s, READ_END);
    evtx_reader_start(s.r, slice_of("ElfChnk", 8), 0, false);
    next_is(&s, READ_ERROR);
    assert_int_equal(s.e.code, ERR_TRUNCATED);
    next_is(&s, READ_END);
    evtx_reader_start(s.r, (struct slice){0}, 0, false);
    next_is(&s, READ_END);
    session_end(&s);
}

static void test_header(void **state)
{
    (void)state;
    uint8_t bytes[EVTX_HEADER_SIZE] = "ElfFile";
    struct evtx_header h;
    struct err e;
    bytes[16] = 3;
    bytes[24] = 99;
    bytes[42] = 0xff;
    bytes[43] = 0xff;
    bytes[120] = 1 | 4;
    assert_true(evtx_recognise(slice_of(bytes, sizeof bytes)));
    assert_true(evtx_header_read(slice_of(bytes, sizeof bytes), &h, &e));
    assert_int_equal(h.last_chunk, 3);
    assert_int_equal(h.next_record, 99);
    assert_int_equal(h.chunk_count, 65535);
    assert_true(h.dirty && h.no_crc32 && !h.full && !h.checksum_ok);
    bytes[122] = 0x97; // junk in the flags: nothing is said about checksums
    assert_true(evtx_header_read(slice_of(bytes, sizeof bytes), &h, &e));
    assert_false(h.no_crc32);
    assert_false(evtx_header_read(slice_of(bytes, 100), &h, &e));
    assert_int_equal(e.code, ERR_TRUNCATED);
    bytes[0] = 'e';
    assert_false(evtx_header_read(slice_of(bytes, sizeof bytes), &h, &e));
    assert_int_equal(e.code, ERR_FORMAT);
    assert_false(evtx_recognise(slice_of(bytes, sizeof bytes)));
}

// A record with a template: an EventID that is value 0, in an element that depends on a value.
// Value 1 is null.
static void put_depending_id(struct maker *m, char guid, uint16_t dependency)
{
    begin_record(m);
    put_instance(m, m->at + 10);
    put_number(m, 0, 4);
    for (unsigned i = 0; i < 16; i++)
        put_number(m, (uint8_t)guid, 1);
    size_t size_at = m->at;
    put_number(m, 0, 4);
    m->templates = true;
    begin_fragment(m);
    open_element(m, "Event", false);
    token(m, CLOSE_START);
    open_element(m, "System", false);
    token(m, CLOSE_START);
    open_element_depending(m, "EventID", false, dependency);
    token(m, CLOSE_START);
    put_slot(m, 0, true);
    for (unsigned i = 0; i < 3; i++)
        token(m, END_ELEMENT);
    token(m, 0);
    m->templates = false;
    set_number(m, size_at, m->at - size_at - 4, 4);
    put_number(m, 2, 4);
    put_number(m, 0x00060002, 4);
    put_number(m, 0, 4);
    put_number(m, 4688, 2);
    end_record(m);
}

// Only an id that is there as a field, too, is plain: rules must not see what the event does not
// show.
static void test_plain_id(void **state)
{
    (void)state;
    static struct maker m;
    struct session s;
    session_begin(&s, false);
    maker_init(&m);
    put_depending_id(&m, 'a', 0xffff);
    put_depending_id(&m, 'b', 0);
    put_depending_id(&m, 'c', 1);
    session_read(&s, &m, 4096);
    for (unsigned i = 0; i < 3; i++) {
        next_is(&s, READ_EVENT);
        assert_int_equal(s.ev.system.event_id, i < 2 ? 4688 : 0);
        struct value v = event_value(&s.ev, shape_find(s.ev.shape, SLICE("EventID"), 0));
        assert_int_equal(v.type, i < 2 ? VALUE_UINT16 : VALUE_ABSENT);
        assert_int_equal(s.ev.system.plain_event_id, i < 2);
    }
    next_is(&s, READ_END);
    session_end(&s);
}

// Every length and start, against the definition bit by bit.
static void check_checksum(enum checksum_way way)
{
    uint8_t bytes[1100];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 167 + i / 3);
    for (size_t from = 0; from < 3; from++) {
        uint32_t sum = UINT32_MAX;
        for (size_t to = from; to < sizeof bytes; to++) {
            assert_int_equal(checksum_crc32_by(way, 0, slice_of(bytes + from, to - from)),
                             (uint32_t)~sum);
            uint32_t half = checksum_crc32_by(way, 0, slice_of(bytes + from, (to - from) / 2));
            size_t middle = from + (to - from) / 2;
            assert_int_equal(checksum_crc32_by(way, half, slice_of(bytes + middle, to - middle)),
                             (uint32_t)~sum);
            sum ^= bytes[to];
            for (int bit = 0; bit < 8; bit++)
                sum = sum >> 1 ^ (sum & 1 ? 0xedb88320u : 0);
        }
    }
}

static void test_checksum(void **state)
{
    (void)state;
    for (unsigned way = CHECKSUM_PLAIN; way <= checksum_best(); way++)
        check_checksum((enum checksum_way)way);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header),   cmocka_unit_test(test_texts),
        cmocka_unit_test(test_template), cmocka_unit_test(test_several_fragments),
        cmocka_unit_test(test_depth),    cmocka_unit_test(test_damage),
        cmocka_unit_test(test_doubtful), cmocka_unit_test(test_ends),
        cmocka_unit_test(test_checksum), cmocka_unit_test(test_plain_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
