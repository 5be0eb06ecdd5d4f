// SPDX-License-Identifier: Apache-2.0
// What a reader typed, as an expression of FTS5 that is never a syntax error: every word becomes a
// quoted string, "words in quotes" a phrase, a star at the end of three letters or more a prefix.
// All must occur.
#include "observatory/store/store_internal.h"

enum { WORDS_MAX = 24, WORDS_MAX_BYTES = 1000, PREFIX_MIN = 3, PREFIXES_MAX = 4 };

// Something that unicode61 may take for a letter or digit.
static bool has_letters(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.at[i];
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80)
            return true;
    }
    return false;
}

static void put_word(struct buf *out, struct slice word, bool prefix)
{
    if (out->len)
        buf_str(out, " AND ");
    buf_byte(out, '"');
    for (size_t i = 0; i < word.len; i++)
        buf_byte(out, word.at[i] < ' ' || word.at[i] == '"' ? ' ' : word.at[i]);
    buf_byte(out, '"');
    if (prefix)
        buf_str(out, " *");
}

bool store_words_match(struct slice words, struct buf *out)
{
    size_t count = 0, prefixes = 0;
    struct slice w = slice_sub(words, 0, WORDS_MAX_BYTES);
    for (size_t at = 0; at < w.len && count < WORDS_MAX;) {
        if (w.at[at] <= ' ') {
            at++;
            continue;
        }
        bool phrase = w.at[at] == '"';
        size_t from = at + phrase, end = from;
        while (end < w.len && (phrase ? w.at[end] != '"' : w.at[end] > ' ' && w.at[end] != '"'))
            end++;
        struct slice word = slice_sub(w, from, end);
        at = end + (phrase && end < w.len);
        if (!word.len || !has_letters(word))
            continue;
        bool prefix = word.at[word.len - 1] == '*' || (phrase && at < w.len && w.at[at] == '*');
        // "a*" is most of the words there are, and many prefixes are a long search.
        prefix = prefix && word.len > PREFIX_MIN && prefixes++ < PREFIXES_MAX;
        put_word(out, word, prefix);
        count++;
    }
    if (count)
        buf_byte(out, 0);
    return count > 0;
}
