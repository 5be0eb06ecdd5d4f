// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/state.h"

#include "base/map.h"
#include "observatory/team/team.h"

struct team_state *team_state_create(void)
{
    struct team_state *t = mem_alloc_zero(1, sizeof *t);
    pthread_mutex_init(&t->lock, NULL);
    password_gate_init(&t->gate);
    // An account's limit is the looser one: whoever wants to lock somebody out by failing on
    // purpose leaves them one try a minute.
    t->accounts.burst = 20, t->accounts.refill = 60;
    t->addresses.burst = 10, t->addresses.refill = 60;
    t->requests.burst = 5, t->requests.refill = 600;
    t->everyone.burst = 100, t->everyone.refill = 30;
    return t;
}

void team_state_destroy(struct team_state *t)
{
    if (!t)
        return;
    pthread_mutex_destroy(&t->lock);
    password_gate_destroy(&t->gate);
    free(t);
}

bool team_take(struct team_state *t, struct throttle *of, struct slice who)
{
    pthread_mutex_lock(&t->lock);
    bool taken = throttle_take(of, who, time_now());
    pthread_mutex_unlock(&t->lock);
    return taken;
}

void team_give_back(struct team_state *t, struct throttle *of, struct slice who)
{
    pthread_mutex_lock(&t->lock);
    throttle_give_back(of, who, time_now());
    pthread_mutex_unlock(&t->lock);
}

vtime team_seen(struct team_state *t, struct slice session, vtime now)
{
    uint64_t key = hash_bytes(session);
    key += key == 0;
    pthread_mutex_lock(&t->lock);
    // A table that forgets: two sessions that share a place only fall back to what is stored.
    struct team_seen *s = &t->seen[key % TEAM_SEEN];
    vtime before = s->session == key ? s->at : 0;
    *s = (struct team_seen){.session = key, .at = now};
    pthread_mutex_unlock(&t->lock);
    return before;
}
