// SPDX-License-Identifier: Apache-2.0
// The words of `vigie events`, checked before anything is read; and whether an event is one that
// was asked for.
#ifndef VIGIE_CMD_EVENTS_OPTIONS_H
#define VIGIE_CMD_EVENTS_OPTIONS_H

#include "base/array.h"
#include "event/event.h"

#include <stdio.h>

enum events_format {
    EVENTS_JSONL,
    EVENTS_XML,
    EVENTS_CSV,
};

struct events_where {
    struct slice field;  // spaces removed
    struct slice folded; // pattern, case-folded; * stands for any run of characters
};

struct events_id_range {
    uint32_t from, to;
};

struct events_words {
    enum events_format format;
    bool recover;
    uint32_t jobs;
    vtime since, until;             // 0: no bound
    struct slice channel, provider; // folded patterns; at == NULL: any
    ARRAY_OF(struct events_id_range) ids;
    ARRAY_OF(struct events_where) where;
    const char **paths;
    size_t path_count;
};

enum events_words_result {
    EVENTS_WORDS_OK,
    EVENTS_WORDS_HELP,
    EVENTS_WORDS_BAD, // e says what is wrong and what to write instead
};

enum events_words_result events_words_read(int argc, char **argv, struct arena *a,
                                           struct events_words *out, struct err *e);
void events_words_free(struct events_words *w);
void events_words_help(FILE *to);
// Whether any event may be left out.
bool events_words_filter(const struct events_words *w);

struct events_binding {
    bool made;
    ARRAY_OF(uint32_t) fields; // of all words, each word's ended by UINT32_MAX
};

// What one thread needs to test events: which fields of which shape the --where words name.
struct events_filter {
    const struct events_words *words;
    ARRAY_OF(struct events_binding) bindings; // by shape id
    struct buf text, folded;
};

void events_filter_init(struct events_filter *f, const struct events_words *words);
void events_filter_free(struct events_filter *f);
bool events_filter_test(struct events_filter *f, const struct event *ev);

// Whether the text, folded, fits the folded pattern: * any run of bytes.
bool events_pattern_fits(struct slice pattern, struct slice text);

#endif
