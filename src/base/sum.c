// SPDX-License-Identifier: Apache-2.0
#include "base/sum.h"

#include "base/arena.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct sum {
    EVP_MAC_CTX *context;
    bool failed;
};

struct sum *sum_create(const uint8_t key[SUM_KEY_SIZE])
{
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "POLY1305", NULL);
    EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac);
    if (!context || EVP_MAC_init(context, key, SUM_KEY_SIZE, NULL) != 1) {
        EVP_MAC_CTX_free(context);
        return NULL;
    }
    struct sum *s = mem_alloc(sizeof *s);
    *s = (struct sum){.context = context};
    return s;
}

void sum_destroy(struct sum *s)
{
    if (!s)
        return;
    EVP_MAC_CTX_free(s->context);
    free(s);
}

void sum_add(struct sum *s, struct slice bytes)
{
    s->failed |= EVP_MAC_update(s->context, bytes.at, bytes.len) != 1;
}

bool sum_finish(struct sum *s, uint8_t out[SUM_SIZE])
{
    size_t len;
    return EVP_MAC_final(s->context, out, &len, SUM_SIZE) == 1 && !s->failed;
}
