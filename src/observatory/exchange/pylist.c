// SPDX-License-Identifier: Apache-2.0
#include "observatory/exchange/pylist.h"

#include "base/array.h"

struct texts {
    struct slice *items;
    size_t count, capacity;
};

static void add(struct texts *t, struct slice s)
{
    s = slice_trim(s);
    if (s.len && !slice_equal_str(s, "nan") && !slice_equal_str(s, "None"))
        *ARRAY_ADD(t) = s;
}

// A quoted text at at; returns the offset behind it.
static size_t read_text(struct slice s, size_t at, struct arena *a, struct texts *out)
{
    uint8_t quote = s.at[at++];
    uint8_t *copy = arena_bytes(a, s.len - at);
    size_t len = 0;
    for (; at < s.len && s.at[at] != quote; at++) {
        uint8_t ch = s.at[at];
        if (ch == '\\' && at + 1 < s.len) {
            ch = s.at[++at];
            if (ch == 'n')
                ch = '\n';
            else if (ch == 't')
                ch = '\t';
            else if (ch != '\\' && ch != '\'' && ch != '"')
                copy[len++] = '\\'; // Python keeps the backslash of escapes that it does not know
        }
        copy[len++] = ch;
    }
    add(out, slice_of(copy, len));
    return at < s.len ? at + 1 : at;
}

size_t pylist_read(struct slice cell, struct arena *a, struct slice **out)
{
    struct texts t = {0};
    cell = slice_trim(cell);
    if (cell.len == 0 || cell.at[0] != '[') {
        add(&t, cell);
    } else {
        for (size_t at = 0; at < cell.len;) {
            uint8_t ch = cell.at[at];
            if (ch == '\'' || ch == '"')
                at = read_text(cell, at, a, &t);
            else if (ch == '[' || ch == ']' || ch == ',' || ch == ' ')
                at++;
            else { // a bare word: nan, None, a number
                size_t from = at;
                while (at < cell.len && cell.at[at] != ',' && cell.at[at] != ']')
                    at++;
                add(&t, slice_sub(cell, from, at));
            }
        }
    }
    *out = ARENA_ARRAY(a, struct slice, t.count + 1);
    if (t.count)
        memcpy(*out, t.items, t.count * sizeof **out);
    size_t count = t.count;
    ARRAY_FREE(&t);
    return count;
}
