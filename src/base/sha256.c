// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"

#include "base/arena.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

struct sha256 {
    EVP_MD_CTX *context;
};

// libcrypto fails here only for want of memory or of a working build.
static void must(int ok)
{
    if (ok == 1)
        return;
    fputs("vigie: SHA-256 is not available in this libcrypto\n", stderr);
    abort();
}

struct sha256 *sha256_create(void)
{
    struct sha256 *h = mem_alloc(sizeof *h);
    h->context = EVP_MD_CTX_new();
    must(h->context != NULL);
    must(EVP_DigestInit_ex(h->context, EVP_sha256(), NULL));
    return h;
}

void sha256_destroy(struct sha256 *h)
{
    if (!h)
        return;
    EVP_MD_CTX_free(h->context);
    free(h);
}

void sha256_add(struct sha256 *h, struct slice s)
{
    must(EVP_DigestUpdate(h->context, s.at, s.len));
}

struct sha256_digest sha256_finish(struct sha256 *h)
{
    struct sha256_digest d;
    must(EVP_DigestFinal_ex(h->context, d.bytes, NULL));
    must(EVP_DigestInit_ex(h->context, NULL, NULL)); // NULL: the same again, without looking it up
    return d;
}

struct sha256_digest sha256_of(struct slice s)
{
    struct sha256_digest d;
    must(EVP_Digest(s.at, s.len, d.bytes, NULL, EVP_sha256(), NULL));
    return d;
}

void sha256_hex(const struct sha256_digest *d, char out[65])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof d->bytes; i++) {
        out[2 * i] = digits[d->bytes[i] >> 4];
        out[2 * i + 1] = digits[d->bytes[i] & 15];
    }
    out[64] = 0;
}
