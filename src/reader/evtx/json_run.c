// SPDX-License-Identifier: Apache-2.0
// Runs the operations that json.c makes of a layout: where most of the time of writing JSON is
// spent.
#include "reader/evtx/internal.h"
#include "reader/evtx/json_ops.h"

#define ATTRIBUTES_OPEN "{\"#attributes\":{"

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

static void put_scalar(struct buf *out, struct value v)
{
    out->len = (size_t)(write_scalar(text_room(out, VALUE_ROOM(v)), v) - out->at);
}

// An array among unnamed Data, or of a named one: its elements, each with a comma. Returns their
// number.
static size_t put_elements(struct buf *out, struct value v)
{
    size_t pos = 0, count = 0;
    for (struct value element; value_next_element(v, &pos, &element); count++) {
        put_scalar(out, element);
        buf_byte(out, ',');
    }
    return count;
}

// An element that an array repeats: its key again and again, numbered.
static void put_repeated(struct buf *out, const struct program *p, const struct op *op,
                         struct value v)
{
    size_t pos = 0;
    unsigned count = 0;
    for (struct value element; value_next_element(v, &pos, &element); count++) {
        if (count) {
            program_append(out, p, op->before, op->before_len - 2);
            buf_printf(out, "_%u\":", count);
        }
        put_scalar(out, element);
        buf_byte(out, ',');
    }
}

// A member whose value is an array.
static void run_array_member(struct buf *out, const struct program *p, const struct op *op,
                             struct value v)
{
    program_append(out, p, op->before, op->before_len);
    if (op->flags & FLAG_LIST) {
        size_t start = out->len;
        buf_byte(out, '[');
        size_t count = put_elements(out, v);
        if (count == 1) { // a list of one is shown as that one
            memmove(out->at + start, out->at + start + 1, out->len - start - 1);
            out->len -= 2;
        } else {
            out->at[out->len - 1] = ']';
        }
    } else if (op->before_len >= 3 && p->text[op->before + op->before_len - 1] == ':') {
        put_repeated(out, p, op, v);
        return;
    } else {
        put_scalar(out, v);
    }
    buf_byte(out, ',');
}

// The operation that nearly all are.
static inline void run_member(struct buf *out, const struct program *p, const struct op *op,
                              const struct value *v)
{
    uint8_t *to = text_room(out, VALUE_ROOM(*v) + op->before_len + op->after_len + 2 * PROGRAM_PAD);
    struct slice text = v->raw;
    switch (v->type) {
    case VALUE_UTF16:
        to = program_put(to, p, op->before, op->before_len);
        text = text_trim_utf16(text);
        if (text.len == 0)
            break;
        *to++ = '"';
        to = text_put_utf16(to, text, TEXT_JSON);
        *to++ = '"';
        *to++ = ',';
        out->len = (size_t)(to - out->at);
        return;
    case VALUE_NULL:
        to = program_put(to, p, op->before, op->before_len);
        break;
    default:
        if (v->type >= VALUE_ARRAY && v->raw.len) {
            run_array_member(out, p, op, *v);
            return;
        }
        to = program_put(to, p, op->before, op->before_len);
        if (value_is_empty(*v))
            break;
        to = write_scalar(to, *v);
        *to++ = ',';
        out->len = (size_t)(to - out->at);
        return;
    }
    to = program_put(to, p, op->after, op->after_len);
    *to++ = ',';
    out->len = (size_t)(to - out->at);
}

// A member that is left out when there is nothing to show.
static inline void run_text_member(struct buf *out, const struct program *p, const struct op *op,
                                   struct value v)
{
    if (value_is_empty(v))
        return;
    uint8_t *to = text_room(out, VALUE_ROOM(v) + op->before_len + PROGRAM_PAD);
    to = program_put(to, p, op->before, op->before_len);
    uint8_t *end = write_scalar(to, v);
    if (end - to == 2 && *to == '"')
        return;
    *end++ = ',';
    out->len = (size_t)(end - out->at);
}

static void run_close(struct buf *out, const struct op *op)
{
    if (out->at[out->len - 1] != ',') { // everything in it was left out
        out->len--;
        buf_str(out, "null,");
        return;
    }
    out->at[out->len - 1] = op->flags & FLAG_LIST ? ']' : '}';
    *text_room(out, 1) = ',';
    out->len++;
}

// Ends "#attributes"; false when there were none, and then takes its opening back.
static bool end_attributes(struct buf *out)
{
    if (out->at[out->len - 1] == '{') {
        out->len -= sizeof(ATTRIBUTES_OPEN) - 1;
        return false;
    }
    out->at[out->len - 1] = '}';
    return true;
}

static void run_end_text(struct buf *out, struct value v)
{
    bool attributes = end_attributes(out);
    bool empty = value_is_empty(v);
    if (attributes && !empty)
        buf_str(out, ",\"#text\":");
    if (!empty)
        put_scalar(out, v);
    else if (!attributes)
        buf_str(out, "null");
    buf_str(out, attributes ? "}," : ",");
}

// What has to be remembered between operations.
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
        run->data_count += put_elements(run->out, v);
    } else {
        if (value_is_empty(v))
            program_append(run->out, p, op->after, op->after_len);
        else
            put_scalar(run->out, v);
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

// Appends a short constant, where program_append has made room.
static inline void append(struct buf *out, const char *text, size_t len)
{
    memcpy(text_room(out, len), text, len);
    out->len += len;
}

#define APPEND(out, literal) append((out), (literal), sizeof(literal) - 1)

static void run_piece(struct run *run, const struct program *p, const struct op *op, struct value v)
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
    case JSON_DATA_ITEM:
        run_data_item(run, p, op, v);
        break;
    case JSON_DATA_END:
        program_append(out, p, op->before, op->before_len);
        run_data_end(run);
        break;
    default:
        break;
    }
}

static void run_op(struct run *run, const struct op *op, struct value v)
{
    struct buf *out = run->out;
    switch ((enum json_code)op->code) {
    case JSON_CLOSE:
        run_close(out, op);
        break;
    case JSON_ATTRIBUTES:
        APPEND(out, ATTRIBUTES_OPEN);
        break;
    case JSON_END_EMPTY:
        if (end_attributes(out))
            APPEND(out, "},");
        else
            APPEND(out, "null,");
        break;
    case JSON_END_TEXT:
        run_end_text(out, v);
        break;
    case JSON_END_TEXT_PIECES:
        run->attributes = end_attributes(out);
        if (run->attributes)
            APPEND(out, ",\"#text\":");
        break;
    case JSON_END_CHILDREN:
        append(out, end_attributes(out) ? "," : "{", 1);
        break;
    case JSON_DATA:
        run->data = out->len;
        run->data_count = 0;
        buf_str(out, data_open);
        break;
    default:
        break;
    }
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

void json_run(const struct evtx_reader *r, const struct program *p, struct buf *out)
{
    struct run run = {.out = out};
    for (uint32_t i = 0; i < p->count; i++) {
        const struct op *op = &p->ops[i];
        const struct value *v = &r->values.items[op->value];
        switch ((enum json_code)op->code) {
        case JSON_MEMBER:
            run_member(out, p, op, v);
            break;
        case JSON_TEXT_MEMBER:
            run_text_member(out, p, op, *v);
            break;
        case JSON_LITERAL:
            program_append(out, p, op->before, op->before_len);
            break;
        case JSON_SKIP_NULL:
            program_append(out, p, op->before, op->before_len);
            if (v->type == VALUE_NULL)
                i += op->after;
            break;
        case JSON_STRING:
        case JSON_PIECE:
        case JSON_STRING_END:
        case JSON_DATA_ITEM:
        case JSON_DATA_END:
            run_piece(&run, p, op, *v);
            break;
        default:
            program_append(out, p, op->before, op->before_len);
            if (op->code == JSON_CLOSE && op->flags & FLAG_PIECES)
                run_close_pieces(&run);
            else
                run_op(&run, op, *v);
        }
    }
    out->len--; // the comma of the last member
}
