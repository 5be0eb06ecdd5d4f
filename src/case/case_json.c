// SPDX-License-Identifier: Apache-2.0
#include "case/case_json.h"

#include "base/array.h"
#include "base/escape.h"
#include "base/utf.h"
#include "case/case_internal.h"

void case_json_list(struct buf *out, const struct slice *items, size_t count)
{
    buf_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        buf_str(out, i ? ",\"" : "\"");
        escape_json(out, items[i], ESCAPE_JSON_NEEDED);
        buf_byte(out, '"');
    }
    buf_byte(out, ']');
}

static bool name_came_before(const struct finding_field *fields, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (slice_equal(fields[i].name, fields[at].name))
            return true;
    return false;
}

enum { FIELD_VALUE_MAX = 32 << 10, FIELDS_MAX = 512 << 10 };

void case_json_fields(struct buf *out, const struct finding_field *fields, size_t count)
{
    bool first = true;
    size_t start = out->len;
    buf_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        if (name_came_before(fields, i) || out->len - start > FIELDS_MAX)
            continue;
        buf_str(out, first ? "\"" : ",\"");
        escape_json(out, fields[i].name, ESCAPE_JSON_NEEDED);
        buf_str(out, "\":\"");
        escape_json(out, slice_sub(fields[i].value, 0, FIELD_VALUE_MAX), ESCAPE_JSON_NEEDED);
        buf_byte(out, '"');
        first = false;
    }
    buf_byte(out, '}');
}

static struct json_token json_string(struct slice json, size_t *pos)
{
    size_t start = ++*pos;
    const uint8_t *quote;
    for (size_t from = start; (quote = memchr(json.at + from, '"', json.len - from));) {
        size_t at = (size_t)(quote - json.at), slashes = 0;
        while (at - slashes > from && json.at[at - slashes - 1] == '\\')
            slashes++;
        from = at + 1;
        if (slashes % 2 == 0) {
            *pos = from;
            return (struct json_token){JSON_STRING, slice_sub(json, start, at)};
        }
    }
    *pos = json.len;
    return (struct json_token){JSON_END, {0}};
}

static bool json_word_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' ||
           c == 'E';
}

static bool json_mark(uint8_t c, enum json_token_kind *kind)
{
    switch (c) {
    case '{':
        *kind = JSON_OBJECT_BEGIN;
        return true;
    case '}':
        *kind = JSON_OBJECT_END;
        return true;
    case '[':
        *kind = JSON_ARRAY_BEGIN;
        return true;
    case ']':
        *kind = JSON_ARRAY_END;
        return true;
    case ':':
        *kind = JSON_COLON;
        return true;
    case ',':
        *kind = JSON_COMMA;
        return true;
    default:
        return false;
    }
}

static bool json_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct json_token json_next(struct slice json, size_t *pos)
{
    struct json_token t = {0};
    while (*pos < json.len && json_blank(json.at[*pos]))
        ++*pos;
    if (*pos >= json.len)
        return t;
    if (json.at[*pos] == '"')
        return json_string(json, pos);
    if (json_mark(json.at[*pos], &t.kind)) {
        ++*pos;
        return t;
    }
    size_t start = *pos;
    while (*pos < json.len && json_word_char(json.at[*pos]))
        ++*pos;
    if (*pos == start) {
        *pos = json.len;
        return t;
    }
    return (struct json_token){JSON_WORD, slice_sub(json, start, *pos)};
}

static bool hex4(struct slice s, size_t at, uint32_t *out)
{
    uint32_t n = 0;
    if (s.len < at + 4)
        return false;
    for (size_t i = at; i < at + 4; i++) {
        uint8_t c = s.at[i];
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16)
            return false;
        n = n << 4 | digit;
    }
    *out = n;
    return true;
}

// What the letter behind a backslash stands for; 0: it is no short form.
static const uint8_t short_forms[256] = {
    ['b'] = '\b', ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r',
    ['t'] = '\t', ['"'] = '"',  ['\\'] = '\\',
};

// One escape; i stands behind the backslash. Returns where to go on.
static size_t unescape_one(struct slice s, size_t i, uint8_t *out, size_t *len)
{
    uint32_t c, low;
    if (short_forms[s.at[i]]) {
        out[(*len)++] = short_forms[s.at[i]];
        return i + 1;
    }
    if (s.at[i] != 'u' || !hex4(s, i + 1, &c)) {
        out[(*len)++] = s.at[i];
        return i + 1;
    }
    i += 5;
    if (c >= 0xd800 && c < 0xdc00 && i + 1 < s.len && s.at[i] == '\\' && s.at[i + 1] == 'u' &&
        hex4(s, i + 2, &low) && low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        i += 6;
    }
    *len += utf8_encode(c, out + *len);
    return i;
}

struct slice json_unescape(struct slice text, struct arena *a, bool *plain)
{
    size_t pos = escape_copy_plain(text, NULL), len = pos;
    *plain = pos == text.len;
    if (*plain || !memchr(text.at + pos, '\\', text.len - pos))
        return text;
    // An escape is never shorter than what it stands for.
    uint8_t *out = arena_bytes(a, text.len + ESCAPE_COPY_ROOM);
    memcpy(out, text.at, pos);
    *plain = true;
    while (pos < text.len) {
        if (text.at[pos] == '\\' && pos + 1 < text.len) {
            *plain = *plain && short_forms[text.at[pos + 1]];
            pos = unescape_one(text, pos + 1, out, &len);
        } else {
            *plain = false;
            out[len++] = text.at[pos++];
            while (pos < text.len && text.at[pos] >= 0x80)
                out[len++] = text.at[pos++];
        }
        size_t n = escape_copy_plain(slice_sub(text, pos, text.len), out + len);
        pos += n;
        len += n;
    }
    return slice_of(out, len);
}

struct slice json_string_text(struct slice text, struct arena *a)
{
    bool plain;
    if (!text.len || !memchr(text.at, '\\', text.len))
        return text;
    return json_unescape(text, a, &plain);
}

size_t case_json_read_list(struct slice json, struct arena *a, const struct slice **out)
{
    ARRAY_OF(struct slice) items = {0};
    size_t pos = 0;
    *out = NULL;
    if (json_next(json, &pos).kind == JSON_ARRAY_BEGIN)
        for (;;) {
            struct json_token t = json_next(json, &pos);
            if (t.kind == JSON_COMMA)
                continue;
            if (t.kind != JSON_STRING)
                break;
            *ARRAY_ADD(&items) = json_string_text(t.text, a);
        }
    size_t count = items.count;
    if (count) {
        struct slice *copy = ARENA_ARRAY(a, struct slice, count);
        memcpy(copy, items.items, count * sizeof *copy);
        *out = copy;
    }
    ARRAY_FREE(&items);
    return count;
}

// The name or value of a field, and how it stands in JSON.
static struct slice field_text(struct slice raw, struct arena *a, struct slice *json)
{
    bool plain;
    struct slice text = json_unescape(raw, a, &plain);
    *json = plain ? raw : (struct slice){0};
    return text;
}

// Room for twice as many.
static struct finding_field *more_fields(struct arena *a, const struct finding_field *fields,
                                         size_t count)
{
    struct finding_field *more = ARENA_ARRAY(a, struct finding_field, count * 2);
    memcpy(more, fields, count * sizeof *more);
    return more;
}

size_t case_json_read_fields(struct slice json, struct arena *a, const struct finding_field **out,
                             const struct finding_field **as_json)
{
    size_t pos = 0, count = 0, room = 8;
    json = slice_sub(json, 0, CASE_MAX_JSON); // no case of ours holds more
    struct finding_field *fields = ARENA_ARRAY(a, struct finding_field, room);
    struct finding_field *forms = ARENA_ARRAY(a, struct finding_field, room);
    bool is_object = json_next(json, &pos).kind == JSON_OBJECT_BEGIN;
    while (is_object) {
        struct json_token name = json_next(json, &pos);
        if (name.kind == JSON_COMMA)
            continue;
        if (name.kind != JSON_STRING || json_next(json, &pos).kind != JSON_COLON)
            break;
        struct json_token value = json_next(json, &pos);
        if (value.kind != JSON_STRING && value.kind != JSON_WORD)
            break;
        if (count == room) {
            fields = more_fields(a, fields, count);
            forms = more_fields(a, forms, count);
            room *= 2;
        }
        fields[count].name = field_text(name.text, a, &forms[count].name);
        fields[count].value = field_text(value.text, a, &forms[count].value);
        count++;
    }
    *out = fields;
    *as_json = forms;
    return count;
}
