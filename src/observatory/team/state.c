// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/state.h"

#include "base/map.h"
#include "observatory/store/team_users.h"
#include "observatory/team/team.h"

#include <sodium.h>

struct team_state *team_state_create(void)
{
    struct team_state *t = mem_alloc_zero(1, sizeof *t);
    pthread_mutex_init(&t->lock, NULL);
    password_gate_init(&t->gate);
    secret_key_random(&t->key); // until team_key_open
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
    sodium_memzero(&t->key, sizeof t->key);
    free(t);
}

bool team_key_open(struct team_state *t, const char *path, bool *made, struct err *e)
{
    return secret_key_open(path, &t->key, made, e);
}

static bool seal_all(struct team_state *t, struct store *s, struct arena *a, unsigned *sealed,
                     unsigned *lost, struct err *e)
{
    struct team_user *users;
    size_t count;
    if (!team_user_list(s, a, &users, &count, e))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct slice clear, kept = users[i].totp_secret;
        if (!kept.len)
            continue;
        enum secret_state is = secret_unseal(&t->key, a, users[i].id, kept, &clear);
        *lost += is == SECRET_LOST || is == SECRET_WRONG;
        if (is != SECRET_CLEAR)
            continue;
        if (!team_user_seal(s, users[i].id, secret_seal(&t->key, a, users[i].id, clear), e))
            return false;
        *sealed += 1;
    }
    return true;
}

bool team_key_check(struct team_state *t, struct store *s, unsigned *sealed, unsigned *lost,
                    struct err *e)
{
    struct arena a;
    arena_init(&a, 0);
    *sealed = *lost = 0;
    bool ok = store_begin(s, e);
    if (ok) {
        ok = seal_all(t, s, &a, sealed, lost, e) && store_commit(s, e);
        if (!ok)
            store_rollback(s);
    }
    arena_free(&a);
    return ok && (*sealed == 0 || team_users_sealed(s, e));
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
