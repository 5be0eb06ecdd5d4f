// SPDX-License-Identifier: Apache-2.0
// What the reader remembers of templates, names and streams, and what must not be mixed up by it.
#include "reader/evtx/test_maker.h"

// After it the definition, or, where that stands already, the values.
enum { INSTANCE_HEAD = 10 };
static void begin_instance(struct maker *m, size_t definition)
{
    token(m, 0x0c);
    token(m, 1);
    put_number(m, 0x1234, 4);
    put_number(m, definition, 4);
}

// With Event open; returns where it begins.
static size_t begin_definition(struct maker *m, const char *guid)
{
    size_t at = m->at;
    put_number(m, 0, 4);
    put(m, guid, 16);
    put_number(m, 0, 4);
    m->templates = true;
    begin_fragment(m);
    open_element(m, "Event", false);
    token(m, CLOSE_START);
    return at;
}

// Closes Event, what is in it, and what is in that.
static void end_definition(struct maker *m, size_t at)
{
    for (unsigned i = 0; i < 3; i++)
        token(m, END_ELEMENT);
    token(m, 0);
    m->templates = false;
    set_number(m, at + 20, m->at - at - 24, 4);
}

// A record with a template of its own: System with an EventID and a Computer of these two texts.
static void put_computer_record(struct maker *m, const char *guid, const char *computer,
                                const char *more)
{
    begin_record(m);
    begin_instance(m, m->at + INSTANCE_HEAD);
    size_t definition = begin_definition(m, guid);
    open_element(m, "System", false);
    token(m, CLOSE_START);
    open_element(m, "EventID", false);
    token(m, CLOSE_START);
    put_slot(m, 0, false);
    token(m, END_ELEMENT);
    open_element(m, "Computer", false);
    token(m, CLOSE_START);
    put_text(m, computer);
    if (*more)
        put_text(m, more);
    end_definition(m, definition);
    put_number(m, 1, 4);
    put_number(m, 2, 2);
    put_number(m, 0x06, 2);
    put_number(m, 7, 2);
    end_record(m);
}

// The next event has this computer. Returns the number of its constant texts.
static uint64_t next_has_computer(struct session *s, const char *computer)
{
    struct event_raw raw;
    next_is(s, READ_EVENT);
    assert_true(slice_equal_str(s->ev.system.computer, computer));
    assert_int_equal(s->ev.system.event_id, 7);
    char json[200];
    snprintf(json, sizeof json, "{\"Event\":{\"System\":{\"EventID\":7,\"Computer\":%s%s%s}}}",
             *computer ? "\"" : "", *computer ? computer : "null", *computer ? "\"" : "");
    assert_rendered(s, EVENT_FORMAT_JSON, json);
    snprintf(json, sizeof json,
             "<Event><System><EventID>7</EventID><Computer>%s</Computer></System></Event>",
             computer);
    assert_rendered(s, EVENT_FORMAT_XML, json);
    assert_true(s->ev.raw(&s->ev, &raw));
    return raw.layout;
}

static void test_computers(void **state)
{
    (void)state;
    static struct maker m;
    struct session s;
    session_begin(&s, false);
    uint64_t first = 0, second = 0;
    for (unsigned round = 0; round < 2; round++) {
        const char *guid = round ? "abcdefghijklmnop" : "0123456789abcdef";
        maker_init(&m);
        put_computer_record(&m, guid, "PC-1", "");
        put_computer_record(&m, guid, "PC-2", "");
        put_computer_record(&m, guid, "PC-123", "");
        put_computer_record(&m, guid, "", "");
        session_read(&s, &m, 4096);
        first = next_has_computer(&s, "PC-1");
        second = next_has_computer(&s, "PC-2");
        assert_int_not_equal(first, second);
        assert_int_not_equal(next_has_computer(&s, "PC-123"), second);
        next_has_computer(&s, "");
        next_is(&s, READ_END);
    }
    maker_init(&m);
    put_computer_record(&m, "ABCDEFGHIJKLMNOP", "PC-2", "");
    put_computer_record(&m, "ABCDEFGHIJKLMNOP", "PC-1", "");
    session_read(&s, &m, 4096);
    assert_int_equal(next_has_computer(&s, "PC-2"), second);
    assert_int_equal(next_has_computer(&s, "PC-1"), first);
    session_end(&s);
}

// Two texts in one element: the first is the template's own, and the second stays in it.
static void test_computer_in_pieces(void **state)
{
    (void)state;
    static struct maker m;
    struct session s;
    session_begin(&s, false);
    maker_init(&m);
    put_computer_record(&m, "0123456789abcdef", "PC-", "1");
    put_computer_record(&m, "0123456789abcdef", "pc-", "1");
    put_computer_record(&m, "0123456789abcdef", "PC-", "2");
    session_read(&s, &m, 4096);
    static const char *const expected[] = {"PC-1", "pc-1", "PC-2"};
    for (size_t i = 0; i < 3; i++) {
        next_is(&s, READ_EVENT);
        assert_true(slice_equal_str(s.ev.system.computer, expected[i]));
    }
    session_end(&s);
}

// A record of a template whose Data has constant text, or a Computer, left out by events of which
// the only value is null.
static void put_optional_record(struct maker *m, size_t *definition, const char *element,
                                bool shown)
{
    begin_record(m);
    begin_instance(m, *definition ? *definition : m->at + INSTANCE_HEAD);
    if (!*definition) {
        *definition = begin_definition(m, "0123456789abcdef");
        open_element(m, "EventData", false);
        token(m, CLOSE_START);
        open_element_depending(m, element, false, 0);
        token(m, CLOSE_START);
        put_text(m, "constant");
        end_definition(m, *definition);
    }
    put_number(m, 1, 4);
    put_number(m, shown ? 2 : 0, 2);
    put_number(m, shown ? 0x06 : 0x00, 2);
    if (shown)
        put_number(m, 7, 2);
    end_record(m);
}

// What is concluded from constant texts for all events of a layout must not be concluded from one
// that leaves them out.
static void test_optional_constants(void **state)
{
    (void)state;
    static struct maker m;
    static const char *const elements[] = {"Data", "Computer"};
    for (size_t k = 0; k < sizeof elements / sizeof *elements; k++) {
        struct session s;
        struct event_raw raw;
        size_t definition = 0;
        session_begin(&s, false);
        maker_init(&m);
        put_optional_record(&m, &definition, elements[k], false);
        put_optional_record(&m, &definition, elements[k], true);
        session_read(&s, &m, 4096);
        for (unsigned shown = 0; shown < 2; shown++) {
            next_is(&s, READ_EVENT);
            uint32_t field = shape_find(s.ev.shape, slice_from_str(elements[k]), 0);
            struct value v = event_value(&s.ev, field);
            assert_int_equal(v.type, shown ? VALUE_UTF8 : VALUE_ABSENT);
            assert_false(s.ev.raw(&s.ev, &raw));
        }
        next_is(&s, READ_END);
        session_end(&s);
    }
}

// An EventID that the event leaves out, because another value is null, is none for anybody.
static void test_event_id_left_out(void **state)
{
    (void)state;
    static struct maker m;
    struct session s;
    for (unsigned shown = 0; shown < 2; shown++) {
        session_begin(&s, false);
        maker_init(&m);
        begin_record(&m);
        begin_instance(&m, m.at + INSTANCE_HEAD);
        size_t definition = begin_definition(&m, "0123456789abcdef");
        open_element(&m, "System", false);
        token(&m, CLOSE_START);
        open_element_depending(&m, "EventID", false, 1);
        token(&m, CLOSE_START);
        put_slot(&m, 0, false);
        end_definition(&m, definition);
        put_number(&m, 2, 4);
        put_number(&m, 2, 2);
        put_number(&m, VALUE_UINT16, 2);
        put_number(&m, shown, 2);
        put_number(&m, shown ? VALUE_UINT8 : VALUE_NULL, 2);
        put_number(&m, 7, 2);
        put_number(&m, 0, shown);
        end_record(&m);
        session_read(&s, &m, 4096);
        next_is(&s, READ_EVENT);
        struct value id = event_value(&s.ev, shape_find(s.ev.shape, SLICE("EventID"), 0));
        assert_int_equal(id.type, shown ? VALUE_UINT16 : VALUE_ABSENT);
        assert_int_equal(s.ev.system.event_id, shown ? 7 : 0);
        assert_true(shown || !s.ev.system.plain_event_id);
        session_end(&s);
    }
}

// A record whose Channel, which hangs on it, is one value of this type. Returns where its bytes
// are.
static size_t put_typed_record(struct maker *m, uint8_t type)
{
    maker_init(m);
    begin_record(m);
    begin_instance(m, m->at + INSTANCE_HEAD);
    size_t definition = begin_definition(m, "0123456789abcdef");
    open_element(m, "System", false);
    token(m, CLOSE_START);
    open_element_depending(m, "Channel", false, 0);
    token(m, CLOSE_START);
    put_slot(m, 0, true);
    end_definition(m, definition);
    put_number(m, 1, 4);
    put_number(m, 2, 2);
    put_number(m, type, 2);
    put(m, "a\xff", 2);
    end_record(m);
    return m->at - 4 - 1 - 2;
}

// Among them the numbers that we use ourselves: a field is not hidden by one, nor is any text
// brought in that is none.
static void test_types_of_no_windows(void **state)
{
    (void)state;
    static const uint8_t types[] = {
        VALUE_ABSENT, VALUE_UTF8, 0x16,        0x20, 0x22,
        0x3e,         0x3f,       VALUE_ARRAY, 0x96, VALUE_ARRAY | VALUE_UTF8,
        0xff};
    static struct maker m;
    char told[32];
    struct session s;
    session_begin(&s, false);
    for (size_t i = 0; i < sizeof types; i++) {
        size_t at = put_typed_record(&m, types[i]);
        session_read(&s, &m, 4096);
        next_is(&s, READ_EVENT);
        assert_int_equal(event_value(&s.ev, 0).type, VALUE_BINARY);
        assert_true(slice_equal_str(s.ev.system.channel, "61FF"));
        assert_rendered(&s, EVENT_FORMAT_JSON, "{\"Event\":{\"System\":{\"Channel\":\"61FF\"}}}");
        next_is(&s, READ_ERROR);
        assert_int_equal(s.e.code, ERR_FORMAT);
        assert_int_equal(s.e.offset, 4096 + at);
        snprintf(told, sizeof told, "record 1: a value of type 0x%02x", types[i]);
        assert_ptr_equal(strstr(s.e.message, told), s.e.message);
        next_is(&s, READ_END);
    }
    put_typed_record(&m, VALUE_UINT16);
    session_read(&s, &m, 4096);
    next_is(&s, READ_EVENT);
    next_is(&s, READ_END);
    session_end(&s);
}

// A record without a template: one Data of this name and text.
static void put_stream_record(struct maker *m, const char *name, const char *text)
{
    begin_record(m);
    begin_event(m, "5");
    open_data(m, name);
    put_text(m, text);
    token(m, END_ELEMENT);
    end_event(m);
    end_record(m);
}

static void next_has_data(struct session *s, const char *name, const char *text)
{
    char json[200];
    next_is(s, READ_EVENT);
    snprintf(json, sizeof json,
             "{\"Event\":{\"System\":{\"EventID\":\"5\"},\"EventData\":{\"%s\":\"%s\"}}}", name,
             text);
    assert_rendered(s, EVENT_FORMAT_JSON, json);
    assert_int_equal(s->ev.system.event_id, 5);
    assert_int_not_equal(shape_find(s->ev.shape, slice_from_str(name), 0),
                         s->ev.shape->field_count);
}

static void test_streams(void **state)
{
    (void)state;
    static struct maker m;
    struct session s;
    session_begin(&s, false);
    for (unsigned round = 0; round < 2; round++) {
        maker_init(&m);
        if (round) // other places in the second chunk
            put_stream_record(&m, "C", "x");
        put_stream_record(&m, "A", "x");
        put_stream_record(&m, "A", "another text");
        put_stream_record(&m, "B", "x");
        if (round)
            put_stream_record(&m, "B", "");
        put_stream_record(&m, "A", "y");
        session_read(&s, &m, 4096);
        if (round)
            next_has_data(&s, "C", "x");
        next_has_data(&s, "A", "x");
        next_has_data(&s, "A", "another text");
        next_has_data(&s, "B", "x");
        if (round)
            next_has_data(&s, "B", "");
        next_has_data(&s, "A", "y");
        next_is(&s, READ_END);
    }
    session_end(&s);
}

// A stream that is known but for being cut short, or for one more end, is an error as it was.
static void test_streams_damaged(void **state)
{
    (void)state;
    static struct maker m;
    struct session s;
    session_begin(&s, false);
    maker_init(&m);
    put_stream_record(&m, "A", "x");
    begin_record(&m);
    begin_event(&m, "5");
    open_data(&m, "A");
    put_number(&m, 0x0105, 2);
    put_number(&m, 500, 2);
    end_record(&m);
    begin_record(&m);
    begin_event(&m, "5");
    end_event(&m);
    token(&m, END_ELEMENT);
    end_record(&m);
    put_stream_record(&m, "A", "y");
    session_read(&s, &m, 4096);
    next_has_data(&s, "A", "x");
    next_is(&s, READ_ERROR);
    assert_int_equal(s.e.code, ERR_TRUNCATED);
    next_is(&s, READ_ERROR);
    assert_int_equal(s.e.code, ERR_FORMAT);
    next_has_data(&s, "A", "y");
    next_is(&s, READ_END);
    session_end(&s);
}

// The bytes from here on are a definition at every fourth: one word, again and again, is its GUID,
// its size and its body, which ends at once.
enum { OVERLAPPING = 8192, OVERLAPPING_SIZE = 0x7000 };

static void put_overlapping(struct maker *m, unsigned records, uint8_t last)
{
    maker_init(m);
    for (unsigned i = 0; i < records; i++) {
        begin_record(m);
        token(m, 0x0c);
        token(m, 1);
        put_number(m, 0x1234, 4);
        put_number(m, OVERLAPPING + 4 * i, 4);
        put_number(m, 0, 4);
        end_record(m);
    }
    for (size_t at = OVERLAPPING; at < sizeof m->bytes; at += 4)
        set_number(m, at, OVERLAPPING_SIZE, 4);
    if (last)
        m->bytes[OVERLAPPING + 24 + OVERLAPPING_SIZE - 1] = last;
}

// Definitions that lie one over the other and differ from many known ones only at their ends must
// not be compared without end.
static void test_overlapping_definitions(void **state)
{
    (void)state;
    enum { KNOWN = 32, RECORDS = 100 };
    static struct maker m;
    struct session s;
    session_begin(&s, false);
    for (unsigned i = 0; i < KNOWN; i++) {
        put_overlapping(&m, 1, (uint8_t)i);
        session_read(&s, &m, 4096);
        next_is(&s, READ_ERROR);
        assert_int_equal(s.e.code, ERR_FORMAT); // it has no element
    }
    put_overlapping(&m, RECORDS, 0); // as the first, which is compared with last
    session_read(&s, &m, 4096);
    unsigned limited = 0;
    for (unsigned i = 0; i < RECORDS; i++) {
        next_is(&s, READ_ERROR);
        limited += s.e.code == ERR_LIMIT;
    }
    assert_in_range(limited, RECORDS / 2, RECORDS - 1);
    next_is(&s, READ_END);
    session_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_computers),           cmocka_unit_test(test_computer_in_pieces),
        cmocka_unit_test(test_optional_constants),  cmocka_unit_test(test_event_id_left_out),
        cmocka_unit_test(test_types_of_no_windows), cmocka_unit_test(test_streams),
        cmocka_unit_test(test_streams_damaged),     cmocka_unit_test(test_overlapping_definitions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
