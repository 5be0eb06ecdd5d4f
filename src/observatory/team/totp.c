// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/totp.h"

#include "base/buf.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

uint32_t totp_code(struct slice secret, uint64_t step, unsigned digits)
{
    uint8_t counter[8], mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    for (int i = 0; i < 8; i++)
        counter[i] = (uint8_t)(step >> (56 - 8 * i));
    if (!HMAC(EVP_sha1(), secret.at, (int)secret.len, counter, sizeof counter, mac, &length) ||
        length != 20)
        return UINT32_MAX;                   // never equal to a code
    const uint8_t *p = mac + (mac[19] & 15); // dynamic truncation, RFC 4226 section 5.3
    uint32_t binary =
        (uint32_t)(p[0] & 127) << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
    uint32_t modulus = 1;
    for (unsigned i = 0; i < digits; i++)
        modulus *= 10;
    return binary % modulus;
}

// The number that six digits mean; -1 when they are not six digits.
static int64_t typed_code(struct slice typed)
{
    int64_t code = 0;
    unsigned digits = 0;
    for (size_t i = 0; i < typed.len; i++) {
        if (typed.at[i] == ' ')
            continue;
        if (typed.at[i] < '0' || typed.at[i] > '9' || ++digits > TOTP_DIGITS)
            return -1;
        code = code * 10 + (typed.at[i] - '0');
    }
    return digits == TOTP_DIGITS ? code : -1;
}

bool totp_check(struct slice secret, struct slice typed, int64_t unix_now, uint64_t last_step,
                uint64_t *step)
{
    int64_t code = typed_code(typed);
    if (unix_now < TOTP_STEP_SECONDS || secret.len == 0)
        return false;
    uint64_t now = (uint64_t)unix_now / TOTP_STEP_SECONDS;
    bool found = false;
    for (uint64_t s = now - 1; s <= now + 1; s++) { // all three, so that time tells nothing
        bool same = (int64_t)totp_code(secret, s, TOTP_DIGITS) == code;
        if (same && s > last_step && !found) {
            *step = s;
            found = true;
        }
    }
    return found;
}

struct slice base32_encode(struct arena *a, struct slice bytes)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    size_t length = (bytes.len * 8 + 4) / 5;
    uint8_t *out = arena_bytes(a, length);
    uint32_t bits = 0;
    unsigned have = 0;
    size_t n = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        bits = bits << 8 | bytes.at[i];
        for (have += 8; have >= 5; have -= 5)
            out[n++] = (uint8_t)alphabet[bits >> (have - 5) & 31];
    }
    if (have)
        out[n++] = (uint8_t)alphabet[bits << (5 - have) & 31];
    return slice_of(out, n);
}

static void uri_part(struct buf *b, struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (plain)
            buf_byte(b, c);
        else
            buf_printf(b, "%%%02X", c);
    }
}

struct slice totp_uri(struct arena *a, struct slice issuer, struct slice account,
                      struct slice secret)
{
    struct buf b = {0};
    buf_str(&b, "otpauth://totp/");
    uri_part(&b, issuer);
    buf_byte(&b, ':');
    uri_part(&b, account);
    buf_str(&b, "?secret=");
    buf_add(&b, base32_encode(a, secret));
    buf_str(&b, "&issuer=");
    uri_part(&b, issuer);
    struct slice out = arena_copy(a, buf_slice(&b));
    buf_free(&b);
    return out;
}
