// SPDX-License-Identifier: Apache-2.0
#include "observatory/pages/markup_check.h"

#include <stdio.h>

enum { DEEPEST = 64 };

static bool is_void(struct slice name)
{
    static const char *const names[] = {"meta", "link", "base", "input", "br", "hr", "img"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (slice_equal_str(name, names[i]))
            return true;
    return false;
}

static bool is_name(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == ':';
}

static struct slice take_name(struct slice *s)
{
    size_t len = 0;
    while (len < s->len && is_name(s->at[len]))
        len++;
    struct slice name = slice_sub(*s, 0, len);
    *s = slice_sub(*s, len, s->len);
    return name;
}

// Attributes up to the end of the tag; false when one is not name="value". closed: it ends in />.
static bool take_attributes(struct slice *s, bool *closed)
{
    *closed = false;
    while (s->len) {
        uint8_t c = s->at[0];
        if (c == ' ' || c == '\n') {
            *s = slice_sub(*s, 1, s->len);
        } else if (c == '/') {
            *closed = true;
            *s = slice_sub(*s, 1, s->len);
        } else if (c == '>') {
            *s = slice_sub(*s, 1, s->len);
            return true;
        } else {
            if (!take_name(s).len || s->len < 3 || s->at[0] != '=' || s->at[1] != '"')
                return false;
            *s = slice_sub(*s, 2, s->len);
            const uint8_t *end = memchr(s->at, '"', s->len);
            if (!end || memchr(s->at, '<', (size_t)(end - s->at)))
                return false;
            *s = slice_sub(*s, (size_t)(end - s->at) + 1, s->len);
        }
    }
    return false;
}

// <!-- … --> and <!DOCTYPE …>
static bool skip_declaration(struct slice *s)
{
    const char *end = slice_starts(*s, SLICE("!--")) ? "-->" : ">";
    const uint8_t *at = memmem(s->at, s->len, end, strlen(end));
    if (!at)
        return false;
    *s = slice_sub(*s, (size_t)(at - s->at) + strlen(end), s->len);
    return true;
}

static const char *complain(const char *what, struct slice s)
{
    static char message[160];
    snprintf(message, sizeof message, "%s: %.*s", what, (int)(s.len > 100 ? 100 : s.len),
             (const char *)s.at);
    return message;
}

const char *markup_fault(struct slice s)
{
    struct slice open[DEEPEST];
    size_t depth = 0;
    for (const uint8_t *lt; s.len && (lt = memchr(s.at, '<', s.len));) {
        struct slice words = slice_sub(s, 0, (size_t)(lt - s.at));
        if (memchr(words.at, '>', words.len))
            return complain("a free >", words);
        struct slice tag = s = slice_sub(s, words.len + 1, s.len);
        if (s.len && s.at[0] == '!') {
            if (!skip_declaration(&s))
                return complain("no end of a declaration", tag);
            continue;
        }
        bool end = s.len && s.at[0] == '/', closed;
        s = slice_sub(s, end, s.len);
        struct slice name = take_name(&s);
        if (!name.len || !take_attributes(&s, &closed))
            return complain("not a tag", tag);
        if (end && (depth == 0 || !slice_equal(open[--depth], name)))
            return complain("closes what is not open", tag);
        if (!end && !closed && !is_void(name)) {
            if (depth == DEEPEST)
                return "too deep";
            open[depth++] = name;
        }
    }
    return depth ? complain("not closed", open[depth - 1]) : NULL;
}
