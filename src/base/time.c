// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include "base/digits.h"

#include <time.h>

enum { DAYS_1601_TO_1970 = 134774, DAYS_400_YEARS = 146097 };

static const uint64_t ticks_per_day = 86400ull * VTIME_SECOND;

// Days since 1601-01-01 of a proleptic Gregorian date. March-based years make the leap day the last
// of its year.
static int64_t days_from_civil(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_400_YEARS + day_of_era - 719468 + DAYS_1601_TO_1970;
}

struct civil_time time_to_civil(vtime t)
{
    int64_t days = (int64_t)(t / ticks_per_day) - DAYS_1601_TO_1970 + 719468;
    uint64_t rest = t % ticks_per_day;
    int64_t era = days / DAYS_400_YEARS;
    int64_t doe = days - era * DAYS_400_YEARS;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    uint64_t seconds = rest / VTIME_SECOND;
    return (struct civil_time){
        .year = (int)(yoe + era * 400 + (month <= 2)),
        .month = month,
        .day = (int)(doy - (153 * mp + 2) / 5 + 1),
        .hour = (int)(seconds / 3600),
        .minute = (int)(seconds / 60 % 60),
        .second = (int)(seconds % 60),
        .ticks = (uint32_t)(rest % VTIME_SECOND),
    };
}

vtime time_from_civil(const struct civil_time *c)
{
    int64_t days = days_from_civil(c->year, c->month, c->day);
    if (days < 0)
        return 0;
    uint64_t seconds = (uint64_t)c->hour * 3600 + (uint64_t)c->minute * 60 + (uint64_t)c->second;
    return (uint64_t)days * ticks_per_day + seconds * VTIME_SECOND + c->ticks;
}

static uint8_t *put_seconds(uint8_t *p, const struct civil_time *c)
{
    uint32_t year = (uint32_t)c->year;
    if (year > 9999) { // to 60,055: the end of the range
        *p++ = (uint8_t)('0' + year / 10000);
        year %= 10000;
    }
    p = digits_four(p, year);
    *p++ = '-';
    p = digits_two(p, (uint32_t)c->month);
    *p++ = '-';
    p = digits_two(p, (uint32_t)c->day);
    *p++ = 'T';
    p = digits_two(p, (uint32_t)c->hour);
    *p++ = ':';
    p = digits_two(p, (uint32_t)c->minute);
    *p++ = ':';
    return digits_two(p, (uint32_t)c->second);
}

size_t time_format(vtime t, char out[VTIME_TEXT_MAX])
{
    struct civil_time c = time_to_civil(t);
    uint8_t *start = (uint8_t *)out, *p = put_seconds(start, &c);
    *p++ = '.';
    *p++ = (uint8_t)('0' + c.ticks / 1000000);
    p = digits_four(p, c.ticks / 100 % 10000);
    p = digits_two(p, c.ticks % 100);
    *p++ = 'Z';
    return (size_t)(p - start);
}

size_t time_format_seconds(vtime t, char out[VTIME_TEXT_MAX])
{
    struct civil_time c = time_to_civil(t);
    uint8_t *start = (uint8_t *)out, *p = put_seconds(start, &c);
    *p++ = 'Z';
    return (size_t)(p - start);
}

static bool take_digits(struct slice *s, int width, int *out)
{
    if (s->len < (size_t)width)
        return false;
    int n = 0;
    for (int i = 0; i < width; i++) {
        if (s->at[i] < '0' || s->at[i] > '9')
            return false;
        n = n * 10 + (s->at[i] - '0');
    }
    *out = n;
    *s = slice_sub(*s, (size_t)width, s->len);
    return true;
}

static bool take_char(struct slice *s, char c)
{
    if (s->len == 0 || s->at[0] != (uint8_t)c)
        return false;
    *s = slice_sub(*s, 1, s->len);
    return true;
}

static uint32_t take_fraction(struct slice *s)
{
    uint32_t ticks = 0, unit = 1000000;
    while (s->len && s->at[0] >= '0' && s->at[0] <= '9') {
        ticks += (uint32_t)(s->at[0] - '0') * unit;
        unit /= 10;
        *s = slice_sub(*s, 1, s->len);
    }
    return ticks;
}

static bool take_zone(struct slice *s, int *minutes_east)
{
    *minutes_east = 0;
    if (s->len == 0 || take_char(s, 'Z') || take_char(s, 'z'))
        return s->len == 0;
    int sign = s->at[0] == '-' ? -1 : 1, h, m;
    if (!take_char(s, '+') && !take_char(s, '-'))
        return false;
    if (!take_digits(s, 2, &h) || !(take_char(s, ':') || true) || !take_digits(s, 2, &m))
        return false;
    *minutes_east = sign * (h * 60 + m);
    return s->len == 0 && h < 24 && m < 60;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool take_clock(struct slice *s, struct civil_time *c)
{
    if (!take_digits(s, 2, &c->hour) || !take_char(s, ':') || !take_digits(s, 2, &c->minute))
        return false;
    if (take_char(s, ':')) {
        if (!take_digits(s, 2, &c->second))
            return false;
        if (take_char(s, '.'))
            c->ticks = take_fraction(s);
    }
    return c->hour < 24 && c->minute < 60 && c->second < 60;
}

bool time_parse(struct slice text, vtime *out, struct err *e)
{
    struct slice s = slice_trim(text);
    struct civil_time c = {0};
    int east = 0;
    bool ok = take_digits(&s, 4, &c.year) && take_char(&s, '-') && take_digits(&s, 2, &c.month) &&
              take_char(&s, '-') && take_digits(&s, 2, &c.day) && c.year >= 1601 && c.month >= 1 &&
              c.month <= 12 && c.day >= 1 && c.day <= days_in_month(c.year, c.month);
    if (ok && s.len)
        ok = (take_char(&s, 'T') || take_char(&s, 't') || take_char(&s, ' ')) &&
             take_clock(&s, &c) && take_zone(&s, &east);
    if (!ok)
        return err_set(e, ERR_USAGE, 0,
                       "'%.*s' is not a time; write 2026-11-22 or 2026-11-22T08:30:00Z",
                       SLICE_FMT(slice_sub(text, 0, 60)));
    *out = time_from_civil(&c) - (uint64_t)((int64_t)east * 60 * (int64_t)VTIME_SECOND);
    return true;
}

vtime time_from_unix(int64_t seconds, uint32_t nanoseconds)
{
    if (seconds < -11644473600 || seconds > 1000000000000)
        return 0;
    return (uint64_t)(seconds + 11644473600) * VTIME_SECOND + nanoseconds / 100;
}

int64_t time_to_unix(vtime t)
{
    return (int64_t)(t / VTIME_SECOND) - 11644473600;
}

vtime time_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return time_from_unix(now.tv_sec, (uint32_t)now.tv_nsec);
}
