// SPDX-License-Identifier: Apache-2.0
#include "observatory/exchange/json_values.h"

#include "base/buf.h"

#include <stdlib.h>

json_t *json_slice(struct slice s)
{
    json_t *j = json_stringn((const char *)s.at, s.len);
    return j ? j : json_string("");
}

void json_put(json_t *object, const char *name, struct slice s)
{
    if (s.len)
        json_object_set_new(object, name, json_slice(s));
}

struct slice json_text_of(const json_t *j)
{
    return json_is_string(j) ? slice_of(json_string_value(j), json_string_length(j))
                             : (struct slice){0};
}

struct slice json_member(const json_t *object, const char *name)
{
    return json_text_of(json_object_get(object, name));
}

struct slice json_dump(struct arena *a, const json_t *j)
{
    char *text = json_dumps(j, JSON_COMPACT);
    struct slice out = arena_copy(a, slice_from_str(text ? text : "{}"));
    free(text);
    return out;
}

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

struct slice json_uri(struct arena *a, struct slice url)
{
    static const char allowed[] = "-._~:/?#@!$&'()*+,;=%";
    struct buf b = {0};
    bool fragment = false;
    for (size_t i = 0; i < url.len; i++) {
        uint8_t c = url.at[i];
        bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        bool percent =
            c == '%' && !(i + 2 < url.len && is_hex(url.at[i + 1]) && is_hex(url.at[i + 2]));
        bool again = c == '#' && fragment; // one fragment at most
        fragment = fragment || c == '#';
        if ((letter || (c && strchr(allowed, c))) && !percent && !again)
            buf_byte(&b, c);
        else
            buf_printf(&b, "%%%02X", c);
    }
    struct slice out = arena_copy(a, buf_slice(&b));
    buf_free(&b);
    return out;
}
