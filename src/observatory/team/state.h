// SPDX-License-Identifier: Apache-2.0
// What the team's pages keep in memory between requests: tries counted, sessions last seen. It is
// lost with the process, and nothing depends on that.
#ifndef VIGIE_OBSERVATORY_TEAM_STATE_H
#define VIGIE_OBSERVATORY_TEAM_STATE_H

#include "observatory/team/password.h"
#include "observatory/team/secret.h"
#include "observatory/team/throttle.h"

enum { TEAM_SEEN = 1024 };

struct team_seen {
    uint64_t session; // hash; 0: free
    vtime at;
};

struct team_state {
    pthread_mutex_t lock;                // of all below but the gate
    struct throttle accounts, addresses; // tries at signing in
    struct throttle requests;            // corrections asked for, per address
    struct throttle everyone;            // the same, all addresses together
    struct team_seen seen[TEAM_SEEN];
    struct password_gate gate;
    struct secret_key key; // of second factors; never changes once requests come
};

bool team_take(struct team_state *t, struct throttle *of, struct slice who);
void team_give_back(struct team_state *t, struct throttle *of, struct slice who);
// When the session was last seen by this process, and now is; 0: not yet.
vtime team_seen(struct team_state *t, struct slice session, vtime now);

#endif
