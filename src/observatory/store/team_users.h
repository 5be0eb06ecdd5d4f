// SPDX-License-Identifier: Apache-2.0
// Users, their second factor and recovery codes, and sessions. Tokens and codes come in as hashes.
#ifndef VIGIE_OBSERVATORY_STORE_TEAM_USERS_H
#define VIGIE_OBSERVATORY_STORE_TEAM_USERS_H

#include "observatory/store/store.h"

struct team_user {
    int64_t id;
    struct slice name;     // unique, whatever its case
    struct slice password; // hash, as text
    unsigned roles;        // bits of enum role
    struct slice lang;     // "en", "fr"
    bool disabled;
    struct slice totp_secret; // as the caller sealed it; empty: no second factor
    uint64_t totp_step;       // of the last code used
    vtime made;
    uint64_t recovery_left;
};

enum store_found team_user_find(struct store *s, struct slice name, struct arena *a,
                                struct team_user *out, struct err *e);
enum store_found team_user_get(struct store *s, int64_t id, struct arena *a, struct team_user *out,
                               struct err *e);
[[nodiscard]] bool team_user_list(struct store *s, struct arena *a, struct team_user **out,
                                  size_t *count, struct err *e);
// ERR_USAGE when the name is taken.
[[nodiscard]] bool team_user_add(struct store *s, const struct team_user *u, int64_t *id,
                                 struct err *e);
// These also end all sessions of the user, since they may be somebody else's.
[[nodiscard]] bool team_user_set_password(struct store *s, int64_t id, struct slice hash,
                                          struct err *e);
[[nodiscard]] bool team_user_set_disabled(struct store *s, int64_t id, bool disabled,
                                          struct err *e);
[[nodiscard]] bool team_user_set_roles(struct store *s, int64_t id, unsigned roles, struct err *e);
[[nodiscard]] bool team_user_set_lang(struct store *s, int64_t id, struct slice lang,
                                      struct err *e);
// An empty secret: no second factor, and no recovery codes.
[[nodiscard]] bool team_user_set_totp(struct store *s, int64_t id, struct slice secret,
                                      uint64_t step, struct err *e);
// The same secret in another form, in place of the one that is there, of which nothing is left in
// the file; team_users_sealed, after the last of them and outside of any transaction, sees to it
// that nothing is left in the log beside it either.
[[nodiscard]] bool team_user_seal(struct store *s, int64_t id, struct slice secret, struct err *e);
[[nodiscard]] bool team_users_sealed(struct store *s, struct err *e);
// Only to a later step: false in *newer when another request used this one already.
[[nodiscard]] bool team_user_use_totp(struct store *s, int64_t id, uint64_t step, bool *newer,
                                      struct err *e);
// Replaces all codes.
[[nodiscard]] bool team_recovery_set(struct store *s, int64_t user, const struct slice *hashes,
                                     size_t count, struct err *e);
// Takes the code away; *was_there: it was good.
[[nodiscard]] bool team_recovery_use(struct store *s, int64_t user, struct slice hash,
                                     bool *was_there, struct err *e);

struct team_session {
    struct slice hash;
    int64_t user;
    vtime made, seen;
    struct slice totp_pending; // a secret that waits for its first code
};

[[nodiscard]] bool team_session_add(struct store *s, const struct team_session *n, struct err *e);
enum store_found team_session_get(struct store *s, struct slice hash, struct arena *a,
                                  struct team_session *out, struct err *e);
[[nodiscard]] bool team_session_touch(struct store *s, struct slice hash, vtime seen,
                                      struct err *e);
[[nodiscard]] bool team_session_set_pending(struct store *s, struct slice hash, struct slice secret,
                                            struct err *e);
[[nodiscard]] bool team_session_remove(struct store *s, struct slice hash, struct err *e);
// All of a user, but the one with hash except (empty: none).
[[nodiscard]] bool team_session_remove_all(struct store *s, int64_t user, struct slice except,
                                           struct err *e);
// Those last seen before idle or made before made.
[[nodiscard]] bool team_session_expire(struct store *s, vtime idle, vtime made, struct err *e);
[[nodiscard]] bool team_session_count(struct store *s, int64_t user, uint64_t *out, struct err *e);

#endif
