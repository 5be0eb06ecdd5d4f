// SPDX-License-Identifier: Apache-2.0
#include "case/case_json.h"

#include "base/array.h"
#include "base/escape.h"
#include "base/utf.h"

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
    for (size_t i = start; i < json.len; i++) {
        if (json.at[i] == '\\') {
            i++;
        } else if (json.at[i] == '"') {
            *pos = i + 1;
            return (struct json_token){JSON_STRING, slice_sub(json, start, i)};
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

struct json_token json_next(struct slice json, size_t *pos)
{
    static const char marks[] = "{}[]:,";
    while (*pos < json.len && json.at[*pos] && strchr(" \t\r\n", json.at[*pos]))
        ++*pos;
    if (*pos >= json.len)
        return (struct json_token){JSON_END, {0}};
    uint8_t c = json.at[*pos];
    if (c == '"')
        return json_string(json, pos);
    const char *mark = c ? strchr(marks, c) : NULL;
    if (mark) {
        ++*pos;
        return (struct json_token){(enum json_token_kind)(JSON_OBJECT_BEGIN + (mark - marks)), {0}};
    }
    size_t start = *pos;
    while (*pos < json.len && json_word_char(json.at[*pos]))
        ++*pos;
    if (*pos == start) {
        *pos = json.len;
        return (struct json_token){JSON_END, {0}};
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

// One escape; i stands behind the backslash. Returns where to go on.
static size_t unescape_one(struct slice s, size_t i, uint8_t *out, size_t *len)
{
    static const char letters[] = "bfnrt", controls[] = "\b\f\n\r\t";
    const char *letter = s.at[i] ? strchr(letters, s.at[i]) : NULL;
    uint32_t c, low;
    if (letter) {
        out[(*len)++] = (uint8_t)controls[letter - letters];
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

struct slice json_unescape(struct slice text, struct arena *a)
{
    if (text.len == 0 || !memchr(text.at, '\\', text.len))
        return text;
    uint8_t *out =
        arena_bytes(a, text.len + 4); // an escape is never shorter than what it stands for
    size_t len = 0;
    for (size_t i = 0; i < text.len;) {
        if (text.at[i] == '\\' && i + 1 < text.len)
            i = unescape_one(text, i + 1, out, &len);
        else
            out[len++] = text.at[i++];
    }
    return slice_of(out, len);
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
            *ARRAY_ADD(&items) = json_unescape(t.text, a);
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

size_t case_json_read_fields(struct slice json, struct arena *a, const struct finding_field **out)
{
    ARRAY_OF(struct finding_field) fields = {0};
    size_t pos = 0;
    *out = NULL;
    if (json_next(json, &pos).kind == JSON_OBJECT_BEGIN)
        for (;;) {
            struct json_token name = json_next(json, &pos);
            if (name.kind == JSON_COMMA)
                continue;
            if (name.kind != JSON_STRING || json_next(json, &pos).kind != JSON_COLON)
                break;
            struct json_token value = json_next(json, &pos);
            if (value.kind != JSON_STRING && value.kind != JSON_WORD)
                break;
            *ARRAY_ADD(&fields) =
                (struct finding_field){json_unescape(name.text, a), json_unescape(value.text, a)};
        }
    size_t count = fields.count;
    if (count) {
        struct finding_field *copy = ARENA_ARRAY(a, struct finding_field, count);
        memcpy(copy, fields.items, count * sizeof *copy);
        *out = copy;
    }
    ARRAY_FREE(&fields);
    return count;
}
