// SPDX-License-Identifier: Apache-2.0
// Passwords: Argon2id by libsodium. Each check takes 64 MiB, so only a few run at once, a few more
// wait, and others are told to come again: a flood of sign-ins cannot use up the memory.
#ifndef VIGIE_OBSERVATORY_TEAM_PASSWORD_H
#define VIGIE_OBSERVATORY_TEAM_PASSWORD_H

#include "base/arena.h"
#include "base/err.h"

#include <pthread.h>

enum {
    PASSWORD_MIN_CHARACTERS = 12,
    PASSWORD_MAX_BYTES = 1024,
    PASSWORD_AT_ONCE = 2,    // 128 MiB at the most
    PASSWORD_WAITING = 16,   // beyond those
    PASSWORD_HASH_MAX = 128, // as text
};

struct password_gate {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    unsigned running, waiting;
};

void password_gate_init(struct password_gate *g);
void password_gate_destroy(struct password_gate *g);

enum password_result { PASSWORD_RIGHT, PASSWORD_WRONG, PASSWORD_BUSY };

// hash empty: checks against a hash that no password has, which takes as long, so that an unknown
// name and a wrong password cannot be told apart. gate NULL: the command line.
enum password_result password_check(struct password_gate *g, struct slice hash,
                                    struct slice password);
// Into the arena. ERR_LIMIT: busy.
[[nodiscard]] bool password_hash(struct password_gate *g, struct arena *a, struct slice password,
                                 struct slice *out, struct err *e);
// Whether it may be chosen; the error's message is an English sentence for text().
[[nodiscard]] bool password_acceptable(struct slice password, struct slice name, struct err *e);
// 100 random bits as four groups of five letters and digits.
struct slice password_generate(struct arena *a);

#endif
