// SPDX-License-Identifier: Apache-2.0
// Sentences of the report. They stand in the source in English and are looked up in a table made
// from knowledge/texts/LANGUAGE.po; a sentence that is not there stays English. tools/texts.py
// checks that none is missing.
#ifndef VIGIE_REPORT_TEXTS_H
#define VIGIE_REPORT_TEXTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/time.h"

struct text_pair {
    const char *english, *other;
};
extern const struct text_pair texts_fr[];
extern const size_t texts_fr_count;

struct language {
    const char *code; // for HTML's lang
    const struct text_pair *texts;
    const size_t *text_count;
    const char *thousands; // between groups of three digits
    const char *decimal;
    bool one_below_two; // 0 and 1.5 take the singular (French)
    bool day_first;     // 3 juillet 2026; otherwise the same, but without "1er"
};

// NULL when there is no such language. lang NULL or "": English. "fr_CA.UTF-8" is French.
const struct language *language_find(const char *lang);
const char *language_list(void); // "en, fr"

// Marks a literal that is looked up elsewhere.
#define TEXT(english) english

[[gnu::format_arg(2)]] const char *text(const struct language *l, const char *english);
[[gnu::format_arg(2), gnu::format_arg(3)]] const char *
text_plural(const struct language *l, const char *one, const char *many, uint64_t n);

// All of these into the arena, NUL-terminated.
const char *text_number(const struct language *l, struct arena *a, uint64_t n); // 12,345
const char *text_bytes(const struct language *l, struct arena *a, uint64_t n);  // 1.5 MiB
const char *text_date(const struct language *l, struct arena *a, vtime t); // 3 July 2026; "" for 0
const char *text_time(const struct language *l, struct arena *a,
                      vtime t); // 2026-07-03 08:12:44 UTC
[[gnu::format(printf, 2, 3)]] const char *text_format(struct arena *a, const char *format, ...);

#endif
