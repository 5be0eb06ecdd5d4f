// SPDX-License-Identifier: Apache-2.0
// The people who keep the registry: users, roles, sessions, and their work.
#ifndef VIGIE_OBSERVATORY_TEAM_TEAM_H
#define VIGIE_OBSERVATORY_TEAM_TEAM_H

#include "observatory/http/http.h"

enum role {
    ROLE_CODER = 1,    // codes drafts
    ROLE_REVIEWER = 2, // reviews and publishes what others coded
    ROLE_CURATOR = 4,  // advisories, corrections, withdrawals, merging, releases
    ROLE_ADMIN = 8,    // users
};

struct user {
    int64_t id;
    struct slice name; // signs in with it, and is shown with what they did
    unsigned roles;
    struct slice lang;
    bool totp; // has a second factor
};

// Finds the session of the request's cookie: fills rq->user, rq->csrf. Called by the server before
// a handler; checks the form's token for POST.
[[nodiscard]] bool team_session_load(struct request *rq, struct err *e);
// The form field that every form of the team carries.
void team_csrf_field(struct request *rq, struct response *rs);

const struct route *team_routes(size_t *count);

#endif
