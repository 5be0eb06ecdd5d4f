// SPDX-License-Identifier: Apache-2.0
// Runs the operations that json.c makes of a layout: where most of the time of writing JSON is
// spent.
//
// The place to write to, `to`, and the end of the room, `limit`, are kept in variables of their own
// and not in the buffer: a byte that is written could otherwise, for all the compiler knows, be
// part of the buffer's own description, which it would have to load again after each. What is rare
// (arrays, texts of several pieces) works on the buffer; the place is handed over and taken back
// around it.
#include "base/digits.h"
#include "reader/evtx/internal.h"
#include "reader/evtx/json_ops.h"
#include "reader/evtx/put_unsigned.h"

#define ATTRIBUTES_OPEN "{\"#attributes\":{"

enum { OP_ROOM = 64 }; // what an operation adds around its literals and value, at most

static bool is_bare(uint8_t type)
{
    return (type >= VALUE_INT8 && type <= VALUE_UINT64) || type == VALUE_BOOL;
}

// A value that is no array, where there is room for it.
static uint8_t *write_scalar(uint8_t *p, struct value v)
{
    if (is_bare(v.type)) {
        uint8_t *end = value_put(p, v, TEXT_JSON);
        if (end != p)
            return end;
        *p++ = '"'; // too short for its type
        *p++ = '"';
        return p;
    }
    *p++ = '"';
    p = value_put(p, v, TEXT_JSON);
    *p++ = '"';
    return p;
}

// The same, or nothing for an empty value. The types that nearly all values have stand here.
static inline uint8_t *put_value(uint8_t *to, const struct value *v)
{
    struct slice raw = v->raw;
    switch (v->type) {
    case VALUE_UTF16:
        raw = text_trim_utf16(raw);
        if (raw.len == 0)
            return to;
        *to++ = '"';
        to = text_put_utf16_json(to, raw);
        *to++ = '"';
        return to;
    case VALUE_NULL:
        return to;
        PUT_UNSIGNED_CASES(to, raw);
    case VALUE_HEX64:
        if (raw.len != 8)
            break;
        memcpy(to, "\"0x", 3);
        to = digits_hex_u64(to + 3, le64(raw.at));
        *to++ = '"';
        return to;
    default:
        break;
    }
    return value_is_empty(*v) ? to : write_scalar(to, *v);
}

static void append_scalar(struct buf *out, struct value v)
{
    uint8_t *end = write_scalar(text_room(out, VALUE_ROOM(v)), v); // which may move out->at
    out->len = (size_t)(end - out->at);
}

// An array among unnamed Data, or of a named one: its elements, each with a comma. Returns their
// number.
static size_t append_elements(struct buf *out, struct value v)
{
    size_t pos = 0, count = 0;
    for (struct value element; value_next_element(v, &pos, &element); count++) {
        append_scalar(out, element);
        buf_byte(out, ',');
    }
    return count;
}

// An element that an array repeats: its key again and again, numbered.
static void append_repeated(struct buf *out, const struct program *p, const struct op *op,
                            struct value v)
{
    size_t pos = 0;
    unsigned count = 0;
    for (struct value element; value_next_element(v, &pos, &element); count++) {
        if (count) {
            program_append(out, p, op->before, op->before_len - 2);
            buf_printf(out, "_%u\":", count);
        }
        append_scalar(out, element);
        buf_byte(out, ',');
    }
}

// A list of one is shown as that one.
static void append_list(struct buf *out, struct value v)
{
    size_t start = out->len;
    buf_byte(out, '[');
    size_t count = append_elements(out, v);
    if (count == 1) {
        memmove(out->at + start, out->at + start + 1, out->len - start - 1);
        out->len -= 2;
    } else {
        out->at[out->len - 1] = ']';
    }
}

// A member whose value is an array; its key is written.
static void append_array_member(struct buf *out, const struct program *p, const struct op *op,
                                struct value v)
{
    if (op->flags & FLAG_LIST) {
        append_list(out, v);
    } else if (op->before_len >= 3 && p->text[op->before + op->before_len - 1] == ':') {
        append_repeated(out, p, op, v);
        return;
    } else {
        append_scalar(out, v);
    }
    buf_byte(out, ',');
}

// Appends a short constant where there is room for it.
#define PUT(to, literal) (memcpy((to), (literal), sizeof(literal) - 1), (to) + sizeof(literal) - 1)

static inline uint8_t *put_close(uint8_t *to, const struct op *op)
{
    if (to[-1] != ',') // everything in it was left out
        return PUT(to - 1, "null,");
    to[-1] = op->flags & FLAG_LIST ? ']' : '}';
    *to = ',';
    return to + 1;
}

// Ends "#attributes"; *shown false when there were none, and then takes its opening back.
static inline uint8_t *end_attributes(uint8_t *to, bool *shown)
{
    *shown = to[-1] != '{';
    if (!*shown)
        return to - (sizeof(ATTRIBUTES_OPEN) - 1);
    to[-1] = '}';
    return to;
}

static inline uint8_t *put_end_text(uint8_t *to, const struct value *v)
{
    bool attributes;
    to = end_attributes(to, &attributes);
    if (value_is_empty(*v)) {
        if (!attributes)
            to = PUT(to, "null");
    } else {
        if (attributes)
            to = PUT(to, ",\"#text\":");
        to = put_value(to, v);
    }
    if (attributes)
        *to++ = '}';
    *to = ',';
    return to + 1;
}

// What has to be remembered between the operations on a text of pieces and on unnamed Data.
struct run {
    struct buf *out;
    size_t string; // where the string of pieces begins
    size_t member; // and where the key before it
    size_t data;   // where unnamed Data begin
    size_t data_count;
    bool attributes; // of the element whose text comes in pieces
};

static void run_data_item(struct run *run, const struct program *p, const struct op *op,
                          struct value v)
{
    program_append(run->out, p, op->before, op->before_len); // of the items before
    if (op->flags & FLAG_PIECES) {
        run->data_count++;
    } else if (v.type >= VALUE_ARRAY) {
        run->data_count += append_elements(run->out, v);
    } else {
        if (value_is_empty(v))
            program_append(run->out, p, op->after, op->after_len);
        else
            append_scalar(run->out, v);
        buf_byte(run->out, ',');
        run->data_count++;
    }
}

static const char data_open[] = "\"Data\":{\"#text\":[";

static void run_data_end(struct run *run)
{
    struct buf *out = run->out;
    size_t items = run->data + sizeof data_open - 1;
    if (run->data_count == 0) {
        out->len = run->data;
    } else if (run->data_count == 1) {
        memmove(out->at + items - 1, out->at + items, out->len - items);
        out->len--;
        out->at[out->len - 1] = '}';
        buf_byte(out, ',');
    } else {
        out->at[out->len - 1] = ']';
        buf_str(out, "},");
    }
}

static void run_string_end(struct run *run, const struct program *p, const struct op *op)
{
    struct buf *out = run->out;
    program_append(out, p, op->before, op->before_len);
    if (out->len == run->string + 1) {
        out->len--;
        if (op->flags & FLAG_DROP_EMPTY) {
            out->len = run->member;
            return;
        }
        program_append(out, p, op->after, op->after_len);
    } else {
        buf_byte(out, '"');
    }
    buf_byte(out, ',');
}

// What an element without attributes and text of its own turns out to be.
static void run_close_pieces(struct run *run)
{
    struct buf *out = run->out;
    if (!run->attributes)
        return;
    out->at[out->len - 1] = '}';
    buf_byte(out, ',');
}

// The operations that are rare; they work on the buffer.
[[gnu::noinline]] static void run_rare(struct run *run, const struct program *p,
                                       const struct op *op, struct value v)
{
    struct buf *out = run->out;
    switch ((enum json_code)op->code) {
    case JSON_STRING:
        run->member = out->len;
        program_append(out, p, op->before, op->before_len);
        run->string = out->len;
        buf_byte(out, '"');
        break;
    case JSON_PIECE:
        program_append(out, p, op->before, op->before_len);
        value_append_escaped(out, v, TEXT_JSON);
        break;
    case JSON_STRING_END:
        run_string_end(run, p, op);
        break;
    case JSON_DATA:
        program_append(out, p, op->before, op->before_len);
        run->data = out->len;
        run->data_count = 0;
        buf_str(out, data_open);
        break;
    case JSON_DATA_ITEM:
        run_data_item(run, p, op, v);
        break;
    case JSON_DATA_END:
        program_append(out, p, op->before, op->before_len);
        run_data_end(run);
        break;
    case JSON_END_TEXT_PIECES: {
        program_append(out, p, op->before, op->before_len);
        uint8_t *to = end_attributes(out->at + out->len, &run->attributes);
        out->len = (size_t)(to - out->at);
        if (run->attributes)
            buf_str(out, ",\"#text\":");
        break;
    }
    case JSON_CLOSE:
        program_append(out, p, op->before, op->before_len);
        run_close_pieces(run);
        break;
    case JSON_MEMBER: // its key stands already
        append_array_member(out, p, op, v);
        break;
    default:
        break;
    }
}

// A member whose value is no array.
static inline uint8_t *put_member(uint8_t *to, const struct program *p, const struct op *op,
                                  const struct value *v)
{
    uint8_t *end = put_value(to, v);
    if (end == to)
        end = program_put(to, p, op->after, op->after_len);
    *end = ',';
    return end + 1;
}

// A member that is left out when there is nothing to show; its key begins at `start`.
static inline uint8_t *put_text_member(uint8_t *to, const struct value *v, uint8_t *start)
{
    uint8_t *end = put_value(to, v);
    if (end == to || (end - to == 2 && *to == '"'))
        return start;
    *end = ',';
    return end + 1;
}

// Whether the operation works on the buffer.
static inline bool is_rare(const struct op *op, const struct value *v)
{
    switch ((enum json_code)op->code) {
    case JSON_MEMBER:
        return v->type >= VALUE_ARRAY && v->raw.len;
    case JSON_CLOSE:
        return op->flags & FLAG_PIECES;
    default:
        return op->code >= JSON_FIRST_RARE;
    }
}

// One operation, where there is room; its literal is written. *skip: operations to jump over.
static inline uint8_t *put_op(uint8_t *to, const struct program *p, const struct op *op,
                              const struct value *v, uint32_t *skip)
{
    bool attributes;
    switch ((enum json_code)op->code) {
    case JSON_MEMBER:
        return put_member(to, p, op, v);
    case JSON_TEXT_MEMBER:
        return put_text_member(to, v, to - op->before_len);
    case JSON_SKIP_NULL:
        *skip = v->type == VALUE_NULL ? op->after : 0;
        return to;
    case JSON_CLOSE:
        return put_close(to, op);
    case JSON_ATTRIBUTES:
        return PUT(to, ATTRIBUTES_OPEN);
    case JSON_END_EMPTY:
        to = end_attributes(to, &attributes);
        return attributes ? PUT(to, "},") : PUT(to, "null,");
    case JSON_END_TEXT:
        return put_end_text(to, v);
    case JSON_END_CHILDREN:
        to = end_attributes(to, &attributes);
        *to = attributes ? ',' : '{';
        return to + 1;
    default:
        return to;
    }
}

void json_run(const struct evtx_reader *r, const struct program *p, struct buf *out)
{
    struct run run = {.out = out};
    uint8_t *to = text_room(out, OP_ROOM), *limit = out->at + out->capacity;
    const struct op *end = p->ops + p->count;
    for (const struct op *op = p->ops; op < end; op++) {
        const struct value *v = &r->values.items[op->value];
        uint32_t skip = 0;
        size_t room = VALUE_ROOM(*v) + op->before_len + op->after_len + 2 * PROGRAM_PAD + OP_ROOM;
        if ((size_t)(limit - to) < room) {
            out->len = (size_t)(to - out->at);
            to = buf_reserve(out, room);
            limit = out->at + out->capacity;
        }
        bool rare = is_rare(op, v);
        if (!rare || op->code == JSON_MEMBER)
            to = program_put(to, p, op->before, op->before_len);
        if (!rare) {
            to = put_op(to, p, op, v, &skip);
            op += skip;
            continue;
        }
        out->len = (size_t)(to - out->at);
        run_rare(&run, p, op, *v);
        to = out->at + out->len;
        limit = out->at + out->capacity;
    }
    out->len = (size_t)(to - out->at) - 1; // without the comma of the last member
}
