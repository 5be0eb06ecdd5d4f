// SPDX-License-Identifier: Apache-2.0
// For tests: chunks written byte by byte, and a reader on them.
#ifndef VIGIE_READER_EVTX_TEST_MAKER_H
#define VIGIE_READER_EVTX_TEST_MAKER_H

#include "reader/evtx/evtx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

// A chunk being written. Records have their sizes filled in by end_record.
struct maker {
    uint8_t bytes[EVTX_CHUNK_SIZE];
    size_t at;
    size_t record;
    uint64_t next;
    bool templates; // elements carry a dependency id
};

static inline void put(struct maker *m, const void *bytes, size_t len)
{
    assert_true(m->at + len <= sizeof m->bytes);
    memcpy(m->bytes + m->at, bytes, len);
    m->at += len;
}

static inline void put_number(struct maker *m, uint64_t n, size_t width)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(n >> (8 * i));
    put(m, bytes, width);
}

static inline void set_number(struct maker *m, size_t at, uint64_t n, size_t width)
{
    size_t back = m->at;
    m->at = at;
    put_number(m, n, width);
    m->at = back;
}

static inline void put_utf16(struct maker *m, const char *ascii)
{
    for (; *ascii; ascii++)
        put_number(m, (uint8_t)*ascii, 2);
}

// A name that stands here; its chain links back to itself, as a hostile one may.
static inline void put_name(struct maker *m, const char *name)
{
    put_number(m, m->at + 4, 4);
    put_number(m, m->at, 4);
    put_number(m, 0, 2);
    put_number(m, strlen(name), 2);
    put_utf16(m, name);
    put_number(m, 0, 2);
}

static inline void open_element_depending(struct maker *m, const char *name, bool attributes,
                                          uint16_t dependency)
{
    put_number(m, attributes ? 0x41 : 0x01, 1);
    if (m->templates)
        put_number(m, dependency, 2);
    put_number(m, 0x7fffffff, 4); // a size that means nothing
    put_name(m, name);
    if (attributes)
        put_number(m, 0, 4);
}

static inline void open_element(struct maker *m, const char *name, bool attributes)
{
    open_element_depending(m, name, attributes, 0xffff);
}

static inline void put_attribute(struct maker *m, const char *name)
{
    put_number(m, 0x06, 1);
    put_name(m, name);
}

static inline void put_text(struct maker *m, const char *text)
{
    put_number(m, 0x05, 1);
    put_number(m, 0x01, 1);
    put_number(m, strlen(text), 2);
    put_utf16(m, text);
}

static inline void put_slot(struct maker *m, uint16_t slot, bool optional)
{
    put_number(m, optional ? 0x0e : 0x0d, 1);
    put_number(m, slot, 2);
    put_number(m, 0, 1);
}

static inline void token(struct maker *m, uint8_t t)
{
    put_number(m, t, 1);
}

enum { CLOSE_START = 2, CLOSE_EMPTY = 3, END_ELEMENT = 4 };

static inline void begin_fragment(struct maker *m)
{
    put(m, "\x0f\x01\x01", 4);
}

static inline void maker_init(struct maker *m)
{
    memset(m, 0, sizeof *m);
    memcpy(m->bytes, "ElfChnk", 8);
    m->at = 512;
    m->next = 1;
}

static inline void begin_record(struct maker *m)
{
    m->record = m->at;
    put(m, "\x2a\x2a\0", 4);
    put_number(m, 0, 4);
    put_number(m, m->next++, 8);
    put_number(m, 0x01db2ad68ee52d15, 8);
    begin_fragment(m);
}

static inline void end_record(struct maker *m)
{
    token(m, 0);
    size_t size = m->at + 4 - m->record;
    set_number(m, m->record + 4, size, 4);
    put_number(m, size, 4);
    set_number(m, 48, m->at, 4);
    set_number(m, 32, m->next - 1, 8);
    set_number(m, 120, 4, 4); // no checksums
}

// <Event><System><EventID>id</EventID></System> and an open EventData.
static inline void begin_event(struct maker *m, const char *id)
{
    open_element(m, "Event", false);
    token(m, CLOSE_START);
    open_element(m, "System", false);
    token(m, CLOSE_START);
    open_element(m, "EventID", false);
    token(m, CLOSE_START);
    put_text(m, id);
    token(m, END_ELEMENT);
    token(m, END_ELEMENT);
    open_element(m, "EventData", false);
    token(m, CLOSE_START);
}

static inline void end_event(struct maker *m)
{
    token(m, END_ELEMENT);
    token(m, END_ELEMENT);
}

static inline void open_data(struct maker *m, const char *name)
{
    open_element(m, "Data", true);
    put_attribute(m, "Name");
    put_text(m, name);
    token(m, CLOSE_START);
}

// A reader on exactly the bytes used, rounded up to none: over-reads are seen by sanitizers.
struct session {
    struct evtx_reader *r;
    uint8_t *exact;
    struct event ev;
    struct err e;
    struct buf out;
};

static inline void session_begin(struct session *s, bool recover)
{
    struct evtx_options options = {.recover = recover};
    *s = (struct session){.r = evtx_reader_create(&options)};
}

static inline void session_read(struct session *s, const struct maker *m, uint64_t offset)
{
    free(s->exact);
    s->exact = malloc(EVTX_CHUNK_SIZE);
    assert_non_null(s->exact);
    memcpy(s->exact, m->bytes, EVTX_CHUNK_SIZE);
    evtx_reader_start(s->r, slice_of(s->exact, EVTX_CHUNK_SIZE), offset, false);
}

static inline void session_end(struct session *s)
{
    evtx_reader_destroy(s->r);
    free(s->exact);
    buf_free(&s->out);
}

static inline void assert_rendered(struct session *s, enum event_format format,
                                   const char *expected)
{
    buf_clear(&s->out);
    s->ev.render(&s->ev, format, &s->out);
    buf_byte(&s->out, 0);
    assert_string_equal((const char *)s->out.at, expected);
}

static inline void next_is(struct session *s, enum read_result expected)
{
    enum read_result got = evtx_reader_next(s->r, &s->ev, &s->e);
    if (got == READ_ERROR && expected != READ_ERROR)
        print_message("%s\n", s->e.message);
    assert_int_equal(got, expected);
}

#endif
