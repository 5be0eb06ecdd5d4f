// SPDX-License-Identifier: Apache-2.0
// splitmix64: small, good enough, the same everywhere.
#include "office.h"

uint64_t rng_next(struct rng *r)
{
    uint64_t z = r->state += 0x9E3779B97F4A7C15ull;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}

uint64_t rng_seed(uint64_t seed, struct slice name, uint64_t number)
{
    struct rng r = {seed ^ number * 0xD6E8FEB86659FD93ull};
    for (size_t i = 0; i < name.len; i++)
        r.state = (r.state ^ name.at[i]) * 0x100000001B3ull;
    return rng_next(&r);
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
    return n ? rng_next(r) % n : 0;
}

double rng_unit(struct rng *r)
{
    return (double)(rng_next(r) >> 11) / 9007199254740992.0;
}

size_t rng_about(struct rng *r, double mean)
{
    if (mean <= 0)
        return 0;
    // About half to one and a half times the mean, and chance decides over the fraction.
    double x = mean > 1 ? mean * (0.5 + rng_unit(r)) : mean;
    size_t n = (size_t)x;
    return n + (rng_unit(r) < x - (double)n);
}
