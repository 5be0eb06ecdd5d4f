// SPDX-License-Identifier: Apache-2.0
// Dates as sources give them: a year, a month or a day, said to be as precise as that or less.
#include "observatory/model/record.h"

static int digits(struct slice s, size_t from, size_t count)
{
    int n = 0;
    for (size_t i = from; i < from + count; i++) {
        if (i >= s.len || s.at[i] < '0' || s.at[i] > '9')
            return -1;
        n = n * 10 + (s.at[i] - '0');
    }
    return n;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

// Days since 1970-01-01 in the Gregorian calendar: years start in March, so that the leap day is
// the last of them; 400 years are 146,097 days.
static int32_t day_number(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = y / 400;
    int of_era = y - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

// Month and day are 0 where the text has none.
static bool date_read(struct slice t, int *year, int *month, int *day)
{
    *month = *day = 0;
    *year = digits(t, 0, 4);
    if (*year < 1 || (t.len != 4 && t.len != 7 && t.len != 10))
        return false;
    if (t.len >= 7) {
        *month = digits(t, 5, 2);
        if (t.at[4] != '-' || *month < 1 || *month > 12)
            return false;
    }
    if (t.len == 10) {
        *day = digits(t, 8, 2);
        if (t.at[7] != '-' || *day < 1 || *day > month_days(*year, *month))
            return false;
    }
    return true;
}

bool date_valid(struct slice text)
{
    int year, month, day;
    return date_read(text, &year, &month, &day);
}

bool date_range(struct slice text, struct slice precision, int32_t *first, int32_t *last)
{
    int year, month, day;
    if (!date_read(text, &year, &month, &day))
        return false;
    bool whole_year = !month || slice_equal_str(precision, "year");
    bool whole_month = !day || slice_equal_str(precision, "month");
    if (whole_year) {
        *first = day_number(year, 1, 1);
        *last = day_number(year, 12, 31);
    } else if (whole_month) {
        *first = day_number(year, month, 1);
        *last = day_number(year, month, month_days(year, month));
    } else {
        *first = *last = day_number(year, month, day);
    }
    if (slice_equal_str(precision, "about")) { // as far again to both sides, a month for a day
        int32_t around = whole_year ? 366 : 31;
        *first -= around;
        *last += around;
    }
    return true;
}

struct slice date_of_day(struct arena *a, int32_t day)
{
    int32_t shifted = day + 719468;
    int32_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int32_t of_era = shifted - era * 146097;
    int32_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int32_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t from_march = (5 * of_year + 2) / 153;
    int32_t month = from_march < 10 ? from_march + 3 : from_march - 9;
    int32_t year = year_of_era + era * 400 + (month <= 2);
    return arena_printf(a, "%04d-%02d-%02d", year, month, of_year - (153 * from_march + 2) / 5 + 1);
}
