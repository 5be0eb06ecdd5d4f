// SPDX-License-Identifier: Apache-2.0
#include "observatory/exchange/uuid.h"

#include <openssl/evp.h>

static bool uuid_bytes(const char *text, uint8_t out[16])
{
    size_t n = 0;
    int half = -1;
    for (; *text && n < 16; text++) {
        int digit;
        if (*text >= '0' && *text <= '9')
            digit = *text - '0';
        else if (*text >= 'a' && *text <= 'f')
            digit = *text - 'a' + 10;
        else if (*text == '-')
            continue;
        else
            return false;
        if (half < 0) {
            half = digit;
        } else {
            out[n++] = (uint8_t)(half << 4 | digit);
            half = -1;
        }
    }
    return n == 16;
}

struct slice uuid_v5(struct arena *a, const char *namespace, struct slice name)
{
    uint8_t ns[16] = {0}, hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool ok = uuid_bytes(namespace, ns) && c && EVP_DigestInit_ex(c, EVP_sha1(), NULL) == 1 &&
              EVP_DigestUpdate(c, ns, sizeof ns) == 1 &&
              EVP_DigestUpdate(c, name.at, name.len) == 1 &&
              EVP_DigestFinal_ex(c, hash, &len) == 1 && len >= 16;
    EVP_MD_CTX_free(c);
    if (!ok)
        return (struct slice){0};
    hash[6] = (uint8_t)((hash[6] & 0x0F) | 0x50);
    hash[8] = (uint8_t)((hash[8] & 0x3F) | 0x80);
    return arena_printf(a, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                        hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7],
                        hash[8], hash[9], hash[10], hash[11], hash[12], hash[13], hash[14],
                        hash[15]);
}
