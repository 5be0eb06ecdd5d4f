// SPDX-License-Identifier: Apache-2.0
// HTTP Basic authentication (RFC 7617) with a token as password, as section 1.7 of TAXII asks for.
// The name is not needed: the token says whose it is.
#include "observatory/machine/taxii.h"

#include "base/sha256.h"
#include "observatory/http/app.h"
#include "observatory/http/limits.h"

#include <sodium.h>

enum { TAXII_TRIES = 20 }; // wrong tokens a minute from one network

void taxii_ask_for_token(struct request *rq, struct response *rs)
{
    response_error(rq, rs, 401, "This collection needs a token.");
    response_header(rs, "WWW-Authenticate",
                    SLICE("Basic realm=\"TAXII collections of partners\", charset=\"UTF-8\""));
}

// The password of a Basic header, or the token of a Bearer one; empty when there is neither.
static struct slice secret_of(struct arena *a, struct slice header)
{
    if (header.len > 7 && slice_equal_nocase(slice_sub(header, 0, 7), SLICE("bearer ")))
        return slice_trim(slice_sub(header, 7, header.len));
    if (header.len < 7 || header.len > 1024 ||
        !slice_equal_nocase(slice_sub(header, 0, 6), SLICE("basic ")))
        return (struct slice){0};
    struct slice code = slice_trim(slice_sub(header, 6, header.len));
    uint8_t *out = arena_bytes(a, code.len);
    size_t n = 0;
    if (sodium_base642bin(out, code.len, (const char *)code.at, code.len, NULL, &n, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return (struct slice){0};
    const uint8_t *colon = n ? memchr(out, ':', n) : NULL;
    return colon ? slice_sub(slice_of(out, n), (size_t)(colon - out) + 1, n) : (struct slice){0};
}

bool taxii_authenticate(struct request *rq, struct response *rs, struct taxii_token *token)
{
    struct err e = {0};
    struct slice header = request_header(rq, "authorization");
    *token = (struct taxii_token){0};
    if (!header.len)
        return true;
    struct slice secret = secret_of(rq->arena, header);
    struct sha256_digest d = sha256_of(secret);
    enum store_found found = STORE_NONE;
    if (secret.len)
        found =
            taxii_token_find(rq->store, slice_of(d.bytes, sizeof d.bytes), rq->arena, token, &e);
    if (found == STORE_FOUND)
        return true;
    if (found == STORE_ERROR) {
        response_fault(rq, rs, &e);
        return false;
    }
    char key[64] = "t ";
    unsigned wait;
    size_t n = rate_limits_network(rq->address, key + 2) + 2;
    if (!rate_limits_take(rq->app->limits, slice_of(key, n), TAXII_TRIES, 1, time_now(), &wait)) {
        response_error(rq, rs, 429, "Too many wrong tokens. Wait a minute.");
        response_header(rs, "Retry-After", arena_printf(rq->arena, "%u", wait));
        return false;
    }
    taxii_ask_for_token(rq, rs);
    return false;
}
