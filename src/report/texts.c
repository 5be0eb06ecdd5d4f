// SPDX-License-Identifier: Apache-2.0
#include "report/texts.h"

#include "base/digits.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct language *languages(size_t *count)
{
    static const struct language list[] = {
        {.code = "en", .thousands = ",", .decimal = "."},
        // Digits in threes with a no-break space, a decimal comma (OQLF).
        {.code = "fr",
         .texts = texts_fr,
         .text_count = &texts_fr_count,
         .thousands = "\u00a0",
         .decimal = ",",
         .one_below_two = true,
         .day_first = true},
    };
    *count = sizeof list / sizeof *list;
    return list;
}

const char *language_list(void)
{
    return "en, fr";
}

const struct language *language_find(const char *lang)
{
    size_t count;
    const struct language *list = languages(&count);
    if (!lang || !*lang)
        return list;
    size_t len = strcspn(lang, "_-.@");
    for (size_t i = 0; i < count; i++)
        if (len == strlen(list[i].code) && strncmp(lang, list[i].code, len) == 0)
            return &list[i];
    return NULL;
}

const char *text(const struct language *l, const char *english)
{
    size_t low = 0, high = l->texts ? *l->text_count : 0;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(english, l->texts[middle].english);
        if (order == 0)
            return l->texts[middle].other;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return english;
}

const char *text_plural(const struct language *l, const char *one, const char *many, uint64_t n)
{
    return text(l, n == 1 || (l->one_below_two && n < 2) ? one : many);
}

const char *text_format(struct arena *a, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    const char *out = arena_str(a, slice_of(text, len > 0 ? (size_t)len : 0));
    free(text);
    return out;
}

static uint8_t *put_str(uint8_t *out, const char *s)
{
    while (*s)
        *out++ = (uint8_t)*s++;
    return out;
}

const char *text_number(const struct language *l, struct arena *a, uint64_t n)
{
    uint8_t digits[DIGITS_ROOM];
    char out[48];
    size_t len = (size_t)(digits_u64(digits, n) - digits), at = 0, sign = strlen(l->thousands);
    for (size_t i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0 && len > 4) {
            memcpy(out + at, l->thousands, sign);
            at += sign;
        }
        out[at++] = (char)digits[i];
    }
    return arena_str(a, slice_of(out, at));
}

const char *text_bytes(const struct language *l, struct arena *a, uint64_t n)
{
    static const char *const english[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    static const char *const french[] = {"o", "Kio", "Mio", "Gio", "Tio", "Pio", "Eio"};
    const char *const *units = l->one_below_two ? french : english;
    size_t unit = 0;
    uint64_t tenths = n > UINT64_MAX / 10 ? UINT64_MAX : n * 10;
    while (tenths >= 10240) {
        tenths /= 1024;
        unit++;
    }
    uint8_t out[2 * DIGITS_ROOM], *end = digits_u64(out, tenths / 10);
    if (unit && tenths < 1000) {
        end = put_str(end, l->decimal);
        end = digits_u64(end, tenths % 10);
    }
    end = put_str(put_str(end, "\u00a0"), units[unit]);
    return arena_str(a, slice_of(out, (size_t)(end - out)));
}

const char *text_date(const struct language *l, struct arena *a, vtime t)
{
    static const char *const months[] = {TEXT("January"), TEXT("February"), TEXT("March"),
                                         TEXT("April"),   TEXT("May"),      TEXT("June"),
                                         TEXT("July"),    TEXT("August"),   TEXT("September"),
                                         TEXT("October"), TEXT("November"), TEXT("December")};
    if (!t)
        return "";
    struct civil_time c = time_to_civil(t);
    const char *first = l->day_first && c.day == 1 ? "er" : "";
    return text_format(a, "%d%s\u00a0%s\u00a0%d", c.day, first, text(l, months[c.month - 1]),
                       c.year);
}

const char *text_time(const struct language *l, struct arena *a, vtime t)
{
    char out[VTIME_TEXT_MAX + sizeof " UTC"];
    if (!t)
        return text(l, TEXT("not known"));
    size_t len = time_format_seconds(t, out) - 1; // without the Z
    out[len - sizeof "T00:00:00" + 1] = ' ';
    put_str((uint8_t *)out + len, " UTC");
    return arena_str(a, slice_of(out, len + sizeof " UTC" - 1));
}
