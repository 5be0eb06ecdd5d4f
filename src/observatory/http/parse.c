// SPDX-License-Identifier: Apache-2.0
#include "observatory/http/parse.h"

#include "base/utf.h"

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool url_decode(struct arena *a, struct slice s, bool plus, struct slice *out)
{
    size_t i = 0;
    while (i < s.len && s.at[i] != '%' && !(plus && s.at[i] == '+'))
        i++;
    if (i == s.len) {
        *out = s;
        return true;
    }
    uint8_t *to = arena_bytes(a, s.len);
    memcpy(to, s.at, i);
    size_t n = i;
    while (i < s.len) {
        uint8_t c = s.at[i++];
        if (c == '%') {
            int high = i + 1 < s.len ? hex_digit(s.at[i]) : -1;
            int low = i + 1 < s.len ? hex_digit(s.at[i + 1]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (uint8_t)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        to[n++] = c;
    }
    *out = slice_of(to, n);
    return true;
}

void url_encode(struct buf *b, struct slice s)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.at[i];
        bool plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            buf_byte(b, c);
        } else {
            uint8_t *to = buf_reserve(b, 3);
            to[0] = '%';
            to[1] = (uint8_t)hex[c >> 4];
            to[2] = (uint8_t)hex[c & 15];
            b->len += 3;
        }
    }
}

static bool has_control(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < 0x20 || s.at[i] == 0x7F)
            return true;
    return false;
}

static bool segment_good(struct slice s)
{
    if (slice_equal_str(s, ".") || slice_equal_str(s, ".."))
        return false;
    return !memchr(s.at, '/', s.len) && !memchr(s.at, '\\', s.len);
}

bool http_parse_path(struct arena *a, struct slice raw, struct slice *path, struct err *e)
{
    if (raw.len == 0 || raw.at[0] != '/')
        return err_set(e, ERR_USAGE, 0, "the address does not begin with a slash");
    size_t count = 0;
    for (size_t i = 1; i <= raw.len;) {
        const uint8_t *slash = i < raw.len ? memchr(raw.at + i, '/', raw.len - i) : NULL;
        size_t end = slash ? (size_t)(slash - raw.at) : raw.len;
        struct slice segment;
        if (++count > HTTP_MAX_SEGMENTS)
            return err_set(e, ERR_LIMIT, i, "the address has too many parts");
        if (!url_decode(a, slice_sub(raw, i, end), false, &segment))
            return err_set(e, ERR_USAGE, i, "the address has a broken escape");
        if (segment.len == 0 && slash)
            return err_set(e, ERR_USAGE, i, "the address has an empty part");
        if (segment.len && !segment_good(segment))
            return err_set(e, ERR_USAGE, i, "the address has a part that is not allowed");
        i = end + 1;
    }
    struct slice decoded;
    if (!url_decode(a, raw, false, &decoded))
        return err_set(e, ERR_USAGE, 0, "the address has a broken escape");
    if (!utf8_valid(decoded) || has_control(decoded))
        return err_set(e, ERR_USAGE, 0, "the address is not valid text");
    *path = decoded;
    return true;
}

static bool text_good(struct slice s)
{
    return !(s.len && memchr(s.at, 0, s.len)) && utf8_valid(s);
}

// CR LF and lone CR to LF: browsers send CR LF for every line end of a text field.
static struct slice line_ends(struct arena *a, struct slice s)
{
    if (!s.len || !memchr(s.at, '\r', s.len))
        return s;
    uint8_t *to = arena_bytes(a, s.len);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] != '\r')
            to[n++] = s.at[i];
        else if (i + 1 >= s.len || s.at[i + 1] != '\n')
            to[n++] = '\n';
    }
    return slice_of(to, n);
}

static bool parse_pair(struct arena *a, struct slice s, struct http_pair *out, struct err *e)
{
    const uint8_t *equals = memchr(s.at, '=', s.len);
    size_t split = equals ? (size_t)(equals - s.at) : s.len;
    struct http_pair p;
    if (!url_decode(a, slice_sub(s, 0, split), true, &p.name) ||
        !url_decode(a, slice_sub(s, split + 1, s.len), true, &p.value))
        return err_set(e, ERR_USAGE, 0, "a parameter has a broken escape");
    if (p.name.len > HTTP_MAX_NAME)
        return err_set(e, ERR_LIMIT, 0, "the name of a parameter is too long");
    if (!text_good(p.name) || !text_good(p.value))
        return err_set(e, ERR_USAGE, 0, "a parameter is not valid UTF-8 text");
    p.value = line_ends(a, p.value);
    *out = p;
    return true;
}

bool http_parse_pairs(struct arena *a, struct slice s, size_t max, const struct http_pair **pairs,
                      size_t *count, struct err *e)
{
    size_t most = s.len ? 1 : 0;
    for (size_t i = 0; i < s.len; i++)
        most += s.at[i] == '&';
    if (most > max)
        return err_set(e, ERR_LIMIT, 0, "there are more than %zu parameters", max);
    struct http_pair *list = ARENA_ARRAY(a, struct http_pair, most);
    size_t n = 0;
    for (size_t i = 0; i < s.len;) {
        const uint8_t *and = memchr(s.at + i, '&', s.len - i);
        size_t end = and? (size_t)(and-s.at) : s.len;
        if (end > i) {
            if (!parse_pair(a, slice_sub(s, i, end), &list[n], e))
                return false;
            n++;
        }
        i = end + 1;
    }
    *pairs = list;
    *count = n;
    return true;
}

// A parameter of a header's value: name="…" or name=…, after a semicolon.
static bool header_parameter(struct arena *a, struct slice header, const char *name,
                             struct slice *out)
{
    size_t i = 0;
    bool quoted = false;
    while (i < header.len) {
        // To the next semicolon that is not inside quotes.
        while (i < header.len && (quoted || header.at[i] != ';')) {
            if (header.at[i] == '\\' && quoted)
                i++;
            else if (header.at[i] == '"')
                quoted = !quoted;
            i++;
        }
        if (i >= header.len)
            return false;
        i++;
        while (i < header.len && (header.at[i] == ' ' || header.at[i] == '\t'))
            i++;
        size_t from = i;
        while (i < header.len && header.at[i] != '=' && header.at[i] != ';')
            i++;
        struct slice key = slice_trim(slice_sub(header, from, i));
        if (i >= header.len || header.at[i] != '=' ||
            !slice_equal_nocase(key, slice_from_str(name)))
            continue;
        i++;
        if (i < header.len && header.at[i] == '"') {
            uint8_t *to = arena_bytes(a, header.len - i);
            size_t n = 0;
            for (i++; i < header.len && header.at[i] != '"'; i++) {
                if (header.at[i] == '\\' && i + 1 < header.len)
                    i++;
                to[n++] = header.at[i];
            }
            *out = slice_of(to, n);
            return i < header.len;
        }
        from = i;
        while (i < header.len && header.at[i] != ';')
            i++;
        *out = slice_trim(slice_sub(header, from, i));
        return true;
    }
    return false;
}

static struct slice media_type(struct slice content_type)
{
    const uint8_t *semicolon =
        content_type.len ? memchr(content_type.at, ';', content_type.len) : NULL;
    return slice_trim(slice_sub(
        content_type, 0, semicolon ? (size_t)(semicolon - content_type.at) : content_type.len));
}

static size_t find(struct slice s, size_t from, struct slice needle)
{
    if (from > s.len)
        return SIZE_MAX;
    const uint8_t *at = memmem(s.at + from, s.len - from, needle.at, needle.len);
    return at ? (size_t)(at - s.at) : SIZE_MAX;
}

typedef ARRAY_OF(struct http_pair) pair_list;

// One part: its headers, an empty line, its bytes.
static bool parse_part(struct arena *a, struct slice part, struct http_pair *file,
                       struct http_pair *out, struct err *e)
{
    size_t blank = find(part, 0, SLICE("\r\n\r\n"));
    if (blank == SIZE_MAX || blank > HTTP_MAX_PART_HEADER)
        return err_set(e, ERR_FORMAT, 0, "a part of the form has no end of its headers");
    struct slice header = {0};
    for (size_t i = 0; i < blank;) {
        size_t end = find(part, i, SLICE("\r\n"));
        struct slice line = slice_sub(part, i, end);
        const uint8_t *colon = memchr(line.at, ':', line.len);
        if (colon && slice_equal_nocase(slice_sub(line, 0, (size_t)(colon - line.at)),
                                        SLICE("content-disposition")))
            header = slice_sub(line, (size_t)(colon - line.at) + 1, line.len);
        i = end + 2;
    }
    if (!header_parameter(a, header, "name", &out->name) || !text_good(out->name) ||
        out->name.len > HTTP_MAX_NAME)
        return err_set(e, ERR_FORMAT, 0, "a part of the form has no name");
    out->value = slice_sub(part, blank + 4, part.len);
    if (header_parameter(a, header, "filename", &file->value)) {
        if (!text_good(file->value) || file->value.len > HTTP_MAX_NAME)
            return err_set(e, ERR_USAGE, 0, "the name of a file is not valid UTF-8 text");
        file->name = arena_printf(a, "%.*s.filename", SLICE_FMT(out->name));
        return true;
    }
    if (!text_good(out->value))
        return err_set(e, ERR_USAGE, 0, "a field of the form is not valid UTF-8 text");
    out->value = line_ends(a, out->value);
    return true;
}

static bool multipart_parts(struct arena *a, struct slice body, struct slice delimiter,
                            struct http_pair *list, size_t *count, struct err *e)
{
    // The first delimiter has no line end of its own before it when it opens the body.
    struct slice bare = slice_sub(delimiter, 2, delimiter.len);
    size_t at = slice_starts(body, bare) ? 0 : find(body, 0, delimiter);
    if (at == SIZE_MAX)
        return err_set(e, ERR_FORMAT, 0, "the form does not contain its boundary");
    at += at == 0 && slice_starts(body, bare) ? bare.len : delimiter.len;
    size_t n = 0;
    while (true) {
        if (slice_starts(slice_sub(body, at, body.len), SLICE("--")))
            break;
        size_t line = find(body, at, SLICE("\r\n"));
        if (line == SIZE_MAX || slice_trim(slice_sub(body, at, line)).len)
            return err_set(e, ERR_FORMAT, at, "a boundary of the form is followed by other text");
        size_t end = find(body, line, delimiter);
        if (end == SIZE_MAX)
            return err_set(e, ERR_TRUNCATED, at, "the form ends before its last boundary");
        if (n + 2 > HTTP_MAX_FORM_PAIRS)
            return err_set(e, ERR_LIMIT, at, "the form has too many fields");
        // A part without content may have its delimiter right after the empty line.
        struct slice part = slice_sub(body, line + 2, end < line + 2 ? line + 2 : end);
        struct http_pair file = {0};
        if (!parse_part(a, part, &file, &list[n], e))
            return false;
        n++;
        if (file.name.len)
            list[n++] = file;
        at = end + delimiter.len;
    }
    *count = n;
    return true;
}

bool http_parse_multipart(struct arena *a, struct slice content_type, struct slice body,
                          const struct http_pair **pairs, size_t *count, struct err *e)
{
    struct slice boundary;
    if (!header_parameter(a, content_type, "boundary", &boundary) || boundary.len == 0 ||
        boundary.len > HTTP_MAX_BOUNDARY)
        return err_set(e, ERR_FORMAT, 0, "the form does not name its boundary");
    struct slice delimiter = arena_printf(a, "\r\n--%.*s", SLICE_FMT(boundary));
    size_t most = 2;
    for (size_t at = find(body, 0, delimiter); at != SIZE_MAX && most < HTTP_MAX_FORM_PAIRS;
         at = find(body, at + 1, delimiter))
        most += 2;
    struct http_pair *list = ARENA_ARRAY(a, struct http_pair, most + 2);
    if (!multipart_parts(a, body, delimiter, list, count, e))
        return false;
    *pairs = list;
    return true;
}

bool http_parse_form(struct arena *a, struct slice content_type, struct slice body,
                     const struct http_pair **pairs, size_t *count, struct err *e)
{
    struct slice type = media_type(content_type);
    if (slice_equal_nocase(type, SLICE("application/x-www-form-urlencoded")))
        return http_parse_pairs(a, body, HTTP_MAX_FORM_PAIRS, pairs, count, e);
    if (slice_equal_nocase(type, SLICE("multipart/form-data")))
        return http_parse_multipart(a, content_type, body, pairs, count, e);
    *pairs = NULL;
    *count = 0;
    return true;
}

struct slice http_cookie(struct slice header, const char *name)
{
    struct slice wanted = slice_from_str(name);
    for (size_t i = 0; i < header.len;) {
        const uint8_t *semicolon = memchr(header.at + i, ';', header.len - i);
        size_t end = semicolon ? (size_t)(semicolon - header.at) : header.len;
        struct slice one = slice_trim(slice_sub(header, i, end));
        if (one.len > wanted.len && one.at[wanted.len] == '=' && slice_starts(one, wanted)) {
            struct slice value = slice_sub(one, wanted.len + 1, one.len);
            if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
                value = slice_sub(value, 1, value.len - 1);
            return value;
        }
        i = end + 1;
    }
    return (struct slice){0};
}

// q=0.5 in thousandths; 1000 when absent or not understood.
static unsigned quality(struct slice parameters)
{
    struct slice s = slice_trim(parameters);
    while (s.len) {
        const uint8_t *semicolon = memchr(s.at, ';', s.len);
        size_t end = semicolon ? (size_t)(semicolon - s.at) : s.len;
        struct slice one = slice_trim(slice_sub(s, 0, end));
        if (one.len >= 3 && (one.at[0] | 0x20) == 'q' && one.at[1] == '=') {
            if (one.at[2] != '0')
                return 1000;
            unsigned value = 0, scale = 100;
            for (size_t i = 4; i < one.len && i < 7; i++, scale /= 10)
                if (one.at[i] >= '0' && one.at[i] <= '9')
                    value += (unsigned)(one.at[i] - '0') * scale;
            return value;
        }
        s = slice_sub(s, end + 1, s.len);
    }
    return 1000;
}

unsigned http_accepts(struct slice header, struct slice word)
{
    unsigned star = 0;
    for (size_t i = 0; i < header.len;) {
        const uint8_t *comma = memchr(header.at + i, ',', header.len - i);
        size_t end = comma ? (size_t)(comma - header.at) : header.len;
        struct slice one = slice_sub(header, i, end);
        struct slice name = media_type(one);
        const uint8_t *semicolon = memchr(one.at, ';', one.len);
        struct slice rest = semicolon ? slice_sub(one, (size_t)(semicolon - one.at) + 1, one.len)
                                      : (struct slice){0};
        if (slice_equal_nocase(name, word))
            return quality(rest);
        if (slice_equal_str(name, "*"))
            star = quality(rest);
        i = end + 1;
    }
    return star;
}

bool http_host_valid(struct slice host)
{
    if (host.len == 0 || host.len > 255)
        return false;
    for (size_t i = 0; i < host.len; i++) {
        uint8_t c = host.at[i];
        bool good = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                    c == '.' || c == '-' || c == ':' || c == '[' || c == ']' || c == '_';
        if (!good)
            return false;
    }
    return true;
}

bool http_etag_listed(struct slice header, struct slice etag)
{
    for (size_t i = 0; i < header.len;) {
        const uint8_t *comma = memchr(header.at + i, ',', header.len - i);
        size_t end = comma ? (size_t)(comma - header.at) : header.len;
        struct slice one = slice_trim(slice_sub(header, i, end));
        if (slice_starts(one, SLICE("W/")))
            one = slice_sub(one, 2, one.len);
        if (slice_equal_str(one, "*") || slice_equal(one, etag))
            return true;
        i = end + 1;
    }
    return false;
}

static bool split_listen(struct slice where, char host[64], char port[8])
{
    const uint8_t *colon = where.at ? memrchr(where.at, ':', where.len) : NULL;
    if (!colon)
        return false;
    struct slice h = slice_sub(where, 0, (size_t)(colon - where.at));
    struct slice p = slice_sub(where, h.len + 1, where.len);
    if (h.len >= 2 && h.at[0] == '[' && h.at[h.len - 1] == ']')
        h = slice_sub(h, 1, h.len - 1);
    if (h.len > 63 || p.len == 0 || p.len > 5)
        return false;
    for (size_t i = 0; i < p.len; i++)
        if (p.at[i] < '0' || p.at[i] > '9')
            return false;
    snprintf(host, 64, "%.*s", SLICE_FMT(h));
    snprintf(port, 8, "%.*s", SLICE_FMT(p));
    return strtol(port, NULL, 10) <= 65535;
}

bool http_listen_split(struct slice where, char host[64], char port[8], struct err *e)
{
    return split_listen(where, host, port) ||
           err_set(e, ERR_USAGE, 0,
                   "'%.*s' is not an address to listen to; write ADDRESS:PORT, as in "
                   "127.0.0.1:8080 or [::1]:8080",
                   SLICE_FMT(where));
}
