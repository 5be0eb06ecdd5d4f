// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/throttle.h"

#include "base/map.h"

static double level_now(const struct throttle *t, const struct throttle_bucket *b, vtime now)
{
    if (now <= b->at)
        return b->level;
    double leaked = (double)(now - b->at) / (double)VTIME_SECOND / t->refill;
    return leaked >= b->level ? 0 : b->level - leaked;
}

// The bucket of who; when its row is full, the emptiest of the row is taken over, so that a flood
// of names cannot make memory grow.
static struct throttle_bucket *bucket(struct throttle *t, struct slice who, vtime now)
{
    uint64_t key = hash_bytes(who);
    key += key == 0;
    struct throttle_bucket *row =
        &t->buckets[key % (THROTTLE_BUCKETS / THROTTLE_WAYS) * THROTTLE_WAYS];
    struct throttle_bucket *least = row;
    for (int i = 0; i < THROTTLE_WAYS; i++) {
        if (row[i].key == key)
            return &row[i];
        if (level_now(t, &row[i], now) < level_now(t, least, now))
            least = &row[i];
    }
    *least = (struct throttle_bucket){.key = key, .at = now};
    return least;
}

bool throttle_take(struct throttle *t, struct slice who, vtime now)
{
    struct throttle_bucket *b = bucket(t, who, now);
    b->level = level_now(t, b, now);
    b->at = now;
    if (b->level + 1 > t->burst)
        return false;
    b->level += 1;
    return true;
}

void throttle_give_back(struct throttle *t, struct slice who, vtime now)
{
    struct throttle_bucket *b = bucket(t, who, now);
    b->level = level_now(t, b, now);
    b->at = now;
    b->level = b->level > 1 ? b->level - 1 : 0;
}
