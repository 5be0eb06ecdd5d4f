// SPDX-License-Identifier: Apache-2.0
// What a correlation counts or computes over the events of a window (docs/sigma.md,
// "Correlations"), entry by entry, so that every beginning of a window can be tested on the way.
#include "detection/sigma/correlate_internal.h"

#include <math.h>

void statistic_init(struct statistic *s, const struct sigma_correlation *c)
{
    *s = (struct statistic){.correlation = c, .row_count = (uint32_t)c->base_count};
    s->rows = mem_alloc_zero(c->base_count, sizeof *s->rows);
}

void statistic_free(struct statistic *s)
{
    free(s->rows);
    free(s->seen);
    free(s->numbers);
}

void statistic_reset(struct statistic *s)
{
    memset(s->rows, 0, s->row_count * sizeof *s->rows);
    if (s->seen_count)
        memset(s->seen, 0, s->seen_size * sizeof *s->seen);
    s->seen_count = s->number_count = 0;
    s->events = 0;
    s->any = s->any_number = s->seen_zero = false;
    s->sum = 0;
}

static void seen_grow(struct statistic *s)
{
    uint64_t *old = s->seen;
    size_t size = s->seen_size;
    s->seen_size = size ? size * 2 : 64;
    s->seen = mem_alloc_zero(s->seen_size, sizeof *s->seen);
    for (size_t i = 0; i < size; i++) {
        size_t at = old[i] & (s->seen_size - 1);
        while (old[i] && s->seen[at])
            at = (at + 1) & (s->seen_size - 1);
        if (old[i])
            s->seen[at] = old[i];
    }
    free(old);
}

static void seen_add(struct statistic *s, uint64_t hash)
{
    if (hash == 0) {
        s->seen_zero = true;
        return;
    }
    if ((s->seen_count + 1) * 2 > s->seen_size)
        seen_grow(s);
    size_t at = hash & (s->seen_size - 1);
    for (; s->seen[at]; at = (at + 1) & (s->seen_size - 1))
        if (s->seen[at] == hash)
            return;
    s->seen[at] = hash;
    s->seen_count++;
}

static void number_insert(struct statistic *s, double n)
{
    if (s->number_count == s->number_capacity) {
        s->number_capacity = s->number_capacity ? s->number_capacity * 2 : 64;
        s->numbers = mem_grow(s->numbers, s->number_capacity, sizeof *s->numbers);
    }
    size_t low = 0, high = s->number_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->numbers[middle] < n)
            low = middle + 1;
        else
            high = middle;
    }
    memmove(s->numbers + low + 1, s->numbers + low, (s->number_count - low) * sizeof *s->numbers);
    s->numbers[low] = n;
    s->number_count++;
}

// An event that several base rules match gives its number once.
static void add_number(struct statistic *s, const struct entry *e)
{
    if (!e->has_value || (s->any_number && s->number_order == e->order))
        return;
    s->any_number = true;
    s->number_order = e->order;
    s->sum += e->number;
    if (s->correlation->type == SIGMA_VALUE_PERCENTILE ||
        s->correlation->type == SIGMA_VALUE_MEDIAN)
        number_insert(s, e->number);
    else
        s->number_count++;
}

static void extend_rows(struct statistic *s, uint32_t base)
{
    uint32_t before = 0;
    for (uint32_t i = 0; i < base; i++)
        before = s->rows[i] > before ? s->rows[i] : before;
    if (before + 1 > s->rows[base])
        s->rows[base] = before + 1;
}

void statistic_add(struct statistic *s, const struct entry *e)
{
    switch (s->correlation->type) {
    case SIGMA_EVENT_COUNT:
        if (e->hit || !s->any || s->last_order != e->order)
            s->events++;
        s->any |= !e->hit;
        if (!e->hit)
            s->last_order = e->order;
        break;
    case SIGMA_VALUE_COUNT:
        if (e->has_value)
            seen_add(s, e->value);
        break;
    case SIGMA_TEMPORAL:
        s->rows[e->base] = 1;
        break;
    case SIGMA_TEMPORAL_ORDERED:
        extend_rows(s, e->base);
        break;
    case SIGMA_VALUE_SUM:
    case SIGMA_VALUE_AVG:
    case SIGMA_VALUE_PERCENTILE:
    case SIGMA_VALUE_MEDIAN:
        add_number(s, e);
        break;
    }
}

static double interpolated(const struct statistic *s, double percent)
{
    double place = (double)(s->number_count - 1) * percent / 100, low = floor(place);
    size_t at = (size_t)low, next = at + 1 < s->number_count ? at + 1 : at;
    return s->numbers[at] + (s->numbers[next] - s->numbers[at]) * (place - low);
}

bool statistic_value(const struct statistic *s, double *out)
{
    double n = 0;
    switch (s->correlation->type) {
    case SIGMA_EVENT_COUNT:
        *out = (double)s->events;
        return true;
    case SIGMA_VALUE_COUNT:
        *out = (double)(s->seen_count + s->seen_zero);
        return true;
    case SIGMA_TEMPORAL:
        for (uint32_t i = 0; i < s->row_count; i++)
            n += s->rows[i];
        *out = n;
        return true;
    case SIGMA_TEMPORAL_ORDERED:
        for (uint32_t i = 0; i < s->row_count; i++)
            n = fmax(n, s->rows[i]);
        *out = n;
        return true;
    default:
        break;
    }
    if (s->number_count == 0)
        return false;
    switch (s->correlation->type) {
    case SIGMA_VALUE_SUM:
        *out = s->sum;
        return true;
    case SIGMA_VALUE_AVG:
        *out = s->sum / (double)s->number_count;
        return true;
    case SIGMA_VALUE_MEDIAN:
        *out = interpolated(s, 50);
        return true;
    default:
        *out = interpolated(s, fmin(fmax(s->correlation->percentile, 0), 100));
        return true;
    }
}
