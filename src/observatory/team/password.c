// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/password.h"

#include "base/utf.h"
#include "report/texts.h"

#include <sodium.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

// RFC 9106 asks for 64 MiB and three passes where memory is short.
enum { PASSES = 3, MEMORY = 64 << 20 };

void password_gate_init(struct password_gate *g)
{
    *g = (struct password_gate){0};
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->freed, NULL);
}

void password_gate_destroy(struct password_gate *g)
{
    pthread_mutex_destroy(&g->lock);
    pthread_cond_destroy(&g->freed);
}

static bool gate_enter(struct password_gate *g)
{
    if (!g)
        return true;
    pthread_mutex_lock(&g->lock);
    bool entered = g->running < PASSWORD_AT_ONCE || g->waiting < PASSWORD_WAITING;
    if (entered) {
        g->waiting++;
        while (g->running >= PASSWORD_AT_ONCE)
            pthread_cond_wait(&g->freed, &g->lock);
        g->waiting--;
        g->running++;
    }
    pthread_mutex_unlock(&g->lock);
    return entered;
}

static void gate_leave(struct password_gate *g)
{
    if (!g)
        return;
    pthread_mutex_lock(&g->lock);
    g->running--;
    pthread_cond_signal(&g->freed);
    pthread_mutex_unlock(&g->lock);
}

// NFC, since keyboards and systems write é in two ways. out has room for 4 times the longest
// password; returns the bytes, or 0 when it cannot be one.
static size_t normalised(struct slice password, char *out, size_t room)
{
    UChar in[PASSWORD_MAX_BYTES], nfc[PASSWORD_MAX_BYTES * 2];
    int32_t n = 0, m = 0, bytes = 0;
    UErrorCode status = U_ZERO_ERROR;
    size_t length = 0;
    if (password.len && password.len <= PASSWORD_MAX_BYTES) {
        u_strFromUTF8(in, PASSWORD_MAX_BYTES, &n, (const char *)password.at, (int32_t)password.len,
                      &status);
        const UNormalizer2 *form = unorm2_getNFCInstance(&status);
        m = U_SUCCESS(status) ? unorm2_normalize(form, in, n, nfc, PASSWORD_MAX_BYTES * 2, &status)
                              : 0;
        if (U_SUCCESS(status))
            u_strToUTF8(out, (int32_t)room, &bytes, nfc, m, &status);
        length = U_SUCCESS(status) ? (size_t)bytes : 0;
    }
    sodium_memzero(in, sizeof in);
    sodium_memzero(nfc, sizeof nfc);
    return length;
}

enum password_result password_check(struct password_gate *g, struct slice hash,
                                    struct slice password)
{
    // Of a random password that nobody kept.
    static const char nobody[] = "$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    char bytes[PASSWORD_MAX_BYTES * 4], stored[crypto_pwhash_STRBYTES] = {0};
    if (sodium_init() < 0 || !gate_enter(g))
        return PASSWORD_BUSY;
    bool known = hash.len > 0 && hash.len < sizeof stored;
    struct slice against = known ? hash : slice_from_str(nobody);
    memcpy(stored, against.at, against.len);
    size_t length = normalised(password, bytes, sizeof bytes);
    int same = crypto_pwhash_str_verify(stored, bytes, length);
    sodium_memzero(bytes, sizeof bytes);
    gate_leave(g);
    return known && length && same == 0 ? PASSWORD_RIGHT : PASSWORD_WRONG;
}

bool password_hash(struct password_gate *g, struct arena *a, struct slice password,
                   struct slice *out, struct err *e)
{
    char bytes[PASSWORD_MAX_BYTES * 4], stored[crypto_pwhash_STRBYTES];
    if (sodium_init() < 0)
        return err_set(e, ERR_IO, 0, "no random numbers");
    size_t length = normalised(password, bytes, sizeof bytes);
    if (length == 0)
        return err_set(e, ERR_USAGE, 0, "the password is empty, too long or not text");
    if (!gate_enter(g)) {
        sodium_memzero(bytes, sizeof bytes);
        return err_set(e, ERR_LIMIT, 0, "too many at once");
    }
    int failed =
        crypto_pwhash_str_alg(stored, bytes, length, PASSES, MEMORY, crypto_pwhash_ALG_ARGON2ID13);
    sodium_memzero(bytes, sizeof bytes);
    gate_leave(g);
    if (failed)
        return err_set(e, ERR_MEMORY, 0, "not enough memory to hash a password");
    *out = arena_copy(a, slice_from_str(stored));
    return true;
}

bool password_acceptable(struct slice password, struct slice name, struct err *e)
{
    size_t characters = 0;
    for (size_t at = 0; at < password.len; characters++)
        utf8_decode(password, &at);
    if (characters < PASSWORD_MIN_CHARACTERS)
        return err_set(e, ERR_USAGE, 0, "%s",
                       TEXT("The password is too short: choose at least 12 characters."));
    if (password.len > PASSWORD_MAX_BYTES || !utf8_valid(password))
        return err_set(e, ERR_USAGE, 0, "%s", TEXT("The password is too long."));
    bool one = true;
    for (size_t i = 1; i < password.len; i++)
        one = one && password.at[i] == password.at[0];
    if (one || (name.len >= 4 && memmem(password.at, password.len, name.at, name.len)))
        return err_set(e, ERR_USAGE, 0, "%s",
                       TEXT("The password is easy to guess: choose several unrelated words."));
    return true;
}

struct slice password_generate(struct arena *a)
{
    // No 0 O 1 l: people copy it from a screen.
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    uint8_t *out = arena_bytes(a, 23);
    if (sodium_init() < 0)
        abort(); // a guessable password is worse than none
    for (size_t i = 0; i < 23; i++)
        out[i] = i % 6 == 5 ? '-' : (uint8_t)letters[randombytes_uniform(32)];
    return slice_of(out, 23);
}
