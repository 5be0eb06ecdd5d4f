// SPDX-License-Identifier: Apache-2.0
// Records out of JSON: what is taken must survive being written and read again, unchanged, and the
// checks, terms, words and differences must cope with it.
#include "observatory/model/record.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const struct record *r, struct arena *a)
{
    struct record_flag *flags;
    struct record_term *terms;
    struct record_words words = {0};
    record_check(r, a, &flags);
    record_terms(r, a, &terms);
    record_words(r, &words);
    record_words_free(&words);
}

static void write_and_read(const struct record *r, struct arena *a)
{
    struct buf one = {0}, two = {0};
    struct record again;
    struct record_change *changes;
    struct err e = {0};
    record_to_json(r, &one);
    if (one.len <= RECORD_MAX_BYTES) {
        if (!record_from_json(buf_slice(&one), a, &again, &e))
            abort();
        record_to_json(&again, &two);
        if (!slice_equal(buf_slice(&one), buf_slice(&two)) || record_diff(r, &again, a, &changes))
            abort();
        record_free(&again);
    }
    buf_free(&one);
    buf_free(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 16)
        return 0;
    uint8_t *copy = malloc(size ? size : 1); // exactly as long, so that reading past it shows
    if (!copy)
        return 0;
    if (size)
        memcpy(copy, data, size);
    struct arena a;
    struct record r;
    struct err e = {0};
    arena_init(&a, 0);
    if (record_from_json(slice_of(copy, size), &a, &r, &e)) {
        look_at(&r, &a);
        write_and_read(&r, &a);
        record_free(&r);
    } else if (!e.message[0]) {
        abort();
    }
    country_code(slice_of(copy, size));
    arena_free(&a);
    free(copy);
    return 0;
}
