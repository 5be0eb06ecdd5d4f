// SPDX-License-Identifier: Apache-2.0
// Sessions: a random token in a cookie, of which the store keeps the hash alone.
#ifndef VIGIE_OBSERVATORY_TEAM_SESSION_H
#define VIGIE_OBSERVATORY_TEAM_SESSION_H

#include "observatory/store/team_users.h"
#include "observatory/team/state.h"
#include "observatory/team/team.h"

enum {
    SESSION_TOKEN_BYTES = 32,
    SESSION_IDLE_MINUTES = 120,
    SESSION_HOURS = 12, // however busy
};

// A new session of user: its token goes into the cookie of the answer. Expired ones are cleared
// away with it.
[[nodiscard]] bool session_begin(struct request *rq, struct response *rs, struct store *writer,
                                 int64_t user, struct err *e);
// Ends the request's session and takes the cookie back.
[[nodiscard]] bool session_end(struct request *rq, struct response *rs, struct err *e);
// The session that team_session_load found; NULL when there is none.
struct team_session *session_of(struct request *rq);
// Whether a session is still good. seen: the later of what is stored and what is in memory.
bool session_alive(vtime made, vtime seen, vtime now);
// The form's token of a session's token. Memory: arena.
struct slice session_csrf(struct arena *a, struct slice token);
// Whether the headers of a POST allow that it comes from a page of ours.
bool session_same_site(const struct request *rq);
// 32 bytes of hash of a token or code. Memory: arena.
struct slice secret_hash(struct arena *a, struct slice secret);

#endif
