// SPDX-License-Identifier: Apache-2.0
// Dates as people write them in English and French, no more precise than their source.
#include "observatory/pages/parts.h"

struct parts { // 0: not given
    int year, month, day;
};

// Digits only; the text is YYYY[-MM[-DD]].
static bool split_date(struct slice date, struct parts *out)
{
    int numbers[3] = {0};
    size_t at = 0;
    for (size_t i = 0; i < date.len; i++) {
        uint8_t c = date.at[i];
        if (c == '-' && at < 2)
            at++;
        else if (c >= '0' && c <= '9' && numbers[at] < 10000)
            numbers[at] = numbers[at] * 10 + (c - '0');
        else
            return false;
    }
    *out = (struct parts){numbers[0], numbers[1], numbers[2]};
    return out->year > 0 && out->month <= 12 && out->day <= 31;
}

static const char *month_name(const struct language *l, int month)
{
    static const char *const names[] = {TEXT("January"), TEXT("February"), TEXT("March"),
                                        TEXT("April"),   TEXT("May"),      TEXT("June"),
                                        TEXT("July"),    TEXT("August"),   TEXT("September"),
                                        TEXT("October"), TEXT("November"), TEXT("December")};
    return text(l, names[month - 1]);
}

const char *date_words(const struct language *l, struct arena *a, struct slice date,
                       struct slice precision)
{
    struct parts p;
    if (!date.len)
        return text(l, TEXT("not known"));
    if (!split_date(date, &p))
        return arena_str(a, date); // as the source wrote it
    if (slice_equal_str(precision, "year"))
        p.month = p.day = 0;
    else if (slice_equal_str(precision, "month"))
        p.day = 0;
    const char *words;
    if (!p.month)
        words = text_format(a, "%d", p.year);
    else if (!p.day)
        words = text_format(a, "%s\u00a0%d", month_name(l, p.month), p.year);
    else
        words = text_format(a, "%d%s\u00a0%s\u00a0%d", p.day,
                            l->day_first && p.day == 1 ? "er" : "", month_name(l, p.month), p.year);
    if (slice_equal_str(precision, "about"))
        return text_format(a, text(l, TEXT("about %s")), words);
    return words;
}

void page_date(struct request *rq, struct response *rs, struct slice date, struct slice precision)
{
    struct parts p;
    const char *words = date_words(rq->lang, rq->arena, date, precision);
    if (!date.len || !split_date(date, &p) || !date_valid(date)) {
        page_tr(rs, words);
        return;
    }
    struct slice machine = date;
    if (slice_equal_str(precision, "year"))
        machine = slice_sub(date, 0, 4);
    else if (slice_equal_str(precision, "month"))
        machine = slice_sub(date, 0, 7);
    page_html(rs, "<time datetime=\"{}\">{}</time>", machine, str(words));
}

struct slice page_day(struct request *rq, vtime t)
{
    return str(text_date(rq->lang, rq->arena, t));
}
