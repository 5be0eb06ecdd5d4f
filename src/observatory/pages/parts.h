// SPDX-License-Identifier: Apache-2.0
// What the pages share beyond page.h: markup with escaped holes, words for values, sentences with
// links in them, files built into the program.
#ifndef VIGIE_OBSERVATORY_PAGES_PARTS_H
#define VIGIE_OBSERVATORY_PAGES_PARTS_H

#include "observatory/pages/page.h"

static inline struct slice str(const char *s)
{
    return slice_from_str(s);
}

// Appends markup, in which each {} is replaced by the next text, escaped (safe in quoted attributes
// too). A hole without a text stays empty. markup: literals only.
void html_fill(struct buf *out, const char *markup, const struct slice *texts, size_t count);
#define html_put(out, markup, ...)                                                                 \
    html_fill(out, "" markup, (const struct slice[]){__VA_ARGS__},                                 \
              sizeof((const struct slice[]){__VA_ARGS__}) / sizeof(struct slice))
#define page_html(rs, markup, ...) html_put(&(rs)->body, markup, __VA_ARGS__)

// A translated sentence in which [words in brackets] become links to the next of the addresses,
// NULL-terminated. An address that begins with "~" is a page in the request's language.
void page_sentence(struct request *rq, struct response *rs, const char *sentence,
                   const char *const *addresses);
#define page_linked(rq, rs, sentence, ...)                                                         \
    page_sentence(rq, rs, sentence, (const char *const[]){__VA_ARGS__, NULL})

// "/en/incidents" for "/incidents". Memory: arena.
struct slice page_path(struct request *rq, const char *path);
// A feed's address, with filters or without, for the request's language.
struct slice page_feed(struct request *rq, struct slice address);
// The registry's name in the request's language.
struct slice page_site_name(struct request *rq);
// What the registry covers, as its keepers configured it; empty when they did not.
struct slice page_coverage(struct request *rq);
bool page_is_demo(const struct request *rq);
const char *page_locale(const struct request *rq); // "en_CA", "fr_CA": for ICU
// "75", "1,234" in the request's language.
struct slice page_number(struct request *rq, uint64_t n);
// "2017, 2019 and 2021" in the request's language. Memory: arena.
const char *page_series(struct request *rq, const struct slice *words, size_t count);
// An error of the store: status 500 in plain words.
void page_failed(struct request *rq, struct response *rs, const struct err *e);

// The words for a date with its precision, in the request's language: "about October 2022".
const char *date_words(const struct language *l, struct arena *a, struct slice date,
                       struct slice precision);
// Of an instant: its day.
struct slice page_day(struct request *rq, vtime t);

// The words for a value of a field: a term's label, a country's name, or the value itself.
struct slice value_label(struct request *rq, const struct schema_field *f, struct slice value);
// The same by a filter's name.
struct slice term_label(struct request *rq, const struct schema_kind *kind, const char *filter,
                        struct slice value);
// Codes joined by a space, as in a row of a list, as labels joined by a comma.
struct slice terms_words(struct request *rq, const struct schema_kind *kind, const char *filter,
                         struct slice codes);
// Title in the request's language when there is one, else in the other.
struct slice row_title(struct request *rq, const struct list_row *row);
const char *row_title_lang(struct request *rq, const struct list_row *row); // "en", "fr"

// The language of a field's texts: what the schema says; of a source's title the source's; the
// page's of names and codes, which have none; NULL when it is not known.
const char *value_lang(struct request *rq, const struct record *r, const struct item *i,
                       const struct schema_field *f);
// The lang attribute of a text in another language than the page's. Of a text whose language is not
// known (NULL) it says so, by lang="": then nobody reads it out by the rules of the page's.
void page_lang(struct request *rq, struct response *rs, const char *lang);
// A text in a <span> that says its language, or as it is when that is the page's.
void page_passage(struct request *rq, struct response *rs, struct slice text, const char *lang);
// A text of which ids and dates written in figures do not break at their hyphens.
void page_unbroken(struct response *rs, struct slice text);
// Why a revision was made.
void page_reason(struct request *rq, struct response *rs, const struct revision *r);

// A file of web/static, built in. path: with the hash of its content, so that it may be cached for
// good: "/static/style.1a2b3c4d.css".
struct static_file {
    const char *name;
    const char *path;
    const char *type;
    const uint8_t *at;
    size_t len;
};
extern const struct static_file static_files[];
extern const size_t static_files_count;
const char *static_path(const char *name);

#endif
