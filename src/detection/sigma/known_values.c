// SPDX-License-Identifier: Apache-2.0
// To find a value costs one line of memory, and the table fits in the processor's own cache: that
// is why sums are kept and not the values.
//
// The sum is NH (Black, Halevi, Krawczyk, Krovetz, Rogaway: UMAC, CRYPTO 1999) over words of 64
// bits: two words, each plus a word of the key, are multiplied, and the products of 128 bits added
// up. Two different values of one length have the same sum with a probability of 2^-64 over the
// keys, whoever chose them; length and field are compared besides. A value is only compared with
// the two that are in its row.
#include "detection/sigma/known_values.h"

#include "base/arena.h"
#include "base/map.h"

#include <stdlib.h>

enum {
    ROWS_BITS = 11,
    WAYS = 2,
    LINE = 64,
    KEY_WORDS = KNOWN_LONGEST / 8,
};

_Static_assert(sizeof(struct known_value) == LINE, "one line of memory each");

struct known_values {
    uint64_t key[KEY_WORDS];
    struct known_value *rows; // in memory, at the beginning of a line
    void *memory;
};

struct known_values *known_values_create(void)
{
    struct known_values *k = mem_alloc_zero(1, sizeof *k);
    size_t count = (size_t)WAYS << ROWS_BITS;
    k->memory = mem_alloc_zero(count + 1, LINE);
    size_t over = (uintptr_t)k->memory % LINE;
    k->rows = (struct known_value *)(void *)((uint8_t *)k->memory + (over ? LINE - over : 0));
    for (uint32_t i = 0; i < KEY_WORDS; i++)
        k->key[i] = hash_bytes(slice_of(&i, sizeof i));
    return k;
}

void known_values_destroy(struct known_values *k)
{
    if (!k)
        return;
    free(k->memory);
    free(k);
}

static inline unsigned __int128 product(const uint8_t *p, const uint64_t *key)
{
    return (unsigned __int128)(le64(p) + key[0]) * (le64(p + 8) + key[1]);
}

struct value_sum known_values_sum(const struct known_values *k, struct slice raw)
{
    unsigned __int128 sum = 0;
    const uint64_t *key = k->key;
    size_t i = 0;
    for (; i + 16 <= raw.len; i += 16, key += 2)
        sum += product(raw.at + i, key);
    if (i < raw.len) {
        uint8_t last[16] = {0};
        memcpy(last, raw.at + i, raw.len - i);
        sum += product(last, key);
    }
    return (struct value_sum){(uint64_t)sum, (uint64_t)(sum >> 64)};
}

static struct known_value *row_of(const struct known_values *k, uint32_t field,
                                  struct value_sum sum)
{
    uint64_t mix = (sum.low ^ sum.high ^ (uint64_t)field << 40) * 0x9e3779b97f4a7c15u;
    return &k->rows[(mix >> (64 - ROWS_BITS)) * WAYS];
}

const struct known_value *known_values_find(const struct known_values *k, uint32_t field,
                                            struct slice raw, struct value_sum sum)
{
    const struct known_value *row = row_of(k, field, sum);
    for (size_t i = 0; i < WAYS; i++)
        if (row[i].sum.low == sum.low && row[i].sum.high == sum.high && row[i].field == field &&
            row[i].len == raw.len)
            return &row[i];
    return NULL;
}

void known_values_keep(struct known_values *k, uint32_t field, struct slice raw,
                       struct value_sum sum, const uint32_t *bits, size_t count, uint32_t base)
{
    if (count > KNOWN_BITS)
        return;
    struct known_value *row = row_of(k, field, sum);
    row[1] = row[0];
    row[0] = (struct known_value){
        .sum = sum, .field = field, .len = (uint16_t)raw.len, .bit_count = (uint16_t)count};
    for (size_t i = 0; i < count; i++)
        row[0].bits[i] = bits[i] - base;
}
