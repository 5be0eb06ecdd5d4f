// SPDX-License-Identifier: Apache-2.0
#include "observatory/exchange/import_terms.h"

struct slice import_term_code(const struct import_term *terms, size_t count, struct slice text)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(terms[i].begins);
        if (text.len >= len &&
            slice_equal_nocase(slice_sub(text, 0, len), slice_from_str(terms[i].begins)))
            return slice_from_str(terms[i].code);
    }
    return (struct slice){0};
}

bool import_says_nothing(struct slice text)
{
    static const char *const words[] = {"",    "not available", "unknown", "nan",
                                        "nat", "none",          "n/a"};
    text = slice_trim(text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_equal_nocase(text, slice_from_str(words[i])))
            return true;
    return false;
}

struct value *import_add(struct record *r, struct item *i, const char *field, struct slice text,
                         struct slice source)
{
    text = slice_trim(text);
    if (!text.len)
        return NULL;
    for (size_t v = 0; v < i->values.count; v++)
        if (slice_equal(i->values.items[v].text, text) &&
            strcmp(record_field(r, i, &i->values.items[v])->name, field) == 0)
            return &i->values.items[v];
    struct value *value = record_add_value(r, i, field, text);
    if (value)
        value->sources = source;
    return value;
}

void import_sources(struct record *r, struct slice cell)
{
    size_t from = 0;
    for (size_t at = 1; at <= cell.len; at++) {
        uint8_t before = cell.at[at - 1];
        bool begins = at < cell.len && (before <= ' ' || before == ',' || before == 0xA0) &&
                      slice_starts(slice_sub(cell, at, cell.len), SLICE("http"));
        if (!begins && at < cell.len)
            continue;
        struct slice url = slice_sub(cell, from, at);
        while (url.len && (url.at[url.len - 1] <= ' ' || url.at[url.len - 1] == ',' ||
                           url.at[url.len - 1] == ';'))
            url.len--;
        while (slice_ends(url, SLICE("\xC2\xA0"))) // a no-break space
            url.len -= 2;
        import_source(r, url);
        from = at;
    }
}

struct slice import_source(struct record *r, struct slice url)
{
    url = slice_trim(url);
    if (!slice_starts(url, SLICE("http://")) && !slice_starts(url, SLICE("https://")))
        return (struct slice){0};
    for (const struct item *s = record_next(r, "sources", NULL); s;
         s = record_next(r, "sources", s))
        if (slice_equal(item_text(r, s, "url"), url))
            return s->id;
    struct item *source = record_add_item(r, "sources");
    record_add_value(r, source, "url", url);
    return source->id;
}

void import_country(struct record *r, struct item *i, const char *field, struct slice name,
                    struct slice source)
{
    name = slice_trim(name);
    if (import_says_nothing(name)) {
        if (name.len)
            import_add(r, i, field, SLICE("unknown"), source);
        return;
    }
    struct slice code = name.len == 2 && country_valid(name) ? name : country_code(name);
    struct value *v = import_add(r, i, field, code.len ? code : SLICE("other"), source);
    if (v && !code.len)
        v->note = v->note.len
                      ? arena_printf(r->arena, "%.*s; %.*s", SLICE_FMT(v->note), SLICE_FMT(name))
                      : arena_copy(r->arena, name);
}

bool import_part(struct slice *rest, const char *separator, struct slice *part)
{
    if (!rest->at)
        return false;
    size_t len = strlen(separator);
    for (size_t at = 0; at + len <= rest->len; at++)
        if (memcmp(rest->at + at, separator, len) == 0) {
            *part = slice_trim(slice_sub(*rest, 0, at));
            *rest = slice_sub(*rest, at + len, rest->len);
            return true;
        }
    *part = slice_trim(*rest);
    *rest = (struct slice){0};
    return true;
}

// A number of up to four digits at *at.
static bool read_number(struct slice s, size_t *at, unsigned *out)
{
    size_t from = *at;
    *out = 0;
    while (*at < s.len && s.at[*at] >= '0' && s.at[*at] <= '9' && *at - from < 4)
        *out = *out * 10 + (unsigned)(s.at[(*at)++] - '0');
    return *at > from;
}

struct slice import_date(struct arena *a, struct slice text, bool month_first)
{
    char sign = month_first ? '/' : '-';
    unsigned n[3];
    size_t at = 0;
    text = slice_trim(text);
    for (int i = 0; i < 3; i++) {
        if (i && (at >= text.len || text.at[at++] != (uint8_t)sign))
            return (struct slice){0};
        if (!read_number(text, &at, &n[i]))
            return (struct slice){0};
    }
    if (at < text.len && text.at[at] != ' ' && text.at[at] != 'T')
        return (struct slice){0};
    unsigned year = month_first ? n[2] : n[0];
    unsigned month = month_first ? n[0] : n[1];
    unsigned day = month_first ? n[1] : n[2];
    struct slice date = arena_printf(a, "%04u-%02u-%02u", year, month, day);
    return date_valid(date) ? date : (struct slice){0};
}
