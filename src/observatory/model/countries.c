// SPDX-License-Identifier: Apache-2.0
// Countries by code and by name. Names for people come from ICU; those that sources use are a
// table.
#include "observatory/model/countries.h"

#include "base/utf.h"
#include "observatory/model/record.h"
#include "observatory/model/schema_tables.h"
#include "observatory/model/texts.h"

#include <unicode/uloc.h>
#include <unicode/ustring.h>

enum { NAME_MAX_BYTES = 120, FOLDED_ROOM = 360 };

static const struct country *country_find(struct slice code)
{
    for (size_t low = 0, high = country_table_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        int c = slice_compare(code, slice_from_str(country_table[middle].code));
        if (c == 0)
            return &country_table[middle];
        if (c < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

bool country_valid(struct slice code)
{
    return country_find(code) || vocabulary_term_find(&vocabulary_region, code);
}

bool country_place(struct slice code, double *latitude, double *longitude)
{
    const struct country *c = country_find(code);
    if (!c)
        return false;
    *latitude = c->latitude;
    *longitude = c->longitude;
    return true;
}

struct slice country_name(struct arena *a, struct slice code, const char *locale)
{
    const struct vocabulary_term *region = vocabulary_term_find(&vocabulary_region, code);
    if (region) {
        const struct language *l = web_language(slice_of(locale, strlen(locale) < 2 ? 0 : 2));
        return slice_from_str(l ? text(l, region->label) : region->label);
    }
    char of[16] = "und_";
    UChar wide[NAME_MAX_BYTES];
    char name[FOLDED_ROOM + 1];
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = 0;
    if (code.len != 2 || !country_find(code))
        return arena_copy(a, code);
    memcpy(of + 4, code.at, 2);
    int32_t wide_len = uloc_getDisplayCountry(of, locale, wide, NAME_MAX_BYTES, &status);
    if (U_SUCCESS(status) && wide_len < NAME_MAX_BYTES)
        u_strToUTF8(name, (int32_t)sizeof name, &len, wide, wide_len, &status);
    return U_FAILURE(status) || len <= 0 ? arena_copy(a, code)
                                         : arena_copy(a, slice_of(name, (size_t)len));
}

// As the table has them: lower case, plain apostrophe, "and" for "&", no leading "the".
static size_t name_fold(struct slice name, uint8_t out[FOLDED_ROOM])
{
    size_t n = 0;
    struct slice s = slice_trim(name);
    for (size_t at = 0; at < s.len && n + 4 < FOLDED_ROOM;) {
        uint32_t c = utf8_decode(s, &at);
        if (c == '&') {
            memcpy(out + n, "and", 3);
            n += 3;
        } else {
            n += utf8_encode(c == 0x2019 ? '\'' : utf_fold(c), out + n);
        }
    }
    if (n > 4 && memcmp(out, "the ", 4) == 0) {
        n -= 4;
        memmove(out, out + 4, n);
    }
    return n;
}

struct slice country_code(struct slice name)
{
    uint8_t folded[FOLDED_ROOM];
    struct slice trimmed = slice_trim(name);
    if (trimmed.len > NAME_MAX_BYTES)
        return (struct slice){0};
    struct slice key = {folded, name_fold(trimmed, folded)};
    for (size_t low = 0, high = country_alias_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        int c = slice_compare(key, slice_from_str(country_aliases[middle].name));
        if (c == 0)
            return slice_from_str(country_aliases[middle].code);
        if (c < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return (struct slice){0};
}
