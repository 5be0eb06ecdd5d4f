// SPDX-License-Identifier: Apache-2.0
// Any bytes as a log: all chunks, with and without recovery; every event rendered both ways and all
// its values taken. What holds for every event is asserted.
#include "reader/evtx/evtx.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

// JSON that is one object on one line of valid UTF-8; XML that is one line.
static void check_rendered(const struct event *ev, struct buf *b)
{
    buf_clear(b);
    ev->render(ev, EVENT_FORMAT_JSON, b);
    check(b->len >= 2 && b->at[0] == '{' && b->at[b->len - 1] == '}');
    for (size_t i = 0; i < b->len; i++)
        check(b->at[i] >= 0x20);
    buf_clear(b);
    ev->render(ev, EVENT_FORMAT_XML, b);
    check(b->len >= 2 && b->at[0] == '<' && b->at[b->len - 1] == '>');
    check(!memchr(b->at, '\n', b->len) && !memchr(b->at, 0, b->len));
}

// Types of Windows and our own two, whatever the log says.
static bool is_known_type(uint8_t type)
{
    return type <= VALUE_HEX64 || type == VALUE_BINXML || type == VALUE_UTF8 ||
           type == VALUE_ABSENT || (type > VALUE_ARRAY && type <= (VALUE_ARRAY | VALUE_HEX64));
}

static void check_values(const struct event *ev, struct arena *a)
{
    struct value elements[4];
    bool negative;
    uint64_t magnitude;
    for (uint32_t i = 0; i <= ev->shape->field_count; i++) {
        struct value v = event_value(ev, i);
        check(i < ev->shape->field_count || v.type == VALUE_ABSENT);
        check(is_known_type(v.type));
        struct slice text = value_text(a, v);
        check(text.len == 0 || text.at);
        (void)value_elements(v, elements, 4);
        (void)value_number(v, &negative, &magnitude);
    }
    arena_reset(a);
}

static void read_chunk(struct evtx_reader *r, struct slice chunk, uint64_t offset, bool no_crc32,
                       struct buf *b, struct arena *a)
{
    // An over-read of the chunk is seen only in a block of its exact size.
    uint8_t *exact = malloc(chunk.len ? chunk.len : 1);
    check(exact);
    memcpy(exact, chunk.at, chunk.len);
    evtx_reader_start(r, slice_of(exact, chunk.len), offset, no_crc32);
    struct event ev;
    struct err e = {0};
    size_t steps = 0;
    for (enum read_result got; (got = evtx_reader_next(r, &ev, &e)) != READ_END;) {
        check(++steps <= EVTX_CHUNK_SIZE + 8);
        if (got == READ_ERROR) {
            check(e.code != ERR_NONE && e.message[0] && e.offset <= offset + chunk.len);
            continue;
        }
        check(ev.shape->id < evtx_reader_shape_count(r));
        check(ev.origin.offset >= offset &&
              ev.origin.offset + ev.origin.size <= offset + chunk.len);
        check_rendered(&ev, b);
        check_values(&ev, a);
    }
    check(evtx_reader_next(r, &ev, &e) == READ_END);
    free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice file = slice_of(data, size);
    struct evtx_header header = {0};
    struct err e = {0};
    size_t at =
        evtx_header_read(slice_sub(file, 0, EVTX_HEADER_SIZE), &header, &e) ? EVTX_HEADER_SIZE : 0;
    (void)evtx_recognise(file);
    struct buf b = {0};
    struct arena a;
    arena_init(&a, 0);
    for (int recover = 0; recover < 2; recover++) {
        struct evtx_options options = {.recover = recover};
        struct evtx_reader *r = evtx_reader_create(&options);
        for (size_t from = at; from < size; from += EVTX_CHUNK_SIZE)
            read_chunk(r, slice_sub(file, from, from + EVTX_CHUNK_SIZE), from, header.no_crc32, &b,
                       &a);
        evtx_reader_destroy(r);
    }
    buf_free(&b);
    arena_free(&a);
    return 0;
}
