// SPDX-License-Identifier: Apache-2.0
// What a TAXII client asks for: filters, paging, formats.
#include "observatory/machine/taxii.h"

#include "observatory/http/parse.h"

enum { TAXII_TIME_CUT = 26 }; // 2026-11-22T06:00:00.123456, without what follows

// YYYY-MM-DDThh:mm:ss[.s+]Z, as section 3.1 of STIX and 1.5 of TAXII have it.
bool taxii_time_parse(struct slice s, int64_t *out)
{
    vtime t;
    bool shape = s.len >= 20 && s.len <= 40 && s.at[s.len - 1] == 'Z' && s.at[10] == 'T';
    struct err e;
    // Digits beyond the microsecond are cut off before our reader sees them.
    uint8_t text[TAXII_TIME_CUT + 1];
    size_t n = 0;
    for (size_t i = 0; shape && i < s.len; i++)
        if (i < TAXII_TIME_CUT || i + 1 == s.len)
            text[n++] = s.at[i];
        else if (s.at[i] < '0' || s.at[i] > '9')
            return false;
    if (!shape || !time_parse(slice_of(text, n), &t, &e) || t < VTIME_UNIX_EPOCH)
        return false;
    *out = (int64_t)((t - VTIME_UNIX_EPOCH) / 10);
    return true;
}

struct slice taxii_time(struct arena *a, int64_t microseconds)
{
    struct civil_time c = time_to_civil(VTIME_UNIX_EPOCH + (vtime)microseconds * 10);
    return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d.%06uZ", c.year, c.month, c.day, c.hour,
                        c.minute, c.second, c.ticks / 10);
}

static bool parse_number(struct slice s, uint64_t most, uint64_t *out)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9' || n > most)
            return false;
        n = n * 10 + (uint64_t)(s.at[i] - '0');
    }
    *out = n;
    return s.len > 0 && n <= most;
}

// a,b,c: any of them.
static bool parse_list(struct slice s, const char *name, struct taxii_match *m, struct err *e)
{
    for (size_t i = 0; i <= s.len;) {
        const uint8_t *comma = i < s.len ? memchr(s.at + i, ',', s.len - i) : NULL;
        size_t end = comma ? (size_t)(comma - s.at) : s.len;
        struct slice one = slice_trim(slice_sub(s, i, end));
        if (one.len == 0 || one.len > TAXII_MAX_VALUE)
            return err_set(e, ERR_USAGE, 0, "%s has a value that is empty or too long", name);
        if (m->count == TAXII_MAX_MATCHES)
            return err_set(e, ERR_LIMIT, 0, "%s has more than %d values", name, TAXII_MAX_MATCHES);
        m->list[m->count++] = one;
        i = end + 1;
    }
    return true;
}

static bool parse_versions(struct slice s, struct taxii_query *q, struct err *e)
{
    struct taxii_match m = {0};
    if (!parse_list(s, "match[version]", &m, e))
        return false;
    for (size_t i = 0; i < m.count; i++) {
        int64_t when;
        enum taxii_version kind = TAXII_VERSION_AT;
        if (slice_equal_str(m.list[i], "last"))
            kind = TAXII_VERSION_LAST;
        else if (slice_equal_str(m.list[i], "first"))
            kind = TAXII_VERSION_FIRST;
        else if (slice_equal_str(m.list[i], "all"))
            kind = TAXII_VERSION_ALL;
        else if (!taxii_time_parse(m.list[i], &when))
            return err_set(e, ERR_USAGE, 0,
                           "match[version] must be first, last, all, or a timestamp such as "
                           "2026-11-22T06:00:00.000Z");
        q->versions[q->version_count].kind = kind;
        q->versions[q->version_count++].at = m.list[i];
    }
    return true;
}

static bool parse_one(const struct http_pair *p, struct taxii_query *q, struct err *e)
{
    if (slice_equal_str(p->name, "added_after")) {
        int64_t after;
        if (!taxii_time_parse(p->value, &after))
            return err_set(e, ERR_USAGE, 0,
                           "added_after must be a timestamp such as 2026-11-22T06:00:00.000000Z");
        if (after > q->after)
            q->after = after;
    } else if (slice_equal_str(p->name, "next")) {
        uint64_t next;
        if (!parse_number(p->value, INT64_MAX / 16, &next))
            return err_set(e, ERR_USAGE, 0, "next is not a value that this server gave");
        if ((int64_t)next > q->after)
            q->after = (int64_t)next;
    } else if (slice_equal_str(p->name, "limit")) {
        uint64_t limit;
        if (!parse_number(p->value, INT32_MAX, &limit) || limit == 0)
            return err_set(e, ERR_USAGE, 0, "limit must be a whole number of 1 or more");
        q->limit = limit > TAXII_MAX_PAGE ? TAXII_MAX_PAGE : (size_t)limit;
    } else if (slice_equal_str(p->name, "match[id]")) {
        return parse_list(p->value, "match[id]", &q->id, e);
    } else if (slice_equal_str(p->name, "match[type]")) {
        return parse_list(p->value, "match[type]", &q->type, e);
    } else if (slice_equal_str(p->name, "match[spec_version]")) {
        return parse_list(p->value, "match[spec_version]", &q->spec, e);
    } else if (slice_equal_str(p->name, "match[version]")) {
        return parse_versions(p->value, q, e);
    }
    return true; // section 3.4: others may exist, and are not ours to refuse
}

bool taxii_filter_parse(const struct http_pair *params, size_t count, struct taxii_query *q,
                        struct err *e)
{
    q->limit = TAXII_PAGE;
    for (size_t i = 0; i < count; i++) {
        // The same parameter twice would leave open whether both or either is meant.
        for (size_t k = 0; k < i; k++)
            if (slice_equal(params[i].name, params[k].name))
                return err_set(e, ERR_USAGE, 0, "a parameter is given twice");
        if (!parse_one(&params[i], q, e))
            return false;
    }
    return true;
}

// The media type and its parameter version: 2 for 2.1, 1 for none, 0 for another.
static int version_of(struct slice parameters)
{
    int found = 1;
    for (size_t i = 0; i < parameters.len;) {
        const uint8_t *semicolon = memchr(parameters.at + i, ';', parameters.len - i);
        size_t end = semicolon ? (size_t)(semicolon - parameters.at) : parameters.len;
        struct slice one = slice_trim(slice_sub(parameters, i, end));
        if (slice_equal_nocase(one, SLICE("version=2.1")) ||
            slice_equal_nocase(one, SLICE("version=\"2.1\"")))
            found = 2;
        else if (one.len >= 8 && slice_equal_nocase(slice_sub(one, 0, 8), SLICE("version=")))
            return 0;
        i = end + 1;
    }
    return found;
}

static void split_type(struct slice s, struct slice *type, struct slice *parameters)
{
    const uint8_t *semicolon = s.len ? memchr(s.at, ';', s.len) : NULL;
    size_t end = semicolon ? (size_t)(semicolon - s.at) : s.len;
    *type = slice_trim(slice_sub(s, 0, end));
    *parameters = slice_sub(s, end + 1, s.len);
}

bool taxii_acceptable(struct slice accept)
{
    if (!slice_trim(accept).len)
        return true;
    for (size_t i = 0; i < accept.len;) {
        const uint8_t *comma = memchr(accept.at + i, ',', accept.len - i);
        size_t end = comma ? (size_t)(comma - accept.at) : accept.len;
        struct slice type, parameters;
        split_type(slice_sub(accept, i, end), &type, &parameters);
        if (slice_equal_str(type, "*/*") || slice_equal_nocase(type, SLICE("application/*")))
            return true;
        if (slice_equal_nocase(type, SLICE("application/taxii+json")) && version_of(parameters))
            return true;
        i = end + 1;
    }
    return false;
}

bool taxii_content_type(struct slice content_type)
{
    struct slice type, parameters;
    split_type(content_type, &type, &parameters);
    return slice_equal_nocase(type, SLICE("application/taxii+json")) && version_of(parameters) == 2;
}
