// SPDX-License-Identifier: Apache-2.0
// The corpus of the fuzz target rule-cache: compiled rules drawn by lot as the cache writes them
// (drawn-*), and the same with bits turned over (altered-*).
//
//     rule-cache-seeds FOLDER           writes it
//     rule-cache-seeds --check FOLDER   whether drawn-* can still be read: what a build before a
//                                       change of the format wrote is refused at its first bytes,
//                                       and tests nothing more
#include "base/out.h"
#include "detection/sigma/engine_testing.h"
#include "detection/sigma/rule_cache.h"

#include <stdio.h>

enum {
    DRAWN = 12,
    ALTERED = 8,
    FRONT_SIZE = 2, // in front: how much of the rest is read at once, as rule_cache_fuzz.c has it
    MAX_SEED = 1 << 17,
};

static void encode(uint64_t seed, struct buf *out)
{
    struct dice d = {.seed = seed};
    struct sigma_set set;
    struct buf front = {0}, later = {0};
    sigma_set_init(&set);
    draw_rules(&d, &set, 1 + seed % 6);
    struct sigma_engine *engine = sigma_engine_create(&set, NULL);
    if (!sigma_cache_encode(&set, engine, &front, &later) || front.len > UINT16_MAX)
        abort();
    buf_byte(out, (uint8_t)front.len);
    buf_byte(out, (uint8_t)(front.len >> 8));
    buf_add(out, buf_slice(&front));
    buf_add(out, buf_slice(&later));
    buf_free(&front);
    buf_free(&later);
    sigma_engine_destroy(engine);
    sigma_set_free(&set);
}

static void turn_bits(uint64_t seed, struct buf *b)
{
    struct dice d = {.seed = seed};
    for (uint32_t left = 1 + dice_roll(&d, 3); left; left--)
        b->at[FRONT_SIZE + dice_roll(&d, (uint32_t)b->len - FRONT_SIZE)] ^=
            (uint8_t)(1u << dice_roll(&d, 8));
}

static bool write_seed(const char *folder, const char *kind, unsigned number, struct slice bytes)
{
    char path[4096];
    struct out *out;
    struct err e;
    snprintf(path, sizeof path, "%s/%s-%02u", folder, kind, number);
    bool ok = out_create(path, &out, &e);
    if (ok) {
        out_write(out, bytes);
        ok = out_commit(out, &e);
    }
    if (!ok)
        fprintf(stderr, "rule-cache-seeds: %s\n", e.message);
    return ok;
}

static bool write_all(const char *folder)
{
    struct buf b = {0};
    bool ok = true;
    for (unsigned i = 0; ok && i < DRAWN; i++) {
        buf_clear(&b);
        encode(i, &b);
        ok = write_seed(folder, "drawn", i, buf_slice(&b));
        if (!ok || i >= ALTERED)
            continue;
        turn_bits(i, &b);
        ok = write_seed(folder, "altered", i, buf_slice(&b));
    }
    buf_free(&b);
    return ok;
}

static bool can_be_read(const char *folder, unsigned number)
{
    static uint8_t bytes[MAX_SEED];
    char path[4096];
    struct sigma_set set;
    struct sigma_engine *engine;
    snprintf(path, sizeof path, "%s/drawn-%02u", folder, number);
    FILE *f = fopen(path, "rb");
    size_t size = f ? fread(bytes, 1, sizeof bytes, f) : 0;
    if (f)
        fclose(f);
    struct slice all = slice_of(bytes, size);
    size_t front = size < FRONT_SIZE ? 0 : FRONT_SIZE + (size_t)le16(bytes);
    sigma_set_init(&set);
    bool ok = front && front <= size &&
              sigma_cache_decode(slice_sub(all, FRONT_SIZE, front), slice_sub(all, front, size),
                                 NULL, &set, &engine);
    if (ok) { // and what is read later of each rule
        for (size_t i = 0; i < set.rules.count; i++)
            ok = ok && sigma_set_rule(&set, i)->selection_count > 0;
        sigma_engine_destroy(engine);
    }
    sigma_set_free(&set);
    if (!ok)
        fprintf(stderr, "%s cannot be read: write the corpus anew with rule-cache-seeds %s\n", path,
                folder);
    return ok;
}

int main(int argc, char **argv)
{
    bool check = argc == 3 && strcmp(argv[1], "--check") == 0;
    if (!check && argc != 2) {
        fputs("usage: rule-cache-seeds [--check] FOLDER\n", stderr);
        return 2;
    }
    if (!check)
        return write_all(argv[1]) ? 0 : 1;
    unsigned failed = 0;
    for (unsigned i = 0; i < DRAWN; i++)
        failed += !can_be_read(argv[2], i);
    printf("%u passed, %u failed\n", DRAWN - failed, failed);
    return failed ? 1 : 0;
}
