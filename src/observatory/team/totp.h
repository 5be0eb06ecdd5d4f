// SPDX-License-Identifier: Apache-2.0
// Time-based one-time passwords (RFC 6238: HMAC-SHA-1, 30 seconds, 6 digits, as authenticator apps
// expect), and base32 (RFC 4648, section 6) in which they take their secret.
#ifndef VIGIE_OBSERVATORY_TEAM_TOTP_H
#define VIGIE_OBSERVATORY_TEAM_TOTP_H

#include "base/arena.h"

enum {
    TOTP_SECRET_BYTES = 20, // the length of the hash, RFC 4226 section 4
    TOTP_STEP_SECONDS = 30,
    TOTP_DIGITS = 6,
};

// The code of one step (seconds since 1970 / 30), digits 6 to 8.
uint32_t totp_code(struct slice secret, uint64_t step, unsigned digits);

// Whether typed (six digits; spaces are passed over) is the code of now, or of the step before or
// after it, and newer than last_step: a code is good once. *step is then the step to remember.
bool totp_check(struct slice secret, struct slice typed, int64_t unix_now, uint64_t last_step,
                uint64_t *step);

struct slice base32_encode(struct arena *a, struct slice bytes); // without padding
// otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=…
struct slice totp_uri(struct arena *a, struct slice issuer, struct slice account,
                      struct slice secret);

#endif
