// SPDX-License-Identifier: Apache-2.0
#include "observatory/exchange/minisign.h"

#include <sodium.h>

// Secret key file, second line, base64: "Ed" "Sc" "B2" salt[32] opslimit[8] memlimit[8], then
// encrypted by XOR with scrypt's stream: id[8] secret[64] checksum[32]. Two zeros instead of "Sc":
// not encrypted.
enum {
    SALT = 6,
    OPSLIMIT = SALT + 32,
    MEMLIMIT = OPSLIMIT + 8,
    SEALED = MEMLIMIT + 8,
    SEALED_SIZE = 8 + 64 + 32,
    SECRET_SIZE = SEALED + SEALED_SIZE,
    MAX_MEMORY = 1 << 30, // bytes scrypt may ask for
};

static struct slice second_line(struct slice text)
{
    size_t at = 0;
    while (at < text.len && text.at[at] != '\n')
        at++;
    size_t from = at + 1, end = from;
    while (end < text.len && text.at[end] != '\n' && text.at[end] != '\r')
        end++;
    return slice_sub(text, from, end);
}

static void checksum_of(const uint8_t *sealed, uint8_t out[32])
{
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, 32);
    crypto_generichash_update(&h, (const uint8_t *)"Ed", 2);
    crypto_generichash_update(&h, sealed, 8 + 64);
    crypto_generichash_final(&h, out, 32);
}

static bool unseal(uint8_t *key, struct slice password, struct err *e)
{
    uint8_t stream[SEALED_SIZE];
    uint64_t opslimit = le64(key + OPSLIMIT), memlimit = le64(key + MEMLIMIT);
    if (memlimit > MAX_MEMORY)
        return err_set(e, ERR_LIMIT, 0, "the key asks for more than 1 GiB to open it");
    if (crypto_pwhash_scryptsalsa208sha256(stream, sizeof stream, (const char *)password.at,
                                           password.len, key + SALT, opslimit,
                                           (size_t)memlimit) != 0)
        return err_set(e, ERR_MEMORY, 0, "not enough memory to open the key");
    for (size_t i = 0; i < SEALED_SIZE; i++)
        key[SEALED + i] ^= stream[i];
    sodium_memzero(stream, sizeof stream);
    return true;
}

static bool read_key(uint8_t *key, size_t len, struct slice password, struct minisign_key *out,
                     struct err *e)
{
    if (len != SECRET_SIZE || memcmp(key, "Ed", 2) != 0)
        return err_set(e, ERR_FORMAT, 0, "not a secret key of minisign");
    bool sealed = memcmp(key + 2, "Sc", 2) == 0;
    if (sealed && !password.len)
        return err_set(e, ERR_ENCRYPTED, 0, "the key needs its password");
    if (!sealed && (key[2] || key[3]))
        return err_set(e, ERR_UNSUPPORTED, 0, "the key is sealed in a way that is not known");
    if (sealed && !unseal(key, password, e))
        return false;
    uint8_t sum[32];
    checksum_of(key + SEALED, sum);
    // minisign writes zeros for the checksum of a key that is not sealed.
    bool unwritten = !sealed && sodium_is_zero(key + SEALED + 72, sizeof sum);
    if (!unwritten && sodium_memcmp(sum, key + SEALED + 72, sizeof sum) != 0)
        return err_set(e, ERR_CHECKSUM, 0,
                       sealed ? "wrong password" : "the key's checksum is wrong");
    memcpy(out->id, key + SEALED, 8);
    memcpy(out->secret, key + SEALED + 8, 64);
    return true;
}

bool minisign_open(struct slice text, struct slice password, struct minisign_key *out,
                   struct err *e)
{
    if (sodium_init() < 0)
        return err_set(e, ERR_UNSUPPORTED, 0, "no source of random numbers");
    struct slice line = second_line(text);
    uint8_t key[SECRET_SIZE + 3];
    size_t len = 0;
    if (sodium_base642bin(key, sizeof key, (const char *)line.at, line.len, NULL, &len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return err_set(e, ERR_FORMAT, 0, "not a secret key of minisign");
    bool ok = read_key(key, len, password, out, e);
    sodium_memzero(key, sizeof key);
    return ok;
}

void minisign_forget(struct minisign_key *k)
{
    sodium_memzero(k, sizeof *k);
}

static struct slice base64(struct arena *a, const uint8_t *bytes, size_t len)
{
    size_t size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
    char *text = (char *)arena_bytes(a, size);
    sodium_bin2base64(text, size, bytes, len, sodium_base64_VARIANT_ORIGINAL);
    return slice_of(text, size - 1);
}

struct slice minisign_key_id(struct arena *a, const struct minisign_key *k)
{
    return arena_printf(a, "%016llX", (unsigned long long)le64(k->id));
}

struct slice minisign_sign(struct arena *a, const struct minisign_key *k, struct slice file,
                           struct slice comment)
{
    uint8_t hash[64], signature[2 + 8 + 64];
    crypto_generichash(hash, sizeof hash, file.at, file.len, NULL, 0);
    memcpy(signature, "ED", 2); // over the hash
    memcpy(signature + 2, k->id, 8);
    crypto_sign_detached(signature + 10, NULL, hash, sizeof hash, k->secret);
    // The second signature binds the comment to the first.
    uint8_t *both = arena_bytes(a, 64 + comment.len);
    memcpy(both, signature + 10, 64);
    memcpy(both + 64, comment.at, comment.len);
    uint8_t second[64];
    crypto_sign_detached(second, NULL, both, 64 + comment.len, k->secret);
    return arena_printf(a,
                        "untrusted comment: signature from the registry's secret key\n%.*s\n"
                        "trusted comment: %.*s\n%.*s\n",
                        SLICE_FMT(base64(a, signature, sizeof signature)), SLICE_FMT(comment),
                        SLICE_FMT(base64(a, second, sizeof second)));
}

void minisign_new(struct arena *a, struct slice *secret, struct slice *public)
{
    uint8_t key[SECRET_SIZE] = {0}, shown[2 + 8 + 32], pk[32];
    memcpy(key, "Ed", 2);
    memcpy(key + 4, "B2", 2);
    randombytes_buf(key + SEALED, 8);
    crypto_sign_keypair(pk, key + SEALED + 8);
    checksum_of(key + SEALED, key + SEALED + 72);
    memcpy(shown, "Ed", 2);
    memcpy(shown + 2, key + SEALED, 8);
    memcpy(shown + 10, pk, 32);
    unsigned long long id = le64(key + SEALED);
    *secret = arena_printf(a, "untrusted comment: minisign secret key %016llX\n%.*s\n", id,
                           SLICE_FMT(base64(a, key, sizeof key)));
    *public = arena_printf(a, "untrusted comment: minisign public key %016llX\n%.*s\n", id,
                           SLICE_FMT(base64(a, shown, sizeof shown)));
    sodium_memzero(key, sizeof key);
}
