// SPDX-License-Identifier: Apache-2.0
#include "observatory/http/router.h"

#include "observatory/model/texts.h"

static struct slice segment_next(struct slice *rest)
{
    const uint8_t *slash = rest->len ? memchr(rest->at, '/', rest->len) : NULL;
    size_t end = slash ? (size_t)(slash - rest->at) : rest->len;
    struct slice s = slice_sub(*rest, 0, end);
    *rest = slice_sub(*rest, end + (slash != NULL), rest->len);
    return s;
}

bool route_matches(const char *pattern, struct slice path, struct routing *out)
{
    struct slice want = slice_from_str(pattern);
    if (path.len == 0 || path.at[0] != '/' || want.len == 0)
        return false;
    bool want_slash = want.at[want.len - 1] == '/', path_slash = path.at[path.len - 1] == '/';
    if (want_slash != path_slash)
        return false;
    struct slice rest = slice_sub(path, 1, path.len);
    if (want.at[0] == '/')
        want = slice_sub(want, 1, want.len);
    out->part_count = 0;
    out->lang = NULL;
    while (want.len && rest.len) {
        struct slice w = segment_next(&want), p = segment_next(&rest);
        if (slice_equal_str(w, "~")) {
            out->lang = web_language(p);
            if (!out->lang)
                return false;
        } else if (slice_equal_str(w, "*")) {
            if (p.len == 0 || out->part_count == HTTP_MAX_PARTS)
                return false;
            out->part[out->part_count++] = p;
        } else if (!slice_equal(w, p)) {
            return false;
        }
    }
    return want.len == 0 && rest.len == 0;
}

void route_find(const struct route_table *tables, size_t table_count, enum http_method method,
                struct slice path, struct routing *out)
{
    *out = (struct routing){0};
    struct routing found = {0}, try;
    // The address with the other ending: a slash less, or one more.
    uint8_t longer[512];
    struct slice other = slice_sub(path, 0, path.len ? path.len - 1 : 0);
    if (path.len && path.at[path.len - 1] != '/' && path.len < sizeof longer) {
        memcpy(longer, path.at, path.len);
        longer[path.len] = '/';
        other = slice_of(longer, path.len + 1);
    }
    for (size_t t = 0; t < table_count; t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            const struct route *r = &tables[t].routes[i];
            if (route_matches(r->pattern, path, &try)) {
                found.allowed |= r->methods;
                if (!found.route && (r->methods & method)) {
                    unsigned allowed = found.allowed;
                    found = try;
                    found.allowed = allowed;
                    found.route = r;
                    found.other_slash = false;
                }
            } else if (!found.route && route_matches(r->pattern, other, &try)) {
                found.other_slash = true;
            }
        }
    }
    *out = found;
}
