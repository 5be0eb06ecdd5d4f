// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/secret.h"

#include "observatory/team/totp.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

// A sealed secret: version, name of the key, nonce, text, tag.
enum {
    VERSION = 1,
    NONCE_AT = 1 + SECRET_NAME_BYTES,
    TEXT_AT = NONCE_AT + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
};

static const char begins[] = "vigied secret key 1\n"; // then 64 hexadecimal digits
enum { HEX = SECRET_KEY_BYTES * 2, FILE_BYTES = sizeof begins - 1 + HEX + 1 };

static void name_key(struct secret_key *k)
{
    static const uint8_t what[] = "name";
    uint8_t hash[crypto_generichash_BYTES_MIN];
    crypto_generichash(hash, sizeof hash, what, sizeof what, k->bytes, sizeof k->bytes);
    memcpy(k->name, hash, sizeof k->name);
}

void secret_key_random(struct secret_key *out)
{
    if (sodium_init() < 0)
        abort(); // a key that can be guessed is worse than none
    randombytes_buf(out->bytes, sizeof out->bytes);
    name_key(out);
}

// ---- the file

static bool write_whole(int fd, const char *text, size_t len)
{
    return write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
}

// Complete before it has its name, so that two that begin at once agree on one.
static bool make_file(const char *path, struct err *e)
{
    char text[FILE_BYTES + 1], hex[HEX + 1], new[4200];
    struct secret_key k;
    if (snprintf(new, sizeof new, "%s.new-%ld", path, (long)getpid()) >= (int)sizeof new)
        return err_set(e, ERR_USAGE, 0, "the path of the key is too long");
    secret_key_random(&k);
    sodium_bin2hex(hex, sizeof hex, k.bytes, sizeof k.bytes);
    snprintf(text, sizeof text, "%s%s\n", begins, hex);
    int fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write_whole(fd, text, FILE_BYTES);
    ok = (fd < 0 || close(fd) == 0) && ok;
    ok = ok && (link(new, path) == 0 || errno == EEXIST);
    if (!ok)
        err_set_errno(e, "the key %.160s", path);
    if (fd >= 0)
        unlink(new);
    sodium_memzero(&k, sizeof k);
    sodium_memzero(text, sizeof text);
    sodium_memzero(hex, sizeof hex);
    return ok;
}

static bool parse_file(const char *path, const char *text, size_t len, struct secret_key *out,
                       struct err *e)
{
    size_t head = sizeof begins - 1, got = 0;
    bool ok =
        len >= head + HEX && memcmp(text, begins, head) == 0 &&
        sodium_hex2bin(out->bytes, sizeof out->bytes, text + head, HEX, NULL, &got, NULL) == 0 &&
        got == sizeof out->bytes;
    for (size_t i = head + HEX; ok && i < len; i++)
        ok = text[i] == '\n' || text[i] == '\r';
    if (!ok)
        return err_set(e, ERR_FORMAT, 0, "%.160s is not a key of vigied", path);
    name_key(out);
    return true;
}

static bool read_file(int fd, const char *path, struct secret_key *out, struct err *e)
{
    struct stat st;
    char text[FILE_BYTES + 3];
    if (fstat(fd, &st) != 0)
        return err_set_errno(e, "the key %.160s", path);
    if (!S_ISREG(st.st_mode) || (st.st_mode & 077))
        return err_set(e, ERR_USAGE, 0,
                       "the key %.160s may be read by others than its owner: chmod 600", path);
    ssize_t n = read(fd, text, sizeof text);
    bool ok = n >= 0 ? parse_file(path, text, (size_t)n, out, e)
                     : err_set_errno(e, "the key %.160s", path);
    sodium_memzero(text, sizeof text);
    return ok;
}

bool secret_key_open(const char *path, struct secret_key *out, bool *made, struct err *e)
{
    if (sodium_init() < 0)
        return err_set(e, ERR_IO, 0, "no random numbers");
    *made = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && errno == ENOENT) {
        if (!make_file(path, e))
            return false;
        *made = true;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    }
    if (fd < 0)
        return err_set_errno(e, "the key %.160s", path);
    bool ok = read_file(fd, path, out, e);
    close(fd);
    return ok;
}

// ---- secrets

// What a sealed secret is bound to.
static size_t bound(int64_t user, uint8_t out[32])
{
    return (size_t)snprintf((char *)out, 32, "user %lld", (long long)user);
}

struct slice secret_seal(const struct secret_key *k, struct arena *a, int64_t user,
                         struct slice secret)
{
    uint8_t to[32], *out = arena_bytes(a, TEXT_AT + secret.len + TAG);
    size_t to_len = bound(user, to);
    out[0] = VERSION;
    memcpy(out + 1, k->name, SECRET_NAME_BYTES);
    randombytes_buf(out + NONCE_AT, TEXT_AT - NONCE_AT);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + TEXT_AT, NULL, secret.at, secret.len, to,
                                               to_len, NULL, out + NONCE_AT, k->bytes);
    return slice_of(out, TEXT_AT + secret.len + TAG);
}

enum secret_state secret_unseal(const struct secret_key *k, struct arena *a, int64_t user,
                                struct slice kept, struct slice *out)
{
    uint8_t to[32];
    size_t to_len = bound(user, to);
    *out = (struct slice){0};
    if (kept.len == TOTP_SECRET_BYTES) {
        *out = kept;
        return SECRET_CLEAR;
    }
    if (kept.len != TEXT_AT + TOTP_SECRET_BYTES + TAG || kept.at[0] != VERSION)
        return SECRET_WRONG;
    if (memcmp(kept.at + 1, k->name, SECRET_NAME_BYTES) != 0)
        return SECRET_LOST;
    uint8_t *secret = arena_bytes(a, TOTP_SECRET_BYTES);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL, kept.at + TEXT_AT,
                                                   kept.len - TEXT_AT, to, to_len,
                                                   kept.at + NONCE_AT, k->bytes) != 0)
        return SECRET_WRONG;
    *out = slice_of(secret, TOTP_SECRET_BYTES);
    return SECRET_OPENED;
}
