// SPDX-License-Identifier: Apache-2.0
// The people who keep the registry: users, roles, sessions, and their work.
#ifndef VIGIE_OBSERVATORY_TEAM_TEAM_H
#define VIGIE_OBSERVATORY_TEAM_TEAM_H

#include "observatory/http/http.h"
#include "observatory/store/store.h"

enum role {
    ROLE_CODER = 1,    // codes drafts
    ROLE_REVIEWER = 2, // reviews and publishes what others coded
    ROLE_CURATOR = 4,  // advisories, corrections, withdrawals, merging, releases
    ROLE_ADMIN = 8,    // users
};
enum { ROLES_ALL = ROLE_CODER | ROLE_REVIEWER | ROLE_CURATOR | ROLE_ADMIN };

struct user {
    int64_t id;
    struct slice name; // signs in with it, and is shown with what they did
    unsigned roles;
    struct slice lang;
    bool totp; // has a second factor
};

#define TEAM_SIGN_IN "/sign-in"      // address without language
#define TEAM_COOKIE  "vigie-session" // whose presence means that an answer is for one person

// What the team's pages keep in memory; one a process, and struct app points to it.
struct team_state;
struct team_state *team_state_create(void);
void team_state_destroy(struct team_state *t); // takes NULL
// The file of the key that second factors are sealed with; made when it is not there. Once, before
// requests come; without it the key is this process's alone.
[[nodiscard]] bool team_key_open(struct team_state *t, const char *path, bool *made, struct err *e);
// Seals what an older program left in the clear: *sealed of them. *lost: how many were sealed with
// another key, and need it, or `vigied user reset-totp`.
[[nodiscard]] bool team_key_check(struct team_state *t, struct store *s, unsigned *sealed,
                                  unsigned *lost, struct err *e);

// Finds the session of the request's cookie: fills rq->user, rq->csrf. Called by the server before
// a handler; checks the form's token for POST, and for all POSTs that they do not come from another
// site's page. False: the request is to be refused (ERR_USAGE), or the store failed.
[[nodiscard]] bool team_session_load(struct request *rq, struct err *e);
// The form field that every form of the team carries.
void team_csrf_field(struct request *rq, struct response *rs);

const struct route *team_routes(size_t *count);

#endif
